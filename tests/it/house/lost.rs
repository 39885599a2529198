//! PostgreSQL goes away and comes back: connections ended by an operator, a line cut around a `COMMIT`, a server that is
//! gone. What was acknowledged is there once, what was refused is not there, and the words say which.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use peshi_casework::{Actor, CaseId, Command};
use peshi_service::{RecordEvent, Service, ServiceError, Submission};
use peshi_test_support::DatabaseKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, MONDAY, at, fields, with_desk};
use super::wire::{Cut, Wire};

async fn on_a_line(story: impl AsyncFnOnce(&Desk, &mut Wire, Arc<Service>)) {
    with_desk(DatabaseKind::Postgres, async |desk: &Desk| {
        let url = &desk.house.database.url;
        let mut wire = Wire::to(url).await;
        let node = desk.house.beside(&wire.url(url), 99).await;
        story(desk, &mut wire, Arc::clone(&node)).await;
        node.finish().await;
    })
    .await;
}

async fn press(node: &Service, desk: &Desk, case: &str, marker: &str) -> Result<i64, ServiceError> {
    let event = RecordEvent {
        instance: "case".to_owned(),
        event: "search_pressed".to_owned(),
        form: fields(json!({"check_note": marker})),
        ..RecordEvent::default()
    };
    node.record(&desk.lawyer, case, event, at(MONDAY)).await
}

