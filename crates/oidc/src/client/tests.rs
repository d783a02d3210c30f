//! The client against a provider that is made to lie: attacks 31 to 54 and 68 to 72.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Chance;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::jose::{self, Alg, KeySet, SigningKey};
use crate::provider::AuthMethod;
use crate::{Claims, Outbound};

const ISSUER: &str = "https://fc.exemple.fr/api/v2";
const SECRET: &str = "un-secret-d-essai-de-plus-de-trente-deux-signes";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn json_answer(value: &Value) -> Answer {
    Answer {
        status: 200,
        content_type: Some("application/json".to_owned()),
        body: value.to_string().into_bytes(),
    }
}

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "jwks_uri": format!("{ISSUER}/jwks"),
        "end_session_endpoint": format!("{ISSUER}/session/end"),
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

/// A sign-in under way, and the keys of the provider that answers.
struct Trip {
    settings: Settings,
    metadata: Metadata,
    key: SigningKey,
    keys: KeySet,
    departure: Departure,
}

impl Trip {
    fn new(settings: Settings) -> Self {
        let metadata = metadata(&document(), &settings).unwrap();
        let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
        let set = json!({ "keys": [key.jwk().unwrap()] });
        let keys = read_keys(&json_answer(&set)).unwrap();
        let departure = Flow::begin(&settings, &metadata, &Chance::seeded(3), now());
        Self { settings, metadata, key, keys, departure }
    }

    fn franceconnect() -> Self {
        Self::new(Settings {
            after_logout: Some("https://aidants.exemple.fr/deconnexion/retour".to_owned()),
            ..Settings::franceconnect(
                ISSUER,
                "aidants",
                Secret::new(SECRET),
                "https://aidants.exemple.fr/retour",
            )
        })
    }

    fn receive(&self, query: &str, browser: Option<&str>, now: DateTime<Utc>) -> Result<Secret, Refused> {
        let callback = Callback::read(query)?;
        self.departure.flow.receive(&callback, (&self.settings, &self.metadata), browser, now)
    }

    fn back(&self, rest: &[(&str, &str)]) -> String {
        let state = [("state", self.departure.flow.state.expose())];
        crate::form::encode(state.into_iter().chain(rest.iter().copied()))
    }

    fn claims(&self) -> Claims {
        let claims = json!({
            "iss": ISSUER, "sub": "abcv1", "aud": "aidants", "exp": later(60).timestamp(), "iat": now().timestamp(),
            "nonce": self.departure.flow.nonce.expose(), "acr": "eidas1", "auth_time": now().timestamp(),
        });
        claims.as_object().cloned().unwrap()
    }

    fn check(&self, changes: Value) -> Result<Identified, Refused> {
        let token = jose::sign(&self.key, "JWT", &changed(self.claims(), &changes)).unwrap();
        self.check_token(token)
    }

    fn check_token(&self, token: String) -> Result<Identified, Refused> {
        let tokens = Tokens { access_token: Secret::new("jeton"), id_token: Secret::new(token) };
        check_id_token((&self.settings, &self.departure.flow), &self.keys, None, &tokens, now())
    }

    fn userinfo(&self, kind: &str, body: &str) -> Result<Claims, Refused> {
        let who = self.check(json!({})).unwrap();
        let answer =
            Answer { status: 200, content_type: Some(kind.to_owned()), body: body.as_bytes().to_vec() };
        read_userinfo(&self.settings, (&answer, &who), &self.keys, None, now())
    }
}

/// These claims, with others in their place; `null` takes one away.
fn changed(mut claims: Claims, changes: &Value) -> Claims {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    claims
}

fn metadata(document: &Value, settings: &Settings) -> Result<Metadata, Refused> {
    let outbound = Outbound::to(&settings.issuer, false, false).unwrap();
    Metadata::read(&json_answer(document), settings, &outbound)
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned())
}

