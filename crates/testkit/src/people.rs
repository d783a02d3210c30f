//! People in each role.

use kernel::ids::CompteId;
use kernel::{Actor, Perimetre, Role};
use platform::web::Viewer;

/// A person in that role, within that scope.
pub fn actor(role: Role, perimetre: Perimetre) -> Actor {
    let compte = CompteId(uuid::Uuid::from_u128(0xA000 + role as u128));
    Actor { compte, role, perimetre, vu_par: None, prete: false }
}

/// The same, as pages see it.
pub fn viewer(role: Role, perimetre: Perimetre) -> Viewer {
    Viewer {
        actor: actor(role, perimetre),
        nom: "Personne d’essai".to_owned(),
        role: role.ligne().nom.to_owned(),
        autres_roles: Vec::new(),
        apres_silence: false,
        vu_comme: None,
        // Always just now, whatever the hour that the test holds.
        prouve_le: Some(chrono::DateTime::<chrono::Utc>::MAX_UTC),
    }
}
