//! Which transition is taken: descriptors, guards, preemption, queues, bounds.

use super::kit::{Play, chart, leaf, on, parallel, state};
use crate::{MAX_MICROSTEPS, StepError};
use insta::assert_snapshot;

#[test]
fn the_first_transition_in_document_order_that_matches_and_holds_is_taken() {
    let a = leaf("a")
        .with(on("other", "b"))
        .with(on("go", "b").when("no"))
        .with(on("go.far", "c"))
        .with(on("go", "d"));
    let m = || state("m", [a.clone(), leaf("b"), leaf("c"), leaf("d")]);
    for (event, expected) in [
        ("go", "d"),
        ("go.far", "c"),
        ("go.far.away", "c"),
        ("other", "b"),
        ("gone", "a"),
    ] {
        let mut play = Play::start(m());
        play.send(event);
        assert_eq!(play.at(), expected, "{event}");
        assert_eq!(play.last.handled, expected != "a", "{event}");
    }
}

#[test]
fn a_descendant_is_asked_before_its_ancestors() {
    let inner = leaf("a").with(on("go", "b").when("ready"));
    let root = || {
        state(
            "m",
            [state("c", [inner.clone(), leaf("b")]).on("go", "z"), leaf("z")],
        )
    };
    let mut ready = Play::start_knowing(root(), ["ready"]);
    ready.send("go");
    assert_eq!(ready.at(), "b");
    let mut not_ready = Play::start(root());
    not_ready.send("go");
    assert_eq!(not_ready.at(), "z");
}

#[test]
fn any_descriptor_of_a_list_and_the_star_match() {
    let a = leaf("a").on("x y.z", "b").on("*", "c");
    let m = || state("m", [a.clone(), leaf("b"), leaf("c")]);
    for (event, expected) in [("x", "b"), ("y.z.w", "b"), ("y", "c"), ("anything", "c")] {
        let mut play = Play::start(m());
        play.send(event);
        assert_eq!(play.at(), expected, "{event}");
    }
}

#[test]
fn a_deeper_source_preempts_an_earlier_shallower_one() {
    // r1 has nothing for the event, so from its leaf the parallel's own transition is found first.
    let r2 = state("r2", [leaf("x").on("go", "y"), leaf("y")]);
    let p = parallel("p", [state("r1", [leaf("a")]), r2]).on("go", "z");
    let mut play = Play::start(state("m", [p, leaf("z")]));
    assert_snapshot!(play.send("go"), @"-x +y");
}

#[test]
fn between_regions_the_earlier_in_document_order_wins() {
    let r1 = state("r1", [leaf("a").on("go", "z1")]);
    let r2 = state("r2", [leaf("x").on("go", "z2")]);
    let mut play = Play::start(state("m", [parallel("p", [r1, r2]), leaf("z1"), leaf("z2")]));
    play.send("go");
    assert_eq!(play.at(), "z1");
}

#[test]
fn a_later_region_loses_even_to_a_source_that_is_not_above_it() {
    // The transition of `a` leaves the whole parallel; that of `r2` stays inside, but `r2` lies not below `a`.
    let r1 = state("r1", [leaf("a").on("go", "z")]);
    let r2 = state("r2", [leaf("x"), leaf("y")]).with(on("go", "y").run("t2"));
    let mut play = Play::start(state("m", [parallel("p", [r1, r2]), leaf("z")]));
    assert_snapshot!(play.send("go"), @"-x -r2 -a -r1 -p +z");
}

#[test]
fn targetless_transitions_conflict_with_nothing() {
    let r1 = state("r1", [leaf("a").with(on("go", "").run("seen"))]);
    let r2 = state("r2", [leaf("x").on("go", "z")]);
    let mut play = Play::start(state("m", [parallel("p", [r1, r2]), leaf("z")]));
    assert_snapshot!(play.send("go"), @"-x -r2 -a -r1 -p seen +z");
}

