//! Documents, read back by a program that nobody here wrote (pdfplumber, from `scripts/validateur.txt`).

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it could not do"
)]

use std::path::PathBuf;
use std::process::Command;

use chrono::{DateTime, Utc};
use platform::documents::{self, Acte, Bloc, Colonne, Document, Echec, Emetteur, Lettre, Tableau};
use serde_json::Value;
use testkit::TestSite;

fn le() -> DateTime<Utc> {
    "2026-04-01T09:30:00Z".parse().unwrap()
}

fn emetteur() -> Emetteur {
    Emetteur {
        nom: "Comité d’essai".to_owned(),
        lignes: vec!["Maillage, l’exploitant".to_owned()],
        mention: None,
    }
}

fn lettre(objet: &str, dit: &str) -> Lettre {
    Lettre {
        emetteur: emetteur(),
        destinataire: vec![
            "Mairie de Guéret".to_owned(),
            "1 place de la Mairie".to_owned(),
            "23000 Guéret".to_owned(),
        ],
        date: "Le 1er avril 2026".to_owned(),
        objet: objet.to_owned(),
        reference: "DE-12".to_owned(),
        appel: "Madame, Monsieur,".to_owned(),
        corps: vec![
            Bloc::texte(dit),
            Bloc::fort("Le comité vous accorde 2 postes."),
            Bloc::titre("La suite"),
            Bloc::Liste { points: vec!["Un premier point.".to_owned(), "Un second point.".to_owned()] },
        ],
        signature: vec!["Le comité d’essai".to_owned()],
    }
}

fn acte(lignes: Vec<Vec<String>>) -> Document {
    Document::Acte(Acte {
        emetteur: emetteur(),
        titre: "Procès-verbal de la séance 12".to_owned(),
        sous_titre: "Séance du 1er avril 2026".to_owned(),
        reference: "Procès-verbal de la séance 12".to_owned(),
        paysage: true,
        corps: vec![
            Bloc::titre("Décisions"),
            Bloc::Faits { faits: vec![("Accords".to_owned(), "2".to_owned())] },
            Bloc::Tableau(Tableau {
                legende: "Décisions du comité".to_owned(),
                colonnes: vec![
                    Colonne::mots("Demande", 2),
                    Colonne::mots("Structure", 5),
                    Colonne::nombres("Postes", 1),
                ],
                lignes,
            }),
        ],
        signature: vec!["Pour le comité".to_owned()],
    })
}

fn lignes(n: usize) -> Vec<Vec<String>> {
    (0..n).map(|i| vec![format!("DE-{i}"), "Mairie".to_owned(), i.to_string()]).collect()
}

/// What the reader says of each file; none when it is not installed.
fn lus(fichiers: &[Vec<u8>]) -> Option<Vec<Value>> {
    let ici = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = ici.join("../../target/venv/bin/python");
    let present = Command::new(&python).args(["-c", "import pdfplumber"]).status().is_ok_and(|s| s.success());
    if !present {
        eprintln!("pdfplumber absent : lecture du PDF omise (make test l’installe).");
        return None;
    }
    let dossier = tempfile::tempdir().unwrap();
    let mut lecteur = Command::new(&python);
    lecteur.arg(ici.join("tests/lit_pdf.py"));
    for (rang, octets) in fichiers.iter().enumerate() {
        let fichier = dossier.path().join(format!("{rang}.pdf"));
        std::fs::write(&fichier, octets).unwrap();
        lecteur.arg(fichier);
    }
    let sortie = lecteur.output().unwrap();
    assert!(sortie.status.success(), "{}", String::from_utf8_lossy(&sortie.stderr));
    Some(serde_json::from_slice(&sortie.stdout).unwrap())
}

/// What it says of one.
fn lu(octets: Vec<u8>) -> Option<Value> {
    lus(&[octets])?.pop()
}

/// What every file of the house says of itself.
fn est_accessible(v: &Value, titre: &str) {
    assert_eq!(v["langue"], "fr", "{v}");
    assert_eq!(v["titre"], titre);
    for vrai in ["marque", "titre_montre", "titre_dans_xmp", "polices_incorporees", "tabulation"] {
        assert_eq!(v[vrai], true, "{vrai}: {v}");
    }
    assert_eq!((v["pdfua"].as_str(), v["pdfa"].as_str()), (Some("1"), Some("2A")));
    // Nothing is seen that is not read, and nothing is out of the page.
    assert_eq!(v["hors_structure"], serde_json::json!([]));
    assert_eq!(v["depassent"], 0, "{v}");
}

