//! From what was typed to what is asked.

use annuaire::structures::model::{CategorieJuridique, Genre, texte_propre};
use annuaire::structures::saisie::{Lue, lire_fiche};
use annuaire::territoires::Territoires;
use kernel::{Email, Pivot, Telephone};
use platform::web::FormState;

use super::model::{Demandeur, DemandeurId, Dossier, Personne, PersonneId};
use super::reference::{self, MISSION_MAX};

/// Fields of the step about the organisation, in the order of the page.
pub(super) const ORGANISATION: &[&str] = &[
    "nom",
    "pivot",
    "type",
    "type_autre",
    "categorie",
    "voie",
    "code_postal",
    "commune",
    "code_commune",
    "site_web",
    "privee",
    "partenaire",
    "france_services",
    "france_services_numero",
    "mission",
    "demarches",
];
/// Fields of the step about the référent, in the order of the page.
pub(super) const REFERENT: &[&str] = &[
    "referent_prenom",
    "referent_nom",
    "referent_profession",
    "referent_courriel",
    "referent_telephone",
    "referent_aidant",
    "referent_conseiller",
];
/// Fields of the step of declarations.
pub(super) const ENGAGEMENTS: &[&str] = &["cgu", "gratuite", "dpo", "professionnels", "sans_elus"];
/// What the request said when changes were asked for: kept beside the fields, never shown.
pub(super) const SCEAU: &str = "sceau";

/// Whether that field is kept with a request.
pub(super) fn garde(champ: &str) -> bool {
    champ == SCEAU || [ORGANISATION, REFERENT, ENGAGEMENTS].iter().any(|champs| champs.contains(&champ))
}

/// A print of all that a request says, to know later whether anything of it was changed.
pub(super) fn sceau(champs: &FormState, personnes: &[Personne]) -> String {
    let mut tout = String::new();
    let mut ecrire = |texte: &str| {
        tout.push_str(texte);
        tout.push('\u{1f}');
    };
    for champ in ORGANISATION.iter().chain(REFERENT).chain(ENGAGEMENTS) {
        ecrire(champs.get(champ));
    }
    let mut noms: Vec<String> = personnes
        .iter()
        .map(|p| {
            let telephone = p.telephone.as_ref().map(|t| t.as_str()).unwrap_or_default();
            format!(
                "{}|{}|{}|{telephone}|{}|{}",
                p.prenom,
                p.nom,
                p.courriel.key(),
                p.profession,
                p.conseiller_numerique
            )
        })
        .collect();
    noms.sort();
    noms.iter().for_each(|n| ecrire(n));
    crate::empreinte::Empreinte::de(tout.as_bytes()).to_string()
}

const TELEPHONE: &str = "Écrivez un numéro français complet, comme 01 80 05 98 80 ou 0262 12 34 56.";
const PORTABLE: &str = "Écrivez un numéro de portable complet, comme 06 12 34 56 78 ou 0692 12 34 56.";

fn exiger(form: &mut FormState, name: &str, sentence: &str) {
    if form.get(name).is_empty() {
        form.refuse(name, sentence);
    }
}

fn oui_non(form: &mut FormState, name: &str, sentence: &str) -> Option<bool> {
    exiger(form, name, sentence);
    form.parse(name, |v| match v {
        "oui" => Ok(true),
        "non" => Ok(false),
        _ => Err("Choisissez oui ou non."),
    })
}

/// A professional address that somebody answers.
fn adresse(v: &str) -> Result<Email, String> {
    let courriel = Email::parse(v)?;
    let domaine = courriel.as_str().rsplit('@').next().unwrap_or_default().to_lowercase();
    if reference::DOMAINES_ABANDONNES.contains(&domaine.as_str()) {
        return Err(format!(
            "Les adresses en @{domaine} ne fonctionnent plus. Écrivez l’adresse professionnelle de la structure."
        ));
    }
    Ok(courriel)
}

