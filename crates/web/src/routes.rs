//! The table of addresses, and the router built from it.
//! Knows which handler answers what and who is meant to use it; the service decides who may.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response_with_state};
use axum::routing::{MethodRouter, get, post};
use peshi_service::{Clock, Service};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, DefaultPredicate, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::assets;
use crate::desk::{Desk, WebState};
use crate::error::{WebError, error_pages};
use crate::guard;
use crate::handlers::{
    admin, board, calendar, case, cases, documents, entry, health, journal, opening, outbox, people, picture,
    record, register, today, violations,
};

/// Whom an address is for. The rest get the same answer as for an address that does not exist, or a refusal;
/// strangers are sent to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Everybody, signed in or not.
    Anyone,
    /// Everybody who is signed in.
    Staff,
    /// Staff who may open a case and change it.
    CaseWorker,
    /// Staff who may read this case: its team and the coordinators.
    CaseReader,
    /// Coordinators.
    Coordinator,
    /// Administrators.
    Administrator,
}

/// What an address may be sent, and so how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Form,
    File,
}

/// One address.
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The pattern of the address: `/cases/{reference}`.
    pub path: &'static str,
    /// Whom it is for.
    pub who: Who,
    takes: Takes,
    handler: fn() -> MethodRouter<Desk>,
}

impl Route {
    /// The handler behind its limit. A form that is too long is refused unread; a file is counted while it is read, so that
    /// its page can say beside the field that it is too large.
    fn limited(&self) -> MethodRouter<Desk> {
        let handler = (self.handler)();
        match self.takes {
            Takes::Form => handler.layer(RequestBodyLimitLayer::new(guard::MAX_BODY)),
            Takes::File => handler.layer(DefaultBodyLimit::max(guard::MAX_UPLOAD)),
        }
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.path, self.who)
    }
}

const fn row(
    method: &'static str,
    path: &'static str,
    who: Who,
    handler: fn() -> MethodRouter<Desk>,
) -> Route {
    Route {
        method,
        path,
        who,
        takes: Takes::Form,
        handler,
    }
}

/// An address that a file is sent to.
const fn upload(path: &'static str, who: Who, handler: fn() -> MethodRouter<Desk>) -> Route {
    Route {
        takes: Takes::File,
        ..row("POST", path, who, handler)
    }
}

/// Every address there is: the router is built from this table alone, so a test can derive the matrix of access from it.
pub const ROUTES: &[Route] = &[
    row("GET", "/", Who::Anyone, || get(entry::home)),
    row("GET", "/sign-in", Who::Anyone, || get(entry::sign_in_page)),
    row("POST", "/sign-in", Who::Anyone, || post(entry::sign_in)),
    row("POST", "/sign-out", Who::Anyone, || post(entry::sign_out)),
    row("POST", "/language", Who::Anyone, || post(entry::language)),
    row("GET", "/today", Who::Staff, || get(today::show)),
    row("GET", "/cases", Who::Staff, || get(cases::list)),
    row("POST", "/cases", Who::Staff, || post(cases::find)),
    row("GET", "/cases/new", Who::CaseWorker, || get(opening::page)),
    row("POST", "/cases/new", Who::CaseWorker, || post(opening::open)),
    row("GET", "/cases/{reference}", Who::CaseReader, || get(case::show)),
    row("GET", "/cases/{reference}/journal", Who::CaseReader, || {
        get(journal::show)
    }),
    row("GET", "/cases/{reference}/messages", Who::CaseReader, || {
        get(outbox::of_case)
    }),
    row(
        "GET",
        "/cases/{reference}/do/{instance}/{event}",
        Who::CaseReader,
        || get(record::page),
    ),
    row(
        "POST",
        "/cases/{reference}/do/{instance}/{event}",
        Who::CaseWorker,
        || post(record::record),
    ),
    row("GET", "/cases/{reference}/picture", Who::CaseReader, || {
        get(picture::show)
    }),
    row("GET", "/cases/{reference}/people", Who::CaseReader, || {
        get(people::page)
    }),
    row("POST", "/cases/{reference}/people", Who::CaseWorker, || {
        post(people::change)
    }),
    row("GET", "/cases/{reference}/violations", Who::CaseReader, || {
        get(violations::page)
    }),
    row("POST", "/cases/{reference}/violations", Who::CaseWorker, || {
        post(violations::change)
    }),
    row("GET", "/cases/{reference}/documents", Who::CaseReader, || {
        get(documents::page)
    }),
    upload("/cases/{reference}/documents", Who::CaseWorker, || {
        post(documents::add)
    }),
    row(
        "POST",
        "/cases/{reference}/documents/{document}",
        Who::CaseWorker,
        || post(documents::change),
    ),
    row(
        "POST",
        "/cases/{reference}/tasks/{task}/done",
        Who::CaseWorker,
        || post(case::finish_task),
    ),
    row(
        "POST",
        "/cases/{reference}/deadlines/{deadline}",
        Who::CaseWorker,
        || post(case::change_date),
    ),
    row("GET", "/board", Who::Coordinator, || get(board::show)),
    row("GET", "/violations", Who::Coordinator, || get(register::show)),
    row("GET", "/outbox", Who::Staff, || get(outbox::list)),
    row("GET", "/admin", Who::Administrator, || get(admin::show)),
    row("GET", "/admin/calendar", Who::Administrator, || {
        get(calendar::page)
    }),
    row("POST", "/admin/calendar", Who::Administrator, || {
        post(calendar::add)
    }),
    row("GET", "/health", Who::Anyone, || get(health::show)),
    row("GET", "/ready", Who::Anyone, || get(health::ready)),
    row("GET", "/static/peshi.css", Who::Anyone, || {
        get(assets::stylesheet)
    }),
    row("GET", "/static/picture.css", Who::Anyone, || {
        get(assets::picture_stylesheet)
    }),
    row("GET", "/static/peshi.svg", Who::Anyone, || get(assets::icon)),
];

