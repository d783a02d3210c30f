//! An assignment that is kept. It names nobody: a reference, a commune, a distance.

use chrono::NaiveDate;
use kernel::CodeDepartement;
use kernel::text::{compte, nombre_decimal};
use serde::{Deserialize, Serialize};

use crate::calculs::model::{Calcul, Genre};
use crate::ids::{CandidatId, PosteId};

/// The kind of computation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Affectation;

impl Genre for Affectation {
    const CLE: &'static str = "affectation";
    type Parametres = Parametres;
    type Bilan = Bilan;
    type Ligne = Ligne;
}

/// An assignment of the nation.
pub(super) type Nationale = Calcul<Affectation>;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Parametres {
    /// The first day of every post: who is free later is left out; none when it is to be agreed on.
    pub(super) debut: Option<NaiveDate>,
}

/// A département.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Departement {
    pub(super) code: CodeDepartement,
    pub(super) nom: String,
    pub(super) postes: u32,
    pub(super) pourvus: u32,
    /// Kilometres of those filled, together.
    pub(super) km: f64,
}

impl Departement {
    /// « 12,4 km »: the mean.
    pub(super) fn moyenne(&self) -> String {
        moyenne(self.km, self.pourvus)
    }
}

pub(super) fn moyenne(km: f64, pourvus: u32) -> String {
    if pourvus == 0 { "–".to_owned() } else { format!("{} km", nombre_decimal(km / f64::from(pourvus), 1)) }
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Bilan {
    /// People who look for a post.
    pub(super) candidats: u32,
    /// Open posts with a place.
    pub(super) postes: u32,
    /// Of these, filled.
    pub(super) pourvus: u32,
    /// No assignment fills more.
    pub(super) pourvus_au_plus: u32,
    /// Kilometres in all.
    pub(super) km: f64,
    /// Posts whose structure has no known place, by number.
    pub(super) sans_place: Vec<String>,
    pub(super) departements: Vec<Departement>,
}

impl Bilan {
    /// The certificate, in plain words.
    pub(super) fn certificat(&self) -> String {
        let pourvus = compte(u64::from(self.pourvus), "poste", "postes");
        if self.pourvus < self.pourvus_au_plus {
            // The engine gives nothing that it has not proven: this is never said.
            return format!("{pourvus} pourvus, sur {} au plus.", self.pourvus_au_plus);
        }
        format!(
            "C’est prouvé : aucune autre affectation ne pourvoit plus de {pourvus} ; et aucune, à ce nombre, ne demande moins de {} km en tout. À égalité passe qui est disponible depuis le plus longtemps, puis qui a candidaté le premier.",
            nombre_decimal(self.km, 1)
        )
    }
}

/// Who would take the post.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Personne {
    pub(super) id: CandidatId,
    pub(super) reference: String,
    /// Where they live: name and département.
    pub(super) commune: (String, CodeDepartement),
    pub(super) km: f64,
}

/// An open post.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Ligne {
    pub(super) poste: PosteId,
    pub(super) reference: String,
    pub(super) structure: String,
    pub(super) commune: String,
    pub(super) departement: CodeDepartement,
    /// None when it would stay open.
    pub(super) personne: Option<Personne>,
    /// How many could take it, of those it stays open for.
    pub(super) a_portee: u32,
}

impl Ligne {
    /// Why, in words.
    pub(super) fn explication(&self) -> String {
        match (&self.personne, self.a_portee) {
            (Some(p), _) => format!("À {} km.", nombre_decimal(p.km, 1)),
            (None, 0) => "Personne n’est à portée de ce poste.".to_owned(),
            (None, 1) => "La seule personne à portée pourvoit un autre poste : il n’en est pas pourvu davantage autrement.".to_owned(),
            (None, n) => format!(
                "Les {n} personnes à portée pourvoient d’autres postes : il n’en est pas pourvu davantage autrement."
            ),
        }
    }
}
