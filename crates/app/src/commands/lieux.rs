//! Lieux: import of a file, export of the directory.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use annuaire::Annuaire;
use annuaire::lieux::correspondance::{self, Application, Correspondance};
use annuaire::lieux::export::{self, EchecExport, Format};
use annuaire::lieux::import::{self, Demande, Echec, Ecoute, Progres};
use annuaire::lieux::rapport::{Bilan, Comptes, Niveau};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::text::nombre;
use serde_json::json;

use super::{open, open_existing, say};
use crate::cli::{Cli, ExportLieux, ImportLieux};
use crate::outcome::{Failure, Outcome, pourquoi};

/// Imports a file: the summary on the standard output, the report in the file that was asked for.
pub(super) async fn import(cli: &Cli, args: &ImportLieux) -> Outcome {
    let contenu = ouvre(&args.file)?;
    let mapping = args.mapping.as_deref().map(mapping).transpose()?;
    let site = open(cli).await?;
    let annuaire = Annuaire::load(&site).await?;
    let fichier = args.file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut demande = Demande {
        source: args.source.clone(),
        force: args.force,
        a_blanc: args.dry_run,
        ..Demande::du_standard(&fichier, contenu, &site)
    };
    if let Some(mapping) = mapping {
        demande.source = demande.source.or_else(|| Some(mapping.source.clone()));
        demande.traducteur = Box::new(Application::new(mapping));
    }
    let sortie = ouvre_rapport(args)?;
    let barre = barre();
    let fait = import::importe(&site, annuaire.territoires(), demande, ecoute(barre.clone())).await;
    barre.finish_and_clear();
    match fait {
        Ok(mut compte) => {
            copie_rapport(sortie, &mut compte.rapport)?;
            if args.json {
                let mut valeur = resume(&compte.bilan, &compte.comptes);
                valeur["source"] = json!(compte.source);
                valeur["dry_run"] = json!(args.dry_run);
                valeur["delivery"] = if args.dry_run { json!(null) } else { json!(compte.livraison) };
                valeur["warning"] = json!(compte.avertissement);
                say(valeur);
            } else {
                raconte(&compte, args);
            }
            Ok(())
        }
        Err(Echec::Refus { phrase, rapport }) => {
            if let Some(mut boite) = rapport {
                copie_rapport(sortie, &mut boite.0)?;
                if args.json {
                    let mut valeur = resume(&boite.1, &boite.2);
                    valeur["error"] = json!(phrase);
                    say(valeur);
                }
            } else if args.json {
                say(json!({ "error": phrase }));
            }
            Err(Failure::Refused(phrase))
        }
        Err(e @ Echec::Devancee) => Err(Failure::Refused(e.to_string())),
        Err(Echec::Base(e)) => Err(e.into()),
        Err(Echec::Disque(e)) => Err(e.into()),
    }
}

pub(super) fn ouvre(chemin: &Path) -> Result<File, Failure> {
    if chemin.is_dir() {
        return Err(Failure::Refused(format!("« {} » est un dossier, pas un fichier.", chemin.display())));
    }
    File::open(chemin)
        .map_err(|e| Failure::Refused(format!("« {} » ne peut être lu : {}", chemin.display(), pourquoi(&e))))
}

/// A mapping: a file, or the name of one that comes with the program.
pub(super) fn mapping(nom: &Path) -> Result<Arc<Correspondance>, Failure> {
    if !nom.exists()
        && let Some(fournie) = nom.to_str().filter(|n| correspondance::fournies().any(|f| f == *n))
    {
        return correspondance::fournie(fournie).map_err(Failure::Refused);
    }
    let texte = std::fs::read_to_string(nom).map_err(|e| {
        let fournies: Vec<&str> = correspondance::fournies().collect();
        Failure::Refused(format!(
            "la correspondance « {} » ne peut être lue : {e}. Correspondances fournies : {}.",
            nom.display(),
            fournies.join(", ")
        ))
    })?;
    Correspondance::lit(&texte).map(Arc::new).map_err(Failure::Refused)
}

fn barre() -> ProgressBar {
    let barre = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:22} [{bar:40}] {percent:>3} %  {elapsed}") {
        barre.set_style(style.progress_chars("█▌ "));
    }
    barre
}

fn ecoute(barre: ProgressBar) -> Ecoute {
    Arc::new(move |progres| {
        let (quoi, fait, total) = match progres {
            Progres::Lecture(fait, total) => ("Lecture du fichier", fait, total),
            Progres::Ecriture(fait, total) => ("Enregistrement", fait, total),
        };
        barre.set_message(quoi);
        barre.set_length(total);
        barre.set_position(fait);
    })
}

/// Opens the place of the report before anything is imported: a place that cannot be written
/// refuses the command while nothing is done yet, and never the file that is delivered.
fn ouvre_rapport(args: &ImportLieux) -> Result<Option<File>, Failure> {
    let Some(chemin) = &args.report else { return Ok(None) };
    let meme = chemin.canonicalize().is_ok_and(|c| args.file.canonicalize().is_ok_and(|f| f == c));
    if meme {
        return Err(Failure::WrongUse(
            "--report nomme le fichier livré : donnez-lui une autre place.".to_owned(),
        ));
    }
    File::create(chemin).map(Some).map_err(|e| {
        Failure::Refused(format!(
            "le rapport « {} » ne peut être écrit, rien n’est importé : {e}",
            chemin.display()
        ))
    })
}

