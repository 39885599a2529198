//! A walk by chance over a shipped pack: the same seed goes the same way, time goes forward, and every message is dated.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::path::Path;

use peshi_casework::pack::{PackFiles, load_loose, parse_calendar};
use peshi_rehearsal::Stage;
use peshi_rehearsal::walk::{Walk, Walked, What};

fn walked(pack: &str, seed: u64) -> Walked {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let names = ["workflow.yaml", "forms.yaml", "deadlines.yaml"];
    let files: PackFiles = names
        .iter()
        .map(|name| ((*name).to_owned(), read(&format!("{pack}/{name}"))))
        .collect();
    let pack = load_loose(&files, None).0.unwrap();
    let calendar = parse_calendar("pk.yaml", &read("calendars/pk.yaml")).unwrap().0;
    let walk = Walk {
        from: "2026-01-05T05:00:00Z".parse().unwrap(),
        days: 730,
        seed,
    };
    walk.walk(Stage {
        pack: &pack,
        calendar: &calendar,
    })
    .unwrap()
}

#[test]
fn a_seed_goes_one_way_and_another_seed_another() {
    let first = walked("abduction", 7);
    assert_eq!(first, walked("abduction", 7));
    assert_ne!(first.lines, walked("abduction", 8).lines);
}

#[test]
fn two_years_bring_dated_reminders_and_no_fault() {
    let mut reminders = 0;
    for (pack, seed) in [
        ("abduction", 1),
        ("abduction", 2),
        ("abduction", 3),
        ("road-traffic-fine", 1),
    ] {
        let walked = walked(pack, seed);
        assert!(walked.events > 3, "{pack} {seed}: something is recorded");
        assert!(
            walked.lines.is_sorted_by_key(|line| &line.at),
            "{pack} {seed}: time goes forward"
        );
        let faults: Vec<_> = walked
            .lines
            .iter()
            .filter(|l| matches!(l.what, What::Fault { .. }))
            .collect();
        assert!(faults.is_empty(), "{pack} {seed}: {faults:?}");
        let told = walked
            .lines
            .iter()
            .filter(|l| matches!(l.what, What::Message { .. }))
            .count();
        assert_eq!(told, walked.sent + walked.suppressed, "{pack} {seed}");
        reminders += walked
            .lines
            .iter()
            .filter(|l| {
                matches!(
                    &l.what,
                    What::Message {
                        reminder: Some(_),
                        suppressed: None,
                        ..
                    }
                )
            })
            .count();
    }
    assert!(reminders > 20, "{reminders} reminders in eight years");
}
