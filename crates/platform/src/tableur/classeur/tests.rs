//! The three formats, read back by a reader that is not ours.

use std::io::Cursor;

use calamine::{Data, Ods, Reader, Xlsx};
use chrono::NaiveDate;

use super::*;

fn jour() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 2, 19).unwrap()
}

fn lignes() -> Vec<Vec<Cellule>> {
    vec![
        vec!["Mairie <d’Évry> & Cie \"x\"".into(), 42_i64.into(), jour().into(), Cellule::Centimes(182_303)],
        vec!["=1+1".into(), (-7_i64).into(), None::<NaiveDate>.into(), Cellule::Centimes(-5)],
        vec![
            "  deux  espaces\net une ligne_x0041_\u{b}".into(),
            0_i64.into(),
            jour().into(),
            Cellule::Centimes(0),
        ],
    ]
}

fn ecrit(format: Format, repetitions: usize) -> (Vec<u8>, usize) {
    let mut c = Classeur::new(format, "essai", &["nom", "nombre", "jour", "montant"]).unwrap();
    let (mut out, mut plus_gros) = (Vec::new(), 0);
    for _ in 0..repetitions {
        for l in lignes() {
            c.ligne(l).unwrap();
        }
        let morceau = c.prend().unwrap();
        plus_gros = plus_gros.max(morceau.len());
        out.extend(morceau);
    }
    out.extend(c.termine().unwrap());
    (out, plus_gros)
}

fn relit(format: Format, octets: Vec<u8>) -> Vec<Vec<Data>> {
    let octets = Cursor::new(octets);
    let table = match format {
        Format::Xlsx => Xlsx::new(octets).unwrap().worksheet_range("essai").unwrap(),
        _ => Ods::new(octets).unwrap().worksheet_range("essai").unwrap(),
    };
    table.rows().map(<[Data]>::to_vec).collect()
}

fn texte(d: &Data) -> String {
    match d {
        Data::String(s) => s.clone(),
        Data::Empty => String::new(),
        autre => panic!("{autre:?} is no text"),
    }
}

fn nombre(d: &Data) -> f64 {
    match d {
        Data::Float(f) => *f,
        Data::Int(n) => *n as f64,
        autre => panic!("{autre:?} is no number"),
    }
}

#[test]
fn another_reader_reads_what_was_written() {
    for format in [Format::Xlsx, Format::Ods] {
        let lu = relit(format, ecrit(format, 1).0);
        assert_eq!(lu.len(), 4, "{format:?}");
        assert_eq!(lu[0].iter().map(texte).collect::<Vec<_>>(), ["nom", "nombre", "jour", "montant"]);
        assert_eq!(texte(&lu[1][0]), "Mairie <d’Évry> & Cie \"x\"");
        assert_eq!(texte(&lu[2][0]), "'=1+1", "no cell is a formula");
        let court: String = texte(&lu[3][0]).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(court.starts_with("deux espaces") && court.contains("et une ligne"), "{court}");
        for (rang, n, montant) in [(1, 42.0, 1_823.03), (2, -7.0, -0.05), (3, 0.0, 0.0)] {
            assert_eq!((nombre(&lu[rang][1]), nombre(&lu[rang][3])), (n, montant), "{format:?}");
        }
        match (&lu[1][2], format) {
            (Data::DateTime(d), Format::Xlsx) => assert_eq!(d.as_f64(), 44_246.0),
            (Data::DateTimeIso(d), Format::Ods) => assert_eq!(d, "2021-02-19"),
            autre => panic!("{autre:?}"),
        }
        assert_eq!(lu[2][2], Data::Empty);
    }
}

#[test]
fn csv_opens_as_a_french_spreadsheet_wants_it() {
    let texte = String::from_utf8(ecrit(Format::Csv, 1).0).unwrap();
    assert!(texte.starts_with("\u{feff}nom;nombre;jour;montant\r\n"), "{texte}");
    assert!(texte.contains("'=1+1;-7;;-0,05\r\n"), "{texte}");
    assert!(texte.contains(";42;2021-02-19;1823,03\r\n"), "{texte}");
}

#[test]
fn a_long_list_passes_through_a_small_buffer() {
    for format in Format::TOUS {
        let (octets, plus_gros) = ecrit(format, 20_000);
        assert!(plus_gros < 300_000, "{format:?}: {plus_gros} bytes at once");
        if format != Format::Csv {
            let lu = relit(format, octets);
            assert_eq!(lu.len(), 60_001, "{format:?}");
            assert_eq!(texte(&lu[60_000 - 1][0]), "'=1+1");
        }
    }
}

#[test]
fn an_ods_says_what_it_is_in_its_first_bytes() {
    let (octets, _) = ecrit(Format::Ods, 1);
    // OpenDocument 1.3, part 2, 3.3: the media type begins at byte 38, neither compressed nor with an extra field.
    assert_eq!(&octets[30..38], b"mimetype");
    assert!(octets[38..].starts_with(Format::Ods.mime().as_bytes()));
}

#[test]
fn an_empty_list_and_a_long_cell_are_files_too() {
    for format in [Format::Xlsx, Format::Ods] {
        let c = Classeur::new(format, "essai", &["seul"]).unwrap();
        assert_eq!(relit(format, c.termine().unwrap()).len(), 1);
        let mut c = Classeur::new(format, "essai", &["long"]).unwrap();
        c.ligne(vec!["é".repeat(40_000).into()]).unwrap();
        assert!(texte(&relit(format, c.termine().unwrap())[1][0]).chars().count() >= 32_767);
    }
}
