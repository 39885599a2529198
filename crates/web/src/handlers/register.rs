//! The register of violations across cases, for coordinators: which, how far each has come, in which case.
//! Knows the choices of its filter; nothing of what was told.

use axum::extract::Query;
use axum::response::Response;
use peshi_casework::violation::Status;
use peshi_service::RegisterFilter;
use peshi_service::views::{RegisterLine, RegisterView};
use serde::{Deserialize, Serialize};

use crate::error::WebError;
use crate::handlers::Titled;
use crate::session::Staff;
use crate::shell::Section;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    code: String,
    #[serde(default)]
    status: String,
    page: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct RegisterBody {
    /// Each with the words of its code.
    pub(crate) lines: Vec<Titled<RegisterLine>>,
    pub(crate) statuses: [&'static str; 4],
    pub(crate) code: String,
    pub(crate) status: String,
    pub(crate) newer: Option<u64>,
    pub(crate) older: Option<u64>,
}

impl RegisterBody {
    pub(crate) fn new(view: RegisterView, asked: &Asked, title: impl Fn(&str, &str) -> String) -> Self {
        let line = |item: RegisterLine| Titled {
            title: title(&item.pack, &item.key),
            item,
        };
        Self {
            lines: view.lines.into_iter().map(line).collect(),
            statuses: Status::ALL.map(Status::as_str),
            code: asked.code.trim().to_owned(),
            status: asked.status.clone(),
            newer: view.page.checked_sub(1).filter(|page| *page > 0),
            older: view.more.then_some(view.page + 1),
        }
    }
}

/// `/violations?code=…&status=…&page=…`.
pub(crate) async fn show(staff: Staff, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let filter = RegisterFilter {
        code: Some(asked.code.trim().to_owned()).filter(|code| !code.is_empty()),
        status: Status::named(&asked.status),
        page: asked.page.unwrap_or(1),
    };
    let view = staff.desk.service().register(&staff.viewer, &filter).await?;
    let body = RegisterBody::new(view, &asked, |pack, key| staff.text(pack, key));
    staff.page("register", Section::Board, None, body)
}

/// The page as it looks with one line.
#[cfg(test)]
pub(crate) fn sample(title: impl Fn(&str, &str) -> String) -> RegisterBody {
    let view = RegisterView {
        lines: vec![crate::samples::register_line()],
        page: 2,
        more: true,
    };
    RegisterBody::new(view, &Asked::default(), title)
}
