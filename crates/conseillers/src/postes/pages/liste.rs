//! The ledger of posts on a day, its filters in the address, and the same as a file.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use kernel::CodeDepartement;
use kernel::ids::StructureId;
use platform::tableur::{Cellule, Format};
use platform::web::{Exports, FormState, LOT, Liste, Lot, PageResult, Pagination, Requete, Shell, page};
use sea_orm::DbErr;

use super::BASE;
use crate::Conseillers;
use crate::dire::{Compte, EnLettres};
use crate::postes::lecture::{self, EtatVoulu, Filtre};
use crate::postes::{Etat, Poste, Typologie, rules};
use crate::territoire::departements;

const PAR_PAGE: usize = 30;

/// What the address asks for; what makes no sense is as if it were absent.
fn filtre(form: &FormState, aujourd_hui: NaiveDate) -> Filtre {
    let numero =
        form.get("q").trim_start_matches(['C', 'c']).trim_start_matches(['N', 'n']).trim_start_matches('-');
    Filtre {
        le: form.get("le").parse().unwrap_or(aujourd_hui),
        etat: EtatVoulu::from_cle(form.get("etat")),
        departement: CodeDepartement::parse(form.get("departement")),
        typologie: Typologie::from_cle(form.get("type")),
        numero: numero.parse().ok(),
    }
}

#[derive(Template)]
#[template(path = "postes/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    filtre: Filtre,
    departements: Vec<(String, String)>,
    postes: Vec<Poste>,
    structures: HashMap<StructureId, String>,
    pagination: Pagination,
    exports: Exports,
}

impl Page {
    fn types(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Typologie::TOUTES.map(|t| (t.cle(), t.nom()))).collect()
    }

    fn etats(&self) -> [(&'static str, &'static str); 4] {
        EtatVoulu::OPTIONS
    }

    fn structure(&self, p: &Poste) -> &str {
        rules::place(p, self.filtre.le)
            .and_then(|l| self.structures.get(&l.structure))
            .map_or("", String::as_str)
    }

    /// Whether it may be taken back.
    fn depasse(&self, p: &Poste) -> bool {
        rules::echeance(p, self.filtre.le).is_some_and(|le| le <= self.filtre.le)
    }

    fn departement(&self, p: &Poste) -> String {
        rules::place(p, self.filtre.le).map(|l| l.departement.to_string()).unwrap_or_default()
    }
}

async fn structures(
    cx: &Conseillers,
    postes: &[Poste],
    le: NaiveDate,
) -> Result<HashMap<StructureId, String>, DbErr> {
    let ids = postes.iter().filter_map(|p| rules::place(p, le)).map(|place| place.structure);
    let vues = annuaire::structures::trouver(cx.site.db.read(), ids).await?;
    Ok(vues.into_iter().map(|(id, vue)| (id, vue.nom)).collect())
}

pub(super) async fn liste(
    State(cx): State<Conseillers>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    let perimetre = shell.actor()?.perimetre.clone();
    let filtre = filtre(&form, cx.jour());
    let conn = cx.site.db.read();
    let total = lecture::compter(conn, &perimetre, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let postes = lecture::lister(conn, &perimetre, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let exports = Exports::new(BASE, form.values());
    form.set("le", filtre.le.to_string());
    page(&Page {
        structures: structures(&cx, &postes, filtre.le).await?,
        departements: departements(&cx, &perimetre),
        shell,
        form,
        filtre,
        postes,
        pagination,
        exports,
    })
}

const FICHIER: Liste = Liste {
    nom: "postes",
    titres: &[
        "poste",
        "type",
        "etat",
        "depuis",
        "jusqu_au",
        "structure",
        "departement",
        "region",
        "attribue_le",
        "a_pourvoir_avant",
    ],
};

/// The ledger as a file.
pub(super) async fn exporter(
    State(cx): State<Conseillers>,
    shell: Shell,
    format: Format,
    Requete(form): Requete,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let (filtre, site, perimetre) = (filtre(&form, cx.jour()), cx.site.clone(), actor.perimetre.clone());
    FICHIER
        .envoyer(&site, &actor, (format, form.values()), move |apres| {
            let (cx, perimetre, filtre) = (cx.clone(), perimetre.clone(), filtre.clone());
            async move {
                let apres = apres.unwrap_or_default();
                let postes = lecture::apres(cx.site.db.read(), &perimetre, &filtre, apres, LOT).await?;
                let structures = structures(&cx, &postes, filtre.le).await?;
                Ok(Lot::de(&postes, LOT, |p| cellules(p, filtre.le, &structures), |p| p.numero))
            }
        })
        .await
}

fn cellules(p: &Poste, le: NaiveDate, structures: &HashMap<StructureId, String>) -> Vec<Cellule> {
    let etat = rules::etat(p, le);
    let (depuis, jusqu_au) = match etat {
        Etat::AVenir => (None, None),
        Etat::Occupe { depuis, jusqu_au, .. } => (Some(depuis), jusqu_au),
        Etat::Vacant { depuis } => (Some(depuis), None),
        Etat::Rendu(r) => (Some(r.le), None),
    };
    let place = rules::place(p, le);
    vec![
        p.reference().into(),
        p.typologie.nom().into(),
        etat.nom().into(),
        depuis.into(),
        jusqu_au.into(),
        place.and_then(|l| structures.get(&l.structure)).cloned().into(),
        place.map(|l| l.departement.to_string()).into(),
        place.map(|l| l.region.to_string()).into(),
        p.attribue_le.into(),
        rules::echeance(p, le).into(),
    ]
}
