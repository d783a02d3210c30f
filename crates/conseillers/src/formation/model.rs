//! What a training is: the market, a session and its seats, who follows it, what was certified, a recognition of experience.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{CodeCommune, CodeRegion, typed_id};

use crate::ids::CandidatId;

typed_id!(SessionId, "a session of training");
typed_id!(InscriptionId, "a person in a session of training");

/// A public market of training: which lengths it has, and how long it ran (domain, 3.10).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marche {
    /// Its key.
    pub cle: &'static str,
    /// Its name on the screen.
    pub nom: &'static str,
    /// First day of a session.
    pub debut: NaiveDate,
    /// Last first day of a session, when it is over.
    pub fin: Option<NaiveDate>,
    /// Lengths of its courses, in hours.
    pub heures: &'static [u16],
    /// How many modules a person chooses beside the common part.
    pub modules: u8,
}

/// The markets, oldest first. Between them no session was opened.
pub const MARCHES: [Marche; 2] = [
    Marche {
        cle: "2021",
        nom: "Premier marché (2021-2023)",
        debut: jour(2021, 1, 4),
        fin: Some(jour(2023, 4, 30)),
        heures: &[105, 280, 350, 420],
        modules: 0,
    },
    Marche {
        cle: "2024",
        nom: "Second marché (depuis 2024)",
        debut: jour(2024, 4, 1),
        fin: None,
        heures: &[70, 105, 175, 315],
        modules: 2,
    },
];

/// A day that is written in the program.
const fn jour(annee: i32, mois: u32, jour: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(annee, mois, jour) {
        Some(j) => j,
        None => NaiveDate::MIN,
    }
}

impl Marche {
    /// The market under which a session begins on that day.
    pub fn du(jour: NaiveDate) -> Option<&'static Self> {
        MARCHES.iter().find(|m| m.debut <= jour && m.fin.is_none_or(|fin| jour <= fin))
    }
}

/// What a session is for (domain, 3.10).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// The course that everybody follows once, towards the CCP1.
    Initiale,
    /// A module after it: one a year.
    Module,
    /// Towards the rest of the title REMN (CCP2, CCP3), for those who wish.
    Remn,
}

impl Nature {
    /// Every kind.
    pub const TOUTES: [Self; 3] = [Self::Initiale, Self::Module, Self::Remn];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Initiale => "initiale",
            Self::Module => "module",
            Self::Remn => "remn",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Initiale => "Formation initiale",
            Self::Module => "Module annuel",
            Self::Remn => "Titre REMN (CCP2 et CCP3)",
        }
    }

    /// The kind of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|n| n.cle() == cle)
    }
}

/// Where a session is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Endroit {
    /// On line.
    ADistance,
    /// In a commune.
    Commune {
        /// Its code.
        code: CodeCommune,
        /// Its name.
        nom: String,
    },
}

impl Endroit {
    /// As people read it.
    pub fn nom(&self) -> &str {
        match self {
            Self::ADistance => "À distance",
            Self::Commune { nom, .. } => nom,
        }
    }
}

/// What a person who enters a session types.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FicheSession {
    /// What it is for.
    pub nature: Nature,
    /// The training body, a structure of the directory.
    pub organisme: StructureId,
    /// Name of the lot of the market.
    pub lot: String,
    /// Régions whose people the lot is for; none means every région.
    pub regions: Vec<CodeRegion>,
    /// Length of the course, in hours.
    pub heures: u16,
    /// Modules to choose from; none when the course has none.
    pub modules: Vec<String>,
    /// Where.
    pub endroit: Endroit,
    /// First day.
    pub debut: NaiveDate,
    /// Last day.
    pub fin: NaiveDate,
    /// Seats.
    pub places: u32,
}

/// A session of training.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// What it is.
    pub fiche: FicheSession,
    /// Why it was cancelled, when it was.
    pub annulee: Option<String>,
    /// Counts the writes.
    pub version: i64,
}

