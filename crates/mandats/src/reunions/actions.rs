//! What whoever holds meetings does: one function a verb, each in one transaction with its line of journal.

use std::collections::HashSet;

use annuaire::structures::{self, FiltreEtat, Ligne};
use identity::secrets::link::Secret;
use kernel::ids::StructureId;
use kernel::{Actor, Perimetre, Pivot, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Tx, mail};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::model::{Fiche, Invite, InviteId, Origine, Reponse, Reunion, ReunionId};
use super::{courriels, regles, store};
use crate::{Failure, Mandats};

/// Structures invited in one transaction.
const LOT: usize = 100;

/// That meeting, if the actor may hold it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn la_sienne(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    id: ReunionId,
) -> Result<Reunion, Failure> {
    actor.may(Verb::AnimerHabilitations)?;
    let r = store::lire(conn, id).await?.ok_or(Refusal::NotFound)?;
    regles::tient(actor, &r)?;
    Ok(r)
}

async fn tenue(tx: &Tx, actor: &Actor, id: ReunionId) -> Result<Reunion, Failure> {
    let r = store::tenir(tx, id).await?.ok_or(Refusal::NotFound)?;
    regles::tient(actor, &r)?;
    Ok(r)
}

/// Opens a meeting.
///
/// # Errors
/// Refusals of [`regles::fiche_juste`]; a département that is not the actor's.
pub(super) async fn ouvrir(m: &Mandats, actor: &Actor, fiche: Fiche) -> Result<ReunionId, Failure> {
    regles::fiche_juste(&fiche, 0, m.jour())?;
    let site = &m.site;
    let r = Reunion {
        id: ReunionId::new(&site.clock, &site.chance),
        region: region(m, &fiche)?,
        fiche,
        code: kernel::text::hex(&site.chance.bytes::<12>()),
        annulee: None,
        version: 0,
    };
    regles::tient(actor, &r).map_err(hors_territoire)?;
    site.db
        .write(async |tx| {
            store::enregistrer(tx, &r).await?;
            journal::write(site, tx, Entry::by(actor, "reunion.ouvrir", "reunion", r.id)).await?;
            Ok(r.id)
        })
        .await
}

fn hors_territoire(refus: Refusal) -> Refusal {
    match refus {
        Refusal::NotFound => Refusal::field("departement", "Choisissez un département de votre territoire."),
        autre => autre,
    }
}

fn region(m: &Mandats, fiche: &Fiche) -> Result<kernel::CodeRegion, Refusal> {
    let territoires = m.annuaire.territoires();
    let d = territoires.departement(&fiche.departement);
    d.map(|d| d.region.clone())
        .ok_or_else(|| Refusal::field("departement", "Choisissez un département de la liste."))
}

/// Changes a meeting to come; whoever did not decline is told when the day, the hours or the place changed.
///
/// # Errors
/// Refusals of [`regles::fiche_juste`]; one that changed meanwhile, took place or was cancelled.
pub(super) async fn modifier(
    m: &Mandats,
    actor: &Actor,
    id: ReunionId,
    (version, fiche): (i64, Fiche),
) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let r = tenue(tx, actor, id).await?;
            if r.version != version {
                let non = "Quelqu’un a modifié cette réunion pendant que vous la lisiez. Rechargez la page, puis recommencez.";
                return Err(Refusal::conflict(non).into());
            }
            regles::ouverte(&r, m.site.clock.now())?;
            regles::fiche_juste(&fiche, store::viennent(tx, id).await?, m.jour())?;
            let avant = r.fiche.clone();
            let r = Reunion { region: region(m, &fiche)?, fiche: fiche.clone(), ..r };
            regles::tient(actor, &r).map_err(hors_territoire)?;
            store::enregistrer(tx, &r).await?;
            let bouge = (avant.jour, avant.debut, avant.fin, &avant.lieu, &avant.lien)
                != (fiche.jour, fiche.debut, fiche.fin, &fiche.lieu, &fiche.lien);
            if bouge {
                for i in concernes(tx, id).await? {
                    let Some(to) = &i.courriel else { continue };
                    let secret = lier(m, tx, i.id).await?;
                    mail::enqueue(site, tx, &courriels::changee(site, to, &r, secret.expose())).await?;
                }
            }
            let line = Entry::by(actor, "reunion.modifier", "reunion", id).with(json!({ "dit": bouge }));
            Ok(journal::write(site, tx, line).await?)
        })
        .await
}

