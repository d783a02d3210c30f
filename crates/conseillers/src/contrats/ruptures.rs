//! What breaks a contract: said by the structure, recorded by the administration, taken back by either.

use kernel::{Actor, Refusal, Verb};

use super::actions::{Dit, ecrire, etat, tenir};
use super::model::{Contrat, Etat, Rupture};
use super::{courriels, rules};
use crate::candidats;
use crate::equipe::compte;
use crate::historique::Ecrit;
use crate::ids::ContratId;
use crate::matching::relations;
use crate::{Conseillers, Failure, postes};

/// The structure says that the contract breaks.
///
/// # Errors
/// Refusals of [`rules::notifier_rupture`].
pub async fn notifier_rupture(
    cx: &Conseillers,
    actor: &Actor,
    id: ContratId,
    rupture: Rupture,
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::Recruter, id).await?;
            let mut contrat = rules::notifier_rupture(t.contrat, rupture, t.jour)?;
            let ecrits = [
                etat("Validé", "Rupture notifiée"),
                Ecrit::nouveau("Dernier jour", rules::ecrit(rupture.le)),
                Ecrit::nouveau("Motif", rupture.motif.nom()),
            ];
            let dit = Dit { verbe: "contrat.notifier_rupture", action: "Rupture notifiée", ecrits: &ecrits };
            ecrire(cx, tx, actor, &mut contrat, dit).await
        })
        .await
}

/// The structure or the administration takes the break back.
///
/// # Errors
/// When none is notified.
pub async fn annuler_rupture(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<(), Failure> {
    // Whoever may notify it or record it may take it back; nobody who only reads.
    let verb = if actor.may(Verb::ValiderContrats).is_ok() { Verb::ValiderContrats } else { Verb::Recruter };
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, verb, id).await?;
            let mut contrat = rules::annuler_rupture(t.contrat, t.jour)?;
            let ecrits = [etat("Rupture notifiée", "Validé")];
            let dit = Dit { verbe: "contrat.annuler_rupture", action: "Rupture annulée", ecrits: &ecrits };
            ecrire(cx, tx, actor, &mut contrat, dit).await
        })
        .await
}

/// The administration says whether a paper of the break is missing.
///
/// # Errors
/// When no break is notified.
pub async fn signaler_dossier(
    cx: &Conseillers,
    actor: &Actor,
    id: ContratId,
    incomplet: bool,
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let mut contrat = rules::signaler_dossier(t.contrat, incomplet, t.jour)?;
            let mots = |oui| if oui { "Incomplet" } else { "Complet" };
            let ecrits = [Ecrit::change("Dossier de rupture", mots(!incomplet), mots(incomplet))];
            let dit =
                Dit { verbe: "contrat.signaler_dossier", action: "Dossier de rupture", ecrits: &ecrits };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            if incomplet {
                courriels::dossier_incomplet(cx, tx, &t.structure, &contrat).await
            } else {
                Ok(())
            }
        })
        .await
}

/// The administration records the break: the post is free from the day after. A renewal that was accepted and had not
/// begun falls with it.
///
/// # Errors
/// Refusals of [`rules::valider_rupture`].
pub async fn valider_rupture(cx: &Conseillers, actor: &Actor, id: ContratId) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let t = tenir(cx, tx, actor, Verb::ValiderContrats, id).await?;
            let mut contrat = rules::valider_rupture(t.contrat, &t.suites, t.jour)?;
            let poste = postes::store::get_locked(tx, contrat.poste).await?.ok_or(Refusal::NotFound)?;
            let suite = t.suites.into_iter().find(Contrat::engage);
            let sous = suite.as_ref().map_or(contrat.id, |s| s.id);
            let poste =
                postes::rules::prolonger_ou_finir(poste, sous, contrat.periode().fin, Some(contrat.id))?;
            postes::store::enregistrer(tx, &poste).await?;
            candidats::liberer(&cx.site, tx, contrat.candidat).await?;
            if let Some(fini) = contrat.periode().fin {
                compte::fermer(cx, tx, contrat.candidat, fini).await?;
            }
            if let Some(mut suite) = suite {
                if suite.etat != Etat::Valide {
                    return Err(Refusal::conflict(
                        "Le contrat qui suit est lui-même en rupture : traitez-le d’abord.",
                    )
                    .into());
                }
                suite.etat = Etat::Retire;
                let ecrits = [etat("Validé", "Retiré, le contrat d’avant étant rompu")];
                let dit = Dit { verbe: "contrat.retirer", action: "Retrait", ecrits: &ecrits };
                ecrire(cx, tx, actor, &mut suite, dit).await?;
            }
            let ecrits = [etat("Rupture notifiée", "Rompu")];
            let dit = Dit { verbe: "contrat.valider_rupture", action: "Rupture validée", ecrits: &ecrits };
            ecrire(cx, tx, actor, &mut contrat, dit).await?;
            relations::fins::contrat_fini(&cx.site, tx, &t.structure, contrat.candidat).await?;
            courriels::rompu(cx, tx, &t.structure, &contrat).await
        })
        .await
}
