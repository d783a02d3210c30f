//! Pages of structures: thin handlers over [`super::actions`] and [`super::lecture`].

mod contacts;
mod doublons;
mod export;
mod fiche;
mod formulaire;
mod liste;
pub mod saisie;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kernel::Verb;
use platform::web::{Access, PageError, Routes, Shell};

use super::model::StructureId;
use crate::Annuaire;

const VOIR: Access = Access::May(Verb::VoirStructures);
const MODIFIER: Access = Access::May(Verb::ModifierStructures);
const FUSIONNER: Access = Access::May(Verb::FusionnerStructures);

/// Where the slice lives.
pub(super) const BASE: &str = "/gestion/structures";

/// Every page of the slice, with its access.
pub(super) fn routes(annuaire: Annuaire) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, VOIR, liste::liste)
        .export(BASE, VOIR, export::exporter)
        .get(&at("/nouvelle"), MODIFIER, formulaire::nouvelle)
        .post(&at("/nouvelle"), MODIFIER, formulaire::creer)
        .get(&at("/doublons"), FUSIONNER, doublons::liste)
        .get(&at("/doublons/{gardee}/{absorbee}"), FUSIONNER, doublons::comparer)
        .post(&at("/doublons/{gardee}/{absorbee}"), FUSIONNER, doublons::fusionner)
        .post(&at("/doublons/{gardee}/{absorbee}/distinctes"), FUSIONNER, doublons::distinguer)
        .post(&at("/fusions/{fusion}/annuler"), FUSIONNER, doublons::defusionner)
        .get(&at("/{structure}"), VOIR, fiche::fiche)
        .get(&at("/{structure}/historique"), VOIR, fiche::historique)
        .get(&at("/{structure}/modifier"), MODIFIER, formulaire::modification)
        .post(&at("/{structure}/modifier"), MODIFIER, formulaire::modifier)
        .get(&at("/{structure}/fermer"), MODIFIER, fiche::fermeture)
        .post(&at("/{structure}/fermer"), MODIFIER, fiche::fermer)
        .post(&at("/{structure}/rouvrir"), MODIFIER, fiche::rouvrir)
        .get(&at("/{structure}/contacts/nouveau"), MODIFIER, contacts::nouveau)
        .post(&at("/{structure}/contacts/nouveau"), MODIFIER, contacts::ajouter)
        .get(&at("/{structure}/contacts/{contact}/modifier"), MODIFIER, contacts::modification)
        .post(&at("/{structure}/contacts/{contact}/modifier"), MODIFIER, contacts::modifier)
        .post(&at("/{structure}/contacts/{contact}/retirer"), MODIFIER, contacts::retirer)
        .with_state(annuaire)
}

/// Address of a structure's page.
pub(super) fn adresse(id: StructureId) -> String {
    format!("{BASE}/{id}")
}

/// The identifiers of the path, in order; what is none leads to the page of things that do not exist.
#[derive(Debug)]
pub struct Ids<const N: usize>(pub [uuid::Uuid; N]);

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Ids<N> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| PageError::not_found())?;
        let ids: Vec<uuid::Uuid> = params.iter().filter_map(|(_, v)| v.parse().ok()).collect();
        ids.try_into().map(Self).map_err(|_| PageError::not_found())
    }
}

/// Whether a button is worth showing; the action decides for itself.
fn peut_modifier(shell: &Shell) -> bool {
    shell.may(Verb::ModifierStructures)
}
