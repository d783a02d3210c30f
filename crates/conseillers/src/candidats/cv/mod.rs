//! The CV of a candidat: one PDF a person, told from its bytes, sealed, forgotten after six months, each reading journalled.

pub mod pdf;
mod store;

use axum::extract::Multipart;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Actor, Refusal};
use platform::jobs::{Job, Registry};
use platform::journal::{self, Entry};
use platform::web::PageError;
use platform::web::fichier::{self, Recu, coupe};
use platform::{Site, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{Candidat, CandidatId};
use super::retention;
use crate::Failure;
use crate::historique::{Ecrit, Sujet, noter};

pub(super) use store::fiche;

/// What is known of a CV without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FicheCv {
    /// How many bytes.
    pub octets: i64,
    /// How many pages.
    pub pages: i64,
    /// When it was sent.
    pub depose_le: DateTime<Utc>,
    /// When it will be forgotten.
    pub expire_le: DateTime<Utc>,
}

fn place(id: CandidatId) -> String {
    format!("candidat_cv/{id}")
}

/// Takes the file of a form, at most `max` bytes of it.
///
/// # Errors
/// A field when it is absent or too large; when the browser stopped sending.
pub(super) async fn recevoir(mut corps: Multipart, max: usize) -> Result<Vec<u8>, PageError> {
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        if champ.name() != Some("cv") {
            continue;
        }
        match fichier::recevoir(&mut champ, max).await? {
            Recu::Entier(octets) if octets.is_empty() => {}
            Recu::Entier(octets) => return Ok(octets),
            Recu::TropGros => {
                let phrase = format!("Ce fichier dépasse {} Mio. Envoyez un PDF plus léger.", max >> 20);
                return Err(Refusal::field("cv", phrase).into());
            }
        }
    }
    Err(Refusal::field("cv", "Choisissez le fichier de votre CV.").into())
}

/// Keeps a CV in place of the one before.
///
/// # Errors
/// The field when it is no PDF that may be kept; a conflict when the instance has no key to seal it with.
pub(super) async fn deposer(
    site: &Site,
    actor: &Actor,
    candidat: &Candidat,
    octets: Vec<u8>,
) -> Result<(), Failure> {
    let pages_max = site.config.conseillers.cv_max_pages;
    let id = candidat.id;
    let (secrets, chance) = (site.secrets.clone(), site.chance.clone());
    // Unfolding and sealing some megabytes is work of a thread of its own.
    let (scelle, taille, pages) = tokio::task::spawn_blocking(move || {
        let pages = pdf::examine(&octets, pages_max).map_err(|r| Refusal::field("cv", r.to_string()))?;
        let scelle = secrets.seal(&chance, &place(id), &octets).map_err(|_| {
            Refusal::conflict(
                "Ce site ne peut pas encore garder de CV. Prévenez la personne qui l’administre.",
            )
        })?;
        Ok::<_, Refusal>((scelle, octets.len(), pages))
    })
    .await
    .map_err(|e| sea_orm::DbErr::Custom(e.to_string()))??;
    let now = site.clock.now();
    let fiche = FicheCv {
        octets: i64::try_from(taille).unwrap_or(i64::MAX),
        pages: i64::try_from(pages).unwrap_or(i64::MAX),
        depose_le: now,
        expire_le: retention::CV.echeance(now),
    };
    site.db
        .write(async |tx| {
            store::tenir(tx, id).await?;
            store::ecrire(tx, id, &scelle, &fiche).await?;
            let ecrit = Ecrit::nouveau("CV", format!("{pages} page(s)"));
            noter(site, tx, (Sujet::Candidat, id.0), Some(actor), "Envoi du CV", &[ecrit]).await?;
            let faits = json!({ "octets": taille, "pages": pages });
            journal::write(site, tx, Entry::by(actor, "candidat.deposer_cv", "candidat", id).with(faits))
                .await?;
            Ok(())
        })
        .await
}

/// Forgets the CV of a person who asks for it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none.
pub(super) async fn retirer(site: &Site, actor: &Actor, id: CandidatId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            store::tenir(tx, id).await?;
            if !store::oublier(tx, id).await? {
                return Err(Refusal::NotFound.into());
            }
            let ecrit = Ecrit { quoi: "CV".to_owned(), avant: "Un fichier".to_owned(), apres: String::new() };
            noter(site, tx, (Sujet::Candidat, id.0), Some(actor), "Retrait du CV", &[ecrit]).await?;
            journal::write(site, tx, Entry::by(actor, "candidat.retirer_cv", "candidat", id)).await?;
            Ok(())
        })
        .await
}

