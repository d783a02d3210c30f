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
    envoyee_le: DateTime<Utc>,
    expire_le: DateTime<Utc>,
}

const COLONNES: &str = "id, brouillon_id, canal, adresse, etat, navigateur, envoyee_le, expire_le";

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

/// How many links went to that address since then.
pub(super) async fn vers(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    depuis: DateTime<Utc>,
) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM mandat_identification_envoi WHERE empreinte = $1 AND envoye_le > $2";
    kit::count(conn, sql, [empreinte.into(), depuis.into()]).await
}

/// Counts one more: a draft that is thrown away takes nothing of it back.
pub(super) async fn compter(tx: &Tx, empreinte: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "INSERT INTO mandat_identification_envoi (empreinte, envoye_le) VALUES ($1, $2)";
    kit::execute(tx, sql, [empreinte.into(), now.into()]).await.map(drop)
}

/// Forgets counts of before.
pub(super) async fn decompter(tx: &Tx, avant: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "DELETE FROM mandat_identification_envoi WHERE envoye_le <= $1";
    kit::execute(tx, sql, [avant.into()]).await.map(drop)
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
         navigateur = excluded.navigateur, envoyee_le = excluded.envoyee_le, \
         expire_le = excluded.expire_le, empreinte = excluded.empreinte, lien = excluded.lien",
        kit::places(1, 10)
    );
    let values: [Value; 10] = [
        i.id.0.into(),
        i.brouillon.into(),
        i.adresse.cle().into(),
        i.adresse.texte().into(),
        i.etat.cle().into(),
        i.navigateur.clone().into(),
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

/// Ends a link that is awaited; false when it is over.
pub(super) async fn finir(tx: &Tx, id: IdentificationId, vers: Etat) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_identification SET etat = $1, lien = NULL WHERE id = $2 AND etat = 'envoyee'";
    Ok(kit::execute(tx, sql, [vers.cle().into(), id.0.into()]).await?.rows_affected() == 1)
}

/// The person came back, in the browser that is awaited; false when another one is, or none.
pub(super) async fn aboutir(tx: &Tx, id: IdentificationId, navigateur: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_identification SET etat = 'faite', lien = NULL WHERE id = $1 AND etat = 'envoyee' AND navigateur = $2";
    Ok(kit::execute(tx, sql, [id.0.into(), navigateur.into()]).await?.rows_affected() == 1)
}

/// Forgets that the person of a draft came by a link; false when they did not.
pub(super) async fn ecarter(tx: &Tx, id: IdentificationId) -> Result<bool, DbErr> {
    let sql = "UPDATE mandat_identification SET etat = 'arretee' WHERE id = $1 AND etat = 'faite'";
    Ok(kit::execute(tx, sql, [id.0.into()]).await?.rows_affected() == 1)
}

/// Nothing of a draft comes by a link any more: its person is there, or it is signed.
pub(super) async fn clore(tx: &Tx, brouillon: Uuid, aussi_faite: bool) -> Result<(), DbErr> {
    let faite = if aussi_faite { " OR etat = 'faite'" } else { "" };
    let sql = format!(
        "UPDATE mandat_identification SET etat = 'arretee', lien = NULL WHERE brouillon_id = $1 AND (etat = 'envoyee'{faite})"
    );
    kit::execute(tx, &sql, [brouillon.into()]).await.map(drop)
}

/// Whoever has that address wants no more messages: its links are over.
pub(super) async fn arreter(tx: &Tx, empreinte: &str) -> Result<(), DbErr> {
    let sql = "UPDATE mandat_identification SET etat = 'refusee', lien = NULL WHERE empreinte = $1 AND etat = 'envoyee'";
    kit::execute(tx, sql, [empreinte.into()]).await.map(drop)
}
