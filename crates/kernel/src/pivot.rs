//! The numbers that identify an organisation: SIRET, RNA, RIDET.

/// Identifier of an organisation, the "pivot" of the national standard of lieux.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub enum Pivot {
    /// SIRET: 14 digits, of which 9 are the SIREN (répertoire Sirene, INSEE).
    Siret(String),
    /// RNA: `W` and 9 digits (répertoire national des associations).
    Rna(String),
    /// RIDET: 7 to 10 digits (répertoire d'identification of New Caledonia).
    Ridet(String),
}

/// SIREN of La Poste, whose establishments follow a rule of their own.
const SIREN_LA_POSTE: &str = "356000000";

impl Pivot {
    /// Parses what a person or a file gives; blanks and dots between digits are forgiven.
    ///
    /// # Errors
    /// A sentence that says what is wrong: length, key, or shape.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let value: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '.' && *c != '-')
            .collect::<String>()
            .to_uppercase();
        if let Some(digits) = value.strip_prefix('W') {
            return if digits.len() == 9 && is_digits(digits) {
                Ok(Self::Rna(value))
            } else {
                Err("Un numéro RNA s’écrit W puis 9 chiffres.".to_owned())
            };
        }
        if !is_digits(&value) {
            return Err("Écrivez un SIRET (14 chiffres), un RNA (W et 9 chiffres) ou un RIDET.".to_owned());
        }
        match value.len() {
            14 if value.bytes().all(|c| c == b'0') => Err("Ce SIRET ne contient que des zéros.".to_owned()),
            14 if siret_key_holds(&value) => Ok(Self::Siret(value)),
            14 => Err("Ce SIRET n’est pas valide : un chiffre est sans doute faux.".to_owned()),
            7..=10 => Ok(Self::Ridet(value)),
            n => Err(format!("Un SIRET a 14 chiffres ; celui-ci en a {n}.")),
        }
    }

    /// The number alone.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Siret(v) | Self::Rna(v) | Self::Ridet(v) => v,
        }
    }

    /// `siret`, `rna` or `ridet`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Siret(_) => "siret",
            Self::Rna(_) => "rna",
            Self::Ridet(_) => "ridet",
        }
    }

    /// The SIREN, nine digits, of a SIRET: two establishments of one organisation share it.
    pub fn siren(&self) -> Option<&str> {
        match self {
            Self::Siret(v) => v.get(..9),
            Self::Rna(_) | Self::Ridet(_) => None,
        }
    }
}

impl std::fmt::Display for Pivot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())
}

/// The key of Luhn over 14 digits; for La Poste, the plain sum of digits is a multiple of five
/// (INSEE's documented exception), and its head office follows Luhn.
fn siret_key_holds(digits: &str) -> bool {
    let values = || digits.bytes().map(|c| u32::from(c - b'0'));
    if digits.starts_with(SIREN_LA_POSTE) && values().sum::<u32>().is_multiple_of(5) {
        return true;
    }
    let luhn: u32 =
        values().rev().enumerate().map(|(i, d)| if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }).sum();
    luhn.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::Pivot;

    #[test]
    fn accepts_real_shapes() {
        for (typed, kind) in [
            ("43493312300029", "siret"),
            ("434 933 123 00029", "siret"),
            ("35600000000048", "siret"), // La Poste, head office: Luhn
            ("35600000049837", "siret"), // La Poste, an office: sum of digits divisible by five
            ("W123456789", "rna"),
            ("w123456789", "rna"),
            ("1234567", "ridet"),
        ] {
            assert_eq!(Pivot::parse(typed).map(|p| p.kind()), Ok(kind), "{typed}");
        }
    }

    #[test]
    fn refuses_with_a_sentence() {
        for bad in ["43493312300028", "00000000000000", "123", "W12", "bonjour", "", "35600000049838"] {
            assert!(Pivot::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn gives_the_siren() {
        assert_eq!(Pivot::parse("43493312300029").ok().as_ref().and_then(Pivot::siren), Some("434933123"));
    }
}
