//! Clocks that are wrong: one that leaps a year ahead and comes back, one that is slow beside a right one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_scheduler::{Doubt, Pulse, Reading, Watch};
use peshi_store::{HeartbeatRow, JobKind, JobState};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_leap_of_a_year_is_waited_out,
    a_year_lived_too_early_is_not_lived_twice,
    a_slow_node_waits_beside_a_right_one,
    clocks_a_little_apart_send_nothing_twice,
    a_sign_of_life_from_the_future_is_none,
);

/// A reading `passed` after the story's beginning, by a clock that shows `now`.
fn reading(now: DateTime<Utc>, passed: TimeDelta) -> Reading {
    Reading {
        now,
        steady: passed.to_std().unwrap_or(Duration::ZERO),
        server: None,
    }
}

/// Every job with its fate, so that two moments can be compared.
async fn fates(desk: &Desk) -> Vec<(String, JobState)> {
    let mut fates = Vec::new();
    for kind in [JobKind::Timer, JobKind::Message, JobKind::Schedule] {
        fates.extend(desk.jobs(None, kind).await.into_iter().map(|j| (j.id, j.state)));
    }
    fates.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    fates
}

async fn a_leap_of_a_year_is_waited_out(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    let mut watch = Watch::default();
    let (begun, minute) = (at(MONDAY), TimeDelta::minutes(1));
    let pulse = scheduler
        .pulse(&mut watch, &reading(begun, TimeDelta::zero()))
        .await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    let before = fates(desk).await;
    // Nine minutes long the clock shows next year.
    for minutes in 1..10 {
        let passed = minute * minutes;
        let wrong = begun + passed + TimeDelta::days(365);
        let pulse = scheduler.pulse(&mut watch, &reading(wrong, passed)).await;
        assert!(
            matches!(pulse, Ok(Pulse::Waited(Doubt::Leapt { .. }))),
            "{pulse:?}"
        );
    }
    assert_eq!(fates(desk).await, before, "nothing was done");
    let beats = desk.house.store.heartbeats().await.expect("the store answers");
    let own = beats.iter().find(|b| b.worker == "a").expect("it says so");
    assert!(
        own.detail.starts_with("waiting: the clock leapt"),
        "{}",
        own.detail
    );
    let health = desk
        .house
        .service
        .health(begun + minute * 9)
        .await
        .expect("the store answers");
    assert!(
        !health.scheduler_ok,
        "a worker that waits is silent for the pages"
    );
    // It is set back, and everything comes in its time.
    let passed = minute * 10;
    let pulse = scheduler
        .pulse(&mut watch, &reading(begun + passed, passed))
        .await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    desk.house.clock.set(begun + passed);
    desk.house
        .live_until(&scheduler, at("2026-04-30T03:59:00Z"))
        .await;
    let sent = desk.fates(&case, "reminder").await;
    assert!(
        sent.iter().filter(|(state, _)| *state == JobState::Done).count() >= 3,
        "{sent:?}"
    );
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
}

async fn a_year_lived_too_early_is_not_lived_twice(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    // Nobody noticed: a whole year is done in one tick.
    let wrong = at(MONDAY) + TimeDelta::days(365);
    scheduler.tick(wrong).await.expect("the tick succeeds");
    let early = fates(desk).await;
    let sent = desk.sent.with(&[]).len();
    // The clock is set back, and a week passes.
    desk.house.clock.set(at(MONDAY));
    desk.house
        .live_until(&scheduler, at("2026-04-20T02:00:00Z"))
        .await;
    let taken_back = |id: &str, state: JobState| id.starts_with("schedule:") && state == JobState::Suppressed;
    for (id, state) in early.iter().filter(|(id, state)| !taken_back(id, *state)) {
        let job = desk.house.store.job(id).await.expect("the store answers");
        assert_eq!(job.map(|j| j.state), Some(*state), "what {id} came to stays");
    }
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
    // The digests of the week come as if nothing had been, though a year of them had been skipped.
    let mornings = desk.jobs(None, JobKind::Schedule).await;
    let mut week: Vec<_> = mornings
        .iter()
        .filter(|j| j.message_kind.as_deref() == Some("morning_digest"))
        .filter(|j| j.due_at < at("2026-04-20T02:00:00Z"))
        .map(|j| j.state)
        .collect();
    week.dedup();
    assert_eq!(week, [JobState::Done]);
    assert!(desk.sent.with(&[]).len() > sent, "and they leave");
    let audit = desk.house.store.audit(100).await.expect("the store answers");
    let said = audit
        .iter()
        .filter(|row| row.entry.action == "schedule_taken_back")
        .count();
    assert_eq!(said, 2, "once for each schedule");
    // What came too early says so: it was recorded in a time that had not come.
    let journal = desk
        .house
        .service
        .case(&desk.lawyer, &case, at("2026-04-20T02:00:00Z"))
        .await;
    assert!(!journal.expect("readable").tasks.is_empty());
}

