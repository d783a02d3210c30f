//! The curve of the dashboard, drawn: axes with their values, lines with their names. The table beside it says the same.

use std::fmt::Write;

use chrono::Datelike;
use kernel::text::nombre;

use super::model::Mois;

/// The frame of the curve, in units of the drawing; letters keep a size that is read on a telephone.
const GAUCHE: f64 = 76.0;
const DROITE: f64 = 520.0;
const HAUT: f64 = 16.0;
const BAS: f64 = 300.0;

/// A round number of people of which four or five make the height: 1, 2 or 5 times a power of ten.
fn pas(haut: i64) -> i64 {
    let mut puissance = 1;
    loop {
        for n in [1, 2, 5] {
            if n * puissance * 5 >= haut {
                return n * puissance;
            }
        }
        puissance *= 10;
    }
}

/// One sentence that says what the curve shows.
pub(super) fn en_mots(mois: &[Mois]) -> String {
    let (Some(premier), Some(dernier)) = (mois.first(), mois.last()) else {
        return "Aucun mois à montrer.".to_owned();
    };
    let plus = mois.iter().max_by_key(|m| m.en_poste).unwrap_or(dernier);
    let jour = |m: &Mois| kernel::calendrier::jour_en_lettres(m.le);
    format!(
        "De {} personnes en poste le {} à {} le {} ; au plus {}, le {}.",
        nombre(premier.en_poste),
        jour(premier),
        nombre(dernier.en_poste),
        jour(dernier),
        nombre(plus.en_poste),
        jour(plus)
    )
}

/// The drawing.
pub(super) fn courbe(mois: &[Mois]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts of people and of months are small")]
    let flottant = |n: i64| n as f64;
    let plus = mois.iter().map(|m| m.en_poste.max(m.attendus.unwrap_or(0))).max().unwrap_or(0).max(1);
    let pas = pas(plus);
    let haut = (plus + pas - 1) / pas * pas;
    let y = |v: i64| BAS - (BAS - HAUT) * flottant(v) / flottant(haut);
    let largeur = flottant(i64::try_from(mois.len()).unwrap_or(1).max(2) - 1);
    let x = |n: i64| GAUCHE + (DROITE - GAUCHE) * flottant(n) / largeur;
    let trace = |valeur: &dyn Fn(&Mois) -> Option<i64>| {
        let mut points = String::new();
        for (n, m) in (0_i64..).zip(mois) {
            if let Some(v) = valeur(m) {
                let _ = write!(points, "{:.1},{:.1} ", x(n), y(v));
            }
        }
        points
    };
    let mut svg = format!(
        "<svg class=\"m-courbe\" viewBox=\"0 0 540 350\" role=\"img\" aria-label=\"Personnes en poste mois par mois. {}\">",
        en_mots(mois)
    );
    let mut v = 0;
    while v <= haut {
        let _ = write!(
            svg,
            "<path class=\"m-courbe__axe\" d=\"M{GAUCHE} {y:.1}H{DROITE}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            GAUCHE - 8.0,
            y(v) + 7.0,
            nombre(v),
            y = y(v),
        );
        v += pas;
    }
    // January of each year, or of one year in two when there are many.
    let annees: Vec<(i64, i32)> =
        (0_i64..).zip(mois).filter(|(_, m)| m.le.month() == 1).map(|(n, m)| (n, m.le.year())).collect();
    let un_sur = annees.len() / 6 + 1;
    for (n, annee) in annees.into_iter().step_by(un_sur) {
        let _ = write!(
            svg,
            "<path class=\"m-courbe__axe\" d=\"M{x:.1} {BAS}V{:.1}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{annee}</text>",
            BAS + 6.0,
            BAS + 30.0,
            x = x(n),
        );
    }
    let (vus, attendus) = (trace(&|m| Some(m.en_poste)), trace(&|m| m.attendus));
    let _ = write!(
        svg,
        "<polyline class=\"m-courbe__attendu\" points=\"{attendus}\"/><polyline class=\"m-courbe__vu\" points=\"{vus}\"/></svg>"
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_values_and_years() {
        assert_eq!([1, 5, 9, 10, 11, 499, 3_782].map(pas), [1, 1, 2, 2, 5, 100, 1_000]);
        let un = |annee, n| Mois {
            le: chrono::NaiveDate::from_ymd_opt(annee, 1, 1).unwrap(),
            en_poste: n,
            attendus: None,
        };
        let svg = courbe(&[un(2021, 0), un(2022, 3_782), un(2023, 2_000)]);
        for attendu in [">0<", ">1\u{202f}000<", ">4\u{202f}000<", ">2021<", ">2023<", "au plus 3\u{202f}782"]
        {
            assert!(svg.contains(attendu), "{attendu}: {svg}");
        }
        assert!(courbe(&[]).contains("Aucun mois"));
    }
}
