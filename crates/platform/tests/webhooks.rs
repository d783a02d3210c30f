//! Subscriptions and their deliveries.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, TimeDelta};
use testkit::TestSite;

use kernel::Refusal;
use platform::webhooks::*;
use platform::{Site, outside};
use uuid::Uuid;

/// What a receiver got, and what it answers.
#[derive(Clone)]
struct Receveur {
    recus: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    statut: Arc<Mutex<StatusCode>>,
    url: String,
}

async fn receveur() -> Receveur {
    let (recus, statut) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(StatusCode::OK)));
    let (r, s) = (recus.clone(), statut.clone());
    let router = axum::Router::new().fallback(move |headers: HeaderMap, body: String| async move {
        r.lock().unwrap().push((headers, body));
        *s.lock().unwrap()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/ici", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Receveur { recus, statut, url }
}

async fn abonnement(site: &Site, url: &str) -> (Uuid, String) {
    let compte = Uuid::from_u128(7);
    let demande = Demande {
        compte,
        attribution: Uuid::from_u128(8),
        url: "https://exemple.fr/ici".to_owned(),
        evenements: vec!["a"],
    };
    let (id, secret) = site.db.write(async |tx| abonne(site, tx, demande).await).await.unwrap();
    // A test stands on its own machine, where no subscription may lead.
    platform::db::kit::execute(
        site.db.read(),
        "UPDATE webhook SET url = $1 WHERE id = $2",
        [url.into(), id.into()],
    )
    .await
    .unwrap();
    (id, secret)
}

async fn envoi(site: &Site, webhook: Uuid) -> Uuid {
    site.db.write(async |tx| enqueue(site, tx, webhook, r#"{"evenements":[]}"#, 1).await).await.unwrap()
}

async fn tente(site: &Site, id: Uuid) {
    let client = outside::client().no_proxy().build().unwrap();
    deliver(site, id, &client, |_| true).await.unwrap();
}

#[test]
fn the_signature_is_the_one_that_the_guide_shows() {
    let quand = DateTime::from_timestamp(1_774_000_000, 0).unwrap();
    // printf '1774000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    let attendu = "t=1774000000,v1=c491574d2920b6a67ac738949e5e67bf9aaffebb20f6ccc7ba24a9a66743e51f";
    assert_eq!(signature(b"secret", quand, "{\"a\":1}"), attendu);
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    async fn a_delivery_is_signed_and_its_body_forgotten(t: TestSite) {
        let (site, r) = (&t.site, receveur().await);
        let (id, secret) = abonnement(site, &r.url).await;
        let e = envoi(site, id).await;
        tente(site, e).await;
        tente(site, e).await;
        let recus = r.recus.lock().unwrap().clone();
        assert_eq!(recus.len(), 1, "once taken, it is not sent again");
        let (entetes, corps) = &recus[0];
        assert_eq!(entetes["x-maillage-signature"], *signature(secret.as_bytes(), site.clock.now(), corps));
        assert_eq!(entetes["x-maillage-livraison"], *e.to_string());
        let vus = envois(site.db.read(), id, 10).await.unwrap();
        assert_eq!((vus[0].etat.as_str(), vus[0].statut, vus[0].corps.as_str()), ("parti", Some(200), ""));
        let base = platform::db::kit::query(site.db.read(), "SELECT secret FROM webhook", []).await.unwrap();
        assert!(!base[0].try_get_by_index::<String>(0).unwrap().contains(&secret), "sealed");
    }

    async fn a_failure_is_tried_again_then_given_up(t: TestSite) {
        let (site, r) = (&t.site, receveur().await);
        let (id, _) = abonnement(site, &r.url).await;
        *r.statut.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
        let e = envoi(site, id).await;
        for essai in 1..ESSAIS_MAX {
            tente(site, e).await;
            let vu = &envois(site.db.read(), id, 1).await.unwrap()[0];
            assert_eq!((vu.etat.as_str(), vu.essais, vu.statut), ("en_attente", essai, Some(500)));
            let jobs = platform::jobs::list(site.db.read(), "waiting", 100).await.unwrap();
            assert_eq!(jobs.len() as i64, 1 + essai, "a job for each attempt to come");
        }
        assert!(actifs(site.db.read()).await.unwrap().iter().any(|w| w.id == id));
        tente(site, e).await;
        let vu = &envois(site.db.read(), id, 1).await.unwrap()[0];
        assert_eq!((vu.etat.as_str(), vu.erreur.as_deref()), ("abandonne", Some("Le serveur a répondu 500.")));
        assert!(actifs(site.db.read()).await.unwrap().is_empty(), "suspended");
        site.db.write(async |tx| reprend(tx, id).await).await.unwrap();
        assert_eq!(actifs(site.db.read()).await.unwrap().len(), 1);
        *r.statut.lock().unwrap() = StatusCode::GONE;
        let e = envoi(site, id).await;
        tente(site, e).await;
        assert!(actifs(site.db.read()).await.unwrap().is_empty(), "410: at once");
        t.site.clock.advance(TimeDelta::days(31));
        assert_eq!(clean_up(site).await.unwrap(), 2);
        site.db.write(async |tx| retire(tx, id).await).await.unwrap();
    }

    async fn nothing_is_sent_inside(t: TestSite) {
        let (site, r) = (&t.site, receveur().await);
        let (id, _) = abonnement(site, &r.url).await;
        let e = envoi(site, id).await;
        handler(site, SendWebhook { id: e }).await.unwrap();
        assert!(r.recus.lock().unwrap().is_empty());
        assert_eq!(envois(site.db.read(), id, 1).await.unwrap()[0].etat, "abandonne");
        for url in ["http://exemple.fr/", "https://10.0.0.1/", "exemple", "https://localhost/", ""] {
            let demande = Demande { compte: Uuid::nil(), attribution: Uuid::nil(), url: url.to_owned(), evenements: vec!["a"] };
            let refus = site.db.write(async |tx| abonne(site, tx, demande.clone()).await).await;
            assert!(matches!(refus, Err(Failure::Refusal(Refusal::Fields(_)))), "{url} {refus:?}");
        }
    }
}
