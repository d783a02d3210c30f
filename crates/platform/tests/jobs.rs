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
}
