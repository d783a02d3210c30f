//! Rows of the ways to FranceConnect and back.

use chrono::{DateTime, Utc};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// A way there and back.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Flux {
    pub(super) id: Uuid,
    pub(super) navigateur_empreinte: String,
    pub(super) but: String,
    pub(super) retour: String,
    pub(super) etape: String,
    pub(super) scelle: String,
    pub(super) expire_le: DateTime<Utc>,
}

const COLONNES: &str = "id, navigateur_empreinte, but, retour, etape, scelle, expire_le";

pub(super) async fn inscrire(conn: &impl ConnectionTrait, f: &Flux, etat: &str) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO franceconnect_flux ({COLONNES}, etat_empreinte) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    let valeurs = [
        f.id.into(),
        f.navigateur_empreinte.clone().into(),
        f.but.clone().into(),
        f.retour.clone().into(),
        f.etape.clone().into(),
        f.scelle.clone().into(),
        f.expire_le.into(),
        etat.into(),
    ];
    kit::execute(conn, &sql, valeurs).await.map(|_| ())
}

/// The flow of that identifier.
pub(super) async fn lire(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Flux>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM franceconnect_flux WHERE id = $1");
    kit::query_one_as(conn, &sql, [id.into()]).await
}

/// The flow of that state.
pub(super) async fn de_l_etat(conn: &impl ConnectionTrait, etat: &str) -> Result<Option<Flux>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM franceconnect_flux WHERE etat_empreinte = $1");
    kit::query_one_as(conn, &sql, [etat.into()]).await
}

/// The flow whose log-out has that state.
pub(super) async fn de_la_deconnexion(
    conn: &impl ConnectionTrait,
    etat: &str,
) -> Result<Option<Flux>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM franceconnect_flux WHERE deconnexion_empreinte = $1");
    kit::query_one_as(conn, &sql, [etat.into()]).await
}

/// Moves a flow from one step to the next; false when another request just did.
pub(super) async fn avancer(conn: &impl ConnectionTrait, id: Uuid, de: &str, a: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE franceconnect_flux SET etape = $1 WHERE id = $2 AND etape = $3";
    Ok(kit::execute(conn, sql, [a.into(), id.into(), de.into()]).await?.rows_affected() == 1)
}

/// Keeps what was read, until it is taken.
pub(super) async fn identifier(
    conn: &impl ConnectionTrait,
    id: Uuid,
    scelle: &str,
    deconnexion: Option<&str>,
    expire_le: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE franceconnect_flux SET etape = 'identifie', scelle = $1, deconnexion_empreinte = $2, expire_le = $3 \
               WHERE id = $4 AND etape = 'revenu'";
    let valeurs = [scelle.into(), deconnexion.into(), expire_le.into(), id.into()];
    Ok(kit::execute(conn, sql, valeurs).await?.rows_affected() == 1)
}

/// Takes an identity away: it serves once. The row stays a moment, for the return of the log-out, without what it held.
pub(super) async fn prendre(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let sql =
        "UPDATE franceconnect_flux SET etape = 'pris', scelle = '' WHERE id = $1 AND etape = 'identifie'";
    Ok(kit::execute(conn, sql, [id.into()]).await?.rows_affected() == 1)
}

/// Forgets the state of a log-out that came back.
pub(super) async fn deconnecte(conn: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    let sql = "UPDATE franceconnect_flux SET deconnexion_empreinte = NULL WHERE id = $1";
    kit::execute(conn, sql, [id.into()]).await.map(|_| ())
}

/// Deletes what is over.
pub(super) async fn purger(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM franceconnect_flux WHERE expire_le < $1", [now.into()]).await.map(|_| ())
}
