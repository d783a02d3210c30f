use axum::http::Method;
use chrono::TimeDelta;
use kernel::{CodeDepartement, Perimetre, Portee, Role, Verb};
use platform::web::{Access, Routes, Viewer};
use testkit::{Answer, Browser, TestSite};

use crate::Identity;
use crate::comptes::store::en_vigueur;
use crate::tests::{all_migrations, between, identity, someone};

const ICI: &str = "/api/v1/essai";

/// The pages of accounts, and an address of the API for each kind of access.
fn programme(id: &Identity) -> Browser {
    async fn qui(axum::Extension(viewer): axum::Extension<Viewer>) -> String {
        format!("{:?} {:?}", viewer.actor.role, viewer.actor.perimetre)
    }
    let essais = Routes::new()
        .put(ICI, Access::Jeton(Verb::ModifierLieux, Portee::EcrireLieux), qui)
        .delete(ICI, Access::Jeton(Verb::ModifierLieux, Portee::FermerLieux), qui)
        .patch(ICI, Access::Jeton(Verb::GererComptes, Portee::EcrireLieux), qui)
        .get(ICI, Access::SignedIn, qui);
    let stack = platform::web::finish(&id.site, id.routes().merge(essais), Vec::new(), id.layer());
    Browser::new(stack.router)
}

async fn montre(b: &Browser, jeton: &str, method: Method) -> Answer {
    let mut b = b.with_header("authorization", &format!("Bearer {jeton}"));
    b.send(method, ICI, None, axum::body::Body::empty()).await
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn a_token_acts_in_the_role_that_it_was_made_in_and_no_further(t: TestSite) {
        let id = identity(&t);
        let ain = Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain).await;
        let (b, p) = (&mut paul.browser, programme(&id));
        for (form, phrase) in [
            (&[("nom", ""), ("fin", "2026-12-31"), ("portees", "webhooks")][..], "Nom"),
            (&[("nom", "A"), ("fin", "2026-12-31")], "Choisissez au moins une chose"),
            (&[("nom", "A"), ("fin", "2028-12-31"), ("portees", "webhooks")], "dans un an au plus"),
            (&[("nom", "A"), ("fin", "2026-03-17"), ("portees", "webhooks")], "dans un an au plus"),
            (&[("nom", "A"), ("fin", "bientôt"), ("portees", "webhooks")], "Écrivez une date"),
        ] {
            b.post("/compte/jetons", form).await.expect(422).says(phrase);
        }
        let form = [("nom", "Logiciel"), ("fin", "2026-12-31"), ("portees", "lieux:ecrire"), ("portees", "webhooks"), ("portees", "autre")];
        let page = b.post("/compte/jetons", &form).await.expect(200).says("il ne sera plus montré");
        assert_eq!(page.headers["cache-control"], "no-store");
        let jeton = between(&page.body, "data-jeton>", "<").to_owned();
        assert!(jeton.starts_with("maillage_") && jeton.len() == 73, "{jeton}");
        let page = b.get("/compte/jetons").await.expect(200).says("Logiciel").says("Jamais").says("31 décembre 2026");
        assert!(!page.body.contains(&jeton), "shown once");

        montre(&p, &jeton, Method::PUT).await.expect(200).says("Prefecture").says("01");
        let refus = montre(&p, &jeton, Method::DELETE).await.expect(403).says("lieux:fermer");
        assert_eq!(refus.headers["content-type"], "application/problem+json");
        montre(&p, &jeton, Method::PATCH).await.expect(403).says("ne permet pas cette action");
        montre(&p, &jeton, Method::GET).await.expect(403).says("Un jeton n’ouvre pas");
        for faux in ["", "maillage_", "maillage_00", &jeton[9..], &jeton.replace('a', "b").replace('1', "2"), "' OR 1=1"] {
            let refus = montre(&p, faux, Method::PUT).await.expect(401);
            assert_eq!(refus.headers["www-authenticate"], "Bearer");
        }
        p.clone().with_header("authorization", &format!("Bearer {jeton}")).get("/compte").await.expect(303);
        assert!(!b.get("/compte/jetons").await.body.contains("Jamais"), "the last use is noted");
        // A session is no token: another site could make a browser send its cookie.
        let mut session = paul.browser.clone();
        session.send(Method::POST, "/compte/jetons", None, axum::body::Body::empty()).await.expect(422);
        let lignes = platform::db::kit::query(t.site.db.read(), "SELECT empreinte, portees FROM compte_jeton", []).await.unwrap();
        assert_ne!(lignes[0].try_get::<String>("", "empreinte").unwrap(), jeton);
        assert_eq!(lignes[0].try_get::<String>("", "portees").unwrap(), "lieux:ecrire webhooks");
    }

    async fn a_token_ends_with_its_day_its_role_or_its_account(t: TestSite) {
        let id = identity(&t);
        let mut admin = someone(&id, "admin@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        let ain = || Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        let mut paul = someone(&id, "paul@exemple.fr", Role::Prefecture, ain()).await;
        let mut lea = someone(&id, "lea@exemple.fr", Role::Prefecture, ain()).await;
        let p = programme(&id);
        let mut jetons = Vec::new();
        for nom in ["Un", "Deux"] {
            let form = [("nom", nom), ("fin", "2026-03-20"), ("portees", "lieux:ecrire")];
            let page = paul.browser.post("/compte/jetons", &form).await.expect(200);
            jetons.push(between(&page.body, "data-jeton>", "<").to_owned());
            t.site.clock.advance(TimeDelta::seconds(1));
        }
        let page = paul.browser.get("/compte/jetons").await;
        let premier = between(&page.body, "/compte/jetons/", "/retirer").to_owned();
        let retirer = format!("/compte/jetons/{premier}/retirer");
        admin.browser.post(&retirer, &[]).await.expect(404);
        paul.browser.post(&retirer, &[]).await.expect(303);
        paul.browser.post(&retirer, &[]).await.expect(404);
        // The newest comes first in the table.
        montre(&p, &jetons[1], Method::PUT).await.expect(401);
        montre(&p, &jetons[0], Method::PUT).await.expect(200);
        let role = en_vigueur(t.site.db.read(), paul.id, t.site.clock.now()).await.unwrap()[0].id;
        assert!(crate::acteur(t.site.db.read(), paul.id, role.0, t.site.clock.now()).await.unwrap().is_some());
        assert!(crate::acteur(t.site.db.read(), admin.id, role.0, t.site.clock.now()).await.unwrap().is_none());
        let page = lea.browser.post("/compte/jetons", &[("nom", "A"), ("fin", "2026-03-20"), ("portees", "webhooks"), ("portees", "lieux:ecrire")]).await;
        let sien = between(&page.body, "data-jeton>", "<").to_owned();
        montre(&p, &sien, Method::PUT).await.expect(200);
        let role = crate::tests::role_of(&id, lea.id).await[0].id;
        admin.browser.post(&format!("/gestion/roles/{role}/retirer"), &[]).await.expect(303);
        montre(&p, &sien, Method::PUT).await.expect(401);
        // Friday at 22:59 in UTC is the last minute of the day in Paris.
        let fin = chrono::DateTime::parse_from_rfc3339("2026-03-20T22:59:00Z").unwrap().to_utc();
        t.site.clock.advance(fin - t.site.clock.now());
        montre(&p, &jetons[0], Method::PUT).await.expect(200);
        t.site.clock.advance(TimeDelta::minutes(1));
        montre(&p, &jetons[0], Method::PUT).await.expect(401);
    }
}
