use chrono::NaiveDate;
use kernel::CodeDepartement;
use proptest::prelude::*;

use super::super::{Annee, Conge, Horaires, Regles, Scolaire, Zone};
use super::*;

fn le(annee: i32, mois: u32, jour: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(annee, mois, jour).unwrap()
}

/// A calendar of our own, with holidays that meet a night of New Year: these are the dates of no order.
fn scolaire() -> Scolaire {
    let conge = |du, au| Conge { nom: "Essai".to_owned(), du, au };
    let vacances = vec![conge(le(2026, 3, 2), le(2026, 3, 13)), conge(le(2026, 12, 19), le(2027, 1, 3))];
    let zone = Zone::lit("C").unwrap();
    Scolaire::new(vec![Annee {
        zone,
        nom: "Essai".to_owned(),
        du: le(2026, 1, 5),
        au: le(2027, 1, 20),
        vacances,
    }])
}

/// The hours as they are read here and as the whole grammar reads them; none when they are not plain.
fn deux_fois(texte: &str) -> Option<(Horaires, Horaires)> {
    let departement = CodeDepartement::parse("75");
    let ici = Horaires::lit(texte, departement.as_ref())?.avec_scolaire(&scolaire());
    matches!(ici.regles, Regles::Simples(_)).then_some(())?;
    let la = Horaires {
        regles: Regles::toutes(texte).unwrap_or_else(|| panic!("taken though wrong: {texte}")),
        ..ici.clone()
    };
    Some((ici, la))
}

fn pareils(texte: &str, jours: impl Iterator<Item = NaiveDate>) {
    let Some((ici, la)) = deux_fois(texte) else { return };
    for jour in jours {
        assert_eq!(ici.jour(jour), la.jour(jour), "{texte} {jour}");
    }
    let base = le(2026, 3, 16);
    assert_eq!(ici.habitudes(base), la.habitudes(base), "{texte}");
    assert_eq!(ici.intervalles(base, 30), la.intervalles(base, 30), "{texte}");
    if let (Regles::Simples(simples), Regles::Toutes { hors, pendant: None }) = (&ici.regles, &la.regles) {
        assert!(
            !simples.chaque_semaine() || super::super::agenda::est_hebdomadaire(&hors.get_expression()),
            "{texte}"
        );
    }
}

#[test]
fn the_hours_of_the_golden_files_are_plain_and_read_alike() {
    let (mut toutes, mut simples) = (0, 0);
    for fichier in ["phrases.csv", "terrain.csv", "reelles.csv"] {
        let chemin = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/horaires/");
        let mut lecteur = csv::Reader::from_path(format!("{chemin}{fichier}")).unwrap();
        let colonne = lecteur.headers().unwrap().iter().position(|c| c == "osm").unwrap();
        for ligne in lecteur.records().map(Result::unwrap) {
            if ligne[colonne].is_empty() {
                continue;
            }
            toutes += 1;
            simples += usize::from(deux_fois(&ligne[colonne]).is_some());
            pareils(&ligne[colonne], le(2026, 1, 1).iter_days().step_by(3).take(40));
        }
    }
    assert!(simples * 100 >= toutes * 97, "{simples} plain out of {toutes}");
}

#[test]
fn what_is_not_plain_is_left_to_the_grammar() {
    for texte in [
        "easter off",
        "Mo-Fr 09:00+",
        "Mo-Fr 09:00-12:00, Sa 10:00-12:00",
        "Mo-Fr || Sa",
        "sunrise-sunset",
        "PH -1 day 09:00-12:00",
        "Mo-Fr off \"congés\"",
        "2026 Mo-Fr",
        "2026 Aug off",
        "Feb 29 off",
        "off",
        "\"sur rendez-vous\"",
        "Mo-Fr 09:00-12:00;",
        "Mo Tu",
        "mo-fr 09:00-12:00",
        "Mo-Fr  09:00-12:00",
        "Mo[1-2] 09:00-12:00",
        "10:00-12:00/00:30",
    ] {
        assert_eq!(Simples::lit(texte), None, "{texte}");
    }
}

prop_compose! {
    fn une_regle()(
        dates in prop::sample::select(vec!["", "", "", "", "24/7", "week 02-52/2", "week 01-53/2", "week 10,12", "week 03-04/5",
            "Aug", "Jul-Aug", "Nov-Feb", "Dec 24-Jan 02", "Jul 14-Aug 31", "Dec 25", "2026 Mar 03-21", "2026 Dec 21-31",
            "2026 May 15", "2026 Dec 24-Jan 02", "2026 Dec 24-2027 Jan 02", "Dec 24,Dec 31", "Jan 31-Feb 28", "2026"]),
        jours in prop::sample::select(vec!["", "Mo-Fr", "Mo", "We,Sa", "Sa[1]", "Sa[1,3]", "Th[-1]", "Mo-We,Fr", "PH", "SH",
            "PH,SH", "Mo-Fr,PH", "SH Mo-Fr", "SH Tu,Th", "Sa-Mo", "Su", "Mo,PH,Tu", "SH,Mo-Fr", "PH Mo", "Fr[5]", "Sa[-1,1]"]),
        heures in prop::sample::select(vec!["", "09:00-12:00", "09:00-12:00,14:00-17:00", "22:00-02:00", "20:00-26:00",
            "00:00-24:00", "09:00-12:00,11:00-13:00", "9:00-12:00", "12:00-14:00,09:00-12:00", "18:00-18:00",
            "22:00-04:00,08:00-10:00", "00:00-48:00", "24:00-25:00", "23:00-47:00", "10:00+"]),
        suite in prop::sample::select(vec!["", "", "", "off", "closed", "unknown", "\"sur rdv\"", "unknown \"x\"", "open \"z\"", "\"\""]),
        colle in prop::sample::select(vec![" ", " ", " ", " ", "", "  "]),
    ) -> String {
        [dates, jours, heures, suite].into_iter().filter(|m| !m.is_empty()).collect::<Vec<_>>().join(colle)
    }
}

proptest! {
    #[test]
    fn reads_as_the_whole_grammar_does(
        regles in prop::collection::vec(une_regle(), 1..5),
        entre in prop::sample::select(vec!["; ", "; ", "; ", ";", " ; ", ", ", " || "]),
        ajout in prop::option::of((any::<prop::sample::Index>(), "[-0-9A-Za-z ,:;\\[\\]\"/]")),
        jours in prop::collection::vec(0_u64..400, 30),
    ) {
        let mut texte = regles.join(entre).trim().to_owned();
        if let Some((ou, signe)) = ajout && !texte.is_empty() {
            texte.insert_str(ou.index(texte.len()), &signe);
        }
        let jours = jours.into_iter().filter_map(|n| le(2025, 12, 20).checked_add_days(chrono::Days::new(n)));
        pareils(texte.trim(), jours);
    }
}
