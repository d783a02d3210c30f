//! The messages of a change of address: the new mailbox confirms, the old one is told both times.

use identity::secrets::link::Secret;
use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use super::Candidat;
use crate::exemples;

const LECTEUR: &str = "La personne qui a une candidature";

fn message(genre: &'static Genre, site: &Site, a: &Email, sujet: &str, paragraphes: &[String]) -> Message {
    let subject = format!("{} : {sujet}", site.config.marque.nom);
    Message { genre, to: a.clone(), subject, text: paragraphes.join("\n\n") }
}

pub(crate) static CONFIRMER: Genre = Genre {
    cle: "candidature.adresse_a_confirmer",
    nom: "Confirmez votre nouvelle adresse",
    occasion: "Une personne change l’adresse de sa candidature",
    lecteur: "La nouvelle adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(confirmer(site, &a, &Secret::new(&site.chance))),
};

/// To the new address: the link that confirms it.
pub(super) fn confirmer(site: &Site, a: &Email, lien: &Secret) -> Message {
    let p = [
        "Bonjour,".to_owned(),
        "Quelqu’un, sans doute vous, souhaite utiliser cette adresse pour sa candidature de conseiller numérique. Pour le \
         confirmer, ouvrez cette page :"
            .to_owned(),
        site.url(&format!("/candidature/adresse/{}", lien.expose())),
        "Le lien sert pendant deux jours. Si vous n’avez rien demandé, ignorez ce message : rien ne changera.".to_owned(),
    ];
    message(&CONFIRMER, site, a, "confirmez votre nouvelle adresse", &p)
}

pub(crate) static DEMANDEE: Genre = Genre {
    cle: "candidature.adresse_demandee",
    nom: "Changement d’adresse demandé",
    occasion: "Une personne change l’adresse de sa candidature",
    lecteur: LECTEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(demandee(site, &exemples::candidat(site, a)?)),
};

/// To the address of today: a change is asked.
pub(super) fn demandee(site: &Site, c: &Candidat) -> Message {
    let p = [
        format!("Bonjour {},", c.fiche.prenom),
        format!(
            "Un changement d’adresse est demandé pour votre candidature {}. Rien n’est changé tant qu’il n’est pas confirmé \
             depuis la nouvelle adresse.",
            c.reference()
        ),
        "Si ce n’est pas vous, connectez-vous, annulez ce changement et changez de mot de passe :".to_owned(),
        site.url("/mon-espace/adresse"),
    ];
    message(&DEMANDEE, site, &c.fiche.courriel, "changement d’adresse demandé", &p)
}

pub(crate) static CHANGEE: Genre = Genre {
    cle: "candidature.adresse_changee",
    nom: "Votre adresse a changé",
    occasion: "La nouvelle adresse est confirmée",
    lecteur: "L’ancienne adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(changee(site, &a, &exemples::candidat(site, a.clone())?)),
};

/// To the address of before.
pub(super) fn changee(site: &Site, ancienne: &Email, c: &Candidat) -> Message {
    let p = [
        format!("Bonjour {},", c.fiche.prenom),
        format!(
            "L’adresse de votre candidature {} et de votre compte vient de changer. Celle-ci ne sert plus.",
            c.reference()
        ),
        "Si ce n’est pas vous, écrivez tout de suite à l’administration du programme.".to_owned(),
    ];
    message(&CHANGEE, site, ancienne, "votre adresse a changé", &p)
}
