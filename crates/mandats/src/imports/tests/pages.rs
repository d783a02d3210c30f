//! The desk of imports in a browser.

use testkit::TestSite;

use super::*;

const BASE: &str = "/gestion/aidants-connect/imports";
const CSV: &[u8] = "Adresse électronique;Prénom;Nom;Profession;Organisation\n\
                    un@essai.example;Un;Essai;Agent;1\nfaux;Deux;Essai;Agent;1\n"
    .as_bytes();

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_file_is_looked_at_confirmed_and_its_report_taken_away(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Ici", 1).await;
        let actor = agent(&t, 1, creuse()).await;
        let nu = t.browser(crate::routes(&m));
        let mut b = nu.signed_in(essai::viewer(&actor));
        b.get(BASE).await.expect(200).says("Anciennes demandes").says("Aucun import");
        for genre in Genre::TOUS {
            let ici = format!("{BASE}/{}", genre.cle());
            b.get(&ici).await.expect(200).says("modele.xlsx");
            // The model is read back as it is: its titles, and one line of example.
            let modele = b.get(&format!("{ici}/modele.csv")).await.expect(200).body;
            let lu = platform::tableur::lecture::lire(modele.as_bytes(), &LIMITES).unwrap();
            assert_eq!((lu.titres.len(), lu.lignes.len()), (genre.colonnes().len(), 1), "{modele}");
            assert!(b.get(&format!("{ici}/modele.xlsx")).await.expect(200).body.starts_with("PK"));
            for faux in [b"".as_slice(), b"rien", b"PK\x03\x04", b"x;y\n1;2\n"] {
                b.post_file(&ici, &[], ("fichier", "x.csv", faux)).await.expect(422);
            }
        }
        let page = b.post_file(&format!("{BASE}/demandes"), &[], ("fichier", "liste <b>.csv", CSV)).await.expect(303);
        let ici = page.location().to_owned();
        let lue = b.get(&ici).await.expect(200).says("1 création").says("Rien n’est encore enregistré").says("Enregistrer 1 ligne");
        assert!(lue.body.contains("&#60;b&#62;") || lue.body.contains("&lt;b&gt;"), "the name of a file is text");
        b.get(&format!("{ici}?resultat=refuse&page=9")).await.expect(200).says("faux");
        b.get(&format!("{ici}?resultat=n_importe")).await.expect(200);
        let csv = b.get(&format!("{ici}/export.csv?resultat=refuse")).await.expect(200).body;
        assert!(csv.contains("Refusée") && !csv.contains("un@essai"), "{csv}");
        assert!(b.get(&format!("{ici}/export.xlsx")).await.expect(200).body.starts_with("PK"));
        b.post(&format!("{ici}/confirmer"), &[]).await.expect(303);
        b.post(&format!("{ici}/confirmer"), &[]).await.expect(409);
        b.post(&format!("{ici}/abandonner"), &[]).await.expect(409);
        b.get(&ici).await.expect(200).says("Voir où cela en est");
        travailler(&m).await;
        b.get(&ici).await.expect(200).says("Terminé. 1 création");
        b.get(BASE).await.expect(200).says("liste");
        // Another one is given up: what it said of people is gone.
        let page = b.post_file(&format!("{BASE}/demandes"), &[], ("fichier", "b.csv", b"courriel;prenom;nom;profession;organisation\nz@essai.example;Z;Z;Z;1\n")).await.expect(303);
        let autre = page.location().to_owned();
        b.post(&format!("{autre}/abandonner"), &[]).await.expect(303);
        b.get(&autre).await.expect(200).says("effacé");
        assert!(personne(&t, "z@essai.example").await.is_none());
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM mandats_import_ligne WHERE cellules LIKE '%z@essai%'").await, 0);
        // Others see none of it.
        let voisine = agent(&t, 2, Perimetre::Departements(vec![CodeDepartement::parse("01").unwrap()])).await;
        let mut b = nu.signed_in(essai::viewer(&voisine));
        b.get(BASE).await.expect(200).says("Aucun import");
        for chemin in [ici.clone(), format!("{ici}/export.csv")] {
            b.get(&chemin).await.expect(404);
        }
        b.post(&format!("{ici}/confirmer"), &[]).await.expect(404);
        let mut b = nu.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National));
        b.get(BASE).await.expect(403);
        b.post_file(&format!("{BASE}/demandes"), &[], ("fichier", "x.csv", CSV)).await.expect(403);
        nu.clone().get(&ici).await.expect(303);
    }
}
