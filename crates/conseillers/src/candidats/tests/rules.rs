use kernel::ids::CompteId;
use kernel::{Perimetre, Refusal, Role, Verb};
use uuid::Uuid;

use super::fixtures::{fiche, jour};
use crate::candidats::model::{Fiche, Numero, Rayon, Situations};
use crate::candidats::rules::{changement_recevable, disponibilite, recevable};

fn champs(refus: Result<(), Refusal>) -> Vec<String> {
    match refus {
        Ok(()) => Vec::new(),
        Err(Refusal::Fields(champs)) => champs.into_iter().map(|(c, _)| c).collect(),
        Err(autre) => panic!("{autre}"),
    }
}

#[test]
fn an_application_holds_what_it_must() {
    let bonne = || fiche("camille@exemple.fr");
    let seule = |s: Situations| Fiche { situations: s, ..bonne() };
    let non = Situations::default;
    let cases: Vec<(&str, Fiche, &[&str])> = vec![
        ("complete", bonne(), &[]),
        ("employed", seule(Situations { en_emploi: true, ..non() }), &[]),
        ("in training", seule(Situations { en_formation: true, ..non() }), &[]),
        ("experience", seule(Situations { experience: true, ..non() }), &[]),
        ("diploma", seule(Situations { diplome: Some("REMN".to_owned()), ..non() }), &[]),
        ("no situation", seule(non()), &["situations"]),
        ("no first name", Fiche { prenom: " ".to_owned(), ..bonne() }, &["prenom"]),
        ("no last name", Fiche { nom: "-".to_owned(), ..bonne() }, &["nom"]),
        ("no motivation", Fiche { motivation: String::new(), ..bonne() }, &["motivation"]),
        ("2 500 characters", Fiche { motivation: "é".repeat(2500), ..bonne() }, &[]),
        ("2 501 characters", Fiche { motivation: "é".repeat(2501), ..bonne() }, &["motivation"]),
        ("today", Fiche { disponible_le: jour("2026-03-18"), ..bonne() }, &[]),
        ("yesterday", Fiche { disponible_le: jour("2026-03-17"), ..bonne() }, &["disponible_le"]),
        ("without telephone", Fiche { telephone: None, ..bonne() }, &[]),
        ("whole country", Fiche { rayon: Rayon::France, ..bonne() }, &[]),
        (
            "all wrong",
            Fiche { nom: String::new(), disponible_le: jour("2020-01-01"), ..seule(non()) },
            &["nom", "situations", "disponible_le"],
        ),
    ];
    for (quoi, fiche, attendus) in cases {
        assert_eq!(champs(recevable(&fiche, jour("2026-03-18"))), attendus, "{quoi}");
    }
}

#[test]
fn the_day_of_filing_is_the_limit_not_that_of_the_start() {
    for (le, aujourdhui, bon) in [
        ("2026-03-18", "2026-03-18", true),
        ("2026-03-18", "2026-03-19", false),
        ("2029-03-18", "2026-03-18", true),
        ("2029-03-19", "2026-03-18", false),
        ("2024-02-29", "2024-02-29", true),
    ] {
        assert_eq!(disponibilite(jour(le), jour(aujourdhui)).is_ok(), bon, "{le} {aujourdhui}");
    }
}

#[test]
fn what_was_not_touched_is_not_judged_again() {
    let avant = Fiche { disponible_le: jour("2026-01-01"), ..fiche("camille@exemple.fr") };
    let telephone = Fiche { telephone: None, ..avant.clone() };
    assert_eq!(champs(changement_recevable(&avant, &telephone, jour("2026-03-18"))), Vec::<String>::new());
    let date = Fiche { disponible_le: jour("2026-02-01"), ..avant.clone() };
    assert_eq!(champs(changement_recevable(&avant, &date, jour("2026-03-18"))), ["disponible_le"]);
}

#[test]
fn telephones_of_france_and_of_elsewhere() {
    for (typed, kept) in [
        ("06 12 34 56 78", Some("+33612345678")),
        ("+33612345678", Some("+33612345678")),
        ("0692 12 34 56", Some("+262692123456")),
        ("+32 470 12 34 56", Some("+32470123456")),
        ("+352 621 123 456", Some("+352621123456")),
        ("+687 12 34 56", Some("+687123456")),
        ("3949", None),
        ("+3347012345", None),
        ("+4479460000", None),
        ("+4479460000123456", None),
        ("abc", None),
    ] {
        assert_eq!(Numero::parse(typed).ok().as_ref().map(Numero::as_str), kept, "{typed}");
    }
}

#[test]
fn distances_are_those_of_the_programme() {
    for (cle, rayon) in [
        ("5", Some(Rayon::Km(5))),
        ("100", Some(Rayon::Km(100))),
        ("france", Some(Rayon::France)),
        ("2000", Some(Rayon::France)),
        ("25", None),
        ("-5", None),
        ("", None),
    ] {
        assert_eq!(Rayon::from_cle(cle), rayon, "{cle}");
    }
    for rayon in Rayon::tous() {
        assert_eq!(Rayon::from_cle(&rayon.cle()), Some(rayon));
    }
}

#[test]
fn a_file_is_its_owners_and_the_administrations() {
    let soi = testkit::actor(Role::Candidat, Perimetre::Soi);
    let le = chrono::DateTime::UNIX_EPOCH;
    let mut c = crate::candidats::Candidat {
        id: crate::ids::CandidatId(Uuid::from_u128(1)),
        numero: 1,
        fiche: fiche("camille@exemple.fr"),
        etat: crate::candidats::Etat::Active { confirmee_le: le },
        disponible: true,
        pix: None,
        compte: Some(soi.compte),
        version: 1,
        depose_le: le,
        vu_le: le,
        relances: 0,
        relance_le: None,
    };
    let may = |a: &kernel::Actor, v, c: &_| crate::candidats::rules::may(a, v, c);
    assert!(may(&soi, Verb::TenirCandidature, &c).is_ok());
    let admin = testkit::actor(Role::AdministrateurNational, Perimetre::National);
    assert!(may(&admin, Verb::GererCandidats, &c).is_ok());
    c.compte = Some(CompteId(Uuid::from_u128(2)));
    assert_eq!(may(&soi, Verb::TenirCandidature, &c), Err(Refusal::NotFound));
    let structure = testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(Vec::new()));
    assert_eq!(may(&structure, Verb::VoirCandidats, &c), Err(Refusal::NotFound));
    assert!(matches!(may(&structure, Verb::GererCandidats, &c), Err(Refusal::Forbidden(_))));
}
