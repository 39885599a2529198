//! Turns a context into a page or a message.
//!
//! Loads every embedded template at start, so that a broken one stops the program and not a message at night. Knows no
//! recipient and no address; the disclosure level is told by the caller and guarded here by the words.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use serde::Serialize;
use tera::{Context, Tera};

use crate::contexts;
use crate::disclosure;
use crate::embedded;
use crate::engine::{Missing, Shelf, Vocabulary, equip, version_of};
use crate::error::TemplateError;
use crate::lang::Lang;
use crate::messages::{self, Channel, FileName, Part, Rendered};
use crate::sms::SmsCount;
use crate::texts::{Texts, fluent_args};

mod writing;

use writing::Writing;

#[cfg(test)]
mod tests;

/// The engines of one scope (the program's own, or a pack's) in one language.
struct Engines {
    vocabulary: Vocabulary,
    pages: Tera,
    messages: Tera,
}

/// Renders pages and messages in every language, for the program and for each pack.
pub struct Renderer {
    base: Arc<Texts>,
    shelf: Shelf,
    /// Sources as loaded, `(template name, content)`: each engine is built from them.
    pages: Vec<(String, String)>,
    messages: Vec<(String, String)>,
    engines: BTreeMap<(Option<String>, Lang), Engines>,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer")
            .field("texts", &self.base)
            .field("pages", &self.pages.len())
            .field("messages", &self.messages.len())
            .field("scopes", &self.engines.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Renderer {
    /// Loads every embedded page and message and renders each family message with samples.
    ///
    /// # Errors
    /// A faulty locale file, a template that does not parse or names something unknown, a file name that says nothing, a
    /// family message that discloses.
    pub fn new(texts: Texts) -> Result<Self, TemplateError> {
        let pages = embedded::files("pages", ".html");
        let messages = embedded::files("messages", ".tera");
        Self::from_sources(texts, pages, messages)
    }

    /// [`Renderer::new`] from given sources: `(file name, content)`.
    fn from_sources(
        mut texts: Texts,
        pages: Vec<(String, String)>,
        messages: Vec<(String, String)>,
    ) -> Result<Self, TemplateError> {
        if let Some(fault) = texts.take_fault() {
            return Err(fault);
        }
        let pages = pages
            .into_iter()
            .map(|(path, source)| (format!("pages/{path}"), source))
            .collect();
        let messages = named(messages, "")?;
        let mut renderer = Renderer {
            base: Arc::new(texts),
            shelf: Shelf::default(),
            pages,
            messages,
            engines: BTreeMap::new(),
        };
        for lang in Lang::ALL {
            let engines = renderer.build(lang, None, None, &[])?;
            renderer.engines.insert((None, lang), engines);
        }
        renderer.check_family_messages()?;
        Ok(renderer)
    }

    /// Loads a pack's texts `(language, file name, Fluent source)` and message templates `(file name, source)`, replacing
    /// what an earlier call loaded for the same pack. An earlier version of a pack is learned under `NAME@HASH`. A message of the same kind, language and part goes before the built-in one.
    ///
    /// # Errors
    /// As [`Renderer::new`]; the renderer then stays as it was. Family messages (`family_…`) and all subjects are checked for
    /// forbidden words.
    pub fn add_pack(
        &mut self,
        pack: &str,
        texts: &[(Lang, String, String)],
        messages: &[(String, String)],
    ) -> Result<(), TemplateError> {
        let mut own = Texts::empty();
        for (lang, file, ftl) in texts {
            own.add(*lang, &format!("pack/{pack}/{file}"), ftl)?;
        }
        for (file, source) in messages {
            check_static_words(file, source)?;
        }
        let own = Arc::new(own);
        let templates = named(messages.to_vec(), &scope_prefix(Some(pack)))?;
        let mut built = Vec::new();
        for lang in Lang::ALL {
            built.push((lang, self.build(lang, Some(pack), Some(&own), &templates)?));
        }
        let mut shelf = self.shelf.write().unwrap_or_else(PoisonError::into_inner);
        shelf.insert(pack.to_owned(), own);
        drop(shelf);
        for (lang, engines) in built {
            self.engines.insert((Some(pack.to_owned()), lang), engines);
        }
        Ok(())
    }

    fn build(
        &self,
        lang: Lang,
        name: Option<&str>,
        pack: Option<&Arc<Texts>>,
        extra: &[(String, String)],
    ) -> Result<Engines, TemplateError> {
        let vocabulary = Vocabulary {
            lang,
            name: name.map(|n| version_of(n).to_owned()),
            pack: pack.cloned(),
            base: Arc::clone(&self.base),
            shelf: Arc::clone(&self.shelf),
        };
        let load = |sources: &mut dyn Iterator<Item = &(String, String)>, missing: Missing| {
            let mut tera = Tera::new();
            tera.autoescape_on([".html"]);
            // A page may write `{% extends "layout.html" %}` as well as `"pages/layout.html"`.
            tera.set_fallback_prefixes(["pages/"])
                .map_err(|e| TemplateError::Load(explain(&e)))?;
            equip(&mut tera, &vocabulary, missing);
            tera.add_raw_templates(sources.map(|(name, source)| (name.as_str(), source.as_str())))
                .map_err(|e| TemplateError::Load(explain(&e)))?;
            Ok::<Tera, TemplateError>(tera)
        };
        let pages = load(&mut self.pages.iter(), Missing::Shown)?;
        let messages = load(&mut self.messages.iter().chain(extra), Missing::Refused)?;
        Ok(Engines {
            vocabulary,
            pages,
            messages,
        })
    }

    /// A version (`NAME@HASH`) whose texts were never learned is written in the words of the pack's current one.
    fn engines(&self, pack: Option<&str>, lang: Lang) -> Result<&Engines, TemplateError> {
        let of = |name: Option<&str>| self.engines.get(&(name.map(str::to_owned), lang));
        of(pack)
            .or_else(|| of(Some(version_of(pack?))))
            .ok_or_else(|| TemplateError::UnknownPack(pack.unwrap_or_default().to_owned()))
    }

    /// Renders `pages/NAME.html`, everything escaped for HTML. `lang` and `dir` are set for the template; a text that no
    /// locale file defines shows as `⟦key⟧`. `context` is a struct or map.
    ///
    /// # Errors
    /// No such page or pack; an undefined name; a filter given the wrong thing.
    pub fn page(
        &self,
        name: &str,
        lang: Lang,
        pack: Option<&str>,
        context: &impl Serialize,
    ) -> Result<String, TemplateError> {
        let tera = &self.engines(pack, lang)?.pages;
        let template = format!("pages/{name}.html");
        if !tera.contains_template(&template) {
            return Err(TemplateError::NoPage(name.to_owned()));
        }
        let context = prepare(context, lang, &template)?;
        render(tera, &template, lang, &context)
    }

    /// Whether a page template of that name exists.
    #[must_use]
    pub fn has_page(&self, name: &str) -> bool {
        let template = format!("pages/{name}.html");
        self.pages.iter().any(|(known, _)| *known == template)
    }

    /// The text of `key` as a template of that pack and language would get it; `None` where nobody defines it.
    #[must_use]
    pub fn text(
        &self,
        pack: Option<&str>,
        lang: Lang,
        key: &str,
        args: &[(&str, serde_json::Value)],
    ) -> Option<String> {
        let args = fluent_args(args.iter().map(|(name, value)| (*name, value)));
        let engines = self.engines(pack, lang).ok()?;
        engines
            .vocabulary
            .find(key, None, &args, false)
            .map(|found| found.text)
    }

    /// Renders a message for a recipient who may be told `level` (0 "please call" … 3 everything).
    ///
    /// A staff kind without Roman Urdu texts is written in English for that language; [`Rendered::lang`] tells.
    ///
    /// # Errors
    /// A part missing in the language; a level below the kind's; an undefined name or text; at level 0 any forbidden word.
    pub fn message(
        &self,
        pack: Option<&str>,
        kind: &str,
        channel: Channel,
        lang: Lang,
        level: u8,
        context: &impl Serialize,
    ) -> Result<Rendered, TemplateError> {
        let needed = messages::min_level(kind);
        if level < needed {
            return Err(TemplateError::LevelTooLow {
                kind: kind.to_owned(),
                level,
                needed,
            });
        }
        let first = match channel {
            Channel::Email => Part::Txt,
            Channel::Sms => Part::Sms,
        };
        let lang = self.language(pack, kind, lang, first)?;
        let writing = Writing {
            renderer: self,
            pack,
            kind,
            lang,
            level,
        };
        match channel {
            Channel::Sms => {
                let raw = writing.required(Part::Sms, context)?;
                let text: String = raw
                    .trim()
                    .chars()
                    .filter(|c| !messages::is_direction_mark(*c))
                    .collect();
                Ok(Rendered {
                    lang,
                    subject: None,
                    sms: Some(SmsCount::of(&text)),
                    text,
                    html: None,
                })
            }
            Channel::Email => {
                let subject = messages::one_line(&writing.required(Part::Subject, context)?);
                if subject.is_empty() {
                    return Err(TemplateError::EmptySubject {
                        kind: kind.to_owned(),
                        lang,
                    });
                }
                let text = messages::tidy(&writing.required(Part::Txt, context)?);
                let html = writing
                    .optional(Part::Html, context)?
                    .map(|html| messages::tidy(&html));
                Ok(Rendered {
                    lang,
                    subject: Some(subject),
                    text,
                    html,
                    sms: None,
                })
            }
        }
    }

    /// Roman Urdu is written for families only: a kind that has it in neither form of file is written in English.
    fn language(
        &self,
        pack: Option<&str>,
        kind: &str,
        lang: Lang,
        part: Part,
    ) -> Result<Lang, TemplateError> {
        let tera = &self.engines(pack, lang)?.messages;
        let own = [scope_prefix(pack), String::new()].iter().any(|scope| {
            tera.contains_template(&format!("{scope}{}", messages::key(kind, Some(lang), part)))
        });
        let falls_back = lang == Lang::UrLatn && !own && !messages::is_family(kind);
        Ok(if falls_back { Lang::En } else { lang })
    }

    /// Every family message, with each sample, in each language and on each channel, passes the disclosure rule.
    fn check_family_messages(&self) -> Result<(), TemplateError> {
        let mut kinds: Vec<&str> = self
            .messages
            .iter()
            .filter_map(|(name, _)| name.split('.').next())
            .filter(|k| messages::is_family(k))
            .collect();
        kinds.dedup();
        for kind in kinds {
            for lang in Lang::ALL {
                for channel in [Channel::Email, Channel::Sms] {
                    for sample in contexts::FamilyContext::samples() {
                        self.message(None, kind, channel, lang, 0, &sample)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Where a pack's templates live among the engine's names.
fn scope_prefix(pack: Option<&str>) -> String {
    pack.map(|pack| format!("pack/{}/", version_of(pack)))
        .unwrap_or_default()
}

/// File names turned into the engine's names; a shared layout keeps its own without `.tera`.
fn named(files: Vec<(String, String)>, scope: &str) -> Result<Vec<(String, String)>, TemplateError> {
    files
        .into_iter()
        .map(|(file, source)| {
            let name = match FileName::parse(&file)? {
                Some(name) => name.key(),
                None => file
                    .rsplit('/')
                    .next()
                    .unwrap_or(&file)
                    .trim_end_matches(".tera")
                    .to_owned(),
            };
            Ok((format!("{scope}{name}"), source))
        })
        .collect()
}

/// A pack's family message, and the subject of any kind, is searched for forbidden words outside its tags when it is
/// loaded; what its expressions produce is searched at each rendering.
fn check_static_words(file: &str, source: &str) -> Result<(), TemplateError> {
    let Some(name) = FileName::parse(file)? else {
        return Ok(());
    };
    if !messages::is_family(&name.kind) && name.part != Part::Subject {
        return Ok(());
    }
    let mut text = String::new();
    let mut rest = source;
    while let Some(open) = rest.find('{') {
        let close = match rest.get(open..open + 2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => "{",
        };
        text.push_str(&rest[..open]);
        text.push(' ');
        rest = rest[open..].split_once(close).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let breaches = disclosure::breaches(&text);
    if breaches.is_empty() {
        return Ok(());
    }
    Err(TemplateError::Discloses {
        template: file.to_owned(),
        lang: name.lang.unwrap_or(Lang::En),
        breaches,
    })
}

/// The caller's context with `lang` and `dir`, which templates may rely on.
fn prepare(context: &impl Serialize, lang: Lang, template: &str) -> Result<Context, TemplateError> {
    let mut context = Context::from_serialize(context).map_err(|e| TemplateError::Render {
        template: template.to_owned(),
        lang,
        problem: explain(&e),
    })?;
    context.insert("lang", lang.html_lang());
    context.insert("dir", lang.dir());
    Ok(context)
}

fn render(tera: &Tera, template: &str, lang: Lang, context: &Context) -> Result<String, TemplateError> {
    tera.render(template, context).map_err(|e| TemplateError::Render {
        template: template.to_owned(),
        lang,
        problem: explain(&e),
    })
}

/// The engine's error with every cause behind it.
fn explain(error: &tera::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
