//! The list of cases a reader may see, filtered, page by page; and those with a name that was asked for.
//! Knows the words of the filter; what is visible is the service's knowledge.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use peshi_casework::pack::WaitingOn;
use peshi_service::views::CaseSummary;
use peshi_service::{Action, CaseListFilter, may};
use serde::{Deserialize, Serialize};

use crate::error::WebError;
use crate::filled::Filled;
use crate::handlers::Titled;
use crate::session::Staff;
use crate::shell::Section;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    state: Option<String>,
    waiting: Option<String>,
    page: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct CasesBody {
    pub(crate) cases: Vec<Titled<CaseSummary>>,
    pub(crate) total: u64,
    pub(crate) page: u64,
    pub(crate) pages: u64,
    /// `open`, `closed`, `all`.
    pub(crate) state: &'static str,
    /// `us`, `police` …; empty for everybody.
    pub(crate) waiting: &'static str,
    /// The words the filter offers.
    pub(crate) owners: Vec<&'static str>,
    pub(crate) may_open: bool,
    /// The name that was asked for; empty for none.
    pub(crate) name: String,
    /// There may be more cases: with that name, or for that filter.
    pub(crate) more: bool,
}

/// `/cases`. What the filter does not know it ignores.
pub(crate) async fn list(staff: Staff, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let (state, closed) = match asked.state.as_deref() {
        Some("closed") => ("closed", Some(true)),
        Some("all") => ("all", None),
        _ => ("open", Some(false)),
    };
    let waiting = asked
        .waiting
        .as_deref()
        .and_then(WaitingOn::named)
        .map_or("", WaitingOn::as_str);
    let filter = CaseListFilter {
        closed,
        waiting_on: (!waiting.is_empty()).then(|| waiting.to_owned()),
        page: page_number(asked.page.as_deref()),
    };
    let found = staff
        .desk
        .service()
        .my_cases(&staff.viewer, &filter, staff.now)
        .await?;
    let body = CasesBody {
        cases: titled(&staff, found.cases),
        total: found.total,
        page: found.page,
        pages: found.pages,
        state,
        waiting,
        owners: WaitingOn::ALL.map(WaitingOn::as_str).to_vec(),
        may_open: may(staff.viewer.role, Action::OpenCase, false),
        name: String::new(),
        more: found.more,
    };
    staff.page("cases", Section::Cases, None, body)
}

/// `POST /cases`. The name comes in the body: it must stand in no address, no log and no history of a browser.
pub(crate) async fn find(staff: Staff, form: Filled) -> Result<Response, WebError> {
    let name = form.get("name").to_owned();
    if name.is_empty() {
        return Ok(Redirect::to("/cases").into_response());
    }
    let found = staff
        .desk
        .service()
        .find_by_name(&staff.viewer, &name, staff.now)
        .await?;
    let body = CasesBody {
        total: found.cases.len() as u64,
        cases: titled(&staff, found.cases),
        page: 1,
        pages: 1,
        state: "all",
        waiting: "",
        owners: WaitingOn::ALL.map(WaitingOn::as_str).to_vec(),
        may_open: may(staff.viewer.role, Action::OpenCase, false),
        name,
        more: found.more,
    };
    staff.page("cases", Section::Cases, None, body)
}

fn titled(staff: &Staff, cases: Vec<CaseSummary>) -> Vec<Titled<CaseSummary>> {
    cases
        .into_iter()
        .map(|item| Titled {
            title: staff.text(&item.pack, "workflow-title"),
            item,
        })
        .collect()
}

/// A page's number as written in an address, from 1.
pub(crate) fn page_number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_page_numbers_are_the_first() {
        assert_eq!(
            [Some("3"), Some("0"), Some("-1"), Some("x"), None].map(page_number),
            [3, 1, 1, 1, 1]
        );
    }
}
