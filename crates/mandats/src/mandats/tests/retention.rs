//! What is past its time goes, and nothing else; aidants are told once.

use chrono::TimeDelta;
use platform::db::kit;
use testkit::TestSite;

use super::*;
use crate::aidants::Fonction;
use crate::mandats::{jobs, retention};

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn six_years_after_its_end_and_not_a_day_before(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        fait(&m, &actor, 1, &["papiers"], 31).await;
        fait(&m, &actor, 2, &["papiers"], 365).await;
        t.site.clock.advance(TimeDelta::days(31 + 6 * 365));
        assert_eq!(retention::effacer_echus(&m).await.unwrap(), (0, 0));
        t.site.clock.advance(TimeDelta::days(3));
        let dues = retention::a_effacer(t.site.db.read(), t.site.clock.now()).await.unwrap();
        assert_eq!(dues.iter().map(|(_, n, _)| *n).collect::<Vec<_>>(), [1, 0, 0]);
        // The person of the first mandat was not seen for six years: gone with it.
        assert_eq!(retention::effacer_echus(&m).await.unwrap(), (1, 1));
        assert_eq!(combien(&m).await, 1);
        t.site.clock.advance(TimeDelta::days(400));
        assert_eq!(retention::effacer_echus(&m).await.unwrap(), (1, 1));
        let conn = t.site.db.read();
        for table in ["mandat", "mandat_autorisation", "mandat_personne", "usager"] {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            assert_eq!(kit::count(conn, &sql, []).await.unwrap(), 0, "{table}");
        }
        let preuves = "SELECT COUNT(*) FROM journal WHERE action IN ('mandat.effacer', 'usager.effacer')";
        assert_eq!(kit::count(conn, preuves, []).await.unwrap(), 4);
        let verdict = platform::journal::verify(conn).await.unwrap();
        assert!(matches!(verdict, platform::journal::Verdict::Whole { .. }), "{verdict:?}");
    }

    async fn erased_on_what_is_true_when_they_are_held(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let vieux = essai::usager(&t, 1).await;
        t.site.clock.advance(TimeDelta::days(6 * 366));
        // Listed as gone, then back before they are held.
        fait(&m, &actor, 1, &["papiers"], 31).await;
        assert!(!retention::effacer_usager(&m, vieux.id, t.site.clock.now()).await.unwrap());
        assert!(crate::usagers::store::lire(t.site.db.read(), vieux.id).await.unwrap().is_some());
        // More uses than one turn takes, of people long gone: nothing is left the same day, and one line a turn proves it.
        let vingt_ans = t.site.clock.now() - TimeDelta::days(20 * 365);
        let rows: Vec<Vec<sea_orm::Value>> = (0..1_001_u128)
            .map(|n| {
                let id = |x: u128| sea_orm::Value::from(Uuid::from_u128(x));
                vec![id(n + 1), id(1), id(1), id(1), id(1), id(1), id(1), "papiers".into(), "c".into(), "C".into(), vingt_ans.into()]
            })
            .collect();
        let into = "mandat_usage (id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, \
                    demarche, client_id, client_nom, cree_le)";
        t.site.db.write(async |tx| kit::insert_many(tx, into, rows.clone(), "").await.map(drop)).await.unwrap();
        assert_eq!(retention::tout_effacer(&m).await.unwrap(), (0, 0, 1_001));
        let lignes = "SELECT COUNT(*) FROM journal WHERE action = 'usage.effacer'";
        assert_eq!(kit::count(t.site.db.read(), lignes, []).await.unwrap(), 3);
    }

    async fn who_made_them_is_told_once_and_together(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, un) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, deux) = essai::aidant(&t, o.structure, Fonction::Aidant, 2).await;
        for n in 1..=3 {
            fait(&m, &un, n, &["papiers"], 182).await;
        }
        fait(&m, &deux, 4, &["papiers"], 31).await;
        assert_eq!(jobs::rappeler(&t.site).await.unwrap(), 0);
        t.site.clock.advance(TimeDelta::days(160));
        assert_eq!(jobs::rappeler(&t.site).await.unwrap(), 1);
        assert_eq!(jobs::rappeler(&t.site).await.unwrap(), 0);
    }

    async fn a_mandat_whose_aidant_left_is_told_to_who_is_there(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, un) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        essai::aidant(&t, o.structure, Fonction::Referent, 2).await;
        fait(&m, &un, 1, &["papiers"], 182).await;
        t.site.clock.advance(TimeDelta::days(160));
        let part = "UPDATE aidant SET etat = 'parti' WHERE id = (SELECT aidant_id FROM aidant_appartenance WHERE NOT referent)";
        t.site.db.write(async |tx| kit::execute(tx, part, []).await).await.unwrap();
        assert_eq!(jobs::rappeler(&t.site).await.unwrap(), 0, "nobody there makes mandats");
        essai::aidant(&t, o.structure, Fonction::Aidant, 3).await;
        assert_eq!((jobs::rappeler(&t.site).await.unwrap(), jobs::rappeler(&t.site).await.unwrap()), (1, 0));
    }
}
