//! STOP by the link of an e-mail: the same as by text message, once, by a button and never by reading.

use chrono::TimeDelta;
use kernel::{Email, Telephone};
use platform::db::kit;
use testkit::{Browser, TestSite};

use super::{NUMERO, Scene, etat, geste, propose, proposition, repond, scene, sms_a};
use crate::consentements::{Adresse, Canal, arrete, reprendre};
use crate::espace::{Nouvelle, prevenir};
use crate::usagers::{self, Contact, Usager};

const MOI: &str = "Moi@exemple.fr";

fn a_moi() -> Adresse {
    Adresse::Courriel(Email::parse(MOI).unwrap())
}

/// The links of the messages that were written, the last first.
async fn liens(t: &TestSite) -> Vec<String> {
    let rows =
        kit::query(t.site.db.read(), "SELECT texte, arret FROM courriel ORDER BY ecrit_le DESC, id DESC", [])
            .await
            .unwrap();
    rows.iter()
        .map(|r| {
            let (texte, arret): (String, String) =
                (r.try_get_by_index(0).unwrap(), r.try_get_by_index(1).unwrap());
            assert!(texte.ends_with(&arret), "the text and the headers say the same");
            arret.strip_prefix("http://localhost:8080").unwrap().to_owned()
        })
        .collect()
}

async fn lignes(t: &TestSite, action: &str) -> Vec<(String, String)> {
    let sql = "SELECT subject, details FROM journal WHERE action = $1 ORDER BY seq";
    let rows = kit::query(t.site.db.read(), sql, [action.into()]).await.unwrap();
    rows.iter().map(|r| (r.try_get_by_index(0).unwrap(), r.try_get_by_index(1).unwrap())).collect()
}

async fn avec(t: &TestSite, s: &Scene, contact: Contact) -> Usager {
    let u = Usager { contact, ..usagers::store::lire(t.site.db.read(), s.usager.id).await.unwrap().unwrap() };
    t.site.db.write(async |tx| usagers::store::enregistrer(tx, &u).await).await.unwrap();
    usagers::store::lire(t.site.db.read(), u.id).await.unwrap().unwrap()
}

