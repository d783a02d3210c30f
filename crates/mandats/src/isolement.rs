//! Every route of this context, walked as nobody, as each role of another organisation, and from the space of another
//! person, with the identifiers of what exists in one organisation: nothing is shown, nothing changes.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::droits::{GenrePerimetre, TABLE};
use kernel::{Actor, Perimetre, Verb};
use platform::db::kit;
use platform::web::{Access, RouteInfo};
use testkit::{Answer, Browser, TestSite};

use crate::aidants::tests::{actif, personne};
use crate::aidants::{Fonction, propositions};
use crate::fournisseur::tests as fournisseur;
use crate::mandats::tests::{brouillon, choix, fait};
use crate::{Mandats, essai};

/// What nobody of another organisation reads: people, and who made their mandats.
const TUS: [&str; 4] = ["USAGER-", "Inventée-", "secrete@essai.example", "Brouillard"];

/// Where identifiers are: the name of a parameter, and what exists under it. A route whose parameter is not here is not
/// known to this test, which says so.
pub(crate) const NOMS: [(&str, &str); 20] = [
    ("mandat", "SELECT id FROM mandat ORDER BY id LIMIT 1"),
    ("brouillon", "SELECT id FROM mandat_brouillon WHERE mandat_id IS NULL LIMIT 1"),
    ("usager", "SELECT usager_id FROM mandat ORDER BY id LIMIT 1"),
    (
        "aidant",
        "SELECT p.aidant_id FROM aidant_appartenance p JOIN organisation_habilitee o ON o.structure_id = p.structure_id \
         WHERE o.numero = 1 AND p.fait_mandats AND NOT p.referent ORDER BY p.id LIMIT 1",
    ),
    ("equipe", "SELECT id FROM equipe_aidants LIMIT 1"),
    ("session", "SELECT id FROM formations_session LIMIT 1"),
    ("inscription", "SELECT id FROM formations_inscription LIMIT 1"),
    ("structure", "SELECT structure_id FROM organisation_habilitee WHERE numero = 1"),
    ("lot", "SELECT id FROM mandat_transfert_lot LIMIT 1"),
    ("client", "SELECT id FROM fournisseur_client LIMIT 1"),
    ("flux", "SELECT id FROM fournisseur_flux LIMIT 1"),
    ("id", "SELECT id FROM consentement LIMIT 1"),
    ("identification", "SELECT id FROM mandat_identification LIMIT 1"),
    ("demande", "SELECT id FROM aidant_demande LIMIT 1"),
    ("personne", "SELECT id FROM aidant_demande LIMIT 1"),
    ("proposition", "SELECT id FROM aidant_proposition LIMIT 1"),
    ("masse", "SELECT id FROM aidant_masse_lot LIMIT 1"),
    ("reunion", "SELECT id FROM reunion LIMIT 1"),
    ("notification", "SELECT id FROM aidant_notification LIMIT 1"),
    ("import", "SELECT id FROM mandats_import LIMIT 1"),
];

/// Parameters that are no identifier: a number that people see, a secret that nobody guesses, a word.
fn mot(nom: &str, numero: &str) -> Option<String> {
    Some(match nom {
        "numero" => numero.to_owned(),
        "secret" | "lien" | "jeton" | "code" => "f".repeat(43),
        "rang" => "1".to_owned(),
        "langue" => "en".to_owned(),
        "acte" => "accepter".to_owned(),
        _ => return None,
    })
}

