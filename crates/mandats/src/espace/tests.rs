//! The person's own space: who comes in, what they read, what they end; and nobody reads another's.

use chrono::TimeDelta;
use kernel::{Email, Telephone};
use platform::db::kit;
use platform::{Mode, Site};
use testkit::{Browser, TestSite};

use super::Nouvelle;
use crate::aidants::Fonction;
use crate::document::Numero;
use crate::ids::{AutorisationId, MandatId};
use crate::mandats::{Autorisation, Mandat, store as mandats_store};
use crate::usagers::{self, Contact, Usager};
use crate::{Mandats, essai};

async fn demo(t: &TestSite) -> Mandats {
    let m = essai::mandats(t).await;
    let site = Site { mode: Mode::Demo, ..m.site };
    Mandats::new(&annuaire::Annuaire::load(&site).await.unwrap())
}

fn browser(t: &TestSite, m: &Mandats) -> Browser {
    t.browser(crate::espace::routes(m).merge(crate::franceconnect::routes(m)))
}

async fn usager(t: &TestSite, n: u128, contact: Contact) -> Usager {
    let u = essai::usager(t, n).await;
    let u = Usager { contact, ..u };
    t.site.db.write(async |tx| usagers::store::enregistrer(tx, &u).await).await.unwrap();
    usagers::store::lire(t.site.db.read(), u.id).await.unwrap().unwrap()
}

fn contact(courriel: Option<&str>, telephone: Option<&str>) -> Contact {
    Contact {
        courriel: courriel.map(|c| Email::parse(c).unwrap()),
        telephone: telephone.map(|t| Telephone::parse(t).unwrap()),
        courriel_prouve: courriel.is_some(),
        telephone_prouve: telephone.is_some(),
    }
}

/// A mandat taken over, for these démarches.
async fn mandat(
    t: &TestSite,
    structure: kernel::ids::StructureId,
    usager: &Usager,
    demarches: &[&str],
) -> Mandat {
    let now = t.site.clock.now();
    let id = MandatId::new(&t.site.clock, &t.site.chance);
    let m = Mandat {
        id,
        numero: Numero::tire(&t.site.chance),
        signature: None,
        structure,
        usager: usager.id,
        appartenance: None,
        cree_le: now,
        expire_le: now + TimeDelta::days(31),
        duree: 31,
        a_distance: false,
        renouvelle: None,
        cle_unicite: id.to_string(),
        repris_le: Some(now),
    };
    let autorisations: Vec<Autorisation> = demarches
        .iter()
        .map(|d| Autorisation {
            id: AutorisationId::new(&t.site.clock, &t.site.chance),
            mandat: id,
            structure,
            usager: usager.id,
            demarche: (*d).to_owned(),
            cree_le: now,
            expire_le: m.expire_le,
            fin: None,
        })
        .collect();
    t.site
        .db
        .write(async |tx| {
            mandats_store::inserer(tx, &m, &autorisations).await?;
            mandats_store::rafraichir(tx, structure, usager).await
        })
        .await
        .unwrap();
    m
}

async fn textes(t: &TestSite, table: &str) -> Vec<String> {
    let sql = format!("SELECT texte FROM {table} ORDER BY ecrit_le, id");
    let rows = kit::query(t.site.db.read(), &sql, []).await.unwrap();
    rows.iter().map(|r| r.try_get_by_index(0).unwrap()).collect()
}

fn code(texte: &str) -> String {
    let chiffres = texte.split(|c: char| !c.is_ascii_digit()).find(|m| m.len() == 6);
    chiffres.unwrap_or_else(|| panic!("no code in {texte}")).to_owned()
}

/// A browser of which that person has opened their space.
pub(crate) async fn chez(t: &TestSite, m: &Mandats, browser: &Browser, usager: &Usager) -> Browser {
    let secret = t
        .site
        .db
        .write(async |tx| super::codes::ouvrir(m, tx, usager, super::model::Moyen::FranceConnect).await)
        .await
        .unwrap();
    let mut b = browser.clone();
    b.set_cookie("maillage-mes-mandats", secret.expose());
    b
}

/// Comes in by a code sent to that address.
async fn entrer(t: &TestSite, b: &mut Browser, adresse: &str) {
    // After whatever was written before: the code is the last message.
    t.site.clock.advance(TimeDelta::seconds(1));
    b.post("/mes-mandats/code", &[("adresse", adresse), ("naissance", "1962-05-17")]).await.expect(303);
    let table = if adresse.contains('@') { "courriel" } else { "sms" };
    let code = code(textes(t, table).await.last().unwrap());
    let entree =
        b.post("/mes-mandats/code/verifier", &[("code", &format!(" {} {}", &code[..3], &code[3..]))]).await;
    assert_eq!(entree.expect(303).location(), "/mes-mandats");
}

