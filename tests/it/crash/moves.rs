//! A move of many cases to another version of their pack, killed with `kill -9` in the middle and started again: each case
//! moves once, and every history holds.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use peshi_test_support::shipped;
use serde_json::Value;

use super::{LOGIN, ok, peshi};

/// Cases that are to move.
const CASES: usize = 24;
/// After so many lines about cases a run is killed, one run after another.
const KILLS: [usize; 4] = [1, 6, 2, 7];

/// The abduction pack in a second version, as a folder.
fn second_version(dir: &Path) -> PathBuf {
    let folder = dir.join("abduction");
    let packs = &shipped().packs;
    for (name, text) in &packs["abduction"] {
        let text = text
            .replace("version: 2\n", "version: 3\n")
            .replace("fir_not_reported", "fir_unreported");
        write(&folder.join(name), &text);
    }
    let way = "from: 2\nstates: { case: { fir_not_reported: fir_unreported } }\n";
    write(&folder.join("migration.yaml"), way);
    folder
}

fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("the folder is made");
    std::fs::write(file, text).expect("the file is written");
}

fn add_lawyer(data: &Path) {
    let mut add = peshi(data);
    add.args([
        "user",
        "add",
        "--email",
        LOGIN,
        "--name",
        "Lawyer Invented",
        "--role",
        "lawyer",
    ]);
    let mut child = add
        .arg("--password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin
        .write_all(b"an invented password\n")
        .expect("the password is read");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

fn open_case(data: &Path) -> String {
    let mut open = peshi(data);
    open.args([
        "case",
        "open",
        "--as",
        LOGIN,
        "--pack",
        "abduction",
        "--set",
        "province=punjab",
    ]);
    open.args([
        "--set",
        "district=Invented",
        "--set",
        "reported_at=2026-01-05T10:00",
    ]);
    ok(open).trim().to_owned()
}

fn json(data: &Path, args: &[&str]) -> Value {
    let mut command = peshi(data);
    command.args(args).arg("--json");
    serde_json::from_str(&ok(command)).expect("it prints JSON")
}

/// Starts a move, one case a transaction, and kills it once it has told of `lines` cases.
fn killed_after(data: &Path, pack: &str, lines: usize) {
    let mut migrate = peshi(data);
    let mut child = migrate
        .args(["workflow", "migrate", pack, "--batch", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let told = out.lines().map_while(Result::ok).filter(|l| l.contains("→ 3"));
    assert_eq!(told.take(lines).count(), lines, "the run had so much to do");
    child.kill().expect("SIGKILL is delivered");
    child.wait().expect("the killed run is reaped");
}

#[test]
fn a_move_killed_in_the_middle_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().expect("a folder for the data");
    let data = dir.path().join("data");
    let pack = second_version(dir.path());
    let pack = pack.to_str().expect("the path is text");
    add_lawyer(&data);
    let cases: Vec<String> = (0..CASES).map(|_| open_case(&data)).collect();
    for lines in KILLS {
        killed_after(&data, pack, lines);
    }
    let rest = json(&data, &["workflow", "migrate", pack]);
    let (moved, there) = (&rest["totals"]["moved"], &rest["totals"]["there"]);
    assert_eq!(
        moved.as_u64().zip(there.as_u64()).map(|(a, b)| a + b),
        Some(CASES as u64),
        "{rest}"
    );
    assert!(
        there.as_u64() >= Some(KILLS.iter().sum::<usize>() as u64),
        "{rest}"
    );
    for case in &cases {
        let journal = json(&data, &["case", "journal", case, "--as", LOGIN]);
        let kinds: Vec<&str> = journal
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|e| e["key"].as_str())
            .collect();
        assert_eq!(
            kinds.iter().filter(|k| **k == "fact-migrated").count(),
            1,
            "{case}: {kinds:?}"
        );
    }
    let mut verify = peshi(&data);
    verify.arg("verify");
    assert!(ok(verify).contains("every chain holds"));
}
