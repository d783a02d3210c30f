//! `/api/v1/lieux`: what the pages find, for programs. Public, without a key, strict: what cannot be read is refused
//! with a sentence, so that a misspelled filter never passes for an answer.

mod document;
mod ecriture;

use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use kernel::ids::LieuId;
use platform::web::{Access, FormState, PageError, PageResult, Requete, Routes};
use serde_json::{Map, Value, json};

use super::doublons;
use super::export::{feature, objet};
use super::gestion::Gere;
use super::model::{Etat, Lieu};
use super::pages::{criteres, ou::Ou, requete};
use super::recherche::{Demande, Facette, Zone};
use super::store;
use crate::Annuaire;
use crate::api::partage;
use crate::territoires::Territoires;

pub(crate) use document::openapi;

/// Lieux of a page when nothing is asked.
const TAILLE: usize = 50;
/// Most lieux of a page.
const TAILLE_MAX: usize = 500;

/// Parameters that are not lists.
const PARAMETRES: [&str; 16] = [
    "q",
    "ou",
    "lat",
    "lon",
    "rayon",
    "bbox",
    "jour",
    "heure",
    "source",
    "departement",
    "region",
    "epci",
    "commune",
    "page",
    "taille",
    "format",
];

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/api/v1/lieux", Access::Public, liste)
        .get("/api/v1/lieux/{id}", Access::Public, un)
        .merge(ecriture::routes())
        .merge(super::abonnements::api::routes())
        .with_state(annuaire)
}

fn refuse<T>(phrase: impl Into<String>) -> Result<T, PageError> {
    Err(PageError::BadRequest(phrase.into()))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Json,
    Geojson,
}

impl Format {
    /// `?format=` first, then `Accept`.
    fn lit(requete: &FormState, entetes: &HeaderMap) -> Result<Self, PageError> {
        match requete.get("format") {
            "json" => Ok(Self::Json),
            "geojson" => Ok(Self::Geojson),
            "" => {
                let accept = entetes.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
                Ok(if accept.contains("geo+json") { Self::Geojson } else { Self::Json })
            }
            _ => refuse("Le paramètre « format » vaut json ou geojson."),
        }
    }

    fn type_de_contenu(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json",
            Self::Geojson => "application/geo+json",
        })
    }
}

/// A query of the API, read strictly.
struct Lue {
    demande: Demande,
    page: usize,
    taille: usize,
    format: Format,
}

fn lit(
    t: &Territoires,
    r: &FormState,
    entetes: &HeaderMap,
    maintenant: DateTime<Utc>,
) -> Result<Lue, PageError> {
    for (nom, _) in r.values() {
        if !PARAMETRES.contains(&nom.as_str()) && Facette::de_parametre(nom).is_none() {
            let nom: String = nom.chars().take(60).collect();
            return refuse(format!(
                "Le paramètre « {nom} » n’existe pas. La liste est dans /api/v1/openapi.json."
            ));
        }
    }
    let (filtres, inconnues) = criteres(r);
    if let Some((nom, valeur)) = inconnues.first() {
        return refuse(format!("La valeur « {valeur} » n’est pas connue du paramètre « {nom} »."));
    }
    let mut demande = Demande { mots: r.get("q").chars().take(200).collect(), filtres, ..Demande::default() };
    lieu_de_depart(t, r, &mut demande)?;
    demande.cadre = cadre(r.get("bbox"))?;
    demande.quand = requete::quand(r, maintenant).or_else(|(_, phrase)| refuse(phrase))?;
    demande.source = r.get("source").to_owned();
    let entier = |nom: &str, defaut: usize, max: usize| match r.get(nom) {
        "" => Ok(defaut),
        texte => match texte.parse::<usize>() {
            Ok(n) if (1..=max).contains(&n) => Ok(n),
            _ => refuse(format!("Le paramètre « {nom} » attend un nombre de 1 à {max}.")),
        },
    };
    Ok(Lue {
        demande,
        page: entier("page", 1, 1_000_000)?,
        taille: entier("taille", TAILLE, TAILLE_MAX)?,
        format: Format::lit(r, entetes)?,
    })
}

