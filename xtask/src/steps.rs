//! The steps of `cargo xtask test` and what each runs. Knows neither how programs are installed nor how
//! a cluster is kept.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::args::{Plan, Seeds, Step};
use crate::cluster::{self, Cluster};
use crate::command;
use crate::setup::{self, Need};

/// The mail tests start their SMTP server with the Python this variable names.
const PYTHON: &str = "PESHI_TEST_PYTHON";

/// The tests start the binary that this variable names.
const BINARY: &str = "PESHI_TEST_BINARY";

/// Test modules that take long; `--quick` leaves them out and says so.
const SLOW: [&str; 3] = ["browser::", "crash::", "simulation::"];

/// Runs the planned steps, stopping at the first that fails.
pub(crate) fn test(plan: &Plan) -> Result<()> {
    let steps = plan.steps();
    let (outcome, took) = timed(|| {
        setup::ensure(&needs(plan, &steps))?;
        steps.iter().try_for_each(|step| run_step(*step, plan))
    });
    outcome?;
    let note = match left_out(plan, &steps) {
        names if names.is_empty() => String::new(),
        names => format!(" (left out: {})", names.join(", ")),
    };
    println!("\nall steps passed in {} s{note}", took.as_secs());
    Ok(())
}

/// Runs only the tests that compare the code with the map of the house.
pub(crate) fn tidy() -> Result<()> {
    let build = ["test", "--package", "peshi-tests", "--test", "it"];
    let only = ["--", "tidy::", "layers::"];
    // First, so that compiling is seen, and so are its errors.
    command::run(command::cargo(build).arg("--no-run"))?;
    let listed = command::output(command::cargo(build).args(only).arg("--list"))?;
    if !listed.lines().any(|line| line.ends_with(": test")) {
        bail!("there is no tidy test: tests/it has no module `tidy`, or it has another name");
    }
    command::run(command::cargo(build).args(only))
}

/// Lives the simulation's stories of these seeds, built for speed.
pub(crate) fn simulate(seeds: &Seeds) -> Result<()> {
    let mut simulation = command::cargo(["test", "--release", "--package", "peshi-tests", "--test", "it"]);
    simulation
        .args(["--", "simulation::every_seed", "--nocapture"])
        .env("PESHI_TEST_SIMULATION_FROM", seeds.from.to_string())
        .env("PESHI_TEST_SIMULATION_SEEDS", seeds.count.to_string());
    command::run(&mut simulation)
}

fn run_step(step: Step, plan: &Plan) -> Result<()> {
    println!("\n== {step}");
    let (outcome, took) = timed(|| match step {
        Step::Fmt => command::run(&mut command::cargo(["fmt", "--all", "--check"])),
        Step::Clippy => clippy(),
        Step::Doc => doc(),
        Step::Deny => deny(plan.advisories),
        Step::Test => tests(plan.quick),
    });
    let seconds = took.as_secs_f64();
    outcome.with_context(|| format!("the step {step} failed after {seconds:.1} s"))?;
    println!("== {step} passed in {seconds:.1} s");
    Ok(())
}

fn clippy() -> Result<()> {
    command::run(&mut command::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn doc() -> Result<()> {
    let mut doc = command::cargo(["doc", "--workspace", "--no-deps"]);
    command::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Advisories come from a database on the network that is not everywhere to be had, so they are asked for.
fn deny(advisories: bool) -> Result<()> {
    let program = setup::cargo_deny().context("cargo-deny is missing")?;
    let mut deny = Command::new(program);
    deny.current_dir(command::root());
    deny.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    if advisories {
        deny.arg("advisories");
    }
    command::run(&mut deny)
}

fn tests(quick: bool) -> Result<()> {
    // With the tests, so that the binary they start is built of the same parts: alone it would want some of its
    // dependencies with fewer features, and they would be compiled a second time.
    command::run(&mut command::cargo(["build", "--workspace", "--all-targets"]))?;
    let mut tests = command::cargo(["test", "--workspace"]);
    tests.env(BINARY, command::target().join("debug/peshi"));
    tests.env(PYTHON, setup::smtp_python().context("no Python with aiosmtpd")?);
    if quick {
        tests
            .arg("--")
            .args(SLOW.into_iter().flat_map(|module| ["--skip", module]));
    }
    // A server the developer already runs (`cargo xtask pg`) is used as it is.
    if std::env::var_os(cluster::VARIABLE).is_some_and(|url| !url.is_empty()) {
        println!("using the PostgreSQL that {} names", cluster::VARIABLE);
        return command::run(&mut tests);
    }
    let cluster = Cluster::start()?;
    println!("PostgreSQL for the tests: {}", cluster.url());
    command::run(tests.env(cluster::VARIABLE, cluster.url()))
}

fn needs(plan: &Plan, steps: &[Step]) -> Vec<Need> {
    let browser = [Need::Browser, Need::BrowserDriver, Need::UrduFont];
    steps
        .iter()
        .flat_map(|step| match step {
            Step::Fmt => vec![Need::Rustfmt],
            Step::Clippy => vec![Need::Clippy],
            Step::Doc => vec![],
            Step::Deny => vec![Need::CargoDeny],
            Step::Test if plan.quick => vec![Need::Postgres, Need::SmtpServer],
            Step::Test => [&[Need::Postgres, Need::SmtpServer][..], &browser].concat(),
        })
        .collect()
}

/// What a reader of "all steps passed" must not believe was checked.
fn left_out(plan: &Plan, steps: &[Step]) -> Vec<&'static str> {
    let not_run = Step::ALL
        .into_iter()
        .filter(|step| !steps.contains(step))
        .map(Step::name);
    let slow: &[&str] = if plan.quick && steps.contains(&Step::Test) {
        &SLOW
    } else {
        &[]
    };
    not_run.chain(slow.iter().copied()).collect()
}

/// How long it took, for the reader's eyes only.
#[expect(
    clippy::disallowed_methods,
    reason = "a stopwatch for a developer's screen; nothing depends on it"
)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_alone_needs_only_its_own() {
        let only = |step| Plan {
            only: Some(step),
            ..Plan::default()
        };
        for (step, first) in [
            (Step::Fmt, Some(Need::Rustfmt)),
            (Step::Doc, None),
            (Step::Deny, Some(Need::CargoDeny)),
        ] {
            let plan = only(step);
            assert_eq!(needs(&plan, &plan.steps()), first.into_iter().collect::<Vec<_>>());
        }
        let plan = only(Step::Test);
        assert!(needs(&plan, &plan.steps()).contains(&Need::UrduFont));
    }

    #[test]
    fn quick_needs_no_browser_and_names_what_it_left_out() {
        let plan = Plan {
            quick: true,
            ..Plan::default()
        };
        assert!(!needs(&plan, &plan.steps()).contains(&Need::Browser));
        assert_eq!(
            left_out(&plan, &plan.steps()),
            ["doc", "deny", "browser::", "crash::", "simulation::"]
        );
        assert!(left_out(&Plan::default(), &Step::ALL).is_empty());
    }
}
