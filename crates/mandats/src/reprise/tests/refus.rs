//! Files that are not read, and why; a large one.

use std::io::Write;
use std::path::PathBuf;

use platform::db::kit;
use testkit::TestSite;

use super::super::dump::Dump;
use super::*;

fn fichier(nom: &str, octets: &[u8]) -> PathBuf {
    let dossier = std::env::temp_dir().join(format!(
        "reprise-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    std::fs::create_dir_all(&dossier).unwrap();
    let chemin = dossier.join(nom);
    std::fs::write(&chemin, octets).unwrap();
    chemin
}

#[test]
fn what_is_awaited_is_said() {
    for (nom, octets, phrase) in [
        ("custom", b"PGDMP\x01\x0e".as_slice(), "pg_restore"),
        ("tar", b"toc.dat\0\0\0", "pg_restore"),
        ("inserts", b"INSERT INTO public.x VALUES (1);\n", "--inserts"),
        ("vide", b"", "COPY"),
        ("latin", b"SET client_encoding = 'LATIN1';\n", "UTF8"),
        ("coupe", b"COPY public.x (id) FROM stdin;\n1\n", "coupé"),
    ] {
        let e = Dump::ouvrir(&fichier(nom, octets)).unwrap_err().to_string();
        assert!(e.contains(phrase), "{nom}: {e}");
    }
    assert!(Dump::ouvrir(&std::env::temp_dir()).unwrap_err().to_string().contains("pg_restore"));
    assert!(Dump::ouvrir(&std::env::temp_dir().join("absent.sql")).is_err());
}

#[test]
fn a_compressed_file_gives_the_same_rows() {
    let clair = std::fs::read(fixture("aidants-connect.sql")).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&clair).unwrap();
    let gz = Dump::ouvrir(&fichier("dump.sql.gz", &gz.finish().unwrap())).unwrap();
    let nu = Dump::ouvrir(&fixture("aidants-connect.sql")).unwrap();
    for (a, b) in nu.blocs.iter().zip(&gz.blocs) {
        let (mut x, mut y) = (nu.lire(a).unwrap(), gz.lire(b).unwrap());
        let (x, y) = (x.lot(1_000).unwrap(), y.lot(1_000).unwrap());
        assert_eq!(x.len() as u64, a.lignes);
        for (x, y) in x.iter().zip(&y) {
            let colonnes = ["id", "name", "sub", "action", "organisation_id"];
            assert_eq!(colonnes.map(|c| x.texte(c)), colonnes.map(|c| y.texte(c)));
        }
    }
}

testkit::on_both_engines! {
    migrations: crate::tests_migrations();

    async fn a_killed_run_goes_on_where_it_stopped(t: TestSite) {
        let m = essai::mandats(&t).await;
        // 1 200 people of one organisation, each with a mandat of two démarches: several batches of each table.
        let mut sql = String::from("COPY public.aidants_connect_web_organisation (id, name, zipcode, city_insee_code) FROM stdin;\n");
        sql.push_str("1\tMaison\t23000\t23096\n\\.\n");
        let n = 1_200;
        let bloc = |sql: &mut String, entete: &str, ligne: &dyn Fn(usize) -> String| {
            sql.push_str(&format!("COPY public.aidants_connect_web_{entete} FROM stdin;\n"));
            for i in 1..=n {
                sql.push_str(&ligne(i));
            }
            sql.push_str("\\.\n");
        };
        bloc(&mut sql, "usager (id, sub, given_name, family_name, birthdate, birthplace)", &|i| {
            format!("{i}\tsub-{i}\tCamille\tFICTIF-{i}\t1980-01-02\t23096\n")
        });
        bloc(&mut sql, "mandat (id, organisation_id, usager_id, creation_date, expiration_date)", &|i| {
            format!("{i}\t1\t{i}\t2026-06-01 10:00:00+00\t2027-06-01 10:00:00+00\n")
        });
        bloc(&mut sql, "autorisation (id, mandat_id, demarche, revocation_date)", &|i| {
            format!("{i}\t{i}\tpapiers\t\\N\n")
        });
        let chemin = fichier("grand.sql", sql.as_bytes());
        // Killed in the middle of mandats: the future is dropped between two batches.
        let p = Parametres::default();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let coupe = tokio::select! {
            fini = reprendre(&m, &chemin, &p, |ou| {
                if ou.starts_with("usagers") { stop.store(true, std::sync::atomic::Ordering::Relaxed); }
            }) => Some(fini.is_ok()),
            () = async {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) { tokio::task::yield_now().await; }
            } => None,
        };
        assert_ne!(coupe, Some(false));
        let avant = compte(&t, "mandat").await;
        let fini = reprendre(&m, &chemin, &p, |_| {}).await.unwrap();
        let [lues, prises, deja, rattachees, refusees] = totaux(&fini, "mandats");
        assert_eq!((lues, prises + deja, rattachees + refusees), (1_200, 1_200, 0));
        assert_eq!(deja.cast_signed(), avant);
        for table in ["usager", "mandat", "mandat_repris", "mandat_autorisation", "mandat_personne"] {
            assert_eq!(compte(&t, table).await, 1_200, "{table}");
        }
        let sans = "SELECT COUNT(*) FROM mandat m WHERE NOT EXISTS (SELECT 1 FROM reprise_ligne r WHERE r.cible = m.id)";
        assert_eq!(kit::count(t.site.db.read(), sans, []).await.unwrap(), 0);
        assert_eq!(table(&fini, "organisations").absentes.len(), 10, "missing columns are said");
    }
}
