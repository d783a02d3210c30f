//! Any OSM expression in plain French: one function for the public sheet, the preview of imports and the command line.

mod jours;

use opening_hours_syntax::rules::time::{Time, TimeEvent, TimeSpan, VariableTime};
use opening_hours_syntax::rules::{OpeningHoursExpression, RuleKind, RuleOperator, RuleSequence};

use super::osm;

/// Explains an expression: « Du lundi au vendredi de 9 h à 12 h et de 14 h à 17 h ; fermé les jours fériés ».
///
/// Nothing when it is not an OSM expression. Spaces inside hours do not break.
pub fn explique(expression: &str) -> Option<String> {
    let texte = expression.trim();
    super::verifie_osm(texte).ok()?;
    let (texte, conjointes) = osm::avec_vacances_conjointes(texte);
    let arbre = opening_hours_syntax::parse(&texte).ok()?;
    let phrase = phrase(&arbre, conjointes);
    let mut lettres = phrase.chars();
    lettres.next().map(|c| c.to_uppercase().chain(lettres).collect())
}

fn phrase(arbre: &OpeningHoursExpression, conjointes: bool) -> String {
    let mut texte = String::new();
    for (i, regle) in arbre.rules.iter().enumerate() {
        let dite = regle_en_clair(regle, conjointes);
        let lien = match regle.operator {
            _ if i == 0 => "",
            RuleOperator::Normal => " ; ",
            RuleOperator::Additional => ", et ",
            RuleOperator::Fallback => " ; sinon ",
        };
        texte.push_str(lien);
        texte.push_str(&dite);
    }
    texte
}

fn regle_en_clair(regle: &RuleSequence, conjointes: bool) -> String {
    let commentaire = regle.comment.trim();
    let jours = jours::en_clair(&regle.day_selector, conjointes);
    let heures = heures(&regle.time_selector.spans);
    let tout_le_jour = heures.is_none();
    let ouverture = match (&jours, &heures, regle.kind) {
        (None, None, RuleKind::Open) if commentaire.is_empty() => {
            return "24 h sur 24, 7 jours sur 7".to_owned();
        }
        // A comment without hours does not open around the clock.
        (None, None, RuleKind::Open | RuleKind::Unknown) => return sans_heures(commentaire),
        (None, None, RuleKind::Closed) => "fermé".to_owned(),
        (Some(jours), None, RuleKind::Closed) => format!("fermé {jours}"),
        (jours, Some(heures), RuleKind::Closed) => {
            format!("fermé {} {heures}", jours.as_deref().unwrap_or("tous les jours"))
        }
        (Some(jours), None, _) if !commentaire.is_empty() => jours.clone(),
        (Some(jours), None, _) => format!("{jours} 24 h sur 24"),
        (jours, Some(heures), _) => format!("{} {heures}", jours.as_deref().unwrap_or("tous les jours")),
    };
    let incertain = regle.kind == RuleKind::Unknown;
    match (commentaire, incertain) {
        ("", false) => ouverture,
        ("", true) => format!("{ouverture} (à confirmer)"),
        (c, _) if tout_le_jour && regle.kind != RuleKind::Closed => format!("{ouverture} : {c}"),
        (c, false) => format!("{ouverture} ({c})"),
        (c, true) => format!("{ouverture} (à confirmer : {c})"),
    }
}

fn sans_heures(commentaire: &str) -> String {
    if commentaire.is_empty() { "à confirmer".to_owned() } else { commentaire.to_owned() }
}

/// Nothing for the whole day.
fn heures(plages: &[TimeSpan]) -> Option<String> {
    if let [une] = plages
        && une.repeats.is_none()
        && !une.open_end
        && let (Time::Fixed(de), Time::Fixed(a)) = (une.range.start, une.range.end)
        && (de.mins_from_midnight(), a.mins_from_midnight()) == (0, 1_440)
    {
        return None;
    }
    Some(enumere(plages.iter().map(plage)))
}

fn plage(plage: &TimeSpan) -> String {
    let (de, a) = (instant(plage.range.start), instant(plage.range.end));
    let texte = if plage.open_end
        && plage.range.end == Time::Fixed(opening_hours_syntax::ExtendedTime::MIDNIGHT_24)
    {
        format!("à partir de {de}")
    } else if plage.open_end {
        format!("de {de} à {a} au moins")
    } else {
        format!("de {de} à {a}")
    };
    match plage.repeats {
        Some(pas) => format!("{texte}, toutes les {} minutes", pas.num_minutes()),
        None => texte,
    }
}

fn instant(quand: Time) -> String {
    match quand {
        Time::Fixed(t) => match t.mins_from_midnight() {
            1_440 => "minuit".to_owned(),
            m => heure_minutes(m % 1_440),
        },
        Time::Variable(v) => variable(v),
    }
}

fn heure_minutes(m: u16) -> String {
    if m.is_multiple_of(60) {
        format!("{}\u{a0}h", m / 60)
    } else {
        format!("{}\u{a0}h\u{a0}{:02}", m / 60, m % 60)
    }
}

