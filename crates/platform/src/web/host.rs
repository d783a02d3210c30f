//! Answers only to its own name. A page of another site may have its own name lead here (DNS
//! rebinding): the browser then takes both for one origin, and the refusals of `csrf` do not see it.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, HOST};
use axum::http::{Method, StatusCode, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::PageError;

/// The name under which the site is known.
#[derive(Clone, Debug)]
pub(super) struct Name {
    host: String,
    origin: String,
    /// Whether a page asked for under another name of this machine is answered by its true address.
    leads: bool,
}

impl Name {
    /// From `serveur.origine`. The demonstration leads people to its one address: what they begin there (FranceConnect, a
    /// passkey, a session) is not found under another.
    pub(super) fn new(origin: &str, demo: bool) -> Self {
        let host = url::Url::parse(origin).ok().and_then(|u| u.host_str().map(plain)).unwrap_or_default();
        Self { host, origin: origin.trim_end_matches('/').to_owned(), leads: demo }
    }

    /// Whether the request asks for this site. The port is not compared: a proxy may leave it out,
    /// and no other site can take a name by its port. A site known as `localhost` is also known by the
    /// other names of the machine itself.
    fn is(&self, host: &str) -> bool {
        let asked = plain(host);
        asked == self.host || (is_loopback(&self.host) && is_loopback(&asked))
    }
}

/// Without brackets, final dot or capitals.
fn plain(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether somebody looks at a page: programs and probes are answered where they ask.
fn is_visit(request: &Request) -> bool {
    let html =
        request.headers().get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    request.method() == Method::GET && html
}

/// Refuses with 421 what was sent to another name. Behind a proxy too: it must pass `Host` on, and
/// `X-Forwarded-Host` is what anybody may write.
pub(super) async fn hold(State(name): State<Name>, request: Request, next: Next) -> Response {
    let asked = match request.headers().get(HOST) {
        Some(value) => value.to_str().ok().and_then(|v| v.parse::<Authority>().ok()),
        None => request.uri().authority().cloned(),
    };
    if asked.as_ref().is_some_and(|a| name.is(a.host())) {
        if name.leads && asked.is_some_and(|a| plain(a.host()) != name.host) && is_visit(&request) {
            let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
            return Redirect::temporary(&format!("{}{path}", name.origin)).into_response();
        }
        return next.run(request).await;
    }
    let sentence = format!("Ce site ne répond pas à l’adresse demandée. La sienne est {}.", name.origin);
    let mut response = PageError::BadRequest(sentence).into_response();
    *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_names() {
        for (origin, host, known) in [
            ("https://maillage.exemple.fr", "maillage.exemple.fr", true),
            ("https://maillage.exemple.fr/", "MAILLAGE.exemple.fr.", true),
            ("https://maillage.exemple.fr", "exemple.fr", false),
            ("https://maillage.exemple.fr", "maillage.exemple.fr.evil.example", false),
            ("https://maillage.exemple.fr", "localhost", false),
            ("https://maillage.exemple.fr", "127.0.0.1", false),
            ("http://localhost:8080", "localhost", true),
            ("http://localhost:8080", "127.0.0.1", true),
            ("http://localhost:8080", "[::1]", true),
            ("http://localhost:8080", "192.0.2.7", false),
            ("http://localhost:8080", "localhost.evil.example", false),
            ("http://[::1]:8080", "localhost", true),
            ("http://192.0.2.7:8080", "192.0.2.7", true),
            ("http://192.0.2.7:8080", "", false),
        ] {
            assert_eq!(Name::new(origin, false).is(host), known, "{origin} {host}");
        }
    }
}
