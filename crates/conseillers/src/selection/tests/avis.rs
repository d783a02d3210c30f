use testkit::TestSite;

use crate::demandes::store;
use crate::demandes::tests::*;

const B: &str = "/conseillers/demandes";

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_prefecture_gives_its_opinion_and_reads_no_other_departement(t: TestSite) {
        let (c, s) = maison(&t).await;
        let (creuse, ain) = (deposee(&c, s[2], premiers(3)).await, deposee(&c, s[4], premiers(1)).await);
        let nue = browser(&t, &c);
        let mut b = prefecture(&nue, "23");
        let page = b.get(B).await.expect(200).says("DE-1").says("19 février 2021");
        assert!(!page.body.contains("DE-2"));
        let at = format!("{B}/{}", creuse.id);
        b.get(&at).await.expect(200).says("Le besoin autour").says("Département : Creuse").says("<svg");
        for (sens, commentaire, postes, field) in [
            ("", "Un commentaire assez long.", "", "sens"), ("favorable", "Court.", "", "commentaire"),
            ("favorable", "Un commentaire assez long.", "4", "postes"), ("favorable", "Un commentaire assez long.", "x", "postes"),
        ] {
            let form = [("sens", sens), ("commentaire", commentaire), ("postes", postes)];
            b.post(&format!("{at}/avis"), &form).await.expect(422).says(&format!("href=\"#{field}\""));
        }
        let form = [("sens", "defavorable"), ("commentaire", "Un commentaire assez long."), ("accord_principe", "oui")];
        b.post(&format!("{at}/avis"), &form).await.expect(422).says("href=\"#accord_principe\"");
        let form = [("sens", "favorable"), ("commentaire", "Un projet solide, attendu."), ("postes", "2"), ("accord_principe", "oui")];
        b.post(&format!("{at}/avis"), &form).await.expect(303);
        b.get(&at).await.expect(200).says("postes proposés : 2").says("accord préalable de principe");
        // The last one counts.
        b.post(&format!("{at}/avis"), &[("sens", "complementaire"), ("commentaire", "Il manque le budget.")]).await.expect(303);
        let avis = store::avis_de(t.site.db.read(), creuse.id).await.unwrap();
        assert_eq!((avis.len(), avis[0].sens.cle()), (2, "complementaire"));
        // Files: PDF by content, bounded, kept from the structure and from other préfectures.
        let bad = b.post_file(&format!("{at}/fichiers"), &[], ("fichier", "x.pdf", b"PK\x03\x04")).await;
        bad.expect(422).says("fichier PDF");
        b.post_file(&format!("{at}/fichiers"), &[], ("fichier", "d\u{e9}lib\u{e9}ration.pdf", b"%PDF-1.7 x")).await.expect(303);
        let piece = format!("{at}/fichiers/{}", store::pieces(t.site.db.read(), creuse.id).await.unwrap()[0].id);
        b.get(&piece).await.expect(200).says("%PDF-1.7");
        gestion(&nue, s[2]).get(&piece).await.expect(404);
        let page = gestion(&nue, s[2]).get(&at).await.expect(200);
        assert!(!page.body.contains("Il manque le budget"), "the opinion is between préfecture and committee");
        let mut autre = prefecture(&nue, "01");
        autre.get(&piece).await.expect(404);
        autre.get(&at).await.expect(404);
        for path in ["avis", "confirmer", "doublon", "ecarter"] {
            let form = [("sens", "favorable"), ("commentaire", "Un commentaire assez long."), ("motif", "x"), ("doublon_de", "DE-2")];
            autre.post(&format!("{at}/{path}"), &form).await.expect(404);
        }
        // Several at once: all or none, and only one's own.
        let (un, deux) = (creuse.id.to_string(), ain.id.to_string());
        let form = [("demandes", un.as_str()), ("demandes", deux.as_str()), ("sens", "favorable"), ("commentaire", "Les deux se complètent.")];
        b.post(&format!("{B}/avis"), &form).await.expect(404);
        assert_eq!(store::avis_de(t.site.db.read(), creuse.id).await.unwrap().len(), 2);
        b.post(&format!("{B}/avis"), &[("sens", "favorable"), ("commentaire", "Les deux se complètent.")]).await.expect(422).says("Cochez");
        b.post(&format!("{B}/avis"), &[("demandes", un.as_str()), ("sens", "favorable"), ("commentaire", "Les deux se complètent.")]).await.expect(303);
        // Set aside.
        b.post(&format!("{at}/doublon"), &[("doublon_de", "DE-2")]).await.expect(422).says("votre territoire");
        b.post(&format!("{at}/ecarter"), &[("motif", "Déposée deux fois.")]).await.expect(303);
        b.post(&format!("{at}/avis"), &form).await.expect(409);
    }

    async fn the_calendar_is_the_administrations(t: TestSite) {
        let (c, _) = maison(&t).await;
        let nue = browser(&t, &c);
        let admin = testkit::viewer(kernel::Role::AdministrateurNational, kernel::Perimetre::National);
        let mut b = nue.signed_in(admin);
        let form = [("ouverture_publique", "2020-11-17"), ("ouverture_privee", "2027-01-01"), ("avis", "2026-04-30")];
        b.post(&format!("{B}/calendrier"), &form).await.expect(303);
        b.get(&format!("{B}/calendrier")).await.expect(200).says("2027-01-01");
        prefecture(&nue, "23").post(&format!("{B}/calendrier"), &form).await.expect(403);
        // Private structures wait for their day.
        let (s, _) = (maison(&t).await.1, ());
        let mut g = gestion(&nue, s[0]);
        let contact = [("prenom", "Anne"), ("nom_contact", "Essai"), ("fonction", "Maire"), ("courriel", "anne@exemple.fr"), ("telephone", "01 80 05 98 80")];
        let ask = [("type", "premiers_postes"), ("postes", "1"), ("debut", "2026-05-01"), ("candidat", "oui"), ("missions", "usages"), ("motivation", "x")];
        g.post(&format!("{B}/nouvelle"), &[&contact[..], &ask[..]].concat()).await.expect(409).says("01/01/2027");
    }
}
