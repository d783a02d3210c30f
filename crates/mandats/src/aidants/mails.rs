//! The messages of the life of professionals: short, plain; never what a person helped did.

use kernel::Email;
use kernel::ids::{CompteId, StructureId};
use platform::mail::{Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::demandes::Demande;
use super::model::{Aidant, Fonction};
use super::propositions::{PAGE, Proposition, VIE as REPONSE};
use super::registre;
use super::regles::{self, Parcours, Voie};
use crate::Mandats;

/// Kinds of message of this room and of the trainings.
pub(crate) const COURRIELS: &[&Genre] = &[&VIE];

static VIE: Genre = Genre {
    cle: "aidant.vie",
    nom: "Vie d’un aidant dans son organisation",
    occasion: "Une demande, une formation, une appartenance ou un accès change",
    lecteur: "L’aidant, ou les référents de son organisation",
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| {
        let corps = [
            "Le compte de Dominique Essai est ouvert. Une invitation lui est envoyée.".to_owned(),
            site.url("/referent/personnes"),
        ];
        Some(message(site, &a, "un compte est ouvert", &corps))
    },
};

fn message(site: &Site, to: &Email, objet: &str, corps: &[String]) -> Message {
    let mut text = vec!["Bonjour,".to_owned()];
    text.extend(corps.iter().cloned());
    let subject = format!("{} : {objet}", site.config.marque.nom);
    Message { genre: &VIE, to: to.clone(), subject, text: text.join("\n\n") }
}

pub(crate) async fn ecrire(
    m: &Mandats,
    tx: &Tx,
    to: &Email,
    objet: &str,
    corps: &[String],
) -> Result<(), DbErr> {
    platform::mail::enqueue(&m.site, tx, &message(&m.site, to, objet, corps)).await
}

pub(crate) async fn nom_de(m: &Mandats, structure: StructureId) -> Result<String, DbErr> {
    let vue = annuaire::structures::find(m.site.db.read(), structure).await?;
    Ok(vue.map_or_else(|| "votre organisation".to_owned(), |v| v.nom))
}

/// What référents are told of one of their people.
#[derive(Clone, Copy, Debug)]
pub(super) enum Nouvelle {
    /// Has an account.
    Active,
    /// Will have none.
    Refusee,
}

pub(super) async fn aux_referents(
    m: &Mandats,
    tx: &Tx,
    structure: StructureId,
    quoi: Nouvelle,
    a: &Aidant,
) -> Result<(), DbErr> {
    let qui = a.nom_complet();
    let (objet, phrase) = match quoi {
        Nouvelle::Active => (
            "un compte est ouvert",
            format!(
                "Le compte de {qui} est ouvert. Une invitation lui est envoyée pour choisir ses moyens de connexion."
            ),
        ),
        Nouvelle::Refusee => (
            "une demande est refusée",
            format!("La demande d’habilitation de {qui} n’est pas acceptée. Le motif est sur sa fiche."),
        ),
    };
    let lien = m.site.url("/referent/personnes");
    for r in registre::referents(tx, structure).await?.iter().filter(|r| r.id != a.id) {
        ecrire(m, tx, &r.courriel, objet, &[phrase.clone(), lien.clone()]).await?;
    }
    Ok(())
}

/// Somebody followed the training, and has the test to pass: told to them, with its address when the configuration has one.
pub(crate) async fn formation_suivie(m: &Mandats, tx: &Tx, a: &Aidant) -> Result<(), DbErr> {
    let mut corps = vec![
        "Votre présence à la formation d’aidant est notée.".to_owned(),
        "Il reste à passer le test Pix. Votre compte s’ouvre de lui-même quand vous l’avez réussi."
            .to_owned(),
    ];
    match &m.site.config.pix.adresse {
        Some(adresse) => corps
            .extend(["Passez-le ici, avec cette même adresse électronique :".to_owned(), adresse.clone()]),
        None => corps.push("Votre organisme de formation vous dit où le passer.".to_owned()),
    }
    ecrire(m, tx, &a.courriel, "il reste le test Pix", &corps).await
}

/// Somebody may be trained: told to them, to their référents, to who will teach them.
pub(super) async fn eligible(m: &Mandats, tx: &Tx, a: &Aidant, p: &Parcours) -> Result<(), DbErr> {
    let structures = registre::ouvertes(tx, a.id).await?;
    if structures.iter().all(|o| !regles::a_former(o.fonction)) {
        return Ok(());
    }
    let suite = match p.voie {
        Voie::Classique => "Inscrivez cette personne à une session de formation.",
        Voie::Pair => "Un collègue déjà aidant la forme ; elle passe ensuite le test Pix.",
    };
    let lien = m.site.url("/referent/sessions");
    for o in &structures {
        for r in registre::referents(tx, o.structure).await? {
            let phrase = format!("{} peut être formé pour devenir aidant. {suite}", a.nom_complet());
            ecrire(m, tx, &r.courriel, "une personne peut être formée", &[phrase, lien.clone()]).await?;
        }
    }
    if let (Voie::Pair, Some(formateur)) = (p.voie, &p.formateur) {
        let corps = [
            format!("Vous allez former {} au métier d’aidant.", a.nom_complet()),
            "Prévoyez environ sept heures. Formez au plus cinq personnes à la fois. À la fin, la personne passe le test Pix.".to_owned(),
            "Le guide de la formation par un collègue :".to_owned(),
            m.site.url("/formation-par-un-collegue"),
        ];
        let pix = m.site.config.pix.adresse.iter();
        let corps: Vec<String> = corps.into_iter().chain(pix.map(|p| format!("Le test Pix : {p}"))).collect();
        ecrire(m, tx, formateur, "vous formez un collègue", &corps).await?;
    }
    Ok(())
}

pub(super) async fn averti(m: &Mandats, tx: &Tx, a: &Aidant) -> Result<(), DbErr> {
    let corps = [
        "Vous ne vous êtes pas connecté depuis plusieurs mois.".to_owned(),
        "Si vous ne vous connectez pas d’ici un mois, votre compte s’endort : vous ne pourrez plus agir pour les personnes. Rien n’est \
         effacé, et vous pourrez le réveiller."
            .to_owned(),
        "Pour le garder, connectez-vous :".to_owned(),
        m.site.url("/connexion"),
    ];
    ecrire(m, tx, &a.courriel, "votre compte va s’endormir", &corps).await
}

pub(super) async fn endormi(m: &Mandats, tx: &Tx, a: &Aidant, motif: &str) -> Result<(), DbErr> {
    let seul = motif == super::vie::INACTIVITE;
    let suite = if seul {
        "Pour le réveiller, connectez-vous, puis ouvrez cette page :"
    } else {
        "Votre référent peut vous dire pourquoi, et le réactiver. Votre situation :"
    };
    let corps = [
        "Votre compte d’aidant ne permet plus d’agir pour les personnes.".to_owned(),
        suite.to_owned(),
        m.site.url("/aidant/moi"),
    ];
    ecrire(m, tx, &a.courriel, "votre compte est en sommeil", &corps).await
}

pub(super) async fn appartenances(
    m: &Mandats,
    tx: &Tx,
    a: &Aidant,
    structure: StructureId,
    fonction: Option<Fonction>,
) -> Result<(), DbErr> {
    let nom = nom_de(m, structure).await?;
    let corps = match fonction {
        Some(f) => vec![
            format!("Dans l’organisation {nom}, vous êtes maintenant : {}.", f.nom()),
            "Choisissez en haut de la page l’organisation au nom de laquelle vous agissez.".to_owned(),
            m.site.url("/connexion"),
        ],
        None => vec![
            format!(
                "Vous ne faites plus partie de l’organisation {nom} : vous ne pouvez plus agir en son nom."
            ),
            "Si ce n’est pas prévu, demandez à son référent.".to_owned(),
        ],
    };
    ecrire(m, tx, &a.courriel, "vos organisations ont changé", &corps).await
}

/// An organisation proposes to belong to it: told to who decides.
pub(super) async fn proposition(m: &Mandats, tx: &Tx, p: &Proposition) -> Result<(), DbErr> {
    let nom = nom_de(m, p.structure).await?;
    let mut corps = vec![
        format!(
            "L’organisation {nom} vous propose d’agir aussi pour elle. Votre fonction : {}.",
            p.personne.fonction.nom()
        ),
        format!(
            "C’est vous qui décidez. Rien ne change tant que vous n’avez pas accepté. Sans réponse de votre part dans {} jours, la \
             proposition tombe.",
            REPONSE.num_days()
        ),
    ];
    if p.quitte || p.nouveau.is_some() {
        corps.push(
            "Lisez aussi ce qui changerait pour vos autres organisations ou pour votre adresse.".to_owned(),
        );
    }
    corps.extend(["Pour répondre, connectez-vous :".to_owned(), m.site.url(PAGE)]);
    ecrire(m, tx, &p.personne.courriel, "une organisation vous propose d’agir pour elle", &corps).await
}

/// The answer, told to the référents of the organisation and to who proposed.
pub(super) async fn reponse(m: &Mandats, tx: &Tx, p: &Proposition, accepte: bool) -> Result<(), DbErr> {
    let nom = nom_de(m, p.structure).await?;
    let (objet, suite) = if accepte {
        ("une proposition est acceptée", "a accepté d’agir aussi pour l’organisation")
    } else {
        ("une proposition est déclinée", "a décliné la proposition de l’organisation")
    };
    let phrase = format!("{} {suite} {nom}.", p.nom_complet());
    let mut a_qui: Vec<Email> =
        registre::referents(tx, p.structure).await?.into_iter().map(|r| r.courriel).collect();
    if let Some(par) = p.par {
        a_qui.extend(identity::courriel(tx, par).await?);
    }
    a_qui.sort_by_key(Email::key);
    a_qui.dedup_by_key(|c| c.key());
    for to in a_qui.iter().filter(|c| c.key() != p.personne.courriel.key()) {
        ecrire(m, tx, to, objet, std::slice::from_ref(&phrase)).await?;
    }
    Ok(())
}

/// A recovery waits for its second person: told to the person themselves and to the other référents.
pub(super) async fn secours_demande(m: &Mandats, tx: &Tx, a: &Aidant, par: CompteId) -> Result<(), DbErr> {
    let corps = [
        "On a demandé de rétablir l’accès à votre compte. Une deuxième personne doit être d’accord ; vous recevrez alors une invitation."
            .to_owned(),
        "Si vous n’avez rien perdu, prévenez tout de suite votre référent.".to_owned(),
    ];
    ecrire(m, tx, &a.courriel, "rétablir votre accès", &corps).await?;
    for o in registre::ouvertes(tx, a.id).await? {
        for r in registre::referents(tx, o.structure).await? {
            if r.compte == Some(par) || r.id == a.id {
                continue;
            }
            let corps = [
                format!("{} ne peut plus se connecter. Un collègue demande de rétablir son accès.", a.nom_complet()),
                "Vérifiez de vive voix que c’est bien cette personne, puis donnez votre accord sur sa fiche :".to_owned(),
                m.site.url(&format!("/referent/personnes/{}", a.id)),
            ];
            ecrire(m, tx, &r.courriel, "votre accord est attendu", &corps).await?;
        }
    }
    Ok(())
}

async fn aux_demandeurs(m: &Mandats, tx: &Tx, d: &Demande, objet: &str, phrase: String) -> Result<(), DbErr> {
    let lien = m.site.url("/referent/personnes");
    for r in registre::referents(tx, d.structure()).await? {
        ecrire(m, tx, &r.courriel, objet, &[phrase.clone(), lien.clone()]).await?;
    }
    Ok(())
}

pub(super) async fn demande_acceptee(m: &Mandats, tx: &Tx, d: &Demande, inscrite: bool) -> Result<(), DbErr> {
    let mut phrase = format!("Votre demande pour {} {} est acceptée.", d.prenom, d.nom);
    if !inscrite {
        phrase.push_str(" Cette personne doit encore accepter : elle le fait dans son espace, et sa réponse vous est dite.");
    }
    aux_demandeurs(m, tx, d, "votre demande est acceptée", phrase).await
}

pub(super) async fn demande_refusee(m: &Mandats, tx: &Tx, d: &Demande, motif: &str) -> Result<(), DbErr> {
    let phrase = format!("Votre demande pour {} {} n’est pas acceptée. Motif : {motif}", d.prenom, d.nom);
    aux_demandeurs(m, tx, d, "votre demande n’est pas acceptée", phrase).await
}
