//! The queue as a workbook, and back; the list of a département.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use platform::web::fichier::{self, Recu, coupe};
use platform::web::{FormState, PageError, PageResult, Requete, Shell, page_with, see_other_saying};

use super::file::filtre;
use crate::Conseillers;
use crate::Failure;
use crate::demandes::{BASE, store};
use crate::selection::classeur::{self, LIMITES, Remarque, Tableau};
use crate::selection::imports;

/// The queue, filtered as its page, as XLSX.
pub(super) async fn telecharger(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    if matches!(actor.perimetre, kernel::Perimetre::Structures(_)) {
        return Err(PageError::not_found());
    }
    let conn = c.site.db.read();
    let mut lignes = Vec::new();
    for d in store::lister(conn, &actor.perimetre, &filtre(&form), (0, LIMITES.lignes)).await? {
        let avis = store::avis_de(conn, d.id).await?.into_iter().next();
        lignes.push((d, avis));
    }
    let octets = tokio::task::spawn_blocking(move || classeur::ecrire(&lignes))
        .await
        .map_err(PageError::internal)?
        .map_err(PageError::internal)?;
    let headers = [
        (CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (CONTENT_DISPOSITION, "attachment; filename=\"demandes.xlsx\""),
    ];
    Ok((headers, octets).into_response())
}

/// What a file would change, to be confirmed.
#[derive(Template)]
#[template(path = "selection/pages/classeur.html")]
struct Page {
    shell: Shell,
    form: FormState,
    liste: bool,
    lus: Option<Lus>,
}

struct Lus {
    prets: Vec<String>,
    inchanges: usize,
    remarques: Vec<Remarque>,
}

impl Page {
    fn colonnes(&self) -> Vec<&'static str> {
        imports::COLONNES.iter().map(|(_, nom)| *nom).collect()
    }

    fn ici(&self) -> String {
        format!("{BASE}/{}", if self.liste { "liste" } else { "classeur" })
    }
}

pub(super) async fn avis(shell: Shell) -> PageResult {
    page_with(StatusCode::OK, &Page { shell, form: FormState::default(), liste: false, lus: None })
}

pub(super) async fn liste(shell: Shell) -> PageResult {
    page_with(StatusCode::OK, &Page { shell, form: FormState::default(), liste: true, lus: None })
}

/// The file and whether it was confirmed.
async fn recevoir(mut corps: Multipart) -> Result<(Recu, bool), PageError> {
    let (mut recu, mut confirme) = (Recu::Entier(Vec::new()), false);
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        match champ.name() {
            Some("fichier") => recu = fichier::recevoir(&mut champ, LIMITES.octets()).await?,
            Some("confirmer") => confirme = champ.text().await.map_err(coupe)? == "oui",
            _ => {}
        }
    }
    Ok((recu, confirme))
}

async fn tableau(recu: Recu) -> Result<Result<Tableau, String>, PageError> {
    let Recu::Entier(octets) = recu else { return Ok(Err(LIMITES.trop_gros())) };
    tokio::task::spawn_blocking(move || classeur::lire(&octets)).await.map_err(PageError::internal)
}

async fn recu(c: Conseillers, shell: Shell, corps: Multipart, liste: bool) -> PageResult {
    let (recu, confirme) = recevoir(corps).await?;
    let actor = shell.actor()?.clone();
    let mut form = FormState::default();
    let lu = tableau(recu).await?;
    let resultat = match &lu {
        Err(phrase) => {
            form.refuse("fichier", phrase.clone());
            Ok(None)
        }
        Ok(t) if confirme && liste => {
            let n = imports::entrer_la_liste(&c, &actor, t).await?;
            let n =
                kernel::text::compte(u64::try_from(n).unwrap_or(0), "demande inscrite", "demandes inscrites");
            let phrase = format!("{n} : confirmez-les une à une.");
            return Ok(see_other_saying(&format!("{BASE}?etat=a_confirmer"), &phrase));
        }
        Ok(t) if confirme => {
            let n = imports::donner_les_avis(&c.site, &actor, t).await?;
            let n =
                kernel::text::compte(u64::try_from(n).unwrap_or(0), "avis enregistré", "avis enregistrés");
            return Ok(see_other_saying(BASE, &format!("{n}.")));
        }
        Ok(t) if liste => imports::lire_liste(&c, c.site.db.read(), &actor, t).await.map(|l| {
            Some(Lus {
                prets: l.prets.into_iter().map(|p| p.dite).collect(),
                inchanges: 0,
                remarques: l.remarques,
            })
        }),
        Ok(t) => imports::lire_avis(c.site.db.read(), &actor, t).await.map(|l| {
            let dit =
                |(_, d, s): (_, String, crate::selection::avis::Saisi)| format!("{d} : {}", s.sens.nom());
            Some(Lus {
                prets: l.prets.into_iter().map(dit).collect(),
                inchanges: l.inchanges,
                remarques: l.remarques,
            })
        }),
    };
    let lus = match resultat {
        Ok(lus) => lus,
        Err(Failure::Refusal(refusal)) => {
            form.take(refusal)?;
            None
        }
        Err(other) => return Err(other.into()),
    };
    let status = if lus.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &Page { shell, form, liste, lus })
}

pub(super) async fn avis_recus(State(c): State<Conseillers>, shell: Shell, corps: Multipart) -> PageResult {
    recu(c, shell, corps, false).await
}

pub(super) async fn liste_recue(State(c): State<Conseillers>, shell: Shell, corps: Multipart) -> PageResult {
    recu(c, shell, corps, true).await
}
