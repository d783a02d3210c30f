use kernel::{CodeDepartement, CodeRegion, Perimetre, Role};
use platform::jobs::{Registry, Worker};
use testkit::TestSite;

use super::model::Affectation;
use crate::Conseillers;
use crate::calculs::store;
use crate::candidats::tests::fixtures::{fiche, inscrit, jour, lieu};
use crate::demandes::tests::{browser, maison};
use crate::postes;

const B: &str = "/conseillers/affectation-nationale";

async fn poste(t: &TestSite, structure: kernel::ids::StructureId) {
    let place = postes::Place {
        structure,
        departement: CodeDepartement::parse("23").unwrap(),
        region: CodeRegion::parse("75").unwrap(),
    };
    let origine = (None, &place, jour("2026-01-01"));
    let fait = t.site.db.write(async |tx| {
        postes::store::attribuer(&t.site, tx, 1, postes::Typologie::Conseiller, origine).await
    });
    fait.await.unwrap();
}

async fn travaille(c: &Conseillers) {
    let mut registry = Registry::default();
    crate::register(c, &mut registry);
    Worker::new(c.site.clone(), registry).drain().await.unwrap();
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn open_posts_and_people_are_assigned_proven_and_named_to_nobody(t: TestSite) {
        let (c, s) = maison(&t).await;
        let vue = annuaire::structures::find(t.site.db.read(), s[2]).await.unwrap().unwrap();
        let ici = c.annuaire.territoires().commune(&vue.commune.code).unwrap().position.unwrap().position;
        poste(&t, s[2]).await;
        poste(&t, s[2]).await;
        let mut pres = fiche("a@exemple.fr");
        pres.lieu = lieu(vue.commune.code.as_str(), &vue.commune.nom, "75", (ici.latitude, ici.longitude));
        let pres = inscrit(&t, pres).await;
        // Too far: 20 km around Bourg-en-Bresse.
        inscrit(&t, fiche("b@exemple.fr")).await;
        let b = browser(&t, &c);
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get(B).await.expect(200).says("Aucune pour l’instant");
        admin.post(B, &[("debut", "demain")]).await.expect(422);
        let at = admin.post(B, &[("debut", "")]).await.expect(303).location().to_owned();
        admin.get(&at).await.expect(200).says("Calcul en cours");
        travaille(&c).await;
        let page = admin.get(&at).await.expect(200).says("C’est prouvé").says(&pres.reference()).says("postes pourvus sur 2");
        assert!(!page.body.contains("Martin"), "names stay where they are");
        admin.get(&format!("{at}?choix=non&departement=23")).await.expect(200).says("La seule personne à portée");
        let csv = admin.get(&format!("{at}/export.csv?choix=oui")).await.expect(200).body;
        assert_eq!(csv.lines().count(), 2, "{csv}");
        // Too early for who is free later.
        let tot = admin.post(B, &[("debut", "2026-03-20")]).await.expect(303).location().to_owned();
        travaille(&c).await;
        let id = tot.rsplit('/').next().unwrap().parse().unwrap();
        let bilan = store::get::<Affectation>(t.site.db.read(), id).await.unwrap().unwrap().bilan().unwrap().clone();
        assert_eq!((bilan.pourvus, bilan.postes, bilan.candidats), (0, 2, 2));
        // A scenario has another address.
        admin.get(&format!("{}/{id}", crate::scenarios::BASE)).await.expect(404);
        let mut comite = b.signed_in(testkit::viewer(Role::ComiteSelection, Perimetre::National));
        comite.get(&at).await.expect(403);
        admin.post(&format!("{at}/effacer"), &[]).await.expect(303);
        admin.get(&at).await.expect(404);
    }
}
