//! What surrounds every request: headers that close the page to other sites, the log line, the end of a panic.
//! Knows no page, and writes no address, no name and no form into the log.

use std::any::Any;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use peshi_service::{MAX_DOCUMENT, traced};
use tracing::Instrument;

use crate::desk::Desk;
use crate::routes::ROUTES;

/// Largest body of a form, in bytes: the longest narrative in Urdu several times over.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// Largest body that brings a file, in bytes: the largest document and the envelope around it.
pub(crate) const MAX_UPLOAD: usize = MAX_DOCUMENT + 64 * 1024;

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
pub(crate) async fn headers(State(desk): State<Desk>, mut response: Response) -> Response {
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

/// Whether an answer becomes smaller on the way. A file that is taken away is packed tightly already, and packed again it
/// would lose its length, by which a browser says how much is still to come.
pub(crate) fn worth_packing(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Watches a request: counts and times it, gives it a trace, and leaves its one line in the log. What is said of it is its
/// method and the pattern of its address, never the address itself.
pub(crate) async fn watched(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (method, route) = (method(request.method()), route(&request));
    let service = desk.service();
    let trace = service.new_trace();
    let span = tracing::info_span!("request", method, route, %trace);
    let since = service.meters().steady();
    let answer = traced(trace, next.run(request));
    let response = answer.instrument(span.clone()).await;
    let status = response.status().as_u16();
    let passed = service.meters().steady().saturating_sub(since);
    let ms = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(parent: &span, status, ms, "answered");
    service.meters().answered(since, method, route, status);
    response
}

/// The pattern of the address, as the table of addresses has it.
fn route(request: &Request) -> &'static str {
    let matched = request.extensions().get::<MatchedPath>();
    matched
        .and_then(|matched| ROUTES.iter().find(|route| route.path == matched.as_str()))
        .map_or("(none)", |route| route.path)
}

/// The method if it is one of ours: anybody may invent others.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        _ => "other",
    }
}

/// A panic in a handler ends that request alone. Its message may quote data, so it is not logged here.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked; the request was answered with 500");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
