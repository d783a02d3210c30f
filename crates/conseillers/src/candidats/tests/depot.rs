use identity::secrets::link::Secret;
use kernel::CodeDepartement;
use platform::db::kit;
use platform::jobs::{Registry, Worker};
use testkit::{Browser, TestSite};

use super::fixtures::{bourg, fiche, jour};
use crate::Conseillers;
use crate::candidats::depot::actions::deposer;

const BON: [(&str, &str); 11] = [
    ("prenom", "Camille"),
    ("nom", "Martin"),
    ("courriel", "camille@exemple.fr"),
    ("telephone", "06 12 34 56 78"),
    ("code_postal", "01000"),
    ("commune", "Bourg-en-Bresse"),
    ("rayon", "20"),
    ("disponible_le", "2026-04-01"),
    ("situations", "demandeur_emploi"),
    ("motivation", "Aider les habitants."),
    // Shown ten minutes before the clock of the tests.
    ("affiche", "1773825600"),
];

/// The good answers, but for these; an empty value leaves the field out.
fn avec<'a>(autres: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<(&str, &str)> =
        BON.into_iter().filter(|(k, _)| autres.iter().all(|(a, _)| a != k)).collect();
    out.extend(autres.iter().filter(|(_, v)| !v.is_empty()));
    out
}

async fn maison(t: &TestSite) -> (Conseillers, Browser) {
    let conseillers = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.unwrap());
    let browser = t.browser(crate::routes(&conseillers));
    (conseillers, browser)
}

/// Does the jobs of the context; messages stay in the outbox, where they can be read.
async fn travaille(t: &TestSite, conseillers: &Conseillers) {
    let mut registry = Registry::default();
    crate::register(conseillers, &mut registry);
    registry.on(|_, _: platform::mail::SendMail| async { Ok::<_, std::io::Error>(()) });
    Worker::new(t.site.clone(), registry).drain().await.unwrap();
}

async fn courriels(t: &TestSite) -> Vec<platform::mail::MailRow> {
    platform::mail::list(t.site.db.read(), 50).await.unwrap()
}

fn lien(texte: &str, chemin: &str) -> String {
    let debut = texte.find(chemin).unwrap();
    texte[debut..].split_whitespace().next().unwrap().to_owned()
}

