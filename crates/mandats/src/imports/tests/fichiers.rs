//! What files look like: their columns, their size, their models.

use std::fmt::Write as _;

use platform::tableur::lecture::lire;
use testkit::TestSite;

use super::*;
use crate::imports::model::Comptes;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_file_without_its_columns_is_refused_whole(t: TestSite) {
        let m = essai::mandats(&t).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        for (genre, csv, mot) in [
            (Genre::Aidants, "nom;prenom\na;b\n", "Adresse électronique"),
            (Genre::Aidants, "courriel;nom\na;b\n", "Organisations"),
            (Genre::Organisations, "nom;commune\na;b\n", "SIRET"),
            (Genre::Formations, "courriel;date de formation\n", "aucune ligne"),
        ] {
            let lu = lire(csv.as_bytes(), &LIMITES).unwrap();
            let refus = actions::deposer(&m, &actor, genre, "x", &lu).await;
            let Err(Failure::Refusal(r)) = refus else { panic!("{csv}") };
            assert!(aidants_phrase(&r).contains(mot), "{csv}: {r}");
        }
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM mandats_import").await, 0);
        let lecteur = testkit::actor(Role::Lecteur, Perimetre::National);
        let lu = lire(b"courriel;organisations\na;1\n", &LIMITES).unwrap();
        assert!(actions::deposer(&m, &lecteur, Genre::Aidants, "x", &lu).await.is_err());
    }

    async fn twenty_thousand_lines_are_compared_by_turns(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Ici", 1).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        let mut csv = "Adresse électronique;Prénom;Nom;Profession;Organisations;Fonction\n".to_owned();
        for n in 0..20_000 {
            let _ = writeln!(csv, "p{n}@essai.example;Ana;Nombreuse-{n};Médiatrice numérique;1;aidant");
        }
        assert!(csv.len() < LIMITES.octets());
        let lu = lire(csv.as_bytes(), &LIMITES).unwrap();
        let id = actions::deposer(&m, &actor, Genre::Aidants, "national.csv", &lu).await.unwrap();
        // Only the first lines are compared in the request of who sends it.
        let c = store::comptes(t.site.db.read(), id).await.unwrap();
        assert_eq!((c.total(), c.crees, c.attente), (20_000, 500, 19_500));
        assert_eq!(etat(&m, id).await, Etat::Examen);
        travailler(&m).await;
        let c = store::comptes(t.site.db.read(), id).await.unwrap();
        assert_eq!(c, Comptes { crees: 20_000, ..Comptes::default() });
        assert_eq!(etat(&m, id).await, Etat::AConfirmer);
        // Confirmed, a turn writes two hundred of them, and says so.
        actions::confirmer(&m, &actor, id).await.unwrap();
        let i = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        assert!(actions::avancer(&m, &actor, &i).await.unwrap(), "more is left");
        assert_eq!(store::comptes(t.site.db.read(), id).await.unwrap().faits, 200);
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM aidant WHERE etat = 'actif'").await, 200);
    }

    async fn the_command_line_leaves_nothing_behind_until_it_writes(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Ici", 1).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        let lu = lire(b"courriel;prenom;nom;profession;organisation\na@essai.example;A;B;C;1\nb;A;B;C;1\n", &LIMITES).unwrap();
        for (ecrit, gens) in [(false, 0), (true, 1), (true, 1)] {
            let fait = crate::imports::par_commande(&m, &actor, (Genre::Demandes, "x.csv"), &lu, ecrit).await.unwrap();
            assert_eq!((fait.lignes.len(), fait.comptes.refuses), (2, 1), "{fait:#?}");
            assert_eq!(compter(&t, "SELECT COUNT(*) FROM aidant").await, gens);
        }
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM mandats_import WHERE etat NOT IN ('fini', 'abandonne')").await, 0);
    }
}

fn aidants_phrase(r: &kernel::Refusal) -> String {
    crate::imports::aidants::phrase(r)
}

/// Titles of the models are those that are read, and the words of the service that stands too.
#[test]
fn every_title_is_understood_once() {
    for genre in Genre::TOUS {
        let colonnes = genre.colonnes();
        assert!(!colonnes.is_empty() && !genre.nom().is_empty() && !genre.dit().is_empty());
        let mut vus = std::collections::BTreeMap::new();
        for c in colonnes {
            for nom in
                std::iter::once(kernel::text::fold(c.titre)).chain(c.autres.iter().map(|a| (*a).to_owned()))
            {
                assert_eq!(kernel::text::fold(&nom), nom, "{nom} is not folded");
                if let Some(autre) = vus.insert(nom.clone(), c.titre) {
                    assert_eq!(autre, c.titre, "{genre:?}: « {nom} » is two columns");
                }
            }
        }
        assert_eq!(Genre::from_cle(genre.cle()), Some(genre));
    }
}