/// Where somebody stands in a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EtatInscription {
    /// No seat is free: in line, by the order of the requests.
    EnAttente,
    /// A seat is theirs.
    Inscrite,
    /// They followed it to the end.
    Suivie {
        /// When it was said.
        le: DateTime<Utc>,
    },
    /// They stopped before the end.
    Abandonnee {
        /// When it was said.
        le: DateTime<Utc>,
    },
    /// They gave up their seat before it began, or the session was cancelled.
    Annulee {
        /// When it was said.
        le: DateTime<Utc>,
    },
}

impl EtatInscription {
    /// Keys, in the order of a life.
    pub const CLES: [&'static str; 5] = ["en_attente", "inscrite", "suivie", "abandonnee", "annulee"];

    /// Its key.
    pub fn cle(&self) -> &'static str {
        match self {
            Self::EnAttente => "en_attente",
            Self::Inscrite => "inscrite",
            Self::Suivie { .. } => "suivie",
            Self::Abandonnee { .. } => "abandonnee",
            Self::Annulee { .. } => "annulee",
        }
    }

    /// Its name on the screen.
    pub fn nom(&self) -> &'static str {
        match self {
            Self::EnAttente => "Sur liste d’attente",
            Self::Inscrite => "Inscription confirmée",
            Self::Suivie { .. } => "Formation suivie",
            Self::Abandonnee { .. } => "Formation interrompue",
            Self::Annulee { .. } => "Inscription annulée",
        }
    }

    /// When it ended, for the states that are ends.
    pub fn le(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::EnAttente | Self::Inscrite => None,
            Self::Suivie { le } | Self::Abandonnee { le } | Self::Annulee { le } => Some(*le),
        }
    }

    /// The state of that key, ended at that instant when it is an end.
    pub fn new(cle: &str, le: Option<DateTime<Utc>>) -> Option<Self> {
        Some(match (cle, le) {
            ("en_attente", None) => Self::EnAttente,
            ("inscrite", None) => Self::Inscrite,
            ("suivie", Some(le)) => Self::Suivie { le },
            ("abandonnee", Some(le)) => Self::Abandonnee { le },
            ("annulee", Some(le)) => Self::Annulee { le },
            _ => return None,
        })
    }

    /// Whether it takes a seat.
    pub fn prend_une_place(&self) -> bool {
        matches!(self, Self::Inscrite | Self::Suivie { .. } | Self::Abandonnee { .. })
    }
}

/// A person in a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inscription {
    /// Its identifier.
    pub id: InscriptionId,
    /// The session.
    pub session: SessionId,
    /// The person.
    pub candidat: CandidatId,
    /// When they asked.
    pub demandee_le: DateTime<Utc>,
    /// Modules that they chose.
    pub modules: Vec<String>,
    /// Hours that they followed so far.
    pub heures: u16,
    /// Where it stands.
    pub etat: EtatInscription,
}

/// What a body certifies. The title REMN (responsable d’espace de médiation numérique) is the three CCP together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Titre {
    /// First certificate of the title.
    Ccp1,
    /// Second certificate of the title.
    Ccp2,
    /// Third certificate of the title.
    Ccp3,
    /// Pix certification.
    Pix,
}

impl Titre {
    /// Every title.
    pub const TOUS: [Self; 4] = [Self::Ccp1, Self::Ccp2, Self::Ccp3, Self::Pix];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Ccp1 => "ccp1",
            Self::Ccp2 => "ccp2",
            Self::Ccp3 => "ccp3",
            Self::Pix => "pix",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Ccp1 => "CCP1 du titre REMN",
            Self::Ccp2 => "CCP2 du titre REMN",
            Self::Ccp3 => "CCP3 du titre REMN",
            Self::Pix => "Certification Pix",
        }
    }

    /// The title of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|t| t.cle() == cle)
    }
}

