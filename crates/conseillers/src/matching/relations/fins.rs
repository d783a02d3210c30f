//! What ends a relation from outside: a post that is filled, a person who leaves or looks elsewhere, a contract that is over,
//! an answer that does not come. Both sides are told of what they were waiting for.

use annuaire::structures::StructureVue;
use kernel::Position;
use platform::{Site, Tx};

use super::actions::{ecrire, libres, position};
use super::model::{Entretien, Etat, Relation};
use super::{courriels, marques, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, Candidat, a_portee};
use crate::contrats::{self, Contrat};
use crate::courriels::{a_la_personne, a_la_structure};
use crate::ids::CandidatId;

/// Closes a relation; nobody is told.
async fn fermer(site: &Site, tx: &Tx, mut r: Relation, motif: &str) -> Result<(), Failure> {
    let avant = r.etat;
    r.etat = Etat::Close;
    r.avant = None;
    r.motif = Some(motif.to_owned());
    ecrire(site, tx, None, (Some(avant), &r), "relation.clore").await
}

/// Closes a relation from the side of the person: the structure is told when it was open.
async fn quitter(site: &Site, tx: &Tx, r: Relation, motif: &str) -> Result<(), Failure> {
    let (ouverte, structure, candidat) = (r.etat.ouverte(), r.structure, r.candidat);
    fermer(site, tx, r, motif).await?;
    if !ouverte {
        return Ok(());
    }
    let Some(s) = annuaire::structures::find(tx, structure).await? else { return Ok(()) };
    let qui = candidats::vue(tx, candidat).await?.map(|v| v.reference()).unwrap_or_default();
    a_la_structure(site, tx, &s, courriels::ferme(site, &s, &qui, motif)).await?;
    Ok(())
}

/// Whether a relation is one that an event of the person may end: what is open, what the structure may still come back on.
fn en_cours(r: &Relation) -> bool {
    r.etat.ouverte() || r.etat == Etat::Ecartee
}

/// Whether a contract holds these two together: it waits for an answer, or its last day is not over.
fn tient(c: &Contrat, jour: chrono::NaiveDate) -> bool {
    match c.etat {
        contrats::Etat::Saisi => true,
        contrats::Etat::Valide | contrats::Etat::RuptureNotifiee(_) => {
            c.termes.fin.is_none_or(|fin| fin >= jour)
        }
        _ => false,
    }
}

async fn lies(
    site: &Site,
    tx: &Tx,
    candidat: CandidatId,
) -> Result<impl Fn(&StructureVue) -> bool + use<>, Failure> {
    let jour = kernel::calendrier::jour(&site.clock.now());
    let contrats = contrats::store::de_candidat(tx, candidat).await?;
    Ok(move |s: &StructureVue| {
        contrats.iter().any(|c| s.identites.contains(&c.place.structure) && tient(c, jour))
    })
}

/// In the transaction that validates a contract, which holds both: their relation is a recrutement; the person's other contacts
/// close; when the structure has no free post left, everyone it was in contact with is told.
///
/// # Errors
/// The database.
pub(crate) async fn pourvu(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    candidat: CandidatId,
) -> Result<(), Failure> {
    let (site, complet) = (&cx.site, libres(cx, tx, s).await? == 0);
    for mut r in store::tenues(tx, candidat, &s.identites).await? {
        let (avant, ici) = (r.etat, s.identites.contains(&r.structure));
        if r.candidat == candidat && ici {
            if avant != Etat::Recrutee {
                r.etat = Etat::Recrutee;
                ecrire(site, tx, None, (Some(avant), &r), "relation.recruter").await?;
            }
        } else if r.candidat == candidat {
            if en_cours(&r) {
                quitter(site, tx, r, "La personne a pris un poste ailleurs.").await?;
            }
        } else if complet && avant.ouverte() {
            let qui = r.candidat;
            fermer(site, tx, r, "Le poste est pourvu.").await?;
            a_la_personne(site, tx, qui, courriels::pourvu(site, s)).await?;
        }
    }
    Ok(())
}

/// In the transaction that takes the last post of a structure away: its open contacts close, both sides are told, and who
/// was recruited there before is read no more than their contracts allow.
///
/// # Errors
/// The database.
pub(crate) async fn structure_partie(site: &Site, tx: &Tx, s: &StructureVue) -> Result<(), Failure> {
    for r in store::de_structure(tx, &s.identites).await? {
        if !en_cours(&r) {
            continue;
        }
        let (qui, ouverte) = (r.candidat, r.etat.ouverte());
        fermer(site, tx, r, "La structure n’a plus de poste de conseiller numérique.").await?;
        if ouverte {
            a_la_personne(site, tx, qui, courriels::sans_poste(site, s)).await?;
        }
    }
    marques::de_structure_partie(tx, &s.identites).await?;
    Ok(())
}

