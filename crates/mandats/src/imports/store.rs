//! Rows of imports.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use platform::tableur::lecture::Remarque;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Comptes, Etat, Genre, Import, Ligne, Sort};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    genre: String,
    fichier: String,
    ignorees: String,
    etat: String,
    compte_id: Uuid,
    role: String,
    perimetre: String,
    cree_le: DateTime<Utc>,
    fini_le: Option<DateTime<Utc>>,
}

impl Row {
    fn import(self) -> Result<Import, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("mandats_import {}: {colonne}", self.id));
        Ok(Import {
            id: self.id,
            genre: Genre::from_cle(&self.genre).ok_or_else(|| abime("genre"))?,
            etat: Etat::from_cle(&self.etat).ok_or_else(|| abime("etat"))?,
            fichier: self.fichier,
            ignorees: self.ignorees,
            compte: CompteId(self.compte_id),
            role: self.role,
            perimetre: self.perimetre,
            cree_le: self.cree_le,
            fini_le: self.fini_le,
        })
    }
}

const COLONNES: &str = "id, genre, fichier, ignorees, etat, compte_id, role, perimetre, cree_le, fini_le";

/// Keeps a new import with its lines.
pub(super) async fn deposer(tx: &Tx, i: &Import, lignes: &[Ligne]) -> Result<(), DbErr> {
    let values: Vec<Value> = vec![
        i.id.into(),
        i.genre.cle().into(),
        i.fichier.clone().into(),
        i.ignorees.clone().into(),
        i.etat.cle().into(),
        i.compte.0.into(),
        i.role.clone().into(),
        i.perimetre.clone().into(),
        i.cree_le.into(),
        i.fini_le.into(),
    ];
    let sql = format!("INSERT INTO mandats_import ({COLONNES}) VALUES ({})", kit::places(1, 10));
    kit::execute(tx, &sql, values).await?;
    let rows = lignes.iter().map(|l| {
        Ok(vec![
            i.id.into(),
            l.numero.into(),
            json(&l.cellules)?.into(),
            l.sort.cle().into(),
            l.fait.into(),
            json(&l.remarques)?.into(),
        ])
    });
    let rows: Vec<Vec<Value>> = rows.collect::<Result<_, DbErr>>()?;
    let into = "mandats_import_ligne (import_id, numero, cellules, sort, fait, remarques)";
    kit::insert_many(tx, into, rows, "").await.map(drop)
}

fn json<T: serde::Serialize>(chose: &T) -> Result<String, DbErr> {
    serde_json::to_string(chose).map_err(|e| DbErr::Custom(e.to_string()))
}

