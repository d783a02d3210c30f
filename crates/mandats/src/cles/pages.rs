//! The published sets: two addresses, as they have two lives.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use platform::web::{Access, PageResult, Routes};

use super::actions;
use super::model::Usage;
use crate::Mandats;

/// Where the keys of mandats are, for `maillage mandat verify --cles`: all of them, for ever.
pub const MANDATS: &str = "/jwks/mandats";
/// Where those of tokens are, for peers: those of now.
const JETONS: &str = "/jwks";

/// The public keys.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    Routes::new()
        .get(JETONS, Access::Public, des_jetons)
        .get(MANDATS, Access::Public, des_mandats)
        .with_state(m.clone())
}

async fn des_jetons(State(m): State<Mandats>) -> PageResult {
    publie(&m, Usage::Jeton).await
}

async fn des_mandats(State(m): State<Mandats>) -> PageResult {
    publie(&m, Usage::Mandat).await
}

/// A copy is kept ten minutes: keys are published two days before they sign.
async fn publie(m: &Mandats, usage: Usage) -> PageResult {
    let maintenant = m.site.clock.now();
    let jeu = match m.cles.jeu(usage, maintenant) {
        Some(jeu) => jeu,
        None => {
            let conn = m.site.db.read();
            let jeu = match usage {
                Usage::Mandat => actions::jeu(m, conn).await?,
                Usage::Jeton => actions::jeu_des_jetons(m, conn).await?,
            };
            let jeu: Arc<str> = jeu.to_string().into();
            m.cles.pose_jeu(usage, maintenant, jeu.clone());
            jeu
        }
    };
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=600")];
    Ok((headers, jeu.to_string()).into_response())
}
