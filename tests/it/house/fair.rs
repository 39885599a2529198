//! Who waits for whom: a flood of digests holds no reminder up, and a sleeping worker is woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use peshi_delivery::{Envelope, Outcome, Transport};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::ManualClock;
use peshi_store::{JobKind, JobState, NewJob};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_flood_of_digests_holds_no_reminder_up,
    a_sleeping_worker_is_woken,
    two_nodes_share_the_work,
);

const FLOOD: usize = 10_000;
/// After so many digests of the flood the reminder becomes due.
const SOME: usize = 20;
/// More than a portion or two of digests must not leave before it.
const PATIENCE: usize = 24;

/// Moves the clock to when the reminder is due while the flood goes out, and stops the worker once it has left.
struct Gate {
    clock: Arc<ManualClock>,
    due: DateTime<Utc>,
    digests: AtomicUsize,
    before: AtomicUsize,
    stop: CancellationToken,
}

#[async_trait]
impl Transport for Gate {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        if envelope.message_id.starts_with("flood.") {
            if self.digests.fetch_add(1, Ordering::SeqCst) == SOME {
                self.clock.set(self.due);
            }
        } else {
            self.before
                .store(self.digests.load(Ordering::SeqCst), Ordering::SeqCst);
            self.stop.cancel();
        }
        Outcome::Accepted {
            detail: "kept".to_owned(),
        }
    }

    fn describe(&self) -> String {
        "a gate".to_owned()
    }
}

async fn flood(desk: &Desk, due: DateTime<Utc>) {
    let jobs: Vec<NewJob> = (0..FLOOD)
        .map(|n| {
            let mut job = NewJob::new(format!("flood:{n:05}"), JobKind::Message, due, due);
            job.message_kind = Some("stalled_digest".to_owned());
            job.account_id = Some(desk.coordinator.account.0);
            job
        })
        .collect();
    let mut tx = desk.house.store.begin().await.expect("a transaction");
    tx.insert_jobs(&jobs).await.expect("the flood is written");
    tx.commit().await.expect("and kept");
}

async fn a_flood_of_digests_holds_no_reminder_up(desk: &Desk) {
    desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    // The eve of the first rung of the hearing's ladder.
    let due = desk.jobs(None, JobKind::Timer).await;
    let due = due
        .iter()
        .filter(|j| j.state == JobState::Waiting && j.due_at > at("2026-04-20T00:00:00Z"))
        .map(|j| j.due_at)
        .min()
        .expect("the hearing has rungs");
    desk.house.live_until(&scheduler, due - TimeDelta::hours(1)).await;
    flood(desk, due - TimeDelta::hours(2)).await;
    let stop = CancellationToken::new();
    let gate = Arc::new(Gate {
        clock: Arc::clone(&desk.house.clock),
        due,
        digests: AtomicUsize::new(0),
        before: AtomicUsize::new(usize::MAX),
        stop: stop.clone(),
    });
    let worker = desk
        .house
        .scheduler_with("b", Arc::clone(&gate) as Arc<dyn Transport>);
    worker.run(desk.house.clock.clone(), stop).await;
    let before = gate.before.load(Ordering::SeqCst);
    assert!(
        (SOME..=SOME + PATIENCE).contains(&before),
        "{before} digests had left before the reminder"
    );
}

async fn a_sleeping_worker_is_woken(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let mut settings = Settings::usual("sleeper");
    settings.idle = Duration::from_hours(1);
    let house = &desk.house;
    let scheduler = Scheduler::new(
        Arc::clone(&house.service),
        Arc::clone(&house.store),
        Arc::clone(&house.renderer),
        Arc::clone(&house.transport),
        settings,
    );
    let stop = CancellationToken::new();
    house.clock.set(at(MONDAY));
    let (clock, ending) = (house.clock.clone(), stop.clone());
    let worker = tokio::spawn(async move { scheduler.run(clock, ending).await });
    let patience = tokio::time::timeout(Duration::from_mins(1), async {
        // Its first look is over, and found nothing.
        while !house
            .store
            .heartbeats()
            .await
            .expect("the store answers")
            .iter()
            .any(|h| h.worker == "sleeper")
        {
            tokio::task::yield_now().await;
        }
        // Recorded late: its deadlines are over already, so there are timers due at once.
        let form = json!({"fir_number": "1", "registered_at": "2026-03-06T10:00", "fir_station": "Invented",
            "fir_district": "Invented", "fir_sections": "365-B"});
        let event = peshi_service::RecordEvent {
            instance: "case".to_owned(),
            event: "fir_registered".to_owned(),
            form: super::desk::fields(form),
            occurred_at: Some(at("2026-03-06T05:00:00Z")),
            ..peshi_service::RecordEvent::default()
        };
        let recorded = house.service.record(&desk.lawyer, &case, event, at(MONDAY)).await;
        recorded.expect("the event is recorded");
        while house
            .store
            .oldest_due(at(MONDAY))
            .await
            .expect("the store answers")
            .is_some()
        {
            tokio::task::yield_now().await;
        }
    });
    patience
        .await
        .expect("the bell wakes the worker long before its hour is over");
    stop.cancel();
    worker.await.expect("the worker ends in order");
}

async fn two_nodes_share_the_work(desk: &Desk) {
    for _ in 0..30 {
        let case = desk.open(&desk.lawyer).await;
        let form = json!({"station": "Invented", "receipt": "e_tag"});
        let given = desk.record(
            &desk.lawyer,
            &case,
            ("case", "application_given"),
            form,
            at(MONDAY),
        );
        given.await.expect("the event is recorded");
    }
    let house = &desk.house;
    let other = house.beside(&house.database.url, 77).await;
    let due = house.store.next_due().await.expect("the store answers");
    let due = due.expect("there are timers") + TimeDelta::days(1);
    let here = desk.recording("here");
    let there = Scheduler::new(
        Arc::clone(&other),
        Arc::clone(&house.store),
        Arc::clone(&house.renderer),
        Arc::clone(&house.transport),
        Settings::usual("there"),
    );
    let (here, there) = tokio::join!(here.tick(due), there.tick(due));
    let (here, there) = (here.expect("one ticks"), there.expect("so does the other"));
    let timers = desk.jobs(None, JobKind::Timer).await;
    let done = timers.iter().filter(|j| j.state == JobState::Done).count();
    assert_eq!(
        here.fired + there.fired,
        done,
        "each timer once: {here:?} {there:?}"
    );
    assert!(
        timers
            .iter()
            .all(|j| j.due_at > due || j.state != JobState::Waiting)
    );
    let verified = house.service.verify(None, |_| {}).await;
    assert!(verified.expect("the store answers").broken.is_empty());
    other.finish().await;
}
