//! Reading the form of a delivery: the file goes to the disk, compressed, as it comes.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use axum::extract::Multipart;
use flate2::Compression;
use flate2::write::GzEncoder;
use platform::web::fichier::coupe;
use platform::web::{FormState, PageError};

use super::super::correspondance::Correspondance;
use super::super::lecture::refus_immediat;

/// What the form gave.
pub(in crate::lieux) struct Envoi {
    /// The fields, for the page that shows them again.
    pub(in crate::lieux) form: FormState,
    /// Name of the file.
    pub(in crate::lieux) nom: String,
    /// The file, compressed, rewound.
    pub(in crate::lieux) contenu: Option<File>,
    /// Text of the mapping, when one was given.
    pub(super) correspondance: Option<String>,
}

const CORRESPONDANCE_MAX: usize = 256 * 1024;
const CHAMP_MAX: usize = 1_000;

/// Reads the form, whose file holds `max` bytes at most; larger ones come in by the command line.
///
/// # Errors
/// When the browser stopped sending, or the disk refuses.
pub(in crate::lieux) async fn lit(mut corps: Multipart, max: usize) -> Result<Envoi, PageError> {
    let mut envoi =
        Envoi { form: FormState::default(), nom: String::new(), contenu: None, correspondance: None };
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        let nom = champ.name().unwrap_or_default().to_owned();
        if nom == "fichier" {
            let fichier: String =
                champ.file_name().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
            let temporaire = tempfile::tempfile().map_err(PageError::internal)?;
            let mut sortie = GzEncoder::new(temporaire, Compression::fast());
            let mut taille = 0;
            while let Some(morceau) = champ.chunk().await.map_err(coupe)? {
                if taille == 0
                    && let Some(refus) = refus_immediat(&morceau)
                {
                    envoi.form.refuse("fichier", refus.to_string());
                    return Ok(envoi);
                }
                taille += morceau.len();
                if taille > max {
                    // The rest goes by unread: see `platform::web::fichier`.
                    if envoi.form.error("fichier").is_none() {
                        envoi.form.refuse(
                            "fichier",
                            format!(
                                "Ce fichier dépasse {} Mio. Livrez-le en plusieurs parties, ou par la ligne de commande.",
                                max >> 20
                            ),
                        );
                    }
                    continue;
                }
                sortie.write_all(&morceau).map_err(PageError::internal)?;
            }
            let mut temporaire = sortie.finish().map_err(PageError::internal)?;
            temporaire.seek(SeekFrom::Start(0)).map_err(PageError::internal)?;
            if taille == 0 {
                envoi.form.refuse("fichier", "Choisissez le fichier à importer ; il ne doit pas être vide.");
            } else if envoi.form.error("fichier").is_none() {
                envoi.contenu = Some(temporaire);
                envoi.nom = fichier;
            } else {
                return Ok(envoi);
            }
        } else {
            let longue = ["correspondance_fichier", "correspondance_texte"].contains(&nom.as_str());
            let limite = if longue { CORRESPONDANCE_MAX } else { CHAMP_MAX };
            let mut octets = Vec::new();
            while let Some(morceau) = champ.chunk().await.map_err(coupe)? {
                octets.extend_from_slice(&morceau);
                if octets.len() > limite {
                    envoi.form.refuse(&nom, "Ce que vous avez donné ici est trop long.");
                    return Ok(envoi);
                }
            }
            let texte = String::from_utf8_lossy(&octets).replace('\0', "");
            if nom == "correspondance_fichier" {
                if !texte.trim().is_empty() {
                    envoi.correspondance = Some(texte);
                }
            } else {
                envoi.form.set(&nom, texte);
            }
        }
    }
    if envoi.contenu.is_none() {
        envoi.form.refuse("fichier", "Choisissez le fichier à importer.");
    }
    Ok(envoi)
}

/// The mapping that the form asks for: none, one that comes with the program, or the file.
pub(super) fn correspondance(envoi: &mut Envoi) -> Option<String> {
    match (envoi.form.get("correspondance").to_owned().as_str(), envoi.correspondance.take()) {
        ("fichier", None) => {
            envoi.form.refuse("correspondance_fichier", "Choisissez le fichier de correspondance (TOML).");
            None
        }
        ("texte", _) => {
            let texte = envoi.form.get("correspondance_texte").to_owned();
            if let Err(erreur) = Correspondance::lit(&texte) {
                envoi.form.refuse("correspondance_texte", erreur);
            }
            Some(texte)
        }
        ("fichier", Some(texte)) => {
            if let Err(erreur) = Correspondance::lit(&texte) {
                envoi.form.refuse("correspondance_fichier", erreur);
            }
            Some(texte)
        }
        ("", _) => None,
        (nom, _) => {
            if let Err(erreur) = super::super::correspondance::fournie(nom) {
                envoi.form.refuse("correspondance", erreur);
            }
            Some(nom.to_owned())
        }
    }
}
