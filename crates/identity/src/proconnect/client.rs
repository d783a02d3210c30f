//! The client of one provider: discovery, keys, and the checks on what it answers.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Chance, Clock, Email};
use oidc::client::{ASSERTION_TYPE, client_assertion};
use oidc::jose::SigningKey;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreGrantType, CoreIdTokenVerifier, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, EndSessionUrl, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse,
};
use platform::Site;
use platform::config::ProConnect;
use tokio::sync::{Mutex, RwLock};
use url::Url;

use super::fetch::{FetchError, Fetcher};
use super::jws::{self, JwsError};

/// Discovery and keys are asked for again after an hour.
const FRAICHEUR: TimeDelta = TimeDelta::hours(1);
/// Whatever happens (unknown keys, a provider that is away), at most once a minute.
const ENTRE_DEUX: TimeDelta = TimeDelta::minutes(1);
/// How far the provider's clock may be ahead of ours.
const AVANCE: TimeDelta = TimeDelta::minutes(5);
/// How far it may be behind, for a person who has just identified themselves again.
const RETARD: TimeDelta = TimeDelta::minutes(1);

/// Levels that prove a second factor (ProConnect's list). `eidas0` and `eidas1` do not.
const ACR_MFA: &[&str] = &["eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3"];

/// What we read of the discovery document beyond the core.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
struct More {
    end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Why a sign-in at the provider did not end well. The texts are for the operator; pages have their
/// own sentences. None holds a token, a code or a name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Echec {
    /// The provider does not answer, or not as a provider.
    #[error("the provider does not answer: {0}")]
    Injoignable(String),
    /// The provider says no.
    #[error("the provider refused: {0}")]
    Refuse(String),
    /// The answer does not stand up to the checks.
    #[error("the answer was refused: {0}")]
    Reponse(String),
    /// The provider says that it does not do what is configured here: the operator's to mend.
    #[error("the provider does not take what is configured: {0}")]
    Reglages(String),
    /// The person was signed in with less than what is asked.
    #[error("the level of authentication is too low")]
    Niveau,
    /// The person was to identify themselves again, and the answer does not show that they did.
    #[error("the person has not just identified themselves")]
    Ancienne,
}

impl From<FetchError> for Echec {
    fn from(e: FetchError) -> Self {
        Self::Injoignable(e.to_string())
    }
}

/// Who the provider says has signed in.
#[derive(Clone, Debug)]
pub(crate) struct Personne {
    pub(crate) emetteur: String,
    pub(crate) sujet: String,
    pub(crate) courriel: Option<Email>,
    pub(crate) siret: Option<String>,
    /// For signing out there.
    pub(crate) jeton: String,
    /// Whether two factors were asked for.
    pub(crate) forte: bool,
}

struct Known {
    metadata: Metadata,
    keys: CoreJsonWebKeySet,
    at: DateTime<Utc>,
}

/// How we prove who we are (OpenID Connect Core 9).
enum Preuve {
    /// Our secret, in the body.
    Corps(ClientSecret),
    /// Our secret, in the header.
    Entete(ClientSecret),
    /// A token that our key signs.
    Cle(SigningKey),
}

impl Preuve {
    /// As configured; none when the key is not usable, which is said.
    fn from_config(c: &ProConnect) -> Option<Self> {
        let secret = || Some(ClientSecret::new(c.client_secret.clone()?));
        match c.authentification.as_deref() {
            Some("private_key_jwt") => match SigningKey::from_pem(c.cle_privee.as_deref()?) {
                Ok(key) => Some(Self::Cle(key)),
                Err(_) => {
                    tracing::error!(
                        "proconnect.cle_privee is neither P-256 nor RSA of 2048 bits: ProConnect is off"
                    );
                    None
                }
            },
            Some("client_secret_basic") => secret().map(Self::Entete),
            _ => secret().map(Self::Corps),
        }
    }

    fn method(&self) -> CoreClientAuthMethod {
        match self {
            Self::Corps(_) => CoreClientAuthMethod::ClientSecretPost,
            Self::Entete(_) => CoreClientAuthMethod::ClientSecretBasic,
            Self::Cle(_) => CoreClientAuthMethod::PrivateKeyJwt,
        }
    }

