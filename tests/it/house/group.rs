//! Many write at once: what they did looks as if they had taken turns, and what goes wrong with one stays with one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::{Actor, Command, InstanceId, Rejection};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::{ServiceError, Submission, Viewer};
use peshi_store::{JobKind, JobState};
use peshi_test_support::DatabaseKind;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, MONDAY, at, fields};

super::on_both!(
    many_at_once_are_as_if_one_after_another,
    a_case_that_cannot_be_read_fails_alone,
    a_case_that_cannot_be_read_holds_no_timer_up,
    what_was_asked_happens_though_nobody_waits,
    two_processes_on_one_case_take_turns,
    an_erased_case_is_not_written_from_memory,
);

const CASES: usize = 3;
const PEOPLE: u64 = 16;
const EACH: i64 = 12;

/// What people try: some of it is refused at once, some the second time, some because they saw an old version.
const TRIES: [(&str, Option<i64>); 5] = [
    ("search_pressed", None),
    ("search_pressed", Some(3)),
    ("fir_refused", None),
    ("located", None),
    ("no_such_event", None),
];

/// A command that was taken: its case, the version it made, when.
type Taken = (Uuid, i64, DateTime<Utc>, Submission);

fn event(by: &Viewer, case: Uuid, event: &str, form: Value, now: DateTime<Utc>) -> Submission {
    let command = Command::Event {
        instance: InstanceId::root(),
        event: event.to_owned(),
        form: fields(form),
        known: peshi_casework::Knowledge::default(),
    };
    let actor = Actor::Account(by.account);
    Submission::new(case, command, actor, Some("lawyer".to_owned()), now)
}

fn attempt(by: &Viewer, case: Uuid, (name, version): (&str, Option<i64>), now: DateTime<Utc>) -> Submission {
    let form = match name {
        "fir_refused" => json!({"proof": "written"}),
        "located" => json!({"place_kind": "with_accused"}),
        "search_pressed" => json!({"check_note": "asked again"}),
        _ => json!({}),
    };
    Submission {
        expected_version: version,
        ..event(by, case, name, form, now)
    }
}

async fn cases(desk: &Desk, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let reference = desk.open(&desk.lawyer).await;
        let row = desk.house.store.case_by_reference(&reference).await;
        ids.push(row.expect("the store answers").expect("it was opened").id);
    }
    ids
}

async fn version(desk: &Desk, case: Uuid) -> i64 {
    let row = desk.house.store.case(case).await.expect("the store answers");
    row.expect("the case is there").version
}

/// What a person does, in groups of one or two.
async fn busy(
    desk: Arc<peshi_service::Service>,
    by: Viewer,
    cases: Vec<Uuid>,
    person: u64,
) -> (Vec<Taken>, usize) {
    let mut rng = ChaCha8Rng::seed_from_u64(person);
    let mut taken = Vec::new();
    let mut refused = 0;
    for n in 0..EACH {
        let now =
            at(MONDAY) + TimeDelta::milliseconds(i64::try_from(person).expect("few people") * 1_000 + n);
        let group: Vec<Submission> = (0..rng.random_range(1..=2))
            .map(|_| {
                let case = *cases.choose(&mut rng).expect("there are cases");
                attempt(&by, case, *TRIES.choose(&mut rng).expect("there are tries"), now)
            })
            .collect();
        let outcomes = desk.submit(&group, now).await.expect("the group is written");
        for (submission, outcome) in group.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => taken.push((submission.case, outcome.version, now, submission)),
                Err(_) => refused += 1,
            }
        }
    }
    (taken, refused)
}

/// The journals of cases without what random bytes went into.
async fn journals(desk: &Desk, cases: &[Uuid]) -> Vec<String> {
    let mut lines = Vec::new();
    for case in cases {
        let rows = desk.house.store.journal(*case, 0, 10_000).await;
        lines.extend(rows.expect("the store answers").into_iter().map(|r| {
            let instance = r.instance.unwrap_or_default();
            format!(
                "{case} {} {} {} {} {instance} {}",
                r.seq, r.recorded_at, r.occurred_at, r.actor, r.kind
            )
        }));
    }
    lines
}