/// From where, or within which territory.
fn lieu_de_depart(t: &Territoires, r: &FormState, demande: &mut Demande) -> Result<(), PageError> {
    match requete::position(r) {
        Ok(origine) => demande.origine = origine,
        Err(()) => return refuse("« lat » et « lon » attendent des degrés décimaux, comme 46.169 et 1.871."),
    }
    for parametre in ["departement", "region", "epci", "commune"] {
        let code = r.get(parametre);
        if code.is_empty() {
            continue;
        }
        match Ou::de_code(t, parametre, code) {
            Some(Ou::Territoire { zone, .. }) if demande.zone.is_none() => demande.zone = Some(zone),
            Some(_) => return refuse("Un seul territoire à la fois : departement, region, epci ou commune."),
            None => {
                return refuse(format!(
                    "Le paramètre « {parametre} » attend un code officiel géographique connu."
                ));
            }
        }
    }
    match Ou::lit(t, r.get("ou")) {
        Ou::Partout => {}
        Ou::Commune { position: Some(p), .. } => demande.origine = Some(p),
        Ou::Commune { rang, .. } => demande.zone = Some(Zone::Commune(rang)),
        Ou::Territoire { zone, .. } => demande.zone = Some(zone),
        Ou::Choix(choix) => {
            let noms: Vec<String> = choix.into_iter().map(|(_, _, valeur)| valeur).collect();
            return refuse(format!("Plusieurs communes correspondent à « ou » : {}.", noms.join(", ")));
        }
        Ou::Ici(_) | Ou::Inconnu(_) => {
            return refuse("Le lieu de « ou » n’est pas connu : donnez une commune ou un code postal.");
        }
    }
    match r.get("rayon") {
        "" => {}
        texte => match texte.parse::<f64>() {
            Ok(km) if (0.0..=20_000.0).contains(&km) => {
                if demande.origine.is_none() {
                    return refuse("« rayon » va avec « lat » et « lon », ou avec « ou ».");
                }
                demande.rayon_m = Some(km * 1000.0);
            }
            _ => return refuse("« rayon » attend des kilomètres, comme 10."),
        },
    }
    Ok(())
}

fn cadre(texte: &str) -> Result<Option<[f64; 4]>, PageError> {
    if texte.is_empty() {
        return Ok(None);
    }
    let nombres: Vec<f64> = texte.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match nombres.as_slice() {
        [o, s, e, n]
            if texte.split(',').count() == 4
                && [o, e].iter().all(|x| (-180.0..=180.0).contains(*x))
                && -90.0 <= *s
                && s <= n
                && *n <= 90.0 =>
        {
            Ok(Some([*o, *s, *e, *n]))
        }
        _ => refuse("« bbox » attend ouest,sud,est,nord en degrés, comme 1.7,46.0,2.1,46.3."),
    }
}

async fn liste(State(annuaire): State<Annuaire>, entetes: HeaderMap, Requete(requete): Requete) -> Response {
    partage(reponse_liste(&annuaire, &entetes, &requete).await)
}

async fn reponse_liste(annuaire: &Annuaire, entetes: &HeaderMap, requete: &FormState) -> PageResult {
    let index = annuaire.index().await?;
    let t = annuaire.territoires();
    let maintenant = annuaire.site.clock.now();
    let lue = lit(&t, requete, entetes, maintenant)?;
    // « Ouvert maintenant » changes with the minute, the rest with the directory only.
    let minute = if lue.demande.filtres.filtre(Facette::Ouvert) { maintenant.timestamp() / 60 } else { 0 };
    let vue = kernel::text::sha256_hex(&format!("{:?} {:?}", requete.values(), lue.format));
    let etiquette = format!("\"{}-{minute}-{}\"", index.version(), &vue[..16]);
    if entetes.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etiquette)) {
        return Ok(entoure(StatusCode::NOT_MODIFIED.into_response(), &etiquette));
    }
    let resultat = index.chercher(&lue.demande, maintenant, (lue.page - 1) * lue.taille, lue.taille);
    let trouves: Vec<(LieuId, Option<f64>)> = resultat
        .trouves
        .iter()
        .filter_map(|t| Some((index.vue(t.place, maintenant)?.id, t.distance_m)))
        .collect();
    let ids: Vec<LieuId> = trouves.iter().map(|(id, _)| *id).collect();
    let lieux = store::plusieurs(annuaire.site.db.read(), &ids).await?;
    // A lieu that was closed or written since the index was read is told as it is now, or left out.
    let lus = trouves.iter().filter_map(|(id, d)| Some((lieux.iter().find(|l| l.id == *id)?, *d)));
    let corps = match lue.format {
        Format::Json => json!({
            "total": resultat.total,
            "page": lue.page,
            "pages": resultat.total.div_ceil(lue.taille).max(1),
            "taille": lue.taille,
            "lieux": lus.map(|(l, d)| Value::Object(en_objet(annuaire, l, d))).collect::<Vec<_>>(),
        }),
        Format::Geojson => json!({
            "type": "FeatureCollection",
            "total": resultat.total,
            "features": lus.map(|(l, d)| en_point(annuaire, l, d)).collect::<Vec<_>>(),
        }),
    };
    Ok(entoure(rend(&corps, lue.format), &etiquette))
}

