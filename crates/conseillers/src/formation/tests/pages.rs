use annuaire::Annuaire;
use chrono::Datelike;
use kernel::ids::{CompteId, StructureId};
use kernel::{Perimetre, Periode, Role};
use platform::web::Viewer;
use testkit::{Browser, TestSite};
use uuid::Uuid;

use crate::Conseillers;
use crate::Failure;
use crate::candidats::tests::fixtures::{candidat, ecrire, fiche};
use crate::formation::actions::{self, Fait};
use crate::formation::model::{Endroit, EtatInscription, FicheSession, SessionId};
use crate::formation::store;
use crate::ids::{CandidatId, ContratId};
use crate::postes;

const B: &str = "/conseillers/formations";
const MOI: &str = "/mon-espace/formation";

async fn conseillers(t: &TestSite) -> Conseillers {
    Conseillers::new(&Annuaire::load(&t.site).await.unwrap())
}

fn jour(t: &TestSite, dans: i64) -> chrono::NaiveDate {
    kernel::calendrier::jour(&t.site.clock.now()) + chrono::TimeDelta::days(dans)
}

/// A person with an account who holds a post in Ain since a month.
async fn en_poste(t: &TestSite, n: u128, organisme: StructureId) -> (CandidatId, Viewer) {
    let mut c = candidat(t, fiche(&format!("personne{n}@exemple.fr")));
    let compte = CompteId(Uuid::from_u128(0xB000 + n));
    c.compte = Some(compte);
    let c = ecrire(t, c).await;
    t.site
        .db
        .write(async |tx| {
            let place = postes::Place {
                structure: organisme,
                departement: kernel::CodeDepartement::parse("01").unwrap(),
                region: kernel::CodeRegion::parse("84").unwrap(),
            };
            let le = jour(t, -60);
            let origine = (None, &place, le);
            let poste = postes::store::attribuer(&t.site, tx, 1, postes::Typologie::Conseiller, origine)
                .await?
                .remove(0);
            let id = kernel::ids::uuid_v7(&t.site.clock, &t.site.chance);
            let periode = Periode { debut: jour(t, -30), fin: None };
            let poste = postes::rules::affecter(poste, id, (c.id, ContratId(id)), periode).unwrap();
            postes::store::enregistrer(tx, &poste).await
        })
        .await
        .unwrap();
    let mut viewer = testkit::viewer(Role::Candidat, Perimetre::Soi);
    viewer.actor.compte = compte;
    (c.id, viewer)
}

async fn organisme(t: &TestSite, c: &Conseillers) -> StructureId {
    let territoires = c.annuaire.territoires();
    t.site.db.write(async |tx| annuaire::structures::demo(&t.site, tx, &territoires).await).await.unwrap()[2]
}

fn session(t: &TestSite, organisme: StructureId, places: u32) -> FicheSession {
    FicheSession {
        nature: crate::formation::model::Nature::Initiale,
        organisme,
        lot: "Lot 2".to_owned(),
        regions: kernel::CodeRegion::parse("84").into_iter().collect(),
        heures: 105,
        modules: Vec::new(),
        endroit: Endroit::ADistance,
        debut: jour(t, 30),
        fin: jour(t, 60),
        places,
    }
}

fn admin() -> Viewer {
    testkit::viewer(Role::AdministrateurNational, Perimetre::National)
}

fn formateur(organisme: StructureId) -> Viewer {
    testkit::viewer(Role::OrganismeFormation, Perimetre::Structures(vec![organisme]))
}

async fn ouverte(t: &TestSite, organisme: StructureId, places: u32) -> SessionId {
    actions::ouvrir(&t.site, &admin().actor, session(t, organisme, places)).await.unwrap()
}

async fn teste(t: &TestSite, candidat: CandidatId) {
    actions::noter(&t.site, &admin().actor, candidat, Fait::Positionnement(60)).await.unwrap();
}

