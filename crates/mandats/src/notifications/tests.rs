//! Notifications, on both engines: who sees them, until when, who is written to.

use chrono::TimeDelta;
use kernel::{CodeDepartement, Perimetre, Role};
use platform::jobs::{Registry, Worker};
use testkit::TestSite;

use super::model::Public;
use super::*;
use crate::aidants::{EtatAidant, Fonction, vie};
use crate::essai;
use crate::ids::AidantId;

const BASE: &str = "/gestion/notifications";
const SIENNES: &str = "/aidant/notifications";

#[test]
fn each_public_is_who_it_says() {
    let (moi, autre) = (AidantId(uuid::Uuid::from_u128(1)), AidantId(uuid::Uuid::from_u128(2)));
    for (public, aidant, referent, personne) in [
        (Public::Tous, true, true, false),
        (Public::Referents, false, true, false),
        (Public::Aidants, true, false, false),
        (Public::Personne(moi), true, true, true),
        (Public::Personne(autre), false, false, false),
    ] {
        assert_eq!(public.concerne(moi, true, false), aidant, "{public:?}");
        assert_eq!(public.concerne(moi, false, true), referent, "{public:?}");
        assert_eq!(public.concerne(moi, false, false), personne, "{public:?}");
    }
}

const NOUVEAUTE: [(&str, &str); 5] = [
    ("genre", "nouveaute"),
    ("public", "referents"),
    ("titre", "Grands caractères"),
    ("texte", "Vous pouvez imprimer en grand."),
    ("jusqu_au", "2026-12-31"),
];

