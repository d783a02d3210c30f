use std::io::Cursor;
use std::ops::ControlFlow;

use super::super::lecture::{self, Evenement};
use super::super::normalisation::{Brut, Traducteur};
use super::super::rapport::{Comptes, Rapport, SansTrace};
use super::super::standard::Champ;
use super::*;

const BASE: &str = "source = \"S\"\n[champs]\nid = \"id\"\nnom = \"nom\"\n";

fn traduit(toml: &str, fichier: &str) -> Result<(Vec<Brut>, Comptes), String> {
    let mut application = Application::new(Arc::new(Correspondance::lit(toml)?));
    let mut puits = SansTrace;
    let mut rapport = Rapport::new(&mut puits);
    let mut bruts = Vec::new();
    let mut refus = None;
    lecture::lire(Cursor::new(fichier.as_bytes()), &mut |e| {
        match e {
            Evenement::Entete(entete) => {
                if let Err(phrase) = application.entete(&entete, &mut rapport) {
                    refus = Some(phrase);
                    return ControlFlow::Break(());
                }
            }
            Evenement::Enregistrement(r) => bruts.extend(application.traduit(&r, &mut rapport)),
            Evenement::Anomalie { .. } => {}
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    match refus {
        Some(phrase) => Err(phrase),
        None => Ok((bruts, rapport.comptes().unwrap())),
    }
}

#[test]
fn mistakes_name_their_key_in_french() {
    for (toml, mot) in [
        ("[champs]\nid = \"a\"\nnom = \"b\"", "« source » manque"),
        ("source = \"S\"\nsorce = 1", "« sorce » n’existe pas"),
        ("source = \"S\"\n[champs]\nid = \"a\"\nnom = { colone = \"b\" }", "« colone » n’existe pas"),
        ("source = \"S\"\n[champs]\nid = \"a\"", "champs.nom manque"),
        ("source = \"S\"\n[champs]\nid = 3\nnom = \"b\"", "bon genre"),
        (&format!("{BASE}nomm = \"x\""), "« nom »"),
        (&format!("{BASE}adresse = {{}}"), "champs.adresse"),
        (&format!("{BASE}adresse = {{ colonne = \"a\", constante = \"b\" }}"), "un seul des quatre"),
        (&format!("{BASE}typologie = {{ colonne = \"t\", traduction = \"x\" }}"), "traductions.x"),
        (&format!("{BASE}[[choix.services]]\ncible = \"Cuisine\""), "« Cuisine »"),
        (&format!("{BASE}[horaires.jours]\nlundy = \"l\""), "« lundy »"),
        (&format!("{BASE}[horaires]"), "un seul des trois"),
        (&format!("{BASE}[position]\nlatitude = \"l\""), "« longitude »"),
        (&format!("{BASE}[position]\ncolonne = \"l\"\nordre = \"nord\""), "« nord »"),
        (&format!("{BASE}[defauts]\ncode_postal = \"x\""), "defauts.code_postal"),
        ("source = ", "TOML"),
    ] {
        let erreur = Correspondance::lit(toml).unwrap_err();
        assert!(erreur.contains(mot), "{toml}\n→ {erreur}");
    }
    let erreur = traduit(BASE, "id,titre\n1,A\n").unwrap_err();
    assert!(
        erreur.contains("« nom »") && erreur.contains("champs.nom") && erreur.contains("titre"),
        "{erreur}"
    );
}

#[test]
fn every_rule_of_the_language() {
    let toml = r#"
        source = "Essai"
        prefixe_id = "e-"
        colonnes_ignorees = ["rien"]
        [champs]
        id = "id"
        nom = { colonne = "nom", ou = { joindre = ["type", "ville"], separateur = " de " } }
        adresse = { dissocier = { colonne = "lieu", separateur = " - ", partie = 1 } }
        commune = { dissocier = { colonne = "lieu", separateur = " ", partie = -1 } }
        typologie = { colonne = "type", separateur = ",", traduction = "types" }
        frais_a_charge = { constante = "Gratuit" }
        [traductions.types]
        "Médiathèque" = "BIB"
        "Association" = "ASSO"
        "Divers" = ""
        [position]
        colonne = "geo"
        ordre = "lon,lat"
        [horaires]
        semaine = "heures"
        [[choix.services]]
        colonnes = ["offre"]
        separateur = "/"
        termes = ["atelier", "ateliers"]
        sauf = ["cuisine"]
        cible = "Maîtrise des outils numériques du quotidien"
        [[choix.services]]
        colonnes = ["offre"]
        termes = ["parking"]
        [[choix.modalites_acces]]
        colonnes = ["tel"]
        cible = "Téléphoner"
        [[filtres]]
        colonne = "etat"
        exclure = ["Fermé"]
        [defauts]
        date_maj = "2024-01-01"
    "#;
    let fichier = "id;nom;type;ville;lieu;geo;offre;tel;heures;etat;rien;autre\n\
        1;;Médiathèque,Autre chose,Divers;Reims;1 rue X - 51100 Reims;4.03,49.25;Ateliers numériques / Parking / Sauna;0102030405;Lundi 9h-12h;ouvert;x;y\n\
        2;Nom;Association;;2 rue Y - 51100 Reims;;Atelier cuisine;;;ferme;;\n\
        3;Nom;Association;;;;Atelier cuisine;;;;;\n";
    let (bruts, comptes) = traduit(toml, fichier).unwrap();
    assert_eq!(bruts.len(), 2);
    let b = &bruts[0];
    for (champ, valeur) in [
        (Champ::Id, "e-1"),
        (Champ::Nom, "Médiathèque,Autre chose,Divers de Reims"),
        (Champ::Adresse, "1 rue X"),
        (Champ::Commune, "Reims"),
        (Champ::Typologie, "BIB"),
        (Champ::FraisACharge, "Gratuit"),
        (Champ::Latitude, "49.25"),
        (Champ::Longitude, "4.03"),
        (Champ::Horaires, "Lundi 9h-12h"),
        (Champ::Services, "Maîtrise des outils numériques du quotidien"),
        (Champ::ModalitesAcces, "Téléphoner"),
        (Champ::DateMaj, "2024-01-01"),
        (Champ::Source, "Essai"),
        (Champ::Pivot, "00000000000000"),
    ] {
        assert_eq!(b.get(champ), valeur, "{}", champ.nom());
    }
    assert_eq!(bruts[1].get(Champ::Services), "");
    let mut termes: Vec<(&str, &str)> =
        comptes.termes.iter().map(|t| (t.colonne.as_str(), t.terme.as_str())).collect();
    termes.sort_unstable();
    assert_eq!(termes, [("offre", "Atelier cuisine"), ("offre", "Sauna"), ("type", "Autre chose")]);
    let non_lues: Vec<&str> = comptes.regles.iter().map(|r| r.champ.as_str()).collect();
    assert_eq!(non_lues, ["autre"]);
}

#[test]
fn hours_by_day_and_the_mapping_that_comes_with_the_program() {
    for nom in fournies() {
        fournie(nom).unwrap();
    }
    assert!(fournie("absente").is_err());
    let fichier = "id_fs,insee_dep,lib_fs,adresse,complement_adresse,insee_com,code_postal,lib_com,latitude,longitude,mail,telephone,h_lundi,h_mardi,h_mercredi,h_jeudi,h_vendredi,h_samedi,commentaire,itinerance,format_fs,groupe,labellisation\n\
        1,01,France services de Valserhône,5-9 Rue des Papetiers,,01033,01200,Valserhône,46.1,5.8,f@c.fr,04 50 56 87 49,09:00 - 12:00 / 13:30 - 17:00,09:00-12:00,-,09:00-13:00-/3:00-16:00,,,,Non,Site principal,,x\n";
    let mut application = Application::new(fournie("france-services").unwrap());
    let mut puits = SansTrace;
    let mut rapport = Rapport::new(&mut puits);
    let mut lus = Vec::new();
    lecture::lire(Cursor::new(fichier.as_bytes()), &mut |e| {
        match e {
            Evenement::Entete(entete) => application.entete(&entete, &mut rapport).unwrap(),
            Evenement::Enregistrement(r) => lus.extend(application.traduit(&r, &mut rapport)),
            Evenement::Anomalie { .. } => {}
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(
        lus[0].get(Champ::Horaires),
        "Mo 09:00-12:00,13:30-17:00; Tu 09:00-12:00; Th \"09:00-13:00-/3:00-16:00\""
    );
    assert_eq!(lus[0].get(Champ::Itinerance), "Fixe");
    let comptes = rapport.comptes().unwrap();
    assert_eq!(
        comptes.regles.iter().map(|r| r.regle.as_str()).collect::<Vec<_>>(),
        ["horaires-jours-non-compris"]
    );
}
