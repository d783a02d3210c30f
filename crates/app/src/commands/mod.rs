//! One function a command.

mod cles;
mod correspondances;
mod data_inclusion;
mod demo;
mod doublons;
mod entretien;
mod horaires;
mod journal;
mod lieux;
mod listes;
mod mandat;
mod moteurs;
mod reprendre;
mod reprises;
mod serve;
mod territoires;
mod vacances;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use conseillers::reprise::model::Quoi;
use kernel::{Chance, Clock};
use platform::db::Options;
use platform::{Config, Db, Mode, Site};

use crate::cli::{Cli, Command, Horaires, Lieux, Mandat, Mandats, Matching, Repartition, Territoires};
use crate::outcome::{Failure, Outcome, pourquoi};

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Outcome {
    match &cli.command {
        Command::Demo(demo) => demo::run(&cli, demo).await,
        Command::Serve(args) => serve::run(&cli, args).await,
        Command::Worker => serve::worker(&cli).await,
        Command::Migrate => entretien::migrate(&cli).await,
        Command::CheckConfig => entretien::check_config(&cli).await,
        Command::Journal { command } => journal::run(&cli, command).await,
        Command::Backup { file, in_clear } => {
            crate::sauvegarde::backup(&open_existing(&cli).await?, file, *in_clear).await
        }
        Command::Restore { file } => crate::sauvegarde::restore(&open(&cli).await?, file).await,
        Command::Territoires { command: Territoires::Import { command } } => {
            territoires::import(&cli, command).await
        }
        Command::Coverage(args) => territoires::coverage(&cli, args).await,
        Command::Lieux { command: Lieux::Import(args) } => lieux::import(&cli, args).await,
        Command::Lieux { command: Lieux::Check(args) } => correspondances::check(args),
        Command::Lieux { command: Lieux::Mapping { command } } => correspondances::mappings(command),
        Command::Lieux { command: Lieux::DataInclusion(args) } => data_inclusion::convertit(args),
        Command::Lieux { command: Lieux::Export(args) } => lieux::export(&cli, args).await,
        Command::Horaires { command: Horaires::Convert } => horaires::convert(),
        Command::Horaires { command: Horaires::Explain { osm } } => horaires::explain(osm.as_deref()),
        Command::Horaires { command: Horaires::Vacances { command } } => vacances::run(&cli, command).await,
        Command::Lieux { command: Lieux::Duplicates(args) } => doublons::liste(&cli, args).await,
        Command::Candidats { command } => reprises::import(&cli, Quoi::Candidats, command).await,
        Command::Structures { command } => reprises::import(&cli, Quoi::Structures, command).await,
        Command::Matching { command: Matching::Assign(args) } => moteurs::assign(args),
        Command::Repartition { command: Repartition::Solve(args) } => moteurs::solve(args),
        Command::Mandat { command: Mandat::Verify { file, cles, transfert } } => {
            mandat::verify(file, cles.as_deref(), transfert)
        }
        Command::Mandats { command: Mandats::Reprendre(args) } => reprendre::run(&cli, args).await,
        Command::Mandats { command: Mandats::Importer(args) } => listes::run(&cli, args).await,
        Command::Mandat { command: Mandat::Retention { essai } } => mandat::retention(&cli, *essai).await,
        Command::Cles { command } => cles::run(&cli, command).await,
        Command::Comptes { command } => entretien::comptes(&cli, command).await,
    }
}

/// The configuration, with `--database` over it.
pub(crate) fn configuration(cli: &Cli) -> Result<Config, Failure> {
    let default = std::path::Path::new("maillage.toml");
    let file = cli.config.as_deref().or(default.exists().then_some(default));
    let mut config = platform::config::load(file)?;
    if let Some(url) = &cli.database {
        check_url("--database", url)?;
        config.base.url.clone_from(url);
    }
    Ok(config)
}

/// Whether that is the address of a database.
pub(crate) fn check_url(name: &str, url: &str) -> Result<(), Failure> {
    if url.starts_with("sqlite:") || url.starts_with("postgres") {
        return Ok(());
    }
    Err(Failure::WrongUse(format!("{name} attend une adresse sqlite:… ou postgres:….")))
}

/// The site on its database, not migrated.
pub(crate) async fn site(config: Config, mode: Mode) -> Result<Site, Failure> {
    let options = Options { max_connections: config.base.connexions, ..Options::default() };
    let db = Db::connect(&config.base.url, &options)
        .await
        .map_err(|e| Failure::Refused(format!("la base « base.url » ne peut être ouverte : {e}")))?;
    Ok(Site::new(db, Clock::System, Chance::System, config, mode))
}

/// The site for a command that reads what others wrote: an embedded database that does not exist is a wrong address, not
/// an empty directory.
pub(crate) async fn open_existing(cli: &Cli) -> Result<Site, Failure> {
    let url = configuration(cli)?.base.url.clone();
    let path =
        url.strip_prefix("sqlite:").map(|p| p.trim_start_matches("//").split('?').next().unwrap_or_default());
    match path {
        Some(path) if path != ":memory:" && !std::path::Path::new(path).exists() => {
            Err(Failure::Refused(format!(
                "la base {path} n’existe pas. Vérifiez l’adresse ; « maillage migrate » crée une base vide."
            )))
        }
        _ => open(cli).await,
    }
}

/// The site for a command: migrated, since a command may be the first to touch a new database.
pub(crate) async fn open(cli: &Cli) -> Result<Site, Failure> {
    let config = configuration(cli)?;
    platform::telemetry::init_logs(&platform::config::Traces {
        niveau: "warn".to_owned(),
        ..config.traces.clone()
    });
    let site = site(config, Mode::Serve).await?;
    platform::db::migrate(&site.db, crate::wiring::migrations(), site.clock.now()).await?;
    Ok(site)
}

/// The whole file, unless it is larger than any that is awaited.
fn read(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let refused = |e| Failure::Refused(format!("« {} » ne peut être lu : {}", path.display(), pourquoi(&e)));
    let mut bytes = Vec::new();
    File::open(path).map_err(refused)?.take(max + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > max {
        let limit = if max >> 20 > 0 { format!("{} Mio", max >> 20) } else { format!("{} Kio", max >> 10) };
        return Err(Failure::Refused(format!(
            "« {} » dépasse {limit}, plus que tout fichier de cette sorte : vérifiez que c’est le bon.",
            path.display()
        )));
    }
    Ok(bytes)
}

/// A line on the standard output. A reader that went away (`| head`) is no reason to fail.
pub(crate) fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
