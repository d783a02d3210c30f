//! Closing, reopening, confirming, asking the lieu, giving a field back to its source.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Verb;
use kernel::ids::LieuId;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::{BASE, adresse};
use crate::Annuaire;
use crate::lieux::gestion::actions::{self, Failure};
use crate::lieux::gestion::{Gere, Motif, lecture, rappels};
use crate::lieux::standard::Champ;
use crate::structures::Ids;

#[derive(Template)]
#[template(path = "lieux/gestion/pages/fermer.html")]
struct PageFermer {
    shell: Shell,
    id: LieuId,
    nom: String,
    form: FormState,
}

impl PageFermer {
    fn new(shell: Shell, g: &Gere, form: FormState) -> Self {
        Self { shell, id: g.id(), nom: g.lieu.fiche.nom.to_string(), form }
    }

    fn motifs(&self) -> [(&'static str, &'static str); 4] {
        Motif::TOUS.map(|m| (m.cle(), m.libelle()))
    }
}

pub(super) async fn fermeture(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let g = lecture::ouvrir(&annuaire, shell.actor()?, Verb::ModifierLieux, LieuId(id)).await?;
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    let form = FormState::filled([("le", jour.to_string()), ("version", g.version.to_string())]);
    page(&PageFermer::new(shell, &g, form))
}

pub(super) async fn fermer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    if form.get("motif").is_empty() {
        form.refuse("motif", "Choisissez pourquoi le lieu est fermé.");
    }
    let motif = form.parse("motif", |v| Motif::de_cle(v).ok_or("Choisissez une raison dans la liste."));
    let le = form.parse("le", |v| {
        v.parse::<chrono::NaiveDate>().map_err(|_| "Écrivez la date de fermeture : jour, mois, année.")
    });
    let version = form.get("version").parse().unwrap_or(0);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let (Some(motif), Some(le)) = (motif, le) {
        match actions::fermer(&annuaire, actor, g.id(), version, (motif, le)).await {
            Ok(()) => {
                let dit = "Le lieu est fermé. Vous pouvez le rouvrir à tout moment.";
                return Ok(see_other_saying(&adresse(g.id()), dit));
            }
            Err(Failure::Stale(now)) => {
                form.set("version", now.version.to_string());
                form.refuse("motif", "La fiche vient de changer. Relisez-la, puis confirmez la fermeture.");
                status = StatusCode::CONFLICT;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    page_with(status, &PageFermer::new(shell, &g, form))
}

pub(super) async fn rouvrir(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::rouvrir(&annuaire, shell.actor()?, LieuId(id)).await?;
    Ok(see_other_saying(&adresse(LieuId(id)), "Le lieu est de nouveau ouvert. Relisez sa fiche."))
}

pub(super) async fn confirmer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::confirmer(&annuaire, shell.actor()?, LieuId(id)).await?;
    Ok(see_other_saying(&adresse(LieuId(id)), "Merci. La fiche est confirmée à la date d’aujourd’hui."))
}

pub(super) async fn rappeler(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    rappels::demander(&annuaire, shell.actor()?, LieuId(id)).await?;
    Ok(see_other_saying(
        &adresse(LieuId(id)),
        "Le courriel part. Quand le lieu aura confirmé, la fiche le dira ici.",
    ))
}

pub(super) async fn reprendre(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    let champ = Champ::de_nom(form.get("champ")).ok_or_else(PageError::not_found)?;
    actions::reprendre_la_source(&annuaire, actor, LieuId(id), champ).await?;
    Ok(see_other_saying(&adresse(LieuId(id)), "Ce champ suit de nouveau la source."))
}
