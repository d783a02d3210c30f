//! What logs keep of flows and of keys, at the most talkative level: nothing that may be used, nobody.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::{Engine, engine::general_purpose};
use chrono::TimeDelta;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Everything that this thread says.
#[derive(Clone, Default)]
struct Tampon(Arc<Mutex<Vec<u8>>>);

impl Write for Tampon {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Tampon {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Tampon {
    /// What was said, once everything of this thread is written here.
    fn ecoute() -> (Self, tracing::subscriber::DefaultGuard) {
        let tampon = Self::default();
        let abonne = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(tampon.clone())
            .finish();
        let garde = tracing::subscriber::set_default(abonne);
        tracing::trace!(target: "mandats::essai", "le test écoute");
        (tampon, garde)
    }

    fn dit(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn attack_75_a_hundred_flows_leave_nothing_in_the_logs() {
    let (tampon, _garde) = Tampon::ecoute();
    let t = site().await;
    let mut maison = maison(&t).await;
    let mut tus: Vec<String> = ["USAGER-1", "Camille", "1962-05-17", "Essai-1", "essai.example", SECRET]
        .into_iter()
        .map(str::to_owned)
        .collect();
    tus.extend(["e".repeat(64), "a".repeat(64)]);
    for tour in 0..100 {
        let code = maison.code().await;
        let jetons = maison.jetons(&code).await;
        let jeton = jetons["access_token"].as_str().unwrap().to_owned();
        let id_token = jetons["id_token"].as_str().unwrap().to_owned();
        let identite = maison.identite(&jeton).await.expect(200).json();
        tus.push(identite["sub"].as_str().unwrap().to_owned());
        // And what goes wrong: spent, late, of nobody, with a wrong secret, to an address of others.
        match tour % 5 {
            0 => drop(maison.jeton_avec(&code, &[]).await.expect(400)),
            1 => drop(maison.jeton_avec(&"f".repeat(43), &[]).await.expect(400)),
            2 => drop(maison.identite(&format!("{jeton}x")).await.expect(401)),
            3 => {
                let faux = [("client_secret", "pas celui-là, mais bien assez long aussi")];
                drop(maison.jeton_avec(&code, &faux).await.expect(401));
            }
            _ => drop(
                maison.aidante.get(&demande(&[("redirect_uri", "https://evil.example/")])).await.expect(400),
            ),
        }
        tus.extend([code, jeton, id_token]);
        // A minute, so that nothing is held back.
        t.site.clock.advance(TimeDelta::seconds(20));
        maison.aidante = maison.dehors.signed_in(viewer(&t, &maison.actor));
    }
    tus.extend(["pas celui-là".to_owned(), "f".repeat(43), "evil.example".to_owned()]);
    let dit = tampon.dit();
    assert!(dit.contains("le test écoute"), "nothing was heard");
    assert!(dit.contains("request"), "requests are told");
    for tu in tus {
        assert!(!dit.contains(&tu), "« {tu} » is in the logs");
    }
}

#[tokio::test]
async fn attack_42_keys_are_made_without_a_trace() {
    let (tampon, _garde) = Tampon::ecoute();
    let t = site().await;
    let m = essai::mandats(&t).await;
    let fichiers = |t: &TestSite| std::fs::read_dir(t.folder.path()).unwrap().count();
    let avant = fichiers(&t);
    crate::cles::anneau(&m).await.unwrap();
    let dit = tampon.dit();
    let conn = t.site.db.read();
    let jeu = crate::cles::jeu(&m, conn).await.unwrap().to_string()
        + &crate::cles::jeu_des_jetons(&m, conn).await.unwrap().to_string();
    let cles = crate::cles::liste(&m).await.unwrap();
    assert!(cles.len() >= 3);
    for (cle, _) in cles {
        let octets = m.site.secrets.open(&crate::cles::Cle::place(&cle.kid), &cle.scellee).unwrap();
        // The whole, and what is in the middle of it: no part of a key is anywhere in clear.
        for morceau in [octets.as_slice(), &octets[octets.len() / 2..octets.len() / 2 + 24]] {
            for forme in [
                general_purpose::STANDARD.encode(morceau),
                general_purpose::URL_SAFE_NO_PAD.encode(morceau),
                kernel::text::hex(morceau),
            ] {
                let forme = forme.trim_end_matches('=');
                assert!(!dit.contains(forme) && !jeu.contains(forme) && !cle.scellee.contains(forme));
            }
        }
    }
    assert_eq!(fichiers(&t), avant, "no file is written");
    assert!(!jeu.contains("\"d\""));
}

/// Secrets are compared by `oidc::same`, whose time tells nothing, or by what a keyed hash of them finds in the database:
/// no line of the sources compares one otherwise.
#[test]
fn attack_27_secrets_are_compared_in_one_way() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let mut dossiers = vec![crates.join("oidc/src"), crates.join("mandats/src")];
    let mut lus = 0;
    while let Some(dossier) = dossiers.pop() {
        for entree in std::fs::read_dir(dossier).unwrap() {
            let chemin = entree.unwrap().path();
            let nom = chemin.display().to_string();
            if chemin.is_dir() {
                dossiers.push(chemin);
            } else if nom.ends_with(".rs") && !nom.contains("tests") {
                lus += 1;
                for ligne in std::fs::read_to_string(&chemin).unwrap().lines() {
                    let serre: String = ligne.chars().filter(|c| !c.is_whitespace()).collect();
                    let compare = [
                        "expose()==",
                        "expose()!=",
                        "==secret",
                        "!=secret",
                        ".eq(secret",
                        ".contains(secret",
                    ]
                    .iter()
                    .any(|c| serre.contains(c));
                    // A half that was decoded, beside the same half as it came: both are of who asks.
                    let deux_fois = serre.contains("decode(secret).ok().filter(|d|d!=secret)");
                    assert!(!compare || deux_fois || serre.contains("assert"), "{nom}: {ligne}");
                }
            }
        }
    }
    assert!(lus > 200, "{lus}");
}
