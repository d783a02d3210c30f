//! Candidats: from a line to a file, and what it looks like here.

use std::collections::{BTreeMap, HashMap};

use annuaire::lieux::rapport::{Rapport, Regle};
use annuaire::territoires::Territoires;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::text::fold;
use platform::Site;

use super::lecture::{Ligne, compte, lire, oui, refuser};
use super::model::Bilan;
use crate::candidats::model::{Candidat, Etat, Fiche, Numero, Rayon, Situation};
use crate::candidats::reprise::Connu;
use crate::candidats::saisie;
use crate::ids::CandidatId;

/// Our fields and the names that other services give them, without accents, blanks and signs.
const CHAMPS: [(&str, &[&str]); 18] = [
    ("prenom", &["firstname"]),
    ("nom", &["nomdefamille", "lastname"]),
    ("courriel", &["email", "mail", "adresseelectronique", "adressemail"]),
    ("telephone", &["tel", "numerodetelephone", "portable"]),
    ("code_postal", &["cp"]),
    ("commune", &["nomcommune", "ville"]),
    ("code_commune", &["codeinsee", "insee", "codecommuneinsee"]),
    ("rayon", &["distance", "distancemax", "rayonkm"]),
    ("disponible_le", &["datedisponibilite", "datededisponibilite"]),
    ("motivation", &["motivations"]),
    ("situations", &["situation"]),
    ("diplome_nom", &["nomdiplomemednum", "nomdiplome"]),
    ("demandeur_emploi", &["estdemandeuremploi"]),
    ("en_emploi", &["estenemploi"]),
    ("en_formation", &["estenformation"]),
    ("diplome", &["estdiplomemednum"]),
    ("experience", &["auneexperiencemednum", "aunexperiencemednum"]),
    ("depose_le", &["createdat", "datedecandidature", "datecandidature", "inscritle"]),
];
const REQUIS: [&str; 6] = ["prenom", "nom", "courriel", "code_postal", "commune", "motivation"];

const TELEPHONE: Regle = Regle::ecarte("telephone-illisible", "Ce numéro de téléphone est laissé de côté.");
const DISTANCE: Regle = Regle::repare(
    "distance-rapprochee",
    "Cette distance n’est pas proposée ici : la plus proche en dessous est prise.",
);
const DISPONIBLE: Regle =
    Regle::repare("disponible-depuis", "Cette date est passée : la personne est disponible dès aujourd’hui.");
const DATE: Regle = Regle::repare("date-reecrite", "Cette date est écrite autrement.");
const DIPLOME: Regle =
    Regle::complete("diplome-sans-nom", "Le diplôme n’a pas de nom : il est noté « Non précisé ».");
const DEPOT: Regle =
    Regle::ecarte("date-illisible", "Cette date n’est pas lue : celle de la reprise est prise.");
const DEUX_FOIS: Regle = Regle::refus(
    "adresse-en-double",
    "Cette adresse est déjà plus haut dans ce fichier : cette ligne n’est pas reprise.",
);
const IDENTIQUE: Regle =
    Regle::filtre("deja-inscrit", "Cette personne est déjà inscrite, et pareille : rien ne change.");
const DIFFERENT: Regle = Regle::garde(
    "deja-inscrit-autrement",
    "Cette personne est déjà inscrite : sa fiche d’ici est gardée. Diffèrent :",
);
const RESSEMBLE: Regle = Regle::garde("ressemble", "Cette personne ressemble à une autre, déjà inscrite :");

/// What is read of a file.
#[derive(Debug, Default)]
pub(super) struct Lus {
    pub(super) candidats: Vec<Candidat>,
    pub(super) bilan: Bilan,
}

