//! Tests on the public files that stand beside the repository: real deliveries, the schema, an oracle
//! of the migration. They say that the files are absent where they are.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::NaiveDate;
use kernel::Chance;

use super::correspondance::{Application, fournie};
use super::export::{Ecrivain, Format};
use super::horaires::verifie_osm;
use super::lecture::{Evenement, lire};
use super::normalisation::{LecteurStandard, Normaliseur, Traducteur};
use super::rapport::{Comptes, Niveau, Rapport, SansTrace};
use super::standard::{Champ, Defaut, Fiche, verdict};
use super::{Etat, Lieu};
use crate::territoires::Territoires;

fn racine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(super) fn donnee(nom: &str) -> Option<PathBuf> {
    let dossier = std::env::var_os("MAILLAGE_SHARED_DATA")
        .map_or_else(|| racine().join("../shared/data"), PathBuf::from);
    let chemin = dossier.join(nom);
    if chemin.exists() {
        return Some(chemin);
    }
    println!("Fichier absent, essai omis : {}", chemin.display());
    None
}

pub(super) struct Lus {
    pub(super) fiches: Vec<Fiche>,
    refuses: usize,
    comptes: Comptes,
}

pub(super) fn lus(chemin: &Path, mut traducteur: impl Traducteur, territoires: Option<&Territoires>) -> Lus {
    let mut puits = SansTrace;
    let mut rapport = Rapport::new(&mut puits);
    let communes = territoires.map(|t| t as &dyn super::Communes);
    let mut normaliseur = Normaliseur::new(communes, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
    let (mut fiches, mut refuses) = (Vec::new(), 0);
    lire(std::fs::File::open(chemin).unwrap(), &traducteur.consignes(), &mut |e| {
        match e {
            Evenement::Entete(entete) => traducteur.entete(&entete, &mut rapport).unwrap(),
            Evenement::Anomalie { .. } => {}
            Evenement::Enregistrement(r) => {
                let brut = traducteur.traduit(&r, &mut rapport).unwrap();
                match normaliseur.fiche(&brut, &mut rapport) {
                    Some(f) => fiches.push(f),
                    None => refuses += 1,
                }
            }
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    Lus { fiches, refuses, comptes: rapport.comptes().unwrap() }
}

/// The same 646 lieux in both versions of the standard: what our migration gives from 0.1 is compared
/// with what the official one gave, field by field.
#[test]
fn our_migration_agrees_with_the_official_one() {
    let (Some(v0), Some(v1)) =
        (donnee("lieux/standard/hub-du-sud.v0.json"), donnee("lieux/standard/hub-du-sud.v1.json"))
    else {
        return;
    };
    let notre = lus(&v0, LecteurStandard::default(), None);
    let officiel: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(&v1).unwrap()).unwrap();
    assert_eq!((notre.fiches.len(), notre.refuses, officiel.len()), (646, 0, 646));
    let officiel: HashMap<&str, &serde_json::Value> =
        officiel.iter().map(|o| (o["id"].as_str().unwrap(), o)).collect();
    // Fields, and in how many lieux ours differs, with the reason.
    for (champ, ecarts_attendus) in [
        // « Promouvoir la citoyenneté numérique », which the official migration dropped in eight rows:
        // we keep its sense. Order and doubles apart.
        (Champ::Services, 8),
        (Champ::FraisACharge, 0),
        (Champ::ModalitesAccompagnement, 0),
        // The official migration translated « Jeunes » in 27 rows and left `publics_accueillis` as it
        // was in the others: we translate them all.
        (Champ::PublicsSpecifiquementAdresses, 125),
        // It left `labels_nationaux` as it was: we translate them all.
        (Champ::DispositifProgrammesNationaux, 471),
        (Champ::Courriels, 0),
        (Champ::Telephone, 0),
        (Champ::SiteWeb, 0),
        (Champ::Pivot, 0),
        (Champ::DateMaj, 0),
        (Champ::Adresse, 0),
        (Champ::Commune, 0),
    ] {
        let mut ecarts = Vec::new();
        for fiche in &notre.fiches {
            let officielle = officiel[fiche.id.as_ref()][champ.nom()].as_str().unwrap_or("");
            let ensemble = |v: &str| {
                let mut valeurs: Vec<String> =
                    v.split('|').filter(|m| !m.is_empty()).map(str::to_owned).collect();
                valeurs.sort();
                valeurs.dedup();
                valeurs
            };
            if ensemble(&fiche.valeur(champ)) != ensemble(officielle) {
                ecarts.push((fiche.id.to_string(), fiche.valeur(champ).into_owned(), officielle.to_owned()));
            }
        }
        println!("{} : {} accords sur 646", champ.nom(), 646 - ecarts.len());
        let montre: Vec<_> = ecarts.iter().take(3).collect();
        assert_eq!(ecarts.len(), ecarts_attendus, "{} {montre:#?}", champ.nom());
    }
}

/// Every source that stands beside the repository is read whole by the mapping that ships for it: what
/// is not taken is refused with its reason, and the hours are OSM.
#[test]
fn every_sample_source_has_its_mapping() {
    let territoires = Territoires::new(&HashMap::new()).unwrap();
    // File, mapping, records, refused, fewest that have OSM hours.
    for (fichier, nom, lus_attendus, refuses, horaires_min) in [
        ("conseillers-numeriques.json", "conseillers-numeriques", 2_733, 0, 2_370),
        ("gironde.json", "gironde", 347, 0, 0),
        ("hub-lo.json", "hub-lo", 426, 0, 41),
        ("la-creuse.json", "la-creuse", 91, 0, 30),
        ("angers.json", "angers", 63, 0, 39),
    ] {
        let Some(chemin) = donnee(&format!("lieux/sources/{fichier}")) else { continue };
        let lus = lus(&chemin, Application::new(fournie(nom).unwrap()), Some(&territoires));
        let osm =
            lus.fiches.iter().filter(|f| !f.horaires.is_empty() && verifie_osm(&f.horaires).is_ok()).count();
        println!("{nom} : {osm} lieux ont des horaires OSM");
        assert_eq!((lus.fiches.len() + lus.refuses, lus.refuses), (lus_attendus, refuses), "{nom}");
        assert!(osm >= horaires_min, "{nom} {osm}");
        let mut ids: Vec<&str> = lus.fiches.iter().map(|f| f.id.as_ref()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), lus.fiches.len(), "{nom}: identifiers");
    }
}

#[test]
fn the_list_of_france_services_is_read_whole() {
    let Some(chemin) = donnee("lieux/sources/france-services.csv") else { return };
    let territoires = Territoires::new(&HashMap::new()).unwrap();
    let lus = lus(&chemin, Application::new(fournie("france-services").unwrap()), Some(&territoires));
    assert_eq!(lus.fiches.len() + lus.refuses, 2_683);
    // Twenty-six rows have neither commune, nor code, nor address, nor point.
    assert_eq!(lus.refuses, 26);
    assert_eq!(lus.comptes.termes, []);
    let avec_horaires = lus.fiches.iter().filter(|f| !f.horaires.is_empty());
    for fiche in avec_horaires.clone() {
        assert_eq!(verifie_osm(&fiche.horaires), Ok(()), "{}", fiche.horaires);
    }
    assert!(avec_horaires.count() > 2_500);
    let non_compris = lus.comptes.regles.iter().find(|r| r.regle == "horaires-jours-non-compris");
    assert!(non_compris.is_some_and(|r| r.nombre <= 2), "{non_compris:?}");
    assert!(lus.fiches.iter().filter(|f| f.code_insee.is_none()).count() <= 1);
    let conformes = lus.fiches.iter().filter(|f| f.defauts().is_empty()).count();
    assert_eq!(conformes, lus.fiches.len());
    // Pure digits and arrondissements do not make noise.
    let contredits = lus.comptes.regles.iter().find(|r| r.regle == "commune-autre").map_or(0, |r| r.nombre);
    // Three rows bear the code of a neighbour, two a name that the commune has no more or not yet.
    assert!(contredits <= 5, "{contredits}");
}

/// A Python that has frictionless: that of `make test`, or the system's.
pub(crate) fn frictionless() -> Option<PathBuf> {
    let candidats = [racine().join("target/venv/bin/python"), PathBuf::from("python3")];
    let trouve = candidats.into_iter().find(|python| {
        let essai = Command::new(python).args(["-c", "import frictionless"]).stderr(Stdio::null()).status();
        essai.is_ok_and(|s| s.success())
    });
    if trouve.is_none() {
        println!("frictionless absent, essai omis (make test l’installe).");
    }
    trouve
}

/// What frictionless says of a file: (row from 2, field, kind of error) for each cell.
const SCRIPT: &str = r#"
import json, sys
from frictionless import Resource, Schema, Detector
schema = Schema.from_descriptor(json.load(open(sys.argv[1])))
rapport = Resource(path=sys.argv[2], basepath=sys.argv[3], schema=schema).validate(limit_errors=1000000)
erreurs = [[getattr(e, "row_number", 0), getattr(e, "field_name", ""), e.type, e.note] for t in rapport.tasks for e in t.errors]
print(json.dumps({"valide": rapport.valid, "erreurs": erreurs}))
"#;

pub(crate) fn valide(python: &Path, schema: &Path, csv: &[u8]) -> serde_json::Value {
    let dossier = tempfile::tempdir().unwrap();
    let mut fichier = std::fs::File::create(dossier.path().join("lieux.csv")).unwrap();
    fichier.write_all(csv).unwrap();
    let sortie = Command::new(python)
        .args(["-c", SCRIPT])
        .args([schema, Path::new("lieux.csv"), dossier.path()])
        .output()
        .unwrap();
    assert!(sortie.status.success(), "{}", String::from_utf8_lossy(&sortie.stderr));
    serde_json::from_slice(&sortie.stdout).unwrap()
}

fn lieu(fiche: Fiche) -> Lieu {
    Lieu {
        id: super::LieuId(uuid::Uuid::nil()),
        fiche,
        etat: Etat::Ouvert,
        source: "Essai".to_owned(),
        cree_le: chrono::DateTime::UNIX_EPOCH,
        modifie_le: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn frictionless_accepts_our_csv_without_error() {
    let (Some(python), Some(schema)) =
        (frictionless(), donnee("standard-lieux-mediation-numerique.schema.json"))
    else {
        return;
    };
    let mut csv = Vec::new();
    let mut ecrivain = Ecrivain::new(Format::Csv, &mut csv).unwrap();
    let mut n = 0;
    for nom in [
        "lieux/standard/hub-du-sud.v0.json",
        "lieux/sources/conseillers-numeriques.json",
        "lieux/sources/la-creuse.json",
    ] {
        let Some(chemin) = donnee(nom) else { return };
        for mut fiche in lus(&chemin, LecteurStandard::default(), None).fiches {
            n += 1;
            fiche.id = n.to_string().into();
            ecrivain.ecrit(&lieu(fiche)).unwrap();
        }
    }
    let toutes = super::standard::Liste::exacte("Étapes numériques (La Poste)|ORDI 3.0").unwrap();
    let etapes = Fiche {
        id: "x".into(),
        nom: "X".into(),
        commune: "X".into(),
        adresse: "X\n\"Y\"".into(),
        code_postal: kernel::CodePostal::parse("75001"),
        formations_labels: toutes,
        ..Fiche::default()
    };
    ecrivain.ecrit(&lieu(etapes)).unwrap();
    let ecrits = ecrivain.termine().unwrap();
    assert!(ecrits.lieux > 3_400, "{ecrits:?}");
    let rapport = valide(&python, &schema, &csv);
    assert_eq!(rapport["valide"], true, "{rapport}");
}

/// Cells of every kind, good and bad: our verdict is that of frictionless, cell by cell.
#[test]
fn our_verdict_is_that_of_frictionless() {
    let (Some(python), Some(schema)) =
        (frictionless(), donnee("standard-lieux-mediation-numerique.schema.json"))
    else {
        return;
    };
    let base = |champ: Champ| match champ {
        Champ::Pivot => "00000000000000",
        Champ::CodePostal => "51100",
        Champ::DateMaj => "2024-04-02",
        Champ::Nom | Champ::Commune | Champ::Adresse => "X",
        _ => "",
    };
    let pieces = [
        "Gratuit",
        "Payant",
        "Gratuit sous condition",
        "|",
        ";",
        " ",
        "Jeunes",
        "ORDI 3.0",
        "ORDI 3-0",
        "Étapes numériques(La Poste)",
        "Étapes numériques (La Poste)",
        "+33",
        "+262",
        "0",
        "12345",
        "123456",
        "W",
        "2A",
        "20",
        "97",
        "-",
        ".",
        ",",
        "1e5",
        "NaN",
        "2024",
        "-04-02",
        "-4-2",
        "13",
        "é",
        "Fixe",
        "En autonomie",
        "Se présenter",
        "Surdité",
        "_",
        "https://x.fr",
        "\n",
        "\"",
        "Aide aux démarches administratives",
        "France Services",
        "x",
    ];
    let chance = Chance::seeded(7);
    let mut cellules: Vec<(Champ, String)> = Vec::new();
    for _ in 0..4_000 {
        let champ = Champ::TOUS[usize::try_from(chance.below(32)).unwrap()];
        let n = chance.below(4);
        let texte: String =
            (0..n).map(|_| pieces[usize::try_from(chance.below(pieces.len() as u64)).unwrap()]).collect();
        cellules.push((champ, texte));
    }
    cellules.push((Champ::PresentationResume, "é".repeat(280)));
    cellules.push((Champ::PresentationResume, "é".repeat(281)));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(Champ::TOUS.iter().map(|c| c.nom())).unwrap();
    for (i, (champ, texte)) in cellules.iter().enumerate() {
        let id = format!("id{i}");
        csv.write_record(Champ::TOUS.iter().map(|c| match c {
            c if c == champ => texte.clone(),
            Champ::Id => id.clone(),
            autre => base(*autre).to_owned(),
        }))
        .unwrap();
    }
    let rapport = valide(&python, &schema, &csv.into_inner().unwrap());
    let mut leurs: HashMap<(u64, String), String> = HashMap::new();
    for e in rapport["erreurs"].as_array().unwrap() {
        let genre = match (e[2].as_str().unwrap(), e[3].as_str().unwrap()) {
            ("type-error", _) => "type",
            ("constraint-error", note) if note.contains("\"required\"") => "requis",
            ("constraint-error", note) if note.contains("\"maxLength\"") => "longueur",
            ("constraint-error", note) if note.contains("\"pattern\"") => "motif",
            // Uniqueness is told of rows, and holds for whole files.
            ("primary-key" | "unique-error", _) => continue,
            autre => panic!("{autre:?}"),
        };
        leurs.insert((e[0].as_u64().unwrap(), e[1].as_str().unwrap().to_owned()), genre.to_owned());
    }
    let mut fautes = 0;
    for (i, (champ, texte)) in cellules.iter().enumerate() {
        let notre = verdict(*champ, texte).map(|d| match d {
            Defaut::Requis => "requis",
            Defaut::Type => "type",
            Defaut::Motif => "motif",
            Defaut::Longueur => "longueur",
        });
        fautes += usize::from(notre.is_some());
        let ligne = i as u64 + 2;
        let leur = leurs.get(&(ligne, champ.nom().to_owned())).map(String::as_str);
        assert_eq!(notre, leur, "ligne {ligne}, {} = {texte:?}", champ.nom());
    }
    assert_eq!(fautes, leurs.len());
    assert!(fautes > 500);
}

/// Real shapes that are not those of the standard end in a sentence or a report, never in a panic.
#[test]
fn every_shared_file_is_read_even_damaged() {
    for nom in [
        "lieux/sources/gironde.json",
        "lieux/sources/hub-lo.json",
        "lieux/sources/angers.json",
        "lieux/sources/france-services.csv",
        "standard-exemple-valide.csv",
        "standard-lieux-mediation-numerique.schema.json",
    ] {
        let Some(chemin) = donnee(nom) else { return };
        let octets = std::fs::read(chemin).unwrap();
        let chance = Chance::seeded(3);
        for essai in 0..6 {
            let mut abimes = octets.clone();
            if essai % 2 == 1 {
                abimes.truncate(usize::try_from(chance.below(octets.len() as u64)).unwrap());
            }
            if essai > 1 {
                for _ in 0..20 {
                    if !abimes.is_empty() {
                        let i = usize::try_from(chance.below(abimes.len() as u64)).unwrap();
                        abimes[i] = chance.bytes::<1>()[0];
                    }
                }
            }
            let mut puits = SansTrace;
            let mut rapport = Rapport::new(&mut puits);
            let mut lecteur = LecteurStandard::default();
            let mut normaliseur = Normaliseur::new(None, NaiveDate::default());
            let _ = lire(Cursor::new(&abimes), &Default::default(), &mut |e| {
                if let Evenement::Enregistrement(r) = e {
                    let brut = lecteur.traduit(&r, &mut rapport);
                    let _ = brut.and_then(|b| normaliseur.fiche(&b, &mut rapport));
                }
                ControlFlow::Continue(())
            });
            let comptes = rapport.comptes().unwrap();
            assert!(comptes.cellules(Niveau::Refus) <= 10_000);
        }
    }
}
