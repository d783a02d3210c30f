use std::sync::LazyLock;

use chrono::DateTime;
use kernel::{Chance, Pivot};
use oidc::jose::{Alg, KeySet, SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Empreinte;

/// Made once, in November 2026, and never again: each must verify and be drawn so for ever.
const ANCIENS: &[(&str, &str)] = &[
    (include_str!("anciens/v1-presence.json"), include_str!("anciens/v1-presence.txt")),
    (include_str!("anciens/v1-distance.json"), include_str!("anciens/v1-distance.txt")),
];
/// The public key of those days; the private one is gone.
const CLES: &str = include_str!("anciens/cles.json");

fn cles() -> KeySet {
    KeySet::parse(CLES.as_bytes()).unwrap()
}

static CLE: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Alg::Es256).unwrap().0);

fn publiques() -> KeySet {
    KeySet::of(vec![CLE.verifying().unwrap()])
}

fn instant(texte: &str) -> Instant {
    Instant::try_from(texte.to_owned()).unwrap()
}

fn projet() -> Projet {
    Projet {
        organisation: Organisation::nouvelle(
            "Maison de services de Champs-sur-Loire".to_owned(),
            &Pivot::parse("43493312300029").unwrap(),
            "3 place de la Mairie, 45999 Champs-sur-Loire".to_owned(),
        ),
        usager: Usager {
            prenoms: "Aïssatou Marie".to_owned(),
            nom: "DIALLO".to_owned(),
            nom_usage: Some("MARTIN".to_owned()),
            naissance: Naissance {
                etat_civil: "1962-00-00".to_owned(),
                completee: "1962-01-01".parse().unwrap(),
            },
            commune: None,
            pays: Pays { code: "99341".to_owned(), nom: "Sénégal".to_owned() },
        },
        aidant: Aidant {
            prenom: "Jeanne".to_owned(),
            nom: "D’Ormesson-Petit".to_owned(),
            fonction: "conseillère France services".to_owned(),
        },
        demarches: vec!["argent".to_owned(), "papiers".to_owned()],
        duree: Duree::Semestre,
        consentement: Consentement::Presence {
            identite: Identite::Franceconnect { le: instant("2026-11-23T10:02:11+01:00") },
            atteste: instant("2026-11-23T10:06:40+01:00"),
        },
        renouvelle: None,
    }
}

fn maintenant() -> DateTime<chrono_tz::Tz> {
    let instant = DateTime::parse_from_rfc3339("2026-11-23T09:06:41.250Z").unwrap();
    instant.with_timezone(&chrono_tz::Europe::Paris)
}

fn a_distance() -> Projet {
    let mut projet = projet();
    projet.usager.naissance =
        Naissance { etat_civil: "1950-03-01".to_owned(), completee: "1950-03-01".parse().unwrap() };
    projet.usager.nom_usage = None;
    projet.usager.commune = Some(Commune { code: "2A004".to_owned(), nom: "Ajaccio".to_owned() });
    projet.usager.pays = Pays { code: "99100".to_owned(), nom: "France".to_owned() };
    projet.demarches = vec!["loisirs".to_owned()];
    projet.duree = Duree::An;
    projet.consentement = Consentement::Distance {
        identite: Identite::MandatPrecedent,
        canal: Canal::Sms,
        reference: "7f0c-22".to_owned(),
        offre: instant("2026-11-23T09:40:00+01:00"),
        reponse: instant("2026-11-23T09:58:30+01:00"),
        echange: Empreinte::de(b"echange"),
        atteste: instant("2026-11-23T10:06:40+01:00"),
    };
    projet.renouvelle =
        Some(Renouvelle { numero: Numero::tire(&Chance::seeded(7)), empreinte: Empreinte::de(b"ancien") });
    projet
}

fn contenu(projet: Projet) -> Contenu {
    Contenu::nouveau(projet, &maintenant(), &Chance::seeded(3)).unwrap()
}

fn signe(projet: Projet) -> Signe {
    Signe::nouveau(contenu(projet), &CLE).unwrap()
}

#[test]
fn old_mandats_verify_and_are_drawn_as_they_were() {
    for (fichier, dessin) in ANCIENS {
        let signe = verifie(fichier.as_bytes(), &cles()).unwrap();
        assert_eq!(signe.contenu().dessine().unwrap().texte(), *dessin);
        assert_eq!(signe.fichier().unwrap(), *fichier);
    }
}

#[test]
fn made_signed_written_and_read() {
    for projet in [projet(), a_distance()] {
        let signe = signe(projet);
        let fichier = signe.fichier().unwrap();
        let lu = verifie(fichier.as_bytes(), &publiques()).unwrap();
        assert_eq!(lu, signe);
        assert_eq!(lu.empreinte(), Empreinte::de(signe.octets()));
        assert!(signe.octets().starts_with(b"{\"aidant\""));
        // The mandat carries its key: enough to see that it is whole.
        assert!(verifie(fichier.as_bytes(), &cle_du_fichier(fichier.as_bytes()).unwrap()).is_ok());
    }
}

