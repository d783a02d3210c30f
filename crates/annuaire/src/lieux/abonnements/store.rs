//! Rows of events and of the keys of creations.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::ids::LieuId;
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use super::Evenement;

/// Rows of one statement.
const LOT: usize = 1_000;
/// How long the key of a creation is remembered.
const CLES: TimeDelta = TimeDelta::days(7);

/// An event that was not yet told.
pub(super) struct Survenu {
    pub(super) lieu: LieuId,
    pub(super) genre: Evenement,
    pub(super) le: DateTime<Utc>,
}

pub(super) async fn note(site: &Site, tx: &Tx, evenements: &[(LieuId, Evenement)]) -> Result<(), DbErr> {
    let le = site.clock.now();
    for lot in evenements.chunks(LOT) {
        let lignes: Vec<String> =
            (0..lot.len()).map(|i| format!("({})", kit::places(i * 4 + 1, 4))).collect();
        let valeurs = lot.iter().flat_map(|(lieu, genre)| {
            let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
            [Value::from(id), lieu.0.into(), genre.cle().into(), le.into()]
        });
        let sql = format!("INSERT INTO lieu_evenement (id, lieu_id, genre, le) VALUES {}", lignes.join(", "));
        kit::execute(tx, &sql, valeurs).await?;
    }
    Ok(())
}

/// Takes the oldest events, each by one transaction only.
pub(super) async fn prend(tx: &Tx, nombre: i64) -> Result<Vec<Survenu>, DbErr> {
    let sql = "DELETE FROM lieu_evenement WHERE id IN (SELECT id FROM lieu_evenement ORDER BY id LIMIT $1) \
               RETURNING id, lieu_id, genre, le";
    let mut lignes = Vec::new();
    for row in kit::query(tx, sql, [nombre.into()]).await? {
        let genre: String = row.try_get("", "genre")?;
        let genre =
            Evenement::de_cle(&genre).ok_or_else(|| DbErr::Type("lieu_evenement.genre".to_owned()))?;
        let survenu =
            Survenu { lieu: LieuId(row.try_get("", "lieu_id")?), genre, le: row.try_get("", "le")? };
        lignes.push((row.try_get::<Uuid>("", "id")?, survenu));
    }
    // In the order in which they were noted, which the statement does not keep.
    lignes.sort_by_key(|(id, _)| *id);
    Ok(lignes.into_iter().map(|(_, s)| s).collect())
}

/// The key that a program gave to a creation, so that asking twice creates once.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct Cle {
    /// The token of the program.
    pub(in crate::lieux) jeton: Uuid,
    /// What it gave.
    pub(in crate::lieux) cle: String,
    /// What it asked with it, hashed.
    pub(in crate::lieux) empreinte: String,
}

/// What a key opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::lieux) enum Prise {
    /// It is new.
    Neuve,
    /// It made that lieu already.
    Faite(LieuId),
    /// It was given for something else.
    Autre,
}

/// Takes the key for that lieu; a twin in another transaction is waited for.
pub(in crate::lieux) async fn prend_cle(
    tx: &Tx,
    cle: &Cle,
    lieu: LieuId,
    now: DateTime<Utc>,
) -> Result<Prise, DbErr> {
    let pris = kit::execute(
        tx,
        "INSERT INTO lieu_creation_cle (jeton_id, cle, empreinte, lieu_id, le) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        [cle.jeton.into(), cle.cle.clone().into(), cle.empreinte.clone().into(), lieu.0.into(), now.into()],
    )
    .await?;
    if pris.rows_affected() == 1 {
        return Ok(Prise::Neuve);
    }
    let sql = "SELECT lieu_id, empreinte FROM lieu_creation_cle WHERE jeton_id = $1 AND cle = $2";
    let rows = kit::query(tx, sql, [cle.jeton.into(), cle.cle.clone().into()]).await?;
    let Some(row) = rows.first() else { return Ok(Prise::Autre) };
    let empreinte: String = row.try_get("", "empreinte")?;
    Ok(if empreinte == cle.empreinte {
        Prise::Faite(LieuId(row.try_get("", "lieu_id")?))
    } else {
        Prise::Autre
    })
}

/// Forgets the keys of more than a week.
pub(super) async fn oublie_cles(tx: &Tx, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM lieu_creation_cle WHERE le < $1", [(now - CLES).into()]).await.map(|_| ())
}
