//! How often the person wants messages that only inform them.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use platform::journal::{self, Entry};
use platform::mail::{self, Rythme};
use platform::web::{Access, FormState, Formulaire, PageResult, Routes, Shell};
use platform::web::{page_with, see_other_saying};

use super::pages::own;
use crate::sessions::model::Present;
use crate::{Error, Identity};

pub(crate) fn routes() -> Routes<Identity> {
    Routes::new().get(mail::PAGE, Access::SignedIn, courriels).post(mail::PAGE, Access::SignedIn, choisis)
}

#[derive(Template)]
#[template(path = "comptes/pages/courriels.html")]
struct Courriels {
    shell: Shell,
    form: FormState,
    adresse: String,
}

impl Courriels {
    fn rythmes(&self) -> Vec<(&'static str, &'static str)> {
        Rythme::TOUS.map(|r| (r.cle(), r.nom())).to_vec()
    }
}

async fn courriels(State(id): State<Identity>, shell: Shell, present: Present) -> PageResult {
    let adresse = own(&present)?.courriel.clone();
    let choisi = mail::rythme(id.site.db.read(), &adresse).await?;
    let mut form = FormState::default();
    form.set("rythme", choisi.cle());
    page_with(StatusCode::OK, &Courriels { shell, form, adresse: adresse.to_string() })
}

async fn choisis(
    State(id): State<Identity>,
    shell: Shell,
    present: Present,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let compte = own(&present)?;
    let rythme = form.parse("rythme", |v| Rythme::from_cle(v).ok_or("Choisissez un rythme dans la liste."));
    let Some(rythme) = rythme else {
        let adresse = compte.courriel.to_string();
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Courriels { shell, form, adresse });
    };
    let site = &id.site;
    site.db
        .write(async |tx| {
            mail::choisir(site, tx, &compte.courriel, rythme).await?;
            // Somebody whose roles are over may still choose.
            let line =
                Entry { by: Some(compte.id.0), ..Entry::system("compte.courriels", "compte", compte.id) };
            journal::write(site, tx, line.with(serde_json::json!({ "rythme": rythme.cle() }))).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(see_other_saying(mail::PAGE, "Votre choix est enregistré."))
}
