//! The house rules that no compiler checks: comments, sizes, words, links, numbers, pages, languages.
//!
//! Each check is a function from a text to findings, with a test that a wrong sample is caught; the tests below run them
//! over the whole tree. A finding says file, line and what to do.

mod documents;
mod locales;
mod numbers;
mod pages;
mod sources;
mod tree;

use self::tree::{Tree, failing_on, has_extension};

#[test]
fn the_top_level_holds_what_belongs_there() {
    failing_on(tree::strangers(&Tree::read().top_level()));
}

#[test]
fn sources_say_their_duty_and_stay_readable() {
    let tree = Tree::read();
    let files: Vec<(&str, &str)> = tree.with_extension("rs").collect();
    assert!(files.len() > 100, "the sources were found: {}", files.len());
    let mut findings = sources::long_for_no_reason(&files);
    for (path, text) in files {
        findings.extend(sources::without_a_duty(path, text));
        findings.extend(sources::unfinished(path, text));
    }
    failing_on(findings);
}

#[test]
fn nothing_names_the_place_it_was_made_in() {
    failing_on(
        Tree::read()
            .texts()
            .flat_map(|(path, text)| sources::workshop_paths(path, text)),
    );
}

#[test]
fn documents_point_at_what_exists() {
    let tree = Tree::read();
    let documents: Vec<(&str, &str)> = tree.with_extension("md").collect();
    for must in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        assert!(
            documents.iter().any(|(path, _)| *path == must),
            "{must} is missing; write it"
        );
    }
    let mut findings = Vec::new();
    for (path, text) in &documents {
        findings.extend(documents::dead_links(path, text, &tree));
        findings.extend(documents::dead_names(path, text, &tree));
    }
    failing_on(findings);
}

#[test]
fn the_map_names_every_crate_and_no_other() {
    let tree = Tree::read();
    let map = tree.text("ARCHITECTURE.md").expect("ARCHITECTURE.md is there");
    failing_on(documents::crates_off_the_map(map, &tree.crates()));
}

#[test]
fn decisions_have_their_four_parts() {
    let tree = Tree::read();
    let decisions: Vec<(&str, &str)> = tree.below("docs/decisions/").collect();
    assert!(!decisions.is_empty(), "the decisions were found");
    failing_on(documents::incomplete_decisions(&decisions));
}

#[test]
fn phone_numbers_are_invented() {
    failing_on(
        Tree::read()
            .texts()
            .flat_map(|(path, text)| numbers::real_phones(path, text)),
    );
}

#[test]
fn pages_carry_no_script_and_no_style_of_their_own() {
    let tree = Tree::read();
    let mut findings = Vec::new();
    let mut seen = 0;
    for (path, text) in tree.texts() {
        if has_extension(path, "html") {
            findings.extend(pages::inline(path, text, pages::Styles::Refused));
        } else if has_extension(path, "tera") {
            findings.extend(pages::inline(path, text, pages::Styles::Allowed));
        } else {
            continue;
        }
        seen += 1;
    }
    assert!(seen > 20, "pages and messages were found: {seen}");
    failing_on(findings);
}

#[test]
fn both_languages_say_the_same_things() {
    let tree = Tree::read();
    let files: Vec<(&str, &str)> = tree.with_extension("ftl").collect();
    assert!(files.len() >= 8, "the locale files were found: {}", files.len());
    failing_on(locales::untranslated(&files));
}
