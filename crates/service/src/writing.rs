//! The one write path: a group of commands decided in memory, one after another, and written by a few statements in one
//! transaction. A rejected command leaves no trace; two commands on one case see each other in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Pack, PackFiles, load};
use peshi_casework::{
    Actor, AgendaItem, AgendaState, Board, Case, Command, Context, Decision, Effect, Fact, MessageOrder,
    Recipient, Rejection, decide,
};
use peshi_store::{
    AgendaRow, CaseBatch, CaseRow, CaseWrite, JobKind, JobState, NewJob, PackRow, Settlement, TeamRow,
    WriteTx,
};
use peshi_vault::CaseKey;
use peshi_vault::WrappedKey;
use peshi_vault::chain::{GENESIS, Hash};
use serde_json::json;
use uuid::Uuid;

use crate::Service;
use crate::erasure::is_erased;
use crate::error::ServiceError;
use crate::sealing::{open_case, seal_case, seal_entry, stored_hash};
use crate::search::tokens;

/// One command on its way, with who asks and when it happened.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The case; for an opening, the new id.
    pub case: Uuid,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub actor: Actor,
    /// Their role in the case.
    pub role: Option<String>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The version they saw.
    pub expected_version: Option<i64>,
    /// For an opening: the pack.
    pub pack: Option<String>,
    /// For an import: the key of the row that opened it.
    pub external_key: Option<String>,
    /// The claimed job this command settles: both happen or neither.
    pub settles: Option<Settles>,
}

impl Submission {
    /// A command on a case, asked by `actor` in `role`; what else there is to say is set by field.
    pub fn new(
        case: Uuid,
        command: Command,
        actor: Actor,
        role: Option<String>,
        occurred_at: DateTime<Utc>,
    ) -> Self {
        Self {
            case,
            command,
            actor,
            role,
            occurred_at,
            expected_version: None,
            pack: None,
            external_key: None,
            settles: None,
        }
    }
}

/// A claimed job, and what it is settled as.
#[derive(Debug, Clone)]
pub struct Settles {
    /// The job.
    pub job: String,
    /// The attempt under which it was claimed.
    pub attempt: i32,
    /// What it becomes if the command is accepted.
    pub settlement: Settlement,
}

/// What a command led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The case's new version.
    pub version: i64,
    /// Its reference.
    pub reference: String,
    /// The decision, for callers that report on it.
    pub decision: Decision,
}

/// A case in the hands of one transaction.
struct Held {
    case: Option<Case>,
    pack: Option<Arc<Pack>>,
    key: Arc<CaseKey>,
    head: Hash,
    row: Option<CaseRow>,
    stored_version: Option<i64>,
    /// The wrapped key of a case that is being opened.
    new_key: Option<Vec<u8>>,
    external_key: Option<String>,
}

