//! A database of its own for each test.

use std::time::UNIX_EPOCH;

use platform::db::{Db, Migrations, Options, kit, migrate};
use tempfile::TempDir;

/// A migrated database that nobody else uses.
#[derive(Debug)]
pub struct Database {
    /// Its address, for tests that start the binary or a second client.
    pub url: String,
    /// Open.
    pub db: Db,
    _folder: Option<TempDir>,
}

impl Database {
    /// A file of SQLite in a folder that goes with the test.
    pub async fn sqlite(migrations: Migrations) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
        let db = Db::connect(&url, &Options::default()).await.expect("SQLite opens");
        migrate(&db, migrations, chrono::DateTime::UNIX_EPOCH).await.expect("migrations hold on SQLite");
        Self { url, db, _folder: Some(folder) }
    }

    /// A database of the private cluster, copied from one that was migrated once by this build of
    /// the test; `None`, said on the error output, without a cluster. With `MAILLAGE_POSTGRES_REQUIS=1`
    /// the test fails instead: a green run must not mean that half of it was left out.
    pub async fn postgres(migrations: Migrations) -> Option<Self> {
        let Ok(server) = std::env::var("MAILLAGE_TEST_POSTGRES") else {
            crate::without_postgres();
            return None;
        };
        let admin = Db::connect(&server, &Options { max_connections: 1, ..Options::default() })
            .await
            .expect("an address");
        let template = template_name(&migrations);
        let at = |name: &str| server.replace("/postgres", &format!("/{name}"));
        // One connection: the advisory lock is of the session, and other tests wait for it here.
        let conn = admin.read();
        kit::execute(conn, "SELECT pg_advisory_lock(42)", []).await.expect("the cluster answers");
        let known = kit::count(
            conn,
            "SELECT COUNT(*) FROM pg_database WHERE datname = $1",
            [template.clone().into()],
        )
        .await
        .expect("the cluster answers");
        if known == 0 {
            create(conn, &format!("CREATE DATABASE {template}_new")).await;
            let db =
                Db::connect(&at(&format!("{template}_new")), &Options::default()).await.expect("it opens");
            migrate(&db, migrations, chrono::DateTime::UNIX_EPOCH)
                .await
                .expect("migrations hold on PostgreSQL");
            db.close().await;
            create(conn, &format!("ALTER DATABASE {template}_new RENAME TO {template}")).await;
        }
        let name = format!("t{}", kernel::text::hex(&kernel::Chance::System.bytes::<8>()));
        create(conn, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")).await;
        kit::execute(conn, "SELECT pg_advisory_unlock(42)", []).await.expect("the cluster answers");
        admin.close().await;
        let url = at(&name);
        let db = Db::connect(&url, &Options::default()).await.expect("it opens");
        Some(Self { url, db, _folder: None })
    }
}

/// Says that PostgreSQL is absent and its test left out.
///
/// # Panics
/// When it must be there.
pub fn without_postgres() {
    let required = std::env::var("MAILLAGE_POSTGRES_REQUIS").is_ok_and(|v| v == "1");
    assert!(!required, "PostgreSQL est absent, et MAILLAGE_POSTGRES_REQUIS le demande.");
    eprintln!("PostgreSQL absent : test omis (MAILLAGE_TEST_POSTGRES).");
}

async fn create(conn: &impl sea_orm::ConnectionTrait, sql: &str) {
    conn.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// Names the template after this very build: a changed migration never meets an old schema.
fn template_name(migrations: &Migrations) -> String {
    let exe = std::env::current_exe().expect("a test binary");
    let built = exe
        .metadata()
        .and_then(|m| m.modified())
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_nanos());
    let names: Vec<&str> = migrations.iter().map(|m| m.name()).collect();
    let key = kernel::text::sha256_hex(&format!("{} {built} {}", exe.display(), names.join(" ")));
    format!("tpl_{}", &key[..16])
}
