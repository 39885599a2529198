//! `peshi migrate`: bring the database up to date.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use peshi_service::Clock;
use peshi_store::{Backend, HeartbeatRow, Store, StoreOptions};

use crate::clock::SystemClock;
use crate::house::Places;
use crate::settings::Settings;

/// A node that gave no sign of life for so long is taken for stopped.
const STOPPED: TimeDelta = TimeDelta::minutes(1);

pub(crate) async fn run(settings: &Settings) -> Result<ExitCode> {
    let places = Places::of(settings)?;
    places.make()?;
    let store = Store::connect(&places.database, &StoreOptions::default()).await?;
    // A file has one machine, whose user sees what runs.
    if store.backend() == Backend::Postgres && store.stops_others().await? {
        nobody_works(&store).await?;
    }
    let steps = store.migrate().await?;
    if steps.is_empty() {
        println!("The database is up to date.");
    }
    for step in steps {
        println!("applied {step}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses while a node works that does not survive what is to come.
async fn nobody_works(store: &Store) -> Result<()> {
    let since = SystemClock.now() - STOPPED;
    let beats = store.heartbeats().await?;
    let alive: Vec<&str> = beats
        .iter()
        .filter(|beat| beat.detail == HeartbeatRow::TICK && beat.at > since)
        .map(|beat| beat.worker.as_str())
        .collect();
    anyhow::ensure!(
        alive.is_empty(),
        "this update stops nodes of the older version, and some gave a sign of life within the last minute: {}. Stop them, \
         wait a minute, and run `peshi migrate` again",
        alive.join(", ")
    );
    Ok(())
}
