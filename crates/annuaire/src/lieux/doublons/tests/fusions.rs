//! Merges, decisions and deliveries, on both engines.

use std::io::{Seek, Write};
use std::sync::Arc;

use kernel::ids::LieuId;
use kernel::{Actor, CodeDepartement, Perimetre, Refusal, Role};
use sea_orm::DbErr;
use testkit::TestSite;

use crate::Annuaire;
use crate::lieux::doublons::fusion::{self, Versions};
use crate::lieux::doublons::liste::{Decision, PaireDite, chaque_paire};
use crate::lieux::doublons::recherche::cherche;
use crate::lieux::doublons::store::{self, EtatPaire};
use crate::lieux::gestion::actions::Failure;
use crate::lieux::import::{Demande, importe};
use crate::lieux::{Etat, Lieu, lieu, lieu_de_identifiant};
use crate::territoires::Territoires;

const ENTETE: &str =
    "id,pivot,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,date_maj,services\n";

fn national() -> Actor {
    testkit::actor(Role::AdministrateurNational, Perimetre::National)
}

fn table() -> Arc<Territoires> {
    use std::sync::OnceLock;
    static TABLE: OnceLock<Arc<Territoires>> = OnceLock::new();
    TABLE.get_or_init(|| Arc::new(Territoires::new(&std::collections::HashMap::new()).unwrap())).clone()
}

pub(super) async fn livre(t: &TestSite, source: &str, lignes: &[&str]) {
    let mut contenu = tempfile::tempfile().unwrap();
    contenu.write_all(format!("{ENTETE}{}\n", lignes.join("\n")).as_bytes()).unwrap();
    contenu.rewind().unwrap();
    let mut demande = Demande::du_standard("essai.csv", contenu, &t.site);
    demande.source = Some(source.to_owned());
    importe(&t.site, table(), demande, Arc::new(|_| {})).await.unwrap();
    t.site.clock.advance(chrono::TimeDelta::minutes(1));
}

pub(super) async fn de(t: &TestSite, identifiant: &str) -> Lieu {
    let id = lieu_de_identifiant(t.site.db.read(), identifiant).await.unwrap().unwrap();
    lieu(t.site.db.read(), id).await.unwrap().unwrap()
}

async fn paires(t: &TestSite) -> Vec<PaireDite> {
    let mut vues = Vec::new();
    chaque_paire::<DbErr>(t.site.db.read(), |p| {
        vues.push(p);
        Ok(())
    })
    .await
    .unwrap();
    vues
}

pub(super) const A1: &str = "a1,00000000000000,Médiathèque Jean Moulin,Reims,51100,12 rue de l’Essai,49.25,4.03,+33199000101,,2024-04-02,Loisirs et créations numériques";
pub(super) const B1: &str = "b1,00000000000000,MEDIATHEQUE JEAN MOULIN,Reims,51100,12 R DE L ESSAI,49.2503,4.03,,Mo-Fr 09:00-12:00,2025-01-01,Parentalité et éducation avec le numérique";
/// The same kind, the same street: a person must look.
pub(super) const C1: &str =
    "c1,00000000000000,France services de Reims,Reims,51100,40 rue des Exemples,49.26,4.05,,,2024-01-01,";
pub(super) const D1: &str =
    "d1,00000000000000,Mairie annexe,Reims,51100,40 rue des Exemples,49.26,4.05,,,2024-01-01,";

