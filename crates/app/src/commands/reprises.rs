//! `candidats import` and `structures import`.

use annuaire::Annuaire;
use conseillers::Conseillers;
use conseillers::reprise::model::{Parametres, Quoi};
use conseillers::reprise::{Echec, csv, reprendre};
use kernel::text::nombre;

use super::{open, say};
use crate::cli::{Cli, Reprises};
use crate::outcome::{Failure, Outcome};

/// Largest file: ten times a national one.
const TAILLE_MAXIMALE: u64 = 256 << 20;

pub(super) async fn import(cli: &Cli, quoi: Quoi, command: &Reprises) -> Outcome {
    let Reprises::Import { file, inviter, options } = command;
    let illisible =
        |e: std::io::Error| Failure::Refused(format!("« {} » ne peut être lu : {e}", file.display()));
    if std::fs::metadata(file).map_err(illisible)?.len() > TAILLE_MAXIMALE {
        return Err(Failure::Refused(format!(
            "« {} » dépasse 256 Mio : livrez-le en plusieurs parties.",
            file.display()
        )));
    }
    let octets = std::fs::read(file).map_err(illisible)?;
    let site = open(cli).await?;
    let conseillers = Conseillers::new(&Annuaire::load(&site).await?);
    let p = Parametres { quoi, inviter: *inviter, a_blanc: options.dry_run };
    let reprise = reprendre(&conseillers, None, octets, &p).await.map_err(|echec| match echec {
        Echec::Base(error) => error.into(),
        autre => Failure::Refused(format!("fichier refusé. {autre}")),
    })?;
    if let Some(path) = &options.report {
        std::fs::write(path, csv(&reprise.remarques)?)?;
    }
    let b = &reprise.bilan;
    if options.json {
        let mut valeur = serde_json::to_value(b).map_err(|e| Failure::Refused(e.to_string()))?;
        valeur["dry_run"] = options.dry_run.into();
        valeur["rules"] =
            serde_json::to_value(&reprise.comptes.regles).map_err(|e| Failure::Refused(e.to_string()))?;
        say(valeur);
        return Ok(());
    }
    let n = |n: u64| nombre(n.cast_signed());
    say(format_args!(
        "{} lignes lues : {} {}, {} déjà là et pareilles, {} déjà là et différentes (gardées comme ici), {} refusées.",
        n(b.read),
        n(b.added),
        if options.dry_run { "à ajouter" } else { "ajoutées" },
        n(b.unchanged),
        n(b.different),
        n(b.refused)
    ));
    say(format_args!(
        "{} avec une valeur réparée, {} semblables à d’autres, {} comptes invités.{}",
        n(b.repaired),
        n(b.similar),
        n(b.invited),
        if options.dry_run { " Rien n’a été écrit (--dry-run)." } else { "" }
    ));
    for r in reprise.comptes.regles.iter().take(20) {
        say(format_args!("  {} : {} ({}, ligne {})", r.champ, r.message, n(r.nombre), r.ligne));
    }
    Ok(())
}
