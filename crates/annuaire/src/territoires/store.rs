//! Rows of centres, zonages and versions.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{CodeCommune, Position};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::zonage::{GenreZonage, ListeZonage, ZonageCommune, Zonages};

/// What an instance keeps in memory, and must read again when its number changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sujet {
    /// Official centres.
    Centres,
    /// Zonages.
    Zonages,
    /// Lieux: what lists and coverage are made from.
    Lieux,
    /// School calendars.
    Vacances,
}

impl Sujet {
    fn cle(self) -> &'static str {
        match self {
            Self::Centres => "centres",
            Self::Zonages => "zonages",
            Self::Lieux => "lieux",
            Self::Vacances => "vacances",
        }
    }
}

/// Number of each [`Sujet`]; 0 when nothing was ever imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Versions {
    pub(crate) centres: i64,
    pub(crate) zonages: i64,
    pub(crate) lieux: i64,
}

/// Rows of one statement: both engines take that many parameters.
const LOT: usize = 500;

pub(crate) async fn versions(conn: &impl ConnectionTrait) -> Result<Versions, DbErr> {
    let mut versions = Versions::default();
    for row in kit::query(conn, "SELECT sujet, version FROM territoire_version", []).await? {
        let (sujet, version): (String, i64) = (row.try_get("", "sujet")?, row.try_get("", "version")?);
        match sujet.as_str() {
            "centres" => versions.centres = version,
            "zonages" => versions.zonages = version,
            "lieux" => versions.lieux = version,
            _ => {}
        }
    }
    Ok(versions)
}

/// Says that what instances keep of this in memory is out of date.
///
/// # Errors
/// When the database refuses.
pub async fn bump(tx: &Tx, sujet: Sujet, now: DateTime<Utc>) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO territoire_version (sujet, version, changed_at) VALUES ($1, 1, $2) \
         ON CONFLICT (sujet) DO UPDATE SET version = territoire_version.version + 1, changed_at = $2",
        [sujet.cle().into(), now.into()],
    )
    .await
    .map(|_| ())
}

/// `($1,$2),($3,$4)…` for so many rows of so many columns.
fn places(rows: usize, columns: usize) -> String {
    let row = |r: usize| {
        let cells: Vec<String> = (1..=columns).map(|c| format!("${}", r * columns + c)).collect();
        format!("({})", cells.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

#[derive(FromQueryResult)]
struct CentreRow {
    code_commune: String,
    latitude: f64,
    longitude: f64,
}

pub(crate) async fn centres(conn: &impl ConnectionTrait) -> Result<HashMap<CodeCommune, Position>, DbErr> {
    let rows: Vec<CentreRow> =
        kit::query_as(conn, "SELECT code_commune, latitude, longitude FROM territoire_centre", []).await?;
    Ok(rows
        .into_iter()
        .filter_map(|r| CodeCommune::parse(&r.code_commune).zip(Position::new(r.latitude, r.longitude)))
        .collect())
}

/// Adds or replaces the centres of these communes.
pub(super) async fn put_centres(
    tx: &Tx,
    centres: &[(CodeCommune, Position)],
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    for lot in centres.chunks(LOT) {
        let sql = format!(
            "INSERT INTO territoire_centre (code_commune, latitude, longitude, source, imported_at) VALUES {} \
             ON CONFLICT (code_commune) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude, \
             source = excluded.source, imported_at = excluded.imported_at",
            places(lot.len(), 5)
        );
        let values = lot.iter().flat_map(|(code, position)| {
            let row: [Value; 5] = [
                code.as_str().into(),
                position.latitude.into(),
                position.longitude.into(),
                source.into(),
                now.into(),
            ];
            row
        });
        kit::execute(tx, &sql, values).await?;
    }
    Ok(())
}

/// Replaces the list of that kind and day.
pub(super) async fn put_zonage(
    tx: &Tx,
    liste: &ListeZonage,
    lignes: &[(CodeCommune, Option<String>)],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let key = || [Value::from(liste.genre.cle()), Value::from(liste.date)];
    kit::execute(tx, "DELETE FROM territoire_zonage WHERE genre = $1 AND date = $2", key()).await?;
    kit::execute(tx, "DELETE FROM territoire_zonage_liste WHERE genre = $1 AND date = $2", key()).await?;
    kit::execute(
        tx,
        "INSERT INTO territoire_zonage_liste (genre, date, source, communes, imported_at) VALUES ($1, $2, $3, $4, $5)",
        [
            liste.genre.cle().into(),
            liste.date.into(),
            liste.source.as_str().into(),
            liste.communes.into(),
            now.into(),
        ],
    )
    .await?;
    for lot in lignes.chunks(LOT) {
        let sql = format!(
            "INSERT INTO territoire_zonage (genre, date, code_commune, valeur) VALUES {}",
            places(lot.len(), 4)
        );
        let values = lot.iter().flat_map(|(code, valeur)| {
            let row: [Value; 4] =
                [liste.genre.cle().into(), liste.date.into(), code.as_str().into(), valeur.clone().into()];
            row
        });
        kit::execute(tx, &sql, values).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct ListeRow {
    genre: String,
    date: NaiveDate,
    source: String,
    communes: i64,
}

#[derive(FromQueryResult)]
struct ZonageRow {
    code_commune: String,
    valeur: Option<String>,
}

/// Every list, the latest first.
pub(crate) async fn listes(conn: &impl ConnectionTrait) -> Result<Vec<ListeZonage>, DbErr> {
    let rows: Vec<ListeRow> = kit::query_as(
        conn,
        "SELECT genre, date, source, communes FROM territoire_zonage_liste ORDER BY date DESC, genre",
        [],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|r| {
            let genre = GenreZonage::de_cle(&r.genre)?;
            Some(ListeZonage { genre, date: r.date, source: r.source, communes: r.communes })
        })
        .collect())
}

/// The zonages in force on a day.
pub(crate) async fn zonages(conn: &impl ConnectionTrait, jour: NaiveDate) -> Result<Zonages, DbErr> {
    let mut en_vigueur: Vec<ListeZonage> = Vec::new();
    for liste in listes(conn).await? {
        if liste.date <= jour && !en_vigueur.iter().any(|l| l.genre == liste.genre) {
            en_vigueur.push(liste);
        }
    }
    // FRR took the place of ZRR: a list of ZRR is out of force once one of FRR has begun (law of 29 December 2023).
    if en_vigueur.iter().any(|l| l.genre == GenreZonage::Frr) {
        en_vigueur.retain(|l| l.genre != GenreZonage::Zrr);
    }
    en_vigueur.sort_by_key(|l| GenreZonage::TOUS.iter().position(|g| *g == l.genre));
    let mut lignes = Vec::new();
    for liste in &en_vigueur {
        let rows: Vec<ZonageRow> = kit::query_as(
            conn,
            "SELECT code_commune, valeur FROM territoire_zonage WHERE genre = $1 AND date = $2",
            [liste.genre.cle().into(), liste.date.into()],
        )
        .await?;
        lignes.extend(rows.into_iter().map(|r| {
            (r.code_commune, ZonageCommune { genre: liste.genre, date: liste.date, valeur: r.valeur })
        }));
    }
    Ok(Zonages::new(en_vigueur, lignes))
}
