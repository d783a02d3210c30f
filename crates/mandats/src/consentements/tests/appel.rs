//! Agreement by a call: a number known before, steps that are not skipped, a proof that the person was on the line.

use chrono::TimeDelta;
use kernel::{Actor, Telephone};
use platform::db::kit;
use testkit::{Browser, TestSite};

use super::{NUMERO, Scene, etat, geste, propose, proposition, repond, scene, sms_a, sms_ecrits};
use crate::aidants::Fonction;
use crate::consentements::{Adresse, ConsentementId, Preuve, a_confirmer, accepte, page, recoit_sms};
use crate::document::Canal;
use crate::essai;
use crate::usagers::{self, Contact, Usager};

/// A scene whose person has that number, proved or not.
async fn scene_avec(t: &TestSite, numero: &str, prouve: bool) -> Scene {
    let s = scene(t).await;
    let contact =
        Contact { telephone: Telephone::parse(numero), telephone_prouve: prouve, ..Contact::default() };
    let u = Usager { contact, ..s.usager.clone() };
    t.site.db.write(async |tx| usagers::store::enregistrer(tx, &u).await).await.unwrap();
    let usager = usagers::store::lire(t.site.db.read(), u.id).await.unwrap().unwrap();
    Scene { usager, ..s }
}

fn appel(numero: &str, preuve: Preuve) -> Adresse {
    Adresse::Appel(Telephone::parse(numero).unwrap(), preuve)
}

/// A number behind a box: no text message goes there.
const FIXE: &str = "0501020304";

async fn dit(b: &mut Browser, id: ConsentementId, champs: &[(&str, &str)]) -> u16 {
    b.post(&page(id), champs).await.status.as_u16()
}

/// The code of the last text message.
async fn code(t: &TestSite) -> String {
    sms_ecrits(t).await.pop().unwrap().chars().take_while(char::is_ascii_digit).collect()
}

async fn actes(t: &TestSite) -> Vec<String> {
    let sql = "SELECT action, details FROM journal WHERE subject = 'consentement' ORDER BY seq";
    let rows = kit::query(t.site.db.read(), sql, []).await.unwrap();
    rows.iter()
        .map(|r| {
            let details: String = r.try_get_by_index(1).unwrap();
            assert!(details.contains("\"canal\":\"telephone\""), "{details}");
            r.try_get_by_index::<String>(0).unwrap().replace("consentement.", "")
        })
        .collect()
}

async fn collegue(t: &TestSite, s: &Scene, n: u128) -> (Actor, Browser) {
    let (_, actor) = essai::aidant(t, s.o.structure, Fonction::Aidant, n).await;
    let b = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(&actor));
    (actor, b)
}

