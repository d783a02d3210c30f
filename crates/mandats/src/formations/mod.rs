//! Trainings of aidants: sessions of training bodies and their seats, who follows them, the test Pix, certificates
//! (`docs/mandats/aidants.md`). Teaching by a colleague has no session: the test says that it was done.

pub mod actions;
mod attestation;
mod migration;
pub mod model;
mod pages;
pub(crate) mod par_demandeur;
pub mod pix;
pub(crate) mod rappels;
pub mod regles;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use kernel::ids::StructureId;
use platform::Tx;
use platform::journal::{self, Entry};
use platform::web::Routes;

pub(crate) use actions::renoncer_a_tout;
pub(crate) use migration::Formations0061;
pub(crate) use store::a_inscrire;

use crate::ids::SessionFormationId;
use crate::{Failure, Mandats};

/// Pages of the room.
pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    pages::routes(m.clone())
}

/// Sessions to come of a training body, for the demonstration.
pub(crate) async fn semer(m: &Mandats, tx: &Tx, organisme: StructureId) -> Result<(), Failure> {
    for (dans, lieu, places) in [(45, None, 12), (60, Some("Salle des fêtes fictive, Guéret"), 8)] {
        let debut = m.jour() + chrono::TimeDelta::days(dans);
        let fiche = model::Fiche {
            intitule: "Devenir aidant".to_owned(),
            debut,
            fin: debut + chrono::TimeDelta::days(1),
            heures: 14,
            demi_journees: "Les deux jours, de 9 h à 12 h 30 et de 13 h 30 à 17 h".to_owned(),
            lieu: lieu.map(str::to_owned),
            departement: None,
            places,
            publiee: true,
            intra: false,
            conseillers_numeriques: false,
        };
        let id = SessionFormationId::new(&m.site.clock, &m.site.chance);
        let s = model::Session { id, organisme, fiche, prises: 0, annulee: None, version: 0 };
        store::enregistrer(tx, &s).await?;
        journal::write(&m.site, tx, Entry::system("formation_aidants.demonstration", "session", id)).await?;
    }
    Ok(())
}
