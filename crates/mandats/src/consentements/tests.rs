//! Consent at a distance: states that cannot be skipped, answers that count once, calls that are signed.

mod appel;
mod arret;

use chrono::TimeDelta;
use kernel::{Actor, Email, Telephone};
use platform::db::kit;
use platform::sms;
use platform::{Mode, Site};
use testkit::{Browser, TestSite};
use uuid::Uuid;

use super::{Adresse, ConsentementId, Proposition, accepte, page, proposer};
use crate::aidants::Fonction;
use crate::organisations::Organisation;
use crate::usagers::Usager;
use crate::{Failure, Mandats, essai};

const SECRET: &str = "un secret de rappel de plus de trente-deux signes";
const NUMERO: &str = "0601020304";

struct Scene {
    m: Mandats,
    o: Organisation,
    actor: Actor,
    usager: Usager,
    b: Browser,
}

async fn scene(t: &TestSite) -> Scene {
    let m = essai::mandats(t).await;
    let mut config = (*m.site.config).clone();
    config.sms.secret_rappels = Some(SECRET.to_owned());
    let site = Site { config: config.into(), ..m.site };
    let m = Mandats::new(&annuaire::Annuaire::load(&site).await.unwrap());
    let o = essai::organisation(t, "La Maison d’essai", 1).await;
    let (_, actor) = essai::aidant(t, o.structure, Fonction::Aidant, 1).await;
    let usager = essai::usager(t, 1).await;
    let b = t.browser(crate::consentements::routes(&m)).signed_in(essai::viewer(&actor));
    Scene { m, o, actor, usager, b }
}

fn sms_a(numero: &str) -> Adresse {
    Adresse::Sms(Telephone::parse(numero).unwrap())
}

fn proposition(s: &Scene, n: u128, adresse: Adresse) -> Proposition {
    Proposition {
        brouillon: Uuid::from_u128(n),
        structure: s.o.structure,
        usager: s.usager.id,
        adresse,
        organisation: "La Maison d’essai".to_owned(),
        demarches: vec!["Logement".to_owned(), "Papiers, citoyenneté, élections".to_owned()],
        duree: "1 mois".to_owned(),
        retour: "/mandats/brouillon".to_owned(),
    }
}

async fn propose(s: &Scene, p: &Proposition) -> Result<ConsentementId, Failure> {
    s.m.site.db.write(async |tx| proposer(&s.m, tx, &s.actor, p).await).await
}

async fn geste(s: &mut Scene, id: ConsentementId, geste: &str) {
    s.b.post(&page(id), &[("geste", geste)]).await.expect(303);
}

/// A call of the gateway: body, when it was signed, with what.
async fn appel(t: &TestSite, s: &Scene, body: &str, secret: &str, il_y_a: i64) -> u16 {
    let le = t.site.clock.now() - TimeDelta::seconds(il_y_a);
    let mut b = t
        .browser(crate::consentements::routes(&s.m))
        .with_header(sms::SIGNATURE, &sms::signature(secret, le, body.as_bytes()));
    b.send(axum::http::Method::POST, "/rappels/sms", Some("application/json"), body.to_owned().into())
        .await
        .status
        .as_u16()
}

async fn repond(t: &TestSite, s: &Scene, evenement: &str, texte: &str) -> u16 {
    let body =
        serde_json::json!({ "evenement": evenement, "genre": "reponse", "de": NUMERO, "texte": texte });
    appel(t, s, &body.to_string(), SECRET, 0).await
}

async fn etat(t: &TestSite, id: ConsentementId) -> String {
    let sql = "SELECT etat FROM consentement WHERE id = $1";
    kit::query(t.site.db.read(), sql, [id.0.into()]).await.unwrap()[0].try_get_by_index(0).unwrap()
}

