use chrono::TimeDelta;
use serde_json::json;

use super::fake::{Plan, Signature};
use super::*;

type Lie = (&'static str, fn(&mut Plan));

/// Each line is one lie; none may open a session.
const LIES: &[Lie] = &[
    ("id_token: alg none", |p| {
        p.id_header = json!({ "alg": "none" });
        p.id_signature = Signature::Empty;
    }),
    ("id_token: alg nOnE", |p| {
        p.id_header = json!({ "alg": "nOnE" });
        p.id_signature = Signature::Empty;
    }),
    ("id_token: no signature", |p| p.id_signature = Signature::Empty),
    ("id_token: zeros", |p| p.id_signature = Signature::Zeros),
    ("id_token: HS256 with the public key", |p| {
        p.id_header = json!({ "alg": "HS256" });
        p.id_signature = Signature::PublicKeyAsSecret;
    }),
    ("id_token: HS256 with the client's secret", |p| {
        p.id_header = json!({ "alg": "HS256" });
        p.id_signature = Signature::ClientSecret;
    }),
    ("id_token: RS256 although ES256 is configured", |p| p.id_header = json!({ "alg": "RS256" })),
    ("id_token: a stranger's key", |p| p.id_signature = Signature::Stranger),
    ("id_token: the stranger's key in the header", |p| {
        p.id_header =
            json!({ "jwk": { "kty": "EC" }, "jku": "http://127.0.0.1:1/jwks", "x5u": "http://127.0.0.1:1/" });
        p.id_signature = Signature::Stranger;
    }),
    ("id_token: crit", |p| p.id_header = json!({ "crit": ["exp"], "exp": 1 })),
    ("id_token: kid with a path", |p| p.id_header = json!({ "kid": "../../dev/null" })),
    ("id_token: kid of 100 kB", |p| p.id_header = json!({ "kid": "k".repeat(100_000) })),
    ("id_token: another issuer", |p| p.id_claims = json!({ "iss": "https://autre.exemple" })),
    ("id_token: the issuer with a slash", |p| p.id_claims = json!({ "iss": "http://127.0.0.1/api/v2/" })),
    ("id_token: another audience", |p| p.id_claims = json!({ "aud": "autre" })),
    ("id_token: a stranger in the audience", |p| p.id_claims = json!({ "aud": ["maillage-essai", "autre"] })),
    ("id_token: a stranger in the audience, azp us", |p| {
        p.id_claims = json!({ "aud": ["maillage-essai", "autre"], "azp": "maillage-essai" });
    }),
    ("id_token: another azp", |p| p.id_claims = json!({ "azp": "autre" })),
    ("id_token: another nonce", |p| p.id_claims = json!({ "nonce": "autre" })),
    ("id_token: no nonce", |p| p.id_claims = json!({ "nonce": null })),
    ("id_token: expired", |p| p.id_claims = json!({ "exp": 1_000_000_000 })),
    ("id_token: of the future", |p| {
        p.id_claims = json!({ "iat": 4_000_000_000_i64, "exp": 4_000_000_060_i64 })
    }),
    ("id_token: no exp", |p| p.id_claims = json!({ "exp": null })),
    ("id_token: no subject", |p| p.id_claims = json!({ "sub": null })),
    ("id_token: empty subject", |p| {
        p.id_claims = json!({ "sub": "" });
        p.ui_claims = json!({ "sub": "" });
    }),
    ("id_token: another access token's hash", |p| {
        p.id_claims = json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })
    }),
    ("id_token: level without a second factor", |p| p.id_claims = json!({ "acr": "eidas1" })),
    ("id_token: no level", |p| p.id_claims = json!({ "acr": null })),
    ("id_token: a level of our invention", |p| p.id_claims = json!({ "acr": "eidas2-plus" })),
    ("userinfo: a stranger's key", |p| p.ui_signature = Signature::Stranger),
    ("userinfo: alg none", |p| {
        p.ui_header = json!({ "alg": "none" });
        p.ui_signature = Signature::Empty;
    }),
    ("userinfo: HS256 with the public key", |p| {
        p.ui_header = json!({ "alg": "HS256" });
        p.ui_signature = Signature::PublicKeyAsSecret;
    }),
    ("userinfo: HS256 with the client's secret", |p| {
        p.ui_header = json!({ "alg": "HS256" });
        p.ui_signature = Signature::ClientSecret;
    }),
    ("userinfo: zeros", |p| p.ui_signature = Signature::Zeros),
    ("userinfo: crit", |p| p.ui_header = json!({ "crit": ["b64"], "b64": false })),
    ("userinfo: not signed", |p| p.ui_type = "application/json"),
    ("userinfo: signed, called something else", |p| p.ui_type = "text/plain"),
    ("userinfo: the id_token again", |p| p.ui_is_id_token = true),
    ("userinfo: another subject", |p| p.ui_claims = json!({ "sub": "agent-2" })),
    ("userinfo: no subject", |p| p.ui_claims = json!({ "sub": null })),
    ("userinfo: another issuer", |p| p.ui_claims = json!({ "iss": "https://autre.exemple" })),
    ("userinfo: no issuer", |p| p.ui_claims = json!({ "iss": null })),
    ("userinfo: another audience", |p| p.ui_claims = json!({ "aud": "autre" })),
    ("userinfo: a stranger in the audience", |p| p.ui_claims = json!({ "aud": ["maillage-essai", "autre"] })),
    ("userinfo: no audience", |p| p.ui_claims = json!({ "aud": null })),
    ("userinfo: expired", |p| p.ui_claims = json!({ "exp": 1_000_000_000 })),
    ("userinfo: exp is a text", |p| p.ui_claims = json!({ "exp": "demain" })),
    ("token: not JSON", |p| p.token_body = Some("<html>".to_owned())),
    ("token: no id_token", |p| {
        p.token_body = Some(r#"{"access_token":"a","token_type":"Bearer"}"#.to_owned())
    }),
    ("token: nested 10 000 deep", |p| p.token_body = Some("[".repeat(10_000))),
    ("token: 1 MiB", |p| p.token_body = Some(format!("\"{}\"", "a".repeat(1 << 20)))),
    ("token: redirected elsewhere", |p| p.token_redirect = Some("http://127.0.0.1:1/token".to_owned())),
];

