//! Measures Peshi beside the machine's own floor: a table for people on stderr, JSON for programs on stdout. One
//! subcommand, one file.
//!
//! It knows how to measure and what to aim at; it has no rule of its own.

mod charts;
mod decisions;
mod durable;
mod engine;
mod floor;
mod ground;
mod guards;
mod machine;
mod measure;
mod report;
mod scale;
mod timers;

use anyhow::Result;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// The one that `peshi` has.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
    /// Transitions a second, durable: one case in sequence, many at once.
    Durable(durable::Args),
    /// Timers due at one instant.
    Timers(timers::Args),
    /// A tick, a start and every page with a million cases, beside ten thousand.
    Scale(scale::Args),
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Engine(options) => engine::run(&options)?.print(),
        What::Durable(args) => runtime()?.block_on(durable::run(&args)),
        What::Timers(args) => runtime()?.block_on(timers::run(&args)),
        What::Scale(args) => runtime()?.block_on(scale::run(&args)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
