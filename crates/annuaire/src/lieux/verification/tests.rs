use std::io::Cursor;

use super::super::normalisation::LecteurStandard;
use super::*;

const ENTETE: &str = "id,pivot,nom,commune,code_postal,code_insee,adresse,complement_adresse,latitude,longitude,typologie,telephone,courriels,site_web,horaires,presentation_resume,presentation_detail,source,itinerance,structure_parente,date_maj,services,publics_specifiquement_adresses,prise_en_charge_specifique,frais_a_charge,dispositif_programmes_nationaux,formations_labels,autres_formations_labels,modalites_acces,modalites_accompagnement,fiche_acces_libre,prise_rdv";
const BON: [&str; 32] = [
    "1",
    "43493312300029",
    "Anonymal",
    "Reims",
    "51100",
    "51454",
    "12 rue X",
    "",
    "49.25",
    "4.03",
    "ASSO",
    "+33326000000",
    "a@b.fr",
    "https://a.fr",
    "Mo-Fr 09:00-12:00",
    "",
    "",
    "S",
    "Fixe",
    "",
    "2024-04-02",
    "Aide aux démarches administratives",
    "",
    "",
    "Gratuit",
    "",
    "",
    "",
    "Se présenter",
    "",
    "",
    "",
];

fn fichier(lignes: &[Vec<(Champ, &str)>]) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(ENTETE.split(',')).unwrap();
    for (i, changes) in lignes.iter().enumerate() {
        let mut ligne: Vec<String> = BON.iter().map(|v| (*v).to_owned()).collect();
        ligne[0] = (i + 1).to_string();
        for (champ, valeur) in changes {
            ligne[champ.rang()] = (*valeur).to_owned();
        }
        csv.write_record(&ligne).unwrap();
    }
    String::from_utf8(csv.into_inner().unwrap()).unwrap()
}

fn controle(texte: &str) -> (Verdict, Vec<Faute>, Vec<Faute>) {
    let (mut fautes, mut conseils) = (Vec::new(), Vec::new());
    let jour = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let mut lecteur = LecteurStandard::default();
    let (verdict, _) = verifie(Cursor::new(texte.as_bytes()), &mut lecteur, None, jour, &mut |t| {
        match t {
            Trouve::Faute(f) => fautes.push(f),
            Trouve::Conseil(f) => conseils.push(f),
            Trouve::Fiche(_) => {}
        }
        Ok(())
    })
    .unwrap();
    (verdict, fautes, conseils)
}

#[test]
fn a_valid_file_has_no_fault() {
    let (verdict, fautes, _) = controle(&fichier(&[vec![], vec![]]));
    assert_eq!(fautes, []);
    assert!(verdict.standard_valid && verdict.records == 2 && verdict.refused == 0);
}

#[test]
fn every_faulty_cell_is_named_once() {
    use Champ::*;
    use Gravite::{Fatal, Ignored, Repaired};
    let long = "x".repeat(300);
    for (champ, valeur, rule, level, after, standard) in [
        (Nom, "", "nom-absent", Fatal, None, Some("required")),
        (Id, "", "id-absent", Fatal, None, Some("required")),
        (Pivot, "", "pivot-absent", Ignored, Some("00000000000000"), Some("required")),
        (Pivot, "434 933 123 00029", "pivot-format", Repaired, Some("43493312300029"), Some("pattern")),
        (Pivot, "43493312300028", "pivot-faux", Ignored, Some("00000000000000"), None),
        (CodePostal, "5110", "code-postal-format", Repaired, Some("05110"), Some("pattern")),
        (CodePostal, "", "code-postal-absent", Ignored, Some(""), Some("required")),
        (CodeInsee, "2a004", "code-insee-format", Repaired, Some("2A004"), Some("pattern")),
        (Adresse, "", "adresse-absente", Ignored, Some(""), Some("required")),
        (Latitude, "49,25", "position-virgule", Repaired, Some("49.25"), Some("type")),
        (Longitude, "4,03", "position-virgule", Repaired, Some("4.03"), Some("type")),
        (Longitude, "", "position-incomplete", Ignored, Some(""), None),
        (Latitude, "abc", "position-illisible", Ignored, Some(""), Some("type")),
        (Telephone, "03 26 00 00 01", "telephone-format", Repaired, Some("+33326000001"), Some("pattern")),
        (Telephone, "3949", "telephone-court", Ignored, Some(""), Some("pattern")),
        (Courriels, "a@b", "courriel-illisible", Ignored, Some(""), None),
        (SiteWeb, "a.fr", "url-format", Repaired, Some("https://a.fr"), None),
        (Horaires, "zzz", "horaires-non-compris", Ignored, Some("zzz"), None),
        (DateMaj, "02/04/2024", "date-format", Repaired, Some("2024-04-02"), Some("type")),
        (DateMaj, "", "date-absente", Ignored, Some(""), Some("required")),
        (Services, "Cuisine", "liste-inconnue", Ignored, Some(""), Some("pattern")),
        (FraisACharge, "gratuit", "liste-graphie", Repaired, Some("Gratuit"), Some("pattern")),
        (
            FraisACharge,
            "Gratuit;Payant",
            "liste-separateur",
            Repaired,
            Some("Gratuit|Payant"),
            Some("pattern"),
        ),
        (FraisACharge, "Cher|gratuit|Trop", "liste-inconnue", Ignored, Some("Gratuit"), Some("pattern")),
        (PresentationResume, &long, "resume-long", Repaired, None, Some("maxLength")),
    ] {
        let (verdict, fautes, _) = controle(&fichier(&[vec![], vec![(champ, valeur)]]));
        assert_eq!(fautes.len(), 1, "{} {valeur:?}: {fautes:#?}", champ.nom());
        let f = &fautes[0];
        assert_eq!(
            (f.line, f.record, f.field.as_str(), f.value.as_str(), f.rule.as_str(), f.level, f.standard),
            (3, 2, champ.nom(), valeur, rule, level, standard),
            "{f:?}"
        );
        if champ != PresentationResume {
            assert_eq!(f.after.as_deref(), after, "{f:?}");
        }
        assert_eq!(verdict.standard_valid, standard.is_none());
    }
    let (_, fautes, _) = controle(&fichier(&[vec![(Latitude, "49,25"), (Longitude, "4,03")]]));
    assert_eq!(fautes.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["latitude", "longitude"]);
    let (_, fautes, _) = controle(&fichier(&[vec![], vec![(Id, "1")]]));
    assert_eq!(
        (fautes.len(), fautes[0].rule.as_str(), fautes[0].standard),
        (1, "id-double", Some("primary-key"))
    );
}

