//! A lieu as a structure and a service of data·inclusion.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{public, thematiques};
use crate::lieux::Lieu;
use crate::lieux::standard::{
    Acces, Accompagnement, Dispositif, Fiche, FormationLabel, Frais, PriseEnCharge, Valeur,
};

/// Name of this directory among the sources of data·inclusion.
const SOURCE: &str = "maillage";
/// Length of a description, in characters.
const DESCRIPTION: std::ops::RangeInclusive<usize> = 50..=2000;

/// The structure of a lieu.
pub fn structure(lieu: &Lieu) -> Value {
    let f = &lieu.fiche;
    let mut o = commun(lieu);
    met(&mut o, "id", json!(format!("{SOURCE}--{}", lieu.id)));
    met(&mut o, "nom", json!(nom(&f.nom)));
    met(&mut o, "description", json!(description(f)));
    met(&mut o, "siret", json!(siret(f)));
    met(&mut o, "site_web", json!(premier(&f.site_web).filter(|u| u.starts_with("http"))));
    let acces = Some(&*f.fiche_acces_libre).filter(|u| u.starts_with("https://acceslibre.beta.gouv.fr/"));
    met(&mut o, "accessibilite_lieu", json!(acces));
    met(&mut o, "reseaux_porteurs", liste(reseaux(f)));
    Value::Object(o)
}

/// What a lieu offers; none when it does not say.
pub fn service(lieu: &Lieu) -> Option<Value> {
    let f = &lieu.fiche;
    if f.services.est_vide() {
        return None;
    }
    let mut o = commun(lieu);
    met(&mut o, "id", json!(format!("{SOURCE}--{}-mediation-numerique", lieu.id)));
    met(&mut o, "structure_id", json!(format!("{SOURCE}--{}", lieu.id)));
    met(&mut o, "nom", json!("Médiation numérique"));
    met(&mut o, "description", json!(description(f)));
    let avec = |a: Accompagnement| f.modalites_accompagnement.contient(a);
    let genre = match (avec(Accompagnement::Atelier), avec(Accompagnement::Individuel)) {
        (true, false) => Some("atelier"),
        (_, true) => Some("accompagnement"),
        (false, false) => None,
    };
    met(&mut o, "type", json!(genre));
    met(&mut o, "thematiques", liste(f.services.iter().flat_map(thematiques).copied()));
    let frais = |x: Frais| f.frais.contient(x);
    let gratuit = frais(Frais::Gratuit) || frais(Frais::GratuitSousCondition);
    let cout = if gratuit { Some("gratuit") } else { frais(Frais::Payant).then_some("payant") };
    met(&mut o, "frais", json!(cout));
    let precisions: Vec<&str> =
        f.frais.iter().filter(|x| *x != Frais::Gratuit).map(|x| x.libelle()).collect();
    if precisions != ["Payant"] {
        met(&mut o, "frais_precisions", json!(Some(precisions.join(", ")).filter(|t| !t.is_empty())));
    }
    let handicap = f.prises_en_charge.iter().any(|p| {
        !matches!(
            p,
            PriseEnCharge::Illettrisme | PriseEnCharge::LanguesAnglais | PriseEnCharge::LanguesAutres
        )
    });
    let publics =
        f.publics.iter().map(public).chain(handicap.then_some("personnes-en-situation-de-handicap"));
    met(&mut o, "publics", liste(publics));
    let besoins: Vec<&str> = f.prises_en_charge.iter().map(|p| p.libelle()).collect();
    met(&mut o, "publics_precisions", json!(Some(besoins.join(", ")).filter(|t| !t.is_empty())));
    let acces = |a: Acces| f.modalites_acces.contient(a);
    let accueil = [
        (!acces(Acces::PasDePublic)).then_some("en-presentiel"),
        avec(Accompagnement::Distance).then_some("a-distance"),
    ];
    met(&mut o, "modes_accueil", liste(accueil.into_iter().flatten()));
    let rendez_vous = Some(&*f.prise_rdv).filter(|u| u.starts_with("http"));
    let modes = [
        acces(Acces::SePresenter).then_some("se-presenter"),
        acces(Acces::Telephoner).then_some("telephoner"),
        (acces(Acces::ContacterParMail) || acces(Acces::Prescription)).then_some("envoyer-un-courriel"),
        rendez_vous.map(|_| "utiliser-lien-mobilisation"),
    ];
    met(&mut o, "modes_mobilisation", liste(modes.into_iter().flatten()));
    let par = ["usagers"].into_iter().chain(acces(Acces::Prescription).then_some("professionnels"));
    met(&mut o, "mobilisable_par", liste(par));
    met(&mut o, "lien_mobilisation", json!(rendez_vous));
    Some(Value::Object(o))
}

