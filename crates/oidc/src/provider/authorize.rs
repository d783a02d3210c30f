//! The authorization endpoint (OpenID Connect Core 3.1.2), from the query to the code.

use chrono::{DateTime, Utc};
use kernel::Chance;

use super::asked::{AskedClaims, Prompt, acr, scopes};
use super::code::Code;
use super::{Client, ErrorCode, Provider, Redirect};
use crate::form::{self, Form, FormError};
use crate::franceconnect::same_perimeter;
use crate::{Act, Pepper, Secret, same};

/// The parameters that we know; the others are ignored (RFC 6749 3.1), whatever a client adds one day.
const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "acr_values",
    "prompt",
    "max_age",
    "claims",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "registration",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "display",
];
/// No honest state or nonce is longer.
const OPAQUE: usize = 2048;

/// Why a request gets a page of ours instead of going back: nothing proves who should hear of it (RFC 6749 4.1.2.1).
/// The page is a 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageRefusal {
    /// Parameters that are not read, one of them given twice above all.
    #[error("the parameters are not read: {0}")]
    Form(#[from] FormError),
    /// No such client.
    #[error("no such client")]
    Client,
    /// Not one of the client's addresses, letter by letter.
    #[error("not an address of the client")]
    Redirect,
    /// A state that is too long to be sent back.
    #[error("a state that is too long")]
    State,
}

impl PageRefusal {
    /// What the person at the screen can do.
    pub fn conseil(&self) -> &'static str {
        match self {
            Self::Form(_) | Self::State => {
                "Le service d’où vous venez a envoyé une demande que ce site ne peut pas lire. Retournez-y et \
                 recommencez ; si cela se reproduit, prévenez-le."
            }
            Self::Client | Self::Redirect => {
                "Le service d’où vous venez n’est pas inscrit ici, ou pas à cette adresse. N’allez pas plus loin : \
                 vérifiez l’adresse de ce service, et prévenez-le s’il s’agit bien du bon."
            }
        }
    }
}

/// Why a request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A page of ours.
    Page(PageRefusal),
    /// Back to the client, which is told why.
    Redirect(Redirect),
}

impl From<PageRefusal> for Refusal {
    fn from(p: PageRefusal) -> Self {
        Self::Page(p)
    }
}

/// A request whose parameters are read and nothing more. The next step is to look for its client.
pub struct Received(Form);

/// A request that may be answered. It holds no secret of ours, and is stored until the person has chosen.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Demande {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Sent back as it came.
    pub state: Option<String>,
    /// Put into the `id_token` as it came.
    pub nonce: Option<String>,
    /// What may be told: those asked for that the client may have.
    pub scopes: Vec<String>,
    /// The level to give.
    pub acr: String,
    /// What must be asked, or not.
    pub prompt: Prompt,
    /// The oldest proof of the aidant's presence that is taken, in seconds.
    pub max_age: Option<i64>,
    /// The démarches that the service accepts; empty when it accepts any.
    pub rep_scope: Vec<String>,
    /// The PKCE challenge, S256.
    pub challenge: Option<String>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The oldest proof of presence that `prompt=login` takes.
    pub fresh_since: DateTime<Utc>,
    /// Until when it may be answered.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Demande {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither state, nor nonce, nor challenge.
        write!(f, "Demande(of {} at {})", self.client_id, self.received_at)
    }
}

/// A proof of presence, as the caller knows it.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    /// When a factor was last shown.
    pub auth_time: DateTime<Utc>,
}

/// What is to be done next with the person at the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for a factor, then come back here with the same request.
    SignIn,
    /// Let them choose.
    Choose,
    /// Refuse: nothing may be asked.
    Refuse(ErrorCode),
}

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The person, by the identifier that this client knows.
    pub subject: String,
    /// How the aidant proved to be there (RFC 8176).
    pub amr: Vec<String>,
    /// When.
    pub auth_time: DateTime<Utc>,
    /// The démarches for which the person is represented, in the client's words.
    pub rep_scope: Vec<String>,
    /// Who acts.
    pub act: Option<Act>,
}

/// A code to store, and where to send the browser (303).
#[derive(Debug)]
pub struct Granted {
    /// To store; the clear code is in the address only.
    pub code: Code,
    /// The whole address.
    pub location: Secret,
}

impl Received {
    /// Reads a query (without `?`), or the body of a form.
    ///
    /// # Errors
    /// Too long, badly encoded, or a parameter given twice.
    pub fn read(query: &str) -> Result<Self, PageRefusal> {
        Ok(Self(Form::read(query, KNOWN)?))
    }

