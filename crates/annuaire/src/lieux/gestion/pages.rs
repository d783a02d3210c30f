//! Pages for those who keep lieux up to date, and the page of a reminder's link.

mod etat;
mod fiche;
mod formulaire;
mod horaires;
mod lien;
mod liste;
mod saisie;
mod structure;

use kernel::Verb;
use kernel::ids::LieuId;
use platform::web::{Access, Routes};

use crate::Annuaire;
use crate::lieux::standard::Champ;

const VOIR: Access = Access::May(Verb::VoirLieux);
const MODIFIER: Access = Access::May(Verb::ModifierLieux);

/// Where the slice lives.
pub(super) const BASE: &str = "/gestion/lieux";

/// Every page of the slice, with its access.
pub(crate) fn routes(annuaire: Annuaire) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    Routes::new()
        .get(BASE, VOIR, liste::liste)
        .get(&at("/nouveau"), MODIFIER, formulaire::nouveau)
        .post(&at("/nouveau"), MODIFIER, formulaire::creer)
        .get(&at("/{lieu}"), VOIR, fiche::fiche)
        .get(&at("/{lieu}/historique"), VOIR, fiche::historique)
        .get(&at("/{lieu}/modifier"), MODIFIER, formulaire::modification)
        .post(&at("/{lieu}/modifier"), MODIFIER, formulaire::modifier)
        .get(&at("/{lieu}/horaires"), MODIFIER, horaires::saisie)
        .post(&at("/{lieu}/horaires"), MODIFIER, horaires::enregistrer)
        .get(&at("/{lieu}/fermer"), MODIFIER, etat::fermeture)
        .post(&at("/{lieu}/fermer"), MODIFIER, etat::fermer)
        .post(&at("/{lieu}/rouvrir"), MODIFIER, etat::rouvrir)
        .post(&at("/{lieu}/confirmer"), MODIFIER, etat::confirmer)
        .post(&at("/{lieu}/rappel"), MODIFIER, etat::rappeler)
        .post(&at("/{lieu}/reprendre"), MODIFIER, etat::reprendre)
        .get(&at("/{lieu}/structure"), MODIFIER, structure::choix)
        .post(&at("/{lieu}/structure"), MODIFIER, structure::rattacher)
        .get("/lieux/confirmer/{jeton}", Access::Public, lien::page_lien)
        .post("/lieux/confirmer/{jeton}", Access::Public, lien::confirmer)
        .get("/lieux/confirmer/{jeton}/arreter", Access::Public, lien::page_arret)
        .post("/lieux/confirmer/{jeton}/arreter", Access::Public, lien::arreter)
        .with_state(annuaire)
}

/// Address of the management page of a lieu.
pub(super) fn adresse(id: LieuId) -> String {
    format!("{BASE}/{id}")
}

/// The title of a field, by its name; the name itself when it is none of the standard.
fn titre(champ: &str) -> String {
    match (Champ::de_nom(champ), champ) {
        (Some(c), _) => majuscule(c.titre()),
        (None, "structure") => "Structure".to_owned(),
        (None, autre) => autre.to_owned(),
    }
}

fn majuscule(mots: &str) -> String {
    let mut lettres = mots.chars();
    lettres.next().map_or_else(String::new, |c| c.to_uppercase().chain(lettres).collect())
}

/// A value of the standard as people read it: lists apart, typologies in words.
fn lisible(champ: &str, valeur: &str) -> String {
    if Champ::de_nom(champ) == Some(Champ::Typologie) {
        return valeur.split('|').map(crate::lieux::recherche::nom_typologie).collect::<Vec<_>>().join(", ");
    }
    if Champ::de_nom(champ) == Some(Champ::Pivot) && valeur == crate::lieux::standard::PIVOT_INCONNU {
        return String::new();
    }
    valeur.replace('|', ", ")
}
