//! Pages of demandes: the public form, the space of a structure, the sheet of a demande.

pub(crate) mod espace;
mod public;
mod saisie;
mod suivi;

use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;
use crate::ids::DemandeId;

const DEPOSER: Access = Access::May(Verb::DeposerDemandes);

/// Where demandes are followed.
pub(crate) const BASE: &str = "/conseillers/demandes";
/// Where anybody asks for posts.
const PUBLIC: &str = "/demande-de-postes";

/// Address of a demande's page.
pub(crate) fn adresse(id: DemandeId) -> String {
    format!("{BASE}/{id}")
}

/// Pages of who asks; the queue and the sheet are those of [`crate::selection`].
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    let public = |rest: &str| format!("{PUBLIC}{rest}");
    Routes::new()
        .get(PUBLIC, Access::Public, public::accueil)
        .post(PUBLIC, Access::Public, public::commencer)
        .get(&public("/{jeton}"), Access::Public, public::formulaire)
        .post(&public("/{jeton}"), Access::Public, public::enregistrer)
        .post(&public("/{jeton}/renvoyer"), Access::Public, public::renvoyer)
        .get(&public("/confirmer/{lien}"), Access::Public, public::confirmation)
        .post(&public("/confirmer/{lien}"), Access::Public, public::confirmer)
        .get(&public("/suivi/{lien}"), Access::Public, suivi::suivre)
        .post(&public("/suivi/{lien}/annuler"), Access::Public, suivi::annuler)
        .post_file(&public("/suivi/{lien}/reponse"), Access::Public, suivi::CORPS_MAX, suivi::repondre)
        .post_file(&at("/{demande}/reponse"), DEPOSER, suivi::CORPS_MAX, suivi::repondre_de_l_espace)
        .get(&at("/nouvelle"), DEPOSER, espace::nouvelle)
        .post(&at("/nouvelle"), DEPOSER, espace::demander)
        .post(&at("/{demande}/annuler"), DEPOSER, espace::annuler)
        .with_state(c)
}