/// Kinds and words, in the order in which they are read.
fn ordre(v: &Value) -> Vec<(String, String)> {
    let dit = |e: &Value| (e[0].as_str().unwrap().to_owned(), e[2].as_str().unwrap().trim().to_owned());
    v["ordre"].as_array().unwrap().iter().map(dit).collect()
}

/// The words alone, in one line.
fn mots(v: &Value) -> String {
    ordre(v).into_iter().map(|(_, m)| m).filter(|m| !m.is_empty()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_letter_is_read_in_the_order_of_a_letter() {
    let octets =
        documents::compose(&Document::lettre(lettre("Décision sur votre demande", "Bonjour.")), le())
            .unwrap();
    let Some(v) = lu(octets) else { return };
    est_accessible(&v, "Décision sur votre demande");
    assert_eq!(v["pages"], 1);
    let lus = mots(&v);
    let attendus = [
        "Comité d’essai",
        "Maillage, l’exploitant",
        "Mairie de Guéret",
        "23000 Guéret",
        "Le 1er avril 2026",
        "Objet",
        "Référence à rappeler",
        "Madame, Monsieur,",
        "Bonjour.",
        "Le comité vous accorde 2 postes.",
        "La suite",
        "Un premier point.",
        "Un second point.",
        "Le comité d’essai",
    ];
    let mut ici = 0;
    for attendu in attendus {
        let rang =
            lus[ici..].find(attendu).unwrap_or_else(|| panic!("« {attendu} » manque après {ici} : {lus}"));
        ici += rang;
    }
    let genres: Vec<String> = ordre(&v).into_iter().map(|(g, _)| g).collect();
    assert_eq!(genres.iter().filter(|g| *g == "H1").count(), 1, "{genres:?}");
    assert_eq!(genres.iter().filter(|g| *g == "H2").count(), 1);
    assert_eq!(genres.iter().filter(|g| *g == "LI").count(), 2);
}

#[test]
fn a_table_has_headers_of_columns_and_lines_on_every_page() {
    let octets = documents::compose(&acte(lignes(120)), le()).unwrap();
    let Some(v) = lu(octets) else { return };
    est_accessible(&v, "Procès-verbal de la séance 12");
    assert!(v["pages"].as_i64().unwrap() > 2);
    let cellules = |genre: &str, portee: Option<&str>| {
        let est = |e: &&Value| e[0] == genre && e[1].as_str().map(|s| s.trim_start_matches('/')) == portee;
        v["ordre"].as_array().unwrap().iter().filter(est).count()
    };
    // The head is repeated for the eye, and read once.
    assert_eq!(cellules("TH", Some("Column")), 3, "{v}");
    assert_eq!(cellules("TH", Some("Row")), 120);
    assert_eq!(cellules("TD", None), 240);
    assert!(mots(&v).contains("Décisions du comité"));
}

#[test]
fn what_people_type_stays_text() {
    let hostiles = [
        "#import \"@preview/x:1.0.0\": * #read(\"/etc/passwd\") #panic() #sys.inputs",
        "\\ \" ' ` $a^2$ *b* _c_ = Titre\n- point\n+ rang\n/ a: b <d> @e [f] {g} // h /* i */ ~ --- ...",
        "\"}], \"lettres\": [], \"x\": \"",
        "שלום עולם العربية مرحبا 123 français",
        "👩\u{200d}👩\u{200d}👧 🇫🇷 漢字 \u{e000}\u{f8ff}\u{0}\u{7}\u{202e}inverse\u{202c}",
        "e\u{301}\u{327}\u{323} a\u{30a} Z\u{351}\u{32b}\u{353}a\u{334}lgo",
        "ﷺ ﬁ ½ ™ № ← ≠ ∑ ∞ ☎ ♿",
    ];
    let mut fichiers = Vec::new();
    for dit in hostiles {
        for document in [
            Document::lettre(lettre(dit, dit)),
            acte(vec![vec![dit.to_owned(), dit.to_owned(), dit.to_owned()]]),
        ] {
            fichiers.push(documents::compose(&document, le()).unwrap_or_else(|e| panic!("{dit} : {e}")));
        }
    }
    let Some(lus) = lus(&fichiers) else { return };
    let sans_blanc = |s: &str| {
        s.chars()
            .filter(|c| !c.is_whitespace() && !['\u{200b}', '\u{ad}', '|'].contains(c))
            .collect::<String>()
    };
    for (v, dit) in lus.iter().zip(hostiles.iter().flat_map(|dit| [dit, dit])) {
        assert_eq!((v["pdfua"].as_str(), v["pdfa"].as_str()), (Some("1"), Some("2A")));
        assert_eq!(v["hors_structure"], serde_json::json!([]), "{dit}");
        if dit.is_ascii() {
            assert!(sans_blanc(&mots(v)).contains(&sans_blanc(dit)), "{dit} : {}", mots(v));
        }
    }
}

#[test]
fn long_texts_stay_in_the_page_and_whole() {
    let mot = "x".repeat(10_000);
    let phrases = "Une phrase de sept mots est ici. ".repeat(320);
    let mut fichiers = Vec::new();
    for dit in [mot.as_str(), phrases.as_str()] {
        fichiers.push(documents::compose(&Document::lettre(lettre(&dit[..200], dit)), le()).unwrap());
        let une = acte(vec![vec!["DE-1".to_owned(), dit.to_owned(), "3".to_owned()]]);
        fichiers.push(documents::compose(&une, le()).unwrap());
    }
    for (rang, v) in lus(&fichiers).unwrap_or_default().iter().enumerate() {
        assert_eq!(v["depassent"], 0);
        assert!(v["pages"].as_i64().unwrap() > 1);
        let (lettre, voulues) = if rang < 2 { ('x', 10_000) } else { ('h', 320) };
        assert!(mots(v).matches(lettre).count() >= voulues);
    }
    let trop = acte(vec![vec!["a".to_owned(), "b ".repeat(5 << 20), "c".to_owned()]]);
    assert!(matches!(documents::compose(&trop, le()), Err(Echec::TropLong)));
}

#[test]
fn the_same_document_is_the_same_file() {
    let document = Document::Lettres {
        titre: "Lettres".to_owned(),
        lettres: (0..5).map(|i| lettre(&format!("Objet {i}"), "Bonjour.")).collect(),
    };
    let une = documents::compose(&document, le()).unwrap();
    let _ = documents::compose(&acte(lignes(3)), le()).unwrap();
    assert!(une == documents::compose(&document, le()).unwrap());
    assert!(une != documents::compose(&document, le() + chrono::TimeDelta::days(1)).unwrap());
    let Some(v) = lu(une) else { return };
    est_accessible(&v, "Lettres");
    assert_eq!((v["pages"].as_i64(), v["plan"].as_i64()), (Some(5), Some(10)));
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    async fn a_file_is_kept_in_pieces_fetched_and_forgotten(t: TestSite) {
        let site = &t.site;
        let contenu: Vec<u8> = (0..1_300_000_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let conn = || site.db.read();
        assert!(documents::trouve(conn(), "essai/1").await.unwrap().is_none());
        // Nobody waits for it: nothing is kept.
        documents::enregistre(site, "essai/1", ("a.zip", "application/zip"), contenu.as_slice()).await.unwrap();
        assert!(documents::trouve(conn(), "essai/1").await.unwrap().is_none());
        let tache = kernel::ids::uuid_v7(&site.clock, &site.chance);
        site.db.write(async |tx| documents::ouvre(site, tx, "essai/1", tache).await).await.unwrap();
        let attend = documents::trouve(conn(), "essai/1").await.unwrap().unwrap();
        assert_eq!((attend.tache, attend.fait_le), (tache, None));
        // A job that runs twice keeps one file.
        for _ in 0..2 {
            documents::enregistre(site, "essai/1", ("a.zip", "application/zip"), contenu.as_slice()).await.unwrap();
        }
        let fait = documents::trouve(conn(), "essai/1").await.unwrap().unwrap();
        assert_eq!((fait.octets, fait.nom.as_str(), fait.fait_le.is_some()), (1_300_000, "a.zip", true));
        let reponse = documents::lit(site, &fait);
        let recu = axum::body::to_bytes(reponse.into_body(), 2_000_000).await.unwrap();
        assert!(recu == contenu);
        // Asked for again: the first one is forgotten at once.
        site.db.write(async |tx| documents::ouvre(site, tx, "essai/1", tache).await).await.unwrap();
        assert!(documents::trouve(conn(), "essai/1").await.unwrap().unwrap().fait_le.is_none());
        site.clock.advance(chrono::TimeDelta::days(6));
        assert_eq!(documents::clean_up(site).await.unwrap(), 0);
        site.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(documents::clean_up(site).await.unwrap(), 1);
        let restes = platform::db::kit::count(conn(), "SELECT COUNT(*) FROM document_morceau", []).await.unwrap();
        assert_eq!(restes, 0);
    }
}
