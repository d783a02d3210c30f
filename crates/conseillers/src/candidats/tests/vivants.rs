use std::time::Instant;

use kernel::{CodeDepartement, Position};
use proptest::prelude::*;
use testkit::TestSite;

use super::fixtures::{bourg, fiche, inscrit, lieu};
use crate::candidats::model::{Fiche, Motif, Rayon};
use crate::candidats::{Index, Vivants, liberer, recruter, store};
use crate::sphere::Point;

fn departement(code: &str) -> CodeDepartement {
    CodeDepartement::parse(code).unwrap()
}

fn references(index: &Index, at: Position, d: &str) -> Vec<i64> {
    let mut out: Vec<i64> = index.rencontrables(at, &departement(d)).map(|r| r.candidat.numero).collect();
    out.sort_unstable();
    out
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_point_meets_those_who_would_come(t: TestSite) {
        let macon = Position { latitude: 46.3069, longitude: 4.8287 };
        let bastia = ("2B033", "Bastia", "94", (42.7028, 9.4503));
        let saint_martin = ("97801", "Saint-Martin", "978", (18.0690, -63.0850));
        let saint_barth = Position { latitude: 17.8962, longitude: -62.8498 };
        let cases = [
            (bourg(), Rayon::Km(20)),
            (bourg(), Rayon::Km(40)),
            (bourg(), Rayon::France),
            (lieu(bastia.0, bastia.1, bastia.2, bastia.3), Rayon::Km(100)),
            (lieu(saint_martin.0, saint_martin.1, saint_martin.2, saint_martin.3), Rayon::Km(40)),
        ];
        for (i, (lieu, rayon)) in cases.into_iter().enumerate() {
            inscrit(&t, Fiche { lieu, rayon, ..fiche(&format!("c{i}@exemple.fr")) }).await;
        }
        let vivants = Vivants::default();
        let index = vivants.index(&t.site).await.unwrap();
        assert_eq!(index.len(), 5);
        // 34 km away, in another département.
        assert_eq!(references(&index, macon, "71"), [2, 3]);
        assert_eq!(references(&index, bourg().position, "01"), [1, 2, 3]);
        // Ajaccio is 105 km from Bastia; Corte, 46.
        assert_eq!(references(&index, Position { latitude: 42.3061, longitude: 9.1490 }, "2B"), [3, 4]);
        // An island that the crow reaches, and nobody by road.
        assert_eq!(references(&index, saint_barth, "977"), [3]);
        let un = index.tous().find(|c| c.numero == 1).unwrap().id;
        assert!(index.rencontre(un, macon, &departement("71")).is_none());
        assert!(index.rencontre(un, bourg().position, &departement("01")).is_some());
    }

    async fn every_change_is_seen_at_once(t: TestSite) {
        let vivants = Vivants::default();
        let autre = (t.other_instance().await, Vivants::default());
        let ici = bourg().position;
        assert!(vivants.index(&t.site).await.unwrap().is_empty());
        let un = inscrit(&t, fiche("a@exemple.fr")).await;
        let deux = inscrit(&t, fiche("b@exemple.fr")).await;
        let trois = inscrit(&t, fiche("c@exemple.fr")).await;
        let vus = async || {
            let ici_meme = references(&vivants.index(&t.site).await.unwrap(), ici, "01");
            let ailleurs = references(&autre.1.index(&autre.0).await.unwrap(), ici, "01");
            assert_eq!(ici_meme, ailleurs);
            ici_meme
        };
        assert_eq!(vus().await, [1, 2, 3]);
        t.site.db.write(async |tx| recruter(&t.site, tx, un.id).await).await.unwrap();
        assert_eq!(vus().await, [2, 3]);
        t.site.db.write(async |tx| store::effacer(&t.site, tx, &trois, Motif::Autre).await).await.unwrap();
        assert_eq!(vus().await, [2]);
        t.site.db.write(async |tx| liberer(&t.site, tx, un.id).await).await.unwrap();
        assert_eq!(vus().await, [1, 2]);
        let mut ailleurs = deux;
        ailleurs.fiche.lieu = lieu("97411", "Saint-Denis", "04", (-20.88, 55.45));
        t.site.db.write(async |tx| store::update(tx, &ailleurs).await).await.unwrap();
        assert_eq!(vus().await, [1]);
    }
}

fn points(n: usize) -> impl Strategy<Value = Vec<(f64, f64, usize)>> {
    proptest::collection::vec((41.0..51.0_f64, -5.0..9.0_f64, 0..7_usize), n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The search finds exactly those whom the definition names.
    #[test]
    fn the_sieve_changes_nothing(personnes in points(200), lat in 41.0..51.0_f64, lon in -5.0..9.0_f64) {
        let rayons: Vec<Rayon> = Rayon::tous().collect();
        let index = Index::de(personnes.iter().enumerate().map(|(i, (la, lo, r))| (i, (*la, *lo), rayons[*r])));
        let ici = Position { latitude: lat, longitude: lon };
        let mut voulus: Vec<i64> = index
            .tous()
            .filter(|c| c.rayon.km().is_none_or(|r| Point::new(c.position).km(&Point::new(ici)) <= f64::from(r)))
            .map(|c| c.numero)
            .collect();
        voulus.sort_unstable();
        prop_assert_eq!(references(&index, ici, "01"), voulus);
    }
}

/// A hint only: the figures are measured in release.
#[test]
fn thirty_thousand_are_searched_without_a_wait() {
    let rayons: Vec<Rayon> = Rayon::tous().collect();
    let chance = kernel::Chance::seeded(3);
    let hasard = |de: f64, a: f64| de + (a - de) * chance.below(1_000_000) as f64 / 1e6;
    let index = Index::de(
        (0..30_000).map(|i| (i, (hasard(42.5, 50.5), hasard(-4.0, 8.0)), rayons[i % rayons.len()])),
    );
    let debut = Instant::now();
    let n: usize = (0..20)
        .map(|_| {
            let ici = Position { latitude: hasard(43.0, 50.0), longitude: hasard(-1.0, 6.0) };
            references(&index, ici, "01").len()
        })
        .sum();
    let chacun = debut.elapsed() / 20;
    assert!(n > 20 * 30_000 / 7, "those who would work anywhere are always there");
    assert!(chacun.as_millis() < 500, "{chacun:?}");
}
