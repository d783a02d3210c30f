//! Messages to the person.

use kernel::Email;
use platform::Site;
use platform::mail::{Genre, Message, Portee};

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&CODE, &NOUVELLE, &NOUVELLE_ADRESSE, &ADRESSE_CHANGEE];

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
        "La personne choisit dans son espace, pour chaque sorte de nouvelle : courriel, SMS ou rien ; le lien de chaque courriel les arrête, sauf la fin d’un mandat avant sa date et son passage à une autre organisation.",
    ),
    apercu: |site, a| {
        let ligne = "Le mandat M-1042 donné à la Mairie d’Exemple prend fin, en tout ou partie.".to_owned();
        Some(nouvelle(site, &a, "un mandat prend fin", &[ligne]))
    },
};

static NOUVELLE_ADRESSE: Genre = Genre {
    cle: "espace.coordonnees.code",
    nom: "Le code qui confirme une nouvelle adresse",
    occasion: "Une personne change son adresse électronique dans son espace",
    lecteur: "La personne accompagnée, à sa nouvelle adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| Some(nouvelle_adresse(site, &a, "482913")),
};

static ADRESSE_CHANGEE: Genre = Genre {
    cle: "espace.coordonnees.changee",
    nom: "Une adresse ou un numéro a changé",
    occasion: "L’adresse ou le numéro d’une personne accompagnée est changé, ajouté ou retiré",
    lecteur: "La personne accompagnée, à son ancienne adresse",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        Some(adresse_changee(
            site,
            &a,
            "L’adresse électronique de votre espace « Mes mandats » vient d’être changée",
        ))
    },
};

/// The code that proves a new address. Whoever reads it may be somebody else, whose address was mistyped.
pub(super) fn nouvelle_adresse(site: &Site, a: &Email, code: &str) -> Message {
    let nom = &site.config.marque.nom;
    Message {
        genre: &NOUVELLE_ADRESSE,
        to: a.clone(),
        subject: format!("{nom} : {code} confirme votre adresse"),
        text: [
            "Bonjour,".to_owned(),
            format!("Le code qui confirme cette adresse est {code}. Il sert pendant 15 minutes, sur la page où vous l’avez demandé."),
            "Ne le donnez à personne : ni un aidant, ni un agent ne vous le demandera jamais.".to_owned(),
            "Si vous n’avez rien demandé, ignorez ce message : quelqu’un s’est trompé d’adresse, et rien ne change.".to_owned(),
        ]
        .join("\n\n"),
    }
}

/// What an address is told when it is no longer the one, or when another comes beside it. `quoi` has no full stop.
pub(super) fn adresse_changee(site: &Site, a: &Email, quoi: &str) -> Message {
    let nom = &site.config.marque.nom;
    Message {
        genre: &ADRESSE_CHANGEE,
        to: a.clone(),
        subject: format!("{nom} : vos coordonnées"),
        text: [
            "Bonjour,".to_owned(),
            format!("{quoi}."),
            "Si c’est bien vous, vous n’avez rien à faire.".to_owned(),
            "Sinon, dites-le à votre aidant, ou entrez dans votre espace avec FranceConnect pour remettre la bonne adresse et lire ce qui a été fait :".to_owned(),
            site.url("/mes-mandats"),
        ]
        .join("\n\n"),
    }
}

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
