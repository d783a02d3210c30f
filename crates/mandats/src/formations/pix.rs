//! Results of the test Pix: a file of the test's own list, or one by one. Each line says what became of it.

use chrono::NaiveDate;
use kernel::{Actor, Email, Refusal, Verb};

use super::actions;
use crate::aidants::{self, EtatAidant};
use crate::{Failure, Mandats};

/// Longest file, in bytes, and most lines.
pub const OCTETS_MAX: usize = 2_000_000;
/// Most lines of one file.
pub const LIGNES_MAX: usize = 5_000;

/// A line of the file, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resultat {
    /// Whose.
    pub courriel: Email,
    /// Score out of 100.
    pub score: u8,
    /// Day of the test.
    pub le: NaiveDate,
}

/// What became of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ligne {
    /// Its number in the file, from 1 (the head).
    pub numero: usize,
    /// What it is about: the address as written.
    pub adresse: String,
    /// Whether it was taken.
    pub prise: bool,
    /// In a sentence.
    pub phrase: String,
}

/// A score: « 87 », « 87 % », « 0,87 » (a share of one, as Pix gives it).
pub(crate) fn score(lu: &str) -> Option<u8> {
    let net = lu.trim().trim_end_matches('%').trim().replace(',', ".");
    let n: f64 = net.parse().ok()?;
    let part = net.contains('.') && n <= 1.0 && !lu.contains('%');
    let n = if part { n * 100.0 } else { n };
    // A whole number of 0 to 100: the cast keeps it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    (0.0..=100.0).contains(&n).then_some(n.round() as u8)
}

fn date(lu: &str) -> Option<NaiveDate> {
    let jour = lu.trim().split(['T', ' ']).next().unwrap_or_default();
    crate::jours::lire_tableau(jour)
}

/// A line of the file, or why it says nothing.
type Lue = Result<Resultat, String>;

/// Reads the file: a head that names the address, the score and the day, in any order; commas or semicolons.
///
/// # Errors
/// A sentence when the head does not name them, or the file is too long.
pub fn lire(octets: &[u8]) -> Result<Vec<(usize, String, Lue)>, String> {
    if octets.len() > OCTETS_MAX {
        return Err("Ce fichier est trop lourd : deux mégaoctets au plus.".to_owned());
    }
    let texte = String::from_utf8_lossy(octets);
    let texte = texte.trim_start_matches('\u{feff}');
    let tete = texte.lines().next().unwrap_or_default();
    let separateur = if tete.matches(';').count() >= tete.matches(',').count().max(1) { b';' } else { b',' };
    let mut lecteur =
        csv::ReaderBuilder::new().delimiter(separateur).flexible(true).from_reader(texte.as_bytes());
    let tete: Vec<String> =
        lecteur.headers().map_err(|_| ILLISIBLE.to_owned())?.iter().map(kernel::text::fold).collect();
    let colonne = |mots: &[&str]| tete.iter().position(|t| mots.iter().any(|m| t.contains(m)));
    let adresse = colonne(&["courriel", "mail", "adresse"]).ok_or(ILLISIBLE)?;
    let note = colonne(&["score", "resultat", "note"]).ok_or(ILLISIBLE)?;
    let quand = colonne(&["date", "jour"]).ok_or(ILLISIBLE)?;
    let mut out = Vec::new();
    for (n, ligne) in lecteur.records().enumerate() {
        if n >= LIGNES_MAX {
            return Err(format!(
                "Ce fichier a trop de lignes : {LIGNES_MAX} au plus. Coupez-le en plusieurs."
            ));
        }
        let Ok(ligne) = ligne else {
            out.push((n + 2, String::new(), Err("Cette ligne ne se lit pas.".to_owned())));
            continue;
        };
        let cellule = |c: usize| ligne.get(c).unwrap_or_default().trim();
        if ligne.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        let lue = (|| {
            Ok(Resultat {
                courriel: Email::parse(cellule(adresse))?,
                score: score(cellule(note)).ok_or("Le score n’est pas un nombre entre 0 et 100.")?,
                le: date(cellule(quand)).ok_or("La date n’est pas une date, comme 31/12/2026.")?,
            })
        })();
        out.push((n + 2, cellule(adresse).chars().take(120).collect(), lue));
    }
    Ok(out)
}

