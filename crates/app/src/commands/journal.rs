//! `journal verify`, `journal export`: the chain is walked; a part of it is handed to somebody who checks it apart.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use chrono::Days;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::calendrier;
use kernel::text::compte;
use platform::Site;
use platform::journal::{self, Entry, Extract, Query, Verdict};
use platform::tableur::{Classeur, Format};

use super::{open_existing, say};
use crate::cli::{Cli, ExportJournal, Journal};
use crate::outcome::{Failure, Outcome, pourquoi};

pub(super) async fn run(cli: &Cli, command: &Journal) -> Outcome {
    match command {
        Journal::Verify { extrait: Some(file) } => check(file),
        Journal::Verify { extrait: None } => verify(cli).await,
        Journal::Export(args) => export(cli, args).await,
    }
}

async fn verify(cli: &Cli) -> Outcome {
    let site = open_existing(cli).await?;
    let bar = bar();
    let shown = bar.clone();
    let heard: journal::Heard = Arc::new(move |done, total| {
        shown.set_length(total.unsigned_abs());
        shown.set_position(done.unsigned_abs());
    });
    let verdict = journal::verify_telling(site.db.read(), heard).await;
    bar.finish_and_clear();
    match verdict? {
        Verdict::Whole { lines, last } => {
            say(format_args!("Le journal est intact : {}.", compte(lines.unsigned_abs(), "ligne", "lignes")));
            if !last.is_empty() {
                say(format_args!("Empreinte de la dernière ligne, à conserver ailleurs : {last}"));
            }
            Ok(())
        }
        Verdict::Broken { seq, why } => {
            Err(Failure::Refused(format!("le journal est altéré à la ligne {seq} : {why}.")))
        }
    }
}

/// Seen on a terminal only, and not for a journal that is read in the blink of an eye.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0).with_message("Lecture du journal");
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {percent:>3} %  {elapsed}") {
        bar.set_style(style.progress_chars("█▌ "));
    }
    bar
}

fn check(path: &Path) -> Outcome {
    let refused = |e| Failure::Refused(format!("« {} » ne peut être lu : {}", path.display(), pourquoi(&e)));
    let file = File::open(path).map_err(refused)?;
    let checked = journal::check(BufReader::new(file)).map_err(|e| Failure::Refused(e.to_string()))?;
    say(format_args!(
        "Extrait intact : {}, du journal de {}, pris le {}.",
        compte(checked.lines, "ligne", "lignes"),
        checked.site,
        calendrier::en_lettres_avec_heure(&checked.at)
    ));
    if checked.whole() {
        say("Il contient tout le journal, de la première ligne à la dernière d’alors.");
    } else {
        say(format_args!(
            "{} à la précédente du journal ; entre les autres, il manque des lignes qui n’ont pas été demandées.",
            compte(checked.joined, "ligne est jointe", "lignes sont jointes")
        ));
    }
    say(format_args!(
        "Dernière ligne du journal d’alors : n° {}, empreinte {}. Comparez-la à celle qui a été conservée ailleurs.",
        checked.head.seq, checked.head.hash
    ));
    Ok(())
}

async fn export(cli: &Cli, args: &ExportJournal) -> Outcome {
    let format = kind(&args.file)?;
    let query = query(args)?;
    let site = open_existing(cli).await?;
    let refused = |e: std::io::Error| {
        let why = match e.kind() {
            std::io::ErrorKind::AlreadyExists => "il existe déjà, donnez un autre nom".to_owned(),
            _ => pourquoi(&e),
        };
        Failure::Refused(format!("« {} » ne peut être écrit : {why}", args.file.display()))
    };
    // Only its owner reads it, and it replaces nothing.
    let file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file).map_err(refused)?;
    let facts = serde_json::to_value(&query).map_err(|e| Failure::Refused(e.to_string()))?;
    let line = Entry::system("journal.extraire", "journal", "").with(facts);
    site.db.write(async |tx| journal::write(&site, tx, line.clone()).await).await?;
    let written = write(&site, query, format, file).await;
    if written.is_err() {
        let _ = std::fs::remove_file(&args.file);
    }
    say(format_args!("Extrait écrit : {}.", compte(written?, "ligne", "lignes")));
    Ok(())
}

/// The format that the name asks for; none for the one that the program checks.
fn kind(file: &Path) -> Result<Option<Format>, Failure> {
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if extension == "jsonl" {
        return Ok(None);
    }
    Format::from_extension(extension).map(Some).ok_or_else(|| {
        Failure::WrongUse("le nom du fichier doit finir par .jsonl, .csv, .xlsx ou .ods.".to_owned())
    })
}

fn query(args: &ExportJournal) -> Result<Query, Failure> {
    let detail = match args.detail.as_deref().map(|d| d.split_once('=')) {
        None => None,
        Some(Some((name, value))) if !name.is_empty() => Some((name.to_owned(), value.to_owned())),
        Some(_) => return Err(Failure::WrongUse("--detail attend NOM=VALEUR.".to_owned())),
    };
    if args.du.zip(args.au).is_some_and(|(du, au)| au < du) {
        return Err(Failure::WrongUse("--au vient avant --du.".to_owned()));
    }
    Ok(Query {
        subject: args.sujet.clone(),
        subject_id: args.id.clone(),
        by: args.compte,
        detail,
        from: args.du.map(calendrier::minuit),
        until: args.au.and_then(|d| d.checked_add_days(Days::new(1))).map(calendrier::minuit),
        ..Query::default()
    })
}

async fn write(site: &Site, query: Query, format: Option<Format>, file: File) -> Result<u64, Failure> {
    let (mut out, mut extract, mut count) = (BufWriter::new(file), Extract::open(site, query).await?, 0);
    match format {
        None => {
            while let Some(piece) = extract.piece(site.db.read()).await? {
                out.write_all(piece.as_bytes())?;
            }
            count = extract.count();
        }
        Some(format) => {
            let mut list = Classeur::new(format, "journal", journal::TITLES)?;
            loop {
                let lines = extract.lines(site.db.read()).await?;
                if lines.is_empty() {
                    break;
                }
                count += lines.len() as u64;
                for line in &lines {
                    list.ligne(journal::cells(line))?;
                }
                out.write_all(&list.prend()?)?;
            }
            out.write_all(&list.termine()?)?;
        }
    }
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(count)
}
