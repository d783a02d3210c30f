//! Pages of meetings: for whoever holds them, for whoever is invited.

mod gestion;
mod presences;
mod public;
mod saisie;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Mandats;

/// Where meetings are held.
pub(super) const BASE: &str = "/gestion/reunions";
/// Where people answer and register.
pub(super) const PUBLIC: &str = "/reunions";
const ANIMER: Access = Access::May(Verb::AnimerHabilitations);

pub(crate) fn routes(m: &Mandats) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, ANIMER, gestion::liste)
        .get(&at("/nouvelle"), ANIMER, gestion::nouvelle)
        .post(&at("/nouvelle"), ANIMER, gestion::ouvrir)
        .get(&at("/{reunion}"), ANIMER, gestion::fiche)
        .export(&at("/{reunion}"), ANIMER, gestion::exporter)
        .get(&at("/{reunion}/modifier"), ANIMER, gestion::modification)
        .post(&at("/{reunion}/modifier"), ANIMER, gestion::modifier)
        .post(&at("/{reunion}/annuler"), ANIMER, gestion::annuler)
        .get(&at("/{reunion}/inviter"), ANIMER, gestion::choix)
        .post(&at("/{reunion}/inviter"), ANIMER, gestion::inviter)
        .get(&at("/{reunion}/feuille.pdf"), ANIMER, presences::feuille)
        .get(&at("/{reunion}/presences"), ANIMER, presences::presences)
        .post(&at("/{reunion}/presences"), ANIMER, presences::pointer)
        .post(&at("/{reunion}/ajouter"), ANIMER, presences::ajouter)
        .get(&format!("{PUBLIC}/reponse/{{jeton}}"), Access::Public, public::reponse)
        .post(&format!("{PUBLIC}/reponse/{{jeton}}"), Access::Public, public::repondre)
        .get(&format!("{PUBLIC}/inscription/{{code}}"), Access::Public, public::inscription)
        .post(&format!("{PUBLIC}/inscription/{{code}}"), Access::Public, public::inscrire)
        .with_state(m.clone())
}
