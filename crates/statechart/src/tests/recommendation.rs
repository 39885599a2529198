//! The assertions of the Recommendation that implementers get wrong most, one row each: a chart of our own, the events
//! it is given, and what is to be seen of it. The rows follow the sections of the Recommendation.
//!
//! In a trace, `+a` and `-a` are the entry and the exit of `a`; other words are actions.

use super::kit::{Play, State, end, history, leaf, on, parallel, state};

/// A chart, and for each event given to it what the host then saw. The first trace is that of the start.
type Row = (&'static str, State, &'static [(&'static str, &'static str)]);

const START: &str = "(start)";

fn check<const N: usize>(rows: [Row; N]) {
    for (name, root, script) in rows {
        let mut play = Play::start(root);
        for &(event, expected) in script {
            let seen = if event == START {
                play.log()
            } else {
                play.send(event)
            };
            assert_eq!(seen, expected, "{name}: on {event}");
        }
    }
}

/// Regions of two states each, `a1 b1`, `a2 b2` and so on.
fn regions(count: usize) -> Vec<State> {
    let region = |n: usize| {
        let [region, a, b] = ["r", "a", "b"].map(|letter| format!("{letter}{n}"));
        state(&region, [leaf(&a).on(&format!("next{n}"), &b), leaf(&b)])
    };
    (1..=count).map(region).collect()
}

/// 3.2 to 3.6: what a document, a state, a parallel and an initial are.
#[test]
fn states_and_what_is_entered_by_default() {
    check([
        (
            "without an initial the first state in document order is entered",
            state("m", [leaf("a"), leaf("b")]),
            &[(START, "+m +a")],
        ),
        (
            "an initial that lies deeper enters everything on the way, and other regions by default",
            state("m", [leaf("z"), state("c", [parallel("p", regions(2))])]).initial("b2"),
            &[(START, "+m +c +p +r1 +a1 +r2 +b2")],
        ),
        (
            "an initial of several targets enters them in document order, not in the order written",
            state("m", [parallel("p", regions(3))]).initial("b3 b1"),
            &[(START, "+m +p +r1 +b1 +r2 +a2 +r3 +b3")],
        ),
        (
            "entry actions run in document order of the states, each state's in the order written",
            state("m", [state("c", [leaf("a").entry("x").entry("y")]).entry("w")]),
            &[(START, "+m +c w +a x y")],
        ),
        (
            "exit actions run innermost first and in reverse document order, each state's in the order written",
            state(
                "m",
                [
                    parallel(
                        "p",
                        [
                            leaf("a").exit("a1").exit("a2"),
                            state("r", [leaf("b").exit("b1")]).exit("r1"),
                        ],
                    )
                    .on("go", "z"),
                    leaf("z"),
                ],
            ),
            &[("go", "-b b1 -r r1 -a a1 a2 -p +z")],
        ),
        (
            "a state is active during its entry and until the end of its exit; its parent outlives it",
            state(
                "m",
                [
                    state("c", [leaf("a").entry("see").exit("see")]).on("go", "z"),
                    leaf("z"),
                ],
            ),
            &[
                (
                    START,
                    "+m +c +a see(event=none external=false state=a source=none active=m,c,a)",
                ),
                (
                    "go",
                    "-a see(event=go external=true state=a source=none active=m,c,a) -c +z",
                ),
            ],
        ),
    ]);
}

