//! Quality by source, for producers: how complete and how fresh its lieux are, what its last deliveries
//! were reproached with.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::Refusal;
use platform::tableur::Tableur;
use platform::web::{PageError, PageResult, Shell, page};

use super::super::model::Livraison;
use super::super::rapport::Niveau;
use super::super::standard::Champ;
use super::super::store::{self, QualiteSource};
use super::pages::ecrit;
use crate::Annuaire;
use crate::colonnes::{self, Colonne, Genre, colonne, requise};

/// Where the pages live.
pub(super) const BASE: &str = "/gestion/lieux/qualite";

/// Deliveries of the trend.
const LIVRAISONS: i64 = 12;

/// Part of a whole, in whole per cent; none of nothing.
fn part(n: i64, total: i64) -> Option<i64> {
    (total > 0).then(|| n * 100 / total)
}

impl QualiteSource {
    /// Filled fields out of those that help people, in per cent.
    fn completude(&self) -> Option<i64> {
        let remplis: i64 = self.remplis.iter().map(|(_, n)| n).sum();
        part(remplis, self.ouverts * i64::try_from(self.remplis.len()).unwrap_or(1))
    }

    /// Lieux updated within a year, in per cent.
    fn fraicheur(&self) -> Option<i64> {
        part(self.moins_de_six_mois + self.moins_d_un_an, self.ouverts)
    }
}

fn pour_cent(n: Option<i64>) -> String {
    n.map_or_else(|| "–".to_owned(), |n| format!("{n}\u{a0}%"))
}

#[derive(Template)]
#[template(path = "lieux/imports/qualite.html")]
struct Liste {
    shell: Shell,
    sources: Vec<QualiteSource>,
}

impl Liste {
    fn nombre(&self, n: &i64) -> String {
        kernel::text::nombre(*n)
    }

    fn pour_cent(&self, n: Option<i64>) -> String {
        pour_cent(n)
    }
}

/// Every source, the least complete first.
pub(super) async fn liste(State(annuaire): State<Annuaire>, shell: Shell) -> PageResult {
    let sources = triees(&annuaire).await?;
    page(&Liste { shell, sources })
}

async fn triees(annuaire: &Annuaire) -> Result<Vec<QualiteSource>, PageError> {
    let jour = annuaire.site.clock.now().date_naive();
    let mut sources = store::qualite(annuaire.site.db.read(), jour).await?;
    sources.sort_by(|a, b| a.completude().cmp(&b.completude()).then_with(|| a.nom.cmp(&b.nom)));
    Ok(sources)
}

/// What the file says of each source.
fn colonnes() -> Vec<Colonne> {
    let mut colonnes = vec![
        requise("source", Genre::Texte, "Nom de la source"),
        requise("lieux_ouverts", Genre::Entier, "Lieux ouverts"),
        colonne("completude_pour_cent", Genre::Entier, "Part des champs utiles qui sont remplis"),
        requise(
            "mis_a_jour_depuis_moins_de_6_mois",
            Genre::Entier,
            "Lieux mis à jour depuis moins de six mois",
        ),
        requise("de_6_a_12_mois", Genre::Entier, "Lieux mis à jour entre six mois et un an"),
        requise("plus_d_un_an", Genre::Entier, "Lieux mis à jour il y a plus d’un an"),
        requise("sans_date", Genre::Entier, "Lieux sans date de mise à jour"),
    ];
    colonnes.extend(CHAMPS.map(|c| {
        let sens = format!("Lieux dont le champ « {} » est rempli", c.nom());
        requise(&format!("remplis_{}", c.nom()), Genre::Entier, &sens)
    }));
    colonnes
}

/// What the columns of the file hold.
pub(super) async fn schema(_shell: Shell) -> PageResult {
    Ok(Json(colonnes::schema("Qualité des sources", &["source"], &colonnes())).into_response())
}

