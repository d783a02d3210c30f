use kernel::{Perimetre, Role};
use platform::db::kit;
use testkit::{Browser, TestSite};

use crate::candidats::{self, store};
use crate::matching::relations::tests::{avec_compte, monde};
use crate::matching::relations::{self, Etat};

async fn lien(t: &TestSite, a: &str, chemin: &str) -> Option<String> {
    let mails = platform::mail::list(t.site.db.read(), 50).await.unwrap();
    let texte = mails.into_iter().find(|m| m.destinataire == a && m.texte.contains(chemin))?.texte;
    let debut = texte.find(chemin).unwrap();
    Some(texte[debut..].split_whitespace().next().unwrap().to_owned())
}

fn moi(b: &Browser, actor: &kernel::Actor) -> Browser {
    let mut v = testkit::viewer(Role::Candidat, Perimetre::Soi);
    v.actor.compte = actor.compte;
    b.signed_in(v)
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn an_address_changes_when_the_new_mailbox_says_so(t: TestSite) {
        let m = monde(&t, 1).await;
        let b = t.browser(crate::routes(&m.cx));
        let (c, actor) = avec_compte(&t, "avant@exemple.fr", 1).await;
        avec_compte(&t, "prise@exemple.fr", 2).await;
        let sql = "INSERT INTO compte (id, courriel, courriel_cle, nom, nom_search, etat, cree_le) VALUES ($1, $2, $2, 'x', 'x', 'actif', $3)";
        let compte = [actor.compte.0.into(), "avant@exemple.fr".into(), t.site.clock.now().into()];
        kit::execute(t.site.db.read(), sql, compte).await.unwrap();
        let mut elle = moi(&b, &actor);
        let page = "/mon-espace/adresse";
        elle.get(page).await.expect(200).says("avant@exemple.fr");
        for faux in ["", "rien", "Avant@exemple.fr"] {
            elle.post(page, &[("courriel", faux)]).await.expect(422).says("href=\"#courriel\"");
        }
        // What is answered tells nobody which addresses are known.
        elle.post(page, &[("courriel", "prise@exemple.fr")]).await.expect(303);
        let pris = lien(&t, "prise@exemple.fr", "/candidature/adresse/").await.unwrap();
        let mut passant = t.browser(crate::routes(&m.cx));
        passant.post(&pris, &[]).await.expect(409);
        elle.post(page, &[("courriel", "apres@exemple.fr")]).await.expect(303);
        passant.get(&pris).await.expect(404);
        let bon = lien(&t, "apres@exemple.fr", "/candidature/adresse/").await.unwrap();
        passant.get(&bon).await.expect(200).says("apres@exemple.fr");
        elle.post("/mon-espace/adresse/annuler", &[]).await.expect(303);
        passant.post(&bon, &[]).await.expect(404);
        t.site.clock.advance(chrono::TimeDelta::days(1));
        elle.post(page, &[("courriel", "neuve@exemple.fr")]).await.expect(303);
        let bon = lien(&t, "neuve@exemple.fr", "/candidature/adresse/").await.unwrap();
        passant.post(&bon, &[]).await.expect(303);
        passant.post(&bon, &[]).await.expect(404);
        let lu = store::get(t.site.db.read(), c.id).await.unwrap().unwrap();
        assert_eq!(lu.fiche.courriel.as_str(), "neuve@exemple.fr");
        let sql = "SELECT COUNT(*) FROM compte WHERE courriel_cle = 'neuve@exemple.fr'";
        assert_eq!(kit::count(t.site.db.read(), sql, []).await.unwrap(), 1);
        let dits = platform::mail::list(t.site.db.read(), 50).await.unwrap();
        let aux_anciens = dits.iter().filter(|d| d.destinataire == "avant@exemple.fr").count();
        assert_eq!(aux_anciens, 4, "three demands, one change");
        for _ in 0..4 {
            elle.post(page, &[("courriel", "x@exemple.fr")]).await.expect(303);
        }
        elle.post(page, &[("courriel", "x@exemple.fr")]).await.expect(422).says("Réessayez demain");
        b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National)).get(page).await.expect(403);
    }

    async fn somebody_met_elsewhere_agrees_by_a_link_or_nothing_is_told(t: TestSite) {
        let m = monde(&t, 1).await;
        let b = t.browser(crate::routes(&m.cx));
        let (c, actor) = avec_compte(&t, "elle@exemple.fr", 1).await;
        let (_, autre) = avec_compte(&t, "lui@exemple.fr", 2).await;
        let mut chez = b.signed_in(testkit::viewer(Role::GestionnaireStructure, m.employeur.perimetre.clone()));
        let vers = format!("/conseillers/candidats-a-rencontrer/{}/courriel", m.s.id);
        chez.post(&vers, &[("courriel", "rien")]).await.expect(422).says("href=\"#courriel\"");
        let connue = chez.post(&vers, &[("courriel", "elle@exemple.fr")]).await.expect(303);
        let inconnue = chez.post(&vers, &[("courriel", "personne@exemple.fr")]).await.expect(303);
        assert_eq!(connue.location(), inconnue.location());
        assert!(relations::store::de_candidat(t.site.db.read(), c.id).await.unwrap().is_empty(), "nothing before she agrees");
        assert!(lien(&t, "personne@exemple.fr", "/mon-espace/rencontre/").await.is_none());
        let lien = lien(&t, "elle@exemple.fr", "/mon-espace/rencontre/").await.unwrap();
        moi(&b, &autre).get(&lien).await.expect(404);
        moi(&b, &autre).post(&lien, &[]).await.expect(404);
        let mut elle = moi(&b, &actor);
        elle.get(&lien).await.expect(200).says("Les clics");
        elle.post(&lien, &[]).await.expect(303);
        elle.post(&lien, &[]).await.expect(404);
        let r = relations::store::de_candidat(t.site.db.read(), c.id).await.unwrap().remove(0);
        assert_eq!((r.etat, r.structure), (Etat::Acceptee, m.s.id));
        chez.get(&format!("/conseillers/contacts/{}", r.id)).await.expect(200).says("Camille Martin");
        for n in 0..8 {
            chez.post(&vers, &[("courriel", &format!("p{n}@exemple.fr"))]).await.expect(303);
        }
        chez.post(&vers, &[("courriel", "p@exemple.fr")]).await.expect(422).says("Réessayez demain");
        let mut dehors = b.signed_in(testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(vec![m.ailleurs])));
        dehors.post(&vers, &[("courriel", "elle@exemple.fr")]).await.expect(404);
        assert_eq!(candidats::de_compte(t.site.db.read(), actor.compte).await.unwrap(), Some(c.id));
    }
}
