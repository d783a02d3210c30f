//! Security headers, the same on every answer.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::Site;

/// The content policy: nothing from another host, no inline script or style. The one exception is
/// the host of the style of tiles, when the operator configured one.
pub(super) fn content_policy(site: &Site) -> HeaderValue {
    let tiles = site
        .config
        .carte
        .style
        .as_deref()
        .and_then(|s| url::Url::parse(s).ok())
        .map(|u| format!(" {}", u.origin().ascii_serialization()))
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; \
         font-src 'self'; connect-src 'self'{tiles}; worker-src 'self'; manifest-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Put among the extensions of an answer, lets frames be: by default a page neither shows nor is shown in one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// The page shows another page of this site in a frame.
    Shows,
    /// Any site may show the page in a frame: it must hold public data only, and no form that changes anything.
    Shown,
}

impl Framing {
    fn policy(self, policy: &HeaderValue) -> HeaderValue {
        let text = policy.to_str().unwrap_or("default-src 'none'");
        let text = match self {
            Self::Shows => format!("{text}; frame-src 'self'"),
            Self::Shown => text.replace("frame-ancestors 'none'", "frame-ancestors *"),
        };
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}

/// Put among the extensions of an answer, lets the forms of the page lead to other sites, once this one has taken them: the
/// sources that `form-action` names besides this site, as `https:`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SendsTo(pub String);

impl SendsTo {
    fn policy(&self, policy: &HeaderValue) -> HeaderValue {
        let text = policy.to_str().unwrap_or("default-src 'none'");
        let text = text.replace("form-action 'self'", &format!("form-action 'self' {}", self.0));
        HeaderValue::from_str(&text).unwrap_or(policy.clone())
    }
}

pub(super) async fn secure(
    State((policy, https)): State<(HeaderValue, bool)>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let framing = response.extensions().get::<Framing>().copied();
    let policy = framing.map_or(policy.clone(), |f| f.policy(&policy));
    let policy = response.extensions().get::<SendsTo>().map_or(policy.clone(), |s| s.policy(&policy));
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: HeaderValue| {
        headers.entry(HeaderName::from_static(name)).or_insert(value);
    };
    set("content-security-policy", policy);
    set("x-content-type-options", HeaderValue::from_static("nosniff"));
    if framing != Some(Framing::Shown) {
        set("x-frame-options", HeaderValue::from_static("DENY"));
    }
    set("referrer-policy", HeaderValue::from_static("same-origin"));
    set("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    set(
        "permissions-policy",
        HeaderValue::from_static(
            "camera=(), microphone=(), payment=(), usb=(), geolocation=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    );
    if https {
        set("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
    // What a signed-in person saw is `no-store`: the layer of `identity`, inside, knows who is signed in.
    if is_page(headers) || headers.contains_key(SET_COOKIE) {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    }
    response
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|t| t.starts_with("text/html"))
}
