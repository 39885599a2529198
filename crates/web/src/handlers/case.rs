//! The page of one case, and ticking off its tasks.
//! Knows the order of things on the page; what there is to show comes from the service.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use peshi_casework::{DeadlineAct, STOP_CATEGORIES};
use peshi_service::ChangeDeadline;
use peshi_service::views::{CaseView, JournalView};
use serde::Serialize;

use crate::error::WebError;
use crate::filled::Filled;
use crate::handlers::{CaseHead, to_case};
use crate::present::{ActionGroup, Branch, DateLine, Line, action_groups, branches};
use crate::session::Staff;
use crate::shell::Section;
use crate::shown::Shown;

/// How far back the page looks for its latest entries: the machine's own entries stand between them.
const LOOKED_THROUGH: u32 = 40;
/// How many it shows.
const LATEST: usize = 6;

#[derive(Debug, Serialize)]
pub(crate) struct CaseBody {
    pub(crate) head: CaseHead,
    pub(crate) case: CaseView,
    pub(crate) actions: Vec<ActionGroup>,
    pub(crate) dates: Vec<DateLine>,
    pub(crate) proceedings: Vec<Branch>,
    pub(crate) facts: Vec<Shown>,
    pub(crate) narratives: Vec<Shown>,
    pub(crate) latest: Vec<Line>,
    pub(crate) panels: Vec<Panel>,
    /// Why a clock may stand still.
    pub(crate) categories: [&'static str; 5],
}

/// Something computed from the case's data.
#[derive(Debug, Serialize)]
pub(crate) struct Panel {
    pub(crate) key: String,
    pub(crate) rows: Vec<Shown>,
}

impl CaseBody {
    pub(crate) fn new(case: CaseView, journal: &[JournalView]) -> Self {
        let (narratives, facts) = Shown::all(&case.facts)
            .into_iter()
            .partition(|fact| fact.narrative);
        Self {
            head: CaseHead::new(&case.summary, &case.zone, "case"),
            actions: action_groups(&case.actions),
            dates: case.dates.iter().map(DateLine::new).collect(),
            proceedings: branches(&case.children, "case"),
            facts,
            narratives,
            latest: Line::latest(journal, LATEST),
            panels: case
                .panels
                .iter()
                .map(|panel| Panel {
                    key: panel.key.clone(),
                    rows: panel.rows.iter().map(Shown::computed).collect(),
                })
                .collect(),
            categories: STOP_CATEGORIES,
            case,
        }
    }
}

/// `/cases/REFERENCE`.
pub(crate) async fn show(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let case = service.case(&staff.viewer, &reference, staff.now).await?;
    let after = (case.version - i64::from(LOOKED_THROUGH)).max(0);
    let journal = service
        .journal(&staff.viewer, &reference, after, u64::from(LOOKED_THROUGH))
        .await?;
    let pack = case.summary.pack.clone();
    staff.page("case", Section::Cases, Some(&pack), CaseBody::new(case, &journal))
}

/// Ticks off a task.
pub(crate) async fn finish_task(
    staff: Staff,
    Path((reference, task)): Path<(String, String)>,
) -> Result<Response, WebError> {
    staff
        .desk
        .service()
        .finish_task(&staff.viewer, &reference, &task, staff.now)
        .await?;
    Ok(to_case(&reference, "task_done").into_response())
}

/// Stops a date's clock, lets it run, sets another date, or ends it.
pub(crate) async fn change_date(
    staff: Staff,
    Path((reference, deadline)): Path<(String, String)>,
    form: Filled,
) -> Result<Response, WebError> {
    let change = ChangeDeadline {
        deadline,
        act: act(&form)?,
        occurred_at: None,
        expected_version: Some(form.version()?),
    };
    staff
        .desk
        .service()
        .change_deadline(&staff.viewer, &reference, change, staff.now)
        .await?;
    Ok(to_case(&reference, "date_changed").into_response())
}

fn act(form: &Filled) -> Result<DeadlineAct, WebError> {
    let reason = || form.get("reason").to_owned();
    Ok(match form.get("what") {
        "stop" => DeadlineAct::Stop {
            category: form.get("category").to_owned(),
            reason: reason(),
        },
        "resume" => DeadlineAct::Resume,
        "override" => DeadlineAct::Override {
            day: form
                .get("day")
                .parse()
                .map_err(|_| WebError::BadForm { what: "day" })?,
            time: None,
            reason: reason(),
        },
        "met" => DeadlineAct::Met { proof: reason() },
        "excuse" => DeadlineAct::Excuse { reason: reason() },
        _ => return Err(WebError::BadForm { what: "what" }),
    })
}
