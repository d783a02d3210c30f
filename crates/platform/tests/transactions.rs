//! Transactions that meet: whoever writes in the journal never makes a circle of waiting, and who is
//! sacrificed to another one begins again.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use platform::db::{Engine, kit};
use platform::journal::{self, Entry, Verdict};
use platform::{Site, Tx};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Barrier;

const TOURS: i64 = 15;

async fn rows(site: &Site, n: i64) {
    let db = &site.db;
    db.write(async |tx| tx.execute_unprepared("CREATE TABLE essai (id bigint PRIMARY KEY, n bigint)").await)
        .await
        .unwrap();
    for id in 1..=n {
        db.write(async |tx| kit::execute(tx, "INSERT INTO essai VALUES ($1, 0)", [id.into()]).await)
            .await
            .unwrap();
    }
}

async fn count(tx: &Tx, id: i64) -> Result<(), DbErr> {
    kit::execute(tx, "UPDATE essai SET n = n + 1 WHERE id = $1", [id.into()]).await.map(|_| ())
}

async fn told(site: &Site, tx: &Tx, id: i64) -> Result<(), DbErr> {
    count(tx, id).await?;
    journal::write(site, tx, Entry::system("essai.compter", "essai", id)).await
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    // Each of many rows is changed and told, one after the other, beside writers of one row: the
    // head of the journal, if it were held from the first line on, would close a circle.
    async fn many_rows_told_one_by_one_meet_single_ones(t: testkit::TestSite) {
        rows(&t.site, 8).await;
        let many = async |site: Site| {
            for _ in 0..TOURS {
                site.db
                    .write(async |tx| {
                        for id in 1..=8 {
                            told(&site, tx, id).await?;
                        }
                        Ok::<_, DbErr>(())
                    })
                    .await
                    .unwrap();
            }
        };
        let single = async |site: Site, id: i64| {
            for _ in 0..TOURS {
                site.db.write(async |tx| told(&site, tx, id).await).await.unwrap();
            }
        };
        let s = || t.site.clone();
        tokio::join!(many(s()), single(s(), 8), single(s(), 6), single(s(), 4), many(s()));
        let lines = (2 * 8 + 3) * TOURS;
        let verdict = journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, Verdict::Whole { lines: n, .. } if n == lines), "{verdict:?}");
        let sum = kit::count(t.site.db.read(), "SELECT CAST(SUM(n) AS BIGINT) FROM essai", []).await.unwrap();
        assert_eq!(sum, lines);
    }

    // What waits for the commit is written with it, in its order, before the journal; nothing of an
    // undone transaction is.
    async fn what_waits_for_the_commit_is_written_or_forgotten(t: testkit::TestSite) {
        rows(&t.site, 1).await;
        let db = &t.site.db;
        let run = async |fail: bool| {
            db.write(async |tx| {
                told(&t.site, tx, 1).await?;
                tx.before_commit("UPDATE essai SET n = n * $1", [10.into()]);
                tx.before_commit("UPDATE essai SET n = n + $1", [5.into()]);
                if fail { Err(DbErr::Custom("no".to_owned())) } else { Ok(()) }
            })
            .await
        };
        run(true).await.unwrap_err();
        run(false).await.unwrap();
        assert_eq!(kit::count(db.read(), "SELECT n FROM essai", []).await.unwrap(), 15);
        assert!(matches!(journal::verify(db.read()).await.unwrap(), Verdict::Whole { lines: 1, .. }));
    }

    // A line of hundreds is written in several statements; the chain holds.
    async fn a_long_transaction_chains_all_its_lines(t: testkit::TestSite) {
        t.site.db.write(async |tx| {
            for i in 0..450 {
                journal::write(&t.site, tx, Entry::system("essai.ecrire", "essai", i)).await?;
            }
            Ok::<_, DbErr>(())
        }).await.unwrap();
        let verdict = journal::verify(t.site.db.read()).await.unwrap();
        assert!(matches!(verdict, Verdict::Whole { lines: 450, .. }), "{verdict:?}");
    }

    // Two transactions that take two rows in opposite orders: PostgreSQL gives one up, which begins
    // again and passes. On a busy machine it may begin again before the other one has woken, and
    // both meet once more.
    async fn who_loses_begins_again(t: testkit::TestSite) {
        if t.site.db.engine() == Engine::Sqlite {
            // One writer at a time: the meeting below would never happen.
            return;
        }
        rows(&t.site, 2).await;
        let meeting = Barrier::new(2);
        let tries = std::sync::atomic::AtomicI64::new(0);
        let cross = async |first: i64, second: i64| {
            let (db, meeting, tries) = (&t.site.db, &meeting, &tries);
            db.write_again(|| async move |tx: &Tx| {
                count(tx, first).await?;
                if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
                    meeting.wait().await;
                }
                count(tx, second).await
            })
            .await
        };
        let (a, b) = tokio::join!(cross(1, 2), cross(2, 1));
        a.unwrap();
        b.unwrap();
        assert!(tries.into_inner() >= 3, "one of both was run again");
        let sum = kit::count(t.site.db.read(), "SELECT CAST(SUM(n) AS BIGINT) FROM essai", []).await.unwrap();
        assert_eq!(sum, 4);
    }
}
