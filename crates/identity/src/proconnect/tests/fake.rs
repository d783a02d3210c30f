//! A small provider that does what it is told: it signs well, or as a forger would.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use kernel::Clock;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) const CLIENT_ID: &str = "maillage-essai";
pub(super) const CLIENT_SECRET: &str = "un-secret-d-essai-de-plus-de-trente-deux-signes";

/// How a text is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signature {
    /// By the key of the provider.
    Good,
    /// By a key that the provider does not have.
    Stranger,
    /// HS256, with the public key as the secret.
    PublicKeyAsSecret,
    /// HS256, with the secret of the client.
    ClientSecret,
    /// Not at all.
    Empty,
    /// Sixty-four zeros.
    Zeros,
}

/// What the provider does; each field is one lie.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) id_header: Value,
    pub(super) id_claims: Value,
    pub(super) id_signature: Signature,
    pub(super) ui_header: Value,
    pub(super) ui_claims: Value,
    pub(super) ui_signature: Signature,
    pub(super) ui_type: &'static str,
    /// The userinfo answers with the id_token.
    pub(super) ui_is_id_token: bool,
    pub(super) discovery: Value,
    pub(super) down: bool,
    pub(super) token_body: Option<String>,
    pub(super) token_redirect: Option<String>,
    pub(super) token_wait: std::time::Duration,
    pub(super) keys: Vec<Value>,
}

#[derive(Default, Debug, Clone)]
pub(super) struct Counts {
    pub(super) discovery: usize,
    pub(super) jwks: usize,
    pub(super) token: usize,
    pub(super) userinfo: usize,
}

pub(super) struct Fake {
    pub(super) issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    clock: Clock,
    key: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    plan: Mutex<Plan>,
    counts: Mutex<Counts>,
    /// (code, nonce, challenge) of flows under way.
    flows: Mutex<Vec<(String, String, String)>>,
}

fn new_key() -> EcdsaKeyPair {
    let rng = SystemRandom::new();
    let doc = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, doc.as_ref(), &rng).unwrap()
}

fn jwk(key: &EcdsaKeyPair, kid: &str) -> Value {
    let point = key.public_key().as_ref();
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65]) })
}

impl Shared {
    fn sign(&self, header: &Value, claims: &Value, how: Signature) -> String {
        let head = B64.encode(header.to_string());
        let body = B64.encode(claims.to_string());
        let text = format!("{head}.{body}");
        let hmac = |secret: &[u8]| {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
            ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        };
        let ecdsa =
            |k: &EcdsaKeyPair| k.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
        let signature = match how {
            Signature::Good => ecdsa(&self.key),
            Signature::Stranger => ecdsa(&self.stranger),
            Signature::PublicKeyAsSecret => hmac(self.key.public_key().as_ref()),
            Signature::ClientSecret => hmac(CLIENT_SECRET.as_bytes()),
            Signature::Empty => Vec::new(),
            Signature::Zeros => vec![0; 64],
        };
        format!("{text}.{}", B64.encode(signature))
    }

    fn merged(&self, mut base: Value, patch: &Value) -> Value {
        for (k, v) in patch.as_object().unwrap() {
            if v.is_null() {
                base.as_object_mut().unwrap().remove(k);
            } else {
                base[k] = v.clone();
            }
        }
        base
    }

