//! The territories that a page of coverage is about.

use kernel::{CodeDepartement, CodeRegion};

use super::bilan::Bilan;
use super::calcul::Couverture;
use super::model::Critere;
use crate::territoires::{Departement, Epci, Region, Territoires};

/// A territory, from the whole country to an EPCI.
#[derive(Clone, Copy, Debug)]
pub enum Zone<'a> {
    /// France, overseas included.
    Pays,
    /// A région.
    Region(&'a Region),
    /// A département.
    Departement(&'a Departement),
    /// An EPCI.
    Epci(&'a Epci),
}

impl<'a> Zone<'a> {
    /// A zone by its level (`region`, `departement`, `epci`) and its code.
    pub fn de(t: &'a Territoires, niveau: &str, code: &str) -> Option<Self> {
        match niveau {
            "region" => t.region(&CodeRegion::parse(code)?).map(Self::Region),
            "departement" => t.departement(&CodeDepartement::parse(code)?).map(Self::Departement),
            "epci" => t.epci_de_code(code).map(Self::Epci),
            _ => None,
        }
    }

    /// Its name.
    pub fn nom(&self) -> &'a str {
        match self {
            Self::Pays => "France",
            Self::Region(r) => &r.nom,
            Self::Departement(d) => &d.nom,
            Self::Epci(e) => &e.nom,
        }
    }

    /// Its name after « de ».
    pub fn de_nom(&self) -> String {
        match self {
            Self::Pays => "de la France".to_owned(),
            Self::Region(r) => r.liaison.de(&r.nom),
            Self::Departement(d) => d.liaison.de(&d.nom),
            // « CC Marche et Combraille »: a communauté is feminine; « Bordeaux Métropole » takes no article.
            Self::Epci(e)
                if ["CC ", "CA ", "CU ", "Communauté ", "Métropole "]
                    .iter()
                    .any(|d| e.nom.starts_with(d)) =>
            {
                format!("de la {}", e.nom)
            }
            Self::Epci(e) => crate::territoires::de_nom(&e.nom),
        }
    }

    /// Level and code, as addresses write them: `departement/01`; empty for the country.
    pub fn chemin(&self) -> String {
        match self {
            Self::Pays => String::new(),
            Self::Region(r) => format!("region/{}", r.code),
            Self::Departement(d) => format!("departement/{}", d.code),
            Self::Epci(e) => format!("epci/{}", e.code),
        }
    }

    /// Its level and code, for files.
    pub fn niveau_code(&self) -> (&'static str, &str) {
        match self {
            Self::Pays => ("pays", "FR"),
            Self::Region(r) => ("region", r.code.as_str()),
            Self::Departement(d) => ("departement", d.code.as_str()),
            Self::Epci(e) => ("epci", &e.code),
        }
    }

    /// Address of its page of coverage.
    pub fn href(&self) -> String {
        match self {
            Self::Pays => "/couverture".to_owned(),
            _ => format!("/couverture/{}", self.chemin()),
        }
    }

    /// Places of its communes.
    pub fn rangs(&self, t: &Territoires) -> Vec<usize> {
        match self {
            Self::Pays => (0..t.communes().len()).collect(),
            Self::Region(r) => t.rangs_de_la_region(&r.code).collect(),
            Self::Departement(d) => t.rangs_du_departement(&d.code).collect(),
            Self::Epci(e) => e.membres.iter().map(|i| *i as usize).collect(),
        }
    }

    /// Its sums.
    pub fn bilan(&self, t: &Territoires, couverture: &Couverture, critere: Critere) -> Bilan {
        couverture.bilan(self.rangs(t), critere)
    }

    /// The larger zones that hold it, the largest first.
    pub fn parents(&self, t: &'a Territoires) -> Vec<Zone<'a>> {
        match self {
            Self::Pays => vec![],
            Self::Region(_) => vec![Self::Pays],
            Self::Departement(d) => {
                // A collectivity that is its own région has one page.
                let region = t.region(&d.region).filter(|r| r.nom != d.nom).map(Self::Region);
                std::iter::once(Self::Pays).chain(region).collect()
            }
            Self::Epci(e) => {
                let departement = e.membres.first().map(|i| &t.communes()[*i as usize].departement);
                let departement = departement.and_then(|code| t.departement(code)).map(Self::Departement);
                match departement {
                    Some(d) => d.parents(t).into_iter().chain([d]).collect(),
                    None => vec![Self::Pays],
                }
            }
        }
    }

    /// The EPCI with a commune in a département, by name.
    pub fn epci_du_departement(t: &'a Territoires, code: &CodeDepartement) -> Vec<&'a Epci> {
        let mut epci: Vec<&Epci> =
            t.rangs_du_departement(code).filter_map(|i| t.epci_de(&t.communes()[i])).collect();
        epci.sort_by(|a, b| a.nom.cmp(&b.nom).then_with(|| a.code.cmp(&b.code)));
        epci.dedup_by(|a, b| a.code == b.code);
        epci
    }
}
