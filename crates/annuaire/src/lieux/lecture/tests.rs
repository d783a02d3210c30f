use std::io::Cursor;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;

struct Lu {
    forme: Result<Forme, String>,
    lignes: Vec<(u64, Vec<(String, String)>)>,
    anomalies: Vec<(u64, &'static str)>,
}

fn lu(octets: &[u8]) -> Lu {
    let (mut lignes, mut anomalies) = (Vec::new(), Vec::new());
    let forme = lire(Cursor::new(octets), &Consignes::default(), &mut |e| {
        match e {
            Evenement::Entete(_) => {}
            Evenement::Enregistrement(r) => lignes.push((
                r.ligne,
                r.entete.noms().iter().map(|n| (n.clone(), r.texte(n).to_owned())).collect(),
            )),
            Evenement::Anomalie { ligne, regle, .. } => anomalies.push((ligne, regle.id)),
        }
        ControlFlow::Continue(())
    });
    Lu { forme: forme.map_err(|e| e.to_string()), lignes, anomalies }
}

fn paires(p: &[(&str, &str)]) -> Vec<(String, String)> {
    p.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn csv_of_every_flavour() {
    let attendu = paires(&[("id", "1"), ("nom", "Médiathèque, l’Étang")]);
    let texte = "id,nom\r\n1,\"Médiathèque, l’Étang\"\r\n";
    let utf16: Vec<u8> = texte.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut utf16_be = vec![0xfe, 0xff];
    utf16_be.extend(texte.encode_utf16().flat_map(u16::to_be_bytes));
    let (cp1252, _, _) = encoding_rs::WINDOWS_1252.encode(texte);
    for (octets, encodage) in [
        (texte.as_bytes().to_vec(), Encodage::Utf8),
        (format!("\u{feff}{texte}").into_bytes(), Encodage::Utf8),
        (texte.replace(',', ";").replace("e;", "e,").into_bytes(), Encodage::Utf8),
        (texte.replace("id,nom", "id\tnom").replace("1,\"", "1\t\"").into_bytes(), Encodage::Utf8),
        (texte.replace("\r\n", "\r").into_bytes(), Encodage::Utf8),
        (format!("sep=,\n{texte}").into_bytes(), Encodage::Utf8),
        (cp1252.into_owned(), Encodage::Windows1252),
        (utf16, Encodage::Utf16Le),
        (utf16_be, Encodage::Utf16Be),
    ] {
        let lu = lu(&octets);
        assert_eq!(lu.forme.as_ref().map(|f| f.encodage), Ok(encodage), "{octets:?}");
        assert_eq!(lu.lignes.len(), 1, "{octets:?}");
        assert_eq!(lu.lignes[0].1, attendu);
    }
}

#[test]
fn csv_lines_quotes_and_ragged_rows() {
    let lu = lu(b"a,b\n\"x\n\"\"y\"\"\",2\n\n3\n4,5,6\n,\n7,8");
    assert_eq!(
        lu.lignes,
        [
            (2, paires(&[("a", "x\n\"y\""), ("b", "2")])),
            (5, paires(&[("a", "3"), ("b", "")])),
            (6, paires(&[("a", "4"), ("b", "5")])),
            (8, paires(&[("a", "7"), ("b", "8")])),
        ]
    );
    assert_eq!(
        lu.anomalies,
        [(4, "ligne-vide"), (5, "ligne-courte"), (6, "ligne-longue"), (7, "ligne-vide")]
    );
    assert!(!lu.forme.unwrap().coupe);
}

#[test]
fn blanks_before_a_quote_are_not_part_of_the_value() {
    let lu = lu(b"a, b\n1,  \"x, y\"\n2,  z\n");
    assert_eq!(lu.lignes[0].1, paires(&[("a", "1"), ("b", "x, y")]));
    assert_eq!(lu.lignes[1].1, paires(&[("a", "2"), ("b", "  z")]));
}

#[test]
fn a_file_that_is_cut_says_so() {
    assert!(lu(b"a,b\n1,\"deux").forme.unwrap_err().contains("coup"));
    assert!(lu(b"a,b,c\n1,2,3\n4,5").forme.unwrap().coupe);
    assert!(lu(br#"[{"a":1},{"a":2"#).forme.unwrap_err().contains("coup"));
    assert!(lu(b"{\"a\":1}\n{\"a\":2}\n{\"a\"").forme.unwrap_err().contains("coup"));
}

#[test]
fn what_is_no_file_of_lieux_is_refused() {
    for (octets, mot) in [
        (&b""[..], "vide"),
        (b"  \n\n ", "vide"),
        (b"PK\x03\x04rest", "classeur"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x01\x02\x03binary", "octets"),
        (b"<!DOCTYPE html><html>", "page web"),
        (b"{\"a\": 1, \"b\": [1, 2]}", "liste"),
        (b"[{\"a\": 1}, oups]", "mal form"),
        (&[b'a'; 3 << 20][..], "trop long"),
    ] {
        let refus = lu(octets).forme.unwrap_err();
        assert!(refus.contains(mot), "{refus}");
    }
}

#[test]
fn endless_records_do_not_fill_the_memory() {
    let mut long = b"a,b\n1,".to_vec();
    long.resize(3 << 20, b'x');
    long.extend_from_slice(b"\n2,3\n");
    let r = lu(&long);
    assert_eq!(r.anomalies, [(2, "ligne-enorme")]);
    assert_eq!(r.lignes, [(3, paires(&[("a", "2"), ("b", "3")]))]);

    let mut guillemet = b"a,b\n1,\"".to_vec();
    guillemet.resize(3 << 20, b'x');
    assert!(lu(&guillemet).forme.unwrap_err().contains("guillemet"));

    let mut element = b"[{\"a\":\"".to_vec();
    element.resize(3 << 20, b'x');
    element.extend_from_slice(b"\"}]");
    assert!(lu(&element).forme.unwrap_err().contains("1 Mio"));
}

#[test]
fn json_of_every_shape() {
    let attendu = paires(&[("adresse.ville", "Guéret"), ("id", "7"), ("libre", ""), ("tags", "a|b")]);
    let objet = r#"{"id": 7, "libre": null, "tags": ["a", "b"], "adresse": {"ville": "Guéret"}}"#;
    let plate = objet.replace('\n', "");
    for texte in [
        format!("[{objet}]"),
        format!(" \n[{objet}]\n"),
        format!(
            "{{\"total\": 1, \"codes\": [1, 2], \"data\": {{\"results\": [{objet}]}}, \"autres\": [{{\"id\": 9}}]}}"
        ),
        format!("{plate}\n{{\"id\": 8}}\n"),
    ] {
        let lu = lu(texte.as_bytes());
        assert!(lu.forme.is_ok(), "{texte}: {:?}", lu.forme);
        let mut premiere = lu.lignes[0].1.clone();
        premiere.sort();
        assert_eq!(premiere, attendu, "{texte}");
    }
    let geo = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[2.35,48.85]},"properties":{"nom":"X"}}]}"#;
    let lu = lu(geo.as_bytes());
    assert!(lu.lignes[0].1.contains(&("geometry.coordinates".to_owned(), "2.35|48.85".to_owned())));
    assert!(lu.lignes[0].1.contains(&("properties.nom".to_owned(), "X".to_owned())));
}

#[test]
fn a_bad_line_of_json_lines_does_not_lose_the_others() {
    let lu = lu(b"{\"a\":1}\n{\"a\":2}\noups\n[1]\n{\"a\":3}\n");
    assert_eq!(lu.lignes.iter().map(|l| l.0).collect::<Vec<_>>(), [1, 2, 5]);
    assert_eq!(lu.anomalies, [(3, "ligne-mal-formee"), (4, "ligne-mal-formee")]);
}

#[test]
fn mostly_utf8_stays_utf8() {
    let mut octets =
        "nom\nÉcole élémentaire d’été à Orléans, médiathèque de Bourg-en-Bresse, àéèùç\n".as_bytes().to_vec();
    octets.extend_from_slice(b"Caf\xe9\n");
    let lu = lu(&octets);
    let forme = lu.forme.unwrap();
    assert_eq!((forme.encodage, forme.octets_illisibles), (Encodage::Utf8, true));
    assert_eq!(lu.lignes.len(), 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = lu(&octets);
    }

    #[test]
    fn arbitrary_texts_never_panic(texte in r#"[\[\]{}",:;|\\\n\r\ta-dé0-9 ]{0,300}"#) {
        let _ = lu(texte.as_bytes());
    }

    #[test]
    fn csv_comes_back(lignes in proptest::collection::vec(proptest::collection::vec("[a-zé\" ,;|\n]{0,8}", 3), 1..6)) {
        let mut sortie = ::csv::Writer::from_writer(Vec::new());
        sortie.write_record(["a", "b", "c"]).unwrap();
        for l in &lignes {
            sortie.write_record(l).unwrap();
        }
        let r = lu(&sortie.into_inner().unwrap());
        let attendues: Vec<&Vec<String>> = lignes.iter().filter(|l| l.iter().any(|c| !c.trim().is_empty())).collect();
        prop_assert_eq!(r.lignes.len(), attendues.len());
        for (lue, attendue) in r.lignes.iter().zip(attendues) {
            let valeurs: Vec<String> = lue.1.iter().map(|(_, v)| v.clone()).collect();
            prop_assert_eq!(&valeurs, attendue);
        }
    }
}
