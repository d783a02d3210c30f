//! The real territory, from the embedded tables.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::CodeCommune;

use super::*;

fn france() -> &'static Territoires {
    static FRANCE: OnceLock<Territoires> = OnceLock::new();
    FRANCE.get_or_init(|| Territoires::new(&HashMap::new()).unwrap())
}

fn code(code: &str) -> CodeCommune {
    CodeCommune::parse(code).unwrap()
}

fn commune(c: &str) -> &'static Commune {
    france().commune(&code(c)).unwrap_or_else(|| panic!("{c}"))
}

#[test]
fn the_whole_country_is_there() {
    let t = france();
    assert_eq!(t.communes().len(), 34_969);
    assert_eq!(t.departements().len(), 109);
    assert_eq!(t.epci().len(), 1_255);
    assert_eq!(t.millesime(), 2026);
    assert!(t.communes().is_sorted_by(|a, b| a.code < b.code));
    assert!(
        t.communes().iter().all(|c| t.departement(&c.departement).is_some() && t.region(&c.region).is_some())
    );
    let inhabitants: u64 = t.communes().iter().map(|c| u64::from(c.habitants())).sum();
    assert!((68_000_000..70_000_000).contains(&inhabitants), "{inhabitants}");
    let members: usize = t.epci().iter().map(|e| e.membres.len()).sum();
    let with_epci = t.communes().iter().filter(|c| t.epci_de(c).is_some()).count();
    assert_eq!(members, with_epci);
    assert!(members > 34_800, "{members}");
}

#[test]
fn every_inhabited_commune_has_a_position() {
    let t = france();
    let without: Vec<&str> =
        t.communes().iter().filter(|c| c.position.is_none()).map(|c| c.code.as_str()).collect();
    // The scattered islands of the Indian Ocean, where nobody lives.
    assert_eq!(without, ["98415"]);
    let mut counts: HashMap<String, (usize, u64)> = HashMap::new();
    for c in t.communes() {
        let key = c.position.map_or("aucune".to_owned(), |p| format!("{:?}", p.qualite));
        let entry = counts.entry(key).or_default();
        entry.0 += 1;
        entry.1 += u64::from(c.habitants());
    }
    println!("{counts:#?}");
    let exact = counts["Geonames"];
    assert!(exact.0 > 14_800 && exact.1 > 62_300_000, "{exact:?}");
    assert!(!counts.contains_key("Estimee(Departement)"), "no département may be without any known commune");
}

#[test]
fn communes_stand_where_they_are() {
    // Positions of the town halls, to a few kilometres, from general knowledge.
    for (c, lat, lon, km) in [
        ("75056", 48.857, 2.352, 3.0),
        ("69123", 45.76, 4.84, 4.0),
        ("13055", 43.30, 5.38, 5.0),
        ("01053", 46.205, 5.226, 3.0),
        ("2A004", 41.927, 8.737, 4.0),
        ("97105", 15.997, -61.733, 4.0),
        ("97209", 14.604, -61.067, 4.0),
        ("97302", 4.937, -52.326, 5.0),
        ("97411", -20.879, 55.448, 4.0),
        ("97611", -12.781, 45.232, 4.0),
        ("97502", 46.779, -56.177, 4.0),
        ("97701", 17.897, -62.850, 4.0),
        ("97801", 18.069, -63.084, 4.0),
        ("98613", -13.283, -176.174, 5.0),
        ("98735", -17.535, -149.569, 4.0),
        ("98714", -16.507, -151.75, 8.0),
        ("98818", -22.276, 166.458, 5.0),
        ("98833", -21.396, 165.828, 5.0),
    ] {
        let found = commune(c).position.unwrap().position;
        let d = found.distance_m(kernel::Position::new(lat, lon).unwrap()) / 1000.0;
        assert!(d < km, "{c}: {d:.1} km, {found:?}");
    }
}

#[test]
fn communes_stand_near_their_departement() {
    let t = france();
    for d in t.departements().iter().filter(|d| d.zone != Zone::Com) {
        let all: Vec<&Commune> = t.communes().iter().filter(|c| c.departement == d.code).collect();
        let n = all.len() as f64;
        let mean = |f: fn(&Commune) -> f64| all.iter().map(|c| f(c)).sum::<f64>() / n;
        let centre = kernel::Position::new(
            mean(|c| c.position.map_or(0.0, |p| p.position.latitude)),
            mean(|c| c.position.map_or(0.0, |p| p.position.longitude)),
        )
        .unwrap();
        for c in all {
            let km = c.position.unwrap().position.distance_m(centre) / 1000.0;
            assert!(
                km < if d.code.as_str() == "973" { 250.0 } else { 130.0 },
                "{} {}: {km:.0} km",
                c.code,
                c.nom
            );
        }
    }
}

