//! The fictitious FranceConnect of the demonstration: a provider of its own (`oidc::provider`), with invented people to
//! choose from. It exists in the demonstration only, and keeps what is under way in memory.
//!
//! As the real one, it refuses a parameter that it does not know (PKCE among them), gives a code that serves once for
//! thirty seconds, signs the identity, and ends its session when asked.

mod pages;
mod personnes;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Chance, Clock};
use oidc::client::{Answer as Reponse, Request};
use oidc::jose::{Alg, KeyRing, Rotation, SigningKey};
use oidc::provider::{
    Answer, AuthMethod, Client, Code, CodeState, Demande, Granted, Jeton, JetonState, Provider, Redirect,
    Standing, TokenError, TokenRequest, UserinfoAnswer, bearer, by_scope, userinfo,
};
use oidc::{Claims, Pepper, Secret};
use platform::Site;
use url::Url;

use super::model::{But, Identifie};
use crate::usagers::{self, Identite};

pub(super) use pages::routes;
pub use personnes::PERSONNES;

/// Under which path it stands.
const CHEMIN: &str = "/faux-franceconnect";
/// Most requests, codes and tokens that it remembers.
const AU_PLUS: usize = 2_000;
/// Which scope lets out which claim, besides what `oidc` knows of FranceConnect's.
const PLUS: &[(&str, &[&str])] =
    &[("idp_birthdate", &["idp_birthdate"]), ("identite_pivot", &["given_name_array"])];

/// What is under way.
#[derive(Default)]
struct Etat {
    demandes: HashMap<String, Demande>,
    codes: HashMap<String, Code>,
    jetons: HashMap<String, (Jeton, String)>,
    /// Which person each flow named.
    choix: HashMap<String, String>,
}

/// The provider.
pub struct Faux {
    provider: Provider,
    client: Client,
    ring: KeyRing,
    pepper: Pepper,
    clock: Clock,
    chance: Chance,
    etat: Mutex<Etat>,
}

impl std::fmt::Debug for Faux {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faux")
    }
}

fn emetteur(site: &Site) -> String {
    site.url(CHEMIN)
}

impl Faux {
    /// Our identifier there.
    pub(super) const CLIENT_ID: &'static str = "maillage-demonstration";

    /// A provider with a new key; none outside the demonstration.
    pub(super) fn new(site: &Site) -> Option<Self> {
        if !site.is_demo() {
            return None;
        }
        let mut provider = Provider::new(&emetteur(site), true).ok()?;
        provider.paths.logout = "/session/end".to_owned();
        let scopes = ["identite_pivot", "email", "preferred_username", "idp_birthdate", "profile", "birth"];
        provider.scopes = scopes.map(str::to_owned).to_vec();
        provider.acr = vec!["eidas1".to_owned()];
        let (key, _) = SigningKey::generate(Alg::Es256).ok()?;
        let now = site.clock.now();
        let client = Client {
            client_id: Self::CLIENT_ID.to_owned(),
            redirect_uris: vec![site.url("/franceconnect/retour")],
            post_logout_redirect_uris: vec![site.url("/franceconnect/deconnexion/retour")],
            auth: vec![AuthMethod::ClientSecretPost],
            secrets: vec![Secret::new(site.chance.secret())],
            keys: None,
            id_token_alg: Alg::Es256,
            userinfo_alg: Some(Alg::Es256),
            userinfo_sealing: None,
            pkce_required: false,
            nonce_required: true,
            scopes: provider.scopes.clone(),
            acr: provider.acr.clone(),
            acr_binding: true,
            rep_scope: false,
            act: false,
            presence: TimeDelta::zero(),
            one_use: true,
        };
        Some(Self {
            provider,
            client,
            ring: KeyRing::at(now, &Rotation::default(), vec![(now, key)]),
            pepper: Pepper::new(&site.chance.bytes::<32>()),
            clock: site.clock.clone(),
            chance: site.chance.clone(),
            etat: Mutex::default(),
        })
    }

    pub(super) fn emetteur(&self) -> &str {
        self.provider.issuer()
    }

    pub(super) fn secret(&self) -> Secret {
        self.client.secrets.first().cloned().unwrap_or_else(|| Secret::new(""))
    }

