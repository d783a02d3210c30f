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
    let consignes = Consignes { entete: ligne_de_l_entete(&mut source)?, ..Consignes::default() };
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
    Ok(Brouillon::new(&colonnes).ecrit(nom, consignes.entete))
}

/// Lines where a header may stand, under a title and remarks.
const ENTETE_MAX: u64 = 10;

/// The line of the names of the columns, when it is not the first: the first that has at least twice
/// as many columns.
fn ligne_de_l_entete<R: Read + Seek>(source: &mut R) -> Result<Option<u64>, String> {
    let mut nombres: Vec<usize> = Vec::new();
    for ligne in 1..=ENTETE_MAX {
        let consignes = Consignes { entete: Some(ligne), ..Consignes::default() };
        let mut nombre = None;
        let lu = lecture::lire(&mut *source, &consignes, &mut |e| {
            if let Evenement::Entete(entete) = &e {
                nombre = Some(entete.noms().iter().filter(|n| !n.is_empty()).count());
            }
            ControlFlow::Break(())
        });
        source.rewind().map_err(|e| e.to_string())?;
        // A JSON file has no header; a file may be shorter than that.
        let (Ok(_), Some(nombre)) = (lu, nombre) else { break };
        nombres.push(nombre);
    }
    let premier = nombres.first().copied().unwrap_or(0);
    let max = nombres.iter().copied().max().unwrap_or(0);
    let ou = nombres.iter().position(|n| *n == max).unwrap_or(0);
    Ok((ou > 0 && max >= premier * 2 && max > 2).then_some(ou as u64 + 1))
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
        assert!(t.contains("entete = 2") && t.contains("commune = \"Ville\""), "{t}");
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