/// 3.7: final states and `done.state`.
#[test]
fn completion() {
    let region = |n: usize| {
        let [region, a, f, event] = ["r", "a", "f", "end"].map(|word| format!("{word}{n}"));
        state(&region, [leaf(&a).on(&event, &f).on("end", &f), end(&f)])
    };
    let tell = |states: Vec<State>| {
        states.into_iter().fold(
            parallel("p", [region(1), region(2)])
                .with(on("done.state.r1", "").run("r1-done"))
                .with(on("done.state.r2", "").run("r2-done"))
                .with(on("done.state.p", "").run("p-done")),
            |mut p, more| {
                p.states.push(more);
                p
            },
        )
    };
    check([
        (
            "a parallel is done when the last of its regions is, after that region itself",
            state("m", [tell(vec![])]),
            &[("end1", "-a1 +f1 r1-done"), ("end2", "-a2 +f2 r2-done p-done")],
        ),
        (
            "regions done in one microstep complete the parallel once, after both",
            state("m", [tell(vec![])]),
            &[("end", "-a2 -a1 +f1 +f2 r1-done r2-done p-done")],
        ),
        (
            "a region that is atomic keeps its parallel from ever being done",
            state("m", [tell(vec![leaf("stubborn")])]),
            &[("end", "-a2 -a1 +f1 +f2 r1-done r2-done")],
        ),
        (
            "the event of completion is queued after what the entry actions raise",
            state(
                "m",
                [
                    state("c", [leaf("a").on("go", "f"), end("f").entry("raise first")])
                        .with(on("first", "").run("one"))
                        .with(on("done.state.c", "").run("two")),
                ],
            ),
            &[("go", "-a +f one two")],
        ),
        (
            "a descriptor `done.state` matches the completion of any state",
            state(
                "m",
                [
                    state("c", [leaf("a").on("go", "f"), end("f")]).with(on("done.state", "z")),
                    leaf("z"),
                ],
            ),
            &[("go", "-a +f -f -c +z")],
        ),
        (
            "completion of a state is not completion of the state around it",
            state(
                "m",
                [
                    state("outer", [state("inner", [leaf("a").on("go", "f"), end("f")])])
                        .with(on("done.state.outer", "").run("wrong"))
                        .with(on("done.state.inner", "").run("right")),
                ],
            ),
            &[("go", "-a +f right")],
        ),
    ]);
}

/// 3.10: history.
#[test]
fn histories() {
    // Deep inside the parallel: another parallel in one region.
    let rooms = || {
        let inner = state("inner", [parallel("q", regions(2)), leaf("other")]);
        let last = state("last", [leaf("x").on("next9", "y"), leaf("y")]);
        let p = parallel(
            "p",
            [
                inner,
                history("deep", true, "b2 y"),
                history("flat", false, "inner"),
                last,
            ],
        );
        state(
            "m",
            [p.on("out", "z"), leaf("z").on("deep", "deep").on("flat", "flat")],
        )
    };
    let default = State {
        transitions: vec![on("", "b").run("default")],
        ..history("h", false, "")
    };
    let c = state(
        "c",
        [default, leaf("a").on("next", "b"), leaf("b").on("next", "a")],
    );
    let with_content = || {
        state(
            "m",
            [
                c.clone().entry("entry").on("out", "z"),
                leaf("z").on("back", "h").on("plain", "c"),
            ],
        )
    };
    check([
        (
            "a default may have a target in several regions; a region left out is entered by default",
            rooms().initial("z"),
            &[
                (START, "+m +z"),
                ("deep", "-z +p +inner +q +r1 +a1 +r2 +b2 +last +y"),
            ],
        ),
        (
            "deep history in a parallel restores the leaf of every region, below nested parallels too",
            rooms(),
            &[
                ("next2", "-a2 +b2"),
                ("next9", "-x +y"),
                ("out", "-y -last -b2 -r2 -a1 -r1 -q -inner -p +z"),
                ("deep", "-z +p +inner +q +r1 +a1 +r2 +b2 +last +y"),
            ],
        ),
        (
            "shallow history in a parallel restores no more than its regions",
            rooms(),
            &[
                ("next2", "-a2 +b2"),
                ("next9", "-x +y"),
                ("out", "-y -last -b2 -r2 -a1 -r1 -q -inner -p +z"),
                ("flat", "-z +p +inner +q +r1 +a1 +r2 +a2 +last +x"),
            ],
        ),
        (
            "the default's content runs between its parent's entry and its children's, and only when there is no memory",
            with_content().initial("z"),
            &[
                ("back", "-z +c entry default +b"),
                ("out", "-b -c +z"),
                ("back", "-z +c entry +b"),
            ],
        ),
        (
            "what is remembered is what was active at the last exit, not at the last visit by history",
            with_content(),
            &[
                ("next", "-a +b"),
                ("out", "-b -c +z"),
                ("back", "-z +c entry +b"),
                ("next", "-b +a"),
                ("out", "-a -c +z"),
                ("back", "-z +c entry +a"),
            ],
        ),
        (
            "entering the parent by the ordinary way uses no memory",
            with_content(),
            &[
                ("next", "-a +b"),
                ("out", "-b -c +z"),
                ("plain", "-z +c entry +a"),
            ],
        ),
    ]);
}

