use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate};
use kernel::ids::LieuId;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::entree::{Compte, Echec, convertit};
use super::sortie::{service, structure};
use crate::lieux::standard::{Champ, Liste, Service, Valeur, verdict};
use crate::lieux::{Etat, Fiche, Lieu};

fn lieu(fiche: Fiche) -> Lieu {
    Lieu {
        id: LieuId(uuid::Uuid::from_u128(1)),
        fiche,
        source: "Essai".to_owned(),
        etat: Etat::Ouvert,
        cree_le: DateTime::UNIX_EPOCH,
        modifie_le: DateTime::UNIX_EPOCH,
    }
}

fn complete() -> Fiche {
    let valeur = |c: Champ| match c {
        Champ::Id => "essai-1",
        Champ::Pivot => "43493312300029",
        Champ::Nom => "Médiathèque.",
        Champ::Commune => "Reims",
        Champ::CodePostal => "51100",
        Champ::CodeInsee => "51454",
        Champ::Adresse => "19 rue Jean-Louis Debar",
        Champ::Latitude => "49.2307",
        Champ::Longitude => "4.0059",
        Champ::Telephone => "+33326356700",
        Champ::Courriels => "media@example.org|deux@example.org",
        Champ::SiteWeb => "https://example.org|https://example.com",
        Champ::Horaires => "Mo-Fr 09:00-12:00; PH off",
        Champ::Typologie => "CCAS",
        Champ::DateMaj => "2026-03-01",
        Champ::Services => "Aide aux démarches administratives|Accès internet et matériel informatique",
        Champ::PublicsSpecifiquementAdresses => "Jeunes|Seniors",
        Champ::PriseEnChargeSpecifique => "Surdité|Langues étrangères (anglais)",
        Champ::FraisACharge => "Gratuit",
        Champ::DispositifProgrammesNationaux => "Aidants Connect|France Services",
        Champ::ModalitesAcces => "Se présenter|Téléphoner",
        Champ::ModalitesAccompagnement => "Accompagnement individuel|À distance",
        Champ::PriseRdv => "https://rdv.example.org/x",
        _ => "",
    };
    Fiche::depuis_valeurs(valeur)
}

fn lus(structures: &Value, services: &Value) -> (Vec<Value>, Compte) {
    let mut sortie = Vec::new();
    let (s, v) = (structures.to_string(), services.to_string());
    let compte = convertit(s.as_bytes(), v.as_bytes(), &mut sortie).unwrap();
    (serde_json::from_slice(&sortie).unwrap(), compte)
}

#[test]
fn a_lieu_is_a_structure_and_a_service_of_the_schema() {
    let l = lieu(complete());
    let s = structure(&l);
    let id = "maillage--00000000-0000-0000-0000-000000000001";
    for (champ, valeur) in [
        ("id", json!(id)),
        ("nom", json!("Médiathèque")),
        ("siret", json!("43493312300029")),
        ("date_maj", json!("2026-03-01")),
        ("courriel", json!("media@example.org")),
        ("site_web", json!("https://example.org")),
        ("horaires_accueil", json!("Mo-Fr 09:00-12:00; PH off")),
        ("reseaux_porteurs", json!(["aidants-connect", "ccas-cias", "france-service"])),
        ("latitude", json!(49.2307)),
    ] {
        assert_eq!(s[champ], valeur, "{champ}");
    }
    assert!((50..=2000).contains(&s["description"].as_str().unwrap().chars().count()));
    let v = service(&l).unwrap();
    for (champ, valeur) in [
        ("structure_id", json!(id)),
        ("type", json!("accompagnement")),
        ("frais", json!("gratuit")),
        ("publics", json!(["jeunes", "personnes-en-situation-de-handicap", "seniors"])),
        ("publics_precisions", json!("Surdité, Langues étrangères (anglais)")),
        ("modes_accueil", json!(["a-distance", "en-presentiel"])),
        ("modes_mobilisation", json!(["se-presenter", "telephoner", "utiliser-lien-mobilisation"])),
        ("mobilisable_par", json!(["usagers"])),
        ("lien_mobilisation", json!("https://rdv.example.org/x")),
    ] {
        assert_eq!(v[champ], valeur, "{champ}");
    }
    assert_eq!(v["thematiques"].as_array().unwrap().len(), 4);
    assert!(v.get("frais_precisions").is_none());
    assert!(service(&lieu(Fiche { services: Liste::default(), ..complete() })).is_none());
}

#[test]
fn what_we_write_comes_back() {
    let l = lieu(complete());
    let (lieux, compte) = lus(&json!([structure(&l)]), &json!([service(&l)]));
    assert_eq!((compte.lieux, compte.sans_numerique, compte.orphelins), (1, 0, 0));
    for champ in [
        Champ::Commune,
        Champ::CodePostal,
        Champ::CodeInsee,
        Champ::Adresse,
        Champ::Telephone,
        Champ::Horaires,
        Champ::DateMaj,
        Champ::Pivot,
        Champ::Latitude,
        Champ::Longitude,
        Champ::FraisACharge,
        Champ::PublicsSpecifiquementAdresses,
        Champ::DispositifProgrammesNationaux,
        Champ::ModalitesAccompagnement,
        Champ::PriseRdv,
    ] {
        assert_eq!(lieux[0][champ.nom()], *l.fiche.valeur(champ), "{}", champ.nom());
    }
    let services: BTreeSet<&str> = lieux[0]["services"].as_str().unwrap().split('|').collect();
    assert_eq!(services, l.fiche.services.iter().map(|s| s.libelle()).collect());
}

