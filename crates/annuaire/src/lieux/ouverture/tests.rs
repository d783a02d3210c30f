use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use kernel::CodeDepartement;
use proptest::prelude::*;

use super::*;

fn le(annee: i32, mois: u32, jour: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(annee, mois, jour).unwrap()
}

fn horaires(expression: &str, departement: &str) -> Horaires {
    Horaires::lit(expression, CodeDepartement::parse(departement).as_ref())
        .unwrap_or_else(|| panic!("{expression}"))
}

fn agenda(horaires: &Horaires, jour: NaiveDate) -> Agenda {
    let calendrier = Calendrier::des_agendas(horaires.code_departement(), &horaires.scolaire, jour);
    Agenda::new(horaires, &calendrier, jour)
}

fn par_la_bibliotheque(expression: &str, departement: &str, quand: NaiveDateTime) -> bool {
    let h = horaires(expression, departement);
    let regles: OpeningHours = expression.parse().unwrap();
    let veille = quand.date().pred_opt().unwrap();
    regles.with_context(h.calendrier(veille, 3).contexte()).is_open(quand)
}

fn phrase(expression: &str, departement: &str, quand: DateTime<Utc>) -> String {
    let h = horaires(expression, departement);
    let s = Semaine::de(&h, quand);
    s.etat.phrase(s.maintenant).unwrap_or_default().replace('\u{a0}', " ")
}

fn utc(jour: u32, h: u32, m: u32) -> DateTime<Utc> {
    // March 2026: the 18th is a Wednesday.
    Utc.with_ymd_and_hms(2026, 3, jour, h, m, 0).unwrap()
}

#[test]
fn speaks_in_the_time_of_the_lieu() {
    let semaine = "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00";
    for (departement, quand, attendu) in [
        ("75", utc(18, 9, 30), "Ouvert jusqu’à 12 h"),
        ("75", utc(18, 11, 30), "Fermé, ouvre à 14 h"),
        ("75", utc(18, 20, 0), "Fermé, ouvre demain à 9 h"),
        ("75", utc(20, 20, 0), "Fermé, ouvre demain à 9 h"),
        ("75", utc(21, 12, 0), "Fermé, ouvre lundi à 9 h"),
        // 9:30 UTC is 13:30 in La Réunion and 5:30 in Martinique, 20:30 in Nouméa.
        ("974", utc(18, 9, 30), "Fermé, ouvre à 14 h"),
        ("972", utc(18, 9, 30), "Fermé, ouvre à 9 h"),
        ("988", utc(18, 9, 30), "Fermé, ouvre demain à 9 h"),
    ] {
        assert_eq!(phrase(semaine, departement, quand), attendu, "{departement} {quand}");
    }
    assert_eq!(phrase("24/7", "75", utc(18, 9, 0)), "Ouvert en continu");
    assert_eq!(phrase("Fr 20:00-02:00", "75", utc(20, 22, 0)), "Ouvert jusqu’à demain à 2 h");
    assert_eq!(phrase("Jul-Aug Mo-Fr 09:00-12:00", "75", utc(18, 9, 0)), "Fermé");
}

#[test]
fn keeps_public_holidays_where_they_are_kept() {
    // Good Friday 2026 is 3 April.
    assert_eq!(jour_ferie("67", le(2026, 4, 3)), Some("vendredi saint"));
    assert_eq!(jour_ferie("75", le(2026, 4, 3)), None);
    assert_eq!(jour_ferie("75", le(2026, 4, 6)), Some("lundi de Pâques"));
    assert_eq!(jour_ferie("75", le(2026, 5, 14)), Some("Ascension"));
    assert_eq!(jour_ferie("974", le(2026, 12, 20)), Some("abolition de l’esclavage"));
    assert_eq!(jours_feries("75", 2026).len(), 11);
    let h = horaires("Mo-Fr 09:00-17:00; PH off", "67");
    assert!(h.jour(le(2026, 4, 3)).is_empty());
    assert_eq!(horaires("Mo-Fr 09:00-17:00; PH off", "75").jour(le(2026, 4, 3)).len(), 1);
    assert_eq!(horaires("Mo-Fr 09:00-17:00", "67").jour(le(2026, 4, 3)).len(), 1);
}

#[test]
fn easter_is_where_the_tables_put_it() {
    for (annee, mois, jour) in [(2000, 4, 24), (2024, 4, 1), (2025, 4, 21), (2026, 4, 6), (2038, 4, 26)] {
        assert_eq!(jour_ferie("75", le(annee, mois, jour)), Some("lundi de Pâques"), "{annee}");
    }
}

