//! Pages of one's own subscriptions.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use identity::Present;
use kernel::{Actor, Refusal};
use platform::journal::{self, Entry};
use platform::web::{Access, FormState, Formulaire, PageError, PageResult, Routes, Shell};
use platform::web::{page, page_with, see_other_saying};
use platform::webhooks::{self, Demande, Failure, Webhook};
use serde_json::json;
use uuid::Uuid;

use super::Evenement;
use crate::Annuaire;
use crate::structures::Ids;

const BASE: &str = "/compte/webhooks";
/// Deliveries that are shown.
const ENVOIS: i64 = 100;

pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    use Access::SignedIn;
    Routes::new()
        .get(BASE, SignedIn, liste)
        .post(BASE, SignedIn, cree)
        .get("/compte/webhooks/{id}", SignedIn, un)
        .post("/compte/webhooks/{id}/essayer", SignedIn, essaye)
        .post("/compte/webhooks/{id}/reprendre", SignedIn, reprend)
        .post("/compte/webhooks/{id}/retirer", SignedIn, retire_un)
        .with_state(annuaire)
}

fn instant(le: chrono::DateTime<chrono::Utc>) -> String {
    kernel::calendrier::en_lettres_avec_heure(&le)
}

struct Ligne {
    id: Uuid,
    url: String,
    evenements: String,
    cree_le: String,
    /// Since when, and why.
    suspendu: Option<(String, String)>,
}

impl From<Webhook> for Ligne {
    fn from(w: Webhook) -> Self {
        let mots: Vec<&str> =
            w.evenements.split(' ').filter_map(Evenement::de_cle).map(Evenement::libelle).collect();
        Self {
            id: w.id,
            evenements: mots.join(" ; "),
            cree_le: instant(w.cree_le),
            suspendu: w.suspendu_le.map(|le| (instant(le), w.raison.unwrap_or_default())),
            url: w.url,
        }
    }
}

#[derive(Template)]
#[template(path = "lieux/abonnements/pages/liste.html")]
struct Liste {
    shell: Shell,
    form: FormState,
    abonnements: Vec<Ligne>,
    /// Shown once.
    secret: Option<String>,
}

impl Liste {
    fn evenements(&self) -> Vec<(&'static str, &'static str)> {
        Evenement::TOUS.iter().map(|e| (e.cle(), e.libelle())).collect()
    }
}

struct LigneEnvoi {
    id: Uuid,
    ecrit_le: String,
    evenements: i64,
    etat: &'static str,
    essais: i64,
    dernier: String,
    erreur: String,
}

#[derive(Template)]
#[template(path = "lieux/abonnements/pages/un.html")]
struct Un {
    shell: Shell,
    abonnement: Ligne,
    envois: Vec<LigneEnvoi>,
}

/// Whoever is signed in, acting for themselves.
fn moi(present: &Present) -> Result<&Actor, PageError> {
    if present.vue.is_some() {
        return Err(Refusal::forbidden("Ces pages n’appartiennent qu’à la personne elle-même.").into());
    }
    present.actor.as_ref().ok_or_else(|| Refusal::forbidden("Sans rôle, il n’y a rien à suivre.").into())
}

/// Subscribes, and says so in the journal; gives the secret.
pub(super) async fn abonne(
    annuaire: &Annuaire,
    actor: &Actor,
    demande: Demande,
) -> Result<(Uuid, String), PageError> {
    let site = &annuaire.site;
    site.db
        .write(async |tx| {
            let evenements = demande.evenements.clone();
            let (id, secret) = webhooks::abonne(site, tx, demande).await?;
            let ligne = Entry::by(actor, "webhook.creer", "webhook", id).with(json!({ "evenements": evenements }));
            journal::write(site, tx, ligne).await?;
            Ok::<_, Failure>((id, secret))
        })
        .await
        .map_err(|e| match e {
            Failure::Refusal(r) => r.into(),
            Failure::Db(e) => e.into(),
            Failure::Seal(e) => {
                tracing::error!(error = %e, "the secret of a subscription cannot be kept");
                Refusal::conflict(
                    "Ce site n’est pas encore réglé pour garder le secret d’un abonnement : la clé « cles.secret » de \
                     sa configuration manque. Prévenez la personne qui l’exploite.",
                )
                .into()
            }
        })
}

