//! What changed in the list that structures read, in the order of the commits: the index in memory follows it.

use annuaire::structures::Conditions;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::super::vue::CandidatVue;
use super::{COLUMNS, LOT, Row};
use crate::ids::CandidatId;

/// Gives the row of this candidat, in that table, the number of this change. It is taken just before the commit, and held
/// until then: who reads number n has seen all before it, and nobody waits for this row while they hold it.
pub(super) fn numeroter(tx: &Tx, table: Table, id: CandidatId) {
    tx.before_commit("UPDATE candidat_revision SET derniere = derniere + 1", []);
    let sql = match table {
        Table::Candidat => {
            "UPDATE candidat SET revision = (SELECT derniere FROM candidat_revision) WHERE id = $1"
        }
        Table::Efface => {
            "UPDATE candidat_efface SET revision = (SELECT derniere FROM candidat_revision) WHERE id = $1"
        }
    };
    tx.before_commit(sql, [id.0.into()]);
}

/// What stands for the number of a change of many candidats until the commit. No other transaction sees it.
pub(super) const A_NUMEROTER: i64 = -1;

/// Gives the rows of this transaction that hold [`A_NUMEROTER`] the number of this change: one for all of them.
pub(super) fn numeroter_ensemble(tx: &Tx) {
    tx.before_commit("UPDATE candidat_revision SET derniere = derniere + 1", []);
    let sql = "UPDATE candidat SET revision = (SELECT derniere FROM candidat_revision) WHERE revision = $1";
    tx.before_commit(sql, [A_NUMEROTER.into()]);
}

/// Where the number of a change stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    /// The file of somebody.
    Candidat,
    /// What is left of an erased one.
    Efface,
}

/// The number of the last change.
pub(in crate::candidats) async fn revision(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    kit::count(conn, "SELECT derniere FROM candidat_revision", []).await
}

/// What became of the list after a change.
#[derive(Debug, Default)]
pub(in crate::candidats) struct Changements {
    /// Who is there now, as they are now.
    pub(in crate::candidats) presents: Vec<CandidatVue>,
    /// Who is not there any more.
    pub(in crate::candidats) partis: Vec<CandidatId>,
}

#[derive(FromQueryResult)]
struct Parti {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct AvecCv {
    #[sea_orm(nested)]
    row: Row,
    a_un_cv: bool,
}

const VUES: &str =
    "EXISTS (SELECT 1 FROM candidat_cv v WHERE v.candidat_id = candidat.id) AS a_un_cv FROM candidat";

impl AvecCv {
    fn vue(self) -> Result<CandidatVue, DbErr> {
        Ok(CandidatVue::new(&self.row.candidat()?, self.a_un_cv))
    }
}

/// These candidats as structures may know them.
pub(in crate::candidats) async fn vues(
    conn: &impl ConnectionTrait,
    ids: &[CandidatId],
) -> Result<Vec<CandidatVue>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(LOT) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|id| id.0));
        let sql = format!("SELECT {COLUMNS}, {VUES} WHERE id IN ({liste})");
        for row in kit::query_as::<AvecCv>(conn, &sql, c.values().to_vec()).await? {
            out.push(row.vue()?);
        }
    }
    Ok(out)
}

/// What changed after that number. From −1: the whole list.
pub(in crate::candidats) async fn changements(
    conn: &impl ConnectionTrait,
    depuis: i64,
) -> Result<Changements, DbErr> {
    let visible = "etat = 'active' AND disponible";
    let sql = format!("SELECT {COLUMNS}, {VUES} WHERE revision > $1 AND {visible} ORDER BY id");
    let mut out = Changements::default();
    for r in kit::query_as::<AvecCv>(conn, &sql, [depuis.into()]).await? {
        out.presents.push(r.vue()?);
    }
    if depuis >= 0 {
        let sql = format!(
            "SELECT id FROM candidat WHERE revision > $1 AND NOT ({visible}) \
             UNION ALL SELECT id FROM candidat_efface WHERE revision > $1"
        );
        let partis: Vec<Parti> = kit::query_as(conn, &sql, [depuis.into()]).await?;
        out.partis = partis.into_iter().map(|p| CandidatId(p.id)).collect();
    }
    Ok(out)
}
