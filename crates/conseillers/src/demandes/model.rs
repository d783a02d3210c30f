//! What a demande is: who asks, for what, where it stands.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::{CodeCommune, CodeDepartement, CodeRegion, Email, Telephone};
use serde::{Deserialize, Serialize};

use super::reference::Critere;
use crate::ids::{DemandeId, SeanceId};
use crate::postes::{MotifRendu, Typologie};

/// What is asked for, in one word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Genre {
    /// First posts of a structure.
    PremiersPostes,
    /// A post of coordinateur.
    Coordinateur,
    /// More posts.
    Ajout,
    /// Posts given back.
    Retrait,
    /// Posts that go to another structure.
    Transfert,
}

impl Genre {
    /// All.
    pub const TOUS: [Self; 5] =
        [Self::PremiersPostes, Self::Coordinateur, Self::Ajout, Self::Retrait, Self::Transfert];

    /// Key in the database and in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::PremiersPostes => "premiers_postes",
            Self::Coordinateur => "coordinateur",
            Self::Ajout => "ajout",
            Self::Retrait => "retrait",
            Self::Transfert => "transfert",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::PremiersPostes => "Premiers postes",
            Self::Coordinateur => "Coordinateur",
            Self::Ajout => "Postes en plus",
            Self::Retrait => "Postes rendus",
            Self::Transfert => "Transfert de postes",
        }
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }

    /// Whether granting it makes new posts, which an enveloppe must hold.
    pub fn cree_des_postes(self) -> bool {
        matches!(self, Self::PremiersPostes | Self::Coordinateur | Self::Ajout)
    }
}

/// Time of a coordinateur (domain, 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotite {
    /// Full time: only coordinates.
    Complet,
    /// Part of the time: also receives the public, over a bassin de vie only.
    Partiel,
}

/// Where a coordinateur coordinates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Etendue {
    /// A living area.
    BassinDeVie,
    /// A département.
    Departement,
    /// A région.
    Region,
}

impl Quotite {
    /// Keys and names.
    pub const OPTIONS: [(&'static str, &'static str); 2] = [
        ("complet", "À temps plein : coordonne seulement"),
        ("partiel", "À temps partagé : coordonne et reçoit aussi du public"),
    ];

    /// The time of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "complet" => Some(Self::Complet),
            "partiel" => Some(Self::Partiel),
            _ => None,
        }
    }
}

impl Etendue {
    /// Keys and names.
    pub const OPTIONS: [(&'static str, &'static str); 3] =
        [("bassin_de_vie", "Un bassin de vie"), ("departement", "Le département"), ("region", "La région")];

    /// The extent of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "bassin_de_vie" => Some(Self::BassinDeVie),
            "departement" => Some(Self::Departement),
            "region" => Some(Self::Region),
            _ => None,
        }
    }
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "genre", rename_all = "snake_case")]
pub enum Objet {
    /// First posts.
    PremiersPostes {
        /// How many.
        postes: u32,
        /// First day wished.
        debut: NaiveDate,
        /// Whether they have somebody in mind.
        candidat_connu: bool,
        /// Why.
        motivation: String,
        /// Keys of [`super::reference::MISSIONS`].
        missions: Vec<String>,
    },
    /// One post of coordinateur.
    Coordinateur {
        /// Its time.
        quotite: Quotite,
        /// Where.
        etendue: Etendue,
        /// First day wished.
        debut: NaiveDate,
        /// Whether they have somebody in mind.
        candidat_connu: bool,
        /// Why.
        motivation: String,
    },
    /// More posts.
    Ajout {
        /// How many.
        postes: u32,
        /// Why.
        motivation: String,
    },
    /// Posts given back.
    Retrait {
        /// How many.
        postes: u32,
        /// Of which kind.
        #[serde(default)]
        typologie: Typologie,
        /// Why.
        motif: MotifRendu,
        /// More about it.
        precision: String,
    },
    /// Posts that go to another structure.
    Transfert {
        /// How many.
        postes: u32,
        /// Of which kind.
        #[serde(default)]
        typologie: Typologie,
        /// To whom.
        vers: StructureId,
        /// Its name on the day of the demande.
        vers_nom: String,
        /// Why.
        motivation: String,
    },
}