#[test]
fn the_way_we_prove_who_we_are_is_one_that_the_provider_offers() {
    let methods = "token_endpoint_auth_methods_supported";
    let algs = "token_endpoint_auth_signing_alg_values_supported";
    let base = Trip::franceconnect().settings;
    let signs = Settings { auth: AuthMethod::PrivateKeyJwt, secret: None, ..base.clone() };
    let basic = Settings { auth: AuthMethod::ClientSecretBasic, ..base.clone() };
    for (settings, name, list, taken) in [
        (&base, methods, json!(["client_secret_post", "private_key_jwt"]), true),
        (&base, methods, json!(["private_key_jwt"]), false),
        (&basic, methods, json!(["client_secret_post"]), false),
        (&signs, methods, json!(["client_secret_post"]), false),
        (&signs, methods, json!([]), false),
        (&signs, methods, json!(["private_key_jwt"]), true),
        (&signs, algs, json!(["ES256", "RS256"]), true),
        (&signs, algs, json!(["PS256"]), false),
        (&base, algs, json!(["PS256"]), true),
    ] {
        let mut document = document();
        document[name] = list.clone();
        let read = metadata(&document, settings);
        assert_eq!(read.is_ok(), taken, "{:?} {name} {list}", settings.auth);
        if let Err(refused) = read {
            assert!(matches!(refused, Refused::Settings(_)), "{refused}");
            assert!(refused.conseil("FranceConnect").contains("réglés de la même façon"));
            assert!(settings.auth_alg.name() == "ES256" && !refused.to_string().is_empty());
        }
    }
}

