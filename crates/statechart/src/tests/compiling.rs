//! What compiling refuses, what it accepts, and what the compiled chart tells.

use super::kit::{State, chart, end, history, leaf, on, parallel, problems, state};
use crate::{ChartDef, ChartProblem, MAX_DEPTH, MAX_STATES, StateDef, StateKind};
use insta::assert_snapshot;

#[test]
fn faults_are_named() {
    let table: [(&str, State, &str); 34] = [
        (
            "leaf root",
            leaf("m"),
            "state `m`: the root of a chart must be a compound or a parallel state",
        ),
        (
            "final root",
            end("m"),
            "state `m`: the root of a chart must be a compound or a parallel state",
        ),
        (
            "history root",
            history("m", true, "m"),
            "state `m`: the root of a chart must be a compound or a parallel state",
        ),
        (
            "duplicate",
            state("m", [leaf("a"), state("b", [leaf("a")])]),
            "state `a`: another state has the same id",
        ),
        (
            "child named as chart",
            state("m", [leaf("m")]),
            "state `m`: another state has the same id",
        ),
        (
            "empty id",
            state("m", [leaf("")]),
            "state ``: its id is empty or contains white space or `*`, so `done.state.ID` could not name it",
        ),
        (
            "blank in id",
            state("m", [leaf("a b")]),
            "state `a b`: its id is empty or contains white space or `*`, so `done.state.ID` could not name it",
        ),
        (
            "unknown target",
            state("m", [leaf("a").on("x", "a").on("y", "q")]),
            "state `a`, transition 2: its target `q` does not exist in this chart",
        ),
        (
            "unknown initial",
            state("m", [leaf("a")]).initial("q"),
            "state `m`: its initial state `q` does not exist in this chart",
        ),
        (
            "initial outside",
            state("m", [state("c", [leaf("a")]).initial("b"), leaf("b")]),
            "state `c`: its initial state `b` does not lie inside it",
        ),
        (
            "initial is itself",
            state("m", [leaf("a")]).initial("m"),
            "state `m`: its initial state `m` does not lie inside it",
        ),
        (
            "initial on a leaf",
            state("m", [leaf("a").initial("a")]),
            "state `a`: it names an initial state, but only compound states have one",
        ),
        (
            "initial on a parallel",
            parallel("m", [leaf("a")]).initial("a"),
            "state `m`: it names an initial state, but only compound states have one",
        ),
        (
            "empty parallel",
            state("m", [parallel("p", [])]),
            "state `p`: it is a parallel state without any region",
        ),
        (
            "parallel of history",
            state("m", [leaf("a"), parallel("p", [history("h", true, "p")])]).initial("a"),
            "state `p`: it is a parallel state without any region | state `h`: its default `p` does not lie inside the parent of this history state",
        ),
        (
            "compound of history",
            state("m", [leaf("a"), state("c", [history("h", true, "a")])]),
            "state `c`: its only children are history states, so nothing in it could be active | state `h`: its default `a` does not lie inside the parent of this history state",
        ),
        (
            "final with children",
            state(
                "m",
                [State {
                    states: vec![leaf("a")],
                    ..end("f")
                }],
            ),
            "state `f`: a final state cannot have child states",
        ),
        (
            "history with children",
            state(
                "m",
                [
                    leaf("b"),
                    State {
                        states: vec![leaf("a")],
                        ..history("h", false, "b")
                    },
                ],
            ),
            "state `h`: a history state cannot have child states",
        ),
        (
            "final region",
            parallel("m", [leaf("a"), end("f")]),
            "state `f`: a final state cannot be a region of a parallel state",
        ),
        (
            "final with a transition",
            state("m", [leaf("a"), end("f").on("x", "a")]),
            "state `f`: a final state cannot have transitions",
        ),
        (
            "history without default",
            state("m", [leaf("a"), history("h", false, "")]),
            "state `h`: this history state says nothing about where to go before its parent was ever left",
        ),
        (
            "history with two defaults",
            state("m", [leaf("a"), history("h", false, "a").on("", "a")]),
            "state `h`: this history state has more than one default",
        ),
        (
            "history with two transitions",
            state("m", [leaf("a"), history("h", false, "").on("", "a").on("", "a")]),
            "state `h`: this history state has more than one default",
        ),
        (
            "history with an event",
            state("m", [leaf("a"), history("h", false, "").on("x", "a")]),
            "state `h`, transition 1: the default transition of a history state takes no event and no guard and is not internal",
        ),
        (
            "history with an entry action",
            state("m", [leaf("a"), history("h", false, "a").entry("act")]),
            "state `h`: a history state has entry or exit actions, which would never run",
        ),
        (
            "history default unknown",
            state("m", [leaf("a"), history("h", false, "q")]),
            "state `h`: its default `q` does not exist in this chart",
        ),
        (
            "history default outside",
            state(
                "m",
                [leaf("a"), state("c", [leaf("b"), history("h", false, "a")])],
            ),
            "state `h`: its default `a` does not lie inside the parent of this history state",
        ),
        (
            "histories in a circle",
            state(
                "m",
                [leaf("a"), history("h", false, "k"), history("k", false, "h")],
            ),
            "state `h`: its default `k` is a history state of the same parent | state `k`: its default `h` is a history state of the same parent",
        ),
        (
            "two children of a compound",
            state("m", [leaf("a").on("x", "b c"), leaf("b"), leaf("c")]),
            "state `a`, transition 1: `b` and `c` cannot be entered together",
        ),
        (
            "a state and its inside",
            state(
                "m",
                [parallel("p", [state("r", [leaf("a"), leaf("b")])]).on("x", "p b")],
            ),
            "state `p`, transition 1: `p` and `b` cannot be entered together",
        ),
        (
            "a history and its siblings",
            state(
                "m",
                [parallel("p", [leaf("r"), history("h", true, "r")]).on("x", "h r")],
            ),
            "state `p`, transition 1: `h` and `r` cannot be entered together",
        ),
        (
            "initials that clash",
            state("m", [leaf("a"), leaf("b")]).initial("a b"),
            "state `m`: `a` and `b` cannot be entered together",
        ),
        (
            "bad descriptor",
            state("m", [leaf("a").on("x.*.y", "a")]),
            "state `a`, transition 1: `x.*.y` is not an event descriptor",
        ),
        (
            "bad raised event",
            state(
                "m",
                [leaf("a").entry("raise x.*").with(on("x", "").run("raise *"))],
            ),
            "state `a`: `x.*` is not an event name | state `a`, transition 1: `*` is not an event name",
        ),
    ];
    for (name, root, expected) in table {
        assert_eq!(problems(root).join(" | "), expected, "{name}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_document_order() {
    let c = state("c", [leaf("b").on("x", "nowhere")]).initial("a");
    let faults = problems(
        state(
            "m",
            [leaf("a").on("x y", "gone"), c, parallel("p", []), leaf("a")],
        )
        .initial("zero"),
    );
    assert_snapshot!(faults.join("\n"), @r"
    state `m`: its initial state `zero` does not exist in this chart
    state `a`, transition 1: its target `gone` does not exist in this chart
    state `c`: its initial state `a` does not lie inside it
    state `b`, transition 1: its target `nowhere` does not exist in this chart
    state `p`: it is a parallel state without any region
    state `a`: another state has the same id
    ");
}

#[test]
fn faults_carry_the_place_and_a_help_text() {
    let root = state("m", [leaf("a").on("x", "a").on("y", "q")]);
    let errors = ChartDef {
        name: "m".to_owned(),
        root,
    }
    .compile(b"")
    .unwrap_err();
    let [error] = errors.as_slice() else {
        panic!("one fault, got {errors:?}")
    };
    assert_eq!((error.state.as_str(), error.transition), ("a", Some(1)));
    assert_eq!(
        error.problem,
        ChartProblem::UnknownTarget {
            target: "q".to_owned()
        }
    );
    assert_eq!(error.help(), "Check the spelling, or define the state.");
}

#[test]
fn the_limits_are_exact() {
    let tower = |levels: u32| (0..levels).fold(leaf("top"), |inner, n| state(&format!("s{n}"), [inner]));
    assert!(problems(tower(MAX_DEPTH)).is_empty());
    assert_eq!(
        problems(tower(MAX_DEPTH + 1)),
        ["state `top`: it lies more than 64 levels below the root"]
    );

    let row = |states: usize| state("m", (1..states).map(|n| leaf(&format!("s{n}"))));
    assert!(problems(row(MAX_STATES)).is_empty());
    let too_many = "state `s10000`: the chart has more than 10000 states; this is the first one too many";
    assert_eq!(problems(row(MAX_STATES + 5)), [too_many]);
}

#[test]
fn hostile_sizes_are_refused_in_one_line_and_without_exhausting_the_stack() {
    // Deep enough that dropping it by recursion would end the process.
    let nest = (0..1_000_000).fold(leaf("core"), |inner, n| state(&format!("s{n}"), [inner]));
    assert_eq!(
        problems(nest),
        ["state `s999934`: it lies more than 64 levels below the root"]
    );

    let comb = state("m", (0..50_000).map(|n| state(&format!("s{n}"), [leaf("same")])));
    let faults = problems(comb);
    assert_eq!(
        faults.last().map(String::as_str),
        Some("state `same`: the chart has more than 10000 states; this is the first one too many")
    );

    let floor = state("floor", (0..50_000).map(|n| leaf(&format!("l{n}"))));
    let shaft = (0..MAX_DEPTH).fold(floor, |inner, n| state(&format!("s{n}"), [inner]));
    assert!(problems(shaft).len() <= MAX_STATES);
}

#[test]
fn the_root_takes_the_name_of_the_chart() {
    let def: ChartDef<(), ()> = ChartDef {
        name: "case".to_owned(),
        root: StateDef {
            states: vec![StateDef::new("a")],
            ..StateDef::new("whatever")
        },
    };
    let chart = def.compile(b"content").unwrap();
    assert_eq!(chart.name(), "case");
    assert_eq!(chart.id_of(chart.state("case").unwrap()), "case");
    assert_eq!(chart.state("whatever"), None);
    // The first half of the well-known digest of these bytes' SHA-256.
    assert_eq!(chart.hash(), "ed7002b439e9ac84");
}

#[test]
fn the_chart_describes_its_states() {
    let c = state(
        "c",
        [
            leaf("a").on("x y.*", "b b").on("", "a"),
            leaf("b"),
            history("h", true, "a"),
        ],
    )
    .initial("b");
    let chart = chart(state("m", [parallel("p", [c, leaf("r")]), end("f")]));
    let lines: Vec<String> = chart
        .states()
        .map(|s| {
            let list = |ids: Vec<&str>| ids.join(",");
            format!(
                "{} {} {:?} parent={} depth={} atomic={} children={} initial={} transitions={}",
                s.number().index(),
                s.id(),
                s.kind(),
                s.parent().unwrap_or("none"),
                s.depth(),
                s.is_atomic(),
                list(s.children().collect()),
                list(s.initial().collect()),
                s.transitions().len(),
            )
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    0 m Normal parent=none depth=0 atomic=false children=p,f initial=p transitions=0
    1 p Parallel parent=m depth=1 atomic=false children=c,r initial= transitions=0
    2 c Normal parent=p depth=2 atomic=false children=a,b initial=b transitions=0
    3 a Normal parent=c depth=3 atomic=true children= initial= transitions=2
    4 b Normal parent=c depth=3 atomic=true children= initial= transitions=0
    5 h History { deep: true } parent=c depth=3 atomic=false children= initial=a transitions=0
    6 r Normal parent=p depth=2 atomic=true children= initial= transitions=0
    7 f Final parent=m depth=1 atomic=true children= initial= transitions=0
    ");
    let transition = &chart.transitions_of(chart.state("a").unwrap())[0];
    assert_eq!(transition.events(), ["x", "y.*"]);
    assert_eq!(transition.targets(), ["b"]);
    assert!(transition.matches("y.z") && !transition.matches("xx") && !transition.is_eventless());
    assert_eq!(chart.id_of(transition.source()), "a");
    assert_eq!(chart.state_ref(transition.source()).kind(), StateKind::Normal);
}

#[test]
fn the_first_real_child_is_the_default_initial() {
    let chart = chart(state("m", [history("h", false, "b"), leaf("a"), leaf("b")]));
    let root = chart.states().next().unwrap();
    assert_eq!(root.initial().collect::<Vec<_>>(), ["a"]);
}
