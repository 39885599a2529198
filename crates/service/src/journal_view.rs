//! The journal as people read it: entries opened, named by locale keys, in order.

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Pack, event_key};
use peshi_casework::{Actor, Case, Entry, Fact, Fields, InstanceId};

use crate::Service;
use crate::access::{Action, Viewer};
use crate::case_view::{chart_of, facts};
use crate::error::ServiceError;
use crate::sealing::{open_case, open_entry, stored_hash};
use crate::views::JournalView;

impl Service {
    /// Entries after `after_seq`, oldest first.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the case is absent or not open to the viewer.
    pub async fn journal(
        &self,
        viewer: &Viewer,
        reference: &str,
        after_seq: i64,
        limit: u64,
    ) -> Result<Vec<JournalView>, ServiceError> {
        let row = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        let key = self.case_key(row.id).await?;
        let case = open_case(row.id, &row.state, &key)?;
        let pack = self.core.pinned(&case).await?;
        let names = self.account_names().await?;
        let rows = self.store.journal(row.id, after_seq, limit).await?;
        rows.iter()
            .map(|row| {
                let entry = open_entry(row, &key)?;
                let actor = match &entry.actor {
                    Actor::Account(id) => names.get(&id.0).cloned().unwrap_or_else(|| id.to_string()),
                    Actor::Machine => "actor-machine".to_owned(),
                    Actor::Importer => "actor-importer".to_owned(),
                };
                let hash = stored_hash(row.case_id, &row.hash)?.to_string();
                Ok(view(&pack, &case, &entry, actor, hash))
            })
            .collect()
    }
}

fn view(pack: &Pack, case: &Case, entry: &Entry, actor: String, hash: String) -> JournalView {
    let told = told(case, entry);
    let form = told
        .form
        .map(|f| facts(pack, told.form_name.as_deref(), f))
        .unwrap_or_default();
    JournalView {
        seq: entry.seq,
        recorded_at: entry.recorded_at,
        occurred_at: entry.occurred_at,
        actor,
        instance: entry.instance.as_ref().map(ToString::to_string),
        key: format!("fact-{}", entry.fact.kind()),
        subject_key: told.subject,
        entered: told.entered,
        facts: form,
        moment: told.moment,
        reason_key: told.reason,
        hash,
    }
}

#[derive(Default)]
struct Told<'a> {
    subject: Option<String>,
    entered: Vec<String>,
    form: Option<&'a Fields>,
    form_name: Option<String>,
    moment: Option<DateTime<Utc>>,
    reason: Option<String>,
}

/// What an entry names, as locale keys.
fn told<'a>(case: &Case, entry: &'a Entry) -> Told<'a> {
    let chart = |instance: &Option<InstanceId>| {
        instance
            .as_ref()
            .map_or_else(|| "case".to_owned(), |i| chart_of(case, i).to_owned())
    };
    let deadline =
        |id: &peshi_casework::EffectId| case.deadlines.get(id).map(|d| format!("deadline-{}", d.rule));
    match &entry.fact {
        Fact::Opened { form, .. } => Told {
            form: Some(form),
            ..Told::default()
        },
        Fact::EventAccepted { event, form } => Told {
            subject: Some(event_key(event)),
            form: Some(form),
            ..Told::default()
        },
        Fact::Moved { entered, .. } => {
            let chart = chart(&entry.instance);
            let entered = entered
                .iter()
                .filter(|id| **id != chart)
                .map(|id| format!("state-{chart}-{id}"))
                .collect();
            Told {
                entered,
                ..Told::default()
            }
        }
        Fact::Spawned { chart, data, .. } => Told {
            subject: Some(format!("chart-{chart}")),
            form: Some(data),
            ..Told::default()
        },
        Fact::DataSet { values } => Told {
            form: Some(values),
            ..Told::default()
        },
        Fact::TimerArmed { due_at, .. } => Told {
            moment: Some(*due_at),
            ..Told::default()
        },
        Fact::TimerCancelled { reason, .. } => Told {
            reason: Some(format!("reason-{reason}")),
            ..Told::default()
        },
        Fact::DeadlineStarted { rule, computed, .. } => Told {
            subject: Some(format!("deadline-{rule}")),
            moment: Some(computed.due_at),
            ..Told::default()
        },
        Fact::DeadlineMissed { deadline: id } | Fact::DeadlineEnded { deadline: id } => Told {
            subject: deadline(id),
            ..Told::default()
        },
        Fact::TaskRaised { key, .. } => Told {
            subject: Some(format!("task-{key}")),
            ..Told::default()
        },
        Fact::TaskDone { task } => Told {
            subject: case.tasks.get(task).map(|t| format!("task-{}", t.key)),
            ..Told::default()
        },
        Fact::ViolationNoted { code } => Told {
            subject: Some(format!("violation-{code}")),
            ..Told::default()
        },
        Fact::MessageExpected {
            order, suppressed, ..
        } => Told {
            subject: Some(format!("message-{}", order.kind)),
            moment: order.moment,
            reason: suppressed.map(|r| format!("reason-{}", r.key())),
            ..Told::default()
        },
        Fact::TeamJoined { role, .. } => Told {
            subject: Some(format!("role-{role}")),
            ..Told::default()
        },
        Fact::PersonAdded { role, .. } => Told {
            subject: Some(format!("person-{role}")),
            ..Told::default()
        },
        Fact::TeamLeft { .. }
        | Fact::TimerFired { .. }
        | Fact::PermissionGranted { .. }
        | Fact::PermissionRevoked { .. } => Told::default(),
    }
}
