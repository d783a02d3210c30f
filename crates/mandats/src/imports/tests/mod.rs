//! Imports, on both engines: what a file would do is said before it is done, done once, and said again.

mod fichiers;
mod pages;

use annuaire::structures;
use identity::cartes::{self, Nouvelle};
use kernel::{Actor, CodeDepartement, Email, Perimetre, Pivot, Role};
use platform::db::kit;
use platform::jobs::{Registry, Worker};
use testkit::TestSite;
use uuid::Uuid;

use super::model::{Etat, Genre, Ligne, Sort};
use super::{LIMITES, actions, jobs, store};
use crate::aidants::regles::Parcours;
use crate::aidants::{self, Aidant, EtatAidant, Fonction, registre, vie};
use crate::{Failure, Mandats, essai, organisations};

/// Somebody of the team with an open account, who has that role within that scope.
pub(super) async fn agent(t: &TestSite, n: u8, perimetre: Perimetre) -> Actor {
    let invitation = identity::Invitation {
        courriel: Email::parse(&format!("agent{n}@equipe.example")).unwrap(),
        nom: format!("Agent {n}"),
        role: Role::EquipeHabilitation,
        perimetre: perimetre.clone(),
        fin: None,
    };
    let site = &t.site;
    let invite = site.db.write(async |tx| identity::invite_by_programme(site, tx, &invitation).await);
    let compte = invite.await.unwrap().compte;
    let ouvre = "UPDATE compte SET etat = 'actif' WHERE id = $1";
    site.db.write(async |tx| kit::execute(tx, ouvre, [compte.0.into()]).await).await.unwrap();
    Actor { compte, role: Role::EquipeHabilitation, perimetre, vu_par: None, prete: false }
}

pub(super) fn creuse() -> Perimetre {
    Perimetre::Departements(vec![CodeDepartement::parse("23").unwrap()])
}

/// Does what waits.
pub(super) async fn travailler(m: &Mandats) {
    let mut registry = Registry::default();
    jobs::register(m, &mut registry);
    // What was sent is left a moment to who sent it.
    m.site.clock.advance(chrono::TimeDelta::minutes(1));
    Worker::new(m.site.clone(), registry).drain().await.unwrap();
}

/// Sends a file and gives what it would do.
async fn verifie(m: &Mandats, actor: &Actor, genre: Genre, csv: &str) -> (Uuid, Vec<Ligne>) {
    let t = platform::tableur::lecture::lire(csv.as_bytes(), &LIMITES).unwrap();
    let id = actions::deposer(m, actor, genre, "essai.csv", &t).await.unwrap();
    travailler(m).await;
    (id, lignes(m, id).await)
}

async fn lignes(m: &Mandats, id: Uuid) -> Vec<Ligne> {
    store::lignes(m.site.db.read(), id, None, 0, (0, 1_000)).await.unwrap()
}

/// Confirms, does, and gives what was done.
async fn confirme(m: &Mandats, actor: &Actor, id: Uuid) -> Vec<Ligne> {
    actions::confirmer(m, actor, id).await.unwrap();
    travailler(m).await;
    assert_eq!(etat(m, id).await, Etat::Fini);
    lignes(m, id).await
}

async fn etat(m: &Mandats, id: Uuid) -> Etat {
    store::lire(m.site.db.read(), id).await.unwrap().unwrap().etat
}

fn sorts(lignes: &[Ligne]) -> Vec<Sort> {
    lignes.iter().map(|l| l.sort).collect()
}

/// What is said of a line, in one text.
fn dit(l: &Ligne) -> String {
    l.remarques.iter().map(|r| format!("{}: {}", r.colonne, r.phrase)).collect::<Vec<_>>().join(" | ")
}

async fn compter(t: &TestSite, sql: &str) -> i64 {
    kit::count(t.site.db.read(), sql, []).await.unwrap()
}

