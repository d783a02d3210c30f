//! Cells of closed lists: separators, spellings, doubles, words of other vocabularies.

use super::Notes;
use crate::lieux::rapport::Regle;
use crate::lieux::standard::{Liste, TYPOLOGIES, Valeur};

const SEPARATEUR: Regle =
    Regle::repare("liste-separateur", "Les valeurs se séparent par une barre verticale |.");
const GRAPHIE: Regle = Regle::repare("liste-graphie", "La valeur est écrite comme dans le standard.");
const SYNONYME: Regle = Regle::repare("liste-synonyme", "La valeur est traduite dans les mots du standard.");
const ABANDON: Regle =
    Regle::ecarte("liste-sans-equivalent", "Cette valeur d’un ancien vocabulaire n’a plus d’équivalent.");
const DOUBLON: Regle = Regle::repare("liste-doublon", "La valeur est donnée deux fois.");
const INCONNUE: Regle = Regle::ecarte("liste-inconnue", "Cette valeur n’est pas dans la liste du standard.");
const LA_POSTE: Regle = Regle::garde(
    "liste-la-poste",
    "La valeur est celle de la documentation ; le motif du schéma l’attend sans blanc avant « (La Poste) », et l’export l’écrit ainsi.",
);
const TYPO_GRAPHIE: Regle =
    Regle::repare("typologie-graphie", "Le code de typologie est écrit comme dans le vocabulaire.");
const TYPO_INCONNUE: Regle =
    Regle::garde("typologie-inconnue", "Ce code de typologie n’est pas dans le vocabulaire.");

/// Folded words of another vocabulary, and what they mean in this list; `None` when the words are
/// known and mean nothing any more.
pub type Synonymes<T> = &'static [(&'static str, Option<T>)];

/// Reads a cell of a closed list. Exact values pass untouched; the others are put right when there
/// is no doubt, else left out with the nearest allowed value.
pub fn liste<T: Valeur>(cellule: &str, synonymes: Synonymes<T>, notes: &mut Notes) -> Liste<T> {
    if let Some(exacte) = Liste::<T>::exacte(cellule)
        && cellule.split('|').all(|m| !m.is_empty() || cellule.is_empty())
        && cellule.split('|').filter(|m| !m.is_empty()).count() == exacte.iter().count()
    {
        for v in exacte.iter().filter(|v| v.motif() != v.libelle()) {
            if cellule.split('|').any(|m| m == v.libelle()) {
                notes.signale(LA_POSTE, v.libelle(), None);
            }
        }
        return exacte;
    }
    let mut liste = Liste::vide();
    let (morceaux, autre_separateur) = decoupe::<T>(cellule, synonymes);
    for mots in &morceaux {
        match lit(mots, synonymes) {
            Lu::Exacte(v) if liste.ajoute(v) => {}
            Lu::Exacte(v) => notes.repare(DOUBLON, v.libelle(), ""),
            Lu::Graphie(v) => {
                notes.repare(GRAPHIE, mots, v.libelle());
                liste.ajoute(v);
            }
            Lu::Synonyme(v) => {
                notes.repare(SYNONYME, mots, v.libelle());
                liste.ajoute(v);
            }
            Lu::Abandonne => notes.signale(ABANDON, mots, None),
            Lu::Inconnu => notes.signale(INCONNUE, mots, proche::<T>(mots)),
        }
    }
    if autre_separateur && !liste.est_vide() {
        notes.repare(SEPARATEUR, cellule, &liste.to_string());
    } else if notes.0.is_empty() && liste.to_string() != cellule && !cellule.trim().is_empty() {
        notes.repare(GRAPHIE, cellule, &liste.to_string());
    }
    liste
}

enum Lu<T> {
    Exacte(T),
    Graphie(T),
    Synonyme(T),
    Abandonne,
    Inconnu,
}

