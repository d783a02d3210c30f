//! Rows of codes, of tokens, of assertions. Each state moves by one conditional update: of two requests at once, one wins.

use chrono::{DateTime, Utc};
use oidc::provider::{Code, CodeState, Jeton, JetonState};
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::tenue::{self, Tenue};

/// Which version of a client there is now, and whether it may ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rang {
    pub(super) version: i64,
    pub(super) actif: bool,
}

impl Rang {
    fn lire(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self { version: row.try_get("", "client_version")?, actif: row.try_get("", "client_actif")? })
    }
}

/// A code and what it stands for.
pub(super) struct CodeTrouve {
    pub(super) code: Code,
    pub(super) tenue: Tenue,
}

/// A token and what it stands for.
pub(super) struct JetonTrouve {
    pub(super) rang: Rang,
    pub(super) jeton: Jeton,
    pub(super) tenue: Tenue,
}

fn texte(valeur: &impl Serialize) -> Result<String, DbErr> {
    serde_json::to_string(valeur).map_err(|e| DbErr::Custom(e.to_string()))
}

fn lu<T: DeserializeOwned>(row: &QueryResult, colonne: &str) -> Result<T, DbErr> {
    let texte: String = row.try_get("", colonne)?;
    serde_json::from_str(&texte).map_err(|e| DbErr::Type(format!("{colonne}: {e}")))
}

/// The client of that name, if there is one.
pub(super) async fn rang(conn: &impl ConnectionTrait, client_id: &str) -> Result<Option<Rang>, DbErr> {
    let sql = "SELECT version AS client_version, actif AS client_actif FROM fournisseur_client WHERE client_id = $1";
    let rows = kit::query(conn, sql, [client_id.into()]).await?;
    rows.first().map(Rang::lire).transpose()
}

/// The client that asks, and the code that it shows, in one look.
pub(super) async fn code(
    tx: &Tx,
    client_id: &str,
    digest: &str,
) -> Result<(Option<Rang>, Option<CodeTrouve>), DbErr> {
    let sql = format!(
        "SELECT c.version AS client_version, c.actif AS client_actif, k.code, k.etat, {} FROM fournisseur_client c \
         LEFT JOIN fournisseur_code k ON k.digest = $2 {} WHERE c.client_id = $1",
        tenue::COLONNES,
        tenue::JOINTURES
    );
    let rows = kit::query(tx, &sql, [client_id.into(), digest.into()]).await?;
    let Some(row) = rows.first() else { return Ok((None, None)) };
    let rang = Rang::lire(row)?;
    let Some(etat) = row.try_get::<Option<String>>("", "etat")? else { return Ok((Some(rang), None)) };
    let mut code: Code = lu(row, "code")?;
    code.state = match etat.as_str() {
        "fresh" => CodeState::Fresh,
        "spent" => CodeState::Spent,
        _ => CodeState::Revoked,
    };
    Ok((Some(rang), Some(CodeTrouve { code, tenue: Tenue::lire(row)? })))
}

