use kernel::Position;
use testkit::TestSite;

use super::fixtures::{candidat, fiche, inscrit, jour, lieu};
use crate::candidats::model::{Candidat, Etat, Fiche, Motif, Pix, Rayon, Situations};
use crate::candidats::{coordonnees, store, vue};

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn what_is_written_is_read_again(t: TestSite) {
        let pleine = Fiche {
            rayon: Rayon::France,
            situations: Situations { diplome: Some("Titre pro REMN".to_owned()), experience: true, ..Default::default() },
            ..fiche("a@exemple.fr")
        };
        let mut un = inscrit(&t, pleine).await;
        let deux = inscrit(&t, Fiche { telephone: None, lieu: lieu("97411", "Saint-Denis", "04", (-20.88, 55.45)), ..fiche("b@exemple.fr") }).await;
        assert_eq!((un.numero, deux.numero), (1, 2));
        let conn = t.site.db.read();
        assert_eq!(store::get(conn, un.id).await.unwrap().as_ref(), Some(&un));
        assert_eq!(store::get(conn, deux.id).await.unwrap().as_ref(), Some(&deux));
        un.pix = Some(Pix { palier: 2, themes: [true, false, true], le: jour("2026-03-01") });
        un.fiche.lieu.position = Position { latitude: 46.0, longitude: 5.0 };
        un.disponible = false;
        let (premier, second) = t.site.db.write(async |tx| {
            Ok::<_, sea_orm::DbErr>((store::update(tx, &un).await?, store::update(tx, &un).await?))
        }).await.unwrap();
        assert_eq!((premier, second), (true, false), "the version that was read is gone");
        assert_eq!(store::get(conn, un.id).await.unwrap(), Some(Candidat { version: 2, ..un.clone() }));
        assert_eq!(vue(conn, un.id).await.unwrap().unwrap().pix, un.pix);
    }

    async fn one_confirmed_application_an_address(t: TestSite) {
        inscrit(&t, fiche("a@exemple.fr")).await;
        let mut twin = Candidat { numero: 50, ..candidat(&t, fiche("A@exemple.fr")) };
        let ecrit = t.site.db.write(async |tx| store::insert(tx, &twin, None).await).await;
        assert!(platform::db::is_unique_violation(&ecrit.unwrap_err()));
        twin.etat = Etat::AConfirmer;
        assert!(t.site.db.write(async |tx| store::insert(tx, &twin, None).await).await.unwrap());
    }

    async fn a_draft_filed_twice_is_one_application(t: TestSite) {
        let mut ecrits = Vec::new();
        for n in [1, 2] {
            let c = Candidat { numero: n, etat: Etat::AConfirmer, ..candidat(&t, fiche("a@exemple.fr")) };
            ecrits.push(t.site.db.write(async |tx| store::insert(tx, &c, Some("secret")).await).await.unwrap());
        }
        assert_eq!(ecrits, [true, false]);
    }

    async fn what_is_erased_tells_nobody_who_it_was(t: TestSite) {
        let c = inscrit(&t, fiche("a@exemple.fr")).await;
        t.site.db.write(async |tx| store::effacer(&t.site, tx, &c, Motif::TrouveEmploi).await).await.unwrap();
        let conn = t.site.db.read();
        assert_eq!(store::get(conn, c.id).await.unwrap(), None);
        assert_eq!(coordonnees(conn, c.id).await.unwrap(), None);
        // The address may apply again.
        assert_ne!(inscrit(&t, fiche("a@exemple.fr")).await.id, c.id);
    }
}
