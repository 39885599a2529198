//! Invented charts of stated sizes. They mean nothing; only their shape matters.

use anyhow::Result;
use peshi_statechart::{Chart, ChartDef, StateDef, StateKind, TransitionDef};
use std::fmt::Write;

/// Compiles a chart under this name.
fn compile<G>(name: &str, root: StateDef<G, ()>) -> Result<Chart<G, ()>> {
    let def = ChartDef {
        name: name.to_owned(),
        root,
    };
    def.compile(name.as_bytes()).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the invented chart `{name}` is not sound: {}", faults.join("; "))
    })
}

fn state<G>(id: String, states: Vec<StateDef<G, ()>>) -> StateDef<G, ()> {
    StateDef {
        states,
        ..StateDef::new(id)
    }
}

fn on<G>(events: &[String], to: String, guard: Option<G>) -> TransitionDef<G, ()> {
    TransitionDef {
        events: events.to_vec(),
        guard,
        ..TransitionDef::to([to])
    }
}

/// A ring of `size` states below `id`; `events` lead from each to the next.
fn ring(id: &str, size: usize, events: &[String]) -> StateDef<(), ()> {
    let states = (0..size).map(|n| StateDef {
        transitions: vec![on(events, format!("{id}_{}", (n + 1) % size), None)],
        ..StateDef::new(format!("{id}_{n}"))
    });
    state(id.to_owned(), states.collect())
}

/// One compound with a ring of eight states; the event is `next`.
pub(crate) fn cycle() -> Result<Chart<(), ()>> {
    compile("cycle", ring("cycle", 8, &["next".to_owned()]))
}

/// Three regions with a ring of four states each; `one`, `two` and `three` move one region, `all` moves every one.
pub(crate) fn three_regions() -> Result<Chart<(), ()>> {
    let region = |id: &str| ring(&format!("region_{id}"), 4, &[id.to_owned(), "all".to_owned()]);
    let root = StateDef {
        kind: StateKind::Parallel,
        ..state("three".to_owned(), ["one", "two", "three"].map(region).to_vec())
    };
    compile("three", root)
}

/// A chart of the size of the abduction pack's: 10 regions, 121 states, 250 transitions, each with a guard. The guards
/// are taken from `guards` in turn. `step.N` moves region N forward.
pub(crate) fn case_sized<G: Clone>(guards: &[G]) -> Result<Chart<G, ()>> {
    let mut turn = guards.iter().cloned().cycle();
    let region = |r: usize| {
        let leaf = |n: usize, turn: &mut dyn Iterator<Item = G>| {
            let to = |place: usize| format!("r{r}_{}", place % 11);
            StateDef {
                transitions: vec![
                    on(&[format!("step.{r}")], to(n + 1), turn.next()),
                    on(&[format!("back.{r}")], to(n + 10), turn.next()),
                ],
                ..StateDef::new(to(n))
            }
        };
        let leaves = (0..11).map(|n| leaf(n, &mut turn)).collect();
        let resets = (0..3).map(|n| on(&[format!("reset.{r}.{n}")], format!("r{r}_{n}"), turn.next()));
        StateDef {
            transitions: resets.collect(),
            ..state(format!("r{r}"), leaves)
        }
    };
    let root = StateDef {
        kind: StateKind::Parallel,
        ..state("case".to_owned(), (0..10).map(region).collect())
    };
    compile("case", root)
}

/// Ten regions, each of nine groups, each of ten leaves less one in all: 1,000 states, 1,798 transitions.
pub(crate) fn thousand_states() -> Result<Chart<(), ()>> {
    let group = |r: usize, g: usize| {
        let size = if (r, g) == (9, 8) { 9 } else { 10 };
        let leaf = |n: usize| StateDef {
            transitions: vec![
                on(
                    &[format!("next.{r}")],
                    format!("r{r}_{g}_{}", (n + 1) % size),
                    None,
                ),
                on(
                    &[format!("jump.{r}.{g}")],
                    format!("r{r}_{}_0", (g + 1) % 9),
                    None,
                ),
            ],
            ..StateDef::new(format!("r{r}_{g}_{n}"))
        };
        state(format!("r{r}_{g}"), (0..size).map(leaf).collect())
    };
    let region = |r: usize| state(format!("r{r}"), (0..9).map(|g| group(r, g)).collect());
    let root = StateDef {
        kind: StateKind::Parallel,
        ..state("thousand".to_owned(), (0..10).map(region).collect())
    };
    compile("thousand", root)
}

/// The same shape as a pack's text, with the words of its states.
pub(crate) fn thousand_states_text() -> (String, String) {
    let mut text = "workflow: thousand\nversion: 1\ntitle: { en: Thousand }\ncalendar: pk\nroles: [clerk]\ncharts:\n  case:\n    type: parallel\n    states:\n".to_owned();
    let mut words = "workflow-title = x\nchart-case = x\n".to_owned();
    let mut line = |indent: usize, line: &str| writeln!(text, "{:indent$}{line}", "").is_ok();
    let mut word = |key: &str| writeln!(words, "{key} = x").is_ok();
    for r in 0..10 {
        line(6, &format!("r{r}:"));
        line(8, "states:");
        word(&format!("state-case-r{r}"));
        word(&format!("event-next-{r}"));
        for g in 0..9 {
            let size = if (r, g) == (9, 8) { 9 } else { 10 };
            line(10, &format!("r{r}_{g}:"));
            line(12, "states:");
            word(&format!("state-case-r{r}_{g}"));
            word(&format!("event-jump-{r}-{g}"));
            for n in 0..size {
                line(14, &format!("r{r}_{g}_{n}:"));
                line(16, "on:");
                line(18, &format!("next.{r}: {{ to: r{r}_{g}_{} }}", (n + 1) % size));
                line(18, &format!("jump.{r}.{g}: {{ to: r{r}_{}_0 }}", (g + 1) % 9));
                word(&format!("state-case-r{r}_{g}_{n}"));
            }
        }
    }
    (text, words)
}

#[cfg(test)]
mod tests {
    use super::{case_sized, cycle, thousand_states, three_regions};
    use peshi_statechart::Chart;

    /// States, transitions and regions.
    fn sizes<G>(chart: &Chart<G, ()>) -> (usize, usize, usize) {
        let transitions = chart.states().map(|state| state.transitions().len()).sum();
        let root = chart.states().next().unwrap();
        (chart.states().count(), transitions, root.children().count())
    }

    #[test]
    fn the_charts_have_the_sizes_they_claim() {
        assert_eq!(sizes(&cycle().unwrap()), (9, 8, 8));
        assert_eq!(sizes(&three_regions().unwrap()), (16, 12, 3));
        assert_eq!(sizes(&case_sized(&[()]).unwrap()), (121, 250, 10));
        assert_eq!(sizes(&thousand_states().unwrap()), (1000, 1798, 10));
    }
}
