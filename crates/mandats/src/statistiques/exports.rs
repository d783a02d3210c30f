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

use super::model::Chiffres;
use super::store;
use crate::Mandats;
use crate::aidants::{EtatAidant, Fonction};

const VOIR: Access = Access::May(Verb::InstruireHabilitations);
const BASE: &str = "/gestion/aidants-connect";
const AIDANTS: &str = "/gestion/aidants-connect/aidants";
const ORGANISATIONS: &str = "/gestion/aidants-connect/organisations";

pub(super) fn routes(mandats: &Mandats) -> Routes<()> {
    Routes::new()
        .get(BASE, VOIR, compteurs)
        .export(AIDANTS, VOIR, aidants)
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

const LISTE_AIDANTS: Liste = Liste {
    nom: "aidants",
    titres: &[
        "identifiant",
        "prenom",
        "nom",
        "courriel",
        "telephone",
        "profession",
        "conseiller_numerique",
        "etat",
        "etat_depuis",
        "connu_depuis",
        "a_un_compte",
        "organisation_numero",
        "organisation",
        "organisation_pivot",
        "commune",
        "departement",
        "region",
        "france_services",
        "fonction",
        "du",
        "au",
        "mandats_faits",
        "dernier_mandat",
        "demarches_faites",
        "derniere_demarche",
        "personnes_aidees",
        "voie_de_formation",
        "forme_le",
        "pix_reussi_le",
        "pix_score",
        "conditions_acceptees",
        "organisation_genre",
        "adresse",
        "code_postal",
        "code_insee",
        "organisation_habilitee_le",
        "organisation_desactivee_le",
        "equipe",
    ],
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    prenom: String,
    nom: String,
    courriel: String,
    telephone: Option<String>,
    profession: String,
    conseiller_numerique: bool,
    etat: String,
    etat_le: DateTime<Utc>,
    cree_le: DateTime<Utc>,
    compte_id: Option<Uuid>,
    appartenance: Option<Uuid>,
    fait_mandats: Option<bool>,
    referent: Option<bool>,
    debut: Option<NaiveDate>,
    fin: Option<NaiveDate>,
    structure_id: Option<Uuid>,
    numero: Option<i64>,
    departement: Option<String>,
    region: Option<String>,
    france_services: Option<bool>,
    mandats: i64,
    dernier_mandat: Option<DateTime<Utc>>,
    demarches: i64,
    derniere_demarche: Option<DateTime<Utc>>,
    personnes: i64,
    voie: Option<String>,
    forme_le: Option<NaiveDate>,
    pix_le: Option<NaiveDate>,
    pix_score: Option<i64>,
    conditions_version: Option<i64>,
    habilitee_le: Option<NaiveDate>,
    desactivee_le: Option<NaiveDate>,
    equipe: Option<String>,
}

/// One line a membership, past ones too; who belongs nowhere has one line, that only the whole country shows.
const SQL_AIDANTS: &str = "SELECT a.id, a.prenom, a.nom, a.courriel, a.telephone, a.profession, a.conseiller_numerique, a.etat, \
    a.etat_le, a.cree_le, a.compte_id, p.id AS appartenance, p.fait_mandats, p.referent, p.debut, p.fin, o.structure_id, \
    o.numero, o.departement, o.region, o.france_services, \
    (SELECT COUNT(*) FROM mandat m WHERE m.appartenance_id = p.id) AS mandats, \
    (SELECT MAX(m.cree_le) FROM mandat m WHERE m.appartenance_id = p.id) AS dernier_mandat, \
    (SELECT COUNT(*) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS demarches, \
    (SELECT MAX(u.cree_le) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS derniere_demarche, \
    (SELECT COUNT(DISTINCT u.usager_id) FROM mandat_usage u WHERE u.aidant_id = a.id AND u.structure_id = p.structure_id AND u.lu_le IS NOT NULL) AS personnes, \
    f.voie, f.forme_le, f.pix_le, f.pix_score, a.conditions_version, o.habilitee_le, o.desactivee_le, \
    (SELECT e.nom FROM equipe_aidants e WHERE e.id = p.equipe_id AND e.supprimee_le IS NULL) AS equipe \
    FROM aidant a LEFT JOIN aidant_appartenance p ON p.aidant_id = a.id \
    LEFT JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
    LEFT JOIN aidant_parcours f ON f.aidant_id = a.id";

async fn vues(
    m: &Mandats,
    ids: impl Iterator<Item = Uuid>,
) -> Result<std::collections::HashMap<StructureId, StructureVue>, DbErr> {
    annuaire::structures::trouver(m.site.db.read(), ids.map(StructureId)).await
}

async fn aidants(State(m): State<Mandats>, shell: Shell, format: Format) -> Result<Response, PageError> {
    let (site, actor) = (m.site.clone(), shell.actor()?.clone());
    let perimetre = actor.perimetre.clone();
    LISTE_AIDANTS
        .envoyer(&site, &actor, (format, &[]), move |apres: Option<(Uuid, Uuid)>| {
            let (m, perimetre) = (m.clone(), perimetre.clone());
            async move {
                let (a, p) = apres.unwrap_or_default();
                let mut c = Conditions::default();
                let (a, p) = (c.place(a), c.place(p));
                c.et(format!("a.id >= {a} AND (a.id > {a} OR p.id > {p})"));
                c.dans(&perimetre, "o", "structure_id");
                let limite = c.place(i64::try_from(LOT).unwrap_or(500));
                let sql = format!("{SQL_AIDANTS}{} ORDER BY a.id, p.id LIMIT {limite}", c.clause());
                let rows: Vec<Row> = kit::query_as(m.site.db.read(), &sql, c.values().to_vec()).await?;
                let vues = vues(&m, rows.iter().filter_map(|r| r.structure_id)).await?;
                let vue = |r: &Row| r.structure_id.and_then(|id| vues.get(&StructureId(id)));
                Ok(Lot::de(&rows, LOT, |r| ligne(r, vue(r)), |r| (r.id, r.appartenance.unwrap_or_default())))
            }
        })
        .await
}

fn ligne(r: &Row, vue: Option<&StructureVue>) -> Vec<Cellule> {
    let jour = |le: &DateTime<Utc>| Cellule::Jour(kernel::calendrier::jour(le));
    let fonction = r.fait_mandats.zip(r.referent).and_then(|(m, r)| Fonction::de(m, r));
    vec![
        r.id.to_string().into(),
        r.prenom.clone().into(),
        r.nom.clone().into(),
        r.courriel.clone().into(),
        r.telephone.clone().into(),
        r.profession.clone().into(),
        r.conseiller_numerique.into(),
        EtatAidant::from_cle(&r.etat).map_or("", EtatAidant::cle).into(),
        jour(&r.etat_le),
        jour(&r.cree_le),
        r.compte_id.is_some().into(),
        r.numero.into(),
        vue.map(|v| v.nom.clone()).into(),
        vue.and_then(|v| v.pivot.as_ref().map(ToString::to_string)).into(),
        vue.map(|v| v.commune.nom.clone()).into(),
        r.departement.clone().into(),
        r.region.clone().into(),
        r.france_services.into(),
        fonction
            .map(|f| match f {
                Fonction::Aidant => "aidant",
                Fonction::Referent => "référent",
                Fonction::AidantReferent => "aidant et référent",
            })
            .into(),
        r.debut.into(),
        r.fin.into(),
        r.mandats.into(),
        r.dernier_mandat.as_ref().map(jour).into(),
        r.demarches.into(),
        r.derniere_demarche.as_ref().map(jour).into(),
        r.personnes.into(),
        r.voie.clone().into(),
        r.forme_le.into(),
        r.pix_le.into(),
        r.pix_score.into(),
        r.conditions_version.into(),
        vue.map(|v| v.genre.cle()).into(),
        vue.map(|v| v.adresse.clone()).into(),
        vue.and_then(|v| v.code_postal.as_ref().map(ToString::to_string)).into(),
        vue.map(|v| v.commune.code.to_string()).into(),
        r.habilitee_le.into(),
        r.desactivee_le.into(),
        r.equipe.clone().into(),
    ]
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
