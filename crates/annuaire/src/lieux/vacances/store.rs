//! Rows of school calendars.

use chrono::{DateTime, NaiveDate, Utc};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::lieux::ouverture::{Annee, Conge, Scolaire, Zone};

/// Every calendar that is loaded.
///
/// # Errors
/// When the database refuses.
pub async fn charges(conn: &impl ConnectionTrait) -> Result<Scolaire, DbErr> {
    let sql = "SELECT zone, annee, rang, nom, du, au FROM vacances_scolaires ORDER BY zone, annee, rang";
    let mut annees: Vec<Annee> = Vec::new();
    for row in kit::query(conn, sql, []).await? {
        let (du, au): (NaiveDate, NaiveDate) = (row.try_get("", "du")?, row.try_get("", "au")?);
        let (zone, nom): (String, String) = (row.try_get("", "zone")?, row.try_get("", "nom")?);
        match (row.try_get::<i64>("", "rang")?, annees.last_mut()) {
            (0, _) => {
                if let Some(zone) = Zone::lit(&zone) {
                    annees.push(Annee { zone, nom: row.try_get("", "annee")?, du, au, vacances: Vec::new() });
                }
            }
            (_, Some(annee)) if annee.zone.cle() == zone => annee.vacances.push(Conge { nom, du, au }),
            _ => {}
        }
    }
    Ok(Scolaire::new(annees))
}

/// Writes years in the place of those of the same zone and name.
pub(super) async fn remplace(
    tx: &Tx,
    annees: &[Annee],
    source: &str,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    for annee in annees {
        let cle = || [Value::from(annee.zone.cle()), Value::from(annee.nom.as_str())];
        kit::execute(tx, "DELETE FROM vacances_scolaires WHERE zone = $1 AND annee = $2", cle()).await?;
        let entiere = std::iter::once((annee.nom.as_str(), annee.du, annee.au));
        let conges = annee.vacances.iter().map(|c| (c.nom.as_str(), c.du, c.au));
        for ((nom, du, au), rang) in entiere.chain(conges).zip(0_i64..) {
            let sql = "INSERT INTO vacances_scolaires (zone, annee, rang, nom, du, au, source, importee_le) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let [zone, annee] = cle();
            let valeurs: [Value; 8] =
                [zone, annee, rang.into(), nom.into(), du.into(), au.into(), source.into(), le.into()];
            kit::execute(tx, sql, valeurs).await?;
        }
    }
    Ok(())
}
