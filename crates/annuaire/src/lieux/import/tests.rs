use std::io::{Read, Seek, Write};

use testkit::TestSite;

use super::*;
use crate::lieux::model::{Etat, Genre};
use crate::lieux::{historique, lieu_de_identifiant, parcours, version};

const ENTETE: &str = "id,pivot,nom,commune,code_postal,adresse,latitude,longitude,date_maj,services,source\n";

fn fichier(texte: &str) -> File {
    let mut f = tempfile::tempfile().unwrap();
    f.write_all(texte.as_bytes()).unwrap();
    f.rewind().unwrap();
    f
}

fn ligne(id: &str, nom: &str) -> String {
    format!(
        "{id},00000000000000,{nom},Reims,51100,1 rue X,49.25,4.03,2024-04-02,Loisirs et créations numériques,Essai\n"
    )
}

fn table() -> Arc<Territoires> {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Arc<Territoires>> = OnceLock::new();
    TABLE.get_or_init(|| Arc::new(Territoires::new(&std::collections::HashMap::new()).unwrap())).clone()
}

async fn livre(t: &TestSite, texte: &str, change: impl FnOnce(&mut Demande)) -> Result<Compte, Echec> {
    let mut demande = Demande::du_standard("essai.csv", fichier(texte), &t.site);
    change(&mut demande);
    importe(&t.site, table(), demande, Arc::new(|_| {})).await
}

fn bilan(c: &Compte) -> [u64; 6] {
    let b = c.bilan;
    [b.read, b.added, b.changed, b.unchanged, b.closed, b.refused]
}

