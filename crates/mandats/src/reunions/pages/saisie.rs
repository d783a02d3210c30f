//! What forms of meetings say, read.

use annuaire::structures::model::SiteWeb;
use chrono::NaiveTime;
use kernel::{CodeDepartement, Pivot};
use platform::web::FormState;

use crate::reunions::model::Fiche;
use crate::reunions::regles::{PRECISIONS_MAX, TEXTE_MAX};

/// A meeting; what is wrong is noted beside its field.
pub(super) fn fiche(form: &mut FormState) -> Option<Fiche> {
    let jour = form.parse("jour", |v| crate::jours::lire(v).ok_or("Écrivez une date, comme 03/02/2027."));
    let heure =
        |v: &str| NaiveTime::parse_from_str(v, "%H:%M").map_err(|_| "Écrivez une heure, comme 09:30.");
    let (debut, fin) = (form.parse("debut", heure), form.parse("fin", heure));
    let departement = form
        .parse("departement", |v| CodeDepartement::parse(v).ok_or("Choisissez un département de la liste."));
    let lieu = form.text_opt("lieu", TEXTE_MAX);
    let lien = form.parse_opt("lien", |v| SiteWeb::parse(v).map(|s| s.as_str().to_owned()));
    let places = form.parse("places", |v| v.parse().map_err(|_| "Écrivez un nombre de places."));
    let organisateur = form.text("organisateur", TEXTE_MAX);
    let precisions: String = form
        .raw("precisions")
        .chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(PRECISIONS_MAX)
        .collect();
    let precisions = Some(precisions.trim().to_owned()).filter(|p| !p.is_empty());
    Some(Fiche {
        jour: jour?,
        debut: debut?,
        fin: fin?,
        lieu: lieu?,
        lien: lien?,
        departement: departement?,
        places: places?,
        organisateur: organisateur?,
        precisions,
    })
}

/// The form of a meeting that is known.
pub(super) fn form(f: &Fiche, version: i64) -> FormState {
    FormState::filled([
        ("version", version.to_string()),
        ("jour", f.jour.to_string()),
        ("debut", f.debut.format("%H:%M").to_string()),
        ("fin", f.fin.format("%H:%M").to_string()),
        ("departement", f.departement.to_string()),
        ("lieu", f.lieu.clone().unwrap_or_default()),
        ("lien", f.lien.clone().unwrap_or_default()),
        ("places", f.places.to_string()),
        ("organisateur", f.organisateur.clone()),
        ("precisions", f.precisions.clone().unwrap_or_default()),
    ])
}

/// The number of an organisation, when it is given.
pub(super) fn pivot(form: &mut FormState) -> Option<Option<Pivot>> {
    form.parse_opt("pivot", Pivot::parse)
}