#[test]
fn the_header_is_checked_once() {
    let texte = fichier(&[vec![], vec![]]);
    let (_, fautes, _) =
        controle(&texte.replacen(",prise_rdv", ",prise_rdv,autre", 1).replace("2024-04-02", "2024-04-03"));
    assert_eq!(
        fautes.iter().filter(|f| f.record == 0).map(|f| f.rule.as_str()).collect::<Vec<_>>(),
        ["colonne-inconnue"]
    );
    let (_, fautes, _) = controle("id,nom\n1,A\n2,B\n");
    assert_eq!(fautes.iter().filter(|f| f.rule == "colonne-absente").count(), 30);
    let (_, fautes, _) = controle(&texte.replacen("id,pivot", "ID,pivot", 1));
    assert_eq!(
        (fautes.len(), fautes[0].rule.as_str(), fautes[0].after.as_deref()),
        (1, "colonne-nom", Some("id"))
    );
    let (_, fautes, conseils) = controle(
        &texte
            .replacen(",prise_rdv", ",labels_nationaux", 1)
            .replace("Se présenter,,,", "Se présenter,,,CNFS"),
    );
    assert_eq!(
        fautes.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(),
        ["colonne-absente", "colonne-0.1"]
    );
    assert!(conseils.iter().all(|c| c.rule == "migration-0.1"), "{conseils:?}");
    let (_, fautes, _) = controle(&format!("{texte}\n\n"));
    assert!(fautes.iter().all(|f| f.rule == "ligne-vide"), "{fautes:?}");
}

proptest::proptest! {
    #[test]
    fn no_cell_breaks_the_check(rang in 0usize..32, valeur in "\\PC{0,40}") {
        let champ = Champ::TOUS[rang];
        let texte = fichier(&[vec![(champ, valeur.as_str())]]);
        let (v, fautes, _) = controle(&texte);
        let mut cles: Vec<(u64, &str)> = fautes.iter().map(|f| (f.line, f.field.as_str())).collect();
        cles.sort_unstable();
        cles.dedup();
        proptest::prop_assert_eq!(cles.len(), fautes.len(), "each cell once: {:?}", fautes);
        proptest::prop_assert_eq!(verdict(champ, &valeur).is_some(), !v.standard_valid, "{:?}", fautes);
    }
}

/// A file of a territory with one fault of every kind, counted by hand: the check names those cells, and no other.
#[test]
fn faults_that_were_counted_by_hand() {
    let fichier = include_str!("../../../testdata/fautes.csv");
    let comptees = include_str!("../../../testdata/fautes-attendues.csv");
    let mut attendues: Vec<String> = comptees.lines().skip(1).map(str::to_owned).collect();
    let territoires = crate::territoires::Territoires::new(&std::collections::HashMap::new()).unwrap();
    let mut fautes = Vec::new();
    let jour = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let source = Cursor::new(fichier.as_bytes());
    let (verdict, _) =
        verifie(source, &mut LecteurStandard::default(), Some(&territoires), jour, &mut |trouve| {
            if let Trouve::Faute(f) = trouve {
                fautes.push(f);
            }
            Ok(())
        })
        .unwrap();
    let mut trouvees: Vec<String> = fautes.iter().map(|f| format!("{},{}", f.line, f.field)).collect();
    trouvees.sort();
    attendues.sort();
    assert_eq!(trouvees, attendues);
    assert_eq!((verdict.records, verdict.faults), (89, attendues.len() as u64));
    let regle = |ligne: u64| {
        fautes.iter().find(|f| f.line == ligne).map(|f| (f.rule.as_str(), f.level, f.after.as_deref()))
    };
    // The code that the name, the postal code and the point belie; the one that a spreadsheet cut.
    assert_eq!(regle(22), Some(("code-insee-autre", Gravite::Ignored, Some("23097"))));
    assert_eq!(regle(23).map(|r| (r.1, r.2)), Some((Gravite::Repaired, Some("23096"))));
    assert_eq!(regle(18).map(|r| (r.1, r.2)), Some((Gravite::Repaired, Some("23000"))));
    assert_eq!(regle(25).map(|r| r.0), Some("commune-autre"));
}
