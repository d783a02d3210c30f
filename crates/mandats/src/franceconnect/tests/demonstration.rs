//! The whole journey, without a network.

use chrono::TimeDelta;

use super::*;

/// The person chooses; gives the address to which they come back.
pub(crate) async fn choix(b: &mut Browser, adresse: &str, personne: &str) -> String {
    let adresse = adresse.strip_prefix("http://localhost:8080").unwrap().to_owned();
    let page = b.get(&adresse).await.expect(200).says("FranceConnect fictif").says("inventées");
    let (_, rest) = page.body.split_once("name=\"demande\" value=\"").unwrap();
    let demande = rest.split('"').next().unwrap().to_owned();
    let answer = b.post("/faux-franceconnect/choix", &[("demande", &demande), ("personne", personne)]).await;
    let retour = answer.expect(303).location().to_owned();
    retour.strip_prefix("http://localhost:8080").unwrap().to_owned()
}

/// From the return to the page that asked, by the log-out.
pub(crate) async fn suite(b: &mut Browser, retour: &str) -> String {
    let sortie = b.get(retour).await.expect(303).location().to_owned();
    let sortie = sortie.strip_prefix("http://localhost:8080").unwrap().to_owned();
    assert!(sortie.starts_with("/faux-franceconnect/session/end?"), "{sortie}");
    let sorti = b.get(&sortie).await.expect(303).location().to_owned();
    let sorti = sorti.strip_prefix("http://localhost:8080").unwrap().to_owned();
    assert_ne!(parametre(&sorti, "state"), parametre(retour, "state"), "a fresh state for the log-out");
    b.get(&sorti).await.expect(303).location().to_owned()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_person_is_identified_once_by_their_browser(t: TestSite) {
        let m = mandats(&t, Mode::Demo).await;
        let mut b = t.browser(pages(&m));
        let mut autre = t.browser(pages(&m));
        let adresse = depart(&mut b).await;
        assert!(!adresse.contains("code_challenge") && adresse.contains("acr_values=eidas1"), "{adresse}");
        let retour = choix(&mut b, &adresse, "moussa").await;
        // Log-in CSRF: the address in another browser, with or without a cookie of its own, uses nothing up.
        autre.get(&retour).await.expect(400).says("pas été commencée dans ce navigateur");
        depart(&mut autre).await;
        autre.get(&retour).await.expect(400);
        let ici = suite(&mut b, &retour).await;
        assert!(ici.starts_with("/essai?a=b&identification="), "{ici}");
        autre.get(&ici).await.expect(303);
        let lu = b.get(&ici).await.expect(200).says("Moussa FICTIF-PRÉSUMÉ 1958-00-00 Some(\"moussa@").says("eidas1");
        let attendu = crate::franceconnect::faux::identifie(&m.site, "moussa").unwrap();
        assert!(lu.body.ends_with(&attendu.sub), "what the data of the demonstration are tied to");
        // Once.
        b.get(&ici).await.expect(303);
        b.get(&retour).await.expect(400);
        // Two people in two tabs of one browser.
        let (un, deux) = (depart(&mut b).await, depart(&mut b).await);
        let retour_deux = choix(&mut b, &deux, "rosa").await;
        let retour_un = choix(&mut b, &un, "marcel").await;
        let (ici_un, ici_deux) = (suite(&mut b, &retour_un).await, suite(&mut b, &retour_deux).await);
        b.get(&ici_un).await.expect(200).says("Marcel FICTIF");
        b.get(&ici_deux).await.expect(200).says("Rosa Maria FICTIVE").says("1949-05-00");
        // Nothing of a name in the base, nothing of the secrets in clear.
        let rows = platform::db::kit::query(t.site.db.read(), "SELECT scelle FROM franceconnect_flux", []).await.unwrap();
        for row in rows {
            let scelle: String = row.try_get_by_index(0).unwrap();
            assert!(!scelle.contains("FICTI") && !scelle.contains("nonce"), "{scelle}");
        }
    }

    async fn refusals_come_back_with_a_sentence(t: TestSite) {
        let m = mandats(&t, Mode::Demo).await;
        let mut b = t.browser(pages(&m));
        for (choisi, refus) in
            [("abandon", "abandon"), ("bloque", "abandon"), ("niveau", "niveau"), ("panne", "indisponible"), ("incomplet", "reponse")]
        {
            let adresse = depart(&mut b).await;
            let retour = choix(&mut b, &adresse, choisi).await;
            let ici = b.get(&retour).await.expect(303).location().to_owned();
            assert_eq!(ici, format!("/essai?a=b&refus={refus}"));
            assert!(crate::franceconnect::conseil(refus).unwrap().len() > 40);
            b.get(&retour).await.expect(400);
        }
        // Returns that belong to no departure, or are not read.
        for retour in ["", "?code=x", "?state=x&code=y", "?state=a&state=b&code=c", "?state=%ff", "?error=access_denied"] {
            b.get(&format!("/franceconnect/retour{retour}")).await.expect(400).says("Recommencez");
        }
        b.get("/franceconnect/partir/0").await.expect(404);
        b.get("/franceconnect/partir/00000000-0000-7000-8000-000000000000").await.expect(400);
        b.get("/franceconnect/deconnexion/retour?state=x").await.expect(200);
        // Too late.
        let adresse = depart(&mut b).await;
        let retour = choix(&mut b, &adresse, "angele").await;
        t.site.clock.advance(TimeDelta::minutes(11));
        let ici = b.get(&retour).await.expect(303).location().to_owned();
        assert!(ici.ends_with("refus=retour"), "{ici}");
        // The fictitious provider is as strict as the real one.
        let adresse = depart(&mut b).await;
        let local = adresse.strip_prefix("http://localhost:8080").unwrap();
        b.get(&format!("{local}&code_challenge=x")).await.expect(400).says("Y030007");
        let ailleurs = local.replace("retour", "ailleurs");
        b.get(&ailleurs).await.expect(400).says("Y04C013C");
        b.post("/faux-franceconnect/choix", &[("demande", "x"), ("personne", "angele")]).await.expect(400);
        b.get("/faux-franceconnect/session/end?post_logout_redirect_uri=https://evil.example").await.expect(400);
    }

    async fn nothing_is_left_without_a_provider_and_after_a_while(t: TestSite) {
        let m = mandats(&t, Mode::Serve).await;
        assert!(m.franceconnect.is_none());
        let mut b = t.browser(pages(&m));
        let ici = b.get("/essai/partir").await.expect(303).location().to_owned();
        assert_eq!(ici, "/essai?a=b&refus=indisponible");
        b.get("/faux-franceconnect/jwks").await.expect(404);
        b.get("/franceconnect/retour?code=a&state=b").await.expect(400);
        let m = mandats(&t, Mode::Demo).await;
        let mut b = t.browser(pages(&m));
        depart(&mut b).await;
        let compte = async || platform::db::kit::count(t.site.db.read(), "SELECT COUNT(*) FROM franceconnect_flux", []).await.unwrap();
        assert_eq!(compte().await, 1);
        t.site.clock.advance(TimeDelta::hours(2));
        let now = t.site.clock.now();
        t.site.db.write(async |tx| crate::franceconnect::store::purger(tx, now).await).await.unwrap();
        assert_eq!(compte().await, 0);
    }
}
