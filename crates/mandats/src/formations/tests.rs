//! Trainings, on both engines: seats, line, presence, test.

use chrono::{NaiveDate, TimeDelta};
use kernel::{Actor, Email, Perimetre, Refusal, Role};
use testkit::TestSite;

use super::actions::{self, Geste};
use super::model::{EtatInscription, Fiche};
use super::{pix, store};
use crate::aidants::regles::Voie;
use crate::aidants::tests::{actif, equipe, personne};
use crate::aidants::{self, Aidant, EtatAidant, Fonction, vie};
use crate::ids::SessionFormationId;
use crate::organisations::Organisation;
use crate::{Failure, Mandats, essai};

fn fiche(m: &Mandats, places: u32) -> Fiche {
    let debut: NaiveDate = m.jour() + TimeDelta::days(40);
    Fiche {
        intitule: "Devenir aidant".to_owned(),
        debut,
        fin: debut + TimeDelta::days(1),
        heures: 14,
        demi_journees: "mardi, 9 h - 12 h".to_owned(),
        lieu: None,
        departement: None,
        places,
        publiee: true,
        intra: false,
        conseillers_numeriques: false,
    }
}

fn organisme(o: &Organisation) -> Actor {
    testkit::actor(Role::OrganismeFormation, Perimetre::Structures(vec![o.structure]))
}

/// A session that the body of that structure has opened, with one seat.
pub(crate) async fn session(m: &Mandats, structure: kernel::ids::StructureId) -> SessionFormationId {
    let actor = testkit::actor(Role::OrganismeFormation, Perimetre::Structures(vec![structure]));
    actions::ouvrir(m, &actor, structure, fiche(m, 1)).await.unwrap()
}

async fn eligible(m: &Mandats, o: &Organisation, n: u32) -> Aidant {
    let p = personne(n, Fonction::Aidant, Voie::Classique);
    m.site
        .db
        .write(async |tx| vie::inscrire(m, tx, &p, o.structure, EtatAidant::Eligible, None).await)
        .await
        .unwrap()
}

async fn etat(m: &Mandats, a: &Aidant) -> Vec<EtatInscription> {
    store::de_aidant(m.site.db.read(), a.id).await.unwrap().iter().map(|i| i.etat).collect()
}

