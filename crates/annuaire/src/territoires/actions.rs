//! What an operator does to the territory: official centres and zonages, each file in one transaction.

use std::io::{Read, Seek};

use chrono::NaiveDate;
use platform::Tx;
use platform::journal::{self, Entry};
use sea_orm::DbErr;

use super::import::{BilanImport, RefusImport, lire_centres, lire_zonage};
use super::store::{self, Sujet};
use super::zonage::{GenreZonage, ListeZonage};
use crate::atlas::Atlas;

/// Why an import changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum EchecImport {
    /// The file is refused.
    #[error(transparent)]
    Refus(#[from] RefusImport),
    /// The database refuses.
    #[error(transparent)]
    Base(#[from] DbErr),
}

/// What an import is told besides its file.
#[derive(Clone, Copy, Debug)]
pub struct Livraison<'a> {
    /// Name of the file, without its folder, kept as the source.
    pub nom: &'a str,
    /// Reads and reports, writes nothing.
    pub a_blanc: bool,
}

/// Imports official centres of communes; those of other communes stay. Idempotent.
///
/// # Errors
/// When nothing of the file can be taken, or the database refuses; nothing is then changed.
pub async fn importe_centres<R: Read + Seek + Send>(
    atlas: &Atlas,
    fichier: R,
    livraison: Livraison<'_>,
) -> Result<BilanImport, EchecImport> {
    let (site, territoires) = (atlas.site(), atlas.territoires());
    let (centres, bilan) = lire_centres(&territoires, fichier)?;
    if livraison.a_blanc {
        return Ok(bilan);
    }
    let now = site.clock.now();
    site.db
        .write(async |tx: &Tx| {
            store::put_centres(tx, &centres, livraison.nom, now).await?;
            store::bump(tx, Sujet::Centres, now).await?;
            let entry = Entry::system("territoire.centres.importer", "territoire", "centres");
            journal::write(site, tx, entry.with(faits(&bilan, livraison.nom))).await
        })
        .await?;
    atlas.relit().await?;
    Ok(bilan)
}

/// Imports the list of a zonage that applies from that day; it replaces the list of the same kind and day. Idempotent.
///
/// # Errors
/// When nothing of the file can be taken, or the database refuses; nothing is then changed.
pub async fn importe_zonage<R: Read + Seek + Send>(
    atlas: &Atlas,
    genre: GenreZonage,
    date: NaiveDate,
    fichier: R,
    livraison: Livraison<'_>,
) -> Result<BilanImport, EchecImport> {
    let (site, territoires) = (atlas.site(), atlas.territoires());
    let (lignes, bilan) = lire_zonage(&territoires, genre, fichier)?;
    if livraison.a_blanc {
        return Ok(bilan);
    }
    let communes = i64::try_from(lignes.len()).unwrap_or(i64::MAX);
    let liste = ListeZonage { genre, date, source: livraison.nom.to_owned(), communes };
    let now = site.clock.now();
    site.db
        .write(async |tx: &Tx| {
            store::put_zonage(tx, &liste, &lignes, now).await?;
            store::bump(tx, Sujet::Zonages, now).await?;
            let entry =
                Entry::system("territoire.zonage.importer", "territoire", format!("{} {date}", genre.cle()));
            journal::write(site, tx, entry.with(faits(&bilan, livraison.nom))).await
        })
        .await?;
    atlas.relit().await?;
    Ok(bilan)
}

fn faits(bilan: &BilanImport, nom: &str) -> serde_json::Value {
    serde_json::json!({
        "fichier": nom,
        "lues": bilan.lues,
        "retenues": bilan.retenues,
        "hors_zonage": bilan.hors_zonage,
        "reparees": bilan.reparees,
        "refusees": bilan.refusees,
    })
}
