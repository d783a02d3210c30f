//! Teams of one organisation, and the conditions of use: what they hide, what they hold back.

use chrono::TimeDelta;
use testkit::{Browser, TestSite};

use super::*;
use crate::aidants::Fonction;
use crate::mandats::store::{self as rows, Onglet};
use crate::mandats::{Recherche, Regard};

/// How many people each tab shows to that actor; a page of the tab shows as many.
async fn onglets(m: &Mandats, actor: &Actor) -> [usize; 3] {
    let (conn, now, q) = (m.site.db.read(), m.site.clock.now(), Recherche::default());
    let a = crate::aidants::agissant(m, conn, actor, kernel::Verb::TenirMandats).await.unwrap();
    let regard = Regard::de(conn, &a).await.unwrap();
    let n = rows::compter(conn, &regard, &q, now).await.unwrap();
    for (n, onglet) in n.into_iter().zip(Onglet::TOUS) {
        let lues = rows::personnes(conn, &regard, (onglet, &q), now, (0, 50)).await.unwrap();
        assert_eq!(lues.len(), n);
    }
    n
}

async fn chez(t: &TestSite, m: &Mandats, actor: &Actor) -> Browser {
    t.browser(crate::routes(m)).signed_in(essai::viewer(actor))
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_team_sees_its_mandats_and_those_of_no_team(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Grande maison", 1).await;
        let (nord, sud) = (essai::equipe(&t, o.structure, "Nord").await, essai::equipe(&t, o.structure, "Sud").await);
        let (nadia, du_nord) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let (sami, du_sud) = essai::aidant(&t, o.structure, Fonction::Aidant, 2).await;
        let (_, sans) = essai::aidant(&t, o.structure, Fonction::Aidant, 3).await;
        let (rose, referente) = essai::aidant(&t, o.structure, Fonction::AidantReferent, 4).await;
        // Made before there were teams: nobody loses it.
        let avant = fait(&m, &du_sud, 1, &["papiers"], 31).await;
        for (a, equipe) in [(&nadia, nord), (&sami, sud), (&rose, nord)] {
            essai::en_equipe(&t, a, o.structure, equipe).await;
        }
        let au_nord = fait(&m, &du_nord, 2, &["papiers"], 31).await;
        let au_sud = fait(&m, &du_sud, 3, &["papiers"], 31).await;
        // The fourth person mandates both, for one thing each.
        let (n4, s4) = (fait(&m, &du_nord, 4, &["papiers"], 1).await, fait(&m, &du_sud, 4, &["argent"], 31).await);
        for (actor, vues) in [
            (&du_nord, [true, true, false, true, false]),
            (&du_sud, [true, false, true, false, true]),
            (&sans, [true; 5]),
            (&referente, [true; 5]),
        ] {
            let mut b = chez(&t, &m, actor).await;
            for (mandat, vue) in [avant, au_nord, au_sud, n4, s4].into_iter().zip(vues) {
                let status = if vue { 200 } else { 404 };
                for suite in ["", "/fichier", "/imprimer", "/renouveler", "/revoquer"] {
                    b.get(&format!("/aidant/mandats/{mandat}{suite}")).await.expect(status);
                }
                if !vue {
                    b.post(&format!("/aidant/mandats/{mandat}/revoquer"), &[("raison", "demande")]).await.expect(404);
                    let plus = [("demarches", "papiers"), ("duree", "31")];
                    b.post(&format!("/aidant/mandats/{mandat}/renouveler"), &plus).await.expect(404);
                }
                // A person is there as soon as one of their mandats is.
                let lu = rows::mandat(m.site.db.read(), mandat).await.unwrap().unwrap();
                let personne = if vue || mandat == n4 || mandat == s4 { 200 } else { 404 };
                let page = b.get(&format!("/aidant/personnes/{}", lu.usager)).await.expect(personne);
                assert_eq!(page.body.contains(&format!("/aidant/mandats/{mandat}\"")), vue, "{}", page.body);
            }
            let liste = b.get("/aidant/personnes").await.expect(200);
            assert_eq!(liste.body.contains("USAGER-2"), vues[1]);
            assert_eq!(liste.body.contains("USAGER-3"), vues[2]);
        }
        assert_eq!(ouvertes(&m).await, 5);
        // Each tab says what those who look may see, not what the organisation has.
        t.site.clock.advance(TimeDelta::days(2));
        for (actor, attendu) in [(&du_nord, [2, 1, 0]), (&du_sud, [3, 0, 0]), (&sans, [4, 0, 0])] {
            assert_eq!(onglets(&m, actor).await, attendu);
        }
        actions::revoquer_chez(&m, &du_sud, (s4, None), (crate::mandats::Raison::Demande, None)).await.unwrap();
        for (actor, attendu) in [(&du_nord, [2, 1, 0]), (&du_sud, [2, 0, 1]), (&sans, [3, 0, 1])] {
            assert_eq!(onglets(&m, actor).await, attendu);
        }
        chez(&t, &m, &du_nord).await.get("/aidant").await.expect(200).says("USAGER-2");
        // Whoever makes a mandat for the same thing takes the place of what a colleague of another team had.
        let remplace = fait(&m, &du_sud, 2, &["papiers"], 31).await;
        assert!(rows::du_mandat(m.site.db.read(), au_nord).await.unwrap().iter().all(|a| a.fin.is_some()));
        chez(&t, &m, &du_nord).await.get(&format!("/aidant/mandats/{remplace}")).await.expect(404);
        // A team that is removed hides nothing any more.
        let sql = "UPDATE equipe_aidants SET supprimee_le = $2 WHERE id = $1";
        let jour = m.jour();
        t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, [sud.0.into(), jour.into()]).await).await.unwrap();
        chez(&t, &m, &du_nord).await.get(&format!("/aidant/mandats/{remplace}")).await.expect(200);
        assert_eq!(onglets(&m, &du_sud).await, onglets(&m, &sans).await);
    }

    async fn conditions_of_use_hold_back_making_and_never_reading(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let (a, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, 1).await;
        let mandat = fait(&m, &actor, 1, &["papiers"], 31).await;
        let id = brouillon(&m, &actor, 2, &choix(&["papiers"], 31)).await;
        let sql = "UPDATE aidant SET conditions_version = NULL WHERE id = $1";
        t.site.db.write(async |tx| platform::db::kit::execute(tx, sql, [a.id.0.into()]).await).await.unwrap();
        let mut b = chez(&t, &m, &actor).await;
        let (page, brouillon) = (format!("/aidant/mandats/{mandat}"), format!("/aidant/mandats/brouillons/{id}"));
        let champs = [("demarches", "papiers"), ("duree", "31")];
        let vers = |retour: &str| {
            let retour: String = url::form_urlencoded::byte_serialize(retour.as_bytes()).collect();
            format!("/aidant/conditions?retour={retour}")
        };
        let nouveau = "/aidant/mandats/nouveau";
        let renouveler = format!("{page}/renouveler");
        assert_eq!(b.get(nouveau).await.expect(303).location(), vers(nouveau));
        assert_eq!(b.post(nouveau, &champs).await.expect(303).location(), vers(nouveau));
        assert_eq!(b.get(&renouveler).await.expect(303).location(), vers(&renouveler));
        assert_eq!(b.post(&renouveler, &champs).await.expect(303).location(), vers(&renouveler));
        let montree = vue(&b.get(&brouillon).await.body);
        let champs = [("vue", montree.as_str()), ("atteste", "oui")];
        let signer = b.post(&format!("{brouillon}/signer"), &champs).await.expect(303);
        assert_eq!(signer.location(), vers(&brouillon));
        let distance = b.post(&format!("{brouillon}/distance"), &[("voie", "sms")]).await.expect(303);
        assert_eq!(distance.location(), vers(&brouillon));
        assert_eq!(combien(&m).await, 1);
        // What is made may be read, and ended: the person asks for it.
        for lu in ["/aidant", "/aidant/personnes", &page, &format!("{page}/fichier"), &brouillon] {
            b.get(lu).await.expect(200);
        }
        // Read, accepted, and back where one was, with what was ticked.
        b.get(&vers(&brouillon)).await.expect(200);
        b.post("/aidant/conditions", &[("version", "2"), ("retour", &brouillon)]).await.expect(409);
        let retour = b.post("/aidant/conditions", &[("version", "1"), ("retour", &brouillon)]).await.expect(303);
        assert_eq!(retour.location(), brouillon);
        let montree = vue(&b.get(&brouillon).await.expect(200).says("checked").body);
        let champs = [("vue", montree.as_str()), ("atteste", "oui")];
        b.post(&format!("{brouillon}/signer"), &champs).await.expect(303);
        assert_eq!(combien(&m).await, 2);
    }
}
