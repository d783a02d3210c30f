//! The public API: one document for all of it, and what its answers share.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use platform::web::{Access, PageError, PageResult, Routes};
use serde_json::{Map, Value};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use crate::Annuaire;

pub(crate) fn routes(annuaire: Annuaire, others: &[(&str, &str)]) -> Routes<()> {
    let whole = joined(others).unwrap_or_else(|e| {
        tracing::error!(error = %e, "a document of the API cannot be joined: it is left out");
        serde_json::to_value(openapi()).unwrap_or_default()
    });
    let whole: Arc<Value> = Arc::new(whole);
    Routes::new()
        .get("/api/v1/openapi.json", Access::Public, async move || document(&whole))
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

/// Our document with those of other rooms, whose addresses stand beside ours: each given with what is put before the names of
/// its schemas, so that two rooms may name theirs alike.
///
/// # Errors
/// A document that is no JSON.
pub fn joined(others: &[(&str, &str)]) -> Result<Value, serde_json::Error> {
    let mut whole = serde_json::to_value(openapi())?;
    for (prefix, text) in others {
        let mut other: Value = serde_json::from_str(text)?;
        rename(&mut other, prefix);
        for (part, name) in [
            ("/paths", "paths"),
            ("/components/schemas", "schemas"),
            ("/components/securitySchemes", "securitySchemes"),
        ] {
            let Some(Value::Object(theirs)) = other.pointer_mut(part).map(Value::take) else { continue };
            let place = if name == "paths" { &mut whole["paths"] } else { &mut whole["components"][name] };
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            for (key, value) in theirs {
                let key = if name == "schemas" { format!("{prefix}{key}") } else { key };
                // What is there stays: a way to prove who one is has one name everywhere.
                if place.get(&key).is_none() {
                    place[&key] = value;
                }
            }
        }
    }
    Ok(whole)
}

/// Puts a prefix before the names of the schemas that a document refers to.
fn rename(value: &mut Value, prefix: &str) {
    const PLACE: &str = "#/components/schemas/";
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Value::String(to) if key == "$ref" => {
                        if let Some(name) = to.strip_prefix(PLACE) {
                            *to = format!("{PLACE}{prefix}{name}");
                        }
                    }
                    inner => rename(inner, prefix),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|v| rename(v, prefix)),
        _ => {}
    }
}

fn document(whole: &Value) -> Response {
    let mut reponse = Json(whole).into_response();
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
    fn documents_are_joined_without_mixing_their_words() {
        let other = r##"{"paths":{"/api/v1/autre":{"get":{"responses":{"200":{"content":{"application/json":{"schema":
            {"$ref":"#/components/schemas/Lieu"}}}}}}}},"components":{"schemas":{"Lieu":{"type":"object","properties":
            {"dans":{"$ref":"#/components/schemas/Lieu"}}}},"securitySchemes":{"autre":{"type":"http"}}}}"##;
        let (ours, whole) =
            (serde_json::to_value(super::openapi()).unwrap(), super::joined(&[("Autre", other)]).unwrap());
        assert_eq!(
            whole["components"]["schemas"]["AutreLieu"]["properties"]["dans"]["$ref"],
            "#/components/schemas/AutreLieu"
        );
        assert_eq!(
            whole["paths"]["/api/v1/autre"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
                ["$ref"],
            "#/components/schemas/AutreLieu"
        );
        assert_eq!(whole["components"]["securitySchemes"]["autre"]["type"], "http");
        for (path, said) in ours["paths"].as_object().unwrap() {
            assert_eq!(&whole["paths"][path], said, "{path}");
        }
        for (name, schema) in ours["components"]["schemas"].as_object().unwrap() {
            assert_eq!(&whole["components"]["schemas"][name], schema, "{name}");
        }
        assert!(super::joined(&[("X", "rien")]).is_err());
    }

    #[test]
    fn the_document_stays_what_it_was() {
        insta::assert_json_snapshot!("openapi", super::openapi());
    }
}
