//! What a professional is.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{Email, Role, Telephone};

use crate::ids::{AidantId, AppartenanceId, EquipeId};

/// The life of a professional, in this order but for the return of who was dormant or had left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EtatAidant {
    /// Named in a request: nobody decided yet.
    Demande,
    /// May be trained.
    Eligible,
    /// Followed the training.
    Forme,
    /// Proved what was learnt (Pix).
    Certifie,
    /// Has an account, acts.
    Actif,
    /// Did not come for months: acts again after proving who they are.
    Dormant,
    /// Belongs to no organisation any more.
    Parti,
    /// Was refused, or whose request was cancelled.
    Refuse,
}

impl EtatAidant {
    /// Every one.
    pub const TOUS: [Self; 8] = [
        Self::Demande,
        Self::Eligible,
        Self::Forme,
        Self::Certifie,
        Self::Actif,
        Self::Dormant,
        Self::Parti,
        Self::Refuse,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Demande => "demande",
            Self::Eligible => "eligible",
            Self::Forme => "forme",
            Self::Certifie => "certifie",
            Self::Actif => "actif",
            Self::Dormant => "dormant",
            Self::Parti => "parti",
            Self::Refuse => "refuse",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Demande => "Demande en attente",
            Self::Eligible => "À former",
            Self::Forme => "Formation suivie, test à passer",
            Self::Certifie => "Formation et test réussis",
            Self::Actif => "Compte actif",
            Self::Dormant => "Compte en sommeil",
            Self::Parti => "A quitté ses organisations",
            Self::Refuse => "Demande refusée ou annulée",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }
}

/// A professional.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aidant {
    /// Its identifier.
    pub id: AidantId,
    /// Their account, once they are active.
    pub compte: Option<CompteId>,
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// Professional address.
    pub courriel: Email,
    /// Professional telephone.
    pub telephone: Option<Telephone>,
    /// What they do, as printed on a mandat.
    pub profession: String,
    /// Whether they are a conseiller numérique.
    pub conseiller_numerique: bool,
    /// Where they are in their life as an aidant.
    pub etat: EtatAidant,
    /// Since when.
    pub etat_le: DateTime<Utc>,
    /// Version of the conditions of use that they accepted.
    pub conditions_version: Option<i64>,
    /// Since when they are known.
    pub cree_le: DateTime<Utc>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Aidant {
    /// First name and name.
    pub fn nom_complet(&self) -> String {
        format!("{} {}", self.prenom, self.nom)
    }
}

/// What somebody does in an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fonction {
    /// Makes mandats.
    Aidant,
    /// Looks after the aidants, makes no mandat.
    Referent,
    /// Both.
    AidantReferent,
}

impl Fonction {
    /// From its two halves; none is no function.
    pub fn de(fait_mandats: bool, referent: bool) -> Option<Self> {
        match (fait_mandats, referent) {
            (true, true) => Some(Self::AidantReferent),
            (true, false) => Some(Self::Aidant),
            (false, true) => Some(Self::Referent),
            (false, false) => None,
        }
    }

    /// Whether they make mandats.
    pub fn fait_mandats(self) -> bool {
        self != Self::Referent
    }

    /// Whether they look after the aidants.
    pub fn referent(self) -> bool {
        self != Self::Aidant
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Aidant => "Aidant",
            Self::Referent => "Référent, sans mandat",
            Self::AidantReferent => "Aidant et référent",
        }
    }

    /// The role in which they act.
    pub fn role(self) -> Role {
        match self {
            Self::Aidant => Role::Aidant,
            Self::Referent => Role::Referent,
            Self::AidantReferent => Role::AidantReferent,
        }
    }
}

/// A professional in an organisation. A change of function or of team ends one and begins another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appartenance {
    /// Its identifier: a mandat says under which one it was made.
    pub id: AppartenanceId,
    /// Who.
    pub aidant: AidantId,
    /// Where.
    pub structure: StructureId,
    /// In which team, when the organisation has some.
    pub equipe: Option<EquipeId>,
    /// To do what.
    pub fonction: Fonction,
    /// First day.
    pub debut: NaiveDate,
    /// Last day.
    pub fin: Option<NaiveDate>,
}

impl Appartenance {
    /// First day, in letters.
    pub fn depuis(&self) -> String {
        kernel::calendrier::jour_en_lettres(self.debut)
    }

    /// Last day, in letters.
    pub fn jusqu_au(&self) -> Option<String> {
        self.fin.map(kernel::calendrier::jour_en_lettres)
    }
}
