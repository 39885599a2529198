//! Guards and computed values. This folder is the only place that names the expression language (CEL) and its crate.
//! Knows how to compile a text, say which names it uses, check it and evaluate it over a scope; knows no case.
//!
//! `syntax` reads the text, `tree` lowers it, `evaluate` runs what was lowered, `library` runs the rest by the crate's own
//! interpreter; `check` and `truth` judge it before it ever runs.

mod check;
mod dates;
mod evaluate;
mod kind;
mod library;
mod syntax;
mod tree;
mod truth;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value as Json};
use thiserror::Error;

pub use check::{Problem, States, Surroundings};
pub use kind::{Kind, Others, Record, Slot};

use self::syntax::Syntax;
use self::tree::Node;

/// Longest expression accepted, in bytes: the language has no fuel meter, so its size is the bound.
pub const MAX_LENGTH: usize = 2_000;
/// Deepest nesting of brackets accepted, and of everything else that an expression can hold within itself.
pub const MAX_NESTING: usize = 32;
/// Most operators, selections and calls in a row.
pub const MAX_DEPTH: usize = 100;

/// Names an expression may use.
pub const VARIABLES: [&str; 7] = [
    "data",
    "form",
    "root",
    "now",
    "today",
    "occurred_on",
    "occurred_at",
];
/// Functions beyond the language's own.
pub const FUNCTIONS: [&str; 13] = [
    "in_state",
    "case_in_state",
    "children",
    "days_between",
    "hours_between",
    "years_between",
    "age_on",
    "youngest_age",
    "oldest_age",
    "certainly_under",
    "possibly_under",
    "earliest",
    "latest",
];

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// The text is not an expression.
    #[error("the condition cannot be read: {message}")]
    Syntax {
        /// What is wrong there.
        message: String,
        /// What to write instead.
        help: &'static str,
        /// Where, in bytes of the expression.
        at: Range<usize>,
    },
    /// Too long or too deep to evaluate in bounded time.
    #[error("the condition is {what}; the limit is {limit}")]
    TooLarge {
        /// "2,345 bytes long" or "40 brackets deep".
        what: String,
        /// The bound.
        limit: usize,
    },
    /// A name that nothing provides.
    #[error("the condition uses the unknown name `{name}`")]
    UnknownName {
        /// The name.
        name: String,
        /// Where, in bytes of the expression.
        at: Range<usize>,
    },
    /// It was evaluated and gave no answer.
    #[error("the condition `{source_text}` could not be evaluated: {message}")]
    Evaluation {
        /// The expression.
        source_text: String,
        /// Why.
        message: String,
    },
}

/// A compiled expression. Cloning it is cheap.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

struct Compiled {
    syntax: Syntax,
    /// The same in our own form; none where it uses what only the library knows.
    lowered: Option<Node>,
    used: BTreeSet<String>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.source()).finish()
    }
}

/// As it was written.
impl serde::Serialize for Expression {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

/// What an expression sees while it is evaluated.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// Fields of this instance.
    pub data: &'a Map<String, Json>,
    /// The form of the event being handled.
    pub form: &'a Map<String, Json>,
    /// Fields of the case's root instance.
    pub root: &'a Map<String, Json>,
    /// Ids of this instance's active states; asked only by an expression that uses `in_state`.
    pub active: &'a [String],
    /// Ids of the root instance's active states; asked only by one that uses `case_in_state`.
    pub case_active: &'a [String],
    /// Child instances: `{ id, chart, open, states, data }` each; asked only by one that uses `children`.
    pub children: &'a [Json],
    /// The moment of recording.
    pub now: DateTime<Utc>,
    /// The local date of `now`.
    pub today: NaiveDate,
    /// The local date and time at which the event happened.
    pub occurred_at: NaiveDateTime,
}

impl Scope<'_> {
    /// The local date on which the event happened.
    fn occurred_on(&self) -> NaiveDate {
        self.occurred_at.date()
    }

    /// When the event happened, as a form keeps a date and time.
    fn occurred_at(&self) -> String {
        self.occurred_at.format("%Y-%m-%dT%H:%M").to_string()
    }
}

impl Expression {
    /// Compiles `source`, refusing what is too large or names nothing known.
    ///
    /// # Errors
    /// [`ExpressionError`] with the place within the expression where it is known.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        let syntax = Syntax::read(source)?;
        let used = syntax.names()?;
        let lowered = tree::lower(syntax.root());
        Ok(Self(Arc::new(Compiled {
            syntax,
            lowered,
            used,
        })))
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        self.0.syntax.source()
    }

    /// The form's field that it hands on as it is; none if it computes anything.
    pub fn handed_on(&self) -> Option<&str> {
        let field = self.source().trim().strip_prefix("form.")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        field.chars().all(plain).then_some(field)
    }

    /// Whether it uses the variable or function `name`.
    pub fn uses(&self, name: &str) -> bool {
        self.0.used.contains(name)
    }

    /// What is wrong or unwise in it, given what its names may hold.
    pub fn problems(&self, around: &Surroundings<'_>, as_condition: bool) -> Vec<Problem> {
        check::problems(&self.0.syntax, around, as_condition)
    }

    /// What kind of value it gives, given what its names may hold.
    pub fn kind(&self, around: &Surroundings<'_>) -> Kind {
        check::kind(&self.0.syntax, around)
    }

    /// Whether the condition holds.
    ///
    /// # Errors
    /// A condition that fails, or gives anything but true or false, is an error and never a guess.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
        if let Some(answer) = self.0.lowered.as_ref().and_then(|n| evaluate::truth(n, scope)) {
            return Ok(answer);
        }
        library::holds(self.0.syntax.root(), scope).map_err(|m| self.failed(m))
    }

    /// The value, as JSON.
    ///
    /// # Errors
    /// When it cannot be evaluated or has no JSON form.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Json, ExpressionError> {
        if let Some(value) = self.0.lowered.as_ref().and_then(|n| evaluate::json(n, scope)) {
            return Ok(value);
        }
        library::json(self.0.syntax.root(), scope).map_err(|m| self.failed(m))
    }

    fn failed(&self, message: String) -> ExpressionError {
        ExpressionError::Evaluation {
            source_text: self.source().to_owned(),
            message,
        }
    }
}

#[cfg(test)]
mod tests;
