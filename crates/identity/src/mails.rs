//! The messages of this context: short, plain, never a secret but the link that it is for.

use kernel::Email;
use platform::Site;
use platform::mail::Message;

use crate::comptes::model::Compte;
use crate::secrets::link::Secret;

fn message(to: &Email, subject: String, paragraphs: &[String]) -> Message {
    Message { to: to.clone(), subject, text: paragraphs.join("\n\n") }
}

/// An invitation.
pub(crate) fn invitation(
    site: &Site,
    compte: &Compte,
    role: Option<&str>,
    secret: &Secret,
    jours: i64,
) -> Message {
    let nom = &site.config.marque.nom;
    let mut p = vec!["Bonjour,".to_owned()];
    p.push(match role {
        Some(role) => format!("Vous êtes invité à utiliser {nom}, avec ce rôle : {role}."),
        None => format!("Vous êtes invité à utiliser {nom}."),
    });
    p.push("Ouvrez cette page pour choisir comment vous connecter :".to_owned());
    p.push(site.url(&format!("/invitation/{}", secret.expose())));
    p.push(format!("Le lien sert une seule fois, pendant {jours} jours. Ne le transmettez à personne."));
    p.push("Si vous n’attendiez pas ce message, ignorez-le : rien ne se passera.".to_owned());
    message(&compte.courriel, format!("Invitation à {nom}"), &p)
}

/// The address of an account changed: told to the old one.
pub(crate) fn adresse_changee(site: &Site, compte: &Compte) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : l’adresse de votre compte a changé"),
        &[
            "Bonjour,".to_owned(),
            "À la demande de votre organisation, votre compte utilise maintenant une autre adresse électronique. Connectez-vous \
             avec la nouvelle."
                .to_owned(),
            "Si ce n’est pas prévu, prévenez votre référent, ou répondez à ce message.".to_owned(),
        ],
    )
}

/// A role given to somebody who already has an account.
pub(crate) fn role_donne(site: &Site, compte: &Compte, role: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : vous avez un nouveau rôle"),
        &[
            "Bonjour,".to_owned(),
            format!("Vous avez maintenant ce rôle : {role}."),
            "À votre prochaine connexion, choisissez-le en haut de la page.".to_owned(),
            site.url("/connexion"),
        ],
    )
}

/// A role lent to somebody who already has an account.
pub(crate) fn role_prete(
    site: &Site,
    compte: &Compte,
    par: &str,
    role: &str,
    fin: chrono::NaiveDate,
) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : un rôle vous est prêté"),
        &[
            "Bonjour,".to_owned(),
            format!(
                "{par} vous prête ce rôle jusqu’au {} : {role}.",
                kernel::calendrier::jour_en_lettres(fin)
            ),
            "À votre prochaine connexion, choisissez-le en haut de la page.".to_owned(),
            site.url("/connexion"),
        ],
    )
}

/// A link to choose another password.
pub(crate) fn mot_de_passe(site: &Site, compte: &Compte, secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : choisir un nouveau mot de passe"),
        &[
            "Bonjour,".to_owned(),
            "Ouvrez cette page pour choisir un nouveau mot de passe :".to_owned(),
            site.url(&format!("/mot-de-passe/{}", secret.expose())),
            "Le lien sert une seule fois, pendant une heure. Le code de votre application vous sera toujours demandé."
                .to_owned(),
            "Si vous n’avez rien demandé, ignorez ce message : votre mot de passe ne change pas.".to_owned(),
        ],
    )
}

/// A proof of identity changed.
pub(crate) fn preuve_changee(site: &Site, compte: &Compte, quoi: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : vos moyens de connexion ont changé"),
        &[
            "Bonjour,".to_owned(),
            format!("{quoi} sur votre compte."),
            "Si ce n’est pas vous, choisissez tout de suite un nouveau mot de passe et prévenez la personne qui vous a invité :"
                .to_owned(),
            site.url("/mot-de-passe-oublie"),
        ],
    )
}

/// A sign-in from a device not seen before.
pub(crate) fn nouvel_appareil(site: &Site, compte: &Compte, appareil: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : connexion depuis un nouvel appareil"),
        &[
            "Bonjour,".to_owned(),
            format!(
                "Votre compte vient d’être ouvert depuis un appareil que nous ne connaissions pas : {appareil}."
            ),
            "Si c’est vous, il n’y a rien à faire. Sinon, fermez cette session et changez de mot de passe :"
                .to_owned(),
            site.url("/compte"),
        ],
    )
}

/// Somebody of the support looks at the site as this person.
pub(crate) fn vu_comme(site: &Site, compte: &Compte, par: &Compte, motif: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &compte.courriel,
        format!("{nom} : une personne a vu le site comme vous"),
        &[
            "Bonjour,".to_owned(),
            format!("{} a ouvert le site tel que vous le voyez, pour cette raison : « {motif} ».", par.nom),
            "Cette personne peut lire vos pages, mais rien modifier. La liste de ces vues est sur votre compte :".to_owned(),
            site.url("/compte"),
        ],
    )
}
