//! What a person types, judged as an import would judge it: tables of cases.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use kernel::Refusal;

use crate::lieux::gestion::saisie::{Valeurs, avec, ecarts, lit, sous_les_saisies, tenus};
use crate::lieux::standard::{Champ, Fiche};
use crate::territoires::Territoires;

fn table() -> Arc<Territoires> {
    static TABLE: OnceLock<Arc<Territoires>> = OnceLock::new();
    TABLE.get_or_init(|| Arc::new(Territoires::new(&std::collections::HashMap::new()).unwrap())).clone()
}

fn aujourdhui() -> NaiveDate {
    "2026-03-18".parse().unwrap()
}

fn reims() -> Fiche {
    avec(
        &Fiche::default(),
        &[
            (Champ::Id, "1"),
            (Champ::Nom, "Médiathèque"),
            (Champ::Commune, "Reims"),
            (Champ::CodePostal, "51100"),
            (Champ::CodeInsee, "51454"),
            (Champ::Adresse, "1 rue X"),
            (Champ::Latitude, "49.25"),
            (Champ::Longitude, "4.03"),
            (Champ::Horaires, "quand on peut"),
            (Champ::DateMaj, "2024-04-02"),
        ],
    )
}

fn valeurs(typed: &[(Champ, &str)]) -> Valeurs {
    typed.iter().map(|(c, v)| (*c, (*v).to_owned())).collect()
}

#[test]
fn typed_values_are_put_in_shape_or_refused_beside_their_field() {
    use Champ::*;
    type Cas = (&'static [(Champ, &'static str)], Result<&'static [(Champ, &'static str)], &'static [Champ]>);
    let cas: &[Cas] = &[
        (&[(Telephone, "03 26 35 67 00")], Ok(&[(Telephone, "+33326356700")])),
        (&[(Telephone, "12")], Err(&[Telephone])),
        // Numbers have followed their holders since 2023: one of another region is right.
        (&[(Telephone, "04 91 00 00 00")], Ok(&[(Telephone, "+33491000000")])),
        (&[(SiteWeb, "www.exemple.fr")], Ok(&[(SiteWeb, "https://www.exemple.fr")])),
        (&[(Courriels, "pas une adresse")], Err(&[Courriels])),
        (&[(Nom, "")], Err(&[Nom])),
        (&[(Commune, "Zzzz")], Err(&[Commune])),
        (&[(Pivot, "43493312300028")], Err(&[Pivot])),
        (&[(Pivot, "434 933 123 00029")], Ok(&[(Pivot, "43493312300029")])),
        (&[(Horaires, "Mo-Fr 09:00-12:00")], Ok(&[(Horaires, "Mo-Fr 09:00-12:00")])),
        (&[(Horaires, "du lundi au vendredi de 9h à 12h")], Ok(&[(Horaires, "Mo-Fr 09:00-12:00")])),
        (&[(Horaires, "blabla incompris")], Err(&[Horaires])),
        (&[(DateMaj, "2030-01-01")], Err(&[DateMaj])),
        (&[(Latitude, "49,24"), (Longitude, "4,03")], Ok(&[(Latitude, "49.24")])),
        (&[(Latitude, "43.3"), (Longitude, "5.4")], Err(&[Latitude])),
        (&[(Latitude, "")], Err(&[Latitude])),
        (&[(Latitude, ""), (Longitude, "")], Ok(&[(Latitude, ""), (Longitude, "")])),
        (&[(Services, "Danse")], Err(&[Services])),
        (&[(Typologie, "BIB|XYZ")], Err(&[Typologie])),
        (&[(PriseRdv, "javascript:alert(1)")], Err(&[PriseRdv])),
        // The point is now far from the commune.
        (&[(Commune, "Laon"), (CodePostal, "02000"), (Adresse, "2 rue Y")], Err(&[Latitude])),
        (
            &[(Commune, "laon"), (CodePostal, "02000"), (Latitude, ""), (Longitude, "")],
            Ok(&[(Commune, "Laon"), (CodeInsee, "02408")]),
        ),
    ];
    let t = table();
    for (typed, attendu) in cas {
        match (lit(&reims(), &valeurs(typed), t.as_ref(), aujourdhui()), attendu) {
            (Ok(lue), Ok(voulu)) => {
                for (champ, v) in *voulu {
                    assert_eq!(lue.fiche.valeur(*champ), *v, "{typed:?}");
                }
                // What nobody typed stays, defects included.
                if typed.iter().all(|(c, _)| *c != Horaires) {
                    assert_eq!(&*lue.fiche.horaires, "quand on peut", "{typed:?}");
                }
            }
            (Err(Refusal::Fields(champs)), Err(voulus)) => {
                let noms: Vec<&str> = champs.iter().map(|(c, _)| c.as_str()).collect();
                assert!(voulus.iter().all(|v| noms.contains(&v.nom())), "{typed:?}: {champs:?}");
            }
            (obtenu, _) => panic!("{typed:?}: {obtenu:?}"),
        }
    }
}

#[test]
fn nothing_typed_changes_nothing() {
    let t = table();
    for typed in [valeurs(&[]), valeurs(&[(Champ::Nom, "Médiathèque"), (Champ::Pivot, "")])] {
        assert_eq!(lit(&reims(), &typed, t.as_ref(), aujourdhui()).unwrap().fiche, reims());
    }
}

#[test]
fn what_a_person_typed_wins_but_for_an_older_day() {
    let apres = avec(&reims(), &[(Champ::Latitude, "49.26"), (Champ::DateMaj, "2026-03-18")]);
    let e = ecarts(&reims(), &apres);
    assert_eq!(e.len(), 2);
    assert_eq!(tenus(&e), [Champ::Latitude, Champ::Longitude, Champ::DateMaj]);
    let livree =
        avec(&reims(), &[(Champ::Latitude, "49.2"), (Champ::Nom, "Autre"), (Champ::DateMaj, "2026-05-01")]);
    let typed = [(Champ::Latitude, "49.26"), (Champ::Longitude, "4.03"), (Champ::DateMaj, "2026-03-18")];
    let f = sous_les_saisies(&livree, &typed);
    assert_eq!((f.valeur(Champ::Latitude).as_ref(), &*f.nom), ("49.26", "Autre"));
    assert_eq!(f.valeur(Champ::DateMaj), "2026-05-01");
    let vieille = avec(&livree, &[(Champ::DateMaj, "2025-05-01")]);
    assert_eq!(sous_les_saisies(&vieille, &typed).valeur(Champ::DateMaj), "2026-03-18");
}

proptest::proptest! {
    #[test]
    fn any_text_in_any_field_is_taken_or_refused(rang in 0_usize..32, texte in "\\PC{0,80}") {
        let champ = Champ::TOUS[rang];
        let _ = lit(&reims(), &valeurs(&[(champ, texte.as_str())]), table().as_ref(), aujourdhui());
    }
}
