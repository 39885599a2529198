//! `peshi doctor`: what keeps Peshi from working, with a remedy for each.

use std::process::ExitCode;

use anyhow::Result;
use chrono::{DateTime, Utc};
use peshi_service::{Clock, SILENCE, SKEW};
use peshi_store::{HeartbeatRow, JobState, KeyState, Store, StoreOptions};
use peshi_vault::OrganisationKey;
use serde::Serialize;

use super::workflow::same_number;
use super::{print_json, progress};
use crate::args::DoctorArgs;
use crate::clock::SystemClock;
use crate::house::{House, Places, renderer};
use crate::packs::Folders;
use crate::settings::{Settings, without_password};

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Look {
    what: &'static str,
    ok: bool,
    found: String,
}

pub(crate) async fn run(settings: Settings, args: &DoctorArgs) -> Result<ExitCode> {
    if args.repair {
        let house = House::open(settings.clone(), false).await?;
        let bar = progress(
            house.store.count_case_keys().await?,
            "comparing names with their index",
        );
        let mended = house.service.mend_names(|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        eprintln!("The index of names was mended in {mended} cases.");
    }
    let places = Places::of(&settings)?;
    let mut looks = Vec::new();
    look(
        &mut looks,
        "data folder",
        if places.data.is_dir() {
            Ok(places.data.display().to_string())
        } else {
            Err(format!(
                "{} is not there; `peshi serve` makes it",
                places.data.display()
            ))
        },
    );
    look(
        &mut looks,
        "key file",
        OrganisationKey::load(&places.key)
            .map(|_| {
                format!(
                    "{} readable by its owner alone; keep a copy in a safe",
                    places.key.display()
                )
            })
            .map_err(|e| e.to_string()),
    );
    look(&mut looks, "outbox", writable(&places.outbox));
    look(&mut looks, "packs", packs(&settings));
    // A missing SQLite file must not be made by merely looking for it.
    let missing = settings.database.is_none() && !places.data.join("peshi.sqlite").exists();
    if missing {
        look(
            &mut looks,
            "database",
            Err("there is none yet; `peshi serve` makes it".to_owned()),
        );
    } else {
        match Store::connect(&places.database, &StoreOptions::default()).await {
            Err(e) => look(&mut looks, "database", Err(e.to_string())),
            Ok(store) => {
                look(&mut looks, "database", Ok(without_password(&places.database)));
                let key = OrganisationKey::load(&places.key).ok();
                database(&mut looks, &settings, (&store, key.as_ref()), SystemClock.now()).await;
            }
        }
    }
    let ill = looks.iter().filter(|l| !l.ok).count();
    if args.json.json {
        print_json(&looks)?;
    } else {
        for l in &looks {
            println!("{} {:<14} {}", if l.ok { "ok " } else { "!! " }, l.what, l.found);
        }
        println!(
            "{}",
            if ill == 0 {
                "Nothing is wrong.".to_owned()
            } else {
                format!("{ill} to mend.")
            }
        );
    }
    Ok(if ill == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn look(looks: &mut Vec<Look>, what: &'static str, found: Result<String, String>) {
    let ok = found.is_ok();
    looks.push(Look {
        what,
        ok,
        found: found.unwrap_or_else(|e| e),
    });
}

fn writable(folder: &std::path::Path) -> Result<String, String> {
    let probe = folder.join(".doctor");
    std::fs::write(&probe, b"probe")
        .and_then(|()| std::fs::remove_file(&probe))
        .map(|()| folder.display().to_string())
        .map_err(|e| {
            format!(
                "{} cannot be written ({e}); free space or mend its owner",
                folder.display()
            )
        })
}

fn packs(settings: &Settings) -> Result<String, String> {
    let folders = Folders::gather(&settings.packs).map_err(|e| format!("{e:#}"))?;
    folders.library().map_err(|e| format!("{e:#}"))?;
    renderer(&folders).map_err(|e| format!("{e:#}"))?;
    Ok(folders.packs.keys().cloned().collect::<Vec<_>>().join(", "))
}

/// Whether the key file holds the key the database is sealed with.
async fn belongs(store: &Store, key: Option<&OrganisationKey>) -> Result<String, String> {
    let known = store.organisation_keys().await.map_err(|e| e.to_string())?;
    let state = |fingerprint: &str| {
        known
            .iter()
            .find(|row| row.fingerprint == fingerprint)
            .map(|row| row.state)
    };
    match key.map(|key| (key.fingerprint(), state(key.fingerprint()))) {
        None => Err("there is no key to try".to_owned()),
        Some((key, Some(KeyState::Current))) => Ok(format!("{key} is the one the database is sealed with")),
        Some((key, None)) if known.is_empty() => {
            Ok(format!("{key}; the database learns it at the next start"))
        }
        Some((_, Some(KeyState::Retiring | KeyState::Next))) => {
            Err("the key is being replaced; `peshi key rotate` finishes it".to_owned())
        }
        Some((key, _)) => {
            let current = known.iter().find(|row| row.state == KeyState::Current);
            let needed = current.map_or("another", |row| row.fingerprint.as_str());
            Err(format!(
                "the file holds {key}, and the database is sealed with {needed}; put that key file back"
            ))
        }
    }
}

async fn database(
    looks: &mut Vec<Look>,
    settings: &Settings,
    (store, key): (&Store, Option<&OrganisationKey>),
    now: DateTime<Utc>,
) {
    let newer = store.newer_steps().await.unwrap_or_default();
    let pending = match store.pending_migrations().await {
        Ok(steps) if steps.is_empty() && newer.is_empty() => Ok("up to date".to_owned()),
        Ok(steps) if steps.is_empty() => Ok(format!(
            "a newer version has added {}; this version goes on beside it until it is replaced",
            newer.join(", ")
        )),
        Ok(steps) => Err(format!("{} steps behind; run `peshi migrate`", steps.len())),
        Err(e) => Err(e.to_string()),
    };
    let usable = pending.is_ok();
    look(looks, "schema", pending);
    if !usable {
        return;
    }
    look(looks, "key", belongs(store, key).await);
    look(looks, "pack versions", versions(settings, store).await);
    look(looks, "scheduler", scheduler(store, now).await);
    look(looks, "schedules", schedules(settings, store, now).await);
    look(looks, "permissions", permissions(store, now).await);
    let oldest = store.oldest_due(now).await.map_err(|e| e.to_string());
    look(
        looks,
        "due jobs",
        oldest.and_then(|at| match at {
            Some(at) if (now - at).num_minutes() >= 10 => Err(format!("the oldest waits since {at}")),
            _ => Ok("none waits long".to_owned()),
        }),
    );
    let dead = store.job_counts().await.map_err(|e| e.to_string()).map(|counts| {
        counts
            .iter()
            .filter(|c| c.state == JobState::Dead)
            .map(|c| c.count)
            .sum::<u64>()
    });
    look(
        looks,
        "dead letters",
        dead.and_then(|n| match n {
            0 => Ok("none".to_owned()),
            n => Err(format!("{n} messages gave up; the outbox page says why")),
        }),
    );
}

/// Two contents under one number cannot be told apart by people.
async fn versions(settings: &Settings, store: &Store) -> Result<String, String> {
    let words = |e: anyhow::Error| format!("{e:#}");
    let library = Folders::gather(&settings.packs)
        .and_then(|f| f.library())
        .map_err(words)?;
    let mut twice = Vec::new();
    for pack in library.packs() {
        twice.extend(same_number(store, &pack.id).await.map_err(words)?);
    }
    if twice.is_empty() {
        Ok("each number stands for one content".to_owned())
    } else {
        Err(twice.join("; "))
    }
}

/// Who ticked last; and what a worker says that does not.
async fn scheduler(store: &Store, now: DateTime<Utc>) -> Result<String, String> {
    let last = store.last_tick(now, SKEW).await.map_err(|e| e.to_string())?;
    let beats = store.heartbeats().await.map_err(|e| e.to_string())?;
    let mut said: Vec<String> = Vec::new();
    for beat in &beats {
        if beat.detail != HeartbeatRow::TICK {
            said.push(format!("{} is {}", beat.worker, beat.detail));
        } else if beat.at > now + SKEW {
            said.push(format!(
                "{} ticked at {}, a time that has not come: its clock was ahead, or this one is behind",
                beat.worker, beat.at
            ));
        }
    }
    let (ok, tick) = match last {
        Some(at) if now - at < SILENCE => (true, format!("last tick {at}")),
        Some(at) => (
            false,
            format!("silent since {at}; is `peshi serve` or `peshi work` running?"),
        ),
        None => (
            false,
            "has never run; start `peshi serve` or `peshi work`".to_owned(),
        ),
    };
    let found = std::iter::once(tick)
        .chain(said.iter().cloned())
        .collect::<Vec<_>>()
        .join("; ");
    if ok && said.is_empty() {
        Ok(found)
    } else {
        Err(found)
    }
}

/// Whether each schedule can be read and is planned by a sane clock.
async fn schedules(settings: &Settings, store: &Store, now: DateTime<Utc>) -> Result<String, String> {
    let specs = settings.schedules().map_err(|e| format!("{e:#}"))?;
    let known = store.schedules().await.map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    for spec in &specs {
        let row = known.iter().find(|row| row.name == spec.name);
        if let Some(row) = row.filter(|row| row.planned_until > now + SILENCE) {
            return Err(format!(
                "{} is planned until {}, a time that has not come: the clock was ahead; the scheduler mends it with its \
                 next tick",
                row.name, row.planned_until
            ));
        }
        let next = spec.line.next_after(now, spec.zone);
        let next = next.map_or_else(
            || "never".to_owned(),
            |at| at.with_timezone(&spec.zone).to_rfc3339(),
        );
        found.push(format!("{} next {next}", spec.name));
    }
    Ok(format!(
        "{}; `peshi schedule list` shows what was skipped",
        found.join(", ")
    ))
}

/// An answer to "may we write to you" ends after a year; who is not asked again gets no reminder.
async fn permissions(store: &Store, now: DateTime<Utc>) -> Result<String, String> {
    let mut ending = 0;
    for account in store
        .accounts()
        .await
        .map_err(|e| e.to_string())?
        .iter()
        .filter(|a| a.active)
    {
        let all = store.permissions(account.id).await.map_err(|e| e.to_string())?;
        let last = all
            .iter()
            .filter(|p| p.revoked_at.is_none())
            .map(|p| p.expires_at)
            .max();
        ending += usize::from(last.is_some_and(|at| (at - now).num_days() < 30));
    }
    match ending {
        0 => Ok("none ends within 30 days".to_owned()),
        n => Err(format!(
            "{n} members of staff must be asked again whether they may be written to: `peshi user renew EMAIL`"
        )),
    }
}
