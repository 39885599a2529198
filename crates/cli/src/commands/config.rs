//! `peshi config`: the settings in force and where each came from.

use std::process::ExitCode;

use anyhow::Result;

use super::print_json;
use crate::args::ConfigArgs;
use crate::settings::{Overrides, Settings};

pub(crate) fn run(overrides: &Overrides, args: &ConfigArgs) -> Result<ExitCode> {
    let explained = Settings::explain(overrides)?;
    if args.json.json {
        print_json(&explained)?;
    } else {
        for line in &explained {
            if args.explain {
                println!("{:<24} {:<32} {}", line.key, line.value, line.origin);
            } else {
                println!("{:<24} {}", line.key, line.value);
            }
        }
    }
    // Shown first, judged second: a faulty setting is easier to find when one sees them all.
    Settings::load(overrides)?;
    Ok(ExitCode::SUCCESS)
}
