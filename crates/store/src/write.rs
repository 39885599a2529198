//! Writing a batch: the version check, then one statement a table, or as many as the limit on bound values asks for.
//!
//! It does not know what the rows mean, and it runs inside a transaction someone else commits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockType, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, InsertMany, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::batch::{CaseBatch, CaseWrite};
use crate::days::count_days;
use crate::entities::{agenda, case, case_key, counter, document_part, job, journal, team, violation};
use crate::error::{OnTable, StoreError};
use crate::rows::{CaseRow, NewJob};
use crate::sql::{IN_CHUNK, OnKey, chunks, insert_all, micros};
use crate::words::JobState;

/// Versions of the cases this transaction has locked.
pub(crate) type Locked = BTreeMap<Uuid, i64>;

/// What an update of a case never changes. Besides being facts, they are the columns of unique indexes: an update that
/// names them would take PostgreSQL's strongest row lock and make every insert that refers to the case wait.
const FIXED: &[case::Column] = &[
    case::Column::Reference,
    case::Column::PackName,
    case::Column::ExternalKey,
    case::Column::OpenedAt,
];

/// Reads cases and keeps others from changing them until the transaction ends; always in the order of their ids, so that
/// two transactions never wait for each other in a circle.
pub(crate) async fn lock_cases(
    tx: &DatabaseTransaction,
    locked: &mut Locked,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<CaseRow>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IN_CHUNK) {
        let found = case::Entity::find()
            .filter(case::Column::Id.is_in(chunk.iter().copied()))
            .order_by_asc(case::Column::Id)
            // Shuts out every other writer, but not the inserts that merely refer to the case.
            .lock(LockType::NoKeyUpdate)
            .all(tx)
            .await
            .on("cases")?;
        rows.extend(found.into_iter().map(CaseRow::from));
    }
    locked.extend(rows.iter().map(|row| (row.id, row.version)));
    Ok(rows)
}

/// Where cases stand, and what their dates were reckoned with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads {
    /// The version of each case and the last hash of its journal.
    pub cases: BTreeMap<Uuid, (i64, Vec<u8>)>,
    /// How many days were added to the calendars so far; none if no case was found.
    pub added_days: Option<u64>,
}

/// The same without reading them: only their versions and heads. A case whose key is gone was erased, and is left out.
pub(crate) async fn lock_heads(
    tx: &DatabaseTransaction,
    locked: &mut Locked,
    ids: &BTreeSet<Uuid>,
) -> Result<Heads, StoreError> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut heads = Heads::default();
    for chunk in ids.chunks(IN_CHUNK) {
        let found: Vec<(Uuid, i64, Vec<u8>, i64)> = case::Entity::find()
            .select_only()
            .column(case::Column::Id)
            .column(case::Column::Version)
            .column(case::Column::Head)
            .expr_as(SimpleExpr::from(count_days()), "added_days")
            .filter(case::Column::Id.is_in(chunk.iter().copied()))
            .filter(Expr::exists(
                Query::select()
                    .expr(Expr::val(1))
                    .from(case_key::Entity)
                    .and_where(
                        Expr::col((case_key::Entity, case_key::Column::CaseId))
                            .equals((case::Entity, case::Column::Id)),
                    )
                    .take(),
            ))
            .order_by_asc(case::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple()
            .all(tx)
            .await
            .on("cases")?;
        for (id, version, head, days) in found {
            heads.cases.insert(id, (version, head));
            heads.added_days = Some(days.unsigned_abs());
        }
    }
    locked.extend(heads.cases.iter().map(|(id, (version, _))| (*id, *version)));
    Ok(heads)
}

pub(crate) async fn write(
    tx: &DatabaseTransaction,
    locked: &mut Locked,
    batch: &CaseBatch,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    write_cases(tx, locked, &batch.cases).await?;
    let entries = batch.journal.iter().map(journal::Model::from).collect();
    insert_all(tx, entries, &OnKey::<journal::Entity>::Refuse)
        .await
        .on("journal")?;
    write_keys(tx, &batch.keys).await?;
    write_team(tx, batch).await?;
    let items = last_by_key(
        batch
            .agenda
            .iter()
            .map(|row| ((row.case_id, row.item.clone()), agenda::Model::from(row))),
    );
    insert_all(tx, items, &OnKey::<agenda::Entity>::OverwriteBut(&[]))
        .await
        .on("agenda")?;
    let violations = batch.violations.iter();
    let violations =
        last_by_key(violations.map(|row| ((row.case_id, row.number), violation::Model::from(row))));
    insert_all(tx, violations, &OnKey::<violation::Entity>::OverwriteBut(&[]))
        .await
        .on("violations")?;
    write_documents(tx, batch).await?;
    for chunk in chunks::<job::Entity>(tx, batch.jobs.iter().map(job::Model::from).collect()) {
        new_jobs(chunk).exec_without_returning(tx).await.on("jobs")?;
    }
    cancel(tx, &batch.cancel, now).await
}

