//! Snapshots: their form, their checks, their way back.

use super::kit::{Log, Play, State, chart, history, leaf, on, parallel, state};
use crate::{ChartDef, Snapshot, SnapshotError, StepError};
use insta::assert_snapshot;
use std::collections::BTreeMap;

/// `p` with two regions, a shallow history of the first and a deep one of the whole; and `z`.
fn regions() -> State {
    let r1 = state("r1", [leaf("a"), leaf("b"), history("hs", false, "a")]);
    let r2 = state("r2", [leaf("x"), leaf("y")]);
    let p = parallel("p", [r1, r2, history("hd", true, "a")]);
    state("m", [p.on("out", "z"), leaf("z").on("back", "hd")])
}

#[test]
fn the_form_is_compact_and_stable() {
    let mut play = Play::start(regions());
    let json = serde_json::to_string(&play.last.snapshot).unwrap();
    assert_snapshot!(json, @r#"{"chart":"9f86d081884c7d65","active":["a","x"]}"#);
    play.send("out");
    let json = serde_json::to_string(&play.last.snapshot).unwrap();
    assert_snapshot!(json, @r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hd":["a","x"],"hs":["a"]}}"#);
    assert_eq!(
        serde_json::from_str::<Snapshot>(&json).unwrap(),
        play.last.snapshot
    );
}

#[test]
fn a_snapshot_answers_through_its_chart() {
    let play = Play::start(regions());
    let snapshot = &play.last.snapshot;
    assert_eq!(
        play.chart.configuration(snapshot),
        ["m", "p", "r1", "a", "r2", "x"]
    );
    assert_eq!(snapshot.active_leaves(), ["a", "x"]);
    assert_eq!(snapshot.chart_hash(), play.chart.hash());
    assert!(play.chart.is_active(snapshot, "r2"));
    assert!(!play.chart.is_active(snapshot, "b"));
    assert!(!play.chart.is_active(snapshot, "nowhere"));
    assert!(!play.chart.is_done(snapshot));
    let restored = play.chart.restore(snapshot).unwrap();
    assert!(restored.is_active(play.chart.state("p").unwrap()));
    assert_eq!(restored.active().count(), 6);
}

#[test]
fn damaged_snapshots_are_refused_with_the_reason() {
    let chart = chart(regions());
    let table = [
        (
            r#"{"chart":"0000000000000000","active":["a","x"]}"#,
            "the snapshot belongs to chart version 0000000000000000, but chart `m` is version 9f86d081884c7d65; use the version the snapshot was taken with, or migrate the snapshot",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["a","q"]}"#,
            "the snapshot names the state `q`, which chart `m` does not have; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["r1","x"]}"#,
            "the snapshot lists `r1` as an active leaf, but it is not an atomic or final state; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["hs","x"]}"#,
            "the snapshot lists `hs` as an active leaf, but it is not an atomic or final state; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":[]}"#,
            "the snapshot's active states are not a legal configuration: no child is active at `m`; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["a"]}"#,
            "the snapshot's active states are not a legal configuration: not every region is active at `p`; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["a","b","x"]}"#,
            "the snapshot's active states are not a legal configuration: more than one child is active at `r1`; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["a","x","z"]}"#,
            "the snapshot's active states are not a legal configuration: more than one child is active at `m`; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"q":["a"]}}"#,
            "the snapshot names the state `q`, which chart `m` does not have; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"a":["b"]}}"#,
            "the snapshot's history of `a` is wrong: it is not a history state; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hs":["x"]}}"#,
            "the snapshot's history of `hs` is wrong: it remembers a state outside its parent; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hs":[]}}"#,
            "the snapshot's history of `hs` is wrong: no child is active; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hs":["a","b"]}}"#,
            "the snapshot's history of `hs` is wrong: more than one child is active; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hs":["hs"]}}"#,
            "the snapshot's history of `hs` is wrong: it remembers a history state; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hd":["a"]}}"#,
            "the snapshot's history of `hd` is wrong: not every region is active; rebuild it by replaying its events",
        ),
        (
            r#"{"chart":"9f86d081884c7d65","active":["z"],"history":{"hd":["r1","x"]}}"#,
            "the snapshot's history of `hd` is wrong: it is deep and remembers a state that is no leaf; rebuild it by replaying its events",
        ),
    ];
    for (json, expected) in table {
        let snapshot: Snapshot = serde_json::from_str(json).unwrap();
        let error = chart.restore(&snapshot).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let stepped = chart.step(&snapshot, "out", &mut Log::default()).unwrap_err();
        assert_eq!(stepped, StepError::Snapshot(error.clone()));
        assert_eq!(chart.candidates(&snapshot, "out").unwrap_err(), error);
        assert!(chart.configuration(&snapshot).is_empty());
        assert!(!chart.is_active(&snapshot, "a") && !chart.is_done(&snapshot));
    }
}

#[test]
fn shallow_history_remembers_children_only() {
    let deeper = state(
        "c",
        [state("d", [leaf("e")]), leaf("g"), history("h", false, "g")],
    );
    let chart = chart(state("m", [deeper, leaf("z")]));
    let wrong = BTreeMap::from([("h".to_owned(), vec!["e".to_owned()])]);
    let error = chart.snapshot_at(vec!["z".to_owned()], wrong).unwrap_err();
    let why = "it is shallow and remembers a state that is no child of its parent";
    assert_eq!(
        error,
        SnapshotError::History {
            state: "h".to_owned(),
            why
        }
    );
}

#[test]
fn a_snapshot_can_be_moved_to_another_version_of_the_chart() {
    let mut old = Play::start(regions());
    old.send("out");
    let moved = old.last.snapshot.clone();
    let grown = State {
        states: regions().states.into_iter().chain([leaf("new")]).collect(),
        ..regions()
    };
    let new = ChartDef {
        name: "m".to_owned(),
        root: grown.with(on("late", "new")),
    }
    .compile(b"new")
    .unwrap();
    assert!(matches!(
        new.restore(&moved),
        Err(SnapshotError::OtherChart { .. })
    ));
    let moved = new
        .snapshot_at(moved.active_leaves().to_vec(), moved.history().clone())
        .unwrap();
    let step = new.step(&moved, "back", &mut Log::default()).unwrap();
    assert_eq!(step.snapshot.active_leaves(), ["a", "x"]);
}

#[test]
fn order_and_repetition_in_a_stored_snapshot_do_not_matter() {
    let chart = chart(regions());
    let json = r#"{"chart":"9f86d081884c7d65","active":["x","b","x"],"history":{"hd":["y","a","y"]}}"#;
    let snapshot: Snapshot = serde_json::from_str(json).unwrap();
    let step = chart.step(&snapshot, "nothing", &mut Log::default()).unwrap();
    assert_eq!(step.snapshot.active_leaves(), ["b", "x"]);
    assert_eq!(step.snapshot.history()["hd"], ["a", "y"]);
}
