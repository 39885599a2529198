//! `peshi migrate`: bring the database up to date.

use std::process::ExitCode;

use anyhow::Result;
use peshi_store::{Store, StoreOptions};

use crate::house::Places;
use crate::settings::Settings;

pub(crate) async fn run(settings: &Settings) -> Result<ExitCode> {
    let places = Places::of(settings)?;
    places.make()?;
    let store = Store::connect(&places.database, &StoreOptions::default()).await?;
    let steps = store.migrate().await?;
    if steps.is_empty() {
        println!("The database is up to date.");
    }
    for step in steps {
        println!("applied {step}");
    }
    Ok(ExitCode::SUCCESS)
}
