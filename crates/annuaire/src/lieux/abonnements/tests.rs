//! Programs write lieux and are told of changes, on both engines.

use axum::body::Body;
use axum::http::Method;
use kernel::ids::CompteId;
use kernel::{Email, Perimetre, Portee, Role};
use platform::jobs::{Registry, Worker};
use platform::web::ParJeton;
use platform::webhooks::{self, Demande};
use serde_json::{Value, json};
use testkit::{Answer, Browser, TestSite};
use uuid::Uuid;

use super::Evenement;
use super::diffusion::diffuse;
use crate::Annuaire;
use crate::lieux::gestion::tests::{
    ENTETE, LAON, REIMS, annuaire, departements, livre, migrations, national, prefecture,
};

fn programme(a: &Annuaire, t: &TestSite, role: Role, perimetre: Perimetre) -> Browser {
    let jeton =
        ParJeton { id: Uuid::from_u128(1), attribution: Uuid::nil(), portees: Portee::TOUTES.to_vec() };
    t.browser(crate::api::routes(a.clone(), &[]))
        .signed_in(testkit::viewer(role, perimetre))
        .with_token(jeton)
}

async fn envoie(
    b: &Browser,
    methode: Method,
    chemin: &str,
    corps: &Value,
    entetes: &[(&str, &str)],
) -> Answer {
    let mut b = entetes.iter().fold(b.clone(), |b, (n, v)| b.with_header(n, v));
    let corps = if corps.is_null() { Body::empty() } else { Body::from(corps.to_string()) };
    b.send(methode, chemin, Some("application/json"), corps).await
}

fn neuf() -> Value {
    json!({
        "nom": "Maison du numérique", "commune": "Reims", "code_postal": "51100", "adresse": "3 rue Neuve",
        "services": ["Aide aux démarches administratives", "Accès internet et matériel informatique"],
        "latitude": 49.25, "longitude": 4.03, "horaires": "Mo-Fr 09:00-12:00",
    })
}

/// An account in that role, and its subscription to everything.
async fn abonne(t: &TestSite, courriel: &str, role: Role, perimetre: Perimetre) -> (CompteId, Uuid) {
    let invitation = identity::Invitation {
        courriel: Email::parse(courriel).unwrap(),
        nom: "Personne Inventée".to_owned(),
        role,
        perimetre,
        fin: None,
    };
    let compte = identity::invite_from_install(&t.site, &invitation).await.unwrap().compte;
    let base = t.site.db.read();
    let actif = "UPDATE compte SET etat = 'actif' WHERE id = $1";
    platform::db::kit::execute(base, actif, [compte.0.into()]).await.unwrap();
    let sql = "SELECT id FROM compte_role WHERE compte_id = $1";
    let row = platform::db::kit::query(base, sql, [compte.0.into()]).await.unwrap();
    let demande = Demande {
        compte: compte.0,
        attribution: row[0].try_get_by_index(0).unwrap(),
        url: "https://exemple.fr/webhook".to_owned(),
        evenements: Evenement::TOUS.map(Evenement::cle).to_vec(),
    };
    let (id, _) = t.site.db.write(async |tx| webhooks::abonne(&t.site, tx, demande).await).await.unwrap();
    (compte, id)
}

