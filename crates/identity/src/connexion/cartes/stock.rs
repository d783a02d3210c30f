//! The stock: cards come in by a file, and are put away.

use kernel::ids::uuid_v7;
use kernel::{Actor, Refusal};
use platform::Site;
use platform::db::kit;
use platform::journal::{self, Entry};
use sea_orm::Value;
use serde_json::json;

use super::model::{EtatCarte, place};
use super::store::COLONNES;
use crate::error::Result;
use crate::secrets::totp::Graine;

/// A card of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nouvelle {
    /// What is printed on it ([`numero`]).
    pub numero: String,
    /// Its seed.
    pub graine: Graine,
    /// Seconds of a step: 30 or 60.
    pub periode: i64,
}

/// Puts cards in stock; those of a known number stay as they are. Says how many are new; the line of the journal counts
/// them and names none.
///
/// # Errors
/// The database; no key to seal with.
pub async fn importer(site: &Site, actor: &Actor, cartes: &[Nouvelle]) -> Result<u64> {
    let now = site.clock.now();
    let mut rows = Vec::with_capacity(cartes.len());
    for c in cartes {
        let id = uuid_v7(&site.clock, &site.chance);
        let graine = site.secrets.seal(&site.chance, &place(id), c.graine.as_bytes())?;
        rows.push(vec![
            id.into(),
            c.numero.clone().into(),
            graine.into(),
            c.periode.into(),
            EtatCarte::EnStock.cle().into(),
            Value::Uuid(None),
            0_i64.into(),
            Value::BigInt(None),
            0_i64.into(),
            Value::ChronoDateTimeUtc(None),
            now.into(),
            now.into(),
        ]);
    }
    site.db
        .write(async |tx| {
            let into = format!("compte_carte ({COLONNES}, cree_le)");
            let n = kit::insert_many(tx, &into, rows, "ON CONFLICT (numero) DO NOTHING").await?;
            let line = Entry::by(actor, "carte.importer", "carte", "");
            let facts = json!({ "lignes": cartes.len(), "nouvelles": n });
            journal::write(site, tx, line.with(facts)).await?;
            Ok(n)
        })
        .await
}

/// Notes where cards that nobody holds are: sent, found again, lost, broken. Says how many moved.
///
/// # Errors
/// A refusal for « associated », which pairing alone makes; the database.
pub async fn ranger(site: &Site, actor: &Actor, numeros: &[String], vers: EtatCarte) -> Result<u64> {
    if vers == EtatCarte::Associee {
        return Err(Refusal::conflict("Une carte s’associe avec son numéro et un code.").into());
    }
    let now = site.clock.now();
    site.db
        .write(async |tx| {
            let mut n = 0;
            for lot in numeros.chunks(500) {
                let sql = format!(
                    "UPDATE compte_carte SET etat = $1, etat_le = $2 WHERE compte_id IS NULL AND etat <> $1 AND numero IN ({})",
                    kit::places(3, lot.len())
                );
                let values = [Value::from(vers.cle()), now.into()];
                let values = values.into_iter().chain(lot.iter().map(|x| x.clone().into()));
                n += kit::execute(tx, &sql, values).await?.rows_affected();
            }
            let line = Entry::by(actor, "carte.ranger", "carte", "");
            journal::write(site, tx, line.with(json!({ "vers": vers.cle(), "cartes": n }))).await?;
            Ok(n)
        })
        .await
}
