//! The text of a mandat in another language, to be read beside the French one.

use askama::Template;
use axum::extract::{Path, State};
use kernel::Refusal;
use platform::web::{PageResult, Shell, page};

use crate::Mandats;
use crate::document::Partie;
use crate::legal::{Lecture, lectures};

#[derive(Template)]
#[template(path = "mandats/pages/lecture.html")]
struct Page {
    shell: Shell,
    lecture: &'static Lecture,
    toutes: Vec<&'static Lecture>,
    titre: &'static str,
    parties: Vec<Partie>,
}

pub(super) async fn lecture(
    State(m): State<Mandats>,
    shell: Shell,
    Path(langue): Path<String>,
) -> PageResult {
    let toutes: Vec<_> = lectures(m.jour()).collect();
    let lecture = toutes.iter().find(|l| l.langue == langue).copied().ok_or(Refusal::NotFound)?;
    let titre = lecture.corps.lines().find_map(|l| l.strip_prefix("# ")).unwrap_or_default();
    page(&Page { parties: super::parties(lecture.corps, &[]), titre, lecture, toutes, shell })
}
