//! What two scopes name besides territories and structures: a national network, and a person followed.

use std::fmt;

/// The grands réseaux of the programme: key, name (domain, 1.3). A new one is a new line.
const RESEAUX: [(&str, &str); 14] = [
    ("apf_france_handicap", "APF France handicap"),
    ("chambres_d_agriculture", "Chambres d’agriculture"),
    ("confederation_des_mjc", "Confédération des MJC de France"),
    ("croix_rouge", "Croix-Rouge française"),
    ("emmaus_connect", "Emmaüs Connect"),
    ("face", "Fondation Agir contre l’exclusion (FACE)"),
    ("familles_rurales", "Familles rurales"),
    ("groupe_sos", "Groupe SOS"),
    ("la_poste", "La Poste"),
    ("ligue_de_l_enseignement", "Ligue de l’enseignement"),
    ("pimms", "PIMMS Médiation"),
    ("regies_de_quartier", "Régies de quartier"),
    ("unaf", "Union nationale des associations familiales (UNAF)"),
    ("unij", "Union nationale de l’information jeunesse (UNIJ)"),
];

/// A national network of structures: an attribute of each of them, whatever their territory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Reseau(&'static str);

impl Reseau {
    /// Every one, by name.
    pub fn tous() -> impl Iterator<Item = Self> {
        RESEAUX.iter().map(|(cle, _)| Self(cle))
    }

    /// The one of that key.
    pub fn parse(cle: &str) -> Option<Self> {
        Self::tous().find(|r| r.0 == cle)
    }

    /// Its key: in the database, in forms, in scopes.
    pub fn cle(self) -> &'static str {
        self.0
    }

    /// Its name.
    pub fn nom(self) -> &'static str {
        RESEAUX.iter().find(|(cle, _)| *cle == self.0).map_or("", |(_, nom)| nom)
    }
}

impl fmt::Display for Reseau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Reseau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The number by which a conseiller is known everywhere: `CA-1042`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub struct NumeroPersonne(pub i64);

impl NumeroPersonne {
    /// Reads what a person types: `CA-1042`, `ca1042`, `1042`.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let digits = match typed.get(..2) {
            Some(tete) if tete.eq_ignore_ascii_case("ca") => typed[2..].trim_start_matches(['-', ' ']),
            _ => typed,
        };
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|n| plain && *n > 0).map(Self)
    }
}

impl fmt::Display for NumeroPersonne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CA-{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_known_by_their_key() {
        assert_eq!(Reseau::tous().count(), 14);
        for r in Reseau::tous() {
            assert_eq!(Reseau::parse(r.cle()), Some(r));
            assert!(!r.nom().is_empty());
        }
        assert_eq!(Reseau::parse("La Poste"), None);
    }

    #[test]
    fn a_number_reads_as_it_is_written() {
        for (typed, read) in [
            ("CA-12", Some(12)),
            (" ca 12", Some(12)),
            ("CA12", Some(12)),
            ("12", Some(12)),
            ("CA-", None),
            ("CA--1é", None),
            ("-12", None),
            ("+12", None),
            ("0", None),
            ("é", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(NumeroPersonne::parse(typed).map(|n| n.0), read, "{typed}");
        }
        assert_eq!(NumeroPersonne(12).to_string(), "CA-12");
    }
}
