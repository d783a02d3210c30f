//! Requests under way: stored from their arrival to their answer, each bound to the browser that brought it.

use chrono::{DateTime, Utc};
use kernel::ids::StructureId;
use oidc::provider::Demande;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use crate::ids::UsagerId;

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Etat {
    /// Waits for a choice.
    Ouvert,
    /// A code was given.
    Repondu,
    /// The aidant gave up, or was refused.
    Refuse,
}

impl Etat {
    fn cle(self) -> &'static str {
        match self {
            Self::Ouvert => "ouvert",
            Self::Repondu => "repondu",
            Self::Refuse => "refuse",
        }
    }
}

/// A request under way.
#[derive(Clone, Debug)]
pub(super) struct Flux {
    pub(super) id: Uuid,
    pub(super) demande: Demande,
    pub(super) etat: Etat,
    /// The person that was chosen, in the name of that organisation.
    pub(super) choisi: Option<(UsagerId, StructureId)>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    demande: String,
    etat: String,
    usager_id: Option<Uuid>,
    structure_id: Option<Uuid>,
}

/// Stores a request that just came.
pub(super) async fn ouvrir(tx: &Tx, id: Uuid, navigateur: &str, demande: &Demande) -> Result<(), DbErr> {
    let sql = "INSERT INTO fournisseur_flux (id, client_id, navigateur, demande, etat, recu_le, expire_le) \
               VALUES ($1, $2, $3, $4, 'ouvert', $5, $6)";
    let texte = serde_json::to_string(demande).map_err(|e| DbErr::Custom(e.to_string()))?;
    let values = [
        id.into(),
        demande.client_id.clone().into(),
        navigateur.into(),
        texte.into(),
        demande.received_at.into(),
        demande.expires_at.into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// The request of that browser.
pub(super) async fn lire(
    conn: &impl ConnectionTrait,
    id: Uuid,
    navigateur: &str,
) -> Result<Option<Flux>, DbErr> {
    let sql = "SELECT id, demande, etat, usager_id, structure_id FROM fournisseur_flux WHERE id = $1 AND navigateur = $2";
    let row: Option<Row> = kit::query_one_as(conn, sql, [id.into(), navigateur.into()]).await?;
    row.map(|r| {
        Ok(Flux {
            id: r.id,
            demande: serde_json::from_str(&r.demande).map_err(|e| DbErr::Type(e.to_string()))?,
            etat: match r.etat.as_str() {
                "ouvert" => Etat::Ouvert,
                "repondu" => Etat::Repondu,
                _ => Etat::Refuse,
            },
            choisi: r.usager_id.map(UsagerId).zip(r.structure_id.map(StructureId)),
        })
    })
    .transpose()
}

/// Gives a request that came as a form to the browser that follows it, once; says whether it waited for one.
pub(super) async fn attacher(tx: &Tx, id: Uuid, relais: &str, navigateur: &str) -> Result<bool, DbErr> {
    let sql =
        "UPDATE fournisseur_flux SET navigateur = $3 WHERE id = $1 AND navigateur = $2 AND etat = 'ouvert'";
    Ok(kit::execute(tx, sql, [id.into(), relais.into(), navigateur.into()]).await?.rows_affected() == 1)
}

/// Keeps the person that was chosen; says whether the request still waited.
pub(super) async fn choisir(
    tx: &Tx,
    (id, navigateur): (Uuid, &str),
    usager: UsagerId,
    structure: StructureId,
) -> Result<bool, DbErr> {
    let sql = "UPDATE fournisseur_flux SET usager_id = $3, structure_id = $4 \
               WHERE id = $1 AND navigateur = $2 AND etat = 'ouvert'";
    let values = [id.into(), navigateur.into(), usager.0.into(), structure.0.into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Answers a request, once; says whether it still waited.
pub(super) async fn finir(tx: &Tx, (id, navigateur): (Uuid, &str), etat: Etat) -> Result<bool, DbErr> {
    let sql = "UPDATE fournisseur_flux SET etat = $3 WHERE id = $1 AND navigateur = $2 AND etat = 'ouvert'";
    let values = [id.into(), navigateur.into(), etat.cle().into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Forgets what expired before that instant: requests, codes, tokens, assertions. Uses stay.
pub(super) async fn purger(tx: &Tx, avant: DateTime<Utc>) -> Result<u64, DbErr> {
    let mut n = 0;
    for sql in [
        "DELETE FROM fournisseur_flux WHERE expire_le < $1",
        "DELETE FROM fournisseur_jeton WHERE expire_le < $1",
        "DELETE FROM fournisseur_code WHERE expire_le < $1",
        "DELETE FROM fournisseur_assertion WHERE expire_le < $1",
    ] {
        n += kit::execute(tx, sql, [avant.into()]).await?.rows_affected();
    }
    Ok(n)
}
