mod transitions;

use annuaire::Annuaire;
use annuaire::structures::actions::{Nouvelle, creer};
use annuaire::structures::model::{Fiche as FicheStructure, FicheContact, Genre};
use annuaire::structures::{StructureId, StructureVue};
use chrono::{NaiveDate, TimeDelta};
use kernel::{Actor, Email, Perimetre, Refusal, Role};
use testkit::{Browser, TestSite};

use super::actions::{self, Geste, Qui};
use super::model::*;
use super::ordre::{Critere, Poids, Quand, classer};
use super::{fins, rules, store};
use crate::Conseillers;
use crate::Failure;
use crate::candidats::model::Pix;
use crate::candidats::tests::fixtures::{candidat, ecrire, fiche, inscrit, jour, lieu};
use crate::candidats::{Candidat, Rayon, Rencontre, Situations};
use crate::contrats::{self, Montant, Phase, Termes};
use crate::ids::RelationId;
use crate::postes::{self, Place, Poste, Typologie};

pub(crate) struct Monde {
    pub(crate) cx: Conseillers,
    pub(crate) s: StructureVue,
    pub(crate) ailleurs: StructureId,
    pub(crate) postes: Vec<Poste>,
    pub(crate) employeur: Actor,
    pub(crate) admin: Actor,
}

async fn structure(t: &TestSite, nom: &str, code: &str, commune: &str, region: &str) -> StructureId {
    let fiche = FicheStructure {
        pivot: None,
        nom: nom.to_owned(),
        genre: Genre::Association,
        categorie: None,
        voie: None,
        code_postal: None,
        commune: lieu(code, commune, region, (46.2, 5.2)).commune,
        site_web: None,
        reseau: None,
    };
    let contact = FicheContact {
        nom: "Accueil".to_owned(),
        fonction: None,
        courriel: Email::parse("accueil@structure.example.org").ok(),
        telephone: None,
    };
    let admin = testkit::actor(Role::AdministrateurNational, Perimetre::National);
    creer(&t.site, &admin, Nouvelle { fiche, contact: Some(contact), autre: true }).await.unwrap()
}

pub(crate) async fn monde(t: &TestSite, postes: u32) -> Monde {
    let cx = Conseillers::new(&Annuaire::load(&t.site).await.unwrap());
    let id = structure(t, "Les clics", "01053", "Bourg-en-Bresse", "84").await;
    let ailleurs = structure(t, "Bastia en ligne", "2B033", "Bastia", "94").await;
    let s = annuaire::structures::find(t.site.db.read(), id).await.unwrap().unwrap();
    let place =
        Place { structure: id, departement: s.commune.departement.clone(), region: s.commune.region.clone() };
    let origine = (None, &place, jour("2026-01-05"));
    let postes = t
        .site
        .db
        .write(async |tx| postes::store::attribuer(&t.site, tx, postes, Typologie::Conseiller, origine).await)
        .await
        .unwrap();
    let gestion = testkit::actor(Role::GestionnaireStructure, Perimetre::Structures(vec![id]));
    let admin = testkit::actor(Role::AdministrateurNational, Perimetre::National);
    Monde { cx, s, ailleurs, postes, employeur: gestion, admin }
}

impl Monde {
    pub(crate) async fn propose(&self, c: &Candidat) -> Result<RelationId, Failure> {
        actions::proposer(&self.cx, &self.employeur, self.s.id, Qui::Liste(c.id)).await
    }

