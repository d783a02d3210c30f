//! Files of data·inclusion on the command line. No database is needed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use annuaire::lieux::data_inclusion::entree::{self, Compte, Echec};

use crate::cli::DataInclusion;
use crate::outcome::{Failure, Outcome, pourquoi};

/// Most words without a place in the standard that are named.
const NOMMES: usize = 30;

/// Two files in, one file of the standard out; the counts beside it.
#[expect(clippy::print_stderr, reason = "what is left out is told beside the data, not in it")]
pub(super) fn convertit(args: &DataInclusion) -> Outcome {
    let lit = |chemin: &Path| {
        File::open(chemin).map(BufReader::new).map_err(|e| {
            Failure::Refused(format!("« {} » ne peut être lu : {}", chemin.display(), pourquoi(&e)))
        })
    };
    let (structures, services) = (lit(&args.structures)?, lit(&args.services)?);
    let fait = match &args.output {
        Some(chemin) => {
            let refuse =
                |e: io::Error| Failure::Refused(format!("« {} » ne peut être écrit : {e}", chemin.display()));
            let mut sortie = BufWriter::new(File::create(chemin).map_err(refuse)?);
            let fait = entree::convertit(structures, services, &mut sortie);
            sortie.flush()?;
            fait
        }
        None => entree::convertit(structures, services, BufWriter::new(io::stdout().lock())),
    };
    let compte = fait.map_err(|e| match e {
        Echec::Fichier(phrase) => Failure::Refused(phrase),
        Echec::Entree(e) => Failure::Refused(e.to_string()),
    })?;
    eprintln!("{}", resume(&compte));
    Ok(())
}

fn resume(compte: &Compte) -> String {
    let nombre = |n: u64| kernel::text::nombre(i64::try_from(n).unwrap_or(i64::MAX));
    let mut lignes = vec![format!(
        "{} structures et {} services lus : {} lieux écrits.",
        nombre(compte.structures),
        nombre(compte.services),
        nombre(compte.lieux)
    )];
    for (n, phrase) in [
        (compte.sans_numerique, "structures sans service numérique, laissées de côté"),
        (compte.autres, "services sans thème numérique, laissés de côté"),
        (compte.orphelins, "services dont la structure n’est pas dans le fichier, laissés de côté"),
    ] {
        if n > 0 {
            lignes.push(format!("{} {phrase}.", nombre(n)));
        }
    }
    if !compte.non_repris.is_empty() {
        lignes.push("Valeurs sans équivalent dans le standard, laissées de côté :".to_owned());
        let nommes = compte.non_repris.iter().take(NOMMES);
        lignes.extend(nommes.map(|((champ, mot), n)| format!("  {champ} : {mot} ({})", nombre(*n))));
        let reste = compte.non_repris.len().saturating_sub(NOMMES);
        if reste > 0 {
            lignes.push(format!("  et {reste} autres."));
        }
    }
    lignes.join("\n")
}
