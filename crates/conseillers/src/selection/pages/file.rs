//! The queue of demandes, oldest first, and the opinion on several at once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::calendrier::jour;
use kernel::{CodeDepartement, Perimetre, Refusal, Role, Verb};
use platform::web::{
    Exports, FormState, Formulaire, PageResult, Pagination, Requete, Shell, page, page_with, see_other_saying,
};

use crate::Conseillers;
use crate::Failure;
use crate::demandes::model::{Demande, Etat, Genre, Sens};
use crate::demandes::reference::Jour;
use crate::demandes::store::{self, Filtre};
use crate::demandes::{BASE, actions};
use crate::ids::DemandeId;
use crate::selection::avis::{self, Saisi};
use crate::territoire::departements;

const PAR_PAGE: usize = 30;

#[derive(Template)]
#[template(path = "selection/pages/file.html")]
struct PageFile {
    shell: Shell,
    form: FormState,
    avis: FormState,
    departements: Vec<(String, String)>,
    lignes: Vec<Demande>,
    pagination: Pagination,
    comptes: Vec<(&'static str, String, String)>,
    echeance: NaiveDate,
    reste: i64,
    sans_avis: usize,
    ages: Vec<i64>,
    export: String,
    exports: Exports,
}

impl PageFile {
    fn genres(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Genre::TOUS.map(|g| (g.cle(), g.nom()))).collect()
    }

    fn etats(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Etat::CLES.map(|e| (e, Etat::nom_de(e)))).collect()
    }

    fn peut_aviser(&self) -> bool {
        self.shell.may(Verb::DonnerAvis)
    }
}

pub(super) const AVIS_RENDUS: [(&str, &str); 3] =
    [("", "Tous"), ("attendu", "Avis attendu"), ("rendu", "Avis rendu")];

/// What the address asks for.
pub(super) fn filtre(form: &FormState) -> Filtre {
    Filtre {
        mots: form.get("q").to_owned(),
        genre: Genre::from_cle(form.get("type")),
        departement: CodeDepartement::parse(form.get("departement")),
        etat: Filtre::etat_de(form.get("etat")),
        sans_avis: match form.get("avis") {
            "attendu" => Some(true),
            "rendu" => Some(false),
            _ => None,
        },
        seance: None,
    }
}

async fn montrer(
    c: &Conseillers,
    shell: Shell,
    form: FormState,
    avis: FormState,
    status: StatusCode,
) -> PageResult {
    let actor = shell.actor()?;
    let conn = c.site.db.read();
    let filtre = filtre(&form);
    let p = &actor.perimetre;
    let total = store::compter(conn, p, &filtre).await?;
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination = Pagination::new(total, PAR_PAGE, asked, BASE, form.values());
    let lignes = store::lister(conn, p, &filtre, (pagination.offset(PAR_PAGE), PAR_PAGE)).await?;
    let par_etat = store::par_etat(conn, p).await?;
    let comptes = Etat::CLES
        .into_iter()
        .filter_map(|cle| {
            par_etat.iter().find(|(e, _, _)| e == cle).map(|(_, n, postes)| {
                (Etat::nom_de(cle), kernel::text::nombre(*n), kernel::text::nombre(*postes))
            })
        })
        .collect();
    let echeance = store::calendrier(conn, Jour::Avis).await?;
    let now = c.site.clock.now();
    let sans_avis = store::compter(conn, p, &Filtre { sans_avis: Some(true), ..Filtre::default() }).await?;
    let mut export = url::form_urlencoded::Serializer::new(format!("{BASE}/export.xlsx?"));
    for (k, v) in form.values().iter().filter(|(k, v)| k != "page" && !v.is_empty()) {
        export.append_pair(k, v);
    }
    page_with(
        status,
        &PageFile {
            export: export.finish(),
            exports: Exports::new(&format!("{BASE}/toutes"), form.values()),
            departements: departements(c, p),
            ages: lignes.iter().map(|d| d.age(now)).collect(),
            reste: (echeance - jour(&now)).num_days(),
            shell,
            form,
            avis,
            lignes,
            pagination,
            comptes,
            echeance,
            sans_avis,
        },
    )
}

pub(super) async fn file(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(mut form): Requete,
) -> PageResult {
    if let Perimetre::Structures(ids) = shell.actor()?.perimetre.clone() {
        return crate::demandes::espace(&c, shell, &ids).await;
    }
    // A préfecture that chose nothing sees what waits for it, while something does.
    if form.values().is_empty() && shell.actor()?.role == Role::Prefecture {
        let attend = Filtre { sans_avis: Some(true), ..Filtre::default() };
        if store::compter(c.site.db.read(), &shell.actor()?.perimetre, &attend).await? > 0 {
            form.set("avis", "attendu");
        }
    }
    montrer(&c, shell, form, FormState::default(), StatusCode::OK).await
}

/// Reads the opinion of a form; what is wrong is noted beside its field.
pub(super) fn lire(form: &mut FormState) -> Option<Saisi> {
    if form.get("sens").is_empty() {
        form.refuse("sens", "Choisissez l’avis.");
    }
    if form.get("commentaire").is_empty() {
        form.refuse("commentaire", "Expliquez l’avis, en 10 à 1 000 caractères.");
    }
    let sens = form.parse("sens", |v| Sens::from_cle(v).ok_or("Choisissez dans la liste."));
    let postes =
        form.parse_opt("postes", |v| v.parse::<u32>().map_err(|_| "Écrivez un nombre entier, comme 2."));
    let commentaire = form.text("commentaire", 1_000);
    let accord_principe = form.get("accord_principe") == "oui";
    Some(Saisi { sens: sens?, postes: postes?, commentaire: commentaire?, accord_principe, vers: None })
}

pub(super) async fn avis_groupe(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?;
    let ids: Vec<DemandeId> = form.all("demandes").filter_map(|v| v.parse().ok()).collect();
    if let Some(saisi) = lire(&mut form) {
        match avis::donner_a_plusieurs(&c.site, actor, &ids, &saisi).await {
            Ok(n) => {
                let n = kernel::text::compte(
                    u64::try_from(n).unwrap_or(0),
                    "avis enregistré",
                    "avis enregistrés",
                );
                return Ok(see_other_saying(BASE, &format!("{n}.")));
            }
            Err(Failure::Refusal(Refusal::Conflict(sentence))) => form.refuse("demandes", sentence),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, FormState::default(), form, StatusCode::UNPROCESSABLE_ENTITY).await
}

#[derive(Template)]
#[template(path = "selection/pages/calendrier.html")]
struct PageCalendrier {
    shell: Shell,
    form: FormState,
}

pub(super) async fn calendrier(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    let mut form = FormState::default();
    for j in Jour::TOUS {
        form.set(j.cle(), store::calendrier(c.site.db.read(), j).await?.to_string());
    }
    page(&PageCalendrier { shell, form })
}

pub(super) async fn fixer(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let mut jours = Vec::new();
    for j in Jour::TOUS {
        if let Some(le) = form.parse(j.cle(), |v| v.parse::<NaiveDate>().map_err(|_| "Choisissez une date."))
        {
            jours.push((j, le));
        }
    }
    if !form.is_valid() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &PageCalendrier { shell, form });
    }
    for (j, le) in jours {
        actions::fixer_jour(&c.site, shell.actor()?, j, le).await?;
    }
    Ok(see_other_saying(&format!("{BASE}/calendrier"), "Le calendrier est enregistré."))
}
