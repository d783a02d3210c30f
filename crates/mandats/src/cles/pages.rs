//! The published set.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use platform::web::{Access, PageResult, Routes};

use super::actions;
use crate::Mandats;

/// The public keys, for peers and for `maillage mandat verify --cles`.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    Routes::new().get("/jwks", Access::Public, jwks).with_state(m.clone())
}

/// A copy is kept ten minutes: keys are published two days before they sign.
async fn jwks(State(m): State<Mandats>) -> PageResult {
    let maintenant = m.site.clock.now();
    let jeu = match m.cles.jeu(maintenant) {
        Some(jeu) => jeu,
        None => {
            let jeu: Arc<str> = actions::jeu(&m, m.site.db.read()).await?.to_string().into();
            m.cles.pose_jeu(maintenant, jeu.clone());
            jeu
        }
    };
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=600")];
    Ok((headers, jeu.to_string()).into_response())
}
