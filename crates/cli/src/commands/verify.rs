//! `peshi verify`: does the history still say what it said?

use std::process::ExitCode;

use anyhow::{Context, Result};

use peshi_service::Verified;

use super::{print_json, progress};
use crate::args::VerifyArgs;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, args: &VerifyArgs) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let Some(reference) = &args.reference else {
        return all(&house, args.json.json).await;
    };
    let verified = house.service.verify(Some(reference), |_| {}).await;
    let verified = verified.with_context(|| format!("case {reference} cannot be verified"))?;
    if let Some(head) = &args.head {
        house.service.check_head(reference, head).await?;
    }
    say(&verified, args.json.json)
}

/// Verifies every case and says what came of it.
pub(crate) async fn all(house: &House, json: bool) -> Result<ExitCode> {
    let bar = progress(house.service.case_count().await?, "verifying cases");
    let verified = house.service.verify(None, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    say(&verified, json)
}

fn say(verified: &Verified, json: bool) -> Result<ExitCode> {
    if json {
        print_json(verified)?;
    } else {
        println!(
            "{} cases, {} journal entries, {} documents: ",
            verified.cases, verified.entries, verified.documents
        );
        for broken in &verified.broken {
            println!("  {}: {}", broken.reference, broken.problem);
        }
        match verified.broken.len() {
            0 if verified.erased == 0 => {
                println!("  every chain holds, and each journal replays to its case.");
            }
            0 => println!(
                "  every chain holds, and each journal replays to its case; {} cases were erased and have their chain only.",
                verified.erased
            ),
            n => println!("  {n} do not hold. Keep this database as evidence."),
        }
    }
    Ok(if verified.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
