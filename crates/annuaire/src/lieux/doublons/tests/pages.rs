//! The queue, the comparison, the merges and the redirects, as a browser sees them.

use kernel::{CodeDepartement, Perimetre, Role};
use testkit::TestSite;

use super::fusions::{A1, B1, C1, D1, de, livre};
use crate::Annuaire;
use crate::lieux::doublons::recherche::cherche;

const FILE: &str = "/gestion/lieux/doublons";

testkit::on_both_engines! {
    migrations: { let mut m = platform::migrations(); m.extend(identity::migrations()); m.extend(crate::migrations()); m };

    async fn a_person_decides_and_goes_back(t: TestSite) {
        let annuaire = Annuaire::load(&t.site).await.unwrap();
        livre(&t, "Alpha", &[A1, C1]).await;
        livre(&t, "Beta", &[B1, D1]).await;
        let (a, b) = (de(&t, "a1").await.id, de(&t, "b1").await.id);
        let (c, d) = (de(&t, "c1").await.id, de(&t, "d1").await.id);
        cherche(&annuaire).await.unwrap();
        let anonyme = t.browser(crate::routes(&annuaire));
        let mut moi = anonyme.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        moi.get(FILE).await.expect(200).says("1 paire").says("Mairie annexe").says("Même adresse");
        moi.get(&format!("{FILE}?departement=01&etat=x&page=999999999999999999999")).await.expect(200).says("aucune paire");
        let ain = Perimetre::Departements(vec![CodeDepartement::parse("01").unwrap()]);
        let mut autre = anonyme.signed_in(testkit::viewer(Role::Prefecture, ain));
        autre.get(FILE).await.expect(200).says("aucune paire");
        autre.get(&format!("{FILE}?departement=51")).await.expect(200).says("aucune paire");
        autre.get(&format!("{FILE}/{c}/{d}")).await.expect(404);

        let comparer = format!("{FILE}/{c}/{d}");
        let page = moi.get(&comparer).await.expect(200).says("Différent").says("Après la fusion");
        let version = |nom: &str| {
            let debut = page.body.find(&format!("name=\"{nom}\" value=\"")).unwrap() + nom.len() + 15;
            page.body[debut..].split('"').next().unwrap().to_owned()
        };
        let (vg, va) = (version("version_gardee"), version("version_absorbee"));
        moi.post(&comparer, &[("note", "?")]).await.expect(422).says("Dites ce que sont ces deux fiches");
        moi.post(&comparer, &[("decision", "plus_tard"), ("note", "Appeler le lieu")]).await.expect(303);
        moi.get(&format!("{FILE}?etat=plus_tard")).await.expect(200).says("Appeler le lieu");
        moi.post(&comparer, &[("decision", "fusionner"), ("version_gardee", "0"), ("version_absorbee", &va)]).await.expect(409);
        let form = [("decision", "fusionner"), ("version_gardee", vg.as_str()), ("version_absorbee", va.as_str())];
        t.site.clock.advance(chrono::TimeDelta::minutes(1));
        moi.post(&comparer, &form).await.expect(303);
        moi.post(&comparer, &form).await.expect(409);
        moi.get(&comparer).await.expect(303);

        // Old addresses lead to the kept lieux, on pages and in the API.
        let mut visiteur = anonyme.clone();
        for (parti, garde) in [(d, c), (b, a)] {
            assert_eq!(visiteur.get(&format!("/lieux/{parti}")).await.expect(301).location(), format!("/lieux/{garde}"));
            let api = visiteur.get(&format!("/api/v1/lieux/{parti}")).await.expect(301);
            assert_eq!(api.location(), format!("/api/v1/lieux/{garde}"));
        }
        let objet = visiteur.get(&format!("/api/v1/lieux/{a}")).await.expect(200).json();
        assert_eq!(objet["sources"].as_array().map(Vec::len), Some(2), "{objet}");
        moi.get(&format!("/gestion/lieux/{a}/provenance")).await.expect(200).says("Alpha").says("Beta").says("u lundi au vendredi de 9");
        moi.get(&format!("/gestion/lieux/{d}/provenance")).await.expect(303);

        let page = moi.get("/gestion/lieux/fusions").await.expect(200).says("la règle automatique").says("Annuler cette fusion");
        let debut = page.body.find("/gestion/lieux/fusions/").unwrap();
        let annuler = page.body[debut..].split('"').next().unwrap().to_owned();
        autre.post(&annuler, &[]).await.expect(404);
        moi.post(&annuler, &[]).await.expect(303);
        moi.post(&annuler, &[]).await.expect(409);
        visiteur.get(&format!("/lieux/{d}")).await.expect(200).says("Mairie annexe");
        moi.get("/gestion/lieux/fusions").await.expect(200).says("Annulée le");
        moi.get(&format!("{FILE}?etat=distincts")).await.expect(200).says("Fusion annulée");
    }
}
