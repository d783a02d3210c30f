//! `serve` and `worker`: the instance at work.

use std::net::SocketAddr;

use metrics_exporter_prometheus::PrometheusHandle;
use platform::db::is_unavailable;
use platform::jobs::{Registry, Worker};
use platform::mail::SendMail;
use platform::{Config, Mode, Site};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{configuration, site};
use crate::cli::{Cli, Serve};
use crate::outcome::{Failure, Outcome};
use crate::starting::Switch;
use crate::wiring;

/// How often the counters of floods forget who is quiet.
const QUIET: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) async fn run(cli: &Cli, args: &Serve) -> Outcome {
    let config = configuration(cli)?;
    platform::telemetry::init_logs(&config.traces);
    let metrics = platform::telemetry::init_metrics();
    let site = site(config, Mode::Serve).await?;
    serve(site, metrics, !args.sans_taches, async |_| Ok(())).await
}

pub(super) async fn worker(cli: &Cli) -> Outcome {
    let config = configuration(cli)?;
    platform::telemetry::init_logs(&config.traces);
    let metrics = platform::telemetry::init_metrics();
    let site = site(config, Mode::Serve).await?;
    let stop = stop_on_signal();
    let private = listen("adresse_privee", &site.config.serveur.adresse_privee).await?;
    let router = platform::telemetry::private_router(site.clone(), metrics);
    let health = tokio::spawn(platform::web::serve(private, router, stop.clone()));
    let outcome = match ready(&site, &stop).await {
        Ok(Some(instance)) => {
            tracing::info!("worker ready");
            work(&site, instance.registry, &stop).await;
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    stop.cancel();
    let _ = health.await;
    site.db.close().await;
    outcome
}

/// Two workers until `stop`: one for everything, one for mail alone.
async fn work(site: &Site, registry: Registry, stop: &CancellationToken) {
    let worker = Worker::new(site.clone(), registry);
    let mail = worker.set_aside_for::<SendMail>();
    tokio::join!(worker.run(stop.clone()), mail.run(stop.clone()));
}

/// Serves the site: listens at once, answers 503 with a plain page while the database is away,
/// and goes over to the real pages when it has come.
pub(super) async fn serve(
    site: Site,
    metrics: Option<PrometheusHandle>,
    with_jobs: bool,
    seed: impl AsyncFnOnce(&wiring::Instance) -> Outcome,
) -> Outcome {
    let stop = stop_on_signal();
    let config: &Config = &site.config;
    let public = listen("adresse", &config.serveur.adresse).await?;
    let private = listen("adresse_privee", &config.serveur.adresse_privee).await?;
    let private_router = platform::telemetry::private_router(site.clone(), metrics);
    let health = tokio::spawn(platform::web::serve(private, private_router, stop.clone()));
    let switch = Switch::new(&site);
    let pages = tokio::spawn(platform::web::serve(public, switch.router(), stop.clone()));
    let limits = site.limits.clone();
    let forget = tokio::spawn(async move { limits.forget_quiet(QUIET).await });
    let mut worker = None;
    let instance = match ready(&site, &stop).await {
        Ok(instance) => instance,
        Err(failure) => {
            stop.cancel();
            let _ = tokio::join!(pages, health);
            return Err(failure);
        }
    };
    if let Some(instance) = instance {
        if let Err(failure) = seed(&instance).await {
            stop.cancel();
            return Err(failure);
        }
        measure_aside(&instance);
        switch.over_to(instance.stack.router);
        tracing::info!(adresse = config.serveur.adresse, origine = config.serveur.origine, "ready");
        if with_jobs {
            let (site, stop) = (site.clone(), stop.clone());
            worker = Some(tokio::spawn(async move { work(&site, instance.registry, &stop).await }));
        }
    }
    stop.cancelled().await;
    tracing::info!("stopping: running requests and jobs may end");
    let _ = tokio::join!(pages, health);
    forget.abort();
    if let Some(worker) = worker {
        let _ = worker.await;
    }
    site.db.close().await;
    Ok(())
}

/// Reads the lieux and measures the coverage before the first visitor asks for them.
fn measure_aside(instance: &wiring::Instance) {
    let annuaire = instance.annuaire.clone();
    tokio::spawn(async move {
        if let Err(error) = annuaire.relit_les_lieux().await {
            tracing::warn!(error = %error, "the lieux could not be read");
        }
        if let Err(error) = annuaire.atlas.mesure().await {
            tracing::warn!(error = %error, "the coverage could not be measured");
        }
    });
}

/// Migrates and loads, again and again until the database has come; `None` when told to stop.
///
/// # Errors
/// What waiting does not mend: a migration that fails, a schema that is another's.
async fn ready(site: &Site, stop: &CancellationToken) -> Result<Option<wiring::Instance>, Failure> {
    loop {
        match wiring::Instance::load(site).await {
            Ok(instance) => return Ok(Some(instance)),
            Err(error) if is_unavailable(&error) => {
                tracing::warn!(error = %error, "the database is not ready");
            }
            Err(error) => {
                return Err(Failure::Refused(format!("la base ne peut être mise à jour ni lue : {error}")));
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
        }
    }
}

async fn listen(key: &str, address: &str) -> Result<TcpListener, Failure> {
    let parsed: SocketAddr = address
        .parse()
        .map_err(|_| Failure::Refused(format!("« serveur.{key} » n’est pas une adresse : {address}.")))?;
    TcpListener::bind(parsed).await.map_err(|e| {
        Failure::Refused(format!("« serveur.{key} » : impossible d’écouter sur {address} ({e})."))
    })
}

/// Cancelled by Ctrl-C or by a polite stop of the system.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(term) => term,
            Err(_) => return,
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        token.cancel();
    });
    stop
}
