//! Clients as data: the pages of the staff.

use kernel::{Perimetre, Role};
use testkit::TestSite;

use super::*;

const BASE: &str = "/gestion/fournisseur/clients";

fn formulaire() -> Vec<(&'static str, &'static str)> {
    vec![
        ("nom", "FranceConnect"),
        ("client_id", "fc"),
        ("retour", RETOUR),
        ("sortie", SORTIE),
        ("auth", "client_secret_post"),
        ("id_token_alg", "ES256"),
        ("userinfo_alg", "ES256"),
        ("nonce", "oui"),
        ("scopes", "profile"),
        ("scopes", "email"),
        ("acr", "eidas1"),
        ("presence", "10"),
        ("par_seconde", "1000"),
        ("actif", "oui"),
    ]
}

fn secret_de(page: &str) -> String {
    page.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().to_owned()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn registered_changed_and_closed(t: TestSite) {
        let mut maison = maison(&t).await;
        let mut admin = maison.dehors.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get(&format!("{BASE}/nouveau")).await.expect(200);
        let page = admin.post(&format!("{BASE}/nouveau"), &formulaire()).await.expect(200).says("montré une seule fois");
        let premier = secret_de(&page.body);
        assert_eq!(premier.len(), 64);
        let id = page.body.split(&format!("{BASE}/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let fiche = admin.get(&format!("{BASE}/{id}")).await.expect(200).says("Un secret fonctionne");
        assert!(!fiche.body.contains(&premier));
        // The same name twice; an address in clear; no way to prove who it is.
        admin.post(&format!("{BASE}/nouveau"), &formulaire()).await.expect(422).says("porte déjà ce nom");
        let mut faux = formulaire();
        faux.retain(|(k, _)| *k != "auth" && *k != "retour");
        faux.push(("retour", "http://fc.exemple.fr/retour"));
        admin.post(&format!("{BASE}/nouveau"), &faux).await.expect(422).says("http://fc.exemple.fr/retour");
        // Nor a program of this machine in clear, but in the demonstration.
        let mut local = formulaire();
        local.retain(|(k, _)| *k != "retour" && *k != "client_id");
        local.extend([("retour", "http://localhost:4000/retour"), ("client_id", "ici")]);
        admin.post(&format!("{BASE}/nouveau"), &local).await.expect(422).says("http://localhost:4000/retour");
        let demo = platform::Site { mode: platform::Mode::Demo, ..t.site.clone() };
        let demo = Mandats::new(&annuaire::Annuaire { site: demo, ..maison.m.annuaire.clone() });
        let mut chez_eux = t.browser(crate::routes(&demo)).signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        chez_eux.post(&format!("{BASE}/nouveau"), &local).await.expect(200);
        // A new secret: both work, then the new one only.
        let second = secret_de(&admin.post(&format!("{BASE}/{id}/secret"), &[]).await.expect(200).body);
        for (secret, attendu) in [(&premier, 400), (&second, 400), (&"x".repeat(64), 401)] {
            let plus = [("client_id", "fc"), ("client_secret", secret.as_str())];
            maison.jeton_avec("x", &plus).await.expect(attendu);
        }
        let troisieme = admin.post(&format!("{BASE}/{id}/secret"), &[("seul", "oui")]).await.expect(200);
        assert!(!secret_de(&troisieme.body).is_empty());
        maison.jeton_avec("x", &[("client_id", "fc"), ("client_secret", &second)]).await.expect(401);
        // Two people on one page.
        let mut change = formulaire();
        change.push(("version", "3"));
        change.retain(|(k, _)| *k != "actif");
        admin.post(&format!("{BASE}/{id}"), &change).await.expect(303);
        admin.post(&format!("{BASE}/{id}"), &change).await.expect(409);
        maison.aidante.get(&demande(&[("client_id", "fc")])).await.expect(400).says("n’est pas inscrit ici");
        assert_eq!(lignes(&t, "fournisseur.client.secret").await, 2);
        admin.get(BASE).await.expect(200).says("Désactivé");
        admin.get(&format!("{BASE}/x")).await.expect(404);
    }
}

#[tokio::test]
async fn a_client_with_keys_of_its_own() {
    let t = site().await;
    let maison = maison(&t).await;
    let mut admin =
        maison.dehors.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
    let (cle, _) = oidc::jose::SigningKey::generate(Alg::Es256).unwrap();
    let jeu = serde_json::json!({ "keys": [cle.jwk().unwrap()] }).to_string();
    let mut form = formulaire();
    form.retain(|(k, _)| *k != "auth");
    form.extend([("auth", "private_key_jwt"), ("cles_alg", "ES256"), ("cles", jeu.as_str())]);
    let fait = admin.post(&format!("{BASE}/nouveau"), &form).await.expect(303);
    admin.get(fait.location()).await.expect(200);
    // Keys of another algorithm would never prove anything: said beside the field, before it is too late.
    form.retain(|(k, _)| *k != "cles_alg" && *k != "client_id");
    form.extend([("cles_alg", "RS256"), ("client_id", "autre")]);
    admin.post(&format!("{BASE}/nouveau"), &form).await.expect(422).says("de l’algorithme choisi");
    form.retain(|(k, _)| *k != "cles");
    form.push(("cles", "{\"keys\":[]}"));
    admin.post(&format!("{BASE}/nouveau"), &form).await.expect(422).says("jeu de clés publiques");
}

#[tokio::test]
async fn the_discovery_document_follows_the_active_clients() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let lire = async |maison: &mut Maison| {
        let dit = maison.dehors.get("/.well-known/openid-configuration").await.expect(200).json();
        (dit["id_token_signing_alg_values_supported"].clone(), dit["acr_values_supported"].clone())
    };
    let (algs, acr) = lire(&mut maison).await;
    assert_eq!((algs, acr), (serde_json::json!(["ES256", "RS256"]), serde_json::json!(["eidas1"])));
    let ancien = Reglages {
        id_token_alg: Alg::Hs256,
        userinfo_alg: Some(Alg::Hs256),
        acr: vec!["eidas2".to_owned(), "eidas1".to_owned()],
        ..reglages()
    };
    client(&t, "ancien", ancien).await;
    // Kept for a minute: peers ask several times for each person.
    assert_eq!(lire(&mut maison).await.1, serde_json::json!(["eidas1"]));
    t.site.clock.advance(TimeDelta::minutes(1));
    let (algs, acr) = lire(&mut maison).await;
    assert_eq!(algs, serde_json::json!(["ES256", "RS256", "HS256"]));
    assert_eq!(acr, serde_json::json!(["eidas1", "eidas2"]));
    sql(&t, "UPDATE fournisseur_client SET actif = FALSE WHERE client_id = 'ancien'").await;
    t.site.clock.advance(TimeDelta::minutes(1));
    assert_eq!(lire(&mut maison).await.0, serde_json::json!(["ES256", "RS256"]));
}

#[tokio::test]
async fn nobody_else_registers_clients() {
    let t = site().await;
    let mut maison = maison(&t).await;
    for chemin in
        [BASE.to_owned(), format!("{BASE}/nouveau"), format!("{BASE}/0198a000-0000-7000-8000-00000000dead")]
    {
        maison.aidante.get(&chemin).await.expect(403);
    }
    maison.aidante.post(&format!("{BASE}/nouveau"), &formulaire()).await.expect(403);
    maison
        .aidante
        .post(&format!("{BASE}/0198a000-0000-7000-8000-00000000dead/secret"), &[])
        .await
        .expect(403);
}
