//! What a demande stands against: how far people of its commune, EPCI and département are from help, posts already there,
//! and other demandes around.

use std::fmt::Write;

use annuaire::maillage::{Critere, Seuil, Zone};
use kernel::calendrier::jour;
use kernel::{CodeCommune, Perimetre, Position};
use sea_orm::DbErr;

use crate::Conseillers;
use crate::demandes::Demande;
use crate::demandes::store::{self, Autour};
use crate::postes::store::{Bilan, bilan};

/// The figures of one territory.
#[derive(Clone, Debug)]
pub struct Territoire {
    /// « Commune de Guéret ».
    pub nom: String,
    /// Inhabitants.
    pub habitants: u64,
    /// Share of them within 10 km of a lieu, 0 to 1.
    pub part_10_km: Option<f64>,
    /// Mean distance to the nearest lieu, metres.
    pub distance_m: Option<f64>,
    /// Posts granted by demandes.
    pub accordes: i64,
    /// Posts asked by demandes that are under way, this one included.
    pub demandes: i64,
}

impl Territoire {
    /// « 62 % ».
    pub fn part(&self) -> String {
        self.part_10_km.map_or_else(|| "inconnue".to_owned(), |p| format!("{}\u{202f}%", (p * 100.0).round()))
    }

    /// « 4,2 km ».
    pub fn distance(&self) -> String {
        self.distance_m.map_or_else(
            || "inconnue".to_owned(),
            |m| format!("{} km", kernel::text::nombre_decimal(m / 1000.0, 1)),
        )
    }

    /// « 13 492 ».
    pub fn population(&self) -> String {
        kernel::text::nombre(i64::try_from(self.habitants).unwrap_or(i64::MAX))
    }
}

/// A commune around, with what was asked there.
#[derive(Clone, Debug)]
pub struct Voisine {
    /// What was asked and granted.
    pub autour: Autour,
    /// Kilometres from the commune of the demande; none when either has no position.
    pub km: Option<f64>,
}

impl Voisine {
    /// « 4,2 km ».
    pub fn distance(&self) -> String {
        self.km
            .map_or_else(|| "inconnue".to_owned(), |k| format!("{} km", kernel::text::nombre_decimal(k, 1)))
    }
}

/// Everything beside a demande.
#[derive(Clone, Debug)]
pub struct Besoins {
    /// Commune, EPCI, département.
    pub territoires: Vec<Territoire>,
    /// Posts of the département today.
    pub postes: Bilan,
    /// Communes with demandes or posts, the nearest first.
    pub voisines: Vec<Voisine>,
    /// The map, an SVG of our own making.
    pub carte: String,
}

/// Communes around that are shown.
const VOISINES: usize = 15;

