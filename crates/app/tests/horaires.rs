//! The whole program: hours from French to OSM and back, without a database.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn maillage(arguments: &[&str], entree: &[u8]) -> Output {
    let mut enfant = Command::new(env!("CARGO_BIN_EXE_maillage"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut vers = enfant.stdin.take().unwrap();
    let entree = entree.to_vec();
    let ecrit = std::thread::spawn(move || {
        let _ = vers.write_all(&entree);
    });
    let sortie = enfant.wait_with_output().unwrap();
    ecrit.join().unwrap();
    sortie
}

fn objets(sortie: &Output) -> Vec<Value> {
    String::from_utf8(sortie.stdout.clone())
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn each_line_becomes_one_object() {
    let mut entree = b"Du lundi au vendredi de 9h \xc3\xa0 12h\nMo-Fr 09:00-12:00; PH off\n\n".to_vec();
    entree.extend_from_slice(b"lundi 9h-12h, \xff\xfe selon planning\r\n");
    entree.extend(std::iter::repeat_n(b'x', 300_000));
    entree.extend_from_slice("\nmardi 14h-17h".as_bytes());
    let sortie = maillage(&["horaires", "convert"], &entree);
    assert!(sortie.status.success());
    let objets = objets(&sortie);
    assert_eq!(objets.len(), 6);
    assert_eq!(objets[0]["osm"], "Mo-Fr 09:00-12:00");
    assert_eq!(objets[0]["not_understood"], serde_json::json!([]));
    assert_eq!(objets[1]["osm"], objets[1]["input"]);
    assert_eq!((&objets[2]["osm"], &objets[2]["input"]), (&Value::Null, &Value::from("")));
    assert_eq!(objets[3]["osm"], "Mo 09:00-12:00");
    assert!(objets[3]["not_understood"][0].as_str().unwrap().contains("selon planning"));
    assert_eq!(objets[4]["osm"], Value::Null);
    assert!(!objets[4]["not_understood"].as_array().unwrap().is_empty());
    assert_eq!(objets[5]["osm"], "Tu 14:00-17:00");
}

#[test]
fn expressions_are_explained() {
    let sortie = maillage(&["horaires", "explain", "Mo-Fr 09:00-12:00; PH off"], b"");
    assert!(sortie.status.success());
    let dit = String::from_utf8(sortie.stdout).unwrap();
    assert_eq!(dit, "Du lundi au vendredi de 9 h à 12 h ; fermé les jours fériés\n");

    let sortie = maillage(&["horaires", "explain"], b"24/7\nTh[1] 14:00-17:00\n");
    assert!(sortie.status.success());
    let dit = String::from_utf8(sortie.stdout).unwrap();
    assert_eq!(dit, "24 h sur 24, 7 jours sur 7\nLe 1er jeudi du mois de 14 h à 17 h\n");
}

#[test]
fn what_is_no_expression_is_refused() {
    let sortie = maillage(&["horaires", "explain", "lundi 9h"], b"");
    assert_eq!(sortie.status.code(), Some(1));
    assert!(String::from_utf8(sortie.stderr).unwrap().contains("n’est plus comprise"));
    let sortie = maillage(&["horaires", "explain"], b"24/7\nlundi\n");
    assert_eq!(sortie.status.code(), Some(1));
    assert_eq!(String::from_utf8(sortie.stdout).unwrap().lines().count(), 2);
    assert_eq!(maillage(&["horaires", "traduire"], b"").status.code(), Some(2));
}
