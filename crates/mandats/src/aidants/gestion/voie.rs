//! How somebody learns, changed by the team: a session with a body, or a colleague who is an aidant already.

use axum::extract::State;
use kernel::{Actor, Email, Refusal};
use platform::journal::{self, Entry};
use platform::web::{Formulaire, PageResult, Shell, see_other_saying};

use super::voit;
use crate::aidants::regles::Voie;
use crate::aidants::{EtatAidant, mails, registre, store, vie};
use crate::ids::AidantId;
use crate::{Failure, Mandats};

/// Changes it for who has not learnt yet. Who is on a session leaves it; the colleague is told once training may begin; a test
/// that was passed already counts.
///
/// # Errors
/// [`Refusal::NotFound`] out of scope; a conflict once they are trained; beside `formateur`, somebody who is no aidant.
async fn changer(
    m: &Mandats,
    actor: &Actor,
    id: AidantId,
    (voie, formateur): (Voie, Option<Email>),
) -> Result<(), Failure> {
    m.site
        .db
        .write(async |tx| {
            let a = registre::tenir(tx, id).await?.ok_or(Refusal::NotFound)?;
            if !voit(tx, actor, id).await? {
                return Err(Refusal::NotFound.into());
            }
            if !matches!(a.etat, EtatAidant::Demande | EtatAidant::Eligible) {
                return Err(Refusal::conflict(
                    "Cette personne n’a plus à être formée : sa voie ne change plus.",
                )
                .into());
            }
            let formateur = match (voie, formateur) {
                (Voie::Classique, _) => None,
                (Voie::Pair, None) => {
                    return Err(Refusal::field(
                        "formateur",
                        "Écrivez l’adresse du collègue déjà aidant qui la formera.",
                    )
                    .into());
                }
                (Voie::Pair, Some(f)) => {
                    if store::du_courriel(tx, &f)
                        .await?
                        .is_none_or(|c| c.etat != EtatAidant::Actif || c.id == id)
                    {
                        return Err(
                            Refusal::field("formateur", "Aucun aidant actif n’a cette adresse.").into()
                        );
                    }
                    Some(f)
                }
            };
            let mut p = registre::parcours(tx, id).await?;
            if (p.voie, &p.formateur) == (voie, &formateur) {
                return Ok(());
            }
            (p.voie, p.formateur) = (voie, formateur);
            registre::ecrire_parcours(tx, id, &p).await?;
            if voie == Voie::Pair {
                crate::formations::renoncer_a_tout(m, tx, id).await?;
            }
            let faits = serde_json::json!({ "voie": voie.cle() });
            journal::write(&m.site, tx, Entry::by(actor, "aidant.voie", "aidant", id).with(faits)).await?;
            if a.etat == EtatAidant::Eligible {
                mails::eligible(m, tx, &a, &p).await?;
                vie::avancer(m, tx, id, Some(actor)).await?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn voie(
    State(m): State<Mandats>,
    shell: Shell,
    annuaire::structures::Ids([id]): annuaire::structures::Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = AidantId(id);
    let choisie = Voie::from_cle(form.get("voie"));
    if choisie.is_none() {
        form.refuse("voie", "Choisissez comment elle se forme.");
    }
    let formateur = form.parse_opt("formateur", Email::parse);
    if let (true, Some(choisie)) = (form.is_valid(), choisie) {
        match changer(&m, shell.actor()?, id, (choisie, formateur.flatten())).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &format!("{}/{id}", super::pages::BASE),
                    "La voie de formation est enregistrée.",
                ));
            }
            Err(Failure::Refusal(refus @ Refusal::Fields(_))) => form.take(refus)?,
            Err(autre) => return Err(autre.into()),
        }
    }
    super::pages::montrer(&m, shell, id, form).await
}
