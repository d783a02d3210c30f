//! Transfers, on both engines: what moves, what stays and why, what is told, what happens at once.

use chrono::TimeDelta;
use kernel::{Actor, Perimetre, Role};
use oidc::jose::KeySet;
use platform::db::kit;
use platform::jobs::{Registry, Worker};
use testkit::{Browser, TestSite};
use uuid::Uuid;

use super::model::EtatLigne;
use super::*;
use crate::aidants::Fonction;
use crate::document::{verifie, verifie_transfert};
use crate::fournisseur::tests::sql;
use crate::ids::MandatId;
use crate::mandats::tests::fait;
use crate::mandats::{EtatAutorisation, Raison, store as rows};
use crate::organisations::{self, Demarches, Organisation};
use crate::{Mandats, essai};

/// Somebody of the team with an open account, for the whole country.
async fn equipe(t: &TestSite) -> Actor {
    let actor = testkit::actor(Role::EquipeHabilitation, Perimetre::National);
    crate::fournisseur::tests::compte(t, &actor).await;
    actor
}

async fn bureau(t: &TestSite, m: &Mandats, actor: &Actor) -> Browser {
    t.browser(crate::routes(m)).signed_in(essai::viewer(actor))
}

/// Does what waits.
async fn travailler(m: &Mandats) {
    let mut registry = Registry::default();
    register(m, &mut registry);
    Worker::new(m.site.clone(), registry).drain().await.unwrap();
}

async fn tous(m: &Mandats, actor: &Actor, de: i64, vers: i64) -> Uuid {
    let numeros = (de.to_string(), vers.to_string());
    let lot =
        actions::lancer(m, actor, (&numeros.0, &numeros.1), &Filtre::default(), "Fusion").await.unwrap();
    travailler(m).await;
    lot
}

async fn tenu(m: &Mandats, id: MandatId) -> kernel::ids::StructureId {
    rows::mandat(m.site.db.read(), id).await.unwrap().unwrap().structure
}

async fn publiques(m: &Mandats) -> KeySet {
    let jeu = crate::cles::jeu(m, m.site.db.read()).await.unwrap();
    KeySet::parse(jeu.to_string().as_bytes()).unwrap()
}

