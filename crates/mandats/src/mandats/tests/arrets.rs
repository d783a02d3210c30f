//! The process is killed in the middle of its writes, a hundred times: children of this very test sign, end and use mandats
//! on one database until they are killed, without notice; then everything is looked at.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kernel::ids::{CompteId, StructureId};
use kernel::{Chance, Clock, Perimetre, Role};
use oidc::jose::KeySet;
use platform::db::kit;
use platform::journal::Verdict;
use platform::web::{NavEntry, Stack, Viewer};
use platform::{Config, Db, Mode, Site};
use testkit::{Browser, TestSite};

use super::*;
use crate::aidants::Fonction;
use crate::document::verifie;
use crate::fournisseur::tests as fournisseur;
use crate::mandats::{Raison, store as rows};

/// The name of the test that children run, and where they find the database.
const ENFANT: &str = "mandats::tests::arrets::enfant";
const BASE: &str = "MAILLAGE_ESSAI_ARRETS";
/// People who are helped, and aidants: few, so that they meet.
const PERSONNES: u64 = 6;
const AIDANTS: [u128; 2] = [1, 2];

fn acteur(structure: StructureId, n: u128) -> Actor {
    let compte = CompteId(uuid::Uuid::from_u128(0xA1DA_0000 + n));
    let perimetre = Perimetre::Structures(vec![structure]);
    Actor { compte, role: Role::Aidant, perimetre, vu_par: None, prete: false }
}

async fn structure(site: &Site) -> StructureId {
    let sql = "SELECT structure_id FROM organisation_habilitee WHERE numero = 1";
    StructureId(kit::query(site.db.read(), sql, []).await.unwrap()[0].try_get_by_index(0).unwrap())
}

/// One thing after another, at random, until this process is killed. What was done is said once it is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a child of the tests of this file"]
async fn enfant() {
    let Ok(base) = std::env::var(BASE) else { return };
    let debut = Instant::now();
    let (url, secret) = base.split_once('\n').unwrap();
    let db = Db::connect(url, &platform::db::Options::default()).await.unwrap();
    let mut config = Config::default();
    config.cles.secret = Some(secret.to_owned());
    config.limites.requetes_par_seconde = 0;
    let clock = Clock::fixed("2026-12-01T09:00:00Z".parse().unwrap());
    let site = Site::new(db, clock, Chance::System, config, Mode::Serve);
    let m = Mandats::new(&annuaire::Annuaire::load(&site).await.unwrap());
    let charge = debut.elapsed();
    let structure = structure(&site).await;
    let Stack { router, .. } = platform::web::finish(&site, crate::routes(&m), Vec::<NavEntry>::new(), |r| r);
    let dehors = Browser::new(router);
    let dire = |texte: &str| {
        let mut sortie = std::io::stdout().lock();
        writeln!(sortie, "ACK {texte}").and_then(|()| sortie.flush()).unwrap();
    };
    dire(&format!("ouvert en {charge:?} puis {:?}", debut.elapsed()));
    dire("pret");
    loop {
        let qui = acteur(structure, AIDANTS[usize::try_from(site.chance.below(2)).unwrap()]);
        let n = u128::from(1 + site.chance.below(PERSONNES));
        match site.chance.below(6) {
            0..=2 => {
                let demarches: &[&str] = [&["papiers"][..], &["papiers", "argent"], &["logement", "social"]]
                    [usize::try_from(site.chance.below(3)).unwrap()];
                let id = brouillon(&m, &qui, n, &choix(demarches, 31)).await;
                dire(&format!("brouillon {id}"));
                // Whoever lost the race of two people at one draft may be told to try again.
                if let Ok(fait) = signer(&m, &qui, id).await {
                    dire(&format!("signe {id} {fait} {}", qui.compte));
                }
            }
            3 => {
                let sql =
                    "SELECT mandat_id FROM mandat_autorisation WHERE fin_le IS NULL ORDER BY id DESC LIMIT 5";
                let vivants = kit::query(site.db.read(), sql, []).await.unwrap();
                let Some(row) = vivants.first() else { continue };
                let id = MandatId(row.try_get_by_index(0).unwrap());
                if revoquer(&m, &qui, id, Raison::Demande).await.is_ok() {
                    dire(&format!("fini {id}"));
                }
            }
            _ => {
                if let Some(code) = utiliser(&site, &dehors, &qui, n).await {
                    dire(&format!("utilise {code}"));
                }
            }
        }
    }
}

