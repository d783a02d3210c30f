//! Who looks after a structure: asked by the directory, for the sheet of the structure.

use chrono::{DateTime, Utc};
use kernel::ids::{CompteId, StructureId};
use kernel::{Perimetre, Role, Verb};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::{rules, store};

/// A person who may change the sheet of a structure because the structure is named in their scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gestionnaire {
    /// Their account.
    pub compte: CompteId,
    /// Their name.
    pub nom: String,
    /// The role in which they do.
    pub role: Role,
    /// Whether that role is lent for a while.
    pub delegation: bool,
}

/// The people who look after any of these structures now: a structure and those merged into it. By name, once each.
///
/// # Errors
/// When the database does not answer.
pub async fn comptes_de_structures(
    conn: &impl ConnectionTrait,
    structures: &[StructureId],
    now: DateTime<Utc>,
) -> Result<Vec<Gestionnaire>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        nom: String,
    }
    let mut out: Vec<Gestionnaire> = Vec::new();
    for chunk in structures.chunks(500) {
        let sql = format!(
            "SELECT DISTINCT c.id, c.nom FROM compte c \
             JOIN compte_role a ON a.compte_id = c.id AND a.perimetre = 'structures' AND a.retiree_le IS NULL \
             JOIN compte_role_code k ON k.attribution_id = a.id \
             WHERE c.etat <> 'desactive' AND k.code IN ({}) ORDER BY c.nom, c.id",
            kit::places(1, chunk.len())
        );
        let values = chunk.iter().map(|s| Value::from(s.to_string()));
        for row in kit::query_as::<Row>(conn, &sql, values).await? {
            let compte = CompteId(row.id);
            if out.iter().any(|g| g.compte == compte) {
                continue;
            }
            let names = |p: &Perimetre| match p {
                Perimetre::Structures(ids) => ids.iter().any(|id| structures.contains(id)),
                _ => false,
            };
            // One's own role before a lent one.
            let mut live = store::en_vigueur(conn, compte, now).await?;
            live.sort_by_key(rules::est_delegation);
            if let Some(a) = live.iter().find(|a| a.role.has(Verb::ModifierStructures) && names(&a.perimetre))
            {
                let delegation = rules::est_delegation(a);
                out.push(Gestionnaire { compte, nom: row.nom, role: a.role, delegation });
            }
        }
    }
    Ok(out)
}

/// The structures in whose name somebody has that role now.
///
/// # Errors
/// When the database does not answer.
pub async fn structures_du_role(
    conn: &impl ConnectionTrait,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Vec<StructureId>, DbErr> {
    let sql = "SELECT DISTINCT k.code FROM compte_role a JOIN compte_role_code k ON k.attribution_id = a.id \
               JOIN compte c ON c.id = a.compte_id WHERE a.role = $1 AND a.perimetre = 'structures' \
               AND a.retiree_le IS NULL AND a.debut <= $2 AND (a.fin IS NULL OR a.fin > $2) AND c.etat <> 'desactive' ORDER BY k.code";
    let rows = kit::query(conn, sql, [role.ligne().key.into(), now.into()]).await?;
    let codes = rows.iter().map(|r| r.try_get_by_index::<String>(0));
    codes.filter_map(|code| code.map(|c| c.parse().ok().map(StructureId)).transpose()).collect()
}
