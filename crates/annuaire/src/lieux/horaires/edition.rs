//! Hours as a form shows them: weeks of slots, closings and openings by date, public holidays, a comment.
//!
//! What the form can say is written to OSM and read back without loss. An expression that says more, or says it in a
//! way that would change meaning, is refused by [`Edition::lit`]: it is kept as its text.

mod ecriture;
mod lecture;
#[cfg(test)]
mod tests;
mod verification;

pub use verification::{Erreur, Ou};

/// Most weeks, exceptions and slots that a form holds.
pub const PERIODES_MAX: usize = 12;
/// Most exceptions by date.
pub const EXCEPTIONS_MAX: usize = 60;
/// Most slots in a day.
pub const CRENEAUX_MAX: usize = 8;
/// Most characters of a comment.
pub const PRECISION_MAX: usize = 200;

/// A stretch of a day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Creneau {
    /// First minute, from midnight.
    pub debut: u16,
    /// Minute after the last; at most 2 880, beyond 1 440 when it ends after midnight.
    pub fin: u16,
    /// « sur rendez-vous », or nothing.
    pub precision: String,
}

/// A week, Monday first.
pub type Semaine = [Vec<Creneau>; 7];

/// A day of the year, of one year or of all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Quantieme {
    /// One year, or every year.
    pub annee: Option<u16>,
    /// 1 to 12.
    pub mois: u8,
    /// 1 to 31.
    pub jour: u8,
}

/// When a week holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quand {
    /// All year long; the others override it.
    Toujours,
    /// The even weeks of the calendar (true) or the odd ones.
    SemainesPaires(bool),
    /// From a month to a month, both included; the second may come before the first.
    Mois(u8, u8),
    /// From a day to a day, both included.
    Dates(Quantieme, Quantieme),
    /// The school holidays.
    Vacances,
}

/// A week and when it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Periode {
    /// When.
    pub quand: Quand,
    /// The slots of each day; none on a day that is closed.
    pub semaine: Semaine,
}

/// A day of the month: « le 1er et le 3e jeudi ».
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JourDuMois {
    /// 0 for Monday.
    pub jour: u8,
    /// 1 to 5, or -1 for the last, in order and each once.
    pub rangs: Vec<i8>,
    /// Its slots; none to close.
    pub creneaux: Vec<Creneau>,
}

/// A date, or a stretch of dates, with hours of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// First day.
    pub debut: Quantieme,
    /// Last day; the first one for a single day.
    pub fin: Quantieme,
    /// Its slots; none when closed.
    pub creneaux: Vec<Creneau>,
    /// Why: « inventaire ».
    pub motif: String,
}

/// Hours as a form shows them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Edition {
    /// Weeks; where two hold on the same day the later one wins.
    pub periodes: Vec<Periode>,
    /// Days of the month, over the weeks.
    pub jours_du_mois: Vec<JourDuMois>,
    /// Dates, over all the rest.
    pub exceptions: Vec<Exception>,
    /// Closed on public holidays; otherwise nobody said.
    pub ferme_les_feries: bool,
    /// What people should know whatever the day.
    pub commentaire: String,
}

/// Why a text cannot be shown as a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NonEditable {
    /// It is not an OSM expression: the sentence says where it stops being one.
    Illisible(String),
    /// It is one, but says more than the form: it is kept as it is.
    TropRiche,
}

impl NonEditable {
    /// What to tell the person.
    pub fn phrase(&self) -> String {
        match self {
            Self::Illisible(ou) => format!("Ces horaires ne peuvent être lus. {ou} Saisissez-les à nouveau."),
            Self::TropRiche => {
                "Ces horaires disent plus que ce formulaire ne sait montrer. Leur texte est gardé tel \
                                quel tant que vous n’en saisissez pas d’autres."
                    .to_owned()
            }
        }
    }
}

impl Edition {
    /// Reads an OSM expression. The empty text gives an empty form.
    ///
    /// # Errors
    /// When the form could not say the same thing.
    pub fn lit(osm: &str) -> Result<Self, NonEditable> {
        let texte = osm.trim();
        if texte.is_empty() {
            return Ok(Self::default());
        }
        super::verifie_osm(texte).map_err(NonEditable::Illisible)?;
        let lue = lecture::lit(texte).ok_or(NonEditable::TropRiche)?;
        // The proof: what the form would write opens on the same minutes as what was read.
        if lue.verifie().is_empty() && lecture::memes_heures(texte, &lue.osm()) {
            Ok(lue)
        } else {
            Err(NonEditable::TropRiche)
        }
    }

    /// Writes the OSM expression; the empty text for an empty form.
    pub fn osm(&self) -> String {
        ecriture::ecrit(self)
    }

    /// The week that holds all year long, if one does.
    pub fn semaine(&self) -> Option<&Semaine> {
        self.periodes.iter().find(|p| p.quand == Quand::Toujours).map(|p| &p.semaine)
    }
}
