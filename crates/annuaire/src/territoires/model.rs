//! What a territory is.

use kernel::{CodeCommune, CodeDepartement, CodePostal, CodeRegion, Position};

/// Where a région or a département lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Europe, Corsica included.
    Metro,
    /// The five overseas départements and régions.
    Drom,
    /// Overseas collectivities, New Caledonia, and territories without permanent inhabitants.
    Com,
}

/// How French joins a name: « de l’Ain », « de la Réunion », « des Ardennes » (the "TNCC" of INSEE).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Liaison(pub u8);

impl Liaison {
    /// The name after « de ».
    pub fn de(self, nom: &str) -> String {
        match self.0 {
            1 => format!("d’{nom}"),
            2 => format!("du {nom}"),
            3 => format!("de la {nom}"),
            4 => format!("des {nom}"),
            5 => format!("de l’{nom}"),
            // Some names hold their article: « La Réunion ».
            _ => super::resolution::de_nom(nom),
        }
    }
}

/// A région, or an overseas collectivity that stands for one.
#[derive(Clone, Debug)]
pub struct Region {
    /// INSEE code.
    pub code: CodeRegion,
    /// Name.
    pub nom: String,
    /// Its article.
    pub liaison: Liaison,
    /// Where it lies.
    pub zone: Zone,
}

/// A département, or an overseas collectivity that stands for one.
#[derive(Clone, Debug)]
pub struct Departement {
    /// Code: `01`, `2A`, `974`, `988`.
    pub code: CodeDepartement,
    /// Name.
    pub nom: String,
    /// Its article.
    pub liaison: Liaison,
    /// Its région.
    pub region: CodeRegion,
    /// Where it lies.
    pub zone: Zone,
}

/// An arrondissement of a département (not of a town): the ground of a sous-préfecture.
#[derive(Clone, Debug)]
pub struct Arrondissement {
    /// INSEE code: that of the département and a digit.
    pub code: String,
    /// Name.
    pub nom: String,
    /// Its département.
    pub departement: CodeDepartement,
}

/// Kind of an EPCI with its own taxes (DGCL).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NatureEpci {
    /// Communauté de communes.
    CommunauteDeCommunes,
    /// Communauté d’agglomération.
    CommunauteAgglomeration,
    /// Communauté urbaine.
    CommunauteUrbaine,
    /// Métropole.
    Metropole,
    /// Métropole de Lyon, a collectivity of its own kind.
    MetropoleDeLyon,
}

impl NatureEpci {
    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::CommunauteDeCommunes => "Communauté de communes",
            Self::CommunauteAgglomeration => "Communauté d’agglomération",
            Self::CommunauteUrbaine => "Communauté urbaine",
            Self::Metropole => "Métropole",
            Self::MetropoleDeLyon => "Métropole de Lyon",
        }
    }
}

/// An intercommunality with its own taxes.
#[derive(Clone, Debug)]
pub struct Epci {
    /// SIREN.
    pub code: String,
    /// Name, as DGCL writes it.
    pub nom: String,
    /// Kind.
    pub nature: NatureEpci,
    /// Its communes, as places in [`super::Territoires::communes`].
    pub membres: Vec<u32>,
}

/// The area whose known communes gave an estimated position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Maille {
    /// Communes of the same code postal.
    CodePostal,
    /// Communes of the same arrondissement.
    Arrondissement,
    /// Communes of the same département.
    Departement,
}

/// How well a position is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qualite {
    /// From an official file that the operator imported.
    Officielle,
    /// An inhabited place of the commune in GeoNames.
    Geonames,
    /// Read on maps by the authors, right within a few kilometres: overseas chefs-lieux that GeoNames lacks, and the
    /// arrondissements of Paris.
    Relevee,
    /// Mean of the known communes around: right within ten kilometres or so.
    Estimee(Maille),
}

/// The point that stands for a commune: its main inhabited place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PositionCommune {
    /// Where.
    pub position: Position,
    /// How well it is known.
    pub qualite: Qualite,
}

impl PositionCommune {
    /// Whether the position was estimated from neighbours: every figure that depends on it says so.
    pub fn estimee(&self) -> bool {
        matches!(self.qualite, Qualite::Estimee(_))
    }
}

/// A commune of today.
#[derive(Clone, Debug)]
pub struct Commune {
    /// INSEE code.
    pub code: CodeCommune,
    /// Official name, article included.
    pub nom: String,
    /// Its département or collectivity.
    pub departement: CodeDepartement,
    /// Its région or collectivity.
    pub region: CodeRegion,
    /// Place of its arrondissement in the list; overseas collectivities have none.
    pub(super) arrondissement: Option<u16>,
    /// Place of its EPCI in the list; four islands and the collectivities have none.
    pub(super) epci: Option<u16>,
    /// Legal population (INSEE); `None` where nobody is counted.
    pub population: Option<u32>,
    /// Its codes postaux.
    pub codes_postaux: Vec<CodePostal>,
    /// Its main inhabited place.
    pub position: Option<PositionCommune>,
}

impl Commune {
    /// Inhabitants, 0 where nobody is counted.
    pub fn habitants(&self) -> u32 {
        self.population.unwrap_or(0)
    }
}

/// What lies within a commune of today.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GenreInterieur {
    /// Commune déléguée: a former commune of a commune nouvelle.
    Deleguee,
    /// Commune associée: a former commune merged under the law of 1971.
    Associee,
    /// Municipal arrondissement of Paris, Lyon or Marseille.
    Arrondissement,
}

/// A former commune or a municipal arrondissement, within a commune of today.
#[derive(Clone, Debug)]
pub struct Interieure {
    /// INSEE code of its own.
    pub code: CodeCommune,
    /// Name.
    pub nom: String,
    /// Kind.
    pub genre: GenreInterieur,
    /// Place of the commune of today in the list.
    pub(super) commune: u32,
    /// Inhabitants, known for municipal arrondissements.
    pub population: Option<u32>,
    /// Codes postaux of its own, known for municipal arrondissements.
    pub codes_postaux: Vec<CodePostal>,
    /// Where, when known.
    pub position: Option<PositionCommune>,
}

impl Interieure {
    /// The number of a municipal arrondissement: codes run from 13201, 69381 and 75101.
    pub fn numero(&self) -> Option<u8> {
        if self.genre != GenreInterieur::Arrondissement {
            return None;
        }
        let n: u8 = self.code.as_str().get(3..)?.parse().ok()?;
        Some(if n > 80 { n - 80 } else { n })
    }
}

/// An inhabited place of GeoNames that bears another name than its commune: a village, a quarter, a former commune.
#[derive(Clone, Debug)]
pub struct Localite {
    /// Name.
    pub nom: String,
    /// Place of the commune in the list.
    pub(super) commune: u32,
    /// Where.
    pub position: Position,
}