async fn many_at_once_are_as_if_one_after_another(desk: &Desk) {
    let ids = cases(desk, CASES).await;
    let mut tasks = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        tasks.spawn(busy(
            Arc::clone(&desk.house.service),
            desk.lawyer.clone(),
            ids.clone(),
            person,
        ));
    }
    let (mut taken, mut refused) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (some, no) = done.expect("nobody breaks off");
        taken.extend(some);
        refused += no;
    }
    assert!(taken.len() > 40 && refused > 20, "{} {refused}", taken.len());
    // In the order in which each case saw them, one after another, in a house of their own.
    taken.sort_by_key(|(case, version, ..)| (*case, *version));
    let kind = match desk.house.store.backend() {
        peshi_store::Backend::Sqlite => DatabaseKind::Sqlite,
        peshi_store::Backend::Postgres => DatabaseKind::Postgres,
    };
    super::desk::with_desk(kind, async |alone: &Desk| {
        assert_eq!(
            cases(alone, CASES).await,
            ids,
            "the same seed makes the same cases"
        );
        for (_, version, now, mut submission) in taken {
            // The version they saw was checked in its own time.
            submission.expected_version = None;
            let outcome = alone.house.service.submit(&[submission], now).await;
            let outcome = outcome.expect("the command is written").remove(0);
            assert_eq!(outcome.expect("taken there, so taken here").version, version);
        }
        assert_eq!(journals(alone, &ids).await, journals(desk, &ids).await);
    })
    .await;
    let verified = desk.house.service.verify(None, |_| {}).await;
    assert!(verified.expect("the store answers").broken.is_empty());
}

/// Somebody damages what is stored of a case.
async fn damage(desk: &Desk, case: Uuid) {
    let (blob, id) = match desk.house.store.backend() {
        peshi_store::Backend::Sqlite => ("x'00'", format!("x'{}'", case.simple())),
        peshi_store::Backend::Postgres => ("'\\x00'", format!("'{case}'")),
    };
    let statement = format!("UPDATE cases SET state = {blob} WHERE id = {id}");
    desk.house.database.tamper(&statement).await;
}

async fn a_case_that_cannot_be_read_fails_alone(desk: &Desk) {
    let ids = cases(desk, 2).await;
    let (bad, good) = (ids[0], ids[1]);
    damage(desk, bad).await;
    // A node that has not seen the case before its damage.
    let node = desk.house.beside(&desk.house.database.url, 5).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (service, by) = (Arc::clone(&node), desk.lawyer.clone());
        tasks.spawn(async move {
            let case = if n % 4 == 0 { bad } else { good };
            let submission = event(
                &by,
                case,
                "search_pressed",
                json!({"check_note": "asked again"}),
                at(MONDAY),
            );
            (case, service.submit(&[submission], at(MONDAY)).await)
        });
    }
    let before = version(desk, good).await;
    while let Some(done) = tasks.join_next().await {
        let (case, outcome) = done.expect("nobody breaks off");
        if case == good {
            outcome
                .expect("the good case is written")
                .remove(0)
                .expect("and the event taken");
        } else {
            let error = outcome.expect_err("the bad case is not");
            assert!(!error.is_outage(), "{error}");
        }
    }
    assert!(version(desk, good).await >= before);
    let entries = desk
        .house
        .store
        .journal(good, 0, 1_000)
        .await
        .expect("the store answers");
    let events = entries.iter().filter(|e| e.kind == "event_accepted").count();
    assert_eq!(events, 15, "each once");
    node.finish().await;
}

async fn a_case_that_cannot_be_read_holds_no_timer_up(desk: &Desk) {
    let ids = cases(desk, 3).await;
    for case in &ids {
        // The police have a day to answer; the first rung of that ladder is a timer.
        let form = json!({"station": "Invented", "receipt": "e_tag"});
        let given = event(&desk.lawyer, *case, "application_given", form, at(MONDAY));
        let outcome = desk
            .house
            .service
            .submit(&[given], at(MONDAY))
            .await
            .expect("it is written");
        outcome[0].as_ref().expect("and taken");
    }
    damage(desk, ids[1]).await;
    // A node that has not seen the case before its damage.
    let house = &desk.house;
    let node = house.beside(&house.database.url, 5).await;
    let scheduler = Scheduler::new(
        Arc::clone(&node),
        Arc::clone(&house.store),
        Arc::clone(&house.renderer),
        Arc::clone(&house.transport),
        Settings::usual("a"),
    );
    let due = desk.house.store.next_due().await;
    let due = due
        .expect("the store answers")
        .expect("an opened case has a timer");
    let ticked = scheduler.tick(due).await.expect("the tick succeeds");
    assert!(ticked.fired >= 2, "{ticked:?}");
    let timers = desk.jobs(None, JobKind::Timer).await;
    let at_due = |case: Uuid| {
        timers
            .iter()
            .filter(move |j| j.case_id == Some(case) && j.created_at < due)
    };
    for good in [ids[0], ids[2]] {
        assert!(at_due(good).any(|j| j.due_at == due && j.state == JobState::Done));
    }
    let late: Vec<_> = at_due(ids[1]).filter(|j| j.reason.is_some()).collect();
    assert!(!late.is_empty());
    assert!(
        late.iter()
            .all(|j| j.state == JobState::Waiting && j.due_at > due),
        "tried again later: {late:?}"
    );
    // It is not tried for ever: at last it is a dead letter, and everything else went on.
    desk.house.live_until(&scheduler, due + TimeDelta::days(3)).await;
    let timers = desk.jobs(None, JobKind::Timer).await;
    let dead = timers
        .iter()
        .filter(|j| j.case_id == Some(ids[1]) && j.state == JobState::Dead);
    assert!(dead.count() >= 1);
    node.finish().await;
}

