//! Rows on both engines: what the database itself refuses, what lists show.

use chrono::TimeDelta;
use kernel::ids::StructureId;
use testkit::TestSite;

use crate::aidants::Fonction;
use crate::document::Numero;
use crate::essai;
use crate::ids::{AppartenanceId, AutorisationId, MandatId};
use crate::mandats::store::{self, Onglet};
use crate::mandats::{Auteur, Autorisation, Fin, Mandat, Raison, Recherche, Regard};
use crate::usagers::Usager;

/// A mandat without a document, as if taken over, from now on.
fn repris(t: &TestSite, structure: StructureId, usager: &Usager, jours: u16) -> Mandat {
    let now = t.site.clock.now();
    let id = MandatId::new(&t.site.clock, &t.site.chance);
    Mandat {
        id,
        numero: Numero::tire(&t.site.chance),
        signature: None,
        structure,
        usager: usager.id,
        appartenance: None,
        cree_le: now,
        expire_le: now + TimeDelta::days(jours.into()),
        duree: jours,
        a_distance: false,
        renouvelle: None,
        cle_unicite: id.to_string(),
        repris_le: Some(now),
    }
}

fn pour(t: &TestSite, m: &Mandat, demarches: &[&str]) -> Vec<Autorisation> {
    let autorisation = |d: &&str| Autorisation {
        id: AutorisationId::new(&t.site.clock, &t.site.chance),
        mandat: m.id,
        structure: m.structure,
        usager: m.usager,
        demarche: (*d).to_owned(),
        cree_le: m.cree_le,
        expire_le: m.expire_le,
        fin: None,
    };
    demarches.iter().map(autorisation).collect()
}

async fn ecrire(t: &TestSite, m: &Mandat, a: &[Autorisation], usager: &Usager) -> Result<(), sea_orm::DbErr> {
    t.site
        .db
        .write(async |tx| {
            store::inserer(tx, m, a).await?;
            store::rafraichir(tx, m.structure, usager).await
        })
        .await
}

async fn onglets(t: &TestSite, structure: StructureId, q: &str) -> [usize; 3] {
    let (conn, now, q) = (t.site.db.read(), t.site.clock.now(), Recherche::lire(q));
    let n = store::compter(conn, &Regard::entier(structure), &q, now).await.unwrap();
    for (n, onglet) in n.into_iter().zip(Onglet::TOUS) {
        let lues =
            store::personnes(conn, &Regard::entier(structure), (onglet, &q), now, (0, 50)).await.unwrap();
        assert_eq!(lues.len(), n);
    }
    n
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn one_active_autorisation_and_no_referent_by_constraint(t: TestSite) {
        essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let usager = essai::usager(&t, 1).await;
        let (un, deux) = (repris(&t, o.structure, &usager, 31), repris(&t, o.structure, &usager, 31));
        ecrire(&t, &un, &pour(&t, &un, &["papiers", "argent"]), &usager).await.unwrap();
        assert_eq!(store::mandat(t.site.db.read(), un.id).await.unwrap(), Some(un.clone()));
        // The same démarche twice: the database says no.
        assert!(ecrire(&t, &deux, &pour(&t, &deux, &["argent"]), &usager).await.is_err());
        assert!(ecrire(&t, &deux, &pour(&t, &deux, &["famille"]), &usager).await.is_ok());
        // The same key of idempotency, and a mandat signed by nobody.
        let double = Mandat { cle_unicite: un.cle_unicite.clone(), ..repris(&t, o.structure, &usager, 31) };
        assert!(ecrire(&t, &double, &[], &usager).await.is_err());
        let sans_titre = Mandat { repris_le: None, ..repris(&t, o.structure, &usager, 31) };
        assert!(ecrire(&t, &sans_titre, &[], &usager).await.is_err());
        // A membership that makes no mandat cannot be named.
        let appartenance = async |fonction, n| {
            let (a, _) = essai::aidant(&t, o.structure, fonction, n).await;
            crate::aidants::store::appartenance(t.site.db.read(), a.id, o.structure).await.unwrap().unwrap().id
        };
        let sous = |id: AppartenanceId| Mandat { appartenance: Some(id), ..repris(&t, o.structure, &usager, 31) };
        let referent = sous(appartenance(Fonction::Referent, 1).await);
        assert!(ecrire(&t, &referent, &[], &usager).await.is_err());
        assert!(ecrire(&t, &sous(appartenance(Fonction::AidantReferent, 2).await), &[], &usager).await.is_ok());
        // What was signed does not change.
        let sql = "UPDATE mandat SET expire_le = cree_le WHERE id = $1";
        let change = t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, [un.id.0.into()]).await).await;
        assert!(change.is_err());
    }

    async fn people_pass_from_tab_to_tab_and_are_found(t: TestSite) {
        essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (u1, u2) = (essai::usager(&t, 1).await, essai::usager(&t, 2).await);
        let (m1, m2) = (repris(&t, ici.structure, &u1, 31), repris(&t, ici.structure, &u2, 182));
        let (a1, a2) = (pour(&t, &m1, &["papiers"]), pour(&t, &m2, &["papiers", "social"]));
        ecrire(&t, &m1, &a1, &u1).await.unwrap();
        ecrire(&t, &m2, &a2, &u2).await.unwrap();
        assert_eq!(onglets(&t, ici.structure, "").await, [2, 0, 0]);
        assert_eq!(onglets(&t, ailleurs.structure, "").await, [0, 0, 0]);
        for (q, n) in [("usager", 2), ("ÛSAGER-1", 1), ("usager 1962", 2), ("mai 1962", 2), ("17/05", 2), ("1963", 0), ("sager", 0)] {
            assert_eq!(onglets(&t, ici.structure, q).await[0], n, "{q}");
        }
        let conn = t.site.db.read();
        assert!(store::tient(conn, a1[0].id, t.site.clock.now()).await.unwrap());
        t.site.clock.advance(TimeDelta::days(31));
        assert!(!store::tient(conn, a1[0].id, t.site.clock.now()).await.unwrap());
        assert_eq!(onglets(&t, ici.structure, "").await, [1, 1, 0]);
        // Both démarches of the second person are revoked, one after the other.
        for (a, reste) in a2.iter().zip([[1, 1, 0], [0, 1, 1]]) {
            let fin = Fin::Revoquee { le: t.site.clock.now(), par: Auteur::Personne, raison: Raison::Demande, precision: None };
            t.site.db.write(async |tx| {
                assert!(store::finir(tx, a.id, &fin).await?);
                assert!(!store::finir(tx, a.id, &fin).await?, "it ends once");
                store::rafraichir(tx, ici.structure, &u2).await
            }).await.unwrap();
            assert_eq!(store::autorisation(conn, a.id).await.unwrap().unwrap().fin, Some(fin));
            assert_eq!(onglets(&t, ici.structure, "").await, reste);
        }
        assert!(store::autorisations_actives(conn, &Regard::entier(ici.structure), u2.id, t.site.clock.now()).await.unwrap().is_empty());
        t.site.clock.advance(TimeDelta::days(366));
        assert_eq!(onglets(&t, ici.structure, "").await, [0, 0, 0]);
    }
}
