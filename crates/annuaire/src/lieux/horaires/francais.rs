//! French hours to OSM. What is not understood is named and never guessed: hours that lie send people to a closed door.
//!
//! A text is made plain (`texte`), cut into words and times (`jetons`, `lexique`), read into clauses (`lecture`), from
//! which weeks are drawn (`dessin`) and written (`ecriture`).

mod clauses;
mod dessin;
mod ecriture;
mod jetons;
mod lecture;
mod lexique;
mod texte;

use std::fmt;

use dessin::{Dessin, dessine};
use jetons::{Jeton, decoupe};
use lexique::Sens;
use texte::Texte;

use super::verifie_osm;

/// Days of OSM, Monday first.
pub const JOURS_OSM: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Most characters of a text of hours.
const LONGUEUR_MAX: usize = 2_000;
/// What is told of « Fermé » alone: a closing of which nobody knows whether it lasts is not written as hours.
const FERME: &str = "rien ne dit quels jours, ni si le lieu rouvre";
/// Most characters that are quoted in an expression.
const CITATION_MAX: usize = 120;

/// A part of the text that was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reste {
    /// Its very words.
    pub texte: String,
    /// What is missing or wrong; empty when the words themselves are not known.
    pub raison: &'static str,
}

impl fmt::Display for Reste {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.raison {
            "" => write!(f, "« {} »", self.texte),
            raison => write!(f, "« {} » : {raison}", self.texte),
        }
    }
}

/// The reading of a French text of hours.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversion {
    /// The OSM expression, when something was understood.
    pub osm: Option<String>,
    /// What was not understood; empty when all was.
    pub restes: Vec<Reste>,
    /// What was understood but looks wrong in the source: doubles, overlaps.
    pub remarques: Vec<String>,
}

impl Conversion {
    /// What was not understood, as one text.
    pub fn restes_en_clair(&self) -> String {
        self.restes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn refus(texte: &str, raison: &'static str) -> Self {
        Self { restes: vec![Reste { texte: abrege(texte), raison }], ..Self::default() }
    }
}

/// Reads hours given by day: (rank of the day from 0 for Monday, text). A day that is not understood is quoted as a
/// comment of OSM, so that nobody takes it for closed.
pub fn jours<'a>(textes: impl IntoIterator<Item = (usize, &'a str)>) -> Conversion {
    let mut conversion = Conversion::default();
    let mut semaine = Dessin { blocs: vec![dessin::Bloc::default()], ..Dessin::default() };
    for (rang, texte) in textes {
        let Ok(jour) = u8::try_from(rang) else { continue };
        if rang > 6 || texte.trim().is_empty() {
            continue;
        }
        if texte.len() > LONGUEUR_MAX {
            conversion.restes.push(Reste { texte: abrege(texte), raison: "ce texte est trop long" });
            continue;
        }
        let (mut dessin, restes) = lit(texte, Some(jour));
        let propre =
            dessin.blocs.len() == 1 && dessin.fermetures.is_empty() && dessin.blocs[0].rangs.is_empty();
        let lu = &mut dessin.blocs[0].semaine[rang];
        let cible = &mut semaine.blocs[0].semaine[rang];
        if !restes.is_empty() || !propre {
            let raison = if restes.is_empty() { "plus qu’un jour de la semaine" } else { "" };
            cible.cite = Some(citation(texte));
            cible.plages.clear();
            conversion.restes.push(match restes.into_iter().next() {
                Some(reste) if reste.texte.len() * 2 > texte.len() => reste,
                Some(reste) => Reste { texte: abrege(texte), raison: reste.raison },
                None => Reste { texte: abrege(texte), raison },
            });
        } else {
            // « -; sur rendez-vous »: said of the day alone, not of the week.
            lu.note = lu.note.take().or(dessin.note.filter(|_| lu.plages.is_empty()));
            cible.plages.append(&mut lu.plages);
            cible.plages.sort_by_key(|p| p.de);
            cible.note = cible.note.take().or(lu.note.take());
            semaine.feries_fermes |= dessin.feries_fermes;
            semaine.vacances_fermees |= dessin.vacances_fermees;
        }
        conversion.remarques.extend(dessin.remarques);
    }
    conversion.osm = ecriture::ecrit(&semaine).map(|(osm, _)| osm).filter(|o| verifie_osm(o).is_ok());
    conversion
}

