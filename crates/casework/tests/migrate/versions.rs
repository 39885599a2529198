//! What an author is told: by the linter of `migration.yaml`, and by the diff of two versions.

use peshi_casework::pack::Pack;
use peshi_casework::pack::diff::{ChangeKind, diff};
use peshi_casework::pack::load;

use crate::sample::{RENAMED, WAY, pack, version};

#[test]
fn a_migration_file_is_checked_where_it_is_written() {
    let wrong = "
from: [1, \"0a1b2c3d\"]
charts: { visit: vist }
states:
  case: { received: registerd }
deadlines: { answer: replay, visit: drop }
events: { nudge: remid }
timers: keep
timers_for: { none: rederive }
";
    let (pack, findings) = load(&version(2, RENAMED, wrong));
    assert!(pack.is_none());
    let found: Vec<String> = findings
        .iter()
        .filter(|f| f.file == "migration.yaml")
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r"
    migration.yaml:3:18: error[unknown-in-migration]: this version has no chart named `vist`
      help: did you mean `visit`?
    migration.yaml:5:21: error[unknown-in-migration]: this version has no state named `registerd`
      help: did you mean `registered`?
    migration.yaml:6:22: error[unknown-in-migration]: this version has no deadline rule named `replay`
      help: did you mean `reply`?
    migration.yaml:7:18: error[unknown-in-migration]: no transition of this version takes the event `remid`
      help: name an event of an `on:`, or write `drop`
    migration.yaml:8:9: error[unknown-word]: `keep` is not one of the words known here
      help: use one of: keep_due, keep_remaining, rederive
    migration.yaml:9:15: error[unknown-in-migration]: this version has no deadline rule named `none`
      help: this version has: reply, visit
    ");
}

#[test]
fn the_way_is_no_part_of_what_a_case_is() {
    assert_eq!(pack(2, RENAMED, "").id, pack(2, RENAMED, WAY).id);
}

#[test]
fn a_diff_says_what_changed_and_what_has_no_place() {
    let (old, new) = (pack(1, &[], ""), pack(2, RENAMED, ""));
    let differs = diff(&old, &new);
    let needed: Vec<String> = differs
        .needs_mapping
        .iter()
        .map(|n| format!("{} {}", n.under, n.name))
        .collect();
    assert_eq!(
        needed,
        [
            "deadlines answer",
            "events nudge",
            "states received",
            "states waiting",
            "states over"
        ]
    );
    assert!(diff(&old, &pack(2, RENAMED, WAY)).is_safe());
    let idle = diff(&old, &pack(2, RENAMED, &format!("{WAY}charts: {{ gone: case }}"))).idle_mapping;
    assert_eq!(
        (idle[0].under, idle[0].name.as_str(), idle.len()),
        ("charts", "gone", 1)
    );
    let lines = |old: &Pack, new: &Pack| -> String {
        let mut text = Vec::new();
        for change in diff(old, new).changes {
            let sign = match change.kind {
                ChangeKind::Added => "+",
                ChangeKind::Removed => "-",
                ChangeKind::Moved => ">",
                ChangeKind::Changed => "~",
            };
            text.push(format!("{sign} {}", change.name));
            let said = change.details.iter().filter(|_| sign == "~" || sign == ">");
            text.extend(said.map(|d| format!("    {}: {:?} -> {:?}", d.what, d.old, d.new)));
        }
        text.join("\n")
    };
    let changed = &[
        ("period: 10 days", "period: 2 weeks"),
        ("roles: []", "roles: [clerk]"),
        (
            "finish: { to: closed }",
            "finish: { to: closed, if: \"in_state('waiting')\" }",
        ),
        ("\"3 days before\"", "\"2 days before\""),
        ("20 days", "30 days"),
    ];
    insta::assert_snapshot!(lines(&old, &pack(2, changed, "")), @r#"
    ~ case: received
        after: Some("20 days") -> Some("30 days")
    ~ case: open on finish
        if: None -> Some("in_state('waiting')")
    ~ case: waiting on nudge
        roles: Some("the program alone") -> Some("clerk")
    ~ answer
        period: Some("10 days") -> Some("2 weeks")
        reminders: Some("3 days before") -> Some("2 days before")
    "#);
    insta::assert_snapshot!(lines(&old, &old), @"");
}
