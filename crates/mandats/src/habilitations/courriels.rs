//! Messages about requests: short, plain.

use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use super::model::{Demande, Demandeur};
use super::rules::Acte;
use crate::formations::model::{EtatInscription, Session};

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&PROUVER, &ESPACE, &INCONNU, &SUIVI, &EQUIPE];

const DEMANDEUR: &str = "La personne qui demande l’habilitation de son organisation";

static PROUVER: Genre = Genre {
    cle: "habilitation.prouver",
    nom: "Confirmez votre adresse",
    occasion: "Une personne commence une demande d’habilitation",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(prouver(site, &a, "lien-d-exemple")),
};

static ESPACE: Genre = Genre {
    cle: "habilitation.espace",
    nom: "Vos demandes d’habilitation",
    occasion: "Une personne déjà connue veut suivre ou commencer une demande",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(espace(site, &a, "lien-d-exemple", 30)),
};

static INCONNU: Genre = Genre {
    cle: "habilitation.inconnu",
    nom: "Aucune demande à cette adresse",
    occasion: "On veut suivre une demande depuis une adresse inconnue",
    lecteur: "Cette adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(inconnu(site, &a)),
};

static SUIVI: Genre = Genre {
    cle: "habilitation.suivi",
    nom: "Suivi d’une demande d’habilitation",
    occasion: "Un brouillon est gardé, une demande est déposée, l’équipe écrit ou décide",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let texte = "Bonjour,\n\nLa demande d’habilitation de la Maison d’essai est acceptée.";
        Some(decision(site, &a, "Demande d’habilitation : acceptée", texte, None))
    },
};

static EQUIPE: Genre = Genre {
    cle: "habilitation.equipe",
    nom: "Habilitations : ce qui attend",
    occasion: "Chaque semaine, et quand une personne écrit ou modifie sa demande",
    lecteur: "L’équipe des habilitations",
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(semaine(site, &a, 12, 3, 2)),
};

/// A message of these paragraphs.
fn message(genre: &'static Genre, to: &Email, subject: String, paragraphs: &[String]) -> Message {
    Message { genre, to: to.clone(), subject, text: paragraphs.join("\n\n") }
}

fn bonjour() -> String {
    "Bonjour,".to_owned()
}

/// Proves the address of who asks.
pub(super) fn prouver(site: &Site, to: &Email, lien: &str) -> Message {
    message(
        &PROUVER,
        to,
        "Confirmez votre adresse pour demander une habilitation Aidants Connect".to_owned(),
        &[
            bonjour(),
            "Vous préparez une demande d’habilitation Aidants Connect. Ouvrez cette page pour confirmer votre adresse et \
             commencer :"
                .to_owned(),
            site.url(&format!("/habilitation/confirmer/{lien}")),
            "Le lien sert une seule fois, pendant 3 jours.".to_owned(),
            "Si ce n’est pas vous, ignorez ce message : rien ne sera enregistré.".to_owned(),
        ],
    )
}

/// The link of the space of who asks: a reminder, when somebody asks anew or wants to follow.
pub(super) fn espace(site: &Site, to: &Email, jeton: &str, jours: i64) -> Message {
    message(
        &ESPACE,
        to,
        "Vos demandes d’habilitation Aidants Connect".to_owned(),
        &[
            bonjour(),
            "Votre adresse est déjà connue : il n’y a pas de nouveau profil à créer. Ouvrez cette page pour reprendre vos \
             brouillons, suivre vos demandes ou en commencer une autre :"
                .to_owned(),
            site.url(&format!("/habilitation/espace/{jeton}")),
            format!("Ce lien est personnel et vaut {jours} jours : ne le transmettez pas."),
            "Si vous n’avez rien demandé, ignorez ce message.".to_owned(),
        ],
    )
}