/// Somebody has a title since a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Certification {
    /// What.
    pub titre: Titre,
    /// Since when.
    pub le: NaiveDate,
}

/// Stages of a recognition of experience (VAE), in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EtapeVae {
    /// The person asked whether they may.
    RecevabiliteDemandee,
    /// They may.
    Recevable,
    /// The file on their experience was handed in.
    DossierDepose,
    /// The jury heard them.
    Jury,
    /// The jury recognised the title, whole or in part: see the certifications.
    Validee,
    /// The jury recognised nothing, or the person may not.
    Refusee,
}

impl EtapeVae {
    /// Every stage, in order.
    pub const TOUTES: [Self; 6] = [
        Self::RecevabiliteDemandee,
        Self::Recevable,
        Self::DossierDepose,
        Self::Jury,
        Self::Validee,
        Self::Refusee,
    ];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::RecevabiliteDemandee => "recevabilite_demandee",
            Self::Recevable => "recevable",
            Self::DossierDepose => "dossier_depose",
            Self::Jury => "jury",
            Self::Validee => "validee",
            Self::Refusee => "refusee",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::RecevabiliteDemandee => "Recevabilité demandée",
            Self::Recevable => "Demande recevable",
            Self::DossierDepose => "Dossier déposé",
            Self::Jury => "Passage devant le jury",
            Self::Validee => "Expérience reconnue",
            Self::Refusee => "Expérience non reconnue",
        }
    }

    /// The stage of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|e| e.cle() == cle)
    }

    /// What may come after this stage; the first stage comes after none.
    pub fn suites(de: Option<Self>) -> &'static [Self] {
        match de {
            None => &[Self::RecevabiliteDemandee],
            Some(Self::RecevabiliteDemandee) => &[Self::Recevable, Self::Refusee],
            Some(Self::Recevable) => &[Self::DossierDepose],
            Some(Self::DossierDepose) => &[Self::Jury],
            Some(Self::Jury) => &[Self::Validee, Self::Refusee],
            // Refused: it may be asked again.
            Some(Self::Refusee) => &[Self::RecevabiliteDemandee],
            Some(Self::Validee) => &[],
        }
    }
}

/// The skills that a conseiller works with, as the person says and the training body confirms: the base on which a course and
/// a recognition of experience stand. Levels go from 0 (to be learnt) to 3 (can teach it).
pub const SOCLE: [(&str, &str); 8] = [
    ("accueil", "Accueillir une personne et comprendre sa demande"),
    ("diagnostic", "Évaluer l’aisance d’une personne avec le numérique"),
    ("accompagnement", "Accompagner une démarche en ligne sans faire à la place"),
    ("atelier", "Concevoir et animer un atelier"),
    ("securite", "Protéger les appareils et les données personnelles"),
    ("materiel", "Prendre en main ordinateur, tablette et téléphone"),
    ("orientation", "Orienter vers les services publics et les partenaires"),
    ("cadre", "Connaître le cadre : droits des personnes, Aidants Connect, mandat"),
];

/// Highest level of a skill.
pub const NIVEAU_MAX: u8 = 3;

/// What is known of the training of a person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parcours {
    /// Score of the positioning test, out of 100, and its day.
    pub positionnement: Option<(u8, NaiveDate)>,
    /// Levels of the skills of [`SOCLE`], in its order.
    pub socle: [u8; SOCLE.len()],
    /// Titles, oldest first.
    pub certifications: Vec<Certification>,
    /// Stages of the recognition of experience, oldest first.
    pub vae: Vec<(EtapeVae, NaiveDate)>,
}

impl Parcours {
    /// Whether the person has the title.
    pub fn a(&self, titre: Titre) -> bool {
        self.certifications.iter().any(|c| c.titre == titre)
    }

    /// Whether the person has the whole title REMN.
    pub fn remn(&self) -> bool {
        [Titre::Ccp1, Titre::Ccp2, Titre::Ccp3].into_iter().all(|t| self.a(t))
    }
}
