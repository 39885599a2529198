//! `peshi export`: what others may check or keep.

use std::fs::OpenOptions;
use std::io::BufWriter;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

use anyhow::{Context, Result};
use peshi_service::Clock;

use super::viewer;
use crate::args::ExportCommand;
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: ExportCommand) -> Result<ExitCode> {
    let ExportCommand::Case {
        reference,
        output,
        who,
    } = command;
    let house = House::open(settings, false).await?;
    let viewer = viewer(&house, &who).await?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&output)
        .with_context(|| {
            format!(
                "{} cannot be made; it must not exist, and its folder must",
                output.display()
            )
        })?;
    let mut out = BufWriter::new(file);
    let exported = house
        .service
        .export_case(&viewer, &reference, &mut out, SystemClock.now())
        .await;
    let header = exported.inspect_err(|_| {
        // An empty or half export helps nobody; the first error matters more.
        drop(std::fs::remove_file(&output));
    })?;
    println!(
        "{}: {} entries, head {}:{}",
        output.display(),
        header.entries,
        header.entries,
        header.head
    );
    println!(
        "Anybody can check it with Python alone: python3 verify_case.py {}",
        output.display()
    );
    Ok(ExitCode::SUCCESS)
}
