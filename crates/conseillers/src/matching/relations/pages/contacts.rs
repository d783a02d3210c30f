//! The contacts of a structure: who was asked, who agreed, interviews.

use std::collections::HashMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::{Actor, Refusal, Verb};
use platform::web::{Exports, FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};
use sea_orm::DbErr;

use super::{CONTACTS, LISTE};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, CandidatVue, Coordonnees};
use crate::contrats::lecture::employeurs;
use crate::dire::EnLettres;
use crate::ids::{CandidatId, RelationId};
use crate::matching::relations::actions::{self, Geste};
use crate::matching::relations::model::{Etat, Origine, Relation, Resultat};
use crate::matching::relations::{rules, store};

/// A relation and how its person is called: by name once they agreed.
struct Ligne {
    relation: Relation,
    qui: String,
    structure: String,
}

#[derive(Template)]
#[template(path = "matching/relations/pages/contacts.html")]
struct PageListe {
    shell: Shell,
    lignes: Vec<Ligne>,
    exports: Exports,
}

pub(super) async fn liste(State(cx): State<Conseillers>, shell: Shell) -> PageResult {
    let (conn, actor) = (cx.site.db.read(), shell.actor()?);
    let mut lignes = Vec::new();
    for s in employeurs(&cx, actor).await? {
        let relations = store::de_structure(conn, &s.identites).await?;
        let noms = nommer(&cx, actor, &relations).await?;
        lignes.extend(relations.into_iter().map(|relation| Ligne {
            qui: noms.get(&relation.candidat).cloned().unwrap_or_else(|| EFFACEE.to_owned()),
            structure: s.nom.clone(),
            relation,
        }));
    }
    page(&PageListe { shell, lignes, exports: Exports::new(CONTACTS, &[]) })
}

/// How somebody is called whose file is erased.
const EFFACEE: &str = "Candidature effacée";

/// By name those who agreed, by number the others.
pub(super) async fn nommer(
    cx: &Conseillers,
    actor: &Actor,
    relations: &[Relation],
) -> Result<HashMap<CandidatId, String>, DbErr> {
    let ids: Vec<CandidatId> = relations.iter().map(|r| r.candidat).collect();
    let devoiles: Vec<CandidatId> = relations.iter().filter(|r| r.devoilee()).map(|r| r.candidat).collect();
    let vues = candidats::vues(cx.site.db.read(), &ids).await?;
    let mut out: HashMap<CandidatId, String> = vues.into_iter().map(|v| (v.id, v.reference())).collect();
    let connus = candidats::lire_coordonnees(&cx.site, actor, &devoiles).await?;
    out.extend(connus.into_iter().map(|(id, qui)| (id, qui.nom_complet())));
    Ok(out)
}

#[derive(Template)]
#[template(path = "matching/relations/pages/contact.html")]
struct PageFiche {
    shell: Shell,
    form: FormState,
    r: Relation,
    qui: String,
    structure: String,
    /// What may be known of the person before they agree; nothing of somebody met elsewhere.
    vue: Option<CandidatVue>,
    /// Once they agreed.
    coordonnees: Option<Coordonnees>,
    now: DateTime<Utc>,
}

impl PageFiche {
    fn resultats(&self) -> [(&'static str, &'static str); 3] {
        Resultat::OPTIONS
    }