#[test]
fn what_franceconnect_and_proconnect_are_asked() {
    let trip = Trip::franceconnect();
    let location = trip.departure.location.expose();
    let names: Vec<String> =
        url::Url::parse(location).unwrap().query_pairs().map(|(k, _)| k.into_owned()).collect();
    // Anything else than these is a refusal of the whole request (section 2.2).
    let taken = [
        "client_id",
        "acr_values",
        "claims",
        "response_type",
        "nonce",
        "state",
        "redirect_uri",
        "scope",
        "prompt",
    ];
    assert!(names.iter().all(|n| taken.contains(&n.as_str())), "{names:?}");
    assert_eq!(parameter(location, "acr_values").as_deref(), Some("eidas1"));
    assert!(parameter(location, "nonce").unwrap().len() >= 22);
    assert_eq!(trip.departure.flow.verifier, None);

    let settings =
        Settings::proconnect(ISSUER, "agents", Secret::new(SECRET), "https://a.exemple.fr/retour", true);
    let trip = Trip::new(settings);
    let location = trip.departure.location.expose();
    assert_eq!(parameter(location, "code_challenge_method").as_deref(), Some("S256"));
    let verifier = trip.departure.flow.verifier.as_ref().unwrap();
    assert_eq!(parameter(location, "code_challenge"), Some(crate::secret::sha256_b64(verifier.expose())));
    assert!(parameter(location, "claims").unwrap().contains(r#""essential":true"#));
    assert!(!location.contains(verifier.expose()) && !location.contains(trip.departure.browser.expose()));
}

#[test]
fn attacks_43_and_44_returns_of_another_browser_time_or_state() {
    let trip = Trip::franceconnect();
    let browser = Some(trip.departure.browser.expose());
    let good = trip.back(&[("code", "abc"), ("iss", ISSUER)]);
    assert_eq!(trip.receive(&good, browser, later(599)), Ok(Secret::new("abc")));
    let other = Trip::new(trip.settings.clone());
    let another = Flow::begin(&trip.settings, &trip.metadata, &Chance::seeded(4), now());
    for (query, browser, now, why) in [
        (good.clone(), None, now(), "another browser"),
        (good.clone(), Some(""), now(), "another browser"),
        (good.clone(), Some(another.browser.expose()), now(), "another browser"),
        (good.clone(), Some(other.departure.flow.browser.as_str()), now(), "another browser"),
        (format!("code=abc&iss={ISSUER}"), browser, now(), "another state"),
        (format!("code=abc&state=&iss={ISSUER}"), browser, now(), "another state"),
        (
            format!("code=abc&state={}&iss={ISSUER}", another.flow.state.expose()),
            browser,
            now(),
            "another state",
        ),
        (good.clone(), browser, later(600), "too late"),
        (trip.back(&[("iss", ISSUER)]), browser, now(), "neither a code nor an error"),
        (trip.back(&[("iss", ISSUER), ("code", "a"), ("error", "b")]), browser, now(), "a code and an error"),
        (format!("{good}&code=evil"), browser, now(), "parameters that are not read"),
        (format!("{good}&state=evil"), browser, now(), "parameters that are not read"),
    ] {
        assert_eq!(trip.receive(&query, browser, now), Err(Refused::Return(why)), "{query}");
    }
}

#[test]
fn attack_45_mix_up() {
    let trip = Trip::franceconnect();
    let browser = Some(trip.departure.browser.expose());
    let without = trip.back(&[("code", "abc")]);
    for (query, why) in [
        (
            trip.back(&[("code", "abc"), ("iss", "https://pc.exemple.fr/api/v2")]),
            "the iss of another provider",
        ),
        (
            trip.back(&[("code", "abc"), ("iss", "https://fc.exemple.fr/api/v2/")]),
            "the iss of another provider",
        ),
        (
            trip.back(&[("error", "access_denied"), ("iss", "https://pc.exemple.fr")]),
            "the iss of another provider",
        ),
        (without.clone(), "no iss although it is announced"),
    ] {
        assert_eq!(trip.receive(&query, browser, now()), Err(Refused::Return(why)));
    }
    let mut silent = Trip::franceconnect();
    silent.metadata.iss_announced = false;
    assert!(silent.receive(&without, Some(silent.departure.browser.expose()), now()).is_ok());
    // The flow of one provider, received on the route of another.
    let other = Settings { issuer: "https://pc.exemple.fr/api/v2".to_owned(), ..trip.settings.clone() };
    let callback = Callback::read(&without).unwrap();
    let verdict = trip.departure.flow.receive(&callback, (&other, &trip.metadata), browser, now());
    assert_eq!(verdict, Err(Refused::Return("begun with another provider")));
}

#[test]
fn attacks_40_46_47_and_49_claims_of_the_id_token() {
    let trip = Trip::franceconnect();
    let hash = jose::at_hash("jeton");
    for good in [
        json!({}),
        json!({ "aud": ["aidants"] }),
        json!({ "azp": "aidants" }),
        json!({ "at_hash": hash }),
        json!({ "exp": later(-59).timestamp() }),
        json!({ "exp": later(60).timestamp() as f64 + 0.5 }),
        json!({ "iat": later(60).timestamp() }),
        json!({ "amr": ["pwd", "otp"] }),
        json!({ "amr": "pwd" }),
        json!({ "auth_time": null }),
    ] {
        assert_eq!(trip.check(good.clone()).map(|w| w.subject), Ok("abcv1".to_owned()), "{good}");
    }
    for (bad, why) in [
        (json!({ "iss": format!("{ISSUER}/") }), "id_token: another issuer"),
        (json!({ "iss": "https://pc.exemple.fr/api/v2" }), "id_token: another issuer"),
        (json!({ "iss": null }), "id_token: another issuer"),
        (json!({ "aud": "agents" }), "id_token: another audience"),
        (json!({ "aud": ["aidants", "autre"] }), "id_token: another audience"),
        (json!({ "aud": [] }), "id_token: another audience"),
        (json!({ "aud": ["aidants", 1] }), "id_token: another audience"),
        (json!({ "aud": null }), "id_token: another audience"),
        (json!({ "azp": "autre" }), "id_token: another audience"),
        (json!({ "azp": ["aidants"] }), "id_token: another audience"),
        (json!({ "exp": later(-60).timestamp() }), "id_token: expired, or of the future"),
        (json!({ "iat": later(61).timestamp() }), "id_token: expired, or of the future"),
        (json!({ "exp": null }), "id_token: without its dates"),
        (json!({ "iat": null }), "id_token: without its dates"),
        (json!({ "exp": "1900000000" }), "id_token: a date that is none"),
        (json!({ "exp": 1e300 }), "id_token: a date that is none"),
        (json!({ "nbf": later(61).timestamp() }), "id_token: not yet valid"),
        (json!({ "nbf": "x" }), "id_token: a date that is none"),
        (json!({ "nonce": null }), "id_token: another nonce"),
        (json!({ "nonce": "" }), "id_token: another nonce"),
        (json!({ "nonce": "0".repeat(64) }), "id_token: another nonce"),
        (json!({ "at_hash": "AAAA" }), "id_token: at_hash"),
        (json!({ "at_hash": 1 }), "id_token: at_hash"),
        (json!({ "sub": null }), "id_token: no usable subject"),
        (json!({ "sub": "" }), "id_token: no usable subject"),
        (json!({ "sub": 7 }), "id_token: no usable subject"),
        (json!({ "sub": "a".repeat(256) }), "id_token: no usable subject"),
        (json!({ "sub": "é" }), "id_token: no usable subject"),
    ] {
        assert_eq!(trip.check(bad.clone()).err(), Some(Refused::Answer(why)), "{bad}");
    }
}

#[test]
fn attack_50_levels() {
    let trip = Trip::franceconnect();
    for acr in [json!("eidas0"), json!("eidas3"), json!(null), json!(["eidas1"]), json!("EIDAS1")] {
        assert_eq!(trip.check(json!({ "acr": acr })).err(), Some(Refused::Level), "{acr}");
    }
    let settings =
        Settings::proconnect(ISSUER, "aidants", Secret::new(SECRET), "https://a.exemple.fr/r", true);
    let trip = Trip::new(settings);
    for (acr, enough) in [("eidas1-mfa", true), ("eidas2", true), ("eidas0", false), ("eidas1", false)] {
        assert_eq!(trip.check(json!({ "acr": acr })).is_ok(), enough, "{acr}");
    }
    let old = Settings { max_age: Some(300), ..trip.settings.clone() };
    let trip = Trip::new(old);
    for (at, good) in [
        (json!(later(-359).timestamp()), true),
        (json!(later(-361).timestamp()), false),
        (json!(null), false),
    ] {
        assert_eq!(trip.check(json!({ "auth_time": at, "acr": "eidas2" })).is_ok(), good, "{at}");
    }
}

#[test]
fn attacks_31_32_and_36_signatures_of_others() {
    let trip = Trip::franceconnect();
    let (stranger, _) = SigningKey::generate(Alg::Es256).unwrap();
    let (rsa, _) = SigningKey::generate(Alg::Rs256).unwrap();
    let ours = SigningKey::from_secret(SECRET).unwrap();
    let sign = |key: &SigningKey| jose::sign(key, "JWT", &trip.claims()).unwrap();
    assert_eq!(trip.check_token(sign(&stranger)).err(), Some(Refused::UnknownKey));
    let algorithm = Some(Refused::Answer("another algorithm than the one agreed"));
    assert_eq!(trip.check_token(sign(&rsa)).err(), algorithm);
    assert_eq!(trip.check_token(sign(&ours)).err(), algorithm);
    assert_eq!(
        trip.check_token("a.b.c.d.e".to_owned()).err(),
        Some(Refused::Answer("an encrypted token, which was not agreed"))
    );
    // A provider declared in HS256 signs with our secret, and with nothing else.
    let symmetric = Settings { id_token_alg: Alg::Hs256, ..trip.settings.clone() };
    let trip = Trip { settings: symmetric, ..trip };
    let signed = jose::sign(&ours, "JWT", &trip.claims()).unwrap();
    assert!(trip.check_token(signed).is_ok());
    let es = jose::sign(&trip.key, "JWT", &trip.claims()).unwrap();
    assert!(trip.check_token(es).is_err());
}

#[test]
fn attacks_40_and_48_the_userinfo() {
    let trip = Trip::franceconnect();
    let claims = json!({
        "iss": ISSUER, "aud": "aidants", "sub": "abcv1", "iat": now().timestamp(), "exp": later(60).timestamp(),
        "given_name": "Angèle",
    });
    let claims = claims.as_object().cloned().unwrap();
    let signed = |changes: Value| jose::sign(&trip.key, "JWT", &changed(claims.clone(), &changes)).unwrap();
    let jwt = "application/jwt; charset=utf-8";
    assert_eq!(trip.userinfo(jwt, &signed(json!({}))).map(|c| c["given_name"].clone()), Ok(json!("Angèle")));
    assert!(trip.userinfo(jwt, &format!("{}\n", signed(json!({ "exp": null, "aud": ["aidants"] })))).is_ok());
    for changes in [
        json!({ "sub": "autre" }),
        json!({ "sub": null }),
        json!({ "iss": "https://pc.exemple.fr" }),
        json!({ "iss": null }),
        json!({ "aud": "autre" }),
        json!({ "aud": ["aidants", "autre"] }),
        json!({ "aud": null }),
        json!({ "exp": later(-61).timestamp() }),
        json!({ "exp": "x" }),
        json!({ "nonce": "x" }),
        json!({ "at_hash": "x" }),
    ] {
        assert!(matches!(trip.userinfo(jwt, &signed(changes.clone())), Err(Refused::Answer(_))), "{changes}");
    }
    // An id_token in its place; an identity that nobody signed; a signed one under another name.
    let id_token = jose::sign(&trip.key, "JWT", &trip.claims()).unwrap();
    assert!(trip.userinfo(jwt, &id_token).is_err());
    let plain = Value::Object(claims.clone()).to_string();
    for (kind, body) in [
        ("application/json", plain.as_str()),
        (jwt, &plain),
        ("application/json", &signed(json!({}))),
        ("text/html", "<p>"),
        ("", ""),
    ] {
        assert!(matches!(trip.userinfo(kind, body), Err(Refused::Answer(_))), "{kind}");
    }
    let unsigned = Trip::new(Settings { userinfo_alg: None, ..trip.settings.clone() });
    assert!(unsigned.userinfo("application/json", &plain).is_ok());
    assert!(unsigned.userinfo("application/json", r#"{"sub":"abcv1","sub":"abcv1"}"#).is_err());
    assert!(unsigned.userinfo("application/json", r#"{"sub":"autre"}"#).is_err());
}

#[test]
fn attack_69_discovery_documents_that_lie() {
    let settings = Trip::franceconnect().settings;
    let with = |changes: Value| {
        let document = changed(document().as_object().cloned().unwrap(), &changes);
        metadata(&Value::Object(document), &settings)
    };
    assert!(with(json!({})).is_ok());
    assert!(with(json!({ "end_session_endpoint": null, "response_types_supported": null })).is_ok());
    for changes in [
        json!({ "issuer": "https://evil.example" }),
        json!({ "issuer": format!("{ISSUER}/") }),
        json!({ "issuer": null }),
        json!({ "token_endpoint": "https://evil.example/token" }),
        json!({ "token_endpoint": "http://fc.exemple.fr/token" }),
        json!({ "token_endpoint": "https://fc.exemple.fr:8443/token" }),
        json!({ "token_endpoint": null }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "userinfo_endpoint": ["https://fc.exemple.fr/userinfo"] }),
        json!({ "jwks_uri": "http://169.254.169.254/latest" }),
        json!({ "jwks_uri": "https://127.0.0.1/jwks" }),
        json!({ "jwks_uri": "file:///etc/passwd" }),
        json!({ "jwks_uri": null }),
        json!({ "end_session_endpoint": "https://evil.example/fin" }),
        json!({ "response_types_supported": ["token"] }),
        json!({ "id_token_signing_alg_values_supported": ["none"] }),
    ] {
        assert!(matches!(with(changes.clone()), Err(Refused::Answer(_))), "{changes}");
    }
    let pkce = Settings { pkce: true, ..settings.clone() };
    let mut document = document();
    document["code_challenge_methods_supported"] = json!(["plain"]);
    assert!(metadata(&document, &pkce).is_err() && metadata(&document, &settings).is_ok());
    assert_eq!(discovery_url(ISSUER), format!("{ISSUER}/.well-known/openid-configuration"));
}

#[test]
fn answers_that_are_none() {
    let html = |status| Answer { status, content_type: Some("text/html".to_owned()), body: b"<p>".to_vec() };
    let outbound = Outbound::to(ISSUER, false, false).unwrap();
    let settings = Trip::franceconnect().settings;
    for status in [200, 204, 301, 302, 400, 404, 500, 503] {
        assert!(Metadata::read(&html(status), &settings, &outbound).is_err());
        assert!(read_keys(&html(status)).is_err());
        assert!(Tokens::read(&html(status)).is_err());
    }
    assert_eq!(Tokens::read(&html(302)).err(), Some(Refused::Away("it redirects")));
    assert_eq!(Tokens::read(&html(503)).err(), Some(Refused::Away("it is out of order")));
    assert!(read_keys(&json_answer(&json!({ "keys": [] }))).is_err());
    let fine =
        json!({ "access_token": "a", "token_type": "bearer", "id_token": "b.c.d", "refresh_token": "r" });
    assert!(Tokens::read(&json_answer(&fine)).is_ok());
    for changes in [
        json!({ "access_token": null }),
        json!({ "access_token": "" }),
        json!({ "access_token": "a\nb" }),
        json!({ "access_token": "é" }),
        json!({ "access_token": ["a"] }),
        json!({ "id_token": null }),
        json!({ "id_token": "a".repeat(200_000) }),
        json!({ "token_type": "mac" }),
        json!({ "token_type": null }),
    ] {
        let answer = json_answer(&Value::Object(changed(fine.as_object().cloned().unwrap(), &changes)));
        assert!(matches!(Tokens::read(&answer), Err(Refused::Answer(_))), "{changes}");
    }
    for body in ["", "{", "[]", "null", r#"{"access_token":"a","access_token":"b"}"#] {
        let answer = Answer { body: body.as_bytes().to_vec(), ..json_answer(&fine) };
        assert!(Tokens::read(&answer).is_err(), "{body}");
    }
    let heavy = Answer { body: vec![b' '; Answer::LONGEST + 1], ..json_answer(&fine) };
    assert!(Tokens::read(&heavy).is_err() && read_keys(&heavy).is_err());
}

#[test]
fn refusals_of_the_provider_become_advice() {
    let trip = Trip::franceconnect();
    let browser = Some(trip.departure.browser.expose());
    for (error, said) in [
        ("access_denied", Said::AccessDenied),
        ("invalid_acr", Said::Level),
        ("login_required", Said::LoginRequired),
        ("temporarily_unavailable", Said::Unavailable),
        ("server_error", Said::ServerError),
        ("invalid_scope", Said::OurFault),
        ("invalid_idp_hint", Said::OurFault),
        ("<script>", Said::Other),
    ] {
        let query = trip.back(&[("error", error), ("error_description", "\"><script>"), ("iss", ISSUER)]);
        let refused = trip.receive(&query, browser, now()).unwrap_err();
        assert_eq!(refused, Refused::Said { said, reference: None }, "{error}");
        let advice = refused.conseil("FranceConnect");
        assert!(
            advice.contains("FranceConnect") && !advice.contains('<') && !advice.contains('\''),
            "{advice}"
        );
    }
    // What FranceConnect's support asks for, and nothing else of what the address carries.
    let body = json!({
        "error": "invalid_grant",
        "error_uri": "https://docs.exemple.fr/erreurs?code=Y000400&id=6b3e-41&x=<b>",
    });
    let answer = Answer { status: 400, ..json_answer(&body) };
    let expected = Refused::Said { said: Said::InvalidGrant, reference: Some("Y000400 6b3e-41".to_owned()) };
    assert_eq!(Tokens::read(&answer).err(), Some(expected));
    for refused in
        [Refused::Return("x"), Refused::Answer("x"), Refused::Level, Refused::UnknownKey, Refused::Away("x")]
    {
        assert!(refused.conseil("ProConnect").contains("ecommence"));
    }
}

#[test]
fn each_way_to_prove_who_we_are() {
    let trip = Trip::franceconnect();
    let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
    let exchange = |settings: &Settings, key: Option<&SigningKey>| {
        let code = Secret::new("c&d");
        trip.departure.flow.exchange((settings, &trip.metadata), &code, key, &Chance::seeded(1), now())
    };
    let post = exchange(&trip.settings, None).unwrap();
    let body = post.body.unwrap().expose().to_owned();
    assert!(body.contains("code=c%26d") && body.contains(&format!("client_secret={SECRET}")), "{body}");
    assert_eq!((post.method, post.url.as_str()), ("POST", "https://fc.exemple.fr/api/v2/token"));
    let basic = Settings { auth: AuthMethod::ClientSecretBasic, ..trip.settings.clone() };
    let request = exchange(&basic, None).unwrap();
    assert!(request.headers.iter().any(|(k, v)| *k == "authorization" && v.expose().starts_with("Basic ")));
    assert!(!request.body.unwrap().expose().contains(SECRET));
    let signing = Settings { auth: AuthMethod::PrivateKeyJwt, secret: None, ..trip.settings.clone() };
    assert!(exchange(&signing, Some(&key)).unwrap().body.unwrap().expose().contains("client_assertion="));
    assert!(exchange(&signing, None).is_err());
    assert!(exchange(&Settings { secret: None, ..basic }, None).is_err());
}

#[test]
fn attack_54_the_return_of_a_log_out() {
    let trip = Trip::franceconnect();
    let id_token = Secret::new("a.b.c");
    let start = logout(&trip.settings, &trip.metadata, &id_token, &Chance::seeded(9)).unwrap();
    let location = start.location.expose();
    assert_eq!(parameter(location, "id_token_hint").as_deref(), Some("a.b.c"));
    assert_eq!(parameter(location, "state").as_deref(), Some(start.state.expose()));
    assert_ne!(start.state, trip.departure.flow.state);
    for (query, fine) in [
        (format!("state={}", start.state.expose()), true),
        ("state=autre".to_owned(), false),
        (String::new(), false),
        (format!("state={0}&state={0}", start.state.expose()), false),
    ] {
        assert_eq!(returns(&query, &start.state), fine, "{query}");
    }
    let without = Metadata { end_session_endpoint: None, ..trip.metadata.clone() };
    assert!(logout(&trip.settings, &without, &id_token, &Chance::seeded(9)).is_none());
}

#[test]
fn attack_37_envelopes_where_they_are_agreed() {
    struct Opens(String);
    impl Opener for Opens {
        fn open(&self, _: &Envelope) -> Result<Vec<u8>, jose::SealError> {
            Ok(self.0.clone().into_bytes())
        }
    }
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let sealing = jose::Sealing { alg: "ECDH-ES".to_owned(), enc: "A256GCM".to_owned() };
    let trip = Trip::new(Settings { sealing: Some(sealing), ..Trip::franceconnect().settings });
    let inside = jose::sign(&trip.key, "JWT", &trip.claims()).unwrap();
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ECDH-ES","enc":"A256GCM","cty":"JWT"}"#);
    let run = |token: String, opener: Option<&dyn Opener>| {
        let tokens = Tokens { access_token: Secret::new("jeton"), id_token: Secret::new(token) };
        check_id_token((&trip.settings, &trip.departure.flow), &trip.keys, opener, &tokens, now())
    };
    let (sealed, good) = (format!("{header}..AAAA.AAAA.AAAA"), Opens(inside.clone()));
    assert!(run(sealed.clone(), Some(&good)).is_ok());
    let refused = Some(Refused::Answer("an envelope that cannot be opened"));
    // Only signed, although an envelope was agreed; nobody to open; opened on something huge.
    assert_eq!(run(inside, Some(&good)).err(), refused);
    assert_eq!(run(sealed.clone(), None).err(), refused);
    assert_eq!(run(sealed, Some(&Opens("a".repeat(1 << 20)))).err(), refused);
}

#[test]
fn attack_75_nothing_shows_itself() {
    let trip = Trip::franceconnect();
    let who = trip.check(json!({})).unwrap();
    let request = trip
        .departure
        .flow
        .exchange((&trip.settings, &trip.metadata), &Secret::new("le-code"), None, &Chance::seeded(1), now())
        .unwrap();
    let shown = format!("{:?} {:?} {who:?} {request:?}", trip.settings, trip.departure);
    for secret in
        [SECRET, "le-code", "abcv1", trip.departure.flow.nonce.expose(), trip.departure.browser.expose()]
    {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #[test]
    fn a_return_is_read_or_refused(query in "[a-z_=&%+0-9]{0,120}|.{0,80}") {
        if let Ok(callback) = Callback::read(&query) {
            let _ = (callback.state(), callback.iss(), callback.code());
        }
        let _ = returns(&query, &Secret::new("a"));
    }

    #[test]
    fn answers_are_read_or_refused(
        status in prop_oneof![Just(200_u16), Just(400), Just(302), any::<u16>()],
        kind in "application/(json|jwt)|.{0,20}",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let settings = Settings::franceconnect(ISSUER, "a", Secret::new(SECRET), "https://a.exemple.fr/r");
        let outbound = Outbound::to(ISSUER, false, false).unwrap();
        let answer = Answer { status, content_type: Some(kind), body };
        prop_assert!(Metadata::read(&answer, &settings, &outbound).is_err());
        prop_assert!(read_keys(&answer).is_err());
        prop_assert!(Tokens::read(&answer).is_err());
    }

    #[test]
    fn documents_are_read_or_refused(text in r#"[\[\]{}",:a-z_/. 0-9]{0,120}"#, name in "[a-z_]{3,30}") {
        let settings = Settings::franceconnect(ISSUER, "a", Secret::new(SECRET), "https://a.exemple.fr/r");
        let mut document = document();
        document[name] = json!(text);
        let _ = metadata(&document, &settings);
        let _ = Refused::of_answer(&Answer { status: 400, body: text.into_bytes(), ..Answer::default() });
    }
}
