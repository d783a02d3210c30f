//! A person says who they are on their own device: two browsers and one link, what each page shows to whom, what ends it.

use chrono::TimeDelta;
use kernel::Actor;
use platform::Mode;
use platform::db::kit;
use testkit::{Browser, TestSite};
use uuid::Uuid;

use crate::aidants::Fonction;
use crate::franceconnect::tests::demonstration::{choix, suite};
use crate::franceconnect::tests::{mandats, passe};
use crate::mandats::tests as commun;
use crate::mandats::{Choix, actions};
use crate::{Mandats, essai};

const MOI: &str = "moi@exemple.fr";

struct Scene {
    m: Mandats,
    actor: Actor,
    brouillon: Uuid,
    /// The aidant, at their desk.
    aidant: Browser,
    /// The person, who has no account.
    personne: Browser,
}

fn choisi() -> Choix {
    Choix {
        courriel: Some(MOI.to_owned()),
        telephone: Some("0601020304".to_owned()),
        atteste: false,
        ..commun::choix(&["papiers", "argent"], 31)
    }
}

async fn scene(t: &TestSite) -> Scene {
    essai::mandats(t).await;
    let m = mandats(t, Mode::Demo).await;
    let o = essai::organisation(t, "Maison d’ici", 1).await;
    let (_, actor) = essai::aidant(t, o.structure, Fonction::Aidant, 1).await;
    let brouillon = actions::commencer(&m, &actor, choisi(), None).await.unwrap();
    let aidant = t.browser(crate::routes(&m)).signed_in(essai::viewer(&actor));
    let personne = t.browser(crate::routes(&m));
    Scene { m, actor, brouillon, aidant, personne }
}

impl Scene {
    fn page(&self) -> String {
        format!("/aidant/mandats/brouillons/{}", self.brouillon)
    }

    async fn geste(&mut self, champs: &[(&str, &str)]) -> testkit::Answer {
        let ici = format!("{}/identification", self.page());
        self.aidant.post(&ici, champs).await
    }

    async fn envoie(&mut self, voie: &str) {
        self.geste(&[("geste", "envoyer"), ("voie", voie)]).await.expect(303);
    }

    async fn montre(&mut self) -> testkit::Answer {
        let ici = self.page();
        self.aidant.get(&ici).await.expect(200)
    }
}

/// The link of the last message, by e-mail or by text message.
async fn lien(t: &TestSite, table: &str) -> String {
    dernier(t, table, "/identification/").await
}

async fn dernier(t: &TestSite, table: &str, forme: &str) -> String {
    let sql = format!(
        "SELECT texte FROM {table} WHERE texte LIKE '%{forme}%' ORDER BY ecrit_le DESC, id DESC LIMIT 1"
    );
    let rows = kit::query(t.site.db.read(), &sql, []).await.unwrap();
    let texte: String = rows[0].try_get_by_index(0).unwrap();
    let debut = texte.find(forme).unwrap();
    texte[debut..].split_whitespace().next().unwrap().to_owned()
}

async fn combien(t: &TestSite, sql: &str) -> i64 {
    kit::count(t.site.db.read(), sql, []).await.unwrap()
}

