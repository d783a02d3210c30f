//! Pages of the own space.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use chrono::NaiveDate;
use kernel::{Refusal, Verb};
use platform::web::{
    Access, FormState, Formulaire, PageError, PageResult, Routes, Shell, page, page_with, see_other_saying,
};

use super::super::cv::{self, FicheCv};
use super::super::effacement::Preuve;
use super::super::model::{Attribut, Candidat, Motif, Pix};
use super::super::saisie::{self, rayons, situations};
use super::{actions, donnees};
use crate::Conseillers;
use crate::Failure;
use crate::contrats::lecture::Mien;
use crate::contrats::{self, Situation};
use crate::dire::EnLettres;
use crate::matching::relations;

const BASE: &str = "/mon-espace";
const MOI: Access = Access::May(Verb::TenirCandidature);

/// Every page, with its access.
pub(in crate::candidats) fn routes(conseillers: Conseillers) -> Routes<()> {
    // The form around the file takes a little more than the file.
    let max = conseillers.site.config.conseillers.cv_max().saturating_add(64 << 10);
    Routes::new()
        .get(BASE, MOI, accueil)
        .get("/mon-espace/modifier", MOI, modification)
        .post("/mon-espace/modifier", MOI, modifier)
        .post("/mon-espace/disponibilite", MOI, disponibilite)
        .get("/mon-espace/pix", MOI, page_pix)
        .post("/mon-espace/pix", MOI, pix)
        .get("/mon-espace/cv", MOI, page_cv)
        .post_file("/mon-espace/cv", MOI, max, envoyer_cv)
        .get("/mon-espace/cv/fichier", MOI, fichier_cv)
        .post("/mon-espace/cv/retirer", MOI, retirer_cv)
        .get("/mon-espace/retirer", MOI, page_retirer)
        .post("/mon-espace/retirer", MOI, retirer)
        .get("/mon-espace/acces", MOI, acces)
        .get("/mon-espace/mes-donnees.json", MOI, emporter_json)
        .get("/mon-espace/mes-donnees.html", MOI, emporter_html)
        .with_state(conseillers)
}

#[derive(Template)]
#[template(path = "candidats/espace/accueil.html")]
struct Accueil {
    shell: Shell,
    c: Candidat,
    cv: Option<FicheCv>,
    champs: Vec<(&'static str, String)>,
    passee: bool,
    /// What a structure that the person met elsewhere types to contact them.
    code: String,
    /// Structures that wait for an answer: name, last day.
    attentes: Vec<(String, NaiveDate)>,
    contrats: Vec<Mien>,
    jour: NaiveDate,
}

impl Accueil {
    /// The post of today, or else the one to come.
    fn poste(&self) -> Option<&Mien> {
        let present = contrats::rules::present(self.contrats.iter().map(|m| &m.contrat), self.jour)?;
        self.contrats.iter().find(|m| m.contrat.id == present.id)
    }

    fn a_venir(&self, m: &Mien) -> bool {
        m.contrat.termes.debut > self.jour
    }

