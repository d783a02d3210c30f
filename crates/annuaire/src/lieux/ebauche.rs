//! The draft of a mapping, guessed from the names and the values of the columns of a file: a start to
//! correct, never a result. What was not guessed is written as comments, with examples.

mod brouillon;
mod colonnes;
mod ecriture;

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::ops::ControlFlow;

use super::lecture::{self, Consignes, Evenement};
use brouillon::Brouillon;
use colonnes::Colonne;

/// Records that are looked at.
const ECHANTILLON: usize = 2_000;
/// Most columns of a draft.
const COLONNES_MAX: usize = 400;

/// Drafts a mapping for a file, whose name gives that of the source.
///
/// # Errors
/// A French sentence, when the file cannot be read.
pub fn ebauche<R: Read + Seek>(mut source: R, nom: &str) -> Result<String, String> {
    let consignes = consignes(&mut source)?;
    let mut colonnes: Vec<Colonne> = Vec::new();
    let mut rangs: HashMap<String, usize> = HashMap::new();
    let mut lus = 0;
    lecture::lire(&mut source, &consignes, &mut |evenement| {
        let entete = match &evenement {
            Evenement::Entete(entete) => entete,
            Evenement::Enregistrement(e) => &e.entete,
            Evenement::Anomalie { .. } => return ControlFlow::Continue(()),
        };
        for nom in entete.noms().iter().filter(|n| !n.is_empty()) {
            let general = sans_rangs(nom);
            if colonnes.len() < COLONNES_MAX && !rangs.contains_key(&general) {
                rangs.insert(general.clone(), colonnes.len());
                colonnes.push(Colonne { nom: general, ..Colonne::default() });
            }
        }
        if let Evenement::Enregistrement(e) = &evenement {
            lus += 1;
            for (rang, nom) in e.entete.noms().iter().enumerate() {
                let valeur = e.au_rang(rang).trim();
                if let Some(c) = rangs.get(&sans_rangs(nom)).and_then(|r| colonnes.get_mut(*r))
                    && !valeur.is_empty()
                {
                    c.ajoute(valeur);
                }
            }
        }
        if lus >= ECHANTILLON { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(|e| e.to_string())?;
    if colonnes.is_empty() {
        return Err("Ce fichier n’a pas de colonnes.".to_owned());
    }
    Ok(Brouillon::new(&colonnes).ecrit(nom, &consignes))
}

/// Lines where a header may stand, under a title and remarks.
const ENTETE_MAX: u64 = 10;

/// How the file is to be read, when it does not tell by itself: a header that is not the first line, one of two lines,
/// or none. The header is the first line that has at least twice as many columns as the first one.
fn consignes<R: Read + Seek>(source: &mut R) -> Result<Consignes, String> {
    let mut premieres: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for ligne in 1..=ENTETE_MAX {
        let consignes = Consignes { entete: Some(ligne), ..Consignes::default() };
        let (mut noms, mut suivants) = (None, Vec::new());
        let lu = lecture::lire(&mut *source, &consignes, &mut |e| match e {
            Evenement::Entete(entete) => {
                noms = Some(entete.noms().to_vec());
                ControlFlow::Continue(())
            }
            Evenement::Enregistrement(e) => {
                suivants = (0..e.entete.noms().len()).map(|r| e.au_rang(r).trim().to_owned()).collect();
                ControlFlow::Break(())
            }
            Evenement::Anomalie { .. } => ControlFlow::Continue(()),
        });
        source.rewind().map_err(|e| e.to_string())?;
        // A JSON file has no header; a file may be shorter than that.
        let (Ok(_), Some(noms)) = (lu, noms) else { break };
        premieres.push((noms, suivants));
    }
    let nommees = |noms: &[String]| noms.iter().filter(|n| !n.is_empty()).count();
    let nombres: Vec<usize> = premieres.iter().map(|(noms, _)| nommees(noms)).collect();
    let premier = nombres.first().copied().unwrap_or(0);
    let max = nombres.iter().copied().max().unwrap_or(0);
    let mut ou = nombres.iter().position(|n| *n == max).unwrap_or(0);
    // Blank lines above it give the same header.
    while ou + 1 < premieres.len() && premieres[ou + 1].0 == premieres[ou].0 {
        ou += 1;
    }
    let plus_bas = ou > 0 && max >= premier * 2 && max > 2;
    let ou = if plus_bas { ou } else { 0 };
    let Some((noms, suivants)) = premieres.get(ou) else { return Ok(Consignes::default()) };
    if noms.iter().any(|n| est_une_donnee(n)) && !plus_bas {
        let colonnes = (1..=noms.len()).map(|k| format!("colonne {k}")).collect();
        return Ok(Consignes { colonnes: Some(colonnes), ..Consignes::default() });
    }
    let deux_lignes = ont_des_sous_titres(noms, suivants);
    Ok(Consignes {
        entete: (plus_bas || deux_lignes).then_some(ou as u64 + 1),
        lignes_d_entete: if deux_lignes { 2 } else { 0 },
        ..Consignes::default()
    })
}

/// A telephone, a code postal, an address of mail or of a site: no name of a column.
fn est_une_donnee(nom: &str) -> bool {
    let chiffres = nom.bytes().filter(u8::is_ascii_digit).count();
    let lettres = nom.chars().any(char::is_alphabetic);
    (!lettres && matches!(chiffres, 5 | 9..=14))
        || nom.starts_with("http")
        || nom.starts_with("www.")
        || nom.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'))
}

/// « matin », « après-midi » under « Lundi » and the cell after it: words, only where the header has such groups.
fn ont_des_sous_titres(noms: &[String], suivants: &[String]) -> bool {
    let sans_nom = |r: usize| noms.get(r).is_some_and(|n| *n == format!("colonne {}", r + 1));
    let remplis: Vec<usize> = (0..suivants.len()).filter(|r| !suivants[*r].is_empty()).collect();
    remplis.len() > 1
        && (0..noms.len()).filter(|r| sans_nom(*r)).all(|r| remplis.contains(&r))
        && remplis.iter().all(|r| sans_nom(*r) || sans_nom(r + 1))
        && remplis.iter().all(|r| !suivants[*r].contains(|c: char| c.is_ascii_digit()))
}

/// `contacts.0.mail` is one of `contacts.*.mail`.
fn sans_rangs(nom: &str) -> String {
    if !nom.contains('.') {
        return nom.to_owned();
    }
    let segments: Vec<&str> = nom
        .split('.')
        .map(|s| if !s.is_empty() && s.bytes().all(|c| c.is_ascii_digit()) { "*" } else { s })
        .collect();
    segments.join(".")
}

#[cfg(test)]
mod tests {
    use super::super::correspondance::Correspondance;
    use super::*;

    #[test]
    fn a_draft_can_be_read_and_names_what_it_guessed() {
        let csv = "Réf;Libellé;Type;Ville;CP;Voie;Tel.;E-mail;Lat;Lng;Horaire lundi;Horaire mardi;Horaire mercredi;Wifi \"libre\"\n\
            A1;Médiathèque;Bibliothèque;Reims;51100;1 rue X;01 23 45 67 89;a@b.fr;49,25;4,03;9h-12h;;;oui\n\
            A2;Mairie;Mairie;Reims;51100;2 rue X;0123456780;c@d.fr;49,26;4,04;9h-12h;;14h-17h;non\n";
        let t = ebauche(std::io::Cursor::new(csv.as_bytes()), "Ville de Reims").unwrap();
        let lue = Correspondance::lit(&t).unwrap_or_else(|e| panic!("{e}\n{t}"));
        assert_eq!(lue.source, "Ville de Reims");
        for ligne in [
            "id = \"Réf\"",
            "nom = \"Libellé\"",
            "commune = \"Ville\"",
            "code_postal = \"CP\"",
            "adresse = \"Voie\"",
            "telephone = \"Tel.\"",
            "courriels = \"E-mail\"",
            "latitude = \"Lat\"",
            "lundi = \"Horaire lundi\"",
            "\"Bibliothèque\" = \"\"",
            "#   \"Wifi \\\"libre\\\"\" : non · oui",
        ] {
            assert!(t.contains(ligne), "{ligne}\n{t}");
        }
        assert!(ebauche(std::io::Cursor::new(b""), "x").is_err());
        let titre = "Recensement\n\nN°;Nom;Ville\n1;A;Reims\n2;B;Reims\n";
        let t = ebauche(std::io::Cursor::new(titre.as_bytes()), "x").unwrap();
        assert!(t.contains("entete = 3") && t.contains("commune = \"Ville\""), "{t}");
        let geojson = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[55.4,-20.8]},"properties":{"ID":1,"NOM":"A"}}]}"#;
        let t = ebauche(std::io::Cursor::new(geojson.as_bytes()), "x").unwrap();
        assert!(t.contains("ordre = \"lon,lat\"") && t.contains("nom = \"properties.NOM\""), "{t}");
    }

    proptest::proptest! {
        #[test]
        fn every_draft_is_a_mapping_that_can_be_read(
            noms in proptest::collection::vec("\\PC{1,12}", 1..6),
            valeurs in proptest::collection::vec("\\PC{0,12}|[0-9]{5}|a@b\\.fr", 6),
        ) {
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(&noms).unwrap();
            csv.write_record(&valeurs[..noms.len()]).unwrap();
            let octets = csv.into_inner().unwrap();
            if let Ok(t) = ebauche(std::io::Cursor::new(octets), "S") {
                // The name may be missing: a person completes it. All else can be read.
                if let Err(e) = Correspondance::lit(&t) {
                    proptest::prop_assert!(!e.contains("TOML"), "{}\n{}", e, t);
                }
            }
        }
    }
}
