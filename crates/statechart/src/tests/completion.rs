//! Final states, `done.state.ID`, and charts that are done.

use super::kit::{Play, end, leaf, on, parallel, state};
use insta::assert_snapshot;

#[test]
fn a_final_child_completes_its_compound_parent() {
    let c = state("c", [leaf("a").on("go", "f"), end("f")]);
    let mut play = Play::start(state("m", [c.on("done.state.c", "z"), leaf("z")]));
    assert_snapshot!(play.send("go"), @"-a +f -f -c +z");
    assert!(!play.last.done);
}

#[test]
fn a_parallel_completes_when_every_region_has() {
    let r = |id, a, f, event| state(id, [leaf(a).on(event, f), end(f)]);
    let p = parallel("p", [r("r1", "a", "f", "one"), r("r2", "x", "g", "two")])
        .with(on("done.state.r1", "").run("r1"))
        .with(on("done.state.r2", "").run("r2"))
        .with(on("done.state.p", "z").run("p"));
    let root = || state("m", [p.clone(), leaf("z")]);
    let mut play = Play::start(root());
    assert_snapshot!(play.send("two"), @"-x +g r2");
    assert_snapshot!(play.send("one"), @"-a +f r1 -g -r2 -f -r1 -p p +z");
}

#[test]
fn regions_that_are_final_at_once_complete_the_parallel_once() {
    let p = parallel("p", [state("r1", [end("f")]), state("r2", [end("g")])]);
    let mut play = Play::start(state("m", [p.with(on("done.state.p", "").run("done"))]));
    assert_snapshot!(play.log(), @"+m +p +r1 +f +r2 +g done");
}

#[test]
fn completion_climbs_through_nested_parallels() {
    let inner = parallel("inner", [state("r1", [leaf("a").on("go", "f"), end("f")])]);
    let outer = parallel("outer", [inner, state("r2", [end("g")])])
        .with(on("done.state.inner", "").run("inner"))
        .with(on("done.state.outer", "").run("outer"));
    let mut play = Play::start(state("m", [outer]));
    assert_snapshot!(play.send("go"), @"-a +f inner outer");
}

#[test]
fn an_atomic_region_never_completes() {
    let p = parallel("p", [state("r1", [end("f")]), leaf("r2")]);
    let mut play = Play::start(state("m", [p.with(on("done.state.p", "").run("wrong"))]));
    assert_snapshot!(play.log(), @"+m +p +r1 +f +r2");
}

#[test]
fn a_done_chart_stops_at_once_and_rests() {
    let f = end("f").entry("raise more");
    let root = state("m", [leaf("a").on("go", "f"), f]).with(on("more go again", "a").run("wrong"));
    let mut play = Play::start(root);
    assert!(!play.chart.is_done(&play.last.snapshot));
    play.try_send("go.on").unwrap();
    assert!(play.last.done && play.last.handled);
    assert!(play.chart.is_done(&play.last.snapshot));
    assert_eq!(play.at(), "f");
    play.host.lines.clear();

    let before = play.last.snapshot.clone();
    assert_snapshot!(play.send("again"), @"");
    assert!(play.last.done && !play.last.handled);
    assert_eq!(play.last.snapshot, before);
    assert!(play.chart.candidates(&before, "again").unwrap().is_empty());
    assert!(play.chart.active_transitions(&before).unwrap().is_empty());
}

#[test]
fn a_parallel_root_is_done_when_every_region_is() {
    let r = |id, a, f, event| state(id, [leaf(a).on(event, f), end(f)]);
    let mut play = Play::start(parallel(
        "m",
        [r("r1", "a", "f", "one"), r("r2", "x", "g", "two")],
    ));
    play.send("one");
    assert!(!play.last.done);
    play.send("two");
    assert!(play.last.done);
    assert_eq!(play.at(), "f g");
}

#[test]
fn a_chart_may_be_done_from_the_start() {
    assert!(Play::start(state("m", [end("f")])).last.done);
}