    /// Its name in documents.
    fn name(&self) -> &'static str {
        match self {
            Self::Corps(_) => "client_secret_post",
            Self::Entete(_) => "client_secret_basic",
            Self::Cle(_) => "private_key_jwt",
        }
    }
}

/// The client of the configured provider.
pub(crate) struct Client {
    issuer: IssuerUrl,
    id: ClientId,
    preuve: Preuve,
    alg: CoreJwsSigningAlgorithm,
    mfa: bool,
    redirect: RedirectUrl,
    after_logout: PostLogoutRedirectUrl,
    fetcher: Fetcher,
    clock: Clock,
    chance: Chance,
    known: RwLock<Option<Arc<Known>>>,
    /// When the provider was last asked; held while it is, so that one request asks for all.
    asked: Mutex<Option<DateTime<Utc>>>,
}

impl Client {
    /// From the configuration; none when there is no provider, or one that may not be contacted.
    pub(crate) fn from_config(site: &Site) -> Option<Arc<Self>> {
        let c: &ProConnect = &site.config.proconnect;
        let issuer = IssuerUrl::new(c.emetteur.clone()?).ok()?;
        let Some(fetcher) = Fetcher::new(issuer.url()) else {
            tracing::error!("proconnect.emetteur is no https address: ProConnect is off");
            return None;
        };
        let preuve = Preuve::from_config(c)?;
        let alg = match c.algorithme.as_deref() {
            Some("ES256") => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            _ => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        };
        Some(Arc::new(Self {
            issuer,
            id: ClientId::new(c.client_id.clone()?),
            preuve,
            alg,
            mfa: c.mfa,
            redirect: RedirectUrl::new(site.url("/connexion/retour")).ok()?,
            after_logout: PostLogoutRedirectUrl::new(site.url("/deconnexion/retour")).ok()?,
            fetcher,
            clock: site.clock.clone(),
            chance: site.chance.clone(),
            known: RwLock::new(None),
            asked: Mutex::new(None),
        }))
    }

    /// Whether two factors are asked for.
    pub(crate) fn mfa(&self) -> bool {
        self.mfa
    }

    /// The public half of the key that signs for us, as a set of keys: what the provider is to be given.
    pub(crate) fn cles_publiques(&self) -> Option<serde_json::Value> {
        match &self.preuve {
            Preuve::Cle(key) => Some(serde_json::json!({ "keys": [key.jwk()?] })),
            _ => None,
        }
    }