/// Writes case rows over the versions they were decided upon.
///
/// The version is compared in memory and the rows are then written unconditionally, which is safe because the compared
/// version was read under a lock this transaction still holds: SQLite admits one writer at a time from `BEGIN IMMEDIATE`
/// on, and on PostgreSQL `lock_cases` locked the row itself. Nobody can have moved it in between, and cases are never
/// deleted. So any number of cases costs one statement, where a `WHERE version = …` would cost one each.
async fn write_cases(
    tx: &DatabaseTransaction,
    locked: &mut Locked,
    writes: &[CaseWrite],
) -> Result<(), StoreError> {
    let unlocked: BTreeSet<Uuid> = writes
        .iter()
        .filter(|write| write.expected_version.is_some() && !locked.contains_key(&write.row.id))
        .filter(|write| {
            !writes
                .iter()
                .any(|other| other.expected_version.is_none() && other.row.id == write.row.id)
        })
        .map(|write| write.row.id)
        .collect();
    if !unlocked.is_empty() {
        lock_cases(tx, locked, &unlocked).await?;
    }
    let mut new = BTreeMap::new();
    let mut changed = BTreeMap::new();
    for write in writes {
        let row = &write.row;
        if let Some(expected) = write.expected_version {
            let found = locked.get(&row.id).copied();
            if found != Some(expected) {
                return Err(StoreError::VersionMoved {
                    case: row.id,
                    expected,
                    found,
                });
            }
        } else if new.contains_key(&row.id) {
            return Err(StoreError::Conflict {
                unique: "cases.id".to_owned(),
            });
        }
        let still_new = write.expected_version.is_none() || new.contains_key(&row.id);
        if still_new { &mut new } else { &mut changed }.insert(row.id, case::Model::from(row));
        locked.insert(row.id, row.version);
    }
    insert_all(tx, new.into_values().collect(), &OnKey::<case::Entity>::Refuse)
        .await
        .on("cases")?;
    let over = OnKey::<case::Entity>::OverwriteBut(FIXED);
    insert_all(tx, changed.into_values().collect(), &over)
        .await
        .on("cases")
}

async fn write_keys(tx: &DatabaseTransaction, keys: &[(Uuid, Vec<u8>)]) -> Result<(), StoreError> {
    let rows = last_by_key(keys.iter().map(|(case_id, wrapped)| {
        (
            *case_id,
            case_key::Model {
                case_id: *case_id,
                wrapped: wrapped.clone(),
            },
        )
    }));
    insert_all(tx, rows, &OnKey::<case_key::Entity>::OverwriteBut(&[]))
        .await
        .on("case_keys")
}

async fn write_team(tx: &DatabaseTransaction, batch: &CaseBatch) -> Result<(), StoreError> {
    let rows = last_by_key(
        batch
            .team
            .iter()
            .map(|row| ((row.case_id, row.account_id), team::Model::from(row))),
    );
    insert_all(tx, rows, &OnKey::<team::Entity>::OverwriteBut(&[]))
        .await
        .on("case_team")?;
    for chunk in batch.team_removed.chunks(PAIRS_PER_STATEMENT) {
        let mut these = Condition::any();
        for (case, account) in chunk {
            these = these.add(
                Condition::all()
                    .add(team::Column::CaseId.eq(*case))
                    .add(team::Column::AccountId.eq(*account)),
            );
        }
        team::Entity::delete_many()
            .filter(these)
            .exec(tx)
            .await
            .on("case_team")?;
    }
    Ok(())
}