async fn combien(t: &TestSite, sql: &str) -> i64 {
    kit::count(t.site.db.read(), sql, []).await.unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn each_wrong_answer_is_told_beside_its_field(t: TestSite) {
        let (_, mut b) = maison(&t).await;
        b.get("/candidature").await.expect(200).says("Déposer ma candidature");
        let long = "é".repeat(2501);
        for (autres, phrase) in [
            (&[("prenom", "")][..], "Écrivez votre prénom."),
            (&[("nom", "")], "Écrivez votre nom."),
            (&[("courriel", "camille")], "adresse électronique complète"),
            (&[("telephone", "1234")], "numéro à dix chiffres"),
            (&[("code_postal", "1000")], "cinq chiffres"),
            (&[("commune", "Nulle-Part-sur-Rien")], "choisissez la bonne sous ce champ"),
            (&[("commune", "Nulle-Part-sur-Rien"), ("code_postal", "99999")], "Cette commune est inconnue"),
            (&[("rayon", "30")], "Choisissez une distance"),
            (&[("disponible_le", "2026-03-17")], "date d’aujourd’hui ou une date à venir"),
            (&[("disponible_le", "demain")], "Écrivez une date"),
            (&[("situations", "")], "Cochez au moins une réponse"),
            (&[("situations", "diplome")], "Écrivez le nom de votre diplôme"),
            (&[("diplome_nom", "REMN")], "effacez le nom du diplôme"),
            (&[("motivation", "")], "Écrivez pourquoi"),
            (&[("motivation", &long)], "2501 caractères ; 2500 sont permis"),
            (&[("affiche", "")], "parti trop vite"),
            (&[("affiche", "1773826199")], "parti trop vite"),
        ] {
            b.post("/candidature", &avec(autres)).await.expect(422).says(phrase);
        }
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat").await, 0);
        // A robot believes that it succeeded.
        b.post("/candidature", &avec(&[("site_personnel", "x")])).await.expect(303);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat").await, 0);
    }

    async fn an_application_is_confirmed_and_found(t: TestSite) {
        let (c, mut b) = maison(&t).await;
        let page = b.get("/candidature").await.expect(200).body;
        let depot = lien(page.split("name=\"depot\" value=\"").nth(1).unwrap(), "").split('"').next().unwrap().to_owned();
        let filed = avec(&[("depot", &depot), ("situations", "diplome"), ("diplome_nom", "Titre REMN")]);
        for _ in 0..2 {
            let answer = b.post("/candidature", &filed).await.expect(303);
            assert_eq!(answer.location(), "/candidature/deposee");
        }
        travaille(&t, &c).await;
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat").await, 1);
        assert!(c.candidats.index(&t.site).await.unwrap().is_empty(), "nobody sees what is not confirmed");
        let ecrits = courriels(&t).await;
        assert_eq!(ecrits.len(), 1);
        assert!(ecrits[0].texte.contains("CA-1."), "{}", ecrits[0].texte);
        let chemin = lien(&ecrits[0].texte, "/candidature/confirmer/");
        b.get(&chemin).await.expect(200).says("CA-1");
        let ouverte = b.post(&chemin, &[]).await.expect(303);
        assert!(ouverte.location().starts_with("/invitation/"), "{}", ouverte.location());
        let index = c.candidats.index(&t.site).await.unwrap();
        let ici: Vec<i64> = index
            .rencontrables(bourg().position, &CodeDepartement::parse("01").unwrap())
            .map(|r| r.candidat.numero)
            .collect();
        assert_eq!(ici, [1]);
        // The link again: nothing more.
        b.get(&chemin).await.expect(200).says("déjà confirmée");
        assert_eq!(b.post(&chemin, &[]).await.expect(303).location(), "/mon-espace");
        b.get(&format!("/candidature/confirmer/{}", "a".repeat(64))).await.expect(404).says("Ce lien ne sert plus");
        b.post("/candidature/confirmer/rien", &[]).await.expect(404);
    }

    async fn nobody_learns_who_applied(t: TestSite) {
        let (c, mut b) = maison(&t).await;
        b.post("/candidature", &avec(&[])).await.expect(303);
        travaille(&t, &c).await;
        let premier = lien(&courriels(&t).await[0].texte, "/candidature/confirmer/");
        b.post(&premier, &[]).await.expect(303);
        // Again, by somebody else: the same answer, and the person is told.
        let autre = b.post("/candidature", &avec(&[("nom", "Intrus"), ("courriel", "CAMILLE@exemple.fr")])).await.expect(303);
        let inconnu = b.post("/candidature", &avec(&[("courriel", "inconnu@exemple.fr")])).await.expect(303);
        assert_eq!(autre.location(), inconnu.location());
        travaille(&t, &c).await;
        let dit = |m: &platform::mail::MailRow| {
            m.destinataire.starts_with("camille") && m.sujet == "Maillage : vous avez déjà une candidature"
        };
        assert_eq!(courriels(&t).await.iter().filter(|m| dit(m)).count(), 1);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat WHERE nom = 'Intrus'").await, 0);
        // Asking for the link again says nothing either.
        for courriel in ["camille@exemple.fr", "inconnu@exemple.fr", "personne@exemple.fr"] {
            b.post("/candidature/renvoyer", &[("courriel", courriel)]).await.expect(303);
        }
        travaille(&t, &c).await;
        let a_qui = |m: &platform::mail::MailRow, qui: &str| m.destinataire.starts_with(qui);
        let ecrits = courriels(&t).await;
        assert_eq!(ecrits.iter().filter(|m| a_qui(m, "inconnu")).count(), 2);
        assert_eq!(ecrits.iter().filter(|m| a_qui(m, "personne")).count(), 0);
    }

    async fn two_applications_of_one_address_confirm_once(t: TestSite) {
        let (c, mut b) = maison(&t).await;
        for nom in ["Un", "Deux"] {
            b.post("/candidature", &avec(&[("nom", nom)])).await.expect(303);
        }
        travaille(&t, &c).await;
        let liens: Vec<String> =
            courriels(&t).await.iter().map(|m| lien(&m.texte, "/candidature/confirmer/")).collect();
        assert_eq!(liens.len(), 2);
        b.post(&liens[0], &[]).await.expect(303);
        b.post(&liens[1], &[]).await.expect(404);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat").await, 1);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat_efface").await, 1);
    }

    async fn a_draft_waits_for_its_author(t: TestSite) {
        let (_, mut b) = maison(&t).await;
        let partiel = [("action", "garder"), ("prenom", "Camille"), ("courriel", "camille@exemple.fr"), ("situations", "en_emploi"), ("situations", "experience")];
        assert_eq!(b.post("/candidature", &partiel).await.expect(303).location(), "/candidature");
        let page = b.get("/candidature").await.expect(200).says("Voici votre brouillon").body;
        assert_eq!(page.matches(" checked").count(), 2);
        let chemin = lien(&courriels(&t).await[0].texte, "/candidature/reprendre/");
        let (_, mut ailleurs) = maison(&t).await;
        ailleurs.get("/candidature").await.expect(200);
        ailleurs.get(&chemin).await.expect(303);
        ailleurs.get("/candidature").await.expect(200).says("value=\"Camille\"");
        ailleurs.post("/candidature/oublier", &[]).await.expect(303);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat_brouillon").await, 0);
        ailleurs.get(&chemin).await.expect(303);
        let apres = b.get("/candidature").await.expect(200).body;
        assert!(!apres.contains("Voici votre brouillon"));
    }

    async fn a_burst_from_two_clients_loses_and_doubles_nothing(t: TestSite) {
        let autre = t.other_instance().await;
        let mut taches = tokio::task::JoinSet::new();
        for i in 0..120_u32 {
            // Each draft is filed by both clients at once, as an impatient hand does.
            let secret = Secret::new(&t.site.chance);
            for site in [t.site.clone(), autre.clone()] {
                let secret = secret.clone();
                taches.spawn(async move { deposer(&site, fiche(&format!("c{i}@exemple.fr")), &secret).await.map_err(|e| e.to_string()) });
            }
        }
        while let Some(fait) = taches.join_next().await {
            fait.unwrap().unwrap();
        }
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat").await, 120);
        assert_eq!(combien(&t, "SELECT COUNT(DISTINCT numero) FROM candidat").await, 120);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM job WHERE kind = 'conseillers.confirmer_adresse'").await, 120);
    }

    async fn what_nobody_confirms_is_forgotten(t: TestSite) {
        let (c, mut b) = maison(&t).await;
        b.post("/candidature", &avec(&[])).await.expect(303);
        b.post("/candidature", &[("action", "garder"), ("prenom", "Camille")]).await.expect(303);
        for (jours, restent) in [(20, (1, 1)), (15, (1, 0)), (160, (0, 0))] {
            t.site.clock.advance(chrono::TimeDelta::days(jours));
            crate::candidats::depot::actions::oublier(&c.site).await.unwrap();
            let dossiers = combien(&t, "SELECT COUNT(*) FROM candidat").await;
            let brouillons = combien(&t, "SELECT COUNT(*) FROM candidat_brouillon").await;
            assert_eq!((dossiers, brouillons), restent, "after {jours} days more");
        }
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM candidat_efface WHERE motif = 'jamais_confirmee'").await, 1);
        assert_eq!(jour("2026-09-29"), kernel::calendrier::jour(&t.site.clock.now()));
    }
}
