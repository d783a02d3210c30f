//! How old a sheet is, in three states, and when its lieu is asked again. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Days during which a sheet is taken as fresh: half a year. The reference merge of the national directory draws the
/// same line (182.5 days): beyond, an older record does not complete a newer one any more.
pub const FRAIS_JOURS: i64 = 183;
/// Days from which a sheet is stale: a year. The public page then asks to call before coming.
pub const PERIME_JOURS: i64 = 366;
/// Days between two messages to one address: a lieu has other things to do.
pub const ENTRE_RAPPELS_JOURS: i64 = 30;
/// Messages without an answer after which a lieu is left alone, until its sheet changes.
pub const RAPPELS_MAX: usize = 3;
/// Days during which the link of a message works: until the next one.
pub const LIEN_JOURS: i64 = 30;

/// How fresh a sheet is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fraicheur {
    /// Less than half a year old.
    Fraiche,
    /// Between half a year and a year, or of a day that has not come.
    AConfirmer,
    /// Older than a year, or of unknown age.
    Perimee,
}

impl Fraicheur {
    /// Every state, the best first.
    pub const TOUTES: [Self; 3] = [Self::Fraiche, Self::AConfirmer, Self::Perimee];

    /// The state of a sheet updated that day.
    pub fn de(maj: Option<NaiveDate>, aujourdhui: NaiveDate) -> Self {
        match maj.map(|m| (aujourdhui - m).num_days()) {
            // One day of grace: the lieu may live ahead of our clock.
            Some(-1..FRAIS_JOURS) => Self::Fraiche,
            Some(..PERIME_JOURS) => Self::AConfirmer,
            Some(_) | None => Self::Perimee,
        }
    }

    /// The last day of a fresh sheet, and that of one to confirm: what the list compares.
    pub fn bornes(aujourdhui: NaiveDate) -> (NaiveDate, NaiveDate) {
        let recule = |jours| aujourdhui.checked_sub_signed(TimeDelta::days(jours)).unwrap_or(NaiveDate::MIN);
        (recule(FRAIS_JOURS - 1), recule(PERIME_JOURS - 1))
    }

    /// Its key in addresses.
    pub fn cle(self) -> &'static str {
        match self {
            Self::Fraiche => "fraiche",
            Self::AConfirmer => "a_confirmer",
            Self::Perimee => "perimee",
        }
    }

    /// In words.
    pub fn libelle(self) -> &'static str {
        match self {
            Self::Fraiche => "À jour",
            Self::AConfirmer => "À confirmer",
            Self::Perimee => "Périmée",
        }
    }

    /// The state of that key.
    pub fn de_cle(cle: &str) -> Option<Self> {
        Self::TOUTES.into_iter().find(|f| f.cle() == cle)
    }
}

/// Whether a lieu is to be asked again now: its sheet is not fresh, the last message is old enough, and not too many
/// went without an answer. `envoyes`: the messages about this lieu since its sheet last changed.
pub fn a_rappeler(maj: Option<NaiveDate>, envoyes: &[DateTime<Utc>], maintenant: DateTime<Utc>) -> bool {
    let ancien = Fraicheur::de(maj, kernel::calendrier::jour(&maintenant)) != Fraicheur::Fraiche;
    let repos = envoyes.iter().all(|e| maintenant - *e >= TimeDelta::days(ENTRE_RAPPELS_JOURS));
    ancien && repos && envoyes.len() < RAPPELS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn le(texte: &str) -> NaiveDate {
        texte.parse().unwrap()
    }

    #[test]
    fn three_states_and_their_limits() {
        let aujourdhui = le("2026-11-22");
        for (maj, attendu) in [
            ("2026-11-23", Fraicheur::Fraiche),
            ("2026-11-24", Fraicheur::AConfirmer),
            ("2026-11-22", Fraicheur::Fraiche),
            ("2026-05-24", Fraicheur::Fraiche),
            ("2026-05-23", Fraicheur::AConfirmer),
            ("2025-11-22", Fraicheur::AConfirmer),
            ("2025-11-21", Fraicheur::Perimee),
            ("1970-01-01", Fraicheur::Perimee),
        ] {
            assert_eq!(Fraicheur::de(Some(le(maj)), aujourdhui), attendu, "{maj}");
        }
        assert_eq!(Fraicheur::de(None, aujourdhui), Fraicheur::Perimee);
        assert_eq!(Fraicheur::bornes(aujourdhui), (le("2026-05-24"), le("2025-11-22")));
    }

    #[test]
    fn a_lieu_is_asked_three_times_a_month_apart_then_left_alone() {
        let maintenant: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
        let il_y_a =
            |jours: &[i64]| jours.iter().map(|j| maintenant - TimeDelta::days(*j)).collect::<Vec<_>>();
        for (maj, envoyes, attendu) in [
            ("2026-11-01", &[][..], false),
            ("2026-01-01", &[][..], true),
            ("2026-01-01", &[29][..], false),
            ("2026-01-01", &[30][..], true),
            ("2026-01-01", &[30, 60][..], true),
            ("2026-01-01", &[30, 60, 90][..], false),
            ("2026-01-01", &[300, 330, 360][..], false),
        ] {
            assert_eq!(a_rappeler(Some(le(maj)), &il_y_a(envoyes), maintenant), attendu, "{maj} {envoyes:?}");
        }
    }
}
