//! From what was typed to a sheet, and back.

use kernel::{CodePostal, Email, Pivot, Reseau, Telephone};
use platform::web::FormState;

use crate::structures::model::{
    CategorieJuridique, CommuneChoisie, Fiche, FicheContact, Genre, SiteWeb, texte_propre,
};
use crate::structures::rules;
use crate::structures::sirene::Etablissement;
use crate::territoires::{Choix, Territoires};

/// What came of a form: a sheet when all is right, else the communes to choose from, if that is what is missing.
#[derive(Debug, Default)]
pub struct Lue {
    /// The sheet, when nothing is wrong.
    pub fiche: Option<Fiche>,
    /// The communes to choose from: (INSEE code, name).
    pub communes: Vec<(String, String)>,
}

/// Reads the sheet; what is wrong is noted beside its field.
pub fn lire_fiche(form: &mut FormState, territoires: &Territoires) -> Lue {
    exiger(form, "nom", "Écrivez le nom de la structure.");
    exiger(form, "genre", "Choisissez le genre de la structure.");
    let nom = form.parse("nom", nom);
    let pivot = form.parse_opt("pivot", Pivot::parse);
    let genre = form.parse("genre", |v| Genre::from_cle(v).ok_or("Choisissez un genre dans la liste."));
    let categorie = form.parse_opt("categorie", CategorieJuridique::parse);
    let voie = form.parse_opt("voie", |v| texte_propre(v, 200));
    let code_postal = form.parse_opt("code_postal", |v| {
        CodePostal::parse(v).ok_or("Un code postal a cinq chiffres, comme 01000.")
    });
    let site_web = form.parse_opt("site_web", SiteWeb::parse);
    let reseau = form.parse_opt("reseau", |v| Reseau::parse(v).ok_or("Choisissez un réseau dans la liste."));
    let (commune, communes) = lire_commune(form, territoires);
    let fiche = || {
        Some(Fiche {
            pivot: pivot?,
            nom: nom?,
            genre: genre?,
            categorie: categorie?,
            voie: voie?,
            code_postal: code_postal?,
            commune: commune?,
            site_web: site_web?,
            reseau: reseau?,
        })
    };
    Lue { fiche: fiche(), communes }
}

/// The sentence of an empty field, told apart from others in the summary of errors.
fn exiger(form: &mut FormState, name: &str, sentence: &str) {
    if form.get(name).is_empty() {
        form.refuse(name, sentence);
    }
}

fn nom(typed: &str) -> Result<String, String> {
    let nom = texte_propre(typed, 200)?;
    if nom.chars().any(char::is_alphanumeric) {
        Ok(nom)
    } else {
        Err("Écrivez un nom, avec des lettres.".to_owned())
    }
}

/// The commune that was typed, by name, code postal or INSEE code. When several may be meant, the one chosen under the
/// field decides, if it is among them.
fn lire_commune(
    form: &mut FormState,
    territoires: &Territoires,
) -> (Option<CommuneChoisie>, Vec<(String, String)>) {
    let (typed, code_postal) = (form.get("commune").to_owned(), form.get("code_postal").to_owned());
    if typed.is_empty() && code_postal.is_empty() {
        form.refuse("commune", "Écrivez le nom de la commune.");
        return (None, Vec::new());
    }
    match territoires.choisir(&typed, &code_postal, form.get("code_commune")) {
        Choix::Une(c) => (Some(c.commune.into()), Vec::new()),
        Choix::Plusieurs(options) => {
            form.refuse("commune", "Plusieurs communes correspondent : choisissez la bonne sous ce champ.");
            (None, options)
        }
        Choix::Aucune => {
            form.refuse(
                "commune",
                "Cette commune est inconnue. Vérifiez son nom, ou écrivez son code postal ou son code INSEE.",
            );
            (None, Vec::new())
        }
    }
}

/// The form that shows a sheet.
pub fn montrer(fiche: &Fiche, version: i64) -> FormState {
    FormState::filled([
        ("nom", fiche.nom.clone()),
        ("pivot", fiche.pivot.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("genre", fiche.genre.cle().to_owned()),
        ("categorie", fiche.categorie.as_ref().map(|c| c.code().to_owned()).unwrap_or_default()),
        ("voie", fiche.voie.clone().unwrap_or_default()),
        ("code_postal", fiche.code_postal.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("commune", fiche.commune.nom.clone()),
        ("code_commune", fiche.commune.code.to_string()),
        ("site_web", fiche.site_web.as_ref().map(|s| s.as_str().to_owned()).unwrap_or_default()),
        ("reseau", fiche.reseau.map(Reseau::cle).unwrap_or_default().to_owned()),
        ("version", version.to_string()),
    ])
}

/// The form filled from Sirene.
pub fn reprendre(e: &Etablissement) -> FormState {
    FormState::filled([
        ("nom", e.nom.clone()),
        ("pivot", e.siret.to_string()),
        ("genre", e.genre.map(Genre::cle).unwrap_or_default().to_owned()),
        ("categorie", e.categorie.as_ref().map(|c| c.code().to_owned()).unwrap_or_default()),
        ("voie", e.voie.clone()),
        ("code_postal", e.code_postal.clone()),
        ("commune", e.commune.clone()),
        ("code_commune", e.code_commune.clone()),
    ])
}

/// The networks to choose from, none first.
pub fn reseaux() -> Vec<(&'static str, &'static str)> {
    std::iter::once(("", "Aucun")).chain(Reseau::tous().map(|r| (r.cle(), r.nom()))).collect()
}

/// The fields of a contact, under their prefix.
pub(super) const CHAMPS_CONTACT: [&str; 4] = ["nom", "fonction", "courriel", "telephone"];

/// Reads a contact whose fields begin with that prefix; what is wrong is noted beside its field.
pub fn lire_contact(form: &mut FormState, prefix: &str) -> Option<FicheContact> {
    let at = |name: &str| format!("{prefix}{name}");
    exiger(form, &at("nom"), "Écrivez le nom de la personne ou du service à contacter.");
    let nom = form.parse(&at("nom"), nom);
    let fonction = form.parse_opt(&at("fonction"), |v| texte_propre(v, 100));
    let courriel = form.parse_opt(&at("courriel"), Email::parse);
    let telephone = form.parse_opt(&at("telephone"), |v| {
        Telephone::parse(v)
            .ok_or("Écrivez un numéro français complet, comme 01 80 05 98 80 ou 0262 12 34 56.")
    });
    let contact = FicheContact { nom: nom?, fonction: fonction?, courriel: courriel?, telephone: telephone? };
    match rules::joignable(&contact) {
        Ok(()) => Some(contact),
        Err(refusal) => {
            form.refuse(&at("courriel"), refusal.to_string());
            None
        }
    }
}
