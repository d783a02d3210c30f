//! Cards in the database.

use chrono::{DateTime, Utc};
use kernel::ids::CompteId;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::model::{Carte, EtatCarte};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    numero: String,
    graine: String,
    periode: i64,
    etat: String,
    compte_id: Option<Uuid>,
    derive: i64,
    dernier_pas: Option<i64>,
    refus: i64,
    utilisee_le: Option<DateTime<Utc>>,
    etat_le: DateTime<Utc>,
}

pub(super) const COLONNES: &str =
    "id, numero, graine, periode, etat, compte_id, derive, dernier_pas, refus, utilisee_le, etat_le";

impl Row {
    fn carte(self) -> Result<Carte, DbErr> {
        let etat = EtatCarte::from_cle(&self.etat);
        Ok(Carte {
            etat: etat.ok_or_else(|| DbErr::Type(format!("compte_carte {}", self.id)))?,
            id: self.id,
            numero: self.numero,
            compte: self.compte_id.map(CompteId),
            periode: self.periode,
            derive: self.derive,
            refus: self.refus,
            utilisee_le: self.utilisee_le,
            etat_le: self.etat_le,
            graine: self.graine,
            dernier_pas: self.dernier_pas,
        })
    }
}

pub(super) async fn lues(
    conn: &impl ConnectionTrait,
    suite: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Carte>, DbErr> {
    let rows: Vec<Row> =
        kit::query_as(conn, &format!("SELECT {COLONNES} FROM compte_carte {suite}"), values).await?;
    rows.into_iter().map(Row::carte).collect()
}

/// The card of an account.
///
/// # Errors
/// The database.
pub async fn du_compte(conn: &impl ConnectionTrait, compte: CompteId) -> Result<Option<Carte>, DbErr> {
    Ok(lues(conn, "WHERE compte_id = $1", [compte.0.into()]).await?.pop())
}

/// The same, held until the end of the transaction.
pub(super) async fn tenue(tx: &Tx, compte: CompteId) -> Result<Option<Carte>, DbErr> {
    kit::execute(tx, "UPDATE compte_carte SET refus = refus WHERE compte_id = $1", [compte.0.into()]).await?;
    du_compte(tx, compte).await
}

/// Cards of the stock: of that state, whose number begins so, by number.
///
/// # Errors
/// The database.
pub async fn lister(
    conn: &impl ConnectionTrait,
    etat: Option<EtatCarte>,
    debut: &str,
    (offset, limit): (usize, usize),
) -> Result<Vec<Carte>, DbErr> {
    let values: [Value; 4] = [
        etat.map(EtatCarte::cle).unwrap_or_default().into(),
        format!("{debut}%").into(),
        i64::try_from(limit).unwrap_or(100).into(),
        i64::try_from(offset).unwrap_or(i64::MAX).into(),
    ];
    lues(conn, "WHERE ($1 = '' OR etat = $1) AND numero LIKE $2 ORDER BY numero LIMIT $3 OFFSET $4", values)
        .await
}

/// How many the list has.
///
/// # Errors
/// The database.
pub async fn compter(
    conn: &impl ConnectionTrait,
    etat: Option<EtatCarte>,
    debut: &str,
) -> Result<usize, DbErr> {
    let sql = "SELECT COUNT(*) FROM compte_carte WHERE ($1 = '' OR etat = $1) AND numero LIKE $2";
    let values: [Value; 2] =
        [etat.map(EtatCarte::cle).unwrap_or_default().into(), format!("{debut}%").into()];
    Ok(usize::try_from(kit::count(conn, sql, values).await?).unwrap_or(0))
}

/// Which of these numbers are in the stock already.
///
/// # Errors
/// The database.
pub async fn connus(
    conn: &impl ConnectionTrait,
    numeros: &[String],
) -> Result<std::collections::HashSet<String>, DbErr> {
    let mut out = std::collections::HashSet::new();
    for lot in numeros.chunks(1_000) {
        let sql = format!("WHERE numero IN ({})", kit::places(1, lot.len()));
        let cartes = lues(conn, &sql, lot.iter().map(|n| n.clone().into())).await?;
        out.extend(cartes.into_iter().map(|c| c.numero));
    }
    Ok(out)
}

/// Notes a step as used, and the drift that it tells; false when it, or a later one, was used meanwhile.
pub(super) async fn use_pas(tx: &Tx, carte: &Carte, pas: i64, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = "UPDATE compte_carte SET dernier_pas = $1, derive = $2, refus = 0, utilisee_le = $3 \
               WHERE id = $4 AND (dernier_pas IS NULL OR dernier_pas < $1)";
    let values: [Value; 4] = [pas.into(), (pas - carte.pas(now)).into(), now.into(), carte.id.into()];
    Ok(kit::execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Nobody's any more. The next holder's clock and tries begin anew; the last step stays: no code ever serves twice.
pub(super) async fn retirer(tx: &Tx, id: Uuid, vers: EtatCarte, now: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = NULL, etat = $1, etat_le = $2, refus = 0 WHERE id = $3";
    kit::execute(tx, sql, [vers.cle().into(), now.into(), id.into()]).await.map(drop)
}

/// The card of an account that begins from nothing: nobody knows where it is, until somebody shows its code ([`garder`]) or puts
/// it back in stock.
pub(crate) async fn liberer(conn: &impl ConnectionTrait, compte: CompteId) -> Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = NULL, etat = 'perdue', refus = 0 WHERE compte_id = $1";
    kit::execute(conn, sql, [compte.0.into()]).await.map(drop)
}

/// Gives a card back to the account that an invitation began anew, whose owner just showed its code.
pub(crate) async fn garder(tx: &Tx, carte: Uuid, compte: CompteId) -> Result<(), DbErr> {
    let sql = "UPDATE compte_carte SET compte_id = $1, etat = 'associee' WHERE id = $2 AND compte_id IS NULL";
    kit::execute(tx, sql, [compte.0.into(), carte.into()]).await.map(drop)
}
