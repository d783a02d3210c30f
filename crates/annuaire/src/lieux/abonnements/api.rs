//! `/api/v1/webhooks`: one's own subscriptions, for programs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::{Portee, Refusal, Verb};
use platform::web::{Access, PageResult, ParJeton, Routes, Viewer};
use platform::webhooks::{self, Demande, Webhook};
use serde_json::{Value, json};

use super::Evenement;
use super::pages::{abonne, retire};
use crate::Annuaire;
use crate::api::lit_objet;
use crate::structures::Ids;

pub(crate) fn routes() -> Routes<Annuaire> {
    let acces = Access::Jeton(Verb::VoirLieux, Portee::Webhooks);
    Routes::new().get("/api/v1/webhooks", acces, liste).post("/api/v1/webhooks", acces, cree).delete(
        "/api/v1/webhooks/{id}",
        acces,
        retire_un,
    )
}

fn objet(w: &Webhook) -> Value {
    json!({
        "id": w.id,
        "url": w.url,
        "evenements": w.evenements.split(' ').collect::<Vec<_>>(),
        "cree_le": w.cree_le.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "suspendu": w.suspendu_le.is_some(),
        "raison": w.raison,
    })
}

async fn liste(State(annuaire): State<Annuaire>, Extension(viewer): Extension<Viewer>) -> PageResult {
    let miens = webhooks::du_compte(annuaire.site.db.read(), viewer.actor.compte.0).await?;
    let miens: Vec<Value> = miens.iter().map(objet).collect();
    Ok(Json(json!({ "webhooks": miens })).into_response())
}

async fn cree(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Extension(jeton): Extension<ParJeton>,
    corps: Bytes,
) -> PageResult {
    let objet = lit_objet(&corps)?;
    let texte = |champ: &str| objet.get(champ).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut evenements = Vec::new();
    for nom in objet.get("evenements").and_then(Value::as_array).into_iter().flatten() {
        match nom.as_str().and_then(Evenement::de_cle) {
            Some(e) => evenements.push(e.cle()),
            None => {
                let connus = Evenement::TOUS.map(Evenement::cle).join(", ");
                let phrase = format!("Un événement n’est pas connu. Ceux qui le sont : {connus}.");
                return Err(Refusal::field("evenements", phrase).into());
            }
        }
    }
    let demande = Demande {
        compte: viewer.actor.compte.0,
        attribution: jeton.attribution,
        url: texte("url"),
        evenements,
    };
    let (id, secret) = abonne(&annuaire, &viewer.actor, demande).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "secret": secret }))).into_response())
}

async fn retire_un(
    State(annuaire): State<Annuaire>,
    Extension(viewer): Extension<Viewer>,
    Ids([id]): Ids<1>,
) -> PageResult {
    retire(&annuaire, &viewer.actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