/// What was told to a subscription: events and names of lieux, oldest first.
async fn dits(t: &TestSite, webhook: Uuid) -> Vec<(String, String)> {
    let mut envois = webhooks::envois(t.site.db.read(), webhook, 100).await.unwrap();
    envois.reverse();
    envois
        .iter()
        .flat_map(|e| {
            let corps: Value = serde_json::from_str(&e.corps).unwrap();
            corps["evenements"].as_array().unwrap().clone()
        })
        .map(|e| (e["evenement"].as_str().unwrap().to_owned(), e["lieu"]["nom"].as_str().unwrap().to_owned()))
        .collect()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_program_creates_reads_changes_closes(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let b = programme(&a, &t, Role::Prefecture, departements(&["51"]));
        let cle = [("idempotency-key", "demande-1")];
        let fait = envoie(&b, Method::POST, "/api/v1/lieux", &neuf(), &cle).await.expect(201);
        let (ou, etiquette) = (fait.location().to_owned(), fait.headers["etag"].to_str().unwrap().to_owned());
        assert_eq!(fait.json()["services"], "Aide aux démarches administratives|Accès internet et matériel informatique");
        // The same demand again is the same lieu; the same key for another one is refused.
        let encore = envoie(&b, Method::POST, "/api/v1/lieux", &neuf(), &cle).await.expect(201);
        assert_eq!(encore.location(), ou);
        let mut autre = neuf();
        autre["nom"] = json!("Autre chose");
        envoie(&b, Method::POST, "/api/v1/lieux", &autre, &cle).await.expect(409).says("Idempotency-Key");
        envoie(&b, Method::POST, "/api/v1/lieux", &neuf(), &[]).await.expect(409).says("autre=oui").says("Maison du num");
        envoie(&b, Method::POST, "/api/v1/lieux?autre=oui", &neuf(), &[]).await.expect(201);
        // Reading gives the version that writing asks for.
        let lu = b.clone().get(&ou).await.expect(200);
        assert_eq!(lu.headers["etag"].to_str().unwrap(), etiquette);
        let version = [("if-match", etiquette.as_str())];
        let change = json!({ "telephone": "03 26 00 00 01", "horaires": null });
        let change = envoie(&b, Method::PATCH, &ou, &change, &version).await.expect(200);
        assert_eq!((change.json()["telephone"].as_str(), change.json().get("horaires")), (Some("+33326000001"), None));
        let refus = envoie(&b, Method::PATCH, &ou, &json!({ "nom": "Trop tard" }), &version).await.expect(412);
        assert_eq!(refus.headers["content-type"], "application/problem+json");
        envoie(&b, Method::PATCH, &ou, &json!({ "nom": "Sans version" }), &[]).await.expect(428);
        envoie(&b, Method::PATCH, &ou, &json!({ "nom": "Sans version" }), &[("if-match", "*")]).await.expect(400);
        // What was read can be sent back whole; what is absent of a replacement is emptied.
        let mut entier = change.json();
        entier.as_object_mut().unwrap().remove("telephone");
        let version = change.headers["etag"].to_str().unwrap().to_owned();
        let remplace = envoie(&b, Method::PUT, &ou, &entier, &[("if-match", &version)]).await.expect(200);
        assert_eq!(remplace.json().get("telephone"), None);
        assert_eq!(remplace.json()["code_insee"], "51454");
        let n = remplace.json()["version"].as_i64().unwrap().to_string();
        envoie(&b, Method::POST, &format!("{ou}/confirmation"), &Value::Null, &[]).await.expect(200);
        let ferme = json!({ "motif": "definitif", "le": "2026-03-10" });
        envoie(&b, Method::POST, &format!("{ou}/fermeture"), &ferme, &[("if-match", &n)]).await.expect(412);
        let n = b.clone().get(&ou).await.json()["version"].as_i64().unwrap().to_string();
        let refus = envoie(&b, Method::POST, &format!("{ou}/fermeture"), &json!({ "motif": "x" }), &[("if-match", &n)]).await;
        assert_eq!(refus.expect(422).json()["champs"][0]["champ"], "motif");
        let vu = envoie(&b, Method::POST, &format!("{ou}/fermeture"), &ferme, &[("if-match", &n)]).await.expect(200);
        assert!(vu.json()["ferme_le"].as_str().unwrap().starts_with("2026-03-09T23"));
        envoie(&b, Method::POST, &format!("{ou}/reouverture"), &Value::Null, &[]).await.expect(200);
        // Out of scope is as if it did not exist, by either identifier.
        for id in [laon.to_string(), "laon-1".to_owned(), Uuid::nil().to_string()] {
            envoie(&b, Method::PATCH, &format!("/api/v1/lieux/{id}"), &json!({}), &[("if-match", "1")]).await.expect(404);
        }
        envoie(&b, Method::PATCH, &format!("/api/v1/lieux/{reims}"), &json!({}), &[("if-match", "1")]).await.expect(200);
        let lignes = platform::journal::page(t.site.db.read(), &platform::journal::Query { limit: 50, ..Default::default() }).await.unwrap();
        for verbe in ["lieu.creer", "lieu.modifier", "lieu.confirmer", "lieu.fermer", "lieu.rouvrir"] {
            assert!(lignes.iter().any(|l| l.action == verbe), "{verbe}");
        }
    }

    async fn what_a_program_gets_wrong_is_said(t: TestSite) {
        let (a, reims, _) = annuaire(&t).await;
        let b = programme(&a, &t, Role::AdministrateurNational, Perimetre::National);
        let avec = |champ: &str, valeur: Value| {
            let mut v = neuf();
            v[champ] = valeur;
            v
        };
        for (corps, champ) in [
            (avec("inconnu", json!(1)), "inconnu"),
            (avec("nom", json!({})), "nom"),
            (avec("nom", json!(true)), "nom"),
            (avec("nom", json!("")), "nom"),
            (avec("services", json!(["a|b"])), "services"),
            (avec("services", json!("Aide à tout")), "services"),
            (avec("latitude", json!("loin")), "latitude"),
            (avec("structure", json!("x")), "structure"),
            (avec("structure", json!(Uuid::nil())), "structure"),
            (json!({}), "nom"),
        ] {
            let refus = envoie(&b, Method::POST, "/api/v1/lieux", &corps, &[]).await.expect(422).json();
            assert!(refus["champs"].as_array().unwrap().iter().any(|c| c["champ"] == champ), "{champ} {refus}");
        }
        let chemin = format!("/api/v1/lieux/{reims}");
        for corps in ["", "[]", "{", "null", "\"a\"", "{\"nom\":}", "\u{fffd}"] {
            for (methode, chemin) in [(Method::POST, "/api/v1/lieux"), (Method::PATCH, &chemin), (Method::PUT, &chemin)] {
                let mut b = b.with_header("if-match", "\"1\"");
                let refus = b.send(methode, chemin, Some("application/json"), Body::from(corps.to_owned())).await.expect(400);
                assert_eq!(refus.json()["status"], 400, "{corps}");
            }
        }
        let profond = Body::from("[".repeat(100_000));
        b.clone().send(Method::POST, "/api/v1/lieux", Some("application/json"), profond).await.expect(400);
        let long = "x".repeat(101);
        for cle in ["", &long, "é"] {
            envoie(&b, Method::POST, "/api/v1/lieux", &neuf(), &[("idempotency-key", cle)]).await.expect(400);
        }
    }

    async fn who_subscribed_is_told_within_the_scope(t: TestSite) {
        let (a, reims, laon) = annuaire(&t).await;
        let (compte, marne) = abonne(&t, "marne@exemple.fr", Role::Prefecture, departements(&["51"])).await;
        let (_, pays) = abonne(&t, "pays@exemple.fr", Role::AdministrateurNational, Perimetre::National).await;
        livre(&a, &format!("{}{LAON}{}", REIMS.replace("Croix-Rouge", "du Sud"), LAON.replace("laon-1", "laon-2").replace("Espace", "Autre"))).await;
        diffuse(&a).await.unwrap();
        let dit = |e: Evenement, nom: &str| (e.cle().to_owned(), nom.to_owned());
        assert_eq!(dits(&t, marne).await, [dit(Evenement::Modifie, "Médiathèque du Sud")]);
        let tous = dits(&t, pays).await;
        assert!(tous.contains(&dit(Evenement::Cree, "Autre public numérique")) && tous.len() == 2, "{tous:?}");
        assert_eq!(webhooks::envois(t.site.db.read(), pays, 9).await.unwrap().len(), 1, "one delivery for a lot");
        diffuse(&a).await.unwrap();
        assert_eq!(dits(&t, pays).await.len(), 2, "told once");
        // By hand, a closing and a reopening.
        let g = crate::lieux::gestion::lecture::ouvrir(&a, &prefecture("51"), kernel::Verb::ModifierLieux, reims).await.unwrap();
        let jour = "2026-03-01".parse().unwrap();
        crate::lieux::gestion::actions::fermer(&a, &national(), reims, g.version, (crate::lieux::gestion::Motif::Definitif, jour)).await.unwrap();
        crate::lieux::gestion::actions::rouvrir(&a, &national(), reims).await.unwrap();
        crate::lieux::gestion::actions::confirmer(&a, &national(), laon).await.unwrap();
        diffuse(&a).await.unwrap();
        let nom = "Médiathèque du Sud";
        assert_eq!(dits(&t, marne).await[1..], [dit(Evenement::Ferme, nom), dit(Evenement::Rouvert, nom)]);
        assert_eq!(dits(&t, pays).await.len(), 5);
        // A role that ended hears nothing more, and its subscription says why.
        let fin = "UPDATE compte_role SET retiree_le = $1 WHERE compte_id = $2";
        platform::db::kit::execute(t.site.db.read(), fin, [t.site.clock.now().into(), compte.0.into()]).await.unwrap();
        crate::lieux::gestion::actions::confirmer(&a, &national(), reims).await.unwrap();
        diffuse(&a).await.unwrap();
        assert_eq!(dits(&t, marne).await.len(), 3);
        let ferme = webhooks::find(t.site.db.read(), compte.0, marne).await.unwrap().unwrap();
        assert_eq!(ferme.raison.as_deref(), Some("Le rôle de cet abonnement a pris fin."));
        // A file that leaves out a lieu closes it: told as well.
        livre(&a, REIMS).await;
        let mut registre = Registry::default();
        crate::register(&a, &mut registre);
        Worker::new(t.site.clone(), registre).drain().await.unwrap();
        assert!(dits(&t, pays).await.iter().any(|(e, _)| e == "lieu.ferme"));
        assert!(!ENTETE.is_empty());
    }

    async fn a_program_keeps_its_subscriptions(t: TestSite) {
        let (a, _, _) = annuaire(&t).await;
        let b = programme(&a, &t, Role::Prefecture, departements(&["51"]));
        let chemin = "/api/v1/webhooks";
        for (corps, champ) in [
            (json!({ "url": "http://exemple.fr", "evenements": ["lieu.cree"] }), "url"),
            (json!({ "url": "https://127.0.0.1/", "evenements": ["lieu.cree"] }), "url"),
            (json!({ "url": "https://exemple.fr/", "evenements": ["lieu.mange"] }), "evenements"),
            (json!({ "url": "https://exemple.fr/", "evenements": [] }), "evenements"),
            (json!({}), "url"),
        ] {
            let refus = envoie(&b, Method::POST, chemin, &corps, &[]).await.expect(422).json();
            assert_eq!(refus["champs"][0]["champ"], champ);
        }
        let corps = json!({ "url": "https://exemple.fr/x", "evenements": ["lieu.cree", "lieu.ferme"] });
        let fait = envoie(&b, Method::POST, chemin, &corps, &[]).await.expect(201).json();
        assert_eq!(fait["secret"].as_str().unwrap().len(), 64);
        let liste = b.clone().get(chemin).await.expect(200).json();
        assert_eq!(liste["webhooks"][0]["url"], "https://exemple.fr/x");
        assert!(liste["webhooks"][0].get("secret").is_none(), "shown once");
        let un = format!("{chemin}/{}", fait["id"].as_str().unwrap());
        let mut viewer = testkit::viewer(Role::Prefecture, departements(&["51"]));
        viewer.actor.compte = CompteId(Uuid::from_u128(9));
        envoie(&b.signed_in(viewer), Method::DELETE, &un, &Value::Null, &[]).await.expect(404);
        envoie(&b, Method::DELETE, &un, &Value::Null, &[]).await.expect(204);
        envoie(&b, Method::DELETE, &un, &Value::Null, &[]).await.expect(404);
    }
}