/// What a structure and a service say alike.
fn commun(lieu: &Lieu) -> Map<String, Value> {
    let f = &lieu.fiche;
    let mut o = Map::new();
    let texte = |t: &str| json!(Some(t).filter(|t| !t.is_empty()));
    met(&mut o, "source", json!(SOURCE));
    let maj: NaiveDate = f.date_maj.unwrap_or_else(|| kernel::calendrier::jour(&lieu.modifie_le));
    met(&mut o, "date_maj", json!(maj));
    met(&mut o, "adresse", texte(&f.adresse));
    met(&mut o, "complement_adresse", texte(&f.complement_adresse));
    met(&mut o, "commune", texte(&f.commune));
    met(&mut o, "code_postal", json!(f.code_postal.as_ref().map(|c| c.as_str())));
    met(&mut o, "code_insee", json!(f.code_insee.as_ref().map(|c| c.as_str())));
    met(&mut o, "latitude", json!(f.position.map(|p| p.latitude)));
    met(&mut o, "longitude", json!(f.position.map(|p| p.longitude)));
    met(&mut o, "telephone", json!(f.telephone.as_ref().map(|t| t.as_str())));
    met(&mut o, "courriel", json!(premier(&f.courriels)));
    met(&mut o, "horaires_accueil", texte(&f.horaires));
    o
}

fn met(o: &mut Map<String, Value>, nom: &str, valeur: Value) {
    if !valeur.is_null() {
        o.insert(nom.to_owned(), valeur);
    }
}

/// A set, in a stable order; nothing when it is empty.
fn liste<'a>(mots: impl IntoIterator<Item = &'a str>) -> Value {
    let mots: BTreeSet<&str> = mots.into_iter().collect();
    if mots.is_empty() { Value::Null } else { json!(mots) }
}

fn premier(liste: &str) -> Option<&str> {
    Fiche::libres(liste).next()
}

fn siret(f: &Fiche) -> Option<&str> {
    f.pivot
        .as_ref()
        .map(kernel::Pivot::as_str)
        .filter(|p| p.len() == 14 && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Three to a hundred and fifty characters, no full stop at the end.
fn nom(nom: &str) -> String {
    let court: String = nom.chars().take(150).collect();
    let court = court.trim().trim_end_matches('.').trim_end();
    if court.chars().count() < 3 { format!("Lieu {court}") } else { court.to_owned() }
}

/// What the lieu says of itself; with what it offers when that is too short.
fn description(f: &Fiche) -> String {
    let mut texte = [&*f.presentation_resume, &*f.presentation_detail]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n");
    if texte.chars().count() < *DESCRIPTION.start() {
        let services: Vec<&str> = f.services.iter().map(|s| s.libelle()).collect();
        let suite = if services.is_empty() {
            "Lieu de médiation numérique : on y aide à utiliser le numérique.".to_owned()
        } else {
            format!("Lieu de médiation numérique. On y propose : {}.", services.join(", "))
        };
        texte = if texte.is_empty() { suite } else { format!("{texte}\n\n{suite}") };
    }
    texte.chars().take(*DESCRIPTION.end()).collect()
}

/// Networks that the lieu belongs to, under the names of data·inclusion.
fn reseaux(f: &Fiche) -> impl Iterator<Item = &'static str> + '_ {
    let dispositifs = f.dispositifs.iter().filter_map(|d| match d {
        Dispositif::AidantsConnect => Some("aidants-connect"),
        Dispositif::ConseillersNumeriques => Some("conseillers-numeriques"),
        Dispositif::FranceServices => Some("france-service"),
        Dispositif::EmmausConnect => Some("emmaus"),
        Dispositif::CroixRouge => Some("croix-rouge"),
        Dispositif::GrandeEcole => Some("grandes-ecoles-du-numerique"),
        _ => None,
    });
    let labels = f.formations_labels.contient(FormationLabel::FabriquesDeTerritoire);
    let typologies = Fiche::libres(&f.typologie).filter_map(|t| match t {
        "CCAS" | "CIAS" => Some("ccas-cias"),
        "MUNI" | "CC" | "EPCI" => Some("communes"),
        "CAF" => Some("caf"),
        "CPAM" => Some("cpam"),
        "DEPT" | "CD" => Some("departements"),
        "EPN" => Some("espaces-publics-numeriques"),
        "LA_POSTE" => Some("la-poste"),
        "ML" => Some("mission-locale"),
        "MJC" => Some("mjc"),
        "MSA" => Some("mutualite-sociale-agricole"),
        "PIMMS" => Some("pimms-mediation"),
        "RFS" => Some("france-service"),
        "MDS" => Some("maisons-des-solidarites"),
        "FT" => Some("france-travail"),
        _ => None,
    });
    dispositifs.chain(labels.then_some("fabrique-de-territoire")).chain(typologies)
}
