//! `peshi key`: the organisation key on paper and back, and its replacement by a new one.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use peshi_service::{Clock, Service, ServiceError};
use peshi_store::{Store, StoreOptions};
use peshi_vault::OrganisationKey;

use super::progress;
use crate::args::KeyCommand;
use crate::clock::{SystemClock, entropy};
use crate::house::{Places, finish_replacing};
use crate::packs::Folders;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: KeyCommand) -> Result<ExitCode> {
    match command {
        KeyCommand::Show => show(&settings)?,
        KeyCommand::Rotate => rotate(&settings).await?,
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

/// The old key stays in its place until the database needs only the new one, so a crash at any moment loses nothing: the same
/// command goes on where it stopped.
async fn rotate(settings: &Settings) -> Result<()> {
    let places = Places::of(settings)?;
    let store = Arc::new(Store::connect(&places.database, &StoreOptions::default()).await?);
    let pending = store.pending_migrations().await?;
    if !pending.is_empty() {
        bail!(
            "the database needs {} more steps; run `peshi migrate` first",
            pending.len()
        );
    }
    if let Some(busy) = busy(&store).await? {
        bail!(
            "{busy} is at work; stop `peshi serve` and `peshi work` everywhere, wait a minute, and try again"
        );
    }
    finish_replacing(&places, &store).await?;
    let old = Arc::new(OrganisationKey::load(&places.key)?);
    let library = Folders::gather(&settings.packs)?.library()?;
    let service = Service::new(Arc::clone(&store), old, library, entropy());
    match service.check_key(SystemClock.now()).await {
        Ok(()) => {}
        Err(ServiceError::KeyRotation) => println!("Going on with the rotation that was begun."),
        Err(error) => return Err(error.into()),
    }
    if !places.next_key.exists() {
        OrganisationKey::create(&places.next_key, &mut *entropy())?;
    }
    let next = OrganisationKey::load(&places.next_key)?;
    let bar = progress(store.count_case_keys().await?, "wrapping case keys anew");
    let rotated = service
        .rotate_key(&next, SystemClock.now(), |done| bar.set_position(done))
        .await?;
    bar.finish_and_clear();
    let former = places.replace_key()?;
    println!(
        "{} cases are sealed under the new key {}.",
        rotated.cases,
        next.fingerprint()
    );
    for case in &rotated.unreadable {
        println!("  case {case} could be opened with neither key; `peshi verify` says more");
    }
    println!(
        "Now: print the new key (`peshi key show`), make a new backup, and give the key file to other machines."
    );
    if let Some(former) = former {
        println!(
            "The old key lies at {}. Backups made until now open only with it: keep it as long as you keep them, apart from \
             them. If it may be known to others, delete it and those backups.",
            former.display()
        );
    }
    Ok(())
}

/// A worker that ticked within the last minute.
async fn busy(store: &Store) -> Result<Option<String>> {
    let now = SystemClock.now();
    let beats = store.heartbeats().await?;
    Ok(beats
        .into_iter()
        .find(|beat| (now - beat.at).num_seconds() < 60)
        .map(|beat| beat.worker))
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
