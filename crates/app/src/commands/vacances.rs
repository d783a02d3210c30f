//! `horaires vacances …`: school calendars.

use std::fs::File;
use std::path::Path;

use annuaire::lieux::vacances::{COLONNES, EchecVacances, charges, importe};
use annuaire::territoires::actions::Livraison;
use kernel::text::compte;
use platform::tableur::Tableur;

use super::territoires::write;
use super::{open, open_existing, say};
use crate::cli::{Cli, ImportOptions, Vacances};
use crate::outcome::{Failure, Outcome, pourquoi};

pub(super) async fn run(cli: &Cli, command: &Vacances) -> Outcome {
    match command {
        Vacances::Import { file, options } => import(cli, file, options).await,
        Vacances::List => list(cli).await,
    }
}

async fn import(cli: &Cli, file: &Path, options: &ImportOptions) -> Outcome {
    let source = File::open(file).map_err(|e| {
        Failure::Refused(format!("« {} » ne peut être ouvert : {}", file.display(), pourquoi(&e)))
    })?;
    let nom = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let livraison = Livraison { nom: &nom, a_blanc: options.dry_run };
    let bilan = importe(&open(cli).await?, None, source, livraison).await.map_err(|echec| match echec {
        EchecVacances::Base(error) => error.into(),
        autre => Failure::Refused(format!("fichier refusé. {autre}")),
    })?;
    if let Some(path) = &options.report {
        write(path, &bilan.csv())?;
    }
    if options.json {
        say(serde_json::json!({
            "read": bilan.lues,
            "taken": bilan.retenues,
            "refused": bilan.refusees,
            "dry_run": options.dry_run,
            "remarks": bilan.remarques,
        }));
    } else {
        let suite = if options.dry_run { " Rien n’a été écrit (--dry-run)." } else { "" };
        let lues = compte(bilan.lues, "ligne lue", "lignes lues");
        let prises = compte(bilan.retenues, "prise", "prises");
        say(format_args!("{lues}, {prises}.{suite}"));
        for r in &bilan.remarques {
            say(format_args!("  ligne {}, « {} » : {}", r.ligne, r.valeur, r.raison));
        }
    }
    if bilan.refusees > 0 {
        return Err(Failure::Refused("des lignes ne sont pas prises.".to_owned()));
    }
    Ok(())
}

async fn list(cli: &Cli) -> Outcome {
    let charges = charges(open_existing(cli).await?.db.read()).await?;
    let mut csv = Tableur::new(Vec::new());
    csv.ligne(COLONNES)?;
    for annee in charges.annees() {
        let entiere = std::iter::once(("année scolaire", annee.du, annee.au));
        for (periode, du, au) in entiere.chain(annee.vacances.iter().map(|c| (c.nom.as_str(), c.du, c.au))) {
            csv.ligne([&annee.nom, annee.zone.nom(), periode, &du.to_string(), &au.to_string()])?;
        }
    }
    say(String::from_utf8_lossy(&csv.termine()?).trim_end());
    Ok(())
}
