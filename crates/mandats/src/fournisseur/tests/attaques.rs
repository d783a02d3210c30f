//! What strangers try, by number.

use axum::body::Body;
use axum::http::Method;
use chrono::TimeDelta;

use super::{claims as claims_de, *};

const FORMULAIRE: Option<&str> = Some("application/x-www-form-urlencoded");

/// A page of ours: nothing led anywhere.
fn reste(answer: Answer) -> Answer {
    assert_eq!(answer.location(), "", "{}", answer.body);
    answer.expect(400)
}

#[tokio::test]
async fn attack_01_altered_redirect_uris() {
    let t = site().await;
    let mut maison = maison(&t).await;
    for autre in [
        "https://fc.exemple.fr/api/v2/oidc-callback/x",
        "https://fc.exemple.fr/api/v2/x/../oidc-callback",
        "https://fc.exemple.fr/api/v2/%2e%2e/v2/oidc-callback",
        "https://fc.exemple.fr/api/v2/oidc-callback/",
        "https://FC.exemple.fr/api/v2/oidc-callback",
        "https://fc.exemple.fr@evil.example/api/v2/oidc-callback",
        "https://fc.exemple.fr/api/v2/oidc-callback?x=1",
        "https://fc.exemple.fr/api/v2/oidc-callback#x",
        "https://fc.exemple.fr:8443/api/v2/oidc-callback",
        "http://fc.exemple.fr/api/v2/oidc-callback",
        "",
    ] {
        reste(maison.aidante.get(&demande(&[("redirect_uri", autre)])).await);
    }
}

#[tokio::test]
async fn attack_02_and_03_parameters_given_twice() {
    let t = site().await;
    let mut maison = maison(&t).await;
    for (nom, autre) in [
        ("redirect_uri", "https://evil.example"),
        ("state", "x"),
        ("nonce", "x"),
        ("client_id", "autre"),
        ("scope", "openid"),
    ] {
        reste(maison.aidante.get(&format!("{}&{nom}={autre}", demande(&[]))).await);
        let (chemin, reste_de) =
            demande(&[]).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        reste(maison.aidante.get(&format!("{chemin}?{nom}={autre}&{reste_de}")).await);
    }
}

#[tokio::test]
async fn attack_04_and_05_before_and_after_the_address_is_known() {
    let t = site().await;
    let mut maison = maison(&t).await;
    reste(maison.aidante.get(&demande(&[("client_id", "inconnu")])).await).says("n’est pas inscrit ici");
    reste(maison.aidante.get(&demande(&[("client_id", "a\0b")])).await);
    for (nom, valeur, erreur) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("acr_values", "eidas3", "unmet_authentication_requirements"),
        ("nonce", "", "invalid_request"),
        ("prompt", "none", "interaction_required"),
        ("request", "x.y.z", "request_not_supported"),
        ("request_uri", "http://127.0.0.1/", "request_uri_not_supported"),
    ] {
        let answer = maison.aidante.get(&demande(&[(nom, valeur)])).await.expect(303);
        let vers = answer.location();
        assert!(vers.starts_with(RETOUR), "{vers}");
        assert_eq!(parametre(vers, "error").as_deref(), Some(erreur), "{nom}");
        assert_eq!(parametre(vers, "state").unwrap(), "e".repeat(64));
        assert_eq!(parametre(vers, "iss").as_deref(), Some("http://localhost:8080"));
    }
    // Nobody is signed in, and nothing may be asked.
    let answer = maison.dehors.clone().get(&demande(&[("prompt", "none")])).await.expect(303);
    assert_eq!(parametre(answer.location(), "error").as_deref(), Some("login_required"));
    // What FranceConnect adds one day is ignored.
    maison.aidante.get(&format!("{}&parametre_de_demain=1", demande(&[]))).await.expect(303);
}

#[tokio::test]
async fn attack_06_open_redirects_after_a_log_out() {
    let t = site().await;
    let mut maison = maison(&t).await;
    for evil in ["https://evil.example", "//evil.example", "javascript:alert(1)", "https:evil", ""] {
        let query = serde_urlencoded::to_string([("client_id", CLIENT), ("post_logout_redirect_uri", evil)]);
        let answer = maison.dehors.get(&format!("/session/end?{}", query.unwrap())).await;
        assert_eq!(answer.location(), "", "{evil}");
    }
    reste(maison.dehors.get("/session/end?client_id=inconnu").await);
    reste(maison.dehors.get("/session/end?id_token_hint=x.y.z").await);
    reste(maison.dehors.get("/session/end?state=%zz&state=1&state=2").await);
}

