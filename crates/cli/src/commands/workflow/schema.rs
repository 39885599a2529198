//! `peshi workflow schema`: what an editor needs to complete and check a pack's YAML.

use std::process::ExitCode;

use anyhow::Result;

use crate::args::SchemaFile;
use crate::commands::print_json;

pub(super) fn run(file: SchemaFile) -> Result<ExitCode> {
    print_json(&file.kind().schema())?;
    Ok(ExitCode::SUCCESS)
}
