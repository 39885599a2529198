//! What a pack says of a deadline: how it counts, where it comes from and how sure that is, whom it reminds.
//! Knows rules; not the cases in which they run.

use peshi_calendar::{Counting, Rung};
use serde::Serialize;

use super::{Act, WaitingOn};

/// What a deadline is in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegalKind {
    /// A duty of the state: a breach is a violation to document.
    Statutory,
    /// A limitation on us: missed, the remedy is lost.
    Limitation,
    /// A policy without legal force.
    Policy,
    /// Our own service level.
    Internal,
}

impl LegalKind {
    /// The word in packs, rows and locales.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Statutory => "statutory",
            Self::Limitation => "limitation",
            Self::Policy => "policy",
            Self::Internal => "internal",
        }
    }
}

/// Whether the law behind a rule is in force, as far as the pack knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is.
    InForce,
    /// It is outside its dates.
    NotInForce,
    /// It was an ordinance whose time is over: somebody must look whether it was made an Act.
    MayHaveLapsed,
}

impl Standing {
    /// The word in pages and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::NotInForce => "not_in_force",
            Self::MayHaveLapsed => "may_have_lapsed",
        }
    }
}

/// A deadline rule, with where it comes from and how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadlineRule {
    /// Its name.
    pub name: String,
    /// Its code in the register.
    pub code: Option<String>,
    /// What it is in law.
    pub kind: LegalKind,
    /// How it counts; none with `from`: the moment itself.
    pub counting: Option<Counting>,
    /// The field with the starting moment; none: the moment the state was entered.
    pub from: Option<String>,
    /// The moment is a sitting of a court.
    pub hearing: bool,
    /// Who must act.
    pub who: WaitingOn,
    /// The legal basis.
    pub basis: Option<String>,
    /// Where it was seen.
    pub source: Option<String>,
    /// How sure.
    pub confidence: Option<String>,
    /// Who signed it off.
    pub signed_off: Option<String>,
    /// The provinces where it applies; empty: everywhere.
    pub provinces: Vec<String>,
    /// The kinds of court it is about; empty: every one.
    pub courts: Vec<String>,
    /// The time for the certified copy does not count.
    pub excludes_copy_time: bool,
    /// A duty without a length, owed at once: it never has a date.
    pub at_once: bool,
    /// First day of force.
    pub in_force_from: Option<chrono::NaiveDate>,
    /// Last day of force.
    pub in_force_until: Option<chrono::NaiveDate>,
    /// From this day on the law may have lapsed.
    pub lapses_on: Option<chrono::NaiveDate>,
    /// The reminder ladder.
    pub reminders: Vec<Rung>,
    /// Message kind of its reminders.
    pub message: String,
    /// Ladders for people of the case.
    pub also: Vec<Ladder>,
    /// What a miss does.
    pub on_miss: Vec<Act>,
}

/// Reminders for people of the case, beside those for the team.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// A role of people in the case.
    pub to: String,
    /// The message kind.
    pub message: String,
    /// Its rungs.
    pub reminders: Vec<Rung>,
}

/// One rung of one of a rule's ladders.
#[derive(Debug, Clone, Copy)]
pub struct LadderStep<'r> {
    /// The role of people it speaks to; none speaks to the team.
    pub to: Option<&'r str>,
    /// The message kind.
    pub message: &'r str,
    /// The rung.
    pub rung: &'r Rung,
}

impl DeadlineRule {
    /// It is meant for a province or a kind of court.
    pub fn is_local(&self) -> bool {
        !self.provinces.is_empty() || !self.courts.is_empty()
    }

    /// It is in force on a day.
    pub fn in_force(&self, day: chrono::NaiveDate) -> bool {
        self.in_force_from.is_none_or(|from| from <= day)
            && self.in_force_until.is_none_or(|until| day <= until)
    }

    /// What a reader must know of it on a day: it is no longer, or not yet, in force; its law may have lapsed.
    pub fn standing(&self, day: chrono::NaiveDate) -> Standing {
        match self.lapses_on {
            _ if !self.in_force(day) => Standing::NotInForce,
            Some(lapses) if lapses <= day => Standing::MayHaveLapsed,
            _ => Standing::InForce,
        }
    }

    /// Every rung, the team's ladder first.
    pub fn ladders(&self) -> impl Iterator<Item = LadderStep<'_>> {
        let team = (None, self.message.as_str(), &self.reminders);
        let also = self.also.iter().map(|ladder| {
            (
                Some(ladder.to.as_str()),
                ladder.message.as_str(),
                &ladder.reminders,
            )
        });
        std::iter::once(team)
            .chain(also)
            .flat_map(|(to, message, rungs)| rungs.iter().map(move |rung| LadderStep { to, message, rung }))
    }
}
