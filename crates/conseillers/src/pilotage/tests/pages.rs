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
        // Frozen: what changes later does not change it.
        admin.post(&format!("{B}/figer"), &[("le", "2999-01-01")]).await.expect(422).says("à venir");
        admin.post(&format!("{B}/figer"), &[("le", "0001-01-01")]).await.expect(422).says("17 novembre 2020");
        admin.post(&format!("{B}/figer"), &[("le", "hier")]).await.expect(422);
        let at = admin.post(&format!("{B}/figer"), &[("le", "2021-03-31")]).await.expect(303).location().to_owned();
        let avant = admin.get(&format!("{at}/export.csv")).await.expect(200).body;
        poste_occupe(&t, "23", "75", "2021-03-02").await;
        assert_eq!(admin.get(&format!("{at}/export.csv")).await.expect(200).body, avant);
        admin.get(&at).await.expect(200).says("Empreinte SHA-256");
        // A préfecture reads its own territory, and freezes nothing.
        let creuse = Perimetre::Departements(CodeDepartement::parse("23").into_iter().collect());
        let mut prefecture = b.signed_in(testkit::viewer(Role::Prefecture, creuse));
        let page = prefecture.get(B).await.expect(200).body;
        assert!(page.contains("23 – Creuse") && !page.contains("01 – Ain"));
        assert!(!prefecture.get(&format!("{at}/export.csv")).await.expect(200).body.contains("Ain"));
        prefecture.post(&format!("{B}/figer"), &[("le", "2021-03-31")]).await.expect(403);
        prefecture.get(&format!("{B}/etats/{}", Uuid::nil())).await.expect(404);
    }
}
