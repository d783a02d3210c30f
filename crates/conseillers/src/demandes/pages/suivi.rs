//! The page of a demande for who has no account, behind the link of a message; and the answer to the committee, which the
//! space of a structure takes too.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use identity::secrets::link::Secret;
use platform::web::fichier::{self, Recu, coupe};
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other_saying};

use super::{adresse, espace};
use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions::{self, Reponse};
use crate::demandes::model::{Demande, Etat};
use crate::demandes::{rules, suivi};
use crate::ids::DemandeId;
use crate::selection::avis::PIECE_MAX;

/// Largest body of an answer: its file, and its words.
pub(super) const CORPS_MAX: usize = PIECE_MAX + 65_536;

#[derive(Template)]
#[template(path = "demandes/pages/suivi.html")]
struct PageSuivi {
    shell: Shell,
    form: FormState,
    d: Demande,
    attendu: String,
    ici: String,
    peut_annuler: bool,
}

impl PageSuivi {
    fn repond(&self) -> bool {
        matches!(self.d.etat, Etat::ExamenComplementaire { .. })
    }

    fn raison(&self) -> Option<String> {
        match &self.d.etat {
            Etat::Refusee { criteres, .. } => {
                Some(criteres.iter().map(|c| c.nom()).collect::<Vec<_>>().join(" ; "))
            }
            Etat::Annulee { motif, .. } => Some(motif.clone()),
            _ => None,
        }
    }
}

fn secret(lien: &str) -> Result<Secret, PageError> {
    Secret::parse(lien).ok_or_else(PageError::not_found)
}

async fn montrer(
    c: &Conseillers,
    shell: Shell,
    secret: &Secret,
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let d = suivi::ouvrir(c.site.db.read(), secret, c.site.clock.now()).await?;
    let ici = format!("{}/{}", suivi::ADRESSE, secret.expose());
    let (attendu, peut_annuler) = (espace::attendu(&d), rules::annulable(&d).is_ok());
    page_with(status, &PageSuivi { shell, form, attendu, ici, peut_annuler, d })
}

pub(super) async fn suivre(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(lien): Path<String>,
) -> PageResult {
    montrer(&c, shell, &secret(&lien)?, FormState::default(), StatusCode::OK).await
}

pub(super) async fn annuler(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(lien): Path<String>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let secret = secret(&lien)?;
    match suivi::annuler(&c.site, &secret, form.get("motif")).await {
        Ok(()) => {
            let ici = format!("{}/{}", suivi::ADRESSE, secret.expose());
            return Ok(see_other_saying(&ici, "La demande est annulée."));
        }
        Err(Failure::Refusal(refusal)) => form.take(refusal)?,
        Err(other) => return Err(other.into()),
    }
    montrer(&c, shell, &secret, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn repondre(
    State(c): State<Conseillers>,
    shell: Shell,
    Path(lien): Path<String>,
    corps: Multipart,
) -> PageResult {
    let secret = secret(&lien)?;
    let (mut form, reponse) = lire(corps).await?;
    if form.is_valid() {
        match suivi::repondre(&c.site, &secret, &reponse).await {
            Ok(()) => {
                let ici = format!("{}/{}", suivi::ADRESSE, secret.expose());
                return Ok(see_other_saying(
                    &ici,
                    "Votre réponse est enregistrée. La demande attend de nouveau.",
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, &secret, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// The same answer, from the space of the structure.
pub(super) async fn repondre_de_l_espace(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    corps: Multipart,
) -> PageResult {
    let id = DemandeId(id);
    let (mut form, reponse) = lire(corps).await?;
    if form.is_valid() {
        match actions::repondre(&c.site, shell.actor()?, id, &reponse).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &adresse(id),
                    "Votre réponse est enregistrée. La demande attend de nouveau.",
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    crate::selection::montrer_fiche(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// The words and the file of an answer. What is too large is refused on the form, with the words kept.
async fn lire(mut corps: Multipart) -> Result<(FormState, Reponse), PageError> {
    let (mut form, mut reponse) = (FormState::default(), Reponse::default());
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        match champ.name() {
            Some("reponse") => {
                if let Recu::Entier(octets) = fichier::recevoir(&mut champ, 60_000).await? {
                    reponse.texte = String::from_utf8_lossy(&octets).into_owned();
                    form.set("reponse", reponse.texte.clone());
                } else {
                    form.refuse("reponse", "Cette réponse est trop longue : 2 500 caractères au plus.");
                }
            }
            Some("fichier") => {
                let nom = champ.file_name().unwrap_or("reponse.pdf").to_owned();
                match fichier::recevoir(&mut champ, PIECE_MAX).await? {
                    // An empty part: no file was chosen.
                    Recu::Entier(octets) if octets.is_empty() => {}
                    Recu::Entier(octets) => reponse.fichier = Some((nom, octets)),
                    Recu::TropGros => form.refuse(
                        "fichier",
                        format!("Ce fichier dépasse {} Mio. Choisissez un PDF plus léger.", PIECE_MAX >> 20),
                    ),
                }
            }
            _ => {}
        }
    }
    Ok((form, reponse))
}
