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
    lecture::lire(Cursor::new(fichier.as_bytes()), &application.consignes(), &mut |e| {
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
fn mistakes_name_their_line_their_column_and_their_key() {
    for (toml, debut, mot) in [
        ("[champs]\nid = \"a\"\nnom = \"b\"", "ligne 1, colonne 1", "« source » manque"),
        (
            "source = \"S\"\nsorce = 1\n[champs]\nid = \"a\"\nnom = \"b\"",
            "ligne 2, colonne 1 ",
            "Vouliez-vous écrire « source »",
        ),
        (
            "source = \"S\"\n[champs]\nid = \"a\"\nnom = { colone = \"b\" }",
            "ligne 4, colonne 9, champs.nom",
            "« colonne »",
        ),
        ("source = \"S\"\n[champs]\nid = \"a\"", "ligne 2, colonne 1, champs.nom", "manque"),
        (
            "source = \"S\"\n[champs]\nid = 3\nnom = \"b\"",
            "ligne 3, colonne 6, champs.id",
            "le nom d’une colonne",
        ),
        (&format!("{BASE}nomm = \"x\""), "ligne 5, colonne 1, champs.nomm", "« nom »"),
        (&format!("{BASE}adresse = {{}}"), "ligne 5, colonne 11, champs.adresse", "une origine"),
        (
            &format!("{BASE}adresse = {{ colonne = \"a\", constante = \"b\" }}"),
            "ligne 5",
            "une origine et une seule",
        ),
        (&format!("{BASE}adresse = {{ colonne = \"a\", separateur = \",\" }}"), "ligne 5", "« separer »"),
        (
            &format!("{BASE}adresse = {{ colonne = \"a\", extraire = \"(\" }}"),
            "ligne 5, colonne 39, champs.adresse.extraire",
            "expression régulière",
        ),
        (&format!("{BASE}adresse = {{ modele = \"{{rue\" }}"), "ligne 5", "accolades"),
        (
            &format!("{BASE}date_maj = {{ colonne = \"d\", date = \"jour\" }}"),
            "champs.date_maj.date",
            "JJ/MM/AAAA",
        ),
        (
            &format!("{BASE}typologie = {{ colonne = \"t\", traduction = \"x\" }}"),
            "champs.typologie.traduction",
            "traductions.x",
        ),
        (
            &format!("{BASE}services = {{ constante = \"Aide aux demarches\" }}"),
            "champs.services.constante",
            "Vouliez-vous écrire « Aide aux démarches administratives »",
        ),
        (
            &format!("{BASE}[[choix.services]]\ncible = \"Cuisine\""),
            "ligne 6, colonne 9, choix.services.cible",
            "« Cuisine »",
        ),
        (&format!("{BASE}[[choix.services]]\ntermes = [\"x\"]"), "choix.services", "« colonnes »"),
        (
            &format!("{BASE}[horaires.jours]\nlundy = \"l\""),
            "ligne 6, colonne 1, horaires.jours",
            "« lundi »",
        ),
        (&format!("{BASE}[horaires]"), "horaires", "un seul des quatre"),
        (&format!("{BASE}[position]\nlatitude = \"l\""), "position", "« longitude »"),
        (
            &format!("{BASE}[position]\ncolonne = \"l\"\nordre = \"nord\""),
            "ligne 7, colonne 9, position.ordre",
            "« nord »",
        ),
        (
            &format!("{BASE}[position]\ncolonne = \"l\"\nprojection = \"lambert 94\""),
            "position.projection",
            "lambert93",
        ),
        (
            &format!("{BASE}[defauts]\ncode_postal = \"x\""),
            "ligne 6, colonne 15, defauts.code_postal",
            "n’accepte pas",
        ),
        (&format!("{BASE}[[filtres]]\nraison = \"x\""), "filtres", "exclure_si"),
        (
            &format!("{BASE}[[filtres]]\nexclure_si = {{ colonne = \"x\" }}"),
            "filtres.exclure_si",
            "condition",
        ),
        (&format!("{BASE}[fichier]\nentete = 0"), "fichier.entete", "de 1 à 1000"),
        (&format!("{BASE}[fichier]\nencodage = \"klingon\""), "fichier.encodage", "windows-1252"),
        ("source = ", "ligne 1", "("),
        ("source = \"S\"\nétat = 1", "ligne 2", "("),
    ] {
        let erreur = Correspondance::lit(toml).unwrap_err();
        assert!(erreur.contains(debut) && erreur.contains(mot), "{toml}\n→ {erreur}");
    }
    // All mistakes at once, in the order of the text.
    let erreur = Correspondance::lit("source = \"S\"\nx = 1\n[champs]\nid = 1\nnom = 2\n").unwrap_err();
    assert_eq!(erreur.lines().count(), 3, "{erreur}");
    let erreur = traduit(BASE, "id,titre\n1,A\n").unwrap_err();
    assert!(
        erreur.contains("« nom »") && erreur.contains("champs.nom") && erreur.contains("titre"),
        "{erreur}"
    );
    // A column that may be missing is not asked for.
    traduit(&format!("colonnes_facultatives = [\"nom\"]\n{BASE}"), "id,titre\n1,A\n").unwrap();
}

proptest::proptest! {
    #[test]
    fn no_mapping_breaks_the_reader(texte in "\\PC{0,120}") {
        let _ = Correspondance::lit(&texte);
    }

    #[test]
    fn no_text_that_looks_like_a_mapping_breaks_it(
        texte in "(source|champs|choix|id|nom|colonne|joindre|traduction|si|ou|position|=|\"|\\{|\\}|\\[|\\]|\n|\\.|,|'x'|1|true| ){0,60}"
    ) {
        if let Ok(lue) = Correspondance::lit(&texte) {
            let _ = Application::new(Arc::new(lue));
        }
    }

    #[test]
    fn no_record_breaks_a_mapping(valeurs in proptest::collection::vec("\\PC{0,30}", 6)) {
        let texte = format!("{BASE}adresse = {{ modele = '{{a}}, {{b}}', sans_html = true, casse = 'titre' }}\n\
            services = {{ colonne = 'a', separer = [';', ','], traduction = {{ 'x' = 'Aide aux démarches administratives' }} }}\n\
            date_maj = {{ colonne = 'b', date = 'JJ/MM/AAAA' }}\n\
            telephone = {{ colonne = 'a', extraire = '\\d+', vides = ['-'], si = {{ colonne = 'b', contient = ['x'] }} }}\n\
            [position]\ncolonne = 'c'\n[horaires.jours]\nlundi = ['c', ['a', 'b']]\n[[filtres]]\ngarder_si = {{ colonne = 'a', motif = '.' }}");
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["id", "nom", "a", "b", "c", "d"]).unwrap();
        csv.write_record(&valeurs).unwrap();
        let fichier = String::from_utf8(csv.into_inner().unwrap()).unwrap();
        let _ = traduit(&texte, &fichier);
    }
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
        typologie = { colonne = "type", separer = ",", traduction = "types" }
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
        separer = "/"
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
        exclure_si = { colonne = "etat", vaut = "Fermé" }
        raison = "le lieu est fermé"
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
    let mut regles: Vec<(&str, &str)> =
        comptes.regles.iter().map(|r| (r.regle.as_str(), r.champ.as_str())).collect();
    regles.sort_unstable();
    assert_eq!(regles, [("colonne-non-lue", "autre"), ("filtre", "")]);
}

/// One record through rules of the fields, and what a field becomes.
fn champ(regles: &str, json: &str, champ: Champ) -> String {
    let toml = format!("source = \"S\"\n{regles}");
    let toml = if toml.contains("[champs]") {
        toml.replace("[champs]", "[champs]\nid = \"id\"\nnom = \"nom\"")
    } else {
        format!("{toml}\n[champs]\nid = \"id\"\nnom = \"nom\"")
    };
    let (bruts, _) = traduit(&toml, json).unwrap_or_else(|e| panic!("{toml}\n{e}"));
    bruts.first().map_or("(filtré)".to_owned(), |b| b.get(champ).to_owned())
}

#[test]
fn each_key_of_a_rule() {
    let json = r#"[{"id":1,"nom":"MÉDIATHÈQUE","num":"12","voie":"rue X","vide":"","html":"<p>Bon&eacute;</p>",
        "ville":"51100 Reims","date":"03/12/2021","liste":"Wifi; Scanner,x","ouvert":true,"tel":"-","mobile":"06",
        "geo":{"type":"Point","coordinates":[4.03,49.25]},"x":652469,"y":6862035,
        "h":[{"day":1,"open":"09:00:00","close":"12:00:00"},{"day":1,"open":"14:00","close":"17:00"},{"day":0,"open":"10:00","close":"11:00"}],
        "lun_o":"09:00","lun_f":"12:00"}]"#;
    for (regles, quoi, attendu) in [
        ("[champs]\nadresse = { modele = \"{num} {voie}, {vide}\" }", Champ::Adresse, "12 rue X"),
        ("[champs]\nadresse = { joindre = [\"num\", \"vide\", \"voie\"] }", Champ::Adresse, "12 rue X"),
        ("[champs]\nadresse = [\"vide\", \"voie\"]", Champ::Adresse, "rue X"),
        ("[champs]\ncode_postal = { colonne = \"ville\", extraire = '\\d{5}' }", Champ::CodePostal, "51100"),
        ("[champs]\ncommune = { colonne = \"ville\", extraire = '^\\d+ (.*)$' }", Champ::Commune, "Reims"),
        ("[champs]\ncommune = { colonne = \"ville\", effacer = '^\\d+' }", Champ::Commune, "Reims"),
        (
            "[champs]\ncommune = { colonne = \"ville\", remplacer = { \"51100 \" = \"\" }, casse = \"majuscules\" }",
            Champ::Commune,
            "REIMS",
        ),
        (
            "[champs]\nadresse = { colonne = \"voie\", prefixe = \"12 \", suffixe = \" bis\" }",
            Champ::Adresse,
            "12 rue X bis",
        ),
        (
            "[champs]\npresentation_detail = { colonne = \"html\", sans_html = true }",
            Champ::PresentationDetail,
            "Boné",
        ),
        (
            "[champs]\nstructure_parente = { colonne = \"nom\", casse = \"titre\" }",
            Champ::StructureParente,
            "Médiathèque",
        ),
        ("[champs]\ndate_maj = { colonne = \"date\", date = \"JJ/MM/AAAA\" }", Champ::DateMaj, "2021-12-03"),
        (
            "[champs]\ndate_maj = { colonne = \"date\", date = [\"AAAA-MM-JJ\", \"MM/JJ/AAAA\"] }",
            Champ::DateMaj,
            "2021-03-12",
        ),
        (
            "[champs]\ntelephone = { colonne = \"tel\", vides = \"-\", ou = \"mobile\" }",
            Champ::Telephone,
            "06",
        ),
        (
            "[champs]\ntelephone = { colonne = \"mobile\", si = { colonne = \"ouvert\", vaut = \"false\" } }",
            Champ::Telephone,
            "",
        ),
        (
            "[champs]\ntelephone = { colonne = \"mobile\", si = { aucune = [{ colonne = \"vide\", rempli = true }] } }",
            Champ::Telephone,
            "06",
        ),
        (
            "[champs]\ntelephone = { colonne = \"mobile\", si = { une = [{ colonne = \"nom\", contient = \"mediatheque\" }, { colonne = \"nom\", motif = '^Z' }] } }",
            Champ::Telephone,
            "06",
        ),
        (
            "[champs]\nautres_formations_labels = { colonne = \"liste\", separer = [\";\", \",\"] }",
            Champ::AutresFormationsLabels,
            "Wifi|Scanner|x",
        ),
        (
            "[champs]\nautres_formations_labels = { colonne = \"liste\", separer = [\";\", \",\"], traduction = { \"wifi\" = [\"A\", \"B\"], \"scanner\" = \"\" }, sinon = \"garder\" }",
            Champ::AutresFormationsLabels,
            "A|B|x",
        ),
        (
            "[champs]\ntypologie = { colonne = \"liste\", separer = \";\", traduction = { \"wifi\" = \"BIB\" }, sinon = \"Autre\" }",
            Champ::Typologie,
            "BIB|Autre",
        ),
        (
            "[[choix.frais_a_charge]]\ncolonnes = \"ouvert\"\ncible = [\"Gratuit\", \"Payant\"]",
            Champ::FraisACharge,
            "Gratuit|Payant",
        ),
        (
            "[[choix.frais_a_charge]]\nsi = { colonne = \"tel\", vaut = \"-\" }\ncible = \"Gratuit\"",
            Champ::FraisACharge,
            "Gratuit",
        ),
        ("[position]\ncolonne = \"geo.coordinates\"\nordre = \"lon,lat\"", Champ::Latitude, "49.25"),
        (
            "[position]\nlatitude = \"y\"\nlongitude = \"x\"\nprojection = \"lambert93\"",
            Champ::Latitude,
            "48.8565977",
        ),
        (
            "[horaires.liste]\nchemin = \"h\"\njour = \"day\"\ndebut = \"open\"\nfin = \"close\"",
            Champ::Horaires,
            "Mo 09:00-12:00,14:00-17:00; Su 10:00-11:00",
        ),
        ("[horaires.jours]\nlundi = [[\"lun_o\", \"lun_f\"]]", Champ::Horaires, "Mo 09:00-12:00"),
        (
            "[[filtres]]\nexclure_si = { colonne = \"nom\", contient = \"mediatheque\" }",
            Champ::Nom,
            "(filtré)",
        ),
        (
            "[[filtres]]\ngarder_si = [{ colonne = \"nom\", rempli = true }, { colonne = \"ouvert\", vaut = \"true\" }]",
            Champ::Nom,
            "MÉDIATHÈQUE",
        ),
    ] {
        assert_eq!(champ(regles, json, quoi), attendu, "{regles}");
    }
    let une = champ("prefixe_id = \"p-\"\n", json, Champ::Id);
    assert_eq!(une, "p-1");
    let (bruts, _) = traduit(
        "source = \"S\"\n[champs]\nid = { empreinte = [\"nom\", \"voie\"] }\nnom = \"nom\"",
        &json.replace("MÉDIATHÈQUE", "mediatheque"),
    )
    .unwrap();
    let (autres, _) =
        traduit("source = \"S\"\n[champs]\nid = { empreinte = [\"nom\", \"voie\"] }\nnom = \"nom\"", json)
            .unwrap();
    assert_eq!(
        bruts[0].get(Champ::Id),
        autres[0].get(Champ::Id),
        "accents and case do not change an identifier"
    );
    assert_eq!(bruts[0].get(Champ::Id).len(), 16);
}

