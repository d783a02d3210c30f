//! Closing, reopening, confirming.

use chrono::NaiveDate;
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde_json::json;
use uuid::Uuid;

use super::{Failure, changer, enregistrer, ouvert, tenir};
use crate::Annuaire;
use crate::lieux::abonnements::Evenement;
use crate::lieux::gestion::model::{Gere, Motif};
use crate::lieux::gestion::rules;
use crate::lieux::model::Genre;
use crate::lieux::store::gestion::{self as store, Acte, Rappel};
use crate::lieux::{Etat, LieuId};

/// Says that the lieu is closed, since that day, and why. No delivery opens it again.
///
/// # Errors
/// [`Failure::Stale`] when it changed since; refusals of [`rules::may_fermer`].
pub async fn fermer(
    annuaire: &Annuaire,
    actor: &Actor,
    id: LieuId,
    version: i64,
    (motif, le): (Motif, NaiveDate),
) -> Result<(), Failure> {
    let site = &annuaire.site;
    let aujourdhui = kernel::calendrier::jour(&site.clock.now());
    site.db
        .write(async |tx| {
            let mut g = tenir(annuaire, tx, id).await?;
            rules::may_fermer(actor, &g, le, aujourdhui)?;
            if g.version != version {
                return Err(Failure::Stale(Box::new(g)));
            }
            g.lieu.etat = Etat::Ferme { depuis: kernel::calendrier::minuit(le) };
            g.motif = Some(motif);
            let quoi = format!("Fermeture : {}", motif.libelle().to_lowercase());
            let acte = Acte { par: Some(actor), quoi: &quoi, genre: Genre::Fermeture };
            store::noter(site, tx, id, acte, &[]).await?;
            enregistrer(annuaire, tx, g, Evenement::Ferme).await?;
            let details = json!({ "motif": motif.cle(), "le": le });
            journal::write(site, tx, Entry::by(actor, "lieu.fermer", "lieu", id).with(details)).await?;
            Ok(())
        })
        .await
}

/// Says that the lieu is open again.
///
/// # Errors
/// Refusals of [`rules::may_rouvrir`].
pub async fn rouvrir(annuaire: &Annuaire, actor: &Actor, id: LieuId) -> Result<(), Failure> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            let mut g = tenir(annuaire, tx, id).await?;
            rules::may_rouvrir(actor, &g)?;
            g.lieu.etat = Etat::Ouvert;
            g.motif = None;
            let acte = Acte { par: Some(actor), quoi: "Réouverture", genre: Genre::Reouverture };
            store::noter(site, tx, id, acte, &[]).await?;
            enregistrer(annuaire, tx, g, Evenement::Rouvert).await?;
            journal::write(site, tx, Entry::by(actor, "lieu.rouvrir", "lieu", id)).await?;
            Ok(())
        })
        .await
}

/// Says that everything on the sheet is right today.
///
/// # Errors
/// A conflict when the lieu is closed; refusals of [`rules::may`].
pub async fn confirmer(annuaire: &Annuaire, actor: &Actor, id: LieuId) -> Result<(), Failure> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            let g = tenir(annuaire, tx, id).await?;
            rules::may(actor, Verb::ModifierLieux, &g)?;
            let acte = Acte { par: Some(actor), quoi: "Confirmation", genre: Genre::Changement };
            confirme(annuaire, tx, g, acte).await?;
            journal::write(site, tx, Entry::by(actor, "lieu.confirmer", "lieu", id)).await?;
            Ok(())
        })
        .await
}

/// Says by the link of a message that everything on the sheet is right today. A second time changes nothing.
///
/// # Errors
/// [`Refusal::NotFound`] when the link does not speak of this lieu; a conflict when the lieu is closed.
pub(in crate::lieux::gestion) async fn confirmer_par_lien(
    annuaire: &Annuaire,
    rappel: &Rappel,
    id: LieuId,
) -> Result<(), Failure> {
    let site = &annuaire.site;
    let deja = rappel.lieux.iter().find(|(l, _)| *l == id).ok_or(Refusal::NotFound)?.1;
    if deja.is_some() {
        return Ok(());
    }
    site.db
        .write(async |tx| {
            let g = tenir(annuaire, tx, id).await?;
            let acte = Acte { par: None, quoi: "Confirmation par le lieu", genre: Genre::Changement };
            confirme(annuaire, tx, g, acte).await?;
            store::confirme_rappel(tx, rappel.id, id, site.clock.now()).await?;
            let details = json!({ "rappel": Uuid::to_string(&rappel.id) });
            journal::write(site, tx, Entry::system("lieu.confirmer", "lieu", id).with(details)).await?;
            Ok(())
        })
        .await
}

/// The sheet becomes one of today.
async fn confirme(annuaire: &Annuaire, tx: &Tx, mut g: Gere, acte: Acte<'_>) -> Result<(), Failure> {
    if !ouvert(&g) {
        return Err(Refusal::conflict(
            "Ce lieu est fermé dans l’annuaire. S’il est ouvert, demandez à la structure ou à la préfecture de le rouvrir.",
        )
        .into());
    }
    let maintenant = annuaire.site.clock.now();
    g.confirme_le = Some(maintenant);
    let mut fiche = g.lieu.fiche.clone();
    fiche.date_maj = fiche.date_maj.max(Some(kernel::calendrier::jour(&maintenant)));
    changer(annuaire, tx, g, fiche, acte).await.map(|_| ())
}
