//! The school calendars that an operator loaded: for each zone, years with their holidays. Their dates are decided by
//! ministerial and rectoral orders (code de l’éducation, L521-1 and D521-1 to D521-7), so that none stands in the program.

use std::sync::Arc;

use chrono::NaiveDate;
use kernel::text::fold;

use super::Vacances;

/// Key, name, départements. Zones of mainland France: arrêté of 16 April 2015 (académies of each zone). Corsica and each
/// territory overseas follow a calendar of their own.
const ZONES: [(&str, &str, &[&str]); 15] = [
    (
        "A",
        "Zone A",
        &[
            "01", "03", "07", "15", "16", "17", "19", "21", "23", "24", "25", "26", "33", "38", "39", "40",
            "42", "43", "47", "58", "63", "64", "69", "70", "71", "73", "74", "79", "86", "87", "89", "90",
        ],
    ),
    (
        "B",
        "Zone B",
        &[
            "02", "04", "05", "06", "08", "10", "13", "14", "18", "22", "27", "28", "29", "35", "36", "37",
            "41", "44", "45", "49", "50", "51", "52", "53", "54", "55", "56", "57", "59", "60", "61", "62",
            "67", "68", "72", "76", "80", "83", "84", "85", "88",
        ],
    ),
    (
        "C",
        "Zone C",
        &[
            "09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "75", "77", "78", "81", "82",
            "91", "92", "93", "94", "95",
        ],
    ),
    ("CORSE", "Corse", &["2A", "2B"]),
    ("971", "Guadeloupe", &["971"]),
    ("972", "Martinique", &["972"]),
    ("973", "Guyane", &["973"]),
    ("974", "La Réunion", &["974"]),
    ("975", "Saint-Pierre-et-Miquelon", &["975"]),
    ("976", "Mayotte", &["976"]),
    ("977", "Saint-Barthélemy", &["977"]),
    ("978", "Saint-Martin", &["978"]),
    ("986", "Wallis-et-Futuna", &["986"]),
    ("987", "Polynésie française", &["987"]),
    ("988", "Nouvelle-Calédonie", &["988"]),
];

/// Longest time without school between two years that follow each other, in days: beyond, a year is missing.
const ENTRE_DEUX_ANNEES: i64 = 130;

/// A territory with one school calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Zone(usize);

impl Zone {
    /// All of them.
    pub fn toutes() -> impl Iterator<Item = Self> {
        (0..ZONES.len()).map(Self)
    }

    /// « A », « zone b », « Corse », « La Réunion », « 974 ».
    pub fn lit(texte: &str) -> Option<Self> {
        let plie = fold(texte);
        let nu = plie.strip_prefix("zone ").unwrap_or(&plie);
        Self::toutes().find(|z| {
            let nom = fold(z.nom());
            fold(z.cle()) == nu || nom == plie || nom.strip_prefix("la ").is_some_and(|n| n == nu)
        })
    }

    /// The zone of a département; none when it is not known.
    pub fn de(departement: &str) -> Option<Self> {
        Self::toutes().find(|z| ZONES[z.0].2.contains(&departement))
    }

    /// Its key in files and in the database.
    pub fn cle(self) -> &'static str {
        ZONES[self.0].0
    }

    /// Its name.
    pub fn nom(self) -> &'static str {
        ZONES[self.0].1
    }

    /// A département of the zone.
    pub(super) fn un_departement(self) -> &'static str {
        ZONES[self.0].2.first().copied().unwrap_or_default()
    }
}

/// Days without school, both included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conge {
    /// « Toussaint ».
    pub nom: String,
    /// First day without school.
    pub du: NaiveDate,
    /// Last day without school.
    pub au: NaiveDate,
}

/// A school year of a zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annee {
    /// Whose year it is.
    pub zone: Zone,
    /// « 2026-2027 », or « 2027 » where school begins with the calendar year.
    pub nom: String,
    /// First day of school.
    pub du: NaiveDate,
    /// Last day of school.
    pub au: NaiveDate,
    /// Holidays within it, in order, apart.
    pub vacances: Vec<Conge>,
}

/// The calendars that are loaded; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scolaire(Arc<Vec<Annee>>);

impl Scolaire {
    /// Puts years together, whatever their order.
    pub fn new(mut annees: Vec<Annee>) -> Self {
        annees.sort_by_key(|a| (a.zone, a.du));
        Self(Arc::new(annees))
    }

    /// The years, by zone then by date.
    pub fn annees(&self) -> &[Annee] {
        &self.0
    }

