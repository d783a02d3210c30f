//! Somebody met elsewhere, asked by their address: a link goes to their mailbox, and nothing is told to the structure unless they
//! open it and agree. What the structure reads is the same whether or not the address is known here.

use chrono::{DateTime, TimeDelta, Utc};
use identity::secrets::link::Secret;
use kernel::ids::StructureId;
use kernel::{Actor, Email, Refusal, Verb};
use platform::Tx;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

use super::actions::{bornes, cherche_ici, ecrire, libres};
use super::model::{Entretien, Etat, Origine, Relation};
use super::{courriels, store};
use crate::courriels::{a_la_personne, a_la_structure};
use crate::ids::{CandidatId, RelationId};
use crate::{Conseillers, Failure, candidats};

/// How long a link serves.
const LIEN: TimeDelta = TimeDelta::days(14);
/// Addresses that a structure may ask in a day, known here or not.
const PAR_JOUR: i64 = 10;

async fn noter(
    tx: &Tx,
    (empreinte, candidat, structure): (&str, Option<CandidatId>, StructureId),
    le: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM relation_invitation WHERE demandee_le < $1", [(le - LIEN).into()]).await?;
    let sql = "INSERT INTO relation_invitation (empreinte, candidat_id, structure_id, demandee_le, expire_le) \
               VALUES ($1, $2, $3, $4, $5)";
    let values =
        [empreinte.into(), candidat.map(|c| c.0).into(), structure.0.into(), le.into(), (le + LIEN).into()];
    kit::execute(tx, sql, values).await.map(|_| ())
}

/// Forgets the links that were sent to a person: they leave.
pub(super) async fn oublier(tx: &Tx, id: CandidatId) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM relation_invitation WHERE candidat_id = $1", [id.0.into()])
        .await
        .map(|_| ())
}

/// The structure asks somebody by their address.
///
/// # Errors
/// [`Refusal::NotFound`] for another structure; without a free post; the field when it asked too many today.
pub async fn inviter(
    cx: &Conseillers,
    actor: &Actor,
    structure: StructureId,
    courriel: &Email,
) -> Result<(), Failure> {
    let site = &cx.site;
    site.db
        .write(async |tx| {
            let now = site.clock.now();
            let s = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
            s.may(actor, Verb::Recruter)?;
            if libres(cx, tx, &s).await? == 0 {
                return Err(Refusal::conflict(
                    "Votre structure n’a pas de poste libre : elle ne peut contacter personne.",
                )
                .into());
            }
            let sql = "SELECT COUNT(*) FROM relation_invitation WHERE structure_id = $1 AND demandee_le > $2";
            let hier = now - TimeDelta::days(1);
            if kit::count(tx, sql, [s.id.0.into(), hier.into()]).await? >= PAR_JOUR {
                return Err(Refusal::field(
                    "courriel",
                    format!(
                        "Votre structure a déjà écrit à {PAR_JOUR} adresses aujourd’hui. Réessayez demain."
                    ),
                )
                .into());
            }
            let connue = match candidats::de_courriel(tx, courriel).await? {
                Some(id) => candidats::qui_cherche(tx, id).await?.map(|c| c.id),
                None => None,
            };
            let secret = Secret::new(&site.chance);
            noter(tx, (&secret.hash(), connue, s.id), now).await?;
            journal::write(site, tx, Entry::by(actor, "relation.inviter", "structure", s.id)).await?;
            if let Some(id) = connue {
                a_la_personne(site, tx, id, courriels::rencontre(site, &s, &secret)).await?;
            }
            Ok(())
        })
        .await
}

/// Whom a link is about: the structure that asked, for the person who acts.
///
/// # Errors
/// [`Refusal::NotFound`] when it never existed, is over, or is somebody else's.
pub(super) async fn ouvrir(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    recu: &str,
    le: DateTime<Utc>,
) -> Result<(CandidatId, StructureId), Failure> {
    #[derive(FromQueryResult)]
    struct Row {
        candidat_id: Option<Uuid>,
        structure_id: Uuid,
    }
    actor.may(Verb::TenirCandidature)?;
    let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
    let sql =
        "SELECT candidat_id, structure_id FROM relation_invitation WHERE empreinte = $1 AND expire_le > $2";
    let row: Option<Row> = kit::query_one_as(conn, sql, [secret.hash().into(), le.into()]).await?;
    let row = row.ok_or(Refusal::NotFound)?;
    let moi = candidats::de_compte(conn, actor.compte).await?.ok_or(Refusal::NotFound)?;
    let sien = match row.candidat_id {
        Some(id) => candidats::suivie(conn, CandidatId(id)).await? == Some(moi),
        None => false,
    };
    if !sien {
        return Err(Refusal::NotFound.into());
    }
    Ok((moi, StructureId(row.structure_id)))
}

/// The person agrees: the contact is open, accepted; both bounds hold.
///
/// # Errors
/// As [`ouvrir`]; when a contact of both is open already, or one of the bounds is reached.
pub(super) async fn accepter(cx: &Conseillers, actor: &Actor, recu: &str) -> Result<RelationId, Failure> {
    let site = &cx.site;
    site.db
        .write(async |tx| {
            let now = site.clock.now();
            let (moi, structure) = ouvrir(tx, actor, recu, now).await?;
            let s = annuaire::structures::find(tx, structure).await?.ok_or(Refusal::NotFound)?;
            store::tenir(tx, s.id, moi).await?;
            // Read again behind the lock: two clicks make one contact.
            ouvrir(tx, actor, recu, now).await?;
            cherche_ici(cx, tx, &s, (moi, Origine::HorsListe)).await?;
            let siennes = store::de_candidat(tx, moi).await?;
            let deja = siennes.iter().find(|r| s.identites.contains(&r.structure));
            if let Some(r) = deja.filter(|r| r.etat.ouverte() || r.etat == Etat::Recrutee) {
                return Err(Refusal::conflict(format!(
                    "Vous êtes déjà en contact avec cette structure : {}.",
                    r.etat.nom()
                ))
                .into());
            }
            bornes(cx, tx, &s, moi, deja.map(|r| r.id)).await?;
            let relation = Relation {
                id: deja.map_or_else(|| RelationId::new(&site.clock, &site.chance), |r| r.id),
                candidat: moi,
                structure: deja.map_or(s.id, |r| r.structure),
                origine: Origine::HorsListe,
                etat: Etat::Acceptee,
                avant: None,
                motif: None,
                note: deja.map(|r| r.note.clone()).unwrap_or_default(),
                entretien: Entretien::default(),
                resultat: None,
                proposee_le: now,
                repondre_avant: cx.jour(),
                repondue_le: Some(now),
                version: deja.map_or(0, |r| r.version),
            };
            ecrire(site, tx, Some(actor), (deja.map(|r| r.etat), &relation), "relation.rencontre").await?;
            let secret = Secret::parse(recu).ok_or(Refusal::NotFound)?;
            // It serves once; the row stays, since the structure's demands of the day are counted.
            let sql = "UPDATE relation_invitation SET expire_le = $2 WHERE empreinte = $1";
            kit::execute(tx, sql, [secret.hash().into(), now.into()]).await?;
            let faits = json!({ "structure": s.id });
            journal::write(site, tx, Entry::by(actor, "relation.rencontre", "candidat", moi).with(faits))
                .await?;
            a_la_structure(site, tx, &s, courriels::rencontre_acceptee(site, &s, relation.id)).await?;
            Ok(relation.id)
        })
        .await
}
