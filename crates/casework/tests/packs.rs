//! Every pack that is shipped loads without a finding.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use peshi_casework::pack::{PackFiles, load, parse_calendar};

fn files(folder: &Path) -> PackFiles {
    let mut files = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn workflows() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

#[test]
fn packs_are_clean() {
    let mut seen = 0;
    let mut all = String::new();
    for entry in std::fs::read_dir(workflows()).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() && folder.file_name().unwrap() != "calendars" {
            let (pack, findings) = load(&files(&folder));
            for finding in &findings {
                let _ = writeln!(all, "{}: {finding}", folder.display());
            }
            assert!(pack.is_some() || !findings.is_empty());
            seen += 1;
        }
    }
    assert!(seen >= 2, "both packs are there");
    assert!(all.is_empty(), "{all}");
}

#[test]
fn calendars_are_read() {
    let mut seen = 0;
    for (name, text) in files(&workflows().join("calendars")) {
        let (calendar, _) = parse_calendar(&name, &text).unwrap_or_else(|f| panic!("{f}"));
        assert!(calendar.check().is_ok(), "{name}");
        seen += 1;
    }
    assert!(seen >= 3);
}

/// The example that the guide explains key by key; its words are left to the reader.
#[test]
fn the_guide_shows_a_sound_pack() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/workflow-packs.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let blocks: Vec<&str> = guide
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    // The others are examples of other things: panels, stories, invariants, a way to a new version.
    let of = |key: &str| -> &str {
        let found = blocks.iter().find(|block| block.starts_with(key));
        found.unwrap_or_else(|| panic!("the guide has a block of YAML that begins with `{key}`"))
    };
    let (head, charts) = (of("workflow:"), of("charts:"));
    let (forms, deadlines, calendar) = (of("forms:"), of("deadlines:"), of("name:"));
    let files: PackFiles = [
        ("workflow.yaml", format!("{head}{charts}")),
        ("forms.yaml", forms.to_owned()),
        ("deadlines.yaml", deadlines.to_owned()),
        ("locales/en.ftl", String::new()),
        ("locales/ur.ftl", String::new()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect();
    let (pack, findings) = load(&files);
    let others: Vec<_> = findings
        .iter()
        .filter(|f| f.code != "missing-translation")
        .collect();
    assert!(pack.is_some() && others.is_empty(), "{others:#?}");
    assert!(parse_calendar("sample.yaml", calendar).is_ok());
}
