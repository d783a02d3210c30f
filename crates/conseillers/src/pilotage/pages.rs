//! The dashboard: figures first, then the map, the curve and the tables that say the same.

use std::fmt::Write;

use annuaire::maillage::dessin::{self, Forme};
use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use kernel::{Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Requete, Routes, Shell, page, page_with,
    see_other_saying,
};

use super::actions;
use super::lecture::{self, Tableau};
use super::model::{Avancement, EtatId, Fige, LEGENDE, Ligne, Mois, classe};
use crate::Conseillers;
use crate::Failure;

const VOIR: Access = Access::May(Verb::VoirPilotage);
const PILOTER: Access = Access::May(Verb::PiloterProgramme);

/// Where the room lives.
const BASE: &str = "/conseillers/tableau-de-bord";

pub(super) fn routes(conseillers: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, VOIR, tableau)
        .get(&at("/export.csv"), VOIR, export)
        .post(&at("/figer"), PILOTER, figer)
        .post(&at("/jalons/{cle}"), PILOTER, prevoir)
        .get(&at("/etats/{etat}"), VOIR, fige)
        .get(&at("/etats/{etat}/export.csv"), VOIR, export_fige)
        .with_state(conseillers)
}

#[derive(Template)]
#[template(path = "pilotage/pages/tableau.html")]
struct PageTableau {
    shell: Shell,
    form: FormState,
    t: Tableau,
    le: NaiveDate,
    peut_piloter: bool,
}

fn nombre(n: i64) -> String {
    kernel::text::nombre(n)
}

/// The map of people in post for 100 000 inhabitants.
fn carte(a: &Avancement) -> String {
    dessin::departements("Conseillers en poste pour 100 000 habitants, par département", |code, _| {
        let l = a.lignes.iter().find(|l| l.departement.as_str() == code)?;
        let taux = l.pour_100_000();
        Some(Forme {
            classe: taux.map(classe),
            texte: format!("{} : {} pour 100 000 habitants", l.nom, l.taux()),
            href: format!("#departement-{code}"),
        })
    })
}

impl PageTableau {
    fn chiffres(&self) -> Vec<(String, &'static str)> {
        let b = self.t.avancement.total();
        vec![
            (nombre(b.occupes), "personnes en poste"),
            (nombre(b.vacants()), "postes vacants"),
            (nombre(b.ouverts), "postes accordés et non rendus"),
            (nombre(b.rendus), "postes rendus"),
            (
                nombre(i64::try_from(self.t.avancement.candidats()).unwrap_or(i64::MAX)),
                "candidats à la recherche d’un poste aujourd’hui",
            ),
        ]
    }

    /// People in post on the day of the page, against each milestone.
    fn part(&self, cible: &i64) -> String {
        if *cible <= 0 {
            return "–".to_owned();
        }
        format!("{} %", self.t.avancement.total().occupes * 100 / cible)
    }

    fn prevision(&self, p: &Option<i64>) -> String {
        p.map_or_else(|| "non indiquée".to_owned(), nombre)
    }

    fn courbe(&self) -> String {
        courbe(&self.t.courbe)
    }

    fn carte(&self) -> String {
        carte(&self.t.avancement)
    }

    fn champ(&self, cle: &str) -> String {
        format!("prevision_{cle}")
    }
}

/// The curve: what came, and what the milestones ask for. The table beside it says the same.
fn courbe(mois: &[Mois]) -> String {
    const LARGEUR: f64 = 800.0;
    const HAUTEUR: f64 = 300.0;
    #[expect(clippy::cast_precision_loss, reason = "counts of people and of months are small")]
    let flottant = |n: i64| n as f64;
    let haut = mois.iter().map(|m| m.en_poste.max(m.attendus.unwrap_or(0))).max().unwrap_or(0).max(1);
    let pas = LARGEUR / flottant(i64::try_from(mois.len()).unwrap_or(1).max(2) - 1);
    let trace = |valeur: &dyn Fn(&Mois) -> Option<i64>| {
        let mut points = String::new();
        for (n, m) in (0_i64..).zip(mois) {
            if let Some(v) = valeur(m) {
                let y = HAUTEUR - HAUTEUR * flottant(v) / flottant(haut);
                let _ = write!(points, "{:.1},{y:.1} ", flottant(n) * pas);
            }
        }
        points
    };
    let (vus, attendus) = (trace(&|m| Some(m.en_poste)), trace(&|m| m.attendus));
    format!(
        "<svg class=\"m-courbe\" viewBox=\"-10 -20 820 340\" role=\"img\" aria-label=\"Personnes en poste mois par mois, de 0 à {haut} ; le tableau suivant dit les mêmes valeurs\">\
         <path class=\"m-courbe__axe\" d=\"M0 0V300H800\"/><text x=\"6\" y=\"-4\">{}</text><text x=\"6\" y=\"295\">0</text>\
         <polyline class=\"m-courbe__attendu\" points=\"{attendus}\"/><polyline class=\"m-courbe__vu\" points=\"{vus}\"/></svg>",
        nombre(haut)
    )
}