async fn compte(t: &TestSite, sql: &str) -> i64 {
    kit::count(t.site.db.read(), sql, []).await.unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn all_move_with_an_act_beside_and_come_back(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Maison d’ici", 1).await, essai::organisation(&t, "Maison d’en face", 2).await);
        let (_, ici) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, en_face) = essai::aidant(&t, p.structure, Fonction::Aidant, 2).await;
        let un = fait(&m, &ici, 1, &["papiers", "argent"], 31).await;
        let court = fait(&m, &ici, 2, &["papiers"], 1).await;
        let avant = rows::mandat(t.site.db.read(), un).await.unwrap().unwrap();
        sql(&t, "UPDATE usager SET courriel = 'camille@essai.example'").await;
        t.site.clock.advance(TimeDelta::days(2));
        let actor = equipe(&t).await;
        let mut b = bureau(&t, &m, &actor).await;
        b.get("/gestion/transferts").await.expect(200).says("Aucun transfert");
        b.get("/gestion/transferts/nouveau").await.expect(200);
        b.get("/gestion/transferts/nouveau?de=1&vers=2").await.expect(200).says("2 mandats correspondent").says("Maison d’en face");
        b.get("/gestion/transferts/nouveau?de=1&vers=2&etat=en_cours").await.expect(200).says("1 mandat correspond");
        b.get("/gestion/transferts/nouveau?de=1&vers=1").await.expect(422).says("Choisissez une autre organisation");
        b.get("/gestion/transferts/nouveau?de=99&vers=x&numeros=zz").await.expect(422).says("ne porte ce numéro").says("« zz »");
        let page = "/gestion/transferts/nouveau";
        b.post(page, &[("de", "1"), ("vers", "2")]).await.expect(422);
        b.post(page, &[("de", "1"), ("vers", "2"), ("motif", "x"), ("demarche", "justice")]).await.expect(422).says("rien à transférer");
        let lance = b.post(page, &[("de", "1"), ("vers", "2"), ("motif", "Fusion des deux maisons")]).await.expect(303);
        let lot = lance.location().to_owned();
        b.get(&lot).await.expect(200).says("0 mandat transféré").says("Voir où cela en est");
        travailler(&m).await;
        b.get(&lot).await.expect(200).says("2 mandats transférés sur 2").says("C’est fini").says("Fusion des deux maisons");
        b.get("/gestion/transferts").await.expect(200).says("2 mandats transférés");
        // Who had it has it no more; who has it reads the same bytes.
        let (mut la, mut ailleurs) = (bureau(&t, &m, &ici).await, bureau(&t, &m, &en_face).await);
        let adresse = format!("/aidant/mandats/{un}");
        la.get(&adresse).await.expect(404);
        la.get(&format!("/aidant/personnes/{}", avant.usager)).await.expect(404);
        ailleurs.get(&adresse).await.expect(200).says("Transféré le").says("Fusion des deux maisons").says("Maison d’ici");
        ailleurs.get(&format!("/aidant/personnes/{}", avant.usager)).await.expect(200);
        ailleurs.get("/aidant/personnes?onglet=expires").await.expect(200).says("USAGER-2");
        let fichier = ailleurs.get(&format!("{adresse}/fichier")).await.expect(200).body;
        assert_eq!(fichier, avant.signature.as_ref().unwrap().document);
        let cles = publiques(&m).await;
        let signe = verifie(fichier.as_bytes(), &cles).unwrap();
        let lu = ailleurs.get(&format!("{adresse}/transferts/1")).await.expect(200).body;
        let acte = verifie_transfert(lu.as_bytes(), &cles).unwrap();
        assert!(acte.suit(&signe, None));
        assert!(verifie_transfert(lu.replace("Fusion", "Vente").as_bytes(), &cles).is_err());
        assert!(verifie(lu.as_bytes(), &cles).is_err(), "an act is no mandat");
        assert!(verifie_transfert(fichier.as_bytes(), &cles).is_err(), "a mandat is no act");
        for rang in ["0", "2", "x", "-1"] {
            ailleurs.get(&format!("{adresse}/transferts/{rang}")).await.expect(404);
        }
        la.get(&format!("{adresse}/transferts/1")).await.expect(404);
        let publique = format!("/verifier/{}?e={}", avant.numero, signe.empreinte().court());
        let dit = t.browser(crate::routes(&m)).get(&publique).await.expect(200).says("une autre organisation que celle qui y est imprimée").body;
        assert!(!dit.contains("Maison"));
        // The person is told of what may still be done in their name, and of nothing else.
        let courriels = platform::mail::list(t.site.db.read(), 50).await.unwrap();
        let siens: Vec<_> = courriels.iter().filter(|c| c.sujet.contains("Une autre organisation")).collect();
        assert_eq!(siens.len(), 1);
        assert_eq!(compte(&t, "SELECT COUNT(*) FROM journal WHERE action = 'mandat.transferer'").await, 2);
        // Back, by another act, though the number of who holds it was corrected meanwhile; a renewal is theirs again.
        let corrige = "UPDATE structure SET pivot = '13002526500013' WHERE id = (SELECT structure_id FROM organisation_habilitee WHERE numero = 2)";
        sql(&t, corrige).await;
        b.post(&format!("{lot}/defaire"), &[]).await.expect(422);
        // A filter that is not read never widens a transfer to everything.
        for faux in [("aidant", "0198-"), ("etat", "toujours")] {
            b.post(page, &[("de", "2"), ("vers", "1"), ("motif", "Essai"), faux]).await.expect(422);
        }
        b.post(&format!("{lot}/defaire"), &[("motif", "Erreur")]).await.expect(303);
        travailler(&m).await;
        assert_eq!((tenu(&m, un).await, tenu(&m, court).await), (o.structure, o.structure));
        let actes = actes(&m, t.site.db.read(), un).await.unwrap();
        assert_eq!(actes.len(), 2);
        assert!(actes[1].0.suit(&signe, Some(&actes[0].0)) && !actes[1].0.suit(&signe, None));
        la.get(&adresse).await.expect(200);
        ailleurs.get(&adresse).await.expect(404);
        let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, platform::journal::Verdict::Whole { .. }), "{verdict:?}");
        // What is kept beside a mandat does not change either.
        let change = t.site.db.write(async |tx| kit::execute(tx, "UPDATE mandat_transfert SET motif = 'autre'", []).await).await;
        assert!(change.is_err());
    }

    async fn what_may_not_move_says_why_and_stays(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "En face", 2).await);
        let (_, ici) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, en_face) = essai::aidant(&t, p.structure, Fonction::Aidant, 2).await;
        let actor = equipe(&t).await;
        let double = fait(&m, &ici, 1, &["papiers", "argent"], 31).await;
        let la_bas = fait(&m, &en_face, 1, &["argent"], 31).await;
        let interdit = fait(&m, &ici, 2, &["justice"], 31).await;
        let libre = fait(&m, &ici, 3, &["papiers"], 31).await;
        // Expired on one side, in force on the other: nothing is against it.
        let (vieux, neuf) = (fait(&m, &ici, 4, &["social"], 1).await, fait(&m, &en_face, 4, &["social"], 31).await);
        let (vivant, passe) = (fait(&m, &ici, 5, &["social"], 31).await, fait(&m, &en_face, 5, &["social"], 1).await);
        t.site.clock.advance(TimeDelta::days(2));
        t.site.db.write(async |tx| {
            let p = organisations::store::tenir(tx, p.structure).await?.unwrap();
            let demarches = Demarches::lire("papiers argent social");
            organisations::store::enregistrer(tx, &Organisation { demarches, ..p }).await
        }).await.unwrap();
        let mut b = bureau(&t, &m, &actor).await;
        let vu = b.get("/gestion/transferts/nouveau?de=1&vers=2").await.expect(200);
        vu.says("5 mandats correspondent").says("1 pour une démarche").says("1 parce que la personne");
        let lot = tous(&m, &actor, 1, 2).await;
        let page = b.get(&format!("/gestion/transferts/{lot}")).await.expect(200);
        page.says("3 mandats transférés sur 5, 2 refus").says("n’est pas habilitée pour").says("déjà dans l’organisation d’arrivée");
        for (mandat, chez) in [(double, &o), (interdit, &o), (libre, &p), (vieux, &p), (vivant, &p), (la_bas, &p)] {
            assert_eq!(tenu(&m, mandat).await, chez.structure);
        }
        let now = t.site.clock.now();
        for (mandat, etat) in [(vieux, EtatAutorisation::Expiree), (neuf, EtatAutorisation::Active), (vivant, EtatAutorisation::Active), (passe, EtatAutorisation::Expiree)] {
            assert_eq!(rows::du_mandat(t.site.db.read(), mandat).await.unwrap()[0].etat(now), etat);
        }
        assert!(actes(&m, t.site.db.read(), double).await.unwrap().is_empty());
        // Nothing is done twice: a job that was killed begins again.
        let lu = store::lot(t.site.db.read(), lot).await.unwrap().unwrap();
        actions::passer(&m, &lu, libre).await.unwrap();
        jobs::tour(&m, lot).await.unwrap();
        assert_eq!(actes(&m, t.site.db.read(), libre).await.unwrap().len(), 1);
        // Closed organisations give what they have, and receive nothing.
        t.site.db.write(async |tx| {
            let o = organisations::store::tenir(tx, o.structure).await?.unwrap();
            organisations::store::enregistrer(tx, &Organisation { desactivee_le: Some(m.jour()), ..o }).await
        }).await.unwrap();
        b.post(&format!("/gestion/transferts/{lot}/defaire"), &[("motif", "x")]).await.expect(422).says("n’est plus habilitée");
        b.get("/gestion/transferts/nouveau?de=2&vers=1").await.expect(422).says("n’est plus habilitée");
        let deux = actions::lancer(&m, &actor, ("1", "2"), &Filtre { en_cours: true, ..Filtre::default() }, "Fermeture").await.unwrap();
        travailler(&m).await;
        assert_eq!(store::comptes(t.site.db.read(), deux).await.unwrap().refuses, 2);
    }

    async fn only_who_looks_after_both_organisations(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        essai::organisation(&t, "En face", 2).await;
        let (_, ici) = essai::aidant(&t, o.structure, Fonction::AidantReferent, 1).await;
        let mandat = fait(&m, &ici, 1, &["papiers"], 31).await;
        let lot = tous(&m, &equipe(&t).await, 1, 2).await;
        let ailleurs = Perimetre::Regions(kernel::CodeRegion::parse("06").into_iter().collect());
        let etrangere = Actor { compte: kernel::ids::CompteId(Uuid::from_u128(9)), ..testkit::actor(Role::EquipeHabilitation, ailleurs) };
        let mut b = bureau(&t, &m, &etrangere).await;
        b.get(&format!("/gestion/transferts/{lot}")).await.expect(404);
        b.post(&format!("/gestion/transferts/{lot}/defaire"), &[("motif", "x")]).await.expect(404);
        b.get("/gestion/transferts").await.expect(200).says("Aucun transfert");
        b.get("/gestion/transferts/nouveau?de=1&vers=2").await.expect(422).says("ne porte ce numéro");
        b.post("/gestion/transferts/nouveau", &[("de", "1"), ("vers", "2"), ("motif", "x")]).await.expect(422);
        let mut aidant = bureau(&t, &m, &ici).await;
        for page in ["/gestion/transferts", "/gestion/transferts/nouveau"] {
            aidant.get(page).await.expect(403);
        }
        // An account that was closed meanwhile moves nothing.
        let actor = testkit::actor(Role::EquipeHabilitation, Perimetre::National);
        let retour = actions::lancer(&m, &actor, ("2", "1"), &Filtre::default(), "Retour").await.unwrap();
        sql(&t, "UPDATE compte SET etat = 'desactive'").await;
        travailler(&m).await;
        assert_ne!(tenu(&m, mandat).await, o.structure);
        assert_eq!(store::comptes(t.site.db.read(), retour).await.unwrap().refuses, 1);
    }

    async fn moved_while_it_is_revoked_signed_and_moved_again(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, p) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "En face", 2).await);
        let (_, ici) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (_, en_face) = essai::aidant(&t, p.structure, Fonction::Aidant, 2).await;
        let actor = equipe(&t).await;
        let autre = crate::mandats::tests::autre(&t, &m).await;
        crate::cles::signataire(&m, crate::cles::Usage::Mandat).await.unwrap();
        for n in 1..=6 {
            let mandat = fait(&m, &ici, n, &["papiers"], 31).await;
            let filtre = Filtre { numeros: vec![rows::mandat(t.site.db.read(), mandat).await.unwrap().unwrap().numero], ..Filtre::default() };
            let mut lots = Vec::new();
            for _ in 0..2 {
                let lot = actions::lancer(&m, &actor, ("1", "2"), &filtre, "Course").await.unwrap();
                lots.push(store::lot(t.site.db.read(), lot).await.unwrap().unwrap());
            }
            // Two transfers of it, its end by who has it, and a new one over there of the same person and démarche.
            let neuf = async {
                if n % 2 == 0 { Some(fait(&autre, &en_face, n, &["papiers"], 31).await) } else { None }
            };
            let (a, b, fin, neuf) = tokio::join!(
                actions::passer(&m, &lots[0], mandat),
                actions::passer(&autre, &lots[1], mandat),
                crate::mandats::tests::revoquer(&autre, &ici, mandat, Raison::Demande),
                neuf,
            );
            a.unwrap();
            b.unwrap();
            // Ended where it was, or gone before: never both.
            let finie = rows::du_mandat(t.site.db.read(), mandat).await.unwrap()[0].fin.is_some();
            assert!(fin.is_ok() || !finie || neuf.is_some(), "{fin:?}");
            assert!(actes(&m, t.site.db.read(), mandat).await.unwrap().len() <= 1);
            for lot in &lots {
                assert!(store::lignes(t.site.db.read(), lot.id, EtatLigne::Attente, 1).await.unwrap().is_empty());
            }
        }
        let doubles = "SELECT COUNT(*) FROM (SELECT 1 FROM mandat_autorisation WHERE fin_le IS NULL \
                       GROUP BY structure_id, usager_id, demarche HAVING COUNT(*) > 1) x";
        assert_eq!(compte(&t, doubles).await, 0);
        let egarees = "SELECT COUNT(*) FROM mandat_autorisation a JOIN mandat m ON m.id = a.mandat_id WHERE a.structure_id <> m.structure_id";
        assert_eq!(compte(&t, egarees).await, 0);
        let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, platform::journal::Verdict::Whole { .. }), "{verdict:?}");
    }
}
