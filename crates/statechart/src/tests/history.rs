//! Shallow and deep history, defaults, and history whose parent stays active.

use super::kit::{Play, State, end, history, leaf, on, parallel, state};
use insta::assert_snapshot;

/// `c` holds `inner` (a, b) and `other`; `z` is outside. `back` goes to the history.
fn remembering(deep: bool) -> State {
    let inner = state("inner", [leaf("a").on("next", "b"), leaf("b")]);
    let c = state("c", [history("h", deep, "other"), inner, leaf("other")]);
    state("m", [c.on("out", "z"), leaf("z").on("back", "h")])
}

#[test]
fn shallow_remembers_the_child_and_deep_the_leaf() {
    for (deep, expected) in [(false, "a"), (true, "b")] {
        let mut play = Play::start(remembering(deep));
        play.send("next");
        assert_eq!(play.at(), "b");
        play.send("out");
        assert_eq!(play.at(), "z");
        play.send("back");
        assert_eq!(play.at(), expected, "deep: {deep}");
    }
}

#[test]
fn before_the_parent_was_ever_left_the_default_is_taken() {
    for deep in [false, true] {
        let mut play = Play::start(remembering(deep).initial("z"));
        assert_eq!(play.send("back"), "-z +c +other", "deep: {deep}");
    }
}

#[test]
fn deep_history_of_a_parallel_restores_every_region() {
    let r = |id, a, b, event| state(id, [leaf(a).on(event, b), leaf(b)]);
    let p = parallel(
        "p",
        [
            r("r1", "a", "b", "one"),
            r("r2", "x", "y", "two"),
            history("h", true, "a"),
        ],
    );
    let mut play = Play::start(state("m", [p.on("out", "z"), leaf("z").on("back", "h")]));
    play.send("two");
    play.send("out");
    assert_eq!(play.last.snapshot.history()["h"], ["a", "y"]);
    assert_snapshot!(play.send("back"), @"-z +p +r1 +a +r2 +y");
}

#[test]
fn shallow_history_of_a_parallel_restarts_its_regions() {
    let r = |id, a, b| state(id, [leaf(a).on("next", b), leaf(b)]);
    let p = parallel(
        "p",
        [history("h", false, "b"), r("r1", "a", "b"), r("r2", "x", "y")],
    );
    let mut play = Play::start(state("m", [p.on("out", "z"), leaf("z").on("back", "h")]));
    play.send("next");
    play.send("out");
    assert_eq!(play.last.snapshot.history()["h"], ["r1", "r2"]);
    play.send("back");
    assert_eq!(play.at(), "a x");
}

#[test]
fn the_actions_of_the_default_run_after_the_entry_of_the_parent_and_only_by_default() {
    let h = State {
        transitions: vec![on("", "b").run("default")],
        ..history("h", false, "")
    };
    let c = state("c", [leaf("a"), leaf("b"), h])
        .entry("entry")
        .on("out", "z");
    let mut play = Play::start(state("m", [leaf("z").on("back", "h"), c]));
    assert_snapshot!(play.send("back"), @"-z +c entry default +b");
    play.send("out");
    assert_snapshot!(play.send("back"), @"-z +c entry +b");
}

#[test]
fn initial_and_defaults_may_name_histories() {
    let inner = state("inner", [leaf("a"), leaf("b"), history("h2", false, "b")]);
    let c = state("c", [inner, leaf("other"), history("h1", true, "h2")]).initial("h1");
    let play = Play::start(state("m", [c]));
    assert_eq!(play.at(), "b");
}

#[test]
fn history_is_taken_when_its_parent_is_left_again() {
    let c = state(
        "c",
        [
            history("h", false, "a"),
            leaf("a").on("next", "b"),
            leaf("b").on("next", "a"),
        ],
    );
    let mut play = Play::start(state("m", [c.on("out", "z"), leaf("z").on("back", "h")]));
    for (event, expected) in [
        ("next", "b"),
        ("out", "z"),
        ("back", "b"),
        ("next", "a"),
        ("out", "z"),
        ("back", "a"),
    ] {
        play.send(event);
        assert_eq!(play.at(), expected);
    }
}

#[test]
fn an_active_parent_is_not_entered_again_by_its_history() {
    // The history's parent `p` stays active; the effective target lies in the same region as the source.
    let r1 = state("r1", [leaf("s").on("back", "h"), leaf("x")]);
    let r2 = state("r2", [leaf("y").on("next", "w"), leaf("w")]);
    let p = state("p", [parallel("q", [r1, r2]), history("h", true, "x")]);
    let mut play = Play::start(state("m", [p]));
    play.send("next");
    assert_eq!(play.at(), "s w");
    assert_snapshot!(play.send("back"), @"-s +x");
    assert_eq!(play.at(), "x w");
}

#[test]
fn the_domain_follows_what_the_history_stands_for() {
    let a = state("a", [leaf("s").with(on("back", "h")), leaf("x").on("out", "z")]);
    let c = state("c", [a, leaf("other"), history("h", true, "other")]).on("out", "z");
    let root = state("m", [c, leaf("z").on("in", "s")]);
    let mut by_default = Play::start(root.clone());
    assert_snapshot!(by_default.send("back"), @"-s -a +other");
    let mut remembered = Play::start(state("m", root.states).initial("x"));
    remembered.send("out");
    remembered.send("in");
    assert_snapshot!(remembered.send("back"), @"-s +x");
}

#[test]
fn moves_below_the_parent_are_not_remembered() {
    let mut play = Play::start(remembering(true));
    play.send("next");
    assert!(play.last.snapshot.history().is_empty());
}

#[test]
fn a_remembered_final_completes_again() {
    let c = state("c", [leaf("a").on("go", "f"), end("f"), history("h", false, "a")])
        .on("out", "z")
        .with(on("done.state.c", "").run("done"));
    let mut play = Play::start(state("m", [c, leaf("z").on("back", "h")]));
    assert_snapshot!(play.send("go"), @"-a +f done");
    play.send("out");
    assert_snapshot!(play.send("back"), @"-z +c +f done");
}

#[test]
fn a_history_whose_parent_is_left_by_the_same_transition_stands_for_what_was_just_left() {
    // At selection the history of `c` still means its default; at entry it means `b`.
    let c = state(
        "c",
        [leaf("a").on("next", "b"), leaf("b"), history("h", false, "a")],
    );
    let mut play = Play::start(state("m", [c.on("again", "h")]));
    play.send("next");
    assert_snapshot!(play.send("again"), @"-b -c +c +b");

    let r1 = state("r1", [state("u", [leaf("a")]), state("v", [leaf("b")])]);
    let root = parallel("m", [r1, leaf("r2").on("again", "h"), history("h", false, "b")]);
    let mut play = Play::start(root);
    assert_snapshot!(play.send("again"), @"-r2 -a -u -r1 -m +m +r1 +u +a +r2");
}
