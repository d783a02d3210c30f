use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::{CodeCommune, CodeDepartement, Position};
use proptest::prelude::*;

use super::equite::gini;
use super::*;
use crate::lieux::standard::Service;
use crate::territoires::Territoires;

fn france() -> &'static Territoires {
    static FRANCE: OnceLock<Territoires> = OnceLock::new();
    FRANCE.get_or_init(|| Territoires::new(&HashMap::new()).unwrap())
}

fn code(code: &str) -> CodeCommune {
    CodeCommune::parse(code).unwrap()
}

fn lieu(lat: f64, lon: f64) -> MesureLieu {
    MesureLieu {
        position: Position::new(lat, lon),
        commune: None,
        services: 0,
        samedi: false,
        soir: false,
        minutes_semaine: None,
    }
}

#[test]
fn criteria_have_their_rank_and_key() {
    for (i, critere) in Critere::tous().enumerate() {
        assert_eq!(critere.rang(), i);
        assert_eq!(Critere::de_cle(critere.cle()), Some(critere));
    }
    assert_eq!(Critere::tous().count(), Critere::NOMBRE);
    assert_eq!(Seuil::de_km("10"), Some(Seuil::Dix));
    assert_eq!(Seuil::de_km("11"), None);
}

#[test]
fn a_lieu_serves_those_around_it() {
    let t = france();
    let bourg = t.commune(&code("01053")).unwrap();
    let at = bourg.position.unwrap().position;
    let mut one = lieu(at.latitude, at.longitude);
    one.commune = Some(code("01053"));
    one.samedi = true;
    one.services = 1 << Service::AideDemarches as u8;
    one.minutes_semaine = Some(20 * 60);
    let c = Couverture::calcule(t, &[one]);
    let rang = t.rang(&code("01053")).unwrap();
    assert!(c.distance_m(rang, Critere::Tous).unwrap() < 1.0);
    assert!(c.distance_m(rang, Critere::Samedi).unwrap() < 1.0);
    assert_eq!(c.distance_m(rang, Critere::Soir), None, "no lieu of the country is open in the evening");
    let ain = CodeDepartement::parse("01").unwrap();
    let bilan = c.bilan(t.rangs_du_departement(&ain), Critere::Tous);
    assert_eq!(bilan.lieux, 1);
    assert!(bilan.dans[0] >= u64::from(bourg.habitants()));
    assert!(
        bilan.dans[0] < bilan.dans[1] && bilan.dans[1] < bilan.dans[2] && bilan.dans[2] < bilan.population
    );
    let alone = c.bilan([rang], Critere::Tous);
    let expected = 20.0 * 10_000.0 / f64::from(bourg.habitants());
    assert!((alone.heures_pour_10000().unwrap() - expected).abs() < 1e-9);
    let zones = c.zones_blanches(t.rangs_du_departement(&ain), Critere::Tous, Seuil::Vingt);
    assert!(zones.is_sorted_by(|a, b| a.population >= b.population));
    let beyond: u64 = zones.iter().map(|z| z.population).sum();
    assert_eq!(beyond, bilan.population - bilan.dans[2]);
    assert!(zones.iter().all(|z| z.rang != rang && z.metres.unwrap() > 20_000.0));
}

#[test]
fn without_lieux_everyone_is_beyond() {
    let t = france();
    let c = Couverture::calcule(t, &[]);
    let all = c.bilan(0..t.communes().len(), Critere::Tous);
    assert_eq!((all.dans, all.lieux), ([0; 3], 0));
    assert_eq!(all.distance_moyenne_m(), None);
    assert_eq!(all.part(Seuil::Dix), Some(0.0));
    assert_eq!(c.equite(t, Critere::Tous, Seuil::Dix).gini, None);
    let zones = c.zones_blanches(0..t.communes().len(), Critere::Tous, Seuil::Vingt);
    assert_eq!(zones.iter().map(|z| z.population).sum::<u64>(), all.population);
}

