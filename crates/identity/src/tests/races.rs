//! Two clients at once on what serves once.

use super::*;

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn one_code_opens_one_session(t: TestSite) {
        let id = identity(&t);
        let other = Identity { hasher: id.hasher.clone(), ..Identity::new(&t.other_instance().await) };
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        for round in 0..5 {
            let (mut a, mut b) = (browser(&id), browser(&other));
            for browser in [&mut a, &mut b] {
                browser.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(303);
            }
            let code = code_now(&id, &who.graine);
            let form = [("code", code.as_str())];
            let (x, y) = tokio::join!(a.post("/connexion/code", &form), b.post("/connexion/code", &form));
            let opened = [x.status.as_u16(), y.status.as_u16()].iter().filter(|s| **s == 303).count();
            assert_eq!(opened, 1, "round {round}: {} {}", x.status, y.status);
            id.site.clock.advance(TimeDelta::minutes(20));
        }
    }

    async fn one_recovery_code_opens_one_session(t: TestSite) {
        let id = identity(&t);
        let other = Identity { hasher: id.hasher.clone(), ..Identity::new(&t.other_instance().await) };
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        for code in who.codes.iter().take(5) {
            let (mut a, mut b) = (browser(&id), browser(&other));
            for browser in [&mut a, &mut b] {
                browser.post("/connexion", &[("courriel", "lea@exemple.fr"), ("mot_de_passe", PASSWORD)]).await.expect(303);
            }
            let form = [("code", code.as_str())];
            let (x, y) = tokio::join!(a.post("/connexion/secours", &form), b.post("/connexion/secours", &form));
            let opened = [x.status.as_u16(), y.status.as_u16()].iter().filter(|s| **s == 303).count();
            assert_eq!(opened, 1, "{} {}", x.status, y.status);
            id.site.clock.advance(TimeDelta::minutes(20));
        }
    }

    async fn one_invitation_opens_one_account(t: TestSite) {
        let id = identity(&t);
        let other = Identity { hasher: id.hasher.clone(), ..Identity::new(&t.other_instance().await) };
        let (_, path) = invited(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let (mut a, mut b) = (browser(&id), browser(&other));
        let mut forms = Vec::new();
        for browser in [&mut a, &mut b] {
            let page = browser.get(&path).await.expect(200);
            let sealed = between(&page.body, "name=\"graine\" value=\"", "\"").to_owned();
            forms.push((sealed, code_now(&id, &seed_shown(&page.body))));
        }
        let full = |i: usize| [("nom_complet", "Léa Inventée"), ("mot_de_passe", PASSWORD), ("graine", forms[i].0.as_str()), ("code", forms[i].1.as_str())];
        let (f, g) = (full(0), full(1));
        let (x, y) = tokio::join!(a.post(&path, &f), b.post(&path, &g));
        let mut statuses = [x.status.as_u16(), y.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!(statuses[1] >= 400 && statuses[1] < 500, "{statuses:?}");
    }

    async fn two_administrators_do_not_close_each_other(t: TestSite) {
        let id = identity(&t);
        let other = Identity { hasher: id.hasher.clone(), ..Identity::new(&t.other_instance().await) };
        for round in 0..5 {
            let a = someone(&id, &format!("a{round}@exemple.fr"), Role::AdministrateurNational, Perimetre::National).await;
            let b = someone(&id, &format!("b{round}@exemple.fr"), Role::AdministrateurNational, Perimetre::National).await;
            // Only these two are left.
            let actor = |c| kernel::Actor { compte: c, role: Role::AdministrateurNational, perimetre: Perimetre::National, vu_par: None, prete: false };
            if round > 0 {
                let now = id.site.clock.now();
                for c in comptes::store::administrateurs(id.site.db.read(), now).await.unwrap() {
                    if c != a.id && c != b.id {
                        comptes::actions::deactivate(&id.site, &actor(a.id), c).await.unwrap();
                    }
                }
            }
            let (by_a, by_b) = (actor(a.id), actor(b.id));
            let (x, y) = tokio::join!(
                comptes::actions::deactivate(&id.site, &by_a, b.id),
                comptes::actions::deactivate(&other.site, &by_b, a.id),
            );
            assert!(x.is_ok() != y.is_ok(), "round {round}: {x:?} {y:?}");
            let left = comptes::store::administrateurs(id.site.db.read(), id.site.clock.now()).await.unwrap();
            assert_eq!(left.len(), 1, "round {round}");
        }
    }

    async fn two_administrators_do_not_take_the_role_from_each_other(t: TestSite) {
        let id = identity(&t);
        let other = Identity { hasher: id.hasher.clone(), ..Identity::new(&t.other_instance().await) };
        let actor = |c| kernel::Actor { compte: c, role: Role::AdministrateurNational, perimetre: Perimetre::National, vu_par: None, prete: false };
        let left = async || comptes::store::administrateurs(id.site.db.read(), id.site.clock.now()).await.unwrap();
        for round in 0..12 {
            let a = someone(&id, &format!("a{round}@exemple.fr"), Role::AdministrateurNational, Perimetre::National).await.id;
            let b = someone(&id, &format!("b{round}@exemple.fr"), Role::AdministrateurNational, Perimetre::National).await.id;
            for c in left().await {
                if c != a && c != b {
                    comptes::actions::deactivate(&id.site, &actor(a), c).await.unwrap();
                }
            }
            let (role_a, role_b) = (role_of(&id, a).await[0].id, role_of(&id, b).await[0].id);
            let (by_a, by_b) = (actor(a), actor(b));
            // Either takes the role of the other; or one takes it and is closed meanwhile.
            let (x, y) = if round % 2 == 0 {
                let (x, y) = tokio::join!(
                    comptes::actions::take_back(&id.site, &by_a, role_b),
                    comptes::actions::take_back(&other.site, &by_b, role_a),
                );
                (x.map(|_| ()), y.map(|_| ()))
            } else {
                let (x, y) = tokio::join!(
                    comptes::actions::take_back(&id.site, &by_a, role_b),
                    comptes::actions::deactivate(&other.site, &by_b, a),
                );
                (x.map(|_| ()), y)
            };
            assert!(x.is_ok() != y.is_ok(), "round {round}: {x:?} {y:?}");
            assert_eq!(left().await.len(), 1, "round {round}");
        }
    }
}