/// Reads one text for the whole week: « du lundi au vendredi 9h-12h et 14h-17h, samedi 9h-12h », or five to seven texts
/// separated by semicolons, Monday first. An OSM expression stays as it is.
pub fn semaine(texte: &str) -> Conversion {
    let texte = texte.trim();
    if texte.is_empty() {
        return Conversion::default();
    }
    if texte.len() > LONGUEUR_MAX {
        return Conversion::refus(texte, "ce texte est trop long");
    }
    if est_osm(texte) {
        return Conversion { osm: Some(texte.to_owned()), ..Conversion::default() };
    }
    let plat = Texte::lit(texte);
    let jetons = decoupe(&plat);
    let nomme_un_jour =
        jetons.iter().any(|j| matches!(j.sens, Sens::Jour(_) | Sens::Jours(_) | Sens::AutresJours));
    if !nomme_un_jour && let Some(textes) = par_jour(texte, &plat) {
        return jours(textes.into_iter().enumerate());
    }
    let (dessin, mut restes) = lit(texte, None);
    let ecrite = ecriture::ecrit(&dessin).filter(|(osm, _)| verifie_osm(osm).is_ok());
    if dessin.feries_compris && ecrite.as_ref().is_some_and(|(_, compris)| !compris) {
        restes.push(Reste { texte: "jours fériés".to_owned(), raison: "leurs heures ne sont pas dites" });
    }
    let utile = dessin.blocs.iter().any(|b| {
        b.semaine
            .iter()
            .chain(b.rangs.iter().map(|r| &r.contenu))
            .any(|j| !j.plages.is_empty() || j.note.is_some())
    }) || (dessin.note.is_some()
        && dessin.blocs.iter().all(|b| b.semaine.iter().all(dessin::Jour::vide)));
    let utile = utile || !dessin.feries.is_empty();
    let osm = ecrite.map(|(osm, _)| osm).filter(|_| utile);
    let dit_ferme = jetons.iter().any(|j| j.sens == Sens::Ferme)
        && jetons.iter().all(|j| matches!(j.sens, Sens::Ferme | Sens::Fin | Sens::Bruit));
    if osm.is_none() && dit_ferme {
        restes = vec![Reste { texte: abrege(texte), raison: FERME }];
    } else if osm.is_none() && !ne_dit_rien(&jetons) && !restes.iter().any(|r| r.texte == texte) {
        // Nothing is left of it: all of it is told, and the words that were the matter.
        restes.insert(0, Reste { texte: abrege(texte), raison: "aucune heure d’ouverture n’est comprise" });
    }
    Conversion { osm, restes, remarques: dessin.remarques }
}

/// A list of times by day, without the names of the days, also is an expression: each rule would override the one
/// before. « Mar 9:00-12:00 » is Tuesday for a French reader, March for OSM: without a day of OSM, it is read as French.
fn est_osm(texte: &str) -> bool {
    let mardi = texte.split(|c: char| !c.is_alphabetic()).any(|m| m.eq_ignore_ascii_case("mar"));
    let jour = JOURS_OSM.iter().any(|j| texte.contains(j));
    let liste = texte.contains(';') && !texte.contains(|c: char| c.is_alphabetic());
    // « mo-fr 9:00-17:00 » is accepted too, but is better written.
    let canonique =
        jour || !texte.contains(|c: char| c.is_lowercase()) || texte.contains(|c: char| c.is_uppercase());
    !liste && canonique && (!mardi || jour) && verifie_osm(texte).is_ok()
}

/// Nothing but signs and « fermé »: all the days are closed.
fn ne_dit_rien(jetons: &[Jeton]) -> bool {
    jetons
        .iter()
        .all(|j| matches!(j.sens, Sens::Tiret | Sens::Fin | Sens::Barre | Sens::Virgule | Sens::DeuxPoints))
}