/// What a demande stands against today.
///
/// # Errors
/// The database.
pub async fn besoins(c: &Conseillers, d: &Demande) -> Result<Besoins, DbErr> {
    let conn = c.site.db.read();
    let mesure = c.annuaire.atlas.mesure_connue().await?;
    let t = &mesure.territoires;
    let autour = store::autour(conn, &d.departement).await?;
    let position = |code: &str| {
        let rang = CodeCommune::parse(code).and_then(|code| t.rang_actuel(&code))?;
        t.communes()[rang].position.map(|p| p.position)
    };
    let mut territoires = Vec::new();
    let mut ajoute = |nom: String, rangs: Vec<usize>| {
        let b = mesure.couverture.bilan(rangs.iter().copied(), Critere::Tous);
        let dedans = |a: &&Autour| {
            CodeCommune::parse(&a.code_commune)
                .and_then(|c| t.rang_actuel(&c))
                .is_some_and(|r| rangs.contains(&r))
        };
        territoires.push(Territoire {
            nom,
            habitants: b.population,
            part_10_km: b.part(Seuil::Dix),
            distance_m: b.distance_moyenne_m(),
            accordes: autour.iter().filter(dedans).map(|a| a.accordes).sum(),
            demandes: autour.iter().filter(dedans).map(|a| a.demandes_en_cours).sum(),
        });
    };
    if let Some(rang) = t.rang_actuel(&d.commune.0) {
        let commune = &t.communes()[rang];
        ajoute(format!("Commune : {}", commune.nom), vec![rang]);
        if let Some(epci) = t.epci_de(commune) {
            ajoute(format!("Intercommunalité : {}", epci.nom), Zone::Epci(epci).rangs(t));
        }
    }
    if let Some(departement) = t.departement(&d.departement) {
        ajoute(format!("Département : {}", departement.nom), Zone::Departement(departement).rangs(t));
    }
    let ici = position(d.commune.0.as_str());
    let mut voisines: Vec<Voisine> = autour
        .into_iter()
        .map(|a| {
            let km = ici.zip(position(&a.code_commune)).map(|(a, b)| a.distance_m(b) / 1000.0);
            Voisine { autour: a, km }
        })
        .collect();
    voisines.sort_by(|a, b| a.km.unwrap_or(f64::MAX).total_cmp(&b.km.unwrap_or(f64::MAX)));
    let points: Vec<(Position, bool)> = voisines
        .iter()
        .filter_map(|v| Some((position(&v.autour.code_commune)?, v.autour.accordes > 0)))
        .collect();
    let fond: Vec<Position> = t
        .rangs_du_departement(&d.departement)
        .filter_map(|r| t.communes()[r].position.map(|p| p.position))
        .collect();
    let titre = "Les communes du département où des postes ont été demandés ou accordés : le tableau dit la même chose.";
    let carte = dessiner(&fond, &points, ici, titre);
    let le = jour(&c.site.clock.now());
    let postes = bilan(conn, &Perimetre::Departements(vec![d.departement.clone()]), le).await?;
    voisines.truncate(VOISINES);
    Ok(Besoins { territoires, postes, voisines, carte })
}

/// Side of the map, in units of the drawing.
const COTE: f64 = 300.0;

/// The communes of the département as dots, places of demandes as circles (full or hollow), that of the page as a square.
/// Everything it shows is in a table; the title has no sign of HTML.
pub(crate) fn dessiner(
    fond: &[Position],
    points: &[(Position, bool)],
    ici: Option<Position>,
    titre: &str,
) -> String {
    let bornes = fond.iter().fold(None, |b: Option<[f64; 4]>, p| {
        let [w, s, e, n] = b.unwrap_or([p.longitude, p.latitude, p.longitude, p.latitude]);
        Some([w.min(p.longitude), s.min(p.latitude), e.max(p.longitude), n.max(p.latitude)])
    });
    let Some([ouest, sud, est, nord]) = bornes else { return String::new() };
    let aplati = (sud.midpoint(nord)).to_radians().cos().max(0.1);
    let echelle = (COTE - 20.0) / ((est - ouest) * aplati).max(nord - sud).max(0.01);
    let xy =
        |p: Position| (10.0 + (p.longitude - ouest) * aplati * echelle, 10.0 + (nord - p.latitude) * echelle);
    let mut d = String::new();
    for p in fond {
        let (x, y) = xy(*p);
        let _ = write!(d, "M{x:.0} {y:.0}h0");
    }
    let mut out = format!(
        "<svg viewBox=\"0 0 {COTE} {COTE}\" class=\"m-mini-carte\" role=\"img\" aria-label=\"{titre}\"><path d=\"{d}\" \
         stroke=\"#ccc\" stroke-width=\"3\" stroke-linecap=\"round\" fill=\"none\"/>"
    );
    for (p, plein) in points {
        let (x, y) = xy(*p);
        let plein = if *plein { "#000091" } else { "#fff" };
        let _ = write!(
            out,
            "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"5\" fill=\"{plein}\" stroke=\"#000091\" stroke-width=\"2\"/>"
        );
    }
    if let Some(p) = ici {
        let (x, y) = xy(p);
        let _ = write!(
            out,
            "<rect x=\"{:.0}\" y=\"{:.0}\" width=\"16\" height=\"16\" fill=\"none\" stroke=\"#c9191e\" stroke-width=\"3\"/>",
            x - 8.0,
            y - 8.0
        );
    }
    out.push_str("</svg>");
    out
}
