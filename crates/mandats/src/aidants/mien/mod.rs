//! What a professional sees of themselves: where they stand, conditions of use, waking their account.

use askama::Template;
use axum::extract::State;
use chrono::TimeDelta;
use platform::web::{
    Access, Formulaire, PageError, PageResult, Requete, Routes, Shell, exige_preuve, page, see_other,
    see_other_saying,
};

use super::conditions::{self, Conditions};
use super::model::{Aidant, Appartenance, EtatAidant};
use super::regles::Parcours;
use super::{dormance, mails, propositions, registre, store};
use crate::Mandats;

/// Where one sees oneself.
const PAGE: &str = "/aidant/moi";
/// How fresh the proof must be to wake an account.
const PREUVE: TimeDelta = TimeDelta::minutes(15);

pub(super) fn routes(m: Mandats) -> Routes<()> {
    use Access::SignedIn;
    Routes::new()
        .get(PAGE, SignedIn, moi)
        .post("/aidant/moi/reveiller", SignedIn, reveiller)
        .get(conditions::PAGE, SignedIn, lire)
        .get(conditions::PUBLIQUE, Access::Public, publiques)
        .post(conditions::PAGE, SignedIn, accepter)
        .get("/formation-par-un-collegue", Access::Public, guide)
        .with_state(m)
}

#[derive(Template)]
#[template(path = "aidants/mien/moi.html")]
struct Moi {
    shell: Shell,
    a: Aidant,
    parcours: Parcours,
    /// Where the test Pix is passed.
    pix: Option<String>,
    organisations: Vec<(String, Appartenance)>,
    reveillable: bool,
    acceptees: bool,
    /// Organisations that propose to act for them too.
    proposees: usize,
}

async fn moi(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conn = m.site.db.read();
    let compte = shell.actor()?.compte;
    let a = store::du_compte(conn, compte).await?.ok_or_else(PageError::not_found)?;
    let mut organisations = Vec::new();
    for o in registre::ouvertes(conn, a.id).await? {
        organisations.push((mails::nom_de(&m, o.structure).await?, o));
    }
    let dort = a.etat == EtatAidant::Dormant;
    page(&Moi {
        parcours: registre::parcours(conn, a.id).await?,
        pix: m.site.config.pix.adresse.clone(),
        organisations,
        reveillable: dort && dormance::endormi_seul(&m, a.id).await?,
        acceptees: conditions::acceptees(a.conditions_version, m.jour()),
        proposees: propositions::attendent(conn, compte).await?,
        a,
        shell,
    })
}

async fn reveiller(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let viewer = shell.viewer.as_ref().ok_or(PageError::SignIn)?;
    exige_preuve(viewer, m.site.clock.now(), PREUVE, PAGE)?;
    dormance::reveiller(&m, shell.actor()?).await?;
    Ok(see_other_saying(PAGE, "Votre compte est réveillé : vous pouvez de nouveau agir pour les personnes."))
}

#[derive(Template)]
#[template(path = "aidants/mien/conditions.html")]
struct Lecture {
    shell: Shell,
    conditions: &'static Conditions,
    retour: String,
    /// Whether who reads them accepted them; none for who only reads.
    acceptees: Option<bool>,
}

impl Lecture {
    /// Paragraphs, each a heading or not.
    fn paragraphes(&self) -> Vec<(bool, &'static str)> {
        let morceaux = self.conditions.texte.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
        morceaux.map(|p| p.strip_prefix("## ").map_or((false, p), |t| (true, t))).collect()
    }
}

async fn lire(State(m): State<Mandats>, shell: Shell, Requete(query): Requete) -> PageResult {
    let conditions = conditions::du_jour(m.jour()).ok_or_else(PageError::not_found)?;
    let compte = shell.actor()?.compte;
    let a = store::du_compte(m.site.db.read(), compte).await?.ok_or_else(PageError::not_found)?;
    let retour = identity::sessions::rules::suite_locale(Some(query.get("retour")));
    let acceptees = Some(a.conditions_version == Some(conditions.version));
    page(&Lecture { shell, conditions, retour, acceptees })
}

/// For who asks for an habilitation, or is only curious: the text, and nothing to accept.
async fn publiques(State(m): State<Mandats>, shell: Shell) -> PageResult {
    let conditions = conditions::du_jour(m.jour()).ok_or_else(PageError::not_found)?;
    page(&Lecture { shell, conditions, retour: String::new(), acceptees: None })
}

async fn accepter(State(m): State<Mandats>, shell: Shell, Formulaire(form): Formulaire) -> PageResult {
    let version = form.get("version").parse().unwrap_or(0);
    conditions::accepter(&m, shell.actor()?, version).await?;
    Ok(see_other(&identity::sessions::rules::suite_locale(Some(form.get("retour")))))
}

#[derive(Template)]
#[template(path = "aidants/mien/guide.html")]
struct Guide {
    shell: Shell,
    /// Where the test Pix is passed.
    pix: Option<String>,
}

async fn guide(State(m): State<Mandats>, shell: Shell) -> PageResult {
    page(&Guide { shell, pix: m.site.config.pix.adresse.clone() })
}
