//! The training of one person, for whoever trains them.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use platform::web::{FormState, Formulaire, PageResult, Shell, page_with, see_other_saying};

use super::BASE;
use crate::Conseillers;
use crate::Failure;
use crate::candidats::Coordonnees;
use crate::formation::actions::{self, Fait};
use crate::formation::lecture::{self, Mienne};
use crate::formation::model::{EtapeVae, MARCHES, NIVEAU_MAX, SOCLE, Titre};
use crate::formation::rules;
use crate::ids::CandidatId;

#[derive(Template)]
#[template(path = "formation/pages/personne.html")]
struct Page {
    shell: Shell,
    form: FormState,
    mienne: Mienne,
    qui: Coordonnees,
}

impl Page {
    fn titres(&self) -> Vec<(&'static str, &'static str)> {
        Titre::TOUS.into_iter().filter(|t| !self.mienne.parcours.a(*t)).map(|t| (t.cle(), t.nom())).collect()
    }

    fn etapes(&self) -> Vec<(&'static str, &'static str)> {
        let derniere = self.mienne.parcours.vae.last().map(|(e, _)| *e);
        EtapeVae::suites(derniere).iter().map(|e| (e.cle(), e.nom())).collect()
    }

    fn niveaux(&self) -> Vec<(String, String)> {
        let noms = ["0, à apprendre", "1, avec aide", "2, sans aide", "3, peut l’enseigner"];
        (0..=NIVEAU_MAX).zip(noms).map(|(n, nom)| (n.to_string(), nom.to_owned())).collect()
    }

    fn socle(&self) -> impl Iterator<Item = (String, &'static str)> {
        SOCLE.iter().map(|(cle, nom)| (format!("socle_{cle}"), *nom))
    }

    fn conseil(&self) -> Option<u16> {
        let (score, _) = self.mienne.parcours.positionnement?;
        MARCHES.last().map(|m| rules::conseil(score, m))
    }
}

async fn montrer(
    c: &Conseillers,
    shell: Shell,
    status: StatusCode,
    (candidat, mut form): (CandidatId, FormState),
) -> PageResult {
    let (mienne, qui) = lecture::personne(&c.site, shell.actor()?, candidat).await?;
    for ((cle, _), niveau) in SOCLE.iter().zip(mienne.parcours.socle) {
        let champ = format!("socle_{cle}");
        if form.get(&champ).is_empty() {
            form.set(&champ, niveau.to_string());
        }
    }
    page_with(status, &Page { shell, form, mienne, qui })
}

pub(super) async fn fiche(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    montrer(&c, shell, StatusCode::OK, (CandidatId(id), FormState::default())).await
}

pub(super) async fn noter(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let candidat = CandidatId(id);
    if let Some(fait) = lire(&mut form) {
        match actions::noter(&c.site, shell.actor()?, candidat, fait).await {
            Ok(()) => {
                return Ok(see_other_saying(&format!("{BASE}/personnes/{id}"), "C’est enregistré."));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, StatusCode::UNPROCESSABLE_ENTITY, (candidat, form)).await
}

/// Each of the four forms of the page says which it is.
fn lire(form: &mut FormState) -> Option<Fait> {
    let jour = |v: &str| v.parse::<NaiveDate>().map_err(|_| "Écrivez une date, comme 01/09/2026.");
    match form.get("fait") {
        "test" => form
            .parse("score", |v| v.parse().map_err(|_| "Le test donne un nombre de 0 à 100."))
            .map(Fait::Positionnement),
        "socle" => {
            let mut niveaux = [0; SOCLE.len()];
            let mut justes = true;
            for (niveau, (cle, _)) in niveaux.iter_mut().zip(SOCLE) {
                match form
                    .parse(&format!("socle_{cle}"), |v| v.parse::<u8>().map_err(|_| "Choisissez un niveau."))
                {
                    Some(lu) => *niveau = lu,
                    None => justes = false,
                }
            }
            justes.then_some(Fait::Socle(niveaux))
        }
        "titre" => {
            let titre = form.parse("titre", |v| Titre::from_cle(v).ok_or("Choisissez un titre."));
            let le = form.parse("le", jour);
            Some(Fait::Titre(titre?, le?))
        }
        "vae" => {
            let etape = form.parse("etape", |v| EtapeVae::from_cle(v).ok_or("Choisissez une étape."));
            let le = form.parse("le", jour);
            Some(Fait::Vae(etape?, le?))
        }
        _ => {
            form.refuse("score", "Choisissez ce que vous voulez enregistrer.");
            None
        }
    }
}
