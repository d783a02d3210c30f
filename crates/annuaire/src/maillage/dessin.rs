//! Drawings in SVG, made by the server: they need no script, print, and zoom.
//!
//! The outlines come from `assets/dist/data/departements-svg.json`; the same file gives the projection of each inset
//! (conical conformal, or its limit near the equator), so that points fall where they should.

use std::fmt::Write;
use std::sync::OnceLock;

use kernel::Position;

const SOURCE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/dist/data/departements-svg.json"));

#[derive(serde::Deserialize)]
struct Fichier {
    #[serde(rename = "viewBox")]
    view_box: String,
    encarts: Vec<Encart>,
    departements: Vec<Contour>,
}

#[derive(serde::Deserialize)]
struct Encart {
    titre: String,
    cadre: Option<Cadre>,
    n: f64,
    f: f64,
    rho0: f64,
    lon0: f64,
    k: f64,
    tx: f64,
    ty: f64,
    departements: Vec<String>,
}

#[derive(serde::Deserialize)]
struct Cadre {
    x: f64,
    y: f64,
    largeur: f64,
    hauteur: f64,
}

#[derive(serde::Deserialize)]
struct Contour {
    code: String,
    region: String,
    d: String,
    encart: Option<ContourEncart>,
}

#[derive(serde::Deserialize)]
struct ContourEncart {
    d: String,
}

impl Encart {
    /// Where a position falls, in units of the drawing.
    fn projette(&self, p: Position) -> (f64, f64) {
        let rho = self.f / (std::f64::consts::FRAC_PI_4 + p.latitude.to_radians() / 2.0).tan().powf(self.n);
        // Wallis and Futuna lie by the date line: the difference of longitudes is brought back to half a turn.
        let turn = std::f64::consts::TAU;
        let lon = p.longitude.to_radians() - self.lon0;
        let angle = self.n * (lon - turn * (lon / turn).round());
        (self.k * rho * angle.sin() + self.tx, self.k * (rho * angle.cos() - self.rho0) + self.ty)
    }
}

fn fichier() -> Option<&'static Fichier> {
    static LU: OnceLock<Option<Fichier>> = OnceLock::new();
    LU.get_or_init(|| {
        serde_json::from_str(SOURCE)
            .inspect_err(|error| tracing::error!(%error, "the outlines of départements cannot be read"))
            .ok()
    })
    .as_ref()
}

/// A shape of the map: what it shows and where it leads.
pub struct Forme {
    /// Class of the map, 0 to 5; none when nothing is known.
    pub classe: Option<usize>,
    /// What it says: « Ain : 87,3 % ».
    pub texte: String,
    /// Address of its page.
    pub href: String,
}

fn classe(classe: Option<usize>) -> String {
    classe.map_or("m-c-vide".to_owned(), |c| format!("m-c{c}"))
}

