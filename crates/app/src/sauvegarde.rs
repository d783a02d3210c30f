//! Backup and restore: one file, the same for both engines.

use std::path::Path;

use platform::Site;

use crate::outcome::{Failure, Outcome};

pub(crate) async fn backup(_site: &Site, _file: &Path) -> Outcome {
    Err(Failure::Refused("à venir".to_owned()))
}

pub(crate) async fn restore(_site: &Site, _file: &Path) -> Outcome {
    Err(Failure::Refused("à venir".to_owned()))
}
