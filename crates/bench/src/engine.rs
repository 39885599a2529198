//! `engine`: how fast the statechart core steps, how fast it loads, and what a whole decision costs.

use crate::measure::Plan;
use crate::report::Report;
use crate::{charts, decisions, guards};
use anyhow::{Context, Result, ensure};
use clap::Args;
use guards::{Judge, Quiet};
use peshi_casework::pack::{PackFiles, load};
use peshi_statechart::{Chart, Host, Interpreter};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

/// Transitions a second without guards.
const PLAIN_AIM: f64 = 5_000_000.0;
/// Transitions a second with a guard on each candidate.
const GUARDED_AIM: f64 = 500_000.0;
/// Loads a second of a chart of 1,000 states: one within 50 ms.
const LOAD_AIM: f64 = 20.0;

/// What to measure, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of workflow packs; the repository's own by default.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workflows"))]
    packs: PathBuf,
    /// Rounds per case; the median one counts.
    #[arg(long, default_value_t = 301)]
    rounds: usize,
    /// About how many milliseconds a round takes: short rounds, of which many are not interrupted by other work.
    #[arg(long, default_value_t = 1)]
    round_ms: u64,
}

/// Measures everything.
pub(crate) fn run(options: &Options) -> Result<Report> {
    let plan = Plan {
        rounds: options.rounds,
        round: Duration::from_millis(options.round_ms),
    };
    let mut bench = Bench {
        plan,
        report: Report::new("engine"),
    };
    plain(&mut bench)?;
    guarded(&mut bench)?;
    loading(&mut bench)?;
    let (name, figure) = decisions::measure(plan, &options.packs)?;
    bench.report.add(name, "decisions", figure, plan.rounds, None);
    Ok(bench.report)
}

struct Bench {
    plan: Plan,
    report: Report,
}

impl Bench {
    fn add(
        &mut self,
        name: &str,
        unit: &'static str,
        aim: Option<f64>,
        work: impl FnMut(u64) -> Result<u64>,
    ) -> Result<()> {
        let figure = self
            .plan
            .measure(work)
            .with_context(|| format!("in the case `{name}`"))?;
        self.report.add(name, unit, figure, self.plan.rounds, aim);
        Ok(())
    }

    /// Sends these events in turn; each takes `transitions` of them.
    fn events<G, H: Host<G, ()>>(
        &mut self,
        name: &str,
        aim: Option<f64>,
        chart: &Chart<G, ()>,
        host: &mut H,
        (events, transitions): (&[&str], u64),
    ) -> Result<()>
    where
        H::Error: std::error::Error + Send + Sync + 'static,
    {
        let mut interpreter = Interpreter::start(chart, host)?;
        for event in events {
            let handled = interpreter.send(event, host)?;
            let left = interpreter.exited().len() as u64;
            ensure!(
                handled && left == transitions,
                "`{event}` was to take {transitions} transitions of `{name}`, but left {left} states"
            );
        }
        self.add(name, "transitions", aim, |turns| {
            for _ in 0..turns {
                for event in events {
                    black_box(interpreter.send(black_box(event), host)?);
                }
            }
            Ok(turns * events.len() as u64 * transitions)
        })
    }
}

/// Without guards.
fn plain(bench: &mut Bench) -> Result<()> {
    bench.events(
        "a flat cycle of 8 states",
        None,
        &charts::cycle()?,
        &mut Quiet,
        (&["next"], 1),
    )?;
    let three = charts::three_regions()?;
    let one_each = (&["one", "two", "three"][..], 1);
    bench.events(
        "three regions, an event moves one",
        Some(PLAIN_AIM),
        &three,
        &mut Quiet,
        one_each,
    )?;
    bench.events(
        "three regions, an event moves all",
        Some(PLAIN_AIM),
        &three,
        &mut Quiet,
        (&["all"], 3),
    )?;
    let snapshot = three.start(&mut Quiet)?.snapshot;
    bench.add(
        "three regions, from snapshot to snapshot",
        "transitions",
        None,
        |turns| {
            for _ in 0..turns {
                black_box(three.step(black_box(&snapshot), "one", &mut Quiet)?);
            }
            Ok(turns)
        },
    )
}

/// The events of the case-sized chart, a region each.
const STEPS: [&str; 10] = [
    "step.0", "step.1", "step.2", "step.3", "step.4", "step.5", "step.6", "step.7", "step.8", "step.9",
];

/// With a guard in the workflow files' language on each candidate; one candidate an event.
fn guarded(bench: &mut Bench) -> Result<()> {
    let plain = charts::case_sized(&[()])?;
    bench.events(
        "10 regions, guards always true",
        None,
        &plain,
        &mut Quiet,
        (&STEPS, 1),
    )?;
    for (name, texts) in [
        ("10 regions, a CEL guard: one comparison", guards::ONE),
        ("10 regions, a CEL guard: of every sort", guards::MIXED),
    ] {
        let chart = charts::case_sized(&guards::compile(texts)?)?;
        let mut judge = Judge::new();
        bench.events(name, Some(GUARDED_AIM), &chart, &mut judge, (&STEPS, 1))?;
        ensure!(judge.asked > 0, "`{name}` asked no guard");
    }
    Ok(())
}

/// Building a chart.
fn loading(bench: &mut Bench) -> Result<()> {
    bench.add(
        "build and compile 1,000 states in 10 regions",
        "loads",
        Some(LOAD_AIM),
        |turns| {
            for _ in 0..turns {
                black_box(charts::thousand_states()?);
            }
            Ok(turns)
        },
    )?;
    let (text, words) = charts::thousand_states_text();
    let files: PackFiles = [
        ("workflow.yaml", &text),
        ("locales/en.ftl", &words),
        ("locales/ur.ftl", &words),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.clone()))
    .collect();
    bench.add(
        "read and check them as a pack's files",
        "loads",
        Some(LOAD_AIM),
        |turns| {
            for _ in 0..turns {
                let (pack, findings) = load(black_box(&files));
                ensure!(
                    pack.is_some(),
                    "the invented pack is not sound: {}",
                    findings.first().map_or("", |finding| finding.message.as_str())
                );
            }
            Ok(turns)
        },
    )
}
