//! The words: Fluent messages per language, looked up by key.
//!
//! Knows no template. Falls back from Urdu to English, and tells the caller when it did through [`Texts::has`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use serde_json::Value;
use unic_langid::{LanguageIdentifier, langid};

use crate::embedded;
use crate::error::TemplateError;
use crate::lang::Lang;

type Bundle = FluentBundle<Arc<FluentResource>>;

/// One language's messages, twice: as plain text, and with each argument wrapped in Unicode isolation marks.
struct Catalogue {
    plain: Bundle,
    isolating: Bundle,
    keys: BTreeSet<String>,
}

impl Catalogue {
    fn new(lang: Lang) -> Self {
        let bundle = |isolating: bool| {
            let mut bundle = Bundle::new_concurrent(vec![plural_locale(lang)]);
            bundle.set_use_isolating(isolating);
            bundle
        };
        Catalogue {
            plain: bundle(false),
            isolating: bundle(true),
            keys: BTreeSet::new(),
        }
    }
}

/// Roman Urdu counts as Urdu does.
fn plural_locale(lang: Lang) -> LanguageIdentifier {
    match lang {
        Lang::En => langid!("en"),
        Lang::Ur | Lang::UrLatn => langid!("ur"),
    }
}

/// Texts by key and language.
///
/// A set holds one scope: the program's own texts, or one pack's.
pub struct Texts {
    languages: BTreeMap<Lang, Catalogue>,
    /// The first fault among the embedded files; [`crate::Renderer::new`] refuses to start on it.
    fault: Option<TemplateError>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: BTreeMap<Lang, usize> = self
            .languages
            .iter()
            .map(|(lang, c)| (*lang, c.keys.len()))
            .collect();
        f.debug_struct("Texts")
            .field("keys", &counts)
            .field("fault", &self.fault)
            .finish()
    }
}

impl Texts {
    /// The program's own texts: every embedded `locales/NAME.LANG.ftl`.
    ///
    /// A faulty file (not Fluent, no language in its name, a key of another file again) is left out and remembered, and
    /// [`crate::Renderer::new`] returns it as its error.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a default would read as empty; this one carries the embedded texts"
    )]
    pub fn new() -> Self {
        let mut texts = Texts::empty();
        for (name, ftl) in embedded::files("locales", ".ftl") {
            let added = lang_of_file(&name).and_then(|lang| texts.add(lang, &name, &ftl));
            if let Err(fault) = added {
                texts.fault.get_or_insert(fault);
            }
        }
        texts
    }

    /// A set without any text, for a pack's own texts.
    #[must_use]
    pub fn empty() -> Self {
        Texts {
            languages: BTreeMap::new(),
            fault: None,
        }
    }

    /// Adds one Fluent file; `source_name` is the name errors carry.
    ///
    /// # Errors
    /// [`TemplateError::Ftl`] with the line of the first faulty entry; [`TemplateError::DuplicateKey`]. On an error the set
    /// may hold part of the file and should be dropped.
    pub fn add(&mut self, lang: Lang, source_name: &str, ftl: &str) -> Result<(), TemplateError> {
        let resource = FluentResource::try_new(ftl.to_owned()).map_err(|(_, errors)| {
            let first = errors.first();
            let offset = first.map_or(0, |e| e.pos.start);
            TemplateError::Ftl {
                file: source_name.to_owned(),
                line: line_of(ftl, offset),
                problem: first.map_or_else(|| "unknown".to_owned(), ToString::to_string),
            }
        })?;
        let resource = Arc::new(resource);
        let catalogue = self.languages.entry(lang).or_insert_with(|| Catalogue::new(lang));
        let duplicate = |errors: Vec<FluentError>| TemplateError::DuplicateKey {
            file: source_name.to_owned(),
            key: errors
                .iter()
                .find_map(|e| match e {
                    FluentError::Overriding { id, .. } => Some(id.clone()),
                    _ => None,
                })
                .unwrap_or_default(),
            lang,
        };
        catalogue
            .plain
            .add_resource(Arc::clone(&resource))
            .map_err(duplicate)?;
        catalogue.isolating.add_resource(resource).map_err(duplicate)?;
        catalogue.keys.extend(message_ids(ftl).map(str::to_owned));
        Ok(())
    }

    /// The text of `key` with its arguments filled in, without isolation marks: fit for subjects, SMS, CSV and file names.
    ///
    /// Falls back to English where the language lacks the key ([`Texts::has`] tells); `None` where English lacks it too.
    /// `key.attribute` reads an attribute. A missing argument shows as `{$name}`.
    #[must_use]
    pub fn get(&self, lang: Lang, key: &str, args: &[(&str, Value)]) -> Option<String> {
        let args = fluent_args(args.iter().map(|(name, value)| (*name, value)));
        self.lookup(lang, key, &args, false).map(|found| found.text)
    }

    /// Whether this very language has the key, no fallback.
    #[must_use]
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        let (id, attribute) = split_key(key);
        self.languages
            .get(&lang)
            .and_then(|c| c.plain.get_message(id))
            .is_some_and(|message| match attribute {
                None => message.value().is_some(),
                Some(name) => message.get_attribute(name).is_some(),
            })
    }

    /// Every message key of this very language, sorted.
    #[must_use]
    pub fn keys(&self, lang: Lang) -> Vec<String> {
        self.languages
            .get(&lang)
            .map(|c| c.keys.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// The fault found while loading the embedded files, if any.
    pub(crate) fn take_fault(&mut self) -> Option<TemplateError> {
        self.fault.take()
    }

    /// [`Texts::get`] with the choice of isolation marks and the formatter's complaints.
    pub(crate) fn lookup(
        &self,
        lang: Lang,
        key: &str,
        args: &FluentArgs<'_>,
        isolating: bool,
    ) -> Option<Found> {
        std::iter::successors(Some(lang), |lang| lang.fallback()).find_map(|lang| {
            let catalogue = self.languages.get(&lang)?;
            let bundle = if isolating {
                &catalogue.isolating
            } else {
                &catalogue.plain
            };
            format(bundle, key, args)
        })
    }
}

/// A text, and what its formatting lacked.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) problem: Option<String>,
}

