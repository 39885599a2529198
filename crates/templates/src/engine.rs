//! One tera engine: its functions and filters, bound to a language and to the texts of a pack.
//!
//! Because language and texts are bound when the engine is made, `t` and the date filters work everywhere alike: in
//! layouts, includes, loops and components. Knows no template by name.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use chrono_tz::Tz;
use serde_json::Value as Json;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use crate::dates::{DEFAULT_ZONE, Dictionary, Local, Style, Words};
use crate::lang::Lang;
use crate::texts::{Found, Texts, fluent_args};

/// The texts of every pack and version that a renderer has learned, by the name it learned them under.
pub(crate) type Shelf = Arc<RwLock<BTreeMap<String, Arc<Texts>>>>;

/// The texts an engine searches: the pack's first, then the program's own, and last those of other versions of the pack,
/// for a name that only an older one knows.
#[derive(Clone)]
pub(crate) struct Vocabulary {
    pub(crate) lang: Lang,
    pub(crate) name: Option<String>,
    pub(crate) pack: Option<Arc<Texts>>,
    pub(crate) base: Arc<Texts>,
    pub(crate) shelf: Shelf,
}

impl Vocabulary {
    /// The text of `key`, without a preference for what a template does with a missing one. `words` names a version whose
    /// texts come before all others.
    pub(crate) fn find(
        &self,
        key: &str,
        words: Option<&str>,
        args: &fluent_bundle::FluentArgs<'_>,
        isolating: bool,
    ) -> Option<Found> {
        let asked = words.and_then(|name| self.shelf().get(name).cloned());
        let first: Vec<&Arc<Texts>> = asked.iter().chain(&self.pack).chain([&self.base]).collect();
        self.search(&first, key, args, isolating).or_else(|| {
            let others = self.other_versions();
            self.search(&others.iter().collect::<Vec<_>>(), key, args, isolating)
        })
    }

    /// A pack's Urdu before the program's Urdu, and either before a fallback to English.
    fn search(
        &self,
        scopes: &[&Arc<Texts>],
        key: &str,
        args: &fluent_bundle::FluentArgs<'_>,
        isolating: bool,
    ) -> Option<Found> {
        let own = scopes.iter().find(|texts| texts.has(self.lang, key));
        own.or_else(|| {
            scopes
                .iter()
                .find(|texts| texts.lookup(self.lang, key, args, false).is_some())
        })
        .and_then(|texts| texts.lookup(self.lang, key, args, isolating))
    }

