//! Rows of what proves an identity.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

/// The stored hash of the password.
pub(crate) async fn mot_de_passe(conn: &impl ConnectionTrait, c: CompteId) -> Result<Option<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        empreinte: String,
    }
    let row: Option<Row> = kit::query_one_as(
        conn,
        "SELECT empreinte FROM compte_mot_de_passe WHERE compte_id = $1",
        [c.0.into()],
    )
    .await?;
    Ok(row.map(|r| r.empreinte))
}

pub(crate) async fn set_mot_de_passe(
    conn: &impl ConnectionTrait,
    c: CompteId,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_mot_de_passe (compte_id, empreinte, change_le) VALUES ($1, $2, $3) \
         ON CONFLICT (compte_id) DO UPDATE SET empreinte = excluded.empreinte, change_le = excluded.change_le",
        [c.0.into(), empreinte.into(), now.into()],
    )
    .await
    .map(|_| ())
}

/// The sealed seed and the last step used.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Totp {
    pub(crate) graine: String,
    pub(crate) dernier_pas: Option<i64>,
}

pub(crate) async fn totp(conn: &impl ConnectionTrait, c: CompteId) -> Result<Option<Totp>, DbErr> {
    kit::query_one_as(conn, "SELECT graine, dernier_pas FROM compte_totp WHERE compte_id = $1", [c.0.into()])
        .await
}

/// Whether this account has what shows codes: an application, or a card.
pub(crate) async fn a_des_codes(conn: &impl ConnectionTrait, c: CompteId) -> Result<bool, DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM compte_totp WHERE compte_id = $1) \
               + (SELECT COUNT(*) FROM compte_carte WHERE compte_id = $1)";
    Ok(kit::count(conn, sql, [c.0.into()]).await? > 0)
}

pub(crate) async fn set_totp(
    conn: &impl ConnectionTrait,
    c: CompteId,
    graine: &str,
    pas: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_totp (compte_id, graine, dernier_pas, cree_le) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (compte_id) DO UPDATE SET graine = excluded.graine, dernier_pas = excluded.dernier_pas, \
         cree_le = excluded.cree_le",
        [c.0.into(), graine.into(), pas.into(), now.into()],
    )
    .await
    .map(|_| ())
}

/// Notes the step as used; false when it, or a later one, was used meanwhile.
pub(crate) async fn use_pas(conn: &impl ConnectionTrait, c: CompteId, pas: i64) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_totp SET dernier_pas = $1 WHERE compte_id = $2 AND (dernier_pas IS NULL OR dernier_pas < $1)",
        [pas.into(), c.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the whole set of recovery codes.
pub(crate) async fn set_secours(
    conn: &impl ConnectionTrait,
    c: CompteId,
    codes: &[(Uuid, String)],
) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_code_secours WHERE compte_id = $1", [c.0.into()]).await?;
    for (id, empreinte) in codes {
        kit::execute(
            conn,
            "INSERT INTO compte_code_secours (id, compte_id, empreinte) VALUES ($1, $2, $3)",
            [(*id).into(), c.0.into(), empreinte.clone().into()],
        )
        .await?;
    }
    Ok(())
}

