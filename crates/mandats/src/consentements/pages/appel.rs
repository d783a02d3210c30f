//! Pages of an agreement by a call: what to read, step by step; what the colleague who listened confirms.

use askama::Template;
use axum::http::StatusCode;
use chrono::TimeDelta;
use kernel::Refusal;
use platform::web::{
    FormState, PageError, PageResult, Shell, exige_preuve, page_with, see_other, see_other_saying,
    see_other_warning,
};

use super::super::appel::{self, Effet, Parole};
use super::super::model::{Consentement, ConsentementId, ENVOIS, Etat, Preuve};
use crate::discret::discret;
use crate::{Failure, Mandats, aidants, usagers};

/// How fresh the proof of whoever confirms what they heard is: as of who signs.
const PREUVE: TimeDelta = TimeDelta::minutes(5);

#[derive(Template)]
#[template(path = "consentements/pages/appel.html")]
struct Appel {
    shell: Shell,
    form: FormState,
    c: Consentement,
    /// Whether who reads made the draft, and calls.
    sien: bool,
    /// Who is called.
    personne: String,
    etat: Etat,
    /// Whether a colleague listens; otherwise a code is said.
    temoin: bool,
    peut_renvoyer: bool,
    /// Who calls.
    appelant: String,
}

impl Appel {
    /// Whether the title of the step says where one is.
    fn pas_a_pas(&self) -> bool {
        self.sien && matches!(self.etat, Etat::OffreEnvoyee | Etat::AcceptationDemandee)
    }

    fn titre(&self) -> &'static str {
        match self.etat {
            Etat::OffreEnvoyee => "Étape 1 sur 2, le mandat est à lire",
            Etat::AcceptationDemandee => "Étape 2 sur 2, l’accord est à demander",
            Etat::AttenteTemoin if !self.sien => "Votre confirmation est attendue",
            autre => autre.libelle(),
        }
    }
}

pub(super) async fn montre(
    m: &Mandats,
    shell: Shell,
    form: FormState,
    (c, sien): (Consentement, bool),
) -> PageResult {
    let etat = c.etat(m.site.clock.now());
    let usager = usagers::store::lire(m.site.db.read(), c.usager).await?;
    let personne = usager.map(|u| u.identite.nom_complet()).unwrap_or_default();
    let aidant = match c.appartenance {
        Some(appartenance) => aidants::store::de_l_appartenance(m.site.db.read(), appartenance).await?,
        None => None,
    };
    let appelant = aidant.map_or_else(|| "Un collègue".to_owned(), |a| a.nom_complet());
    let temoin = c.adresse.preuve() == Some(Preuve::Temoin);
    let peut_renvoyer = c.envois < ENVOIS;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &Appel { shell, form, c, sien, personne, etat, temoin, peut_renvoyer, appelant })
        .map(discret)
}

/// What is said, or was heard, among the gestures of the page.
pub(super) fn parole(form: &FormState) -> Option<Parole> {
    Some(match form.get("geste") {
        "code" => Parole::Code(form.get("code").to_owned()),
        "oui" => Parole::Oui,
        "non" => Parole::Non,
        "entendu" => Parole::Entendu,
        "pas_entendu" => Parole::PasEntendu,
        _ => return None,
    })
}

pub(super) async fn noter(
    m: &Mandats,
    shell: Shell,
    id: ConsentementId,
    mut form: FormState,
    parole: &Parole,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let ici = super::super::page(id);
    let ferme = super::actions::chez(m, m.site.db.read(), &actor, id).await?;
    if ferme.0.adresse.preuve().is_none() {
        return Err(PageError::not_found());
    }
    if *parole == Parole::Entendu
        && !ferme.1
        && let Some(viewer) = &shell.viewer
    {
        exige_preuve(viewer, m.site.clock.now(), PREUVE, &ici)?;
    }
    match appel::noter_parole(m, &actor, id, parole).await {
        Ok(Effet::Note) => Ok(match parole {
            Parole::Oui => see_other(&ici),
            Parole::Code(_) | Parole::Entendu => see_other_saying(&ici, "L’accord est enregistré."),
            Parole::Non => see_other_saying(&ici, "Le refus est enregistré : rien ne sera fait en son nom."),
            Parole::PasEntendu => see_other_saying(&ici, "C’est noté : cet accord ne compte pas."),
        }),
        Ok(Effet::CodeFaux(reste)) => {
            let n = kernel::text::compte(u64::try_from(reste).unwrap_or(0), "essai", "essais");
            form.refuse("code", format!("Ce n’est pas le code envoyé à la personne. Il reste {n}."));
            montre(m, shell, form, ferme).await
        }
        Ok(Effet::SansCode) => {
            form.refuse(
                "code",
                "Ce code ne sert plus : trop d’essais, ou plus de 15 minutes. Envoyez un autre code.",
            );
            montre(m, shell, form, ferme).await
        }
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&ici, &phrase)),
        Err(autre) => Err(autre.into()),
    }
}