    fn situation(&self, m: &Mien) -> Situation {
        contrats::rules::situation(&m.contrat, self.jour)
    }
}

async fn accueil(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let site = &conseillers.site;
    let c = actions::la_mienne(site.db.read(), shell.actor()?).await?;
    let cv = cv::fiche(site.db.read(), c.id).await?;
    let champs = Attribut::TOUS.into_iter().map(|a| (a.libelle(), c.fiche.lisible(a))).collect();
    let passee = c.fiche.disponible_le <= conseillers.jour();
    let (conn, jour) = (site.db.read(), conseillers.jour());
    let mut attentes = Vec::new();
    for r in
        relations::de_candidat(conn, c.id).await?.into_iter().filter(|r| r.etat == relations::Etat::Proposee)
    {
        if let Some(s) = annuaire::structures::find(conn, r.structure).await? {
            attentes.push((s.nom, r.repondre_avant));
        }
    }
    let (code, contrats) =
        (relations::rules::code_lisible(c.id), contrats::lecture::miens(conn, c.id).await?);
    page(&Accueil { shell, c, cv, champs, passee, code, attentes, contrats, jour })
}

#[derive(Template)]
#[template(path = "candidats/espace/modifier.html")]
struct Modifier {
    shell: Shell,
    form: FormState,
    communes: Vec<(String, String)>,
    courriel_fixe: bool,
}

async fn modification(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let c = actions::la_mienne(conseillers.site.db.read(), shell.actor()?).await?;
    let mut form = saisie::montrer(&c.fiche);
    form.set("version", c.version.to_string());
    page(&Modifier { shell, form, communes: Vec::new(), courriel_fixe: true })
}

async fn modifier(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let c = actions::la_mienne(conseillers.site.db.read(), &actor).await?;
    form.set("courriel", c.fiche.courriel.to_string());
    let territoires = conseillers.annuaire.territoires();
    let lue = saisie::lire(&mut form, &territoires, conseillers.jour(), Some(&c.fiche));
    let version = form.get("version").parse().unwrap_or(0);
    let montre = |form, communes| {
        let page = Modifier { shell: shell.clone(), form, communes, courriel_fixe: true };
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let Some(fiche) = lue.fiche else { return montre(form, lue.communes) };
    match actions::modifier(&conseillers, &actor, version, fiche).await {
        Ok(()) => Ok(see_other_saying(
            BASE,
            "Votre candidature est à jour. Les structures voient déjà le changement.",
        )),
        Err(Failure::Refusal(refusal @ Refusal::Fields(_))) => {
            form.take(refusal)?;
            montre(form, Vec::new())
        }
        Err(autre) => Err(autre.into()),
    }
}

async fn disponibilite(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Formulaire(form): Formulaire,
) -> PageResult {
    let oui = match form.get("disponible") {
        "oui" => true,
        "non" => false,
        _ => return Err(PageError::BadRequest("Dites si vous êtes disponible, oui ou non.".to_owned())),
    };
    actions::disponible(&conseillers, shell.actor()?, oui).await?;
    let phrase = if oui {
        "Les structures peuvent de nouveau vous trouver."
    } else {
        "Votre candidature est en pause : aucune nouvelle structure ne vous trouve."
    };
    Ok(see_other_saying(BASE, phrase))
}

#[derive(Template)]
#[template(path = "candidats/espace/pix.html")]
struct PagePix {
    shell: Shell,
    form: FormState,
}

impl PagePix {
    fn paliers(&self) -> [(&'static str, &'static str); 4] {
        [("", "Je n’en parle pas"), ("1", "Palier 1"), ("2", "Palier 2"), ("3", "Palier 3")]
    }

    fn themes(&self) -> Vec<(String, &'static str)> {
        Pix::THEMES.into_iter().enumerate().map(|(i, t)| (i.to_string(), t)).collect()
    }
}

async fn page_pix(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let c = actions::la_mienne(conseillers.site.db.read(), shell.actor()?).await?;
    let mut valeurs = Vec::new();
    if let Some(p) = c.pix {
        valeurs.push(("palier", p.palier.to_string()));
        let acquis = p.themes.iter().enumerate().filter(|(_, t)| **t);
        valeurs.extend(acquis.map(|(i, _)| ("themes", i.to_string())));
    }
    page(&PagePix { shell, form: FormState::filled(valeurs) })
}

async fn pix(
    State(conseillers): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let palier = form.parse_opt("palier", |v| {
        v.parse::<u8>().ok().filter(|p| (1..=3).contains(p)).ok_or("Choisissez un palier de 1 à 3.")
    });
    let Some(palier) = palier else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &PagePix { shell, form });
    };
    let le = conseillers.jour();
    let dit = palier.map(|palier| Pix {
        palier,
        themes: std::array::from_fn(|i| form.coche("themes", &i.to_string())),
        le,
    });
    actions::pix(&conseillers, shell.actor()?, dit).await?;
    Ok(see_other_saying(BASE, "Vos résultats Pix sont à jour."))
}

#[derive(Template)]
#[template(path = "candidats/espace/cv.html")]
struct PageCv {
    shell: Shell,
    form: FormState,
    cv: Option<FicheCv>,
    max_mio: u64,
    max_pages: u64,
}

impl PageCv {
    fn indice(&self) -> String {
        let (mio, pages) = (self.max_mio, self.max_pages);
        format!("{mio} Mio et {pages} pages au plus, sans mot de passe. Il remplace le précédent.")
    }
}

async fn montre_cv(
    conseillers: &Conseillers,
    status: StatusCode,
    shell: Shell,
    form: FormState,
) -> PageResult {
    let site = &conseillers.site;
    let c = actions::la_mienne(site.db.read(), shell.actor()?).await?;
    let cv = cv::fiche(site.db.read(), c.id).await?;
    let limites = &site.config.conseillers;
    let (max_mio, max_pages) = (limites.cv_max_mio, limites.cv_max_pages);
    page_with(status, &PageCv { shell, form, cv, max_mio, max_pages })
}

async fn page_cv(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    montre_cv(&conseillers, StatusCode::OK, shell, FormState::default()).await
}

