//! How somebody without an account follows a demande: each message about it bears a link that opens its page, where they
//! answer the committee and take the demande back. Links are kept as SHA-256, and end with the demande.

use chrono::{DateTime, TimeDelta, Utc};
use identity::secrets::link::Secret;
use kernel::Refusal;
use kernel::calendrier::jour;
use platform::db::kit;
use platform::{Site, Tx, mail};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::actions::{Reponse, passer, preciser};
use super::model::{Demande, Etat, Origine};
use super::{mails, rules, store};
use crate::Failure;
use crate::ids::DemandeId;

/// How long a link opens the page after the demande was decided or set aside.
const GARDE: TimeDelta = TimeDelta::days(90);

/// Where the page of a link is.
pub(super) const ADRESSE: &str = "/demande-de-postes/suivi";

/// A new link to the page of a demande; none for one that was filed from a space, or that a list brought: its structure
/// has an account, or never asked.
pub(crate) async fn lien(site: &Site, tx: &Tx, d: &Demande) -> Result<Option<String>, DbErr> {
    if d.origine != Origine::Formulaire {
        return Ok(None);
    }
    let secret = Secret::new(&site.chance);
    let sql = "INSERT INTO demande_suivi (jeton, demande_id, cree_le) VALUES ($1, $2, $3)";
    kit::execute(tx, sql, [secret.hash().into(), d.id.0.into(), site.clock.now().into()]).await?;
    Ok(Some(site.url(&format!("{ADRESSE}/{}", secret.expose()))))
}

/// The demande of that link.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or when the link ended.
pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<Demande, Failure> {
    #[derive(FromQueryResult)]
    struct Suivie {
        demande_id: Uuid,
    }
    let sql = "SELECT demande_id FROM demande_suivi WHERE jeton = $1";
    let row: Option<Suivie> = kit::query_one_as(conn, sql, [secret.hash().into()]).await?;
    let id = DemandeId(row.ok_or(Refusal::NotFound)?.demande_id);
    let d = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    let finie = match &d.etat {
        Etat::Accordee { le, .. } | Etat::Refusee { le, .. } | Etat::Annulee { le, .. } => Some(*le),
        Etat::Doublon { .. } => Some(jour(&d.deposee_le)),
        _ => None,
    };
    match finie {
        Some(le) if jour(&(now - GARDE)) > le => Err(Refusal::NotFound.into()),
        _ => Ok(d),
    }
}

/// Takes the demande of that link back.
///
/// # Errors
/// As [`ouvrir`]; the field of an empty reason; refusals of [`rules::annulable`].
pub(super) async fn annuler(site: &Site, secret: &Secret, motif: &str) -> Result<(), Failure> {
    let id = ouvrir(site.db.read(), secret, site.clock.now()).await?.id;
    site.db
        .write(async |tx| {
            let d = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            if motif.trim().is_empty() {
                return Err(Refusal::field("motif", "Écrivez pourquoi vous renoncez à cette demande.").into());
            }
            rules::annulable(&d)?;
            let etat = Etat::Annulee { le: jour(&site.clock.now()), motif: motif.trim().to_owned() };
            passer(site, tx, &d, etat, (None, "demande.annuler", "Annulation par le lien de suivi")).await?;
            mail::enqueue(site, tx, &mails::annulee(site, &d)).await?;
            Ok(())
        })
        .await
}

/// Answers the committee for the demande of that link.
///
/// # Errors
/// As [`ouvrir`], and as for the space of a structure.
pub(super) async fn repondre(site: &Site, secret: &Secret, reponse: &Reponse) -> Result<(), Failure> {
    let id = ouvrir(site.db.read(), secret, site.clock.now()).await?.id;
    site.db
        .write(async |tx| {
            let d = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            preciser(site, tx, &d, None, reponse).await
        })
        .await
}

/// Forgets links, in the job that forgets drafts.
pub(super) async fn oublier(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    // A demande may wait for long: the oldest link of one that goes on stays.
    let sql = "DELETE FROM demande_suivi WHERE cree_le < $1 AND demande_id IN (SELECT id FROM demande \
               WHERE etat IN ('accordee', 'refusee', 'annulee', 'doublon'))";
    kit::execute(tx, sql, [(now - GARDE).into()]).await.map(|_| ())
}
