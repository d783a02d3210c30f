//! Figures on both engines: counted once a person, hidden when small, read by those who may.

use kernel::{Perimetre, Role};
use platform::{Mode, Site};
use testkit::TestSite;

use super::*;
use crate::aidants::Fonction;
use crate::demonstration::nationale::{self, Taille};
use crate::{Mandats, essai};

async fn pays(t: &TestSite) -> Mandats {
    let m = essai::mandats(t).await;
    let m = Mandats { site: Site { mode: Mode::Demo, ..t.site.clone() }, ..m };
    nationale::semer(&m, Taille { organisations: 12, mandats: 160 }).await.unwrap();
    m
}

#[test]
fn the_document_tells_the_addresses_there_are() {
    let document: serde_json::Value = serde_json::from_str(api::OPENAPI).unwrap();
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths.len(), 5);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for nom in api::OPENAPI.split("#/components/schemas/").skip(1) {
        assert!(schemas.contains_key(nom.split('"').next().unwrap()));
    }
}

#[test]
fn a_key_of_territory_is_read_back() {
    for cle in ["pays", "region:84", "departement:2A", "departement:974"] {
        assert_eq!(Portee::de_cle(cle).unwrap().cle(), cle);
    }
    for cle in ["", "France", "region", "region:", "departement:xx", "commune:23096"] {
        assert_eq!(Portee::de_cle(cle), None, "{cle}");
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn nothing_is_said_before_the_first_count(t: TestSite) {
        let m = essai::mandats(&t).await;
        assert!(lire(&m).await.unwrap().is_none());
        let mut b = t.browser(routes(&m));
        b.get("/statistiques-mandats").await.expect(200).says("pas encore été comptés");
        b.get("/api/v1/mandats/statistiques").await.expect(404);
        b.get("/api/v1/mandats/statistiques.csv").await.expect(404);
        compter(&m).await.unwrap();
        let publies = lire(&m).await.unwrap().unwrap();
        assert_eq!((publies.pays.mandats, publies.pays.aidants), (Some(0), 0));
        b.get("/statistiques-mandats").await.expect(200).says("À quoi servent les mandats");
    }

    async fn people_count_once_and_small_numbers_are_hidden(t: TestSite) {
        let m = pays(&t).await;
        compter(&m).await.unwrap();
        let p = lire(&m).await.unwrap().unwrap();
        assert_eq!((p.pays.organisations, p.pays.mandats, p.pays.personnes), (12, Some(160), Some(80)));
        assert_eq!(p.departements.iter().map(|l| l.organisations).sum::<i64>(), 12);
        assert_eq!(p.regions.iter().map(|l| l.organisations).sum::<i64>(), 12);
        let demarches: i64 = p.par_demarche.values().flatten().sum();
        assert!(demarches <= p.pays.demarches.unwrap() && p.pays.demarches.unwrap() > 50);
        for l in p.regions.iter().chain(&p.departements) {
            for n in [l.mandats, l.personnes, l.demarches, l.personnes_aidees].into_iter().flatten() {
                assert!(n == 0 || n >= masque::SEUIL, "{l:?}");
            }
        }
    }

    async fn everybody_reads_the_public_figures(t: TestSite) {
        let m = pays(&t).await;
        let mut b = t.browser(routes(&m));
        b.get("/statistiques-mandats").await.expect(200).says("160").says("Par département").says("n. c.");
        let json: serde_json::Value =
            serde_json::from_str(&b.get("/api/v1/mandats/statistiques").await.expect(200).body).unwrap();
        assert_eq!(json["pays"]["mandats"], 160);
        let fautes = |schema, json: &serde_json::Value| crate::schema::fautes(super::OPENAPI, schema, json);
        assert_eq!(fautes("Statistiques", &json), Vec::<String>::new());
        assert_eq!(json["departements"].as_array().unwrap().len(), m.annuaire.territoires().departements().len());
        let csv = b.get("/api/v1/mandats/statistiques.csv").await.expect(200).body;
        assert!(csv.lines().nth(1).unwrap().starts_with("pays;;France;12;"), "{csv}");
        let json: serde_json::Value =
            serde_json::from_str(&b.get("/api/v1/mandats/organisations?taille=5&page=3").await.expect(200).body).unwrap();
        assert_eq!((json["total"].as_u64(), json["organisations"].as_array().unwrap().len()), (Some(12), 2));
        assert_eq!(fautes("Organisations", &json), Vec::<String>::new());
        let id = json["organisations"][0]["id"].as_str().unwrap();
        let une = b.get(&format!("/api/v1/mandats/organisations/{id}")).await.expect(200).says("habilitee_le");
        assert_eq!(fautes("Organisation", &une.json()), Vec::<String>::new());
        b.get("/api/v1/mandats/openapi.json").await.expect(200);
        for (adresse, statut) in [
            ("/api/v1/mandats/organisations?departement=xx", 400),
            ("/api/v1/mandats/organisations?couleur=bleu", 400),
            ("/api/v1/mandats/organisations?page=0", 400),
            ("/api/v1/mandats/organisations?taille=501", 400),
            ("/api/v1/mandats/organisations/moi", 404),
            ("/api/v1/mandats/organisations/00000000-0000-0000-0000-000000000000", 404),
        ] {
            b.get(adresse).await.expect(statut);
        }
    }

    async fn a_referent_reads_their_own_organisation_and_staff_take_lists_away(t: TestSite) {
        let m = pays(&t).await;
        let ici = essai::organisation(&t, "Ici", 77).await;
        let (_, referent) = essai::aidant(&t, ici.structure, Fonction::Referent, 7).await;
        let (_, aidant) = essai::aidant(&t, ici.structure, Fonction::Aidant, 8).await;
        let mut b = t.browser(routes(&m));
        for prive in ["/referent/statistiques", "/gestion/aidants-connect", "/gestion/aidants-connect/aidants/export.csv"] {
            let anonyme = b.get(prive).await;
            assert!([303, 401, 403].contains(&anonyme.status.as_u16()), "{prive}: {}", anonyme.status);
        }
        let mut b = t.browser(routes(&m)).signed_in(essai::viewer(&referent));
        b.get("/referent/statistiques").await.expect(200).says("Ici").says("mandats créés");
        b.get("/gestion/aidants-connect/organisations/export.csv").await.expect(403);
        let mut b = t.browser(routes(&m)).signed_in(essai::viewer(&aidant));
        b.get("/referent/statistiques").await.expect(403);
        let equipe = testkit::viewer(Role::EquipeHabilitation, Perimetre::National);
        let mut b = t.browser(routes(&m)).signed_in(equipe);
        b.get("/gestion/aidants-connect").await.expect(200).says("Référents");
        let aidants = b.get("/gestion/aidants-connect/aidants/export.csv").await.expect(200).body;
        assert_eq!(aidants.lines().count(), 1 + 12 * 4 + 2);
        assert!(aidants.contains("Aidant-Fictif") && aidants.contains(";référent;"));
        let organisations = b.get("/gestion/aidants-connect/organisations/export.csv").await.expect(200).body;
        assert_eq!(organisations.lines().count(), 1 + 13);
        b.get("/gestion/aidants-connect/aidants/export.xlsx").await.expect(200);
        // No column that is empty by construction: who was just made active here has an account, a place and a date.
        let titres: Vec<&str> = aidants.lines().next().unwrap().split(';').collect();
        let recents = |colonne: &str| {
            let rang = titres.iter().position(|t| *t == colonne).unwrap_or_else(|| panic!("{colonne}"));
            let siennes = aidants.lines().filter(|l| l.contains("aidant7@essai.example"));
            siennes.map(|l| l.split(';').nth(rang).unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titres.len(), 53);
        assert_eq!((recents("departement_nom"), recents("region_nom")), (vec!["Creuse".to_owned()], vec!["Nouvelle-Aquitaine".to_owned()]));
        assert_eq!((recents("mandats_6_mois"), recents("demarches_30_jours")), (vec!["0".to_owned()], vec!["0".to_owned()]));
        // A team of a département takes away its part, and no more.
        let mut ailleurs = 0;
        for code in ["23", "976"] {
            let departement = Perimetre::Departements(vec![kernel::CodeDepartement::parse(code).unwrap()]);
            let mut b = t.browser(routes(&m)).signed_in(testkit::viewer(Role::EquipeHabilitation, departement));
            let page = b.get("/gestion/aidants-connect").await.expect(200);
            assert!(!page.body.contains("France</th>") && !page.body.contains("Région "), "{code}");
            let aidants = b.get("/gestion/aidants-connect/aidants/export.csv").await.expect(200).body;
            let organisations = b.get("/gestion/aidants-connect/organisations/export.csv").await.expect(200).body;
            assert!(aidants.lines().skip(1).all(|l| l.contains(&format!(";{code};"))), "{aidants}");
            assert!(organisations.lines().skip(1).all(|l| l.contains(&format!(";{code};"))), "{organisations}");
            assert!(aidants.lines().count() < 1 + 12 * 4 + 2);
            assert_eq!(aidants.lines().count() > 1, organisations.lines().count() > 1, "{code}");
            ailleurs += organisations.lines().count() - 1;
        }
        assert!((1..13).contains(&ailleurs), "{ailleurs}");
    }
}