    /// The fields of the times that are offered: day, its name, hour, its name.
    fn champs(&self) -> [[&'static str; 4]; 3] {
        [
            ["creneau_1", "Jour du premier créneau", "heure_1", "Heure du premier créneau"],
            ["creneau_2", "Jour du deuxième créneau", "heure_2", "Heure du deuxième créneau"],
            ["creneau_3", "Jour du troisième créneau", "heure_3", "Heure du troisième créneau"],
        ]
    }
}

/// The CV of a person who agreed to the contact of this structure; the reading is told to them.
pub(super) async fn cv(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let (conn, actor) = (cx.site.db.read(), shell.actor()?);
    let r = store::get(conn, RelationId(id)).await?.filter(Relation::devoilee).ok_or(Refusal::NotFound)?;
    let s = annuaire::structures::find(conn, r.structure).await?.ok_or(Refusal::NotFound)?;
    s.may(actor, Verb::Recruter)?;
    let qui = candidats::coordonnees(conn, r.candidat).await?.ok_or(Refusal::NotFound)?;
    let pdf = candidats::cv::lire(&cx.site, actor, r.candidat).await?;
    Ok(candidats::cv::reponse(&qui.reference(), pdf))
}

async fn montrer(cx: &Conseillers, shell: Shell, id: RelationId, mut form: FormState) -> PageResult {
    let (conn, actor) = (cx.site.db.read(), shell.actor()?);
    let r = store::get(conn, id).await?.ok_or(Refusal::NotFound)?;
    let s = annuaire::structures::find(conn, r.structure).await?.ok_or(Refusal::NotFound)?;
    s.may(actor, Verb::Recruter)?;
    let coordonnees = match r.devoilee() {
        true => candidats::lire_coordonnees(&cx.site, actor, &[r.candidat]).await?.remove(&r.candidat),
        false => None,
    };
    let vue = match r.origine {
        Origine::Liste => candidats::vue(conn, r.candidat).await?,
        Origine::HorsListe if r.devoilee() => candidats::vue(conn, r.candidat).await?,
        Origine::HorsListe => None,
    };
    if form.is_valid() {
        form.set("note", r.note.clone());
    }
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let reference = || vue.as_ref().map_or_else(|| EFFACEE.to_owned(), CandidatVue::reference);
    let qui = match &coordonnees {
        Some(c) => c.nom_complet(),
        None if r.origine == Origine::HorsListe => "une personne rencontrée ailleurs".to_owned(),
        None => reference(),
    };
    let now = cx.site.clock.now();
    page_with(status, &PageFiche { shell, form, qui, structure: s.nom, vue, coordonnees, r, now })
}

pub(super) async fn fiche(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&cx, shell, RelationId(id), FormState::default()).await
}

async fn faire(
    cx: &Conseillers,
    shell: Shell,
    id: RelationId,
    mut form: FormState,
    geste: Geste,
    phrase: &str,
) -> PageResult {
    match actions::agir(cx, shell.actor()?, id, geste).await {
        Ok(()) => Ok(see_other_saying(&format!("{CONTACTS}/{id}"), phrase)),
        Err(Failure::Refusal(refus @ Refusal::Fields(_))) => {
            form.take(refus)?;
            montrer(cx, shell, id, form).await
        }
        Err(autre) => Err(autre.into()),
    }
}

pub(super) async fn ecarter(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    faire(
        &cx,
        shell,
        RelationId(id),
        FormState::default(),
        Geste::Ecarter,
        "Ce contact est écarté. Vous pouvez y revenir.",
    )
    .await
}

pub(super) async fn reprendre(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    faire(&cx, shell, RelationId(id), FormState::default(), Geste::Reprendre, "Ce contact est repris.").await
}

pub(super) async fn noter(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let Some(note) = form.text_opt("note", 2000) else {
        return montrer(&cx, shell, RelationId(id), form).await;
    };
    faire(
        &cx,
        shell,
        RelationId(id),
        form,
        Geste::Noter(note.unwrap_or_default()),
        "La note est enregistrée.",
    )
    .await
}

pub(super) async fn offrir(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let mut creneaux = Vec::new();
    for n in 1..=rules::CRENEAUX.min(3) {
        let (jour, heure) = (format!("creneau_{n}"), format!("heure_{n}"));
        if form.get(&jour).is_empty() && form.get(&heure).is_empty() {
            continue;
        }
        let lu = NaiveDate::parse_from_str(form.get(&jour), "%Y-%m-%d")
            .ok()
            .zip(NaiveTime::parse_from_str(form.get(&heure), "%H:%M").ok())
            .and_then(|(j, h)| kernel::calendrier::instant(j, h));
        match lu {
            Some(creneau) => creneaux.push(creneau),
            None => form.refuse(&jour, "Écrivez le jour et l’heure de ce créneau, à l’heure de Paris."),
        }
    }
    if !form.is_valid() {
        return montrer(&cx, shell, RelationId(id), form).await;
    }
    let phrase = "Les créneaux sont proposés. La personne en choisit un.";
    faire(&cx, shell, RelationId(id), form, Geste::Offrir(creneaux), phrase).await
}

pub(super) async fn conclure(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let lu = form.parse("resultat", |v| Resultat::from_cle(v).ok_or("Choisissez un résultat."));
    let Some(resultat) = lu else { return montrer(&cx, shell, RelationId(id), form).await };
    faire(&cx, shell, RelationId(id), form, Geste::Conclure(resultat), "Le résultat est noté.").await
}