/// Whoever asks.
pub(super) fn demandeur(
    form: &mut FormState,
    id: DemandeurId,
    now: chrono::DateTime<chrono::Utc>,
) -> Option<Demandeur> {
    for (name, sentence) in [
        ("prenom", "Écrivez votre prénom."),
        ("nom", "Écrivez votre nom."),
        ("profession", "Écrivez votre fonction dans l’organisation."),
        ("courriel", "Écrivez votre adresse électronique professionnelle."),
    ] {
        exiger(form, name, sentence);
    }
    let prenom = form.parse("prenom", |v| texte_propre(v, 100));
    let nom = form.parse("nom", |v| texte_propre(v, 100));
    let profession = form.parse("profession", |v| texte_propre(v, 150));
    let courriel = form.parse("courriel", adresse);
    let telephone = form.parse_opt("telephone", |v| Telephone::parse(v).ok_or(TELEPHONE));
    Some(Demandeur {
        id,
        prenom: prenom?,
        nom: nom?,
        profession: profession?,
        telephone: telephone?,
        courriel: courriel?,
        verifie_le: None,
        envois: 0,
        envoye_le: None,
        cree_le: now,
    })
}

/// The number to begin with: a SIRET, or a RIDET in New Caledonia.
pub(super) fn siret(form: &mut FormState) -> Option<Pivot> {
    exiger(form, "siret", "Écrivez le SIRET de l’organisation : 14 chiffres.");
    form.parse("siret", |v| match Pivot::parse(v) {
        Ok(Pivot::Rna(_)) => {
            Err("Écrivez le SIRET de l’organisation (14 chiffres) : un numéro RNA ne suffit pas ici."
                .to_owned())
        }
        other => other,
    })
}

/// A person to be trained, whose fields begin with that prefix.
pub(super) fn personne(form: &mut FormState, prefixe: &str, id: PersonneId) -> Option<Personne> {
    let at = |nom: &str| format!("{prefixe}{nom}");
    for (nom, sentence) in [
        ("prenom", "Écrivez le prénom."),
        ("nom", "Écrivez le nom."),
        ("courriel", "Écrivez l’adresse électronique professionnelle."),
        ("profession", "Écrivez la profession."),
    ] {
        exiger(form, &at(nom), sentence);
    }
    let prenom = form.parse(&at("prenom"), |v| texte_propre(v, 100));
    let nom = form.parse(&at("nom"), |v| texte_propre(v, 100));
    let courriel = form.parse(&at("courriel"), adresse);
    // That of the référent serves at their first sign-in: it receives messages.
    let exemple = if prefixe.is_empty() { TELEPHONE } else { PORTABLE };
    let telephone = form.parse_opt(&at("telephone"), |v| Telephone::parse(v).ok_or(exemple));
    let profession = form.parse(&at("profession"), |v| texte_propre(v, 150));
    let conseiller =
        oui_non(form, &at("conseiller"), "Dites si cette personne est conseillère ou conseiller numérique.");
    form.in_page_order(&["prenom", "nom", "profession", "courriel", "telephone", "conseiller"]);
    Some(Personne {
        id,
        prenom: prenom?,
        nom: nom?,
        courriel: courriel?,
        telephone: telephone?,
        profession: profession?,
        conseiller_numerique: conseiller?,
        aidant: None,
    })
}

/// The référent, and whether they will make mandats too.
pub(super) fn referent(form: &mut FormState) -> Option<(Personne, bool)> {
    exiger(
        form,
        "referent_telephone",
        "Écrivez le téléphone portable du référent : l’équipe l’appelle quand un courriel ne passe pas.",
    );
    let aidant = oui_non(form, "referent_aidant", "Dites si le référent fera aussi des mandats.");
    let p = personne(form, "referent_", PersonneId(uuid::Uuid::nil()));
    form.in_page_order(REFERENT);
    form.is_valid().then_some(())?;
    Some((p?, aidant?))
}

/// What came of the step about the organisation: what it says when all is right, communes to choose from otherwise.
pub(super) struct Organisation {
    pub(super) lue: Option<Lu>,
    pub(super) communes: Vec<(String, String)>,
}

/// The organisation alone.
pub(super) struct Lu {
    fiche: annuaire::structures::model::Fiche,
    type_cle: &'static str,
    type_autre: Option<String>,
    partenaire: Option<String>,
    france_services: Option<String>,
    mission: Option<String>,
    demarches: Option<u32>,
}

