//! Pictures of charts: nested SVG, Mermaid text, SCXML in and out.
//!
//! A picture is drawn for a reader: the words come through [`Words`], the direction and the marks of one case are
//! arguments. The crate knows no language, no case and no database; charts are those of a validated pack.

mod mermaid;
mod picture;
mod scxml;
mod words;

#[cfg(test)]
mod samples;

pub use mermaid::mermaid;
pub use picture::{Direction, Dress, Marks, Picture, STYLE, Step};
pub use scxml::{Imported, Refusal, export as scxml, import};
pub use words::Words;
