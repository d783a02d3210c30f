//! « Cherchez-vous toujours ? »: people who gave no sign for three months are asked by mail, and answer with one button,
//! without their account. Messages stop by themselves: three without an answer, and the file is paused.

mod pages;

use chrono::TimeDelta;
use identity::secrets::link::Secret;
use kernel::Refusal;
use platform::Site;
use platform::jobs::{Job, Registry};
use platform::journal::{self, Entry};
use platform::mail::{self, Genre, Message, Portee};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{Candidat, CandidatId};
use super::store::{self, Usage};
use crate::Failure;
use crate::exemples;
use crate::historique::{Ecrit, Sujet, noter};
use crate::matching::relations;
use crate::postes;

pub(super) use pages::routes;

/// Silence after which a person is asked.
const SILENCE: TimeDelta = TimeDelta::days(90);
/// Time between two messages without an answer.
const ENTRE_DEUX: TimeDelta = TimeDelta::days(30);
/// Messages without an answer after which the file is paused.
const MAXIMUM: i64 = 3;
/// How long a link serves.
const LIEN: TimeDelta = TimeDelta::days(60);
/// People that one turn writes to: a mail server is not flooded, and the longest silent come first.
const PAR_TOUR: usize = 500;

/// Asks those whose time has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Relancer {}

impl Job for Relancer {
    const KIND: &'static str = "conseillers.relancer_candidats";

    fn dedup_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Says who does it, when the configuration asks for it.
pub(super) fn register(site: &Site, registry: &mut Registry) {
    let s = site.clone();
    registry.on(move |_, _: Relancer| {
        let site = s.clone();
        async move { tour(&site).await.map(|_| ()) }
    });
    if site.config.conseillers.relances {
        registry.every("conseillers.relancer_candidats", TimeDelta::days(1), Relancer {});
    }
}

/// Writes to those whose time has come, pauses those who never answered; gives how many of each.
///
/// # Errors
/// The database: what was done stays.
pub(super) async fn tour(site: &Site) -> Result<(u64, u64), Failure> {
    let now = site.clock.now();
    let bornes = (now - SILENCE, now - ENTRE_DEUX);
    let (mut ecrits, mut pauses) = (0, 0);
    for id in store::a_relancer(site.db.read(), bornes, PAR_TOUR).await? {
        match relancer(site, id, bornes.0).await? {
            Some(true) => ecrits += 1,
            Some(false) => pauses += 1,
            None => {}
        }
    }
    Ok((ecrits, pauses))
}

async fn relancer(
    site: &Site,
    id: CandidatId,
    silence: chrono::DateTime<chrono::Utc>,
) -> Result<Option<bool>, Failure> {
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            relations::store::tenir_personne(tx, id).await?;
            let Some(mut c) = store::get_locked(tx, id).await? else { return Ok(None) };
            if !c.visible() || c.vu_le >= silence {
                return Ok(None);
            }
            let ecrire = c.relances < MAXIMUM;
            if ecrire {
                c.relances += 1;
                c.relance_le = Some(now);
                let secret = Secret::new(&site.chance);
                store::lier(tx, id, Usage::Toujours, &secret.hash(), now + LIEN).await?;
                mail::enqueue(site, tx, &message(site, &c, &secret)).await?;
            } else {
                c.disponible = false;
                let ecrit = Ecrit::change("Disponibilité", "Disponible", "En pause, faute de réponse");
                noter(site, tx, (Sujet::Candidat, id.0), None, "Relances sans réponse", &[ecrit]).await?;
            }
            if !store::update(tx, &c).await? {
                return Err(Failure::perime());
            }
            if !ecrire {
                relations::fins::plus_disponible(site, tx, id).await?;
            }
            let verbe = if ecrire { "candidat.relancer" } else { "candidat.indisponible" };
            let ligne = Entry::system(verbe, "candidat", id).with(json!({ "relances": c.relances }));
            journal::write(site, tx, ligne).await?;
            Ok(Some(ecrire))
        })
        .await
}

/// Asks somebody who gave no sign whether they still look for a post.
pub(super) static RELANCE: Genre = Genre {
    cle: "candidature.relance",
    nom: "Cherchez-vous toujours un poste ?",
    occasion: "Trois mois sans signe de la personne",
    lecteur: "La personne qui a la candidature",
    portee: Portee::Necessaire,
    arret: Some(
        "Un message par mois, trois au plus sans réponse, puis la candidature est mise en pause. Rien à qui a un poste.",
    ),
    apercu: |site, a| Some(message(site, &exemples::candidat(site, a)?, &Secret::new(&site.chance))),
};

fn message(site: &Site, c: &Candidat, secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    let fin = if c.relances == MAXIMUM {
        "C’est notre dernier message : sans réponse dans le mois, votre candidature sera mise en pause. Vous pourrez la \
         reprendre dans votre espace."
    } else {
        "Sans réponse, nous vous écrirons encore dans un mois."
    };
    Message {
        genre: &RELANCE,
        to: c.fiche.courriel.clone(),
        subject: format!("{nom} : cherchez-vous toujours un poste ?"),
        text: [
            format!("Bonjour {},", c.fiche.prenom),
            format!(
                "Cherchez-vous toujours un poste de conseiller numérique (candidature {}) ?",
                c.reference()
            ),
            "Répondez oui ou non sur cette page, sans vous connecter :".to_owned(),
            site.url(&format!("/candidature/toujours/{}", secret.expose())),
            fin.to_owned(),
        ]
        .join("\n\n"),
    }
}

/// The file that a link asks about.
///
/// # Errors
/// [`Refusal::NotFound`] when the link never existed, is over, or was answered.
async fn interroge(site: &Site, recu: &str) -> Result<Candidat, Failure> {
    let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
    let conn = site.db.read();
    let id = store::lien(conn, Usage::Toujours, &secret.hash(), site.clock.now()).await?;
    Ok(store::get(conn, id.ok_or(Refusal::NotFound)?).await?.ok_or(Refusal::NotFound)?)
}

/// Takes the answer, once.
///
/// # Errors
/// As [`interroge`].
async fn repondre(site: &Site, recu: &str, oui: bool) -> Result<(), Failure> {
    let id = interroge(site, recu).await?.id;
    site.db
        .write(async |tx| {
            relations::store::tenir_personne(tx, id).await?;
            let mut c = store::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            // Somebody who took a post since the message stays out of the list.
            let jour = kernel::calendrier::jour(&site.clock.now());
            let oui = oui && !postes::store::tient_un_poste(tx, id, jour).await?;
            let visible = c.visible();
            let mot = |oui: bool| if oui { "Disponible" } else { "Indisponible" };
            let ecrit =
                (c.disponible != oui).then(|| Ecrit::change("Disponibilité", mot(c.disponible), mot(oui)));
            c.disponible = oui;
            c.vu_le = site.clock.now();
            c.relances = 0;
            c.relance_le = None;
            if !store::update(tx, &c).await? {
                return Err(Failure::perime());
            }
            if visible && !c.visible() {
                relations::fins::plus_disponible(site, tx, id).await?;
            }
            store::oublier_liens(tx, id).await?;
            let ecrits: Vec<Ecrit> = ecrit.into_iter().collect();
            noter(site, tx, (Sujet::Candidat, id.0), None, "Réponse à une relance", &ecrits).await?;
            let ligne = Entry::system("candidat.repondre", "candidat", id).with(json!({ "cherche": oui }));
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}
