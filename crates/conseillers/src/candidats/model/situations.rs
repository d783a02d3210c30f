//! What a candidat is today, how far they would work, and what Pix says of them.

use chrono::NaiveDate;

/// What a candidat is today; at least one is true, by the rules. Source: the form of the programme since 2020.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Situations {
    /// Looks for work.
    pub demandeur_emploi: bool,
    /// Has work.
    pub en_emploi: bool,
    /// Is being trained.
    pub en_formation: bool,
    /// Holds a diploma of digital mediation: its name.
    pub diplome: Option<String>,
    /// Has already done digital mediation.
    pub experience: bool,
}

/// One of the five situations, for forms and filters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Situation {
    /// Looks for work.
    DemandeurEmploi,
    /// Has work.
    EnEmploi,
    /// Is being trained.
    EnFormation,
    /// Holds a diploma of digital mediation.
    Diplome,
    /// Has already done digital mediation.
    Experience,
}

impl Situation {
    /// All, in the order of the form.
    pub const TOUTES: [Self; 5] =
        [Self::DemandeurEmploi, Self::EnEmploi, Self::EnFormation, Self::Diplome, Self::Experience];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::DemandeurEmploi => "demandeur_emploi",
            Self::EnEmploi => "en_emploi",
            Self::EnFormation => "en_formation",
            Self::Diplome => "diplome",
            Self::Experience => "experience",
        }
    }

    /// On the screen.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::DemandeurEmploi => "En recherche d’emploi",
            Self::EnEmploi => "En emploi",
            Self::EnFormation => "En formation",
            Self::Diplome => "Diplôme dans la médiation numérique",
            Self::Experience => "Expérience dans la médiation numérique",
        }
    }

    /// The situation of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|s| s.cle() == cle)
    }
}

impl Situations {
    /// Whether this one is true.
    pub fn a(&self, situation: Situation) -> bool {
        match situation {
            Situation::DemandeurEmploi => self.demandeur_emploi,
            Situation::EnEmploi => self.en_emploi,
            Situation::EnFormation => self.en_formation,
            Situation::Diplome => self.diplome.is_some(),
            Situation::Experience => self.experience,
        }
    }

    /// Whether any is.
    pub fn une(&self) -> bool {
        Situation::TOUTES.into_iter().any(|s| self.a(s))
    }

    /// In words, the name of the diploma with it; empty when none is true.
    pub fn lisible(&self) -> String {
        let mot = |s: Situation| match (&self.diplome, s) {
            (Some(nom), Situation::Diplome) => format!("{} : {nom}", s.libelle()),
            _ => s.libelle().to_owned(),
        };
        Situation::TOUTES.into_iter().filter(|s| self.a(*s)).map(mot).collect::<Vec<_>>().join(", ")
    }
}

/// How far from home a candidat would work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rayon {
    /// Within so many kilometres, as the crow flies: one of [`Rayon::KM`].
    Km(u16),
    /// Anywhere in France, overseas included.
    France,
}

impl Rayon {
    /// The distances that are offered, in kilometres.
    pub const KM: [u16; 6] = [5, 10, 15, 20, 40, 100];

    /// All, nearest first.
    pub fn tous() -> impl Iterator<Item = Self> {
        Self::KM.into_iter().map(Self::Km).chain([Self::France])
    }

    /// Kilometres; none for the whole country.
    pub fn km(self) -> Option<u16> {
        match self {
            Self::Km(km) => Some(km),
            Self::France => None,
        }
    }

    /// Its key in forms and files: `20`, `france`.
    pub fn cle(self) -> String {
        self.km().map_or_else(|| "france".to_owned(), |km| km.to_string())
    }

    /// On the screen.
    pub fn libelle(self) -> String {
        self.km().map_or_else(|| "Toute la France".to_owned(), |km| format!("{km} km"))
    }

    /// The distance of that key; files of the service before write 2000 for the whole country.
    pub fn from_cle(cle: &str) -> Option<Self> {
        match cle {
            "france" | "2000" => Some(Self::France),
            km => km.parse().ok().filter(|km| Self::KM.contains(km)).map(Self::Km),
        }
    }
}

/// What a candidat says of their Pix results; a structure may look at it, and never has to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pix {
    /// The level reached in the course of the programme, 1 to 3.
    pub palier: u8,
    /// Which of the three themes of the course were acquired, in the order of [`Pix::THEMES`].
    pub themes: [bool; 3],
    /// The day it was stated.
    pub le: NaiveDate,
}

impl Pix {
    /// The three themes of the course.
    pub const THEMES: [&'static str; 3] = [
        "Utilisation du numérique dans la vie professionnelle",
        "Production de ressources",
        "Compétences numériques en lien avec la e-citoyenneté",
    ];

    /// In words.
    pub fn lisible(&self) -> String {
        let n = self.themes.iter().filter(|t| **t).count();
        format!("Palier {} sur 3, {n} thème{} sur 3", self.palier, if n > 1 { "s" } else { "" })
    }
}
