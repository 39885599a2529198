//! Documents: links and names of files point at what is there, the map names every crate, decisions are whole.

use std::collections::BTreeSet;

use super::tree::{Tree, has_extension};

/// Beginnings by which a name in a text is known to be a path of this repository.
const ROOTS: [&str; 7] = [
    "crates/",
    "docs/",
    "migrations/",
    "tests/",
    "workflows/",
    "xtask/",
    ".ci/",
];
/// Folders that documents write as examples of the reader's own.
const EXAMPLES: [&str; 2] = ["workflows/my-pack", "workflows/NAME"];
/// Words that look like a crate of ours and are none: the folder of data, the labels of journals and keys.
const NO_CRATES: [&str; 3] = ["peshi-data", "peshi-journal-1", "peshi-key-1"];

/// Links to files that are not there.
pub(super) fn dead_links(path: &str, text: &str, tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (line, prose) in prose(text) {
        for target in links(prose) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let full = resolve(path, target);
            if !full.as_deref().is_some_and(|full| tree.has(full)) {
                findings.push(format!(
                    "{path}:{line}: the link to `{target}` leads nowhere; correct or remove it"
                ));
            }
        }
    }
    findings
}

/// Names of files and folders in `code` that are not there.
pub(super) fn dead_names(path: &str, text: &str, tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (line, prose) in prose(text) {
        for code in prose.split('`').skip(1).step_by(2) {
            let name = code.split(':').next().unwrap_or_default();
            let plain = name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
            if name.is_empty() || !plain || EXAMPLES.iter().any(|e| name.starts_with(e)) {
                continue;
            }
            let rooted = ROOTS.iter().any(|root| name.starts_with(root));
            // A file of Rust without its folder must at least exist somewhere.
            let loose = !name.contains('/') && has_extension(name, "rs");
            if (rooted && !tree.has(name)) || (loose && !tree.has_file_named(name)) {
                findings.push(format!("{path}:{line}: there is no `{name}`; correct the name"));
            }
        }
    }
    findings
}

/// Crates the map does not name, and names on it that are no crates.
pub(super) fn crates_off_the_map(map: &str, crates: &BTreeSet<String>) -> Vec<String> {
    let mut findings = Vec::new();
    for name in crates {
        let named = [format!("`{name}`"), format!("`crates/{name}`")]
            .iter()
            .any(|n| map.contains(n));
        if !named {
            findings.push(format!(
                "ARCHITECTURE.md:1: does not name `{name}`; add it to the map"
            ));
        }
    }
    for (line, prose) in prose(map) {
        for code in prose.split('`').skip(1).step_by(2) {
            let Some(name) = code
                .strip_prefix("peshi-")
                .or_else(|| code.strip_prefix("peshi_"))
            else {
                continue;
            };
            let name = name.split("::").next().unwrap_or_default().replace('_', "-");
            let beside = ["migrations", "tests"].contains(&name.as_str());
            if !NO_CRATES.contains(&code) && !beside && !crates.contains(&name) {
                findings.push(format!(
                    "ARCHITECTURE.md:{line}: there is no crate `{code}`; correct the name"
                ));
            }
        }
    }
    findings
}

/// Decisions without one of their parts, and numbers out of order.
pub(super) fn incomplete_decisions(decisions: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    for (n, (path, text)) in decisions.iter().enumerate() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let number = format!("{:04}-", n + 1);
        if !(name.starts_with(&number) && has_extension(name, "md")) {
            findings.push(format!(
                "{path}:1: should be called {number}WORDS.md; decisions are numbered in a row"
            ));
        }
        for part in ["Status", "Context", "Decision", "Consequences"] {
            let said = text
                .split_once(&format!("\n## {part}\n"))
                .is_some_and(|(_, rest)| {
                    rest.lines()
                        .take_while(|l| !l.starts_with('#'))
                        .any(|l| !l.trim().is_empty())
                });
            if !said {
                findings.push(format!("{path}:1: says nothing under `## {part}`; write it"));
            }
        }
    }
    findings
}

/// Lines outside fenced blocks, with their number.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(n, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((n + 1, line))
    })
}

fn links(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](")
        .filter_map(|(at, open)| line[at + open.len()..].split(')').next())
}

/// A link's path from the top; none if it climbs out of the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::of(&[
            ("README.md", ""),
            ("docs/a.md", ""),
            ("crates/web/src/lib.rs", ""),
        ])
    }

    #[test]
    fn dead_links_are_caught() {
        let right =
            "[a](a.md) [b](../README.md#top) [c](https://example.org/x) [d](#here)\n```\n[e](gone.md)\n```";
        assert_eq!(dead_links("docs/b.md", right, &tree()), Vec::<String>::new());
        for wrong in [
            "\n[a](b.md)",
            "\n![p](pictures/p.png)",
            "\n[a](../../etc)",
            "\n[a](/README.md)",
        ] {
            let findings = dead_links("docs/b.md", wrong, &tree());
            assert!(
                findings.len() == 1 && findings[0].starts_with("docs/b.md:2: "),
                "{wrong}: {findings:?}"
            );
        }
    }

    #[test]
    fn dead_names_are_caught() {
        let right = "`crates/web`, `crates/web/src/lib.rs:12`, `lib.rs`, `workflows/my-pack`, `crates/*`, `cargo test`";
        assert_eq!(dead_names("README.md", right, &tree()), Vec::<String>::new());
        for wrong in [
            "`crates/wob`",
            "`tests/it/gone.rs`",
            "`gone.rs`",
            "`docs/decisions/`",
        ] {
            assert_eq!(dead_names("README.md", wrong, &tree()).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn crates_off_the_map_are_caught() {
        let crates = BTreeSet::from(["web".to_owned(), "test-support".to_owned()]);
        let right = "`web`, `crates/test-support`, `peshi-web`, `peshi_test_support::House`, `peshi-data`";
        assert_eq!(crates_off_the_map(right, &crates), Vec::<String>::new());
        assert!(crates_off_the_map("web and `test-support`", &crates)[0].contains("`web`"));
        assert!(crates_off_the_map("`web` `test-support`\n`peshi-reports`", &crates)[0].contains(":2: "));
    }

    #[test]
    fn incomplete_decisions_are_caught() {
        let whole =
            "# A\n\n## Status\n\nTaken.\n\n## Context\n\nx\n\n## Decision\n\nx\n\n## Consequences\n\nx\n";
        assert_eq!(
            incomplete_decisions(&[("docs/decisions/0001-a.md", whole)]),
            Vec::<String>::new()
        );
        assert_eq!(
            incomplete_decisions(&[("docs/decisions/0002-a.md", whole)]).len(),
            1
        );
        let without = whole.replace("## Context\n\nx\n", "");
        assert!(incomplete_decisions(&[("docs/decisions/0001-a.md", &without)])[0].contains("Context"));
        let empty = whole.replace("## Context\n\nx\n", "## Context\n\n");
        assert_eq!(
            incomplete_decisions(&[("docs/decisions/0001-a.md", &empty)]).len(),
            1
        );
    }
}
