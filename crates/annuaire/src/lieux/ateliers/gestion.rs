//! Workshops, for those who keep the lieu.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use kernel::Verb;
use kernel::ids::LieuId;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::model::{Atelier, AtelierId, Niveau, seances};
use super::{actions, saisie, store};
use crate::Annuaire;
use crate::lieux::gestion::lecture;
use crate::lieux::gestion::rules;
use crate::lieux::ouverture::jour_long;
use crate::lieux::rythme::{JOURS, Parite, RYTHMES, plage};
use crate::structures::Ids;

/// How far sessions are shown, to call them off.
const JOURS_MONTRES: u64 = 90;

fn adresse(lieu: LieuId) -> String {
    format!("/gestion/lieux/{lieu}/ateliers")
}

/// A session that can be called off: its day as the form sends it, in words, whether it is called off.
type SeanceVue = (String, String, bool);

#[derive(Template)]
#[template(path = "lieux/ateliers/liste.html")]
struct PageListe {
    shell: Shell,
    lieu: LieuId,
    nom: String,
    /// Each with its sessions to come.
    ateliers: Vec<(Atelier, Vec<SeanceVue>)>,
    peut_modifier: bool,
}

pub(super) async fn liste(State(annuaire): State<Annuaire>, shell: Shell, Ids([lieu]): Ids<1>) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::VoirLieux, LieuId(lieu)).await?;
    let peut_modifier = rules::may(actor, Verb::ModifierLieux, &g).is_ok();
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    let fin = jour.checked_add_days(Days::new(JOURS_MONTRES)).unwrap_or(jour);
    let lus = store::du_lieu(annuaire.site.db.read(), g.id()).await?;
    let ateliers = lus
        .into_iter()
        .map(|a| {
            let a_venir = seances(std::slice::from_ref(&a), jour, fin)
                .into_iter()
                .map(|s| (s.jour.to_string(), jour_long(s.jour), s.annulee))
                .collect();
            (a, a_venir)
        })
        .collect();
    page(&PageListe { lieu: g.id(), nom: g.lieu.fiche.nom.to_string(), ateliers, peut_modifier, shell })
}

fn heures(a: &Atelier) -> String {
    plage(NaiveDate::default(), a.contenu.debut, a.contenu.fin)
}

#[derive(Template)]
#[template(path = "lieux/ateliers/formulaire.html")]
struct PageFormulaire {
    shell: Shell,
    form: FormState,
    lieu: LieuId,
    nom: String,
    /// The workshop that is changed; none for a new one.
    atelier: Option<AtelierId>,
}

impl PageFormulaire {
    fn niveaux(&self) -> [(&'static str, &'static str); 4] {
        Niveau::TOUS.map(|n| (n.cle(), n.libelle()))
    }

    fn jours(&self) -> [(&'static str, &'static str); 7] {
        JOURS.map(|j| (j, j))
    }

    fn rythmes(&self) -> [(&'static str, &'static str); 2] {
        RYTHMES
    }

    fn parites(&self) -> [(&'static str, &'static str); 3] {
        Parite::CHOIX
    }
}

async fn montre(
    annuaire: &Annuaire,
    shell: Shell,
    (lieu, atelier): (LieuId, Option<AtelierId>),
    (status, form): (StatusCode, FormState),
) -> PageResult {
    let g = lecture::ouvrir(annuaire, shell.actor()?, Verb::ModifierLieux, lieu).await?;
    page_with(status, &PageFormulaire { nom: g.lieu.fiche.nom.to_string(), lieu, atelier, form, shell })
}

pub(super) async fn nouveau(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
) -> PageResult {
    let form = FormState::filled([("rythme", "semaines"), ("parite", "toutes"), ("niveau", "tous")]);
    montre(&annuaire, shell, (LieuId(lieu), None), (StatusCode::OK, form)).await
}

pub(super) async fn creer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    match saisie::lit(&mut form, jour) {
        Some(contenu) => {
            actions::creer(&annuaire, shell.actor()?, LieuId(lieu), contenu).await?;
            Ok(see_other_saying(&adresse(LieuId(lieu)), "L’atelier est annoncé."))
        }
        None => {
            montre(&annuaire, shell, (LieuId(lieu), None), (StatusCode::UNPROCESSABLE_ENTITY, form)).await
        }
    }
}

pub(super) async fn modification(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, atelier]): Ids<2>,
) -> PageResult {
    lecture::ouvrir(&annuaire, shell.actor()?, Verb::ModifierLieux, LieuId(lieu)).await?;
    let lu = store::un(annuaire.site.db.read(), AtelierId(atelier)).await?;
    let a =
        lu.filter(|a| a.lieu == LieuId(lieu) && a.arrete_le.is_none()).ok_or_else(PageError::not_found)?;
    montre(&annuaire, shell, (a.lieu, Some(a.id)), (StatusCode::OK, saisie::remplit(&a))).await
}

pub(super) async fn modifier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, atelier]): Ids<2>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let ids = (LieuId(lieu), AtelierId(atelier));
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    match saisie::lit(&mut form, jour) {
        Some(contenu) => {
            let version = form.get("version").parse().unwrap_or(0);
            actions::modifier(&annuaire, shell.actor()?, ids, version, contenu).await?;
            Ok(see_other_saying(&adresse(ids.0), "L’atelier est modifié."))
        }
        None => {
            montre(&annuaire, shell, (ids.0, Some(ids.1)), (StatusCode::UNPROCESSABLE_ENTITY, form)).await
        }
    }
}

/// Calls a session off, or on again.
pub(super) async fn seance(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, atelier]): Ids<2>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let ids = (LieuId(lieu), AtelierId(atelier));
    let annulee = form.get("faire") != "retablir";
    // A day that cannot be read is that of no session.
    let jour = form.get("jour").parse().unwrap_or_default();
    actions::annuler(&annuaire, shell.actor()?, ids, jour, annulee).await?;
    let dit =
        if annulee { "La séance est annulée : le calendrier le dit." } else { "La séance est rétablie." };
    Ok(see_other_saying(&adresse(ids.0), dit))
}

pub(super) async fn arreter(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, atelier]): Ids<2>,
) -> PageResult {
    let ids = (LieuId(lieu), AtelierId(atelier));
    actions::arreter(&annuaire, shell.actor()?, ids).await?;
    Ok(see_other_saying(&adresse(ids.0), "L’atelier est retiré : il n’est plus annoncé."))
}
