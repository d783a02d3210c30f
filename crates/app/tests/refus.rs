//! No door without its lock: every route of the composed site is walked as nobody, as each role
//! without its verb, as each role of another organisation, and through the eyes of another person.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use app::wiring::{Instance, migrations};
use axum::body::Body;
use axum::http::Method;
use kernel::droits::{GenrePerimetre, Ligne, TABLE};
use kernel::ids::{CompteId, LieuId, StructureId};
use kernel::{CodeCommune, CodeDepartement, CodeRegion, NumeroPersonne, Perimetre, Portee, Reseau, Role};
use platform::Mode;
use platform::web::{Access, ParJeton, RouteInfo};
use testkit::{Answer, Browser, TestSite};

/// Where anybody may read. A page anywhere else must declare who may come.
const PUBLIC_AREAS: &[&str] = &[
    "/accessibilite",
    // Addresses of the service of before: each leads to one of ours, whatever was asked.
    "/accounts/login",
    "/activity_check",
    "/cgu",
    "/creation_mandat",
    "/espace-aidant",
    "/espace-referent",
    "/espace-responsable",
    "/faq",
    "/formation",
    "/guide_utilisation",
    "/logout",
    "/logout-session",
    "/mentions_legales",
    "/politique-confidentialite",
    "/politique_confidentialite",
    "/ressources",
    "/statistiques",
    "/stats",
    "/temoignages",
    "/usagers",
    "/aide",
    "/api/v1",
    "/assets",
    "/authorize",
    "/candidature",
    "/conditions-aidants-connect",
    "/ateliers",
    "/ateliers.ics",
    "/connexion",
    "/couverture",
    "/demande-de-postes",
    "/deconnexion",
    "/demo",
    "/donnees",
    "/donnees-personnelles",
    "/formation-par-un-collegue",
    "/habilitation",
    "/invitation",
    "/lieux",
    "/mentions-legales",
    "/mot-de-passe",
    "/mot-de-passe-oublie",
    "/integrer",
    "/jwks",
    "/session/end",
    "/userinfo",
    "/orientation",
    "/proconnect",
    "/robots.txt",
    "/.well-known",
    "/territoires",
    "/accord",
    "/identification",
    "/faux-franceconnect",
    "/franceconnect",
    "/mandats/lecture",
    "/mes-mandats",
    "/ne-plus-recevoir",
    "/rappels/sms",
    "/reunions",
    "/statistiques-mandats",
    "/verifier",
];

/// Where anybody may send a form: signing in, the doors of the demonstration, the report of an error on a lieu, the sheet
/// of an orientation, which is stored nowhere, an application and the link that confirms it, the protocol of the identity
/// provider, where who asks proves it in the request, the space of a person, who has no account: it opens sessions of its own;
/// the link by which they want no more messages.
const PUBLIC_FORMS: &[&str] = &[
    "/authorize",
    "/candidature",
    "/connexion",
    "/deconnexion",
    "/demande-de-postes",
    "/demo",
    "/habilitation",
    "/invitation",
    "/lieux",
    "/mot-de-passe",
    "/mot-de-passe-oublie",
    "/orientation",
    "/session/end",
    "/token",
    "/userinfo",
    "/accord",
    "/identification",
    "/faux-franceconnect",
    "/mes-mandats",
    "/ne-plus-recevoir",
    "/rappels/sms",
    "/reunions",
];

/// Where any person who is signed in may come: their own account.
const OWN_AREAS: &[&str] =
    &["/aidant/conditions", "/aidant/moi", "/aidant/notifications", "/bureau", "/compte", "/deconnexion"];

/// Routes with a parameter that names nothing of an organisation, and why.
const NOT_SCOPED: &[(&str, &str)] = &[
    ("/gestion/taches/{id}/relancer", "jobs belong to the instance; only national administrators come"),
    ("/gestion/courriels/{cle}", "kinds of message belong to the program; only national administrators come"),
];

