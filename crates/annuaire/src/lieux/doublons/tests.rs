//! The engine on small invented records, and on labelled pairs of real sources.

mod fusions;
mod pages;
mod paires_reelles;

use kernel::{CodeCommune, CodePostal, Pivot, Position, Telephone};

use super::moteur::{AUTOMATIQUE, Critere, Frequences, POSSIBLE, Traits, comparer, paires};
use super::traits;
use crate::lieux::Fiche;

/// Name, street, metres to the north of the town hall, telephone, e-mail, SIRET.
type Lieu<'a> = (&'a str, &'a str, f64, &'a str, &'a str, &'a str);

fn fiche((nom, adresse, nord, telephone, courriel, pivot): Lieu<'_>) -> Fiche {
    Fiche {
        nom: nom.into(),
        adresse: adresse.into(),
        commune: "Villeneuve-sur-Essai".into(),
        code_insee: CodeCommune::parse("01001"),
        code_postal: CodePostal::parse("01400"),
        position: Position::new(46.15 + nord / 111_195.0, 4.92),
        telephone: Telephone::parse(telephone),
        courriels: courriel.into(),
        pivot: Pivot::parse(pivot).ok(),
        ..Fiche::default()
    }
}

fn score(a: &Traits, b: &Traits) -> (i32, Vec<Critere>) {
    let deux = [a.clone(), b.clone()];
    let c = comparer(a, b, &Frequences::compte(&deux));
    (c.score(), c.lignes.iter().map(|l| l.critere).collect())
}

const T1: &str = "0199000101";
const T2: &str = "0199000202";

#[test]
fn one_door_written_twice() {
    let cas: &[(Lieu<'_>, Lieu<'_>)] = &[
        (
            ("Médiathèque Jean Moulin", "12 rue de l’Essai", 0.0, "", "", ""),
            ("MEDIATHEQUE JEAN-MOULIN", "12 R DE L ESSAI", 80.0, "", "", ""),
        ),
        (
            ("France services de Villeneuve", "3 place de la Mairie", 0.0, T1, "", ""),
            ("MSAP Villeneuve-sur-Essai", "3 pl. de la mairie", 20.0, "", "", ""),
        ),
        (
            ("CCAS", "5 rue du Gal Leclerc", 0.0, T1, "", ""),
            ("Centre communal d'action sociale de Villeneuve", "5 rue du Général Leclerc", 150.0, T1, "", ""),
        ),
        (
            ("Centre social Les Tilleuls", "8 av. des Tilleuls", 0.0, "", "a@tilleuls.example.org", ""),
            ("Ctre social les Tileuls", "8 avenue des Tilleuls", 40.0, T2, "a@tilleuls.example.org", ""),
        ),
        (
            ("La Fabrique", "70 Avenue de la Libération", 0.0, T1, "", ""),
            ("Association La Fabrique", "70 av Libération", 900.0, T1, "", ""),
        ),
        (
            ("Espace 2 Éco", "3 rue Grande", 0.0, "", "", ""),
            ("BGE Indre - Espace2Eco", "1-3 rue Grande", 14.0, T1, "", ""),
        ),
        (
            ("France services", "14 rue de la Gare", 0.0, T1, "", ""),
            ("Communauté de communes du Pays d’Essai", "14 RUE DE LA GARE", 0.0, T1, "", ""),
        ),
    ];
    for (a, b) in cas {
        let (s, lignes) = score(&traits(&fiche(*a), "A"), &traits(&fiche(*b), "B"));
        assert!(s >= AUTOMATIQUE, "{} / {} : {s} {lignes:?}", a.0, b.0);
    }
}

