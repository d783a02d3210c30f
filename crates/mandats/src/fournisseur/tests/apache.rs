//! The provider with `mod_auth_openidc`, the certified client of Apache (Debian `libapache2-mod-auth-openidc`): a page that
//! Apache protects, an aidant who chooses, and the name of the person in Apache's hands. `make test` installs both; without
//! them the test says so and passes, unless `MAILLAGE_APACHE_REQUIS=1`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::paires::en_ligne;
use super::*;

const MODULES: &str = "/usr/lib/apache2/modules";

fn present() -> bool {
    let la =
        Path::new("/usr/sbin/apache2").exists() && Path::new(MODULES).join("mod_auth_openidc.so").exists();
    if !la {
        assert_ne!(std::env::var("MAILLAGE_APACHE_REQUIS").as_deref(), Ok("1"), "Apache est absent");
        eprintln!("Apache ou mod_auth_openidc absent : test omis (scripts/setup test).");
    }
    la
}

/// Apache in a folder of its own, on a free port.
fn apache(dossier: &Path, port: u16, emetteur: &str) -> Child {
    // Who serves, when root started it, is nobody.
    let lisible = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(dossier, lisible).unwrap();
    let page = dossier.join("www/secret");
    std::fs::create_dir_all(&page).unwrap();
    std::fs::write(
        page.join("index.shtml"),
        "<!--#echo var=\"REMOTE_USER\" -->|<!--#echo var=\"OIDC_CLAIM_family_name\" -->",
    )
    .unwrap();
    let ou = dossier.display();
    let modules: String =
        ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include", "auth_openidc"]
            .map(|m| format!("LoadModule {m}_module {MODULES}/mod_{m}.so\n"))
            .concat();
    let config = format!(
        "ServerRoot {ou}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {ou}/pid\nErrorLog {ou}/erreurs\n\
         DefaultRuntimeDir {ou}\nUser nobody\nGroup nogroup\n{modules}\
         DocumentRoot {ou}/www\nDirectoryIndex index.shtml\nTypesConfig /etc/mime.types\nAddType text/html .shtml\n\
         AddOutputFilter INCLUDES .shtml\n\
         OIDCProviderMetadataURL {emetteur}/.well-known/openid-configuration\n\
         OIDCClientID {CLIENT}\nOIDCClientSecret \"{SECRET}\"\n\
         OIDCRedirectURI http://127.0.0.1:{port}/secret/retour\n\
         OIDCCryptoPassphrase une-phrase-pour-ce-test\nOIDCScope \"openid profile email birth\"\n\
         OIDCAuthRequestParams acr_values=eidas1\nOIDCProviderTokenEndpointAuth client_secret_post\n\
         OIDCPKCEMethod S256\nOIDCIDTokenSignedResponseAlg ES256\nOIDCUserInfoSignedResponseAlg ES256\n\
         OIDCCookieSameSite On\n\
         <Location /secret>\nAuthType openid-connect\nRequire valid-user\nOptions +Includes\n</Location>\n"
    );
    let fichier = dossier.join("apache.conf");
    std::fs::write(&fichier, config).unwrap();
    Command::new("/usr/sbin/apache2")
        .args(["-X", "-f"])
        .arg(&fichier)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// A browser that keeps cookies by host, and follows nothing by itself.
struct Navigateur {
    http: reqwest::Client,
    cookies: BTreeMap<(String, String), String>,
}

impl Navigateur {
    async fn va(&mut self, adresse: &str, form: Option<&[(&str, &str)]>) -> (u16, String, String) {
        let url = url::Url::parse(adresse).unwrap();
        let hote = url.authority().to_owned();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((h, _), _)| *h == hote)
            .map(|((_, k), v)| format!("{k}={v}"))
            .collect();
        let mut requete = match form {
            Some(champs) => {
                let corps = serde_urlencoded::to_string(champs).unwrap();
                let genre = "application/x-www-form-urlencoded";
                self.http.post(url.clone()).header("content-type", genre).body(corps)
            }
            None => self.http.get(url.clone()),
        };
        if !cookies.is_empty() {
            requete = requete.header("cookie", cookies.join("; "));
        }
        let reponse = requete.send().await.unwrap();
        for cookie in reponse.headers().get_all("set-cookie") {
            let (paire, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (nom, valeur) = paire.split_once('=').unwrap();
            self.cookies.insert((hote.clone(), nom.to_owned()), valeur.to_owned());
        }
        let vers = reponse.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        let vers = vers.map(|v| url.join(&v).unwrap().to_string()).unwrap_or_default();
        (reponse.status().as_u16(), vers, reponse.text().await.unwrap())
    }
}

fn champ(page: &str, nom: &str) -> Option<String> {
    let apres = page.split(&format!("name=\"{nom}\"")).nth(1)?.split_once("value=\"")?.1;
    Some(apres.split('"').next()?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mod_auth_openidc_reads_the_person() {
    if !present() {
        return;
    }
    let ecoute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = ecoute.local_addr().unwrap().port();
    drop(ecoute);
    let retour = format!("http://127.0.0.1:{port}/secret/retour");
    let avec = Reglages {
        redirect_uris: vec![retour],
        userinfo_alg: Some(Alg::Es256),
        pkce_required: true,
        ..reglages()
    };
    let Some((t, emetteur, serveur)) = en_ligne(avec).await else { return };
    let mut apache = apache(t.folder.path(), port, &emetteur);
    let http = platform::outside::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut navigateur = Navigateur { http, cookies: BTreeMap::new() };
    let secret = format!("http://127.0.0.1:{port}/secret/");
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut ici = secret.clone();
    let mut page = String::new();
    for _ in 0..12 {
        let (statut, vers, corps) = navigateur.va(&ici, None).await;
        let (statut, vers, corps) =
            match ["personne", "demarche"].iter().find_map(|c| Some((*c, champ(&corps, c)?))) {
                Some((nom, valeur)) if statut == 200 => {
                    let pour = champ(&corps, "pour").unwrap_or_default();
                    navigateur.va(&ici, Some(&[("pour", &pour), (nom, &valeur)])).await
                }
                _ => (statut, vers, corps),
            };
        if statut == 200 {
            page = corps;
            break;
        }
        assert!(matches!(statut, 302 | 303), "{statut} {ici} {corps}");
        ici = vers;
    }
    let erreurs = std::fs::read_to_string(t.folder.path().join("erreurs")).unwrap_or_default();
    let _ = apache.kill();
    let _ = apache.wait();
    serveur.abort();
    assert_eq!(ici, secret, "{erreurs}");
    let (qui, nom) = page.trim().split_once('|').unwrap_or_default();
    assert_eq!(nom, "USAGER-1", "{page} {erreurs}");
    assert!(qui.starts_with(|c: char| c.is_ascii_hexdigit()) && qui.len() >= 64, "{qui}");
}
