//! What answers before the database has come: every page is a 503 that says so.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use platform::Site;
use platform::web::Routes;
use tower::ServiceExt;

/// A router that is replaced once, when the instance is ready.
#[derive(Clone)]
pub(crate) struct Switch(Arc<RwLock<Router>>);

impl Switch {
    pub(crate) fn new(site: &Site) -> Self {
        // The files of the interface are served, so that even this page is dressed.
        let stack = platform::web::finish(site, Routes::unavailable(), Vec::new(), |r| r);
        Self(Arc::new(RwLock::new(stack.router)))
    }

    pub(crate) fn over_to(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(forward).with_state(self.clone())
    }
}

async fn forward(State(switch): State<Switch>, request: Request) -> Response {
    let current = switch.0.read().unwrap_or_else(PoisonError::into_inner).clone();
    let Ok(response) = current.oneshot(request).await;
    response
}
