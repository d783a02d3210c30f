use kernel::{Perimetre, Refusal, Role};
use platform::journal;
use testkit::TestSite;

use super::fixtures::{
    bourg, commune, contact, departements, fiche, inscrire, laon, lue, migrations, national, pleine,
    prefecture,
};
use crate::structures::actions::{self, Failure, Nouvelle};
use crate::structures::model::{Etat, StructureId};
use crate::structures::{Filtre, FiltreEtat, find, lecture, search, store};

async fn noms(t: &TestSite, actor: &kernel::Actor, filtre: &Filtre) -> Vec<String> {
    let lignes = lecture::lister(&t.site, actor, filtre, 0, 100).await.unwrap();
    assert_eq!(lecture::compter(&t.site, actor, filtre).await.unwrap(), lignes.len());
    lignes.into_iter().map(|l| l.fiche.nom).collect()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn keeps_a_structure_whole(t: TestSite) {
        let id = inscrire(&t, pleine("Mairie de Bourg"), Some(contact("Accueil", "a@bourg.example.org", "0180059880"))).await;
        let s = lue(&t, id).await;
        assert_eq!(s.fiche, pleine("Mairie de Bourg"));
        assert_eq!((s.contacts.len(), s.contacts[0].principal, s.version, s.etat), (1, true, 1, Etat::Active));
        let empty = inscrire(&t, fiche("'; DROP TABLE structure; --", laon()), None).await;
        assert_eq!(lue(&t, empty).await.fiche, fiche("'; DROP TABLE structure; --", laon()));
        let h = lecture::historique(&t.site, id, 0, 50).await.unwrap();
        assert_eq!(h.len(), 9, "every attribute and the contact: {h:?}");
        assert!(h.iter().all(|c| c.action == "Inscription" && c.avant.is_empty() && c.par == Some(national().compte)));
    }

    async fn coordinates_leave_the_history_after_a_year(t: TestSite) {
        let id = inscrire(&t, fiche("Mairie", bourg()), Some(contact("Accueil", "a@bourg.example.org", "0180059880"))).await;
        let jobs = {
            let mut registry = platform::jobs::Registry::default();
            crate::structures::register(&t.site, &mut registry);
            platform::jobs::Worker::new(t.site.clone(), registry)
        };
        let coordonnees = async || {
            let h = lecture::historique(&t.site, id, 0, 50).await.unwrap();
            h.iter().filter(|c| c.apres.contains("bourg.example.org")).count()
        };
        let longueur = lecture::historique(&t.site, id, 0, 50).await.unwrap().len();
        t.site.clock.advance(chrono::TimeDelta::days(364));
        jobs.drain().await.unwrap();
        assert_eq!(coordonnees().await, 1);
        t.site.clock.advance(chrono::TimeDelta::days(2));
        jobs.drain().await.unwrap();
        assert_eq!(coordonnees().await, 0);
        let h = lecture::historique(&t.site, id, 0, 50).await.unwrap();
        assert_eq!(h.len(), longueur, "that it happened stays");
        assert!(h.iter().any(|c| c.quoi == "Contact" && c.avant.is_empty() && c.apres.contains("effacé")));
        assert!(h.iter().any(|c| c.apres == "Mairie"), "what is not about people stays");
        assert_eq!(lue(&t, id).await.contacts.len(), 1, "the sheet keeps its contact");
    }

    async fn changes_are_told_before_and_after(t: TestSite) {
        let id = inscrire(&t, pleine("Avant"), None).await;
        let mut f = pleine("Après");
        f.voie = None;
        let ecarts = actions::modifier(&t.site, &national(), id, 1, f.clone()).await.unwrap();
        assert_eq!(ecarts.len(), 2);
        let s = lue(&t, id).await;
        assert_eq!((&s.fiche, s.version), (&f, 2));
        let h = lecture::historique(&t.site, id, 0, 2).await.unwrap();
        assert_eq!(
            h.iter().map(|c| (c.quoi.as_str(), c.avant.as_str(), c.apres.as_str())).collect::<Vec<_>>(),
            [("Adresse", "1 place de l’Hôtel de Ville", ""), ("Nom", "Avant", "Après")]
        );
        // Nothing changed: no line, no version.
        assert!(actions::modifier(&t.site, &national(), id, 2, f).await.unwrap().is_empty());
        assert_eq!(lue(&t, id).await.version, 2);
        // The journal says which fields, never what they hold.
        let lines = journal::page(t.site.db.read(), &journal::Query { limit: 10, ..Default::default() }).await.unwrap();
        assert_eq!(lines[0].action, "structure.modifier");
        assert!(lines[0].details.contains("nom") && !lines[0].details.contains("Après"), "{}", lines[0].details);
    }

    async fn two_people_never_overwrite_each_other(t: TestSite) {
        let id = inscrire(&t, pleine("Avant"), None).await;
        let other = t.other_instance().await;
        let mut mine = pleine("Avant");
        mine.nom = "Le mien".to_owned();
        let mut theirs = pleine("Avant");
        theirs.nom = "Le leur".to_owned();
        let a = national();
        let (one, two) = tokio::join!(
            actions::modifier(&t.site, &a, id, 1, mine.clone()),
            actions::modifier(&other, &a, id, 1, theirs.clone()),
        );
        let (won, lost, winner) = if one.is_ok() { (one, two, mine) } else { (two, one, theirs) };
        won.unwrap();
        match lost {
            Err(Failure::Stale(now)) => assert_eq!((now.fiche, now.version), (winner.clone(), 2)),
            other => panic!("{other:?}"),
        }
        assert_eq!(lue(&t, id).await.fiche, winner);
        other.db.close().await;
    }

    async fn closes_and_reopens(t: TestSite) {
        let id = inscrire(&t, pleine("Une"), None).await;
        actions::fermer(&t.site, &national(), id).await.unwrap();
        assert_eq!(lue(&t, id).await.etat, Etat::Fermee { le: t.site.clock.now() });
        assert!(matches!(actions::fermer(&t.site, &national(), id).await, Err(Failure::Refusal(Refusal::Conflict(_)))));
        // A form that was open meanwhile is told.
        assert!(matches!(actions::modifier(&t.site, &national(), id, 1, pleine("X")).await, Err(Failure::Stale(_))));
        assert_eq!(noms(&t, &national(), &Filtre::default()).await, Vec::<String>::new());
        actions::rouvrir(&t.site, &national(), id).await.unwrap();
        assert_eq!(noms(&t, &national(), &Filtre::default()).await, ["Une"]);
    }

    async fn contacts_come_and_go(t: TestSite) {
        let id = inscrire(&t, pleine("Une"), None).await;
        let a = national();
        actions::ajouter_contact(&t.site, &a, id, contact("A", "a@x.example.org", ""), false).await.unwrap();
        actions::ajouter_contact(&t.site, &a, id, contact("B", "", "0180059880"), true).await.unwrap();
        let s = lue(&t, id).await;
        let seen: Vec<(&str, bool)> = s.contacts.iter().map(|c| (c.fiche.nom.as_str(), c.principal)).collect();
        assert_eq!(seen, [("B", true), ("A", false)]);
        assert!(matches!(
            actions::ajouter_contact(&t.site, &a, id, contact("A", "a@x.example.org", ""), false).await,
            Err(Failure::Refusal(Refusal::Fields(_)))
        ));
        actions::retirer_contact(&t.site, &a, id, s.contacts[0].id).await.unwrap();
        assert!(matches!(
            actions::retirer_contact(&t.site, &a, id, s.contacts[0].id).await,
            Err(Failure::Refusal(Refusal::NotFound))
        ));
        let s = lue(&t, id).await;
        assert_eq!((s.contacts.len(), s.contacts[0].principal), (1, true));
        assert_eq!(s.version, 1, "a contact does not disturb who edits the sheet");
    }

    async fn lists_within_the_scope_and_by_filters(t: TestSite) {
        let ain = inscrire(&t, pleine("Médiathèque de l’Œuf"), None).await;
        inscrire(&t, fiche("Association Laon numérique", laon()), None).await;
        let cayenne = commune("97302", "Cayenne", "03");
        inscrire(&t, fiche("Point guyanais", cayenne), None).await;
        let tout = Filtre::default();
        assert_eq!(noms(&t, &national(), &tout).await.len(), 3);
        assert_eq!(noms(&t, &prefecture(&["01"]), &tout).await, ["Médiathèque de l’Œuf"]);
        assert_eq!(noms(&t, &prefecture(&["973"]), &tout).await, ["Point guyanais"]);
        assert_eq!(noms(&t, &prefecture(&[]), &tout).await, Vec::<String>::new());
        let of = |perimetre| testkit::actor(Role::Prefecture, perimetre);
        let hauts = Perimetre::Regions(vec![kernel::CodeRegion::parse("32").unwrap()]);
        assert_eq!(noms(&t, &of(hauts), &tout).await, ["Association Laon numérique"]);
        assert_eq!(noms(&t, &of(Perimetre::Structures(vec![ain])), &tout).await, ["Médiathèque de l’Œuf"]);
        assert_eq!(noms(&t, &of(Perimetre::Lieux(vec![])), &tout).await, Vec::<String>::new());
        for (mots, found) in [
            ("mediatheque OEUF", 1),
            ("43493312300029", 1),
            ("01000 bourg", 1),
            ("laon mediatheque", 0),
            ("%", 3),
            ("_", 3),
            ("' OR 1=1 --", 0),
            ("\u{202e}", 3),
        ] {
            let filtre = Filtre { mots: mots.to_owned(), ..Filtre::default() };
            assert_eq!(noms(&t, &national(), &filtre).await.len(), found, "{mots}");
        }
        let filtre = Filtre { genre: Some(crate::structures::model::Genre::Commune), ..Filtre::default() };
        assert_eq!(noms(&t, &national(), &filtre).await.len(), 1);
        let filtre = Filtre { departement: kernel::CodeDepartement::parse("973"), ..Filtre::default() };
        assert_eq!(noms(&t, &national(), &filtre).await, ["Point guyanais"]);
        let filtre = Filtre { etat: FiltreEtat::Fermees, ..Filtre::default() };
        assert_eq!(noms(&t, &national(), &filtre).await.len(), 0);
        let found = search(t.site.db.read(), &prefecture(&["01"]), "oeuf", 5).await.unwrap();
        assert_eq!(found.iter().map(|v| v.id).collect::<Vec<_>>(), [ain]);
        assert_eq!(found[0].adresse, "1 place de l’Hôtel de Ville, 01000 Bourg-en-Bresse");
    }

    async fn batches_give_every_line_once(t: TestSite) {
        for n in 0..7 {
            inscrire(&t, fiche(&format!("Structure {}", n / 2), bourg()), None).await;
        }
        let (mut seen, mut mark): (Vec<StructureId>, Option<(String, uuid::Uuid)>) = (Vec::new(), None);
        loop {
            let from = mark.as_ref().map(|(r, id)| (r.as_str(), *id));
            let lot = lecture::lot(&t.site, &national(), &Filtre::default(), from, 3).await.unwrap();
            let Some(last) = lot.last() else { break };
            mark = Some((last.marque().to_owned(), last.id.0));
            seen.extend(lot.iter().map(|l| l.id));
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (7, 7));
    }

    async fn out_of_scope_is_as_if_it_were_not(t: TestSite) {
        let id = inscrire(&t, pleine("Une"), None).await;
        let aisne = prefecture(&["02"]);
        let lecteur = testkit::actor(Role::Lecteur, departements(&["01"]));
        let contact_id = crate::structures::model::ContactId(uuid::Uuid::nil());
        for (actor, expected) in [(&aisne, Refusal::NotFound), (&lecteur, Refusal::forbidden(""))] {
            let outcomes = [
                actions::modifier(&t.site, actor, id, 1, pleine("X")).await.map(|_| ()),
                actions::fermer(&t.site, actor, id).await,
                actions::rouvrir(&t.site, actor, id).await,
                actions::ajouter_contact(&t.site, actor, id, contact("A", "a@b.fr", ""), false).await,
                actions::retirer_contact(&t.site, actor, id, contact_id).await,
                actions::distinguer(&t.site, actor, id, id).await,
            ];
            for outcome in outcomes {
                match outcome {
                    Err(Failure::Refusal(r)) => {
                        assert_eq!(std::mem::discriminant(&r), std::mem::discriminant(&expected));
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(lue(&t, id).await.fiche, pleine("Une"));
        let missing = StructureId(uuid::Uuid::nil());
        assert!(matches!(actions::fermer(&t.site, &national(), missing).await, Err(Failure::Refusal(Refusal::NotFound))));
    }

    async fn a_likely_duplicate_is_shown_first(t: TestSite) {
        let id = inscrire(&t, pleine("Mairie de Bourg"), None).await;
        let asked = |autre| Nouvelle { fiche: pleine("Commune de Bourg"), contact: None, autre };
        match actions::creer(&t.site, &prefecture(&["01"]), asked(false)).await {
            Err(Failure::Duplicates(v)) => assert_eq!((v.len(), v[0].structure.id, v[0].visible), (1, id, true)),
            other => panic!("{other:?}"),
        }
        // The same number elsewhere: that it exists is said, what it is is not.
        let mut ailleurs = pleine("Ailleurs");
        ailleurs.commune = laon();
        match actions::creer(&t.site, &prefecture(&["02"]), Nouvelle { fiche: ailleurs, contact: None, autre: false }).await {
            Err(Failure::Duplicates(v)) => assert!(v.iter().all(|v| !v.visible)),
            other => panic!("{other:?}"),
        }
        assert!(actions::creer(&t.site, &prefecture(&["01"]), asked(true)).await.is_ok());
    }

    async fn other_rooms_find_structures(t: TestSite) {
        let id = inscrire(&t, pleine("Une"), None).await;
        let vue = find(t.site.db.read(), id).await.unwrap().unwrap();
        assert_eq!((vue.id, vue.active, vue.identites), (id, true, vec![id]));
        assert_eq!(find(t.site.db.read(), StructureId(uuid::Uuid::nil())).await.unwrap(), None);
        assert_eq!(store::canonique(t.site.db.read(), id).await.unwrap(), Some(id));
    }
}
