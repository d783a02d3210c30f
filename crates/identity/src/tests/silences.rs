//! After a silence, pages about people ask who is there.

use platform::web::{Access, PageResult, Routes, see_other};

use super::*;

const PERSONNES: &str = "/essai/personnes/1?onglet=a";

async fn page() -> PageResult {
    Ok(see_other("/lue"))
}

/// A browser on the pages of this context, on one about people and on another.
fn navigateur(id: &Identity) -> Browser {
    let essai = Routes::new()
        .get("/essai/personnes/{id}", Access::SignedIn, page)
        .post("/essai/personnes/{id}", Access::SignedIn, page)
        .get("/essai/personnesautres", Access::SignedIn, page)
        .with_state(id.clone())
        .sur_des_personnes("/essai/personnes");
    let stack = platform::web::finish(&id.site, id.routes().merge(essai), Vec::new(), id.layer());
    Browser::new(stack.router).with_header("host", "localhost:8080")
}

/// Whether the page answers by itself, or asks first.
async fn lue(b: &mut Browser, chemin: &str) -> bool {
    b.get(chemin).await.expect(303).location() == "/lue"
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn a_silence_asks_for_a_proof_before_pages_about_people_only(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = navigateur(&id);
        sign_in(&id, &mut b, &who).await.expect(303);
        // Pages that are read keep the session awake, one after another.
        for _ in 0..4 {
            id.site.clock.advance(TimeDelta::minutes(13));
            assert!(lue(&mut b, "/essai/personnesautres").await && lue(&mut b, PERSONNES).await);
        }
        id.site.clock.advance(TimeDelta::minutes(15));
        let asked = b.get(PERSONNES).await.expect(303);
        assert_eq!(asked.location(), "/compte/preuve?retour=%2Fessai%2Fpersonnes%2F1%3Fonglet%3Da");
        b.get(asked.location()).await.expect(200).says("aucune page depuis 15 minutes ou plus");
        // Another page is read, and does not wake the session for those about people.
        assert!(lue(&mut b, "/essai/personnesautres").await);
        id.site.clock.advance(TimeDelta::minutes(2));
        assert!(!lue(&mut b, PERSONNES).await);
        let code = code_now(&id, &who.graine);
        let on = b.post("/compte/preuve", &[("code", &code), ("retour", PERSONNES)]).await.expect(303);
        assert_eq!(on.location(), PERSONNES);
        assert!(lue(&mut b, PERSONNES).await);
    }

    async fn another_page_first_does_not_hide_the_silence(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = navigateur(&id);
        sign_in(&id, &mut b, &who).await.expect(303);
        id.site.clock.advance(TimeDelta::minutes(16));
        assert!(lue(&mut b, "/essai/personnesautres").await);
        assert!(!lue(&mut b, PERSONNES).await);
        // Signing in again is a proof too.
        id.site.clock.advance(TimeDelta::minutes(1));
        sign_in(&id, &mut b, &who).await.expect(303);
        assert!(lue(&mut b, PERSONNES).await);
    }

    async fn a_form_sent_after_a_silence_is_kept_or_leads_back_to_its_page(t: TestSite) {
        let id = identity(&t);
        let who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let mut b = navigateur(&id);
        sign_in(&id, &mut b, &who).await.expect(303);
        id.site.clock.advance(TimeDelta::minutes(16));
        let on = b.post("/essai/personnes/1", &[("nom", "Léa")]).await.expect(303);
        assert_eq!(on.location(), "/compte/preuve?retour=%2Fcompte%2Fsaisie");
        // A button holds nothing to keep.
        let mut b = b.with_header("referer", "http://localhost:8080/essai/personnes/1?onglet=a");
        let on = b.post("/essai/personnes/1", &[]).await.expect(303);
        assert_eq!(on.location(), "/compte/preuve?retour=%2Fessai%2Fpersonnes%2F1%3Fonglet%3Da");
    }
}
