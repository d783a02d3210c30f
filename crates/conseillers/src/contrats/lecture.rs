//! What pages read of contracts, within the scope of who reads.

use std::collections::HashMap;

use annuaire::structures::StructureVue;
use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Refusal, Verb};
use platform::Site;
use sea_orm::{ConnectionTrait, DbErr};

use super::model::{Contrat, Etat};
use super::store;
use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::historique::{self, Changement, Sujet};
use crate::ids::{CandidatId, ContratId};
use crate::postes::{self, Poste};

/// A contract with what a page needs to tell it.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The contract.
    pub contrat: Contrat,
    /// What it renews.
    pub avant: Option<Contrat>,
    /// What renews it, refused and taken back included.
    pub suites: Vec<Contrat>,
    /// Its post.
    pub poste: Poste,
    /// Its employer today.
    pub structure: StructureVue,
    /// Its person.
    pub personne: String,
}

/// A contract, if the actor may do that where it stands.
///
/// # Errors
/// [`Refusal::NotFound`] when there is none, or out of scope.
pub async fn ouvrir(cx: &Conseillers, actor: &Actor, verb: Verb, id: ContratId) -> Result<Dossier, Failure> {
    let conn = cx.site.db.read();
    let contrat = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    let structure =
        annuaire::structures::find(conn, contrat.place.structure).await?.ok_or(Refusal::NotFound)?;
    structure.may(actor, verb)?;
    let avant = match contrat.suite_de {
        Some(avant) => store::get(conn, avant).await?,
        None => None,
    };
    Ok(Dossier {
        avant,
        suites: store::suites(conn, id).await?,
        poste: postes::store::get(conn, contrat.poste).await?.ok_or(Refusal::NotFound)?,
        personne: noms(&cx.site, actor, std::slice::from_ref(&contrat))
            .await?
            .remove(&contrat.candidat)
            .unwrap_or_default(),
        structure,
        contrat,
    })
}

/// The names of the people of these contracts, for somebody who may read them; a sentence for those whose file was erased.
/// The reading is written in the journal.
///
/// # Errors
/// The database.
pub async fn noms(
    site: &Site,
    actor: &Actor,
    contrats: &[Contrat],
) -> Result<HashMap<CandidatId, String>, DbErr> {
    let ids: Vec<CandidatId> = contrats.iter().map(|c| c.candidat).collect();
    let lus = candidats::lire_coordonnees(site, actor, &ids).await?;
    let nom = |id: &CandidatId| {
        let connu = lus.get(id).map(candidats::Coordonnees::nom_complet);
        connu.unwrap_or_else(|| "Personne dont le dossier est effacé".to_owned())
    };
    Ok(ids.iter().map(|id| (*id, nom(id))).collect())
}

/// A contract, as its own person reads it.
#[derive(Clone, Debug)]
pub struct Mien {
    /// The contract.
    pub contrat: Contrat,
    /// Its employer, with the commune.
    pub structure: String,
    /// The number of its post.
    pub poste: String,
}

/// The contracts of a person that were not refused nor taken back, latest first: for the person alone.
///
/// # Errors
/// The database.
pub async fn miens(conn: &impl ConnectionTrait, id: CandidatId) -> Result<Vec<Mien>, DbErr> {
    let mut out = Vec::new();
    let utiles = |c: &Contrat| c.etat == Etat::Saisi || c.engage();
    for contrat in store::de_candidat(conn, id).await?.into_iter().filter(utiles) {
        let s = annuaire::structures::find(conn, contrat.place.structure).await?;
        let poste = postes::store::get(conn, contrat.poste).await?;
        out.push(Mien {
            structure: s
                .map(|s| format!("{}, {} ({})", s.nom, s.commune.nom, s.commune.departement))
                .unwrap_or_default(),
            poste: poste.map(|p| p.reference()).unwrap_or_default(),
            contrat,
        });
    }
    out.reverse();
    Ok(out)
}

/// The structures of the actor's scope that recruit.
///
/// # Errors
/// Without the verb; the database.
pub async fn employeurs(cx: &Conseillers, actor: &Actor) -> Result<Vec<StructureVue>, Failure> {
    actor.may(Verb::Recruter)?;
    let Perimetre::Structures(ids) = &actor.perimetre else { return Ok(Vec::new()) };
    let mut out: Vec<StructureVue> = Vec::new();
    for id in ids {
        if let Some(s) = annuaire::structures::find(cx.site.db.read(), *id).await?
            && !out.iter().any(|o| o.id == s.id)
        {
            out.push(s);
        }
    }
    Ok(out)
}

/// What happened to a contract, latest first.
///
/// # Errors
/// The database.
pub async fn histoire(conn: &impl ConnectionTrait, id: ContratId) -> Result<Vec<Changement>, DbErr> {
    historique::lire(conn, (Sujet::Contrat, id.0), 0, 200).await
}

/// Contracts of a person within the actor's scope, oldest first.
///
/// # Errors
/// Without the verb; [`Refusal::NotFound`] when the actor may see none.
pub async fn de_personne(cx: &Conseillers, actor: &Actor, id: CandidatId) -> Result<Vec<Contrat>, Failure> {
    let conn = cx.site.db.read();
    let mut vus = Vec::new();
    let mut structures: HashMap<StructureId, bool> = HashMap::new();
    for contrat in store::de_candidat(conn, id).await? {
        let structure = contrat.place.structure;
        let vu = match structures.get(&structure) {
            Some(vu) => *vu,
            None => {
                let s = annuaire::structures::find(conn, structure).await?;
                let vu = s.is_some_and(|s| s.may(actor, Verb::VoirPostes).is_ok());
                structures.insert(structure, vu);
                vu
            }
        };
        if vu {
            vus.push(contrat);
        }
    }
    if vus.is_empty() { Err(Refusal::NotFound.into()) } else { Ok(vus) }
}
