//! Texts for people: pages and messages rendered from templates and locale files.
//!
//! Context in, text out. This crate knows no clock, no query, no case and no network; it is the only one that names tera
//! and Fluent. A name a template does not define is an error, never an empty space.

mod dates;
mod embedded;
mod engine;
mod error;
mod lang;
mod messages;
mod renderer;
mod sms;
mod texts;

pub mod contexts;
pub mod disclosure;

pub use error::TemplateError;
pub use lang::{Lang, UnknownLang};
pub use messages::{Channel, Rendered, min_level};
pub use renderer::Renderer;
pub use sms::{SmsCount, SmsEncoding};
pub use texts::Texts;
