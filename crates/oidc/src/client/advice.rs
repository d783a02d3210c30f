//! Why a sign-in did not end well: for the operator, and for the person at the screen.

use crate::json;

/// What a provider says when it says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The person gave up, or the provider refuses them.
    AccessDenied,
    /// Nobody is signed in there, and nothing could be asked.
    LoginRequired,
    /// The level that we asked for cannot be reached.
    Level,
    /// Too busy, or under repair.
    Unavailable,
    /// Something broke there.
    ServerError,
    /// Our request is wrong: a scope, an address, a parameter.
    OurFault,
    /// The code was used, or too old.
    InvalidGrant,
    /// We did not prove who we are.
    InvalidClient,
    /// Another word.
    Other,
}

impl Said {
    /// From the `error` of an answer.
    pub fn parse(error: &str) -> Self {
        match error {
            "access_denied" | "consent_required" => Self::AccessDenied,
            "login_required" | "interaction_required" | "account_selection_required" => Self::LoginRequired,
            "invalid_acr" | "unmet_authentication_requirements" => Self::Level,
            "temporarily_unavailable" => Self::Unavailable,
            "server_error" => Self::ServerError,
            "invalid_request"
            | "invalid_scope"
            | "unauthorized_client"
            | "unsupported_response_type"
            | "unsupported_grant_type"
            | "invalid_idp_hint"
            | "idp_hint_not_found" => Self::OurFault,
            "invalid_grant" => Self::InvalidGrant,
            "invalid_client" => Self::InvalidClient,
            _ => Self::Other,
        }
    }
}

/// Why a sign-in did not end well. None holds a token, a code or a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The return is not of this browser, comes twice, or too late.
    #[error("a return that is not awaited: {0}")]
    Return(&'static str),
    /// The provider says no; with the reference that its support asks for, when it gives one.
    #[error("the provider says {said:?} ({})", reference.as_deref().unwrap_or("no reference"))]
    Said {
        /// What it says.
        said: Said,
        /// `Y…` codes and identifiers of FranceConnect.
        reference: Option<String>,
    },
    /// What it says does not stand up to the checks.
    #[error("an answer that is refused: {0}")]
    Answer(&'static str),
    /// The provider says in its discovery document that it does not do what is configured here: the operator's to mend.
    #[error("the provider does not take what is configured: {0}")]
    Settings(&'static str),
    /// It does not prove that it is who it says: nothing was sent to it.
    #[error("the provider does not prove who it is: {0}")]
    Certificate(&'static str),
    /// Less than the level that we require.
    #[error("a level that is too low")]
    Level,
    /// No key of the provider fits: its keys are to be fetched again, if [`super::Policy`] allows.
    #[error("no key of the provider fits")]
    UnknownKey,
    /// It does not answer, or not as a provider.
    #[error("the provider is away: {0}")]
    Away(&'static str),
}

impl Refused {
    /// From the `error` of an answer, and the address of its explanation.
    pub(super) fn said(error: &str, explained_at: Option<&str>) -> Self {
        let reference = explained_at.and_then(|address| {
            let url = url::Url::parse(address).ok()?;
            let part = |name: &str| {
                let (_, value) = url.query_pairs().find(|(k, _)| k == name)?;
                let fits = (1..=64).contains(&value.len())
                    && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                fits.then(|| value.into_owned())
            };
            let parts: Vec<String> = ["code", "id"].into_iter().filter_map(part).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        });
        Self::Said { said: Said::parse(error), reference }
    }

    /// From an answer that is not a 200: the error that its JSON tells, if it tells one (RFC 6749 5.2).
    pub(super) fn of_answer(answer: &super::Answer) -> Self {
        let told = json::parse_object(&answer.body, super::Answer::LONGEST).ok();
        let text = |name: &str| told.as_ref().and_then(|t| crate::claims::text(t, name));
        match (answer.status, text("error")) {
            (400..=499, Some(error)) => Self::said(error, text("error_uri")),
            (300..=399, _) => Self::Away("it redirects"),
            (500..=599, _) => Self::Away("it is out of order"),
            _ => Self::Away("an answer that is not awaited"),
        }
    }

    /// What the person at the screen can do. `name` is the provider's.
    pub fn conseil(&self, name: &str) -> String {
        match self {
            Self::Return(_) => format!(
                "La connexion par {name} n’a pas été commencée dans ce navigateur, ou elle date trop. Recommencez-la \
                 depuis cette page, sans utiliser le bouton « Précédent »."
            ),
            Self::Said { said, .. } => said.conseil(name),
            Self::Level => format!(
                "{name} a connecté cette personne avec moins de preuves que nécessaire. Recommencez en choisissant, \
                 chez {name}, un moyen de connexion plus sûr."
            ),
            Self::Answer(_) | Self::UnknownKey => format!(
                "La réponse de {name} n’a pas pu être vérifiée : par prudence, elle est écartée. Recommencez ; si cela \
                 se reproduit, prévenez l’assistance."
            ),
            Self::Certificate(_) => format!(
                "Rien ne prouve que c’est bien {name} qui répond : par prudence, rien ne lui est envoyé. Recommencez plus \
                 tard ; si cela se reproduit, prévenez l’assistance."
            ),
            Self::Settings(_) => format!(
                "Ce site et {name} ne sont pas réglés de la même façon : la connexion ne peut pas se faire. Prévenez \
                 l’assistance : la personne qui tient ce site doit revoir ses réglages."
            ),
            Self::Away(_) => {
                format!(
                    "{name} ne répond pas en ce moment. Rien n’est perdu : recommencez dans quelques minutes."
                )
            }
        }
    }
}

impl Said {
    fn conseil(self, name: &str) -> String {
        match self {
            Self::AccessDenied => format!(
                "La connexion par {name} a été abandonnée ou refusée. Recommencez quand la personne est prête, avec le \
                 compte qu’elle a l’habitude d’utiliser."
            ),
            Self::LoginRequired => {
                format!("Il faut se connecter chez {name}. Recommencez, et répondez à ses questions.")
            }
            Self::Level => format!(
                "Ce compte ne permet pas à {name} de prouver assez l’identité. Recommencez avec un autre compte."
            ),
            Self::Unavailable | Self::ServerError => {
                format!(
                    "{name} ne peut pas répondre en ce moment. Rien n’est perdu : recommencez dans quelques minutes."
                )
            }
            Self::InvalidGrant => {
                format!("La réponse de {name} est arrivée trop tard, ou deux fois. Recommencez la connexion.")
            }
            Self::OurFault | Self::InvalidClient | Self::Other => format!(
                "{name} n’accepte pas la demande de ce site. Recommencez plus tard ; si cela se reproduit, prévenez \
                 l’assistance."
            ),
        }
    }
}
