//! `/statistiques-mandats`: what Aidants Connect did, for everybody; and for a référent, their organisation.

use annuaire::maillage::dessin::{self, Forme};
use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use kernel::Verb;
use platform::web::{Access, PageResult, Routes, Shell, page};

use super::model::{Chiffres, Ligne, Publiee, Publies};
use super::store;
use crate::aidants::agissant;
use crate::{Mandats, legal};

const BASE: &str = "/statistiques-mandats";

pub(super) fn routes(mandats: &Mandats) -> Routes<()> {
    Routes::new()
        .get(BASE, Access::Public, publique)
        .get("/referent/statistiques", Access::May(Verb::GererAidants), organisation)
        .with_state(mandats.clone())
}

/// A category, with the length of its bar.
struct Barre {
    titre: String,
    n: Publiee,
    part: f64,
}

impl Barre {
    /// The bar, in SVG: the number stands beside it in words.
    fn dessin(&self) -> String {
        format!(
            "<svg class=\"m-barre\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">\
             <rect class=\"m-barre__fond\" width=\"100\" height=\"8\"/><rect width=\"{:.1}\" height=\"8\"/></svg>",
            self.part
        )
    }
}

/// Categories of the catalogue, those that are used most first; ones of an older catalogue under their key.
fn barres(
    m: &Mandats,
    n: impl Fn(&str) -> Option<Publiee>,
    autres: impl Iterator<Item = String>,
) -> Vec<Barre> {
    let connues =
        legal::en_vigueur(legal::Genre::Demarches, m.jour()).map(legal::catalogue).unwrap_or_default();
    let mut barres: Vec<Barre> = connues
        .iter()
        .map(|d| Barre { titre: d.titre.clone(), n: n(&d.cle).unwrap_or(Some(0)), part: 0.0 })
        .collect();
    for cle in autres.filter(|cle| connues.iter().all(|d| d.cle != *cle)) {
        barres.push(Barre { n: n(&cle).unwrap_or(Some(0)), titre: cle, part: 0.0 });
    }
    let plus = barres.iter().filter_map(|b| b.n).max().unwrap_or(0).max(1);
    for b in &mut barres {
        // Lengths of bars: what a rounding of f64 loses is not seen.
        #[expect(clippy::cast_precision_loss, reason = "a drawing")]
        let part = b.n.unwrap_or(0) as f64 * 100.0 / plus as f64;
        b.part = part;
    }
    barres.sort_by_key(|b| std::cmp::Reverse(b.n.unwrap_or(0)));
    barres
}

fn nombre(n: &i64) -> String {
    kernel::text::nombre(*n)
}

/// A figure as read: a number, or that it is hidden.
fn publiee(n: &Publiee) -> String {
    n.map_or_else(|| "n. c.".to_owned(), kernel::text::nombre)
}

#[derive(Template)]
#[template(path = "statistiques/pages/publique.html")]
struct PagePublique {
    shell: Shell,
    publies: Option<Publies>,
    barres: Vec<Barre>,
    svg: String,
}

/// What the classes of the map mean: people of ten thousand inhabitants would be better, but small numbers of people are hidden.
const LEGENDE: [&str; 6] =
    ["moins de 10", "de 10 à 49", "de 50 à 99", "de 100 à 199", "de 200 à 399", "400 ou plus"];

fn classe(aidants: i64) -> usize {
    [10, 50, 100, 200, 400].iter().filter(|seuil| aidants >= **seuil).count()
}

fn carte(lignes: &[Ligne]) -> String {
    dessin::departements("Aidants habilités, par département", |code, _| {
        let l = lignes.iter().find(|l| l.code.as_deref() == Some(code))?;
        Some(Forme {
            classe: Some(classe(l.aidants)),
            texte: format!("{} : {}", l.nom, compte(l.aidants)),
            href: format!("#departement-{code}"),
        })
    })
}

fn compte(n: i64) -> String {
    kernel::text::compte(n.unsigned_abs(), "aidant habilité", "aidants habilités")
}

async fn publique(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let publies = super::lire(&m).await?;
    let (mut barres, mut svg) = (Vec::new(), String::new());
    if let Some(p) = &publies {
        barres = self::barres(&m, |cle| p.par_demarche.get(cle).copied(), p.par_demarche.keys().cloned());
        svg = carte(&p.departements);
    }
    let connecte = shell.actor().is_ok();
    let mut reponse = page(&PagePublique { shell, publies, barres, svg })?.into_response();
    if !connecte {
        reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    }
    Ok(reponse)
}

#[derive(Template)]
#[template(path = "statistiques/pages/organisation.html")]
struct PageOrganisation {
    shell: Shell,
    nom: String,
    c: Chiffres,
    barres: Vec<Barre>,
}

async fn organisation(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let agissant = agissant(&m, conn, shell.actor()?, Verb::GererAidants).await?;
    let structure = agissant.organisation.structure;
    let c = store::organisation(conn, structure, m.site.clock.now()).await?;
    let vue = annuaire::structures::find(conn, structure).await?;
    let barres = barres(&m, |cle| c.par_demarche.get(cle).map(|n| Some(*n)), c.par_demarche.keys().cloned());
    page(&PageOrganisation { shell, nom: vue.map(|v| v.nom).unwrap_or_default(), c, barres })
}
