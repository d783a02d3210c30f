//! People who may have two records, for the staff: where each is helped, and nothing of who they are.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use kernel::ids::StructureId;
use platform::web::{PageResult, Shell, page};

use crate::Mandats;
use crate::usagers::{self, Doublon};

/// Pairs of the page: the last ones.
const MONTRES: u64 = 100;

#[derive(Template)]
#[template(path = "mandats/pages/doublons.html")]
struct Page {
    shell: Shell,
    doublons: Vec<Doublon>,
    total: i64,
    noms: HashMap<StructureId, String>,
}

impl Page {
    fn ou(&self, organisations: &[StructureId]) -> String {
        let noms: Vec<&str> =
            organisations.iter().filter_map(|id| self.noms.get(id)).map(String::as_str).collect();
        if noms.is_empty() { "Aucun mandat".to_owned() } else { noms.join(", ") }
    }
}

pub(super) async fn doublons(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let (doublons, total) = usagers::doublons(conn, (0, MONTRES)).await?;
    let ids: Vec<StructureId> = doublons.iter().flat_map(|d| [&d.avant[..], &d.apres].concat()).collect();
    let vues = annuaire::structures::trouver(conn, ids).await?;
    let noms = vues.into_iter().map(|(id, v)| (id, v.nom)).collect();
    page(&Page { shell, doublons, total, noms })
}