testkit::on_both_engines! {
    migrations: { let mut m = platform::migrations(); m.extend(crate::migrations()); m };

    async fn a_second_delivery_shows_added_changed_unchanged_closed(t: TestSite) {
        let premiere = format!("{ENTETE}{}{}{}", ligne("1", "A"), ligne("2", "B"), ligne("3", "C"));
        let c = livre(&t, &premiere, |_| {}).await.unwrap();
        assert_eq!((bilan(&c), c.source.as_str()), ([3, 3, 0, 0, 0, 0], "Essai"));
        let avant = version(t.site.db.read()).await.unwrap();

        let c = livre(&t, &premiere, |_| {}).await.unwrap();
        assert_eq!(bilan(&c), [3, 0, 0, 3, 0, 0]);
        assert_eq!(version(t.site.db.read()).await.unwrap(), avant, "nothing changed, nobody reloads");

        t.site.clock.advance(chrono::TimeDelta::days(1));
        let seconde = format!("{ENTETE}{}{}{}", ligne("1", "A"), ligne("2", "Bé"), ligne("4", "D"));
        let c = livre(&t, &seconde, |_| {}).await.unwrap();
        assert_eq!(bilan(&c), [3, 1, 1, 1, 1, 0]);
        assert!(version(t.site.db.read()).await.unwrap() > avant);

        let mut lieux = Vec::new();
        parcours::<DbErr>(t.site.db.read(), |l| { lieux.push(l); Ok(()) }).await.unwrap();
        assert_eq!(lieux.len(), 4, "a closed lieu is kept");
        let ferme = lieux.iter().find(|l| l.fiche.id.as_ref() == "3").unwrap();
        assert_eq!(ferme.etat, Etat::Ferme { depuis: t.site.clock.now() });
        assert_eq!(historique(t.site.db.read(), ferme.id, 10).await.unwrap()[0].genre, Genre::Fermeture);
        let change = lieu_de_identifiant(t.site.db.read(), "2").await.unwrap().unwrap();
        let h = historique(t.site.db.read(), change, 10).await.unwrap();
        assert_eq!((h[0].genre, h[0].champs[0].champ.as_str(), h[0].champs[0].apres.as_str()), (Genre::Changement, "nom", "Bé"));

        // Delivered again: open again, under the same identifier.
        let c = livre(&t, &premiere, |_| {}).await.unwrap();
        assert_eq!(bilan(&c), [3, 0, 2, 1, 1, 0]);
        let rouvert = crate::lieux::lieu(t.site.db.read(), ferme.id).await.unwrap().unwrap();
        assert_eq!((rouvert.etat, rouvert.fiche.nom.as_ref()), (Etat::Ouvert, "C"));
        assert!(rouvert.fiche.code_insee.is_some(), "the commune was resolved");
    }

    async fn a_record_refused_without_its_identifier_closes_nothing(t: TestSite) {
        let premiere = format!("{ENTETE}{}{}", ligne("1", "A"), ligne("2", "B"));
        livre(&t, &premiere, |_| {}).await.unwrap();
        let sans_id = format!("{ENTETE}{}{}", ligne("1", "A"), ligne("", "B"));
        let c = livre(&t, &sans_id, |_| {}).await.unwrap();
        assert_eq!(bilan(&c), [2, 0, 0, 1, 0, 1]);
        assert!(c.avertissement.unwrap().contains("aucun lieu n’est fermé"));
    }

    async fn what_is_refused_writes_and_closes_nothing(t: TestSite) {
        let lignes: String = (0..40).map(|i| ligne(&i.to_string(), &format!("Lieu {i}"))).collect();
        livre(&t, &format!("{ENTETE}{lignes}"), |_| {}).await.unwrap();
        let avant = version(t.site.db.read()).await.unwrap();
        for (texte, mot) in [
            (String::new(), "vide"),
            (ENTETE.to_owned(), "aucun lieu"),
            ("a,b\n1,2\n".to_owned(), "colonnes du standard"),
            (format!("{ENTETE}{}\"coupé", ligne("1", "Lieu 1")), "coupé"),
            (format!("{ENTETE}{}", ligne("1", "Lieu 1")), "fermerait"),
            (format!("{ENTETE}1,,,,,,,,,,\n"), "Aucun des 1"),
        ] {
            let echec = livre(&t, &texte, |d| d.source = Some("Essai".to_owned())).await.unwrap_err();
            assert!(echec.to_string().contains(mot), "{echec}");
        }
        assert_eq!(version(t.site.db.read()).await.unwrap(), avant);
        let ferme = livre(&t, &format!("{ENTETE}{}", ligne("1", "Lieu 1")), |d| d.force = true).await.unwrap();
        assert_eq!(bilan(&ferme), [1, 0, 0, 1, 39, 0]);
        // A file that ends in the middle of a line is read as far as it goes, and closes nothing.
        livre(&t, &format!("{ENTETE}{lignes}"), |_| {}).await.unwrap();
        let coupe: String = (0..30).map(|i| ligne(&i.to_string(), &format!("Lieu {i}"))).collect();
        let c = livre(&t, &format!("{ENTETE}{coupe}30,00000000000000,Li"), |_| {}).await.unwrap();
        assert_eq!((c.bilan.closed, c.bilan.refused), (0, 1));
        assert!(c.avertissement.is_some());
    }

    async fn a_dry_run_tells_all_and_writes_nothing(t: TestSite) {
        let texte = format!("{ENTETE}{}{}{}", ligne("1", "A"), ligne("1", "Double"), ligne("", "Sans id"));
        let mut c = livre(&t, &texte, |d| d.a_blanc = true).await.unwrap();
        assert_eq!(bilan(&c), [3, 1, 0, 0, 0, 2]);
        let mut rapport = String::new();
        c.rapport.read_to_string(&mut rapport).unwrap();
        assert!(rapport.contains("3,id,refus,id-double,1,"), "{rapport}");
        assert!(rapport.contains("4,id,refus,id-absent"), "{rapport}");
        assert_eq!(version(t.site.db.read()).await.unwrap(), 0);
    }

    async fn two_sources_may_use_one_identifier(t: TestSite) {
        livre(&t, &format!("{ENTETE}{}", ligne("1", "A")), |_| {}).await.unwrap();
        let c = livre(&t, &format!("{ENTETE}{}", ligne("1", "Autre")), |d| d.source = Some("Second".to_owned())).await.unwrap();
        assert_eq!(c.bilan.added, 1);
        assert!(lieu_de_identifiant(t.site.db.read(), "second-1").await.unwrap().is_some());
        // Recognised by its lieux, whatever the name of the file.
        let c = livre(&t, &format!("{ENTETE}{}", ligne("1", "Autre")), |_| {}).await.unwrap();
        assert_eq!((c.source.as_str(), c.bilan.unchanged), ("Second", 1));
    }

    async fn deliveries_of_one_source_at_once_follow_each_other(t: TestSite) {
        let lignes = |de: u32, a: u32, nom: &str| -> String { (de..a).map(|i| ligne(&i.to_string(), &format!("{nom} {i}"))).collect() };
        for tour in 0..3_u32 {
            let source = format!("Source {tour}");
            let fichiers = [
                format!("{ENTETE}{}", lignes(0, 30, "Premier")),
                format!("{ENTETE}{}", lignes(0, 30, "Second")),
                format!("{ENTETE}{}", lignes(5, 35, "Troisième")),
            ];
            let nomme = |d: &mut Demande| d.source = Some(source.clone());
            let (a, b, c) = tokio::join!(livre(&t, &fichiers[0], nomme), livre(&t, &fichiers[1], nomme), livre(&t, &fichiers[2], nomme));
            let mut bilans = [a.unwrap(), b.unwrap(), c.unwrap()].map(|c| bilan(&c));
            bilans.sort_unstable();
            // Each was compared with the one before it: what is new is new once.
            assert_eq!(bilans.iter().map(|b| b[1]).sum::<u64>(), 35, "{bilans:?}");
            let mut noms = Vec::new();
            parcours::<DbErr>(t.site.db.read(), |l| {
                if l.source == source { noms.push((l.fiche.nom.to_string(), l.etat == Etat::Ouvert)); }
                Ok(())
            }).await.unwrap();
            assert_eq!(noms.len(), 35, "nothing lost, nothing doubled");
            // The last one to be written says what is open.
            let ouverts: Vec<&str> = noms.iter().filter(|(_, o)| *o).map(|(n, _)| n.split(' ').next().unwrap()).collect();
            assert_eq!(ouverts.len(), 30);
            assert!(ouverts.iter().all(|n| *n == ouverts[0]), "{noms:?}");
        }
        assert_eq!(store::livraisons(t.site.db.read(), None, 30).await.unwrap().len(), 9);
    }

    async fn a_crash_in_the_middle_leaves_nothing_and_the_job_runs_again(t: TestSite) {
        let lignes: String = (0..3_300).map(|i| ligne(&i.to_string(), &format!("Lieu {i}"))).collect();
        let texte = format!("{ENTETE}{lignes}");
        let id = LivraisonId::new(&t.site.clock, &t.site.chance);
        let site = t.site.clone();
        let (copie, ici) = (texte.clone(), std::sync::atomic::AtomicBool::new(false));
        let chute = tokio::spawn(async move {
            let demande = Demande { id, ..Demande::du_standard("essai.csv", fichier(&copie), &site) };
            let ecoute: Ecoute = Arc::new(move |p| {
                // The first lot is written: the instance dies.
                if matches!(p, Progres::Ecriture(faits, _) if faits > 0) && !ici.swap(true, std::sync::atomic::Ordering::SeqCst) {
                    panic!("the instance dies");
                }
            });
            importe(&site, table(), demande, ecoute).await
        });
        assert!(chute.await.unwrap_err().is_panic());
        assert_eq!(version(t.site.db.read()).await.unwrap(), 0);
        for table in ["lieu", "lieu_alias", "lieu_livraison", "lieu_livraison_ajout"] {
            let reste = platform::db::kit::count(t.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap();
            assert_eq!(reste, 0, "{table}");
        }
        let c = livre(&t, &texte, |d| d.id = id).await.unwrap();
        assert_eq!((c.bilan.added, c.bilan.changed), (3_300, 0));
        let lieux = platform::db::kit::count(t.site.db.read(), "SELECT COUNT(*) FROM lieu", []).await.unwrap();
        assert_eq!(lieux, 3_300);
        let effets = store::effets_par_genre(t.site.db.read(), id).await.unwrap();
        assert_eq!(effets, [("ajout".to_owned(), 3_300)]);
    }

    async fn thousands_of_lieux_and_their_report(t: TestSite) {
        let lignes: String = (0..3_000).map(|i| ligne(&i.to_string(), &format!("Lieu {i}")).replace("51100", "51 100")).collect();
        let c = livre(&t, &format!("{ENTETE}{lignes}"), |_| {}).await.unwrap();
        assert_eq!((c.bilan.added, c.bilan.repaired), (3_000, 3_000));
        let mut gz = Vec::new();
        store::rapport(t.site.db.read(), c.livraison, &mut gz).await.unwrap();
        let mut texte = String::new();
        flate2::read::GzDecoder::new(gz.as_slice()).read_to_string(&mut texte).unwrap();
        assert!(texte.lines().count() > 3_000);
        let livraisons = store::livraisons(t.site.db.read(), None, 10).await.unwrap();
        assert_eq!((livraisons.len(), livraisons[0].bilan), (1, c.bilan));
    }
}
