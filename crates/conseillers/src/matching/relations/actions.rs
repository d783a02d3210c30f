//! What a structure and a candidat can do to their relation: one function a verb, each in one transaction.

use annuaire::structures::StructureVue;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::ids::StructureId;
use kernel::{Actor, Position, Refusal, Verb};
use platform::journal::{self, Entry};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::model::{Entretien, Etat, Origine, Relation, Resultat};
use super::{courriels, marques, rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, CandidatVue, a_portee};
use crate::contrats;
use crate::courriels::{a_la_personne, a_la_structure};
use crate::historique::{self, Ecrit, Sujet};
use crate::ids::{CandidatId, RelationId};
use crate::postes::{self, Poste};
use crate::reglages;

/// Where distances to a structure are measured: its commune.
pub fn position(cx: &Conseillers, s: &StructureVue) -> Option<Position> {
    cx.annuaire.territoires().commune(&s.commune.code)?.position.map(|p| p.position)
}

/// The posts of the structure that may be filled today.
///
/// # Errors
/// The database.
pub async fn a_pourvoir(
    cx: &Conseillers,
    conn: &impl ConnectionTrait,
    s: &StructureVue,
) -> Result<Vec<Poste>, DbErr> {
    let jour = cx.jour();
    let mut postes = postes::store::de_structure(conn, &s.identites, jour).await?;
    postes.retain(|p| postes::rules::a_pourvoir(p, jour));
    Ok(postes)
}

/// The first day of the mission: the soonest that was asked for these posts, today when it has passed; none when nobody said.
///
/// # Errors
/// The database.
pub async fn mission(
    cx: &Conseillers,
    conn: &impl ConnectionTrait,
    postes: &[Poste],
) -> Result<Option<NaiveDate>, DbErr> {
    let mut demandes: Vec<_> = postes.iter().filter_map(|p| p.demande).collect();
    demandes.sort_unstable();
    demandes.dedup();
    let mut debut: Option<NaiveDate> = None;
    for id in demandes {
        let le = crate::demandes::store::get(conn, id).await?.and_then(|d| d.objet.debut());
        debut = debut.into_iter().chain(le).min();
    }
    Ok(debut.map(|le| le.max(cx.jour())))
}

/// How many posts of the structure may be filled today.
///
/// # Errors
/// The database.
pub async fn libres(cx: &Conseillers, conn: &impl ConnectionTrait, s: &StructureVue) -> Result<usize, DbErr> {
    Ok(a_pourvoir(cx, conn, s).await?.len())
}

/// Writes the relation, its history and its journal line.
pub(super) async fn ecrire(
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
    /// Somebody it met elsewhere, by the code that they gave it ([`rules::code`]).
    Code(String),
}

/// Whether that candidat looks for a post, and would work at the structure.
pub(super) async fn cherche_ici(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    (id, origine): (CandidatId, Origine),
) -> Result<CandidatVue, Failure> {
    let c = candidats::vue(tx, id).await?.ok_or(Refusal::NotFound)?;
    if origine == Origine::Liste {
        let ici = position(cx, s).ok_or(Refusal::NotFound)?;
        a_portee((c.position, &c.commune.departement, c.rayon), ici, &s.commune.departement)
            .ok_or(Refusal::NotFound)?;
    }
    let cherche = candidats::qui_cherche(tx, id).await?;
    Ok(cherche.ok_or_else(|| Refusal::conflict("Cette personne ne cherche plus de poste."))?)
}

