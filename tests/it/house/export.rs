//! An exported case in the hands of a stranger: the real script, run without Peshi and without a key, says whether the
//! history is whole, and where it is not, whatever row was touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use peshi_service::{Role, ServiceError};
use peshi_vault::chain::Hash;
use serde_json::{Value, json};

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_stranger_checks_an_exported_case,
    every_changed_row_is_found_where_it_stands,
    only_who_may_takes_a_journal_away,
    the_weekly_digest_carries_heads_that_can_be_checked,
);

async fn export(desk: &Desk, case: &str) -> String {
    let mut out = Vec::new();
    desk.house
        .service
        .export_case(&desk.lawyer, case, &mut out, at(MONDAY))
        .await
        .expect("the case is exported");
    String::from_utf8(out).expect("lines are text")
}

/// What the script says of each file, by the file's name.
fn verdicts(folder: &Path, arguments: &[&str]) -> (bool, BTreeMap<String, String>) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/verify_case.py");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|f| f.expect("a file").path())
        .collect();
    files.sort();
    let output = Command::new("python3")
        .arg(script)
        .args(arguments)
        .args(&files)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .expect("python3 is there");
    let said = String::from_utf8(output.stdout).expect("it speaks text");
    assert_eq!(output.stderr, b"", "it does not stumble");
    let verdicts = said
        .lines()
        .map(|line| {
            let (file, verdict) = line.split_once(": ").expect("FILE: VERDICT");
            let name = Path::new(file)
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, verdict.to_owned())
        })
        .collect::<BTreeMap<_, _>>();
    assert_eq!(verdicts.len(), files.len(), "a verdict for each file");
    (output.status.success(), verdicts)
}

async fn a_stranger_checks_an_exported_case(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let text = export(desk, &case).await;
    assert!(
        !text.contains("An invented court") && !text.contains("punjab"),
        "it stays sealed"
    );
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("whole"), &text).expect("it is written");
    let (good, verdicts_of) = verdicts(folder.path(), &[]);
    let header: Value = serde_json::from_str(text.lines().next().expect("a header")).expect("it is JSON");
    let head = format!(
        "{}:{}",
        header["entries"],
        header["head"].as_str().expect("a hash")
    );
    assert_eq!(
        verdicts_of["whole"],
        format!("holds: case {case}, {} entries, head {head}", header["entries"])
    );
    assert!(good);
    assert!(verdicts(folder.path(), &["--head", &head[..20]]).0);
    assert!(!verdicts(folder.path(), &["--head", "2:00112233445566"]).0);
}

/// Every row with every field changed, dropped, swapped, doubled, and the file cut after it.
fn mutations(lines: &[&str]) -> Vec<(String, Vec<String>, String)> {
    let owned = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    let mut all = Vec::new();
    for at in 1..lines.len() {
        let entry: serde_json::Map<String, Value> = serde_json::from_str(lines[at]).expect("an entry");
        for (field, value) in &entry {
            let mut changed = entry.clone();
            changed.insert(field.clone(), other(value));
            let mut file = owned(lines);
            file[at] = Value::Object(changed).to_string();
            all.push((format!("{at}-{field}"), file, format!("line {}", at + 1)));
        }
        let mut dropped = owned(lines);
        dropped.remove(at);
        let last = at == lines.len() - 1;
        let place = if last {
            format!("ends with entry {}", at - 1)
        } else {
            format!("line {}", at + 1)
        };
        all.push((format!("{at}-dropped"), dropped, place));
        let mut doubled = owned(lines);
        doubled.insert(at, lines[at].to_owned());
        all.push((format!("{at}-doubled"), doubled, format!("line {}", at + 2)));
        if !last {
            let mut swapped = owned(lines);
            swapped.swap(at, at + 1);
            all.push((format!("{at}-swapped"), swapped, format!("line {}", at + 1)));
            all.push((
                format!("{at}-cut"),
                owned(&lines[..=at]),
                format!("ends with entry {at}"),
            ));
        }
    }
    let header: serde_json::Map<String, Value> = serde_json::from_str(lines[0]).expect("a header");
    for (field, place) in [
        ("case", "line 2"),
        ("entries", "line 1"),
        ("head", "line 1"),
        ("format", "line 1"),
    ] {
        let mut changed = header.clone();
        changed.insert(field.to_owned(), other(&header[field]));
        let mut file = owned(lines);
        file[0] = Value::Object(changed).to_string();
        all.push((format!("0-{field}"), file, place.to_owned()));
    }
    all
}

