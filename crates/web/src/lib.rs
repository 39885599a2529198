//! Pages for staff and coordinators.
//!
//! A handler parses a request, asks the service and renders what it answers. This crate knows no store, no scheduler and
//! no transport; it holds no rule about cases and decides nobody's access: the service does both.

mod assets;
mod desk;
mod error;
mod filled;
mod form_view;
mod guard;
mod handlers;
mod present;
mod routes;
mod serve;
mod session;
mod shell;
mod shown;
mod upload;

#[cfg(test)]
mod pages_test;
#[cfg(test)]
mod samples;

pub use desk::WebState;
pub use error::WebError;
pub use routes::{ROUTES, Route, Who, metrics_router, router};
pub use serve::serve;
