use annuaire::Annuaire;
use annuaire::structures::StructureVue;
use annuaire::structures::actions::{Nouvelle, creer};
use annuaire::structures::model::{CommuneChoisie, Fiche, FicheContact, Genre as GenreStructure};
use chrono::TimeDelta;
use kernel::{Actor, CodeCommune, CodeRegion, Email, Perimetre, Refusal, Role};
use testkit::TestSite;
use uuid::Uuid;

use super::{jour, rupture, termes};
use crate::Conseillers;
use crate::Failure;
use crate::contrats::actions;
use crate::contrats::model::*;
use crate::contrats::{alertes, store};
use crate::historique::{self, Sujet};
use crate::ids::{CandidatId, ContratId, RelationId};
use crate::matching::relations::{self, Relation};
use crate::postes::{self, Place, Poste, Typologie};

struct Monde {
    cx: Conseillers,
    admin: Actor,
    employeur: Actor,
    etranger: Actor,
    postes: Vec<Poste>,
}

fn personne(n: u128) -> CandidatId {
    CandidatId(Uuid::from_u128(0xC0 + n))
}

async fn structure(t: &TestSite, nom: &str) -> StructureVue {
    let code = CodeCommune::parse("23096").unwrap();
    let commune = CommuneChoisie {
        departement: code.departement(),
        code,
        nom: "Guéret".to_owned(),
        region: CodeRegion::parse("75").unwrap(),
    };
    let fiche = Fiche {
        pivot: None,
        nom: nom.to_owned(),
        genre: GenreStructure::Association,
        categorie: None,
        voie: None,
        code_postal: None,
        commune,
        site_web: None,
        reseau: None,
    };
    let contact = FicheContact {
        nom: "Accueil".to_owned(),
        fonction: None,
        courriel: Some(
            Email::parse("accueil@guéret.example.org")
                .or(Email::parse("accueil@gueret.example.org"))
                .unwrap(),
        ),
        telephone: None,
    };
    let admin = testkit::actor(Role::AdministrateurNational, Perimetre::National);
    let id = creer(&t.site, &admin, Nouvelle { fiche, contact: Some(contact), autre: true }).await.unwrap();
    annuaire::structures::find(t.site.db.read(), id).await.unwrap().unwrap()
}

async fn monde(t: &TestSite) -> Monde {
    let cx = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
    let (ici, ailleurs) = (structure(t, "Les clics").await, structure(t, "Ailleurs").await);
    let place = Place {
        structure: ici.id,
        departement: ici.commune.departement.clone(),
        region: ici.commune.region.clone(),
    };
    let origine = (None, &place, jour("2026-01-05"));
    let postes = t
        .site
        .db
        .write(async |tx| postes::store::attribuer(&t.site, tx, 3, Typologie::Conseiller, origine).await)
        .await
        .unwrap();
    let gestion = |id| testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![id]));
    Monde {
        admin: testkit::actor(Role::AdministrateurNational, Perimetre::National),
        employeur: gestion(ici.id),
        etranger: gestion(ailleurs.id),
        cx,
        postes,
    }
}

fn cdd() -> Termes {
    termes(Genre::Cdd, "2026-04-01", "2027-03-31", "1 823,03")
}

fn phrase<T>(r: Result<T, Failure>) -> String {
    match r {
        Ok(_) => String::new(),
        Err(Failure::Refusal(r)) => r.to_string(),
        Err(e) => panic!("{e}"),
    }
}

impl Monde {
    /// The person agreed to be contacted by the employer.
    async fn accorde(&self, qui: CandidatId) {
        let structure = self.postes[0].rattachements[0].place.structure;
        let site = &self.cx.site;
        let connue = relations::store::de_candidat(site.db.read(), qui).await.unwrap().pop();
        if connue.as_ref().is_some_and(Relation::devoilee) {
            return;
        }
        let relation = Relation {
            id: connue.as_ref().map_or_else(|| RelationId::new(&site.clock, &site.chance), |r| r.id),
            candidat: qui,
            structure,
            origine: relations::Origine::Liste,
            etat: relations::Etat::Acceptee,
            avant: None,
            motif: None,
            note: String::new(),
            entretien: relations::model::Entretien::default(),
            resultat: None,
            proposee_le: site.clock.now(),
            repondre_avant: self.cx.jour(),
            repondue_le: Some(site.clock.now()),
            version: connue.map_or(0, |r| r.version),
        };
        assert!(site.db.write(async |tx| relations::store::ecrire(tx, &relation).await).await.unwrap());
    }

    async fn saisir(&self, poste: usize, qui: u128, t: Termes) -> Result<ContratId, Failure> {
        self.accorde(personne(qui)).await;
        actions::saisir(&self.cx, &self.employeur, (self.postes[poste].id, personne(qui)), t).await
    }

