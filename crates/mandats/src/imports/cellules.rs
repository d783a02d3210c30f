//! A line as it is read: each cell to a value, with a remark where it is not one. Pure.

use chrono::NaiveDate;
use kernel::text::fold;
use kernel::{Email, Telephone};
use platform::tableur::lecture::Remarque;

use super::model::{Genre, Ligne, Sort};
use crate::document::lisse_ligne;

/// Longest value that a remark repeats, in characters.
const VALEUR: usize = 80;

/// A line that is being read.
#[derive(Debug)]
pub(super) struct Lecture<'a> {
    genre: Genre,
    ligne: &'a Ligne,
    remarques: Vec<Remarque>,
    refusee: bool,
}

/// What became of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Jugee<P> {
    /// In a word.
    pub(super) sort: Sort,
    /// Cell by cell.
    pub(super) remarques: Vec<Remarque>,
    /// What is to be written; none when nothing is.
    pub(super) plan: Option<P>,
}

impl<'a> Lecture<'a> {
    /// Of that line.
    pub(super) fn de(genre: Genre, ligne: &'a Ligne) -> Self {
        Self { genre, ligne, remarques: Vec::new(), refusee: false }
    }

    /// A cell as it stands; empty when there is none.
    pub(super) fn get(&self, colonne: usize) -> &'a str {
        self.ligne.cellules.get(colonne).map(String::as_str).unwrap_or_default()
    }

    /// Says something of a cell, without refusing the line.
    pub(super) fn note(&mut self, colonne: usize, phrase: impl Into<String>) {
        self.remarques.push(Remarque {
            ligne: usize::try_from(self.ligne.numero).unwrap_or(0),
            colonne: self.genre.colonnes().get(colonne).map_or_else(String::new, |c| c.titre.to_owned()),
            valeur: self.get(colonne).chars().take(VALEUR).collect(),
            phrase: phrase.into(),
        });
    }

    /// Refuses the line because of a cell.
    pub(super) fn refuse(&mut self, colonne: usize, phrase: impl Into<String>) {
        self.refusee = true;
        self.note(colonne, phrase);
    }

    /// Whether a cell refused the line already.
    pub(super) fn refusee(&self) -> bool {
        self.refusee
    }

    /// Says that a value changes.
    pub(super) fn change(&mut self, colonne: usize, avant: &str, apres: &str) {
        let phrase = match avant {
            "" => format!("« {apres} » est noté."),
            _ => format!("« {avant} » devient « {apres} »."),
        };
        self.note(colonne, phrase);
    }

    /// A text on one line, without what is not seen; what was repaired is said.
    pub(super) fn texte(&mut self, colonne: usize) -> Option<String> {
        let brut = self.get(colonne);
        if brut.is_empty() {
            return None;
        }
        match lisse_ligne(brut) {
            Ok((texte, reparations)) => {
                for r in reparations {
                    self.note(colonne, r.to_string());
                }
                Some(texte)
            }
            Err(pourquoi) => {
                self.refuse(colonne, format!("Ce texte {pourquoi}."));
                None
            }
        }
    }

    /// The same, which must be there.
    pub(super) fn exige(&mut self, colonne: usize) -> Option<String> {
        if self.get(colonne).is_empty() {
            self.refuse(
                colonne,
                "Remplissez cette case : la personne ou l’organisation n’est pas encore connue.",
            );
            return None;
        }
        self.texte(colonne)
    }

    /// An address; the line is refused without one.
    pub(super) fn courriel(&mut self, colonne: usize) -> Option<Email> {
        match Email::parse(self.get(colonne)) {
            Ok(courriel) => Some(courriel),
            Err(phrase) => {
                self.refuse(colonne, phrase);
                None
            }
        }
    }

    /// A telephone; one that is none is left out, and said.
    pub(super) fn telephone(&mut self, colonne: usize) -> Option<Telephone> {
        let lu = Telephone::parse(self.get(colonne));
        if lu.is_none() && !self.get(colonne).is_empty() {
            self.note(colonne, "Ce n’est pas un numéro français complet : il est laissé de côté.");
        }
        lu
    }

    /// Yes or no; nothing when the cell is empty.
    pub(super) fn oui(&mut self, colonne: usize) -> Option<bool> {
        match fold(self.get(colonne)).as_str() {
            "" => None,
            "oui" | "o" | "x" | "1" | "vrai" | "true" | "yes" => Some(true),
            "non" | "n" | "0" | "faux" | "false" | "no" => Some(false),
            _ => {
                self.refuse(colonne, "Écrivez « oui » ou « non ».");
                None
            }
        }
    }

    /// A day that is not to come; nothing when the cell is empty.
    pub(super) fn jour(&mut self, colonne: usize, aujourd_hui: NaiveDate) -> Option<NaiveDate> {
        let brut = self.get(colonne);
        if brut.is_empty() {
            return None;
        }
        match lire_jour(brut) {
            None => self.refuse(colonne, "Ce n’est pas une date, comme 31/12/2026."),
            Some(j) if j > aujourd_hui => self.refuse(colonne, "Cette date est dans l’avenir."),
            Some(j) => return Some(j),
        }
        None
    }

    /// Numbers of habilitation, apart by anything that is no digit.
    pub(super) fn numeros(&mut self, colonne: usize) -> Vec<i64> {
        let mut lus: Vec<i64> = Vec::new();
        for mot in self.get(colonne).split(|c: char| c.is_whitespace() || ",;|/+".contains(c)) {
            if mot.is_empty() {
                continue;
            }
            match mot.parse::<i64>().ok().filter(|n| *n > 0) {
                Some(n) if !lus.contains(&n) => lus.push(n),
                Some(_) => {}
                None => self.refuse(colonne, "Un numéro d’habilitation n’a que des chiffres."),
            }
        }
        lus
    }

    /// Nothing is to be done, or the line is refused.
    pub(super) fn sans_suite<P>(self) -> Jugee<P> {
        let sort = if self.refusee { Sort::Refuse } else { Sort::Inchange };
        Jugee { sort, remarques: self.remarques, plan: None }
    }

    /// Something is to be written, unless a cell refused the line.
    pub(super) fn suite<P>(self, sort: Sort, plan: P) -> Jugee<P> {
        if self.refusee {
            return self.sans_suite();
        }
        Jugee { sort, remarques: self.remarques, plan: Some(plan) }
    }
}

