//! The points of the map: the lieux of the search, with the little that a bubble shows.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kernel::ids::LieuId;
use platform::web::{PageResult, Requete};

use super::ou::Ou;
use super::requete::Lue;
use crate::Annuaire;
use crate::lieux::recherche::{Facette, IndexLieux, Trouve};

/// Most points that a map is given.
const POINTS_MAX: usize = 60_000;

pub(crate) async fn geojson(
    State(annuaire): State<Annuaire>,
    entetes: HeaderMap,
    Requete(requete): Requete,
) -> PageResult {
    let index = annuaire.index().await?;
    let t = annuaire.territoires();
    let maintenant = annuaire.site.clock.now();
    let lue = Lue::de(&t, &requete, maintenant);
    // « Ouvert maintenant » changes with the minute, the rest with the directory only.
    let minute = if lue.demande.filtres.filtre(Facette::Ouvert) { maintenant.timestamp() / 60 } else { 0 };
    let etiquette = format!(
        "\"{}-{minute}-{}\"",
        index.version(),
        &kernel::text::sha256_hex(&format!("{} {}", lue.texte(), requete.get("lieu")))[..12]
    );
    if entetes.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(&etiquette) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etiquette)]).into_response());
    }
    let seul = requete.get("lieu");
    let trouves = if !seul.is_empty() {
        let place = seul.parse::<LieuId>().ok().and_then(|id| index.place(id));
        place.map(|place| Trouve { place, distance_m: None }).into_iter().collect()
    } else if matches!(lue.ou, Ou::Choix(_) | Ou::Inconnu(_)) {
        Vec::new()
    } else {
        index.chercher(&lue.demande, maintenant, 0, POINTS_MAX).trouves
    };
    let corps = tokio::task::spawn_blocking(move || points(&index, &trouves, maintenant))
        .await
        .map_err(platform::web::PageError::internal)?;
    let mut reponse: Response = corps.into_response();
    let h = reponse.headers_mut();
    h.insert(CONTENT_TYPE, HeaderValue::from_static("application/geo+json"));
    h.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    if let Ok(valeur) = HeaderValue::from_str(&etiquette) {
        h.insert(ETAG, valeur);
    }
    Ok(reponse)
}

fn points(index: &IndexLieux, trouves: &[Trouve], maintenant: chrono::DateTime<chrono::Utc>) -> String {
    let mut corps = String::with_capacity(64 + trouves.len() * 200);
    corps.push_str(r#"{"type":"FeatureCollection","features":["#);
    let texte = |t: &str| serde_json::to_string(t).unwrap_or_default();
    let mut premier = true;
    for t in trouves {
        let Some(vue) = index.vue(t.place, maintenant) else { continue };
        // A point that only stands for its commune would send people to the wrong door.
        let Some(p) = vue.position.filter(|_| !vue.position_estimee) else { continue };
        if !premier {
            corps.push(',');
        }
        premier = false;
        let _ = write!(
            corps,
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{:.5},{:.5}]}},"properties":{{"id":"{}","nom":{},"adresse":{},"commune":{}"#,
            p.longitude,
            p.latitude,
            vue.id,
            texte(vue.nom),
            texte(vue.adresse),
            texte(vue.commune),
        );
        if let Some(m) = t.distance_m {
            let _ = write!(corps, r#","distance":{}"#, texte(&super::distance(m)));
        }
        corps.push_str("}}");
    }
    corps.push_str("]}");
    corps
}