/// Uses a recovery code; false when there is none of that hash, or it was used.
pub(crate) async fn use_secours(
    conn: &impl ConnectionTrait,
    c: CompteId,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_code_secours SET utilise_le = $1 WHERE compte_id = $2 AND empreinte = $3 AND utilise_le IS NULL",
        [now.into(), c.0.into(), empreinte.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many recovery codes are left.
pub(crate) async fn secours_restants(conn: &impl ConnectionTrait, c: CompteId) -> Result<i64, DbErr> {
    kit::count(
        conn,
        "SELECT count(*) FROM compte_code_secours WHERE compte_id = $1 AND utilise_le IS NULL",
        [c.0.into()],
    )
    .await
}

/// A passkey, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Cle {
    pub(crate) id: Uuid,
    pub(crate) compte_id: Uuid,
    pub(crate) cle: String,
    pub(crate) nom: String,
    pub(crate) cree_le: DateTime<Utc>,
    pub(crate) utilisee_le: Option<DateTime<Utc>>,
    pub(crate) version: i64,
}

const CLE: &str = "SELECT id, compte_id, cle, nom, cree_le, utilisee_le, version FROM compte_cle";

pub(crate) async fn cles(conn: &impl ConnectionTrait, c: CompteId) -> Result<Vec<Cle>, DbErr> {
    kit::query_as(conn, &format!("{CLE} WHERE compte_id = $1 ORDER BY cree_le, id"), [c.0.into()]).await
}

pub(crate) async fn cle_par_identifiant(
    conn: &impl ConnectionTrait,
    identifiant: &str,
) -> Result<Option<Cle>, DbErr> {
    kit::query_one_as(conn, &format!("{CLE} WHERE identifiant = $1"), [identifiant.into()]).await
}

pub(crate) async fn insert_cle(
    conn: &impl ConnectionTrait,
    cle: &Cle,
    identifiant: &str,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_cle (id, compte_id, identifiant, cle, nom, cree_le, version) VALUES ($1, $2, $3, $4, $5, $6, 0)",
        [
            cle.id.into(),
            cle.compte_id.into(),
            identifiant.into(),
            cle.cle.clone().into(),
            cle.nom.clone().into(),
            cle.cree_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Writes the key after a use (its counter moved); false when another use came first.
pub(crate) async fn use_cle(
    conn: &impl ConnectionTrait,
    id: Uuid,
    cle: &str,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_cle SET cle = $1, utilisee_le = $2, version = version + 1 WHERE id = $3 AND version = $4",
        [cle.into(), now.into(), id.into(), version.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn delete_cle(conn: &impl ConnectionTrait, c: CompteId, id: Uuid) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "DELETE FROM compte_cle WHERE id = $1 AND compte_id = $2",
        [id.into(), c.0.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets every proof of the account: a fresh invitation begins from nothing.
pub(crate) async fn forget_proofs(conn: &impl ConnectionTrait, c: CompteId) -> Result<(), DbErr> {
    for table in
        ["compte_mot_de_passe", "compte_totp", "compte_code_secours", "compte_cle", "compte_identite"]
    {
        kit::execute(conn, &format!("DELETE FROM {table} WHERE compte_id = $1"), [c.0.into()]).await?;
    }
    super::cartes::liberer(conn, c).await
}

/// What a sign-in under way is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Attente {
    /// A one-time or recovery code: the password was right.
    SecondFacteur,
    /// The answer of a passkey that signs in.
    CleEntree,
    /// The answer of a passkey that is being made.
    CleAjout,
}

impl Attente {
    fn key(self) -> &'static str {
        match self {
            Self::SecondFacteur => "second_facteur",
            Self::CleEntree => "cle_entree",
            Self::CleAjout => "cle_ajout",
        }
    }
}

/// A sign-in under way.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Etape {
    pub(crate) id: Uuid,
    pub(crate) compte_id: Option<Uuid>,
    pub(crate) suite: String,
    pub(crate) defi: Option<String>,
    pub(crate) expire_le: DateTime<Utc>,
}

pub(crate) async fn insert_etape(
    conn: &impl ConnectionTrait,
    e: &Etape,
    attente: Attente,
    empreinte: &str,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_etape (id, empreinte, compte_id, genre, suite, defi, expire_le) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            e.id.into(),
            empreinte.into(),
            e.compte_id.into(),
            attente.key().into(),
            e.suite.clone().into(),
            e.defi.clone().into(),
            e.expire_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

pub(crate) async fn etape(
    conn: &impl ConnectionTrait,
    empreinte: &str,
    attente: Attente,
    now: DateTime<Utc>,
) -> Result<Option<Etape>, DbErr> {
    kit::query_one_as(
        conn,
        "SELECT id, compte_id, suite, defi, expire_le FROM compte_etape WHERE empreinte = $1 AND genre = $2 AND expire_le > $3",
        [empreinte.into(), attente.key().into(), now.into()],
    )
    .await
}

/// Ends the step; false when it was ended meanwhile: it serves once.
pub(crate) async fn end_etape(conn: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let done = kit::execute(conn, "DELETE FROM compte_etape WHERE id = $1", [id.into()]).await?;
    Ok(done.rows_affected() == 1)
}

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Genre {
    /// Choosing one's proofs, for the first time or anew.
    Invitation,
    /// Choosing another password.
    MotDePasse,
}

impl Genre {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::MotDePasse => "mot_de_passe",
        }
    }
}

/// A link sent by mail.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Lien {
    pub(crate) id: Uuid,
    pub(crate) compte_id: Uuid,
    pub(crate) cree_le: DateTime<Utc>,
    pub(crate) expire_le: DateTime<Utc>,
}

pub(crate) async fn insert_lien(
    conn: &impl ConnectionTrait,
    l: &Lien,
    genre: Genre,
    empreinte: &str,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "INSERT INTO compte_lien (id, compte_id, genre, empreinte, cree_le, expire_le) VALUES ($1, $2, $3, $4, $5, $6)",
        [
            l.id.into(),
            l.compte_id.into(),
            genre.key().into(),
            empreinte.into(),
            l.cree_le.into(),
            l.expire_le.into(),
        ],
    )
    .await
    .map(|_| ())
}

