//! Against a certified provider of another hand (npm `oidc-provider`), set as FranceConnect is; it stands with the tests of
//! `oidc`. Without it, or without Node, the test says so and passes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kernel::{Chance, Clock};
use oidc::Secret;
use oidc::jose::{Alg, SigningKey};
use oidc::provider::AuthMethod;

use super::*;

struct Fournisseur {
    emetteur: String,
    enfant: Child,
}

impl Drop for Fournisseur {
    fn drop(&mut self) {
        let _ = self.enfant.kill();
        let _ = self.enfant.wait();
    }
}

fn fournisseur(alg: &str, auth: AuthMethod, cles: Option<serde_json::Value>) -> Option<Fournisseur> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oidc/tests/pair");
    if !folder.join("node_modules/oidc-provider").exists() {
        eprintln!("oidc-provider absent : test omis (npm ci dans crates/oidc/tests/pair).");
        return None;
    }
    let wanted = serde_json::json!({
        "back": "http://localhost:8080/franceconnect/retour", "out": "http://localhost:8080/franceconnect/deconnexion/retour",
        "auth": auth.name(), "clientKeys": cles, "idAlg": alg, "userinfoAlg": alg, "strict": true,
    });
    let mut enfant = Command::new("node")
        .args(["op.mjs", &wanted.to_string()])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut lines = BufReader::new(enfant.stdout.take()?).lines();
    let emetteur = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let said: serde_json::Value = serde_json::from_str(&line).ok()?;
        said["issuer"].as_str().map(str::to_owned)
    })?;
    // What it says later is read too: a full pipe would stop it.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some(Fournisseur { emetteur, enfant })
}

/// The part of the person's browser that is at the provider; gives the address of return.
async fn la_bas(f: &Fournisseur, depart: &str, choix: &str) -> String {
    let http = platform::outside::client().no_proxy().build().unwrap();
    let (origin, mut cookies) = (f.emetteur.trim_end_matches("/api/v2"), BTreeMap::new());
    let mut url = depart.to_owned();
    for _ in 0..8 {
        let sent: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let answer = http.get(&url).header("cookie", sent.join("; ")).send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (k, v) = pair.split_once('=').unwrap();
            cookies.insert(k.to_owned(), v.to_owned());
        }
        let status = answer.status().as_u16();
        let location =
            answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        assert!((302..=303).contains(&status), "{status} at {url}");
        if let Some(back) = location.strip_prefix("http://localhost:8080") {
            return back.to_owned();
        }
        url = if location.starts_with('/') { format!("{origin}{location}") } else { location };
        if url.contains("/interaction/") {
            url = format!("{url}?{choix}");
        }
    }
    panic!("the provider never came back");
}

async fn parcours(t: &TestSite, alg: Alg, auth: AuthMethod) {
    let cle = (auth == AuthMethod::PrivateKeyJwt).then(|| SigningKey::generate(Alg::Es256).unwrap().0);
    let publiques = cle.as_ref().map(|c| serde_json::json!({ "keys": [c.jwk().unwrap()] }));
    let Some(f) = fournisseur(alg.name(), auth, publiques.clone()) else { return };
    let mut settings = Settings::franceconnect(
        &f.emetteur,
        "maillage-essai",
        Secret::new("un-secret-d-essai-de-plus-de-trente-deux-signes"),
        "http://localhost:8080/franceconnect/retour",
    );
    settings.after_logout = Some("http://localhost:8080/franceconnect/deconnexion/retour".to_owned());
    (settings.id_token_alg, settings.userinfo_alg) = (alg, Some(alg));
    settings.auth = auth;
    if cle.is_some() {
        settings.secret = None;
    }
    // The provider has the machine's clock.
    let site = Site { clock: Clock::System, chance: Chance::System, ..t.site.clone() };
    let mut m = mandats(t, Mode::Serve).await;
    m.site = site.clone();
    m.franceconnect = Client::par_le_reseau(&site, settings, cle, None);
    let mut b = t.browser(pages(&m));
    // Its team reads our public key from us, and nothing else of it.
    let jwks = b.get("/franceconnect/jwks").await;
    match &publiques {
        Some(cles) => assert_eq!(&jwks.expect(200).json(), cles),
        None => drop(jwks.expect(404)),
    }
    let adresse = depart(&mut b).await;
    let retour = la_bas(&f, &adresse, "compte=paris").await;
    let sortie = b.get(&retour).await.expect(303).location().to_owned();
    assert!(sortie.starts_with(&format!("{}/session/end?", f.emetteur)), "{sortie}");
    // That page asks the person to confirm: what it sends back is known, and checked here.
    let etat = parametre(&sortie, "state").unwrap();
    let ici = b
        .get(&format!("/franceconnect/deconnexion/retour?state={etat}"))
        .await
        .expect(303)
        .location()
        .to_owned();
    b.get(&ici).await.expect(200).says("Angèle Claire INVENTÉE 1962-08-24").says("angele@exemple.fr");
    // The person gives up; the level is too low; the code is replayed.
    for (choix, refus) in [
        ("refus=access_denied", "abandon"),
        ("refus=temporarily_unavailable", "indisponible"),
        ("compte=paris&acr=eidas0", "niveau"),
    ] {
        let adresse = depart(&mut b).await;
        let retour = la_bas(&f, &adresse, choix).await;
        let ici = b.get(&retour).await.expect(303).location().to_owned();
        assert_eq!(ici, format!("/essai?a=b&refus={refus}"), "{choix}");
        b.get(&retour).await.expect(400);
    }
    // A code of one way with the state of another (injection).
    let (une, autre) = (depart(&mut b).await, depart(&mut b).await);
    let (volee, mienne) = (la_bas(&f, &une, "compte=paris").await, la_bas(&f, &autre, "compte=paris").await);
    let iss = parametre(&mienne, "iss").unwrap();
    let (code, etat) = (parametre(&volee, "code").unwrap(), parametre(&mienne, "state").unwrap());
    let ici = b.get(&format!("/franceconnect/retour?code={code}&state={etat}&iss={iss}")).await.expect(303);
    assert_eq!(ici.location(), "/essai?a=b&refus=reponse", "another nonce");
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_provider_of_another_hand_es256(t: TestSite) {
        parcours(&t, Alg::Es256, AuthMethod::ClientSecretPost).await;
    }

    async fn a_provider_of_another_hand_rs256(t: TestSite) {
        parcours(&t, Alg::Rs256, AuthMethod::ClientSecretPost).await;
    }

    async fn a_provider_of_another_hand_private_key_jwt(t: TestSite) {
        parcours(&t, Alg::Es256, AuthMethod::PrivateKeyJwt).await;
    }
}