#[tokio::test]
async fn attack_08_response_splitting() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let state = "a\r\nSet-Cookie: x=1";
    let adresse = maison.choisir(&[("state", state)]).await;
    assert!(!adresse.contains(['\r', '\n']));
    assert_eq!(parametre(&adresse, "state").as_deref(), Some(state));
}

#[tokio::test]
async fn attack_09_a_state_of_64_kib() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let long = "s".repeat(64 * 1024);
    // No longer address comes through HTTP itself.
    reste(maison.aidante.get(&demande(&[("state", &long[..60_000])])).await);
    reste(maison.aidante.get(&demande(&[("state", &long[..4096])])).await);
    let corps = format!("client_id={CLIENT}&state={long}");
    reste(maison.aidante.send(Method::POST, "/authorize", FORMULAIRE, Body::from(corps)).await);
    let corps = Body::from(vec![0xff; 100]);
    reste(maison.aidante.send(Method::POST, "/authorize", FORMULAIRE, corps).await);
}

#[tokio::test]
async fn attack_10_and_11_scripts_and_frames() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let script = "\"><script>alert(1)</script>";
    let flux = maison.arriver(&[("state", script), ("login_hint", script)]).await;
    let page = maison.aidante.get(&format!("{flux}/personne?q={}", "%22%3E%3Cscript%3E")).await.expect(200);
    assert!(!page.body.contains("\"><script>"), "{}", page.body);
    for page in [page, reste(maison.aidante.get(&demande(&[("client_id", script)])).await)] {
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("frame-ancestors 'none'") && csp.contains("script-src 'self'"), "{csp}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
    }
}

#[tokio::test]
async fn attack_12_and_76_nothing_is_told_nor_kept() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let arrivee = maison.aidante.get(&demande(&[])).await.expect(303);
    let flux = arrivee.location().to_owned();
    assert!(!flux.contains('?'), "what came is no longer in the address");
    let page = maison.aidante.get(&format!("{flux}/personne")).await.expect(200);
    let personne = maison.usager.id.to_string();
    maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
    let depart = maison.repond(&flux, "logement").await.expect(303);
    for answer in [&arrivee, &page, &depart] {
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let erreur = maison.jeton_avec("x", &[]).await.expect(400);
    assert_eq!(erreur.headers["cache-control"], "no-store");
    let decouverte = maison.dehors.get("/.well-known/openid-configuration").await.expect(200);
    assert_eq!(decouverte.headers["cache-control"], "public, max-age=600");
}

#[tokio::test]
async fn attack_14_every_redirect_after_a_form_is_a_303() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let query = demande(&[]).split_once('?').unwrap().1.to_owned();
    let answer =
        maison.aidante.send(Method::POST, "/authorize", FORMULAIRE, Body::from(query)).await.expect(303);
    let flux = maison.aidante.get(answer.location()).await.expect(303).location().to_owned();
    let fin = maison.aidante.post(&format!("{flux}/renoncer"), &[]).await.expect(303);
    assert_eq!(parametre(fin.location(), "error").as_deref(), Some("access_denied"));
    assert_eq!(parametre(fin.location(), "state").unwrap(), "e".repeat(64));
    maison.aidante.post(&format!("{flux}/renoncer"), &[]).await.expect(410);
}

#[tokio::test]
async fn attack_18_a_code_after_its_time() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let code = maison.code().await;
    t.site.clock.advance(TimeDelta::seconds(30));
    maison.jeton_avec(&code, &[]).await.expect(400).says("invalid_grant");
}

#[tokio::test]
async fn attack_21_a_token_elsewhere_than_in_the_header() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let jeton = maison.jeton().await;
    let nu = maison.dehors.get(&format!("/userinfo?access_token={jeton}")).await.expect(401);
    assert_eq!(nu.headers["www-authenticate"], "Bearer realm=\"userinfo\"");
    maison.dehors.post("/userinfo", &[("access_token", &jeton)]).await.expect(401);
    maison.dehors.with_header("authorization", "Bearer é").get("/userinfo").await.expect(401);
    maison.dehors.with_header("authorization", "Bearer a b").get("/userinfo").await.expect(400);
    maison.dehors.with_header("authorization", &format!("Basic {jeton}")).get("/userinfo").await.expect(401);
    maison.identite(&jeton).await.expect(200);
}

