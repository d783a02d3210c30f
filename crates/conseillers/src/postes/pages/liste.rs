//! The ledger of posts on a day, its filters in the address, and the same as a file.

use std::collections::HashMap;
use std::io;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, Perimetre};
use platform::tableur;
use platform::web::{FormState, PageError, PageResult, Pagination, Requete, Shell, page};
use sea_orm::DbErr;

use super::BASE;
use crate::Conseillers;
use crate::dire::{Compte, EnLettres};
use crate::postes::lecture::{self, EtatVoulu, Filtre};
use crate::postes::{Etat, Poste, Typologie, rules};

const PAR_PAGE: usize = 30;
/// Posts read at once for a file.
const LOT: usize = 500;

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
    export: String,
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
    let mut out = HashMap::new();
    for place in postes.iter().filter_map(|p| rules::place(p, le)) {
        if !out.contains_key(&place.structure)
            && let Some(s) = annuaire::structures::find(cx.site.db.read(), place.structure).await?
        {
            out.insert(place.structure, s.nom);
        }
    }
    Ok(out)
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
    // The address of the file is that of the list.
    let export = pagination.href(1).replacen(BASE, &format!("{BASE}/export.csv"), 1);
    form.set("le", filtre.le.to_string());
    page(&Page {
        structures: structures(&cx, &postes, filtre.le).await?,
        departements: departements(&cx, &perimetre),
        shell,
        form,
        filtre,
        postes,
        pagination,
        export,
    })
}

/// The départements that the scope can hold, to choose from.
fn departements(cx: &Conseillers, perimetre: &Perimetre) -> Vec<(String, String)> {
    let territoires = cx.annuaire.territoires();
    let tenus = territoires.departements().iter().filter(|d| match perimetre {
        Perimetre::Regions(codes) => codes.contains(&d.region),
        Perimetre::Departements(codes) => codes.contains(&d.code),
        _ => true,
    });
    std::iter::once((String::new(), "Tous".to_owned()))
        .chain(tenus.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom))))
        .collect()
}

const TITRES: [&str; 10] = [
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
];

/// The ledger as a file, written as it is read.
pub(super) async fn csv(
    State(cx): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let perimetre = shell.actor()?.perimetre.clone();
    let filtre = filtre(&form, cx.jour());
    let tete = Bytes::from(format!("{}{}", tableur::MARQUE, tableur::ligne(&TITRES)));
    let flux = futures::stream::try_unfold((Some(tete), Some(0)), move |(tete, apres)| {
        let (cx, perimetre, filtre) = (cx.clone(), perimetre.clone(), filtre.clone());
        async move {
            if let Some(tete) = tete {
                return Ok(Some((tete, (None, apres))));
            }
            let Some(numero) = apres else { return Ok(None) };
            lot(&cx, &perimetre, &filtre, numero).await.map_err(|e| {
                tracing::error!(error = %e, "an export stopped in the middle");
                io::Error::other("l’export s’est interrompu")
            })
        }
    });
    let entetes = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"postes.csv\""),
    ];
    Ok((entetes, Body::from_stream(flux)).into_response())
}

type Suite = Option<(Bytes, (Option<Bytes>, Option<i64>))>;

async fn lot(cx: &Conseillers, perimetre: &Perimetre, filtre: &Filtre, apres: i64) -> Result<Suite, DbErr> {
    let postes = lecture::apres(cx.site.db.read(), perimetre, filtre, apres, LOT).await?;
    let Some(dernier) = postes.last() else { return Ok(None) };
    let suite = (postes.len() == LOT).then_some(dernier.numero);
    let structures = structures(cx, &postes, filtre.le).await?;
    let lignes: String =
        postes.iter().map(|p| tableur::ligne(&cellules(p, filtre.le, &structures))).collect();
    Ok(Some((Bytes::from(lignes), (None, suite))))
}

fn cellules(p: &Poste, le: NaiveDate, structures: &HashMap<StructureId, String>) -> [String; 10] {
    let etat = rules::etat(p, le);
    let jour = |j: Option<NaiveDate>| j.map(|j| j.to_string()).unwrap_or_default();
    let (depuis, jusqu_au) = match etat {
        Etat::AVenir => (None, None),
        Etat::Occupe { depuis, jusqu_au, .. } => (Some(depuis), jusqu_au),
        Etat::Vacant { depuis } => (Some(depuis), None),
        Etat::Rendu(r) => (Some(r.le), None),
    };
    let place = rules::place(p, le);
    [
        p.reference(),
        p.typologie.nom().to_owned(),
        etat.nom().to_owned(),
        jour(depuis),
        jour(jusqu_au),
        place.and_then(|l| structures.get(&l.structure)).cloned().unwrap_or_default(),
        place.map(|l| l.departement.to_string()).unwrap_or_default(),
        place.map(|l| l.region.to_string()).unwrap_or_default(),
        p.attribue_le.to_string(),
        jour(rules::echeance(p, le)),
    ]
}
