//! Mail: to a folder, and to a real SMTP server (aiosmtpd, when `make test` has installed it).

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kernel::Email;
use platform::config::Transport;
use platform::jobs::{Registry, Worker};
use platform::mail::{self, Genre, Message, Portee, SendMail};
use platform::{Site, Tx};
use testkit::TestSite;

static LIEN: Genre = genre("essai.lien", Portee::Necessaire);
static NOUVELLE: Genre = genre("essai.nouvelle", Portee::Informe);

const fn genre(cle: &'static str, portee: Portee) -> Genre {
    let (nom, occasion, lecteur) = ("Un essai", "Pendant un essai", "Personne");
    Genre { cle, nom, occasion, lecteur, portee, arret: None, apercu: |_, _| None }
}

fn message() -> Message {
    Message {
        genre: &LIEN,
        to: Email::parse("personne@exemple.fr").unwrap(),
        subject: "Votre invitation à Maillage".to_owned(),
        text: "Bonjour,\n\nhttps://exemple.fr/invitation/abc\n\nÀ bientôt".to_owned(),
    }
}

async fn deliver(site: &Site) -> usize {
    site.db.write(async |tx: &Tx| mail::enqueue(site, tx, &message()).await).await.unwrap();
    send(site).await
}

async fn send(site: &Site) -> usize {
    let mut registry = Registry::default();
    let s = site.clone();
    registry.on(move |_, job: SendMail| {
        let site = s.clone();
        async move { mail::handler(&site, job).await }
    });
    Worker::new(site.clone(), registry).drain().await.unwrap()
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    async fn leaves_once_to_a_folder_and_forgets_its_text(t: TestSite) {
        assert_eq!(deliver(&t.site).await, 1);
        let files: Vec<_> = std::fs::read_dir(&t.site.config.courriel.dossier).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(text.contains("To: personne@exemple.fr") && text.contains("multipart/alternative"), "{text}");
        use std::os::unix::fs::PermissionsExt;
        let mode = files[0].as_ref().unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it may hold a link that gives access");
        let row = &mail::list(t.site.db.read(), 10).await.unwrap()[0];
        assert_eq!((row.etat.as_str(), row.texte.as_str()), ("parti", ""), "a link that gives access is not kept");
    }

    async fn one_that_may_be_refused_says_where_in_its_text_and_its_headers(t: TestSite) {
        let secret = "0123456789abcdef".repeat(4);
        for (origine, un_appui) in [("https://maillage.exemple.fr", true), ("http://localhost:8080", false)] {
            let arret = format!("{origine}/ne-plus-recevoir/{secret}");
            let site = &t.site;
            site.db.write(async |tx: &Tx| mail::enqueue_avec_arret(site, tx, &message(), &arret).await).await.unwrap();
            assert!(mail::list(site.db.read(), 1).await.unwrap()[0].texte.ends_with(&arret), "for who reads no header");
            send(site).await;
            let row = mail::list(site.db.read(), 1).await.unwrap().remove(0);
            assert_eq!((row.texte.as_str(), row.arret), ("", None), "a link that acts is not kept");
            let fichier = format!("{}/{}.eml", site.config.courriel.dossier, row.id);
            let text = std::fs::read_to_string(fichier).unwrap().replace("\r\n ", " ");
            let entete = |nom: &str| text.lines().find_map(|l| l.strip_prefix(nom)).map(|l| l.trim().to_owned());
            assert_eq!(entete("List-Unsubscribe:"), Some(format!("<{arret}>")));
            // RFC 8058: the one button is for addresses over TLS.
            let attendu = un_appui.then(|| "List-Unsubscribe=One-Click".to_owned());
            assert_eq!(entete("List-Unsubscribe-Post:"), attendu);
            t.site.clock.advance(chrono::TimeDelta::seconds(1));
        }
        deliver(&t.site).await;
        let row = mail::list(t.site.db.read(), 1).await.unwrap().remove(0);
        let text = std::fs::read_to_string(format!("{}/{}.eml", t.site.config.courriel.dossier, row.id)).unwrap();
        assert!(!text.contains("List-Unsubscribe"), "others have no such header");
    }

    async fn what_never_left_is_not_kept_for_ever(t: TestSite) {
        let site = &t.site;
        site.db.write(async |tx: &Tx| mail::enqueue(site, tx, &message()).await).await.unwrap();
        site.clock.advance(chrono::TimeDelta::days(29));
        assert_eq!(mail::clean_up(site).await.unwrap(), 0, "its link may still live");
        site.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(mail::clean_up(site).await.unwrap(), 1);
        assert!(mail::list(site.db.read(), 10).await.unwrap().is_empty());
        // Its job, started again by somebody, finds nothing to send and ends.
        deliver(site).await;
        assert!(platform::jobs::list(site.db.read(), "stuck", 10).await.unwrap().is_empty());
    }

    async fn news_come_as_their_reader_chose(t: TestSite) {
        use mail::Rythme::{Aussitot, Jamais, Quotidien};
        let site = &t.site;
        let dit = async |sujet: &str| {
            let m = Message { genre: &NOUVELLE, subject: sujet.to_owned(), text: format!("Bonjour,\n\nDit : {sujet}."), ..message() };
            site.db.write(async |tx: &Tx| mail::enqueue(site, tx, &m).await).await.unwrap();
        };
        let choisit = async |a: &str, rythme| {
            let a = Email::parse(a).unwrap();
            site.db.write(async |tx: &Tx| mail::choisir(site, tx, &a, rythme).await).await.unwrap();
        };
        let ecrits = async || mail::list(site.db.read(), 100).await.unwrap();
        dit("un").await;
        assert!(ecrits().await[0].texte.contains("/compte/courriels"));
        // Together, whatever the case of the address; what is needed in order to act does not wait.
        choisit("Personne@exemple.fr", Quotidien).await;
        for i in 0..60 {
            t.site.clock.advance(chrono::TimeDelta::seconds(1));
            dit(&format!("nouvelle {i}")).await;
        }
        assert_eq!(ecrits().await.len(), 1);
        site.db.write(async |tx: &Tx| mail::enqueue(site, tx, &message()).await).await.unwrap();
        assert_eq!(ecrits().await.len(), 2);
        t.site.clock.advance(chrono::TimeDelta::hours(1));
        let comptes = mail::comptes(site.db.read()).await.unwrap();
        let comptes: Vec<_> = comptes.iter().map(|c| (c.genre.as_str(), c.partis, c.en_attente)).collect();
        assert_eq!(comptes, [("essai.lien", 0, 1), ("essai.nouvelle", 0, 1)]);
        mail::grouper(site).await.unwrap();
        let reuni = ecrits().await.remove(0);
        assert!(reuni.sujet.ends_with("50 nouvelles"), "{}", reuni.sujet);
        assert!(reuni.texte.contains("— nouvelle 0 —\n\nDit : nouvelle 0.") && !reuni.texte.contains("nouvelle 50"));
        // The rest comes the next day; then nothing more.
        for _ in 0..2 {
            mail::grouper(site).await.unwrap();
            assert_eq!(ecrits().await.len(), 4);
        }
        dit("perdue").await;
        choisit("personne@exemple.fr", Jamais).await;
        dit("rien").await;
        mail::grouper(site).await.unwrap();
        assert_eq!(ecrits().await.len(), 4);
        choisit("personne@exemple.fr", Aussitot).await;
        dit("deux").await;
        assert_eq!(ecrits().await.len(), 5);
        let a = Email::parse("personne@exemple.fr").unwrap();
        choisit("personne@exemple.fr", Jamais).await;
        site.db.write(async |tx: &Tx| mail::oublier(tx, &a).await).await.unwrap();
        assert_eq!(mail::rythme(site.db.read(), &a).await.unwrap(), Aussitot);
    }

    async fn an_undone_change_sends_nothing(t: TestSite) {
        let site = &t.site;
        let undone: Result<(), sea_orm::DbErr> = site
            .db
            .write(async |tx| {
                mail::enqueue(site, tx, &message()).await?;
                Err(sea_orm::DbErr::Custom("non".to_owned()))
            })
            .await;
        assert!(undone.is_err());
        assert!(mail::list(site.db.read(), 10).await.unwrap().is_empty());
    }
}

