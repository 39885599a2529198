//! `peshi violation`: the register of violations of a case from a console, through the same gate.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use comfy_table::Table;
use peshi_service::Clock;

use super::case::{fields, words};
use super::{print_json, viewer};
use crate::args::{As, JsonArgs};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(crate) enum ViolationCommand {
    /// List a case's violations with their numbers
    List {
        /// The case's reference
        reference: String,
        #[command(flatten)]
        who: As,
        #[command(flatten)]
        json: JsonArgs,
    },
    /// Note a violation
    Add {
        /// The case's reference
        reference: String,
        /// Its code
        code: String,
        /// The proceeding or hearing it belongs to
        #[arg(long, default_value = "case")]
        instance: String,
        #[command(flatten)]
        who: As,
        /// What is known: at, place, by, account, proof (document, witness, recording, none), reason
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        set: Vec<String>,
    },
    /// Tell what happened and what proves it
    Document {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        who: As,
        /// What is known: at, place, by, account, proof (document, witness, recording, none), reason
        #[arg(long = "set", value_name = "FIELD=VALUE")]
        set: Vec<String>,
    },
    /// Say that account and proof were looked at
    Verify {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        who: As,
    },
    /// Say which complaint rests on it
    Use {
        #[command(flatten)]
        which: Which,
        /// The complaint
        #[arg(long)]
        complaint: String,
        #[command(flatten)]
        who: As,
    },
    /// Allow its publication, as a coordinator
    Publish {
        #[command(flatten)]
        which: Which,
        /// Why: who agreed, what must be left out
        #[arg(long)]
        reason: String,
        /// Withdraw it from publication instead
        #[arg(long)]
        withdraw: bool,
        #[command(flatten)]
        who: As,
    },
}

/// One violation.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// The case's reference
    reference: String,
    /// Its number in the case, as `list` shows it
    number: u32,
}

pub(crate) async fn run(settings: Settings, command: ViolationCommand) -> Result<ExitCode> {
    let house = House::open(settings, false).await?;
    let (service, now) = (&house.service, SystemClock.now());
    match command {
        ViolationCommand::List { reference, who, json } => {
            let case = service
                .case(&viewer(&house, &who).await?, &reference, now)
                .await?;
            if json.json {
                print_json(&case.violations)?;
            } else {
                show(&house, &case);
            }
        }
        ViolationCommand::Add {
            reference,
            code,
            instance,
            who,
            set,
        } => {
            let viewer = viewer(&house, &who).await?;
            let details = fields(&set)?;
            let number = service
                .note_violation(&viewer, &reference, &code, Some(&instance), &details, now)
                .await?;
            println!("{reference}: violation {number} is noted");
        }
        ViolationCommand::Document { which, who, set } => {
            let viewer = viewer(&house, &who).await?;
            service
                .document_violation(&viewer, &which.reference, which.number, &fields(&set)?, now)
                .await?;
            println!("{}: violation {} is documented", which.reference, which.number);
        }
        ViolationCommand::Verify { which, who } => {
            let viewer = viewer(&house, &who).await?;
            service
                .verify_violation(&viewer, &which.reference, which.number, now)
                .await?;
            println!("{}: violation {} is verified", which.reference, which.number);
        }
        ViolationCommand::Use {
            which,
            complaint,
            who,
        } => {
            let viewer = viewer(&house, &who).await?;
            service
                .use_violation(&viewer, &which.reference, which.number, &complaint, now)
                .await?;
            println!("{}: violation {} is used", which.reference, which.number);
        }
        ViolationCommand::Publish {
            which,
            reason,
            withdraw,
            who,
        } => {
            let viewer = viewer(&house, &who).await?;
            service
                .publish_violation(&viewer, &which.reference, which.number, !withdraw, &reason, now)
                .await?;
            let may = if withdraw { "may not" } else { "may" };
            println!(
                "{}: violation {} {may} be published",
                which.reference, which.number
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(house: &House, case: &peshi_service::views::CaseView) {
    let mut table = Table::new();
    table.set_header(["number", "code", "what", "status", "noted for", "publishable"]);
    for violation in &case.violations {
        table.add_row([
            violation.number.to_string(),
            violation.code.clone(),
            words(house, &case.summary.pack, &violation.key),
            violation.status.clone(),
            violation.occurred_at.format("%Y-%m-%d").to_string(),
            if violation.publishable { "yes" } else { "no" }.to_owned(),
        ]);
    }
    println!("{table}");
}
