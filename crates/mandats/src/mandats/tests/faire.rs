//! Making, renewing, ending: what is written, what is refused.

use chrono::TimeDelta;
use kernel::Refusal;
use oidc::jose::KeySet;
use testkit::TestSite;

use super::*;
use crate::aidants::Fonction;
use crate::document::{self, Consentement, Identite};
use crate::mandats::{EtatAutorisation, Raison, brouillon as brouillons, store as rows};

fn conflit<T: std::fmt::Debug>(r: Result<T, Failure>) -> String {
    match r {
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => phrase,
        autre => panic!("{autre:?}"),
    }
}

async fn publiques(m: &Mandats) -> KeySet {
    let jeu = crate::cles::jeu(m, m.site.db.read()).await.unwrap();
    KeySet::parse(jeu.to_string().as_bytes()).unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn what_is_signed_verifies_and_takes_the_place_of_what_it_covers(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Maison « Ici »", 1).await;
        let (aidant, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let un = fait(&m, &actor, 1, &["papiers", "argent"], 31).await;
        t.site.clock.advance(TimeDelta::days(2));
        let deux = fait(&m, &actor, 1, &["argent", "social"], 365).await;
        let (conn, now) = (t.site.db.read(), t.site.clock.now());
        let etats = async |id| {
            let lues = rows::du_mandat(conn, id).await.unwrap();
            lues.iter().map(|a| (a.demarche.clone(), a.etat(now))).collect::<Vec<_>>()
        };
        use EtatAutorisation::{Active, Remplacee};
        assert_eq!(etats(un).await, [("argent".to_owned(), Remplacee), ("papiers".to_owned(), Active)]);
        assert_eq!(etats(deux).await, [("argent".to_owned(), Active), ("social".to_owned(), Active)]);
        // Every mandat of the database, by the published keys, after more time and more keys.
        t.site.clock.advance(TimeDelta::days(200));
        for id in [un, deux] {
            let mandat = rows::mandat(conn, id).await.unwrap().unwrap();
            let signature = mandat.signature.unwrap();
            let signe = document::verifie(signature.document.as_bytes(), &publiques(&m).await).unwrap();
            assert_eq!((signe.empreinte(), signe.contenu().numero.clone()), (signature.empreinte, mandat.numero));
            let contenu = signe.contenu();
            assert_eq!(contenu.organisation.nom, "Maison « Ici »");
            assert_eq!(contenu.aidant.nom, aidant.nom);
            assert_eq!(contenu.usager.commune.as_ref().unwrap().nom, "Guéret");
            assert!(matches!(contenu.consentement, Consentement::Presence { identite: Identite::Franceconnect { .. }, .. }));
            assert!(contenu.dessine().is_ok());
        }
        // The journal names nobody.
        let lignes = platform::db::kit::query(conn, "SELECT subject_id, details FROM journal", []).await.unwrap();
        for l in lignes {
            let texte = format!("{} {}", l.try_get::<String>("", "subject_id").unwrap(), l.try_get::<String>("", "details").unwrap());
            assert!(!texte.contains("USAGER") && !texte.contains("Camille"), "{texte}");
        }
    }

    async fn what_must_hold_when_it_is_signed(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, collegue) = essai::aidant(&t, o.structure, Fonction::Aidant, 2).await;
        let (_, referent) = essai::aidant(&t, o.structure, Fonction::Referent, 3).await;
        let (_, etranger) = essai::aidant(&t, p.structure, Fonction::Aidant, 4).await;
        // Nobody else has this draft, not even a colleague; a référent makes none.
        let id = brouillon(&m, &actor, 1, &choix(&["papiers"], 31)).await;
        for autre in [&collegue, &etranger] {
            assert!(matches!(signer(&m, autre, id).await, Err(Failure::Refusal(Refusal::NotFound))));
        }
        assert!(matches!(signer(&m, &referent, id).await, Err(Failure::Refusal(Refusal::Forbidden(_)))));
        // Not ticked; not known; known too long ago.
        let sans = brouillon(&m, &actor, 1, &Choix { atteste: false, ..choix(&["papiers"], 31) }).await;
        assert!(matches!(signer(&m, &actor, sans).await, Err(Failure::Refusal(Refusal::Fields(_)))));
        let inconnu = actions::commencer(&m, &actor, choix(&["papiers"], 31), None).await.unwrap();
        conflit(signer(&m, &actor, inconnu).await);
        t.site.clock.advance(TimeDelta::hours(5));
        assert!(conflit(signer(&m, &actor, id).await).contains("quatre heures"));
        // A démarche that the organisation has lost since.
        identifier(&m, &actor, id, 1, t.site.clock.now()).await.unwrap();
        actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
        t.site.db.write(async |tx| {
            let o = crate::organisations::store::tenir(tx, o.structure).await?.unwrap();
            let demarches = crate::organisations::Demarches::lire("argent social");
            crate::organisations::store::enregistrer(tx, &crate::organisations::Organisation { demarches, ..o }).await
        }).await.unwrap();
        assert!(matches!(signer(&m, &actor, id).await, Err(Failure::Refusal(Refusal::Fields(_)))));
        assert_eq!(combien(&m).await, 0);
        // A minor.
        let enfant = crate::usagers::Identite {
            naissance: document::Naissance::lire("2012-05-17", "2012-05-17").unwrap(),
            ..essai::identite(9)
        };
        let id = actions::commencer(&m, &actor, choix(&["argent"], 31), None).await.unwrap();
        let now = t.site.clock.now();
        let mineure = t.site.db.write(async |tx| actions::identifier(&m, tx, &actor, id, ("mineure", &enfant, now)).await).await;
        assert!(conflit(mineure).contains("mineure"));
    }

    async fn renewed_by_who_holds_it_and_no_wider(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, etranger) = essai::aidant(&t, p.structure, Fonction::Aidant, 2).await;
        let un = fait(&m, &actor, 1, &["papiers", "argent"], 31).await;
        t.site.clock.advance(TimeDelta::days(40));
        let non = actions::commencer(&m, &etranger, choix(&["papiers"], 31), Some(un)).await;
        assert!(matches!(non, Err(Failure::Refusal(Refusal::NotFound))));
        // The same, or less: by the mandat before.
        let b = actions::commencer(&m, &actor, choix(&["papiers"], 182), Some(un)).await.unwrap();
        let deux = signer(&m, &actor, b).await.unwrap();
        let lu = rows::mandat(t.site.db.read(), deux).await.unwrap().unwrap();
        assert_eq!(lu.renouvelle, Some(un));
        let signe = lu.signature.as_ref().unwrap().relire(&lu.numero, &publiques(&m).await).unwrap();
        assert!(matches!(signe.contenu().consentement, Consentement::Presence { identite: Identite::MandatPrecedent, .. }));
        assert!(signe.contenu().renouvelle.is_some());
        // More: the person again, and that person.
        let b = actions::commencer(&m, &actor, choix(&["papiers", "justice"], 31), Some(deux)).await.unwrap();
        assert!(conflit(signer(&m, &actor, b).await).contains("FranceConnect"));
        assert!(conflit(identifier(&m, &actor, b, 2, t.site.clock.now()).await).contains("n’est pas celle"));
        identifier(&m, &actor, b, 1, t.site.clock.now()).await.unwrap();
        actions::garder(&m, &actor, b, |b| b.choix.atteste = true).await.unwrap();
        let trois = signer(&m, &actor, b).await.unwrap();
        // Revoked, then too old.
        let raison = (Raison::Demande, None);
        assert!(actions::revoquer_chez(&m, &etranger, (trois, None), raison.clone()).await.is_err());
        assert_eq!(actions::revoquer_chez(&m, &actor, (trois, None), raison.clone()).await.unwrap(), 2);
        conflit(actions::revoquer_chez(&m, &actor, (trois, None), raison).await);
        conflit(actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(trois)).await);
        t.site.clock.advance(TimeDelta::days(800));
        conflit(actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(deux)).await);
    }

    async fn what_was_revoked_does_not_come_back_by_an_older_mandat(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, ailleurs) = essai::aidant(&t, p.structure, Fonction::Aidant, 2).await;
        for (n, raison, ailleurs_aussi) in
            [(1, Raison::Demande, true), (2, Raison::Protection, false), (3, Raison::Deces, false)]
        {
            let un = fait(&m, &actor, n, &["papiers", "argent"], 365).await;
            let la_bas = fait(&m, &ailleurs, n, &["social"], 365).await;
            t.site.clock.advance(TimeDelta::days(2));
            // Begun before the revocation, signed after it: as late.
            let avant = actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(un)).await.unwrap();
            let b = actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(un)).await.unwrap();
            let deux = signer(&m, &actor, b).await.unwrap();
            t.site.clock.advance(TimeDelta::days(2));
            assert_eq!(actions::revoquer_chez(&m, &actor, (deux, None), (raison, None)).await.unwrap(), 1);
            for vieux in [un, deux] {
                let encore = actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(vieux)).await;
                match (vieux == un, ailleurs_aussi) {
                    // What was not revoked of the old one is still renewed, alone.
                    (true, true) => assert!(conflit(signer(&m, &actor, encore.unwrap()).await).contains("FranceConnect")),
                    _ => drop(conflit(encore)),
                }
            }
            assert!(matches!(signer(&m, &actor, avant).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
            // Another organisation is not held by what the person told this one, unless they may mandate nobody.
            let encore = actions::commencer(&m, &ailleurs, choix(&["social"], 31), Some(la_bas)).await;
            assert_eq!(encore.is_ok(), ailleurs_aussi, "{raison:?}");
            // The person comes back: a new mandat, which is renewed in its turn.
            t.site.clock.advance(TimeDelta::days(1));
            let neuf = fait(&m, &actor, n, &["papiers"], 31).await;
            actions::commencer(&m, &actor, choix(&["papiers"], 31), Some(neuf)).await.unwrap();
        }
    }

    async fn only_what_was_shown_is_signed(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let id = brouillon(&m, &actor, 1, &choix(&["papiers"], 31)).await;
        let montre = actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
        let vue = distance::vue(&montre, None);
        // The other tab, ticked too.
        actions::garder(&m, &actor, id, |b| b.choix = choix(&["papiers", "argent"], 365)).await.unwrap();
        assert_eq!(actions::signer(&m, &actor, id, &vue).await.unwrap(), None);
        assert!(matches!(
            actions::attester(&m, &actor, id, (&vue, true)).await.unwrap(),
            actions::Attestation::Changee(_)
        ));
        assert_eq!(combien(&m).await, 0);
        signer(&m, &actor, id).await.unwrap();
    }

    async fn attack_53_two_people_in_two_tabs_keep_their_own_mandats(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        for _ in 0..5 {
            let (x, y) = tokio::join!(
                actions::commencer(&m, &actor, choix(&["papiers"], 31), None),
                actions::commencer(&m, &actor, choix(&["argent"], 31), None)
            );
            let (x, y) = (x.unwrap(), y.unwrap());
            // Back in the other order, and one of them twice.
            let now = t.site.clock.now();
            identifier(&m, &actor, y, 2, now).await.unwrap();
            let (a, b) = tokio::join!(identifier(&m, &actor, x, 1, now), identifier(&m, &actor, y, 2, now));
            a.and(b).unwrap();
            for (id, n) in [(x, 1), (y, 2)] {
                actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
                let fait = signer(&m, &actor, id).await.unwrap();
                let lu = rows::mandat(t.site.db.read(), fait).await.unwrap().unwrap();
                let signe = lu.signature.as_ref().unwrap().relire(&lu.numero, &publiques(&m).await).unwrap();
                assert_eq!(signe.contenu().usager.nom, format!("USAGER-{n}"));
                assert_eq!(lu.usager, essai::usager(&t, n).await.id);
            }
        }
    }

    async fn from_afar_an_answer_within_its_day_is_in_time(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let c = Choix { courriel: Some("personne1@essai.example".to_owned()), voie: Some("courriel".to_owned()), ..choix(&["papiers"], 31) };
        let id = brouillon(&m, &actor, 1, &c).await;
        t.site.clock.advance(TimeDelta::hours(3));
        distance::proposer(&m, &actor, id, "Ici").await.unwrap();
        // The draft is a day old when the answer comes: it waits for it, and the identity was fresh when it was offered.
        t.site.clock.advance(TimeDelta::hours(23));
        let oublier = async || t.site.db.write(async |tx| brouillons::oublier_perimes(tx, t.site.clock.now()).await).await.unwrap();
        assert_eq!(oublier().await, 0);
        let sql = "UPDATE consentement SET etat = 'acceptee', demande_le = $2, reponse_le = $2, reponse = 'oui' WHERE brouillon_id = $1";
        let now = t.site.clock.now();
        t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, [id.into(), now.into()]).await).await.unwrap();
        t.site.clock.advance(TimeDelta::hours(30));
        assert_eq!(oublier().await, 0);
        let fait = signer(&m, &actor, id).await.unwrap();
        assert!(rows::mandat(t.site.db.read(), fait).await.unwrap().unwrap().a_distance);
        t.site.clock.advance(TimeDelta::hours(30));
        assert_eq!(oublier().await, 1);
    }

    async fn from_afar_only_what_was_agreed_to_is_signed(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        for (n, change) in [(1, false), (2, true)] {
            let courriel = Some(format!("personne{n}@essai.example"));
            let c = Choix { courriel, voie: Some("courriel".to_owned()), ..choix(&["papiers"], 31) };
            let id = brouillon(&m, &actor, n, &c).await;
            distance::proposer(&m, &actor, id, "Ici").await.unwrap();
            // As if they had been asked, and had agreed, a minute later.
            t.site.clock.advance(TimeDelta::minutes(1));
            let sql = "UPDATE consentement SET etat = 'acceptee', demande_le = $2, reponse_le = $2, reponse = 'oui' \
                       WHERE brouillon_id = $1";
            let now = t.site.clock.now();
            t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, [id.into(), now.into()]).await).await.unwrap();
            if change {
                actions::garder(&m, &actor, id, |b| b.choix.demarches = vec!["argent".to_owned()]).await.unwrap();
                assert!(conflit(signer(&m, &actor, id).await).contains("n’est plus celui"));
                continue;
            }
            let fait = signer(&m, &actor, id).await.unwrap();
            let lu = rows::mandat(t.site.db.read(), fait).await.unwrap().unwrap();
            assert!(lu.a_distance);
            let signe = lu.signature.as_ref().unwrap().relire(&lu.numero, &publiques(&m).await).unwrap();
            assert!(matches!(signe.contenu().consentement, Consentement::Distance { .. }));
            // Its text speaks of the messages, and asks for no paper.
            assert_eq!(signe.contenu().textes.mandat.id, "mandat-distance-2026-11");
            assert!(!signe.contenu().sur_papier());
        }
    }
}
