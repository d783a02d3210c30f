//! Pages of delegation: lending one's role to somebody until a day, and taking it back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{Email, Refusal, Verb};
use platform::web::{Access, FormState, Formulaire, PageError, PageResult, Routes, Shell};
use platform::web::{page_with, see_other_saying};

use super::model::{AttributionId, Origine};
use super::pages::own;
use super::{actions, rules, store};
use crate::connexion::pages::beside;
use crate::sessions::model::Present;
use crate::{Error, Identity, labels};

pub(crate) fn routes() -> Routes<Identity> {
    use Access::SignedIn;
    Routes::new()
        .get("/compte/delegations", SignedIn, delegations)
        .post("/compte/delegations", SignedIn, delegations_envoye)
        .post("/compte/delegations/{id}/retirer", SignedIn, delegation_retirer)
}

struct LignePretee {
    id: AttributionId,
    nom: String,
    label: String,
    fin: String,
    actif: bool,
}

#[derive(Template)]
#[template(path = "comptes/pages/delegations.html")]
struct Delegations {
    shell: Shell,
    form: FormState,
    roles: Vec<(String, String)>,
    pretees: Vec<LignePretee>,
}

async fn show_delegations(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    present: &Present,
    form: FormState,
) -> PageResult {
    let me = own(present)?.id;
    let (conn, now) = (id.site.db.read(), id.site.clock.now());
    let lent = store::pretees_par(conn, me).await?;
    let names = store::noms(conn, &lent.iter().map(|a| a.compte).collect::<Vec<_>>()).await?;
    let pretees = lent
        .iter()
        .map(|a| {
            let source = match a.origine {
                Origine::Deleguee { de, .. } => present.roles.iter().find(|r| r.id == de),
                _ => None,
            };
            LignePretee {
                id: a.id,
                nom: names.get(&a.compte).cloned().unwrap_or_default(),
                label: labels::role(a.role, &a.perimetre),
                fin: a.periode.fin.map(kernel::calendrier::jour_en_lettres).unwrap_or_default(),
                actif: rules::en_vigueur(a, source, now),
            }
        })
        .collect();
    let roles = present
        .roles
        .iter()
        .filter(|r| r.role.has(Verb::Deleguer) && !rules::est_delegation(r))
        .map(|r| (r.id.to_string(), labels::role(r.role, &r.perimetre)))
        .collect();
    page_with(status, &Delegations { shell, form, roles, pretees })
}

async fn delegations(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    show_delegations(&id, StatusCode::OK, shell, &present, FormState::default()).await
}

/// A day as browsers send it.
pub(crate) fn typed_day(typed: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(typed, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(typed, "%d/%m/%Y"))
        .map_err(|_| "Écrivez une date, comme 31/12/2027.")
}

async fn delegations_envoye(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    own(&present)?;
    let actor = present.actor.clone().ok_or(PageError::SignIn)?;
    let role =
        form.parse("role", |v| v.parse::<AttributionId>().map_err(|_| "Choisissez un rôle de la liste."));
    let nom = form.parse("nom", rules::nom_admis);
    let courriel = form.parse("courriel", Email::parse);
    let fin = form.parse("fin", typed_day);
    if let (Some(role), Some(nom), Some(courriel), Some(fin)) = (role, nom, courriel, fin) {
        match actions::lend(&id.site, &actor, role, &courriel, &nom, fin).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    "/compte/delegations",
                    "C’est fait : un message est parti à cette personne.",
                ));
            }
            Err(Error::Refused(Refusal::Conflict(s) | Refusal::Forbidden(s))) => form.refuse("role", s),
            Err(e) => {
                beside(&mut form, "role", e)?;
            }
        }
    }
    show_delegations(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, &present, form).await
}

async fn delegation_retirer(
    State(id): State<Identity>,
    present: Present,
    Path(a): Path<AttributionId>,
) -> PageResult {
    own(&present)?;
    let actor = present.actor.clone().ok_or(PageError::SignIn)?;
    let whose = actions::take_back(&id.site, &actor, a).await?;
    let to = if whose == present.compte.id { "/compte" } else { "/compte/delegations" };
    Ok(see_other_saying(to, "Ce rôle n’est plus prêté."))
}
