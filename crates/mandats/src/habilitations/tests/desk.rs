use kernel::{Actor, Role, Verb};
use platform::web::FormState;
use testkit::TestSite;

use super::*;
use crate::aidants::{self, EtatAidant, Fonction};
use crate::habilitations::actions::{self, Accueil, Lettre};
use crate::habilitations::model::Etat;
use crate::habilitations::rules::Acte;
use crate::habilitations::{jobs, saisie, store};
use crate::organisations;

const OK: [(&str, &str); 4] = [
    ("sujet", "Réponse"),
    ("texte", "Bonjour,\n\nVoici."),
    ("structure", "nouvelle"),
    ("action", "confirmer"),
];

async fn etat(t: &TestSite, id: HabilitationId) -> Etat {
    store::lire(t.site.db.read(), id).await.unwrap().unwrap().etat
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn accepting_makes_the_organisation_its_referent_and_its_people(t: TestSite) {
        let (m, b) = maison(&t).await;
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        let (id, ici) = deposee(&mut anne, &e, (SIRET, "1 rue des Essais", &["ali@essai.example", "zoe@essai.example"])).await;
        let mut desk = equipe(&b, Perimetre::National);
        desk.get(BASE).await.expect(200).says("Mairie fictive de l’essai").says("1010000");
        desk.get(&bureau(id, "")).await.expect(200).says("Mona Essai-Référente").says("ali@essai.example").says("Accepter");
        desk.get(&bureau(id, "/accepter")).await.expect(200).says("1010000").says("Une nouvelle structure");
        desk.post(&bureau(id, "/accepter"), &avec(&OK, &[("sujet", ""), ("structure", "ailleurs")])).await.expect(422).says("href=\"#sujet\"");
        desk.post(&bureau(id, "/accepter"), &avec(&OK, &[("action", "apercu")])).await.expect(200).says("comme il partira");
        assert_eq!(etat(&t, id).await, Etat::EnInstruction, "a preview decides nothing");
        desk.post(&bureau(id, "/accepter"), &OK).await.expect(303);
        let d = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        let structure = d.structure.unwrap();
        let conn = t.site.db.read();
        let o = organisations::store::lire(conn, structure).await.unwrap().unwrap();
        assert_eq!((d.etat, o.numero, o.departement.as_str(), o.demarches.cles().len()), (Etat::Validee, 1_010_000, "01", 10));
        // The référent is active with an account; the others are to be trained.
        let mona = aidants::store::du_courriel(conn, &kernel::Email::parse("mona@essai.example").unwrap()).await.unwrap().unwrap();
        assert_eq!((mona.etat, mona.compte.is_some()), (EtatAidant::Actif, true));
        let actor = Actor { compte: mona.compte.unwrap(), role: Role::Referent, perimetre: Perimetre::Structures(vec![structure]), vu_par: None, prete: false };
        assert!(!aidants::registre::histoire(conn, mona.id).await.unwrap().is_empty());
        assert!(aidants::agissant(&m, conn, &actor, Verb::GererAidants).await.is_ok());
        for p in store::personnes(conn, id).await.unwrap() {
            let a = aidants::store::lire(conn, p.aidant.unwrap()).await.unwrap().unwrap();
            assert_eq!((a.etat, a.compte), (EtatAidant::Eligible, None));
            let chez = aidants::store::appartenance(conn, a.id, structure).await.unwrap().unwrap();
            assert_eq!(chez.fonction, Fonction::Aidant);
        }
        // Everybody was told; nothing may be decided again; the request says so to who asked.
        let mails = platform::mail::list(conn, 20).await.unwrap();
        assert_eq!(mails.iter().filter(|x| x.sujet == "Réponse").count(), 2, "who asked, and the référent");
        desk.post(&bureau(id, "/accepter"), &OK).await.expect(409);
        desk.post(&bureau(id, "/refuser"), &OK).await.expect(409);
        anne.get(&ici).await.expect(200).says("L’organisation est habilitée");
        // The next who asks with this number is told; an organisation already habilitée is not made twice.
        anne.post(&format!("{e}/siret"), &[("siret", SIRET)]).await.expect(200).says("déjà habilitée");
        let (double, _) = deposee(&mut anne, &e, (SIRET, "9 place d’ailleurs", &["ali@essai.example"])).await;
        desk.get(&bureau(double, "")).await.expect(200).says("Déjà habilitée").says("Autres demandes du même SIRET");
        desk.post(&bureau(double, "/accepter"), &avec(&OK, &[("structure", structure.to_string().as_str())])).await.expect(422).says("déjà habilitée");
        assert_eq!(etat(&t, double).await, Etat::EnInstruction);
        desk.post(&bureau(double, "/accepter"), &OK).await.expect(303);
        // One record a person: Ali belongs to both.
        let ali = aidants::store::du_courriel(conn, &kernel::Email::parse("ali@essai.example").unwrap()).await.unwrap().unwrap();
        assert_eq!(aidants::store::appartenances(conn, ali.id).await.unwrap().len(), 2);
    }

    async fn refused_put_back_changed_and_accepted_into_the_directory(t: TestSite) {
        let (_, b) = maison(&t).await;
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        let (id, ici) = deposee(&mut anne, &e, (CONNU, "1 rue des Essais", &["ali@essai.example"])).await;
        let mut desk = equipe(&b, departement("01"));
        desk.post(&bureau(id, "/message"), &[("texte", "Qui est la déléguée ?")]).await.expect(303);
        let suivi = lien(&t, "/habilitation/espace/").await;
        anne.get(&suivi).await.expect(200).says("Qui est la déléguée ?");
        t.site.clock.advance(chrono::TimeDelta::minutes(1));
        anne.post(&format!("{ici}/message"), &[("texte", "Madame Essai.")]).await.expect(303);
        desk.get(&format!("{BASE}?messages=attendent")).await.expect(200).says("Mairie fictive");
        // What is proposed has a place to fill.
        let propose = [("sujet", "Refus"), ("texte", "[Écrivez ici la raison.]"), ("action", "confirmer")];
        desk.post(&bureau(id, "/refuser"), &propose).await.expect(422).says("entre crochets");
        desk.post(&bureau(id, "/refuser"), &OK).await.expect(303);
        assert_eq!(etat(&t, id).await, Etat::Refusee);
        let mails = platform::mail::list(t.site.db.read(), 20).await.unwrap();
        assert_eq!(mails.iter().filter(|x| x.sujet == "Réponse").count(), 3, "who asked, the référent, the person named");
        desk.post(&bureau(id, "/modifications"), &OK).await.expect(409);
        desk.post(&bureau(id, "/remettre"), &OK).await.expect(303);
        desk.post(&bureau(id, "/modifications"), &OK).await.expect(303);
        // Who asked changes everything, and files again under the same number.
        anne.get(&ici).await.expect(200).says("Modifier la demande");
        // Untouched and without a word, it is not filed again.
        anne.post(&format!("{ici}/organisation"), &avec(&ORGANISATION, &[("pivot", CONNU), ("voie", "1 rue des Essais")])).await.expect(303);
        anne.post(&format!("{ici}/recapitulatif"), &[]).await.expect(422).says("rien n’a changé");
        anne.post(&format!("{ici}/organisation"), &avec(&ORGANISATION, &[("pivot", CONNU), ("nom", "Mairie renommée"), ("demarches", "40")])).await.expect(303);
        anne.post(&format!("{ici}/recapitulatif"), &[]).await.expect(303);
        let d = store::lire(t.site.db.read(), id).await.unwrap().unwrap();
        assert_eq!((d.etat, d.numero, d.nom.as_str()), (Etat::EnInstruction, Some(1_010_000), "Mairie renommée"));
        // Asked once more: an answer is enough.
        t.site.clock.advance(chrono::TimeDelta::minutes(1));
        desk.post(&bureau(id, "/modifications"), &OK).await.expect(303);
        anne.post(&format!("{ici}/recapitulatif"), &[]).await.expect(422).says("rien n’a changé");
        t.site.clock.advance(chrono::TimeDelta::minutes(1));
        anne.post(&format!("{ici}/message"), &[("texte", "Tout est juste.")]).await.expect(303);
        anne.post(&format!("{ici}/recapitulatif"), &[]).await.expect(303);
        // The structure of this number in the directory is offered, and taken.
        let connue = annuaire::structures::de_pivot(t.site.db.read(), &kernel::Pivot::parse(CONNU).unwrap()).await.unwrap().unwrap();
        let choix = connue.id.to_string();
        desk.get(&bureau(id, "/accepter")).await.expect(200).says(&choix);
        desk.post(&bureau(id, "/accepter"), &avec(&OK, &[("structure", &choix)])).await.expect(303);
        assert_eq!(store::lire(t.site.db.read(), id).await.unwrap().unwrap().structure, Some(connue.id));
    }

    async fn nobody_outside_the_scope_sees_or_does_anything(t: TestSite) {
        let (_, b) = maison(&t).await;
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        let (id, _) = deposee(&mut anne, &e, (SIRET, "1 rue des Essais", &["ali@essai.example"])).await;
        let brouillon = anne.post(&format!("{e}/siret"), &[("siret", CONNU)]).await.expect(303).location().to_owned();
        let brouillon: HabilitationId = brouillon.trim_end_matches("/organisation").rsplit('/').next().unwrap().parse().unwrap();
        let creuse = equipe(&b, departement("23"));
        let referent = b.signed_in(testkit::viewer(Role::Referent, Perimetre::Structures(Vec::new())));
        for (mut qui, sheet) in [(creuse.clone(), 404), (referent, 403), (b.signed_in(testkit::viewer(Role::Lecteur, Perimetre::National)), 403)] {
            for reste in ["", "/accepter", "/refuser", "/modifications", "/remettre"] {
                qui.get(&bureau(id, reste)).await.expect(sheet);
            }
            for reste in ["/accepter", "/refuser", "/modifications", "/remettre", "/message", "/attribuer"] {
                qui.post(&bureau(id, reste), &OK).await.expect(sheet);
            }
        }
        let mut creuse = creuse;
        assert!(!creuse.get(BASE).await.expect(200).body.contains("Mairie fictive de l’essai"));
        assert!(!creuse.get(&format!("{BASE}/export.csv?etat=")).await.expect(200).body.contains("Mairie fictive"));
        creuse.post(&format!("{BASE}/prendre"), &[("demandes", id.to_string().as_str())]).await.expect(404);
        assert_eq!(etat(&t, id).await, Etat::EnInstruction);
        // A draft is nobody's but who writes it.
        let mut desk = equipe(&b, Perimetre::National);
        for reste in ["", "/accepter"] {
            desk.get(&bureau(brouillon, reste)).await.expect(404);
        }
        desk.get(&bureau(id, "/n-importe-quoi")).await.expect(404);
        desk.get(&format!("{BASE}/x")).await.expect(404);
        // Whom nobody signed in as comes nowhere; the list leaves as a file within the scope.
        b.clone().get(&bureau(id, "")).await.expect(303);
        assert!(desk.get(&format!("{BASE}/export.csv?etat=")).await.expect(200).body.contains("1010000"));
        // Taken by several at once, given back.
        desk.post(&format!("{BASE}/prendre"), &[("demandes", id.to_string().as_str())]).await.expect(303);
        desk.get(&format!("{BASE}?agent=moi&etat=en_instruction")).await.expect(200).says("Mairie fictive");
        desk.post(&bureau(id, "/attribuer"), &[("prise", "non")]).await.expect(303);
        desk.get(&format!("{BASE}?agent=personne&etat=en_instruction&q=MAIRIE%20essai&type=municipalite&departement=01")).await.expect(200).says("1010000");
    }

    async fn two_agents_decide_at_once_and_one_does(t: TestSite) {
        let (m, b) = maison(&t).await;
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        let n = autre(&t).await;
        let agent = testkit::actor(Role::EquipeHabilitation, Perimetre::National);
        let lettre = Lettre { sujet: "Réponse".to_owned(), texte: "Voici.".to_owned() };
        let territoires = m.annuaire.territoires();
        let lu = |champs: &FormState| saisie::dossier(&mut champs.clone(), &territoires);
        for tour in 0..4 {
            let voie = format!("{tour} rue des Essais");
            let qui = format!("ali{tour}@essai.example");
            let (id, _) = deposee(&mut anne, &e, (SIRET, &voie, &[&qui])).await;
            let accepte = |m| actions::decider(m, &agent, id, (Acte::Accepter, &lettre), lu, Accueil::Nouvelle);
            let refuse = |m| actions::decider(m, &agent, id, (Acte::Refuser, &lettre), lu, Accueil::Nouvelle);
            let (x, y, z) = tokio::join!(accepte(&m), accepte(&n), refuse(&n));
            assert_eq!([x.is_ok(), y.is_ok(), z.is_ok()].iter().filter(|ok| **ok).count(), 1, "{x:?} {y:?} {z:?}");
        }
        // Different requests that name the same people, at once: one record each.
        let mut ids = Vec::new();
        for tour in 0..3 {
            let voie = format!("{tour} boulevard des Essais");
            ids.push(deposee(&mut anne, &e, (SIRET, &voie, &["un@essai.example", "deux@essai.example"])).await.0);
        }
        let accepte = |m, id| actions::decider(m, &agent, id, (Acte::Accepter, &lettre), lu, Accueil::Nouvelle);
        let (x, y, z) = tokio::join!(accepte(&m, ids[0]), accepte(&n, ids[1]), accepte(&n, ids[2]));
        // Whoever came too late is told to begin again, and can.
        for (fait, id) in [(x, ids[0]), (y, ids[1]), (z, ids[2])] {
            match fait {
                Ok(()) => {}
                Err(crate::Failure::Refusal(kernel::Refusal::Conflict(_))) => accepte(&m, id).await.unwrap(),
                Err(other) => panic!("{other:?}"),
            }
        }
        let conn = t.site.db.read();
        let un = aidants::store::du_courriel(conn, &kernel::Email::parse("un@essai.example").unwrap()).await.unwrap().unwrap();
        assert_eq!(aidants::store::appartenances(conn, un.id).await.unwrap().len(), 3);
    }

    async fn the_staff_is_told_each_week_what_waits_in_its_scope(t: TestSite) {
        let (m, b) = maison(&t).await;
        for (courriel, perimetre) in [("ici@essai.example", departement("01")), ("la@essai.example", departement("23"))] {
            let invitation = identity::Invitation {
                courriel: kernel::Email::parse(courriel).unwrap(),
                nom: "Équipe".to_owned(),
                role: Role::EquipeHabilitation,
                perimetre,
                fin: None,
            };
            identity::invite_from_install(&t.site, &invitation).await.unwrap();
        }
        platform::db::kit::execute(t.site.db.read(), "UPDATE compte SET etat = 'actif'", []).await.unwrap();
        let mut anne = b.clone();
        let e = espace(&t, &mut anne, "anne@essai.example").await;
        deposee(&mut anne, &e, (SIRET, "1 rue des Essais", &["ali@essai.example"])).await;
        t.site.clock.advance(chrono::TimeDelta::days(20));
        jobs::semaine(&m).await.unwrap();
        let mails = platform::mail::list(t.site.db.read(), 20).await.unwrap();
        let semaine: Vec<_> = mails.iter().filter(|x| x.sujet.starts_with("Habilitations :")).collect();
        assert_eq!(semaine.len(), 1, "{semaine:?}");
        assert!(semaine[0].texte.contains("1 demande à étudier, dont 1 déposée depuis plus de 15 jours"), "{}", semaine[0].texte);
    }
}