impl Objet {
    /// Its kind.
    pub fn genre(&self) -> Genre {
        match self {
            Self::PremiersPostes { .. } => Genre::PremiersPostes,
            Self::Coordinateur { .. } => Genre::Coordinateur,
            Self::Ajout { .. } => Genre::Ajout,
            Self::Retrait { .. } => Genre::Retrait,
            Self::Transfert { .. } => Genre::Transfert,
        }
    }

    /// How many posts it is about.
    pub fn postes(&self) -> u32 {
        match self {
            Self::PremiersPostes { postes, .. }
            | Self::Ajout { postes, .. }
            | Self::Retrait { postes, .. }
            | Self::Transfert { postes, .. } => *postes,
            Self::Coordinateur { .. } => 1,
        }
    }

    /// Of which kind they are.
    pub fn typologie(&self) -> Typologie {
        match self {
            Self::Retrait { typologie, .. } | Self::Transfert { typologie, .. } => *typologie,
            Self::Coordinateur { .. } => Typologie::Coordinateur,
            Self::PremiersPostes { .. } | Self::Ajout { .. } => Typologie::Conseiller,
        }
    }

    /// Why, in the words of who asks.
    pub fn motivation(&self) -> &str {
        match self {
            Self::PremiersPostes { motivation, .. }
            | Self::Coordinateur { motivation, .. }
            | Self::Ajout { motivation, .. }
            | Self::Transfert { motivation, .. } => motivation,
            Self::Retrait { precision, .. } => precision,
        }
    }

    /// First day wished, when there is one.
    pub fn debut(&self) -> Option<NaiveDate> {
        match self {
            Self::PremiersPostes { debut, .. } | Self::Coordinateur { debut, .. } => Some(*debut),
            _ => None,
        }
    }
}

/// Whom the programme writes to about a demande.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interlocuteur {
    /// First name.
    pub prenom: String,
    /// Name.
    pub nom: String,
    /// What they do there.
    pub fonction: String,
    /// Where to write.
    pub courriel: Email,
    /// Where to call.
    pub telephone: Telephone,
}

/// How a demande came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origine {
    /// By the public form, its address proved.
    Formulaire,
    /// From the space of the structure.
    Espace,
    /// In the list of a département (annex 2 of the circular).
    Liste,
}

impl Origine {
    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Formulaire => "formulaire",
            Self::Espace => "espace",
            Self::Liste => "liste",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Formulaire => "Formulaire public",
            Self::Espace => "Espace de la structure",
            Self::Liste => "Liste du département",
        }
    }

    /// The origin of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        [Self::Formulaire, Self::Espace, Self::Liste].into_iter().find(|o| o.cle() == cle)
    }
}

/// Where a demande stands, with what that state bears.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "etat", rename_all = "snake_case")]
pub enum Etat {
    /// In the list of a département: the préfecture says whether it is right.
    AConfirmer,
    /// Waits for an opinion, or a session.
    Deposee,
    /// In the list of a session.
    EnSeance {
        /// Which.
        seance: SeanceId,
    },
    /// The committee wants to know more.
    ExamenComplementaire {
        /// Since when.
        le: NaiveDate,
        /// What it wants to know.
        attendu: String,
    },
    /// Granted.
    Accordee {
        /// How many posts.
        postes: u32,
        /// When.
        le: NaiveDate,
    },
    /// Refused.
    Refusee {
        /// Why.
        criteres: Vec<Critere>,
        /// When.
        le: NaiveDate,
    },
    /// Taken back by who asked, or set aside by the préfecture.
    Annulee {
        /// When.
        le: NaiveDate,
        /// Why.
        motif: String,
    },
    /// The same as another.
    Doublon {
        /// Which.
        de: DemandeId,
    },
}

