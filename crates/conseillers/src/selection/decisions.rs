//! What the committee decides: one demande, or several at once, and the undoing of it while the session is open.

use std::collections::BTreeSet;

use kernel::calendrier::jour;
use kernel::{Actor, Refusal, Verb};
use platform::{Site, Tx};
use uuid::Uuid;

use super::model::{Decision, Verdict, territoires};
use super::{seances, store};
use crate::demandes::actions::{self, Failure, passer};
use crate::demandes::model::{Demande, Etat, Genre, Sens};
use crate::demandes::store as demandes;
use crate::ids::{DemandeId, SeanceId};
use crate::postes::{self, Place, Typologie};

/// How many posts a favourable decision on several demandes grants to each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combien {
    /// As many as the préfecture proposes; as many as asked when it is not favourable.
    Avis,
    /// As many as asked.
    Demande,
    /// So many.
    Nombre(u32),
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
    (choix, commentaire): (&Choix, &str),
) -> Result<usize, Failure> {
    valable(choix, commentaire)?;
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > seances::AJOUT_MAX {
        return Err(Refusal::conflict("Cochez au moins une demande de la liste.").into());
    }
    site.db
        .write(async |tx| {
            let s = seances::tenir(tx, actor, seance, false).await?;
            seances::ouverte(&s)?;
            let mut tenues = Vec::new();
            for id in &ids {
                tenues.push(actions::tenir(tx, actor, Verb::DeciderDemandes, *id).await?);
            }
            let ou: BTreeSet<_> =
                tenues.iter().flat_map(|d| territoires(&d.region, &d.departement)).collect();
            store::tenir_tout(tx, &ou).await?;
            for d in &tenues {
                match une(site, tx, actor, seance, d, (choix, commentaire)).await {
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
        })
        .await
}

fn valable(choix: &Choix, commentaire: &str) -> Result<(), Refusal> {
    if commentaire.chars().count() > 1_000 {
        return Err(Refusal::field("commentaire", "Écrivez 1 000 caractères au plus."));
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
    (choix, commentaire): (&Choix, &str),
) -> Result<(), Failure> {
    if d.etat != (Etat::EnSeance { seance }) {
        return Err(match d.etat.en_cours() {
            true => Refusal::conflict("Cette demande n’est pas sur la liste de cette séance."),
            false => Refusal::conflict(format!(
                "Cette demande est déjà décidée ({}).",
                d.etat.nom().to_lowercase()
            )),
        }
        .into());
    }
    let verdict = match choix {
        Choix::Autre(verdict) => verdict.clone(),
        Choix::Accord(combien) => Verdict::Accord { postes: combien_de(tx, d, *combien).await? },
    };
    let le = jour(&site.clock.now());
    let (etat, enveloppes) = match &verdict {
        Verdict::Accord { postes } => {
            if !(1..=d.objet.postes()).contains(postes) {
                return Err(Refusal::conflict(format!("Accordez de 1 à {} postes.", d.objet.postes())).into());
            }
            let enveloppes = if d.objet.genre().cree_des_postes() {
                accorder(site, tx, d, *postes).await?
            } else {
                Vec::new()
            };
            (Etat::Accordee { postes: *postes, le }, enveloppes)
        }
        Verdict::Refus { criteres } => (Etat::Refusee { criteres: criteres.clone(), le }, Vec::new()),
        Verdict::Complement { attendu } => {
            (Etat::ExamenComplementaire { le, attendu: attendu.clone() }, Vec::new())
        }
    };
    let decision = Decision {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        seance,
        demande: d.id,
        verdict,
        commentaire: commentaire.trim().to_owned(),
        enveloppes,
        par: actor.compte,
        le: site.clock.now(),
        notifiee: false,
    };
    store::inserer_decision(tx, &decision).await?;
    passer(site, tx, d, etat, (Some(actor), "demande.decider", "Décision")).await?;
    Ok(())
}

async fn combien_de(tx: &Tx, d: &Demande, combien: Combien) -> Result<u32, Failure> {
    Ok(match combien {
        Combien::Nombre(n) => n,
        Combien::Demande => d.objet.postes(),
        Combien::Avis => {
            let avis = demandes::avis_de(tx, d.id).await?.into_iter().next();
            avis.filter(|a| a.sens == Sens::Favorable).map_or(d.objet.postes(), |a| a.postes)
        }
    })
}

/// Takes the posts from the enveloppes of the territory, and makes them.
async fn accorder(site: &Site, tx: &Tx, d: &Demande, n: u32) -> Result<Vec<Uuid>, Failure> {
    let enveloppes = store::prendre(tx, &territoires(&d.region, &d.departement), n).await?;
    let structure = annuaire::structures::find(tx, d.structure).await?.ok_or(Refusal::NotFound)?;
    let place =
        Place { structure: structure.id, departement: d.departement.clone(), region: d.region.clone() };
    let typologie = match d.objet.genre() {
        Genre::Coordinateur => Typologie::Coordinateur,
        _ => Typologie::Conseiller,
    };
    let origine = (Some(d.id), &place, jour(&site.clock.now()));
    postes::store::attribuer(site, tx, n, typologie, origine).await?;
    Ok(enveloppes)
}

/// Undoes a decision while the session is open: nobody was told yet. Its posts go, their enveloppes have them back.
///
/// # Errors
/// A conflict when the session is closed, or when one of the posts was filled meanwhile; [`Refusal::NotFound`] without a
/// decision.
pub async fn annuler(site: &Site, actor: &Actor, seance: SeanceId, id: DemandeId) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            let s = seances::tenir(tx, actor, seance, false).await?;
            seances::ouverte(&s)?;
            let d = actions::tenir(tx, actor, Verb::DeciderDemandes, id).await?;
            let decision = store::decisions_de(tx, seance).await?.into_iter().find(|x| x.demande == id);
            let decision = decision.ok_or(Refusal::NotFound)?;
            if let Verdict::Accord { postes } = decision.verdict
                && d.objet.genre().cree_des_postes()
            {
                match postes::store::effacer(tx, id).await {
                    Err(sea_orm::DbErr::RecordNotUpdated) => {
                        return Err(Refusal::conflict(
                            "Une personne a déjà été recrutée sur l’un de ces postes : la décision ne s’annule plus.",
                        )
                        .into());
                    }
                    other => other?,
                }
                store::rendre(tx, &decision.enveloppes, postes).await?;
            }
            store::annuler(tx, decision.id, actor.compte, site.clock.now()).await?;
            let quoi = (Some(actor), "demande.annuler_decision", "Décision annulée");
            Ok(passer(site, tx, &d, Etat::EnSeance { seance }, quoi).await?)
        })
        .await
}
