//! The forms: a new contract, a renewal, a later end, a break.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{Refusal, Verb};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page_with, see_other_saying,
};

use super::{BASE, ESPACE, adresse};
use crate::Conseillers;
use crate::Failure;
use crate::contrats::actions;
use crate::contrats::lecture;
use crate::contrats::model::{Genre, Montant, MotifRupture, Phase, Rupture, Termes};
use crate::contrats::rules::{self, ecrit};
use crate::contrats::smic;
use crate::ids::{ContratId, PosteId};
use crate::postes::{self, Etat};

/// Which form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Genres {
    Nouveau,
    Renouveler,
    Prolonger,
    Rompre,
}

#[derive(Template)]
#[template(path = "contrats/pages/formulaire.html")]
struct Page {
    shell: Shell,
    genre: Genres,
    form: FormState,
    /// The contract that it is about, and whose it is.
    contrat: Option<(ContratId, String)>,
    /// Free posts, for a new contract: (identifier, name).
    postes: Vec<(String, String)>,
    /// People, for a new contract.
    personnes: Vec<(String, String)>,
    /// Whether one of the employers is public.
    public: bool,
    /// The least that may be paid today, where the programme knows it.
    smic: Option<Montant>,
}

impl Page {
    fn titre(&self) -> &'static str {
        match self.genre {
            Genres::Nouveau => "Saisir un contrat",
            Genres::Renouveler => "Demander un renouvellement",
            Genres::Prolonger => "Demander une prolongation",
            Genres::Rompre => "Notifier une rupture",
        }
    }

    fn action(&self) -> String {
        let fin = match self.genre {
            Genres::Nouveau => return format!("{BASE}/nouveau"),
            Genres::Renouveler => "renouveler",
            Genres::Prolonger => "prolonger",
            Genres::Rompre => "rupture",
        };
        self.contrat.as_ref().map(|(id, _)| format!("{BASE}/{id}/{fin}")).unwrap_or_default()
    }

    fn types(&self) -> Vec<(&'static str, &'static str)> {
        let permis = |g: &Genre| self.public || *g != Genre::ProjetPublic;
        Genre::TOUS.into_iter().filter(permis).map(|g| (g.cle(), g.nom())).collect()
    }

    fn indice_type(&self) -> &'static str {
        if self.public { "Le contrat de projet est réservé aux employeurs publics." } else { "" }
    }

    fn indice_salaire(&self) -> String {
        match self.smic {
            Some(smic) => format!("Au moins le SMIC du premier jour : {smic} aujourd’hui, à temps plein."),
            None => "Au moins le salaire minimum du territoire, à temps plein.".to_owned(),
        }
    }

    fn phases(&self) -> [(&'static str, &'static str); 2] {
        [
            ("2", "Phase 2 : conventions renouvelées ou nouvelles, depuis 2022"),
            ("1", "Phase 1 : premières conventions, à partir de 2020"),
        ]
    }

    fn motifs(&self) -> Vec<(&'static str, &'static str)> {
        MotifRupture::TOUS.map(|m| (m.cle(), m.nom())).to_vec()
    }
}

fn jour(v: &str) -> Result<NaiveDate, &'static str> {
    const COMMENT: &str = "Écrivez une date, comme 31/12/2026.";
    NaiveDate::parse_from_str(v, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(v, "%d/%m/%Y"))
        .map_err(|_| COMMENT)
}

/// Reads what was signed; what is wrong is noted beside its field.
fn lire_termes(form: &mut FormState) -> Option<Termes> {
    let genre = form.parse("type", |v| Genre::from_cle(v).ok_or("Choisissez un type de contrat."));
    let debut = form.parse("debut", jour);
    let fin = form.parse_opt("fin", jour);
    let salaire = form.parse("salaire", Montant::parse);
    let phase =
        form.parse("phase", |v| v.parse().ok().and_then(Phase::from_numero).ok_or("Choisissez une phase."));
    if form.get("temps_plein") != "oui" {
        form.refuse(
            "temps_plein",
            "Le programme finance des temps pleins. Cochez cette case, ou revoyez le contrat.",
        );
    }
    let termes = Termes { genre: genre?, debut: debut?, fin: fin?, salaire: salaire?, phase: phase? };
    form.is_valid().then_some(termes)
}

async fn montrer_nouveau(cx: &Conseillers, shell: Shell, form: FormState) -> PageResult {
    let (conn, le) = (cx.site.db.read(), cx.jour());
    let mut libres = Vec::new();
    let mut personnes = vec![(String::new(), "Choisissez une personne".to_owned())];
    let (mut public, mut smic) = (false, None);
    for s in lecture::employeurs(cx, shell.actor()?).await? {
        public |= rules::est_public(&s);
        smic = smic.or(smic::minimum(&s.commune.departement, le));
        for p in postes::store::de_structure(conn, &s.identites, le).await? {
            let quand = match postes::rules::etat(&p, le) {
                Etat::Rendu(_) => continue,
                Etat::Occupe { jusqu_au: Some(fin), .. } => format!(", occupé jusqu’au {}", ecrit(fin)),
                Etat::Occupe { jusqu_au: None, .. } => ", occupé".to_owned(),
                _ => String::new(),
            };
            let libre = postes::rules::a_pourvoir(&p, le);
            let nom = format!("{} ({}, {}{quand})", p.reference(), p.typologie.nom(), s.nom);
            libres.push((!libre, p.numero, (p.id.to_string(), nom)));
        }
        personnes.extend(crate::matching::relations::recrutables(cx, shell.actor()?, &s).await?);
    }
    // Free posts first: the first of the list is one that may be filled.
    libres.sort();
    let postes = libres.into_iter().map(|(_, _, choix)| choix).collect();
    let page = Page { shell, genre: Genres::Nouveau, contrat: None, postes, personnes, public, smic, form };
    page_with(statut(&page.form), &page)
}

