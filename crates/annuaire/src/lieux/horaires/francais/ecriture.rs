//! From weeks to OSM.

use super::super::osm::{ecrit_heure, suite_de_jours};
use super::clauses::{Periode, Plage, Quantieme};
use super::dessin::{Bloc, Dessin, Jour};
use super::lexique::{PARFOIS, UNE_SUR_DEUX};

const MOIS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The expression, and whether « public holidays included » could be said.
pub(super) fn ecrit(d: &Dessin) -> Option<(String, bool)> {
    let mut regles: Vec<String> = Vec::new();
    let base = d.blocs.first()?;
    let compris = d.feries_compris && est_toujours_pareil(base);
    let tout_ouvert = est_toujours_pareil(base)
        && matches!(base.semaine[0].plages.as_slice(), [p] if p.de == 0 && p.a == Some(1_440) && p.note.is_none());
    if tout_ouvert && base.rangs.is_empty() {
        regles.push("24/7".to_owned());
    } else {
        bloc(base, "", d.sans_jours.is_some(), compris, &mut regles);
    }
    for b in &d.blocs[1..] {
        let prefixe = b.periode.map(periode).unwrap_or_default();
        if b.periode == Some(Periode::Vacances) {
            let change = base.semaine.iter().zip(&b.semaine).any(|(a, b)| !a.vide() && b.vide());
            if change {
                regles.push("SH off".to_owned());
            }
        } else {
            let fermes: Vec<usize> =
                (0..7).filter(|j| !base.semaine[*j].vide() && b.semaine[*j].vide()).collect();
            if !fermes.is_empty() && !b.semaine.iter().all(Jour::vide) {
                bloc(b, &prefixe, false, false, &mut regles);
                regles.push(format!("{prefixe} {} off", suite_de_jours(&fermes)));
                continue;
            }
        }
        let sans_jours = d.sans_jours.is_some() || b.periode.is_some_and(Periode::est_un_jour);
        bloc(b, &prefixe, sans_jours, false, &mut regles);
    }
    let vacances = d.blocs.iter().any(|b| b.periode == Some(Periode::Vacances));
    if regles.is_empty() {
        return d.note.as_ref().map(|note| (format!("\"{note}\""), compris));
    }
    if d.vacances_fermees && !vacances {
        regles.push("SH off".to_owned());
    }
    if !d.feries.is_empty() {
        regles.push(regle("PH", &Jour { plages: d.feries.clone(), ..Jour::default() }));
    } else if d.feries_fermes {
        regles.push("PH off".to_owned());
    }
    regles.extend(d.fermetures.iter().map(|(p, jours)| {
        let jours = if jours.len() == 7 { String::new() } else { suite_de_jours(jours) };
        format!("{} off", colle(&periode(*p), &jours))
    }));
    Some((regles.join("; "), compris || tout_ouvert))
}

fn est_toujours_pareil(bloc: &Bloc) -> bool {
    !bloc.semaine[0].vide() && bloc.semaine.iter().all(|j| *j == bloc.semaine[0])
}

fn periode(p: Periode) -> String {
    let mois = |m: u8| usize::from(m).checked_sub(1).and_then(|r| MOIS.get(r)).copied().unwrap_or("Jan");
    let quantieme = |(annee, m, j): Quantieme| match annee {
        Some(a) => format!("{a} {} {j:02}", mois(m)),
        None => format!("{} {j:02}", mois(m)),
    };
    match p {
        Periode::Mois(de, a) if de == a => mois(de).to_owned(),
        Periode::Mois(de, a) => format!("{}-{}", mois(de), mois(a)),
        Periode::Dates(de, a) if de == a => quantieme(de),
        Periode::Dates(de, a) => format!("{}-{}", quantieme(de), quantieme(a)),
        Periode::Vacances => "SH".to_owned(),
        Periode::Scolaire | Periode::Saison => String::new(),
    }
}

/// The rules of a week: every week, then the even and the odd ones, then the days of the month.
fn bloc(b: &Bloc, prefixe: &str, sans_jours: bool, feries: bool, regles: &mut Vec<String>) {
    let de_la_semaine = |paires: Option<bool>| -> Vec<Jour> {
        b.semaine
            .iter()
            .map(|jour| {
                let concernee = paires.is_none() || jour.plages.iter().any(|p| p.paires == paires);
                let garde = |p: &&Plage| concernee && (p.paires.is_none() || p.paires == paires);
                let mut plages: Vec<Plage> = jour.plages.iter().filter(garde).cloned().collect();
                for p in &mut plages {
                    p.paires = None;
                }
                let reste = if paires.is_none() { jour.clone() } else { Jour::default() };
                Jour { plages, ..reste }
            })
            .collect()
    };
    for (paires, semaines) in [(None, ""), (Some(true), "week 02-52/2"), (Some(false), "week 01-53/2")] {
        let jours = de_la_semaine(paires);
        let prefixe = [prefixe, semaines].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
        let mut faits = [false; 7];
        for (j, jour) in jours.iter().enumerate().filter(|(_, j)| !j.vide()) {
            if faits[j] {
                continue;
            }
            let rangs: Vec<usize> = (j..7).filter(|k| jours[*k] == *jour).collect();
            for k in &rangs {
                faits[*k] = true;
            }
            let mut noms = suite_de_jours(&rangs);
            if rangs.len() == 7 && sans_jours && !est_annote(jour) {
                noms = String::new();
            } else if rangs.len() == 7 && feries {
                noms.push_str(",PH");
            }
            regles.push(regle(&colle(&prefixe, &noms), jour));
        }
    }
    for r in &b.rangs {
        let rangs: Vec<String> = r.rangs.iter().map(i8::to_string).collect();
        let jour = super::super::JOURS_OSM.get(usize::from(r.jour)).copied().unwrap_or("Mo");
        regles.push(regle(&colle(prefixe, &format!("{jour}[{}]", rangs.join(","))), &r.contenu));
    }
}

/// Several comments need several rules, each with its days.
fn est_annote(jour: &Jour) -> bool {
    jour.plages.chunk_by(|a, b| a.note == b.note).count() > 1
}

fn colle(a: &str, b: &str) -> String {
    if a.is_empty() || b.is_empty() { format!("{a}{b}") } else { format!("{a} {b}") }
}

fn regle(jours: &str, jour: &Jour) -> String {
    if let Some(cite) = &jour.cite {
        return colle(jours, &format!("\"{cite}\""));
    }
    if jour.plages.is_empty() {
        return colle(jours, &jour.note.as_ref().map_or_else(|| "off".to_owned(), |n| format!("\"{n}\"")));
    }
    let groupes = jour.plages.chunk_by(|a, b| a.note == b.note).map(|groupe| {
        let heures: Vec<String> = groupe
            .iter()
            .map(|p| match p.a {
                Some(a) => format!("{}-{}", ecrit_heure(p.de), ecrit_heure(a)),
                None => format!("{}+", ecrit_heure(p.de)),
            })
            .collect();
        let mut texte = colle(jours, &heures.join(","));
        if let Some(note) = groupe.first().and_then(|p| p.note.as_ref()) {
            let parfois = [UNE_SUR_DEUX, PARFOIS].iter().any(|quand| note.starts_with(quand));
            let incertain = if parfois { " unknown" } else { "" };
            texte.push_str(&format!("{incertain} \"{note}\""));
        }
        texte
    });
    groupes.collect::<Vec<_>>().join(", ")
}
