//! One post more for a demande, and two scenarios side by side: worked out at once, nothing is written.

use std::collections::HashMap;

use annuaire::structures::Ids;
use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::{Actor, Refusal};
use platform::web::{PageError, PageResult, Requete, Shell, page};

use super::BASE;
use super::fiche::pourcent;
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::CalculId;
use crate::calculs::store;
use crate::dire::Mesure;
use crate::ids::DemandeId;
use crate::repartition::{compare, servi};
use crate::scenarios::actions;
use crate::scenarios::calcul::lire;
use crate::scenarios::model::{Ligne, Regardee, Repartition, Scenario};

/// A scenario that is solved, with its lines.
async fn calcule(c: &Conseillers, actor: &Actor, id: CalculId) -> Result<(Scenario, Vec<Ligne>), Failure> {
    let conn = c.site.db.read();
    let s = actions::ouvrir(conn, actor, id).await?;
    if s.bilan().is_none() {
        return Err(Refusal::conflict("Ce scénario n’est pas encore calculé.").into());
    }
    let lignes = store::lignes::<Repartition>(conn, id).await?;
    Ok((s, lignes))
}

/// The posts of each demande, by its rank among those that were looked at.
fn attributions(lignes: &[Ligne]) -> Vec<(usize, u64)> {
    lignes
        .iter()
        .enumerate()
        .filter(|(_, l)| l.postes > 0)
        .map(|(rang, l)| (rang, u64::from(l.postes)))
        .collect()
}

/// A commune that a trial would serve more, or less.
struct Commune {
    nom: String,
    avant: f64,
    apres: f64,
}

/// A place that would give its post for the trial.
struct Echange {
    ligne: Ligne,
    servi: f64,
}

#[derive(Template)]
#[template(path = "scenarios/pages/essai.html")]
struct PageEssai {
    shell: Shell,
    s: Scenario,
    ligne: Ligne,
    /// Served by the proposal, and with the post more; none when the territory changed since.
    servi: Option<(f64, f64)>,
    communes: Vec<Commune>,
    echange: Option<Echange>,
}

impl PageEssai {
    fn solde(&self, apres: &f64, avant: &f64) -> String {
        let d = apres - avant;
        if d.abs() < 0.5 {
            "autant de personnes".to_owned()
        } else if d > 0.0 {
            format!("{} de plus", d.personnes())
        } else {
            format!("{} de moins", (-d).personnes())
        }
    }
}

/// Communes that the page names.
const COMMUNES: usize = 20;

struct Essaye {
    servi: (f64, f64),
    communes: Vec<Commune>,
    echange: Option<(usize, f64)>,
}

pub(super) async fn essai(
    State(c): State<Conseillers>,
    shell: Shell,
    Ids([id]): Ids<1>,
    Requete(form): Requete,
) -> PageResult {
    let (s, lignes) = calcule(&c, shell.actor()?, CalculId(id)).await?;
    let voulue: Option<DemandeId> = form.get("demande").parse().ok();
    let rang =
        lignes.iter().position(|l| Some(l.regardee.demande) == voulue).ok_or_else(PageError::not_found)?;
    let vues: Vec<Regardee> = lignes.iter().map(|l| l.regardee.clone()).collect();
    let lu = lire(&c, &s, Some(vues)).await?;
    let empreinte = s.bilan().map(|b| b.empreinte.clone()).unwrap_or_default();
    let avant = attributions(&lignes);
    // Who would give a post: where the loss is least, of those that no minimum holds.
    let donneur = lignes
        .iter()
        .enumerate()
        .filter(|(r, l)| *r != rang && l.postes > 0 && !l.minimum)
        .min_by(|a, b| a.1.perte.total_cmp(&b.1.perte))
        .map(|(r, _)| r);
    let essaye = tokio::task::spawn_blocking(move || {
        let pose = lu.poser()?;
        if pose.empreinte != empreinte {
            return Ok(None);
        }
        let mut apres = avant.clone();
        ajouter(&mut apres, rang);
        let vu = compare(&pose.probleme, &avant, &apres)?;
        let t = lu.territoires();
        let mut communes: Vec<Commune> = vu
            .communes
            .iter()
            .map(|&(c, avant, apres)| Commune { nom: t.communes()[pose.rangs[c]].nom.clone(), avant, apres })
            .collect();
        communes.sort_by(|a, b| (b.apres - b.avant).total_cmp(&(a.apres - a.avant)));
        communes.truncate(COMMUNES);
        let echange = match donneur {
            Some(d) => {
                let mut echangees = apres.clone();
                oter(&mut echangees, d);
                Some((d, servi(&pose.probleme, &echangees)?.iter().sum()))
            }
            None => None,
        };
        Ok::<_, crate::entree::Refus>(Some(Essaye { servi: vu.servi, communes, echange }))
    })
    .await
    .map_err(PageError::internal)?
    .map_err(|refus| Refusal::conflict(refus.0))?;
    let ligne = lignes[rang].clone();
    let echange = essaye.as_ref().and_then(|e| e.echange);
    let echange = echange.and_then(|(d, servi)| Some(Echange { ligne: lignes.get(d)?.clone(), servi }));
    let (servi, communes) = essaye.map_or((None, Vec::new()), |e| (Some(e.servi), e.communes));
    page(&PageEssai { shell, s, ligne, servi, communes, echange })
}

fn ajouter(attributions: &mut Vec<(usize, u64)>, rang: usize) {
    match attributions.iter_mut().find(|(r, _)| *r == rang) {
        Some((_, n)) => *n += 1,
        None => attributions.push((rang, 1)),
    }
}

