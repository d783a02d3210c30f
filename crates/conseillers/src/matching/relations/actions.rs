//! What a structure and a candidat can do to their relation: one function a verb, each in one transaction.

use annuaire::structures::StructureVue;
use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use kernel::{Actor, Position, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::mail::{self, Message};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::model::{Entretien, Etat, Origine, Relation, Resultat};
use super::{rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats;
use crate::contrats::courriels::a_la_structure;
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{CandidatId, RelationId};
use crate::postes;

/// Where the space of a candidat lists who contacted them.
const CONTACTS: &str = "/mon-espace/contacts";

/// Where distances to a structure are measured: its commune.
pub fn position(cx: &Conseillers, s: &StructureVue) -> Option<Position> {
    cx.annuaire.territoires().commune(&s.commune.code)?.position.map(|p| p.position)
}

/// How many posts of the structure may be filled today.
///
/// # Errors
/// The database.
pub async fn libres(cx: &Conseillers, conn: &impl ConnectionTrait, s: &StructureVue) -> Result<usize, DbErr> {
    let jour = cx.jour();
    let postes = postes::store::de_structure(conn, &s.identites, jour).await?;
    Ok(postes.iter().filter(|p| postes::rules::a_pourvoir(p, jour)).count())
}

/// Writes to a candidat; nothing when their file is erased.
async fn au_candidat(
    cx: &Conseillers,
    tx: &Tx,
    id: CandidatId,
    sujet: &str,
    paragraphes: &[String],
) -> Result<(), Failure> {
    let Some(c) = candidats::coordonnees(tx, id).await? else { return Ok(()) };
    let mut texte = vec![format!("Bonjour {},", c.prenom)];
    texte.extend(paragraphes.iter().cloned());
    texte.push(cx.site.url(CONTACTS));
    let subject = format!("{} : {sujet}", cx.site.config.marque.nom);
    mail::enqueue(&cx.site, tx, &Message { to: c.courriel, subject, text: texte.join("\n\n") }).await?;
    Ok(())
}

/// Writes the relation, its history and its journal line.
async fn ecrire(
    site: &Site,
    tx: &Tx,
    actor: Option<&Actor>,
    (avant, r): (Option<Etat>, &Relation),
    verbe: &'static str,
) -> Result<(), Failure> {
    if !store::ecrire(tx, r).await? {
        return Err(
            Refusal::conflict("Ce contact vient de changer. Rechargez la page, puis recommencez.").into()
        );
    }
    let ecrit = Ecrit::change("État", avant.map(Etat::nom).unwrap_or_default(), r.etat.nom());
    historique::noter(site, tx, (Sujet::Relation, r.id.0), actor, verbe, &[ecrit]).await?;
    let entry = match actor {
        Some(actor) => Entry::by(actor, verbe, "relation", r.id),
        None => Entry::system(verbe, "relation", r.id),
    };
    journal::write(site, tx, entry.with(json!({ "etat": r.etat.cle() }))).await?;
    Ok(())
}

/// Whom the structure asks.
#[derive(Clone, Debug)]
pub enum Qui {
    /// Somebody of its list.
    Liste(CandidatId),
    /// Somebody it met elsewhere, by their reference (`CA-12`).
    Reference(String),
}

/// The structure asks a candidat whether it may contact them.
///
/// # Errors
/// [`Refusal::NotFound`] for somebody out of its reach; the bounds of [`rules::ouvrir`]; when they said no, or are asked already.
pub async fn proposer(
    cx: &Conseillers,
    actor: &Actor,
    structure: StructureId,
    qui: Qui,
) -> Result<RelationId, Failure> {
    let index = cx.candidats.index(&cx.site).await?;
    cx.site
        .db
        .write(async |tx| {
            let s = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
            s.may(actor, Verb::Recruter)?;
            let (candidat, origine) = match &qui {
                Qui::Liste(id) => {
                    let ici = position(cx, &s).ok_or(Refusal::NotFound)?;
                    index.rencontre(*id, ici, &s.commune.departement).ok_or(Refusal::NotFound)?;
                    (*id, Origine::Liste)
                }
                Qui::Reference(reference) => {
                    let numero = reference.trim().to_uppercase();
                    let numero: Option<i64> = numero.strip_prefix("CA-").unwrap_or(&numero).parse().ok();
                    let connu = numero.and_then(|n| index.tous().find(|c| c.numero == n));
                    let connu = connu.ok_or_else(|| {
                        Refusal::field("reference", "Aucune personne disponible n’a cette référence. Elle se lit dans son espace : CA-12.")
                    })?;
                    (connu.id, Origine::HorsListe)
                }
            };
            store::tenir(tx, s.id, candidat).await?;
            let siennes = store::de_candidat(tx, candidat).await?;
            let deja = siennes.iter().find(|r| s.identites.contains(&r.structure));
            let ouvertes = store::de_structure(tx, &s.identites).await?.iter().filter(|r| r.etat.ouverte()).count();
            match deja.map(|r| r.etat) {
                None | Some(Etat::SansReponse | Etat::Close) => {}
                Some(Etat::Declinee) => return Err(Refusal::conflict("Cette personne a décliné votre contact.").into()),
                Some(etat) => return Err(Refusal::conflict(format!("Ce contact existe déjà : {}.", etat.nom())).into()),
            }
            rules::ouvrir(siennes.iter().filter(|r| r.etat.ouverte()).count(), ouvertes, libres(cx, tx, &s).await?)?;
            let relation = Relation {
                id: deja.map_or_else(|| RelationId::new(&cx.site.clock, &cx.site.chance), |r| r.id),
                candidat,
                structure: s.id,
                origine,
                etat: Etat::Proposee,
                avant: None,
                motif: None,
                note: deja.map(|r| r.note.clone()).unwrap_or_default(),
                entretien: Entretien::default(),
                resultat: None,
                proposee_le: cx.site.clock.now(),
                repondre_avant: rules::repondre_avant(cx.jour()),
                repondue_le: None,
                version: deja.map_or(0, |r| r.version),
            };
            ecrire(&cx.site, tx, Some(actor), (deja.map(|r| r.etat), &relation), "relation.proposer").await?;
            let p = [
                format!("La structure {} ({}) souhaite vous rencontrer pour un poste de conseiller numérique.", s.nom, s.commune.nom),
                format!(
                    "Répondez avant le {} au soir. Elle ne voit ni votre nom, ni vos coordonnées, ni votre CV tant que vous n’avez pas accepté.",
                    kernel::calendrier::jour_en_lettres(relation.repondre_avant)
                ),
            ];
            au_candidat(cx, tx, candidat, "une structure souhaite vous rencontrer", &p).await?;
            Ok(relation.id)
        })
        .await
}

/// The relation and its structure, held, if the actor recruits there.
async fn de_structure(tx: &Tx, actor: &Actor, id: RelationId) -> Result<(Relation, StructureVue), Failure> {
    let r = store::get(tx, id).await?.ok_or(Refusal::NotFound)?;
    let s = annuaire::structures::find(tx, r.structure).await?.ok_or(Refusal::NotFound)?;
    s.may(actor, Verb::Recruter)?;
    store::tenir(tx, s.id, r.candidat).await?;
    Ok((store::get(tx, id).await?.ok_or(Refusal::NotFound)?, s))
}

/// The relation and its structure, held, if the actor is its candidat.
async fn de_candidat(tx: &Tx, actor: &Actor, id: RelationId) -> Result<(Relation, StructureVue), Failure> {
    actor.may(Verb::TenirCandidature)?;
    let r = store::get(tx, id).await?.ok_or(Refusal::NotFound)?;
    if candidats::de_compte(tx, actor.compte).await? != Some(r.candidat) {
        return Err(Refusal::NotFound.into());
    }
    let s = annuaire::structures::find(tx, r.structure).await?.ok_or(Refusal::NotFound)?;
    store::tenir(tx, s.id, r.candidat).await?;
    Ok((store::get(tx, id).await?.ok_or(Refusal::NotFound)?, s))
}

/// The candidat answers.
///
/// # Errors
/// Refusals of [`rules::repondre`]; [`Refusal::NotFound`] for the relation of somebody else.
pub async fn repondre(
    cx: &Conseillers,
    actor: &Actor,
    id: RelationId,
    oui: bool,
    motif: Option<String>,
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let (r, s) = de_candidat(tx, actor, id).await?;
            let avant = r.etat;
            let r = rules::repondre(r, oui, motif, cx.site.clock.now())?;
            ecrire(
                &cx.site,
                tx,
                Some(actor),
                (Some(avant), &r),
                if oui { "relation.accepter" } else { "relation.decliner" },
            )
            .await?;
            let mot = if oui { "a accepté" } else { "a décliné" };
            let p = [
                format!("Une personne que vous avez contactée {mot} ({}).", s.nom),
                cx.site.url(&format!("/conseillers/contacts/{}", r.id)),
            ];
            a_la_structure(cx, tx, &s, &format!("une personne {mot} votre contact"), &p).await
        })
        .await
}

