//! `peshi verify`: does the history still say what it said?

use std::process::ExitCode;

use anyhow::{Context, Result};

use super::{print_json, progress};
use crate::args::VerifyArgs;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, args: &VerifyArgs) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let total = if args.reference.is_some() {
        1
    } else {
        house.service.case_count().await?
    };
    let bar = progress(total, "verifying cases");
    let verified = house
        .service
        .verify(args.reference.as_deref(), |done| bar.set_position(done))
        .await
        .with_context(|| {
            format!(
                "case {} cannot be verified",
                args.reference.as_deref().unwrap_or("?")
            )
        })?;
    bar.finish_and_clear();
    if args.json.json {
        print_json(&verified)?;
    } else {
        println!("{} cases, {} journal entries: ", verified.cases, verified.entries);
        for broken in &verified.broken {
            println!("  {}: {}", broken.reference, broken.problem);
        }
        match verified.broken.len() {
            0 => println!("  every chain holds, and each journal replays to its case."),
            n => println!("  {n} do not hold. Keep this database as evidence."),
        }
    }
    Ok(if verified.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
