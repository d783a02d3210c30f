//! The life of professionals, on both engines.

mod pages;
mod propositions;
mod relances;

use chrono::{Months, TimeDelta};
use kernel::ids::StructureId;
use kernel::{Actor, Email, Perimetre, Role};
use testkit::TestSite;

use super::regles::{Parcours, Voie};
use super::vie::{self, Personne};
use super::*;
use crate::essai;
use crate::{Failure, Mandats};

pub(crate) fn personne(n: u32, fonction: Fonction, voie: Voie) -> Personne {
    Personne {
        prenom: "Dominique".to_owned(),
        nom: format!("Inventée-{n}"),
        courriel: Email::parse(&format!("personne{n}@essai.example")).unwrap(),
        telephone: None,
        profession: "Médiatrice numérique".to_owned(),
        conseiller_numerique: false,
        fonction,
        voie,
        formateur: None,
    }
}

/// Somebody of the team, for the whole country.
pub(crate) fn equipe() -> Actor {
    testkit::actor(Role::EquipeHabilitation, Perimetre::National)
}

/// Somebody of that organisation with a real account, active, and the actor that they are.
pub(crate) async fn actif(
    m: &Mandats,
    structure: StructureId,
    fonction: Fonction,
    n: u32,
) -> (Aidant, Actor) {
    let p = personne(n, fonction, Voie::Classique);
    let a = m
        .site
        .db
        .write(async |tx| {
            let a = vie::inscrire(m, tx, &p, structure, EtatAidant::Eligible, None).await?;
            vie::activer(m, tx, a.id, Some(&equipe())).await
        })
        .await
        .unwrap();
    (a.clone(), acteur(&a, structure, fonction))
}

pub(crate) fn acteur(a: &Aidant, structure: StructureId, fonction: Fonction) -> Actor {
    let perimetre = Perimetre::Structures(vec![structure]);
    Actor { compte: a.compte.unwrap(), role: fonction.role(), perimetre, vu_par: None, prete: false }
}

pub(crate) async fn courriels(m: &Mandats, a: &Aidant) -> Vec<String> {
    let tous = platform::mail::list(m.site.db.read(), 500).await.unwrap();
    tous.into_iter().filter(|c| c.destinataire == a.courriel.as_str()).map(|c| c.sujet).collect()
}

async fn journal(m: &Mandats, action: &str) -> i64 {
    let sql = "SELECT COUNT(*) FROM journal WHERE action = $1";
    platform::db::kit::count(m.site.db.read(), sql, [action.into()]).await.unwrap()
}

fn refus<T: std::fmt::Debug>(r: Result<T, Failure>) -> String {
    match r {
        Err(Failure::Refusal(r)) => r.to_string(),
        autre => panic!("not refused: {autre:?}"),
    }
}

