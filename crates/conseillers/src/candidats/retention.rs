//! How long each thing about a candidat is kept, as data: jobs, the page of the administration and the guide read it here.

use chrono::{DateTime, Months, TimeDelta, Utc};
use platform::Site;

use super::effacement;
use super::model::Motif;
use super::store;
use crate::Failure;

/// One rule of retention.
#[derive(Clone, Copy, Debug)]
pub struct Regle {
    /// What it is about, on the screen.
    pub quoi: &'static str,
    /// From when the time runs, on the screen.
    pub depuis: &'static str,
    /// For how many months.
    pub mois: u32,
    /// Where the rule comes from.
    pub source: &'static str,
    /// The reason that an erased file bears, for files.
    pub motif: Option<Motif>,
}

/// Drafts.
pub const BROUILLON: Regle = Regle {
    quoi: "Brouillons de candidature",
    depuis: "la dernière modification",
    mois: 1,
    source: "durée choisie par le programme",
    motif: None,
};
/// Applications whose address was never proven.
pub const NON_CONFIRMEE: Regle = Regle {
    quoi: "Candidatures dont l’adresse n’est pas confirmée",
    depuis: "le dépôt",
    mois: 6,
    source: "durée de validité du lien de confirmation (180 jours)",
    motif: Some(Motif::JamaisConfirmee),
};
/// Files of people who give no sign any more.
pub const CANDIDAT: Regle = Regle {
    quoi: "Candidatures",
    depuis: "le dernier signe de la personne",
    mois: 30,
    source: "durée d’inactivité du programme (30 mois)",
    motif: Some(Motif::Inactivite),
};
/// CVs.
pub const CV: Regle = Regle {
    quoi: "CV",
    depuis: "l’envoi du fichier",
    mois: 6,
    source: "durée de conservation des CV du programme (6 mois)",
    motif: None,
};

/// Every rule, for the screen.
pub const REGLES: [Regle; 4] = [BROUILLON, NON_CONFIRMEE, CANDIDAT, CV];

/// Files that one turn erases: the next turn goes on.
const PAR_TOUR: usize = 5_000;

impl Regle {
    /// The instant before which a thing is past its time.
    pub fn limite(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_months(Months::new(self.mois))
            .unwrap_or(now - TimeDelta::days(30 * i64::from(self.mois)))
    }

    /// The instant at which a thing that begins now is past its time.
    pub fn echeance(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_add_months(Months::new(self.mois))
            .unwrap_or(now + TimeDelta::days(30 * i64::from(self.mois)))
    }
}

/// Erases the files that a rule says are past their time; gives how many. Those of people who hold a post
/// stay.
///
/// # Errors
/// The database: what was erased stays so.
pub(super) async fn effacer_echus(site: &Site, regle: &Regle) -> Result<u64, Failure> {
    let Some(motif) = regle.motif else { return Ok(0) };
    let now = site.clock.now();
    let bornes = (regle.limite(now), kernel::calendrier::jour(&now));
    let echus = store::echus(site.db.read(), motif, bornes, PAR_TOUR).await?;
    let mut effaces = 0;
    for id in echus {
        match effacement::effacer(site, None, id, motif).await {
            Ok(_) => effaces += 1,
            Err(Failure::Refusal(_)) => {}
            Err(autre) => return Err(autre),
        }
    }
    Ok(effaces)
}
