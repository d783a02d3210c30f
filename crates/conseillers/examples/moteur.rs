//! Runs an engine without the rest of the program, to profile it:
//! `cargo run --release --example moteur -- matching national.json`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what is measured is read on the terminal")]

use std::error::Error;
use std::time::Instant;

use conseillers::matching::assignment;
use conseillers::repartition;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [moteur, fichier, ..] = arguments.as_slice() else {
        return Err("moteur matching|repartition FICHIER".into());
    };
    let start = Instant::now();
    let contenu = std::fs::read(fichier)?;
    match moteur.as_str() {
        "matching" => {
            let (probleme, remarques) = assignment::lit(&contenu)?;
            eprintln!("lu : {:?}", start.elapsed());
            let solution = assignment::resout(&probleme)?;
            eprintln!("résolu : {:?}", start.elapsed());
            eprint!("{}", assignment::texte(&probleme, &solution, &remarques));
            println!("{}", assignment::json(&probleme, &solution, &remarques));
        }
        "repartition" => {
            let (probleme, remarques) = repartition::lit(&contenu)?;
            eprintln!("lu : {:?}", start.elapsed());
            let solution = repartition::resout(&probleme)?;
            eprintln!("résolu : {:?}", start.elapsed());
            eprint!("{}", repartition::texte(&probleme, &solution, &remarques));
            println!("{}", repartition::json(&probleme, &solution, &remarques));
        }
        _ => return Err("moteur matching|repartition FICHIER".into()),
    }
    eprintln!("écrit : {:?}", start.elapsed());
    Ok(())
}