/// Whether one more contact of these two may open, behind the lock of both; the relation itself does not count.
pub(super) async fn bornes(
    cx: &Conseillers,
    tx: &Tx,
    s: &StructureVue,
    candidat: CandidatId,
    soi: Option<RelationId>,
) -> Result<(), Failure> {
    let jour = cx.jour();
    let prises = |relations: Vec<Relation>| {
        relations.iter().filter(|r| Some(r.id) != soi && r.prend_une_place(jour)).count()
    };
    let du_candidat = prises(store::de_candidat(tx, candidat).await?);
    let de_la_structure = prises(store::de_structure(tx, &s.identites).await?);
    let reglages = reglages::lire(tx).await?;
    rules::ouvrir((du_candidat, de_la_structure), libres(cx, tx, s).await?, &reglages)?;
    Ok(())
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
    // A code is looked up among those who look for a post; whether they still do is read behind the lock.
    let (candidat, origine) = match &qui {
        Qui::Liste(id) => (*id, Origine::Liste),
        Qui::Code(code) => {
            let index = cx.candidats.index(&cx.site).await?;
            let connu =
                rules::code_lu(code).and_then(|code| index.tous().find(|c| rules::code(c.id) == code));
            let connu = connu.ok_or_else(|| {
                Refusal::field(
                    "code",
                    "Aucune personne disponible n’a ce code. Elle le lit dans son espace : dix lettres et chiffres.",
                )
            })?;
            (connu.id, Origine::HorsListe)
        }
    };
    cx.site
        .db
        .write(async |tx| {
            let s = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
            s.may(actor, Verb::Recruter)?;
            store::tenir(tx, s.id, candidat).await?;
            cherche_ici(cx, tx, &s, (candidat, origine)).await?;
            let siennes = store::de_candidat(tx, candidat).await?;
            let deja = siennes.iter().find(|r| s.identites.contains(&r.structure));
            match deja.map(|r| r.etat) {
                None | Some(Etat::SansReponse | Etat::Close) => {}
                Some(Etat::Declinee) => {
                    return Err(Refusal::conflict("Cette personne a décliné votre contact.").into());
                }
                Some(etat) => {
                    return Err(Refusal::conflict(format!("Ce contact existe déjà : {}.", etat.nom())).into());
                }
            }
            bornes(cx, tx, &s, candidat, deja.map(|r| r.id)).await?;
            // What the structure noted of its list goes on with the contact.
            let marque = marques::de_structure(tx, &s.identites).await?.remove(&candidat).unwrap_or_default();
            marques::oublier(tx, candidat, Some(&s.identites)).await?;
            let notes = [deja.map(|r| r.note.clone()).unwrap_or_default(), marque.etiquette, marque.note];
            let note: Vec<&str> = notes.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
            let relation = Relation {
                id: deja.map_or_else(|| RelationId::new(&cx.site.clock, &cx.site.chance), |r| r.id),
                candidat,
                structure: s.id,
                origine,
                etat: Etat::Proposee,
                avant: None,
                motif: None,
                note: note.join("\n"),
                entretien: Entretien::default(),
                resultat: None,
                proposee_le: cx.site.clock.now(),
                repondre_avant: rules::repondre_avant(cx.jour(), &reglages::lire(tx).await?),
                repondue_le: None,
                version: deja.map_or(0, |r| r.version),
            };
            ecrire(&cx.site, tx, Some(actor), (deja.map(|r| r.etat), &relation), "relation.proposer").await?;
            let texte = courriels::propose(&cx.site, &s, relation.repondre_avant);
            a_la_personne(&cx.site, tx, candidat, texte).await?;
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
            a_la_structure(&cx.site, tx, &s, courriels::repondu(&cx.site, &s, r.id, oui)).await?;
            Ok(())
        })
        .await
}

/// The candidat takes their agreement back: the structure reads who they are no more, and is told.
///
/// # Errors
/// Refusals of [`rules::retirer_accord`]; [`Refusal::NotFound`] for the relation of somebody else.
pub async fn retirer_accord(cx: &Conseillers, actor: &Actor, id: RelationId) -> Result<(), Failure> {
    cx.site
        .db
        .write(async |tx| {
            let (r, s) = de_candidat(tx, actor, id).await?;
            let avant = r.etat;
            let r = rules::retirer_accord(r)?;
            ecrire(&cx.site, tx, Some(actor), (Some(avant), &r), "relation.retirer_accord").await?;
            a_la_structure(&cx.site, tx, &s, courriels::retire(&cx.site, &s, r.id)).await?;
            Ok(())
        })
        .await
}

/// Whether no contract of these two waits for its validation.
async fn sans_contrat(tx: &Tx, s: &StructureVue, candidat: CandidatId) -> Result<(), Failure> {
    let saisi =
        |c: &contrats::Contrat| c.etat == contrats::Etat::Saisi && s.identites.contains(&c.place.structure);
    if contrats::store::de_candidat(tx, candidat).await?.iter().any(saisi) {
        return Err(Refusal::conflict(
            "Un contrat avec cette personne attend sa validation. Retirez-le d’abord depuis sa page.",
        )
        .into());
    }
    Ok(())
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
                Geste::Ecarter => {
                    sans_contrat(tx, &s, candidat).await?;
                    (rules::ecarter(r)?, "relation.ecarter")
                }
                Geste::Reprendre => {
                    let r = rules::reprendre(r, cx.jour(), &reglages::lire(tx).await?)?;
                    cherche_ici(cx, tx, &s, (candidat, r.origine)).await?;
                    bornes(cx, tx, &s, candidat, Some(r.id)).await?;
                    (r, "relation.reprendre")
                }
                Geste::Noter(note) => (Relation { note, ..r }, "relation.noter"),
                Geste::Offrir(creneaux) => (rules::offrir(r, creneaux, now)?, "relation.offrir_creneaux"),
                Geste::Conclure(resultat) => (rules::conclure(r, resultat, now)?, "relation.conclure"),
            };
            ecrire(&cx.site, tx, Some(actor), (Some(avant), &r), verbe).await?;
            match verbe {
                "relation.ecarter" if avant == Etat::Acceptee => {
                    a_la_personne(&cx.site, tx, candidat, courriels::sans_suite(&cx.site, &s)).await
                }
                "relation.offrir_creneaux" => {
                    a_la_personne(&cx.site, tx, candidat, courriels::creneaux(&cx.site, &s)).await
                }
                _ => Ok(()),
            }?;
            Ok(())
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
            let texte = courriels::creneau_choisi(&cx.site, &s, r.id, creneau);
            a_la_structure(&cx.site, tx, &s, texte).await?;
            Ok(())
        })
        .await
}