async fn sms_ecrits(t: &TestSite) -> Vec<String> {
    let rows = kit::query(t.site.db.read(), "SELECT texte FROM sms ORDER BY ecrit_le, id", []).await.unwrap();
    rows.iter().map(|r| r.try_get_by_index(0).unwrap()).collect()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn offer_then_question_then_answer(t: TestSite) {
        let mut s = scene(&t).await;
        let p = proposition(&s, 1, sms_a(NUMERO));
        let id = propose(&s, &p).await.unwrap();
        let offre = sms_ecrits(&t).await.pop().unwrap();
        assert!(offre.contains("La Maison d’essai") && offre.contains("Logement") && offre.contains("1 mois") && offre.contains("STOP"));
        s.b.get(&page(id)).await.expect(200).says("Pas encore envoyée").says("Demander l’accord");
        // An answer before the question agrees to nothing.
        assert_eq!(repond(&t, &s, "e0", "Oui").await, 204);
        assert_eq!(etat(&t, id).await, "offre_envoyee");
        assert!(accepte(t.site.db.read(), p.brouillon).await.unwrap().is_none());
        geste(&mut s, id, "demander").await;
        assert!(sms_ecrits(&t).await.pop().unwrap().ends_with("Répondez OUI ou NON."));
        // Asked once.
        geste(&mut s, id, "demander").await;
        assert_eq!(sms_ecrits(&t).await.len(), 2);
        // Something else is neither yes nor no; it is explained twice at most.
        for (i, texte) in ["oui mais pas tout", "?", "peut-être"].iter().enumerate() {
            assert_eq!(repond(&t, &s, &format!("a{i}"), texte).await, 204);
        }
        assert_eq!((etat(&t, id).await.as_str(), sms_ecrits(&t).await.len()), ("acceptation_demandee", 4));
        t.site.clock.advance(TimeDelta::minutes(3));
        assert_eq!(repond(&t, &s, "e1", " OUI. ").await, 204);
        let accord = accepte(t.site.db.read(), p.brouillon).await.unwrap().unwrap();
        assert_eq!((accord.reference, accord.reponse), (id.to_string(), t.site.clock.now()));
        assert_eq!((accord.usager, accord.structure, accord.texte == offre), (s.usager.id, s.o.structure, true));
        assert!(accord.offre < accord.reponse);
        // The bytes are kept as they were that instant, and given with the mandat that they make.
        let mandat = crate::ids::MandatId(Uuid::from_u128(9));
        assert_eq!(crate::consentements::echange(t.site.db.read(), mandat).await.unwrap(), None);
        t.site.db.write(async |tx| crate::consentements::lier(tx, p.brouillon, mandat).await).await.unwrap();
        let garde = crate::consentements::echange(t.site.db.read(), mandat).await.unwrap().unwrap();
        assert_eq!(crate::Empreinte::de(garde.as_bytes()), accord.echange);
        assert!(garde.contains(" OUI. ") || garde.contains("OUI."), "{garde}");
        s.b.get(&page(id)).await.expect(200).says("La personne est d’accord").says("href=\"/mandats/brouillon\"");
        // The first answer counts: neither a second one nor the same call again changes anything.
        let n = sms_ecrits(&t).await.len();
        assert_eq!(repond(&t, &s, "e2", "Non").await, 204);
        assert_eq!(repond(&t, &s, "e1", "Oui").await, 204);
        assert_eq!((etat(&t, id).await.as_str(), sms_ecrits(&t).await.len()), ("acceptee", n));
        geste(&mut s, id, "abandonner").await;
        assert_eq!(etat(&t, id).await, "acceptee");
        let noms = kit::count(t.site.db.read(), "SELECT COUNT(*) FROM journal WHERE subject = 'consentement'", []).await.unwrap();
        assert_eq!(noms, 3, "offered, asked, agreed");
    }

    async fn a_stop_and_an_offer_come_one_after_the_other(t: TestSite) {
        let s = scene(&t).await;
        let ailleurs = crate::mandats::tests::autre(&t, &s.m).await;
        for n in 1..=6_u128 {
            let numero = format!("06010203{n:02}");
            let p = proposition(&s, n, sms_a(&numero));
            let de = Telephone::parse(&numero).unwrap();
            let now = t.site.clock.now();
            let (offre, stop) = tokio::join!(
                propose(&s, &p),
                ailleurs.site.db.write(async |tx| crate::consentements::actions::repondre_par_sms(&ailleurs, tx, &de, "STOP", now).await)
            );
            stop.unwrap();
            // Whichever came first, nothing is awaited at that number.
            let sql = "SELECT COUNT(*) FROM consentement WHERE brouillon_id = $1 AND etat <> 'arretee'";
            let ouverts = kit::count(t.site.db.read(), sql, [p.brouillon.into()]).await.unwrap();
            assert_eq!(ouverts, 0, "{n} {offre:?}");
        }
    }

    async fn no_and_stop_and_silence(t: TestSite) {
        let mut s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, sms_a(NUMERO))).await.unwrap();
        // One question at a time for one number; one for a draft.
        assert!(propose(&s, &proposition(&s, 2, sms_a("06 01 02 03 04"))).await.is_err());
        assert!(propose(&s, &proposition(&s, 1, sms_a("0605050505"))).await.is_err());
        geste(&mut s, id, "demander").await;
        assert_eq!(repond(&t, &s, "n", "Non merci").await, 204);
        assert_eq!(etat(&t, id).await, "refusee");
        // Silence.
        let id = propose(&s, &proposition(&s, 3, sms_a(NUMERO))).await.unwrap();
        geste(&mut s, id, "demander").await;
        t.site.clock.advance(TimeDelta::hours(25));
        s.b.get(&page(id)).await.expect(200).says("Pas de réponse");
        assert_eq!(repond(&t, &s, "tard", "Oui").await, 204);
        assert!(accepte(t.site.db.read(), Uuid::from_u128(3)).await.unwrap().is_none());
        // What expired makes room, by itself.
        let id = propose(&s, &proposition(&s, 4, sms_a(NUMERO))).await.unwrap();
        geste(&mut s, id, "abandonner").await;
        assert_eq!(etat(&t, id).await, "arretee");
        // STOP is final, even out of any question.
        let id = propose(&s, &proposition(&s, 5, sms_a(NUMERO))).await.unwrap();
        assert_eq!(repond(&t, &s, "stop", "STOP").await, 204);
        assert_eq!(etat(&t, id).await, "arretee");
        let n = sms_ecrits(&t).await.len();
        assert_eq!(repond(&t, &s, "remords", "Oui").await, 204);
        let refus = propose(&s, &proposition(&s, 6, sms_a(NUMERO))).await.unwrap_err();
        assert!(refus.to_string().contains("STOP"), "{refus}");
        assert_eq!(sms_ecrits(&t).await.len(), n, "nothing more leaves");
        // What came to nothing is forgotten a month later; STOP is not.
        let plus_tard = t.site.clock.now() + TimeDelta::days(32);
        t.site.db.write(async |tx| crate::consentements::store::purger(tx, plus_tard).await).await.unwrap();
        let reste = async |table: &str| kit::count(t.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap();
        assert_eq!((reste("consentement").await, reste("consentement_arret").await), (0, 1));
    }

    async fn messages_are_sent_again_within_limits(t: TestSite) {
        let mut s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, sms_a(NUMERO))).await.unwrap();
        geste(&mut s, id, "renvoyer").await;
        assert_eq!(sms_ecrits(&t).await.len(), 1, "not within a minute");
        for attendu in [2, 3, 3] {
            t.site.clock.advance(TimeDelta::minutes(2));
            geste(&mut s, id, "renvoyer").await;
            assert_eq!(sms_ecrits(&t).await.len(), attendu);
        }
        s.b.get(&page(id)).await.expect(200);
        // Out of order: the report of a message that failed after it was delivered changes nothing.
        let row = sms::list(t.site.db.read(), 1).await.unwrap().pop().unwrap();
        t.site.db.write(async |tx| kit::execute(tx, "UPDATE sms SET etat = 'parti' WHERE id = $1", [row.id.into()]).await).await.unwrap();
        for (evenement, genre) in [("r1", "remis"), ("r2", "echec"), ("r1", "echec")] {
            let body = serde_json::json!({ "evenement": evenement, "genre": genre, "message": row.id }).to_string();
            assert_eq!(appel(&t, &s, &body, SECRET, 0).await, 204);
            assert_eq!(sms::find(t.site.db.read(), row.id).await.unwrap().unwrap().etat, "remis");
        }
    }

    async fn calls_that_are_not_signed_change_nothing(t: TestSite) {
        let mut s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, sms_a(NUMERO))).await.unwrap();
        geste(&mut s, id, "demander").await;
        let oui = serde_json::json!({ "evenement": "e", "genre": "reponse", "de": NUMERO, "texte": "Oui" }).to_string();
        for (body, secret, il_y_a, status) in [
            (oui.as_str(), "un autre secret de plus de trente-deux signes", 0, 401),
            (&oui, SECRET, 301, 401),
            (&oui, SECRET, -301, 401),
            ("", SECRET, 0, 422),
            ("{}", SECRET, 0, 422),
            ("pas du JSON", SECRET, 0, 422),
        ] {
            assert_eq!(appel(&t, &s, body, secret, il_y_a).await, status, "{body}");
        }
        let mut b = t.browser(crate::consentements::routes(&s.m));
        b.send(axum::http::Method::POST, "/rappels/sms", Some("application/json"), oui.clone().into()).await.expect(401);
        assert_eq!(etat(&t, id).await, "acceptation_demandee");
        // Two calls at once: one counts.
        let (un, deux) = tokio::join!(repond(&t, &s, "c1", "Oui"), repond(&t, &s, "c2", "Non"));
        assert_eq!((un, deux), (204, 204));
        let fin = etat(&t, id).await;
        assert!(fin == "acceptee" || fin == "refusee", "{fin}");
        let reponses = kit::count(t.site.db.read(), "SELECT COUNT(*) FROM journal WHERE action IN ('consentement.accepter', 'consentement.refuser')", []).await.unwrap();
        assert_eq!(reponses, 1);
        // Without a secret, the address does not exist.
        let mut sans = t.browser(crate::consentements::routes(&essai::mandats(&t).await));
        sans.send(axum::http::Method::POST, "/rappels/sms", None, oui.into()).await.expect(404);
    }

    async fn by_mail_reading_agrees_to_nothing(t: TestSite) {
        let mut s = scene(&t).await;
        let p = proposition(&s, 1, Adresse::Courriel(Email::parse("moi@exemple.fr").unwrap()));
        let id = propose(&s, &p).await.unwrap();
        let courriels = async || {
            let rows = kit::query(t.site.db.read(), "SELECT texte FROM courriel ORDER BY ecrit_le, id", []).await.unwrap();
            rows.iter().map(|r| r.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
        };
        let lien = async || {
            let textes = courriels().await;
            let mots = textes.iter().rev().flat_map(|t| t.split_whitespace());
            let mut liens = mots.filter_map(|m| m.strip_prefix("http://localhost:8080"));
            liens.find(|l| l.starts_with("/accord/")).unwrap().to_owned()
        };
        assert!(!courriels().await[0].contains("/accord/"), "the offer has no link");
        geste(&mut s, id, "demander").await;
        let premier = lien().await;
        let mut personne = t.browser(crate::consentements::routes(&s.m));
        for _ in 0..3 {
            let lu = personne.get(&premier).await.expect(200).says("J’accepte").says("Logement");
            assert_eq!(lu.headers["referrer-policy"], "no-referrer");
        }
        personne.post(&premier, &[]).await.expect(303);
        assert_eq!(etat(&t, id).await, "acceptation_demandee");
        // A newer message takes the place of the older one.
        t.site.clock.advance(TimeDelta::minutes(2));
        geste(&mut s, id, "renvoyer").await;
        let second = lien().await;
        personne.get(&premier).await.expect(404).says("ne sert plus");
        personne.post(&premier, &[("reponse", "accepte")]).await.expect(303);
        assert_eq!(etat(&t, id).await, "acceptation_demandee");
        personne.post(&second, &[("reponse", "accepte")]).await.expect(303);
        assert_eq!(accepte(t.site.db.read(), p.brouillon).await.unwrap().unwrap().reference, id.to_string());
        personne.post(&second, &[("reponse", "refuse")]).await.expect(303);
        assert_eq!(etat(&t, id).await, "acceptee");
        for faux in ["x".to_owned(), "0".repeat(64)] {
            personne.get(&format!("/accord/{faux}")).await.expect(404);
        }
    }

    async fn refusals_on_every_route(t: TestSite) {
        let s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, sms_a(NUMERO))).await.unwrap();
        let ailleurs = essai::organisation(&t, "Ailleurs", 2).await;
        let (_, autre) = essai::aidant(&t, ailleurs.structure, Fonction::Aidant, 2).await;
        let (_, referent) = essai::aidant(&t, s.o.structure, Fonction::Referent, 3).await;
        let anonyme = t.browser(crate::consentements::routes(&s.m));
        for (mut b, status) in [
            (anonyme.clone(), 303),
            (anonyme.signed_in(essai::viewer(&autre)), 404),
            (anonyme.signed_in(essai::viewer(&referent)), 403),
        ] {
            b.get(&page(id)).await.expect(status);
            let post = b.post(&page(id), &[("geste", "demander")]).await.status.as_u16();
            assert!([401, 403, 404].contains(&post), "{post}");
        }
        assert_eq!(etat(&t, id).await, "offre_envoyee");
        let mut b = s.b.clone();
        b.get("/consentements/x").await.expect(404);
        b.post(&page(id), &[("geste", "autre")]).await.expect(404);
        // In the name of another organisation than one's own.
        let p = Proposition { structure: ailleurs.structure, ..proposition(&s, 9, sms_a("0605050505")) };
        assert!(propose(&s, &p).await.is_err());
        b.get("/demo/sms").await.expect(404);
    }

    async fn a_team_waits_for_its_own_answers(t: TestSite) {
        let s = scene(&t).await;
        let (nord, sud) = (essai::equipe(&t, s.o.structure, "Nord").await, essai::equipe(&t, s.o.structure, "Sud").await);
        let autour = async |n: u128, fonction: Fonction, equipe| {
            let (a, actor) = essai::aidant(&t, s.o.structure, fonction, n).await;
            if let Some(equipe) = equipe {
                essai::en_equipe(&t, &a, s.o.structure, equipe).await;
            }
            (a, actor)
        };
        let (nadia, du_nord) = autour(11, Fonction::Aidant, Some(nord)).await;
        let (_, autre_du_nord) = autour(12, Fonction::Aidant, Some(nord)).await;
        let (_, du_sud) = autour(13, Fonction::Aidant, Some(sud)).await;
        let (_, sans) = autour(14, Fonction::Aidant, None).await;
        let (_, referente) = autour(15, Fonction::AidantReferent, Some(sud)).await;
        let demande = async |actor: &Actor, n: u128, numero: &str| {
            let p = proposition(&s, n, sms_a(numero));
            t.site.db.write(async |tx| proposer(&s.m, tx, actor, &p).await).await.unwrap()
        };
        let au_nord = demande(&du_nord, 1, "0601020301").await;
        let au_sud = demande(&du_sud, 2, "0601020302").await;
        let hors = demande(&sans, 3, "0601020303").await;
        let voit = async |actor: &Actor, id: ConsentementId| {
            let mut b = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(actor));
            b.get(&page(id)).await.status.as_u16()
        };
        for (actor, attendu) in [
            (&du_nord, [200, 404, 200]),
            (&autre_du_nord, [200, 404, 200]),
            (&du_sud, [404, 200, 200]),
            (&sans, [200; 3]),
            (&referente, [200; 3]),
        ] {
            let vu = [voit(actor, au_nord).await, voit(actor, au_sud).await, voit(actor, hors).await];
            assert_eq!(vu, attendu);
        }
        // What is not seen is not acted upon.
        let mut b = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(&du_sud));
        for geste in ["demander", "renvoyer", "abandonner"] {
            b.post(&page(au_nord), &[("geste", geste)]).await.expect(404);
        }
        assert_eq!((etat(&t, au_nord).await.as_str(), sms_ecrits(&t).await.len()), ("offre_envoyee", 3));
        // A colleague of the team waits with them, and does not open their draft.
        let mut b = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(&autre_du_nord));
        let lu = b.get(&page(au_nord)).await.expect(200);
        assert!(!lu.body.contains("/mandats/brouillon"), "{}", lu.body);
        b.post(&page(au_nord), &[("geste", "demander")]).await.expect(303);
        // Whoever changes team finds their own again; the others of that team do not.
        essai::en_equipe(&t, &nadia, s.o.structure, sud).await;
        assert_eq!((voit(&du_nord, au_nord).await, voit(&du_sud, au_nord).await), (200, 404));
        // A team that is removed hides nothing, nor does what was asked before memberships were noted.
        let ecrire = async |sql: &str, id: Uuid| {
            t.site.db.write(async |tx| kit::execute(tx, sql, [id.into()]).await).await.unwrap();
        };
        ecrire("UPDATE consentement SET appartenance_id = NULL WHERE id = $1", au_sud.0).await;
        assert_eq!(voit(&autre_du_nord, au_sud).await, 200);
        ecrire("UPDATE equipe_aidants SET supprimee_le = '2026-12-01' WHERE id = $1", nord.0).await;
        assert_eq!(voit(&du_sud, au_nord).await, 200);
    }

    async fn the_telephone_of_the_demonstration_answers(t: TestSite) {
        let mut s = scene(&t).await;
        s.m.site.mode = Mode::Demo;
        let id = propose(&s, &proposition(&s, 1, sms_a(NUMERO))).await.unwrap();
        let mut b = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(&s.actor));
        b.post(&page(id), &[("geste", "demander")]).await.expect(303);
        b.get("/demo/sms").await.expect(200).says("Répondez OUI ou NON");
        b.post("/demo/sms", &[("de", "x"), ("texte", "")]).await.expect(422);
        b.post("/demo/sms", &[("de", NUMERO), ("texte", "Oui")]).await.expect(303);
        assert_eq!(etat(&t, id).await, "acceptee");
    }
}