    fn shelf(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Texts>>> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn other_versions(&self) -> Vec<Arc<Texts>> {
        let Some(name) = &self.name else { return Vec::new() };
        let same = |known: &&String| version_of(known) == name;
        let shelf = self.shelf();
        let all = shelf.keys().filter(same).cloned().collect::<Vec<_>>();
        all.iter().filter_map(|known| shelf.get(known).cloned()).collect()
    }
}

/// The pack that a name of a version (`NAME@HASH`) belongs to.
pub(crate) fn version_of(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

impl Words for Vocabulary {
    /// Names of months and days are always the program's own: a pack cannot misname a day.
    fn word(&self, key: &str, args: &fluent_bundle::FluentArgs<'_>) -> Result<String, String> {
        Dictionary {
            texts: &self.base,
            lang: self.lang,
        }
        .word(key, args)
    }
}

/// What happens when a template asks for a text that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A page shows `⟦key⟧`, so that the rest of the page stays usable and the gap is seen.
    Shown,
    /// A message is not sent.
    Refused,
}

/// Gives an engine its functions and filters, replacing those it had.
pub(crate) fn equip(tera: &mut Tera, vocabulary: &Vocabulary, missing: Missing) {
    let lang = vocabulary.lang;
    tera.global_context().insert("lang", lang.html_lang());
    tera.global_context().insert("dir", lang.dir());

    let words = vocabulary.clone();
    tera.register_function("t", move |kwargs: Kwargs, state: &State| {
        translate(&words, missing, &kwargs, state)
    });
    for (name, style) in [
        ("date", Style::Date),
        ("day", Style::Day),
        ("datetime", Style::DateTime),
        ("time", Style::Time),
        ("dmy", Style::Dmy),
    ] {
        let words = vocabulary.clone();
        tera.register_filter(
            name,
            move |value: Value, kwargs: Kwargs, _: &State| -> TeraResult<String> {
                local(&value, &kwargs)?
                    .write(&words, style)
                    .map_err(Error::message)
            },
        );
    }
    // Both need the other instant as `now=`: nothing here reads a clock.
    let words = vocabulary.clone();
    tera.register_filter("ago", move |value: Value, kwargs: Kwargs, _: &State| {
        count_days(&words, "days-ago", -days(&value, &kwargs)?)
    });
    let words = vocabulary.clone();
    tera.register_filter("in_days", move |value: Value, kwargs: Kwargs, _: &State| {
        let days = days(&value, &kwargs)?;
        if days < 0 {
            count_days(&words, "days-ago", -days)
        } else {
            count_days(&words, "days-ahead", days)
        }
    });
    tera.register_filter(
        "days_until",
        |value: Value, kwargs: Kwargs, _: &State| -> TeraResult<i64> { days(&value, &kwargs) },
    );
    tera.register_filter("bdi", move |value: Value, _: Kwargs, state: &State| {
        isolate(lang, &value, state)
    });
}

/// `t(key="…", name=value, …)`; `words="…"` asks another version of the pack first.
fn translate(words: &Vocabulary, missing: Missing, kwargs: &Kwargs, state: &State) -> TeraResult<String> {
    let key = kwargs.must_get::<&str>("key")?;
    let whose = kwargs.get::<&str>("words").ok().flatten();
    let given: Vec<(String, Json)> = kwargs
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value)))
        .filter(|(name, _)| name != "key" && name != "words")
        .map(|(name, value)| Ok((name, serde_json::to_value(value).map_err(Error::message)?)))
        .collect::<TeraResult<_>>()?;
    let args = fluent_args(given.iter().map(|(name, value)| (name.as_str(), value)));
    // In Urdu HTML a Latin name or number must not reorder the sentence; subjects, SMS and plain text stay free of marks.
    let isolating = state.autoescaping_enabled() && words.lang.dir() == "rtl";
    match (words.find(key, whose, &args, isolating), missing) {
        (Some(Found { text, problem: None }), _) | (Some(Found { text, .. }), Missing::Shown) => Ok(text),
        (
            Some(Found {
                problem: Some(problem),
                ..
            }),
            Missing::Refused,
        ) => Err(Error::message(format!(
            "the text `{key}` cannot be filled in: {problem}"
        ))),
        (None, Missing::Shown) => Ok(format!("⟦{key}⟧")),
        (None, Missing::Refused) => Err(Error::message(format!("no locale file defines the text `{key}`"))),
    }
}

/// Reads the filtered value as a moment in the zone asked for.
fn local(value: &Value, kwargs: &Kwargs) -> TeraResult<Local> {
    let text = value.as_str().ok_or_else(|| {
        Error::message(format!(
            "a date filter was given {} instead of a text: test the value with `{{% if %}}` first",
            value.name()
        ))
    })?;
    Local::parse(text, zone(kwargs)?).map_err(Error::message)
}

fn zone(kwargs: &Kwargs) -> TeraResult<Tz> {
    match kwargs.get::<&str>("zone")? {
        None => Ok(DEFAULT_ZONE),
        Some(name) => name
            .parse()
            .map_err(|_| Error::message(format!("`{name}` is no IANA time zone"))),
    }
}

/// Local calendar days from `now` to the value; negative in the past.
fn days(value: &Value, kwargs: &Kwargs) -> TeraResult<i64> {
    let now = Local::parse(kwargs.must_get::<&str>("now")?, zone(kwargs)?).map_err(Error::message)?;
    Ok(local(value, kwargs)?.days_since(now))
}

fn count_days(words: &Vocabulary, key: &str, days: i64) -> TeraResult<String> {
    let mut args = fluent_bundle::FluentArgs::new();
    args.set("days", days);
    words.word(key, &args).map_err(Error::message)
}

/// Keeps a number or reference of the other direction in one piece: `<bdi>` in HTML, isolation marks in an Urdu plain-text
/// mail, nothing in subjects and SMS, where each mark is shown as a box or paid for.
fn isolate(lang: Lang, value: &Value, state: &State) -> TeraResult<Value> {
    if value.is_undefined() || value.is_none() {
        return Err(Error::message(
            "`bdi` was given no value: test it with `{% if %}` first",
        ));
    }
    if state.autoescaping_enabled() {
        return Ok(Value::safe_string(&format!(
            "<bdi>{}</bdi>",
            state.escape_if_needed(value)?
        )));
    }
    let marked = lang.dir() == "rtl" && state.get::<String>("part")?.as_deref() == Some("txt");
    Ok(if marked {
        Value::from(format!("\u{2068}{value}\u{2069}"))
    } else {
        value.clone()
    })
}
