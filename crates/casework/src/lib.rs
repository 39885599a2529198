//! What a case is: packs, commands, decisions and journal facts.
//!
//! This crate is the only place that knows what a case is, and it is pure: time, ids and calendars are arguments,
//! effects are data. [`decide`] is the one way to change a case; [`Case::replay`] rebuilds it from its journal without
//! any pack. It knows no database, no text for people, no channel.

pub mod approximate;
mod case;
mod command;
mod deadline;
mod decide;
mod document;
mod effect;
pub mod expression;
mod fact;
pub mod form;
mod ids;
pub mod pack;
mod permission;
mod spelling;
pub mod time;
pub mod violation;

pub use case::{Case, Instance, Person, ReplayError, Task, Timer, province};
pub use command::{Command, Context, DeadlineAct, DeadlineProblem, DocumentCommand, FieldError, Rejection};
pub use deadline::{Deadline, Override, STOP_CATEGORIES, Settled, Stop};
pub use decide::{
    AgendaItem, AgendaState, Allowed, Board, Broken, Decision, Idle, MAX_WORK, ShownPanel, WhyIdle, allowed,
    broken, calendar_for, decide, idle_rules, migrate, place, shown_panels,
};
pub use document::Document;
pub use effect::Effect;
pub use fact::{Actor, Entry, Fact, Fields, Knowledge, MessageOrder, PackRef, Placed, Purpose, Recipient};
pub use ids::{AccountId, CaseId, EffectId, InstanceId};
pub use permission::{Channel, ContactPermission, Level, Permission, Refusal};
pub use violation::Violation;
