//! The provider of `oidc` behind a small server: what `mandats` does with rows, done with maps.

use std::collections::{HashMap, HashSet};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use kernel::{Chance, Clock};
use oidc::jose::{Alg, KeyRing, KeySet, Rotation, SigningKey};
use oidc::provider::{
    Answer, AuthMethod, Client, Code, CodeState, Effect, Jeton, JetonState, LogoutReceived, Provider,
    Received, Refusal, Standing, TokenError, TokenRequest, bearer, by_scope, userinfo,
};
use oidc::{Claims, Pepper, Secret};

use crate::http::{Asked, Given, serve};

pub(crate) const BACK: &str = "https://fc.exemple.fr/api/v2/oidc-callback";
pub(crate) const OUT: &str = "https://fc.exemple.fr/api/v2/client/logout-callback";
pub(crate) const SECRET: &str = "un secret: plus+de%trente&deux=signes, tous permis";

#[derive(Default)]
struct Rows {
    codes: HashMap<String, Code>,
    jetons: HashMap<String, Jeton>,
    assertions: HashSet<String>,
}

/// The provider and its rows.
pub(crate) struct House {
    provider: Provider,
    client: Client,
    ring: KeyRing,
    pepper: Pepper,
    rows: Mutex<Rows>,
}

fn plain(status: u16, content_type: &str, body: String) -> Given {
    let headers = vec![("content-type", content_type.to_owned()), ("cache-control", "no-store".to_owned())];
    Given { status, headers, body }
}

fn to(location: &str) -> Given {
    Given { status: 303, headers: vec![("location", location.to_owned())], body: String::new() }
}

fn refused(error: TokenError) -> Given {
    let mut given = plain(error.status, "application/json", error.body());
    given.headers.extend(error.challenge.map(|c| ("www-authenticate", c.to_owned())));
    given
}

