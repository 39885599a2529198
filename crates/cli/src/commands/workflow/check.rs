//! `peshi workflow check`: what is wrong in a pack, with file, line, caret and help.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode, SourceSpan};
use peshi_casework::PackRef;
use peshi_casework::pack::{Finding, PackFiles, Severity, disclosures, load};
use serde::Serialize;

use super::{database, pack_files, same_number};
use crate::args::JsonArgs;
use crate::commands::print_json;
use crate::packs::forbidden;
use crate::settings::Settings;

/// What a program reads: the verdict, then every finding with its span.
#[derive(Debug, Serialize)]
struct Report<'a> {
    /// The pack's name, if it can be used.
    pack: Option<&'a str>,
    version: Option<u32>,
    usable: bool,
    errors: usize,
    warnings: usize,
    findings: &'a [Finding],
}

pub(super) async fn run(settings: &Settings, pack: &Path, json: &JsonArgs) -> Result<ExitCode> {
    let files = pack_files(settings, pack)?;
    let (loaded, mut findings) = load(&files);
    findings.extend(disclosures(&files, &forbidden));
    let published = match &loaded {
        Some(pack) => published(settings, &pack.id).await,
        None => None,
    };
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    let loaded = loaded.filter(|_| errors == 0);
    let warnings = findings.len() - errors;
    if json.json {
        print_json(&Report {
            pack: loaded.as_ref().map(|p| p.id.name.as_str()),
            version: loaded.as_ref().map(|p| p.id.version),
            usable: loaded.is_some(),
            errors,
            warnings,
            findings: &findings,
        })?;
    } else {
        for finding in &findings {
            show(finding, &files)?;
        }
        match &loaded {
            Some(pack) => {
                if let Some(warning) = published {
                    eprintln!("warning: {warning}");
                }
                println!(
                    "{} version {}: {} charts, {} forms, {} deadline rules; {warnings} warnings. It can be used.",
                    pack.id.name,
                    pack.id.version,
                    pack.charts.len(),
                    pack.forms.len(),
                    pack.deadlines.len(),
                );
            }
            None => println!("{errors} errors, {warnings} warnings. It cannot be used."),
        }
    }
    Ok(if loaded.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether a database at hand holds another version under this number. Without one there is nothing to compare with.
async fn published(settings: &Settings, pack: &PackRef) -> Option<String> {
    let store = database(settings).await.ok().flatten()?;
    same_number(&store, pack).await.ok().flatten()
}

/// A finding as a picture of its place.
#[derive(Debug)]
struct Shown<'a> {
    finding: &'a Finding,
    source: NamedSource<String>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(&self.finding.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (self.finding.line > 0).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (self.finding.line > 0).then(|| {
            let span = SourceSpan::from(self.finding.span);
            Box::new(std::iter::once(LabeledSpan::new_with_span(
                Some("here".to_owned()),
                span,
            ))) as Box<_>
        })
    }
}

pub(super) fn show(finding: &Finding, files: &PackFiles) -> Result<()> {
    let text = files.get(&finding.file).cloned().unwrap_or_default();
    let shown = Shown {
        finding,
        source: NamedSource::new(&finding.file, text),
    };
    let mut out = String::new();
    GraphicalReportHandler::new().render_report(&mut out, &shown)?;
    eprintln!("{out}");
    Ok(())
}
