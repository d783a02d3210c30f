//! The tour of an itinerant lieu, from the form of those who keep it to the search of a visitor, on both engines.

use kernel::{CodeDepartement, Perimetre, Role};
use testkit::{TestSite, viewer};

use crate::lieux::pages::tests::{annuaire, migrations, uid};

fn de(role: Role, departement: &str) -> platform::web::Viewer {
    viewer(role, Perimetre::Departements(CodeDepartement::parse(departement).into_iter().collect()))
}

/// A stop every other Tuesday, with these changes.
fn rempli<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("nom", "Place de la mairie"),
        ("commune", "Ahun"),
        ("debut", "9:00"),
        ("fin", "12:00"),
        ("rythme", "semaines"),
        ("jours", "mardi"),
        ("parite", "paires"),
    ];
    form.retain(|(k, _)| !change.iter().any(|(c, _)| c == k));
    form.extend_from_slice(change);
    form
}

/// The identifiers of the stops of the list, in order.
fn arrets(page: &str) -> Vec<String> {
    let liens = page.split("/tournee/").skip(1).filter(|p| p.get(36..38) == Some("\">"));
    let mut ids: Vec<String> = liens.map(|p| p[..36].to_owned()).collect();
    ids.dedup();
    ids
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_bus_stops_here_on_tuesdays(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "fs-1").await;
        let base = format!("/gestion/lieux/{id}/tournee");
        let mut b = visiteur.clone().signed_in(de(Role::Prefecture, "23"));
        b.get(&base).await.expect(200).says("Aucun arrêt");
        let vide = b.post(&format!("{base}/nouveau"), &[]).await.expect(422);
        assert!(vide.body.contains("Endroit :") && vide.body.contains("Dites quand cela a lieu"));
        b.post(&format!("{base}/nouveau"), &rempli(&[("commune", "Zzzzqq")])).await.expect(422).says("ne trouvons pas cette commune");
        b.post(&format!("{base}/nouveau"), &rempli(&[("commune", "Saint-Denis")])).await.expect(422).says("Laquelle");
        b.post(&format!("{base}/nouveau"), &rempli(&[("latitude", "46,17")])).await.expect(422).says("aucune des deux");
        b.post(&format!("{base}/nouveau"), &rempli(&[("latitude", "NaN"), ("longitude", "1")])).await.expect(422).says("sur la Terre");
        b.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(303);
        b.post(&format!("{base}/nouveau"), &rempli(&[("nom", "Salle des fêtes"), ("commune", "Guéret"), ("latitude", "46,1702"), ("longitude", "1.8689")])).await.expect(303);
        let liste = b.get(&base).await.expect(200).says("1. Place de la mairie, Ahun").says("le centre de la commune").says("2. Salle des fêtes, Guéret");
        let ids = arrets(&liste.body);
        assert_eq!(ids.len(), 2);
        // The sheet says where it comes; a search near a stop too, one far from it not.
        visiteur.get(&format!("/lieux/{id}")).await.expect(200).says("Où passe ce lieu").says("les semaines paires");
        visiteur.get("/lieux?ou=Gu%C3%A9ret&rayon=2").await.expect(200).says("passent près d’ici").says("Salle des fêtes, Guéret");
        assert!(!visiteur.get("/lieux?ou=97430").await.expect(200).body.contains("passent près d’ici"));
        // In another order, then changed by two people at once, then taken away.
        b.post(&format!("{base}/{}/monter", ids[1]), &[]).await.expect(303);
        b.get(&base).await.expect(200).says("1. Salle des fêtes, Guéret").says("2. Place de la mairie, Ahun");
        let form = b.get(&format!("{base}/{}", ids[0])).await.expect(200).says("value=\"Ahun\"");
        let version = form.body.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let change = rempli(&[("version", &version), ("nom", "Parking du gymnase")]);
        b.post(&format!("{base}/{}", ids[0]), &change).await.expect(303);
        b.post(&format!("{base}/{}", ids[0]), &change).await.expect(409).says("Rechargez la page");
        let autre = uid(&mut visiteur, "mediatheque-1").await;
        b.get(&format!("/gestion/lieux/{autre}/tournee/{}", ids[0])).await.expect(404);
        b.post(&format!("/gestion/lieux/{autre}/tournee/{}/retirer", ids[0]), &[]).await.expect(404);
        b.post(&format!("{base}/{}/retirer", ids[0]), &[]).await.expect(303);
        let page = b.get(&base).await.expect(200);
        assert!(!page.body.contains("gymnase") && page.body.contains("1. Salle des fêtes"));
    }

    async fn others_neither_read_nor_write(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "fs-1").await;
        let base = format!("/gestion/lieux/{id}/tournee");
        let mut loin = visiteur.clone().signed_in(de(Role::Prefecture, "01"));
        loin.get(&base).await.expect(404);
        loin.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(404);
        let mut lecteur = visiteur.clone().signed_in(de(Role::Lecteur, "23"));
        lecteur.get(&base).await.expect(200);
        lecteur.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(403);
        visiteur.post(&format!("{base}/nouveau"), &rempli(&[])).await.expect(401);
    }
}
