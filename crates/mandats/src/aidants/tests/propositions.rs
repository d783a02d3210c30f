//! Who has an account decides themselves to belong to one organisation more.

use kernel::Verb;
use testkit::Browser;

use super::*;
use crate::aidants::propositions::{self, Offre, PAGE, Suite};

async fn chez(t: &TestSite, m: &Mandats, actor: &Actor) -> Browser {
    t.browser(crate::routes(m)).signed_in(essai::viewer(actor))
}

async fn proposer(m: &Mandats, p: &Personne, structure: StructureId) -> Result<Suite, Failure> {
    let offre = Offre::de(p, structure, EtatAidant::Eligible);
    m.site.db.write(async |tx| propositions::inscrire(m, tx, &offre, None).await).await
}

async fn roles(m: &Mandats, a: &Aidant) -> i64 {
    let sql = "SELECT COUNT(*) FROM compte_role WHERE compte_id = $1 AND retiree_le IS NULL";
    platform::db::kit::count(m.site.db.read(), sql, [a.compte.unwrap().0.into()]).await.unwrap()
}

async fn en_attente(m: &Mandats, structure: StructureId) -> String {
    let la = propositions::de(m.site.db.read(), structure).await.unwrap();
    la.into_iter().find(|p| p.attend()).unwrap().id.to_string()
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn nobody_with_an_account_acts_elsewhere_before_they_agree(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Maison Ailleurs", 2).await);
        let (_, referent) = actif(&m, ailleurs.structure, Fonction::AidantReferent, 1).await;
        let (a, elle) = actif(&m, ici.structure, Fonction::Aidant, 2).await;
        // Named under another name, as a request of habilitation may.
        let p = Personne { prenom: "Ali".to_owned(), nom: "Fictif".to_owned(), ..Personne::de(&a, Fonction::Aidant) };
        assert!(matches!(proposer(&m, &p, ailleurs.structure).await.unwrap(), Suite::Proposee));
        assert!(refus(proposer(&m, &p, ailleurs.structure).await).contains("déjà reçu"));
        assert_eq!(roles(&m, &a).await, 1, "no role before an answer");
        assert!(store::appartenance(m.site.db.read(), a.id, ailleurs.structure).await.unwrap().is_none());
        let labas = acteur(&a, ailleurs.structure, Fonction::Aidant);
        assert!(agissant(&m, m.site.db.read(), &labas, Verb::TenirMandats).await.is_err());
        // She is told by mail and on her desk; the référent and the team see that an answer is awaited.
        assert!(courriels(&m, &a).await.iter().any(|s| s.contains("vous propose d’agir pour elle")));
        let attend = crate::attente(&m, &elle).await.unwrap();
        assert!(attend.iter().any(|x| x.href == PAGE), "{attend:?}");
        let mut b = chez(&t, &m, &elle).await;
        b.get("/aidant/moi").await.expect(200).says("vous propose d’agir aussi");
        b.get(PAGE).await.expect(200).says("Maison Ailleurs").says("Accepter");
        let mut r = chez(&t, &m, &referent).await;
        r.get("/referent/personnes").await.expect(200).says("Ali Fictif").says("Réponse attendue");
        let mut desk = chez(&t, &m, &equipe()).await;
        desk.get(&format!("/gestion/organisations-habilitees/{}", ailleurs.structure)).await.expect(200).says("Réponse attendue");
        // Nobody answers for her.
        let id = en_attente(&m, ailleurs.structure).await;
        let vers = format!("{PAGE}/{id}");
        r.post(&vers, &[("reponse", "accepte")]).await.expect(404);
        r.get(PAGE).await.expect(200).says("Aucune organisation");
        b.post(&vers, &[("reponse", "peut-être")]).await.expect(404);
        b.post(&vers, &[("reponse", "decline")]).await.expect(303);
        assert_eq!((roles(&m, &a).await, journal(&m, "aidant.proposition.repondre").await), (1, 1));
        r.get("/referent/personnes").await.expect(200).says("Déclinée le");
        let dit = "SELECT COUNT(*) FROM courriel WHERE sujet LIKE '%proposition est déclinée%'";
        assert_eq!(platform::db::kit::count(m.site.db.read(), dit, []).await.unwrap(), 1);
        // Not asked again at once; later, and then she agrees.
        assert!(refus(proposer(&m, &p, ailleurs.structure).await).contains("moins de 30 jours"));
        t.site.clock.advance(TimeDelta::days(31));
        proposer(&m, &p, ailleurs.structure).await.unwrap();
        b.post(&format!("{PAGE}/{}", en_attente(&m, ailleurs.structure).await), &[("reponse", "accepte")]).await.expect(303);
        assert_eq!(roles(&m, &a).await, 2);
        assert!(agissant(&m, m.site.db.read(), &labas, Verb::TenirMandats).await.is_ok());
        assert_eq!(store::lire(m.site.db.read(), a.id).await.unwrap().unwrap().nom_complet(), a.nom_complet());
        // Answered once: the old one may be pressed again to no effect.
        b.post(&vers, &[("reponse", "accepte")]).await.expect(303);
        assert_eq!(roles(&m, &a).await, 2);
    }

    async fn an_account_of_another_trade_is_asked_too_and_who_has_none_is_invited(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let p = personne(9, Fonction::Referent, Voie::Classique);
        let invitation = identity::Invitation {
            courriel: p.courriel.clone(),
            nom: "Dominique Inventée".to_owned(),
            role: Role::EquipeHabilitation,
            perimetre: Perimetre::National,
            fin: None,
        };
        let compte = identity::invite_from_install(&m.site, &invitation).await.unwrap().compte;
        platform::db::kit::execute(m.site.db.read(), "UPDATE compte SET etat = 'actif'", []).await.unwrap();
        assert!(matches!(proposer(&m, &p, o.structure).await.unwrap(), Suite::Proposee));
        assert!(store::du_courriel(m.site.db.read(), &p.courriel).await.unwrap().is_none(), "no record before an answer");
        let actor = Actor { compte, role: Role::EquipeHabilitation, perimetre: Perimetre::National, vu_par: None, prete: false };
        let mut b = chez(&t, &m, &actor).await;
        b.post(&format!("{PAGE}/{}", en_attente(&m, o.structure).await), &[("reponse", "accepte")]).await.expect(303);
        let a = store::du_compte(m.site.db.read(), compte).await.unwrap().unwrap();
        assert_eq!(a.etat, EtatAidant::Actif, "a référent needs no training");
        let ici = acteur(&a, o.structure, Fonction::Referent);
        assert!(agissant(&m, m.site.db.read(), &ici, Verb::GererAidants).await.is_ok());
        // To make mandats elsewhere is learnt first.
        let autre = essai::organisation(&t, "Autre", 2).await;
        let aidant = Personne { fonction: Fonction::Aidant, ..p.clone() };
        proposer(&m, &aidant, autre.structure).await.unwrap();
        let vers = format!("{PAGE}/{}", en_attente(&m, autre.structure).await);
        b.post(&vers, &[("reponse", "accepte")]).await.expect(303);
        assert!(store::appartenance(m.site.db.read(), a.id, autre.structure).await.unwrap().is_none());
        assert_eq!(propositions::attendent(m.site.db.read(), compte).await.unwrap(), 1, "it still waits");
        // Who has no account is invited, as before.
        let neuve = personne(10, Fonction::Aidant, Voie::Classique);
        assert!(matches!(proposer(&m, &neuve, o.structure).await.unwrap(), Suite::Inscrite(_)));
        // What nobody answers falls, and is forgotten a year later.
        t.site.clock.advance(TimeDelta::days(91));
        propositions::echoir(&m).await.unwrap();
        assert_eq!(propositions::attendent(m.site.db.read(), compte).await.unwrap(), 0);
        b.post(&vers, &[("reponse", "accepte")]).await.expect(303);
        assert!(store::appartenance(m.site.db.read(), a.id, autre.structure).await.unwrap().is_none());
        t.site.clock.advance(TimeDelta::days(366));
        propositions::echoir(&m).await.unwrap();
        assert!(propositions::de(m.site.db.read(), autre.structure).await.unwrap().is_empty());
    }

    async fn a_referent_takes_back_their_own_propositions_alone(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let (_, referent) = actif(&m, ici.structure, Fonction::AidantReferent, 1).await;
        let (_, etranger) = actif(&m, ailleurs.structure, Fonction::AidantReferent, 2).await;
        let (a, _) = actif(&m, ailleurs.structure, Fonction::Referent, 3).await;
        let (forme, _) = actif(&m, ailleurs.structure, Fonction::Aidant, 4).await;
        let mut b = chez(&t, &m, &referent).await;
        // Who is trained is not trained again: the team answers for them.
        let deja = [("voie", "classique"), ("prenom1", "Ada"), ("nom1", "Fictive"), ("courriel1", forme.courriel.as_str()), ("profession1", "Agente")];
        b.post("/referent/personnes/former", &deja).await.expect(422).says("déjà formée");
        let former = [("voie", "classique"), ("prenom1", "Ada"), ("nom1", "Fictive"), ("courriel1", a.courriel.as_str()), ("profession1", "Agente")];
        b.post("/referent/personnes/former", &former).await.expect(303);
        let vers = format!("/referent/propositions/{}/retirer", en_attente(&m, ici.structure).await);
        chez(&t, &m, &etranger).await.post(&vers, &[]).await.expect(404);
        b.post(&vers, &[]).await.expect(303);
        b.get("/referent/personnes").await.expect(200).says("Retirée le");
        b.post(&vers, &[]).await.expect(303);
        assert_eq!(propositions::attendent(m.site.db.read(), a.compte.unwrap()).await.unwrap(), 0);
    }

    async fn a_referent_who_is_to_be_trained_elsewhere_acts_there_once_trained(t: TestSite) {
        let m = essai::mandats(&t).await;
        let (ici, ailleurs) = (essai::organisation(&t, "Ici", 1).await, essai::organisation(&t, "Ailleurs", 2).await);
        let p = personne(5, Fonction::Aidant, Voie::Classique);
        assert!(matches!(proposer(&m, &p, ici.structure).await.unwrap(), Suite::Inscrite(_)));
        let referent = Personne { fonction: Fonction::Referent, ..p.clone() };
        assert!(matches!(proposer(&m, &referent, ailleurs.structure).await.unwrap(), Suite::Inscrite(_)));
        let a = store::du_courriel(m.site.db.read(), &p.courriel).await.unwrap().unwrap();
        assert_eq!((a.etat, roles(&m, &a).await), (EtatAidant::Actif, 1), "référent there, and nothing more");
        // Sleeping and waking brings nothing that was not there.
        for vers in [EtatAidant::Dormant, EtatAidant::Actif] {
            m.site.db.write(async |tx| vie::changer(&m, tx, a.id, vers, "", None).await).await.unwrap();
        }
        assert_eq!(roles(&m, &a).await, 1);
        appris(&m, &a, true, true).await;
        assert_eq!(roles(&m, &a).await, 2);
    }
}
