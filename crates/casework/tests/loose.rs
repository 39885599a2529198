//! Charts read for a rehearsal: what may be missing, what still stops them, and where the fault is.

use peshi_casework::pack::{Finding, Pack, PackFiles, Severity, load, load_loose};

fn files(workflow: &str) -> PackFiles {
    PackFiles::from([("workflow.yaml".to_owned(), workflow.to_owned())])
}

fn loose(workflow: &str, chart: Option<&str>) -> (Option<Pack>, Vec<Finding>) {
    load_loose(&files(workflow), chart)
}

#[test]
fn charts_alone_are_enough() {
    for (workflow, chart, root) in [
        (
            "charts: { case: { states: { a: {} } }, other: { states: { b: {} } } }",
            None,
            "case",
        ),
        (
            "charts: { first: { states: { a: {} } }, second: { states: { b: {} } } }",
            None,
            "first",
        ),
        (
            "charts: { first: { states: { a: {} } }, second: { states: { b: {} } } }",
            Some("second"),
            "second",
        ),
        (
            "charts: { case: { states: { a: {} } }, other: { states: { b: {} } } }",
            Some("other"),
            "other",
        ),
        ("states: { a: {} }", None, "case"),
        ("states: { a: {} }", Some("lamp"), "lamp"),
        (
            "name: lamp\ndescription: a lamp\ntype: parallel\nstates: { a: {}, b: {} }",
            None,
            "case",
        ),
        // What a whole pack would be refused for.
        (
            "workflow: x\ncalendar: 7\nroles: nobody\nmore: [1]\ncharts: { case: { states: { a: { waiting_on: someone, deadlines: [none], public: no, on: { e: { form: none, roles: [none] } } } } } }",
            None,
            "case",
        ),
        // Lists may be left out where there is one.
        (
            "states: { a: { always: { to: b, if: 'true' } }, b: { on: { e: { do: [{ send: f, after: 1 hour, id: g }, { cancel: g }, { send: { event: f } }] } } } }",
            None,
            "case",
        ),
    ] {
        let (pack, findings) = loose(workflow, chart);
        let pack = pack.unwrap_or_else(|| panic!("{workflow}: {findings:?}"));
        assert_eq!(pack.charts["case"].chart.name(), root, "{workflow}");
        assert!(pack.loose);
        assert!(
            findings.iter().all(|f| f.severity == Severity::Warning),
            "{findings:?}"
        );
    }
}

#[test]
fn what_the_charts_need_stops_them_with_its_place() {
    for (workflow, chart, code, line, says) in [
        (
            "states:\n  a: { on: { e: { to: nowhere } } }",
            None,
            "unknown-target",
            2,
            "target `nowhere` does not exist",
        ),
        (
            "states:\n  a: { on: { e: { if: 'dat.x > 1' } } }",
            None,
            "condition",
            2,
            "unknown name `dat`",
        ),
        (
            "states:\n  a: { on: { e: { if: 'data.x >' } } }",
            None,
            "condition",
            2,
            "cannot be read",
        ),
        (
            "states:\n  a: { after: { soon: { to: a } } }",
            None,
            "unreadable-value",
            2,
            "\"soon\" cannot be read",
        ),
        (
            "states:\n  a: { type: paralel }",
            None,
            "unknown-state-type",
            2,
            "`paralel` is not a type of state",
        ),
        (
            "states:\n  a: { entry: [{ raise: x, cancel: y }] }",
            None,
            "unclear-action",
            2,
            "does exactly one thing",
        ),
        (
            "states:\n  a: { colour: red }",
            None,
            "unreadable-file",
            2,
            "unknown field `colour`",
        ),
        ("states: [", None, "unreadable-file", 1, ""),
        ("a: b", None, "no-charts", 0, "neither `charts:` nor `states:`"),
        (
            "charts: { lamp: { states: { a: {} } } }",
            Some("lmp"),
            "unknown-chart",
            0,
            "no chart named `lmp`",
        ),
    ] {
        let (pack, findings) = loose(workflow, chart);
        assert!(pack.is_none(), "{workflow}");
        let found = findings
            .iter()
            .find(|f| f.code == code && f.severity == Severity::Error);
        let found = found.unwrap_or_else(|| panic!("{workflow}: {findings:?}"));
        assert_eq!(found.line, line, "{workflow}: {found}");
        assert!(found.message.contains(says), "{workflow}: {found}");
    }
    let (_, findings) = loose("charts: { lamp: { states: { a: {} } } }", Some("lmp"));
    assert_eq!(findings[0].help, "did you mean `lamp`?");
}

#[test]
fn a_wrong_invariant_is_found_where_it_stands() {
    let pack = |invariant: &str| {
        load(&files(&format!(
            "workflow: x\nversion: 1\ntitle: {{}}\ncalendar: pk\nroles: []\ninvariants:\n  - {{ name: one, {invariant} }}\ncharts: {{ case: {{ states: {{ a: {{}} }} }} }}\n"
        )))
        .1
    };
    for (invariant, column, says) in [
        ("holds: 'dta.x == 1'", 26, "unknown name `dta`"),
        ("if: 'nw > 1', holds: 'true'", 23, "unknown name `nw`"),
        ("holds: 'form.x == 1'", 25, "an invariant has no `form`"),
        ("holds: 'x =='", 30, "cannot be read"),
    ] {
        let findings = pack(invariant);
        let found = findings.iter().find(|f| f.code == "condition").unwrap();
        assert_eq!((found.line, found.column), (7, column), "{invariant}: {found}");
        assert!(found.message.contains(says), "{invariant}: {found}");
    }
    assert!(pack("holds: 'data.x == 1'").iter().all(|f| f.code != "condition"));
}