    /// The issuer, as the provider and the database write it.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    async fn good(&self) -> Option<Arc<Known>> {
        self.known.read().await.clone()
    }

    /// What is known of the provider, asked for again when it is old. The last good copy serves on
    /// while the provider is away.
    async fn known(&self) -> Result<Arc<Known>, Echec> {
        let now = self.clock.now();
        match self.good().await {
            Some(k) if now < k.at + FRAICHEUR => Ok(k),
            Some(k) => match self.asked.try_lock() {
                Ok(asked) => Ok(self.ask(asked, now).await.unwrap_or(k)),
                // Somebody is asking: the copy at hand serves.
                Err(_) => Ok(k),
            },
            None => {
                let asked = self.asked.lock().await;
                match self.good().await {
                    Some(k) => Ok(k),
                    None => self.ask(asked, now).await,
                }
            }
        }
    }

    /// Asks again, for an unknown key; at most once a minute, so that a storm of unknown keys costs
    /// the provider nothing.
    async fn known_anew(&self) -> Result<Arc<Known>, Echec> {
        let now = self.clock.now();
        let asked = self.asked.lock().await;
        match self.ask(asked, now).await {
            Ok(k) => Ok(k),
            Err(e) => self.good().await.ok_or(e),
        }
    }

    async fn ask(
        &self,
        mut asked: tokio::sync::MutexGuard<'_, Option<DateTime<Utc>>>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Known>, Echec> {
        if asked.is_some_and(|at| now < at + ENTRE_DEUX) {
            return self
                .good()
                .await
                .ok_or_else(|| Echec::Injoignable("asked less than a minute ago".to_owned()));
        }
        *asked = Some(now);
        let fresh = self.discover(now).await;
        match fresh {
            Ok(k) => {
                let k = Arc::new(k);
                *self.known.write().await = Some(k.clone());
                Ok(k)
            }
            Err(e) => {
                tracing::warn!(reason = %e, "discovery of ProConnect failed");
                Err(e)
            }
        }
    }

    async fn discover(&self, now: DateTime<Utc>) -> Result<Known, Echec> {
        // Also checks that the document names this very issuer, and fetches the keys.
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.fetcher)
            .await
            .map_err(|e| Echec::Injoignable(e.to_string()))?;
        let more = metadata.additional_metadata();
        let addresses = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|u| u.url()),
            metadata.userinfo_endpoint().map(|u| u.url()),
            Some(metadata.jwks_uri().url()),
        ];
        for url in addresses {
            let url = url.ok_or_else(|| Echec::Injoignable("an endpoint is missing".to_owned()))?;
            if !self.fetcher.covers(url) {
                return Err(Echec::Injoignable("an endpoint is on another host".to_owned()));
            }
        }
        if more.end_session_endpoint.as_ref().is_some_and(|u| !self.fetcher.covers(u.url())) {
            return Err(Echec::Injoignable("the log-out endpoint is on another host".to_owned()));
        }
        // A list that is not given says nothing.
        let offered = metadata.token_endpoint_auth_methods_supported();
        if offered.is_some_and(|all| !all.contains(&self.preuve.method())) {
            return Err(Echec::Reglages(format!(
                "proconnect.authentification is {}, which it does not offer at its token endpoint",
                self.preuve.name()
            )));
        }
        let keys = metadata.jwks().clone();
        Ok(Known { metadata, keys, at: now })
    }

    /// The address to send the browser to. For a fresh proof (`anew`), whoever is known there identifies themselves again,
    /// with two factors where that can be, and the answer says when.
    pub(crate) async fn authorize(
        &self,
        state: &str,
        nonce: &str,
        verifier: &str,
        anew: bool,
    ) -> Result<Url, Echec> {
        let known = self.known().await?;
        let client = CoreClient::new(self.id.clone(), self.issuer.clone(), known.keys.clone())
            .set_auth_uri(known.metadata.authorization_endpoint().clone())
            .set_redirect_uri(self.redirect.clone());
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()));
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(nonce.to_owned()));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .set_pkce_challenge(challenge);
        for scope in ["given_name", "usual_name", "email", "siret", "uid"] {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        if self.mfa || anew {
            let mut claims = serde_json::json!({ "id_token": { "acr": { "essential": self.mfa, "values": ACR_MFA }, "amr": null } });
            if anew {
                claims["id_token"]["auth_time"] = serde_json::json!({ "essential": true });
                request = request.add_extra_param("prompt", "login").add_extra_param("max_age", "0");
            }
            request = request.add_extra_param("claims", claims.to_string());
        }
        Ok(request.url().0)
    }

    /// Whether the `iss` of the answer is the one expected (RFC 9207): absent only when the
    /// provider does not announce it.
    pub(crate) async fn check_iss(&self, iss: Option<&str>) -> Result<(), Echec> {
        let announced =
            self.known().await?.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) if iss == self.issuer() => Ok(()),
            None if !announced => Ok(()),
            Some(_) => Err(Echec::Reponse("the iss of another provider".to_owned())),
            None => Err(Echec::Reponse("no iss although it is announced".to_owned())),
        }
    }

    /// Exchanges the code and checks everything that comes back; that the person identified themselves after `depuis`, when
    /// that was asked for.
    pub(crate) async fn personne(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
        depuis: Option<DateTime<Utc>>,
    ) -> Result<Personne, Echec> {
        let known = self.known().await?;
        let tokens = self.exchange(&known, code, verifier).await?;
        let Verifie { sujet, jeton, forte } = self.check_id_token(&known, &tokens, nonce, depuis).await?;
        let claims = self.userinfo(&known, &tokens, &sujet).await?;
        let text = |name: &str| claims.get(name).and_then(|v| v.as_str()).map(str::to_owned);
        Ok(Personne {
            emetteur: self.issuer().to_owned(),
            courriel: text("email").and_then(|e| Email::parse(&e).ok()),
            siret: text("siret").filter(|s| s.len() == 14 && s.bytes().all(|b| b.is_ascii_digit())),
            sujet,
            jeton,
            forte,
        })
    }

    async fn exchange(&self, known: &Known, code: &str, verifier: &str) -> Result<CoreTokenResponse, Echec> {
        let token_endpoint = known
            .metadata
            .token_endpoint()
            .cloned()
            .ok_or_else(|| Echec::Injoignable("no token endpoint".to_owned()))?;
        let client = CoreClient::new(self.id.clone(), self.issuer.clone(), known.keys.clone())
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(token_endpoint)
            .set_redirect_uri(self.redirect.clone());
        let client = match &self.preuve {
            Preuve::Corps(secret) => client.set_client_secret(secret.clone()),
            Preuve::Entete(secret) => {
                client.set_client_secret(secret.clone()).set_auth_type(AuthType::BasicAuth)
            }
            // Without a secret, the library sends our identifier alone.
            Preuve::Cle(_) => client,
        };
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        if let Preuve::Cle(key) = &self.preuve {
            let who = (self.id.as_str(), self.issuer());
            let signed = client_assertion(who, key, &self.chance, self.clock.now())
                .map_err(|_| Echec::Reglages("proconnect.cle_privee cannot sign".to_owned()))?;
            request = request
                .add_extra_param("client_assertion_type", ASSERTION_TYPE)
                .add_extra_param("client_assertion", signed.expose().to_owned());
        }
        let answer = request.request_async(&self.fetcher).await;
        answer.map_err(|e| match e {
            openidconnect::RequestTokenError::ServerResponse(r) => Echec::Refuse(r.error().to_string()),
            openidconnect::RequestTokenError::Request(e) => e.into(),
            // The body may hold tokens: only the kind of failure is told.
            openidconnect::RequestTokenError::Parse(..) => {
                Echec::Reponse("a token answer that cannot be read".to_owned())
            }
            openidconnect::RequestTokenError::Other(_) => {
                Echec::Reponse("a token answer of another kind".to_owned())
            }
        })
    }

    async fn check_id_token(
        &self,
        known: &Known,
        tokens: &CoreTokenResponse,
        nonce: &str,
        depuis: Option<DateTime<Utc>>,
    ) -> Result<Verifie, Echec> {
        match self.check_with(&known.keys, tokens, nonce, depuis) {
            Err(Checked::NoKey) => {
                let fresh = self.known_anew().await?;
                self.check_with(&fresh.keys, tokens, nonce, depuis)
            }
            other => other,
        }
        .map_err(|e| match e {
            Checked::NoKey => Echec::Reponse("an id_token signed by an unknown key".to_owned()),
            Checked::Niveau => Echec::Niveau,
            Checked::Ancienne => Echec::Ancienne,
            Checked::Bad(why) => Echec::Reponse(why),
        })
    }

    fn check_with(
        &self,
        keys: &CoreJsonWebKeySet,
        tokens: &CoreTokenResponse,
        nonce: &str,
        depuis: Option<DateTime<Utc>>,
    ) -> Result<Verifie, Checked> {
        let bad = |why: &str| Checked::Bad(why.to_owned());
        let token = tokens.id_token().ok_or_else(|| bad("no id_token"))?;
        let now = self.clock.now();
        let verifier =
            CoreIdTokenVerifier::new_public_client(self.id.clone(), self.issuer.clone(), keys.clone())
                .set_allowed_algs([self.alg.clone()])
                .set_time_fn(move || now)
                .set_issue_time_verifier_fn(move |at| {
                    if at > now + AVANCE { Err("issued in the future".to_owned()) } else { Ok(()) }
                });
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|e| match e {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Checked::NoKey
            }
            // The library's own words name the values that differ: only the kind is kept.
            ClaimsVerificationError::SignatureVerification(_) => bad("id_token: signature or algorithm"),
            ClaimsVerificationError::InvalidIssuer(_) => bad("id_token: issuer"),
            ClaimsVerificationError::InvalidAudience(_) => bad("id_token: audience"),
            ClaimsVerificationError::InvalidNonce(_) => bad("id_token: nonce"),
            ClaimsVerificationError::Expired(_) => bad("id_token: time"),
            _ => bad("id_token: other"),
        })?;
        if claims.authorized_party().is_some_and(|azp| azp.as_str() != self.id.as_str()) {
            return Err(bad("id_token: azp"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let alg = token.signing_alg().map_err(|_| bad("id_token: algorithm"))?;
            let key = token.signing_key(&verifier).map_err(|_| Checked::NoKey)?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key)
                .map_err(|_| bad("id_token: at_hash"))?;
            if actual != *expected {
                return Err(bad("id_token: at_hash"));
            }
        }
        let forte = claims.auth_context_ref().is_some_and(|acr| ACR_MFA.contains(&acr.as_str()));
        if self.mfa && !forte {
            return Err(Checked::Niveau);
        }
        if let Some(depuis) = depuis {
            let juste = |at: DateTime<Utc>| depuis - RETARD <= at && at <= now + AVANCE;
            if !claims.auth_time().is_some_and(juste) {
                return Err(Checked::Ancienne);
            }
        }
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
            return Err(bad("id_token: subject"));
        }
        Ok(Verifie { sujet: subject.to_owned(), jeton: token.to_string(), forte })
    }

    async fn userinfo(
        &self,
        known: &Known,
        tokens: &CoreTokenResponse,
        sujet: &str,
    ) -> Result<serde_json::Value, Echec> {
        use openidconnect::http::{Method, Request, StatusCode, header};
        let bad = |why: &str| Echec::Reponse(format!("userinfo: {why}"));
        let url = known.metadata.userinfo_endpoint().ok_or_else(|| bad("no endpoint"))?;
        let request = Request::builder()
            .method(Method::GET)
            .uri(url.as_str())
            .header(header::ACCEPT, "application/jwt")
            .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token().secret()))
            .body(Vec::new())
            .map_err(|_| bad("a token that cannot be sent"))?;
        let answer = self.fetcher.send(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Echec::Refuse(format!("userinfo: status {}", answer.status().as_u16())));
        }
        let kind =
            answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/jwt")) {
            return Err(bad("not signed"));
        }
        let text = std::str::from_utf8(answer.body()).map_err(|_| bad("not a text"))?.trim();
        let claims = match jws::verify(text, &self.alg, &known.keys) {
            Err(JwsError::NoKey) => {
                let fresh = self.known_anew().await?;
                jws::verify(text, &self.alg, &fresh.keys)
            }
            other => other,
        }
        .map_err(|e| bad(&e.to_string()))?;
        self.check_userinfo(&claims, sujet).map_err(bad)?;
        Ok(claims)
    }

    /// The claims that make a signed userinfo this person's, for us, from this provider, now.
    fn check_userinfo(&self, claims: &serde_json::Value, sujet: &str) -> Result<(), &'static str> {
        let text = |name: &str| claims.get(name).and_then(|v| v.as_str());
        if text("iss") != Some(self.issuer()) {
            return Err("issuer");
        }
        let me = self.id.as_str();
        let for_me = match claims.get("aud") {
            Some(serde_json::Value::String(one)) => one == me,
            Some(serde_json::Value::Array(all)) => {
                !all.is_empty() && all.iter().all(|a| a.as_str() == Some(me))
            }
            _ => false,
        };
        if !for_me {
            return Err("audience");
        }
        if text("sub") != Some(sujet) {
            return Err("another subject than the id_token's");
        }
        // An id_token presented as a userinfo would bear a nonce.
        if claims.get("nonce").is_some() {
            return Err("not a userinfo");
        }
        let now = self.clock.now().timestamp();
        match claims.get("exp") {
            None => Ok(()),
            Some(exp) if exp.as_i64().is_some_and(|exp| now < exp) => Ok(()),
            Some(_) => Err("expired"),
        }
    }

    /// The address that ends the session at the provider too, when it offers one.
    pub(crate) async fn logout(&self, jeton: &str, state: &str) -> Option<Url> {
        let known = self.known().await.ok()?;
        let end = known.metadata.additional_metadata().end_session_endpoint.clone()?;
        let token: openidconnect::core::CoreIdToken = jeton.parse().ok()?;
        Some(
            LogoutRequest::from(end)
                .set_id_token_hint(&token)
                .set_client_id(self.id.clone())
                .set_post_logout_redirect_uri(self.after_logout.clone())
                .set_state(CsrfToken::new(state.to_owned()))
                .http_get_url(),
        )
    }
}

/// What an id_token that stands up to the checks says.
struct Verifie {
    sujet: String,
    jeton: String,
    forte: bool,
}

enum Checked {
    NoKey,
    Niveau,
    Ancienne,
    Bad(String),
}
