use std::collections::BTreeSet;

use chrono::NaiveDate;
use unicode_normalization::is_nfc;

use super::*;

/// Published texts, for ever. A line is added with a text; none is ever changed: mandats signed with it would no
/// longer be drawn.
const EMPREINTES: &[(&str, &str)] = &[
    ("mandat-2026-11", "23e8059cdfefdd6d18c8bf70256fbbcdd1a22139dec480d5441e79e674ae3e0d"),
    ("mandat-distance-2026-11", "abac0f1de00b179d8cfe35d52a7731fc27bc82615d18f39833a0b6d48639fe76"),
    ("notices-2026-11", "9616d5914096591e9288ddb01b4853a5d6e26511c1522c105649298ea75f9aa2"),
    ("demarches-2026-11", "ac1ad1d14159932c24c19451007e9d1104e0a2cc69dd14220bc9baa53b086c92"),
];

#[test]
fn no_published_text_was_changed() {
    let now: Vec<(&str, String)> = PUBLIES.iter().map(|t| (t.id, t.empreinte().to_string())).collect();
    let then: Vec<(&str, String)> = EMPREINTES.iter().map(|(id, sha)| (*id, (*sha).to_owned())).collect();
    assert_eq!(now, then);
}

#[test]
fn texts_are_well_made() {
    let ids: BTreeSet<_> = PUBLIES.iter().map(|t| t.id).collect();
    assert_eq!(ids.len(), PUBLIES.len());
    for texte in PUBLIES {
        assert!(NaiveDate::parse_from_str(texte.depuis, "%Y-%m-%d").is_ok(), "{}", texte.id);
        assert!(is_nfc(texte.corps) && !texte.corps.contains(['\r', '\'']), "{}", texte.id);
    }
}

#[test]
fn each_day_has_its_text() {
    let jour = |j: &str| j.parse::<NaiveDate>().unwrap();
    for genre in [Genre::Mandat, Genre::Notices, Genre::Demarches] {
        assert_eq!(en_vigueur(genre, jour("2026-10-31")), None);
        let texte = en_vigueur(genre, jour("2026-11-01")).unwrap();
        assert_eq!(en_vigueur(genre, jour("2040-01-01")), Some(texte));
        assert_eq!(publie(genre, texte.id, texte.empreinte()), Some(texte));
        assert_eq!(publie(genre, texte.id, Empreinte::de(b"")), None);
    }
    let mandat = &PUBLIES[0];
    assert_eq!(publie(Genre::Notices, mandat.id, mandat.empreinte()), None);
}

#[test]
fn who_is_far_away_signs_no_paper() {
    let nom = |a_distance, jour: &str| du_mandat(a_distance, jour.parse().unwrap()).map(|t| t.id);
    assert_eq!(nom(true, "2026-10-31"), None);
    assert_eq!(nom(true, "2026-11-22"), Some("mandat-2026-11"));
    assert_eq!(nom(true, "2026-11-23"), Some("mandat-distance-2026-11"));
    assert_eq!(nom(false, "2026-11-23"), Some("mandat-2026-11"));
    // Both say the same, but for who signs what.
    let lignes = |id: &str| {
        let texte = PUBLIES.iter().find(|t| t.id == id).unwrap();
        texte.corps.lines().filter(|l| !l.is_empty()).collect::<BTreeSet<_>>()
    };
    let (ici, la_bas) = (lignes("mandat-2026-11"), lignes("mandat-distance-2026-11"));
    let seules: Vec<_> = la_bas.difference(&ici).copied().collect();
    assert_eq!((ici.difference(&la_bas).count(), seules.len()), (4, 5), "{seules:?}");
    assert!(seules.iter().all(|l| !l.contains("exemplaires") && !l.contains('{')));
}

#[test]
fn the_ten_demarches() {
    let texte = PUBLIES.iter().find(|t| t.id == "demarches-2026-11").unwrap();
    let demarches = catalogue(texte);
    let cles: Vec<_> = demarches.iter().map(|d| d.cle.as_str()).collect();
    assert_eq!(
        cles,
        [
            "papiers",
            "famille",
            "social",
            "travail",
            "logement",
            "transports",
            "argent",
            "justice",
            "etranger",
            "loisirs"
        ]
    );
    for demarche in demarches {
        // The provider answers `rep_scope` with them.
        assert!(oidc::franceconnect::perimetre(&demarche.cle).is_some(), "{}", demarche.cle);
        assert_eq!(demarche.avertissements.is_empty(), demarche.cle != "argent");
        assert!(!demarche.titre.is_empty() && !demarche.court.is_empty() && !demarche.couvre.is_empty());
    }
    let phrase = demarches[6].avertissements[0].phrase();
    assert!(phrase.contains("R. 721-2") && phrase.contains("R. 761-1"), "{phrase}");
    assert_eq!(catalogue(&PUBLIES[0]), &[]);
}
