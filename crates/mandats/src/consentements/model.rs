//! A consent at a distance.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::StructureId;
use kernel::{Email, Telephone, typed_id};
use uuid::Uuid;

use crate::Empreinte;
pub use crate::document::Canal;
use crate::ids::UsagerId;

typed_id!(ConsentementId, "a consent asked for at a distance");

/// Where the messages go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Adresse {
    /// By text message.
    Sms(Telephone),
    /// By e-mail.
    Courriel(Email),
}

impl Adresse {
    /// The text that is stored.
    pub fn texte(&self) -> &str {
        match self {
            Self::Sms(t) => t.as_str(),
            Self::Courriel(c) => c.as_str(),
        }
    }

    /// As the document names it.
    pub fn canal(&self) -> Canal {
        match self {
            Self::Sms(_) => Canal::Sms,
            Self::Courriel(_) => Canal::Courriel,
        }
    }

    pub(super) fn cle(&self) -> &'static str {
        match self {
            Self::Sms(_) => "sms",
            Self::Courriel(_) => "courriel",
        }
    }

    pub(super) fn lire(cle: &str, texte: &str) -> Option<Self> {
        match cle {
            "sms" => Telephone::parse(texte).map(Self::Sms),
            "courriel" => Email::parse(texte).ok().map(Self::Courriel),
            _ => None,
        }
    }
}

/// Where a consent is. None is skipped: an answer counts only once it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// What the mandat would allow was sent.
    OffreEnvoyee,
    /// Whether they agree was asked.
    AcceptationDemandee,
    /// They agree.
    Acceptee,
    /// They do not.
    Refusee,
    /// They did not answer in time.
    Expiree,
    /// They want no more messages; or the aidant gave up.
    Arretee,
}

impl Etat {
    /// Every one.
    pub const TOUS: [Self; 6] = [
        Self::OffreEnvoyee,
        Self::AcceptationDemandee,
        Self::Acceptee,
        Self::Refusee,
        Self::Expiree,
        Self::Arretee,
    ];

    /// Its key.
    pub const fn cle(self) -> &'static str {
        match self {
            Self::OffreEnvoyee => "offre_envoyee",
            Self::AcceptationDemandee => "acceptation_demandee",
            Self::Acceptee => "acceptee",
            Self::Refusee => "refusee",
            Self::Expiree => "expiree",
            Self::Arretee => "arretee",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// Whether something is still awaited.
    pub fn ouvert(self) -> bool {
        matches!(self, Self::OffreEnvoyee | Self::AcceptationDemandee)
    }

    /// For the aidant who waits.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::OffreEnvoyee => "Le récapitulatif est envoyé",
            Self::AcceptationDemandee => "L’accord est demandé, nous attendons la réponse",
            Self::Acceptee => "La personne est d’accord",
            Self::Refusee => "La personne refuse",
            Self::Expiree => "Pas de réponse dans le temps prévu",
            Self::Arretee => "Arrêté",
        }
    }
}

/// For how long an answer is awaited, from the offer on.
pub(super) const DUREE: TimeDelta = TimeDelta::hours(24);
/// How often one message is sent, and how far apart.
pub(super) const ENVOIS: i64 = 3;
/// The least time between two messages of one step.
pub(super) const ENTRE_DEUX: TimeDelta = TimeDelta::minutes(1);
/// How often somebody is told which words we understand.
pub(super) const AIDES: i64 = 2;

/// A consent, as stored.
#[derive(Clone, Debug)]
pub(super) struct Consentement {
    /// Its identifier.
    pub(super) id: ConsentementId,
    /// The draft that waits for it.
    pub(super) brouillon: Uuid,
    /// In whose name.
    pub(super) structure: StructureId,
    /// Who is asked.
    pub(super) usager: UsagerId,
    /// Where.
    pub(super) adresse: Adresse,
    /// What the mandat would allow, in words.
    pub(super) offre: String,
    /// What is asked, in words.
    pub(super) question: String,
    /// Where it is.
    pub(super) etat: Etat,
    /// Where the aidant goes on.
    pub(super) retour: String,
    /// When the offer left.
    pub(super) offre_le: DateTime<Utc>,
    /// When the agreement was asked for.
    pub(super) demande_le: Option<DateTime<Utc>>,
    /// When the answer came.
    pub(super) reponse_le: Option<DateTime<Utc>>,
    /// The answer, letter for letter.
    pub(super) reponse: Option<String>,
    /// When the last message of this step left, and how many of them.
    pub(super) dernier_le: DateTime<Utc>,
    /// How many messages of this step left.
    pub(super) envois: i64,
    /// How many times the words were explained.
    pub(super) aides: i64,
    /// Until when an answer is taken.
    pub(super) expire_le: DateTime<Utc>,
    /// At random: whoever knows the fingerprint of the exchange cannot try texts against it.
    pub(super) sel: String,
}

impl Consentement {
    /// Where it is now: an answer that comes too late is none.
    pub(super) fn etat(&self, now: DateTime<Utc>) -> Etat {
        if self.etat.ouvert() && now >= self.expire_le { Etat::Expiree } else { self.etat }
    }

    /// The exchange, letter for letter, and what names it.
    pub(super) fn echange(&self) -> (String, Empreinte) {
        let texte = serde_json::json!({
            "canal": self.adresse.cle(),
            "sel": self.sel,
            "offre": { "le": self.offre_le, "texte": self.offre },
            "demande": { "le": self.demande_le, "texte": self.question },
            "reponse": { "le": self.reponse_le, "texte": self.reponse },
        })
        .to_string();
        let empreinte = Empreinte::de(texte.as_bytes());
        (texte, empreinte)
    }
}

/// What a mandat made at a distance says of how the person agreed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accord {
    /// What the messages went by.
    pub canal: Canal,
    /// What the exchange is called here; no number, no address.
    pub reference: String,
    /// Who agreed.
    pub usager: UsagerId,
    /// In whose name they were asked.
    pub structure: StructureId,
    /// When the offer left.
    pub offre: DateTime<Utc>,
    /// When the agreement came.
    pub reponse: DateTime<Utc>,
    /// SHA-256 of the exchange.
    pub echange: Empreinte,
    /// What was offered, letter for letter: a mandat that says something else was not agreed to.
    pub texte: String,
}
