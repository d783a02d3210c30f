//! Reads a file of school calendars: every line is taken, or told with its reason. A year with one faulty line is not
//! taken at all: a calendar with a hole would say that school is on.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use chrono::{Datelike, NaiveDate};
use kernel::text::fold;

use crate::lieux::ouverture::{Annee, Conge, Zone};
use crate::territoires::import::{
    BilanImport, RefusImport, Suite, colonne, finish, liste_colonnes, parcourt,
};

/// Columns of the file.
pub const COLONNES: [&str; 5] = ["annee", "zone", "periode", "premier_jour", "dernier_jour"];

/// Longest holiday, in days: those of summer stand between two years.
const CONGE_MAX: i64 = 70;
/// A school year, in days.
const ANNEE: std::ops::RangeInclusive<i64> = 200..=366;

/// A line, with its dates read.
struct Ligne {
    ligne: u64,
    nom: String,
    du: NaiveDate,
    au: NaiveDate,
    entiere: bool,
}

/// The lines of one zone and year.
#[derive(Default)]
struct Groupe {
    premiere: u64,
    lignes: Vec<Ligne>,
    fautif: bool,
}

/// Reads the years of a file.
///
/// # Errors
/// When nothing of the file can be taken.
pub(super) fn lit<R: Read + Seek>(source: R) -> Result<(Vec<Annee>, BilanImport), RefusImport> {
    let mut bilan = BilanImport::default();
    let mut groupes: BTreeMap<(Zone, String), Groupe> = BTreeMap::new();
    parcourt(
        source,
        |entete| {
            let cherche = |nom: &'static str| {
                let replie = nom.replace('_', " ");
                colonne(entete, &[&replie]).ok_or_else(|| RefusImport::Colonne(nom, liste_colonnes(entete)))
            };
            COLONNES.into_iter().map(cherche).collect::<Result<Vec<_>, _>>()
        },
        |enregistrement, colonnes, bilan| {
            let cellule = |i: usize| colonnes.get(i).map_or("", |c| enregistrement.texte(c).trim());
            let ligne = enregistrement.ligne;
            let mut refuse = |valeur: &str, raison: &str| bilan.note(ligne, Suite::Refuse, valeur, raison);
            let Some(zone) = Zone::lit(cellule(1)) else {
                let connues: Vec<&str> = Zone::toutes().map(Zone::nom).collect();
                return refuse(
                    cellule(1),
                    &format!("Cette zone n’existe pas. Les zones : {}.", connues.join(", ")),
                );
            };
            let Some(nom) = annee(cellule(0)) else {
                return refuse(
                    cellule(0),
                    "L’année scolaire s’écrit 2026-2027, ou 2027 là où elle suit l’année civile.",
                );
            };
            let groupe =
                groupes.entry((zone, nom)).or_insert_with(|| Groupe { premiere: ligne, ..Groupe::default() });
            let lue = match (cellule(2), jour(cellule(3)), jour(cellule(4))) {
                ("", _, _) => Err(("", "La période n’a pas de nom : « année scolaire », « Toussaint »…")),
                (_, None, _) => Err((cellule(3), "Le premier jour s’écrit 2026-10-17 ou 17/10/2026.")),
                (_, _, None) => Err((cellule(4), "Le dernier jour s’écrit 2026-11-01 ou 01/11/2026.")),
                (_, Some(du), Some(au)) if au < du => {
                    Err((cellule(4), "Le dernier jour précède le premier."))
                }
                (periode, Some(du), Some(au)) => Ok(Ligne {
                    ligne,
                    nom: periode.chars().take(60).collect(),
                    du,
                    au,
                    entiere: fold(periode).starts_with("annee"),
                }),
            };
            match lue {
                Ok(lue) => groupe.lignes.push(lue),
                Err((valeur, raison)) => {
                    groupe.fautif = true;
                    refuse(valeur, raison);
                }
            }
        },
        &mut bilan,
    )?;
    let mut annees = Vec::new();
    for ((zone, nom), groupe) in groupes {
        let premiere = groupe.premiere;
        match compose(zone, &nom, groupe, &mut bilan) {
            Some(annee) => annees.push(annee),
            None => {
                let raison = format!(
                    "{}, année {nom} : rien n’en est repris. Corrigez les lignes signalées.",
                    zone.nom()
                );
                bilan.note(premiere, Suite::Refuse, &nom, raison);
            }
        }
    }
    finish(&mut bilan, annees.iter().map(|a| a.vacances.len() + 1).sum())?;
    Ok((annees, bilan))
}

/// The year of a group, when all of its lines agree.
fn compose(zone: Zone, nom: &str, groupe: Groupe, bilan: &mut BilanImport) -> Option<Annee> {
    let mut sans_faute = !groupe.fautif;
    let mut refuse = |l: &Ligne, raison: &str| {
        sans_faute = false;
        bilan.note(l.ligne, Suite::Refuse, &l.nom, raison);
    };
    let (mut entieres, mut conges): (Vec<Ligne>, Vec<Ligne>) =
        groupe.lignes.into_iter().partition(|l| l.entiere);
    conges.sort_by_key(|c| c.du);
    entieres.iter().skip(1).for_each(|l| refuse(l, "L’année scolaire est donnée deux fois."));
    let Some(entiere) = entieres.drain(..).next() else {
        let raison = "Il manque la ligne « année scolaire » : le premier et le dernier jour de classe.";
        bilan.note(groupe.premiere, Suite::Refuse, nom, raison);
        return None;
    };
    let longueur = |l: &Ligne| (l.au - l.du).num_days() + 1;
    if !ANNEE.contains(&longueur(&entiere)) || !nom.starts_with(&entiere.du.year().to_string()) {
        refuse(
            &entiere,
            "Ces jours ne sont pas ceux de cette année scolaire : du premier au dernier jour de classe.",
        );
    }
    for (rang, conge) in conges.iter().enumerate() {
        if conge.du <= entiere.du || conge.au >= entiere.au {
            refuse(
                conge,
                "Ces vacances sortent de l’année scolaire. Celles d’été n’ont pas de ligne : elles vont d’une année à l’autre.",
            );
        } else if longueur(conge) > CONGE_MAX {
            refuse(conge, "Ces vacances durent plus de dix semaines.");
        } else if rang > 0 && conges.get(rang - 1).is_some_and(|avant| avant.au >= conge.du) {
            refuse(conge, "Ces vacances en recouvrent d’autres.");
        }
    }
    if conges.is_empty() {
        refuse(&entiere, "Il n’y a aucune période de vacances pour cette année.");
    }
    sans_faute.then(|| Annee {
        zone,
        nom: nom.to_owned(),
        du: entiere.du,
        au: entiere.au,
        vacances: conges.into_iter().map(|c| Conge { nom: c.nom, du: c.du, au: c.au }).collect(),
    })
}

/// « 2026-2027 », « 2026/2027 », « 2027 ».
fn annee(texte: &str) -> Option<String> {
    let annees: Vec<i32> =
        texte.split(['-', '/', '–']).map(|a| a.trim().parse().ok()).collect::<Option<_>>()?;
    match annees[..] {
        [a] if (2000..2100).contains(&a) => Some(a.to_string()),
        [a, b] if (2000..2100).contains(&a) && b == a + 1 => Some(format!("{a}-{b}")),
        _ => None,
    }
}

fn jour(texte: &str) -> Option<NaiveDate> {
    let lu = texte.parse().ok().or_else(|| NaiveDate::parse_from_str(texte, "%d/%m/%Y").ok())?;
    Some(lu).filter(|j: &NaiveDate| (2000..2101).contains(&j.year()))
}
