use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// Every source of this context but its tests: path and text.
fn sources(dossier: &Path, out: &mut Vec<(String, String)>) {
    for entree in std::fs::read_dir(dossier).unwrap() {
        let chemin = entree.unwrap().path();
        let nom = chemin.file_name().unwrap().to_str().unwrap().to_owned();
        if chemin.is_dir() && nom != "tests" {
            sources(&chemin, out);
        } else if nom.ends_with(".rs")
            && !["tests.rs", "essai.rs", "actes.rs", "isolement.rs"].contains(&nom.as_str())
        {
            out.push((chemin.display().to_string(), std::fs::read_to_string(&chemin).unwrap()));
        }
    }
}

/// The literals of that text that look like an act: words and dots.
fn litteraux(texte: &str) -> impl Iterator<Item = &str> {
    texte.match_indices('"').filter_map(|(place, _)| {
        let reste = &texte[place + 1..];
        let fin = reste.find(|c: char| !c.is_ascii_lowercase() && c != '_' && c != '.')?;
        let l = &reste[..fin];
        let entier = reste[fin..].starts_with('"') && l.contains('.') && l.split('.').all(|m| !m.is_empty());
        entier.then_some(l)
    })
}

/// What looks like an act and is none: what fingerprints are of, columns, files, formats, jobs.
const AUTRES: &[&str] = &[
    "cles.preparer",
    "consentement.arret",
    "consentement.arret.lien",
    "consentement.code",
    "espace.adresse",
    "espace.changement",
    "fournisseur.act",
    "fournisseur.jti",
    "fournisseur.navigateur",
    "fournisseur.poivre",
    "fournisseur.purger",
    "fournisseur.relais",
    "fournisseur.sub",
    "maillage.mandat",
    "maillage.transfert",
    "openapi.json",
    "toc.dat",
    "usager.sub",
];

#[test]
fn every_act_that_is_written_has_its_words() {
    let mut tous = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut tous);
    assert!(tous.len() > 150, "{}", tous.len());
    let courriels: BTreeSet<&str> = crate::courriels().iter().map(|g| g.cle).collect();
    let (mut sans, mut vus) = (Vec::new(), BTreeSet::new());
    for (chemin, texte) in &tous {
        // Beside the very word, and anywhere: some acts are chosen before they are written.
        let ecrits: BTreeSet<&str> = texte
            .split("Entry::")
            .skip(1)
            .filter_map(|reste| litteraux(&reste[..reste.floor_char_boundary(160)]).next())
            .collect();
        for l in litteraux(texte) {
            vus.insert(l);
            let tache = l.starts_with("mandats.");
            let colonne = l.split('.').next().is_some_and(|m| m.len() < 3) || l.ends_with("_id");
            let autre = tache || colonne || courriels.contains(l) || AUTRES.contains(&l);
            if acte(l).is_none() && (ecrits.contains(l) || !autre) {
                sans.push(format!("{l} in {chemin}"));
            }
        }
    }
    assert!(sans.is_empty(), "acts without words: {sans:#?}");
    // Words of acts that are written no more stay: the journal holds them for ever.
    assert!(vus.len() > 100, "{}", vus.len());
}

#[test]
fn tables_are_in_order() {
    for table in [ACTES, CHOSES] {
        assert!(table.windows(2).all(|w| w[0].0 < w[1].0));
    }
    assert_eq!(acte("reprise.mandat.creer").as_deref(), Some("Mandat créé (avant la reprise)"));
    assert_eq!((acte("lieu.creer"), chose("mandat")), (None, Some("ce mandat")));
}

#[test]
fn a_person_reads_words_of_their_own_for_what_is_about_them() {
    let leurs = ["mandat.", "usager.", "espace.", "consentement."];
    for (cle, _) in ACTES.iter().filter(|(cle, _)| leurs.iter().any(|l| cle.starts_with(l))) {
        assert!(crate::espace::connait(cle), "{cle}");
    }
}
