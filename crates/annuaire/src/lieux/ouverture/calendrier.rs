//! The days that hours are looked up on, with the public and school holidays of a territory: made once for all the hours
//! of the territory.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use compact_calendar::CompactCalendar;
use opening_hours::{Context, ContextHolidays};

use super::simples::Jour;
use super::{Agenda, Scolaire, Vacances, jours_feries};

/// Days in a row.
#[derive(Clone, Debug)]
pub struct Calendrier {
    premier: NaiveDate,
    jours: Vec<Jour>,
}

impl Calendrier {
    /// So many days from that one on, as a département keeps them.
    pub(super) fn new(departement: &str, scolaire: &Scolaire, premier: NaiveDate, nombre: usize) -> Self {
        let mut jours: Vec<Jour> = premier.iter_days().take(nombre).map(Jour::ordinaire).collect();
        let dernier = premier.checked_add_days(Days::new(nombre as u64)).unwrap_or(premier);
        for (ferie, _) in (premier.year()..=dernier.year()).flat_map(|annee| jours_feries(departement, annee))
        {
            if let Some(jour) = rang(premier, ferie).and_then(|r| jours.get_mut(r)) {
                jour.ferie = true;
            }
        }
        for (jour, date) in jours.iter_mut().zip(premier.iter_days()) {
            jour.vacances = scolaire.vacances(departement, date);
        }
        Self { premier, jours }
    }

    /// Enough for [`Agenda::new`] on that day.
    pub(crate) fn des_agendas(departement: &str, scolaire: &Scolaire, aujourdhui: NaiveDate) -> Self {
        let avant = aujourdhui.checked_sub_days(Days::new(Agenda::VUS_AVANT)).unwrap_or(aujourdhui);
        Self::new(departement, scolaire, avant, Agenda::VUS)
    }

    /// A day of it with the day before.
    pub(super) fn avec_la_veille(&self, date: NaiveDate) -> Option<(&Jour, &Jour)> {
        let rang = rang(self.premier, date)?;
        Some((self.jours.get(rang.checked_sub(1)?)?, self.jours.get(rang)?))
    }

    fn garde(&self, voulu: impl Fn(&Jour) -> bool) -> Arc<CompactCalendar> {
        let mut gardes = CompactCalendar::default();
        for (jour, date) in self.jours.iter().zip(self.premier.iter_days()) {
            if voulu(jour) {
                gardes.insert(date);
            }
        }
        Arc::new(gardes)
    }

    /// The same for the crate: its holidays are those of these days.
    pub(super) fn contexte(&self) -> Context {
        let connus =
            ContextHolidays::new(self.garde(|j| j.ferie), self.garde(|j| j.vacances == Vacances::Oui));
        let inconnus = ContextHolidays::new(Arc::default(), self.garde(|j| j.vacances == Vacances::Inconnu));
        Context::default().with_holidays(connus).with_holidays_unknown(inconnus)
    }

    /// For the crate, outside the school holidays, or within them, every day.
    pub(super) fn contexte_si(&self, vacances: bool) -> Context {
        let connus = ContextHolidays::new(self.garde(|j| j.ferie), self.garde(|_| vacances));
        Context::default().with_holidays(connus)
    }
}

fn rang(premier: NaiveDate, date: NaiveDate) -> Option<usize> {
    usize::try_from((date - premier).num_days()).ok()
}
