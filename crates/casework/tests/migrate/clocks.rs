//! What becomes of deadlines, ladders, clocks of states and events on their way.

use chrono::{DateTime, Utc};
use peshi_casework::Fact;
use peshi_casework::pack::TimerPolicy;
use serde_json::json;

use crate::sample::{Life, RENAMED, WAY, day, end_of, kinds, pack};

/// Day of opening 2, period 10 days, so the old date is the end of the 12th and its reminder goes on the 9th at 08:00.
#[test]
fn the_three_policies() {
    use TimerPolicy::{KeepDue, KeepRemaining, Rederive};
    let cases = [
        // On the 6th, six days are left.
        (KeepDue, "14 days", 6, end_of(12)),
        (KeepRemaining, "14 days", 6, end_of(12)),
        (Rederive, "14 days", 6, end_of(16)),
        (Rederive, "6 days", 6, end_of(8)),
        // Six days left become six working days left: the 8th, a Sunday, does not count.
        (KeepRemaining, "20 working days", 6, end_of(13)),
        (KeepRemaining, "100 hours", 6, end_of(12)),
        (Rederive, "100 hours", 4, "2026-03-06T16:00:00Z".parse().unwrap()),
    ];
    for (policy, period, today, due) in cases {
        let mut life = Life::new(pack(1, &[], ""));
        let v2 = pack(2, &[("period: 10 days", &format!("period: {period}"))], "");
        let ids = life.ids();
        let moved = life.migrate(v2, day(today), Some(policy)).unwrap();
        let case = life.case();
        let deadline = case.deadlines.values().next().unwrap();
        assert_eq!(deadline.computed.due_at, due, "{policy} {period}");
        let armed = life.armed();
        assert!(
            armed.contains(&("due".to_owned(), due)),
            "{policy} {period}: {armed:?}"
        );
        if due == end_of(12) {
            assert_eq!(life.ids(), ids, "{policy} {period}: what stays is not armed anew");
        } else {
            assert!(
                kinds(&moved).contains(&"task_raised"),
                "people hear of another date"
            );
            assert_eq!(moved.agenda().iter().filter(|i| i.due_at == Some(due)).count(), 1);
        }
    }
}

#[test]
fn a_rule_may_have_a_policy_of_its_own() {
    let mut life = Life::new(pack(1, &[], ""));
    let way = "timers: keep_due\ntimers_for: { answer: rederive }";
    life.migrate(
        pack(2, &[("period: 10 days", "period: 14 days")], way),
        day(4),
        Some(TimerPolicy::KeepDue),
    )
    .unwrap();
    assert_eq!(
        life.case().deadlines.values().next().unwrap().computed.due_at,
        end_of(16)
    );
}

#[test]
fn a_reminder_that_went_out_does_not_come_back() {
    for policy in TimerPolicy::ALL {
        let mut life = Life::new(pack(1, &[], ""));
        assert_eq!(life.live_until(day(10)), ["3 days before"]);
        let ladder = &[
            ("period: 10 days", "period: 18 days"),
            ("[\"3 days before\"]", "[\"3 days before\", \"1 day before\"]"),
        ];
        life.migrate(pack(2, ladder, ""), day(10), Some(policy)).unwrap();
        let fired: Vec<String> = life
            .live_until(day(30))
            .into_iter()
            .filter(|f| !f.starts_with("after"))
            .collect();
        assert_eq!(fired, ["1 day before", "due"], "{policy}");
        assert_eq!(missed(&life), 1, "{policy}");
    }
}

fn missed(life: &Life) -> usize {
    let facts = life.journal.iter().map(|e| &e.fact);
    facts.filter(|f| matches!(f, Fact::DeadlineMissed { .. })).count()
}

