//! Structures that share a key: those worth comparing.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::Perimetre;
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{Conditions, charger};
use crate::structures::doublons::{cles, comparer};
use crate::structures::model::{Etat, Structure, StructureId};

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

/// Likely duplicates within the scope, both sides, most alike first; and how many there are.
pub(crate) async fn paires(
    conn: &impl ConnectionTrait,
    perimetre: &Perimetre,
    (offset, limit): (usize, usize),
) -> Result<(Vec<(Uuid, Uuid)>, usize), DbErr> {
    let mut c = Conditions::default();
    c.perimetre(perimetre, "s");
    c.perimetre(perimetre, "t");
    let depuis = format!(
        "FROM structure_paire p JOIN structure s ON s.id = p.premiere JOIN structure t ON t.id = p.seconde{}",
        c.clause()
    );
    let total = kit::count(conn, &format!("SELECT COUNT(*) {depuis}"), c.values().to_vec()).await?;
    let limit = c.place(i64::try_from(limit).unwrap_or(100));
    let offset = c.place(i64::try_from(offset).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT p.premiere, p.seconde {depuis} ORDER BY p.score DESC, p.premiere, p.seconde LIMIT {limit} OFFSET {offset}"
    );
    let rows: Vec<Paire> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
    let paires = rows.into_iter().map(|p| (p.premiere, p.seconde)).collect();
    Ok((paires, usize::try_from(total).unwrap_or(0)))
}

/// Compares a structure with those that share a key, and keeps the pairs that are worth a look: done at each writing of
/// one of the two, so that nothing is compared when the list is read.
pub(crate) async fn apparier(conn: &impl ConnectionTrait, s: &Structure) -> Result<(), DbErr> {
    separer(conn, s.id).await?;
    if matches!(s.etat, Etat::Fusionnee { .. }) {
        return Ok(());
    }
    for autre in voisines(conn, s).await? {
        let comparaison = comparer(s, &autre);
        if comparaison.a_voir() {
            kit::execute(
                conn,
                "INSERT INTO structure_paire (premiere, seconde, score) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                [
                    s.id.min(autre.id).0.into(),
                    s.id.max(autre.id).0.into(),
                    i64::from(comparaison.score()).into(),
                ],
            )
            .await?;
        }
    }
    Ok(())
}

/// Forgets the pairs of a structure.
async fn separer(conn: &impl ConnectionTrait, id: StructureId) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM structure_paire WHERE premiere = $1 OR seconde = $1", [id.0.into()])
        .await
        .map(|_| ())
}

/// Compares every structure: once, when the table of pairs appears.
pub(crate) async fn apparier_tout(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut dernier = Uuid::nil();
    loop {
        let sql = "SELECT id FROM structure WHERE id > $1 AND etat <> 'fusionnee' ORDER BY id LIMIT 200";
        let ids: Vec<Id> = kit::query_as(conn, sql, [dernier.into()]).await?;
        let Some(fin) = ids.last() else { return Ok(()) };
        dernier = fin.id;
        for s in charger(conn, &ids.iter().map(|r| r.id).collect::<Vec<_>>()).await? {
            apparier(conn, &s).await?;
        }
    }
}

/// Those of these structures that share a key with another one, merged or not.
pub(crate) async fn rapprochees(
    conn: &impl ConnectionTrait,
    structures: &[Structure],
) -> Result<HashSet<StructureId>, DbErr> {
    let mut out = HashSet::new();
    for lot in structures.chunks(500) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|s| s.id.0));
        let sql = format!(
            "SELECT DISTINCT k.structure_id AS id FROM structure_cle k WHERE k.structure_id IN ({liste}) AND EXISTS \
             (SELECT 1 FROM structure_cle o WHERE o.cle = k.cle AND o.structure_id <> k.structure_id)"
        );
        let rows: Vec<Id> = kit::query_as(conn, &sql, c.values().to_vec()).await?;
        out.extend(rows.into_iter().map(|r| StructureId(r.id)));
    }
    Ok(out)
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
    .await?;
    kit::execute(
        tx,
        "DELETE FROM structure_paire WHERE premiere = $1 AND seconde = $2",
        [a.min(b).0.into(), a.max(b).0.into()],
    )
    .await
    .map(|_| ())
}
