//! Propositions: somebody whose account is in use is tied to one organisation more only when they agree, from their own
//! space. Until then they have no role there, and nobody of it sees more of them than what was typed.

mod actions;
mod migration;
mod pages;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Email;
use kernel::ids::{CompteId, StructureId};
use platform::jobs::{Job, Registry};
use uuid::Uuid;

use super::model::EtatAidant;
use super::vie::Personne;
use crate::Mandats;
use crate::habilitations::model::PersonneId;
use crate::ids::AidantId;

pub(crate) use actions::{Offre, Suite, echoir, executer, inscrire, retirer};
pub(crate) use migration::Mandats0110;
pub(crate) use pages::{PAGE, routes};
pub(crate) use store::{attend, attendent, de};

/// How long somebody has to answer.
pub(crate) const VIE: TimeDelta = TimeDelta::days(90);
/// How long an organisation that was told no waits before it asks again.
const REPIT: TimeDelta = TimeDelta::days(30);
/// How long an answer is kept.
const GARDE: TimeDelta = TimeDelta::days(365);

/// Where a proposition stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EtatProposition {
    /// Nobody answered.
    Proposee,
    /// They agreed: they belong to the organisation.
    Acceptee,
    /// They said no.
    Declinee,
    /// Taken back by the organisation.
    Retiree,
    /// Nobody answered in time.
    Echue,
}

impl EtatProposition {
    /// Every one.
    pub(crate) const TOUS: [Self; 5] =
        [Self::Proposee, Self::Acceptee, Self::Declinee, Self::Retiree, Self::Echue];

    /// Its key.
    pub(crate) fn cle(self) -> &'static str {
        match self {
            Self::Proposee => "proposee",
            Self::Acceptee => "acceptee",
            Self::Declinee => "declinee",
            Self::Retiree => "retiree",
            Self::Echue => "echue",
        }
    }

    /// The one of that key.
    pub(crate) fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// In words.
    pub(crate) fn nom(self) -> &'static str {
        match self {
            Self::Proposee => "Réponse attendue",
            Self::Acceptee => "Acceptée",
            Self::Declinee => "Déclinée",
            Self::Retiree => "Retirée",
            Self::Echue => "Restée sans réponse",
        }
    }
}

/// What an organisation proposes to somebody.
#[derive(Clone, Debug)]
pub(crate) struct Proposition {
    /// Its identifier.
    pub(crate) id: Uuid,
    /// Which organisation.
    pub(crate) structure: StructureId,
    /// The account that may answer.
    pub(crate) compte: Option<CompteId>,
    /// The professional who may answer.
    pub(crate) aidant: Option<AidantId>,
    /// Who, as they were named; to do what.
    pub(crate) personne: Personne,
    /// Where their life begins when nobody knows them yet: `Demande` or `Eligible`.
    pub(crate) vers: EtatAidant,
    /// Whether they leave their other organisations.
    pub(crate) quitte: bool,
    /// The address that their account takes.
    pub(crate) nouveau: Option<Email>,
    /// The person of the request of habilitation that names them.
    pub(crate) nommee: Option<PersonneId>,
    /// Where it stands.
    pub(crate) etat: EtatProposition,
    /// Who proposes; none: the programme.
    pub(crate) par: Option<CompteId>,
    /// Since when.
    pub(crate) cree_le: DateTime<Utc>,
    /// When it was answered, taken back or forgotten.
    pub(crate) fini_le: Option<DateTime<Utc>>,
}

impl Proposition {
    /// Whether it waits for an answer.
    pub(crate) fn attend(&self) -> bool {
        self.etat == EtatProposition::Proposee
    }

    /// First name and name, as they were named.
    pub(crate) fn nom_complet(&self) -> String {
        format!("{} {}", self.personne.prenom, self.personne.nom)
    }

    /// « Réponse attendue, depuis le 2 mars 2026 », « Déclinée le 3 mars 2026 ».
    pub(crate) fn ou_en_est(&self) -> String {
        let nom = self.etat.nom();
        match self.fini_le {
            Some(le) => format!("{nom} le {}", kernel::calendrier::en_lettres(&le)),
            None => format!("{nom}, proposée le {}", kernel::calendrier::en_lettres(&self.cree_le)),
        }
    }
}

/// Lets propositions fall that nobody answered, and forgets those that are over, once a day.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Echoir {}

impl Job for Echoir {
    const KIND: &'static str = "mandats.aidants.propositions";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the job, and when.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let m = m.clone();
    registry.on(move |_, Echoir {}| {
        let m = m.clone();
        async move { echoir(&m).await }
    });
    registry.every("mandats.aidants.propositions", TimeDelta::days(1), Echoir {});
}
