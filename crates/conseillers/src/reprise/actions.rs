//! Taking a file over: read, compared, then written in one transaction, or not at all.

use annuaire::lieux::rapport::{Comptes, Rapport};
use identity::{Invitation, invite_by_programme};
use kernel::{Actor, Perimetre, Refusal, Role, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::DbErr;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::lecture::EnMemoire;
use super::model::{Bilan, Parametres, Quoi, Remarque};
use super::{candidats, structures};
use crate::Conseillers;
use crate::candidats::model::Candidat;
use crate::candidats::reprise as gens;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::Compteur;

/// Why a file is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// A sentence that says what to do.
    #[error("{0}")]
    Fichier(String),
    /// A rule said no.
    #[error(transparent)]
    Refus(#[from] Refusal),
    /// The account of somebody could not be opened.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The database.
    #[error(transparent)]
    Base(#[from] DbErr),
}

/// What came of a file.
#[derive(Debug)]
pub struct Reprise {
    /// In lines.
    pub bilan: Bilan,
    /// By field and rule.
    pub comptes: Comptes,
    /// Cell by cell, the first fifty thousand.
    pub remarques: Vec<Remarque>,
}

/// Takes a file over, for an actor or for the command line.
///
/// # Errors
/// A sentence when the file is refused: nothing is then written.
pub async fn reprendre(
    c: &Conseillers,
    actor: Option<&Actor>,
    octets: Vec<u8>,
    p: &Parametres,
) -> Result<Reprise, Echec> {
    if let Some(actor) = actor {
        actor.may_on(Verb::GererCandidats, &kernel::actor::Cible::default())?;
    }
    let sha256 = kernel::text::hex(&Sha256::digest(&octets));
    let (mut reprise, facts) = match p.quoi {
        Quoi::Candidats => des_candidats(c, actor, octets, p).await?,
        Quoi::Structures => des_structures(c, actor, octets, p).await?,
    };
    reprise.bilan.sha256 = sha256;
    if !p.a_blanc {
        let facts = json!({ "quoi": p.quoi.cle(), "ajoutes": facts, "sha256": reprise.bilan.sha256 });
        c.site
            .db
            .write(async |tx| {
                let line = match actor {
                    Some(actor) => Entry::by(actor, "reprise.fichier", "reprise", p.quoi.cle()),
                    None => Entry::system("reprise.fichier", "reprise", p.quoi.cle()),
                };
                journal::write(&c.site, tx, line.with(facts)).await
            })
            .await?;
    }
    Ok(reprise)
}

fn defaut(e: impl std::fmt::Display) -> Echec {
    Echec::Base(DbErr::Custom(e.to_string()))
}

async fn des_candidats(
    c: &Conseillers,
    actor: Option<&Actor>,
    octets: Vec<u8>,
    p: &Parametres,
) -> Result<(Reprise, u64), Echec> {
    let connus = gens::connus(c.site.db.read()).await?;
    let (site, territoires) = (c.site.clone(), c.annuaire.territoires());
    let lu = tokio::task::spawn_blocking(move || {
        let mut puits = EnMemoire::default();
        let mut rapport = Rapport::new(&mut puits);
        let lus = candidats::lire_fichier(&octets, (&site, &territoires, &connus), &mut rapport)?;
        let comptes = rapport.comptes().map_err(|e| e.to_string())?;
        Ok::<_, String>((lus, comptes, puits.remarques))
    });
    let (lus, comptes, remarques) = lu.await.map_err(defaut)?.map_err(Echec::Fichier)?;
    let (mut bilan, mut nouveaux) = (lus.bilan, lus.candidats);
    if !p.a_blanc && !nouveaux.is_empty() {
        c.site.db.write(async |tx| ecrire(&c.site, tx, actor, &mut nouveaux, p.inviter).await).await?;
        bilan.invited = if p.inviter { bilan.added } else { 0 };
    }
    let n = bilan.added;
    Ok((Reprise { bilan, comptes, remarques }, n))
}

async fn ecrire(
    site: &Site,
    tx: &Tx,
    actor: Option<&Actor>,
    nouveaux: &mut [Candidat],
    inviter: bool,
) -> Result<(), Echec> {
    let n = i64::try_from(nouveaux.len()).unwrap_or(i64::MAX);
    for (candidat, numero) in nouveaux.iter_mut().zip(Compteur::Candidat.prend(tx, n).await?..) {
        candidat.numero = numero;
        if inviter {
            let invitation = Invitation {
                courriel: candidat.fiche.courriel.clone(),
                nom: candidat.fiche.nom_complet(),
                role: Role::Candidat,
                perimetre: Perimetre::Soi,
                fin: None,
            };
            candidat.compte = Some(invite_by_programme(site, tx, &invitation).await?.compte);
        }
    }
    match gens::inscrire(tx, nouveaux).await {
        Err(e) if matches!(e.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
            return Err(Echec::Fichier(
                "Une personne de ce fichier vient de candidater, ou a déjà un compte lié à une autre candidature. Rien n’est repris : recommencez."
                    .to_owned(),
            ));
        }
        autre => autre?,
    }
    let ids: Vec<uuid::Uuid> = nouveaux.iter().map(|c| c.id.0).collect();
    let quoi = Ecrit::nouveau("Origine", "Reprise d’un fichier");
    Ok(historique::commencer(site, tx, Sujet::Candidat, &ids, (actor, "Reprise", &quoi)).await?)
}

async fn des_structures(
    c: &Conseillers,
    actor: Option<&Actor>,
    octets: Vec<u8>,
    p: &Parametres,
) -> Result<(Reprise, u64), Echec> {
    let (site, territoires) = (&c.site, c.annuaire.territoires());
    // Read away from the requests: remarks about the cells come first.
    let lu = tokio::task::spawn_blocking(move || {
        let mut puits = EnMemoire::default();
        let mut rapport = Rapport::new(&mut puits);
        let (lues, bilan) = structures::lire_fichier(&octets, &territoires, &mut rapport)?;
        let comptes = rapport.comptes().map_err(|e| e.to_string())?;
        Ok::<_, String>((lues, bilan, comptes, puits.remarques))
    });
    let (lues, mut bilan, mut comptes, mut remarques) = lu.await.map_err(defaut)?.map_err(Echec::Fichier)?;
    let mut comparees = Vec::with_capacity(lues.len());
    for lue in lues {
        let semblable = annuaire::structures::semblable(site, &lue.fiche, lue.contact.as_ref()).await?;
        comparees.push((lue, semblable));
    }
    let mut puits = EnMemoire::default();
    let nouvelles = trier(comparees, &mut bilan, &mut comptes, &mut puits).map_err(defaut)?;
    remarques.append(&mut puits.remarques);
    remarques.sort_by_key(|r| r.ligne);
    if !p.a_blanc && !nouvelles.is_empty() {
        let fiches = nouvelles.into_iter().map(|l| (l.fiche, l.contact)).collect();
        bilan.invited = site
            .db
            .write(async |tx| {
                let inscrites = annuaire::structures::inscrire_toutes(site, tx, actor, fiches).await?;
                let mut invites = 0;
                for (id, contact) in inscrites.into_iter().filter(|_| p.inviter) {
                    let Some((courriel, nom)) = contact.and_then(|c| Some((c.courriel?, c.nom))) else {
                        continue;
                    };
                    let invitation = Invitation {
                        courriel,
                        nom,
                        role: Role::GestionnaireStructure,
                        perimetre: Perimetre::Structures(vec![id]),
                        fin: None,
                    };
                    invite_by_programme(site, tx, &invitation).await?;
                    invites += 1;
                }
                Ok::<_, Echec>(invites)
            })
            .await?;
    }
    let n = bilan.added;
    Ok((Reprise { bilan, comptes, remarques }, n))
}

/// Those that are new; the others are told in the report.
fn trier(
    comparees: Vec<(structures::Lue, annuaire::structures::Semblable)>,
    bilan: &mut Bilan,
    comptes: &mut Comptes,
    puits: &mut EnMemoire,
) -> std::io::Result<Vec<structures::Lue>> {
    let mut rapport = Rapport::new(puits);
    let mut nouvelles = Vec::new();
    for (lue, semblable) in comparees {
        if structures::deja(&lue, &semblable, bilan, &mut rapport) {
            nouvelles.push(lue);
        }
    }
    comptes.regles.extend(rapport.comptes()?.regles);
    Ok(nouvelles)
}
