//! The page of the monitor: figures, then charts with their tables beside them.

use annuaire::maillage::dessin::{self, Forme};
use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::{Perimetre, Refusal, Verb};
use platform::web::{Access, PageError, PageResult, Routes, Shell, page};

use super::model::{CLASSES, Delais, Part, Suivi, suivre};
use crate::Conseillers;
use crate::Failure;
use crate::dire::Mesure;
use crate::matching::relations::store;

const PILOTER: Access = Access::May(Verb::PiloterProgramme);
/// Where the room lives.
const BASE: &str = "/conseillers/equite-des-contacts";

pub(super) fn routes(c: Conseillers) -> Routes<()> {
    Routes::new()
        .get(BASE, PILOTER, montrer)
        .get(&format!("{BASE}/export.csv"), PILOTER, export)
        .with_state(c)
}

async fn suivi(c: &Conseillers, shell: &Shell) -> Result<Suivi, Failure> {
    // Figures of the whole country: whoever follows a part of it has the dashboard.
    if shell.actor().map_err(|_| Refusal::NotFound)?.perimetre != Perimetre::National {
        return Err(Refusal::NotFound.into());
    }
    let faits = store::toutes(c.site.db.read()).await?;
    let index = c.candidats.index(&c.site).await?;
    let jours = crate::reglages::lire(c.site.db.read()).await?.reponse_jours;
    Ok(suivre(index.tous(), &faits, (c.site.clock.now(), jours)))
}

/// A département of the table.
struct Ligne {
    nom: String,
    part: Part,
    delais: Delais,
}

#[derive(Template)]
#[template(path = "matching/suivi/page.html")]
struct Page {
    shell: Shell,
    s: Suivi,
    lignes: Vec<Ligne>,
    carte: String,
}

const BORNES: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 0.95];
const LEGENDE: [&str; 6] =
    ["moins de 20 %", "de 20 à 40 %", "de 40 à 60 %", "de 60 à 80 %", "de 80 à 95 %", "95 % ou plus"];

/// « 62,5 % ».
fn pourcent(part: Option<f64>) -> String {
    part.map_or_else(|| "–".to_owned(), |p| format!("{}\u{202f}%", (p * 100.0).dixiemes()))
}

/// A bar beside its figure.
fn barre(part: f64) -> String {
    format!(
        "<svg class=\"m-barre\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">\
         <rect class=\"m-barre__fond\" width=\"100\" height=\"8\"/><rect width=\"{:.1}\" height=\"8\"/></svg>",
        part.clamp(0.0, 1.0) * 100.0
    )
}

impl Page {
    fn jamais(&self, p: &Part) -> String {
        pourcent(p.part())
    }

    fn barre_de(&self, p: &Part) -> String {
        barre(p.part().unwrap_or(0.0))
    }

    /// Answers of each class: name, how many, their bar.
    fn reponses(&self) -> Vec<(&'static str, u32, String)> {
        let classes = self.s.delais.classes();
        let total: u32 = classes.iter().sum();
        CLASSES
            .iter()
            .zip(classes)
            .map(|((nom, _), n)| (*nom, n, barre(f64::from(n) / f64::from(total.max(1)))))
            .collect()
    }

    fn mediane(&self, d: &Delais) -> String {
        d.mediane().map_or_else(|| "–".to_owned(), |j| format!("{} j", j.dixiemes()))
    }

    fn contactes(&self) -> u32 {
        self.s.tous.candidats - self.s.tous.jamais
    }
}

fn lignes(c: &Conseillers, s: &Suivi) -> Vec<Ligne> {
    let t = c.annuaire.territoires();
    let nom = |code: &kernel::CodeDepartement| {
        t.departement(code).map_or(String::new(), |d| format!(" – {}", d.nom))
    };
    s.par_departement
        .iter()
        .map(|(code, (part, delais))| Ligne {
            nom: format!("{code}{}", nom(code)),
            part: *part,
            delais: delais.clone(),
        })
        .collect()
}

async fn montrer(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    let s = suivi(&c, &shell).await?;
    let carte = dessin::departements("Part des candidats jamais contactés, par département", |code, _| {
        let (code, (part, _)) = s.par_departement.iter().find(|(d, _)| d.as_str() == code)?;
        let p = part.part();
        Some(Forme {
            classe: p.map(|p| BORNES.iter().filter(|borne| p >= **borne).count()),
            texte: format!("{code} : {} jamais contactés", pourcent(p)),
            href: "#titre-departements".to_owned(),
        })
    });
    page(&Page { lignes: lignes(&c, &s), shell, s, carte })
}

/// Every table of the page as one file: what, for whom, how many.
async fn export(State(c): State<Conseillers>, shell: Shell) -> Result<Response, PageError> {
    let s = suivi(&c, &shell).await?;
    let mut out = platform::tableur::MARQUE.to_owned();
    let titres = [
        "groupe",
        "valeur",
        "candidats",
        "jamais_contactes",
        "contacts",
        "repondus",
        "mediane_jours",
        "sans_reponse",
    ];
    out.push_str(&platform::tableur::ligne(&titres));
    let mut ecrire = |groupe: &str, valeur: &str, part: Part, delais: Option<&Delais>| {
        let de = |lire: &dyn Fn(&Delais) -> String| delais.map(lire).unwrap_or_default();
        out.push_str(&platform::tableur::ligne(&[
            groupe.to_owned(),
            valeur.to_owned(),
            part.candidats.to_string(),
            part.jamais.to_string(),
            de(&|d| d.contacts.to_string()),
            de(&|d| d.repondus().to_string()),
            de(&|d| d.mediane().map(|j| j.dixiemes()).unwrap_or_default()),
            de(&|d| d.sans_reponse.to_string()),
        ]));
    };
    ecrire("ensemble", "", s.tous, Some(&s.delais));
    for l in lignes(&c, &s) {
        ecrire("departement", &l.nom, l.part, Some(&l.delais));
    }
    for (rayon, part) in &s.par_rayon {
        ecrire("distance", rayon, *part, None);
    }
    for (anciennete, part) in &s.par_anciennete {
        ecrire("anciennete", anciennete, *part, None);
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"equite-des-contacts.csv\""),
    ];
    Ok((headers, out).into_response())
}
