//! The number of a mandat: short enough to be read aloud, drawn at random so that it tells neither how many there are
//! nor who made it, and with a sign that catches a slip.

use kernel::Chance;

/// Crockford's alphabet: no I, L, O, U.
const SIGNES: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs drawn at random; one more checks them.
const TIRES: usize = 11;

/// Twelve signs, written by fours: `4F7K-9QXT-2M6C`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Numero(String);

impl Numero {
    /// A new one: 55 bits at random. Two may meet, one day: the base refuses the second, and the caller draws again.
    pub fn tire(chance: &Chance) -> Self {
        let mut rangs = [0_u8; TIRES + 1];
        for (rang, octet) in rangs.iter_mut().zip(chance.bytes::<TIRES>()) {
            *rang = octet & 31;
        }
        rangs[TIRES] = controle(&rangs[..TIRES]);
        Self::ecrit(&rangs)
    }

    /// What a person types: lower case, blanks and dashes do not count; O is 0, I and L are 1.
    pub fn lire(tape: &str) -> Option<Self> {
        let mut rangs = Vec::with_capacity(TIRES + 1);
        for c in tape.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let rang = SIGNES.iter().position(|s| char::from(*s) == c)?;
            if rangs.len() > TIRES {
                return None;
            }
            rangs.push(u8::try_from(rang).ok()?);
        }
        let (dernier, premiers) = rangs.split_last()?;
        (premiers.len() == TIRES && controle(premiers) == *dernier).then(|| Self::ecrit(&rangs))
    }

    fn ecrit(rangs: &[u8]) -> Self {
        let mut texte = String::with_capacity(TIRES + 3);
        for (place, rang) in rangs.iter().enumerate() {
            if place > 0 && place % 4 == 0 {
                texte.push('-');
            }
            texte.push(char::from(SIGNES[usize::from(rang & 31)]));
        }
        Self(texte)
    }

    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The formula of Luhn in base 32: it sees any one sign changed, and nearly any two neighbours swapped.
fn controle(rangs: &[u8]) -> u8 {
    let somme: u32 = rangs
        .iter()
        .rev()
        .enumerate()
        .map(|(place, rang)| {
            let poids = if place % 2 == 0 { u32::from(*rang) * 2 } else { u32::from(*rang) };
            poids / 32 + poids % 32
        })
        .sum();
    u8::try_from((32 - somme % 32) % 32).unwrap_or_default()
}

impl std::fmt::Display for Numero {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Numero> for String {
    fn from(numero: Numero) -> Self {
        numero.0
    }
}

impl TryFrom<String> for Numero {
    type Error = &'static str;

    /// As a document writes it: letter for letter.
    fn try_from(texte: String) -> Result<Self, Self::Error> {
        Self::lire(&texte).filter(|n| n.0 == texte).ok_or("not the number of a mandat")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn read_as_people_type() {
        let numero = Numero::tire(&Chance::seeded(1));
        assert_eq!(numero.as_str().len(), 14);
        for tape in
            [numero.to_string(), numero.to_string().to_lowercase(), numero.to_string().replace('-', " ")]
        {
            assert_eq!(Numero::lire(&tape), Some(numero.clone()), "{tape}");
        }
        for bad in ["", "-", "4F7K", "é", &"0".repeat(13), &"0".repeat(1 << 16)] {
            assert_eq!(Numero::lire(bad), None);
        }
        assert!(Numero::lire("OOOO-0000-0000").is_some());
        assert!(Numero::try_from("OOOO-0000-0000".to_owned()).is_err());
    }

    proptest! {
        #[test]
        fn one_slip_is_seen(graine in any::<u64>(), place in 0_usize..12, autre in 0_usize..32) {
            let numero = Numero::tire(&Chance::seeded(graine));
            let mut signes: Vec<u8> = numero.as_str().bytes().filter(|c| *c != b'-').collect();
            let change = signes[place] != SIGNES[autre];
            signes[place] = SIGNES[autre];
            let lu = Numero::lire(std::str::from_utf8(&signes).unwrap());
            prop_assert_eq!(lu.is_none(), change);
        }

        #[test]
        fn no_input_panics(tape in any::<String>()) {
            let _ = Numero::lire(&tape);
        }
    }
}
