//! People who act at the same moment: nobody waits in a circle, and what may be done once is done once.

use annuaire::structures;
use kernel::{Actor, Perimetre, Role};
use platform::Site;
use testkit::TestSite;

use crate::demandes::model::{Etat, Sens};
use crate::demandes::tests::*;
use crate::demandes::{actions, store};
use crate::ids::DemandeId;
use crate::selection::avis::{Saisi, donner, donner_a_plusieurs};
use crate::selection::model::Niveau;
use crate::selection::{imports, seances};

const TOURS: usize = 6;

fn prefet() -> Actor {
    testkit::actor(Role::Prefecture, departement("23"))
}

fn favorable(n: usize) -> Saisi {
    Saisi {
        sens: Sens::Favorable,
        postes: None,
        commentaire: format!("Un projet solide, attendu par tous ({n})."),
        accord_principe: false,
        vers: None,
    }
}

async fn seuls(site: &Site, ids: &[DemandeId]) {
    for n in 0..TOURS {
        for id in ids.iter().rev() {
            donner(site, &prefet(), *id, &favorable(n)).await.unwrap();
        }
    }
}

async fn ensemble(site: &Site, ids: &[DemandeId]) {
    for n in 0..TOURS {
        donner_a_plusieurs(site, &prefet(), ids, &favorable(n)).await.unwrap();
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn an_opinion_on_many_meets_opinions_on_each(t: TestSite) {
        let (c, s) = maison(&t).await;
        let mut ids = Vec::new();
        for structure in [s[2], s[3], s[0]] {
            let d = deposee(&c, structure, premiers(2)).await;
            if d.departement.as_str() == "23" {
                ids.push(d.id);
            }
        }
        assert!(ids.len() > 1, "the fixture has several structures in the Creuse");
        ids.sort();
        let other = t.other_instance().await;
        tokio::join!(ensemble(&t.site, &ids), seuls(&t.site, &ids), seuls(&other, &ids), ensemble(&other, &ids));
        for id in &ids {
            assert_eq!(store::avis_de(t.site.db.read(), *id).await.unwrap().len(), 4 * TOURS);
        }
        let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, platform::journal::Verdict::Whole { .. }), "{verdict:?}");
    }

    async fn two_enveloppes_set_at_once_stay_within_the_one_above(t: TestSite) {
        let (c, _) = maison(&t).await;
        let comite = testkit::actor(Role::ComiteSelection, Perimetre::National);
        let autre = crate::Conseillers::new(&annuaire::Annuaire::load(&t.other_instance().await).await.unwrap());
        seances::fixer_enveloppe(&c, &comite, (Niveau::Region, "75"), 10).await.unwrap();
        let (x, y) = tokio::join!(
            seances::fixer_enveloppe(&c, &comite, (Niveau::Departement, "23"), 8),
            seances::fixer_enveloppe(&autre, &comite, (Niveau::Departement, "87"), 8),
        );
        assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|ok| **ok).count(), 1, "{x:?} {y:?}");
        // The one above, set while one below is.
        let (x, y) = tokio::join!(
            seances::fixer_enveloppe(&c, &comite, (Niveau::Pays, "FR"), 12),
            seances::fixer_enveloppe(&autre, &comite, (Niveau::Region, "84"), 3),
        );
        assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|ok| **ok).count(), 1, "{x:?} {y:?}");
    }

    async fn two_people_of_one_house_file_at_once(t: TestSite) {
        let (c, s) = maison(&t).await;
        let autre = crate::Conseillers::new(&annuaire::Annuaire::load(&t.other_instance().await).await.unwrap());
        let (x, y) = tokio::join!(deposee(&c, s[2], premiers(1)), deposee(&autre, s[2], premiers(2)));
        let doublons = [&x, &y].iter().filter(|d| matches!(d.etat, Etat::Doublon { .. })).count();
        assert_eq!(doublons, 1, "{x:?} {y:?}");
        let vue = structures::find(t.site.db.read(), s[2]).await.unwrap().unwrap();
        let toutes = store::de_structures(t.site.db.read(), &vue.identites).await.unwrap();
        assert_eq!(toutes.iter().filter(|d| d.etat.en_cours()).count(), 1);
        assert!(actions::postes_de(t.site.db.read(), &vue, c.jour()).await.unwrap().0.is_empty());
    }

    async fn a_demande_is_found_by_its_number_among_thousands(t: TestSite) {
        let (c, s) = maison(&t).await;
        let un = deposee(&c, s[2], premiers(1)).await;
        // Sixty others whose number begins as the first.
        for n in 0..60_u32 {
            let mut autre = un.clone();
            autre.id = DemandeId::new(&t.site.clock, &t.site.chance);
            autre.numero = 10_000 + i64::from(n);
            autre.etat = Etat::Doublon { de: un.id };
            t.site.db.write(async |tx| store::insert(tx, &autre).await).await.unwrap();
        }
        let p = departement("23");
        let lues = store::de_numeros(t.site.db.read(), &p, &[1, 10_059, 77]).await.unwrap();
        assert_eq!(lues.iter().map(|d| d.numero).collect::<std::collections::BTreeSet<_>>(), [1, 10_059].into());
        assert!(store::de_numeros(t.site.db.read(), &departement("01"), &[1]).await.unwrap().is_empty());
        // The same number, read back from the workbook.
        let ligne = [("numero", "DE-1"), ("avis", "Favorable"), ("postes proposes", "1"), ("commentaire", "Un projet solide."), ("accord de principe", "")];
        let titres: Vec<String> = ligne.iter().map(|(titre, _)| (*titre).to_owned()).collect();
        let cellules = ligne.iter().map(|(_, valeur)| (*valeur).to_owned()).collect();
        let tableau = crate::selection::classeur::Tableau { titres, lignes: vec![(2, cellules)] };
        let lu = imports::lire_avis(t.site.db.read(), &prefet(), &tableau).await.unwrap();
        assert_eq!((lu.prets.len(), lu.remarques.len()), (1, 0), "{lu:?}");
    }
}
