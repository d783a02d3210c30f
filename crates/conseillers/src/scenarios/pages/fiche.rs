//! One scenario: how its job goes, then what it proposes, on a map and line by line.

use annuaire::maillage::dessin::{self, Forme};
use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use kernel::CodeDepartement;
use platform::jobs::JobRow;
use platform::web::{FormState, PageError, PageResult, Pagination, Requete, Shell, page, see_other_saying};

use super::BASE;
use crate::Conseillers;
use crate::calculs::model::{CalculId, Etat};
use crate::calculs::store;
use crate::dire::Mesure;
use crate::scenarios::actions;
use crate::scenarios::model::{Bilan, Departement, Ligne, Repartition, Scenario};
use crate::selection::model::{EtatSeance, Seance};
use crate::selection::pages::SEANCES;

const PAR_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "scenarios/pages/fiche.html")]
struct Page {
    shell: Shell,
    form: FormState,
    s: Scenario,
    tache: Option<JobRow>,
    lignes: Vec<Ligne>,
    pagination: Pagination,
    departements: Vec<(String, String)>,
    /// Communes of the département that was chosen, with the demandes.
    plan: String,
    seances: Vec<Seance>,
    export: String,
}

/// Bounds of the classes of the map: shares of the need that would be served.
const CLASSES: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.95];
const LEGENDE: [&str; 6] =
    ["moins de 10 %", "de 10 à 25 %", "de 25 à 50 %", "de 50 à 75 %", "de 75 à 95 %", "95 % ou plus"];

impl Page {
    fn choix(&self) -> [(&'static str, &'static str); 3] {
        [("", "Toutes"), ("oui", "Demandes proposées"), ("non", "Demandes non proposées")]
    }

    fn carte(&self, bilan: &Bilan) -> String {
        dessin::departements("Part du besoin servi par la proposition, par département", |code, _| {
            let d = bilan.departements.iter().find(|d| d.code.as_str() == code)?;
            Some(Forme {
                classe: d.part().map(|part| CLASSES.iter().filter(|seuil| part >= **seuil).count()),
                texte: format!("{} : {} du besoin servi", d.nom, pourcent(d.part())),
                href: format!("{BASE}/{}?departement={}#lignes", self.s.id, d.code),
            })
        })
    }

    fn part(&self, d: &Departement) -> String {
        pourcent(d.part())
    }
}

/// « 62 % ».
pub(super) fn pourcent(part: Option<f64>) -> String {
    part.map_or_else(
        || "–".to_owned(),
        |p| format!("{}\u{202f}%", kernel::text::nombre_decimal(p * 100.0, 1)),
    )
}

/// What the address keeps of the lines.
fn garde(form: &FormState, l: &Ligne) -> bool {
    let departement = form.get("departement");
    let mots = kernel::text::fold(form.get("q"));
    let texte = || {
        kernel::text::fold(&format!(
            "{} {} {}",
            l.regardee.reference, l.regardee.structure, l.regardee.commune.1
        ))
    };
    (departement.is_empty() || l.regardee.departement.as_str() == departement)
        && match form.get("choix") {
            "oui" => l.postes > 0,
            "non" => l.postes == 0,
            _ => true,
        }
        && (mots.is_empty() || mots.split_whitespace().all(|mot| texte().contains(mot)))
}