#[test]
fn sums_up_a_week() {
    let base = le(2026, 3, 16);
    for (expression, jours, soir, midi, minutes) in [
        ("Mo-Fr 09:00-12:00,14:00-17:30", 0b001_1111, false, false, 5 * 390),
        ("Sa 10:00-18:00", 0b010_0000, false, true, 480),
        ("Tu 16:00-19:00", 0b000_0010, true, false, 180),
        ("week 1-53/2 Sa 09:00-11:00", 0b010_0000, false, false, 60),
        ("We[1] 09:00-12:00", 0b000_0100, false, false, 45),
        ("PH off", 0, false, false, 0),
        ("Mo-Fr \"sur rendez-vous\"", 0, false, false, 0),
    ] {
        let h = horaires(expression, "75").habitudes(base);
        assert_eq!((h.jours, h.soir, h.midi, h.minutes), (jours, soir, midi, minutes), "{expression}");
    }
}

#[test]
fn the_week_marks_today_and_says_what_is_special() {
    let h = horaires("Mo-Fr 09:00-12:00 \"sur rendez-vous\"; PH off", "75");
    // Thursday 14 May 2026 is Ascension.
    let s = Semaine::de(&h, Utc.with_ymd_and_hms(2026, 5, 12, 8, 0, 0).unwrap());
    assert_eq!(s.jours.len(), 7);
    assert_eq!(s.jours.iter().position(|j| j.aujourdhui), Some(0));
    assert_eq!(s.jours[0].plages, ["9\u{a0}h – 12\u{a0}h (sur rendez-vous)"]);
    assert_eq!((s.jours[2].nom.as_str(), s.jours[2].ferie), ("Jeudi 14 mai", Some("Ascension")));
    assert!(s.jours[2].plages.is_empty() && s.jours[5].plages.is_empty());
}

#[test]
fn school_holidays_are_known_only_where_they_are_sure() {
    // « SH Mo-Fr » holds on the weekdays of the holidays, not on every weekday.
    let h = horaires("We,Sa 13:00-18:00; SH off; SH Mo-Fr 10:00-19:00", "75");
    let heures = |m, j| -> Vec<(u16, u16, bool)> {
        h.jour(le(2026, m, j)).iter().map(|p| (p.debut, p.fin, p.certaine)).collect()
    };
    assert_eq!(heures(3, 18), [(780, 1080, true)], "a Wednesday of March");
    assert_eq!(heures(3, 19), [], "a Thursday of March");
    assert_eq!(heures(7, 15), [(600, 1140, true)], "a Wednesday of July");
    assert_eq!(heures(7, 18), [], "a Saturday of July");
    assert_eq!(vacances("75", le(2026, 2, 20)), Vacances::Inconnu);
    assert_eq!(vacances("974", le(2026, 3, 18)), Vacances::Inconnu);
    assert!(h.jour(le(2026, 4, 15)).iter().all(|p| p.certaine), "open whether holidays or not");
    let h = horaires("Mo-Fr 09:00-12:00; SH off", "75");
    assert!(h.jour(le(2026, 7, 15)).is_empty());
    assert!(h.jour(le(2026, 4, 15)).iter().all(|p| !p.certaine), "perhaps closed");
    assert!(h.jour(le(2026, 3, 18)).iter().all(|p| p.certaine));
}

#[test]
fn an_agenda_says_what_it_does_not_know_and_takes_little() {
    let aujourdhui = le(2026, 5, 1);
    let ete = agenda(&horaires("Jul-Aug Mo-Fr 09:00-12:00", "75"), aujourdhui);
    let matin = |j: NaiveDate| j.and_hms_opt(8, 0, 0).unwrap();
    assert_eq!(ete.etat_local(matin(aujourdhui)), Etat::Ferme(le(2026, 7, 1).and_hms_opt(9, 0, 0)));
    assert_eq!(ete.etat_local(matin(le(2026, 6, 20))), Etat::Inconnu);
    assert_eq!(ete.etat_local(matin(le(2026, 4, 29))), Etat::Inconnu);
    assert!(!ete.ouvre(le(2026, 7, 1), None));
    // Forty stretches a day: known for twelve days, not for forty.
    let plages: Vec<String> = (0..40)
        .map(|n| format!("{:02}:{:02}-{:02}:{:02}", n / 2, n % 2 * 30, n / 2, n % 2 * 30 + 10))
        .collect();
    let dense = agenda(&horaires(&format!("Mo-Su {}; PH off", plages.join(",")), "75"), aujourdhui);
    assert!(dense.ouvre(le(2026, 5, 9), None) && !dense.ouvre(le(2026, 5, 20), None));
    assert_eq!(dense.etat_local(matin(le(2026, 5, 20))), Etat::Inconnu);
}

