//! A list of addresses: pasted, shown with what it would do, confirmed, reported.

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other_saying,
};

use super::{ADRESSES_MAX, EtatLigne, GESTES, Ligne, Lot, actions, store};
use crate::aidants::gestion::pages::BASE;
use crate::aidants::model::EtatAidant;
use crate::{Failure, Mandats};

const EQUIPE: Access = Access::May(Verb::InstruireHabilitations);
const MASSE: &str = "/gestion/aidants/en-masse";

pub(crate) fn routes(m: Mandats) -> Routes<()> {
    Routes::new()
        .get(MASSE, EQUIPE, saisie)
        .post(MASSE, EQUIPE, traiter)
        .get("/gestion/aidants/en-masse/{masse}", EQUIPE, rapport)
        .with_state(m)
}

/// How many addresses are in that state.
fn dans(lignes: &[Ligne], etat: EtatLigne) -> usize {
    lignes.iter().filter(|l| l.etat == etat).count()
}

#[derive(Template)]
#[template(path = "aidants/masse/saisie.html")]
struct Saisie {
    shell: Shell,
    form: FormState,
    /// What would be done, once asked.
    apercu: Option<Vec<Ligne>>,
    /// The last lists of who looks.
    lots: Vec<Lot>,
}

impl Saisie {
    fn gestes(&self) -> [(&'static str, &'static str); 3] {
        GESTES.map(|(e, nom)| (e.cle(), nom))
    }

    fn a_faire(&self) -> usize {
        self.apercu.as_ref().map_or(0, |l| dans(l, EtatLigne::Attente))
    }

    /// « 3 personnes changent de situation, 2 adresses sont laissées de côté ».
    fn resume(&self) -> String {
        let dire = |n: usize, une: &str, plusieurs: &str| kernel::text::compte(n as u64, une, plusieurs);
        let refusees = self.apercu.as_ref().map_or(0, |l| dans(l, EtatLigne::Refuse));
        let faits = dire(self.a_faire(), "personne change de situation", "personnes changent de situation");
        let cote = dire(refusees, "adresse est laissée de côté", "adresses sont laissées de côté");
        format!("{faits}, {cote}.")
    }
}

async fn montrer(
    m: &Mandats,
    shell: Shell,
    form: FormState,
    apercu: Option<Vec<Ligne>>,
    status: StatusCode,
) -> PageResult {
    let lots = store::de(m.site.db.read(), shell.actor()?.compte).await?;
    page_with(status, &Saisie { shell, form, apercu, lots })
}

async fn saisie(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let form = FormState::filled([("geste", GESTES[0].0.cle())]);
    montrer(&m, shell, form, None, StatusCode::OK).await
}

/// What was asked: to which state, for which addresses.
fn lire(form: &mut FormState) -> Option<(EtatAidant, Vec<String>)> {
    let vers = EtatAidant::from_cle(form.get("geste")).filter(|e| GESTES.iter().any(|(g, _)| g == e));
    if vers.is_none() {
        form.refuse("geste", "Choisissez ce qu’il faut faire.");
    }
    let texte = form.raw("adresses").to_owned();
    let adresses = match actions::adresses(&texte) {
        Ok(lues) => Some(lues),
        Err(_) => {
            form.refuse("adresses", format!("Collez entre une et {ADRESSES_MAX} adresses, une par ligne."));
            None
        }
    };
    vers.zip(adresses)
}

async fn traiter(State(m): State<Mandats>, shell: Shell, Formulaire(mut form): Formulaire) -> PageResult {
    const REFUSE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let Some((vers, adresses)) = lire(&mut form) else {
        return montrer(&m, shell, form, None, REFUSE).await;
    };
    let actor = shell.actor()?.clone();
    let mut status = StatusCode::OK;
    if form.get("action") == "confirmer" {
        let vu = form.get("vu").to_owned();
        match actions::lancer(&m, &actor, vers, (&adresses, &vu)).await {
            Ok(lot) => {
                let phrase = "C’est commencé : chaque personne passe à son tour.";
                return Ok(see_other_saying(&format!("{MASSE}/{lot}"), phrase));
            }
            Err(Failure::Refusal(Refusal::Conflict(phrase))) => {
                form.refuse("adresses", phrase);
                status = StatusCode::CONFLICT;
            }
            Err(Failure::Refusal(r @ Refusal::Fields(_))) => {
                form.take(r)?;
                status = REFUSE;
            }
            Err(e) => return Err(e.into()),
        }
    }
    let lignes = actions::apercu(m.site.db.read(), &actor, vers, &adresses).await?;
    form.set("vu", actions::empreinte(vers, &lignes));
    montrer(&m, shell, form, Some(lignes), status).await
}

#[derive(Template)]
#[template(path = "aidants/masse/rapport.html")]
struct Rapport {
    shell: Shell,
    lot: Lot,
    lignes: Vec<Ligne>,
}

impl Rapport {
    fn avance(&self) -> String {
        let dire = |n: usize, une: &str, plusieurs: &str| kernel::text::compte(n as u64, une, plusieurs);
        let faits = dire(dans(&self.lignes, EtatLigne::Fait), "personne traitée", "personnes traitées");
        let refus = dire(
            dans(&self.lignes, EtatLigne::Refuse),
            "adresse laissée de côté",
            "adresses laissées de côté",
        );
        match dans(&self.lignes, EtatLigne::Attente) {
            0 => format!("{faits}, {refus}."),
            n => format!("{faits}, {refus}, {}.", dire(n, "en attente", "en attente")),
        }
    }
}

/// The report, for who confirmed the list.
async fn rapport(State(m): State<Mandats>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    let conn = m.site.db.read();
    let lot = store::lot(conn, id).await?.filter(|l| shell.actor().is_ok_and(|a| a.compte == l.par));
    let lot = lot.ok_or_else(PageError::not_found)?;
    let lignes = store::lignes(conn, id, false, i64::try_from(ADRESSES_MAX).unwrap_or(i64::MAX)).await?;
    page(&Rapport { shell, lot, lignes })
}
