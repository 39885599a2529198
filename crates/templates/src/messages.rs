//! What a message consists of, and how its template files are named.
//!
//! Knows no channel's protocol and no recipient.

use serde::{Deserialize, Serialize};

use crate::error::TemplateError;
use crate::lang::Lang;
use crate::sms::SmsCount;

/// The way a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Mail: a subject, a plain text, and mostly an HTML form of it.
    Email,
    /// A short message: one plain text.
    Sms,
}

/// A finished message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rendered {
    /// The language it is written in; English where Roman Urdu was asked for and the kind has none.
    pub lang: Lang,
    /// One line, saying nothing of a case. Mail only.
    pub subject: Option<String>,
    /// The plain text.
    pub text: String,
    /// The HTML form. Mail only.
    pub html: Option<String>,
    /// The size. SMS only.
    pub sms: Option<SmsCount>,
}

/// A part of a message, each from its own template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Subject,
    Txt,
    Html,
    Sms,
}

impl Part {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Part::Subject => "subject",
            Part::Txt => "txt",
            Part::Html => "html",
            Part::Sms => "sms",
        }
    }
}

/// The least disclosure level a recipient needs to be sent this kind of message.
///
/// The built-in kinds for staff speak of cases and need 2; family kinds need 0. A pack's own kind needs 0 here and is held
/// back at level 0 by its words.
#[must_use]
pub fn min_level(kind: &str) -> u8 {
    const STAFF: [&str; 7] = [
        "reminder",
        "outcome_question",
        "missed",
        "task",
        "morning_digest",
        "stalled_digest",
        "scheduler_alarm",
    ];
    if STAFF.contains(&kind) { 2 } else { 0 }
}

/// Whether a kind is meant for families at level 0, and so must be neutral in every word.
pub(crate) fn is_family(kind: &str) -> bool {
    kind.starts_with("family_")
}

/// What a template file's name says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) kind: String,
    /// `None`: for every language, its words taken from the locale files by `t`.
    pub(crate) lang: Option<Lang>,
    pub(crate) part: Part,
}

impl FileName {
    /// Reads `KIND[.LANG][.email|.sms].PART[.tera]`; `None` for a shared layout, whose name starts with `_`.
    pub(crate) fn parse(path: &str) -> Result<Option<Self>, TemplateError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with('_') {
            return Ok(None);
        }
        let wrong = |problem: &str| TemplateError::FileName {
            file: path.to_owned(),
            problem: format!(
                "{problem}; name message templates KIND.LANG.PART.tera with PART subject, txt, html or sms"
            ),
        };
        let mut pieces: Vec<&str> = name.strip_suffix(".tera").unwrap_or(name).split('.').collect();
        let last = pieces.pop().unwrap_or_default();
        let channel = pieces.pop_if(|p| matches!(*p, "email" | "sms"));
        let part = match (channel, last) {
            (None | Some("email"), "subject") => Part::Subject,
            (None | Some("email"), "txt" | "text") => Part::Txt,
            (None | Some("email"), "html") => Part::Html,
            (None, "sms") | (Some("sms"), "txt" | "text") => Part::Sms,
            _ => return Err(wrong("the name does not end in a known part")),
        };
        let (kind, lang) = match pieces.as_slice() {
            [kind] => (*kind, None),
            [kind, tag] => (
                *kind,
                Some(tag.parse::<Lang>().map_err(|e| wrong(&e.to_string()))?),
            ),
            _ => return Err(wrong("the name has too many pieces")),
        };
        if kind.is_empty() {
            return Err(wrong("the name has no kind"));
        }
        Ok(Some(FileName {
            kind: kind.to_owned(),
            lang,
            part,
        }))
    }

    /// The name the engine knows the template by, inside its scope.
    pub(crate) fn key(&self) -> String {
        key(&self.kind, self.lang, self.part)
    }
}

/// `KIND.LANG.PART`, or `KIND.PART` for every language.
pub(crate) fn key(kind: &str, lang: Option<Lang>, part: Part) -> String {
    match lang {
        Some(lang) => format!("{kind}.{lang}.{}", part.name()),
        None => format!("{kind}.{}", part.name()),
    }
}

/// One line without control, direction or doubled blanks: fit for a mail header.
pub(crate) fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_direction_mark(*c))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A body with no blanks at line ends, no doubled empty lines, and one line feed at the end.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true; // swallows empty lines at the start
    for line in text.trim_end().lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Invisible marks that order text; in an SMS each costs a unit and old phones show them as boxes.
pub(crate) const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names() {
        for (name, kind, lang, part) in [
            ("reminder.subject.tera", "reminder", None, Part::Subject),
            (
                "family_news.ur-Latn.sms.tera",
                "family_news",
                Some(Lang::UrLatn),
                Part::Sms,
            ),
            (
                "hearing_reminder.en.email.txt",
                "hearing_reminder",
                Some(Lang::En),
                Part::Txt,
            ),
            ("messages/x.ur.email.html", "x", Some(Lang::Ur), Part::Html),
            ("x.ur.sms.txt", "x", Some(Lang::Ur), Part::Sms),
        ] {
            let expected = FileName {
                kind: kind.to_owned(),
                lang,
                part,
            };
            assert_eq!(FileName::parse(name).unwrap(), Some(expected), "{name}");
        }
        assert_eq!(FileName::parse("_layout.html.tera").unwrap(), None);
        for name in [
            "x",
            "x.en.pdf",
            "x.fr.txt",
            "x.y.en.txt",
            ".en.txt",
            "x.en.sms.html",
            "",
        ] {
            assert!(FileName::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_subject_cannot_smuggle_a_header() {
        assert_eq!(
            one_line("  A\r\nBcc: x@example.org \u{2068}b\u{2069} "),
            "A Bcc: x@example.org b"
        );
    }

    #[test]
    fn bodies_are_tidied() {
        assert_eq!(tidy("\n\n a \n\n\n\nb\n\n"), " a\n\nb\n");
        assert_eq!(tidy(""), "");
    }
}
