//! The frame around every page: who reads it, where they are, what they may go to.
//! Knows no page's content.

use chrono::{DateTime, Utc};
use peshi_service::{Action, Role, may};
use serde::Serialize;

/// The frame's part of a context.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shell {
    /// The reader's name; none before sign-in.
    pub reader: Option<String>,
    /// The reader's role: locale key `role-ROLE`.
    pub role: Option<String>,
    /// Where the navigation leads, in order.
    pub nav: Vec<NavItem>,
    /// The local address of this page, for coming back to it in the other language.
    pub here: String,
    /// The language a page is offered in instead of this one.
    pub other_language: &'static str,
    /// The scheduler ticks; a warning stands on every staff page while it does not.
    pub scheduler_ok: bool,
    /// A confirmation to show: locale key `said-WORD`.
    pub said: Option<&'static str>,
    /// The stylesheet's address with its version.
    pub stylesheet: String,
    /// The moment of the request: what "3 days ago" is counted from.
    pub now: DateTime<Utc>,
    /// The zone of dates that belong to no case.
    pub zone: &'static str,
}

/// One place the navigation leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NavItem {
    /// Locale key.
    pub key: &'static str,
    /// The address.
    pub href: &'static str,
    /// The reader is there.
    pub current: bool,
}

/// A part of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Today,
    Cases,
    Board,
    Messages,
    System,
    /// Nowhere in the navigation: signing in, a problem.
    Elsewhere,
}

impl Section {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Today, "nav-today", "/today"),
        (Self::Cases, "nav-cases", "/cases"),
        (Self::Board, "nav-board", "/board"),
        (Self::Messages, "nav-messages", "/outbox"),
        (Self::System, "nav-system", "/admin"),
    ];

    /// Whether a role has anything to do there, by the service's own gate.
    fn is_for(self, role: Role) -> bool {
        match self {
            Self::Today | Self::Cases => may(role, Action::ReadCase, true),
            Self::Board => may(role, Action::ReadBoard, false),
            // Everybody may be written to.
            Self::Messages => true,
            Self::System => may(role, Action::Administer, false),
            Self::Elsewhere => false,
        }
    }
}

/// The places a role may go to, the present one marked.
pub(crate) fn nav(role: Role, here: Section) -> Vec<NavItem> {
    Section::ALL
        .into_iter()
        .filter(|(section, ..)| section.is_for(role))
        .map(|(section, key, href)| NavItem {
            key,
            href,
            current: section == here,
        })
        .collect()
}

/// Where a role begins its work.
pub(crate) fn home(role: Role) -> &'static str {
    let places = nav(role, Section::Elsewhere);
    let system = places.iter().find(|item| item.href == "/admin");
    system.or(places.first()).map_or("/outbox", |item| item.href)
}

/// The confirmations a redirect may ask for: the word in the address, never its text.
pub(crate) fn said(word: Option<&str>) -> Option<&'static str> {
    [
        "recorded",
        "opened",
        "task_done",
        "date_changed",
        "day_added",
        "person_added",
        "permission_granted",
        "permission_revoked",
        "violation_noted",
        "violation_documented",
        "violation_verified",
        "violation_used",
        "violation_publishable",
        "document_added",
        "document_removed",
    ]
    .into_iter()
    .find(|known| Some(*known) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_sees_its_own_places() {
        let places = |role| {
            nav(role, Section::Today)
                .iter()
                .map(|item| item.href)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            places(Role::Coordinator),
            ["/today", "/cases", "/board", "/outbox"]
        );
        assert_eq!(places(Role::Lawyer), ["/today", "/cases", "/outbox"]);
        assert_eq!(places(Role::Paralegal), ["/today", "/cases", "/outbox"]);
        assert_eq!(places(Role::Auditor), ["/outbox"]);
        assert_eq!(
            places(Role::Administrator),
            ["/outbox", "/admin"],
            "runs the system, sees no case"
        );
        assert_eq!(
            [Role::Coordinator, Role::Auditor, Role::Administrator].map(home),
            ["/today", "/outbox", "/admin"]
        );
    }

    #[test]
    fn an_address_cannot_put_words_on_a_page() {
        assert_eq!(said(Some("recorded")), Some("recorded"));
        assert_eq!(said(Some("you have won")), None);
        assert_eq!(said(None), None);
    }
}
