//! The opinion of the préfecture: one demande, or several at once.

use kernel::ids::{CompteId, StructureId};
use kernel::{Actor, Refusal, Verb};
use platform::journal;
use platform::{Site, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::Failure;
use crate::demandes::actions::{self, ligne, tenir};
use crate::demandes::model::{Demande, Sens};
use crate::demandes::store::{self, Avis, Piece};
use crate::demandes::{Genre, rules};
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::DemandeId;

/// Largest file that comes with a demande, in bytes, and most files of one.
pub const PIECE_MAX: usize = 5 << 20;
/// Most files of a demande.
pub const PIECES_MAX: usize = 5;
/// Most demandes of one bulk opinion.
pub const ENSEMBLE_MAX: usize = 200;

/// What is typed as an opinion.
#[derive(Clone, Debug)]
pub struct Saisi {
    /// For, against, or further.
    pub sens: Sens,
    /// How many posts are proposed; none to propose what is asked.
    pub postes: Option<u32>,
    /// Why.
    pub commentaire: String,
    /// An agreement of principle before the decision.
    pub accord_principe: bool,
    /// Who should rather have the posts.
    pub vers: Option<StructureId>,
}

/// Gives an opinion on a demande, in a transaction.
///
/// # Errors
/// Refusals of [`rules::avis_attendu`] and [`rules::avis_valable`]; the field of a structure that cannot receive posts.
pub(crate) async fn noter(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    id: DemandeId,
    saisi: &Saisi,
) -> Result<(), Failure> {
    let demande = tenir(tx, actor, Verb::DonnerAvis, id).await?;
    rules::avis_attendu(&demande)?;
    let postes = match saisi.sens {
        Sens::Favorable => saisi.postes.unwrap_or(demande.objet.postes()),
        _ => 0,
    };
    rules::avis_valable(&demande, saisi.sens, postes, &saisi.commentaire)?;
    if saisi.accord_principe && saisi.sens != Sens::Favorable {
        return Err(Refusal::field(
            "accord_principe",
            "Un accord de principe va avec un avis favorable. Décochez la case, ou changez d’avis.",
        )
        .into());
    }
    let vers = match saisi.vers {
        Some(vers) => {
            let de = annuaire::structures::find(tx, demande.structure).await?.ok_or(Refusal::NotFound)?;
            let vers = actions::receveuse(tx, &de, vers).await?;
            Some((vers.id, vers.nom))
        }
        None => None,
    };
    let avis = Avis {
        sens: saisi.sens,
        postes,
        commentaire: saisi.commentaire.trim().to_owned(),
        accord_principe: saisi.accord_principe,
        vers,
        par: actor.compte,
        role: actor.role.ligne().key.to_owned(),
        le: site.clock.now(),
    };
    store::noter_avis(tx, id, &avis).await?;
    let avant = demande.avis.map_or("", Sens::nom);
    let mut quoi = vec![Ecrit::change("Avis", avant, avis.sens.nom())];
    if avis.sens == Sens::Favorable {
        quoi.push(Ecrit::nouveau("Postes proposés", postes.to_string()));
    }
    if avis.accord_principe {
        quoi.push(Ecrit::nouveau("Accord préalable de principe", "oui"));
    }
    historique::noter(site, tx, (Sujet::Demande, id.0), Some(actor), "Avis", &quoi).await?;
    let details =
        json!({ "sens": avis.sens.cle(), "postes": postes, "accord_principe": avis.accord_principe });
    Ok(journal::write(site, tx, ligne(Some(actor), "demande.avis", id).with(details)).await.map(|_| ())?)
}

/// Gives an opinion on one demande.
///
/// # Errors
/// As [`noter`].
pub async fn donner(site: &Site, actor: &Actor, id: DemandeId, saisi: &Saisi) -> Result<(), Failure> {
    site.db.write_again(|| async |tx: &Tx| noter(site, tx, actor, id, saisi).await).await
}

/// Gives the same opinion on several demandes: on all of them, or on none.
///
/// # Errors
/// As [`noter`], the demande being named.
pub async fn donner_a_plusieurs(
    site: &Site,
    actor: &Actor,
    ids: &[DemandeId],
    saisi: &Saisi,
) -> Result<usize, Failure> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > ENSEMBLE_MAX {
        return Err(Refusal::conflict(format!(
            "Cochez de 1 à {ENSEMBLE_MAX} demandes dans la liste, puis donnez l’avis."
        ))
        .into());
    }
    site.db
        .write_again(|| {
            async |tx: &Tx| {
                store::tenir_toutes(tx, ids.iter().copied()).await?;
                for id in &ids {
                    match noter(site, tx, actor, *id, saisi).await {
                        Err(Failure::Refusal(Refusal::Conflict(sentence))) => {
                            let d = store::get(tx, *id).await?.map(|d| d.reference()).unwrap_or_default();
                            return Err(Refusal::conflict(format!(
                                "{d} : {sentence} Rien n’a été enregistré."
                            ))
                            .into());
                        }
                        other => other?,
                    }
                }
                Ok(ids.len())
            }
        })
        .await
}

