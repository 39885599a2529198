//! The whole history of a case, newest first, page by page.
//! Knows entries as the service tells them; it changes none.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::error::WebError;
use crate::handlers::CaseHead;
use crate::present::Line;
use crate::session::Staff;
use crate::shell::Section;

/// Entries a page.
const PAGE: i64 = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    before: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct JournalBody {
    pub(crate) head: CaseHead,
    pub(crate) lines: Vec<Line>,
    /// The page of older entries: those before this number.
    pub(crate) older: Option<i64>,
    /// The page of newer ones.
    pub(crate) newer: Option<i64>,
    pub(crate) chain_head: String,
    pub(crate) version: i64,
}

/// `/cases/REFERENCE/journal`.
pub(crate) async fn show(
    staff: Staff,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let case = service.case(&staff.viewer, &reference, staff.now).await?;
    let window = Window::new(case.version, asked.before.as_deref());
    let entries = service
        .journal(&staff.viewer, &reference, window.after, window.limit())
        .await?;
    let body = JournalBody {
        head: CaseHead::new(&case.summary, &case.zone, "journal"),
        lines: Line::newest_first(&entries),
        older: window.older(),
        newer: window.newer(case.version),
        chain_head: case.head,
        version: case.version,
    };
    staff.page("journal", Section::Cases, Some(&case.summary.pack), body)
}

/// Which entries a page shows: those after `after` and before `before`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    after: i64,
    before: i64,
}

impl Window {
    fn new(version: i64, before: Option<&str>) -> Self {
        let end = version + 1;
        let before = before
            .and_then(|text| text.parse().ok())
            .unwrap_or(end)
            .clamp(2, end.max(2));
        Self {
            after: (before - 1 - PAGE).max(0),
            before,
        }
    }

    fn limit(self) -> u64 {
        u64::try_from(self.before - 1 - self.after).unwrap_or(0)
    }

    fn older(self) -> Option<i64> {
        (self.after > 0).then_some(self.after + 1)
    }

    fn newer(self, version: i64) -> Option<i64> {
        (self.before <= version).then(|| (self.before + PAGE).min(version + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_a_gap() {
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let window = Window::new(123, before.map(|b: i64| b.to_string()).as_deref());
            seen.extend((window.after + 1..window.before).rev());
            assert_eq!(
                window.limit(),
                u64::try_from(window.before - window.after - 1).unwrap_or(0)
            );
            match window.older() {
                Some(older) => before = Some(older),
                None => break,
            }
        }
        assert_eq!(seen, (1..=123).rev().collect::<Vec<_>>());
    }

    #[test]
    fn odd_numbers_stay_within_the_journal() {
        for odd in ["0", "-9", "x", "999999999999999999999", "9999"] {
            let window = Window::new(7, Some(odd));
            assert!(
                window.after >= 0 && window.before >= 2 && window.before <= 8,
                "{odd}: {window:?}"
            );
        }
        assert_eq!(Window::new(200, Some("51")).newer(200), Some(101));
        assert_eq!(Window::new(200, None).newer(200), None);
    }
}
