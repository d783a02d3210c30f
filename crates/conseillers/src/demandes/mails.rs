//! Messages about demandes: short, plain.

use kernel::Email;
use platform::Site;
use platform::mail::Message;

use super::model::Demande;

/// A message of these paragraphs.
pub(crate) fn message(to: &Email, subject: String, paragraphs: &[String]) -> Message {
    Message { to: to.clone(), subject, text: paragraphs.join("\n\n") }
}

/// « la demande DE-87 de Mairie de X (premiers postes, 2 postes) ».
pub(crate) fn laquelle(d: &Demande) -> String {
    format!(
        "la demande {} de {} ({}, {})",
        d.reference(),
        d.nom,
        d.objet.genre().nom().to_lowercase(),
        kernel::text::compte(u64::from(d.objet.postes()), "poste", "postes")
    )
}

/// The link that proves the address of who files.
pub(super) fn prouver(site: &Site, to: &Email, structure: &str, lien: &str, jours: i64) -> Message {
    message(
        to,
        "Confirmez votre demande de conseillers numériques".to_owned(),
        &[
            "Bonjour,".to_owned(),
            format!(
                "Une demande de postes de conseiller numérique a été préparée pour {structure}, avec votre adresse."
            ),
            "Ouvrez cette page pour la déposer :".to_owned(),
            site.url(&format!("/demande-de-postes/confirmer/{lien}")),
            format!("Le lien sert une seule fois, pendant {jours} jours."),
            "Si ce n’est pas vous, ignorez ce message : rien ne sera déposé.".to_owned(),
        ],
    )
}

/// The link to the draft.
pub(super) fn brouillon(site: &Site, to: &Email, jeton: &str, jours: i64) -> Message {
    message(
        to,
        "Votre brouillon de demande de postes".to_owned(),
        &[
            "Bonjour,".to_owned(),
            "Votre brouillon est enregistré. Pour le reprendre, ouvrez cette page :".to_owned(),
            site.url(&format!("/demande-de-postes/{jeton}")),
            format!(
                "Il est gardé {jours} jours après votre dernier passage. Ne transmettez ce lien qu’à vos collègues."
            ),
        ],
    )
}

/// The demande is in.
pub(super) fn recue(site: &Site, d: &Demande) -> Message {
    message(
        &d.contact.courriel,
        format!("Demande {} : bien reçue", d.reference()),
        &[
            "Bonjour,".to_owned(),
            format!("Nous avons bien reçu {}.", laquelle(d)),
            "La préfecture de votre département donne son avis, puis le comité de sélection décide. Nous vous écrirons \
             à ce moment-là."
                .to_owned(),
            "Si votre structure a déjà un compte, sa demande se suit ici :".to_owned(),
            site.url(&super::adresse(d.id)),
        ],
    )
}

/// The demande goes no further.
pub(super) fn annulee(site: &Site, d: &Demande) -> Message {
    message(
        &d.contact.courriel,
        format!("Demande {} : annulée", d.reference()),
        &[
            "Bonjour,".to_owned(),
            format!("Nous avons annulé {}.", laquelle(d)),
            "Si c’est une erreur, déposez-en une autre ou écrivez à la préfecture de votre département :"
                .to_owned(),
            site.url("/demande-de-postes"),
        ],
    )
}
