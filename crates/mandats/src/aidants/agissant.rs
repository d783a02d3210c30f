//! In whose name somebody acts.

use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal, Verb};
use sea_orm::ConnectionTrait;

use super::model::{Aidant, Appartenance, EtatAidant};
use super::store;
use crate::organisations::{self, Organisation};
use crate::{Failure, Mandats};

/// A professional, in the organisation in whose name they act now.
#[derive(Clone, Debug)]
pub struct Agissant {
    /// Who.
    pub aidant: Aidant,
    /// In whose name.
    pub organisation: Organisation,
    /// Since when, to do what.
    pub appartenance: Appartenance,
}

/// Who acts, checked again in the caller's transaction: the acting role names one organisation; the organisation is
/// active; the professional is, and belongs to it in a function that has the verb.
///
/// # Errors
/// A refusal that says which of these does not hold; the database.
pub async fn agissant(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    actor: &Actor,
    verb: Verb,
) -> Result<Agissant, Failure> {
    actor.may(verb)?;
    let structure = organisation_agissante(actor)?;
    let jour = m.jour();
    let organisation = organisations::store::lire(conn, structure).await?.filter(|o| o.active(jour));
    let organisation = organisation.ok_or_else(|| {
        Refusal::forbidden("Cette organisation n’est pas, ou n’est plus, habilitée Aidants Connect. Votre référent peut vous dire pourquoi.")
    })?;
    let aidant = store::du_compte(conn, actor.compte).await?.filter(|a| a.etat == EtatAidant::Actif);
    let Some(aidant) = aidant else {
        let pourquoi = "Votre compte d’aidant n’est pas actif. Dans le menu, « Ma situation d’aidant » dit pourquoi, et comment le réveiller.";
        return Err(Refusal::forbidden(pourquoi).into());
    };
    let appartenance = store::appartenance(conn, aidant.id, structure).await?;
    let appartenance = appartenance.filter(|a| a.debut <= jour && a.fonction.role().has(verb));
    let Some(appartenance) = appartenance else {
        let pourquoi = "Vous n’avez pas, ou plus, cette fonction dans cette organisation. Votre référent peut vous dire pourquoi.";
        return Err(Refusal::forbidden(pourquoi).into());
    };
    Ok(Agissant { aidant, organisation, appartenance })
}

/// The one organisation that the acting role names.
///
/// # Errors
/// A refusal when it names none or several.
pub(crate) fn organisation_agissante(actor: &Actor) -> Result<StructureId, Refusal> {
    match &actor.perimetre {
        Perimetre::Structures(ids) if ids.len() == 1 => Ok(ids[0]),
        _ => Err(Refusal::forbidden(
            "Choisissez en haut de la page l’organisation au nom de laquelle vous agissez.",
        )),
    }
}
