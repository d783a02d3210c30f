//! A consent at a distance.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::ids::StructureId;
use kernel::{Email, Telephone, typed_id};
use serde::Serialize;
use uuid::Uuid;

use crate::Empreinte;
pub use crate::document::Canal;
use crate::ids::{AppartenanceId, UsagerId};

typed_id!(ConsentementId, "a consent asked for at a distance");

/// What proves, after a call, that the person was on the line and agreed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preuve {
    /// They said the code that was sent to that telephone.
    Code,
    /// A colleague of the aidant listened, and confirms it by themselves.
    Temoin,
}

/// Where the messages go, or who is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Adresse {
    /// By text message.
    Sms(Telephone),
    /// By e-mail.
    Courriel(Email),
    /// By a call: what is offered is read to them.
    Appel(Telephone, Preuve),
}

impl Adresse {
    /// The text that is stored.
    pub fn texte(&self) -> &str {
        match self {
            Self::Sms(t) | Self::Appel(t, _) => t.as_str(),
            Self::Courriel(c) => c.as_str(),
        }
    }

    /// As people write it.
    pub fn lisible(&self) -> String {
        match self {
            Self::Sms(t) | Self::Appel(t, _) => t.lisible(),
            Self::Courriel(c) => c.as_str().to_owned(),
        }
    }

    /// As the document names it.
    pub fn canal(&self) -> Canal {
        match self {
            Self::Sms(_) => Canal::Sms,
            Self::Courriel(_) => Canal::Courriel,
            Self::Appel(..) => Canal::Telephone,
        }
    }

    /// How the person is asked, in the draft and in the database.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::Appel(_, Preuve::Code) => "telephone_code",
            Self::Appel(_, Preuve::Temoin) => "telephone_temoin",
            autre => autre.canal().cle(),
        }
    }

    /// What proves an agreement by a call; none by messages.
    pub fn preuve(&self) -> Option<Preuve> {
        match self {
            Self::Appel(_, preuve) => Some(*preuve),
            _ => None,
        }
    }

    /// The address that was stored so.
    pub(crate) fn lire(cle: &str, texte: &str) -> Option<Self> {
        match cle {
            "sms" => Telephone::parse(texte).map(Self::Sms),
            "courriel" => Email::parse(texte).ok().map(Self::Courriel),
            "telephone_code" => Telephone::parse(texte).map(|t| Self::Appel(t, Preuve::Code)),
            "telephone_temoin" => Telephone::parse(texte).map(|t| Self::Appel(t, Preuve::Temoin)),
            _ => None,
        }
    }
}

impl Adresse {
    /// Every key.
    pub(super) const CLES: [&str; 4] = ["sms", "courriel", "telephone_code", "telephone_temoin"];
}

/// Whether a text message reaches that number: in the plans of numbers that we know, mobiles only.
pub fn recoit_sms(t: &Telephone) -> bool {
    let n = t.as_str();
    let mobiles = ["+336", "+337", "+59069", "+59469", "+59669", "+26269", "+262639"];
    let connus = ["+33", "+590", "+594", "+596", "+262"];
    mobiles.iter().any(|m| n.starts_with(m)) || !connus.iter().any(|c| n.starts_with(c))
}

/// Where a consent is. None is skipped: an answer counts only once it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Etat {
    /// What the mandat would allow was sent.
    OffreEnvoyee,
    /// Whether they agree was asked.
    AcceptationDemandee,
    /// On the telephone they said yes; the colleague who listened has not confirmed it yet.
    AttenteTemoin,
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
    pub const TOUS: [Self; 7] = [
        Self::OffreEnvoyee,
        Self::AcceptationDemandee,
        Self::AttenteTemoin,
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
            Self::AttenteTemoin => "attente_temoin",
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
        matches!(self, Self::OffreEnvoyee | Self::AcceptationDemandee | Self::AttenteTemoin)
    }

    /// For the aidant who waits.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::OffreEnvoyee => "Le récapitulatif est envoyé",
            Self::AcceptationDemandee => "L’accord est demandé, nous attendons la réponse",
            Self::AttenteTemoin => "En attente du témoin",
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

/// How long a code that is sent during a call serves.
pub(super) const CODE: TimeDelta = TimeDelta::minutes(15);
/// How often a code is tried.
pub(super) const ESSAIS: i64 = 3;
/// How long whoever listened has to confirm it.
pub(super) const TEMOIN: TimeDelta = TimeDelta::hours(1);
/// How long a number that an aidant typed is not called: it was known before.
pub(super) const CONNU: TimeDelta = TimeDelta::hours(24);