#[test]
fn a_common_ancestor_is_asked_once_and_taken_once() {
    let p = parallel("p", [leaf("a"), leaf("b"), leaf("c")]);
    let root = state("m", [p.with(on("go", "").when("ready").run("act"))]);
    let mut play = Play::start_knowing(root, ["ready"]);
    assert_snapshot!(play.send("go"), @"act");
    assert_eq!(play.host.asked, ["ready"]);
}

#[test]
fn eventless_first_then_internal_events_in_order_then_rest() {
    let a = leaf("a").with(on("go", "b").run("raise one").run("emit two").run("raise three"));
    let b = leaf("b").with(on("", "c").run("eventless"));
    let c = leaf("c")
        .with(on("two", "").run("two"))
        .with(on("one", "").run("one").run("raise four"))
        .with(on("three", "").run("three"))
        .with(on("four", "d").run("four"));
    let mut play = Play::start(state("m", [a, b, c, leaf("d")]));
    assert_snapshot!(play.send("go"), @"-a +b -b eventless +c one two three -c four +d");
}

#[test]
fn start_runs_to_completion_too() {
    let a = leaf("a").entry("raise go").with(on("", "b").when("ready"));
    let root = || state("m", [a.clone(), leaf("b").on("go", "c"), leaf("c")]);
    assert_eq!(Play::start_knowing(root(), ["ready"]).at(), "c");
    let waiting = Play::start(root());
    assert_eq!(waiting.at(), "a");
    assert!(!waiting.last.handled);
}

#[test]
fn an_unhandled_event_still_lets_eventless_transitions_run() {
    let a = leaf("a").with(on("", "b").when("paid"));
    let mut play = Play::start(state("m", [a, leaf("b")]));
    play.host.truths.insert("paid");
    play.send("data.changed");
    assert_eq!(play.at(), "b");
    assert!(!play.last.handled);
}

#[test]
fn unmatched_internal_events_are_dropped() {
    let a = leaf("a").with(on("go", "b").run("raise later"));
    let mut play = Play::start(state("m", [a, leaf("b"), leaf("c")]).with(on("later", "c").when("never")));
    play.send("go");
    assert_eq!(play.at(), "b");
    play.send("other");
    assert_eq!(play.at(), "b");
}

#[test]
fn guards_see_the_configuration_before_the_microstep() {
    let r1 = state("r1", [leaf("a").with(on("go", "b").when("in x")), leaf("b")]);
    let r2 = state("r2", [leaf("x").with(on("go", "y").when("in a")), leaf("y")]);
    let mut play = Play::start(parallel("m", [r1, r2]));
    play.send("go");
    assert_eq!(play.at(), "b y");
}

#[test]
fn a_chart_that_never_settles_ends_at_the_bound() {
    let endless = [
        state("m", [leaf("a").on("", "b"), leaf("b").on("", "a")]),
        state("m", [leaf("a").with(on("", "").run("spin"))]),
        state("m", [leaf("a").entry("raise x").on("x", "a")]),
        state("m", [leaf("a").entry("emit x").with(on("x", "").run("emit x"))]),
    ];
    for root in endless {
        let error = chart(root).start(&mut super::kit::Log::default()).unwrap_err();
        let StepError::Endless { limit, active } = error else {
            panic!("expected an endless chart, got {error}");
        };
        assert_eq!(limit, MAX_MICROSTEPS);
        assert_eq!(active, ["a"]);
    }
}

#[test]
fn exactly_the_bound_is_allowed() {
    let spin = |moves: usize| {
        let a = leaf("a").with(on("tick", "").run("tick"));
        let go = (0..moves).fold(on("go", ""), |go, _| go.run("raise tick"));
        let mut play = Play::start(state("m", [a.with(go)]));
        play.log();
        play.try_send("go").map(|()| play.host.lines.len())
    };
    // The move for `go` itself is one microstep.
    assert_eq!(spin(MAX_MICROSTEPS - 1), Ok(MAX_MICROSTEPS - 1));
    let error = spin(MAX_MICROSTEPS).unwrap_err();
    assert_snapshot!(error, @"the chart did not settle within 1000 microsteps and was stopped in a; look there for eventless transitions or raised events that feed each other");
}