/// Reads a file against everybody who is known.
///
/// # Errors
/// A sentence, when the file cannot be read as a whole.
pub(super) fn lire_fichier(
    octets: &[u8],
    (site, territoires, connus): (&Site, &Territoires, &[Connu]),
    rapport: &mut Rapport<'_>,
) -> Result<Lus, String> {
    let now = site.clock.now();
    let jour = kernel::calendrier::jour(&now);
    let par_adresse: HashMap<String, &Connu> = connus.iter().map(|c| (c.fiche.courriel.key(), c)).collect();
    let mut semblables: HashMap<String, &Connu> = HashMap::new();
    for c in connus {
        for cle in cles(&c.fiche) {
            semblables.entry(cle).or_insert(c);
        }
    }
    let mut vues: BTreeMap<String, u64> = BTreeMap::new();
    let mut lus = Lus::default();
    lus.bilan.read = lire(octets, &CHAMPS, &REQUIS, rapport, |mut ligne, rapport| {
        let fiche = une_fiche(&mut ligne, territoires, jour, rapport);
        let depose_le = depot(&mut ligne, now, rapport);
        if let Some(fiche) = fiche {
            let adresse = fiche.courriel.key();
            if let Some(premiere) = vues.insert(adresse.clone(), ligne.numero) {
                vues.insert(adresse, premiere);
                ligne.note(rapport, "courriel", DEUX_FOIS, None, &format!("Elle est à la ligne {premiere}."));
            } else if let Some(connu) = par_adresse.get(&adresse) {
                let differences = connu.differences(&fiche);
                if differences.is_empty() {
                    lus.bilan.unchanged += 1;
                    ligne.note(rapport, "courriel", IDENTIQUE, None, &connu.reference);
                } else {
                    lus.bilan.different += 1;
                    let quoi = format!("{} ({}).", differences.join(", "), connu.reference);
                    ligne.note(rapport, "courriel", DIFFERENT, None, &quoi);
                }
            } else {
                if let Some((autre, pourquoi)) = semblable(&fiche, &semblables) {
                    lus.bilan.similar += 1;
                    ligne.note(
                        rapport,
                        "nom",
                        RESSEMBLE,
                        None,
                        &format!("{} ({pourquoi}).", autre.reference),
                    );
                }
                lus.bilan.added += 1;
                lus.candidats.push(nouveau(site, fiche, depose_le, now));
            }
        }
        compte(&mut lus.bilan, rapport);
    })?;
    Ok(lus)
}

/// What two files of one person share, besides the address.
fn cles(f: &Fiche) -> Vec<String> {
    let entier = fold(&format!("{} {}", f.prenom, f.nom));
    let mut mots: Vec<&str> = entier.split_whitespace().collect();
    mots.sort_unstable();
    let telephone = f.telephone.as_ref().map(|t| format!("téléphone {}", t.as_str()));
    telephone.into_iter().chain([format!("nom {} {}", mots.join(" "), f.lieu.code_postal)]).collect()
}

fn semblable<'a>(f: &Fiche, connus: &HashMap<String, &'a Connu>) -> Option<(&'a Connu, &'static str)> {
    cles(f).into_iter().find_map(|cle| {
        let pourquoi =
            if cle.starts_with("nom ") { "même nom et même code postal" } else { "même téléphone" };
        connus.get(&cle).map(|c| (*c, pourquoi))
    })
}

/// A day as files write it, with or without a time: `2021-03-01T09:00:00Z`, `01/03/2021`.
fn lire_jour(v: &str) -> Option<NaiveDate> {
    let v = v.split(['T', ' ']).next().unwrap_or(v);
    v.parse().ok().or_else(|| NaiveDate::parse_from_str(v, "%d/%m/%Y").ok()).filter(|d| {
        // Years that no file of the programme holds.
        ("2000-01-01".parse::<NaiveDate>().ok()..=NaiveDate::from_ymd_opt(2100, 1, 1)).contains(&Some(*d))
    })
}

fn une_fiche(
    ligne: &mut Ligne,
    territoires: &Territoires,
    jour: NaiveDate,
    rapport: &mut Rapport<'_>,
) -> Option<Fiche> {
    if !ligne.form.get("telephone").is_empty()
        && let Err(phrase) = Numero::parse(ligne.form.get("telephone"))
    {
        ligne.note(rapport, "telephone", TELEPHONE, None, &phrase);
        ligne.form.set("telephone", "");
    }
    rayon(ligne, rapport);
    let libre = ligne.form.get("disponible_le").to_owned();
    match lire_jour(&libre) {
        Some(le) if le < jour => ligne.repare(rapport, "disponible_le", DISPONIBLE, jour.to_string()),
        Some(le) if le.to_string() != libre => ligne.repare(rapport, "disponible_le", DATE, le.to_string()),
        None if libre.is_empty() => ligne.form.set("disponible_le", jour.to_string()),
        _ => {}
    }
    situations(ligne, rapport);
    let lue = saisie::lire(&mut ligne.form, territoires, jour, None);
    if !lue.communes.is_empty() {
        let choix: Vec<String> =
            lue.communes.iter().take(5).map(|(code, nom)| format!("{nom} ({code})")).collect();
        const AMBIGUE: Regle =
            Regle::refus("commune-ambigue", "Plusieurs communes correspondent : donnez son code INSEE.");
        ligne.note(rapport, "commune", AMBIGUE, None, &format!("{}.", choix.join(", ")));
    }
    if lue.fiche.is_none() {
        refuser(ligne, rapport);
    }
    lue.fiche
}

