//! The provider, case by case: what FranceConnect sends and checks, and the attacks that it must stand.

mod attacks;
mod authentication;
mod checks;
mod parsers;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Chance;
use serde_json::{Value, json};

use super::*;
use crate::jose::{Alg, KeyRing, KeySet, Rotation, SigningKey};
use crate::{Act, Claims, Pepper, Secret};

const ISSUER: &str = "https://aidants.exemple.fr/oidc";
const BACK: &str = "https://fc.exemple.fr/api/v2/oidc-callback";
const OUT: &str = "https://fc.exemple.fr/api/v2/client/logout-callback";
const SECRET: &str = "un-secret-d-essai-de-plus-de-trente-deux-signes";
const NONCE: &str = "0f3c9a5e0f3c9a5e0f3c9a5e0f3c9a5e0f3c9a5e0f3c9a5e0f3c9a5e0f3c9a5e";
const STATE: &str = "11223344556677889900aabbccddeeff11223344556677889900aabbccddeeff";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// A provider, its keys, and two clients: FranceConnect, and another.
struct House {
    provider: Provider,
    ring: KeyRing,
    chance: Chance,
    pepper: Pepper,
    fc: Client,
    other: Client,
}

fn client(id: &str, back: &str) -> Client {
    Client {
        client_id: id.to_owned(),
        redirect_uris: vec![back.to_owned()],
        post_logout_redirect_uris: vec![OUT.to_owned()],
        auth: vec![AuthMethod::ClientSecretPost],
        secrets: vec![Secret::new(format!("{SECRET}-{id}"))],
        keys: None,
        id_token_alg: Alg::Es256,
        userinfo_alg: Some(Alg::Es256),
        userinfo_sealing: None,
        pkce_required: false,
        nonce_required: true,
        scopes: ["profile", "email", "birth"].map(str::to_owned).to_vec(),
        acr: vec!["eidas1".to_owned()],
        acr_binding: true,
        rep_scope: true,
        act: false,
        one_use: true,
    }
}

impl House {
    fn new() -> Self {
        let (key, _) = SigningKey::generate(Alg::Es256).unwrap();
        let house = Self {
            provider: Provider::new(ISSUER, false).unwrap(),
            ring: KeyRing::at(now(), &Rotation::default(), vec![(later(-10), key)]),
            chance: Chance::seeded(5),
            pepper: Pepper::new(&[7; 32]),
            fc: client("franceconnect", BACK),
            other: client("autre", "https://autre.exemple.fr/retour"),
        };
        assert_eq!(house.fc.check(false), Ok(()));
        house
    }

    /// What FranceConnect sends, with these parameters put in place of its own; an empty one is left out.
    fn query(changes: &[(&str, &str)]) -> String {
        let claims = r#"{"id_token":{"rep_scope":{"essential":true,"values":[]}}}"#;
        let mut pairs = vec![
            ("client_id", "franceconnect"),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "openid profile email birth"),
            ("acr_values", "eidas1"),
            ("state", STATE),
            ("nonce", NONCE),
            ("prompt", "login"),
            ("claims", claims),
        ];
        for (name, value) in changes {
            pairs.retain(|(k, _)| k != name);
            pairs.push((name, value));
        }
        pairs.retain(|(_, v)| !v.is_empty());
        crate::form::encode(pairs)
    }

    fn receive(&self, query: &str) -> Result<Demande, Refusal> {
        let received = Received::read(query)?;
        let id = received.client_id();
        let found = [&self.fc, &self.other].into_iter().find(|c| id == Some(&c.client_id));
        received.check(&self.provider, found, now())
    }

    fn demande(&self, changes: &[(&str, &str)]) -> Demande {
        self.receive(&Self::query(changes)).unwrap()
    }

    fn answer(subject: &str) -> Answer {
        Answer {
            subject: subject.to_owned(),
            amr: vec!["hwk".to_owned()],
            auth_time: later(5),
            rep_scope: vec!["Logement".to_owned()],
            act: Some(Act { sub: "aidant-1".to_owned(), organisation: Some("org-1".to_owned()) }),
        }
    }

    fn grant(&self, demande: &Demande, subject: &str) -> (Code, String) {
        let granted =
            demande.grant(&self.provider, Self::answer(subject), (&self.chance, &self.pepper), later(10));
        let granted = granted.unwrap();
        let clear = parameter(granted.location.expose(), "code").unwrap();
        (granted.code, clear)
    }

    fn issue(&self, client: &Client, code: &Code) -> (Jeton, Value) {
        let issued =
            self.provider.issue(client, code, &self.ring, (&self.chance, &self.pepper), later(11)).unwrap();
        (issued.jeton, serde_json::from_str(issued.body.expose()).unwrap())
    }

    /// The claims of a token of ours, as its client verifies it.
    fn read(&self, client: &Client, alg: Alg, token: &str) -> Claims {
        let keys = if alg.is_symmetric() {
            KeySet::of(vec![jose::VerifyingKey::from_secret(client.secrets[0].expose()).unwrap()])
        } else {
            KeySet::parse(self.ring.jwks().to_string().as_bytes()).unwrap()
        };
        jose::verify(token, alg, &keys, &["JWT"]).unwrap()
    }

    fn identity() -> Claims {
        json!({
            "sub": "another", "given_name": "Angèle", "family_name": "INVENTÉE", "birthdate": "1962-00-00",
            "gender": "female", "birthplace": "75107", "birthcountry": "99100", "email": "angele@exemple.fr",
        })
        .as_object()
        .cloned()
        .unwrap()
    }
}

/// A parameter of an address, decoded.
fn parameter(location: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(location).unwrap();
    let found: Vec<_> = url.query_pairs().filter(|(k, _)| k == name).map(|(_, v)| v.into_owned()).collect();
    assert!(found.len() <= 1, "{name} twice in {location}");
    found.into_iter().next()
}

/// The error that a refusal tells the client; none for a page.
fn told(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::Page(_) => None,
        Refusal::Redirect(redirect) => {
            assert!(redirect.location.starts_with(BACK), "{}", redirect.location);
            assert_eq!(parameter(&redirect.location, "iss").as_deref(), Some(ISSUER));
            let error = parameter(&redirect.location, "error");
            assert_eq!(error.as_deref(), Some(redirect.error.name()));
            Some(redirect.error.name())
        }
    }
}
