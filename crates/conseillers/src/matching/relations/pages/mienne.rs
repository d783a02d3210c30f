//! The contacts of a candidat, in their own space.

use annuaire::structures::{Ids, StructureVue};
use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use platform::web::{FormState, Formulaire, PageResult, Shell, page, see_other_saying};

use super::MIENS;
use crate::Conseillers;
use crate::candidats;
use crate::dire::EnLettres;
use crate::ids::RelationId;
use crate::matching::relations::model::{Etat, Relation};
use crate::matching::relations::{actions, store};

#[derive(Template)]
#[template(path = "matching/relations/pages/mienne.html")]
struct Page {
    shell: Shell,
    form: FormState,
    contacts: Vec<(Relation, StructureVue)>,
    now: DateTime<Utc>,
}

pub(super) async fn liste(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let conn = cx.site.db.read();
    let mut contacts = Vec::new();
    if let Some(id) = candidats::de_compte(conn, shell.actor()?.compte).await? {
        for r in store::de_candidat(conn, id).await? {
            if let Some(s) = annuaire::structures::find(conn, r.structure).await? {
                contacts.push((r, s));
            }
        }
    }
    page(&Page { shell, form: FormState::default(), contacts, now: cx.site.clock.now() })
}

pub(super) async fn accepter(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::repondre(&cx, shell.actor()?, RelationId(id), true, None).await?;
    Ok(see_other_saying(
        MIENS,
        "Vous avez accepté. La structure voit votre nom, vos coordonnées et votre CV.",
    ))
}

pub(super) async fn decliner(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let motif: String = form.get("motif").chars().filter(|c| !c.is_control()).take(300).collect();
    let motif = (!motif.is_empty()).then_some(motif);
    actions::repondre(&cx, shell.actor()?, RelationId(id), false, motif).await?;
    Ok(see_other_saying(MIENS, "Vous avez décliné. La structure ne saura pas qui vous êtes."))
}

pub(super) async fn retirer_accord(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    actions::retirer_accord(&cx, shell.actor()?, RelationId(id)).await?;
    Ok(see_other_saying(MIENS, "Votre accord est retiré. La structure ne voit plus qui vous êtes."))
}

pub(super) async fn choisir(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    // What is no instant of this page is none of those that are offered.
    let creneau = form.get("creneau").parse::<i64>().ok().and_then(|s| DateTime::from_timestamp(s, 0));
    actions::choisir(&cx, shell.actor()?, RelationId(id), creneau.unwrap_or_default()).await?;
    Ok(see_other_saying(MIENS, "Le créneau est choisi. La structure est prévenue."))
}
