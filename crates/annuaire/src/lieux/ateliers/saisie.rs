//! The form of a workshop.

use chrono::NaiveDate;
use platform::web::FormState;

use super::model::{Atelier, Contenu, Niveau};
use crate::lieux::pages::lien_sur;
use crate::lieux::rythme::{self, Rythme};

/// Reads the form; what is wrong stands beside its field.
pub(super) fn lit(form: &mut FormState, aujourdhui: NaiveDate) -> Option<Contenu> {
    let titre = form.text("titre", 120);
    let presentation = form.text_opt("presentation", 1_000);
    let niveau = form.parse("niveau", |v| Niveau::de_cle(v).ok_or("Choisissez dans la liste."));
    let public = form.text_opt("public", 200);
    let places = form.parse_opt("places", |v| match v.parse::<u16>() {
        Ok(n) if (1..=1_000).contains(&n) => Ok(n),
        _ => Err("Écrivez un nombre de places, de 1 à 1 000."),
    });
    let inscription = form.text("inscription", 300);
    let lien = form.parse_opt("lien", |v| match lien_sur(v) {
        Some(url) if url.chars().count() <= 500 => Ok(url.to_owned()),
        _ => Err("Écrivez une adresse complète, comme https://exemple.fr/inscription."),
    });
    let heures = rythme::horaires(form);
    let rythme = Rythme::lit(form, aujourdhui);
    let (debut, fin) = heures?;
    Some(Contenu {
        titre: titre?,
        presentation: presentation?.unwrap_or_default(),
        niveau: niveau?,
        public: public?.unwrap_or_default(),
        places: places?,
        inscription: inscription?,
        lien: lien?,
        debut,
        fin,
        rythme: rythme?,
    })
}

/// The form filled with a workshop.
pub(super) fn remplit(a: &Atelier) -> FormState {
    let c = &a.contenu;
    let mut champs = vec![
        ("version".to_owned(), a.version.to_string()),
        ("titre".to_owned(), c.titre.clone()),
        ("presentation".to_owned(), c.presentation.clone()),
        ("niveau".to_owned(), c.niveau.cle().to_owned()),
        ("public".to_owned(), c.public.clone()),
        ("places".to_owned(), c.places.map(|n| n.to_string()).unwrap_or_default()),
        ("inscription".to_owned(), c.inscription.clone()),
        ("lien".to_owned(), c.lien.clone().unwrap_or_default()),
        ("debut".to_owned(), c.debut.format("%H:%M").to_string()),
        ("fin".to_owned(), c.fin.format("%H:%M").to_string()),
    ];
    champs.extend(c.rythme.champs());
    FormState::filled(champs)
}
