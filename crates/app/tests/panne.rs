//! A database that goes away, under load: 503 with a plain page while it is gone, recovery by
//! itself when it is back. The real program, on a PostgreSQL of its own.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::BTreeMap;
use std::net::TcpListener as Port;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A cluster that the test starts and stops as it likes.
struct Cluster {
    bin: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Cluster {
    /// Made, not started; `None`, said on the error output, without PostgreSQL.
    fn new() -> Option<Self> {
        let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .map(|e| e.unwrap().path().join("bin"))
            .filter(|p| p.join("initdb").exists())
            .collect();
        found.sort();
        let Some(bin) = found.pop() else {
            testkit::without_postgres();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let cluster = Self { bin, folder, port: free_port() };
        std::fs::set_permissions(cluster.folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        cluster
            .run("initdb", &["-U", "maillage", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        Some(cluster)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// PostgreSQL refuses to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.bin.join(program);
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = Command::new(if root { "runuser".as_ref() } else { program.as_os_str() });
        if root {
            command.args(["-u", "nobody", "--"]).arg(&program);
        }
        let status = command
            .args(["-D", &self.data()])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{} {arguments:?}", program.display());
    }

    fn start(&self) {
        let log = self.folder.path().join("log").display().to_string();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
            self.port
        );
        self.run("pg_ctl", &["-w", "-l", &log, "-o", &options, "start"]);
    }

    fn stop(&self, how: &str) {
        self.run("pg_ctl", &["-w", "-m", how, "stop"]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if PathBuf::from(self.data()).join("postmaster.pid").exists() {
            self.stop("immediate");
        }
        // Its files belong to another user.
        self.run_rm();
    }
}

impl Cluster {
    fn run_rm(&self) {
        let _ = Command::new("rm").args(["-rf", &self.data()]).status();
    }
}

fn free_port() -> u16 {
    Port::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program, ended with the test.
struct Program {
    child: Child,
    port: u16,
    private: u16,
}

impl Program {
    fn serve(cluster: &Cluster) -> Self {
        let (port, private) = (free_port(), free_port());
        let child = Command::new(env!("CARGO_BIN_EXE_maillage"))
            .arg("serve")
            .current_dir(cluster.folder.path())
            .env("MAILLAGE_DATABASE_URL", format!("postgres://maillage@127.0.0.1:{}/postgres", cluster.port))
            .env("MAILLAGE_SERVEUR_ADRESSE", format!("127.0.0.1:{port}"))
            .env("MAILLAGE_SERVEUR_ADRESSE_PRIVEE", format!("127.0.0.1:{private}"))
            .env("MAILLAGE_SERVEUR_ORIGINE", format!("http://localhost:{port}"))
            .env("MAILLAGE_LIMITES_REQUETES_PAR_SECONDE", "0")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, port, private }
    }

    /// Status and text of a page that asks the database: the cookie of a session must be looked up.
    async fn page(&self, path: &str) -> (u16, String) {
        get(self.port, path).await
    }

    async fn until(&self, port: u16, path: &str, status: u16, at_most: Duration) {
        let start = Instant::now();
        loop {
            let now = get(port, path).await.0;
            if now == status {
                return;
            }
            assert!(start.elapsed() < at_most, "{path}: still {now} after {at_most:?}, {status} was awaited");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request as a browser with a session makes it. Status 0: no whole answer in 10 s, the time
/// after which people give up.
async fn get(port: u16, path: &str) -> (u16, String) {
    let answer = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: maillage-session={}\r\nConnection: close\r\n\r\n",
            "a".repeat(64)
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = match tokio::time::timeout(Duration::from_secs(10), answer).await {
        Ok(Ok(text)) => text,
        _ => String::new(),
    };
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    (status, text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_and_comes_back() {
    let Some(cluster) = Cluster::new() else { return };
    let mut program = Program::serve(&cluster);

    // Started before its database: a plain page at once, the real one when the database has come.
    program.until(program.port, "/connexion", 503, Duration::from_secs(30)).await;
    let (_, text) = program.page("/lieux").await;
    let lower = text.to_lowercase();
    assert!(text.contains("<h1>Service momentanément indisponible</h1>"), "{text}");
    assert!(lower.contains("retry-after: 30") && lower.contains("content-type: text/html"), "{text}");
    assert_eq!(get(program.private, "/healthz").await.0, 200, "the process lives");
    assert_eq!(get(program.private, "/readyz").await.0, 503, "and cannot serve");
    cluster.start();
    program.until(program.port, "/connexion", 200, Duration::from_secs(60)).await;

    // Under load, a polite stop, then a crash.
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(Mutex::new(BTreeMap::<u16, u32>::new()));
    let load: Vec<_> = (0..4)
        .map(|_| {
            let (stop, seen, port) = (stop.clone(), seen.clone(), program.port);
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for path in ["/connexion", "/couverture", "/", "/gestion/journal"] {
                        let status = get(port, path).await.0;
                        *seen.lock().unwrap().entry(status).or_default() += 1;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    for how in ["fast", "immediate"] {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cluster.stop(how);
        program.until(program.port, "/connexion", 503, Duration::from_secs(20)).await;
        program.until(program.private, "/readyz", 503, Duration::from_secs(20)).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(program.lives(), "the program ended with its database");
        assert_eq!(get(program.private, "/healthz").await.0, 200);
        cluster.start();
        program.until(program.port, "/connexion", 200, Duration::from_secs(30)).await;
        program.until(program.private, "/readyz", 200, Duration::from_secs(30)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    let seen = seen.lock().unwrap().clone();
    let strange: Vec<_> = seen.keys().filter(|s| ![200, 303, 503].contains(*s)).collect();
    assert!(strange.is_empty(), "only pages, redirections and 503 were awaited: {seen:?}");
    assert!(seen.contains_key(&503) && seen.contains_key(&200), "{seen:?}");
}
