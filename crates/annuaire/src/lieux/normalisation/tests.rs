use std::io::Cursor;
use std::ops::ControlFlow;

use kernel::{CodeCommune, CodePostal, Position};
use proptest::prelude::*;

use super::*;
use crate::lieux::communes::CommuneVue;
use crate::lieux::lecture::{Evenement, lire};
use crate::lieux::rapport::{Puits, Rapport, SansTrace};
use crate::lieux::standard::{Liste, TYPOLOGIES, Valeur, verdict};

#[derive(Default)]
struct Memoire(Vec<(u64, String, &'static str, Option<String>)>);

impl Puits for Memoire {
    fn recoit(&mut self, c: &Constat<'_>) -> std::io::Result<()> {
        self.0.push((c.ligne, c.champ.to_owned(), c.regle.id, c.apres.map(str::to_owned)));
        Ok(())
    }
}

struct Table;
impl Communes for Table {
    fn par_code(&self, code: &CodeCommune) -> Option<CommuneVue> {
        (code.as_str() == "51454").then(|| CommuneVue {
            code: code.clone(),
            nom: "Reims".into(),
            position: Position::new(49.2577, 4.0319),
            codes_postaux: CodePostal::parse("51100").into_iter().collect(),
        })
    }
    fn actuelle(&self, _: &CodeCommune) -> Option<CodeCommune> {
        None
    }
    fn resoudre(&self, nom: &str, _: Option<&CodePostal>) -> Vec<CodeCommune> {
        (kernel::text::fold(nom) == "reims")
            .then(|| CodeCommune::parse("51454"))
            .flatten()
            .into_iter()
            .collect()
    }
}

fn aujourdhui() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

fn importe(texte: &str, communes: Option<&dyn Communes>) -> (Vec<Option<Fiche>>, Memoire) {
    let mut memoire = Memoire::default();
    let mut fiches = Vec::new();
    {
        let mut rapport = Rapport::new(&mut memoire);
        let mut normaliseur = Normaliseur::new(communes, aujourdhui());
        let mut lecteur = LecteurStandard::default();
        lire(Cursor::new(texte.as_bytes()), &Default::default(), &mut |e| {
            if let Evenement::Enregistrement(enregistrement) = e {
                fiches.push(normaliseur.fiche(&lecteur.brut(&enregistrement), &mut rapport));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    }
    (fiches, memoire)
}

#[test]
fn the_example_of_the_standard_lies_far_from_its_commune() {
    let texte = "id,pivot,nom,commune,code_postal,code_insee,adresse,latitude,longitude,date_maj,services\n\
                 s-1,43493312300029,Anonymal,Reims,51100,51454,12 BIS RUE DE LECLERCQ,43.52609,5.41423,2024-04-02,Loisirs et créations numériques\n";
    let (fiches, memoire) = importe(texte, Some(&Table));
    assert_eq!(fiches[0].as_ref().unwrap().defauts(), []);
    assert_eq!(memoire.0, [(2, "latitude".to_owned(), "position-loin", None)]);
    let (_, sans) = importe(texte, None);
    assert_eq!(sans.0, []);
}

#[test]
fn a_poor_record_is_completed_or_refused_with_its_reasons() {
    let texte = r#"[
        {"id": 1, "nom": "A", "pivot": "00000000000000", "commune": "REIMS", "adresse": "1 rue X, 51100 Reims", "courriel": "a@b.fr",
         "date_maj": "02/04/2024", "services": "Créer avec le numérique", "labels_nationaux": "CNFS;APTIC",
         "telephone": "03 26 00 00 01", "horaires": "Lundi 9h-12h"},
        {"id": 2, "nom": "", "commune": ""}
    ]"#;
    let (fiches, memoire) = importe(texte, Some(&Table));
    let fiche = fiches[0].as_ref().unwrap();
    assert_eq!(fiche.code_insee.as_ref().unwrap().as_str(), "51454");
    assert_eq!(fiche.code_postal.as_ref().unwrap().as_str(), "51100");
    assert_eq!(fiche.commune.as_ref(), "REIMS");
    assert_eq!(fiche.courriels.as_ref(), "a@b.fr");
    assert_eq!(fiche.dispositifs.to_string(), "Conseillers numériques");
    assert_eq!(fiche.autres_formations_labels.as_ref(), "APTIC");
    assert_eq!(fiche.horaires.as_ref(), "Mo 09:00-12:00");
    assert!(fiches[1].is_none());
    let regles: Vec<_> = memoire.0.iter().map(|(ligne, _, regle, _)| (*ligne, *regle)).collect();
    for attendu in [
        (1, "code-postal-adresse"),
        (1, "code-insee-trouve"),
        (1, "telephone-format"),
        (1, "date-format"),
        (1, "liste-synonyme"),
        (1, "migration-0.1"),
        (1, "horaires-francais"),
        (2, "nom-absent"),
        (2, "commune-absente"),
    ] {
        assert!(regles.contains(&attendu), "{attendu:?} in {regles:?}");
    }
}

#[test]
fn columns_are_known_but_for_case_and_accents() {
    assert_eq!(Colonne::de_nom("Code Postal"), Colonne::Champ(Champ::CodePostal));
    assert_eq!(Colonne::de_nom("Fiche accès libre"), Colonne::Champ(Champ::FicheAccesLibre));
    assert_eq!(Colonne::de_nom("conditions_access"), Colonne::Ancien(Ancien::ConditionsAcces));
    assert_eq!(Colonne::de_nom("gid"), Colonne::Inconnue);
}

fn cellule_de_liste<T: Valeur>() -> impl Strategy<Value = String> {
    proptest::sample::subsequence(T::TOUTES.to_vec(), 0..=T::TOUTES.len())
        .prop_shuffle()
        .prop_map(|v| v.into_iter().collect::<Liste<T>>().motif())
}

/// A record that the standard accepts in every cell.
fn conforme() -> impl Strategy<Value = Vec<String>> {
    use crate::lieux::standard as s;
    let textes = (
        "[a-z0-9-]{1,12}",
        "[A-ZÉa-zé’ .&-]{1,20}[a-z]",
        "[A-Z][a-zé]{2,10}",
        "[0-9]{1,3} rue [A-Z][a-zé]{1,9}",
    );
    let lieu = (
        Just("43493312300029".to_owned()),
        "(0[1-9]|[1-8][0-9]|9[0-57])[0-9]{3}",
        "(0[1-9]|1[0-9]|2[AB1-9]|[3-8][0-9]|9[0-57])[0-9]{3}",
        (42.0..51.0_f64, -4.0..8.0_f64),
        proptest::sample::subsequence(TYPOLOGIES.to_vec(), 0..4).prop_map(|c| c.join("|")),
        // No overseas number (05 08, 05 9x, 06 9x, 02 62…) behind the prefix of the mainland: it would be repaired.
        "(\\+33([134789][0-9]|2[0-57-9]|[56][1-8])[1-7][0-9]{6}|\\+262[0-9]{9}|\\+687[0-9]{6}|)",
    );
    let contact = (
        "([a-z]{1,8}@[a-z]{1,8}\\.fr(\\|[a-z]{9,10}@[A-Z]{1,5}\\.com)?|)",
        "(https?://[a-z]{1,8}\\.fr(/[A-Za-z0-9?=&._-]{0,12})?|)",
        prop_oneof![
            Just(""),
            Just("Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00"),
            Just("24/7"),
            Just("We[1] 14:00-17:00")
        ],
        "[a-zé]{0,279}",
        "20[12][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
    );
    let l1 = (
        cellule_de_liste::<s::Itinerance>(),
        cellule_de_liste::<s::Service>(),
        cellule_de_liste::<s::Public>(),
        cellule_de_liste::<s::PriseEnCharge>(),
        cellule_de_liste::<s::Frais>(),
    );
    let l2 = (
        cellule_de_liste::<s::Dispositif>(),
        cellule_de_liste::<s::FormationLabel>(),
        cellule_de_liste::<s::Acces>(),
        cellule_de_liste::<s::Accompagnement>(),
    );
    (textes, lieu, contact, l1, l2).prop_map(|(t, l, c, l1, l2)| {
        let (lat, lon) = l.3;
        vec![
            t.0,
            l.0,
            t.1.trim().to_owned(),
            t.2,
            l.1,
            l.2,
            t.3,
            String::new(),
            lat.to_string(),
            lon.to_string(),
            l.4,
            l.5,
            c.0,
            c.1.clone(),
            c.2.to_owned(),
            c.3,
            "Détail.\nSuite.".to_owned(),
            "Source".to_owned(),
            l1.0,
            "Parente".to_owned(),
            c.4,
            l1.1,
            l1.2,
            l1.3,
            l1.4,
            l2.0,
            l2.1,
            "Label|Autre".to_owned(),
            l2.2,
            l2.3,
            c.1.clone(),
            c.1,
        ]
    })
}

proptest! {
    #[test]
    fn a_valid_record_comes_out_identical(valeurs in conforme()) {
        prop_assume!(!["nan", "nc", "none", "null"].contains(&valeurs[2].to_lowercase().as_str()));
        let mut brut = Brut::new(1);
        for (champ, valeur) in Champ::TOUS.into_iter().zip(&valeurs) {
            prop_assert_eq!(verdict(champ, valeur), None, "{} {:?}", champ.nom(), valeur);
            brut.set(champ, valeur.as_str());
        }
        let mut memoire = Memoire::default();
        let fiche = {
            let mut rapport = Rapport::new(&mut memoire);
            Normaliseur::new(None, aujourdhui()).fiche(&brut, &mut rapport).unwrap()
        };
        for (champ, valeur) in Champ::TOUS.into_iter().zip(&valeurs) {
            prop_assert_eq!(fiche.valeur_stricte(champ).into_owned(), valeur.clone(), "{}", champ.nom());
        }
        // Said of values that are kept: each is right alone.
        let kept = ["services-absents", "date-future", "telephone-autre-region", "telephone-autre-territoire"];
        let autres: Vec<_> = memoire.0.iter().filter(|c| !kept.contains(&c.2)).collect();
        prop_assert!(autres.is_empty(), "{:?}", autres);
    }

    #[test]
    fn whatever_comes_in_repairs_are_stable_and_never_panic(
        valeurs in proptest::collection::vec("(\\PC{0,20}|[0-9 .,+/;|@a-z:-]{0,24}|https?://.{0,10}|Gratuit;.{0,5}|.{0,3}@.{0,5})", 32)
    ) {
        let mut brut = Brut::new(1);
        for (champ, valeur) in Champ::TOUS.into_iter().zip(&valeurs) {
            brut.set(champ, valeur.as_str());
        }
        brut.set(Champ::Id, "1");
        brut.set(Champ::Nom, "Nom");
        brut.set(Champ::Commune, "Commune");
        let mut puits = SansTrace;
        let mut rapport = Rapport::new(&mut puits);
        let mut normaliseur = Normaliseur::new(None, aujourdhui());
        let fiche = normaliseur.fiche(&brut, &mut rapport).unwrap();
        let mut encore = Brut::new(1);
        for champ in Champ::TOUS {
            encore.set(champ, fiche.valeur(champ));
        }
        let relue = normaliseur.fiche(&encore, &mut rapport).unwrap();
        prop_assert_eq!(relue, fiche);
    }
}

#[test]
fn a_telephone_is_compared_with_its_commune() {
    let fichier = |telephone: &str| {
        format!(
            "id,nom,commune,code_postal,code_insee,adresse,date_maj,services,pivot,telephone\n1,A,Reims,51100,51454,1 rue X,2024-04-02,Aide aux démarches administratives,00000000000000,{telephone}\n"
        )
    };
    for (telephone, regle) in [
        ("+33326000000", None),
        ("+33612345678", None),
        ("+33800000001", None),
        ("+33145678901", Some("telephone-autre-region")),
        ("+590590812345", Some("telephone-autre-territoire")),
    ] {
        let (_, memoire) = importe(&fichier(telephone), Some(&Table));
        assert_eq!(memoire.0.first().map(|c| c.2), regle, "{telephone} {:?}", memoire.0);
    }
}

#[test]
fn cells_have_bounds_and_no_null_character() {
    let mut brut = Brut::new(1);
    for (champ, valeur) in [
        (Champ::Id, "1".to_owned()),
        (Champ::Nom, format!("A\0{}", "x".repeat(2_000))),
        (Champ::Commune, "Reims".to_owned()),
        (Champ::Horaires, "Mo 09:00-12:00; ".repeat(400)),
        (Champ::PresentationDetail, "é".repeat(PRESENTATION_MAX)),
        (Champ::Typologie, "AS\0SO".to_owned()),
    ] {
        brut.set(champ, valeur);
    }
    let mut memoire = Memoire::default();
    let fiche = {
        let mut rapport = Rapport::new(&mut memoire);
        Normaliseur::new(None, aujourdhui()).fiche(&brut, &mut rapport).unwrap()
    };
    assert_eq!((fiche.nom.chars().count(), &*fiche.horaires, &*fiche.typologie), (TEXTE_MAX, "", "ASSO"));
    assert_eq!(fiche.presentation_detail.chars().count(), PRESENTATION_MAX);
    let regles: Vec<&str> = memoire.0.iter().map(|c| c.2).collect();
    for regle in ["texte-long", "cellule-longue", "texte-octet-nul"] {
        assert!(regles.contains(&regle), "{regles:?}");
    }
}
