//! From what was typed to a sheet, and back.

use annuaire::structures::model::texte_propre;
use annuaire::territoires::{Choix, Territoires};
use chrono::NaiveDate;
use kernel::{CodePostal, Email};
use platform::web::FormState;

use super::model::{Attribut, Fiche, Lieu, Numero, Rayon, Situation, Situations};
use super::rules::{self, DIPLOME_MAX, MOTIVATION_MAX, NOM_MAX};

/// Name of the field that holds the name of the diploma.
pub(super) const DIPLOME: &str = "diplome_nom";

/// What came of a form: a sheet when all is right, else the communes to choose from, if that is what is missing.
#[derive(Debug, Default)]
pub(crate) struct Lue {
    pub(crate) fiche: Option<Fiche>,
    pub(crate) communes: Vec<(String, String)>,
}

/// Reads the sheet as typed on that day; what is wrong is noted beside its field. `avant` is the sheet that is changed:
/// what it says already is not judged again.
pub(crate) fn lire(
    form: &mut FormState,
    territoires: &Territoires,
    jour: NaiveDate,
    avant: Option<&Fiche>,
) -> Lue {
    // In the order of the page: the summary of errors follows it.
    let prenom = lire_nom(form, "prenom", "Écrivez votre prénom.");
    let nom = lire_nom(form, "nom", "Écrivez votre nom.");
    vide(form, "courriel", "Écrivez votre adresse électronique.");
    let courriel = form.parse("courriel", Email::parse);
    let telephone = form.parse_opt("telephone", Numero::parse);
    let (lieu, communes) = lire_lieu(form, territoires);
    vide(form, "rayon", "Choisissez jusqu’où vous pouvez aller travailler.");
    let rayon = form.parse("rayon", |v| Rayon::from_cle(v).ok_or("Choisissez une distance dans la liste."));
    vide(form, "disponible_le", "Écrivez la date à partir de laquelle vous êtes disponible.");
    let disponible_le = form.parse("disponible_le", |v| {
        let le = lire_jour(v)?;
        if avant.is_none_or(|a| a.disponible_le != le) {
            rules::disponibilite(le, jour)?;
        }
        Ok::<_, String>(le)
    });
    let situations = lire_situations(form);
    if !form.get("motivation").chars().any(char::is_alphanumeric) {
        form.refuse("motivation", "Écrivez pourquoi vous souhaitez devenir conseiller numérique.");
    }
    let motivation = form.text("motivation", MOTIVATION_MAX);
    let fiche = || {
        Some(Fiche {
            prenom: prenom?,
            nom: nom?,
            courriel: courriel?,
            telephone: telephone?,
            lieu: lieu?,
            rayon: rayon?,
            disponible_le: disponible_le?,
            situations: situations?,
            motivation: motivation?,
        })
    };
    let fiche = fiche();
    if let Some(f) = &fiche {
        let juge =
            avant.map_or_else(|| rules::recevable(f, jour), |a| rules::changement_recevable(a, f, jour));
        if let Err(kernel::Refusal::Fields(champs)) = juge {
            champs.iter().for_each(|(champ, phrase)| form.refuse(champ, phrase));
        }
    }
    Lue { fiche: fiche.filter(|_| form.is_valid()), communes }
}

/// Refuses a field that nothing was typed in.
fn vide(form: &mut FormState, champ: &str, phrase: &str) {
    if form.get(champ).is_empty() {
        form.refuse(champ, phrase);
    }
}

/// A first or last name, with a letter at least.
fn lire_nom(form: &mut FormState, champ: &str, phrase: &str) -> Option<String> {
    if !form.get(champ).chars().any(char::is_alphanumeric) {
        form.refuse(champ, phrase);
        return None;
    }
    form.parse(champ, |v| texte_propre(v, NOM_MAX))
}

fn lire_jour(v: &str) -> Result<NaiveDate, String> {
    let lu = v.parse().ok().or_else(|| NaiveDate::parse_from_str(v, "%d/%m/%Y").ok());
    lu.ok_or_else(|| "Écrivez une date, comme 18/03/2026.".to_owned())
}