/// A use from end to end; its code, when the person allowed it.
async fn utiliser(site: &Site, dehors: &Browser, actor: &Actor, n: u128) -> Option<String> {
    let sub = usagers::empreinte(site, &format!("sub-{n}"));
    let usager = usagers::store::du_sub(site.db.read(), &sub).await.unwrap()?;
    let viewer = Viewer { prouve_le: Some(site.clock.now()), ..essai::viewer(actor) };
    let mut b = dehors.signed_in(viewer);
    let flux = b.get(&fournisseur::demande(&[])).await.expect(303).location().to_owned();
    let personne = usager.id.to_string();
    let suite = b.post(&format!("{flux}/personne"), &[("personne", &personne)]).await;
    if suite.status != 303 {
        return None;
    }
    let fin = b.post(&format!("{flux}/demarche"), &[("demarche", "papiers"), ("pour", &personne)]).await;
    let code = url::Url::parse(fin.location()).ok()?.query_pairs().find(|(k, _)| k == "code")?.1.into_owned();
    let echange = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", fournisseur::RETOUR),
        ("client_id", fournisseur::CLIENT),
        ("client_secret", fournisseur::SECRET),
    ];
    let jetons = dehors.clone().post("/token", &echange).await;
    if jetons.status == 200 {
        let jeton = jetons.json()["access_token"].as_str().unwrap().to_owned();
        let mut lit = dehors.with_header("authorization", &format!("Bearer {jeton}"));
        lit.get("/userinfo").await;
    }
    Some(code)
}

