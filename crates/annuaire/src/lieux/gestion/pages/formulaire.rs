//! Entering a lieu, and changing its sheet.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Verb;
use kernel::ids::{LieuId, StructureId};
use platform::web::{FormState, Formulaire, PageResult, Requete, Shell, page, page_with, see_other_saying};

use super::saisie::{lire, montrer, options, situer};
use super::{BASE, adresse, lisible, titre};
use crate::Annuaire;
use crate::lieux::Lieu;
use crate::lieux::gestion::actions::{self, Failure, Nouveau};
use crate::lieux::gestion::{Gere, lecture, rules, saisie};
use crate::lieux::model::ChampChange;
use crate::lieux::standard::Champ;
use crate::structures::Ids;

#[derive(Template)]
#[template(path = "lieux/gestion/pages/nouveau.html")]
struct PageNouveau {
    shell: Shell,
    form: FormState,
    communes: Vec<(String, String)>,
    structures: Vec<(String, String)>,
    ressemblants: Vec<Lieu>,
}

/// The structures that the actor may choose from without searching: those that it keeps.
async fn structures(annuaire: &Annuaire, shell: &Shell) -> Result<Vec<(String, String)>, Failure> {
    let kernel::Perimetre::Structures(ids) = &shell.actor().map_err(|_| kernel::Refusal::NotFound)?.perimetre
    else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    for id in ids.iter().take(200) {
        if let Some(vue) = crate::structures::find(annuaire.site.db.read(), *id).await? {
            out.push((vue.id.to_string(), format!("{}, {}", vue.nom, vue.commune.nom)));
        }
    }
    Ok(out)
}

pub(super) async fn nouveau(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Requete(query): Requete,
) -> PageResult {
    rules::may_creer(shell.actor()?)?;
    let mut form = FormState::default();
    form.set("structure", query.get("structure"));
    form.set(Champ::DateMaj.nom(), kernel::calendrier::jour(&annuaire.site.clock.now()).to_string());
    let structures = structures(&annuaire, &shell).await?;
    page(&PageNouveau { shell, form, communes: Vec::new(), structures, ressemblants: Vec::new() })
}

pub(super) async fn creer(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    rules::may_creer(actor)?;
    let mut valeurs = lire(&form);
    let communes = situer(&mut form, &mut valeurs, &annuaire.territoires());
    let mut ressemblants = Vec::new();
    if form.is_valid() {
        let structure = form.get("structure").parse::<StructureId>().ok();
        let nouveau = Nouveau { valeurs, structure, autre: form.get("autre") == "oui", cle: None };
        match actions::creer(&annuaire, actor, nouveau).await {
            Ok(id) => {
                let dit = "Le lieu est inscrit. Ajoutez ses horaires et ce qui manque.";
                return Ok(see_other_saying(&adresse(id), dit));
            }
            Err(Failure::Ressemblants(trouves)) => {
                form.refuse(
                    "autre",
                    "Ce lieu est peut-être déjà dans l’annuaire : comparez, puis choisissez.",
                );
                ressemblants = trouves;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    let structures = structures(&annuaire, &shell).await?;
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &PageNouveau { shell, form, communes, structures, ressemblants },
    )
}

#[derive(Template)]
#[template(path = "lieux/gestion/pages/modifier.html")]
struct PageModifier {
    shell: Shell,
    id: LieuId,
    nom: String,
    identifiant: String,
    form: FormState,
    communes: Vec<(String, String)>,
    /// What somebody else saved meanwhile, against what was typed here.
    conflit: Option<Vec<ChampChange>>,
}

impl PageModifier {
    fn new(shell: Shell, g: &Gere, form: FormState) -> Self {
        let fiche = &g.lieu.fiche;
        Self {
            shell,
            id: g.id(),
            nom: fiche.nom.to_string(),
            identifiant: fiche.id.to_string(),
            form,
            communes: Vec::new(),
            conflit: None,
        }
    }
}

pub(super) async fn modification(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    let g = lecture::ouvrir(&annuaire, shell.actor()?, Verb::ModifierLieux, LieuId(id)).await?;
    let mut form = montrer(&g.lieu.fiche, kernel::calendrier::jour(&annuaire.site.clock.now()));
    form.set("version", g.version.to_string());
    page(&PageModifier::new(shell, &g, form))
}

pub(super) async fn modifier(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let g = lecture::ouvrir(&annuaire, actor, Verb::ModifierLieux, LieuId(id)).await?;
    let version: i64 = form.get("version").parse().unwrap_or(0);
    let t = annuaire.territoires();
    let mut valeurs = lire(&form);
    valeurs.remove(&Champ::Id);
    valeurs.remove(&Champ::Horaires);
    let situe = |c: Champ| valeurs.get(&c).is_some_and(|v| *v == g.lieu.fiche.valeur(c));
    // A commune that nobody touched needs no choice.
    let communes = if situe(Champ::Commune) && situe(Champ::CodePostal) && situe(Champ::CodeInsee) {
        Vec::new()
    } else {
        situer(&mut form, &mut valeurs, &t)
    };
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut conflit = None;
    if form.is_valid() {
        match actions::modifier(&annuaire, actor, g.id(), version, valeurs.clone(), "Modification").await {
            Ok(ecarts) => {
                let dit = match ecarts.as_slice() {
                    [] => "Rien n’a changé.".to_owned(),
                    [un] if un.champ == Champ::DateMaj.nom() => {
                        "Rien n’a changé, et la fiche est maintenant à jour de ce jour.".to_owned()
                    }
                    plusieurs => format!("La fiche est modifiée : {}.", enumere(plusieurs)),
                };
                return Ok(see_other_saying(&adresse(g.id()), &dit));
            }
            Err(Failure::Stale(now)) => {
                // What was typed stays; saving again is then a choice made knowingly.
                let aujourdhui = kernel::calendrier::jour(&annuaire.site.clock.now());
                conflit = Some(match saisie::lit(&now.lieu.fiche, &valeurs, t.as_ref(), aujourdhui) {
                    Ok(lue) => saisie::ecarts(&now.lieu.fiche, &lue.fiche),
                    Err(_) => Vec::new(),
                });
                form.set("version", now.version.to_string());
                status = StatusCode::CONFLICT;
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    let page = PageModifier { communes, conflit, ..PageModifier::new(shell, &g, form) };
    page_with(status, &page)
}

/// The fields that changed, in words, the day of update apart.
fn enumere(ecarts: &[ChampChange]) -> String {
    let noms: Vec<String> = ecarts
        .iter()
        .filter(|e| e.champ != Champ::DateMaj.nom())
        .map(|e| Champ::de_nom(&e.champ).map_or(e.champ.clone(), |c| c.titre().to_owned()))
        .collect();
    match noms.len() {
        0..=5 => noms.join(", "),
        n => format!("{n} champs"),
    }
}
