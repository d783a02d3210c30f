//! Two files of one person: made one, told apart again, or said to be of two people.
//!
//! The kept file takes the contacts, contracts, posts, trainings, links and the CV when it is newer; what moved is written, so
//! that telling the two apart gives it back. The account of the absorbed file opens the kept one
//! ([`super::store::de_compte`]).

mod migration;
pub(super) mod store;

use chrono::{DateTime, Utc};
use kernel::{Actor, Refusal, Verb};
use platform::Tx;
use platform::journal::{self, Entry};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::cv;
use super::model::{Candidat, CandidatId, Etat};
use super::store as fichier;
use crate::contrats;
use crate::equipe::compte;
use crate::formation;
use crate::historique::{Ecrit, Sujet, noter};
use crate::matching::relations;
use crate::postes;
use crate::{Conseillers, Failure};

pub(crate) use migration::Fusions0062;

/// What moved from the absorbed file to the kept one.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pieces {
    /// When the address of the absorbed file was proven.
    confirmee_le: Option<DateTime<Utc>>,
    /// Whether the kept file had no account, and took that of the other.
    compte: bool,
    /// Whether the kept file was available.
    disponible: bool,
    contrats: Vec<Uuid>,
    affectations: Vec<Uuid>,
    liens: Vec<String>,
    /// When the CV that the kept file took was sent.
    cv: Option<DateTime<Utc>>,
    relations: relations::fusion::Reunies,
    formation: formation::fusion::Reuni,
}

/// Holds two people: whoever else changes their contacts, contracts, posts or files waits.
async fn tenir(tx: &Tx, a: CandidatId, b: CandidatId) -> Result<(), Failure> {
    // Always in one order: two people who decide on one pair wait for each other.
    let deux = [a.min(b), a.max(b)];
    for id in deux {
        relations::store::tenir_personne(tx, id).await?;
    }
    for id in deux {
        contrats::store::tenir_personne(tx, id).await?;
    }
    let mut tenus = Vec::new();
    for id in deux {
        tenus.extend(postes::store::de_candidat(tx, id).await?.into_iter().map(|(poste, _)| poste));
    }
    tenus.sort_unstable();
    tenus.dedup();
    for poste in tenus {
        postes::store::get_locked(tx, poste).await?;
    }
    for id in deux {
        fichier::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
    }
    Ok(())
}

/// Whether the posts of these two are those of one person: no day in common.
async fn sans_recouvrement(tx: &Tx, gardee: CandidatId, absorbee: CandidatId) -> Result<(), Failure> {
    let siens = postes::store::de_candidat(tx, gardee).await?;
    let commun = |a: &kernel::Periode, b: &kernel::Periode| {
        a.fin.is_none_or(|fin| b.debut <= fin) && b.fin.is_none_or(|fin| a.debut <= fin)
    };
    for (_, periode) in postes::store::de_candidat(tx, absorbee).await? {
        if siens.iter().any(|(_, p)| commun(p, &periode)) {
            return Err(Refusal::conflict(
                "Ces deux candidatures ont occupé deux postes en même temps : ce n’est pas la même personne, ou un contrat est faux. \
                 Corrigez d’abord le contrat.",
            )
            .into());
        }
    }
    Ok(())
}

