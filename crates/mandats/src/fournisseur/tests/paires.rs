//! The provider, its pages and its rows, with clients of other hands: npm `openid-client` 5 (the one of FranceConnect) and 6,
//! and Authlib. The scripts are those of `crates/oidc`; here they walk through the choice of an aidant too. `make test`
//! installs the libraries; without them, or without Node, the tests say so and pass.

use std::path::{Path, PathBuf};
use std::process::Command;

use annuaire::Annuaire;
use axum::Extension;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Clock;
use oidc::jose::SigningKey;
use platform::Site;
use serde_json::{Value, json};

use super::*;

#[derive(Clone, Copy)]
enum Bibliotheque {
    OpenidClient(u8),
    Authlib,
}

impl Bibliotheque {
    fn commande(self) -> Option<Command> {
        let dossier = Path::new(env!("CARGO_MANIFEST_DIR")).join("../oidc/tests/pair");
        let (programme, script) = match self {
            Self::OpenidClient(_) => {
                let node = Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
                if !node || !dossier.join("node_modules/openid-client").exists() {
                    eprintln!(
                        "openid-client ou Node absent : test omis (npm ci dans crates/oidc/tests/pair)."
                    );
                    return None;
                }
                (PathBuf::from("node"), "rp.mjs")
            }
            Self::Authlib => {
                let cible = std::env::var_os("CARGO_TARGET_DIR")
                    .map_or(dossier.join("../../../../target"), PathBuf::from);
                let python = cible.join("venv/bin/python");
                let la = Command::new(&python).args(["-c", "import authlib, joserfc, requests"]).output();
                if !la.is_ok_and(|o| o.status.success()) {
                    eprintln!("Authlib absent : test omis (scripts/setup test).");
                    return None;
                }
                (python, "rp.py")
            }
        };
        let mut commande = Command::new(programme);
        commande.arg(script).current_dir(dossier);
        Some(commande)
    }
}

/// The site on a port of this machine, an aidant signed in whoever asks, and a client with these settings; none when the
/// clock of the machine is before the first texts.
pub(super) async fn en_ligne(
    reglages: Reglages,
) -> Option<(TestSite, String, tokio::task::JoinHandle<std::io::Result<()>>)> {
    // Libraries read the clock of the machine.
    let maintenant = Clock::System.now();
    if kernel::calendrier::jour(&maintenant) < chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() {
        eprintln!("L’horloge de cet ordinateur est en retard sur les textes : test omis.");
        return None;
    }
    let mut t = site().await;
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let emetteur = format!("http://{}", port.local_addr().unwrap());
    let mut config = (*t.site.config).clone();
    config.serveur.origine.clone_from(&emetteur);
    t.site = Site::new(t.site.db.clone(), Clock::System, kernel::Chance::System, config, t.site.mode);
    let m = Mandats::new(&Annuaire::load(&t.site).await.unwrap());
    let structure = essai::organisation(&t, "Ici", 1).await.structure;
    let (_, actor) = essai::aidant(&t, structure, Fonction::Aidant, 1).await;
    compte(&t, &actor).await;
    let usager = essai::usager(&t, 1).await;
    mandat(&t, structure, &usager, &["logement"]).await;
    client(&t, CLIENT, reglages).await;
    let viewer = viewer(&t, &actor);
    let stack = platform::web::finish(&t.site, crate::routes(&m), Vec::new(), |r| r.layer(Extension(viewer)));
    let serveur = tokio::spawn(async move { axum::serve(port, stack.router).await });
    Some((t, emetteur, serveur))
}

/// Every journey of a client, the choice included: the script walks it, and tells what it saw.
async fn parcours(bibliotheque: Bibliotheque, auth: AuthMethod, alg: Alg, userinfo_alg: Option<Alg>) {
    let Some(mut commande) = bibliotheque.commande() else { return };
    let (cle, octets) = SigningKey::generate(Alg::Es256).unwrap();
    let jeu = json!({ "keys": [cle.jwk().unwrap()] });
    let reglages = Reglages {
        auth: vec![auth],
        cles: Some((Alg::Es256, jeu)),
        id_token_alg: alg,
        userinfo_alg,
        ..reglages()
    };
    let Some((_t, emetteur, serveur)) = en_ligne(reglages).await else { return };
    let version = match bibliotheque {
        Bibliotheque::OpenidClient(version) => version,
        Bibliotheque::Authlib => 0,
    };
    let voulu = json!({
        "version": version, "issuer": emetteur, "auth": auth.name(), "secret": SECRET, "idAlg": alg.name(),
        "userinfoAlg": userinfo_alg.map(Alg::name), "back": RETOUR, "out": SORTIE,
        "key": STANDARD.encode(octets.expose()), "kid": cle.kid(),
    })
    .to_string();
    let argument = voulu.clone();
    let sorti = tokio::task::spawn_blocking(move || commande.arg(argument).output().unwrap()).await.unwrap();
    serveur.abort();
    assert!(sorti.status.success(), "{voulu}\n{}", String::from_utf8_lossy(&sorti.stderr));
    let vu: Value = serde_json::from_slice(&sorti.stdout).unwrap();
    assert_eq!(vu["sub"].as_str().unwrap().len(), 64);
    assert_eq!(vu["given_name"], "Camille");
    assert_eq!(vu["birthdate"], "1962-05-17");
    assert_eq!(vu["acr"], "eidas1");
    assert_eq!(vu["rep_scope"], json!(["Logement"]));
    assert_eq!(vu["replay"], "invalid_grant");
    assert_eq!(vu["afterReplay"], 401);
    assert_eq!(vu["logout"], format!("{SORTIE}?state=etat-de-sortie"));
    assert_eq!(vu["afterLogout"], 401);
    assert_eq!(vu["refused"], "unmet_authentication_requirements");
    let attendu = if auth == AuthMethod::PrivateKeyJwt { Value::Null } else { json!("invalid_client") };
    assert_eq!(vu["wrongSecret"], attendu);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_5_as_franceconnect_declares_us() {
    for (alg, userinfo) in
        [(Alg::Es256, Some(Alg::Es256)), (Alg::Hs256, Some(Alg::Hs256)), (Alg::Rs256, None)]
    {
        parcours(Bibliotheque::OpenidClient(5), AuthMethod::ClientSecretPost, alg, userinfo).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_6_with_pkce() {
    for auth in [AuthMethod::ClientSecretBasic, AuthMethod::PrivateKeyJwt] {
        parcours(Bibliotheque::OpenidClient(6), auth, Alg::Es256, Some(Alg::Es256)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authlib_with_pkce() {
    for auth in [AuthMethod::ClientSecretPost, AuthMethod::PrivateKeyJwt] {
        parcours(Bibliotheque::Authlib, auth, Alg::Es256, Some(Alg::Rs256)).await;
    }
}
