//! The messages of this context: short, plain, never a secret but the link that it is for.

use kernel::Email;
use kernel::ids::CompteId;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use crate::comptes::model::{Compte, Etat};
use crate::secrets::link::Secret;

fn message(genre: &'static Genre, to: &Email, subject: String, paragraphs: &[String]) -> Message {
    Message { genre, to: to.clone(), subject, text: paragraphs.join("\n\n") }
}

/// The kinds of message of this context.
pub fn courriels() -> Vec<&'static Genre> {
    vec![
        &INVITATION,
        &ADRESSE_CHANGEE,
        &ROLE_DONNE,
        &ROLE_PRETE,
        &MOT_DE_PASSE,
        &PREUVE_CHANGEE,
        &NOUVEL_APPAREIL,
        &VU_COMME,
    ]
}

/// Somebody who does not exist.
fn exemple(site: &Site, courriel: Email) -> Compte {
    let (cree_le, nom) = (site.clock.now(), "Camille Exemple".to_owned());
    Compte { id: CompteId(uuid::Uuid::nil()), courriel, nom, etat: Etat::Actif, cree_le, vu_le: None }
}

const ROLE_EXEMPLE: &str = "Gestion de structure (Mairie de Guéret)";
const DEMANDEUR: &str = "La personne qui a un compte";

static INVITATION: Genre = Genre {
    cle: "compte.invitation",
    nom: "Invitation, avec le lien qui ouvre le compte",
    occasion: "Une personne, ou le programme, donne un premier rôle ; ou le lien est demandé de nouveau",
    lecteur: "La personne invitée",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(invitation(site, &exemple(site, a), Some(ROLE_EXEMPLE), &Secret::new(&site.chance), 28))
    },
};

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
    message(&INVITATION, &compte.courriel, format!("Invitation à {nom}"), &p)
}

static ADRESSE_CHANGEE: Genre = Genre {
    cle: "compte.adresse_changee",
    nom: "Adresse du compte changée",
    occasion: "L’organisation d’une personne change l’adresse de son compte",
    lecteur: "L’ancienne adresse du compte",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(adresse_changee(site, &exemple(site, a))),
};

/// The address of an account changed: told to the old one.
pub(crate) fn adresse_changee(site: &Site, compte: &Compte) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &ADRESSE_CHANGEE,
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

static ROLE_DONNE: Genre = Genre {
    cle: "compte.role_donne",
    nom: "Un rôle de plus",
    occasion: "Un rôle est donné à une personne qui a déjà un compte",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(role_donne(site, &exemple(site, a), ROLE_EXEMPLE)),
};

/// A role given to somebody who already has an account.
pub(crate) fn role_donne(site: &Site, compte: &Compte, role: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &ROLE_DONNE,
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

static ROLE_PRETE: Genre = Genre {
    cle: "compte.role_prete",
    nom: "Un rôle prêté",
    occasion: "Une personne prête son rôle à une autre",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let fin = kernel::calendrier::jour(&(site.clock.now() + chrono::TimeDelta::days(14)));
        Some(role_prete(site, &exemple(site, a), "Dominique Exemple", ROLE_EXEMPLE, fin))
    },
};

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
        &ROLE_PRETE,
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

static MOT_DE_PASSE: Genre = Genre {
    cle: "compte.mot_de_passe",
    nom: "Lien pour choisir un nouveau mot de passe",
    occasion: "La personne dit qu’elle a oublié son mot de passe",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(mot_de_passe(site, &exemple(site, a), &Secret::new(&site.chance))),
};

/// A link to choose another password.
pub(crate) fn mot_de_passe(site: &Site, compte: &Compte, secret: &Secret) -> Message {
    let nom = &site.config.marque.nom;
    message(&MOT_DE_PASSE, &compte.courriel,
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

static PREUVE_CHANGEE: Genre = Genre {
    cle: "compte.preuve_changee",
    nom: "Un moyen de connexion a changé",
    occasion: "Un mot de passe, une application de codes ou une clé d’accès est ajouté ou retiré",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(preuve_changee(site, &exemple(site, a), "Une clé d’accès a été ajoutée")),
};

/// A proof of identity changed.
pub(crate) fn preuve_changee(site: &Site, compte: &Compte, quoi: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(&PREUVE_CHANGEE, &compte.courriel,
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

static NOUVEL_APPAREIL: Genre = Genre {
    cle: "compte.nouvel_appareil",
    nom: "Connexion depuis un nouvel appareil",
    occasion: "Le compte s’ouvre depuis un appareil inconnu",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(nouvel_appareil(site, &exemple(site, a), "Firefox sur Linux")),
};

/// A sign-in from a device not seen before.
pub(crate) fn nouvel_appareil(site: &Site, compte: &Compte, appareil: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(
        &NOUVEL_APPAREIL,
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

static VU_COMME: Genre = Genre {
    cle: "compte.vu_comme",
    nom: "L’assistance a vu le site comme vous",
    occasion: "Une personne de l’administration ouvre le site tel qu’une autre le voit",
    lecteur: "La personne dont les pages ont été vues",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let par = Compte { nom: "Dominique Exemple".to_owned(), ..exemple(site, a.clone()) };
        Some(vu_comme(site, &exemple(site, a), &par, "Aider à saisir un contrat"))
    },
};

/// Somebody of the support looks at the site as this person.
pub(crate) fn vu_comme(site: &Site, compte: &Compte, par: &Compte, motif: &str) -> Message {
    let nom = &site.config.marque.nom;
    message(&VU_COMME, &compte.courriel,
        format!("{nom} : une personne a vu le site comme vous"),
        &[
            "Bonjour,".to_owned(),
            format!("{} a ouvert le site tel que vous le voyez, pour cette raison : « {motif} ».", par.nom),
            "Cette personne peut lire vos pages, mais rien modifier. La liste de ces vues est sur votre compte :".to_owned(),
            site.url("/compte"),
        ],
    )
}