fn sauf<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<(&str, &str)> =
        NOUVEAUTE.iter().filter(|(c, _)| changes.iter().all(|(k, _)| k != c)).copied().collect();
    out.extend_from_slice(changes);
    out
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn told_read_mailed_and_ended(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (aidant, a) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, r) = essai::aidant(&t, o.structure, Fonction::Referent, 2).await;
        let (dort, _) = essai::aidant(&t, o.structure, Fonction::Referent, 3).await;
        t.site.db.write(async |tx| vie::changer(&m, tx, dort.id, EtatAidant::Dormant, "Congé", None).await).await.unwrap();
        let nu = t.browser(crate::routes(&m));
        let mut equipe = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National));
        let (mut a, mut r) = (nu.signed_in(essai::viewer(&a)), nu.signed_in(essai::viewer(&r)));
        for (champ, valeur, dit) in [
            ("genre", "autre", "href=\"#genre\""),
            ("public", "", "href=\"#public\""),
            ("titre", "", "href=\"#titre\""),
            ("texte", " ", "href=\"#texte\""),
            ("jusqu_au", "hier", "href=\"#jusqu_au\""),
            ("jusqu_au", "2026-11-30", "jour à venir"),
            ("jusqu_au", "2028-12-31", "un an au plus"),
        ] {
            equipe.post(BASE, &sauf(&[(champ, valeur)])).await.expect(422).says(dit);
        }
        equipe.post(BASE, &sauf(&[("public", "personne"), ("courriel", "inconnu@essai.example")])).await.expect(422).says("Aucun aidant");
        equipe.post(BASE, &NOUVEAUTE).await.expect(303);
        equipe.post(BASE, &sauf(&[("public", "personne"), ("courriel", aidant.courriel.as_str()), ("titre", "Pour vous"), ("genre", "alerte")])).await.expect(303);
        // Each on the home page of whom it is for.
        r.get("/referent").await.expect(200).says("Grands caractères");
        let accueil = a.get("/aidant").await.expect(200).says("Pour vous");
        assert!(!accueil.body.contains("Grands caractères"));
        assert!(!r.get(SIENNES).await.expect(200).says("Non lue").body.contains("Pour vous"));
        let toutes = store::toutes(t.site.db.read(), &kernel::Perimetre::National).await.unwrap();
        let (pour_vous, grands) = (toutes[0].id, toutes[1].id);
        // What is for another does not exist; reading is said by a button, and unsaid.
        a.get(&format!("{SIENNES}/{grands}")).await.expect(404);
        a.post(&format!("{SIENNES}/{grands}"), &[("geste", "lue")]).await.expect(404);
        r.post(&format!("{SIENNES}/{pour_vous}"), &[("geste", "lue")]).await.expect(404);
        r.post(&format!("{SIENNES}/{grands}"), &[("geste", "autre")]).await.expect(404);
        r.get(&format!("{SIENNES}/{grands}")).await.expect(200).says("imprimer en grand");
        r.get("/referent").await.expect(200).says("Grands caractères");
        assert_eq!(r.post(&format!("{SIENNES}/{grands}"), &[("geste", "lue"), ("retour", "referent")]).await.expect(303).location(), "/referent");
        r.post(&format!("{SIENNES}/{grands}"), &[("geste", "lue"), ("retour", "https://ailleurs.example")]).await.expect(303);
        assert!(!r.get("/referent").await.expect(200).body.contains("imprimer en grand"));
        r.get(SIENNES).await.expect(200).says("Marquer comme non lue");
        equipe.get(BASE).await.expect(200).says("Grands caractères").says("En ligne");
        r.post(&format!("{SIENNES}/{grands}"), &[("geste", "non_lue")]).await.expect(303);
        r.get("/referent").await.expect(200).says("imprimer en grand");
        // A novelty is mailed once to who is active, by the job; nothing else is.
        let mut registry = Registry::default();
        register(&m, &mut registry);
        Worker::new(t.site.clone(), registry).drain().await.unwrap();
        assert_eq!(courriel::prevenir(&m, grands).await.unwrap(), 0, "once");
        let ecrits: Vec<String> = platform::mail::list(t.site.db.read(), 50).await.unwrap().into_iter()
            .filter(|c| c.sujet.contains("Grands caractères")).map(|c| c.destinataire).collect();
        assert_eq!(ecrits, ["aidant2@essai.example"]);
        // Over after its day, gone when it is taken back.
        equipe.post(&format!("{BASE}/{pour_vous}/retirer"), &[]).await.expect(303);
        equipe.post(&format!("{BASE}/{pour_vous}/retirer"), &[]).await.expect(409);
        assert!(!a.get("/aidant").await.expect(200).body.contains("Pour vous"));
        a.get(&format!("{SIENNES}/{pour_vous}")).await.expect(404);
        t.site.clock.advance(TimeDelta::days(31));
        assert!(!r.get("/referent").await.expect(200).body.contains("imprimer en grand"));
        r.get(SIENNES).await.expect(200).says("Grands caractères");
        // A team of another territory: many people are not theirs to write to, nor is this one.
        let ain = Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        let mut ain = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, ain));
        let plus_tard = ("jusqu_au", "2027-03-31");
        ain.post(BASE, &sauf(&[plus_tard])).await.expect(422).says("tout le pays");
        ain.post(BASE, &sauf(&[plus_tard, ("public", "personne"), ("courriel", aidant.courriel.as_str())])).await.expect(422).says("Aucun aidant");
        for id in [grands, pour_vous] {
            ain.post(&format!("{BASE}/{id}/retirer"), &[]).await.expect(404);
        }
        assert!(!ain.get(BASE).await.expect(200).body.contains("Grands caractères"));
        r.get(BASE).await.expect(403);
        nu.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National)).get(SIENNES).await.expect(404);
        nu.clone().get(SIENNES).await.expect(303);
        // A year later nothing is left of it, nor of who read it.
        r.post(&format!("{SIENNES}/{grands}"), &[("geste", "lue")]).await.expect(303);
        assert_eq!(courriel::oublier(&m).await.unwrap(), 0);
        t.site.clock.advance(TimeDelta::days(400));
        assert_eq!((courriel::oublier(&m).await.unwrap(), courriel::oublier(&m).await.unwrap()), (2, 0));
        let lues = platform::db::kit::count(t.site.db.read(), "SELECT COUNT(*) FROM aidant_notification_lue", []).await;
        assert_eq!(lues.unwrap(), 0);
    }

    async fn a_stopped_job_goes_on_from_where_it_was(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        for n in 1..=5 {
            essai::aidant(&t, o.structure, Fonction::Aidant, n).await;
        }
        let nu = t.browser(crate::routes(&m));
        let mut equipe = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National));
        equipe.post(BASE, &sauf(&[("public", "aidants")])).await.expect(303);
        let id = store::toutes(t.site.db.read(), &kernel::Perimetre::National).await.unwrap()[0].id;
        let deux = store::destinataires(t.site.db.read(), Public::Aidants, None, 2).await.unwrap();
        t.site.db.write(async |tx| store::avancer(tx, id, deux[1].id).await).await.unwrap();
        assert_eq!(courriel::prevenir(&m, id).await.unwrap(), 3);
    }
}
