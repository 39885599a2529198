//! Days that an administrator adds to a calendar, and what lawyers do to a running date: through the gate, journalled,
//! and the same however often it is asked or broken off.

use chrono::TimeDelta;
use peshi_casework::DeadlineAct;
use peshi_service::views::DateView;
use peshi_service::{ChangeDeadline, DayStatusWord, NewDay, Only, RecordEvent, ServiceError};
use peshi_store::{CalendarDayRow, JobKind, JobState};
use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, MONDAY, at, fields};

super::on_both!(
    a_strike_moves_dates_after_a_look,
    a_hearing_on_a_closed_day_is_pointed_out,
    a_run_that_died_is_finished,
    another_process_reckons_with_it_at_once,
    a_clock_is_stopped_and_runs_on,
);

/// A case that was refused on Monday: the answer is due on the next working day, Tuesday the 14th.
async fn refused(desk: &Desk) -> String {
    let case = desk.open(&desk.lawyer).await;
    let form = json!({"proof": "written"});
    let recorded = desk
        .record(&desk.lawyer, &case, ("case", "fir_refused"), form, at(MONDAY))
        .await;
    recorded.expect("the refusal is recorded");
    case
}

fn strike(day: &str, city: &str) -> NewDay {
    NewDay {
        calendar: "pk".to_owned(),
        day: day.parse().expect("a date"),
        name: "Strike".to_owned(),
        status: DayStatusWord::Confirmed,
        only: Only {
            city: Some(city.to_owned()),
            ..Only::default()
        },
    }
}

async fn date(desk: &Desk, case: &str, rule: &str) -> DateView {
    let dates = desk.house.service.deadlines(&desk.lawyer, case, at(MONDAY)).await;
    let key = format!("deadline-{rule}");
    let found = dates
        .expect("the lawyer may look")
        .into_iter()
        .find(|d| d.key == key);
    found.unwrap_or_else(|| panic!("{rule} runs"))
}

/// Moments at which something of a case waits to happen.
async fn waiting(desk: &Desk, case: &str) -> Vec<String> {
    let jobs = desk.jobs(Some(case), JobKind::Timer).await;
    let open = jobs.into_iter().filter(|job| job.state == JobState::Waiting);
    let mut moments: Vec<String> = open.map(|job| job.due_at.to_rfc3339()).collect();
    moments.sort();
    moments
}

async fn a_strike_moves_dates_after_a_look(desk: &Desk) {
    let case = refused(desk).await;
    let service = &desk.house.service;
    let (now, new) = (at(MONDAY), strike("2026-04-14", "invented"));
    let refused = service.preview_calendar_day(&desk.lawyer, &new, now).await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden { .. })),
        "{refused:?}"
    );

    let elsewhere = strike("2026-04-14", "elsewhere");
    let would = service
        .preview_calendar_day(&desk.administrator, &elsewhere, now)
        .await;
    assert_eq!(
        would.expect("it can be looked at").count,
        0,
        "another city's strike"
    );
    let before = waiting(desk, &case).await;
    let would = service.preview_calendar_day(&desk.administrator, &new, now).await;
    let would = would.expect("it can be looked at");
    let told: Vec<_> = would
        .moves
        .iter()
        .map(|m| {
            (
                m.reference.as_str(),
                m.from.to_string(),
                m.to.map(|d| d.to_string()),
            )
        })
        .collect();
    assert_eq!(
        told,
        [(
            case.as_str(),
            "2026-04-14".to_owned(),
            Some("2026-04-15".to_owned())
        )]
    );
    assert_eq!(waiting(desk, &case).await, before, "a look changes nothing");

    let changed = service.add_calendar_day(&desk.administrator, &new, now).await;
    assert_eq!(changed.expect("it is added"), 1);
    let moved = date(desk, &case, "refusal_answer").await;
    assert_eq!(moved.last_day, "2026-04-15".parse().ok());
    assert!(
        moved.why.iter().any(|line| line.text == "Strike"),
        "{:?}",
        moved.why
    );
    let after = waiting(desk, &case).await;
    assert_eq!(after.len(), before.len(), "each timer is armed once");
    assert_ne!(after, before);
    let again = service.add_calendar_day(&desk.administrator, &new, now).await;
    assert_eq!(again.expect("it is added"), 0, "nothing more to move");
    assert_eq!(waiting(desk, &case).await, after);
    let verified = service.verify(Some(&case), |_| ()).await;
    assert!(verified.expect("it can be verified").broken.is_empty());
}

async fn a_hearing_on_a_closed_day_is_pointed_out(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let service = &desk.house.service;
    let before = date(desk, &case, "hearing").await;
    let new = strike("2026-04-30", "invented");
    for changed in [1, 0] {
        let done = service
            .add_calendar_day(&desk.administrator, &new, at(MONDAY))
            .await;
        assert_eq!(done.expect("it is added"), changed);
    }
    assert_eq!(date(desk, &case, "hearing").await.due_at, before.due_at);
    let view = service
        .case(&desk.lawyer, &case, at(MONDAY))
        .await
        .expect("it opens");
    let tasks = view
        .tasks
        .iter()
        .filter(|t| t.key == "task-hearing_on_closed_day");
    assert_eq!(tasks.count(), 1);
}

