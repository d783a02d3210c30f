//! Whom to write to in a préfecture: asked by contexts whose reminders go to a territory, not to a person.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use kernel::{CodeDepartement, CodeRegion, Email, Role};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::store;

/// Addresses of the people who act for the préfecture of a département now, or for that of its région: once each, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn courriels_de_prefecture(
    conn: &impl ConnectionTrait,
    departement: &CodeDepartement,
    region: &CodeRegion,
    now: DateTime<Utc>,
) -> Result<Vec<Email>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        courriel: String,
    }
    let sql = "SELECT DISTINCT c.id AS id, c.courriel AS courriel FROM compte c \
               JOIN compte_role a ON a.compte_id = c.id AND a.retiree_le IS NULL AND a.role = $1 \
               JOIN compte_role_code k ON k.attribution_id = a.id \
               WHERE c.etat <> 'desactive' AND ((a.perimetre = 'departements' AND k.code = $2) \
               OR (a.perimetre = 'regions' AND k.code = $3)) ORDER BY c.courriel";
    let values = [Role::Prefecture.ligne().key.into(), departement.as_str().into(), region.as_str().into()];
    let mut out = Vec::new();
    for row in kit::query_as::<Row>(conn, sql, values).await? {
        // A role may have ended, or not have begun.
        let live = store::en_vigueur(conn, CompteId(row.id), now).await?;
        let here = live.iter().any(|a| {
            let cible = kernel::actor::Cible {
                departement: Some(departement.clone()),
                region: Some(region.clone()),
                ..Default::default()
            };
            a.role == Role::Prefecture && a.perimetre.couvre(&cible)
        });
        if here && let Ok(courriel) = Email::parse(&row.courriel) {
            out.push(courriel);
        }
    }
    Ok(out)
}

/// Addresses of the people who hold that role now, each with the scopes that they hold it on, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn courriels_de_role(
    conn: &impl ConnectionTrait,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Vec<(Email, Vec<kernel::Perimetre>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        courriel: String,
    }
    let sql = "SELECT DISTINCT c.id AS id, c.courriel AS courriel FROM compte c \
               JOIN compte_role a ON a.compte_id = c.id AND a.retiree_le IS NULL AND a.role = $1 \
               WHERE c.etat = 'actif' ORDER BY c.courriel";
    let mut out = Vec::new();
    for row in kit::query_as::<Row>(conn, sql, [role.ligne().key.into()]).await? {
        // A role may have ended, or not have begun.
        let live = store::en_vigueur(conn, CompteId(row.id), now).await?;
        let perimetres: Vec<_> = live.into_iter().filter(|a| a.role == role).map(|a| a.perimetre).collect();
        if !perimetres.is_empty()
            && let Ok(courriel) = Email::parse(&row.courriel)
        {
            out.push((courriel, perimetres));
        }
    }
    Ok(out)
}