/// That import.
pub(super) async fn lire(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Import>, DbErr> {
    let sql = format!("SELECT {COLONNES} FROM mandats_import WHERE id = $1");
    kit::query_one_as::<Row>(conn, &sql, [id.into()]).await?.map(Row::import).transpose()
}

/// The same, held until the end of the transaction.
pub(super) async fn tenir(tx: &Tx, id: Uuid) -> Result<Option<Import>, DbErr> {
    kit::execute(tx, "UPDATE mandats_import SET etat = etat WHERE id = $1", [id.into()]).await?;
    lire(tx, id).await
}

/// Imports of an account, or of everybody, newest first.
pub(super) async fn lister(
    conn: &impl ConnectionTrait,
    compte: Option<CompteId>,
    limite: i64,
) -> Result<Vec<Import>, DbErr> {
    let sql = format!(
        "SELECT {COLONNES} FROM mandats_import WHERE ($1 = 0 OR compte_id = $2) ORDER BY cree_le DESC, id DESC LIMIT $3"
    );
    let qui = compte.unwrap_or(CompteId(Uuid::nil())).0;
    let values: [Value; 3] = [i64::from(compte.is_some()).into(), qui.into(), limite.into()];
    kit::query_as::<Row>(conn, &sql, values).await?.into_iter().map(Row::import).collect()
}

/// Takes an import from one state to another, in the name of that actor; says whether it was there.
pub(super) async fn passer(tx: &Tx, i: &Import, de: Etat) -> Result<bool, DbErr> {
    let sql = "UPDATE mandats_import SET etat = $2, compte_id = $3, role = $4, perimetre = $5, fini_le = $6 \
               WHERE id = $1 AND etat = $7";
    let values: [Value; 7] = [
        i.id.into(),
        i.etat.cle().into(),
        i.compte.0.into(),
        i.role.clone().into(),
        i.perimetre.clone().into(),
        i.fini_le.into(),
        de.cle().into(),
    ];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

#[derive(FromQueryResult)]
struct LigneRow {
    numero: i64,
    cellules: String,
    sort: String,
    fait: bool,
    remarques: String,
}

impl LigneRow {
    fn ligne(self) -> Result<Ligne, DbErr> {
        let abime = |colonne: &str| DbErr::Type(format!("mandats_import_ligne {}: {colonne}", self.numero));
        Ok(Ligne {
            numero: self.numero,
            cellules: serde_json::from_str(&self.cellules).map_err(|_| abime("cellules"))?,
            sort: Sort::from_cle(&self.sort).ok_or_else(|| abime("sort"))?,
            fait: self.fait,
            remarques: serde_json::from_str(&self.remarques).map_err(|_| abime("remarques"))?,
        })
    }
}

const LIGNE: &str = "numero, cellules, sort, fait, remarques";

async fn lignes_ou(conn: &impl ConnectionTrait, ou: &str, values: Vec<Value>) -> Result<Vec<Ligne>, DbErr> {
    let sql = format!("SELECT {LIGNE} FROM mandats_import_ligne WHERE import_id = $1 AND {ou}");
    kit::query_as::<LigneRow>(conn, &sql, values).await?.into_iter().map(LigneRow::ligne).collect()
}

/// Lines that were not looked at yet, in order.
pub(super) async fn a_examiner(
    conn: &impl ConnectionTrait,
    id: Uuid,
    limite: i64,
) -> Result<Vec<Ligne>, DbErr> {
    let ou = "sort = 'attente' ORDER BY numero LIMIT $2";
    lignes_ou(conn, ou, vec![id.into(), limite.into()]).await
}

/// Lines that are still to be written, in order.
pub(super) async fn a_ecrire(
    conn: &impl ConnectionTrait,
    id: Uuid,
    limite: i64,
) -> Result<Vec<Ligne>, DbErr> {
    let ou = "sort IN ('cree', 'change') AND NOT fait ORDER BY numero LIMIT $2";
    lignes_ou(conn, ou, vec![id.into(), limite.into()]).await
}

/// Takes a line that is still to be written, held until the end of the transaction.
pub(super) async fn prendre(tx: &Tx, id: Uuid, numero: i64) -> Result<Option<Ligne>, DbErr> {
    let sql = "UPDATE mandats_import_ligne SET fait = fait WHERE import_id = $1 AND numero = $2";
    kit::execute(tx, sql, [id.into(), numero.into()]).await?;
    let ou = "sort IN ('cree', 'change') AND NOT fait AND numero = $2";
    Ok(lignes_ou(tx, ou, vec![id.into(), numero.into()]).await?.pop())
}

/// Lines of that kind, or of every kind, after that number.
pub(super) async fn lignes(
    conn: &impl ConnectionTrait,
    id: Uuid,
    sort: Option<Sort>,
    apres: i64,
    (offset, limite): (usize, usize),
) -> Result<Vec<Ligne>, DbErr> {
    let ou = "($2 = '' OR sort = $2) AND numero > $3 ORDER BY numero LIMIT $4 OFFSET $5";
    let values = vec![
        id.into(),
        sort.map_or("", Sort::cle).into(),
        apres.into(),
        i64::try_from(limite).unwrap_or(i64::MAX).into(),
        i64::try_from(offset).unwrap_or(i64::MAX).into(),
    ];
    lignes_ou(conn, ou, values).await
}

/// Notes what becomes of a line.
pub(super) async fn noter(
    tx: &Tx,
    id: Uuid,
    numero: i64,
    (sort, fait): (Sort, bool),
    remarques: &[Remarque],
) -> Result<(), DbErr> {
    let sql = "UPDATE mandats_import_ligne SET sort = $3, fait = $4, remarques = $5 WHERE import_id = $1 AND numero = $2";
    let values: [Value; 5] =
        [id.into(), numero.into(), sort.cle().into(), fait.into(), json(&remarques)?.into()];
    kit::execute(tx, sql, values).await.map(drop)
}

/// How many lines there are of each kind.
pub(super) async fn comptes(conn: &impl ConnectionTrait, id: Uuid) -> Result<Comptes, DbErr> {
    let sql =
        "SELECT sort, fait, COUNT(*) AS n FROM mandats_import_ligne WHERE import_id = $1 GROUP BY sort, fait";
    let mut c = Comptes::default();
    for row in kit::query(conn, sql, [id.into()]).await? {
        let n = u64::try_from(row.try_get::<i64>("", "n")?).unwrap_or(0);
        if row.try_get::<bool>("", "fait")? {
            c.faits += n;
        }
        match Sort::from_cle(&row.try_get::<String>("", "sort")?) {
            Some(Sort::Cree) => c.crees += n,
            Some(Sort::Change) => c.changes += n,
            Some(Sort::Inchange) => c.inchanges += n,
            Some(Sort::Refuse) => c.refuses += n,
            _ => c.attente += n,
        }
    }
    Ok(c)
}

/// Erases imports of before, with what their files said of people; says how many.
pub(super) async fn oublier(tx: &Tx, avant: DateTime<Utc>) -> Result<u64, DbErr> {
    let sql = "DELETE FROM mandats_import WHERE COALESCE(fini_le, cree_le) < $1 AND etat <> 'en_cours'";
    Ok(kit::execute(tx, sql, [avant.into()]).await?.rows_affected())
}

/// Erases the lines of an import that was given up.
pub(super) async fn vider(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM mandats_import_ligne WHERE import_id = $1", [id.into()]).await.map(drop)
}
