//! Rules about source files: each says its duty, none grows without a reason, none is left unfinished.

/// A file longer than this needs a reason below. Aim for 400.
const LONGEST: usize = 600;

/// Files that may be longer, and why. One that has become short again must be taken out.
const LONG: [(&str, &str); 4] = [
    (
        "crates/store/tests/contract.rs",
        "one suite that both databases must pass, each function on both",
    ),
    (
        "crates/templates/src/renderer/tests.rs",
        "every template in every language, with the texts expected",
    ),
    (
        "crates/web/src/samples.rs",
        "a whole invented case as the pages' tests see it",
    ),
    (
        "crates/web/src/pages_test.rs",
        "one test a page, in both languages",
    ),
];

/// Words that promise something for later. Written apart, so that this file does not catch itself.
const PROMISES: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
];

/// Folders of the workshop. The product does not know them.
const WORKSHOP: [&str; 2] = [concat!("/wo", "rk/"), concat!("sha", "red/")];

/// A file that does not begin by saying what it is for.
pub(super) fn without_a_duty(path: &str, text: &str) -> Option<String> {
    let said = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//!"))
        .is_some_and(|rest| !rest.trim().is_empty());
    (!said).then(|| {
        format!("{path}:1: begins without `//!`; say what the file is for and what it does not know")
    })
}

/// Files that have grown too long, and reasons that have become void.
pub(super) fn long_for_no_reason(files: &[(&str, &str)]) -> Vec<String> {
    let reason = |path: &str| LONG.iter().any(|(known, _)| *known == path);
    let mut findings = Vec::new();
    for (path, text) in files {
        let lines = text.lines().count();
        if lines > LONGEST && !reason(path) {
            findings.push(format!(
                "{path}:{lines}: has more than {LONGEST} lines; split it by duty"
            ));
        }
        if lines <= LONGEST && reason(path) {
            findings.push(format!(
                "{path}:{lines}: is short enough now; take it out of LONG in tests/it/tidy/sources.rs"
            ));
        }
    }
    findings
}

/// Lines that promise to be finished later.
pub(super) fn unfinished(path: &str, text: &str) -> Vec<String> {
    let whole = |line: &str, word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let beside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !beside(line[..at].chars().next_back()) && !beside(line[at + word.len()..].chars().next())
        })
    };
    found(path, text, |line| {
        PROMISES
            .iter()
            .find(|word| whole(line, word))
            .map(|word| format!("`{word}`: finish it, or write an issue and take the note out"))
    })
}

/// Lines that name a folder of the workshop.
pub(super) fn workshop_paths(path: &str, text: &str) -> Vec<String> {
    found(path, text, |line| {
        WORKSHOP
            .iter()
            .find(|folder| {
                // A longer folder name that ends alike is somebody else's.
                line.match_indices(**folder)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-'))
            })
            .map(|folder| format!("names `{folder}`, which exists nowhere else; say it without the path"))
    })
}

fn found(path: &str, text: &str, wrong: impl Fn(&str) -> Option<String>) -> Vec<String> {
    text.lines()
        .enumerate()
        .filter_map(|(n, line)| Some(format!("{path}:{}: {}", n + 1, wrong(line)?)))
        .collect()
}

#[test]
fn a_file_without_a_duty_is_caught() {
    assert_eq!(without_a_duty("a.rs", "//! Adds numbers.\nfn f() {}"), None);
    for wrong in ["", "fn f() {}", "// Adds numbers.", "//!", "\n//! Too late."] {
        assert!(
            without_a_duty("a.rs", wrong).is_some_and(|f| f.starts_with("a.rs:1: ")),
            "{wrong:?}"
        );
    }
}

#[test]
fn long_files_and_void_reasons_are_caught() {
    let long = "x\n".repeat(LONGEST + 1);
    assert_eq!(
        long_for_no_reason(&[("a.rs", "x\n"), (LONG[0].0, &long)]),
        Vec::<String>::new()
    );
    assert!(long_for_no_reason(&[("a.rs", &long)])[0].starts_with("a.rs:601: "));
    assert!(long_for_no_reason(&[(LONG[0].0, "x\n")])[0].contains("short enough"));
}

#[test]
fn promises_are_caught_and_ordinary_words_are_not() {
    let wrong = format!("let a = 1;\n// {}: later\n    {}()", PROMISES[0], PROMISES[3]);
    let findings = unfinished("a.rs", &wrong);
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].starts_with("a.rs:2: "));
    assert_eq!(
        unfinished("a.rs", "let mut todo = vec![]; // 0300-0000xxx, MAXXXL"),
        Vec::<String>::new()
    );
}

#[test]
fn paths_of_the_workshop_are_caught() {
    let wrong = format!("see {}DESIGN.md\nand {}main", WORKSHOP[1], WORKSHOP[0]);
    assert_eq!(workshop_paths("a.md", &wrong).len(), 2);
    assert_eq!(
        workshop_paths("a.md", "shared by all; unshared/x; a network/"),
        Vec::<String>::new()
    );
}
