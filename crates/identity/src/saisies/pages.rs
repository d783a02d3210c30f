//! The page where one finds again what was typed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Refusal;
use platform::web::{Access, PageError, PageResult, Routes, Shell, page, see_other_saying};
use uuid::Uuid;

use super::PAGE;
use super::actions::{self, Retrouvee};
use crate::Identity;
use crate::comptes::pages::{instant, own};
use crate::sessions::cookies::Navigateur;
use crate::sessions::libelle;
use crate::sessions::model::Present;
use crate::sessions::rules::BUREAU;

pub(crate) fn routes() -> Routes<Identity> {
    use Access::SignedIn;
    Routes::new().get(PAGE, SignedIn, lire).post("/compte/saisie/{id}/envoyer", SignedIn, envoyer).post(
        "/compte/saisie/{id}/abandonner",
        SignedIn,
        abandonner,
    )
}

/// A kept form, on the page.
struct Ligne {
    g: Retrouvee,
    rubrique: Option<&'static str>,
    /// The role to take back first; none when it is the acting one.
    role: Option<String>,
}

impl Ligne {
    fn depuis(&self) -> String {
        instant(self.g.cree_le)
    }

    fn jusqu_a(&self) -> String {
        instant(self.g.expire_le)
    }
}

#[derive(Template)]
#[template(path = "saisies/pages/gardees.html")]
struct Gardees {
    shell: Shell,
    lignes: Vec<Ligne>,
}

async fn lire(State(id): State<Identity>, shell: Shell, present: Present, nav: Navigateur) -> PageResult {
    let compte = own(&present)?.id;
    let mut lignes = Vec::new();
    let gardees = match &nav.saisie {
        Some(reference) => actions::gardees(&id.site, compte, reference).await?,
        None => Vec::new(),
    };
    for g in gardees {
        let role = match present.roles.iter().find(|r| Some(r.id) == g.attribution) {
            _ if g.attribution == present.attribution => None,
            Some(r) => Some(libelle(&id, r.role, &r.perimetre).await),
            None => Some("un rôle que vous n’avez plus".to_owned()),
        };
        lignes.push(Ligne { rubrique: shell.rubrique(&g.chemin), role, g });
    }
    page(&Gardees { shell, lignes })
}

/// Uses it up, and sends the browser with the same fields to where they were going: 307 keeps the method and the body, and
/// every guard of that route looks at them again.
async fn envoyer(
    State(id): State<Identity>,
    present: Present,
    nav: Navigateur,
    Path(saisie): Path<Uuid>,
) -> Result<Response, PageError> {
    let compte = own(&present)?.id;
    let meme_role = |g: &Retrouvee| {
        if g.attribution == present.attribution {
            return Ok(());
        }
        Err(Refusal::conflict(
            "Vous agissiez dans un autre rôle. Reprenez-le en haut de la page, puis envoyez votre saisie.",
        ))
    };
    let g = actions::retirer(&id.site, compte, nav.saisie.as_ref(), saisie, meme_role).await?;
    Ok(Redirect::temporary(&g.chemin).into_response())
}

async fn abandonner(
    State(id): State<Identity>,
    present: Present,
    nav: Navigateur,
    Path(saisie): Path<Uuid>,
) -> Result<Response, PageError> {
    let compte = own(&present)?.id;
    actions::retirer(&id.site, compte, nav.saisie.as_ref(), saisie, |_| Ok(())).await?;
    Ok(see_other_saying(BUREAU, "Votre saisie est effacée. Rien n’a été envoyé."))
}
