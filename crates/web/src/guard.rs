//! What surrounds every request: headers that close the page to other sites, the log line, the end of a panic.
//! Knows no page, and writes no address, no name and no form into the log.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use tracing::Span;

use crate::desk::Desk;

/// Largest body of a request, in bytes: the longest narrative in Urdu several times over.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// Nothing from elsewhere, nothing inline, no script at all.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Other sites learn nothing. `no-referrer` would make browsers send `Origin: null` with our own forms too, which the
    // cross-origin layer must refuse wherever `Sec-Fetch-Site` is missing: plain HTTP in an office, old phones.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Sets the headers of every response. What does not say how long it may be kept, may not be kept.
pub(crate) async fn headers(
    State(desk): State<Desk>,
    mut response: axum::response::Response,
) -> axum::response::Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if desk.secure_cookies() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// The span of a request: its method and the pattern of its address, never the address itself.
pub(crate) fn span<B>(request: &axum::http::Request<B>) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route)
}

/// The one line a request leaves.
pub(crate) fn log<B>(response: &Response<B>, latency: Duration, _: &Span) {
    let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(status = response.status().as_u16(), ms, "answered");
}

/// A panic in a handler ends that request alone. Its message may quote data, so it is not logged here.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::response::Response {
    tracing::error!("a handler panicked; the request was answered with 500");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
