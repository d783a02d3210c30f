//! Duplicates of lieux, for programs and for the curious.

use std::io::{self, BufWriter, Write};

use annuaire::lieux::doublons::liste::{Decision, PaireDite, chaque_paire};
use sea_orm::DbErr;

use super::open_existing;
use crate::cli::{Cli, DoublonsLieux};
use crate::outcome::Outcome;

/// Why the list stopped.
enum Arret {
    Base(DbErr),
    Sortie(io::Error),
}

impl From<DbErr> for Arret {
    fn from(e: DbErr) -> Self {
        Self::Base(e)
    }
}

/// Writes every pair that looks alike, the likeliest first; with `--json`, one array, a pair a line.
pub(super) async fn liste(cli: &Cli, args: &DoublonsLieux) -> Outcome {
    let site = open_existing(cli).await?;
    let mut sortie = BufWriter::new(io::stdout());
    let mut premiere = true;
    let ecrites = chaque_paire(site.db.read(), |paire| {
        let ecrit = if args.json {
            ecrit_json(&mut sortie, &paire, premiere)
        } else {
            ecrit_texte(&mut sortie, &paire)
        };
        premiere = false;
        ecrit.map_err(Arret::Sortie)
    })
    .await;
    let fin = match ecrites {
        Ok(n) if args.json => sortie.write_all(if n == 0 { b"[]\n" } else { b"\n]\n" }),
        Ok(n) => writeln!(sortie, "{}", kernel::text::compte(n, "paire", "paires")),
        Err(Arret::Base(e)) => return Err(e.into()),
        Err(Arret::Sortie(e)) => Err(e),
    };
    match fin.and_then(|()| sortie.flush()) {
        // The reader has enough (`| head`).
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        fin => Ok(fin?),
    }
}

/// Identifiers first, as a script compares them; what the lieux are comes after.
fn ecrit_json(sortie: &mut impl Write, p: &PaireDite, premiere: bool) -> io::Result<()> {
    sortie.write_all(if premiere { b"[\n" } else { b",\n" })?;
    let ligne = serde_json::json!({
        "a": p.a.id, "b": p.b.id, "score": p.score, "decision": p.decision, "reasons": p.reasons, "lieux": [&p.a, &p.b],
    });
    serde_json::to_writer(sortie, &ligne).map_err(io::Error::from)
}

fn ecrit_texte(sortie: &mut impl Write, p: &PaireDite) -> io::Result<()> {
    let decision = match p.decision {
        Decision::Fusionne => "fusionnées",
        Decision::Automatique => "fusion automatique",
        Decision::AVoir => "à voir",
        Decision::PlusTard => "remise à plus tard",
        Decision::Distincts => "deux lieux différents",
    };
    writeln!(sortie, "{} points, {decision}", p.score)?;
    for m in [&p.a, &p.b] {
        writeln!(sortie, "  {}, {} ({}, {})", m.nom, m.commune, m.source, m.id)?;
    }
    for r in &p.reasons {
        writeln!(sortie, "    {:+} {}", r.points, r.phrase)?;
    }
    Ok(())
}