async fn appris(m: &Mandats, a: &Aidant, forme: bool, pix: bool) -> Aidant {
    m.site
        .db
        .write(async |tx| {
            let p = registre::parcours(tx, a.id).await?;
            let p = Parcours {
                forme_le: Some(m.jour()).filter(|_| forme),
                pix: Some((m.jour(), 87)).filter(|_| pix),
                ..p
            };
            registre::ecrire_parcours(tx, a.id, &p).await?;
            vie::avancer(m, tx, a.id, None).await
        })
        .await
        .unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn who_is_trained_and_tested_becomes_active_with_an_account(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (referent, _) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let p = personne(2, Fonction::Aidant, Voie::Classique);
        let a = m.site.db.write(async |tx| vie::inscrire(&m, tx, &p, o.structure, EtatAidant::Demande, None).await).await.unwrap();
        assert_eq!((a.etat, a.compte), (EtatAidant::Demande, None));
        // Learning before the team said yes leads nowhere yet.
        assert_eq!(appris(&m, &a, false, true).await.etat, EtatAidant::Demande);
        let a = m.site.db.write(async |tx| vie::changer(&m, tx, a.id, EtatAidant::Eligible, "Éligible", Some(&equipe())).await).await.unwrap();
        assert_eq!(a.etat, EtatAidant::Eligible);
        assert!(courriels(&m, &referent).await.iter().any(|s| s.contains("peut être formé")));
        let a = appris(&m, &a, true, true).await;
        assert_eq!(a.etat, EtatAidant::Actif);
        assert!(courriels(&m, &a).await.iter().any(|s| s.contains("Invitation")));
        assert!(courriels(&m, &referent).await.iter().any(|s| s.contains("compte est ouvert")));
        let conn = m.site.db.read();
        assert!(identity::a_le_role(conn, a.compte.unwrap(), Role::Aidant, m.site.clock.now()).await.unwrap());
        let etats: Vec<_> = registre::histoire(conn, a.id).await.unwrap().into_iter().rev().map(|e| e.vers).collect();
        assert_eq!(etats, ["demande", "eligible", "certifie", "actif"]);
        assert_eq!(journal(&m, "aidant.inscrire").await, 2);
        // The référent who makes no mandats needed no training, and does not act as an aidant.
        assert!(agissant(&m, conn, &acteur(&a, o.structure, Fonction::Aidant), kernel::Verb::TenirMandats).await.is_ok());
        assert!(agissant(&m, conn, &acteur(&referent, o.structure, Fonction::Aidant), kernel::Verb::TenirMandats).await.is_err());
    }

    async fn with_a_colleague_the_test_counts_as_the_training(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let formateur = Some(Email::parse("formatrice@essai.example").unwrap());
        let p = Personne { formateur, ..personne(3, Fonction::Aidant, Voie::Pair) };
        let a = m.site.db.write(async |tx| {
            let a = vie::inscrire(&m, tx, &p, o.structure, EtatAidant::Demande, None).await?;
            vie::changer(&m, tx, a.id, EtatAidant::Eligible, "", Some(&equipe())).await
        }).await.unwrap();
        let guide = platform::mail::list(m.site.db.read(), 50).await.unwrap();
        assert!(guide.iter().any(|c| c.destinataire == "formatrice@essai.example"));
        assert_eq!(appris(&m, &a, false, true).await.etat, EtatAidant::Actif);
    }

    async fn a_change_of_function_ends_a_membership_and_the_last_one_ends_the_life(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (a, actor) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (b, _) = actif(&m, ici.structure, Fonction::Aidant, 2).await;
        let db = &m.site.db;
        // An organisation keeps a référent.
        let seul = db.write(async |tx| vie::rattacher(&m, tx, a.id, ici.structure, Fonction::Aidant, None, Some(&actor)).await).await;
        assert!(refus(seul).contains("seul référent"));
        db.write(async |tx| vie::rattacher(&m, tx, b.id, ici.structure, Fonction::AidantReferent, None, Some(&actor)).await).await.unwrap();
        let toutes = store::appartenances(db.read(), b.id).await.unwrap();
        assert_eq!(toutes.len(), 2);
        assert!(toutes[0].fin.is_some() && toutes[1].fonction == Fonction::AidantReferent);
        let now = m.site.clock.now();
        assert!(!identity::a_le_role(db.read(), b.compte.unwrap(), Role::Aidant, now).await.unwrap());
        assert!(identity::a_le_role(db.read(), b.compte.unwrap(), Role::AidantReferent, now).await.unwrap());
        // Two organisations: leaving one keeps the other; leaving the last one is leaving.
        db.write(async |tx| vie::rattacher(&m, tx, b.id, ailleurs.structure, Fonction::Aidant, None, None).await).await.unwrap();
        let b = db.write(async |tx| vie::quitter(&m, tx, b.id, ici.structure, "Mutation", Some(&actor)).await).await.unwrap();
        assert_eq!(b.etat, EtatAidant::Actif);
        assert!(!identity::a_le_role(db.read(), b.compte.unwrap(), Role::AidantReferent, now).await.unwrap());
        let b = db.write(async |tx| vie::quitter(&m, tx, b.id, ailleurs.structure, "Départ", None).await).await.unwrap();
        assert_eq!(b.etat, EtatAidant::Parti);
        // Back: active again, same record, same account.
        db.write(async |tx| vie::rattacher(&m, tx, b.id, ici.structure, Fonction::Aidant, None, None).await).await.unwrap();
        let revenu = store::lire(db.read(), b.id).await.unwrap().unwrap();
        assert_eq!((revenu.etat, revenu.compte), (EtatAidant::Actif, b.compte));
        // Known already here: said.
        let p = personne(2, Fonction::Aidant, Voie::Classique);
        let deja = db.write(async |tx| vie::inscrire(&m, tx, &p, ici.structure, EtatAidant::Demande, None).await).await;
        assert!(refus(deja).contains("déjà partie"));
    }

    async fn an_account_sleeps_whatever_its_factors_and_wakes(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, actor) = actif(&m, o.structure, Fonction::AidantReferent, 1).await;
        assert_eq!(dormance::tour(&m).await.unwrap(), (0, 0));
        let avance = |mois: u32| {
            let now = m.site.clock.now();
            m.site.clock.advance(now.checked_add_months(Months::new(mois)).unwrap() - now);
        };
        avance(5);
        assert_eq!(dormance::tour(&m).await.unwrap(), (1, 0));
        assert_eq!(dormance::tour(&m).await.unwrap(), (0, 0), "told once");
        avance(1);
        assert_eq!(dormance::tour(&m).await.unwrap(), (0, 1));
        let dort = store::lire(m.site.db.read(), a.id).await.unwrap().unwrap();
        assert_eq!(dort.etat, EtatAidant::Dormant);
        assert!(agissant(&m, m.site.db.read(), &actor, kernel::Verb::TenirMandats).await.is_err());
        assert!(courriels(&m, &a).await.iter().any(|s| s.contains("en sommeil")));
        dormance::reveiller(&m, &actor).await.unwrap();
        assert!(agissant(&m, m.site.db.read(), &actor, kernel::Verb::TenirMandats).await.is_ok());
        // One whom somebody put to sleep does not wake alone.
        m.site.db.write(async |tx| vie::desactiver(&m, tx, a.id, o.structure, "Congé long", Some(&equipe())).await).await.unwrap();
        assert!(refus(dormance::reveiller(&m, &actor).await).contains("désactivé par une personne"));
    }

    async fn two_people_vouch_for_who_lost_everything(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (perdu, lui) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (_, un) = actif(&m, ici.structure, Fonction::Referent, 2).await;
        let (_, deux) = actif(&m, ici.structure, Fonction::AidantReferent, 3).await;
        let (_, etranger) = actif(&m, ailleurs.structure, Fonction::AidantReferent, 4).await;
        let invitations = async || courriels(&m, &perdu).await.iter().filter(|s| s.contains("Invitation")).count();
        let avant = invitations().await;
        assert!(refus(secours::demander(&m, &lui, perdu.id).await).contains("garant de soi-même"));
        assert!(secours::demander(&m, &etranger, perdu.id).await.is_err());
        secours::demander(&m, &un, perdu.id).await.unwrap();
        assert!(refus(secours::demander(&m, &deux, perdu.id).await).contains("attend déjà"));
        assert!(refus(secours::approuver(&m, &un, perdu.id).await).contains("autre personne"));
        assert!(secours::approuver(&m, &etranger, perdu.id).await.is_err());
        assert!(refus(secours::approuver(&m, &lui, perdu.id).await).contains("garant de soi-même"));
        secours::approuver(&m, &deux, perdu.id).await.unwrap();
        assert_eq!(invitations().await, avant + 1);
        assert!(secours::approuver(&m, &equipe(), perdu.id).await.is_err(), "once");
        // Over after a week; the team may be the second person.
        secours::demander(&m, &un, perdu.id).await.unwrap();
        m.site.clock.advance(secours::DUREE + TimeDelta::minutes(1));
        assert!(secours::approuver(&m, &equipe(), perdu.id).await.is_err());
        secours::demander(&m, &un, perdu.id).await.unwrap();
        secours::approuver(&m, &equipe(), perdu.id).await.unwrap();
    }

    async fn teams_narrow_what_is_seen_and_a_team_of_elsewhere_does_not_exist(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, referent) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (a, actor) = actif(&m, ici.structure, Fonction::Aidant, 2).await;
        let (_, etranger) = actif(&m, ailleurs.structure, Fonction::AidantReferent, 3).await;
        equipes::creer(&m, &referent, "Nord").await.unwrap();
        assert!(refus(equipes::creer(&m, &referent, "NORD").await).contains("déjà ce nom"));
        equipes::creer(&m, &etranger, "Nord").await.unwrap();
        let nord = equipes::de(m.site.db.read(), ici.structure).await.unwrap()[0].id;
        let leur = equipes::de(m.site.db.read(), ailleurs.structure).await.unwrap()[0].id;
        assert!(equipes::supprimer(&m, &etranger, nord).await.is_err());
        let vers = async |equipe| m.site.db.write(async |tx| vie::rattacher(&m, tx, a.id, ici.structure, Fonction::Aidant, Some(equipe), Some(&referent)).await).await;
        assert!(vers(leur).await.is_err());
        vers(nord).await.unwrap();
        let voit = async |actor: &Actor| {
            let a = agissant(&m, m.site.db.read(), actor, kernel::Verb::GererAidants).await;
            let a = match a { Ok(a) => a, Err(_) => agissant(&m, m.site.db.read(), actor, kernel::Verb::TenirMandats).await.unwrap() };
            equipes_visibles(m.site.db.read(), &a).await.unwrap()
        };
        assert_eq!(voit(&actor).await, Some(vec![nord]));
        assert_eq!(voit(&referent).await, None);
        equipes::supprimer(&m, &referent, nord).await.unwrap();
        assert_eq!(voit(&actor).await, None, "a team that is gone hides nothing");
    }
}