/// How often each marker stands in the journal of a case.
async fn markers(desk: &Desk, case: &str) -> BTreeMap<String, usize> {
    let journal = desk.house.service.journal(&desk.lawyer, case, 0, 100_000).await;
    let text = serde_json::to_value(journal.expect("the journal can be read")).expect("it is JSON");
    let mut found = BTreeMap::new();
    let mut todo = vec![&text];
    while let Some(value) = todo.pop() {
        match value {
            Value::Array(values) => todo.extend(values),
            Value::Object(values) => todo.extend(values.values()),
            Value::String(word) if word.starts_with("marker ") => {
                *found.entry(word.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
    found
}

async fn all_holds(desk: &Desk) {
    let verified = desk.house.service.verify(None, |_| {}).await;
    let verified = verified.expect("the store answers");
    assert!(verified.broken.is_empty(), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_an_answer_happens_once() {
    on_a_line(async |desk, wire, node| {
        let case = desk.open(&desk.lawyer).await;
        let mut version = press(&node, desk, &case, "marker first").await.expect("recorded");
        for (n, cut) in [Cut::Before, Cut::After, Cut::After, Cut::Before]
            .into_iter()
            .enumerate()
        {
            wire.arm(cut);
            let next = press(&node, desk, &case, &format!("marker {n}")).await;
            let next = next.unwrap_or_else(|e| panic!("{cut:?}: {e}"));
            assert!(wire.spent(), "{cut:?}: the line was cut");
            assert!(next > version, "{cut:?}: the answer tells the version it made");
            version = next;
        }
        let found = markers(desk, &case).await;
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(found.values().all(|times| *times == 1), "{found:?}");
        all_holds(desk).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_without_an_answer_opens_one_case() {
    on_a_line(async |desk, wire, node| {
        let form = json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
        let mut references = vec![desk.open(&desk.lawyer).await];
        for cut in [Cut::Before, Cut::After] {
            wire.arm(cut);
            let opened = node.open_case(&desk.lawyer, "abduction", fields(form.clone()), at(MONDAY));
            references.push(opened.await.unwrap_or_else(|e| panic!("{cut:?}: {e}")));
            assert!(wire.spent(), "{cut:?}: the line was cut");
        }
        assert_eq!(
            references,
            ["2026-0001", "2026-0002", "2026-0003"],
            "no number is lost or given twice"
        );
        let count = desk
            .house
            .store
            .count_cases(&peshi_store::CaseFilter::default())
            .await;
        assert_eq!(count.expect("the store answers"), 3);
        all_holds(desk).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_without_an_answer_is_applied_once_and_answered() {
    on_a_line(async |desk, wire, node| {
        for (step, cut) in [(1, Cut::After), (2, Cut::Before)] {
            let case = Uuid::from_u128(u128::try_from(step).expect("a small number"));
            let command = Command::Open {
                case: CaseId(case),
                reference: format!("log-{step}"),
                form: fields(
                    json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"}),
                ),
                team: Vec::new(),
            };
            let submission = Submission {
                pack: Some("abduction".to_owned()),
                ..Submission::new(
                    case,
                    command,
                    Actor::Importer,
                    Some("importer".to_owned()),
                    at(MONDAY),
                )
            };
            wire.arm(cut);
            let answer = node.submit_step("run", step, &[submission], at(MONDAY)).await;
            let outcomes = answer.unwrap_or_else(|e| panic!("{cut:?}: {e}"));
            assert!(wire.spent(), "{cut:?}: the line was cut");
            let outcome = outcomes.expect("it was not applied before").remove(0);
            assert_eq!(
                outcome.expect("the case is opened").reference,
                format!("log-{step}")
            );
        }
        assert_eq!(node.steps_applied("run").await.expect("the store answers"), 2);
        all_holds(desk).await;
    })
    .await;
}

const PEOPLE: usize = 6;
const EACH: usize = 25;

/// People record while something happens to the line; every recording succeeds and is there once.
async fn under_load(desk: &Desk, node: &Arc<Service>, mut trouble: impl AsyncFnMut(usize)) {
    let mut cases = Vec::new();
    for _ in 0..2 {
        cases.push(desk.open(&desk.lawyer).await);
    }
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        let (node, done, by) = (Arc::clone(node), Arc::clone(&done), desk.lawyer.clone());
        let case = cases[person % cases.len()].clone();
        tasks.spawn(async move {
            for n in 0..EACH {
                let event = RecordEvent {
                    instance: "case".to_owned(),
                    event: "search_pressed".to_owned(),
                    form: fields(json!({"check_note": format!("marker {person}-{n}")})),
                    ..RecordEvent::default()
                };
                // Looking the case up is not tried again by itself: a page that fails is loaded again.
                let mut event = Some(event);
                while let Some(this) = event.take() {
                    match node.record(&by, &case, this.clone(), at(MONDAY)).await {
                        Ok(_) => {}
                        Err(error) if error.is_retryable() && !error.is_uncertain() => event = Some(this),
                        Err(error) => panic!("{error}"),
                    }
                }
                done.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let mut seen = 0;
    while !tasks.is_empty() {
        let now = done.load(Ordering::SeqCst);
        if now >= seen + 20 {
            seen = now;
            trouble(seen).await;
        }
        if let Some(done) = tasks.try_join_next() {
            done.expect("nobody breaks off");
        }
        tokio::task::yield_now().await;
    }
    let mut all = BTreeMap::new();
    for case in &cases {
        all.append(&mut markers(desk, case).await);
    }
    assert_eq!(all.len(), PEOPLE * EACH);
    assert!(all.values().all(|times| *times == 1), "{all:?}");
    all_holds(desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_who_ends_connections_costs_nothing() {
    with_desk(DatabaseKind::Postgres, async |desk: &Desk| {
        let node = Arc::clone(&desk.house.service);
        under_load(desk, &node, async |_| {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid()";
            desk.house.database.tamper(all).await;
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_costs_nothing() {
    on_a_line(async |desk, wire, node| {
        under_load(desk, &node, async |_| {
            wire.cut().await;
            wire.mend().await;
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stays_away_is_told_and_nothing_is_kept() {
    on_a_line(async |desk, wire, node| {
        let case = desk.open(&desk.lawyer).await;
        press(&node, desk, &case, "marker before")
            .await
            .expect("recorded");
        let row = desk
            .house
            .store
            .case_by_reference(&case)
            .await
            .expect("the store answers");
        let row = row.expect("the case is there");
        wire.cut().await;
        let command = Command::RaiseTask {
            key: "message_failed".to_owned(),
        };
        let submission = Submission::new(row.id, command, Actor::Machine, None, at(MONDAY));
        let error = node
            .submit(std::slice::from_ref(&submission), at(MONDAY))
            .await
            .expect_err("the server is gone");
        assert!(
            error.is_outage() && error.is_retryable() && !error.is_uncertain(),
            "{error}"
        );
        let words = error.to_string();
        assert!(
            words.contains("does not answer") || words.contains("was lost"),
            "{words}"
        );
        wire.mend().await;
        let same = desk.house.store.case(row.id).await.expect("the store answers");
        assert_eq!(same.expect("the case is there").version, row.version);
        let outcomes = node.submit(&[submission], at(MONDAY)).await.expect("it is back");
        outcomes[0].as_ref().expect("and the task is raised");
    })
    .await;
}
