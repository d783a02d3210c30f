//! The aidant asks a person who is not there to say who they are, waits, recognises them or not.

use annuaire::structures::Ids;
use axum::extract::State;
use kernel::Refusal;
use platform::web::{Formulaire, PageError, PageResult, Shell, see_other_saying, see_other_warning};

use super::brouillon::{chemin, exige_conditions};
use super::{agissant, nom_de};
use crate::mandats::actions;
use crate::mandats::identification::{self, Geste};
use crate::{Failure, Mandats, usagers};

pub(super) async fn agir(
    State(m): State<Mandats>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let a = agissant(&m, &shell).await?;
    let actor = shell.actor()?;
    exige_conditions(&m, &a, &chemin(id))?;
    let geste = match form.get("geste") {
        "renvoyer" => Geste::Renvoyer,
        "arreter" => Geste::Arreter,
        "ecarter" => Geste::Ecarter,
        "envoyer" => {
            let b = actions::ouvrir(m.site.db.read(), &a, actor, id).await?;
            let usager = match b.usager {
                Some(usager) => usagers::store::lire(m.site.db.read(), usager).await?,
                None => None,
            };
            let adresses = identification::adresses(&b.choix, usager.as_ref());
            let Some(adresse) = adresses.into_iter().find(|x| x.cle() == form.get("voie")) else {
                let phrase = "Choisissez où envoyer le lien : par SMS ou par courriel.";
                return Ok(see_other_warning(&chemin(id), phrase));
            };
            Geste::Envoyer(adresse)
        }
        _ => return Err(PageError::not_found()),
    };
    let organisation = nom_de(&m, &a).await?;
    match identification::agir(&m, actor, id, (&geste, &organisation)).await {
        Ok(()) => Ok(see_other_saying(
            &chemin(id),
            match geste {
                Geste::Envoyer(_) => "Le lien est parti.",
                Geste::Renvoyer => "Un nouveau lien est parti : le précédent ne sert plus.",
                Geste::Arreter => "Le lien ne sert plus.",
                Geste::Ecarter => "Cette identité est écartée de ce mandat.",
            },
        )),
        Err(Failure::Refusal(Refusal::Conflict(phrase))) => Ok(see_other_warning(&chemin(id), &phrase)),
        Err(autre) => Err(autre.into()),
    }
}
