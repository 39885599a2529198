//! A group of commands decided in memory, one after another, and written by a few statements in one transaction.
//! A rejected command leaves no trace; two commands on one case see each other in order.
//!
//! Knows neither who waits for the answers nor when the transaction ends.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use peshi_casework::{
    Actor, Board, Command, Context, Decision, DocumentCommand, Effect, Fact, Rejection, decide, province,
};
use peshi_store::{
    AuditEntry, CaseBatch, CaseRow, CaseWrite, NewJob, Settlement, StoreError, TeamRow, WriteTx,
};
use uuid::Uuid;

use crate::core::Core;
use crate::effects::{agenda_row, is_of_register, job, settlement, violation_rows};
use crate::error::ServiceError;
use crate::held::{Found, Held, claims};
use crate::sealing::{document_number, seal_case, seal_document, seal_entry};
use crate::search::tokens;
use crate::writing::{Answer, Outcome, Request, Submission};

/// Key of the task that a timer nobody could bring into its case leaves behind.
const TIMER_FAILED: &str = "timer_failed";

/// A group as decided and sealed: everything that is to be written, and what to answer once it is.
pub(crate) struct Decided {
    /// For each request, in order.
    pub(crate) answers: Vec<Answer>,
    /// The cases as they are then.
    pub(crate) held: BTreeMap<Uuid, Held>,
    /// One journal entry of it, by which it is known again; none if no case changed.
    pub(crate) mark: Option<Mark>,
    /// Jobs are due already.
    pub(crate) due: bool,
    /// How many commands were decided.
    pub(crate) commands: usize,
    /// The claims it settles, as job and attempt: what was decided holds only while they are still ours.
    pub(crate) claims: BTreeMap<String, i32>,
    /// How many added days the calendars had with which dates were reckoned.
    pub(crate) added_days: u64,
    /// Packs that are stored once it is written.
    pub(crate) packs: Vec<String>,
    batch: CaseBatch,
    settled: Vec<(String, Settlement)>,
    numbers: Option<BTreeMap<String, i64>>,
    audit: Vec<AuditEntry>,
    now: DateTime<Utc>,
}

/// A journal entry as it was written. Its hash covers random bytes, so no other transaction writes the same.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) case: Uuid,
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

/// Everything that one group holds while it is decided.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) held: BTreeMap<Uuid, Held>,
    /// Claimed jobs that are still ours.
    pub(crate) claims: BTreeSet<String>,
    /// Last numbers given, by counter.
    pub(crate) numbers: BTreeMap<String, i64>,
    pub(crate) numbers_moved: bool,
    pub(crate) settled: Vec<(String, Settlement)>,
    pub(crate) batch: CaseBatch,
    /// Packs of cases that are being opened.
    pub(crate) packs: Vec<String>,
}

impl Core {
    /// Reads what the requests need, decides them in order and writes what follows. The caller commits.
    pub(crate) async fn write_group(
        &self,
        tx: &mut WriteTx,
        requests: &[Request],
    ) -> Result<Decided, ServiceError> {
        let group = self.hold(tx, requests).await?;
        let decided = self.decide_all(group, requests)?;
        decided.write(tx).await?;
        Ok(decided)
    }

    /// Decides requests about cases that are in hand, taking their claims for ours. What follows has still to be written,
    /// and must not be if anybody else has changed one of the cases or taken one of the claims.
    pub(crate) fn decide_ahead(
        &self,
        held: BTreeMap<Uuid, Held>,
        requests: &[Request],
    ) -> Result<Decided, ServiceError> {
        let group = Group {
            held,
            claims: claims(requests).into_keys().collect(),
            ..Group::default()
        };
        self.decide_all(group, requests)
    }

