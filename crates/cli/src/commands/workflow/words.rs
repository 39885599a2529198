//! A pack's own words for its states, events and fields, with the id where it has none.
//! Knows the keys of locales; no case.

use peshi_casework::pack::{PackFiles, event_key};
use peshi_templates::{Lang, Texts};

/// The words of one pack in one language.
pub(super) struct Words {
    texts: Texts,
    lang: Lang,
}

impl Words {
    /// The words in a pack's files. A file that is not Fluent gives no words; `workflow check` says why.
    pub(super) fn of(files: &PackFiles, lang: Lang) -> Self {
        let mut texts = Texts::empty();
        for (lang, file) in [(Lang::En, "locales/en.ftl"), (Lang::Ur, "locales/ur.ftl")] {
            if let Some(text) = files.get(file) {
                let _ = texts.add(lang, file, text);
            }
        }
        Self { texts, lang }
    }

    fn get(&self, key: &str, id: &str) -> String {
        self.texts
            .get(self.lang, key, &[])
            .unwrap_or_else(|| id.to_owned())
    }

    pub(super) fn state(&self, chart: &str, state: &str) -> String {
        self.get(&format!("state-{chart}-{state}"), state)
    }

    pub(super) fn event(&self, event: &str) -> String {
        self.get(&event_key(event), event)
    }

    pub(super) fn field(&self, form: &str, field: &str) -> String {
        self.get(&format!("field-{form}-{field}"), field)
    }

    pub(super) fn choice(&self, field: &str, choice: &str) -> String {
        self.get(&format!("choice-{field}-{choice}"), choice)
    }

    pub(super) fn deadline(&self, rule: &str) -> String {
        self.get(&format!("deadline-{rule}"), rule)
    }
}
