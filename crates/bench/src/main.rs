//! Measures Peshi: a table for people on stderr, JSON for programs on stdout. One subcommand, one file.
//!
//! It knows how to measure and what to aim at; it has no rule of its own.

mod charts;
mod decisions;
mod engine;
mod guards;
mod machine;
mod measure;
mod report;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures Peshi on this machine. Build with `--release`, or the figures mean nothing.
#[derive(Debug, Parser)]
#[command(name = "peshi-bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Steps of the statechart core: plain, parallel, guarded; loading; whole decisions.
    Engine(engine::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Engine(options) => engine::run(&options)?.print(),
    }
}