/// Whoever did not decline, nor gave the invitation away.
async fn concernes(tx: &Tx, id: ReunionId) -> Result<Vec<Invite>, DbErr> {
    let mut tous = store::invites(tx, id).await?;
    tous.retain(|i| matches!(i.reponse, Reponse::Attendue | Reponse::Vient));
    Ok(tous)
}

/// A new link of somebody.
pub(super) async fn lier(m: &Mandats, tx: &Tx, id: InviteId) -> Result<Secret, DbErr> {
    let secret = Secret::new(&m.site.chance);
    store::lier(tx, id, &secret).await?;
    Ok(secret)
}

/// Cancels a meeting that has not taken place; whoever did not decline is told.
///
/// # Errors
/// When it took place, or is cancelled.
pub(super) async fn annuler(m: &Mandats, actor: &Actor, id: ReunionId, motif: &str) -> Result<(), Failure> {
    let site = &m.site;
    site.db
        .write(async |tx| {
            let r = tenue(tx, actor, id).await?;
            regles::ouverte(&r, m.site.clock.now())?;
            for i in concernes(tx, id).await? {
                let Some(to) = &i.courriel else { continue };
                mail::enqueue(site, tx, &courriels::annulee(site, to, &r, motif)).await?;
            }
            store::enregistrer(tx, &Reunion { annulee: Some(motif.to_owned()), ..r }).await?;
            Ok(journal::write(site, tx, Entry::by(actor, "reunion.annuler", "reunion", id)).await?)
        })
        .await
}

/// Structures of the département that may be invited.
#[derive(Clone, Debug, Default)]
pub(super) struct Choix {
    /// Words of the name, the commune or the number.
    pub(super) mots: String,
    /// Kind.
    pub(super) genre: Option<structures::model::Genre>,
    /// Those that are habilitées too: a reminder for them is seldom wanted.
    pub(super) aussi_habilitees: bool,
}

/// A structure that may be invited, and why not if it may not.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) ligne: Ligne,
    pub(super) obstacle: Option<&'static str>,
}

/// A page of these structures, and how many the directory has.
///
/// # Errors
/// The database.
pub(super) async fn candidates(
    m: &Mandats,
    conn: &impl ConnectionTrait,
    (r, choix): (&Reunion, &Choix),
    place: (usize, usize),
) -> Result<(Vec<Candidate>, usize), DbErr> {
    let ici = Perimetre::Departements(vec![r.fiche.departement.clone()]);
    let filtre = structures::Filtre {
        mots: choix.mots.clone(),
        genre: choix.genre,
        departement: None,
        etat: FiltreEtat::Actives,
    };
    let (lignes, total) = structures::du_territoire(conn, &ici, &filtre, place).await?;
    let ids: Vec<StructureId> = lignes.iter().map(|l| l.id).collect();
    let deja = store::structures_invitees(conn, r.id).await?;
    let habilitees =
        if choix.aussi_habilitees { HashSet::new() } else { store::habilitees(conn, &ids, m.jour()).await? };
    let obstacle = |l: &Ligne| {
        if deja.contains(&l.id) {
            Some("Déjà invitée")
        } else if habilitees.contains(&l.id) {
            Some("Déjà habilitée")
        } else if l.contact.as_ref().is_none_or(|c| c.courriel.is_none()) {
            Some("Sans adresse électronique dans l’annuaire")
        } else {
            None
        }
    };
    Ok((lignes.into_iter().map(|l| Candidate { obstacle: obstacle(&l), ligne: l }).collect(), total))
}