/// One organisation with something of everything.
pub(crate) async fn pleine(t: &TestSite, m: &Mandats) -> (Actor, Actor) {
    let o = essai::organisation(t, "Ici", 1).await;
    let autre = essai::organisation(t, "Ailleurs", 2).await;
    let (_, referent) = actif(m, o.structure, Fonction::AidantReferent, 1).await;
    let (aidant, acteur) = actif(m, o.structure, Fonction::Aidant, 2).await;
    let sql = "UPDATE aidant SET conditions_version = 1";
    fournisseur::sql(t, sql).await;
    fait(m, &acteur, 1, &["papiers", "argent"], 31).await;
    fournisseur::sql(t, "UPDATE usager SET courriel = 'secrete@essai.example'").await;
    brouillon(m, &acteur, 2, &choix(&["papiers"], 31)).await;
    let c = crate::mandats::Choix {
        courriel: Some("secrete@essai.example".to_owned()),
        voie: Some("courriel".to_owned()),
        ..choix(&["papiers"], 31)
    };
    let id = brouillon(m, &acteur, 3, &c).await;
    crate::mandats::tests::proposer(m, &acteur, id).await;
    crate::mandats::tests::inviter(m, &acteur).await;
    essai::equipe(t, o.structure, "Brouillard").await;
    fournisseur::client(t, fournisseur::CLIENT, fournisseur::reglages()).await;
    let browser = t.browser(crate::routes(m));
    let mut b = browser.signed_in(fournisseur::viewer(t, &acteur));
    b.get(&fournisseur::demande(&[])).await.expect(303);
    let mut b = browser.signed_in(essai::viewer(&referent));
    let former = [
        ("voie", "classique"),
        ("prenom1", "Ada"),
        ("nom1", "Inventée-9"),
        ("courriel1", "ada@essai.example"),
        ("profession1", "Agente"),
    ];
    b.post("/referent/personnes/former", &former).await.expect(303);
    // Somebody of a third organisation is asked for: a request that waits.
    let tierce = essai::organisation(t, "Tierce", 3).await;
    let (leur, _) = actif(m, tierce.structure, Fonction::Aidant, 3).await;
    let ajout = [("courriel", leur.courriel.as_str())];
    b.post("/referent/personnes/ajouter", &ajout).await.expect(303);
    // The team agrees for another one: a proposition that waits for their answer.
    let (encore, _) = actif(m, tierce.structure, Fonction::Aidant, 4).await;
    let voulue = crate::aidants::vie::Personne::de(&encore, Fonction::Aidant);
    let offre = propositions::Offre::de(&voulue, o.structure, crate::aidants::EtatAidant::Eligible);
    t.site.db.write(async |tx| propositions::inscrire(m, tx, &offre, None).await).await.unwrap();
    let session = crate::formations::tests::session(m, o.structure).await;
    let p = personne(7, Fonction::Aidant, crate::aidants::regles::Voie::Classique);
    let eligible = t
        .site
        .db
        .write(async |tx| {
            let etat = crate::aidants::EtatAidant::Eligible;
            crate::aidants::vie::inscrire(m, tx, &p, o.structure, etat, None).await
        })
        .await
        .unwrap();
    crate::formations::actions::inscrire(m, &referent, session, eligible.id).await.unwrap();
    let equipe = testkit::viewer(kernel::Role::EquipeHabilitation, Perimetre::National);
    let reunion = [
        ("departement", "23"),
        ("jour", "2027-01-15"),
        ("debut", "09:30"),
        ("fin", "11:00"),
        ("lieu", "Salle du Brouillard"),
        ("lien", ""),
        ("places", "2"),
        ("organisateur", "Préfecture d’essai"),
    ];
    let mut equipe = browser.signed_in(equipe);
    equipe.post("/gestion/reunions/nouvelle", &reunion).await.expect(303);
    let nouvelle = [
        ("genre", "alerte"),
        ("public", "personne"),
        ("courriel", aidant.courriel.as_str()),
        ("titre", "Brouillard"),
        ("texte", "Brouillard pour vous."),
        ("jusqu_au", "2026-12-31"),
    ];
    equipe.post("/gestion/notifications", &nouvelle).await.expect(303);
    en_masse(&mut equipe, "dormant", aidant.courriel.as_str()).await;
    let liste =
        b"courriel;prenom;nom;profession;organisation\nsecrete@essai.example;Ada;Brouillard;Agente;1\n";
    let demandes = "/gestion/aidants-connect/imports/demandes";
    equipe.post_file(demandes, &[], ("fichier", "Brouillard.csv", liste)).await.expect(303);
    let lot = crate::transferts::Lot {
        id: kernel::ids::uuid_v7(&t.site.clock, &t.site.chance),
        de: o.structure,
        vers: autre.structure,
        motif: "Essai".to_owned(),
        par: acteur.compte,
        cree_le: t.site.clock.now(),
        fini_le: None,
    };
    t.site.db.write(async |tx| crate::transferts::store::demander(tx, &lot, &[]).await).await.unwrap();
    (acteur, referent)
}

