//! A browser without a network: requests go straight to the router, cookies are kept.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use platform::web::{ParJeton, Viewer};
use tower::ServiceExt;

/// Sends requests as a browser does.
#[derive(Clone, Debug)]
pub struct Browser {
    router: Router,
    viewer: Option<Viewer>,
    token: Option<ParJeton>,
    cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as text. In a page the spaces that do not break beside French signs are plain ones here: the pages put them
    /// all by one rule, which has its own tests.
    pub body: String,
}

impl Answer {
    /// Where a redirection leads; empty without one.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// Checks the status, and shows the page when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.location(), self.body);
        self
    }

    /// Checks that the page says this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.body.contains(text), "« {text} » is not in: {}", self.body);
        self
    }
}

impl Browser {
    /// A browser on that router.
    pub fn new(router: Router) -> Self {
        Self { router, viewer: None, token: None, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// The same, signed in as that person: for contexts that do not depend on `identity`'s pages.
    #[must_use]
    pub fn signed_in(&self, viewer: Viewer) -> Self {
        Self { viewer: Some(viewer), ..self.clone() }
    }

    /// The same, as a program that shows a personal token of that person.
    #[must_use]
    pub fn with_token(&self, token: ParJeton) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    /// The same with a header on every request.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// A cookie that the site gave.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Gives a cookie of one's own making.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Reads a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form.iter().fold(&mut url_encoder(), |e, (k, v)| e.append_pair(k, v)).finish();
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), Body::from(body)).await
    }

    /// Sends JSON.
    pub async fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        self.send(Method::POST, path, Some("application/json"), Body::from(body.to_string())).await
    }

    /// Sends one file as a form of several parts.
    pub async fn post_file(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> Answer {
        let edge = "----limite-de-test";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let (name, filename, bytes) = file;
        body.extend(
            format!(
                "--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(bytes);
        body.extend(format!("\r\n--{edge}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={edge}");
        self.send(Method::POST, path, Some(&kind), Body::from(body)).await
    }

    /// Sends anything.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !self.headers.iter().any(|(name, _)| name == "host") {
            request = request.header("host", "localhost:8080");
        }
        if let Some(kind) = content_type {
            request = request.header(CONTENT_TYPE, kind);
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header(COOKIE, all.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body).expect("a request");
        if let Some(viewer) = &self.viewer {
            request.extensions_mut().insert(viewer.clone());
        }
        if let Some(token) = &self.token {
            request.extensions_mut().insert(token.clone());
        }
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        for value in response.headers().get_all(SET_COOKIE) {
            let text = value.to_str().expect("a cookie is ASCII");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 64 << 20).await.expect("a body");
        let mut body = String::from_utf8_lossy(&bytes).into_owned();
        let html =
            headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("html"));
        if html {
            for sign in [":", ";", "!", "?", "»"] {
                body = body.replace(&format!("\u{a0}{sign}"), &format!(" {sign}"));
            }
            body = body.replace("«\u{a0}", "« ");
        }
        Answer { status, headers, body }
    }
}

fn url_encoder() -> url::form_urlencoded::Serializer<'static, String> {
    url::form_urlencoded::Serializer::new(String::new())
}