struct House {
    test: TestSite,
    browser: Browser,
    instance: Instance,
    routes: Vec<RouteInfo>,
}

async fn house(mode: Mode) -> House {
    let mut test = TestSite::sqlite(migrations()).await;
    test.site.mode = mode;
    let instance = Instance::load(&test.site).await.unwrap();
    let routes = instance.stack.routes.clone();
    House { test, browser: Browser::new(instance.stack.router.clone()), instance, routes }
}

/// Things that exist, and belong to others: a structure, with its contact, a delivery, and a lieu.
async fn things_of_others(house: &House) -> Vec<String> {
    let (site, territoires) = (&house.test.site, house.instance.annuaire.territoires());
    let structures =
        site.db.write(async |tx| annuaire::structures::demo(site, tx, &territoires).await).await.unwrap();
    let admin = testkit::viewer(Role::AdministrateurNational, Perimetre::National);
    let mut browser = house.browser.signed_in(admin);
    let file = ("lieux.csv", "id,nom,commune,code_postal,adresse\n1,Essai,Guéret,23000,1 place Bonnyaud\n");
    let sent = browser
        .post_file("/gestion/lieux/imports", &[], ("fichier", file.0, file.1.as_bytes()))
        .await
        .expect(303);
    let delivery = sent.location().rsplit('/').next().unwrap().to_owned();
    let registry = app::wiring::Instance::load(site).await.unwrap().registry;
    platform::jobs::Worker::new(site.clone(), registry).drain().await.unwrap();
    let path = format!("/gestion/lieux/imports/{delivery}");
    browser.get(&path).await.expect(200);
    let structure = structures.first().unwrap().to_string();
    browser.get(&format!("/gestion/structures/{structure}")).await.expect(200);
    let contact = "SELECT id FROM structure_contact LIMIT 1";
    let rows = platform::db::kit::query(site.db.read(), contact, []).await.unwrap();
    let contact = rows[0].try_get_by_index::<uuid::Uuid>(0).unwrap().to_string();
    let rows = platform::db::kit::query(site.db.read(), "SELECT id FROM lieu LIMIT 1", []).await.unwrap();
    let lieu = rows[0].try_get_by_index::<uuid::Uuid>(0).unwrap().to_string();
    let (demande, seance) = asked_and_judged(house, structures[0]).await;
    vec![structure, contact, delivery, lieu, demande, seance]
}

/// What that structure asks, and a session of the committee.
async fn asked_and_judged(house: &House, structure: StructureId) -> (String, String) {
    let as_role = |role, scope| house.browser.signed_in(testkit::viewer(role, scope));
    let form = [
        ("type", "premiers_postes"),
        ("postes", "1"),
        ("debut", "2026-09-01"),
        ("candidat", "non"),
        ("missions", "usages"),
        ("motivation", "Essai"),
        ("prenom", "Anne"),
        ("nom_contact", "Essai"),
        ("fonction", "Direction"),
        ("courriel", "anne@exemple.fr"),
        ("telephone", "01 80 05 98 80"),
    ];
    let mut b = as_role(Role::GestionnaireStructure, Perimetre::Structures(vec![structure]));
    let asked = b.post("/conseillers/demandes/nouvelle", &form).await.expect(303);
    b.get(asked.location()).await.expect(200);
    let mut b = as_role(Role::ComiteSelection, Perimetre::National);
    let session = [("jour", "2026-04-01"), ("ordre_du_jour", "Essai")];
    let opened = b.post("/conseillers/seances", &session).await.expect(303);
    let last = |a: &Answer| a.location().rsplit('/').next().unwrap_or_default().to_owned();
    (last(&asked), last(&opened))
}

fn within(path: &str, areas: &[&str]) -> bool {
    areas.iter().any(|a| path == *a || path.strip_prefix(a).is_some_and(|rest| rest.starts_with('/')))
}

