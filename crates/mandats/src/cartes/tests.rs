use identity::cartes::{self, EtatCarte};
use kernel::{Actor, Perimetre, Role};
use platform::db::kit;
use testkit::TestSite;

use super::fichier;
use crate::aidants::Fonction;
use crate::{Failure, essai};

const GRAINE: &str = "3132333435363738393031323334353637383930";

fn equipe(perimetre: Perimetre) -> Actor {
    let compte = kernel::ids::CompteId(uuid::Uuid::from_u128(0xE0));
    Actor { compte, role: Role::EquipeHabilitation, perimetre, vu_par: None, prete: false }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_file_is_checked_then_taken_line_by_line(t: TestSite) {
        let m = essai::mandats(&t).await;
        let actor = equipe(Perimetre::National);
        let csv = format!("Numéro;Graine;Période\nGA 1;{GRAINE};\nGA2;court;\nGA-1;{GRAINE};60\nGA3;{GRAINE};45\nGA4;{GRAINE};30\n");
        let prises = async |essai| -> Vec<bool> {
            let lignes = fichier::importer(&m, &actor, csv.as_bytes(), essai).await.unwrap();
            assert!(lignes.iter().all(|l| !l.phrase.contains(GRAINE)));
            lignes.iter().map(|l| l.prise).collect()
        };
        let compte = async || cartes::compter(t.site.db.read(), Some(EtatCarte::EnStock), "GA").await.unwrap();
        assert_eq!(prises(true).await, [true, false, false, false, true]);
        assert_eq!(compte().await, 0, "only checked");
        assert_eq!(prises(false).await, [true, false, false, false, true]);
        assert_eq!(compte().await, 2);
        assert_eq!(prises(false).await, [false; 5], "known by their numbers");
        assert!(fichier::importer(&m, &actor, b"a;b\n1;2\n", false).await.is_err());
        let region = equipe(Perimetre::Departements(vec![kernel::CodeDepartement::parse("23").unwrap()]));
        assert!(matches!(fichier::importer(&m, &region, csv.as_bytes(), true).await, Err(Failure::Refusal(_))));
        // No seed in clear, anywhere.
        let rows = kit::query(t.site.db.read(), "SELECT graine FROM compte_carte", []).await.unwrap();
        for row in rows {
            let graine: String = row.try_get_by_index(0).unwrap();
            assert!(!graine.contains("3132") && graine.len() > 40);
        }
    }

    async fn pages_answer_to_whom_they_concern(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (moi, aidant) = essai::aidant(&t, ici.structure, Fonction::Aidant, 1).await;
        let (_, referent) = essai::aidant(&t, ici.structure, Fonction::Referent, 2).await;
        let (_, autre) = essai::aidant(&t, ailleurs.structure, Fonction::Referent, 3).await;
        let page = format!("/referent/personnes/{}/carte", moi.id);
        let base = t.browser(crate::routes(&m));
        let mut browser = base.signed_in(essai::viewer(&referent));
        let lue = browser.get(&page).await.expect(200);
        assert!(lue.body.contains("Associer une carte"));
        browser.get("/gestion/cartes").await.expect(403);
        let mut browser = base.signed_in(essai::viewer(&autre));
        browser.get(&page).await.expect(404);
        let mut browser = base.signed_in(essai::viewer(&aidant));
        browser.get("/aidant/moi/carte").await.expect(200);
        let mut browser = base.signed_in(essai::viewer(&equipe(Perimetre::National)));
        browser.get(&format!("/gestion/aidants/{}/carte", moi.id)).await.expect(200);
        let stock = browser.get("/gestion/cartes?etat=perdue&numero=%25_&page=9999").await.expect(200);
        assert!(stock.body.contains("Aucune carte."));
    }
}
