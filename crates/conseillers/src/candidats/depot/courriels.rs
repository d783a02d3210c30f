//! Messages to people who apply.

use identity::secrets::link::Secret;
use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use super::super::model::Candidat;
use crate::exemples;

fn message(genre: &'static Genre, a: &Email, sujet: String, paragraphes: &[String]) -> Message {
    Message { genre, to: a.clone(), subject: sujet, text: paragraphes.join("\n\n") }
}

pub(in crate::candidats) static CONFIRMER: Genre = Genre {
    cle: "candidature.confirmer",
    nom: "Confirmez votre candidature",
    occasion: "Une candidature est déposée, ou son lien demandé de nouveau",
    lecteur: "La personne qui a déposé la candidature",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(confirmer(site, &exemples::candidat(site, a)?, &Secret::new(&site.chance))),
};

/// The link that proves the address.
pub(super) fn confirmer(site: &Site, c: &Candidat, secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &CONFIRMER,
        &c.fiche.courriel,
        format!("{nom} : confirmez votre candidature"),
        &[
            format!("Bonjour {},", c.fiche.prenom),
            format!("Votre candidature de conseiller numérique est enregistrée sous la référence {}.", c.reference()),
            "Elle ne sera visible des structures qu’après votre confirmation. Ouvrez cette page et confirmez :".to_owned(),
            site.url(&format!("/candidature/confirmer/{}", secret.expose())),
            "Le lien sert pendant 180 jours.".to_owned(),
            "Si vous n’avez pas déposé de candidature, ignorez ce message : personne ne la verra, et elle sera effacée."
                .to_owned(),
        ],
    )
}

pub(in crate::candidats) static DEJA_LA: Genre = Genre {
    cle: "candidature.deja_la",
    nom: "Vous avez déjà une candidature",
    occasion: "Une candidature est déposée avec une adresse qui en a déjà une",
    lecteur: "La personne qui a la candidature",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(deja_la(site, &exemples::candidat(site, a)?)),
};

/// Somebody applied again, or asked for the link again, with an address that has an application.
pub(super) fn deja_la(site: &Site, c: &Candidat) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &DEJA_LA,
        &c.fiche.courriel,
        format!("{nom} : vous avez déjà une candidature"),
        &[
            format!("Bonjour {},", c.fiche.prenom),
            format!(
                "Quelqu’un, sans doute vous, vient de déposer une candidature avec cette adresse. Vous en avez déjà une, {}, \
                 et elle est confirmée : rien n’a changé.",
                c.reference()
            ),
            "Pour la lire ou la modifier, connectez-vous :".to_owned(),
            site.url("/mon-espace"),
            "Si vous ne savez plus comment vous connecter, demandez un nouveau mot de passe sur la page de connexion."
                .to_owned(),
        ],
    )
}

pub(in crate::candidats) static BROUILLON: Genre = Genre {
    cle: "candidature.brouillon",
    nom: "Lien pour reprendre un brouillon de candidature",
    occasion: "La personne demande à garder son brouillon",
    lecteur: "La personne qui écrit",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(brouillon(site, &a, &Secret::new(&site.chance))),
};

/// The link of a draft.
pub(super) fn brouillon(site: &Site, a: &Email, secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &BROUILLON,
        a,
        format!("{nom} : reprendre votre candidature"),
        &[
            "Bonjour,".to_owned(),
            "Vous avez gardé un brouillon de candidature. Pour le reprendre, ouvrez cette page :".to_owned(),
            site.url(&format!("/candidature/reprendre/{}", secret.expose())),
            "Le brouillon se garde un mois. Ne transmettez ce lien à personne : il montre ce que vous avez écrit."
                .to_owned(),
            "Si vous n’avez rien demandé, ignorez ce message.".to_owned(),
        ],
    )
}
