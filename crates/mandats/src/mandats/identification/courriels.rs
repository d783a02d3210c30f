//! What is sent to a person who is to say who they are.

use identity::secrets::link::Secret;
use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

pub(in crate::mandats) static IDENTIFICATION: Genre = Genre {
    cle: "mandat.identification",
    nom: "Le lien pour s’identifier avec FranceConnect",
    occasion: "Un aidant prépare un mandat à distance avec une personne que nous ne connaissons pas encore",
    lecteur: "La personne accompagnée",
    portee: Portee::Necessaire,
    arret: Some(
        "Cinq liens au plus en un jour vers une adresse ; plus rien dès que la personne le demande sur la page du lien.",
    ),
    apercu: |site, a| Some(message(site, &a, "Mairie d’Exemple", &Secret::new(&site.chance))),
};

/// The address of the page of a link.
pub(super) fn chemin(lien: &Secret) -> String {
    format!("/identification/{}", lien.expose())
}

/// By e-mail.
pub(super) fn message(site: &Site, a: &Email, organisation: &str, lien: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    let paragraphes = [
        "Bonjour,".to_owned(),
        format!(
            "{organisation} (Aidants Connect) prépare avec vous un mandat, pour faire des démarches en votre nom."
        ),
        "Pour dire qui vous êtes, ouvrez cette page et identifiez-vous avec FranceConnect :".to_owned(),
        site.url(&chemin(lien)),
        "S’identifier n’engage à rien : ce que permet le mandat vous sera dit ensuite, et votre accord vous sera demandé. Le \
         lien sert pendant 24 heures."
            .to_owned(),
        "Si vous n’avez rien demandé, n’en tenez pas compte. Tant que le lien sert, la même page permet de ne plus recevoir de messages.".to_owned(),
    ];
    Message {
        genre: &IDENTIFICATION,
        to: a.clone(),
        subject: format!("{nom} : dites qui vous êtes, pour votre mandat"),
        text: paragraphes.join("\n\n"),
    }
}

/// By text message.
pub(super) fn sms(site: &Site, organisation: &str, lien: &Secret) -> String {
    format!(
        "{organisation} (Aidants Connect) prépare un mandat avec vous. Pour dire qui vous êtes avec FranceConnect : {} \
         Répondez STOP pour ne plus rien recevoir.",
        site.url(&chemin(lien))
    )
}
