//! Structures and services of data·inclusion as lieux of the standard.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read, Write};

use serde_json::{Map, Value};

use super::{
    ACTIVITES, CONNEXION, EMPLOI, EN_LIGNE, EQUIPEMENT, FONDAMENTAUX, PARENTALITE, VERSION_0, public,
};
use crate::lieux::standard::{Champ, Public, Service, TYPOLOGIES, Valeur};

/// Longest file that is read: the whole country is a tenth of it.
const OCTETS_MAX: u64 = 512 << 20;

/// An object of a file.
type Objet = Map<String, Value>;

/// What became of two files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compte {
    /// Structures read.
    pub structures: u64,
    /// Services read.
    pub services: u64,
    /// Lieux written.
    pub lieux: u64,
    /// Structures without a service that helps with digital tools: no lieu.
    pub sans_numerique: u64,
    /// Services whose structure is in no file: no lieu.
    pub orphelins: u64,
    /// Services about something else.
    pub autres: u64,
    /// Values that have no word in the standard, by field: how often.
    pub non_repris: BTreeMap<(String, String), u64>,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// The file is not one: a sentence.
    #[error("{0}")]
    Fichier(String),
    /// It cannot be read, or the output written.
    #[error(transparent)]
    Entree(#[from] io::Error),
}

/// Writes the lieux of two files (JSON lists, or one object a line) as JSON of the standard, for the ordinary import.
///
/// # Errors
/// When a file is no JSON of objects, or the output cannot be written.
pub fn convertit(
    structures: impl Read,
    services: impl Read,
    mut sortie: impl Write,
) -> Result<Compte, Echec> {
    let structures = objets(structures, "structures")?;
    let services = objets(services, "services")?;
    let mut compte =
        Compte { structures: structures.len() as u64, services: services.len() as u64, ..Compte::default() };
    let connues: HashMap<String, usize> =
        structures.iter().enumerate().map(|(i, s)| (texte(s, &["id"]), i)).collect();
    // Each structure, then each of its places, in the order of the files.
    let mut offres: Vec<Vec<(Ou, Vec<&Objet>)>> = vec![Vec::new(); structures.len()];
    for service in &services {
        let Some(rang) = connues.get(&texte(service, &["structure_id"])).copied() else {
            compte.orphelins += 1;
            continue;
        };
        if themes(service).is_empty() {
            compte.autres += 1;
            continue;
        }
        let ou = Ou::de(service).unwrap_or_else(|| Ou::de(&structures[rang]).unwrap_or_default());
        match offres[rang].iter_mut().find(|(o, _)| *o == ou) {
            Some((_, ensemble)) => ensemble.push(service),
            None => offres[rang].push((ou, vec![service])),
        }
    }
    sortie.write_all(b"[")?;
    for (structure, lieux) in structures.iter().zip(&offres) {
        if lieux.is_empty() {
            compte.sans_numerique += 1;
        }
        let chez_elle = Ou::de(structure).unwrap_or_default();
        for (ou, services) in lieux {
            let ailleurs = (*ou != chez_elle).then(|| services[0]);
            let lieu = lieu(structure, services, ailleurs, &mut compte);
            sortie.write_all(if compte.lieux == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut sortie, &lieu).map_err(io::Error::from)?;
            compte.lieux += 1;
        }
    }
    sortie.write_all(b"\n]\n")?;
    Ok(compte)
}

/// Where a service is given: two at one place are one lieu.
#[derive(Clone, Default, PartialEq, Eq)]
struct Ou(String, String);

impl Ou {
    fn de(o: &Objet) -> Option<Self> {
        let (adresse, code) = (texte(o, &["adresse"]), texte(o, &["code_insee", "code_postal"]));
        (!adresse.is_empty() && !code.is_empty()).then(|| Self(kernel::text::fold(&adresse), code))
    }
}

/// Reads a list of objects, or one object a line.
fn objets(entree: impl Read, nom: &str) -> Result<Vec<Objet>, Echec> {
    let mut octets = Vec::new();
    entree.take(OCTETS_MAX + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > OCTETS_MAX {
        return Err(Echec::Fichier(format!("le fichier des {nom} dépasse {} Mio.", OCTETS_MAX >> 20)));
    }
    let net = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&octets);
    let faute = |e: &serde_json::Error| {
        Echec::Fichier(format!(
            "le fichier des {nom} n’est pas une liste d’objets JSON : voyez la ligne {}, colonne {}.",
            e.line(),
            e.column()
        ))
    };
    if net.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
        return serde_json::from_slice(net).map_err(|e| faute(&e));
    }
    serde_json::Deserializer::from_slice(net)
        .into_iter::<Objet>()
        .collect::<Result<_, _>>()
        .map_err(|e| faute(&e))
}