pub(super) async fn fiche(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let conn = c.site.db.read();
    let actor = shell.actor()?;
    let s = actions::ouvrir(conn, actor, CalculId(id)).await?;
    let tache = match s.tache.filter(|_| s.en_calcul()) {
        Some(tache) => JobRow::find(conn, tache).await?,
        None => None,
    };
    let toutes = store::lignes::<Repartition>(conn, s.id).await?;
    let departements = departements(&s);
    let plan = CodeDepartement::parse(form.get("departement"))
        .map(|code| plan(&c, &code, &toutes))
        .unwrap_or_default();
    let gardees: Vec<Ligne> = toutes.into_iter().filter(|l| garde(&form, l)).collect();
    let chemin = format!("{BASE}/{}", s.id);
    let asked = form.get("page").parse().unwrap_or(1);
    let pagination =
        Pagination::new(gardees.len(), PAR_PAGE, asked, &chemin, form.values()).anchored("#lignes");
    let lignes = gardees.into_iter().skip(pagination.offset(PAR_PAGE)).take(PAR_PAGE).collect();
    let export = pagination.href(1).replacen(&chemin, &format!("{chemin}/export.csv"), 1);
    let seances = crate::selection::store::seances(conn, &actor.perimetre).await?;
    let seances = seances
        .into_iter()
        .filter(|x| !matches!(x.etat, EtatSeance::Close { .. }) && s.seance.is_none_or(|id| id == x.id))
        .collect();
    page(&Page { shell, form, s, tache, lignes, pagination, departements, plan, seances, export })
}

fn departements(s: &Scenario) -> Vec<(String, String)> {
    let held = s.bilan().into_iter().flat_map(|b| b.departements.iter().filter(|d| d.demandes > 0));
    std::iter::once((String::new(), "Tous".to_owned()))
        .chain(held.map(|d| (d.code.to_string(), format!("{} – {}", d.code, d.nom))))
        .collect()
}

/// The communes of a département, those with posts proposed full, those with demandes left aside hollow.
fn plan(c: &Conseillers, code: &CodeDepartement, lignes: &[Ligne]) -> String {
    let t = c.annuaire.territoires();
    let fond: Vec<kernel::Position> =
        t.rangs_du_departement(code).filter_map(|r| t.communes()[r].position.map(|p| p.position)).collect();
    let mut points: Vec<(kernel::Position, bool)> = lignes
        .iter()
        .filter(|l| l.regardee.departement == *code)
        .map(|l| (l.regardee.position, l.postes > 0))
        .collect();
    // Full ones over hollow ones.
    points.sort_by_key(|(_, plein)| *plein);
    let titre = "Les communes du département : un rond plein où des postes sont proposés, un rond vide où une demande n’est pas \
                 proposée. Le tableau dit la même chose.";
    crate::selection::besoins::dessiner(&fond, &points, None, titre)
}

pub(super) async fn effacer(State(c): State<Conseillers>, shell: Shell, Ids([id]): Ids<1>) -> PageResult {
    actions::effacer(&c, shell.actor()?, CalculId(id)).await?;
    Ok(see_other_saying(BASE, "Le scénario est effacé."))
}

const TITRES: [&str; 14] = [
    "demande",
    "structure",
    "commune",
    "code_commune",
    "departement",
    "avis",
    "postes_demandes",
    "postes_proposes",
    "personnes_servies",
    "que_ce_poste_seul_atteint",
    "perte_sans_le_dernier_poste",
    "gain_d_un_poste_de_plus",
    "tenu_par_le_minimum",
    "explication",
];

/// The lines that the address keeps, as CSV.
pub(super) async fn export(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> Result<axum::response::Response, PageError> {
    let conn = c.site.db.read();
    let s = actions::ouvrir(conn, shell.actor()?, CalculId(id)).await?;
    let mut out = platform::tableur::MARQUE.to_owned();
    out.push_str(&platform::tableur::ligne(&TITRES));
    let entier = |n: f64| format!("{n:.0}");
    for l in store::lignes::<Repartition>(conn, s.id).await?.iter().filter(|l| garde(&form, l)) {
        let r = &l.regardee;
        out.push_str(&platform::tableur::ligne(&[
            r.reference.clone(),
            r.structure.clone(),
            r.commune.1.clone(),
            r.commune.0.to_string(),
            r.departement.to_string(),
            r.avis.clone(),
            r.postes.to_string(),
            l.postes.to_string(),
            entier(l.servi),
            entier(l.seul),
            entier(l.perte),
            entier(l.gain),
            (if l.minimum { "oui" } else { "non" }).to_owned(),
            l.explication(),
        ]));
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"repartition.csv\""),
    ];
    Ok((headers, out).into_response())
}
