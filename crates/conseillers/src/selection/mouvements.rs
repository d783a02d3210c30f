//! Posts that a decision makes or moves: made, given back, transferred. All of it happens when the session closes.

use chrono::NaiveDate;
use kernel::Refusal;
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::model::territoires;
use super::store;
use crate::Failure;
use crate::demandes::actions;
use crate::demandes::model::{Demande, Genre, Objet};
use crate::historique::{self, Ecrit, Sujet};
use crate::postes::{self, Place, Poste, Typologie};

/// Makes the posts of a demande that was granted.
///
/// # Errors
/// The database.
pub(super) async fn creer(
    site: &Site,
    tx: &Tx,
    d: &Demande,
    (n, le): (u32, NaiveDate),
) -> Result<(), Failure> {
    let structure = annuaire::structures::find(tx, d.structure).await?.ok_or(Refusal::NotFound)?;
    let place =
        Place { structure: structure.id, departement: d.departement.clone(), region: d.region.clone() };
    let typologie = match d.objet.genre() {
        Genre::Coordinateur => Typologie::Coordinateur,
        _ => Typologie::Conseiller,
    };
    postes::store::attribuer(site, tx, n, typologie, (Some(d.id), &place, le)).await?;
    Ok(())
}

/// Moves the posts of a demande that gives back or transfers; nothing for one that makes posts.
///
/// # Errors
/// A conflict that names the demande when its posts are no longer free, or when who should receive them may not.
pub(super) async fn deplacer(
    site: &Site,
    tx: &Tx,
    d: &Demande,
    (n, le): (u32, NaiveDate),
) -> Result<(), Failure> {
    let (Objet::Retrait { typologie, .. } | Objet::Transfert { typologie, .. }) = &d.objet else {
        return Ok(());
    };
    let refuse = |pourquoi: String| {
        Refusal::conflict(format!(
            "{} : {pourquoi} Annulez cette décision, puis closez la séance.",
            d.reference()
        ))
    };
    let s = annuaire::structures::find(tx, d.structure).await?.ok_or(Refusal::NotFound)?;
    let (_, mut libres) = actions::postes_de(tx, &s, le).await?;
    libres.retain(|p| p.typologie == *typologie);
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    if libres.len() < n {
        let reste = kernel::text::compte(libres.len() as u64, "poste libre", "postes libres");
        return Err(refuse(format!("la structure n’a plus que {reste} de ce type.")).into());
    }
    let mut ids: Vec<_> = libres.into_iter().take(n).map(|p| p.id).collect();
    ids.sort();
    for id in ids {
        let poste = postes::store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
        let (change, action) = match &d.objet {
            Objet::Transfert { vers, .. } => {
                let vers = actions::receveuse(tx, &s, *vers).await.map_err(|e| match e {
                    Failure::Refusal(Refusal::Fields(f)) => {
                        refuse(f.into_iter().map(|(_, phrase)| phrase).collect::<Vec<_>>().join(" ")).into()
                    }
                    other => other,
                })?;
                let place = Place {
                    structure: vers.id,
                    departement: vers.commune.departement.clone(),
                    region: vers.commune.region.clone(),
                };
                let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
                (postes::rules::transferer(poste, id, place, le)?, "Transfert")
            }
            Objet::Retrait { motif, .. } => {
                rendre_aux_enveloppes(tx, &poste).await?;
                (postes::rules::rendre(poste, le, *motif)?, "Rendu")
            }
            _ => return Ok(()),
        };
        postes::store::enregistrer(tx, &change).await?;
        let quoi = [Ecrit::nouveau("Demande", d.reference())];
        historique::noter(site, tx, (Sujet::Poste, change.id.0), None, action, &quoi).await?;
    }
    postes::abandon::verifier(site, tx, s.id, le).await?;
    Ok(())
}

/// Holds the enveloppes of a place: before its posts, as everybody does.
///
/// # Errors
/// The database.
pub(crate) async fn tenir_enveloppes(tx: &Tx, place: &Place) -> Result<(), DbErr> {
    store::tenir_tout(tx, &territoires(&place.region, &place.departement).into()).await
}

/// Gives a post back to the enveloppes that hold it, if a session granted it.
///
/// # Errors
/// The database.
pub(crate) async fn rendre_aux_enveloppes(tx: &Tx, poste: &Poste) -> Result<(), DbErr> {
    if let Some(demande) = poste.demande {
        let enveloppes = store::enveloppes_de(tx, demande).await?;
        store::rendre(tx, &enveloppes, 1).await?;
    }
    Ok(())
}
