//! Pages of the opinion and of the decision.

mod actes;
mod avis;
mod classeur;
mod export;
mod fiche;
mod file;
mod seances;

pub(crate) use fiche::montrer as montrer_fiche;
use kernel::Verb;
use platform::web::{Access, Routes};

use crate::Conseillers;
use crate::demandes::BASE;

const VOIR: Access = Access::May(Verb::VoirDemandes);
const AVIS: Access = Access::May(Verb::DonnerAvis);
const DECIDER: Access = Access::May(Verb::DeciderDemandes);

/// Where the committee sits.
pub(crate) const SEANCES: &str = "/conseillers/seances";
/// Where enveloppes are set.
const ENVELOPPES: &str = "/conseillers/enveloppes";

/// Every page of the room, with its access.
pub(crate) fn routes(c: Conseillers) -> Routes<()> {
    let at = |rest: &str| format!("{BASE}{rest}");
    let seance = |rest: &str| format!("{SEANCES}/{{seance}}{rest}");
    Routes::new()
        .get(BASE, VOIR, file::file)
        .post(&at("/avis"), AVIS, file::avis_groupe)
        .get(&at("/export.xlsx"), VOIR, classeur::telecharger)
        .export(&at("/toutes"), VOIR, export::exporter)
        .get(&at("/classeur"), AVIS, classeur::avis)
        .post_file(
            &at("/classeur"),
            AVIS,
            crate::selection::classeur::LIMITES.octets() + 65_536,
            classeur::avis_recus,
        )
        .get(&at("/liste"), AVIS, classeur::liste)
        .post_file(
            &at("/liste"),
            AVIS,
            crate::selection::classeur::LIMITES.octets() + 65_536,
            classeur::liste_recue,
        )
        .get(&at("/calendrier"), DECIDER, file::calendrier)
        .post(&at("/calendrier"), DECIDER, file::fixer)
        .get(&at("/{demande}"), VOIR, fiche::fiche)
        .post(&at("/{demande}/avis"), AVIS, avis::donner)
        .post_file(
            &at("/{demande}/fichiers"),
            AVIS,
            crate::selection::avis::PIECE_MAX + 65_536,
            avis::joindre,
        )
        .get(&at("/{demande}/fichiers/{piece}"), VOIR, avis::fichier)
        .get(&at("/{demande}/lettre"), VOIR, actes::lettre)
        .get(&at("/{demande}/lettre.pdf"), VOIR, actes::lettre_pdf)
        .post(&at("/{demande}/confirmer"), AVIS, avis::confirmer)
        .post(&at("/{demande}/doublon"), AVIS, avis::doublon)
        .post(&at("/{demande}/ecarter"), AVIS, avis::ecarter)
        .get(ENVELOPPES, DECIDER, seances::enveloppes)
        .post(ENVELOPPES, DECIDER, seances::fixer)
        .get(SEANCES, DECIDER, seances::liste)
        .post(SEANCES, DECIDER, seances::creer)
        .get(&seance(""), DECIDER, seances::seance)
        .post(&seance("/demandes"), DECIDER, seances::inscrire)
        .post(&seance("/demandes/{demande}/retirer"), DECIDER, seances::retirer)
        .post(&seance("/figer"), DECIDER, seances::figer)
        .post(&seance("/decisions"), DECIDER, seances::decider)
        .post(&seance("/decisions/{demande}/annuler"), DECIDER, seances::annuler)
        .post(&seance("/clore"), DECIDER, seances::clore)
        .get(&seance("/ordre-du-jour.pdf"), DECIDER, actes::ordre_du_jour)
        .get(&seance("/proces-verbal"), DECIDER, actes::proces_verbal)
        .get(&seance("/proces-verbal.pdf"), DECIDER, actes::proces_verbal_pdf)
        .get(&seance("/lettres"), DECIDER, actes::les_lettres)
        .post(&seance("/lettres"), DECIDER, actes::preparer_les_lettres)
        .with_state(c)
}
