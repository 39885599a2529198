//! What a decision asks for, as rows: jobs, agenda items, the end of the job that brought a command.
//! Decides nothing, writes nothing.

use chrono::{DateTime, Utc};
use peshi_casework::{AgendaItem, AgendaState, Case, Effect, Fact, MessageOrder, Recipient, Rejection};
use peshi_store::{AgendaRow, JobKind, JobState, NewJob, Settlement, ViolationRow};
use serde_json::json;
use uuid::Uuid;

/// What becomes of the job whose command was rejected.
pub fn settlement(rejection: &Rejection, now: DateTime<Utc>) -> Settlement {
    match rejection {
        Rejection::TimerGone => Settlement::Cancelled {
            reason: "cancelled".to_owned(),
        },
        Rejection::TimerEarly { due_at } => Settlement::DeferTo {
            at: (*due_at).max(now),
            reason: "clock_went_back".to_owned(),
        },
        other => Settlement::Dead {
            reason: other.to_string(),
        },
    }
}

pub(crate) fn agenda_row(case: Uuid, item: &AgendaItem) -> AgendaRow {
    AgendaRow {
        case_id: case,
        item: item.item.as_str().to_owned(),
        kind: item.kind.to_owned(),
        rule: item.name.clone(),
        instance: item.instance.as_ref().map(ToString::to_string),
        due_at: item.due_at,
        last_day: item.last_day,
        state: match item.state {
            AgendaState::Open => peshi_store::AgendaState::Open,
            AgendaState::Missed => peshi_store::AgendaState::Missed,
            AgendaState::Done => peshi_store::AgendaState::Done,
        },
        legal_kind: item.legal_kind.map(|k| k.as_str().to_owned()),
        account_id: None,
    }
}

pub(crate) fn job(case: Uuid, effect: &Effect, now: DateTime<Utc>) -> Option<NewJob> {
    match effect {
        Effect::Arm { id, due_at } => {
            let mut job = NewJob::new(id.as_str(), JobKind::Timer, *due_at, now);
            job.case_id = Some(case);
            Some(job)
        }
        Effect::Message { id, order, due_at } => Some(message(case, id.as_str(), order, *due_at, now)),
        Effect::Suppressed { id, order, reason } => {
            let mut job = message(case, id.as_str(), order, now, now);
            job.settled = Some((JobState::Suppressed, reason.key().to_owned()));
            Some(job)
        }
        Effect::Cancel { .. } => None,
    }
}

/// A message's row names its recipient by id and its subject by effect: nothing of the case's content.
fn message(case: Uuid, id: &str, order: &MessageOrder, due_at: DateTime<Utc>, now: DateTime<Utc>) -> NewJob {
    let mut job = NewJob::new(id, JobKind::Message, due_at, now);
    job.case_id = Some(case);
    job.message_kind = Some(order.kind.clone());
    job.about = order
        .deadline
        .as_ref()
        .or(order.task.as_ref())
        .map(|e| e.as_str().to_owned());
    job.useful_until = order.useful_until;
    match &order.to {
        Recipient::Account(account) => job.account_id = Some(account.0),
        Recipient::Person(person) => job.person_id = Some(person.clone()),
        Recipient::Nobody(role) => job.person_id = Some(format!("nobody:{role}")),
    }
    job.payload = json!({ "moment": order.moment });
    job
}

/// Whether a fact changes the register of violations.
pub(crate) fn is_of_register(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::ViolationNoted { .. }
            | Fact::ViolationDocumented { .. }
            | Fact::ViolationVerified { .. }
            | Fact::ViolationUsed { .. }
            | Fact::ViolationPublishable { .. }
    )
}

/// The violations of a case as rows: what they are called and how far they have come.
pub(crate) fn violation_rows(id: Uuid, case: &Case) -> Vec<ViolationRow> {
    let numbered = case.violations.iter().zip(1..);
    numbered
        .map(|(violation, number)| ViolationRow {
            case_id: id,
            number,
            code: violation.code.clone(),
            status: violation.status.as_str().to_owned(),
            publishable: violation.publishable,
            noted_for: violation.occurred_at,
        })
        .collect()
}
