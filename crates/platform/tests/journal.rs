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

    async fn segments_are_joined(t: testkit::TestSite) {
        let db = &t.site.db;
        // More than two segments, written as a long transaction writes them.
        db.write(async |tx| {
            for i in 0..41_000 {
                journal::write(&t.site, tx, Entry::system("essai.ecrire", "essai", i)).await?;
            }
            Ok::<_, sea_orm::DbErr>(())
        })
        .await
        .unwrap();
        let told = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
        let heard = std::sync::Arc::clone(&told);
        let tell: journal::Heard = std::sync::Arc::new(move |done, total| {
            assert!(done <= total && total == 41_000);
            heard.fetch_max(done, std::sync::atomic::Ordering::Relaxed);
        });
        let whole = journal::verify_telling(db.read(), tell).await.unwrap();
        assert!(matches!(whole, Verdict::Whole { lines: 41_000, .. }));
        assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 41_000);
        let off: &[&str] = match db.engine() {
            platform::db::Engine::Sqlite => &["DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete"],
            platform::db::Engine::Postgres => &["ALTER TABLE journal DISABLE TRIGGER ALL"],
        };
        for sql in off {
            db.write(async |tx| tx.execute_unprepared(sql).await).await.unwrap();
        }
        let harm = async |sql: &str| {
            db.write(async |tx| tx.execute_unprepared(sql).await).await.unwrap();
            match journal::verify(db.read()).await.unwrap() {
                Verdict::Broken { seq, .. } => seq,
                Verdict::Whole { .. } => 0,
            }
        };
        // From the end to the beginning: the first broken line is the one that is named.
        assert_eq!(harm("DELETE FROM journal WHERE seq = 41000").await, 41_000);
        assert_eq!(harm("UPDATE journal SET subject_id = 'x' WHERE seq = 40001").await, 40_001);
        assert_eq!(harm("UPDATE journal SET previous = 'x' WHERE seq = 40001").await, 40_001);
        assert_eq!(harm("DELETE FROM journal WHERE seq BETWEEN 20001 AND 40000").await, 20_001);
        assert_eq!(harm("UPDATE journal SET at = '2020-01-01T00:00:00Z' WHERE seq = 20000").await, 20_000);
        assert_eq!(harm("UPDATE journal SET hash = 'é' WHERE seq = 7").await, 7);
    }

    async fn an_extract_is_checked_apart_and_one_changed_byte_is_seen(t: testkit::TestSite) {
        write_lines(&t, 4).await;
        let with = Entry::system("essai.nommer", "autre", 1).with(serde_json::json!({ "usager": "A%b_?" }));
        t.site.db.write(async |tx| journal::write(&t.site, tx, with.clone()).await).await.unwrap();
        write_lines(&t, 3).await;
        let extract = async |query: journal::Query| {
            let mut extract = journal::Extract::open(&t.site, query).await.unwrap();
            let mut text = String::new();
            while let Some(piece) = extract.piece(t.site.db.read()).await.unwrap() {
                text.push_str(&piece);
            }
            text
        };
        let all = extract(journal::Query::default()).await;
        let checked = journal::check(all.as_bytes()).unwrap();
        assert!(checked.whole() && checked.lines == 8, "{checked:?}");
        let now = t.site.clock.now();
        let detail = |text: &str| Some(("usager".to_owned(), text.to_owned()));
        for (query, lines, joined) in [
            (journal::Query { subject: Some("essai".to_owned()), ..Default::default() }, 7, 6),
            (journal::Query { subject_id: Some("2".to_owned()), ..Default::default() }, 2, 0),
            (journal::Query { detail: detail("A%b_?"), ..Default::default() }, 1, 0),
            (journal::Query { detail: detail("a%b_?"), ..Default::default() }, 0, 0),
            (journal::Query { detail: detail("%"), ..Default::default() }, 0, 0),
            (journal::Query { from: Some(now), ..Default::default() }, 8, 8),
            (journal::Query { until: Some(now), ..Default::default() }, 0, 0),
            (journal::Query { by: Some(uuid::Uuid::nil()), ..Default::default() }, 0, 0),
        ] {
            let text = extract(query.clone()).await;
            let checked = journal::check(text.as_bytes()).unwrap();
            assert_eq!((checked.lines, checked.joined), (lines, joined), "{query:?}");
            assert_eq!(checked.whole(), lines == 8);
        }
        // Every byte of every line: what is sealed cannot be changed without it being seen. The header says what was asked, to
        // whom and when: it is not sealed, but for the end of the journal that it names.
        let first = all.find('\n').unwrap() + 1;
        for at in first..all.len() {
            let mut bytes = all.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            assert!(journal::check(&bytes[..]).is_err(), "byte {at}");
        }
        let lines: Vec<&str> = all.split_inclusive('\n').collect();
        for missing in 1..lines.len() {
            let cut: String = lines.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, l)| *l).collect();
            assert!(journal::check(cut.as_bytes()).is_err(), "line {missing}");
        }
        for bad in ["", "\n", "{}\n", "null\n", &all[..all.len() - 1], &format!("{all}\n"), &all.replacen("\"seq\":8", "\"seq\":7", 1)] {
            assert!(journal::check(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    async fn the_past_is_written_in_a_demonstration_only(t: testkit::TestSite) {
        let past = t.site.clock.now() - chrono::TimeDelta::days(300);
        let line = || Entry::system("essai.ecrire", "essai", 1);
        let refused = t.site.db.write(async |tx| journal::write_past(&t.site, tx, past, line()).await).await;
        assert!(refused.is_err());
        let demo = platform::Site { mode: platform::Mode::Demo, ..t.site.clone() };
        demo.db.write(async |tx| journal::write_past(&demo, tx, past, line()).await).await.unwrap();
        let query = journal::Query { until: Some(past + chrono::TimeDelta::days(1)), limit: 1, ..Default::default() };
        assert_eq!(journal::page(t.site.db.read(), &query).await.unwrap().len(), 1);
        assert!(matches!(journal::verify(t.site.db.read()).await.unwrap(), Verdict::Whole { lines: 1, .. }));
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
