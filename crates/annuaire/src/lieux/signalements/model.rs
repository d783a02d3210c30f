//! A report, its states.

use chrono::{DateTime, Utc};
use kernel::actor::Cible;
use kernel::ids::{LieuId, StructureId};
use kernel::{CodeDepartement, CodeRegion};

use crate::lieux::model::ChampChange;

kernel::typed_id!(SignalementId, "a report of a visitor");

/// Name, among the changes, of the permanent closing of the lieu: no field of the standard says it.
pub(super) const FERMETURE: &str = "fermeture";

/// What became of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Etat {
    /// Nobody decided.
    Recu,
    /// Applied to the lieu.
    Accepte,
    /// Not applied.
    Refuse,
}

impl Etat {
    pub(super) const TOUS: [Self; 3] = [Self::Recu, Self::Accepte, Self::Refuse];

    pub(super) fn cle(self) -> &'static str {
        match self {
            Self::Recu => "recu",
            Self::Accepte => "accepte",
            Self::Refuse => "refuse",
        }
    }

    pub(super) fn libelle(self) -> &'static str {
        match self {
            Self::Recu => "À traiter",
            Self::Accepte => "Accepté",
            Self::Refuse => "Refusé",
        }
    }

    pub(super) fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// What a visitor wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Signalement {
    pub(super) id: SignalementId,
    /// The lieu; none when a new one is proposed.
    pub(super) lieu: Option<LieuId>,
    /// The structure that the lieu belongs to today.
    pub(super) structure: Option<StructureId>,
    /// Name of the lieu as it was then, or as it is proposed.
    pub(super) nom: String,
    pub(super) commune: String,
    pub(super) region: Option<CodeRegion>,
    pub(super) departement: Option<CodeDepartement>,
    /// Field, value shown, value proposed.
    pub(super) champs: Vec<ChampChange>,
    /// Free words.
    pub(super) mot: String,
    /// Where to answer; erased by the answer.
    pub(super) courriel: Option<String>,
    pub(super) etat: Etat,
    /// What was answered.
    pub(super) reponse: String,
    pub(super) recu_le: DateTime<Utc>,
    pub(super) traite_le: Option<DateTime<Utc>>,
}

impl Signalement {
    /// What scopes are compared with.
    pub(super) fn cible(&self) -> Cible {
        Cible {
            region: self.region.clone(),
            departement: self.departement.clone(),
            structure: self.structure,
            lieu: self.lieu,
            ..Cible::default()
        }
    }

    /// Whether the lieu is said to be closed for good.
    pub(super) fn ferme(&self) -> bool {
        self.champs.iter().any(|c| c.champ == FERMETURE)
    }

    /// « Erreur signalée », « Lieu proposé ».
    pub(super) fn genre(&self) -> &'static str {
        match self.lieu {
            Some(_) if self.ferme() => "Fermeture signalée",
            Some(_) => "Erreur signalée",
            None => "Lieu proposé",
        }
    }
}