fn browser(t: &TestSite, c: &Conseillers) -> Browser {
    t.browser(crate::formation::routes(c.clone()))
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_session_is_opened_asked_for_followed_and_attested(t: TestSite) {
        let c = conseillers(&t).await;
        let o = organisme(&t, &c).await;
        let (candidat, moi) = en_poste(&t, 1, o).await;
        let b = browser(&t, &c);
        let mut admin = b.signed_in(admin());
        admin.get(&format!("{B}/nouvelle")).await.expect(200).says("Ouvrir une session");
        let page = admin.post(&format!("{B}/nouvelle"), &[("heures", "1000"), ("lieu", "commune"), ("commune", "Zzzz")]).await.expect(422);
        for champ in ["organisme", "lot", "commune", "debut", "fin", "places"] {
            assert!(page.body.contains(&format!("href=\"#{champ}\"")), "{champ}");
        }
        let (debut, fin) = (jour(&t, 30).to_string(), jour(&t, 60).to_string());
        let organisme_typed = o.to_string();
        let form = [
            ("organisme", organisme_typed.as_str()), ("nature", "initiale"), ("lot", "Lot 2"), ("regions", "84"), ("heures", "105"), ("lieu", "commune"),
            ("commune", "Bourg-en-Bresse"), ("debut", &debut), ("fin", &fin), ("places", "12"),
            ("modules", "Atelier\nEnfance\nSanté"),
        ];
        let at = admin.post(&format!("{B}/nouvelle"), &form).await.expect(303).location().to_owned();
        let id = at.rsplit('/').next().unwrap().to_owned();
        admin.get(&at).await.expect(200).says("Bourg-en-Bresse").says("0 prises sur 12");
        admin.get(B).await.expect(200).says("12 sur 12");
        // Without the test, the person asks and waits; the body that they ask passes it, and the seat is theirs.
        let mut moi = b.signed_in(moi);
        let mut formateur = b.signed_in(formateur(o));
        let fiche = format!("{B}/personnes/{candidat}");
        formateur.get(&fiche).await.expect(404);
        moi.get(MOI).await.expect(200).says("Demander une place");
        moi.get(&format!("{MOI}/sessions/{id}")).await.expect(200).says("passe le test avec vous");
        moi.post(&format!("{MOI}/sessions/{id}"), &[("modules", "Santé")]).await.expect(422).says("Choisissez 2 modules");
        moi.post(&format!("{MOI}/sessions/{id}"), &[("modules", "Santé"), ("modules", "Atelier")]).await.expect(303);
        moi.get(MOI).await.expect(200).says("Sur liste d’attente").says("passer le test de positionnement");
        formateur.get(&fiche).await.expect(200).says("Camille Martin");
        formateur.post(&fiche, &[("fait", "titre"), ("titre", "ccp1"), ("le", &jour(&t, 0).to_string())]).await.expect(404);
        formateur.post(&fiche, &[("fait", "test"), ("score", "101")]).await.expect(422).says("de 0 à 100");
        formateur.post(&fiche, &[("fait", "test"), ("score", "60")]).await.expect(303);
        moi.get(MOI).await.expect(200).says("105 heures").says("Inscription confirmée");
        moi.post(&format!("{MOI}/sessions/{id}"), &[("modules", "Santé"), ("modules", "Atelier")]).await.expect(409);
        // The training body sees its people now, and takes the list away.
        formateur.get(&at).await.expect(200).says("Camille Martin").says("Atelier, Santé");
        formateur.get(&fiche).await.expect(200).says("60 sur 100");
        let sessions = formateur.get(&format!("{B}/export.csv")).await.expect(200).body;
        assert!(sessions.lines().count() >= 2 && sessions.contains("Formation initiale"), "{sessions}");
        let csv = formateur.get(&format!("{at}/participants/export.csv")).await.expect(200);
        assert!(csv.body.contains("Camille;Martin;personne1@exemple.fr"), "{}", csv.body);
        // It begins.
        t.site.clock.advance(chrono::TimeDelta::days(40));
        let i = store::de_session(t.site.db.read(), SessionId(id.parse().unwrap())).await.unwrap().remove(0);
        let suivi = format!("{B}/inscriptions/{}", i.id);
        formateur.get(&suivi).await.expect(200).says("La formation dure 105 heures");
        formateur.post(&suivi, &[("heures", "200"), ("fin", "")]).await.expect(422).says("au plus ce nombre");
        moi.post(&format!("{MOI}/{}/annuler", i.id), &[]).await.expect(409).says("a commencé");
        moi.get(&format!("{MOI}/{}/attestation", i.id)).await.expect(404);
        formateur.post(&suivi, &[("heures", "105"), ("fin", "suivie")]).await.expect(303);
        moi.get(&format!("{MOI}/{}/attestation", i.id)).await.expect(200).says("Camille Martin").says("105 heures");
        let pdf = moi.get(&format!("{MOI}/{}/attestation.pdf", i.id)).await.expect(200);
        assert!(pdf.body.starts_with("%PDF-1."));
        let le = jour(&t, 0).to_string();
        formateur.post(&fiche, &[("fait", "titre"), ("titre", "ccp1"), ("le", &le)]).await.expect(303);
        formateur.post(&fiche, &[("fait", "vae"), ("etape", "jury"), ("le", &le)]).await.expect(422).says("L’étape qui vient");
        let mut socle: Vec<(String, String)> = crate::formation::model::SOCLE.iter().map(|(cle, _)| (format!("socle_{cle}"), "2".to_owned())).collect();
        socle.push(("fait".to_owned(), "socle".to_owned()));
        let socle: Vec<(&str, &str)> = socle.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        formateur.post(&fiche, &socle).await.expect(303);
        moi.get(MOI).await.expect(200).says("CCP1 du titre REMN");
    }

    async fn what_belongs_to_others_does_not_exist(t: TestSite) {
        let c = conseillers(&t).await;
        let o = organisme(&t, &c).await;
        let id = ouverte(&t, o, 3).await;
        let (un, moi) = en_poste(&t, 1, o).await;
        let (_, autre) = en_poste(&t, 2, o).await;
        teste(&t, un).await;
        actions::demander(&t.site, &moi.actor, id, Vec::new()).await.unwrap();
        let i = store::de_session(t.site.db.read(), id).await.unwrap().remove(0);
        let b = browser(&t, &c);
        let mut ailleurs = b.signed_in(formateur(StructureId(Uuid::from_u128(99))));
        for path in [format!("{B}/{id}"), format!("{B}/{id}/participants/export.csv"), format!("{B}/inscriptions/{}", i.id), format!("{B}/personnes/{un}")] {
            ailleurs.get(&path).await.expect(404);
        }
        ailleurs.post(&format!("{B}/inscriptions/{}", i.id), &[("heures", "1"), ("fin", "")]).await.expect(404);
        ailleurs.post(&format!("{B}/personnes/{un}"), &[("fait", "test"), ("score", "1")]).await.expect(404);
        assert!(!ailleurs.get(B).await.expect(200).body.contains("Lot 2"));
        let mut autre = b.signed_in(autre);
        autre.post(&format!("{MOI}/{}/annuler", i.id), &[]).await.expect(404);
        autre.get(&format!("{MOI}/{}/attestation", i.id)).await.expect(404);
        autre.get(&format!("{MOI}/{}/attestation.pdf", i.id)).await.expect(404);
        autre.get(&format!("{B}/{id}")).await.expect(403);
        b.clone().get(MOI).await.expect(303);
    }

    async fn the_last_seat_is_one_persons_and_the_next_in_line_is_served(t: TestSite) {
        let c = conseillers(&t).await;
        let o = organisme(&t, &c).await;
        let id = ouverte(&t, o, 1).await;
        let (un, moi) = en_poste(&t, 1, o).await;
        let (deux, toi) = en_poste(&t, 2, o).await;
        for qui in [un, deux] {
            teste(&t, qui).await;
        }
        let (a, b) = tokio::join!(
            actions::demander(&t.site, &moi.actor, id, Vec::new()),
            actions::demander(&t.site, &toi.actor, id, Vec::new())
        );
        let etats = [a.unwrap(), b.unwrap()];
        assert_eq!(etats.iter().filter(|e| **e == EtatInscription::Inscrite).count(), 1, "{etats:?}");
        let inscrits = store::de_session(t.site.db.read(), id).await.unwrap();
        let premier = inscrits.iter().find(|i| i.etat == EtatInscription::Inscrite).unwrap();
        let qui = if premier.candidat == un { &moi } else { &toi };
        actions::annuler(&t.site, &qui.actor, premier.id).await.unwrap();
        let (prises, attente) = store::places(t.site.db.read(), id).await.unwrap();
        assert_eq!((prises, attente), (1, 0));
        // Fewer seats than are taken; a stale form; a cancelled session tells everybody.
        let fiche = FicheSession { places: 0, ..session(&t, o, 1) };
        assert!(matches!(actions::modifier(&t.site, &admin().actor, id, 1, fiche).await, Err(Failure::Refusal(_))));
        let fiche = session(&t, o, 5);
        assert!(actions::modifier(&t.site, &admin().actor, id, 7, fiche.clone()).await.is_err());
        actions::modifier(&t.site, &admin().actor, id, 1, fiche).await.unwrap();
        actions::annuler_session(&t.site, &admin().actor, id, "salle fermée".to_owned()).await.unwrap();
        assert_eq!(store::places(t.site.db.read(), id).await.unwrap(), (0, 0));
        let reste = if premier.candidat == un { &toi } else { &moi };
        assert!(actions::demander(&t.site, &reste.actor, id, Vec::new()).await.is_err());
        assert!(jour(&t, 0).year() > 2024, "the clock of the tests is in the second market");
    }
}