    /// The client to look for.
    pub fn client_id(&self) -> Option<&str> {
        self.0.get("client_id")
    }

    /// Checks everything. `client` is what was found under [`Received::client_id`], an active one.
    ///
    /// # Errors
    /// A page until client and address are known to belong together; a redirection afterwards.
    pub fn check(
        &self,
        provider: &Provider,
        client: Option<&Client>,
        now: DateTime<Utc>,
    ) -> Result<Demande, Refusal> {
        let form = &self.0;
        let client =
            client.filter(|c| form.get("client_id") == Some(&c.client_id)).ok_or(PageRefusal::Client)?;
        let asked = form.get("redirect_uri").ok_or(PageRefusal::Redirect)?;
        let redirect_uri = client.redirect_uris.iter().find(|u| *u == asked).ok_or(PageRefusal::Redirect)?;
        let state = form.owned("state");
        if state.as_ref().is_some_and(|s| s.len() > OPAQUE) {
            return Err(PageRefusal::State.into());
        }
        // From here on, the client hears of what is wrong.
        self.demande(provider, client, redirect_uri, now).map_err(|(error, reason)| {
            Refusal::Redirect(Redirect::new(redirect_uri, state.as_deref(), provider.issuer(), error, reason))
        })
    }

    fn demande(
        &self,
        provider: &Provider,
        client: &Client,
        redirect_uri: &str,
        now: DateTime<Utc>,
    ) -> Result<Demande, (ErrorCode, &'static str)> {
        use ErrorCode::{InvalidRequest, InvalidScope, UnsupportedResponseType};
        let form = &self.0;
        self.not_supported()?;
        match form.get("response_type") {
            Some("code") => {}
            None => return Err((InvalidRequest, "response_type is missing")),
            Some(_) => return Err((UnsupportedResponseType, "only code")),
        }
        if form.get("response_mode").is_some_and(|m| m != "query") {
            return Err((InvalidRequest, "only the response_mode query"));
        }
        let asked = form.get("scope").ok_or((InvalidRequest, "scope is missing"))?;
        let scopes = scopes(asked, client).ok_or((InvalidScope, "scope: openid, and well-formed words"))?;
        let nonce = form.owned("nonce");
        if nonce.is_none() && client.nonce_required {
            return Err((InvalidRequest, "nonce is missing"));
        }
        if nonce.as_ref().is_some_and(|n| n.len() > OPAQUE) {
            return Err((InvalidRequest, "nonce is too long"));
        }
        let prompt = Prompt::parse(form.get("prompt").unwrap_or_default())
            .ok_or((InvalidRequest, "prompt: none goes alone"))?;
        let max_age = match form.get("max_age") {
            None => None,
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
                Some(text.parse::<i64>().map_err(|_| (InvalidRequest, "max_age is too large"))?)
            }
            Some(_) => return Err((InvalidRequest, "max_age is not a number of seconds")),
        };
        let claims = AskedClaims::parse(form.get("claims"))?;
        let acr = acr(form.get("acr_values"), &claims, client)?;
        let rep_scope = if client.rep_scope { claims.rep_scope } else { Vec::new() };
        Ok(Demande {
            client_id: client.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: form.owned("state"),
            nonce,
            scopes,
            acr,
            prompt,
            max_age,
            rep_scope,
            challenge: self.challenge(client)?,
            received_at: now,
            fresh_since: now - client.presence,
            expires_at: now + provider.lives.demande,
        })
    }

    /// Parameters that would change the meaning of the others cannot be ignored (OpenID Connect Core 6 and 7.2.1).
    fn not_supported(&self) -> Result<(), (ErrorCode, &'static str)> {
        for (name, error) in [
            ("request", ErrorCode::RequestNotSupported),
            ("request_uri", ErrorCode::RequestUriNotSupported),
            ("registration", ErrorCode::RegistrationNotSupported),
        ] {
            if self.0.get(name).is_some() {
                return Err((error, "not supported here"));
            }
        }
        Ok(())
    }

    /// RFC 7636 4.3: S256 when a challenge is sent, and only S256.
    fn challenge(&self, client: &Client) -> Result<Option<String>, (ErrorCode, &'static str)> {
        let bad = |why| Err((ErrorCode::InvalidRequest, why));
        match (self.0.get("code_challenge"), self.0.get("code_challenge_method")) {
            (None, None) if client.pkce_required => bad("code_challenge is missing"),
            (None, None) => Ok(None),
            (None, Some(_)) => bad("code_challenge_method without code_challenge"),
            (Some(challenge), Some("S256")) => {
                let fits = challenge.len() == 43
                    && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                if fits { Ok(Some(challenge.to_owned())) } else { bad("code_challenge is malformed") }
            }
            (Some(_), _) => bad("only code_challenge_method=S256"),
        }
    }
}

