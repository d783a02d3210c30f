use annuaire::Annuaire;
use kernel::ids::StructureId;
use kernel::{CodeDepartement, CodeRegion, Perimetre, Periode, Role};
use testkit::TestSite;
use uuid::Uuid;

use crate::Conseillers;
use crate::ids::{CandidatId, ContratId};
use crate::postes;

const B: &str = "/conseillers/tableau-de-bord";

async fn poste_occupe(t: &TestSite, departement: &str, region: &str, du: &str) {
    let place = postes::Place {
        structure: StructureId(Uuid::from_u128(1)),
        departement: CodeDepartement::parse(departement).unwrap(),
        region: CodeRegion::parse(region).unwrap(),
    };
    t.site
        .db
        .write(async |tx| {
            let origine = (None, &place, "2021-01-01".parse().unwrap());
            let poste = postes::store::attribuer(&t.site, tx, 1, postes::Typologie::Conseiller, origine)
                .await?
                .remove(0);
            let id = kernel::ids::uuid_v7(&t.site.clock, &t.site.chance);
            let periode = Periode { debut: du.parse().unwrap(), fin: None };
            let poste = postes::rules::affecter(poste, id, (CandidatId(id), ContratId(id)), periode).unwrap();
            postes::store::enregistrer(tx, &poste).await
        })
        .await
        .unwrap();
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn the_dashboard_tells_a_day_and_a_frozen_state_stays(t: TestSite) {
        let c = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
        poste_occupe(&t, "23", "75", "2021-03-01").await;
        poste_occupe(&t, "01", "84", "2021-04-01").await;
        let b = t.browser(crate::pilotage::routes(c));
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        let page = admin.get(&format!("{B}?le=2021-03-31")).await.expect(200).says("31 mars 2021").says("1 000 conseillers");
        assert!(page.body.contains("m-courbe__vu") && page.body.contains("m-dessin"));
        admin.get(&format!("{B}?le=n%27importe")).await.expect(200);
        let csv = admin.get(&format!("{B}/export.csv?le=2021-03-31")).await.expect(200).body;
        assert!(csv.contains("2021-03-31;23;Creuse;") && csv.lines().any(|l| l.starts_with("2021-03-31;01;Ain;") && l.contains(";1;0;1;0;")), "{csv}");
        // Forecast.
        admin.post(&format!("{B}/jalons/printemps_2021"), &[("prevision_printemps_2021", "beaucoup")]).await.expect(422).says("sans virgule").says("beaucoup");
        admin.post(&format!("{B}/jalons/rien"), &[("prevision_rien", "1")]).await.expect(404);
        admin.post(&format!("{B}/jalons/printemps_2021"), &[("prevision_printemps_2021", "1 200")]).await.expect(303);
        admin.get(B).await.expect(200).says("1\u{202f}200");
        // Its own day has passed: two were in post then, whatever day the page shows.
        let jalon = admin.get(&format!("{B}?le=2021-03-15")).await.expect(200).body;
        let jalon = jalon.split("1 000 conseillers en poste").nth(1).unwrap().split("</tr>").next().unwrap().to_owned();
        assert!(jalon.contains("20 juin 2021") && jalon.contains(">2</td>") && jalon.contains("0 %"), "{jalon}");
        for format in ["xlsx", "ods"] {
            assert!(admin.get(&format!("{B}/export.{format}?le=2021-03-31")).await.expect(200).body.starts_with("PK"));
        }
        // Frozen: what changes later does not change it.
        admin.post(&format!("{B}/figer"), &[("le", "2999-01-01")]).await.expect(422).says("à venir");
        admin.post(&format!("{B}/figer"), &[("le", "0001-01-01")]).await.expect(422).says("17 novembre 2020");
        admin.post(&format!("{B}/figer"), &[("le", "hier")]).await.expect(422);
        let at = admin.post(&format!("{B}/figer"), &[("le", "2021-03-31")]).await.expect(303).location().to_owned();
        let avant = admin.get(&format!("{at}/export.csv")).await.expect(200).body;
        poste_occupe(&t, "23", "75", "2021-03-02").await;
        assert_eq!(admin.get(&format!("{at}/export.csv")).await.expect(200).body, avant);
        admin.get(&at).await.expect(200).says("Empreinte SHA-256");
        // However many come after it, it is found.
        for _ in 0..12 {
            t.site.clock.advance(chrono::TimeDelta::seconds(1));
            admin.post(&format!("{B}/figer"), &[("le", "2021-04-30")]).await.expect(303);
        }
        assert!(!admin.get(B).await.expect(200).body.contains(&at));
        assert!(admin.get(&format!("{B}/etats")).await.expect(200).says("31 mars 2021").body.contains(&at));
        admin.get(&at).await.expect(200);
        // A préfecture reads its own territory, and freezes nothing.
        let creuse = Perimetre::Departements(CodeDepartement::parse("23").into_iter().collect());
        let mut prefecture = b.signed_in(testkit::viewer(Role::Prefecture, creuse));
        let page = prefecture.get(B).await.expect(200).body;
        assert!(page.contains("23 – Creuse") && !page.contains("01 – Ain"));
        assert!(!prefecture.get(&format!("{at}/export.csv")).await.expect(200).body.contains("Ain"));
        prefecture.post(&format!("{B}/figer"), &[("le", "2021-03-31")]).await.expect(403);
        prefecture.get(&format!("{B}/etats/{}", Uuid::nil())).await.expect(404);
    }

    async fn a_past_day_counts_the_candidats_of_that_day(t: TestSite) {
        use crate::candidats::tests::fixtures::{fiche, inscrit};
        let c = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
        let lu = async |le: chrono::NaiveDate| {
            let etat = crate::pilotage::lecture::avancement(&c, &Perimetre::National, le).await.unwrap();
            etat.lignes.iter().find(|l| l.departement.as_str() == "01").unwrap().candidats
        };
        let debut = c.jour();
        let un = inscrit(&t, fiche("a@exemple.fr")).await;
        let deux = inscrit(&t, fiche("b@exemple.fr")).await;
        t.site.clock.advance(chrono::TimeDelta::days(10));
        // One takes a post on the tenth day, a third comes.
        t.site.db.write(async |tx| crate::candidats::recruter(&t.site, tx, un.id).await).await.unwrap();
        inscrit(&t, fiche("c@exemple.fr")).await;
        let dixieme = c.jour();
        t.site.clock.advance(chrono::TimeDelta::days(10));
        t.site.db.write(async |tx| crate::candidats::liberer(&t.site, tx, un.id).await).await.unwrap();
        t.site.db.write(async |tx| crate::candidats::recruter(&t.site, tx, deux.id).await).await.unwrap();
        let veille = debut.pred_opt().unwrap();
        let vus = [lu(veille).await, lu(debut).await, lu(dixieme).await, lu(c.jour()).await];
        assert_eq!(vus, [0, 2, 2, 2]);
        t.site.clock.advance(chrono::TimeDelta::days(1));
        let hier = c.jour().pred_opt().unwrap();
        assert_eq!(lu(hier).await, 2, "yesterday is what today was");
        assert_eq!(c.candidats.index(&t.site).await.unwrap().tous().count(), 2);
    }

    async fn the_counts_say_what_they_count(t: TestSite) {
        let c = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
        poste_occupe(&t, "23", "75", "2021-03-01").await;
        let b = t.browser(crate::pilotage::routes(c));
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        let page = admin.get(&format!("{B}/chiffres")).await.expect(200);
        for mots in ["Demandes de postes", "Examen complémentaire", "Sans réponse", "Rupture notifiée", "jusqu’au bout", "Taux d’activation"] {
            assert!(page.body.contains(mots), "{mots}");
        }
        let csv = admin.get(&format!("{B}/chiffres/export.csv")).await.expect(200).body;
        assert!(csv.contains(";Contrats;En cours;0;") && csv.contains(";Comptes et activation;Taux d’activation, en %;0;"), "{csv}");
        let creuse = Perimetre::Departements(CodeDepartement::parse("23").into_iter().collect());
        let mut prefecture = b.signed_in(testkit::viewer(Role::Prefecture, creuse));
        prefecture.get(&format!("{B}/chiffres")).await.expect(200);
        prefecture.get(&format!("{B}/chiffres/export.ods")).await.expect(200);
        b.signed_in(testkit::viewer(Role::Candidat, Perimetre::Soi)).get(&format!("{B}/chiffres")).await.expect(403);
    }
}
