//! Whom a structure can meet: at once, in an explained order, without a name.

use std::collections::HashSet;
use std::sync::Arc;

use annuaire::structures::{Ids, StructureVue};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::Refusal;
use kernel::ids::StructureId;
use platform::web::{
    Exports, FormState, Formulaire, PageResult, Pagination, Requete, Shell, page_with, see_other_saying,
};

use super::{CONTACTS, LISTE};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{CandidatVue, Index};
use crate::contrats::lecture::employeurs;
use crate::dire::{Compte, EnLettres};
use crate::ids::CandidatId;
use crate::matching::relations::actions::{self, Qui};
use crate::matching::relations::ordre::{Critere, Poids, Quand, classer};
use crate::matching::relations::store;

const PAR_PAGE: usize = 30;

/// A line, as the page shows it.
struct Vu {
    candidat: CandidatVue,
    km: f64,
    points: [u32; 6],
}

impl Vu {
    fn total(&self) -> String {
        points(self.points.iter().sum())
    }

    /// « Distance 38,2 + Diplôme 15 ».
    fn explication(&self) -> String {
        let dits: Vec<String> = Critere::TOUS
            .iter()
            .zip(self.points)
            .filter(|(_, p)| *p > 0)
            .map(|(c, p)| format!("{} {}", c.nom(), points(p)))
            .collect();
        if dits.is_empty() { "Aucun point".to_owned() } else { dits.join(" + ") }
    }
}

fn points(dixiemes: u32) -> String {
    if dixiemes.is_multiple_of(10) {
        (dixiemes / 10).to_string()
    } else {
        format!("{},{}", dixiemes / 10, dixiemes % 10)
    }
}

#[derive(Template)]
#[template(path = "matching/relations/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    structures: Vec<StructureVue>,
    /// The one whose list it is, with its free posts; none when the role names none.
    structure: Option<(StructureVue, usize)>,
    lignes: Vec<Vu>,
    pagination: Pagination,
    exports: Exports,
}

impl Page {
    fn choix(&self) -> Vec<(String, String)> {
        self.structures.iter().map(|s| (s.id.to_string(), s.nom.clone())).collect()
    }

    fn paliers(&self) -> [(&'static str, &'static str); 4] {
        [("", "Indifférent"), ("1", "Palier 1 au moins"), ("2", "Palier 2 au moins"), ("3", "Palier 3")]
    }
}

/// The weights of the address; what is absent or wrong is the usual one.
pub(super) fn poids(form: &FormState) -> Poids {
    Poids(Critere::TOUS.map(|c| form.get(c.cle()).parse().ok().filter(|p| *p <= 100).unwrap_or(c.poids())))
}

/// What the filters keep.
pub(super) fn garde(form: &FormState, c: &CandidatVue, km: f64) -> bool {
    let coche = |nom: &str| form.get(nom) == "oui";
    let avant = form.get("libre_le").parse::<chrono::NaiveDate>().ok();
    let pix: u8 = form.get("pix").parse().unwrap_or(0);
    let km_max: f64 = form.get("km").replace(',', ".").parse().unwrap_or(f64::INFINITY);
    (!coche("diplome") || c.situations.diplome.is_some())
        && (!coche("experience") || c.situations.experience)
        && (!coche("cv") || c.cv)
        && avant.is_none_or(|le| c.disponible_le <= le)
        && (pix == 0 || c.pix.as_ref().is_some_and(|p| u32::from(p.palier) >= u32::from(pix)))
        && km <= km_max
}

async fn montrer(cx: &Conseillers, shell: Shell, mut form: FormState) -> PageResult {
    let structures = employeurs(cx, shell.actor()?).await?;
    let voulue: Option<StructureId> = form.get("structure").parse().ok();
    let choisie = match voulue {
        Some(id) => Some(structures.iter().find(|s| s.identites.contains(&id)).ok_or(Refusal::NotFound)?),
        None => structures.first(),
    };
    let poids = poids(&form);
    for (critere, p) in Critere::TOUS.into_iter().zip(poids.0) {
        form.set(critere.cle(), p.to_string());
    }
    let asked = form.get("page").parse().unwrap_or(1);
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (mut lignes, mut structure) = (Vec::new(), None);
    let mut pagination = Pagination::new(0, PAR_PAGE, asked, LISTE, form.values());
    if let Some(s) = choisie {
        let conn = cx.site.db.read();
        let libres = actions::libres(cx, conn, s).await?;
        // Without a free post there is nobody to look for.
        if let Some(ici) = actions::position(cx, s).filter(|_| libres > 0) {
            let index: Arc<Index> = cx.candidats.index(&cx.site).await?;
            let deja: HashSet<CandidatId> =
                store::de_structure(conn, &s.identites).await?.into_iter().map(|r| r.candidat).collect();
            let quand = Quand { debut: cx.jour(), now: cx.site.clock.now() };
            let gardes = index
                .rencontrables(ici, &s.commune.departement)
                .filter(|r| !deja.contains(&r.candidat.id) && garde(&form, r.candidat, r.km));
            let classes = classer(gardes, poids, &quand);
            pagination = Pagination::new(classes.len(), PAR_PAGE, asked, LISTE, form.values());
            let page = classes.iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE);
            lignes = page
                .map(|l| Vu { candidat: l.rencontre.candidat.clone(), km: l.rencontre.km, points: l.points })
                .collect();
        }
        structure = Some((s.clone(), libres));
    }
    let exports = Exports::new(LISTE, form.values());
    page_with(status, &Page { shell, form, structures, structure, lignes, pagination, exports })
}

pub(super) async fn liste(State(cx): State<Conseillers>, shell: Shell, Requete(form): Requete) -> PageResult {
    montrer(&cx, shell, form).await
}

pub(super) async fn proposer(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([structure, candidat]): Ids<2>,
) -> PageResult {
    let qui = Qui::Liste(CandidatId(candidat));
    actions::proposer(&cx, shell.actor()?, StructureId(structure), qui).await?;
    Ok(see_other_saying(
        &format!("{LISTE}?structure={structure}"),
        "Le contact est proposé. Vous serez prévenu de la réponse.",
    ))
}

pub(super) async fn reference(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([structure]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let qui = Qui::Reference(form.get("reference").chars().take(20).collect());
    match actions::proposer(&cx, shell.actor()?, StructureId(structure), qui).await {
        Ok(_) => Ok(see_other_saying(CONTACTS, "Le contact est proposé. Vous serez prévenu de la réponse.")),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            form.set("structure", structure.to_string());
            montrer(&cx, shell, form).await
        }
        Err(autre) => Err(autre.into()),
    }
}
