use chrono::NaiveDate;
use kernel::Position;
use proptest::prelude::*;

use super::*;

fn jour(n: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2021, 1, 1 + n)
}

fn candidat(
    id: &str,
    lat: f64,
    lon: f64,
    rayon_km: Option<f64>,
    disponible_le: Option<NaiveDate>,
) -> Candidat {
    let position = Position { latitude: lat, longitude: lon };
    Candidat { id: id.into(), position, rayon_km, disponible_le }
}

fn poste(id: &str, lat: f64, lon: f64, debut_le: Option<NaiveDate>) -> Poste {
    Poste { id: id.into(), position: Position { latitude: lat, longitude: lon }, debut_le }
}

fn pairs(probleme: &Probleme) -> Vec<(String, String)> {
    let solution = resout(probleme).unwrap();
    let name = |a: &Affectation| {
        (probleme.candidats[a.candidat].id.to_string(), probleme.postes[a.poste].id.to_string())
    };
    solution.affectations.iter().map(name).collect()
}

fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(c, p)| ((*c).to_owned(), (*p).to_owned())).collect()
}

/// Every assignment, one post after another: (most filled, least units).
fn brute(probleme: &Probleme, unit_km: f64) -> (usize, i64) {
    fn go(p: usize, taken: u32, edges: &[Vec<Option<i64>>]) -> (usize, i64) {
        let Some(row) = edges.get(p) else { return (0, 0) };
        let mut best = go(p + 1, taken, edges);
        for (c, cost) in row.iter().enumerate() {
            if let Some(cost) = cost.filter(|_| taken & (1 << c) == 0) {
                let (filled, sum) = go(p + 1, taken | (1 << c), edges);
                let this = (filled + 1, sum + cost);
                if this.0 > best.0 || (this.0 == best.0 && this.1 < best.1) {
                    best = this;
                }
            }
        }
        best
    }
    let candidats: Vec<Site> = probleme.candidats.iter().map(Site::candidat).collect();
    let edges: Vec<Vec<Option<i64>>> = probleme
        .postes
        .iter()
        .map(|p| {
            let p = Site::poste(p);
            candidats.iter().map(|c| p.meets(c).map(|km| units(km, unit_km))).collect()
        })
        .collect();
    go(0, 0, &edges)
}

/// Bellman and Ford over the residual graph, dense: slow, and nothing like the search.
fn bellman_ford(probleme: &Probleme, unit_km: f64) -> (usize, i64) {
    let candidats: Vec<Site> = probleme.candidats.iter().map(Site::candidat).collect();
    let postes: Vec<Site> = probleme.postes.iter().map(Site::poste).collect();
    let cost = |p: usize, c: usize| postes[p].meets(&candidats[c]).map(|km| units(km, unit_km));
    let mut of_candidat: Vec<Option<usize>> = vec![None; candidats.len()];
    let (mut filled, mut total) = (0, 0);
    loop {
        let mut at_post = vec![i64::MAX; postes.len()];
        let mut at = vec![i64::MAX; candidats.len()];
        let mut from = vec![0; candidats.len()];
        for (p, cost) in at_post.iter_mut().enumerate() {
            if !of_candidat.contains(&Some(p)) {
                *cost = 0;
            }
        }
        let mut moved = true;
        while moved {
            moved = false;
            for p in (0..postes.len()).filter(|&p| at_post[p] < i64::MAX).collect::<Vec<_>>() {
                for c in 0..candidats.len() {
                    let Some(edge) = cost(p, c) else { continue };
                    if of_candidat[c] != Some(p) && at_post[p] + edge < at[c] {
                        at[c] = at_post[p] + edge;
                        from[c] = p;
                        if let Some(holder) = of_candidat[c] {
                            at_post[holder] = at[c] - cost(holder, c).unwrap();
                        }
                        moved = true;
                    }
                }
            }
        }
        let free = (0..candidats.len()).filter(|&c| of_candidat[c].is_none() && at[c] < i64::MAX);
        let Some(mut c) = free.min_by_key(|&c| at[c]) else { return (filled, total) };
        total += at[c];
        filled += 1;
        loop {
            let p = from[c];
            let before = of_candidat.iter().position(|&x| x == Some(p));
            of_candidat[c] = Some(p);
            let Some(next) = before else { break };
            of_candidat[next] = None;
            c = next;
        }
    }
}

