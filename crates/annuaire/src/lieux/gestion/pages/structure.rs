//! To which structure a lieu belongs: found by words, then chosen.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Verb;
use kernel::ids::{LieuId, StructureId};
use platform::web::{FormState, Formulaire, PageResult, Requete, Shell, page, page_with, see_other_saying};

use super::{BASE, adresse};
use crate::Annuaire;
use crate::lieux::gestion::actions::{self, Failure};
use crate::lieux::gestion::{Gere, lecture, rules};
use crate::structures::{Ids, StructureVue};

/// Structures that one search shows.
const TROUVEES: usize = 20;

#[derive(Template)]
#[template(path = "lieux/gestion/pages/structure.html")]
struct Page {
    shell: Shell,
    id: LieuId,
    nom: String,
    actuelle: Option<StructureVue>,
    cherche: bool,
    trouvees: Vec<StructureVue>,
    form: FormState,
}

async fn compose(annuaire: &Annuaire, shell: Shell, g: &Gere, form: FormState) -> Result<Page, Failure> {
    let conn = annuaire.site.db.read();
    let actuelle = match g.structure {
        Some(s) => crate::structures::find(conn, s).await?,
        None => None,
    };
    // Without words, the name that the sheet gives, or the structures of who looks.
    let mots = form.get("q").to_owned();
    let acteur = shell.viewer.as_ref().map(|v| v.actor.clone()).ok_or(kernel::Refusal::NotFound)?;
    let propres = matches!(acteur.perimetre, kernel::Perimetre::Structures(_));
    let cherche = !mots.is_empty() || propres;
    let trouvees =
        if cherche { crate::structures::search(conn, &acteur, &mots, TROUVEES).await? } else { Vec::new() };
    Ok(Page { id: g.id(), nom: g.lieu.fiche.nom.to_string(), shell, actuelle, cherche, trouvees, form })
}

pub(super) async fn choix(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(mut form): Requete,
) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    rules::may_rattacher(actor, &g)?;
    if form.values().is_empty() {
        form.set("q", g.lieu.fiche.structure_parente.to_string());
    }
    page(&compose(&annuaire, shell, &g, form).await?)
}

pub(super) async fn rattacher(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    let typed = form.get("structure").to_owned();
    let structure = match typed.as_str() {
        "aucune" => None,
        autre => match autre.parse::<StructureId>() {
            Ok(id) => Some(id),
            Err(_) => {
                form.refuse("structure", "Choisissez une structure dans la liste.");
                None
            }
        },
    };
    if form.is_valid() {
        match actions::rattacher(&annuaire, actor, g.id(), structure).await {
            Ok(()) => {
                let dit = if structure.is_some() {
                    "Le lieu est lié à cette structure."
                } else {
                    "Le lieu n’est plus lié à une structure."
                };
                return Ok(see_other_saying(&adresse(g.id()), dit));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &compose(&annuaire, shell, &g, form).await?)
}

fn choix_de(trouvees: &[StructureVue]) -> Vec<(String, String)> {
    trouvees.iter().map(|s| (s.id.to_string(), format!("{}, {}", s.nom, s.adresse))).collect()
}