    /// Whether nothing is loaded.
    pub fn est_vide(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a day belongs to the school holidays of a département: as loaded, else as far as dates are the same every
    /// year.
    pub fn vacances(&self, departement: &str, jour: NaiveDate) -> Vacances {
        self.chargees(departement, jour).unwrap_or_else(|| super::vacances(departement, jour))
    }

    /// The département that stands for all those where an expression is read alike: same clock, same public holidays,
    /// and, when it speaks of them, same school holidays. Empty for most of mainland France.
    pub fn territoire<'d>(&self, expression: &str, departement: &'d str) -> &'d str {
        match departement {
            "57" | "67" | "68" => "67",
            outre_mer if outre_mer.len() == 3 => outre_mer,
            _ if self.est_vide() || !expression.contains("SH") => "",
            autre => Zone::de(autre).map_or("", Zone::un_departement),
        }
    }

    /// Whether the calendar of that day is loaded.
    pub fn connait(&self, departement: &str, jour: NaiveDate) -> bool {
        self.chargees(departement, jour).is_some()
    }

    fn chargees(&self, departement: &str, jour: NaiveDate) -> Option<Vacances> {
        if self.est_vide() {
            return None;
        }
        let zone = Zone::de(departement)?;
        let debut = self.0.partition_point(|a| a.zone < zone);
        let siennes = &self.0[debut..];
        let siennes = &siennes[..siennes.partition_point(|a| a.zone == zone)];
        let commencees = siennes.partition_point(|a| a.du <= jour);
        let avant = siennes.get(commencees.checked_sub(1)?)?;
        if jour <= avant.au {
            let conge = avant.vacances.iter().any(|c| (c.du..=c.au).contains(&jour));
            return Some(if conge { Vacances::Oui } else { Vacances::Non });
        }
        let apres = siennes.get(commencees)?;
        ((apres.du - avant.au).num_days() <= ENTRE_DEUX_ANNEES).then_some(Vacances::Oui)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn le(annee: i32, mois: u32, jour: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(annee, mois, jour).unwrap()
    }

    #[test]
    fn every_departement_has_one_zone() {
        let metropole = (1..=95).filter(|n| *n != 20).map(|n| format!("{n:02}"));
        let tous = metropole.chain(["2A".to_owned(), "2B".to_owned()]);
        for d in tous.chain(
            ["971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"].map(str::to_owned),
        ) {
            let zones = Zone::toutes().filter(|z| ZONES[z.0].2.contains(&d.as_str())).count();
            assert_eq!(zones, 1, "{d}");
        }
        assert_eq!(ZONES.iter().map(|z| z.2.len()).sum::<usize>(), 96 + 11);
        for (texte, cle) in [
            ("a", "A"),
            ("Zone B", "B"),
            ("corse", "CORSE"),
            ("Réunion", "974"),
            ("la reunion", "974"),
            ("988", "988"),
        ] {
            assert_eq!(Zone::lit(texte).map(Zone::cle), Some(cle), "{texte}");
        }
        assert_eq!(Zone::lit("D"), None);
    }

    #[test]
    fn what_is_loaded_is_known_and_the_rest_is_as_before() {
        let zone = Zone::lit("C").unwrap();
        let annee = |nom: &str, du, au, vacances| Annee { zone, nom: nom.to_owned(), du, au, vacances };
        let conge = |du, au| Conge { nom: "Essai".to_owned(), du, au };
        // A calendar of our own: these are not the dates of any order.
        let scolaire = Scolaire::new(vec![
            annee("2031-2032", le(2031, 9, 2), le(2032, 7, 2), vec![]),
            annee("2030-2031", le(2030, 9, 3), le(2031, 7, 4), vec![conge(le(2031, 2, 10), le(2031, 2, 21))]),
        ]);
        for (jour, attendu) in [
            (le(2031, 2, 9), Vacances::Non),
            (le(2031, 2, 10), Vacances::Oui),
            (le(2031, 2, 21), Vacances::Oui),
            (le(2031, 2, 22), Vacances::Non),
            (le(2031, 7, 5), Vacances::Oui),
            (le(2031, 9, 1), Vacances::Oui),
            (le(2031, 9, 2), Vacances::Non),
            (le(2030, 2, 12), Vacances::Inconnu),
            (le(2032, 7, 6), Vacances::Inconnu),
            (le(2032, 7, 20), Vacances::Oui),
        ] {
            assert_eq!(scolaire.vacances("75", jour), attendu, "{jour}");
        }
        assert_eq!(scolaire.vacances("69", le(2031, 2, 10)), Vacances::Inconnu, "another zone");
        assert!(scolaire.connait("75", le(2031, 2, 9)) && !scolaire.connait("75", le(2030, 2, 12)));
    }
}