testkit::on_both_engines! {
    migrations: { let mut m = platform::migrations(); m.extend(identity::migrations()); m.extend(crate::migrations()); m };

    async fn a_likely_pair_is_merged_and_follows_both_sources(t: TestSite) {
        let annuaire = Annuaire::load(&t.site).await.unwrap();
        livre(&t, "Alpha", &[A1]).await;
        livre(&t, "Beta", &[B1]).await;
        assert_eq!(paires(&t).await[0].decision, Decision::Automatique);
        let (a, b) = (de(&t, "a1").await, de(&t, "b1").await);
        let bilan = cherche(&annuaire).await.unwrap();
        assert_eq!((bilan.lieux, bilan.fusionnees, bilan.a_voir), (2, 1, 0));

        let garde = lieu(t.site.db.read(), a.id).await.unwrap().unwrap();
        assert_eq!(lieu(t.site.db.read(), b.id).await.unwrap().unwrap().etat, Etat::Fusionne { dans: a.id });
        assert_eq!(de(&t, "b1").await.id, a.id, "the identifier of the other leads here");
        assert_eq!(garde.fiche.id, a.fiche.id);
        // The fresher record gives the name and the hours, the other the telephone it alone has, services add up.
        assert_eq!(garde.fiche.nom.as_ref(), "MEDIATHEQUE JEAN MOULIN");
        assert_eq!(garde.fiche.horaires.as_ref(), "Mo-Fr 09:00-12:00");
        assert_eq!(garde.fiche.telephone, a.fiche.telephone);
        assert_eq!(garde.fiche.services.iter().count(), 2);
        let dites = paires(&t).await;
        assert_eq!((dites.len(), dites[0].decision, dites[0].a.uid, dites[0].b.uid), (1, Decision::Fusionne, a.id, a.id));

        // A further delivery of the absorbed record updates the lieu, and brings nothing back.
        livre(&t, "Beta", &[&B1.replace("Mo-Fr 09:00-12:00", "Sa 10:00-12:00").replace("2025-01-01", "2025-06-01")]).await;
        assert_eq!(cherche(&annuaire).await.unwrap().lieux, 1);
        assert_eq!(de(&t, "a1").await.fiche.horaires.as_ref(), "Sa 10:00-12:00");
        // The source of the other goes on alone when one stops; the lieu stays open.
        livre(&t, "Beta", &["b2,00000000000000,Autre lieu,Reims,51100,99 rue Lointaine,49.29,4.09,,,2025-01-01,"]).await;
        let seul = de(&t, "a1").await;
        assert_eq!((seul.etat, seul.fiche.nom.as_ref(), seul.fiche.horaires.as_ref()), (Etat::Ouvert, "Médiathèque Jean Moulin", ""));

        // Undone: both are back as their sources say, and are not merged again.
        livre(&t, "Beta", &[B1]).await;
        let f = store::fusions_de(t.site.db.read(), a.id).await.unwrap().remove(0);
        assert_eq!(f.par, None);
        assert_eq!(fusion::defusionner(&annuaire, &national(), f.id).await.unwrap(), (a.id, b.id));
        let (a2, b2) = (lieu(t.site.db.read(), a.id).await.unwrap().unwrap(), lieu(t.site.db.read(), b.id).await.unwrap().unwrap());
        assert_eq!((a2.fiche, a2.etat), (a.fiche, Etat::Ouvert));
        assert_eq!((b2.fiche, b2.etat), (b.fiche, Etat::Ouvert));
        assert_eq!(cherche(&annuaire).await.unwrap().fusionnees, 0);
        assert_eq!(paires(&t).await[0].decision, Decision::Distincts);
        assert!(matches!(
            fusion::defusionner(&annuaire, &national(), f.id).await,
            Err(Failure::Refusal(Refusal::Conflict(_)))
        ));
    }

    async fn two_records_of_one_source_may_be_one_lieu(t: TestSite) {
        let annuaire = Annuaire::load(&t.site).await.unwrap();
        let bis = B1.replace("b1,", "a2,");
        livre(&t, "Alpha", &[A1, &bis]).await;
        assert_eq!(cherche(&annuaire).await.unwrap().fusionnees, 1);
        // Both lines change in one delivery.
        livre(&t, "Alpha", &[&A1.replace("+33199000101", "+33199000102"), &bis.replace("2025-01-01", "2025-02-01")]).await;
        let l = de(&t, "a1").await;
        assert_eq!(l.fiche.telephone.unwrap().as_str(), "+33199000102");
        assert_eq!(l.fiche.date_maj.unwrap().to_string(), "2025-02-01");
        assert_eq!(de(&t, "a2").await.id, l.id);
    }

    async fn the_doubtful_wait_and_decisions_are_found_again(t: TestSite) {
        let annuaire = Annuaire::load(&t.site).await.unwrap();
        livre(&t, "Alpha", &[C1]).await;
        livre(&t, "Beta", &[D1]).await;
        let bilan = cherche(&annuaire).await.unwrap();
        assert_eq!((bilan.fusionnees, bilan.a_voir), (0, 1));
        let (c, d) = (de(&t, "c1").await, de(&t, "d1").await);
        fusion::decider(&annuaire, &national(), (d.id, c.id), EtatPaire::PlusTard, "à revoir").await.unwrap();
        assert_eq!(cherche(&annuaire).await.unwrap().a_voir, 0);
        assert_eq!(paires(&t).await[0].decision, Decision::PlusTard);
        fusion::decider(&annuaire, &national(), (c.id, d.id), EtatPaire::Distincts, "").await.unwrap();
        livre(&t, "Beta", &[&D1.replace("2024-01-01", "2025-01-01")]).await;
        assert_eq!(cherche(&annuaire).await.unwrap().a_voir, 0, "never asked twice");
        // They look much more alike: asked again, never merged without asking.
        livre(&t, "Beta", &[&D1.replace("Mairie annexe", "Maison France services de Reims")]).await;
        let bilan = cherche(&annuaire).await.unwrap();
        assert_eq!((bilan.fusionnees, bilan.a_voir), (0, 1));

        let ain = CodeDepartement::parse("01").unwrap();
        let prefecture = testkit::actor(Role::Prefecture, Perimetre::Departements(vec![ain]));
        let versions = Versions { gardee: 1, absorbee: 1 };
        let dehors = fusion::fusionner(&annuaire, &prefecture, (c.id, d.id), versions, String::new()).await;
        assert!(matches!(dehors, Err(Failure::Refusal(Refusal::NotFound))));
        let perimee = fusion::fusionner(&annuaire, &national(), (c.id, d.id), Versions { gardee: 0, absorbee: 0 }, String::new()).await;
        assert!(matches!(perimee, Err(Failure::Stale(_))));
        assert!(matches!(
            fusion::fusionner(&annuaire, &national(), (c.id, c.id), versions, String::new()).await,
            Err(Failure::Refusal(Refusal::Conflict(_)))
        ));
        assert!(fusion::decider(&annuaire, &national(), (c.id, LieuId(uuid::Uuid::nil())), EtatPaire::Distincts, "").await.is_err());
    }
}
