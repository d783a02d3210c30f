//! One act for a list of addresses: what it would do is shown first, then each person is dealt with in turn by a job, and
//! the report stays. What is wrong with one address stops no other.

mod actions;
mod migration;
mod pages;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::CompteId;
use kernel::{Actor, CodeDepartement, CodeRegion, Perimetre, Role};
use platform::jobs::{Job, Registry};
use uuid::Uuid;

use super::model::EtatAidant;
use crate::Mandats;

pub(crate) use migration::Mandats0111;
pub(crate) use pages::routes;

/// What may be done to a list: the state to which people go, and its words.
pub(crate) const GESTES: [(EtatAidant, &str); 3] = [
    (EtatAidant::Actif, "Activer les comptes"),
    (EtatAidant::Eligible, "Déclarer ces personnes à former"),
    (EtatAidant::Dormant, "Mettre les comptes en sommeil"),
];
/// Most addresses of one list.
pub(crate) const ADRESSES_MAX: usize = 500;
/// How long a report is kept.
const GARDE: TimeDelta = TimeDelta::days(365);
/// People dealt with in one turn: then other jobs have theirs.
const PAR_TOUR: i64 = 100;

/// What became of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EtatLigne {
    /// Its turn did not come yet.
    Attente,
    /// Done.
    Fait,
    /// Not done.
    Refuse,
}

impl EtatLigne {
    /// Every one.
    pub(crate) const TOUS: [Self; 3] = [Self::Attente, Self::Fait, Self::Refuse];

    /// Its key.
    pub(crate) fn cle(self) -> &'static str {
        match self {
            Self::Attente => "attente",
            Self::Fait => "fait",
            Self::Refuse => "refuse",
        }
    }

    /// The one of that key.
    pub(crate) fn from_cle(cle: &str) -> Option<Self> {
        Self::TOUS.into_iter().find(|e| e.cle() == cle)
    }

    /// In words.
    pub(crate) fn nom(self) -> &'static str {
        match self {
            Self::Attente => "En attente",
            Self::Fait => "Fait",
            Self::Refuse => "Pas fait",
        }
    }
}

/// A list that was confirmed.
#[derive(Clone, Debug)]
pub(crate) struct Lot {
    /// Its identifier.
    pub(crate) id: Uuid,
    /// To which state its people go.
    pub(crate) vers: EtatAidant,
    /// Who confirmed it.
    pub(crate) par: CompteId,
    /// Régions and départements of who confirmed it; none: the whole country.
    pub(crate) perimetre: Option<(Vec<String>, Vec<String>)>,
    /// When.
    pub(crate) cree_le: DateTime<Utc>,
    /// When the last address was dealt with.
    pub(crate) fini_le: Option<DateTime<Utc>>,
}

impl Lot {
    /// What is done, in words.
    pub(crate) fn geste(&self) -> &'static str {
        GESTES.iter().find(|(e, _)| *e == self.vers).map_or("", |(_, nom)| nom)
    }

    /// Who confirmed it, in the scope that they had: rules are checked again for each address.
    fn acteur(&self) -> Actor {
        let perimetre = match &self.perimetre {
            None => Perimetre::National,
            Some((regions, _)) if !regions.is_empty() => {
                Perimetre::Regions(regions.iter().filter_map(|r| CodeRegion::parse(r)).collect())
            }
            Some((_, departements)) => Perimetre::Departements(
                departements.iter().filter_map(|d| CodeDepartement::parse(d)).collect(),
            ),
        };
        Actor { compte: self.par, role: Role::EquipeHabilitation, perimetre, vu_par: None, prete: false }
    }
}

/// An address of a list.
#[derive(Clone, Debug)]
pub(crate) struct Ligne {
    /// Its place, from 0.
    pub(crate) rang: i64,
    /// As it was pasted.
    pub(crate) adresse: String,
    /// Who that is.
    pub(crate) aidant: Option<crate::ids::AidantId>,
    /// Where it stands.
    pub(crate) etat: EtatLigne,
    /// What would be done, was done, or why not.
    pub(crate) phrase: String,
}

/// Deals with what waits of a list.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Traiter {
    /// The list.
    pub(crate) lot: Uuid,
}

impl Job for Traiter {
    const KIND: &'static str = "mandats.aidants.masse";
}

/// Forgets old reports, once a day.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
struct Oublier {}

impl Job for Oublier {
    const KIND: &'static str = "mandats.aidants.masse.oublier";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does the jobs, and when.
pub(crate) fn register(m: &Mandats, registry: &mut Registry) {
    let (a, b) = (m.clone(), m.clone());
    registry.on(move |_, job: Traiter| {
        let m = a.clone();
        async move { actions::tour(&m, job.lot).await }
    });
    registry.on(move |_, Oublier {}| {
        let m = b.clone();
        async move { actions::oublier(&m).await }
    });
    registry.every(Oublier::KIND, TimeDelta::days(1), Oublier {});
}

#[cfg(test)]
pub(crate) use actions::{oublier, tour};
