//! What is done to requests: one function a verb, in one transaction.

mod depot;
mod instruction;

pub(super) use depot::{
    Ouverture, annuler, commencer, confirmer, copier, deposer, garder, inscrire, inscrire_a_une_session,
    message_du_demandeur, modifier_profil, personne, retirer, sert, suivre,
};
pub(super) use instruction::{Accueil, Lettre, attribuer, decider, message_de_l_equipe, prendre_plusieurs};
