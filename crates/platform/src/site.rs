//! The instance: what every handler, action and job is given.

use std::sync::Arc;

use kernel::{Chance, Clock};

use crate::{Config, Db, jobs::Bell, limits::Limits, secrets::Secrets};

/// How the instance runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// For real.
    Serve,
    /// The demonstration: fictitious people, mail shown on a page, one page to enter as each role.
    Demo,
}

/// The instance, cheap to clone.
#[derive(Clone, Debug)]
pub struct Site {
    /// The two database verbs.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where secrets come from.
    pub chance: Chance,
    /// The configuration, checked.
    pub config: Arc<Config>,
    /// Seals what must not be readable in a copy of the database.
    pub secrets: Secrets,
    /// Floods are held here.
    pub limits: Arc<Limits>,
    /// Wakes the workers of this process when a job is written.
    pub bell: Bell,
    /// For real or for show.
    pub mode: Mode,
}

impl Site {
    /// Puts an instance together.
    pub fn new(db: Db, clock: Clock, chance: Chance, config: Config, mode: Mode) -> Self {
        Self {
            secrets: Secrets::new(config.cles.secret.as_deref(), mode, &chance),
            limits: Arc::new(Limits::new(&config.limites)),
            bell: db.bell().clone(),
            config: Arc::new(config),
            db,
            clock,
            chance,
            mode,
        }
    }

    /// Whether this is the demonstration.
    pub fn is_demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    /// An absolute address of this instance, built from the configuration and never from the
    /// request (a forged `Host` must not end up in a mail).
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.serveur.origine.trim_end_matches('/'))
    }
}
