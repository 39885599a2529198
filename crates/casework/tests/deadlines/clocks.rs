//! The copy that comes, clocks that stand still, dates that people set, and a calendar that changes.

use peshi_calendar::{ClosedDay, DayStatus, Explained, Only, Why};
use peshi_casework::{Command, DeadlineAct, DeadlineProblem, Fact, Rejection};
use serde_json::json;

use crate::sample::{Desk, lost, noon};

fn stop(category: &str) -> DeadlineAct {
    DeadlineAct::Stop {
        category: category.to_owned(),
        reason: "because".to_owned(),
    }
}

fn set(day: &str) -> DeadlineAct {
    DeadlineAct::Override {
        day: day.parse().unwrap(),
        time: None,
        reason: "the order says so".to_owned(),
    }
}

fn problem(result: Result<peshi_casework::Decision, Rejection>) -> DeadlineProblem {
    match result {
        Err(Rejection::Deadline { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limitation_has_two_dates_and_a_rung_on_the_earlier() {
    let desk = lost("sessions_court", "2026-03-02");
    let date = desk.date("appeal");
    assert_eq!(date.last_day, Some("2026-04-01".parse().unwrap()));
    assert_eq!(date.internal_last_day, Some("2026-03-26".parse().unwrap()));
    // Counted back from the legal last day; one rung stands on the internal day.
    let due = |text: &str| text.parse().unwrap();
    assert_eq!(
        desk.rungs("appeal"),
        [
            ("7 days before at 09:00".to_owned(), due("2026-03-25T04:00:00Z")),
            ("internal day at 10:00".to_owned(), due("2026-03-26T05:00:00Z")),
        ]
    );
}

#[test]
fn the_time_for_the_copy_does_not_count_once_it_came() {
    let mut desk = lost("sessions_court", "2026-03-02");
    desk.record(
        "2026-03-05",
        "proceeding-1",
        "copy",
        json!({ "copy_applied_on": "2026-03-05" }),
    );
    assert_eq!(
        desk.last_day("appeal"),
        "2026-04-01".parse().unwrap(),
        "awaited: the safe date stays"
    );
    let decision = desk.record(
        "2026-03-17",
        "proceeding-1",
        "copy",
        json!({ "copy_received_on": "2026-03-17" }),
    );
    assert_eq!(
        desk.last_day("appeal"),
        "2026-04-13".parse().unwrap(),
        "twelve days later"
    );
    let told = desk.date("appeal").steps.iter().find_map(|step| match step {
        Explained::Excluded { days, reason, .. } => Some((*days, reason.clone())),
        _ => None,
    });
    assert_eq!(told, Some((Some(12), Why::CopyTime)));
    let moved = decision.entries().iter().filter(
        |e| matches!(&e.fact, Fact::DeadlineMoved { because, .. } if because.as_deref() == Some("copy_time")),
    );
    assert_eq!(moved.count(), 1);
    assert!(desk.case().tasks.values().any(|t| t.key == "date_moved"));
    // The same again changes nothing.
    let again = desk.record(
        "2026-03-18",
        "proceeding-1",
        "copy",
        json!({ "copy_received_on": "2026-03-17" }),
    );
    assert!(again.entries().iter().all(|e| e.fact.kind() != "deadline_moved"));
}

#[test]
fn a_stopped_clock_keeps_what_is_left() {
    let mut desk = Desk::open("2026-03-02", json!({}));
    desk.act("2026-03-05", "answer", stop("family_request")).unwrap();
    assert!(desk.deadline("answer").is_stopped());
    assert_eq!(desk.rungs("answer"), []);
    assert_eq!(
        problem(desk.act("2026-03-06", "answer", stop("other"))),
        DeadlineProblem::Stopped
    );
    desk.act("2026-03-20", "answer", DeadlineAct::Resume).unwrap();
    assert_eq!(
        desk.last_day("answer"),
        "2026-03-27".parse().unwrap(),
        "fifteen days later"
    );
    assert_eq!(desk.rungs("answer").len(), 1);
    assert_eq!(
        problem(desk.act("2026-03-21", "answer", DeadlineAct::Resume)),
        DeadlineProblem::Running
    );
    // Stopped and started on one day: the date stays and is armed again.
    desk.act("2026-03-22", "answer", stop("other")).unwrap();
    desk.act("2026-03-22", "answer", DeadlineAct::Resume).unwrap();
    assert_eq!(desk.last_day("answer"), "2026-03-27".parse().unwrap());
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let mut desk = lost("sessions_court", "2026-03-02");
    let today = "2026-03-03";
    assert_eq!(
        problem(desk.act(today, "appeal", stop("adjourned_by_consent"))),
        DeadlineProblem::Limitation
    );
    desk.act(today, "appeal", stop("court_stay")).unwrap();
    assert_eq!(
        problem(desk.act(today, "answer_punjab", stop("weather"))),
        DeadlineProblem::Category
    );
    let silent = DeadlineAct::Met {
        proof: " ".to_owned(),
    };
    assert_eq!(
        problem(desk.act(today, "answer_punjab", silent)),
        DeadlineProblem::NoReason
    );
    desk.role = "clerk";
    assert!(matches!(
        desk.act(today, "answer_punjab", set("2026-03-30")),
        Err(Rejection::NotYours { .. })
    ));
    desk.role = "lawyer";
    desk.record(today, "case", "finish", json!({}));
    assert_eq!(
        problem(desk.act(today, "answer_punjab", stop("other"))),
        DeadlineProblem::Over
    );
}

#[test]
fn a_set_date_stands_and_the_reckoned_one_is_kept() {
    let mut desk = lost("sessions_court", "2026-03-02");
    desk.act("2026-03-03", "appeal", set("2026-03-20")).unwrap();
    desk.act("2026-03-04", "appeal", set("2026-03-23")).unwrap();
    let deadline = desk.deadline("appeal");
    assert_eq!(deadline.computed.last_day, Some("2026-03-23".parse().unwrap()));
    assert_eq!(
        deadline.computed.internal_last_day,
        Some("2026-03-17".parse().unwrap())
    );
    let set_by = deadline.overridden.as_ref().unwrap();
    assert_eq!(set_by.reckoned.last_day, Some("2026-04-01".parse().unwrap()));
    // Nothing that the machine reckons moves it.
    desk.record(
        "2026-03-05",
        "proceeding-1",
        "copy",
        json!({ "copy_applied_on": "2026-03-03", "copy_received_on": "2026-03-05" }),
    );
    assert_eq!(desk.last_day("appeal"), "2026-03-23".parse().unwrap());
}

#[test]
fn it_is_met_with_proof_or_excused_with_a_reason() {
    let mut desk = lost("sessions_court", "2026-03-02");
    let met = DeadlineAct::Met {
        proof: "diary no. 12".to_owned(),
    };
    desk.act("2026-03-10", "appeal", met).unwrap();
    let settled = desk.deadline("appeal").settled.clone().unwrap();
    assert_eq!((settled.excused, settled.text.as_str()), (false, "diary no. 12"));
    let excuse = DeadlineAct::Excuse {
        reason: "the family withdrew".to_owned(),
    };
    desk.act("2026-03-10", "answer_punjab", excuse).unwrap();
    assert!(desk.deadline("answer_punjab").settled.as_ref().unwrap().excused);
    assert!(!desk.running().contains(&"appeal"));
}

#[test]
fn a_changed_calendar_moves_dates_once_and_points_at_hearings() {
    let mut desk = lost("sessions_court", "2026-03-02");
    desk.record(
        "2026-03-03",
        "proceeding-1",
        "listed",
        json!({ "at": "2026-04-01T09:00" }),
    );
    // Leaving the state ended the appeal's clock; open another case for it.
    let mut other = lost("sessions_court", "2026-03-02");
    let strike = |city: &str| ClosedDay {
        date: "2026-04-01".parse().unwrap(),
        name: "Strike".to_owned(),
        status: DayStatus::Confirmed,
        only: Only {
            city: Some(city.to_owned()),
            ..Only::default()
        },
    };
    other.calendar.closed.push(strike("multan"));
    let nothing = other.ask(noon("2026-03-04"), &Command::FollowCalendar).unwrap();
    assert!(nothing.entries().is_empty(), "another city's day");
    for desk in [&mut desk, &mut other] {
        desk.calendar.closed.push(strike("lahore"));
        desk.ask(noon("2026-03-04"), &Command::FollowCalendar).unwrap();
        let again = desk.ask(noon("2026-03-04"), &Command::FollowCalendar).unwrap();
        assert!(again.entries().is_empty(), "done twice, nothing more happens");
    }
    assert_eq!(other.last_day("appeal"), "2026-04-02".parse().unwrap());
    assert!(other.case().tasks.values().any(|t| t.key == "date_moved"));
    let hearing = desk.date("hearing").due_at;
    assert_eq!(
        hearing,
        "2026-04-01T04:00:00Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    );
    assert_eq!(
        desk.case()
            .tasks
            .values()
            .filter(|t| t.key == "hearing_on_closed_day")
            .count(),
        1
    );
}
