//! What the committee decides: one demande, or several at once, and the undoing of it while the session is open.

use std::collections::{BTreeSet, HashMap};

use kernel::{Actor, Refusal, Verb};
use platform::{Site, Tx, journal};
use serde_json::json;

use super::model::{Decision, Notes, Verdict, territoires};
use super::{seances, store};
use crate::Failure;
use crate::demandes::actions::{self, ligne};
use crate::demandes::model::{Demande, Etat, Sens};
use crate::demandes::store as demandes;
use crate::ids::{DemandeId, SeanceId};

/// How many posts a favourable decision on several demandes grants to each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Combien {
    /// As many as the préfecture proposes; as many as asked when it is not favourable.
    Avis,
    /// As many as asked.
    Demande,
    /// So many.
    Nombre(u32),
    /// As many as a scenario of the répartition proposes for each.
    Proposition(HashMap<DemandeId, u32>),
}

/// What is typed as a decision.
#[derive(Clone, Debug)]
pub enum Choix {
    /// Posts.
    Accord(Combien),
    /// A refusal, or a further look.
    Autre(Verdict),
}

/// Decides on demandes of an open session: on all of them, or on none.
///
/// # Errors
/// A conflict that names the demande that cannot be decided so, as when an enveloppe has too few posts left.
pub async fn decider(
    site: &Site,
    actor: &Actor,
    seance: SeanceId,
    ids: &[DemandeId],
    (choix, notes): (&Choix, impl Into<Notes>),
) -> Result<usize, Failure> {
    let notes: Notes = notes.into();
    let notes = &notes;
    valable(choix, notes)?;
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > seances::AJOUT_MAX {
        return Err(Refusal::conflict("Cochez au moins une demande de la liste.").into());
    }
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                let s = seances::tenir(tx, actor, seance, false).await?;
                seances::ouverte(&s)?;
                let mut tenues = Vec::new();
                for id in &ids {
                    tenues.push(actions::tenir(tx, actor, Verb::DeciderDemandes, *id).await?);
                }
                let ou: BTreeSet<_> =
                    tenues.iter().flat_map(|d| territoires(&d.region, &d.departement)).collect();
                store::tenir_tout(tx, &ou).await?;
                let decidees: BTreeSet<DemandeId> =
                    store::decisions_de(tx, seance).await?.into_iter().map(|x| x.demande).collect();
                for d in &tenues {
                    let faite = match decidees.contains(&d.id) {
                        true => {
                            Err(Refusal::conflict("Cette demande est déjà décidée dans cette séance.").into())
                        }
                        false => une(site, tx, actor, seance, d, (choix, notes)).await,
                    };
                    match faite {
                        Err(Failure::Refusal(Refusal::Conflict(sentence))) => {
                            let seule = if ids.len() > 1 { " Rien n’a été enregistré." } else { "" };
                            return Err(
                                Refusal::conflict(format!("{} : {sentence}{seule}", d.reference())).into()
                            );
                        }
                        other => other?,
                    }
                }
                Ok(ids.len())
            }
        })
        .await
}

fn valable(choix: &Choix, notes: &Notes) -> Result<(), Refusal> {
    for (champ, texte) in [("commentaire", &notes.commentaire), ("observations", &notes.observations)] {
        if texte.chars().count() > 1_000 {
            return Err(Refusal::field(champ, "Écrivez 1 000 caractères au plus."));
        }
    }
    match choix {
        Choix::Autre(Verdict::Refus { criteres }) if criteres.is_empty() => {
            Err(Refusal::field("criteres", "Choisissez au moins un critère : il est écrit dans la lettre."))
        }
        Choix::Autre(Verdict::Complement { attendu }) if attendu.trim().is_empty() => {
            Err(Refusal::field("commentaire", "Écrivez ce que le comité attend."))
        }
        _ => Ok(()),
    }
}

async fn une(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    seance: SeanceId,
    d: &Demande,
    (choix, notes): (&Choix, &Notes),
) -> Result<(), Failure> {
    if d.etat != (Etat::EnSeance { seance }) {
        return Err(Refusal::conflict("Cette demande n’est pas sur la liste de cette séance.").into());
    }
    let verdict = match choix {
        Choix::Autre(verdict) => verdict.clone(),
        Choix::Accord(combien) => Verdict::Accord { postes: combien_de(tx, d, combien).await? },
    };
    let enveloppes = match &verdict {
        Verdict::Accord { postes } => {
            if !(1..=d.objet.postes()).contains(postes) {
                return Err(Refusal::conflict(format!("Accordez de 1 à {} postes.", d.objet.postes())).into());
            }
            if d.objet.genre().cree_des_postes() {
                store::prendre(tx, &territoires(&d.region, &d.departement), *postes).await?
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    };
    let decision = Decision {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        seance,
        demande: d.id,
        verdict,
        notes: Notes {
            commentaire: notes.commentaire.trim().to_owned(),
            prioritaire: notes.prioritaire,
            observations: notes.observations.trim().to_owned(),
        },
        enveloppes,
        par: actor.compte,
        le: site.clock.now(),
        notifiee: false,
    };
    store::inserer_decision(tx, &decision).await?;
    // The demande stays « en séance » and its history says nothing: whoever asked reads both. The closing tells.
    let details = json!({
        "verdict": decision.verdict.cle(), "seance": seance, "prioritaire": decision.notes.prioritaire,
    });
    Ok(journal::write(site, tx, ligne(Some(actor), "demande.decider", d.id).with(details)).await?)
}

async fn combien_de(tx: &Tx, d: &Demande, combien: &Combien) -> Result<u32, Failure> {
    Ok(match combien {
        Combien::Nombre(n) => *n,
        Combien::Proposition(postes) => match postes.get(&d.id) {
            Some(n) => *n,
            None => {
                return Err(
                    Refusal::conflict("La répartition ne lui propose aucun poste : décochez-la.").into()
                );
            }
        },
        Combien::Demande => d.objet.postes(),
        Combien::Avis => {
            let avis = demandes::avis_de(tx, d.id).await?.into_iter().next();
            avis.filter(|a| a.sens == Sens::Favorable).map_or(d.objet.postes(), |a| a.postes)
        }
    })
}

/// Undoes a decision while the session is open: nobody was told yet. The enveloppes have its posts back.
///
/// # Errors
/// A conflict when the session is closed; [`Refusal::NotFound`] without a decision.
pub async fn annuler(site: &Site, actor: &Actor, seance: SeanceId, id: DemandeId) -> Result<(), Failure> {
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                let s = seances::tenir(tx, actor, seance, false).await?;
                seances::ouverte(&s)?;
                let d = actions::tenir(tx, actor, Verb::DeciderDemandes, id).await?;
                let decision = store::decisions_de(tx, seance).await?.into_iter().find(|x| x.demande == id);
                let decision = decision.ok_or(Refusal::NotFound)?;
                if let Verdict::Accord { postes } = decision.verdict {
                    store::tenir_tout(tx, &territoires(&d.region, &d.departement).into()).await?;
                    store::rendre(tx, &decision.enveloppes, postes).await?;
                }
                store::annuler(tx, decision.id, actor.compte, site.clock.now()).await?;
                let line =
                    ligne(Some(actor), "demande.annuler_decision", d.id).with(json!({ "seance": seance }));
                Ok(journal::write(site, tx, line).await?)
            }
        })
        .await
}
