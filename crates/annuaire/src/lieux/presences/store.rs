//! Rows of people who are named on sheets.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, LieuId};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

/// A person named on the sheet of a lieu.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct Presence {
    /// The lieu: the one that was kept, when lieux were merged.
    pub(in crate::lieux) lieu: LieuId,
    /// The account of the person, who alone decides.
    pub(in crate::lieux) compte: CompteId,
    /// As they want to be named.
    pub(in crate::lieux) nom: String,
    /// What they do there.
    pub(in crate::lieux) fonction: String,
    /// When they agreed.
    pub(in crate::lieux) consenti_le: DateTime<Utc>,
}

const LUES: &str = "SELECT COALESCE(l.fusionne_dans, l.id) AS lieu, p.compte_id, p.nom, p.fonction, p.consenti_le \
                    FROM lieu_presence p JOIN lieu l ON l.id = p.lieu_id";

fn lit(row: &QueryResult) -> Result<Presence, DbErr> {
    Ok(Presence {
        lieu: LieuId(row.try_get::<Uuid>("", "lieu")?),
        compte: CompteId(row.try_get::<Uuid>("", "compte_id")?),
        nom: row.try_get("", "nom")?,
        fonction: row.try_get("", "fonction")?,
        consenti_le: row.try_get("", "consenti_le")?,
    })
}

/// The people named on a sheet, by the day on which they agreed.
pub(super) async fn du_lieu(conn: &impl ConnectionTrait, lieu: LieuId) -> Result<Vec<Presence>, DbErr> {
    let sql = format!("{LUES} WHERE l.id = $1 OR l.fusionne_dans = $1 ORDER BY p.consenti_le, p.compte_id");
    kit::query(conn, &sql, [lieu.0.into()]).await?.iter().map(lit).collect()
}

/// The same, without those whose account is closed.
pub(in crate::lieux) async fn montrees(
    conn: &impl ConnectionTrait,
    lieu: LieuId,
) -> Result<Vec<Presence>, DbErr> {
    let mut toutes = du_lieu(conn, lieu).await?;
    if !toutes.is_empty() {
        let comptes: Vec<CompteId> = toutes.iter().map(|p| p.compte).collect();
        let actifs = identity::actifs(conn, &comptes).await?;
        toutes.retain(|p| actifs.contains(&p.compte));
    }
    Ok(toutes)
}

/// The sheets that name this person.
pub(super) async fn de(conn: &impl ConnectionTrait, compte: CompteId) -> Result<Vec<Presence>, DbErr> {
    let sql = format!("{LUES} WHERE p.compte_id = $1 ORDER BY p.consenti_le, p.lieu_id");
    kit::query(conn, &sql, [compte.0.into()]).await?.iter().map(lit).collect()
}

/// Names a person on a sheet, or changes how they are named.
pub(super) async fn inscrit(tx: &Tx, p: &Presence) -> Result<(), DbErr> {
    efface(tx, p.lieu, p.compte).await?;
    let sql = "INSERT INTO lieu_presence (lieu_id, compte_id, nom, fonction, consenti_le) VALUES ($1, $2, $3, $4, $5)";
    let valeurs = [
        p.lieu.0.into(),
        p.compte.0.into(),
        p.nom.clone().into(),
        p.fonction.clone().into(),
        p.consenti_le.into(),
    ];
    kit::execute(tx, sql, valeurs).await.map(|_| ())
}

/// Names a person no more, on that sheet and on those merged into it; false when they were not named.
pub(super) async fn efface(tx: &Tx, lieu: LieuId, compte: CompteId) -> Result<bool, DbErr> {
    let sql = "DELETE FROM lieu_presence WHERE compte_id = $2 AND (lieu_id = $1 OR lieu_id IN \
               (SELECT id FROM lieu WHERE fusionne_dans = $1))";
    Ok(kit::execute(tx, sql, [lieu.0.into(), compte.0.into()]).await?.rows_affected() > 0)
}