    async fn valide(&self, poste: usize, qui: u128, t: Termes) -> ContratId {
        let id = self.saisir(poste, qui, t).await.unwrap();
        actions::valider(&self.cx, &self.admin, id).await.unwrap();
        id
    }

    async fn lu(&self, id: ContratId) -> Contrat {
        store::get(self.cx.site.db.read(), id).await.unwrap().unwrap()
    }

    async fn etat_du_poste(&self, rang: usize, le: &str) -> &'static str {
        let p = postes::store::get(self.cx.site.db.read(), self.postes[rang].id).await.unwrap().unwrap();
        postes::rules::etat(&p, jour(le)).cle()
    }

    async fn courriels(&self) -> usize {
        platform::mail::list(self.cx.site.db.read(), 100).await.unwrap().len()
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_contract_lives_from_its_entry_to_its_end(t: TestSite) {
        let m = monde(&t).await;
        assert!(phrase(m.saisir(0, 1, termes(Genre::Cdd, "2026-04-01", "2027-03-31", "1500")).await).contains("SMIC"));
        let id = m.saisir(0, 1, cdd()).await.unwrap();
        assert!(phrase(m.saisir(0, 2, cdd()).await).contains("attend déjà"));
        // Nobody enters a contract for a person who has not agreed.
        let inconnue = actions::saisir(&m.cx, &m.employeur, (m.postes[1].id, personne(99)), cdd()).await;
        assert_eq!(champ(inconnue.map(|_| ())), "candidat");
        assert_eq!(m.etat_du_poste(0, "2026-05-01").await, "vacant");
        assert_eq!(champ(actions::refuser(&m.cx, &m.admin, id, "").await), "motif");
        actions::valider(&m.cx, &m.admin, id).await.unwrap();
        assert_eq!(m.etat_du_poste(0, "2026-05-01").await, "occupe");
        assert_eq!(m.etat_du_poste(0, "2027-04-01").await, "vacant");
        assert_eq!(m.courriels().await, 1);
        assert!(phrase(actions::valider(&m.cx, &m.admin, id).await).contains("Rien à valider"));
        // A renewal goes on under the second contract; the first has ended.
        let suite = termes(Genre::Cdd, "2027-04-03", "2028-03-31", "1900");
        let suite = actions::renouveler(&m.cx, &m.employeur, id, suite).await.unwrap();
        actions::valider(&m.cx, &m.admin, suite).await.unwrap();
        assert_eq!(m.etat_du_poste(0, "2027-04-02").await, "occupe");
        assert_eq!(m.etat_du_poste(0, "2028-03-31").await, "occupe");
        // The first breaks before the second begins: the second falls, the post is free the day after.
        actions::notifier_rupture(&m.cx, &m.employeur, id, rupture("2026-06-30")).await.unwrap();
        assert!(phrase(actions::valider_rupture(&m.cx, &m.admin, id).await).contains("30 juin 2026"));
        actions::signaler_dossier(&m.cx, &m.admin, id, true).await.unwrap();
        t.site.clock.advance(TimeDelta::days(120));
        assert!(phrase(actions::valider_rupture(&m.cx, &m.admin, id).await).contains("pièce"));
        actions::signaler_dossier(&m.cx, &m.admin, id, false).await.unwrap();
        actions::annuler_rupture(&m.cx, &m.employeur, id).await.unwrap();
        actions::notifier_rupture(&m.cx, &m.employeur, id, rupture("2026-07-10")).await.unwrap();
        actions::valider_rupture(&m.cx, &m.admin, id).await.unwrap();
        assert_eq!(m.etat_du_poste(0, "2026-07-10").await, "occupe");
        assert_eq!(m.etat_du_poste(0, "2026-07-11").await, "vacant");
        assert_eq!((m.lu(id).await.etat.cle(), m.lu(suite).await.etat.cle()), ("rompu", "retire"));
        // The post and the person are free again; the agreement ended with the contract, and is given anew.
        let encore = termes(Genre::Cdi, "2026-07-11", "", "1900");
        let sans = actions::saisir(&m.cx, &m.employeur, (m.postes[0].id, personne(1)), encore).await;
        assert_eq!(champ(sans.map(|_| ())), "candidat");
        m.valide(0, 1, termes(Genre::Cdi, "2026-07-11", "", "1900")).await;
        let lignes = historique::lire(t.site.db.read(), (Sujet::Contrat, id.0), 0, 50).await.unwrap();
        let faits: Vec<&str> = lignes.iter().rev().map(|l| l.action.as_str()).collect();
        assert_eq!(faits[0], "Saisie");
        assert!(faits.contains(&"Validation") && faits.contains(&"Rupture annulée") && faits.last() == Some(&"Rupture validée"));
    }

    async fn a_later_end_is_asked_and_granted(t: TestSite) {
        let m = monde(&t).await;
        let id = m.valide(0, 1, cdd()).await;
        let demande = (jour("2027-09-30"), Montant(190_000));
        assert!(phrase(actions::prolonger(&m.cx, &m.employeur, id, demande).await).contains("30 jours"));
        t.site.clock.advance(TimeDelta::days(360));
        actions::prolonger(&m.cx, &m.employeur, id, demande).await.unwrap();
        actions::refuser_prolongation(&m.cx, &m.admin, id, "Le financement n’est pas acquis.").await.unwrap();
        actions::prolonger(&m.cx, &m.employeur, id, demande).await.unwrap();
        actions::retirer_prolongation(&m.cx, &m.employeur, id).await.unwrap();
        actions::prolonger(&m.cx, &m.employeur, id, demande).await.unwrap();
        actions::accorder_prolongation(&m.cx, &m.admin, id).await.unwrap();
        assert!(phrase(actions::accorder_prolongation(&m.cx, &m.admin, id).await).contains("Aucune prolongation"));
        assert_eq!(m.lu(id).await.termes.fin, Some(demande.0));
        assert_eq!(m.etat_du_poste(0, "2027-09-30").await, "occupe");
        assert_eq!(m.etat_du_poste(0, "2027-10-01").await, "vacant");
    }

    async fn only_its_structure_and_the_administration_touch_it(t: TestSite) {
        let m = monde(&t).await;
        let id = m.saisir(0, 1, cdd()).await.unwrap();
        let refus = |r: Result<(), Failure>| match r {
            Err(Failure::Refusal(r)) => r,
            autre => panic!("{autre:?}"),
        };
        assert_eq!(refus(actions::retirer(&m.cx, &m.etranger, id).await), Refusal::NotFound);
        assert!(matches!(refus(actions::valider(&m.cx, &m.employeur, id).await.map(|_| ())), Refusal::Forbidden(_)));
        assert!(matches!(refus(actions::retirer(&m.cx, &m.admin, id).await), Refusal::Forbidden(_)));
        let autre = actions::saisir(&m.cx, &m.etranger, (m.postes[1].id, personne(2)), cdd()).await.map(|_| ());
        assert_eq!(refus(autre), Refusal::NotFound);
        assert_eq!(refus(actions::annuler_rupture(&m.cx, &m.etranger, id).await), Refusal::NotFound);
        actions::retirer(&m.cx, &m.employeur, id).await.unwrap();
        assert!(phrase(actions::retirer(&m.cx, &m.employeur, id).await).contains("a été retiré"));
    }

    async fn a_person_and_a_post_hold_one_contract_a_day(t: TestSite) {
        let m = monde(&t).await;
        let un = m.saisir(0, 1, cdd()).await.unwrap();
        let deux = m.saisir(1, 1, cdd()).await.unwrap();
        actions::valider(&m.cx, &m.admin, un).await.unwrap();
        assert!(phrase(actions::valider(&m.cx, &m.admin, deux).await).contains("Cette personne a déjà un contrat"));
        assert!(phrase(m.saisir(0, 3, termes(Genre::Cdi, "2026-04-01", "", "1900")).await).contains("déjà occupé"));
        m.valide(2, 1, termes(Genre::Cdd, "2027-04-01", "2027-12-31", "1900")).await;
    }

    async fn a_post_that_moved_takes_no_contract(t: TestSite) {
        let m = monde(&t).await;
        let id = m.saisir(0, 1, cdd()).await.unwrap();
        let la = structure(&t, "Plus loin").await;
        let (departement, region) = (la.commune.departement.clone(), la.commune.region.clone());
        let vers = Place { structure: la.id, departement, region };
        let fait: Result<(), sea_orm::DbErr> = t.site.db.write(async |tx| {
            let p = postes::store::get_locked(tx, m.postes[0].id).await?.unwrap();
            let p = postes::rules::transferer(p, Uuid::from_u128(0x7E), vers, m.cx.jour()).unwrap();
            postes::store::enregistrer(tx, &p).await
        }).await;
        fait.unwrap();
        assert!(phrase(actions::valider(&m.cx, &m.admin, id).await).contains("n’est plus dans cette structure"));
        assert_eq!(m.lu(id).await.etat, Etat::Saisi);
        assert_eq!(m.etat_du_poste(0, "2026-05-01").await, "vacant");
    }

    async fn two_writers_of_one_history_follow_one_another(t: TestSite) {
        let autre = t.other_instance().await;
        let sujet = (Sujet::Candidat, Uuid::from_u128(9));
        let ecrire = async |site: &platform::Site| {
            for n in 0..10 {
                let ecrit = historique::Ecrit::nouveau("n", n.to_string());
                let fait: Result<(), sea_orm::DbErr> = site
                    .db
                    .write(async |tx| historique::noter(site, tx, sujet, None, "Essai", &[ecrit]).await)
                    .await;
                fait.unwrap();
            }
        };
        tokio::join!(ecrire(&t.site), ecrire(&autre));
        assert_eq!(historique::lire(t.site.db.read(), sujet, 0, 50).await.unwrap().len(), 20);
    }

    async fn two_administrators_one_succeeds(t: TestSite) {
        let m = monde(&t).await;
        let autre = Conseillers { site: t.other_instance().await, ..m.cx.clone() };
        // One person, two posts.
        let (a, b) = (m.saisir(0, 1, cdd()).await.unwrap(), m.saisir(1, 1, cdd()).await.unwrap());
        let (ra, rb) = tokio::join!(actions::valider(&m.cx, &m.admin, a), actions::valider(&autre, &m.admin, b));
        assert_eq!([&ra, &rb].iter().filter(|r| r.is_ok()).count(), 1, "{ra:?} {rb:?}");
        let perdant = if ra.is_ok() { phrase(rb) } else { phrase(ra) };
        assert!(perdant.contains("Cette personne a déjà un contrat"), "{perdant}");
        // One post, two persons: both rows were there, as an import leaves them.
        let c = m.saisir(2, 2, cdd()).await.unwrap();
        let d = Contrat { id: ContratId(Uuid::from_u128(0xD)), candidat: personne(3), ..m.lu(c).await };
        t.site.db.write(async |tx| store::inserer(tx, &d).await).await.unwrap();
        m.accorde(personne(3)).await;
        let (rc, rd) = tokio::join!(actions::valider(&m.cx, &m.admin, c), actions::valider(&autre, &m.admin, d.id));
        assert_eq!([&rc, &rd].iter().filter(|r| r.is_ok()).count(), 1, "{rc:?} {rd:?}");
        let perdant = if rc.is_ok() { phrase(rd) } else { phrase(rc) };
        assert!(perdant.contains("déjà occupé"), "{perdant}");
        // One contract, twice.
        let (rang, refuse) = if m.lu(a).await.etat == Etat::Valide { (1, b) } else { (0, a) };
        actions::retirer(&m.cx, &m.employeur, refuse).await.unwrap();
        let e = m.saisir(rang, 4, cdd()).await.unwrap();
        let (r1, r2) = tokio::join!(actions::valider(&m.cx, &m.admin, e), actions::valider(&autre, &m.admin, e));
        assert_eq!([&r1, &r2].iter().filter(|r| r.is_ok()).count(), 1, "{r1:?} {r2:?}");
    }

    async fn alerts_are_sent_once_and_stop(t: TestSite) {
        let m = monde(&t).await;
        let id = m.valide(0, 1, termes(Genre::Cdd, "2026-04-01", "2026-06-30", "1900")).await;
        let cx = &m.cx;
        let tour = async || alertes::tour(cx).await.unwrap();
        let avancer = |jours| t.site.clock.advance(TimeDelta::days(jours));
        // 18 March: the end is 104 days away, the two vacant posts must be filled by 5 July.
        assert_eq!(tour().await, 0);
        avancer(20);
        assert_eq!((tour().await, tour().await), (1, 0));
        avancer(30);
        // 7 May: 54 days before the end; 59 before the two posts may be taken back.
        assert_eq!((tour().await, tour().await), (3, 0));
        let suite = actions::renouveler(cx, &m.employeur, id, termes(Genre::Cdd, "2026-07-01", "2026-12-31", "1900")).await.unwrap();
        m.valide(1, 2, termes(Genre::Cdi, "2026-05-08", "", "1900")).await;
        avancer(31);
        // 7 June: the renewal is asked, one post is filled; the third post alone is told again.
        assert_eq!((tour().await, tour().await), (1, 0));
        actions::retirer(cx, &m.employeur, suite).await.unwrap();
        assert_eq!((tour().await, tour().await), (1, 0));
        // July: the contract ended by itself, which is told once; two posts are vacant, one may be taken back.
        avancer(30);
        assert_eq!((tour().await, tour().await), (2, 0));
        assert_eq!(crate::contrats::rules::situation(&m.lu(id).await, cx.jour()), Situation::Termine);
    }
}

fn champ(r: Result<(), Failure>) -> String {
    match r {
        Err(Failure::Refusal(Refusal::Fields(f))) => f[0].0.clone(),
        autre => panic!("{autre:?}"),
    }
}
