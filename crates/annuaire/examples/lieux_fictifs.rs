//! Writes so many fictitious lieux as a standard CSV, for `make bench`:
//! `cargo run --example lieux_fictifs -- 20000 > lieux.csv`

use std::collections::HashMap;
use std::error::Error;

use annuaire::demonstration::{colonnes, lieux_fictifs};
use annuaire::territoires::Territoires;

fn main() -> Result<(), Box<dyn Error>> {
    let combien = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let territoires = Territoires::new(&HashMap::new())?;
    let mut sortie = csv::Writer::from_writer(std::io::stdout().lock());
    sortie.write_record(colonnes())?;
    for ligne in lieux_fictifs(&territoires, combien, 1) {
        sortie.write_record(&ligne)?;
    }
    sortie.flush()?;
    Ok(())
}
