//! Pages, files and API on a directory of a few lieux, delivered by the ordinary import.

use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use proptest::prelude::*;
use testkit::{Browser, TestSite};

use crate::Annuaire;
use crate::lieux::import::{Demande, importe};
use crate::lieux::standard::Champ;

/// The platform's tables come before ours.
pub(crate) fn migrations() -> platform::db::Migrations {
    let mut all = platform::migrations();
    all.extend(crate::migrations());
    all
}

type Ligne = &'static [(&'static str, &'static str)];

const MEDIATHEQUE: Ligne = &[
    ("id", "mediatheque-1"),
    ("nom", "Médiathèque du Grand Guéret"),
    ("commune", "Guéret"),
    ("code_postal", "23000"),
    ("code_insee", "23096"),
    ("adresse", "8 avenue Fayolle"),
    ("latitude", "46.1702"),
    ("longitude", "1.8689"),
    ("typologie", "BIB"),
    ("telephone", "+33555512345"),
    ("courriels", "lire@example.org"),
    ("site_web", "https://example.org/lire|javascript:alert(1)"),
    ("horaires", "Tu-Fr 10:00-12:00,14:00-18:00; Sa 10:00-17:00"),
    ("presentation_resume", "Des ordinateurs <b>en libre accès</b>."),
    ("services", "Accès internet et matériel informatique|Maîtrise des outils numériques du quotidien"),
    ("frais_a_charge", "Gratuit"),
    ("date_maj", "2026-01-10"),
];
const FRANCE_SERVICES: Ligne = &[
    ("id", "fs-1"),
    ("nom", "France services d’Aubusson"),
    ("commune", "Aubusson"),
    ("code_postal", "23200"),
    ("code_insee", "23008"),
    ("adresse", "50 Grande Rue"),
    ("latitude", "45.9566"),
    ("longitude", "2.1686"),
    ("horaires", "Mo-Fr 09:00-12:00"),
    ("services", "Aide aux démarches administratives"),
    ("dispositif_programmes_nationaux", "France Services"),
    ("modalites_acces", "Prendre un RDV en ligne"),
    ("prise_rdv", "https://rdv.example.org/"),
    ("date_maj", "2022-01-10"),
];
const TAMPON: Ligne = &[
    ("id", "tampon-1"),
    ("nom", "Cyberbase du Tampon"),
    ("commune", "Le Tampon"),
    ("code_postal", "97430"),
    ("code_insee", "97422"),
    ("adresse", "2 rue Victor-le-Vigoureux"),
    ("latitude", "-21.2783"),
    ("longitude", "55.5157"),
    ("horaires", "Mo-Fr 08:00-16:00"),
    ("services", "Aide aux démarches administratives"),
    ("date_maj", "2026-02-10"),
];

fn csv(lignes: &[Ligne]) -> std::fs::File {
    let mut fichier = tempfile::tempfile().unwrap();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(Champ::TOUS.iter().map(|c| c.nom())).unwrap();
    for ligne in lignes {
        let cellule = |c: &Champ| ligne.iter().find(|(k, _)| *k == c.nom()).map_or("", |(_, v)| *v);
        let mut cellules: Vec<&str> = Champ::TOUS.iter().map(cellule).collect();
        cellules[Champ::Pivot.rang()] = "00000000000000";
        cellules[Champ::Source.rang()] = "Essai";
        csv.write_record(&cellules).unwrap();
    }
    fichier.write_all(&csv.into_inner().unwrap()).unwrap();
    fichier.seek(SeekFrom::Start(0)).unwrap();
    fichier
}

async fn livre(annuaire: &Annuaire, lignes: &[Ligne]) {
    let mut demande = Demande::du_standard("essai.csv", csv(lignes), &annuaire.site);
    demande.force = true;
    importe(&annuaire.site, annuaire.territoires(), demande, Arc::new(|_| ())).await.unwrap();
    annuaire.relit_les_lieux().await.unwrap();
}

pub(crate) async fn annuaire(t: &TestSite) -> (Annuaire, Browser) {
    let annuaire = Annuaire::load(&t.site).await.unwrap();
    livre(&annuaire, &[MEDIATHEQUE, FRANCE_SERVICES, TAMPON]).await;
    let browser = t.browser(crate::routes(&annuaire));
    (annuaire, browser)
}

fn compte(page: &str) -> &str {
    page.split("id=\"resultats\" tabindex=\"-1\">")
        .nth(1)
        .and_then(|s| s.split('<').next())
        .unwrap_or_default()
}

