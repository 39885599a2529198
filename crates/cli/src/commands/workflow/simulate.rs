//! `peshi workflow simulate`: a case on virtual time, without a database: by a script, by hand, or by chance.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::time;
use peshi_rehearsal::script::{Line, Player, Script};
use peshi_rehearsal::walk::{Walk, Walked, What};
use peshi_rehearsal::{Stage, values};
use peshi_templates::Lang;

use super::desk::Desk;
use super::rehearsed;
use super::words::Words;
use crate::args::SimulateArgs;
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, args: &SimulateArgs) -> Result<ExitCode> {
    // The script first: a slip in it is told before anything is played.
    let script = args.script.as_deref().map(read_script).transpose()?;
    let Some((pack, calendar)) = rehearsed(settings, &args.file, args.chart.as_deref())? else {
        return Ok(ExitCode::FAILURE);
    };
    let stage = Stage {
        pack: &pack,
        calendar: &calendar,
    };
    if let (Some(days), Some(seed)) = (args.days, args.random) {
        let walk = Walk {
            from: args.from,
            days,
            seed,
        };
        return show_walk(&walk.walk(stage)?, args.json.json, seed);
    }
    if let Some(script) = script {
        return play(stage, args, &script);
    }
    let lang = args.lang.parse::<Lang>()?;
    let words = Words::of(&pack.files, lang);
    let mut desk = Desk::new(stage, words, std::io::stdin().lock(), std::io::stdout().lock());
    desk.run(args.from)?;
    Ok(ExitCode::SUCCESS)
}

fn read_script(path: &Path) -> Result<Script> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("the script on standard input cannot be read as UTF-8 text")?;
    } else {
        text = std::fs::read_to_string(path)
            .with_context(|| format!("the script {} cannot be read", path.display()))?;
    }
    Script::parse(&text).with_context(|| format!("the script {} cannot be played", path.display()))
}

fn play(stage: Stage<'_>, args: &SimulateArgs, script: &Script) -> Result<ExitCode> {
    let mut opening = script.opening.clone();
    if let Some(form) = opening_to_invent(stage.pack, script) {
        opening = values::first(form, time::local(args.from, stage.calendar));
        eprintln!(
            "peshi: the opening form `{}` is filled in with invented values; a first element {{\"open\": {{…}}}} sets them",
            form.name
        );
    }
    let (mut player, line) = Player::start(stage, args.from, opening)?;
    print_line(&line, args.json.json)?;
    for (n, step) in script.steps.iter().enumerate() {
        let line = player
            .play(step)
            .with_context(|| format!("element {} of the script cannot be played", n + 1))?;
        print_line(&line, args.json.json)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn opening_to_invent<'p>(pack: &'p Pack, script: &Script) -> Option<&'p peshi_casework::pack::Form> {
    let form = pack.forms.get(pack.opening.as_ref()?)?;
    script.opening.is_empty().then_some(form)
}

fn print_line(line: &Line, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(line)?);
        return Ok(());
    }
    let what = match (&line.event, &line.advance) {
        (Some(event), _) => event.clone(),
        (None, Some(span)) => format!("+ {span}"),
        (None, None) => "start".to_owned(),
    };
    let instance = line
        .instance
        .as_ref()
        .map(|i| format!(" in {i}"))
        .unwrap_or_default();
    println!("{:>3}  {}  {what}{instance}", line.step, line.at);
    if let Some(reason) = &line.reason {
        println!("       refused: {reason}");
    }
    for fired in &line.fired {
        let what = match (&fired.event, &fired.deadline, &fired.reminder) {
            (Some(event), _, _) => event.clone(),
            (_, Some(rule), Some(rung)) => format!("reminder of {rule}: {rung}"),
            (_, rule, _) => format!("deadline {}", rule.clone().unwrap_or_default()),
        };
        println!("       {}  {}: {what}", fired.at, fired.instance);
        if let Some(fault) = &fired.fault {
            println!("         came to nothing: {fault}");
        }
    }
    for message in &line.messages {
        let fate = message
            .suppressed
            .as_ref()
            .map_or_else(|| "goes out".to_owned(), |reason| format!("suppressed: {reason}"));
        println!("       message {} to {}: {fate}", message.kind, message.to);
    }
    println!("       {}", line.configuration.join(", "));
    for child in &line.children {
        println!("       {}: {}", child.id, child.configuration.join(", "));
    }
    Ok(())
}

fn show_walk(walked: &Walked, json: bool, seed: u64) -> Result<ExitCode> {
    for line in &walked.lines {
        if json {
            println!("{}", serde_json::to_string(line)?);
        } else {
            println!("{}  {:14} {}", line.local, line.instance, told(&line.what));
        }
    }
    let summary = serde_json::json!({
        "what": "summary",
        "seed": seed,
        "events": walked.events,
        "refused": walked.refused,
        "sent": walked.sent,
        "suppressed": walked.suppressed,
        "configuration": walked.configuration,
        "children": walked.children,
        "closed": walked.closed,
    });
    if json {
        println!("{summary}");
    } else {
        println!(
            "Seed {seed}: {} events recorded, {} refused by a condition; {} messages go out, {} are suppressed. \
             At the end the case is {} in {}.",
            walked.events,
            walked.refused,
            walked.sent,
            walked.suppressed,
            if walked.closed { "closed," } else { "open," },
            walked.configuration.join(", ")
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn told(what: &What) -> String {
    match what {
        What::Event { event } => format!("recorded {event}"),
        What::Came { event } => format!("came     {event}"),
        What::Missed { deadline } => format!("missed   {deadline}"),
        What::Fault { problem } => format!("fault    {problem}"),
        What::Message {
            kind,
            to,
            deadline,
            reminder,
            moment,
            suppressed,
        } => {
            let mut text = format!("message  {kind} to {to}");
            for (word, part) in [("of", deadline), ("that is", reminder), ("for", moment)] {
                if let Some(part) = part {
                    text = format!("{text}, {word} {part}");
                }
            }
            match suppressed {
                Some(reason) => format!("{text}; suppressed: {reason}"),
                None => text,
            }
        }
    }
}

/// The wall's clock at a moment.
pub(super) fn wall(at: chrono::DateTime<chrono::Utc>, calendar: &Calendar) -> String {
    time::local(at, calendar).format("%Y-%m-%d %a %H:%M").to_string()
}
