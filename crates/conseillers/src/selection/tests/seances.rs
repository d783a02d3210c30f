use kernel::{Actor, Perimetre, Refusal, Role};
use testkit::TestSite;

use crate::Conseillers;
use crate::Failure;
use crate::demandes::actions::postes_de;
use crate::demandes::model::{Etat, Objet};
use crate::demandes::reference::Critere;
use crate::demandes::tests::*;
use crate::demandes::{Demande, store as demandes};
use crate::historique::{self, Sujet};
use crate::ids::SeanceId;
use crate::postes::{MotifRendu, Typologie};
use crate::selection::decisions::{Choix, Combien, annuler, decider};
use crate::selection::model::{Niveau, Verdict};
use crate::selection::{seances, store};

const S: &str = "/conseillers/seances";

fn comite() -> Actor {
    testkit::actor(Role::ComiteSelection, Perimetre::National)
}

async fn lue(t: &TestSite, d: &Demande) -> Demande {
    demandes::get(t.site.db.read(), d.id).await.unwrap().unwrap()
}

async fn reste(t: &TestSite, code: &str) -> i64 {
    store::enveloppes(t.site.db.read()).await.unwrap().iter().find(|e| e.code == code).unwrap().reste()
}

/// A session that is open on these demandes, with so many posts for the Creuse.
async fn seance_ouverte(c: &Conseillers, ds: &[&Demande], postes: i64) -> SeanceId {
    let ids: Vec<_> = ds.iter().map(|d| d.id).collect();
    let a = comite();
    seances::fixer_enveloppe(c, &a, (Niveau::Departement, "23"), postes).await.unwrap();
    let id = seances::creer(&c.site, &a, (c.jour(), None), "Premier examen").await.unwrap();
    seances::inscrire(&c.site, &a, id, &ids).await.unwrap();
    seances::figer(&c.site, &a, id).await.unwrap();
    id
}

type Recu = testkit::Answer;

/// Does what waits.
async fn travailler(t: &TestSite, c: &Conseillers) {
    let mut registry = platform::jobs::Registry::default();
    crate::register(c, &mut registry);
    platform::jobs::Worker::new(t.site.clone(), registry).drain().await.unwrap();
}

const ACCORD: Choix = Choix::Accord(Combien::Demande);

fn refus() -> Choix {
    Choix::Autre(Verdict::Refus { criteres: vec![Critere::Repartition] })
}

