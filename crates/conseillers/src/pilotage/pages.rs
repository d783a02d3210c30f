//! The dashboard: figures first, then the map, the curve and the tables that say the same.

use annuaire::maillage::dessin::{self as cartes, Forme};
use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};
use platform::tableur::{Cellule, Format};
use platform::web::{
    Access, Exports, FormState, Formulaire, Liste, Lot, PageResult, Pagination, Requete, Routes, Shell, page,
    page_with, see_other_saying,
};

use super::chiffres::{self, Rubrique};
use super::lecture::{self, Atteint, Tableau};
use super::model::{Avancement, EtatId, Fige, LEGENDE, Ligne, classe};
use super::{actions, dessin};
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
        .export(BASE, VOIR, export)
        .get(&at("/chiffres"), VOIR, chiffres)
        .export(&at("/chiffres"), VOIR, export_chiffres)
        .get(&at("/etats"), VOIR, figes)
        .post(&at("/figer"), PILOTER, figer)
        .post(&at("/jalons/{cle}"), PILOTER, prevoir)
        .get(&at("/etats/{etat}"), VOIR, fige)
        .export(&at("/etats/{etat}"), VOIR, export_fige)
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
    exports: Exports,
}

fn nombre(n: i64) -> String {
    kernel::text::nombre(n)
}

/// The map of people in post for 100 000 inhabitants.
fn carte(a: &Avancement) -> String {
    cartes::departements("Conseillers en poste pour 100 000 habitants, par département", |code, _| {
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
                "candidats à la recherche d’un poste",
            ),
        ]
    }

    /// People in post on the day of a milestone; before it, on the day of the page.
    fn en_poste(&self, a: &Atteint) -> String {
        a.en_poste.map_or_else(|| "à venir".to_owned(), nombre)
    }

    /// The share of its aim that was reached on its own day; before it, on the day of the page.
    fn part(&self, a: &Atteint) -> String {
        let vus = a.en_poste.unwrap_or_else(|| self.t.avancement.total().occupes);
        if a.jalon.cible <= 0 {
            return "–".to_owned();
        }
        format!("{} %", vus * 100 / a.jalon.cible)
    }

    fn prevision(&self, p: &Option<i64>) -> String {
        p.map_or_else(|| "non indiquée".to_owned(), nombre)
    }

    fn courbe(&self) -> String {
        dessin::courbe(&self.t.courbe)
    }

    fn courbe_en_mots(&self) -> String {
        dessin::en_mots(&self.t.courbe)
    }

    fn carte(&self) -> String {
        carte(&self.t.avancement)
    }

    fn champ(&self, cle: &str) -> String {
        format!("prevision_{cle}")
    }
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
    let exports = Exports::new(BASE, &[("le".to_owned(), le.to_string())]);
    page_with(status, &PageTableau { shell, form, t, le, peut_piloter, exports })
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
    exports: Exports,
}

async fn fige(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (f, avancement) = lecture::fige(&c, shell.actor()?, EtatId(id)).await?;
    let exports = Exports::new(&format!("{BASE}/etats/{id}"), &[]);
    page(&PageFige { shell, f, avancement, exports })
}

#[derive(Template)]
#[template(path = "pilotage/pages/figes.html")]
struct PageFiges {
    shell: Shell,
    figes: Vec<Fige>,
    pagination: Pagination,
}

async fn figes(State(c): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    const PAR_PAGE: usize = 50;
    let (_, total) = lecture::figes(&c, shell.actor()?, (0, 0)).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, &format!("{BASE}/etats"), form.values());
    let place = (pagination.offset(PAR_PAGE), PAR_PAGE);
    let (figes, _) = lecture::figes(&c, shell.actor()?, place).await?;
    page(&PageFiges { shell, figes, pagination })
}

#[derive(Template)]
#[template(path = "pilotage/pages/chiffres.html")]
struct PageChiffres {
    shell: Shell,
    rubriques: Vec<Rubrique>,
    jour: NaiveDate,
    exports: Exports,
}

async fn chiffres(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    let rubriques = chiffres::chiffres(&c, shell.actor()?).await?;
    let exports = Exports::new(&format!("{BASE}/chiffres"), &[]);
    page(&PageChiffres { shell, rubriques, jour: c.jour(), exports })
}

const CHIFFRES: Liste = Liste { nom: "chiffres", titres: &["le", "rubrique", "etat", "nombre", "postes"] };

async fn export_chiffres(State(c): State<Conseillers>, shell: Shell, format: Format) -> PageResult {
    let actor = shell.actor()?;
    let le = c.jour();
    let mut lignes = Vec::new();
    for r in chiffres::chiffres(&c, actor).await? {
        for (etat, n, postes) in r.lignes {
            lignes.push(vec![le.into(), r.nom.into(), etat.into(), n.into(), postes.into()]);
        }
    }
    tout(&c, actor, (CHIFFRES, format), lignes).await
}

/// Sends a list that is short enough to be in memory: one batch.
async fn tout(
    c: &Conseillers,
    actor: &Actor,
    (liste, format): (Liste, Format),
    lignes: Vec<Vec<Cellule>>,
) -> PageResult {
    liste
        .envoyer(&c.site, actor, (format, &[]), move |_: Option<()>| {
            let lignes = lignes.clone();
            async move { Ok(Lot { lignes, apres: None }) }
        })
        .await
}

const AVANCEMENT: Liste = Liste {
    nom: "avancement",
    titres: &[
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
    ],
};

async fn export(
    State(c): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    actor.may(Verb::VoirPilotage)?;
    let a = lecture::avancement(&c, &actor.perimetre, jour(&c, &form)).await?;
    tout(&c, actor, (AVANCEMENT, format), lignes(&a)).await
}

async fn export_fige(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    format: Format,
) -> PageResult {
    let (_, a) = lecture::fige(&c, shell.actor()?, EtatId(id)).await?;
    tout(&c, shell.actor()?, (AVANCEMENT, format), lignes(&a)).await
}

fn lignes(a: &Avancement) -> Vec<Vec<Cellule>> {
    let nombre = |n: u64| Cellule::Nombre(i64::try_from(n).unwrap_or(i64::MAX));
    let ligne = |l: &Ligne| {
        vec![
            a.le.into(),
            l.departement.as_str().into(),
            l.nom.as_str().into(),
            nombre(l.habitants),
            l.postes.ouverts.into(),
            l.postes.occupes.into(),
            l.postes.vacants().into(),
            l.postes.rendus.into(),
            nombre(l.candidats),
            l.pour_100_000().map(|n| format!("{n:.2}").replace('.', ",")).into(),
        ]
    };
    a.lignes.iter().map(ligne).collect()
}
