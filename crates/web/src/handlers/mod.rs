//! The handlers: each parses a request, asks the service once or twice and renders a page.
//! They hold no rule about cases.

pub(crate) mod admin;
pub(crate) mod board;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod cases;
pub(crate) mod documents;
pub(crate) mod entry;
pub(crate) mod health;
pub(crate) mod journal;
pub(crate) mod opening;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod picture;
pub(crate) mod record;
pub(crate) mod register;
pub(crate) mod today;
pub(crate) mod violations;

use axum::response::Redirect;
use peshi_service::views::CaseSummary;
use serde::Serialize;

/// The page of a case, with the word of what was just done.
fn to_case(reference: &str, said: &str) -> Redirect {
    Redirect::to(&format!("/cases/{reference}?said={said}"))
}

/// Something whose name comes from its pack, on a page that spans packs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Titled<T> {
    #[serde(flatten)]
    pub(crate) item: T,
    /// The name in the reader's language.
    pub(crate) title: String,
}

/// What the frame of every page of one case shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CaseHead {
    reference: String,
    pack: String,
    closed: bool,
    zone: String,
    /// Where on the case: `case`, `picture`, `journal`, `messages`, `people`, `violations`, `documents`,
    /// `do`.
    place: &'static str,
}

impl CaseHead {
    pub(crate) fn new(summary: &CaseSummary, zone: &str, place: &'static str) -> Self {
        Self {
            reference: summary.reference.clone(),
            pack: summary.pack.clone(),
            closed: summary.closed,
            zone: zone.to_owned(),
            place,
        }
    }
}
