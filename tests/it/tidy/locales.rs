//! English and Urdu define the same keys, so no reader meets a bare key.

use std::collections::{BTreeMap, BTreeSet};

/// Keys that one language has and the other lacks. Files stand beside each other as `en.ftl` and `ur.ftl`, or as
/// `NAME.en.ftl` and `NAME.ur.ftl`. Roman Urdu is written for families only: it may lack keys but not invent any.
pub(super) fn untranslated(files: &[(&str, &str)]) -> Vec<String> {
    let keys: BTreeMap<&str, BTreeMap<String, usize>> =
        files.iter().map(|(path, text)| (*path, keys(text))).collect();
    let mut findings = Vec::new();
    for (path, own) in &keys {
        let Some((stem, lang)) = stem(path) else {
            findings.push(format!(
                "{path}:1: has no language; call it en.ftl, ur.ftl or ur-Latn.ftl"
            ));
            continue;
        };
        let others: &[&str] = match lang {
            "en" => &["ur"],
            "ur" => &["en"],
            _ => &[],
        };
        for other in others {
            let beside = format!("{stem}{other}.ftl");
            let Some(theirs) = keys.get(beside.as_str()) else {
                findings.push(format!("{path}:1: has no {beside} beside it; translate the file"));
                continue;
            };
            for (key, line) in own.iter().filter(|(key, _)| !theirs.contains_key(*key)) {
                findings.push(format!(
                    "{path}:{line}: `{key}` is missing in {beside}; translate it"
                ));
            }
        }
        let english = keys.get(format!("{stem}en.ftl").as_str());
        if lang == "ur-Latn" {
            for (key, line) in own
                .iter()
                .filter(|(key, _)| !english.is_some_and(|e| e.contains_key(*key)))
            {
                findings.push(format!(
                    "{path}:{line}: `{key}` is not in English; remove it or add it there"
                ));
            }
        }
    }
    findings.extend(files.iter().flat_map(|(path, text)| doubled(path, text)));
    findings
}

/// `…/pages.` and `en` of `…/pages.en.ftl`.
fn stem(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_suffix(".ftl")?;
    let at = rest.rfind(['.', '/']).map_or(0, |at| at + 1);
    let (stem, lang) = rest.split_at(at);
    ["en", "ur", "ur-Latn"].contains(&lang).then_some((stem, lang))
}

/// The key that a line of Fluent begins, if it begins one.
fn key(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let legal = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (legal && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-')).then_some(name)
}

fn keys(text: &str) -> BTreeMap<String, usize> {
    text.lines()
        .enumerate()
        .filter_map(|(n, line)| Some((key(line)?.to_owned(), n + 1)))
        .collect()
}

/// Keys defined twice: the second would win, or be lost, depending on the reader.
fn doubled(path: &str, text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    text.lines()
        .enumerate()
        .filter_map(|(n, line)| Some((n + 1, key(line)?)))
        .filter(|(_, key)| !seen.insert(*key))
        .map(|(line, key)| format!("{path}:{line}: `{key}` is defined twice; remove one"))
        .collect()
}

#[test]
fn missing_translations_are_caught_on_either_side() {
    let both = [
        ("l/en.ftl", "a = A\nb = B\n"),
        ("l/ur.ftl", "a = ا\nb =\n    ب\n"),
    ];
    assert_eq!(untranslated(&both), Vec::<String>::new());
    let wrong = [("l/en.ftl", "a = A\nb = B\n"), ("l/ur.ftl", "a = ا\nc = ج\n")];
    assert_eq!(
        untranslated(&wrong),
        [
            "l/en.ftl:2: `b` is missing in l/ur.ftl; translate it",
            "l/ur.ftl:2: `c` is missing in l/en.ftl; translate it",
        ]
    );
    let named = [
        ("l/p.en.ftl", "a = A\n"),
        ("l/p.ur.ftl", ""),
        ("l/p.ur-Latn.ftl", "x = X\n"),
    ];
    assert_eq!(untranslated(&named).len(), 2);
    assert!(untranslated(&[("l/en.ftl", "a = A\n")])[0].contains("no l/ur.ftl"));
    assert!(untranslated(&[("l/texts.ftl", "")])[0].contains("no language"));
}

#[test]
fn doubled_keys_are_caught_and_comments_are_no_keys() {
    assert_eq!(
        doubled("a.ftl", "a = 1\n# a = 2\n    a = 3\nb = a = c\n"),
        Vec::<String>::new()
    );
    assert!(doubled("a.ftl", "a = 1\nb = 1\na = 2\n")[0].starts_with("a.ftl:3: "));
}
