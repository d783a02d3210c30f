use chrono::{NaiveDate, TimeDelta};
use kernel::Role;
use testkit::TestSite;

use super::*;
use crate::aidants::{self, Aidant};
use crate::formations::actions;
use crate::formations::model::Fiche;
use crate::habilitations::store;
use crate::{essai, formations};

const OUI_EQUIPE: [(&str, &str); 4] =
    [("sujet", "Réponse"), ("texte", "Bonjour."), ("structure", "nouvelle"), ("action", "confirmer")];

fn fiche(m: &Mandats, dans: i64, places: u32) -> Fiche {
    let debut: NaiveDate = m.jour() + TimeDelta::days(dans);
    Fiche {
        intitule: "Devenir aidant".to_owned(),
        debut,
        fin: debut,
        heures: 7,
        demi_journees: String::new(),
        lieu: None,
        departement: None,
        places,
        publiee: true,
        intra: false,
        conseillers_numeriques: false,
    }
}

async fn du_courriel(t: &TestSite, courriel: &str) -> Aidant {
    let courriel = kernel::Email::parse(courriel).unwrap();
    aidants::store::du_courriel(t.site.db.read(), &courriel).await.unwrap().unwrap()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn who_asked_inscribes_until_the_referent_comes(t: TestSite) {
        let (m, b) = maison(&t).await;
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        let (id, ici) = deposee(&mut anne, &e, (SIRET, "1 rue", &["ali@essai.example", "zoe@essai.example"])).await;
        // Nothing before the request is accepted.
        anne.get(&format!("{ici}/sessions")).await.expect(404);
        let mut desk = equipe(&b, Perimetre::National);
        desk.post(&bureau(id, "/accepter"), &OUI_EQUIPE).await.expect(303);
        anne.get(&format!("{ici}/sessions")).await.expect(200).says("Aucune session ouverte");
        let corps = essai::organisation(&t, "Corps", 77).await;
        let organisme = testkit::actor(Role::OrganismeFormation, Perimetre::Structures(vec![corps.structure]));
        let ouverte = actions::ouvrir(&m, &organisme, corps.structure, fiche(&m, 40, 1)).await.unwrap();
        let close = actions::ouvrir(&m, &organisme, corps.structure, fiche(&m, 20, 1)).await.unwrap();
        let (ali, zoe) = (du_courriel(&t, "ali@essai.example").await, du_courriel(&t, "zoe@essai.example").await);
        anne.get(&format!("{ici}/sessions")).await.expect(200).says("Ali Essai").says("Inscriptions jusqu’au");
        let a = format!("{ici}/sessions/{ouverte}");
        let champ = format!("personne-{ouverte}");
        anne.post(&a, &[]).await.expect(422).says(&format!("href=\"#{champ}\""));
        // Nobody who is not of the request; no session that is closed (28 days for a small one).
        let ailleurs = essai::aidant(&t, corps.structure, crate::aidants::Fonction::Aidant, 5).await.0;
        anne.post(&a, &[(&champ, &ailleurs.id.to_string())]).await.expect(404);
        let vers_close = format!("{ici}/sessions/{close}");
        anne.post(&vers_close, &[(&format!("personne-{close}"), &ali.id.to_string())]).await.expect(303);
        anne.get(&format!("{ici}/sessions")).await.expect(200).says("Inscriptions en cours").says("Aucune inscription");
        anne.post(&a, &[(&champ, &ali.id.to_string())]).await.expect(303);
        let mails = platform::mail::list(t.site.db.read(), 20).await.unwrap();
        assert!(mails.iter().any(|x| x.destinataire == "anne@essai.example" && x.sujet.contains("formation")));
        assert!(mails.iter().any(|x| x.destinataire == "mona@essai.example" && x.sujet.contains("inscription")));
        anne.post(&a, &[(&champ, &zoe.id.to_string())]).await.expect(303);
        let page = anne.get(&format!("{ici}/sessions")).await.expect(200).says("Inscrite").says("Sur liste d’attente");
        let (_, reste) = page.body.split_once("/inscriptions/").unwrap();
        let inscription = reste.split('/').next().unwrap().to_owned();
        // Somebody else's space reaches none of it.
        // The message of Bob is then the latest.
        t.site.clock.advance(TimeDelta::minutes(2));
        let mut bob = b.clone();
        let autre = espace(&t, &mut bob, "bob@essai.example").await;
        for chemin in [format!("/{id}/sessions/{ouverte}"), format!("/{id}/inscriptions/{inscription}/annuler")] {
            bob.post(&format!("{autre}{chemin}"), &[(&champ, &zoe.id.to_string())]).await.expect(404);
        }
        bob.get(&format!("{autre}/{id}/sessions")).await.expect(404);
        anne.post(&format!("{ici}/inscriptions/{inscription}/annuler"), &[]).await.expect(303);
        // The seat goes to who waited.
        let page = anne.get(&format!("{ici}/sessions")).await.expect(200);
        assert!(page.body.contains("Inscrite") && !page.body.contains("Sur liste d’attente"));
        // Once the référent signed in, it is theirs.
        let mona = du_courriel(&t, "mona@essai.example").await;
        let d = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        assert!(!formations::par_demandeur::referent_venu(t.site.db.read(), d.structure.unwrap()).await.unwrap());
        let now = t.site.clock.now();
        t.site.db.write(async |tx| {
            let sql = "UPDATE compte SET vu_le = $2 WHERE id = $1";
            platform::db::kit::execute(tx, sql, [mona.compte.unwrap().0.into(), now.into()]).await
        }).await.unwrap();
        anne.get(&format!("{ici}/sessions")).await.expect(200).says("c’est elle qui inscrit maintenant");
        let avant = aidants::store::lire(t.site.db.read(), ali.id).await.unwrap().unwrap().version;
        anne.post(&a, &[(&champ, &ali.id.to_string())]).await.expect(303);
        assert_eq!(aidants::store::lire(t.site.db.read(), ali.id).await.unwrap().unwrap().version, avant);
        let page = anne.get(&format!("{ici}/sessions")).await.expect(200);
        assert_eq!(page.body.matches("Inscrite.").count(), 1, "nothing more was done");
    }
}
