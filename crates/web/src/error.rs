//! What may go wrong with a request, and the page that says so.
//! Knows statuses and the keys of texts; what was asked for, and by whom, stays out of pages and logs.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use peshi_casework::{DeadlineProblem, FieldError, Rejection};
use peshi_service::ServiceError;
use peshi_templates::TemplateError;
use serde::Serialize;

use crate::desk::Desk;
use crate::form_view::ErrorLine;
use crate::session;
use crate::shell::Section;

/// Seconds after which a browser may ask again when the database was busy.
const RETRY_AFTER: &str = "5";

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Nobody is signed in; the reader is sent to the sign-in page and back to `next`.
    #[error("nobody is signed in: sign in first")]
    SignIn {
        /// The local address to come back to.
        next: String,
    },
    /// There is no such page.
    #[error("there is no such page: check the address")]
    NotFound,
    /// The form lacks something every page of ours sends.
    #[error("the form came without a usable `{what}`: load the page again and send it from there")]
    BadForm {
        /// The hidden field.
        what: &'static str,
    },
    /// The body is no form, or larger than allowed.
    #[error("the form could not be read (HTTP {status}): load the page again and send it from there")]
    Unreadable {
        /// The status the parser chose.
        status: StatusCode,
    },
    /// The service refused or could not answer.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A page could not be rendered.
    #[error("a page could not be rendered: {0}")]
    Template(#[from] TemplateError),
}

/// The key of a problem's texts: `problem-KEY-title` and `problem-KEY-text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem(pub(crate) &'static str);

#[derive(Serialize)]
struct ProblemBody {
    problem: &'static str,
    status: u16,
}

impl WebError {
    fn status_and_problem(&self) -> (StatusCode, Problem) {
        let (status, key) = match self {
            Self::SignIn { .. } => (StatusCode::UNAUTHORIZED, "sign_in"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::BadForm { .. } => (StatusCode::BAD_REQUEST, "bad_form"),
            Self::Unreadable { status } => (*status, "bad_form"),
            Self::Template(_) => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
            Self::Service(error) => return service_problem(error),
        };
        (status, Problem(key))
    }
}

fn service_problem(error: &ServiceError) -> (StatusCode, Problem) {
    let (status, key) = match error {
        ServiceError::NotFound | ServiceError::Rejected(Rejection::Unknown { .. }) => {
            (StatusCode::NOT_FOUND, "not_found")
        }
        ServiceError::Erased { .. } => (StatusCode::GONE, "erased"),
        ServiceError::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden"),
        ServiceError::WrongSignIn => (StatusCode::UNAUTHORIZED, "sign_in"),
        ServiceError::TooManyTries { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_tries"),
        ServiceError::Rejected(rejection) => (StatusCode::CONFLICT, rejection_key(rejection)),
        ServiceError::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        error if error.is_uncertain() => (StatusCode::SERVICE_UNAVAILABLE, "uncertain"),
        error if error.is_retryable() || error.is_outage() => {
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
    };
    (status, Problem(key))
}

/// What a refusal becomes on the page of its form, `line` putting each fault beside its field. Any other error is not the
/// form's, and has a page of its own.
pub(crate) fn refusal(
    error: ServiceError,
    line: impl Fn(&FieldError) -> ErrorLine,
) -> Result<(StatusCode, Vec<ErrorLine>), WebError> {
    match error {
        ServiceError::Rejected(Rejection::Form(faults)) => Ok((
            StatusCode::UNPROCESSABLE_ENTITY,
            faults.iter().map(line).collect(),
        )),
        ServiceError::Rejected(rejection) => {
            let general = ErrorLine::general(rejection_key(&rejection));
            Ok((StatusCode::CONFLICT, vec![general]))
        }
        other => Err(other.into()),
    }
}

/// The key of a refusal: `problem-KEY-…` on a page of its own, `error-KEY` above a form.
pub(crate) fn rejection_key(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Conflict { .. } => "conflict",
        Rejection::NoInstance(_)
        | Rejection::Ended(_)
        | Rejection::NotNow { .. }
        | Rejection::TimerGone
        | Rejection::TimerEarly { .. } => "not_now",
        Rejection::NotYours { .. } => "not_yours",
        Rejection::Guarded { .. } => "guarded",
        Rejection::TooSoon { .. } => "too_soon",
        Rejection::Form(_) | Rejection::Future { .. } => "invalid",
        Rejection::Deadline { problem, .. } => match problem {
            DeadlineProblem::Limitation => "limitation_runs",
            DeadlineProblem::NoReason | DeadlineProblem::Category | DeadlineProblem::Backwards => "invalid",
            _ => "not_now",
        },
        Rejection::Unknown { .. } => "not_found",
        Rejection::Known { .. } => "known",
        Rejection::AlreadyOpen => "already_open",
        Rejection::Pack { .. }
        | Rejection::SameVersion
        | Rejection::NoWay { .. }
        | Rejection::Unmapped { .. } => "pack_fault",
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        if let Self::SignIn { next } = &self {
            return Redirect::to(&session::sign_in_address(next)).into_response();
        }
        let (status, problem) = self.status_and_problem();
        if status.is_server_error() {
            tracing::error!(error = %self, "a request could not be answered");
        }
        let mut response = status.into_response();
        response.extensions_mut().insert(problem);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}

/// The problem of a response that a layer made (cross-site form, wrong method, panic), known by its status alone.
fn problem_of_status(status: StatusCode) -> Problem {
    Problem(match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::FORBIDDEN => "cross_site",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        status if status.is_client_error() => "bad_form",
        _ => "failed",
    })
}

/// Gives every failed response that has no page yet a page, in the reader's language.
pub(crate) async fn error_pages(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let reader = session::Seeker::of(&request);
    let response = next.run(request).await;
    let status = response.status();
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        [&b"text/html"[..], b"application/json"]
            .iter()
            .any(|known| kind.as_bytes().starts_with(known))
    });
    if told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = response
        .extensions()
        .get::<Problem>()
        .copied()
        .unwrap_or_else(|| problem_of_status(status));
    let (mut shell, lang) = reader.shell(&desk, Section::Elsewhere).await;
    // A problem confirms nothing, whatever its address says.
    shell.said = None;
    let body = ProblemBody {
        problem: problem.0,
        status: status.as_u16(),
    };
    match desk.page(status, "problem", lang, None, shell, body) {
        Ok(mut page) => {
            for name in [header::ALLOW, header::RETRY_AFTER] {
                if let Some(value) = response.headers().get(&name) {
                    page.headers_mut().insert(name, value.clone());
                }
            }
            page
        }
        Err(error) => {
            tracing::error!(%error, "the page about a problem could not be rendered");
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_and_what_is_absent_look_alike() {
        let hidden = WebError::from(ServiceError::NotFound).status_and_problem();
        assert_eq!(hidden, WebError::NotFound.status_and_problem());
    }

    #[test]
    fn nobody_signed_in_is_sent_to_sign_in_and_back() {
        let response = WebError::SignIn {
            next: "/cases/2026-0001".to_owned(),
        }
        .into_response();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(
            response.headers()[header::LOCATION],
            "/sign-in?next=%2Fcases%2F2026-0001"
        );
    }

    #[test]
    fn a_refusal_by_a_layer_has_words() {
        let key = |code: u16| problem_of_status(StatusCode::from_u16(code).expect("a status")).0;
        assert_eq!(
            [403, 404, 405, 413, 400, 500].map(key),
            [
                "cross_site",
                "not_found",
                "method",
                "too_large",
                "bad_form",
                "failed"
            ]
        );
    }
}
