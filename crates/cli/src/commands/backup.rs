//! `peshi backup`: everything as it is now, as one sealed file. The server may go on meanwhile.

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use peshi_service::{BackupHeader, Clock};

use super::progress;
use crate::args::BackupArgs;
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, args: &BackupArgs) -> Result<ExitCode> {
    let file = &args.file;
    if file.exists() {
        bail!(
            "{} exists already and was left alone; give each backup a name of its own",
            file.display()
        );
    }
    let house = House::open(settings, false).await?;
    // A file that was not finished must never be taken for a backup.
    let part = file.with_added_extension("part");
    let header = write(&house, &part).await.inspect_err(|_| {
        // Half a file helps nobody; the error that led here matters more than one of removing it.
        drop(fs::remove_file(&part));
    })?;
    fs::rename(&part, file).with_context(|| format!("{} cannot be named", file.display()))?;
    sync_folder(file)?;
    let size = fs::metadata(file)?.len();
    println!(
        "{}: {} cases, {} rows, {} KiB",
        file.display(),
        header.cases(),
        header.total(),
        size.div_ceil(1024)
    );
    println!(
        "It opens only with the organisation key {} ({}), which is not in it: keep a copy of the key in another place \
         than the backups (`peshi key show` prints it for paper). Packs given with --packs, the settings file and \
         the outbox folder are not in it either.",
        header.key,
        crate::house::Places::of(&house.settings)?.key.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn write(house: &House, part: &Path) -> Result<BackupHeader> {
    let out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .with_context(|| format!("{} cannot be written", part.display()))?;
    let bar = progress(0, "backing up rows");
    let mut out = BufWriter::new(out);
    let header = house
        .service
        .backup(
            &mut out,
            env!("CARGO_PKG_VERSION"),
            SystemClock.now(),
            |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            },
        )
        .await?;
    bar.finish_and_clear();
    out.flush()?;
    out.get_ref()
        .sync_all()
        .with_context(|| format!("{} cannot be flushed to disk", part.display()))?;
    Ok(header)
}

/// The file's name must survive a power cut too, and it lives in the folder.
fn sync_folder(file: &Path) -> Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