/// The path with its parameters filled with things that exist for somebody else, or nowhere.
fn fill(path: &str, id: &str) -> String {
    path.split('/')
        .map(|part| match part {
            "{*path}" => "maillage.css",
            p if p.starts_with('{') => id,
            p => p,
        })
        .collect::<Vec<_>>()
        .join("/")
}

async fn send(browser: &Browser, route: &RouteInfo, id: &str) -> Answer {
    let path = fill(&route.path, id);
    let mut browser = match route.access {
        Access::Jeton(..) => browser.with_token(every_token()),
        _ => browser.clone(),
    };
    match route.method {
        Method::GET => browser.get(&path).await,
        _ => {
            let kind = Some("application/x-www-form-urlencoded");
            browser.send(route.method.clone(), &path, kind, Body::empty()).await
        }
    }
}

/// A token that allows everything that a token can: what its owner may do then decides.
fn every_token() -> ParJeton {
    ParJeton { id: uuid::Uuid::nil(), attribution: uuid::Uuid::nil(), portees: Portee::TOUTES.to_vec() }
}

const NOWHERE: &str = "0198a000-0000-7000-8000-00000000dead";

#[tokio::test]
async fn every_route_stands_where_its_access_says() {
    let mut wrong = Vec::new();
    for route in house(Mode::Demo).await.routes {
        let (path, read) = (route.path.as_str(), route.method == Method::GET);
        let right = match route.access {
            Access::Public if read => path == "/" || within(path, PUBLIC_AREAS),
            Access::Public => within(path, PUBLIC_FORMS),
            // By itself it holds nothing, and leads to the desk.
            Access::SignedIn if path == "/gestion" => true,
            Access::SignedIn | Access::EvenSeeingAs => within(path, OWN_AREAS),
            Access::May(_) => true,
            Access::Jeton(..) => within(path, &["/api/v1"]),
        };
        // Management pages are for those whose role has a verb, nobody else.
        let managed =
            path == "/gestion" || !within(path, &["/gestion"]) || matches!(route.access, Access::May(_));
        if !right || !managed {
            wrong.push(format!("{} {path} {:?}", route.method, route.access));
        }
    }
    assert!(wrong.is_empty(), "not where they may stand: {wrong:#?}");
}

#[tokio::test]
async fn an_address_of_before_leads_for_good_to_a_page_of_ours() {
    let house = house(Mode::Serve).await;
    // The conditions of use are dated: on a day when they are in force.
    let clock = &house.test.site.clock;
    let jour = "2026-12-01T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    clock.advance((jour - clock.now()).max(chrono::TimeDelta::zero()));
    let protocole = ["/authorize/", "/token/", "/userinfo/", "/logout/"];
    let anciennes: Vec<_> = house
        .routes
        .iter()
        .filter(|r| r.path != "/" && (r.path.ends_with('/') || r.path.ends_with("{*reste}")))
        .filter(|r| !protocole.contains(&r.path.as_str()))
        .collect();
    assert!(anciennes.len() > 20, "{}", anciennes.len());
    for route in anciennes {
        assert_eq!(route.method, Method::GET, "{}", route.path);
        let ici = route.path.replace("{*reste}", "/evil.example/x");
        let (bas, mut b) = (ici.trim_end_matches('/'), house.browser.clone());
        let nu = b.get(&ici).await.expect(301).location().to_owned();
        let charge =
            b.get(&format!("{ici}?next=//evil.example&retour=https://evil.example")).await.expect(301);
        assert_eq!(charge.location(), nu, "{bas}");
        let la = b.get(&nu).await;
        assert!([200, 303, 401].contains(&la.status.as_u16()), "{ici} → {nu} → {}", la.status);
        assert!(
            la.status.as_u16() != 303 || la.location().starts_with("/connexion"),
            "{nu} → {}",
            la.location()
        );
    }
    // What a client of before asks with a slash is answered as without it, never sent elsewhere.
    for (methode, chemin) in [
        (Method::GET, "/authorize"),
        (Method::POST, "/token"),
        (Method::GET, "/userinfo"),
        (Method::POST, "/userinfo"),
    ] {
        let vide = axum::body::Body::empty;
        let sans = house.browser.clone().send(methode.clone(), chemin, None, vide()).await;
        let avec = house.browser.clone().send(methode.clone(), &format!("{chemin}/"), None, vide()).await;
        assert_eq!(avec.status, sans.status, "{methode} {chemin}");
        assert_eq!(
            avec.headers.get("www-authenticate"),
            sans.headers.get("www-authenticate"),
            "{methode} {chemin}"
        );
        assert!(
            !avec.status.is_redirection() && avec.status.as_u16() != 404,
            "{methode} {chemin}: {}",
            avec.status
        );
    }
}