/// The address asked to follow is not known.
pub(super) fn inconnu(site: &Site, to: &Email) -> Message {
    message(
        &INCONNU,
        to,
        "Aucune demande d’habilitation à cette adresse".to_owned(),
        &[
            bonjour(),
            "Vous voulez suivre une demande d’habilitation Aidants Connect, mais aucune n’est liée à cette adresse. Elle a \
             peut-être été faite avec une autre adresse, ou par un collègue."
                .to_owned(),
            "Pour commencer une demande :".to_owned(),
            site.url("/habilitation"),
        ],
    )
}

/// A draft exists, with the way back to it.
pub(super) fn brouillon(site: &Site, d: &Demandeur, jeton: &str, nom: &str) -> Message {
    message(
        &SUIVI,
        &d.courriel,
        "Votre brouillon de demande d’habilitation".to_owned(),
        &[
            bonjour(),
            format!("Votre brouillon pour {nom} est enregistré. Pour le reprendre, ouvrez cette page :"),
            site.url(&format!("/habilitation/espace/{jeton}")),
            format!(
                "Il est gardé {} mois après votre dernier passage. Ce lien est personnel : ne le transmettez pas.",
                crate::conservation::BROUILLON
            ),
        ],
    )
}

/// The request is filed, or filed again.
pub(super) fn deposee(site: &Site, d: &Demandeur, demande: &Demande, jeton: &str, nouvelle: bool) -> Message {
    let debut = if nouvelle {
        "Nous avons bien reçu votre demande d’habilitation"
    } else {
        "Nous avons bien reçu les modifications de votre demande"
    };
    message(
        &SUIVI,
        &d.courriel,
        format!("Demande d’habilitation {} : bien reçue", demande.reference()),
        &[
            bonjour(),
            format!("{debut} {} pour {}.", demande.reference(), demande.nom),
            "L’équipe des habilitations l’étudie. Vous recevrez un message quand elle aura décidé, ou si elle a besoin d’une \
             précision. Pour suivre la demande ou écrire à l’équipe :"
                .to_owned(),
            site.url(&format!("/habilitation/espace/{jeton}/{}", demande.id)),
        ],
    )
}

/// The staff wrote.
pub(super) fn ecrit(site: &Site, d: &Demandeur, demande: &Demande, jeton: &str, texte: &str) -> Message {
    message(
        &SUIVI,
        &d.courriel,
        format!("Demande d’habilitation {} : un message pour vous", demande.reference()),
        &[
            bonjour(),
            format!("L’équipe des habilitations vous écrit à propos de la demande pour {} :", demande.nom),
            texte.to_owned(),
            "Pour répondre :".to_owned(),
            site.url(&format!("/habilitation/espace/{jeton}/{}", demande.id)),
        ],
    )
}

/// Somebody of the request was inscribed in a training.
pub(super) fn formation(
    site: &Site,
    d: &Demandeur,
    demande: &Demande,
    jeton: &str,
    (etat, s): (EtatInscription, &Session),
) -> Message {
    let fait = match etat {
        EtatInscription::Inscrite => "est inscrite à une session de formation",
        _ => "est sur la liste d’attente d’une session de formation",
    };
    message(
        &SUIVI,
        &d.courriel,
        format!("Demande d’habilitation {} : inscription à une formation", demande.reference()),
        &[
            bonjour(),
            format!("Une personne de la demande pour {} {fait} :", demande.nom),
            format!("{}, du {} au {}, {}.", s.fiche.intitule, s.debut(), s.fin(), s.lieu()),
            "Pour suivre les inscriptions :".to_owned(),
            site.url(&format!("/habilitation/espace/{jeton}/{}/sessions", demande.id)),
        ],
    )
}

