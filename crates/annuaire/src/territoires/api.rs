//! `/api/v1/territoires` and `/api/v1/couverture`: the same facts as the pages, as JSON. Public, without a key.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use kernel::{CodeCommune, CodeDepartement};
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::ensemble::Territoires;
use super::model::{Commune, GenreInterieur, Qualite, Zone as Lieu};
use super::resolution::Suggestion;
use super::zonage::Zonages;
use crate::Annuaire;
use crate::maillage::{Critere, Sommes, Zone};

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/api/v1/territoires/regions", Access::Public, regions)
        .get("/api/v1/territoires/departements", Access::Public, departements)
        .get("/api/v1/territoires/epci", Access::Public, epci)
        .get("/api/v1/territoires/communes", Access::Public, communes)
        .get("/api/v1/territoires/communes/{code}", Access::Public, commune)
        .get("/api/v1/couverture", Access::Public, couverture)
        .get("/api/v1/couverture/{niveau}/{code}", Access::Public, couverture_zone)
        .with_state(annuaire)
}

/// The part of the OpenAPI document about territories and coverage.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(regions, departements, epci, communes, commune, couverture, couverture_zone),
    components(schemas(
        RegionApi, DepartementApi, EpciApi, CommuneApi, InterieureApi, ZonageApi, PositionApi, Suggestion, Sommes,
        CouvertureCommune, Distance
    )),
    tags(
        (name = "territoires", description = "Découpage administratif de la France, outre-mer compris"),
        (name = "couverture", description = "Distance des habitants aux lieux, à vol d’oiseau")
    )
)]
struct Api;

/// A région, or an overseas collectivity that stands for one.
#[derive(Serialize, ToSchema)]
struct RegionApi {
    /// INSEE code.
    code: String,
    nom: String,
    /// `metro`, `drom` or `com`.
    zone: &'static str,
}

/// A département, or an overseas collectivity that stands for one.
#[derive(Serialize, ToSchema)]
struct DepartementApi {
    code: String,
    nom: String,
    region: String,
    /// `metro`, `drom` or `com`.
    zone: &'static str,
}

/// An intercommunality with its own taxes.
#[derive(Serialize, ToSchema)]
struct EpciApi {
    /// SIREN.
    code: String,
    nom: String,
    nature: &'static str,
    /// INSEE codes of its communes.
    communes: Vec<String>,
}

/// A point, WGS84.
#[derive(Serialize, ToSchema)]
struct PositionApi {
    latitude: f64,
    longitude: f64,
    /// `officielle`, `geonames`, `relevee` or `estimee`.
    qualite: &'static str,
}

/// What lies within a commune.
#[derive(Serialize, ToSchema)]
struct InterieureApi {
    code: String,
    nom: String,
    /// `commune-deleguee`, `commune-associee` or `arrondissement-municipal`.
    genre: &'static str,
}

/// A zonage in force.
#[derive(Serialize, ToSchema)]
struct ZonageApi {
    /// `QPV`, `FRR`, `ZRR`, `MONTAGNE`, `ACV`, `PVD` or `IFN`.
    genre: &'static str,
    /// First day of the list.
    date: chrono::NaiveDate,
    /// Quarters, class or score.
    valeur: Option<String>,
}

/// A commune of today.
#[derive(Serialize, ToSchema)]
struct CommuneApi {
    /// INSEE code.
    code: String,
    nom: String,
    departement: String,
    region: String,
    /// SIREN of its EPCI.
    epci: Option<String>,
    population: Option<u32>,
    codes_postaux: Vec<String>,
    position: Option<PositionApi>,
    /// Former communes and municipal arrondissements.
    interieures: Vec<InterieureApi>,
    zonages: Vec<ZonageApi>,
}

fn zone(zone: Lieu) -> &'static str {
    match zone {
        Lieu::Metro => "metro",
        Lieu::Drom => "drom",
        Lieu::Com => "com",
    }
}

