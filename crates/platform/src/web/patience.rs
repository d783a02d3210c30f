//! How long a request may last: a page one minute; a file as long as it keeps coming.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutBody;

use super::PageError;

/// What one request may take.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// A page, from its first byte received to its first byte sent.
    pub(super) page: Duration,
    /// A file, all of it: 64 MiB at 1 Mbit/s take nine minutes.
    pub(super) file: Duration,
    /// The longest silence while a file comes.
    pub(super) silence: Duration,
    /// Paths of the forms that take a file.
    pub(super) files: Arc<BTreeSet<String>>,
}

impl Patience {
    /// What the site grants, knowing which forms take files.
    pub(super) fn new(files: impl IntoIterator<Item = String>) -> Self {
        Self {
            page: Duration::from_secs(60),
            file: Duration::from_secs(30 * 60),
            silence: Duration::from_secs(30),
            files: Arc::new(files.into_iter().collect()),
        }
    }

    fn takes_file(&self, request: &Request) -> bool {
        *request.method() == Method::POST
            && request.extensions().get::<MatchedPath>().is_some_and(|p| self.files.contains(p.as_str()))
    }
}

/// Answers 503 to what lasts too long.
pub(super) async fn hold(State(patience): State<Patience>, request: Request, next: Next) -> Response {
    let (limit, request) = if patience.takes_file(&request) {
        let silence = patience.silence;
        (patience.file, request.map(|body| Body::new(TimeoutBody::new(silence, body))))
    } else {
        (patience.page, request)
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => PageError::Unavailable.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use bytes::Bytes;
    use futures::stream;
    use tower::ServiceExt;

    use super::*;

    /// Sends 20 pieces, `every` so often, to `/page` or `/file`; pages have 300 ms, silences 100 ms.
    async fn send(path: &str, every: Duration) -> StatusCode {
        let patience = Patience {
            page: Duration::from_millis(300),
            silence: Duration::from_millis(100),
            ..Patience::new(["/file".to_owned()])
        };
        async fn length(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> Response {
            body.map_or_else(|e| e.into_response(), |b| b.len().to_string().into_response())
        }
        let router = Router::new()
            .route("/file", post(length))
            .route("/page", post(length))
            .layer(from_fn_with_state(patience, hold));
        let pieces = stream::unfold(0, move |n| async move {
            tokio::time::sleep(every).await;
            (n < 20).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"piece")), n + 1))
        });
        let request = Request::post(path).body(Body::from_stream(pieces)).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_file_may_be_slow_but_not_silent() {
        let slow = Duration::from_millis(30);
        assert_eq!(send("/page", slow).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(send("/file", slow).await, StatusCode::OK);
        assert!(send("/file", Duration::from_millis(250)).await.is_client_error(), "silent");
    }
}
