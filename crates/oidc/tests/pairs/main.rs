//! The protocol against certified libraries of other hands: `openid-client` 5 (the one of FranceConnect) and 6 as
//! clients of our provider, `oidc-provider` as the provider of our client. `make test` installs them; without them,
//! or without Node, the tests say so and pass.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops at its first surprise, and says what it omits"
)]

mod house;
mod http;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use kernel::{Chance, Clock};
use oidc::client::{
    Callback, Flow, Metadata, Refused, Request, Said, Settings, Tokens, check_id_token, discovery_url,
    logout, read_keys, read_userinfo, userinfo_request,
};
use oidc::jose::{Alg, KeySet, SigningKey};
use oidc::provider::AuthMethod;
use oidc::{Outbound, Secret};
use serde_json::{Value, json};

use house::House;
use http::{Browser, fetch};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pair");
    let there = folder.join("node_modules/openid-client").exists()
        && Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("openid-client ou Node absent : test omis (npm ci dans crates/oidc/tests/pair).");
    }
    there.then_some(folder)
}

fn set(key: &SigningKey) -> Value {
    json!({ "keys": [key.jwk().unwrap()] })
}

/// Every journey of a client: `rp.mjs` walks it, and tells what it saw.
fn journey(version: u8, auth: AuthMethod, id_alg: Alg, userinfo_alg: Option<Alg>) {
    let Some(folder) = folder() else { return };
    let (key, bytes) = SigningKey::generate(Alg::Es256).unwrap();
    let keys = KeySet::parse(set(&key).to_string().as_bytes()).unwrap();
    let issuer = House::start(auth, id_alg, userinfo_alg, Some(keys));
    let wanted = json!({
        "version": version, "issuer": issuer, "auth": auth.name(), "secret": house::SECRET, "idAlg": id_alg.name(),
        "userinfoAlg": userinfo_alg.map(Alg::name), "back": house::BACK, "out": house::OUT,
        "key": STANDARD.encode(bytes.expose()), "kid": key.kid(),
    });
    let out =
        Command::new("node").arg("rp.mjs").arg(wanted.to_string()).current_dir(folder).output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{wanted}\n{told}");
    let saw: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(saw["sub"], "personne-1");
    assert_eq!(saw["given_name"], "Angèle Claire");
    assert_eq!(saw["birthdate"], "1962-00-00");
    assert_eq!(saw["acr"], "eidas1");
    assert_eq!(saw["rep_scope"], json!(["Logement"]));
    assert_eq!(saw["replay"], "invalid_grant");
    assert_eq!(saw["afterReplay"], 401);
    assert_eq!(saw["logout"], format!("{}?state=etat-de-sortie", house::OUT));
    assert_eq!(saw["afterLogout"], 401);
    assert_eq!(saw["refused"], "unmet_authentication_requirements");
    assert_eq!(
        saw["wrongSecret"],
        if auth == AuthMethod::PrivateKeyJwt { Value::Null } else { json!("invalid_client") }
    );
}

#[test]
fn openid_client_5_as_franceconnect_declares_us() {
    for (id_alg, userinfo_alg) in [
        (Alg::Es256, Some(Alg::Es256)),
        (Alg::Rs256, Some(Alg::Rs256)),
        (Alg::Hs256, Some(Alg::Hs256)),
        (Alg::Es256, None),
    ] {
        journey(5, AuthMethod::ClientSecretPost, id_alg, userinfo_alg);
    }
}

#[test]
fn openid_client_5_in_the_other_ways() {
    journey(5, AuthMethod::ClientSecretBasic, Alg::Es256, Some(Alg::Es256));
    journey(5, AuthMethod::PrivateKeyJwt, Alg::Es256, Some(Alg::Es256));
}

#[test]
fn openid_client_6_with_pkce() {
    for auth in [AuthMethod::ClientSecretPost, AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt] {
        journey(6, auth, Alg::Es256, Some(Alg::Es256));
    }
    journey(6, AuthMethod::ClientSecretPost, Alg::Rs256, None);
    // HS256 is left to version 5: version 6 verifies no symmetric signature.
}

/// `oidc-provider`, started by the test.
struct Pair {
    issuer: String,
    child: Child,
}

impl Drop for Pair {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const RETURN: &str = "http://localhost:8080/retour";

impl Pair {
    fn start(wanted: &Value) -> Option<Self> {
        let folder = folder()?;
        let mut command = Command::new("node");
        command.arg("op.mjs").arg(wanted.to_string()).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = loop {
            let line = lines.next().unwrap().unwrap();
            if let Ok(told) = serde_json::from_str::<Value>(&line) {
                break told["issuer"].as_str().unwrap().to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { issuer, child })
    }

    /// Follows the browser to where it comes back; `choice` is what the person does. The query of the return.
    fn through(&self, browser: &mut Browser, away: &str, choice: &str) -> Option<String> {
        let origin = self.issuer.trim_end_matches("/api/v2");
        let mut url = away.to_owned();
        for _ in 0..8 {
            let (answer, location) = browser.get(&url);
            if !(302..=303).contains(&answer.status) {
                return None;
            }
            if let Some(query) = location.strip_prefix(&format!("{RETURN}?")) {
                return Some(query.to_owned());
            }
            url = if location.starts_with('/') { format!("{origin}{location}") } else { location };
            if url.contains("/interaction/") {
                url = format!("{url}?{choice}");
            }
        }
        panic!("the provider never came back")
    }
}

/// Our client, with what it fetched of a pair.
struct Ours {
    settings: Settings,
    metadata: Metadata,
    keys: KeySet,
    key: SigningKey,
}

fn get(url: String) -> oidc::client::Answer {
    fetch(&Request { method: "GET", url, headers: Vec::new(), body: None })
}

impl Ours {
    fn of(pair: &Pair, key: SigningKey, change: impl Fn(&mut Settings)) -> Self {
        let secret = Secret::new("un-secret-d-essai-de-plus-de-trente-deux-signes");
        let mut settings = Settings::franceconnect(&pair.issuer, "maillage-essai", secret, RETURN);
        settings.after_logout = Some("http://localhost:8080/sortie".to_owned());
        change(&mut settings);
        let outbound = Outbound::to(&pair.issuer, true, false).unwrap();
        let metadata = Metadata::read(&get(discovery_url(&pair.issuer)), &settings, &outbound).unwrap();
        let keys = metadata.jwks_uri.clone().map(|url| read_keys(&get(url)).unwrap()).unwrap_or_default();
        Self { settings, metadata, keys, key }
    }

