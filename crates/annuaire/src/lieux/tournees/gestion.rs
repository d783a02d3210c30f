//! The tour of a lieu, for those who keep it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Verb;
use kernel::ids::LieuId;
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page, page_with, see_other_saying};

use super::model::ArretId;
use super::saisie::{self, Communes};
use super::{actions, store};
use crate::Annuaire;
use crate::lieux::gestion::{lecture, rules};
use crate::lieux::rythme::{JOURS, Parite, RYTHMES, plage};
use crate::structures::Ids;

fn adresse(lieu: LieuId) -> String {
    format!("/gestion/lieux/{lieu}/tournee")
}

/// A stop of the list: identifier, spot and commune, when, whether its point is that of its commune.
struct Ligne {
    id: ArretId,
    ou: String,
    quand: String,
    estimee: bool,
}

#[derive(Template)]
#[template(path = "lieux/tournees/liste.html")]
struct PageListe {
    shell: Shell,
    lieu: LieuId,
    nom: String,
    arrets: Vec<Ligne>,
    peut_modifier: bool,
}

pub(super) async fn liste(State(annuaire): State<Annuaire>, shell: Shell, Ids([lieu]): Ids<1>) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::VoirLieux, LieuId(lieu)).await?;
    let peut_modifier = rules::may(actor, Verb::ModifierLieux, &g).is_ok();
    let t = annuaire.territoires();
    let arrets = store::du_lieu(annuaire.site.db.read(), g.id()).await?;
    let arrets = arrets
        .into_iter()
        .map(|a| {
            let c = &a.contenu;
            let commune = t.commune(&c.commune).map_or("", |c| c.nom.as_str());
            let phrase = kernel::text::majuscule(&c.rythme.phrase());
            Ligne {
                id: a.id,
                ou: format!("{}, {commune}", c.nom),
                quand: format!("{phrase}, {}", plage(Default::default(), c.debut, c.fin)),
                estimee: !c.precise,
            }
        })
        .collect();
    page(&PageListe { lieu: g.id(), nom: g.lieu.fiche.nom.to_string(), arrets, peut_modifier, shell })
}

#[derive(Template)]
#[template(path = "lieux/tournees/formulaire.html")]
struct PageFormulaire {
    shell: Shell,
    form: FormState,
    lieu: LieuId,
    nom: String,
    /// The stop that is changed; none for a new one.
    arret: Option<ArretId>,
    communes: Communes,
}

impl PageFormulaire {
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
    (lieu, arret): (LieuId, Option<ArretId>),
    (form, communes): (FormState, Communes),
) -> PageResult {
    let g = lecture::ouvrir(annuaire, shell.actor()?, Verb::ModifierLieux, lieu).await?;
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &PageFormulaire { nom: g.lieu.fiche.nom.to_string(), lieu, arret, form, communes, shell },
    )
}

pub(super) async fn nouveau(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
) -> PageResult {
    let form = FormState::filled([("rythme", "semaines"), ("parite", "toutes")]);
    montre(&annuaire, shell, (LieuId(lieu), None), (form, Vec::new())).await
}

pub(super) async fn creer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    match saisie::lit(&mut form, &annuaire.territoires(), jour) {
        Ok(contenu) => {
            actions::creer(&annuaire, shell.actor()?, LieuId(lieu), contenu).await?;
            Ok(see_other_saying(&adresse(LieuId(lieu)), "L’arrêt est ajouté à la tournée."))
        }
        Err(communes) => montre(&annuaire, shell, (LieuId(lieu), None), (form, communes)).await,
    }
}

pub(super) async fn modification(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, arret]): Ids<2>,
) -> PageResult {
    lecture::ouvrir(&annuaire, shell.actor()?, Verb::ModifierLieux, LieuId(lieu)).await?;
    let lu = store::un(annuaire.site.db.read(), ArretId(arret)).await?;
    let a = lu.filter(|a| a.lieu == LieuId(lieu)).ok_or_else(PageError::not_found)?;
    let form = saisie::remplit(&a, &annuaire.territoires());
    montre(&annuaire, shell, (a.lieu, Some(a.id)), (form, Vec::new())).await
}

pub(super) async fn modifier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, arret]): Ids<2>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let ids = (LieuId(lieu), ArretId(arret));
    let jour = kernel::calendrier::jour(&annuaire.site.clock.now());
    match saisie::lit(&mut form, &annuaire.territoires(), jour) {
        Ok(contenu) => {
            let version = form.get("version").parse().unwrap_or(0);
            actions::modifier(&annuaire, shell.actor()?, ids, version, contenu).await?;
            Ok(see_other_saying(&adresse(ids.0), "L’arrêt est modifié."))
        }
        Err(communes) => montre(&annuaire, shell, (ids.0, Some(ids.1)), (form, communes)).await,
    }
}

pub(super) async fn monter(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, arret]): Ids<2>,
) -> PageResult {
    let ids = (LieuId(lieu), ArretId(arret));
    actions::monter(&annuaire, shell.actor()?, ids).await?;
    Ok(see_other_saying(&adresse(ids.0), "L’arrêt est avancé d’un rang."))
}

pub(super) async fn retirer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([lieu, arret]): Ids<2>,
) -> PageResult {
    let ids = (LieuId(lieu), ArretId(arret));
    actions::retirer(&annuaire, shell.actor()?, ids).await?;
    Ok(see_other_saying(&adresse(ids.0), "L’arrêt est retiré de la tournée."))
}
