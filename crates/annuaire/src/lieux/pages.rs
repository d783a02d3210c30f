//! Public pages of lieux: the search, its map, the sheet of one lieu, the open data.

mod carte;
pub(crate) mod cartes;
mod compte;
mod donnees;
mod fiche;
mod integrer;
mod liste;
mod orientation;
pub(crate) mod ou;
pub(crate) mod requete;

use platform::web::{Access, Routes};

use crate::Annuaire;

pub(crate) use liste::rayons;
pub(crate) use requete::criteres;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/lieux", Access::Public, liste::page_liste)
        .get("/lieux/carte.geojson", Access::Public, carte::geojson)
        .get("/lieux/compte", Access::Public, compte::compte)
        .get("/lieux/{id}", Access::Public, fiche::page_fiche)
        .get("/orientation", Access::Public, orientation::page_orientation)
        .post("/orientation/feuille", Access::Public, orientation::feuille::page_feuille)
        .get("/integrer", Access::Public, integrer::page_integrer)
        .get("/integrer/cadre", Access::Public, integrer::cadre)
        .get("/integrer/lieux.json", Access::Public, integrer::lieux)
        .get("/donnees", Access::Public, donnees::page_donnees)
        .get("/donnees/{fichier}", Access::Public, donnees::fichier)
        .with_state(annuaire)
}

/// Kilometres as people read them: « 350 m », « 3,2 km », « 34 km ».
pub(crate) fn distance(metres: f64) -> String {
    let nb = "\u{a0}";
    if metres < 950.0 {
        format!("{:.0}{nb}m", (metres / 50.0).round().max(1.0) * 50.0)
    } else if metres < 9_950.0 {
        let km = kernel::text::nombre_decimal(metres / 1000.0, 1);
        format!("{}{nb}km", km.strip_suffix(",0").unwrap_or(&km))
    } else {
        format!("{}{nb}km", kernel::text::nombre_decimal(metres / 1000.0, 0))
    }
}

/// A count with its noun: « aucun lieu », « 1 lieu », « 1 204 lieux ».
pub(crate) fn nombre_de_lieux(n: usize) -> String {
    match n {
        0 => "Aucun lieu".to_owned(),
        1 => "1 lieu".to_owned(),
        n => format!("{} lieux", kernel::text::nombre(i64::try_from(n).unwrap_or(i64::MAX))),
    }
}

/// An address that a producer gave, if a page may link to it: `https://…` or `http://…` with a host.
pub(crate) fn lien_sur(url: &str) -> Option<&str> {
    let u = url::Url::parse(url).ok()?;
    (matches!(u.scheme(), "http" | "https") && u.has_host()).then_some(url)
}

#[cfg(test)]
pub(crate) mod tests;
