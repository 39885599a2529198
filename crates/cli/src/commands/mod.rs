//! One file a command: what was typed goes in, a use case runs, what came of it is printed.

pub(crate) mod backup;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod config;
pub(crate) mod deadline;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod serve;
pub(crate) mod user;
pub(crate) mod verify;
pub(crate) mod violation;
pub(crate) mod workflow;

use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use peshi_service::Viewer;
use serde::Serialize;

use crate::args::As;
use crate::house::House;

/// A progress bar on standard error; hidden where nobody looks.
pub(crate) fn progress(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{msg:34} {wide_bar} {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// JSON for programs.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// The member of staff a command is done by.
pub(crate) async fn viewer(house: &House, who: &As) -> anyhow::Result<Viewer> {
    house
        .service
        .viewer_by_login(&who.login)
        .await
        .with_context(|| format!("there is no open account for {}", who.login))
}