    async fn lue(&self, id: RelationId) -> Relation {
        store::get(self.cx.site.db.read(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn browser(&self, t: &TestSite) -> Browser {
        t.browser(
            super::routes(self.cx.clone())
                .merge(contrats::routes(self.cx.clone()))
                .merge(postes::routes(self.cx.clone())),
        )
    }
}

/// A candidat with an account of the role `Candidat`, whom tests act as.
pub(crate) async fn avec_compte(t: &TestSite, courriel: &str, n: u128) -> (Candidat, Actor) {
    let mut actor = testkit::actor(Role::Candidat, Perimetre::Soi);
    actor.compte = kernel::ids::CompteId(uuid::Uuid::from_u128(n));
    let c = Candidat { compte: Some(actor.compte), ..candidat(t, fiche(courriel)) };
    (ecrire(t, c).await, actor)
}

/// Open contacts of a structure with one free post, as nobody set it otherwise.
const PAR_POSTE: usize = 5;

fn phrase<T>(r: Result<T, Failure>) -> String {
    match r {
        Ok(_) => String::new(),
        Err(Failure::Refusal(r)) => r.to_string(),
        Err(e) => panic!("{e}"),
    }
}

pub(crate) fn termes() -> Termes {
    Termes {
        genre: contrats::Genre::Cdd,
        debut: jour("2026-04-01"),
        fin: Some(jour("2027-03-31")),
        salaire: Montant(190_000),
        phase: Phase::Deux,
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn points_add_up_and_order_the_list(t: TestSite) {
        let now = t.site.clock.now();
        let m = monde(&t, 1).await;
        let mut proche = fiche("proche@x.example.org");
        proche.disponible_le = jour("2026-03-18");
        let mut diplomee = fiche("diplomee@x.example.org");
        diplomee.situations = Situations { diplome: Some("REMN".to_owned()), experience: true, ..diplomee.situations };
        diplomee.lieu.position.latitude += 0.1;
        let un = inscrit(&t, proche).await;
        let deux = Candidat { pix: Some(Pix { palier: 3, themes: [false; 3], le: m.cx.jour() }), ..candidat(&t, diplomee) };
        let deux = ecrire(&t, deux).await;
        let index = m.cx.candidats.index(&t.site).await.unwrap();
        let ici = actions::position(&m.cx, &m.s).unwrap();
        let quand = Quand { debut: jour("2026-03-18"), now };
        let rencontres = || index.rencontrables(ici, &m.s.commune.departement);
        let lignes = classer(rencontres(), Poids::default(), &quand);
        assert_eq!(lignes.iter().map(|l| l.rencontre.candidat.id).collect::<Vec<_>>(), [deux.id, un.id]);
        assert_eq!(lignes[1].points[1..], [200, 0, 0, 0, 50]);
        assert_eq!(lignes[0].points[2..], [150, 150, 50, 50]);
        assert_eq!(lignes[0].total(), lignes[0].points.iter().sum::<u32>());
        // With distance alone, the nearest comes first; with nothing, the nearest too.
        for poids in [Poids([100, 0, 0, 0, 0, 0]), Poids([0; 6])] {
            let lignes = classer(rencontres(), poids, &quand);
            assert_eq!(lignes[0].rencontre.candidat.id, un.id, "{poids:?}");
        }
        // The same list whatever the order of arrival.
        let mut envers: Vec<Rencontre<'_>> = rencontres().collect();
        envers.reverse();
        let encore = classer(envers.into_iter(), Poids::default(), &quand);
        assert_eq!(encore.iter().map(|l| l.rencontre.candidat.id).collect::<Vec<_>>(), [deux.id, un.id]);
        assert_eq!(Critere::TOUS.iter().map(|c| c.poids()).sum::<u32>(), 100);
    }

    async fn both_agree_before_a_name_is_read(t: TestSite) {
        let m = monde(&t, 1).await;
        let (c, actor) = avec_compte(&t, "camille@x.example.org", 0xC1).await;
        let (_, autre) = avec_compte(&t, "autre@x.example.org", 0xC2).await;
        let b = m.browser(&t).await;
        let mut chez = b.signed_in(testkit::viewer(Role::GestionnaireStructure, m.employeur.perimetre.clone()));
        let page = chez.get("/conseillers/candidats-a-rencontrer").await.expect(200).says(&c.reference()).says("Bourg-en-Bresse");
        for secret in ["Martin", "06 12 34", "camille@x"] {
            assert!(!page.body.contains(secret), "{secret}");
        }
        chez.post(&format!("/conseillers/candidats-a-rencontrer/{}/{}/proposer", m.s.id, c.id), &[]).await.expect(303);
        let r = store::de_candidat(t.site.db.read(), c.id).await.unwrap().remove(0);
        let at = format!("/conseillers/contacts/{}", r.id);
        let page = chez.get(&at).await.expect(200).says("Visibles quand la personne a accepté");
        assert!(!page.body.contains("Martin") && !page.body.contains("camille@x"));
        assert!(!chez.get("/conseillers/contacts").await.expect(200).body.contains("Martin"));
        // Another candidat learns nothing of it, and answers nothing.
        assert_eq!(phrase(actions::repondre(&m.cx, &autre, r.id, true, None).await), Refusal::NotFound.to_string());
        let mut mien = testkit::viewer(Role::Candidat, Perimetre::Soi);
        mien.actor.compte = autre.compte;
        let mut lui = b.signed_in(mien.clone());
        lui.get("/mon-espace/contacts").await.expect(200).says("Aucune structure");
        lui.post(&format!("/mon-espace/contacts/{}/accepter", r.id), &[]).await.expect(404);
        mien.actor.compte = actor.compte;
        let mut elle = b.signed_in(mien);
        elle.get("/mon-espace/contacts").await.expect(200).says("Les clics").says("Accepter");
        elle.post(&format!("/mon-espace/contacts/{}/accepter", r.id), &[]).await.expect(303);
        chez.get(&at).await.expect(200).says("Camille Martin").says("camille@x.example.org").says("06 12 34 56 78");
        // Another structure sees neither the person, nor the contact.
        let ailleurs = Perimetre::Structures(vec![m.ailleurs]);
        let mut dehors = b.signed_in(testkit::viewer(Role::GestionnaireStructure, ailleurs.clone()));
        dehors.get(&at).await.expect(404);
        for geste in ["ecarter", "reprendre", "note", "creneaux", "resultat"] {
            dehors.post(&format!("{at}/{geste}"), &[("resultat", "favorable"), ("creneau_1", "2026-04-01"), ("heure_1", "10:00")]).await.expect(404);
        }
        dehors.post(&format!("/conseillers/candidats-a-rencontrer/{}/{}/proposer", m.s.id, c.id), &[]).await.expect(404);
        dehors.get(&format!("/conseillers/candidats-a-rencontrer?structure={}", m.s.id)).await.expect(404);
        // Out of reach: the sea is not crossed by a radius.
        let loin = actions::proposer(&m.cx, &testkit::actor(Role::GestionnaireStructure, ailleurs), m.ailleurs, Qui::Liste(c.id)).await;
        assert_eq!(phrase(loin), Refusal::NotFound.to_string());
        // Interview: offered, chosen, told.
        chez.post(&format!("{at}/creneaux"), &[("creneau_1", "2026-03-25"), ("heure_1", "10:00"), ("creneau_2", "hier")]).await.expect(422);
        chez.post(&format!("{at}/creneaux"), &[("creneau_1", "2026-03-25"), ("heure_1", "10:00")]).await.expect(303);
        let offert = m.lue(r.id).await.entretien.creneaux[0];
        elle.get("/mon-espace/contacts").await.expect(200).says("25 mars 2026 à 10");
        elle.post(&format!("/mon-espace/contacts/{}/creneau", r.id), &[("creneau", "x")]).await.expect(409);
        elle.post(&format!("/mon-espace/contacts/{}/creneau", r.id), &[("creneau", &offert.timestamp().to_string())]).await.expect(303);
        chez.post(&format!("{at}/resultat"), &[("resultat", "favorable")]).await.expect(409);
        t.site.clock.advance(TimeDelta::days(8));
        chez.post(&format!("{at}/resultat"), &[("resultat", "favorable")]).await.expect(303);
        chez.get(&at).await.expect(200).says("Résultat : favorable");
        // A contract from there, then its pages.
        let poste = m.postes[0].id;
        let qui = c.id.to_string();
        let mut form = vec![
            ("poste", poste.to_string()), ("candidat", qui), ("type", "cdd".to_owned()), ("debut", "2026-04-01".to_owned()),
            ("fin", "2027-03-31".to_owned()), ("salaire", "1 500,00".to_owned()), ("phase", "2".to_owned()),
        ];
        let envoi = |form: &[(&'static str, String)]| form.to_vec();
        let pairs = envoi(&form);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        chez.get(&format!("/conseillers/contrats/nouveau?poste={poste}")).await.expect(200).says("Camille Martin");
        chez.post("/conseillers/contrats/nouveau", &pairs).await.expect(422).says("temps plein").says("href=\"#temps_plein\"");
        form.push(("temps_plein", "oui".to_owned()));
        let pairs = envoi(&form);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        chez.post("/conseillers/contrats/nouveau", &pairs).await.expect(422).says("SMIC").says("1 500,00");
        form.retain(|(k, _)| *k != "salaire");
        form.push(("salaire", "1 900,00".to_owned()));
        let pairs: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let fait = chez.post("/conseillers/contrats/nouveau", &pairs).await.expect(303);
        let contrat = fait.location().to_owned();
        let mut admin = b.signed_in(testkit::viewer(Role::AdministrateurNational, Perimetre::National));
        admin.get("/conseillers/contrats").await.expect(200).says("Recrutements (1)").says("Camille Martin");
        admin.post(&format!("{contrat}/refuser"), &[("motif", "non")]).await.expect(422).says("href=\"#motif\"");
        chez.post(&format!("{contrat}/valider"), &[]).await.expect(403);
        dehors.get(&contrat).await.expect(404);
        dehors.post(&format!("{contrat}/retirer"), &[]).await.expect(404);
        admin.post(&format!("{contrat}/valider"), &[]).await.expect(303);
        chez.get("/conseillers").await.expect(200).says("dont 0 libre").says("Camille Martin");
        chez.get(&format!("{contrat}/rupture")).await.expect(200).says("Licenciement");
        chez.post(&format!("{contrat}/rupture"), &[("le", "2020-01-01"), ("motif", "demission")]).await.expect(422).says("href=\"#le\"");
        chez.post(&format!("{contrat}/rupture"), &[("le", "2026-04-30"), ("motif", "demission")]).await.expect(303);
        admin.get("/conseillers/contrats?genre=rupture").await.expect(200).says("dernier jour le 30 avril 2026, Démission");
        admin.get("/conseillers/postes?etat=occupe&le=2026-04-10&departement=01").await.expect(200).says("CN-1").says("Les clics");
        admin.get("/conseillers/postes?etat=vacant&le=2026-04-10").await.expect(200).says("Aucun poste");
        let csv = admin.get("/conseillers/postes/export.csv?le=2026-04-10").await.expect(200);
        assert!(csv.body.contains("CN-1;Conseiller numérique;Occupé;2026-04-01;2027-03-31;Les clics;01;84"), "{}", csv.body);
        admin.get(&format!("/conseillers/postes/{poste}")).await.expect(200).says("Poste accordé").says("Début de contrat").says("Prévu");
        dehors.get(&format!("/conseillers/postes/{poste}")).await.expect(404);
        chez.get(&format!("/conseillers/personnes/{}", c.id)).await.expect(200).says("Parcours de Camille Martin");
        dehors.get(&format!("/conseillers/personnes/{}", c.id)).await.expect(404);
    }

    async fn the_list_is_narrowed_and_marked(t: TestSite) {
        let m = monde(&t, 1).await;
        let c = inscrit(&t, fiche("a@x.example.org")).await;
        let b = m.browser(&t).await;
        let mut chez = b.signed_in(testkit::viewer(Role::GestionnaireStructure, m.employeur.perimetre.clone()));
        let liste = "/conseillers/candidats-a-rencontrer";
        let elle = format!("{liste}/{}/{}", m.s.id, c.id);
        let marquer = format!("{elle}/marquer");
        let (etiquette, note) = (format!("etiquette-{}", c.id), format!("note-{}", c.id));
        chez.post(&marquer, &[("geste", "noter"), (&etiquette, "À voir"), (&note, "Rencontrée au salon")]).await.expect(303);
        chez.get(liste).await.expect(200).says("À voir").says("Rencontrée au salon");
        let numero = format!("mots={}", c.reference());
        for (filtre, la) in [
            ("etiquette=voir", true), ("etiquette=autre", false), (numero.as_str(), true), ("mots=bourg", true), ("mots=salon", true),
            ("mots=zzz", false), ("ccp1=oui", false), ("deja=oui", false), ("km=30", true), ("libre_le=2026-03-31", false),
            ("ecartees=oui", false), ("diplome=oui", false),
        ] {
            let page = chez.get(&format!("{liste}?{filtre}")).await.expect(200);
            assert_eq!(page.body.contains(&format!("{elle}/proposer")), la, "{filtre}");
        }
        for faux in ["km=NaN", "km=-1", "libre_le=hier", "pix=9", "mots=%3F"] {
            chez.get(&format!("{liste}?{faux}")).await.expect(422);
        }
        // Set aside, back to the list and nowhere else; found among those that were set aside; put back.
        let fait = chez.post(&marquer, &[("geste", "ecarter"), ("retour", "https://ailleurs.example.org")]).await.expect(303);
        assert!(fait.location().starts_with(liste), "{}", fait.location());
        assert!(!chez.get(liste).await.expect(200).body.contains(&elle));
        chez.get(&format!("{liste}?ecartees=oui")).await.expect(200).says("Remettre dans la liste");
        chez.post(&marquer, &[("geste", "remettre")]).await.expect(303);
        chez.post(&marquer, &[("geste", "noter"), (&etiquette, &"é".repeat(41))]).await.expect(400);
        let mut dehors = b.signed_in(testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(vec![m.ailleurs])));
        dehors.post(&marquer, &[("geste", "ecarter")]).await.expect(404);
        // The note goes on with the contact, and leaves the list.
        let r = m.propose(&c).await.unwrap();
        assert_eq!(m.lue(r).await.note, "À voir\nRencontrée au salon");
        assert!(crate::matching::relations::marques::de_candidat(t.site.db.read(), c.id).await.unwrap().is_empty());
        chez.post(&marquer, &[("geste", "ecarter")]).await.expect(409);
    }

    async fn a_structure_without_post_meets_nobody_any_more(t: TestSite) {
        let m = monde(&t, 1).await;
        let (c, moi) = avec_compte(&t, "a@x.example.org", 1).await;
        let r = m.propose(&c).await.unwrap();
        actions::repondre(&m.cx, &moi, r, true, None).await.unwrap();
        let (le, id) = (m.cx.jour(), m.postes[0].id);
        let verifie = async || {
            t.site.db.write(async |tx| postes::abandon::verifier(&t.site, tx, m.s.id, le).await).await.unwrap()
        };
        assert!(!verifie().await);
        assert_eq!(m.lue(r).await.etat, Etat::Acceptee);
        t.site
            .db
            .write(async |tx| {
                let poste = postes::store::get_locked(tx, id).await.unwrap().unwrap();
                let rendu = postes::rules::rendre(poste, le, postes::MotifRendu::Autre).unwrap();
                postes::store::enregistrer(tx, &rendu).await
            })
            .await
            .unwrap();
        assert!(verifie().await);
        assert_eq!(m.lue(r).await.etat, Etat::Close);
        let dits = platform::mail::list(t.site.db.read(), 20).await.unwrap();
        let dit = |a: &str, mot: &str| dits.iter().any(|d| d.destinataire == a && d.sujet.contains(mot));
        assert!(dit("a@x.example.org", "un contact se ferme") && dit("accueil@structure.example.org", "plus de poste"));
        let mut chez = m.browser(&t).await.signed_in(testkit::viewer(Role::GestionnaireStructure, m.employeur.perimetre.clone()));
        let page = chez.get(&format!("/conseillers/contacts/{r}")).await.expect(200).body;
        assert!(!page.contains("Martin") && !page.contains("a@x.example.org"));
        assert!(!chez.get("/conseillers/candidats-a-rencontrer").await.expect(200).body.contains(&c.reference()));
    }

    async fn contacts_are_bounded_on_both_sides(t: TestSite) {
        let m = monde(&t, 1).await;
        let mut elus = Vec::new();
        for n in 0..=PAR_POSTE {
            elus.push(inscrit(&t, fiche(&format!("c{n}@x.example.org"))).await);
        }
        for c in &elus[..PAR_POSTE] {
            m.propose(c).await.unwrap();
        }
        assert!(phrase(m.propose(&elus[PAR_POSTE]).await).contains("contacts ouverts"));
        assert!(phrase(m.propose(&elus[0]).await).contains("existe déjà"));
        // The clock frees the places of those who do not answer.
        t.site.clock.advance(TimeDelta::days(7));
        assert_eq!(fins::relever(&m.cx).await.unwrap(), 0);
        t.site.clock.advance(TimeDelta::days(1));
        assert_eq!(fins::relever(&m.cx).await.unwrap(), PAR_POSTE);
        assert_eq!(fins::relever(&m.cx).await.unwrap(), 0);
        let r = m.propose(&elus[0]).await.unwrap();
        actions::agir(&m.cx, &m.employeur, r, Geste::Noter("À rappeler".to_owned())).await.unwrap();
        actions::agir(&m.cx, &m.employeur, r, Geste::Ecarter).await.unwrap();
        assert!(phrase(actions::agir(&m.cx, &m.employeur, r, Geste::Ecarter).await).contains("Rien à écarter"));
        actions::agir(&m.cx, &m.employeur, r, Geste::Reprendre).await.unwrap();
        assert_eq!(m.lue(r).await.etat, Etat::Proposee);
        // Somebody met elsewhere, by their code, even out of reach; what is no code names the field. A number is no code.
        let loin = Candidat { fiche: crate::candidats::Fiche { lieu: lieu("97411", "Saint-Denis", "04", (-20.88, 55.45)), ..fiche("loin@x.example.org") }, ..candidat(&t, fiche("x@x.example.org")) };
        let loin = ecrire(&t, loin).await;
        assert_eq!(phrase(m.propose(&loin).await), Refusal::NotFound.to_string());
        let par_code = |texte: &str| actions::proposer(&m.cx, &m.employeur, m.s.id, Qui::Code(texte.to_owned()));
        for faux in [loin.reference().as_str(), "", "CA-+2", "0000000000", "é", "7K2QF-9MX4A7K2QF-9MX4A"] {
            assert!(phrase(par_code(faux).await).contains("Aucune personne"), "{faux}");
        }
        let r = par_code(&format!(" {} ", rules::code_lisible(loin.id).to_lowercase())).await.unwrap();
        assert_eq!(m.lue(r).await.origine, Origine::HorsListe);
        // Who leaves is out of every contact, and of every note.
        t.site.db.write(async |tx| fins::candidat_parti(&t.site, tx, elus[0].id).await).await.unwrap();
        let partie = store::de_candidat(t.site.db.read(), elus[0].id).await.unwrap().remove(0);
        assert_eq!((partie.etat, partie.note.as_str()), (Etat::Close, ""));
    }

    async fn everyone_is_told_when_the_post_is_filled(t: TestSite) {
        let m = monde(&t, 1).await;
        let (elue, actor) = avec_compte(&t, "elue@x.example.org", 0xC1).await;
        let autres = [inscrit(&t, fiche("a@x.example.org")).await, inscrit(&t, fiche("b@x.example.org")).await];
        let r = m.propose(&elue).await.unwrap();
        for c in &autres { m.propose(c).await.unwrap(); }
        let saisir = async || contrats::actions::saisir(&m.cx, &m.employeur, (m.postes[0].id, elue.id), termes()).await;
        assert!(phrase(saisir().await).contains("a accepté votre contact"));
        actions::repondre(&m.cx, &actor, r, true, None).await.unwrap();
        assert!(phrase(actions::repondre(&m.cx, &actor, r, false, None).await).contains("Accepté"));
        let contrat = saisir().await.unwrap();
        let avant = platform::mail::list(t.site.db.read(), 100).await.unwrap().len();
        contrats::actions::valider(&m.cx, &m.admin, contrat).await.unwrap();
        assert_eq!(m.lue(r).await.etat, Etat::Recrutee);
        for c in &autres {
            let r = store::de_candidat(t.site.db.read(), c.id).await.unwrap().remove(0);
            assert_eq!((r.etat, r.motif.as_deref()), (Etat::Close, Some("Le poste est pourvu.")));
        }
        let courriels = platform::mail::list(t.site.db.read(), 100).await.unwrap();
        // The structure is told, the person (of the contract, and of the account of a conseiller), and both others.
        assert_eq!(courriels.len(), avant + 5);
        assert_eq!(courriels.iter().filter(|c| c.sujet.contains("le poste est pourvu")).count(), 2);
        // Nobody finds the person any more.
        assert!(m.cx.candidats.index(&t.site).await.unwrap().get(elue.id).is_none());
        assert!(phrase(m.propose(&autres[0]).await).contains("pas de poste libre"));
    }

    async fn two_structures_and_the_last_place_of_a_candidat(t: TestSite) {
        let m = monde(&t, 2).await;
        let mut f = fiche("x@x.example.org");
        f.rayon = Rayon::France;
        let c = inscrit(&t, f).await;
        let autre = Conseillers { site: t.other_instance().await, ..m.cx.clone() };
        // Two clicks at once make one contact.
        let (a, b) = tokio::join!(
            m.propose(&c),
            actions::proposer(&autre, &m.employeur, m.s.id, Qui::Liste(c.id))
        );
        assert_eq!([&a, &b].iter().filter(|r| r.is_ok()).count(), 1, "{a:?} {b:?}");
        assert_eq!(store::de_candidat(t.site.db.read(), c.id).await.unwrap().len(), 1);
    }
}

#[test]
fn bounds_say_which_one_is_reached() {
    let r = crate::reglages::Reglages::default();
    assert!(rules::ouvrir((0, 0), 1, &r).is_ok());
    for (candidat, structure, libres, mot) in
        [(0, 0, 0, "pas de poste libre"), (0, 5, 1, "contacts ouverts"), (3, 0, 1, "Cette personne")]
    {
        assert!(rules::ouvrir((candidat, structure), libres, &r).unwrap_err().to_string().contains(mot));
    }
    assert_eq!(rules::repondre_avant(NaiveDate::default(), &r), NaiveDate::default() + TimeDelta::days(7));
}
