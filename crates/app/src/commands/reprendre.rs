//! `mandats reprendre`: a dump of Aidants Connect in, a report out.

use std::collections::BTreeMap;
use std::path::Path;

use annuaire::Annuaire;
use mandats::Mandats;
use mandats::reprise::{Cles, Echec, Parametres, Rapport, empreinte_modele, reprendre};

use super::{open, say};
use crate::cli::{Cli, ReprendreMandats};
use crate::outcome::{Failure, Outcome, pourquoi};

/// No salt is longer, no text of a mandat either.
const SEL: u64 = 64 * 1024;
const MODELE: u64 = 4 << 20;

pub(super) async fn run(cli: &Cli, args: &ReprendreMandats) -> Outcome {
    let p = Parametres {
        essai: args.essai,
        cles: Cles {
            sel: args.sel.as_deref().map(sel).transpose()?,
            modeles: args.modeles.as_deref().map(modeles).transpose()?.unwrap_or_default(),
        },
        sel_usagers: args.sel_usagers.as_deref().map(sel).transpose()?,
    };
    if let Some(rapport) = &args.rapport {
        // Hours of work must not end on a folder that does not exist.
        ecrire(rapport, &Rapport::default())?;
    }
    let site = open(cli).await?;
    let mandats = Mandats::new(&Annuaire::load(&site).await?);
    let rapport = reprendre(&mandats, &args.file, &p, dit).await.map_err(|e| match e {
        Echec::Fichier(e) => Failure::Refused(format!("« {} » : {e}", args.file.display())),
        Echec::Ici(mandats::Failure::Db(e)) => e.into(),
        Echec::Ici(e) => Failure::Refused(e.to_string()),
    })?;
    if let Some(chemin) = &args.rapport {
        ecrire(chemin, &rapport)?;
    }
    say(rapport.texte().trim());
    Ok(())
}

#[expect(clippy::print_stderr, reason = "where a long command is, without disturbing its output")]
fn dit(ou: &str) {
    eprintln!("{ou}");
}

/// A secret in a file: without the end of its line.
fn sel(chemin: &Path) -> Result<String, Failure> {
    let octets = super::read(chemin, SEL)?;
    let texte = String::from_utf8(octets)
        .map_err(|_| Failure::Refused(format!("« {} » n’est pas un texte en UTF-8.", chemin.display())))?;
    let texte = texte.trim_end_matches(['\r', '\n']);
    if texte.is_empty() {
        return Err(Failure::Refused(format!("« {} » est vide.", chemin.display())));
    }
    Ok(texte.to_owned())
}

/// The SHA-256 of each file of that folder, by its name.
fn modeles(dossier: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let refuse = |e: std::io::Error| {
        Failure::Refused(format!("« {} » ne peut être lu : {}", dossier.display(), pourquoi(&e)))
    };
    let mut out = BTreeMap::new();
    for entree in std::fs::read_dir(dossier).map_err(refuse)? {
        let chemin = entree.map_err(refuse)?.path();
        if let (true, Some(nom)) = (chemin.is_file(), chemin.file_name().and_then(|n| n.to_str())) {
            out.insert(nom.to_owned(), empreinte_modele(&super::read(&chemin, MODELE)?));
        }
    }
    Ok(out)
}

fn ecrire(chemin: &Path, rapport: &Rapport) -> Outcome {
    let octets = match chemin.extension().and_then(|e| e.to_str()) {
        Some("json") => serde_json::to_vec_pretty(&rapport.json()).map_err(std::io::Error::from)?,
        Some("csv") => rapport.csv()?,
        _ => rapport.texte().into_bytes(),
    };
    std::fs::write(chemin, octets).map_err(|e| {
        Failure::Refused(format!("« {} » ne peut être écrit : {}", chemin.display(), pourquoi(&e)))
    })
}
