//! What is known of FranceConnect, and the checks on what it answers.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Chance, Clock};
use oidc::client::{
    Answer, CacheState, Decision, Flow, Identified, LogoutStart, Metadata, Policy, Refused, Request,
    Settings, Tokens, Why, check_id_token, discovery_url, logout, read_keys, read_userinfo, userinfo_request,
};
use oidc::jose::{Alg, KeySet, SigningKey};
use oidc::provider::AuthMethod;
use oidc::{Claims, Outbound, Secret};
use platform::Site;
use platform::config::FranceConnect;
use tokio::sync::{Mutex, RwLock};

use super::faux::Faux;
use super::porteur::Porteur;

/// All that is asked of FranceConnect for one person, together.
const EN_TOUT: Duration = Duration::from_secs(15);

/// What was last read of the provider.
#[derive(Debug)]
pub(super) struct Connu {
    pub(super) metadata: Metadata,
    cles: KeySet,
    le: DateTime<Utc>,
}

/// What a person's stay there gave.
pub(super) struct Preuve {
    pub(super) qui: Identified,
    pub(super) claims: Claims,
    pub(super) id_token: Secret,
}

/// The client of one provider.
pub struct Client {
    settings: Settings,
    /// What signs our assertions, with `private_key_jwt`.
    cle: Option<SigningKey>,
    outbound: Outbound,
    porteur: Porteur,
    faux: Option<Arc<Faux>>,
    clock: Clock,
    chance: Chance,
    connu: RwLock<Option<Arc<Connu>>>,
    /// When the provider was last asked; held while it is, so that one request asks for all.
    demande: Mutex<Option<DateTime<Utc>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.settings.issuer)
    }
}

/// The algorithm of that name; what FranceConnect does not sign with is said, and shuts it off: any other would refuse
/// everybody, without a word of why.
fn alg(name: &str) -> Option<Alg> {
    let lu = Alg::parse(name).filter(|a| !a.is_symmetric());
    if lu.is_none() {
        tracing::error!(
            "franceconnect.algorithme or algorithme_identite is neither ES256 nor RS256: FranceConnect is off"
        );
    }
    lu
}

/// How we prove who we are, and the key with which we do; none when the key is not usable, which is said.
fn preuve(c: &FranceConnect) -> Option<(AuthMethod, Option<SigningKey>)> {
    match c.authentification.as_deref() {
        Some("private_key_jwt") => match SigningKey::from_pem(c.cle_privee.as_deref()?) {
            Ok(cle) => Some((AuthMethod::PrivateKeyJwt, Some(cle))),
            Err(_) => {
                tracing::error!(
                    "franceconnect.cle_privee is neither P-256 nor RSA of 2048 bits: FranceConnect is off"
                );
                None
            }
        },
        Some("client_secret_basic") => Some((AuthMethod::ClientSecretBasic, None)),
        _ => Some((AuthMethod::ClientSecretPost, None)),
    }
}

impl Client {
    /// From the configuration; in the demonstration, the fictitious FranceConnect when no other is configured. None
    /// when there is no provider, or one that may not be contacted.
    pub fn of(site: &Site) -> Option<Arc<Self>> {
        let c = &site.config.franceconnect;
        match (&c.emetteur, site.is_demo()) {
            (Some(emetteur), _) => {
                let (methode, cle) = preuve(c)?;
                let secret = c.client_secret.clone().map(Secret::new);
                let nul = Secret::new(String::new());
                let settings =
                    Self::settings(site, emetteur, c.client_id.as_deref()?, secret.clone().unwrap_or(nul))?;
                let settings = Settings {
                    auth: methode,
                    auth_alg: cle.as_ref().map_or(Alg::Es256, SigningKey::alg),
                    secret,
                    ..settings
                };
                Self::par_le_reseau(site, settings, cle, None)
            }
            (None, true) => Self::demonstration(site),
            (None, false) => None,
        }
    }

