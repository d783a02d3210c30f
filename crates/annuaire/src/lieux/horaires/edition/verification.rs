//! What a form must hold before it is written.

use super::{
    CRENEAUX_MAX, Creneau, EXCEPTIONS_MAX, Edition, Exception, PERIODES_MAX, PRECISION_MAX, Quand, Quantieme,
};

/// Where a mistake stands: ranks from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ou {
    /// A slot of a week: period, day, slot.
    Creneau(usize, usize, usize),
    /// The dates of a period.
    Periode(usize),
    /// A day of the month.
    JourDuMois(usize),
    /// An exception.
    Exception(usize),
    /// The comment.
    Commentaire,
}

/// A mistake, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erreur {
    /// Where.
    pub ou: Ou,
    /// A French sentence.
    pub phrase: String,
}

impl Edition {
    /// All the mistakes of the form; none when it can be written.
    pub fn verifie(&self) -> Vec<Erreur> {
        let mut erreurs = Vec::new();
        let mut note = |ou: Ou, phrase: &str| erreurs.push(Erreur { ou, phrase: phrase.to_owned() });
        for (p, periode) in self.periodes.iter().enumerate() {
            if p >= PERIODES_MAX {
                note(Ou::Periode(p), "Il y a trop de périodes : gardez les douze premières.");
                break;
            }
            if self.periodes[..p].iter().any(|autre| autre.quand == periode.quand) {
                note(Ou::Periode(p), "Cette période est donnée deux fois : n’en gardez qu’une.");
            }
            if let Some(phrase) = mauvais_quand(periode.quand) {
                note(Ou::Periode(p), phrase);
            }
            if p > 0 && periode.quand == Quand::Toujours {
                note(Ou::Periode(p), "La semaine de toute l’année vient en premier.");
            }
            for (j, creneaux) in periode.semaine.iter().enumerate() {
                for (c, phrase) in mauvais_creneaux(creneaux) {
                    note(Ou::Creneau(p, j, c), phrase);
                }
            }
        }
        for (i, jour) in self.jours_du_mois.iter().enumerate() {
            let ou = Ou::JourDuMois(i);
            if jour.rangs.is_empty() || jour.rangs.iter().any(|r| !matches!(r, -1 | 1..=5)) || jour.jour > 6 {
                note(ou, "Dites quel jour du mois, du premier au cinquième, ou le dernier.");
            }
            if jour.rangs.windows(2).any(|r| cle(r[0]) >= cle(r[1])) {
                note(ou, "Donnez les rangs dans l’ordre, chacun une fois.");
            }
            for (_, phrase) in mauvais_creneaux(&jour.creneaux) {
                note(ou, phrase);
            }
        }
        for (i, exception) in self.exceptions.iter().enumerate() {
            if i >= EXCEPTIONS_MAX {
                note(Ou::Exception(i), "Il y a trop de dates particulières : ôtez celles qui sont passées.");
                break;
            }
            for phrase in mauvaise_exception(exception) {
                note(Ou::Exception(i), phrase);
            }
        }
        if let Some(phrase) = mauvais_texte(&self.commentaire) {
            note(Ou::Commentaire, phrase);
        }
        erreurs
    }
}

/// The last one comes after the others.
fn cle(rang: i8) -> i8 {
    if rang < 0 { 6 } else { rang }
}

fn mauvais_quand(quand: Quand) -> Option<&'static str> {
    match quand {
        Quand::Toujours | Quand::SemainesPaires(_) | Quand::Vacances => None,
        Quand::Mois(de, a) if (1..=12).contains(&de) && (1..=12).contains(&a) => None,
        Quand::Mois(..) => Some("Choisissez deux mois."),
        Quand::Dates(de, a) => mauvaises_dates(de, a),
    }
}

fn mauvaises_dates(de: Quantieme, a: Quantieme) -> Option<&'static str> {
    let existe = |q: Quantieme| {
        // Without a year, 29 February exists.
        let annee = q.annee.map_or(2024, i32::from);
        q.annee.is_none_or(|a| (1900..=9999).contains(&a))
            && chrono::NaiveDate::from_ymd_opt(annee, q.mois.into(), q.jour.into()).is_some()
    };
    if !existe(de) || !existe(a) {
        return Some("Cette date n’existe pas.");
    }
    match (de.annee, a.annee) {
        (Some(_), Some(_)) if a < de => Some("La période finit avant de commencer."),
        (Some(_), None) | (None, Some(_)) => Some("Donnez l’année aux deux dates, ou à aucune."),
        _ => None,
    }
}

fn mauvaise_exception(exception: &Exception) -> Vec<&'static str> {
    let mut phrases: Vec<&str> = mauvaises_dates(exception.debut, exception.fin).into_iter().collect();
    phrases.extend(mauvais_creneaux(&exception.creneaux).into_iter().map(|(_, p)| p));
    phrases.extend(mauvais_texte(&exception.motif));
    phrases
}

fn mauvais_creneaux(creneaux: &[Creneau]) -> Vec<(usize, &'static str)> {
    let mut phrases = Vec::new();
    for (i, c) in creneaux.iter().enumerate() {
        if i >= CRENEAUX_MAX {
            phrases.push((i, "Il y a trop d’horaires dans cette journée."));
            break;
        }
        if c.debut >= 1_440 || c.fin > 2_880 {
            phrases.push((i, "Une heure va de 0 h à 24 h."));
        } else if c.fin <= c.debut {
            phrases.push((i, "L’heure de fin doit venir après l’heure de début : changez l’une des deux."));
        } else if i > 0 && creneaux[i - 1].fin > c.debut {
            phrases.push((i, "Ces horaires chevauchent les précédents."));
        }
        if let Some(phrase) = mauvais_texte(&c.precision) {
            phrases.push((i, phrase));
        }
    }
    phrases
}

fn mauvais_texte(texte: &str) -> Option<&'static str> {
    if texte.chars().count() > PRECISION_MAX {
        return Some("Ce texte est trop long : deux cents caractères au plus.");
    }
    texte
        .chars()
        .any(|c| c == '"' || c.is_control())
        .then_some("Écrivez ce texte sans guillemets droits ni retour à la ligne.")
}
