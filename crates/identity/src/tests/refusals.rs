use super::*;
use axum::http::Method;
use platform::web::Access;

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn failed_tries_slow_down_and_never_lock_the_owner_out(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        who.browser.post("/deconnexion", &[]).await;
        let mut stranger = browser(&id);
        let bad = [("courriel", "lea@exemple.fr"), ("mot_de_passe", "encore un essai")];
        for _ in 0..5 {
            stranger.post("/connexion", &bad).await.expect(422);
        }
        // Waits, even with the right password, and says the same for an address without account.
        stranger.post("/connexion", &bad).await.expect(429).says("Attendez");
        stranger.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(429);
        for _ in 0..5 {
            stranger.post("/connexion", &[("courriel", "nul@exemple.fr"), ("mot_de_passe", "x")]).await.expect(422);
        }
        stranger.post("/connexion", &[("courriel", "nul@exemple.fr"), ("mot_de_passe", "x")]).await.expect(429);
        // The device that its owner has used is not held up.
        let me = who.clone();
        sign_in(&id, &mut who.browser, &me).await.expect(303);
        // The wait grows, and ends.
        id.site.clock.advance(TimeDelta::minutes(16));
        stranger.post("/connexion", &bad).await.expect(422);
    }

    async fn a_hundred_codes_at_once_are_a_hundred_tries(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = browser(&id);
        b.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(303);
        let tries = (0..20).map(|i| {
            let mut b = b.clone();
            async move { b.post("/connexion/code", &[("code", &format!("{:06}", i * 37))]).await.status.as_u16() }
        });
        let statuses: Vec<u16> = futures::future::join_all(tries).await;
        assert_eq!(statuses.iter().filter(|s| **s == 422).count(), 5, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|s| **s == 429).count(), 15, "{statuses:?}");
        // Not even the right one passes while one must wait.
        b.post("/connexion/code", &[("code", &code_now(&id, &who.graine))]).await.expect(429);
    }

    async fn every_route_refuses_visitors_and_strangers(t: TestSite) {
        let id = identity(&t);
        let mut reader = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut visitor = browser(&id);
        let nil = uuid::Uuid::nil().to_string();
        for route in id.routes().list() {
            let path = route.path.replace("{id}", &nil).replace("{jeton}", &"0".repeat(64));
            let (anonymous, stranger) = match route.method {
                Method::GET => (visitor.get(&path).await, reader.browser.get(&path).await),
                _ => (visitor.post(&path, &[]).await, reader.browser.post(&path, &[]).await),
            };
            assert!(anonymous.status.as_u16() < 500 && stranger.status.as_u16() < 500, "{path}");
            match route.access {
                Access::Public => {}
                Access::SignedIn | Access::EvenSeeingAs => {
                    assert!([303, 401].contains(&anonymous.status.as_u16()), "{path} {}", anonymous.status);
                    if route.method == Method::GET {
                        assert!(anonymous.location().starts_with("/connexion?retour="), "{path}");
                    }
                }
                // This context has none: its own test tries them.
                Access::Jeton(..) => panic!("{path}"),
                Access::May(verb) => {
                    assert!([303, 401].contains(&anonymous.status.as_u16()), "{path} {}", anonymous.status);
                    assert!(!Role::Lecteur.has(verb));
                    // The reader may have signed out on the way: public routes come first.
                    if reader.browser.cookie("maillage-session").is_some() {
                        assert_eq!(stranger.status.as_u16(), 403, "{path}");
                    }
                }
            }
            if route.path == "/deconnexion" {
                let me = reader.clone();
                sign_in(&id, &mut reader.browser, &me).await;
                id.site.clock.advance(TimeDelta::seconds(30));
            }
        }
    }

    async fn no_other_role_manages_accounts(t: TestSite) {
        let id = identity(&t);
        let admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let ain: Vec<_> = kernel::CodeDepartement::parse("01").into_iter().collect();
        let structure = kernel::ids::StructureId::new(&id.site.clock, &id.site.chance);
        let lieu = kernel::ids::LieuId::new(&id.site.clock, &id.site.chance);
        for (i, (role, perimetre)) in [
            (Role::Prefecture, Perimetre::Departements(ain.clone())),
            (Role::GestionnaireStructure, Perimetre::Structures(vec![structure])),
            (Role::GestionnaireLieux, Perimetre::Lieux(vec![lieu])),
            (Role::Hub, Perimetre::Departements(ain.clone())),
            (Role::GrandReseau, Perimetre::Structures(vec![structure])),
            (Role::Lecteur, Perimetre::National),
        ]
        .into_iter()
        .enumerate()
        {
            let mut who = someone(&id, &format!("p{i}@exemple.fr"), role, perimetre).await;
            let mut seen = 0;
            for route in id.routes().list().iter().filter(|r| r.access == Access::May(kernel::Verb::GererComptes) || r.path.starts_with("/gestion")) {
                let path = route.path.replace("{id}", &admin.id.to_string());
                let answer = match route.method {
                    Method::GET => who.browser.get(&path).await,
                    _ => who.browser.post(&path, &[("role", "administrateur_national"), ("perimetre", "national")]).await,
                };
                assert_eq!(answer.status.as_u16(), 403, "{role:?} {path}");
                assert!(!answer.body.contains("admin@exemple.fr"));
                seen += 1;
            }
            assert!(seen >= 9, "{seen}");
            // One's own things only: another person's session, device, key, delegation.
            for kind in ["sessions/{}/fermer", "appareils/{}/oublier", "cles/{}/retirer", "delegations/{}/retirer"] {
                let path = format!("/compte/{}", kind.replace("{}", &role_of(&id, admin.id).await[0].id.to_string()));
                who.browser.post(&path, &[]).await.expect(404);
            }
        }
        assert_eq!(role_of(&id, admin.id).await.len(), 1);
    }

    async fn without_a_key_a_page_says_what_is_missing(t: TestSite) {
        let mut config = (*t.site.config).clone();
        config.cles.secret = None;
        let site = platform::Site::new(t.site.db.clone(), t.site.clock.clone(), t.site.chance.clone(), config, platform::Mode::Serve);
        let id = Identity { hasher: crate::secrets::password::Hasher::cheap(&site.chance), ..Identity::new(&site) };
        let (_, path) = invited(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        browser(&id).get(&path).await.expect(409).says("cles.secret");
    }

    async fn cookies_and_caches_are_strict(t: TestSite) {
        let mut config = (*t.site.config).clone();
        config.serveur.origine = "https://maillage.exemple.fr".to_owned();
        let site = platform::Site::new(t.site.db.clone(), t.site.clock.clone(), t.site.chance.clone(), config, platform::Mode::Serve);
        let id = Identity { hasher: crate::secrets::password::Hasher::cheap(&site.chance), ..Identity::new(&site) };
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = browser(&id);
        let done = sign_in(&id, &mut b, &who).await.expect(303);
        let cookies: Vec<&str> = done.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
        let session = cookies.iter().find(|c| c.starts_with("__Host-maillage-session=")).unwrap();
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(session.contains(attribute), "{session}");
        }
        assert!(!session.contains("Domain") && !session.contains("Max-Age"), "{session}");
        let page = b.get("/compte").await.expect(200);
        assert_eq!(page.headers["cache-control"], "no-store");
        // A cookie of another shape, or of nobody, is nobody's.
        for forged in ["x", "' OR 1=1 --", &"0".repeat(64)] {
            let mut f = browser(&id);
            f.set_cookie("__Host-maillage-session", forged);
            f.get("/compte").await.expect(303);
        }
        // What another site makes the browser send is refused.
        let mut cross = b.with_header("sec-fetch-site", "cross-site").with_header("origin", "https://evil.example");
        cross.post("/deconnexion", &[]).await.expect(403);
        b.get("/compte").await.expect(200);
        b.get("/deconnexion").await.expect(405);
    }

    async fn strange_requests_never_break(t: TestSite) {
        let id = identity(&t);
        let mut b = browser(&id);
        let long = "a".repeat(5000);
        for path in [
            "/connexion?retour=//evil.example", "/connexion?retour=%00", "/invitation/%00", "/invitation/..%2f..", "/mot-de-passe/x",
            "/connexion/retour", "/connexion/retour?state=x&state=y", "/connexion/retour?state=%22%3E%3Cscript%3E", "/connexion/proconnect",
            "/deconnexion/retour", "/gestion/comptes?page=99999999999999999999", &format!("/connexion?retour=/{long}"),
        ] {
            let a = b.get(path).await;
            assert!(a.status.as_u16() < 500, "{path}: {}", a.status);
            assert!(!a.body.contains("\"><script>"), "{path}");
        }
        b.get("/connexion?retour=//evil.example").await.says("value=\"/bureau\"");
        for body in ["{}", "[]", "null", "{\"retour\":1}", "{\"retour\":\"//evil\"}"] {
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            for path in ["/connexion/cle/debut", "/connexion/cle/fin", "/invitation/x/cle/debut", "/invitation/x/cle/fin"] {
                let a = b.post_json(path, &json).await;
                assert!(a.status.as_u16() < 500, "{path} {body}: {}", a.status);
            }
        }
        for typed in [long.as_str(), "\u{0}", "é@é.é", "a@b.fr\r\nSet-Cookie: x=1"] {
            let a = b.post("/connexion", &[("courriel", typed), ("mot_de_passe", typed)]).await;
            assert!([422, 429].contains(&a.status.as_u16()), "{typed:.20}: {}", a.status);
        }
    }
}