async fn a_slow_node_waits_beside_a_right_one(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let refused = ("case", "fir_refused");
    let form = json!({"proof": "written"});
    let recorded = desk.record(&desk.lawyer, &case, refused, form, at(MONDAY)).await;
    recorded.expect("something to remind of");
    let (right, slow) = (desk.recording("right"), desk.recording("slow"));
    let (mut of_right, mut of_slow) = (Watch::default(), Watch::default());
    let hour = TimeDelta::hours(1);
    for hours in 0..60 {
        let passed = hour * hours;
        let now = at(MONDAY) + passed;
        let read = |now: DateTime<Utc>| Reading {
            server: Some(at(MONDAY) + passed),
            ..reading(now, passed)
        };
        let pulse = slow.pulse(&mut of_slow, &read(now - hour)).await;
        assert!(
            matches!(pulse, Ok(Pulse::Waited(Doubt::Differs { .. }))),
            "{pulse:?}"
        );
        let pulse = right.pulse(&mut of_right, &read(now)).await;
        assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
        let health = desk.house.service.health(now).await.expect("the store answers");
        assert!(health.scheduler_ok, "one that ticks is enough");
    }
    assert!(!desk.sent.with(&["morning_digest"]).is_empty());
    let passed = hour * 60;
    let mended = Reading {
        server: Some(at(MONDAY) + passed),
        ..reading(at(MONDAY) + passed, passed)
    };
    let pulse = slow.pulse(&mut of_slow, &mended).await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
}

async fn clocks_a_little_apart_send_nothing_twice(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let (ahead, behind) = (desk.recording("ahead"), desk.recording("behind"));
    let (early, late) = (TimeDelta::seconds(90), TimeDelta::seconds(-90));
    let end = at("2026-04-30T03:59:00Z");
    // The instants at which something is due, as each clock shows them.
    let mut now = at(MONDAY);
    while now < end {
        ahead.tick(now + early).await.expect("the tick succeeds");
        behind.tick(now + late).await.expect("the tick succeeds");
        let next = behind.next_due(now + late).await.expect("the store answers");
        let next = next.expect("schedules always come") - late;
        now = if next > now {
            next
        } else {
            now + TimeDelta::minutes(1)
        };
    }
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
    let sent = desk.fates(&case, "reminder").await;
    assert!(
        sent.iter().filter(|(state, _)| *state == JobState::Done).count() >= 3,
        "{sent:?}"
    );
}

async fn a_sign_of_life_from_the_future_is_none(desk: &Desk) {
    let now = at(MONDAY) + TimeDelta::hours(1);
    let store = &desk.house.store;
    let first = reading(at(MONDAY), TimeDelta::zero());
    let pulse = desk.recording("a").pulse(&mut Watch::default(), &first).await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    let ahead = store
        .heartbeat("ahead", now + TimeDelta::days(365), HeartbeatRow::TICK)
        .await;
    ahead.expect("it is noted");
    let health = desk.house.service.health(now).await.expect("the store answers");
    assert!(
        !health.scheduler_ok && health.last_tick_at == Some(at(MONDAY)),
        "{health:?}"
    );
    // The next worker that comes up forgets it.
    let scheduler = desk.recording("new");
    let pulse = scheduler
        .pulse(&mut Watch::default(), &reading(now, TimeDelta::zero()))
        .await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    let beats = store.heartbeats().await.expect("the store answers");
    assert!(beats.iter().all(|beat| beat.worker != "ahead"), "{beats:?}");
}
