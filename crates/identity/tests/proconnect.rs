//! The ProConnect client against a certified provider of another hand (npm `oidc-provider`), started
//! by the test. `make test` installs it; without it, or without Node, the test says so and passes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it omits"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use identity::{Identity, Invitation};
use kernel::{Chance, Clock, Email, Perimetre, Role};
use platform::Mode;
use platform::db::Migrations;
use testkit::{Browser, TestSite};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

fn migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all
}

struct Provider {
    issuer: String,
    _child: Child,
}

impl Provider {
    async fn start(id_alg: &str, userinfo_alg: Option<&str>) -> Option<Self> {
        Self::start_with(id_alg, userinfo_alg, serde_json::json!({})).await
    }

    /// The same, whose client proves who it is in another way: `auth`, `clientKeys`.
    async fn start_with(id_alg: &str, userinfo_alg: Option<&str>, client: serde_json::Value) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pair");
        if !folder.join("node_modules/oidc-provider").exists() {
            eprintln!("oidc-provider absent : test omis (npm ci dans crates/identity/tests/pair).");
            return None;
        }
        let mut wanted = serde_json::json!({
            "idAlg": id_alg, "userinfoAlg": userinfo_alg,
            "redirect": "http://localhost:8080/connexion/retour",
            "afterLogout": "http://localhost:8080/deconnexion/retour",
        });
        for (name, value) in client.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        let started = Command::new("node")
            .arg("op.mjs")
            .arg(wanted.to_string())
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut child) = started else {
            eprintln!("Node absent : test omis.");
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = loop {
            let line = lines.next_line().await.unwrap().expect("the provider says where it listens");
            if let Some(issuer) = serde_json::from_str::<serde_json::Value>(&line)
                .ok()
                .and_then(|v| v["issuer"].as_str().map(str::to_owned))
            {
                break issuer;
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some(Self { issuer, _child: child })
    }
}

fn site(t: &TestSite, provider: &Provider, alg: &str, mfa: bool) -> Identity {
    site_with(t, provider, (alg, mfa), |_| ())
}

fn site_with(
    t: &TestSite,
    provider: &Provider,
    (alg, mfa): (&str, bool),
    change: impl FnOnce(&mut platform::config::ProConnect),
) -> Identity {
    let mut config = (*t.site.config).clone();
    config.proconnect.emetteur = Some(provider.issuer.clone());
    config.proconnect.client_id = Some("maillage-essai".to_owned());
    config.proconnect.client_secret = Some("un-secret-d-essai-de-plus-de-trente-deux-signes".to_owned());
    config.proconnect.algorithme = Some(alg.to_owned());
    config.proconnect.mfa = mfa;
    change(&mut config.proconnect);
    // The provider has the machine's clock.
    let site = platform::Site::new(t.site.db.clone(), Clock::System, Chance::System, config, Mode::Serve);
    Identity::new(&site)
}

fn browser(id: &Identity, t: &TestSite) -> Browser {
    Browser::new(platform::web::finish(&t.site, id.routes(), Vec::new(), id.layer()).router)
}

/// The part of the person's browser that is at the provider: cookies, one request at a time.
struct There {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl There {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { http, cookies: BTreeMap::new() }
    }

    /// Status, where it redirects to, body.
    async fn get(&mut self, url: &str) -> (u16, String, String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let answer = self.http.get(url).header("cookie", cookies.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (k, v) = pair.split_once('=').unwrap();
            self.cookies.insert(k.to_owned(), v.to_owned());
        }
        let location = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default(), answer.text().await.unwrap())
    }

    /// Follows the provider from the address of departure to the one of return; `choice` is what the
    /// person does on its page.
    async fn through(&mut self, provider: &Provider, away: &str, choice: &str) -> String {
        let origin = provider.issuer.trim_end_matches("/api/v2");
        let mut url = away.to_owned();
        for _ in 0..8 {
            let (status, location, body) = self.get(&url).await;
            assert!((302..=303).contains(&status), "{status} at {url}: {body}");
            if let Some(back) = location.strip_prefix("http://localhost:8080") {
                return back.to_owned();
            }
            url = if location.starts_with('/') { format!("{origin}{location}") } else { location };
            if url.contains("/interaction/") {
                url = format!("{url}?{choice}");
            }
        }
        panic!("the provider never came back");
    }
}