#[test]
fn a_date_that_is_past_by_the_new_rule_is_missed_once() {
    let mut life = Life::new(pack(1, &[], ""));
    let short = &[("period: 10 days", "period: 2 days")];
    life.migrate(pack(2, short, ""), day(8), Some(TimerPolicy::Rederive))
        .unwrap();
    assert_eq!(life.live_until(day(8)), ["due"]);
    assert_eq!(missed(&life), 1);
    let tasks: Vec<&str> = life.case().tasks.values().map(|t| t.key.as_str()).collect();
    assert!(
        tasks.contains(&"late"),
        "the miss has its usual consequences: {tasks:?}"
    );
    // Missed is missed: a longer period does not bring it back to life.
    let long = &[("period: 10 days", "period: 25 days")];
    for (number, policy) in (3..).zip(TimerPolicy::ALL) {
        life.migrate(pack(number, long, ""), day(9), Some(policy))
            .unwrap();
    }
    assert!(!life.armed().iter().any(|(what, _)| what == "due"));
    life.live_until(day(31));
    assert_eq!(missed(&life), 1);
}

#[test]
fn rules_stop_and_begin_with_what_the_states_ask_for() {
    let other = &[
        ("[answer]", "[visited]"),
        (
            "deadlines:\n  answer",
            "deadlines:\n  visited: { kind: internal, period: 3 days, who: us }\n  answer",
        ),
    ];
    for (policy, due) in [
        (TimerPolicy::KeepDue, end_of(8)),
        (TimerPolicy::Rederive, end_of(5)),
    ] {
        let mut life = Life::new(pack(1, &[], ""));
        life.migrate(pack(2, other, ""), day(5), Some(policy)).unwrap();
        let open: Vec<(&str, DateTime<Utc>)> = life
            .case()
            .deadlines
            .values()
            .filter(|d| d.is_open())
            .map(|d| (d.rule.as_str(), d.computed.due_at))
            .collect();
        assert_eq!(open, [("visited", due)], "{policy}");
        assert_eq!(life.armed().iter().filter(|(what, _)| what == "due").count(), 1);
    }
}

#[test]
fn clocks_of_states_go_on_begin_and_stay_spent() {
    use TimerPolicy::{KeepDue, Rederive};
    let after = |period: &str| [("20 days", period.to_owned())];
    for (policy, due) in [(KeepDue, day(22)), (Rederive, day(12))] {
        let mut life = Life::new(pack(1, &[], ""));
        let replaced = after("10 days");
        let replaced: Vec<(&str, &str)> = replaced.iter().map(|(a, b)| (*a, b.as_str())).collect();
        let all: Vec<(&str, &str)> = RENAMED.iter().copied().chain(replaced).collect();
        life.migrate(pack(2, &all, WAY), day(5), Some(policy)).unwrap();
        let clock = life
            .armed()
            .into_iter()
            .find(|(what, _)| what.starts_with("after"))
            .unwrap();
        assert_eq!(clock, ("after.registered.0".to_owned(), due), "{policy}");
    }
    // A clock its state did not have begins; one whose guard let nothing happen had its turn.
    let none: &[(&str, &str)] = &[("            after: { 20 days: { to: waiting } }\n", "")];
    let mut life = Life::new(pack(1, none, ""));
    life.migrate(pack(2, &[], ""), day(5), None).unwrap();
    assert!(life.armed().contains(&("after.received.0".to_owned(), day(25))));
    let idle: &[(&str, &str)] = &[("20 days: { to: waiting }", "1 day: { do: [{ task: call }] }")];
    let mut life = Life::new(pack(1, idle, ""));
    assert_eq!(life.live_until(day(4)), ["after.received.0"]);
    life.migrate(pack(2, &[], ""), day(5), Some(Rederive)).unwrap();
    assert!(!life.armed().iter().any(|(what, _)| what.starts_with("after")));
}

#[test]
fn events_on_their_way_are_renamed_dropped_or_refused() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.migrate(
        pack(2, RENAMED, &WAY.replace("nudge: remind", "nudge: drop")),
        day(3),
        None,
    )
    .unwrap();
    assert_eq!(life.armed(), []);
}
