//! The journal on both engines: it chains, it cannot be changed, a change behind its back is seen.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use platform::db::kit;
use platform::journal::{self, Entry, Verdict};
use sea_orm::ConnectionTrait;

async fn write_lines(t: &testkit::TestSite, n: usize) {
    for i in 0..n {
        t.site
            .db
            .write(async |tx| journal::write(&t.site, tx, Entry::system("essai.ecrire", "essai", i)).await)
            .await
            .unwrap();
    }
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    async fn chains_and_refuses_changes(t: testkit::TestSite) {
        let db = &t.site.db;
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Whole { lines: 0, .. }));
        write_lines(&t, 5).await;
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Whole { lines: 5, .. }));
        let columns = "seq, id, at, \"by\", seen_by, action, subject, subject_id, details, previous, hash";
        let again = format!("INSERT INTO journal ({columns}) SELECT {columns} FROM journal WHERE seq = 3");
        let mut attacks = vec![
            "UPDATE journal SET action = 'x'".to_owned(),
            "DELETE FROM journal".to_owned(),
            again.clone(),
            "UPDATE journal_head SET seq = 4".to_owned(),
            "UPDATE journal_head SET seq = 40".to_owned(),
            "UPDATE journal_head SET one = 2".to_owned(),
            "DELETE FROM journal_head".to_owned(),
        ];
        match db.engine() {
            platform::db::Engine::Sqlite => attacks.extend([
                again.replacen("INSERT", "INSERT OR REPLACE", 1),
                "REPLACE INTO journal_head (one, seq, hash) VALUES (1, 0, '')".to_owned(),
            ]),
            platform::db::Engine::Postgres => {
                attacks.extend(["TRUNCATE journal".to_owned(), "TRUNCATE journal_head".to_owned()]);
            }
        }
        for sql in &attacks {
            let refused = db.write(async |tx| tx.execute_unprepared(sql).await).await;
            assert!(refused.is_err(), "{sql}");
        }
        write_lines(&t, 1).await;
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Whole { lines: 6, .. }));
        let page = journal::page(db.read(), &journal::Query { limit: 2, ..Default::default() }).await.unwrap();
        assert_eq!(page.iter().map(|l| l.seq).collect::<Vec<_>>(), [6, 5]);
    }

    async fn sees_what_was_done_behind_its_back(t: testkit::TestSite) {
        let db = &t.site.db;
        write_lines(&t, 4).await;
        let off: &[&str] = match db.engine() {
            platform::db::Engine::Sqlite => &["DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete"],
            platform::db::Engine::Postgres => &["ALTER TABLE journal DISABLE TRIGGER ALL"],
        };
        for sql in off {
            db.write(async |tx| tx.execute_unprepared(sql).await).await.unwrap();
        }
        db.write(async |tx| kit::execute(tx, "UPDATE journal SET details = '1' WHERE seq = 2", []).await).await.unwrap();
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Broken { seq: 2, .. }));
        db.write(async |tx| kit::execute(tx, "UPDATE journal SET details = 'null' WHERE seq = 2", []).await).await.unwrap();
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Whole { lines: 4, .. }));
        db.write(async |tx| kit::execute(tx, "DELETE FROM journal WHERE seq = 4", []).await).await.unwrap();
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Broken { seq: 4, .. }));
        db.write(async |tx| kit::execute(tx, "DELETE FROM journal WHERE seq = 1", []).await).await.unwrap();
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Broken { seq: 1, .. }));
    }

    async fn two_writers_do_not_fork_the_chain(t: testkit::TestSite) {
        let other = t.other_instance().await;
        let write = |site: platform::Site| async move {
            for i in 0..10 {
                site.db
                    .write(async |tx| journal::write(&site, tx, Entry::system("essai.ecrire", "essai", i)).await)
                    .await
                    .unwrap();
            }
        };
        tokio::join!(write(t.site.clone()), write(other));
        assert!(matches!(journal::verify(t.site.db.read()).await.unwrap(), Verdict::Whole { lines: 20, .. }));
    }
}
