//! Which rule applies: province, court, dates of force.

use peshi_casework::pack::{Standing, load};
use peshi_casework::{WhyIdle, idle_rules};
use serde_json::json;

use crate::sample::{Desk, files, lost};

#[test]
fn exactly_the_rule_of_the_province_begins() {
    for (form, rule) in [
        (json!({ "province": "punjab" }), "answer_punjab"),
        (json!({ "province": "sindh" }), "answer_sindh"),
        (json!({ "province": "balochistan" }), "answer_sindh"),
        (json!({ "province": "ict" }), "answer"),
        (json!({}), "answer"),
    ] {
        let desk = Desk::open("2026-03-02", form.clone());
        assert_eq!(desk.running(), [rule, "duty"], "{form}");
    }
}

#[test]
fn exactly_the_rule_of_the_court_begins() {
    for (forum, rule, last) in [
        ("sessions_court", "revision_sessions", "2026-04-01"),
        ("high_court", "revision_high_court", "2026-05-01"),
    ] {
        let desk = lost(forum, "2026-03-02");
        assert!(desk.running().contains(&rule));
        assert_eq!(
            desk.running()
                .iter()
                .filter(|r| r.starts_with("revision"))
                .count(),
            1
        );
        assert_eq!(desk.last_day(rule), last.parse().unwrap());
    }
    // Where the court is not known, the first written begins: the shorter period.
    let mut desk = Desk::open("2026-03-02", json!({}));
    desk.record("2026-03-02", "case", "sue", json!({}));
    desk.record(
        "2026-03-02",
        "proceeding-1",
        "judged",
        json!({ "judged_on": "2026-03-02" }),
    );
    assert_eq!(desk.running(), ["answer", "appeal", "duty", "revision_sessions"]);
}

#[test]
fn a_limitation_moves_by_the_week_of_its_own_court() {
    // 30 days after 5 March is Saturday 4 April: the sessions court sits, the High Court does not.
    for (forum, last) in [("sessions_court", "2026-04-04"), ("high_court", "2026-04-06")] {
        assert_eq!(
            lost(forum, "2026-03-05").last_day("appeal"),
            last.parse().unwrap(),
            "{forum}"
        );
    }
}

#[test]
fn a_rule_out_of_force_does_not_begin_and_the_case_can_say_so() {
    let desk = Desk::open("2026-02-27", json!({ "province": "punjab" }));
    assert_eq!(desk.running(), ["answer_punjab"]);
    let idle = idle_rules(&desk.pack, desk.case(), &desk.calendar);
    let told: Vec<_> = idle.iter().map(|i| (i.rule.as_str(), i.why)).collect();
    assert_eq!(
        told,
        [
            ("answer", WhyIdle::Elsewhere),
            ("answer_sindh", WhyIdle::Elsewhere),
            ("duty", WhyIdle::NotInForce),
        ]
    );
}

#[test]
fn an_ordinance_may_have_lapsed_from_its_day_on() {
    let desk = Desk::open("2026-05-31", json!({}));
    let rule = &desk.pack.deadlines["duty"];
    for (day, standing) in [
        ("2026-02-28", Standing::NotInForce),
        ("2026-05-31", Standing::InForce),
        ("2026-06-01", Standing::MayHaveLapsed),
        ("2026-12-31", Standing::MayHaveLapsed),
        ("2027-01-01", Standing::NotInForce),
    ] {
        assert_eq!(rule.standing(day.parse().unwrap()), standing, "{day}");
    }
    let later = Desk::open("2026-06-02", json!({}));
    assert!(later.running().contains(&"duty"), "it runs on, marked");
}

#[test]
fn the_calendar_follows_the_province() {
    let pack = Desk::open("2026-03-02", json!({})).pack;
    assert_eq!(pack.calendar_in(Some("sindh")), "karachi");
    assert_eq!(pack.calendar_in(Some("punjab")), "plain");
    assert_eq!(pack.calendar_in(None), "plain");
}

#[test]
fn what_is_written_wrong_is_found() {
    for (file, from, to, code) in [
        (
            "deadlines.yaml",
            "province: punjab",
            "province: panjab",
            "unknown-province",
        ),
        (
            "deadlines.yaml",
            "court: high_court",
            "court: hihg_court",
            "unknown-court",
        ),
        (
            "workflow.yaml",
            "{ sindh: karachi }",
            "{ sind: karachi }",
            "unknown-province",
        ),
        (
            "deadlines.yaml",
            "excludes: copy_time",
            "excludes: copies",
            "unknown-word",
        ),
        (
            "deadlines.yaml",
            "in_force_until: 2026-12-31",
            "in_force_until: 2025-12-31",
            "force-backwards",
        ),
        (
            "deadlines.yaml",
            "lapses_on: 2026-06-01",
            "lapses_on: soon",
            "unreadable-value",
        ),
        (
            "deadlines.yaml",
            "code: D2, kind: statutory",
            "code: D2, excludes: copy_time, kind: statutory",
            "copy-time-outside-limitation",
        ),
        (
            "deadlines.yaml",
            "\"3 days before\"",
            "\"internal day\"",
            "no-internal-day",
        ),
        (
            "deadlines.yaml",
            "province: [sindh, balochistan]",
            "province: punjab",
            "shadowed-deadline",
        ),
        (
            "deadlines.yaml",
            "period: 24 hours",
            "period: 1 day, due_time: noon",
            "unreadable-value",
        ),
        (
            "forms.yaml",
            "copy_received_on: { type: date }",
            "copy_came_on: { type: date }",
            "unfilled-field",
        ),
    ] {
        let mut files = files();
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        let codes: Vec<_> = load(&files).1.iter().map(|f| f.code).collect();
        assert!(codes.contains(&code), "{to}: {codes:?}");
    }
}
