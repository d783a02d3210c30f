//! A take-over, on a small fictitious dump of our own.

mod refus;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use platform::db::kit;
use platform::journal::{self, Verdict as Chaine};
use testkit::TestSite;
use uuid::Uuid;

use super::actions::Etape;
use super::*;
use crate::aidants::{self, EtatAidant, Fonction};
use crate::ids::{AidantId, MandatId, UsagerId};
use crate::mandats::{Auteur, EtatAutorisation, Fin, Mandat, store as ici};
use crate::{Mandats, essai, organisations, usagers as personnes};

const SEL: &str = "sel-fictif";
const SEL_USAGERS: &str = "sel-des-usagers";

fn fixture(nom: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(nom)
}

fn parametres() -> Parametres {
    let nom = "20200511_mandat.html";
    let modele = empreinte_modele(&std::fs::read(fixture("modeles").join(nom)).unwrap());
    Parametres {
        essai: false,
        cles: Cles { sel: Some(SEL.to_owned()), modeles: [(nom.to_owned(), modele)].into() },
        sel_usagers: Some(SEL_USAGERS.to_owned()),
    }
}

async fn lancer(m: &Mandats, p: &Parametres) -> Rapport {
    let rapport = reprendre(m, &fixture("aidants-connect.sql"), p, |_| {}).await.unwrap();
    for t in &rapport.tables {
        assert!(t.juste(), "{t:?}");
    }
    rapport
}

async fn compte(t: &TestSite, table: &str) -> i64 {
    kit::count(t.site.db.read(), &format!("SELECT COUNT(*) FROM {table}"), []).await.unwrap()
}

const TABLES: [&str; 13] = [
    "reprise_ligne",
    "mandat_repris",
    "organisation_habilitee",
    "structure",
    "aidant",
    "aidant_appartenance",
    "aidant_vie",
    "usager",
    "mandat",
    "mandat_autorisation",
    "mandat_personne",
    "mandat_usage",
    "journal",
];

async fn comptes(t: &TestSite) -> BTreeMap<&'static str, i64> {
    let mut out = BTreeMap::new();
    for table in TABLES {
        out.insert(table, compte(t, table).await);
    }
    out
}

async fn cible(t: &TestSite, etape: Etape, ancien: i64) -> Option<Uuid> {
    store::deja(t.site.db.read(), etape.table(), [ancien]).await.unwrap().remove(&ancien)?.cible
}

async fn mandat(t: &TestSite, ancien: i64) -> Option<(Mandat, Repris)> {
    let id = MandatId(cible(t, Etape::Mandats, ancien).await?);
    let conn = t.site.db.read();
    let repris = repris(conn, [id]).await.unwrap().remove(&id)?;
    Some((ici::mandat(conn, id).await.unwrap()?, repris))
}

fn table<'a>(r: &'a Rapport, nom: &str) -> &'a Table {
    r.tables.iter().find(|t| t.nom == nom).unwrap()
}