    fn arrive(&self, pair: &Pair, choice: &str) -> Result<(Value, Tokens), Refused> {
        let now: DateTime<Utc> = Clock::System.now();
        let departure = Flow::begin(&self.settings, &self.metadata, &Chance::System, now);
        let back = pair.through(&mut Browser::default(), departure.location.expose(), choice);
        let callback = Callback::read(&back.ok_or(Refused::Away("a page"))?)?;
        let (flow, us) = (&departure.flow, (&self.settings, &self.metadata));
        let code = flow.receive(&callback, us, Some(departure.browser.expose()), now)?;
        let exchange = || flow.exchange(us, &code, Some(&self.key), &Chance::System, Clock::System.now());
        let tokens = Tokens::read(&fetch(&exchange()?))?;
        let now = Clock::System.now();
        let who = check_id_token((&self.settings, flow), &self.keys, None, &tokens, now)?;
        let answer = fetch(&userinfo_request(&self.settings, &self.metadata, &tokens));
        let claims = read_userinfo(&self.settings, (&answer, &who), &self.keys, None, now)?;
        // The same code again, at the end: the provider says no.
        let again = Tokens::read(&fetch(&exchange()?)).err();
        assert_eq!(again, Some(Refused::Said { said: Said::InvalidGrant, reference: None }));
        Ok((Value::Object(claims), tokens))
    }
}

#[test]
fn our_client_of_a_provider_like_franceconnect() {
    for (auth, id_alg, userinfo_alg) in [
        (AuthMethod::ClientSecretPost, Alg::Es256, Some(Alg::Es256)),
        (AuthMethod::ClientSecretPost, Alg::Rs256, Some(Alg::Rs256)),
        (AuthMethod::ClientSecretPost, Alg::Hs256, Some(Alg::Hs256)),
        (AuthMethod::ClientSecretPost, Alg::Es256, None),
        (AuthMethod::ClientSecretBasic, Alg::Es256, Some(Alg::Es256)),
        (AuthMethod::PrivateKeyJwt, Alg::Es256, Some(Alg::Es256)),
    ] {
        let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
        let wanted = json!({
            "auth": auth.name(), "idAlg": id_alg.name(), "userinfoAlg": userinfo_alg.map(Alg::name),
            "back": RETURN, "out": "http://localhost:8080/sortie", "strict": true, "clientKeys": set(&key),
        });
        let Some(pair) = Pair::start(&wanted) else { return };
        let ours = Ours::of(&pair, key, |s| {
            (s.auth, s.id_token_alg, s.userinfo_alg) = (auth, id_alg, userinfo_alg);
        });
        let (claims, tokens) = ours.arrive(&pair, "compte=paris").unwrap_or_else(|e| panic!("{wanted}: {e}"));
        assert_eq!(
            (claims["family_name"].as_str(), claims["birthdate"].as_str()),
            (Some("INVENTÉE"), Some("1962-08-24"))
        );
        let refused = ours.arrive(&pair, "refus=access_denied").unwrap_err();
        assert_eq!(refused, Refused::Said { said: Said::AccessDenied, reference: None });
        assert_eq!(ours.arrive(&pair, "compte=paris&acr=eidas0").unwrap_err(), Refused::Level);
        let out = logout(&ours.settings, &ours.metadata, &tokens.id_token, &Chance::System).unwrap();
        let (answer, _) = Browser::default().get(out.location.expose());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
}

#[test]
fn pkce_where_it_is_taken_and_where_it_is_refused() {
    for (strict, pkce, arrives) in [(true, false, true), (true, true, false), (false, true, true)] {
        let wanted = json!({ "auth": "client_secret_post", "idAlg": "ES256", "userinfoAlg": "ES256", "back": RETURN,
            "out": "http://localhost:8080/sortie", "strict": strict, "clientKeys": { "keys": [] } });
        let Some(pair) = Pair::start(&wanted) else { return };
        let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
        let ours = Ours::of(&pair, key, |s| s.pkce = pkce);
        assert_eq!(ours.arrive(&pair, "compte=paris").is_ok(), arrives, "{strict} {pkce}");
    }
}

/// The provider signs otherwise than we are registered: refused, although every signature is good.
#[test]
fn another_signature_than_the_one_registered() {
    for (id_alg, userinfo_alg) in
        [("RS256", Some("ES256")), ("ES256", Some("RS256")), ("ES256", None), ("HS256", Some("ES256"))]
    {
        let wanted = json!({ "auth": "client_secret_post", "idAlg": id_alg, "userinfoAlg": userinfo_alg, "back": RETURN,
            "out": "http://localhost:8080/sortie", "strict": true, "clientKeys": { "keys": [] } });
        let Some(pair) = Pair::start(&wanted) else { return };
        let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
        let ours = Ours::of(&pair, key, |_| {});
        assert!(matches!(ours.arrive(&pair, "compte=paris"), Err(Refused::Answer(_))), "{id_alg}");
    }
}