/// The site: every address of [`ROUTES`], a page for everything else, and the guards around them.
pub fn router(state: WebState) -> Router {
    let desk = Desk::new(state);
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, route.limited());
    }
    let worth_packing = DefaultPredicate::new().and(guard::worth_packing);
    // The last layer is the outermost: what the inner ones refuse still becomes a page, headers and a line in the log.
    router
        .fallback(|| async { WebError::NotFound })
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(desk.clone(), error_pages))
        .layer(CompressionLayer::new().compress_when(worth_packing))
        .layer(map_response_with_state(desk.clone(), guard::headers))
        .layer(from_fn_with_state(desk.clone(), guard::watched))
        .with_state(desk)
}

/// `/metrics` and nothing else, for a listener of its own: the desk's pages do not have it.
pub fn metrics_router(service: Arc<Service>, clock: Arc<dyn Clock>) -> Router {
    Router::new()
        .route("/metrics", get(health::metrics))
        .with_state((service, clock))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_address_stands_twice_in_the_table() {
        let all: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
        assert_eq!(all.len(), ROUTES.len());
    }

    #[test]
    fn every_form_can_be_come_back_to() {
        let get = |path| {
            ROUTES
                .iter()
                .any(|route| route.method == "GET" && route.path == path)
        };
        let only_post: Vec<&str> = ROUTES
            .iter()
            .filter(|route| route.method == "POST" && !get(route.path))
            .map(|route| route.path)
            .collect();
        assert_eq!(
            only_post,
            [
                "/sign-out",
                "/language",
                "/cases/{reference}/documents/{document}",
                "/cases/{reference}/tasks/{task}/done",
                "/cases/{reference}/deadlines/{deadline}"
            ],
            "these have no page"
        );
    }

    #[test]
    fn only_where_a_file_is_sent_may_much_be_sent() {
        let large: Vec<(&str, &str)> = ROUTES
            .iter()
            .filter(|route| route.takes == Takes::File)
            .map(|route| (route.method, route.path))
            .collect();
        assert_eq!(large, [("POST", "/cases/{reference}/documents")]);
    }

    #[test]
    fn strangers_reach_nothing_of_a_case() {
        let open: Vec<&str> = ROUTES
            .iter()
            .filter(|route| route.who == Who::Anyone)
            .map(|route| route.path)
            .collect();
        let expected = [
            "/",
            "/sign-in",
            "/sign-in",
            "/sign-out",
            "/language",
            "/health",
            "/ready",
            "/static/peshi.css",
            "/static/picture.css",
            "/static/peshi.svg",
        ];
        assert_eq!(open, expected);
    }
}
