//! Rows of candidats, private to the room: nobody else names these tables.

mod depots;
mod effectif;
mod liste;
mod postes;
mod revisions;
mod rows;

use annuaire::structures::Conditions;
use kernel::ids::CompteId;
use platform::db::kit;
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult};
use uuid::Uuid;

use super::model::{Candidat, CandidatId};

pub(super) use depots::{
    Usage, a_confirmer_de, brouillon, depose, derniere_a_confirmer, echus, garder_brouillon, lien, liens_de,
    liens_de_courriel, lier, oublier_brouillon, oublier_liens, oublier_vieux_brouillons,
};
pub(crate) use effectif::{cherchaient, comptes_en_poste};
pub(super) use liste::{Filtre, a_relancer, combien_avant, compter, effaces, lister};
pub(crate) use liste::{de_mots, de_numeros};
pub(crate) use postes::relier;
pub use postes::{liberer, recruter};
use revisions::Table;
pub(super) use revisions::{Changements, changements, revision, vues};
pub(super) use rows::{COLUMNS, Row};

/// How many identifiers go into one query.
const LOT: usize = 500;

/// These candidats, in no order; those that do not exist are left out.
pub(super) async fn charger(conn: &impl ConnectionTrait, ids: &[CandidatId]) -> Result<Vec<Candidat>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for lot in ids.chunks(LOT) {
        let mut c = Conditions::default();
        let liste = c.liste(lot.iter().map(|id| id.0));
        let sql = format!("SELECT {COLUMNS} FROM candidat WHERE id IN ({liste})");
        for row in kit::query_as::<Row>(conn, &sql, c.values().to_vec()).await? {
            out.push(row.candidat()?);
        }
    }
    Ok(out)
}

/// That candidat.
pub(super) async fn get(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<Candidat>, DbErr> {
    Ok(charger(conn, &[id]).await?.pop())
}

/// That candidat, held until the end of the transaction: nobody else changes them meanwhile.
pub(super) async fn get_locked(tx: &Tx, id: CandidatId) -> Result<Option<Candidat>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    if tx.get_database_backend() == DbBackend::Postgres {
        kit::query(tx, "SELECT id FROM candidat WHERE id = $1 FOR UPDATE", [id.0.into()]).await?;
    }
    get(tx, id).await
}

/// Writes a new candidat, filed under that draft (at most one each).
pub(super) async fn insert(tx: &Tx, c: &Candidat, depot: Option<&str>) -> Result<bool, DbErr> {
    let mut values = rows::values(c);
    values.extend([depot.into(), 0.into()]);
    let n = values.len();
    let sql = format!(
        "INSERT INTO candidat ({COLUMNS}, {}, depot, revision) VALUES ({}) ON CONFLICT (depot) DO NOTHING",
        rows::DEDUITES.join(", "),
        kit::places(1, n)
    );
    let nouveau = kit::execute(tx, &sql, values).await?.rows_affected() == 1;
    if nouveau && c.visible() {
        revisions::numeroter(tx, Table::Candidat, c.id);
    }
    Ok(nouveau)
}

/// Writes new candidats that no draft was filed for: one change of the list for all.
pub(super) async fn insert_many(tx: &Tx, candidats: &[Candidat]) -> Result<(), DbErr> {
    let row = |c: &Candidat| {
        let mut values = rows::values(c);
        values.push(if c.visible() { revisions::A_NUMEROTER } else { 0 }.into());
        values
    };
    let into = format!("candidat ({COLUMNS}, {}, revision)", rows::DEDUITES.join(", "));
    kit::insert_many(tx, &into, candidats.iter().map(row).collect(), "").await?;
    revisions::numeroter_ensemble(tx);
    Ok(())
}

/// Takes candidats off the list that structures read: one change of the list for all.
pub(super) async fn indisponibles(tx: &Tx, ids: &[CandidatId]) -> Result<(), DbErr> {
    for lot in ids.chunks(LOT) {
        let mut c = Conditions::default();
        let place = c.place(revisions::A_NUMEROTER);
        let liste = c.liste(lot.iter().map(|id| id.0));
        let sql = format!(
            "UPDATE candidat SET disponible = FALSE, version = version + 1, revision = {place} WHERE id IN ({liste})"
        );
        kit::execute(tx, &sql, c.values().to_vec()).await?;
    }
    revisions::numeroter_ensemble(tx);
    Ok(())
}

/// Writes a candidat over the version that was read, and counts the version up; `false` when somebody else changed it
/// since. The list that structures read knows at once.
pub(super) async fn update(tx: &Tx, c: &Candidat) -> Result<bool, DbErr> {
    let mut values = rows::values(&Candidat { version: c.version + 1, ..c.clone() });
    let sets: Vec<String> = COLUMNS
        .split(", ")
        .chain(rows::DEDUITES)
        .map(str::trim)
        .enumerate()
        .skip(1)
        .map(|(i, column)| format!("{column} = ${}", i + 1))
        .collect();
    values.push(c.version.into());
    let sql =
        format!("UPDATE candidat SET {} WHERE id = $1 AND version = ${}", sets.join(", "), values.len());
    let ecrit = kit::execute(tx, &sql, values).await?.rows_affected() == 1;
    if ecrit {
        revisions::numeroter(tx, Table::Candidat, c.id);
    }
    Ok(ecrit)
}