/// A day as people and programs write it.
fn lire_jour(texte: &str) -> Option<NaiveDate> {
    let jour = texte.trim().split(['T', ' ']).next().unwrap_or_default();
    let lu = jour.parse().ok().or_else(|| NaiveDate::parse_from_str(jour, "%d/%m/%Y").ok());
    // A year of two digits, or of the Romans, is a slip of the hand.
    lu.filter(|j| (2019..=2200).contains(&chrono::Datelike::year(j)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ligne(cellules: &[&str]) -> Ligne {
        Ligne {
            numero: 2,
            cellules: cellules.iter().map(|c| (*c).to_owned()).collect(),
            sort: Sort::Attente,
            fait: false,
            remarques: Vec::new(),
        }
    }

    #[test]
    fn cells_are_values_or_say_why_not() {
        let l = ligne(&["a@essai.example", "Ana\u{200b}ïs", "", "x", "12", "peut-être"]);
        let mut lu = Lecture::de(Genre::Aidants, &l);
        assert!(lu.courriel(0).is_some());
        assert_eq!(lu.texte(1).as_deref(), Some("Anaïs"));
        assert_eq!(lu.telephone(4), None);
        assert!(!lu.refusee());
        assert_eq!(lu.exige(2), None);
        assert_eq!(lu.oui(5), None);
        let jugee = lu.suite(Sort::Cree, ());
        assert_eq!((jugee.sort, jugee.plan), (Sort::Refuse, None));
        let colonnes: Vec<&str> = jugee.remarques.iter().map(|r| r.colonne.as_str()).collect();
        assert_eq!(colonnes, ["Prénom", "Téléphone", "Nom", "Conseiller numérique"]);
    }

    #[test]
    fn days_and_numbers() {
        let aujourd_hui = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        for (lu, attendu) in [
            ("2026-09-15", true),
            ("15/09/2026", true),
            ("2026-09-15T10:00:00Z", true),
            ("2026-12-02", false),
            ("15/9", false),
            ("15/09/26", false),
            ("0026-09-15", false),
        ] {
            let l = ligne(&["", lu]);
            let mut lecture = Lecture::de(Genre::Formations, &l);
            assert_eq!(lecture.jour(1, aujourd_hui).is_some(), attendu, "{lu}");
            assert_eq!(lecture.refusee(), !attendu, "{lu}");
        }
        for (lu, attendu) in
            [("1 2,3 ; 2", Some(vec![1, 2, 3])), ("", Some(vec![])), ("a", None), ("-1", None), ("0", None)]
        {
            let l = ligne(&[lu]);
            let mut lecture = Lecture::de(Genre::Aidants, &l);
            let lus = lecture.numeros(0);
            assert_eq!((!lecture.refusee()).then_some(lus), attendu, "{lu}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_makes_it_fall(texte in "\\PC{0,40}") {
            let l = ligne(&[&texte]);
            let mut lu = Lecture::de(Genre::Demandes, &l);
            let jour = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
            let _ = (lu.texte(0), lu.courriel(0), lu.telephone(0), lu.oui(0), lu.jour(0, jour), lu.numeros(0));
        }
    }
}
