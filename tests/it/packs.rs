//! What a pack's author meets: the linter through the command line, and lists that two rooms must agree on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use peshi_casework::pack::{FAMILY_MESSAGES, STAFF_MESSAGES};
use peshi_test_support::binary;
use serde_json::Value;

const WORKFLOW: &str = "\
workflow: sample
version: 1
title: { en: Sample, ur: نمونہ }
calendar: pk
roles: [clerk]
public: [waiting]
charts:
  case:
    states:
      open:
        waiting_on: us
        stalled_after: 2 days
        public: waiting
        on:
          close: { to: closed }
      closed: { closes_case: true }
";
const WORDS: &str = "workflow-title = x\nchart-case = x\nstate-case-open = x\nstate-case-closed = x\nevent-close = x\n\
                     public-waiting = Please call us.\n";

/// A pack in a folder of its own.
fn pack(change: impl Fn(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    std::fs::create_dir(folder.path().join("locales")).expect("it can be made");
    write("workflow.yaml", WORKFLOW);
    write("locales/en.ftl", WORDS);
    write("locales/ur.ftl", WORDS);
    change(folder.path());
    folder
}

fn peshi(args: &[&str]) -> Output {
    let mut command = Command::new(binary());
    // The developer's own settings are not the test's.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PESHI_")) {
        command.env_remove(name);
    }
    command.args(args).output().expect("peshi can be run")
}

fn checked(folder: &Path) -> (Option<i32>, Value) {
    let output = peshi(&["workflow", "check", &folder.to_string_lossy(), "--json"]);
    let report = serde_json::from_slice(&output.stdout).expect("the report is JSON");
    (output.status.code(), report)
}

/// Adds to a file, or replaces a part of it.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).expect("it can be read");
    assert!(text.contains(from), "{file} has {from:?}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("it can be written");
}

#[test]
fn a_sound_pack_is_usable_and_says_so_to_programs() {
    let folder = pack(|_| {});
    let (code, report) = checked(folder.path());
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["usable"], true);
    assert_eq!(report["pack"], "sample");
    assert_eq!(report["findings"], serde_json::json!([]));
}

#[test]
fn every_finding_is_told_in_one_run_with_its_span() {
    let folder = pack(|folder| {
        edit(folder, "workflow.yaml", "to: closed", "to: closd");
        edit(folder, "workflow.yaml", "waiting_on: us", "waiting_on: we");
        edit(folder, "locales/ur.ftl", "Please call us.", "عدالت سے خبر");
    });
    let (code, report) = checked(folder.path());
    assert_eq!(code, Some(1), "{report}");
    assert_eq!((&report["usable"], &report["errors"]), (&false.into(), &3.into()));
    let mut found = BTreeSet::new();
    for finding in report["findings"].as_array().expect("a list") {
        let file = finding["file"].as_str().expect("a file");
        let text = std::fs::read_to_string(folder.path().join(file)).expect("it can be read");
        let part =
            |at: usize| usize::try_from(finding["span"][at].as_u64().expect("a number")).expect("it fits");
        let shown = &text[part(0)..part(0) + part(1)];
        found.insert((
            finding["code"].as_str().expect("a code").to_owned(),
            shown.to_owned(),
        ));
        assert!(
            finding["help"].as_str().is_some_and(|help| !help.is_empty()),
            "{finding}"
        );
    }
    let expected = [
        ("discloses", "عدالت"),
        ("unknown-target", "closd"),
        ("unknown-word", "we"),
    ];
    assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
}

#[test]
fn a_person_sees_the_place_and_the_remedy() {
    let folder = pack(|folder| edit(folder, "workflow.yaml", "to: closed", "to: closed, if: dta.x > 1"));
    let output = peshi(&["workflow", "check", &folder.path().to_string_lossy()]);
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(
        shown.contains("unknown name `dta`") && shown.contains("workflow.yaml:15:"),
        "{shown}"
    );
    assert!(shown.contains("known names: data"), "{shown}");
}

#[test]
fn a_picture_in_a_pack_is_named_not_choked_on() {
    let folder = pack(|folder| {
        std::fs::write(folder.join("logo.png"), [0x89, b'P', b'N', b'G', 0]).expect("it can be written");
    });
    let output = peshi(&["workflow", "check", &folder.path().to_string_lossy(), "--json"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("logo.png") && told.contains("UTF-8"), "{told}");
}

#[test]
fn schemas_are_printed_for_editors() {
    for file in ["workflow", "forms", "deadlines", "calendar"] {
        let output = peshi(&["workflow", "schema", file]);
        let schema: Value = serde_json::from_slice(&output.stdout).expect("a schema is JSON");
        assert_eq!(schema["title"], format!("Peshi: {file}"));
        assert_eq!(schema["type"], "object");
    }
    assert_eq!(peshi(&["workflow", "schema", "poem"]).status.code(), Some(2));
}

/// The rules room may not ask the room of texts, so each has its list.
#[test]
fn packs_may_name_the_messages_that_have_templates() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/templates/messages");
    let kinds: BTreeSet<String> = std::fs::read_dir(templates)
        .expect("the templates can be read")
        .map(|entry| {
            entry
                .expect("an entry can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !name.starts_with('_'))
        .filter_map(|name| name.split('.').next().map(str::to_owned))
        // Digests and the alarm are sent by the scheduler itself, never by a pack.
        .filter(|kind| !kind.ends_with("_digest") && kind != "scheduler_alarm")
        .collect();
    let known: BTreeSet<String> = STAFF_MESSAGES
        .iter()
        .chain(&FAMILY_MESSAGES)
        .map(|k| (*k).to_owned())
        .collect();
    assert_eq!(
        known, kinds,
        "STAFF_MESSAGES and FAMILY_MESSAGES in casework's pack/mod.rs, and the templates folder"
    );
}

/// The page that lawyers read is prose; the rules are data. Neither may say what the other does not.
#[test]
fn the_page_for_lawyers_lists_every_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/abduction-pack.md")).expect("the page is there");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| D"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let (pack, findings) = peshi_casework::pack::load(&peshi_test_support::shipped().packs["abduction"]);
    let pack = pack.unwrap_or_else(|| panic!("{findings:?}"));
    let coded: Vec<_> = pack
        .deadlines
        .values()
        .filter(|rule| rule.code.is_some())
        .collect();
    for rule in &coded {
        let code = rule.code.as_deref().unwrap_or_default();
        let basis = rule.basis.as_deref().unwrap_or("our practice");
        let length = rule.counting.as_ref().map(|c| c.period.to_string());
        let length = match length {
            Some(length) => length,
            None if rule.at_once => "at once".to_owned(),
            None => "the date itself".to_owned(),
        };
        let told = rows.iter().any(|row| {
            row[0] == code
                && row[3].starts_with(&length)
                && row[4] == basis
                && row[5] == rule.confidence.as_deref().unwrap_or("")
        });
        assert!(
            told,
            "the page does not say of {code} `{}`: {length}, {basis}",
            rule.name
        );
    }
    assert_eq!(
        rows.len(),
        coded.len() + 1,
        "one row a rule, and D53, which is no rule of its own"
    );
    for n in 1..=56 {
        let code = format!("D{n:02}");
        assert!(
            rows.iter().any(|row| row[0].starts_with(&code)),
            "{code} is not there"
        );
    }
}
