//! What the host sees, and what happens when it fails.

use super::kit::{Log, Play, State, chart, history, leaf, on, parallel, state};
use crate::{HostPlace, StepError};
use insta::assert_snapshot;

#[test]
fn the_view_shows_event_state_source_and_configuration() {
    let a = leaf("a").entry("see").exit("see").with(on("go", "b").run("see"));
    let b = leaf("b").with(on("", "c").run("see"));
    let c = leaf("c")
        .entry("see")
        .entry("raise inner")
        .with(on("inner", "").run("see"));
    let mut play = Play::start(state("m", [a, b, c]));
    assert_snapshot!(play.log(), @"+m +a see(event=none external=false state=a source=none active=m,a)");
    assert_snapshot!(play.send("go"), @"-a see(event=go external=true state=a source=none active=m,a) see(event=go external=true state=none source=a active=m) +b -b see(event=none external=false state=none source=b active=m) +c see(event=none external=false state=c source=none active=m,c) see(event=inner external=false state=none source=c active=m,c)");
}

#[test]
fn a_failing_host_ends_the_step_and_says_where() {
    let table = [
        (leaf("a").with(on("go", "b").when("fail")), "a", HostPlace::Guard),
        (leaf("a").exit("fail").on("go", "b"), "a", HostPlace::Exit),
        (
            leaf("a").with(on("go", "b").run("fail")),
            "a",
            HostPlace::Transition,
        ),
        (leaf("a").on("go", "c"), "c", HostPlace::Entry),
        (leaf("a").on("go", "h"), "h", HostPlace::HistoryDefault),
    ];
    for (a, expected_state, expected_place) in table {
        let h = State {
            transitions: vec![on("", "e").run("fail")],
            ..history("h", false, "")
        };
        let d = state("d", [leaf("e"), h]);
        let mut play = Play::start(state("m", [a, leaf("b"), leaf("c").entry("fail"), d]));
        let before = play.last.clone();
        let StepError::Host { state, place, source } = play.try_send("go").unwrap_err() else {
            panic!("expected the host's error");
        };
        assert_eq!((state.as_str(), place), (expected_state, expected_place));
        assert!(source.ends_with("out of order"), "{source}");
        assert_eq!(play.last, before);
    }
}

#[test]
fn the_message_of_a_failing_host_names_the_place() {
    let error = chart(state("m", [leaf("a").entry("fail")]))
        .start(&mut Log::default())
        .unwrap_err();
    assert_snapshot!(error, @"an entry action of state `a` failed: action out of order");
}

#[test]
fn candidates_are_listed_innermost_first_without_asking_guards() {
    let r1 = state("r1", [leaf("a").with(on("go", "").when("fail"))]).on("go.far", "");
    let r2 = state("r2", [leaf("x").on("go", "").on("stop", "").on("*", "")]);
    let play = Play::start(
        parallel("m", [r1, r2])
            .on("go", "")
            .with(on("", "").when("never")),
    );
    let found = play.chart.candidates(&play.last.snapshot, "go").unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|c| (c.source, c.index, c.transition.events().join(" ")))
        .collect();
    let expected = [("a", 0, "go"), ("x", 0, "go"), ("x", 2, "*"), ("m", 0, "go")];
    assert_eq!(
        found,
        expected.map(|(source, index, events)| (source, index, events.to_owned()))
    );
}

#[test]
fn active_transitions_are_listed_in_document_order() {
    let a = leaf("a")
        .with(on("go", "b").when("fail"))
        .with(on("", "b").when("never"));
    let root = state("m", [a, leaf("b").on("back", "a")]).on("stop", "");
    let play = Play::start(root);
    let all = play.chart.active_transitions(&play.last.snapshot).unwrap();
    let all: Vec<_> = all
        .iter()
        .map(|(id, t)| format!("{id}:{}", t.events().join(" ")))
        .collect();
    assert_eq!(all, ["m:stop", "a:go", "a:"]);
    assert_eq!(play.host.asked, ["never"]);
}
