//! The whole program: a mandat verified off line.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn anciens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mandats/src/document/anciens")
}

/// Status, standard output, error output.
fn verify(arguments: &[&Path]) -> (i32, String, String) {
    let sortie = Command::new(env!("CARGO_BIN_EXE_maillage"))
        .args(["mandat", "verify"])
        .args(arguments)
        .output()
        .unwrap();
    (
        sortie.status.code().unwrap(),
        String::from_utf8(sortie.stdout).unwrap(),
        String::from_utf8(sortie.stderr).unwrap(),
    )
}

#[test]
fn authentic_refused_and_badly_called() {
    let dossier = tempfile::tempdir().unwrap();
    let (mandat, cles) = (anciens().join("v1-presence.json"), anciens().join("cles.json"));
    let option = Path::new("--cles");

    let (statut, dit, _) = verify(&[&mandat, option, &cles]);
    assert_eq!(statut, 0);
    assert!(dit.starts_with("Authentique : "), "{dit}");
    assert!(dit.ends_with(&std::fs::read_to_string(anciens().join("v1-presence.txt")).unwrap()), "{dit}");

    let change = dossier.path().join("change.json");
    std::fs::write(&change, std::fs::read_to_string(&mandat).unwrap().replace("DIALLO", "DUPONT")).unwrap();
    let autres = dossier.path().join("autres.json");
    std::fs::write(&autres, r#"{"keys":[]}"#).unwrap();
    let gros = dossier.path().join("gros.json");
    std::fs::write(&gros, vec![b' '; 1 << 20]).unwrap();
    let absent = dossier.path().join("absent.json");
    let transfert = Path::new("--transfert");
    let refuses: [(&[&Path], &str); 10] = [
        (&[&mandat], "rien ne dit qui l’a signé"),
        (&[&change], "La signature ne correspond pas"),
        (&[&change, option, &cles], "La signature ne correspond pas"),
        (&[&mandat, option, &autres], "aucune clé qui puisse vérifier"),
        (&[&mandat, option, &mandat], "n’est pas un jeu de clés publiques"),
        (&[&cles, option, &cles], "n’est pas un mandat"),
        (&[&gros, option, &cles], "dépasse 64 Kio"),
        (&[&absent, option, &cles], "ne peut être lu"),
        (&[&mandat, option, &cles, transfert, &mandat], "n’est pas un acte de transfert"),
        (&[&mandat, option, &cles, transfert, &gros], "dépasse 64 Kio"),
    ];
    for (arguments, pourquoi) in refuses {
        let (statut, dit, refus) = verify(arguments);
        assert_eq!((statut, dit.as_str()), (1, ""), "{refus}");
        assert!(refus.contains(pourquoi), "{refus}");
    }

    assert_eq!(verify(&[]).0, 2);
    assert_eq!(verify(&[&mandat, Path::new("--cle")]).0, 2);
}

#[test]
fn the_address_of_a_mandat_fits_a_code() {
    let cles = oidc::jose::KeySet::parse(&std::fs::read(anciens().join("cles.json")).unwrap()).unwrap();
    let fichier = std::fs::read(anciens().join("v1-distance.json")).unwrap();
    let signe = mandats::document::verifie(&fichier, &cles).unwrap();
    let adresse = mandats::document::adresse("https://maillage.inclusion-numerique.example", &signe);
    assert!(platform::web::qr::svg(&adresse).is_some(), "{adresse}");
}
