//! Two at once, as two instances on one database.

use std::sync::Arc;

use oidc::provider::TokenRequest;
use testkit::TestSite;

use super::super::Fournisseur;
use super::*;
use crate::cles;

/// The same house on a second client of the database.
async fn double(t: &TestSite, m: &Mandats) -> Fournisseur {
    let site = t.other_instance().await;
    let m = Mandats { site, cles: cles::Garde::default(), ..m.clone() };
    Fournisseur::new(&m).unwrap()
}

fn requete(code: &str) -> TokenRequest {
    let corps = serde_urlencoded::to_string([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", RETOUR),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ])
    .unwrap();
    TokenRequest::read(Some("application/x-www-form-urlencoded"), None, &corps).unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn attack_16_two_at_once_with_one_code(t: TestSite) {
        let mut maison = maison(&t).await;
        let un = Arc::new(Fournisseur::new(&maison.m).unwrap());
        let deux = Arc::new(double(&t, &maison.m).await);
        for _ in 0..20 {
            let code = maison.code().await;
            let (a, b) = (requete(&code), requete(&code));
            let (a, b) = tokio::join!(un.echanger(&a), deux.echanger(&b));
            let issues: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().filter_map(Result::ok).collect();
            assert_eq!(issues.len(), 1, "exactly one");
            // The second use revoked what the first gave.
            let corps: serde_json::Value = serde_json::from_str(issues[0].body.expose()).unwrap();
            maison.identite(corps["access_token"].as_str().unwrap()).await.expect(401);
        }
    }

    async fn attack_66_revoked_while_it_is_exchanged(t: TestSite) {
        let mut maison = maison(&t).await;
        let f = Fournisseur::new(&maison.m).unwrap();
        let autre = t.other_instance().await;
        for _ in 0..5 {
            let code = maison.code().await;
            let demande = requete(&code);
            let fin = format!(
                "UPDATE mandat_autorisation SET fin_le = '{}', fin_auteur = 'personne', fin_raison = 'demande' WHERE demarche = 'logement'",
                t.site.clock.now().format("%Y-%m-%d %H:%M:%S+00:00")
            );
            let revoquer = autre.db.write(async |tx| kit::execute(tx, &fin, []).await);
            let (issue, revoquee) = tokio::join!(f.echanger(&demande), revoquer);
            revoquee.unwrap();
            // Whichever came first, no identity leaves afterwards.
            if let Ok(issued) = issue.unwrap() {
                let corps: serde_json::Value = serde_json::from_str(issued.body.expose()).unwrap();
                maison.identite(corps["access_token"].as_str().unwrap()).await.expect(401);
            }
            sql(&t, "UPDATE mandat_autorisation SET fin_le = NULL, fin_auteur = NULL, fin_raison = NULL").await;
        }
    }

    async fn a_double_press_gives_one_code(t: TestSite) {
        let mut maison = maison(&t).await;
        let flux = maison.arriver(&[]).await;
        let personne = maison.usager.id.to_string();
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &personne)]).await.expect(303);
        let (mut un, mut deux) = (maison.aidante.clone(), maison.aidante.clone());
        let adresse = format!("{flux}/demarche");
        let choix = [("pour", personne.as_str()), ("demarche", "logement")];
        let (a, b) = tokio::join!(un.post(&adresse, &choix), deux.post(&adresse, &choix));
        let mut statuts = [a.status.as_u16(), b.status.as_u16()];
        statuts.sort_unstable();
        assert_eq!(statuts, [303, 410]);
        assert_eq!(lignes(&t, "usage.commencer").await, 1);
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn two_windows_of_one_request_never_tell_the_other_person(t: TestSite) {
        let mut maison = maison(&t).await;
        let autre = essai::usager(&t, 2).await;
        mandat(&t, maison.structure, &autre, &["logement"]).await;
        let flux = maison.arriver(&[]).await;
        let (x, y) = (maison.usager.id.to_string(), autre.id.to_string());
        // The first window shows X; in the second, another person is chosen.
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &x)]).await.expect(303);
        let page = maison.aidante.get(&format!("{flux}/demarche")).await.expect(200).says("USAGER-1");
        assert!(page.body.contains(&format!("name=\"pour\" value=\"{x}\"")), "{}", page.body);
        maison.aidante.post(&format!("{flux}/personne"), &[("personne", &y)]).await.expect(303);
        // Under the name of X nothing leaves: the page of Y, who is chosen now, and a sentence.
        let conflit = maison.repond(&flux, "logement").await.expect(409);
        let conflit = conflit.says("USAGER-2").says("Une autre personne a été choisie");
        assert!(!conflit.body.contains("USAGER-1"), "{}", conflit.body);
        // Nor with no name, one that is none, or before a démarche is chosen.
        for pour in ["", "x", x.as_str()] {
            let choix = [("pour", pour), ("demarche", "logement")];
            maison.aidante.post(&format!("{flux}/demarche"), &choix).await.expect(409);
            maison.aidante.post(&format!("{flux}/demarche"), &[("pour", pour)]).await.expect(409);
        }
        assert_eq!(lignes(&t, "usage.commencer").await, 0);
        let choix = [("pour", y.as_str()), ("demarche", "logement")];
        let adresse = maison.aidante.post(&format!("{flux}/demarche"), &choix).await.expect(303).location().to_owned();
        let jetons = maison.jetons(&parametre(&adresse, "code").unwrap()).await;
        let lu = maison.identite(jetons["access_token"].as_str().unwrap()).await.expect(200).json();
        assert_eq!(lu["family_name"], "USAGER-2");
    }

    async fn two_administrators_on_one_client(t: TestSite) {
        use crate::fournisseur::clients::{enregistrer, nouveau_secret, store};
        use kernel::{Perimetre, Refusal, Role};
        let maison = maison(&t).await;
        let admin = testkit::actor(Role::AdministrateurNational, Perimetre::National);
        let autre = Mandats { site: t.other_instance().await, ..maison.m.clone() };
        let c = store::du_nom(&t.site, t.site.db.read(), CLIENT).await.unwrap().unwrap();
        let refuse = |f: crate::Failure| match f {
            crate::Failure::Refusal(r) => r,
            crate::Failure::Db(e) => panic!("a page that says nothing: {e}"),
            autre => panic!("{autre}"),
        };
        for _ in 0..5 {
            let (un, deux) = tokio::join!(
                nouveau_secret(&maison.m, &admin, c.id, false),
                nouveau_secret(&autre, &admin, c.id, true)
            );
            // One after the other, or the slower one is told.
            for fait in [un, deux] {
                if let Err(f) = fait {
                    assert!(matches!(refuse(f), Refusal::Conflict(_)));
                }
            }
        }
        // One name for two new clients.
        let neuf = |n: u128| Inscrit {
            id: uuid::Uuid::from_u128(n),
            client_id: "neuf".to_owned(),
            version: 0,
            secrets: Vec::new(),
            ..c.clone()
        };
        let (un, deux) =
            tokio::join!(enregistrer(&maison.m, &admin, neuf(1)), enregistrer(&autre, &admin, neuf(2)));
        let mut refus: Vec<_> = [un, deux].into_iter().filter_map(Result::err).map(refuse).collect();
        assert_eq!(refus.len(), 1);
        assert!(matches!(refus.remove(0), Refusal::Fields(champs) if champs[0].0 == "client_id"));
    }
}

