//! The stylesheet and the icon that travel inside the binary.
//! Knows nothing of pages.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::header;
use axum::response::{IntoResponse, Response};

const STYLESHEET: &str = include_str!("../static/peshi.css");
const ICON: &str = include_str!("../static/peshi.svg");

/// A day: the address changes with the content, so an old copy is never asked for again.
const KEPT: &str = "public, max-age=86400";

/// The stylesheet's address; its query changes with its content.
pub(crate) fn stylesheet_address() -> String {
    versioned("/static/peshi.css", STYLESHEET)
}

/// The address of the stylesheet of pictures of charts, which few pages need.
pub(crate) fn picture_stylesheet_address() -> String {
    versioned("/static/picture.css", peshi_diagram::STYLE)
}

fn versioned(path: &str, content: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{path}?v={:08x}", hasher.finish() >> 32)
}

pub(crate) async fn stylesheet() -> Response {
    css(STYLESHEET)
}

pub(crate) async fn picture_stylesheet() -> Response {
    css(peshi_diagram::STYLE)
}

fn css(content: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, KEPT),
        ],
        content,
    )
        .into_response()
}

pub(crate) async fn icon() -> Response {
    (
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, KEPT),
        ],
        ICON,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Properties that name a side of the screen; Urdu reads from the other one.
    #[test]
    fn the_stylesheet_names_no_side() {
        let faults: Vec<&str> = STYLESHEET
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("/*") && !line.starts_with('*'))
            .filter(|line| line.contains("left") || line.contains("right"))
            .collect();
        assert_eq!(
            faults,
            Vec::<&str>::new(),
            "use margin-inline-start, text-align: start …"
        );
    }

    #[test]
    fn the_stylesheet_needs_nothing_from_elsewhere() {
        for word in ["url(", "@import", "http:", "https:", "letter-spacing", "italic"] {
            assert!(!STYLESHEET.contains(word), "{word}");
        }
        assert!(STYLESHEET.len() < 25_000, "the first page stays small");
    }
}