/// Stores a code that was just given.
pub(super) async fn deposer(tx: &Tx, code: &Code, usage: Uuid, compte: Uuid) -> Result<(), DbErr> {
    let sql = "INSERT INTO fournisseur_code (digest, sid, client_id, code, etat, usage_id, compte_id, expire_le) \
               VALUES ($1, $2, $3, $4, 'fresh', $5, $6, $7)";
    let values = [
        code.digest.clone().into(),
        code.flow.clone().into(),
        code.client_id.clone().into(),
        texte(code)?.into(),
        usage.into(),
        compte.into(),
        code.expires_at.into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Spends a code; says whether nobody did before.
pub(super) async fn depenser(tx: &Tx, digest: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE fournisseur_code SET etat = 'spent' WHERE digest = $1 AND etat = 'fresh'";
    Ok(kit::execute(tx, sql, [digest.into()]).await?.rows_affected() == 1)
}

/// Revokes a code and all that came of it; says whether something still stood.
pub(super) async fn revoquer(tx: &Tx, digest: &str, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "UPDATE fournisseur_code SET etat = 'revoked' WHERE digest = $1 AND etat <> 'revoked'";
    let code = kit::execute(tx, sql, [digest.into()]).await?.rows_affected();
    let sql = "UPDATE fournisseur_jeton SET etat = 'revoked' WHERE code_digest = $1 AND etat <> 'revoked'";
    let jetons = kit::execute(tx, sql, [digest.into()]).await?.rows_affected();
    let sql = "UPDATE mandat_usage SET fini_le = $2 WHERE fini_le IS NULL \
               AND id = (SELECT usage_id FROM fournisseur_code WHERE digest = $1)";
    kit::execute(tx, sql, [digest.into(), now.into()]).await?;
    Ok(code + jetons > 0)
}

/// The code and the use that tokens of a client call so.
pub(super) async fn du_sid(
    conn: &impl ConnectionTrait,
    client_id: &str,
    sid: &str,
) -> Result<Option<(String, Uuid)>, DbErr> {
    let sql = "SELECT digest, usage_id FROM fournisseur_code WHERE sid = $1 AND client_id = $2";
    let rows = kit::query(conn, sql, [sid.into(), client_id.into()]).await?;
    rows.first().map(|r| Ok((r.try_get("", "digest")?, r.try_get("", "usage_id")?))).transpose()
}

/// Stores a token.
pub(super) async fn emettre(tx: &Tx, jeton: &Jeton) -> Result<(), DbErr> {
    let sql = "INSERT INTO fournisseur_jeton (digest, code_digest, client_id, jeton, etat, expire_le) \
               VALUES ($1, $2, $3, $4, 'live', $5)";
    let values = [
        jeton.digest.clone().into(),
        jeton.code.clone().into(),
        jeton.client_id.clone().into(),
        texte(jeton)?.into(),
        jeton.expires_at.into(),
    ];
    kit::execute(tx, sql, values).await.map(drop)
}

/// Whether a token of that print was ever given and is not forgotten.
pub(super) async fn jeton_connu(conn: &impl ConnectionTrait, digest: &str) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS un FROM fournisseur_jeton WHERE digest = $1";
    Ok(!kit::query(conn, sql, [digest.into()]).await?.is_empty())
}

/// A token, its client and what it stands for.
pub(super) async fn jeton(tx: &Tx, digest: &str) -> Result<Option<JetonTrouve>, DbErr> {
    let sql = format!(
        "SELECT c.version AS client_version, c.actif AS client_actif, j.jeton, j.etat, {} FROM fournisseur_jeton j \
         JOIN fournisseur_client c ON c.client_id = j.client_id \
         JOIN fournisseur_code k ON k.digest = j.code_digest {} WHERE j.digest = $1",
        tenue::COLONNES,
        tenue::JOINTURES
    );
    let rows = kit::query(tx, &sql, [digest.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut jeton: Jeton = lu(row, "jeton")?;
    jeton.state = match row.try_get::<String>("", "etat")?.as_str() {
        "live" => JetonState::Live,
        "spent" => JetonState::Spent,
        _ => JetonState::Revoked,
    };
    Ok(Some(JetonTrouve { rang: Rang::lire(row)?, jeton, tenue: Tenue::lire(row)? }))
}

/// Spends a token; says whether nobody did before.
pub(super) async fn presenter(tx: &Tx, digest: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE fournisseur_jeton SET etat = 'spent' WHERE digest = $1 AND etat = 'live'";
    Ok(kit::execute(tx, sql, [digest.into()]).await?.rows_affected() == 1)
}

/// Remembers an assertion; says whether it was never seen.
pub(super) async fn retenir(tx: &Tx, empreinte: &str, expire: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql =
        "INSERT INTO fournisseur_assertion (empreinte, expire_le) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(kit::execute(tx, sql, [empreinte.into(), expire.into()]).await?.rows_affected() == 1)
}
