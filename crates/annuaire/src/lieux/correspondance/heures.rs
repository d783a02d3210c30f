//! Hours of a source: columns of days, a text for the week, OSM, or a list of objects.

use std::collections::BTreeMap;

use kernel::text::fold;

use super::super::horaires;
use super::super::lecture::Enregistrement;
use super::super::normalisation::Brut;
use super::super::rapport::{Constat, Rapport, Regle};
use super::super::standard::Champ;
use super::colonnes::Colonnes;
use super::modele::{Correspondance, Horaires, ListeHoraires, Plage};

const RESTE: Regle = Regle::garde(
    "horaires-jours-non-compris",
    "Les heures de certains jours ne sont pas comprises : elles sont montrées telles quelles.",
);
const DOUTE: Regle = Regle::garde(
    "horaires-jours-douteux",
    "Les heures de certains jours sont lues, mais sans doute mal saisies.",
);

/// Most objects of a list of hours.
const OBJETS_MAX: usize = 200;

/// The path of a list of hours: its columns are read, whatever their number.
pub(super) fn chemin(correspondance: &Correspondance) -> Option<&str> {
    match &correspondance.horaires {
        Some(Horaires::Liste(liste)) => Some(&liste.chemin),
        _ => None,
    }
}

/// The columns of the hours, those of a list apart.
pub(super) fn colonnes(h: &Horaires) -> Vec<&str> {
    match h {
        Horaires::Osm(nom) => vec![nom],
        Horaires::Semaine(regle) => {
            let mut noms = Vec::new();
            regle.colonnes(&mut |nom| noms.push(nom));
            noms
        }
        Horaires::Jours(jours) => jours
            .iter()
            .flat_map(|(_, plages)| plages)
            .flat_map(|p| match p {
                Plage::Texte(nom) => vec![nom.as_str()],
                Plage::Bornes(a, b) => vec![a.as_str(), b.as_str()],
            })
            .collect(),
        Horaires::Liste(_) => Vec::new(),
    }
}

/// Gives the hours of a record.
pub(super) fn applique(
    h: &Horaires,
    colonnes: &Colonnes,
    brut: &mut Brut,
    e: &Enregistrement,
    rapport: &mut Rapport<'_>,
) {
    let textes: Vec<(usize, String)> = match h {
        // Both are read by the repair of the field: OSM passes, French is translated.
        Horaires::Osm(colonne) => {
            brut.set(Champ::Horaires, colonnes.texte(e, colonne).trim());
            return;
        }
        // A rule like that of any field: the mapping has applied it.
        Horaires::Semaine(_) => return,
        Horaires::Jours(jours) => jours
            .iter()
            .map(|(rang, plages)| {
                let plages: Vec<String> =
                    plages.iter().map(|p| plage(p, colonnes, e)).filter(|p| !p.is_empty()).collect();
                (*rang, plages.join(" / "))
            })
            .collect(),
        Horaires::Liste(liste) => objets(liste, e),
    };
    let conversion = horaires::jours(textes.iter().map(|(r, t)| (*r, t.as_str())));
    let osm = conversion.osm.unwrap_or_default();
    let restes: Vec<String> = conversion.restes.iter().map(ToString::to_string).collect();
    for (regle, quoi) in [(RESTE, &restes), (DOUTE, &conversion.remarques)] {
        if !quoi.is_empty() {
            let valeur: Vec<&str> = textes.iter().map(|(_, t)| t.as_str()).collect();
            let precision = format!("{}.", quoi.join(", "));
            rapport.note(&Constat {
                ligne: e.ligne,
                champ: Champ::Horaires.nom(),
                valeur: &valeur.join("; "),
                regle,
                apres: Some(&osm),
                precision: Some(&precision),
            });
        }
    }
    brut.set(Champ::Horaires, osm);
}

fn plage(plage: &Plage, colonnes: &Colonnes, e: &Enregistrement) -> String {
    match plage {
        Plage::Texte(nom) => colonnes.texte(e, nom).trim().replace('|', " / "),
        Plage::Bornes(debut, fin) => bornes(colonnes.texte(e, debut).trim(), colonnes.texte(e, fin).trim()),
    }
}

/// « 09:00:00 » and « 12:00:00 » give « 09:00 - 12:00 ».
fn bornes(debut: &str, fin: &str) -> String {
    let court = |t: &str| match t.as_bytes() {
        [_, _, b':', _, _, b':', ..] => t[..5].to_owned(),
        _ => t.to_owned(),
    };
    match (debut.is_empty(), fin.is_empty()) {
        (true, true) => String::new(),
        (false, false) => format!("{} - {}", court(debut), court(fin)),
        _ => format!("{debut}{fin}"),
    }
}

/// The texts of each day out of a list of objects.
fn objets(liste: &ListeHoraires, e: &Enregistrement) -> Vec<(usize, String)> {
    let mut jours: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for i in 0..OBJETS_MAX {
        let cle = |nom: &str| e.texte(&format!("{}.{i}.{nom}", liste.chemin)).trim().to_owned();
        let jour = cle(&liste.jour);
        if jour.is_empty() {
            if i > 0 && e.get(&format!("{}.{i}.{}", liste.chemin, liste.jour)).is_none() {
                break;
            }
            continue;
        }
        let Some(rang) = rang_du_jour(&jour, liste.lundi) else { continue };
        let texte = if liste.texte.is_empty() {
            bornes(&cle(&liste.debut), &cle(&liste.fin))
        } else {
            cle(&liste.texte).replace('|', " / ")
        };
        if !texte.is_empty() {
            jours.entry(rang).or_default().push(texte);
        }
    }
    jours.into_iter().map(|(rang, textes)| (rang, textes.join(" / "))).collect()
}

/// The rank of a day from its name, French or English, or its number when Monday has that one.
fn rang_du_jour(jour: &str, lundi: i64) -> Option<usize> {
    if let Ok(nombre) = jour.parse::<i64>() {
        return usize::try_from(nombre.checked_sub(lundi)?.rem_euclid(7)).ok();
    }
    let plie = fold(jour);
    const DEBUTS: [[&str; 3]; 7] = [
        ["lu", "mo", "mon"],
        ["ma", "tu", "tue"],
        ["me", "we", "wed"],
        ["je", "th", "thu"],
        ["ve", "fr", "fri"],
        ["sa", "sa", "sat"],
        ["di", "su", "sun"],
    ];
    DEBUTS.iter().position(|debuts| debuts.iter().any(|d| plie.starts_with(d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_bounds() {
        for (jour, lundi, rang) in [
            ("Lundi", 1, Some(0)),
            ("Monday", 1, Some(0)),
            ("mar.", 1, Some(1)),
            ("dimanche", 1, Some(6)),
            ("1", 1, Some(0)),
            ("0", 1, Some(6)),
            ("7", 1, Some(6)),
            ("0", 0, Some(0)),
            ("férié", 1, None),
        ] {
            assert_eq!(rang_du_jour(jour, lundi), rang, "{jour}");
        }
        assert_eq!(bornes("09:00:00", "12:00:00"), "09:00 - 12:00");
        assert_eq!(bornes("", ""), "");
        assert_eq!(bornes("9h", ""), "9h");
    }
}
