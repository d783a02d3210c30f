use kernel::{CodeDepartement, Perimetre, Role};
use platform::jobs::Worker;
use testkit::{Answer, Browser, TestSite, viewer};

use super::*;

const FICHIER: &str = "id,nom,commune,code_postal,adresse,date_maj\n1,Médiathèque,Reims,51100,1 rue X,2024-04-02\n2,Mairie,Bourg-en-Bresse,01000,1 rue X,2024-04-02\n";

async fn envoie(navigateur: &mut Browser, champs: &[(&str, &str)], fichier: &str) -> Answer {
    navigateur.post_file(BASE, champs, ("fichier", "essai.csv", fichier.as_bytes())).await
}

async fn annuaire(t: &TestSite) -> Annuaire {
    Annuaire::load(&t.site).await.unwrap()
}

async fn travaille(annuaire: &Annuaire) {
    let mut registry = Registry::default();
    register(annuaire, &mut registry);
    Worker::new(annuaire.site.clone(), registry).drain().await.unwrap();
}

testkit::on_both_engines! {
    migrations: { let mut m = platform::migrations(); m.extend(crate::migrations()); m };

    async fn a_file_comes_by_the_page_and_its_report_is_shown(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        let envoye = envoie(&mut navigateur, &[("source", "Essai")], FICHIER).await;
        let page = envoye.expect(303).location().to_owned();
        assert!(navigateur.get(&page).await.body.contains("Import en cours"));
        travaille(&annuaire).await;
        let faite = navigateur.get(&page).await;
        assert!(faite.body.contains("Livraison enregistrée") && faite.body.contains("Essai"), "{}", faite.body);
        let rapport = navigateur.get(&format!("{page}/rapport.csv")).await;
        assert!(rapport.body.contains("code-insee-trouve"), "{}", rapport.body);
        assert!(navigateur.get(BASE).await.body.contains("essai.csv"));
        let deposes = platform::db::kit::count(t.site.db.read(), "SELECT COUNT(*) FROM lieu_depot", []).await.unwrap();
        assert_eq!(deposes, 0, "the file goes with the import");
        // A second run of the job finds it done.
        travaille(&annuaire).await;

        let envoye = envoie(&mut navigateur, &[("essai", "oui")], "id,nom\n1,x\n").await;
        travaille(&annuaire).await;
        let refuse = navigateur.get(envoye.location()).await;
        assert!(refuse.body.contains("Fichier refusé"), "{}", refuse.body);
    }

    async fn a_hub_delivers_within_its_departements_and_sees_its_own(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let ain = Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        let mut hub = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::Hub, ain.clone()));
        let page = envoie(&mut hub, &[("source", "Hub")], FICHIER).await.expect(303).location().to_owned();
        travaille(&annuaire).await;
        let vue = hub.get(&page).await.body;
        assert!(vue.contains("périmètre de votre rôle"), "{vue}");
        assert!(crate::lieux::lieu_de_identifiant(t.site.db.read(), "2").await.unwrap().is_some());
        assert!(crate::lieux::lieu_de_identifiant(t.site.db.read(), "1").await.unwrap().is_none());
        let mut autre = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        autre.get(&page).await.expect(200);
        t.browser(routes(annuaire)).signed_in(viewer(Role::Lecteur, Perimetre::National)).get(&page).await.expect(403);
    }

    async fn a_hub_changes_and_closes_nothing_outside_its_departements(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let deux: Perimetre = Perimetre::Departements(["01", "51"].iter().filter_map(|c| CodeDepartement::parse(c)).collect());
        let mut hub = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::Hub, deux));
        envoie(&mut hub, &[("source", "Hub")], FICHIER).await.expect(303);
        travaille(&annuaire).await;
        // The same person, who keeps the Ain only, delivers the Ain only.
        let ain = Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        let mut hub = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::Hub, ain));
        let (entete, lignes) = FICHIER.split_once('\n').unwrap();
        let (_, mairie) = lignes.split_once('\n').unwrap();
        envoie(&mut hub, &[("source", "Hub")], &format!("{entete}\n{mairie}")).await.expect(303);
        travaille(&annuaire).await;
        let reims = crate::lieux::lieu_de_identifiant(t.site.db.read(), "1").await.unwrap().unwrap();
        let etat = || async { crate::lieux::lieu(t.site.db.read(), reims).await.unwrap().unwrap() };
        assert_eq!(etat().await.etat, crate::lieux::Etat::Ouvert, "it stands elsewhere: nobody closed it");
        // Its identifier, with a commune of the Ain, would move it.
        let vole = format!("{entete}\n{mairie}1,Volé,Bourg-en-Bresse,01000,1 rue X,2024-04-02\n");
        let page = envoie(&mut hub, &[("source", "Hub")], &vole).await.expect(303).location().to_owned();
        travaille(&annuaire).await;
        let refus = hub.get(&page).await.body;
        assert!(refus.contains("hors du périmètre de votre rôle (1)"), "{refus}");
        assert_eq!(&*etat().await.fiche.nom, "Médiathèque");
    }

    async fn the_largest_file_is_the_one_of_the_configuration(t: TestSite) {
        let mut t = t;
        let mut config = (*t.site.config).clone();
        config.serveur.fichier_max_mio = 1;
        t.site.config = std::sync::Arc::new(config);
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire)).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        assert!(navigateur.get(BASE).await.body.contains("de 1 Mio au plus"));
        let juste = "x".repeat(1 << 20);
        envoie(&mut navigateur, &[], &juste).await.expect(303);
        envoie(&mut navigateur, &[], &format!("{juste}x")).await.expect(422).says("dépasse 1 Mio");
    }

    async fn wrong_forms_come_back_with_their_errors(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire)).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        let vide = envoie(&mut navigateur, &[], "").await;
        assert_eq!(vide.status.as_u16(), 422);
        assert!(vide.body.contains("ne doit pas être vide"), "{}", vide.body);
        envoie(&mut navigateur, &[("correspondance", "fichier")], FICHIER).await.expect(422);
        let coupe = axum::body::Body::from("--XX");
        navigateur.send(axum::http::Method::POST, BASE, Some("multipart/form-data; boundary=XX"), coupe).await.expect(400);
        navigateur.post(BASE, &[("source", "x")]).await.expect(400);
        navigateur.get(&format!("{BASE}/ailleurs")).await.expect(404);
    }

    async fn remarks_are_filtered_and_the_corrected_file_is_of_the_standard(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        let fichier = FICHIER.replace("date_maj", "date_maj,telephone,site_web").replace("2024-04-02\n", "2024-04-02,03 26 00 00 01,=x\n");
        for essai in [vec![("source", "Essai"), ("essai", "oui")], vec![("source", "Essai")]] {
            let page = envoie(&mut navigateur, &essai, &fichier).await.expect(303).location().to_owned();
            travaille(&annuaire).await;
            let toutes = navigateur.get(&format!("{page}/remarques")).await;
            assert!(toutes.body.contains("telephone") && toutes.body.contains("site_web"), "{}", toutes.body);
            let telephones = navigateur.get(&format!("{page}/remarques?regle=telephone-format&page=9")).await;
            assert!(telephones.body.contains("2 remarques") && telephones.body.contains("+33326000001"), "{}", telephones.body);
            assert!(!telephones.body.contains("<th scope=\"row\">1</th>"));
            let rien = navigateur.get(&format!("{page}/remarques?niveau=zzz")).await;
            assert!(rien.body.contains("Aucune remarque"));
            let corrige = navigateur.get(&format!("{page}/corrige.csv")).await.expect(200);
            let mut lu = csv::Reader::from_reader(corrige.body.as_bytes());
            assert_eq!(lu.headers().unwrap().len(), 32);
            assert_eq!(lu.records().count(), 2);
            assert!(corrige.body.contains("+33326000001"), "{}", corrige.body);
        }
        navigateur.get(&format!("{BASE}/{}/remarques", uuid::Uuid::nil())).await.expect(404);
        navigateur.get(&format!("{BASE}/{}/corrige.csv", uuid::Uuid::nil())).await.expect(404);
        let qualite = navigateur.get(qualite::BASE).await;
        assert!(qualite.body.contains("Essai"), "{}", qualite.body);
        let lien = qualite.body.split(&format!("{}/", qualite::BASE)).filter_map(|b| b.get(..36)).find(|b| b.parse::<uuid::Uuid>().is_ok()).unwrap().to_owned();
        let source = navigateur.get(&format!("{}/{lien}", qualite::BASE)).await;
        assert!(source.body.contains("<svg") && source.body.contains("Téléphone"), "{}", source.body);
        let csv = navigateur.get(&format!("{}/sources.csv", qualite::BASE)).await;
        let schema = navigateur.get(&format!("{}/sources.schema.json", qualite::BASE)).await.expect(200).json();
        let noms: Vec<&str> =
            schema["fields"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(csv.body.lines().next().unwrap(), noms.join(","));
        assert!(csv.body.starts_with("source,lieux_ouverts") && csv.body.contains("Essai,2,"), "{}", csv.body);
        navigateur.get(&format!("{}/{}", qualite::BASE, uuid::Uuid::nil())).await.expect(404);
    }

    async fn a_delivery_lists_the_lieux_that_it_changed(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        let page = envoie(&mut navigateur, &[("source", "Essai")], FICHIER).await.expect(303).location().to_owned();
        travaille(&annuaire).await;
        assert!(navigateur.get(&page).await.body.contains(&format!("{page}/lieux")));
        let ajoutes = navigateur.get(&format!("{page}/lieux")).await.expect(200).body;
        assert!(ajoutes.contains("2 lieux") && ajoutes.contains("Médiathèque") && ajoutes.contains("Ajoutés (2)"), "{ajoutes}");
        t.site.clock.advance(chrono::TimeDelta::days(1));
        let seconde = format!("{}3,=Nouveau,Reims,51100,3 rue X,2024-04-02\n", FICHIER.replace("Mairie", "Hôtel de ville").replace("1,Médiathèque,Reims,51100,1 rue X,2024-04-02\n", ""));
        let page = envoie(&mut navigateur, &[("source", "Essai")], &seconde).await.expect(303).location().to_owned();
        travaille(&annuaire).await;
        let tout = navigateur.get(&format!("{page}/lieux")).await.expect(200).body;
        for mot in ["3 lieux", "Ajoutés (1)", "Changés (1)", "Fermés (1)", "<del>Mairie</del>", "<ins>Hôtel de ville</ins>"] {
            assert!(tout.contains(mot), "{mot}\n{tout}");
        }
        let fermes = navigateur.get(&format!("{page}/lieux?genre=fermeture&page=9")).await.expect(200).body;
        assert!(fermes.contains("1 lieu<") && !fermes.contains("Hôtel de ville</a>"), "{fermes}");
        let csv = navigateur.get(&format!("{page}/lieux.csv?genre=")).await.expect(200).body;
        assert_eq!(csv.lines().count(), 4, "{csv}");
        assert!(csv.contains("changement,2,Hôtel de ville,Bourg-en-Bresse,nom,Mairie,Hôtel de ville") && csv.contains("'=Nouveau"), "{csv}");
        navigateur.get(&format!("{BASE}/{}/lieux", uuid::Uuid::nil())).await.expect(404);
        t.browser(routes(annuaire)).signed_in(viewer(Role::Lecteur, Perimetre::National)).get(&format!("{page}/lieux")).await.expect(403);
    }

    async fn a_mapping_is_previewed_before_anything_is_imported(t: TestSite) {
        let annuaire = annuaire(&t).await;
        let mut navigateur = t.browser(routes(annuaire.clone())).signed_in(viewer(Role::AdministrateurNational, Perimetre::National));
        let toml = "source = \"S\"\n[champs]\nid = \"ref\"\nnom = \"lieu\"\ntypologie = { colonne = \"genre\", traduction = { \"Mairie\" = \"MUNI\" } }\n";
        let fichier = "ref;lieu;genre;autre\n1;Mairie;Mairie;x\n2;Bassin;Piscine;y\n";
        let champs = [("correspondance", "texte"), ("correspondance_texte", toml), ("action", "apercu")];
        let vu = envoie(&mut navigateur, &champs, fichier).await;
        assert_eq!(vu.status.as_u16(), 200);
        for mot in ["Aperçu", "MUNI", "Piscine", "autre", "[champs]"] {
            assert!(vu.body.contains(mot), "{mot}\n{}", vu.body);
        }
        assert!(vu.body.contains("Aucune livraison"), "nothing is imported");
        let faux = [("correspondance", "texte"), ("correspondance_texte", "source = \"S\"\n[champs]\nidd = \"ref\""), ("action", "apercu")];
        let refuse = envoie(&mut navigateur, &faux, fichier).await;
        assert!(refuse.status.as_u16() == 422 && refuse.body.contains("ligne 3, colonne 1"), "{}", refuse.body);
        let sans = envoie(&mut navigateur, &[("action", "apercu")], fichier).await;
        assert!(sans.status.as_u16() == 422 && sans.body.contains("Choisissez une correspondance"), "{}", sans.body);
        // An archive is refused as it is sent, before it waits for any job.
        let archive = navigateur.post_file(BASE, &[], ("fichier", "lieux.xlsx", b"PK\x03\x04zzzz")).await;
        assert!(archive.status.as_u16() == 422 && archive.body.contains("classeur"), "{}", archive.body);
    }
}