pub(crate) async fn uid(b: &mut Browser, id: &str) -> String {
    b.get(&format!("/api/v1/lieux/{id}")).await.expect(200).json()["uid"].as_str().unwrap().to_owned()
}

testkit::on_both_engines! {
    migrations: migrations();

    async fn people_find_a_lieu_and_read_its_sheet(t: TestSite) {
        let (annuaire, mut b) = annuaire(&t).await;
        for (requete, attendu) in [
            ("", "3 lieux"),
            ("?ou=Gu%C3%A9ret", "1 lieu autour de Guéret, à moins de 20\u{a0}km"),
            ("?ou=23000&rayon=50", "2 lieux autour de Guéret, à moins de 50\u{a0}km"),
            ("?ou=creuse", "2 lieux dans le département de la Creuse (23)"),
            ("?departement=974", "1 lieu dans le département de la Réunion (974)"),
            ("?lat=46.17&lon=1.87&rayon=100", "2 lieux autour de vous, à moins de 100\u{a0}km"),
            ("?q=m%C3%A9diateque", "1 lieu"),
            ("?q=imp%C3%B4ts", "2 lieux"),
            ("?services=aide-demarches&frais=gratuit", "Aucun lieu"),
            ("?services=aide-demarches&services=acces-internet-materiel", "3 lieux"),
            ("?services=Aide+aux+d%C3%A9marches+administratives", "2 lieux"),
            // 10:30 on a Wednesday in Paris, 13:30 in La Réunion.
            ("?ouvert=maintenant", "3 lieux"),
            ("?jours=samedi", "1 lieu"),
            ("?typologie=bib", "1 lieu"),
            ("?page=99", "3 lieux"),
        ] {
            let page = b.get(&format!("/lieux{requete}")).await.expect(200).body;
            assert_eq!(compte(&page), attendu, "{requete}");
        }
        b.get("/lieux?ou=Saint-Denis").await.expect(200).says("laquelle cherchez-vous").says("La Réunion (974)");
        b.get("/lieux?ou=Xyzzyville").await.expect(200).says("Nous ne trouvons pas « Xyzzyville »");
        b.get("/lieux?ou=23200+Aubusson&rayon=5&services=loisirs-creations").await.expect(200)
            .says("Sans le choix « Votre besoin » : 1 lieu").says("Le lieu le plus proche").says("France services");
        b.get("/lieux?ou=23200+Aubusson&rayon=5&typologie=bib").await.expect(200)
            .says("Chercher à moins de 50 km : 1 lieu");

        let mediatheque = uid(&mut b, "mediatheque-1").await;
        let page = b.get(&format!("/lieux/{mediatheque}")).await.expect(200)
            .says("Médiathèque du Grand Guéret").says("href=\"tel:+33555512345\"").says("05 55 51 23 45")
            .says("mailto:lire@example.org").says("https://example.org/lire").says("(aujourd’hui)")
            .says("Ouvert jusqu’à 12\u{a0}h").says("Mis à jour il y a 2 mois (le 10 janvier 2026).")
            .says("Bibliothèque ou médiathèque").says("application/ld+json");
        assert!(!page.body.contains("javascript:") && !page.body.contains("<b>en libre"));
        let aubusson = uid(&mut b, "fs-1").await;
        b.get(&format!("/lieux/{aubusson}")).await.expect(200)
            .says("Vérifiez par téléphone").says("Sur rendez-vous").says("Prendre rendez-vous en ligne");
        assert_eq!(b.get("/lieux/mediatheque-1").await.expect(301).location(), format!("/lieux/{mediatheque}"));
        b.get("/lieux/inconnu").await.expect(404).says("Page introuvable");
        b.get(&format!("/lieux/{}", uuid::Uuid::nil())).await.expect(404);

        // What the producer delivers no more says so, and is not found any more.
        livre(&annuaire, &[FRANCE_SERVICES, TAMPON]).await;
        b.get(&format!("/lieux/{mediatheque}")).await.expect(200).says("n’est plus signalé comme ouvert").says("noindex");
        assert_eq!(compte(&b.get("/lieux").await.body), "2 lieux");
    }

    async fn people_search_for_a_day_an_hour_an_address(t: TestSite) {
        let (_annuaire, mut b) = annuaire(&t).await;
        for (requete, attendu) in [
            ("?jour=2026-03-21", "1 lieu"),
            ("?jour=2026-03-21&heure=18:30", "Aucun lieu"),
            ("?jour=2026-03-19&heure=09:30", "2 lieux"),
            ("?heure=14:30", "2 lieux"),
            ("?moments=week-end", "1 lieu"),
            ("?fiche=recente", "2 lieux"),
            ("?publics=tout-public", "3 lieux"),
            ("?source=Essai", "3 lieux"),
            ("?source=Autre", "Aucun lieu"),
            ("?ou=8+avenue+Fayolle%2C+23000+Gu%C3%A9ret", "1 lieu autour de Guéret, à moins de 20\u{a0}km"),
            ("?ou=avenue+Fayolle+Gu%C3%A9ret", "1 lieu autour de Guéret, à moins de 20\u{a0}km"),
        ] {
            let page = b.get(&format!("/lieux{requete}")).await.expect(200).body;
            assert_eq!(compte(&page), attendu, "{requete}");
        }
        b.get("/lieux?jour=2026-03-21").await.expect(200).says("Ouvert le samedi 21 mars");
        b.get("/lieux?jour=2027-03-21").await.expect(200).says("Choisissez un jour entre aujourd’hui et le");
        b.get("/lieux?ou=rue+de+Gu%C3%A9ret").await.expect(200).says("Nous ne trouvons pas");
        b.get("/api/v1/lieux?jour=2027-03-21").await.expect(400).says("Choisissez un jour");
        let comptes = b.get("/lieux/compte?services=aide-demarches").await.expect(200).json();
        assert_eq!((comptes["total"].as_u64(), comptes["bouton"].as_str()), (Some(2), Some("Voir les 2 lieux")));
        assert_eq!(comptes["comptes"]["services"]["acces-internet-materiel"], "1");
        assert!(b.get("/lieux/compte?ou=Saint-Denis").await.expect(200).json()["total"].is_null());
    }

    async fn four_questions_lead_to_a_sheet(t: TestSite) {
        let (_annuaire, mut b) = annuaire(&t).await;
        b.get("/orientation").await.expect(200).says("Étape 1 sur 4").says("démarches administratives en ligne (2)");
        b.get("/orientation?etape=2&services=aide-demarches").await.expect(200)
            .says("Étape 2 sur 4").says("name=\"services\" value=\"aide-demarches\"").says("<strong>2 lieux</strong>");
        b.get("/orientation?etape=4&services=aide-demarches&publics=seniors").await.expect(200)
            .says("name=\"publics\" value=\"tout-public\"").says("<strong>2 lieux</strong>");
        b.get("/orientation?etape=5&ou=Xyzzyville").await.expect(200).says("Étape 4 sur 4").says("Nous ne trouvons pas");
        b.get("/orientation?etape=5&ou=Saint-Denis").await.expect(200).says("Plusieurs communes correspondent");
        let page = b.get("/orientation?etape=5&services=aide-demarches&ou=23200+Aubusson").await.expect(200)
            .says("1 lieu autour d’Aubusson").says("France services d’Aubusson").says("checked");
        assert!(page.body.contains("n’est ni enregistré ni transmis"));
        let aubusson = uid(&mut b, "fs-1").await;
        let feuille = b.post("/orientation/feuille", &[
            ("services", "aide-demarches"), ("ou", "23200 Aubusson"), ("lieu", &aubusson),
            ("pour", "Madame <Essai>"), ("par", "Le CCAS"), ("mot", "Apporter\nune pièce d’identité"),
        ]).await.expect(200).says("Madame &#60;Essai&#62;").says("Apporter<br>une pièce").says("<svg").says("50 Grande Rue")
            .says("Lundi : 9\u{a0}h – 12\u{a0}h");
        assert_eq!(feuille.headers["cache-control"], "no-store");
        b.post("/orientation/feuille", &[("ou", "23200 Aubusson"), ("pour", "Ici")]).await.expect(422)
            .says("Cochez au moins un lieu.").says("value=\"Ici\"");
        let trop: Vec<(&str, &str)> = std::iter::repeat_n(("lieu", aubusson.as_str()), 6).collect();
        b.post("/orientation/feuille", &trop).await.expect(422).says("Cochez 5 lieux au plus.");
    }

    async fn other_sites_show_the_lieux(t: TestSite) {
        let (_annuaire, mut b) = annuaire(&t).await;
        let page = b.get("/integrer?ou=creuse&services=aide-demarches&titre=Chez+%3Cnous%3E&couleur=%230b5c8a").await.expect(200)
            .says("assets/widget.js").says("data-services=").says("data-ou=").says("#0b5c8a").says("Aperçu");
        assert!(!page.body.contains("Chez <nous>"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        b.get("/integrer?departement=23&couleur=red%3B%7D").await.expect(200).says("data-territoire=").says("departement:23");
        let cadre = b.get("/integrer/cadre?departement=23&nombre=1").await.expect(200).says("2 lieux dans le département");
        assert!(cadre.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors *"));
        assert!(!cadre.headers.contains_key("x-frame-options"));
        let lieux = b.get("/integrer/lieux.json?ou=23000").await.expect(200);
        assert_eq!(lieux.headers["access-control-allow-origin"], "*");
        assert_eq!(lieux.json()["lieux"][0]["nom"], "Médiathèque du Grand Guéret");
        assert!(b.get("/integrer/lieux.json?ou=Xyzzyville").await.expect(200).json()["lieux"].as_array().unwrap().is_empty());
        // No other page may stand in a frame.
        let fiche = b.get("/lieux").await.expect(200);
        assert_eq!(fiche.headers["x-frame-options"], "DENY");
    }

    async fn programs_read_the_same_lieux(t: TestSite) {
        let (annuaire, mut b) = annuaire(&t).await;
        let reponse = b.get("/api/v1/lieux?ou=Gu%C3%A9ret&rayon=60").await.expect(200);
        assert_eq!(reponse.headers["access-control-allow-origin"], "*");
        let json = reponse.json();
        assert_eq!((json["total"].as_u64(), json["pages"].as_u64()), (Some(2), Some(1)));
        assert_eq!(json["lieux"][0]["id"], "mediatheque-1");
        assert!(json["lieux"][0]["distance_m"].as_f64().unwrap() < json["lieux"][1]["distance_m"].as_f64().unwrap());
        assert_eq!(json["lieux"][1]["horaires"], "Mo-Fr 09:00-12:00");
        let ids = |j: &serde_json::Value| -> Vec<String> {
            j["lieux"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned()).collect()
        };
        for (requete, attendus) in [
            ("", vec!["tampon-1", "fs-1", "mediatheque-1"]),
            ("?taille=1&page=2", vec!["fs-1"]),
            ("?taille=1&page=9", vec![]),
            ("?bbox=55,-22,56,-20", vec!["tampon-1"]),
            ("?commune=23096", vec!["mediatheque-1"]),
            ("?dispositif_programmes_nationaux=France+Services", vec!["fs-1"]),
            ("?services=aide-demarches|acces-internet-materiel&departement=23", vec!["fs-1", "mediatheque-1"]),
        ] {
            assert_eq!(ids(&b.get(&format!("/api/v1/lieux{requete}")).await.expect(200).json()), attendus, "{requete}");
        }
        for requete in [
            "?inconnu=1", "?services=xyz", "?lat=1", "?lat=a&lon=b", "?lat=99&lon=0", "?rayon=5", "?ou=Xyzzyville",
            "?ou=Saint-Denis", "?page=0", "?taille=9999", "?bbox=1,2,3", "?bbox=1,2,x,3", "?departement=99",
            "?departement=23&region=75", "?format=xml", "?rayon=-1&lat=46&lon=2",
        ] {
            let refus = b.get(&format!("/api/v1/lieux{requete}")).await.expect(400);
            assert_eq!(refus.headers["access-control-allow-origin"], "*", "{requete}");
            assert!(refus.json()["detail"].as_str().unwrap().len() > 20, "{requete}");
        }
        b.get("/api/v1/lieux/inconnu").await.expect(404);

        let geo = b.with_header("accept", "application/geo+json").get("/api/v1/lieux").await.expect(200);
        assert_eq!(geo.headers["content-type"], "application/geo+json");
        assert_eq!(geo.json()["features"][0]["geometry"]["coordinates"][0], 55.5157);

        for chemin in ["/api/v1/lieux?q=france", "/api/v1/lieux/fs-1", "/lieux/carte.geojson", "/donnees/lieux.csv"] {
            let etiquette = b.get(chemin).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
            b.with_header("if-none-match", &etiquette).get(chemin).await.expect(304);
        }
        let avant = b.get("/api/v1/lieux").await.headers["etag"].clone();
        livre(&annuaire, &[FRANCE_SERVICES]).await;
        assert_ne!(b.get("/api/v1/lieux").await.headers["etag"], avant);
    }

    async fn files_hold_what_the_search_finds(t: TestSite) {
        let (_annuaire, mut b) = annuaire(&t).await;
        let csv = b.get("/donnees/lieux.csv").await.expect(200);
        assert!(csv.headers["content-disposition"].to_str().unwrap()
            .contains("2026-03-18_maillage_lieux-de-mediation-numerique_france.csv"));
        assert_eq!(csv.body.lines().count(), 4);
        let filtre = b.get("/donnees/lieux.csv?departement=974").await.expect(200);
        assert_eq!(filtre.body.lines().count(), 2);
        assert!(filtre.body.contains("Cyberbase"));
        assert_eq!(b.get("/donnees/lieux.json").await.expect(200).json().as_array().unwrap().len(), 3);
        let carte = b.get("/lieux/carte.geojson?ou=Gu%C3%A9ret").await.expect(200).json();
        assert_eq!(carte["features"].as_array().unwrap().len(), 1);
        assert_eq!(carte["features"][0]["properties"]["nom"], "Médiathèque du Grand Guéret");
        for extension in ["csv", "json", "geojson"] {
            b.get(&format!("/donnees/2026-03-18_maillage_lieux-de-mediation-numerique_france.{extension}")).await.expect(200);
        }
        b.get("/donnees/2026-03-17_maillage_lieux-de-mediation-numerique_france.csv").await.expect(404);
        b.get("/donnees/lieux.exe").await.expect(404);
        b.get("/donnees/lieux.csv?ou=Xyzzyville").await.expect(400);
        b.get("/donnees").await.expect(200).says("Licence Ouverte").says("aide-demarches");
    }
}

/// A query of hostile pieces: known names with any value, any name with any value.
fn requete() -> impl Strategy<Value = String> {
    let noms = prop::sample::select(vec![
        "q",
        "ou",
        "lat",
        "lon",
        "rayon",
        "bbox",
        "page",
        "taille",
        "format",
        "services",
        "frais",
        "ouvert",
        "jours",
        "departement",
        "region",
        "epci",
        "commune",
        "typologie",
        "lieu",
        "jour",
        "heure",
        "source",
        "etape",
        "titre",
        "couleur",
        "nombre",
        "%00",
        "",
    ]);
    let valeurs = prop_oneof![
        any::<String>(),
        any::<f64>().prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "Guéret",
            "Paris 11e",
            "23",
            "2A",
            "23096",
            "Saint-Denis",
            "NaN",
            "inf",
            "-0",
            "1e308",
            "tous",
            "aide-demarches",
            "maintenant",
            "samedi",
            "2026-03-21",
            "24:00",
            "-262143-01-01",
            "%",
            "%zz",
            "' OR 1=1 --",
            "<script>",
            "\u{202e}",
            "\0",
            "18446744073709551615",
            "0.00000001",
        ])
        .prop_map(str::to_owned),
    ];
    let paire = (noms, valeurs, any::<bool>()).prop_map(|(nom, valeur, code)| {
        if code {
            url::form_urlencoded::Serializer::new(String::new()).append_pair(nom, &valeur).finish()
        } else {
            let brute: String = valeur.chars().filter(|c| c.is_ascii_graphic() && *c != '#').collect();
            format!("{nom}={brute}")
        }
    });
    prop::collection::vec(paire, 0..6).prop_map(|p| p.join("&"))
}

#[test]
fn any_query_gives_a_page_or_a_refusal() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (t, b) = runtime.block_on(async {
        let t = TestSite::sqlite(migrations()).await;
        let (_, b) = annuaire(&t).await;
        (t, b)
    });
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = prop::test_runner::TestRunner::new(config);
    runner
        .run(&(requete(), ".{0,40}"), |(requete, segment)| {
            let segment: String = url::form_urlencoded::byte_serialize(segment.as_bytes()).collect();
            for chemin in [
                format!("/lieux?{requete}"),
                format!("/lieux/carte.geojson?{requete}"),
                format!("/lieux/compte?{requete}"),
                format!("/integrer?{requete}"),
                format!("/integrer/cadre?{requete}"),
                format!("/integrer/lieux.json?{requete}"),
                format!("/orientation?etape={segment}&{requete}"),
                format!("/api/v1/lieux?{requete}"),
                format!("/donnees/lieux.json?{requete}"),
                format!("/lieux/{segment}"),
                format!("/api/v1/lieux/{segment}?{requete}"),
                format!("/donnees/{segment}"),
            ] {
                if chemin.parse::<axum::http::Uri>().is_err() {
                    continue;
                }
                let reponse = runtime.block_on(b.clone().get(&chemin));
                prop_assert!(reponse.status.as_u16() < 500, "{} {}", chemin, reponse.status);
            }
            Ok(())
        })
        .unwrap();
    drop(t);
}
