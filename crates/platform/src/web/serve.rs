//! The stack around the routes, and the listener.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use super::shell::{NavEntry, ShellBase};
use super::{Access, RouteInfo, Routes, access, assets, cadre, error, headers, host, observe, patience};
use crate::Site;

/// The site, ready to serve.
#[derive(Debug)]
pub struct Stack {
    /// Everything, layers included.
    pub router: Router,
    /// Who may come where, for the test of refusals.
    pub routes: Vec<RouteInfo>,
}

/// Puts the layers around the routes. `viewer` is the layer of `identity` that finds who looks;
/// it stands inside the limits and outside the pages.
pub fn finish<L>(site: &Site, routes: Routes<()>, nav: Vec<NavEntry>, viewer: L) -> Stack
where
    L: FnOnce(Router) -> Router,
{
    let mut list = routes.list().to_vec();
    list.push(RouteInfo {
        method: axum::http::Method::GET,
        path: "/assets/{*path}".to_owned(),
        access: Access::Public,
    });
    let base = Arc::new(ShellBase { site: site.clone(), nav });
    let https = site.config.serveur.origine.starts_with("https:");
    let policy = headers::content_policy(site);
    let name = host::Name::new(&site.config.serveur.origine, site.is_demo());
    let patience = patience::Patience::new(routes.files().iter().cloned());
    let foreign = set(routes.foreign_forms());
    let unlimited = set(routes.own_limits());
    let personnes: Arc<[&'static str]> = routes.personnes().into();
    let router = routes
        .into_router()
        .route("/assets/{*path}", get(assets::serve))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(personnes, access::sur_des_personnes))
        .layer(from_fn_with_state(patience, patience::hold))
        .layer(csrf(site, foreign))
        .layer(from_fn(error::dress));
    let router = viewer(router)
        .layer(from_fn_with_state((site.clone(), unlimited), observe::admit))
        .layer(from_fn_with_state(name, host::hold))
        .layer(from_fn(cadre::hold))
        .layer(from_fn(move |request: Request, next: Next| with_base(base.clone(), request, next)))
        .layer(from_fn_with_state((policy, https), headers::secure))
        .layer(CompressionLayer::new())
        // Outermost: what the layers themselves answer is counted and logged too.
        .layer(from_fn(observe::observe));
    Stack { router, routes: list }
}

async fn with_base(base: Arc<ShellBase>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(base.clone());
    // Errors of the outer layers (limits, sessions when the database is away) are dressed here.
    error::dress(request, next).await
}

/// Refuses what another site makes a browser send, by `Origin` and `Sec-Fetch-Site`: no token to
/// expire in a form left open.
fn csrf(site: &Site, foreign: Arc<BTreeSet<String>>) -> CsrfLayer {
    CsrfLayer::new()
        .add_trusted_origin(site.config.serveur.origine.trim_end_matches('/'))
        .unwrap_or_else(|_| CsrfLayer::new())
        .with_insecure_bypass(move |_, uri| foreign.contains(uri.path()))
}

fn set(paths: &[String]) -> Arc<BTreeSet<String>> {
    Arc::new(paths.iter().cloned().collect())
}

/// Serves until `stop`, then lets running requests end (30 s at most).
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    let signal = stop.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move { signal.cancelled().await });
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    };
    tokio::select! {
        outcome = server => outcome,
        () = late => Ok(()),
    }
}
