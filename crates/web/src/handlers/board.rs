//! The coordinator's board: what does not move, and whose delay it is.
//! Knows how long a bar is; what counts as stalled is the service's knowledge.

use axum::response::Response;
use peshi_service::views::{BoardView, CaseSummary};
use serde::Serialize;

use crate::error::WebError;
use crate::handlers::Titled;
use crate::session::Staff;
use crate::shell::Section;

#[derive(Debug, Serialize)]
pub(crate) struct BoardBody {
    pub(crate) stalled: Vec<Titled<CaseSummary>>,
    pub(crate) blind: Vec<Titled<CaseSummary>>,
    pub(crate) overdue: Vec<Titled<CaseSummary>>,
    pub(crate) owners: Vec<OwnerBar>,
    pub(crate) open_cases: u64,
    /// There are more than were counted.
    pub(crate) open_more: bool,
}

/// How many stalled cases wait on somebody, and the length of the bar that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OwnerBar {
    /// Locale key `waiting-WORD`.
    pub(crate) who: String,
    pub(crate) count: usize,
    /// Per cent of the longest bar.
    pub(crate) length: usize,
}

impl OwnerBar {
    fn all(by_owner: &[(String, usize)]) -> Vec<Self> {
        let most = by_owner.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
        by_owner
            .iter()
            .map(|(who, count)| Self {
                who: who.clone(),
                count: *count,
                length: count * 100 / most,
            })
            .collect()
    }
}

impl BoardBody {
    pub(crate) fn new(board: BoardView, title: impl Fn(&str) -> String) -> Self {
        let titled = |cases: Vec<CaseSummary>| -> Vec<Titled<CaseSummary>> {
            cases
                .into_iter()
                .map(|item| Titled {
                    title: title(&item.pack),
                    item,
                })
                .collect()
        };
        Self {
            stalled: titled(board.stalled),
            blind: titled(board.blind),
            overdue: titled(board.overdue),
            owners: OwnerBar::all(&board.by_owner),
            open_cases: board.open_cases,
            open_more: board.open_more,
        }
    }
}

/// `/board`.
pub(crate) async fn show(staff: Staff) -> Result<Response, WebError> {
    let board = staff.desk.service().board(&staff.viewer, staff.now).await?;
    let body = BoardBody::new(board, |pack| staff.text(pack, "workflow-title"));
    staff.page("board", Section::Board, None, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_delay_fills_the_bar() {
        let bars = OwnerBar::all(&[
            ("police".to_owned(), 8),
            ("us".to_owned(), 2),
            ("court".to_owned(), 0),
        ]);
        assert_eq!(
            bars.iter().map(|bar| bar.length).collect::<Vec<_>>(),
            [100, 25, 0]
        );
        assert_eq!(
            OwnerBar::all(&[("us".to_owned(), 0)])[0].length,
            0,
            "nothing stalled divides by nothing"
        );
    }
}
