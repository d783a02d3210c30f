//! Rows of lists and of their addresses.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::{EtatLigne, Ligne, Lot};
use crate::aidants::model::EtatAidant;
use crate::ids::AidantId;

#[derive(FromQueryResult)]
struct LotRow {
    id: Uuid,
    vers: String,
    par_compte_id: Uuid,
    perimetre: Option<String>,
    cree_le: DateTime<Utc>,
    fini_le: Option<DateTime<Utc>>,
}

impl LotRow {
    fn lot(self) -> Result<Lot, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("aidant_masse_lot {}: {colonne}", self.id));
        let perimetre = self.perimetre.as_deref().map(serde_json::from_str).transpose();
        Ok(Lot {
            id: self.id,
            vers: EtatAidant::from_cle(&self.vers).ok_or_else(|| abime("vers"))?,
            par: CompteId(self.par_compte_id),
            perimetre: perimetre.map_err(|_| abime("perimetre"))?,
            cree_le: self.cree_le,
            fini_le: self.fini_le,
        })
    }
}

const LOT: &str = "SELECT id, vers, par_compte_id, perimetre, cree_le, fini_le FROM aidant_masse_lot";

/// That list.
pub(super) async fn lot(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Lot>, DbErr> {
    let row: Option<LotRow> = kit::query_one_as(conn, &format!("{LOT} WHERE id = $1"), [id.into()]).await?;
    row.map(LotRow::lot).transpose()
}

/// The last lists that somebody confirmed, latest first.
pub(super) async fn de(conn: &impl ConnectionTrait, par: CompteId) -> Result<Vec<Lot>, DbErr> {
    let sql = format!("{LOT} WHERE par_compte_id = $1 ORDER BY cree_le DESC, id DESC LIMIT 20");
    let rows: Vec<LotRow> = kit::query_as(conn, &sql, [par.0.into()]).await?;
    rows.into_iter().map(LotRow::lot).collect()
}

/// Writes a list and its addresses.
pub(super) async fn inserer(tx: &Tx, l: &Lot, lignes: &[Ligne]) -> Result<(), DbErr> {
    let perimetre = l.perimetre.as_ref().map(serde_json::to_string).transpose();
    let values: [Value; 6] = [
        l.id.into(),
        l.vers.cle().into(),
        l.par.0.into(),
        perimetre.map_err(|e| DbErr::Custom(e.to_string()))?.into(),
        l.cree_le.into(),
        l.fini_le.into(),
    ];
    let sql = "INSERT INTO aidant_masse_lot (id, vers, par_compte_id, perimetre, cree_le, fini_le) VALUES ($1, $2, $3, $4, $5, $6)";
    kit::execute(tx, sql, values).await?;
    let rangees = lignes
        .iter()
        .map(|x| {
            vec![
                l.id.into(),
                x.rang.into(),
                x.adresse.clone().into(),
                x.aidant.map(|a| a.0).into(),
                x.etat.cle().into(),
                x.phrase.clone().into(),
            ]
        })
        .collect();
    let into = "aidant_masse_ligne (lot_id, rang, adresse, aidant_id, etat, phrase)";
    kit::insert_many(tx, into, rangees, "").await.map(drop)
}

#[derive(FromQueryResult)]
struct LigneRow {
    rang: i64,
    adresse: String,
    aidant_id: Option<Uuid>,
    etat: String,
    phrase: String,
}

/// The addresses of a list, in its order; those that wait only, when asked.
pub(super) async fn lignes(
    conn: &impl ConnectionTrait,
    lot: Uuid,
    attendent: bool,
    limite: i64,
) -> Result<Vec<Ligne>, DbErr> {
    let et = if attendent { " AND etat = 'attente'" } else { "" };
    let sql = format!(
        "SELECT rang, adresse, aidant_id, etat, phrase FROM aidant_masse_ligne WHERE lot_id = $1{et} ORDER BY rang LIMIT $2"
    );
    let rows: Vec<LigneRow> = kit::query_as(conn, &sql, [lot.into(), limite.into()]).await?;
    rows.into_iter()
        .map(|r| {
            Ok(Ligne {
                rang: r.rang,
                adresse: r.adresse,
                aidant: r.aidant_id.map(AidantId),
                etat: EtatLigne::from_cle(&r.etat)
                    .ok_or_else(|| DbErr::Type(format!("aidant_masse_ligne {lot}: etat")))?,
                phrase: r.phrase,
            })
        })
        .collect()
}

/// Says what became of an address that waited; false when it was dealt with meanwhile.
pub(super) async fn dire(
    tx: &Tx,
    lot: Uuid,
    rang: i64,
    etat: EtatLigne,
    phrase: &str,
) -> Result<bool, DbErr> {
    let sql = "UPDATE aidant_masse_ligne SET etat = $3, phrase = $4 WHERE lot_id = $1 AND rang = $2 AND etat = 'attente'";
    let values: [Value; 4] = [lot.into(), rang.into(), etat.cle().into(), phrase.into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Says that nothing waits any more.
pub(super) async fn clore(tx: &Tx, lot: Uuid, le: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "UPDATE aidant_masse_lot SET fini_le = $2 WHERE id = $1 AND fini_le IS NULL";
    kit::execute(tx, sql, [lot.into(), le.into()]).await.map(drop)
}

/// Forgets lists older than that, with their addresses.
pub(super) async fn oublier(tx: &Tx, avant: DateTime<Utc>) -> Result<u64, DbErr> {
    Ok(kit::execute(tx, "DELETE FROM aidant_masse_lot WHERE cree_le < $1", [avant.into()])
        .await?
        .rows_affected())
}
