//! Measures Peshi beside the machine's own floor. Each subcommand has a file of its own and prints JSON on stdout.

mod durable;
mod floor;
mod ground;
mod timers;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Peshi beside the machine's own floor")]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Transitions a second, durable: one case in sequence, many at once
    Durable(durable::Args),
    /// Timers due at one instant
    Timers(timers::Args),
}

fn main() -> Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match args.what {
            What::Durable(args) => durable::run(&args).await,
            What::Timers(args) => timers::run(&args).await,
        }
    })
}
