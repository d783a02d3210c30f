//! Stops as visitors see them: on the sheet of the lieu, and near the place of a search.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Position;
use kernel::ids::LieuId;
use kernel::text::majuscule;
use sea_orm::{ConnectionTrait, DbErr};

use super::model::Arret;
use super::store;
use crate::lieux::ouverture::jour_long;
use crate::lieux::recherche::IndexLieux;
use crate::lieux::rythme::plage;
use crate::territoires::Territoires;

/// Days within which a visit is worth telling to who searches.
const JOURS: u64 = 15;
/// Farthest stop that a search tells, whatever its radius, in metres.
const PORTEE_M: f64 = 30_000.0;
/// Visits that a search tells.
const PASSAGES: usize = 5;

/// A stop on the sheet.
pub(in crate::lieux) struct ArretVu {
    /// The spot and its commune.
    pub(in crate::lieux) ou: String,
    /// When it comes back, and at what hours.
    pub(in crate::lieux) quand: String,
    /// The next visit, in words.
    pub(in crate::lieux) prochain: Option<String>,
}

fn heures(a: &Arret) -> String {
    plage(NaiveDate::default(), a.contenu.debut, a.contenu.fin)
}

fn ou(a: &Arret, t: &Territoires) -> String {
    let commune = t.commune(&a.contenu.commune).map_or("", |c| c.nom.as_str());
    format!("{}, {commune}", a.contenu.nom)
}

/// The stops of a lieu, in the order of its tour.
pub(in crate::lieux) async fn arrets_du_lieu(
    conn: &impl ConnectionTrait,
    t: &Territoires,
    lieu: LieuId,
    maintenant: DateTime<Utc>,
) -> Result<Vec<ArretVu>, DbErr> {
    let jour = kernel::calendrier::jour(&maintenant);
    let arrets = store::du_lieu(conn, lieu).await?;
    let encore = |a: &&Arret| a.contenu.rythme.dernier().is_none_or(|d| d >= jour);
    Ok(arrets
        .iter()
        .filter(encore)
        .map(|a| ArretVu {
            ou: ou(a, t),
            quand: format!("{}, {}", majuscule(&a.contenu.rythme.phrase()), heures(a)),
            prochain: a.prochain(jour).map(jour_long),
        })
        .collect())
}

/// A visit near the place of a search.
#[derive(Clone, Debug)]
pub(in crate::lieux) struct PassageProche {
    /// The lieu that comes.
    pub(in crate::lieux) lieu: LieuId,
    /// Its name.
    pub(in crate::lieux) nom: String,
    /// Where it stops.
    pub(in crate::lieux) ou: String,
    /// When next, in words.
    pub(in crate::lieux) quand: String,
    /// How far.
    pub(in crate::lieux) distance: String,
}

/// The next visits of itinerant lieux near a point, the soonest first.
pub(in crate::lieux) async fn passages(
    conn: &impl ConnectionTrait,
    (index, t): (&IndexLieux, &Territoires),
    (origine, rayon_m): (Position, Option<f64>),
    maintenant: DateTime<Utc>,
) -> Result<Vec<PassageProche>, DbErr> {
    let jour = kernel::calendrier::jour(&maintenant);
    let portee = rayon_m.unwrap_or(PORTEE_M).min(PORTEE_M);
    let latitude = portee / 111_000.0;
    let longitude = latitude / origine.latitude.to_radians().cos().max(0.1);
    let arrets = store::autour(conn, origine, (latitude, longitude), jour).await?;
    let limite = jour.checked_add_days(chrono::Days::new(JOURS)).unwrap_or(jour);
    let mut proches: Vec<(NaiveDate, f64, &Arret)> = arrets
        .iter()
        .filter_map(|a| {
            let metres = a.contenu.position?.distance_m(origine);
            let prochain = a.prochain(jour).filter(|j| *j <= limite)?;
            (metres <= portee).then_some((prochain, metres, a))
        })
        .collect();
    proches.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    Ok(proches
        .into_iter()
        .filter_map(|(jour, metres, a)| {
            let vue = index.vue(index.place(a.lieu)?, maintenant)?;
            Some(PassageProche {
                lieu: a.lieu,
                nom: vue.nom.to_owned(),
                ou: ou(a, t),
                quand: format!("{}, {}", jour_long(jour), heures(a)),
                distance: crate::lieux::pages::distance(metres),
            })
        })
        .take(PASSAGES)
        .collect())
}
