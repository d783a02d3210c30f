use super::*;

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn an_invitation_opens_an_account_and_a_session(t: TestSite) {
        let id = identity(&t);
        let (_, path) = invited(&id, "lea@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mails = mails_to(&id, "lea@exemple.fr").await;
        assert!(mails[0].texte.contains(&path), "{}", mails[0].texte);
        let mut b = browser(&id);
        // Reading, even ten times, uses nothing up: mail scanners open every link.
        for _ in 0..3 {
            b.get(&path).await.expect(200).says("Administration nationale").says("<svg");
        }
        let page = b.get(&path).await;
        let sealed = between(&page.body, "name=\"graine\" value=\"", "\"").to_owned();
        let graine = seed_shown(&page.body);
        let code = code_now(&id, &graine);
        let full = [("nom_complet", "Léa Inventée"), ("mot_de_passe", PASSWORD), ("graine", sealed.as_str()), ("code", code.as_str())];
        // Refusals keep what was typed and the same seed.
        let mut bad = full;
        bad[1].1 = "court";
        bad[3].1 = "000000";
        let again = b.post(&path, &bad).await.expect(422).says("Choisissez au moins 12").says("Ce code ne convient pas").says("Léa Inventée");
        assert_eq!(seed_shown(&again.body).text(), graine.text());
        b.post(&path, &full).await.expect(200).says("Vos codes de secours");
        b.get("/compte").await.expect(200).says("Léa Inventée").says("10 restants").says("Cette session");
        // The link has served.
        let mut other = browser(&id);
        other.get(&path).await.expect(404).says("Ce lien ne sert plus");
        other.post(&path, &full).await.expect(404);
    }

    async fn password_then_code_then_recovery_code(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let mut b = browser(&id);
        b.get("/compte").await.expect(303);
        b.get("/connexion?retour=%2Fgestion%2Fcomptes").await.expect(200).says("value=\"/gestion/comptes\"");
        let wrong = b.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", "pas le bon")]).await.expect(422);
        let unknown = b.post("/connexion", &[("courriel", "nul@exemple.fr"), ("mot_de_passe", "pas le bon")]).await.expect(422);
        assert_eq!(wrong.body.replace("lea@", "nul@"), unknown.body, "known and unknown look the same");
        // Without the password, no code is asked.
        b.get("/connexion/code").await.expect(303);
        let before = b.cookie("maillage-session").map(str::to_owned);
        let done = sign_in(&id, &mut b, &who).await.expect(303);
        assert_eq!(done.location(), "/compte");
        let after = b.cookie("maillage-session").unwrap().to_owned();
        assert_ne!(before, Some(after.clone()), "a new secret at each sign-in");
        b.get("/compte").await.expect(200);
        // The same code again, from another browser.
        let mut second = browser(&id);
        sign_in(&id, &mut second, &who).await.expect(422).says("Ce code ne convient pas");
        second.post("/connexion/secours", &[("code", &who.codes[0].to_uppercase())]).await.expect(303);
        second.get("/compte").await.expect(200).says("9 restants");
        // A recovery code serves once.
        let mut third = browser(&id);
        third.post("/connexion", &[("courriel", "LEA@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(303);
        third.post("/connexion/secours", &[("code", &who.codes[0])]).await.expect(422);
        third.post("/connexion/secours", &[("code", &who.codes[1])]).await.expect(303);
        // Leaving kills the secret, not only the cookie.
        b.post("/deconnexion", &[]).await.expect(303);
        b.set_cookie("maillage-session", &after);
        b.get("/compte").await.expect(303);
    }

    async fn sessions_are_listed_closed_and_end_by_themselves(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut phone = browser(&id).with_header("user-agent", "Mozilla/5.0 (Android 15) Firefox/140.0");
        sign_in(&id, &mut phone, &who).await.expect(303);
        assert!(mails_to(&id, "lea@exemple.fr").await.iter().any(|m| m.texte.contains("Firefox sur Android")));
        let page = who.browser.get("/compte").await.expect(200).says("Firefox sur Android");
        let path = format!("/compte/sessions/{}/fermer", between(&page.body, "/compte/sessions/", "/fermer"));
        // Another person cannot close it, and is not told that it exists.
        let mut other = someone(&id, "max@exemple.fr", Role::Lecteur, Perimetre::National).await;
        other.browser.post(&path, &[]).await.expect(404);
        who.browser.post(&path, &[]).await.expect(303);
        phone.get("/compte").await.expect(303);
        // Idle, then absolute.
        id.site.clock.advance(TimeDelta::minutes(59));
        who.browser.get("/compte").await.expect(200);
        id.site.clock.advance(TimeDelta::minutes(61));
        who.browser.get("/compte").await.expect(303);
        sign_in(&id, &mut phone, &who).await.expect(303);
        for _ in 0..14 {
            id.site.clock.advance(TimeDelta::minutes(50));
            phone.get("/compte").await.expect(200);
        }
        id.site.clock.advance(TimeDelta::minutes(30));
        phone.get("/compte").await.expect(303);
    }

    async fn a_page_does_not_wait_for_a_long_write(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        id.site.clock.advance(TimeDelta::minutes(5));
        let (held, done) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
        let import = id.site.db.write(async |_| {
            held.notify_one();
            done.notified().await;
            Ok::<_, sea_orm::DbErr>(())
        });
        let reader = async {
            held.notified().await;
            let page = tokio::time::timeout(std::time::Duration::from_secs(5), who.browser.get("/compte")).await;
            done.notify_one();
            page.expect("in time").expect(200);
        };
        let (import, ()) = tokio::join!(import, reader);
        import.unwrap();
        id.site.clock.advance(TimeDelta::minutes(1));
        who.browser.get("/compte").await.expect(200);
    }

    async fn forgotten_password(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = browser(&id);
        let known = b.post("/mot-de-passe-oublie", &[("courriel", "lea@exemple.fr")]).await.expect(200);
        let unknown = b.post("/mot-de-passe-oublie", &[("courriel", "nul@exemple.fr")]).await.expect(200);
        assert_eq!(known.body, unknown.body);
        let mut link = String::new();
        for _ in 0..100 {
            if let Some(m) = mails_to(&id, "lea@exemple.fr").await.iter().find(|m| m.texte.contains("/mot-de-passe/")) {
                link = format!("/mot-de-passe/{}", between(&m.texte, "/mot-de-passe/", "\n"));
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(mails_to(&id, "nul@exemple.fr").await.is_empty());
        b.get(&link).await.expect(200);
        b.post(&link, &[("mot_de_passe", "court")]).await.expect(422);
        b.post(&link, &[("mot_de_passe", "trois lampes et un zèbre")]).await.expect(303);
        b.post(&link, &[("mot_de_passe", "trois lampes et un lama")]).await.expect(404);
        who.browser.get("/compte").await.expect(303);
        // The old one serves no more; the new one still asks for the code.
        b.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(422);
        b.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", "trois lampes et un zèbre")]).await.expect(303);
        b.get("/compte").await.expect(303);
        b.post("/connexion/code", &[("code", &code_now(&id, &who.graine))]).await.expect(303);
        b.get("/compte").await.expect(200);
        // An old link.
        id.site.clock.advance(TimeDelta::hours(2));
        b.get(&link).await.expect(404);
    }

    async fn changing_proofs_asks_for_a_fresh_one(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        who.browser.get("/compte/secours").await.expect(200);
        id.site.clock.advance(TimeDelta::minutes(16));
        let ask = who.browser.get("/compte/secours").await.expect(303);
        assert_eq!(ask.location(), "/compte/preuve?retour=%2Fcompte%2Fsecours");
        who.browser.post("/compte/secours", &[]).await.expect(303);
        let before = who.browser.cookie("maillage-session").unwrap().to_owned();
        who.browser.post("/compte/preuve", &[("code", "000000"), ("retour", "/compte/secours")]).await.expect(422);
        let code = code_now(&id, &who.graine);
        let on = who.browser.post("/compte/preuve", &[("code", &code), ("retour", "/compte/secours")]).await.expect(303);
        assert_eq!(on.location(), "/compte/secours");
        assert_ne!(who.browser.cookie("maillage-session"), Some(before.as_str()), "a new secret after the proof");
        let mut thief = browser(&id);
        thief.set_cookie("maillage-session", &before);
        thief.get("/compte").await.expect(303);
        let shown = who.browser.post("/compte/secours", &[]).await.expect(200).says("Vos codes de secours");
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert!(!shown.body.contains(&who.codes[0]));
    }

    async fn nothing_secret_is_readable_in_the_database(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut dump = String::new();
        for (table, columns) in [
            ("compte_mot_de_passe", "empreinte"),
            ("compte_totp", "graine"),
            ("compte_code_secours", "empreinte"),
            ("compte_session", "empreinte"),
            ("compte_appareil", "empreinte"),
            ("compte_lien", "empreinte"),
        ] {
            let rows = platform::db::kit::query(id.site.db.read(), &format!("SELECT {columns} FROM {table}"), []).await.unwrap();
            assert!(!rows.is_empty(), "{table}");
            for r in rows {
                dump.push_str(&r.try_get_by_index::<String>(0).unwrap());
                dump.push('\n');
            }
        }
        let session = who.browser.cookie("maillage-session").unwrap();
        let device = who.browser.cookie("maillage-appareil").unwrap();
        let seed = who.graine.text().replace(' ', "");
        let plain = who.codes[0].replace('-', "");
        for secret in [PASSWORD, session, device, &seed, &plain, &who.codes[0]] {
            assert!(!dump.contains(secret), "{secret}");
        }
    }
}
