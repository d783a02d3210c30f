//! What is measured.

use kernel::{CodeCommune, Position};

use crate::lieux::standard::{Service, Valeur};

/// What the measure needs to know of a lieu that is open to people.
#[derive(Clone, PartialEq, Debug)]
pub struct MesureLieu {
    /// Where it stands; without it, it stands in the middle of its commune.
    pub position: Option<Position>,
    /// Its commune, by a present or former INSEE code.
    pub commune: Option<CodeCommune>,
    /// Its services, one bit each ([`crate::lieux::standard::Liste::bits`]).
    pub services: u16,
    /// Open on Saturday.
    pub samedi: bool,
    /// Open after 18 h on one day of the week at least.
    pub soir: bool,
    /// Minutes it is open in an ordinary week, when its hours are known.
    pub minutes_semaine: Option<u32>,
}

/// Which lieux count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Critere {
    /// Every lieu.
    Tous,
    /// Those that offer the service.
    Service(Service),
    /// Those open on Saturday.
    Samedi,
    /// Those open after 18 h.
    Soir,
}

impl Critere {
    /// How many there are: every lieu, nine services, Saturday, evening.
    pub const NOMBRE: usize = 12;

    /// All of them, in order of rank.
    pub fn tous() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Tous)
            .chain(Service::TOUTES.iter().copied().map(Self::Service))
            .chain([Self::Samedi, Self::Soir])
    }

    /// Rank, from 0.
    pub fn rang(self) -> usize {
        match self {
            Self::Tous => 0,
            Self::Service(service) => 1 + usize::from(service.rang()),
            Self::Samedi => Self::NOMBRE - 2,
            Self::Soir => Self::NOMBRE - 1,
        }
    }

    /// Name in addresses and files; never changed.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Tous => "tous",
            Self::Samedi => "samedi",
            Self::Soir => "soir",
            Self::Service(service) => match service {
                Service::AideDemarches => "aide-demarches",
                Service::MaitriseOutils => "maitrise-outils",
                Service::InsertionProfessionnelle => "insertion-professionnelle",
                Service::UtilisationSecurisee => "utilisation-securisee",
                Service::ParentaliteEducation => "parentalite-education",
                Service::LoisirsCreations => "loisirs-creations",
                Service::ComprehensionMonde => "comprehension-monde",
                Service::AccesInternetMateriel => "acces-internet-materiel",
                Service::AcquisitionMateriel => "acquisition-materiel",
            },
        }
    }

    /// Reads a name.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::tous().find(|c| c.cle() == cle)
    }

    /// In words, for lists of choices.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Tous => "Tous les lieux",
            Self::Service(service) => service.libelle(),
            Self::Samedi => "Lieux ouverts le samedi",
            Self::Soir => "Lieux ouverts après 18 h",
        }
    }

    /// Whether the lieu counts.
    pub fn retient(self, lieu: &MesureLieu) -> bool {
        match self {
            Self::Tous => true,
            Self::Service(service) => lieu.services & (1 << service.rang()) != 0,
            Self::Samedi => lieu.samedi,
            Self::Soir => lieu.soir,
        }
    }
}

/// The distances that shares are given for, in metres.
pub const SEUILS_M: [u32; 3] = [5_000, 10_000, 20_000];

/// One of [`SEUILS_M`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seuil {
    /// 5 km.
    Cinq,
    /// 10 km.
    Dix,
    /// 20 km.
    Vingt,
}

impl Seuil {
    /// The three.
    pub const TOUS: [Self; 3] = [Self::Cinq, Self::Dix, Self::Vingt];

    /// Place in [`SEUILS_M`].
    pub fn rang(self) -> usize {
        match self {
            Self::Cinq => 0,
            Self::Dix => 1,
            Self::Vingt => 2,
        }
    }

    /// Kilometres.
    pub fn km(self) -> u32 {
        SEUILS_M[self.rang()] / 1000
    }

    /// Metres.
    pub fn metres(self) -> f64 {
        f64::from(SEUILS_M[self.rang()])
    }

    /// Reads kilometres.
    pub fn de_km(texte: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|s| s.km().to_string() == texte)
    }
}
