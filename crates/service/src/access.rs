//! The gate: one function says who may do what. Pages, commands, digests and messages all ask here.
//! Knows roles and teams; no page, no route.

use peshi_casework::AccountId;
use serde::{Deserialize, Serialize};

use crate::error::ServiceError;

/// What a member of staff is in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the system and sees no case.
    Administrator,
    /// Sees the office's cases and its boards.
    Coordinator,
    /// Acts in the cases of their teams.
    Lawyer,
    /// Acts in the cases of their teams.
    Paralegal,
    /// Reads the audit, no narratives.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Administrator,
        Self::Coordinator,
        Self::Lawyer,
        Self::Paralegal,
        Self::Auditor,
    ];

    /// The word stored, and used in packs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::Lawyer => "lawyer",
            Self::Paralegal => "paralegal",
            Self::Auditor => "auditor",
        }
    }

    /// The role a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

/// Somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The name, for the page's corner.
    pub name: String,
    /// The role.
    pub role: Role,
    /// `en` or `ur`.
    pub language: String,
}

/// What is being tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read a case, its journal or its messages; be told about it by a digest or a reminder.
    ReadCase,
    /// Record something in a case.
    ChangeCase,
    /// Take a case's journal away, sealed as it is: who did what kind of thing when, and that nothing was changed.
    ExportJournal,
    /// Say that the account and proof of a violation were looked at.
    VerifyViolation,
    /// Remove the bytes of a document for good.
    RemoveDocument,
    /// Say whether a violation may be published, and read the register of the whole office.
    PublishViolation,
    /// Destroy a case's key for good.
    EraseCase,
    /// Open a new case.
    OpenCase,
    /// Read the board of the whole office.
    ReadBoard,
    /// Read and change accounts, health and settings.
    Administer,
}

/// May a member of staff with `role` do `action`? `in_team` says whether the case's team has them.
pub fn may(role: Role, action: Action, in_team: bool) -> bool {
    match action {
        Action::ReadCase | Action::ChangeCase => match role {
            Role::Coordinator => true,
            Role::Lawyer | Role::Paralegal => in_team,
            Role::Administrator | Role::Auditor => false,
        },
        Action::ExportJournal => role == Role::Auditor || may(role, Action::ReadCase, in_team),
        Action::OpenCase => matches!(role, Role::Coordinator | Role::Lawyer | Role::Paralegal),
        Action::VerifyViolation | Action::RemoveDocument => {
            role == Role::Coordinator || role == Role::Lawyer && in_team
        }
        Action::ReadBoard | Action::EraseCase | Action::PublishViolation => role == Role::Coordinator,
        Action::Administer => role == Role::Administrator,
    }
}

/// Refuses what [`may`] does not allow.
pub(crate) fn require(role: Role, action: Action, what: &'static str) -> Result<(), ServiceError> {
    if may(role, action, false) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden { what })
    }
}

/// Which cases a list may show; only the gate makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visible {
    /// The office's cases.
    All,
    /// Those of one member's teams.
    Team(AccountId),
    /// None.
    Nothing,
}

impl Visible {
    /// What `viewer` may list.
    pub(crate) fn to(viewer: &Viewer) -> Self {
        if may(viewer.role, Action::ReadCase, false) {
            Self::All
        } else if may(viewer.role, Action::ReadCase, true) {
            Self::Team(viewer.account)
        } else {
            Self::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix() {
        let actions = [
            Action::ReadCase,
            Action::ChangeCase,
            Action::ExportJournal,
            Action::VerifyViolation,
            Action::RemoveDocument,
            Action::PublishViolation,
            Action::OpenCase,
            Action::ReadBoard,
            Action::Administer,
        ];
        let row = |role, in_team| actions.map(|a| may(role, a, in_team));
        assert_eq!(
            row(Role::Administrator, true),
            [false, false, false, false, false, false, false, false, true]
        );
        assert_eq!(
            row(Role::Coordinator, false),
            [true, true, true, true, true, true, true, true, false]
        );
        assert_eq!(
            row(Role::Lawyer, false),
            [false, false, false, false, false, false, true, false, false]
        );
        assert_eq!(
            row(Role::Lawyer, true),
            [true, true, true, true, true, false, true, false, false]
        );
        assert_eq!(
            row(Role::Paralegal, true),
            [true, true, true, false, false, false, true, false, false]
        );
        assert_eq!(
            row(Role::Paralegal, false),
            [false, false, false, false, false, false, true, false, false]
        );
        assert_eq!(
            row(Role::Auditor, false),
            [false, false, true, false, false, false, false, false, false]
        );
    }
}