fn enfanter(t: &TestSite) -> Child {
    let secret = t.site.config.cles.secret.clone().unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", ENFANT, "--ignored", "--nocapture", "--test-threads", "1"])
        .env(BASE, format!("{}\n{secret}", t.url))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a child works, lets it do a few things and begin another, kills it: what it had the time to say. Things are
/// counted, not time alone, so that a busy machine tries as much as one that is free.
fn tuer(mut enfant: Child, hasard: &Chance) -> String {
    let mut sortie = enfant.stdout.take().unwrap();
    let (mut dit, mut octet) = (Vec::new(), [0_u8; 1]);
    let mut jusque = |fin: &[u8]| {
        loop {
            if sortie.read(&mut octet).unwrap() == 0 {
                panic!("a child died by itself: {}", String::from_utf8_lossy(&dit));
            }
            dit.push(octet[0]);
            if dit.ends_with(fin) {
                break;
            }
        }
    };
    jusque(b"ACK pret\n");
    for _ in 0..hasard.below(8) {
        jusque(b"\n");
    }
    std::thread::sleep(Duration::from_micros(hasard.below(60_000)));
    assert!(enfant.try_wait().unwrap().is_none(), "a child died by itself");
    enfant.kill().unwrap();
    enfant.wait().unwrap();
    sortie.read_to_end(&mut dit).unwrap();
    String::from_utf8(dit).unwrap()
}

/// The children of one test, `ensemble` at a time, all killed: what they said.
async fn tuer_cent_fois(t: &TestSite, combien: usize, ensemble: usize) -> Vec<String> {
    let debut = Instant::now();
    let tours = (0..combien.div_ceil(ensemble)).map(|_| ensemble);
    let mut dits = Vec::new();
    for (tour, ensemble) in tours.enumerate() {
        let enfants: Vec<Child> = (0..ensemble).map(|_| enfanter(t)).collect();
        let fils: Vec<_> = (0..)
            .zip(enfants)
            .map(|(n, enfant)| {
                let hasard = Chance::seeded(u64::try_from(tour).unwrap() * 1_000 + n);
                tokio::task::spawn_blocking(move || tuer(enfant, &hasard))
            })
            .collect();
        for f in fils {
            dits.push(f.await.unwrap());
        }
    }
    // Each child reads the directory before it works: about half a second of a processor that is free.
    eprintln!("{combien} children were killed in {:?}", debut.elapsed());
    eprintln!("{}", dits[dits.len() - 1].lines().find(|l| l.contains("ouvert en")).unwrap_or_default());
    let mots = |dit: &String| {
        dit.lines().filter_map(|l| Some(l.split_once("ACK ")?.1.to_owned())).collect::<Vec<_>>()
    };
    dits.iter().flat_map(mots).collect()
}

async fn compter(t: &TestSite, sql: &str) -> i64 {
    kit::count(t.site.db.read(), sql, []).await.unwrap()
}

async fn tuee(t: TestSite, combien: usize, ensemble: usize) {
    let m = essai::mandats(&t).await;
    let o = essai::organisation(&t, "Ici", 1).await;
    for n in AIDANTS {
        let (_, actor) = essai::aidant(&t, o.structure, Fonction::Aidant, n).await;
        fournisseur::compte(&t, &actor).await;
    }
    fournisseur::client(
        &t,
        fournisseur::CLIENT,
        fournisseur::Reglages { par_seconde: 1_000_000, ..fournisseur::reglages() },
    )
    .await;
    crate::cles::signataire(&m, crate::cles::Usage::Mandat).await.unwrap();
    let dits = tuer_cent_fois(&t, combien, ensemble).await;
    let morts = dits.iter().filter(|d| *d == "pret").count();
    assert!(morts >= combien, "{morts} were killed");
    let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
    // What was said to be done is, and done again is the same.
    let (mut signes, mut finis) = (0, 0);
    for dit in &dits {
        match dit.split(' ').collect::<Vec<_>>()[..] {
            ["signe", brouillon, mandat, compte] => {
                let id: MandatId = mandat.parse().unwrap();
                assert!(rows::mandat(t.site.db.read(), id).await.unwrap().is_some(), "{dit}");
                let n = AIDANTS
                    .into_iter()
                    .find(|n| acteur(o.structure, *n).compte.to_string() == compte)
                    .unwrap();
                let encore = signer(&m, &acteur(o.structure, n), brouillon.parse().unwrap()).await.unwrap();
                assert_eq!(encore, id, "a draft makes one mandat");
                signes += 1;
            }
            ["fini", mandat] => {
                let sienne = rows::du_mandat(t.site.db.read(), mandat.parse().unwrap()).await.unwrap();
                assert!(sienne.iter().all(|a| a.fin.is_some()), "{dit}");
                finis += 1;
            }
            _ => {}
        }
    }
    let utilises = dits.iter().filter(|d| d.starts_with("utilise ")).count();
    // Few acts end between two deaths: over a hundred of them each kind is met.
    let chacun = combien < 100 || (finis > 0 && utilises > 0);
    eprintln!("{signes} signed, {finis} ended, {utilises} used");
    assert!(signes > 0 && chacun, "{signes} {finis} {utilises}");
    // Drafts that were left in the middle are signed by whoever comes back to them.
    let sql = "SELECT id, compte_id FROM mandat_brouillon WHERE mandat_id IS NULL AND usager_id IS NOT NULL";
    for row in kit::query(t.site.db.read(), sql, []).await.unwrap() {
        let (id, compte): (Uuid, Uuid) =
            (row.try_get("", "id").unwrap(), row.try_get("", "compte_id").unwrap());
        let n = AIDANTS.into_iter().find(|n| acteur(o.structure, *n).compte.0 == compte).unwrap();
        let actor = acteur(o.structure, n);
        actions::garder(&m, &actor, id, |b| b.choix.atteste = true).await.unwrap();
        let un = signer(&m, &actor, id).await.unwrap();
        assert_eq!(signer(&m, &actor, id).await.unwrap(), un);
    }
    entiers(&t, &m).await;
}

/// Every mandat verifies, has its line, its démarches, and takes the place of others; every use has its line.
async fn entiers(t: &TestSite, m: &Mandats) {
    let jeu = crate::cles::jeu(m, t.site.db.read()).await.unwrap();
    let cles = KeySet::parse(jeu.to_string().as_bytes()).unwrap();
    for row in kit::query(t.site.db.read(), "SELECT id FROM mandat", []).await.unwrap() {
        let id = MandatId(row.try_get_by_index(0).unwrap());
        let lu = rows::mandat(t.site.db.read(), id).await.unwrap().unwrap();
        let signe = verifie(lu.signature.unwrap().document.as_bytes(), &cles).unwrap();
        let siennes = rows::du_mandat(t.site.db.read(), id).await.unwrap();
        let mut cles: Vec<_> = siennes.iter().map(|a| a.demarche.clone()).collect();
        let mut dites: Vec<_> = signe.contenu().demarches.iter().map(|d| d.cle.clone()).collect();
        cles.sort();
        dites.sort();
        assert_eq!(cles, dites);
        let sql = "SELECT COUNT(*) FROM journal WHERE action IN ('mandat.creer', 'mandat.renouveler') AND subject_id = $1";
        assert_eq!(kit::count(t.site.db.read(), sql, [id.to_string().into()]).await.unwrap(), 1);
        if siennes.iter().any(|a| matches!(a.fin, Some(crate::mandats::Fin::Revoquee { .. }))) {
            let sql = "SELECT COUNT(*) FROM journal WHERE action = 'mandat.revoquer' AND subject_id = $1";
            assert!(kit::count(t.site.db.read(), sql, [id.to_string().into()]).await.unwrap() > 0);
        }
    }
    let lignes = "SELECT COUNT(*) FROM journal WHERE action = 'mandat.creer'";
    assert_eq!(compter(t, lignes).await, combien(m).await, "no line without its mandat");
    let doubles = "SELECT COUNT(*) FROM (SELECT 1 FROM mandat_autorisation WHERE fin_le IS NULL \
                   GROUP BY structure_id, usager_id, demarche HAVING COUNT(*) > 1) x";
    assert_eq!(compter(t, doubles).await, 0);
    // No identity leaves without a use, no use without its line, no line without its use.
    for row in kit::query(t.site.db.read(), "SELECT id FROM mandat_usage", []).await.unwrap() {
        let id = crate::ids::UsageId(row.try_get_by_index(0).unwrap());
        let sql = "SELECT COUNT(*) FROM journal WHERE action = 'usage.commencer' AND subject_id = $1";
        assert_eq!(kit::count(t.site.db.read(), sql, [id.to_string().into()]).await.unwrap(), 1);
    }
    let lignes = compter(t, "SELECT COUNT(*) FROM journal WHERE action = 'usage.commencer'").await;
    assert_eq!(lignes, compter(t, "SELECT COUNT(*) FROM mandat_usage").await);
    let sans = "SELECT COUNT(*) FROM fournisseur_code c WHERE NOT EXISTS (SELECT 1 FROM mandat_usage g WHERE g.id = c.usage_id)";
    assert_eq!(compter(t, sans).await, 0);
    let verdict = platform::journal::verify(t.site.db.read()).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_80_killed_a_hundred_times_on_sqlite() {
    tuee(TestSite::sqlite(crate::tests_migrations()).await, 100, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_80_killed_twenty_times_on_postgres() {
    if let Some(t) = TestSite::postgres(crate::tests_migrations()).await {
        tuee(t, 20, 4).await;
    }
}
