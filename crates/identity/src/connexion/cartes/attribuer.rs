//! A card that a list of the team gives to an account, without one of its codes.

use kernel::ids::CompteId;
use kernel::{Actor, Refusal};
use platform::db::kit;
use platform::journal;
use platform::{Site, Tx};
use serde_json::json;

use super::actions::{ligne, prevenir};
use super::model::{Carte, EtatCarte, numero};
use super::store::{du_compte, lues};
use crate::error::{Error, Result};

/// Whether a list may give that card to that account, none when it has none yet; the card, when it may and is not theirs already.
///
/// # Errors
/// A refusal of the field `numero`; a conflict when the account has another card.
pub async fn attribuable(
    conn: &impl sea_orm::ConnectionTrait,
    compte: Option<CompteId>,
    tape: &str,
) -> Result<Option<Carte>> {
    let inconnue = || {
        Error::field(
            "numero",
            "Aucune carte libre ne porte ce numéro : ajoutez-la d’abord au stock, ou retirez-la à qui l’a.",
        )
    };
    let numero = numero(tape).ok_or_else(inconnue)?;
    let carte = lues(conn, "WHERE numero = $1", [numero.into()]).await?.pop().ok_or_else(inconnue)?;
    let sienne = match compte {
        Some(compte) => du_compte(conn, compte).await?,
        None => None,
    };
    match sienne {
        Some(c) if c.id == carte.id => Ok(None),
        Some(_) => Err(Refusal::conflict("Cette personne a déjà une autre carte.").into()),
        None if matches!(carte.etat, EtatCarte::EnStock | EtatCarte::Envoyee) => Ok(Some(carte)),
        None => Err(inconnue()),
    }
}

/// Gives a card to an account without one of its codes, in the transaction where the caller checked who may: a list of the
/// team says whose it is. Where its clock is will be learnt from its first code, looked for within the whole bound; tries are
/// counted as ever. Says whether anything changed.
///
/// # Errors
/// Those of [`attribuable`]; [`Refusal::NotFound`] for an account that does not exist.
pub async fn attribuer(site: &Site, tx: &Tx, actor: &Actor, compte: CompteId, tape: &str) -> Result<bool> {
    if crate::comptes::store::hold(tx, compte).await?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if let Some(numero) = numero(tape) {
        let sql = "UPDATE compte_carte SET refus = refus WHERE numero = $1";
        kit::execute(tx, sql, [numero.into()]).await?;
    }
    let Some(carte) = attribuable(tx, Some(compte), tape).await? else { return Ok(false) };
    // Who held it before told where its clock was then: nothing is known of it any more.
    let sql = "UPDATE compte_carte SET etat = 'associee', compte_id = $1, etat_le = $2, derive = 0, refus = 0, \
               utilisee_le = NULL WHERE id = $3";
    kit::execute(tx, sql, [compte.0.into(), site.clock.now().into(), carte.id.into()]).await?;
    journal::write(site, tx, ligne(actor, "carte.attribuer", compte, json!({ "carte": carte.id }))).await?;
    prevenir(site, tx, compte, "Une carte à codes a été associée à votre compte").await?;
    Ok(true)
}
