//! What an organisation habilitée is.

use chrono::NaiveDate;
use kernel::actor::Cible;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion};

/// Keys of démarches, sorted, each once: what an organisation may be mandated for, what a mandat covers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Demarches(Vec<String>);

impl Demarches {
    /// Those keys; what is not in the catalogue of `texte` is left out.
    pub fn parmi(texte: &crate::legal::Texte, cles: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let connues = crate::legal::catalogue(texte);
        let mut out: Vec<String> = cles
            .into_iter()
            .filter(|cle| connues.iter().any(|d| d.cle == cle.as_ref()))
            .map(|cle| cle.as_ref().to_owned())
            .collect();
        out.sort_unstable();
        out.dedup();
        Self(out)
    }

    /// As the database has them: separated by a space.
    pub fn lire(texte: &str) -> Self {
        let mut out: Vec<String> = texte.split_ascii_whitespace().map(str::to_owned).collect();
        out.sort_unstable();
        out.dedup();
        Self(out)
    }

    /// For the database.
    pub fn ecrire(&self) -> String {
        self.0.join(" ")
    }

    /// The keys, sorted.
    pub fn cles(&self) -> &[String] {
        &self.0
    }

    /// Whether that one is among them.
    pub fn contient(&self, cle: &str) -> bool {
        self.0.iter().any(|c| c == cle)
    }

    /// Whether there is none.
    pub fn est_vide(&self) -> bool {
        self.0.is_empty()
    }
}

/// A structure that may be mandated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
    /// The structure of the directory that it is.
    pub structure: StructureId,
    /// Its number of habilitation.
    pub numero: i64,
    /// Where it stands.
    pub departement: CodeDepartement,
    /// Its région.
    pub region: CodeRegion,
    /// What it may be mandated for.
    pub demarches: Demarches,
    /// Whether it is labelled France services.
    pub france_services: bool,
    /// Since when.
    pub habilitee_le: NaiveDate,
    /// Until when, once it ended: nobody acts in its name from that day on.
    pub desactivee_le: Option<NaiveDate>,
    /// Grows by one at each change.
    pub version: i64,
}

impl Organisation {
    /// Whether people may act in its name that day.
    pub fn active(&self, jour: NaiveDate) -> bool {
        self.desactivee_le.is_none_or(|fin| jour < fin)
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
}