async fn a_run_that_died_is_finished(desk: &Desk) {
    let case = refused(desk).await;
    // All that a process left which died right after it had kept the day.
    let row = CalendarDayRow {
        id: Uuid::from_u128(7),
        calendar: "punjab".to_owned(),
        day: "2026-04-14".parse().expect("a date"),
        name: "Smog".to_owned(),
        status: "confirmed".to_owned(),
        province: None,
        city: None,
        court: None,
        added_at: at(MONDAY),
        followed_at: None,
    };
    let mut tx = desk.house.store.begin().await.expect("a transaction");
    tx.put_calendar_day(&row).await.expect("the day is kept");
    tx.commit().await.expect("it is written");
    let service = &desk.house.service;
    for (minutes, last) in [(1, "2026-04-14"), (6, "2026-04-15"), (12, "2026-04-15")] {
        let now = at(MONDAY) + TimeDelta::minutes(minutes);
        service.keep_calendars(now).await.expect("it goes on");
        let moved = date(desk, &case, "refusal_answer").await;
        assert_eq!(moved.last_day, last.parse().ok(), "after {minutes} minutes");
    }
    let days = desk.house.store.calendar_days().await.expect("the store answers");
    assert!(days.iter().all(|day| day.followed_at.is_some()));
}

async fn another_process_reckons_with_it_at_once(desk: &Desk) {
    let (known, new) = (desk.open(&desk.lawyer).await, desk.open(&desk.lawyer).await);
    let other = desk.house.beside(&desk.house.database.url, 2).await;
    let record = async |case: &str, event: &str, form: serde_json::Value| {
        let event = RecordEvent {
            instance: "case".to_owned(),
            event: event.to_owned(),
            form: fields(form),
            ..RecordEvent::default()
        };
        let recorded = other.record(&desk.lawyer, case, event, at(MONDAY)).await;
        recorded.expect("it is recorded");
    };
    // This case is at hand in the other process when the day is added; the second is not.
    record(&known, "search_pressed", json!({"check_note": "no news"})).await;
    let strike = strike("2026-04-14", "invented");
    let added = desk
        .house
        .service
        .add_calendar_day(&desk.administrator, &strike, at(MONDAY))
        .await;
    added.expect("it is added");
    for case in [known, new] {
        record(&case, "fir_refused", json!({"proof": "written"})).await;
        let due = date(desk, &case, "refusal_answer").await;
        assert_eq!(due.last_day, "2026-04-15".parse().ok(), "{case}");
    }
    other.finish().await;
}

async fn a_clock_is_stopped_and_runs_on(desk: &Desk) {
    let case = refused(desk).await;
    let service = &desk.house.service;
    let running = date(desk, &case, "refusal_answer").await;
    let before = waiting(desk, &case).await;
    let change = |act| ChangeDeadline {
        deadline: running.id.clone(),
        act,
        occurred_at: None,
        expected_version: None,
    };
    let stop = || DeadlineAct::Stop {
        category: "family_request".to_owned(),
        reason: "they ask for a week".to_owned(),
    };
    let stranger = service
        .change_deadline(&desk.stranger, &case, change(stop()), at(MONDAY))
        .await;
    assert!(matches!(stranger, Err(ServiceError::NotFound)), "{stranger:?}");
    let stopped = service
        .change_deadline(&desk.lawyer, &case, change(stop()), at(MONDAY))
        .await;
    stopped.expect("it is stopped");
    assert!(
        waiting(desk, &case).await.len() < before.len(),
        "nothing of it waits"
    );
    let later = at(MONDAY) + TimeDelta::days(7);
    desk.recording("b").tick(later).await.expect("a tick");
    let stands = date(desk, &case, "refusal_answer").await;
    assert!(!stands.missed && stands.stopped.as_deref() == Some("family_request"));
    let resumed = service
        .change_deadline(&desk.lawyer, &case, change(DeadlineAct::Resume), later)
        .await;
    resumed.expect("it runs again");
    let runs = date(desk, &case, "refusal_answer").await;
    assert_eq!(
        runs.last_day,
        "2026-04-20".parse().ok(),
        "the one day that was left is the day on which it runs again"
    );
    let set = DeadlineAct::Override {
        day: "2026-04-25".parse().expect("a date"),
        time: None,
        reason: "the order says so".to_owned(),
    };
    let denied = service
        .change_deadline(&desk.coordinator, &case, change(set.clone()), later)
        .await;
    assert!(matches!(denied, Err(ServiceError::Rejected(_))), "{denied:?}");
    let done = service
        .change_deadline(&desk.lawyer, &case, change(set), later)
        .await;
    done.expect("a lawyer may");
    let by_hand = date(desk, &case, "refusal_answer").await;
    assert_eq!(by_hand.reckoned_day, "2026-04-20".parse().ok());
    let met = DeadlineAct::Met {
        proof: "diary no. 7".to_owned(),
    };
    let done = service
        .change_deadline(&desk.lawyer, &case, change(met), later)
        .await;
    done.expect("it is met");
    assert!(date(desk, &case, "refusal_answer").await.ended);
    let verified = service.verify(Some(&case), |_| ()).await;
    assert!(verified.expect("it can be verified").broken.is_empty());
}
