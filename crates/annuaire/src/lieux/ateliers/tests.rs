//! Workshops, from the form of those who keep the lieu to the calendars, on both engines.

use kernel::{CodeDepartement, Perimetre, Role};
use testkit::{TestSite, viewer};

use crate::lieux::pages::tests::{annuaire, migrations, uid};

fn de(role: Role, departement: &str) -> platform::web::Viewer {
    viewer(role, Perimetre::Departements(CodeDepartement::parse(departement).into_iter().collect()))
}

/// A weekly workshop, with these changes.
fn rempli<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("titre", "Trier ses photos"),
        ("niveau", "debutant"),
        ("places", "8"),
        ("inscription", "Au 05 55 51 23 45"),
        ("debut", "14:00"),
        ("fin", "16:00"),
        ("rythme", "semaines"),
        ("jours", "mardi"),
        ("parite", "toutes"),
    ];
    form.retain(|(k, _)| !change.iter().any(|(c, _)| c == k));
    form.extend_from_slice(change);
    form
}

/// The first identifier of a workshop in a page.
fn atelier(page: &str) -> String {
    let apres = page.split("/ateliers/").find(|p| p.get(8..9) == Some("-")).unwrap();
    apres[..36].to_owned()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_workshop_is_announced_called_off_and_taken_away(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "mediatheque-1").await;
        let base = format!("/gestion/lieux/{id}/ateliers");
        let mut b = visiteur.clone().signed_in(de(Role::Prefecture, "23"));
        b.get(&base).await.expect(200).says("Aucun atelier annoncé");
        b.get(&format!("{base}/nouveau")).await.expect(200).says("Comment s’inscrire");
        let vide = b.post(&format!("{base}/nouveau"), &[]).await.expect(422);
        for dit in ["Titre :", "Dites quand cela a lieu", "Comment s’inscrire :"] {
            assert!(vide.body.contains(dit), "{dit}");
        }
        b.post(&format!("{base}/nouveau"), &rempli(&[("places", "0"), ("fin", "13:00"), ("lien", "javascript:x")])).await
            .expect(422).says("de 1 à 1 000").says("doit suivre").says("https://exemple.fr");
        b.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(303);
        let page = b.get(&base).await.expect(200).says("Trier ses photos").says("Le mardi, à partir du").says("8 places");
        let un = atelier(&page.body);
        // Everybody sees it: on the sheet, in the calendar of the place, of another place not.
        visiteur.get(&format!("/lieux/{id}")).await.expect(200).says("Ateliers à venir").says("Trier ses photos");
        visiteur.get("/ateliers?ou=Gu%C3%A9ret&q=photo").await.expect(200).says("Trier ses photos").says("De 14\u{a0}h à 16\u{a0}h");
        visiteur.get("/ateliers?departement=23").await.expect(200).says("Trier ses photos");
        for ailleurs in ["/ateliers?departement=01", "/ateliers?q=poterie"] {
            visiteur.get(ailleurs).await.expect(200).says("Aucun atelier");
        }
        visiteur.get("/ateliers?ou=zzzzqq").await.expect(200).says("ne trouvons pas");
        let ics = visiteur.get(&format!("/lieux/{id}/ateliers.ics")).await.expect(200);
        assert!(ics.body.starts_with("BEGIN:VCALENDAR\r\n") && ics.body.contains("SUMMARY:Trier ses photos\r\n"), "{}", ics.body);
        let seances = ics.body.matches("BEGIN:VEVENT").count();
        assert!((17..=18).contains(&seances), "a hundred and twenty days of Tuesdays: {seances}");
        assert_eq!(visiteur.get("/ateliers.ics?departement=23").await.expect(200).body.matches("BEGIN:VEVENT").count(), seances);
        visiteur.get("/ateliers.ics?ou=zzzzqq").await.expect(404);
        // The first session is called off, then on again.
        let jour = page.body.split("name=\"jour\" value=\"").nth(1).unwrap()[..10].to_owned();
        let seance = format!("{base}/{un}/seance");
        b.post(&seance, &[("jour", &jour), ("faire", "annuler")]).await.expect(303);
        b.post(&seance, &[("jour", "2026-01-01"), ("faire", "annuler")]).await.expect(404);
        visiteur.get("/ateliers?departement=23").await.expect(200).says("Annulé");
        let ics = visiteur.get(&format!("/lieux/{id}/ateliers.ics")).await.expect(200);
        assert_eq!(ics.body.matches("STATUS:CANCELLED").count(), 1);
        b.post(&seance, &[("jour", &jour), ("faire", "retablir")]).await.expect(303);
        assert!(!visiteur.get("/ateliers?departement=23").await.body.contains("Annulé"));
        // Two people change it at once: the second is told.
        let form = b.get(&format!("{base}/{un}")).await.expect(200).says("value=\"Trier ses photos\"");
        let version = form.body.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let change = rempli(&[("version", &version), ("titre", "Classer ses photos")]);
        b.post(&format!("{base}/{un}"), &change).await.expect(303);
        b.post(&format!("{base}/{un}"), &change).await.expect(409).says("Rechargez la page");
        // Of another lieu, it does not exist.
        let autre = uid(&mut visiteur, "fs-1").await;
        b.get(&format!("/gestion/lieux/{autre}/ateliers/{un}")).await.expect(404);
        b.post(&format!("{base}/{un}/arreter"), &[]).await.expect(303);
        b.get(&base).await.expect(200).says("Aucun atelier annoncé");
        b.get(&format!("{base}/{un}")).await.expect(404);
        visiteur.get("/ateliers").await.expect(200).says("Aucun atelier");
    }

    async fn others_neither_read_nor_write(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "mediatheque-1").await;
        let base = format!("/gestion/lieux/{id}/ateliers");
        let mut loin = visiteur.clone().signed_in(de(Role::Prefecture, "01"));
        loin.get(&base).await.expect(404);
        loin.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(404);
        let mut lecteur = visiteur.clone().signed_in(de(Role::Lecteur, "23"));
        let page = lecteur.get(&base).await.expect(200);
        assert!(!page.body.contains("Annoncer un atelier"));
        lecteur.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(403);
        visiteur.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(401);
        visiteur.get("/lieux/pas-un-lieu/ateliers.ics").await.expect(404);
    }
}
