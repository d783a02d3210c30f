//! Messages of a consent by e-mail.

use identity::secrets::link::Secret;
use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&OFFRE, &QUESTION];

static OFFRE: Genre = Genre {
    cle: "consentement.offre",
    nom: "Ce que permettrait le mandat",
    occasion: "Un aidant prépare un mandat à distance, l’accord est demandé par courriel",
    lecteur: "La personne accompagnée",
    portee: Portee::Necessaire,
    arret: Some("Plus rien dès que la personne le demande par le lien du message."),
    apercu: |site, a| {
        let texte =
            "La Mairie d’Exemple pourrait faire avec vous, pendant un mois : Logement ; Social – Santé.";
        Some(offre(site, &a, texte))
    },
};

static QUESTION: Genre = Genre {
    cle: "consentement.question",
    nom: "Acceptez-vous ce mandat ?",
    occasion: "Aussitôt après le courriel qui dit ce que permettrait le mandat",
    lecteur: "La personne accompagnée",
    portee: Portee::Necessaire,
    arret: Some(
        "Plus rien dès que la personne a répondu, ou après 24 heures ; ni dès qu’elle le demande par le lien du message.",
    ),
    apercu: |site, a| {
        let texte = "Acceptez-vous que la Mairie d’Exemple fasse ces démarches en votre nom ?";
        Some(question(site, &a, texte, &Secret::new(&site.chance)))
    },
};

fn message(genre: &'static Genre, site: &Site, a: &Email, sujet: &str, paragraphes: &[String]) -> Message {
    let nom = &site.config.marque.nom;
    Message { genre, to: a.clone(), subject: format!("{nom} : {sujet}"), text: paragraphes.join("\n\n") }
}

/// What the mandat would allow.
pub(super) fn offre(site: &Site, a: &Email, offre: &str) -> Message {
    let paragraphes = [
        "Bonjour,".to_owned(),
        offre.to_owned(),
        "Lisez-le tranquillement : rien n’est fait tant que vous n’avez pas donné votre accord.".to_owned(),
    ];
    message(&OFFRE, site, a, "ce que permettrait votre mandat", &paragraphes)
}

/// Whether they agree.
pub(super) fn question(site: &Site, a: &Email, question: &str, lien: &Secret) -> Message {
    let paragraphes = [
        "Bonjour,".to_owned(),
        question.to_owned(),
        "Pour accepter ou refuser, ouvrez cette page et appuyez sur un des deux boutons :".to_owned(),
        site.url(&format!("/accord/{}", lien.expose())),
        "Ouvrir la page n’engage à rien. Le lien sert une fois, pendant 24 heures au plus.".to_owned(),
        "Si vous n’attendiez pas ce message, refusez, ou n’en tenez pas compte : rien ne sera fait en votre nom.".to_owned(),
    ];
    message(&QUESTION, site, a, "acceptez-vous ce mandat ?", &paragraphes)
}
