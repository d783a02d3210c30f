//! What organisations propose to who is signed in, and their answer.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use kernel::Refusal;
use platform::web::{
    Access, Formulaire, PageError, PageResult, Routes, Shell, page, see_other_saying, see_other_warning,
};

use super::{Proposition, VIE, actions, store};
use crate::aidants::mails;
use crate::{Failure, Mandats};

/// Where one answers.
pub(crate) const PAGE: &str = "/compte/rattachements";

pub(crate) fn routes(m: Mandats) -> Routes<()> {
    Routes::new()
        .get(PAGE, Access::SignedIn, liste)
        .post("/compte/rattachements/{proposition}", Access::SignedIn, repondre)
        .with_state(m)
}

/// A proposition, as who answers reads it.
struct Ligne {
    p: Proposition,
    organisation: String,
    adresse: String,
    /// Who proposes.
    par: String,
}

impl Ligne {
    fn jusqu_au(&self) -> String {
        kernel::calendrier::en_lettres(&(self.p.cree_le + VIE))
    }
}

#[derive(Template)]
#[template(path = "aidants/propositions/rattachements.html")]
struct Rattachements {
    shell: Shell,
    lignes: Vec<Ligne>,
}

async fn liste(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let attendent = store::du_compte(conn, shell.actor()?.compte).await?;
    let comptes: Vec<_> = attendent.iter().filter_map(|p| p.par).collect();
    let noms = identity::noms(conn, &comptes).await?;
    let mut lignes = Vec::with_capacity(attendent.len());
    for p in attendent {
        let vue = annuaire::structures::find(conn, p.structure).await?;
        let par = p.par.and_then(|c| noms.get(&c)).cloned();
        lignes.push(Ligne {
            organisation: mails::nom_de(&m, p.structure).await?,
            adresse: vue.map(|v| v.adresse).unwrap_or_default(),
            par: par.unwrap_or_else(|| "l’équipe des habilitations".to_owned()),
            p,
        });
    }
    page(&Rattachements { shell, lignes })
}

async fn repondre(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let accepte = match form.get("reponse") {
        "accepte" => true,
        "decline" => false,
        _ => return Err(PageError::not_found()),
    };
    match actions::repondre(&m, actor, id, accepte).await {
        Ok(p) => {
            let nom = mails::nom_de(&m, p.structure).await?;
            let phrase = if accepte {
                format!(
                    "C’est accepté. Vous faites partie de l’organisation {nom} : choisissez en haut de la page au nom de laquelle vous agissez."
                )
            } else {
                format!("C’est décliné. L’organisation {nom} en est prévenue, et rien ne change pour vous.")
            };
            Ok(see_other_saying(PAGE, &phrase))
        }
        Err(Failure::Refusal(r @ (Refusal::Conflict(_) | Refusal::Fields(_)))) => {
            Ok(see_other_warning(PAGE, &r.to_string()))
        }
        Err(Failure::Compte(identity::Error::Refused(r @ (Refusal::Conflict(_) | Refusal::Fields(_))))) => {
            Ok(see_other_warning(PAGE, &r.to_string()))
        }
        Err(e) => Err(e.into()),
    }
}