impl CommuneApi {
    fn new(t: &Territoires, zonages: &Zonages, c: &Commune) -> Self {
        Self {
            code: c.code.to_string(),
            nom: c.nom.clone(),
            departement: c.departement.to_string(),
            region: c.region.to_string(),
            epci: t.epci_de(c).map(|e| e.code.clone()),
            population: c.population,
            codes_postaux: c.codes_postaux.iter().map(ToString::to_string).collect(),
            position: c.position.map(|p| PositionApi {
                latitude: p.position.latitude,
                longitude: p.position.longitude,
                qualite: match p.qualite {
                    Qualite::Officielle => "officielle",
                    Qualite::Geonames => "geonames",
                    Qualite::Relevee => "relevee",
                    Qualite::Estimee(_) => "estimee",
                },
            }),
            interieures: t
                .interieures_de(c)
                .map(|i| InterieureApi {
                    code: i.code.to_string(),
                    nom: i.nom.clone(),
                    genre: match i.genre {
                        GenreInterieur::Deleguee => "commune-deleguee",
                        GenreInterieur::Associee => "commune-associee",
                        GenreInterieur::Arrondissement => "arrondissement-municipal",
                    },
                })
                .collect(),
            zonages: zonages
                .de(&c.code)
                .iter()
                .map(|z| ZonageApi { genre: z.genre.cle(), date: z.date, valeur: z.valeur.clone() })
                .collect(),
        }
    }
}

/// JSON that any site may read, and keep for a few minutes.
fn json(body: impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[utoipa::path(get, path = "/api/v1/territoires/regions", tag = "territoires",
    responses((status = 200, description = "Les régions et les collectivités qui en tiennent lieu", body = [RegionApi])))]
async fn regions(State(annuaire): State<Annuaire>) -> PageResult {
    let t = annuaire.territoires();
    let regions = t.regions().iter();
    let all: Vec<RegionApi> = regions
        .map(|r| RegionApi { code: r.code.to_string(), nom: r.nom.clone(), zone: zone(r.zone) })
        .collect();
    Ok(json(all))
}

#[utoipa::path(get, path = "/api/v1/territoires/departements", tag = "territoires",
    params(("region" = Option<String>, Query, description = "Code d’une région")),
    responses((status = 200, description = "Les départements", body = [DepartementApi])))]
async fn departements(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let t = annuaire.territoires();
    let region = requete.get("region");
    let all: Vec<DepartementApi> = t
        .departements()
        .iter()
        .filter(|d| region.is_empty() || d.region.as_str() == region)
        .map(|d| DepartementApi {
            code: d.code.to_string(),
            nom: d.nom.clone(),
            region: d.region.to_string(),
            zone: zone(d.zone),
        })
        .collect();
    Ok(json(all))
}

#[utoipa::path(get, path = "/api/v1/territoires/epci", tag = "territoires",
    params(("departement" = Option<String>, Query, description = "Code d’un département")),
    responses((status = 200, description = "Les intercommunalités à fiscalité propre", body = [EpciApi])))]
async fn epci(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let t = annuaire.territoires();
    let found: Vec<&super::Epci> = match requete.get("departement") {
        "" => t.epci().iter().collect(),
        code => {
            let code = CodeDepartement::parse(code).ok_or_else(|| inconnu("departement"))?;
            Zone::epci_du_departement(&t, &code)
        }
    };
    let all: Vec<EpciApi> = found
        .into_iter()
        .map(|e| EpciApi {
            code: e.code.clone(),
            nom: e.nom.clone(),
            nature: e.nature.libelle(),
            communes: e.membres.iter().map(|i| t.communes()[*i as usize].code.to_string()).collect(),
        })
        .collect();
    Ok(json(all))
}

fn inconnu(parametre: &str) -> PageError {
    PageError::BadRequest(format!("Le paramètre « {parametre} » n’est pas compris."))
}

#[utoipa::path(get, path = "/api/v1/territoires/communes", tag = "territoires",
    params(
        ("q" = String, Query, description = "Nom, même incomplet, code postal ou code INSEE"),
        ("limite" = Option<usize>, Query, description = "De 1 à 50 réponses, 10 d’ordinaire"),
    ),
    responses(
        (status = 200, description = "Les communes que ce texte peut désigner, la plus probable d’abord", body = [Suggestion]),
        (status = 400, description = "Paramètre absent ou incompris"),
    ))]
async fn communes(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let limite = limite(&requete)?;
    let texte = requete.get("q");
    if texte.is_empty() {
        return Err(inconnu("q"));
    }
    Ok(json(annuaire.territoires().suggestions(texte, limite)))
}

fn limite(requete: &FormState) -> Result<usize, PageError> {
    match requete.get("limite") {
        "" => Ok(10),
        texte => texte.parse().ok().filter(|n| (1..=50).contains(n)).ok_or_else(|| inconnu("limite")),
    }
}

