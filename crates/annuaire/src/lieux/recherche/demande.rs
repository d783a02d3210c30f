//! What is looked for.

use chrono::{NaiveDate, NaiveTime};
use kernel::Position;

use super::Facette;

/// The values that are asked for, list by list; a list without a value filters nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Filtres([u128; Facette::NOMBRE]);

impl Filtres {
    /// Asks for one value more.
    pub fn ajoute(&mut self, facette: Facette, valeur: usize) {
        if valeur < facette.valeurs().len() {
            self.0[facette.rang()] |= 1 << valeur;
        }
    }

    /// Whether the value is asked for.
    pub fn contient(&self, facette: Facette, valeur: usize) -> bool {
        valeur < 128 && self.0[facette.rang()] >> valeur & 1 == 1
    }

    /// Whether the list filters.
    pub fn filtre(&self, facette: Facette) -> bool {
        self.0[facette.rang()] != 0
    }

    /// Forgets the values of a list.
    #[must_use]
    pub fn sans(mut self, facette: Facette) -> Self {
        self.0[facette.rang()] = 0;
        self
    }

    /// The values that are asked for, in order.
    pub fn valeurs(&self) -> impl Iterator<Item = (Facette, usize)> + '_ {
        Facette::TOUTES.into_iter().flat_map(move |f| {
            (0..f.valeurs().len()).filter(move |v| self.contient(f, *v)).map(move |v| (f, v))
        })
    }

    /// How many values are asked for.
    pub fn nombre(&self) -> usize {
        self.0.iter().map(|b| b.count_ones() as usize).sum()
    }
}

/// A territory that bounds the search: its place in the lists of `territoires`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    /// A région.
    Region(u16),
    /// A département.
    Departement(u16),
    /// An EPCI.
    Epci(u16),
    /// A commune.
    Commune(u32),
}

/// A day, or a minute of a day, in the time of each lieu.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quand {
    /// The day.
    pub jour: NaiveDate,
    /// The minute; without it, any minute of the day will do.
    pub heure: Option<NaiveTime>,
}

/// A search.
#[derive(Clone, Debug, Default)]
pub struct Demande {
    /// Words, as typed.
    pub mots: String,
    /// From where distances are counted.
    pub origine: Option<Position>,
    /// Within how many metres of the origin; without an origin it says nothing.
    pub rayon_m: Option<f64>,
    /// Filters.
    pub filtres: Filtres,
    /// Within this territory.
    pub zone: Option<Zone>,
    /// Within these bounds: west, south, east, north, in degrees; west may lie east of east, across the date line.
    pub cadre: Option<[f64; 4]>,
    /// Surely open then; beyond the days that the index knows, nothing is.
    pub quand: Option<Quand>,
    /// Delivered by this source; empty for any.
    pub source: String,
}