    fn id_token(&self, nonce: &str) -> String {
        let plan = self.plan.lock().unwrap().clone();
        let now = self.clock.now().timestamp();
        let claims = json!({ "iss": self.issuer, "aud": CLIENT_ID, "sub": "agent-1", "nonce": nonce,
                             "iat": now, "exp": now + 60, "acr": "eidas1-mfa" });
        let header = self.merged(json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" }), &plan.id_header);
        self.sign(&header, &self.merged(claims, &plan.id_claims), plan.id_signature)
    }
}

impl Fake {
    pub(super) async fn start(clock: &Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/api/v2", listener.local_addr().unwrap());
        let key = new_key();
        let plan = Plan {
            id_header: json!({}),
            id_claims: json!({}),
            id_signature: Signature::Good,
            ui_header: json!({}),
            ui_claims: json!({}),
            ui_signature: Signature::Good,
            ui_type: "application/jwt",
            ui_is_id_token: false,
            discovery: json!({}),
            down: false,
            token_body: None,
            token_redirect: None,
            token_wait: std::time::Duration::ZERO,
            keys: vec![jwk(&key, "k1")],
        };
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            clock: clock.clone(),
            stranger: new_key(),
            key,
            plan: Mutex::new(plan),
            counts: Mutex::default(),
            flows: Mutex::default(),
        });
        let router = Router::new()
            .route("/api/v2/.well-known/openid-configuration", get(discovery))
            .route("/api/v2/jwks", get(jwks))
            .route("/api/v2/token", post(token))
            .route("/api/v2/userinfo", get(userinfo))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, shared }
    }

    /// Changes what the provider does from now on.
    pub(super) fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.shared.plan.lock().unwrap());
    }

    pub(super) fn counts(&self) -> Counts {
        self.shared.counts.lock().unwrap().clone()
    }

    /// A key that only the stranger has, as the provider would publish it.
    pub(super) fn stranger_jwk(&self, kid: &str) -> Value {
        jwk(&self.shared.stranger, kid)
    }

    /// The person agrees: the address to come back to. Checks what every request must have.
    pub(super) fn authorize(&self, away: &str) -> String {
        let url = url::Url::parse(away).unwrap();
        assert!(away.starts_with(&format!("{}/authorize?", self.issuer)), "{away}");
        let q: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(q["response_type"], "code");
        assert_eq!(q["client_id"], CLIENT_ID);
        assert_eq!(q["redirect_uri"], "http://localhost:8080/connexion/retour");
        assert_eq!(q["code_challenge_method"], "S256");
        assert!(q["state"].len() >= 32 && q["nonce"].len() >= 32);
        assert!(q["scope"].split(' ').any(|s| s == "openid"));
        let mut flows = self.shared.flows.lock().unwrap();
        let code = format!("code-{}", flows.len());
        flows.push((code.clone(), q["nonce"].clone(), q["code_challenge"].clone()));
        let iss: String = url::form_urlencoded::byte_serialize(self.issuer.as_bytes()).collect();
        format!("/connexion/retour?code={code}&state={}&iss={iss}", q["state"])
    }
}

async fn discovery(State(s): State<Arc<Shared>>) -> Response {
    s.counts.lock().unwrap().discovery += 1;
    let plan = s.plan.lock().unwrap().clone();
    if plan.down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let at = |p: &str| format!("{}/{p}", s.issuer);
    let document = json!({
        "issuer": s.issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"), "jwks_uri": at("jwks"), "end_session_endpoint": at("session/end"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256"],
        "authorization_response_iss_parameter_supported": true,
    });
    Json(s.merged(document, &plan.discovery)).into_response()
}

async fn jwks(State(s): State<Arc<Shared>>) -> Response {
    s.counts.lock().unwrap().jwks += 1;
    let plan = s.plan.lock().unwrap().clone();
    if plan.down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    Json(json!({ "keys": plan.keys })).into_response()
}

async fn token(State(s): State<Arc<Shared>>, Form(form): Form<Vec<(String, String)>>) -> Response {
    s.counts.lock().unwrap().token += 1;
    let plan = s.plan.lock().unwrap().clone();
    tokio::time::sleep(plan.token_wait).await;
    if let Some(to) = plan.token_redirect {
        return Redirect::temporary(&to).into_response();
    }
    if let Some(body) = plan.token_body {
        return ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    let field = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let flow = s.flows.lock().unwrap().iter().find(|(code, ..)| *code == field("code")).cloned();
    let Some((code, nonce, challenge)) = flow else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let verified = B64.encode(Sha256::digest(field("code_verifier").as_bytes())) == challenge;
    if !verified || field("client_id") != CLIENT_ID || field("client_secret") != CLIENT_SECRET {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    let body = json!({ "access_token": format!("at-{code}"), "token_type": "Bearer", "expires_in": 60,
                       "id_token": s.id_token(&nonce) });
    Json(body).into_response()
}

async fn userinfo(State(s): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    s.counts.lock().unwrap().userinfo += 1;
    let plan = s.plan.lock().unwrap().clone();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !bearer.starts_with("Bearer at-") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let now = s.clock.now().timestamp();
    let claims = json!({ "iss": s.issuer, "aud": CLIENT_ID, "sub": "agent-1", "iat": now, "exp": now + 60,
                         "email": "agent@exemple.fr", "given_name": "Agent", "usual_name": "INVENTÉ",
                         "siret": "11002001300097", "uid": "u1" });
    let header = s.merged(json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" }), &plan.ui_header);
    let claims = s.merged(claims, &plan.ui_claims);
    let body = if plan.ui_type == "application/json" {
        claims.to_string()
    } else if plan.ui_is_id_token {
        s.id_token("whatever")
    } else {
        s.sign(&header, &claims, plan.ui_signature)
    };
    ([(header::CONTENT_TYPE, plan.ui_type)], body).into_response()
}
