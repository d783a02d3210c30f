//! Configuration: one TOML file, environment over it, unknown keys refused.
//!
//! Environment: `MAILLAGE_<SECTION>_<CLE>`, for instance `MAILLAGE_SERVEUR_ADRESSE`;
//! `MAILLAGE_DATABASE_URL` stands for `base.url`. A key that ends in `_file` gives the path of a
//! file that holds the value, so that a secret need not stand in the environment.

mod load;
mod sections;

pub use load::{ConfigError, load, load_from};
pub use sections::*;
