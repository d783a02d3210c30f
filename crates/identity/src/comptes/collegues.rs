//! Colleagues: who shares a role and its scope, and inviting one more into it. A structure, a préfecture or a network looks
//! after its own people; only the national administration manages the accounts of all.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::{Actor, Email, Refusal, Verb};
use platform::Site;
use platform::journal::{self, Entry};
use platform::web::{Access, FormState, Formulaire, PageResult, Routes, Shell};
use platform::web::{page_with, see_other_saying};

use super::actions::{Invitation, invite_in};
use super::model::{Attribution, AttributionId, Etat, Origine};
use super::{rules, store};
use crate::connexion::pages::beside;
use crate::{Identity, Result, labels};

/// Most colleagues in one role and scope: beyond, somebody invites the whole town.
pub(crate) const COLLEGUES_MAX: usize = 100;

const BASE: &str = "/compte/collegues";

pub(crate) fn routes() -> Routes<Identity> {
    let inviter = Access::May(Verb::InviterCollegues);
    Routes::new().get(BASE, inviter, collegues).post(BASE, inviter, inviter_envoye).post(
        &format!("{BASE}/{{id}}/retirer"),
        inviter,
        retirer,
    )
}

/// Invites somebody into the actor's own role, within the actor's own scope. Whether the address had an account already is
/// not told.
///
/// # Errors
/// As [`rules::peut_inviter`]; one's own address; too many colleagues.
pub(crate) async fn inviter(site: &Site, actor: &Actor, courriel: &Email, nom: &str) -> Result<()> {
    rules::peut_inviter(actor)?;
    site.db
        .write(async |tx| {
            let me = store::hold(tx, actor.compte).await?.ok_or(Refusal::NotFound)?;
            if courriel.key() == me.courriel.key() {
                let phrase = "C’est votre propre adresse. Indiquez celle d’un collègue.";
                return Err(Refusal::field("courriel", phrase).into());
            }
            let now = site.clock.now();
            if store::de_perimetre(tx, actor.role, &actor.perimetre, now).await?.len() > COLLEGUES_MAX {
                let phrase = format!(
                    "Ce rôle est déjà donné à plus de {COLLEGUES_MAX} personnes. Retirez-le d’abord à celles qui n’en ont \
                     plus besoin."
                );
                return Err(Refusal::field("courriel", phrase).into());
            }
            // A closed account gets nothing, and nothing tells so.
            if store::find_by_courriel(tx, courriel).await?.is_some_and(|c| c.etat == Etat::Desactive) {
                return Ok(());
            }
            let invitation = Invitation {
                courriel: courriel.clone(),
                nom: nom.to_owned(),
                role: actor.role,
                perimetre: actor.perimetre.clone(),
                fin: None,
            };
            invite_in(site, tx, &invitation, Origine::Donnee(actor.compte), Some(actor)).await.map(|_| ())
        })
        .await
}

/// Takes back a role that the actor gave to a colleague.
///
/// # Errors
/// [`Refusal::NotFound`] for any other role; a conflict when it was taken back already.
pub(crate) async fn reprendre(site: &Site, actor: &Actor, id: AttributionId) -> Result<()> {
    rules::peut_inviter(actor)?;
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let a = store::attribution(tx, id).await?.ok_or(Refusal::NotFound)?;
            if a.origine != Origine::Donnee(actor.compte) || a.role != actor.role {
                return Err(Refusal::NotFound.into());
            }
            if !store::retire(tx, id, actor.compte, now).await? {
                return Err(Refusal::conflict("Ce rôle a déjà été retiré.").into());
            }
            let line = Entry::by(actor, "compte.role.retire", "compte", a.compte)
                .with(serde_json::json!({ "role": a.role.ligne().key, "attribution": id.to_string() }));
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

struct Ligne {
    id: AttributionId,
    nom: String,
    courriel: String,
    etat: &'static str,
    label: String,
    /// Whether the reader gave it: only then may they take it back.
    donne: bool,
}

#[derive(Template)]
#[template(path = "comptes/pages/collegues.html")]
struct Page {
    shell: Shell,
    form: FormState,
    role: String,
    lignes: Vec<Ligne>,
    /// Whether the role is lent: it is read, and nobody is invited into it.
    prete: bool,
}

async fn montrer(id: &Identity, status: StatusCode, shell: Shell, form: FormState) -> PageResult {
    let (conn, actor) = (id.site.db.read(), shell.actor()?.clone());
    let now = id.site.clock.now();
    let partages = store::de_perimetre(conn, actor.role, &actor.perimetre, now).await?;
    let mut lignes = Vec::with_capacity(partages.len());
    for a in &partages {
        if let Some(c) = store::find(conn, a.compte).await?.filter(|c| c.etat != Etat::Desactive) {
            lignes.push(ligne(a, c, &actor));
        }
    }
    let role = labels::role(actor.role, &actor.perimetre);
    page_with(status, &Page { shell, form, role, lignes, prete: actor.prete })
}

fn ligne(a: &Attribution, c: super::model::Compte, actor: &Actor) -> Ligne {
    Ligne {
        id: a.id,
        nom: c.nom,
        courriel: c.courriel.to_string(),
        etat: c.etat.nom(),
        label: labels::perimetre(&a.perimetre),
        donne: a.origine == Origine::Donnee(actor.compte),
    }
}

async fn collegues(State(id): State<Identity>, shell: Shell) -> PageResult {
    montrer(&id, StatusCode::OK, shell, FormState::default()).await
}

async fn inviter_envoye(
    State(id): State<Identity>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let nom = form.parse("nom", rules::nom_admis);
    let courriel = form.parse("courriel", Email::parse);
    if let (Some(nom), Some(courriel)) = (nom, courriel) {
        match inviter(&id.site, shell.actor()?, &courriel, &nom).await {
            Ok(()) => {
                return Ok(see_other_saying(BASE, "C’est fait : un message est parti à cette personne."));
            }
            Err(e) => {
                beside(&mut form, "courriel", e)?;
            }
        }
    }
    montrer(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, form).await
}

async fn retirer(State(id): State<Identity>, shell: Shell, Path(a): Path<AttributionId>) -> PageResult {
    reprendre(&id.site, shell.actor()?, a).await?;
    Ok(see_other_saying(BASE, "Le rôle est retiré à cette personne."))
}