/// The boxes and the name of the diploma, which goes exactly with its box.
fn lire_situations(form: &mut FormState) -> Option<Situations> {
    let coche = |s: Situation| form.coche(Attribut::Situations.cle(), s.cle());
    let mut situations = Situations {
        demandeur_emploi: coche(Situation::DemandeurEmploi),
        en_emploi: coche(Situation::EnEmploi),
        en_formation: coche(Situation::EnFormation),
        diplome: None,
        experience: coche(Situation::Experience),
    };
    match (coche(Situation::Diplome), form.get(DIPLOME).is_empty()) {
        (true, true) => form.refuse(DIPLOME, "Écrivez le nom de votre diplôme, ou décochez cette réponse."),
        (true, false) => {
            situations.diplome = form.parse(DIPLOME, |v| {
                let nom = texte_propre(v, DIPLOME_MAX)?;
                if nom.chars().any(char::is_alphanumeric) {
                    Ok(nom)
                } else {
                    Err("Écrivez le nom de votre diplôme, avec des lettres.".to_owned())
                }
            });
        }
        (false, false) => form
            .refuse(DIPLOME, "Cochez « Diplôme dans la médiation numérique », ou effacez le nom du diplôme."),
        (false, true) if !situations.une() => {
            form.refuse(Attribut::Situations.cle(), "Cochez au moins une réponse qui décrit votre situation.")
        }
        (false, true) => {}
    }
    (form.error(DIPLOME).is_none() && situations.une()).then_some(situations)
}

fn lire_lieu(form: &mut FormState, territoires: &Territoires) -> (Option<Lieu>, Vec<(String, String)>) {
    if form.get("code_postal").is_empty() {
        form.refuse("code_postal", "Écrivez le code postal de votre commune.");
    }
    let code_postal = form
        .parse("code_postal", |v| CodePostal::parse(v).ok_or("Un code postal a cinq chiffres, comme 01000."));
    let nom = form.get("commune").to_owned();
    if nom.is_empty() {
        form.refuse("commune", "Écrivez le nom de votre commune.");
        return (None, Vec::new());
    }
    let postal = code_postal.as_ref().map_or("", CodePostal::as_str);
    match territoires.choisir(&nom, postal, form.get("code_commune")) {
        Choix::Une(c) => {
            let Some(position) = c.position() else {
                form.refuse("commune", "Cette commune n’est pas sur la carte. Écrivez une commune voisine.");
                return (None, Vec::new());
            };
            let lieu = code_postal.map(|code_postal| Lieu {
                commune: c.commune.into(),
                code_postal,
                position: position.position,
            });
            (lieu, Vec::new())
        }
        Choix::Plusieurs(options) => {
            form.refuse("commune", "Plusieurs communes correspondent : choisissez la bonne sous ce champ.");
            (None, options)
        }
        Choix::Aucune => {
            form.refuse("commune", "Cette commune est inconnue. Vérifiez son nom et son code postal.");
            (None, Vec::new())
        }
    }
}

/// The form that shows a sheet.
pub(super) fn montrer(fiche: &Fiche) -> FormState {
    let mut valeurs = vec![
        ("prenom", fiche.prenom.clone()),
        ("nom", fiche.nom.clone()),
        ("courriel", fiche.courriel.to_string()),
        ("telephone", fiche.telephone.as_ref().map(Numero::lisible).unwrap_or_default()),
        ("code_postal", fiche.lieu.code_postal.to_string()),
        ("commune", fiche.lieu.commune.nom.clone()),
        ("code_commune", fiche.lieu.commune.code.to_string()),
        ("rayon", fiche.rayon.cle()),
        ("disponible_le", fiche.disponible_le.to_string()),
        (DIPLOME, fiche.situations.diplome.clone().unwrap_or_default()),
        ("motivation", fiche.motivation.clone()),
    ];
    let vraies = Situation::TOUTES.into_iter().filter(|s| fiche.situations.a(*s));
    valeurs.extend(vraies.map(|s| (Attribut::Situations.cle(), s.cle().to_owned())));
    FormState::filled(valeurs)
}

/// The distances, for the list of the form.
pub(super) fn rayons() -> Vec<(String, String)> {
    std::iter::once((String::new(), "Choisir".to_owned()))
        .chain(Rayon::tous().map(|r| (r.cle(), r.libelle())))
        .collect()
}

/// The situations, for the boxes of the form.
pub(super) fn situations() -> Vec<(&'static str, &'static str)> {
    Situation::TOUTES.into_iter().map(|s| (s.cle(), s.libelle())).collect()
}
