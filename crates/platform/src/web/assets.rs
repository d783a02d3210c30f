//! Files of the interface, embedded in the binary: styles, modules, map. Made by `make assets`.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::PageError;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../assets/dist/public"]
struct Public;

fn fingerprint(path: &str) -> Option<String> {
    static SEEN: OnceLock<HashMap<String, String>> = OnceLock::new();
    let seen = SEEN.get_or_init(|| {
        Public::iter()
            .filter(|p| !p.ends_with(".br") && !p.ends_with(".gz"))
            .filter_map(|p| {
                let hash = Public::get(&p)?.metadata.sha256_hash();
                Some((p.to_string(), kernel::text::hex(&hash[..6])))
            })
            .collect()
    });
    seen.get(path).cloned()
}

/// Address of a file with its fingerprint: `/assets/maillage.css?v=0a1b2c3d4e5f`.
pub fn url(path: &str) -> String {
    match fingerprint(path) {
        Some(v) => format!("/assets/{path}?v={v}"),
        None => format!("/assets/{path}"),
    }
}

/// The file as text, for pages that draw it inside themselves.
pub fn read(path: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    Public::get(path).map(|f| f.data)
}

/// Serves a file, already compressed when the browser admits it.
pub(super) async fn serve(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(version) = fingerprint(&path) else { return PageError::not_found().into_response() };
    let etag = format!("\"{version}\"");
    if headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()) == Some(&etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let admits = |name: &str| accepted.split(',').any(|e| e.trim().split(';').next() == Some(name));
    let encoded = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| admits(name))
        .find_map(|(name, suffix)| Public::get(&format!("{path}{suffix}")).map(|f| (Some(name), f)));
    let Some((encoding, file)) = encoded.or_else(|| Public::get(&path).map(|f| (None, f))) else {
        return PageError::not_found().into_response();
    };
    let mime = match path.rsplit('.').next() {
        Some("geojson") => "application/geo+json",
        Some("mjs") => "text/javascript",
        _ => mime_guess::from_path(&path).first_raw().unwrap_or("application/octet-stream"),
    };
    let mut response = file.data.into_owned().into_response();
    let h = response.headers_mut();
    h.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    // Modules import each other by their bare names: those are asked for again after an hour.
    let versioned = uri.query() == Some(&format!("v={version}"));
    let cache = if versioned { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    h.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    h.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(v) = HeaderValue::from_str(&etag) {
        h.insert(ETAG, v);
    }
    if let Some(name) = encoding {
        h.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
