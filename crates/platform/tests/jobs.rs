//! Jobs on both engines: done once, tried again, stuck at last, one for a key.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use platform::jobs::{self, Job, JobRow, Registry, Worker};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Count {
    fail: bool,
    key: Option<String>,
}

impl Job for Count {
    const KIND: &'static str = "test.count";
    const MAX_ATTEMPTS: i64 = 2;
    fn dedup_key(&self) -> Option<String> {
        self.key.clone()
    }
}

fn worker(site: &platform::Site) -> (Worker, Arc<AtomicUsize>) {
    let ran = Arc::new(AtomicUsize::new(0));
    let mut registry = Registry::default();
    let counter = ran.clone();
    registry.on(move |_, job: Count| {
        let counter = counter.clone();
        async move {
            counter.fetch_add(1, Ordering::SeqCst);
            if job.fail { Err("pas cette fois") } else { Ok(()) }
        }
    });
    (Worker::new(site.clone(), registry), ran)
}

async fn enqueue(site: &platform::Site, fail: bool, key: Option<&str>) {
    let job = Count { fail, key: key.map(str::to_owned) };
    site.db.write(async |tx| jobs::enqueue(site, tx, &job).await).await.unwrap();
}

async fn sql(t: &testkit::TestSite, statement: &str) {
    t.site.db.write(async |tx| platform::db::kit::execute(tx, statement, []).await).await.unwrap();
}

