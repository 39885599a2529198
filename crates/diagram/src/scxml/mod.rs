//! Charts as SCXML: out, with our own acts in a namespace of their own, and in again.
//!
//! Knows the W3C's vocabulary and our own; no language and no picture.

mod actions;
mod import;
mod names;
mod order;
mod read;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

pub use import::{Imported, import};
pub use read::Refusal;
pub use write::export;
#[cfg(test)]
pub(crate) use yaml::block;

/// The W3C's namespace.
const SCXML: &str = "http://www.w3.org/2005/07/scxml";
/// The namespace of what SCXML has no word for.
const PESHI: &str = "urn:peshi:chart:1";