/// A distance that the form does not offer becomes the nearest one below: nobody is said to go farther than they said.
fn rayon(ligne: &mut Ligne, rapport: &mut Rapport<'_>) {
    let ecrit = ligne.form.get("rayon").trim_end_matches("km").trim().to_owned();
    if Rayon::from_cle(&ecrit).is_some() {
        ligne.form.set("rayon", ecrit);
    } else if matches!(fold(&ecrit).as_str(), "france entiere" | "toute la france") {
        ligne.form.set("rayon", Rayon::France.cle());
    } else if let Some(km) = ecrit.replace(',', ".").parse::<f64>().ok().filter(|km| *km >= 0.0) {
        let dessous = Rayon::KM.into_iter().rev().find(|r| f64::from(*r) <= km).unwrap_or(Rayon::KM[0]);
        ligne.repare(rapport, "rayon", DISTANCE, dessous.to_string());
    }
}

/// One column of words, or one column a situation: both become boxes.
fn situations(ligne: &mut Ligne, rapport: &mut Rapport<'_>) {
    let mots: Vec<String> = ligne.form.get("situations").split(['|', ',', ';']).map(fold).collect();
    let dite = |form: &platform::web::FormState, s: Situation| {
        let cle = fold(s.cle());
        oui(form.get(s.cle()))
            || mots.iter().any(|m| *m == cle || *m == fold(s.libelle()) || m.trim() == s.cle())
    };
    let mut dites: Vec<Situation> = Situation::TOUTES.into_iter().filter(|s| dite(&ligne.form, *s)).collect();
    let nomme = !ligne.form.get("diplome_nom").is_empty();
    match (dites.contains(&Situation::Diplome), nomme) {
        (true, false) => {
            ligne.note(rapport, "diplome_nom", DIPLOME, Some("Non précisé"), "");
            ligne.form.set("diplome_nom", "Non précisé");
        }
        (false, true) => dites.push(Situation::Diplome),
        _ => {}
    }
    let autres: Vec<(String, String)> =
        ligne.form.values().iter().filter(|(c, _)| c != "situations").cloned().collect();
    let cases = dites.into_iter().map(|s| ("situations".to_owned(), s.cle().to_owned()));
    ligne.form = platform::web::FormState::filled(autres.into_iter().chain(cases));
}

fn depot(ligne: &mut Ligne, now: DateTime<Utc>, rapport: &mut Rapport<'_>) -> DateTime<Utc> {
    let ecrit = ligne.form.get("depose_le").to_owned();
    if ecrit.is_empty() {
        return now;
    }
    let lu =
        ecrit.parse::<DateTime<Utc>>().ok().or_else(|| lire_jour(&ecrit).map(kernel::calendrier::minuit));
    lu.filter(|le| *le <= now).unwrap_or_else(|| {
        ligne.note(rapport, "depose_le", DEPOT, None, "");
        now
    })
}

/// A file taken over: its address was proven elsewhere.
fn nouveau(site: &Site, fiche: Fiche, depose_le: DateTime<Utc>, now: DateTime<Utc>) -> Candidat {
    Candidat {
        id: CandidatId::new(&site.clock, &site.chance),
        numero: 0,
        fiche,
        etat: Etat::Active { confirmee_le: now },
        disponible: true,
        pix: None,
        compte: None,
        version: 1,
        depose_le,
        vu_le: depose_le,
        relances: 0,
        relance_le: None,
    }
}
