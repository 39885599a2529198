//! `peshi workflow …`: the tools of a pack's author. One file a command.

mod check;
mod schema;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use peshi_casework::pack::PackFiles;

use crate::args::WorkflowCommand;
use crate::packs::{Folders, read_pack, read_text};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, command: WorkflowCommand) -> Result<ExitCode> {
    match command {
        WorkflowCommand::Check { pack, json } => check::run(settings, &pack, &json),
        WorkflowCommand::Schema { file } => schema::run(file),
    }
}

/// The files of what the author names: a folder, a lone `workflow.yaml`, or a built-in pack.
fn pack_files(settings: &Settings, pack: &Path) -> Result<PackFiles> {
    if pack.is_dir() {
        return read_pack(pack);
    }
    if pack.is_file() {
        let text = read_text(pack, "workflow.yaml")?;
        return Ok(PackFiles::from([("workflow.yaml".to_owned(), text)]));
    }
    let mut folders = Folders::gather(&settings.packs)?;
    let name = pack.display().to_string();
    match folders.packs.remove(&name) {
        Some(files) => Ok(files),
        None => bail!(
            "{name} is neither a file, a folder nor a built-in pack; built in: {}",
            folders.packs.keys().cloned().collect::<Vec<_>>().join(", ")
        ),
    }
}
