//! Sessions of the committee: the list of them, and one.

use std::collections::HashMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use kernel::{CodeRegion, Perimetre, Refusal};
use platform::web::{
    FormState, Formulaire, PageError, PageResult, Requete, Shell, page_with, see_other_saying,
};

use super::SEANCES;
use super::file::filtre;
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::CalculId;
use crate::demandes::model::{Demande, Genre};
use crate::demandes::reference::Critere;
use crate::demandes::store::{self as demandes, Filtre};
use crate::ids::{DemandeId, SeanceId};
use crate::scenarios;
use crate::selection::decisions::{self, Choix, Combien};
use crate::selection::lettres::{self, Lettres};
use crate::selection::model::{Enveloppe, EtatSeance, Inscrite, Notes, Seance, Verdict};
use crate::selection::{seances, store};

#[derive(Template)]
#[template(path = "selection/pages/seances.html")]
struct PageSeances {
    shell: Shell,
    form: FormState,
    seances: Vec<Seance>,
    regions: Vec<(String, String)>,
}

fn regions(c: &Conseillers, p: &Perimetre) -> Vec<(String, String)> {
    let t = c.annuaire.territoires();
    let mut out = Vec::new();
    if *p == Perimetre::National {
        out.push((String::new(), "Comité national".to_owned()));
    }
    let tenue = |code: &CodeRegion| match p {
        Perimetre::Regions(codes) => codes.contains(code),
        _ => true,
    };
    out.extend(t.regions().iter().filter(|r| tenue(&r.code)).map(|r| (r.code.to_string(), r.nom.clone())));
    out
}

async fn montrer_liste(c: &Conseillers, shell: Shell, form: FormState, status: StatusCode) -> PageResult {
    let p = shell.actor()?.perimetre.clone();
    let seances = store::seances(c.site.db.read(), &p).await?;
    page_with(status, &PageSeances { shell, form, seances, regions: regions(c, &p) })
}

pub(super) async fn liste(State(c): State<Conseillers>, shell: Shell) -> PageResult {
    montrer_liste(&c, shell, FormState::default(), StatusCode::OK).await
}

