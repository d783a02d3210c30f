//! What a professional does for a person, under a signed mandat (`docs/mandats/modele.md`).
//!
//! - [`organisations`]: who is habilitée, with which number, for which démarches;
//! - [`aidants`]: one record of a professional, their memberships, in whose name they act;
//! - [`formations`]: how one becomes an aidant: sessions, test, certificates;
//! - [`reunions`] and [`objectifs`]: how organisations are won over in each département, and how many are wanted;
//! - [`echanges`]: what partners read by program; [`notifications`]: what the team tells aidants and référents;
//! - [`usagers`] and [`mandats`]: who is helped, and what they allow whom to do;
//! - [`conservation`]: how long each of them is kept;
//! - [`cles`]: the keys that sign mandats and tokens, and their published set;
//! - [`transferts`]: mandats that pass from one organisation to another;
//! - [`fournisseur`]: the identity provider, towards FranceConnect, and the uses of mandats;
//! - [`imports`]: lists that the staff brings from elsewhere;
//! - [`reprise`]: taking over a database of Aidants Connect;
//! - [`legal`] and [`document`], pure: the dated texts; the mandat as bytes that are signed once and verified for ever,
//!   without a database and without a network.

mod actes;
pub mod aidants;
mod attente;
mod cartes;
pub mod cles;
pub mod consentements;
pub mod conservation;
mod courriels;
pub mod demonstration;
mod discret;
pub mod document;
pub mod echanges;
pub mod espace;
mod failure;
pub mod formations;
pub mod fournisseur;
pub mod franceconnect;
pub mod habilitations;
pub mod ids;
pub mod imports;
mod jours;
pub mod legal;
pub mod mandats;
mod migration;
pub mod notifications;
pub mod objectifs;
pub mod organisations;
pub mod reprise;
pub mod reunions;
pub mod statistiques;
pub mod transferts;
pub mod usagers;

mod empreinte;
#[cfg(test)]
mod essai;
#[cfg(test)]
mod facultatif;
#[cfg(test)]
mod isolement;
#[cfg(test)]
mod schema;

use std::sync::Arc;

use annuaire::Annuaire;
use platform::Site;
use platform::db::Migrations;
use platform::jobs::Registry;
use platform::web::Routes;

pub use actes::{acte, chose};
pub use attente::attente;
pub use courriels::courriels;
pub use empreinte::Empreinte;
pub use failure::Failure;

/// What the pages and the actions of this context are given.
#[derive(Clone, Debug)]
pub struct Mandats {
    /// The instance.
    pub site: Site,
    /// The directory: structures, territory.
    pub annuaire: Annuaire,
    /// The keys that sign, once open.
    pub cles: cles::Garde,
    /// The client of FranceConnect, when one is configured.
    pub franceconnect: Option<Arc<franceconnect::Client>>,
}

impl Mandats {
    /// On a directory that is loaded.
    pub fn new(annuaire: &Annuaire) -> Self {
        let site = annuaire.site.clone();
        let franceconnect = franceconnect::Client::of(&site);
        Self { site, annuaire: annuaire.clone(), cles: cles::Garde::default(), franceconnect }
    }

    /// Today, as the administration counts days.
    pub fn jour(&self) -> chrono::NaiveDate {
        kernel::calendrier::jour(&self.site.clock.now())
    }
}

/// Every page of this context.
pub fn routes(mandats: &Mandats) -> Routes<()> {
    Routes::new()
        .merge(mandats::routes(mandats))
        .merge(cartes::routes(mandats))
        .merge(cles::routes(mandats))
        .merge(franceconnect::routes(mandats))
        .merge(espace::routes(mandats))
        .merge(consentements::routes(mandats))
        .merge(fournisseur::routes(mandats))
        .merge(habilitations::routes(mandats))
        .merge(organisations::routes(mandats))
        .merge(aidants::routes(mandats))
        .merge(formations::routes(mandats))
        .merge(statistiques::routes(mandats))
        .merge(transferts::routes(mandats))
        .merge(reunions::routes(mandats))
        .merge(objectifs::routes(mandats))
        .merge(echanges::routes(mandats))
        .merge(notifications::routes(mandats))
        .merge(imports::routes(mandats))
        .sur_des_personnes("/aidant")
        .sur_des_personnes("/referent")
}

/// The documents of our addresses under `/api/v1`, each with what is put before the names of its schemas: to be joined to the
/// one document of the API.
pub fn openapi() -> [(&'static str, &'static str); 2] {
    [("Mandats", statistiques::OPENAPI), ("AidantsConnect", echanges::OPENAPI)]
}

/// Says who does the jobs of this context.
pub fn register(mandats: &Mandats, registry: &mut Registry) {
    mandats::register(mandats, registry);
    cles::register(mandats, registry);
    franceconnect::register(&mandats.site, registry);
    espace::register(&mandats.site, registry);
    consentements::register(&mandats.site, registry);
    fournisseur::register(mandats, registry);
    habilitations::register(mandats, registry);
    aidants::dormance::register(mandats, registry);
    statistiques::register(mandats, registry);
    transferts::register(mandats, registry);
    demonstration::nationale::register(mandats, registry);
    reunions::register(mandats, registry);
    formations::rappels::register(mandats, registry);
    notifications::register(mandats, registry);
    aidants::relances::register(mandats, registry);
    aidants::propositions::register(mandats, registry);
    aidants::masse::register(mandats, registry);
    imports::register(mandats, registry);
}

/// Migrations of this context, in order; those of the directory come before them.
pub fn migrations() -> Migrations {
    vec![
        Box::new(migration::Mandats0001),
        Box::new(mandats::migration::Mandats0020),
        Box::new(cles::migration::Mandats0030),
        Box::new(franceconnect::Mandats0040),
        Box::new(espace::migration::Mandats0041),
        Box::new(consentements::migration::Mandats0042),
        Box::new(fournisseur::migration::Mandats0031),
        Box::new(habilitations::Habilitations0050),
        Box::new(aidants::Aidants0060),
        Box::new(formations::Formations0061),
        Box::new(statistiques::migration::Mandats0070),
        Box::new(transferts::migration::Mandats0080),
        Box::new(reunions::Mandats0100),
        Box::new(objectifs::Mandats0101),
        Box::new(reprise::Mandats0090),
        Box::new(formations::rappels::Mandats0102),
        Box::new(notifications::Mandats0103),
        Box::new(aidants::relances::Mandats0104),
        Box::new(aidants::propositions::Mandats0110),
        Box::new(aidants::masse::Mandats0111),
        Box::new(consentements::migration::Mandats0120),
        Box::new(espace::migration::Mandats0121),
        Box::new(espace::migration::Mandats0140),
        Box::new(consentements::migration::Mandats0141),
        Box::new(imports::Mandats0130),
        Box::new(usagers::Mandats0150),
        Box::new(consentements::migration::Mandats0170),
        Box::new(consentements::migration::Mandats0171),
        Box::new(mandats::migration::Mandats0180),
    ]
}

/// Everything that the tables of this context stand on.
#[cfg(test)]
pub(crate) fn tests_migrations() -> Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(annuaire::migrations());
    all.extend(migrations());
    all
}
