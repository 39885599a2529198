//! Texts that anybody may read on a borrowed phone, and the words that must not stand in them.
//! Knows where such texts lie in a pack; the words are the caller's, for one list serves texts at load and at sending.

use std::ops::Range;

use super::chart::FILE;
use super::finding::{Finding, Place};
use super::load::{PackFiles, in_order};

/// The forbidden words of a text, as byte ranges.
pub type Forbidden<'a> = &'a dyn Fn(&str) -> Vec<Range<usize>>;

/// Every forbidden word in the public words, the messages for families, the subjects and the references of a pack.
pub fn disclosures(files: &PackFiles, forbidden: Forbidden<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in files {
        let shown = if file.starts_with("locales/") {
            public_words(text)
        } else if let Some(name) = file.strip_prefix("messages/") {
            message(name, text)
        } else if file == FILE {
            reference(text)
        } else {
            continue;
        };
        // What is not shown is blanked, so that places stay what they are in the file.
        for word in forbidden(&shown) {
            let said = text.get(word.clone()).unwrap_or_default().to_owned();
            findings.push(Finding::error(
                "discloses",
                &Place::bytes(file, text, word),
                format!("`{said}` stands in words that anybody may read on a borrowed phone"),
                "say it without place, court, police, faith, law, organisation or case, such as `Please call us.`",
            ));
        }
    }
    in_order(findings)
}

/// The words of `public-…` keys, with the lines that continue them.
fn public_words(text: &str) -> String {
    let mut shown = false;
    kept(text, |line| {
        let continues = line.starts_with([' ', '\t']);
        if !continues {
            shown = line.starts_with("public-");
        }
        match (shown, line.find('=')) {
            (false, _) => line.len()..line.len(),
            (true, Some(equals)) if !continues => equals + 1..line.len(),
            (true, _) => 0..line.len(),
        }
    })
}

/// A message for families, or the subject of any message, without its tags.
fn message(name: &str, text: &str) -> String {
    let subject = name.split('.').any(|part| part == "subject");
    if !name.starts_with("family_") && !subject {
        return String::new();
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = match rest.get(open..open + 2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => "{",
        };
        let end = rest[open..]
            .find(close)
            .map_or(rest.len(), |at| open + at + close.len());
        shown.push_str(&rest[..open]);
        shown.push_str(&" ".repeat(end - open));
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

/// The letters of the reference pattern that stand in every reference.
fn reference(text: &str) -> String {
    let plain = kept(text, |line| match line.strip_prefix("reference:") {
        Some(rest) => line.len() - rest.len()..line.find(" #").unwrap_or(line.len()),
        None => line.len()..line.len(),
    });
    let mut inside = false;
    blanked(&plain, |c| {
        inside = (inside || c == '{') && c != '}';
        inside
    })
}

/// The text with everything blanked but, of each line, what `part` keeps.
fn kept(text: &str, mut part: impl FnMut(&str) -> Range<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let keep = part(line);
        out.push_str(&" ".repeat(keep.start));
        out.push_str(&line[keep.clone()]);
        out.push_str(&" ".repeat(line.len() - keep.end.max(keep.start)));
    }
    out
}

fn blanked(text: &str, mut hide: impl FnMut(char) -> bool) -> String {
    text.chars()
        .map(|c| {
            if hide(c) {
                " ".repeat(c.len_utf8())
            } else {
                c.to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_may_be_read_and_nowhere_else() {
        let forbidden = |text: &str| -> Vec<Range<usize>> {
            text.match_indices("court")
                .map(|(at, word)| at..at + word.len())
                .collect()
        };
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let files = PackFiles::from([
            file(
                "locales/en.ftl",
                "state-a = in court\npublic-a = All is well\n    near the court\npublic-b = پیش court\n",
            ),
            file(
                "messages/family_x.en.sms.tera",
                "Call {{ court }} {% if court %} éé court{% endif %}",
            ),
            file("messages/other.en.txt.tera", "the court"),
            file("messages/other.en.subject.tera", "court"),
            file(
                "workflow.yaml",
                "workflow: court\nreference: \"court-{court}\" # court\n",
            ),
        ]);
        let found: Vec<(String, u64, u64)> = disclosures(&files, &forbidden)
            .into_iter()
            .map(|f| {
                assert_eq!(f.code, "discloses");
                let text = &files[&f.file];
                assert_eq!(&text[f.span.0..f.span.0 + f.span.1], "court");
                (f.file, f.line, f.column)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("locales/en.ftl".to_owned(), 3, 14),
                ("locales/en.ftl".to_owned(), 4, 16),
                ("messages/family_x.en.sms.tera".to_owned(), 1, 36),
                ("messages/other.en.subject.tera".to_owned(), 1, 1),
                ("workflow.yaml".to_owned(), 2, 13),
            ]
        );
    }
}