fn agrees(probleme: &Probleme, reference: fn(&Probleme, f64) -> (usize, i64)) {
    let solution = resout(probleme).unwrap();
    let unit_km = solution.certificat.unite_km;
    let units = solution.affectations.iter().map(|a| units(a.km, unit_km)).sum::<i64>();
    assert_eq!((solution.affectations.len(), units), reference(probleme, unit_km));
    // The order of the file changes nothing.
    let mut turned = probleme.clone();
    turned.candidats.reverse();
    turned.postes.reverse();
    assert_eq!(pairs(probleme), pairs(&turned));
}

/// On a coarse grid, so that distances are often equal and places often the same.
fn problems(candidats: usize, postes: usize, grid: i32) -> impl Strategy<Value = Probleme> {
    let place =
        move || (0..grid, 0..grid).prop_map(|(y, x)| (46.0 + 0.05 * f64::from(y), 2.0 + 0.05 * f64::from(x)));
    let radius =
        prop_oneof![Just(None), prop::sample::select(vec![0.0, 5.0, 10.0, 20.0, 40.0]).prop_map(Some)];
    let day = || prop::option::weighted(0.8, 0u32..4);
    let candidats = prop::collection::vec((place(), radius, day()), 0..=candidats);
    let postes = prop::collection::vec((place(), day()), 0..=postes);
    (candidats, postes).prop_map(|(candidats, postes)| Probleme {
        candidats: candidats
            .into_iter()
            .enumerate()
            .map(|(i, ((lat, lon), rayon, d))| candidat(&format!("c{i}"), lat, lon, rayon, d.and_then(jour)))
            .collect(),
        postes: postes
            .into_iter()
            .enumerate()
            .map(|(i, ((lat, lon), d))| poste(&format!("p{i}"), lat, lon, d.and_then(jour)))
            .collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn small_ones_agree_with_every_assignment(probleme in problems(6, 5, 4)) {
        agrees(&probleme, brute);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn middling_ones_agree_with_another_solver(probleme in problems(60, 50, 40)) {
        agrees(&probleme, bellman_ford);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Of all the sets of people that an optimal assignment can take, the first in order.
    #[test]
    fn ties_go_to_whoever_waits_longest(probleme in problems(6, 4, 2)) {
        let solution = resout(&probleme).unwrap();
        let unit_km = solution.certificat.unite_km;
        let best = brute(&probleme, unit_km);
        let order = |c: &usize| (probleme.candidats[*c].disponible_le, probleme.candidats[*c].id.clone());
        let mut taken: Vec<usize> = solution.affectations.iter().map(|a| a.candidat).collect();
        taken.sort_by_key(order);
        // Nobody left out could replace someone later in the order without loss.
        for out in (0..probleme.candidats.len()).filter(|c| !taken.contains(c)) {
            for &later in taken.iter().filter(|c| order(c) > order(&out)) {
                let mut kept = taken.clone();
                kept.retain(|c| *c != later);
                kept.push(out);
                let only = Probleme {
                    candidats: kept.iter().map(|&c| probleme.candidats[c].clone()).collect(),
                    postes: probleme.postes.clone(),
                };
                prop_assert_ne!(brute(&only, unit_km), best);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// At the poles and on the date line, a place has several writings.
    #[test]
    fn the_ends_of_the_earth_are_places_too(probleme in problems(6, 5, 4), turns in prop::collection::vec(0usize..6, 11)) {
        let ends = [(90.0, 0.0), (90.0, 100.0), (-90.0, 5.0), (0.0, 180.0), (0.0, -180.0), (-0.0, 179.9)];
        let at = |turn: usize| Position { latitude: ends[turn].0, longitude: ends[turn].1 };
        let mut probleme = probleme;
        let candidats = probleme.candidats.iter_mut().map(|c| &mut c.position);
        let places = candidats.chain(probleme.postes.iter_mut().map(|p| &mut p.position));
        places.zip(turns).for_each(|(place, turn)| *place = at(turn));
        agrees(&probleme, brute);
    }
}

/// People live at the centre of their commune: a class counts once, however many it holds, and
/// its members are taken in order.
#[test]
fn a_whole_town_on_one_point() {
    let rayons = [Some(5.0), Some(20.0), None];
    let probleme = Probleme {
        candidats: (0..3000)
            .map(|i| candidat(&format!("c{i:04}"), 48.0, 2.0, rayons[i % 3], jour((i % 7) as u32)))
            .collect(),
        postes: (0..400).map(|i| poste(&format!("p{i:03}"), 48.0, 2.0, jour(i % 5))).collect(),
    };
    let solution = resout(&probleme).unwrap();
    assert_eq!((solution.affectations.len(), solution.distance_totale_km), (400, 0.0));
    // All free on the first day, who can take any post, and those with the first ids.
    let expected: Vec<usize> = (0..3000).filter(|i| i % 7 == 0).take(400).collect();
    let mut taken: Vec<usize> = solution.affectations.iter().map(|a| a.candidat).collect();
    taken.sort_unstable();
    assert_eq!(taken, expected);
}

#[test]
fn dates_and_radius_exclude() {
    let here = |rayon, jour| candidat("c", 48.0, 2.0, rayon, jour);
    // (radius, free on, post begins, latitude of the post, whether they meet)
    for (rayon, libre, debut, lat, meets) in [
        (Some(5.0), jour(1), jour(1), 48.0, true),
        (Some(5.0), jour(2), jour(1), 48.0, false),
        (Some(5.0), None, jour(0), 48.0, true),
        (Some(5.0), jour(9), None, 48.0, true),
        (Some(0.0), jour(0), jour(1), 48.0, true),
        (Some(10.0), jour(0), jour(1), 48.1, false),
        (Some(12.0), jour(0), jour(1), 48.1, true),
        (None, jour(0), jour(1), -20.9, true),
        (Some(2000.0), jour(0), jour(1), -20.9, false),
    ] {
        let probleme =
            Probleme { candidats: vec![here(rayon, libre)], postes: vec![poste("p", lat, 2.0, debut)] };
        let found = resout(&probleme).unwrap().affectations.len() == 1;
        assert_eq!(found, meets, "{rayon:?} {libre:?} {debut:?} {lat}");
    }
}

#[test]
fn filling_comes_before_distance() {
    // The near candidate of "a" is the only one of "b".
    let probleme = Probleme {
        candidats: vec![
            candidat("proche", 48.0, 2.0, Some(50.0), None),
            candidat("loin", 48.4, 2.0, Some(50.0), None),
        ],
        postes: vec![poste("a", 48.0, 2.0, None), poste("b", 47.8, 2.0, None)],
    };
    assert_eq!(pairs(&probleme), named(&[("loin", "a"), ("proche", "b")]));
}

#[test]
fn nothing_is_an_answer_too() {
    let empty = resout(&Probleme::default()).unwrap();
    assert_eq!((empty.affectations.len(), empty.distance_totale_km), (0, 0.0));
    assert!(empty.distance_totale_km.is_sign_positive(), "zero is written without a sign");
    let lonely = Probleme { candidats: vec![], postes: vec![poste("p", 48.0, 2.0, None)] };
    assert_eq!(resout(&lonely).unwrap().affectations, []);
}

#[test]
fn a_false_certificate_is_seen() {
    let probleme = Probleme {
        candidats: vec![candidat("a", 48.0, 2.0, None, None), candidat("b", 48.1, 2.0, None, None)],
        postes: vec![poste("p", 48.0, 2.0, None)],
    };
    let solution = resout(&probleme).unwrap();
    let check = |certificat: &Certificat| verifie(&probleme, &solution.affectations, certificat);
    let good = &solution.certificat;
    assert_eq!(check(good), Ok(()));
    assert_eq!(check(&Certificat { couverture_postes: vec![false], ..good.clone() }), Err(Faute::Nombre));
    assert_eq!(
        check(&Certificat {
            couverture_postes: vec![false],
            couverture_candidats: vec![true, false],
            ..good.clone()
        }),
        Err(Faute::Couverture)
    );
    assert_eq!(check(&Certificat { prix_candidats: vec![0, 5], ..good.clone() }), Err(Faute::Total));
    assert_eq!(check(&Certificat { prix_candidats: vec![0], ..good.clone() }), Err(Faute::Forme));
    // The far one instead of the near one.
    let km = 0.1_f64.to_radians() * crate::sphere::RAYON_KM;
    let far = Affectation { candidat: 1, poste: 0, km };
    assert!(verifie(&probleme, &[far], good).is_err());
    let twice = [solution.affectations[0]; 2];
    assert_eq!(verifie(&probleme, &twice, good), Err(Faute::Double));
}

#[test]
fn files_are_read_or_refused_with_a_sentence() {
    let refused = |text: &str| lit(text.as_bytes()).unwrap_err().0;
    for (text, said) in [
        ("", "vide"),
        ("[]", "objet JSON"),
        ("{\"candidats\": [NaN]}", "ligne 1"),
        ("{\"postes\": []}", "« candidats »"),
        ("{\"candidats\": [], \"postes\": {}}", "« postes »"),
        ("{\"candidats\": [], \"postes\": [],\n \"candidats\": []}", "« candidats » est donné deux fois"),
        (
            "{\"candidats\": [{\"id\": 1, \"lat\": 1, \"lat\": 2}], \"postes\": []}",
            "« lat » est donné deux fois dans le même objet (ligne 1)",
        ),
        ("{\"candidats\": [3], \"postes\": []}", "candidat n° 1"),
        ("{\"candidats\": [{\"lat\": 1}], \"postes\": []}", "« id »"),
        ("{\"candidats\": [{\"id\": \"a\", \"lat\": 91, \"lon\": 0}], \"postes\": []}", "« lat »"),
        ("{\"candidats\": [{\"id\": \"a\", \"lat\": 1, \"lon\": 1e999}], \"postes\": []}", "ligne 1"),
        (
            "{\"candidats\": [{\"id\": \"a\", \"lat\": 1, \"lon\": 1, \"rayon_km\": -1}], \"postes\": []}",
            "« rayon_km »",
        ),
        (
            "{\"candidats\": [], \"postes\": [{\"id\": \"a\", \"lat\": 1, \"lon\": 1, \"debut_le\": \"demain\"}]}",
            "AAAA-MM-JJ",
        ),
        (
            "{\"candidats\": [], \"postes\": [{\"id\": \"1\", \"lat\": 1, \"lon\": 1}, {\"id\": 1, \"lat\": 1, \"lon\": 1}]}",
            "deux fois",
        ),
    ] {
        assert!(refused(text).contains(said), "{text} → {}", refused(text));
    }
    let text = r#"{"candidats": [{"id": 7, "lat": 48, "lon": 2, "rayon": 5, "disponible_le": null}],
        "postes": [{"id": "p", "lat": 48, "lon": 2, "debut_le": "2021-01-04"}], "note": 1}"#;
    let (probleme, remarques) = lit(text.as_bytes()).unwrap();
    assert_eq!(probleme.candidats[0].id, Id::Nombre(7));
    assert_eq!(remarques.len(), 2);
    let solution = resout(&probleme).unwrap();
    let answer = json(&probleme, &solution, &remarques);
    assert_eq!(answer["affectations"], serde_json::json!([[7, "p", 0.0]]));
    assert_eq!(answer["pourvus"], 1);
    assert!(texte(&probleme, &solution, &remarques).contains("1 postes pourvus sur 1"));
}