fn lit<T: Valeur>(mots: &str, synonymes: Synonymes<T>) -> Lu<T> {
    if let Some(v) = T::exacte(mots) {
        return Lu::Exacte(v);
    }
    let plie = kernel::text::fold(mots);
    if let Some(v) = T::TOUTES.iter().find(|v| kernel::text::fold(v.libelle()) == plie) {
        return Lu::Graphie(*v);
    }
    // Old values are a label, then a sentence after a colon.
    let label = mots.split_once(" :").map(|(l, _)| kernel::text::fold(l));
    if let Some(v) =
        T::TOUTES.iter().find(|v| label.as_deref() == Some(kernel::text::fold(v.libelle()).as_str()))
    {
        return Lu::Synonyme(*v);
    }
    let sens =
        synonymes.iter().find(|(s, _)| *s == plie || label.as_deref() == Some(*s)).map(|(_, sens)| *sens);
    match sens {
        Some(Some(v)) => Lu::Synonyme(v),
        Some(None) => Lu::Abandonne,
        None => Lu::Inconnu,
    }
}

/// Cuts a cell on `|`, then on `;` and line feeds, then on commas where every piece is known.
fn decoupe<T: Valeur>(cellule: &str, synonymes: Synonymes<T>) -> (Vec<String>, bool) {
    let mut autre = false;
    let mut morceaux = Vec::new();
    for bout in cellule.split('|') {
        for mots in bout.split([';', '\n', '\r']) {
            autre |= mots.len() != bout.len();
            let mots = mots.trim();
            if mots.is_empty() {
                continue;
            }
            let connu = |m: &str| !matches!(lit(m, synonymes), Lu::Inconnu);
            let pieces: Vec<&str> = mots.split([',', '/']).map(str::trim).filter(|m| !m.is_empty()).collect();
            if pieces.len() > 1 && !connu(mots) && pieces.iter().all(|m| connu(m)) {
                autre = true;
                morceaux.extend(pieces.into_iter().map(str::to_owned));
            } else {
                morceaux.push(mots.to_owned());
            }
        }
    }
    (morceaux, autre)
}

/// The allowed value that looks most like the words, if one does.
fn proche<T: Valeur>(mots: &str) -> Option<String> {
    // A very long text is no misspelling, and comparing it would cost.
    if mots.len() > 200 {
        return None;
    }
    let plie = kernel::text::fold(mots);
    T::TOUTES
        .iter()
        .map(|v| (strsim::normalized_damerau_levenshtein(&plie, &kernel::text::fold(v.libelle())), v))
        .filter(|(score, _)| *score > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, v)| format!("Valeur la plus proche : « {} ».", v.libelle()))
}

