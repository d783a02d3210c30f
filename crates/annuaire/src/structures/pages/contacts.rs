//! Contacts of a structure.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use kernel::Verb;
use platform::web::{FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use super::formulaire::merged;
use super::saisie::lire_contact;
use super::{BASE, Ids, adresse};
use crate::Annuaire;
use crate::structures::actions::{self, Failure};
use crate::structures::lecture::{self, Trouvee};
use crate::structures::model::{ContactId, StructureId};

#[derive(Template)]
#[template(path = "structures/pages/contact.html")]
struct Page {
    shell: Shell,
    id: StructureId,
    nom: String,
    form: FormState,
}

pub(super) async fn nouveau(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let id = StructureId(id);
    match lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierStructures, id).await? {
        Trouvee::Ici(s) => page(&Page { shell, id, nom: s.fiche.nom, form: FormState::default() }),
        Trouvee::Ailleurs(kept) => {
            Ok(Redirect::to(&format!("{}/contacts/nouveau", adresse(kept))).into_response())
        }
    }
}

pub(super) async fn ajouter(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = StructureId(id);
    let actor = shell.actor()?;
    let Trouvee::Ici(s) = lecture::ouvrir(&annuaire.site, actor, Verb::ModifierStructures, id).await? else {
        return Err(merged());
    };
    if let Some(contact) = lire_contact(&mut form, "") {
        let principal = form.get("principal") == "oui";
        match actions::ajouter_contact(&annuaire.site, actor, id, contact, principal).await {
            Ok(()) => return Ok(see_other_saying(&adresse(id), "Le contact est ajouté.")),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, id, nom: s.fiche.nom, form })
}

pub(super) async fn retirer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id, contact]): Ids<2>,
) -> PageResult {
    let id = StructureId(id);
    actions::retirer_contact(&annuaire.site, shell.actor()?, id, ContactId(contact)).await?;
    Ok(see_other_saying(&adresse(id), "Le contact est retiré."))
}
