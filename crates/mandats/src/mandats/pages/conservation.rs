//! How long things are kept, for the staff: rules, and what they are about to erase.

use askama::Template;
use axum::extract::State;
use platform::web::{PageResult, Shell, page};

use crate::mandats::retention::Regle;
use crate::{Mandats, conservation};

#[derive(Template)]
#[template(path = "mandats/pages/conservation.html")]
struct Page {
    shell: Shell,
    regles: Vec<(Regle, i64, i64)>,
}

pub(super) async fn conservation(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let regles = conservation::a_effacer(m.site.db.read(), m.site.clock.now()).await?;
    page(&Page { shell, regles })
}