/// 3.12: event descriptors.
#[test]
fn descriptors() {
    let a = leaf("a")
        .with(on("error.", "").run("dot"))
        .with(on("mail.sent.*", "").run("star"))
        .with(on("pay payment", "").run("list"))
        .with(on("*", "").run("any"));
    check([(
        "descriptors match whole leading tokens, and the first transition that matches is taken",
        state("m", [a]),
        &[
            ("error", "dot"),
            ("error.host.down", "dot"),
            ("errors", "any"),
            ("mail.sent", "star"),
            ("mail.sent.twice", "star"),
            ("mail.sentry", "any"),
            ("mail", "any"),
            ("payment.late", "list"),
            ("pay", "list"),
            ("payments", "any"),
            ("Pay", "any"),
        ],
    )]);
}

/// 3.13: which transitions are taken.
#[test]
fn selection() {
    let two = |first: State, second: State| {
        state(
            "m",
            [
                parallel("p", [state("r1", [first]), state("r2", [second])]),
                leaf("z"),
            ],
        )
    };
    check([
        (
            "every region takes its own transition for one event; all exits, then all content, then all entries",
            parallel(
                "m",
                (1..4)
                    .map(|n| {
                        let [r, a, b] = ["r", "a", "b"].map(|letter| format!("{letter}{n}"));
                        state(&r, [leaf(&a).with(on("go", &b).run("act")), leaf(&b)])
                    })
                    .collect::<Vec<_>>(),
            ),
            &[("go", "-a3 -a2 -a1 act act act +b1 +b2 +b3")],
        ),
        (
            "a transition that leaves the parallel preempts a later region's, which would stay inside",
            two(
                leaf("a").with(on("go", "z").run("out")),
                leaf("b").with(on("go", "b").run("in")),
            ),
            &[("go", "-b -r2 -a -r1 -p out +z")],
        ),
        (
            "a transition that stays inside an earlier region keeps a later region from leaving the parallel",
            two(
                leaf("a").with(on("go", "a").run("in")),
                leaf("b").with(on("go", "z").run("out")),
            ),
            &[("go", "-a in +a")],
        ),
        (
            "of a region's transition and its parallel's own, found by another region, the deeper source is taken",
            state(
                "m",
                [
                    parallel(
                        "p",
                        [
                            state("r1", [leaf("a")]),
                            state("r2", [leaf("b").with(on("go", "b").run("in"))]),
                        ],
                    )
                    .with(on("go", "z").run("out")),
                    leaf("z"),
                ],
            ),
            &[("go", "-b in +b")],
        ),
        (
            "one transition of a common ancestor is taken once, though several regions find it",
            state(
                "m",
                [
                    parallel("p", regions(3)).with(on("go", "z").run("out")),
                    leaf("z"),
                ],
            ),
            &[("go", "-a3 -r3 -a2 -r2 -a1 -r1 -p out +z")],
        ),
        (
            "targetless transitions preempt nothing and are preempted by nothing, and leave nothing",
            two(
                leaf("a").with(on("go", "z").run("out")),
                leaf("b").with(on("go", "").run("seen")),
            ),
            &[("go", "-b -r2 -a -r1 -p out seen +z")],
        ),
        (
            "a transition across regions leaves and enters the whole parallel, the other regions by default",
            parallel("m", {
                let mut all = regions(3);
                all[0].states[0].transitions.push(on("cross", "b2"));
                all
            }),
            &[
                ("next3", "-a3 +b3"),
                ("cross", "-b3 -r3 -a2 -r2 -a1 -r1 -m +m +r1 +a1 +r2 +b2 +r3 +a3"),
            ],
        ),
        (
            "a transition into one region from inside it does not disturb the others",
            parallel("m", regions(3)),
            &[("next2", "-a2 +b2")],
        ),
        (
            "a transition with targets in several regions enters those and the rest by default",
            state("m", [leaf("out").on("go", "b3 b1"), parallel("p", regions(3))]),
            &[("go", "-out +p +r1 +b1 +r2 +a2 +r3 +b3")],
        ),
    ]);
}

