//! Reports, from the form of a visitor to the answer, on both engines.

use kernel::{CodeDepartement, Perimetre, Role};
use platform::db::kit;
use testkit::{Browser, TestSite, viewer};

use crate::Annuaire;
use crate::lieux::pages::tests::{annuaire, migrations, uid};

async fn maison(t: &TestSite) -> (Annuaire, Browser, String) {
    let (annuaire, mut b) = annuaire(t).await;
    let id = uid(&mut b, "mediatheque-1").await;
    (annuaire, b, id)
}

fn de(role: Role, departement: &str) -> platform::web::Viewer {
    viewer(role, Perimetre::Departements(CodeDepartement::parse(departement).into_iter().collect()))
}

fn adresse_de(id: &str) -> String {
    format!("/lieux/{id}/signaler")
}

/// The sites of the sheet, as its form shows them: the import kept what a page may link to.
const SITES: &str = "https://example.org/lire";

/// A form that was read for a while, with what the sheet says.
fn rempli<'a>(instant: &'a str, change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("affiche", instant),
        ("site_web", SITES),
        ("nom", "Médiathèque du Grand Guéret"),
        ("adresse", "8 avenue Fayolle"),
        ("code_postal", "23000"),
        ("commune", "Guéret"),
        ("telephone", "05 55 51 23 45"),
        ("courriels", "lire@example.org"),
        ("services", "Accès internet et matériel informatique"),
        ("services", "Maîtrise des outils numériques du quotidien"),
        ("frais_a_charge", "Gratuit"),
    ];
    form.retain(|(k, _)| !change.iter().any(|(c, _)| c == k));
    form.extend_from_slice(change);
    form
}

