//! The page where one proves again who one is.

use kernel::Chance;
use platform::web::exige_preuve;

use super::*;
use crate::sessions::model::Methode;
use crate::sessions::rules;

const PAGE: &str = "/compte/preuve";

async fn preuves(id: &Identity) -> Vec<String> {
    let sql = "SELECT details FROM journal WHERE action = 'compte.preuve' ORDER BY seq";
    let rows = platform::db::kit::query(id.site.db.read(), sql, []).await.unwrap();
    rows.iter().map(|r| r.try_get_by_index::<String>(0).unwrap()).collect()
}

testkit::on_both_engines! {
    migrations: all_migrations();

    async fn a_recovery_code_proves_too_once_and_is_journalled(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        who.browser.get(PAGE).await.expect(200).says("Avec un code de secours").says("Avec un code");
        // It says what asks, and why.
        let page = who.browser.get("/compte/preuve?retour=%2Fcompte%2Fsecours").await.expect(200);
        page.says("Vos moyens de connexion attendent une preuve").says("sur un poste resté ouvert");
        let before = who.browser.cookie("maillage-session").unwrap().to_owned();
        let code = who.codes[0].clone();
        let on = who.browser.post(PAGE, &[("secours", &code), ("retour", "/compte/jetons?a=1")]).await.expect(303);
        assert_eq!(on.location(), "/compte/jetons?a=1");
        assert_ne!(who.browser.cookie("maillage-session"), Some(before.as_str()), "a new secret after the proof");
        let again = who.browser.post(PAGE, &[("secours", &code), ("retour", "/compte")]).await.expect(422);
        again.says("a déjà servi");
        let app = code_now(&id, &who.graine);
        who.browser.post(PAGE, &[("code", &app), ("retour", "/compte")]).await.expect(303);
        who.browser.post(PAGE, &[("code", &app), ("retour", "/compte")]).await.expect(422);
        let written = preuves(&id).await;
        assert_eq!(written.len(), 2, "{written:?}");
        assert!(written[0].contains("secours") && written[1].contains("\"code\""), "{written:?}");
    }

    async fn nobody_is_led_elsewhere(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        for (n, evil) in ["https://evil.example/", "//evil.example", "/\\evil", "/compte/preuve?retour=/compte/preuve", "", "/%2fevil"].into_iter().enumerate() {
            id.site.clock.advance(TimeDelta::seconds(30));
            let code = code_now(&id, &who.graine);
            let on = who.browser.post(PAGE, &[("code", &code), ("retour", evil)]).await.expect(303);
            assert_eq!(on.location(), "/bureau", "{n}: {evil}");
        }
    }

    async fn failed_tries_are_slowed_and_another_account_s_code_serves_nobody(t: TestSite) {
        let id = identity(&t);
        let mut who = someone(&id, "lea@exemple.fr", Role::Lecteur, Perimetre::National).await;
        let other = someone(&id, "max@exemple.fr", Role::Lecteur, Perimetre::National).await;
        who.browser.post(PAGE, &[("code", &code_now(&id, &other.graine))]).await.expect(422);
        who.browser.post(PAGE, &[("secours", &other.codes[0])]).await.expect(422);
        for _ in 0..3 {
            who.browser.post(PAGE, &[("code", "000000")]).await.expect(422);
        }
        let right = code_now(&id, &who.graine);
        who.browser.post(PAGE, &[("code", &right)]).await.expect(429);
        assert!(preuves(&id).await.is_empty());
        id.site.clock.advance(TimeDelta::seconds(31));
        who.browser.post(PAGE, &[("code", &code_now(&id, &who.graine))]).await.expect(303);
        // Nobody who is not signed in.
        browser(&id).post(PAGE, &[("code", &right)]).await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_shows_its_code_and_takes_no_other() {
    let mut t = TestSite::sqlite(all_migrations()).await;
    t.site.mode = platform::Mode::Demo;
    let id = identity(&t);
    crate::demo::seed(&id.site, &crate::demo::Donnees::default()).await.unwrap();
    let mut b = browser(&id);
    b.post("/demo/entrer", &[("personne", "nationale")]).await.expect(303);
    let page = b.get(PAGE).await.expect(200);
    let code = between(&page.body, "Code de démonstration : <strong>", "</strong>").to_owned();
    assert!(code.len() == 6 && code.bytes().all(|c| c.is_ascii_digit()), "{code}");
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    b.post(PAGE, &[("code", &wrong)]).await.expect(422);
    b.post(PAGE, &[("code", &code), ("retour", "/compte")]).await.expect(303);
    let mut other = browser(&id);
    other.post("/demo/entrer", &[("personne", "nationale")]).await.expect(303);
    other.post(PAGE, &[("code", &code)]).await.expect(422);
}

#[test]
fn a_proof_counts_for_a_time_and_a_weak_one_never() {
    let clock = kernel::Clock::fixed("2026-12-01T09:00:00Z".parse().unwrap());
    let (now, chance) = (clock.now(), Chance::seeded(1));
    let session = |methode, depuis: i64| crate::sessions::model::Session {
        id: crate::sessions::model::SessionId::new(&clock, &chance),
        compte: CompteId(uuid::Uuid::from_u128(1)),
        methode,
        appareil: String::new(),
        appareil_id: None,
        attribution: None,
        vue: None,
        cree_le: now,
        vu_le: now,
        expire_le: now,
        confirme_le: now + TimeDelta::minutes(depuis),
        reprise_le: None,
        fermee_le: None,
        jeton: None,
    };
    for (methode, depuis, mfa, attendu) in [
        (Methode::MotDePasse, 0, false, Some(0)),
        (Methode::Cle, 0, false, Some(0)),
        (Methode::Demonstration, 0, false, Some(0)),
        (Methode::ProConnect, 0, false, None),
        (Methode::ProConnect, 0, true, Some(0)),
        (Methode::ProConnect, 3, false, Some(3)),
    ] {
        let prouve = rules::prouve_le(&session(methode, depuis), mfa);
        assert_eq!(prouve, attendu.map(|m| now + TimeDelta::minutes(m)), "{methode:?} {depuis} {mfa}");
    }
    let mut viewer = testkit::viewer(Role::Aidant, Perimetre::National);
    let age = TimeDelta::minutes(15);
    for (prouve, passe) in
        [(None, false), (Some(0), true), (Some(-14), true), (Some(-15), false), (Some(-600), false)]
    {
        viewer.prouve_le = prouve.map(|m| now + TimeDelta::minutes(m));
        let answer = exige_preuve(&viewer, now, age, "/aidant/mandats/nouveau?b=1&c=é");
        match answer {
            Ok(()) => assert!(passe, "{prouve:?}"),
            Err(e) => {
                assert!(!passe, "{prouve:?}");
                let response = axum::response::IntoResponse::into_response(e);
                assert_eq!(response.status(), 303);
                let to = response.headers()["location"].to_str().unwrap();
                assert_eq!(to, "/compte/preuve?retour=%2Faidant%2Fmandats%2Fnouveau%3Fb%3D1%26c%3D%C3%A9");
            }
        }
    }
}
