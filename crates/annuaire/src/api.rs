//! The public API: one document for all of it, and what its answers share.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use platform::web::{Access, PageError, PageResult, Routes};
use serde_json::{Map, Value};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use crate::Annuaire;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new()
        .get("/api/v1/openapi.json", Access::Public, document)
        .with_state(annuaire.clone())
        .merge(crate::lieux::api::routes(annuaire.clone()))
        .merge(crate::structures::api::routes(annuaire))
}

/// The whole document.
pub fn openapi() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("API publique du maillage de l’inclusion numérique")
                .version("1")
                .description(Some(
                    "Lieux, structures, territoires et couverture. Sans clé, en lecture, depuis n’importe quel site (CORS) ; avec \
                     un jeton personnel, en écriture. \
                     Chaque réponse porte un ETag : redemandez avec If-None-Match.",
                ))
                .license(Some(
                    LicenseBuilder::new()
                        .name("Licence Ouverte 2.0")
                        .url(Some("https://www.etalab.gouv.fr/licence-ouverte-open-licence/"))
                        .build(),
                ))
                .build(),
        )
        .paths(PathsBuilder::new().build())
        .build()
        .merge_from(crate::lieux::api::openapi())
        .merge_from(crate::structures::api::openapi())
        .merge_from(crate::territoires::api::openapi())
}

async fn document() -> Response {
    let mut reponse = Json(openapi()).into_response();
    reponse.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    partage(Ok(reponse))
}

/// The object of JSON that a program sent.
///
/// # Errors
/// A sentence with the line and the column when it is none.
pub(crate) fn lit_objet(corps: &[u8]) -> Result<Map<String, Value>, PageError> {
    match serde_json::from_slice(corps) {
        Ok(Value::Object(objet)) => Ok(objet),
        Ok(_) => Err(PageError::BadRequest("Le corps de la demande doit être un objet JSON.".to_owned())),
        Err(e) => Err(PageError::BadRequest(format!(
            "Le corps de la demande n’est pas du JSON lisible : voyez la ligne {}, colonne {}.",
            e.line(),
            e.column()
        ))),
    }
}

/// Lets the pages of any site read the answer, refusals included.
pub(crate) fn partage(resultat: PageResult) -> Response {
    let mut reponse = resultat.into_response();
    reponse.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    reponse
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_stays_what_it_was() {
        insta::assert_json_snapshot!("openapi", super::openapi());
    }
}
