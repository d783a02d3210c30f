//! What the gateway of text messages calls back: signed, once, in any order.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use platform::sms::{self, Evenement, Rappel, RappelRefuse};

use super::actions;
use crate::{Failure, Mandats};

/// Takes a call: whoever calls hears a status and nothing else.
pub(super) async fn recevoir(State(m): State<Mandats>, headers: HeaderMap, body: Bytes) -> Response {
    let signature = headers.get(sms::SIGNATURE).and_then(|v| v.to_str().ok());
    match sms::lire(&m.site, signature, &body) {
        Ok(rappel) => match appliquer(&m, &rappel).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(failure) => {
                tracing::error!(error = %failure, "a call of the gateway could not be taken");
                // It calls again.
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        },
        Err(RappelRefuse::Absent) => StatusCode::NOT_FOUND.into_response(),
        Err(RappelRefuse::Signature) => StatusCode::UNAUTHORIZED.into_response(),
        Err(RappelRefuse::Illisible) => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

/// Applies what is told, once: the event is remembered in the same transaction.
pub(super) async fn appliquer(m: &Mandats, rappel: &Rappel) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            if !sms::premier(site, tx, rappel).await? {
                return Ok(());
            }
            match &rappel.evenement {
                Evenement::Rapport { message, remis } => {
                    sms::rapporter(tx, *message, *remis).await?;
                }
                Evenement::Reponse { de, texte, le } => {
                    actions::repondre_par_sms(m, tx, de, texte, *le).await?;
                }
            }
            Ok(())
        })
        .await
}
