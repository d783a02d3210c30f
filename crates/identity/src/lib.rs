//! Accounts and rights: who a person is, how they prove it, in which role they act.
//!
//! - [`comptes`]: accounts, roles within scopes, delegations, looks at the site as somebody;
//! - [`connexion`]: passwords, one-time codes, passkeys, links sent by mail, failed tries;
//! - [`sessions`]: who is signed in, from which device, in which role;
//! - [`jetons`]: personal tokens, for programs;
//! - `saisies`: what was typed while a session ended;
//! - [`proconnect`]: public agents who sign in at ProConnect;
//! - [`demo`]: fictitious people, one for each role, in the demonstration only.

mod cli;
pub mod comptes;
pub mod connexion;
pub mod demo;
mod error;
pub mod jetons;
mod jobs;
mod labels;
mod mails;
mod migrations;
pub mod proconnect;
mod saisies;
pub mod secrets;
pub mod sessions;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use platform::Site;

pub use cli::inviter;
pub use comptes::actions::{
    Invitation, Invite, a_le_role, forget_by_programme, invite, invite_by_programme, invite_from_install,
    readdress_by_programme, take_by_programme,
};
pub use comptes::prefectures::{courriels_de_prefecture, courriels_de_role};
pub use comptes::programme::{
    Facteurs, Moyens, acteurs, change_courriel_by_programme, en_usage, facteurs, give_by_programme, moyens,
    reinvite_by_programme, take_by_programme_on, vus,
};
pub use comptes::repertoire::{Noms, Repertoire, Reponse};
pub use comptes::store::{Trouve, actifs, chercher, courriel, noms, ouverts};
pub use comptes::structures::{Gestionnaire, comptes_de_structures, structures_du_role};
pub use connexion::cartes;
pub use error::{Error, Result};
pub use jetons::actions::acteur;
pub use jobs::register as register_jobs;
pub use mails::courriels;
pub use migrations::migrations;
pub use sessions::model::Present;

/// The state of this context's routes: the instance, and what is costly to make.
#[derive(Clone)]
pub struct Identity {
    pub(crate) site: Site,
    pub(crate) hasher: secrets::password::Hasher,
    pub(crate) webauthn: Option<Arc<webauthn_rs::Webauthn>>,
    pub(crate) proconnect: Option<Arc<proconnect::client::Client>>,
    pub(crate) repertoire: Option<Arc<dyn Repertoire>>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// For an instance.
    pub fn new(site: &Site) -> Self {
        let webauthn = connexion::cles::party(&site.config.serveur.origine, &site.config.marque.nom);
        if webauthn.is_none() {
            tracing::warn!("passkeys are off: the origin of the configuration has no host name");
        }
        Self {
            hasher: secrets::password::Hasher::new(&site.chance),
            webauthn: webauthn.map(Arc::new),
            proconnect: proconnect::client::Client::from_config(site),
            repertoire: None,
            site: site.clone(),
        }
    }

    /// Knows the structures and the lieux that a scope may name: a role is not given on what does not exist.
    #[must_use]
    pub fn knowing(self, repertoire: Arc<dyn Repertoire>) -> Self {
        Self { repertoire: Some(repertoire), ..self }
    }

    /// The pages of this context.
    pub fn routes(&self) -> platform::web::Routes<()> {
        let mut routes = connexion::pages::routes()
            .merge(connexion::preuve::routes())
            .merge(comptes::pages::routes())
            .merge(comptes::delegations::routes())
            .merge(comptes::courriels::routes())
            .merge(comptes::collegues::routes())
            .merge(comptes::gestion::routes())
            .merge(jetons::pages::routes())
            .merge(proconnect::pages::routes())
            .merge(saisies::pages::routes());
        if self.site.is_demo() {
            routes = routes.merge(demo::routes());
        }
        routes.with_state(self.clone())
    }

    pub(crate) fn biscuits(&self) -> sessions::cookies::Biscuits {
        sessions::cookies::Biscuits::of(&self.site)
    }
}