#[test]
fn one_territory_stands_for_those_that_read_hours_alike() {
    let metropole = (1..=95).map(|n| format!("{n:02}")).chain(["2A".to_owned(), "2B".to_owned()]);
    for departement in metropole.chain((971..=988).map(|n| n.to_string())) {
        let departement = departement.as_str();
        let autre = Scolaire::default().territoire("Mo-Fr; SH off", departement);
        assert_eq!(fuseau(departement), fuseau(autre), "{departement}");
        assert_eq!(jours_feries(departement, 2026), jours_feries(autre, 2026), "{departement}");
        for jour in le(2026, 1, 1).iter_days().take(365) {
            assert_eq!(vacances(departement, jour), vacances(autre, jour), "{departement} {jour}");
        }
    }
}

#[test]
fn finds_the_next_change_however_far() {
    let quand = Utc.with_ymd_and_hms(2026, 9, 18, 8, 0, 0).unwrap();
    let h = horaires("Jul-Aug Mo-Fr 09:00-12:00", "75");
    assert_eq!(h.prochaine_ouverture(quand), le(2027, 7, 1).and_hms_opt(9, 0, 0));
    let h = horaires("Mo-Fr 09:00-12:00", "974");
    assert!(!h.ouvert_a(quand), "noon has struck in La Réunion");
    assert!(h.ouvert_a(quand - TimeDelta::hours(2)));
    assert_eq!(h.prochain_changement(quand), le(2026, 9, 21).and_hms_opt(9, 0, 0));
    assert_eq!(horaires("24/7", "75").prochain_changement(quand), None);
    assert_eq!(horaires("2020 Mo 09:00-12:00", "75").prochaine_ouverture(quand), None);
}

proptest! {
    #[test]
    fn the_agenda_agrees_with_the_exact_evaluation(
        minutes in proptest::collection::vec(-1_440_i64..39 * 1_440, 40), n in 0_usize..15, reunion in any::<bool>(),
    ) {
        let expression = [
            "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00", "Mo-Su 08:00-20:00", "Fr-Su 22:00-04:00", "24/7",
            "Mo,We 10:00-11:00; PH off", "week 02-52/2 Tu 09:00-12:00", "Th[1,3] 14:00-17:00", "Mo-Fr \"sur rendez-vous\"",
            "Jul-Aug Mo-Fr 09:00-12:00", "Mo-Fr 09:00-12:00 unknown", "Mo-Fr 09:00-18:00; We off; Dec 24-Jan 02 off",
            "Mo 09:00+; SH off", "Su 20:00-24:00; Mo 00:00-06:00", "Fr-Sa 21:00-03:00; PH off",
            "Mo-Fr 09:00-17:00; SH Mo-Fr 08:00-12:00",
        ][n];
        let h = horaires(expression, if reunion { "974" } else { "67" });
        let agenda = agenda(&h, le(2026, 5, 1));
        prop_assert_eq!(agenda.hebdomadaire(), [0, 1, 2, 3, 7, 9, 12].contains(&n), "{}", expression);
        for m in minutes {
            let local = le(2026, 5, 1).and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(m);
            let exact = h.etat_local(local);
            let vu = agenda.etat_local(local);
            prop_assert_eq!(vu.ouvert(), exact.ouvert(), "{} {}", expression, local);
            prop_assert_eq!(agenda.ouvre(local.date(), Some(local.time())), exact.ouvert(), "{} {}", expression, local);
            // Within its last week the agenda may not know what follows.
            if agenda.hebdomadaire() || m < 25 * 1_440 {
                prop_assert_eq!(vu, exact, "{} {}", expression, local);
            }
        }
    }

    #[test]
    fn the_state_agrees_with_the_crate(minute in 0_i64..20_000, n in 0_usize..5) {
        let expression = [
            "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00", "Mo-Su 08:00-20:00", "Fr-Sa 22:00-04:00",
            "24/7", "Mo,We 10:00-11:00; PH off",
        ][n];
        let h = horaires(expression, "75");
        let base = le(2026, 5, 1);
        let quand = base.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(1_440 + minute);
        let vu = etat(&h.intervalles(base, 20), base, 20, quand);
        prop_assert_eq!(vu.ouvert(), par_la_bibliotheque(expression, "75", quand), "{} {:?}", quand, vu);
    }

    #[test]
    fn never_panics(expression in "[A-Za-z0-9:,;\\-\\[\\]/+ \"]{0,60}") {
        if let Some(h) = Horaires::lit(&expression, None) {
            h.habitudes(le(2026, 3, 16));
            h.intervalles(le(2026, 12, 25), 20);
        }
    }
}