    fn decide_all(&self, mut group: Group, requests: &[Request]) -> Result<Decided, ServiceError> {
        let added_days = self.library.added_days();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(self.answer(&mut group, request)?);
        }
        for (id, held) in &group.held {
            if let Some(board) = &held.changed {
                group.batch.cases.push(self.case_write(held, board)?);
                group
                    .batch
                    .keys
                    .extend(held.new_key.clone().map(|key| (*id, key)));
            }
        }
        let now = latest(requests);
        Ok(Decided {
            commands: requests.iter().map(|r| r.group.len()).sum(),
            claims: claims(requests),
            added_days,
            packs: group.packs,
            answers,
            held: group.held,
            mark: group.batch.journal.last().map(|row| Mark {
                case: row.case_id,
                seq: row.seq,
                hash: row.hash.clone(),
            }),
            due: group
                .batch
                .jobs
                .iter()
                .any(|job| job.due_at <= now && job.settled.is_none()),
            batch: group.batch,
            settled: group.settled,
            numbers: group.numbers_moved.then_some(group.numbers),
            audit: requests.iter().flat_map(|r| r.audit.iter().cloned()).collect(),
            now,
        })
    }

    fn answer(&self, group: &mut Group, request: &Request) -> Result<Answer, ServiceError> {
        if let Some((run, step)) = &request.step {
            let applied = group.numbers.entry(run.clone()).or_default();
            if *applied + 1 != *step {
                return Ok(None);
            }
            *applied = *step;
            group.numbers_moved = true;
        }
        let mut outcomes = Vec::with_capacity(request.group.len());
        for submission in &request.group {
            outcomes.push(self.one(group, submission, request.now)?);
        }
        Ok(Some(outcomes))
    }

    /// Decides one command; what follows from it goes into the group.
    fn one(
        &self,
        group: &mut Group,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Result<Result<Outcome, Rejection>, ServiceError> {
        let Some(held) = group.held.get_mut(&submission.case) else {
            return Ok(Err(Rejection::Unknown {
                what: "case",
                name: submission.case.to_string(),
            }));
        };
        if let Some(settles) = &submission.settles
            // Another worker holds the job by now: what it is about must not happen twice.
            && !group.claims.remove(&settles.job)
        {
            return Ok(Err(Rejection::TimerGone));
        }
        let numbered = submission
            .numbered_in
            .and_then(|year| numbered(held, submission, &group.numbers, year));
        let command = numbered.as_ref().unwrap_or(&submission.command);
        let decided = self.decide_one(held, submission, command, now)?;
        if let Some(settles) = &submission.settles {
            let end = match &decided {
                Ok(_) => settles.settlement.clone(),
                Err(rejection) => settlement(rejection, now),
            };
            if matches!(end, Settlement::Dead { .. })
                && matches!(submission.command, Command::TimerDue { .. })
            {
                self.raise_task(held, submission, &mut group.batch, now)?;
            }
            group.settled.push((settles.job.clone(), end));
        }
        let decision = match decided {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if decision.entries().is_empty() {
            // Nothing came of it: nothing is written.
            return Ok(Ok(Outcome {
                version: decision.case().version,
                reference: decision.case().reference.clone(),
                decision,
            }));
        }
        if let Some(year) = submission.numbered_in {
            *group.numbers.entry(counter(year)).or_default() += 1;
            group.numbers_moved = true;
        }
        self.take(held, submission, &decision, &mut group.batch, now)?;
        Ok(Ok(Outcome {
            version: decision.case().version,
            reference: decision.case().reference.clone(),
            decision,
        }))
    }

    fn decide_one(
        &self,
        held: &Held,
        submission: &Submission,
        command: &Command,
        now: DateTime<Utc>,
    ) -> Result<Result<Decision, Rejection>, ServiceError> {
        if let Command::Migrate { to, timers } = command {
            let held = (held.case.as_ref(), held.pack.as_ref());
            return self.decide_migration(held, submission, (to, *timers), now);
        }
        let province = match (&held.case, command) {
            (Some(case), _) => case.province(),
            (None, Command::Open { form, .. }) => province(form),
            (None, _) => None,
        };
        let calendar = self.library.calendar_in(&held.pack, province)?;
        let _span = tracing::debug_span!(
            "decide",
            command = word(command),
            trace = submission.trace.map(tracing::field::display)
        )
        .entered();
        let ctx = Context {
            pack: &held.pack,
            calendar: &calendar,
            now,
            occurred_at: submission.occurred_at,
            actor: &submission.actor,
            role: submission.role.as_deref(),
            expected_version: submission.expected_version,
        };
        Ok(decide(held.case.as_ref(), command, &ctx))
    }

    /// A timer that its case does not take is a dead letter, and a person must see it.
    fn raise_task(
        &self,
        held: &mut Held,
        timer: &Submission,
        batch: &mut CaseBatch,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let command = Command::RaiseTask {
            key: TIMER_FAILED.to_owned(),
        };
        let task = Submission {
            trace: timer.trace,
            ..Submission::new(timer.case, command, Actor::Machine, None, now)
        };
        if let Ok(decision) = self.decide_one(held, &task, &task.command, now)? {
            self.take(held, &task, &decision, batch, now)?;
        }
        Ok(())
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
                Fact::PersonAdded { name, .. } => batch.absorb(CaseBatch {
                    names: tokens(&self.key, [name.as_str()])
                        .into_iter()
                        .map(|token| (id, token))
                        .collect(),
                    ..CaseBatch::default()
                }),
                Fact::TeamLeft { account } => batch.absorb(CaseBatch {
                    team_removed: vec![(id, account.0)],
                    ..CaseBatch::default()
                }),
                Fact::DocumentAdded { .. } => {
                    let file = submission.file.as_ref();
                    let file =
                        file.ok_or_else(|| ServiceError::invalid("a document came without its file"))?;
                    // It is the last one: no command adds two.
                    let number = decision.case().documents.len();
                    let parts =
                        self.with_entropy(|fill| seal_document(id, number, file.bytes(), &held.key, fill))?;
                    batch.documents.extend(parts);
                }
                Fact::DocumentRemoved { document, .. } => {
                    batch
                        .documents_removed
                        .push((id, document_number(id, *document)?));
                }
                _ => {}
            }
        }
        batch
            .agenda
            .extend(decision.agenda().iter().map(|item| agenda_row(id, item)));
        if decision.entries().iter().any(|entry| is_of_register(&entry.fact)) {
            batch.violations.extend(violation_rows(id, decision.case()));
        }
        for effect in decision.effects() {
            match effect {
                Effect::Cancel { id, reason } => {
                    batch.cancel.push((id.as_str().to_owned(), reason.clone()));
                }
                other => batch.jobs.extend(job(id, other, now).map(|job| NewJob {
                    trace: submission.trace.map(|trace| trace.to_string()),
                    ..job
                })),
            }
        }
        held.case = Some(decision.case().clone());
        if let Some(moved) = self.library.pinned(&decision.case().pack.hash) {
            held.pack = moved;
        }
        held.changed = Some(decision.board().clone());
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
            opened_at: held
                .stored
                .as_ref()
                .map_or(case.opened_at, |stored| stored.opened_at),
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
            expected_version: held.stored.as_ref().map(|stored| stored.version),
        })
    }
}

