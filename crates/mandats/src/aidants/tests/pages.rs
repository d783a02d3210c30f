//! Pages of référents, bodies and the team: what works, what is of another organisation, what nobody else opens.

use testkit::Browser;

use super::*;
use crate::aidants;
use crate::ids::AidantId;

async fn chez(t: &TestSite, m: &Mandats, actor: &Actor) -> Browser {
    t.browser(crate::routes(m)).signed_in(essai::viewer(actor))
}

const GESTES: [&str; 6] = ["fonction", "desactiver", "reactiver", "retirer", "rattacher", "secours"];

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_referent_looks_after_their_own_and_nobody_else(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Maison Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, referent) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (a, aidant) = actif(&m, ici.structure, Fonction::Aidant, 2).await;
        let (leur, etranger) = actif(&m, ailleurs.structure, Fonction::AidantReferent, 3).await;
        let mut b = chez(&t, &m, &referent).await;
        b.get("/referent").await.expect(200).says("Maison Ici").says("Habilitation n° 1");
        b.get("/referent/personnes").await.expect(200).says("Inventée-2");
        b.get(&format!("/referent/personnes/{}", a.id)).await.expect(200).says("Accès perdu");
        b.get("/referent/organisation").await.expect(200);
        b.get("/referent/sessions").await.expect(200).says("Personne n’est à inscrire");
        // A team, then the person in it.
        b.post("/referent/equipes", &[("nom", "")]).await.expect(422);
        b.post("/referent/equipes", &[("nom", "Nord")]).await.expect(303);
        let nord = equipes::de(m.site.db.read(), ici.structure).await.unwrap()[0].id.to_string();
        b.post(&format!("/referent/personnes/{}/fonction", a.id), &[("fonction", "aidant_referent"), ("equipe", &nord)]).await.expect(303);
        b.get(&format!("/referent/personnes/{}", a.id)).await.expect(200).says("Aidant et référent");
        b.post(&format!("/referent/personnes/{}/desactiver", a.id), &[("motif", "Congé")]).await.expect(303);
        assert_eq!(store::lire(m.site.db.read(), a.id).await.unwrap().unwrap().etat, EtatAidant::Dormant);
        b.post(&format!("/referent/personnes/{}/reactiver", a.id), &[]).await.expect(303);
        // Adding: nobody of that address, here already, elsewhere.
        let ajout = "/referent/personnes/ajouter";
        b.post(ajout, &[("courriel", "inconnue@essai.example")]).await.expect(422).says("Aucun aidant formé");
        b.post(ajout, &[("courriel", a.courriel.as_str())]).await.expect(422).says("déjà partie");
        b.post(ajout, &[("courriel", leur.courriel.as_str()), ("nouveau", "neuve@essai.example")]).await.expect(303);
        b.get("/referent/personnes").await.expect(200).says("Rattachement d’une personne déjà formée");
        // Several to be trained; a line half typed says what is missing and keeps the rest.
        let former = "/referent/personnes/former";
        b.post(former, &[("voie", "classique")]).await.expect(422).says("au moins une personne");
        // Everything at once, in the order of the page.
        let tout = b.post(former, &[]).await.expect(422).says("Choisissez comment ces personnes").says("au moins une personne");
        assert!(tout.body.find("href=\"#voie\"") < tout.body.find("href=\"#prenom1\""));
        b.get("/referent/sessions?departement=zz").await.expect(200).says("pas dans la liste");
        let champs = [("voie", "classique"), ("prenom1", "Ada"), ("nom1", "Fictive"), ("courriel1", "ada@essai.example"), ("profession1", "Agente"), ("prenom3", "Jo")];
        b.post(former, &champs).await.expect(422).says("ada@essai.example");
        b.post(former, &champs[..5]).await.expect(303);
        b.post(former, &champs[..5]).await.expect(422).says("déjà partie");
        b.post(former, &[("voie", "pair"), ("formateur", "nul@essai.example"), ("prenom1", "Bo"), ("nom1", "Fictif"), ("courriel1", "bo@essai.example"), ("profession1", "Agent")]).await.expect(422).says("Aucun aidant actif");
        // The perimeter: one démarche at least, and what others changed meanwhile is said.
        b.post("/referent/organisation", &[("version", "1")]).await.expect(422).says("Cochez au moins une");
        let version = crate::organisations::store::lire(m.site.db.read(), ici.structure).await.unwrap().unwrap().version.to_string();
        let cle = ici.demarches.cles()[0].clone();
        b.post("/referent/organisation", &[("version", &version), ("demarches", &cle)]).await.expect(303);
        b.post("/referent/organisation", &[("version", &version), ("demarches", &cle)]).await.expect(422).says("pendant que vous la lisiez");
        // Another organisation's référent: nothing of this one exists.
        let mut x = chez(&t, &m, &etranger).await;
        x.get(&format!("/referent/personnes/{}", a.id)).await.expect(404);
        x.get(&format!("/referent/personnes/{}/attestation.pdf", a.id)).await.expect(404);
        x.post(&format!("/referent/equipes/{nord}/supprimer"), &[]).await.expect(404);
        for geste in GESTES {
            let corps = [("geste", "demander"), ("organisation", &*ici.structure.to_string())];
            x.post(&format!("/referent/personnes/{}/{geste}", a.id), &corps).await.expect(404);
        }
        let demande = demandes::de(m.site.db.read(), ici.structure).await.unwrap()[0].id;
        x.post(&format!("/referent/demandes/{demande}/annuler"), &[]).await.expect(404);
        // An aidant is no référent; a référent is no team.
        let mut y = chez(&t, &m, &aidant).await;
        for page in ["/referent", "/referent/personnes", "/referent/equipes", "/referent/sessions", "/gestion/aidants", "/organisme/sessions"] {
            y.get(page).await.expect(403);
        }
        for page in ["/gestion/aidants", "/gestion/aidants/demandes", "/gestion/aidants/pix", "/gestion/aidants/en-masse"] {
            b.get(page).await.expect(403);
        }
    }

    async fn the_team_finds_decides_and_works_through_a_list(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, referent) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (a, _) = actif(&m, ailleurs.structure, Fonction::Aidant, 2).await;
        let neuve = Email::parse("neuve@essai.example").unwrap();
        demandes::ajouter_forme(&m, &referent, &a.courriel, Some(&neuve)).await.unwrap();
        let mut b = chez(&t, &m, &equipe()).await;
        b.get("/gestion/aidants?q=Invent%C3%A9e&etat=actif&departement=23").await.expect(200).says("2 personnes");
        b.get("/gestion/aidants?departement=zz").await.expect(200).says("pas dans la liste");
        b.get("/gestion/aidants?q=%25%27").await.expect(200).says("Personne ne correspond");
        b.get("/gestion/aidants?departement=75").await.expect(200).says("Personne ne correspond");
        b.get(&format!("/gestion/aidants/{}", a.id)).await.expect(200).says("Invitation envoyée");
        let d = demandes::de(m.site.db.read(), ici.structure).await.unwrap()[0].id;
        b.get("/gestion/aidants/demandes").await.expect(200).says("neuve@essai.example");
        // Another département's team sees none of it.
        let perimetre = Perimetre::Departements(vec![kernel::CodeDepartement::parse("75").unwrap()]);
        let mut loin = chez(&t, &m, &testkit::actor(Role::EquipeHabilitation, perimetre)).await;
        loin.get(&format!("/gestion/aidants/{}", a.id)).await.expect(404);
        loin.post(&format!("/gestion/aidants/demandes/{d}"), &[("decision", "accepter")]).await.expect(404);
        loin.post(&format!("/gestion/aidants/{}/etat", a.id), &[("vers", "dormant")]).await.expect(404);
        b.post(&format!("/gestion/aidants/demandes/{d}"), &[("decision", "accepter"), (&format!("quitte-{d}"), "oui")]).await.expect(303);
        // Nothing changes before the person agrees, and nobody else answers for them.
        let avant = store::lire(m.site.db.read(), a.id).await.unwrap().unwrap();
        assert_ne!(avant.courriel, neuve);
        assert_eq!(registre::ouvertes(m.site.db.read(), a.id).await.unwrap().len(), 1);
        let mut elle = chez(&t, &m, &acteur(&avant, ailleurs.structure, Fonction::Aidant)).await;
        let page = elle.get(aidants::propositions::PAGE).await.expect(200).says("vous quittez vos autres organisations").says("neuve@essai.example");
        let id = page.body.split("/compte/rattachements/").nth(1).unwrap()[..36].to_owned();
        let vers = format!("{}/{id}", aidants::propositions::PAGE);
        chez(&t, &m, &referent).await.post(&vers, &[("reponse", "accepte")]).await.expect(404);
        elle.post(&vers, &[("reponse", "accepte")]).await.expect(303);
        let change = store::lire(m.site.db.read(), a.id).await.unwrap().unwrap();
        assert_eq!(change.courriel, neuve);
        let ouvertes = registre::ouvertes(m.site.db.read(), a.id).await.unwrap();
        assert_eq!(ouvertes.iter().map(|o| o.structure).collect::<Vec<_>>(), [ici.structure]);
        // A list: each address says what became of it.
        let p = personne(7, Fonction::Aidant, Voie::Classique);
        m.site.db.write(async |tx| vie::inscrire(&m, tx, &p, ici.structure, EtatAidant::Demande, None).await).await.unwrap();
        let liste = "personne7@essai.example\nneuve@essai.example, rien\nnul@essai.example";
        let page = "/gestion/aidants/en-masse";
        let apercu = b.post(page, &[("geste", "actif"), ("adresses", liste)]).await.expect(200).says("1 personne change").says("3 adresses sont laissées");
        assert!(apercu.body.contains("personne7@essai.example"), "what was pasted is kept");
        let sept = async || store::du_courriel(m.site.db.read(), &p.courriel).await.unwrap().unwrap().etat;
        assert_eq!(sept().await, EtatAidant::Demande, "a preview does nothing");
        // What was read is what is confirmed.
        b.post(page, &[("geste", "actif"), ("adresses", liste), ("vu", "autre"), ("action", "confirmer")]).await.expect(409).says("Relisez");
        assert_eq!(sept().await, EtatAidant::Demande);
        let vers = crate::isolement::en_masse(&mut b, "actif", liste).await.expect(303).location().to_owned();
        let lot = vers.rsplit('/').next().unwrap().parse().unwrap();
        b.get(&vers).await.expect(200).says("en attente");
        // Done twice, as a job may be: once.
        for _ in 0..2 {
            crate::aidants::masse::tour(&m, lot).await.unwrap();
        }
        assert_eq!(sept().await, EtatAidant::Actif);
        let rapport = b.get(&vers).await.expect(200).says("C’est fini").says("1 personne traitée");
        assert_eq!(rapport.body.matches("Pas fait").count(), 3);
        // Somebody else of the team does not read it; in a year it is forgotten.
        let autre = Actor { compte: kernel::ids::CompteId(uuid::Uuid::from_u128(9)), ..equipe() };
        chez(&t, &m, &autre).await.get(&vers).await.expect(404);
        loin.post(page, &[("geste", "dormant"), ("adresses", "neuve@essai.example")]).await.expect(200).says("Aucune personne de cette adresse");
        b.post(page, &[("geste", "actif"), ("adresses", "")]).await.expect(422).says("Collez entre une et 500");
        b.post(page, &[("geste", "parti"), ("adresses", "neuve@essai.example")]).await.expect(422).says("neuve@essai.example");
        t.site.clock.advance(TimeDelta::days(366));
        crate::aidants::masse::oublier(&m).await.unwrap();
        b.get(&vers).await.expect(404);
        b.get(&format!("/gestion/aidants/{}", AidantId(uuid::Uuid::nil()))).await.expect(404);
    }

    async fn conditions_stop_what_is_sensitive_and_an_old_proof_wakes_nobody(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, actor) = actif(&m, o.structure, Fonction::Aidant, 1).await;
        let mut b = chez(&t, &m, &actor).await;
        let qui = async || agissant(&m, m.site.db.read(), &actor, kernel::Verb::TenirMandats).await.unwrap();
        assert!(exige_conditions(&qui().await, m.jour(), "/aidant/x").is_err());
        b.get("/aidant/conditions?retour=/aidant/x").await.expect(200).says("je les accepte");
        let publiques = t.browser(crate::routes(&m)).get("/conditions-aidants-connect").await.expect(200);
        assert!(!publiques.body.contains("je les accepte"), "nothing to accept for who only reads");
        b.post("/aidant/conditions", &[("version", "99")]).await.expect(409);
        let on = b.post("/aidant/conditions", &[("version", "1"), ("retour", "//evil.example")]).await.expect(303);
        assert_eq!(on.location(), "/bureau");
        assert!(exige_conditions(&qui().await, m.jour(), "/aidant/x").is_ok());
        b.get("/aidant/moi").await.expect(200).says("acceptées");
        b.get("/aidant/moi/attestation.pdf").await.expect(404);
        let forme = appris(&m, &a, true, true).await;
        assert_eq!(forme.etat, EtatAidant::Actif);
        let pdf = b.get("/aidant/moi/attestation.pdf").await.expect(200);
        assert_eq!(pdf.headers["content-type"], "application/pdf");
        m.site.db.write(async |tx| vie::changer(&m, tx, a.id, EtatAidant::Dormant, vie::INACTIVITE, None).await).await.unwrap();
        b.get("/aidant/moi").await.expect(200).says("Réveiller mon compte");
        let vieux = platform::web::Viewer { prouve_le: None, ..essai::viewer(&actor) };
        let mut sans = t.browser(crate::routes(&m)).signed_in(vieux);
        let vers = sans.post("/aidant/moi/reveiller", &[]).await.expect(303);
        assert_eq!(vers.location(), "/compte/preuve?retour=%2Faidant%2Fmoi");
        b.post("/aidant/moi/reveiller", &[]).await.expect(303);
        assert_eq!(store::lire(m.site.db.read(), a.id).await.unwrap().unwrap().etat, EtatAidant::Actif);
    }

    async fn the_team_changes_how_somebody_learns(t: TestSite) {
        let m = essai::mandats(&t).await;
        let ici = essai::organisation(&t, "Ici", 1).await;
        let (collegue, _) = actif(&m, ici.structure, Fonction::Aidant, 1).await;
        let p = personne(7, Fonction::Aidant, regles::Voie::Classique);
        let inscrire = t.site.db.write(async |tx| aidants::vie::inscrire(&m, tx, &p, ici.structure, EtatAidant::Eligible, None).await);
        let id = inscrire.await.unwrap().id;
        let mut b = t.browser(crate::routes(&m)).signed_in(testkit::viewer(kernel::Role::EquipeHabilitation, kernel::Perimetre::National));
        let fiche = format!("/gestion/aidants/{id}");
        b.get(&fiche).await.expect(200).says("Changer la voie");
        let voie = format!("{fiche}/voie");
        for (corps, dit) in [
            (vec![], "Choisissez comment"),
            (vec![("voie", "pair")], "du collègue déjà aidant"),
            (vec![("voie", "pair"), ("formateur", "inconnue@essai.example")], "Aucun aidant actif"),
        ] {
            b.post(&voie, &corps).await.expect(422).says(dit);
        }
        for _ in 0..2 {
            b.post(&voie, &[("voie", "pair"), ("formateur", collegue.courriel.as_str())]).await.expect(303);
        }
        b.get(&fiche).await.expect(200).says(&format!("value=\"{}\"", collegue.courriel.as_str()));
        let lu = aidants::registre::parcours(t.site.db.read(), id).await.unwrap();
        assert_eq!((lu.voie, lu.formateur.as_ref()), (regles::Voie::Pair, Some(&collegue.courriel)));
        let lignes = "SELECT COUNT(*) FROM journal WHERE action = 'aidant.voie'";
        assert_eq!(platform::db::kit::count(t.site.db.read(), lignes, []).await.unwrap(), 1, "the second press changed nothing");
        b.post(&format!("/gestion/aidants/{}/voie", collegue.id), &[("voie", "classique")]).await.expect(409);
    }
}