impl Demande {
    /// Whether it may still be answered.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }

    /// What comes next with the person at the screen. `prompt=login` takes a factor shown since the request
    /// arrived, or a little before where the client admits it ([`Client::presence`]). `max_age` is counted back from the
    /// arrival too: two people who take their time to choose are not asked again (OpenID Connect Core 3.1.2.1).
    pub fn step(&self, login: Option<Login>) -> Step {
        let enough = login.is_some_and(|l| {
            let fresh = !self.prompt.login || l.auth_time >= self.fresh_since;
            let young = |age| {
                l.auth_time >= self.received_at || (self.received_at - l.auth_time).num_seconds() <= age
            };
            fresh && self.max_age.is_none_or(young)
        });
        match (enough, self.prompt.none) {
            (true, false) => Step::Choose,
            (false, false) => Step::SignIn,
            // A person is always chosen by hand here: silence is never enough.
            (true, true) => Step::Refuse(ErrorCode::InteractionRequired),
            (false, true) => Step::Refuse(ErrorCode::LoginRequired),
        }
    }

    /// Whether the service that asks accepts one of these démarches. A service that names none accepts all. Both
    /// vocabularies are read, on both sides: [`crate::franceconnect::PERIMETRES`].
    pub fn accepts(&self, rep_scope: &[String]) -> bool {
        self.rep_scope.is_empty()
            || self.rep_scope.iter().any(|asked| rep_scope.iter().any(|ours| same_perimeter(asked, ours)))
    }

    /// These démarches in the words in which they were asked for; in the given words when they were not asked for.
    fn in_words_asked(&self, rep_scope: Vec<String>) -> Vec<String> {
        let said = |ours: String| match self.rep_scope.iter().find(|asked| same_perimeter(asked, &ours)) {
            Some(asked) if !self.rep_scope.contains(&ours) => asked.clone(),
            _ => ours,
        };
        rep_scope.into_iter().map(said).collect()
    }

    /// The address that tells the client no: the person gave up, or must come back later.
    pub fn refuse(&self, provider: &Provider, error: ErrorCode, reason: &'static str) -> Redirect {
        Redirect::new(&self.redirect_uri, self.state.as_deref(), provider.issuer(), error, reason)
    }

    /// Gives a code for what was chosen.
    ///
    /// # Errors
    /// The request is too old, the factor too old, or the démarche is not one that the service accepts.
    pub fn grant(
        &self,
        provider: &Provider,
        mut answer: Answer,
        (chance, pepper): (&Chance, &Pepper),
        now: DateTime<Utc>,
    ) -> Result<Granted, Redirect> {
        let refuse = |error, reason| Err(self.refuse(provider, error, reason));
        if !self.holds(now) {
            return refuse(ErrorCode::AccessDenied, "the request has expired");
        }
        match self.step(Some(Login { auth_time: answer.auth_time })) {
            Step::Choose => {}
            Step::SignIn => return refuse(ErrorCode::LoginRequired, "a fresh proof of presence is needed"),
            Step::Refuse(error) => return refuse(error, "nothing may be asked"),
        }
        if !self.accepts(&answer.rep_scope) {
            return refuse(ErrorCode::AccessDenied, "the mandate covers no perimeter of this service");
        }
        answer.rep_scope = self.in_words_asked(answer.rep_scope);
        let clear = chance.secret();
        let code = Code::new(self, answer, (pepper, &clear, chance.secret()), now + provider.lives.code);
        let pairs = [("code", clear.as_str()), ("iss", provider.issuer())];
        let state = self.state.as_deref().map(|s| ("state", s));
        let location = form::with_query(&self.redirect_uri, pairs.into_iter().chain(state));
        Ok(Granted { code, location: Secret::new(location) })
    }

    /// Whether a verifier answers the challenge (RFC 7636 4.6). Without a challenge none may come: it would be the
    /// sign that the challenge was taken away on the road (RFC 9700 2.1.1).
    pub(super) fn verified(challenge: Option<&str>, verifier: Option<&str>) -> bool {
        match (challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => {
                let fits = (43..=128).contains(&verifier.len())
                    && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
                fits && same(&crate::secret::sha256_b64(verifier), challenge)
            }
            _ => false,
        }
    }
}
