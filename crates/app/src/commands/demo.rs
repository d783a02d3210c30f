//! `demo`: everything at once, nothing to configure.

use platform::config::Transport;
use platform::{Config, Mode};

use super::{say, serve, site};
use crate::cli::{Cli, Demo};
use crate::outcome::{Failure, Outcome};

pub(super) async fn run(cli: &Cli, args: &Demo) -> Outcome {
    std::fs::create_dir_all(&args.data).map_err(|e| {
        Failure::Refused(format!("le dossier {} ne peut être créé : {e}", args.data.display()))
    })?;
    let config = configuration(cli, args);
    platform::telemetry::init_logs(&config.traces);
    let metrics = platform::telemetry::init_metrics();
    let site = site(config, Mode::Demo).await?;
    let address = site.config.serveur.origine.clone();
    serve::serve(site, metrics, true, async move |instance| {
        instance.seed().await?;
        say(format_args!("La démonstration est prête : {address}"));
        Ok(())
    })
    .await
}

fn configuration(cli: &Cli, args: &Demo) -> Config {
    let mut config = Config::default();
    config.base.url = cli
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite:{}", args.data.join("maillage.sqlite").display()));
    config.serveur.adresse = format!("127.0.0.1:{}", args.port);
    config.serveur.adresse_privee = "127.0.0.1:0".to_owned();
    config.serveur.origine = format!("http://localhost:{}", args.port);
    config.courriel.transport = Transport::Dossier;
    config.courriel.dossier = args.data.join("courriels").display().to_string();
    config.marque.exploitant = "Démonstration de Maillage".to_owned();
    config.traces.format = "texte".to_owned();
    config.traces.niveau = "warn".to_owned();
    config
}
