//! Rows of subscriptions and of their deliveries.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::SendWebhook;
use crate::db::kit;
use crate::{Site, Tx, jobs};

/// A subscription. Its secret is sealed.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Webhook {
    /// Identifier.
    pub id: Uuid,
    /// Account that subscribed.
    pub compte_id: Uuid,
    /// Role in which it did: what happens out of its scope is not told.
    pub attribution_id: Uuid,
    /// Where deliveries go.
    pub url: String,
    pub(super) secret: String,
    /// Kinds of events, apart by a space.
    pub evenements: String,
    /// When.
    pub cree_le: DateTime<Utc>,
    /// Since when nothing is sent, if it was suspended.
    pub suspendu_le: Option<DateTime<Utc>>,
    /// Why, in a sentence.
    pub raison: Option<String>,
}

impl Webhook {
    /// Whether it listens to events of that kind.
    pub fn ecoute(&self, evenement: &str) -> bool {
        self.evenements.split(' ').any(|e| e == evenement)
    }
}

/// A delivery of the outbox.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Envoi {
    /// Identifier, sent along: a receiver drops the second of two.
    pub id: Uuid,
    /// Its subscription.
    pub webhook_id: Uuid,
    /// JSON, forgotten once delivered or given up.
    pub corps: String,
    /// How many events it tells.
    pub evenements: i64,
    /// `en_attente`, `parti` or `abandonne`.
    pub etat: String,
    /// Attempts made.
    pub essais: i64,
    /// Status of the last answer.
    pub statut: Option<i64>,
    /// What went wrong last, in a sentence.
    pub erreur: Option<String>,
    /// When it was written.
    pub ecrit_le: DateTime<Utc>,
    /// When it was last tried.
    pub tente_le: Option<DateTime<Utc>>,
}

const WEBHOOK: &str = "id, compte_id, attribution_id, url, secret, evenements, cree_le, suspendu_le, raison";
const ENVOI: &str = "id, webhook_id, corps, evenements, etat, essais, statut, erreur, ecrit_le, tente_le";

pub(super) async fn insert(tx: &Tx, w: &Webhook) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "INSERT INTO webhook (id, compte_id, attribution_id, url, secret, evenements, cree_le) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            w.id.into(),
            w.compte_id.into(),
            w.attribution_id.into(),
            w.url.clone().into(),
            w.secret.clone().into(),
            w.evenements.clone().into(),
            w.cree_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The subscriptions that are not suspended.
///
/// # Errors
/// When the database does not answer.
pub async fn actifs(conn: &impl ConnectionTrait) -> Result<Vec<Webhook>, DbErr> {
    let sql = format!("SELECT {WEBHOOK} FROM webhook WHERE suspendu_le IS NULL ORDER BY id");
    kit::query_as(conn, &sql, []).await
}

/// Those of an account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn du_compte(conn: &impl ConnectionTrait, compte: Uuid) -> Result<Vec<Webhook>, DbErr> {
    let sql = format!("SELECT {WEBHOOK} FROM webhook WHERE compte_id = $1 ORDER BY cree_le DESC, id DESC");
    kit::query_as(conn, &sql, [compte.into()]).await
}

/// One of an account.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: &impl ConnectionTrait, compte: Uuid, id: Uuid) -> Result<Option<Webhook>, DbErr> {
    let sql = format!("SELECT {WEBHOOK} FROM webhook WHERE id = $1 AND compte_id = $2");
    kit::query_one_as(conn, &sql, [id.into(), compte.into()]).await
}

pub(super) async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Webhook>, DbErr> {
    let sql = format!("SELECT {WEBHOOK} FROM webhook WHERE id = $1");
    kit::query_one_as(conn, &sql, [id.into()]).await
}

/// Takes a subscription away, with its deliveries.
///
/// # Errors
/// When the database refuses.
pub async fn retire(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    kit::execute(tx, "DELETE FROM webhook_envoi WHERE webhook_id = $1", [id.into()]).await?;
    kit::execute(tx, "DELETE FROM webhook WHERE id = $1", [id.into()]).await.map(|_| ())
}

/// Sends again what happens from now on.
///
/// # Errors
/// When the database refuses.
pub async fn reprend(tx: &Tx, id: Uuid) -> Result<(), DbErr> {
    kit::execute(tx, "UPDATE webhook SET suspendu_le = NULL, raison = NULL WHERE id = $1", [id.into()])
        .await
        .map(|_| ())
}

/// Sends nothing more, and says why.
///
/// # Errors
/// When the database refuses.
pub async fn suspend(tx: &Tx, id: Uuid, now: DateTime<Utc>, raison: &str) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE webhook SET suspendu_le = $1, raison = $2 WHERE id = $3 AND suspendu_le IS NULL",
        [now.into(), raison.into(), id.into()],
    )
    .await
    .map(|_| ())
}

/// Writes a delivery in the outbox, in the transaction of its cause.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(
    site: &Site,
    tx: &Tx,
    webhook: Uuid,
    corps: &str,
    evenements: i64,
) -> Result<Uuid, DbErr> {
    let id = kernel::ids::uuid_v7(&site.clock, &site.chance);
    kit::execute(
        tx,
        "INSERT INTO webhook_envoi (id, webhook_id, corps, evenements, etat, essais, ecrit_le) \
         VALUES ($1, $2, $3, $4, 'en_attente', 0, $5)",
        [id.into(), webhook.into(), corps.into(), evenements.into(), site.clock.now().into()],
    )
    .await?;
    jobs::enqueue(site, tx, &SendWebhook { id }).await?;
    Ok(id)
}

pub(super) async fn envoi(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Envoi>, DbErr> {
    let sql = format!("SELECT {ENVOI} FROM webhook_envoi WHERE id = $1");
    kit::query_one_as(conn, &sql, [id.into()]).await
}

/// The newest deliveries of a subscription.
///
/// # Errors
/// When the database does not answer.
pub async fn envois(conn: &impl ConnectionTrait, webhook: Uuid, limit: i64) -> Result<Vec<Envoi>, DbErr> {
    let sql = format!(
        "SELECT {ENVOI} FROM webhook_envoi WHERE webhook_id = $1 ORDER BY ecrit_le DESC, id DESC LIMIT $2"
    );
    kit::query_as(conn, &sql, [webhook.into(), limit.into()]).await
}

/// Notes an attempt; the body is forgotten when it was the last.
pub(super) async fn note(tx: &Tx, e: &Envoi) -> Result<(), DbErr> {
    kit::execute(
        tx,
        "UPDATE webhook_envoi SET etat = $2, essais = $3, statut = $4, erreur = $5, tente_le = $6, corps = $7 \
         WHERE id = $1",
        [
            e.id.into(),
            e.etat.clone().into(),
            e.essais.into(),
            e.statut.into(),
            e.erreur.clone().into(),
            e.tente_le.into(),
            if e.etat == "en_attente" { e.corps.clone() } else { String::new() }.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Forgets the deliveries of more than 30 days.
///
/// # Errors
/// When the database refuses.
pub async fn clean_up(site: &Site) -> Result<u64, DbErr> {
    let before = site.clock.now() - chrono::TimeDelta::days(30);
    let sql = "DELETE FROM webhook_envoi WHERE ecrit_le < $1";
    site.db.write(async |tx| kit::execute(tx, sql, [before.into()]).await.map(|r| r.rows_affected())).await
}
