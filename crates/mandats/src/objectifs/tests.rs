//! Targets, on both engines.

use kernel::{CodeDepartement, Perimetre, Role};
use testkit::TestSite;

use super::actions;
use crate::aidants::Fonction;
use crate::essai;

const BASE: &str = "/gestion/objectifs";

fn creuse() -> Perimetre {
    Perimetre::Departements(CodeDepartement::parse("23").into_iter().collect())
}

#[test]
fn a_file_is_read_whatever_its_order() {
    let lues = actions::lire(
        "\u{feff}Échéance;Département;Organisations;Aidants\n31/12/2027;23;12;1 000\n2027-12-31;1;;\n;;;\nhier;23;1;1\n2027-12-31;99;1;1\n2027-12-31;23;x;1\n"
            .as_bytes(),
    )
    .unwrap();
    let dit: Vec<(usize, &str, Option<usize>)> =
        lues.iter().map(|(n, d, l)| (*n, d.as_str(), l.as_ref().ok().map(Vec::len))).collect();
    assert_eq!(dit[0], (2, "23", Some(2)));
    assert_eq!(dit[1], (3, "01", Some(0)));
    assert!(dit[2..].iter().all(|(_, _, l)| l.is_none()), "{dit:?}");
    assert_eq!(lues[0].2.as_ref().unwrap().iter().map(|o| o.nombre).sum::<u32>(), 1_012);
    for faux in ["", "departement;aidants\n23;1\n", "departement;echeance\n23;2027-12-31\n"] {
        assert!(actions::lire(faux.as_bytes()).is_err(), "{faux}");
    }
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_fall(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = actions::lire(&octets);
    }

    #[test]
    fn no_line_makes_it_fall(ligne in ".{0,60}") {
        let _ = actions::lire(format!("departement;echeance;aidants\n{ligne}").as_bytes());
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn targets_are_set_and_what_is_reached_is_counted(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (un, deux) = (essai::organisation(&t, "Un", 1).await, essai::organisation(&t, "Deux", 2).await);
        for (o, f, n) in [(&un, Fonction::Aidant, 1), (&un, Fonction::Referent, 2), (&deux, Fonction::AidantReferent, 3)] {
            essai::aidant(&t, o.structure, f, n).await;
        }
        let nu = t.browser(crate::routes(&m));
        let mut equipe = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National));
        equipe.get(BASE).await.expect(200).says("Aucun objectif").says("23 – Creuse");
        let bon = [("departement", "23"), ("quoi", "aidants"), ("nombre", "8"), ("echeance", "2027-12-31")];
        for (champ, valeur, dit) in [
            ("departement", "999", "href=\"#departement\""),
            ("nombre", "-1", "href=\"#nombre\""),
            ("nombre", "100001", "100 000 au plus"),
            ("echeance", "2026-11-30", "jour à venir"),
            ("echeance", "2057-01-01", "jour à venir"),
        ] {
            let faux: Vec<(&str, &str)> = bon.iter().map(|(c, v)| (*c, if *c == champ { valeur } else { v })).collect();
            equipe.post(BASE, &faux).await.expect(422).says(dit);
        }
        equipe.post(BASE, &bon).await.expect(303);
        // Two aidants of eight, the référent without mandats is none; one of the two leaves with her organisation.
        equipe.get(BASE).await.expect(200).says("2 sur 8").says("25 %");
        equipe.post(&format!("/gestion/organisations-habilitees/{}/desactiver", un.structure), &[("motif", "Fin")]).await.expect(303);
        equipe.get(BASE).await.expect(200).says("1 sur 8").says("12 %");
        equipe.get(&format!("{BASE}/export.csv")).await.expect(200).says("Creuse");
        // A file: what is wrong changes nothing; an empty cell neither; 0 takes away.
        let fichier = "departement;aidants;organisations;echeance\n23;;4;31/12/2027\n01;10;;31/12/2020\n44;5;0;31/12/2027\n";
        equipe.post_file(&format!("{BASE}/import"), &[], ("fichier", "o.csv", fichier.as_bytes())).await.expect(200)
            .says("Organisations habilitées : 4").says("jour à venir");
        equipe.get(&format!("{BASE}?quoi=organisations")).await.expect(200).says("1 sur 4");
        equipe.get(BASE).await.expect(200).says("1 sur 13");
        equipe.post_file(&format!("{BASE}/import"), &[], ("fichier", "o.csv", b"")).await.expect(422).says("Choisissez un fichier");
        equipe.post_file(&format!("{BASE}/import"), &[], ("fichier", "o.csv", b"a;b\n1;2")).await.expect(422).says("doit nommer");
        equipe.post(BASE, &[("departement", "44"), ("quoi", "aidants"), ("nombre", "0"), ("echeance", "2027-12-31")]).await.expect(303);
        equipe.get(BASE).await.expect(200).says("1 sur 8");
        // A préfecture reads its département and sets nothing; a team sets what is its own.
        let mut prefecture = nu.signed_in(testkit::viewer(Role::Prefecture, creuse()));
        let page = prefecture.get(BASE).await.expect(200).says("23 – Creuse");
        assert!(!page.body.contains("01 – Ain") && !page.body.contains("Fixer un objectif"));
        prefecture.post(BASE, &bon).await.expect(403);
        let mut ain = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect())));
        ain.post(BASE, &bon).await.expect(422).says("votre territoire");
        let page = ain.post_file(&format!("{BASE}/import"), &[], ("fichier", "o.csv", fichier.as_bytes())).await.expect(200);
        assert_eq!(page.body.matches("<td>oui</td>").count(), 0, "{}", page.body);
        nu.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National)).get(BASE).await.expect(403);
    }
}
