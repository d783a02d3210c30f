//! `demo`: everything at once, nothing to configure.

use platform::config::Transport;
use platform::{Config, Mode};

use super::{check_url, say, serve, site};
use crate::cli::{Cli, Demo};
use crate::outcome::{Failure, Outcome};

pub(super) async fn run(cli: &Cli, args: &Demo) -> Outcome {
    let url = database(cli, args, std::env::var("MAILLAGE_DATABASE_URL").ok())?;
    std::fs::create_dir_all(&args.data).map_err(|e| {
        Failure::Refused(format!("le dossier {} ne peut être créé : {e}", args.data.display()))
    })?;
    let config = configuration(url, args);
    platform::telemetry::init_logs(&config.traces);
    let metrics = platform::telemetry::init_metrics();
    let site = site(config, Mode::Demo).await?;
    let address = site.config.serveur.origine.clone();
    let petite = args.petite;
    serve::serve(site, metrics, true, async move |instance| {
        instance.seed(petite).await?;
        say(format_args!("La démonstration est prête : {address}"));
        Ok(())
    })
    .await
}

/// The database of `--database`, else of the environment, else a file of the demonstration's folder.
fn database(cli: &Cli, args: &Demo, env: Option<String>) -> Result<String, Failure> {
    match (&cli.database, env) {
        (Some(url), _) => check_url("--database", url).map(|()| url.clone()),
        (None, Some(url)) => check_url("MAILLAGE_DATABASE_URL", &url).map(|()| url),
        (None, None) => Ok(format!("sqlite:{}", args.data.join("maillage.sqlite").display())),
    }
}

fn configuration(url: String, args: &Demo) -> Config {
    let mut config = Config::default();
    config.base.url = url;
    config.serveur.adresse = format!("127.0.0.1:{}", args.port);
    config.serveur.adresse_privee = "127.0.0.1:0".to_owned();
    config.serveur.origine = format!("http://localhost:{}", args.port);
    config.courriel.transport = Transport::Dossier;
    config.courriel.dossier = args.data.join("courriels").display().to_string();
    config.sms.dossier = args.data.join("sms").display().to_string();
    config.sms.secret_rappels = Some("démonstration : la passerelle fictive signe ainsi".to_owned());
    config.marque.exploitant = "Démonstration de Maillage".to_owned();
    // Nobody real is written to here: the reminders are shown as they would be.
    config.conseillers.relances = true;
    config.traces.format = "texte".to_owned();
    config.traces.niveau = "warn".to_owned();
    config
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Command;

    #[test]
    fn the_database_is_the_one_that_was_named() {
        for (line, env, expected) in [
            ("demo --data d", None, Some("sqlite:d/maillage.sqlite")),
            ("demo --data d", Some("postgres://u@h/b"), Some("postgres://u@h/b")),
            ("demo --data d --database sqlite:x", Some("postgres://u@h/b"), Some("sqlite:x")),
            ("demo --data d", Some("mysql://x"), None),
            ("demo --data d --database x", None, None),
        ] {
            let cli = Cli::parse_from(std::iter::once("maillage").chain(line.split(' ')));
            let Command::Demo(args) = &cli.command else { panic!("{line}") };
            let found = database(&cli, args, env.map(str::to_owned)).ok();
            assert_eq!(found.as_deref(), expected, "{line} {env:?}");
        }
    }
}