/// The first of these fields that is filled, as a text.
fn texte(o: &Objet, noms: &[&str]) -> String {
    noms.iter()
        .filter_map(|n| match o.get(*n)? {
            Value::String(s) => Some(s.trim().to_owned()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        })
        .find(|t| !t.is_empty())
        .unwrap_or_default()
}

/// The values of these fields, whether one or several.
fn mots<'a>(o: &'a Objet, noms: &[&str]) -> Vec<&'a str> {
    let mut out = Vec::new();
    for valeur in noms.iter().filter_map(|n| o.get(*n)) {
        match valeur {
            Value::String(s) if !s.is_empty() => out.push(s.as_str()),
            Value::Array(l) => out.extend(l.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    out
}

/// Themes of a service that are about digital tools.
fn themes(service: &Objet) -> Vec<&str> {
    mots(service, &["thematiques"])
        .into_iter()
        .filter(|t| *t == "numerique" || t.starts_with("numerique--"))
        .collect()
}

/// What a place offers, from all the themes of its services.
fn services(tous: &BTreeSet<&str>) -> BTreeSet<Service> {
    let a = |t: &str| tous.contains(t);
    let mut out: BTreeSet<Service> = VERSION_0.iter().filter(|(t, _)| a(t)).map(|(_, s)| *s).collect();
    if a(EN_LIGNE) {
        out.insert(Service::AideDemarches);
    }
    // Machines to use go with a connection; alone, they are to be bought.
    match (a(CONNEXION), a(EQUIPEMENT)) {
        (true, _) => drop(out.insert(Service::AccesInternetMateriel)),
        (false, true) => drop(out.insert(Service::AcquisitionMateriel)),
        (false, false) => {}
    }
    if a(FONDAMENTAUX) {
        out.insert(Service::MaitriseOutils);
        for (theme, service) in [
            (EMPLOI, Service::InsertionProfessionnelle),
            (PARENTALITE, Service::ParentaliteEducation),
            (ACTIVITES, Service::LoisirsCreations),
        ] {
            if a(theme) {
                out.insert(service);
            }
        }
    }
    out
}

fn lieu(structure: &Objet, offerts: &[&Objet], ailleurs: Option<&Objet>, compte: &mut Compte) -> Value {
    let mut o: BTreeMap<&str, String> = BTreeMap::new();
    let mut met = |champ: Champ, valeur: String| {
        if !valeur.is_empty() {
            o.insert(champ.nom(), valeur);
        }
    };
    let place = ailleurs.unwrap_or(structure);
    let id = texte(structure, &["id"]);
    met(Champ::Id, ailleurs.map_or_else(|| id.clone(), |s| format!("{id}--{}", texte(s, &["id"]))));
    met(Champ::Pivot, texte(structure, &["siret", "rna"]));
    met(Champ::Nom, texte(structure, &["nom"]));
    for (champ, noms) in [
        (Champ::Adresse, &["adresse"][..]),
        (Champ::ComplementAdresse, &["complement_adresse"]),
        (Champ::Commune, &["commune"]),
        (Champ::CodePostal, &["code_postal"]),
        (Champ::CodeInsee, &["code_insee"]),
        (Champ::Latitude, &["latitude"]),
        (Champ::Longitude, &["longitude"]),
    ] {
        met(champ, texte(place, noms));
    }
    // What a service says of itself first, then its structure.
    let premier = |noms: &[&str]| {
        offerts
            .iter()
            .map(|s| texte(s, noms))
            .find(|t| !t.is_empty())
            .unwrap_or_else(|| texte(structure, noms))
    };
    met(Champ::Telephone, premier(&["telephone"]));
    met(Champ::Courriels, premier(&["courriel"]));
    met(Champ::SiteWeb, texte(structure, &["site_web"]));
    met(Champ::Horaires, premier(&["horaires_accueil", "horaires_ouverture", "recurrence"]));
    met(Champ::PresentationResume, texte(structure, &["presentation_resume"]));
    met(Champ::PresentationDetail, texte(structure, &["description", "presentation_detail"]));
    met(Champ::FicheAccesLibre, texte(structure, &["accessibilite_lieu", "accessibilite"]));
    met(Champ::PriseRdv, premier(&["lien_mobilisation", "prise_rdv"]));
    met(Champ::Source, texte(structure, &["source"]));
    let dates = offerts.iter().map(|s| texte(s, &["date_maj"])).chain([texte(structure, &["date_maj"])]);
    met(Champ::DateMaj, dates.map(|d| d.chars().take(10).collect()).max().unwrap_or_default());

    let tous: BTreeSet<&str> = offerts.iter().flat_map(|s| mots(s, &["thematiques"])).collect();
    met(Champ::Services, libelles(services(&tous)));
    for theme in tous.iter().filter(|t| t.starts_with("numerique--")) {
        let connu = [EN_LIGNE, CONNEXION, EQUIPEMENT, FONDAMENTAUX].contains(theme)
            || VERSION_0.iter().any(|(t, _)| t == theme);
        if !connu {
            *compte.non_repris.entry(("thematiques".to_owned(), (*theme).to_owned())).or_default() += 1;
        }
    }
    let mut traduit = |noms: &[&str], traduction: fn(&str) -> Option<&'static str>| {
        let mut out: BTreeSet<&str> = BTreeSet::new();
        for mot in offerts.iter().flat_map(|s| mots(s, noms)) {
            match traduction(mot) {
                Some("") => {}
                Some(valeur) => drop(out.insert(valeur)),
                None => *compte.non_repris.entry((noms[0].to_owned(), mot.to_owned())).or_default() += 1,
            }
        }
        out.into_iter().collect::<Vec<_>>().join("|")
    };
    met(Champ::FraisACharge, traduit(&["frais"], frais));
    met(Champ::PublicsSpecifiquementAdresses, traduit(&["publics", "profils"], publics));
    met(Champ::ModalitesAcces, traduit(&["modes_mobilisation", "modes_orientation_beneficiaire"], acces));
    let accompagnement = [traduit(&["type", "types"], accompagnement), traduit(&["modes_accueil"], accueil)];
    met(
        Champ::ModalitesAccompagnement,
        accompagnement.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("|"),
    );
    let reseaux = mots(structure, &["reseaux_porteurs", "labels_nationaux"]);
    let nationaux: BTreeSet<&str> = reseaux.iter().filter_map(|r| dispositif(r)).collect();
    met(Champ::DispositifProgrammesNationaux, nationaux.into_iter().collect::<Vec<_>>().join("|"));
    let typologie = texte(structure, &["typologie"]);
    met(Champ::Typologie, if TYPOLOGIES.contains(&typologie.as_str()) { typologie } else { String::new() });
    serde_json::json!(o)
}

fn libelles(services: BTreeSet<Service>) -> String {
    services.into_iter().map(|s| s.libelle()).collect::<Vec<_>>().join("|")
}

fn frais(mot: &str) -> Option<&'static str> {
    Some(match mot {
        "gratuit" => "Gratuit",
        "gratuit-sous-conditions" | "adhesion" | "pass-numerique" => "Gratuit sous condition",
        "payant" => "Payant",
        _ => return None,
    })
}