/// Makes one file of two: `absorbee` leads to `gardee` from now on, which takes what the other held.
///
/// # Errors
/// [`Refusal::NotFound`], also when they are one; a conflict when they are not both confirmed, or held two posts on one day.
pub(super) async fn fusionner(
    cx: &Conseillers,
    actor: &Actor,
    (gardee, absorbee): (CandidatId, CandidatId),
) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    if gardee == absorbee {
        return Err(Refusal::NotFound.into());
    }
    let site = &cx.site;
    site.db
        .write(async |tx| {
            tenir(tx, gardee, absorbee).await?;
            let mut g = fichier::get(tx, gardee).await?.ok_or(Refusal::NotFound)?;
            let mut a = fichier::get(tx, absorbee).await?.ok_or(Refusal::NotFound)?;
            let (Etat::Active { .. }, Etat::Active { confirmee_le }) = (g.etat, a.etat) else {
                return Err(Refusal::conflict("Seules deux candidatures confirmées se réunissent.").into());
            };
            sans_recouvrement(tx, gardee, absorbee).await?;
            let deux = (gardee, absorbee);
            let pieces = Pieces {
                confirmee_le: Some(confirmee_le),
                compte: g.compte.is_none() && a.compte.is_some(),
                disponible: g.disponible,
                contrats: contrats::store::passer(tx, absorbee, gardee).await?,
                affectations: postes::store::passer(tx, absorbee, gardee).await?,
                liens: store::passer_liens(tx, absorbee, gardee).await?,
                cv: cv::prendre(site, tx, deux).await?,
                relations: relations::fusion::reunir(site, tx, deux).await?,
                formation: formation::fusion::reunir(site, tx, deux).await?,
            };
            // First the absorbed one leaves the addresses and accounts that are open.
            a.etat = Etat::Fusionnee { dans: gardee };
            ecrire(tx, &a).await?;
            let en_poste = postes::store::tient_un_poste(tx, gardee, cx.jour()).await?;
            g.compte = g.compte.or(a.compte);
            g.disponible = (g.disponible || a.disponible) && !en_poste;
            g.vu_le = g.vu_le.max(a.vu_le);
            ecrire(tx, &g).await?;
            if en_poste {
                relations::fins::plus_disponible(site, tx, gardee).await?;
                compte::ouvrir(cx, tx, gardee).await?;
            }
            store::noter(tx, deux, site.clock.now(), &pieces).await?;
            let dit = [
                (absorbee, Ecrit::nouveau("Réunie avec", g.reference())),
                (gardee, Ecrit::nouveau("Réunit aussi", a.reference())),
            ];
            for (id, ecrit) in dit {
                noter(site, tx, (Sujet::Candidat, id.0), Some(actor), "Fusion", &[ecrit]).await?;
            }
            let faits = json!({ "absorbee": absorbee.to_string(), "contrats": pieces.contrats.len() });
            journal::write(site, tx, Entry::by(actor, "candidat.fusionner", "candidat", gardee).with(faits))
                .await?;
            Ok(())
        })
        .await
}

async fn ecrire(tx: &Tx, c: &Candidat) -> Result<(), Failure> {
    if fichier::update(tx, c).await? { Ok(()) } else { Err(Failure::perime()) }
}