/// The CV, for somebody who may read it: the caller has checked that. Each reading is journalled, and told to the person.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or it is past its time.
pub async fn lire(site: &Site, actor: &Actor, id: CandidatId) -> Result<Vec<u8>, Failure> {
    let scelle = store::scelle(site.db.read(), id, site.clock.now()).await?.ok_or(Refusal::NotFound)?;
    let secrets = site.secrets.clone();
    let clair = tokio::task::spawn_blocking(move || secrets.open(&place(id), &scelle))
        .await
        .map_err(|e| sea_orm::DbErr::Custom(e.to_string()))??;
    site.db
        .write(async |tx| {
            journal::write(site, tx, Entry::by(actor, "candidat.lire_cv", "candidat", id)).await
        })
        .await?;
    Ok(clair)
}

/// The CV as an answer: saved by the browser, never opened in the site.
pub fn reponse(reference: &str, pdf: Vec<u8>) -> Response {
    let nom = format!("attachment; filename=\"cv-{reference}.pdf\"");
    let entetes = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, nom),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (entetes, pdf).into_response()
}

/// Gives the CV of the absorbed file to the kept one when it is newer, that of the kept one to the absorbed one: each is sealed
/// for its new place. When the one that was taken was sent; none when the kept file keeps its own.
///
/// # Errors
/// The database; the key.
pub(super) async fn prendre(
    site: &Site,
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
) -> Result<Option<DateTime<Utc>>, Failure> {
    let le = |f: Option<FicheCv>| f.map(|f| f.depose_le);
    let (sien, autre) = (le(fiche(tx, gardee).await?), le(fiche(tx, absorbee).await?));
    if autre > sien {
        echanger(site, tx, gardee, absorbee).await?;
        return Ok(autre);
    }
    Ok(None)
}

/// Gives back the CVs that [`prendre`] exchanged, unless the person sent another since, or it is past its time.
///
/// # Errors
/// The database; the key.
pub(super) async fn rendre(
    site: &Site,
    tx: &Tx,
    (gardee, absorbee): (CandidatId, CandidatId),
    pris: Option<DateTime<Utc>>,
) -> Result<(), Failure> {
    let actuel = fiche(tx, gardee).await?.map(|f| f.depose_le);
    if pris.is_some() && actuel == pris {
        echanger(site, tx, gardee, absorbee).await?;
    }
    Ok(())
}

async fn echanger(site: &Site, tx: &Tx, un: CandidatId, deux: CandidatId) -> Result<(), Failure> {
    let (a, b) = (store::entier(tx, un).await?, store::entier(tx, deux).await?);
    for (vers, de, recu) in [(un, deux, b), (deux, un, a)] {
        match recu {
            Some((scelle, f)) => {
                let (secrets, chance) = (site.secrets.clone(), site.chance.clone());
                let scelle = tokio::task::spawn_blocking(move || {
                    let clair = secrets.open(&place(de), &scelle)?;
                    secrets.seal(&chance, &place(vers), &clair)
                })
                .await
                .map_err(|e| sea_orm::DbErr::Custom(e.to_string()))??;
                store::ecrire(tx, vers, &scelle, &f).await?;
            }
            None => {
                store::oublier(tx, vers).await?;
            }
        }
    }
    Ok(())
}

/// Forgets CVs that are past their time.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OublierCv {}

impl Job for OublierCv {
    const KIND: &'static str = "conseillers.oublier_cv";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it.
pub(super) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: OublierCv| {
        let site = s.clone();
        async move { oublier(&site).await }
    });
    registry.every("conseillers.oublier_cv", TimeDelta::days(1), OublierCv {});
}

async fn oublier(site: &Site) -> Result<(), sea_orm::DbErr> {
    site.db
        .write_again(|| {
            async |tx: &platform::Tx| {
                let n = store::oublier_echus(tx, site.clock.now()).await?;
                if n == 0 {
                    return Ok(());
                }
                let ligne =
                    Entry::system("candidat.oublier_cv", "candidat", "").with(json!({ "fichiers": n }));
                journal::write(site, tx, ligne).await
            }
        })
        .await
}
