//! The contacts of a structure: who was asked, who agreed, interviews.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use kernel::{Refusal, Verb};
use platform::journal::{self, Entry};
use platform::web::{Exports, FormState, Formulaire, PageResult, Shell, page, page_with, see_other_saying};
use sea_orm::DbErr;

use super::{CONTACTS, LISTE};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::{self, CandidatVue, Coordonnees};
use crate::contrats::lecture::employeurs;
use crate::dire::EnLettres;
use crate::ids::RelationId;
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
    let conn = cx.site.db.read();
    let mut lignes = Vec::new();
    for s in employeurs(&cx, shell.actor()?).await? {
        for relation in store::de_structure(conn, &s.identites).await? {
            let qui = nommer(&cx, &relation).await?;
            lignes.push(Ligne { relation, qui, structure: s.nom.clone() });
        }
    }
    page(&PageListe { shell, lignes, exports: Exports::new(CONTACTS, &[]) })
}

pub(super) async fn nommer(cx: &Conseillers, r: &Relation) -> Result<String, DbErr> {
    let conn = cx.site.db.read();
    if r.devoilee()
        && let Some(c) = candidats::coordonnees(conn, r.candidat).await?
    {
        return Ok(format!("{} {}", c.prenom, c.nom));
    }
    Ok(candidats::vue(conn, r.candidat).await?.map_or("Candidature effacée".to_owned(), |v| v.reference()))
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
        true => candidats::coordonnees(conn, r.candidat).await?,
        false => None,
    };
    if coordonnees.is_some() {
        // Who read the name, the telephone and the address of a person is kept.
        let entry = Entry::by(actor, "candidat.lire_coordonnees", "candidat", r.candidat);
        cx.site.db.write(async |tx| journal::write(&cx.site, tx, entry).await).await?;
    }
    let vue = match r.origine {
        Origine::Liste => candidats::vue(conn, r.candidat).await?,
        Origine::HorsListe if r.devoilee() => candidats::vue(conn, r.candidat).await?,
        Origine::HorsListe => None,
    };
    if form.is_valid() {
        form.set("note", r.note.clone());
    }
    let status = if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let qui = nommer(cx, &r).await?;
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