/// Reads `typologie`: codes joined by `|`. The schema accepts any text, so unknown codes stay.
pub fn typologies(cellule: &str, notes: &mut Notes) -> String {
    if cellule.is_empty() {
        return String::new();
    }
    if cellule.split('|').all(|c| TYPOLOGIES.contains(&c)) {
        return cellule.to_owned();
    }
    let mut codes: Vec<String> = Vec::new();
    for mot in cellule.split(['|', ';', ',']).map(str::trim).filter(|m| !m.is_empty()) {
        let code = match TYPOLOGIES
            .iter()
            .find(|c| **c == mot || c.eq_ignore_ascii_case(&mot.replace([' ', '-'], "_")))
        {
            Some(code) => {
                if *code != mot {
                    notes.repare(TYPO_GRAPHIE, mot, code);
                }
                (*code).to_owned()
            }
            None => {
                notes.signale(TYPO_INCONNUE, mot, None);
                mot.to_owned()
            }
        };
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let resultat = codes.join("|");
    if cellule.contains([';', ',']) {
        notes.repare(SEPARATEUR, cellule, &resultat);
    }
    resultat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lieux::standard::{Acces, Dispositif, FormationLabel, Frais, Service};

    fn essai<T: Valeur>(
        cellule: &str,
        synonymes: Synonymes<T>,
    ) -> (String, Vec<&'static str>, Option<String>) {
        let mut notes = Notes::default();
        let liste = liste::<T>(cellule, synonymes, &mut notes);
        let mut encore = Notes::default();
        assert_eq!(super::liste::<T>(&liste.motif(), synonymes, &mut encore), liste, "twice: {cellule}");
        assert!(encore.0.is_empty(), "twice: {cellule}");
        (
            liste.to_string(),
            notes.0.iter().map(|n| n.regle.id).collect(),
            notes.0.into_iter().find_map(|n| n.precision),
        )
    }

    #[test]
    fn cells_of_real_files() {
        let frais = |c: &str| {
            let (v, r, _) = essai::<Frais>(c, &[]);
            (v, r)
        };
        let ok = |v: &str, r: &[&'static str]| (v.to_owned(), r.to_vec());
        assert_eq!(frais("Gratuit|Payant"), ok("Gratuit|Payant", &[]));
        assert_eq!(frais(""), ok("", &[]));
        assert_eq!(frais("Payant;Gratuit"), ok("Payant|Gratuit", &["liste-separateur"]));
        assert_eq!(frais("Payant, Gratuit"), ok("Payant|Gratuit", &["liste-separateur"]));
        assert_eq!(frais("gratuit"), ok("Gratuit", &["liste-graphie"]));
        assert_eq!(frais("Gratuit|Gratuit"), ok("Gratuit", &["liste-doublon"]));
        assert_eq!(frais("|Gratuit"), ok("Gratuit", &["liste-graphie"]));
        assert_eq!(frais("Cher"), ok("", &["liste-inconnue"]));
        let (acces, regles, _) = essai::<Acces>("Ce lieu n’accueille pas de public", &[]);
        assert_eq!((acces.as_str(), regles), ("Ce lieu n'accueille pas de public", vec!["liste-graphie"]));
        let (service, regles, _) = essai::<Service>("Comprehension du monde numérique", &[]);
        assert_eq!((service.as_str(), regles), ("Compréhension du monde numérique", vec!["liste-graphie"]));
        let (_, _, proche) = essai::<Service>("Aides au démarche administrative", &[]);
        assert_eq!(
            proche.as_deref(),
            Some("Valeur la plus proche : « Aide aux démarches administratives ».")
        );
    }

    #[test]
    fn the_label_of_la_poste_is_taken_both_ways() {
        let (v, regles, _) = essai::<FormationLabel>("Étapes numériques (La Poste)", &[]);
        assert_eq!((v.as_str(), regles), ("Étapes numériques (La Poste)", vec!["liste-la-poste"]));
        let (v, regles, _) = essai::<FormationLabel>("Étapes numériques(La Poste)", &[]);
        assert_eq!((v.as_str(), regles), ("Étapes numériques (La Poste)", vec![]));
    }

    #[test]
    fn words_of_another_vocabulary() {
        const SYN: Synonymes<Dispositif> =
            &[("cnfs", Some(Dispositif::ConseillersNumeriques)), ("french tech", None)];
        let (v, regles, _) = essai("CNFS;France Services;French Tech", SYN);
        assert_eq!(v, "Conseillers numériques|France Services");
        assert_eq!(regles, ["liste-synonyme", "liste-sans-equivalent", "liste-separateur"]);
    }

    #[test]
    fn codes_of_typologie() {
        let mut notes = Notes::default();
        assert_eq!(typologies("TIERS_LIEUX|ASSO", &mut notes), "TIERS_LIEUX|ASSO");
        assert!(notes.0.is_empty());
        assert_eq!(typologies("bib;Tiers-lieux,XYZ", &mut notes), "BIB|TIERS_LIEUX|XYZ");
        let regles: Vec<_> = notes.0.iter().map(|n| n.regle.id).collect();
        assert_eq!(
            regles,
            ["typologie-graphie", "typologie-graphie", "typologie-inconnue", "liste-separateur"]
        );
    }
}