fn variable(v: VariableTime) -> String {
    let nom = match v.event {
        TimeEvent::Dawn => "l’aube",
        TimeEvent::Sunrise => "lever du soleil",
        TimeEvent::Sunset => "coucher du soleil",
        TimeEvent::Dusk => "crépuscule",
    };
    match v.offset {
        0 => nom.to_owned(),
        n if n > 0 => format!("{nom} plus {}", duree(n.unsigned_abs())),
        n => format!("{nom} moins {}", duree(n.unsigned_abs())),
    }
}

fn duree(minutes: u16) -> String {
    if minutes < 60 { format!("{minutes} minutes") } else { heure_minutes(minutes) }
}

/// « a », « a et b », « a, b et c ».
pub(super) fn enumere(morceaux: impl IntoIterator<Item = String>) -> String {
    let mut morceaux: Vec<String> = morceaux.into_iter().collect();
    match morceaux.pop() {
        None => String::new(),
        Some(dernier) if morceaux.is_empty() => dernier,
        Some(dernier) => format!("{} et {dernier}", morceaux.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_lieux_in_plain_french() {
        for (osm, clair) in [
            (
                "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
                "Du lundi au vendredi de 9 h à 12 h et de 14 h à 17 h ; fermé les jours fériés",
            ),
            (
                "Mo,Th 09:30-12:00; Sa 10:00-18:00",
                "Le lundi et le jeudi de 9 h 30 à 12 h ; le samedi de 10 h à 18 h",
            ),
            ("24/7", "24 h sur 24, 7 jours sur 7"),
            ("09:00-17:00", "Tous les jours de 9 h à 17 h"),
            ("Mo-Su 09:00-17:00", "Tous les jours de 9 h à 17 h"),
            ("\"sur rendez-vous\"", "Sur rendez-vous"),
            ("Mo-Fr \"sur rendez-vous\"", "Du lundi au vendredi : sur rendez-vous"),
            ("Mo 09:00-12:00 \"sur rendez-vous\"", "Le lundi de 9 h à 12 h (sur rendez-vous)"),
            (
                "Mo-Fr 09:00-12:00, Mo-Fr 14:00-17:00 \"sur rendez-vous\"",
                "Du lundi au vendredi de 9 h à 12 h, et du lundi au vendredi de 14 h à 17 h (sur rendez-vous)",
            ),
            ("week 02-52/2 We 09:00-12:00", "Les semaines paires, le mercredi de 9 h à 12 h"),
            ("week 01-53/2 We 09:00-12:00", "Les semaines impaires, le mercredi de 9 h à 12 h"),
            ("week 10-20 We 09:00-12:00", "Des semaines 10 à 20, le mercredi de 9 h à 12 h"),
            ("Th[1,3] 14:00-17:00", "Le 1er et le 3e jeudi du mois de 14 h à 17 h"),
            ("Fr[-1] 14:00-17:00", "Le dernier vendredi du mois de 14 h à 17 h"),
            ("Jul-Aug Mo-Fr 09:00-12:00", "De juillet à août, du lundi au vendredi de 9 h à 12 h"),
            ("Aug off", "Fermé en août"),
            ("Dec 24-Jan 02 off", "Fermé du 24 décembre au 2 janvier"),
            ("2026 Nov 12 off \"inventaire\"", "Fermé le 12 novembre 2026 (inventaire)"),
            (
                "Mo-Fr 09:00-12:00; SH off",
                "Du lundi au vendredi de 9 h à 12 h ; fermé pendant les vacances scolaires",
            ),
            ("SH Mo-Fr 10:00-19:00", "Pendant les vacances scolaires, du lundi au vendredi de 10 h à 19 h"),
            ("Su,PH off", "Fermé le dimanche et les jours fériés"),
            ("Mo 14:00+", "Le lundi à partir de 14 h"),
            ("Fr 20:00-26:00", "Le vendredi de 20 h à 2 h"),
            ("Sa 20:00-24:00", "Le samedi de 20 h à minuit"),
            (
                "Sa 14:00-16:00 unknown \"une semaine sur deux\"",
                "Le samedi de 14 h à 16 h (à confirmer : une semaine sur deux)",
            ),
            (
                "Mo-Fr 09:00-12:00 || \"appeler avant\"",
                "Du lundi au vendredi de 9 h à 12 h ; sinon appeler avant",
            ),
            ("easter off", "Fermé le dimanche de Pâques"),
            ("2026 Mo 09:00-10:00", "En 2026, le lundi de 9 h à 10 h"),
            ("sunrise-sunset", "Tous les jours de lever du soleil à coucher du soleil"),
            ("Sa,Su 10:00-12:00", "Le samedi et le dimanche de 10 h à 12 h"),
        ] {
            let dit = explique(osm).map(|e| e.replace('\u{a0}', " "));
            assert_eq!(dit.as_deref(), Some(clair), "{osm}");
        }
        assert_eq!(explique("Lundi 9h-12h"), None);
        assert_eq!(explique(""), None);
    }

    proptest::proptest! {
        #[test]
        fn every_expression_is_explained(texte in "(Mo|Tu|We-Fr|,|; |week 02-52/2 |PH|SH|Jan|Jul-Aug| |off|09:00-12:00|14:00\\+|\"a\"|\\[1\\]|Dec 24|-| \\|\\| |2026 |easter|sunset|24/7){0,12}") {
            proptest::prop_assert_eq!(explique(&texte).is_some(), super::super::verifie_osm(texte.trim()).is_ok());
        }
    }
}
