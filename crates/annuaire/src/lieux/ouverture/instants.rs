//! Hours at an instant: open or not, and when that changes.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{Calendrier, Etat, Horaires, etat};

/// Days looked at in one go.
const TRANCHE: u16 = 40;
/// How far the next opening is looked for: a lieu that opens in summer only is found in autumn.
const TRANCHES: u16 = 10;

impl Horaires {
    /// The time of the lieu at that instant.
    pub fn heure_locale(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.fuseau()).naive_local()
    }

    /// Open or closed at that instant, and until when. Times are those of the lieu.
    pub fn etat_a(&self, instant: DateTime<Utc>) -> Etat {
        self.etat_local(self.heure_locale(instant))
    }

    /// [`Horaires::etat_a`] for a time of the lieu itself.
    pub fn etat_local(&self, local: NaiveDateTime) -> Etat {
        // From the day before: a stretch may go on after midnight.
        let base = local.date().pred_opt().unwrap_or(local.date());
        let proche = etat(&self.intervalles(base, TRANCHE), base, TRANCHE, local);
        match proche {
            Etat::Ferme(None) => {
                let calendrier = self.calendrier(base, usize::from(TRANCHES * TRANCHE));
                Etat::Ferme(self.plus_loin(&calendrier, base))
            }
            autre => autre,
        }
    }

    /// The first opening after the forty days from `base` on, within a year.
    pub(super) fn plus_loin(&self, calendrier: &Calendrier, base: NaiveDate) -> Option<NaiveDateTime> {
        (1..TRANCHES).find_map(|n| {
            let debut = base.checked_add_days(Days::new(u64::from(n * (TRANCHE - 1))))?;
            let (minute, _) = *self.intervalles_selon(calendrier, debut, TRANCHE).first()?;
            debut.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(i64::from(minute)))
        })
    }

    /// Whether it is surely open at that instant.
    pub fn ouvert_a(&self, instant: DateTime<Utc>) -> bool {
        self.ouvert_a_l_heure(self.heure_locale(instant))
    }

    /// Whether it is surely open at that time of the lieu: two days are read, no more.
    pub fn ouvert_a_l_heure(&self, local: NaiveDateTime) -> bool {
        let base = local.date().pred_opt().unwrap_or(local.date());
        etat(&self.intervalles(base, 2), base, 2, local).ouvert()
    }

    /// When it opens next, in the time of the lieu; nothing while it is open, nor when it does not within a year.
    pub fn prochaine_ouverture(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        match self.etat_a(instant) {
            Etat::Ferme(quand) => quand,
            Etat::Ouvert(_) | Etat::Inconnu => None,
        }
    }

    /// When it opens or closes next, in the time of the lieu.
    pub fn prochain_changement(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        match self.etat_a(instant) {
            Etat::Ouvert(quand) | Etat::Ferme(quand) => quand,
            Etat::Inconnu => None,
        }
    }
}
