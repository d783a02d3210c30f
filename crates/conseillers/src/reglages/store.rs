//! Rows of settings.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::Reglages;

/// The settings as they are now.
///
/// # Errors
/// The database.
pub(crate) async fn lire(conn: &impl ConnectionTrait) -> Result<Reglages, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        cle: String,
        valeur: i64,
    }
    let mut out = Reglages::default();
    let rows: Vec<Row> = kit::query_as(conn, "SELECT cle, valeur FROM conseillers_reglage", []).await?;
    for r in rows {
        let valeur = u32::try_from(r.valeur).map_err(|_| DbErr::Type(format!("setting {}", r.cle)))?;
        match r.cle.as_str() {
            "contacts_candidat" => out.contacts_candidat = valeur,
            "contacts_par_poste" => out.contacts_par_poste = valeur,
            "reponse_jours" => out.reponse_jours = valeur,
            _ => {}
        }
    }
    Ok(out)
}

/// Writes one.
pub(super) async fn ecrire(
    tx: &Tx,
    (cle, valeur): (&str, u32),
    (le, par): (DateTime<Utc>, CompteId),
) -> Result<(), DbErr> {
    let sql = "INSERT INTO conseillers_reglage (cle, valeur, le, par) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (cle) DO UPDATE SET valeur = excluded.valeur, le = excluded.le, par = excluded.par";
    kit::execute(tx, sql, [cle.into(), i64::from(valeur).into(), le.into(), par.0.into()]).await.map(|_| ())
}