async fn what_was_asked_happens_though_nobody_waits(desk: &Desk) {
    let case = cases(desk, 1).await[0];
    let before = version(desk, case).await;
    let submission = [event(
        &desk.lawyer,
        case,
        "search_pressed",
        json!({"check_note": "asked again"}),
        at(MONDAY),
    )];
    // A moment of no length: the command is queued, and whoever asked is gone.
    let answer =
        tokio::time::timeout(Duration::ZERO, desk.house.service.submit(&submission, at(MONDAY))).await;
    assert!(answer.is_err(), "nobody waited");
    desk.house.service.finish().await;
    assert!(version(desk, case).await > before);
    let late = desk.house.service.submit(&submission, at(MONDAY)).await;
    let error = late.expect_err("nothing is taken after the end");
    assert!(matches!(&error, ServiceError::Store(_)), "{error}");
    assert!(error.to_string().contains("shutting down"), "{error}");
}

/// The same people at two nodes: each keeps cases open in memory, and the other changes them.
async fn two_processes_on_one_case_take_turns(desk: &Desk) {
    let ids = cases(desk, 2).await;
    let other = desk.house.beside(&desk.house.database.url, 5).await;
    let mut tasks = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        let node = if person % 2 == 0 {
            &desk.house.service
        } else {
            &other
        };
        tasks.spawn(busy(Arc::clone(node), desk.lawyer.clone(), ids.clone(), person));
    }
    let mut made = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (taken, _) = done.expect("nobody breaks off");
        made.extend(taken.into_iter().map(|(case, version, ..)| (case, version)));
    }
    let count = made.len();
    made.sort_unstable();
    made.dedup();
    assert_eq!(
        made.len(),
        count,
        "no two commands made the same version of a case"
    );
    let verified = desk.house.service.verify(None, |_| {}).await;
    assert!(verified.expect("the store answers").broken.is_empty());
    other.finish().await;
}

async fn an_erased_case_is_not_written_from_memory(desk: &Desk) {
    let case = cases(desk, 1).await[0];
    let form = || json!({"check_note": "asked again"});
    let group = [event(&desk.lawyer, case, "search_pressed", form(), at(MONDAY))];
    let outcomes = desk
        .house
        .service
        .submit(&group, at(MONDAY))
        .await
        .expect("it is written");
    outcomes[0].as_ref().expect("the event is taken");
    let row = desk.house.store.case(case).await.expect("the store answers");
    let reference = row.expect("the case is there").reference;
    let erased = desk
        .house
        .service
        .erase_case(&desk.coordinator, &reference, at(MONDAY))
        .await;
    erased.expect("the case is erased");
    let before = version(desk, case).await;
    let outcomes = desk
        .house
        .service
        .submit(&group, at(MONDAY))
        .await
        .expect("the database is well");
    let refused = outcomes[0].as_ref().expect_err("the case was erased");
    assert!(
        matches!(refused, Rejection::Unknown { what: "case", .. }),
        "{refused}"
    );
    assert_eq!(version(desk, case).await, before);
}

/// Longer than SQLite waits for a lock, so this takes five seconds by nature.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_locked_by_another_program_is_told_and_nothing_is_kept() {
    super::desk::with_desk(DatabaseKind::Sqlite, async |desk: &Desk| {
        let case = cases(desk, 1).await[0];
        let before = version(desk, case).await;
        let form = json!({"check_note": "asked again"});
        let group = [event(&desk.lawyer, case, "search_pressed", form, at(MONDAY))];
        let lock = desk.house.database.lock().await;
        // Several at once: they wait together, not one after another.
        let (one, two, three) = tokio::join!(
            desk.house.service.submit(&group, at(MONDAY)),
            desk.house.service.submit(&group, at(MONDAY)),
            desk.house.service.submit(&group, at(MONDAY)),
        );
        for error in [one, two, three].map(|answer| answer.expect_err("the file is locked")) {
            assert!(error.is_outage() && error.is_retryable(), "{error}");
            assert!(error.to_string().contains("busy (database is locked)"), "{error}");
        }
        assert_eq!(
            version(desk, case).await,
            before,
            "reading goes on, and nothing was kept"
        );
        lock.release().await;
        let outcomes = desk
            .house
            .service
            .submit(&group, at(MONDAY))
            .await
            .expect("the lock is free");
        outcomes[0].as_ref().expect("the event is taken");
    })
    .await;
}