async fn envoyer_cv(State(conseillers): State<Conseillers>, shell: Shell, corps: Multipart) -> PageResult {
    let site = &conseillers.site;
    let actor = shell.actor()?.clone();
    let c = actions::la_mienne(site.db.read(), &actor).await?;
    let recu = cv::recevoir(corps, site.config.conseillers.cv_max()).await;
    let fait = match recu {
        Ok(octets) => cv::deposer(site, &actor, &c, octets).await.map_err(PageError::from),
        Err(erreur) => Err(erreur),
    };
    match fait {
        Ok(()) => Ok(see_other_saying("/mon-espace/cv", "Votre CV est enregistré, chiffré, pour six mois.")),
        Err(PageError::Refusal(refusal @ Refusal::Fields(_))) => {
            let mut form = FormState::default();
            form.take(refusal)?;
            montre_cv(&conseillers, StatusCode::UNPROCESSABLE_ENTITY, shell, form).await
        }
        Err(autre) => Err(autre),
    }
}

async fn fichier_cv(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let site = &conseillers.site;
    let actor = shell.actor()?;
    let c = actions::la_mienne(site.db.read(), actor).await?;
    Ok(cv::reponse(&c.reference(), cv::lire(site, actor, c.id).await?))
}

async fn retirer_cv(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let actor = shell.actor()?;
    let c = actions::la_mienne(conseillers.site.db.read(), actor).await?;
    cv::retirer(&conseillers.site, actor, c.id).await?;
    Ok(see_other_saying("/mon-espace/cv", "Votre CV est effacé."))
}

#[derive(Template)]
#[template(path = "candidats/espace/retirer.html")]
struct PageRetirer {
    shell: Shell,
    form: FormState,
    reference: String,
}

impl PageRetirer {
    fn motifs(&self) -> Vec<(&'static str, &'static str)> {
        Motif::au_choix().iter().map(|m| (m.cle(), m.libelle())).collect()
    }
}

#[derive(Template)]
#[template(path = "candidats/espace/efface.html")]
struct Efface {
    shell: Shell,
    preuve: Preuve,
}

async fn page_retirer(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let c = actions::la_mienne(conseillers.site.db.read(), shell.actor()?).await?;
    page(&PageRetirer { shell, form: FormState::default(), reference: c.reference() })
}

async fn retirer(
    State(conseillers): State<Conseillers>,
    mut shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let actor = shell.actor()?.clone();
    let c = actions::la_mienne(conseillers.site.db.read(), &actor).await?;
    let connu = |v: &str| Motif::from_cle(v).filter(|m| Motif::au_choix().contains(m));
    let motif = form.parse("motif", |v| connu(v).ok_or("Choisissez une raison dans la liste."));
    if form.get("certain") != "oui" {
        form.refuse("certain", "Cochez cette case pour effacer votre candidature.");
    }
    let (Some(motif), true) = (motif, form.is_valid()) else {
        let page = PageRetirer { shell, form, reference: c.reference() };
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let preuve = actions::retirer(&conseillers.site, &actor, motif).await?;
    // The account may be gone with the file: the page is that of a visitor.
    shell.viewer = None;
    page(&Efface { shell, preuve })
}

#[derive(Template)]
#[template(path = "candidats/espace/acces.html")]
struct Acces {
    shell: Shell,
    lignes: Vec<donnees::Ligne>,
}

async fn acces(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let site = &conseillers.site;
    let c = actions::la_mienne(site.db.read(), shell.actor()?).await?;
    let lignes = donnees::acces(site, &c).await?;
    page(&Acces { shell, lignes })
}

#[derive(Template)]
#[template(path = "candidats/espace/donnees.html")]
struct Fichier {
    d: donnees::Donnees,
}

async fn emporter(conseillers: &Conseillers, shell: &Shell) -> Result<donnees::Donnees, PageError> {
    let site = &conseillers.site;
    let actor = shell.actor()?;
    let c = actions::la_mienne(site.db.read(), actor).await?;
    if actor.vu_par.is_none() {
        actions::noter_export(site, actor, c.id).await?;
    }
    // Who helps by « voir comme » does not open the CV; without one there is nothing to open.
    let cv = match (actor.vu_par, cv::fiche(site.db.read(), c.id).await?) {
        (None, Some(_)) => cv::lire(site, actor, c.id).await.ok(),
        _ => None,
    };
    Ok(donnees::tout(site, &c, cv).await?)
}

fn piece(kind: &'static str, nom: &'static str, corps: String) -> axum::response::Response {
    let entetes = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, nom), (CACHE_CONTROL, "no-store")];
    (entetes, corps).into_response()
}

async fn emporter_json(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let d = emporter(&conseillers, &shell).await?;
    let corps = serde_json::to_string_pretty(&d).map_err(PageError::internal)?;
    Ok(piece("application/json", "attachment; filename=\"mes-donnees.json\"", corps))
}

async fn emporter_html(State(conseillers): State<Conseillers>, shell: Shell) -> PageResult {
    let d = emporter(&conseillers, &shell).await?;
    let corps = Fichier { d }.render().map_err(PageError::internal)?;
    Ok(piece("text/html; charset=utf-8", "attachment; filename=\"mes-donnees.html\"", corps))
}
