//! Positions: decimal commas, 0/0, swapped axes, projections told by the size of their numbers.

use kernel::{CodeCommune, Position};

use super::{Notes, Projection};
use crate::lieux::rapport::Regle;

const VIRGULE: Regle = Regle::repare("position-virgule", "La virgule décimale est remplacée par un point.");
const ZERO: Regle = Regle::ecarte("position-zero", "La position 0, 0 veut dire « inconnue ».");
const INVERSEE: Regle = Regle::repare("position-inversee", "La latitude et la longitude étaient inversées.");
const LAMBERT: Regle =
    Regle::repare("position-lambert93", "La position, en Lambert-93, est convertie en degrés.");
const PROJETEE: Regle = Regle::repare(
    "position-projection",
    "La position, en mètres dans une projection, est convertie en degrés.",
);
const SEULE: Regle = Regle::ecarte("position-incomplete", "Il manque la latitude ou la longitude.");
const ILLISIBLE: Regle =
    Regle::ecarte("position-illisible", "La position n’est pas un couple de nombres de degrés.");
const HORS: Regle =
    Regle::garde("position-hors-france", "Cette position n’est dans aucun territoire français.");

/// Territories of France, as boxes (south, west, north, east), coasts and islands included.
const TERRITOIRES: [(f64, f64, f64, f64); 11] = [
    (41.2, -5.4, 51.3, 9.7),        // métropole
    (14.3, -61.3, 18.2, -60.7),     // Martinique, Guadeloupe (east)
    (15.7, -63.3, 18.2, -60.9),     // Guadeloupe, Saint-Martin, Saint-Barthélemy
    (2.0, -54.8, 6.0, -51.5),       // Guyane
    (-21.5, 55.1, -20.7, 56.0),     // La Réunion
    (-13.2, 44.9, -12.4, 45.5),     // Mayotte
    (46.6, -56.6, 47.3, -56.0),     // Saint-Pierre-et-Miquelon
    (-23.5, 158.0, -17.5, 172.5),   // Nouvelle-Calédonie
    (-28.0, -155.0, -7.5, -134.0),  // Polynésie française
    (-14.6, -178.3, -13.0, -175.9), // Wallis-et-Futuna
    (-50.5, 39.5, -11.0, 78.0),     // Terres australes
];

/// Reads a position from its two cells.
pub fn position(latitude: &str, longitude: &str, notes: &mut Notes) -> Option<Position> {
    let (lat_t, lon_t) = (latitude.trim(), longitude.trim());
    let ensemble = || format!("{latitude} {longitude}");
    match (lat_t.is_empty(), lon_t.is_empty()) {
        (true, true) => return None,
        (false, false) => {}
        _ => {
            notes.signale(SEULE, ensemble().trim(), None);
            return None;
        }
    }
    let (Some(lat), Some(lon)) = (nombre(lat_t), nombre(lon_t)) else {
        notes.signale(ILLISIBLE, &ensemble(), None);
        return None;
    };
    let virgule = lat_t.contains(',') || lon_t.contains(',');
    if lat == 0.0 && lon == 0.0 {
        notes.signale(ZERO, &ensemble(), None);
        return None;
    }
    let ecrit = |p: Position| format!("{} {}", p.latitude, p.longitude);
    if let Some(p) = Position::new(lat, lon) {
        if en_france(p) {
            if virgule {
                notes.repare(VIRGULE, &ensemble(), &ecrit(p));
            }
            return Some(p);
        }
        if let Some(inverse) = Position::new(lon, lat).filter(|p| en_france(*p)) {
            notes.repare(INVERSEE, &ensemble(), &ecrit(inverse));
            return Some(inverse);
        }
        if virgule {
            notes.repare(VIRGULE, &ensemble(), &ecrit(p));
        }
        notes.signale(HORS, &ensemble(), None);
        return Some(p);
    }
    for (x, y) in [(lon, lat), (lat, lon)] {
        let Some(projection) = Projection::devinee(x, y) else { continue };
        if let Some(p) = projection.point(x, y).filter(|p| en_france(*p)) {
            let regle = if projection == Projection::Lambert93 { LAMBERT } else { PROJETEE };
            notes.repare(regle, &ensemble(), &ecrit(p));
            return Some(p);
        }
    }
    notes.signale(ILLISIBLE, &ensemble(), None);
    None
}

fn nombre(texte: &str) -> Option<f64> {
    let t = if texte.contains('.') { texte.to_owned() } else { texte.replacen(',', ".", 1) };
    t.replace('\u{a0}', "").parse::<f64>().ok().filter(|n| n.is_finite())
}

fn en_france(p: Position) -> bool {
    TERRITOIRES.iter().any(|(sud, ouest, nord, est)| {
        (*sud..=*nord).contains(&p.latitude) && (*ouest..=*est).contains(&p.longitude)
    })
}

/// How far from the centre of its commune a lieu may stand before somebody should look: communes of
/// Guyane are as large as départements.
pub fn distance_plausible_m(commune: &CodeCommune) -> f64 {
    match commune.as_str().get(..3) {
        Some("973") => 200_000.0,
        Some("988") | Some("987") => 100_000.0,
        _ => 25_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_real_files() {
        for (lat, lon, attendu, regle) in [
            ("43.52609", "5.41423", Some((43.52609, 5.41423)), None),
            ("-21.209", "55.40355", Some((-21.209, 55.40355)), None),
            ("-22.27", "166.44", Some((-22.27, 166.44)), None),
            ("-17.53", "-149.56", Some((-17.53, -149.56)), None),
            ("47,218", "-1,553", Some((47.218, -1.553)), Some("position-virgule")),
            ("5.41423", "43.52609", Some((43.52609, 5.41423)), Some("position-inversee")),
            ("-1.553", "47.218", Some((47.218, -1.553)), Some("position-inversee")),
            ("0", "0.0", None, Some("position-zero")),
            ("48.85", "", None, Some("position-incomplete")),
            ("48.85", "abc", None, Some("position-illisible")),
            ("NaN", "2", None, Some("position-illisible")),
            ("40.7", "-74.0", Some((40.7, -74.0)), Some("position-hors-france")),
            ("4885", "2", None, Some("position-illisible")),
            ("", "", None, None),
        ] {
            let mut notes = Notes::default();
            let p = position(lat, lon, &mut notes);
            assert_eq!(p.map(|p| (p.latitude, p.longitude)), attendu, "{lat} {lon}");
            assert_eq!(notes.0.first().map(|n| n.regle.id), regle, "{lat} {lon}");
        }
    }

    #[test]
    fn lambert_93_falls_on_paris() {
        // EPSG:2154 of 48.8566 N, 2.3522 E.
        let mut notes = Notes::default();
        let p = position("6862035.26", "652469.02", &mut notes).unwrap();
        assert!(p.distance_m(Position::new(48.8566, 2.3522).unwrap()) < 2.0, "{p:?}");
        assert_eq!(notes.0[0].regle.id, "position-lambert93");
    }
}
