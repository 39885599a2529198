//! Expected messages with their fates and reasons: all a reader may see, and those of one case.
//! Knows no address and no text of a message.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::error::WebError;
use crate::handlers::CaseHead;
use crate::handlers::cases::page_number;
use crate::present::MessageLine;
use crate::session::Staff;
use crate::shell::Section;

/// Messages the service gives at once; a full page may have another behind it.
const A_PAGE: usize = 50;

/// What may become of a message: locale key `fate-WORD`.
pub(crate) const FATES: [&str; 7] = [
    "waiting",
    "running",
    "done",
    "failed",
    "suppressed",
    "cancelled",
    "dead",
];

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    fate: Option<String>,
    page: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct OutboxBody {
    pub(crate) messages: Vec<MessageLine>,
    /// The fate filtered by; empty for all.
    pub(crate) fate: &'static str,
    pub(crate) fates: [&'static str; 7],
    pub(crate) page: u64,
    /// There may be another page.
    pub(crate) more: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct CaseMessagesBody {
    pub(crate) head: CaseHead,
    pub(crate) messages: Vec<MessageLine>,
}

/// `/outbox`.
pub(crate) async fn list(staff: Staff, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let fate = FATES
        .into_iter()
        .find(|fate| Some(*fate) == asked.fate.as_deref());
    let page = page_number(asked.page.as_deref());
    let messages = staff.desk.service().outbox(&staff.viewer, page, fate).await?;
    let text = |key: &str| staff.desk.text(None, staff.lang, key);
    let body = OutboxBody {
        messages: messages
            .iter()
            .map(|message| MessageLine::new(message, text))
            .collect(),
        fate: fate.unwrap_or_default(),
        fates: FATES,
        page,
        more: messages.len() >= A_PAGE,
    };
    staff.page("outbox", Section::Messages, None, body)
}

/// `/cases/REFERENCE/messages`.
pub(crate) async fn of_case(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let case = service.case(&staff.viewer, &reference, staff.now).await?;
    let messages = service.case_outbox(&staff.viewer, &reference).await?;
    let pack = &case.summary.pack;
    let text = |key: &str| staff.desk.text(Some(pack), staff.lang, key);
    let body = CaseMessagesBody {
        head: CaseHead::new(&case.summary, &case.zone, "messages"),
        messages: messages
            .iter()
            .map(|message| MessageLine::new(message, text))
            .collect(),
    };
    staff.page("messages", Section::Cases, Some(pack), body)
}