#[test]
fn lieux_without_position_stand_in_their_commune() {
    let t = france();
    let mut placed = MesureLieu { position: None, ..lieu(1.0, 1.0) };
    let lost = placed.clone();
    placed.commune = Some(code("98735"));
    let c = Couverture::calcule(t, &[placed, lost]);
    assert_eq!((c.lieux, c.lieux_au_centre, c.lieux_non_situes), (1, 1, 1));
    let papeete = t.rang(&code("98735")).unwrap();
    assert!(c.distance_m(papeete, Critere::Tous).unwrap() < 1.0);
    // Moorea is twenty kilometres away over the sea: straight lines cross it.
    let moorea = t.rang(&code("98729")).unwrap();
    let km = c.distance_m(moorea, Critere::Tous).unwrap() / 1000.0;
    assert!((15.0..35.0).contains(&km), "{km}");
}

#[test]
fn big_towns_are_measured_by_arrondissement() {
    let t = france();
    let paris = t.rang(&code("75056")).unwrap();
    // A lieu in the twentieth arrondissement leaves the sixteenth beyond five kilometres.
    let c = Couverture::calcule(t, &[lieu(48.8634, 2.4012)]);
    let bilan = c.bilan([paris], Critere::Tous);
    assert!(bilan.dans[0] > 500_000 && bilan.dans[0] < 1_700_000, "{bilan:?}");
    assert_eq!(bilan.dans[1], bilan.population);
    let zones = c.zones_blanches([paris], Critere::Tous, Seuil::Cinq);
    assert_eq!(zones[0].population, bilan.population - bilan.dans[0]);
}

#[test]
fn gini_of_known_sets() {
    for (values, expected) in [
        (vec![(0.5, 1.0), (0.5, 3.0)], 0.0),
        (vec![(0.0, 1.0), (1.0, 1.0)], 0.5),
        (vec![(0.0, 3.0), (1.0, 1.0)], 0.75),
        // One, two, three, four: a quarter.
        (vec![(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0)], 0.25),
    ] {
        let found = gini(&values).unwrap();
        assert!((found - expected).abs() < 1e-12, "{values:?}: {found}");
    }
    assert_eq!(gini(&[]), None);
    assert_eq!(gini(&[(0.0, 5.0)]), None);
}

#[test]
fn equity_orders_the_departements() {
    let t = france();
    let c = Couverture::calcule(t, &[lieu(48.86, 2.35), lieu(45.76, 4.84), lieu(-20.88, 55.45)]);
    let e = c.equite(t, Critere::Tous, Seuil::Dix);
    assert_eq!(e.mieux_servi().unwrap().code.as_str(), "75");
    assert_eq!(e.moins_servi().unwrap().part, 0.0);
    assert_eq!(e.rapport, None);
    assert!(e.departements.len() >= 105 && e.gini.unwrap() > 0.7, "{:?}", e.gini);
}

fn anywhere() -> impl Strategy<Value = MesureLieu> {
    let zones = prop_oneof![
        5 => (42.0..51.0, -5.0..8.0),
        1 => (-21.5..-20.8, 55.2..55.9),
        1 => (-23.0..-8.0, -152.0..-134.0),
        1 => (-22.5..-19.5, 163.0..168.0),
        1 => (-14.4..-13.2, -178.2..-176.1),
        1 => (-90.0..90.0, -180.0..180.0),
    ];
    (zones, 0_u16..512, any::<bool>(), any::<bool>()).prop_map(|((lat, lon), services, samedi, soir)| {
        MesureLieu { services, samedi, soir, ..lieu(lat, lon) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// The tree finds what a look at every lieu finds, everywhere on the Earth.
    #[test]
    fn agrees_with_brute_force(lieux in proptest::collection::vec(anywhere(), 0..40)) {
        let t = france();
        let c = Couverture::calcule(t, &lieux);
        for (rang, commune) in t.communes().iter().enumerate().step_by(331) {
            let Some(position) = commune.position.filter(|_| commune.population.is_some()) else { continue };
            if t.interieures_de(commune).any(|i| i.numero().is_some()) {
                continue;
            }
            for critere in Critere::tous() {
                let brute = lieux
                    .iter()
                    .filter(|l| critere.retient(l))
                    .filter_map(|l| l.position)
                    .map(|p| p.distance_m(position.position))
                    .min_by(f64::total_cmp);
                match (c.distance_m(rang, critere), brute) {
                    (None, None) => {}
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() < 3.0, "{} {a} {b}", commune.nom),
                    other => prop_assert!(false, "{} {other:?}", commune.nom),
                }
            }
        }
    }
}