#[tokio::test]
async fn a_look_without_a_body_spends_nothing_and_every_401_says_how() {
    let t = site().await;
    let mut maison = maison_avec(&t, Reglages { one_use: true, ..reglages() }).await;
    let jeton = maison.jeton().await;
    let mut porteur = maison.dehors.with_header("authorization", &format!("Bearer {jeton}"));
    let vide = porteur.send(Method::HEAD, "/userinfo", None, Body::empty()).await.expect(405);
    assert_eq!(vide.headers["allow"], "GET, POST");
    porteur.get("/userinfo").await.expect(200);
    let mort = porteur.get("/userinfo").await.expect(401);
    assert!(
        mort.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer realm=\"userinfo\", error=")
    );
    let faux = maison.jeton_avec("x", &[("client_secret", "faux")]).await.expect(401);
    assert_eq!(faux.headers["www-authenticate"], "Basic realm=\"token\", charset=\"UTF-8\"");
}

#[tokio::test]
async fn attack_24_and_26_other_shapes_of_token_requests() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let code = maison.code().await;
    maison.dehors.get("/token").await.expect(405);
    let corps = serde_json::json!({ "grant_type": "authorization_code", "code": code });
    maison.dehors.post_json("/token", &corps).await.expect(400).says("invalid_request");
    let double =
        format!("grant_type=authorization_code&code={code}&code=x&redirect_uri={RETOUR}&client_id={CLIENT}");
    maison.dehors.send(Method::POST, "/token", FORMULAIRE, Body::from(double)).await.expect(400);
    let long = Body::from("a".repeat(64 * 1024));
    maison.dehors.send(Method::POST, "/token", FORMULAIRE, long).await.expect(400);
    let binaire = Body::from(vec![0xff, 0, 1]);
    maison.dehors.send(Method::POST, "/token", FORMULAIRE, binaire).await.expect(400);
    for grant in ["password", "client_credentials", "refresh_token"] {
        let refuse = maison.jeton_avec(&code, &[("grant_type", grant)]).await.expect(400).json();
        assert_eq!(refuse["error"], "unsupported_grant_type");
    }
    for (nom, valeur) in [("client_id", "a\0b"), ("code", "a\0b"), ("client_secret", "\0")] {
        let answer = maison.jeton_avec(&code, &[(nom, valeur)]).await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{nom}");
    }
    assert!(maison.jetons(&code).await["access_token"].is_string(), "none of it spent the code");
}

#[tokio::test]
async fn attack_25_downgrades() {
    let t = site().await;
    let mut maison = maison(&t).await;
    for (nom, valeur) in [
        ("response_type", "token"),
        ("response_type", "id_token"),
        ("response_type", "code token"),
        ("response_mode", "form_post"),
        ("response_mode", "fragment"),
        ("code_challenge_method", "plain"),
    ] {
        let answer = maison.aidante.get(&demande(&[(nom, valeur)])).await.expect(303);
        assert!(parametre(answer.location(), "error").is_some(), "{nom}={valeur}");
    }
}

#[tokio::test]
async fn attack_28_and_78_floods() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let code = maison.code().await;
    let mut tenus = 0;
    for n in 0..40 {
        let refuse =
            maison.jeton_avec(&code, &[("client_secret", "pas celui-là, mais bien assez long aussi")]).await;
        assert!(refuse.status == 401 || (refuse.status == 429 && n >= 20), "{n} {}", refuse.status);
        tenus += usize::from(refuse.status == 429);
    }
    assert_eq!(tenus, 20);
    // A flood of made-up names neither holds the writer, nor clears what is known, nor lasts.
    let occupe = t.site.db.write(async |_tx| {
        for n in 0..280 {
            let nom = format!("nom-{n}");
            maison.identite(&nom).await.expect(401);
            maison.jeton_avec("x", &[("client_id", &nom)]).await.expect(401);
        }
        Ok::<_, sea_orm::DbErr>(())
    });
    occupe.await.unwrap();
    maison.jeton_avec("x", &[("client_id", "encore-un")]).await.expect(429);
    maison.jeton_avec("x", &[]).await.expect(429);
    t.site.clock.advance(TimeDelta::minutes(1));
    for _ in 0..25 {
        maison.jeton_avec("x", &[("client_secret", "pas celui-là, mais bien assez long aussi")]).await;
    }
    maison.jeton_avec("x", &[]).await.expect(429);
    // Another client of the same source is heard, and the client itself a minute later.
    client(&t, "autre", reglages()).await;
    maison.jeton_avec("x", &[("client_id", "autre")]).await.expect(400).says("invalid_grant");
    t.site.clock.advance(TimeDelta::minutes(1));
    let code = maison.code().await;
    assert!(maison.jetons(&code).await["access_token"].is_string());
}

