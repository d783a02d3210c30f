//! Every page and file of territories and coverage, with real communes and a few lieux.

use std::sync::Arc;

use kernel::{CodeCommune, Position};
use testkit::{Browser, TestSite};

use super::MesureLieu;
use crate::lieux::donnees_tests::{frictionless, valide};
use crate::{Annuaire, Atlas};

fn lieux() -> Vec<MesureLieu> {
    [
        ("01053", 46.205, 5.226),
        ("97411", -20.879, 55.448),
        ("75120", 48.8634, 2.4012),
        ("98818", -22.276, 166.458),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (code, lat, lon))| MesureLieu {
        position: Position::new(lat, lon),
        commune: CodeCommune::parse(code),
        services: if i == 0 { 0b1_1111_1111 } else { 1 },
        samedi: i == 0,
        soir: false,
        minutes_semaine: Some(1_800),
    })
    .collect()
}

async fn browser(t: &TestSite, lieux: fn() -> Vec<MesureLieu>) -> Browser {
    let atlas = Atlas::load(&t.site, Arc::new(move |_| Box::pin(async move { Ok(lieux()) }))).await.unwrap();
    let annuaire = Annuaire::new(atlas);
    let routes = crate::territoires::pages::routes(annuaire.clone())
        .merge(super::pages::routes(annuaire.clone()))
        .merge(crate::territoires::api::routes(annuaire));
    t.browser(routes)
}