const PRIVEES: [&str; 10] = [
    "/mes-mandats/mandat/4F7K-9QXT-2M6C/echange",
    "/mes-mandats/coordonnees",
    "/mes-mandats/coordonnees/code",
    "/mes-mandats",
    "/mes-mandats/mandat/4F7K-9QXT-2M6C",
    "/mes-mandats/mandat/4F7K-9QXT-2M6C/fichier",
    "/mes-mandats/mandat/4F7K-9QXT-2M6C/revoquer",
    "/mes-mandats/tout-revoquer",
    "/mes-mandats/journal",
    "/mes-mandats/preferences",
];
const GESTES: [&str; 8] = [
    "/mes-mandats/coordonnees",
    "/mes-mandats/coordonnees/code",
    "/mes-mandats/coordonnees/retirer",
    "/mes-mandats/mandat/4F7K-9QXT-2M6C/revoquer",
    "/mes-mandats/tout-revoquer",
    "/mes-mandats/preferences",
    "/mes-mandats/donnees.json",
    "/mes-mandats/donnees.txt",
];

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn nobody_reads_or_ends_what_is_of_another(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let moi = usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        let autre = usager(&t, 2, contact(Some("autre@exemple.fr"), None)).await;
        let a_moi = mandat(&t, o.structure, &moi, &["papiers", "logement"]).await;
        let a_autre = mandat(&t, o.structure, &autre, &["justice"]).await;
        let mut b = browser(&t, &m);
        // Without a session, or with a cookie of one's own making, every page leads to the sign-in.
        for cookie in [None, Some("0".repeat(64)), Some("x".to_owned())] {
            if let Some(c) = &cookie {
                b.set_cookie("maillage-mes-mandats", c);
            }
            for page in PRIVEES.iter().chain(&["/mes-mandats/donnees"]) {
                assert_eq!(b.get(page).await.expect(303).location(), "/mes-mandats/connexion", "{page}");
            }
            for geste in GESTES {
                assert_eq!(b.post(geste, &[]).await.expect(303).location(), "/mes-mandats/connexion", "{geste}");
            }
        }
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "Moi@exemple.fr").await;
        let page = b.get("/mes-mandats").await.expect(200).says("Ici").says(a_moi.numero.as_str());
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(!page.body.contains(a_autre.numero.as_str()) && !page.body.contains("USAGER-2"));
        // Another's number answers as one that does not exist.
        for numero in [a_autre.numero.as_str(), "0000-0000-0000", "x", "..%2f.."] {
            for page in ["", "/fichier", "/revoquer"] {
                b.get(&format!("/mes-mandats/mandat/{numero}{page}")).await.expect(404);
            }
            b.post(&format!("/mes-mandats/mandat/{numero}/revoquer"), &[("demarches", &a_autre.id.to_string())]).await.expect(404);
        }
        // Another's démarche, under one's own mandat.
        let siennes = mandats_store::du_mandat(t.site.db.read(), a_autre.id).await.unwrap();
        let ici = format!("/mes-mandats/mandat/{}/revoquer", a_moi.numero.as_str());
        b.post(&ici, &[("demarches", &siennes[0].id.to_string())]).await.expect(404);
        b.post(&ici, &[("demarches", "' OR 1=1 --")]).await.expect(404);
        b.post(&ici, &[]).await.expect(422).says("Cochez");
        b.post("/mes-mandats/tout-revoquer", &[]).await.expect(303);
        let actives = async |u: &Usager| {
            mandats_store::autorisations_actives(t.site.db.read(), &crate::mandats::Regard::entier(o.structure), u.id, t.site.clock.now()).await.unwrap().len()
        };
        assert_eq!((actives(&moi).await, actives(&autre).await), (0, 1));
        // What is taken away is one's own.
        let tout = b.post("/mes-mandats/donnees.json", &[]).await.expect(200);
        assert!(tout.body.contains("USAGER-1") && !tout.body.contains("USAGER-2"));
        assert_eq!(tout.json()["mandats"][0]["numero"], a_moi.numero.as_str());
        b.post("/mes-mandats/donnees.txt", &[]).await.expect(200).says("MES MANDATS").says("révoquée");
        b.get("/mes-mandats/journal").await.expect(200).says("Entrée dans votre espace").says("Vous");
    }

    async fn who_read_their_sheet_threw_a_draft_away_or_took_a_file_is_told(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let moi = usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        let mandat = mandat(&t, o.structure, &moi, &["papiers"]).await;
        let combien = async |action: &str| {
            let sql = "SELECT COUNT(*) FROM journal WHERE action = $1";
            kit::count(t.site.db.read(), sql, [action.into()]).await.unwrap()
        };
        // Once a reader and a day, however often they come back.
        for (jour, lues) in [(0, 2), (1, 4)] {
            t.site.clock.advance(TimeDelta::days(jour));
            for n in [71, 72] {
                let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, n + 10 * u128::from(jour.unsigned_abs())).await;
                let mut b = t.browser(crate::routes(&m)).signed_in(essai::viewer(&actor));
                for _ in 0..3 {
                    b.get(&format!("/aidant/personnes/{}", moi.id)).await.expect(200);
                }
            }
            assert_eq!(combien("usager.lire").await, lues);
        }
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 99).await;
        let mut b = t.browser(crate::routes(&m)).signed_in(essai::viewer(&actor));
        b.get(&format!("/aidant/personnes/{}", moi.id)).await.expect(200);
        t.site.clock.advance(TimeDelta::days(1));
        b.get(&format!("/aidant/personnes/{}", moi.id)).await.expect(200);
        assert_eq!(combien("usager.lire").await, 6, "the same reader, another day");
        // A draft that is of nobody yet, and one of this person.
        let choix = crate::mandats::tests::choix(&["papiers"], 31);
        let form = [("demarches", "papiers"), ("duree", "31")];
        b.post("/aidant/mandats/nouveau", &form).await;
        let rows = kit::query(t.site.db.read(), "SELECT id FROM mandat_brouillon", []).await.unwrap();
        let vide: uuid::Uuid = rows[0].try_get_by_index(0).unwrap();
        b.post(&format!("/aidant/mandats/brouillons/{vide}/abandonner"), &[]).await.expect(303);
        let sien = crate::mandats::tests::brouillon(&m, &actor, 1, &choix).await;
        for _ in 0..2 {
            b.post(&format!("/aidant/mandats/brouillons/{sien}/abandonner"), &[]).await;
        }
        assert_eq!(combien("mandat.abandonner").await, 2, "each once");
        b.get(&format!("/aidant/mandats/{}/fichier", mandat.id)).await;
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        let lu = b.get("/mes-mandats/journal").await.expect(200);
        lu.says("Votre fiche lue, chez Ici").says("Dominique Essai-71");
    }

    async fn a_person_ends_one_or_all_and_is_told(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "La Maison d’essai", 1).await;
        let moi = usager(&t, 1, contact(Some("moi@exemple.fr"), Some("0601020304"))).await;
        let un = mandat(&t, o.structure, &moi, &["papiers", "logement"]).await;
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "06 01 02 03 04").await;
        let ici = format!("/mes-mandats/mandat/{}", un.numero.as_str());
        b.get(&ici).await.expect(200).says("Logement").says("Active");
        b.get(&format!("{ici}/revoquer")).await.expect(200).says("checked");
        let actives = mandats_store::du_mandat(t.site.db.read(), un.id).await.unwrap();
        let logement = actives.iter().find(|a| a.demarche == "logement").unwrap().id.to_string();
        let fait = b.post(&format!("{ici}/revoquer"), &[("demarches", &logement)]).await.expect(303);
        assert_eq!(fait.location(), ici);
        b.get(&ici).await.expect(200).says("Révoquée").says("Active");
        let courriels = textes(&t, "courriel").await;
        assert!(courriels.last().unwrap().contains("À votre demande") && courriels.last().unwrap().contains("Logement"));
        // A second press ends nothing more, and says so.
        b.post(&format!("{ici}/revoquer"), &[("demarches", &logement)]).await.expect(303);
        assert_eq!(textes(&t, "courriel").await.len(), courriels.len());
        b.post("/mes-mandats/tout-revoquer", &[]).await.expect(303);
        b.get("/mes-mandats").await.expect(200).says("Personne ne peut agir en votre nom");
        let fins = kit::count(t.site.db.read(), "SELECT COUNT(*) FROM journal WHERE action = 'mandat.revoquer'", []).await.unwrap();
        assert_eq!(fins, 2);
    }

    async fn a_code_says_nothing_of_who_is_known_and_is_not_guessed(t: TestSite) {
        let m = essai::mandats(&t).await;
        usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        // Two people of one address and one birth: nobody.
        usager(&t, 2, contact(Some("deux@exemple.fr"), None)).await;
        usager(&t, 3, contact(Some("deux@exemple.fr"), None)).await;
        let mut dits = Vec::new();
        for (adresse, naissance) in [
            ("moi@exemple.fr", "1962-05-17"),
            ("moi@exemple.fr", "1962-05-18"),
            ("inconnu@exemple.fr", "1962-05-17"),
            ("deux@exemple.fr", "1962-05-17"),
            ("0699999999", "1962-05-17"),
        ] {
            let mut b = browser(&t, &m);
            let parti = b.post("/mes-mandats/code", &[("adresse", adresse), ("naissance", naissance)]).await.expect(303);
            let page = b.get(parti.location()).await.expect(200);
            let faux = b.post("/mes-mandats/code/verifier", &[("code", "000000")]).await;
            dits.push((parti.location().to_owned(), page.body, faux.status, faux.body));
        }
        assert!(dits.windows(2).all(|d| d[0] == d[1]), "one answer for all");
        assert_eq!(textes(&t, "courriel").await.len(), 1, "and one message");
        for (adresse, naissance) in [("", "1962-05-17"), ("moi", "1962-05-17"), ("moi@exemple.fr", "hier"), ("12", ""),
            ("moi@exemple.fr", "-9999-01-01"), ("moi@exemple.fr", "+200000-01-01"), ("moi@exemple.fr", "9999-01-01")] {
            let mut b = browser(&t, &m);
            b.post("/mes-mandats/code", &[("adresse", adresse), ("naissance", naissance)]).await.expect(422).says("Erreur");
        }
        // Five tries, in this browser only; then the right one is too late.
        let mut b = browser(&t, &m);
        b.post("/mes-mandats/code", &[("adresse", "moi@exemple.fr"), ("naissance", "1962-05-17")]).await.expect(303);
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        let mut autre = browser(&t, &m);
        assert_eq!(autre.post("/mes-mandats/code/verifier", &[("code", &bon)]).await.expect(303).location(), "/mes-mandats/connexion");
        let mauvais = if bon == "000000" { "000001" } else { "000000" };
        for reste in ["4 essais", "3 essais", "2 essais", "1 essai"] {
            b.post("/mes-mandats/code/verifier", &[("code", mauvais)]).await.expect(422).says(reste);
        }
        b.post("/mes-mandats/code/verifier", &[("code", mauvais)]).await.expect(303);
        assert_eq!(b.post("/mes-mandats/code/verifier", &[("code", &bon)]).await.expect(303).location(), "/mes-mandats/connexion");
        b.get("/mes-mandats").await.expect(303);
        // Three codes an hour for one address, whoever asks; the answer does not change.
        let avant = textes(&t, "courriel").await.len();
        for _ in 0..4 {
            b.post("/mes-mandats/code", &[("adresse", "MOI@exemple.fr"), ("naissance", "1962-05-17")]).await.expect(303);
        }
        assert!(textes(&t, "courriel").await.len() - avant <= 1);
        // A code serves once, and not for long.
        t.site.clock.advance(TimeDelta::hours(26));
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        assert_eq!(b.post("/mes-mandats/code/verifier", &[("code", &bon)]).await.expect(303).location(), "/mes-mandats/connexion");
        let mut b = browser(&t, &m);
        b.post("/mes-mandats/code", &[("adresse", "moi@exemple.fr"), ("naissance", "1962-05-17")]).await.expect(303);
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        t.site.clock.advance(TimeDelta::minutes(16));
        assert_eq!(b.post("/mes-mandats/code/verifier", &[("code", &bon)]).await.expect(303).location(), "/mes-mandats/connexion");
        // No code in clear in the base.
        let rows = kit::query(t.site.db.read(), "SELECT code, adresse FROM espace_code", []).await.unwrap();
        for row in rows {
            let (code, adresse): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            assert!(code.len() == 64 && adresse.len() == 64, "{code} {adresse}");
        }
    }

    async fn an_address_typed_by_an_aidant_opens_nothing_until_it_is_proved(t: TestSite) {
        let m = demo(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (prouve, sans) = (usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await, usager(&t, 2, contact(None, None)).await);
        let saisie = crate::usagers::Saisie { courriel: Email::parse("bureau@exemple.fr").ok(), telephone: Telephone::parse("0601020304") };
        let saisir = async |u: &Usager| {
            t.site.db.write(async |tx| crate::usagers::saisir(&t.site, tx, &actor, u, &saisie).await).await.unwrap()
        };
        let (apres, tout) = saisir(&prouve).await;
        assert_eq!((apres.contact.courriel.unwrap().as_str().to_owned(), tout), ("moi@exemple.fr".to_owned(), false));
        let rows = kit::query(t.site.db.read(), "SELECT destinataire, texte FROM courriel", []).await.unwrap();
        let (a, texte): (String, String) = (rows[0].try_get_by_index(0).unwrap(), rows[0].try_get_by_index(1).unwrap());
        assert!(rows.len() == 1 && a == "moi@exemple.fr" && texte.contains("Nous gardons la vôtre") && !texte.contains("bureau@"), "{a} {texte}");
        // Where nothing was known it is written to; nobody comes in from there.
        let (apres, tout) = saisir(&sans).await;
        assert!(tout && apres.contact.courriel.is_some() && !apres.contact.ouvre());
        for adresse in ["bureau@exemple.fr", "0601020304"] {
            let mut b = browser(&t, &m);
            b.post("/mes-mandats/code", &[("adresse", adresse), ("naissance", "1962-05-17")]).await.expect(303);
        }
        assert_eq!((textes(&t, "courriel").await.len(), textes(&t, "sms").await.len()), (1, 0));
        let lignes = kit::query(t.site.db.read(), "SELECT details FROM journal WHERE action = 'usager.coordonnees'", []).await.unwrap();
        assert_eq!(lignes.len(), 4);
        assert!(lignes.iter().all(|l| { let d: String = l.try_get_by_index(0).unwrap(); !d.contains('@') && !d.contains("0601") && !d.contains("+33") }));
        // The person comes by FranceConnect, reads why, and makes it theirs.
        let mut b = chez(&t, &m, &browser(&t, &m), &apres).await;
        let ici = "/mes-mandats/coordonnees";
        b.get(ici).await.expect(200).says("écrite par un aidant").says("FranceConnect");
        t.site.clock.advance(TimeDelta::seconds(1));
        b.post(ici, &[("quoi", "courriel"), ("courriel", "bureau@exemple.fr")]).await.expect(303);
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        b.post("/mes-mandats/coordonnees/code", &[("code", &bon)]).await.expect(303);
        let lu = usagers::store::lire(t.site.db.read(), sans.id).await.unwrap().unwrap();
        assert!(lu.contact.courriel_prouve && !lu.contact.telephone_prouve);
        t.site.clock.advance(TimeDelta::hours(2));
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "bureau@exemple.fr").await;
        b.get("/mes-mandats").await.expect(200);
    }

    async fn many_ask_for_codes_at_once_and_few_leave(t: TestSite) {
        let m = essai::mandats(&t).await;
        usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        let ailleurs = crate::mandats::tests::autre(&t, &m).await;
        let adresse = crate::espace::codes::Adresse::lire("moi@exemple.fr").unwrap();
        let naissance = chrono::NaiveDate::from_ymd_opt(1962, 5, 17).unwrap();
        let demander = async |m: &Mandats| crate::espace::codes::demander(m, &adresse, naissance).await.map(drop).unwrap();
        for _ in 0..3 {
            tokio::join!(demander(&m), demander(&ailleurs), demander(&m), demander(&ailleurs), demander(&m), demander(&ailleurs));
        }
        assert_eq!(textes(&t, "courriel").await.len(), 3);
    }

    async fn a_session_is_short_and_ends(t: TestSite) {
        let m = essai::mandats(&t).await;
        usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        for _ in 0..3 {
            t.site.clock.advance(TimeDelta::minutes(29));
            b.get("/mes-mandats").await.expect(200);
        }
        t.site.clock.advance(TimeDelta::minutes(31));
        b.get("/mes-mandats").await.expect(303);
        t.site.clock.advance(TimeDelta::hours(1));
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        for _ in 0..4 {
            t.site.clock.advance(TimeDelta::minutes(29));
            b.get("/mes-mandats").await.expect(200);
        }
        t.site.clock.advance(TimeDelta::minutes(5));
        b.get("/mes-mandats").await.expect(303);
        // Leaving ends it on the server too.
        t.site.clock.advance(TimeDelta::hours(1));
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        let cookie = b.cookie("maillage-mes-mandats").unwrap().to_owned();
        b.post("/mes-mandats/deconnexion", &[]).await.expect(303);
        assert!(b.cookie("maillage-mes-mandats").is_none());
        b.set_cookie("maillage-mes-mandats", &cookie);
        b.get("/mes-mandats").await.expect(303);
        let now = t.site.clock.now() + TimeDelta::days(2);
        t.site.db.write(async |tx| crate::espace::store::purger(tx, now).await).await.unwrap();
        let reste = kit::count(t.site.db.read(), "SELECT (SELECT COUNT(*) FROM espace_session) + (SELECT COUNT(*) FROM espace_code)", []).await.unwrap();
        assert_eq!(reste, 0);
    }

    async fn by_franceconnect_one_finds_ones_own(t: TestSite) {
        let m = demo(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let identifie = crate::franceconnect::faux::identifie(&m.site, "angele").unwrap();
        let angele = m.site.db.write(async |tx| {
            usagers::store::retrouver_ou_inscrire(&m.site, tx, &identifie.sub, &identifie.identite).await
        }).await.unwrap();
        mandat(&t, o.structure, &angele, &["social"]).await;
        for (personne, trouve) in [("angele", true), ("marcel", false)] {
            let mut b = browser(&t, &m);
            let local = |a: &str| a.trim_start_matches("http://localhost:8080").to_owned();
            let passage = b.post("/mes-mandats/franceconnect", &[]).await.expect(303).location().to_owned();
            let page = b.get(&passage).await.expect(200).body;
            let depart = page.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            let choix = b.get(&local(&depart)).await.expect(200).body;
            let demande = choix.split("name=\"demande\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let mut ici = b.post("/faux-franceconnect/choix", &[("demande", &demande), ("personne", personne)]).await.expect(303).location().to_owned();
            for _ in 0..4 {
                ici = b.get(&local(&ici)).await.expect(303).location().to_owned();
            }
            if trouve {
                assert_eq!(ici, "/mes-mandats");
                b.get("/mes-mandats").await.expect(200).says("Angèle Claire").says("Ici");
            } else {
                assert_eq!(ici, "/mes-mandats/connexion");
                b.get("/mes-mandats").await.expect(303);
            }
        }
        // An identity got for a mandat opens no space; nor does one that is not ours.
        let mut b = browser(&t, &m);
        b.get("/mes-mandats/connexion?identification=x").await.expect(303);
        b.get("/mes-mandats/connexion?refus=abandon").await.expect(200).says("abandonnée");
        b.get("/mes-mandats/connexion?refus=%3Cscript%3E").await.expect(200);
    }

    async fn people_are_told_as_they_chose(t: TestSite) {
        let m = essai::mandats(&t).await;
        let avec = |n: u128, c| usager(&t, n, c);
        let courriel = avec(1, contact(Some("a@exemple.fr"), Some("0601020304"))).await;
        let telephone = avec(2, contact(None, Some("0602020304"))).await;
        let rien = avec(3, contact(None, None)).await;
        let usage = Nouvelle::Usage { organisation: "Ici".to_owned(), demarche: "Logement".to_owned(), quand: t.site.clock.now() };
        let creation = Nouvelle::Creation {
            numero: "4F7K-9QXT-2M6C".to_owned(), organisation: "Ici".to_owned(), demarches: vec!["Logement".to_owned()],
            jusqu_au: t.site.clock.now(),
        };
        let dire = async |u: &Usager, n: &Nouvelle| {
            t.site.db.write(async |tx| crate::espace::prevenir(&t.site, tx, u, n).await).await.unwrap();
            (textes(&t, "courriel").await.len(), textes(&t, "sms").await.len())
        };
        assert_eq!(dire(&courriel, &creation).await, (1, 0));
        assert_eq!(dire(&telephone, &creation).await, (1, 1));
        assert_eq!(dire(&rien, &creation).await, (1, 1));
        assert_eq!(dire(&courriel, &usage).await, (2, 1));
        assert_eq!(dire(&telephone, &usage).await, (2, 1), "uses by e-mail only, unless chosen");
        assert!(!textes(&t, "sms").await[0].contains("USAGER"), "no name on a telephone");
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "0602020304").await;
        b.get("/mes-mandats/preferences").await.expect(200).says("06 02 02 03 04");
        let mut choix = vec![("creation", "sms"), ("usage", "sms"), ("renouvellement", "sms"), ("revocation", "aucune"), ("transfert", "sms")];
        b.post("/mes-mandats/preferences", &choix).await.expect(303);
        assert_eq!(dire(&telephone, &usage).await, (2, 3));
        // STOP holds for news: only a code that one asks for still comes.
        let de = kernel::Telephone::parse("0602020304").unwrap();
        let now = t.site.clock.now();
        let stop = t.site.db.write(async |tx| crate::consentements::repondre_par_sms(&m, tx, &de, "STOP", now).await);
        stop.await.unwrap();
        let avant = textes(&t, "sms").await.len();
        assert_eq!(dire(&telephone, &usage).await, (2, avant));
        for mauvais in ["courriel", "pigeon", ""] {
            choix[1] = ("usage", mauvais);
            b.post("/mes-mandats/preferences", &choix).await.expect(422).says("Choisissez");
        }
    }

    async fn a_new_address_counts_once_proven_and_the_old_one_is_told(t: TestSite) {
        let m = demo(&t).await;
        let moi = usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        usager(&t, 2, contact(Some("pris@exemple.fr"), None)).await;
        let lu = async || usagers::store::lire(t.site.db.read(), moi.id).await.unwrap().unwrap().contact;
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        let ici = "/mes-mandats/coordonnees";
        b.get(ici).await.expect(200).says("moi@exemple.fr").says("aucun");
        assert_eq!(b.get("/mes-mandats/coordonnees/code").await.expect(303).location(), ici, "nothing is awaited");
        for (champs, dit) in [
            (vec![("quoi", "courriel"), ("courriel", "moi")], "complète"),
            (vec![("quoi", "courriel")], "Remplissez"),
            (vec![("quoi", "courriel"), ("courriel", "MOI@exemple.fr")], "déjà votre adresse"),
            (vec![("quoi", "telephone"), ("telephone", "12")], "portable"),
        ] {
            b.post(ici, &champs).await.expect(422).says(dit);
        }
        b.post(ici, &[("quoi", "identite")]).await.expect(404);
        // Somebody else's address is answered as anybody's.
        let demander = async |b: &mut Browser, quoi: &str, valeur: &str| {
            t.site.clock.advance(TimeDelta::seconds(1));
            let code = b.post(ici, &[("quoi", quoi), (quoi, valeur)]).await.expect(303).location().to_owned();
            b.get(&code).await.expect(200).body.replace(valeur, "X")
        };
        let a = demander(&mut b, "courriel", "pris@exemple.fr").await;
        assert_eq!(a, demander(&mut b, "courriel", "neuf@exemple.fr").await);
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        assert_eq!(lu().await.courriel.unwrap().as_str(), "moi@exemple.fr", "not yet");
        // Wrong codes are few, in whatever browser of this person; another person has nothing to do with it.
        let mauvais = if bon == "000000" { "000001" } else { "000000" };
        let verifier = "/mes-mandats/coordonnees/code";
        b.post(verifier, &[("code", mauvais)]).await.expect(422).says("4 essais");
        let mut autre = browser(&t, &m);
        t.site.clock.advance(TimeDelta::minutes(1));
        entrer(&t, &mut autre, "pris@exemple.fr").await;
        assert_eq!(autre.post(verifier, &[("code", &bon)]).await.expect(303).location(), ici);
        assert_eq!(lu().await.courriel.unwrap().as_str(), "moi@exemple.fr");
        // Another session of the same person, open elsewhere.
        let mut ailleurs = browser(&t, &m);
        entrer(&t, &mut ailleurs, "moi@exemple.fr").await;
        ailleurs.get("/mes-mandats").await.expect(200);
        assert_eq!(b.post(verifier, &[("code", &bon)]).await.expect(303).location(), ici);
        b.get(ici).await.expect(200).says("neuf@exemple.fr");
        assert_eq!(lu().await.courriel.unwrap().as_str(), "neuf@exemple.fr");
        ailleurs.get("/mes-mandats").await.expect(303);
        let sql = "SELECT destinataire FROM courriel WHERE texte LIKE '%vient d’être changée%'";
        let rows = kit::query(t.site.db.read(), sql, []).await.unwrap();
        let dits: Vec<String> = rows.iter().map(|r| r.try_get_by_index(0).unwrap()).collect();
        assert_eq!(dits, ["moi@exemple.fr"], "the old one, and nobody else");
        // Once.
        assert_eq!(b.post(verifier, &[("code", &bon)]).await.expect(303).location(), ici);
        // A first telephone: the address hears of it. Then it is taken away, and hears of it itself.
        demander(&mut b, "telephone", "06 01 02 03 04").await;
        let par_sms = code(textes(&t, "sms").await.last().unwrap());
        t.site.clock.advance(TimeDelta::seconds(1));
        b.post(verifier, &[("code", &par_sms)]).await.expect(303);
        assert_eq!(lu().await.telephone.unwrap().lisible(), "06 01 02 03 04");
        assert!(textes(&t, "courriel").await.last().unwrap().contains("vient d’être ajouté"));
        let sms = [("creation", "sms"), ("usage", "sms"), ("renouvellement", "sms"), ("revocation", "sms"), ("transfert", "sms")];
        b.post("/mes-mandats/preferences", &sms).await.expect(303);
        t.site.clock.advance(TimeDelta::seconds(1));
        b.post("/mes-mandats/coordonnees/retirer", &[("quoi", "telephone")]).await.expect(303);
        assert_eq!(lu().await.telephone, None);
        assert!(textes(&t, "sms").await.last().unwrap().contains("vient d’être retiré"));
        // What was chosen for it falls back to what is left.
        let moi = usagers::store::lire(t.site.db.read(), moi.id).await.unwrap().unwrap();
        let fin = Nouvelle::Usage { organisation: "Ici".to_owned(), demarche: "Logement".to_owned(), quand: t.site.clock.now() };
        t.site.clock.advance(TimeDelta::seconds(1));
        t.site.db.write(async |tx| crate::espace::prevenir(&t.site, tx, &moi, &fin).await).await.unwrap();
        assert!(textes(&t, "courriel").await.last().unwrap().contains("Logement"));
        b.get("/mes-mandats/journal").await.expect(200).says("Adresse ou numéro changé").says("Code envoyé à une nouvelle adresse");
        let lignes = kit::query(t.site.db.read(), "SELECT details FROM journal WHERE action LIKE 'espace.coordonnees%'", []).await.unwrap();
        assert!(lignes.iter().all(|l| !l.try_get_by_index::<String>(0).unwrap().contains('@')), "no address in the journal");
        // Few codes a day, and none that waits too long.
        demander(&mut b, "courriel", "vieux@exemple.fr").await;
        let tard = code(textes(&t, "courriel").await.last().unwrap());
        t.site.clock.advance(TimeDelta::minutes(16));
        assert_eq!(b.post(verifier, &[("code", &tard)]).await.expect(303).location(), ici);
        assert_eq!(lu().await.courriel.unwrap().as_str(), "neuf@exemple.fr");
        for n in 0..10 {
            b.post(ici, &[("quoi", "courriel"), ("courriel", &format!("n{n}@exemple.fr"))]).await;
        }
        b.post(ici, &[("quoi", "courriel"), ("courriel", "encore@exemple.fr")]).await.expect(422).says("demain");
        // Nothing of it is left two days later.
        let now = t.site.clock.now() + TimeDelta::days(2);
        t.site.db.write(async |tx| crate::espace::store::purger(tx, now).await).await.unwrap();
        assert_eq!(kit::count(t.site.db.read(), "SELECT COUNT(*) FROM espace_changement", []).await.unwrap(), 0);
    }

    async fn five_wrong_codes_change_nothing_and_the_last_way_in_stays(t: TestSite) {
        let m = essai::mandats(&t).await;
        let moi = usager(&t, 1, contact(Some("moi@exemple.fr"), None)).await;
        let mut b = browser(&t, &m);
        entrer(&t, &mut b, "moi@exemple.fr").await;
        let (ici, verifier) = ("/mes-mandats/coordonnees", "/mes-mandats/coordonnees/code");
        t.site.clock.advance(TimeDelta::seconds(1));
        b.post(ici, &[("quoi", "courriel"), ("courriel", "neuf@exemple.fr")]).await.expect(303);
        let bon = code(textes(&t, "courriel").await.last().unwrap());
        let mauvais = if bon == "000000" { "000001" } else { "000000" };
        for reste in ["4 essais", "3 essais", "2 essais", "1 essai"] {
            b.post(verifier, &[("code", mauvais)]).await.expect(422).says(reste);
        }
        b.post(verifier, &[("code", mauvais)]).await.expect(303);
        b.post(verifier, &[("code", &bon)]).await.expect(303);
        let lu = usagers::store::lire(t.site.db.read(), moi.id).await.unwrap().unwrap();
        assert_eq!(lu.contact, moi.contact);
        // Without FranceConnect, a person without an address could not come in any more.
        b.post("/mes-mandats/coordonnees/retirer", &[("quoi", "courriel")]).await.expect(303);
        b.get(ici).await.expect(200).says("moi@exemple.fr");
        let rows = kit::query(t.site.db.read(), "SELECT code, adresse FROM espace_changement", []).await.unwrap();
        for row in rows {
            let (code, adresse): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
            assert!(code.len() == 64 && adresse.len() == 64, "{code} {adresse}");
        }
    }
}
