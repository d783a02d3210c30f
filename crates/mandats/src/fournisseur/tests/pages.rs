//! The pages of the choice: who may come, what they show.

use testkit::TestSite;

use super::*;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn five_thousand_people_are_searched_not_listed(t: TestSite) {
        let mut maison = maison(&t).await;
        for n in 2..45 {
            let usager = essai::usager(&t, n).await;
            mandat(&t, maison.structure, &usager, &["papiers"]).await;
        }
        let flux = maison.arriver(&[]).await;
        let page = maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("44 personnes");
        assert_eq!(page.body.matches("name=\"personne\"").count(), 20);
        let page = maison.aidante.get(&format!("{flux}/personne?page=3")).await.expect(200);
        assert_eq!(page.body.matches("name=\"personne\"").count(), 4);
        let page = maison.aidante.get(&format!("{flux}/personne?q=usager-37")).await.expect(200).says("USAGER-37");
        assert_eq!(page.body.matches("name=\"personne\"").count(), 1);
        maison.aidante.get(&format!("{flux}/personne?q=personne%00%25_")).await.expect(200).says("Personne ne correspond");
        maison.aidante.get(&format!("{flux}/personne?page=9999999999999999999999")).await.expect(200);
    }

    async fn only_the_mandats_of_ones_team_are_used(t: TestSite) {
        let mut maison = maison(&t).await;
        let (nord, sud) = (essai::equipe(&t, maison.structure, "Nord").await, essai::equipe(&t, maison.structure, "Sud").await);
        let (collegue, _) = essai::aidant(&t, maison.structure, Fonction::Aidant, 2).await;
        essai::en_equipe(&t, &collegue, maison.structure, sud).await;
        // Chosen while it was of no team.
        let flux = maison.arriver(&[]).await;
        let personne = maison.usager.id.to_string();
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
        let du_sud = crate::aidants::store::appartenance(t.site.db.read(), collegue.id, maison.structure).await.unwrap().unwrap();
        let (mandat, sql) = (maison.mandat.id.0, "UPDATE mandat SET appartenance_id = $2 WHERE id = $1");
        t.site.db.write(async |tx| kit::execute(tx, sql, [mandat.into(), du_sud.id.0.into()]).await).await.unwrap();
        essai::en_equipe(&t, &maison.aidant, maison.structure, nord).await;
        assert_eq!(maison.aidante.get(&format!("{flux}/demarche")).await.expect(303).location(), format!("{flux}/personne"));
        maison.repond(&flux, "logement").await.expect(404);
        let page = maison.aidante.get(&format!("{flux}/personne")).await.expect(200);
        assert!(!page.body.contains("USAGER-1"));
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(404);
        assert_eq!(lignes(&t, "usage.commencer").await, 0);
        essai::en_equipe(&t, &maison.aidant, maison.structure, sud).await;
        maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("USAGER-1");
        maison.repond(&flux, "logement").await.expect(303);
    }

    async fn conditions_of_use_come_first_and_the_request_goes_on(t: TestSite) {
        let mut maison = maison(&t).await;
        sql(&t, "UPDATE aidant SET conditions_version = NULL").await;
        let flux = maison.arriver(&[]).await;
        let retour: String = url::form_urlencoded::byte_serialize(flux.as_bytes()).collect();
        let lire = format!("/aidant/conditions?retour={retour}");
        let personne = maison.usager.id.to_string();
        for page in ["", "/personne", "/demarche"] {
            assert_eq!(maison.aidante.get(&format!("{flux}{page}")).await.expect(303).location(), lire);
        }
        for (page, champ) in [("personne", ("personne", personne.as_str())), ("demarche", ("demarche", "logement"))] {
            assert_eq!(maison.aidante.post(&format!("{flux}/{page}"), &[champ]).await.expect(303).location(), lire);
        }
        assert_eq!(lignes(&t, "usage.commencer").await, 0);
        maison.aidante.get(&lire).await.expect(200);
        let accepte = [("version", "1"), ("retour", flux.as_str())];
        assert_eq!(maison.aidante.post("/aidant/conditions", &accepte).await.expect(303).location(), flux);
        maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("USAGER-1");
    }
}

