//! Zonages: dated lists of communes to which a policy gives a status.

use std::collections::HashMap;

use chrono::NaiveDate;

/// A kind of zonage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GenreZonage {
    /// Quartiers prioritaires de la politique de la ville: communes that hold one at least (law of 21 February 2014).
    Qpv,
    /// Zones de revitalisation rurale, until 30 June 2024.
    Zrr,
    /// France ruralités revitalisation, since 1 July 2024.
    Frr,
    /// Communes of mountain (law of 9 January 1985).
    Montagne,
    /// Action cœur de ville.
    Acv,
    /// Petites villes de demain.
    Pvd,
    /// Indice de fragilité numérique, 0 to 10.
    Ifn,
}

impl GenreZonage {
    /// All of them, in the order of pages.
    pub const TOUS: [Self; 7] =
        [Self::Qpv, Self::Frr, Self::Zrr, Self::Montagne, Self::Acv, Self::Pvd, Self::Ifn];

    /// Key in the database and on the command line.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Qpv => "QPV",
            Self::Zrr => "ZRR",
            Self::Frr => "FRR",
            Self::Montagne => "MONTAGNE",
            Self::Acv => "ACV",
            Self::Pvd => "PVD",
            Self::Ifn => "IFN",
        }
    }

    /// Reads a key, whatever its case.
    pub fn de_cle(cle: &str) -> Option<Self> {
        let cle = cle.trim().to_uppercase();
        Self::TOUS.into_iter().find(|g| g.cle() == cle)
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Qpv => "Quartier prioritaire de la politique de la ville",
            Self::Zrr => "Zone de revitalisation rurale",
            Self::Frr => "France ruralités revitalisation",
            Self::Montagne => "Commune de montagne",
            Self::Acv => "Action cœur de ville",
            Self::Pvd => "Petites villes de demain",
            Self::Ifn => "Indice de fragilité numérique",
        }
    }
}

/// A list in force.
#[derive(Clone, PartialEq, Debug)]
pub struct ListeZonage {
    /// Kind.
    pub genre: GenreZonage,
    /// First day it applies.
    pub date: NaiveDate,
    /// Where it comes from: the name of the file.
    pub source: String,
    /// How many communes it holds.
    pub communes: i64,
}

/// What a list says of a commune.
#[derive(Clone, PartialEq, Debug)]
pub struct ZonageCommune {
    /// Kind.
    pub genre: GenreZonage,
    /// First day of the list.
    pub date: NaiveDate,
    /// Names of the quarters, class, or score.
    pub valeur: Option<String>,
}

/// The zonages in force on a day: for each kind, the latest list that had begun.
#[derive(Clone, Debug, Default)]
pub struct Zonages {
    /// The lists in force.
    pub listes: Vec<ListeZonage>,
    par_commune: HashMap<String, Vec<ZonageCommune>>,
}

impl Zonages {
    pub(super) fn new(listes: Vec<ListeZonage>, lignes: Vec<(String, ZonageCommune)>) -> Self {
        let mut par_commune: HashMap<String, Vec<ZonageCommune>> = HashMap::new();
        for (code, zonage) in lignes {
            par_commune.entry(code).or_default().push(zonage);
        }
        for zonages in par_commune.values_mut() {
            zonages.sort_by_key(|z| z.genre);
        }
        Self { listes, par_commune }
    }

    /// Those of a commune, by its present INSEE code.
    pub fn de(&self, code: &kernel::CodeCommune) -> &[ZonageCommune] {
        self.par_commune.get(code.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Whether a commune is in the list of that kind.
    pub fn contient(&self, code: &kernel::CodeCommune, genre: GenreZonage) -> bool {
        self.de(code).iter().any(|z| z.genre == genre)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_a_key() {
        for genre in GenreZonage::TOUS {
            assert_eq!(GenreZonage::de_cle(&genre.cle().to_lowercase()), Some(genre));
            assert!(!genre.libelle().is_empty());
        }
        assert_eq!(GenreZonage::de_cle("ZUS"), None);
    }
}
