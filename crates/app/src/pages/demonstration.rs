//! Pages of the demonstration only: the mail that would have left.

use askama::Template;
use axum::extract::{Path, State};
use kernel::Refusal;
use platform::Site;
use platform::mail::{self, MailRow};
use platform::web::{Access, PageResult, Routes, Shell, page};

pub(super) fn routes(site: &Site) -> Routes<()> {
    Routes::new()
        .get("/demo/courriels", Access::Public, courriels)
        .get("/demo/courriels/{id}", Access::Public, courriel)
        .with_state(site.clone())
}

#[derive(Template)]
#[template(path = "pages/courriels.html")]
struct Courriels {
    shell: Shell,
    rows: Vec<MailRow>,
}

async fn courriels(State(site): State<Site>, shell: Shell) -> PageResult {
    let rows = mail::list(site.db.read(), 100).await?;
    page(&Courriels { shell, rows })
}

#[derive(Template)]
#[template(path = "pages/courriel.html")]
struct Courriel {
    shell: Shell,
    row: MailRow,
}

impl Courriel {
    /// Paragraphs, and whether each is a link of this site to follow.
    fn paragraphs(&self) -> impl Iterator<Item = (&str, bool)> {
        self.row
            .texte
            .split("\n\n")
            .map(str::trim)
            .map(|p| (p, p.starts_with("http") && !p.contains(char::is_whitespace)))
    }
}

async fn courriel(State(site): State<Site>, shell: Shell, Path(id): Path<String>) -> PageResult {
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    let row = mail::find(site.db.read(), id).await?.ok_or(Refusal::NotFound)?;
    page(&Courriel { shell, row })
}