async fn personne(t: &TestSite, courriel: &str) -> Option<Aidant> {
    aidants::store::du_courriel(t.site.db.read(), &Email::parse(courriel).unwrap()).await.unwrap()
}

use Sort::{Change, Cree, Inchange, Refuse};

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn organisations_are_created_and_filled_in_by_number_and_by_siret(t: TestSite) {
        let m = essai::mandats(&t).await;
        let ici = essai::organisation(&t, "Organisation d’ici", 23_010_001).await;
        essai::organisation(&t, "Sans rien à changer", 23_010_002).await;
        let actor = agent(&t, 1, creuse()).await;
        let csv = "Numéro;SIRET;Nom;Type;Adresse;Code postal;Commune;France services;Autre chose\n\
                   23010001;;;;12 autre rue;23000;;oui;x\n\
                   23010002;;;;;;;;\n\
                   23010777;434 933 123 00029;Mairie d’essai;Municipalité;1 place d’Essai;23000;Guéret;non;x\n\
                   ;35600000000048;La Poste d’essai;Inconnu;;23000;Guéret;;\n\
                   2010009;;Ailleurs;Association;;02000;Laon;;\n\
                   ;;Sans rien;;;23000;Guéret;;\n\
                   23010888;43493312300028;Clé fausse;;;23000;Guéret;;\n\
                   23010777;;Encore;;;23000;Guéret;;\n\
                   23010999;;Nulle part;;;;Commune inconnue;;\n";
        let avant = compter(&t, "SELECT COUNT(*) FROM organisation_habilitee").await;
        let (id, lues) = verifie(&m, &actor, Genre::Organisations, csv).await;
        assert_eq!(sorts(&lues), [Change, Inchange, Cree, Cree, Refuse, Refuse, Refuse, Refuse, Refuse], "{lues:#?}");
        let dits: Vec<String> = lues.iter().map(dit).collect();
        for (rang, mot) in [(0, "Gardée comme ici"), (3, "« Autre » est noté"), (3, "numéro d’habilitation sera donné"), (4, "hors de votre territoire"),
            (5, "Donnez le SIRET"), (6, "n’est pas valide"), (7, "ligne 4"), (8, "commune est inconnue")] {
            assert!(dits[rang].contains(mot), "{rang}: {}", dits[rang]);
        }
        assert_eq!(store::lire(t.site.db.read(), id).await.unwrap().unwrap().ignorees, "autre chose");
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM organisation_habilitee").await, avant, "nothing before it is confirmed");
        assert_eq!(etat(&m, id).await, Etat::AConfirmer);
        let faites = confirme(&m, &actor, id).await;
        assert_eq!(faites.iter().filter(|l| l.fait).count(), 3);
        let o = organisations::store::lire(t.site.db.read(), ici.structure).await.unwrap().unwrap();
        let vue = structures::find(t.site.db.read(), ici.structure).await.unwrap().unwrap();
        assert_eq!((o.france_services, vue.code_postal.as_deref(), vue.voie.as_deref()), (true, Some("23000"), Some("3 rue des Essais")));
        let mairie = organisations::store::du_numero(t.site.db.read(), 23_010_777).await.unwrap().unwrap();
        assert_eq!(mairie.departement.as_str(), "23");
        // Numbers that are given go on after those that the file brought: the next one too.
        let poste = structures::de_pivot(t.site.db.read(), &Pivot::parse("35600000000048").unwrap()).await.unwrap().unwrap();
        let poste = organisations::store::lire(t.site.db.read(), poste.id).await.unwrap().unwrap();
        assert_eq!(poste.numero, 23_010_778);
        let suivant = t.site.db.write(async |tx| crate::habilitations::allouer(tx, "23000").await).await.unwrap();
        assert_eq!(suivant, 23_010_779);
        // The same file again: nothing more, and nothing to confirm.
        let (id, lues) = verifie(&m, &actor, Genre::Organisations, csv).await;
        assert_eq!(sorts(&lues), [Inchange, Inchange, Inchange, Inchange, Refuse, Refuse, Refuse, Refuse, Refuse], "{lues:#?}");
        assert_eq!(etat(&m, id).await, Etat::Fini);
        assert!(matches!(actions::confirmer(&m, &actor, id).await, Err(Failure::Refusal(_))));
        for action in ["import.deposer", "import.confirmer", "import.finir", "organisation.importer", "structure.completer"] {
            let sql = format!("SELECT COUNT(*) FROM journal WHERE action = '{action}'");
            assert!(compter(&t, &sql).await > 0, "{action}");
        }
    }

    async fn one_siret_at_two_addresses_is_two_organisations(t: TestSite) {
        let m = essai::mandats(&t).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        let csv = "Numéro;SIRET;Nom;Adresse;Code postal;Commune\n\
                   23010501;43493312300029;Maison d’ici;1 rue d’Essai;23000;Guéret\n\
                   23010502;43493312300029;Maison de là;9 rue d’Essai;23000;Guéret\n\
                   23010503;43493312300029;La même;1 rue d’essai;23000;Guéret\n";
        let (id, lues) = verifie(&m, &actor, Genre::Organisations, csv).await;
        assert_eq!(sorts(&lues), [Cree, Cree, Cree], "none is there yet");
        let faites = confirme(&m, &actor, id).await;
        assert_eq!(sorts(&faites), [Cree, Cree, Refuse], "{faites:#?}");
        assert!(dit(&faites[1]).contains("second lieu") && dit(&faites[2]).contains("déjà habilitée"), "{faites:#?}");
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM structure WHERE pivot = '43493312300029'").await, 2);
    }

    async fn aidants_are_invited_brought_up_to_date_and_attached(t: TestSite) {
        let m = essai::mandats(&t).await;
        let ici = essai::organisation(&t, "Ici", 1).await;
        let la = essai::organisation(&t, "Là", 2).await;
        let fermee = essai::organisation(&t, "Fermée", 3).await;
        let jour = m.jour();
        t.site.db.write(async |tx| {
            let o = organisations::store::tenir(tx, fermee.structure).await?.unwrap();
            organisations::store::enregistrer(tx, &organisations::Organisation { desactivee_le: Some(jour), ..o }).await
        }).await.unwrap();
        let actor = agent(&t, 1, Perimetre::National).await;
        let graine = identity::secrets::totp::Graine::from_hex("3132333435363738393031323334353637383930").unwrap();
        cartes::importer(&t.site, &actor, &[Nouvelle { numero: "GADT1".to_owned(), graine, periode: 60 }]).await.unwrap();
        let (connu, _) = aidants::tests::actif(&m, ici.structure, Fonction::Aidant, 7).await;
        let csv = format!(
            "Adresse électronique;Prénom;Nom;Profession;Téléphone;Conseiller numérique;Organisations;Fonction;Carte;Code\n\
             ana@essai.example;Ana;Neuve;Agente;0180059880;oui;1 2;aidant et référent;gadt 1;AZERTY99\n\
             {connu};;;Conseillère;;;2;;;\n\
             sans@essai.example;Sans;Organisation;Agente;;;;;;\n\
             ferme@essai.example;Chez;Fermée;Agente;;;3;;;\n\
             inconnue@essai.example;Chez;Personne;Agente;;;99;;;\n\
             pas une adresse;A;B;C;;;1;;;\n\
             carte@essai.example;Carte;Inconnue;Agente;;;1;;ZZ9;\n\
             vide@essai.example;;;;;;1;;;\n\
             fonction@essai.example;A;B;C;;;1;chef;;\n\
             ANA@essai.example;Ana;Neuve;Agente;;;1;;;\n",
            connu = connu.courriel
        );
        let (id, lues) = verifie(&m, &actor, Genre::Aidants, &csv).await;
        assert_eq!(sorts(&lues), [Cree, Change, Refuse, Refuse, Refuse, Refuse, Refuse, Refuse, Refuse, Refuse], "{lues:#?}");
        for (rang, mot) in [(0, "invitation"), (0, "carte sera associée"), (0, "code n’est pas repris"), (1, "devient « Conseillère »"), (1, "n° 2"),
            (2, "au moins une organisation"), (3, "n’est plus habilitée"), (4, "numéro 99"), (6, "Aucune carte libre"), (7, "Remplissez"), (8, "référent"), (9, "ligne 2")] {
            assert!(dit(&lues[rang]).contains(mot), "{rang} {mot}: {}", dit(&lues[rang]));
        }
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM mandats_import_ligne WHERE cellules LIKE '%AZERTY99%' OR remarques LIKE '%AZERTY99%'").await, 0, "no secret is kept");
        assert!(personne(&t, "ana@essai.example").await.is_none(), "nothing before it is confirmed");
        let faites = confirme(&m, &actor, id).await;
        assert_eq!(faites.iter().filter(|l| l.fait).count(), 2, "{faites:#?}");
        let ana = personne(&t, "ana@essai.example").await.unwrap();
        assert_eq!((ana.etat, ana.conseiller_numerique, ana.telephone.is_some()), (EtatAidant::Actif, true, true));
        let siennes = registre::ouvertes(t.site.db.read(), ana.id).await.unwrap();
        assert_eq!(siennes.len(), 2);
        assert!(siennes.iter().all(|a| a.fonction == Fonction::AidantReferent));
        let carte = cartes::du_compte(t.site.db.read(), ana.compte.unwrap()).await.unwrap().unwrap();
        assert_eq!((carte.numero.as_str(), carte.etat), ("GADT1", cartes::EtatCarte::Associee));
        assert!(aidants::tests::courriels(&m, &ana).await.iter().any(|s| s.contains("nvit") || s.contains("ompte")));
        let connu = personne(&t, connu.courriel.as_str()).await.unwrap();
        assert_eq!(connu.profession, "Conseillère");
        // Who acts already is asked before they belong to one organisation more.
        assert!(aidants::store::appartenance(t.site.db.read(), connu.id, la.structure).await.unwrap().is_none());
        assert!(aidants::propositions::attend(t.site.db.read(), &connu.courriel, la.structure).await.unwrap());
        let (id, lues) = verifie(&m, &actor, Genre::Aidants, &csv).await;
        assert_eq!(sorts(&lues)[..2], [Inchange, Inchange], "{lues:#?}");
        assert_eq!(etat(&m, id).await, Etat::Fini);
    }

    async fn a_team_brings_people_into_its_own_territory_only(t: TestSite) {
        let m = essai::mandats(&t).await;
        let ici = essai::organisation(&t, "Ici", 1).await;
        let (connue, _) = aidants::tests::actif(&m, ici.structure, Fonction::Aidant, 7).await;
        let ain = Perimetre::Departements(vec![CodeDepartement::parse("01").unwrap()]);
        let actor = agent(&t, 1, ain).await;
        let csv = format!("email,first_name,last_name,profession,organisation\n\
                           ana@essai.example,Ana,Neuve,Agente,1\n{},Autre,Nom,Agente,1\n{},,,,\n", connue.courriel, connue.courriel);
        let (id, lues) = verifie(&m, &actor, Genre::Aidants, &csv).await;
        assert_eq!(sorts(&lues), [Refuse, Refuse, Refuse], "{lues:#?}");
        assert_eq!(etat(&m, id).await, Etat::Fini);
        let csv = format!("Adresse électronique;Date de formation\n{};01/12/2026\npersonne@ailleurs.example;01/12/2026\n", connue.courriel);
        let (_, lues) = verifie(&m, &actor, Genre::Formations, &csv).await;
        assert_eq!(sorts(&lues), [Refuse, Refuse]);
        assert_eq!(lues[0].remarques[0].phrase, lues[1].remarques[0].phrase, "who is elsewhere is as if unknown");
        // Of others, an import does not exist; the national team sees it.
        let voisine = agent(&t, 2, creuse()).await;
        assert!(actions::lire(t.site.db.read(), &voisine, id).await.is_err());
        assert!(actions::confirmer(&m, &voisine, id).await.is_err() && actions::abandonner(&m, &voisine, id).await.is_err());
        let nationale = agent(&t, 3, Perimetre::National).await;
        assert!(actions::lire(t.site.db.read(), &nationale, id).await.is_ok());
    }

    async fn trainings_are_noted_once_and_lead_where_they_lead(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        let mut gens = Vec::new();
        for n in 1..=4 {
            let p = aidants::tests::personne(n, Fonction::Aidant, aidants::regles::Voie::Classique);
            let etat = if n == 4 { EtatAidant::Demande } else { EtatAidant::Eligible };
            gens.push(t.site.db.write(async |tx| vie::inscrire(&m, tx, &p, o.structure, etat, None).await).await.unwrap());
        }
        let actor = agent(&t, 1, creuse()).await;
        let c = |n: usize| gens[n - 1].courriel.as_str().to_owned();
        let csv = format!(
            "Adresse électronique;Date de formation;Date du test Pix;Score Pix\n\
             {};15/09/2026;2026-09-22;0,87\n{};15/09/2026;;\n{};;22/09/2026;\n{};15/09/2026;22/09/2026;87\n\
             rien@essai.example;15/09/2026;;\n{};15/09/2027;;\n",
            c(1), c(2), c(3), c(4), "avenir@essai.example"
        );
        let (id, lues) = verifie(&m, &actor, Genre::Formations, &csv).await;
        assert_eq!(sorts(&lues), [Change, Change, Refuse, Change, Refuse, Refuse], "{lues:#?}");
        assert!(dit(&lues[0]).contains("invitation") && dit(&lues[2]).contains("score") && dit(&lues[5]).contains("avenir"));
        confirme(&m, &actor, id).await;
        let etats: Vec<EtatAidant> = [personne(&t, &c(1)).await, personne(&t, &c(2)).await, personne(&t, &c(3)).await, personne(&t, &c(4)).await]
            .into_iter().map(|a| a.unwrap().etat).collect();
        assert_eq!(etats, [EtatAidant::Actif, EtatAidant::Forme, EtatAidant::Eligible, EtatAidant::Demande]);
        let p: Parcours = registre::parcours(t.site.db.read(), gens[0].id).await.unwrap();
        assert_eq!((p.forme_le.unwrap().to_string(), p.pix.unwrap().1), ("2026-09-15".to_owned(), 87));
        let (_, lues) = verifie(&m, &actor, Genre::Formations, &csv).await;
        assert_eq!(sorts(&lues), [Inchange, Inchange, Refuse, Inchange, Refuse, Refuse]);
        let autre = format!("courriel;formation\n{};16/09/2026\n", c(2));
        let (_, lues) = verifie(&m, &actor, Genre::Formations, &autre).await;
        assert!(lues[0].sort == Refuse && dit(&lues[0]).contains("15 septembre 2026"), "{lues:#?}");
    }

    async fn old_requests_enter_where_they_were_without_a_message(t: TestSite) {
        let m = essai::mandats(&t).await;
        let o = essai::organisation(&t, "Ici", 1).await;
        essai::organisation(&t, "Là", 2).await;
        let (active, _) = aidants::tests::actif(&m, o.structure, Fonction::Aidant, 9).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        let csv = format!(
            "Adresse électronique;Prénom;Nom;Profession;Organisation;État;Date\n\
             un@essai.example;Un;Essai;Agent;1;en attente;12/05/2026\n\
             deux@essai.example;Deux;Essai;Agent;1;processing;\n\
             trois@essai.example;Trois;Essai;Agent;1;refusée;01/02/2026\n\
             quatre@essai.example;Quatre;Essai;Agent;1;validated;\n\
             {active};;;;1;en attente;\n\
             {active};;;;2;;\n\
             un@essai.example;Un;Essai;Agent;1;;\n\
             cinq@essai.example;Cinq;Essai;Agent;;;\n",
            active = active.courriel
        );
        let courriels = "SELECT COUNT(*) FROM courriel";
        let avant = compter(&t, courriels).await;
        let (id, lues) = verifie(&m, &actor, Genre::Demandes, &csv).await;
        assert_eq!(sorts(&lues), [Cree, Cree, Cree, Refuse, Inchange, Change, Refuse, Refuse], "{lues:#?}");
        assert!(dit(&lues[3]).contains("fichier des aidants") && dit(&lues[4]).contains("Gardé comme ici"));
        confirme(&m, &actor, id).await;
        let un = personne(&t, "un@essai.example").await.unwrap();
        assert_eq!((un.etat, kernel::calendrier::jour(&un.cree_le).to_string()), (EtatAidant::Demande, "2026-05-12".to_owned()));
        assert_eq!(personne(&t, "deux@essai.example").await.unwrap().etat, EtatAidant::Eligible);
        let trois = personne(&t, "trois@essai.example").await.unwrap();
        assert_eq!(trois.etat, EtatAidant::Refuse);
        assert!(registre::ouvertes(t.site.db.read(), trois.id).await.unwrap().is_empty());
        assert_eq!(registre::ouvertes(t.site.db.read(), active.id).await.unwrap().len(), 1, "she is asked first");
        let (_, lues) = verifie(&m, &actor, Genre::Demandes, &csv).await;
        assert_eq!(sorts(&lues), [Inchange, Inchange, Inchange, Refuse, Inchange, Inchange, Refuse, Refuse], "{lues:#?}");
        // Nobody new was written to; who was known is told of the organisation more.
        assert!(compter(&t, courriels).await - avant <= 1);
    }

    async fn what_is_written_stops_with_the_role_and_begins_again_where_it_was(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Ici", 1).await;
        let actor = agent(&t, 1, Perimetre::National).await;
        let mut csv = "courriel;prenom;nom;profession;organisation\n".to_owned();
        for n in 0..30 {
            csv.push_str(&format!("a{n}@essai.example;A;B{n};C;1\n"));
        }
        let (id, _) = verifie(&m, &actor, Genre::Demandes, &csv).await;
        actions::confirmer(&m, &actor, id).await.unwrap();
        let retire = "UPDATE compte_role SET retiree_le = $1 WHERE compte_id = $2";
        let now = t.site.clock.now();
        t.site.db.write(async |tx| kit::execute(tx, retire, [now.into(), actor.compte.0.into()]).await).await.unwrap();
        travailler(&m).await;
        assert_eq!(etat(&m, id).await, Etat::Arrete);
        assert!(personne(&t, "a0@essai.example").await.is_none());
        // Somebody else sends it again; two workers at once write each line once.
        let autre = agent(&t, 2, Perimetre::National).await;
        let (id, _) = verifie(&m, &autre, Genre::Demandes, &csv).await;
        actions::confirmer(&m, &autre, id).await.unwrap();
        let i = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        let (a, b) = tokio::join!(actions::avancer(&m, &autre, &i), actions::avancer(&m, &autre, &i));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
        assert_eq!(etat(&m, id).await, Etat::Fini);
        let faites = lignes(&m, id).await;
        assert!(faites.iter().all(|l| l.fait && l.sort == Cree), "{faites:#?}");
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM aidant WHERE nom LIKE 'B%'").await, 30);
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM journal WHERE action = 'import.finir'").await, 1);
        // Nothing of it is kept for ever.
        t.site.clock.advance(crate::imports::GARDE + chrono::TimeDelta::days(1));
        assert_eq!(jobs::oublier(&m).await.unwrap(), 2);
        assert_eq!(compter(&t, "SELECT COUNT(*) FROM mandats_import_ligne").await, 0);
    }
}