/// The text cut at its semicolons, when there are as many as days.
fn par_jour<'a>(texte: &'a str, plat: &Texte) -> Option<Vec<&'a str>> {
    let mut morceaux = Vec::new();
    let mut debut = 0;
    // « 9h-12h | 9h-12h | … » too, unless bars part the morning from the afternoon within cells.
    let signe = if plat.lettres.contains(&';') { ';' } else { '|' };
    for (_, (de, a)) in plat.lettres.iter().zip(&plat.places).filter(|(c, _)| **c == signe) {
        morceaux.push(texte.get(debut..*de)?);
        debut = *a;
    }
    morceaux.push(texte.get(debut..)?);
    if morceaux.len() == 8 && morceaux.last().is_some_and(|m| m.trim().is_empty()) {
        morceaux.pop();
    }
    (5..=7).contains(&morceaux.len()).then_some(morceaux)
}

/// Reads a sentence into weeks; the second is what was not understood.
fn lit(source: &str, impose: Option<u8>) -> (Dessin, Vec<Reste>) {
    let jetons = decoupe(&Texte::lit(source));
    let lu = lecture::lit(source, &jetons, impose);
    let mots = |(de, a): (usize, usize)| -> String {
        let (de, a) = bornes(&jetons, de, a);
        match (jetons.get(de), a.checked_sub(1).and_then(|k| jetons.get(k))) {
            (Some(premier), Some(dernier)) => {
                source.get(premier.de..dernier.a).unwrap_or_default().to_owned()
            }
            _ => String::new(),
        }
    };
    let dessin = dessine(&lu, |j| citation(&mots(j)));
    let mut restes: Vec<Reste> = Vec::new();
    if let Some(jetons) = dessin.sans_jours {
        restes.push(Reste { texte: abrege(&mots(jetons)), raison: "les jours ne sont pas dits" });
    }
    for (jetons, raison) in &dessin.manques {
        restes.push(Reste { texte: abrege(&mots(*jetons)), raison });
    }
    let mut i = 0;
    while i < jetons.len() {
        if !lu.perdus[i] {
            i += 1;
            continue;
        }
        // Signs and noise between two unknown words belong to them.
        let mut fin = i + 1;
        while let Some(k) = (fin..jetons.len()).find(|k| lu.perdus[*k] || !est_leger(&jetons[*k].sens)) {
            if !lu.perdus[k] {
                break;
            }
            fin = k + 1;
        }
        let reste = Reste { texte: abrege(&mots((i, fin))), raison: "" };
        if !restes.iter().any(|r| r.texte.contains(&reste.texte)) {
            restes.push(reste);
        }
        i = fin;
    }
    restes.retain(|r| !r.texte.is_empty());
    (dessin, restes)
}

fn est_leger(sens: &Sens) -> bool {
    matches!(
        sens,
        Sens::Bruit
            | Sens::Les
            | Sens::Des
            | Sens::A
            | Sens::Virgule
            | Sens::Tiret
            | Sens::Et
            | Sens::DeuxPoints
            | Sens::Barre
    )
}

/// Tokens without the signs at both ends.
fn bornes(jetons: &[Jeton], mut de: usize, mut a: usize) -> (usize, usize) {
    let signe = |k: usize| {
        jetons.get(k).is_some_and(|j| {
            matches!(
                j.sens,
                Sens::Virgule
                    | Sens::Tiret
                    | Sens::Et
                    | Sens::DeuxPoints
                    | Sens::Barre
                    | Sens::Fin
                    | Sens::Ouvrante
                    | Sens::Fermante
            )
        })
    };
    a = a.min(jetons.len());
    while de < a && signe(de) {
        de += 1;
    }
    while a > de && signe(a - 1) {
        a -= 1;
    }
    (de, a)
}

/// Words of the source that an expression may quote.
fn citation(texte: &str) -> String {
    let propre: String =
        texte.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| *c != '"').collect();
    propre.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(CITATION_MAX).collect()
}

fn abrege(texte: &str) -> String {
    let texte = texte.trim();
    if texte.chars().count() <= 300 {
        texte.to_owned()
    } else {
        texte.chars().take(300).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests;