#[tokio::test]
async fn attack_58_a_proof_that_is_too_old_is_asked_again() {
    let t = site().await;
    let mut maison = maison(&t).await;
    t.site.clock.advance(TimeDelta::minutes(11));
    let flux = maison.arriver(&[]).await;
    let preuve = maison.aidante.get(&flux).await.expect(303);
    assert!(preuve.location().starts_with("/compte/preuve?retour=%2Fauthorize%2F"), "{}", preuve.location());
    // Proved, one comes back to the same request.
    maison.aidante = maison.aidante.signed_in(viewer(&t, &maison.actor));
    maison.aidante.get(&flux).await.expect(303);
    maison.aidante.get(&format!("{flux}/personne")).await.expect(200);
}

#[tokio::test]
async fn attack_43_and_57_a_request_belongs_to_its_browser_and_waits() {
    let t = site().await;
    let mut maison = maison(&t).await;
    // Nobody is signed in: who asks, then sign in, then back.
    let mut visiteur = maison.dehors.clone();
    let flux = visiteur.get(&demande(&[])).await.expect(303).location().to_owned();
    let entree = visiteur.get(&flux).await.expect(200).says("FranceConnect demande pour qui vous agissez");
    let retour: String = url::form_urlencoded::byte_serialize(flux.as_bytes()).collect();
    for lien in [
        format!("/connexion?retour={retour}"),
        "/habilitation".to_owned(),
        "/aide/agir-avec-franceconnect".to_owned(),
    ] {
        assert!(entree.body.contains(&format!("href=\"{lien}\"")), "{lien} {}", entree.body);
    }
    for page in ["personne", "demarche"] {
        assert_eq!(visiteur.get(&format!("{flux}/{page}")).await.expect(303).location(), flux);
    }
    let mut connectee = visiteur.signed_in(viewer(&t, &maison.actor));
    connectee.get(&flux).await.expect(303);
    // In the browser of somebody else it does not exist, whoever is signed in there.
    maison.aidante.get(&flux).await.expect(404);
    maison.aidante.get(&demande(&[])).await.expect(303);
    maison.aidante.get(&flux).await.expect(404);
    maison.aidante.post(&format!("{flux}/renoncer"), &[]).await.expect(404);
    // Half an hour later the service does not wait any more, and the page says where to go.
    t.site.clock.advance(TimeDelta::minutes(29));
    let mut connectee = visiteur.signed_in(viewer(&t, &maison.actor));
    connectee.get(&format!("{flux}/personne")).await.expect(200);
    t.site.clock.advance(TimeDelta::minutes(1));
    connectee.get(&flux).await.expect(410).says("Revenir au service");
}

#[tokio::test]
async fn attack_54_a_log_out_that_another_site_starts() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let jeton = maison.jeton().await;
    maison.aidante.get(&format!("/session/end?client_id={CLIENT}")).await.expect(200);
    maison.identite(&jeton).await.expect(200);
    maison.aidante.get("/aidant/utilisations").await.expect(200);
}

#[tokio::test]
async fn attack_64_forms_of_another_site() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let flux = maison.arriver(&[]).await;
    let personne = maison.usager.id.to_string();
    let mut piege = maison.aidante.with_header("origin", "https://evil.example");
    for (suite, champ) in [
        ("personne", ("personne", personne.as_str())),
        ("demarche", ("demarche", "logement")),
        ("renoncer", ("x", "y")),
    ] {
        piege.post(&format!("{flux}/{suite}"), &[champ]).await.expect(403);
    }
    piege.post("/gestion/fournisseur/clients/nouveau", &[]).await.expect(403);
    // A request may arrive as a form of the client's own page: it changes nothing yet.
    let query = demande(&[]).split_once('?').unwrap().1.to_owned();
    let mut fc = maison.aidante.with_header("origin", "https://fc.exemple.fr");
    fc.send(Method::POST, "/authorize", FORMULAIRE, Body::from(query)).await.expect(303);
}

