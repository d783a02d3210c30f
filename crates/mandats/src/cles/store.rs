//! Rows of keys.

use chrono::{DateTime, Utc};
use oidc::jose::Alg;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Cle, Usage};

#[derive(FromQueryResult)]
struct Row {
    kid: String,
    usage: String,
    alg: String,
    rang: i64,
    depuis: DateTime<Utc>,
    publique: String,
    scellee: String,
}

impl Row {
    fn cle(self) -> Result<Cle, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("cle_signature {}: {colonne}", self.kid));
        Ok(Cle {
            usage: Usage::from_cle(&self.usage).ok_or_else(|| abime("usage"))?,
            alg: Alg::parse(&self.alg).ok_or_else(|| abime("alg"))?,
            rang: self.rang,
            depuis: self.depuis,
            publique: serde_json::from_str(&self.publique).map_err(|_| abime("publique"))?,
            scellee: self.scellee,
            kid: self.kid,
        })
    }
}

/// Every key, the oldest first.
pub(super) async fn toutes(conn: &impl ConnectionTrait) -> Result<Vec<Cle>, DbErr> {
    let sql = "SELECT kid, usage, alg, rang, depuis, publique, scellee FROM cle_signature ORDER BY usage, alg, rang";
    let rows: Vec<Row> = kit::query_as(conn, sql, []).await?;
    rows.into_iter().map(Row::cle).collect()
}

/// Writes a key, unless another instance made the one of that place first; says whether it did.
pub(super) async fn ajouter(tx: &Tx, id: Uuid, cle: &Cle) -> Result<bool, DbErr> {
    let sql = "INSERT INTO cle_signature (id, kid, usage, alg, rang, depuis, publique, scellee) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let values = [
        id.into(),
        cle.kid.clone().into(),
        cle.usage.cle().into(),
        cle.alg.name().into(),
        cle.rang.into(),
        cle.depuis.into(),
        cle.publique.to_string().into(),
        cle.scellee.clone().into(),
    ];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Takes away a token's key that is published no more; those of mandats stay.
pub(super) async fn oter(tx: &Tx, kid: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM cle_signature WHERE kid = $1 AND usage = 'jeton'";
    kit::execute(tx, sql, [kid.into()]).await.map(drop)
}
