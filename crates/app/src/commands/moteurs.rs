//! `matching assign` and `repartition solve`: a file in, an answer out, no database.

use std::path::Path;

use conseillers::entree::{Refus, TAILLE_MAXIMALE};
use conseillers::matching::assignment;
use conseillers::repartition;

use super::say;
use crate::cli::Moteur;
use crate::outcome::{Failure, Outcome};

pub(super) fn assign(args: &Moteur) -> Outcome {
    let (probleme, remarques) = assignment::lit(&read(&args.file)?).map_err(refused)?;
    let solution = assignment::resout(&probleme).map_err(refused)?;
    if args.json {
        say(assignment::json(&probleme, &solution, &remarques));
    } else {
        say(assignment::texte(&probleme, &solution, &remarques).trim_end());
    }
    Ok(())
}

pub(super) fn solve(args: &Moteur) -> Outcome {
    let (probleme, remarques) = repartition::lit(&read(&args.file)?).map_err(refused)?;
    let solution = repartition::resout(&probleme).map_err(refused)?;
    if args.json {
        say(repartition::json(&probleme, &solution, &remarques));
    } else {
        say(repartition::texte(&probleme, &solution, &remarques).trim_end());
    }
    Ok(())
}

/// The whole file, unless it is larger than any an engine takes.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    super::read(path, TAILLE_MAXIMALE)
}

fn refused(refus: Refus) -> Failure {
    Failure::Refused(refus.0)
}
