//! The files of the repository, read once: relative paths with forward slashes, and their text where they are text.
//! Knows which entries belong at the top; no other rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What may stand at the top level. A new entry is a decision: add it here with the commit that makes it.
const TOP: [&str; 19] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "migrations",
    "rustfmt.toml",
    "tests",
    "workflows",
    "xtask",
];

/// Made by tools or by running Peshi, and not part of the repository.
const NOT_OURS: [&str; 7] = [
    ".git",
    "peshi-data",
    "peshi.toml",
    "target",
    "crates/casework/fuzz/target",
    "crates/casework/fuzz/corpus",
    "crates/casework/fuzz/artifacts",
];

/// The repository.
pub(super) struct Tree {
    texts: BTreeMap<String, String>,
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads it.
    pub(super) fn read() -> Self {
        let mut tree = Self {
            texts: BTreeMap::new(),
            paths: BTreeSet::new(),
        };
        let root = root();
        tree.enter(&root, &root);
        tree
    }

    /// One that holds these files, for the checks' own tests.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self {
            texts: BTreeMap::new(),
            paths: BTreeSet::new(),
        };
        for (path, text) in files {
            let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
            tree.paths.extend(folders);
            tree.paths.insert((*path).to_owned());
            tree.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        tree
    }

    fn enter(&mut self, folder: &Path, root: &Path) {
        for entry in std::fs::read_dir(folder).expect("the repository can be read") {
            let path = entry.expect("the repository can be read").path();
            let relative = path.strip_prefix(root).expect("it lies below the root");
            let name = relative.to_string_lossy().replace('\\', "/");
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            self.paths.insert(name.clone());
            if path.is_dir() {
                self.enter(&path, root);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                // What is not UTF-8 is a picture or a font: it has a path and no text.
                self.texts.insert(name, text);
            }
        }
    }

    /// Every text with its path.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The texts whose path ends in `.extension`.
    pub(super) fn with_extension<'a>(
        &'a self,
        extension: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts()
            .filter(move |(path, _)| has_extension(path, extension))
    }

    /// The texts below a folder (`docs/decisions/`).
    pub(super) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.starts_with(folder))
    }

    /// One text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether a file or folder is there.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path.trim_end_matches('/'))
    }

    /// Whether any file is called so, wherever it lies.
    pub(super) fn has_file_named(&self, name: &str) -> bool {
        self.texts
            .keys()
            .any(|path| path.rsplit('/').next() == Some(name))
    }

    /// What stands at the top.
    pub(super) fn top_level(&self) -> Vec<String> {
        self.paths
            .iter()
            .filter(|path| !path.contains('/'))
            .cloned()
            .collect()
    }

    /// The folders in `crates/`.
    pub(super) fn crates(&self) -> BTreeSet<String> {
        self.paths
            .iter()
            .filter_map(|path| path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"))
            // What lies deeper is a workshop of its own, such as a fuzz target, and no room of the house.
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect()
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether a path ends in `.extension`.
pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == extension)
}

/// Fails with every finding, if there is one.
pub(super) fn failing_on(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

/// Entries that do not belong at the top.
pub(super) fn strangers(top: &[String]) -> Vec<String> {
    top.iter()
        .filter(|name| !TOP.contains(&name.as_str()))
        .map(|name| {
            format!(
                "{name}:1: does not belong at the top level; move it, or allow it in tests/it/tidy/tree.rs"
            )
        })
        .collect()
}

#[test]
fn a_stranger_at_the_top_is_caught() {
    let top = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(strangers(&top(&["crates", "docs"])), Vec::<String>::new());
    assert!(strangers(&top(&["crates", "notes.txt"]))[0].starts_with("notes.txt:1: "));
}

#[test]
fn a_tree_knows_its_folders_and_crates() {
    let tree = Tree::of(&[("crates/a/Cargo.toml", ""), ("crates/a/src/lib.rs", "")]);
    assert!(tree.has("crates/a/src/") && tree.has("crates/a/src/lib.rs") && !tree.has("crates/b"));
    assert!(tree.has_file_named("lib.rs") && !tree.has_file_named("src"));
    assert_eq!(tree.crates().into_iter().collect::<Vec<_>>(), ["a"]);
    assert_eq!(tree.top_level(), ["crates"]);
}
