//! Results of the test Pix: a file, or one person.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use kernel::{Email, Refusal};
use platform::web::fichier::{Recu, coupe, recevoir};
use platform::web::{FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use crate::formations::pix::{self, Ligne, Resultat};
use crate::{Failure, Mandats};

#[derive(Template)]
#[template(path = "formations/pages/pix.html")]
struct Page {
    shell: Shell,
    form: FormState,
    rapport: Vec<Ligne>,
}

impl Page {
    fn prises(&self) -> usize {
        self.rapport.iter().filter(|l| l.prise).count()
    }
}

pub(super) async fn page_pix(shell: Shell) -> PageResult {
    page(&Page { shell, form: FormState::default(), rapport: Vec::new() })
}

pub(super) async fn importer(State(m): State<Mandats>, shell: Shell, mut envoi: Multipart) -> PageResult {
    let mut octets = Vec::new();
    while let Some(mut champ) = envoi.next_field().await.map_err(coupe)? {
        if champ.name() != Some("fichier") {
            continue;
        }
        match recevoir(&mut champ, pix::OCTETS_MAX).await? {
            Recu::Entier(lus) => octets = lus,
            Recu::TropGros => octets = vec![b' '; pix::OCTETS_MAX + 1],
        }
    }
    let mut form = FormState::default();
    if octets.is_empty() {
        form.refuse("fichier", "Choisissez un fichier CSV.");
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, rapport: Vec::new() });
    }
    match pix::importer(&m, shell.actor()?, &octets).await {
        Ok(rapport) => page(&Page { shell, form, rapport }),
        Err(Failure::Refusal(r)) => {
            form.take(r)?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, rapport: Vec::new() })
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn un(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let courriel = form.parse("courriel", Email::parse);
    let score = form.parse("score", |v| {
        v.parse::<u8>().ok().filter(|s| *s <= 100).ok_or("Écrivez un nombre entre 0 et 100.")
    });
    let le = form.parse("le", |v| v.parse().map_err(|_| "Écrivez une date, comme 31/12/2026."));
    if let (Some(courriel), Some(score), Some(le)) = (courriel, score, le) {
        match pix::un(&m, shell.actor()?, &Resultat { courriel, score, le }).await {
            Ok(etat) => {
                let phrase = format!("Le résultat est noté. Situation de la personne : {}.", etat.nom());
                return Ok(see_other_saying("/gestion/aidants/pix", &phrase));
            }
            Err(Failure::Refusal(Refusal::NotFound)) => {
                form.refuse("courriel", "Aucune personne n’a cette adresse dans votre territoire.");
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("courriel", phrase),
            Err(Failure::Refusal(r)) => form.take(r)?,
            Err(e) => return Err(e.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form, rapport: Vec::new() })
}
