//! Where a server may be sent by an address that somebody else wrote (discovery documents, sets of keys).

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

/// Why an address is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundRefusal {
    /// Neither `https`, nor `http` on this machine where that is allowed.
    #[error("not an https address")]
    Scheme,
    /// A name and a password in the address, or a fragment.
    #[error("an address with a user name or a fragment")]
    Decorated,
    /// A bare address of a network, or this machine.
    #[error("an address inside the house")]
    Inside,
    /// Not one of the origins that are known.
    #[error("another origin")]
    Elsewhere,
}

/// The addresses that may be contacted for one provider: those of a few origins. Redirections are not to be
/// followed; a name must be resolved by the caller and each address that it gives submitted to
/// [`Outbound::admits_ip`].
#[derive(Clone, Debug)]
pub struct Outbound {
    origins: Vec<url::Origin>,
    local: bool,
    private: bool,
}

impl Outbound {
    /// For the origin of that issuer only.
    ///
    /// # Errors
    /// An issuer that may not be contacted at all.
    pub fn to(issuer: &str, local: bool, private: bool) -> Result<Self, OutboundRefusal> {
        let url = Url::parse(issuer).map_err(|_| OutboundRefusal::Scheme)?;
        let policy = Self { origins: vec![url.origin()], local, private };
        policy.admits(&url)?;
        Ok(policy)
    }

    /// Admits one more origin, for a provider that keeps its keys on another host.
    #[must_use]
    pub fn and(mut self, origin: &Url) -> Self {
        self.origins.push(origin.origin());
        self
    }

    /// Whether that address may be contacted.
    ///
    /// # Errors
    /// Why it may not.
    pub fn admits(&self, url: &Url) -> Result<(), OutboundRefusal> {
        let host = url.host().ok_or(OutboundRefusal::Scheme)?;
        let here = is_here(&host);
        match url.scheme() {
            "https" => {}
            "http" if here && self.local => {}
            _ => return Err(OutboundRefusal::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(OutboundRefusal::Decorated);
        }
        let inside = match host {
            Host::Domain(name) => here || !name.contains('.'),
            Host::Ipv4(ip) => !self.admits_ip(IpAddr::V4(ip)),
            Host::Ipv6(ip) => !self.admits_ip(IpAddr::V6(ip)),
        };
        if inside && !(here && self.local) {
            return Err(OutboundRefusal::Inside);
        }
        if self.origins.contains(&url.origin()) { Ok(()) } else { Err(OutboundRefusal::Elsewhere) }
    }

    /// The same, of a text.
    ///
    /// # Errors
    /// Not an address, or not one that may be contacted.
    pub fn admits_text(&self, text: &str) -> Result<Url, OutboundRefusal> {
        if text.len() > 2048 {
            return Err(OutboundRefusal::Scheme);
        }
        let url = Url::parse(text).map_err(|_| OutboundRefusal::Scheme)?;
        self.admits(&url).map(|()| url)
    }

    /// Whether a name may lead there: never to this machine nor to the cloud's own addresses unless it is a trial
    /// on this machine, and to a private network only where that is allowed (the State's network has some).
    pub fn admits_ip(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(v4) if v4.is_loopback() => self.local,
            IpAddr::V4(v4) => !is_special(v4) && (self.private || !is_private(v4)),
            IpAddr::V6(v6) => {
                if let Some(v4) = v6.to_ipv4_mapped() {
                    return self.admits_ip(IpAddr::V4(v4));
                }
                let first = v6.segments()[0];
                let link_local = first & 0xffc0 == 0xfe80;
                let unique_local = first & 0xfe00 == 0xfc00;
                // Addresses that carry an IPv4 one inside (6to4, NAT64, the oldest form).
                let carries = first == 0x2002
                    || (first == 0x64 && v6.segments()[1] == 0xff9b)
                    || v6.segments()[..6].iter().all(|s| *s == 0);
                if v6.is_loopback() {
                    return self.local;
                }
                !(v6.is_unspecified() || v6.is_multicast() || link_local || carries)
                    && (self.private || !unique_local)
            }
        }
    }
}

fn is_private(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    // 100.64/10 is shared by the customers of one operator.
    ip.is_private() || (a == 100 && (64..128).contains(&b))
}

fn is_special(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_broadcast()
        || a == 0
        || a >= 240
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
}

fn is_here(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attack_68_addresses_that_lead_inside() {
        let policy = Outbound::to("https://fc.exemple.fr/api/v2", false, false).unwrap();
        for (text, admitted) in [
            ("https://fc.exemple.fr/jwks", true),
            ("https://fc.exemple.fr:443/jwks?x=1", true),
            ("https://fc.exemple.fr:8443/jwks", false),
            ("https://autre.exemple.fr/jwks", false),
            ("https://fc.exemple.fr.evil.example/jwks", false),
            ("http://fc.exemple.fr/jwks", false),
            ("https://user@fc.exemple.fr/jwks", false),
            ("https://fc.exemple.fr/jwks#f", false),
            ("http://127.0.0.1/jwks", false),
            ("https://169.254.169.254/latest", false),
            ("https://[::1]/", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://localhost/", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("data:text/plain,x", false),
            ("//fc.exemple.fr/", false),
            ("", false),
        ] {
            assert_eq!(policy.admits_text(text).is_ok(), admitted, "{text}");
        }
    }

    #[test]
    fn issuers() {
        for (issuer, local, fine) in [
            ("https://fc.exemple.fr", false, true),
            ("http://fc.exemple.fr", false, false),
            ("http://fc.exemple.fr", true, false),
            ("http://127.0.0.1:4001/api", true, true),
            ("http://localhost:4001/api", true, true),
            ("http://[::1]:4001", true, true),
            ("http://127.0.0.1:4001/api", false, false),
            ("https://10.0.0.1/", false, false),
            ("https://intranet/", false, false),
            ("http://169.254.169.254/", true, false),
        ] {
            assert_eq!(Outbound::to(issuer, local, false).is_ok(), fine, "{issuer} {local}");
        }
    }

    #[test]
    fn attack_68_names_that_resolve_inside() {
        let policy = |private| Outbound::to("https://fc.exemple.fr", false, private).unwrap();
        for (ip, admitted, on_a_private_network) in [
            ("127.0.0.1", false, false),
            ("169.254.169.254", false, false),
            ("0.0.0.0", false, false),
            ("0.1.2.3", false, false),
            ("255.255.255.255", false, false),
            ("224.0.0.1", false, false),
            ("192.0.0.170", false, false),
            ("198.18.0.1", false, false),
            ("10.0.0.1", false, true),
            ("172.16.0.1", false, true),
            ("192.168.1.1", false, true),
            ("100.64.0.1", false, true),
            ("198.51.100.1", true, true),
            ("::1", false, false),
            ("::", false, false),
            ("::ffff:127.0.0.1", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("::7f00:1", false, false),
            ("2002:7f00:1::", false, false),
            ("64:ff9b::7f00:1", false, false),
            ("fe80::1", false, false),
            ("fd00::1", false, true),
            ("2001:db8::1", true, true),
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!(policy(false).admits_ip(ip), admitted, "{ip}");
            assert_eq!(policy(true).admits_ip(ip), on_a_private_network, "{ip}");
        }
    }

    proptest! {
        #[test]
        fn no_address_panics(text in ".{0,80}") {
            let policy = Outbound::to("https://fc.exemple.fr", false, false).unwrap();
            prop_assert!(policy.admits_text(&text).is_err());
        }
    }
}