/// A value that differs as little as possible.
fn other(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(n.as_i64().expect("whole numbers") + 1),
        Value::String(s) if s.is_empty() => json!("x"),
        Value::String(s) => {
            let (first, rest) = s.split_at(1);
            json!(format!("{}{rest}", if first == "a" { "b" } else { "a" }))
        }
        other => panic!("{other} stands in no export"),
    }
}

async fn every_changed_row_is_found_where_it_stands(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let text = export(desk, &case).await;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 15, "a history worth the name");
    let folder = tempfile::tempdir().expect("a folder");
    let mutations = mutations(&lines);
    for (name, file, _) in &mutations {
        fs::write(folder.path().join(name), file.join("\n") + "\n").expect("it is written");
    }
    let (good, said) = verdicts(folder.path(), &[]);
    assert!(!good && mutations.len() > 150, "{}", mutations.len());
    for (name, _, place) in &mutations {
        let verdict = &said[name];
        assert!(
            verdict.starts_with("BROKEN: ") && verdict.contains(place.as_str()),
            "{name} should be found at {place}: {verdict}"
        );
    }
}

async fn only_who_may_takes_a_journal_away(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let auditor = desk.house.staff(Role::Auditor, "auditor", at(MONDAY)).await;
    for (viewer, allowed) in [
        (&desk.lawyer, true),
        (&desk.coordinator, true),
        (&auditor, true),
        (&desk.stranger, false),
        (&desk.administrator, false),
    ] {
        let mut out = Vec::new();
        let exported = desk
            .house
            .service
            .export_case(viewer, &case, &mut out, at(MONDAY))
            .await;
        match exported {
            Ok(_) => assert!(allowed, "{}", viewer.name),
            Err(error) => {
                assert!(
                    !allowed && matches!(error, ServiceError::NotFound),
                    "{}: {error}",
                    viewer.name
                );
                assert_eq!(out, b"");
            }
        }
    }
    let audit = desk.house.store.audit(100).await.expect("the audit is readable");
    let noted: Vec<_> = audit
        .iter()
        .filter(|row| row.entry.action == "case_exported")
        .collect();
    assert_eq!(noted.len(), 3, "each is noted");
}

async fn the_weekly_digest_carries_heads_that_can_be_checked(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    desk.house
        .live_until(&desk.recording("a"), at("2026-04-20T03:00:00Z"))
        .await;
    let digests = desk.sent.with(&["stalled_digest"]);
    assert_eq!(digests.len(), 1, "{}", digests.len());
    let row = desk
        .house
        .store
        .case_by_reference(&case)
        .await
        .expect("the store answers")
        .expect("it is there");
    let hash = Hash(row.head.try_into().expect("32 bytes")).to_string();
    let text = &digests[0].text;
    assert!(text.contains(&case) && text.contains(&hash[..32]), "{text}");
    let service = &desk.house.service;
    let kept = format!("{}:{}", row.version, &hash[..32]);
    service.check_head(&case, &kept).await.expect("it holds");
    for wrong in [
        "1",
        "x:y",
        "1:0011",
        &format!("{}:{}", row.version - 1, &hash[..32]),
        "9999:001122334455",
    ] {
        assert!(service.check_head(&case, wrong).await.is_err(), "{wrong}");
    }
}
