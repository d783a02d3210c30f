//! Counts by source: what producers may better.

use chrono::{Months, NaiveDate};
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr};

use super::super::imports::qualite::CHAMPS;
use super::super::model::{Livraison, SourceId};
use super::super::standard::{Champ, Genre};
use super::livraisons;

/// A source, and how its open lieux are filled.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct QualiteSource {
    pub(in crate::lieux) id: SourceId,
    pub(in crate::lieux) nom: String,
    /// Open lieux.
    pub(in crate::lieux) ouverts: i64,
    /// In how many of them each field is filled.
    pub(in crate::lieux) remplis: Vec<(Champ, i64)>,
    /// Updated within six months of the day.
    pub(in crate::lieux) moins_de_six_mois: i64,
    /// Between six months and a year.
    pub(in crate::lieux) moins_d_un_an: i64,
    /// More than a year.
    pub(in crate::lieux) plus_vieux: i64,
    /// Without a day of update.
    pub(in crate::lieux) sans_date: i64,
}

/// Every source, counted on a day.
pub(in crate::lieux) async fn qualite(
    conn: &impl ConnectionTrait,
    jour: NaiveDate,
) -> Result<Vec<QualiteSource>, DbErr> {
    let compte = |condition: String, nom: String| format!("COUNT(CASE WHEN {condition} THEN 1 END) AS {nom}");
    let mut colonnes: Vec<String> = CHAMPS
        .into_iter()
        .map(|c| {
            let condition = match (c, c.genre()) {
                // Fourteen zeros say that it is unknown.
                (Champ::Pivot, _) => "l.pivot <> '' AND l.pivot <> '00000000000000'".to_owned(),
                (_, Genre::Texte) => format!("l.{} <> ''", c.nom()),
                (_, Genre::Nombre | Genre::Date) => format!("l.{} IS NOT NULL", c.nom()),
            };
            compte(condition, format!("n_{}", c.nom()))
        })
        .collect();
    colonnes.push(compte("l.date_maj > $1".to_owned(), "recents".to_owned()));
    colonnes.push(compte("l.date_maj > $2 AND l.date_maj <= $1".to_owned(), "moyens".to_owned()));
    colonnes.push(compte("l.date_maj <= $2".to_owned(), "vieux".to_owned()));
    let sql = format!(
        "SELECT s.id AS source, s.nom AS nom, COUNT(l.id) AS ouverts, {} FROM lieu_source s \
         LEFT JOIN lieu l ON l.source_id = s.id AND l.ferme_le IS NULL GROUP BY s.id, s.nom",
        colonnes.join(", ")
    );
    let avant = |mois: u32| jour.checked_sub_months(Months::new(mois)).unwrap_or(jour);
    let rows = kit::query(conn, &sql, [avant(6).into(), avant(12).into()]).await?;
    rows.iter()
        .map(|r| {
            let n = |nom: &str| r.try_get::<i64>("", nom);
            let ouverts = n("ouverts")?;
            let remplis = CHAMPS
                .into_iter()
                .map(|c| Ok((c, n(&format!("n_{}", c.nom()))?)))
                .collect::<Result<Vec<_>, DbErr>>()?;
            let dates: i64 = remplis.iter().filter(|(c, _)| *c == Champ::DateMaj).map(|(_, n)| n).sum();
            Ok(QualiteSource {
                id: SourceId(r.try_get("", "source")?),
                nom: r.try_get("", "nom")?,
                ouverts,
                remplis,
                moins_de_six_mois: n("recents")?,
                moins_d_un_an: n("moyens")?,
                plus_vieux: n("vieux")?,
                sans_date: ouverts - dates,
            })
        })
        .collect()
}

/// The last deliveries of a source that were written, the latest first.
pub(in crate::lieux) async fn livraisons_de(
    conn: &impl ConnectionTrait,
    source: SourceId,
    limite: i64,
) -> Result<Vec<Livraison>, DbErr> {
    livraisons::de_la_source(conn, source, limite).await
}