async fn invitation(id: &Identity, t: &TestSite, courriel: &str) -> String {
    let _ = id;
    let site = platform::Site::new(
        t.site.db.clone(),
        Clock::System,
        Chance::System,
        (*t.site.config).clone(),
        Mode::Serve,
    );
    let invitation = Invitation {
        courriel: Email::parse(courriel).unwrap(),
        nom: "Agent Inventé".to_owned(),
        role: Role::Lecteur,
        perimetre: Perimetre::National,
        fin: None,
    };
    let done = identity::invite_from_install(&site, &invitation).await.unwrap();
    format!("/invitation/{}", done.lien.unwrap().expose())
}

async fn whole_journey(t: TestSite, alg: &str) {
    let Some(provider) = Provider::start(alg, Some(alg)).await else { return };
    let id = site(&t, &provider, alg, true);
    let (mut b, mut there) = (browser(&id, &t), There::new());
    let link = invitation(&id, &t, "agent@exemple.fr").await;
    let away = b.get(&format!("{link}/proconnect")).await.expect(303).location().to_owned();
    let back = there.through(&provider, &away, "compte=agent").await;
    assert!(back.contains("&iss="), "the provider announces its iss: {back}");
    b.get(&back).await.expect(303);
    b.get("/compte").await.expect(200).says("ProConnect, lié le");
    // The same return again.
    b.get(&back).await.expect(400);

    // A fresh proof: the provider asks again although it knows the person, and says when they answered. Not somebody else's.
    let preuve = "/compte/preuve/proconnect?retour=%2Fcompte%2Fsecours";
    let away = b.get(preuve).await.expect(303).location().to_owned();
    let back = there.through(&provider, &away, "compte=agent").await;
    assert_eq!(b.get(&back).await.expect(303).location(), "/compte/secours");
    let away = b.get(preuve).await.expect(303).location().to_owned();
    let back = There::new().through(&provider, &away, "compte=successeur").await;
    b.get(&back).await.expect(403).says("n’est pas celle qui est liée à votre compte");

    // Out, here and there: the provider accepts the token as a hint and the address to come back to.
    let out = b.post("/deconnexion", &[]).await.expect(200);
    let start = out.body.find("content=\"0;url=").unwrap() + "content=\"0;url=".len();
    let end = out.body[start..].find('"').unwrap();
    let url = out.body[start..start + end].replace("&#38;", "&").replace("&amp;", "&");
    let (status, _, body) = there.get(&url).await;
    assert_eq!(status, 200, "{body}");
    assert!(!body.contains("invalid_request"), "{body}");
    b.get("/compte").await.expect(303);

    // In again; then somebody else with the same address; then somebody who gives up.
    let away = b.get("/connexion/proconnect?retour=%2Fcompte").await.expect(303).location().to_owned();
    let back = There::new().through(&provider, &away, "compte=agent&acr=eidas2").await;
    b.get(&back).await.expect(303);
    b.get("/compte").await.expect(200);
    b.post("/deconnexion", &[]).await.expect(200);
    let away = b.get("/connexion/proconnect").await.expect(303).location().to_owned();
    let back = There::new().through(&provider, &away, "compte=successeur").await;
    b.get(&back).await.expect(403).says("n’est liée à aucun compte");
    let away = b.get("/connexion/proconnect").await.expect(303).location().to_owned();
    let back = There::new().through(&provider, &away, "refus=access_denied").await;
    b.get(&back).await.expect(403).says("ProConnect n’a pas abouti");
    b.get("/compte").await.expect(303);
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn the_whole_journey_signed_es256(t: TestSite) {
        whole_journey(t, "ES256").await;
    }

    async fn the_whole_journey_signed_rs256(t: TestSite) {
        whole_journey(t, "RS256").await;
    }
}

