//! The scenarios of the committee, and the form of a new one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use platform::web::{FormState, Formulaire, PageResult, Requete, Shell, page_with, see_other};

use super::BASE;
use crate::Conseillers;
use crate::Failure;
use crate::calculs::model::CalculId;
use crate::calculs::store;
use crate::dire::{EnLettres, Mesure};
use crate::ids::SeanceId;
use crate::scenarios::actions;
use crate::scenarios::model::{AvisRetenus, Parametres, Repartition, Scenario};
use crate::selection::model::{EtatSeance, Niveau};

#[derive(Template)]
#[template(path = "scenarios/pages/liste.html")]
struct Page {
    shell: Shell,
    form: FormState,
    scenarios: Vec<Scenario>,
    seances: Vec<(String, String)>,
}

impl Page {
    /// Solved ones, to be compared.
    fn calcules(&self) -> Vec<(String, String)> {
        let solved = self.scenarios.iter().filter(|s| s.bilan().is_some());
        solved.map(|s| (s.id.to_string(), format!("{} ({})", s.nom, s.jour().en_lettres()))).collect()
    }
}

async fn montrer(c: &Conseillers, shell: Shell, form: FormState, status: StatusCode) -> PageResult {
    let p = shell.actor()?.perimetre.clone();
    let conn = c.site.db.read();
    let ouvertes = crate::selection::store::seances(conn, &p).await?;
    let ouvertes = ouvertes.into_iter().filter(|s| !matches!(s.etat, EtatSeance::Close { .. }));
    let toutes = (String::new(), "Toutes les demandes qui attendent une décision".to_owned());
    let liste = |s: crate::selection::model::Seance| {
        (s.id.to_string(), format!("La liste de la séance {} du {}", s.numero, s.jour.en_lettres()))
    };
    let seances = std::iter::once(toutes).chain(ouvertes.map(liste)).collect();
    page_with(
        status,
        &Page { shell, form, scenarios: store::lister::<Repartition>(conn, &p).await?, seances },
    )
}

/// The form, filled: with the rules of another scenario, or the usual ones.
fn remplir(p: &Parametres) -> FormState {
    let nombre = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let oui = |b: bool| (if b { "oui" } else { "" }).to_owned();
    let avis = AvisRetenus::OPTIONS.iter().find(|(cle, _)| AvisRetenus::from_cle(cle) == Some(p.avis));
    FormState::filled([
        ("postes", p.postes.to_string()),
        ("rayon_km", p.rayon_km.to_string()),
        ("capacite", p.capacite.to_string()),
        ("minimum", p.minimum_par_departement.to_string()),
        ("maximum", nombre(p.maximum_par_demande)),
        ("equite", nombre(p.equite)),
        ("enveloppes", oui(p.enveloppes)),
        ("avis", avis.map_or(String::new(), |(cle, _)| (*cle).to_owned())),
        ("taux", kernel::text::nombre_decimal(f64::from(p.taux_pour_mille) / 10.0, 1)),
        ("indice", oui(p.indice)),
        ("poids_qpv", p.poids_qpv.to_string()),
        ("poids_rural", p.poids_rural.to_string()),
        ("poids_eloigne", p.poids_eloigne.to_string()),
        ("deduire", oui(p.deduire)),
    ])
}

pub(super) async fn liste(
    State(c): State<Conseillers>,
    shell: Shell,
    Requete(recherche): Requete,
) -> PageResult {
    let conn = c.site.db.read();
    let modele: Option<CalculId> = recherche.get("depuis").parse().ok();
    let mut form = match modele {
        Some(id) => {
            let s = actions::ouvrir(conn, shell.actor()?, id).await?;
            let mut form = remplir(&s.parametres);
            form.set("nom", format!("{} (variante)", s.nom).chars().take(NOM_MAX).collect::<String>());
            form.set("seance", s.seance.map(|id| id.to_string()).unwrap_or_default());
            form
        }
        None => {
            let toutes = crate::selection::store::enveloppes(conn).await?;
            let reste =
                toutes.iter().find(|e| e.niveau == Niveau::Pays).and_then(|e| u32::try_from(e.reste()).ok());
            let usuels = Parametres::default();
            remplir(&Parametres { postes: reste.unwrap_or(usuels.postes), ..usuels })
        }
    };
    // A link of a session names it.
    if let Ok(seance) = recherche.get("seance").parse::<SeanceId>() {
        form.set("seance", seance.to_string());
    }
    montrer(&c, shell, form, StatusCode::OK).await
}

