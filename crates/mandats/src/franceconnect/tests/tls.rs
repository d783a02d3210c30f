//! Attack 72: a provider whose certificate does not prove who it is. Certificates are made by `openssl`; without it, the test
//! says so and passes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use oidc::client::{Refused, Request};
use oidc::{Outbound, Secret};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::franceconnect::porteur::Porteur;

const NOM: &str = "fc.essai.example";

/// A folder with an authority, and what it certifies.
struct Autorite(tempdir::Dossier);

mod tempdir {
    /// A folder of this test alone, erased with it.
    pub(super) struct Dossier(pub(super) std::path::PathBuf);

    impl Dossier {
        pub(super) fn new() -> Self {
            let chemin = std::env::temp_dir().join(format!("maillage-tls-{}", uuid::Uuid::new_v4()));
            std::fs::create_dir_all(&chemin).unwrap();
            Self(chemin)
        }
    }

    impl Drop for Dossier {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

fn openssl(dossier: &Path, args: &[&str]) -> bool {
    let fait = Command::new("openssl")
        .args(args)
        .current_dir(dossier)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    fait.is_ok_and(|s| s.success())
}

const CLE: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

impl Autorite {
    fn new() -> Option<Self> {
        let dossier = tempdir::Dossier::new();
        let mut args = vec!["req", "-x509"];
        args.extend(CLE);
        args.extend(["-days", "2", "-subj", "/CN=Autorite d'essai", "-keyout", "ca.key", "-out", "ca.pem"]);
        if !openssl(&dossier.0, &args) {
            eprintln!("openssl absent : test omis.");
            return None;
        }
        Some(Self(dossier))
    }

    fn lire(&self, nom: &str) -> Vec<u8> {
        std::fs::read(self.0.0.join(nom)).unwrap()
    }

    /// A certificate of that name, by the authority, or by itself without one.
    fn certifie(&self, dns: &str, jours: &str, autorite: bool) -> Arc<rustls::ServerConfig> {
        std::fs::write(self.0.0.join("ext"), format!("subjectAltName=DNS:{dns}\n")).unwrap();
        let sujet = format!("/CN={dns}");
        let mut args = vec!["req", "-new"];
        args.extend(CLE);
        args.extend(["-subj", &sujet, "-keyout", "k.pem", "-out", "k.csr"]);
        assert!(openssl(&self.0.0, &args));
        let mut args =
            vec!["x509", "-req", "-in", "k.csr", "-days", jours, "-extfile", "ext", "-out", "c.pem"];
        args.extend(if autorite {
            vec!["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        } else {
            vec!["-signkey", "k.pem"]
        });
        assert!(openssl(&self.0.0, &args));
        let certificat = CertificateDer::from_pem_slice(&self.lire("c.pem")).unwrap();
        let cle = PrivateKeyDer::from_pem_slice(&self.lire("k.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificat], cle)
            .unwrap();
        Arc::new(config)
    }
}

/// A provider on this machine with that certificate; says what it was asked once the handshake was done.
fn fournisseur(config: Arc<rustls::ServerConfig>) -> (SocketAddr, std::sync::mpsc::Receiver<String>) {
    let ecoute = TcpListener::bind("127.0.0.1:0").unwrap();
    let adresse = ecoute.local_addr().unwrap();
    let (dit, lu) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for flux in ecoute.incoming().flatten() {
            let _ = flux.set_read_timeout(Some(std::time::Duration::from_secs(5)));
            let Ok(connexion) = rustls::ServerConnection::new(config.clone()) else { return };
            let mut flux = rustls::StreamOwned::new(connexion, flux);
            let mut octets = [0; 4096];
            let Ok(n) = flux.read(&mut octets) else { continue };
            let _ = dit.send(String::from_utf8_lossy(&octets[..n]).into_owned());
            let corps = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
            let _ = flux.write_all(corps.as_bytes());
        }
    });
    (adresse, lu)
}

/// The real client, but for where that name leads; `racine` is an authority that it trusts besides.
fn porteur(adresse: SocketAddr, racine: Option<&[u8]>) -> (Porteur, String) {
    let emetteur = format!("https://{NOM}:{}/api/v2", adresse.port());
    let outbound = Outbound::to(&emetteur, false, false).unwrap();
    let mut builder = Porteur::batisseur(&emetteur, &outbound, None).no_proxy().resolve(NOM, adresse);
    if let Some(racine) = racine {
        builder = builder.add_root_certificate(reqwest::Certificate::from_pem(racine).unwrap());
    }
    (Porteur::Reseau(builder.build().unwrap(), outbound), emetteur)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_72_a_certificate_that_proves_nothing_is_refused() {
    let Some(autorite) = Autorite::new() else { return };
    let racine = autorite.lire("ca.pem");
    for (quoi, dns, jours, par_autorite, connue, attendu) in [
        ("the right one", NOM, "2", true, true, None),
        ("expired", NOM, "-1", true, true, Some("expired")),
        ("of another name", "autre.essai.example", "2", true, true, Some("another name")),
        ("self-signed", NOM, "2", false, false, Some("authority")),
        ("self-signed, beside an authority that is known", NOM, "2", false, true, Some("")),
        ("of an authority that nobody knows", NOM, "2", true, false, Some("authority")),
    ] {
        let (adresse, lu) = fournisseur(autorite.certifie(dns, jours, par_autorite));
        let (porteur, emetteur) = porteur(adresse, connue.then_some(racine.as_slice()));
        for method in ["GET", "POST"] {
            let body = (method == "POST").then(|| Secret::new("client_secret=tres-secret"));
            let request = Request { method, url: format!("{emetteur}/token"), headers: Vec::new(), body };
            match (porteur.envoie(&request).await, attendu) {
                (Ok(answer), None) => assert_eq!(answer.status, 200),
                (Err(refus @ Refused::Certificate(_)), Some(mot)) => {
                    assert!(refus.to_string().contains(mot), "{quoi}: {refus}");
                    let conseil = refus.conseil("FranceConnect");
                    assert!(
                        conseil.contains("rien ne lui est envoyé") && !conseil.contains("certificat"),
                        "{conseil}"
                    );
                }
                (autre, _) => panic!("{quoi}: {:?}", autre.map(|a| a.status)),
            }
        }
        let dits: Vec<String> = lu.try_iter().collect();
        assert_eq!(dits.is_empty(), attendu.is_some(), "{quoi}: nothing is sent before the name is proved");
    }
}

/// No setting, no feature and no line of ours turns the checks off.
#[test]
fn attack_72_nothing_turns_the_checks_off() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut restent = vec![crates];
    let interdits =
        ["danger_accept_invalid", "dangerous()", "danger_", "tls_sni(false)", "ServerCertVerifier"];
    let mut lus = 0;
    while let Some(dossier) = restent.pop() {
        for entree in std::fs::read_dir(dossier).unwrap().flatten() {
            let chemin = entree.path();
            let nom = entree.file_name().to_string_lossy().into_owned();
            if chemin.is_dir() && nom != "node_modules" && nom != "target" {
                restent.push(chemin);
            } else if nom.ends_with(".rs") && nom != "tls.rs" {
                let texte = std::fs::read_to_string(&chemin).unwrap();
                lus += 1;
                for mot in interdits {
                    assert!(!texte.contains(mot), "{} has {mot}", chemin.display());
                }
            }
        }
    }
    assert!(lus > 500, "{lus}");
}
