//! The query of a search, the same for the page, the map and the API.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use kernel::Position;
use platform::web::FormState;

use super::ou::Ou;
use crate::lieux::ouverture::Agenda;
use crate::lieux::recherche::{Demande, Facette, Filtres, Quand};
use crate::territoires::Territoires;

/// Kilometres that a search from a place covers when nothing else is asked.
const RAYON_KM: f64 = 20.0;

/// Kilometres that the page offers.
pub(crate) const RAYONS: [u32; 6] = [2, 5, 10, 20, 50, 100];

/// Longest words that are read.
const MOTS_MAX: usize = 200;

/// Filters of a query, and the values that no list knows: (parameter, value).
pub(crate) fn criteres(requete: &FormState) -> (Filtres, Vec<(String, String)>) {
    let mut filtres = Filtres::default();
    let mut inconnues = Vec::new();
    for (nom, cellule) in requete.values() {
        let Some(facette) = Facette::de_parametre(nom) else { continue };
        for valeur in cellule.split(['|', ',']).map(str::trim).filter(|v| !v.is_empty()) {
            match facette.valeur(valeur) {
                Some(v) => filtres.ajoute(facette, v),
                None => inconnues.push((nom.clone(), valeur.chars().take(60).collect())),
            }
        }
    }
    (filtres, inconnues)
}

/// Latitude and longitude of a query; `Err` when they are there and are no position.
pub(crate) fn position(requete: &FormState) -> Result<Option<Position>, ()> {
    let (lat, lon) = (requete.get("lat"), requete.get("lon"));
    if lat.is_empty() && lon.is_empty() {
        return Ok(None);
    }
    let nombre = |t: &str| t.replace(',', ".").parse::<f64>().map_err(|_| ());
    Position::new(nombre(lat)?, nombre(lon)?).map(Some).ok_or(())
}

/// The day and the hour of a query, « jour=2026-03-21&heure=14:30 »; today when there is only an hour.
///
/// # Errors
/// The field and the sentence, when it is no day, no hour, or a day whose openings are not known.
pub(crate) fn quand(
    requete: &FormState,
    maintenant: DateTime<Utc>,
) -> Result<Option<Quand>, (&'static str, String)> {
    let (jour, heure) = (requete.get("jour"), requete.get("heure"));
    if jour.is_empty() && heure.is_empty() {
        return Ok(None);
    }
    let aujourdhui = maintenant.with_timezone(&chrono_tz::Europe::Paris).date_naive();
    // The index may be two days old, and the lieu a day ahead.
    let dernier =
        aujourdhui.checked_add_days(Days::new(u64::from(Agenda::HORIZON_JOURS) - 3)).unwrap_or(aujourdhui);
    let jour = match jour {
        "" => aujourdhui,
        texte => match NaiveDate::parse_from_str(texte, "%Y-%m-%d") {
            Ok(j) if (aujourdhui..=dernier).contains(&j) => j,
            Ok(_) => {
                return Err((
                    "jour",
                    format!(
                        "Choisissez un jour entre aujourd’hui et le {} : au-delà, les horaires peuvent changer.",
                        kernel::calendrier::jour_en_lettres(dernier)
                    ),
                ));
            }
            Err(_) => return Err(("jour", "Donnez un jour, comme 2026-03-21.".to_owned())),
        },
    };
    let heure = match heure {
        "" => None,
        texte => match NaiveTime::parse_from_str(texte, "%H:%M") {
            Ok(h) => Some(h),
            Err(_) => return Err(("heure", "Donnez une heure, comme 14:30.".to_owned())),
        },
    };
    Ok(Some(Quand { jour, heure }))
}

