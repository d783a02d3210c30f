//! Contacts of a structure.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use kernel::{Refusal, Verb};
use platform::web::{FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};

use super::formulaire::merged;
use super::saisie::lire_contact;
use super::{BASE, Ids, adresse};
use crate::Annuaire;
use crate::structures::actions::{self, Failure};
use crate::structures::lecture::{self, Trouvee};
use crate::structures::model::{Contact, ContactId, StructureId};

#[derive(Template)]
#[template(path = "structures/pages/contact.html")]
struct Page {
    shell: Shell,
    id: StructureId,
    nom: String,
    form: FormState,
    /// The contact that changes; none for a new one.
    contact: Option<ContactId>,
    /// Somebody else changed it meanwhile: what it is now.
    conflit: Option<String>,
}

impl Page {
    fn titre(&self) -> &'static str {
        if self.contact.is_some() { "Modifier un contact" } else { "Ajouter un contact" }
    }
}

pub(super) async fn nouveau(State(annuaire): State<Annuaire>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let id = StructureId(id);
    match lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierStructures, id).await? {
        Trouvee::Ici(s) => {
            let form = FormState::default();
            page(&Page { shell, id, nom: s.fiche.nom, form, contact: None, conflit: None })
        }
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
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &Page { shell, id, nom: s.fiche.nom, form, contact: None, conflit: None },
    )
}

/// The form that shows a contact, and says what it was read from.
fn montrer(contact: &Contact) -> FormState {
    let f = &contact.fiche;
    FormState::filled([
        ("nom", f.nom.clone()),
        ("fonction", f.fonction.clone().unwrap_or_default()),
        ("courriel", f.courriel.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("telephone", f.telephone.as_ref().map(|t| t.lisible()).unwrap_or_default()),
        ("principal", if contact.principal { "oui" } else { "" }.to_owned()),
        ("lu", f.empreinte()),
    ])
}

pub(super) async fn modification(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id, contact]): Ids<2>,
) -> PageResult {
    let (id, contact) = (StructureId(id), ContactId(contact));
    let s = match lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierStructures, id).await? {
        Trouvee::Ici(s) => s,
        Trouvee::Ailleurs(kept) => return Ok(Redirect::to(&adresse(kept)).into_response()),
    };
    let present = s.contacts.iter().find(|c| c.id == contact).ok_or(Refusal::NotFound)?;
    let form = montrer(present);
    page(&Page { shell, id, nom: s.fiche.nom, form, contact: Some(contact), conflit: None })
}

pub(super) async fn modifier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id, contact]): Ids<2>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (id, contact) = (StructureId(id), ContactId(contact));
    let actor = shell.actor()?;
    let Trouvee::Ici(s) = lecture::ouvrir(&annuaire.site, actor, Verb::ModifierStructures, id).await? else {
        return Err(merged());
    };
    if s.contacts.iter().all(|c| c.id != contact) {
        return Err(Refusal::NotFound.into());
    }
    let (mut status, mut conflit) = (StatusCode::UNPROCESSABLE_ENTITY, None);
    if let Some(fiche) = lire_contact(&mut form, "") {
        let ecrit = (fiche, form.get("principal") == "oui");
        match actions::modifier_contact(&annuaire.site, actor, (id, contact), form.get("lu"), ecrit).await {
            Ok(()) => return Ok(see_other_saying(&adresse(id), "Le contact est modifié.")),
            Err(Failure::Stale(now)) => {
                if let Some(present) = now.contacts.iter().find(|c| c.id == contact) {
                    form.set("lu", present.fiche.empreinte());
                    conflit = Some(present.fiche.lisible());
                }
                status = StatusCode::CONFLICT;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    page_with(status, &Page { shell, id, nom: s.fiche.nom, form, contact: Some(contact), conflit })
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