/// To the agent who studies a request: who asked wrote, or changed it.
pub(super) fn a_l_agent(site: &Site, to: &Email, demande: &Demande, quoi: &str) -> Message {
    message(
        &EQUIPE,
        to,
        format!("Demande d’habilitation {} : {quoi}", demande.reference()),
        &[
            bonjour(),
            format!("Du nouveau pour la demande {} de {} : {quoi}.", demande.reference(), demande.nom),
            site.url(&format!("/gestion/habilitations/{}", demande.id)),
        ],
    )
}

/// What the staff is proposed to write with an act: subject and text, which it may change.
pub(super) fn propose(acte: Acte, demande: &Demande) -> (String, String) {
    let (numero, nom) = (demande.reference(), &demande.nom);
    match acte {
        Acte::Accepter => (
            format!("Demande d’habilitation {numero} : acceptée"),
            format!(
                "Bonjour,\n\nLa demande d’habilitation de {nom} est acceptée. Son numéro d’habilitation est le {}.\n\n\
                 La personne référente reçoit un autre message pour ouvrir son compte. Les personnes nommées dans la demande \
                 peuvent maintenant être inscrites à une formation : elles feront des mandats après la formation et la \
                 certification Pix.\n\nL’équipe des habilitations",
                demande.numero.unwrap_or_default()
            ),
        ),
        Acte::Refuser => (
            format!("Demande d’habilitation {numero} : refusée"),
            format!(
                "Bonjour,\n\nLa demande d’habilitation de {nom} est refusée, pour cette raison :\n\n[Écrivez ici la raison.]\n\n\
                 Vous pouvez contester cette décision dans les deux mois : en écrivant à l’équipe des habilitations, ou devant \
                 le tribunal administratif (articles L. 411-2 du code des relations entre le public et l’administration et \
                 R. 421-1 du code de justice administrative).\n\nL’équipe des habilitations"
            ),
        ),
        Acte::Modifications => (
            format!("Demande d’habilitation {numero} : modifications demandées"),
            format!(
                "Bonjour,\n\nPour étudier la demande d’habilitation de {nom}, nous avons besoin de ces modifications :\n\n\
                 [Écrivez ici ce qui est à changer.]\n\nModifiez la demande depuis votre espace, puis déposez-la de nouveau.\n\n\
                 L’équipe des habilitations"
            ),
        ),
        Acte::Remettre => (
            format!("Demande d’habilitation {numero} : étudiée de nouveau"),
            format!(
                "Bonjour,\n\nL’équipe des habilitations étudie de nouveau la demande de {nom}.\n\nL’équipe des habilitations"
            ),
        ),
    }
}

/// What the staff wrote with an act, with the way to the request for who filed it.
pub(super) fn decision(
    site: &Site,
    to: &Email,
    sujet: &str,
    texte: &str,
    suivi: Option<(&str, &Demande)>,
) -> Message {
    let mut paragraphs: Vec<String> = texte.replace("\r\n", "\n").split("\n\n").map(str::to_owned).collect();
    if let Some((jeton, demande)) = suivi {
        paragraphs.push("Votre demande :".to_owned());
        paragraphs.push(site.url(&format!("/habilitation/espace/{jeton}/{}", demande.id)));
    }
    message(&SUIVI, to, sujet.to_owned(), &paragraphs)
}

/// The week, for the staff: what waits.
pub(super) fn semaine(
    site: &Site,
    to: &Email,
    attendent: usize,
    vieilles: usize,
    messages: usize,
) -> Message {
    let n = |n: usize, un: &str, plusieurs: &str| {
        kernel::text::compte(u64::try_from(n).unwrap_or(u64::MAX), un, plusieurs)
    };
    message(
        &EQUIPE,
        to,
        "Habilitations : ce qui attend cette semaine".to_owned(),
        &[
            bonjour(),
            format!(
                "{} à étudier, dont {} depuis plus de 15 jours. {} sans réponse.",
                n(attendent, "demande", "demandes"),
                n(vieilles, "déposée", "déposées"),
                n(messages, "message", "messages")
            ),
            site.url("/gestion/habilitations"),
        ],
    )
}
