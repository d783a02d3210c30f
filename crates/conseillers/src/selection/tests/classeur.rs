use kernel::Perimetre;
use testkit::TestSite;

use crate::demandes::store::{self, Filtre};
use crate::demandes::tests::*;
use crate::selection::classeur;

const B: &str = "/conseillers/demandes";

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn opinions_leave_and_come_back_in_a_workbook(t: TestSite) {
        let (c, s) = maison(&t).await;
        let mut un = deposee(&c, s[2], premiers(3)).await;
        let deux = deposee(&c, s[3], premiers(1)).await;
        deposee(&c, s[4], premiers(1)).await;
        // What a person typed is never a formula.
        un.nom = "=1+1".to_owned();
        let t2 = classeur::lire(&classeur::ecrire(&[(un.clone(), None), (deux.clone(), None)]).unwrap()).unwrap();
        assert_eq!(t2.lignes.len(), 2);
        let lue = |titre| t2.cellule(&t2.lignes[0].1, titre);
        assert_eq!((lue("numero"), lue("structure")), ("DE-1", "=1+1"));
        assert_eq!(lue("postes demandes"), "3");
        let nue = browser(&t, &c);
        let mut b = prefecture(&nue, "23");
        let page = b.get(&format!("{B}/export.xlsx")).await.expect(200);
        assert!(page.body.starts_with("PK"));
        let csv = "Numéro;Avis;Postes proposés;Commentaire\nDE-1;favorable;2;Un projet attendu.\nDE-2;Défavorable;;Court\n\
                   DE-3;Favorable;1;Pas de chez nous.\nDE-9;Favorable;1;Nulle part.\nDE-2;Peut-être;;Un commentaire.\nDE-2;;;\n";
        let page = b.post_file(&format!("{B}/classeur"), &[], ("fichier", "avis.csv", csv.as_bytes())).await.expect(200);
        let page = page.says("À enregistrer : 1").says("Sans changement : 1").says("Cases à corriger : 4");
        assert!(page.body.contains("10 à 1 000") && page.body.contains("votre territoire"), "{}", page.body);
        assert!(store::avis_de(t.site.db.read(), un.id).await.unwrap().is_empty(), "nothing before it is confirmed");
        let yes = [("confirmer", "oui")];
        b.post_file(&format!("{B}/classeur"), &yes, ("fichier", "avis.csv", csv.as_bytes())).await.expect(303);
        let avis = store::avis_de(t.site.db.read(), un.id).await.unwrap();
        assert_eq!((avis.len(), avis[0].postes), (1, 2));
        // The same file again changes nothing.
        let page = b.post_file(&format!("{B}/classeur"), &[], ("fichier", "avis.csv", csv.as_bytes())).await.expect(200);
        page.says("À enregistrer : 0");
        for bad in [b"".as_slice(), b"a;b\n1;2\n", b"PK\x03\x04"] {
            b.post_file(&format!("{B}/classeur"), &yes, ("fichier", "x", bad)).await.expect(422);
        }
        gestion(&nue, s[2]).get(&format!("{B}/export.xlsx")).await.expect(404);
    }

    async fn the_list_of_a_departement_is_entered_and_confirmed(t: TestSite) {
        let (c, _) = maison(&t).await;
        let nue = browser(&t, &c);
        let mut b = prefecture(&nue, "23");
        let titres = "SIRET,Nom,Commune,Code postal,Postes,Prénom du contact,Nom du contact,Fonction du contact,Courriel du contact,Téléphone du contact";
        let csv = format!(
            "{titres}\n43493312300029,Mairie d’essai,Guéret,23000,2,Anne,Essai,Maire,anne@exemple.fr,0180059880\n\
             35600000000048,Ailleurs,Laon,02000,1,Luc,Essai,Maire,luc@exemple.fr,0180059880\n\
             1,,Guéret,23000,31,,,,x,12\n"
        );
        let page = b.post_file(&format!("{B}/liste"), &[], ("fichier", "liste.csv", csv.as_bytes())).await.expect(200);
        page.says("À enregistrer : 1").says("hors de votre territoire").says("Mairie d’essai, Guéret (23) : 2 postes");
        let all = async || store::lister(t.site.db.read(), &Perimetre::National, &EMPTY, (0, 10)).await;
        assert!(all().await.unwrap().is_empty());
        for _ in 0..2 {
            b.post_file(&format!("{B}/liste"), &[("confirmer", "oui")], ("fichier", "l.csv", csv.as_bytes())).await.expect(303);
        }
        let d = all().await.unwrap();
        assert_eq!(d.iter().map(|d| d.etat.cle()).collect::<Vec<_>>(), ["a_confirmer", "doublon"]);
        let at = format!("{B}/{}", d[0].id);
        b.post(&format!("{at}/avis"), &[("sens", "favorable"), ("commentaire", "Un projet attendu.")]).await.expect(409);
        prefecture(&nue, "01").post(&format!("{at}/confirmer"), &[]).await.expect(404);
        b.post(&format!("{at}/confirmer"), &[]).await.expect(303);
        b.post(&format!("{at}/avis"), &[("sens", "favorable"), ("commentaire", "Un projet attendu.")]).await.expect(303);
    }
}

const EMPTY: Filtre =
    Filtre { mots: String::new(), genre: None, departement: None, etat: None, sans_avis: None, seance: None };
