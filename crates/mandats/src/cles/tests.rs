use chrono::TimeDelta;
use oidc::jose::{Alg, KeySet, Stage};
use testkit::TestSite;

use super::*;
use crate::{Mandats, essai};

async fn publiees(m: &Mandats) -> Vec<String> {
    let conn = m.site.db.read();
    let jeux = [jeu(m, conn).await.unwrap(), jeu_des_jetons(m, conn).await.unwrap()];
    assert!(jeux.iter().all(|jeu| !jeu.to_string().contains("\"d\"")), "attack 41: no private half");
    let kids = jeux.iter().flat_map(|jeu| jeu["keys"].as_array().unwrap());
    kids.map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn made_at_first_use_sealed_and_published(t: TestSite) {
        let m = essai::mandats(&t).await;
        assert!(publiees(&m).await.is_empty());
        let mandat = signataire(&m, Usage::Mandat).await.unwrap();
        let jeton = signataire(&m, Usage::Jeton).await.unwrap();
        assert_ne!(mandat.kid(), jeton.kid());
        let anneau = anneau(&m).await.unwrap();
        assert_eq!(anneau.signer(Alg::Es256).unwrap().kid(), jeton.kid());
        assert_eq!(anneau.algs(), [Alg::Es256, Alg::Rs256]);
        assert_eq!(publiees(&m).await.len(), 3);
        // What is signed is verified with what is published.
        let jeu = jeu(&m, m.site.db.read()).await.unwrap();
        let cles = KeySet::parse(jeu.to_string().as_bytes()).unwrap();
        let signature = mandat.sign(b"{}").unwrap();
        cles.verify(Alg::Es256, mandat.kid(), b"{}", &signature).unwrap();
        // Another process opens the same ones.
        let autre = Mandats { cles: Garde::default(), ..m.clone() };
        assert_eq!(signataire(&autre, Usage::Mandat).await.unwrap().kid(), mandat.kid());
        let sql = "SELECT COUNT(*) FROM journal WHERE action = 'cle.fabriquer'";
        assert_eq!(platform::db::kit::count(m.site.db.read(), sql, []).await.unwrap(), 3);
    }

    async fn keys_follow_one_another(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (mandat, jeton) = (signataire(&m, Usage::Mandat).await.unwrap(), signataire(&m, Usage::Jeton).await.unwrap());
        t.site.clock.advance(TimeDelta::days(88));
        preparer(&m).await.unwrap();
        preparer(&m).await.unwrap();
        // Published, and not yet signing.
        assert_eq!(publiees(&m).await.len(), 5);
        assert_eq!(signataire(&m, Usage::Jeton).await.unwrap().kid(), jeton.kid());
        t.site.clock.advance(TimeDelta::days(3));
        let second = signataire(&m, Usage::Jeton).await.unwrap();
        assert_ne!(second.kid(), jeton.kid());
        assert_eq!(signataire(&m, Usage::Mandat).await.unwrap().kid(), mandat.kid());
        assert!(publiees(&m).await.contains(&jeton.kid().unwrap().to_owned()), "attack 41: both are published");
        t.site.clock.advance(TimeDelta::days(30));
        preparer(&m).await.unwrap();
        assert!(!publiees(&m).await.contains(&jeton.kid().unwrap().to_owned()));
        // Twenty years later, what was signed the first day is still verified.
        for _ in 0..8 {
            t.site.clock.advance(TimeDelta::days(912));
            preparer(&m).await.unwrap();
        }
        assert!(publiees(&m).await.contains(&mandat.kid().unwrap().to_owned()));
        let parties: i64 = platform::db::kit::count(m.site.db.read(), "SELECT COUNT(*) FROM cle_signature WHERE usage = 'jeton'", []).await.unwrap();
        assert!(parties <= 6, "{parties}");
    }

    async fn a_rotation_before_its_time(t: TestSite) {
        let m = essai::mandats(&t).await;
        let avant = signataire(&m, Usage::Jeton).await.unwrap();
        assert_eq!(avancer(&m, Usage::Jeton).await.unwrap().len(), 2);
        assert!(avancer(&m, Usage::Jeton).await.unwrap().is_empty(), "one that waits is enough");
        let suivantes = liste(&m).await.unwrap().into_iter().filter(|(_, e)| *e == Stage::Next).count();
        assert_eq!(suivantes, 2);
        t.site.clock.advance(TimeDelta::days(2));
        assert_ne!(signataire(&m, Usage::Jeton).await.unwrap().kid(), avant.kid());
    }

    async fn two_instances_make_one_key(t: TestSite) {
        let m = essai::mandats(&t).await;
        let autre = Mandats { site: t.other_instance().await, cles: Garde::default(), ..m.clone() };
        let (un, deux) = tokio::join!(signataire(&m, Usage::Mandat), signataire(&autre, Usage::Mandat));
        assert_eq!(un.unwrap().kid(), deux.unwrap().kid());
        assert_eq!(publiees(&m).await.len(), 3);
    }

    async fn a_stolen_copy_signs_nothing(t: TestSite) {
        let m = essai::mandats(&t).await;
        signataire(&m, Usage::Mandat).await.unwrap();
        let mut config = (*t.site.config).clone();
        config.cles.secret = Some("une autre clé, longue aussi de plus de trente-deux signes".to_owned());
        let site = platform::Site::new(t.site.db.clone(), t.site.clock.clone(), t.site.chance.clone(), config, t.site.mode);
        let voleur = Mandats { site, cles: Garde::default(), ..m.clone() };
        assert!(signataire(&voleur, Usage::Mandat).await.is_err());
    }

    async fn the_page_is_public_and_kept(t: TestSite) {
        let m = essai::mandats(&t).await;
        signataire(&m, Usage::Jeton).await.unwrap();
        let answer = t.browser(routes(&m)).get("/jwks").await.expect(200);
        assert_eq!(answer.headers["cache-control"], "public, max-age=600");
        assert_eq!(answer.headers["content-type"], "application/json");
        // Those of tokens, and no other; those of mandats have their own address.
        let mandats = t.browser(routes(&m)).get("/jwks/mandats").await.expect(200).json();
        let jetons = answer.json();
        let kids = |jeu: &serde_json::Value| -> Vec<String> {
            jeu["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!((kids(&jetons).len(), kids(&mandats).len()), (2, 1));
        assert_eq!(kids(&mandats)[0], signataire(&m, Usage::Mandat).await.unwrap().kid().unwrap());
        assert!(!kids(&jetons).contains(&kids(&mandats)[0]));
    }

    async fn a_hundred_rotations_of_the_keys_of_mandats(t: TestSite) {
        let m = essai::mandats(&t).await;
        let premiere = signataire(&m, Usage::Mandat).await.unwrap();
        for _ in 0..100 {
            assert_eq!(avancer(&m, Usage::Mandat).await.unwrap().len(), 1);
            t.site.clock.advance(TimeDelta::days(3));
        }
        preparer(&m).await.unwrap();
        let mut b = t.browser(routes(&m));
        let jeu = b.get("/jwks/mandats").await.expect(200).body;
        assert!(KeySet::parse(jeu.as_bytes()).is_err(), "more than a peer reads");
        let cles = KeySet::parse_archive(jeu.as_bytes()).unwrap();
        let signature = premiere.sign(b"{}").unwrap();
        cles.verify(Alg::Es256, premiere.kid(), b"{}", &signature).unwrap();
        // What peers read at each exchange did not grow.
        assert!(b.get("/jwks").await.expect(200).json()["keys"].as_array().unwrap().len() <= 6);
    }
}
