//! Messages to whom the service waits for: who has them, and how they stop.

use testkit::TestSite;

use super::*;
use crate::aidants::moyens::sans_moyen;
use crate::aidants::relances::{aux_organismes, jamais_venus, sans_activite};
use crate::formations::{actions, model::Fiche};
use crate::ids::{AidantId, AppartenanceId};

async fn vu(t: &TestSite, a: &Aidant) {
    let (compte, now) = (a.compte.unwrap(), t.site.clock.now());
    let sql = "UPDATE compte SET vu_le = $2, etat = 'actif' WHERE id = $1";
    t.site
        .db
        .write(async |tx| platform::db::kit::execute(tx, sql, [compte.0.into(), now.into()]).await)
        .await
        .unwrap();
}

async fn utilise(t: &TestSite, a: AidantId, structure: StructureId, ou: AppartenanceId) {
    let id = |n: u128| sea_orm::Value::from(uuid::Uuid::from_u128(n));
    let n = u128::from(t.site.clock.now().timestamp().unsigned_abs());
    let sql = "INSERT INTO mandat_usage (id, autorisation_id, mandat_id, structure_id, usager_id, aidant_id, appartenance_id, \
               demarche, client_id, client_nom, cree_le) VALUES ($1, $2, $2, $3, $2, $4, $5, 'papiers', 'x', 'X', $6)";
    let values = [id(n), id(2), structure.0.into(), a.0.into(), ou.0.into(), t.site.clock.now().into()];
    t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, values.clone()).await).await.unwrap();
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn who_helped_nobody_for_three_months_is_told_once(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, _) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        essai::aidant(&t, o.structure, Fonction::Referent, 2).await;
        let jours = |n| t.site.clock.advance(TimeDelta::days(n));
        jours(89);
        assert_eq!(sans_activite(&m).await.unwrap(), 0);
        jours(2);
        assert_eq!((sans_activite(&m).await.unwrap(), sans_activite(&m).await.unwrap()), (1, 0));
        jours(100);
        assert_eq!(sans_activite(&m).await.unwrap(), 0, "once");
        let ou = store::appartenance(t.site.db.read(), a.id, o.structure).await.unwrap().unwrap().id;
        utilise(&t, a.id, o.structure, ou).await;
        assert_eq!(sans_activite(&m).await.unwrap(), 0);
        jours(91);
        assert_eq!((sans_activite(&m).await.unwrap(), sans_activite(&m).await.unwrap()), (1, 0), "again after they did something");
        assert_eq!(courriels(&m, &a).await.len(), 2);
    }

    async fn a_referent_who_never_came_is_reminded_until_they_do(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (un, _) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let (deux, _) = actif(&m, o.structure, Fonction::AidantReferent, 2).await;
        actif(&m, o.structure, Fonction::Aidant, 3).await;
        let rappels = async |a: &Aidant| courriels(&m, a).await.iter().filter(|s| s.contains("vous attend")).count();
        assert_eq!(jamais_venus(&m).await.unwrap(), 0, "too early");
        for tour in 0..9 {
            t.site.clock.advance(TimeDelta::days(14));
            if tour == 2 {
                vu(&t, &deux).await;
            }
            jamais_venus(&m).await.unwrap();
            assert_eq!(jamais_venus(&m).await.unwrap(), 0, "not twice a day");
        }
        assert_eq!((rappels(&un).await, rappels(&deux).await), (6, 2));
    }

    async fn a_body_is_told_of_new_inscriptions_once(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (o, corps) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Corps", 2).await);
        let (_, referent) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let ici = Perimetre::Structures(vec![corps.structure]);
        let invitation = identity::Invitation {
            courriel: Email::parse("corps@essai.example").unwrap(),
            nom: "Corps d’essai".to_owned(),
            role: Role::OrganismeFormation,
            perimetre: ici.clone(),
            fin: None,
        };
        t.site.db.write(async |tx| identity::invite_by_programme(&t.site, tx, &invitation).await.map(drop)).await.unwrap();
        t.site.db.write(async |tx| platform::db::kit::execute(tx, "UPDATE compte SET etat = 'actif'", []).await).await.unwrap();
        let debut = m.jour() + TimeDelta::days(60);
        let fiche = Fiche {
            intitule: "Devenir aidant".to_owned(), debut, fin: debut, heures: 7, demi_journees: String::new(), lieu: None,
            departement: None, places: 9, publiee: true, intra: false, conseillers_numeriques: false,
        };
        let s = actions::ouvrir(&m, &testkit::actor(Role::OrganismeFormation, ici), corps.structure, fiche).await.unwrap();
        assert_eq!(aux_organismes(&m).await.unwrap(), 0);
        for n in 2..=4 {
            let p = personne(n, Fonction::Aidant, Voie::Classique);
            let a = m.site.db.write(async |tx| vie::inscrire(&m, tx, &p, o.structure, EtatAidant::Eligible, None).await).await.unwrap();
            actions::inscrire(&m, &referent, s, a.id).await.unwrap();
        }
        t.site.clock.advance(TimeDelta::hours(1));
        assert_eq!((aux_organismes(&m).await.unwrap(), aux_organismes(&m).await.unwrap()), (1, 0));
        let dernier = platform::mail::list(t.site.db.read(), 1).await.unwrap().remove(0);
        assert_eq!(dernier.destinataire, "corps@essai.example");
        assert!(dernier.texte.contains("3 nouvelles inscriptions"), "{}", dernier.texte);
    }

    async fn who_has_nothing_to_sign_in_with_is_told_to_their_referents(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (referent, _) = actif(&m, o.structure, Fonction::Referent, 1).await;
        let (a, _) = actif(&m, o.structure, Fonction::Aidant, 2).await;
        let (b, _) = actif(&m, o.structure, Fonction::Aidant, 3).await;
        let jours = |n| t.site.clock.advance(TimeDelta::days(n));
        let rappels = async || courriels(&m, &referent).await.iter().filter(|s| s.contains("se connecter")).count();
        assert_eq!(sans_moyen(&m).await.unwrap(), 0, "too early");
        jours(15);
        assert_eq!((sans_moyen(&m).await.unwrap(), sans_moyen(&m).await.unwrap()), (1, 0));
        let dit = platform::mail::list(m.site.db.read(), 500).await.unwrap();
        let dit = dit.iter().find(|c| c.sujet.contains("se connecter")).unwrap();
        assert!(dit.texte.contains("Inventée-2") && dit.texte.contains("Inventée-3") && !dit.texte.contains("Inventée-1"), "{}", dit.texte);
        vu(&t, &b).await;
        for _ in 0..9 {
            jours(15);
            sans_moyen(&m).await.unwrap();
        }
        assert_eq!(rappels().await, 4, "then it stops");
        // Everybody came: with the next who cannot, the count begins again.
        vu(&t, &a).await;
        sans_moyen(&m).await.unwrap();
        actif(&m, o.structure, Fonction::Aidant, 4).await;
        jours(15);
        assert_eq!(sans_moyen(&m).await.unwrap(), 1);
    }
}