/// The day that the address asks for; what makes no sense, or is to come, is today.
fn jour(c: &Conseillers, form: &FormState) -> NaiveDate {
    form.get("le").parse().ok().filter(|le| *le <= c.jour()).unwrap_or_else(|| c.jour())
}

async fn montrer(c: &Conseillers, shell: Shell, mut form: FormState, status: StatusCode) -> PageResult {
    let le = jour(c, &form);
    if form.error("le").is_none() {
        form.set("le", le.to_string());
    }
    let t = lecture::tableau(c, shell.actor()?, le).await?;
    let peut_piloter = shell.may(Verb::PiloterProgramme);
    page_with(status, &PageTableau { shell, form, t, le, peut_piloter })
}

async fn tableau(State(c): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    montrer(&c, shell, form, StatusCode::OK).await
}

async fn figer(State(c): State<Conseillers>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let le = form.parse("le", |v| v.parse::<NaiveDate>().map_err(|_| "Écrivez une date, comme 31/03/2021."));
    if let Some(le) = le {
        match actions::figer(&c, shell.actor()?, le).await {
            Ok(id) => {
                let phrase = "L’état est figé : il ne changera plus.";
                return Ok(see_other_saying(&format!("{BASE}/etats/{id}"), phrase));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn prevoir(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(cle): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let champ = format!("prevision_{cle}");
    let prevision = form.parse_opt(&champ, |v| {
        let lu = v.replace([' ', '\u{a0}', '\u{202f}'], "").parse::<i64>();
        lu.map_err(|_| "Écrivez un nombre de personnes, sans virgule.")
    });
    if let Some(prevision) = prevision {
        match actions::prevoir(&c, shell.actor()?, &cle, prevision).await {
            Ok(()) => return Ok(see_other_saying(BASE, "La prévision est enregistrée.")),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse(&champ, phrase),
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

#[derive(Template)]
#[template(path = "pilotage/pages/fige.html")]
struct PageFige {
    shell: Shell,
    f: Fige,
    avancement: Avancement,
}

async fn fige(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (f, avancement) = lecture::fige(&c, shell.actor()?, EtatId(id)).await?;
    page(&PageFige { shell, f, avancement })
}

async fn export(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let actor = shell.actor()?;
    actor.may(Verb::VoirPilotage)?;
    let a = lecture::avancement(&c, &actor.perimetre, jour(&c, &form)).await?;
    Ok(csv(&a))
}

async fn export_fige(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> Result<Response, PageError> {
    let (_, a) = lecture::fige(&c, shell.actor()?, EtatId(id)).await?;
    Ok(csv(&a))
}

/// At most a hundred and ten lines: no need to write it as it is read.
fn csv(a: &Avancement) -> Response {
    let titres = [
        "le",
        "departement",
        "nom",
        "habitants",
        "postes_accordes",
        "postes_occupes",
        "postes_vacants",
        "postes_rendus",
        "candidats",
        "occupes_pour_100000_habitants",
    ];
    let mut out = platform::tableur::MARQUE.to_owned();
    out.push_str(&platform::tableur::ligne(&titres));
    for l in &a.lignes {
        out.push_str(&platform::tableur::ligne(&cellules(a.le, l)));
    }
    let nom = format!("attachment; filename=\"avancement-{}.csv\"", a.le);
    ([(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, nom)], out).into_response()
}

fn cellules(le: NaiveDate, l: &Ligne) -> [String; 10] {
    [
        le.to_string(),
        l.departement.to_string(),
        l.nom.clone(),
        l.habitants.to_string(),
        l.postes.ouverts.to_string(),
        l.postes.occupes.to_string(),
        l.postes.vacants().to_string(),
        l.postes.rendus.to_string(),
        l.candidats.to_string(),
        l.pour_100_000().map(|n| format!("{n:.2}").replace('.', ",")).unwrap_or_default(),
    ]
}
