//! Messages about demandes: short, plain.

use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use super::model::Demande;
use crate::exemples;

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] =
    &[&PROUVER, &BROUILLON, &RECUE, &PREVENIR, &RECOIT, &REPONDUE, &ANNULEE];

const DEMANDEUR: &str = "La personne à joindre de la demande";
/// A link as those that are sent, which opens nothing.
const LIEN: &str = "0f1e2d3c4b5a";

/// A message of these paragraphs.
pub(crate) fn message(genre: &'static Genre, to: &Email, subject: String, paragraphs: &[String]) -> Message {
    Message { genre, to: to.clone(), subject, text: paragraphs.join("\n\n") }
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

static PROUVER: Genre = Genre {
    cle: "demande.prouver",
    nom: "Confirmez votre demande de postes",
    occasion: "Une demande est remplie sur le formulaire public",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(prouver(site, &a, exemples::NOM, LIEN, 30)),
};

/// The link that proves the address of who files.
pub(super) fn prouver(site: &Site, to: &Email, structure: &str, lien: &str, jours: i64) -> Message {
    message(
        &PROUVER,
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

static BROUILLON: Genre = Genre {
    cle: "demande.brouillon",
    nom: "Lien pour reprendre un brouillon de demande",
    occasion: "La personne demande à garder son brouillon",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(brouillon(site, &a, LIEN, 30)),
};

/// The link to the draft.
pub(super) fn brouillon(site: &Site, to: &Email, jeton: &str, jours: i64) -> Message {
    message(
        &BROUILLON,
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

static RECUE: Genre = Genre {
    cle: "demande.recue",
    nom: "Demande bien reçue",
    occasion: "Une demande est déposée ou confirmée",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let lien = site.url(&format!("/demande-de-postes/suivi/{LIEN}"));
        Some(recue(site, &exemples::demande(site, a)?, Some(lien)))
    },
};

/// The demande is in; with the link of who has no account.
pub(super) fn recue(site: &Site, d: &Demande, lien: Option<String>) -> Message {
    message(
        &RECUE,
        &d.contact.courriel,
        format!("Demande {} : bien reçue", d.reference()),
        &[
            "Bonjour,".to_owned(),
            format!("Nous avons bien reçu {}.", laquelle(d)),
            "La préfecture de votre département donne son avis, puis le comité de sélection décide. Nous vous écrirons \
             à ce moment-là."
                .to_owned(),
            suivre(site, d, lien),
        ],
    )
}

static PREVENIR: Genre = Genre {
    cle: "demande.prevenir",
    nom: "Une demande a été déposée pour votre structure",
    occasion: "Une personne que l’annuaire ne connaît pas dépose une demande pour une structure qu’il connaît",
    lecteur: "Le premier contact de la structure dans l’annuaire",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(prevenir(site, &a, &exemples::demande(site, a.clone())?)),
};

/// To whom the directory knows in a structure: somebody it does not know asked in its name.
pub(super) fn prevenir(site: &Site, to: &Email, d: &Demande) -> Message {
    message(
        &PREVENIR,
        to,
        format!("Une demande a été déposée pour {}", d.nom),
        &[
            "Bonjour,".to_owned(),
            format!("Nous avons reçu {}.", laquelle(d)),
            "Elle vient d’une personne que notre annuaire ne connaît pas dans votre structure. Si elle agit bien pour vous, \
             vous n’avez rien à faire. Sinon, écrivez à la préfecture de votre département, qui la mettra de côté."
                .to_owned(),
            "Si des postes sont accordés, c’est à vous que l’espace de la structure sera ouvert.".to_owned(),
            site.url("/demande-de-postes"),
        ],
    )
}

static RECOIT: Genre = Genre {
    cle: "demande.transfert_recu",
    nom: "Une structure vous transfère des postes",
    occasion: "Le comité accepte un transfert de postes",
    lecteur: "Le premier contact de la structure qui les reçoit",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(recoit(site, &a, &exemples::demande(site, a.clone())?, 1)),
};

/// To the structure that receives posts of another.
pub(crate) fn recoit(site: &Site, to: &Email, d: &Demande, postes: u32) -> Message {
    message(
        &RECOIT,
        to,
        format!("{} vous transfère {}", d.nom, kernel::text::compte(u64::from(postes), "poste", "postes")),
        &[
            "Bonjour,".to_owned(),
            format!(
                "Le comité de sélection accepte que {} vous transfère {} de conseiller numérique.",
                d.nom,
                kernel::text::compte(u64::from(postes), "poste", "postes")
            ),
            "Un autre message vous dit comment vous connecter à l’espace de votre structure, si vous n’y avez pas encore de \
             compte. Vous y recruterez une personne :"
                .to_owned(),
            site.url("/conseillers"),
        ],
    )
}

/// Where a demande is followed: by its link, or in the space of its structure.
pub(crate) fn suivre(site: &Site, d: &Demande, lien: Option<String>) -> String {
    match lien {
        Some(lien) => format!(
            "Pour suivre cette demande, répondre au comité ou l’annuler, sans compte (gardez ce lien pour vous et vos \
             collègues) :\n{lien}"
        ),
        None => format!(
            "La demande se suit dans l’espace de votre structure :\n{}",
            site.url(&super::adresse(d.id))
        ),
    }
}

static REPONDUE: Genre = Genre {
    cle: "demande.repondue",
    nom: "La structure a répondu au comité",
    occasion: "Une structure donne les précisions que le comité demandait",
    lecteur: "La préfecture du département",
    portee: Portee::Informe,
    arret: None,
    apercu: |site, a| Some(repondue(site, &a, &exemples::demande(site, a.clone())?)),
};

/// To a préfecture: the structure answered the committee.
pub(super) fn repondue(site: &Site, to: &Email, d: &Demande) -> Message {
    message(
        &REPONDUE,
        to,
        format!("Demande {} : la structure a répondu", d.reference()),
        &[
            "Bonjour,".to_owned(),
            format!("Le comité voulait en savoir plus. La structure a répondu pour {}.", laquelle(d)),
            "Vous pouvez donner un nouvel avis :".to_owned(),
            site.url(&super::adresse(d.id)),
        ],
    )
}

static ANNULEE: Genre = Genre {
    cle: "demande.annulee",
    nom: "Demande annulée",
    occasion: "La structure renonce à sa demande, ou la préfecture la met de côté",
    lecteur: DEMANDEUR,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(annulee(site, &exemples::demande(site, a)?)),
};

/// The demande goes no further.
pub(super) fn annulee(site: &Site, d: &Demande) -> Message {
    message(
        &ANNULEE,
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
