//! What every handler has at hand: the service, the renderer, the clock.
//! Knows no request and no page by name.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use peshi_service::{Clock, Service};
use peshi_templates::{Lang, Renderer, TemplateError};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::error::WebError;
use crate::shell::Shell;

/// How long a good answer about the scheduler is believed, in seconds: a page must not count jobs each time.
const PULSE_BELIEVED: i64 = 30;

/// How many files are taken in at the same time. Each is held whole, and once more while it is sealed and written: these
/// few are what a small server can spare, and whoever comes next waits for a place.
const UPLOADS: usize = 4;

/// What the pages are built on.
#[derive(Clone)]
pub struct WebState {
    /// The use cases: the only way to any data.
    pub service: Arc<Service>,
    /// Turns contexts into pages.
    pub renderer: Arc<Renderer>,
    /// The time of every request.
    pub clock: Arc<dyn Clock>,
    /// Cookies are sent over TLS only and carry the `__Host-` prefix. Off only for a server on one's own machine.
    pub secure_cookies: bool,
}

/// The shared state of the handlers.
#[derive(Clone)]
pub(crate) struct Desk {
    web: WebState,
    /// When the scheduler was last seen to tick; a bad answer is never kept, so the warning goes as soon as it can.
    pulse: Arc<Mutex<Option<DateTime<Utc>>>>,
    /// The places of those who send a file.
    uploads: Arc<Semaphore>,
}

/// A page's context: the frame around it and its own part, side by side.
#[derive(Serialize)]
struct Page<T> {
    shell: Shell,
    #[serde(flatten)]
    body: T,
}

impl Desk {
    pub(crate) fn new(web: WebState) -> Self {
        Self {
            web,
            pulse: Arc::default(),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
        }
    }

    pub(crate) fn service(&self) -> &Service {
        &self.web.service
    }

    pub(crate) fn secure_cookies(&self) -> bool {
        self.web.secure_cookies
    }

    pub(crate) fn uploads(&self) -> &Semaphore {
        &self.uploads
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.web.clock.now()
    }

    /// Whether the scheduler ticks. Silence of the database counts as silence of the scheduler.
    pub(crate) async fn scheduler_ok(&self, now: DateTime<Utc>) -> bool {
        let seen = *self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        if seen
            .is_some_and(|at| (TimeDelta::zero()..TimeDelta::seconds(PULSE_BELIEVED)).contains(&(now - at)))
        {
            return true;
        }
        let ok = self
            .service()
            .health(now)
            .await
            .is_ok_and(|health| health.scheduler_ok);
        *self.pulse.lock().unwrap_or_else(PoisonError::into_inner) = ok.then_some(now);
        ok
    }

    /// The text of `key` as a page of that pack would show it; `None` where nobody defines it.
    pub(crate) fn text(&self, pack: Option<&str>, lang: Lang, key: &str) -> Option<String> {
        self.web
            .renderer
            .text(pack, lang, key, &[])
            .or_else(|| self.web.renderer.text(None, lang, key, &[]))
    }

    /// The same with arguments.
    pub(crate) fn words(&self, pack: &str, lang: Lang, key: &str, args: &[(&str, Value)]) -> Option<String> {
        let renderer = &self.web.renderer;
        renderer
            .text(Some(pack), lang, key, args)
            .or_else(|| renderer.text(None, lang, key, args))
    }

    /// Renders a page. A pack without texts of its own gets the program's words rather than no page.
    pub(crate) fn page(
        &self,
        status: StatusCode,
        name: &str,
        lang: Lang,
        pack: Option<&str>,
        shell: Shell,
        body: impl Serialize,
    ) -> Result<Response, WebError> {
        let context = Page { shell, body };
        let html = match self.web.renderer.page(name, lang, pack, &context) {
            Err(TemplateError::UnknownPack(pack)) => {
                tracing::warn!(pack, "the pack has no texts; its keys are shown instead");
                self.web.renderer.page(name, lang, None, &context)?
            }
            other => other?,
        };
        Ok((status, Html(html)).into_response())
    }
}
