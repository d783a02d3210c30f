//! What is measured. Pure.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use kernel::{CodeDepartement, typed_id};
use serde::{Deserialize, Serialize};

use crate::postes::store::Bilan;

typed_id!(EtatId, "a frozen state of progress");

/// A dated aim of the programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Jalon {
    /// Its key.
    pub cle: String,
    /// Its name on the screen.
    pub nom: String,
    /// The day it is due.
    pub echeance: NaiveDate,
    /// People in post that it aims at.
    pub cible: i64,
    /// People in post that are expected on that day, as the administration says; none before it said so.
    pub prevision: Option<i64>,
}

/// A département on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ligne {
    /// Its code.
    pub departement: CodeDepartement,
    /// Its name on that day.
    pub nom: String,
    /// Its inhabitants.
    pub habitants: u64,
    /// Its posts.
    pub postes: Bilan,
    /// People who look for a post there.
    pub candidats: u64,
}

impl Ligne {
    /// Posts held by somebody for 100 000 inhabitants.
    pub fn pour_100_000(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^52")]
        (self.habitants > 0).then(|| self.postes.occupes as f64 * 100_000.0 / self.habitants as f64)
    }
}

impl Ligne {
    /// « 6,4 »: people in post for 100 000 inhabitants.
    pub fn taux(&self) -> String {
        self.pour_100_000().map_or_else(|| "–".to_owned(), |n| format!("{n:.1}").replace('.', ","))
    }
}

/// The state of progress of a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Avancement {
    /// The day.
    pub le: NaiveDate,
    /// By département, in the order of the codes.
    pub lignes: Vec<Ligne>,
}

impl Avancement {
    /// Every département together.
    pub fn total(&self) -> Bilan {
        self.lignes.iter().fold(Bilan::default(), |somme, l| somme.plus(l.postes))
    }

    /// People who look for a post.
    pub fn candidats(&self) -> u64 {
        self.lignes.iter().map(|l| l.candidats).sum()
    }
}

/// A state of progress that was frozen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fige {
    /// Its identifier.
    pub id: EtatId,
    /// The day that it tells.
    pub le: NaiveDate,
    /// When it was frozen.
    pub fige_le: DateTime<Utc>,
    /// SHA-256 of what was frozen, as hexadecimal digits.
    pub empreinte: String,
}

/// A month of the curve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mois {
    /// Its first day.
    pub le: NaiveDate,
    /// People in post on that day.
    pub en_poste: i64,
    /// People in post that the milestones ask for on that day, along a straight line from one to the next; none after the
    /// last one.
    pub attendus: Option<i64>,
}

/// Day the programme was announced: the curve of the aims begins there, with nobody.
const ANNONCE: Option<NaiveDate> = NaiveDate::from_ymd_opt(2020, 11, 17);

/// The curve, month by month, from the first person in post or the announcement to that day; at most ten years.
/// `mouvements`: how many more there are on the first of each month, in order.
pub fn courbe(mouvements: &[(NaiveDate, i64)], jalons: &[Jalon], jusqu_au: NaiveDate) -> Vec<Mois> {
    let premier = mouvements.first().map(|(le, _)| *le).into_iter().chain(ANNONCE).min().unwrap_or(jusqu_au);
    let mut mois = premier.with_day(1).unwrap_or(premier);
    let (mut passes, mut en_poste) = (0, 0);
    let mut courbe = Vec::new();
    while mois <= jusqu_au && courbe.len() < 120 {
        while let Some((_, plus)) = mouvements.get(passes).filter(|(le, _)| *le <= mois) {
            en_poste += plus;
            passes += 1;
        }
        courbe.push(Mois { le: mois, en_poste, attendus: attendus(jalons, mois) });
        let Some(suivant) = mois.checked_add_months(Months::new(1)) else { break };
        mois = suivant;
    }
    courbe
}

/// What the milestones ask for on a day, along a straight line from one to the next.
fn attendus(jalons: &[Jalon], le: NaiveDate) -> Option<i64> {
    let mut avant = (ANNONCE?, 0);
    for j in jalons {
        if le <= j.echeance {
            let duree = (j.echeance - avant.0).num_days().max(1);
            let passe = (le - avant.0).num_days().clamp(0, duree);
            return Some(avant.1 + (j.cible - avant.1) * passe / duree);
        }
        avant = (j.echeance, j.cible);
    }
    None
}

/// Class of the map, from 0 to 5, of a number of people in post for 100 000 inhabitants; the programme aims at 4 000 posts
/// for 68 million inhabitants: six.
pub fn classe(pour_100_000: f64) -> usize {
    [1.0, 3.0, 6.0, 9.0, 12.0].iter().filter(|seuil| pour_100_000 >= **seuil).count()
}

/// What the classes of the map mean.
pub const LEGENDE: [&str; 6] = ["moins de 1", "de 1 à 3", "de 3 à 6", "de 6 à 9", "de 9 à 12", "12 ou plus"];
