use kernel::{Actor, CodeDepartement, Perimetre, Role, Verb};
use testkit::TestSite;

use super::store;
use crate::aidants::{self, EtatAidant, Fonction};
use crate::essai;

const BASE: &str = "/gestion/organisations-habilitees";

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn ended_at_once_for_everybody_then_begun_again(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Organisation d’ici", 11).await, essai::organisation(&t, "D’ailleurs", 12).await);
        let (seul, actor) = essai::aidant(&t, ici.structure, Fonction::Aidant, 1).await;
        let (double, _) = essai::aidant(&t, ici.structure, Fonction::AidantReferent, 2).await;
        t.site.db.write(async |tx| {
            let a = aidants::Appartenance {
                id: crate::ids::AppartenanceId::new(&t.site.clock, &t.site.chance), aidant: double.id, structure: ailleurs.structure,
                equipe: None, fonction: Fonction::Aidant, debut: m.jour(), fin: None,
            };
            aidants::store::ouvrir_appartenance(tx, &a).await
        }).await.unwrap();
        let nu = t.browser(crate::routes(&m));
        let mut desk = nu.signed_in(testkit::viewer(Role::EquipeHabilitation, Perimetre::National));
        desk.get(BASE).await.expect(200).says("Organisation d’ici").says("D’ailleurs");
        desk.get(&format!("{BASE}?q=ailleurs")).await.expect(200).says("1 organisation<");
        desk.get(&format!("{BASE}?q=11&etat=active&departement=23")).await.expect(200).says("1 organisation<");
        let fiche = format!("{BASE}/{}", ici.structure);
        desk.get(&fiche).await.expect(200).says("Essai-1").says("Aidant et référent");
        desk.post(&format!("{fiche}/demarches"), &[]).await.expect(422).says("au moins une catégorie");
        desk.post(&format!("{fiche}/demarches"), &[("demarches", "argent"), ("demarches", "inconnue")]).await.expect(303);
        let conn = t.site.db.read();
        assert_eq!(store::lire(conn, ici.structure).await.unwrap().unwrap().demarches.cles(), ["argent"]);
        // The open list and the file have both, then one.
        let json = desk.get("/api/v1/mandats/organisations?departement=23").await.expect(200).json();
        assert_eq!((json["total"].as_i64(), json["organisations"][0]["numero"].as_i64()), (Some(2), Some(11)));
        nu.clone().get("/api/v1/mandats/organisations.csv").await.expect(200).says("Organisation d’ici");
        desk.get("/api/v1/mandats/organisations?dep=23").await.expect(400);
        desk.get(&format!("{BASE}/export.csv")).await.expect(200).says("D’ailleurs");
        // Outside the scope, or without the verb, nothing.
        let ain = Perimetre::Departements(CodeDepartement::parse("01").into_iter().collect());
        for (mut qui, code) in [
            (nu.signed_in(testkit::viewer(Role::EquipeHabilitation, ain)), 404),
            (nu.signed_in(essai::viewer(&actor)), 403),
            (nu.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National)), 403),
        ] {
            qui.get(&fiche).await.expect(code);
            for verbe in ["desactiver", "reactiver", "demarches"] {
                qui.post(&format!("{fiche}/{verbe}"), &[("motif", "x"), ("demarches", "argent")]).await.expect(code);
            }
        }
        assert!(aidants::agissant(&m, conn, &actor, Verb::TenirMandats).await.is_ok());
        desk.post(&format!("{fiche}/desactiver"), &[("motif", "")]).await.expect(422);
        desk.post(&format!("{fiche}/desactiver"), &[("motif", "Fermeture.")]).await.expect(303);
        desk.post(&format!("{fiche}/desactiver"), &[("motif", "Encore.")]).await.expect(409);
        assert!(aidants::agissant(&m, conn, &actor, Verb::TenirMandats).await.is_err());
        let etat = async |id| aidants::store::lire(t.site.db.read(), id).await.unwrap().unwrap().etat;
        assert_eq!((etat(seul.id).await, etat(double.id).await), (EtatAidant::Parti, EtatAidant::Actif));
        let la_bas = Actor { compte: double.compte.unwrap(), role: Role::Aidant, perimetre: Perimetre::Structures(vec![ailleurs.structure]), ..actor.clone() };
        assert!(aidants::agissant(&m, conn, &la_bas, Verb::TenirMandats).await.is_ok());
        let json = desk.get("/api/v1/mandats/organisations").await.expect(200).json();
        assert_eq!(json["total"].as_i64(), Some(1));
        desk.post(&format!("{fiche}/reactiver"), &[]).await.expect(303);
        desk.post(&format!("{fiche}/reactiver"), &[]).await.expect(409);
        desk.get(&format!("{BASE}/{}", ailleurs.structure)).await.expect(200);
        desk.get(&format!("{BASE}/x")).await.expect(404);
        assert!(aidants::agissant(&m, conn, &actor, Verb::TenirMandats).await.is_err(), "nobody comes back by themselves");
    }
}