struct Sink(Child);

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_by_smtp_and_waits_for_a_server_that_is_away() {
    let python = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv/bin/python");
    let present = Command::new(&python).args(["-c", "import aiosmtpd"]).status().is_ok_and(|s| s.success());
    if !present {
        eprintln!("aiosmtpd absent : test omis (make test l’installe).");
        return;
    }
    let mut t = TestSite::sqlite(platform::migrations()).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config = (*t.site.config).clone();
    config.courriel.transport = Transport::Smtp;
    config.courriel.chiffrement = "aucun".to_owned();
    config.courriel.port = port;
    t.site.config = std::sync::Arc::new(config);
    deliver(&t.site).await;
    assert_eq!(mail::list(t.site.db.read(), 10).await.unwrap()[0].etat, "en_attente");
    let folder = t.folder.path().join("recus");
    let _sink = Sink(
        Command::new(&python)
            .args([
                "-m",
                "aiosmtpd",
                "-n",
                "-l",
                &format!("127.0.0.1:{port}"),
                "-c",
                "aiosmtpd.handlers.Mailbox",
            ])
            .arg(&folder)
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    for _ in 0..100 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    t.site.clock.advance(chrono::TimeDelta::minutes(1));
    deliver(&t.site).await;
    let received: Vec<_> = std::fs::read_dir(folder.join("new")).unwrap().collect();
    assert_eq!(received.len(), 2, "the one that waited and the new one");
    assert!(mail::list(t.site.db.read(), 10).await.unwrap().iter().all(|m| m.etat == "parti"));
}