/// A key as an operator keeps it, and its public half.
fn key() -> (String, serde_json::Value) {
    use base64::Engine;
    let (key, bytes) = oidc::jose::SigningKey::generate(oidc::jose::Alg::Es256).unwrap();
    let body = base64::engine::general_purpose::STANDARD.encode(bytes.expose());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    (pem, serde_json::json!({ "keys": [key.jwk().unwrap()] }))
}

/// Without a secret that travels: our key signs, and the provider reads its public half from us. Another key is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_we_are_is_proved_by_a_key() {
    let (pem, public) = key();
    for (used, status) in [(pem.clone(), 303), (key().0, 400)] {
        let t = TestSite::sqlite(migrations()).await;
        let client = serde_json::json!({ "auth": "private_key_jwt", "clientKeys": public });
        let Some(provider) = Provider::start_with("ES256", Some("ES256"), client).await else { return };
        let id = site_with(&t, &provider, ("ES256", true), |p| {
            p.authentification = Some("private_key_jwt".to_owned());
            p.cle_privee = Some(used.clone());
            p.client_secret = None;
        });
        let mut b = browser(&id, &t);
        let shown = b.get("/connexion/proconnect/jwks").await.expect(200);
        assert_eq!(shown.json() == public, used == pem);
        assert!(!shown.body.contains("\"d\""), "the public half alone");
        let link = invitation(&id, &t, "agent@exemple.fr").await;
        let away = b.get(&format!("{link}/proconnect")).await.expect(303).location().to_owned();
        let back = There::new().through(&provider, &away, "compte=agent").await;
        b.get(&back).await.expect(status);
    }
}

/// What the discovery document says is believed: nobody is sent where the code could not be exchanged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_that_the_provider_does_not_offer() {
    let t = TestSite::sqlite(migrations()).await;
    let client = serde_json::json!({ "auth": "private_key_jwt", "clientKeys": key().1 });
    let Some(provider) = Provider::start_with("ES256", Some("ES256"), client).await else { return };
    let id = site(&t, &provider, "ES256", false);
    let mut b = browser(&id, &t);
    b.get("/connexion/proconnect").await.expect(502).says("ne sont pas réglés de la même façon");
    b.get("/connexion/proconnect/jwks").await.expect(404);
}

/// The provider signs otherwise than the configuration says, or not at all: refused, even though
/// every signature is good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_signature_than_the_one_configured() {
    for (id_alg, userinfo_alg) in [("RS256", Some("ES256")), ("ES256", Some("RS256")), ("ES256", None)] {
        let t = TestSite::sqlite(migrations()).await;
        let Some(provider) = Provider::start(id_alg, userinfo_alg).await else { return };
        let id = site(&t, &provider, "ES256", false);
        let mut b = browser(&id, &t);
        let link = invitation(&id, &t, "agent@exemple.fr").await;
        let away = b.get(&format!("{link}/proconnect")).await.expect(303).location().to_owned();
        let back = There::new().through(&provider, &away, "compte=agent").await;
        b.get(&back).await.expect(400).says("Connexion refusée");
        b.get("/compte").await.expect(303);
        b.get(&link).await.expect(200);
    }
}

/// A level below the one asked for: the provider refuses, or answers with it and is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_without_a_second_factor() {
    let t = TestSite::sqlite(migrations()).await;
    let Some(provider) = Provider::start("ES256", Some("ES256")).await else { return };
    let id = site(&t, &provider, "ES256", true);
    let mut b = browser(&id, &t);
    let link = invitation(&id, &t, "agent@exemple.fr").await;
    let away = b.get(&format!("{link}/proconnect")).await.expect(303).location().to_owned();
    // Without the claims parameter, as a person who edits the address would send it.
    let (mut url, query) = (url::Url::parse(&away).unwrap(), url::Url::parse(&away).unwrap());
    url.query_pairs_mut().clear().extend_pairs(query.query_pairs().filter(|(k, _)| k != "claims"));
    let back = There::new().through(&provider, url.as_str(), "compte=agent&acr=eidas1").await;
    b.get(&back).await.expect(403).says("deux facteurs");
    b.get("/compte").await.expect(303);
}
