//! Messages to the two sides of a post, in the transaction of what they tell: short, plain, a link to what can be done.

use annuaire::structures::StructureVue;
use kernel::Email;
use platform::mail::{self, Message};
use platform::{Site, Tx};
use sea_orm::DbErr;

use crate::candidats;
use crate::ids::CandidatId;

/// Writes to an address.
///
/// # Errors
/// The database.
pub(crate) async fn envoyer(
    site: &Site,
    tx: &Tx,
    (to, bonjour): (Email, String),
    sujet: &str,
    paragraphes: &[String],
) -> Result<(), DbErr> {
    let mut texte = vec![bonjour];
    texte.extend(paragraphes.iter().cloned());
    let subject = format!("{} : {sujet}", site.config.marque.nom);
    mail::enqueue(site, tx, &Message { to, subject, text: texte.join("\n\n") }).await.map(|_| ())
}

/// Writes to the main contact of a structure; nothing when it has no address. No name of a candidat goes in it.
///
/// # Errors
/// The database.
pub(crate) async fn a_la_structure(
    site: &Site,
    tx: &Tx,
    structure: &StructureVue,
    sujet: &str,
    paragraphes: &[String],
) -> Result<(), DbErr> {
    let adresses = annuaire::structures::courriels_principaux(tx, &[structure.id]).await?;
    let Some(to) = adresses.get(&structure.id) else { return Ok(()) };
    envoyer(site, tx, (to.clone(), "Bonjour,".to_owned()), sujet, paragraphes).await
}

/// Writes to a candidat; nothing when their file is erased.
///
/// # Errors
/// The database.
pub(crate) async fn a_la_personne(
    site: &Site,
    tx: &Tx,
    id: CandidatId,
    sujet: &str,
    paragraphes: &[String],
) -> Result<(), DbErr> {
    let Some(c) = candidats::coordonnees(tx, id).await? else { return Ok(()) };
    envoyer(site, tx, (c.courriel, format!("Bonjour {},", c.prenom)), sujet, paragraphes).await
}