impl Service {
    /// Submits commands as one group and one transaction.
    ///
    /// # Errors
    /// When the database or a stored case fails the whole group; a rejection is the answer of its own command only.
    pub async fn submit(
        &self,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, Rejection>>, ServiceError> {
        let mut tx = self.store.begin().await?;
        let outcomes = self.submit_in(&mut tx, group, now).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    /// The same inside a transaction that the caller commits.
    pub(crate) async fn submit_in(
        &self,
        tx: &mut WriteTx,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, Rejection>>, ServiceError> {
        let mut held = self.hold(tx, group, now).await?;
        let mut batch = CaseBatch::default();
        let mut outcomes = Vec::with_capacity(group.len());
        let mut changed = BTreeMap::new();
        for submission in group {
            let Some(case) = held.get_mut(&submission.case) else {
                outcomes.push(Err(missing(submission)));
                continue;
            };
            let decided = self.decide_one(case, submission, now)?;
            if let Some(settles) = &submission.settles
                && !tx
                    .settle(
                        &settles.job,
                        settles.attempt,
                        &settlement(&decided, settles, now),
                        now,
                    )
                    .await?
            {
                // Another worker holds the job by now; what was decided here must not happen twice.
                outcomes.push(Err(Rejection::TimerGone));
                continue;
            }
            if let Ok(decision) = &decided {
                self.take(case, submission, decision, &mut batch, now)?;
                changed.insert(submission.case, decision.board().clone());
            }
            outcomes.push(decided.map(|decision| Outcome {
                version: decision.case().version,
                reference: decision.case().reference.clone(),
                decision,
            }));
        }
        for (id, board) in &changed {
            if let Some(case) = held.get(id) {
                batch.cases.push(self.case_write(case, board)?);
                batch.keys.extend(case.new_key.clone().map(|key| (*id, key)));
            }
        }
        if !batch.is_empty() {
            tx.write(&batch, now).await?;
        }
        Ok(outcomes)
    }

    /// Reads, locks and opens the group's cases; makes keys for those to be opened.
    async fn hold(
        &self,
        tx: &mut WriteTx,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<Uuid, Held>, ServiceError> {
        let ids: Vec<Uuid> = group
            .iter()
            .map(|s| s.case)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let rows = tx.cases_for_update(&ids).await?;
        let mut keys = tx.case_keys(&ids).await?;
        let mut held = BTreeMap::new();
        // An erased case is not there for anybody.
        for row in rows.into_iter().filter(|row| !is_erased(row)) {
            let wrapped = keys.remove(&row.id).ok_or_else(|| ServiceError::Corrupt {
                case: row.reference.clone(),
                problem: "its key is gone: the case was erased".to_owned(),
            })?;
            let key = self
                .key
                .unwrap(&row.id.to_string(), &WrappedKey::from_bytes(wrapped))?;
            let case = open_case(row.id, &row.state, &key)?;
            let pack = self.pinned(&case).await?;
            let head = stored_hash(row.id, &row.head)?;
            let stored_version = Some(row.version);
            held.insert(
                row.id,
                Held {
                    case: Some(case),
                    pack: Some(pack),
                    key: Arc::new(key),
                    head,
                    external_key: row.external_key.clone(),
                    row: Some(row),
                    stored_version,
                    new_key: None,
                },
            );
        }
        for submission in group.iter().filter(|s| matches!(s.command, Command::Open { .. })) {
            if held.contains_key(&submission.case) {
                continue;
            }
            let new = self.new_case(tx, submission, now).await?;
            held.insert(submission.case, new);
        }
        Ok(held)
    }

    async fn new_case(
        &self,
        tx: &mut WriteTx,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Held, ServiceError> {
        let name = submission.pack.as_deref().unwrap_or_default();
        let pack = self
            .library
            .current(name)
            .ok_or_else(|| ServiceError::invalid(format!("there is no pack named `{name}`")))?;
        tx.put_pack(&PackRow {
            hash: pack.id.hash.clone(),
            name: pack.id.name.clone(),
            version: i32::try_from(pack.id.version).unwrap_or(i32::MAX),
            content: json!(pack.files),
            first_used_at: now,
        })
        .await?;
        self.require_current_key(tx).await?;
        let (key, wrapped) =
            self.with_entropy(|fill| self.key.new_case_key(&submission.case.to_string(), fill));
        Ok(Held {
            case: None,
            pack: Some(pack),
            key: Arc::new(key),
            head: GENESIS,
            row: None,
            stored_version: None,
            new_key: Some(wrapped.into_bytes()),
            external_key: submission.external_key.clone(),
        })
    }

    /// The pack a case is pinned to, from the library or, for an older version, from the store.
    pub(crate) async fn pinned(&self, case: &Case) -> Result<Arc<Pack>, ServiceError> {
        if let Some(pack) = self.library.pinned(&case.pack.hash) {
            return Ok(pack);
        }
        let corrupt = |problem: String| ServiceError::Corrupt {
            case: case.reference.clone(),
            problem,
        };
        let row = self.store.pack(&case.pack.hash).await?.ok_or_else(|| {
            corrupt(format!(
                "its pack `{}` version {} is not stored",
                case.pack.name, case.pack.version
            ))
        })?;
        let files: PackFiles = serde_json::from_value(row.content).map_err(|e| corrupt(e.to_string()))?;
        let pack = load(&files)
            .0
            .ok_or_else(|| corrupt(format!("its stored pack `{}` can no longer be read", row.name)))?;
        let pack = Arc::new(pack);
        self.library.remember(Arc::clone(&pack));
        Ok(pack)
    }

    fn decide_one(
        &self,
        held: &Held,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Result<Decision, Rejection>, ServiceError> {
        let Some(pack) = &held.pack else {
            return Ok(Err(missing(submission)));
        };
        let calendar = self.library.calendar_of(pack)?;
        let ctx = Context {
            pack,
            calendar: &calendar,
            now,
            occurred_at: submission.occurred_at,
            actor: &submission.actor,
            role: submission.role.as_deref(),
            expected_version: submission.expected_version,
        };
        Ok(decide(held.case.as_ref(), &submission.command, &ctx))
    }

    /// Puts a decision's rows into the batch and moves the held case.
    fn take(
        &self,
        held: &mut Held,
        submission: &Submission,
        decision: &Decision,
        batch: &mut CaseBatch,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let id = submission.case;
        for entry in decision.entries() {
            let (row, head) = self.with_entropy(|fill| seal_entry(id, entry, held.head, &held.key, fill))?;
            held.head = head;
            batch.journal.push(row);
            match &entry.fact {
                Fact::TeamJoined { account, role } => batch.absorb(CaseBatch {
                    team: vec![TeamRow {
                        case_id: id,
                        account_id: account.0,
                        role: role.clone(),
                        since: now,
                    }],
                    ..CaseBatch::default()
                }),
                Fact::PersonAdded { name, .. } => {
                    batch.names.extend(
                        tokens(&self.key, [name.as_str()])
                            .into_iter()
                            .map(|token| (id, token)),
                    );
                }
                Fact::TeamLeft { account } => batch.absorb(CaseBatch {
                    team_removed: vec![(id, account.0)],
                    ..CaseBatch::default()
                }),
                _ => {}
            }
        }
        batch
            .agenda
            .extend(decision.agenda().iter().map(|item| agenda_row(id, item)));
        for effect in decision.effects() {
            match effect {
                Effect::Cancel { id, reason } => {
                    batch.cancel.push((id.as_str().to_owned(), reason.clone()));
                }
                other => batch.jobs.extend(job(id, other, now)),
            }
        }
        held.case = Some(decision.case().clone());
        Ok(())
    }

    fn case_write(&self, held: &Held, board: &Board) -> Result<CaseWrite, ServiceError> {
        let Some(case) = &held.case else {
            return Err(ServiceError::invalid("a case was written before it was opened"));
        };
        let state = self.with_entropy(|fill| seal_case(case, &held.key, fill))?;
        let row = CaseRow {
            id: case.id.0,
            reference: case.reference.clone(),
            pack_name: case.pack.name.clone(),
            pack_version: i32::try_from(case.pack.version).unwrap_or(i32::MAX),
            pack_hash: case.pack.hash.clone(),
            version: case.version,
            head: held.head.0.to_vec(),
            opened_at: held.row.as_ref().map_or(case.opened_at, |r| r.opened_at),
            closed: board.closed,
            waiting_on: board.waiting_on.map(|w| w.as_str().to_owned()),
            waiting_since: board.waiting_since,
            stalled_at: board.stalled_at,
            next_court_at: board.next_court_at,
            next_deadline_at: board.next_deadline_at,
            overdue_since: board.overdue_since,
            blind_since: board.blind_since,
            last_event_at: case.last_event_at,
            public_status: board.public_status.clone(),
            state,
            external_key: held.external_key.clone(),
        };
        Ok(CaseWrite {
            row,
            expected_version: held.stored_version,
        })
    }
}

fn missing(submission: &Submission) -> Rejection {
    Rejection::Unknown {
        what: "case",
        name: submission.case.to_string(),
    }
}

/// What becomes of the job that brought a command.
fn settlement(decided: &Result<Decision, Rejection>, settles: &Settles, now: DateTime<Utc>) -> Settlement {
    match decided {
        Ok(_) => settles.settlement.clone(),
        Err(Rejection::TimerGone) => Settlement::Cancelled {
            reason: "cancelled".to_owned(),
        },
        Err(Rejection::TimerEarly { due_at }) => Settlement::DeferTo {
            at: (*due_at).max(now),
            reason: "clock_went_back".to_owned(),
        },
        Err(other) => Settlement::Dead {
            reason: other.to_string(),
        },
    }
}

fn agenda_row(case: Uuid, item: &AgendaItem) -> AgendaRow {
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

fn job(case: Uuid, effect: &Effect, now: DateTime<Utc>) -> Option<NewJob> {
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
