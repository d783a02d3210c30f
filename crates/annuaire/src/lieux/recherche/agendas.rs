//! The hours of all lieux, each expression made ready once for each territory that reads it alike.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use kernel::CodeDepartement;

use crate::lieux::ouverture::{Agenda, Horaires, territoire_des_horaires};

/// For each territory, the place of each expression; none for what cannot be read.
type Places = HashMap<Box<str>, HashMap<Box<str>, Option<u32>>>;

/// What an index knows of hours. An index that follows another takes from it what still holds, so that a change of one
/// lieu reads no expression again; what no lieu has any more is left behind.
#[derive(Debug)]
pub(super) struct Agendas {
    jour: NaiveDate,
    places: Places,
    tous: Vec<Arc<Agenda>>,
    anciens: Option<Arc<Agendas>>,
}

impl Agendas {
    /// None yet; made for that day.
    pub(super) fn new(jour: NaiveDate, anciens: Option<Arc<Self>>) -> Self {
        Self { jour, places: Places::new(), tous: Vec::new(), anciens }
    }

    /// The place of these hours; none when there are none, or none that can be read.
    pub(super) fn place(&mut self, expression: &str, departement: Option<&CodeDepartement>) -> Option<u32> {
        if expression.trim().is_empty() {
            return None;
        }
        let territoire = territoire_des_horaires(departement.map_or("", |d| d.as_str()));
        if let Some(place) = self.connue(territoire, expression) {
            return place;
        }
        let agenda = match self.anciens.as_ref().and_then(|a| a.encore_bon(territoire, expression, self.jour))
        {
            Some(agenda) => Some(agenda),
            None => Horaires::lit(expression, CodeDepartement::parse(territoire).as_ref())
                .map(|h| Arc::new(Agenda::new(&h, self.jour))),
        };
        let place = agenda.and_then(|a| {
            self.tous.push(a);
            u32::try_from(self.tous.len() - 1).ok()
        });
        self.places.entry(territoire.into()).or_default().insert(expression.into(), place);
        place
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

    fn encore_bon(&self, territoire: &str, expression: &str, jour: NaiveDate) -> Option<Arc<Agenda>> {
        let agenda = self.agenda(self.connue(territoire, expression)??)?;
        (self.jour == jour || agenda.hebdomadaire()).then(|| agenda.clone())
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