/// A form of another site brings no cookie (`SameSite=Lax`): it must neither give the browser a new secret, nor let another
/// browser take the request.
#[tokio::test]
async fn a_form_of_another_site_ends_no_other_request() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let flux = maison.arriver(&[]).await;
    let query = demande(&[]).split_once('?').unwrap().1.to_owned();
    let mut sans = maison.dehors.with_header("origin", "https://fc.exemple.fr");
    let arrivee = sans.send(Method::POST, "/authorize", FORMULAIRE, Body::from(query)).await.expect(303);
    assert!(!arrivee.headers.contains_key("set-cookie"));
    let suite = arrivee.location().to_owned();
    assert!(!suite.contains(&"e".repeat(64)), "neither state nor nonce in the address");
    let venu = suite.split_once("/suite").unwrap().0.to_owned();
    // Without the address to which the form led, the request is nobody's.
    maison.aidante.get(&venu).await.expect(404);
    maison.aidante.get(&format!("{venu}/suite")).await.expect(404);
    maison.aidante.get(&format!("{venu}/suite?cle={}", "0".repeat(64))).await.expect(404);
    // The redirection is followed with the cookie that the form did not carry.
    assert_eq!(maison.aidante.get(&suite).await.expect(303).location(), venu);
    maison.aidante.get(&format!("{venu}/personne")).await.expect(200);
    maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("USAGER-1");
    maison.dehors.clone().get(&suite).await.expect(404);
    // A browser that comes for the first time is given a secret there.
    let query = demande(&[]).split_once('?').unwrap().1.to_owned();
    let suite = sans
        .send(Method::POST, "/authorize", FORMULAIRE, Body::from(query))
        .await
        .expect(303)
        .location()
        .to_owned();
    let mut premiere = maison.dehors.clone();
    let la = premiere.get(&suite).await.expect(303).location().to_owned();
    premiere.get(&la).await.expect(200).says("Se connecter");
}

#[tokio::test]
async fn the_cookie_of_requests_lasts_as_long_as_the_last_one() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let premiere = maison.aidante.get(&demande(&[])).await.expect(303);
    t.site.clock.advance(TimeDelta::minutes(45));
    maison.aidante = maison.aidante.signed_in(viewer(&t, &maison.actor));
    let seconde = maison.aidante.get(&demande(&[])).await.expect(303);
    let pose = |a: &Answer| a.headers["set-cookie"].to_str().unwrap().to_owned();
    // The same secret, for an hour from now: no request in another window is lost.
    assert_eq!(pose(&premiere), pose(&seconde));
    assert!(pose(&seconde).contains("Max-Age=3600"), "{}", pose(&seconde));
    t.site.clock.advance(TimeDelta::minutes(20));
    let flux = seconde.location().to_owned();
    maison.aidante.get(&format!("{flux}/personne")).await.expect(200);
}

#[tokio::test]
async fn attack_65_and_67_another_person_another_demarche() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let ailleurs = essai::organisation(&t, "Ailleurs", 2).await.structure;
    let (_, autre) = essai::aidant(&t, ailleurs, Fonction::Aidant, 2).await;
    compte(&t, &autre).await;
    let inconnu = essai::usager(&t, 2).await;
    mandat(&t, ailleurs, &inconnu, &["logement"]).await;
    let flux = maison.arriver(&[]).await;
    // A person who mandated another organisation does not exist here.
    let page = maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("USAGER-1");
    assert!(!page.body.contains("USAGER-2"));
    for personne in
        [inconnu.id.to_string(), "0198a000-0000-7000-8000-00000000dead".to_owned(), "x".to_owned()]
    {
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(404);
    }
    // Nor does one who is ours, for an aidant of that organisation in this very browser.
    let personne = maison.usager.id.to_string();
    maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
    let mut intruse = maison.aidante.signed_in(viewer(&t, &autre));
    assert_eq!(
        intruse.get(&format!("{flux}/demarche")).await.expect(303).location(),
        format!("{flux}/personne")
    );
    let pour = ("pour", personne.as_str());
    intruse.post(&format!("{flux}/demarche"), &[pour, ("demarche", "logement")]).await.expect(404);
    // A démarche that the person did not allow, one that does not exist, none.
    for demarche in ["justice", "tout", "'; DROP TABLE mandat; --", "a\0b"] {
        maison.repond(&flux, demarche).await.expect(404);
    }
    maison
        .aidante
        .post(&format!("{flux}/demarche"), &[pour])
        .await
        .expect(422)
        .says("Choisissez la démarche");
    let vide = maison.aidante.get("/aidant/utilisations").await.expect(200);
    assert!(!vide.body.contains("USAGER-"));
    assert_eq!(lignes(&t, "usage.commencer").await, 0);
}