/// Read, taken, there already, attached, refused.
fn totaux(r: &Rapport, nom: &str) -> [u64; 5] {
    let t = table(r, nom);
    [t.lues, t.prises, t.deja, t.rattachees, t.refusees]
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn every_row_is_somewhere(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Maison déjà connue", 12_345).await;
        let r = lancer(&m, &parametres()).await;
        for (nom, attendus) in [
            ("organisations", [5, 3, 0, 1, 1]),
            ("aidants", [7, 4, 0, 1, 2]),
            ("référents", [1, 1, 0, 0, 0]),
            // Alice under her second row, Bob who is a référent only.
            ("appartenances", [7, 4, 0, 1, 2]),
            ("usagers", [5, 3, 0, 0, 2]),
            ("mandats", [10, 7, 0, 0, 3]),
            ("autorisations", [12, 9, 0, 0, 3]),
            ("journal", [16, 14, 0, 0, 2]),
        ] {
            assert_eq!(totaux(&r, nom), attendus, "{nom}\n{}", r.texte());
        }
        let refus = |nom: &str| -> Vec<(&'static str, Vec<String>)> {
            table(&r, nom).refus.iter().map(|(p, m)| (*p, m.lignes.clone())).collect()
        };
        let un = |p, l: &str| (p, vec![l.to_owned()]);
        assert_eq!(refus("organisations"), [un("commune introuvable : code INSEE, code postal et nom", "4")]);
        assert_eq!(refus("mandats"), [
            un("fin avant le début", "8"),
            un("organisation absente ou refusée", "3"),
            un("usager absent ou refusé", "4"),
        ]);
        assert_eq!(refus("autorisations"), [
            un("démarche inconnue", "9"),
            un("mandat absent ou refusé", "4"),
            un("même démarche deux fois dans le mandat", "11"),
        ]);
        assert_eq!(table(&r, "organisations").absentes, Vec::<&str>::new());
        assert_eq!(table(&r, "usagers").absentes, Vec::<&str>::new());
        assert_eq!(r.laissees, [("django_migrations".to_owned(), 1), ("otp_totp_totpdevice".to_owned(), 2)]);
        let verdicts: BTreeMap<String, i64> = r.verdicts.iter().cloned().collect();
        assert_eq!(verdicts["vérifié"], 3);
        assert_eq!(verdicts["différent"], 1);
        assert_eq!(verdicts.values().sum::<i64>(), 7);
        // Nothing of a person is in what is handed round.
        let tout = format!("{}{}{}", r.texte(), r.json(), String::from_utf8(r.csv().unwrap()).unwrap());
        for personnel in ["FICTIVE", "Camille", "essai.example", "Alice", "secret-en-clair", "0612345678", "jeton"] {
            assert!(!tout.contains(personnel), "{personnel}");
        }
        assert!(matches!(journal::verify(t.site.db.read()).await.unwrap(), Chaine::Whole { .. }));
        let lignes = kit::query(t.site.db.read(), "SELECT details FROM journal", []).await.unwrap();
        for l in lignes {
            let details: String = l.try_get_by_index(0).unwrap();
            for personnel in ["FICTI", "Camille", "essai.example", "jeton"] {
                assert!(!details.contains(personnel), "{details}");
            }
        }
    }

    async fn people_and_organisations_are_what_they_were(t: TestSite) {
        let m = essai::mandats(&t).await;
        let connue = essai::organisation(&t, "Maison déjà connue", 12_345).await;
        lancer(&m, &parametres()).await;
        let conn = t.site.db.read();
        let org = async |n| kernel::ids::StructureId(cible(&t, Etape::Organisations, n).await.unwrap());
        assert_eq!(org(5).await, connue.structure);
        let (un, deux, trois) = (org(1).await, org(2).await, org(3).await);
        assert_ne!(un, deux, "one SIRET, two places");
        let lue = organisations::store::lire(conn, un).await.unwrap().unwrap();
        assert_eq!((lue.numero, lue.demarches.ecrire().as_str()), (23_100_001, "argent famille papiers social"));
        assert!(lue.france_services);
        let vue = annuaire::structures::find(conn, un).await.unwrap().unwrap();
        assert_eq!(vue.pivot.unwrap().as_str(), "00123456700012", "leading zeros are back");
        let fermee = organisations::store::lire(conn, trois).await.unwrap().unwrap();
        assert_eq!(fermee.desactivee_le.unwrap().to_string(), "2023-05-06");
        assert_eq!(fermee.demarches.cles().len(), 10, "an empty perimeter is the whole one");

        let aidant = async |n| AidantId(cible(&t, Etape::Aidants, n).await.unwrap());
        assert_eq!(aidant(1).await, aidant(3).await, "one record an address");
        let alice = aidants::store::lire(conn, aidant(1).await).await.unwrap().unwrap();
        assert_eq!((alice.etat, alice.compte), (EtatAidant::Certifie, None), "no account is opened by an import");
        assert_eq!(aidants::store::appartenances(conn, alice.id).await.unwrap().len(), 2);
        let bob = aidants::store::appartenances(conn, aidant(2).await).await.unwrap();
        assert_eq!((bob.len(), bob[0].fonction), (1, Fonction::Referent));
        let chloe = aidants::store::lire(conn, aidant(4).await).await.unwrap().unwrap();
        assert_eq!((chloe.etat, chloe.conseiller_numerique), (EtatAidant::Dormant, true));
        // Gilles acted for the first organisation, and left it: a membership of that day, closed.
        let gilles = aidants::store::appartenances(conn, aidant(7).await).await.unwrap();
        assert!(gilles.iter().any(|a| a.structure == un && a.fin.is_some()));

        let usager = async |n| {
            let id = UsagerId(cible(&t, Etape::Usagers, n).await.unwrap());
            personnes::store::lire(conn, id).await.unwrap().unwrap()
        };
        let aissatou = usager(2).await;
        assert_eq!(aissatou.identite.naissance.completee.to_string(), "1962-01-01");
        assert!(aissatou.contact.courriel.is_none() && aissatou.contact.telephone.is_some());
        assert_eq!(aissatou.identite.nom_usage.as_deref(), Some("MARTIN"));
        assert_eq!(usager(3).await.identite.commune, None);
        // Whoever comes back is known under both salts; somebody else is somebody else.
        assert_eq!(sub(&m, "fc-aissatou").await.unwrap(), aissatou.sub);
        assert_eq!(sub(&m, "fc-inconnue").await.unwrap(), personnes::empreinte(&t.site, "fc-inconnue"));
        let notes = "SELECT COUNT(*) FROM reprise_ligne WHERE origine = 'usager' AND note IS NOT NULL";
        assert_eq!(kit::count(conn, notes, []).await.unwrap(), 0, "the old sub is forgotten");
    }

    async fn mandats_are_kept_and_say_that_they_were_not_signed_here(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Maison déjà connue", 12_345).await;
        lancer(&m, &parametres()).await;
        let conn = t.site.db.read();
        let now = t.site.clock.now();
        let verdict = async |n| mandat(&t, n).await.unwrap().1.verdict;
        assert_eq!(verdict(1).await, Verdict::Verifie);
        assert_eq!(verdict(2).await, Verdict::Different);
        assert_eq!(verdict(5).await, Verdict::Inverifiable(Raison::ModeleAbsent));
        assert_eq!(verdict(6).await, Verdict::Verifie);
        assert_eq!(verdict(7).await, Verdict::Inverifiable(Raison::SansJournal));
        assert_eq!(verdict(9).await, Verdict::Inverifiable(Raison::SansEmpreinte));
        assert_eq!(verdict(10).await, Verdict::Verifie, "the text is found again among the files");

        let (un, repris) = mandat(&t, 1).await.unwrap();
        assert!(un.signature.is_none() && un.repris_le.is_some() && un.appartenance.is_some());
        assert_eq!(un.duree().map(u16::from), Some(365));
        assert!(repris.modele.unwrap().ends_with("20200511_mandat.html"));
        assert!(!repris.texte.unwrap().contains("Camille"), "the words of the journal are sealed");
        let (dix, _) = mandat(&t, 10).await.unwrap();
        assert_eq!((dix.duree, dix.a_distance), (100, true));

        let etats = async |n| -> Vec<(String, EtatAutorisation)> {
            let (m, _) = mandat(&t, n).await.unwrap();
            let toutes = ici::du_mandat(conn, m.id).await.unwrap();
            toutes.iter().map(|a| (a.demarche.clone(), a.etat(now))).collect()
        };
        let de = |d: &str, e| (d.to_owned(), e);
        // « papiers » was allowed three times: the last is open.
        assert_eq!(etats(9).await, [de("papiers", EtatAutorisation::Active)]);
        assert_eq!(etats(1).await, [de("argent", EtatAutorisation::Active), de("papiers", EtatAutorisation::Remplacee)]);
        assert_eq!(etats(2).await, [de("papiers", EtatAutorisation::Expiree)]);
        assert_eq!(etats(5).await, [de("argent", EtatAutorisation::Revoquee), de("social", EtatAutorisation::Remplacee)]);
        assert_eq!(etats(6).await, [de("social", EtatAutorisation::Expiree)]);
        let (cinq, _) = mandat(&t, 5).await.unwrap();
        let (six, _) = mandat(&t, 6).await.unwrap();
        assert_eq!(six.renouvelle, Some(cinq.id));
        let alice = AidantId(cible(&t, Etape::Aidants, 1).await.unwrap());
        let finies = ici::du_mandat(conn, cinq.id).await.unwrap();
        assert!(matches!(finies[0].fin, Some(Fin::Revoquee { par: Auteur::Aidant(a), .. }) if a == alice));
        assert!(matches!(finies[1].fin, Some(Fin::Remplacee { par, .. }) if par == six.id));
        assert_eq!(compte(&t, "mandat_personne").await, 4, "two people in one organisation, one in both");
        assert_eq!(compte(&t, "mandat_usage").await, 2);
        let usages = crate::fournisseur::usages_de(conn, un.usager, 10).await.unwrap();
        assert_eq!(usages[0].quand.to_rfc3339(), "2026-06-02T10:00:00+00:00");

        // The public page, with the old hash; and with another.
        let mut browser = t.browser(crate::routes(&m));
        let page = browser.get(&format!("/verifier/{}?e={}", un.numero, repris.empreinte.unwrap())).await.expect(200);
        assert!(page.body.contains("repris d’Aidants Connect, non signé ici"));
        assert!(!page.body.contains("authentique</h2>") && !page.body.contains("FICTIVE"));
        browser.get(&format!("/verifier/{}?e={}", un.numero, "0".repeat(64))).await.expect(404);
    }

    async fn a_second_run_changes_nothing_and_verdicts_come_with_the_salt(t: TestSite) {
        let m = essai::mandats(&t).await;
        essai::organisation(&t, "Maison déjà connue", 12_345).await;
        let avant = comptes(&t).await;
        let essai = lancer(&m, &Parametres { essai: true, ..parametres() }).await;
        assert_eq!(comptes(&t).await, avant, "a rehearsal keeps nothing");
        let sans = lancer(&m, &Parametres::default()).await;
        assert_eq!(totaux(&essai, "mandats"), totaux(&sans, "mandats"));
        assert!(sans.avertissements.iter().any(|a| a.contains("--sel-usagers")));
        assert_eq!(mandat(&t, 1).await.unwrap().1.verdict, Verdict::Inverifiable(Raison::SelAbsent));
        let apres = comptes(&t).await;
        let encore = lancer(&m, &parametres()).await;
        assert_eq!(comptes(&t).await, apres);
        assert_eq!(totaux(&encore, "mandats"), [10, 0, 7, 0, 3]);
        assert_eq!(totaux(&encore, "journal"), [16, 0, 14, 0, 2]);
        assert_eq!(mandat(&t, 1).await.unwrap().1.verdict, Verdict::Verifie);
        assert_eq!(encore.verdicts, essai.verdicts);
    }
}
