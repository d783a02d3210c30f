//! Rows of identifications from afar.

use chrono::{DateTime, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Etat, Identification, IdentificationId};
use crate::consentements::Adresse;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    brouillon_id: Uuid,
    canal: String,
    adresse: String,
    etat: String,
    navigateur: Option<String>,
    envois: i64,
    envoyee_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
}

const COLONNES: &str = "id, brouillon_id, canal, adresse, etat, navigateur, envois, envoyee_le, expire_le";

async fn une(conn: &impl ConnectionTrait, ou: &str, value: Value) -> Result<Option<Identification>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM mandat_identification WHERE {ou} = $1");
    let Some(r) = kit::query_one_as::<Row>(conn, &sql, [value]).await? else { return Ok(None) };
    let abime = |colonne: &str| DbErr::Type(format!("mandat_identification {}: {colonne}", r.id));
    Ok(Some(Identification {
        id: IdentificationId(r.id),
        brouillon: r.brouillon_id,
        adresse: Adresse::lire(&r.canal, &r.adresse).ok_or_else(|| abime("adresse"))?,
        etat: Etat::from_cle(&r.etat).ok_or_else(|| abime("etat"))?,
        navigateur: r.navigateur,
        envois: r.envois,
        envoyee_le: r.envoyee_le,
        expire_le: r.expire_le,
    }))
}

pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    id: IdentificationId,
) -> Result<Option<Identification>, DbErr> {
    une(conn, "id", id.0.into()).await
}

/// The one of that draft.
pub(super) async fn du_brouillon(
    conn: &impl ConnectionTrait,
    brouillon: Uuid,
) -> Result<Option<Identification>, DbErr> {
    une(conn, "brouillon_id", brouillon.into()).await
}

/// The one of that link.
pub(super) async fn du_lien(
    conn: &impl ConnectionTrait,
    lien: &str,
) -> Result<Option<Identification>, DbErr> {
    une(conn, "lien", lien.into()).await
}

/// How many other drafts wrote to that address since then.
pub(super) async fn vers(
    conn: &impl ConnectionTrait,
    (empreinte, brouillon): (&str, Uuid),
    depuis: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM mandat_identification WHERE empreinte = $1 AND brouillon_id <> $2 AND envoyee_le > $3";
    kit::count(conn, sql, [empreinte.into(), brouillon.into(), depuis.into()]).await
}

/// Writes one with its link, in the place of the former one of its draft, whose link dies.
pub(super) async fn ecrire(
    tx: &Tx,
    i: &Identification,
    (empreinte, lien): (&str, &str),
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO mandat_identification ({COLONNES}, empreinte, lien) VALUES ({}) \
         ON CONFLICT (brouillon_id) DO UPDATE SET canal = excluded.canal, adresse = excluded.adresse, etat = excluded.etat, \
         navigateur = excluded.navigateur, envois = excluded.envois, envoyee_le = excluded.envoyee_le, \
         expire_le = excluded.expire_le, empreinte = excluded.empreinte, lien = excluded.lien",
        kit::places(1, 11)
    );
    let values: [Value; 11] = [
        i.id.0.into(),
        i.brouillon.into(),
        i.adresse.cle().into(),
        i.adresse.texte().into(),
        i.etat.cle().into(),
        i.navigateur.clone().into(),
        i.envois.into(),
        i.envoyee_le.into(),
        i.expire_le.into(),
        empreinte.into(),
        lien.into(),
    ];
    kit::execute(tx, &sql, values).await.map(drop)
}

/// Ties it to the browser that goes to FranceConnect: the last one that opened its link. False when it is over.
pub(super) async fn tenir_navigateur(
    tx: &Tx,
    lien: &str,
    navigateur: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_identification SET navigateur = $1 WHERE lien = $2 AND etat = 'envoyee' AND expire_le > $3";
    Ok(kit::execute(tx, sql, [navigateur.into(), lien.into(), now.into()]).await?.rows_affected() == 1)
}

/// Ends it: from the link that was sent when `de` says so, once.
pub(super) async fn finir(tx: &Tx, id: IdentificationId, (de, vers): (Etat, Etat)) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_identification SET etat = $1, lien = NULL WHERE id = $2 AND etat = $3";
    Ok(kit::execute(tx, sql, [vers.cle().into(), id.0.into(), de.cle().into()]).await?.rows_affected() == 1)
}
