//! People name themselves on a sheet, and withdraw, on both engines.

use kernel::{Perimetre, Role};
use platform::journal;
use testkit::{TestSite, viewer};

use crate::lieux::pages::tests::{annuaire, uid};

fn migrations() -> platform::db::Migrations {
    let mut all = platform::migrations();
    all.extend(identity::migrations());
    all.extend(crate::migrations());
    all
}

const OUI: [(&str, &str); 3] = [("nom", "Samira"), ("fonction", "Médiatrice"), ("accord", "oui")];

testkit::on_both_engines! {
    migrations: migrations();

    async fn a_person_shows_their_name_and_withdraws_it(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "mediatheque-1").await;
        identity::inviter(&t.site, "samira@exemple.fr", Some("Samira Inventée"), "lecteur", &[], None).await.unwrap();
        let query = journal::Query { subject: Some("compte".to_owned()), limit: 1, ..Default::default() };
        let compte = journal::page(t.site.db.read(), &query).await.unwrap()[0].subject_id.clone();
        let lieux = Perimetre::Lieux(vec![id.parse().unwrap()]);
        let mut elle = viewer(Role::GestionnaireLieux, lieux.clone());
        elle.actor.compte = compte.parse().unwrap();
        let mut b = visiteur.clone().signed_in(elle);
        let page = format!("/gestion/lieux/{id}/presences");
        b.get(&page).await.expect(200).says("Personne n’est nommé");
        b.post(&page, &OUI[..2]).await.expect(422).says("Cochez cette case");
        b.post(&page, &OUI).await.expect(303);
        visiteur.get(&format!("/lieux/{id}")).await.expect(200).says("Qui vous accueille").says("Samira, Médiatrice");
        // Said again with other words, once only.
        b.post(&page, &[("nom", "Samira I."), OUI[1], OUI[2]]).await.expect(303);
        assert_eq!(visiteur.get(&format!("/lieux/{id}")).await.body.matches("Samira").count(), 1);
        // A colleague names nobody but themselves, and an account that is not in use is not shown.
        let mut collegue = visiteur.clone().signed_in(viewer(Role::GestionnaireLieux, lieux));
        collegue.post(&page, &[("nom", "Autre"), OUI[1], OUI[2], ("compte", &compte)]).await.expect(303);
        let fiche = visiteur.get(&format!("/lieux/{id}")).await;
        assert!(fiche.body.contains("Samira I.") && !fiche.body.contains("Autre,"));
        // The person withdraws from their account: at once, and only their own name.
        b.get("/compte/presences").await.expect(200).says("Samira I.");
        collegue.post(&format!("{page}/{compte}/retirer"), &[]).await.expect(303);
        assert!(!visiteur.get(&format!("/lieux/{id}")).await.body.contains("Qui vous accueille"));
        b.post(&page, &OUI).await.expect(303);
        b.post(&format!("/compte/presences/{id}/retirer"), &[]).await.expect(303);
        b.post(&format!("/compte/presences/{id}/retirer"), &[]).await.expect(404);
        b.get("/compte/presences").await.expect(200).says("Aucune");
        assert!(!visiteur.get(&format!("/lieux/{id}")).await.body.contains("Qui vous accueille"));
    }

    async fn others_neither_read_nor_write(t: TestSite) {
        let (_annuaire, mut visiteur) = annuaire(&t).await;
        let id = uid(&mut visiteur, "mediatheque-1").await;
        let autre = uid(&mut visiteur, "fs-1").await;
        let page = format!("/gestion/lieux/{id}/presences");
        let mut loin = visiteur.clone().signed_in(viewer(Role::GestionnaireLieux, Perimetre::Lieux(vec![autre.parse().unwrap()])));
        loin.get(&page).await.expect(404);
        loin.post(&page, &OUI).await.expect(404);
        let mut lecteur = visiteur.clone().signed_in(viewer(Role::Lecteur, Perimetre::National));
        lecteur.post(&page, &OUI).await.expect(403);
        visiteur.post(&page, &OUI).await.expect(401);
        visiteur.get("/compte/presences").await.expect(303);
    }
}
