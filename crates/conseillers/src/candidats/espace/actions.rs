//! What a candidat does with their own file.

use kernel::{Actor, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::super::effacement::{self, Preuve};
use super::super::model::{Candidat, CandidatId, Fiche, Motif, Pix};
use super::super::{rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::historique::{Ecrit, Sujet, noter};
use crate::matching::relations;
use crate::postes;

/// The file of who acts.
///
/// # Errors
/// [`Refusal::NotFound`] when they have none.
pub(in crate::candidats) async fn la_mienne(
    conn: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Candidat, Failure> {
    let id = store::de_compte(conn, actor.compte).await?.ok_or(Refusal::NotFound)?;
    let candidat = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    rules::may_sien(actor, Verb::TenirCandidature, &candidat)?;
    Ok(candidat)
}

/// Changes the file, if it is still the one that the person read. A change is a sign of life.
///
/// # Errors
/// The fields, by [`rules::changement_recevable`]; a conflict when it changed since.
pub(in crate::candidats) async fn modifier(
    cx: &Conseillers,
    actor: &Actor,
    version: i64,
    fiche: Fiche,
) -> Result<(), Failure> {
    changer(cx, actor, Some(version), "Modification", "candidat.modifier", |c, jour| {
        rules::changement_recevable(&c.fiche, &fiche, jour)?;
        if c.fiche.courriel != fiche.courriel {
            return Err(Refusal::field(
                "courriel",
                "L’adresse ne se change pas ici : elle est celle de votre compte.",
            ));
        }
        let ecrits = c
            .fiche
            .ecarts(&fiche)
            .into_iter()
            .map(|e| Ecrit::change(e.attribut.libelle(), e.avant, e.apres))
            .collect();
        c.fiche = fiche;
        Ok(ecrits)
    })
    .await
}

/// Says whether structures may find the person now.
///
/// # Errors
/// A conflict when the file was merged, or when somebody who holds a post says that they look for one.
pub(in crate::candidats) async fn disponible(
    cx: &Conseillers,
    actor: &Actor,
    oui: bool,
) -> Result<(), Failure> {
    let verbe = if oui { "candidat.disponible" } else { "candidat.indisponible" };
    if oui {
        let conn = cx.site.db.read();
        if postes::store::tient_un_poste(conn, la_mienne(conn, actor).await?.id, cx.jour()).await? {
            return Err(Refusal::conflict(
                "Vous avez un poste de conseiller numérique : votre candidature redevient visible à la fin de votre contrat.",
            )
            .into());
        }
    }
    changer(cx, actor, None, "Disponibilité", verbe, |c, _| {
        let mot = |oui: bool| if oui { "Disponible" } else { "Indisponible" };
        let ecrits =
            (c.disponible != oui).then(|| Ecrit::change("Disponibilité", mot(c.disponible), mot(oui)));
        c.disponible = oui;
        Ok(ecrits.into_iter().collect())
    })
    .await
}

/// Says, or stops saying, what Pix says.
///
/// # Errors
/// A conflict when the file was merged.
pub(super) async fn pix(cx: &Conseillers, actor: &Actor, pix: Option<Pix>) -> Result<(), Failure> {
    changer(cx, actor, None, "Résultats Pix", "candidat.pix", |c, _| {
        let mot = |p: &Option<Pix>| p.as_ref().map(Pix::lisible).unwrap_or_default();
        let ecrit = Ecrit::change("Pix", mot(&c.pix), mot(&pix));
        c.pix = pix;
        Ok((ecrit.avant != ecrit.apres).then_some(ecrit).into_iter().collect())
    })
    .await
}

/// Contacts follow in the same transaction: those of somebody who is not available any more close, and those with structures
/// that are out of reach.
async fn changer(
    cx: &Conseillers,
    actor: &Actor,
    version: Option<i64>,
    action: &str,
    verbe: &'static str,
    change: impl FnOnce(&mut Candidat, chrono::NaiveDate) -> Result<Vec<Ecrit>, Refusal>,
) -> Result<(), Failure> {
    let site = &cx.site;
    let now = site.clock.now();
    let id = la_mienne(site.db.read(), actor).await?.id;
    site.db
        .write(async |tx| {
            relations::store::tenir_personne(tx, id).await?;
            let mut candidat = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            rules::may_sien(actor, Verb::TenirCandidature, &candidat)?;
            let (visible, avant) = (candidat.visible(), candidat.fiche.clone());
            if version.is_some_and(|v| v != candidat.version) {
                return Err(Failure::perime());
            }
            let ecrits = change(&mut candidat, kernel::calendrier::jour(&now))?;
            candidat.vu_le = now;
            candidat.relances = 0;
            if !store::update(tx, &candidat).await? {
                return Err(Failure::perime());
            }
            noter(site, tx, (Sujet::Candidat, id.0), Some(actor), action, &ecrits).await?;
            if visible && !candidat.visible() {
                relations::fins::plus_disponible(site, tx, id).await?;
            } else if avant.zone() != candidat.fiche.zone() {
                relations::fins::hors_de_portee(cx, tx, &candidat).await?;
            }
            let champs: Vec<&str> = ecrits.iter().map(|e| e.quoi.as_str()).collect();
            journal::write(
                site,
                tx,
                Entry::by(actor, verbe, "candidat", id).with(json!({ "champs": champs })),
            )
            .await?;
            Ok(())
        })
        .await
}

/// Withdraws and erases the file, for good.
///
/// # Errors
/// A conflict while the person holds a post.
pub(super) async fn retirer(site: &Site, actor: &Actor, motif: Motif) -> Result<Preuve, Failure> {
    let id = la_mienne(site.db.read(), actor).await?.id;
    effacement::effacer(site, Some(actor), id, motif).await
}

/// Writes in the journal that the person took their data away.
///
/// # Errors
/// The database.
pub(super) async fn noter_export(site: &Site, actor: &Actor, id: CandidatId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            journal::write(site, tx, Entry::by(actor, "candidat.emporter", "candidat", id)).await
        })
        .await?;
    Ok(())
}
