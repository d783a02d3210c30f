use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::tests::between;

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn an_invitation_binds_then_the_identity_opens_and_closes(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, true);
        let path = invited_path(&id, "agent@exemple.fr").await;
        let mut b = browser(&id);
        b.get(&path).await.expect(200).says("S’identifier avec</span> <span class=\"fr-connect__brand\">ProConnect</span>").says("Qu’est-ce que ProConnect");
        let away = b.get(&format!("{path}/proconnect")).await.expect(303);
        assert!(away.location().contains("essential"), "the level is asked for: {}", away.location());
        let back = fake.authorize(away.location());
        let done = b.get(&back).await.expect(303);
        assert_eq!(done.location(), "/compte");
        assert_eq!(done.headers["referrer-policy"], "no-referrer");
        b.get("/compte").await.expect(200).says("ProConnect, lié le");
        // The token for signing out there is not readable in the database.
        let rows = platform::db::kit::query(id.site.db.read(), "SELECT jeton FROM compte_session WHERE jeton IS NOT NULL", []).await.unwrap();
        let sealed: String = rows[0].try_get_by_index(0).unwrap();
        assert!(!sealed.contains("eyJ"), "{sealed}");
        // Out: here at once, then there.
        let out = b.post("/deconnexion", &[]).await.expect(200).says("http-equiv=\"refresh\"");
        let url = between(&out.body, "content=\"0;url=", "\"").replace("&#38;", "&").replace("&amp;", "&");
        let url = url::Url::parse(&url).unwrap();
        let q: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert!(url.as_str().starts_with(&format!("{}/session/end?", fake.issuer)));
        assert_eq!(q["post_logout_redirect_uri"], "http://localhost:8080/deconnexion/retour");
        assert_eq!(q["id_token_hint"].split('.').count(), 3);
        assert!(!is_in(&mut b).await);
        b.get("/deconnexion/retour").await.expect(303);
        // In again, without the invitation; the address may have changed, the person has not.
        fake.plan(|p| p.ui_claims = json!({ "email": "autre@exemple.fr", "siret": "99999999999999" }));
        let back = go(&mut b, &fake, "/connexion/proconnect?retour=%2Fcompte%2Fdelegations").await;
        let done = b.get(&back).await.expect(303);
        assert_eq!(done.location(), "/compte/delegations");
        assert!(is_in(&mut b).await);
        let lines = platform::journal::page(id.site.db.read(), &platform::journal::Query { limit: 50, ..Default::default() }).await.unwrap();
        assert!(lines.iter().any(|l| l.action == "compte.proconnect.autre_organisation"));
    }

    async fn an_address_alone_opens_nothing(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, false);
        let mut b = bound(&id, &fake).await;
        // The same address, another subject: a colleague who was given the mailbox.
        fake.plan(|p| {
            p.id_claims = json!({ "sub": "agent-2" });
            p.ui_claims = json!({ "sub": "agent-2" });
        });
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        let answer = b.get(&back).await.expect(403).says("n’est liée à aucun compte");
        refused(&answer);
        // An invitation to somebody else does not bind this identity, and stays good.
        let other = invited_path(&id, "autre@exemple.fr").await;
        let back = go(&mut b, &fake, &format!("{other}/proconnect")).await;
        refused(&b.get(&back).await.expect(403).says("Autre adresse"));
        b.get(&other).await.expect(200);
        // An identity that is bound opens no second account.
        fake.plan(|p| {
            p.id_claims = json!({});
            p.ui_claims = json!({ "email": "autre@exemple.fr" });
        });
        let back = go(&mut b, &fake, &format!("{other}/proconnect")).await;
        refused(&b.get(&back).await.expect(409).says("Identité déjà liée"));
    }

    async fn a_return_belongs_to_one_browser_once_and_soon(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, false);
        let mut b = bound(&id, &fake).await;
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        // Another browser, with or without a sign-in of its own under way.
        let mut thief = browser(&id);
        refused(&thief.get(&back).await.expect(400).says("Connexion interrompue"));
        go(&mut thief, &fake, "/connexion/proconnect").await;
        refused(&thief.get(&back).await.expect(400));
        assert_eq!(fake.counts().token, 1, "nothing was asked of the provider");
        // The thief has used nothing up.
        b.get(&back).await.expect(303);
        assert!(is_in(&mut b).await);
        b.post("/deconnexion", &[]).await;
        refused(&b.get(&back).await.expect(400));
        // Two tabs of one browser, ended in the other order.
        let (one, two) = (go(&mut b, &fake, "/connexion/proconnect").await, go(&mut b, &fake, "/connexion/proconnect").await);
        b.get(&two).await.expect(303);
        b.get(&one).await.expect(303);
        b.post("/deconnexion", &[]).await;
        // Too late; no state; a state of another shape; two states.
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        id.site.clock.advance(TimeDelta::minutes(11));
        refused(&b.get(&back).await.expect(400));
        for query in ["", "?code=x", "?code=x&state=abc", "?code=x&state=&iss=y"] {
            refused(&b.get(&format!("/connexion/retour{query}")).await.expect(400));
        }
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        refused(&b.get(&format!("{back}&state=x")).await.expect(400));
        // One sign-in's code in another's return: PKCE holds.
        let (one, two) = (go(&mut b, &fake, "/connexion/proconnect").await, go(&mut b, &fake, "/connexion/proconnect").await);
        let stolen = two.replace(between(&two, "code=", "&"), between(&one, "code=", "&"));
        refused(&b.get(&stolen).await);
        // The person gave up.
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        let gave_up = back.replace(&format!("code={}", between(&back, "code=", "&")), "error=access_denied");
        refused(&b.get(&gave_up).await.expect(403).says("ProConnect n’a pas abouti"));
    }
}
