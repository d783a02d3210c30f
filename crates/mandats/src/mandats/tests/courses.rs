//! Presses, tabs, aidants and instances at once: one mandat of one draft, one active autorisation of one démarche.

use testkit::TestSite;

use super::*;
use crate::aidants::Fonction;
use crate::mandats::store as rows;

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn one_draft_pressed_from_everywhere_is_one_mandat(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let id = brouillon(&m, &actor, 1, &choix(&["papiers", "argent"], 31)).await;
        let ailleurs = autre(&t, &m).await;
        crate::cles::signataire(&m, crate::cles::Usage::Mandat).await.unwrap();
        let (a, b, c, d) = tokio::join!(
            signer(&m, &actor, id),
            signer(&ailleurs, &actor, id),
            signer(&m, &actor, id),
            signer(&ailleurs, &actor, id),
        );
        let faits = [a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()];
        assert!(faits.iter().all(|f| *f == faits[0]), "{faits:?}");
        assert_eq!((combien(&m).await, ouvertes(&m).await), (1, 2));
        // And again, much later.
        assert_eq!(signer(&m, &actor, id).await.unwrap(), faits[0]);
    }

    async fn two_aidants_and_one_person_leave_one_active_autorisation(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, un) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, deux) = essai::aidant(&t, o.structure, Fonction::AidantReferent, 2).await;
        let ailleurs = autre(&t, &m).await;
        crate::cles::signataire(&m, crate::cles::Usage::Mandat).await.unwrap();
        for tour in 1..=4 {
            let x = brouillon(&m, &un, 1, &choix(&["papiers", "argent"], 31)).await;
            let y = brouillon(&m, &deux, 1, &choix(&["argent", "social"], 365)).await;
            let (x, y) = tokio::join!(signer(&m, &un, x), signer(&ailleurs, &deux, y));
            let (x, y) = (x.unwrap(), y.unwrap());
            assert_eq!((combien(&m).await, ouvertes(&m).await), (2 * tour, 3));
            let now = t.site.clock.now();
            let mut actives = 0;
            for id in [x, y] {
                actives += rows::du_mandat(t.site.db.read(), id).await.unwrap().iter().filter(|a| a.active(now)).count();
            }
            assert_eq!(actives, 3);
        }
        let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, platform::journal::Verdict::Whole { .. }), "{verdict:?}");
    }
}