/// 3.5 and 3.13: external, internal, targetless.
#[test]
fn kinds_of_transition() {
    let compound = |go| state("m", [state("c", [leaf("a"), leaf("b")]).with(go), leaf("z")]);
    check([
        (
            "an external transition to its own inside leaves its source",
            compound(on("go", "b")),
            &[("go", "-a -c +c +b")],
        ),
        (
            "an internal one does not",
            compound(on("go", "b").internal()),
            &[("go", "-a +b")],
        ),
        (
            "an internal one to the outside is external",
            compound(on("go", "z").internal()),
            &[("go", "-a -c +z")],
        ),
        (
            "an internal one to its own source is external",
            compound(on("go", "c").internal()),
            &[("go", "-a -c +c +a")],
        ),
        (
            "an internal one of a parallel is external",
            state("m", [parallel("p", regions(2)).with(on("go", "b1").internal())]),
            &[("go", "-a2 -r2 -a1 -r1 -p +p +r1 +b1 +r2 +a2")],
        ),
        (
            "a targetless one leaves and enters nothing, not even its source",
            compound(on("go", "").run("act")),
            &[("go", "act")],
        ),
    ]);
}

/// 3.13 and Appendix D: eventless transitions, internal events, external events.
#[test]
fn order_of_events() {
    let chain = [
        leaf("a").with(on("go", "b").run("raise one").run("raise two")),
        leaf("b").with(on("", "c").run("free")),
        leaf("c")
            .with(on("one", "").run("first").run("raise three"))
            .with(on("two", "").run("second"))
            .with(on("three", "").run("third"))
            .with(on("later", "").run("outside")),
    ];
    check([
        (
            "eventless transitions come before raised events, raised ones in order, all before the next external one",
            state("m", chain),
            &[
                ("go", "-a +b -b free +c first second third"),
                ("later", "outside"),
            ],
        ),
        (
            "a raised event that nothing answers to is gone",
            state(
                "m",
                [
                    leaf("a").with(on("go", "b").run("raise x")),
                    leaf("b").on("next", "c"),
                    leaf("c").on("x", "z"),
                    leaf("z"),
                ],
            ),
            &[("go", "-a +b"), ("next", "-b +c")],
        ),
        (
            "guards of one selection see the configuration before it, also in later regions",
            parallel("m", {
                let mut all = regions(2);
                all[0].states[0].transitions.push(on("go", "b1").when("in a2"));
                all[1].states[0].transitions.push(on("go", "b2").when("in a1"));
                all
            }),
            &[("go", "-a2 -a1 +b1 +b2")],
        ),
        (
            "once the chart is done nothing is taken any more, and raised events are dropped",
            state("m", [leaf("a").with(on("go", "f").run("raise x")), end("f")])
                .with(on("x", "a").run("wrong")),
            &[("go", "-a +f"), ("x", "")],
        ),
    ]);
}
