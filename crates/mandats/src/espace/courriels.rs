//! Messages to the person.

use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&CODE, &NOUVELLE];

static CODE: Genre = Genre {
    cle: "espace.code",
    nom: "Le code qui ouvre l’espace de la personne",
    occasion: "Une personne demande un code pour lire ses mandats",
    lecteur: "La personne accompagnée",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(code(site, &a, "482913")),
};

/// It has its own choices, in the space: its reader has no account.
static NOUVELLE: Genre = Genre {
    cle: "espace.nouvelle",
    nom: "Ce qui s’est passé sur un mandat",
    occasion: "Un mandat est fait, renouvelé, utilisé, confié à une autre organisation ou prend fin, selon ce que la personne a choisi",
    lecteur: "La personne accompagnée",
    portee: Portee::Necessaire,
    arret: Some(
        "La personne choisit dans son espace, pour chaque sorte de nouvelle : courriel, SMS ou rien.",
    ),
    apercu: |site, a| {
        let ligne = "Le mandat M-1042 donné à la Mairie d’Exemple prend fin, en tout ou partie.".to_owned();
        Some(nouvelle(site, &a, "un mandat prend fin", &[ligne]))
    },
};

/// The code that opens the space.
pub(super) fn code(site: &Site, a: &Email, code: &str) -> Message {
    let nom = &site.config.marque.nom;
    Message {
        genre: &CODE,
        to: a.clone(),
        subject: format!("{nom} : {code} est votre code"),
        text: [
            "Bonjour,".to_owned(),
            format!("Votre code pour lire vos mandats est {code}. Il sert pendant 15 minutes, dans le navigateur où vous l’avez demandé."),
            "Ne le donnez à personne : ni un aidant, ni un agent ne vous le demandera jamais.".to_owned(),
            "Si vous n’avez rien demandé, ignorez ce message : sans ce code, personne n’entre.".to_owned(),
        ]
        .join("\n\n"),
    }
}

/// What happened.
pub(super) fn nouvelle(site: &Site, a: &Email, sujet: &str, lignes: &[String]) -> Message {
    let nom = &site.config.marque.nom;
    let mut paragraphes = vec!["Bonjour,".to_owned()];
    paragraphes.extend_from_slice(lignes);
    paragraphes.extend([
        "Vous pouvez lire tout ce qui a été fait, mettre fin à un mandat, et choisir comment être prévenu, dans votre espace :".to_owned(),
        site.url("/mes-mandats"),
        "Si vous ne comprenez pas ce message, parlez-en à l’organisation, ou mettez fin au mandat : c’est votre droit, à tout moment."
            .to_owned(),
    ]);
    Message {
        genre: &NOUVELLE,
        to: a.clone(),
        subject: format!("{nom} : {sujet}"),
        text: paragraphes.join("\n\n"),
    }
}