fn conflit(r: Result<usize, Failure>) -> String {
    match r {
        Err(Failure::Refusal(Refusal::Conflict(s))) => s,
        other => panic!("{other:?}"),
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn posts_are_granted_within_the_enveloppe_undone_and_told_at_the_end(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (site, a) = (&t.site, comite());
        let un = deposee(&c, s[2], premiers(2)).await;
        let deux = deposee(&c, s[3], premiers(2)).await;
        let trois = deposee(&c, s[0], premiers(1)).await;
        let id = seance_ouverte(&c, &[&un, &deux, &trois], 3).await;
        // Frozen: what comes later changes nothing of what was read.
        assert!(seances::inscrire(site, &a, id, &[un.id]).await.is_err());
        assert!(seances::retirer(site, &a, id, un.id).await.is_err());
        decider(site, &a, id, &[un.id], (&ACCORD, "Bon projet.")).await.unwrap();
        assert_eq!(reste(&t, "23").await, 1);
        // Nothing outside of the committee says so: neither the state, nor the history, nor a post.
        assert_eq!(lue(&t, &un).await.etat, Etat::EnSeance { seance: id });
        let dit = historique::lire(site.db.read(), (Sujet::Demande, un.id.0), 0, 50).await.unwrap();
        assert!(dit.iter().all(|l| l.action != "Décision"), "{dit:?}");
        let vue = annuaire::structures::find(site.db.read(), s[2]).await.unwrap().unwrap();
        let postes = async || postes_de(site.db.read(), &vue, "2026-03-18".parse().unwrap()).await.unwrap().0.len();
        assert_eq!(postes().await, 0);
        assert!(conflit(decider(site, &a, id, &[un.id], (&ACCORD, "")).await).contains("déjà décidée"));
        // All or none: the second does not fit, the third is not granted either.
        let both = decider(site, &a, id, &[deux.id, trois.id], (&ACCORD, "")).await;
        assert!(conflit(both).contains("il y reste "));
        assert_eq!(lue(&t, &trois).await.etat, Etat::EnSeance { seance: id });
        assert_eq!(reste(&t, "23").await, 1);
        // Undone: posts and enveloppe are as before.
        annuler(site, &a, id, un.id).await.unwrap();
        assert_eq!(reste(&t, "23").await, 3);
        decider(site, &a, id, &[un.id, trois.id], (&ACCORD, "")).await.unwrap();
        assert!(decider(site, &a, id, &[deux.id], (&Choix::Autre(Verdict::Refus { criteres: vec![] }), "")).await.is_err());
        decider(site, &a, id, &[deux.id], (&refus(), "")).await.unwrap();
        // Nobody is told before the end; then everybody, once.
        let mails = async |n| platform::mail::list(site.db.read(), n).await.unwrap();
        let avant = mails(50).await.len();
        assert_eq!(postes().await, 0);
        seances::clore(&c, &a, id).await.unwrap();
        assert!(annuler(site, &a, id, un.id).await.is_err());
        assert_eq!(lue(&t, &un).await.etat, Etat::Accordee { postes: 2, le: "2026-03-18".parse().unwrap() });
        assert_eq!(postes().await, 2);
        for _ in 0..2 {
            let mut registry = platform::jobs::Registry::default();
            crate::register(&c, &mut registry);
            platform::jobs::Worker::new(site.clone(), registry).drain().await.unwrap();
        }
        let dits: Vec<_> = mails(50).await.into_iter().map(|m| m.sujet).collect();
        assert!(dits.len() > avant, "{dits:?}");
        for reference in [&un, &trois] {
            assert_eq!(dits.iter().filter(|s| **s == format!("Demande {} : accordée", reference.reference())).count(), 1, "{dits:?}");
        }
        assert_eq!(dits.iter().filter(|s| s.contains("refusée")).count(), 1);
        assert!(dits.iter().any(|s| s.contains("Invitation")), "{dits:?}");
        let gerent = identity::comptes_de_structures(site.db.read(), &[s[2]], site.clock.now()).await.unwrap();
        assert_eq!(gerent.len(), 1);
    }

    async fn the_last_post_is_granted_once(t: TestSite) {
        let (c, s) = maison(&t).await;
        let un = deposee(&c, s[2], premiers(1)).await;
        let deux = deposee(&c, s[3], premiers(1)).await;
        let id = seance_ouverte(&c, &[&un, &deux], 1).await;
        let other = t.other_instance().await;
        let a = comite();
        let (premiere, seconde) = ([un.id], [deux.id]);
        let (x, y) = tokio::join!(
            decider(&t.site, &a, id, &premiere, (&ACCORD, "")),
            decider(&other, &a, id, &seconde, (&ACCORD, "")),
        );
        let (oks, refused): (Vec<_>, Vec<_>) = [x, y].into_iter().partition(Result::is_ok);
        assert_eq!((oks.len(), refused.len()), (1, 1), "{oks:?} {refused:?}");
        assert!(conflit(refused.into_iter().next().unwrap()).contains("il y reste 0 poste"));
        assert_eq!(reste(&t, "23").await, 0);
        // Many at once, the same demande by two people: one wins.
        seances::fixer_enveloppe(&c, &a, (Niveau::Departement, "23"), 9).await.unwrap();
        let faite = store::decisions_de(t.site.db.read(), id).await.unwrap();
        let left = [if faite.iter().any(|d| d.demande == un.id) { deux.id } else { un.id }];
        let (x, y) = tokio::join!(
            decider(&t.site, &a, id, &left, (&ACCORD, "")),
            decider(&other, &a, id, &left, (&ACCORD, "")),
        );
        assert_eq!([x.is_ok(), y.is_ok()].iter().filter(|b| **b).count(), 1);
        assert_eq!(reste(&t, "23").await, 7);
    }

    async fn enveloppes_stay_within_those_above(t: TestSite) {
        let (c, _) = maison(&t).await;
        let a = comite();
        let fixe = async |niveau, code: &'static str, n| seances::fixer_enveloppe(&c, &a, (niveau, code), n).await.is_ok();
        assert!(fixe(Niveau::Region, "75", 10).await);
        assert!(fixe(Niveau::Departement, "23", 6).await);
        assert!(!fixe(Niveau::Departement, "87", 5).await);
        assert!(fixe(Niveau::Departement, "87", 4).await);
        assert!(!fixe(Niveau::Region, "75", 9).await);
        assert!(!fixe(Niveau::Pays, "FR", 9).await);
        assert!(fixe(Niveau::Pays, "FR", 10).await);
        for (niveau, code, n) in [(Niveau::Region, "x", 1), (Niveau::Departement, "999", 1), (Niveau::Pays, "23", 1), (Niveau::Departement, "01", -1)] {
            assert!(!fixe(niveau, code, n).await, "{code}");
        }
        // A committee of a région sets those of its départements, and no other.
        let regional = testkit::actor(Role::ComiteSelection, Perimetre::Regions(kernel::CodeRegion::parse("75").into_iter().collect()));
        for (niveau, code, ok) in [(Niveau::Departement, "87", true), (Niveau::Departement, "01", false), (Niveau::Region, "75", false), (Niveau::Pays, "FR", false)] {
            assert_eq!(seances::fixer_enveloppe(&c, &regional, (niveau, code), 3).await.is_ok(), ok, "{code}");
        }
    }

    async fn posts_given_back_and_transferred_move_at_the_end(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (site, a) = (&t.site, comite());
        let jour = |s: &str| s.parse::<chrono::NaiveDate>().unwrap();
        let vue = annuaire::structures::find(site.db.read(), s[2]).await.unwrap().unwrap();
        let vers = annuaire::structures::find(site.db.read(), s[3]).await.unwrap().unwrap();
        let place = crate::postes::Place { structure: s[2], departement: vue.commune.departement.clone(), region: vue.commune.region.clone() };
        site.db.write(async |tx| crate::postes::store::attribuer(site, tx, 3, crate::postes::Typologie::Conseiller, (None, &place, jour("2025-01-01"))).await).await.unwrap();
        let rendre = deposee(&c, s[2], Objet::Retrait { postes: 1, typologie: Typologie::Conseiller, motif: MotifRendu::ManqueDeVisibilite, precision: String::new() }).await;
        let donner = deposee(&c, s[2], Objet::Transfert { postes: 1, typologie: Typologie::Conseiller, vers: s[3], vers_nom: vers.nom.clone(), motivation: "x".to_owned() }).await;
        let id = seance_ouverte(&c, &[&rendre, &donner], 0).await;
        decider(site, &a, id, &[rendre.id, donner.id], (&ACCORD, "")).await.unwrap();
        let n = async |v: &annuaire::structures::StructureVue| postes_de(site.db.read(), v, jour("2026-03-18")).await.unwrap().0.len();
        assert_eq!((n(&vue).await, n(&vers).await), (3, 0));
        seances::clore(&c, &a, id).await.unwrap();
        assert_eq!((n(&vue).await, n(&vers).await), (1, 1));
    }

    async fn posts_given_back_or_taken_back_return_to_their_enveloppe(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (site, a) = (&t.site, comite());
        let un = deposee(&c, s[2], premiers(3)).await;
        let id = seance_ouverte(&c, &[&un], 3).await;
        decider(site, &a, id, &[un.id], (&ACCORD, "")).await.unwrap();
        seances::clore(&c, &a, id).await.unwrap();
        assert_eq!(reste(&t, "23").await, 0);
        let vue = annuaire::structures::find(site.db.read(), s[2]).await.unwrap().unwrap();
        let postes = async || postes_de(site.db.read(), &vue, c.jour()).await.unwrap().0;
        // One is given back.
        t.site.clock.advance(chrono::TimeDelta::days(3));
        let rendre = deposee(&c, s[2], Objet::Retrait { postes: 1, typologie: Typologie::Conseiller, motif: MotifRendu::Autre, precision: "x".to_owned() }).await;
        let id = seance_ouverte(&c, &[&rendre], 3).await;
        decider(site, &a, id, &[rendre.id], (&ACCORD, "")).await.unwrap();
        assert_eq!(reste(&t, "23").await, 0);
        seances::clore(&c, &a, id).await.unwrap();
        assert_eq!((reste(&t, "23").await, postes().await.len()), (1, 2));
        // One stays vacant: it is taken back once its delay has passed, and only by who validates contracts.
        let poste = postes().await[0].id;
        let at = format!("/conseillers/postes/{poste}");
        let nue = browser(&t, &c);
        let mut b = nue.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        b.post(&format!("{at}/reprendre"), &[]).await.expect(409).says("encore être pourvu");
        t.site.clock.advance(chrono::TimeDelta::days(200));
        gestion(&nue, s[2]).post(&format!("{at}/reprendre"), &[]).await.expect(403);
        b.get(&at).await.expect(200).says("Reprendre ce poste");
        b.post(&format!("{at}/reprendre"), &[]).await.expect(303);
        b.post(&format!("{at}/reprendre"), &[]).await.expect(409);
        assert_eq!((reste(&t, "23").await, postes().await.len()), (2, 1));
        b.get(&at).await.expect(200).says("Rendu le");
    }

    async fn letters_of_several_departements_come_in_a_zip(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (site, a) = (&t.site, comite());
        let mut ds = Vec::new();
        for id in &s {
            let vue = annuaire::structures::find(site.db.read(), *id).await.unwrap().unwrap();
            if !ds.iter().any(|d: &Demande| d.departement == vue.commune.departement) {
                ds.push(deposee(&c, *id, premiers(2)).await);
            }
        }
        assert!(ds.len() > 1, "structures of one département only");
        let tous: Vec<&Demande> = ds.iter().collect();
        let id = seance_ouverte(&c, &tous, 9).await;
        for d in &ds {
            let verdict = if d.departement.as_str() == "23" { ACCORD } else { refus() };
            decider(site, &a, id, &[d.id], (&verdict, "Un commentaire.")).await.unwrap();
        }
        assert!(crate::selection::lettres::preparer(site, &a, id).await.is_err(), "the session is open");
        seances::clore(&c, &a, id).await.unwrap();
        travailler(&t, &c).await;
        let fichier = async || {
            crate::selection::lettres::preparer(site, &a, id).await.unwrap();
            travailler(&t, &c).await;
            let cle = crate::selection::lettres::cle(id);
            let depose = platform::documents::trouve(site.db.read(), &cle).await.unwrap().unwrap();
            assert_eq!(depose.media, "application/zip");
            axum::body::to_bytes(platform::documents::lit(site, &depose).into_body(), 1 << 24).await.unwrap()
        };
        let octets = fichier().await;
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(octets.to_vec())).unwrap();
        assert_eq!(zip.len(), ds.len());
        for i in 0..zip.len() {
            let mut entree = zip.by_index(i).unwrap();
            let nom = entree.name().unwrap().into_owned();
            assert!(nom.starts_with("lettres-seance-") && nom.ends_with(".pdf"), "{nom}");
            let mut pdf = Vec::new();
            std::io::Read::read_to_end(&mut entree, &mut pdf).unwrap();
            assert!(pdf.starts_with(b"%PDF-1."));
        }
        // Made again another day: the same file, since it states the same.
        t.site.clock.advance(chrono::TimeDelta::days(2));
        assert!(octets == fichier().await);
        // The letter of a grant names the posts and the last day.
        let accordee = ds.iter().find(|d| d.departement.as_str() == "23").unwrap();
        let dossier = crate::selection::lettres::dossier(site, accordee).await.unwrap();
        assert_eq!(dossier.postes.len(), 2, "{dossier:?}");
        assert!(dossier.echeance.is_some() && !dossier.adresse.is_empty(), "{dossier:?}");
    }

    async fn the_desk_is_the_committees(t: TestSite) {
        let (c, s) = maison(&t).await;
        let un = deposee(&c, s[2], premiers(2)).await;
        let nue = browser(&t, &c);
        let mut b = nue.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National));
        for jour in ["x", "9999-12-31", "-0001-01-01", "2020-11-16"] {
            b.post(S, &[("jour", jour), ("ordre_du_jour", "Examen")]).await.expect(422).says("href=\"#jour\"");
        }
        let loin = b.post(S, &[("jour", "2026-04-01"), ("ordre_du_jour", "Plus tard")]).await.expect(303).location().to_owned();
        b.post("/conseillers/enveloppes", &[("code", "departement/23"), ("postes", "5")]).await.expect(303);
        b.get("/conseillers/enveloppes").await.expect(200).says("Creuse");
        let at = b.post(S, &[("jour", "2026-03-18"), ("ordre_du_jour", "Examen")]).await.expect(303).location().to_owned();
        b.get(&at).await.expect(200).says("DE-1").says("Ajouter des demandes");
        b.post(&format!("{at}/figer"), &[]).await.expect(409).says("vide");
        let d = un.id.to_string();
        b.post(&format!("{at}/demandes"), &[]).await.expect(422).says("Cochez");
        b.post(&format!("{at}/demandes"), &[("demandes", &d)]).await.expect(303);
        b.post(&format!("{at}/demandes/{d}/retirer"), &[]).await.expect(303);
        b.post(&format!("{at}/demandes"), &[("demandes", &d)]).await.expect(303);
        b.post(&format!("{at}/decisions"), &[("demandes", &d), ("verdict", "accord")]).await.expect(422).says("Figez");
        b.post(&format!("{at}/figer"), &[]).await.expect(303);
        b.get(&at).await.expect(200).says("Empreinte").says("telles que le comité les a lues");
        for form in [
            vec![("demandes", d.as_str())], vec![("verdict", "accord")], vec![("demandes", d.as_str()), ("verdict", "refus")],
            vec![("demandes", d.as_str()), ("verdict", "complement")], vec![("demandes", d.as_str()), ("verdict", "accord"), ("combien", "nombre"), ("postes", "x")],
            vec![("demandes", d.as_str()), ("verdict", "accord"), ("combien", "nombre"), ("postes", "3")],
        ] {
            b.post(&format!("{at}/decisions"), &form).await.expect(422);
        }
        b.post(&format!("{at}/decisions"), &[("demandes", &d), ("verdict", "accord"), ("combien", "avis")]).await.expect(303);
        b.get(&at).await.expect(200).says("Accord : 2 postes").says("Postes accordés : 2");
        b.post(&format!("{at}/decisions/{d}/annuler"), &[]).await.expect(303);
        b.post(&format!("{at}/decisions"), &[("demandes", &d), ("verdict", "refus"), ("criteres", "equilibre")]).await.expect(303);
        // While the session is open, who asked and their préfecture read nothing of it.
        for mut lecteur in [gestion(&nue, s[2]), prefecture(&nue, "23")] {
            let page = lecteur.get(&format!("/conseillers/demandes/{d}")).await.expect(200).says("En séance").body;
            assert!(!page.contains("Refus") && !page.contains("Équilibre") && !page.contains("Accord :"), "{page}");
        }
        // Not before its day.
        let tot = deposee(&c, s[3], premiers(1)).await.id.to_string();
        b.post(&format!("{loin}/demandes"), &[("demandes", &tot)]).await.expect(303);
        b.post(&format!("{loin}/figer"), &[]).await.expect(303);
        b.post(&format!("{loin}/clore"), &[]).await.expect(409).says("01/04/2026");
        // A committee of another région finds nothing; préfectures and structures do not come in.
        let ailleurs = Perimetre::Regions(kernel::CodeRegion::parse("84").into_iter().collect());
        let mut autre = nue.signed_in(testkit::viewer(Role::ComiteSelection, ailleurs));
        autre.get(&at).await.expect(404);
        for path in ["figer", "clore", "demandes", "decisions"] {
            autre.post(&format!("{at}/{path}"), &[("demandes", &d), ("verdict", "accord")]).await.expect(404);
        }
        autre.get(&format!("/conseillers/demandes/{d}")).await.expect(404);
        prefecture(&nue, "23").get(&at).await.expect(403);
        gestion(&nue, s[2]).get(S).await.expect(403);
        b.post(&format!("{at}/clore"), &[]).await.expect(303);
        b.get(&at).await.expect(200).says("Close le");
        b.get(&format!("{at}/proces-verbal")).await.expect(200).says("Refus : Équilibre général").says("SHA-256");
        autre.get(&format!("{at}/proces-verbal")).await.expect(404);
        // The letter is there once people were told, for the structure too.
        let lettre = format!("/conseillers/demandes/{d}/lettre");
        b.get(&lettre).await.expect(404);
        travailler(&t, &c).await;
        gestion(&nue, s[2]).get(&lettre).await.expect(200).says("Équilibre général entre les territoires");
        gestion(&nue, s[4]).get(&lettre).await.expect(404);
        // The same in writing: to whom may read the page, and to nobody else.
        let pdf = |a: Recu| {
            let a = a.expect(200);
            assert_eq!(a.headers["content-type"], "application/pdf");
            assert!(a.body.starts_with("%PDF-1."), "{}", &a.body[..20]);
        };
        let lettre_pdf = format!("{lettre}.pdf");
        pdf(gestion(&nue, s[2]).get(&lettre_pdf).await);
        gestion(&nue, s[4]).get(&lettre_pdf).await.expect(404);
        for acte in ["proces-verbal.pdf", "ordre-du-jour.pdf"] {
            pdf(b.get(&format!("{at}/{acte}")).await);
            autre.get(&format!("{at}/{acte}")).await.expect(404);
            gestion(&nue, s[2]).get(&format!("{at}/{acte}")).await.expect(403);
        }
        // All the letters: asked for, made by a job, fetched.
        let lettres = format!("{at}/lettres");
        b.get(&lettres).await.expect(404);
        autre.post(&lettres, &[]).await.expect(404);
        gestion(&nue, s[2]).post(&lettres, &[]).await.expect(403);
        b.post(&lettres, &[]).await.expect(303);
        b.post(&lettres, &[]).await.expect(303);
        b.get(&at).await.expect(200).says("attend son tour");
        b.get(&lettres).await.expect(404);
        travailler(&t, &c).await;
        b.get(&at).await.expect(200).says("Télécharger toutes les lettres").says("de la lettre sur DE-1");
        pdf(b.get(&lettres).await);
        autre.get(&lettres).await.expect(404);
    }

    async fn priority_and_observations_are_for_the_minutes_and_the_files(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (site, a) = (&t.site, comite());
        let un = deposee(&c, s[2], premiers(2)).await;
        let deux = deposee(&c, s[3], premiers(1)).await;
        let id = seance_ouverte(&c, &[&un, &deux], 5).await;
        let nue = browser(&t, &c);
        let mut b = nue.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National));
        let trop = "x".repeat(1_001);
        let champs = |observations: &str| {
            [
                ("demandes", un.id.to_string()),
                ("verdict", "accord".to_owned()),
                ("combien", "demande".to_owned()),
                ("commentaire", "Bon projet.".to_owned()),
                ("prioritaire", "oui".to_owned()),
                ("observations", observations.to_owned()),
            ]
        };
        let envoie = async |b: &mut testkit::Browser, o: &str| {
            let champs = champs(o);
            let champs: Vec<(&str, &str)> = champs.iter().map(|(k, v)| (*k, v.as_str())).collect();
            b.post(&format!("{S}/{id}/decisions"), &champs).await
        };
        envoie(&mut b, &trop).await.expect(422).says("Bon projet.");
        envoie(&mut b, "=Zone blanche, élus d’accord.").await.expect(303);
        b.get(&format!("{S}/{id}")).await.expect(200).says("Demande prioritaire").says("Zone blanche");
        // While the session is open, only who decides reads it in a file.
        let liste = "/conseillers/demandes/toutes/export.csv";
        let dit = b.get(liste).await.expect(200).body;
        let ligne = dit.lines().find(|l| l.starts_with("DE-1;")).unwrap();
        assert!(ligne.contains("Accord : 2 postes;2;") && ligne.ends_with(";oui;'=Zone blanche, élus d’accord."), "{ligne}");
        let secret = |csv: &str| csv.contains("Zone blanche") || csv.contains("Accord : ");
        let vu = prefecture(&nue, "23").get(liste).await.expect(200).body;
        assert!(vu.contains("DE-1;") && !secret(&vu), "{vu}");
        decider(site, &a, id, &[deux.id], (&refus(), "")).await.unwrap();
        seances::clore(&c, &a, id).await.unwrap();
        travailler(&t, &c).await;
        b.get(&format!("{S}/{id}/proces-verbal")).await.expect(200).says("Observations du référent : =Zone blanche");
        let pdf = b.get(&format!("{S}/{id}/proces-verbal.pdf")).await.expect(200);
        assert!(pdf.body.starts_with("%PDF"));
        // Told: the préfecture reads all of it, the structure its decision, the letter neither.
        assert!(prefecture(&nue, "23").get(liste).await.expect(200).body.contains("Zone blanche"));
        let sienne = gestion(&nue, s[2]).get(liste).await.expect(200).body;
        assert!(sienne.contains("Accord : 2 postes") && !sienne.contains("Zone blanche") && sienne.lines().count() == 2, "{sienne}");
        let lettre = b.get(&format!("/conseillers/demandes/{}/lettre", un.id)).await.expect(200).body;
        assert!(lettre.contains("Bon projet.") && !lettre.contains("Zone blanche") && !lettre.contains("rioritaire"));
        for format in ["xlsx", "ods"] {
            assert!(b.get(&format!("/conseillers/demandes/toutes/export.{format}?etat=accordee")).await.expect(200).body.starts_with("PK"));
        }
        assert_eq!(b.get(&format!("{liste}?etat=refusee")).await.expect(200).body.lines().count(), 2);
    }
}