/// Many flows of two aidants at once: nobody is ever given somebody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_18_and_30_flows_do_not_mix() {
    let t = site().await;
    let premiere = maison(&t).await;
    let ailleurs = essai::organisation(&t, "Ailleurs", 2).await.structure;
    let (_, actor) = essai::aidant(&t, ailleurs, Fonction::Aidant, 2).await;
    compte(&t, &actor).await;
    let autre_usager = essai::usager(&t, 2).await;
    mandat(&t, ailleurs, &autre_usager, &["logement"]).await;
    let marche = |usager: Usager, aidante: Browser| {
        let mut maison = Maison {
            usager: usager.clone(),
            aidante,
            m: premiere.m.clone(),
            actor: premiere.actor.clone(),
            aidant: premiere.aidant.clone(),
            structure: premiere.structure,
            mandat: premiere.mandat.clone(),
            dehors: premiere.dehors.clone(),
        };
        async move {
            let mut sujets = std::collections::BTreeSet::new();
            for _ in 0..25 {
                let code = maison.code().await;
                let jetons = maison.jetons(&code).await;
                let lu = maison.identite(jetons["access_token"].as_str().unwrap()).await.expect(200).json();
                assert_eq!(lu["family_name"], usager.identite.nom.as_str());
                assert_eq!(lu["sub"], claims(jetons["id_token"].as_str().unwrap())["sub"], "attack 29");
                sujets.insert(lu["sub"].as_str().unwrap().to_owned());
            }
            assert_eq!(sujets.len(), 1, "one person, one name for one client");
            sujets
        }
    };
    let deuxieme = premiere.dehors.signed_in(viewer(&t, &actor));
    let (a, b) = tokio::join!(
        marche(premiere.usager.clone(), premiere.aidante.clone()),
        marche(autre_usager, deuxieme)
    );
    assert_ne!(a, b);
}
