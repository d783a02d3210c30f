use chrono::NaiveDate;

use crate::pilotage::model::*;

fn jour(s: &str) -> NaiveDate {
    s.parse().unwrap()
}

fn jalon(echeance: &str, cible: i64) -> Jalon {
    Jalon { cle: echeance.to_owned(), nom: String::new(), echeance: jour(echeance), cible, prevision: None }
}

#[test]
fn the_curve_counts_who_is_in_post_and_what_was_announced() {
    // One from 15 January on, one in February only.
    let mouvements = [(jour("2021-02-01"), 2), (jour("2021-03-01"), -1)];
    let jalons = [jalon("2021-06-20", 1_000), jalon("2022-06-20", 4_000)];
    let c = courbe(&mouvements, &jalons, jour("2022-08-10"));
    let au = |le: &str| *c.iter().find(|m| m.le == jour(le)).unwrap();
    let vus =
        ["2020-11-01", "2021-01-01", "2021-02-01", "2021-03-01", "2022-08-01"].map(|le| au(le).en_poste);
    assert_eq!(vus, [0, 0, 2, 1, 1]);
    assert_eq!(au("2020-11-01").attendus, Some(0));
    assert_eq!(au("2021-03-01").attendus, Some(1_000 * 104 / 215));
    assert_eq!(au("2022-06-01").attendus, Some(1_000 + 3_000 * 346 / 365));
    assert_eq!(au("2022-07-01").attendus, None, "after the last milestone nothing is asked");
    assert_eq!(courbe(&[], &[], jour("2020-12-01")).len(), 2);
    assert_eq!(courbe(&[], &[], jour("2040-12-01")).len(), 120);
}

#[test]
fn classes_of_the_map_are_those_of_the_legend() {
    for (taux, attendue) in [(0.0, 0), (0.9, 0), (1.0, 1), (5.9, 2), (6.0, 3), (12.0, 5), (100.0, 5)] {
        assert_eq!(classe(taux), attendue, "{taux}");
    }
    assert_eq!(LEGENDE.len(), 6);
}