const ILLISIBLE: &str = "La première ligne doit nommer trois colonnes : l’adresse électronique, le score et la date. Vérifiez \
                         que le fichier est un tableau CSV.";

/// Takes a file; each line in its own transaction, so that one that is wrong stops no other.
///
/// # Errors
/// A refusal of the field `fichier`; the database.
pub async fn importer(m: &Mandats, actor: &Actor, octets: &[u8]) -> Result<Vec<Ligne>, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    let lignes = lire(octets).map_err(|s| Refusal::field("fichier", s))?;
    let mut out = Vec::with_capacity(lignes.len());
    for (numero, adresse, lue) in lignes {
        let (prise, phrase) = match lue {
            Err(phrase) => (false, phrase),
            Ok(r) => match un(m, actor, &r).await {
                Ok(etat) => (true, etat.nom().to_owned()),
                Err(Failure::Refusal(Refusal::NotFound)) => {
                    (false, "Aucune personne à former n’a cette adresse dans votre territoire.".to_owned())
                }
                Err(Failure::Refusal(r)) => (false, r.to_string()),
                Err(Failure::Compte(identity::Error::Refused(r))) => (false, r.to_string()),
                Err(e) => return Err(e),
            },
        };
        out.push(Ligne { numero, adresse, prise, phrase });
    }
    Ok(out)
}

/// One result. Noted twice, it stays as it was; a day to come is refused.
///
/// # Errors
/// [`Refusal::NotFound`] for who is unknown or outside the scope; a refusal when they need no test.
pub async fn un(m: &Mandats, actor: &Actor, r: &Resultat) -> Result<EtatAidant, Failure> {
    actor.may(Verb::InstruireHabilitations)?;
    if r.le > m.jour() {
        return Err(Refusal::conflict("La date du test est dans l’avenir.").into());
    }
    m.site
        .db
        .write(async |tx| {
            let a = aidants::store::du_courriel(tx, &r.courriel).await?.ok_or(Refusal::NotFound)?;
            if !aidants::equipe_voit(tx, actor, a.id).await? {
                return Err(Refusal::NotFound.into());
            }
            if matches!(a.etat, EtatAidant::Parti | EtatAidant::Refuse) {
                return Err(Refusal::conflict(format!("Rien à faire : {}.", a.etat.nom())).into());
            }
            if aidants::registre::parcours(tx, a.id).await?.pix.is_some() {
                return Err(Refusal::conflict("Ce résultat est déjà noté.").into());
            }
            Ok(actions::pix(m, tx, actor, a.id, r.le, r.score).await?.etat)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_and_days_as_people_write_them() {
        for (lu, attendu) in [
            ("87", Some(87)),
            ("87 %", Some(87)),
            ("0,87", Some(87)),
            ("0.875", Some(88)),
            ("1", Some(1)),
            ("1.0", Some(100)),
            ("100", Some(100)),
            ("101", None),
            ("-1", None),
            ("NaN", None),
            ("", None),
            ("inf", None),
        ] {
            assert_eq!(score(lu), attendu, "{lu}");
        }
        let jour = NaiveDate::from_ymd_opt(2026, 12, 31);
        for lu in ["2026-12-31", "31/12/2026", "2026-12-31T10:00:00Z", "2026-12-31 10:00"] {
            assert_eq!(date(lu), jour, "{lu}");
        }
        assert_eq!(date("12/31/2026"), None);
    }

    #[test]
    fn a_file_is_read_whatever_its_order_and_its_separator() {
        let lues = lire(
            "\u{feff}Date;Adresse électronique;Score\n2026-12-01;a@essai.example;0,9\n;;\nhier;b;200\n"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(lues.len(), 2);
        assert_eq!(lues[0].2.as_ref().unwrap().score, 90);
        assert_eq!((lues[1].0, lues[1].2.is_err()), (4, true));
        assert!(lire(b"nom,prenom\nx,y").is_err());
        assert!(lire(b"").is_err());
    }

    proptest! {
        #[test]
        fn no_file_makes_it_fall(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = lire(&octets);
        }

        #[test]
        fn no_line_makes_it_fall(ligne in ".{0,80}") {
            let _ = lire(format!("mail,score,date\n{ligne}").as_bytes());
        }
    }
}