async fn lignes(t: &TestSite) -> i64 {
    kit::count(t.site.db.read(), "SELECT COUNT(*) FROM lieu_signalement", []).await.unwrap()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_visitor_reports_and_is_answered(t: TestSite) {
        let (_annuaire, mut b, id) = maison(&t).await;
        let page = b.get(&format!("/lieux/{id}/signaler")).await.expect(200).says("05 55 51 23 45").says("Signaler une erreur");
        assert_eq!(page.body.matches(" checked").count(), 3);
        assert!(page.body.contains(SITES), "{}", page.body);
        let (maintenant, lu) = (t.site.clock.now().timestamp(), (t.site.clock.now().timestamp() - 30).to_string());
        let adresse = format!("/lieux/{id}/signaler");
        // Nothing changed, sent at once, wrong values: said, and kept.
        b.post(&adresse, &rempli(&lu, &[])).await.expect(422).says("ou dites-nous ici");
        b.post(&adresse, &rempli(&maintenant.to_string(), &[("nom", "Autre")])).await.expect(422).says("parti trop vite");
        b.post(&adresse, &rempli(&lu, &[("telephone", "12"), ("courriel", "x")])).await.expect(422)
            .says("numéro de téléphone français").says("value=\"12\"");
        // A robot is thanked.
        b.post(&adresse, &rempli(&lu, &[("nom", "Spam"), ("site_personnel", "https://spam")])).await.expect(303);
        assert_eq!(lignes(&t).await, 0);
        let change = [("telephone", "05 55 51 00 00"), ("horaires", "du lundi au vendredi de 9h à 12h"), ("courriel", "visiteur@example.org"), ("mot", "J’y étais <hier>.")];
        b.post(&adresse, &rempli(&lu, &change)).await.expect(303);
        assert_eq!(lignes(&t).await, 1);

        assert!(b.get("/gestion/lieux/signalements").await.expect(303).location().starts_with("/connexion"));
        let mut ailleurs = b.signed_in(de(Role::Prefecture, "01"));
        let page = ailleurs.get("/gestion/lieux/signalements").await.expect(200).says("Aucun signalement");
        assert!(!page.body.contains("Grand Guéret"));
        let mut ici = b.signed_in(de(Role::Prefecture, "23"));
        let file = ici.get("/gestion/lieux/signalements").await.expect(200).says("Médiathèque du Grand Guéret");
        let un = file.body.split("href=\"/gestion/lieux/signalements/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let un = format!("/gestion/lieux/signalements/{un}");
        ailleurs.get(&un).await.expect(404);
        ailleurs.post(&format!("{un}/refuser"), &[]).await.expect(404);
        ici.get(&un).await.expect(200).says("05 55 51 00 00").says("05 55 51 23 45").says("&#60;hier&#62;").says("Téléphone");
        b.signed_in(de(Role::Lecteur, "23")).post(&format!("{un}/refuser"), &[]).await.expect(403);
        ici.post(&format!("{un}/refuser"), &[("reponse", "Le numéro est bon.")]).await.expect(303);
        ici.post(&format!("{un}/refuser"), &[("reponse", "Encore.")]).await.expect(409);
        ici.get(&un).await.expect(200).says("Refusé").says("Le numéro est bon.");
        let courriels = platform::mail::list(t.site.db.read(), 9).await.unwrap();
        assert_eq!(courriels.len(), 1);
        assert!(courriels[0].texte.contains("Le numéro est bon.") && courriels[0].destinataire == "visiteur@example.org");
        let gardees = "SELECT COUNT(*) FROM lieu_signalement WHERE courriel IS NOT NULL";
        assert_eq!(kit::count(t.site.db.read(), gardees, []).await.unwrap(), 0);
    }

    async fn a_lieu_is_proposed_and_floods_are_held(t: TestSite) {
        let (annuaire, mut b, id) = maison(&t).await;
        let lu = (t.site.clock.now().timestamp() - 30).to_string();
        b.get("/lieux/proposer").await.expect(200).says("Proposer un lieu");
        b.post("/lieux/proposer", &[("affiche", lu.as_str()), ("mot", "Il en manque un")]).await.expect(422)
            .says("Donnez le nom du lieu.").says("Il en manque un");
        let lieu = [("affiche", lu.as_str()), ("nom", "Tiers-lieu d’essai"), ("adresse", "1 place du Marché"), ("commune", "Guéret"), ("code_postal", "23000")];
        b.post("/lieux/proposer", &lieu).await.expect(303);
        let mut ici = b.signed_in(de(Role::Hub, "23"));
        let file = ici.get("/gestion/lieux/signalements").await.expect(200).says("Tiers-lieu d’essai").says("Lieu proposé");
        let un = file.body.split("href=\"/gestion/lieux/signalements/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        ici.post(&format!("/gestion/lieux/signalements/{un}/accepter"), &[]).await.expect(303);
        annuaire.relit_les_lieux().await.unwrap();
        b.get("/lieux?q=Tiers-lieu+d%27essai").await.expect(200).says("Tiers-lieu d’essai");
        b.post(&adresse_de(&id), &rempli(&lu, &[("telephone", "05 55 51 00 00"), ("horaires", "du lundi au vendredi de 9h à 12h")])).await.expect(303);
        let file = ici.get("/gestion/lieux/signalements").await.expect(200);
        let un = file.body.split("href=\"/gestion/lieux/signalements/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        ici.post(&format!("/gestion/lieux/signalements/{un}/accepter"), &[]).await.expect(303);
        let json = b.get(&format!("/api/v1/lieux/{id}")).await.expect(200).json();
        assert_eq!((json["telephone"].as_str(), json["horaires"].as_str()), (Some("+33555510000"), Some("Mo-Fr 09:00-12:00")));
        let adresse = format!("/lieux/{id}/signaler");
        for n in 0..9 {
            b.post(&adresse, &rempli(&lu, &[("mot", &format!("Message {n}"))])).await.expect(303);
        }
        b.post(&adresse, &rempli(&lu, &[("mot", "De trop")])).await.expect(422).says("beaucoup de signalements");
        b.get("/lieux/inconnu/signaler").await.expect(404);
        crate::lieux::signalements::actions::oublier(&t.site, crate::lieux::signalements::actions::OublierAdresses).await.unwrap();
    }
}
