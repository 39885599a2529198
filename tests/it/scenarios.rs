//! Every pack's own stories, run by the same code as `peshi workflow test`. A new story is a new file, no code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use peshi_casework::pack::{PackFiles, load};
use peshi_rehearsal::scenario::{Scenario, run};
use peshi_service::Library;

fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows")
}

/// The text files below a folder, by relative path.
fn texts(folder: &Path) -> PackFiles {
    let mut files = PackFiles::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).expect("a folder of the repository can be read") {
            let path = entry.expect("its entries too").path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path
                .strip_prefix(folder)
                .expect("it lies below")
                .display()
                .to_string();
            files.insert(name, std::fs::read_to_string(&path).expect("it is text"));
        }
    }
    files
}

#[test]
fn every_story_of_every_pack_goes_as_told() {
    let all = texts(&workflows());
    let calendars: BTreeMap<String, String> = texts(&workflows().join("calendars"));
    let library = Library::build(&BTreeMap::new(), &calendars).expect("the shipped calendars are sound");
    let calendars = library.calendars();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for name in all.keys() {
        let Some((pack_name, "workflow.yaml")) = name.split_once('/') else {
            continue;
        };
        let files = texts(&workflows().join(pack_name));
        let pack = load(&files).0.expect("a shipped pack is sound");
        for (file, text) in files.iter().filter(|(file, _)| file.starts_with("scenarios/")) {
            let report = Scenario::parse(file, text).and_then(|story| {
                let calendar = &calendars[pack.calendar_in(story.province())];
                run(&story, &pack, calendar)
            });
            match report {
                Ok(report) => {
                    assert!(report.steps > 0, "{pack_name}/{file} tells something");
                    wrong.extend(report.differences.iter().map(|d| {
                        format!(
                            "{pack_name}/{}:{}: {}: expected {}, got {}",
                            d.file, d.line, d.what, d.expected, d.got
                        )
                    }));
                }
                Err(error) => wrong.push(format!("{pack_name}/{file}: {error}")),
            }
            *told.entry(pack_name).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (pack, at_least) in [("abduction", 8), ("road-traffic-fine", 4)] {
        assert!(
            told.get(pack).is_some_and(|n| *n >= at_least),
            "{pack} has its stories: {told:?}"
        );
    }
}
