//! The journal as people read it: entries opened, named by locale keys, in order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Pack, event_key};
use peshi_casework::{Actor, Case, Entry, Fact, Fields, InstanceId, Placed};
use peshi_store::JournalRow;
use peshi_vault::CaseKey;
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer};
use crate::case_view::{chart_of, facts};
use crate::error::ServiceError;
use crate::said;
use crate::sealing::{open_case, open_entry, stored_hash};
use crate::views::{FactView, JournalView};

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
        let names = self.account_names().await?;
        if !case.earlier_packs.is_empty() {
            return self.retold(&case, &key, &names, (after_seq, limit)).await;
        }
        let pack = self.core.pinned(&case).await?;
        let rows = self.store.journal(row.id, after_seq, limit).await?;
        rows.iter()
            .map(|row| {
                let entry = open_entry(row, &key)?;
                view(&pack, &case, row, &entry, &names)
            })
            .collect()
    }

    /// The same for a case that moved to another version: each entry is told as the case was when it was written, by the
    /// pack it was written under.
    async fn retold(
        &self,
        case: &Case,
        key: &CaseKey,
        names: &BTreeMap<Uuid, String>,
        (after_seq, limit): (i64, u64),
    ) -> Result<Vec<JournalView>, ServiceError> {
        let corrupt = |problem: String| ServiceError::Corrupt {
            case: case.reference.clone(),
            problem,
        };
        let until = after_seq.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut lines = Vec::new();
        let mut then: Option<Case> = None;
        loop {
            let done = then.as_ref().map_or(0, |c| c.version);
            let rows = self.store.journal(case.id.0, done, ROWS).await?;
            if rows.is_empty() {
                return Ok(lines);
            }
            for row in &rows {
                if row.seq > until {
                    return Ok(lines);
                }
                let entry = open_entry(row, key)?;
                let told = match then.take() {
                    None => Case::opened(&entry),
                    Some(mut known) => known.apply(&entry).map(|()| known),
                }
                .map_err(|e| corrupt(e.to_string()))?;
                if row.seq > after_seq {
                    let pack = self.core.pinned(&told).await?;
                    let mut line = view(&pack, &told, row, &entry, names)?;
                    let other = told.pack.hash != case.pack.hash;
                    line.words = other.then(|| self.library.words(&told.pack.name, &told.pack.hash));
                    lines.push(line);
                }
                then = Some(told);
            }
        }
    }
}

/// Journal rows read at once.
const ROWS: u64 = 2_000;

/// Who did it: a name, or the locale key of what is no person.
pub(crate) fn who(actor: &Actor, names: &BTreeMap<Uuid, String>) -> String {
    match actor {
        Actor::Account(id) => names.get(&id.0).cloned().unwrap_or_else(|| id.to_string()),
        Actor::Machine => "actor-machine".to_owned(),
        Actor::Importer => "actor-importer".to_owned(),
    }
}

fn view(
    pack: &Pack,
    case: &Case,
    row: &JournalRow,
    entry: &Entry,
    names: &BTreeMap<Uuid, String>,
) -> Result<JournalView, ServiceError> {
    let told = told(case, entry);
    let form = told
        .form
        .map(|f| facts(pack, told.form_name.as_deref(), f))
        .unwrap_or_default();
    Ok(JournalView {
        seq: entry.seq,
        recorded_at: entry.recorded_at,
        occurred_at: entry.occurred_at,
        actor: who(&entry.actor, names),
        instance: entry.instance.as_ref().map(ToString::to_string),
        key: format!("fact-{}", entry.fact.kind()),
        subject_key: told.subject,
        entered: told.entered,
        facts: form,
        said: told.said,
        moment: told.moment,
        reason_key: told.reason,
        words: None,
        hash: stored_hash(row.case_id, &row.hash)?.to_string(),
    })
}

#[derive(Default)]
struct Told<'a> {
    subject: Option<String>,
    entered: Vec<String>,
    form: Option<&'a Fields>,
    form_name: Option<String>,
    moment: Option<DateTime<Utc>>,
    reason: Option<String>,
    said: Vec<FactView>,
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
    let code = |number: u32| case.violation(number).map(|v| format!("violation-{}", v.code));
    match &entry.fact {
        Fact::Opened { form, .. } => Told {
            form: Some(form),
            ..Told::default()
        },
        Fact::Migrated { instances, .. } => Told {
            entered: instances.values().flat_map(stands_elsewhere).collect(),
            ..Told::default()
        },
        Fact::EventAccepted { event, form, known } => Told {
            subject: Some(event_key(event)),
            form: Some(form),
            said: said::knowledge(known),
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
        Fact::DeadlineStarted { rule, computed, .. } | Fact::DeadlineMoved { rule, computed, .. } => Told {
            subject: Some(format!("deadline-{rule}")),
            moment: Some(computed.due_at),
            ..Told::default()
        },
        Fact::DeadlineOverridden {
            deadline: id,
            computed,
            ..
        } => Told {
            subject: deadline(id),
            moment: Some(computed.due_at),
            ..Told::default()
        },
        Fact::DeadlineStopped {
            deadline: id,
            category,
            ..
        } => Told {
            subject: deadline(id),
            reason: Some(format!("stop-{category}")),
            ..Told::default()
        },
        Fact::DeadlineMissed { deadline: id }
        | Fact::DeadlineResumed { deadline: id }
        | Fact::DeadlineSettled { deadline: id, .. }
        | Fact::DeadlineEnded { deadline: id } => Told {
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
        Fact::ViolationNoted { code, details, .. } => Told {
            subject: Some(format!("violation-{code}")),
            said: said::details(details),
            ..Told::default()
        },
        Fact::ViolationDocumented { violation, details } => Told {
            subject: code(*violation),
            said: said::details(details),
            ..Told::default()
        },
        Fact::ViolationVerified { violation } => Told {
            subject: code(*violation),
            ..Told::default()
        },
        Fact::ViolationUsed { violation, complaint } => Told {
            subject: code(*violation),
            said: vec![said::one("register-complaint", complaint)],
            ..Told::default()
        },
        Fact::ViolationPublishable {
            violation,
            publishable,
            reason,
        } => Told {
            subject: code(*violation),
            reason: Some(
                if *publishable {
                    "register-publishable"
                } else {
                    "register-private"
                }
                .to_owned(),
            ),
            said: vec![said::one("register-why", reason)],
            ..Told::default()
        },
        Fact::DocumentAdded { name, .. } => Told {
            said: vec![said::one("document-name", name)],
            ..Told::default()
        },
        Fact::DocumentCopied { document } => Told {
            said: vec![said::one("document-number", &document.to_string())],
            ..Told::default()
        },
        Fact::DocumentRemoved { document, reason } => Told {
            said: vec![
                said::one("document-number", &document.to_string()),
                said::one("document-why", reason),
            ],
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

/// The states of an instance that are called otherwise since it moved.
fn stands_elsewhere(placed: &Placed) -> Vec<String> {
    let now = placed
        .snapshot
        .as_ref()
        .map(peshi_statechart::Snapshot::active_leaves)
        .unwrap_or_default();
    now.iter()
        .filter(|leaf| !placed.left.contains(leaf))
        .map(|leaf| format!("state-{}-{leaf}", placed.chart))
        .collect()
}