fn statut(form: &FormState) -> StatusCode {
    if form.is_valid() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

pub(super) async fn nouveau(
    State(cx): State<Conseillers>,
    shell: Shell,
    Requete(query): Requete,
) -> PageResult {
    let mut form = FormState::filled([("phase", "2")]);
    for champ in ["poste", "candidat"] {
        form.set(champ, query.get(champ));
    }
    montrer_nouveau(&cx, shell, form).await
}

pub(super) async fn saisir(
    State(cx): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let poste = form.parse("poste", |v| v.parse::<PosteId>().map_err(|_| "Choisissez un poste."));
    let candidat = form.parse("candidat", |v| v.parse().map_err(|_| "Choisissez une personne."));
    let termes = lire_termes(&mut form);
    if let (Some(poste), Some(candidat), Some(termes)) = (poste, candidat, termes) {
        match actions::saisir(&cx, shell.actor()?, (poste, candidat), termes).await {
            Ok(id) => {
                return Ok(see_other_saying(
                    &adresse(id),
                    "Le contrat est saisi. L’administration va le valider ou le refuser.",
                ));
            }
            Err(failure) => noter(&mut form, failure)?,
        }
    }
    montrer_nouveau(&cx, shell, form).await
}

/// Keeps what was typed when a rule said no: fields where they are, the rest at the top.
fn noter(form: &mut FormState, failure: Failure) -> Result<(), PageError> {
    match failure {
        Failure::Refusal(Refusal::Conflict(phrase)) => form.refuse("debut", phrase),
        Failure::Refusal(refus @ Refusal::Fields(_)) => form.take(refus)?,
        autre => return Err(autre.into()),
    }
    Ok(())
}

async fn montrer(
    cx: &Conseillers,
    shell: Shell,
    id: ContratId,
    genre: Genres,
    mut form: FormState,
) -> PageResult {
    let d = lecture::ouvrir(cx, shell.actor()?, Verb::Recruter, id).await?;
    if form.values().is_empty() {
        form.set("salaire", d.contrat.termes.salaire.saisi());
        form.set("phase", d.contrat.termes.phase.numero().to_string());
        form.set("type", d.contrat.termes.genre.cle());
    }
    let contrat = Some((id, d.personne));
    let employeur = annuaire::structures::find(cx.site.db.read(), d.contrat.place.structure).await?;
    let public = employeur.is_some_and(|s| rules::est_public(&s));
    let smic = smic::minimum(&d.contrat.place.departement, cx.jour());
    let page = Page { shell, genre, form, contrat, postes: Vec::new(), personnes: Vec::new(), public, smic };
    page_with(statut(&page.form), &page)
}

pub(super) async fn renouvellement(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    montrer(&cx, shell, ContratId(id), Genres::Renouveler, FormState::default()).await
}

pub(super) async fn prolongation(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
) -> PageResult {
    montrer(&cx, shell, ContratId(id), Genres::Prolonger, FormState::default()).await
}

pub(super) async fn rupture(State(cx): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&cx, shell, ContratId(id), Genres::Rompre, FormState::default()).await
}

pub(super) async fn renouveler(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let termes = lire_termes(&mut form);
    if let Some(termes) = termes {
        match actions::renouveler(&cx, shell.actor()?, ContratId(id), termes).await {
            Ok(suite) => return Ok(see_other_saying(&adresse(suite), "Le renouvellement est demandé.")),
            Err(failure) => noter(&mut form, failure)?,
        }
    }
    montrer(&cx, shell, ContratId(id), Genres::Renouveler, form).await
}

pub(super) async fn prolonger(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (fin, salaire) = (form.parse("fin", jour), form.parse("salaire", Montant::parse));
    if let (Some(fin), Some(salaire)) = (fin, salaire) {
        match actions::prolonger(&cx, shell.actor()?, ContratId(id), (fin, salaire)).await {
            Ok(()) => return Ok(see_other_saying(&adresse(ContratId(id)), "La prolongation est demandée.")),
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("fin", phrase),
            Err(failure) => noter(&mut form, failure)?,
        }
    }
    montrer(&cx, shell, ContratId(id), Genres::Prolonger, form).await
}

pub(super) async fn notifier(
    State(cx): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let (le, motif) = (
        form.parse("le", jour),
        form.parse("motif", |v| MotifRupture::from_cle(v).ok_or("Choisissez une raison.")),
    );
    if let (Some(le), Some(motif)) = (le, motif) {
        let rupture = Rupture { le, motif, dossier_incomplet: false };
        match actions::notifier_rupture(&cx, shell.actor()?, ContratId(id), rupture).await {
            Ok(()) => {
                return Ok(see_other_saying(
                    &adresse(ContratId(id)),
                    "La rupture est notifiée. L’administration va la valider.",
                ));
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => form.refuse("le", phrase),
            Err(failure) => noter(&mut form, failure)?,
        }
    }
    montrer(&cx, shell, ContratId(id), Genres::Rompre, form).await
}