const NOM_MAX: usize = 120;

/// A whole number within bounds; what is wrong is noted beside its field.
fn entier(form: &mut FormState, champ: &'static str, bornes: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let (min, max) = (*bornes.start(), *bornes.end());
    let phrase = format!(
        "Écrivez un nombre entier de {} à {}.",
        kernel::text::nombre(i64::from(min)),
        kernel::text::nombre(i64::from(max))
    );
    form.parse(champ, |v| {
        let lu = v.replace([' ', '\u{a0}', '\u{202f}'], "").parse::<u32>().ok();
        lu.filter(|n| bornes.contains(n)).ok_or(phrase)
    })
}

fn lire(form: &mut FormState) -> Option<Parametres> {
    let coche = |form: &FormState, nom: &str| form.get(nom) == "oui";
    let facultatif = |form: &mut FormState, champ, bornes| {
        if form.get(champ).is_empty() { Some(None) } else { entier(form, champ, bornes).map(Some) }
    };
    let postes = entier(form, "postes", 0..=20_000);
    let rayon_km = entier(form, "rayon_km", 1..=100);
    let capacite = entier(form, "capacite", 1..=1_000_000);
    let minimum = entier(form, "minimum", 0..=1_000);
    let maximum = facultatif(form, "maximum", 1..=1_000);
    let equite = facultatif(form, "equite", 100..=10_000);
    let avis = form.parse("avis", |v| AvisRetenus::from_cle(v).ok_or("Choisissez dans la liste."));
    let taux = form.parse("taux", |v| {
        let lu = v.trim_end_matches(['%', ' ', '\u{a0}', '\u{202f}']).replace(',', ".").parse::<f64>().ok();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1 000")]
        let lu = lu.filter(|t| (0.1..=100.0).contains(t)).map(|t| (t * 10.0).round() as u32);
        lu.ok_or("Écrivez une part de 0,1 à 100, comme 15,4.")
    });
    let poids = ["poids_qpv", "poids_rural", "poids_eloigne"].map(|champ| entier(form, champ, 0..=1_000));
    let [poids_qpv, poids_rural, poids_eloigne] = poids;
    Some(Parametres {
        postes: postes?,
        rayon_km: rayon_km?,
        capacite: capacite?,
        minimum_par_departement: minimum?,
        maximum_par_demande: maximum?,
        equite: equite?,
        enveloppes: coche(form, "enveloppes"),
        avis: avis?,
        taux_pour_mille: taux?,
        indice: coche(form, "indice"),
        poids_qpv: poids_qpv?,
        poids_rural: poids_rural?,
        poids_eloigne: poids_eloigne?,
        deduire: coche(form, "deduire"),
    })
}

pub(super) async fn creer(
    State(c): State<Conseillers>,
    shell: Shell,
    Formulaire(mut form): Formulaire,
) -> PageResult {
    let nom = form.text("nom", NOM_MAX);
    let seance = form.parse_opt("seance", |v| v.parse::<SeanceId>().map_err(|_| "Choisissez dans la liste."));
    let parametres = lire(&mut form);
    if let (Some(nom), Some(seance), Some(parametres)) = (nom, seance, parametres) {
        match actions::creer(&c, shell.actor()?, (&nom, seance), &parametres).await {
            Ok(id) => return Ok(see_other(&format!("{BASE}/{id}"))),
            Err(Failure::Refusal(refusal)) => form.take(refusal)?,
            Err(other) => return Err(other.into()),
        }
    }
    montrer(&c, shell, form, StatusCode::UNPROCESSABLE_ENTITY).await
}
