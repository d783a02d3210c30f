//! Translations of the text of a mandat, to be read beside it: dated as it is, and without legal value. The French document
//! alone is signed.

use chrono::NaiveDate;

/// A translation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lecture {
    /// Of which published text.
    pub texte: &'static str,
    /// Language (BCP 47).
    pub langue: &'static str,
    /// Its name, in that language.
    pub nom: &'static str,
    /// Its name in French.
    pub en_francais: &'static str,
    /// « Without legal value », in that language.
    pub mention: &'static str,
    /// Whether it is written from right to left.
    pub de_droite: bool,
    /// Its bytes.
    pub corps: &'static str,
}

/// Every translation.
pub const LECTURES: &[Lecture] = &[
    Lecture {
        texte: "mandat-2026-11",
        langue: "en",
        nom: "English",
        en_francais: "anglais",
        mention: "Translation for reading only, without legal value: the French document alone is signed.",
        de_droite: false,
        corps: include_str!("textes/lecture-2026-11.en.md"),
    },
    Lecture {
        texte: "mandat-2026-11",
        langue: "ar",
        nom: "العربية",
        en_francais: "arabe",
        mention: "ترجمة للقراءة فقط، ليست لها قيمة قانونية: الوثيقة الفرنسية وحدها هي التي تُوقَّع.",
        de_droite: true,
        corps: include_str!("textes/lecture-2026-11.ar.md"),
    },
];

/// The translations of the text that is in force that day.
pub fn lectures(jour: NaiveDate) -> impl Iterator<Item = &'static Lecture> {
    let texte = super::en_vigueur(super::Genre::Mandat, jour).map(|t| t.id);
    LECTURES.iter().filter(move |l| Some(l.texte) == texte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_follows_its_text_part_by_part() {
        for l in LECTURES {
            let texte = super::super::PUBLIES.iter().find(|t| t.id == l.texte).unwrap();
            let titres = |corps: &str| corps.lines().filter(|l| l.starts_with("## ")).count();
            // The French text has two parts more, which are filled: how the person agreed, and signatures.
            assert_eq!(titres(l.corps) + 2, titres(texte.corps), "{}", l.langue);
            assert!(!l.corps.contains(['{', '}', '\r', '\'']), "{}", l.langue);
        }
    }
}
