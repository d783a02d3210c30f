//! Each rule keeps a thing the day before its time and erases it the day after, with its proof.

use chrono::{DateTime, Months, TimeDelta, Utc};
use platform::db::kit;
use platform::journal::{Verdict, verify};
use testkit::TestSite;
use uuid::Uuid;

use super::{Chose, REGLES, a_effacer, tout_effacer};
use crate::aidants::tests::{actif, equipe, personne};
use crate::aidants::{EtatAidant, Fonction, regles::Voie, vie};
use crate::mandats::tests::{brouillon, choix, fait};
use crate::{Mandats, essai};

fn regle(chose: Chose) -> (usize, u32) {
    let rang = REGLES.iter().position(|(c, _)| *c == chose).unwrap();
    (rang + crate::mandats::retention::REGLES.len(), REGLES[rang].1.mois)
}

async fn combien(m: &Mandats, table: &str) -> i64 {
    kit::count(m.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap()
}

/// A thing of that rule, whose time runs since `depuis`: kept a day before the end, announced, erased a day after it; the journal
/// has `preuve` once, and is whole.
async fn garde_puis_efface(m: &Mandats, chose: Chose, depuis: DateTime<Utc>, preuve: &str) {
    let (rang, mois) = regle(chose);
    let fin = depuis.checked_add_months(Months::new(mois)).unwrap();
    m.site.clock.advance(fin - TimeDelta::days(1) - m.site.clock.now());
    let (conn, now) = (m.site.db.read(), || m.site.clock.now());
    assert_eq!(tout_effacer(m).await.unwrap()[rang].1, 0, "{chose:?}: the day before");
    let dues = a_effacer(conn, now()).await.unwrap();
    assert_eq!((dues[rang].1, dues[rang].2), (0, 1), "{chose:?}: announced");
    m.site.clock.advance(TimeDelta::days(2));
    assert_eq!(a_effacer(conn, now()).await.unwrap()[rang].1, 1, "{chose:?}: the dry run");
    assert_eq!(tout_effacer(m).await.unwrap()[rang].1, 1, "{chose:?}: the day after");
    assert_eq!(tout_effacer(m).await.unwrap()[rang].1, 0, "{chose:?}: once");
    let lignes = format!("SELECT COUNT(*) FROM journal WHERE action = '{preuve}'");
    assert_eq!(kit::count(conn, &lignes, []).await.unwrap(), 1, "{preuve}");
    let verdict = verify(conn).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

async fn quitter(m: &Mandats, a: crate::ids::AidantId, structure: kernel::ids::StructureId) {
    let acte = m.site.db.write(async |tx| vie::quitter(m, tx, a, structure, "Départ", Some(&equipe())).await);
    acte.await.unwrap();
}

/// A request in that state, decided now.
async fn demande(m: &Mandats, etat: &str) {
    let (id, now) = (Uuid::from_u128(7), m.site.clock.now());
    let qui = "INSERT INTO habilitation_demandeur (id, prenom, nom, profession, courriel, courriel_cle, verifie_le, envois, cree_le) \
               VALUES ($1, 'Anne', 'Essai', '', 'a@essai.example', 'a@essai.example', $2, 0, $2)";
    let quoi = "INSERT INTO habilitation_demande (id, demandeur_id, etat, champs, nom, recherche, cree_le, modifie_le, version, \
                numero, pivot, lieu_cle, type_cle, privee, france_services, referent_courriel, deposee_le, decidee_le, departement, \
                region, cgu, gratuite, dpo, professionnels, sans_elus) VALUES ($1, $1, $3, '[]', 'Essai', '', $2, $2, 0, \
                1, 'p', 'l', 'epci', FALSE, FALSE, 'r@essai.example', $2, $2, '23', '75', TRUE, TRUE, TRUE, TRUE, TRUE)";
    let personne = "INSERT INTO habilitation_personne (id, demande_id, prenom, nom, courriel, courriel_cle, profession, \
                    conseiller_numerique) VALUES ($1, $1, 'Ali', 'Essai', 'b@essai.example', 'b@essai.example', '', FALSE)";
    let write = m.site.db.write(async |tx| {
        kit::execute(tx, qui, [id.into(), now.into()]).await?;
        kit::execute(tx, quoi, [id.into(), now.into(), etat.into()]).await?;
        kit::execute(tx, personne, [id.into()]).await.map(drop)
    });
    write.await.unwrap();
}

async fn plus_de_demande(m: &Mandats) {
    for table in ["habilitation_demande", "habilitation_personne", "habilitation_demandeur"] {
        assert_eq!(combien(m, table).await, 0, "{table}");
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn who_left_goes_with_their_account(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, _) = actif(&m, o.structure, Fonction::Aidant, 1).await;
        actif(&m, o.structure, Fonction::Aidant, 2).await;
        quitter(&m, a.id, o.structure).await;
        garde_puis_efface(&m, Chose::AidantParti, t.site.clock.now(), "aidant.effacer").await;
        assert_eq!(combien(&m, "aidant").await, 1, "who is still there stays");
        let nom = identity::noms(m.site.db.read(), &[a.compte.unwrap()]).await.unwrap();
        assert_eq!(nom.get(&a.compte.unwrap()).map(String::as_str), Some("Compte effacé"));
    }

    async fn who_left_stays_as_long_as_a_mandat_names_them(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let part = t.site.clock.now();
        fait(&m, &actor, 1, &["papiers"], 31).await;
        quitter(&m, a.id, o.structure).await;
        m.site.clock.advance(part.checked_add_months(Months::new(72)).unwrap() + TimeDelta::days(20) - part);
        tout_effacer(&m).await.unwrap();
        assert_eq!(combien(&m, "aidant").await, 1, "their mandat ended a month after they left");
        m.site.clock.advance(TimeDelta::days(20));
        tout_effacer(&m).await.unwrap();
        assert_eq!((combien(&m, "mandat").await, combien(&m, "aidant").await), (0, 0));
    }

    async fn who_was_refused_goes_after_two_years(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let p = personne(1, Fonction::Aidant, Voie::Classique);
        let acte = m.site.db.write(async |tx| {
            let a = vie::inscrire(&m, tx, &p, o.structure, EtatAidant::Demande, None).await?;
            vie::changer(&m, tx, a.id, EtatAidant::Refuse, "Bénévole", Some(&equipe())).await
        });
        acte.await.unwrap();
        garde_puis_efface(&m, Chose::AidantRefuse, t.site.clock.now(), "aidant.effacer").await;
        assert_eq!((combien(&m, "aidant").await, combien(&m, "aidant_appartenance").await), (0, 0));
    }

    async fn a_request_refused_goes_with_who_asked(t: TestSite) {
        let m = essai::mandats(&t).await;
        demande(&m, "refusee").await;
        garde_puis_efface(&m, Chose::HabilitationSansSuite, t.site.clock.now(), "habilitation.oublier").await;
        plus_de_demande(&m).await;
    }

    async fn a_request_withdrawn_goes_and_one_under_way_stays(t: TestSite) {
        let m = essai::mandats(&t).await;
        demande(&m, "en_instruction").await;
        m.site.clock.advance(TimeDelta::days(3_000));
        tout_effacer(&m).await.unwrap();
        assert_eq!(combien(&m, "habilitation_demande").await, 1);
        let retirer = "UPDATE habilitation_demande SET etat = 'annulee', modifie_le = $1";
        let now = t.site.clock.now();
        m.site.db.write(async |tx| kit::execute(tx, retirer, [now.into()]).await.map(drop)).await.unwrap();
        garde_puis_efface(&m, Chose::HabilitationSansSuite, now, "habilitation.oublier").await;
        plus_de_demande(&m).await;
    }

    async fn a_draft_of_a_request_goes_after_six_months(t: TestSite) {
        let m = essai::mandats(&t).await;
        demande(&m, "brouillon").await;
        garde_puis_efface(&m, Chose::HabilitationBrouillon, t.site.clock.now(), "habilitation.oublier").await;
        plus_de_demande(&m).await;
    }

    async fn a_place_in_a_training_goes_five_years_after_the_session(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, corps) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Corps", 2).await);
        let (a, _) = actif(&m, o.structure, Fonction::Aidant, 1).await;
        let s = crate::formations::tests::session(&m, corps.structure).await;
        let place = "INSERT INTO formations_inscription (id, session_id, aidant_id, etat, finance_cn, demandee_le) \
                     VALUES ($1, $1, $2, 'presente', FALSE, $3)";
        let now = t.site.clock.now();
        m.site.db.write(async |tx| kit::execute(tx, place, [s.0.into(), a.id.0.into(), now.into()]).await.map(drop)).await.unwrap();
        // The session begins forty days later and lasts two.
        garde_puis_efface(&m, Chose::Inscription, now + TimeDelta::days(41), "formation_aidants.effacer").await;
        assert_eq!((combien(&m, "formations_inscription").await, combien(&m, "formations_session").await), (0, 1));
    }

    async fn who_never_signed_goes_after_three_months_and_who_did_stays(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        fait(&m, &actor, 1, &["papiers"], 31).await;
        let b = brouillon(&m, &actor, 2, &choix(&["papiers"], 31)).await;
        let vu = t.site.clock.now();
        m.site.clock.advance(TimeDelta::days(100));
        assert_eq!(a_effacer(m.site.db.read(), m.site.clock.now()).await.unwrap()[regle(Chose::SansMandat).0].1, 0, "a draft waits");
        m.site.clock.advance(-TimeDelta::days(100));
        m.site.db.write(async |tx| kit::execute(tx, "DELETE FROM mandat_brouillon WHERE id = $1", [b.into()]).await.map(drop)).await.unwrap();
        garde_puis_efface(&m, Chose::SansMandat, vu, "usager.effacer").await;
        assert_eq!(combien(&m, "usager").await, 1);
    }
}
