//! Eight sources of invented territories, in shapes that publishers use: each is mapped with the guide alone.

use std::io::Cursor;
use std::sync::Arc;

use chrono::NaiveDate;

use super::super::apercu::{Apercu, apercu};
use super::super::ebauche::ebauche;
use super::Correspondance;

struct Source {
    fichier: &'static [u8],
    correspondance: &'static str,
    pris: u64,
    /// Rank of the record, field, value after the repairs.
    attendus: &'static [(usize, &'static str, &'static str)],
    /// Words that the draft must have guessed.
    ebauche: &'static [&'static str],
}

macro_rules! source {
    ($fichier:literal, $correspondance:literal, $pris:literal, $attendus:expr, $ebauche:expr) => {
        Source {
            fichier: include_bytes!(concat!("../../../testdata/sources/", $fichier)),
            correspondance: include_str!(concat!("../../../testdata/sources/", $correspondance)),
            pris: $pris,
            attendus: &$attendus,
            ebauche: &$ebauche,
        }
    };
}

const SOURCES: [Source; 8] = [
    source!(
        "deux-entetes.csv",
        "deux-entetes.toml",
        3,
        [
            (
                0,
                "horaires",
                "Mo,Tu 09:00-12:00,14:00-17:00; We 14:00-17:00; Th 09:00-12:00; Fr 09:00-12:00,14:00-16:00"
            ),
            (0, "telephone", "+33329000001"),
            (2, "commune", "SAINT DIE DES VOSGES"),
        ],
        [
            "entete = [4, 5]",
            "lundi = [\"Lundi matin\", \"Lundi après-midi\"]",
            "telephone = \"Téléphones\"",
            "extraire = '\\d{5}'"
        ]
    ),
    source!(
        "osm.geojson",
        "osm.toml",
        2,
        [
            (1, "latitude", "49.2315"),
            (1, "commune", "Reims"),
            (0, "site_web", "https://www.bibliotheques.paris.fr")
        ],
        ["ordre = \"lon,lat\"", "osm = \"properties.opening_hours\""]
    ),
    source!(
        "imbrique.json",
        "imbrique.toml",
        2,
        [
            (0, "nom", "Maison France Services de Die – accueil"),
            (0, "horaires", "Mo 09:00-12:00; Tu 09:00-12:00,14:00-17:00"),
            (1, "courriels", "atelier@crest.fr"),
            (1, "dispositif_programmes_nationaux", "Aidants Connect"),
        ],
        ["liste = \"chemin.de.la.premiere.liste.*.items\""]
    ),
    source!(
        "utf16.tsv",
        "utf16.toml",
        3,
        [
            (0, "latitude", "47.7527337"),
            (0, "horaires", "Mo,We-Fr 09:00-12:00,14:00-18:00; Tu 14:00-18:00"),
            (1, "telephone", "+33600000002"),
        ],
        ["latitude = \"Y (L93)\"", "adresse = { colonne = \"Adresse\""]
    ),
    source!(
        "libelles.csv",
        "libelles.toml",
        3,
        [
            (0, "longitude", "-0.5792"),
            (0, "horaires", "Mo-Fr 09:00-17:00"),
            (1, "frais_a_charge", "Payant"),
            (0, "publics_specifiquement_adresses", "Femmes|Seniors"),
        ],
        ["ordre = \"lon,lat\"", "id = \"uuid\""]
    ),
    source!(
        "tableur.json",
        "tableur.toml",
        2,
        [
            (0, "typologie", "BIB|TIERS_LIEUX"),
            (0, "date_maj", "2024-06-01"),
            (1, "telephone", "+33320000002"),
            (1, "adresse", "2 Grand Place"),
        ],
        ["lundi = \"fields.Horaires_lundi\""]
    ),
    source!(
        "sans-entete.csv",
        "sans-entete.toml",
        2,
        [(0, "nom", "Maison des services"), (0, "horaires", "Mo 09:00-12:00; Tu 14:00-17:00")],
        ["colonnes = [\"colonne 1\"", "code_postal = \"colonne 4\""]
    ),
    source!(
        "lignes.jsonl",
        "lignes.toml",
        2,
        [
            (0, "horaires", "Mo,Tu,Th 09:00-18:00"),
            (1, "horaires", "Tu-Sa 10:00-19:00"),
            (1, "latitude", "43.6117")
        ],
        ["nom = \"fields.eq_nom_equipement\""]
    ),
];

fn vu(source: &Source) -> Apercu {
    let correspondance = Arc::new(Correspondance::lit(source.correspondance).unwrap());
    let jour = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    apercu(Cursor::new(source.fichier), &correspondance, None, jour, 10).unwrap()
}

#[test]
fn eight_other_shapes_are_mapped() {
    for source in &SOURCES {
        let vu = vu(source);
        assert_eq!((vu.taken, vu.refused), (source.pris, 0), "{}: {vu:#?}", source.correspondance);
        for (rang, champ, valeur) in source.attendus {
            let lu = vu.records[*rang].fields.iter().find(|f| f.field == *champ);
            assert_eq!(
                lu.and_then(|f| f.after.as_deref()),
                Some(*valeur),
                "{champ} {rang}\n{}",
                source.correspondance
            );
        }
    }
}

#[test]
fn their_drafts_are_a_start() {
    for source in &SOURCES {
        let texte = ebauche(Cursor::new(source.fichier), "S").unwrap();
        for mot in source.ebauche {
            assert!(texte.contains(mot), "{mot}\n{texte}");
        }
    }
}

#[test]
fn a_list_may_be_in_every_element_or_be_the_values_of_an_object() {
    for (liste, json) in [
        (
            "pages.*.lieux",
            r#"{"pages":[{"lieux":[{"id":"a","nom":"A"}]},{"autre":1},{"lieux":[{"id":"b","nom":"B"}]}]}"#,
        ),
        ("lieux.*", r#"{"total":[{"x":1}],"lieux":{"a":{"id":"a","nom":"A"},"b":{"id":"b","nom":"B"}}}"#),
        (
            "regions.*.*",
            r#"{"regions":{"est":{"a":{"id":"a","nom":"A"}},"nord":{"b":{"id":"b","nom":"B"}}}}"#,
        ),
        ("*", r#"[{"id":"a","nom":"A"},{"id":"b","nom":"B"}]"#),
    ] {
        let toml = format!(
            "source = \"S\"\n[fichier]\nliste = \"{liste}\"\n[champs]\nid = \"id\"\nnom = \"nom\"\ncommune = {{ constante = \"Reims\" }}\n"
        );
        let correspondance = Arc::new(Correspondance::lit(&toml).unwrap());
        let jour = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let vu = apercu(Cursor::new(json.as_bytes()), &correspondance, None, jour, 10).unwrap();
        assert_eq!((vu.read, vu.taken), (2, 2), "{liste}");
    }
}
