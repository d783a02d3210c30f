use super::*;
use kernel::CodeDepartement;

fn ain() -> Perimetre {
    Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect())
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn an_administrator_invites_gives_takes_and_closes(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let b = &mut admin.browser;
        b.get("/gestion/comptes").await.expect(200).says("admin@exemple.fr").says("1 compte");
        let refused = b.post("/gestion/comptes/inviter", &[("nom", "P"), ("courriel", "x"), ("role", "prefecture"), ("perimetre", "national")]).await.expect(422);
        let refused = refused.says("Écrivez le prénom").says("adresse électronique complète").says("ne se donne pas sur ce périmètre");
        assert!(refused.body.contains("value=\"P\""), "what was typed stays");
        let done = b.post("/gestion/comptes/inviter", &[
            ("nom", "Paul Inventé"), ("courriel", "paul@exemple.fr"), ("role", "prefecture"), ("perimetre", "departements"), ("codes", "01, 38"), ("fin", ""),
        ]).await.expect(303);
        let fiche = done.location().to_owned();
        assert_eq!(mails_to(&id, "paul@exemple.fr").await.len(), 1);
        b.get(&fiche).await.expect(200).says("Préfecture (départements 01, 38)").says("Invité").says("sans fin");
        b.get("/gestion/comptes?q=INVENTE").await.expect(200).says("paul@exemple.fr");
        let none = b.get("/gestion/comptes?q=%25").await.expect(200);
        assert!(!none.body.contains("paul@exemple.fr"), "a percent sign is a percent sign");
        let csv = b.get("/gestion/comptes/export.csv").await.expect(200).body;
        assert!(csv.lines().any(|l| l.starts_with("Paul Inventé;paul@exemple.fr;Invité;Préfecture (départements 01, 38);")), "{csv}");
        assert_eq!(b.get("/gestion/comptes/export.csv?q=paul%40").await.expect(200).body.lines().count(), 2);
        for format in ["xlsx", "ods"] {
            assert!(b.get(&format!("/gestion/comptes/export.{format}")).await.expect(200).body.starts_with("PK"));
        }
        b.post(&format!("{fiche}/roles"), &[("role", "lecteur"), ("perimetre", "national"), ("codes", "")]).await.expect(303);
        let page = b.get(&fiche).await.says("Lecture (tout le pays)");
        let role = between(&page.body, "/gestion/roles/", "/retirer").to_owned();
        b.post(&format!("/gestion/roles/{role}/retirer"), &[]).await.expect(303);
        b.post(&format!("/gestion/roles/{role}/retirer"), &[]).await.expect(409);
        b.post(&format!("{fiche}/desactiver"), &[]).await.expect(303);
        b.get(&fiche).await.says("Désactivé");
        b.post(&format!("{fiche}/inviter"), &[]).await.expect(303);
        b.get(&fiche).await.says("Invité");
        assert_eq!(mails_to(&id, "paul@exemple.fr").await.len(), 2);
        // Oneself, and the last administrator.
        b.post(&format!("/gestion/comptes/{}/desactiver", admin.id), &[]).await.expect(409);
        let mine = role_of(&id, admin.id).await[0].id;
        b.post(&format!("/gestion/roles/{mine}/retirer"), &[]).await.expect(409);
        // What is not there.
        b.get(&format!("/gestion/comptes/{}", uuid::Uuid::nil())).await.expect(404);
        b.get("/gestion/comptes/pas-un-identifiant").await.expect(400);
    }

    async fn a_closed_account_is_out_at_once(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        paul.browser.get("/compte").await.expect(200);
        admin.browser.post(&format!("/gestion/comptes/{}/desactiver", paul.id), &[]).await.expect(303);
        paul.browser.get("/compte").await.expect(303);
        let mut b = browser(&id);
        b.post("/connexion", &[("courriel", "paul@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(422)
            .says("L’adresse ou le mot de passe ne convient pas");
    }

    async fn colleagues_share_a_role_and_its_scope(t: TestSite) {
        let id = identity(&t);
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let two = Perimetre::Departements(["01", "38"].into_iter().filter_map(CodeDepartement::parse).collect());
        someone(&id, "large@exemple.fr", Role::Prefecture, two).await;
        someone(&id, "hub@exemple.fr", Role::Hub, ain()).await;
        let b = &mut paul.browser;
        let page = b.get("/compte/collegues").await.expect(200).says("paul@exemple.fr");
        assert!(!page.body.contains("large@exemple.fr") && !page.body.contains("hub@exemple.fr"), "{}", page.body);
        b.post("/compte/collegues", &[("nom", "P"), ("courriel", "x")]).await.expect(422).says("Écrivez le prénom");
        b.post("/compte/collegues", &[("nom", "Paul Inventé"), ("courriel", "PAUL@exemple.fr")]).await.expect(422);
        b.post("/compte/collegues", &[("nom", "Nour Inventée"), ("courriel", "nour@exemple.fr")]).await.expect(303);
        assert_eq!(mails_to(&id, "nour@exemple.fr").await.len(), 1);
        let page = b.get("/compte/collegues").await.expect(200).says("nour@exemple.fr");
        let role = between(&page.body, "/compte/collegues/", "/retirer").to_owned();
        // Only who gave it takes it back: not another colleague, not another préfecture.
        let mut autre = someone(&id, "autre@exemple.fr", Role::Prefecture, ain()).await;
        autre.browser.post(&format!("/compte/collegues/{role}/retirer"), &[]).await.expect(404);
        autre.browser.get("/compte/collegues").await.expect(200).says("nour@exemple.fr");
        let mine = role_of(&id, paul.id).await[0].id;
        paul.browser.post(&format!("/compte/collegues/{mine}/retirer"), &[]).await.expect(404);
        paul.browser.post(&format!("/compte/collegues/{role}/retirer"), &[]).await.expect(303);
        paul.browser.post(&format!("/compte/collegues/{role}/retirer"), &[]).await.expect(409);
        let page = paul.browser.get("/compte/collegues").await.expect(200);
        assert!(!page.body.contains("nour@exemple.fr"));
        // A closed account is told to nobody.
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        admin.browser.post(&format!("/gestion/comptes/{}/desactiver", autre.id), &[]).await.expect(303);
        paul.browser.post("/compte/collegues", &[("nom", "Autre Inventée"), ("courriel", "autre@exemple.fr")]).await.expect(303);
        assert!(role_of(&id, autre.id).await.len() == 1, "nothing was given");
        someone(&id, "lecture@exemple.fr", Role::Lecteur, Perimetre::National).await.browser.get("/compte/collegues").await.expect(403);
    }

    async fn a_role_is_lent_until_a_day_and_taken_back(t: TestSite) {
        let id = identity(&t);
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let mut lea = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let role = role_of(&id, paul.id).await[0].id.to_string();
        let form = |fin: &'static str, role: String, courriel: &'static str| {
            vec![("role".to_owned(), role), ("nom".to_owned(), "Léa Inventée".to_owned()), ("courriel".to_owned(), courriel.to_owned()), ("fin".to_owned(), fin.to_owned())]
        };
        async fn send(b: &mut Browser, f: Vec<(String, String)>) -> testkit::Answer {
            let f: Vec<(&str, &str)> = f.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            b.post("/compte/delegations", &f).await
        }
        send(&mut paul.browser, form("2026-03-17", role.clone(), "lea@exemple.fr")).await.expect(422).says("déjà passée");
        send(&mut paul.browser, form("2027-03-18", role.clone(), "lea@exemple.fr")).await.expect(422).says("au plus six mois");
        send(&mut paul.browser, form("2026-04-01", role.clone(), "paul@exemple.fr")).await.expect(422).says("votre propre adresse");
        send(&mut lea.browser, form("2026-04-01", role.clone(), "max@exemple.fr")).await.expect(404);
        send(&mut paul.browser, form("2026-04-01", role.clone(), "lea@exemple.fr")).await.expect(303);
        assert!(mails_to(&id, "lea@exemple.fr").await.iter().any(|m| m.sujet.contains("prêté")));
        // The lent role can be chosen, with a new secret; it cannot be lent on.
        let lent = role_of(&id, lea.id).await[1].id.to_string();
        let before = lea.browser.cookie("maillage-session").unwrap().to_owned();
        lea.browser.post("/compte/role", &[("role", &lent), ("retour", "/compte")]).await.expect(303);
        assert_ne!(lea.browser.cookie("maillage-session"), Some(before.as_str()));
        // The journal knows from which role to which, once: choosing the role that one has says nothing.
        lea.browser.post("/compte/role", &[("role", &lent), ("retour", "/compte")]).await.expect(303);
        let sql = "SELECT details FROM journal WHERE action = 'compte.role.choisi'";
        let lignes = platform::db::kit::query(id.site.db.read(), sql, []).await.unwrap();
        assert_eq!(lignes.len(), 1);
        let faits: serde_json::Value = serde_json::from_str(&lignes[0].try_get_by_index::<String>(0).unwrap()).unwrap();
        assert_eq!((&faits["avant"]["role"], &faits["apres"]["role"]), (&"lecteur".into(), &"prefecture".into()), "{faits}");
        assert_eq!(faits["apres"]["attribution"], lent.as_str());
        lea.browser.get("/compte").await.says("Préfecture (département 01)").says("prêté par Léa Inventée");
        send(&mut lea.browser, form("2026-04-01", lent.clone(), "max@exemple.fr")).await.expect(422).says("prêté");
        // Somebody else's role is no role of mine.
        lea.browser.post("/compte/role", &[("role", &role)]).await.expect(404);
        // It ends by itself.
        id.site.clock.advance(TimeDelta::days(14));
        assert_eq!(role_of(&id, lea.id).await.len(), 2, "the last day is included");
        id.site.clock.advance(TimeDelta::days(1));
        assert_eq!(role_of(&id, lea.id).await.len(), 1);
        // Lent to somebody unknown: an invitation, and the same answer.
        let mut again = browser(&id);
        sign_in(&id, &mut again, &paul).await.expect(303);
        send(&mut again, form("2026-05-01", role, "nouvelle@exemple.fr")).await.expect(303);
        assert!(mails_to(&id, "nouvelle@exemple.fr").await[0].texte.contains("/invitation/"));
        let page = again.get("/compte/delegations").await.says("En cours");
        let lent = between(&page.body, "/compte/delegations/", "/retirer").to_owned();
        lea.browser = browser(&id);
        let me = lea.clone();
        sign_in(&id, &mut lea.browser, &me).await.expect(303);
        lea.browser.post(&format!("/compte/delegations/{lent}/retirer"), &[]).await.expect(404);
        again.post(&format!("/compte/delegations/{lent}/retirer"), &[]).await.expect(303);
        let page = again.get("/compte/delegations").await;
        assert!(!page.body.contains("En cours"));
    }

    async fn a_lent_administration_does_not_last(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut lea = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let role = role_of(&id, admin.id).await[0].id.to_string();
        let form = [("role", role.as_str()), ("nom", "Léa Inventée"), ("courriel", "lea@exemple.fr"), ("fin", "2026-04-01")];
        admin.browser.post("/compte/delegations", &form).await.expect(303);
        let lent = role_of(&id, lea.id).await[1].id.to_string();
        lea.browser.post("/compte/role", &[("role", &lent), ("retour", "/compte")]).await.expect(303);
        lea.browser.get("/gestion/comptes").await.expect(200);
        let fiche = format!("/gestion/comptes/{}", lea.id);
        let forever = [("role", "administrateur_national"), ("perimetre", "national"), ("codes", "")];
        let told = lea.browser.post(&format!("{fiche}/roles"), &forever).await;
        assert!(told.status.is_client_error(), "{}", told.status);
        told.says("Ce rôle vous est prêté");
        let invited = [("nom", "Max Inventé"), ("courriel", "max@exemple.fr"), ("role", "administrateur_national"), ("perimetre", "national"), ("codes", ""), ("fin", "")];
        assert!(lea.browser.post("/gestion/comptes/inviter", &invited).await.status.is_client_error());
        for path in [format!("/gestion/comptes/{}/desactiver", admin.id), format!("/gestion/comptes/{}/inviter", admin.id), format!("/gestion/roles/{role}/retirer")] {
            lea.browser.post(&path, &[]).await.expect(403);
        }
        assert_eq!(role_of(&id, lea.id).await.len(), 2);
        id.site.clock.advance(TimeDelta::days(30));
        assert_eq!(role_of(&id, lea.id).await.len(), 1, "the loan is over");
    }

    async fn seeing_as_reads_writes_nothing_and_is_told(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut boss = someone(&id, "chef@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let path = format!("/gestion/comptes/{}/voir-comme", paul.id);
        paul.browser.post(&format!("/gestion/comptes/{}/voir-comme", admin.id), &[("motif", "pour voir ce qu’il voit")]).await.expect(403);
        admin.browser.post(&path, &[("motif", "court")]).await.expect(422).says("Dites en une phrase pourquoi");
        admin.browser.post(&format!("/gestion/comptes/{}/voir-comme", boss.id), &[("motif", "une raison bien assez longue")]).await.expect(403);
        admin.browser.post(&path, &[("motif", "Demande 12 : page blanche")]).await.expect(303);
        admin.browser.get("/compte").await.expect(200).says("Vous regardez le site comme Léa Inventée").says("Préfecture (département 01)");
        // Reads as that person, not as the administrator; writes nothing; sees no proof of theirs.
        admin.browser.get("/gestion/comptes").await.expect(403);
        for path in ["/compte/secours", "/compte/mot-de-passe", "/compte/delegations"] {
            admin.browser.get(path).await.expect(403);
        }
        let session = "00000000-0000-0000-0000-000000000000";
        for path in ["/compte/role", "/compte/secours", "/compte/delegations", "/compte/sessions/fermer-autres", &format!("/compte/sessions/{session}/fermer")] {
            admin.browser.post(path, &[]).await.expect(403);
        }
        // Told by mail, on the account, and in the journal.
        assert!(mails_to(&id, "paul@exemple.fr").await.iter().any(|m| m.texte.contains("Demande 12 : page blanche")));
        paul.browser.get("/compte").await.says("Demande 12 : page blanche").says("<td>en cours</td>");
        let lines = platform::journal::page(id.site.db.read(), &platform::journal::Query { limit: 50, ..Default::default() }).await.unwrap();
        assert!(lines.iter().any(|l| l.action == "compte.voir_comme" && l.subject_id == paul.id.to_string() && l.by == Some(admin.id.0)));
        admin.browser.post("/compte/voir-comme/quitter", &[]).await.expect(303);
        admin.browser.get("/gestion/comptes").await.expect(200);
        let told = paul.browser.get("/compte").await;
        assert!(!told.body.contains("<td>en cours</td>"));
        // By itself after half an hour; and when the right is taken away.
        admin.browser.post(&path, &[("motif", "Demande 13 : encore")]).await.expect(303);
        id.site.clock.advance(TimeDelta::minutes(31));
        admin.browser.get("/gestion/comptes").await.expect(200);
        admin.browser.post(&path, &[("motif", "Demande 14 : encore")]).await.expect(303);
        let role = role_of(&id, admin.id).await[0].id;
        boss.browser.post(&format!("/gestion/roles/{role}/retirer"), &[]).await.expect(303);
        let page = admin.browser.get("/compte").await;
        assert!(!page.body.contains("Préfecture (département 01)"), "{}", page.body);
    }

    async fn a_look_ends_even_when_the_browser_is_closed(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let path = format!("/gestion/comptes/{}/voir-comme", paul.id);
        let ends = async || {
            let lines = platform::journal::page(id.site.db.read(), &platform::journal::Query { limit: 100, ..Default::default() }).await.unwrap();
            lines.iter().filter(|l| l.action == "compte.voir_comme.fin" && l.by == Some(admin.id.0)).count()
        };
        let mut registry = platform::jobs::Registry::default();
        crate::register_jobs(&id.site, &mut registry);
        let worker = platform::jobs::Worker::new(id.site.clone(), registry);
        admin.browser.post(&path, &[("motif", "Demande 15 : page blanche")]).await.expect(303);
        let begun = id.site.clock.now();
        id.site.clock.advance(TimeDelta::minutes(29));
        worker.drain().await.unwrap();
        paul.browser.get("/compte").await.says("<td>en cours</td>");
        id.site.clock.advance(TimeDelta::minutes(2));
        // Said at once, written by the next clean-up, with the instant at which it was over.
        let page = paul.browser.get("/compte").await;
        assert!(!page.body.contains("<td>en cours</td>"));
        id.site.clock.advance(TimeDelta::hours(3));
        worker.drain().await.unwrap();
        worker.drain().await.unwrap();
        let vues = comptes::store::vues_de(id.site.db.read(), paul.id).await.unwrap();
        assert_eq!(vues[0].fin, Some(begun + TimeDelta::minutes(30)));
        assert_eq!(ends().await, 1);
        // Leaving the site ends it too, and the journal says so.
        let me = admin.clone();
        sign_in(&id, &mut admin.browser, &me).await.expect(303);
        admin.browser.post(&path, &[("motif", "Demande 16 : encore")]).await.expect(303);
        admin.browser.post("/deconnexion", &[]).await.expect(303);
        assert_eq!(ends().await, 2);
    }

    async fn nobody_is_told_of_a_look_that_did_not_begin(t: TestSite) {
        let id = identity(&t);
        let admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let secret = crate::secrets::link::Secret::parse(admin.browser.cookie("maillage-session").unwrap()).unwrap();
        let present = crate::sessions::actions::present(&id.site, &secret).await.unwrap().unwrap();
        // The session is closed between the page and the click.
        crate::sessions::actions::leave(&id.site, &secret).await.unwrap();
        let mails = mails_to(&id, "paul@exemple.fr").await.len();
        let out = crate::sessions::actions::see_as(&id.site, &present, paul.id, "Demande 17 : encore").await;
        assert!(matches!(out, Err(crate::Error::Refused(kernel::Refusal::Conflict(_)))), "{out:?}");
        assert_eq!(mails_to(&id, "paul@exemple.fr").await.len(), mails);
        assert_eq!(comptes::store::vues_de(id.site.db.read(), paul.id).await.unwrap().len(), 0);
    }

    async fn somebody_chooses_how_often_news_come(t: TestSite) {
        use platform::mail::{PAGE, Rythme, rythme};
        let id = identity(&t);
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let a = kernel::Email::parse("paul@exemple.fr").unwrap();
        paul.browser.get(PAGE).await.expect(200).says("paul@exemple.fr");
        paul.browser.post(PAGE, &[]).await.expect(422);
        paul.browser.post(PAGE, &[("rythme", "parfois")]).await.expect(422).says("Choisissez un rythme");
        assert_eq!(rythme(t.site.db.read(), &a).await.unwrap(), Rythme::Aussitot);
        paul.browser.post(PAGE, &[("rythme", "quotidien")]).await.expect(303);
        assert_eq!(rythme(t.site.db.read(), &a).await.unwrap(), Rythme::Quotidien);
        // One's own choice only.
        admin.browser.get(PAGE).await.expect(200).says("admin@exemple.fr");
        browser(&id).get(PAGE).await.expect(303);
    }

    async fn a_forgotten_device_is_forgotten(t: TestSite) {
        let id = identity(&t);
        let paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let count = async || platform::db::kit::count(id.site.db.read(), "SELECT COUNT(*) FROM compte_appareil", []).await.unwrap();
        let devices = crate::sessions::store::appareils(id.site.db.read(), paul.id, id.site.clock.now()).await.unwrap();
        crate::sessions::actions::forget_device(&id.site, paul.id, devices[0].id).await.unwrap();
        let mut registry = platform::jobs::Registry::default();
        crate::register_jobs(&id.site, &mut registry);
        let worker = platform::jobs::Worker::new(id.site.clone(), registry);
        worker.drain().await.unwrap();
        assert_eq!(count().await, 1, "the person can still be told where the account was open");
        id.site.clock.advance(TimeDelta::days(32));
        worker.drain().await.unwrap();
        assert_eq!(count().await, 0);
    }

    async fn somebody_without_a_role_is_told_so(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let role = role_of(&id, paul.id).await[0].id;
        admin.browser.post(&format!("/gestion/roles/{role}/retirer"), &[]).await.expect(303);
        paul.browser.get("/compte").await.expect(303);
        paul.browser.get("/connexion").await.expect(200).says("Vous n’avez aucun rôle en ce moment");
        paul.browser.post("/deconnexion", &[]).await.expect(303);
        paul.browser.get("/connexion").await.expect(200).says("Se connecter");
    }
}