/// The same as a file.
pub(super) async fn fichier(State(annuaire): State<Annuaire>, _shell: Shell) -> PageResult {
    let sources = triees(&annuaire).await?;
    let mut csv = Tableur::new(Vec::new());
    let ecrit = (|| -> std::io::Result<()> {
        csv.ligne(colonnes().iter().map(|c| c.nom.as_str()))?;
        for s in &sources {
            let mut ligne = vec![s.nom.clone()];
            ligne.push(s.ouverts.to_string());
            ligne.push(s.completude().map_or_else(String::new, |n| n.to_string()));
            ligne.extend(
                [s.moins_de_six_mois, s.moins_d_un_an, s.plus_vieux, s.sans_date].map(|n| n.to_string()),
            );
            ligne.extend(s.remplis.iter().map(|(_, n)| n.to_string()));
            csv.ligne(&ligne)?;
        }
        Ok(())
    })();
    ecrit.map_err(PageError::internal)?;
    let octets = csv.termine().map_err(PageError::internal)?;
    let mut reponse: Response = octets.into_response();
    let entetes = reponse.headers_mut();
    entetes.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    entetes.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"qualite-des-sources.csv\""),
    );
    Ok(reponse)
}

/// A delivery in the trend.
struct Point {
    livraison: Livraison,
    /// Remarks out of a hundred records, refusals, values left out and values in doubt.
    pour_cent: u64,
    /// Height of its bar, out of a hundred.
    hauteur: u64,
}

#[derive(Template)]
#[template(path = "lieux/imports/qualite_source.html")]
struct Page {
    shell: Shell,
    source: QualiteSource,
    points: Vec<Point>,
}

impl Page {
    fn nombre(&self, n: &i64) -> String {
        kernel::text::nombre(*n)
    }

    fn pour_cent(&self, n: Option<i64>) -> String {
        pour_cent(n)
    }

    fn ecrit(&self, n: &u64) -> String {
        ecrit(*n)
    }

    fn ages(&self) -> [(&'static str, i64); 4] {
        let s = &self.source;
        [
            ("Moins de six mois", s.moins_de_six_mois),
            ("De six mois à un an", s.moins_d_un_an),
            ("Plus d’un an", s.plus_vieux),
            ("Sans date", s.sans_date),
        ]
    }

    fn part(&self, n: &i64) -> String {
        pour_cent(part(*n, self.source.ouverts))
    }

    fn cellules(&self, p: &Point, niveau: Niveau) -> String {
        ecrit(p.livraison.comptes.cellules(niveau))
    }

    /// Where the bar of a delivery begins, in a drawing of forty units a bar.
    fn abscisse(&self, rang: &usize) -> usize {
        10 + rang * 40
    }

    fn largeur(&self) -> usize {
        self.abscisse(&self.points.len()) + 10
    }
}

/// A source: its fields, its dates, its deliveries.
pub(super) async fn source(
    State(annuaire): State<Annuaire>,
    shell: Shell,
    Path(id): Path<String>,
) -> PageResult {
    let id: uuid::Uuid = id.parse().map_err(|_| Refusal::NotFound)?;
    let source = triees(&annuaire).await?.into_iter().find(|s| s.id.0 == id).ok_or(Refusal::NotFound)?;
    let mut livraisons = store::livraisons_de(annuaire.site.db.read(), source.id, LIVRAISONS).await?;
    livraisons.reverse();
    let reproches = |l: &Livraison| {
        [Niveau::Refus, Niveau::Ecarte, Niveau::Garde].into_iter().map(|n| l.comptes.cellules(n)).sum::<u64>()
    };
    let mut points: Vec<Point> = livraisons
        .into_iter()
        .map(|livraison| Point {
            pour_cent: reproches(&livraison) * 100 / livraison.bilan.read.max(1),
            livraison,
            hauteur: 0,
        })
        .collect();
    let max = points.iter().map(|p| p.pour_cent).max().unwrap_or(0).max(1);
    for p in &mut points {
        p.hauteur = p.pour_cent * 100 / max;
    }
    page(&Page { shell, source, points })
}

/// Fields that help people, whose filling is measured.
pub(in crate::lieux) const CHAMPS: [Champ; 14] = [
    Champ::Pivot,
    Champ::CodeInsee,
    Champ::Latitude,
    Champ::Typologie,
    Champ::Telephone,
    Champ::Courriels,
    Champ::SiteWeb,
    Champ::Horaires,
    Champ::PresentationResume,
    Champ::Services,
    Champ::FraisACharge,
    Champ::ModalitesAcces,
    Champ::ModalitesAccompagnement,
    Champ::DateMaj,
];
