//! One message being written: which template serves each part, and the disclosure check on what it gives.
//!
//! Knows no channel; the renderer puts the parts together.

use serde::Serialize;
use tera::Tera;

use super::{Renderer, prepare, render, scope_prefix};
use crate::disclosure;
use crate::error::TemplateError;
use crate::lang::Lang;
use crate::messages::{self, Part};

/// One message being written, part by part.
pub(super) struct Writing<'r> {
    pub(super) renderer: &'r Renderer,
    pub(super) pack: Option<&'r str>,
    pub(super) kind: &'r str,
    pub(super) lang: Lang,
    pub(super) level: u8,
}

impl Writing<'_> {
    pub(super) fn required(&self, part: Part, context: &impl Serialize) -> Result<String, TemplateError> {
        self.optional(part, context)?
            .ok_or_else(|| TemplateError::NoMessage {
                kind: self.kind.to_owned(),
                lang: self.lang,
                part: part.name(),
            })
    }

    pub(super) fn optional(
        &self,
        part: Part,
        context: &impl Serialize,
    ) -> Result<Option<String>, TemplateError> {
        let tera = &self.renderer.engines(self.pack, self.lang)?.messages;
        let Some(template) = self.template(tera, part) else {
            return Ok(None);
        };
        let mut context = prepare(context, self.lang, &template)?;
        context.insert("level", &self.level);
        context.insert("part", part.name());
        let text = render(tera, &template, self.lang, &context)?;
        if self.level == 0 {
            let breaches = disclosure::breaches(&text);
            if !breaches.is_empty() {
                return Err(TemplateError::Discloses {
                    template,
                    lang: self.lang,
                    breaches,
                });
            }
        }
        Ok(Some(text))
    }

    /// The pack's template before the built-in one, one for the language before one for every language.
    fn template(&self, tera: &Tera, part: Part) -> Option<String> {
        [scope_prefix(self.pack), String::new()]
            .iter()
            .flat_map(|scope| {
                [Some(self.lang), None].map(|lang| format!("{scope}{}", messages::key(self.kind, lang, part)))
            })
            .find(|name| tera.contains_template(name))
    }
}