/// `key` or `key.attribute`.
fn split_key(key: &str) -> (&str, Option<&str>) {
    key.split_once('.')
        .map_or((key, None), |(id, attribute)| (id, Some(attribute)))
}

fn format(bundle: &Bundle, key: &str, args: &FluentArgs<'_>) -> Option<Found> {
    let (id, attribute) = split_key(key);
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(name) => message.get_attribute(name)?.value(),
    };
    let mut errors = Vec::new();
    let text = bundle
        .format_pattern(pattern, Some(args), &mut errors)
        .into_owned();
    let problem = (!errors.is_empty()).then(|| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    });
    Some(Found { text, problem })
}

/// Arguments as Fluent wants them: numbers stay numbers (plurals need them), the rest becomes text.
pub(crate) fn fluent_args<'v, N>(args: impl Iterator<Item = (N, &'v Value)>) -> FluentArgs<'v>
where
    N: Into<std::borrow::Cow<'v, str>>,
{
    args.map(|(name, value)| (name, fluent_value(value))).collect()
}

fn fluent_value(value: &Value) -> FluentValue<'_> {
    match value {
        Value::String(s) => FluentValue::from(s.as_str()),
        Value::Number(n) => n
            .as_i64()
            .map(FluentValue::from)
            .or_else(|| n.as_f64().map(FluentValue::from))
            .unwrap_or(FluentValue::Error),
        Value::Bool(b) => FluentValue::from(if *b { "true" } else { "false" }),
        Value::Null => FluentValue::from(""),
        other => FluentValue::from(other.to_string()),
    }
}

/// `pages.ur.ftl` is Urdu; `NAME.LANG.ftl` always.
pub(crate) fn lang_of_file(name: &str) -> Result<Lang, TemplateError> {
    let wrong = |problem: String| TemplateError::FileName {
        file: name.to_owned(),
        problem,
    };
    let stem = name
        .strip_suffix(".ftl")
        .ok_or_else(|| wrong("a locale file ends in `.ftl`".to_owned()))?;
    let tag = stem.rsplit(['.', '/']).next().unwrap_or(stem);
    tag.parse()
        .map_err(|e: crate::lang::UnknownLang| wrong(format!("{e}; name locale files `NAME.LANG.ftl`")))
}

/// Message ids stand at the start of a line, before `=`; terms (`-name`), comments and attributes are none of them.
fn message_ids(ftl: &str) -> impl Iterator<Item = &str> {
    ftl.lines().filter_map(|line| {
        let (id, _) = line.split_once('=')?;
        let id = id.trim_end_matches(' ');
        let starts = id.starts_with(|c: char| c.is_ascii_alphabetic());
        let legal = id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        (starts && legal).then_some(id)
    })
}

