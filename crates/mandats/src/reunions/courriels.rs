//! Messages about meetings: short, plain.

use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

use super::model::{Fiche, Reunion, ReunionId};

/// Kinds of message of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&INVITATION, &REPONSE, &RAPPEL, &CHANGEMENT];

const STRUCTURE: &str = "Le contact d’une structure du département";

static INVITATION: Genre = Genre {
    cle: "reunion.invitation",
    nom: "Invitation à une réunion de présentation",
    occasion: "Une structure est invitée à une réunion qui présente Aidants Connect",
    lecteur: STRUCTURE,
    portee: Portee::Informe,
    arret: Some("Une seule fois pour chaque réunion"),
    apercu: |site, a| Some(invitation(site, &a, &exemple()?, "lien-d-exemple")),
};

static REPONSE: Genre = Genre {
    cle: "reunion.reponse",
    nom: "Votre réponse à une invitation",
    occasion: "Une personne dit qu’elle vient, s’inscrit ou reçoit l’invitation d’un collègue",
    lecteur: "Cette personne",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(inscription(site, &a, &exemple()?, "lien-d-exemple")),
};

static RAPPEL: Genre = Genre {
    cle: "reunion.rappel",
    nom: "Rappel d’une réunion de présentation",
    occasion: "Deux jours avant une réunion",
    lecteur: "Qui a répondu qu’il vient",
    portee: Portee::Necessaire,
    arret: Some("Une seule fois pour chaque réunion"),
    apercu: |site, a| Some(rappel(site, &a, &exemple()?, "lien-d-exemple")),
};

static CHANGEMENT: Genre = Genre {
    cle: "reunion.changement",
    nom: "Une réunion de présentation change ou est annulée",
    occasion: "La date, l’heure ou le lieu change, ou la réunion est annulée",
    lecteur: "Qui n’a pas répondu qu’il ne vient pas",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(annulee(site, &a, &exemple()?, "la salle n’est plus disponible")),
};

/// A meeting for previews.
fn exemple() -> Option<Reunion> {
    Some(Reunion {
        id: ReunionId(uuid::Uuid::nil()),
        fiche: Fiche {
            jour: chrono::NaiveDate::from_ymd_opt(2027, 2, 3)?,
            debut: chrono::NaiveTime::from_hms_opt(9, 30, 0)?,
            fin: chrono::NaiveTime::from_hms_opt(11, 0, 0)?,
            lieu: Some("Salle d’essai, Guéret".to_owned()),
            lien: None,
            departement: kernel::CodeDepartement::parse("23")?,
            places: 40,
            organisateur: "Préfecture d’essai".to_owned(),
            precisions: None,
        },
        region: kernel::CodeRegion::parse("75")?,
        code: "exemple".to_owned(),
        annulee: None,
        version: 1,
    })
}

fn message(genre: &'static Genre, to: &Email, subject: String, paragraphs: Vec<String>) -> Message {
    let mut text = vec!["Bonjour,".to_owned()];
    text.extend(paragraphs);
    Message { genre, to: to.clone(), subject, text: text.join("\n\n") }
}

fn quand(f: &Fiche) -> String {
    format!("{}.\n{}.\nOrganisée par : {}.", f.quand(), f.ou(), f.organisateur)
}

fn reponse(site: &Site, jeton: &str) -> String {
    site.url(&format!("/reunions/reponse/{jeton}"))
}

pub(super) fn invitation(site: &Site, to: &Email, r: &Reunion, jeton: &str) -> Message {
    let mut corps = vec![
        "Votre structure est invitée à une réunion qui présente Aidants Connect : comment des professionnels font des \
         démarches en ligne pour des personnes, avec leur mandat, et comment habiliter votre structure."
            .to_owned(),
        quand(&r.fiche),
    ];
    corps.extend(r.fiche.precisions.clone());
    corps.extend([
        "Venez-vous ? Répondez sur cette page, sans compte ; vous pouvez aussi y transmettre l’invitation à un collègue :"
            .to_owned(),
        reponse(site, jeton),
        format!(
            "Nous vous écrivons parce que l’annuaire {} donne votre adresse comme contact de votre structure.",
            site.config.marque.nom
        ),
    ]);
    message(&INVITATION, to, format!("Réunion Aidants Connect, le {}", date(&r.fiche)), corps)
}

fn date(f: &Fiche) -> String {
    kernel::calendrier::jour_en_lettres(f.jour)
}

/// To who comes: where to go, and the way to change one's mind.
pub(super) fn inscription(site: &Site, to: &Email, r: &Reunion, jeton: &str) -> Message {
    let mut corps = vec!["Vous êtes inscrit à cette réunion :".to_owned(), quand(&r.fiche)];
    if let Some(lien) = &r.fiche.lien {
        corps.extend(["Pour la suivre en ligne :".to_owned(), lien.clone()]);
    }
    corps.extend(["Pour changer votre réponse :".to_owned(), reponse(site, jeton)]);
    corps.push("Si ce n’est pas vous, dites sur cette page que vous ne venez pas.".to_owned());
    message(&REPONSE, to, format!("Réunion Aidants Connect du {} : inscription", date(&r.fiche)), corps)
}

/// To a colleague to whom somebody gave the invitation.
pub(super) fn transmise(site: &Site, to: &Email, r: &Reunion, organisme: &str, jeton: &str) -> Message {
    let corps = vec![
        format!(
            "Une personne de {organisme} vous transmet une invitation à une réunion qui présente Aidants Connect."
        ),
        quand(&r.fiche),
        "Venez-vous ? Répondez sur cette page, sans compte :".to_owned(),
        reponse(site, jeton),
    ];
    message(&REPONSE, to, format!("Réunion Aidants Connect, le {}", date(&r.fiche)), corps)
}

pub(super) fn rappel(site: &Site, to: &Email, r: &Reunion, jeton: &str) -> Message {
    let mut corps = vec!["Vous avez répondu que vous venez à cette réunion :".to_owned(), quand(&r.fiche)];
    if let Some(lien) = &r.fiche.lien {
        corps.extend(["Pour la suivre en ligne :".to_owned(), lien.clone()]);
    }
    corps.extend([
        "Si vous ne venez plus, dites-le ici, pour libérer la place :".to_owned(),
        reponse(site, jeton),
    ]);
    message(&RAPPEL, to, format!("Rappel : réunion Aidants Connect le {}", date(&r.fiche)), corps)
}

pub(super) fn changee(site: &Site, to: &Email, r: &Reunion, jeton: &str) -> Message {
    let corps = vec![
        "La réunion Aidants Connect à laquelle vous êtes invité a changé. La voici :".to_owned(),
        quand(&r.fiche),
        "Pour donner ou changer votre réponse :".to_owned(),
        reponse(site, jeton),
    ];
    message(&CHANGEMENT, to, format!("Réunion Aidants Connect du {} : changement", date(&r.fiche)), corps)
}

pub(super) fn annulee(site: &Site, to: &Email, r: &Reunion, motif: &str) -> Message {
    let corps = vec![
        format!("La réunion Aidants Connect du {} est annulée : {motif}.", date(&r.fiche)),
        "Pour demander l’habilitation de votre structure sans attendre une autre réunion :".to_owned(),
        site.url("/habilitation"),
    ];
    message(&CHANGEMENT, to, format!("Réunion Aidants Connect du {} : annulée", date(&r.fiche)), corps)
}
