//! `peshi restore`: a backup into an empty place, verified before it is called done.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use peshi_service::{Backup, Clock};
use peshi_store::{Store, StoreOptions};
use peshi_vault::OrganisationKey;

use super::{progress, verify};
use crate::args::RestoreArgs;
use crate::clock::SystemClock;
use crate::house::{House, Places};
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, args: &RestoreArgs) -> Result<ExitCode> {
    let places = Places::of(&settings)?;
    let input =
        File::open(&args.file).with_context(|| format!("{} cannot be opened", args.file.display()))?;
    let backup = Backup::read(BufReader::new(input))?;
    let header = backup.header();
    println!(
        "{}: made {} by Peshi {}, {} cases, {} rows, key {}",
        args.file.display(),
        header.made_at.to_rfc3339(),
        header.peshi,
        header.cases(),
        header.total(),
        header.key
    );
    let from = key_file(args, &places)?;
    let key = OrganisationKey::load(from)?;
    let bar = progress(header.total(), "reading rows");
    if args.check {
        backup.check(&key, |done, _| bar.set_position(done))?;
        bar.finish_and_clear();
        println!("Every frame opens. Nothing was restored.");
        return Ok(ExitCode::SUCCESS);
    }
    places.make()?;
    let store = Store::connect(&places.database, &StoreOptions::default()).await?;
    let restored = backup
        .restore(&store, &key, |done, _| bar.set_position(done))
        .await?;
    bar.finish_and_clear();
    store.close().await?;
    if from != places.key {
        OrganisationKey::copy(from, &places.key)?;
    }
    println!(
        "{} rows restored into {}; now they are verified.",
        restored.total(),
        places.data.display()
    );
    let house = House::open(settings, false).await?;
    let code = verify::all(&house, false).await?;
    // A backup from before there was an index of names brings none.
    house.service.mend_names(|_| {}).await?;
    let waiting = house.store.count_due_messages(SystemClock.now()).await?;
    if waiting > 0 {
        println!(
            "{waiting} messages are due. Those that left after the backup was made will leave once more when the scheduler \
             starts; each carries the same Message-ID as before."
        );
    }
    Ok(code)
}

fn key_file<'a>(args: &'a RestoreArgs, places: &'a Places) -> Result<&'a Path> {
    match (&args.key, places.key.exists()) {
        (Some(given), false) => Ok(given),
        (Some(given), true) if *given == places.key => Ok(given),
        (Some(_), true) if args.check => Ok(args.key.as_deref().unwrap_or(&places.key)),
        (Some(_), true) => bail!(
            "there is a key file at {} already; leave out --key, or name another --data folder",
            places.key.display()
        ),
        (None, true) => Ok(&places.key),
        (None, false) => bail!(
            "the key is needed: give the safe copy of the key file with --key FILE; from paper, `peshi key enter FILE` \
             makes a key file first"
        ),
    }
}
