//! What an answer means.

/// What somebody wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mot {
    /// They agree.
    Oui,
    /// They do not.
    Non,
    /// They want no more messages: final, whatever is under way.
    Stop,
    /// Something else: they agree to nothing, and refuse nothing.
    Autre,
}

/// Reads an answer. Only a whole answer of these words counts: « oui mais pas les impôts » agrees to nothing.
pub(super) fn lire(texte: &str) -> Mot {
    let plie = kernel::text::fold(texte);
    let nu: String = plie.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let mots: Vec<&str> = nu.split_whitespace().collect();
    match mots[..] {
        ["oui"] | ["j", "accepte"] | ["d", "accord"] | ["oui", "j", "accepte"] | ["oui", "d", "accord"] => {
            Mot::Oui
        }
        ["non"] | ["je", "refuse"] | ["non", "merci"] | ["non", "je", "refuse"] => Mot::Non,
        ["stop"] | ["stop", "sms"] | ["arret"] => Mot::Stop,
        _ => Mot::Autre,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_count() {
        for (texte, mot) in [
            ("Oui", Mot::Oui),
            (" OUI. ", Mot::Oui),
            ("oui !!", Mot::Oui),
            ("J’accepte", Mot::Oui),
            ("d'accord", Mot::Oui),
            ("Oui, j'accepte.", Mot::Oui),
            ("non", Mot::Non),
            ("Non merci", Mot::Non),
            ("je refuse", Mot::Non),
            ("STOP", Mot::Stop),
            ("stop sms", Mot::Stop),
            ("Arrêt", Mot::Stop),
            ("oui mais pas les impôts", Mot::Autre),
            ("oui non", Mot::Autre),
            ("ouii", Mot::Autre),
            ("ou i", Mot::Autre),
            ("1", Mot::Autre),
            ("", Mot::Autre),
            ("👍", Mot::Autre),
            ("o\u{200b}ui", Mot::Autre),
        ] {
            assert_eq!(lire(texte), mot, "{texte:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(texte in "\\PC{0,400}") {
            lire(&texte);
        }
    }
}