    fn settings(site: &Site, emetteur: &str, client_id: &str, secret: Secret) -> Option<Settings> {
        let c = &site.config.franceconnect;
        let mut settings =
            Settings::franceconnect(emetteur, client_id, secret, &site.url("/franceconnect/retour"));
        settings.after_logout = Some(site.url("/franceconnect/deconnexion/retour"));
        settings.id_token_alg = alg(&c.algorithme)?;
        settings.userinfo_alg = Some(alg(&c.algorithme_identite)?);
        settings.pkce = c.pkce;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        settings.acr = words(&c.niveau);
        settings.scopes = words(&c.scopes);
        if !settings.scopes.iter().any(|s| s == "openid") {
            settings.scopes.insert(0, "openid".to_owned());
        }
        settings.life = TimeDelta::minutes(c.duree_minutes.into());
        Some(settings)
    }

    /// By the network; `delai` is for each request.
    pub(super) fn par_le_reseau(
        site: &Site,
        settings: Settings,
        cle: Option<SigningKey>,
        delai: Option<Duration>,
    ) -> Option<Arc<Self>> {
        let local = settings.issuer.starts_with("http:");
        let Ok(outbound) = Outbound::to(&settings.issuer, local, false) else {
            tracing::error!("franceconnect.emetteur may not be contacted: FranceConnect is off");
            return None;
        };
        let porteur = Porteur::reseau(&settings.issuer, outbound.clone(), delai)?;
        Some(Arc::new(Self { cle, ..Self::assemble(site, settings, outbound, porteur, None) }))
    }

    fn demonstration(site: &Site) -> Option<Arc<Self>> {
        let faux = Arc::new(Faux::new(site)?);
        let settings = Self::settings(site, faux.emetteur(), Faux::CLIENT_ID, faux.secret())?;
        let outbound = Outbound::to(faux.emetteur(), true, false).ok()?;
        let porteur = Porteur::Interne(faux.clone());
        Some(Arc::new(Self::assemble(site, settings, outbound, porteur, Some(faux))))
    }

    fn assemble(
        site: &Site,
        settings: Settings,
        outbound: Outbound,
        porteur: Porteur,
        faux: Option<Arc<Faux>>,
    ) -> Self {
        Self {
            settings,
            cle: None,
            outbound,
            porteur,
            faux,
            clock: site.clock.clone(),
            chance: site.chance.clone(),
            connu: RwLock::new(None),
            demande: Mutex::new(None),
        }
    }

    /// The fictitious provider, in the demonstration.
    pub(super) fn faux(&self) -> Option<&Arc<Faux>> {
        self.faux.as_ref()
    }

    /// The public half of the key that signs for us, as a set of keys (RFC 7517 5): what the provider is to be given.
    pub(super) fn cles_publiques(&self) -> Option<serde_json::Value> {
        let jwk = self.cle.as_ref()?.jwk()?;
        Some(serde_json::json!({ "keys": [jwk] }))
    }

    /// The provider, as we are registered with it.
    pub(super) fn reglages(&self) -> &Settings {
        &self.settings
    }

    async fn copie(&self) -> Option<Arc<Connu>> {
        self.connu.read().await.clone()
    }

    /// What is known of the provider. The last good copy serves on while the provider is away.
    pub(super) async fn connu(&self) -> Result<Arc<Connu>, Refused> {
        let (copie, now) = (self.copie().await, self.clock.now());
        let fraiche = |c: &Connu| c.le <= now && now < c.le + Policy::default().fresh;
        match copie {
            Some(c) if fraiche(&c) => Ok(c),
            // Somebody is asking: the copy at hand serves.
            Some(c) => match self.demande.try_lock() {
                Ok(demande) => Ok(self.demande(demande, Why::Use).await.unwrap_or(c)),
                Err(_) => Ok(c),
            },
            None => self.demande(self.demande.lock().await, Why::Use).await,
        }
    }