async fn site() -> TestSite {
    TestSite::sqlite(all_migrations()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_lie_opens_a_session() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    let id = identity(&t, &fake, true);
    let mut b = bound(&id, &fake).await;
    let mut honest = None;
    fake.plan(|p| honest = Some(p.clone()));
    let honest = honest.unwrap();
    for (name, lie) in LIES {
        fake.plan(|p| {
            *p = honest.clone();
            lie(p);
        });
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        let answer = b.get(&back).await;
        assert!(answer.status.is_client_error() || answer.status == 502, "{name}: {}", answer.status);
        refused(&answer);
        assert!(!is_in(&mut b).await, "{name}");
    }
    // The same browser, the same provider, without a lie.
    fake.plan(|p| *p = honest);
    let back = go(&mut b, &fake, "/connexion/proconnect").await;
    b.get(&back).await.expect(303);
    assert!(is_in(&mut b).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_iss_of_the_return_is_checked_before_anything_is_asked() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    let id = identity(&t, &fake, false);
    let mut b = bound(&id, &fake).await;
    let asked = fake.counts().token;
    let back = go(&mut b, &fake, "/connexion/proconnect").await;
    let (without, _) = back.split_once("&iss=").unwrap();
    for forged in [
        without.to_owned(),
        format!("{without}&iss=https%3A%2F%2Fautre.exemple"),
        format!("{back}%2F"),
        format!("{back}&iss=x"),
    ] {
        refused(&b.get(&forged).await.expect(400));
    }
    assert_eq!(fake.counts().token, asked);
    b.get(&back).await.expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_unknown_keys_asks_for_keys_once_a_minute() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    let id = identity(&t, &fake, false);
    let mut b = bound(&id, &fake).await;
    let before = fake.counts();
    id.site.clock.advance(TimeDelta::minutes(2));
    fake.plan(|p| p.id_header = json!({ "kid": "inconnue" }));
    for _ in 0..15 {
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        refused(&b.get(&back).await);
    }
    assert_eq!(fake.counts().jwks - before.jwks, 1, "{:?}", fake.counts());
    // A real change of keys is found a minute later.
    fake.plan(|p| {
        p.id_header = json!({});
        p.id_signature = Signature::Stranger;
        p.ui_signature = Signature::Stranger;
    });
    let stranger = fake.stranger_jwk("k2");
    fake.plan(|p| {
        p.id_header = json!({ "kid": "k2" });
        p.ui_header = json!({ "kid": "k2" });
        p.keys.push(stranger);
    });
    id.site.clock.advance(TimeDelta::minutes(2));
    let back = go(&mut b, &fake, "/connexion/proconnect").await;
    b.get(&back).await.expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_for_other_uses_sign_nothing() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    let id = identity(&t, &fake, false);
    let mut b = bound(&id, &fake).await;
    for (field, value) in [("use", "enc"), ("alg", "ES384")] {
        let mut key = fake.stranger_jwk("k9");
        key[field] = json!(value);
        fake.plan(|p| {
            p.keys.truncate(1);
            p.keys.push(key);
            p.id_header = json!({ "kid": "k9" });
            p.id_signature = Signature::Stranger;
        });
        id.site.clock.advance(TimeDelta::hours(2));
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        refused(&b.get(&back).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_good_copy_serves_while_the_provider_is_away_or_poisoned() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    // Away from the beginning: a page that says so, and no storm.
    fake.plan(|p| p.down = true);
    let id = identity(&t, &fake, false);
    let mut b = browser(&id);
    for _ in 0..5 {
        b.get("/connexion/proconnect").await.expect(502).says("ProConnect ne répond pas");
    }
    assert_eq!(fake.counts().discovery, 1);
    fake.plan(|p| p.down = false);
    id.site.clock.advance(TimeDelta::minutes(2));
    let mut b = bound(&id, &fake).await;
    // Then poisoned in every way, then away: the copy serves on.
    for poison in [
        json!({ "issuer": "https://autre.exemple" }),
        json!({ "token_endpoint": "https://autre.exemple/token" }),
        json!({ "jwks_uri": "http://169.254.169.254/latest" }),
        json!({ "userinfo_endpoint": "file:///etc/passwd" }),
        json!({ "authorization_endpoint": "http://127.0.0.1:1/authorize" }),
        json!({ "end_session_endpoint": "https://autre.exemple/out" }),
        json!({ "userinfo_endpoint": null }),
    ] {
        fake.plan(|p| p.discovery = poison.clone());
        id.site.clock.advance(TimeDelta::hours(2));
        let before = fake.counts().discovery;
        let back = go(&mut b, &fake, "/connexion/proconnect").await;
        b.get(&back).await.expect(303);
        assert!(fake.counts().discovery > before, "{poison}: it was asked again");
        b.post("/deconnexion", &[]).await.expect(200);
    }
    fake.plan(|p| p.down = true);
    id.site.clock.advance(TimeDelta::hours(2));
    let back = go(&mut b, &fake, "/connexion/proconnect").await;
    b.get(&back).await.expect(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_hangs_holds_up_nobody_else() {
    let t = site().await;
    let fake = Fake::start(&t.site.clock).await;
    let id = identity(&t, &fake, false);
    let mut b = bound(&id, &fake).await;
    fake.plan(|p| p.token_wait = std::time::Duration::from_secs(30));
    let back = go(&mut b, &fake, "/connexion/proconnect").await;
    let mut other = browser(&id);
    let waiting = async {
        refused(&b.get(&back).await.expect(502).says("ne répond pas"));
    };
    let meanwhile = async {
        for _ in 0..20 {
            other.get("/connexion").await.expect(200);
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(8), async { tokio::join!(waiting, meanwhile) })
        .await
        .expect("given up after five seconds");
}
