//! Deliveries from the browser: the form, the job that imports, the page that tells how it went.

mod changements;
pub(super) mod envoi;
mod pages;
pub(super) mod qualite;
mod remarques;
mod tache;

use kernel::Verb;
use platform::jobs::Registry;
use platform::web::{Access, Routes};

use crate::Annuaire;

pub(crate) use tache::ImportDepose;

const IMPORTER: Access = Access::May(Verb::ImporterLieux);

/// Where the pages live.
const BASE: &str = "/gestion/lieux/imports";

/// Every page of deliveries, with its access.
pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    // The other fields of the form have a mebibyte.
    let corps_max = annuaire.site.config.serveur.fichier_max().saturating_add(1 << 20);
    Routes::new()
        .get(BASE, IMPORTER, pages::liste)
        .post_file(BASE, IMPORTER, corps_max, pages::envoyer)
        .get("/gestion/lieux/imports/{id}", IMPORTER, pages::livraison)
        .get("/gestion/lieux/imports/{id}/rapport.csv", IMPORTER, pages::rapport)
        .get("/gestion/lieux/imports/{id}/corrige.csv", IMPORTER, pages::corrige)
        .get("/gestion/lieux/imports/{id}/remarques", IMPORTER, remarques::remarques)
        .get("/gestion/lieux/imports/{id}/lieux", IMPORTER, changements::changements)
        .get("/gestion/lieux/imports/{id}/lieux.csv", IMPORTER, changements::fichier)
        .get(qualite::BASE, IMPORTER, qualite::liste)
        .get("/gestion/lieux/qualite/sources.csv", IMPORTER, qualite::fichier)
        .get("/gestion/lieux/qualite/sources.schema.json", IMPORTER, qualite::schema)
        .get("/gestion/lieux/qualite/{source}", IMPORTER, qualite::source)
        .with_state(annuaire)
}

/// Says who imports what was delivered.
pub(crate) fn register(annuaire: &Annuaire, registry: &mut Registry) {
    let annuaire = annuaire.clone();
    registry.on(move |id, job: ImportDepose| {
        let annuaire = annuaire.clone();
        async move { tache::importe(&annuaire, id, job).await }
    });
}

#[cfg(test)]
mod tests;
