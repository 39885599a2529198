//! Where states go, and what has no place.

use peshi_casework::{InstanceId, Rejection};
use serde_json::json;

use crate::sample::{Life, RENAMED, WAY, day, kinds, pack};

#[test]
fn a_version_that_changes_nothing_for_a_case_is_one_entry() {
    let mut life = Life::new(pack(1, &[], ""));
    let (before, ids) = (life.case().clone(), life.ids());
    let moved = life.migrate(pack(2, &[], ""), day(4), None).unwrap();
    assert_eq!(kinds(&moved), ["migrated"]);
    assert!(moved.effects().is_empty());
    assert_eq!(life.ids(), ids, "no timer is touched");
    assert_eq!(life.case().pack.version, 2);
    assert_eq!(life.case().earlier_packs.last(), Some(&before.pack));
    assert_eq!(life.case().root().since, before.root().since);
    assert_eq!(
        life.live_until(day(30)),
        ["3 days before", "due", "after.received.0"]
    );
    let again = life.migrate(pack(2, &[], ""), day(30), None);
    assert_eq!(again.unwrap_err(), Rejection::SameVersion);
}

#[test]
fn what_has_no_place_is_refused_by_name_and_all_at_once() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    life.record(day(3), "pause", &json!({}));
    let before = life.case().clone();
    let refused = life.migrate(pack(2, RENAMED, ""), day(4), None).unwrap_err();
    assert_eq!(life.case(), &before, "nothing changed");
    insta::assert_snapshot!(refused, @"case 2026-0001 cannot go to version 2: `case` remembers `waiting` in `back`, which it does not have; `visit-1` is in `over`, which it does not have; the event `nudge` is on its way to `case`, and nothing there takes it; say in the new version's migration.yaml where it goes");
    let mut other = Life::new(pack(1, &[], ""));
    let refused = other.migrate(pack(2, RENAMED, ""), day(4), None).unwrap_err();
    insta::assert_snapshot!(refused, @"case 2026-0001 cannot go to version 2: `case` is in `received`, which it does not have; the deadline `answer` runs in `case`, and it has no such rule; say in the new version's migration.yaml where it goes");
    let elsewhere = other.migrate(
        pack(3, RENAMED, &WAY.replace("from: 1", "from: [2, \"abcdef01\"]")),
        day(4),
        None,
    );
    let why = elsewhere.unwrap_err().to_string();
    assert!(
        why.contains("speaks of cases from 2, abcdef01, and this one is on version 1 ("),
        "{why}"
    );
}

#[test]
fn names_go_where_the_new_version_says_and_history_with_them() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    life.record(day(4), "meet", &json!({"at": "2026-03-19T09:00"}));
    life.record(day(4), "pause", &json!({}));
    life.migrate(pack(2, RENAMED, WAY), day(5), None).unwrap();
    assert_eq!(life.leaves("case"), ["paused"]);
    assert_eq!(life.leaves("visit-1"), ["finished"]);
    assert_eq!(
        life.armed(),
        [
            ("1 day before".to_owned(), "2026-03-18T08:00:00Z".parse().unwrap()),
            ("due".to_owned(), "2026-03-19T09:00:00Z".parse().unwrap()),
            ("remind/nudging".to_owned(), day(7)),
        ]
    );
    life.record(day(6), "resume", &json!({}));
    assert_eq!(life.leaves("case"), ["pending"], "it went back to where it was");
    assert_eq!(life.live_until(day(8)), ["remind"]);
}

#[test]
fn a_state_counts_as_entered_when_it_was() {
    let mut life = Life::new(pack(1, &[], ""));
    let inside = &[
        ("received", "registered"),
        (
            "          waiting:",
            "          desk: { states: { quiet: {}, loud: {} }, on: { calm: { to: quiet } } }\n          waiting:",
        ),
    ];
    life.migrate(
        pack(
            2,
            inside,
            "states: { case: { received: desk } }\ndeadlines: { answer: drop }",
        ),
        day(5),
        None,
    )
    .unwrap();
    assert_eq!(
        life.leaves("case"),
        ["quiet"],
        "a state with states inside begins in its first"
    );
    let since = &life.case().root().since;
    assert_eq!(
        (since["open"], since["desk"], since["quiet"]),
        (day(2), day(2), day(5))
    );
    assert_eq!(
        life.armed(),
        [],
        "a dropped deadline and a clock its state does not have end"
    );
}

#[test]
fn an_instance_does_not_end_or_come_back_by_moving() {
    let mut life = Life::new(pack(1, &[], ""));
    let ends = life.migrate(
        pack(
            2,
            RENAMED,
            &WAY.replace("received: registered", "received: closed"),
        ),
        day(3),
        None,
    );
    assert!(
        ends.unwrap_err()
            .to_string()
            .contains("`case` still runs and would be at an end there, in `closed`")
    );
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    life.record_in(day(3), "visit-1", "held", &json!({}));
    let back = life.migrate(
        pack(2, RENAMED, &WAY.replace("over: finished", "over: planned")),
        day(4),
        None,
    );
    assert!(
        back.unwrap_err()
            .to_string()
            .contains("`visit-1` has ended and would not be at an end there")
    );
}

#[test]
fn a_number_taken_by_a_renamed_chart_is_not_given_again() {
    let mut life = Life::new(pack(1, &[], ""));
    life.record(day(2), "ask", &json!({}));
    life.record(day(3), "meet", &json!({"at": "2026-03-09T09:00"}));
    let renamed = &[
        ("  visit:\n    states", "  meeting:\n    states"),
        ("spawn: visit", "spawn: meeting"),
    ];
    life.migrate(pack(2, renamed, "charts: { visit: meeting }"), day(4), None)
        .unwrap();
    assert_eq!(
        life.case().instances[&InstanceId::named("visit-1")].chart,
        "meeting"
    );
    life.record(day(4), "meet", &json!({"at": "2026-03-19T09:00"}));
    assert!(
        life.case()
            .instances
            .contains_key(&InstanceId::named("meeting-2"))
    );
}