/// Takes a subscription of the actor away.
pub(super) async fn retire(annuaire: &Annuaire, actor: &Actor, id: Uuid) -> Result<(), PageError> {
    let site = &annuaire.site;
    sien(annuaire, actor, id).await?;
    site.db
        .write(async |tx| {
            webhooks::retire(tx, id).await?;
            journal::write(site, tx, Entry::by(actor, "webhook.retirer", "webhook", id)).await
        })
        .await?;
    Ok(())
}

async fn sien(annuaire: &Annuaire, actor: &Actor, id: Uuid) -> Result<Webhook, PageError> {
    webhooks::find(annuaire.site.db.read(), actor.compte.0, id).await?.ok_or_else(PageError::not_found)
}

async fn montre(
    annuaire: &Annuaire,
    status: StatusCode,
    shell: Shell,
    actor: &Actor,
    (form, secret): (FormState, Option<String>),
) -> PageResult {
    let miens = webhooks::du_compte(annuaire.site.db.read(), actor.compte.0).await?;
    let abonnements = miens.into_iter().map(Ligne::from).collect();
    page_with(status, &Liste { shell, form, abonnements, secret })
}

async fn liste(State(annuaire): State<Annuaire>, shell: Shell, present: Present) -> PageResult {
    montre(&annuaire, StatusCode::OK, shell, moi(&present)?, (FormState::default(), None)).await
}

async fn cree(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    present: Present,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = moi(&present)?;
    let Some(attribution) = present.attribution else { return Err(PageError::SignIn) };
    let demande = Demande {
        compte: actor.compte.0,
        attribution: attribution.0,
        url: form.get("url").to_owned(),
        evenements: form.all("evenements").filter_map(Evenement::de_cle).map(Evenement::cle).collect(),
    };
    match abonne(&annuaire, actor, demande).await {
        Ok((_, secret)) => {
            let rien = (FormState::default(), Some(secret));
            montre(&annuaire, StatusCode::OK, shell, actor, rien).await
        }
        Err(PageError::Refusal(refus)) => {
            match refus {
                Refusal::Conflict(phrase) => form.refuse("url", phrase),
                autre => form.take(autre)?,
            }
            montre(&annuaire, StatusCode::UNPROCESSABLE_ENTITY, shell, actor, (form, None)).await
        }
        Err(autre) => Err(autre),
    }
}

async fn un(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    present: Present,
    Ids([id]): Ids<1>,
) -> PageResult {
    let abonnement = Ligne::from(sien(&annuaire, moi(&present)?, id).await?);
    let envois = webhooks::envois(annuaire.site.db.read(), id, ENVOIS)
        .await?
        .into_iter()
        .map(|e| LigneEnvoi {
            id: e.id,
            ecrit_le: instant(e.ecrit_le),
            evenements: e.evenements,
            etat: match e.etat.as_str() {
                "parti" => "Reçu",
                "abandonne" => "Abandonné",
                _ => "En attente",
            },
            essais: e.essais,
            dernier: e.tente_le.map(instant).unwrap_or_default(),
            erreur: e.erreur.unwrap_or_default(),
        })
        .collect();
    page(&Un { shell, abonnement, envois })
}

async fn essaye(State(annuaire): State<Annuaire>, present: Present, Ids([id]): Ids<1>) -> PageResult {
    let site = &annuaire.site;
    let webhook = sien(&annuaire, moi(&present)?, id).await?;
    if webhook.suspendu_le.is_some() {
        return Err(Refusal::conflict("Cet abonnement est suspendu : reprenez-le d’abord.").into());
    }
    let corps = json!({ "evenements": [] }).to_string();
    site.db.write(async |tx| webhooks::enqueue(site, tx, id, &corps, 0).await).await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "Un envoi d’essai part. Rechargez la page pour voir ce qu’il devient.",
    ))
}

async fn reprend(State(annuaire): State<Annuaire>, present: Present, Ids([id]): Ids<1>) -> PageResult {
    let actor = moi(&present)?;
    let site = &annuaire.site;
    sien(&annuaire, actor, id).await?;
    site.db
        .write(async |tx| {
            webhooks::reprend(tx, id).await?;
            journal::write(site, tx, Entry::by(actor, "webhook.reprendre", "webhook", id)).await
        })
        .await?;
    Ok(see_other_saying(
        &format!("{BASE}/{id}"),
        "L’abonnement reprend avec ce qui arrive à partir de maintenant.",
    ))
}

async fn retire_un(State(annuaire): State<Annuaire>, present: Present, Ids([id]): Ids<1>) -> PageResult {
    retire(&annuaire, moi(&present)?, id).await?;
    Ok(see_other_saying(BASE, "L’abonnement est retiré : plus rien n’est envoyé à cette adresse."))
}