/// Every file whose address is proven, by number.
pub(super) async fn actifs(conn: &impl ConnectionTrait) -> Result<Vec<Candidat>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM candidat WHERE etat = 'active' ORDER BY numero");
    kit::query_as::<Row>(conn, &sql, []).await?.into_iter().map(Row::candidat).collect()
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

/// The confirmed application of that address, if there is one; the key is [`kernel::Email::key`].
pub(super) async fn actif_de_courriel(
    conn: &impl ConnectionTrait,
    cle: &str,
) -> Result<Option<CandidatId>, DbErr> {
    let sql = "SELECT id FROM candidat WHERE courriel_cle = $1 AND etat = 'active'";
    let row: Option<IdRow> = kit::query_one_as(conn, sql, [cle.into()]).await?;
    Ok(row.map(|r| CandidatId(r.id)))
}

/// How many times a file may have been absorbed by another that was absorbed in its turn.
const CHAINE: usize = 32;

/// The confirmed application of that account, if there is one: its own, or the one that its own was merged into.
///
/// # Errors
/// The database.
pub async fn de_compte(conn: &impl ConnectionTrait, compte: CompteId) -> Result<Option<CandidatId>, DbErr> {
    let sql = "SELECT id FROM candidat WHERE compte_id = $1 AND etat = 'active'";
    let row: Option<IdRow> = kit::query_one_as(conn, sql, [compte.0.into()]).await?;
    if let Some(r) = row {
        return Ok(Some(CandidatId(r.id)));
    }
    let sql = "SELECT fusionnee_dans AS id FROM candidat WHERE compte_id = $1 AND etat = 'fusionnee' ORDER BY numero";
    let dans: Option<IdRow> = kit::query_one_as(conn, sql, [compte.0.into()]).await?;
    suivre(conn, dans.map(|r| CandidatId(r.id))).await
}

/// The confirmed application of that address, if there is one.
///
/// # Errors
/// The database.
pub async fn de_courriel(
    conn: &impl ConnectionTrait,
    courriel: &kernel::Email,
) -> Result<Option<CandidatId>, DbErr> {
    actif_de_courriel(conn, &courriel.key()).await
}

/// The file that a file leads to today: itself, or the one that it was merged into; none when it is no more.
///
/// # Errors
/// The database.
pub async fn suivie(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<CandidatId>, DbErr> {
    suivre(conn, Some(id)).await
}

async fn suivre(
    conn: &impl ConnectionTrait,
    mut suivante: Option<CandidatId>,
) -> Result<Option<CandidatId>, DbErr> {
    for _ in 0..CHAINE {
        let Some(id) = suivante else { return Ok(None) };
        match get(conn, id).await?.map(|c| c.etat) {
            Some(super::model::Etat::Active { .. }) => return Ok(Some(id)),
            Some(super::model::Etat::Fusionnee { dans }) => suivante = Some(dans),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// That file and every one that was merged into it, directly or by another: the same person.
pub(super) async fn avec_absorbees(
    conn: &impl ConnectionTrait,
    id: CandidatId,
) -> Result<Vec<Candidat>, DbErr> {
    let sql = "WITH RECURSIVE siennes(id) AS (SELECT id FROM candidat WHERE id = $1 \
               UNION SELECT c.id FROM candidat c JOIN siennes s ON c.fusionnee_dans = s.id) SELECT id FROM siennes";
    let ids: Vec<IdRow> = kit::query_as(conn, sql, [id.0.into()]).await?;
    charger(conn, &ids.into_iter().map(|r| CandidatId(r.id)).collect::<Vec<_>>()).await
}

/// The account of that candidat, once their address is confirmed.
///
/// # Errors
/// The database.
pub async fn compte_de(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Option<CompteId>, DbErr> {
    Ok(get(conn, id).await?.and_then(|c| c.compte))
}

/// Erases a file for good: what is left tells nobody who it was. The caller erases what other rooms hold.
pub(super) async fn effacer(
    site: &Site,
    tx: &Tx,
    c: &Candidat,
    motif: super::model::Motif,
) -> Result<(), DbErr> {
    crate::historique::effacer(tx, (crate::historique::Sujet::Candidat, c.id.0)).await?;
    kit::execute(tx, "DELETE FROM candidat WHERE id = $1", [c.id.0.into()]).await?;
    kit::execute(
        tx,
        "INSERT INTO candidat_efface (id, numero, le, motif, depose, revision) VALUES ($1, $2, $3, $4, $5, 0)",
        [
            c.id.0.into(),
            c.numero.into(),
            site.clock.now().into(),
            motif.cle().into(),
            kernel::calendrier::jour(&c.depose_le).into(),
        ],
    )
    .await?;
    revisions::numeroter(tx, Table::Efface, c.id);
    Ok(())
}

/// Whether the candidat sent a CV.
pub(super) async fn a_un_cv(conn: &impl ConnectionTrait, id: CandidatId) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM candidat_cv WHERE candidat_id = $1";
    Ok(kit::count(conn, sql, [id.0.into()]).await? > 0)
}

/// Says that what structures know of a candidat changed elsewhere than in their row: a CV came or went.
pub(super) fn toucher(tx: &Tx, id: CandidatId) {
    revisions::numeroter(tx, Table::Candidat, id);
}
