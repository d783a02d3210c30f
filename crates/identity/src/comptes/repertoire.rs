//! What this context asks of the directory, which it cannot import: whether the structures and the lieux of a scope exist,
//! and how they are found by name. The program ties the two together.

use std::pin::Pin;

use kernel::{Actor, Perimetre, Refusal};
use sea_orm::DbErr;
use uuid::Uuid;

use crate::error::Result;

/// Identifiers, each with what people call it.
pub type Noms = Vec<(Uuid, String)>;

/// What the directory will answer.
pub type Reponse<'a> = Pin<Box<dyn Future<Output = std::result::Result<Noms, DbErr>> + Send + 'a>>;

/// The directory, seen from accounts.
pub trait Repertoire: Send + Sync {
    /// Those of the structures or lieux of a scope that exist, with their names.
    fn connus<'a>(&'a self, perimetre: &'a Perimetre) -> Reponse<'a>;

    /// The structures of a scope, named in few words: their name and their commune.
    fn abrege<'a>(&'a self, perimetre: &'a Perimetre) -> Reponse<'a>;

    /// Lieux, or structures, that hold these words: few enough to be read.
    fn cherche<'a>(&'a self, actor: &'a Actor, lieux: bool, mots: &'a str) -> Reponse<'a>;
}

/// The identifiers that a scope names, and the words for one of them; nothing for territories.
pub(crate) fn nommes(perimetre: &Perimetre) -> Option<(Vec<Uuid>, &'static str)> {
    match perimetre {
        Perimetre::Structures(ids) => Some((ids.iter().map(|i| i.0).collect(), "Aucune structure")),
        Perimetre::Lieux(ids) => Some((ids.iter().map(|i| i.0).collect(), "Aucun lieu")),
        _ => None,
    }
}

/// Refuses a scope that names what does not exist: such a role would open nothing, and nobody would see why.
///
/// # Errors
/// The field `codes`, naming the first that is unknown.
pub(crate) async fn existe(repertoire: Option<&dyn Repertoire>, perimetre: &Perimetre) -> Result<()> {
    let (Some(repertoire), Some((ids, aucun))) = (repertoire, nommes(perimetre)) else { return Ok(()) };
    let connus = repertoire.connus(perimetre).await?;
    match ids.iter().find(|id| !connus.iter().any(|(k, _)| k == *id)) {
        None => Ok(()),
        Some(id) => {
            let phrase = format!(
                "{aucun} ne porte l’identifiant {id}. Vérifiez-le sur sa fiche, ou cherchez par le nom."
            );
            Err(Refusal::field("codes", phrase).into())
        }
    }
}