async fn prises(m: &Mandats, s: SessionFormationId) -> u32 {
    store::session(m.site.db.read(), s).await.unwrap().unwrap().prises
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn seats_go_in_order_and_a_seat_given_up_goes_to_the_line(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, corps) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Corps", 2).await);
        let (_, referent) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let s = actions::ouvrir(&m, &organisme(&corps), corps.structure, fiche(&m, 1)).await.unwrap();
        let (a, b) = (eligible(&m, &o, 2).await, eligible(&m, &o, 3).await);
        assert_eq!(actions::inscrire(&m, &referent, s, a.id).await.unwrap(), EtatInscription::Inscrite);
        assert_eq!(actions::inscrire(&m, &referent, s, b.id).await.unwrap(), EtatInscription::EnAttente);
        assert!(actions::inscrire(&m, &referent, s, a.id).await.is_err(), "twice");
        let i = store::de_aidant(m.site.db.read(), a.id).await.unwrap().remove(0);
        actions::renoncer(&m, &referent, i.id).await.unwrap();
        assert_eq!(etat(&m, &b).await, [EtatInscription::Inscrite]);
        assert_eq!(prises(&m, s).await, 1);
        // Who is refused frees the seat too.
        m.site.db.write(async |tx| vie::changer(&m, tx, b.id, EtatAidant::Refuse, "Départ", Some(&equipe())).await).await.unwrap();
        assert_eq!((etat(&m, &b).await, prises(&m, s).await), (vec![EtatInscription::Annulee], 0));
        // The database is the last wall.
        let trop = m.site.db.write(async |tx| {
            platform::db::kit::execute(tx, "UPDATE formations_session SET prises = places + 1 WHERE id = $1", [s.0.into()]).await
        }).await;
        assert!(trop.is_err());
    }

    async fn present_and_tested_is_active_whatever_came_first(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, corps) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Corps", 2).await);
        let (_, referent) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let corps_actor = organisme(&corps);
        let s = actions::ouvrir(&m, &corps_actor, corps.structure, fiche(&m, 5)).await.unwrap();
        let (a, b) = (eligible(&m, &o, 2).await, eligible(&m, &o, 3).await);
        for x in [&a, &b] {
            actions::inscrire(&m, &referent, s, x.id).await.unwrap();
        }
        let inscription = async |x: &Aidant| store::de_aidant(m.site.db.read(), x.id).await.unwrap().remove(0).id;
        let (ia, ib) = (inscription(&a).await, inscription(&b).await);
        assert!(actions::suivre(&m, &corps_actor, ia, Geste::Presente).await.is_err(), "before it begins");
        // b passes the test first.
        let fichier = format!("courriel;score;date\n{};0,91;{}\npersonne9@essai.example;80;{}\n", b.courriel, m.jour(), m.jour());
        let rapport = pix::importer(&m, &equipe(), fichier.as_bytes()).await.unwrap();
        assert_eq!(rapport.iter().map(|l| l.prise).collect::<Vec<_>>(), [true, false]);
        assert!(!pix::importer(&m, &equipe(), fichier.as_bytes()).await.unwrap()[0].prise, "once");
        m.site.clock.advance(TimeDelta::days(42));
        for geste in [Geste::Presente, Geste::Defaire, Geste::Absente, Geste::Presente] {
            actions::suivre(&m, &corps_actor, ia, geste).await.unwrap();
        }
        actions::suivre(&m, &corps_actor, ib, Geste::Presente).await.unwrap();
        let lu = async |x: &Aidant| aidants::store::lire(m.site.db.read(), x.id).await.unwrap().unwrap().etat;
        assert_eq!((lu(&a).await, lu(&b).await), (EtatAidant::Forme, EtatAidant::Actif));
        assert!(actions::suivre(&m, &corps_actor, ib, Geste::Defaire).await.is_err(), "too late");
        let r = pix::Resultat { courriel: a.courriel.clone(), score: 75, le: m.jour() };
        assert_eq!(pix::un(&m, &equipe(), &r).await.unwrap(), EtatAidant::Actif);
    }

    async fn who_followed_the_training_is_told_where_the_test_is_when_it_is_known(t: TestSite) {
        for (n, adresse) in [(1, None), (2, Some("https://app.pix.example/campagnes/AIDANT"))] {
            let mut config = (*t.site.config).clone();
            config.pix.adresse = adresse.map(str::to_owned);
            let site = platform::Site { config: std::sync::Arc::new(config), ..t.site.clone() };
            let m = essai::mandats(&t).await;
            let m = Mandats { annuaire: annuaire::Annuaire { site: site.clone(), ..m.annuaire.clone() }, site, ..m };
            let (o, corps) = (essai::organisation(&t, "Ici", n).await, essai::organisation(&t, "Corps", 10 + n).await);
            let numero = u32::try_from(n).unwrap();
            let (_, referent) = actif(&m, o.structure, Fonction::Referent, numero).await;
            let s = actions::ouvrir(&m, &organisme(&corps), corps.structure, fiche(&m, 5)).await.unwrap();
            let a = eligible(&m, &o, 20 + numero).await;
            actions::inscrire(&m, &referent, s, a.id).await.unwrap();
            m.site.clock.advance(TimeDelta::days(42));
            let i = store::de_aidant(m.site.db.read(), a.id).await.unwrap().remove(0).id;
            for _ in 0..2 {
                actions::suivre(&m, &organisme(&corps), i, Geste::Presente).await.ok();
            }
            let mails = platform::mail::list(m.site.db.read(), 50).await.unwrap();
            let siens: Vec<_> = mails.iter().filter(|c| c.destinataire == a.courriel.as_str() && c.sujet.contains("test Pix")).collect();
            assert_eq!(siens.len(), 1, "{mails:?}");
            let dit = |texte: &str| adresse.is_some_and(|adresse| texte.contains(adresse));
            assert_eq!(dit(&siens[0].texte), adresse.is_some());
            assert_eq!(siens[0].texte.contains("organisme de formation"), adresse.is_none());
            // Where their référent reads of them, and whoever trains a colleague.
            let mut b = t.browser(crate::routes(&m)).signed_in(essai::viewer(&referent));
            let fiche = b.get(&format!("/referent/personnes/{}", a.id)).await.expect(200);
            let guide = b.get("/formation-par-un-collegue").await.expect(200);
            assert_eq!((dit(&fiche.body), dit(&guide.body)), (adresse.is_some(), adresse.is_some()));
            assert!(adresse.is_some() || !fiche.body.contains("l’adresse du test"));
        }
    }

    async fn a_body_sees_its_own_sessions_alone(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (un, deux) = (essai::organisation(&t, "Un", 1).await, essai::organisation(&t, "Deux", 2).await);
        let o = essai::organisation(&t, "Ici", 3).await;
        let (_, referent) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let (_, etranger) = actif(&m, un.structure, Fonction::Referent, 9).await;
        let s = actions::ouvrir(&m, &organisme(&un), un.structure, fiche(&m, 5)).await.unwrap();
        let a = eligible(&m, &o, 2).await;
        actions::inscrire(&m, &referent, s, a.id).await.unwrap();
        let i = store::de_aidant(m.site.db.read(), a.id).await.unwrap().remove(0);
        let autre = organisme(&deux);
        // The list as a file: one's own, with how many stand where.
        for (actor, lignes) in [(organisme(&un), 2), (organisme(&deux), 1)] {
            let mut b = t.browser(crate::routes(&m)).signed_in(essai::viewer(&actor));
            let csv = b.get("/organisme/sessions/export.csv").await.expect(200).body;
            assert_eq!(csv.lines().count(), lignes, "{csv}");
            assert!(lignes == 1 || csv.lines().nth(1).unwrap().ends_with(";5;1;oui;non;non;non;0;1;0;0;0"), "{csv}");
            b.get("/organisme/sessions").await.expect(200);
        }
        let mut b = t.browser(crate::routes(&m)).signed_in(essai::viewer(&referent));
        b.get("/organisme/sessions/export.csv").await.expect(403);
        // People, as the list of the team is filtered and scoped.
        let creuse = Perimetre::Departements(kernel::CodeDepartement::parse("23").into_iter().collect());
        let mayotte = Perimetre::Departements(kernel::CodeDepartement::parse("976").into_iter().collect());
        for (perimetre, filtre, lignes) in [
            (Perimetre::National, "", 4),
            (Perimetre::National, "?etat=eligible", 2),
            (Perimetre::National, "?q=personne2%40essai.example", 2),
            (creuse, "?etat=actif", 3),
            (mayotte, "", 1),
        ] {
            let mut b = t.browser(crate::routes(&m)).signed_in(testkit::viewer(Role::EquipeHabilitation, perimetre));
            let csv = b.get(&format!("/gestion/aidants/export.csv{filtre}")).await.expect(200).body;
            assert_eq!(csv.lines().count(), lignes, "{filtre} {csv}");
        }
        let introuvable = |r: Result<(), Failure>| matches!(r, Err(Failure::Refusal(Refusal::NotFound)));
        assert!(actions::la_sienne(m.site.db.read(), &autre, s).await.is_err());
        assert!(introuvable(actions::suivre(&m, &autre, i.id, Geste::Annuler).await));
        assert!(introuvable(actions::annuler_session(&m, &autre, s, "Non").await));
        assert!(introuvable(actions::modifier(&m, &autre, s, 1, fiche(&m, 9)).await));
        assert!(actions::ouvrir(&m, &autre, un.structure, fiche(&m, 9)).await.is_err());
        assert!(introuvable(actions::renoncer(&m, &etranger, i.id).await));
        assert!(actions::inscrire(&m, &etranger, s, a.id).await.is_err());
        // The team moves somebody to another session of the same body; the seat follows.
        let vers = actions::ouvrir(&m, &equipe(), un.structure, fiche(&m, 2)).await.unwrap();
        actions::suivre(&m, &organisme(&un), i.id, Geste::Deplacer(vers)).await.unwrap();
        assert_eq!((prises(&m, s).await, prises(&m, vers).await), (0, 1));
        actions::annuler_session(&m, &organisme(&un), vers, "Formatrice malade").await.unwrap();
        assert!(etat(&m, &a).await.iter().all(|e| *e == EtatInscription::Annulee));
        // For one organisation alone: référents do not see it, the body inscribes.
        let intra = Fiche { intra: true, ..fiche(&m, 3) };
        let s = actions::ouvrir(&m, &organisme(&un), un.structure, intra).await.unwrap();
        assert!(actions::inscrire(&m, &referent, s, a.id).await.is_err());
        let courriel = Email::parse(a.courriel.as_str()).unwrap();
        assert_eq!(actions::inscrire_intra(&m, &organisme(&un), s, &courriel).await.unwrap(), EtatInscription::Inscrite);
    }
}

