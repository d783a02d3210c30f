//! One conseiller, for those who follow them: how they are reached, where they work, what they were trained in. Never their
//! pay, which is between them, their employer and the administration.

use annuaire::structures::{Ids, StructureVue};
use askama::Template;
use axum::extract::State;
use kernel::Refusal;
use platform::web::{PageResult, Shell, page};

use super::BASE;
use crate::Conseillers;
use crate::candidats::{self, Coordonnees};
use crate::dire::EnLettres;
use crate::formation::lecture::{self as formation, Mienne};
use crate::ids::CandidatId;
use crate::postes::en_poste::{self, EnPoste, Filtre};

#[derive(Template)]
#[template(path = "equipe/pages/fiche.html")]
struct Page {
    shell: Shell,
    g: EnPoste,
    qui: Coordonnees,
    structure: StructureVue,
    mienne: Mienne,
}

pub(super) async fn fiche(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, actor) = (cx.site.db.read(), shell.actor()?);
    let candidat = CandidatId(id);
    let filtre = Filtre { personne: Some(candidat), ..Filtre::tous(cx.jour()) };
    let mut gens = en_poste::lister(conn, &actor.perimetre, &filtre, None, (0, 1)).await?;
    let g = gens.pop().ok_or(Refusal::NotFound)?;
    let mut lus = candidats::lire_coordonnees(&cx.site, actor, &[candidat]).await?;
    let qui = lus.remove(&candidat).ok_or(Refusal::NotFound)?;
    let structure = annuaire::structures::find(conn, g.structure).await?.ok_or(Refusal::NotFound)?;
    let mienne = formation::de_candidat(conn, candidat, cx.jour()).await?;
    page(&Page { shell, g, qui, structure, mienne })
}