#[test]
fn each_service_of_the_standard_comes_back_among_what_is_read() {
    for s in Service::TOUTES.iter().copied() {
        let l = lieu(Fiche { services: [s].into_iter().collect(), ..complete() });
        let (lieux, _) = lus(&json!([structure(&l)]), &json!([service(&l)]));
        let lus = lieux[0]["services"].as_str().unwrap();
        // Two of them have no theme of their own: the nearest one is kept.
        let proche = match s {
            Service::UtilisationSecurisee | Service::ComprehensionMonde => Service::MaitriseOutils,
            autre => autre,
        };
        assert!(lus.split('|').any(|x| x == proche.libelle()), "{s:?} {lus}");
    }
}

#[test]
fn places_and_what_is_left_out_are_counted() {
    let structures = json!([
        { "id": "a", "nom": "Mission A", "commune": "Reims", "code_postal": "51100", "adresse": "1 rue A", "code_insee": "51454",
          "source": "dora", "horaires_ouverture": "Mo 09:00-12:00", "typologie": "ML", "date_maj": "2025-01-01T00:00:00" },
        { "id": "b", "nom": "Sans numérique", "commune": "Reims" },
        { "id": "c", "nom": "Sans service", "commune": "Reims" },
    ]);
    let services = json!([
        { "id": "a1", "structure_id": "a", "thematiques": ["numerique", "numerique--prendre-en-main-un-ordinateur"], "frais": ["gratuit-sous-conditions"], "profils": ["seniors-65", "martiens"] },
        { "id": "a2", "structure_id": "a", "thematiques": ["numerique--acquerir-un-equipement", "numerique--danser"], "types": ["atelier"], "date_maj": "2025-02-01" },
        { "id": "a3", "structure_id": "a", "thematiques": ["numerique--acceder-a-une-connexion-internet"], "adresse": "2 rue B", "code_insee": "51454", "commune": "Reims", "code_postal": "51100" },
        { "id": "b1", "structure_id": "b", "thematiques": ["mobilite--acheter-un-velo"] },
        { "id": "z1", "structure_id": "z", "thematiques": ["numerique"] },
    ]);
    let (lieux, compte) = lus(&structures, &services);
    assert_eq!((compte.lieux, compte.sans_numerique, compte.autres, compte.orphelins), (2, 2, 1, 1));
    assert_eq!(
        lieux[0]["services"],
        "Maîtrise des outils numériques du quotidien|Acquisition de matériel informatique à prix solidaire"
    );
    assert_eq!(
        (lieux[0]["date_maj"].as_str(), lieux[0]["typologie"].as_str()),
        (Some("2025-02-01"), Some("ML"))
    );
    assert_eq!(lieux[0]["publics_specifiquement_adresses"], "Seniors");
    assert_eq!((lieux[1]["id"].as_str(), lieux[1]["adresse"].as_str()), (Some("a--a3"), Some("2 rue B")));
    let non_repris: Vec<&str> = compte.non_repris.keys().map(|(_, mot)| mot.as_str()).collect();
    assert_eq!(non_repris, ["martiens", "numerique--danser"]);
    // One object a line is read too.
    let lignes =
        structures.as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut sortie = Vec::new();
    assert_eq!(convertit(lignes.as_bytes(), services.to_string().as_bytes(), &mut sortie).unwrap(), compte);
}

#[test]
fn what_is_no_file_of_objects_is_said() {
    for faux in ["[1]", "{", "[{]", "texte", "[{\"a\":1}", "\u{feff}["] {
        let refus = convertit(faux.as_bytes(), "[]".as_bytes(), &mut Vec::new());
        assert!(matches!(&refus, Err(Echec::Fichier(p)) if p.contains("structures")), "{faux} {refus:?}");
    }
    assert_eq!(
        convertit("".as_bytes(), "\u{feff}[]".as_bytes(), &mut Vec::new()).unwrap(),
        Compte::default()
    );
}

proptest! {
    #[test]
    fn any_objects_give_lieux_or_a_sentence(texte in "\\PC{0,80}", mot in "\\PC{0,12}", n in any::<f64>()) {
        let _ = convertit(texte.as_bytes(), texte.as_bytes(), &mut Vec::new());
        let structures = json!([{ "id": mot, "nom": texte, "latitude": n, "typologie": [mot], "siret": n, "reseaux_porteurs": mot }]);
        let services = json!([{ "id": 1, "structure_id": mot, "thematiques": "numerique", "frais": [mot, null], "date_maj": texte }]);
        let mut sortie = Vec::new();
        let compte = convertit(structures.to_string().as_bytes(), services.to_string().as_bytes(), &mut sortie).unwrap();
        prop_assert_eq!(compte.lieux + compte.orphelins, 1);
        prop_assert!(serde_json::from_slice::<Value>(&sortie).unwrap().is_array());
    }
}

#[test]
fn the_test_lieu_follows_the_standard() {
    let fiche = complete();
    for champ in Champ::TOUS {
        let valeur = fiche.valeur_stricte(champ);
        assert!(champ == Champ::Source || verdict(champ, &valeur).is_none(), "{} {valeur}", champ.nom());
    }
    assert_eq!(fiche.date_maj, NaiveDate::from_ymd_opt(2026, 3, 1));
}