/// A search of the page, read from its query.
#[derive(Clone, Debug)]
pub(crate) struct Lue {
    /// What to search.
    pub(crate) demande: Demande,
    /// Where.
    pub(crate) ou: Ou,
    /// Kilometres; `None` for no limit.
    pub(crate) rayon_km: Option<f64>,
    /// The same query without what says nothing, values by their keys, page left out.
    pub(crate) paires: Vec<(String, String)>,
    /// Page asked for, from 1.
    pub(crate) page: usize,
    /// What was left out and must be said: (field, sentence).
    pub(crate) refus: Option<(&'static str, String)>,
}

impl Lue {
    /// Reads a query. Nothing is refused: what cannot be read is left out, and the page shows what was read.
    pub(crate) fn de(t: &Territoires, requete: &FormState, maintenant: DateTime<Utc>) -> Self {
        let (filtres, _) = criteres(requete);
        let mots: String = requete.get("q").chars().take(MOTS_MAX).collect();
        let texte_ou = requete.get("ou");
        let mut paires: Vec<(String, String)> = Vec::new();
        let mut ajoute = |nom: &str, valeur: &str| {
            if !valeur.is_empty() {
                paires.push((nom.to_owned(), valeur.to_owned()));
            }
        };
        ajoute("q", &mots);
        let ou = match (Ou::lit(t, texte_ou), position(requete)) {
            (Ou::Partout, Ok(Some(ici))) => {
                ajoute("lat", &arrondi(ici.latitude));
                ajoute("lon", &arrondi(ici.longitude));
                Ou::Ici(ici)
            }
            (Ou::Partout, _) => ["departement", "region", "epci", "commune"]
                .into_iter()
                .find_map(|p| {
                    let code = requete.get(p);
                    let ou = Ou::de_code(t, p, code)?;
                    ajoute(p, code);
                    Some(ou)
                })
                .unwrap_or(Ou::Partout),
            (ou, _) => {
                ajoute("ou", &texte_ou.chars().take(100).collect::<String>());
                ou
            }
        };
        let rayon_km = match requete.get("rayon") {
            "tous" | "0" => None,
            texte => match texte.parse::<f64>() {
                Ok(km) if (0.1..=2_000.0).contains(&km) => Some(km),
                _ => Some(RAYON_KM),
            },
        };
        match rayon_km {
            None => ajoute("rayon", "tous"),
            Some(km) if km != RAYON_KM => ajoute("rayon", &km.to_string()),
            Some(_) => {}
        }
        let (quand, refus) = match quand(requete, maintenant) {
            Ok(quand) => (quand, None),
            Err(refus) => (None, Some(refus)),
        };
        if let Some(q) = quand {
            ajoute("jour", &q.jour.to_string());
            ajoute("heure", &q.heure.map_or_else(String::new, |h| h.format("%H:%M").to_string()));
        }
        let source: String = requete.get("source").chars().take(MOTS_MAX).collect();
        ajoute("source", &source);
        for (facette, v) in filtres.valeurs() {
            ajoute(facette.parametre(), &facette.valeurs()[v].cle);
        }
        let page = requete.get("page").parse().unwrap_or(1).clamp(1, 1_000_000);
        let mut demande = Demande { mots, filtres, quand, source, ..Demande::default() };
        match &ou {
            Ou::Ici(p) => demande.origine = Some(*p),
            Ou::Commune { position: Some(p), .. } => demande.origine = Some(*p),
            Ou::Commune { rang, .. } => demande.zone = Some(crate::lieux::recherche::Zone::Commune(*rang)),
            Ou::Territoire { zone, .. } => demande.zone = Some(*zone),
            Ou::Partout | Ou::Choix(_) | Ou::Inconnu(_) => {}
        }
        demande.rayon_m = rayon_km.filter(|_| demande.origine.is_some()).map(|km| km * 1000.0);
        Self { demande, ou, rayon_km, paires, page, refus }
    }

    /// The query as text, without `?`.
    pub(crate) fn texte(&self) -> String {
        ecrit(&self.paires)
    }

    /// The same query, some pairs taken away and some put in.
    pub(crate) fn avec(&self, garde: impl Fn(&str, &str) -> bool, plus: &[(&str, &str)]) -> String {
        let mut paires: Vec<(String, String)> =
            self.paires.iter().filter(|(k, v)| garde(k, v)).cloned().collect();
        paires.extend(plus.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        ecrit(&paires)
    }

    /// The form, filled with what was read.
    pub(crate) fn formulaire(&self) -> FormState {
        let mut form = FormState::filled(self.paires.iter().cloned());
        let rayon = self.rayon_km.map_or_else(|| "tous".to_owned(), |km| km.to_string());
        form.set("rayon", rayon);
        if let Some((champ, phrase)) = &self.refus {
            form.refuse(champ, phrase.as_str());
        }
        form
    }
}

fn arrondi(degres: f64) -> String {
    // A hundred metres: enough to find a lieu, not to tell a home.
    format!("{}", (degres * 1000.0).round() / 1000.0)
}

fn ecrit(paires: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(paires).finish()
}
