//! Files that forms bring.

use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;

use super::error::PageError;

/// What came in the field of a file.
#[derive(Debug)]
pub enum Recu {
    /// All of it; empty when nothing was chosen.
    Entier(Vec<u8>),
    /// More than is taken. The rest was let through unread: a browser that is stopped in the middle of sending shows
    /// an error of its own instead of our sentence.
    TropGros,
}

/// Reads the field of a file, keeping `max` bytes at most.
///
/// # Errors
/// See [`coupe`].
pub async fn recevoir(champ: &mut Field<'_>, max: usize) -> Result<Recu, PageError> {
    let (mut octets, mut lus) = (Vec::new(), 0_usize);
    while let Some(morceau) = champ.chunk().await.map_err(coupe)? {
        lus += morceau.len();
        if lus > max {
            octets = Vec::new();
        } else {
            octets.extend_from_slice(&morceau);
        }
    }
    Ok(if lus > max { Recu::TropGros } else { Recu::Entier(octets) })
}

/// What a body that could not be read is told: larger than any file taken here, or cut.
pub fn coupe(error: MultipartError) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        trop_gros()
    } else {
        PageError::BadRequest("L’envoi n’est pas arrivé en entier. Recommencez.".to_owned())
    }
}

/// A body larger than what the route takes.
pub(super) fn trop_gros() -> PageError {
    PageError::Http(
        StatusCode::PAYLOAD_TOO_LARGE,
        "Cet envoi est trop gros. Revenez à la page d’avant, puis choisissez un fichier plus petit ou un texte plus court."
            .to_owned(),
    )
}
