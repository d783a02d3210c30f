//! Messages of a consent by e-mail.

use identity::secrets::link::Secret;
use kernel::Email;
use platform::Site;
use platform::mail::Message;

fn message(site: &Site, a: &Email, sujet: &str, paragraphes: &[String]) -> Message {
    let nom = &site.config.marque.nom;
    Message { to: a.clone(), subject: format!("{nom} : {sujet}"), text: paragraphes.join("\n\n") }
}

/// What the mandat would allow.
pub(super) fn offre(site: &Site, a: &Email, offre: &str) -> Message {
    let paragraphes = [
        "Bonjour,".to_owned(),
        offre.replace(" Répondez STOP pour ne plus rien recevoir.", ""),
        "Lisez-le tranquillement : rien n’est fait tant que vous n’avez pas donné votre accord.".to_owned(),
    ];
    message(site, a, "ce que permettrait votre mandat", &paragraphes)
}

/// Whether they agree.
pub(super) fn question(site: &Site, a: &Email, question: &str, lien: &Secret) -> Message {
    let paragraphes = [
        "Bonjour,".to_owned(),
        question.replace(" Répondez OUI ou NON.", ""),
        "Pour accepter ou refuser, ouvrez cette page et appuyez sur un des deux boutons :".to_owned(),
        site.url(&format!("/accord/{}", lien.expose())),
        "Ouvrir la page n’engage à rien. Le lien sert une fois, pendant 24 heures au plus.".to_owned(),
        "Si vous n’attendiez pas ce message, refusez, ou n’en tenez pas compte : rien ne sera fait en votre nom.".to_owned(),
    ];
    message(site, a, "acceptez-vous ce mandat ?", &paragraphes)
}
