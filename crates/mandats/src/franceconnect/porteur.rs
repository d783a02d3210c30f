//! The way out to FranceConnect: its own origin and no other, five seconds, no redirection; or, in the demonstration,
//! the fictitious FranceConnect of this very program.

use std::sync::Arc;
use std::time::Duration;

use oidc::Outbound;
use oidc::client::{Answer, Refused, Request};
use platform::outside;
use url::Url;

use super::faux::Faux;

/// Carries requests.
#[derive(Clone, Debug)]
pub(super) enum Porteur {
    /// By the network.
    Reseau(reqwest::Client, Outbound),
    /// Inside this process.
    Interne(Arc<Faux>),
}

/// Before a second try of what may be asked twice.
const ATTENTE: Duration = Duration::from_millis(200);

/// Whether asking again may give another answer.
enum Echec {
    /// Nothing was sent.
    AvantEnvoi(&'static str),
    /// Something was, perhaps.
    Apres(&'static str),
    /// It does not prove who it is: nothing was sent.
    Certificat(&'static str),
}

impl Porteur {
    /// By the network, to that issuer; `delai` is for each request.
    pub(super) fn reseau(issuer: &str, outbound: Outbound, delai: Option<Duration>) -> Option<Self> {
        Some(Self::Reseau(Self::batisseur(issuer, &outbound, delai).build().ok()?, outbound))
    }

    /// What such a client is built of.
    pub(super) fn batisseur(
        issuer: &str,
        outbound: &Outbound,
        delai: Option<Duration>,
    ) -> reqwest::ClientBuilder {
        let here = issuer.starts_with("http:");
        let builder = outside::client();
        let builder = if let Some(delai) = delai { builder.timeout(delai) } else { builder };
        if here {
            builder.no_proxy()
        } else {
            let policy = outbound.clone();
            builder.https_only(true).dns_resolver(outside::resolver(move |ip| policy.admits_ip(ip)))
        }
    }

    /// Sends a request. What was not received, and what only reads, is sent once more.
    ///
    /// # Errors
    /// [`Refused::Away`]; [`Refused::Certificate`].
    pub(super) async fn envoie(&self, request: &Request) -> Result<Answer, Refused> {
        match self {
            Self::Interne(faux) => Ok(faux.repond(request)),
            Self::Reseau(client, outbound) => {
                let url = outbound
                    .admits_text(&request.url)
                    .map_err(|_| Refused::Answer("an address outside the origin of the issuer"))?;
                let again = |answer: &Result<Answer, Echec>| match answer {
                    Err(Echec::AvantEnvoi(_)) => true,
                    Err(Echec::Apres(_) | Echec::Certificat(_)) => false,
                    Ok(answer) => request.method == "GET" && matches!(answer.status, 502..=504),
                };
                let mut answer = Self::une_fois(client, url.clone(), request).await;
                if again(&answer) {
                    tokio::time::sleep(ATTENTE).await;
                    answer = Self::une_fois(client, url, request).await;
                }
                answer.map_err(|e| match e {
                    Echec::AvantEnvoi(why) | Echec::Apres(why) => Refused::Away(why),
                    Echec::Certificat(why) => Refused::Certificate(why),
                })
            }
        }
    }

    async fn une_fois(client: &reqwest::Client, url: Url, request: &Request) -> Result<Answer, Echec> {
        let method = if request.method == "POST" { reqwest::Method::POST } else { reqwest::Method::GET };
        let mut builder = client.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value.expose());
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.expose().to_owned());
        }
        let sent = builder.send().await.map_err(|e| match outside::certificate_refused(&e) {
            Some(why) => Echec::Certificat(why),
            None if e.is_connect() => Echec::AvantEnvoi("no connection"),
            None if e.is_timeout() => Echec::Apres("no answer in time"),
            None => Echec::Apres("the exchange was cut"),
        })?;
        let status = sent.status().as_u16();
        let kind = sent.headers().get(http::header::CONTENT_TYPE);
        let content_type = kind.and_then(|v| v.to_str().ok()).map(str::to_owned);
        let body = outside::body(sent).await.map_err(|_| Echec::Apres("an answer too long, or cut"))?;
        Ok(Answer { status, content_type, body })
    }
}