fn echappe(texte: &str) -> String {
    texte.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The map of the départements; `forme` gives what is shown of the département of that code and région.
pub fn departements(titre: &str, mut forme: impl FnMut(&str, &str) -> Option<Forme>) -> String {
    let Some(fichier) = fichier() else { return String::new() };
    let mut out = String::with_capacity(60_000);
    let _ = write!(
        out,
        "<svg class=\"m-dessin\" viewBox=\"{}\" role=\"group\" aria-label=\"{}\">",
        echappe(&fichier.view_box),
        echappe(titre)
    );
    for encart in &fichier.encarts {
        if let Some(c) = &encart.cadre {
            let _ = write!(
                out,
                "<rect class=\"m-cadre\" x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\"/><text x=\"{:.0}\" y=\"{:.0}\" aria-hidden=\"true\">{}</text>",
                c.x,
                c.y,
                c.largeur,
                c.hauteur,
                c.x + 14.0,
                c.y + 38.0,
                echappe(&encart.titre)
            );
        }
    }
    for contour in &fichier.departements {
        let Some(f) = forme(&contour.code, &contour.region) else {
            let _ = write!(out, "<path class=\"m-fond\" d=\"{}\"/>", contour.d);
            continue;
        };
        let texte = echappe(&f.texte);
        let _ = write!(
            out,
            "<a href=\"{}\" aria-label=\"{texte}\"><path class=\"{}\" d=\"{}\"><title>{texte}</title></path></a>",
            echappe(&f.href),
            classe(f.classe),
            contour.d
        );
        if let Some(encart) = &contour.encart {
            // The same département again, larger: one link is enough for the keyboard.
            let _ = write!(
                out,
                "<a href=\"{}\" tabindex=\"-1\" aria-hidden=\"true\"><path class=\"{}\" d=\"{}\"><title>{texte}</title></path></a>",
                echappe(&f.href),
                classe(f.classe),
                encart.d
            );
        }
    }
    out.push_str("</svg>");
    out
}

/// A point of the map of communes.
pub(crate) struct Point {
    pub(crate) position: Position,
    pub classe: Option<usize>,
    /// Inhabitants: the area of the point follows them.
    pub(crate) population: u32,
    pub texte: String,
}

/// Room around the points: the outline of a département goes beyond its chefs-lieux.
const MARGE: f64 = 110.0;

/// Beyond that many points, they no longer bear their text: the table has it.
const POINTS_NOMMES: usize = 1_500;

/// The points of a territory, framed as closely as they stand, over the outlines of its départements. `None` when its
/// first département has no inset, or when there is no point.
pub(crate) fn points(titre: &str, departements: &[&str], points: &[Point]) -> Option<String> {
    let fichier = fichier()?;
    let premier = departements.first()?;
    let encart = fichier.encarts.iter().find(|e| e.departements.iter().any(|d| d == premier))?;
    let places: Vec<(f64, f64)> = points.iter().map(|p| encart.projette(p.position)).collect();
    let (x0, x1) = bornes(places.iter().map(|p| p.0))?;
    let (y0, y1) = bornes(places.iter().map(|p| p.1))?;
    // The frame is enlarged to a drawing of 1 000 units, whatever the size of the territory.
    let width = (x1 - x0).max(y1 - y0).max(1e-6);
    let scale = (1000.0 - 2.0 * MARGE) / width;
    let place = |(x, y): (f64, f64)| (MARGE + (x - x0) * scale, MARGE + (y - y0) * scale);
    let height = 2.0 * MARGE + (y1 - y0) * scale;
    let largest = f64::from(points.iter().map(|p| p.population).max().unwrap_or(1).max(1));
    let mut out = String::with_capacity(points.len() * 130 + 10_000);
    let _ = write!(
        out,
        "<svg class=\"m-dessin m-dessin--points\" viewBox=\"0 0 1000 {height:.0}\" role=\"img\" aria-label=\"{}\">",
        echappe(titre)
    );
    let _ = write!(
        out,
        "<g transform=\"translate({:.2} {:.2}) scale({scale:.4})\">",
        MARGE - x0 * scale,
        MARGE - y0 * scale
    );
    for contour in fichier.departements.iter().filter(|c| departements.contains(&c.code.as_str())) {
        let _ = write!(out, "<path class=\"m-fond\" d=\"{}\"/>", contour.d);
    }
    out.push_str("</g>");
    let least = if points.len() > POINTS_NOMMES { 2.5 } else { 5.0 };
    // Small communes over large ones, or they would be hidden.
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(points[*i].population));
    for i in order {
        let (x, y) = place(places[i]);
        let radius = least + 22.0 * (f64::from(points[i].population) / largest).sqrt();
        let _ = write!(
            out,
            "<circle class=\"{}\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"{radius:.1}\"",
            classe(points[i].classe)
        );
        if points.len() > POINTS_NOMMES {
            out.push_str("/>");
        } else {
            let _ = write!(out, "><title>{}</title></circle>", echappe(&points[i].texte));
        }
    }
    out.push_str("</svg>");
    Some(out)
}

fn bornes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |seen, v| match seen {
        None => Some((v, v)),
        Some((least, most)) => Some((least.min(v), most.max(v))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_departement_is_drawn_and_linked() {
        let mut seen = 0;
        let svg = departements("Carte \"d’essai\"", |code, _| {
            seen += 1;
            Some(Forme {
                classe: Some(seen % 6),
                texte: format!("{code} <1>"),
                href: format!("/couverture/departement/{code}"),
            })
        });
        assert!(seen >= 107, "{seen}");
        assert!(svg.contains("aria-label=\"Carte &quot;d’essai&quot;\"") && svg.contains("01 &lt;1&gt;"));
        assert_eq!(
            svg.matches("href=\"/couverture/departement/75\"").count(),
            2,
            "Paris also stands in its inset"
        );
    }

    #[test]
    fn points_fall_in_their_frame() {
        let at = |lat, lon| Point {
            position: Position::new(lat, lon).unwrap(),
            classe: Some(1),
            population: 10,
            texte: String::new(),
        };
        for (departement, ps) in [
            ("01", vec![at(46.2, 5.2), at(45.9, 5.4)]),
            ("974", vec![at(-20.9, 55.4), at(-21.3, 55.6)]),
            ("986", vec![at(-13.28, -176.17), at(-14.29, -178.16)]),
            ("988", vec![at(-22.2, 166.4)]),
        ] {
            let svg = points("t", &[departement], &ps).unwrap();
            assert_eq!(svg.matches("<circle").count(), ps.len(), "{departement}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{departement}");
        }
        // North is up: Bourg stands above Belley.
        let fichier = fichier().unwrap();
        let metropole = &fichier.encarts[0];
        let y = |lat, lon| metropole.projette(Position::new(lat, lon).unwrap()).1;
        assert!(y(46.2, 5.2) < y(45.76, 5.69));
        assert!(points("t", &["984"], &[at(-49.0, 70.0)]).is_none());
    }
}
