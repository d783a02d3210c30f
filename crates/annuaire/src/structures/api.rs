//! `/api/v1/structures`: the open part of the sheets, as JSON. No contact, no account, no history: those are for people
//! with a role.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{CodeDepartement, Perimetre};
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::model::{Etat, Fiche, Genre, StructureId};
use super::store::{self, Filtre, FiltreEtat};
use crate::Annuaire;
use crate::api::partage;

/// Structures of a page when nothing is asked.
const TAILLE: usize = 50;
/// Most structures of a page.
const TAILLE_MAX: usize = 500;
const PARAMETRES: [&str; 6] = ["q", "departement", "genre", "etat", "page", "taille"];

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/api/v1/structures", Access::Public, liste)
        .get("/api/v1/structures/{id}", Access::Public, une)
        .with_state(annuaire)
}

/// The part of the OpenAPI document about structures.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(liste, une),
    components(schemas(StructureApi, StructuresApi)),
    tags((name = "structures", description = "Organismes qui ouvrent des lieux : fiche publique, sans contact"))
)]
struct Api;

/// A structure.
#[derive(Serialize, ToSchema)]
struct StructureApi {
    /// Identifier in the directory.
    id: String,
    nom: String,
    /// SIRET, RNA or RIDET, when known.
    pivot: Option<String>,
    /// Kind: `commune`, `association`…
    genre: &'static str,
    /// Legal category of INSEE, four digits, when known.
    categorie_juridique: Option<String>,
    /// Number and street.
    adresse: Option<String>,
    code_postal: Option<String>,
    commune: String,
    code_insee: String,
    departement: String,
    region: String,
    site_web: Option<String>,
    /// Whether it works.
    active: bool,
}

impl StructureApi {
    fn de(id: StructureId, f: &Fiche, etat: Etat) -> Self {
        Self {
            id: id.to_string(),
            nom: f.nom.clone(),
            pivot: f.pivot.as_ref().map(ToString::to_string),
            genre: f.genre.cle(),
            categorie_juridique: f.categorie.as_ref().map(|c| c.code().to_owned()),
            adresse: f.voie.clone(),
            code_postal: f.code_postal.as_ref().map(ToString::to_string),
            commune: f.commune.nom.clone(),
            code_insee: f.commune.code.to_string(),
            departement: f.commune.departement.to_string(),
            region: f.commune.region.to_string(),
            site_web: f.site_web.as_ref().map(|s| s.as_str().to_owned()),
            active: etat == Etat::Active,
        }
    }
}

/// A page of structures.
#[derive(Serialize, ToSchema)]
struct StructuresApi {
    /// How many there are in all.
    total: usize,
    /// This page, from 1.
    page: usize,
    /// Structures of a page.
    taille: usize,
    structures: Vec<StructureApi>,
}

fn json(corps: impl Serialize) -> Response {
    let mut reponse = Json(corps).into_response();
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    reponse
}

/// What the address asks for: what cannot be read is refused, so that a misspelled filter never passes for an answer.
fn lit(r: &FormState) -> Result<(Filtre, usize, usize), PageError> {
    let refuse = |nom: &str| PageError::BadRequest(format!("Le paramètre « {nom} » n’est pas compris."));
    if let Some((nom, _)) = r.values().iter().find(|(k, _)| !PARAMETRES.contains(&k.as_str())) {
        let court: String = nom.chars().take(40).collect();
        return Err(refuse(&court));
    }
    let nombre = |nom: &str, defaut: usize, max: usize| match r.get(nom) {
        "" => Ok(defaut),
        n => n.parse().ok().filter(|n| (1..=max).contains(n)).ok_or_else(|| refuse(nom)),
    };
    let filtre = Filtre {
        mots: r.get("q").to_owned(),
        genre: match r.get("genre") {
            "" => None,
            cle => Some(Genre::from_cle(cle).ok_or_else(|| refuse("genre"))?),
        },
        departement: match r.get("departement") {
            "" => None,
            code => Some(CodeDepartement::parse(code).ok_or_else(|| refuse("departement"))?),
        },
        etat: match r.get("etat") {
            "" | "active" => FiltreEtat::Actives,
            "fermee" => FiltreEtat::Fermees,
            "toutes" => FiltreEtat::Toutes,
            _ => return Err(refuse("etat")),
        },
    };
    Ok((filtre, nombre("page", 1, 100_000)?, nombre("taille", TAILLE, TAILLE_MAX)?))
}

#[utoipa::path(get, path = "/api/v1/structures", tag = "structures", operation_id = "chercher_structures",
    params(
        ("q" = Option<String>, Query, description = "Mots du nom, de la commune, du code postal ou du numéro ; tous doivent y être"),
        ("departement" = Option<String>, Query, description = "Code d’un département"),
        ("genre" = Option<String>, Query, description = "Genre de structure"),
        ("etat" = Option<String>, Query, description = "`active` (d’ordinaire), `fermee` ou `toutes`"),
        ("page" = Option<usize>, Query, description = "À partir de 1"),
        ("taille" = Option<usize>, Query, description = "De 1 à 500, 50 d’ordinaire"),
    ),
    responses(
        (status = 200, description = "Les structures, par nom", body = StructuresApi),
        (status = 400, description = "Un paramètre ne peut être lu"),
    ))]
async fn liste(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> Response {
    partage(reponse_liste(&annuaire, &requete).await)
}

async fn reponse_liste(annuaire: &Annuaire, requete: &FormState) -> PageResult {
    let (filtre, page, taille) = lit(requete)?;
    let conn = annuaire.site.db.read();
    let total = store::compter(conn, &Perimetre::National, &filtre).await?;
    let lignes = store::lister(conn, &Perimetre::National, &filtre, (page - 1) * taille, taille).await?;
    let structures = lignes.iter().map(|l| StructureApi::de(l.id, &l.fiche, l.etat)).collect();
    Ok(json(StructuresApi { total, page, taille, structures }))
}

#[utoipa::path(get, path = "/api/v1/structures/{id}", tag = "structures", operation_id = "lire_structure",
    params(("id" = String, Path, description = "Identifiant de la structure")),
    responses(
        (status = 200, description = "La structure", body = StructureApi),
        (status = 308, description = "Elle a été fusionnée : l’adresse de celle qui est gardée"),
        (status = 404, description = "Aucune structure de cet identifiant"),
    ))]
async fn une(State(annuaire): State<Annuaire>, Path(id): Path<String>) -> Response {
    partage(reponse_une(&annuaire, &id).await)
}

async fn reponse_une(annuaire: &Annuaire, id: &str) -> PageResult {
    let id: StructureId = id.parse().map_err(|_| PageError::not_found())?;
    let conn = annuaire.site.db.read();
    let kept = store::canonique(conn, id).await?.ok_or_else(PageError::not_found)?;
    if kept != id {
        return Ok(Redirect::permanent(&format!("/api/v1/structures/{kept}")).into_response());
    }
    let s = store::get(conn, id).await?.ok_or_else(PageError::not_found)?;
    Ok(json(StructureApi::de(s.id, &s.fiche, s.etat)))
}
