use proptest::prelude::*;

use super::*;
use crate::lieux::horaires::verifie_osm;

fn osm(texte: &str) -> Option<String> {
    let c = semaine(texte);
    assert!(c.restes.is_empty() || c.osm.is_none(), "{texte}: {c:?}");
    if let Some(o) = &c.osm {
        assert_eq!(verifie_osm(o), Ok(()), "{texte} → {o}");
    }
    c.osm
}

#[test]
fn weeks_of_real_files() {
    for (texte, attendu) in [
        ("Du lundi au vendredi de 9h à 12h et de 14h à 18h45", "Mo-Fr 09:00-12:00,14:00-18:45"),
        (
            "Du Lundi au Vendredi  : de 9 H 00 à 12 H 00 et de 14 H 00 à 18 H 00",
            "Mo-Fr 09:00-12:00,14:00-18:00",
        ),
        ("9h-12h et 14h-17h du lundi au vendredi", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("Lundi-vendredi 9h30-17h30", "Mo-Fr 09:30-17:30"),
        ("Lundi à vendredi 9h-12h/13h30-16h30", "Mo-Fr 09:00-12:00,13:30-16:30"),
        ("LUNDI DE 14 H 00 - 16 H 30", "Mo 14:00-16:30"),
        ("Mardi et mercredi : 09-12:30 et 13:30-19:00", "Tu,We 09:00-12:30,13:30-19:00"),
        ("Mardi,mercredi 9h-12h30", "Tu,We 09:00-12:30"),
        ("lundi, mardi et jeudi de 9h00 à 12h00 et de 13h30 à 17h30", "Mo,Tu,Th 09:00-12:00,13:30-17:30"),
        ("Du lundi au vendredi : 09:00–12:00 et 13:00–17:00", "Mo-Fr 09:00-12:00,13:00-17:00"),
        (
            "lundi : 13h30-16h30, mardi, jeudi et samedi : 9h-12h, mercredi et vendredi : 9h-12h/13h30-16h30",
            "Mo 13:30-16:30; Tu,Th,Sa 09:00-12:00; We,Fr 09:00-12:00,13:30-16:30",
        ),
        (
            "Du lundi au jeudi 8h30-12h / 13h30-17h et vendredi 10h-12h / 13h30-17h",
            "Mo-Th 08:30-12:00,13:30-17:00; Fr 10:00-12:00,13:30-17:00",
        ),
        (
            "Mardi 15:00-19:00 / mercredi au samedi 10:00-12:00 et 14:00-18:00",
            "Tu 15:00-19:00; We-Sa 10:00-12:00,14:00-18:00",
        ),
        ("le mercredi 9h - 12h30  14h- 18h", "We 09:00-12:30,14:00-18:00"),
        (
            "lundi 15h à 18h , mercredi de 14h à 17h et samedi de 10h à 12h",
            "Mo 15:00-18:00; We 14:00-17:00; Sa 10:00-12:00",
        ),
        (
            "; 15h-19h; ; 9h-12h et 17h-19h; ; 9h-12h;",
            "Tu 15:00-19:00; Th 09:00-12:00,17:00-19:00; Sa 09:00-12:00",
        ),
        ("-; 9:30 - 12:00; -; -; -; -", "Tu 09:30-12:00"),
        ("13h30 - 16h30; fermé; fermé; fermé; fermé; fermé; fermé", "Mo 13:30-16:30"),
        ("Tous les jours 9h-midi", "Mo-Su 09:00-12:00"),
        ("Lundi au vendredi 9h-12h, samedi fermé", "Mo-Fr 09:00-12:00"),
        ("Du lundi au vendredi 9h-17h sur rendez-vous", "Mo-Fr 09:00-17:00 \"sur rendez-vous\""),
        ("Sur rendez-vous", "\"sur rendez-vous\""),
        ("Du lundi au vendredi 9h-17h, fermé les jours fériés", "Mo-Fr 09:00-17:00; PH off"),
        ("lundi matin 9h-12h, lundi après-midi 14h-17h", "Mo 09:00-12:00,14:00-17:00"),
        ("Lun. Mar. 9h-12h", "Mo,Tu 09:00-12:00"),
        ("7j/7 24h/24", "Mo-Su 00:00-24:00"),
    ] {
        assert_eq!(osm(texte).as_deref(), Some(attendu), "{texte}");
    }
}

#[test]
fn what_is_not_understood_is_named_and_not_guessed() {
    for (texte, mot) in [
        ("Du lundi au vendredi 9h-12h, sauf le mercredi", "sauf"),
        ("1er mardi du mois 9h-12h", "1er"),
        ("Lundi 9h-12h les semaines paires", "semaines"),
        ("Du lundi au vendredi 9h-12h pendant les vacances", "pendant"),
        ("9h-12h / 14h-17h", "sans jour"),
        ("Lundi 14h-12h", "avant de commencer"),
        ("Lundi 9h", "sans heure de fin"),
        ("Lundi au vendredi 8h30-12H20/132h15-16h30", "132"),
        ("vendredi au lundi 9h-12h", "envers"),
        ("Lundi et mardi", "sans heures"),
        ("Voir le site", "voir"),
    ] {
        let c = semaine(texte);
        assert_eq!(c.osm, None, "{texte}");
        assert!(c.restes.iter().any(|r| r.contains(mot)), "{texte}: {:?}", c.restes);
    }
    assert_eq!(semaine(""), Conversion::default());
}

#[test]
fn days_of_real_files() {
    for (texte, attendu) in [
        ("09:00 - 12:00 / 13:30 - 17:00", Some("Mo 09:00-12:00,13:30-17:00")),
        ("9h30-12h", Some("Mo 09:30-12:00")),
        ("09:00-12h00", Some("Mo 09:00-12:00")),
        ("08 :00-12:00/13 :30-17:00", Some("Mo 08:00-12:00,13:30-17:00")),
        ("07:30:12:30", Some("Mo 07:30-12:30")),
        ("09:00-12:30-13:30-17:00", Some("Mo 09:00-12:30,13:30-17:00")),
        ("08:30-12:00,13:30-17:30", Some("Mo 08:30-12:00,13:30-17:30")),
        ("09:00 - 12:30 / 09:00 - 12:30 / 13:30 - 16:30", Some("Mo 09:00-12:30,13:30-16:30")),
        ("00:00 - 00:00 / 08:30 - 12:00", Some("Mo 08:30-12:00")),
        ("14:00 - 17:00 / 15:00 - 18:00", Some("Mo 14:00-18:00")),
        ("sur rendez-vous", Some("Mo \"sur rendez-vous\"")),
        ("Fermé", None),
        ("-", None),
        ("", None),
    ] {
        let c = jours([(0, texte)]);
        assert_eq!(c.osm.as_deref(), attendu, "{texte}");
        assert!(c.restes.is_empty(), "{texte}: {:?}", c.restes);
    }
    let c = jours([(0, "09:00-13:00-/3:00-16:00"), (1, "9h-12h")]);
    assert_eq!(c.osm.as_deref(), Some("Mo \"09:00-13:00-/3:00-16:00\"; Tu 09:00-12:00"));
    assert_eq!(c.restes.len(), 1);
}

proptest! {
    #[test]
    fn whatever_is_written_is_osm(texte in "(lundi|mardi|sam|du|au|et|fermé|sur rendez-vous|sauf|tous les jours|9h|12h30|14:00|18|[-/,;: à.]){0,16}") {
        for c in [semaine(&texte), jours([(2, texte.as_str())])] {
            if let Some(osm) = c.osm {
                prop_assert_eq!(verifie_osm(&osm), Ok(()), "{} → {}", texte, osm);
            }
        }
    }

    #[test]
    fn arbitrary_texts_never_panic(texte in "\\PC{0,80}") {
        for c in [semaine(&texte), jours([(2, texte.as_str())])] {
            if let Some(osm) = c.osm {
                prop_assert_eq!(verifie_osm(&osm), Ok(()), "{} → {}", texte, osm);
            }
        }
    }
}
