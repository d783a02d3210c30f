//! The way out to the services of others: five seconds, 256 KiB, no redirection to where nobody
//! configured to go; for an address that a user gave, public addresses only.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Why nothing usable came back. Never holds the address: it may say what somebody looked for.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The service does not answer, or not in time.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is too long.
    #[error("an answer of more than 256 KiB")]
    TooLong,
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::NoAnswer(error.without_url().to_string())
    }
}

/// Why the certificate of a service was refused, when that is why nothing was sent: for the operator.
pub fn certificate_refused(error: &reqwest::Error) -> Option<&'static str> {
    use rustls::CertificateError as C;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(rustls::Error::InvalidCertificate(why)) = tls(e) {
            return Some(match why {
                C::Expired | C::ExpiredContext { .. } => "its certificate has expired",
                C::NotValidYet | C::NotValidYetContext { .. } => "its certificate is not valid yet",
                C::NotValidForName | C::NotValidForNameContext { .. } => "its certificate is of another name",
                C::UnknownIssuer => "its certificate is of an authority that nobody knows",
                _ => "its certificate is refused",
            });
        }
        cause = e.source();
    }
    None
}

/// The error of the TLS library, which stands inside errors of input and output that do not give it as their cause.
fn tls<'e>(e: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    e.downcast_ref().or_else(|| tls(e.downcast_ref::<io::Error>()?.get_ref()?))
}

/// A client to be completed and built, once for each service.
pub fn client() -> reqwest::ClientBuilder {
    // Whoever comes first installs it; all use the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("maillage/", env!("CARGO_PKG_VERSION")))
}

/// A client for addresses that users give ([`public_url`] said yes): https, public addresses only, checked on the
/// addresses that are connected to, so that a name whose answer changes leads nowhere else. No proxy: it would resolve
/// the name itself.
///
/// # Errors
/// When the TLS library refuses its settings: a defect.
pub fn public_client() -> Result<reqwest::Client, reqwest::Error> {
    client().no_proxy().https_only(true).dns_resolver(resolver(is_public)).build()
}

/// Whether an address that a user gave may be contacted: https, without a name and a password in it, to a name or a
/// public address.
pub fn public_url(url: &Url) -> bool {
    let host = match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            // A name without a dot, or of these ends, is one of a local network.
            name.contains('.')
                && !["localhost", "local", "internal", "lan", "home", "corp"]
                    .iter()
                    .any(|end| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')))
        }
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        None => false,
    };
    host && url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
}

/// Resolves names to the addresses that `admits` lets through, and to no other.
pub fn resolver(admits: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Arc<impl Resolve> {
    Arc::new(Only(Arc::new(admits)))
}

struct Only(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl Resolve for Only {
    fn resolve(&self, name: Name) -> Resolving {
        let admits = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|a| admits(a.ip())).collect();
            if admitted.is_empty() {
                return Err("the name leads to no address that may be contacted".into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Whether the address is one of the public Internet. Sources: the registries of special-purpose addresses of IANA
/// (RFC 6890 and those after it); what carries an address of IPv4 is judged by it.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // Mapped, and translated by NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // 6to4.
        [0x2002, high, low, ..] => v4(high, low),
        // Teredo, documentation.
        [0x2001, second, ..] if second < 0x0200 || second == 0x0db8 => false,
        [0x3fff, ..] => false,
        // Unicast addresses that are given out: 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// The whole answer.
///
/// # Errors
/// When it stops half-way, or is too long.
pub async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(Trouble::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_contacted_for_users() {
        for (url, fine) in [
            ("https://exemple.fr/webhook", true),
            ("https://exemple.fr:8443/webhook?x=1", true),
            ("https://93.184.216.34/", true),
            ("https://[2606:2800:220:1::1]/", true),
            ("http://exemple.fr/", false),
            ("https://moi:secret@exemple.fr/", false),
            ("https://localhost/", false),
            ("https://serveur/", false),
            ("https://serveur.internal/", false),
            ("https://app.localhost./", false),
            ("https://127.0.0.1/", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://0/", false),
            ("https://10.1.2.3/", false),
            ("https://172.16.0.1/", false),
            ("https://192.168.1.1/", false),
            ("https://100.64.0.1/", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://198.18.0.1/", false),
            ("https://224.0.0.1/", false),
            ("https://255.255.255.255/", false),
            ("https://[::1]/", false),
            ("https://[::]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://[64:ff9b::a00:1]/", false),
            ("https://[2002:7f00:1::]/", false),
            ("https://[fe80::1]/", false),
            ("https://[fd00::1]/", false),
            ("https://[2001:db8::1]/", false),
            ("ftp://exemple.fr/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(public_url(&Url::parse(url).unwrap()), fine, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere() {
        let name = "localhost".parse().unwrap();
        assert!(resolver(is_public).resolve(name).await.is_err());
        assert!(public_client().unwrap().get("http://exemple.fr/").send().await.is_err(), "https only");
    }

    #[tokio::test]
    async fn what_is_too_long_is_not_read_to_its_end() {
        for (bytes, fine) in [(0, true), (MAX_BYTES, true), (MAX_BYTES + 1, false)] {
            let router = axum::Router::new().fallback(move || async move { vec![b'x'; bytes] });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move { axum::serve(listener, router).await });
            let client = client().no_proxy().build().unwrap();
            let answer = client.get(format!("http://{address}/")).send().await.unwrap();
            assert_eq!(body(answer).await.is_ok(), fine, "{bytes}");
            server.abort();
        }
    }
}