#[test]
fn text_messages_go_to_mobiles() {
    for (numero, oui) in [
        ("0601020304", true),
        ("0701020304", true),
        ("0501020304", false),
        ("0801020304", false),
        ("0690010203", true),
        ("0590010203", false),
        ("0692010203", true),
        ("0639010203", true),
        ("0262010203", false),
        ("+687123456", true),
    ] {
        assert_eq!(recoit_sms(&Telephone::parse(numero).unwrap()), oui, "{numero}");
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn the_person_says_the_code_that_they_got(t: TestSite) {
        let mut s = scene_avec(&t, NUMERO, true).await;
        let p = proposition(&s, 1, appel(NUMERO, Preuve::Code));
        let id = propose(&s, &p).await.unwrap();
        assert_eq!(sms_ecrits(&t).await.len(), 0, "what is offered is read");
        let lu = s.b.get(&page(id)).await.expect(200).says("Étape 1 sur 2").says("06 01 02 03 04").says("Logement");
        assert!(!lu.body.contains("name=\"code\"") && !lu.body.contains("Acceptez-vous"), "one after the other");
        // Nothing is skipped: neither a code nor a yes before the question.
        assert_eq!(dit(&mut s.b, id, &[("geste", "code"), ("code", "000000")]).await, 422);
        assert_eq!(dit(&mut s.b, id, &[("geste", "oui")]).await, 303);
        assert_eq!(etat(&t, id).await, "offre_envoyee");
        geste(&mut s, id, "demander").await;
        s.b.get(&page(id)).await.expect(200).says("Étape 2 sur 2").says("Acceptez-vous");
        let bon = code(&t).await;
        assert_eq!(bon.len(), 6);
        let rows = kit::query(t.site.db.read(), "SELECT code FROM consentement", []).await.unwrap();
        let garde: String = rows[0].try_get_by_index(0).unwrap();
        assert!(garde.len() == 64 && !garde.contains(&bon), "its print only");
        // A text message answers nothing here, nor does a yes that nobody heard.
        assert_eq!(repond(&t, &s, "e", "Oui").await, 204);
        assert_eq!(dit(&mut s.b, id, &[("geste", "oui")]).await, 303);
        assert_eq!(dit(&mut s.b, id, &[("geste", "entendu")]).await, 403);
        assert_eq!(etat(&t, id).await, "acceptation_demandee");
        // Three tries; then the right one serves no more.
        let faux = if bon == "000000" { "000001" } else { "000000" };
        for reste in ["2 essais", "1 essai", "trop d’essais"] {
            s.b.post(&page(id), &[("geste", "code"), ("code", faux)]).await.expect(422).says(reste);
        }
        assert_eq!(dit(&mut s.b, id, &[("geste", "code"), ("code", &bon)]).await, 422);
        // Another one, a minute later; it ends by itself.
        geste(&mut s, id, "renvoyer").await;
        assert_eq!(sms_ecrits(&t).await.len(), 1, "not within a minute");
        t.site.clock.advance(TimeDelta::minutes(2));
        geste(&mut s, id, "renvoyer").await;
        let second = code(&t).await;
        assert_eq!(dit(&mut s.b, id, &[("geste", "code"), ("code", &bon)]).await, 422, "the one before");
        t.site.clock.advance(TimeDelta::minutes(16));
        assert_eq!(dit(&mut s.b, id, &[("geste", "code"), ("code", &second)]).await, 422, "too old");
        geste(&mut s, id, "renvoyer").await;
        let troisieme = code(&t).await;
        t.site.clock.advance(TimeDelta::minutes(2));
        geste(&mut s, id, "renvoyer").await;
        assert_eq!(sms_ecrits(&t).await.len(), 3, "three at most");
        assert!(accepte(t.site.db.read(), p.brouillon).await.unwrap().is_none());
        let espace = format!("{} {}", &troisieme[..3], &troisieme[3..]);
        assert_eq!(dit(&mut s.b, id, &[("geste", "code"), ("code", &espace)]).await, 303);
        let accord = accepte(t.site.db.read(), p.brouillon).await.unwrap().unwrap();
        assert_eq!((accord.canal, accord.texte.as_str()), (Canal::Telephone, p.offre().as_str()));
        s.b.get(&page(id)).await.expect(200).says("avec le code reçu par SMS").says("Continuer le mandat");
        assert_eq!(
            actes(&t).await,
            ["proposer", "demander", "code_faux", "code_faux", "code_faux", "renvoyer", "code_faux", "renvoyer", "accepter"]
        );
    }

    async fn a_colleague_who_listened_confirms_it(t: TestSite) {
        let mut s = scene_avec(&t, FIXE, true).await;
        let (actor, mut temoin) = collegue(&t, &s, 2).await;
        let p = proposition(&s, 1, appel(FIXE, Preuve::Temoin));
        let id = propose(&s, &p).await.unwrap();
        let attendent = async |actor: &Actor| a_confirmer(&s.m, t.site.db.read(), actor).await.unwrap();
        // Whoever calls goes on, and nobody confirms what was not said.
        assert_eq!(dit(&mut temoin, id, &[("geste", "demander")]).await, 403);
        assert_eq!(dit(&mut temoin, id, &[("geste", "oui")]).await, 403);
        assert_eq!(dit(&mut temoin, id, &[("geste", "entendu")]).await, 303);
        let mut b = s.b.clone();
        b.post(&page(id), &[("geste", "demander")]).await.expect(303);
        assert_eq!(dit(&mut temoin, id, &[("geste", "entendu")]).await, 303);
        assert_eq!((etat(&t, id).await.as_str(), attendent(&actor).await.len()), ("acceptation_demandee", 0));
        assert_eq!(dit(&mut b, id, &[("geste", "oui")]).await, 303);
        assert_eq!((etat(&t, id).await.as_str(), sms_ecrits(&t).await.len()), ("attente_temoin", 0));
        b.get(&page(id)).await.expect(200).says("En attente du témoin");
        assert!(accepte(t.site.db.read(), p.brouillon).await.unwrap().is_none());
        // The maker is no witness of themselves; somebody of elsewhere sees nothing.
        assert_eq!(dit(&mut b, id, &[("geste", "entendu")]).await, 403);
        let ailleurs = essai::organisation(&t, "Ailleurs", 2).await;
        let (_, autre) = essai::aidant(&t, ailleurs.structure, Fonction::Aidant, 9).await;
        let mut dehors = t.browser(crate::consentements::routes(&s.m)).signed_in(essai::viewer(&autre));
        assert_eq!(dit(&mut dehors, id, &[("geste", "entendu")]).await, 404);
        assert_eq!((attendent(&actor).await, attendent(&s.actor).await, attendent(&autre).await), (vec![id], vec![], vec![]));
        // Without a fresh proof of who they are, they are asked for one.
        let vieux = platform::web::Viewer { prouve_le: None, ..essai::viewer(&actor) };
        let mut sans = t.browser(crate::consentements::routes(&s.m)).signed_in(vieux);
        let vers = sans.post(&page(id), &[("geste", "entendu")]).await.expect(303).location().to_owned();
        assert!(vers.starts_with("/compte/preuve"), "{vers}");
        assert_eq!(etat(&t, id).await, "attente_temoin");
        let frais = platform::web::Viewer { prouve_le: Some(t.site.clock.now()), ..essai::viewer(&actor) };
        temoin = t.browser(crate::consentements::routes(&s.m)).signed_in(frais);
        temoin.get(&page(id)).await.expect(200).says("Avez-vous entendu");
        assert_eq!(dit(&mut temoin, id, &[("geste", "entendu")]).await, 303);
        let accord = accepte(t.site.db.read(), p.brouillon).await.unwrap().unwrap();
        assert_eq!(accord.canal, Canal::Telephone);
        s.b.get(&page(id)).await.expect(200).says("entendu par");
        assert_eq!(actes(&t).await, ["proposer", "demander", "entendre", "accepter"]);
        let sql = "SELECT COUNT(*) FROM journal WHERE action = 'consentement.accepter' AND \"by\" = $1";
        let par = kit::count(t.site.db.read(), sql, [actor.compte.0.into()]).await.unwrap();
        assert_eq!(par, 1, "the line is of the witness");
    }

    async fn refusals_silence_and_a_witness_who_heard_nothing(t: TestSite) {
        let mut s = scene_avec(&t, FIXE, true).await;
        let (_, mut temoin) = collegue(&t, &s, 2).await;
        // They may refuse as soon as it is read.
        let id = propose(&s, &proposition(&s, 1, appel(FIXE, Preuve::Temoin))).await.unwrap();
        assert_eq!(dit(&mut s.b, id, &[("geste", "non")]).await, 303);
        assert_eq!(etat(&t, id).await, "refusee");
        s.b.get(&page(id)).await.expect(200).says("Non, dit au téléphone");
        // Or change their mind while the witness is awaited.
        let id = propose(&s, &proposition(&s, 2, appel(FIXE, Preuve::Temoin))).await.unwrap();
        for g in ["demander", "oui", "non"] {
            geste(&mut s, id, g).await;
        }
        assert_eq!(dit(&mut temoin, id, &[("geste", "pas_entendu")]).await, 303);
        assert_eq!(etat(&t, id).await, "refusee");
        // A witness who heard nothing ends it.
        let id = propose(&s, &proposition(&s, 3, appel(FIXE, Preuve::Temoin))).await.unwrap();
        for g in ["demander", "oui"] {
            geste(&mut s, id, g).await;
        }
        assert_eq!(dit(&mut s.b, id, &[("geste", "pas_entendu")]).await, 403);
        assert_eq!(dit(&mut temoin, id, &[("geste", "pas_entendu")]).await, 303);
        assert_eq!(etat(&t, id).await, "arretee");
        assert!(actes(&t).await.contains(&"demettre".to_owned()));
        // One who comes an hour later confirms nothing.
        let p = proposition(&s, 4, appel(FIXE, Preuve::Temoin));
        let id = propose(&s, &p).await.unwrap();
        for g in ["demander", "oui"] {
            geste(&mut s, id, g).await;
        }
        t.site.clock.advance(TimeDelta::minutes(61));
        s.b.get(&page(id)).await.expect(200).says("Pas de réponse");
        let (frais, _) = collegue(&t, &s, 3).await;
        let frais = platform::web::Viewer { prouve_le: Some(t.site.clock.now()), ..essai::viewer(&frais) };
        let mut tard = t.browser(crate::consentements::routes(&s.m)).signed_in(frais);
        assert_eq!(dit(&mut tard, id, &[("geste", "entendu")]).await, 303);
        assert!(accepte(t.site.db.read(), p.brouillon).await.unwrap().is_none());
        // The gestures of a call do nothing to an agreement by messages.
        let id = propose(&s, &proposition(&s, 5, sms_a(NUMERO))).await.unwrap();
        for g in ["oui", "non", "code", "entendu"] {
            assert_eq!(dit(&mut s.b, id, &[("geste", g)]).await, 404, "{g}");
        }
    }

    async fn only_a_number_that_was_known_before_is_called(t: TestSite) {
        let s = scene_avec(&t, NUMERO, false).await;
        let refus = async |s: &Scene, n: u128, adresse: Adresse| {
            propose(s, &proposition(s, n, adresse)).await.unwrap_err().to_string()
        };
        // Another number than theirs.
        assert!(refus(&s, 1, appel("0605050505", Preuve::Temoin)).await.contains("connaissons déjà"));
        // One that an aidant has just typed waits for a day.
        let saisie = usagers::Saisie { telephone: Telephone::parse("0605050505"), ..usagers::Saisie::default() };
        let m = &s.m;
        t.site.db.write(async |tx| usagers::saisir(&m.site, tx, &s.actor, &s.usager, &saisie).await).await.unwrap();
        assert!(refus(&s, 1, appel("0605050505", Preuve::Code)).await.contains("vient d’être écrit"));
        t.site.clock.advance(TimeDelta::hours(25));
        let id = propose(&s, &proposition(&s, 1, appel("0605050505", Preuve::Code))).await.unwrap();
        assert_eq!(etat(&t, id).await, "offre_envoyee");
        // STOP ends what is under way with that number, and no code goes there; a call that somebody hears remains.
        let de = Telephone::parse("0605050505").unwrap();
        let now = t.site.clock.now();
        t.site.db.write(async |tx| crate::consentements::repondre_par_sms(m, tx, &de, "STOP", now).await).await.unwrap();
        assert_eq!(etat(&t, id).await, "arretee");
        assert!(refus(&s, 2, appel("0605050505", Preuve::Code)).await.contains("STOP"));
        propose(&s, &proposition(&s, 2, appel("0605050505", Preuve::Temoin))).await.unwrap();
        // No text message goes behind a box.
        let fixe = scene_fixe(&t, &s).await;
        assert!(refus(&fixe, 3, appel(FIXE, Preuve::Code)).await.contains("ne reçoit pas de SMS"));
    }
}

/// The same scene, whose person has a proved number behind a box.
async fn scene_fixe(t: &TestSite, s: &Scene) -> Scene {
    let u = usagers::store::lire(t.site.db.read(), s.usager.id).await.unwrap().unwrap();
    let contact = Contact { telephone: Telephone::parse(FIXE), telephone_prouve: true, ..Contact::default() };
    let u = Usager { contact, ..u };
    t.site.db.write(async |tx| usagers::store::enregistrer(tx, &u).await).await.unwrap();
    let usager = usagers::store::lire(t.site.db.read(), u.id).await.unwrap().unwrap();
    Scene { usager, m: s.m.clone(), o: s.o.clone(), actor: s.actor.clone(), b: s.b.clone() }
}

/// Everything before agreements by a call.
fn avant_les_appels() -> platform::db::Migrations {
    crate::tests_migrations().into_iter().take_while(|m| !m.name().starts_with("mandats_0171")).collect()
}

testkit::on_both_engines! {
    migrations: avant_les_appels();

    async fn agreements_of_before_the_calls_are_kept(t: TestSite) {
        let u = essai::usager(&t, 7).await;
        let (id, now) = (uuid::Uuid::from_u128(0xACC0), t.site.clock.now());
        let sql = "INSERT INTO consentement (id, brouillon_id, structure_id, usager_id, canal, adresse, offre, question, \
                   etat, retour, offre_le, dernier_le, envois, aides, expire_le, sel) \
                   VALUES ($1, $1, $1, $2, 'sms', '+33639980001', 'Offre', 'Question', 'offre_envoyee', '/aidant', $3, $3, \
                   1, 0, $4, 'sel')";
        let values = [id.into(), u.id.0.into(), now.into(), (now + TimeDelta::hours(1)).into()];
        kit::execute(t.site.db.read(), sql, values).await.unwrap();
        let fresh = platform::db::migrate(&t.site.db, crate::tests_migrations(), now).await.unwrap();
        assert_eq!(fresh.first().map(String::as_str), Some("mandats_0171_consentements_appel"));
        let sql = "SELECT COUNT(*) FROM consentement WHERE id = $1 AND adresse = '+33639980001' AND essais = 0 \
                   AND expire_le > offre_le";
        assert_eq!(kit::count(t.site.db.read(), sql, [id.into()]).await.unwrap(), 1);
        let c = crate::consentements::store::lire(t.site.db.read(), ConsentementId(id)).await.unwrap().unwrap();
        assert_eq!((c.adresse.cle(), c.envois), ("sms", 1));
    }
}
