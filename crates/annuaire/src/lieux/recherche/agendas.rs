//! The hours of all lieux, each expression made ready once for each territory that reads it alike.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use chrono::NaiveDate;
use kernel::CodeDepartement;

use crate::lieux::ouverture::{Agenda, Calendrier, Horaires, Scolaire};

/// For each territory, the place of each expression; none for what cannot be read.
type Places = HashMap<Box<str>, HashMap<Box<str>, Option<u32>>>;

/// Expressions that are worth a thread of their own.
const PART: usize = 500;

/// What an index knows of hours. An index that follows another takes from it what still holds, so that a change of one
/// lieu reads no expression again; what no lieu has any more is left behind.
#[derive(Debug)]
pub(super) struct Agendas {
    jour: NaiveDate,
    scolaire: Scolaire,
    places: Places,
    tous: Vec<Arc<Agenda>>,
    anciens: Option<Arc<Agendas>>,
}

impl Agendas {
    /// None yet; made for that day, with these school calendars.
    pub(super) fn new(jour: NaiveDate, scolaire: Scolaire, anciens: Option<Arc<Self>>) -> Self {
        Self { jour, scolaire, places: Places::new(), tous: Vec::new(), anciens }
    }

    fn territoire<'d>(&self, expression: &str, departement: Option<&'d CodeDepartement>) -> &'d str {
        self.scolaire.territoire(expression, departement.map_or("", |d| d.as_str()))
    }

    /// Makes hours ready, on every core: [`Agendas::place`] then gives their places.
    pub(super) fn prepare<'t>(
        &mut self,
        horaires: impl Iterator<Item = (&'t str, Option<&'t CodeDepartement>)>,
    ) {
        let distinctes: HashSet<(&str, &str)> = horaires
            .filter(|(expression, _)| !expression.trim().is_empty())
            .map(|(expression, departement)| (self.territoire(expression, departement), expression))
            .collect();
        // By territory: each part then needs few calendars.
        let mut distinctes: Vec<(&str, &str)> = distinctes.into_iter().collect();
        distinctes.sort_unstable();
        let coeurs = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let part = distinctes.len().div_ceil(coeurs).max(PART);
        let moi = &*self;
        let faits: Vec<Option<Arc<Agenda>>> = thread::scope(|scope| {
            let (ici, ailleurs) = distinctes.split_at(part.min(distinctes.len()));
            let ailleurs: Vec<_> =
                ailleurs.chunks(part).map(|p| (p, scope.spawn(move || moi.agendas_de(p)))).collect();
            let mut faits = moi.agendas_de(ici);
            for (part, fil) in ailleurs {
                faits.extend(fil.join().unwrap_or_else(|_| moi.agendas_de(part)));
            }
            faits
        });
        for ((territoire, expression), agenda) in distinctes.into_iter().zip(faits) {
            let place = agenda.and_then(|a| {
                self.tous.push(a);
                u32::try_from(self.tous.len() - 1).ok()
            });
            self.places.entry(territoire.into()).or_default().insert(expression.into(), place);
        }
    }

    /// The agendas of these (territory, expression), in order.
    fn agendas_de(&self, horaires: &[(&str, &str)]) -> Vec<Option<Arc<Agenda>>> {
        let mut dernier: Option<(&str, Calendrier)> = None;
        let mut agendas = Vec::with_capacity(horaires.len());
        for (territoire, expression) in horaires {
            let ancien = self.anciens.as_ref().and_then(|a| a.encore_bon(territoire, expression, self));
            if ancien.is_some() {
                agendas.push(ancien);
                continue;
            }
            if dernier.as_ref().is_none_or(|(t, _)| t != territoire) {
                dernier = Some((territoire, Calendrier::des_agendas(territoire, &self.scolaire, self.jour)));
            }
            agendas.push(dernier.as_ref().and_then(|(_, calendrier)| {
                let horaires = Horaires::lit(expression, CodeDepartement::parse(territoire).as_ref())?;
                Some(Arc::new(Agenda::new(&horaires, calendrier, self.jour)))
            }));
        }
        agendas
    }

    /// The place of hours that were made ready; none when there are none, or none that can be read.
    pub(super) fn place(&self, expression: &str, departement: Option<&CodeDepartement>) -> Option<u32> {
        self.connue(self.territoire(expression, departement), expression)?
    }

    /// Nothing more is added: those of before are let go.
    pub(super) fn finit(mut self) -> Self {
        self.anciens = None;
        self.tous.shrink_to_fit();
        self
    }

    fn connue(&self, territoire: &str, expression: &str) -> Option<Option<u32>> {
        self.places.get(territoire)?.get(expression).copied()
    }

    /// An agenda that holds for a newer index too.
    fn encore_bon(&self, territoire: &str, expression: &str, nouveaux: &Self) -> Option<Arc<Agenda>> {
        let agenda = self.agenda(self.connue(territoire, expression)??)?;
        let pareils = self.jour == nouveaux.jour && self.scolaire == nouveaux.scolaire;
        (pareils || agenda.hebdomadaire()).then(|| agenda.clone())
    }

    /// The hours at a place.
    pub(super) fn agenda(&self, place: u32) -> Option<&Arc<Agenda>> {
        self.tous.get(place as usize)
    }

    /// All of them, by place.
    pub(super) fn tous(&self) -> &[Arc<Agenda>] {
        &self.tous
    }
}
