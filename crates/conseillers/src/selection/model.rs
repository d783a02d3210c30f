//! Sessions of the committee, enveloppes, decisions.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::actor::Cible;
use kernel::ids::CompteId;
use kernel::{CodeDepartement, CodeRegion};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::demandes::Etat;
use crate::demandes::reference::Critere;
use crate::ids::{DemandeId, SeanceId};

/// The territories that an enveloppe may be of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Niveau {
    /// The country.
    Pays,
    /// A région.
    Region,
    /// A département.
    Departement,
}

impl Niveau {
    /// All, the largest first: the order in which they are held.
    pub const TOUS: [Self; 3] = [Self::Pays, Self::Region, Self::Departement];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Pays => "pays",
            Self::Region => "region",
            Self::Departement => "departement",
        }
    }

    /// The level of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|n| n.cle() == cle)
    }
}

/// How many posts a territory may be granted, and how many it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Enveloppe {
    /// Its row.
    pub id: Uuid,
    /// Its level.
    pub niveau: Niveau,
    /// Code of its territory; `FR` for the country.
    pub code: String,
    /// Posts it holds.
    pub postes: i64,
    /// Of these, granted.
    pub accordes: i64,
}

impl Enveloppe {
    /// What is left.
    pub fn reste(&self) -> i64 {
        self.postes - self.accordes
    }
}

/// Where a session stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EtatSeance {
    /// Its list is being made.
    Preparation,
    /// Its list is frozen; decisions are taken.
    Ouverte {
        /// When it was frozen.
        gelee_le: DateTime<Utc>,
        /// SHA-256 of the list.
        empreinte: String,
    },
    /// It is over: everybody was told.
    Close {
        /// When its list was frozen.
        gelee_le: DateTime<Utc>,
        /// SHA-256 of the list.
        empreinte: String,
        /// When it ended.
        le: DateTime<Utc>,
    },
}

impl EtatSeance {
    /// Its keys.
    pub const CLES: [&'static str; 3] = ["preparation", "ouverte", "close"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::Preparation => Self::CLES[0],
            Self::Ouverte { .. } => Self::CLES[1],
            Self::Close { .. } => Self::CLES[2],
        }
    }

    /// In words.
    pub fn nom(&self) -> &'static str {
        match self {
            Self::Preparation => "En préparation",
            Self::Ouverte { .. } => "Ouverte",
            Self::Close { .. } => "Close",
        }
    }
}

/// A session of the committee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seance {
    /// Its identifier.
    pub id: SeanceId,
    /// Its number.
    pub numero: i64,
    /// Its day.
    pub jour: NaiveDate,
    /// Its région; none for the national committee.
    pub region: Option<CodeRegion>,
    /// What it is about.
    pub ordre_du_jour: String,
    /// Where it stands.
    pub etat: EtatSeance,
}

impl Seance {
    /// Where it stands, to be compared with a scope.
    pub fn cible(&self) -> Cible {
        Cible { region: self.region.clone(), ..Cible::default() }
    }
}

/// What the committee read of a demande, frozen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Copie {
    /// Its number.
    pub reference: String,
    /// Who asks.
    pub structure: String,
    /// Its commune.
    pub commune: String,
    /// Its département.
    pub departement: String,
    /// What it asks, in words.
    pub genre: String,
    /// How many posts.
    pub postes: u32,
    /// Why.
    pub motivation: String,
    /// What was answered to the committee since.
    #[serde(default)]
    pub precisions: String,
    /// Zonages.
    pub zonages: Vec<String>,
    /// The last opinion, in words; empty without one.
    pub avis: String,
    /// Posts it proposes.
    pub avis_postes: u32,
    /// Its comment.
    pub avis_commentaire: String,
    /// Whether it holds an agreement of principle.
    pub accord_principe: bool,
    /// When the demande was filed.
    pub deposee_le: DateTime<Utc>,
}

/// What is decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// So many posts.
    Accord {
        /// How many.
        postes: u32,
    },
    /// No.
    Refus {
        /// Why.
        criteres: Vec<Critere>,
    },
    /// The committee wants to know more.
    Complement {
        /// What.
        attendu: String,
    },
}

impl Verdict {
    /// Its keys.
    pub const CLES: [&'static str; 3] = ["accord", "refus", "complement"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::Accord { .. } => Self::CLES[0],
            Self::Refus { .. } => Self::CLES[1],
            Self::Complement { .. } => Self::CLES[2],
        }
    }

    /// What the demande becomes when it is told, on that day.
    pub fn etat(&self, le: NaiveDate) -> Etat {
        match self {
            Self::Accord { postes } => Etat::Accordee { postes: *postes, le },
            Self::Refus { criteres } => Etat::Refusee { criteres: criteres.clone(), le },
            Self::Complement { attendu } => Etat::ExamenComplementaire { le, attendu: attendu.clone() },
        }
    }

    /// In words, with what it bears.
    pub fn dit(&self) -> String {
        match self {
            Self::Accord { postes } => {
                format!("Accord : {}", kernel::text::compte(u64::from(*postes), "poste", "postes"))
            }
            Self::Refus { criteres } => {
                format!("Refus : {}", criteres.iter().map(|c| c.nom()).collect::<Vec<_>>().join(" ; "))
            }
            Self::Complement { attendu } => format!("Examen complémentaire : {attendu}"),
        }
    }
}

/// What goes with a verdict (domain, 2.2: `coselec[]`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notes {
    /// More about it, for who asked: the letter says it.
    pub commentaire: String,
    /// Whether the committee holds the demande to be one of those to serve first.
    pub prioritaire: bool,
    /// What the référent of the territory observed: for the minutes, not for who asked.
    pub observations: String,
}

impl From<&str> for Notes {
    fn from(commentaire: &str) -> Self {
        Self { commentaire: commentaire.to_owned(), ..Self::default() }
    }
}

/// What the committee decided of a demande.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Its row.
    pub id: Uuid,
    /// In which session.
    pub seance: SeanceId,
    /// Of which demande.
    pub demande: DemandeId,
    /// What.
    pub verdict: Verdict,
    /// What is said beside the verdict.
    pub notes: Notes,
    /// The enveloppes that hold its posts.
    pub enveloppes: Vec<Uuid>,
    /// Who wrote it.
    pub par: CompteId,
    /// When.
    pub le: DateTime<Utc>,
    /// Whether people were told.
    pub notifiee: bool,
}

impl Decision {
    /// As the minutes say it: verdict, comment, priority, observations.
    pub fn au_proces_verbal(&self) -> String {
        let mut dit = self.verdict.dit();
        // A further look says already what its comment says.
        if !self.notes.commentaire.is_empty() && self.verdict.cle() != "complement" {
            dit.push_str(&format!(". {}", self.notes.commentaire));
        }
        if self.notes.prioritaire {
            dit.push_str(". Demande prioritaire");
        }
        if !self.notes.observations.is_empty() {
            dit.push_str(&format!(". Observations du référent : {}", self.notes.observations));
        }
        dit
    }
}

/// A line of the list of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inscrite {
    /// The demande.
    pub demande: DemandeId,
    /// Its place.
    pub rang: i64,
    /// What the committee reads, once frozen.
    pub copie: Option<Copie>,
    /// What it decided.
    pub decision: Option<Decision>,
}

/// The territories whose enveloppes hold the posts of a place, the largest first.
pub fn territoires(region: &CodeRegion, departement: &CodeDepartement) -> [(Niveau, String); 3] {
    [
        (Niveau::Pays, "FR".to_owned()),
        (Niveau::Region, region.to_string()),
        (Niveau::Departement, departement.to_string()),
    ]
}