async fn write_documents(tx: &DatabaseTransaction, batch: &CaseBatch) -> Result<(), StoreError> {
    let parts = batch.documents.iter().map(document_part::Model::from).collect();
    insert_all(tx, parts, &OnKey::<document_part::Entity>::Refuse)
        .await
        .on("document_parts")?;
    for (case, document) in &batch.documents_removed {
        document_part::Entity::delete_many()
            .filter(document_part::Column::CaseId.eq(*case))
            .filter(document_part::Column::Document.eq(*document))
            .exec(tx)
            .await
            .on("document_parts")?;
    }
    Ok(())
}

/// SQLite allows expressions 1,000 levels deep, and a chain of ORs is one level each.
const PAIRS_PER_STATEMENT: usize = 500;

/// Adds jobs and leaves known ids alone; the ids that were new, in order.
pub(crate) async fn insert_jobs(
    db: &impl ConnectionTrait,
    jobs: &[NewJob],
) -> Result<Vec<String>, StoreError> {
    let mut fresh: BTreeSet<String> = BTreeSet::new();
    for chunk in chunks::<job::Entity>(db, jobs.iter().map(job::Model::from).collect()) {
        let keys = new_jobs(chunk).exec_with_returning_keys(db).await;
        fresh.extend(keys.on("jobs")?);
    }
    Ok(jobs
        .iter()
        .filter(|job| fresh.remove(&job.id))
        .map(|job| job.id.clone())
        .collect())
}

/// Jobs to add; those whose ids are known stay as they are.
fn new_jobs(jobs: Vec<job::Model>) -> InsertMany<job::ActiveModel> {
    let mut clause = OnConflict::column(job::Column::Id);
    clause.do_nothing();
    job::Entity::insert_many(jobs.into_iter().map(IntoActiveModel::into_active_model)).on_conflict(clause)
}

/// Cancels jobs that still wait, each with its reason.
async fn cancel(
    tx: &DatabaseTransaction,
    jobs: &[(String, String)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for chunk in jobs.chunks(IN_CHUNK) {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (id, reason) in chunk {
            by_reason.entry(reason).or_default().push(id);
        }
        let mut reasons = CaseStatement::new();
        for (reason, ids) in by_reason {
            reasons = reasons.case(job::Column::Id.is_in(ids), Expr::val(reason));
        }
        let update = Query::update()
            .table(job::Entity)
            .value(job::Column::State, JobState::Cancelled.as_str())
            .value(job::Column::Reason, reasons)
            .value(job::Column::SettledAt, micros(now))
            .and_where(job::Column::Id.is_in(chunk.iter().map(|(id, _)| id.as_str())))
            .and_where(job::Column::State.eq(JobState::Waiting.as_str()))
            .take();
        tx.execute(&update).await.on("jobs")?;
    }
    Ok(())
}

/// Locks counters, making those that are missing; in the order of their names, so that nobody waits in a circle.
pub(crate) async fn lock_counters(
    tx: &DatabaseTransaction,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, i64>, StoreError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut clause = OnConflict::column(counter::Column::Name);
    // Writing the value it has is what locks the row, and what makes it come back.
    clause.value(
        counter::Column::Value,
        Expr::col((counter::Entity, counter::Column::Value)),
    );
    let mut insert = Query::insert();
    insert
        .into_table(counter::Entity)
        .columns([counter::Column::Name, counter::Column::Value])
        .on_conflict(clause)
        .returning(Query::returning().columns([counter::Column::Name, counter::Column::Value]));
    for name in names {
        insert.values_panic([Expr::val(name.as_str()), Expr::val(0_i64)]);
    }
    let rows = tx.query_all(&insert).await.on("counters")?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "name").on("counters")?,
                row.try_get("", "value").on("counters")?,
            ))
        })
        .collect()
}

/// Writes counters that are locked.
pub(crate) async fn set_counters(
    tx: &DatabaseTransaction,
    counters: &BTreeMap<String, i64>,
) -> Result<(), StoreError> {
    let rows = counters
        .iter()
        .map(|(name, value)| counter::Model {
            name: name.clone(),
            value: *value,
        })
        .collect();
    insert_all(tx, rows, &OnKey::<counter::Entity>::OverwriteBut(&[]))
        .await
        .on("counters")
}

/// One row a key, the last given: PostgreSQL refuses to overwrite a row twice in one statement.
fn last_by_key<K: Ord, M>(rows: impl Iterator<Item = (K, M)>) -> Vec<M> {
    rows.collect::<BTreeMap<_, _>>().into_values().collect()
}
