//! The look-up against a small server of our own that answers well, badly, too much or elsewhere.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use kernel::Pivot;

use crate::structures::model::Genre;
use crate::structures::sirene::{Panne, Sirene};

pub(super) const REPONSE: &str = r#"{"results":[
 {"siren":"434933123","nom_complet":"VILLE D'ESSAI (VDE)","nom_raison_sociale":"VILLE D'ESSAI","nature_juridique":"7210",
  "siege":{"siret":"43493312300029","adresse":"8 BIS PLACE HAUTE 01000 BOURG-EN-BRESSE","numero_voie":"8","indice_repetition":"BIS",
   "type_voie":"PLACE","libelle_voie":"HAUTE","code_postal":"01000","commune":"01053","libelle_commune":"BOURG-EN-BRESSE","etat_administratif":"A"},
  "matching_etablissements":[{"siret":"43493312300029","etat_administratif":"A"},
   {"siret":"43493312300037","adresse":"2 RUE BASSE 01000 BOURG-EN-BRESSE","code_postal":"01000","commune":"01053","libelle_commune":"BOURG-EN-BRESSE","etat_administratif":"F"}],
  "complements":{"est_ess":false}},
 {"siren":"000000000","nom_complet":"Sans établissement"},
 {"nom_complet":"COOPERATIVE","nature_juridique":"5710","siege":{"siret":"13002526500013","code_postal":null,"commune":2,"etat_administratif":"A"}},
 {"nom_complet":"COOPERATIVE","nature_juridique":"5710","complements":{"est_ess":true},"siege":{"siret":"13002526500013","etat_administratif":"A"}},
 17, null
],"total_results":6,"page":1,"per_page":10,"total_pages":1}"#;

/// A server that answers everything so; gives its address.
pub(super) async fn fake(status: u16, location: &'static str, body: Vec<u8>) -> String {
    let handler = move || async move {
        let mut headers = HeaderMap::new();
        if !location.is_empty() {
            headers.insert(header::LOCATION, location.parse().unwrap());
        }
        (StatusCode::from_u16(status).unwrap(), headers, body)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/api/search", get(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/api/")
}

fn sirene(url: &str) -> Option<Sirene> {
    Sirene::new(&platform::config::Sirene { url: Some(url.to_owned()) })
}

#[tokio::test]
async fn reads_a_good_answer() {
    let found = sirene(&fake(200, "", REPONSE.into()).await).unwrap().chercher("essai").await.unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    let e = &found[0];
    assert_eq!(
        (e.nom.as_str(), e.voie.as_str(), e.code_commune.as_str()),
        ("VILLE D'ESSAI", "8 BIS PLACE HAUTE", "01053")
    );
    assert_eq!((e.genre, e.siege, e.actif), (Some(Genre::Commune), true, true));
    // What has a strange shape is left out; the rest of it serves.
    assert_eq!((found[1].genre, found[1].commune.as_str()), (Some(Genre::Ess), ""));
    // Closed ones come last; an address without parts is cut at the code postal.
    assert_eq!((found[2].voie.as_str(), found[2].actif, found[2].siege), ("2 RUE BASSE", false, false));
}

#[tokio::test]
async fn finds_one_establishment() {
    let sirene = sirene(&fake(200, "", REPONSE.into()).await).unwrap();
    let siret = Pivot::parse("43493312300037").unwrap();
    assert!(sirene.etablissement(&siret).await.unwrap().is_some_and(|e| e.siret == siret));
    let absent = Pivot::parse("35600000000048").unwrap();
    assert_eq!(sirene.etablissement(&absent).await.unwrap(), None);
}

#[tokio::test]
async fn any_other_answer_is_a_breakdown() {
    let huge = format!("{{\"results\":[],\"x\":\"{}\"}}", "a".repeat(300 * 1024));
    for (status, location, body, panne) in [
        (500, "", "".to_owned(), Panne::Absente),
        (429, "", "{\"results\":[]}".to_owned(), Panne::Absente),
        (302, "http://127.0.0.1:1/", String::new(), Panne::Absente),
        (200, "", "<html>".to_owned(), Panne::Incomprise),
        (200, "", "{}".to_owned(), Panne::Incomprise),
        (200, "", "{\"results\":3}".to_owned(), Panne::Incomprise),
        (200, "", huge, Panne::Incomprise),
    ] {
        let url = fake(status, location, body.into()).await;
        assert_eq!(sirene(&url).unwrap().chercher("essai").await, Err(panne), "{status} {location}");
    }
    assert_eq!(sirene("http://127.0.0.1:9").unwrap().chercher("essai").await, Err(Panne::Absente));
}

#[tokio::test]
async fn a_strange_address_is_no_look_up() {
    for url in ["", "recherche", "ftp://exemple.fr", "file:///etc/passwd"] {
        assert!(sirene(url).is_none(), "{url}");
    }
    assert!(Sirene::new(&platform::config::Sirene { url: None }).is_none());
}