#[test]
fn what_follows_from_the_day_and_from_chance() {
    let contenu = contenu(projet());
    assert_eq!(contenu.cree.to_string(), "2026-11-23T10:06:41+01:00");
    // 182 times 24 hours, by the clock of the place: summer time has begun.
    assert_eq!(contenu.jusqu_au.to_string(), "2027-05-24T11:06:41+02:00");
    let cles: Vec<_> = contenu.demarches.iter().map(|d| d.cle.as_str()).collect();
    assert_eq!(cles, ["papiers", "argent"]);
    assert!(contenu.avertissements().any(|a| a.contains("R. 721-2")));
    let autre = Contenu::nouveau(projet(), &maintenant(), &Chance::seeded(4)).unwrap();
    assert_ne!((autre.numero, autre.sel), (contenu.numero, contenu.sel));
    let avant = DateTime::parse_from_rfc3339("2026-10-31T10:00:00+01:00").unwrap();
    assert_eq!(Contenu::nouveau(projet(), &avant, &Chance::seeded(1)), Err(Refus::SansTexte));
}

#[test]
fn the_address_discloses_nothing() {
    let signe = signe(projet());
    let adresse = adresse("https://maillage.example/", &signe);
    assert_eq!(
        adresse,
        format!(
            "https://maillage.example/verifier/{}?e={}",
            signe.contenu().numero,
            signe.empreinte().court()
        )
    );
    assert!(adresse.len() < 120 && adresse.is_ascii());
    // The same person, the same day, the same everything: another fingerprint.
    let jumeau = Contenu::nouveau(projet(), &maintenant(), &Chance::seeded(4)).unwrap();
    assert_ne!(Signe::nouveau(jumeau, &CLE).unwrap().empreinte(), signe.empreinte());
}

/// A file whose content was altered before a true signature: what a wrong program could sign.
fn signe_force(altere: impl FnOnce(&mut Value)) -> String {
    let fichier = signe(projet()).fichier().unwrap();
    let mut enveloppe: Value = serde_json::from_str(&fichier).unwrap();
    altere(&mut enveloppe["contenu"]);
    let octets = canonique::ecrit(&enveloppe["contenu"]).unwrap();
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    enveloppe["signature"] = json!(URL_SAFE_NO_PAD.encode(CLE.sign(octets.as_bytes()).unwrap()));
    canonique::ecrit(&enveloppe).unwrap()
}

fn texte_a_distance() -> Value {
    let texte = crate::legal::PUBLIES.iter().find(|t| t.id == "mandat-distance-2026-11").unwrap();
    json!({ "id": texte.id, "sha256": texte.empreinte().to_string() })
}

#[test]
fn who_agrees_from_afar_signs_no_paper() {
    let ici = contenu(projet());
    assert!(ici.sur_papier() && ici.dessine().unwrap().texte().contains("deux exemplaires"));
    let la_bas = contenu(a_distance());
    let texte = la_bas.dessine().unwrap().texte();
    assert!(
        !la_bas.sur_papier() && !texte.contains("exemplaires") && !texte.contains("signé sur papier par")
    );
    assert!(texte.contains("proposé par SMS le 23 novembre 2026 à 9 h 40"), "{texte}");
    assert!(texte.contains("a donné son accord le 23 novembre 2026 à 9 h 58"), "{texte}");
    assert!(texte.contains("elle n’a pas signé sur papier"), "{texte}");
    // What was made before there were two texts says what it said.
    let (fichier, dessin) = ANCIENS[1];
    let ancien = verifie(fichier.as_bytes(), &cles()).unwrap();
    assert!(ancien.contenu().sur_papier() && dessin.contains("deux exemplaires"));
}