/// From the page of the link to the fictitious FranceConnect, and back: the page to which that browser comes.
async fn identifie(b: &mut Browser, lien: &str, qui: &str) -> String {
    let passage = b.post(lien, &[("reponse", "identifier")]).await.expect(303).location().to_owned();
    let adresse = passe(b, &passage).await;
    let retour = choix(b, &adresse, qui).await;
    suite(b, &retour).await
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_person_says_who_they_are_on_their_own_device(t: TestSite) {
        let mut s = scene(&t).await;
        s.montre().await.says("Où envoyer le lien").says("06 01 02 03 04").says(MOI);
        s.envoie("courriel").await;
        s.montre().await.says("Un lien est parti").says("Elle ne s’est pas encore identifiée");
        let lien = lien(&t, "courriel").await;
        // Before they are known, the page names the organisation and nothing else.
        let lu = s.personne.get(&lien).await.expect(200).says("Maison d’ici").says("FranceConnect");
        for tu in ["Papiers", "Argent", "Inventée", MOI] {
            assert!(!lu.body.contains(tu), "{tu}");
        }
        let ici = identifie(&mut s.personne, &lien, "lucette").await;
        assert!(ici.starts_with("/identification/suite/") && !ici.contains(&s.brouillon.to_string()), "{ici}");
        let ici = s.personne.get(&ici).await.expect(303).location().to_owned();
        s.personne.get(&ici).await.expect(200).says("nous savons qui vous êtes").says("Papiers").says("Un mois").says("Maison d’ici");
        // The link is over; another browser sees nothing of the rest.
        s.personne.get(&lien).await.expect(404).says("Ce lien ne sert plus");
        t.browser(crate::routes(&s.m)).get(&ici).await.expect(404);
        // The aidant sees who it is. They were told that their agreement would be asked for: nothing is signed without it, and it
        // is asked where the link went, whatever is typed since.
        let id = s.brouillon;
        actions::garder(&s.m, &s.actor, id, |b| {
            b.choix = Choix { courriel: Some("aidante@ailleurs.fr".to_owned()), atteste: true, ..choisi() };
        })
        .await
        .unwrap();
        let lu = s.montre().await.says("FICTIVE-SANS-COURRIEL").says("sur son propre appareil").says(&format!("Par courriel : {MOI}"));
        for tu in ["Faire le mandat", "aidante@ailleurs.fr", "Par SMS"] {
            assert!(!lu.body.contains(tu), "{tu}");
        }
        let refus = commun::signer(&s.m, &s.actor, id).await.unwrap_err().to_string();
        assert!(refus.contains("demandez-lui son accord à distance"), "{refus}");
        let demande = format!("{}/distance", s.page());
        let attente = s.aidant.post(&demande, &[("voie", "courriel")]).await.expect(303).location().to_owned();
        s.aidant.post(&attente, &[("geste", "demander")]).await.expect(303);
        let sql = "SELECT COUNT(*) FROM consentement WHERE adresse = $1";
        assert_eq!(kit::count(t.site.db.read(), sql, [MOI.into()]).await.unwrap(), 1);
        let accord = dernier(&t, "courriel", "/accord/").await;
        s.personne.post(&accord, &[("reponse", "accepte")]).await.expect(303);
        // Agreed to: an old page that asks by another way changes nothing.
        s.aidant.post(&demande, &[("voie", "sms")]).await.expect(303);
        actions::garder(&s.m, &s.actor, id, |b| b.choix.atteste = true).await.unwrap();
        let fait = commun::signer(&s.m, &s.actor, id).await.unwrap();
        assert!(crate::mandats::store::mandat(t.site.db.read(), fait).await.unwrap().unwrap().a_distance);
        s.personne.get(&ici).await.expect(200).says("Votre mandat est fait");
        // What the journal keeps names nobody and holds no address.
        let lignes = kit::query(t.site.db.read(), "SELECT action, details FROM journal", []).await.unwrap();
        let lignes: Vec<String> = lignes
            .iter()
            .map(|l| format!("{} {}", l.try_get_by_index::<String>(0).unwrap(), l.try_get_by_index::<String>(1).unwrap()))
            .collect();
        let dites = lignes.join("\n");
        assert!(dites.contains("identification.envoyer") && dites.contains("usager.identifier"), "{dites}");
        assert!(!dites.contains(MOI) && !dites.contains("FICTIVE"), "{dites}");
    }

    async fn the_last_browser_that_opened_the_link_goes_on(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("sms").await;
        let lien = lien(&t, "sms").await;
        let mut autre = t.browser(crate::routes(&s.m));
        // The first device leaves; the link is opened on another, which leaves too; the first comes back.
        let passage = s.personne.post(&lien, &[("reponse", "identifier")]).await.expect(303).location().to_owned();
        let adresse = passe(&mut s.personne, &passage).await;
        let passage = autre.post(&lien, &[("reponse", "identifier")]).await.expect(303).location().to_owned();
        let retour = choix(&mut s.personne, &adresse, "rosa").await;
        let ici = suite(&mut s.personne, &retour).await;
        s.personne.get(&ici).await.expect(404);
        s.montre().await.says("Elle ne s’est pas encore identifiée");
        // Given up at FranceConnect: a sentence, and the same page leads there again.
        let adresse = passe(&mut autre, &passage).await;
        let retour = choix(&mut autre, &adresse, "abandon").await;
        let ici = autre.get(&retour).await.expect(303).location().to_owned();
        let ici = autre.get(&ici).await.expect(303).location().to_owned();
        autre.get(&ici).await.expect(200).says("Vous n’êtes pas encore identifié");
        let passage = autre.post(&ici, &[]).await.expect(303).location().to_owned();
        let adresse = passe(&mut autre, &passage).await;
        let retour = choix(&mut autre, &adresse, "angele").await;
        let fin = suite(&mut autre, &retour).await;
        autre.get(&fin).await.expect(303);
        autre.get(&ici).await.expect(200).says("nous savons qui vous êtes");
        // Once: the same return gives nothing more.
        autre.get(&fin).await.expect(303);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM journal WHERE action = 'usager.identifier'").await, 1);
        s.montre().await.says("FICTIVE-INVENTÉE");
    }

    async fn an_aidant_does_not_recognise_who_identified_themselves(t: TestSite) {
        let mut s = scene(&t).await;
        let connus = combien(&t, "SELECT COUNT(*) FROM usager").await;
        s.envoie("courriel").await;
        let un = lien(&t, "courriel").await;
        let ici = identifie(&mut s.personne, &un, "marcel").await;
        s.personne.get(&ici).await.expect(303);
        // While they are identified no other link leaves.
        s.geste(&[("geste", "renvoyer")]).await.expect(303);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM courriel").await, 1);
        s.geste(&[("geste", "ecarter")]).await.expect(303);
        let lu = s.montre().await.says("Où envoyer le lien");
        assert!(!lu.body.contains("CREUSOIS"));
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM usager").await, connus, "nobody knew them, nobody does");
        let id = s.brouillon;
        assert!(commun::signer(&s.m, &s.actor, id).await.is_err(), "nobody to sign for");
        // Nor of the person: their page is over.
        t.site.clock.advance(TimeDelta::minutes(2));
        s.envoie("sms").await;
        s.personne.get(&un).await.expect(404);
        // Once their agreement was asked for, it is begun again as a whole.
        let deux = lien(&t, "sms").await;
        let ici = identifie(&mut s.personne, &deux, "rosa").await;
        s.personne.get(&ici).await.expect(303);
        let demande = format!("{}/distance", s.page());
        s.aidant.post(&demande, &[("voie", "courriel")]).await.expect(303);
        s.geste(&[("geste", "ecarter")]).await.expect(303);
        s.montre().await.says("FICTIVE-MAI");
    }

    async fn a_link_ends_by_who_got_it_by_the_clock_and_by_the_aidant(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let un = lien(&t, "courriel").await;
        // Too soon; another draft's link is not stopped by it.
        s.geste(&[("geste", "renvoyer")]).await.expect(303);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM courriel").await, 1);
        t.site.clock.advance(TimeDelta::minutes(2));
        s.geste(&[("geste", "renvoyer")]).await.expect(303);
        let deux = lien(&t, "courriel").await;
        s.personne.get(&un).await.expect(404);
        s.personne.get(&deux).await.expect(200);
        // Whoever reads it asked for nothing.
        s.personne.post(&deux, &[("reponse", "refuser")]).await.expect(200).says("C’est noté");
        s.personne.get(&deux).await.expect(404);
        s.montre().await.says("elle n’a rien demandé").says("Où envoyer le lien");
        // Not there again, for this mandat.
        t.site.clock.advance(TimeDelta::minutes(2));
        s.envoie("courriel").await;
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM courriel").await, 2);
        // Sent again elsewhere, and given up.
        t.site.clock.advance(TimeDelta::minutes(2));
        s.envoie("sms").await;
        let trois = lien(&t, "sms").await;
        s.geste(&[("geste", "arreter")]).await.expect(303);
        s.personne.post(&trois, &[("reponse", "identifier")]).await.expect(303);
        s.personne.get(&trois).await.expect(404);
        // Too late.
        t.site.clock.advance(TimeDelta::minutes(2));
        s.envoie("sms").await;
        let quatre = lien(&t, "sms").await;
        t.site.clock.advance(TimeDelta::hours(24));
        s.personne.get(&quatre).await.expect(404);
        s.montre().await.says("n’a pas servi en 24 heures");
        s.envoie("sms").await;
        s.personne.get(&lien(&t, "sms").await).await.expect(200);
        // Given up once more than there is to give up: it is said.
        s.geste(&[("geste", "arreter")]).await.expect(303);
        let dit = s.geste(&[("geste", "arreter")]).await.expect(303);
        assert!(format!("{:?}", dit.headers).contains("ne%20servait"), "{:?}", dit.headers);
        // No word of the person is in the draft's page any more than in the address.
        for faux in ["/identification/x", "/identification/suite/x"] {
            s.personne.get(faux).await.expect(404);
        }
        s.geste(&[("geste", "autre")]).await.expect(404);
        s.geste(&[("geste", "envoyer"), ("voie", "telephone_code")]).await.expect(303);
    }

    async fn nobody_is_pestered(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let un = lien(&t, "courriel").await;
        // Five links in a day for one address, by whatever draft, thrown away or not, and by the way of another address or not.
        for n in 0..6 {
            s.brouillon = actions::commencer(&s.m, &s.actor, choisi(), None).await.unwrap();
            s.envoie("courriel").await;
            if n % 2 == 0 {
                let poubelle = format!("{}/abandonner", s.page());
                s.aidant.post(&poubelle, &[]).await.expect(303);
            } else {
                t.site.clock.advance(TimeDelta::minutes(2));
                s.envoie("sms").await;
            }
        }
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM courriel").await, 5);
        let autre = lien(&t, "sms").await;
        s.personne.get(&autre).await.expect(200);
        // They want no more messages: none leaves, by whatever draft.
        s.personne.post(&un, &[("reponse", "arreter")]).await.expect(200).says("Nous n’écrirons plus");
        t.site.clock.advance(TimeDelta::days(2));
        s.brouillon = actions::commencer(&s.m, &s.actor, choisi(), None).await.unwrap();
        s.envoie("courriel").await;
        let lu = s.montre().await.says("ne veut plus recevoir de messages");
        assert!(!lu.body.contains("Par courriel"), "not offered");
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM courriel").await, 5);
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM journal WHERE action = 'consentement.arreter'").await, 1);
        // STOP by text message ends the links that went to that number.
        s.envoie("sms").await;
        let vivant = lien(&t, "sms").await;
        s.personne.get(&vivant).await.expect(200);
        let (de, now) = (kernel::Telephone::parse("0601020304").unwrap(), t.site.clock.now());
        t.site.db.write(async |tx| crate::consentements::repondre_par_sms(&s.m, tx, &de, "STOP", now).await).await.unwrap();
        s.personne.get(&vivant).await.expect(404);
        s.montre().await.says("dit qu’elle n’a rien demandé");
        // A draft that is thrown away takes the address with it.
        let poubelle = format!("{}/abandonner", s.page());
        s.aidant.post(&poubelle, &[]).await.expect(303);
        let sql = "SELECT COUNT(*) FROM mandat_identification WHERE brouillon_id = $1";
        assert_eq!(kit::count(t.site.db.read(), sql, [s.brouillon.into()]).await.unwrap(), 0);
    }

    async fn others_neither_ask_nor_learn(t: TestSite) {
        let mut s = scene(&t).await;
        let ici = format!("{}/identification", s.page());
        let p = essai::organisation(&t, "Ailleurs", 7).await;
        let (_, ailleurs) = essai::aidant(&t, p.structure, Fonction::Aidant, 7).await;
        let structure = crate::aidants::agissant(&s.m, t.site.db.read(), &s.actor, kernel::Verb::TenirMandats).await.unwrap().organisation.structure;
        let (_, collegue) = essai::aidant(&t, structure, Fonction::Aidant, 8).await;
        for autre in [ailleurs, collegue] {
            let mut autre = t.browser(crate::routes(&s.m)).signed_in(essai::viewer(&autre));
            autre.post(&ici, &[("geste", "envoyer"), ("voie", "courriel")]).await.expect(404);
        }
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM mandat_identification").await, 0);
        // Renewing: another person than the one whose mandat it is changes nothing, and is told no more than that.
        let mandat = commun::fait(&s.m, &s.actor, 1, &["papiers"], 31).await;
        let renouvelle = Choix { telephone: None, ..choisi() };
        s.brouillon = actions::commencer(&s.m, &s.actor, renouvelle, Some(mandat)).await.unwrap();
        s.envoie("courriel").await;
        let lien = lien(&t, "courriel").await;
        let ici = identifie(&mut s.personne, &lien, "marcel").await;
        let ici = s.personne.get(&ici).await.expect(303).location().to_owned();
        s.personne.get(&ici).await.expect(200).says("Vous n’êtes pas encore identifié");
        s.montre().await.says("USAGER-1").says("Elle ne s’est pas encore identifiée");
    }

    // Whoever is there after all, or a mandat that is signed meanwhile, ends the link; an identity of long ago is asked for again.
    async fn what_happens_meanwhile_ends_the_link(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let un = lien(&t, "courriel").await;
        commun::identifier(&s.m, &s.actor, s.brouillon, 5, t.site.clock.now()).await.unwrap();
        s.personne.get(&un).await.expect(404);
        s.montre().await.says("Faire le mandat");
        // Five hours later they are to say again who they are, from afar this time.
        t.site.clock.advance(TimeDelta::hours(5));
        s.envoie("sms").await;
        let deux = lien(&t, "sms").await;
        let ici = identifie(&mut s.personne, &deux, "marcel").await;
        s.personne.get(&ici).await.expect(303);
        s.montre().await.says("FICTIF-CREUSOIS").says("sur son propre appareil");
        // While their agreement is awaited the draft says so, however old the identity.
        let demande = format!("{}/distance", s.page());
        s.aidant.post(&demande, &[("voie", "sms")]).await.expect(303);
        t.site.clock.advance(TimeDelta::hours(5));
        s.montre().await.says("Son accord est attendu");
        s.envoie("sms").await;
        assert_eq!(combien(&t, "SELECT COUNT(*) FROM sms WHERE texte LIKE '%/identification/%'").await, 1);
    }

    // An identity that was brought for one link is of no use for another, though the browser is the same.
    async fn an_identity_serves_the_link_that_asked_for_it(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let un = lien(&t, "courriel").await;
        let premier = s.brouillon;
        s.brouillon = actions::commencer(&s.m, &s.actor, choisi(), None).await.unwrap();
        s.envoie("sms").await;
        let deux = lien(&t, "sms").await;
        s.personne.post(&deux, &[("reponse", "identifier")]).await.expect(303);
        let ici = identifie(&mut s.personne, &un, "marcel").await;
        let (_, question) = ici.split_once('?').unwrap();
        let sql = "SELECT id FROM mandat_identification WHERE brouillon_id = $1";
        let row = kit::query(t.site.db.read(), sql, [s.brouillon.into()]).await.unwrap();
        let autre: Uuid = row[0].try_get_by_index(0).unwrap();
        s.personne.get(&format!("/identification/suite/{autre}?{question}")).await.expect(303);
        s.montre().await.says("Elle ne s’est pas encore identifiée");
        s.personne.get(&ici).await.expect(303);
        s.brouillon = premier;
        s.montre().await.says("FICTIF-CREUSOIS");
    }

    // The person comes back while the aidant gives up: one of both wins, and the other is told.
    async fn who_comes_back_and_who_gives_up_meet(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let lien = lien(&t, "courriel").await;
        let ici = identifie(&mut s.personne, &lien, "marcel").await;
        let page = format!("{}/identification", s.page());
        let (retour, geste) = tokio::join!(s.personne.get(&ici), s.aidant.post(&page, &[("geste", "arreter")]));
        retour.expect(303);
        geste.expect(303);
        let sql = "SELECT COUNT(*) FROM mandat_identification i JOIN mandat_brouillon b ON b.id = i.brouillon_id \
                   WHERE (i.etat = 'faite' AND b.identifie_le IS NOT NULL) OR (i.etat = 'arretee' AND b.identifie_le IS NULL)";
        assert_eq!(combien(&t, sql).await, 1);
    }

    // An aidant who may not make mandats any more learns nothing, and nothing of theirs is shown.
    async fn whoever_left_learns_nothing(t: TestSite) {
        let mut s = scene(&t).await;
        s.envoie("courriel").await;
        let lien = lien(&t, "courriel").await;
        s.personne.get(&lien).await.expect(200);
        t.site.db.write(async |tx| kit::execute(tx, "UPDATE organisation_habilitee SET desactivee_le = '2026-01-01'", []).await).await.unwrap();
        s.personne.get(&lien).await.expect(404);
    }
}
