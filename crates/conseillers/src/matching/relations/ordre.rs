//! The order of a list: points that anyone can add up again. Pure.

use chrono::{DateTime, NaiveDate, Utc};

use crate::candidats::{CandidatVue, Rencontre};

/// What counts, and for how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Critere {
    /// Nearer is better: all the points at 0 km, none at 100 km.
    Distance,
    /// Free on the first day: all the points; half a year later: none.
    Dates,
    /// A diploma of the trade.
    Diplome,
    /// Has done it before.
    Experience,
    /// The Pix step, out of three.
    Pix,
    /// Gave a sign lately: all the points today, none after half a year.
    Fraicheur,
}

impl Critere {
    /// Every one, in the order of the columns.
    pub const TOUS: [Self; 6] =
        [Self::Distance, Self::Dates, Self::Diplome, Self::Experience, Self::Pix, Self::Fraicheur];

    /// Its key in the address.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Distance => "p_distance",
            Self::Dates => "p_dates",
            Self::Diplome => "p_diplome",
            Self::Experience => "p_experience",
            Self::Pix => "p_pix",
            Self::Fraicheur => "p_fraicheur",
        }
    }

    /// Its name on the screen.
    pub fn nom(self) -> &'static str {
        match self {
            Self::Distance => "Distance",
            Self::Dates => "Disponibilité",
            Self::Diplome => "Diplôme",
            Self::Experience => "Expérience",
            Self::Pix => "Pix",
            Self::Fraicheur => "Fraîcheur",
        }
    }

    /// Its weight when nobody says another.
    pub fn poids(self) -> u32 {
        match self {
            Self::Distance => 40,
            Self::Dates => 20,
            Self::Diplome | Self::Experience => 15,
            Self::Pix | Self::Fraicheur => 5,
        }
    }

    /// How well a candidat does, from 0 to 1.
    fn part(self, c: &CandidatVue, km: f64, quand: &Quand) -> f64 {
        let decroit = |x: f64, fin: f64| (1.0 - x.max(0.0) / fin).max(0.0);
        let jours = |depuis: NaiveDate, jusqu_a: NaiveDate| (jusqu_a - depuis).num_days() as f64;
        match self {
            Self::Distance => decroit(km, 100.0),
            Self::Dates => decroit(jours(quand.debut, c.disponible_le), 180.0),
            Self::Diplome => f64::from(u8::from(c.situations.diplome.is_some())),
            Self::Experience => f64::from(u8::from(c.situations.experience)),
            Self::Pix => c.pix.as_ref().map_or(0.0, |p| f64::from(p.palier) / 3.0),
            Self::Fraicheur => decroit((quand.now - c.vu_le).num_days() as f64, 180.0),
        }
    }
}

/// The days that points depend on.
#[derive(Clone, Copy, Debug)]
pub struct Quand {
    /// First day of the post.
    pub debut: NaiveDate,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The weights, in the order of [`Critere::TOUS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Poids(pub [u32; 6]);

impl Default for Poids {
    fn default() -> Self {
        Self(Critere::TOUS.map(Critere::poids))
    }
}

/// A line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Ligne<'a> {
    /// Who, and how far.
    pub rencontre: Rencontre<'a>,
    /// Points of each criterion, in tenths, in the order of [`Critere::TOUS`].
    pub points: [u32; 6],
}

impl Ligne<'_> {
    /// The sum, in tenths.
    pub fn total(&self) -> u32 {
        self.points.iter().sum()
    }
}

/// The list in order: most points first; then the nearest, then whoever applied first.
pub fn classer<'a>(
    rencontres: impl Iterator<Item = Rencontre<'a>>,
    poids: Poids,
    quand: &Quand,
) -> Vec<Ligne<'a>> {
    let mut lignes: Vec<Ligne<'a>> = rencontres
        .map(|rencontre| {
            let mut points = [0; 6];
            for ((point, critere), poids) in points.iter_mut().zip(Critere::TOUS).zip(poids.0) {
                let part = critere.part(rencontre.candidat, rencontre.km, quand).min(1.0);
                *point = (part * f64::from(poids.min(100)) * 10.0).round() as u32;
            }
            Ligne { rencontre, points }
        })
        .collect();
    lignes.sort_unstable_by(|a, b| {
        let (x, y) = (&a.rencontre, &b.rencontre);
        (b.total().cmp(&a.total()))
            .then(x.km.total_cmp(&y.km))
            .then(x.candidat.depose_le.cmp(&y.candidat.depose_le))
            .then(x.candidat.numero.cmp(&y.candidat.numero))
    });
    lignes
}