#[utoipa::path(get, path = "/api/v1/territoires/communes/{code}", tag = "territoires",
    params(("code" = String, Path, description = "Code INSEE, même d’une ancienne commune ou d’un arrondissement")),
    responses(
        (status = 200, description = "La commune d’aujourd’hui", body = CommuneApi),
        (status = 404, description = "Aucune commune ne porte ni n’a porté ce code"),
    ))]
async fn commune(State(annuaire): State<Annuaire>, Path(code): Path<String>) -> PageResult {
    annuaire.atlas.a_jour().await?;
    let t = annuaire.territoires();
    let rang = CodeCommune::parse(&code).and_then(|c| t.rang_actuel(&c)).ok_or_else(PageError::not_found)?;
    Ok(json(CommuneApi::new(&t, &annuaire.atlas.zonages(), &t.communes()[rang])))
}

fn critere(requete: &FormState) -> Result<Critere, PageError> {
    match requete.get("critere") {
        "" => Ok(Critere::Tous),
        cle => Critere::de_cle(cle).ok_or_else(|| inconnu("critere")),
    }
}

#[utoipa::path(get, path = "/api/v1/couverture", tag = "couverture",
    params(
        ("critere" = Option<String>, Query, description = "tous, samedi, soir, ou un service : aide-demarches, maitrise-outils…"),
        ("niveau" = Option<String>, Query, description = "pays, regions, departements ou epci"),
    ),
    responses((status = 200, description = "La couverture du pays ou de chaque territoire d’un niveau", body = [Sommes])))]
async fn couverture(State(annuaire): State<Annuaire>, Requete(requete): Requete) -> PageResult {
    let critere = critere(&requete)?;
    let mesure = annuaire.atlas.mesure().await?;
    let t = &mesure.territoires;
    let zones: Vec<Zone<'_>> = match requete.get("niveau") {
        "" | "pays" => vec![Zone::Pays],
        "regions" => t.regions().iter().map(Zone::Region).collect(),
        "departements" => t.departements().iter().map(Zone::Departement).collect(),
        "epci" => t.epci().iter().map(Zone::Epci).collect(),
        _ => return Err(inconnu("niveau")),
    };
    let sommes: Vec<Sommes> = zones.into_iter().map(|z| Sommes::new(&mesure, z, critere)).collect();
    Ok(json(sommes))
}

/// Distance of a commune for a criterion.
#[derive(Serialize, ToSchema)]
struct Distance {
    critere: &'static str,
    /// Straight line, kilometres; absent when no lieu of the country meets the criterion.
    distance_km: Option<f64>,
}

/// The coverage of a commune.
#[derive(Serialize, ToSchema)]
struct CouvertureCommune {
    code: String,
    nom: String,
    lieux: u32,
    /// Whether distances start from an estimated position.
    position_estimee: bool,
    distances: Vec<Distance>,
}

#[utoipa::path(get, path = "/api/v1/couverture/{niveau}/{code}", tag = "couverture",
    params(
        ("niveau" = String, Path, description = "region, departement, epci ou commune"),
        ("code" = String, Path, description = "Code INSEE, ou SIREN d’un EPCI"),
        ("critere" = Option<String>, Query, description = "tous, samedi, soir, ou un service"),
    ),
    responses(
        (status = 200, description = "La couverture du territoire ; pour une commune, chaque distance", body = Sommes),
        (status = 404, description = "Territoire inconnu"),
    ))]
async fn couverture_zone(
    State(annuaire): State<Annuaire>,
    Path((niveau, code)): Path<(String, String)>,
    Requete(requete): Requete,
) -> PageResult {
    let critere = critere(&requete)?;
    let mesure = annuaire.atlas.mesure().await?;
    let t = &mesure.territoires;
    if niveau == "commune" {
        let rang =
            CodeCommune::parse(&code).and_then(|c| t.rang_actuel(&c)).ok_or_else(PageError::not_found)?;
        let commune = &t.communes()[rang];
        let km = |c| mesure.couverture.distance_m(rang, c).map(|m| (m / 10.0).round() / 100.0);
        return Ok(json(CouvertureCommune {
            code: commune.code.to_string(),
            nom: commune.nom.clone(),
            lieux: mesure.couverture.offre(rang).lieux[Critere::Tous.rang()],
            position_estimee: mesure.couverture.estimee(rang),
            distances: Critere::tous().map(|c| Distance { critere: c.cle(), distance_km: km(c) }).collect(),
        }));
    }
    let zone = Zone::de(t, &niveau, &code).ok_or_else(PageError::not_found)?;
    Ok(json(Sommes::new(&mesure, zone, critere)))
}
