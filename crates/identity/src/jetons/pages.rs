//! Pages of one's own tokens.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kernel::{Portee, Refusal};
use platform::web::{Access, FormState, Formulaire, PageResult, Routes, Shell};
use platform::web::{page_with, see_other_saying};

use super::actions::{self, Demande};
use super::{JetonId, store};
use crate::comptes::delegations::typed_day;
use crate::comptes::pages::{day, instant, own, proved};
use crate::connexion::pages::{beside, no_store};
use crate::sessions::model::Present;
use crate::{Error, Identity};

pub(crate) fn routes() -> Routes<Identity> {
    use Access::SignedIn;
    Routes::new().get("/compte/jetons", SignedIn, jetons).post("/compte/jetons", SignedIn, jeton_cree).post(
        "/compte/jetons/{id}/retirer",
        SignedIn,
        jeton_retire,
    )
}

struct Ligne {
    id: JetonId,
    nom: String,
    portees: String,
    cree_le: String,
    fin: String,
    vu_le: Option<String>,
    etat: &'static str,
    vivant: bool,
}

#[derive(Template)]
#[template(path = "jetons/pages/jetons.html")]
struct Jetons {
    shell: Shell,
    form: FormState,
    role: String,
    portees: Vec<(String, String)>,
    jetons: Vec<Ligne>,
    nouveau: Option<String>,
}

async fn montre(
    id: &Identity,
    status: StatusCode,
    shell: Shell,
    present: &Present,
    (form, nouveau): (FormState, Option<String>),
) -> PageResult {
    let (conn, now) = (id.site.db.read(), id.site.clock.now());
    let jetons = store::du_compte(conn, own(present)?.id)
        .await?
        .into_iter()
        .map(|j| Ligne {
            id: j.id,
            portees: j.portees.iter().map(|p| p.libelle()).collect::<Vec<_>>().join(" ; "),
            cree_le: day(j.cree_le),
            fin: day(j.expire_le - chrono::TimeDelta::seconds(1)),
            vu_le: j.vu_le.map(instant),
            etat: if j.retire_le.is_some() {
                "Retiré"
            } else if j.vivant(now) {
                "Valable"
            } else {
                "Expiré"
            },
            vivant: j.vivant(now),
            nom: j.nom,
        })
        .collect();
    let peut = |p: &Portee| shell.viewer.as_ref().is_some_and(|v| v.actor.role.has(p.verbe()));
    let portees = Portee::TOUTES
        .into_iter()
        .filter(peut)
        .map(|p| (p.key().to_owned(), p.libelle().to_owned()))
        .collect();
    let role = shell.viewer.as_ref().map_or_else(String::new, |v| v.role.clone());
    page_with(status, &Jetons { shell, form, role, portees, jetons, nouveau }).map(no_store)
}

async fn jetons(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    montre(&id, StatusCode::OK, shell, &present, (FormState::default(), None)).await
}

async fn jeton_cree(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    // A token outlives the session: it is made by whoever proved who they are a moment ago.
    if let Err(demande) = proved(&id, &present, "/compte/jetons")? {
        return Ok(demande);
    }
    let nom = form.text("nom", 80);
    let fin = form.parse("fin", typed_day);
    let portees = form.all("portees").filter_map(Portee::from_key).collect();
    if let (Some(nom), Some(fin)) = (nom, fin) {
        match actions::creer(&id.site, &present, Demande { nom, portees, fin }).await {
            Ok(jeton) => {
                let rien = (FormState::default(), Some(jeton));
                return montre(&id, StatusCode::OK, shell, &present, rien).await;
            }
            Err(Error::Refused(Refusal::Conflict(s) | Refusal::Forbidden(s))) => form.refuse("nom", s),
            Err(e) => {
                beside(&mut form, "nom", e)?;
            }
        }
    }
    montre(&id, StatusCode::UNPROCESSABLE_ENTITY, shell, &present, (form, None)).await
}

async fn jeton_retire(
    State(id): State<Identity>,
    present: Present,
    Path(jeton): Path<JetonId>,
) -> PageResult {
    actions::retirer(&id.site, own(&present)?.id, jeton).await?;
    Ok(see_other_saying("/compte/jetons", "Le jeton est retiré : il n’ouvre plus rien."))
}