/// Keeps a file with a demande: a PDF, told by its content.
///
/// # Errors
/// The field of the file when it is none, too large, or one too many.
pub async fn joindre(
    site: &Site,
    actor: &Actor,
    id: DemandeId,
    nom: &str,
    contenu: Vec<u8>,
) -> Result<(), Failure> {
    site.db
        .write(async |tx| {
            tenir(tx, actor, Verb::DonnerAvis, id).await?;
            poser(site, tx, id, (nom, contenu), actor.compte).await?;
            let quoi = [Ecrit::nouveau("Fichier", nom.chars().take(120).collect::<String>())];
            historique::noter(site, tx, (Sujet::Demande, id.0), Some(actor), "Fichier joint", &quoi).await?;
            Ok(journal::write(site, tx, ligne(Some(actor), "demande.joindre", id)).await?)
        })
        .await
}

/// The same, in the transaction of its cause, for a demande that the caller holds.
pub(crate) async fn poser(
    site: &Site,
    tx: &Tx,
    id: DemandeId,
    (nom, contenu): (&str, Vec<u8>),
    par: CompteId,
) -> Result<(), Failure> {
    if !contenu.starts_with(b"%PDF-") {
        return Err(Refusal::field("fichier", "Joignez un fichier PDF.").into());
    }
    if contenu.len() > PIECE_MAX {
        return Err(Refusal::field(
            "fichier",
            "Ce fichier dépasse 5 Mio. Réduisez-le, ou joignez-en une partie.",
        )
        .into());
    }
    if store::pieces(tx, id).await?.len() >= PIECES_MAX {
        return Err(Refusal::field("fichier", "Une demande a au plus cinq fichiers.").into());
    }
    let piece = Piece {
        id: kernel::ids::uuid_v7(&site.clock, &site.chance),
        nom: nom.chars().filter(|c| !c.is_control() && *c != '"').take(120).collect(),
        taille: i64::try_from(contenu.len()).unwrap_or(i64::MAX),
        le: site.clock.now(),
    };
    Ok(store::poser_piece(tx, id, &piece, contenu, par).await?)
}

/// A file of a demande that the actor may read: (name, content).
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope. A structure does not read what préfectures keep.
pub async fn lire_piece(
    site: &Site,
    actor: &Actor,
    id: DemandeId,
    piece: Uuid,
) -> Result<(String, Vec<u8>), Failure> {
    let conn = site.db.read();
    actions::ouvrir(conn, actor, Verb::VoirDemandes, id).await?;
    if matches!(actor.perimetre, kernel::Perimetre::Structures(_)) {
        return Err(Refusal::NotFound.into());
    }
    Ok(store::piece(conn, id, piece).await?.ok_or(Refusal::NotFound)?)
}

/// Whether the opinion may propose another structure: only for posts that would be made.
pub fn transfert_possible(d: &Demande) -> bool {
    d.objet.genre() != Genre::Transfert && d.objet.genre() != Genre::Retrait
}
