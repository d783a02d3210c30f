//! Rows of enveloppes: whoever takes posts from one holds its row, so that two people never grant the last post twice.

use std::collections::BTreeSet;

use kernel::Refusal;
use platform::Tx;
use platform::db::kit;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult};
use uuid::Uuid;

use super::abime;
use crate::Failure;
use crate::selection::model::{Enveloppe, Niveau};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    niveau: String,
    code: String,
    postes: i64,
    accordes: i64,
}

impl Row {
    fn enveloppe(self) -> Result<Enveloppe, DbErr> {
        Ok(Enveloppe {
            id: self.id,
            niveau: Niveau::from_cle(&self.niveau).ok_or_else(|| abime(self.id, "niveau"))?,
            code: self.code,
            postes: self.postes,
            accordes: self.accordes,
        })
    }
}

/// Every enveloppe, by level and code.
pub(crate) async fn enveloppes(conn: &impl ConnectionTrait) -> Result<Vec<Enveloppe>, DbErr> {
    let sql = "SELECT id, niveau, code, postes, accordes FROM enveloppe ORDER BY niveau DESC, code";
    kit::query_as::<Row>(conn, sql, []).await?.into_iter().map(Row::enveloppe).collect()
}

/// The enveloppe of a territory, held until the end of the transaction.
async fn tenir(tx: &Tx, niveau: Niveau, code: &str) -> Result<Option<Enveloppe>, DbErr> {
    // SQLite has one writer at a time, and this transaction is it.
    let verrou = if tx.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT id, niveau, code, postes, accordes FROM enveloppe WHERE niveau = $1 AND code = $2{verrou}"
    );
    kit::query_one_as::<Row>(tx, &sql, [niveau.cle().into(), code.into()])
        .await?
        .map(Row::enveloppe)
        .transpose()
}

/// Holds the enveloppes of these territories, the largest first: whoever takes from several holds them all before, in one
/// order, so that nobody waits in a circle.
pub(in crate::selection) async fn tenir_tout(
    tx: &Tx,
    territoires: &BTreeSet<(Niveau, String)>,
) -> Result<(), DbErr> {
    for (niveau, code) in territoires {
        tenir(tx, *niveau, code).await?;
    }
    Ok(())
}

/// Holds all the enveloppes, those to come included: whoever sets one compares it with those above and below, and nobody
/// sets another, nor takes posts, meanwhile.
pub(in crate::selection) async fn tenir_la_table(tx: &Tx) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE enveloppe IN EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// Takes posts from every enveloppe of these territories, held in that order; gives the enveloppes.
///
/// # Errors
/// A conflict that says what is left when one holds too few, or when none is open.
pub(in crate::selection) async fn prendre(
    tx: &Tx,
    territoires: &[(Niveau, String)],
    postes: u32,
) -> Result<Vec<Uuid>, Failure> {
    let mut prises = Vec::new();
    for (niveau, code) in territoires {
        let Some(e) = tenir(tx, *niveau, code).await? else { continue };
        if e.reste() < i64::from(postes) {
            let ou = match niveau {
                Niveau::Pays => "nationale".to_owned(),
                Niveau::Region => format!("de la région {code}"),
                Niveau::Departement => format!("du département {code}"),
            };
            let reste = kernel::text::compte(u64::try_from(e.reste()).unwrap_or(0), "poste", "postes");
            return Err(Refusal::conflict(format!(
                "L’enveloppe {ou} n’a plus assez de postes : il y reste {reste}. Accordez-en moins, ou augmentez l’enveloppe."
            ))
            .into());
        }
        let sql = "UPDATE enveloppe SET accordes = accordes + $2 WHERE id = $1";
        kit::execute(tx, sql, [e.id.into(), i64::from(postes).into()]).await?;
        prises.push(e.id);
    }
    if prises.is_empty() {
        return Err(Refusal::conflict(
            "Aucune enveloppe n’est ouverte pour ce territoire. Ouvrez-en une avant d’accorder des postes.",
        )
        .into());
    }
    Ok(prises)
}

/// Gives posts back to these enveloppes.
pub(in crate::selection) async fn rendre(tx: &Tx, enveloppes: &[Uuid], postes: u32) -> Result<(), DbErr> {
    // Taken the largest first; given back in the same order, so that nobody waits in a circle.
    for id in enveloppes {
        let sql = "UPDATE enveloppe SET accordes = accordes - $2 WHERE id = $1";
        kit::execute(tx, sql, [(*id).into(), i64::from(postes).into()]).await?;
    }
    Ok(())
}

/// Sets how many posts an enveloppe holds, new or known; gives what it held.
///
/// # Errors
/// The field, when more were granted already.
pub(in crate::selection) async fn ecrire(
    tx: &Tx,
    id: Uuid,
    (niveau, code): (Niveau, &str),
    postes: i64,
) -> Result<Option<i64>, Failure> {
    let Some(e) = tenir(tx, niveau, code).await? else {
        let sql = "INSERT INTO enveloppe (id, niveau, code, postes, accordes) VALUES ($1, $2, $3, $4, 0)";
        kit::execute(tx, sql, [id.into(), niveau.cle().into(), code.into(), postes.into()]).await?;
        return Ok(None);
    };
    if postes < e.accordes {
        return Err(Refusal::field(
            "postes",
            format!(
                "{} : l’enveloppe ne peut pas descendre au-dessous.",
                kernel::text::compte(
                    u64::try_from(e.accordes).unwrap_or(0),
                    "poste est déjà accordé",
                    "postes sont déjà accordés"
                )
            ),
        )
        .into());
    }
    kit::execute(tx, "UPDATE enveloppe SET postes = $2 WHERE id = $1", [e.id.into(), postes.into()]).await?;
    Ok(Some(e.postes))
}