fn migrations() -> platform::db::Migrations {
    let mut all = platform::migrations();
    all.extend(crate::migrations());
    all
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn pages_answer(t: TestSite) {
        let mut b = browser(&t, lieux).await;
        b.get("/couverture").await.expect(200)
            .says("4 lieux mesurés").says("<svg").says("Équité entre les départements").says("Indice de Gini")
            .says("à vol d’oiseau").says("aria-label=\"Ain : ");
        b.get("/couverture?indicateur=distance&critere=samedi&seuil=20&niveau=regions&tri=nom").await.expect(200)
            .says("Par région").says("Lieux ouverts le samedi");
        // The sorted column says so, and in which direction.
        for (requete, colonne) in [
            ("", "<th scope=\"col\" class=\"m-num\" aria-sort=\"ascending\">"),
            ("?indicateur=distance", "<th scope=\"col\" class=\"m-num\" aria-sort=\"descending\">"),
            ("?tri=nom", "<th scope=\"col\" aria-sort=\"ascending\">"),
        ] {
            b.get(&format!("/couverture{requete}")).await.says(colonne);
        }
        b.get("/couverture?critere=soir").await.expect(200);
        b.get("/couverture?seuil=%00&critere=%F0%9F%A6%80&indicateur=../..&niveau=x").await.expect(200);
        b.get("/couverture/departement/01").await.expect(200)
            .says("Couverture de l’Ain").says("Par intercommunalité").says("Par commune").says("<circle").says("(est.)");
        b.get("/couverture/departement/974").await.expect(200).says("<circle").says("Saint-Denis");
        b.get("/couverture/departement/984").await.expect(200);
        b.get("/couverture/region/53").await.expect(200).says("Par département");
        b.get("/couverture/region/988").await.expect(200);
        b.get("/couverture/epci/200000172").await.expect(200).says("Bonneville");
        b.get("/couverture/carte?critere=samedi&zone=departement/01").await.expect(200).says("data-carte-couverture");
        b.get("/territoires").await.expect(200).says("Bretagne").says("La Réunion");
        b.get("/territoires?q=Gu%C3%A9ret").await.expect(200).says("/territoires/commune/23096");
        b.get("/territoires?q=zzzzzzzzz").await.expect(200).says("Aucun territoire");
        b.get("/territoires/region/84").await.expect(200).says("Isère");
        b.get("/territoires/departement/2A").await.expect(200).says("Ajaccio");
        b.get("/territoires/epci/200000172").await.expect(200).says("Marignier");
        b.get("/territoires/commune/01053").await.expect(200).says("Bourg-en-Bresse").says("01000").says("0,1 km");
        b.get("/territoires/commune/75056").await.expect(200).says("Paris 20e Arrondissement");
        b.get("/territoires/commune/98415").await.expect(200).says("Personne n’habite ici");
        let former = b.get("/territoires/commune/01144").await.expect(308);
        assert_eq!(former.location(), "/territoires/commune/01025");
        for absent in [
            "/couverture/departement/00", "/couverture/planete/1", "/couverture/epci/%27", "/territoires/commune/99999",
            "/territoires/commune/%00", "/territoires/region/zz", "/territoires/quartier/1",
        ] {
            b.get(absent).await.expect(404);
        }
    }

    async fn files_answer(t: TestSite) {
        let mut b = browser(&t, lieux).await;
        let csv = b.get("/couverture/zones.csv").await.expect(200);
        assert!(csv.headers["content-disposition"].to_str().unwrap().contains("couverture-departements-FR-tous.csv"));
        assert!(csv.body.starts_with("niveau,code,nom,critere,population,part_5_km"), "{}", &csv.body[..200]);
        assert_eq!(csv.body.lines().count(), 1 + 1 + 109);
        assert_eq!(b.get("/couverture/zones.csv?niveau=epci").await.expect(200).body.lines().count(), 2 + 1255);
        let communes = b.get("/couverture/communes.csv?zone=departement/01").await.expect(200);
        assert_eq!(communes.body.lines().count(), 1 + 391, "communes of the Ain");
        let blanches = b.get("/couverture/zones-blanches.csv?zone=departement/01&seuil=20").await.expect(200);
        assert!(blanches.body.lines().count() > 50 && !blanches.body.contains("01053"));
        // Each file with its schema, judged by an independent validator when there is one.
        for (nom, csv) in [("zones", &csv), ("communes", &communes), ("zones-blanches", &blanches)] {
            let adresse = format!("/couverture/{nom}.schema.json");
            assert!(csv.headers["link"].to_str().unwrap().starts_with(&format!("<{adresse}>")));
            let schema = b.get(&adresse).await.expect(200);
            let noms: Vec<String> = schema.json()["fields"].as_array().unwrap().iter()
                .map(|c| c["name"].as_str().unwrap().to_owned()).collect();
            assert_eq!(csv.body.lines().next().unwrap(), noms.join(","));
            if let Some(python) = frictionless() {
                let dossier = tempfile::tempdir().unwrap();
                let chemin = dossier.path().join("schema.json");
                std::fs::write(&chemin, &schema.body).unwrap();
                let verdict = valide(&python, &chemin, csv.body.as_bytes());
                assert_eq!(verdict["valide"], true, "{nom} {verdict}");
            }
        }
        b.get("/couverture/autre.schema.json").await.expect(404);
        let points = b.get("/couverture/communes.geojson?zone=departement/974").await.expect(200).json();
        assert_eq!(points["features"].as_array().unwrap().len(), 24);
        assert!(points["features"][0]["properties"]["valeur"].is_number());
        b.get("/couverture/communes.csv?zone=lune/1").await.expect(400);
        let found = b.get("/territoires/suggestions?q=bourg%20en%20b").await.expect(200).json();
        assert_eq!(found[0]["libelle"], "Bourg-en-Bresse");
        assert_eq!(found[0]["valeur"], "01000 Bourg-en-Bresse");
        b.get("/territoires/suggestions").await.expect(200);
    }

    async fn the_api_answers(t: TestSite) {
        let mut b = browser(&t, lieux).await;
        let n = |v: serde_json::Value| v.as_array().unwrap().len();
        assert_eq!(n(b.get("/api/v1/territoires/regions").await.expect(200).json()), 26);
        assert_eq!(n(b.get("/api/v1/territoires/departements?region=84").await.expect(200).json()), 12);
        assert_eq!(n(b.get("/api/v1/territoires/epci").await.expect(200).json()), 1255);
        let bourg = b.get("/api/v1/territoires/communes/01053").await.expect(200).json();
        assert_eq!((&bourg["nom"], &bourg["departement"]), (&"Bourg-en-Bresse".into(), &"01".into()));
        assert_eq!(b.get("/api/v1/territoires/communes/75111").await.expect(200).json()["code"], "75056");
        let found = b.get("/api/v1/territoires/communes?q=01000&limite=1").await.expect(200).json();
        assert_eq!(found[0]["code_commune"], "01053");
        assert_eq!(n(b.get("/api/v1/couverture?niveau=departements").await.expect(200).json()), 109);
        let ain = b.get("/api/v1/couverture/departement/01?critere=samedi").await.expect(200).json();
        assert_eq!((&ain["lieux"], &ain["critere"]), (&1.into(), &"samedi".into()));
        let commune = b.get("/api/v1/couverture/commune/01053").await.expect(200).json();
        assert_eq!((&commune["lieux"], n(commune["distances"].clone())), (&1.into(), 12));
        for (path, status) in [
            ("/api/v1/territoires/communes", 400), ("/api/v1/territoires/communes?q=a&limite=0", 400),
            ("/api/v1/territoires/communes/zz", 404), ("/api/v1/couverture?critere=x", 400),
            ("/api/v1/couverture?niveau=x", 400), ("/api/v1/couverture/x/y", 404), ("/api/v1/territoires/epci?departement=zz", 400),
        ] {
            let answer = b.get(path).await.expect(status);
            assert_eq!(answer.json()["status"], status, "{path}");
        }
        let document = serde_json::to_value(crate::territoires::api::openapi()).unwrap();
        assert_eq!(document["paths"].as_object().unwrap().len(), 7);
    }

    async fn an_empty_directory_says_so(t: TestSite) {
        let mut b = browser(&t, Vec::new).await;
        b.get("/couverture").await.expect(200).says("Aucun lieu n’est encore enregistré");
        b.get("/couverture/departement/01?indicateur=distance").await.expect(200);
        b.get("/territoires/commune/01053").await.expect(200);
        b.get("/couverture/zones.csv").await.expect(200);
    }
}
