//! Somebody who lost everything that proves who they are: two people vouch for them, then a new invitation goes out to the
//! address that their account already has. Two référents, or a référent and the team; never one person twice, by constraint.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::{CompteId, uuid_v7};
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::agissant::agissant;
use super::model::{Aidant, EtatAidant};
use super::{mails, store, vie};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

/// How long the second person has.
pub const DUREE: TimeDelta = TimeDelta::days(7);

/// A recovery that waits for its second person.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Secours {
    /// Its identifier.
    pub id: Uuid,
    /// For whom.
    pub aidant_id: Uuid,
    /// Account of who asked.
    pub demande_par: Uuid,
    /// When.
    pub demande_le: DateTime<Utc>,
    /// Until when the second person may agree.
    pub expire_le: DateTime<Utc>,
}

const OUVERT: &str = "SELECT id, aidant_id, demande_par, demande_le, expire_le FROM aidant_secours \
                      WHERE approuve_le IS NULL AND annule_le IS NULL";

/// The recovery of somebody that waits, if there is one that is not over.
///
/// # Errors
/// The database.
pub async fn de(
    conn: &impl ConnectionTrait,
    aidant: AidantId,
    now: DateTime<Utc>,
) -> Result<Option<Secours>, DbErr> {
    let sql = format!("{OUVERT} AND aidant_id = $1 AND expire_le > $2");
    kit::query_one_as(conn, &sql, [aidant.0.into(), now.into()]).await
}

/// Every one that waits, for the team.
///
/// # Errors
/// The database.
pub async fn en_attente(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Secours>, DbErr> {
    kit::query_as(
        conn,
        &format!("{OUVERT} AND expire_le > $1 ORDER BY demande_le, id LIMIT 500"),
        [now.into()],
    )
    .await
}

/// Whether the actor may vouch for that professional: a référent of one of their organisations, or the team. Never
/// themselves.
async fn repond(m: &Mandats, tx: &Tx, actor: &Actor, a: &Aidant) -> Result<(), Failure> {
    if actor.role.has(Verb::InstruireHabilitations) {
        if !super::gestion::voit(tx, actor, a.id).await? {
            return Err(Refusal::NotFound.into());
        }
    } else {
        let ici = agissant(m, tx, actor, Verb::GererAidants).await?;
        if store::appartenance(tx, a.id, ici.organisation.structure).await?.is_none() {
            return Err(Refusal::NotFound.into());
        }
    }
    if a.compte == Some(actor.compte) {
        return Err(Refusal::forbidden(
            "On ne se porte pas garant de soi-même : demandez à deux autres personnes.",
        )
        .into());
    }
    Ok(())
}

/// Asks for the recovery of somebody: the first of two.
///
/// # Errors
/// [`Refusal::NotFound`] outside one's organisation; a refusal when the person has no open account, or one waits already.
pub async fn demander(m: &Mandats, actor: &Actor, id: AidantId) -> Result<(), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            let a = vie::tenir(tx, id).await?;
            repond(m, tx, actor, &a).await?;
            if a.compte.is_none() || !matches!(a.etat, EtatAidant::Actif | EtatAidant::Dormant) {
                let non = "Cette personne n’a pas de compte actif : il n’y a rien à rétablir.";
                return Err(Refusal::conflict(non).into());
            }
            if de(tx, id, now).await?.is_some() {
                let non = "Une demande attend déjà l’accord d’une deuxième personne.";
                return Err(Refusal::conflict(non).into());
            }
            // One that is over makes room.
            let sql = "UPDATE aidant_secours SET annule_le = $2 WHERE aidant_id = $1 AND approuve_le IS NULL AND annule_le IS NULL";
            kit::execute(tx, sql, [id.0.into(), now.into()]).await?;
            let secours = uuid_v7(&site.clock, &site.chance);
            let sql = "INSERT INTO aidant_secours (id, aidant_id, demande_par, demande_le, expire_le) VALUES ($1, $2, $3, $4, $5)";
            let values = [secours.into(), id.0.into(), actor.compte.0.into(), now.into(), (now + DUREE).into()];
            kit::execute(tx, sql, values).await?;
            mails::secours_demande(m, tx, &a, actor.compte).await?;
            let line = Entry::by(actor, "aidant.secours.demander", "aidant", id);
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

/// Agrees to the recovery of somebody: the second of two. Their account is invited again, at the address that it has.
///
/// # Errors
/// [`Refusal::NotFound`] outside one's organisation, or when none waits; a refusal of the person who asked.
pub async fn approuver(m: &Mandats, actor: &Actor, id: AidantId) -> Result<(), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            let a = vie::tenir(tx, id).await?;
            repond(m, tx, actor, &a).await?;
            let secours = de(tx, id, now).await?.ok_or(Refusal::NotFound)?;
            if secours.demande_par == actor.compte.0 {
                let non = "Vous avez fait la demande : une autre personne doit donner son accord.";
                return Err(Refusal::forbidden(non).into());
            }
            let sql = "UPDATE aidant_secours SET approuve_par = $2, approuve_le = $3 WHERE id = $1 AND approuve_le IS NULL";
            kit::execute(tx, sql, [secours.id.into(), actor.compte.0.into(), now.into()]).await?;
            let compte = a.compte.ok_or(Refusal::NotFound)?;
            identity::reinvite_by_programme(site, tx, compte).await?;
            let line = Entry::by(actor, "aidant.secours.approuver", "aidant", id);
            let facts = serde_json::json!({ "demande_par": CompteId(secours.demande_par) });
            Ok(journal::write(site, tx, line.with(facts)).await?)
        })
        .await
}

/// Gives up a recovery that waits.
///
/// # Errors
/// [`Refusal::NotFound`] outside one's organisation, or when none waits.
pub async fn renoncer(m: &Mandats, actor: &Actor, id: AidantId) -> Result<(), Failure> {
    let (site, now) = (&m.site, m.site.clock.now());
    site.db
        .write(async |tx| {
            let a = vie::tenir(tx, id).await?;
            repond(m, tx, actor, &a).await?;
            let secours = de(tx, id, now).await?.ok_or(Refusal::NotFound)?;
            let sql = "UPDATE aidant_secours SET annule_le = $2 WHERE id = $1";
            kit::execute(tx, sql, [secours.id.into(), now.into()]).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "aidant.secours.renoncer", "aidant", id)).await?)
        })
        .await
}