fn publics(mot: &str) -> Option<&'static str> {
    let connu = Public::TOUTES.iter().find(|p| public(**p) == mot).map(|p| p.libelle());
    connu.or(match mot {
        "jeunes-16-26" => Some(Public::Jeunes.libelle()),
        "familles-enfants" => Some(Public::Familles.libelle()),
        "seniors-65" => Some(Public::Seniors.libelle()),
        "tous-publics" | "adultes" => Some(""),
        _ => None,
    })
}

fn acces(mot: &str) -> Option<&'static str> {
    Some(match mot {
        "se-presenter" => "Se présenter",
        "telephoner" => "Téléphoner",
        "envoyer-un-courriel" | "envoyer-un-mail" => "Contacter par mail",
        "utiliser-lien-mobilisation" | "prendre-rdv" => "Prendre un RDV en ligne",
        "envoyer-un-mail-avec-une-fiche-de-prescription" => "Envoyer un mail avec une fiche de prescription",
        _ => return None,
    })
}

fn accompagnement(mot: &str) -> Option<&'static str> {
    Some(match mot {
        "accompagnement" => "Accompagnement individuel",
        "atelier" => "Dans un atelier collectif",
        "autonomie" => "En autonomie",
        _ => return None,
    })
}

fn accueil(mot: &str) -> Option<&'static str> {
    Some(match mot {
        "a-distance" => "À distance",
        "en-presentiel" => "",
        _ => return None,
    })
}

fn dispositif(mot: &str) -> Option<&'static str> {
    Some(match mot {
        "aidants-connect" => "Aidants Connect",
        "conseillers-numeriques" | "conseiller-numerique" => "Conseillers numériques",
        "france-service" | "france-services" => "France Services",
        "croix-rouge" => "La Croix Rouge",
        "grandes-ecoles-du-numerique" => "Grande école du numérique",
        _ => return None,
    })
}