impl Etat {
    /// Keys, in the order of lists.
    pub const CLES: [&'static str; 8] = [
        "a_confirmer",
        "deposee",
        "en_seance",
        "examen_complementaire",
        "accordee",
        "refusee",
        "annulee",
        "doublon",
    ];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::AConfirmer => Self::CLES[0],
            Self::Deposee => Self::CLES[1],
            Self::EnSeance { .. } => Self::CLES[2],
            Self::ExamenComplementaire { .. } => Self::CLES[3],
            Self::Accordee { .. } => Self::CLES[4],
            Self::Refusee { .. } => Self::CLES[5],
            Self::Annulee { .. } => Self::CLES[6],
            Self::Doublon { .. } => Self::CLES[7],
        }
    }

    /// The name of the state of that key.
    pub fn nom_de(cle: &str) -> &'static str {
        match cle {
            "a_confirmer" => "À confirmer",
            "deposee" => "Déposée",
            "en_seance" => "En séance",
            "examen_complementaire" => "Examen complémentaire",
            "accordee" => "Accordée",
            "refusee" => "Refusée",
            "annulee" => "Annulée",
            "doublon" => "Doublon",
            _ => "",
        }
    }

    /// In words.
    pub fn nom(&self) -> &'static str {
        Self::nom_de(self.cle())
    }

    /// Whether something is still to come.
    pub fn en_cours(&self) -> bool {
        matches!(
            self,
            Self::AConfirmer | Self::Deposee | Self::EnSeance { .. } | Self::ExamenComplementaire { .. }
        )
    }
}

/// What the préfecture thinks (domain, 3.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sens {
    /// For.
    Favorable,
    /// Against.
    Defavorable,
    /// To be looked at further.
    Complementaire,
}

impl Sens {
    /// All.
    pub const TOUS: [Self; 3] = [Self::Favorable, Self::Defavorable, Self::Complementaire];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Favorable => "favorable",
            Self::Defavorable => "defavorable",
            Self::Complementaire => "complementaire",
        }
    }

    /// In words.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Favorable => "Favorable",
            Self::Defavorable => "Défavorable",
            Self::Complementaire => "Examen complémentaire",
        }
    }

    /// The opinion of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|s| s.cle() == cle)
    }

    /// The options of a form.
    pub fn options() -> [(&'static str, &'static str); 3] {
        Self::TOUS.map(|s| (s.cle(), s.nom()))
    }
}

/// A demande.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demande {
    /// Its identifier.
    pub id: DemandeId,
    /// Its number: `DE-87`.
    pub numero: i64,
    /// Who asks.
    pub structure: StructureId,
    /// Its name on the day of the demande.
    pub nom: String,
    /// Its commune on that day, which says who gives the opinion.
    pub commune: (CodeCommune, String),
    /// The département of that commune.
    pub departement: CodeDepartement,
    /// Its région.
    pub region: CodeRegion,
    /// Whom to write to.
    pub contact: Interlocuteur,
    /// What is asked.
    pub objet: Objet,
    /// What was answered to the committee, the answers one below the other; empty before the first.
    pub precisions: String,
    /// Zonages in force at the commune on the day of the demande, as « QPV : le Plateau ».
    pub zonages: Vec<String>,
    /// How it came.
    pub origine: Origine,
    /// Where it stands.
    pub etat: Etat,
    /// The last opinion.
    pub avis: Option<Sens>,
    /// When it was filed.
    pub deposee_le: DateTime<Utc>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Demande {
    /// `DE-87`.
    pub fn reference(&self) -> String {
        format!("DE-{}", self.numero)
    }

    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        Cible {
            region: Some(self.region.clone()),
            departement: Some(self.departement.clone()),
            structure: Some(self.structure),
            ..Cible::default()
        }
    }

    /// How many whole days it has waited.
    pub fn age(&self, now: DateTime<Utc>) -> i64 {
        (now - self.deposee_le).num_days().max(0)
    }
}
