//! `peshi demo`: an invented caseload to try Peshi on, then its pages.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use peshi_demo::{Caseload, Options, SignIn};
use peshi_service::{Clock, ManualClock};
use peshi_vault::readable_secret;

use super::{progress, serve};
use crate::args::DemoArgs;
use crate::clock::{SystemClock, entropy};
use crate::house::{House, Places};
use crate::settings::Settings;

/// Where the generated sign-ins are kept, readable by their owner alone.
const SIGN_INS: &str = "demo-sign-ins.txt";
/// The caseload is the same at every first run; only passwords and keys differ.
const SEED: u64 = 1;

pub(crate) async fn run(mut settings: Settings, args: &DemoArgs) -> Result<ExitCode> {
    settings.listen = format!("127.0.0.1:{}", args.port);
    let places = Places::of(&settings)?;
    if args.reset {
        reset(&places, settings.database.is_some())?;
    }
    // Found out before the caseload is made, not after.
    let listener = if args.once {
        None
    } else {
        Some(serve::listen(&settings.listen).await?)
    };
    let house = House::open(settings, true).await?;
    let sign_ins = places.data.join(SIGN_INS);
    if house.service.has_accounts().await? {
        if !sign_ins.exists() {
            bail!(
                "{} holds real data, not a demonstration; choose another folder with `--data DIR`",
                places.data.display()
            );
        }
        println!(
            "Going on with the data in {}  (`--reset` begins anew)",
            places.data.display()
        );
    } else {
        let caseload = load(&house).await?;
        write_private(&sign_ins, &list(&caseload.sign_ins))?;
        tell(&caseload);
    }
    println!();
    println!("{}", std::fs::read_to_string(&sign_ins).unwrap_or_default());
    println!("Mail lies in     {}", places.outbox.display());
    println!("The key is       {}", places.key.display());
    let Some(listener) = listener else {
        return verify(&house).await;
    };
    println!();
    println!(
        "Peshi serves     http://{}     (stop with Ctrl-C)",
        listener.local_addr()?
    );
    serve::serve(&house, listener, true).await?;
    println!("Stopped. `peshi demo` goes on with the same data.");
    Ok(ExitCode::SUCCESS)
}

async fn load(house: &House) -> Result<Caseload> {
    println!("Opening an invented caseload through the same use cases as the pages …");
    let now = SystemClock.now();
    let clock = ManualClock::at(now);
    let scheduler = house.scheduler(Some(format!("http://{}", house.settings.listen)));
    let bar = progress(1, "");
    let mut source = entropy();
    let caseload = peshi_demo::load(
        &house.service,
        &scheduler,
        &clock,
        now,
        &Options {
            seed: SEED,
            ..Options::default()
        },
        &mut || readable_secret(&mut *source, 4),
        &mut |p| {
            bar.set_length(p.total as u64);
            bar.set_position(p.done as u64);
            bar.set_message(format!("{} {}", p.at.format("%Y-%m-%d"), p.what));
        },
    )
    .await
    .context("the caseload could not be opened; `peshi demo --reset` begins anew")?;
    bar.finish_and_clear();
    house.store.refresh_statistics().await?;
    Ok(caseload)
}

fn tell(caseload: &Caseload) {
    println!(
        "{} cases, {} recorded events, {} messages sent.",
        caseload.cases, caseload.events, caseload.sent
    );
}

fn list(sign_ins: &[SignIn]) -> String {
    let mut text = String::from("Sign in as\n");
    for s in sign_ins {
        let _ = writeln!(text, "  {:<14} {:<34} {}", s.role.as_str(), s.login, s.password);
    }
    text
}

async fn verify(house: &House) -> Result<ExitCode> {
    let bar = progress(house.service.case_count().await?, "verifying cases");
    let verified = house.service.verify(None, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    println!(
        "Verified {} cases, {} journal entries.",
        verified.cases, verified.entries
    );
    for broken in &verified.broken {
        eprintln!("  {}: {}", broken.reference, broken.problem);
    }
    Ok(if verified.broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Throws the demonstration away: only what a demonstration made, and only where one was.
fn reset(places: &Places, other_database: bool) -> Result<()> {
    if other_database {
        bail!(
            "`--reset` only throws away the SQLite file of a demonstration; drop the other database yourself"
        );
    }
    if !places.data.exists() {
        return Ok(());
    }
    if places.key.exists() && !places.data.join(SIGN_INS).exists() {
        bail!(
            "{} holds no demonstration; nothing was thrown away",
            places.data.display()
        );
    }
    for file in [
        "peshi.sqlite",
        "peshi.sqlite-wal",
        "peshi.sqlite-shm",
        "key",
        SIGN_INS,
    ] {
        remove(&places.data.join(file), |p| std::fs::remove_file(p))?;
    }
    remove(&places.outbox, |p| std::fs::remove_dir_all(p))
}

fn remove(path: &Path, how: impl Fn(&Path) -> std::io::Result<()>) -> Result<()> {
    if path.exists() {
        how(path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", path.display()))
}
