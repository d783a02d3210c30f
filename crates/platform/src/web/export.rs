//! Lists as files: one way to send them, whatever the list and the format. A file is written as it is read, one batch in
//! memory; it is journalled before its first byte leaves.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use kernel::Actor;
use sea_orm::DbErr;

use super::error::PageError;
use crate::Site;
use crate::journal::{self, Entry};
use crate::tableur::{Cellule, Classeur, Format};

/// Lines read at once.
pub const LOT: usize = 500;

impl<S: Sync> FromRequestParts<S> for Format {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        let extension = parts.uri.path().rsplit('.').next().unwrap_or_default();
        Self::from_extension(extension).ok_or_else(PageError::not_found)
    }
}

/// A batch of lines, and where the next one begins; none after the last.
#[derive(Debug)]
pub struct Lot<C> {
    /// The lines.
    pub lignes: Vec<Vec<Cellule>>,
    /// Where the next batch begins.
    pub apres: Option<C>,
}

impl<C> Lot<C> {
    /// The lines of these things; the next batch begins after the last of them, when there may be more than `limite`.
    pub fn de<T>(
        choses: &[T],
        limite: usize,
        ligne: impl Fn(&T) -> Vec<Cellule>,
        marque: impl Fn(&T) -> C,
    ) -> Self {
        let apres = if choses.len() < limite { None } else { choses.last().map(marque) };
        Self { lignes: choses.iter().map(ligne).collect(), apres }
    }
}

/// Which list somebody takes away.
#[derive(Clone, Copy, Debug)]
pub struct Liste {
    /// Name of the file, of the sheet and of the journal line: `postes`.
    pub nom: &'static str,
    /// Titles of its columns.
    pub titres: &'static [&'static str],
}

impl Liste {
    /// Sends the list: `lot` reads a batch after a mark, from the beginning without one. The journal keeps which filters were
    /// set, not what was typed into them.
    ///
    /// # Errors
    /// The database, before the first byte; later, the file stops short and the log says so.
    pub async fn envoyer<C, F, Fut>(
        self,
        site: &Site,
        actor: &Actor,
        (format, filtres): (Format, &[(String, String)]),
        lot: F,
    ) -> Result<Response, PageError>
    where
        C: Send + 'static,
        F: Fn(Option<C>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Lot<C>, DbErr>> + Send,
    {
        let remplis: Vec<&str> =
            filtres.iter().filter(|(_, v)| !v.is_empty()).map(|(k, _)| k.as_str()).take(20).collect();
        let facts = serde_json::json!({ "format": format.extension(), "filtres": remplis });
        let line = Entry::by(actor, "liste.exporter", "liste", self.nom).with(facts);
        site.db.write(async |tx| journal::write(site, tx, line.clone()).await).await?;
        let classeur = Classeur::new(format, self.nom, self.titres).map_err(PageError::internal)?;
        let flux = futures::stream::try_unfold(Some((classeur, None, lot)), |etape| async move {
            let Some((mut classeur, apres, lot)) = etape else { return Ok(None) };
            let lu = lot(apres).await.map_err(|e| {
                tracing::error!(error = %e, "an export stopped in the middle");
                io::Error::other("the list could not be read to its end")
            })?;
            for ligne in lu.lignes {
                classeur.ligne(ligne)?;
            }
            match lu.apres {
                Some(apres) => Ok(Some((Bytes::from(classeur.prend()?), Some((classeur, Some(apres), lot))))),
                None => {
                    let mut fin = classeur.prend()?;
                    fin.extend(classeur.termine()?);
                    Ok::<_, io::Error>(Some((Bytes::from(fin), None)))
                }
            }
        });
        let nom = format!("attachment; filename=\"{}.{}\"", self.nom, format.extension());
        let entetes = [(CONTENT_TYPE, format.mime().to_owned()), (CONTENT_DISPOSITION, nom)];
        Ok((entetes, Body::from_stream(flux)).into_response())
    }
}

/// The links of a page to the same list as files, with its filters: drawn by `exports.html`.
#[derive(Clone, Debug)]
pub struct Exports {
    base: String,
    query: String,
}

impl Exports {
    /// Of the list at that address, shown with these filters.
    pub fn new(base: &str, filtres: &[(String, String)]) -> Self {
        let gardes: Vec<&(String, String)> =
            filtres.iter().filter(|(k, v)| k != "page" && !v.is_empty()).collect();
        let query = serde_urlencoded::to_string(gardes).unwrap_or_default();
        Self { base: base.to_owned(), query }
    }

    /// Name and address of each format.
    pub fn liens(&self) -> [(&'static str, String); 3] {
        Format::TOUS.map(|f| {
            let sep = if self.query.is_empty() { "" } else { "?" };
            (f.nom(), format!("{}/export.{}{sep}{}", self.base, f.extension(), self.query))
        })
    }
}
