//! Opening hours as lieux have them: nearly as many expressions as lieux, holidays, seasons, exceptions and comments.

use kernel::Chance;

/// What stands in for each letter of a pattern: morning, afternoon, whole day, evening.
const PLAGES: [(&str, &[&str]); 4] = [
    (
        "{m}",
        &[
            "08:00-12:00",
            "08:15-12:15",
            "08:30-12:00",
            "08:30-12:30",
            "08:45-12:00",
            "09:00-12:00",
            "09:00-12:15",
            "09:00-12:30",
            "09:15-12:15",
            "09:30-12:00",
            "09:30-12:30",
            "10:00-12:00",
            "10:00-12:30",
        ],
    ),
    (
        "{a}",
        &[
            "13:00-16:30",
            "13:00-17:00",
            "13:15-17:00",
            "13:30-16:30",
            "13:30-17:00",
            "13:30-17:30",
            "13:30-18:00",
            "14:00-17:00",
            "14:00-17:30",
            "14:00-18:00",
            "14:30-18:30",
            "15:00-18:00",
            "15:00-19:00",
        ],
    ),
    ("{j}", &["08:30-17:30", "09:00-17:00", "09:00-18:00", "10:00-18:00", "10:00-18:30", "10:00-19:00"]),
    ("{s}", &["16:00-19:00", "16:30-19:30", "17:00-19:00", "17:00-20:00", "18:00-20:30"]),
];

/// What some lieux add, with their share in a hundred.
const AJOUTS: [(u64, &[&str]); 5] = [
    (30, &["; PH off", "; PH off", "; PH,SH off", "; PH 10:00-12:00"]),
    (8, &["; SH off", "; SH Mo-Fr {m}", "; SH Tu,Th {a}"]),
    (8, &["; Aug off", "; Jul-Aug Mo-Fr {m}", "; Jul 14-Aug 31 off", "; Jun 15-Sep 15 We,Sa {m}"]),
    (
        8,
        &[
            "; Dec 24-Jan 02 off",
            "; 2026 Aug 03-21 off",
            "; 2026 May 15 off",
            "; 2026 Dec 21-31 off",
            "; 2027 Feb 15-19 {m}",
        ],
    ),
    (
        8,
        &[
            "; week 02-52/2 Sa {m}",
            "; Sa[1] {m}",
            "; Sa[1,3] {m}",
            "; Th[-1] {s}",
            "; Fr {s} \"sur rendez-vous\"",
            "; Sa {m} \"atelier\"",
        ],
    ),
];

/// Hours after one of the patterns: « Mo-Fr {m},{a} », or none for one lieu in twelve, which does not say.
pub(super) fn horaires(chance: &Chance, modeles: &[&str]) -> String {
    // A chance of its own: the other values do not depend on how many draws hours take.
    let chance = Chance::seeded(chance.below(1 << 40));
    if chance.below(12) == 0 {
        return String::new();
    }
    let mut texte = super::parmi(&chance, modeles).to_owned();
    for (part, ajouts) in AJOUTS {
        if chance.below(100) < part {
            texte.push_str(super::parmi(&chance, ajouts));
        }
    }
    for (lettre, choix) in PLAGES {
        while texte.contains(lettre) {
            texte = texte.replacen(lettre, super::parmi(&chance, choix), 1);
        }
    }
    texte
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::lieux::ouverture::Horaires;

    #[test]
    fn hours_are_varied_and_can_be_read() {
        let chance = Chance::seeded(1);
        let modeles: Vec<&str> = super::super::MODELES.iter().flat_map(|m| m.horaires).copied().collect();
        let tous: Vec<String> = (0..3_000).map(|_| horaires(&chance, &modeles)).collect();
        for texte in tous.iter().filter(|t| !t.is_empty()) {
            assert!(Horaires::lit(texte, None).is_some(), "{texte}");
        }
        let differents = tous.iter().collect::<HashSet<_>>().len();
        assert!(differents > 1_500, "{differents}");
        for signe in ["PH", "SH", "week", "[", "Jul", "2026", "\""] {
            assert!(tous.iter().any(|t| t.contains(signe)), "{signe}");
        }
    }
}