/// A consent, as stored.
#[derive(Clone, Debug)]
pub(super) struct Consentement {
    /// Its identifier.
    pub(super) id: ConsentementId,
    /// The draft that waits for it.
    pub(super) brouillon: Uuid,
    /// In whose name.
    pub(super) structure: StructureId,
    /// Under which membership the aidant asked; none for what was asked before this was noted.
    pub(super) appartenance: Option<AppartenanceId>,
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
    /// The exchange as it stood when the answer came, letter for letter; none before, or of one answered before it was kept.
    pub(super) garde: Option<String>,
}

impl Consentement {
    /// Where it is now: an answer that comes too late is none.
    pub(super) fn etat(&self, now: DateTime<Utc>) -> Etat {
        if self.etat.ouvert() && now >= self.expire_le { Etat::Expiree } else { self.etat }
    }

    /// The exchange, letter for letter, and what names it: what was kept when the answer came, or what it is so far.
    pub(super) fn echange(&self) -> (String, Empreinte) {
        let texte = self.garde.clone().unwrap_or_else(|| self.ecrit());
        let empreinte = Empreinte::de(texte.as_bytes());
        (texte, empreinte)
    }
}

/// The exchange: its fields are written in this order, that of the alphabet, whatever becomes of the libraries.
#[derive(Serialize)]
struct Echange<'a> {
    canal: &'a str,
    demande: Message<'a>,
    offre: Message<'a>,
    reponse: Message<'a>,
    sel: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    le: Option<String>,
    texte: Option<&'a str>,
}

impl Consentement {
    fn ecrit(&self) -> String {
        // Microseconds when there are some, as the database keeps them.
        let le = |le: DateTime<Utc>| Some(le.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        let echange = Echange {
            canal: self.adresse.cle(),
            demande: Message { le: self.demande_le.and_then(le), texte: Some(&self.question) },
            offre: Message { le: le(self.offre_le), texte: Some(&self.offre) },
            reponse: Message { le: self.reponse_le.and_then(le), texte: self.reponse.as_deref() },
            sel: &self.sel,
        };
        // Texts and options of texts: this cannot fail.
        serde_json::to_string(&echange).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_is_these_bytes_for_ever() {
        let le = |t: &str| t.parse::<DateTime<Utc>>().unwrap();
        let c = Consentement {
            id: ConsentementId(Uuid::from_u128(1)),
            brouillon: Uuid::from_u128(2),
            structure: StructureId(Uuid::from_u128(3)),
            appartenance: None,
            usager: UsagerId(Uuid::from_u128(4)),
            adresse: Adresse::lire("sms", "0601020304").unwrap(),
            offre: "La Maison d’essai vous propose « Logement ».".to_owned(),
            question: "Acceptez-vous ?".to_owned(),
            etat: Etat::Acceptee,
            retour: String::new(),
            offre_le: le("2026-12-01T09:00:00Z"),
            demande_le: Some(le("2026-12-01T09:05:00.25Z")),
            reponse_le: Some(le("2026-12-01T09:07:30.000001Z")),
            reponse: Some(" OUI. \"vraiment\"".to_owned()),
            dernier_le: le("2026-12-01T09:05:00Z"),
            envois: 1,
            aides: 0,
            expire_le: le("2026-12-02T09:00:00Z"),
            sel: "00ff".to_owned(),
            garde: None,
        };
        let voulu = concat!(
            r#"{"canal":"sms","demande":{"le":"2026-12-01T09:05:00.250Z","texte":"Acceptez-vous ?"},"#,
            r#""offre":{"le":"2026-12-01T09:00:00Z","texte":"La Maison d’essai vous propose « Logement »."},"#,
            r#""reponse":{"le":"2026-12-01T09:07:30.000001Z","texte":" OUI. \"vraiment\""},"sel":"00ff"}"#,
        );
        assert_eq!(c.echange(), (voulu.to_owned(), Empreinte::de(voulu.as_bytes())));
        // What was kept is what is given, whatever the rows say since.
        let garde = Consentement { garde: Some("{}".to_owned()), ..c };
        assert_eq!(garde.echange().0, "{}");
    }
}