impl House {
    /// Starts it on a free port; gives its issuer. The client has this way to authenticate, and these algorithms.
    pub(crate) fn start(
        auth: AuthMethod,
        id_token_alg: Alg,
        userinfo_alg: Option<Alg>,
        keys: Option<KeySet>,
    ) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://127.0.0.1:{}/oidc", listener.local_addr().unwrap().port());
        let now = Clock::System.now();
        let keyed = [Alg::Es256, Alg::Rs256].map(|alg| (now, SigningKey::generate(alg).unwrap().0));
        let scopes = ["profile", "email", "birth"].map(str::to_owned).to_vec();
        let mut provider = Provider::new(&issuer, true).unwrap();
        provider.scopes.clone_from(&scopes);
        provider.acr = vec!["eidas1".to_owned()];
        let client = Client {
            client_id: "franceconnect".to_owned(),
            redirect_uris: vec![BACK.to_owned()],
            post_logout_redirect_uris: vec![OUT.to_owned()],
            auth: vec![auth],
            secrets: vec![Secret::new(SECRET)],
            keys: keys.map(|keys| (Alg::Es256, keys)),
            id_token_alg,
            userinfo_alg,
            userinfo_sealing: None,
            pkce_required: false,
            nonce_required: true,
            scopes,
            acr: vec!["eidas1".to_owned()],
            acr_binding: true,
            rep_scope: true,
            act: true,
            presence: chrono::TimeDelta::zero(),
            one_use: false,
        };
        assert_eq!(client.check(false), Ok(()));
        let house = Self {
            provider,
            client,
            ring: KeyRing::at(now, &Rotation::default(), keyed.into()),
            pepper: Pepper::new(&Chance::System.bytes::<32>()),
            rows: Mutex::default(),
        };
        serve(listener, Arc::new(move |asked| house.answer(asked)));
        issuer
    }

    fn client(&self, id: Option<&str>) -> Option<&Client> {
        Some(&self.client).filter(|c| id == Some(&c.client_id))
    }

    fn answer(&self, asked: &Asked) -> Given {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/oidc/.well-known/openid-configuration") => {
                let document = self.provider.discovery(&self.ring.algs(), &self.client.auth);
                plain(200, "application/json", document.to_string())
            }
            ("GET", "/oidc/jwks") => plain(200, "application/json", self.ring.jwks().to_string()),
            ("GET", "/oidc/authorize") => self.authorize(&asked.query),
            ("POST", "/oidc/token") => self.token(asked).unwrap_or_else(refused),
            ("GET", "/oidc/userinfo") => self.userinfo(asked),
            ("GET", "/oidc/logout") => self.logout(&asked.query),
            _ => plain(404, "text/plain", String::new()),
        }
    }

    /// The person is chosen at once: the journey through pages is not this test's.
    fn authorize(&self, query: &str) -> Given {
        let now = Clock::System.now();
        let page = |status| plain(status, "text/html", "<p>refus</p>".to_owned());
        let Ok(received) = Received::read(query) else { return page(400) };
        let demande = match received.check(&self.provider, self.client(received.client_id()), now) {
            Ok(demande) => demande,
            Err(Refusal::Page(_)) => return page(400),
            Err(Refusal::Redirect(redirect)) => return to(&redirect.location),
        };
        let answer = Answer {
            subject: "personne-1".to_owned(),
            amr: vec!["hwk".to_owned()],
            auth_time: now,
            rep_scope: vec!["Logement".to_owned()],
            act: None,
        };
        match demande.grant(&self.provider, answer, (&Chance::System, &self.pepper), now) {
            Ok(granted) => {
                self.rows.lock().unwrap().codes.insert(granted.code.digest.clone(), granted.code);
                to(granted.location.expose())
            }
            Err(redirect) => to(&redirect.location),
        }
    }

    fn token(&self, asked: &Asked) -> Result<Given, TokenError> {
        let now = Clock::System.now();
        let header = |name: &str| asked.headers.get(name).map(String::as_str);
        let request = TokenRequest::read(header("content-type"), header("authorization"), &asked.body)?;
        let client = self.client(Some(request.credentials.client_id()));
        let proved = request.credentials.authenticate(&self.provider, client, now)?;
        let client = client.ok_or(TokenError::invalid_client())?;
        let mut rows = self.rows.lock().unwrap();
        if proved.assertion.is_some_and(|a| !rows.assertions.insert(a.jti)) {
            return Err(TokenError::invalid_client());
        }
        let digest = Code::digest(&self.pepper, request.code.expose());
        let code = rows.codes.get_mut(&digest).ok_or(TokenError::invalid_grant())?;
        let verifier = request.verifier.as_ref().map(Secret::expose);
        if let Err(denied) = code.redeem(client, &request.redirect_uri, verifier, Standing::Holds, now) {
            match denied.effect() {
                Effect::Nothing => {}
                Effect::Spend => code.state = CodeState::Spent,
                Effect::Revoke => {
                    code.state = CodeState::Revoked;
                    rows.jetons
                        .values_mut()
                        .filter(|j| j.code == digest)
                        .for_each(|j| j.state = JetonState::Revoked);
                }
            }
            return Err(denied.into());
        }
        code.state = CodeState::Spent;
        let issued = self.provider.issue(client, code, &self.ring, (&Chance::System, &self.pepper), now)?;
        rows.jetons.insert(issued.jeton.digest.clone(), issued.jeton);
        Ok(plain(200, "application/json", issued.body.expose().to_owned()))
    }

    fn userinfo(&self, asked: &Asked) -> Given {
        let now = Clock::System.now();
        let rows = self.rows.lock().unwrap();
        let found = bearer(asked.headers.get("authorization").map(String::as_str)).and_then(|clear| {
            let jeton = rows.jetons.get(&Jeton::digest(&self.pepper, clear));
            let jeton = jeton.ok_or(oidc::provider::BearerRefusal::Invalid)?;
            jeton.present(Standing::Holds, now).map(|()| jeton)
        });
        let jeton = match found {
            Ok(jeton) => jeton,
            Err(no) => {
                let mut given = plain(no.status(), "text/plain", String::new());
                given.headers.push(("www-authenticate", no.challenge().to_owned()));
                return given;
            }
        };
        let known: Claims = serde_json::from_value(serde_json::json!({
            "given_name": "Angèle Claire", "family_name": "INVENTÉE-D’ESSAI", "birthdate": "1962-00-00",
            "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": "angele@exemple.fr",
        }))
        .unwrap();
        let claims = by_scope(&known, &jeton.scopes, oidc::franceconnect::SCOPES);
        match userinfo(&self.provider, &self.client, (jeton, &claims), (&self.ring, None), now) {
            Ok(answer) => plain(200, answer.content_type, answer.body.expose().to_owned()),
            Err(error) => refused(error),
        }
    }

    fn logout(&self, query: &str) -> Given {
        let page = |status| plain(status, "text/html", "<p>fin</p>".to_owned());
        let Ok(received) = LogoutReceived::read(query) else { return page(400) };
        let Ok(done) = received.check(&self.provider, self.client(received.client_id()), &self.ring) else {
            return page(400);
        };
        let mut rows = self.rows.lock().unwrap();
        let ends = |flow: &str| done.flow.as_deref() == Some(flow);
        rows.jetons.values_mut().filter(|j| ends(&j.flow)).for_each(|j| j.state = JetonState::Revoked);
        done.location.map_or_else(|| page(200), |location| to(&location))
    }
}
