//! Codes of territories, as INSEE (code officiel géographique) and La Poste give them.

use std::fmt;

macro_rules! code {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

code!(CodeCommune, "INSEE code of a commune: `01053`, `2A004`, `97105`.");
code!(CodeDepartement, "Code of a département or of an overseas collectivity: `01`, `2A`, `974`, `988`.");
code!(CodeRegion, "INSEE code of a région: `84`; `01` is Guadeloupe, never the Ain.");
code!(CodePostal, "Postal code of La Poste, five digits.");

const REGIONS: [&str; 18] = [
    "01", "02", "03", "04", "06", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93",
    "94",
];

/// Collectivities overseas that are neither département nor région: Saint-Pierre-et-Miquelon, Saint-Barthélemy, Saint-Martin,
/// the southern lands, Wallis-et-Futuna, Polynesia, New Caledonia, Clipperton.
const COLLECTIVITES: [&str; 8] = ["975", "977", "978", "984", "986", "987", "988", "989"];

impl<'de> serde::Deserialize<'de> for CodeDepartement {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("not a code of département"))
    }
}

impl<'de> serde::Deserialize<'de> for CodeCommune {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("not a code of commune"))
    }
}

impl CodeCommune {
    /// Parses an INSEE code: two digits or `2A`/`2B`, then three digits; never `20xxx`
    /// (Corsica is `2A` and `2B` since 1976).
    pub fn parse(typed: &str) -> Option<Self> {
        let code = typed.trim().to_uppercase();
        let b = code.as_bytes();
        let [d1, d2, rest @ ..] = b else { return None };
        let head = match (d1, d2) {
            (b'2', b'0') => false,
            (b'2', b'A' | b'B') => true,
            (d1, d2) => d1.is_ascii_digit() && d2.is_ascii_digit(),
        };
        (head && rest.len() == 3 && rest.iter().all(u8::is_ascii_digit)).then_some(Self(code))
    }

    /// The département: three characters overseas (97x, 98x), else two.
    pub fn departement(&self) -> CodeDepartement {
        let n = if self.0.starts_with("97") || self.0.starts_with("98") { 3 } else { 2 };
        CodeDepartement(self.0.chars().take(n).collect())
    }
}

impl CodeDepartement {
    /// Parses a code of département: `01` to `95` but `20`, `2A`, `2B`, `971` to `989`.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = typed.trim().to_uppercase();
        let ok = match code.as_bytes() {
            [b'2', b'A' | b'B'] => true,
            [b'2', b'0'] | [b'0', b'0'] => false,
            [a, b] => a.is_ascii_digit() && b.is_ascii_digit() && code.as_str() < "96",
            _ => {
                ["971", "972", "973", "974", "976"].contains(&code.as_str())
                    || COLLECTIVITES.contains(&code.as_str())
            }
        };
        ok.then_some(Self(code))
    }
}

impl CodeRegion {
    /// Parses a code of région: the eighteen of the law of 16 January 2015, or the code of a collectivity that has none.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = typed.trim();
        (REGIONS.contains(&code) || COLLECTIVITES.contains(&code)).then(|| Self(code.to_owned()))
    }
}

impl CodePostal {
    /// Parses five digits.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = typed.trim();
        (code.len() == 5 && code.bytes().all(|c| c.is_ascii_digit())).then(|| Self(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communes() {
        for (typed, departement) in [
            ("01053", "01"),
            ("2a004", "2A"),
            ("2B033", "2B"),
            ("97411", "974"),
            ("98818", "988"),
            ("21231", "21"),
        ] {
            let code = CodeCommune::parse(typed).map(|c| c.departement().as_str().to_owned());
            assert_eq!(code.as_deref(), Some(departement), "{typed}");
        }
        for bad in ["20004", "1053", "2C001", "ABCDE", "", "010533", "é1053"] {
            assert_eq!(CodeCommune::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn departements() {
        for good in ["01", "95", "2A", "2b", "971", "976", "988"] {
            assert!(CodeDepartement::parse(good).is_some(), "{good}");
        }
        for bad in ["00", "20", "96", "97", "1", "999", "2C", ""] {
            assert!(CodeDepartement::parse(bad).is_none(), "{bad}");
        }
    }
}
