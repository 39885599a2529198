//! Where packs come from: those inside the binary, and folders the user names.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use peshi_casework::pack::PackFiles;
use peshi_service::Library;
use rust_embed::RustEmbed;

/// The packs and calendars that travel inside the binary.
#[derive(RustEmbed)]
#[folder = "../../workflows"]
struct BuiltIn;

/// Packs and calendars by name.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    pub(crate) packs: BTreeMap<String, PackFiles>,
    pub(crate) calendars: BTreeMap<String, String>,
}

impl Folders {
    /// The built-in ones, then those of `more`: a folder that holds packs, or one pack itself. A later one replaces an
    /// earlier one of the same name.
    pub(crate) fn gather<P: AsRef<Path>>(more: &[P]) -> Result<Self> {
        let mut folders = Self::default();
        for path in BuiltIn::iter() {
            let file = BuiltIn::get(&path).context("a file listed in the binary is not in it")?;
            let text = String::from_utf8(file.data.into_owned())
                .with_context(|| format!("the built-in file {path} is not UTF-8"))?;
            folders.put(&path, text);
        }
        for folder in more {
            folders.read(folder.as_ref())?;
        }
        Ok(folders)
    }

    fn put(&mut self, path: &str, text: String) {
        match path.split_once('/') {
            Some(("calendars", file)) => {
                self.calendars.insert(file.to_owned(), text);
            }
            Some((pack, file)) => {
                self.packs
                    .entry(pack.to_owned())
                    .or_default()
                    .insert(file.to_owned(), text);
            }
            None => {}
        }
    }

    fn read(&mut self, folder: &Path) -> Result<()> {
        if folder.join("workflow.yaml").is_file() {
            let name = folder
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let files = read_pack(folder)?;
            self.packs.insert(name, files);
            return Ok(());
        }
        let entries = std::fs::read_dir(folder)
            .with_context(|| format!("the folder of packs {} cannot be read", folder.display()))?;
        let mut found = false;
        for entry in entries {
            let path = entry?.path();
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            if name == "calendars" {
                for (file, text) in read_pack(&path)? {
                    self.calendars.insert(file, text);
                }
                found = true;
            } else if path.join("workflow.yaml").is_file() {
                self.packs.insert(name, read_pack(&path)?);
                found = true;
            }
        }
        if !found {
            bail!(
                "{} holds no pack: a pack is a folder with a workflow.yaml",
                folder.display()
            );
        }
        Ok(())
    }

    /// The library of all of them.
    pub(crate) fn library(&self) -> Result<Library> {
        Ok(Library::build(&self.packs, &self.calendars)?)
    }
}

/// The text files of a pack's folder, by relative path.
pub(crate) fn read_pack(folder: &Path) -> Result<PackFiles> {
    let mut files = PackFiles::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        let entries =
            std::fs::read_dir(&at).with_context(|| format!("the folder {} cannot be read", at.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read as UTF-8 text", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok(files)
}
