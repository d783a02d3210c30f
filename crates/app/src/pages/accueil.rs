//! Home: one question first, then what the service holds.

use askama::Template;
use platform::web::{Access, FormState, PageResult, Routes, Shell, page};

#[derive(Template)]
#[template(path = "pages/accueil.html")]
struct Accueil {
    shell: Shell,
    form: FormState,
}

pub(super) fn routes() -> Routes<()> {
    Routes::new().get("/", Access::Public, show)
}

async fn show(shell: Shell) -> PageResult {
    page(&Accueil { shell, form: FormState::default() })
}
