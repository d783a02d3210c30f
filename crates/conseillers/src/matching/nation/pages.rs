//! Pages of the national assignment: those that were worked out, one of them, its file.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};
use platform::jobs::{self, JobRow};
use platform::journal::{self, Entry};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Pagination, Requete, Routes, Shell, page,
    page_with, see_other, see_other_saying,
};
use sea_orm::ConnectionTrait;

use super::Affecter;
use super::model::{Affectation, Bilan, Ligne, Nationale, Parametres, moyenne};
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::{CalculId, Etat};
use crate::calculs::store;
use crate::dire::{EnLettres, Mesure};

const GERER: Access = Access::May(Verb::GererCandidats);
/// Where the room lives.
const BASE: &str = "/conseillers/affectation-nationale";
const PAR_PAGE: usize = 50;

pub(super) fn routes(c: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, GERER, liste)
        .post(BASE, GERER, creer)
        .get(&at("/{affectation}"), GERER, fiche)
        .get(&at("/{affectation}/export.csv"), GERER, export)
        .post(&at("/{affectation}/effacer"), GERER, effacer)
        .with_state(c)
}

/// The assignment of an address, for who manages the candidats of the country.
async fn ouvrir(conn: &impl ConnectionTrait, actor: &Actor, id: CalculId) -> Result<Nationale, Failure> {
    let s = store::get::<Affectation>(conn, id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::GererCandidats, &s.cible())?;
    Ok(s)
}

#[derive(Template)]
#[template(path = "matching/nation/pages/liste.html")]
struct PageListe {
    shell: Shell,
    form: FormState,
    calculs: Vec<Nationale>,
}

async fn montrer(c: &Conseillers, shell: Shell, form: FormState, status: StatusCode) -> PageResult {
    let p = shell.actor()?.perimetre.clone();
    let calculs = store::lister::<Affectation>(c.site.db.read(), &p).await?;
    page_with(status, &PageListe { shell, form, calculs })
}

async fn liste(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    montrer(&c, shell, FormState::default(), StatusCode::OK).await
}

async fn creer(State(c): State<Conseillers>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    let debut = form.parse_opt("debut", |v| v.parse::<NaiveDate>().map_err(|_| "Choisissez une date."));
    let Some(debut) = debut else {
        return montrer(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let id = demander(&c, shell.actor()?, debut).await?;
    Ok(see_other(&format!("{BASE}/{id}")))
}

/// Writes the assignment with its job; those whose time is over go.
async fn demander(c: &Conseillers, actor: &Actor, debut: Option<NaiveDate>) -> Result<CalculId, Failure> {
    let site = &c.site;
    site.db
        .write(async |tx| {
            let id = CalculId::new(&site.clock, &site.chance);
            let now = site.clock.now();
            let s = Nationale {
                id,
                nom: format!("Affectation du {}", c.jour().en_lettres()),
                region: None,
                seance: None,
                parametres: Parametres { debut },
                etat: Etat::EnCalcul,
                tache: Some(jobs::enqueue(site, tx, &Affecter { affectation: id }).await?),
                cree_le: now,
            };
            actor.may_on(Verb::GererCandidats, &s.cible())?;
            store::inserer(tx, &s, actor.compte).await?;
            journal::write(site, tx, Entry::by(actor, "affectation.calculer", "affectation", id)).await?;
            Ok::<_, Failure>(id)
        })
        .await
}

async fn effacer(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let actor = shell.actor()?;
    let id = CalculId(id);
    c.site
        .db
        .write(async |tx| {
            let s = ouvrir(tx, actor, id).await?;
            store::effacer(tx, s.id).await?;
            journal::write(&c.site, tx, Entry::by(actor, "affectation.effacer", "affectation", id)).await?;
            Ok::<_, Failure>(())
        })
        .await?;
    Ok(see_other_saying(BASE, "L’affectation est effacée."))
}

#[derive(Template)]
#[template(path = "matching/nation/pages/fiche.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    s: Nationale,
    tache: Option<JobRow>,
    lignes: Vec<Ligne>,
    pagination: Pagination,
    departements: Vec<(String, String)>,
    export: String,
}

impl PageFiche {
    fn choix(&self) -> [(&'static str, &'static str); 3] {
        [("", "Tous les postes"), ("oui", "Postes pourvus"), ("non", "Postes qui restent vacants")]
    }

    fn moyenne(&self, b: &Bilan) -> String {
        moyenne(b.km, b.pourvus)
    }
}

fn garde(form: &FormState, l: &Ligne) -> bool {
    let departement = form.get("departement");
    (departement.is_empty() || l.departement.as_str() == departement)
        && match form.get("choix") {
            "oui" => l.personne.is_some(),
            "non" => l.personne.is_none(),
            _ => true,
        }
}

async fn fiche(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let conn = c.site.db.read();
    let s = ouvrir(conn, shell.actor()?, CalculId(id)).await?;
    let tache = match s.tache.filter(|_| s.en_calcul()) {
        Some(tache) => JobRow::find(conn, tache).await?,
        None => None,
    };
    let gardees: Vec<Ligne> =
        store::lignes::<Affectation>(conn, s.id).await?.into_iter().filter(|l| garde(&form, l)).collect();
    let chemin = format!("{BASE}/{}", s.id);
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(gardees.len(), PAR_PAGE, asked, &chemin, form.values()).anchored("#lignes");
    let lignes = gardees.into_iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE).collect();
    let export = pagination.href(1).replacen(&chemin, &format!("{chemin}/export.csv"), 1);
    let avec_postes = s.bilan().into_iter().flat_map(|b| &b.departements);
    let departements = std::iter::once((String::new(), "Tous".to_owned()))
        .chain(avec_postes.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom))))
        .collect();
    page(&PageFiche { shell, form, s, tache, lignes, pagination, departements, export })
}

const TITRES: [&str; 9] = [
    "poste",
    "structure",
    "commune",
    "departement",
    "candidat",
    "commune_du_candidat",
    "departement_du_candidat",
    "km",
    "explication",
];

async fn export(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let conn = c.site.db.read();
    let s = ouvrir(conn, shell.actor()?, CalculId(id)).await?;
    let mut out = platform::tableur::MARQUE.to_owned();
    out.push_str(&platform::tableur::ligne(&TITRES));
    for l in store::lignes::<Affectation>(conn, s.id).await?.iter().filter(|l| garde(&form, l)) {
        let p = l.personne.as_ref();
        let texte = |lire: &dyn Fn(&super::model::Personne) -> String| p.map(lire).unwrap_or_default();
        out.push_str(&platform::tableur::ligne(&[
            l.reference.clone(),
            l.structure.clone(),
            l.commune.clone(),
            l.departement.to_string(),
            texte(&|p| p.reference.clone()),
            texte(&|p| p.commune.0.clone()),
            texte(&|p| p.commune.1.to_string()),
            texte(&|p| format!("{:.3}", p.km).replace('.', ",")),
            l.explication(),
        ]));
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"affectation.csv\""),
    ];
    Ok((headers, out).into_response())
}