async fn rappels(m: &Mandats, a: &str) -> usize {
    let tous = platform::mail::list(m.site.db.read(), 500).await.unwrap();
    tous.iter().filter(|c| c.destinataire == a && c.sujet.contains("à former")).count()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn referents_are_reminded_and_reminders_stop(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, corps) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Corps", 2).await);
        let (r, referent) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let a = eligible(&m, &o, 2).await;
        let jours = |n| m.site.clock.advance(TimeDelta::days(n));
        jours(13);
        let loin = Fiche { debut: m.jour() + TimeDelta::days(400), fin: m.jour() + TimeDelta::days(400), ..fiche(&m, 3) };
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 0, "too early");
        jours(2);
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 0, "no session takes people");
        let s = actions::ouvrir(&m, &organisme(&corps), corps.structure, loin).await.unwrap();
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 1);
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 0, "not twice within fourteen days");
        let dernier = platform::mail::list(m.site.db.read(), 1).await.unwrap().remove(0);
        assert!(dernier.texte.contains("pas encore connecté") && dernier.texte.contains(&a.nom), "{}", dernier.texte);
        for _ in 0..6 {
            jours(14);
            super::super::rappels::rappeler(&m).await.unwrap();
        }
        assert_eq!(rappels(&m, r.courriel.as_str()).await, 4, "four at most");
        // Inscribed, the count begins again; with somebody new, so do the reminders.
        actions::inscrire(&m, &referent, s, a.id).await.unwrap();
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 0);
        eligible(&m, &o, 3).await;
        jours(15);
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 1);
        // Nobody of an organisation that ended, of another way, or who is gone.
        let b = eligible(&m, &corps, 4).await;
        m.site.db.write(async |tx| vie::changer(&m, tx, b.id, EtatAidant::Refuse, "Non", Some(&equipe())).await).await.unwrap();
        jours(15);
        assert_eq!(super::super::rappels::rappeler(&m).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_referents_never_get_the_same_seat() {
    let Some(t) = TestSite::postgres(crate::tests_migrations()).await else { return };
    let m = essai::mandats(&t).await;
    let (ici, la) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Là", 2).await);
    let (_, un) = actif(&m, ici.structure, Fonction::Referent, 1).await;
    let (_, deux) = actif(&m, la.structure, Fonction::Referent, 2).await;
    let autre = Mandats { site: t.other_instance().await, ..m.clone() };
    for tour in 0..8 {
        let s = actions::ouvrir(&m, &equipe(), ici.structure, fiche(&m, 1)).await.unwrap();
        let (a, b) = (eligible(&m, &ici, 100 + tour).await, eligible(&m, &la, 200 + tour).await);
        let (x, y) =
            tokio::join!(actions::inscrire(&m, &un, s, a.id), actions::inscrire(&autre, &deux, s, b.id));
        let mut etats = [x.unwrap(), y.unwrap()];
        etats.sort_by_key(|e| e.cle());
        assert_eq!(etats, [EtatInscription::EnAttente, EtatInscription::Inscrite]);
        assert_eq!(prises(&m, s).await, 1);
    }
}
