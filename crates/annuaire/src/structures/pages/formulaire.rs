//! Entering a structure and changing its sheet.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use kernel::{Pivot, Refusal, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page, page_with, see_other_saying,
};

use super::saisie::{CHAMPS_CONTACT, Lue, lire_contact, lire_fiche, montrer, reprendre, reseaux};
use super::{BASE, Ids, adresse};
use crate::Annuaire;
use crate::structures::actions::{self, Failure, Nouvelle, Voisine};
use crate::structures::lecture::{self, Trouvee};
use crate::structures::model::{CATEGORIES, Ecart, Etat, Genre, Structure, StructureId};
use crate::structures::rules;
use crate::structures::sirene::{Etablissement, Sirene};

#[derive(Template)]
#[template(path = "structures/pages/nouvelle.html")]
struct PageNouvelle {
    shell: Shell,
    form: FormState,
    communes: Vec<(String, String)>,
    /// The look-up, when configured: what was looked for, and what came.
    recherche: Option<Lookup>,
    voisines: Vec<Voisine>,
}

/// The look-up in Sirene, as the page shows it.
struct Lookup {
    form: FormState,
    resultats: Option<Vec<Etablissement>>,
    panne: Option<String>,
}

fn genres() -> Vec<(&'static str, &'static str)> {
    std::iter::once(("", "Choisissez")).chain(Genre::options()).collect()
}

pub(super) async fn nouvelle(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(query): Requete,
) -> PageResult {
    rules::may_creer_quelque_part(shell.actor()?)?;
    let mut form = FormState::default();
    let mut recherche = None;
    if let Some(sirene) = Sirene::new(&annuaire.site.config.sirene) {
        let mut lookup = Lookup { form: query.clone(), resultats: None, panne: None };
        if let Ok(siret) = Pivot::parse(query.get("siret")) {
            match sirene.etablissement(&siret).await {
                Ok(Some(found)) => form = reprendre(&found),
                Ok(None) => {
                    form.set("pivot", siret.to_string());
                    lookup.panne =
                        Some("Sirene ne connaît pas ce SIRET. Remplissez la fiche vous-même.".to_owned());
                }
                Err(panne) => {
                    form.set("pivot", siret.to_string());
                    lookup.panne = Some(panne.to_string());
                }
            }
        } else if query.get("q").chars().count() >= 3 {
            match sirene.chercher(query.get("q")).await {
                Ok(found) => lookup.resultats = Some(found),
                Err(panne) => lookup.panne = Some(panne.to_string()),
            }
        } else if !query.get("q").is_empty() {
            lookup.form.refuse("q", "Écrivez au moins trois lettres du nom, ou un SIRET.");
        }
        recherche = Some(lookup);
    }
    page(&PageNouvelle { shell, form, communes: Vec::new(), recherche, voisines: Vec::new() })
}

pub(super) async fn creer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    rules::may_creer_quelque_part(actor)?;
    let Lue { fiche, communes } = lire_fiche(&mut form, &annuaire.territoires());
    let with_contact = CHAMPS_CONTACT.iter().any(|c| !form.get(&format!("contact_{c}")).is_empty());
    let contact = if with_contact { lire_contact(&mut form, "contact_") } else { None };
    let mut voisines = Vec::new();
    if let Some(fiche) = fiche.filter(|_| form.is_valid()) {
        let autre = form.get("autre") == "oui";
        match actions::creer(&annuaire.site, actor, Nouvelle { fiche, contact, autre }).await {
            Ok(id) => return Ok(see_other_saying(&adresse(id), "La structure est inscrite.")),
            Err(Failure::Duplicates(found)) => {
                form.refuse(
                    "autre",
                    "Cette structure est peut-être déjà dans l’annuaire : comparez, puis choisissez.",
                );
                voisines = found;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    let page = PageNouvelle { shell, form, communes, recherche: None, voisines };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[derive(Template)]
#[template(path = "structures/pages/modifier.html")]
struct PageModifier {
    shell: Shell,
    id: StructureId,
    nom: String,
    form: FormState,
    communes: Vec<(String, String)>,
    /// What somebody else saved meanwhile, against what was typed here.
    conflit: Option<Conflit>,
}

/// What stands in the way of what was typed.
struct Conflit {
    /// The present sheet against the typed one.
    ecarts: Vec<Ecart>,
    /// The structure was closed meanwhile.
    fermee: bool,
}

pub(super) async fn modification(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let id = StructureId(id);
    match lecture::ouvrir(&annuaire.site, shell.actor()?, Verb::ModifierStructures, id).await? {
        Trouvee::Ailleurs(kept) => Ok(Redirect::to(&format!("{}/modifier", adresse(kept))).into_response()),
        Trouvee::Ici(s) => page(&PageModifier {
            shell,
            id,
            nom: s.fiche.nom.clone(),
            form: montrer(&s.fiche, s.version),
            communes: Vec::new(),
            conflit: None,
        }),
    }
}

pub(super) async fn modifier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = StructureId(id);
    let actor = shell.actor()?;
    let Trouvee::Ici(present) = lecture::ouvrir(&annuaire.site, actor, Verb::ModifierStructures, id).await?
    else {
        return Err(merged());
    };
    let version: i64 = form.get("version").parse().unwrap_or(0);
    let Lue { fiche, communes } = lire_fiche(&mut form, &annuaire.territoires());
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut conflit = None;
    if let Some(fiche) = fiche.filter(|_| form.is_valid()) {
        match actions::modifier(&annuaire.site, actor, id, version, fiche.clone()).await {
            Ok(ecarts) => {
                let said = if ecarts.is_empty() { "Rien n’a changé." } else { "La fiche est modifiée." };
                return Ok(see_other_saying(&adresse(id), said));
            }
            Err(Failure::Stale(now)) => {
                let now: Structure = *now;
                // What was typed stays; saving again is then a choice made knowingly.
                conflit = Some(Conflit {
                    ecarts: now.fiche.ecarts(&fiche),
                    fermee: matches!(now.etat, Etat::Fermee { .. }),
                });
                form.set("version", now.version.to_string());
                status = StatusCode::CONFLICT;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    let page = PageModifier { shell, id, nom: present.fiche.nom.clone(), form, communes, conflit };
    page_with(status, &page)
}

/// What was typed for a structure that was merged meanwhile cannot be saved.
pub(super) fn merged() -> PageError {
    Refusal::conflict(
        "Cette structure vient d’être fusionnée avec une autre. Revenez en arrière pour retrouver ce que vous avez \
         écrit, et reportez-le sur l’autre fiche.",
    )
    .into()
}
