//! The private port: `/healthz` (the process lives), `/readyz` (it can serve), `/metrics`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::Site;

#[derive(Clone)]
struct Private {
    site: Site,
    metrics: Option<PrometheusHandle>,
}

/// Routes of the private port.
pub fn router(site: Site, metrics: Option<PrometheusHandle>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "vivant\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Private { site, metrics })
}

async fn ready(State(p): State<Private>) -> (StatusCode, &'static str) {
    match p.site.db.ping().await {
        Ok(()) => (StatusCode::OK, "prêt\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "la base de données ne répond pas\n"),
    }
}

async fn render(State(p): State<Private>) -> String {
    p.metrics.map(|m| m.render()).unwrap_or_default()
}
