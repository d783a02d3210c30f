//! Opening hours on the command line: French to OSM, OSM to French. No database is needed.

use std::io::{self, BufRead, Read, Write};

use annuaire::lieux::horaires;
use serde_json::json;

use super::say;
use crate::outcome::{Failure, Outcome};

/// Longest line that is kept; the rest of it is read and dropped.
const LIGNE_MAX: u64 = 64 * 1024;

/// Each line of the standard input as one JSON object: `input`, `osm`, `not_understood`.
pub(super) fn convert() -> Outcome {
    let mut sortie = io::stdout().lock();
    par_ligne(&mut io::stdin().lock(), |ligne| {
        let lue = horaires::semaine(ligne);
        let restes: Vec<String> = lue.restes.iter().map(ToString::to_string).collect();
        let objet = json!({ "input": ligne, "osm": lue.osm, "not_understood": restes });
        writeln!(sortie, "{objet}")
    })
}

/// The expression in plain French, or each line of the standard input.
pub(super) fn explain(osm: Option<&str>) -> Outcome {
    if let Some(osm) = osm {
        let phrase = horaires::explique(osm).ok_or_else(|| Failure::Refused(pourquoi(osm)))?;
        say(phrase.replace('\u{a0}', " "));
        return Ok(());
    }
    let mut refusees = 0_u64;
    let mut sortie = io::stdout().lock();
    par_ligne(&mut io::stdin().lock(), |ligne| match horaires::explique(ligne) {
        Some(phrase) => writeln!(sortie, "{}", phrase.replace('\u{a0}', " ")),
        None => {
            refusees += 1;
            writeln!(sortie, "Non compris : {}", pourquoi(ligne))
        }
    })?;
    match refusees {
        0 => Ok(()),
        1 => Err(Failure::Refused("une ligne n’est pas comprise.".to_owned())),
        n => Err(Failure::Refused(format!("{n} lignes ne sont pas comprises."))),
    }
}

fn pourquoi(osm: &str) -> String {
    if osm.trim().is_empty() {
        return "il n’y a pas d’horaires.".to_owned();
    }
    horaires::verifie_osm(osm.trim()).err().unwrap_or_else(|| "ces horaires ne disent rien.".to_owned())
}

/// Reads lines one at a time, whatever their length and their bytes: what is not UTF-8 is replaced by a sign that says so.
/// A reader that goes away ends the work, which is no failure.
fn par_ligne(entree: &mut impl BufRead, mut fait: impl FnMut(&str) -> io::Result<()>) -> Outcome {
    let mut ligne = Vec::new();
    loop {
        ligne.clear();
        if entree.by_ref().take(LIGNE_MAX).read_until(b'\n', &mut ligne)? == 0 {
            return Ok(());
        }
        if ligne.last() != Some(&b'\n') {
            passe_la_fin(entree)?;
        }
        let texte = String::from_utf8_lossy(&ligne);
        match fait(texte.trim_end_matches(['\r', '\n'])) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(e) => return Err(e.into()),
        }
    }
}

/// Drops what is left of a line that is too long.
fn passe_la_fin(entree: &mut impl BufRead) -> io::Result<()> {
    loop {
        let vus = entree.fill_buf()?;
        if vus.is_empty() {
            return Ok(());
        }
        let fin = vus.iter().position(|o| *o == b'\n');
        let lus = fin.map_or(vus.len(), |k| k + 1);
        entree.consume(lus);
        if fin.is_some() {
            return Ok(());
        }
    }
}