#[test]
fn what_may_not_be_signed_is_refused_though_signed() {
    type Altere = fn(&mut Value);
    let cas: &[(Altere, Refus)] = &[
        (|c| c["format"] = json!(2), Refus::Version(2)),
        (|c| c["format"] = json!("1"), Refus::Structure),
        (|c| c["plus"] = json!(1), Refus::Structure),
        (|c| c["usager"]["plus"] = json!(1), Refus::Structure),
        (|c| c["consentement"]["plus"] = json!(1), Refus::Structure),
        (|c| c["renouvelle"] = Value::Null, Refus::Structure),
        (|c| c["sel"] = json!("AB"), Refus::Structure),
        (|c| c["numero"] = json!("0000-0000-0001"), Refus::Structure),
        (|c| c["duree"] = json!(30), Refus::Structure),
        (|c| c["duree"] = json!(31), Refus::Dates),
        (|c| c["jusqu_au"] = json!("2027-05-24T11:06:42+02:00"), Refus::Dates),
        (|c| c["cree"] = json!("2026-11-23T10:06:41.000+01:00"), Refus::Structure),
        (|c| c["consentement"]["atteste"] = json!("2026-11-23T10:06:42+01:00"), Refus::Dates),
        (|c| c["consentement"]["identite"]["le"] = json!("2026-11-24T00:00:00+01:00"), Refus::Dates),
        (|c| c["consentement"]["identite"] = json!({"par": "mandat_precedent"}), Refus::Renouvelle),
        (|c| c["demarches"] = json!([]), Refus::Demarches),
        (|c| c["demarches"][0] = c["demarches"][1].clone(), Refus::Demarches),
        (|c| c["demarches"][0]["titre"] = json!("Tout"), Refus::Demarches),
        (|c| c["textes"]["mandat"]["id"] = json!("mandat-2030-01"), Refus::Texte),
        (|c| c["textes"]["mandat"]["sha256"] = json!("0".repeat(64)), Refus::Texte),
        (|c| c["textes"]["mandat"] = c["textes"]["notices"].clone(), Refus::Texte),
        // Somebody who was there signs a paper.
        (|c| c["textes"]["mandat"] = texte_a_distance(), Refus::Texte),
        (|c| c["organisation"]["numero"] = json!("434933123"), Refus::Numeros),
        (|c| c["usager"]["pays"]["code"] = json!("99100"), Refus::Numeros),
        (|c| c["usager"]["naissance"]["etat_civil"] = json!("1962-00-04"), Refus::Naissance),
        (|c| c["usager"]["naissance"]["etat_civil"] = json!("1962-02-00"), Refus::Naissance),
        (|c| c["usager"]["naissance"]["completee"] = json!("1963-01-01"), Refus::Naissance),
        (
            |c| c["usager"]["nom"] = json!("DIALLO\u{202e}"),
            Refus::Ligne { champ: "Le nom de la personne", pourquoi: LigneRefusee::Invisible('\u{202e}') },
        ),
        (
            |c| c["aidant"]["nom"] = json!(""),
            Refus::Ligne { champ: "Le nom de l’aidant", pourquoi: LigneRefusee::Vide },
        ),
    ];
    for (rang, (altere, refus)) in cas.iter().enumerate() {
        assert_eq!(verifie(signe_force(altere).as_bytes(), &publiques()), Err(refus.clone()), "case {rang}");
    }
    assert!(verifie(signe_force(|_| {}).as_bytes(), &publiques()).is_ok());
}

#[test]
fn what_is_not_believed() {
    let bon = signe(projet()).fichier().unwrap();
    let enveloppe = |altere: fn(&mut Value)| {
        let mut valeur: Value = serde_json::from_str(&bon).unwrap();
        altere(&mut valeur);
        canonique::ecrit(&valeur).unwrap()
    };
    let autre = SigningKey::generate(Alg::Es256).unwrap().0;
    let faux = Signe::nouveau(contenu(projet()), &autre).unwrap();
    for (fichier, refus) in [
        (String::new(), Refus::Illisible),
        ("{}".to_owned(), Refus::Nature),
        ("[]".to_owned(), Refus::Nature),
        ("x".repeat(TAILLE + 1), Refus::TropLong),
        ("[".repeat(TAILLE), Refus::Illisible),
        ("{\"a\":".repeat(TAILLE / 5), Refus::Illisible),
        (format!("{bon}\n"), Refus::Reecrit),
        (bon.replace(",", ", "), Refus::Reecrit),
        (bon.replace('ï', "i\u{308}"), Refus::Reecrit),
        (bon.replace('ï', "\\u00ef"), Refus::Reecrit),
        (bon.replacen("{\"cle\"", "{\"nature\":\"maillage.mandat\",\"cle\"", 1), Refus::Illisible),
        (enveloppe(|v| v["plus"] = json!(1)), Refus::Nature),
        (enveloppe(|v| v["kid"] = json!("autre")), Refus::Cle),
        (enveloppe(|v| v["cle"]["alg"] = json!("ES256")), Refus::Cle),
        (enveloppe(|v| v["cle"]["x"] = v["cle"]["y"].clone()), Refus::Cle),
        (enveloppe(|v| v["signature"] = json!("")), Refus::Signature),
        (enveloppe(|v| v["signature"] = json!("*")), Refus::Signature),
        (bon.replace("\"duree\":182", "\"duree\":365"), Refus::Signature),
        (bon.replace("DIALLO", "DUPONT"), Refus::Signature),
        (faux.fichier().unwrap(), Refus::CleInconnue(autre.kid().unwrap().to_owned())),
    ] {
        assert_eq!(verifie(fichier.as_bytes(), &publiques()), Err(refus), "{fichier}");
    }
    assert!(matches!(verifie(bon.as_bytes(), &KeySet::default()), Err(Refus::CleInconnue(_))));
    // Every refusal is a sentence.
    for refus in [Refus::Reecrit, Refus::Version(2), Refus::Texte, Refus::Dates] {
        assert!(refus.to_string().ends_with('.'), "{refus}");
    }
}