async fn un(
    State(annuaire): State<Annuaire>,
    Path(id): Path<String>,
    entetes: HeaderMap,
    Requete(requete): Requete,
) -> Response {
    partage(reponse_un(&annuaire, &id, &entetes, &requete).await)
}

async fn reponse_un(annuaire: &Annuaire, id: &str, entetes: &HeaderMap, requete: &FormState) -> PageResult {
    let format = Format::lit(requete, entetes)?;
    let conn = annuaire.site.db.read();
    let id = match id.parse::<LieuId>() {
        Ok(id) => Some(id),
        Err(_) => store::lieu_de_identifiant(conn, id).await?,
    };
    let g = match id {
        Some(id) => store::gestion::geres(conn, &[id]).await?.pop(),
        None => None,
    };
    let Some(g) = g else { return Err(PageError::not_found()) };
    if let Etat::Fusionne { dans } = g.lieu.etat {
        let mut reponse = StatusCode::MOVED_PERMANENTLY.into_response();
        let suite = if format == Format::Geojson { "?format=geojson" } else { "" };
        let vers = format!("/api/v1/lieux/{dans}{suite}");
        reponse.headers_mut().insert(LOCATION, HeaderValue::from_str(&vers).map_err(PageError::internal)?);
        return Ok(entoure(reponse, &format!("\"{dans}\"")));
    }
    let etiquette = etiquette(&g, format);
    if entetes.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etiquette)) {
        return Ok(entoure(StatusCode::NOT_MODIFIED.into_response(), &etiquette));
    }
    corps_entier(annuaire, &g, format).await
}

/// What a lieu is now, whatever its state.
async fn fiche_entiere(annuaire: &Annuaire, id: LieuId, format: Format) -> PageResult {
    let g = store::gestion::geres(annuaire.site.db.read(), &[id]).await?.pop();
    corps_entier(annuaire, &g.ok_or_else(PageError::not_found)?, format).await
}

async fn corps_entier(annuaire: &Annuaire, g: &Gere, format: Format) -> PageResult {
    let corps = match format {
        Format::Json => {
            let mut objet = en_objet(annuaire, &g.lieu, None);
            let sources = doublons::sources(annuaire.site.db.read(), &g.lieu).await?;
            objet.insert("sources".to_owned(), json!(sources));
            objet.insert("version".to_owned(), json!(g.version));
            Value::Object(objet)
        }
        Format::Geojson => en_point(annuaire, &g.lieu, None),
    };
    Ok(entoure(rend(&corps, format), &etiquette(g, format)))
}

/// The version is what a writing must have read.
fn etiquette(g: &Gere, format: Format) -> String {
    format!("\"{}-{format:?}\"", g.version)
}

/// The fields of the standard that have a value, and ours.
fn en_objet(annuaire: &Annuaire, lieu: &Lieu, distance_m: Option<f64>) -> Map<String, Value> {
    let mut o = objet(lieu);
    let instant = |d: DateTime<Utc>| d.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    o.insert("uid".to_owned(), json!(lieu.id));
    o.insert("url".to_owned(), json!(annuaire.site.url(&format!("/lieux/{}", lieu.id))));
    o.insert("modifie_le".to_owned(), json!(instant(lieu.modifie_le)));
    if let Etat::Ferme { depuis } = lieu.etat {
        o.insert("ferme_le".to_owned(), json!(instant(depuis)));
    }
    if let Some(m) = distance_m {
        o.insert("distance_m".to_owned(), json!(m.round()));
    }
    o
}

fn en_point(annuaire: &Annuaire, lieu: &Lieu, distance_m: Option<f64>) -> Value {
    let mut point = feature(lieu);
    point["properties"] = Value::Object(en_objet(annuaire, lieu, distance_m));
    point
}

fn rend(corps: &Value, format: Format) -> Response {
    let mut reponse = corps.to_string().into_response();
    reponse.headers_mut().insert(CONTENT_TYPE, format.type_de_contenu());
    reponse
}

fn entoure(mut reponse: Response, etiquette: &str) -> Response {
    let h = reponse.headers_mut();
    h.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    h.append(VARY, HeaderValue::from_static("accept"));
    if let Ok(valeur) = HeaderValue::from_str(etiquette) {
        h.insert(ETAG, valeur);
    }
    reponse
}
