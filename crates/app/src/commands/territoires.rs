//! `territoires import …` and `coverage`.

use std::fs::File;
use std::path::Path;

use annuaire::Annuaire;
use annuaire::maillage::Resume;
use annuaire::territoires::actions::{EchecImport, Livraison, importe_centres, importe_zonage};
use annuaire::territoires::{BilanImport, GenreZonage};
use chrono::NaiveDate;
use kernel::text::compte;

use super::{open, open_existing, say};
use crate::cli::{Cli, Coverage, Import, ImportOptions};
use crate::outcome::{Failure, Outcome, pourquoi};

pub(super) async fn import(cli: &Cli, import: &Import) -> Outcome {
    let (file, options) = match import {
        Import::Centres { file, options } | Import::Zonage { file, options, .. } => (file, options),
    };
    // What is wrong with the command is said before any database is opened.
    let zonage = match import {
        Import::Centres { .. } => None,
        Import::Zonage { genre, date, .. } => Some((genre_zonage(genre)?, jour(date)?)),
    };
    let source = File::open(file).map_err(|e| {
        Failure::Refused(format!("« {} » ne peut être ouvert : {}", file.display(), pourquoi(&e)))
    })?;
    let nom = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let livraison = Livraison { nom: &nom, a_blanc: options.dry_run };
    let annuaire = Annuaire::load(&open(cli).await?).await?;
    let bilan = match zonage {
        None => importe_centres(&annuaire.atlas, source, livraison).await,
        Some((genre, date)) => importe_zonage(&annuaire.atlas, genre, date, source, livraison).await,
    };
    let bilan = bilan.map_err(|echec| match echec {
        EchecImport::Refus(refus) => Failure::Refused(format!("fichier refusé. {refus}")),
        EchecImport::Base(error) => error.into(),
    })?;
    report(&bilan, options)
}

fn genre_zonage(genre: &str) -> Result<GenreZonage, Failure> {
    GenreZonage::de_cle(genre).ok_or_else(|| {
        let known: Vec<&str> = GenreZonage::TOUS.iter().map(|g| g.cle()).collect();
        Failure::WrongUse(format!("--genre attend l’un de : {}.", known.join(", ")))
    })
}

fn jour(date: &str) -> Result<NaiveDate, Failure> {
    date.parse().map_err(|_| {
        Failure::WrongUse("--date attend un jour écrit AAAA-MM-JJ, comme 2024-07-01.".to_owned())
    })
}

fn report(bilan: &BilanImport, options: &ImportOptions) -> Outcome {
    if let Some(path) = &options.report {
        write(path, &bilan.csv())?;
    }
    if options.json {
        say(serde_json::json!({
            "read": bilan.lues,
            "taken": bilan.retenues,
            "outside": bilan.hors_zonage,
            "repaired": bilan.reparees,
            "refused": bilan.refusees,
            "dry_run": options.dry_run,
        }));
        return Ok(());
    }
    say(format_args!(
        "{} : {}, {} hors zonage, {}, {}.{}",
        compte(bilan.lues, "ligne lue", "lignes lues"),
        compte(bilan.retenues, "commune retenue", "communes retenues"),
        bilan.hors_zonage,
        compte(bilan.reparees, "ligne réparée", "lignes réparées"),
        compte(bilan.refusees, "refusée", "refusées"),
        if options.dry_run { " Rien n’a été écrit (--dry-run)." } else { "" }
    ));
    for remarque in bilan.remarques.iter().take(10) {
        say(format_args!("  ligne {}, « {} » : {}", remarque.ligne, remarque.valeur, remarque.raison));
    }
    if bilan.remarques.len() > 10 {
        let seen =
            if options.report.is_some() { "voir le rapport" } else { "--report FICHIER les écrit toutes" };
        say(format_args!("  … et {} autres remarques ({seen}).", bilan.remarques.len() - 10));
    }
    Ok(())
}

pub(super) fn write(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text)
        .map_err(|e| Failure::Refused(format!("« {} » ne peut être écrit : {e}", path.display())))
}

pub(super) async fn coverage(cli: &Cli, args: &Coverage) -> Outcome {
    let annuaire = Annuaire::load(&open_existing(cli).await?).await?;
    let resume = Resume::new(&*annuaire.atlas.mesure().await?);
    if args.json {
        let json = serde_json::to_string_pretty(&resume)
            .map_err(|e| Failure::Refused(format!("le résultat ne s’écrit pas : {e}")))?;
        say(json);
    } else {
        say(resume.texte().trim_end());
    }
    Ok(())
}
