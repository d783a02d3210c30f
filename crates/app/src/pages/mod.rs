//! Pages that belong to no context, or to several: home, help, legal notices, upkeep.

mod accueil;
mod anciennes;
pub(crate) mod bureau;
mod courriels_envoyes;
pub(crate) mod demonstration;
pub(crate) mod entretien;
mod journal;
mod textes;

use platform::Site;
use platform::web::Routes;

pub(crate) fn routes(site: &Site) -> Routes<()> {
    let mut routes = accueil::routes()
        .merge(anciennes::routes())
        .merge(entretien::routes(site))
        .merge(textes::routes(site))
        .merge(courriels_envoyes::routes(site));
    if site.is_demo() {
        routes = routes.merge(demonstration::routes(site));
    }
    routes
}
