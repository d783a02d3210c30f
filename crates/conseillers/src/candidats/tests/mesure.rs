//! Not a test: what two pages cost at 30 000 candidats. `docs/performance.md` says how it is run.

use std::time::Instant;

use annuaire::demonstration::tirage;
use kernel::{Chance, Perimetre, Role};
use testkit::TestSite;

use crate::Conseillers;
use crate::candidats::demonstration;

const COMBIEN: usize = 30_000;
const FOIS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, run by hand in release"]
async fn sqlite() {
    mesure(TestSite::sqlite(crate::tests_migrations()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, run by hand in release"]
async fn postgres() {
    if let Some(t) = TestSite::postgres(crate::tests_migrations()).await {
        mesure(t).await;
    }
}

async fn mesure(t: TestSite) {
    let c = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.unwrap());
    let territoires = c.annuaire.territoires();
    assert!(tirage(&territoires, 0.9)(&Chance::seeded(1)).is_some());
    t.site
        .db
        .write(async |tx| {
            demonstration::semer(&t.site, tx, &territoires, (COMBIEN, &Chance::seeded(7))).await
        })
        .await
        .unwrap();
    let m = crate::matching::relations::tests::monde(&t, 3).await;
    let routes = t.browser(crate::routes(&c));
    let admin = testkit::viewer(Role::AdministrateurNational, Perimetre::National);
    let gestion = testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(vec![m.s.id]));
    for (qui, path) in [
        (admin.clone(), "/conseillers/candidats/doublons"),
        (admin, "/conseillers/candidats"),
        (gestion, "/conseillers/candidats-a-rencontrer"),
    ] {
        let mut b = routes.signed_in(qui);
        b.get(path).await.expect(200);
        let mut temps = Vec::with_capacity(FOIS);
        for _ in 0..FOIS {
            let debut = Instant::now();
            b.get(path).await.expect(200);
            temps.push(debut.elapsed());
        }
        temps.sort_unstable();
        eprintln!("{path}: median {:?}, p99 {:?}", temps[FOIS / 2], temps[FOIS * 99 / 100]);
    }
}
