use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use kernel::ids::CompteId;
use kernel::{Perimetre, Role};
use platform::db::kit;
use platform::web::Viewer;
use testkit::{Browser, TestSite};
use uuid::Uuid;

use super::fixtures::{fiche, inscrit, jour};
use crate::Conseillers;
use crate::candidats::cv::pdf::{RefusPdf, examine};
use crate::candidats::model::Candidat;
use crate::candidats::{retention, store};

/// A PDF of so many pages, its objects in clear, with these bytes as the content of a page.
pub(super) fn pdf(pages: usize, extra: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n".to_vec();
    out.extend(format!("2 0 obj\n<< /Type /Pages /Count {pages} >>\nendobj\n").bytes());
    for n in 0..pages {
        out.extend(format!("{} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n", n + 3).bytes());
    }
    out.extend(extra);
    let table = out.len();
    out.extend(format!("xref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    out
}

fn flux(dictionnaire: &str, clair: &[u8]) -> Vec<u8> {
    let mut zip = ZlibEncoder::new(Vec::new(), Compression::best());
    zip.write_all(clair).unwrap();
    let mut out = format!("90 0 obj\n<< {dictionnaire} /Filter /FlateDecode >>\nstream\n").into_bytes();
    out.extend(zip.finish().unwrap());
    out.extend(b"\nendstream\nendobj\n");
    out
}

#[test]
fn a_cv_is_told_from_its_bytes() {
    let bombe = flux("/Length 1", &vec![0; 200 << 20]);
    assert!(bombe.len() < 1 << 20);
    let compresse =
        flux("/Type /ObjStm /N 2", b"<< /Type /Catalog >> << /Type /Page >> << /Type/Page /X 1 >>");
    let mut moderne = b"%PDF-1.5\n".to_vec();
    moderne.extend(&compresse);
    let table = moderne.len();
    moderne.extend(
        format!("8 0 obj\n<< /Type /XRef /Root 1 0 R >>\nstream\nxx\nendstream\nstartxref\n{table}\n%%EOF")
            .bytes(),
    );
    let mut decale = b"bruit du courriel\n".to_vec();
    decale.extend(pdf(1, b""));
    let cases: Vec<(&str, Vec<u8>, Result<u64, RefusPdf>)> = vec![
        ("one page", pdf(1, b""), Ok(1)),
        ("two pages", pdf(2, b""), Ok(2)),
        ("objects in a compressed stream", moderne, Ok(2)),
        ("an image", pdf(1, &flux("/Subtype /Image", &vec![7; 1 << 20])), Ok(1)),
        ("bytes before the mark", decale, Ok(1)),
        ("nothing", Vec::new(), Err(RefusPdf::PasUnPdf)),
        ("a zip named .pdf", b"PK\x03\x04 %PDF-".to_vec(), Err(RefusPdf::PasUnPdf)),
        ("a page of the web", b"<html>CV</html>".to_vec(), Err(RefusPdf::PasUnPdf)),
        ("the mark only", b"%PDF-1.7\n".to_vec(), Err(RefusPdf::Abime)),
        ("cut in the middle", pdf(2, b"")[..80].to_vec(), Err(RefusPdf::Abime)),
        ("no page", pdf(0, b""), Err(RefusPdf::Abime)),
        ("too many pages", pdf(11, b""), Err(RefusPdf::TropDePages)),
        ("a password", pdf(1, b"4 0 obj << /Encrypt 5 0 R >> endobj "), Err(RefusPdf::Protege)),
        ("a program", pdf(1, b"4 0 obj << /S /JavaScript /JS (x) >> endobj "), Err(RefusPdf::Actif)),
        ("a hidden program", pdf(1, b"4 0 obj << /S /J#61vaScript >> endobj "), Err(RefusPdf::Actif)),
        ("a bomb", pdf(1, &bombe), Err(RefusPdf::Demesure)),
        (
            "a bomb in a bomb",
            pdf(1, b"4 0 obj << /Filter [/FlateDecode /FlateDecode] >>\nstream\nx\nendstream\n"),
            Err(RefusPdf::Demesure),
        ),
    ];
    for (quoi, octets, attendu) in cases {
        assert_eq!(examine(&octets, 10), attendu, "{quoi}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_stop_the_reader(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..400), coupe in 0_usize..300, place in 0_usize..300) {
        let _ = examine(&octets, 10);
        let mut abime = pdf(2, b"");
        abime.truncate(abime.len().saturating_sub(coupe));
        let place = place.min(abime.len());
        abime.splice(place..place, octets);
        let _ = examine(&abime, 10);
    }
}

fn moi(n: u128) -> Viewer {
    let mut v = testkit::viewer(Role::Candidat, Perimetre::Soi);
    v.actor.compte = CompteId(Uuid::from_u128(n));
    v
}

/// Two people with a file each, and their browsers; the account of the first is 1.
async fn deux(t: &TestSite) -> (Conseillers, Browser, Browser, Candidat, Candidat) {
    let conseillers = Conseillers::new(&annuaire::Annuaire::load(&t.site).await.unwrap());
    let browser = t.browser(crate::routes(&conseillers));
    let mut un = inscrit(t, fiche("un@exemple.fr")).await;
    let mut deux = inscrit(t, fiche("deux@exemple.fr")).await;
    for (c, n) in [(&mut un, 1), (&mut deux, 2)] {
        c.compte = Some(CompteId(Uuid::from_u128(n)));
        let ecrit: Candidat = c.clone();
        t.site.db.write(async |tx| store::update(tx, &ecrit).await).await.unwrap();
        c.version += 1;
    }
    (conseillers, browser.signed_in(moi(1)), browser.signed_in(moi(2)), un, deux)
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_cv_and_an_availability_sent_at_once_both_pass(t: TestSite) {
        let (c, b, _, un, _) = deux(&t).await;
        let cv = pdf(1, b"");
        let envois = async |mut b: Browser| {
            for _ in 0..8 {
                b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", &cv)).await.expect(303);
            }
        };
        let choix = async |mut b: Browser| {
            for n in 0..8 {
                b.post("/mon-espace/disponibilite", &[("disponible", if n % 2 == 0 { "non" } else { "oui" })]).await.expect(303);
            }
        };
        tokio::join!(envois(b.signed_in(moi(1))), choix(b.signed_in(moi(1))), envois(b.signed_in(moi(1))));
        let index = c.candidats.index(&t.site).await.unwrap();
        let derniere = kit::count(t.site.db.read(), "SELECT revision FROM candidat WHERE numero = 1", []).await.unwrap();
        let compteur = kit::count(t.site.db.read(), "SELECT derniere FROM candidat_revision", []).await.unwrap();
        assert_eq!(derniere, compteur, "the last change bears the last number");
        assert_eq!(index.len(), 2, "both are there, {}", un.numero);
    }

    async fn a_file_is_read_and_changed_by_its_owner(t: TestSite) {
        let (c, mut b, mut autre, un, deux) = deux(&t).await;
        let page = b.get("/mon-espace").await.expect(200).says("CA-1").body;
        assert!(!page.contains("CA-2") && !page.contains("deux@exemple.fr"));
        b.get("/mon-espace/modifier").await.expect(200).says("value=\"Martin\"");
        let version = un.version.to_string();
        let change = |nom: &'static str, version: String| {
            vec![
                ("version", version), ("prenom", "Camille".to_owned()), ("nom", nom.to_owned()),
                ("courriel", "deux@exemple.fr".to_owned()), ("telephone", String::new()),
                ("code_postal", "97400".to_owned()), ("commune", "Saint-Denis".to_owned()), ("code_commune", "97411".to_owned()),
                ("rayon", "100".to_owned()), ("disponible_le", "2026-04-01".to_owned()),
                ("situations", "en_emploi".to_owned()), ("motivation", "Autre chose".to_owned()),
            ]
        };
        let post = |v: Vec<(&'static str, String)>| v;
        let form = post(change("Durand", version.clone()));
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        b.post("/mon-espace/modifier", &form).await.expect(303);
        // The version that was read is gone.
        b.post("/mon-espace/modifier", &form).await.expect(409);
        let lu = store::get(t.site.db.read(), un.id).await.unwrap().unwrap();
        assert_eq!((lu.fiche.nom.as_str(), lu.fiche.courriel.as_str()), ("Durand", "un@exemple.fr"), "the address is that of the account");
        assert_eq!(lu.fiche.lieu.commune.code.as_str(), "97411");
        b.post("/mon-espace/modifier", &[("nom", "")]).await.expect(422).says("Écrivez votre nom.");
        assert_eq!(store::get(t.site.db.read(), deux.id).await.unwrap().unwrap(), deux);
        autre.get("/mon-espace").await.expect(200).says("CA-2");
        // Paused, then back: at once.
        for (oui, reste) in [("non", 1), ("oui", 2)] {
            b.post("/mon-espace/disponibilite", &[("disponible", oui)]).await.expect(303);
            assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), reste);
        }
        b.post("/mon-espace/disponibilite", &[]).await.expect(400);
        b.post("/mon-espace/pix", &[("palier", "2"), ("themes", "0"), ("themes", "2")]).await.expect(303);
        b.post("/mon-espace/pix", &[("palier", "4")]).await.expect(422);
        b.get("/mon-espace").await.expect(200).says("Palier 2 sur 3, 2 thèmes sur 3");
    }

    async fn who_has_no_file_has_no_space(t: TestSite) {
        let (_, b, _, _, _) = deux(&t).await;
        for (qui, status) in [
            (moi(3), 404),
            (testkit::viewer(Role::GestionnaireStructure, Perimetre::Structures(Vec::new())), 403),
            (testkit::viewer(Role::AdministrateurNational, Perimetre::National), 403),
        ] {
            let mut b = b.signed_in(qui);
            for path in ["/mon-espace", "/mon-espace/modifier", "/mon-espace/cv", "/mon-espace/cv/fichier", "/mon-espace/acces", "/mon-espace/mes-donnees.json", "/mon-espace/retirer"] {
                b.get(path).await.expect(status);
            }
        }
    }

    async fn a_cv_is_sealed_journalled_and_expires(t: TestSite) {
        let (c, mut b, mut autre, un, _) = deux(&t).await;
        let cv = pdf(2, b"% nom du candidat");
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", b"PK\x03\x04")).await.expect(422).says("pas un PDF");
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", b"")).await.expect(422).says("Choisissez le fichier");
        let lourd = vec![b'a'; (5 << 20) + 1000];
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", &lourd)).await.expect(422).says("dépasse 5 Mio");
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", &cv)).await.expect(303);
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", &cv)).await.expect(303);
        assert_eq!(kit::count(t.site.db.read(), "SELECT COUNT(*) FROM candidat_cv", []).await.unwrap(), 1);
        let scelle = kit::query(t.site.db.read(), "SELECT scelle FROM candidat_cv", []).await.unwrap();
        assert!(!scelle[0].try_get_by_index::<String>(0).unwrap().contains("JVBER"), "sealed, not only written in base 64");
        let lu = b.get("/mon-espace/cv/fichier").await.expect(200);
        assert_eq!(lu.body.as_bytes(), cv);
        assert!(lu.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert!(c.candidats.index(&t.site).await.unwrap().get(un.id).unwrap().cv);
        autre.get("/mon-espace/cv/fichier").await.expect(404);
        b.get("/mon-espace/acces").await.expect(200).says("Lecture du CV").says("Vous");
        t.site.clock.advance(chrono::TimeDelta::days(185));
        b.get("/mon-espace/cv/fichier").await.expect(404);
        assert!(retention::CV.limite(t.site.clock.now()) > un.depose_le);
    }

    async fn everything_is_taken_away_then_erased(t: TestSite) {
        let (c, mut b, _, un, _) = deux(&t).await;
        b.post_file("/mon-espace/cv", &[], ("cv", "cv.pdf", &pdf(1, b""))).await.expect(303);
        b.post("/mon-espace/disponibilite", &[("disponible", "non")]).await.expect(303);
        let json = b.get("/mon-espace/mes-donnees.json").await.expect(200).json();
        assert_eq!(json["reference"], "CA-1");
        assert_eq!(json["fiche"]["Nom"], "Martin");
        assert!(json["cv"].as_str().unwrap().contains("1 page"));
        b.get("/mon-espace/mes-donnees.html").await.expect(200).says("Camille").says("Candidature mise en pause");
        b.post("/mon-espace/retirer", &[("motif", "trouve_emploi")]).await.expect(422);
        b.post("/mon-espace/retirer", &[("motif", "inactivite"), ("certain", "oui")]).await.expect(422);
        b.post("/mon-espace/retirer", &[("motif", "trouve_emploi"), ("certain", "oui")]).await.expect(200).says("CA-1").says("effacée");
        b.get("/mon-espace").await.expect(404);
        for table in ["candidat_cv", "candidat_lien", "conseillers_historique"] {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            assert_eq!(kit::count(t.site.db.read(), &sql, []).await.unwrap(), 0, "{table}");
        }
        assert_eq!(c.candidats.index(&t.site).await.unwrap().len(), 1);
        assert!(store::get(t.site.db.read(), un.id).await.unwrap().is_none());
        let preuve = "SELECT COUNT(*) FROM journal WHERE action = 'candidat.effacer'";
        assert_eq!(kit::count(t.site.db.read(), preuve, []).await.unwrap(), 1);
    }

    async fn who_holds_a_post_is_not_erased(t: TestSite) {
        let (_, mut b, _, un, _) = deux(&t).await;
        let sql = "INSERT INTO poste (id, numero, typologie, attribue_le, version) VALUES ($1, 1, 'conseiller', $2, 0)";
        let id = Uuid::from_u128(9);
        let jour = jour("2026-01-01");
        kit::execute(t.site.db.read(), sql, [id.into(), jour.into()]).await.unwrap();
        let sql = "INSERT INTO poste_affectation (id, poste_id, candidat_id, contrat_id, debut) VALUES ($1, $1, $2, $1, $3)";
        kit::execute(t.site.db.read(), sql, [id.into(), un.id.0.into(), jour.into()]).await.unwrap();
        b.post("/mon-espace/retirer", &[("motif", "autre"), ("certain", "oui")]).await.expect(409);
        b.get("/mon-espace").await.expect(200);
    }
}