/// What a structure does to one of its relations.
#[derive(Clone, Debug)]
pub enum Geste {
    /// Puts it aside.
    Ecarter,
    /// Comes back on it.
    Reprendre,
    /// Notes something for itself.
    Noter(String),
    /// Offers times for an interview.
    Offrir(Vec<DateTime<Utc>>),
    /// Says what came of it.
    Conclure(Resultat),
}

/// The structure acts on one of its relations.
///
/// # Errors
/// Refusals of [`rules`]; [`Refusal::NotFound`] for the relation of another structure.
pub async fn agir(cx: &Conseillers, actor: &Actor, id: RelationId, geste: Geste) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let (r, s) = de_structure(tx, actor, id).await?;
            let (avant, candidat, now) = (r.etat, r.candidat, cx.site.clock.now());
            let (r, verbe) = match geste {
                Geste::Ecarter => (rules::ecarter(r)?, "relation.ecarter"),
                Geste::Reprendre => {
                    let r = rules::reprendre(r, cx.jour())?;
                    let siennes = store::de_candidat(tx, candidat).await?.iter().filter(|x| x.etat.ouverte()).count();
                    let ouvertes = store::de_structure(tx, &s.identites).await?.iter().filter(|x| x.etat.ouverte()).count();
                    rules::ouvrir(siennes, ouvertes, libres(cx, tx, &s).await?)?;
                    (r, "relation.reprendre")
                }
                Geste::Noter(note) => (Relation { note, ..r }, "relation.noter"),
                Geste::Offrir(creneaux) => (rules::offrir(r, creneaux, now)?, "relation.offrir_creneaux"),
                Geste::Conclure(resultat) => (rules::conclure(r, resultat, now)?, "relation.conclure"),
            };
            ecrire(&cx.site, tx, Some(actor), (Some(avant), &r), verbe).await?;
            match verbe {
                "relation.ecarter" if avant == Etat::Acceptee => {
                    let p = [format!("La structure {} ne donne pas suite à votre contact. Votre candidature reste visible des autres.", s.nom)];
                    au_candidat(cx, tx, candidat, "une structure ne donne pas suite", &p).await
                }
                "relation.offrir_creneaux" => {
                    let p = [format!("La structure {} vous propose des créneaux d’entretien. Choisissez celui qui vous convient :", s.nom)];
                    au_candidat(cx, tx, candidat, "choisissez un créneau d’entretien", &p).await
                }
                _ => Ok(()),
            }
        })
        .await
}

