//! Structures: the organisations that host conseillers and run lieux.

use platform::db::Migrations;
use platform::web::Routes;

use crate::Annuaire;

/// Pages of the slice.
pub fn routes(annuaire: Annuaire) -> Routes<()> {
    Routes::new().with_state(annuaire)
}

/// Tables of the slice.
pub fn migrations() -> Migrations {
    Vec::new()
}
