use kernel::{Perimetre, Refusal, Role};
use testkit::TestSite;

use super::fixtures::{bourg, contact, fiche, inscrire, laon, lue, migrations, national, pleine, prefecture};
use crate::structures::actions::{self, Failure, Versions};
use crate::structures::lecture::{self, Trouvee};
use crate::structures::model::{Attribut, Etat, FusionId, Structure, StructureId};
use crate::structures::{Filtre, find};

async fn fusionner(
    t: &TestSite,
    garde: StructureId,
    absorbe: StructureId,
    de_l_autre: &[Attribut],
) -> Result<FusionId, Failure> {
    let versions = Versions { gardee: lue(t, garde).await.version, absorbee: lue(t, absorbe).await.version };
    actions::fusionner(&t.site, &national(), garde, absorbe, versions, de_l_autre).await
}

/// All that a merge may change, but for the versions and the dates, which only grow.
fn contenu(s: Structure) -> Structure {
    Structure { version: 0, modifiee_le: s.creee_le, ..s }
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn merges_and_undoes_exactly(t: TestSite) {
        let a = inscrire(&t, fiche("Mairie de Bourg", bourg()), Some(contact("A", "a@x.example.org", ""))).await;
        let b = inscrire(&t, pleine("Commune de Bourg"), Some(contact("B", "b@x.example.org", ""))).await;
        t.site.clock.advance(chrono::TimeDelta::seconds(1));
        actions::ajouter_contact(&t.site, &national(), b, contact("B2", "", "0180059880"), true).await.unwrap();
        actions::fermer(&t.site, &national(), b).await.unwrap();
        let before = (contenu(lue(&t, a).await), contenu(lue(&t, b).await));

        let fusion = fusionner(&t, a, b, &[Attribut::Pivot, Attribut::Voie]).await.unwrap();
        let (kept, gone) = (lue(&t, a).await, lue(&t, b).await);
        assert_eq!((kept.fiche.nom.as_str(), kept.fiche.pivot.is_some(), kept.fiche.site_web), ("Mairie de Bourg", true, None));
        assert_eq!(kept.contacts.iter().map(|c| (c.fiche.nom.as_str(), c.principal)).collect::<Vec<_>>(), [("A", true), ("B", false), ("B2", false)]);
        assert_eq!((kept.alias, gone.etat, gone.contacts.len()), (vec![b], Etat::Fusionnee { dans: a }, 0));
        assert_eq!(find(t.site.db.read(), b).await.unwrap().unwrap().identites, [a, b]);
        assert!(matches!(lecture::ouvrir(&t.site, &national(), kernel::Verb::VoirStructures, b).await.unwrap(), Trouvee::Ailleurs(id) if id == a));
        assert_eq!(lecture::compter(&t.site, &national(), &Filtre::default()).await.unwrap(), 1);
        assert!(matches!(fusionner(&t, a, b, &[]).await, Err(Failure::Refusal(Refusal::Conflict(_)))));

        // Who kept the structure that went keeps the one that stayed.
        let compte = testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![b]));
        assert_eq!(lecture::compter(&t.site, &compte, &Filtre::default()).await.unwrap(), 1);
        assert!(lecture::ouvrir(&t.site, &compte, kernel::Verb::ModifierStructures, a).await.is_ok());

        assert_eq!(actions::defusionner(&t.site, &national(), fusion).await.unwrap(), (a, b));
        assert_eq!((contenu(lue(&t, a).await), contenu(lue(&t, b).await)), before);
        assert!(matches!(lecture::ouvrir(&t.site, &compte, kernel::Verb::ModifierStructures, a).await, Err(Failure::Refusal(Refusal::NotFound))));
        assert!(matches!(actions::defusionner(&t.site, &national(), fusion).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
        platform::journal::verify(t.site.db.read()).await.unwrap();
    }

    async fn chains_are_undone_from_the_end(t: TestSite) {
        let mut ids = Vec::new();
        for n in 0..4 {
            let f = if n % 2 == 0 { pleine(&format!("S{n}")) } else { fiche(&format!("S{n}"), laon()) };
            ids.push(inscrire(&t, f, (n != 2).then(|| contact(&format!("C{n}"), "c@x.example.org", ""))).await);
        }
        let mut before = Vec::new();
        for id in &ids {
            before.push(contenu(lue(&t, *id).await));
        }
        // 1 into 0, 3 into 2, then 0 (and what it took) into 2.
        let f1 = fusionner(&t, ids[0], ids[1], &Attribut::TOUS).await.unwrap();
        let f2 = fusionner(&t, ids[2], ids[3], &[Attribut::Nom]).await.unwrap();
        let f3 = fusionner(&t, ids[2], ids[0], &[Attribut::Commune]).await.unwrap();
        let mut alias = lue(&t, ids[2]).await.alias;
        alias.sort_unstable();
        let mut expected = [ids[0], ids[1], ids[3]];
        expected.sort_unstable();
        assert_eq!(alias, expected);
        assert_eq!(find(t.site.db.read(), ids[1]).await.unwrap().unwrap().id, ids[2]);
        assert!(matches!(actions::defusionner(&t.site, &national(), f1).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
        for f in [f3, f2, f1] {
            actions::defusionner(&t.site, &national(), f).await.unwrap();
        }
        for (id, was) in ids.iter().zip(before) {
            assert_eq!(contenu(lue(&t, *id).await), was);
        }
    }

    async fn merges_are_undone_from_the_newest(t: TestSite) {
        let a = inscrire(&t, fiche("A", bourg()), None).await;
        let b = inscrire(&t, pleine("B"), Some(contact("CB", "b@x.example.org", ""))).await;
        let c = inscrire(&t, fiche("C", laon()), Some(contact("CC", "c@x.example.org", ""))).await;
        let was = [contenu(lue(&t, a).await), contenu(lue(&t, b).await), contenu(lue(&t, c).await)];
        let f1 = fusionner(&t, a, b, &[Attribut::Nom, Attribut::Pivot]).await.unwrap();
        let f2 = fusionner(&t, a, c, &[Attribut::Nom, Attribut::Commune]).await.unwrap();
        let merged = lue(&t, a).await;
        // Undone first, the older one would give back a name that the newer one replaced, then the newer one
        // would give back the name of B: A would end as neither was.
        match actions::defusionner(&t.site, &national(), f1).await {
            Err(Failure::Refusal(Refusal::Conflict(s))) => assert!(s.contains("Annulez d’abord la fusion avec « C »"), "{s}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(lue(&t, a).await, merged);
        let standing: Vec<_> = lecture::fusions(&t.site, a).await.unwrap().iter().map(|f| f.id).collect();
        assert_eq!(standing, [f2.0, f1.0], "the newest first, though both bear one instant");
        actions::defusionner(&t.site, &national(), f2).await.unwrap();
        actions::defusionner(&t.site, &national(), f1).await.unwrap();
        for (id, was) in [a, b, c].into_iter().zip(was) {
            assert_eq!(contenu(lue(&t, id).await), was);
        }
    }

    async fn what_was_compared_is_what_is_merged(t: TestSite) {
        let a = inscrire(&t, fiche("A", bourg()), None).await;
        let b = inscrire(&t, pleine("B"), None).await;
        actions::modifier(&t.site, &national(), b, 1, pleine("B2")).await.unwrap();
        let versions = Versions { gardee: 1, absorbee: 1 };
        match actions::fusionner(&t.site, &national(), a, b, versions, &[]).await {
            Err(Failure::Stale(s)) => assert_eq!(s.id, b),
            other => panic!("{other:?}"),
        }
        assert_eq!(lue(&t, b).await.etat, Etat::Active);
    }

    async fn both_sides_must_be_in_scope(t: TestSite) {
        let a = inscrire(&t, fiche("A", bourg()), None).await;
        let b = inscrire(&t, fiche("A", laon()), None).await;
        let versions = Versions { gardee: 1, absorbee: 1 };
        for actor in [prefecture(&["01"]), prefecture(&["02"])] {
            let out = actions::fusionner(&t.site, &actor, a, b, versions, &[]).await;
            assert!(matches!(out, Err(Failure::Refusal(Refusal::NotFound))), "{out:?}");
        }
        let fusion = actions::fusionner(&t.site, &prefecture(&["01", "02"]), a, b, versions, &[]).await.unwrap();
        let out = actions::defusionner(&t.site, &prefecture(&["01"]), fusion).await;
        assert!(matches!(out, Err(Failure::Refusal(Refusal::NotFound))), "{out:?}");
        assert!(matches!(
            actions::defusionner(&t.site, &national(), FusionId(uuid::Uuid::nil())).await,
            Err(Failure::Refusal(Refusal::NotFound))
        ));
    }

    async fn pairs_are_found_until_somebody_says_they_are_two(t: TestSite) {
        let tel = || Some(contact("Accueil", "", "0180059880"));
        let a = inscrire(&t, fiche("Mairie de Bourg", bourg()), tel()).await;
        let b = inscrire(&t, fiche("Commune de Bourg", bourg()), tel()).await;
        inscrire(&t, fiche("Commune de Laon", laon()), None).await;
        let pairs = lecture::doublons(&t.site, &prefecture(&["01"]), (0, 20)).await.unwrap().0;
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].premiere.id, pairs[0].seconde.id, pairs[0].comparaison.score()), (a.min(b), a.max(b), 90));
        assert_eq!(lecture::doublons(&t.site, &prefecture(&["02"]), (0, 20)).await.unwrap().1, 0);
        assert_eq!(lecture::voisines(&t.site, &national(), &lue(&t, a).await).await.unwrap().len(), 1);
        actions::distinguer(&t.site, &prefecture(&["01"]), b, a).await.unwrap();
        actions::distinguer(&t.site, &prefecture(&["01"]), a, b).await.unwrap();
        assert_eq!(lecture::doublons(&t.site, &national(), (0, 20)).await.unwrap().1, 0);
        assert_eq!(lecture::voisines(&t.site, &national(), &lue(&t, a).await).await.unwrap().len(), 0);
    }

    async fn two_people_merge_once(t: TestSite) {
        let a = inscrire(&t, fiche("A", bourg()), None).await;
        let b = inscrire(&t, fiche("B", bourg()), None).await;
        let other = t.other_instance().await;
        let versions = Versions { gardee: 1, absorbee: 1 };
        let n = national();
        let (one, two) = tokio::join!(
            actions::fusionner(&t.site, &n, a, b, versions, &[]),
            actions::fusionner(&other, &n, b, a, versions, &[]),
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        other.db.close().await;
    }
}
