//! Stories told wrongly: each difference is found, with the line that is wrong, and what is right is not reported.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use peshi_casework::pack::{Pack, PackFiles, load_loose};
use peshi_rehearsal::everyday_calendar;
use peshi_rehearsal::scenario::{Report, Scenario, run};

const WORKFLOW: &str = "\
roles: [clerk, officer]
charts:
  case:
    initial: asked
    states:
      asked:
        waiting_on: other
        public: waiting
        deadlines: [answer]
        entry: [{ task: write }]
        on:
          answered: { to: closed, roles: [officer], do: [{ violation: V1 }, { spawn: copy }] }
      closed: { closes_case: true }
  copy:
    states:
      made: { on: { given: { to: gone } } }
      gone: { type: final }
";
const DEADLINES: &str = "\
deadlines:
  answer: { kind: internal, period: 10 days, who: other, reminders: [2 days before] }
";

fn pack() -> Pack {
    let files = PackFiles::from([
        ("workflow.yaml".to_owned(), WORKFLOW.to_owned()),
        ("deadlines.yaml".to_owned(), DEADLINES.to_owned()),
    ]);
    load_loose(&files, None).0.unwrap()
}

fn told(steps: &str) -> Report {
    let story =
        format!("scenario: A story\nabout: it\nfrom: 2026-01-01 09:00\nteam: [clerk]\nsteps:\n{steps}");
    let story = Scenario::parse("scenarios/a.yaml", &story).unwrap();
    run(&story, &pack(), &everyday_calendar()).unwrap()
}

fn lines(report: &Report) -> Vec<String> {
    report
        .differences
        .iter()
        .map(|d| {
            format!(
                "{} step {} {}: {} | {}",
                d.line, d.step, d.what, d.expected, d.got
            )
        })
        .collect()
}

#[test]
fn a_story_told_rightly_has_no_difference() {
    let report = told(
        "
  - expect: { states: [asked], public: waiting, waiting_on: other, closed: false, tasks: [write], deadlines: { answer: [open, due 2026-01-11], other: none } }
  - until: 2026-01-09 08:00
    expect: { messages: { exactly: [{ kind: reminder, rule: answer, to: clerk, at: \"2026-01-09 08:00\", for: 2026-01-12, sent: true }] } }
  - do: answered
    role: clerk
    expect: { refused: may not record, states: [asked] }
  - finish: write
    expect: { tasks: [] }
  - do: answered
    role: officer
    after: 1 day
    expect: { states: [closed], closed: true, violations: [V1], deadlines: { answer: met }, children: { copy-1: made, copy-2: none } }
  - do: given
    instance: copy-1
    expect: { children: { copy-1: ended } }
",
    );
    assert_eq!(lines(&report), Vec::<String>::new());
    assert_eq!(report.steps, 6);
}

#[test]
fn each_difference_is_found_on_its_line() {
    let report = told(
        "  - expect:
      states: [asked, closed]
      public: other
      waiting_on: nobody
      closed: true
      tasks: [write, write]
      violations: [V2]
      deadlines:
        answer: [met, due 2026-01-12]
      data:
        x: 1
  - until: 2026-01-12 00:00
    expect:
      messages:
        exactly:
          - { kind: reminder, at: \"2026-01-08 08:00\" }
      deadlines: { answer: open }
  - do: nothing
  - do: answered
    role: officer
    expect:
      refused: never
      children: { copy-1: ended }
",
    );
    assert_eq!(
        lines(&report),
        [
            "7 step 1 states: closed | case; asked",
            "8 step 1 public: other | waiting",
            "9 step 1 waiting_on: nobody | other",
            "10 step 1 closed: true | false",
            "11 step 1 tasks: write | write",
            "12 step 1 violations: V2 | none",
            "14 step 1 deadline answer: met | open, due 2026-01-11 (last moment 2026-01-12 00:00)",
            "14 step 1 deadline answer: due 2026-01-12 | open, due 2026-01-11 (last moment 2026-01-12 00:00)",
            "16 step 1 data x: 1 | nothing",
            "20 step 2 messages exactly: no other message | reminder to clerk of answer at 2026-01-09 08:00 for 2026-01-12 00:00, sent; missed to clerk of answer at 2026-01-12 00:00 for 2026-01-12 00:00, sent",
            "21 step 2 message: reminder at 2026-01-08 08:00 | reminder to clerk of answer at 2026-01-09 08:00 for 2026-01-12 00:00, sent; missed to clerk of answer at 2026-01-12 00:00 for 2026-01-12 00:00, sent",
            "22 step 2 deadline answer: open | missed, due 2026-01-11 (last moment 2026-01-12 00:00)",
            "23 step 3 accepted: it is accepted | `nothing` cannot be recorded now in `case`; possible: answered",
            "27 step 4 refused: never | it was accepted",
            "28 step 4 children copy-1: ended | copy; made",
        ]
    );
}

#[test]
fn a_story_that_cannot_be_told_names_the_line() {
    for (story, says) in [
        ("scenario: x", "missing field"),
        (
            "scenario: x\nabout: y\nfrom: soon\nsteps: []",
            "s.yaml:3: `soon` is no moment",
        ),
        (
            "scenario: x\nabout: y\nfrom: 2026-01-01\nsteps:\n  - { do: answered, until: 2026-01-02 }",
            "s.yaml:5: a step does one thing",
        ),
        (
            "scenario: x\nabout: y\nfrom: 2026-01-02\nsteps:\n  - { until: 2026-01-01 }",
            "s.yaml:5: time does not go back: it is 2026-01-02 00:00 already",
        ),
        (
            "scenario: x\nabout: y\nfrom: 2026-01-02\nsteps:\n  - { advance: soon }",
            "s.yaml:5: the period \"soon\"",
        ),
        (
            "scenario: x\nabout: y\nfrom: 2026-01-02\nsteps:\n  - { role: clerk }",
            "s.yaml:5: `instance`, `role`",
        ),
        (
            "scenario: x\nabout: y\nfrom: 2026-01-02\nsteps:\n  - { doo: e }",
            "s.yaml:5: unknown field `doo`",
        ),
    ] {
        let told = Scenario::parse("s.yaml", story).and_then(|s| run(&s, &pack(), &everyday_calendar()));
        let error = told.unwrap_err().to_string();
        assert!(error.contains(says), "{story}: {error}");
    }
}