/// The candidat chooses a time for the interview.
///
/// # Errors
/// Refusals of [`rules::choisir`]; [`Refusal::NotFound`] for the relation of somebody else.
pub async fn choisir(
    cx: &Conseillers,
    actor: &Actor,
    id: RelationId,
    creneau: DateTime<Utc>,
) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let (r, s) = de_candidat(tx, actor, id).await?;
            let avant = r.etat;
            let r = rules::choisir(r, creneau, cx.site.clock.now())?;
            ecrire(&cx.site, tx, Some(actor), (Some(avant), &r), "relation.choisir_creneau").await?;
            let p = [
                format!(
                    "L’entretien est fixé au {} ({}).",
                    kernel::calendrier::en_lettres_avec_heure(&creneau),
                    s.nom
                ),
                cx.site.url(&format!("/conseillers/contacts/{}", r.id)),
            ];
            a_la_structure(cx, tx, &s, "un créneau d’entretien est choisi", &p).await
        })
        .await
}

/// In the transaction that validates a contract: the relation of the two is a recrutement; the person's other contacts close;
/// when the structure has no free post left, everyone it was in contact with is told.
///
/// # Errors
/// The database.
pub(crate) async fn pourvu(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    candidat: CandidatId,
) -> Result<(), Failure> {
    for mut r in store::de_candidat(tx, candidat).await? {
        let (avant, ici) = (r.etat, s.identites.contains(&r.structure));
        if ici && !matches!(avant, Etat::Recrutee) {
            r.etat = Etat::Recrutee;
            ecrire(&cx.site, tx, None, (Some(avant), &r), "relation.recruter").await?;
        } else if !ici && avant.ouverte() {
            fermer(&cx.site, tx, r, "La personne a pris un poste ailleurs.").await?;
        }
    }
    if libres(cx, tx, s).await? > 0 {
        return Ok(());
    }
    for r in store::de_structure(tx, &s.identites).await?.into_iter().filter(|r| r.etat.ouverte()) {
        let qui = r.candidat;
        fermer(&cx.site, tx, r, "Le poste est pourvu.").await?;
        let p = [format!(
            "Le poste pour lequel la structure {} vous avait contacté est pourvu. Votre candidature reste visible des autres structures.",
            s.nom
        )];
        au_candidat(cx, tx, qui, "le poste est pourvu", &p).await?;
    }
    Ok(())
}

async fn fermer(site: &Site, tx: &Tx, mut r: Relation, motif: &str) -> Result<(), Failure> {
    let avant = r.etat;
    r.etat = Etat::Close;
    r.motif = Some(motif.to_owned());
    ecrire(site, tx, None, (Some(avant), &r), "relation.clore").await
}

/// In the transaction in which a candidat leaves: their open contacts close, and what structures noted of them is forgotten.
///
/// # Errors
/// The database.
pub async fn candidat_parti(site: &Site, tx: &Tx, id: CandidatId) -> Result<(), Failure> {
    for mut r in store::de_candidat(tx, id).await? {
        r.note = String::new();
        r.entretien = Entretien::default();
        if r.etat.ouverte() || r.etat == Etat::Ecartee {
            fermer(site, tx, r, "La candidature est retirée.").await?;
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
