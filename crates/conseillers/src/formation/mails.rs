//! The messages of trainings: short, plain, to the person alone.

use chrono::{DateTime, Utc};
use kernel::Email;
use platform::mail::{self, Genre, Message, Portee};
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::model::{EtatInscription, Inscription, Session};
use super::{rules, store};
use crate::{candidats, exemples};

/// Kinds of this room.
pub(crate) const COURRIELS: &[&Genre] = &[&DEMANDE, &ATTENTE, &PLACE, &ANNULEE, &SUIVIE, &INTERROMPUE];

const PERSONNE: &str = "La personne inscrite";

static DEMANDE: Genre = Genre {
    cle: "formation.test",
    nom: "Passez le test de positionnement",
    occasion: "Une place est demandée, le test n’est pas passé",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |_| EtatInscription::EnAttente, true),
};

static ATTENTE: Genre = Genre {
    cle: "formation.attente",
    nom: "Vous êtes sur liste d’attente",
    occasion: "Une place est demandée dans une session complète",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |_| EtatInscription::EnAttente, false),
};

static PLACE: Genre = Genre {
    cle: "formation.place",
    nom: "Votre place en formation est confirmée",
    occasion: "Une place est donnée, tout de suite ou depuis la liste d’attente",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |_| EtatInscription::Inscrite, false),
};

static ANNULEE: Genre = Genre {
    cle: "formation.annulee",
    nom: "Votre inscription est annulée",
    occasion: "La personne renonce à sa place, ou la session est annulée",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |le| EtatInscription::Annulee { le }, false),
};

static SUIVIE: Genre = Genre {
    cle: "formation.suivie",
    nom: "Formation suivie",
    occasion: "L’organisme dit que la formation a été suivie",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |le| EtatInscription::Suivie { le }, false),
};

static INTERROMPUE: Genre = Genre {
    cle: "formation.interrompue",
    nom: "Formation interrompue",
    occasion: "L’organisme dit que la formation a été interrompue",
    lecteur: PERSONNE,
    portee: Portee::Necessaire,
    arret: None,
    apercu: |site, a| exemple(site, a, |le| EtatInscription::Abandonnee { le }, false),
};

/// A message of each state, to somebody who does not exist.
fn exemple(site: &Site, a: Email, etat: fn(DateTime<Utc>) -> EtatInscription, test: bool) -> Option<Message> {
    let i = exemples::inscription(site, etat(site.clock.now()));
    Some(message(site, a, exemples::PRENOM, (&i, &exemples::session()?), test))
}

/// Tells the person where their request stands, in the transaction of the change. Who was erased is told nothing.
pub(super) async fn dire(site: &Site, tx: &Tx, i: &Inscription, s: &Session) -> Result<(), DbErr> {
    let Some(qui) = candidats::coordonnees(tx, i.candidat).await? else { return Ok(()) };
    let test = rules::attend_le_test(&store::parcours(tx, i.candidat).await?, s);
    mail::enqueue(site, tx, &message(site, qui.courriel, &qui.prenom, (i, s), test)).await
}

fn message(site: &Site, to: Email, prenom: &str, (i, s): (&Inscription, &Session), test: bool) -> Message {
    let genre = match &i.etat {
        EtatInscription::EnAttente if test => &DEMANDE,
        EtatInscription::EnAttente => &ATTENTE,
        EtatInscription::Inscrite => &PLACE,
        EtatInscription::Annulee { .. } => &ANNULEE,
        EtatInscription::Suivie { .. } => &SUIVIE,
        EtatInscription::Abandonnee { .. } => &INTERROMPUE,
    };
    let (objet, suite) = phrases(i, s, test);
    let text = [
        format!("Bonjour {prenom},"),
        suite,
        format!(
            "Formation de {} heures, du {} au {}, {}.",
            s.fiche.heures,
            s.fiche.debut.format("%d/%m/%Y"),
            s.fiche.fin.format("%d/%m/%Y"),
            match &s.fiche.endroit {
                super::model::Endroit::ADistance => "à distance".to_owned(),
                super::model::Endroit::Commune { nom, .. } => format!("à {nom}"),
            }
        ),
        format!("Votre formation : {}", site.url("/mon-espace/formation")),
    ]
    .join("\n\n");
    let subject = format!("{} : {objet}", site.config.marque.nom);
    Message { genre, to, subject, text }
}

fn phrases(i: &Inscription, s: &Session, test: bool) -> (&'static str, String) {
    match &i.etat {
        EtatInscription::EnAttente if test => (
            "passez le test de positionnement",
            "Votre demande de place est enregistrée. Il vous reste à passer le test de positionnement : l’organisme de formation \
             vous contacte pour cela. Dès qu’il a noté le résultat, une place libre est à vous et nous vous écrivons."
                .to_owned(),
        ),
        EtatInscription::EnAttente => (
            "vous êtes sur liste d’attente",
            "La session que vous avez demandée est complète. Vous êtes sur liste d’attente : si une place se libère, elle \
             vous revient dans l’ordre des demandes et nous vous écrivons."
                .to_owned(),
        ),
        EtatInscription::Inscrite => (
            "votre place en formation est confirmée",
            "Votre place en formation est confirmée. Prévenez votre employeur : il vous libère pendant la formation et prend \
             en charge vos déplacements."
                .to_owned(),
        ),
        EtatInscription::Annulee { .. } => (
            "votre inscription en formation est annulée",
            s.annulee.as_ref().map_or_else(
                || "Votre inscription est annulée, comme vous l’avez demandé.".to_owned(),
                |motif| {
                    format!(
                        "La session est annulée : {motif}. Vous pouvez demander une place dans une autre session dès \
                         maintenant."
                    )
                },
            ),
        ),
        EtatInscription::Suivie { .. } => (
            "formation suivie",
            format!(
                "Votre organisme de formation indique que vous avez suivi la formation. Votre attestation est dans votre \
                 espace.{}",
                rules::pix_avant(i, s).map_or_else(String::new, |le| format!(
                    " Il vous reste à passer la certification Pix avant le {}.",
                    kernel::calendrier::jour_en_lettres(le)
                ))
            ),
        ),
        EtatInscription::Abandonnee { .. } => (
            "formation interrompue",
            "Votre organisme de formation indique que vous avez interrompu la formation. Si c’est une erreur, écrivez-lui."
                .to_owned(),
        ),
    }
}
