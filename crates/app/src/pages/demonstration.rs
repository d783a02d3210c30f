//! Pages of the demonstration only: the mail that would have left.

use askama::Template;
use axum::extract::{Path, State};
use kernel::Refusal;
use platform::Site;
use platform::mail::{self, MailRow};
use platform::web::{Access, FormState, PageResult, Pagination, Requete, Routes, Shell, page};

/// Messages on one page.
const PAR_PAGE: usize = 50;

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
    form: FormState,
    rows: Vec<MailRow>,
    pagination: Pagination,
}

async fn courriels(State(site): State<Site>, shell: Shell, Requete(form): Requete) -> PageResult {
    let pour: String = form.get("pour").trim().chars().take(100).collect();
    let asked = form.get("page").parse().unwrap_or(1_usize).clamp(1, 10_000);
    let window = |page: usize| {
        let offset = (page - 1) * PAR_PAGE;
        (i64::try_from(offset).unwrap_or(0), i64::try_from(PAR_PAGE).unwrap_or(50))
    };
    let (rows, total) = mail::search(site.db.read(), &pour, window(asked)).await?;
    let total = usize::try_from(total).unwrap_or(0);
    let pagination = Pagination::new(total, PAR_PAGE, asked, "/demo/courriels", form.values());
    page(&Courriels { shell, form, rows, pagination })
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