/// A list of one address, shown then confirmed.
pub(crate) async fn en_masse(b: &mut Browser, geste: &str, adresses: &str) -> Answer {
    let page = "/gestion/aidants/en-masse";
    let vue = b.post(page, &[("geste", geste), ("adresses", adresses)]).await.expect(200);
    let vu = vue.body.split("name=\"vu\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    b.post(page, &[("geste", geste), ("adresses", adresses), ("vu", &vu), ("action", "confirmer")]).await
}

pub(crate) async fn un(t: &TestSite, sql: &str) -> Option<String> {
    let rows = kit::query(t.site.db.read(), sql, []).await.unwrap();
    rows.first().map(|r| r.try_get_by_index::<uuid::Uuid>(0).unwrap().to_string())
}

/// Every table, row for row, as text. What runs by itself is left out: work that waits, and marks of passage.
async fn tables(t: &TestSite) -> BTreeMap<String, String> {
    const A_PART: [&str; 4] = ["job", "schedule", "espace_session", "frein"];
    let conn = t.site.db.read();
    let postgres = conn.get_database_backend() == sea_orm::DbBackend::Postgres;
    let liste = if postgres {
        "SELECT tablename AS n FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    } else {
        "SELECT name AS n FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    };
    let mut toutes = BTreeMap::new();
    for row in kit::query(conn, liste, []).await.unwrap() {
        let table: String = row.try_get("", "n").unwrap();
        if A_PART.contains(&table.as_str()) {
            continue;
        }
        let sql = if postgres {
            format!("SELECT COALESCE(string_agg(x::text, '|' ORDER BY x::text), '') AS d FROM \"{table}\" x")
        } else {
            let colonnes = format!("SELECT name AS n FROM pragma_table_info('{table}')");
            let colonnes: Vec<String> = kit::query(conn, &colonnes, [])
                .await
                .unwrap()
                .iter()
                .map(|r| format!("quote(\"{}\")", r.try_get::<String>("", "n").unwrap()))
                .collect();
            let ligne = colonnes.join(" || ',' || ");
            format!(
                "SELECT COALESCE(group_concat(r, '|'), '') AS d FROM (SELECT {ligne} AS r FROM \"{table}\" ORDER BY 1)"
            )
        };
        let dump = kit::query(conn, &sql, []).await.unwrap()[0].try_get::<String>("", "d").unwrap();
        toutes.insert(table, dump);
    }
    toutes
}

/// The path with what exists in its places; none for a parameter that this test does not know.
pub(crate) fn remplir(chemin: &str, noms: &BTreeMap<&str, String>, numero: &str) -> Option<String> {
    let mut sortie = String::new();
    let mut reste = chemin;
    while let Some((avant, apres)) = reste.split_once('{') {
        let (nom, suite) = apres.split_once('}')?;
        let nom = nom.trim_start_matches('*');
        sortie.push_str(avant);
        sortie.push_str(&noms.get(nom).cloned().or_else(|| mot(nom, numero))?);
        reste = suite;
    }
    Some(sortie + reste)
}

/// Sends what a page of ours would send, and more than it would.
async fn frapper(b: &mut Browser, route: &RouteInfo, chemin: &str) -> Answer {
    const CORPS: [(&str, &str); 14] = [
        ("raison", "demande"),
        ("atteste", "oui"),
        ("demarches", "papiers"),
        ("demarche", "papiers"),
        ("duree", "31"),
        ("motif", "Essai"),
        ("geste", "abandonner"),
        ("fonction", "referent"),
        ("reponse", "accepte"),
        ("etat", "parti"),
        ("texte", "Essai"),
        ("voie", "courriel"),
        ("present", "oui"),
        ("nom", "Essai"),
    ];
    match route.method.as_str() {
        "GET" => b.get(chemin).await,
        _ => b.post(chemin, &CORPS).await,
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn what_is_of_others_is_shown_to_nobody_and_changed_by_nobody(t: TestSite) {
        let m = essai::mandats(&t).await;
        pleine(&t, &m).await;
        let ailleurs = un(&t, "SELECT structure_id FROM organisation_habilitee WHERE numero = 2").await.unwrap();
        let ailleurs = kernel::ids::StructureId(ailleurs.parse().unwrap());
        let mut etrangers = vec![("personne".to_owned(), None)];
        for (fonction, n) in [(Fonction::Aidant, 11), (Fonction::Referent, 12), (Fonction::AidantReferent, 13)] {
            let (_, actor) = essai::aidant(&t, ailleurs, fonction, n).await;
            etrangers.push((format!("{fonction:?}"), Some(actor)));
        }
        // The other roles that a structure may have, over there too.
        for l in TABLE.iter().filter(|l| l.perimetres.contains(&GenrePerimetre::Structures) && !l.verbs.contains(&Verb::TenirMandats) && !l.verbs.contains(&Verb::GererAidants)) {
            etrangers.push((l.key.to_owned(), Some(testkit::actor(l.role, Perimetre::Structures(vec![ailleurs])))));
        }
        // And those of a territory where nothing of this is.
        let mayotte = Perimetre::Departements(kernel::CodeDepartement::parse("976").into_iter().collect());
        for (n, l) in (0xB000..).zip(TABLE.iter().filter(|l| l.perimetres.contains(&GenrePerimetre::Departements))) {
            let compte = kernel::ids::CompteId(uuid::Uuid::from_u128(n));
            let actor = Actor { compte, ..testkit::actor(l.role, mayotte.clone()) };
            etrangers.push((format!("{}, Mayotte", l.key), Some(actor)));
        }
        let mut noms: BTreeMap<&str, String> = BTreeMap::new();
        for (nom, sql) in NOMS {
            noms.insert(nom, un(&t, sql).await.unwrap_or_else(|| panic!("no {nom} in what was made")));
        }
        let rows = kit::query(t.site.db.read(), "SELECT numero FROM mandat ORDER BY id LIMIT 1", []).await.unwrap();
        let numero: String = rows[0].try_get("", "numero").unwrap();
        let routes = crate::routes(&m);
        let liste = routes.list().to_vec();
        let browser = t.browser(routes);
        // Taking one's own lists away is told: nothing else may add a line.
        let lignes = "SELECT COUNT(*) FROM journal WHERE action <> 'liste.exporter'";
        let lignes = async || kit::count(t.site.db.read(), lignes, []).await.unwrap();
        let (avant, racontees) = (tables(&t).await, lignes().await);
        assert!(avant["mandat"].len() > 100 && avant["consentement"].len() > 100);
        let (mut tort, mut frappes) = (Vec::new(), 0);
        for route in liste.iter().filter(|r| r.path.contains('{')) {
            let Some(chemin) = remplir(&route.path, &noms, &numero) else {
                tort.push(format!("{} has a parameter that this test does not know", route.path));
                continue;
            };
            for (qui, actor) in &etrangers {
                let mut b = match actor {
                    Some(actor) => browser.signed_in(fournisseur::viewer(&t, actor)),
                    None => browser.clone(),
                };
                let r = frapper(&mut b, route, &chemin).await;
                frappes += 1;
                let statut = r.status.as_u16();
                let juste = match (route.access, actor) {
                    // What anybody may ask shows nothing of them, and 200 only to say so.
                    (Access::Public, _) => statut < 500,
                    (_, None) => statut == 401 || (statut == 303 && r.location().starts_with("/connexion?retour=")),
                    (Access::Jeton(..), Some(_)) => statut == 401,
                    (_, Some(_)) => [403, 404].contains(&statut),
                };
                let dit = TUS.iter().find(|tu| r.body.contains(**tu));
                if !juste || dit.is_some() {
                    tort.push(format!("{} {} as {qui} → {statut} {dit:?}", route.method, route.path));
                }
            }
        }
        // Lists and pages without a parameter: theirs, never those of others.
        for route in liste.iter().filter(|r| !r.path.contains('{') && r.method == axum::http::Method::GET) {
            for (qui, actor) in etrangers.iter().filter_map(|(q, a)| Some((q, a.as_ref()?))) {
                let r = browser.signed_in(fournisseur::viewer(&t, actor)).get(&route.path).await;
                frappes += 1;
                let dit = TUS.iter().find(|tu| r.body.contains(**tu));
                if r.status.is_server_error() || dit.is_some() {
                    tort.push(format!("GET {} as {qui} → {} {dit:?}", route.path, r.status));
                }
            }
        }
        let apres = tables(&t).await;
        assert_eq!(lignes().await, racontees, "{tort:#?}");
        for (table, contenu) in avant.iter().filter(|(table, _)| !table.starts_with("journal")) {
            if apres.get(table) != Some(contenu) {
                tort.push(format!("{table} changed"));
            }
        }
        assert!(tort.is_empty(), "{tort:#?}");
        assert!(frappes > 400, "{frappes}");
    }

    async fn the_space_of_a_person_holds_nothing_of_another(t: TestSite) {
        let m = essai::mandats(&t).await;
        pleine(&t, &m).await;
        let autre = essai::usager(&t, 99).await;
        t.site.clock.advance(TimeDelta::seconds(1));
        let routes = crate::routes(&m);
        let liste = routes.list().to_vec();
        let browser = t.browser(routes);
        let mut b = crate::espace::tests::chez(&t, &m, &browser, &autre).await;
        let rows = kit::query(t.site.db.read(), "SELECT numero FROM mandat ORDER BY id LIMIT 1", []).await.unwrap();
        let numero: String = rows[0].try_get("", "numero").unwrap();
        b.get("/mes-mandats").await.expect(200).says("USAGER-99");
        let avant = tables(&t).await;
        let mut vus = 0;
        for route in liste.iter().filter(|r| r.path.starts_with("/mes-mandats/mandat/")) {
            let chemin = remplir(&route.path, &BTreeMap::new(), &numero).unwrap();
            let r = frapper(&mut b, route, &chemin).await;
            assert_eq!(r.status.as_u16(), 404, "{} {}", route.method, route.path);
            vus += 1;
        }
        assert!(vus >= 5, "{vus}");
        for route in liste.iter().filter(|r| r.path.starts_with("/mes-mandats") && !r.path.contains('{') && r.method == axum::http::Method::GET) {
            let r = b.get(&route.path).await;
            assert!(["USAGER-1<", "USAGER-1 ", "secrete@"].iter().all(|tu| !r.body.contains(tu)), "{}", route.path);
        }
        assert_eq!(tables(&t).await, avant);
        // To end everything ends one's own, and there is nothing.
        let ouvertes = crate::mandats::tests::ouvertes(&m).await;
        b.post("/mes-mandats/tout-revoquer", &[]).await;
        assert_eq!(crate::mandats::tests::ouvertes(&m).await, ouvertes);
    }
}
