//! A fresh proof by ProConnect, and those that a forger would give.

use chrono::TimeDelta;
use serde_json::json;

use super::*;

const VERS: &str = "/compte/preuve/proconnect?retour=%2Fcompte%2Fsecours";

/// An agent who has no other factor, signed in an hour ago and active since.
async fn agent(id: &Identity, fake: &Fake) -> Browser {
    let mut b = bound(id, fake).await;
    let back = go(&mut b, fake, "/connexion/proconnect").await;
    b.get(&back).await.expect(303);
    for _ in 0..6 {
        id.site.clock.advance(TimeDelta::minutes(10));
        assert!(is_in(&mut b).await);
    }
    b
}

/// The provider says that the person identified themselves that many seconds ago.
fn identifiee(id: &Identity, fake: &Fake, il_y_a: i64) {
    let at = id.site.clock.now().timestamp() - il_y_a;
    fake.plan(|p| p.id_claims["auth_time"] = json!(at));
}

async fn preuves(id: &Identity) -> usize {
    let sql = "SELECT details FROM journal WHERE action = 'compte.preuve'";
    platform::db::kit::query(id.site.db.read(), sql, []).await.unwrap().len()
}

/// Whether a page that asks for a recent proof opens.
async fn prouve(b: &mut Browser) -> bool {
    b.get("/compte/secours").await.status.as_u16() == 200
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn an_agent_without_another_factor_proves_by_proconnect_again(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, true);
        let mut b = agent(&id, &fake).await;
        assert!(!prouve(&mut b).await);
        b.get("/compte/preuve?retour=%2Fcompte%2Fsecours").await.expect(200).says("Avec ProConnect");
        let away = b.get(VERS).await.expect(303);
        let url = url::Url::parse(away.location()).unwrap();
        let q: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((q["prompt"].as_str(), q["max_age"].as_str()), ("login", "0"));
        assert!(q["claims"].contains("auth_time"), "{}", q["claims"]);
        let before = b.cookie("maillage-session").unwrap().to_owned();
        let back = fake.authorize(away.location());
        identifiee(&id, &fake, 0);
        assert_eq!(b.get(&back).await.expect(303).location(), "/compte/secours");
        assert_ne!(b.cookie("maillage-session"), Some(before.as_str()), "a new secret after the proof");
        assert!(prouve(&mut b).await);
        assert_eq!(preuves(&id).await, 1);
        // Its answer serves once.
        b.get(&back).await.expect(400);
        // A sign-in asks for none of that.
        let away = browser(&id).get("/connexion/proconnect").await.expect(303);
        assert!(!away.location().contains("prompt=") && !away.location().contains("max_age"), "{}", away.location());
    }

    async fn forged_proofs_are_refused_in_plain_words(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, false);
        let mut b = agent(&id, &fake).await;
        let honest = |p: &mut fake::Plan| {
            p.id_claims = json!({});
            p.ui_claims = json!({});
        };
        for (what, lie, status, words) in [
            ("no auth_time", json!({ "auth_time": null }), 403, "ne vous a pas demandé de vous identifier de nouveau"),
            ("an old auth_time", json!({ "auth_time": id.site.clock.now().timestamp() - 120 }), 403, "ne peut pas servir de preuve"),
            ("an auth_time of the future", json!({ "auth_time": id.site.clock.now().timestamp() + 3600 }), 403, "ne peut pas servir de preuve"),
            ("one factor", json!({ "auth_time": id.site.clock.now().timestamp(), "acr": "eidas1" }), 403, "second facteur"),
            ("somebody else", json!({ "auth_time": id.site.clock.now().timestamp(), "sub": "agent-2" }), 403, "n’est pas celle qui est liée à votre compte"),
        ] {
            fake.plan(honest);
            let back = go(&mut b, &fake, VERS).await;
            fake.plan(|p| {
                if lie.get("sub").is_some() {
                    p.ui_claims = json!({ "sub": "agent-2" });
                }
                p.id_claims = lie;
            });
            let answer = b.get(&back).await.expect(status).says(words);
            refused(&answer);
            assert!(is_in(&mut b).await && !prouve(&mut b).await, "{what}");
        }
        assert_eq!(preuves(&id).await, 0);
        // The answer of a proof opens no session in a browser that has none, nor proves another session.
        fake.plan(honest);
        let back = go(&mut b, &fake, VERS).await;
        identifiee(&id, &fake, 0);
        b.post("/deconnexion", &[]).await;
        refused(&b.get(&back).await.expect(400));
        let autre = go(&mut b, &fake, "/connexion/proconnect").await;
        b.get(&autre).await.expect(303);
        b.get(&back).await.expect(400);
    }

    async fn one_factor_says_that_one_is_still_there_after_a_silence_and_no_more(t: TestSite) {
        let fake = Fake::start(&t.site.clock).await;
        let id = identity(&t, &fake, false);
        let mut b = agent(&id, &fake).await;
        let silences = async || {
            let sql = "SELECT id FROM compte_session WHERE reprise_le IS NOT NULL AND fermee_le IS NULL";
            platform::db::kit::query(id.site.db.read(), sql, []).await.unwrap().len()
        };
        id.site.clock.advance(TimeDelta::minutes(20));
        assert!(is_in(&mut b).await);
        assert_eq!(silences().await, 1);
        let back = go(&mut b, &fake, VERS).await;
        identifiee(&id, &fake, 0);
        fake.plan(|p| p.id_claims["acr"] = json!("eidas1"));
        b.get(&back).await.expect(303);
        assert_eq!(silences().await, 0);
        assert!(!prouve(&mut b).await, "one factor is no strong proof");
    }
}