fn line_of(source: &str, offset: usize) -> usize {
    let end = offset.min(source.len());
    source.as_bytes()[..end].split(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Texts {
        let mut texts = Texts::empty();
        texts.add(Lang::En, "a.en.ftl", "# note\nhello = Hello\nbye = Bye { $who }\n    .title = Parting\nitems = { $n ->\n    [one] one item\n   *[other] { $n } items\n}\n-brand = X\n").unwrap();
        texts
            .add(
                Lang::Ur,
                "a.ur.ftl",
                "hello = سلام\nitems = { $n ->\n    [one] ایک چیز\n   *[other] { $n } چیزیں\n}\n",
            )
            .unwrap();
        texts
    }

    #[test]
    fn urdu_falls_back_to_english_and_says_so() {
        let texts = sample();
        assert_eq!(texts.get(Lang::Ur, "hello", &[]).unwrap(), "سلام");
        assert_eq!(
            texts.get(Lang::Ur, "bye", &[("who", json!("A"))]).unwrap(),
            "Bye A"
        );
        assert!(texts.has(Lang::En, "bye") && !texts.has(Lang::Ur, "bye"));
        assert_eq!(texts.get(Lang::UrLatn, "hello", &[]).unwrap(), "Hello");
        assert_eq!(texts.get(Lang::Ur, "nothing", &[]), None);
        assert_eq!(texts.get(Lang::En, "bye.title", &[]).unwrap(), "Parting");
    }

    #[test]
    fn plurals_count_in_latin_digits_in_both_languages() {
        let texts = sample();
        for (lang, n, expected) in [
            (Lang::En, 1, "one item"),
            (Lang::En, 1200, "1200 items"),
            (Lang::Ur, 1, "ایک چیز"),
            (Lang::Ur, 25, "25 چیزیں"),
        ] {
            assert_eq!(texts.get(lang, "items", &[("n", json!(n))]).unwrap(), expected);
        }
    }

    #[test]
    fn isolation_marks_only_where_asked_for() {
        let texts = sample();
        let value = json!("A");
        let args = fluent_args([("who", &value)].into_iter());
        assert_eq!(
            texts.lookup(Lang::En, "bye", &args, true).unwrap().text,
            "Bye \u{2068}A\u{2069}"
        );
        assert_eq!(texts.lookup(Lang::En, "bye", &args, false).unwrap().text, "Bye A");
    }

    #[test]
    fn keys_are_messages_only() {
        assert_eq!(sample().keys(Lang::En), ["bye", "hello", "items"]);
        assert_eq!(sample().keys(Lang::UrLatn), Vec::<String>::new());
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let mut texts = Texts::empty();
        let error = texts
            .add(
                Lang::En,
                "pages.en.ftl",
                "good = Good\n\nbad { = Bad\nother = Other\n",
            )
            .unwrap_err();
        assert!(error.to_string().starts_with("pages.en.ftl:3: "), "{error}");
        let error = sample().add(Lang::En, "b.en.ftl", "hello = Again\n").unwrap_err();
        assert!(error.to_string().contains("`hello`"), "{error}");
    }

    #[test]
    fn a_locale_file_name_carries_its_language() {
        assert_eq!(lang_of_file("common.ur-Latn.ftl").unwrap(), Lang::UrLatn);
        assert_eq!(lang_of_file("ur.ftl").unwrap(), Lang::Ur);
        assert!(lang_of_file("common.ftl").is_err());
        assert!(lang_of_file("common.en.txt").is_err());
    }

    #[test]
    fn every_own_text_exists_in_english_and_urdu() {
        let texts = Texts::new();
        assert!(texts.fault.is_none(), "{:?}", texts.fault);
        // The pages' own files are compared file by file, so that a gap names its file.
        for (name, ftl) in embedded::files("locales", ".en.ftl") {
            let twin = name.replace(".en.ftl", ".ur.ftl");
            let urdu = embedded::files("locales", ".ur.ftl")
                .into_iter()
                .find(|(other, _)| *other == twin)
                .unwrap()
                .1;
            let ids = |ftl: &str| message_ids(ftl).map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(ids(&ftl), ids(&urdu), "{name} and {twin}");
        }
        assert!(texts.has(Lang::En, "month-1"));
    }

    #[test]
    fn no_own_text_hides_direction_marks_or_arabic_letters() {
        // Urdu uses ی ک ہ; the Arabic look-alikes break searching and spelling.
        let forbidden = |c: char| matches!(c, 'ي' | 'ك' | 'ه' | 'ى' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for (name, text) in embedded::files("locales", ".ftl")
            .into_iter()
            .chain(embedded::files("messages", ""))
        {
            let found: Vec<char> = text.chars().filter(|c| forbidden(*c)).collect();
            assert!(found.is_empty(), "{name}: {found:?}");
        }
    }
}
