//! Pairs of the public sample sources, read one by one and labelled by hand: `testdata/doublons.csv`. A pair is a
//! duplicate when people who go there find the same door and the same desk; a bus is not the house it leaves from; what
//! could not be told without calling is `indecis`, and is not counted. The rules were made looking at the lot `reglage`;
//! `controle` was labelled later, and looked at once.

use std::collections::HashMap;

use super::super::moteur::{AUTOMATIQUE, Frequences, POSSIBLE, Traits, comparer, paires};
use super::traits;
use crate::lieux::correspondance::{Application, fournie};
use crate::lieux::donnees_tests::{donnee, lus};
use crate::territoires::Territoires;

#[derive(Debug, Default)]
struct Compte {
    vrais: u32,
    faux: u32,
    manques: u32,
    file_doublons: u32,
    file_autres: u32,
}

#[test]
fn labelled_pairs_are_found_and_others_left_apart() {
    let territoires = Territoires::new(&HashMap::new()).unwrap();
    let mut tous: Vec<Traits> = Vec::new();
    let mut rangs: HashMap<(String, String), usize> = HashMap::new();
    for fichier in [
        "france-services.csv",
        "conseillers-numeriques.json",
        "gironde.json",
        "hub-lo.json",
        "la-creuse.json",
        "angers.json",
    ] {
        let Some(chemin) = donnee(&format!("lieux/sources/{fichier}")) else { return };
        let source = fichier.split('.').next().unwrap();
        for f in lus(&chemin, Application::new(fournie(source).unwrap()), Some(&territoires)).fiches {
            rangs.insert((source.to_owned(), f.id.to_string()), tous.len());
            tous.push(traits(&f, source));
        }
    }
    let frequences = Frequences::compte(&tous);
    let trouvees = paires(&tous);
    let automatiques = trouvees.iter().filter(|p| p.comparaison.score() >= AUTOMATIQUE).count();
    println!("{} fiches, {} paires, dont {automatiques} automatiques", tous.len(), trouvees.len());
    let vues: std::collections::HashSet<(u32, u32)> = trouvees.iter().map(|p| (p.a, p.b)).collect();

    let mut comptes: HashMap<String, Compte> = HashMap::new();
    let mut total = 0;
    let mut lecteur = csv::Reader::from_reader(include_str!("../../../../testdata/doublons.csv").as_bytes());
    for ligne in lecteur.records() {
        let l = ligne.unwrap();
        let rang = |s: usize| rangs[&(l[s].to_owned(), l[s + 1].to_owned())];
        let (a, b) = (rang(0), rang(2));
        let score = comparer(&tous[a], &tous[b], &frequences).score();
        let paire = (u32::try_from(a.min(b)).unwrap(), u32::try_from(a.max(b)).unwrap());
        assert_eq!(
            score >= POSSIBLE,
            vues.contains(&paire),
            "{l:?}: the keys must lead to every pair worth showing"
        );
        let (auto, file) = (score >= AUTOMATIQUE, (POSSIBLE..AUTOMATIQUE).contains(&score));
        for lot in [&l[5], "tous"] {
            let c = comptes.entry(lot.to_owned()).or_default();
            match &l[4] {
                "doublon" if auto => c.vrais += 1,
                "doublon" => {
                    c.manques += 1;
                    c.file_doublons += u32::from(file);
                }
                "distincts" if auto => c.faux += 1,
                "distincts" => c.file_autres += u32::from(file),
                _ => {}
            }
        }
        total += 1;
        if (&l[4] == "doublon" && !auto) || (&l[4] == "distincts" && auto) {
            println!("{score} {} : {} {} / {} {}", &l[4], &l[0], &l[1], &l[2], &l[3]);
        }
    }
    assert!(total > 400);
    for (lot, c) in &comptes {
        let precision = f64::from(c.vrais) / f64::from(c.vrais + c.faux);
        let rappel = f64::from(c.vrais) / f64::from(c.vrais + c.manques);
        println!("{lot} : précision {precision:.3}, rappel {rappel:.3} {c:?}");
        if lot == "tous" {
            assert!(precision > 0.97 && rappel > 0.90, "{precision} {rappel}");
        }
    }
}