    /// Keys newer than those of that copy, for a token that names an unknown one.
    async fn plus_recent(&self, vu: &Connu) -> Result<Arc<Connu>, Refused> {
        let demande = self.demande.lock().await;
        match self.copie().await {
            Some(c) if c.le > vu.le => Ok(c),
            _ => self.demande(demande, Why::UnknownKey).await,
        }
    }

    async fn demande(
        &self,
        mut demande: tokio::sync::MutexGuard<'_, Option<DateTime<Utc>>>,
        pourquoi: Why,
    ) -> Result<Arc<Connu>, Refused> {
        let (copie, now) = (self.copie().await, self.clock.now());
        let etat = CacheState { fetched_at: copie.as_ref().map(|c| c.le), asked_at: *demande };
        match Policy::default().decide(etat, pourquoi, now) {
            Decision::Use => copie.ok_or(Refused::Away("no copy at hand")),
            Decision::GiveUp if pourquoi == Why::UnknownKey => Err(Refused::UnknownKey),
            Decision::GiveUp => Err(Refused::Away("asked less than a minute ago")),
            Decision::Refresh | Decision::Fetch => {
                *demande = Some(now);
                let connu = self.decouvre(now).await.inspect_err(|e| {
                    tracing::warn!(reason = %e, "discovery of FranceConnect failed");
                })?;
                let connu = Arc::new(connu);
                *self.connu.write().await = Some(connu.clone());
                Ok(connu)
            }
        }
    }

    async fn decouvre(&self, now: DateTime<Utc>) -> Result<Connu, Refused> {
        let document = self.lit(discovery_url(&self.settings.issuer)).await?;
        let metadata = Metadata::read(&document, &self.settings, &self.outbound)?;
        let cles = match &metadata.jwks_uri {
            Some(url) => read_keys(&self.lit(url.clone()).await?)?,
            None => KeySet::default(),
        };
        Ok(Connu { metadata, cles, le: now })
    }

    async fn lit(&self, url: String) -> Result<Answer, Refused> {
        let headers = vec![("accept", Secret::new("application/json"))];
        self.porteur.envoie(&Request { method: "GET", url, headers, body: None }).await
    }

    /// Exchanges the code and checks everything that comes back.
    pub(super) async fn preuve(&self, flow: &Flow, code: &Secret) -> Result<Preuve, Refused> {
        tokio::time::timeout(EN_TOUT, self.preuve_sans_hate(flow, code))
            .await
            .unwrap_or(Err(Refused::Away("too slow")))
    }

    async fn preuve_sans_hate(&self, flow: &Flow, code: &Secret) -> Result<Preuve, Refused> {
        let connu = self.connu().await?;
        let with = (&self.settings, &connu.metadata);
        let request = flow.exchange(with, code, self.cle.as_ref(), &self.chance, self.clock.now())?;
        let tokens = Tokens::read(&self.porteur.envoie(&request).await?)?;
        let check =
            |cles: &KeySet| check_id_token((&self.settings, flow), cles, None, &tokens, self.clock.now());
        let (connu, qui) = match check(&connu.cles) {
            Err(Refused::UnknownKey) => {
                let connu = self.plus_recent(&connu).await?;
                let qui = check(&connu.cles)?;
                (connu, qui)
            }
            other => (connu, other?),
        };
        let answer = self.porteur.envoie(&userinfo_request(&self.settings, &connu.metadata, &tokens)).await?;
        let read =
            |cles: &KeySet| read_userinfo(&self.settings, (&answer, &qui), cles, None, self.clock.now());
        let claims = match read(&connu.cles) {
            Err(Refused::UnknownKey) => read(&self.plus_recent(&connu).await?.cles)?,
            other => other?,
        };
        Ok(Preuve { qui, claims, id_token: tokens.id_token })
    }

    /// Where to end the session there; none when the provider offers nothing.
    pub(super) async fn deconnexion(&self, id_token: &Secret) -> Option<LogoutStart> {
        let connu = self.copie().await?;
        logout(&self.settings, &connu.metadata, id_token, &self.chance)
    }
}
