//! A provider that answers wrongly, in every way that we could think of: each ends in a sentence, never in a 500, and
//! nobody is identified.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use oidc::Secret;
use oidc::jose::{Alg, SigningKey};
use serde_json::{Value, json};

use super::*;

/// What the provider does next.
#[derive(Clone, Default)]
struct Jeu {
    faute: &'static str,
    nonce: String,
    now: DateTime<Utc>,
    asked: Vec<String>,
}

struct Fautif {
    emetteur: String,
    cle: SigningKey,
    autre: SigningKey,
    rsa: SigningKey,
    jeu: Mutex<Jeu>,
}

const CLIENT: &str = "maillage-essai";

impl Fautif {
    fn signe(&self, faute: &str, claims: &Value) -> String {
        let object = claims.as_object().cloned().unwrap();
        match faute {
            "alg none" => {
                let part = |v: &Value| {
                    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, v.to_string())
                };
                format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
            }
            "autre clé" => oidc::jose::sign(&self.autre, "JWT", &object).unwrap(),
            "RS256" => oidc::jose::sign(&self.rsa, "JWT", &object).unwrap(),
            "HS256 du secret" => {
                let secret = SigningKey::from_secret(SECRET).unwrap();
                oidc::jose::sign(&secret, "JWT", &object).unwrap()
            }
            "signature coupée" => {
                let mut token = oidc::jose::sign(&self.cle, "JWT", &object).unwrap();
                token.truncate(token.len() - 4);
                token
            }
            "chiffré" => "a.b.c.d.e".to_owned(),
            _ => oidc::jose::sign(&self.cle, "JWT", &object).unwrap(),
        }
    }

    fn repond(&self, path: &str) -> Response {
        let jeu = {
            let mut jeu = self.jeu.lock().unwrap();
            jeu.asked.push(path.to_owned());
            jeu.clone()
        };
        let (lieu, faute) = jeu.faute.split_once(": ").unwrap_or(("", ""));
        let now = jeu.now.timestamp();
        let at = |name: &str| format!("{}/{name}", self.emetteur);
        match path {
            "/fc/.well-known/openid-configuration" => json_of(&json!({
                "issuer": self.emetteur, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
                "userinfo_endpoint": at("userinfo"), "jwks_uri": at("jwks"), "end_session_endpoint": at("fin"),
                "authorization_response_iss_parameter_supported": true,
            })),
            "/fc/jwks" => json_of(&json!({ "keys": [self.cle.jwk().unwrap(), self.rsa.jwk().unwrap()] })),
            "/fc/token" => {
                if let Some(faulty) = brut(lieu == "token", faute) {
                    return faulty;
                }
                let mut claims = json!({
                    "iss": self.emetteur, "sub": "s1", "aud": CLIENT, "nonce": jeu.nonce, "acr": "eidas1", "iat": now, "exp": now + 60,
                });
                if lieu == "id_token" {
                    change(&mut claims, faute, now);
                }
                let token = self.signe(if lieu == "id_token" { faute } else { "" }, &claims);
                let mut body = json!({ "access_token": "abc", "token_type": "Bearer", "expires_in": 60, "id_token": token });
                match jeu.faute {
                    "token: sans id_token" => drop(body.as_object_mut().unwrap().remove("id_token")),
                    "token: autre type" => body["token_type"] = json!("MAC"),
                    "token: jeton à la ligne" => body["access_token"] = json!("a\r\nX-Y: z"),
                    "token: jeton nombre" => body["access_token"] = json!(12),
                    _ => {}
                }
                json_of(&body)
            }
            "/fc/userinfo" => {
                if let Some(faulty) = brut(lieu == "userinfo", faute) {
                    return faulty;
                }
                let mut claims = json!({
                    "iss": self.emetteur, "sub": "s1", "aud": CLIENT, "iat": now, "exp": now + 60, "given_name": "Angèle",
                    "family_name": "INVENTÉE", "birthdate": "1962-08-24", "gender": "female", "birthplace": "75107",
                    "birthcountry": "99100", "email": "angele@exemple.fr",
                });
                if jeu.faute == "userinfo: sans signature" {
                    return json_of(&claims);
                }
                if lieu == "userinfo" {
                    change(&mut claims, faute, now);
                }
                let token = self.signe(if lieu == "userinfo" { faute } else { "" }, &claims);
                ([("content-type", "application/jwt")], token).into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn json_of(value: &Value) -> Response {
    ([("content-type", "application/json")], value.to_string()).into_response()
}

/// Answers that are no answers.
fn brut(ici: bool, faute: &str) -> Option<Response> {
    let html = [("content-type", "text/html")];
    let json = [("content-type", "application/json")];
    Some(match faute {
        _ if !ici => return None,
        "page d’erreur" => (StatusCode::INTERNAL_SERVER_ERROR, html, "<h1>Y500000</h1>").into_response(),
        "entretien" => (StatusCode::SERVICE_UNAVAILABLE, html, "").into_response(),
        "page à la place" => (html, "<p>Bonjour</p>").into_response(),
        "vide" => (json, "").into_response(),
        "octets" => (json, vec![0xff_u8, 0xfe, 0x00]).into_response(),
        "liste" => (json, "[]").into_response(),
        "profond" => (json, format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))).into_response(),
        "membre doublé" => (json, "{\"id_token\":\"a\",\"id_token\":\"b\"}").into_response(),
        "immense" => (json, "x".repeat(300 * 1024)).into_response(),
        "redirection" => (StatusCode::FOUND, [("location", "http://169.254.169.254/")]).into_response(),
        "code refusé" => (
            StatusCode::BAD_REQUEST,
            json,
            "{\"error\":\"invalid_grant\",\"error_uri\":\"https://x/?code=Y1&id=2\"}",
        )
            .into_response(),
        "client refusé" => {
            (StatusCode::UNAUTHORIZED, json, "{\"error\":\"invalid_client\"}").into_response()
        }
        _ => return None,
    })
}

fn change(claims: &mut Value, faute: &str, now: i64) {
    match faute {
        "autre iss" => claims["iss"] = json!("https://autre.exemple.fr"),
        "iss et barre" => claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap())),
        "autre aud" => claims["aud"] = json!("autre"),
        "aud à deux" => claims["aud"] = json!([CLIENT, "autre"]),
        "sans aud" => claims["aud"] = Value::Null,
        "autre nonce" => claims["nonce"] = json!("autre"),
        "sans nonce" => claims["nonce"] = Value::Null,
        "expiré" => claims["exp"] = json!(now - 120),
        "sans exp" => claims["exp"] = Value::Null,
        "exp texte" => claims["exp"] = json!("demain"),
        "du futur" => claims["iat"] = json!(now + 3_600),
        "eidas0" => claims["acr"] = json!("eidas0"),
        "sans acr" => claims["acr"] = Value::Null,
        "acr plus haut" => claims["acr"] = json!("eidas3"),
        "autre sub" => claims["sub"] = json!("s2"),
        "sub vide" => claims["sub"] = json!(""),
        "id_token à la place" => claims["nonce"] = json!("x"),
        "sans nom" => claims["family_name"] = Value::Null,
        "date impossible" => claims["birthdate"] = json!("1962-02-30"),
        "nom immense" => claims["family_name"] = json!("É".repeat(2_000)),
        "nom en liste" => claims["family_name"] = json!(["A", "B"]),
        _ => {}
    }
}