fn copie_rapport(sortie: Option<File>, rapport: &mut File) -> Outcome {
    let Some(mut sortie) = sortie else { return Ok(()) };
    io::copy(rapport, &mut sortie)?;
    sortie.flush()?;
    Ok(())
}

/// The stable part of the JSON summary, and the counts of remarks.
fn resume(bilan: &Bilan, comptes: &Comptes) -> serde_json::Value {
    let mut valeur = json!(bilan);
    valeur["remarks"] = json!(comptes.regles);
    valeur["unknown_terms"] = json!(comptes.termes);
    valeur
}

fn raconte(compte: &import::Compte, args: &ImportLieux) {
    let n = |x: u64| nombre(i64::try_from(x).unwrap_or(i64::MAX));
    let b = &compte.bilan;
    say(format_args!("Source : {}", compte.source));
    for (quoi, combien) in [
        ("lus", b.read),
        ("ajoutés", b.added),
        ("changés", b.changed),
        ("inchangés", b.unchanged),
        ("fermés", b.closed),
        ("refusés", b.refused),
        ("réparés", b.repaired),
        ("filtrés", b.filtered),
    ] {
        if combien > 0 || quoi != "filtrés" {
            say(format_args!("{:>9} {quoi}", n(combien)));
        }
    }
    for niveau in Niveau::TOUS {
        let regles: Vec<_> = compte.comptes.regles.iter().filter(|r| r.niveau == niveau.cle()).collect();
        if regles.is_empty() {
            continue;
        }
        say(format_args!("\n{} : {} fois", niveau.libelle(), n(compte.comptes.cellules(niveau))));
        for r in regles.iter().take(12) {
            say(format_args!("{:>9} {} – {} (ligne {})", n(r.nombre), r.champ, r.message, r.ligne));
        }
        if regles.len() > 12 {
            say(format_args!("          … et {} autres règles", regles.len() - 12));
        }
    }
    if !compte.comptes.termes.is_empty() {
        say("\nMots que la correspondance ne connaît pas :");
        for t in compte.comptes.termes.iter().take(20) {
            say(format_args!("{:>9} {} → {} : « {} »", n(t.nombre), t.colonne, t.champ, t.terme));
        }
    }
    if let Some(avertissement) = &compte.avertissement {
        say(format_args!("\nAttention : {avertissement}"));
    }
    if let Some(chemin) = &args.report {
        say(format_args!("\nRapport détaillé : {}", chemin.display()));
    }
    if args.dry_run {
        say("\nEssai à blanc : rien n’a été enregistré.");
    }
}

/// Exports the directory.
#[expect(clippy::print_stderr, reason = "what is left out is told beside the data, not in it")]
pub(super) async fn export(cli: &Cli, args: &ExportLieux) -> Outcome {
    let Some(format) = Format::de_nom(&args.format) else {
        return Err(Failure::WrongUse(
            "--format vaut csv, json, geojson, data-inclusion-structures ou data-inclusion-services."
                .to_owned(),
        ));
    };
    let site = open_existing(cli).await?;
    let ecrits = match &args.output {
        Some(chemin) => {
            let refuse =
                |e: io::Error| Failure::Refused(format!("« {} » ne peut être écrit : {e}", chemin.display()));
            match std::fs::symlink_metadata(chemin) {
                Ok(m) if m.is_dir() => {
                    return Err(Failure::Refused(format!(
                        "« {} » est un dossier : nommez un fichier.",
                        chemin.display()
                    )));
                }
                // A device, a pipe, a link: written through, never replaced.
                Ok(m) if !m.is_file() => {
                    let fichier = File::options().write(true).truncate(true).open(chemin).map_err(refuse)?;
                    export::exporte(site.db.read(), format, BufWriter::new(fichier)).await
                }
                // Beside the place, then put there at once: a reader never finds half a file.
                _ => {
                    let dossier =
                        chemin.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
                    let provisoire = tempfile::NamedTempFile::new_in(dossier).map_err(refuse)?;
                    let ecrits =
                        export::exporte(site.db.read(), format, BufWriter::new(provisoire.as_file())).await;
                    if ecrits.is_ok() {
                        provisoire.as_file().sync_all()?;
                        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
                        provisoire.as_file().set_permissions(readable)?;
                        provisoire.persist(chemin).map_err(|e| refuse(e.error))?;
                    }
                    ecrits
                }
            }
        }
        None => {
            let mut sortie = BufWriter::new(io::stdout());
            let ecrits = export::exporte(site.db.read(), format, &mut sortie).await;
            match sortie.flush() {
                // The reader has enough (`| head`).
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                fin => fin?,
            }
            ecrits
        }
    };
    let ecrits = match ecrits {
        Ok(ecrits) => ecrits,
        Err(EchecExport::Sortie(e)) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
        Err(EchecExport::Sortie(e)) => return Err(e.into()),
        Err(EchecExport::Base(e)) => return Err(e.into()),
    };
    let n = |x: u64| nombre(i64::try_from(x).unwrap_or(i64::MAX));
    eprintln!("{} lieux exportés.", n(ecrits.lieux));
    if ecrits.omis > 0 && format == Format::ServicesDataInclusion {
        eprintln!("{} lieux omis : ils ne disent pas ce qu’ils proposent.", n(ecrits.omis));
    } else if ecrits.omis > 0 {
        eprintln!(
            "{} lieux omis : il leur manque une valeur que le standard exige (adresse, code postal). Les formats json et \
             geojson les contiennent.",
            n(ecrits.omis)
        );
    }
    Ok(())
}
