//! The demonstration's telephone: the text messages that would have left, and a way to answer them. An answer goes by the
//! same signed call as a gateway's.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Telephone;
use platform::sms::{self, SmsRow};
use platform::web::{FormState, Formulaire, PageError, PageResult, Shell, page_with, see_other_saying};

use super::rappels;
use crate::Mandats;

#[derive(Template)]
#[template(path = "consentements/pages/sms.html")]
struct Page {
    shell: Shell,
    form: FormState,
    rows: Vec<SmsRow>,
}

impl Page {
    fn numero(&self, r: &SmsRow) -> String {
        lisible(&r.destinataire)
    }
}

/// As people write numbers.
fn lisible(numero: &str) -> String {
    Telephone::parse(numero).map_or_else(|| numero.to_owned(), |t| t.lisible())
}

async fn montre(m: &Mandats, status: StatusCode, shell: Shell, form: FormState) -> PageResult {
    let rows = sms::list(m.site.db.read(), 50).await?;
    page_with(status, &Page { shell, form, rows })
}

pub(super) async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let rows = sms::list(m.site.db.read(), 1).await?;
    let form = FormState::filled(rows.first().map(|r| ("de", lisible(&r.destinataire))));
    montre(&m, StatusCode::OK, shell, form).await
}

pub(super) async fn repondre(
    State(m): State<Mandats>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let de = form.parse("de", |t| Telephone::parse(t).ok_or("Écrivez un numéro à dix chiffres."));
    let texte = form.text("texte", 200);
    let (Some(de), Some(texte)) = (de, texte) else {
        return montre(&m, StatusCode::UNPROCESSABLE_ENTITY, shell, form).await;
    };
    let site = &m.site;
    let evenement = kernel::ids::uuid_v7(&site.clock, &site.chance).to_string();
    let body =
        serde_json::json!({ "evenement": evenement, "genre": "reponse", "de": de.as_str(), "texte": texte })
            .to_string();
    let secret = site.config.sms.secret_rappels.as_deref().unwrap_or_default();
    let signature = sms::signature(secret, site.clock.now(), body.as_bytes());
    let rappel = sms::lire(site, Some(&signature), body.as_bytes()).map_err(PageError::internal)?;
    rappels::appliquer(&m, &rappel).await?;
    Ok(see_other_saying("/demo/sms", "Votre réponse est partie, comme d’un vrai téléphone."))
}
