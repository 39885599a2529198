//! What can go wrong between a context and a text, each with the place and the remedy.

use crate::disclosure::Breach;
use crate::lang::Lang;

/// Why a text could not be loaded or rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A locale file does not follow the Fluent syntax.
    #[error("{file}:{line}: not valid Fluent ({problem}); correct that entry of the locale file")]
    Ftl {
        /// The file as named by the caller.
        file: String,
        /// Line of the first faulty entry, counted from 1.
        line: usize,
        /// The parser's words.
        problem: String,
    },
    /// Two locale files of the same scope and language define the same key.
    #[error("{file}: the key `{key}` ({lang}) is already defined; rename or remove one of the two")]
    DuplicateKey {
        /// The file that came second.
        file: String,
        /// The key.
        key: String,
        /// The language.
        lang: Lang,
    },
    /// A file's name does not say what the file is.
    #[error("{file}: {problem}")]
    FileName {
        /// The file as named by the caller.
        file: String,
        /// What the name lacks, and the form it should have.
        problem: String,
    },
    /// A template does not parse, or names something that does not exist.
    #[error("a template cannot be loaded: {0}")]
    Load(String),
    /// A template could not be rendered with the context given.
    #[error("`{template}` ({lang}) cannot be rendered: {problem}")]
    Render {
        /// The template's name.
        template: String,
        /// The language asked for.
        lang: Lang,
        /// The engine's words, with the place in the template and the cause.
        problem: String,
    },
    /// No page template of that name.
    #[error("there is no page `{0}`: add `pages/{0}.html`")]
    NoPage(String),
    /// The pack was never given to [`crate::Renderer::add_pack`].
    #[error("the pack `{0}` has no texts loaded: load the pack before rendering for it")]
    UnknownPack(String),
    /// A message kind lacks a part in the language asked for.
    #[error("the message `{kind}` has no `{part}` part in {lang}: add `{kind}.{lang}.{part}`")]
    NoMessage {
        /// The message kind.
        kind: String,
        /// The language asked for.
        lang: Lang,
        /// The part: `subject`, `txt`, `html` or `sms`.
        part: &'static str,
    },
    /// The message kind says more than the recipient may be told.
    #[error(
        "the message `{kind}` needs disclosure level {needed}, the recipient has {level}: send a family message instead"
    )]
    LevelTooLow {
        /// The message kind.
        kind: String,
        /// The recipient's level.
        level: u8,
        /// The least level the kind needs.
        needed: u8,
    },
    /// A text for disclosure level 0 holds words that betray the matter.
    #[error("the text of `{template}` ({lang}) breaks the disclosure rule: {}; use neutral words", Breach::list(.breaches))]
    Discloses {
        /// The template's name.
        template: String,
        /// The language.
        lang: Lang,
        /// Each forbidden word and its place.
        breaches: Vec<Breach>,
    },
    /// A subject rendered to nothing.
    #[error("the subject of `{kind}` ({lang}) is empty: write a neutral one")]
    EmptySubject {
        /// The message kind.
        kind: String,
        /// The language.
        lang: Lang,
    },
}