#[tokio::test]
async fn the_doors_of_the_demonstration_are_not_in_a_real_site() {
    let house = house(Mode::Serve).await;
    let found: Vec<_> = house.routes.iter().filter(|r| within(&r.path, &["/demo"])).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn nobody_comes_in_without_signing_in() {
    for mode in [Mode::Serve, Mode::Demo] {
        let house = house(mode).await;
        for route in &house.routes {
            let answer = send(&house.browser, route, NOWHERE).await;
            let status = answer.status.as_u16();
            if route.access == Access::Public {
                assert!(status < 500, "{} {} → {status}", route.method, route.path);
            } else {
                let sent = status == 303 && answer.location().starts_with("/connexion?retour=");
                assert!(sent || status == 401, "{} {} → {status}", route.method, route.path);
                assert!(sent || !answer.body.contains("<table"), "{} shows something", route.path);
            }
        }
    }
}

#[tokio::test]
async fn a_session_does_not_open_what_a_token_does() {
    let house = house(Mode::Serve).await;
    let browser = house.browser.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
    let mut tried = 0;
    for route in &house.routes {
        let mut program = browser.with_token(every_token());
        let (path, none) = (fill(&route.path, NOWHERE), axum::body::Body::empty);
        match route.access {
            Access::Jeton(_, portee) => {
                let session = browser.clone().send(route.method.clone(), &path, None, none()).await;
                assert_eq!(session.status.as_u16(), 401, "{path}");
                let autres = Portee::TOUTES.into_iter().filter(|p| *p != portee).collect();
                let mut narrow = browser.with_token(ParJeton { portees: autres, ..every_token() });
                let answer = narrow.send(route.method.clone(), &path, None, none()).await.expect(403);
                assert_eq!(answer.headers["content-type"], "application/problem+json");
                tried += 1;
            }
            Access::Public => {}
            _ => drop(program.send(route.method.clone(), &path, None, none()).await.expect(403)),
        }
    }
    assert!(tried > 5);
}

#[tokio::test]
async fn no_role_does_what_its_line_of_the_table_does_not_say() {
    let house = house(Mode::Serve).await;
    for (ligne, perimetre) in strangers(&house) {
        let browser = house.browser.signed_in(testkit::viewer(ligne.role, perimetre));
        for route in &house.routes {
            let (Access::May(verb) | Access::Jeton(verb, _)) = route.access else { continue };
            let status = send(&browser, route, NOWHERE).await.status.as_u16();
            let name = format!("{} {} as {}", route.method, route.path, ligne.key);
            if ligne.verbs.contains(&verb) {
                assert!(status < 500, "{name} → {status}");
            } else {
                assert_eq!(status, 403, "{name}");
            }
        }
    }
}

/// A scope of each kind that the role may have, that reaches nothing of what the tests make; the nation when there is no
/// other.
fn elsewhere(role: Role, house: &House) -> Vec<Perimetre> {
    let (clock, chance) = (&house.test.site.clock, &house.test.site.chance);
    let scopes: Vec<Perimetre> = role
        .ligne()
        .perimetres
        .iter()
        .filter_map(|genre| match genre {
            GenrePerimetre::National => None,
            GenrePerimetre::Regions => {
                Some(Perimetre::Regions(CodeRegion::parse("06").into_iter().collect()))
            }
            GenrePerimetre::Departements => {
                Some(Perimetre::Departements(CodeDepartement::parse("976").into_iter().collect()))
            }
            GenrePerimetre::Communes => {
                Some(Perimetre::Communes(CodeCommune::parse("97611").into_iter().collect()))
            }
            GenrePerimetre::Reseaux => Some(Perimetre::Reseaux(Reseau::parse("pimms").into_iter().collect())),
            GenrePerimetre::Structures => Some(Perimetre::Structures(vec![StructureId::new(clock, chance)])),
            GenrePerimetre::Lieux => Some(Perimetre::Lieux(vec![LieuId::new(clock, chance)])),
            GenrePerimetre::Personnes => Some(Perimetre::Personnes(vec![NumeroPersonne(999_999)])),
            GenrePerimetre::Soi => Some(Perimetre::Soi),
        })
        .collect();
    if scopes.is_empty() { vec![Perimetre::National] } else { scopes }
}

/// Each role with each kind of scope that it may have, elsewhere.
fn strangers(house: &House) -> Vec<(&'static Ligne, Perimetre)> {
    TABLE.iter().flat_map(|l| elsewhere(l.role, house).into_iter().map(move |p| (l, p))).collect()
}

#[tokio::test]
async fn what_belongs_to_others_is_as_if_it_did_not_exist() {
    let house = house(Mode::Serve).await;
    for path in NOT_SCOPED.iter().map(|(path, _)| path) {
        assert!(house.routes.iter().any(|r| r.path == *path), "no longer a route: {path}");
    }
    let mut ids = things_of_others(&house).await;
    ids.extend([NOWHERE, "pas-un-identifiant", "%00", "..%2f..%2fetc%2fpasswd"].map(str::to_owned));
    let mut wrong = Vec::new();
    for (ligne, perimetre) in strangers(&house) {
        // The nation is nobody's other organisation: to it, only what does not exist is refused.
        let national = perimetre == Perimetre::National;
        let mut viewer = testkit::viewer(ligne.role, perimetre.clone());
        viewer.actor.compte = CompteId::new(&house.test.site.clock, &house.test.site.chance);
        let browser = house.browser.signed_in(viewer);
        for route in house.routes.iter().filter(|r| r.path.contains('{')) {
            let exempt = NOT_SCOPED.iter().any(|(path, _)| *path == route.path);
            if exempt || !matches!(route.access, Access::May(_) | Access::Jeton(..)) {
                continue;
            }
            for id in ids.iter().skip(if national { 6 } else { 0 }) {
                let status = send(&browser, route, id).await.status.as_u16();
                // 401: the action asks for a session besides, and these people have none.
                if ![400, 401, 403, 404].contains(&status) {
                    wrong.push(format!(
                        "{} {} as {} of {perimetre:?} → {status}",
                        route.method,
                        fill(&route.path, id),
                        ligne.key
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn whoever_looks_through_another_person_writes_nothing() {
    let house = house(Mode::Serve).await;
    let mut viewer = testkit::viewer(Role::AdministrateurNational, Perimetre::National);
    viewer.actor.vu_par = Some(CompteId::new(&house.test.site.clock, &house.test.site.chance));
    viewer.vu_comme = Some("Personne d’essai".to_owned());
    let browser = house.browser.signed_in(viewer);
    for route in house.routes.iter().filter(|r| r.method != Method::GET) {
        let status = send(&browser, route, NOWHERE).await.status.as_u16();
        match route.access {
            Access::May(_) | Access::SignedIn | Access::Jeton(..) => {
                assert_eq!(status, 403, "{}", route.path)
            }
            Access::EvenSeeingAs | Access::Public => assert!(status < 500, "{} → {status}", route.path),
        }
    }
}
