//! Reading by token, on both engines: scope, pages, filters, figures, journal.

use kernel::{CodeDepartement, Perimetre, Portee, Role};
use platform::web::ParJeton;
use testkit::{Browser, TestSite};

use super::api::OPENAPI;
use crate::aidants::Fonction;
use crate::demonstration::nationale::{self, Taille};
use crate::{Mandats, essai};

const ORGANISATIONS: &str = "/api/v1/aidants-connect/organisations";
const AIDANTS: &str = "/api/v1/aidants-connect/aidants";

fn jeton(b: &Browser, role: Role, perimetre: Perimetre, portees: &[Portee]) -> Browser {
    let (id, attribution) = (uuid::Uuid::from_u128(7), uuid::Uuid::from_u128(8));
    let jeton = ParJeton { id, attribution, portees: portees.to_vec() };
    b.signed_in(testkit::viewer(role, perimetre)).with_token(jeton)
}

const TOUT: [Portee; 2] = [Portee::LireOrganisations, Portee::LireAidants];

#[test]
fn the_document_tells_the_addresses_there_are() {
    let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, [AIDANTS, ORGANISATIONS]);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let noms: Vec<&str> =
        OPENAPI.split("#/components/schemas/").skip(1).filter_map(|n| n.split('"').next()).collect();
    assert!(!noms.is_empty() && noms.iter().all(|nom| schemas.contains_key(*nom)), "{noms:?}");
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_token_reads_its_scope_page_by_page(t: TestSite) {
        let m = essai::mandats(&t).await;
        let m = Mandats { site: platform::Site { mode: platform::Mode::Demo, ..t.site.clone() }, ..m };
        nationale::semer(&m, Taille { organisations: 12, mandats: 160 }).await.unwrap();
        let ici = essai::organisation(&t, "Maison d’essai", 900_000_001).await;
        essai::aidant(&t, ici.structure, Fonction::Referent, 1).await;
        let (double, _) = essai::aidant(&t, ici.structure, Fonction::AidantReferent, 2).await;
        let nu = t.browser(crate::routes(&m));
        let mut equipe = jeton(&nu, Role::EquipeHabilitation, Perimetre::National, &TOUT);
        // Pages follow each other to the end, each line once.
        for (adresse, taille, attendues, schema) in [(ORGANISATIONS, 5, 13, "Organisations"), (AIDANTS, 20, 50, "Aidants")] {
            let (mut suite, mut ids) = (format!("{adresse}?taille={taille}"), Vec::new());
            loop {
                let page = equipe.get(&suite).await.expect(200);
                assert_eq!(page.headers["cache-control"], "no-store");
                let json = page.json();
                let fautes = crate::schema::fautes(OPENAPI, schema, &json);
                assert!(fautes.is_empty(), "{fautes:#?}");
                for ligne in json["donnees"].as_array().unwrap() {
                    ids.push(ligne["id"].as_str().unwrap().to_owned());
                }
                let Some(url) = json["suivant"].as_str() else { break };
                suite = url[url.find("/api/").unwrap()..].to_owned();
            }
            assert_eq!(ids.len(), attendues, "{adresse}");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), attendues);
        }
        // Figures: all that was made and read is somebody's.
        let mut total = 0;
        let json = equipe.get(&format!("{AIDANTS}?taille=200")).await.expect(200).json();
        for a in json["donnees"].as_array().unwrap() {
            let n = &a["accompagnements"];
            assert!(n["mois"].as_i64() <= n["six_mois"].as_i64() && n["six_mois"].as_i64() <= n["total"].as_i64());
            total += n["total"].as_i64().unwrap();
        }
        let sql = "SELECT (SELECT COUNT(*) FROM mandat) + (SELECT COUNT(*) FROM mandat_usage WHERE lu_le IS NOT NULL)";
        assert_eq!(total, platform::db::kit::count(t.site.db.read(), sql, []).await.unwrap());
        // Filters.
        let json = equipe.get(&format!("{ORGANISATIONS}?nom=maison+essai")).await.expect(200).json();
        let la = json["donnees"].as_array().unwrap();
        assert_eq!((la.len(), la[0]["numero"].as_i64(), la[0]["referents"].as_array().unwrap().len()), (1, Some(900_000_001), 2));
        let json = equipe.get(&format!("{AIDANTS}?siret=W900000001&nom=essai-2")).await.expect(200).json();
        let la = json["donnees"].as_array().unwrap();
        assert_eq!((la.len(), la[0]["id"].as_str().unwrap(), la[0]["referent"].as_bool()), (1, double.id.to_string().as_str(), Some(true)));
        for (filtre, n) in [("siren=999999999", 0), ("siret=W900000002", 0), ("depuis=2100-01-01", 0), ("jusqu_au=2000-01-01", 0), ("departement=976", 0), ("nom=personne", 0)] {
            for adresse in [ORGANISATIONS, AIDANTS] {
                let json = equipe.get(&format!("{adresse}?{filtre}")).await.expect(200).json();
                assert_eq!(json["donnees"].as_array().unwrap().len(), n, "{adresse} {filtre}");
                assert!(json["suivant"].is_null());
            }
        }
        for faux in ["couleur=bleu", "siren=12", "siret=12", "depuis=hier", "jusqu_au=2026", "apres=x", "taille=0", "taille=201", "departement=xx"] {
            for adresse in [ORGANISATIONS, AIDANTS] {
                equipe.get(&format!("{adresse}?{faux}")).await.expect(400);
            }
        }
        // A narrower role sees less, and nothing of what its people do elsewhere.
        let creuse = Perimetre::Departements(CodeDepartement::parse("23").into_iter().collect());
        let mut la_bas = jeton(&nu, Role::EquipeHabilitation, creuse, &TOUT);
        let json = la_bas.get(&format!("{ORGANISATIONS}?taille=200")).await.expect(200).json();
        let siennes = json["donnees"].as_array().unwrap();
        assert!(!siennes.is_empty() && siennes.iter().all(|o| o["departement"] == "23"));
        // One line of the journal a call, whatever was read; nothing of what was typed.
        let sql = "SELECT COUNT(*) FROM journal WHERE action = 'api.lire_organisations' AND subject_id = $1";
        let n = platform::db::kit::count(t.site.db.read(), sql, [uuid::Uuid::from_u128(7).to_string().into()]).await;
        assert!(n.unwrap() >= 11);
        // Without the scope, without the role, without a token.
        jeton(&nu, Role::EquipeHabilitation, Perimetre::National, &[Portee::LireOrganisations]).get(AIDANTS).await.expect(403);
        jeton(&nu, Role::Prefecture, Perimetre::National, &TOUT).get(ORGANISATIONS).await.expect(403);
        nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National)).get(AIDANTS).await.expect(401);
        nu.clone().get(ORGANISATIONS).await.expect(401);
        nu.clone().get("/api/v1/aidants-connect/openapi.json").await.expect(200);
    }
}