const SECRET: &str = "un-secret-d-essai-de-plus-de-trente-deux-signes";

async fn fautif() -> Arc<Fautif> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cle = |alg| SigningKey::generate(alg).unwrap().0;
    let f = Arc::new(Fautif {
        emetteur: format!("http://127.0.0.1:{}/fc", listener.local_addr().unwrap().port()),
        cle: cle(Alg::Es256),
        autre: cle(Alg::Es256),
        rsa: cle(Alg::Rs256),
        jeu: Mutex::default(),
    });
    let state = f.clone();
    let router = Router::new().fallback(move |uri: Uri, _: HeaderMap, _: Bytes| {
        let f = state.clone();
        async move {
            let lent = f.jeu.lock().unwrap().faute == "token: lent" && uri.path() == "/fc/token";
            if lent {
                tokio::time::sleep(Duration::from_secs(4)).await;
            }
            f.repond(uri.path())
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    f
}

fn reglages(f: &Fautif) -> Settings {
    let retour = "http://localhost:8080/franceconnect/retour";
    let mut s = Settings::franceconnect(&f.emetteur, CLIENT, Secret::new(SECRET), retour);
    s.after_logout = Some("http://localhost:8080/franceconnect/deconnexion/retour".to_owned());
    s
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn each_faulty_answer_ends_in_a_sentence(t: TestSite) {
        let f = fautif().await;
        let m = avec(&t, reglages(&f)).await;
        let mut b = t.browser(pages(&m));
        let fautes = [
            ("", ""),
            ("id_token: autre iss", "reponse"),
            ("id_token: iss et barre", "reponse"),
            ("id_token: autre aud", "reponse"),
            ("id_token: aud à deux", "reponse"),
            ("id_token: sans aud", "reponse"),
            ("id_token: autre nonce", "reponse"),
            ("id_token: sans nonce", "reponse"),
            ("id_token: expiré", "reponse"),
            ("id_token: sans exp", "reponse"),
            ("id_token: exp texte", "reponse"),
            ("id_token: du futur", "reponse"),
            ("id_token: eidas0", "niveau"),
            ("id_token: sans acr", "niveau"),
            ("id_token: acr plus haut", "niveau"),
            ("id_token: sub vide", "reponse"),
            ("id_token: alg none", "reponse"),
            ("id_token: autre clé", "reponse"),
            ("id_token: RS256", "reponse"),
            ("id_token: HS256 du secret", "reponse"),
            ("id_token: signature coupée", "reponse"),
            ("id_token: chiffré", "reponse"),
            ("token: page d’erreur", "indisponible"),
            ("token: entretien", "indisponible"),
            ("token: page à la place", "reponse"),
            ("token: vide", "reponse"),
            ("token: octets", "reponse"),
            ("token: liste", "reponse"),
            ("token: profond", "reponse"),
            ("token: membre doublé", "reponse"),
            ("token: immense", "indisponible"),
            ("token: redirection", "indisponible"),
            ("token: code refusé", "tard"),
            ("token: client refusé", "demande"),
            ("token: sans id_token", "reponse"),
            ("token: autre type", "reponse"),
            ("token: jeton à la ligne", "reponse"),
            ("token: jeton nombre", "reponse"),
            ("token: lent", "indisponible"),
            ("userinfo: sans signature", "reponse"),
            ("userinfo: autre sub", "reponse"),
            ("userinfo: autre iss", "reponse"),
            ("userinfo: autre aud", "reponse"),
            ("userinfo: expiré", "reponse"),
            ("userinfo: autre clé", "reponse"),
            ("userinfo: alg none", "reponse"),
            ("userinfo: RS256", "reponse"),
            ("userinfo: id_token à la place", "reponse"),
            ("userinfo: chiffré", "reponse"),
            ("userinfo: page d’erreur", "indisponible"),
            ("userinfo: page à la place", "reponse"),
            ("userinfo: vide", "reponse"),
            ("userinfo: octets", "reponse"),
            ("userinfo: immense", "indisponible"),
            ("userinfo: redirection", "indisponible"),
            ("userinfo: sans nom", "reponse"),
            ("userinfo: date impossible", "reponse"),
            ("userinfo: nom immense", "reponse"),
            ("userinfo: nom en liste", "reponse"),
        ];
        for (faute, refus) in fautes {
            let adresse = depart(&mut b).await;
            *f.jeu.lock().unwrap() = Jeu {
                faute,
                nonce: parametre(&adresse, "nonce").unwrap(),
                now: t.site.clock.now(),
                asked: Vec::new(),
            };
            let (etat, iss) = (parametre(&adresse, "state").unwrap(), &f.emetteur);
            let ici = b.get(&format!("/franceconnect/retour?code=c1&state={etat}&iss={iss}")).await.expect(303);
            let attendu = if refus.is_empty() { format!("{iss}/fin?") } else { format!("/essai?a=b&refus={refus}") };
            assert!(ici.location().starts_with(&attendu), "{faute} → {}", ici.location());
            // An unknown key asks for the keys again, at most once a minute, whatever the storm.
            let cles = f.jeu.lock().unwrap().asked.iter().filter(|p| *p == "/fc/jwks").count();
            assert!(cles <= 1, "{faute}");
        }
    }

    async fn the_answer_of_another_provider_is_asked_nothing(t: TestSite) {
        let f = fautif().await;
        let m = avec(&t, reglages(&f)).await;
        let mut b = t.browser(pages(&m));
        for iss in ["", "&iss=https://autre.exemple.fr", "&iss="] {
            let adresse = depart(&mut b).await;
            f.jeu.lock().unwrap().asked.clear();
            let etat = parametre(&adresse, "state").unwrap();
            let ici = b.get(&format!("/franceconnect/retour?code=c1&state={etat}{iss}")).await.expect(303);
            assert_eq!(ici.location(), "/essai?a=b&refus=retour", "{iss}");
            assert!(f.jeu.lock().unwrap().asked.is_empty(), "mix-up: nothing leaves");
        }
    }

    async fn a_provider_that_is_away_loses_nothing(t: TestSite) {
        let mut s = reglages(&*fautif().await);
        s.issuer = "http://127.0.0.1:9/fc".to_owned();
        let m = avec(&t, s).await;
        let mut b = t.browser(pages(&m));
        for _ in 0..3 {
            assert_eq!(b.get("/essai/partir").await.expect(303).location(), "/essai?a=b&refus=indisponible");
        }
        // Addresses that may not be contacted.
        for issuer in ["http://exemple.fr/fc", "https://169.254.169.254/", "file:///etc/passwd", "https://localhost/", ""] {
            let s = Settings::franceconnect(issuer, CLIENT, Secret::new(SECRET), "http://localhost:8080/franceconnect/retour");
            assert!(Client::par_le_reseau(&t.site, s, None, None).is_none(), "{issuer}");
        }
    }
}

/// A provider that takes calls and never answers: two hundred people wait a few seconds, are told, and nobody else waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_71_a_provider_that_hangs_holds_up_nobody_else() {
    let t = TestSite::sqlite(crate::tests_migrations()).await;
    let muet = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut s = reglages(&*fautif().await);
    s.issuer = format!("http://127.0.0.1:{}/fc", muet.local_addr().unwrap().port());
    let m = avec(&t, s).await;
    let b = t.browser(pages(&m));
    let mut attendent = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let mut b = b.clone();
        attendent.spawn(async move { b.get("/essai/partir").await });
    }
    let tous = async {
        while let Some(r) = attendent.join_next().await {
            assert_eq!(r.unwrap().expect(303).location(), "/essai?a=b&refus=indisponible");
        }
    };
    let meanwhile = async {
        for _ in 0..20 {
            b.clone().get("/essai").await.expect(303);
        }
    };
    let vite = tokio::time::timeout(Duration::from_secs(10), meanwhile);
    let (vite, tous) = tokio::join!(vite, tokio::time::timeout(Duration::from_secs(60), tous));
    vite.unwrap();
    tous.unwrap();
}
