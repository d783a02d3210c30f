//! `/api/v1/mandats`: figures and organisations habilitées, for programs. Nothing of people, nothing of aidants.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::CodeDepartement;
use kernel::ids::StructureId;
use platform::tableur;
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes};
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::json;

use super::model::{Ligne, Publiee, Publies};
use crate::Mandats;
use crate::organisations::{self, Organisation};

/// The description of these addresses, written by hand: a test walks it.
pub(crate) const OPENAPI: &str = include_str!("openapi.json");

/// Organisations of a page when nothing is asked, and most of them.
const TAILLE: usize = 100;
const TAILLE_MAX: usize = 500;

pub(super) fn routes(mandats: &Mandats) -> Routes<()> {
    Routes::new()
        .get("/api/v1/mandats/openapi.json", Access::Public, document)
        .get("/api/v1/mandats/statistiques", Access::Public, statistiques)
        .get("/api/v1/mandats/statistiques.csv", Access::Public, statistiques_csv)
        .get("/api/v1/mandats/organisations", Access::Public, liste)
        .get("/api/v1/mandats/organisations.csv", Access::Public, liste_csv)
        .get("/api/v1/mandats/organisations/{id}", Access::Public, une)
        .with_state(mandats.clone())
}

/// Any site may read the answer, refusals included.
fn partage(resultat: PageResult) -> Response {
    let mut reponse = resultat.into_response();
    reponse.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    reponse
}

fn gardee(mut reponse: Response, secondes: &'static str) -> Response {
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(secondes));
    reponse
}

async fn document() -> Response {
    let reponse = ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response();
    partage(Ok(gardee(reponse, "public, max-age=3600")))
}

async fn publies(m: &Mandats) -> Result<Publies, PageError> {
    super::lire(m).await?.ok_or_else(PageError::not_found)
}

async fn statistiques(State(m): State<Mandats>) -> Response {
    let reponse = async {
        let p = publies(&m).await?;
        let corps = json!({
            "compte_le": p.le,
            "seuil": super::masque::SEUIL,
            "pays": p.pays,
            "demarches": p.par_demarche,
            "regions": p.regions,
            "departements": p.departements,
        });
        Ok(gardee(Json(corps).into_response(), "public, max-age=300"))
    };
    partage(reponse.await)
}

async fn statistiques_csv(State(m): State<Mandats>) -> Response {
    let reponse = async {
        let p = publies(&m).await?;
        let mut texte = String::from(tableur::MARQUE);
        texte.push_str(&tableur::ligne(&[
            "niveau",
            "code",
            "nom",
            "organisations",
            "organisations_actives",
            "aidants",
            "aidants_en_parcours",
            "mandats",
            "mandats_actifs",
            "personnes",
            "demarches",
            "personnes_aidees",
        ]));
        let niveaux = [
            ("pays", std::slice::from_ref(&p.pays)),
            ("region", &p.regions),
            ("departement", &p.departements),
        ];
        for (niveau, lignes) in niveaux {
            for l in lignes {
                texte.push_str(&ligne_csv(niveau, l));
            }
        }
        let reponse = ([(CONTENT_TYPE, "text/csv; charset=utf-8")], texte).into_response();
        Ok(gardee(reponse, "public, max-age=300"))
    };
    partage(reponse.await)
}

fn ligne_csv(niveau: &str, l: &Ligne) -> String {
    // A hidden number is an empty cell: 0 is a number.
    let cache = |n: Publiee| n.map(|n| n.to_string()).unwrap_or_default();
    tableur::ligne(&[
        niveau.to_owned(),
        l.code.clone().unwrap_or_default(),
        l.nom.clone(),
        l.organisations.to_string(),
        l.organisations_actives.to_string(),
        l.aidants.to_string(),
        l.aidants_en_parcours.to_string(),
        cache(l.mandats),
        cache(l.mandats_actifs),
        cache(l.personnes),
        cache(l.demarches),
        cache(l.personnes_aidees),
    ])
}

/// An organisation habilitée, as everybody may know it.
#[derive(Serialize)]
struct OrganisationApi {
    id: String,
    url: String,
    numero: i64,
    nom: String,
    pivot: Option<String>,
    adresse: String,
    voie: Option<String>,
    code_postal: Option<String>,
    commune: String,
    code_insee: String,
    departement: String,
    region: String,
    france_services: bool,
    demarches: Vec<String>,
    habilitee_le: NaiveDate,
    modifiee_le: DateTime<Utc>,
}

/// These organisations with what the directory says of them; a structure that is gone is left out.
async fn publiques(m: &Mandats, toutes: &[Organisation]) -> Result<Vec<OrganisationApi>, DbErr> {
    let vues = annuaire::structures::trouver(m.site.db.read(), toutes.iter().map(|o| o.structure)).await?;
    let une = |o: &Organisation| {
        let vue = vues.get(&o.structure)?;
        Some(OrganisationApi {
            id: o.structure.to_string(),
            url: m.site.url(&format!("/api/v1/mandats/organisations/{}", o.structure)),
            numero: o.numero,
            nom: vue.nom.clone(),
            pivot: vue.pivot.as_ref().map(ToString::to_string),
            adresse: vue.adresse.clone(),
            voie: vue.voie.clone(),
            code_postal: vue.code_postal.clone(),
            commune: vue.commune.nom.clone(),
            code_insee: vue.commune.code.to_string(),
            departement: o.departement.to_string(),
            region: o.region.to_string(),
            france_services: o.france_services,
            demarches: o.demarches.cles().to_vec(),
            habilitee_le: o.habilitee_le,
            modifiee_le: vue.modifiee_le,
        })
    };
    Ok(toutes.iter().filter_map(une).collect())
}