#[test]
fn how_a_file_is_to_be_read() {
    let toml =
        |fichier: &str| format!("source = \"S\"\n[fichier]\n{fichier}\n[champs]\nid = \"id\"\nnom = \"nom\"");
    for (fichier, texte) in [
        ("entete = 3", "Liste des lieux\nédition 2024;;\nid;nom\n1;A\n"),
        ("separateur = \"|\"", "id|nom\n1|A\n"),
        ("colonnes = [\"id\", \"nom\"]", "1;A\n"),
        (
            "liste = \"data.lieux\"",
            "{\"autres\":[{\"id\":9}],\"data\":{\"x\":[{\"id\":8}],\"lieux\":[{\"id\":1,\"nom\":\"A\"}]}}",
        ),
    ] {
        let (bruts, _) = traduit(&toml(fichier), texte).unwrap();
        assert_eq!((bruts.len(), bruts[0].get(Champ::Nom)), (1, "A"), "{fichier}");
    }
    let mut application = Application::new(Arc::new(Correspondance::lit(&toml("liste = \"data\"")).unwrap()));
    let refus =
        lecture::lire(Cursor::new(b"{\"lieux\":[{\"id\":1}]}"), &application.consignes(), &mut |_| {
            ControlFlow::Continue(())
        });
    assert!(refus.unwrap_err().to_string().contains("« data »"));
    let mut puits = SansTrace;
    let mut rapport = Rapport::new(&mut puits);
    application.fin(&mut rapport);
    assert_eq!(rapport.comptes().unwrap().regles.len(), 2, "columns that no record has are told");
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
    lecture::lire(Cursor::new(fichier.as_bytes()), &application.consignes(), &mut |e| {
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

/// The blocks of code of the guide, in order.
fn exemples() -> Vec<&'static str> {
    include_str!("../../../../../docs/guide/10-ecrire-une-correspondance.md")
        .split("\n```\n")
        .skip(1)
        .step_by(2)
        .collect()
}

#[test]
fn the_worked_examples_of_the_guide_work() {
    let blocs = exemples();
    let trouve = |debut: &str| *blocs.iter().find(|b| b.starts_with(debut)).unwrap();
    let (bruts, comptes) =
        traduit(trouve("source = \"Val de Reims\""), &format!("{}\n", trouve("Ref;"))).unwrap();
    assert_eq!(bruts.len(), 2, "the third is left aside");
    for (champ, valeur) in [
        (Champ::Id, "val-101"),
        (Champ::Nom, "Mediatheque du Parc"),
        (Champ::Adresse, "12 rue Neuve"),
        (Champ::CodePostal, "51100"),
        (Champ::Commune, "Reims"),
        (Champ::DateMaj, "2023-12-03"),
        (Champ::Typologie, "BIB"),
        (Champ::Services, "Accès internet et matériel informatique"),
        (Champ::Latitude, "49.2583"),
        (Champ::Longitude, "4.0317"),
    ] {
        assert_eq!(bruts[0].get(champ), valeur, "{}", champ.nom());
    }
    assert_eq!((bruts[1].get(Champ::Typologie), bruts[1].get(Champ::Services)), ("MUNI|CCAS", ""));
    assert_eq!(comptes.termes, []);
    let (bruts, comptes) = traduit(trouve("source = \"Exemple en JSON\""), trouve("{\"data\"")).unwrap();
    for (champ, valeur) in [
        (Champ::Nom, "Espace numérique"),
        (Champ::Commune, "Reims"),
        (Champ::Courriels, "a@b.fr"),
        (Champ::Telephone, "0326000000"),
        (Champ::Services, "Aide aux démarches administratives|Maîtrise des outils numériques du quotidien"),
        (Champ::Latitude, "49.25"),
        (Champ::Horaires, "Mo 09:00-12:00"),
        (Champ::DateMaj, "2024-01-01"),
    ] {
        assert_eq!(bruts[0].get(champ), valeur, "{}", champ.nom());
    }
    assert_eq!((comptes.regles, comptes.termes), (vec![], vec![]));
}

#[test]
fn every_fragment_of_the_guide_can_be_read() {
    for bloc in exemples() {
        let table =
            ["[[choix", "[[filtres", "[champs", "[traductions", "[defauts"].iter().any(|d| bloc.contains(d));
        if !table || bloc.starts_with("source") {
            continue;
        }
        let toml = if bloc.contains("[champs]") {
            format!("source = \"S\"\n{}", bloc.replace("[champs]", "[champs]\nid = \"i\"\nnom = \"n\""))
        } else {
            format!("source = \"S\"\n{bloc}\n[champs]\nid = \"i\"\nnom = \"n\"")
        };
        Correspondance::lit(&toml).unwrap_or_else(|e| panic!("{toml}\n{e}"));
    }
}
