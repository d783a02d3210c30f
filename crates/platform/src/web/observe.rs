//! One line of log and two metrics a request: the route, never the address with what people typed.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::PageError;
use crate::Site;

/// Where the request comes from, after the proxy if one is configured. For limits only: never
/// stored, never logged.
#[derive(Clone, Copy, Debug)]
pub struct Source(pub IpAddr);

pub(super) async fn observe(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(aucune)".to_owned(), |p| p.as_str().to_owned());
    let response = next.run(request).await;
    let (status, seconds) = (response.status().as_u16(), start.elapsed().as_secs_f64());
    let method = known(&method);
    let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("maillage_http_requests_total", &labels).increment(1);
    metrics::histogram!("maillage_http_request_seconds", "route" => route.clone()).record(seconds);
    tracing::info!(method, route, status, ms = seconds * 1000.0, "request");
    response
}

/// The method, or one word for all that a client may invent: each new one would be a new series of
/// metrics, kept for ever.
fn known(method: &Method) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
    METHODS.into_iter().find(|m| *m == method.as_str()).unwrap_or("autre")
}

/// Finds the source and holds floods.
pub(super) async fn admit(
    State((site, unlimited)): State<(Site, Arc<BTreeSet<String>>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let forwarded = site.config.serveur.mandataire.then(|| forwarded_for(&request)).flatten();
    let source = forwarded.or(peer).unwrap_or(IpAddr::from([127, 0, 0, 1]));
    request.extensions_mut().insert(Source(source));
    // Files of the interface are cached and cheap; a page asks for several at once.
    let path = request.uri().path();
    let counted = !path.starts_with("/assets/") && !unlimited.contains(path);
    if counted && !site.limits.admit(source) {
        return PageError::TooMany.into_response();
    }
    next.run(request).await
}

/// The last address of `X-Forwarded-For`: the one our own proxy wrote; those before it are what
/// the visitor claims.
fn forwarded_for(request: &Request) -> Option<IpAddr> {
    request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()?
        .to_str()
        .ok()?
        .rsplit(',')
        .next()?
        .trim()
        .parse()
        .ok()
}