    fn etat(&self) -> MutexGuard<'_, Etat> {
        let mut etat = self.etat.lock().unwrap_or_else(PoisonError::into_inner);
        etat.oublier(self.clock.now());
        etat
    }

    /// Remembers a request, until somebody is chosen.
    fn demander(&self, demande: Demande) -> String {
        let id = self.chance.secret();
        self.etat().demandes.insert(id.clone(), demande);
        id
    }

    /// Answers a request with that person: the address to go to.
    fn choisir(&self, demande: &str, personne: &str) -> Option<Result<Secret, Redirect>> {
        let mut etat = self.etat();
        let demande = etat.demandes.remove(demande)?;
        let now = self.clock.now();
        if let Some((error, reason)) = personnes::refus(personne) {
            return Some(Err(demande.refuse(&self.provider, error, reason)));
        }
        let subject = personnes::sujet(personne)?;
        let answer = Answer { subject, amr: Vec::new(), auth_time: now, rep_scope: Vec::new(), act: None };
        Some(demande.grant(&self.provider, answer, (&self.chance, &self.pepper), now).map(|granted| {
            let Granted { code, location } = granted;
            etat.choix.insert(code.digest.clone(), personne.to_owned());
            etat.codes.insert(code.digest.clone(), code);
            location
        }))
    }

    /// Answers what our client asks, as the network would bring it.
    pub(super) fn repond(&self, request: &Request) -> Reponse {
        let path = Url::parse(&request.url).map(|u| u.path().to_owned()).unwrap_or_default();
        let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.expose());
        let body = request.body.as_ref().map_or("", Secret::expose);
        let here = Url::parse(self.emetteur()).map(|u| u.path().to_owned()).unwrap_or_default();
        match (request.method, path.strip_prefix(here.as_str()).unwrap_or_default()) {
            ("GET", "/.well-known/openid-configuration") => {
                let document = self.provider.discovery(&self.ring.algs(), &self.client.auth);
                json(200, document.to_string())
            }
            ("GET", "/jwks") => json(200, self.ring.jwks().to_string()),
            ("POST", "/token") => match self.jetons(header("content-type"), header("authorization"), body) {
                Ok(body) => json(200, body.expose().to_owned()),
                Err(refused) => json(refused.status, refused.body()),
            },
            ("GET", "/userinfo") => match self.identite(header("authorization")) {
                Some(a) => Reponse {
                    status: 200,
                    content_type: Some(a.content_type.to_owned()),
                    body: a.body.expose().as_bytes().to_vec(),
                },
                None => json(401, TokenError::invalid_grant().body()),
            },
            _ => json(404, "{}".to_owned()),
        }
    }

    fn jetons(
        &self,
        content_type: Option<&str>,
        authorization: Option<&str>,
        body: &str,
    ) -> Result<Secret, TokenError> {
        let request = TokenRequest::read(content_type, authorization, body)?;
        let now = self.clock.now();
        let known = (request.credentials.client_id() == self.client.client_id).then_some(&self.client);
        request.credentials.authenticate(&self.provider, known, now)?;
        let mut etat = self.etat();
        let digest = Code::digest(&self.pepper, request.code.expose());
        let code = etat.codes.get_mut(&digest).ok_or_else(TokenError::invalid_grant)?;
        let verifier = request.verifier.as_ref().map(Secret::expose);
        let redeemed = code.redeem(&self.client, &request.redirect_uri, verifier, Standing::Holds, now);
        code.state = CodeState::Spent;
        redeemed?;
        let issued =
            self.provider.issue(&self.client, code, &self.ring, (&self.chance, &self.pepper), now)?;
        let personne = etat.choix.get(&digest).cloned().unwrap_or_default();
        etat.jetons.insert(issued.jeton.digest.clone(), (issued.jeton, personne));
        Ok(issued.body)
    }

    fn identite(&self, authorization: Option<&str>) -> Option<UserinfoAnswer> {
        let clear = bearer(authorization).ok()?;
        let now = self.clock.now();
        let mut etat = self.etat();
        let (jeton, personne) = etat.jetons.get_mut(&Jeton::digest(&self.pepper, clear))?;
        jeton.present(Standing::Holds, now).ok()?;
        jeton.state = JetonState::Spent;
        let known = personnes::claims(personne)?;
        let mut claims = by_scope(&known, &jeton.scopes, oidc::franceconnect::SCOPES);
        claims.extend(by_scope(&known, &jeton.scopes, PLUS));
        userinfo(&self.provider, &self.client, (jeton, &claims), (&self.ring, None), now).ok()
    }
}

fn json(status: u16, body: String) -> Reponse {
    Reponse { status, content_type: Some("application/json".to_owned()), body: body.into_bytes() }
}

impl Etat {
    /// Forgets what is over; everything, when somebody plays at filling the memory.
    fn oublier(&mut self, now: DateTime<Utc>) {
        self.demandes.retain(|_, d| d.holds(now));
        self.jetons.retain(|_, (j, _)| now < j.expires_at);
        self.codes.retain(|_, c| now < c.expires_at + TimeDelta::minutes(10));
        let codes = &self.codes;
        self.choix.retain(|digest, _| codes.contains_key(digest));
        if self.demandes.len().max(self.codes.len()).max(self.jetons.len()) > AU_PLUS {
            *self = Self::default();
        }
    }
}

/// One of the invented people, as if they had come back from this provider: for the data of the demonstration, so that
/// whoever chooses them there finds their mandats.
pub fn identifie(site: &Site, cle: &str) -> Option<Identifie> {
    let claims: Claims = personnes::claims(cle)?;
    Some(Identifie {
        but: But::Mandat,
        identite: Identite::lire(&claims).ok()?,
        sub: usagers::empreinte(site, &personnes::sujet(cle)?),
        acr: "eidas1".to_owned(),
        quand: site.clock.now(),
    })
}