/// By the clocks of the organisation; by those of Paris while nobody knows where the aidant is.
#[tokio::test]
async fn the_pages_say_until_when_one_may_answer() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let fin = t.site.clock.now() + TimeDelta::minutes(30);
    let dit = |fuseau: chrono_tz::Tz| {
        format!("<strong>{}</strong>", fin.with_timezone(&fuseau).format("%-H\u{a0}h\u{a0}%M"))
    };
    sql(&t, "UPDATE organisation_habilitee SET departement = '988'").await;
    let flux = maison.arriver(&[]).await;
    maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says(&dit(chrono_tz::Pacific::Noumea));
    let personne = maison.usager.id.to_string();
    maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
    maison.aidante.get(&format!("{flux}/demarche")).await.expect(200).says(&dit(chrono_tz::Pacific::Noumea));
    let mut visiteur = maison.dehors.clone();
    let flux = visiteur.get(&demande(&[])).await.expect(303).location().to_owned();
    visiteur.get(&flux).await.expect(200).says(&dit(chrono_tz::Europe::Paris)).says("heure de Paris");
    // Whoever cannot sign in gives up from there, and the service hears of it.
    let fin = visiteur.post(&format!("{flux}/renoncer"), &[]).await.expect(303);
    assert_eq!(parametre(fin.location(), "error").as_deref(), Some("access_denied"));
    visiteur.get(&flux).await.expect(410);
}

#[tokio::test]
async fn who_is_no_aidant_is_told_so_and_may_give_up() {
    use kernel::{Perimetre, Role};
    let t = site().await;
    let maison = maison(&t).await;
    for viewer in [
        testkit::viewer(Role::AdministrateurNational, Perimetre::National),
        testkit::viewer(Role::Referent, Perimetre::Structures(vec![maison.structure])),
        testkit::viewer(Role::Aidant, Perimetre::Structures(vec![maison.structure])),
    ] {
        let mut b = maison.dehors.signed_in(viewer);
        let flux = b.get(&demande(&[])).await.expect(303).location().to_owned();
        b.get(&flux).await.expect(403).says("Vous ne pouvez pas répondre").says("Renoncer");
        b.get(&format!("{flux}/personne")).await.expect(403);
        let fin = b.post(&format!("{flux}/renoncer"), &[]).await.expect(303);
        assert_eq!(parametre(fin.location(), "error").as_deref(), Some("access_denied"));
    }
}

#[tokio::test]
async fn forms_may_lead_on_to_the_client_and_nowhere_in_clear() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let flux = maison.arriver(&[]).await;
    let page = maison.aidante.get(&format!("{flux}/personne")).await.expect(200);
    let csp = page.headers["content-security-policy"].to_str().unwrap();
    assert!(csp.contains("form-action 'self' https:;"), "{csp}");
    let ailleurs = maison.aidante.get("/aidant/utilisations").await.expect(200);
    assert!(ailleurs.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self';"));
}

#[tokio::test]
async fn the_old_and_the_new_franceconnect_are_two_rows() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let ancien = Reglages { id_token_alg: Alg::Hs256, userinfo_alg: Some(Alg::Hs256), ..reglages() };
    client(&t, "ancien", ancien).await;
    let signe = Reglages { id_token_alg: Alg::Rs256, userinfo_alg: Some(Alg::Rs256), ..reglages() };
    client(&t, "signe", signe).await;
    let mut sujets = Vec::new();
    for (nom, alg) in [(CLIENT, "ES256"), ("ancien", "HS256"), ("signe", "RS256")] {
        let adresse = maison.choisir(&[("client_id", nom)]).await;
        let code = parametre(&adresse, "code").unwrap();
        let jetons = maison.jeton_avec(&code, &[("client_id", nom)]).await.expect(200).json();
        let id_token = jetons["id_token"].as_str().unwrap();
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let entete = URL_SAFE_NO_PAD.decode(id_token.split('.').next().unwrap()).unwrap();
        let entete: serde_json::Value = serde_json::from_slice(&entete).unwrap();
        assert_eq!(entete["alg"], alg);
        sujets.push(claims(id_token)["sub"].as_str().unwrap().to_owned());
        let identite = maison.identite(jetons["access_token"].as_str().unwrap()).await.expect(200);
        let type_attendu = if nom == CLIENT { "application/json" } else { "application/jwt" };
        assert_eq!(identite.headers["content-type"], type_attendu);
    }
    // What we tell of ourselves is what they are served with.
    let dit = maison.dehors.get("/.well-known/openid-configuration").await.expect(200).json();
    assert_eq!(dit["id_token_signing_alg_values_supported"], serde_json::json!(["ES256", "RS256", "HS256"]));
    sujets.dedup();
    assert_eq!(sujets.len(), 3, "no two clients know a person by the same name");
}