/// Invites those of these structures that may be, or all that the choice finds; a structure is invited once. Says how many
/// were. By batches, each in its transaction: what was done stays done, and doing it again goes on.
///
/// # Errors
/// Out of scope; a meeting that is over; [`store::INVITES_MAX`] people.
pub(super) async fn inviter(
    m: &Mandats,
    actor: &Actor,
    id: ReunionId,
    (choix, parmi): (&Choix, Option<&HashSet<StructureId>>),
) -> Result<usize, Failure> {
    let (mut offset, mut invitees) = (0, 0);
    loop {
        let (lues, faites) = m
            .site
            .db
            .write(async |tx| {
                let r = tenue(tx, actor, id).await?;
                regles::ouverte(&r, m.site.clock.now())?;
                let (lot, _) = candidates(m, tx, (&r, choix), (offset, LOT)).await?;
                let lues = lot.len();
                let mut faites = 0;
                for c in lot {
                    if c.obstacle.is_none() && parmi.is_none_or(|p| p.contains(&c.ligne.id)) {
                        faites += usize::from(inviter_une(m, tx, &r, c.ligne).await?);
                    }
                }
                if faites > 0 {
                    let line = Entry::by(actor, "reunion.inviter", "reunion", id);
                    journal::write(&m.site, tx, line.with(json!({ "structures": faites }))).await?;
                }
                Ok::<_, Failure>((lues, faites))
            })
            .await?;
        invitees += faites;
        offset += LOT;
        if lues < LOT || i64::try_from(offset).unwrap_or(i64::MAX) >= store::INVITES_MAX {
            return Ok(invitees);
        }
    }
}

async fn inviter_une(m: &Mandats, tx: &Tx, r: &Reunion, l: Ligne) -> Result<bool, DbErr> {
    let Some(courriel) = l.contact.and_then(|c| c.courriel) else { return Ok(false) };
    // One person may be the contact of several structures: one message is enough.
    if store::du_courriel(tx, r.id, &courriel).await?.is_some() {
        return Ok(false);
    }
    let now = m.site.clock.now();
    let i = Invite {
        id: InviteId::new(&m.site.clock, &m.site.chance),
        reunion: r.id,
        structure: Some(l.id),
        pivot: l.fiche.pivot,
        organisme: l.fiche.nom,
        prenom: None,
        nom: None,
        courriel: Some(courriel.clone()),
        reponse: Reponse::Attendue,
        present: None,
        origine: Origine::Invitation,
        cree_le: now,
        repondu_le: None,
        ecrit_le: Some(now),
    };
    store::inviter(tx, &i).await?;
    let secret = lier(m, tx, i.id).await?;
    mail::enqueue(&m.site, tx, &courriels::invitation(&m.site, &courriel, r, secret.expose())).await?;
    Ok(true)
}

/// Notes who was there: those of `presents`, and none of the others whom the sheet names.
///
/// # Errors
/// Refusals of [`regles::presence`].
pub(super) async fn pointer(
    m: &Mandats,
    actor: &Actor,
    id: ReunionId,
    presents: &HashSet<InviteId>,
) -> Result<usize, Failure> {
    m.site
        .db
        .write(async |tx| {
            let r = tenue(tx, actor, id).await?;
            regles::presence(&r, m.site.clock.now())?;
            let mut n = 0;
            for i in store::invites(tx, id).await? {
                let la = presents.contains(&i.id);
                n += usize::from(la);
                let present = if la || regles::attendu(&i) { Some(la) } else { None };
                if present != i.present {
                    store::inviter(tx, &Invite { present, ..i }).await?;
                }
            }
            let line = Entry::by(actor, "reunion.pointer", "reunion", id).with(json!({ "presents": n }));
            journal::write(&m.site, tx, line).await?;
            Ok(n)
        })
        .await
}

/// Adds somebody who came unannounced: they are there.
///
/// # Errors
/// Refusals of [`regles::presence`].
pub(super) async fn ajouter(
    m: &Mandats,
    actor: &Actor,
    id: ReunionId,
    (organisme, pivot, prenom, nom): (String, Option<Pivot>, String, String),
) -> Result<(), Failure> {
    let now = m.site.clock.now();
    m.site
        .db
        .write(async |tx| {
            let r = tenue(tx, actor, id).await?;
            regles::presence(&r, m.site.clock.now())?;
            let structure = match &pivot {
                Some(p) => structures::de_pivot(tx, p).await?.map(|s| s.id),
                None => None,
            };
            let i = Invite {
                id: InviteId::new(&m.site.clock, &m.site.chance),
                reunion: id,
                structure,
                pivot: pivot.clone(),
                organisme: organisme.clone(),
                prenom: Some(prenom.clone()),
                nom: Some(nom.clone()),
                courriel: None,
                reponse: Reponse::Vient,
                present: Some(true),
                origine: Origine::SurPlace,
                cree_le: now,
                repondu_le: Some(now),
                ecrit_le: None,
            };
            store::inviter(tx, &i).await?;
            Ok(journal::write(&m.site, tx, Entry::by(actor, "reunion.ajouter", "reunion", id)).await?)
        })
        .await
}
