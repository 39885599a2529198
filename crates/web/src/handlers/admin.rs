//! How the system is and who may sign in. No content of any case.

use axum::response::Response;
use peshi_service::views::{AccountView, HealthView};
use serde::Serialize;

use crate::error::WebError;
use crate::session::Staff;
use crate::shell::Section;

#[derive(Debug, Serialize)]
pub(crate) struct AdminBody {
    pub(crate) health: HealthView,
    pub(crate) jobs: Vec<JobLine>,
    pub(crate) accounts: Vec<AccountView>,
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct JobLine {
    /// In words, or the kind itself.
    pub(crate) kind: String,
    /// In words, or the state itself.
    pub(crate) state: String,
    pub(crate) count: u64,
}

impl AdminBody {
    pub(crate) fn new(
        health: HealthView,
        accounts: Vec<AccountView>,
        text: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let word =
            |prefix: &str, word: &str| text(&format!("{prefix}-{word}")).unwrap_or_else(|| word.to_owned());
        let jobs = health
            .jobs
            .iter()
            .map(|(kind, state, count)| JobLine {
                kind: word("job", kind),
                state: word("fate", state),
                count: *count,
            })
            .collect();
        Self {
            health,
            jobs,
            accounts,
        }
    }
}

/// `/admin`. The list of accounts is asked for first: it is the one that refuses everybody else.
pub(crate) async fn show(staff: Staff) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let accounts = service.accounts(&staff.viewer).await?;
    let health = service.health_in_full(&staff.viewer, staff.now).await?;
    let body = AdminBody::new(health, accounts, |key| staff.desk.text(None, staff.lang, key));
    staff.page("admin", Section::System, None, body)
}