pub(super) async fn creer(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let le = form.parse("jour", |v| v.parse::<NaiveDate>().map_err(|_| "Choisissez une date."));
    let region = form.parse_opt("region", |v| CodeRegion::parse(v).ok_or("Choisissez dans la liste."));
    let ordre = form.text("ordre_du_jour", 2_000);
    if let (Some(le), Some(region), Some(ordre)) = (le, region, ordre) {
        match seances::creer(&c.site, shell.actor()?, (le, region), &ordre).await {
            Ok(id) => {
                return Ok(see_other_saying(
                    &adresse(id),
                    "La séance est créée. Composez son ordre du jour.",
                ));
            }
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer_liste(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn adresse(id: SeanceId) -> String {
    format!("{SEANCES}/{id}")
}

#[derive(Template)]
#[template(path = "selection/pages/seance.html")]
struct PageSeance {
    shell: Shell,
    form: FormState,
    recherche: FormState,
    s: Seance,
    inscrites: Vec<(Inscrite, Demande)>,
    candidates: Vec<Demande>,
    enveloppes: Vec<Enveloppe>,
    lettres: Lettres,
    proposition: Option<Proposition>,
}

/// What a scenario of the répartition proposes: its lines are ticked, the committee confirms.
struct Proposition {
    scenario: CalculId,
    nom: String,
    postes: HashMap<DemandeId, u32>,
}

/// Candidates to the list that are shown at once.
const CANDIDATES: usize = 200;
/// Every one that waits, to find those of a scenario.
const TOUTES: usize = 100_000;

impl PageSeance {
    fn genres(&self) -> Vec<(&'static str, &'static str)> {
        std::iter::once(("", "Tous")).chain(Genre::TOUS.map(|g| (g.cle(), g.nom()))).collect()
    }

    fn criteres(&self) -> Vec<(&'static str, &'static str)> {
        Critere::TOUS.map(|c| (c.cle(), c.nom())).to_vec()
    }

    /// Posts that the scenario proposes for a demande.
    fn propose(&self, id: &DemandeId) -> u32 {
        self.proposition.as_ref().and_then(|p| p.postes.get(id)).copied().unwrap_or(0)
    }

    fn combien(&self) -> Vec<(&'static str, &'static str)> {
        let reprise =
            self.proposition.is_some().then_some(("proposition", "Autant que la répartition le propose"));
        reprise.into_iter().chain(COMBIEN).collect()
    }

    fn decidees(&self) -> usize {
        self.inscrites.iter().filter(|(i, _)| i.decision.is_some()).count()
    }

    fn accordes(&self) -> u32 {
        let postes = |i: &Inscrite| match i.decision.as_ref().map(|d| &d.verdict) {
            Some(Verdict::Accord { postes }) => *postes,
            _ => 0,
        };
        self.inscrites.iter().map(|(i, _)| postes(i)).sum()
    }
}

const VERDICTS: [(&str, &str); 3] =
    [("accord", "Accorder"), ("refus", "Refuser"), ("complement", "Demander des précisions")];
const COMBIEN: [(&str, &str); 3] = [
    ("avis", "Autant que la préfecture le propose, sinon autant que demandé"),
    ("demande", "Autant que demandé"),
    ("nombre", "Le nombre ci-dessous"),
];

/// What the page asks beside the session: candidates to the list, enveloppes of its territories.
async fn montrer(
    c: &Conseillers,
    shell: Shell,
    id: SeanceId,
    (mut form, recherche): (FormState, FormState),
    status: StatusCode,
) -> PageResult {
    let actor = shell.actor()?;
    let conn = c.site.db.read();
    let reprise = [&recherche, &form].into_iter().find_map(|f| f.get("scenario").parse::<CalculId>().ok());
    let proposition = match reprise {
        Some(scenario) => {
            let (nom, postes) = scenarios::proposition(conn, actor, scenario).await?;
            Some(Proposition { scenario, nom, postes })
        }
        None => None,
    };
    let (s, lignes) = seances::liste(&c.site, actor, id).await?;
    let mut lues = demandes::charger(conn, lignes.iter().map(|i| i.demande)).await?;
    let inscrites: Vec<(Inscrite, Demande)> =
        lignes.into_iter().filter_map(|i| lues.remove(&i.demande).map(|d| (i, d))).collect();
    let mut candidates = Vec::new();
    if s.etat == EtatSeance::Preparation {
        let p = match &s.region {
            Some(region) => Perimetre::Regions(vec![region.clone()]),
            None => actor.perimetre.clone(),
        };
        for etat in ["deposee", "examen_complementaire"] {
            let f = Filtre { etat: Some(etat), ..filtre(&recherche) };
            // With a scenario, those that it proposes and that no page of others hides.
            let montrees = if proposition.is_some() { TOUTES } else { CANDIDATES };
            candidates.extend(demandes::lister(conn, &p, &f, (0, montrees)).await?);
        }
        if let Some(p) = &proposition {
            candidates.retain(|d| p.postes.contains_key(&d.id));
            candidates.truncate(seances::AJOUT_MAX);
        }
    }
    // Lines are ticked once, when the page comes from the scenario: what was typed since stays.
    if let Some(p) = proposition.as_ref().filter(|_| form.values().is_empty()) {
        let lignes =
            inscrites.iter().map(|(_, d)| d).chain(&candidates).filter(|d| p.postes.contains_key(&d.id));
        let cochees = lignes.map(|d| ("demandes".to_owned(), d.id.to_string()));
        let usuels =
            [("combien".to_owned(), "proposition".to_owned()), ("verdict".to_owned(), "accord".to_owned())];
        form = FormState::filled(cochees.chain(usuels));
    }
    let concernee = |e: &&Enveloppe| {
        inscrites.iter().any(|(_, d)| {
            crate::selection::model::territoires(&d.region, &d.departement)
                .contains(&(e.niveau, e.code.clone()))
        })
    };
    let toutes = store::enveloppes(conn).await?;
    let enveloppes = toutes.iter().filter(concernee).cloned().collect();
    let lettres = lettres::etat(conn, s.id).await?;
    page_with(
        status,
        &PageSeance { shell, form, recherche, s, inscrites, candidates, enveloppes, lettres, proposition },
    )
}

pub(super) async fn seance(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(recherche): Requete,
) -> PageResult {
    montrer(&c, shell, SeanceId(id), (FormState::default(), recherche), StatusCode::OK).await
}

/// Shows the page again with the sentence of a conflict over its list.
async fn refuser(
    c: &Conseillers,
    shell: Shell,
    id: SeanceId,
    mut form: FormState,
    failure: Failure,
) -> PageResult {
    match failure {
        Failure::Refusal(Refusal::Conflict(sentence)) => form.refuse("demandes", sentence),
        Failure::Refusal(refusal) => form.take(refusal)?,
        other => return Err(other.into()),
    }
    montrer(c, shell, id, (form, FormState::default()), StatusCode::UNPROCESSABLE_ENTITY).await
}

fn cochees(form: &FormState) -> Vec<DemandeId> {
    form.all("demandes").filter_map(|v| v.parse().ok()).collect()
}

pub(super) async fn inscrire(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(form): Formulaire,
) -> PageResult {
    let id = SeanceId(id);
    match seances::inscrire(&c.site, shell.actor()?, id, &cochees(&form)).await {
        Ok(n) => {
            let n =
                kernel::text::compte(u64::try_from(n).unwrap_or(0), "demande ajoutée", "demandes ajoutées");
            Ok(see_other_saying(&adresse(id), &format!("{n}.")))
        }
        Err(failure) => refuser(&c, shell, id, form, failure).await,
    }
}

pub(super) async fn retirer(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id, demande]): Ids<2>,
) -> PageResult {
    seances::retirer(&c.site, shell.actor()?, SeanceId(id), DemandeId(demande)).await?;
    Ok(see_other_saying(&adresse(SeanceId(id)), "La demande est retirée de la liste."))
}

pub(super) async fn figer(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    seances::figer(&c.site, shell.actor()?, SeanceId(id)).await?;
    Ok(see_other_saying(&adresse(SeanceId(id)), "La liste est figée : les décisions peuvent commencer."))
}

pub(super) async fn clore(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    seances::clore(&c, shell.actor()?, SeanceId(id)).await?;
    Ok(see_other_saying(
        &adresse(SeanceId(id)),
        "La séance est close. Les structures et les préfectures sont prévenues.",
    ))
}

fn lire(form: &mut FormState, proposition: Option<HashMap<DemandeId, u32>>) -> Option<(Choix, Notes)> {
    if form.get("verdict").is_empty() {
        form.refuse("verdict", "Choisissez la décision.");
    }
    let (commentaire, observations) =
        (form.text_opt("commentaire", 1_000), form.text_opt("observations", 1_000));
    let (commentaire, observations) = (commentaire?.unwrap_or_default(), observations?.unwrap_or_default());
    let choix = match form.get("verdict").to_owned().as_str() {
        "accord" => {
            let combien = match form.get("combien").to_owned().as_str() {
                "demande" => Combien::Demande,
                "proposition" => match proposition {
                    Some(postes) => Combien::Proposition(postes),
                    None => {
                        form.refuse("combien", "Choisissez dans la liste : aucun scénario n’est repris.");
                        return None;
                    }
                },
                "nombre" => {
                    let n = form
                        .parse("postes", |v| v.parse().map_err(|_| "Écrivez un nombre entier, comme 2."))?;
                    Combien::Nombre(n)
                }
                _ => Combien::Avis,
            };
            Choix::Accord(combien)
        }
        "refus" => {
            let criteres = form.all("criteres").filter_map(Critere::from_cle).collect();
            Choix::Autre(Verdict::Refus { criteres })
        }
        "complement" => Choix::Autre(Verdict::Complement { attendu: commentaire.clone() }),
        _ => {
            form.refuse("verdict", "Choisissez dans la liste.");
            return None;
        }
    };
    let notes = Notes { commentaire, prioritaire: form.get("prioritaire") == "oui", observations };
    form.is_valid().then_some((choix, notes))
}

pub(super) async fn decider(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let id = SeanceId(id);
    // Whoever may not hold the session learns nothing of what they typed.
    seances::ouvrir(c.site.db.read(), shell.actor()?, id).await?;
    let reprise =
        form.get("scenario").parse::<CalculId>().ok().filter(|_| form.get("combien") == "proposition");
    let proposition = match reprise {
        Some(id) => Some(scenarios::proposition(c.site.db.read(), shell.actor()?, id).await?.1),
        None => None,
    };
    let Some((choix, notes)) = lire(&mut form, proposition) else {
        return montrer(&c, shell, id, (form, FormState::default()), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match decisions::decider(&c.site, shell.actor()?, id, &cochees(&form), (&choix, notes)).await {
        Ok(n) => {
            let n = kernel::text::compte(
                u64::try_from(n).unwrap_or(0),
                "décision enregistrée",
                "décisions enregistrées",
            );
            Ok(see_other_saying(&adresse(id), &format!("{n}.")))
        }
        Err(failure) => refuser(&c, shell, id, form, failure).await,
    }
}

pub(super) async fn annuler(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id, demande]): Ids<2>,
) -> PageResult {
    decisions::annuler(&c.site, shell.actor()?, SeanceId(id), DemandeId(demande)).await?;
    Ok(see_other_saying(&adresse(SeanceId(id)), "La décision est annulée. Personne n’avait été prévenu."))
}

#[derive(Template)]
#[template(path = "selection/pages/enveloppes.html")]
struct PageEnveloppes {
    shell: Shell,
    form: FormState,
    enveloppes: Vec<(String, Enveloppe)>,
    territoires: Vec<(String, String)>,
}

async fn montrer_enveloppes(
    c: &Conseillers,
    shell: Shell,
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let p = shell.actor()?.perimetre.clone();
    let t = c.annuaire.territoires();
    let mut territoires: Vec<(String, String)> = Vec::new();
    if p == Perimetre::National {
        territoires.push(("pays/FR".to_owned(), "France entière".to_owned()));
        territoires.extend(
            t.regions().iter().map(|r| (format!("region/{}", r.code), format!("Région : {}", r.nom))),
        );
    }
    let dedans = |d: &&annuaire::territoires::Departement| match &p {
        Perimetre::Regions(codes) => codes.contains(&d.region),
        _ => true,
    };
    territoires.extend(
        t.departements()
            .iter()
            .filter(dedans)
            .map(|d| (format!("departement/{}", d.code), format!("Département : {} – {}", d.code, d.nom))),
    );
    let enveloppes = store::enveloppes(c.site.db.read())
        .await?
        .into_iter()
        .filter_map(|e| {
            let cle = format!("{}/{}", e.niveau.cle(), e.code);
            territoires.iter().find(|(k, _)| *k == cle).map(|(_, nom)| (nom.clone(), e))
        })
        .collect();
    page_with(status, &PageEnveloppes { shell, form, enveloppes, territoires })
}

pub(super) async fn enveloppes(
    State(c): State<Conseillers>,
    shell: Shell,
) -> Result<axum::response::Response, PageError> {
    montrer_enveloppes(&c, shell, FormState::default(), StatusCode::OK).await
}

pub(super) async fn fixer(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let territoire = form.parse("code", |v| {
        let (niveau, code) = v.split_once('/').ok_or("Choisissez dans la liste.")?;
        let niveau = crate::selection::model::Niveau::from_cle(niveau).ok_or("Choisissez dans la liste.")?;
        Ok::<_, &str>((niveau, code.to_owned()))
    });
    let postes =
        form.parse("postes", |v| v.parse::<i64>().map_err(|_| "Écrivez un nombre entier, comme 40."));
    if let (Some((niveau, code)), Some(postes)) = (territoire, postes) {
        match seances::fixer_enveloppe(&c, shell.actor()?, (niveau, &code), postes).await {
            Ok(()) => return Ok(see_other_saying(super::ENVELOPPES, "L’enveloppe est enregistrée.")),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer_enveloppes(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await
}