#[test]
fn no_changed_byte_is_believed() {
    let bon = signe(a_distance()).fichier().unwrap().into_bytes();
    for place in 0..bon.len() {
        for bit in [0x01, 0x20] {
            let mut change = bon.clone();
            change[place] ^= bit;
            assert!(verifie(&change, &publiques()).is_err(), "byte {place}");
        }
        assert!(verifie(&bon[..place], &publiques()).is_err(), "cut at {place}");
    }
}

#[test]
fn only_es256_signs() {
    let rsa = SigningKey::generate(Alg::Rs256).unwrap().0;
    assert_eq!(Signe::nouveau(contenu(projet()), &rsa), Err(Refus::Signer));
}

#[test]
fn blanks_are_filled_once_and_all() {
    let mut projet = projet();
    projet.aidant.nom = "{usager}".to_owned();
    projet.organisation.nom = "Mairie {adresse} } {".to_owned();
    let texte = contenu(projet).dessine().unwrap().texte();
    assert!(texte.contains("L’aidant : Jeanne {usager}, conseillère"), "{texte}");
    assert!(texte.contains("Mairie {adresse} } {, SIRET 43493312300029"), "{texte}");
    for projet in [super::tests::projet(), a_distance()] {
        assert!(!contenu(projet).dessine().unwrap().texte().contains(['{', '}']));
    }
}

#[test]
fn presumed_births_are_said() {
    for (etat_civil, completee, dit) in [
        ("1962-00-00", "1962-01-01", "1962 (l’état civil ne connaît ni le jour ni le mois)"),
        ("1962-03-00", "1962-03-01", "mars 1962 (l’état civil ne connaît pas le jour)"),
        ("1962-03-01", "1962-03-01", "1er mars 1962 ;"),
    ] {
        let mut projet = projet();
        projet.usager.naissance =
            Naissance { etat_civil: etat_civil.to_owned(), completee: completee.parse().unwrap() };
        let texte = contenu(projet).dessine().unwrap().texte();
        assert!(texte.contains(dit), "{texte}");
    }
}

proptest! {
    #[test]
    fn lines_go_round(noms in proptest::collection::vec("\\PC{1,40}", 5)) {
        let mut projet = projet();
        let Ok(lignes) = noms.iter().map(|n| lisse_ligne(n)).collect::<Result<Vec<_>, _>>() else { return Ok(()) };
        let mut lignes = lignes.into_iter().map(|(ligne, _)| ligne);
        for champ in [
            &mut projet.usager.prenoms, &mut projet.usager.nom, &mut projet.aidant.nom,
            &mut projet.organisation.nom, &mut projet.organisation.adresse,
        ] {
            *champ = lignes.next().unwrap();
        }
        let signe = signe(projet);
        let fichier = signe.fichier().unwrap();
        prop_assert!(fichier.len() < TAILLE);
        prop_assert_eq!(verifie(fichier.as_bytes(), &publiques()), Ok(signe));
    }

    #[test]
    fn bytes_never_panic(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verifie(&octets, &publiques()).is_err());
        let _ = cle_du_fichier(&octets);
    }

    #[test]
    fn no_splice_is_believed(place in any::<prop::sample::Index>(), ote in 0_usize..20, mis in "[\\PC]{0,12}") {
        let bon = ANCIENS[0].0;
        let place = place.index(bon.len());
        let fin = (place + ote).min(bon.len());
        let change = [&bon.as_bytes()[..place], mis.as_bytes(), &bon.as_bytes()[fin..]].concat();
        prop_assume!(change != bon.as_bytes());
        prop_assert!(verifie(&change, &cles()).is_err());
        let _ = cle_du_fichier(&change);
    }

    #[test]
    fn signed_nonsense_never_panics(champ in "[a-z_]{1,12}", texte in any::<String>(), nombre in any::<u32>()) {
        let fichiers = [
            signe_force(|c| c[&champ] = json!(nombre)),
            signe_force(|c| c["usager"]["naissance"]["etat_civil"] = json!(nombre.to_string())),
            signe_force(|c| c["organisation"]["numero"] = json!(texte.chars().filter(char::is_ascii).collect::<String>())),
        ];
        for fichier in fichiers {
            let _ = verifie(fichier.as_bytes(), &publiques());
        }
    }
}
