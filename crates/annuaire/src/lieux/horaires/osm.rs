//! Pieces of OSM expressions, written and cut the same way everywhere.

use super::JOURS_OSM;

/// `Mo-Fr`, `Mo,We-Fr`: three days in a row or more make a range. Ranks from 0 for Monday, in order.
pub(crate) fn suite_de_jours(rangs: &[usize]) -> String {
    let mut morceaux: Vec<String> = Vec::new();
    let mut i = 0;
    while i < rangs.len() {
        let mut fin = i;
        while fin + 1 < rangs.len() && rangs[fin + 1] == rangs[fin] + 1 {
            fin += 1;
        }
        let nom = |k: usize| JOURS_OSM.get(rangs[k]).copied().unwrap_or("Mo");
        if fin > i + 1 {
            morceaux.push(format!("{}-{}", nom(i), nom(fin)));
        } else {
            morceaux.extend((i..=fin).map(|k| nom(k).to_owned()));
        }
        i = fin + 1;
    }
    morceaux.join(",")
}

/// `09:30`, from minutes since midnight.
pub(crate) fn ecrit_heure(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The rules of an expression, cut at the semicolons that stand outside comments.
pub(crate) fn regles(texte: &str) -> Vec<String> {
    let mut regles = vec![String::new()];
    let mut cite = false;
    for c in texte.chars() {
        cite ^= c == '"';
        if c == ';' && !cite {
            regles.push(String::new());
        } else if let Some(derniere) = regles.last_mut() {
            derniere.push(c);
        }
    }
    regles.iter().map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()).collect()
}

/// `SH Mo-Fr 10:00-12:00` without its `SH`: the weekdays of the school holidays.
fn conjointe(regle: &str) -> Option<&str> {
    let suite = regle.strip_prefix("SH ")?.trim_start();
    JOURS_OSM.iter().any(|j| suite.starts_with(j)).then_some(suite)
}

/// The expression outside the school holidays and within them, when some of its rules hold for days of the week of
/// these holidays only. The library reads `SH Mo-Fr` as « school holidays, or Monday to Friday », which the
/// specification writes `SH,Mo-Fr`.
pub(crate) fn deux_lectures(texte: &str) -> Option<(String, String)> {
    let regles = regles(texte);
    if !regles.iter().any(|r| conjointe(r).is_some()) {
        return None;
    }
    let hors: Vec<&str> = regles.iter().filter(|r| conjointe(r).is_none()).map(String::as_str).collect();
    let pendant: Vec<&str> = regles.iter().map(|r| conjointe(r).unwrap_or(r)).collect();
    let hors = if hors.is_empty() { "24/7 off".to_owned() } else { hors.join("; ") };
    Some((hors, pendant.join("; ")))
}

/// The expression, and whether its school holidays are joined with days of the week.
pub(crate) fn avec_vacances_conjointes(texte: &str) -> (String, bool) {
    let regles = regles(texte);
    (regles.join("; "), regles.iter().any(|r| conjointe(r).is_some()))
}

/// The expression without what stands between quotes.
pub(crate) fn sans_commentaires(texte: &str) -> String {
    texte.split('"').step_by(2).collect()
}