/// Makes two files again of one that was absorbed: each has what it held.
///
/// # Errors
/// [`Refusal::NotFound`]; a conflict when it was not absorbed, its address has another file since, or the kept file was
/// absorbed in its turn.
pub(super) async fn separer(cx: &Conseillers, actor: &Actor, absorbee: CandidatId) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    let site = &cx.site;
    site.db
        .write(async |tx| {
            let pas_reunie = || Refusal::conflict("Cette candidature n’est réunie avec aucune autre.");
            let lue = fichier::get(tx, absorbee).await?.ok_or(Refusal::NotFound)?;
            let Etat::Fusionnee { dans: gardee } = lue.etat else { return Err(pas_reunie().into()) };
            tenir(tx, gardee, absorbee).await?;
            let mut g = fichier::get(tx, gardee).await?.ok_or(Refusal::NotFound)?;
            let mut a = fichier::get(tx, absorbee).await?.ok_or(Refusal::NotFound)?;
            if a.etat != (Etat::Fusionnee { dans: gardee }) {
                return Err(pas_reunie().into());
            }
            if !matches!(g.etat, Etat::Active { .. }) {
                return Err(Refusal::conflict(format!(
                    "La candidature {} a été réunie à son tour avec une autre : séparez d’abord celle-là.",
                    g.reference()
                ))
                .into());
            }
            if fichier::actif_de_courriel(tx, &a.fiche.courriel.key()).await?.is_some() {
                return Err(
                    Refusal::conflict("Une autre candidature est confirmée à cette adresse depuis.").into()
                );
            }
            let (deux, pieces) = ((gardee, absorbee), store::reprendre(tx, absorbee).await?);
            contrats::store::rendre(tx, &pieces.contrats, absorbee).await?;
            postes::store::rendre(tx, &pieces.affectations, absorbee).await?;
            store::rendre_liens(tx, &pieces.liens, absorbee).await?;
            cv::rendre(site, tx, deux, pieces.cv).await?;
            relations::fusion::separer(site, tx, deux, &pieces.relations).await?;
            formation::fusion::separer(tx, deux, &pieces.formation).await?;
            let (jour, hier) = (cx.jour(), cx.jour().pred_opt().unwrap_or(cx.jour()));
            let en_poste = postes::store::tient_un_poste(tx, gardee, jour).await?;
            if pieces.compte && g.compte == a.compte {
                g.compte = None;
            }
            g.disponible = (g.disponible || pieces.disponible) && !en_poste;
            ecrire(tx, &g).await?;
            a.etat = Etat::Active { confirmee_le: pieces.confirmee_le.unwrap_or(site.clock.now()) };
            a.disponible = a.disponible && !postes::store::tient_un_poste(tx, absorbee, jour).await?;
            ecrire(tx, &a).await?;
            for id in [gardee, absorbee] {
                if postes::store::tient_un_poste(tx, id, jour).await? {
                    compte::ouvrir(cx, tx, id).await?;
                } else {
                    compte::fermer(cx, tx, id, hier).await?;
                }
                let ecrit = Ecrit::nouveau("Séparées", a.reference());
                noter(site, tx, (Sujet::Candidat, id.0), Some(actor), "Séparation", &[ecrit]).await?;
            }
            journal::write(site, tx, Entry::by(actor, "candidat.defusionner", "candidat", absorbee)).await?;
            Ok(())
        })
        .await
}

/// Says that two files are of two people: they are not offered as duplicates any more. Or takes that back.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such file, or it is the same; a conflict when it was said already.
pub(super) async fn distinguer(
    cx: &Conseillers,
    actor: &Actor,
    paire: (CandidatId, CandidatId),
    oui: bool,
) -> Result<(), Failure> {
    actor.may(Verb::GererCandidats)?;
    let site = &cx.site;
    site.db
        .write(async |tx| {
            if paire.0 == paire.1 {
                return Err(Refusal::NotFound.into());
            }
            for id in [paire.0.min(paire.1), paire.0.max(paire.1)] {
                fichier::get_locked(tx, id).await?.ok_or(Refusal::NotFound)?;
            }
            let fait = if oui {
                store::distinguer(tx, paire, (site.clock.now(), actor.compte.0)).await?
            } else {
                store::rapprocher(tx, paire).await?
            };
            if !fait {
                return Err(
                    Refusal::conflict("Quelqu’un vient de le dire déjà : la liste est à jour.").into()
                );
            }
            let verbe = if oui { "candidat.distinguer" } else { "candidat.rapprocher" };
            let action = if oui { "Pas un doublon" } else { "Doublon possible de nouveau" };
            for (id, autre) in [paire, (paire.1, paire.0)] {
                let reference = fichier::get(tx, autre).await?.map(|c| c.reference()).unwrap_or_default();
                let ecrit = Ecrit::nouveau("Comparée avec", reference);
                noter(site, tx, (Sujet::Candidat, id.0), Some(actor), action, &[ecrit]).await?;
                let ligne = Entry::by(actor, verbe, "candidat", id);
                journal::write(site, tx, ligne.with(json!({ "autre": autre.to_string() }))).await?;
            }
            Ok(())
        })
        .await
}
