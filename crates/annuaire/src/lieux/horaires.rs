//! Opening hours: the check of OSM expressions, and the reading of French ones.

pub mod edition;
mod explication;
mod francais;
pub(crate) mod osm;

pub use explication::explique;
pub use francais::{Conversion, JOURS_OSM, Reste, jours, semaine};

/// Longest expression that is checked: real ones have less than 300 characters.
const LONGUEUR_MAX: usize = 2_000;

/// Whether the text is an OSM `opening_hours` expression.
///
/// # Errors
/// Where the expression stops being one, in French.
pub fn verifie_osm(texte: &str) -> Result<(), String> {
    if texte.len() > LONGUEUR_MAX {
        return Err("L’expression est trop longue.".to_owned());
    }
    texte.parse::<opening_hours::OpeningHours>().map(|_| ()).map_err(|e| ou_est_l_erreur(&e.to_string()))
}

/// The library says where it stopped in a drawing of several lines: `--> 1:12`.
fn ou_est_l_erreur(erreur: &str) -> String {
    let colonne = erreur
        .split_once("--> 1:")
        .map(|(_, suite)| suite.chars().take_while(char::is_ascii_digit).collect::<String>());
    match colonne {
        Some(c) if !c.is_empty() => format!("L’expression n’est plus comprise à partir du caractère {c}."),
        _ => "L’expression emploie une forme que nous ne savons pas lire.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::verifie_osm;

    #[test]
    fn osm_expressions() {
        for bon in [
            "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",
            "24/7",
            "\"sur rendez-vous\"",
            "Mo-Fr 09:00-12:00 \"sur rendez-vous\"; PH off",
            "week 1-53/2 We 09:00-12:00",
            "We[1] 14:00-17:00",
            "Mo \"09:00-13:00-/3:00\"",
            "Jul-Aug Mo-Fr 09:00-12:00",
        ] {
            assert_eq!(verifie_osm(bon), Ok(()), "{bon}");
        }
        for faux in ["Lundi 9h-12h", "Mo-Fr 9h-12h", "sur rendez-vous", "Mo-Fr 09:00-12:00 et"] {
            assert!(verifie_osm(faux).is_err(), "{faux}");
        }
        assert_eq!(
            verifie_osm("Mo-Fr 9h-12h"),
            Err("L’expression n’est plus comprise à partir du caractère 7.".to_owned())
        );
        assert!(verifie_osm(&"Mo 09:00-12:00;".repeat(1_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_texts_never_panic(texte in "\\PC{0,60}") {
            let _ = verifie_osm(&texte);
        }

        #[test]
        fn texts_that_look_like_hours_never_panic(texte in "(Mo|Tu|week|PH|Jan|easter|sunrise|off|[-,;:/0-9 +\\[\\]]){0,20}") {
            let _ = verifie_osm(&texte);
        }
    }
}