/// What the address asks for: what cannot be read is refused, so that a misspelled filter never passes for an answer.
fn lit(r: &FormState) -> Result<(Option<CodeDepartement>, usize, usize), PageError> {
    let refuse = |nom: &str| PageError::BadRequest(format!("Le paramètre « {nom} » n’est pas compris."));
    if let Some((nom, _)) =
        r.values().iter().find(|(k, _)| !["departement", "page", "taille"].contains(&k.as_str()))
    {
        return Err(refuse(&nom.chars().take(40).collect::<String>()));
    }
    let nombre = |nom: &str, defaut: usize, max: usize| match r.get(nom) {
        "" => Ok(defaut),
        n => n.parse().ok().filter(|n| (1..=max).contains(n)).ok_or_else(|| refuse(nom)),
    };
    let departement = match r.get("departement") {
        "" => None,
        code => Some(CodeDepartement::parse(code).ok_or_else(|| refuse("departement"))?),
    };
    Ok((departement, nombre("page", 1, 100_000)?, nombre("taille", TAILLE, TAILLE_MAX)?))
}

async fn liste(State(m): State<Mandats>, Requete(requete): Requete) -> Response {
    let reponse = async {
        let (departement, page, taille) = lit(&requete)?;
        let (conn, jour) = (m.site.db.read(), m.jour());
        let total = organisations::store::compter_actives(conn, departement.as_ref(), jour).await?;
        let place = ((page - 1) * taille, taille);
        let lues = organisations::store::actives(conn, departement.as_ref(), jour, place).await?;
        let corps = json!({ "total": total, "page": page, "taille": taille, "organisations": publiques(&m, &lues).await? });
        Ok(gardee(Json(corps).into_response(), "public, max-age=60"))
    };
    partage(reponse.await)
}

/// Titles of the file, which has the fields of the JSON in their order.
const TITRES: [&str; 16] = [
    "id",
    "url",
    "numero",
    "nom",
    "pivot",
    "adresse",
    "voie",
    "code_postal",
    "commune",
    "code_insee",
    "departement",
    "region",
    "france_services",
    "demarches",
    "habilitee_le",
    "modifiee_le",
];

fn ligne_organisation(o: OrganisationApi) -> String {
    tableur::ligne(&[
        o.id,
        o.url,
        o.numero.to_string(),
        o.nom,
        o.pivot.unwrap_or_default(),
        o.adresse,
        o.voie.unwrap_or_default(),
        o.code_postal.unwrap_or_default(),
        o.commune,
        o.code_insee,
        o.departement,
        o.region,
        if o.france_services { "oui" } else { "non" }.to_owned(),
        o.demarches.join("|"),
        o.habilitee_le.to_string(),
        o.modifiee_le.to_rfc3339(),
    ])
}

/// The whole list, read and written a page at a time.
async fn liste_csv(State(m): State<Mandats>, Requete(requete): Requete) -> Response {
    let reponse = async {
        let (departement, _, _) = lit(&requete)?;
        let flux = futures::stream::try_unfold(Some(0_usize), move |debut| {
            let (m, departement) = (m.clone(), departement.clone());
            async move {
                let Some(debut) = debut else { return Ok(None) };
                let panne = |e: DbErr| std::io::Error::other(e.to_string());
                let (conn, place) = (m.site.db.read(), (debut, TAILLE_MAX));
                let lues = organisations::store::actives(conn, departement.as_ref(), m.jour(), place);
                let lues = lues.await.map_err(panne)?;
                let mut texte = if debut == 0 { tableur::ligne(&TITRES) } else { String::new() };
                for o in publiques(&m, &lues).await.map_err(panne)? {
                    texte.push_str(&ligne_organisation(o));
                }
                let suite = (lues.len() == TAILLE_MAX).then_some(debut + TAILLE_MAX);
                Ok::<_, std::io::Error>(Some((axum::body::Bytes::from(texte), suite)))
            }
        });
        let entetes = [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CONTENT_DISPOSITION, "attachment; filename=\"organisations-habilitees.csv\""),
        ];
        let reponse = (entetes, axum::body::Body::from_stream(flux)).into_response();
        Ok(gardee(reponse, "public, max-age=60"))
    };
    partage(reponse.await)
}

async fn une(State(m): State<Mandats>, Path(id): Path<String>) -> Response {
    let reponse = async {
        let id: StructureId = id.parse().map_err(|_| PageError::not_found())?;
        let lue = organisations::store::lire(m.site.db.read(), id).await?;
        let lue = lue.filter(|o| o.active(m.jour())).ok_or_else(PageError::not_found)?;
        let publique = publiques(&m, &[lue]).await?.pop().ok_or_else(PageError::not_found)?;
        Ok(gardee(Json(publique).into_response(), "public, max-age=60"))
    };
    partage(reponse.await)
}
