//! The layers around every page: headers, cross-site refusals, errors as pages, access.

use axum::extract::Path;
use kernel::{Perimetre, Role, Verb};
use platform::web::{
    Access, Formulaire, PageError, PageResult, Routes, Shell, page, see_other_saying, see_other_warning,
};
use testkit::{Browser, TestSite, viewer};

#[derive(askama::Template)]
#[template(
    source = "{% extends \"layout.html\" %}{% block titre %}Essai{% endblock %}{% block contenu %}<p>bonjour</p>{% endblock %}",
    ext = "html"
)]
struct Essai {
    shell: Shell,
}

async fn hello(shell: Shell) -> PageResult {
    page(&Essai { shell })
}

async fn change(Formulaire(form): Formulaire) -> PageResult {
    if form.get("panique") == "oui" {
        panic!("un essai");
    }
    if form.get("rien") == "oui" {
        return Ok(see_other_warning("/", "Rien n’a changé."));
    }
    Ok(see_other_saying("/", "C’est enregistré."))
}

async fn fail(Path(kind): Path<String>) -> PageResult {
    Err(match kind.as_str() {
        "absent" => PageError::not_found(),
        "base" => sea_orm::DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout).into(),
        _ => PageError::internal("secret de l’intérieur"),
    })
}

async fn browser() -> (TestSite, Browser) {
    let t = TestSite::sqlite(platform::migrations()).await;
    let routes = Routes::new()
        .get("/", Access::Public, hello)
        .post("/", Access::Public, change)
        .get("/erreur/{kind}", Access::Public, fail)
        .get("/api/erreur/{kind}", Access::Public, fail)
        .get("/compte", Access::SignedIn, hello)
        .post("/compte", Access::SignedIn, change)
        .post("/sortir", Access::EvenSeeingAs, change)
        .get("/comptes", Access::May(Verb::GererComptes), hello);
    let browser = t.browser(routes);
    (t, browser)
}

#[tokio::test]
async fn every_answer_bears_the_security_headers() {
    let (_t, mut b) = browser().await;
    for path in ["/", "/nulle-part", "/erreur/x", "/api/erreur/x", "/compte", "/assets/maillage.css"] {
        let answer = b.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path} {policy}");
        assert!(!policy.contains("http"), "no third-party host: {policy}");
        assert_eq!(answer.headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn errors_are_pages_that_tell_nothing_of_the_inside() {
    let (_t, mut b) = browser().await;
    b.get("/nulle-part").await.expect(404).says("Page introuvable").says("</html>");
    b.get("/erreur/absent").await.expect(404).says("Page introuvable");
    b.get("/erreur/base").await.expect(503).says("momentanément indisponible");
    let internal = b.get("/erreur/x").await.expect(500).says("Erreur de notre côté");
    assert!(!internal.body.contains("secret"));
    let json = b.get("/api/erreur/absent").await.expect(404).json();
    assert_eq!(json["status"], 404);
    b.post("/", &[("panique", "oui")]).await.expect(500).says("Erreur de notre côté");
    b.post("/erreur/absent", &[]).await.expect(405).says("</html>");
}

#[tokio::test]
async fn refuses_what_another_site_makes_a_browser_send() {
    let (_t, b) = browser().await;
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:8080", 303),
        ("sec-fetch-site", "same-origin", 303),
    ] {
        let answer = b.with_header(name, value).post("/", &[("a", "b")]).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
        let said = answer.body.contains("</html>") && answer.body.contains("vient d’un autre site");
        assert!(status == 303 || said, "dressed, with its own sentence: {}", answer.body);
    }
}

#[tokio::test]
async fn access_is_held_by_the_guard() {
    let (_t, mut anonymous) = browser().await;
    assert_eq!(
        anonymous.get("/compte?a=é").await.expect(303).location(),
        "/connexion?retour=%2Fcompte%3Fa%3D%C3%A9"
    );
    anonymous.post("/compte", &[]).await.expect(401).says("Se connecter");
    let mut lecteur = anonymous.signed_in(viewer(Role::Lecteur, Perimetre::National));
    lecteur.get("/compte").await.expect(200);
    lecteur.get("/comptes").await.expect(403).says("Lecture");
    let mut admin = anonymous.signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
    admin.get("/comptes").await.expect(200);
    let mut seeing = viewer(Role::AdministrateurNational, Perimetre::National);
    seeing.actor.vu_par = Some(seeing.actor.compte);
    seeing.vu_comme = Some("Personne Fictive".to_owned());
    let mut seeing = anonymous.signed_in(seeing);
    seeing.get("/comptes").await.expect(200).says("comme Personne Fictive");
    seeing.post("/compte", &[]).await.expect(403).says("vous pouvez lire, pas modifier");
    seeing.post("/sortir", &[]).await.expect(303);
}

#[tokio::test]
async fn says_once_what_was_done() {
    let (_t, mut b) = browser().await;
    b.post("/", &[]).await.expect(303);
    b.get("/").await.expect(200).says("C’est enregistré.").says("fr-alert--success");
    assert!(!b.get("/").await.expect(200).body.contains("C’est enregistré."));
    // What was not done is not green.
    b.post("/", &[("rien", "oui")]).await.expect(303);
    let page = b.get("/").await.expect(200).says("Rien n’a changé.").says("fr-alert--warning");
    assert!(!page.body.contains("fr-alert--success"));
}

#[tokio::test]
async fn files_are_kept_by_browsers_and_compressed() {
    let (_t, b) = browser().await;
    let mut b = b.with_header("accept-encoding", "br");
    let url = platform::web::assets::url("maillage.css");
    let file = b.get(&url).await.expect(200);
    assert_eq!(file.headers["content-encoding"], "br");
    assert!(file.headers["cache-control"].to_str().unwrap().contains("immutable"));
    let etag = file.headers["etag"].to_str().unwrap().to_owned();
    b.with_header("if-none-match", &etag).get(&url).await.expect(304);
    b.get("/assets/../Cargo.toml").await.expect(404);
    b.get("/assets/%2e%2e/%2e%2e/Cargo.toml").await.expect(404);
}

#[tokio::test]
async fn answers_to_its_own_name_only() {
    let (_t, b) = browser().await;
    for (host, status) in [
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8080", 421),
        ("192.0.2.1:8080", 421),
        ("", 421),
    ] {
        let answer = b.with_header("host", host).get("/").await;
        assert_eq!(answer.status.as_u16(), status, "{host}");
        if status == 421 {
            let answer = answer.says("Adresse inconnue").says("http://localhost:8080").says("</html>");
            assert!(!answer.body.contains("evil"), "what was asked is not repeated");
        }
    }
    // What a proxy would have been told by anybody changes nothing.
    b.with_header("x-forwarded-host", "evil.example").get("/").await.expect(200);
    b.with_header("host", "evil.example")
        .with_header("x-forwarded-host", "localhost:8080")
        .get("/")
        .await
        .expect(421);
    // A page of another name, led here, cannot send a form as if it were ours.
    let rebound =
        b.with_header("host", "evil.example:8080").with_header("origin", "http://evil.example:8080");
    rebound.clone().post("/", &[("a", "b")]).await.expect(421);
}
