//! The page of the settings.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Actor, Verb};
use platform::journal::{self, Entry};
use platform::web::{
    Access, FormState, Formulaire, PageResult, Routes, Shell, page, page_with, see_other_saying,
};
use serde_json::json;

use super::{Reglage, TOUS, store};
use crate::{Conseillers, Failure};

const BASE: &str = "/conseillers/reglages";
const GERER: Access = Access::May(Verb::GererCandidats);

/// Every page, with its access.
pub(super) fn routes(conseillers: Conseillers) -> Routes<()> {
    Routes::new().get(BASE, GERER, montrer).post(BASE, GERER, enregistrer).with_state(conseillers)
}

#[derive(Template)]
#[template(path = "reglages/page.html")]
struct Page {
    shell: Shell,
    form: FormState,
}

impl Page {
    fn indice(&self, r: &Reglage) -> String {
        format!("De {} à {}. {}", r.bornes.0, r.bornes.1, r.indice)
    }
}

async fn montrer(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let lus = store::lire(cx.site.db.read()).await?;
    let form = FormState::filled(TOUS.map(|r| (r.cle, lus.de(r.cle).to_string())));
    page(&Page { shell, form })
}

async fn enregistrer(
    State(cx): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let mut dits = Vec::new();
    for r in TOUS {
        let (de, a) = r.bornes;
        let phrase = format!("Écrivez un nombre entier de {de} à {a}.");
        let lu = form.get(r.cle).parse::<u32>().ok().filter(|n| (de..=a).contains(n));
        match lu {
            Some(n) => dits.push((r, n)),
            None => form.refuse(r.cle, phrase),
        }
    }
    if !form.is_valid() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { shell, form });
    }
    fixer(&cx, shell.actor()?, &dits).await?;
    Ok(see_other_saying(BASE, "Les réglages sont enregistrés."))
}

/// Writes the settings and their journal line.
async fn fixer(cx: &Conseillers, actor: &Actor, dits: &[(Reglage, u32)]) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    let site = &cx.site;
    site.db
        .write(async |tx| {
            let avant = store::lire(tx).await?;
            let mut faits = serde_json::Map::new();
            for (r, n) in dits {
                if avant.de(r.cle) != *n {
                    faits.insert(r.cle.to_owned(), json!([avant.de(r.cle), n]));
                }
                store::ecrire(tx, (r.cle, *n), (site.clock.now(), actor.compte)).await?;
            }
            let ligne = Entry::by(actor, "reglages.modifier", "programme", "").with(faits.into());
            journal::write(site, tx, ligne).await?;
            Ok(())
        })
        .await
}
