use kernel::Role;
use platform::db::kit;
use sea_orm::{ConnectionTrait, Value};
use testkit::TestSite;
use uuid::Uuid;

use super::espace::pdf;
use super::fixtures::jour;
use crate::candidats::{self, Candidat, cv, fusion};
use crate::contrats;
use crate::ids::CandidatId;
use crate::matching::relations::tests::{Monde, avec_compte, monde, termes};
use crate::matching::relations::{self, Etat};
use crate::{Failure, postes};

async fn ecrit(t: &TestSite, sql: &str, values: Vec<Value>) {
    kit::execute(t.site.db.read(), sql, values).await.unwrap();
}

/// What a person has, by kind: contracts, posts, contacts, marks, registrations, titles, stages, score, CV, links.
async fn avoir(conn: &impl ConnectionTrait, id: CandidatId) -> [i64; 10] {
    let n = async |table: &str, suite: &str| {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE candidat_id = $1{suite}");
        kit::count(conn, &sql, [id.0.into()]).await.unwrap()
    };
    [
        n("contrat", "").await,
        n("poste_affectation", "").await,
        n("relation", "").await,
        n("relation_marque", "").await,
        n("formation_inscription", "").await,
        n("formation_certification", "").await,
        n("formation_vae", "").await,
        n("formation_parcours", " AND score IS NOT NULL").await,
        n("candidat_cv", "").await,
        n("candidat_lien", "").await,
    ]
}

/// What [`comble`] gives: one thing of each kind, but no mark, which goes when somebody takes a post.
const TOUT: [i64; 10] = [1, 1, 1, 0, 1, 1, 1, 1, 1, 1];

/// Gives that person one thing of each kind.
async fn comble(t: &TestSite, m: &Monde, (c, moi): (&Candidat, &kernel::Actor)) {
    let relation = m.propose(c).await.unwrap();
    relations::actions::repondre(&m.cx, moi, relation, true, None).await.unwrap();
    let contrat =
        contrats::actions::saisir(&m.cx, &m.employeur, (m.postes[0].id, c.id), termes()).await.unwrap();
    contrats::actions::valider(&m.cx, &m.admin, contrat).await.unwrap();
    cv::deposer(&t.site, moi, c, pdf(1, b"")).await.unwrap();
    let (moi, autre) = (c.id.0, Uuid::from_u128(77));
    let le: Value = t.site.clock.now().into();
    let sql = "INSERT INTO formation_session (id, organisme_id, lot, regions, heures, modules, debut, fin, places, version) \
               VALUES ($1, $2, '', '', 105, '', $3, $3, 10, 1)";
    ecrit(t, sql, vec![autre.into(), m.ailleurs.0.into(), jour("2026-06-01").into()]).await;
    let sql = "INSERT INTO formation_inscription (id, session_id, candidat_id, demandee_le, modules, heures, etat) \
               VALUES ($1, $1, $2, $3, '', 0, 'en_attente')";
    ecrit(t, sql, vec![autre.into(), moi.into(), le.clone()]).await;
    let sql = "INSERT INTO formation_certification (candidat_id, titre, le) VALUES ($1, 'ccp1', $2)";
    ecrit(t, sql, vec![moi.into(), jour("2026-01-01").into()]).await;
    let sql = "INSERT INTO formation_parcours (candidat_id, score, score_le, socle, version) VALUES ($1, 60, $2, '10000000', 0)";
    ecrit(t, sql, vec![moi.into(), jour("2026-01-01").into()]).await;
    let etape = crate::formation::model::EtapeVae::TOUTES[0].cle();
    let sql = "INSERT INTO formation_vae (candidat_id, rang, etape, le) VALUES ($1, 1, $2, $3)";
    ecrit(t, sql, vec![moi.into(), etape.into(), jour("2026-01-01").into()]).await;
    let sql = "INSERT INTO candidat_lien (empreinte, candidat_id, usage, expire_le) VALUES ('x', $1, 'toujours', $2)";
    ecrit(t, sql, vec![moi.into(), le]).await;
}

