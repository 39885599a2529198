//! `peshi key`: the organisation key on paper and back.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, Result};
use peshi_vault::OrganisationKey;

use crate::args::KeyCommand;
use crate::house::Places;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, command: KeyCommand) -> Result<ExitCode> {
    match command {
        KeyCommand::Show => show(settings)?,
        KeyCommand::Enter { file } => enter(&file)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(settings: &Settings) -> Result<()> {
    let places = Places::of(settings)?;
    let (key, paper) = OrganisationKey::paper(&places.key)?;
    eprintln!(
        "Whoever has these lines can read every case. Print them or write them down, put the paper into a safe in \
         another building, and leave no copy on a screen, in a mail or in a chat."
    );
    println!("Peshi organisation key {}", key.fingerprint());
    println!("{}", paper.as_str());
    Ok(())
}

fn enter(file: &std::path::Path) -> Result<()> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Type the eight lines of the paper, each with its last two letters; an empty line ends.");
    }
    let mut typed = String::new();
    for line in input.lock().lines() {
        let line = line.context("the lines cannot be read")?;
        if line.trim().is_empty() && !typed.is_empty() {
            break;
        }
        // The heading of the printed page may be typed or not.
        if !line.starts_with("Peshi") {
            typed.push_str(&line);
            typed.push('\n');
        }
    }
    let key = OrganisationKey::from_paper(&typed, file)?;
    println!("{} holds the key {}", file.display(), key.fingerprint());
    Ok(())
}
