//! What a target is.

use chrono::NaiveDate;
use kernel::CodeDepartement;

/// Most that a target asks for in one département.
pub const NOMBRE_MAX: u32 = 100_000;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Quoi {
    /// Aidants who act in an organisation of the département.
    Aidants,
    /// Organisations habilitées there.
    Organisations,
}

impl Quoi {
    /// Every one.
    pub const TOUS: [Self; 2] = [Self::Aidants, Self::Organisations];

    /// Its key.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Aidants => "aidants",
            Self::Organisations => "organisations",
        }
    }

    /// On the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Aidants => "Aidants habilités",
            Self::Organisations => "Organisations habilitées",
        }
    }

    /// The one of that key.
    pub fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|q| q.cle() == cle)
    }
}

/// A target: one of a kind for a département.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objectif {
    /// Where.
    pub departement: CodeDepartement,
    /// Of what.
    pub quoi: Quoi,
    /// How many.
    pub nombre: u32,
    /// By which day.
    pub echeance: NaiveDate,
}

impl Objectif {
    /// How far it is, in percent, cut and not rounded: 100 is reached.
    pub fn part(&self, atteint: u32) -> u32 {
        u32::try_from(u64::from(atteint) * 100 / u64::from(self.nombre.max(1))).unwrap_or(u32::MAX)
    }

    /// How many are missing.
    pub fn reste(&self, atteint: u32) -> u32 {
        self.nombre.saturating_sub(atteint)
    }
}

/// Class of the map for a share in percent.
pub fn classe(part: u32) -> usize {
    [20, 40, 60, 80, 100].iter().filter(|seuil| part >= **seuil).count()
}

/// What the classes mean.
pub const LEGENDE: [&str; 6] =
    ["moins de 20 %", "de 20 à 39 %", "de 40 à 59 %", "de 60 à 79 %", "de 80 à 99 %", "objectif atteint"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_reached_when_nothing_is_missing() {
        let o = |nombre| Objectif {
            departement: CodeDepartement::parse("23").unwrap(),
            quoi: Quoi::Aidants,
            nombre,
            echeance: "2027-12-31".parse().unwrap(),
        };
        for (nombre, atteint, part, reste, c) in [
            (100, 0, 0, 100, 0),
            (100, 99, 99, 1, 4),
            (100, 100, 100, 0, 5),
            (3, 2, 66, 1, 3),
            (1, 4_000_000_000, u32::MAX, 0, 5),
            (300, 299, 99, 1, 4),
        ] {
            let o = o(nombre);
            assert_eq!(
                (o.part(atteint), o.reste(atteint), classe(o.part(atteint))),
                (part, reste, c),
                "{nombre} {atteint}"
            );
        }
    }
}
