//! What is wrong or unwise in a pack, with the place and a remedy.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use serde_saphyr::Location;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The pack cannot be used.
    Error,
    /// It runs, but somebody will be let down.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// A stable code: `unknown-target`.
    pub code: &'static str,
    /// The file within the pack.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// Byte offset and length in the file, for the caret.
    pub span: (usize, usize),
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A place in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub(super) line: u64,
    /// The column in characters, from 1.
    pub(super) column: u64,
    /// Byte offset and length.
    pub(super) span: (usize, usize),
}

impl Place {
    /// The whole of `file`.
    pub fn file(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// These bytes of `file`, whose text is `text`.
    pub fn bytes(file: &str, text: &str, bytes: Range<usize>) -> Self {
        let before = text.get(..bytes.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self {
            file: file.to_owned(),
            line: line as u64,
            column: column as u64,
            span: (bytes.start, bytes.len()),
        }
    }

    /// The value at `location` in `file`.
    pub fn at(file: &str, location: Location) -> Self {
        let span = location.span();
        let offset = span
            .byte_offset()
            .and_then(|o| usize::try_from(o).ok())
            .unwrap_or(0);
        let len = span
            .byte_len()
            .and_then(|l| usize::try_from(l).ok())
            .unwrap_or(1)
            .max(1);
        Self {
            file: file.to_owned(),
            line: location.line(),
            column: location.column(),
            span: (offset, len),
        }
    }
}

impl Finding {
    /// A finding that keeps the pack from being used.
    pub fn error(
        code: &'static str,
        place: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, code, place, message.into(), help.into())
    }

    /// A finding that the pack can live with.
    pub fn warning(
        code: &'static str,
        place: &Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, code, place, message.into(), help.into())
    }

    fn new(severity: Severity, code: &'static str, place: &Place, message: String, help: String) -> Self {
        Self {
            severity,
            code,
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            span: place.span,
            message,
            help,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}:{}: {kind}[{}]: {}\n  help: {}",
            self.file, self.line, self.column, self.code, self.message, self.help
        )
    }
}