fn refuse(r: Result<(), Failure>) -> bool {
    matches!(r, Err(Failure::Refusal(_)))
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_merge_moves_each_kind_and_gives_it_back(t: TestSite) {
        let m = monde(&t, 1).await;
        let (a, _) = avec_compte(&t, "a@exemple.fr", 1).await;
        let (b, moi) = avec_compte(&t, "b@exemple.fr", 2).await;
        comble(&t, &m, (&b, &moi)).await;
        let conn = t.site.db.read();
        let rien = avoir(conn, a.id).await;
        assert_eq!((rien, avoir(conn, b.id).await), ([0; 10], TOUT));
        let mut eux = t.browser(crate::routes(&m.cx)).signed_in({
            let mut v = testkit::viewer(Role::Candidat, kernel::Perimetre::Soi);
            v.actor.compte = moi.compte;
            v
        });

        fusion::fusionner(&m.cx, &m.admin, (a.id, b.id)).await.unwrap();
        assert_eq!(avoir(conn, a.id).await, TOUT);
        assert_eq!(avoir(conn, b.id).await, [0, 0, 0, 0, 0, 1, 1, 1, 0, 0], "what is known stays known");
        assert!(postes::store::tient_un_poste(conn, a.id, m.cx.jour()).await.unwrap());
        assert_eq!(candidats::de_compte(conn, moi.compte).await.unwrap(), Some(a.id));
        // Who signs in with the other account is at home.
        eux.get("/mon-espace").await.expect(200).says("CA-1");
        eux.get("/mon-espace/cv/fichier").await.expect(200);
        eux.get("/mon-espace/acces").await.expect(200).says("Validation d’un contrat").says("Réunion de deux candidatures").says("Vous");
        let lu = contrats::store::de_candidat(conn, a.id).await.unwrap().remove(0);
        m.browser(&t).await.signed_in(testkit::viewer(Role::AdministrateurNational, kernel::Perimetre::National))
            .get(&format!("/conseillers/contrats/{}", lu.id)).await.expect(200);

        fusion::separer(&m.cx, &m.admin, b.id).await.unwrap();
        assert_eq!((avoir(conn, a.id).await, avoir(conn, b.id).await), (rien, TOUT));
        assert_eq!(candidats::de_compte(conn, moi.compte).await.unwrap(), Some(b.id));
        eux.get("/mon-espace").await.expect(200).says("CA-2");
        eux.get("/mon-espace/cv/fichier").await.expect(200);
        assert!(refuse(fusion::separer(&m.cx, &m.admin, b.id).await));
        let etat = async |id| candidats::store::get(conn, id).await.unwrap().unwrap();
        assert_eq!((etat(a.id).await.disponible, etat(b.id).await.disponible), (true, false));
        assert_eq!(etat(b.id).await.etat, b.etat, "confirmed since the first day");
        // The other way round: who held the post is kept.
        fusion::fusionner(&m.cx, &m.admin, (b.id, a.id)).await.unwrap();
        assert_eq!(avoir(conn, b.id).await, TOUT);
    }

    async fn the_further_contact_is_kept_and_told_apart_again(t: TestSite) {
        let m = monde(&t, 1).await;
        let (a, _) = avec_compte(&t, "a@exemple.fr", 1).await;
        let (b, moi) = avec_compte(&t, "b@exemple.fr", 2).await;
        let (une, autre) = (m.propose(&a).await.unwrap(), m.propose(&b).await.unwrap());
        relations::actions::repondre(&m.cx, &moi, autre, true, None).await.unwrap();
        let conn = t.site.db.read();
        let etats = async || {
            let r = async |id| relations::store::get(conn, id).await.unwrap().unwrap();
            let (u, v) = (r(une).await, r(autre).await);
            ((u.candidat, u.etat), (v.candidat, v.etat))
        };
        let sql = "INSERT INTO relation_marque (structure_id, candidat_id, etiquette, note, le) VALUES ($1, $2, 'a', 'b', $3)";
        ecrit(&t, sql, vec![m.ailleurs.0.into(), b.id.0.into(), t.site.clock.now().into()]).await;
        let marques = async || (avoir(conn, a.id).await[3], avoir(conn, b.id).await[3]);
        let avant = etats().await;
        fusion::fusionner(&m.cx, &m.admin, (a.id, b.id)).await.unwrap();
        assert_eq!(etats().await, ((b.id, Etat::Close), (a.id, Etat::Acceptee)));
        assert_eq!(marques().await, (1, 0));
        fusion::separer(&m.cx, &m.admin, b.id).await.unwrap();
        assert_eq!((etats().await, marques().await), (avant, (0, 1)));
        // Both ways at once: one of them succeeds.
        let (x, y) = tokio::join!(
            fusion::fusionner(&m.cx, &m.admin, (a.id, b.id)),
            fusion::fusionner(&m.cx, &m.admin, (b.id, a.id))
        );
        assert!(x.is_ok() != y.is_ok() && (refuse(x) || refuse(y)));
    }

    async fn chains_are_followed_and_erased_together(t: TestSite) {
        let m = monde(&t, 1).await;
        let mut tous = Vec::new();
        for n in 1..=3_u128 {
            tous.push(avec_compte(&t, &format!("p{n}@exemple.fr"), n).await);
        }
        let id = |n: usize| tous[n].0.id;
        fusion::fusionner(&m.cx, &m.admin, (id(1), id(0))).await.unwrap();
        fusion::fusionner(&m.cx, &m.admin, (id(2), id(1))).await.unwrap();
        let conn = t.site.db.read();
        for (_, qui) in &tous {
            assert_eq!(candidats::de_compte(conn, qui.compte).await.unwrap(), Some(id(2)));
        }
        assert!(refuse(fusion::separer(&m.cx, &m.admin, id(0)).await), "the last merge is undone first");
        candidats::effacement::effacer(&t.site, None, id(2), candidats::Motif::Autre).await.unwrap();
        assert_eq!(kit::count(conn, "SELECT COUNT(*) FROM candidat", []).await.unwrap(), 0);
        assert_eq!(kit::count(conn, "SELECT COUNT(*) FROM candidat_reunion", []).await.unwrap(), 0);
        assert_eq!(candidats::de_compte(conn, tous[0].1.compte).await.unwrap(), None);
    }

    async fn two_posts_on_one_day_are_two_people(t: TestSite) {
        let m = monde(&t, 2).await;
        let mut deux = Vec::new();
        for n in 0..2_u128 {
            let (c, moi) = avec_compte(&t, &format!("p{n}@exemple.fr"), n + 1).await;
            let r = m.propose(&c).await.unwrap();
            relations::actions::repondre(&m.cx, &moi, r, true, None).await.unwrap();
            let poste = m.postes[usize::try_from(n).unwrap()].id;
            let contrat = contrats::actions::saisir(&m.cx, &m.employeur, (poste, c.id), termes()).await.unwrap();
            contrats::actions::valider(&m.cx, &m.admin, contrat).await.unwrap();
            deux.push(c.id);
        }
        assert!(refuse(fusion::fusionner(&m.cx, &m.admin, (deux[0], deux[1])).await));
    }
}
