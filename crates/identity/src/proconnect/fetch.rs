//! The only way out to the provider: its own origin and no other, and no name that leads back into
//! this machine.

use std::net::IpAddr;
use std::pin::Pin;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use platform::outside::{self, Trouble};
use url::{Host, Origin, Url};

/// Why nothing usable came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The address is not one of the provider's.
    #[error("an address outside the origin of the issuer")]
    Elsewhere,
    /// The provider does not answer, not in time, or too much.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// Fetches from one origin.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: reqwest::Client,
    origin: Origin,
}

/// Whether the issuer may be contacted at all: https with a name, or http on this very machine, for
/// tests and the demonstration.
pub(crate) fn admissible(issuer: &Url) -> bool {
    match (issuer.scheme(), issuer.host()) {
        ("https", Some(Host::Domain(name))) => !is_local_name(name),
        ("http", Some(host)) => is_here(&host),
        _ => false,
    }
}

fn is_local_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

fn is_here(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_local_name(name),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// Names that lead to this machine or to the addresses of the cloud's metadata lead nowhere.
fn is_outside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            !(v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast())
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_outside(IpAddr::V4(v4)),
            None => {
                let link_local = v6.segments()[0] & 0xffc0 == 0xfe80;
                !(v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || link_local)
            }
        },
    }
}

impl Fetcher {
    /// For the origin of that issuer.
    pub(crate) fn new(issuer: &Url) -> Option<Self> {
        if !admissible(issuer) {
            return None;
        }
        let builder = outside::client();
        let builder = if issuer.scheme() == "http" {
            builder.no_proxy()
        } else {
            builder.https_only(true).dns_resolver(outside::resolver(is_outside))
        };
        Some(Self { client: builder.build().ok()?, origin: issuer.origin() })
    }

    /// Whether the address is of the issuer's origin.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        url.origin() == self.origin && url.username().is_empty() && url.password().is_none()
    }

    /// Sends the request, gives the answer whole.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| FetchError::Elsewhere)?;
        if !self.covers(&url) {
            return Err(FetchError::Elsewhere);
        }
        let (parts, body) = request.into_parts();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let answer = sent.map_err(Trouble::from)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = HttpResponse::new(outside::body(answer).await?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetcher {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_that_may_be_contacted() {
        for (url, fine) in [
            ("https://auth.agentconnect.gouv.fr/api/v2", true),
            ("http://127.0.0.1:4001/api/v2", true),
            ("http://localhost:4001", true),
            ("http://[::1]:4001", true),
            ("http://auth.agentconnect.gouv.fr/api/v2", false),
            ("http://169.254.169.254/latest", false),
            ("https://169.254.169.254/latest", false),
            ("https://127.0.0.1/", false),
            ("https://[::1]/", false),
            ("https://localhost/", false),
            ("file:///etc/passwd", false),
            ("ftp://exemple.fr/", false),
        ] {
            assert_eq!(admissible(&Url::parse(url).unwrap()), fine, "{url}");
        }
    }

    #[test]
    fn addresses_outside_this_machine() {
        for (ip, outside) in [
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("fe80::1", false),
            ("10.0.0.1", true), // the State's own network has private addresses
            ("198.51.100.1", true),
        ] {
            assert_eq!(is_outside(ip.parse().unwrap()), outside, "{ip}");
        }
    }

    #[tokio::test]
    async fn another_origin_is_not_contacted() {
        let fetcher = Fetcher::new(&Url::parse("http://127.0.0.1:9/api").unwrap()).unwrap();
        for other in [
            "http://127.0.0.1:8/x",
            "https://127.0.0.1:9/x",
            "http://localhost:9/x",
            "http://a@127.0.0.1:9/x",
        ] {
            let request = openidconnect::http::Request::builder().uri(other).body(Vec::new()).unwrap();
            assert!(matches!(fetcher.send(request).await, Err(FetchError::Elsewhere)), "{other}");
        }
    }
}
