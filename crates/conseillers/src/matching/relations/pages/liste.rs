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
    Exports, FormState, Formulaire, PageError, PageResult, Pagination, Requete, Shell, page_with,
    see_other_saying,
};

use super::filtres::Filtres;
use super::{CONTACTS, LISTE};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{CandidatVue, Index};
use crate::contrats::lecture::employeurs;
use crate::dire::{Compte, EnLettres};
use crate::ids::CandidatId;
use crate::matching::relations::actions::{self, Qui};
use crate::matching::relations::marques::{self, ETIQUETTE_MAX, Geste, Marque, NOTE_MAX};
use crate::matching::relations::ordre::{Critere, Poids, Quand, classer};
use crate::matching::relations::{Relation, store};

const PAR_PAGE: usize = 30;

/// A line, as the page shows it.
struct Vu {
    candidat: CandidatVue,
    km: f64,
    points: [u32; 6],
    /// What the structure keeps of them.
    marque: Marque,
    /// The label and the note, to be changed: each line has names of its own.
    form: FormState,
    noms: (String, String),
}

/// Names of the fields of a line: a page has many.
fn noms(id: CandidatId) -> (String, String) {
    (format!("etiquette-{id}"), format!("note-{id}"))
}

impl Vu {
    /// « 20 km », « toute la France ».
    fn mobilite(&self) -> String {
        self.candidat.rayon.km().map_or_else(|| "toute la France".to_owned(), |km| format!("{km} km"))
    }

    fn ecartee(&self) -> bool {
        self.marque.ecartee_le.is_some()
    }

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
    /// First day of the mission, when it is known.
    mission: Option<chrono::NaiveDate>,
    /// The list of those that were set aside.
    ecartees: bool,
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

pub(super) async fn montrer(cx: &Conseillers, shell: Shell, mut form: FormState) -> PageResult {
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
    let conn = cx.site.db.read();
    let filtres = Filtres::lire(&mut form, conn).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (mut lignes, mut structure, mut mission) = (Vec::new(), None, None);
    let mut pagination = Pagination::new(0, PAR_PAGE, asked, LISTE, form.values());
    if let Some(s) = choisie {
        let postes = actions::a_pourvoir(cx, conn, s).await?;
        let libres = postes.len();
        mission = actions::mission(cx, conn, &postes).await?;
        // Without a free post there is nobody to look for.
        if let Some(ici) = actions::position(cx, s).filter(|_| libres > 0) {
            let index: Arc<Index> = cx.candidats.index(&cx.site).await?;
            let mut marques = marques::de_structure(conn, &s.identites).await?;
            let relations = store::de_structure(conn, &s.identites).await?;
            let deja: HashSet<CandidatId> =
                relations.into_iter().filter(Relation::hors_de_la_liste).map(|r| r.candidat).collect();
            let quand = Quand { debut: mission.unwrap_or(cx.jour()), now: cx.site.clock.now() };
            let gardes = index.rencontrables(ici, &s.commune.departement).filter(|r| {
                let id = &r.candidat.id;
                !deja.contains(id) && filtres.garde((r.candidat, r.km), marques.get(id), mission)
            });
            let classes = classer(gardes, poids, &quand);
            pagination = Pagination::new(classes.len(), PAR_PAGE, asked, LISTE, form.values());
            lignes = classes
                .iter()
                .skip(pagination.offset(PAR_PAGE))
                .take(PAR_PAGE)
                .map(|l| {
                    let marque = marques.remove(&l.rencontre.candidat.id).unwrap_or_default();
                    let noms = noms(l.rencontre.candidat.id);
                    Vu {
                        candidat: l.rencontre.candidat.clone(),
                        km: l.rencontre.km,
                        points: l.points,
                        form: FormState::filled([
                            (noms.0.clone(), marque.etiquette.clone()),
                            (noms.1.clone(), marque.note.clone()),
                        ]),
                        noms,
                        marque,
                    }
                })
                .collect();
        }
        structure = Some((s.clone(), libres));
    }
    let ecartees = filtres.ecartees;
    let exports = Exports::new(LISTE, form.values());
    page_with(
        status,
        &Page { shell, form, structures, structure, mission, ecartees, lignes, pagination, exports },
    )
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

/// Sets somebody aside, puts them back, or notes something of them; then back to the list, as it was.
pub(super) async fn marquer(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([structure, candidat]): Ids<2>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (geste, phrase) = match form.get("geste") {
        "ecarter" => (Geste::Ecarter, "La personne est écartée de votre liste. Vous pouvez l’y remettre."),
        "remettre" => (Geste::Remettre, "La personne est de nouveau dans votre liste."),
        _ => {
            let (etiquette, note) = noms(CandidatId(candidat));
            let lus = (form.text_opt(&etiquette, ETIQUETTE_MAX), form.text_opt(&note, NOTE_MAX));
            let (Some(etiquette), Some(note)) = lus else {
                return Err(PageError::BadRequest(format!(
                    "L’étiquette a au plus {ETIQUETTE_MAX} caractères, la note {NOTE_MAX}. Revenez en arrière et raccourcissez."
                )));
            };
            let geste =
                Geste::Noter { etiquette: etiquette.unwrap_or_default(), note: note.unwrap_or_default() };
            (geste, "L’étiquette et la note sont enregistrées.")
        }
    };
    marques::marquer(&cx, shell.actor()?, StructureId(structure), CandidatId(candidat), geste).await?;
    let liste = format!("{LISTE}?");
    let retour = Some(form.get("retour")).filter(|r| r.starts_with(&liste));
    let retour = retour.map_or_else(|| format!("{liste}structure={structure}"), str::to_owned);
    Ok(see_other_saying(&retour, phrase))
}

pub(super) async fn reference(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([structure]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let qui = Qui::Code(form.get("code").chars().take(40).collect());
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