#[test]
fn estimates_are_a_few_kilometres_off() {
    // What the estimate of a known commune would be, from the other known communes of its code postal.
    let t = france();
    let mut errors: Vec<f64> = t
        .communes()
        .iter()
        .filter(|c| c.habitants() < 1_500 && c.position.is_some_and(|p| p.qualite == Qualite::Geonames))
        .filter_map(|c| {
            let others: Vec<kernel::Position> = c
                .codes_postaux
                .iter()
                .flat_map(|p| t.communes_du_code_postal(p.as_str()))
                .filter(|o| o.code != c.code)
                .filter_map(|o| o.position.filter(|p| p.qualite == Qualite::Geonames).map(|p| p.position))
                .collect();
            if others.is_empty() {
                return None;
            }
            let n = others.len() as f64;
            let mean = kernel::Position::new(
                others.iter().map(|p| p.latitude).sum::<f64>() / n,
                others.iter().map(|p| p.longitude).sum::<f64>() / n,
            )?;
            Some(c.position?.position.distance_m(mean) / 1000.0)
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors[(errors.len() as f64 * share) as usize];
    println!("{} communes: median {:.1} km, nine in ten {:.1} km", errors.len(), at(0.5), at(0.9));
    assert!(at(0.5) < 7.0 && at(0.9) < 14.0);
}

#[test]
fn big_towns_are_several_points() {
    let t = france();
    let points = t.points_de_population();
    for (c, n) in [("75056", 20), ("69123", 9), ("13055", 16), ("01053", 1)] {
        let rang = t.rang(&code(c)).unwrap();
        let mine: Vec<_> = points.iter().filter(|p| p.commune == rang).collect();
        assert_eq!(mine.len(), n, "{c}");
        let sum: u32 = mine.iter().map(|p| p.population).sum();
        let whole = commune(c).habitants();
        assert!(sum.abs_diff(whole) * 50 < whole, "{c}: {sum} for {whole}");
    }
    let inhabitants: u64 = points.iter().map(|p| u64::from(p.population)).sum();
    assert!(inhabitants > 68_900_000, "{inhabitants}");
}

#[test]
fn official_centres_take_over() {
    let here = kernel::Position::new(46.1, 5.0).unwrap();
    let t = Territoires::new(&HashMap::from([(code("01002"), here)])).unwrap();
    let position = t.commune(&code("01002")).unwrap().position.unwrap();
    assert_eq!((position.position, position.qualite), (here, Qualite::Officielle));
}

/// INSEE codes of the candidates, with the sign `!` in front when the answer is certain.
fn answer(resolution: &Resolution<'_>) -> String {
    let codes: Vec<&str> = resolution.candidats().iter().map(|c| c.commune.code.as_str()).collect();
    let certain = if resolution.certaine().is_some() { "!" } else { "" };
    format!("{certain}{}", codes.join(" "))
}

#[test]
fn resolves_what_people_type() {
    let t = france();
    for (typed, expected) in [
        ("Bourg-en-Bresse", "!01053"),
        ("bourg en bresse", "!01053"),
        ("BOURG EN BRESSE", "!01053"),
        ("01053", "!01053"),
        ("75011", "!75056"),
        ("Paris", "!75056"),
        ("Paris 11e", "!75056"),
        ("Paris 11ème arrondissement", "!75056"),
        ("75111", "!75056"),
        ("Lyon 3ème", "!69123"),
        ("69003 Lyon", "!69123"),
        ("Marseille 08", "!13055"),
        ("St-Étienne", "!42218"),
        ("ST ETIENNE 42", "!42218"),
        ("L'Haÿ-les-Roses", "!94038"),
        ("l hay les roses", "!94038"),
        ("Hay les Roses (L')", "!94038"),
        ("le mans", "!72181"),
        ("Mans", "!72181"),
        ("Mans (Le)", "!72181"),
        ("31077 TOULOUSE CEDEX 4", "!31555"),
        ("Vitry s/ Seine", "!94081"),
        ("Saint-Denis (974)", "!97411"),
        ("Saint-Denis 93200", "!93066"),
        ("saint denis reunion", "!97411"),
        ("Nouméa", "!98818"),
        ("Papeete", "!98735"),
        ("97150", "!97801"),
        ("Saint-Martin 97150", "!97801"),
        ("20000 Ajaccio", "!2A004"),
        ("2A004", "!2A004"),
        ("Bellegarde-sur-Valserine", "!01033"),
        ("01144", "!01025"),
        // Typing errors are proposed, never taken for granted.
        ("Bourg en Brese", "01053"),
        ("Grenobel", "38185"),
        ("Strasburg", "67482"),
        ("", ""),
        ("   ", ""),
        ("zzzzzzzz", ""),
        ("99999", ""),
        ("🦀", ""),
    ] {
        assert_eq!(answer(&t.resoudre(typed)), expected, "{typed}");
    }
}

#[test]
fn homonyms_are_all_answered() {
    let t = france();
    let saint_denis = t.resoudre("Saint-Denis");
    assert!(saint_denis.certaine().is_none());
    let codes: Vec<&str> = saint_denis.candidats().iter().map(|c| c.commune.code.as_str()).collect();
    assert_eq!(codes[..2], ["97411", "93066"], "the most populous first: {codes:?}");
    let la_rochelle = answer(&t.resoudre("La Rochelle"));
    assert_eq!(la_rochelle, "17300 70450");
    assert!(t.resoudre("01400").candidats().len() > 1, "a code postal of several communes");
}

#[test]
fn former_communes_lead_to_the_present_one_and_say_so() {
    let t = france();
    let found = t.resoudre("Arbignieu");
    let candidate = found.certaine().unwrap();
    assert_eq!(candidate.commune.code.as_str(), "01015");
    assert_eq!(candidate.precision().as_deref(), Some("commune déléguée d’Arboys en Bugey"));
    let lyon = t.resoudre("Lyon 3e");
    assert_eq!(lyon.certaine().unwrap().nom(), "Lyon 3e Arrondissement");
    assert!(!lyon.certaine().unwrap().position().unwrap().estimee());
}

#[test]
fn records_are_checked_against_themselves() {
    let t = france();
    let find = |nom, code_postal, code_insee| answer(&t.trouver(&Recherche { nom, code_postal, code_insee }));
    for (nom, postal, insee, expected) in [
        ("Bourg-en-Bresse", "01000", "01053", "!01053"),
        ("Bourg-en-Bresse", "01000", "", "!01053"),
        ("BOURG EN BRESSE CEDEX", "01011", "", "!01053"),
        ("Bourg en Brese", "01000", "", "!01053"),
        ("", "01000", "01053", "!01053"),
        ("", "", "01053", "!01053"),
        // The name is right, the code postal is that of another: the INSEE code agrees with one of them.
        ("Bourg-en-Bresse", "75011", "01053", "!01053"),
        // The INSEE code agrees with nothing: someone has to choose.
        ("Bourg-en-Bresse", "01000", "75056", "75056 01053"),
        ("Paris 11e", "75011", "", "!75056"),
        ("PARIS", "75011", "75111", "!75056"),
        ("Aubervilliers", "93200", "", "93001 93066"),
        ("Arbignieu", "01300", "01015", "!01015"),
        ("Saint-Denis", "97400", "", "!97411"),
        ("Nulle-Part", "", "", ""),
        ("", "", "", ""),
        ("", "abc", "xyz", ""),
    ] {
        assert_eq!(find(nom, postal, insee), expected, "{nom} {postal} {insee}");
    }
}

#[test]
fn suggests_from_the_first_letters() {
    let t = france();
    for (typed, first) in [
        ("par", "Paris"),
        ("mars", "Marseille"),
        ("bourg en b", "Bourg-en-Bresse"),
        ("le man", "Le Mans"),
        ("mans", "Le Mans"),
        ("st deni", "Saint-Denis"),
        ("etienne", "Saint-Étienne"),
        ("toulou", "Toulouse"),
        ("75011", "Paris 11e Arrondissement"),
        ("3500", "Rennes"),
        ("grenobel", "Grenoble"),
        ("saint denis 974", "Saint-Denis"),
        ("y", "Yerres"),
    ] {
        let found = t.suggestions(typed, 8);
        let names: Vec<&str> = found.iter().map(|s| s.libelle.as_str()).collect();
        assert_eq!(names.first(), Some(&first), "{typed}: {names:?}");
    }
    assert!(t.suggestions("y", 8).iter().any(|s| s.libelle == "Y"), "a whole name always has its line");
    assert_eq!(t.suggestions("saint denis 974", 8)[0].code_commune, "97411");
    assert!(t.suggestions("", 8).is_empty());
    assert!(t.suggestions("sa", 10_000).len() <= 50);
}

#[test]
fn a_chosen_suggestion_resolves_to_its_commune() {
    let t = france();
    for c in t.communes().iter().step_by(37) {
        let suggestion =
            t.suggestions(c.code.as_str(), 50).into_iter().find(|s| s.code_commune == c.code.as_str());
        let suggestion = suggestion.unwrap_or_else(|| panic!("{} {}", c.code, c.nom));
        let found = t.resoudre(&suggestion.valeur);
        let resolved = found.certaine().map(|r| r.commune.code.as_str());
        assert_eq!(resolved, Some(c.code.as_str()), "{}", suggestion.valeur);
    }
}

#[test]
fn larger_territories_are_found() {
    let t = france();
    let names = |typed: &str| -> Vec<String> {
        t.chercher_territoires(typed, 10)
            .into_iter()
            .map(|found| match found {
                TerritoireTrouve::Region(r) => format!("R{}", r.code),
                TerritoireTrouve::Departement(d) => format!("D{}", d.code),
                TerritoireTrouve::Epci(e) => format!("E{}", e.code),
                TerritoireTrouve::Commune(c) => format!("C{}", c.commune.code),
            })
            .collect()
    };
    assert_eq!(names("01")[..2], ["D01", "R01"]);
    assert_eq!(names("Bretagne")[0], "R53");
    assert_eq!(names("ain")[0], "D01");
    assert!(names("faucigny glieres").contains(&"E200000172".to_owned()));
    assert!(names("Rennes").contains(&"C35238".to_owned()));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,60}") {
        let t = france();
        let _ = t.resoudre(&text);
        let _ = t.suggestions(&text, 8);
        let _ = t.chercher_territoires(&text, 8);
        let _ = t.trouver(&Recherche { nom: &text, code_postal: &text, code_insee: &text });
    }
}
