use kernel::Position;
use proptest::prelude::*;

use super::*;

fn position(lat: f64, lon: f64) -> Position {
    Position { latitude: lat, longitude: lon }
}

fn commune(n: usize, lat: f64, lon: f64, besoin: f64) -> Commune {
    Commune { id: Id::Texte(format!("c{n}")), position: position(lat, lon), besoin }
}

fn demande(n: usize, lat: f64, lon: f64, departement: &str, postes: u64) -> Demande {
    Demande {
        id: Id::Texte(format!("d{n}")),
        position: position(lat, lon),
        departement: departement.into(),
        postes,
    }
}

/// What posts serve, by augmenting one path after another in a matrix: slow, and nothing like `Flow`.
fn served(probleme: &Probleme, posts: &[u64]) -> i64 {
    let units = |v: f64| (v * 1e6).round() as i64;
    let reach = |d: &Demande, c: &Commune| {
        let point = |p| crate::sphere::Point::new(p);
        point(d.position).km(&point(c.position)) <= probleme.rayon_km
    };
    let mut room: Vec<i64> = probleme.communes.iter().map(|c| units(c.besoin)).collect();
    let mut sent = vec![vec![0i64; room.len()]; posts.len()];
    fn push(
        d: usize,
        most: i64,
        links: &[Vec<bool>],
        room: &mut [i64],
        sent: &mut [Vec<i64>],
        seen: &mut [bool],
    ) -> i64 {
        if most == 0 || std::mem::replace(&mut seen[d], true) {
            return 0;
        }
        for c in 0..room.len() {
            if !links[d][c] {
                continue;
            }
            if room[c] > 0 {
                let amount = most.min(room[c]);
                room[c] -= amount;
                sent[d][c] += amount;
                return amount;
            }
            for other in 0..sent.len() {
                if sent[other][c] > 0 {
                    let amount = push(other, most.min(sent[other][c]), links, room, sent, seen);
                    if amount > 0 {
                        sent[other][c] -= amount;
                        sent[d][c] += amount;
                        return amount;
                    }
                }
            }
        }
        0
    }
    let links: Vec<Vec<bool>> =
        probleme.demandes.iter().map(|d| probleme.communes.iter().map(|c| reach(d, c)).collect()).collect();
    let mut total = 0;
    for (d, &count) in posts.iter().enumerate() {
        let mut spare = units(probleme.capacite_par_poste) * count as i64;
        loop {
            let amount = push(d, spare, &links, &mut room, &mut sent, &mut vec![false; posts.len()]);
            if amount == 0 {
                break;
            }
            spare -= amount;
            total += amount;
        }
    }
    total
}

/// The best of all attributions, in millionths.
fn brute(probleme: &Probleme) -> i64 {
    let most: Vec<u64> = probleme
        .demandes
        .iter()
        .map(|d| {
            d.postes.min(probleme.maximum_par_demande.unwrap_or(u64::MAX)).min(probleme.postes_a_attribuer)
        })
        .collect();
    let sum = |posts: &[u64], departement: &Id| {
        let of = probleme.demandes.iter().zip(posts).filter(|(d, _)| d.departement == *departement);
        of.map(|(_, p)| p).sum::<u64>()
    };
    let mut posts = vec![0; most.len()];
    let mut best = -1;
    loop {
        let inside = |p: &Plafond| {
            probleme
                .demandes
                .iter()
                .zip(&posts)
                .filter(|(d, _)| p.departements.contains(&d.departement))
                .map(|(_, n)| *n)
                .sum::<u64>()
        };
        let ceilings = probleme.plafonds.iter().all(|p| inside(p) <= p.postes);
        let minima = probleme.demandes.iter().all(|d| {
            let asks = |id: &Id| probleme.demandes.iter().any(|d| d.departement == *id);
            let alone = |p: &&Plafond| p.departements.iter().filter(|id| asks(id)).eq([&d.departement]);
            let ceiling = probleme.plafonds.iter().filter(alone).map(|p| p.postes).min().unwrap_or(u64::MAX);
            sum(&posts, &d.departement)
                >= probleme.minimum_par_departement.min(sum(&most, &d.departement)).min(ceiling)
        });
        if minima && ceilings && posts.iter().sum::<u64>() <= probleme.postes_a_attribuer {
            best = best.max(served(probleme, &posts));
        }
        let Some(next) = (0..posts.len()).find(|&d| posts[d] < most[d]) else { return best };
        posts[..next].fill(0);
        posts[next] += 1;
    }
}