testkit::on_both_engines! {
    migrations: platform::migrations();

    async fn one_job_is_done_once_by_two_workers(t: testkit::TestSite) {
        for _ in 0..20 {
            enqueue(&t.site, false, None).await;
        }
        let other = t.other_instance().await;
        let ((a, ran_a), (b, ran_b)) = (worker(&t.site), worker(&other));
        let (x, y) = tokio::join!(a.drain(), b.drain());
        assert_eq!(x.unwrap() + y.unwrap(), 20);
        assert_eq!(ran_a.load(Ordering::SeqCst) + ran_b.load(Ordering::SeqCst), 20);
    }

    async fn fails_twice_and_waits_for_a_person(t: testkit::TestSite) {
        enqueue(&t.site, true, None).await;
        let (worker, ran) = worker(&t.site);
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 1, "the second attempt waits");
        t.site.clock.advance(TimeDelta::minutes(1));
        worker.drain().await.unwrap();
        t.site.clock.advance(TimeDelta::days(1));
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 2);
        let stuck: Vec<JobRow> = jobs::list(t.site.db.read(), "stuck", 10).await.unwrap();
        assert_eq!(stuck.len(), 1);
        assert_eq!(stuck[0].error.as_deref(), Some("pas cette fois"));
        let again = t.site.db.write(async |tx| jobs::restart(&t.site, tx, stuck[0].id).await).await.unwrap();
        assert!(again);
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 3);
    }

    async fn one_waiting_job_for_a_key(t: testkit::TestSite) {
        enqueue(&t.site, false, Some("k")).await;
        enqueue(&t.site, false, Some("k")).await;
        enqueue(&t.site, false, Some("l")).await;
        let (worker, ran) = worker(&t.site);
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 2);
        enqueue(&t.site, false, Some("k")).await;
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 3);
    }

    async fn a_schedule_is_kept_by_one_instance(t: testkit::TestSite) {
        let other = t.other_instance().await;
        let ran = Arc::new(AtomicUsize::new(0));
        let scheduled = |site: &platform::Site| {
            let mut registry = Registry::default();
            let counter = ran.clone();
            registry.on(move |_, _: Count| {
                let counter = counter.clone();
                async move {
                    counter.fetch_add(1, Ordering::SeqCst);
                    Ok::<_, String>(())
                }
            });
            registry.every("test.daily", TimeDelta::days(1), Count { fail: false, key: None });
            Worker::new(site.clone(), registry)
        };
        let (a, b) = (scheduled(&t.site), scheduled(&other));
        let (x, y) = tokio::join!(a.drain(), b.drain());
        assert_eq!(x.unwrap() + y.unwrap(), 1);
        t.site.clock.advance(TimeDelta::days(1));
        a.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 2);
    }

    async fn a_job_that_kills_its_worker_is_stuck_at_last(t: testkit::TestSite) {
        enqueue(&t.site, false, None).await;
        let die = "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = run_at";
        let (worker, ran) = worker(&t.site);
        for _ in 0..2 {
            sql(&t, die).await;
            t.site.clock.advance(TimeDelta::minutes(11));
        }
        worker.drain().await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 0, "two attempts are two attempts");
        let stuck = jobs::list(t.site.db.read(), "stuck", 10).await.unwrap();
        assert_eq!(stuck.len(), 1);
        assert!(stuck[0].error.as_deref().unwrap().contains("arrêt"));
    }

    async fn a_worker_thought_dead_changes_nothing_any_more(t: testkit::TestSite) {
        // The first attempt ends after another worker has taken the job over, which still runs.
        for fail in [false, true] {
            sql(&t, "DELETE FROM job").await;
            enqueue(&t.site, fail, None).await;
            let mut registry = Registry::default();
            let site = t.site.clone();
            registry.on(move |_, job: Count| {
                let site = site.clone();
                async move {
                    let taken = "UPDATE job SET attempts = attempts + 1";
                    site.db.write(async |tx| platform::db::kit::execute(tx, taken, []).await).await.unwrap();
                    if job.fail { Err("trop tard") } else { Ok(()) }
                }
            });
            Worker::new(t.site.clone(), registry).drain().await.unwrap();
            let running = jobs::list(t.site.db.read(), "running", 10).await.unwrap();
            assert_eq!(running.iter().map(|j| j.attempts).collect::<Vec<_>>(), [2], "fail: {fail}");
        }
    }

    async fn what_was_stuck_gives_way_to_its_twin(t: testkit::TestSite) {
        enqueue(&t.site, true, Some("k")).await;
        let (worker, _) = worker(&t.site);
        worker.drain().await.unwrap();
        t.site.clock.advance(TimeDelta::minutes(1));
        worker.drain().await.unwrap();
        let stuck = jobs::list(t.site.db.read(), "stuck", 10).await.unwrap()[0].id;
        enqueue(&t.site, true, Some("k")).await;
        assert!(t.site.db.write(async |tx| jobs::restart(&t.site, tx, stuck).await).await.unwrap());
        let done = jobs::list(t.site.db.read(), "done", 10).await.unwrap();
        assert_eq!(done.iter().map(|j| (j.id, j.finished_at.is_some())).collect::<Vec<_>>(), [(stuck, true)]);
        assert_eq!(jobs::list(t.site.db.read(), "waiting", 10).await.unwrap().len(), 1);
    }

    async fn a_failed_job_that_gives_way_is_forgotten_in_time(t: testkit::TestSite) {
        enqueue(&t.site, true, Some("k")).await;
        let mut registry = Registry::default();
        let site = t.site.clone();
        registry.on(move |_, _: Count| {
            let site = site.clone();
            async move {
                enqueue(&site, false, Some("k")).await;
                Err::<(), _>("pas cette fois")
            }
        });
        let stop = tokio_util::sync::CancellationToken::new();
        let worker = Worker::new(t.site.clone(), registry);
        let run = { let stop = stop.clone(); tokio::spawn(async move { worker.run(stop).await }) };
        while jobs::list(t.site.db.read(), "done", 10).await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        stop.cancel();
        run.await.unwrap();
        let done = jobs::list(t.site.db.read(), "done", 10).await.unwrap();
        assert!(done.iter().all(|j| j.finished_at.is_some()), "{done:?}");
    }

    async fn the_twin_that_waits_is_the_job_that_was_asked(t: testkit::TestSite) {
        let job = |key: &str| Count { fail: false, key: Some(key.to_owned()) };
        let ask = async |j: Count| t.site.db.write(async |tx| jobs::enqueue(&t.site, tx, &j).await).await.unwrap();
        let first = ask(job("k")).await;
        assert_eq!(ask(job("k")).await, first);
        assert_ne!(ask(job("l")).await, first);
        assert!(JobRow::find(t.site.db.read(), first).await.unwrap().is_some());
    }

    async fn the_bell_rings_when_the_job_can_be_seen(t: testkit::TestSite) {
        let (worker, ran) = worker(&t.site);
        let stop = tokio_util::sync::CancellationToken::new();
        let run = { let stop = stop.clone(); tokio::spawn(async move { worker.run(stop).await }) };
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let site = &t.site;
        let before = std::time::Instant::now();
        site.db.write(async |tx| {
            jobs::enqueue(site, tx, &Count { fail: false, key: None }).await?;
            // A worker called now would find nothing, and go back to sleep for two seconds.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            Ok::<_, sea_orm::DbErr>(())
        }).await.unwrap();
        while ran.load(Ordering::SeqCst) == 0 {
            assert!(before.elapsed() < std::time::Duration::from_millis(1500), "it only came by polling");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        stop.cancel();
        run.await.unwrap();
    }

    async fn mail_does_not_wait_for_a_long_import(t: testkit::TestSite) {
        let (general, _) = worker(&t.site);
        enqueue(&t.site, false, None).await;
        let aside = general.set_aside_for::<platform::mail::SendMail>();
        assert_eq!(aside.drain().await.unwrap(), 0, "not its kind");
        assert_eq!(general.set_aside_for::<Count>().drain().await.unwrap(), 1);
    }
}