fn oter(attributions: &mut Vec<(usize, u64)>, rang: usize) {
    if let Some((_, n)) = attributions.iter_mut().find(|(r, _)| *r == rang) {
        *n = n.saturating_sub(1);
    }
    attributions.retain(|(_, n)| *n > 0);
}

/// A demande whose posts differ; none on the side where it was not looked at.
struct Difference {
    regardee: Regardee,
    postes: (Option<u32>, Option<u32>),
    pourquoi: (String, String),
}

impl Difference {
    fn dit(&self, postes: &Option<u32>) -> String {
        postes.map_or_else(|| "non regardée".to_owned(), |n| n.to_string())
    }
}

#[derive(Template)]
#[template(path = "scenarios/pages/comparaison.html")]
struct PageComparaison {
    shell: Shell,
    a: Scenario,
    b: Scenario,
    differences: Vec<Difference>,
    egales: usize,
    departements: Vec<(String, [String; 2], [u32; 2])>,
    regles: Vec<(&'static str, String, String)>,
}

impl PageComparaison {
    fn figures(&self) -> Vec<(&'static str, [String; 2])> {
        let of = |say: &dyn Fn(&crate::scenarios::model::Bilan) -> String| {
            [&self.a, &self.b].map(|s| s.bilan().map_or_else(|| "–".to_owned(), say))
        };
        vec![
            ("Postes proposés", of(&|b| b.postes.to_string())),
            ("Demandes proposées", of(&|b| format!("{} sur {}", b.demandes.0, b.demandes.1))),
            ("Besoin servi", of(&|b| b.servi.personnes())),
            ("Besoin en tout", of(&|b| b.besoin.personnes())),
            ("Personnes servies par poste", of(&|b| (b.servi / f64::from(b.postes.max(1))).personnes())),
            ("Écart au mieux possible, au plus", of(&|b| pourcent(Some(b.ecart())))),
        ]
    }

    /// Whether both count the same people.
    fn meme_besoin(&self) -> bool {
        self.a.bilan().map(|b| &b.empreinte) == self.b.bilan().map(|b| &b.empreinte)
    }
}

async fn deux(
    c: &Conseillers,
    actor: &Actor,
    form: &platform::web::FormState,
) -> Result<[(Scenario, Vec<Ligne>); 2], Failure> {
    let id = |nom: &str| form.get(nom).parse::<CalculId>().map_err(|_| Refusal::NotFound);
    Ok([calcule(c, actor, id("a")?).await?, calcule(c, actor, id("b")?).await?])
}

/// The lines that differ, by number of demande; and how many are the same.
fn differences(a: &[Ligne], b: &[Ligne]) -> (Vec<Difference>, usize) {
    let seconds: HashMap<DemandeId, &Ligne> = b.iter().map(|l| (l.regardee.demande, l)).collect();
    let premiers: HashMap<DemandeId, &Ligne> = a.iter().map(|l| (l.regardee.demande, l)).collect();
    let mut egales = 0;
    let mut out = Vec::new();
    let raison = |l: Option<&&Ligne>| l.map(|l| l.explication()).unwrap_or_default();
    let seules = b.iter().filter(|l| !premiers.contains_key(&l.regardee.demande));
    for l in a.iter().chain(seules) {
        let id = l.regardee.demande;
        let (x, y) = (premiers.get(&id), seconds.get(&id));
        let postes = (x.map(|l| l.postes), y.map(|l| l.postes));
        // Not looked at and looked at without a post both mean none.
        if postes.0.unwrap_or(0) == postes.1.unwrap_or(0) {
            egales += 1;
            continue;
        }
        out.push(Difference { regardee: l.regardee.clone(), postes, pourquoi: (raison(x), raison(y)) });
    }
    (out, egales)
}

pub(super) async fn comparer(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> PageResult {
    let [(a, premieres), (b, secondes)] = deux(&c, shell.actor()?, &form).await?;
    let (differences, egales) = differences(&premieres, &secondes);
    let mut departements = Vec::new();
    if let (Some(x), Some(y)) = (a.bilan(), b.bilan()) {
        for d in &x.departements {
            if let Some(e) = y.departements.iter().find(|e| e.code == d.code)
                && (d.postes != e.postes || (d.servi - e.servi).abs() > 1.0)
            {
                let nom = format!("{} – {}", d.code, d.nom);
                departements.push((nom, [pourcent(d.part()), pourcent(e.part())], [d.postes, e.postes]));
            }
        }
    }
    let regles = a.parametres.dits().into_iter().zip(b.parametres.dits());
    let regles = regles.filter(|(x, y)| x.1 != y.1).map(|(x, y)| (x.0, x.1, y.1)).collect();
    page(&PageComparaison { shell, a, b, differences, egales, departements, regles })
}

/// The lines that differ, as CSV.
pub(super) async fn export(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(form): Requete,
) -> Result<Response, PageError> {
    let [(_, a), (_, b)] = deux(&c, shell.actor()?, &form).await?;
    let mut out = platform::tableur::MARQUE.to_owned();
    let titres = [
        "demande",
        "structure",
        "commune",
        "departement",
        "postes_a",
        "postes_b",
        "pourquoi_a",
        "pourquoi_b",
    ];
    out.push_str(&platform::tableur::ligne(&titres));
    for d in differences(&a, &b).0 {
        let cellules = [
            d.regardee.reference.clone(),
            d.regardee.structure.clone(),
            d.regardee.commune.1.clone(),
            d.regardee.departement.to_string(),
            d.dit(&d.postes.0),
            d.dit(&d.postes.1),
            d.pourquoi.0,
            d.pourquoi.1,
        ];
        out.push_str(&platform::tableur::ligne(&cellules));
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"comparaison.csv\""),
    ];
    Ok((headers, out).into_response())
}
