//! The peshi command: composition, configuration and nothing else.
//!
//! The only room with the real clock, the operating system's random source, signals and errors for people. It holds no
//! rule about cases: it puts the rooms below together and hands them what a person typed.

mod args;
mod clock;
mod commands;
mod house;
mod packs;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use peshi_service::ServiceError;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command};
use crate::settings::Settings;

/// What one thread allocates another often frees here: the decided group goes to the database's own thread. The system's
/// allocator takes about a tenth more time for that (`peshi-bench -- durable`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// The error and what led to it, without the program's own insides.
fn report(error: &anyhow::Error) {
    eprintln!("peshi: {error}");
    for cause in error.chain().skip(1) {
        // Some errors already tell what is behind them.
        if !error.to_string().contains(&cause.to_string()) {
            eprintln!("  because: {cause}");
        }
    }
    if let Some(ServiceError::Store(_)) = error.downcast_ref::<ServiceError>() {
        eprintln!("  `peshi doctor` looks for the reason");
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let overrides = cli.common.overrides();
    if let Command::Config(args) = &cli.command {
        return commands::config::run(&overrides, args);
    }
    let settings = Settings::load(&overrides)?;
    let chatty = matches!(cli.command, Command::Serve(_) | Command::Work(_));
    log(&settings, chatty);
    // TLS for mail: chosen once, before anything may speak it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(cli.command, settings))
}

/// Log lines go to standard error: what a command prints stays clean for programs.
fn log(settings: &Settings, chatty: bool) {
    let level = if chatty && settings.log == "warn" {
        "info"
    } else {
        settings.log.as_str()
    };
    let filter = EnvFilter::try_new(format!(
        "{level},sqlx=warn,sea_orm_migration=warn,tower_http=info"
    ))
    .unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

async fn dispatch(command: Command, settings: Settings) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => commands::demo::run(settings, &args).await,
        Command::Serve(args) => commands::serve::run(settings, &args).await,
        Command::Work(args) => commands::serve::work(settings, &args).await,
        Command::Migrate => commands::migrate::run(&settings).await,
        Command::User(command) => commands::user::run(settings, command).await,
        Command::Case(command) => commands::case::run(settings, command).await,
        Command::Violation(command) => commands::violation::run(settings, command).await,
        Command::Calendar(command) => commands::calendar::run(settings, command).await,
        Command::Deadline(command) => commands::deadline::run(settings, command).await,
        Command::Workflow(command) => commands::workflow::run(settings, command).await,
        Command::Import(command) => commands::import::run(settings, command).await,
        Command::Export(command) => commands::export::run(settings, command).await,
        Command::Schedule(command) => commands::schedule::run(settings, command).await,
        Command::Verify(args) => commands::verify::run(settings, &args).await,
        Command::Backup(args) => commands::backup::run(settings, &args).await,
        Command::Restore(args) => commands::restore::run(settings, &args).await,
        Command::Key(command) => commands::key::run(settings, command).await,
        Command::Doctor(args) => commands::doctor::run(settings, &args).await,
        Command::Config(_) => Ok(ExitCode::SUCCESS),
    }
}