fn problems(communes: usize, demandes: usize) -> impl Strategy<Value = Probleme> {
    let place =
        || (0..12i32, 0..12i32).prop_map(|(y, x)| (46.0 + 0.05 * f64::from(y), 2.0 + 0.05 * f64::from(x)));
    let besoin = prop_oneof![(0u32..400).prop_map(f64::from), (0u32..4000).prop_map(|n| f64::from(n) / 7.0)];
    (
        prop::collection::vec((place(), besoin), 0..=communes),
        prop::collection::vec((place(), 0usize..3, 0u64..4), 0..=demandes),
        (0u64..8, 3.0f64..30.0, 0u32..900, prop::option::of(0u64..4), 0u64..3),
        prop::collection::vec((0usize..4, 0u64..6), 0..3),
    )
        .prop_map(|(communes, demandes, (postes, rayon_km, capacite, maximum, minimum), ceilings)| {
            Probleme {
                communes: communes.iter().enumerate().map(|(i, &((y, x), b))| commune(i, y, x, b)).collect(),
                demandes: demandes
                    .iter()
                    .enumerate()
                    .map(|(i, &((y, x), dep, n))| demande(i, y, x, ["01", "02", "2A"][dep], n))
                    .collect(),
                postes_a_attribuer: postes,
                rayon_km,
                capacite_par_poste: f64::from(capacite),
                maximum_par_demande: maximum,
                minimum_par_departement: minimum,
                plafonds: ceilings
                    .iter()
                    .map(|&(group, postes)| Plafond {
                        departements: [&["01"] as &[&str], &["2A"], &["01", "02"], &["01", "02", "2A"]]
                            [group]
                            .iter()
                            .map(|d| Id::from(*d))
                            .collect(),
                        postes,
                    })
                    .collect(),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn small_ones_agree_with_every_attribution(probleme in problems(9, 5)) {
        match resout(&probleme) {
            Ok(solution) => {
                let best = brute(&probleme) as f64 / 1e6;
                prop_assert!((solution.besoin_servi - best).abs() <= 1e-6 * best.max(1.0), "{} {best}", solution.besoin_servi);
                prop_assert!(solution.borne >= best - 1e-9 && solution.besoin_servi <= solution.borne);
                let reading = 1e-6 * (1 + probleme.communes.len()) as f64;
                prop_assert!(solution.borne - best <= reading + 1e-6 * best, "{}", solution.ecart());
                prop_assert_eq!(verifie(&probleme, &solution), Ok(()));
            }
            Err(_) => prop_assert_eq!(brute(&probleme), -1),
        }
    }

    /// Prices, whatever they are, bound what any attribution serves.
    #[test]
    fn any_prices_bound(probleme in problems(8, 4), seed in prop::collection::vec(0i64..=1 << 20, 8)) {
        let prix = Prix(seed[..probleme.communes.len()].to_vec());
        if let Ok(borne) = borne(&probleme, &prix) {
            prop_assert!(borne * 1e6 >= brute(&probleme) as f64 - 1.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn larger_ones_hold_their_word(probleme in problems(150, 40)) {
        if let Ok(solution) = resout(&probleme) {
            let mut posts = vec![0; probleme.demandes.len()];
            for &(d, count) in &solution.attributions {
                posts[d] = count;
            }
            let truth = served(&probleme, &posts) as f64 / 1e6;
            prop_assert!((solution.besoin_servi - truth).abs() < 1e-6);
            prop_assert_eq!(verifie(&probleme, &solution), Ok(()));
            prop_assert!(solution.ecart() < 0.01, "{}", solution.ecart());
        }
    }
}

/// Two towns apart, one post: the larger need is served; with two, both.
pub(super) fn towns(postes: u64) -> Probleme {
    Probleme {
        communes: vec![
            commune(0, 48.0, 2.0, 1000.0),
            commune(1, 48.05, 2.0, 300.0),
            commune(2, 44.0, 2.0, 900.0),
        ],
        demandes: vec![demande(0, 48.0, 2.0, "75", 2), demande(1, 44.0, 2.0, "12", 1)],
        postes_a_attribuer: postes,
        rayon_km: 10.0,
        capacite_par_poste: 1100.0,
        maximum_par_demande: None,
        minimum_par_departement: 0,
        plafonds: Vec::new(),
    }
}

#[test]
fn posts_go_where_they_serve_most() {
    for (postes, attributions, servi) in [
        (0, vec![], 0.0),
        (1, vec![(0, 1)], 1100.0),
        (2, vec![(0, 1), (1, 1)], 2000.0),
        (9, vec![(0, 2), (1, 1)], 2200.0),
    ] {
        let solution = resout(&towns(postes)).unwrap();
        assert_eq!(
            (solution.attributions, solution.besoin_servi, solution.borne),
            (attributions, servi, servi)
        );
    }
    let owed = Probleme { minimum_par_departement: 1, ..towns(2) };
    assert_eq!(resout(&owed).unwrap().attributions, [(0, 1), (1, 1)]);
    // A département that asks for fewer than the minimum receives all it asks for.
    let more = Probleme { minimum_par_departement: 2, ..towns(3) };
    let solution = resout(&more).unwrap();
    assert_eq!(
        (solution.attributions, solution.minimum_reduit),
        (vec![(0, 2), (1, 1)], vec![Id::from("12")])
    );
    let never = Probleme { minimum_par_departement: 1, ..towns(1) };
    assert!(resout(&never).unwrap_err().0.contains("demande 2 postes et l’enveloppe n’en a que 1"));
}

#[test]
fn lines_are_explained_and_compared() {
    let probleme = towns(3);
    let solution = resout(&probleme).unwrap();
    let told = analyse(&probleme, &solution.attributions).unwrap();
    assert_eq!(
        told.lignes[0],
        Explication { servi: 1300.0, seul: 1300.0, perte: 200.0, minimum: false, plein: true }
    );
    assert_eq!(told.communes, [1000.0, 300.0, 900.0]);
    assert_eq!(analyse(&probleme, &[(0, 1)]).unwrap().gains, [200.0, 900.0]);
    assert!(analyse(&probleme, &[(2, 1)]).is_err());
    let other = compare(&probleme, &[(0, 1)], &[(1, 1)]).unwrap();
    assert_eq!((other.servi, other.lignes), ((1100.0, 900.0), vec![(0, 1, 0), (1, 0, 1)]));
}

#[test]
fn files_are_read_or_refused_with_a_sentence() {
    let good = r#"{"communes": [{"id": "01001", "lat": 46, "lon": 5, "besoin": 100.5}],
        "demandes": [{"id": 1, "lat": 46, "lon": 5, "departement": "01", "postes": 2}],
        "postes_a_attribuer": 1, "rayon_km": 10, "capacite_par_poste": 60, "maximum_par_demande": 2,
        "minimum_par_departement": 1}"#;
    let (probleme, remarques) = lit(good.as_bytes()).unwrap();
    let solution = resout(&probleme).unwrap();
    let answer = json(&probleme, &solution, &remarques);
    assert_eq!(answer["attributions"], serde_json::json!([[1, 1]]));
    assert_eq!((&answer["besoin_servi"], &answer["ecart"]), (&60.0.into(), &0.0.into()));
    assert!(texte(&probleme, &solution, &remarques).contains("la meilleure possible"));
    for (from, to, said) in [
        ("100.5", "-1", "« besoin »"),
        ("\"01\"", "null", "« departement »"),
        ("\"postes\": 2", "\"postes\": 1.5", "« postes »"),
        ("\"rayon_km\": 10", "\"rayon_km\": \"dix\"", "« rayon_km »"),
        ("\"postes_a_attribuer\": 1,", "", "« postes_a_attribuer »"),
        ("\"minimum_par_departement\": 1", "\"minimum_par_departement\": -1", "« minimum_par_departement »"),
    ] {
        let refus = lit(good.replace(from, to).as_bytes()).unwrap_err().0;
        assert!(refus.contains(said), "{to} → {refus}");
    }
    let ceiling = good.replace(
        "\"rayon_km\"",
        r#""plafonds": [{"id": "e", "departements": ["01"], "postes": 0}], "rayon_km""#,
    );
    let (probleme, _) = lit(ceiling.as_bytes()).unwrap();
    assert_eq!(probleme.plafonds, [Plafond { departements: vec!["01".into()], postes: 0 }]);
    assert!(lit(ceiling.replace("[\"01\"]", "1").as_bytes()).unwrap_err().0.contains("« departements »"));
    let across = |a: &str, b: &str| Plafond { departements: vec![a.into(), b.into()], postes: 1 };
    let crossed = Probleme { plafonds: vec![across("75", "12"), across("12", "75")], ..towns(2) };
    assert_eq!(resout(&crossed).unwrap().attributions, [(0, 1)]);
    let huge = lit(good.replace("100.5", "1e200").as_bytes()).unwrap().0;
    assert!(resout(&huge).unwrap_err().0.contains("unité"));
}
