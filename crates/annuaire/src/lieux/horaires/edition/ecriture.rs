//! From the form to OSM.

use super::super::osm::{ecrit_heure, suite_de_jours};
use super::{Creneau, Edition, Exception, JourDuMois, Periode, Quand, Quantieme, Semaine};

/// Months of OSM.
pub(super) const MOIS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn ecrit(edition: &Edition) -> String {
    let mut regles: Vec<String> = Vec::new();
    for (i, periode) in edition.periodes.iter().enumerate() {
        let avant = edition.periodes[..i].iter().filter(|p| !s_excluent(p.quand, periode.quand));
        let mut ouverts = [false; 7];
        for autre in avant {
            for (ouvert, creneaux) in ouverts.iter_mut().zip(&autre.semaine) {
                *ouvert |= !creneaux.is_empty();
            }
        }
        periode_osm(periode, ouverts, &mut regles);
    }
    for jour in &edition.jours_du_mois {
        let prefixe = jour_du_mois(jour);
        regles.extend(jour_osm(&prefixe, &jour.creneaux));
    }
    if edition.ferme_les_feries {
        regles.push("PH off".to_owned());
    }
    for exception in &edition.exceptions {
        exception_osm(exception, &mut regles);
    }
    let mut texte = regles.join("; ");
    let commentaire = edition.commentaire.trim();
    if !commentaire.is_empty() {
        if !texte.is_empty() {
            texte.push_str(" || ");
        }
        texte.push_str(&format!("\"{commentaire}\""));
    }
    texte
}

/// Days of equal slots together. A day that an earlier week opens and this one does not is closed by name.
fn periode_osm(periode: &Periode, ouverts: [bool; 7], regles: &mut Vec<String>) {
    let prefixe = quand(periode.quand);
    if est_vide(&periode.semaine) {
        regles.extend((!prefixe.is_empty()).then(|| format!("{prefixe} off")));
        return;
    }
    let mut faits = [false; 7];
    let mut fermes = Vec::new();
    for jour in 0..7 {
        if faits[jour] {
            continue;
        }
        let creneaux = &periode.semaine[jour];
        if creneaux.is_empty() {
            if ouverts[jour] {
                fermes.push(jour);
            }
            continue;
        }
        let rangs: Vec<usize> = (jour..7).filter(|k| periode.semaine[*k] == *creneaux).collect();
        for k in &rangs {
            faits[*k] = true;
        }
        regles.extend(jour_osm(&joint(&prefixe, &suite_de_jours(&rangs)), creneaux));
    }
    if !fermes.is_empty() {
        regles.push(format!("{} off", joint(&prefixe, &suite_de_jours(&fermes))));
    }
}

/// No day is in both.
fn s_excluent(a: Quand, b: Quand) -> bool {
    matches!((a, b), (Quand::SemainesPaires(x), Quand::SemainesPaires(y)) if x != y)
}

pub(super) fn est_vide(semaine: &Semaine) -> bool {
    semaine.iter().all(Vec::is_empty)
}

fn joint(prefixe: &str, jours: &str) -> String {
    if prefixe.is_empty() { jours.to_owned() } else { format!("{prefixe} {jours}") }
}

/// One rule for each run of slots with the same comment: the second and later ones add to the first.
fn jour_osm(jours: &str, creneaux: &[Creneau]) -> Option<String> {
    let mut texte = String::new();
    if creneaux.is_empty() {
        return Some(format!("{jours} off"));
    }
    for groupe in creneaux.chunk_by(|a, b| a.precision.trim() == b.precision.trim()) {
        let heures: Vec<String> =
            groupe.iter().map(|c| format!("{}-{}", ecrit_heure(c.debut), ecrit_heure(c.fin))).collect();
        if !texte.is_empty() {
            texte.push_str(", ");
        }
        texte.push_str(&format!("{jours} {}", heures.join(",")));
        let precision = groupe.first().map_or("", |c| c.precision.trim());
        if !precision.is_empty() {
            texte.push_str(&format!(" \"{precision}\""));
        }
    }
    Some(texte)
}

fn quand(quand: Quand) -> String {
    match quand {
        Quand::Toujours => String::new(),
        Quand::SemainesPaires(true) => "week 02-52/2".to_owned(),
        Quand::SemainesPaires(false) => "week 01-53/2".to_owned(),
        Quand::Mois(de, a) if de == a => mois(de).to_owned(),
        Quand::Mois(de, a) => format!("{}-{}", mois(de), mois(a)),
        Quand::Dates(de, a) => dates(de, a),
        Quand::Vacances => "SH".to_owned(),
    }
}

fn mois(rang: u8) -> &'static str {
    usize::from(rang).checked_sub(1).and_then(|r| MOIS.get(r)).copied().unwrap_or("Jan")
}

fn dates(de: Quantieme, a: Quantieme) -> String {
    if de == a { quantieme(de) } else { format!("{}-{}", quantieme(de), quantieme(a)) }
}

fn quantieme(q: Quantieme) -> String {
    match q.annee {
        Some(annee) => format!("{annee} {} {:02}", mois(q.mois), q.jour),
        None => format!("{} {:02}", mois(q.mois), q.jour),
    }
}

fn jour_du_mois(jour: &JourDuMois) -> String {
    let rangs: Vec<String> = jour.rangs.iter().map(i8::to_string).collect();
    let nom = super::super::JOURS_OSM.get(usize::from(jour.jour)).copied().unwrap_or("Mo");
    format!("{nom}[{}]", rangs.join(","))
}

fn exception_osm(exception: &Exception, regles: &mut Vec<String>) {
    let quand = dates(exception.debut, exception.fin);
    let motif = exception.motif.trim();
    if exception.creneaux.is_empty() {
        let motif = if motif.is_empty() { String::new() } else { format!(" \"{motif}\"") };
        regles.push(format!("{quand} off{motif}"));
        return;
    }
    let creneaux: Vec<Creneau> = exception
        .creneaux
        .iter()
        .map(|c| Creneau {
            precision: if c.precision.trim().is_empty() { motif.to_owned() } else { c.precision.clone() },
            ..c.clone()
        })
        .collect();
    regles.extend(jour_osm(&quand, &creneaux));
}