/// In the transaction, which holds the person, that makes them unavailable: their contacts close, but where a contract waits
/// for its validation.
///
/// # Errors
/// The database.
pub(crate) async fn plus_disponible(site: &Site, tx: &Tx, id: CandidatId) -> Result<(), Failure> {
    let lies = lies(site, tx, id).await?;
    marques::oublier(tx, id, None).await?;
    for r in store::tenues(tx, id, &[]).await?.into_iter().filter(en_cours) {
        let s = annuaire::structures::find(tx, r.structure).await?;
        if !s.is_some_and(|s| lies(&s)) {
            quitter(site, tx, r, "La personne n’est plus disponible.").await?;
        }
    }
    Ok(())
}

/// In the transaction, which holds the person, that changes where they would work: contacts with structures that are out of
/// reach close. Who was met elsewhere stays in contact: no distance was asked.
///
/// # Errors
/// The database.
pub(crate) async fn hors_de_portee(cx: &Conseillers, tx: &Tx, c: &Candidat) -> Result<(), Failure> {
    let lies = lies(&cx.site, tx, c.id).await?;
    let chez: (Position, _, _) = (c.fiche.lieu.position, &c.fiche.lieu.commune.departement, c.fiche.rayon);
    for r in store::tenues(tx, c.id, &[]).await?.into_iter().filter(en_cours) {
        let Some(s) = annuaire::structures::find(tx, r.structure).await? else { continue };
        let ici = position(cx, &s).and_then(|ici| a_portee(chez, ici, &s.commune.departement));
        if r.origine == super::Origine::Liste && ici.is_none() && !lies(&s) {
            quitter(&cx.site, tx, r, "Votre structure n’est plus dans la zone où cette personne cherche.")
                .await?;
        }
    }
    Ok(())
}

/// In the transaction that ends a contract of these two or sends it away: what rested on it closes. A name is read as long
/// as a contract holds the two, or the person looks for a post and agreed.
///
/// # Errors
/// The database.
pub(crate) async fn contrat_fini(
    site: &Site,
    tx: &Tx,
    s: &StructureVue,
    candidat: CandidatId,
) -> Result<(), Failure> {
    if lies(site, tx, candidat).await?(s) {
        return Ok(());
    }
    let cherche = candidats::qui_cherche(tx, candidat).await?.is_some();
    for r in store::tenues(tx, candidat, &[]).await? {
        if !s.identites.contains(&r.structure) {
            continue;
        }
        match r.etat {
            Etat::Recrutee => fermer(site, tx, r, "Le contrat a pris fin.").await?,
            Etat::Acceptee if !cherche => {
                quitter(site, tx, r, "La personne n’est plus disponible.").await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// In the transaction, which holds the person, in which a candidat leaves: their contacts close, structures that waited are
/// told, and what structures noted of them is forgotten.
///
/// # Errors
/// The database.
pub async fn candidat_parti(site: &Site, tx: &Tx, id: CandidatId) -> Result<(), Failure> {
    marques::oublier(tx, id, None).await?;
    super::rencontre::oublier(tx, id).await?;
    for mut r in store::tenues(tx, id, &[]).await? {
        r.note = String::new();
        r.entretien = Entretien::default();
        if en_cours(&r) {
            quitter(site, tx, r, "La candidature est retirée.").await?;
        } else {
            store::ecrire(tx, &r).await?;
        }
    }
    Ok(())
}

/// One round of the clock: questions without an answer in time. How many.
///
/// # Errors
/// The database.
pub async fn relever(cx: &Conseillers) -> Result<usize, Failure> {
    let mut n = 0;
    for r in store::echues(cx.site.db.read(), cx.jour()).await? {
        n += cx
            .site
            .db
            .write(async |tx| {
                let Some(s) = annuaire::structures::find(tx, r.structure).await? else { return Ok(0) };
                store::tenir(tx, s.id, r.candidat).await?;
                let Some(mut r) = store::get(tx, r.id).await? else { return Ok(0) };
                if r.etat != Etat::Proposee || r.repondre_avant >= cx.jour() {
                    return Ok(0);
                }
                r.etat = Etat::SansReponse;
                ecrire(&cx.site, tx, None, (Some(Etat::Proposee), &r), "relation.sans_reponse").await?;
                Ok::<usize, Failure>(1)
            })
            .await?;
    }
    Ok(n)
}