impl Decided {
    /// Writes everything; the caller commits.
    #[tracing::instrument(level = "debug", name = "write", skip_all, fields(commands = self.commands))]
    pub(crate) async fn write(&self, tx: &mut WriteTx) -> Result<(), StoreError> {
        if !self.batch.is_empty() {
            tx.write(&self.batch, self.now).await?;
        }
        if !self.settled.is_empty() {
            tx.settle_held(&self.settled, self.now).await?;
        }
        if let Some(numbers) = &self.numbers {
            tx.set_counters(numbers).await?;
        }
        if !self.audit.is_empty() {
            tx.audit(&self.audit).await?;
        }
        Ok(())
    }

    /// How the cases were found: what was decided holds only while they are still so.
    pub(crate) fn found(&self) -> Found {
        let found = |held: &Held| {
            held.stored
                .as_ref()
                .map_or((0, Vec::new()), |s| (s.version, s.head.0.to_vec()))
        };
        self.held.iter().map(|(id, held)| (*id, found(held))).collect()
    }
}

/// What is asked, in one word for the log; never of what.
const fn word(command: &Command) -> &'static str {
    match command {
        Command::Open { .. } => "open",
        Command::Event { .. } => "event",
        Command::TimerDue { .. } => "timer_due",
        Command::AddPerson { .. } => "add_person",
        Command::GrantPermission { .. } => "grant_permission",
        Command::RevokePermission { .. } => "revoke_permission",
        Command::JoinTeam { .. } => "join_team",
        Command::LeaveTeam { .. } => "leave_team",
        Command::Document(DocumentCommand::Add { .. }) => "add_document",
        Command::Document(DocumentCommand::Copy { .. }) => "copy_document",
        Command::Document(DocumentCommand::Remove { .. }) => "remove_document",
        Command::Migrate { .. } => "migrate",
        Command::Deadline { .. } => "deadline",
        Command::FollowCalendar => "follow_calendar",
        Command::NoteViolation { .. } => "note_violation",
        Command::DocumentViolation { .. } => "document_violation",
        Command::VerifyViolation { .. } => "verify_violation",
        Command::UseViolation { .. } => "use_violation",
        Command::PublishViolation { .. } => "publish_violation",
        Command::RaiseTask { .. } => "raise_task",
        Command::FinishTask { .. } => "finish_task",
    }
}

/// The latest of the requests' instants.
pub(crate) fn latest(requests: &[Request]) -> DateTime<Utc> {
    requests.iter().map(|r| r.now).max().unwrap_or_default()
}

/// The counter that numbers the cases of a year.
pub(crate) fn counter(year: i32) -> String {
    format!("reference:{year}")
}

/// The opening with the next free reference of the year.
fn numbered(
    held: &Held,
    submission: &Submission,
    numbers: &BTreeMap<String, i64>,
    year: i32,
) -> Option<Command> {
    let mut command = submission.command.clone();
    let Command::Open { reference, .. } = &mut command else {
        return None;
    };
    let next = numbers.get(&counter(year)).copied().unwrap_or_default() + 1;
    *reference = held.pack.reference_for(year, next);
    Some(command)
}
