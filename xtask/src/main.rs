//! The project's own chores: `cargo xtask test`, `simulate`, `tidy`, `pg`. Knows how to check the house, nothing
//! of what it does. Builds from std and anyhow alone, so that it starts quickly on a fresh machine.

mod args;
mod cluster;
mod command;
mod setup;
mod steps;

use std::process::ExitCode;

use anyhow::Result;

use crate::args::Chore;
use crate::cluster::Cluster;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let chore = match args::parse(&words) {
        Ok(chore) => chore,
        Err(wrong) => {
            eprintln!("xtask: {wrong}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Last on the screen, whatever the step printed before.
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::Help => {
            println!("{}", args::USAGE);
            Ok(())
        }
        Chore::Test(plan) => steps::test(&plan),
        Chore::Simulate(seeds) => steps::simulate(&seeds),
        Chore::Tidy => steps::tidy(),
        Chore::Pg => pg(),
    }
}

/// Starts a cluster for a developer and keeps it until Ctrl-C, which ends this process and with it the
/// cluster (see `cluster`).
fn pg() -> Result<()> {
    setup::ensure(&[setup::Need::Postgres])?;
    let cluster = Cluster::start()?;
    println!("{}", cluster.url());
    eprintln!(
        "For the tests: export {}={}\nCtrl-C stops it and removes its data.",
        cluster::VARIABLE,
        cluster.url()
    );
    loop {
        std::thread::park();
    }
}
