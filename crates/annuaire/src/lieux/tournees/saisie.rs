//! The form of a stop.

use chrono::NaiveDate;
use kernel::Position;
use platform::web::FormState;

use super::model::{Arret, Contenu};
use crate::lieux::rythme::{self, Rythme};
use crate::territoires::{Choix, Territoires};

/// The communes that the typed name may mean: (INSEE code, label).
pub(super) type Communes = Vec<(String, String)>;

/// Reads the form; what is wrong stands beside its field, and several communes come back to be chosen from.
pub(super) fn lit(form: &mut FormState, t: &Territoires, aujourdhui: NaiveDate) -> Result<Contenu, Communes> {
    let nom = form.text("nom", 120);
    let mut communes = Vec::new();
    let commune = match form.text("commune", 100) {
        None => None,
        Some(texte) => match t.choisir(&texte, "", form.get("commune_choisie")) {
            Choix::Une(c) => Some(c.commune.clone()),
            Choix::Plusieurs(choix) => {
                form.refuse("commune_choisie", "Plusieurs communes portent ce nom : choisissez.");
                communes = choix;
                None
            }
            Choix::Aucune => {
                form.refuse("commune", "Nous ne trouvons pas cette commune. Essayez avec le code postal.");
                None
            }
        },
    };
    let degres = |v: &str| v.replace(',', ".").parse::<f64>().map_err(|_| "Écrivez des degrés, comme 46,17.");
    let latitude = form.parse_opt("latitude", degres);
    let longitude = form.parse_opt("longitude", degres);
    let point = match (latitude, longitude) {
        (Some(None), Some(None)) => Some(None),
        (Some(Some(lat)), Some(Some(lon))) => match Position::new(lat, lon) {
            Some(p) => Some(Some(p)),
            None => {
                form.refuse("latitude", "Ce point n’est pas sur la Terre. Vérifiez les deux nombres.");
                None
            }
        },
        (Some(_), Some(_)) => {
            form.refuse("longitude", "Donnez la latitude et la longitude, ou aucune des deux.");
            None
        }
        _ => None,
    };
    let heures = rythme::horaires(form);
    let rythme = Rythme::lit(form, aujourdhui);
    let lu = || {
        let (commune, (debut, fin), point) = (commune?, heures?, point?);
        let centre = commune.position.map(|p| p.position);
        Some(Contenu {
            nom: nom?,
            commune: commune.code,
            position: point.or(centre),
            precise: point.is_some(),
            debut,
            fin,
            rythme: rythme?,
        })
    };
    lu().ok_or(communes)
}

/// The form filled with a stop.
pub(super) fn remplit(a: &Arret, t: &Territoires) -> FormState {
    let c = &a.contenu;
    let commune = t.commune(&c.commune).map_or_else(|| c.commune.to_string(), |c| c.nom.clone());
    let mut champs = vec![
        ("version".to_owned(), a.version.to_string()),
        ("nom".to_owned(), c.nom.clone()),
        ("commune".to_owned(), commune),
        ("commune_choisie".to_owned(), c.commune.to_string()),
        ("debut".to_owned(), c.debut.format("%H:%M").to_string()),
        ("fin".to_owned(), c.fin.format("%H:%M").to_string()),
    ];
    if let Some(p) = c.position.filter(|_| c.precise) {
        champs.push(("latitude".to_owned(), p.latitude.to_string()));
        champs.push(("longitude".to_owned(), p.longitude.to_string()));
    }
    champs.extend(c.rythme.champs());
    FormState::filled(champs)
}