const LIEN: &str = "SELECT id, compte_id, cree_le, expire_le FROM compte_lien";

/// The link of that secret, if it still serves.
pub(crate) async fn lien(
    conn: &impl ConnectionTrait,
    genre: Genre,
    empreinte: &str,
    now: DateTime<Utc>,
) -> Result<Option<Lien>, DbErr> {
    let sql = format!("{LIEN} WHERE empreinte = $1 AND genre = $2 AND utilise_le IS NULL AND expire_le > $3");
    kit::query_one_as(conn, &sql, [empreinte.into(), genre.key().into(), now.into()]).await
}

/// The link of that identifier, if it still serves.
pub(crate) async fn lien_par_id(
    conn: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Lien>, DbErr> {
    let sql = format!("{LIEN} WHERE id = $1 AND utilise_le IS NULL AND expire_le > $2");
    kit::query_one_as(conn, &sql, [id.into(), now.into()]).await
}

/// The newest link of that kind sent to the account.
pub(crate) async fn dernier_lien(
    conn: &impl ConnectionTrait,
    c: CompteId,
    genre: Genre,
) -> Result<Option<Lien>, DbErr> {
    let sql = format!("{LIEN} WHERE compte_id = $1 AND genre = $2 ORDER BY cree_le DESC, id DESC LIMIT 1");
    kit::query_one_as(conn, &sql, [c.0.into(), genre.key().into()]).await
}

/// Uses the link up; false when somebody else just did.
pub(crate) async fn use_lien(
    conn: &impl ConnectionTrait,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = kit::execute(
        conn,
        "UPDATE compte_lien SET utilise_le = $1 WHERE id = $2 AND utilise_le IS NULL AND expire_le > $1",
        [now.into(), id.into()],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes every unused link of the account useless.
pub(crate) async fn cancel_liens(
    conn: &impl ConnectionTrait,
    c: CompteId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(
        conn,
        "UPDATE compte_lien SET expire_le = $1 WHERE compte_id = $2 AND utilise_le IS NULL AND expire_le > $1",
        [now.into(), c.0.into()],
    )
    .await
    .map(|_| ())
}

/// Deletes steps and links that have been over for long.
pub(crate) async fn purge(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<(), DbErr> {
    kit::execute(conn, "DELETE FROM compte_etape WHERE expire_le < $1", [now.into()]).await?;
    kit::execute(conn, "DELETE FROM compte_lien WHERE expire_le < $1", [before.into()]).await.map(|_| ())
}
