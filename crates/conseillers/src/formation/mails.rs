//! The messages of trainings: short, plain, to the person alone.

use platform::mail::Message;
use platform::{Site, Tx};
use sea_orm::DbErr;

use super::model::{EtatInscription, Inscription, Session};
use super::{rules, store};
use crate::candidats;

/// Tells the person where their request stands, in the transaction of the change. Who was erased is told nothing.
pub(super) async fn dire(site: &Site, tx: &Tx, i: &Inscription, s: &Session) -> Result<(), DbErr> {
    let Some(qui) = candidats::coordonnees(tx, i.candidat).await? else { return Ok(()) };
    let test = rules::attend_le_test(&store::parcours(tx, i.candidat).await?, s);
    let (objet, suite) = phrases(i, s, test);
    let text = [
        format!("Bonjour {},", qui.prenom),
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
    platform::mail::enqueue(site, tx, &Message { to: qui.courriel, subject, text }).await.map(|_| ())
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
