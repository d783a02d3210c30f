//! Structures that share a key: those worth comparing.

use chrono::{DateTime, Utc};
use kernel::Perimetre;
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Conditions, charger};
use crate::structures::doublons::cles;
use crate::structures::model::{Structure, StructureId};

/// A key that more structures share says nothing: « association » in Paris.
const FREQUENT: i64 = 40;
/// Most pairs that are looked at for one page.
const MAX_PAIRES: i64 = 5_000;
/// Most structures that one is compared with.
const MAX_VOISINES: i64 = 200;

#[derive(FromQueryResult)]
struct Paire {
    premiere: Uuid,
    seconde: Uuid,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// Pairs within the scope, both sides, that share a key and that nobody declared distinct.
pub(crate) async fn paires(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    let mut c = Conditions::default();
    c.perimetre(perimetre, "s");
    c.perimetre(perimetre, "t");
    c.et("NOT EXISTS (SELECT 1 FROM structure_distincte d WHERE d.premiere = a.structure_id AND d.seconde = b.structure_id)");
    let frequent = c.place(FREQUENT);
    c.et(format!("a.cle NOT IN (SELECT cle FROM structure_cle GROUP BY cle HAVING COUNT(*) > {frequent})"));
    let limit = c.place(MAX_PAIRES);
    let sql = format!(
        "SELECT DISTINCT a.structure_id AS premiere, b.structure_id AS seconde FROM structure_cle a \
         JOIN structure_cle b ON b.cle = a.cle AND a.structure_id < b.structure_id \
         JOIN structure s ON s.id = a.structure_id JOIN structure t ON t.id = b.structure_id{} \
         ORDER BY premiere, seconde LIMIT {limit}",
        c.clause()
    );
    let rows: Vec<Paire> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    Ok(rows.into_iter().map(|p| (p.premiere, p.seconde)).collect())
}

/// Structures that share a key with this one, wherever they are, and that nobody declared distinct from it.
pub(crate) async fn voisines(conn: &impl ConnectionTrait, s: &Structure) -> Result<Vec<Structure>, DbErr> {
    let cles = cles(s);
    let mut c = Conditions::default();
    let places = c.liste(cles);
    c.et(format!("k.cle IN ({places})"));
    let moi = c.place(s.id.0);
    c.et(format!("k.structure_id <> {moi}"));
    c.et(format!(
        "NOT EXISTS (SELECT 1 FROM structure_distincte d WHERE (d.premiere = {moi} AND d.seconde = k.structure_id) \
         OR (d.seconde = {moi} AND d.premiere = k.structure_id))"
    ));
    let limit = c.place(MAX_VOISINES);
    // Those that share most keys first: the limit then cuts the least alike.
    let sql = format!(
        "SELECT k.structure_id AS id FROM structure_cle k{} GROUP BY k.structure_id \
         ORDER BY COUNT(*) DESC, k.structure_id LIMIT {limit}",
        c.clause()
    );
    let ids: Vec<Id> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    charger(conn, &ids.into_iter().map(|r| r.id).collect::<Vec<_>>()).await
}

/// Remembers that two structures are two.
pub(crate) async fn distinguer(
    tx: &Tx,
    a: StructureId,
    b: StructureId,
    par: CompteId,
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO structure_distincte (premiere, seconde, le, par) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [a.min(b).0.into(), a.max(b).0.into(), le.into(), par.0.into()],
    )
    .await
    .map(|_| ())
}
