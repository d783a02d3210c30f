//! The identity provider, towards FranceConnect (`docs/mandats/fournisseur.md`). The protocol is `oidc::provider`; here
//! are its rows, its addresses and its pages.
//!
//! - [`clients`]: who may ask, as data: the old and the new FranceConnect are two rows;
//! - `flux`: requests under way, each bound to the browser that brought it;
//! - `choix`: the person, then the démarche, then a code; the use is written down before anything leaves;
//! - `echange`: the code becomes a token, the token an identity, each in one transaction;
//! - [`usages`]: what was done, for whom, by whom, when.

mod choix;
pub mod clients;
pub mod demonstration;
mod echange;
mod etape;
mod flux;
mod freins;
mod jobs;
pub(crate) mod migration;
mod navigateur;
mod pages;
mod points;
pub(crate) mod service;
mod store;
mod tenue;
#[cfg(test)]
pub(crate) mod tests;
pub mod usages;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use oidc::Pepper;
use oidc::provider::Provider;
use platform::web::Routes;

pub(crate) use jobs::register;
pub use usages::{Utilise, usages_de};

use crate::Mandats;

/// What the pages and the addresses of the provider are given.
#[derive(Clone)]
pub(crate) struct Fournisseur {
    m: Mandats,
    provider: Arc<Provider>,
    pepper: Pepper,
    clients: clients::Connus,
    freins: Arc<freins::Freins>,
    decouverte: Dite,
}

/// For how long what we tell of ourselves is kept as it was written: peers ask several times for each person.
const VIE: TimeDelta = TimeDelta::minutes(1);

/// The discovery document, and when it was written.
type Ecrite = (DateTime<Utc>, Arc<str>);

/// The discovery document, kept for a minute.
#[derive(Clone, Debug, Default)]
struct Dite(Arc<Mutex<Option<Ecrite>>>);

impl Dite {
    fn prend(&self, maintenant: DateTime<Utc>) -> Option<Arc<str>> {
        let dite = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dite.as_ref().filter(|(le, _)| (*le..*le + VIE).contains(&maintenant)).map(|(_, texte)| texte.clone())
    }

    fn pose(&self, maintenant: DateTime<Utc>, texte: Arc<str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((maintenant, texte));
    }
}

impl Fournisseur {
    /// On an instance; none when its origin is no issuer that clients would accept.
    pub(crate) fn new(m: &Mandats) -> Option<Self> {
        let origine = m.site.config.serveur.origine.trim_end_matches('/');
        let mut provider = match Provider::new(origine, true) {
            Ok(provider) => provider,
            Err(error) => {
                tracing::warn!(%error, "no identity provider: serveur.origine cannot be an issuer");
                return None;
            }
        };
        provider.paths.logout = points::FIN.to_owned();
        provider.scopes = oidc::franceconnect::SCOPES.iter().map(|(scope, _)| (*scope).to_owned()).collect();
        provider.claims = claims();
        let poivre = m.site.secrets.fingerprint("fournisseur.poivre", "v1");
        Some(Self {
            m: m.clone(),
            provider: Arc::new(provider),
            pepper: Pepper::new(poivre.as_bytes()),
            clients: clients::Connus::default(),
            freins: Arc::default(),
            decouverte: Dite::default(),
        })
    }
}

/// Names of all that may be told.
fn claims() -> Vec<String> {
    let du_jeton = ["sub", "acr", "amr", "auth_time", "nonce", "rep_scope", "act", "sid"];
    let mut noms: Vec<String> = du_jeton.iter().map(|n| (*n).to_owned()).collect();
    for nom in oidc::franceconnect::SCOPES.iter().flat_map(|(_, noms)| *noms) {
        if !noms.iter().any(|n| n == nom) {
            noms.push((*nom).to_owned());
        }
    }
    noms
}

/// The addresses of the protocol, the pages of the choice, those of the staff.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let gestion = clients::routes(m).merge(usages::routes(m));
    match Fournisseur::new(m) {
        Some(f) => {
            let gestion = gestion.merge(points::routes(f.clone())).merge(pages::routes(f.clone()));
            if m.site.is_demo() { gestion.merge(service::routes(f)) } else { gestion }
        }
        None => gestion,
    }
}