/// Reads the step about the organisation.
pub(super) fn organisation(form: &mut FormState, territoires: &Territoires) -> Organisation {
    exiger(form, "nom", "Écrivez le nom de l’organisation.");
    exiger(form, "pivot", "Écrivez le SIRET de l’organisation.");
    exiger(form, "commune", "Écrivez le nom de la commune.");
    exiger(form, "type", "Choisissez le type d’organisation.");
    exiger(form, "voie", "Écrivez le numéro et la rue où le public est reçu.");
    exiger(form, "code_postal", "Écrivez le code postal.");
    let type_de = form.parse("type", |v| reference::type_de(v).ok_or("Choisissez un type dans la liste."));
    let categorie = CategorieJuridique::parse(form.get("categorie")).ok();
    // The kind of the directory follows from the legal category, else from the kind that was chosen.
    let genre = categorie.as_ref().and_then(CategorieJuridique::genre).or(type_de.map(|t| t.2));
    // This page asks for no kind: without a type, that of the type is what is missing, and nothing is read from the stand-in.
    form.set("genre", genre.unwrap_or(Genre::Association).cle());
    let Lue { fiche, communes } = lire_fiche(form, territoires);
    let type_autre = if form.get("type") == "autre" {
        exiger(form, "type_autre", "Précisez le type d’organisation.");
        form.parse("type_autre", |v| texte_propre(v, 150)).map(Some)
    } else {
        form.forget("type_autre");
        Some(None)
    };
    let privee = oui_non(form, "privee", "Dites si l’organisation est privée.");
    let partenaire = match privee {
        Some(true) => {
            exiger(
                form,
                "partenaire",
                "Écrivez le nom de l’administration pour laquelle l’organisation travaille.",
            );
            form.parse("partenaire", |v| texte_propre(v, 200)).map(Some)
        }
        Some(false) if genre == Some(Genre::Association) => {
            form.refuse(
                "privee",
                "Une association est une organisation privée : répondez oui, et dites pour quelle administration elle travaille.",
            );
            None
        }
        Some(false) => {
            form.forget("partenaire");
            Some(None)
        }
        None => None,
    };
    let france = oui_non(form, "france_services", "Dites si l’organisation est labellisée France services.");
    let france_services = match france {
        Some(true) => {
            exiger(form, "france_services_numero", "Écrivez le numéro de l’immatriculation France services.");
            form.parse("france_services_numero", |v| {
                let numero: String = v.chars().filter(|c| !c.is_whitespace()).collect();
                let bon =
                    (1..=12).contains(&numero.len()) && numero.chars().all(|c| c.is_ascii_alphanumeric());
                bon.then_some(numero)
                    .ok_or("Un numéro France services a des chiffres et des lettres, douze au plus.")
            })
            .map(Some)
        }
        Some(false) => {
            form.forget("france_services_numero");
            Some(None)
        }
        None => None,
    };
    // An association is asked neither for its mission nor for figures (domain, 3.15).
    if genre != Some(Genre::Association) {
        exiger(form, "mission", "Décrivez en quelques phrases la mission de l’organisation.");
        exiger(form, "demarches", "Écrivez à peu près combien de démarches sont faites par semaine.");
    }
    let mission = form.text_opt("mission", MISSION_MAX);
    let demarches = form.parse_opt("demarches", |v| {
        let n: String = v.chars().filter(|c| !c.is_whitespace()).collect();
        n.parse::<u32>().ok().filter(|n| *n <= 100_000).ok_or("Écrivez un nombre entier, comme 30.")
    });
    form.in_page_order(ORGANISATION);
    let lue = || {
        let t = type_de?;
        Some(Lu {
            fiche: fiche?,
            type_cle: t.0,
            type_autre: type_autre?,
            partenaire: partenaire?,
            france_services: france_services?,
            mission: mission?,
            demarches: demarches?,
        })
    };
    let lue = lue().filter(|_| form.is_valid());
    Organisation { lue, communes }
}

/// A whole request, from what is kept of it.
pub(super) fn dossier(form: &mut FormState, territoires: &Territoires) -> Option<Dossier> {
    let organisation = organisation(form, territoires).lue;
    let referent = referent(form);
    let (o, (referent, referent_aidant)) = (organisation?, referent?);
    Some(Dossier {
        fiche: o.fiche,
        type_cle: o.type_cle,
        type_autre: o.type_autre,
        partenaire: o.partenaire,
        france_services: o.france_services,
        mission: o.mission,
        demarches: o.demarches,
        referent,
        referent_aidant,
    })
}

/// The step to which a field belongs, for the summary of what is missing.
pub(super) fn etape_de(champ: &str) -> &'static str {
    if REFERENT.contains(&champ) {
        "referent"
    } else if ENGAGEMENTS.contains(&champ) {
        "engagements"
    } else if champ == "aidants" {
        "aidants"
    } else {
        "organisation"
    }
}
