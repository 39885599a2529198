//! `peshi workflow convert`: an SCXML chart becomes a pack's `workflow.yaml`, or is refused name by name.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use peshi_casework::pack::{Finding, PackFiles, Severity};
use peshi_diagram::{Refusal, import};

use super::check::show;

pub(super) fn run(file: &Path, chart: &str, output: Option<&Path>) -> Result<ExitCode> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read as UTF-8 text", file.display()))?;
    let imported = match import(&text, chart) {
        Ok(imported) => imported,
        Err(refusals) => {
            let name = file.display().to_string();
            let files = PackFiles::from([(name.clone(), text)]);
            for refusal in &refusals {
                show(&finding(&name, refusal), &files)?;
            }
            eprintln!("{} things cannot come in; nothing was written.", refusals.len());
            return Ok(ExitCode::FAILURE);
        }
    };
    for note in &imported.notes {
        eprintln!("note: {note}");
    }
    match output {
        None => print!("{}", imported.workflow),
        Some(output) => {
            std::fs::write(output, &imported.workflow)
                .with_context(|| format!("{} cannot be written", output.display()))?;
            eprintln!(
                "{}: give it a name and its words in locales/, then `peshi workflow check` it",
                output.display()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn finding(file: &str, refusal: &Refusal) -> Finding {
    Finding {
        severity: Severity::Error,
        code: "not-convertible",
        file: file.to_owned(),
        line: u64::try_from(refusal.line).unwrap_or(0),
        column: u64::try_from(refusal.column).unwrap_or(0),
        span: (refusal.offset, 1),
        message: refusal.message.clone(),
        help: refusal.help.clone(),
    }
}
