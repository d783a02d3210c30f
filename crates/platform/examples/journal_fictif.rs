//! Writes a journal of so many fictitious lines, as long and as various as those of Aidants Connect, chained as any others:
//! `cargo run --release --example journal_fictif -- sqlite:/tmp/journal.sqlite 1000000`; then `maillage journal verify`.

use std::error::Error;

use kernel::{Chance, Clock};
use platform::journal::{self, Entry};
use platform::{Config, Db, Mode, Site, db};
use sea_orm::DbErr;
use serde_json::{Value, json};
use uuid::Uuid;

/// Lines of a transaction.
const LOT: u64 = 5_000;

fn uuid(chance: &Chance) -> String {
    Uuid::from_bytes(chance.bytes::<16>()).to_string()
}

/// The acts of a mandat in turn: the person is identified, it is made, it is used.
fn ligne(chance: &Chance, n: u64) -> Entry {
    let pseudonyme = kernel::text::hex(&chance.bytes::<16>());
    let (aidant, organisation, mandat) = (uuid(chance), uuid(chance), uuid(chance));
    match n % 3 {
        0 => {
            let faits = json!({ "usager": pseudonyme, "aidant": aidant });
            Entry::system("usager.identifier", "mandat", mandat).with(faits)
        }
        1 => {
            let empreinte = kernel::text::hex(&chance.bytes::<32>());
            let faits: Value = json!({
                "usager": pseudonyme, "aidant": aidant, "organisation": organisation, "duree": 31, "empreinte": empreinte,
                "demarches": ["papiers", "logement", "argent"],
            });
            Entry::system("mandat.creer", "mandat", mandat).with(faits)
        }
        _ => {
            let faits = json!({
                "usager": pseudonyme, "aidant": aidant, "organisation": organisation, "mandat": mandat,
                "demarche": "logement", "client": "franceconnect",
            });
            Entry::system("usage.commencer", "usage", uuid(chance)).with(faits)
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(lignes)) = (args.next(), args.next().and_then(|n| n.parse::<u64>().ok())) else {
        return Err("journal_fictif URL LIGNES".into());
    };
    let db = Db::connect(&url, &db::Options::default()).await?;
    let clock = Clock::System;
    db::migrate(&db, platform::migrations(), clock.now()).await?;
    let site = Site::new(db, clock, Chance::seeded(1), Config::default(), Mode::Demo);
    for lot in 0..lignes.div_ceil(LOT) {
        let fin = ((lot + 1) * LOT).min(lignes);
        site.db
            .write(async |tx| {
                for n in lot * LOT..fin {
                    journal::write(&site, tx, ligne(&site.chance, n)).await?;
                }
                Ok::<(), DbErr>(())
            })
            .await?;
    }
    Ok(())
}
