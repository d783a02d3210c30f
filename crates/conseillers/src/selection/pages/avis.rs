//! What a préfecture does with one demande.

use annuaire::structures::{self, Ids};
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use kernel::{Pivot, Verb};
use platform::web::fichier::{self, Recu, coupe};
use platform::web::{FormState, Formulaire, PageResult, Shell, see_other_saying};

use super::fiche;
use super::file::lire;
use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions;
use crate::demandes::adresse;
use crate::ids::DemandeId;
use crate::selection::avis::{self, PIECE_MAX};

pub(super) async fn donner(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = DemandeId(id);
    let mut saisi = lire(&mut form);
    if !form.get("vers").is_empty() {
        match Pivot::parse(form.get("vers")) {
            Ok(pivot) => match structures::de_pivot(c.site.db.read(), &pivot).await? {
                Some(s) => saisi = saisi.map(|x| avis::Saisi { vers: Some(s.id), ..x }),
                None => form.refuse("vers", "Aucune structure de l’annuaire n’a ce numéro."),
            },
            Err(sentence) => form.refuse("vers", sentence),
        }
    }
    if let Some(saisi) = saisi.filter(|_| form.is_valid()) {
        match avis::donner(&c.site, shell.actor()?, id, &saisi).await {
            Ok(()) => return Ok(see_other_saying(&adresse(id), "L’avis est enregistré.")),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn joindre(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    mut corps: Multipart,
) -> PageResult {
    let id = DemandeId(id);
    let mut form = FormState::default();
    while let Some(mut champ) = corps.next_field().await.map_err(coupe)? {
        if champ.name() != Some("fichier") {
            continue;
        }
        let nom = champ.file_name().unwrap_or("fichier.pdf").to_owned();
        let octets = match fichier::recevoir(&mut champ, PIECE_MAX).await? {
            Recu::Entier(octets) => octets,
            Recu::TropGros => {
                form.refuse(
                    "fichier",
                    format!("Ce fichier dépasse {} Mio. Choisissez un PDF plus léger.", PIECE_MAX >> 20),
                );
                return fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
        };
        match avis::joindre(&c.site, shell.actor()?, id, &nom, octets).await {
            Ok(()) => return Ok(see_other_saying(&adresse(id), "Le fichier est joint.")),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
        return fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    form.refuse("fichier", "Choisissez un fichier PDF.");
    fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn fichier(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id, piece]): Ids<2>,
) -> PageResult {
    let (nom, contenu) = avis::lire_piece(&c.site, shell.actor()?, DemandeId(id), piece).await?;
    // Names are read by browsers of every age: letters without accents, and nothing that ends the value.
    let nom = kernel::text::fold(nom.trim_end_matches(".pdf")).replace(' ', "-");
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"{}.pdf\"",
                if nom.is_ascii() { nom } else { "fichier".to_owned() }
            ),
        ),
    ];
    Ok((headers, contenu).into_response())
}

pub(super) async fn confirmer(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::confirmer(&c.site, shell.actor()?, DemandeId(id)).await?;
    Ok(see_other_saying(
        &adresse(DemandeId(id)),
        "La demande est confirmée : elle attend maintenant votre avis.",
    ))
}

pub(super) async fn doublon(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = DemandeId(id);
    let numero = form.parse("doublon_de", |v| {
        let digits = v.to_uppercase();
        let digits = digits.trim_start_matches("DE").trim_start_matches('-').trim();
        digits.parse::<i64>().map_err(|_| "Écrivez un numéro, comme DE-12.")
    });
    if let Some(numero) = numero {
        match actions::marquer_doublon(&c.site, shell.actor()?, id, numero).await {
            Ok(()) => {
                return Ok(see_other_saying(&adresse(id), "La demande est mise de côté comme doublon."));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn ecarter(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = DemandeId(id);
    match actions::annuler(&c.site, shell.actor()?, Verb::DonnerAvis, id, form.get("motif")).await {
        Ok(()) => return Ok(see_other_saying(&adresse(id), "La demande est annulée.")),
        Err(Failure::Refusal(refusal)) => form.take(refusal)?,
        Err(other) => return Err(other.into()),
    }
    fiche::montrer(&c, shell, id, form, StatusCode::UNPROCESSABLE_ENTITY).await
}
