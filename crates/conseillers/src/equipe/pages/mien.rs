//! What a conseiller sees of their own post: contract, history, training, lieux of their structure.

use annuaire::structures::StructureVue;
use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use kernel::Refusal;
use kernel::ids::LieuId;
use platform::web::{PageResult, Shell, page};

use crate::Conseillers;
use crate::candidats;
use crate::contrats::model::Contrat;
use crate::contrats::{rules, store as contrats};
use crate::dire::EnLettres;
use crate::formation::lecture::{self as formation, Mienne};
use crate::postes::en_poste::{self, EnPoste, Filtre};

/// A contract, and who employs under it.
struct Mien {
    contrat: Contrat,
    employeur: String,
}

/// Where somebody works today.
struct Ici {
    g: EnPoste,
    structure: StructureVue,
    /// Open lieux of the structure: identifier, name, commune.
    lieux: Vec<(LieuId, String, String)>,
}

#[derive(Template)]
#[template(path = "equipe/pages/mien.html")]
struct Page {
    shell: Shell,
    jour: NaiveDate,
    ici: Option<Ici>,
    /// Latest first; those that were refused or taken back are the structure's business.
    contrats: Vec<Mien>,
    mienne: Mienne,
}

pub(super) async fn mien(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let (conn, jour) = (cx.site.db.read(), cx.jour());
    let compte = shell.actor()?.compte;
    let candidat = candidats::de_compte(conn, compte).await?.ok_or(Refusal::NotFound)?;
    let filtre = Filtre { personne: Some(candidat), ..Filtre::tous(jour) };
    let tenu = en_poste::lister(conn, &kernel::Perimetre::National, &filtre, None, (0, 1)).await?.pop();
    let mut ici = None;
    if let Some(g) = tenu
        && let Some(structure) = annuaire::structures::find(conn, g.structure).await?
    {
        let lieux = annuaire::lieux::de_structures(conn, &structure.identites).await?;
        let lieux = lieux.into_iter().filter(|l| !l.3).map(|(id, nom, ou, _)| (id, nom, ou)).collect();
        ici = Some(Ici { g, structure, lieux });
    }
    let siens: Vec<Contrat> =
        contrats::de_candidat(conn, candidat).await?.into_iter().filter(Contrat::engage).rev().collect();
    let structures = annuaire::structures::trouver(conn, siens.iter().map(|c| c.place.structure)).await?;
    let employeur = |c: &Contrat| {
        structures
            .get(&c.place.structure)
            .map(|s| format!("{}, {}", s.nom, s.commune.nom))
            .unwrap_or_default()
    };
    let contrats =
        siens.into_iter().map(|contrat| Mien { employeur: employeur(&contrat), contrat }).collect();
    let mienne = formation::de_candidat(conn, candidat, jour).await?;
    page(&Page { shell, jour, ici, contrats, mienne })
}
