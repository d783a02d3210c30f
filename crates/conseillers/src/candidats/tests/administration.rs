use kernel::{Perimetre, Role};
use platform::db::kit;
use testkit::TestSite;

use super::fixtures::{fiche, inscrit};
use crate::Conseillers;
use crate::candidats::fusion::store::paires;
use crate::candidats::model::{Fiche, Numero};
use crate::candidats::{relances, store};

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn duplicates_are_found_merged_and_undone(t: TestSite) {
        let c = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.unwrap());
        let b = t.browser(crate::routes(&c));
        let autre = || Fiche { nom: "Bernard".to_owned(), telephone: None, ..fiche("z@exemple.fr") };
        let un = inscrit(&t, Fiche { telephone: Numero::parse("0611111111").ok(), ..fiche("a.b@exemple.fr") }).await;
        let deux = inscrit(&t, Fiche { courriel: kernel::Email::parse("ab+cn@exemple.fr").unwrap(), ..autre() }).await;
        let trois = inscrit(&t, Fiche { courriel: kernel::Email::parse("c@exemple.fr").unwrap(), ..autre() }).await;
        let conn = t.site.db.read();
        let fortes = paires(conn, false).await.unwrap();
        assert_eq!(fortes.iter().map(|p| (p.boite, p.identite, p.telephone)).collect::<Vec<_>>(), [(false, true, false), (true, false, false)]);
        let meme = Numero::parse("0611111111").ok();
        let seul = inscrit(&t, Fiche { telephone: meme, nom: "Dupond".to_owned(), ..fiche("d@exemple.fr") }).await;
        assert_eq!(paires(conn, false).await.unwrap().len(), 2, "a telephone alone is weak");
        assert!(paires(conn, true).await.unwrap().iter().all(|p| p.telephone && p.autre == seul.id.0 && p.un == un.id.0));
        t.site.db.write(async |tx| store::effacer(&t.site, tx, &seul, crate::candidats::Motif::Autre).await).await.unwrap();
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get("/conseillers/candidats").await.expect(200).says("3 candidatures").says("CA-3");
        admin.get("/conseillers/candidats?q=bernard&etat=active&departement=01&disponible=oui").await.expect(200).says("2 candidatures");
        admin.get("/conseillers/candidats?q=%25&page=99").await.expect(422).says("Aucun mot");
        admin.get("/conseillers/candidats/doublons").await.expect(200).says("même boîte électronique");
        let pas = |verbe: &str| format!("/conseillers/candidats/fiche/{}/{verbe}/{}", deux.id, trois.id);
        admin.post(&pas("distinguer"), &[]).await.expect(303);
        admin.post(&pas("distinguer"), &[]).await.expect(409);
        assert_eq!(paires(conn, false).await.unwrap().len(), 1);
        admin.get("/conseillers/candidats/doublons?vue=ecartees").await.expect(200).says("1 paire").says("Proposer de nouveau");
        admin.get("/conseillers/candidats/doublons?vue=faibles&page=9").await.expect(200).says("Aucun doublon");
        admin.post(&pas("rapprocher"), &[]).await.expect(303);
        admin.post(&pas("rapprocher"), &[]).await.expect(409);
        assert_eq!(paires(conn, false).await.unwrap().len(), 2);
        let vers = format!("/conseillers/candidats/fiche/{}/fusionner/{}", un.id, deux.id);
        admin.post(&vers, &[]).await.expect(303);
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 2);
        admin.post(&vers, &[]).await.expect(409);
        let page = format!("/conseillers/candidats/fiche/{}", deux.id);
        admin.get(&page).await.expect(200).says("réunie avec");
        admin.post(&format!("{page}/separer"), &[]).await.expect(303);
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 3);
        let csv = admin.get("/conseillers/candidats/export.csv").await.expect(200).body;
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.contains("CA-1;") && !csv.contains(";+33"), "{csv}");
        admin.post(&format!("/conseillers/candidats/fiche/{}/effacer", trois.id), &[("motif", "autre"), ("certain", "oui")]).await.expect(303);
        admin.get("/conseillers/candidats/conservation").await.expect(200).says("Une autre raison").says("30 mois depuis");
        for qui in [
            testkit::viewer(Role::Candidat, Perimetre::Soi),
            testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(Vec::new())),
            testkit::viewer(Role::Prefecture, Perimetre::Departements(Vec::new())),
        ] {
            let mut b = b.signed_in(qui);
            for path in ["/conseillers/candidats", "/conseillers/candidats/export.csv", "/conseillers/candidats/doublons", "/conseillers/candidats/conservation", page.as_str()] {
                b.get(path).await.expect(403);
            }
            b.post(&vers, &[]).await.expect(403);
            b.post(&pas("distinguer"), &[]).await.expect(403);
            b.post(&pas("rapprocher"), &[]).await.expect(403);
        }
    }

    async fn silence_is_asked_about_then_paused(t: TestSite) {
        let c = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.unwrap());
        let mut b = t.browser(crate::routes(&c));
        inscrit(&t, fiche("a@exemple.fr")).await;
        inscrit(&t, Fiche { telephone: None, ..fiche("b@exemple.fr") }).await;
        let mut faits = Vec::new();
        for jours in [80, 11, 1, 31, 31, 31, 31] {
            t.site.clock.advance(chrono::TimeDelta::days(jours));
            faits.push(relances::tour(&t.site).await.unwrap());
            if faits.len() == 2 {
                let mail = platform::mail::list(t.site.db.read(), 10).await.unwrap().into_iter().find(|m| m.destinataire == "b@exemple.fr").unwrap();
                let debut = mail.texte.find("/candidature/toujours/").unwrap();
                let lien = mail.texte[debut..].split_whitespace().next().unwrap().to_owned();
                b.get(&lien).await.expect(200).says("Oui, je cherche toujours");
                b.post(&lien, &[]).await.expect(400);
                b.post(&lien, &[("cherche", "non")]).await.expect(200).says("en pause");
                b.post(&lien, &[("cherche", "oui")]).await.expect(404).says("ne sert plus");
            }
        }
        assert_eq!(faits, [(0, 0), (2, 0), (0, 0), (1, 0), (1, 0), (0, 1), (0, 0)]);
        assert!(c.candidats.index(&t.site).await.unwrap().is_empty());
        b.get("/candidature/toujours/rien").await.expect(404);
        let liens = kit::count(t.site.db.read(), "SELECT COUNT(*) FROM candidat_lien", []).await.unwrap();
        assert_eq!(liens, 3);
    }
}