#[tokio::test]
async fn rep_scope_restricts_the_choice() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let claims =
        r#"{"id_token":{"rep_scope":{"essential":true,"values":["Argent-Impots-Consommation","Inconnu"]}}}"#;
    let flux = maison.arriver(&[("claims", claims)]).await;
    let personne = maison.usager.id.to_string();
    maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
    let page = maison.aidante.get(&format!("{flux}/demarche")).await.expect(200);
    page.says("surendettement doit être signé").says("Ce service n’accepte pas : Logement");
    let refuse = maison.repond(&flux, "logement").await.expect(303);
    assert_eq!(parametre(refuse.location(), "error").as_deref(), Some("access_denied"));
    // The same in the words of Aidants Connect, and answered in those words.
    for (valeurs, permise, refusee, dit) in [
        (r#"["argent","Inconnu"]"#, "argent", Some("logement"), "argent"),
        (r#"["Argent-Impots-Consommation"]"#, "argent", Some("logement"), "Argent-Impots-Consommation"),
        (r#"["justice","logement"]"#, "logement", Some("argent"), "logement"),
        ("[]", "logement", None, "Logement"),
    ] {
        let claims = format!(r#"{{"id_token":{{"rep_scope":{{"essential":true,"values":{valeurs}}}}}}}"#);
        for (demarche, bon) in [(Some(permise), true), (refusee, false)] {
            let Some(demarche) = demarche else { continue };
            let flux = maison.arriver(&[("claims", &claims)]).await;
            maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
            let vers = maison.repond(&flux, demarche).await.expect(303).location().to_owned();
            match parametre(&vers, "code").filter(|_| bon) {
                Some(code) => {
                    let jetons = maison.jetons(&code).await;
                    let id_token = claims_de(jetons["id_token"].as_str().unwrap());
                    assert_eq!(id_token["rep_scope"], serde_json::json!([dit]), "{valeurs}");
                }
                None => assert_eq!(parametre(&vers, "error").as_deref(), Some("access_denied"), "{valeurs}"),
            }
        }
    }
    for inconnus in [r#"["Inconnu"]"#, r#"["justice"]"#] {
        let claims = format!(r#"{{"id_token":{{"rep_scope":{{"values":{inconnus}}}}}}}"#);
        let flux = maison.arriver(&[("claims", &claims)]).await;
        maison
            .aidante
            .get(&format!("{flux}/personne"))
            .await
            .expect(200)
            .says("aucune que ce service accepte");
    }
    let vide = r#"{"id_token":{"rep_scope":{"values":["Justice"]}}}"#;
    let flux = maison.arriver(&[("claims", vide)]).await;
    maison.aidante.get(&format!("{flux}/personne")).await.expect(200).says("aucune que ce service accepte");
}

#[tokio::test]
async fn attack_73_names_of_other_hosts() {
    let t = site().await;
    let maison = maison(&t).await;
    maison
        .dehors
        .with_header("host", "evil.example")
        .get("/.well-known/openid-configuration")
        .await
        .expect(421);
    let mut trompe = maison.dehors.with_header("x-forwarded-host", "evil.example");
    let document = trompe.get("/.well-known/openid-configuration").await.expect(200).json();
    assert_eq!(document["issuer"], "http://localhost:8080");
    assert_eq!(document["end_session_endpoint"], "http://localhost:8080/session/end");
    assert!(!document.to_string().contains("evil"));
}

#[tokio::test]
async fn attack_77_other_origins() {
    let t = site().await;
    let mut maison = maison(&t).await;
    let jeton = maison.jeton().await;
    let evil = maison.dehors.with_header("origin", "https://evil.example");
    let mut avec = evil.with_header("authorization", &format!("Bearer {jeton}"));
    for answer in [avec.get("/userinfo").await, evil.clone().post("/token", &[]).await] {
        assert!(!answer.headers.keys().any(|k| k.as_str().starts_with("access-control-")));
    }
}

#[tokio::test]
async fn attack_79_a_clock_that_goes_back() {
    let t = site().await;
    let mut maison = maison_avec(&t, Reglages { one_use: true, ..reglages() }).await;
    let (code, jeton) = (maison.code().await, maison.jeton().await);
    maison.identite(&jeton).await.expect(200);
    maison.jetons(&code).await;
    t.site.clock.advance(TimeDelta::minutes(-5));
    // What was used stays used, whatever the hour.
    maison.identite(&jeton).await.expect(401);
    maison.jeton_avec(&code, &[]).await.expect(400);
}
