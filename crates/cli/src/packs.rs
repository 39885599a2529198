//! Where packs come from: those inside the binary, and folders the user names.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use peshi_casework::pack::{PackFiles, as_text};
use peshi_service::Library;
use peshi_templates::disclosure::breaches;
use rust_embed::RustEmbed;

/// The packs and calendars that travel inside the binary.
#[derive(RustEmbed)]
#[folder = "../../workflows"]
struct BuiltIn;

/// Larger files are not even read. The loader has a smaller bound for those it understands, and says so better.
const MAX_FILE: u64 = 16_000_000;

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
            let text = read_text(&path, &name)?;
            files.insert(name, text);
        }
    }
    Ok(files)
}

/// One file of a pack, called `name` in it.
pub(crate) fn read_text(path: &Path, name: &str) -> Result<String> {
    let unreadable = || format!("{} cannot be read", path.display());
    let size = std::fs::metadata(path).with_context(unreadable)?.len();
    if size > MAX_FILE {
        bail!(
            "{} has {size} bytes; no file of a pack needs more than {MAX_FILE}, so take it out",
            path.display()
        );
    }
    let bytes = std::fs::read(path).with_context(unreadable)?;
    as_text(name, bytes).map_err(|finding| anyhow!("{finding}"))
}

/// The words that must not stand where anybody may read them, as the renderer has them.
pub(crate) fn forbidden(text: &str) -> Vec<Range<usize>> {
    let breaches = breaches(text).into_iter();
    breaches.map(|b| b.at..b.at + b.word.len()).collect()
}
