//! Who sees which conseiller in a post; the role that follows the posts.

use annuaire::Annuaire;
use kernel::actor::Perimetre;
use kernel::ids::{CompteId, StructureId};
use kernel::{CodeCommune, CodeDepartement, CodeRegion, NumeroPersonne, Reseau, Role};
use platform::db::kit;
use testkit::TestSite;

use super::{compte as compte_de_conseiller, routes};

use crate::Conseillers;
use crate::demonstration::{Personnes, Taille, semer};
use crate::ids::CandidatId;
use crate::postes::en_poste::{self, EnPoste, Filtre};

/// A small programme, somebody in a post, and the one whom the account holds.
async fn programme(t: &TestSite) -> (Conseillers, EnPoste, CompteId) {
    let cx = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
    let compte = CompteId::new(&t.site.clock, &t.site.chance);
    let personnes = Personnes { conseiller: Some(compte), ..Personnes::default() };
    semer(&cx, Taille { candidats: 800, structures: 120 }, &personnes).await.unwrap();
    let tous = Filtre::tous(cx.jour());
    let premier =
        en_poste::lister(t.site.db.read(), &Perimetre::National, &tous, None, (0, 1)).await.unwrap();
    (cx, premier[0].clone(), compte)
}

async fn change<const N: usize>(t: &TestSite, sql: &str, values: [sea_orm::Value; N]) {
    t.site.db.write(async |tx| kit::execute(tx, sql, values.clone()).await).await.unwrap();
}

async fn voit(cx: &Conseillers, perimetre: &Perimetre, candidat: CandidatId) -> bool {
    let filtre = Filtre { personne: Some(candidat), ..Filtre::tous(cx.jour()) };
    let vus = en_poste::lister(cx.site.db.read(), perimetre, &filtre, None, (0, 9)).await.unwrap();
    assert_eq!(vus.len(), en_poste::compter(cx.site.db.read(), perimetre, &filtre).await.unwrap());
    !vus.is_empty()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn each_kind_of_scope_reaches_its_own_and_nobody_else(t: TestSite) {
        let (cx, g, _) = programme(&t).await;
        let s = annuaire::structures::find(t.site.db.read(), g.structure).await.unwrap().unwrap();
        let qui = crate::candidats::coordonnees(t.site.db.read(), g.candidat).await.unwrap().unwrap();
        let reseau = Reseau::tous().next().unwrap();
        change(&t, "UPDATE structure SET reseau = $1 WHERE id = $2", [reseau.cle().into(), s.id.0.into()]).await;
        let ailleurs = if s.commune.departement.as_str() == "976" { "974" } else { "976" };
        let autre = Reseau::tous().nth(1).unwrap();
        let cases = [
            (Perimetre::National, true),
            (Perimetre::Regions(vec![s.commune.region.clone()]), true),
            (Perimetre::Regions(CodeRegion::parse("06").into_iter().collect()), s.commune.region.as_str() == "06"),
            (Perimetre::Departements(vec![s.commune.departement.clone()]), true),
            (Perimetre::Departements(CodeDepartement::parse(ailleurs).into_iter().collect()), false),
            (Perimetre::Communes(vec![s.commune.code.clone()]), true),
            (Perimetre::Communes(CodeCommune::parse("97611").into_iter().collect()), s.commune.code.as_str() == "97611"),
            (Perimetre::Reseaux(vec![reseau]), true),
            (Perimetre::Reseaux(vec![autre]), false),
            (Perimetre::Structures(vec![s.id]), true),
            (Perimetre::Structures(vec![StructureId::new(&t.site.clock, &t.site.chance)]), false),
            (Perimetre::Personnes(vec![NumeroPersonne(qui.numero)]), true),
            (Perimetre::Personnes(vec![NumeroPersonne(999_999)]), false),
            (Perimetre::Personnes(vec![]), false),
            (Perimetre::Lieux(vec![]), false),
            (Perimetre::Soi, false),
        ];
        for (perimetre, attendu) in cases {
            assert_eq!(voit(&cx, &perimetre, g.candidat).await, attendu, "{perimetre:?}");
        }
        let page = t.browser(routes(cx.clone()));
        let coordinateur = testkit::viewer(Role::Coordinateur, Perimetre::Personnes(vec![NumeroPersonne(qui.numero)]));
        let mut b = page.signed_in(coordinateur);
        let liste = b.get("/conseillers/en-poste").await.expect(200);
        assert!(liste.body.contains(&qui.nom) && liste.body.contains("1 personne en poste"), "{}", liste.body);
        let fiche = b.get(&format!("/conseillers/en-poste/{}", g.candidat)).await.expect(200);
        assert!(fiche.body.contains(qui.courriel.as_str()) && !fiche.body.contains('€'), "no pay");
        let csv = b.get("/conseillers/en-poste/export.csv").await.expect(200);
        assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
        let lus = "SELECT COUNT(*) FROM journal WHERE action IN ('candidat.lire_coordonnees', 'liste.exporter')";
        assert_eq!(kit::count(t.site.db.read(), lus, []).await.unwrap(), 2);
        let mut b = page.signed_in(testkit::viewer(Role::Coordinateur, Perimetre::Personnes(vec![NumeroPersonne(999_999)])));
        b.get(&format!("/conseillers/en-poste/{}", g.candidat)).await.expect(404);
        let vide = b.get("/conseillers/en-poste/export.csv").await.expect(200);
        assert_eq!(vide.body.lines().count(), 1, "titles only");
    }

    async fn a_conseiller_sees_their_own_post_and_pay(t: TestSite) {
        let (cx, g, compte) = programme(&t).await;
        let page = t.browser(routes(cx));
        let mut mien = testkit::viewer(Role::Conseiller, Perimetre::Soi);
        mien.actor.compte = compte;
        let lu = page.signed_in(mien).get("/mon-espace/poste").await.expect(200);
        assert!(lu.body.contains(&g.poste()) && lu.body.contains('€'), "{}", lu.body);
        let autre = testkit::viewer(Role::Conseiller, Perimetre::Soi);
        page.signed_in(autre).get("/mon-espace/poste").await.expect(404);
        page.signed_in(testkit::viewer(Role::Candidat, Perimetre::Soi)).get("/mon-espace/poste").await.expect(403);
    }

    async fn the_role_follows_the_posts(t: TestSite) {
        let (cx, g, _) = programme(&t).await;
        let site = &t.site;
        let tenu = async || {
            let compte = crate::candidats::compte_de(site.db.read(), g.candidat).await.unwrap();
            match compte {
                Some(c) => identity::a_le_role(site.db.read(), c, Role::Conseiller, site.clock.now()).await.unwrap(),
                None => false,
            }
        };
        assert!(!tenu().await);
        change(&t, "UPDATE candidat SET compte_id = NULL WHERE id = $1", [g.candidat.0.into()]).await;
        for _ in 0..2 {
            site.db.write(async |tx| compte_de_conseiller::ouvrir(&cx, tx, g.candidat).await).await.unwrap();
            assert!(tenu().await, "an account is opened for who had none, once");
        }
        let avant = g.periode.debut.pred_opt().unwrap();
        site.db.write(async |tx| compte_de_conseiller::fermer(&cx, tx, g.candidat, avant).await).await.unwrap();
        assert!(tenu().await, "another post follows that day");
        let fini = g.periode.fin.unwrap_or(chrono::NaiveDate::MAX);
        if g.periode.fin.is_some() {
            site.db.write(async |tx| compte_de_conseiller::fermer(&cx, tx, g.candidat, fini).await).await.unwrap();
            assert!(!tenu().await);
        }
    }
}
