use annuaire::structures::model::{CategorieJuridique, Genre as G};
use chrono::NaiveDate;
use kernel::Refusal;

use crate::demandes::model::*;
use crate::demandes::reference::{ELIGIBILITE, Eligibilite, Famille, MISSIONS, eligibilite};
use crate::demandes::rules::*;
use crate::postes::{MotifRendu, Typologie};

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

#[test]
fn who_may_ask() {
    use Eligibilite as E;
    let verdict = |code: &str, genre| {
        let (famille, e) = eligibilite(CategorieJuridique::parse(code).ok().as_ref(), genre);
        let mot = match e {
            E::Oui => "oui",
            E::SiCondition(_) => "condition",
            E::Non(_) => "non",
            E::AVerifier => "voir",
        };
        (famille == Famille::Publique, mot)
    };
    for (code, genre, publique, mot) in [
        ("7210", G::Commune, true, "oui"),
        ("7346", G::Epci, true, "oui"),
        ("7361", G::ActionSociale, true, "oui"),
        ("7381", G::EtablissementPublic, true, "oui"),
        ("7410", G::Gip, true, "condition"),
        ("4140", G::EtablissementPublic, true, "oui"),
        ("4110", G::Etat, true, "condition"),
        ("7172", G::Etat, true, "non"),
        ("7389", G::Etat, true, "non"),
        ("7382", G::EtablissementPublic, true, "non"),
        ("7384", G::EtablissementPublic, true, "non"),
        ("7385", G::EtablissementPublic, true, "non"),
        ("9220", G::Association, false, "oui"),
        ("9210", G::Association, false, "non"),
        ("9300", G::Association, false, "condition"),
        ("5710", G::Entreprise, false, "condition"),
        ("1000", G::Entreprise, false, "non"),
        // Without a category, the kind says; without either, nobody knows.
        ("", G::Commune, true, "oui"),
        ("", G::Association, false, "oui"),
        ("", G::Etat, true, "non"),
        ("", G::Autre, false, "voir"),
        ("6901", G::Autre, false, "voir"),
    ] {
        assert_eq!(verdict(code, genre), (publique, mot), "{code} {genre:?}");
    }
    assert!(ELIGIBILITE.iter().all(|(p, _, _)| p.bytes().all(|b| b.is_ascii_digit())));
}

#[test]
fn the_day_opens_by_kind() {
    let may = |e, le| ouverte((Famille::Privee, e), jour("2021-03-01"), jour(le)).is_ok();
    assert!(!may(Eligibilite::Oui, "2021-02-28"));
    assert!(may(Eligibilite::Oui, "2021-03-01"));
    assert!(may(Eligibilite::AVerifier, "2021-03-02"));
    assert!(!may(Eligibilite::Non("Non."), "2030-01-01"));
}

fn premiers(postes: u32, debut: &str, motivation: &str, missions: &[&str]) -> Objet {
    Objet::PremiersPostes {
        postes,
        debut: jour(debut),
        candidat_connu: true,
        motivation: motivation.to_owned(),
        missions: missions.iter().map(|m| (*m).to_owned()).collect(),
    }
}

#[test]
fn what_is_asked_holds_or_says_which_field() {
    let un = MISSIONS[0].0;
    let long = "é".repeat(2_501);
    let plein = "é".repeat(2_500);
    let coordinateur = |quotite, etendue| Objet::Coordinateur {
        quotite,
        etendue,
        debut: jour("2026-03-18"),
        candidat_connu: false,
        motivation: "Oui.".to_owned(),
    };
    for (objet, champs) in [
        (premiers(1, "2026-03-18", "Oui.", &[un]), vec![]),
        (premiers(30, "2026-03-18", &plein, &[un]), vec![]),
        (premiers(0, "2026-03-18", "Oui.", &[un]), vec!["postes"]),
        (premiers(31, "2026-03-17", &long, &["x"]), vec!["postes", "debut", "motivation", "missions"]),
        (premiers(1, "2026-03-18", "  ", &[]), vec!["motivation", "missions"]),
        (coordinateur(Quotite::Partiel, Etendue::BassinDeVie), vec![]),
        (coordinateur(Quotite::Complet, Etendue::Region), vec![]),
        (coordinateur(Quotite::Partiel, Etendue::Departement), vec!["etendue"]),
        (
            Objet::Retrait {
                postes: 1,
                typologie: Typologie::Conseiller,
                motif: MotifRendu::Autre,
                precision: String::new(),
            },
            vec![],
        ),
    ] {
        let said = match objet_valable(&objet, jour("2026-03-18")) {
            Ok(()) => vec![],
            Err(Refusal::Fields(f)) => f.into_iter().map(|(name, _)| name).collect(),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(said, champs, "{objet:?}");
    }
}

#[test]
fn what_may_be_asked_follows_from_the_posts() {
    let ajout = Objet::Ajout { postes: 1, motivation: "x".to_owned() };
    let retrait = |postes| Objet::Retrait {
        postes,
        typologie: Typologie::Conseiller,
        motif: MotifRendu::Autre,
        precision: String::new(),
    };
    for (objet, libres, ouverts, ok) in [
        (premiers(2, "2026-04-01", "x", &["usages"]), 0, 0, true),
        (premiers(2, "2026-04-01", "x", &["usages"]), 0, 1, false),
        (ajout.clone(), 0, 2, true),
        (ajout, 0, 0, false),
        (retrait(1), 1, 2, true),
        (retrait(2), 1, 2, false),
        (retrait(1), 0, 2, false),
    ] {
        assert_eq!(possible(&objet, libres, ouverts, &[]).is_ok(), ok, "{objet:?} {libres} {ouverts}");
    }
}
