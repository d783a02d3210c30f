//! What the operator is told: structured logs without personal data, Prometheus metrics, and two
//! health checks, on a private port.

mod private;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::Traces;

pub use private::router as private_router;

/// Sets up logs on the error output, once for the process.
pub fn init_logs(traces: &Traces) {
    let filter = EnvFilter::try_new(&traces.niveau).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, in tests, changes nothing.
    let _ = if traces.format == "json" { builder.json().try_init() } else { builder.try_init() };
}

/// How often the measures are put in order: what is not grows in memory until somebody reads it.
const UPKEEP: std::time::Duration = std::time::Duration::from_secs(5);

/// Sets up metrics, once for the process, inside its runtime; `None` when another recorder is there
/// already.
pub fn init_metrics() -> Option<PrometheusHandle> {
    let buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)
        .ok()?
        .install_recorder()
        .ok()?;
    let kept = handle.clone();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(UPKEEP);
        loop {
            every.tick().await;
            kept.run_upkeep();
        }
    });
    Some(handle)
}
