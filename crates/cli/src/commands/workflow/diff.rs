//! `peshi workflow diff`: what differs between two versions of a pack.

use std::process::ExitCode;

use anyhow::{Context, Result};
use peshi_casework::pack::Pack;
use peshi_casework::pack::diff::{Area, Change, ChangeKind, Detail, Needed, PackDiff, diff};

use super::{database, pack_files, sound, stored, version_words};
use crate::args::JsonArgs;
use crate::commands::print_json;
use crate::settings::Settings;

/// Words that differ shown one by one; JSON has all of them.
const WORDS: usize = 20;

pub(super) async fn run(settings: &Settings, old: &str, new: &str, json: &JsonArgs) -> Result<ExitCode> {
    let (old, new) = (version(settings, old).await?, version(settings, new).await?);
    let differs = diff(&old, &new);
    if json.json {
        print_json(&serde_json::json!({ "safe": differs.is_safe(), "diff": differs }))?;
    } else {
        show(&differs);
    }
    Ok(ExitCode::SUCCESS)
}

/// A version by a folder, a built-in name, or `NAME@VERSION` from the database.
async fn version(settings: &Settings, name: &str) -> Result<Pack> {
    let path = std::path::Path::new(name);
    match name.split_once('@').filter(|_| !path.exists()) {
        None => sound(name, &pack_files(settings, path)?),
        Some((pack, which)) => {
            let store = database(settings).await?.with_context(|| {
                format!("{name} would be in the database, and there is none here; name it with --data")
            })?;
            stored(&store, pack, which).await
        }
    }
}

fn show(differs: &PackDiff) {
    println!(
        "{} version {} → {} version {}",
        differs.from.name,
        version_words(&differs.from),
        differs.to.name,
        version_words(&differs.to)
    );
    if differs.changes.is_empty() {
        println!("  nothing differs");
    }
    let mut area = None;
    let mut words = 0;
    for change in &differs.changes {
        if area != Some(change.area) {
            area = Some(change.area);
            println!("\n{}", heading(change.area));
        }
        if change.area == Area::Word {
            words += 1;
            if words > WORDS {
                continue;
            }
        }
        show_change(change);
    }
    if words > WORDS {
        println!("  … {} more; --json lists them", words - WORDS);
    }
    println!("\ncases");
    if differs.is_safe() {
        println!("  safe: every state, rule and event of the old version has its place in the new one");
    } else {
        println!("  needs a mapping: the new version's migration.yaml must say where these go");
        list(&differs.needs_mapping);
    }
    if !differs.idle_mapping.is_empty() {
        println!("  the old version has nothing of these names that migration.yaml speaks of:");
        list(&differs.idle_mapping);
    }
}

fn heading(area: Area) -> &'static str {
    match area {
        Area::Pack => "pack",
        Area::Panel => "panels of the case page",
        Area::Chart => "charts",
        Area::State => "states",
        Area::Transition => "transitions",
        Area::Form => "forms",
        Area::Field => "fields",
        Area::Deadline => "deadlines",
        Area::PublicStatus => "what a family may be told",
        Area::Word => "words",
    }
}

fn show_change(change: &Change) {
    let sign = match change.kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Moved => '>',
        ChangeKind::Changed => '~',
    };
    println!("  {sign} {}", change.name);
    for Detail { what, old, new } in &change.details {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        match change.kind {
            ChangeKind::Added => println!("      {what}: {}", said(new)),
            ChangeKind::Removed => {}
            ChangeKind::Moved | ChangeKind::Changed => {
                println!("      {what}: {} → {}", said(old), said(new));
            }
        }
    }
}

fn list(names: &[Needed]) {
    for name in names {
        match &name.chart {
            Some(chart) => println!("    {}: {chart}: {}", name.under, name.name),
            None => println!("    {}: {}", name.under, name.name),
        }
    }
}
