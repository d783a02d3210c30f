//! Stops with a sentence when the tables that this crate embeds were not built.

use std::path::Path;

fn main() {
    let data = Path::new("../../assets/dist/data/territoires");
    println!("cargo::rerun-if-changed={}", data.display());
    let tables =
        ["regions", "departements", "arrondissements", "epci", "communes", "interieures", "lieux_habites"];
    if let Some(table) = tables.iter().find(|t| !data.join(format!("{t}.tsv.gz")).exists()) {
        println!(
            "cargo::error=la table des territoires « {table} » manque dans assets/dist/data/territoires : lancez make assets"
        );
    }
}
