//! Rows of what was taken over.

use std::collections::HashMap;

use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::attestation::Verdict;
use crate::ids::MandatId;

/// What a row became.
#[derive(Clone, PartialEq, Eq, Debug, FromQueryResult)]
pub(super) struct Reprise {
    pub(super) ancien: i64,
    pub(super) cible: Option<Uuid>,
    pub(super) note: Option<String>,
}

/// Those rows of a table that were taken, by their old identifier.
pub(super) async fn deja(
    conn: &impl ConnectionTrait,
    origine: &str,
    anciens: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Reprise>, DbErr> {
    let mut uniques: Vec<i64> = anciens.into_iter().collect();
    uniques.sort_unstable();
    uniques.dedup();
    let mut out = HashMap::with_capacity(uniques.len());
    for lot in uniques.chunks(1_000) {
        let sql = format!(
            "SELECT ancien, cible, note FROM reprise_ligne WHERE origine = $1 AND ancien IN ({})",
            kit::places(2, lot.len())
        );
        let values = [Value::from(origine)].into_iter().chain(lot.iter().map(|a| (*a).into()));
        let rows: Vec<Reprise> = kit::query_as(conn, &sql, values).await?;
        out.extend(rows.into_iter().map(|r| (r.ancien, r)));
    }
    Ok(out)
}

/// Notes what rows became.
pub(super) async fn noter(
    tx: &Tx,
    origine: &str,
    lignes: impl IntoIterator<Item = (i64, Option<Uuid>, Option<String>)>,
) -> Result<(), DbErr> {
    let rows = lignes
        .into_iter()
        .map(|(ancien, cible, note)| vec![origine.into(), ancien.into(), cible.into(), note.into()])
        .collect();
    kit::insert_many(tx, "reprise_ligne (origine, ancien, cible, note)", rows, "").await.map(drop)
}

/// Writes the note of a row again.
pub(super) async fn annoter(tx: &Tx, origine: &str, ancien: i64, note: &str) -> Result<(), DbErr> {
    let sql = "UPDATE reprise_ligne SET note = $3 WHERE origine = $1 AND ancien = $2";
    kit::execute(tx, sql, [origine.into(), ancien.into(), note.into()]).await.map(drop)
}

/// Forgets the notes of a table.
pub(super) async fn oublier_notes(tx: &Tx, origine: &str) -> Result<(), DbErr> {
    let sql = "UPDATE reprise_ligne SET note = NULL WHERE origine = $1 AND note IS NOT NULL";
    kit::execute(tx, sql, [origine.into()]).await.map(drop)
}

/// What is known of a mandat that was made elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repris {
    /// The mandat here.
    pub mandat: MandatId,
    /// Its identifier there.
    pub ancien: i64,
    /// The hash that was written when it was made.
    pub empreinte: Option<String>,
    /// Path of the text that was printed.
    pub modele: Option<String>,
    /// What the journal wrote in words, sealed.
    pub(super) texte: Option<String>,
    /// What its hash is worth.
    pub verdict: Verdict,
}

#[derive(FromQueryResult)]
struct Row {
    mandat_id: Uuid,
    ancien: i64,
    empreinte: Option<String>,
    modele: Option<String>,
    texte: Option<String>,
    verdict: String,
    raison: Option<String>,
}

impl Row {
    fn repris(self) -> Result<Repris, DbErr> {
        let verdict = Verdict::lire(&self.verdict, self.raison.as_deref());
        Ok(Repris {
            verdict: verdict.ok_or_else(|| DbErr::Type(format!("mandat_repris {}", self.mandat_id)))?,
            mandat: MandatId(self.mandat_id),
            ancien: self.ancien,
            empreinte: self.empreinte,
            modele: self.modele,
            texte: self.texte,
        })
    }
}

const COLONNES: &str = "mandat_id, ancien, empreinte, modele, texte, verdict, raison";

fn values(r: &Repris) -> Vec<Value> {
    vec![
        r.mandat.0.into(),
        r.ancien.into(),
        r.empreinte.clone().into(),
        r.modele.clone().into(),
        r.texte.clone().into(),
        r.verdict.cle().into(),
        r.verdict.raison().into(),
    ]
}

/// What is known of these mandats; those that were made here are left out.
///
/// # Errors
/// The database.
pub async fn repris(
    conn: &impl ConnectionTrait,
    mandats: impl IntoIterator<Item = MandatId>,
) -> Result<HashMap<MandatId, Repris>, DbErr> {
    let ids: Vec<Uuid> = mandats.into_iter().map(|m| m.0).collect();
    let mut out = HashMap::with_capacity(ids.len());
    for lot in ids.chunks(1_000) {
        let sql = format!(
            "SELECT {COLONNES} FROM mandat_repris WHERE mandat_id IN ({})",
            kit::places(1, lot.len())
        );
        let rows: Vec<Row> = kit::query_as(conn, &sql, lot.iter().map(|m| (*m).into())).await?;
        for row in rows {
            let r = row.repris()?;
            out.insert(r.mandat, r);
        }
    }
    Ok(out)
}

pub(super) async fn inserer(tx: &Tx, repris: &[Repris]) -> Result<(), DbErr> {
    let rows = repris.iter().map(values).collect();
    kit::insert_many(tx, &format!("mandat_repris ({COLONNES})"), rows, "").await.map(drop)
}

pub(super) async fn ecrire(tx: &Tx, r: &Repris) -> Result<(), DbErr> {
    let sql = "UPDATE mandat_repris SET ancien = $2, empreinte = $3, modele = $4, texte = $5, verdict = $6, raison = $7 \
               WHERE mandat_id = $1";
    kit::execute(tx, sql, values(r)).await.map(drop)
}

#[derive(FromQueryResult)]
struct Compte {
    verdict: String,
    raison: Option<String>,
    n: i64,
}

/// How many mandats have each verdict.
pub(super) async fn verdicts(conn: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, DbErr> {
    let sql = "SELECT verdict, raison, COUNT(*) AS n FROM mandat_repris GROUP BY verdict, raison ORDER BY verdict, raison";
    let rows: Vec<Compte> = kit::query_as(conn, sql, []).await?;
    let mots = |r: &Compte| match Verdict::lire(&r.verdict, r.raison.as_deref()) {
        Some(Verdict::Verifie) => "vérifié".to_owned(),
        Some(Verdict::Different) => "différent".to_owned(),
        Some(Verdict::Inverifiable(raison)) => format!("invérifiable : {}", raison.phrase()),
        None => r.verdict.clone(),
    };
    Ok(rows.iter().map(|r| (mots(r), r.n)).collect())
}

/// The salt under which people were known there, sealed.
pub(super) async fn sel(conn: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let rows = kit::query(conn, "SELECT scelle FROM reprise_sel WHERE nom = 'usagers'", []).await?;
    rows.first().map(|r| r.try_get_by_index(0)).transpose()
}

pub(super) async fn garder_sel(tx: &Tx, scelle: &str) -> Result<(), DbErr> {
    let sql = "INSERT INTO reprise_sel (nom, scelle) VALUES ('usagers', $1) \
               ON CONFLICT (nom) DO UPDATE SET scelle = excluded.scelle";
    kit::execute(tx, sql, [scelle.into()]).await.map(drop)
}