#[test]
fn two_doors_that_look_alike() {
    let cas: &[(Lieu<'_>, Lieu<'_>)] = &[
        // One house, one switchboard, two services.
        (
            ("Mairie de Villeneuve", "1 place de la Mairie", 0.0, T1, "", ""),
            ("Médiathèque de Villeneuve", "1 place de la Mairie", 0.0, T1, "", ""),
        ),
        (
            ("Mairie", "1 place de la Mairie", 0.0, "", "", ""),
            ("CCAS", "1 place de la Mairie", 0.0, "", "", ""),
        ),
        (
            ("Mairie", "1 place de la Mairie", 0.0, T1, "", ""),
            ("La Poste", "1 place de la Mairie", 0.0, T2, "", ""),
        ),
        // One kind, two names.
        (
            ("Médiathèque Jean Moulin", "12 rue de l’Essai", 0.0, "", "", ""),
            ("Médiathèque Louis Aragon", "40 rue des Exemples", 1_500.0, "", "", ""),
        ),
        // One moves.
        (
            ("Bus France services", "3 place de la Mairie", 0.0, T1, "a@b.example.org", ""),
            ("France services de Villeneuve", "3 place de la Mairie", 0.0, T1, "a@b.example.org", ""),
        ),
        // One SIRET, several doors.
        (
            ("Mission locale", "1 place de la Gare", 0.0, T1, "", "43493312300029"),
            ("Mission locale", "9 rue de la Paix", 4_000.0, T1, "", "43493312300029"),
        ),
        // Nothing but nearness.
        (
            ("Centre social Les Tilleuls", "8 avenue des Tilleuls", 0.0, "", "", ""),
            ("Cyberbase", "2 rue Haute", 10.0, "", "", ""),
        ),
        (("", "", 0.0, "", "", ""), ("", "", 0.0, "", "", "")),
    ];
    for (a, b) in cas {
        let (s, lignes) = score(&traits(&fiche(*a), "A"), &traits(&fiche(*b), "B"));
        assert!(s < POSSIBLE, "{} / {} : {s} {lignes:?}", a.0, b.0);
    }
}

#[test]
fn unknown_is_not_equal() {
    let nue = Fiche { nom: "Salle A".into(), ..Fiche::default() };
    let autre = Fiche { nom: "Foyer B".into(), pivot: None, ..Fiche::default() };
    let (_, lignes) = score(&traits(&nue, ""), &traits(&autre, ""));
    for critere in lignes {
        assert!(matches!(critere, Critere::NomDifferent | Critere::NomsPropresOpposes), "{critere:?}");
    }
    let zeros =
        Traits::new(&super::moteur::Releve { pivot: "00000000000000", nom: "A", ..Default::default() });
    let (_, lignes) = score(&zeros, &zeros);
    assert!(!lignes.contains(&Critere::MemePivot));
}

#[test]
fn a_shared_switchboard_is_no_proof_and_communes_apart_are_two() {
    let ville = |i: u32, nom: &str| {
        let mut f = fiche((nom, "Place de la Mairie", f64::from(i) * 9_000.0, T1, "bus@example.org", ""));
        f.code_insee = CodeCommune::parse(&format!("010{:02}", i + 1));
        f.commune = format!("Commune {i}").into();
        traits(&f, &format!("source {}", i % 2))
    };
    let tous: Vec<Traits> = (0..8).map(|i| ville(i, "France services itinérante du Pays d’Essai")).collect();
    assert_eq!(paires(&tous), []);
}

#[test]
fn an_order_and_threads_do_not_change_the_pairs() {
    let mut tous = Vec::new();
    for i in 0..900_u32 {
        let nord = f64::from(i / 3) * 400.0;
        let nom = ["Mairie", "Médiathèque municipale", "MEDIATHEQUE"][i as usize % 3];
        let mut f = fiche((nom, "2 rue Haute", nord, "", "", ""));
        f.code_insee = CodeCommune::parse(&format!("{:05}", 1_001 + i / 3));
        tous.push(traits(&f, &format!("{}", i % 3)));
    }
    let trouvees = paires(&tous);
    assert_eq!(trouvees.len(), 300);
    assert!(trouvees.iter().all(|p| p.a % 3 == 1 && p.b == p.a + 1));
    assert_eq!(trouvees, paires(&tous));
    let phrases: Vec<String> = trouvees[0]
        .comparaison
        .lignes
        .iter()
        .map(|l| {
            l.phrase(
                &tous[trouvees[0].a as usize],
                &tous[trouvees[0].b as usize],
                trouvees[0].comparaison.distance_m,
            )
        })
        .collect();
    assert_eq!(phrases[0], "Noms proches : « Médiathèque municipale » et « MEDIATHEQUE ».");
    assert!(phrases.contains(&"À 0\u{a0}m l’un de l’autre.".to_owned()), "{phrases:?}");
}
