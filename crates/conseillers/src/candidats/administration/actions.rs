//! What the administration does with files.

use kernel::{Actor, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};
use serde_json::json;

use super::super::model::{Candidat, CandidatId, Etat};
use super::super::store;
use crate::Failure;
use crate::historique::{Ecrit, Sujet, noter};
use crate::postes;

/// Opens a file; the reading is journalled, and told to the person.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such file.
pub(super) async fn ouvrir(site: &Site, actor: &Actor, id: CandidatId) -> Result<Candidat, Failure> {
    let c = store::get(site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    actor.may_on(Verb::GererCandidats, &c.cible())?;
    if actor.vu_par.is_none() {
        site.db
            .write(async |tx| {
                journal::write(site, tx, Entry::by(actor, "candidat.lire", "candidat", id)).await
            })
            .await?;
    }
    Ok(c)
}

/// Makes one file of two: `absorbee` leads to `gardee` from now on.
///
/// # Errors
/// [`Refusal::NotFound`]; a conflict when they are one, not both confirmed, or when the absorbed one holds, or held, posts.
pub(in crate::candidats) async fn fusionner(
    site: &Site,
    actor: &Actor,
    gardee: CandidatId,
    absorbee: CandidatId,
) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    site.db
        .write(async |tx| {
            // Always in one order: two people who merge the same pair in opposite ways wait for each other.
            for id in [gardee.min(absorbee), gardee.max(absorbee)] {
                store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            }
            if gardee == absorbee {
                return Err(Refusal::conflict("C’est deux fois la même candidature.").into());
            }
            let g = store::get(tx, gardee).await?.ok_or(Refusal::NotFound)?;
            let mut a = store::get(tx, absorbee).await?.ok_or(Refusal::NotFound)?;
            if !matches!((g.etat, a.etat), (Etat::Active { .. }, Etat::Active { .. })) {
                return Err(Refusal::conflict("Seules deux candidatures confirmées se réunissent.").into());
            }
            if !postes::store::de_candidat(tx, absorbee).await?.is_empty() {
                return Err(Refusal::conflict(
                    "La candidature à réunir a déjà occupé un poste : gardez plutôt celle-là.",
                )
                .into());
            }
            a.etat = Etat::Fusionnee { dans: gardee };
            if !store::update(tx, &a).await? {
                return Err(Failure::perime());
            }
            let dit = [
                (absorbee, Ecrit::nouveau("Réunie avec", g.reference())),
                (gardee, Ecrit::nouveau("Réunit aussi", a.reference())),
            ];
            for (id, ecrit) in dit {
                noter(site, tx, (Sujet::Candidat, id.0), Some(actor), "Fusion", &[ecrit]).await?;
            }
            let faits = json!({ "absorbee": absorbee.to_string() });
            journal::write(site, tx, Entry::by(actor, "candidat.fusionner", "candidat", gardee).with(faits))
                .await?;
            Ok(())
        })
        .await
}

/// Makes two files again of one that was absorbed.
///
/// # Errors
/// [`Refusal::NotFound`]; a conflict when it was not absorbed, or its address has another file since.
pub(in crate::candidats) async fn separer(site: &Site, actor: &Actor, id: CandidatId) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    site.db
        .write(async |tx| {
            let mut c = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            let Etat::Fusionnee { dans } = c.etat else {
                return Err(Refusal::conflict("Cette candidature n’est réunie avec aucune autre.").into());
            };
            if store::actif_de_courriel(tx, &c.fiche.courriel.key()).await?.is_some() {
                return Err(
                    Refusal::conflict("Une autre candidature est confirmée à cette adresse depuis.").into()
                );
            }
            // The day of the first confirmation is in the history; this one counts from now.
            c.etat = Etat::Active { confirmee_le: site.clock.now() };
            if !store::update(tx, &c).await? {
                return Err(Failure::perime());
            }
            for autre in [id, dans] {
                let ecrit = Ecrit::nouveau("Séparées", c.reference());
                noter(site, tx, (Sujet::Candidat, autre.0), Some(actor), "Séparation", &[ecrit]).await?;
            }
            journal::write(site, tx, Entry::by(actor, "candidat.defusionner", "candidat", id)).await?;
            Ok(())
        })
        .await
}
