//! Entry and exit order, domains, internal transitions, initial states.

use super::kit::{Play, leaf, on, parallel, state};
use insta::assert_snapshot;

#[test]
fn entries_go_down_and_forward_exits_up_and_backward() {
    let regions = parallel(
        "p",
        [
            state("r1", [leaf("a"), leaf("b")]),
            state("r2", [leaf("x"), leaf("y")]),
        ],
    );
    let mut play = Play::start(state("m", [regions.with(on("go", "z").run("act")), leaf("z")]));
    assert_snapshot!(play.log(), @"+m +p +r1 +a +r2 +x");
    assert_snapshot!(play.send("go"), @"-x -r2 -a -r1 -p act +z");
    assert_eq!(play.last.exited, ["x", "r2", "a", "r1", "p"]);
    assert_eq!(play.last.entered, ["z"]);
}

#[test]
fn initial_may_name_deep_descendants_in_several_regions() {
    let r = |id, a, b| state(id, [leaf(a), leaf(b)]);
    let p = parallel(
        "p",
        [r("r1", "a1", "b1"), r("r2", "a2", "b2"), r("r3", "a3", "b3")],
    );
    let play = Play::start(state("m", [leaf("first"), state("deep", [p])]).initial("b1 b3"));
    assert_eq!(play.at(), "b1 a2 b3");
    assert_eq!(
        play.last.entered,
        ["m", "deep", "p", "r1", "b1", "r2", "a2", "r3", "b3"]
    );
}

#[test]
fn a_transition_may_have_targets_in_several_regions() {
    let r = |id, a, b| state(id, [leaf(a), leaf(b)]);
    let p = parallel(
        "p",
        [r("r1", "a1", "b1"), r("r2", "a2", "b2"), r("r3", "a3", "b3")],
    );
    let mut play = Play::start(state("m", [leaf("out").on("go", "b3 b1"), p]));
    assert_snapshot!(play.send("go"), @"-out +p +r1 +b1 +r2 +a2 +r3 +b3");
}

#[test]
fn an_external_transition_to_a_descendant_leaves_its_source_and_an_internal_one_does_not() {
    let c = |internal: bool| {
        let inner = on("go", "b");
        let inner = if internal { inner.internal() } else { inner };
        state("m", [state("c", [leaf("a"), leaf("b")]).with(inner)])
    };
    let mut external = Play::start(c(false));
    assert_snapshot!(external.send("go"), @"-a -c +c +b");
    let mut internal = Play::start(c(true));
    assert_snapshot!(internal.send("go"), @"-a +b");
}

#[test]
fn internal_counts_only_for_a_compound_source_with_all_targets_inside() {
    let regions = [state("r1", [leaf("a"), leaf("b")]), state("r2", [leaf("x")])];
    let p = parallel("p", regions).with(on("go", "b").internal());
    let mut play = Play::start(state("m", [p]));
    assert_snapshot!(play.send("go"), @"-x -r2 -a -r1 -p +p +r1 +b +r2 +x");

    let c = state("c", [leaf("a")]).with(on("go", "c").internal());
    let mut play = Play::start(state("m", [c]));
    assert_snapshot!(play.send("go"), @"-a -c +c +a");
}

#[test]
fn a_self_transition_leaves_and_enters_and_a_targetless_one_stays() {
    let a = leaf("a").on("again", "a").with(on("stay", "").run("act"));
    let mut play = Play::start(state("m", [a]));
    assert_snapshot!(play.send("again"), @"-a +a");
    assert_snapshot!(play.send("stay"), @"act");
    assert!(play.last.handled);
    assert!(play.last.entered.is_empty() && play.last.exited.is_empty());
}

#[test]
fn the_domain_is_compound_so_crossing_regions_leaves_the_parallel() {
    let r1 = state("r1", [leaf("a").on("cross", "y"), leaf("b")]);
    let p = parallel("p", [r1, state("r2", [leaf("x"), leaf("y")])]);
    let mut play = Play::start(state("m", [p]));
    assert_snapshot!(play.send("cross"), @"-x -r2 -a -r1 -p +p +r1 +a +r2 +y");
}

#[test]
fn the_root_is_inside_a_document_element() {
    let root = || state("m", [leaf("a"), leaf("b")]);
    let mut external = Play::start(root().on("go", "b"));
    assert_snapshot!(external.send("go"), @"-a -m +m +b");
    let mut internal = Play::start(root().with(on("go", "b").internal()));
    assert_snapshot!(internal.send("go"), @"-a +b");
    let mut to_root = Play::start(state("m", [leaf("a"), leaf("b").on("again", "m")]).initial("b"));
    assert_snapshot!(to_root.send("again"), @"-b -m +m +b");
    let mut parallel_root = Play::start(parallel("m", [leaf("a").on("go", "b"), leaf("b")]));
    assert_snapshot!(parallel_root.send("go"), @"-b -a -m +m +a +b");
}

#[test]
fn actions_run_in_the_order_written_between_exits_and_entries() {
    let a = leaf("a")
        .exit("a1")
        .exit("a2")
        .with(on("go", "b").run("t1").run("t2"));
    let b = leaf("b").entry("b1").entry("b2");
    let mut play = Play::start(state("m", [a, b]));
    assert_snapshot!(play.send("go"), @"-a a1 a2 t1 t2 +b b1 b2");
}

#[test]
fn transitions_of_several_regions_run_as_one_microstep() {
    let r = |id, from, to, act| state(id, [leaf(from).with(on("go", to).run(act)), leaf(to)]);
    let mut play = Play::start(parallel("m", [r("r1", "a", "b", "t1"), r("r2", "x", "y", "t2")]));
    assert_snapshot!(play.send("go"), @"-x -a t1 t2 +b +y");
}
