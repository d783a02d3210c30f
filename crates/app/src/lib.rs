//! `maillage`: the one binary. It composes the contexts; it holds no rule of its own.

mod cli;
mod commands;
mod demonstration;
mod memoire;
pub mod outcome;
mod pages;
mod repertoire;
mod sauvegarde;
mod starting;
mod usage;
pub mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// The whole program: reads the command line, does what it says, says how it went.
pub fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return usage::answer(&error);
        }
    };
    memoire::few_arenas();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return outcome::Failure::Refused(error.to_string()).report(),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
