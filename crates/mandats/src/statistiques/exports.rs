//! For the staff: the counters of the programme, and its two lists to take away: every aidant with what they did, every
//! organisation habilitée.

use std::collections::BTreeMap;

use annuaire::structures::{Conditions, StructureVue};
use annuaire::territoires::Departement;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{Perimetre, Verb};
use platform::db::kit;
use platform::tableur::{Cellule, Format};
use platform::web::{Access, Exports, LOT, Liste, Lot, PageError, PageResult, Routes, Shell, page};
use sea_orm::{DbErr, FromQueryResult};
use uuid::Uuid;

mod aidants;

use super::model::Chiffres;
use super::store;
use crate::Mandats;

const VOIR: Access = Access::May(Verb::InstruireHabilitations);
const BASE: &str = "/gestion/aidants-connect";
const AIDANTS: &str = "/gestion/aidants-connect/aidants";
const ORGANISATIONS: &str = "/gestion/aidants-connect/organisations";

pub(super) fn routes(mandats: &Mandats) -> Routes<()> {
    Routes::new()
        .get(BASE, VOIR, compteurs)
        .export(AIDANTS, VOIR, aidants::aidants)
        .export(ORGANISATIONS, VOIR, organisations)
        .with_state(mandats.clone())
}

#[derive(Template)]
#[template(path = "statistiques/pages/compteurs.html")]
struct PageCompteurs {
    shell: Shell,
    le: Option<DateTime<Utc>>,
    /// Name of the territory, and its figures: nothing is hidden from who habilitates.
    lignes: Vec<(String, Chiffres)>,
    aidants: Exports,
    organisations: Exports,
}

fn nombre(n: &i64) -> String {
    kernel::text::nombre(*n)
}

/// Territories whose figures a scope shows: the country only to who sees all of it.
fn montre(perimetre: &Perimetre, region: Option<&str>, departement: Option<&str>) -> bool {
    match perimetre {
        Perimetre::National => true,
        Perimetre::Regions(codes) => region.is_some_and(|r| codes.iter().any(|c| c.to_string() == r)),
        Perimetre::Departements(codes) => {
            departement.is_some_and(|d| codes.iter().any(|c| c.to_string() == d))
        }
        _ => false,
    }
}

async fn compteurs(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let lus = store::lire(m.site.db.read()).await?;
    let (le, mut par) = lus.map_or((None, BTreeMap::new()), |(le, par)| (Some(le), par));
    let mut lignes = Vec::new();
    if montre(&perimetre, None, None) {
        lignes.push(("France".to_owned(), par.remove("pays").unwrap_or_default()));
    }
    let territoires = m.annuaire.territoires();
    let mut regions: Vec<_> = territoires
        .regions()
        .iter()
        .filter(|r| montre(&perimetre, Some(&r.code.to_string()), None))
        .collect();
    regions.sort_by_key(|r| kernel::text::fold(&r.nom));
    for r in regions {
        if let Some(c) = par.remove(&format!("region:{}", r.code)) {
            lignes.push((format!("Région {}", r.nom), c));
        }
    }
    let ici = |d: &&Departement| montre(&perimetre, Some(&d.region.to_string()), Some(&d.code.to_string()));
    for d in territoires.departements().iter().filter(ici) {
        if let Some(c) = par.remove(&format!("departement:{}", d.code)) {
            lignes.push((format!("{} – {}", d.code, d.nom), c));
        }
    }
    page(&PageCompteurs {
        shell,
        le,
        lignes,
        aidants: Exports::new(AIDANTS, &[]),
        organisations: Exports::new(ORGANISATIONS, &[]),
    })
}

async fn vues(
    m: &Mandats,
    ids: impl Iterator<Item = Uuid>,
) -> Result<std::collections::HashMap<StructureId, StructureVue>, DbErr> {
    annuaire::structures::trouver(m.site.db.read(), ids.map(StructureId)).await
}

const LISTE_ORGANISATIONS: Liste = Liste {
    nom: "organisations-habilitees",
    titres: &[
        "numero",
        "identifiant",
        "organisation",
        "pivot",
        "adresse",
        "commune",
        "code_insee",
        "departement",
        "region",
        "france_services",
        "demarches",
        "habilitee_le",
        "desactivee_le",
        "aidants",
        "referents",
        "mandats",
        "demarches_faites",
    ],
};

#[derive(FromQueryResult)]
struct Organisation {
    structure_id: Uuid,
    numero: i64,
    departement: String,
    region: String,
    demarches: String,
    france_services: bool,
    habilitee_le: NaiveDate,
    desactivee_le: Option<NaiveDate>,
    aidants: i64,
    referents: i64,
    mandats: i64,
    usages: i64,
}

const SQL_ORGANISATIONS: &str = "SELECT o.structure_id, o.numero, o.departement, o.region, o.demarches, o.france_services, \
    o.habilitee_le, o.desactivee_le, \
    (SELECT COUNT(*) FROM aidant_appartenance p WHERE p.structure_id = o.structure_id AND p.fin IS NULL AND p.fait_mandats) AS aidants, \
    (SELECT COUNT(*) FROM aidant_appartenance p WHERE p.structure_id = o.structure_id AND p.fin IS NULL AND p.referent) AS referents, \
    (SELECT COUNT(*) FROM mandat m WHERE m.structure_id = o.structure_id) AS mandats, \
    (SELECT COUNT(*) FROM mandat_usage u WHERE u.structure_id = o.structure_id AND u.lu_le IS NOT NULL) AS usages \
    FROM organisation_habilitee o";

async fn organisations(
    State(m): State<Mandats>,
    shell: Shell,
    format: Format,
) -> Result<Response, PageError> {
    let (site, actor) = (m.site.clone(), shell.actor()?.clone());
    let perimetre = actor.perimetre.clone();
    LISTE_ORGANISATIONS
        .envoyer(&site, &actor, (format, &[]), move |apres: Option<i64>| {
            let (m, perimetre) = (m.clone(), perimetre.clone());
            async move {
                let mut c = Conditions::default();
                let apres = c.place(apres.unwrap_or(i64::MIN));
                c.et(format!("o.numero > {apres}"));
                c.dans(&perimetre, "o", "structure_id");
                let limite = c.place(i64::try_from(LOT).unwrap_or(500));
                let sql = format!("{SQL_ORGANISATIONS}{} ORDER BY o.numero LIMIT {limite}", c.clause());
                let rows: Vec<Organisation> =
                    kit::query_as(m.site.db.read(), &sql, c.values().to_vec()).await?;
                let vues = vues(&m, rows.iter().map(|r| r.structure_id)).await?;
                let ligne = |r: &Organisation| ligne_organisation(r, vues.get(&StructureId(r.structure_id)));
                Ok(Lot::de(&rows, LOT, ligne, |r| r.numero))
            }
        })
        .await
}

fn ligne_organisation(r: &Organisation, vue: Option<&StructureVue>) -> Vec<Cellule> {
    vec![
        r.numero.into(),
        r.structure_id.to_string().into(),
        vue.map(|v| v.nom.clone()).into(),
        vue.and_then(|v| v.pivot.as_ref().map(ToString::to_string)).into(),
        vue.map(|v| v.adresse.clone()).into(),
        vue.map(|v| v.commune.nom.clone()).into(),
        vue.map(|v| v.commune.code.to_string()).into(),
        r.departement.clone().into(),
        r.region.clone().into(),
        r.france_services.into(),
        r.demarches.clone().into(),
        r.habilitee_le.into(),
        r.desactivee_le.into(),
        r.aidants.into(),
        r.referents.into(),
        r.mandats.into(),
        r.usages.into(),
    ]
}
