//! Each kind of finding, with the wrong line, its place and its help.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use peshi_casework::pack::{Finding, PackFiles, Severity, load};

const WORKFLOW: &str = "\
workflow: passport
version: 1
title: { en: Lost passport, ur: گم شدہ پاسپورٹ }
calendar: pk
roles: [clerk]
opening: loss
public: [working]
charts:
  case:
    initial: reported
    states:
      reported:
        waiting_on: us
        stalled_after: 2 days
        public: working
        on:
          apply: { to: applied, form: loss }
      applied:
        waiting_on: other
        deadlines: [answer]
        on:
          issued: { to: finished, if: data.fee > 0 }
      finished: { closes_case: true }
";
const FORMS: &str = "\
forms:
  loss:
    fields:
      fee: { type: number, required: true }
";
const DEADLINES: &str = "\
deadlines:
  answer:
    kind: internal
    period: 10 days
    who: other
    reminders: [2 days before]
";
const WORDS: &str = "\
workflow-title = x
chart-case = x
state-case-reported = x
state-case-applied = x
state-case-finished = x
event-apply = x
event-issued = x
form-loss = x
field-loss-fee = x
deadline-answer = x
public-working = x
";

fn files() -> PackFiles {
    [
        ("workflow.yaml", WORKFLOW),
        ("forms.yaml", FORMS),
        ("deadlines.yaml", DEADLINES),
        ("locales/en.ftl", WORDS),
        ("locales/ur.ftl", WORDS),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect()
}

/// The findings after replacing `from` by `to` in `file`.
fn findings(file: &str, from: &str, to: &str) -> Vec<Finding> {
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has `{from}`");
    *text = text.replace(from, to);
    load(&files).1
}

#[test]
fn the_sample_is_clean() {
    let (pack, findings) = load(&files());
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(pack.unwrap().reference_for(2026, 7), "2026-0007");
}

#[test]
fn every_kind_of_finding_names_its_place_and_a_remedy() {
    // file, what is replaced, by what, code, line, part of the message, part of the help
    let table = [
        (
            "workflow.yaml",
            "to: applied",
            "to: aplied",
            "chart",
            12,
            "aplied",
            "",
        ),
        (
            "workflow.yaml",
            "form: loss }",
            "form: los }",
            "unknown-form",
            12,
            "no form named `los`",
            "`loss`",
        ),
        (
            "workflow.yaml",
            "deadlines: [answer]",
            "deadlines: [anser]",
            "unknown-deadline",
            18,
            "anser",
            "`answer`",
        ),
        (
            "workflow.yaml",
            "opening: loss",
            "opening: lost",
            "unknown-form",
            6,
            "lost",
            "`loss`",
        ),
        (
            "workflow.yaml",
            "waiting_on: us",
            "waiting_on: we",
            "unknown-word",
            13,
            "`we`",
            "police",
        ),
        (
            "workflow.yaml",
            "2 days\n",
            "2 fortnights\n",
            "unreadable-value",
            14,
            "fortnights",
            "workflow-packs",
        ),
        (
            "workflow.yaml",
            "data.fee > 0",
            "dta.fee > 0",
            "condition",
            22,
            "unknown name `dta`",
            "known names: data",
        ),
        (
            "workflow.yaml",
            "data.fee > 0",
            "data.fee >",
            "condition",
            22,
            "cannot be read",
            "column",
        ),
        (
            "workflow.yaml",
            "public: working\n",
            "public: wurking\n",
            "unmapped-public-status",
            12,
            "wurking",
            "`working`",
        ),
        (
            "workflow.yaml",
            "        stalled_after: 2 days\n",
            "",
            "no-clock",
            12,
            "waits on us",
            "stalled_after",
        ),
        (
            "workflow.yaml",
            "{ to: applied, form: loss }",
            "{ form: loss }",
            "unreachable-state",
            18,
            "`applied`",
            "delete",
        ),
        (
            "workflow.yaml",
            "form: loss }",
            "form: loss, roles: [clark] }",
            "unknown-role",
            12,
            "clark",
            "`clerk`",
        ),
        (
            "workflow.yaml",
            "form: loss }",
            "form: loss, do: [{ task: a, raise: b }] }",
            "unclear-action",
            17,
            "exactly one",
            "raise",
        ),
        (
            "workflow.yaml",
            "form: loss }",
            "form: loss, do: [{ spawn: hering }] }",
            "unknown-chart",
            12,
            "hering",
            "known: case",
        ),
        (
            "workflow.yaml",
            "  case:\n",
            "  main:\n",
            "no-root-chart",
            1,
            "`case`",
            "write `case:`",
        ),
        (
            "workflow.yaml",
            "version: 1",
            "version: one",
            "unreadable-file",
            2,
            "",
            "workflow-packs",
        ),
        (
            "workflow.yaml",
            "calendar: pk",
            "calendar: pk\nkalendar: pk",
            "unreadable-file",
            5,
            "kalendar",
            "",
        ),
        (
            "forms.yaml",
            "type: number",
            "type: numbr",
            "unknown-word",
            4,
            "numbr",
            "number",
        ),
        (
            "forms.yaml",
            "type: number",
            "type: choice",
            "choice-without-choices",
            4,
            "`fee`",
            "choices:",
        ),
        (
            "deadlines.yaml",
            "kind: internal",
            "kind: statutory",
            "deadline-without-basis",
            2,
            "basis, source, confidence",
            "internal",
        ),
        (
            "deadlines.yaml",
            "    period: 10 days\n",
            "",
            "deadline-without-period",
            2,
            "neither",
            "period: 14 days",
        ),
        (
            "deadlines.yaml",
            "2 days before",
            "2 dys before",
            "unreadable-value",
            6,
            "",
            "workflow-packs",
        ),
        (
            "locales/ur.ftl",
            "event-issued = x\n",
            "",
            "missing-translation",
            0,
            "`event-issued`",
            "event-issued =",
        ),
    ];
    for (file, from, to, code, line, message, help) in table {
        let findings = findings(file, from, to);
        let found = findings
            .iter()
            .find(|f| f.code == code)
            .unwrap_or_else(|| panic!("{code} for {from:?} → {to:?}; found: {findings:#?}"));
        assert_eq!(found.file, file, "{found}");
        assert_eq!(found.line, line, "{found}");
        assert!(found.message.contains(message), "{found}");
        assert!(found.help.contains(help), "{found}");
        assert!(!found.help.is_empty(), "{found}");
        let (start, len) = found.span;
        assert!(line == 0 || start + len <= to.len() + WORKFLOW.len(), "{found}");
    }
}

#[test]
fn unused_rules_and_missing_files_are_found() {
    let unused = findings(
        "workflow.yaml",
        "        deadlines: [answer]\n",
        "        stalled_after: 3 days\n",
    );
    assert_eq!(
        unused.iter().map(|f| f.code).collect::<Vec<_>>(),
        ["unused-deadline"]
    );
    let mut files = files();
    files.remove("locales/ur.ftl");
    assert!(
        load(&files)
            .1
            .iter()
            .any(|f| f.code == "missing-language" && f.severity == Severity::Error)
    );
    files.remove("workflow.yaml");
    let (pack, findings) = load(&files);
    assert!(pack.is_none());
    assert_eq!(findings[0].code, "missing-file");
}

#[test]
fn several_findings_come_in_one_run() {
    let mut files = files();
    let text = files.get_mut("workflow.yaml").unwrap();
    *text = text
        .replace("waiting_on: us", "waiting_on: we")
        .replace("data.fee > 0", "fee > 0");
    let codes: Vec<&str> = load(&files).1.iter().map(|f| f.code).collect();
    assert!(
        codes.contains(&"unknown-word") && codes.contains(&"condition"),
        "{codes:?}"
    );
}

#[test]
fn hostile_files_are_refused_quickly() {
    let deep = format!(
        "workflow: x\nversion: 1\ncharts: {}{}",
        "{a: ".repeat(3_000),
        "}".repeat(3_000)
    );
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    for text in [deep, bomb.to_owned(), "\0\u{1}".to_owned(), "x".repeat(2_000_000)] {
        let mut files = files();
        files.insert("workflow.yaml".to_owned(), text);
        let (pack, findings) = load(&files);
        assert!(pack.is_none());
        assert!(!findings.is_empty());
    }
}

#[test]
fn a_pack_of_too_many_states_or_too_deep_a_nest_is_refused_in_words() {
    use std::fmt::Write;
    let (head, _) = WORKFLOW.split_at(WORKFLOW.find("    states:").unwrap());
    let mut wide = format!("{head}    states:\n      reported: {{}}\n");
    for n in 0..10_000 {
        writeln!(wide, "      s{n}: {{}}").unwrap();
    }
    let nest = "{ a: { states: ".repeat(1_000);
    let deep = format!("{head}    states: {nest}{{}}{}\n", " } }".repeat(1_000));
    for (text, expected) in [(wide, "more than 10000 states"), (deep, "nest")] {
        let mut files = files();
        files.insert("workflow.yaml".to_owned(), text);
        let (pack, findings) = load(&files);
        assert!(pack.is_none());
        let said: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert!(said.iter().any(|message| message.contains(expected)), "{said:?}");
    }
}
