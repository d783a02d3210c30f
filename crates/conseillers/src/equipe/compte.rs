//! The role of conseiller follows the posts: given when a contract is accepted, taken back when the last one ends.

use chrono::NaiveDate;
use identity::Invitation;
use kernel::{Perimetre, Role};
use platform::Tx;

use crate::candidats;
use crate::ids::CandidatId;
use crate::{Conseillers, Failure, postes};

/// Gives the role to the person of a contract that is accepted, in its transaction; who has no account yet is invited. A
/// closed account stays closed: the contract does not wait for it.
///
/// # Errors
/// The database.
pub(crate) async fn ouvrir(cx: &Conseillers, tx: &Tx, id: CandidatId) -> Result<(), Failure> {
    let Some(qui) = candidats::coordonnees(tx, id).await? else { return Ok(()) };
    let compte = candidats::compte_de(tx, id).await?;
    if let Some(compte) = compte
        && identity::a_le_role(tx, compte, Role::Conseiller, cx.site.clock.now()).await?
    {
        return Ok(());
    }
    let invitation = Invitation {
        nom: format!("{} {}", qui.prenom, qui.nom),
        courriel: qui.courriel,
        role: Role::Conseiller,
        perimetre: Perimetre::Soi,
        fin: None,
    };
    match identity::invite_by_programme(&cx.site, tx, &invitation).await {
        Ok(invite) if compte.is_none() => Ok(candidats::relier(tx, id, invite.compte).await?),
        Ok(_) => Ok(()),
        Err(e) => e.refusal().map(|_| ()).map_err(Failure::from),
    }
}

/// Takes the role back from a person whose post ended on that day, in the transaction that says so, unless they hold another
/// afterwards.
///
/// # Errors
/// The database.
pub(crate) async fn fermer(
    cx: &Conseillers,
    tx: &Tx,
    id: CandidatId,
    fini: NaiveDate,
) -> Result<(), Failure> {
    let tenus = postes::store::de_candidat(tx, id).await?;
    if tenus.iter().any(|(_, p)| p.fin.is_none_or(|fin| fin > fini)) {
        return Ok(());
    }
    match candidats::compte_de(tx, id).await? {
        Some(compte) => Ok(identity::take_by_programme(&cx.site, tx, compte, Role::Conseiller).await?),
        None => Ok(()),
    }
}