fn personne(t: &TestSite, s: &Scene) -> Browser {
    t.browser(crate::consentements::routes(&s.m))
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn the_button_of_a_message_is_a_stop_and_reading_is_none(t: TestSite) {
        let mut s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, a_moi())).await.unwrap();
        geste(&mut s, id, "demander").await;
        let [question, offre] = liens(&t).await.try_into().unwrap();
        assert_ne!(question, offre, "a reference of its own for each message");
        let mut b = personne(&t, &s);
        for _ in 0..3 {
            let lu = b.get(&offre).await.expect(200).says("Ne plus recevoir de messages").says("prend fin avant sa date");
            assert_eq!(lu.headers["referrer-policy"], "no-referrer");
        }
        assert_eq!(etat(&t, id).await, "acceptation_demandee", "programs that follow links stop nothing");
        // Another spelling of the same address is the same address.
        let autre = Adresse::Courriel(Email::parse("moi@EXEMPLE.fr").unwrap());
        assert!(!arrete(&t.site, t.site.db.read(), &autre).await.unwrap());
        assert_eq!(b.post(&offre, &[]).await.expect(303).location(), offre);
        assert_eq!(etat(&t, id).await, "arretee");
        assert!(arrete(&t.site, t.site.db.read(), &autre).await.unwrap());
        b.get(&offre).await.expect(200).says("C’est noté").says("vous écrirons encore").says("/mes-mandats/preferences");
        b.get(&question).await.expect(200).says("C’est noté");
        // One line, as for a STOP by text message, that says by what.
        b.post(&offre, &[]).await.expect(303);
        b.post(&question, &[]).await.expect(303);
        let noms = lignes(&t, "consentement.arreter").await;
        assert_eq!(noms.len(), 1);
        assert!(noms[0].0 == "consentement" && noms[0].1.contains("\"canal\":\"courriel\""), "{noms:?}");
        for p in [a_moi(), autre] {
            let refus = propose(&s, &proposition(&s, 2, p)).await.unwrap_err().to_string();
            assert!(refus.contains("ne veut plus"), "{refus}");
        }
        // By text message they are still asked: each address has its own.
        propose(&s, &proposition(&s, 3, sms_a(NUMERO))).await.unwrap();
        // What is kept leads to no link and to no address.
        let rows = kit::query(t.site.db.read(), "SELECT empreinte, adresse FROM consentement_arret_lien", []).await.unwrap();
        assert_eq!(rows.len(), 2);
        for r in rows {
            let (empreinte, adresse): (String, String) = (r.try_get_by_index(0).unwrap(), r.try_get_by_index(1).unwrap());
            assert!(!offre.contains(&empreinte) && !question.contains(&empreinte) && !adresse.contains('@'));
        }
    }

    async fn a_mail_program_presses_it_by_itself(t: TestSite) {
        let s = scene(&t).await;
        let id = propose(&s, &proposition(&s, 1, a_moi())).await.unwrap();
        let lien = liens(&t).await.remove(0);
        // Neither a cookie nor an answer to follow.
        personne(&t, &s).post(&lien, &[("List-Unsubscribe", "One-Click")]).await.expect(200).says("C’est noté");
        assert_eq!(etat(&t, id).await, "arretee");
        let mut b = personne(&t, &s);
        for faux in ["x".to_owned(), "0".repeat(64)] {
            b.get(&format!("/ne-plus-recevoir/{faux}")).await.expect(404).says("ne sert plus");
        }
        b.post("/ne-plus-recevoir/x", &[]).await.expect(404);
        b.post(&format!("/ne-plus-recevoir/{}", "0".repeat(64)), &[("List-Unsubscribe", "One-Click")]).await.expect(404);
        assert_eq!(lignes(&t, "consentement.arreter").await.len(), 1);
    }

    async fn only_they_undo_it_from_an_address_proved_theirs(t: TestSite) {
        let s = scene(&t).await;
        propose(&s, &proposition(&s, 1, a_moi())).await.unwrap();
        let lien = liens(&t).await.remove(0);
        let mut b = personne(&t, &s);
        b.post(&lien, &[]).await.expect(303);
        let Adresse::Courriel(a) = a_moi() else { panic!("an e-mail") };
        let tape = Contact { courriel: Some(a.clone()), ..Contact::default() };
        let prouve = Contact { courriel_prouve: true, ..tape.clone() };
        for (contact, canal) in [(Contact::default(), Canal::Courriel), (tape, Canal::Courriel), (prouve.clone(), Canal::Sms)] {
            let u = avec(&t, &s, contact).await;
            assert!(reprendre(&s.m, u.id, canal).await.is_err());
            assert!(arrete(&t.site, t.site.db.read(), &a_moi()).await.unwrap());
        }
        let u = avec(&t, &s, prouve).await;
        let mut chez = crate::espace::tests::chez(&t, &s.m, &t.browser(crate::espace::routes(&s.m)), &u).await;
        let page = "/mes-mandats/preferences";
        chez.get(page).await.expect(200).says("Vous avez arrêté les messages");
        chez.post("/mes-mandats/preferences/reprendre", &[("canal", "pigeon")]).await.expect(404);
        chez.post("/mes-mandats/preferences/reprendre", &[("canal", "courriel")]).await.expect(303);
        assert!(!chez.get(page).await.expect(200).body.contains("Vous avez arrêté"));
        assert!(lignes(&t, "consentement.reprendre").await[0].1.contains("courriel"));
        propose(&s, &proposition(&s, 2, a_moi())).await.unwrap();
        // The link that served serves no more; that of the new message does.
        b.get(&lien).await.expect(404).says("ne sert plus");
        b.post(&lien, &[]).await.expect(303);
        assert!(!arrete(&t.site, t.site.db.read(), &a_moi()).await.unwrap());
        t.site.clock.advance(TimeDelta::seconds(1));
        b.post(&liens(&t).await.remove(0), &[]).await.expect(303);
        assert!(arrete(&t.site, t.site.db.read(), &a_moi()).await.unwrap());
    }

    async fn news_stop_but_what_is_owed_and_old_links_are_forgotten(t: TestSite) {
        let s = scene(&t).await;
        let Adresse::Courriel(a) = a_moi() else { panic!("an e-mail") };
        let contact = Contact { courriel: Some(a), telephone: Telephone::parse(NUMERO), ..Contact::default() };
        let u = avec(&t, &s, contact).await;
        let usage = Nouvelle::Usage { organisation: "Ici".to_owned(), demarche: "Logement".to_owned(), quand: t.site.clock.now() };
        let fin = Nouvelle::Revocation {
            numero: "4F7K-9QXT-2M6C".to_owned(), organisation: "Ici".to_owned(), demarches: Vec::new(), par_la_personne: false,
        };
        let compte = async |table: &str| kit::count(t.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap();
        let dire = async |n: &Nouvelle| {
            t.site.db.write(async |tx| prevenir(&t.site, tx, &u, n).await).await.unwrap();
            (compte("courriel").await, compte("sms").await)
        };
        assert_eq!(dire(&usage).await, (1, 0));
        let lien = liens(&t).await.remove(0);
        personne(&t, &s).post(&lien, &[]).await.expect(303);
        // Nothing was awaited: the line is of the person.
        let noms = lignes(&t, "consentement.arreter").await;
        assert!(noms.len() == 1 && noms[0].0 == "usager" && noms[0].1.contains("courriel"), "{noms:?}");
        assert_eq!(dire(&usage).await, (1, 0), "they may do without it");
        assert_eq!(dire(&fin).await, (2, 0), "it is owed to them");
        // Chosen by text message, and STOP there: what is owed comes by e-mail, the rest does not come.
        let sms = "INSERT INTO espace_preference (usager_id, genre, voie) VALUES ($1, $2, 'sms')";
        for genre in ["usage", "revocation"] {
            t.site.db.write(async |tx| kit::execute(tx, sms, [u.id.0.into(), genre.into()]).await).await.unwrap();
        }
        assert_eq!(dire(&fin).await, (2, 1));
        assert_eq!(repond(&t, &s, "s", "STOP").await, 204);
        let noms = lignes(&t, "consentement.arreter").await;
        assert!(noms.len() == 2 && noms[1].0 == "arret" && noms[1].1.contains("\"canal\":\"sms\""), "{noms:?}");
        assert!(!noms[1].1.contains("0601020304"));
        assert_eq!(dire(&usage).await, (2, 1));
        assert_eq!(dire(&fin).await, (3, 1));
        let tard = t.site.clock.now() + TimeDelta::days(366);
        assert!(compte("consentement_arret_lien").await > 0);
        t.site.db.write(async |tx| crate::consentements::store::arret::purger(tx, tard).await).await.unwrap();
        assert_eq!((compte("consentement_arret_lien").await, compte("consentement_arret").await), (0, 2));
    }
}
