//! The files of the interface are embedded: they must have been built.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates");
    let dist = std::path::Path::new("../../assets/dist/public/maillage.css");
    println!("cargo::rerun-if-changed=../../assets/dist/public");
    if !dist.exists() {
        println!(
            "cargo::error=Les fichiers de l’interface manquent : lancez « make assets » (npm), puis recommencez."
        );
    }
}
