use std::collections::HashMap;
use std::fs;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;

/// Sentences of every shape, with the schedule that is right, and whether all was understood.
const PHRASES: &str = include_str!("../../../../testdata/horaires/phrases.csv");
/// Sentences as town halls, libraries and networks write them, disorder included, each read by eye against the schedule
/// that it means.
const TERRAIN: &str = include_str!("../../../../testdata/horaires/terrain.csv");
/// The schedule that is right of each real sentence, by the first half of its SHA-256: the sentences stay with those
/// who published them.
const REELLES: &str = include_str!("../../../../testdata/horaires/reelles.csv");

fn lignes(texte: &str) -> Vec<Vec<String>> {
    csv::Reader::from_reader(texte.as_bytes())
        .records()
        .map(|l| l.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn sentences_of_every_shape() {
    let lignes = [lignes(PHRASES), lignes(TERRAIN)].concat();
    assert!(lignes.len() > 550);
    for ligne in lignes {
        let [phrase, osm, complete] = ligne.as_slice() else { panic!("{ligne:?}") };
        let lue = semaine(phrase);
        assert_eq!(lue.osm.as_deref().unwrap_or(""), osm, "{phrase}");
        assert_eq!(lue.restes.is_empty(), complete == "oui", "{phrase}: {:?}", lue.restes);
    }
}

#[test]
fn real_sentences_of_the_shared_file() {
    let racine = std::env::var_os("MAILLAGE_SHARED_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let Ok(fichier) = fs::read_to_string(racine.join("horaires-paires.csv")) else {
        println!("absent: horaires-paires.csv");
        return;
    };
    let attendus: HashMap<String, String> =
        lignes(REELLES).into_iter().map(|l| (l[0].clone(), l[1].clone())).collect();
    let (mut justes, mut total) = (0, 0);
    for ligne in lignes(&fichier) {
        let phrase = &ligne[0];
        let empreinte: String =
            Sha256::digest(phrase.as_bytes()).iter().take(8).map(|o| format!("{o:02x}")).collect();
        let Some(attendu) = attendus.get(&empreinte) else { continue };
        let lue = semaine(phrase);
        total += 1;
        if lue.osm.as_deref().unwrap_or("") == attendu {
            justes += 1;
        } else {
            println!("{phrase}\n  {attendu}\n  {:?}", lue.osm);
        }
        assert!(lue.osm.is_some() || !lue.restes.is_empty(), "lost in silence: {phrase}");
    }
    println!("{justes} of {total} sentences become the right schedule");
    assert!(justes * 100 >= total * 95);
}

#[test]
fn what_is_not_understood_is_named() {
    for (phrase, mots) in [
        ("Du lundi au vendredi 9h-12h, selon planning", "selon planning"),
        ("Lundi au vendredi 8h30-12H20/132h15-16h30", "132h15"),
        ("Lundi 14h-12h", "14h-12h"),
        ("9h-12h / 14h-17h", "les jours ne sont pas dits"),
        ("Lundi et mardi", "les heures ne sont pas dites"),
        ("Du lundi au vendredi 9h-17h, horaires d’été 8h-14h", "horaires d’été 8h-14h"),
        ("Du lundi au vendredi 9h-17h (lundi matin fermé)", "lundi matin fermé"),
        ("Fermeture quotidienne de 12h à 14h", "Fermeture"),
        ("Lundi 9h-12h, fermé certains jours", "fermé certains"),
        ("Mardi 9h-12h depuis le 13 septembre 2024", "depuis le 13 septembre 2024"),
    ] {
        let lue = semaine(phrase);
        let restes: Vec<String> = lue.restes.iter().map(ToString::to_string).collect();
        assert!(restes.iter().any(|r| r.contains(mots)), "{phrase}: {restes:?}");
    }
    assert!(!semaine(&"lundi 9h-12h ".repeat(1_000)).restes.is_empty());
    assert_eq!(semaine("-; -; -; -; -; -"), Conversion::default());
    assert_eq!(semaine("  "), Conversion::default());
}

#[test]
fn days_given_apart() {
    let lue = jours([(0, "9h-12h"), (1, "voir avec l’accueil"), (5, "-"), (6, "14h30 - 17h")]);
    assert_eq!(lue.osm.as_deref(), Some("Mo 09:00-12:00; Tu \"voir avec l’accueil\"; Su 14:30-17:00"));
    assert_eq!(lue.restes.len(), 1);
    assert_eq!(jours([(0, "09:00-13:00-/3:00")]).osm.as_deref(), Some("Mo \"09:00-13:00-/3:00\""));
    assert_eq!(jours([(7, "9h-12h")]), Conversion::default());
    assert_eq!(jours([(2, "sur rendez-vous")]).osm.as_deref(), Some("We \"sur rendez-vous\""));
}

fn morceau() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(lexique::mots().cloned().collect::<Vec<_>>())
            .prop_map(|(mot, _)| mot.to_owned()),
        prop::sample::select(vec![
            "9h",
            "12h",
            "14h-17h",
            "9h30",
            "du",
            "au",
            "-",
            ",",
            ";",
            "/",
            "(",
            ")",
            ":",
            "\n",
            ".",
            "9",
            "14/07",
            "13/09/22",
            "1er",
            "3e",
            "24 décembre",
            "132h15",
            "05 55 12 34 56",
            "a@b.fr",
            "é",
            "<p>",
            "&nbsp;",
            "\"",
            "+",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn arbitrary_texts_never_panic_nor_are_lost(texte in "\\PC{0,80}") {
        verifie(&texte)?;
    }

    #[test]
    fn texts_of_its_own_words_never_panic_nor_are_lost(mots in proptest::collection::vec(morceau(), 0..14), colle in any::<bool>()) {
        verifie(&mots.join(if colle { "" } else { " " }))?;
    }

    #[test]
    fn a_word_that_nobody_knows_is_always_told(
        mots in proptest::collection::vec(morceau(), 0..8), place in 0_usize..8,
    ) {
        let mut mots = mots;
        mots.retain(|m| !m.contains(['<', '&', '"']));
        mots.insert(place.min(mots.len()), "zygomorphe".to_owned());
        let texte = mots.join(" ");
        let lue = semaine(&texte);
        let dit = lue.restes.iter().any(|r| r.texte.contains("zygomorphe"))
            || lue.osm.as_ref().is_some_and(|o| o.contains("zygomorphe"));
        prop_assert!(dit, "{} → {:?}", texte, lue);
    }

    #[test]
    fn a_regular_week_is_read_in_every_spelling(
        de in 0_u8..6, duree in 1_u8..6, bornes in proptest::collection::btree_set(28_u16..88, 4), style in 0_usize..6,
    ) {
        let a = (de + duree).min(6);
        prop_assume!(a > de);
        let noms = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
        let t: Vec<u16> = bornes.into_iter().map(|q| q * 15).collect();
        let h = |m: u16| match style {
            0 | 3 => format!("{}h{:02}", m / 60, m % 60),
            1 => format!("{:02}:{:02}", m / 60, m % 60),
            2 => format!("{} h {:02}", m / 60, m % 60),
            4 => format!("{}H{:02}", m / 60, m % 60),
            _ => format!("{}.{:02}", m / 60, m % 60),
        };
        let (du, au) = (noms[usize::from(de)], noms[usize::from(a)]);
        let heures = match style {
            0 => format!("de {} à {} et de {} à {}", h(t[0]), h(t[1]), h(t[2]), h(t[3])),
            1 | 2 => format!("{} - {} / {} - {}", h(t[0]), h(t[1]), h(t[2]), h(t[3])),
            _ => format!("{}-{} {}-{}", h(t[0]), h(t[1]), h(t[2]), h(t[3])),
        };
        let texte = if style == 3 { format!("{heures} du {du} au {au}") } else { format!("Du {du} au {au} : {heures}") };
        let attendu = {
            let rangs: Vec<usize> = (usize::from(de)..=usize::from(a)).collect();
            let e = super::super::osm::ecrit_heure;
            format!("{} {}-{},{}-{}", super::super::osm::suite_de_jours(&rangs), e(t[0]), e(t[1]), e(t[2]), e(t[3]))
        };
        let lue = semaine(&texte);
        prop_assert_eq!(lue.osm, Some(attendu), "{}", texte);
        prop_assert!(lue.restes.is_empty());
    }
}

fn verifie(texte: &str) -> Result<(), TestCaseError> {
    let lue = semaine(texte);
    if let Some(osm) = &lue.osm {
        prop_assert_eq!(verifie_osm(osm), Ok(()), "{}", texte);
    }
    let significatif = decoupe(&Texte::lit(texte.trim()))
        .iter()
        .any(|j| !matches!(j.sens, Sens::Tiret | Sens::Fin | Sens::Barre | Sens::Virgule | Sens::DeuxPoints));
    prop_assert!(lue.osm.is_some() || !lue.restes.is_empty() || !significatif, "lost: {:?}", texte);
    let _ = jours([(0, texte)]);
    Ok(())
}
