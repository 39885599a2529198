//! The contract of the store, held by SQLite and PostgreSQL alike: every function below runs over both.
//!
//! SQLite gets a file in a temporary folder. PostgreSQL needs `PESHI_TEST_POSTGRES`, the URL of a database whose user may
//! create databases; each test makes its own and drops it. Without the variable that half fails rather than be skipped.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use peshi_store::{
    AccountRow, AgendaFilter, AgendaRow, AgendaState, AuditEntry, Backend, CaseBatch, CaseCursor, CaseFilter,
    CaseOrder, CaseRow, CaseWrite, DigestRate, HeartbeatRow, JobCursor, JobFilter, JobKind, JobState,
    JournalRow, KeyRow, KeyState, NewJob, Outcome, PackRow, Page, PermissionRow, ScheduleRow, SessionRow,
    Settlement, Store, StoreError, StoreOptions, TeamRow, ViolationFilter, ViolationRow, WORKER_LOST, Wanted,
};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Executor};
use uuid::Uuid;

// ---- the two halves -------------------------------------------------------------------------------------------------

/// Runs a test body on its own file.
async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(body: impl FnOnce(String) -> F) {
    let folder = tempfile::tempdir().unwrap();
    body(format!("sqlite://{}/peshi.db", folder.path().display())).await;
}

/// Runs a test body on its own PostgreSQL database and removes that whatever happens.
async fn on_postgres<F: Future<Output = ()> + Send + 'static>(name: &str, body: impl FnOnce(String) -> F) {
    let admin = postgres_url();
    let database = format!("peshi_{name}_{}", std::process::id());
    administer(&admin, format!("CREATE DATABASE {database}")).await;
    let (server, _) = admin.rsplit_once('/').unwrap();
    let outcome = tokio::spawn(body(format!("{server}/{database}"))).await;
    administer(&admin, format!("DROP DATABASE {database} WITH (FORCE)")).await;
    outcome.unwrap();
}

/// Most bodies want an open store with its tables.
async fn migrated<F: Future<Output = ()>>(url: String, body: fn(Arc<Store>) -> F) {
    let store = Arc::new(Store::connect(&url, &StoreOptions::default()).await.unwrap());
    store.migrate().await.unwrap();
    body(store).await;
}

fn postgres_url() -> String {
    std::env::var("PESHI_TEST_POSTGRES").expect("run `cargo xtask test`, or set PESHI_TEST_POSTGRES")
}

async fn administer(admin: &str, statement: String) {
    let options: sqlx::postgres::PgConnectOptions = admin.parse().unwrap();
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    connection.close().await.unwrap();
}

macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::on_sqlite(|url| super::migrated(url, super::$name)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::on_postgres(stringify!($name), |url| super::migrated(url, super::$name)).await;
            })+
        }
    };
}

contract! {
    migrating_twice_changes_nothing,
    a_case_is_inserted_updated_and_guarded_by_its_version,
    one_case_may_change_twice_in_one_batch,
    references_and_import_keys_are_unique,
    the_journal_keeps_its_order_and_its_places,
    every_column_comes_back_in_microseconds,
    rollback_leaves_nothing,
    a_failed_transaction_cannot_be_committed,
    two_transactions_on_one_case_take_turns,
    inserts_about_a_locked_case_do_not_wait,
    boards_filter_and_page,
    a_team_member_sees_own_cases_only,
    the_agenda_filters_by_day_and_kind,
    the_register_of_violations_is_filtered_and_paged,
    eight_claimers_never_share_a_job,
    claims_take_the_earliest_of_the_asked_kinds,
    a_lease_runs_out_and_the_late_worker_loses,
    a_rescued_job_still_takes_its_late_outcome,
    every_settlement_leaves_its_mark,
    a_deferral_does_not_count_and_never_repeats_an_attempt,
    many_outcomes_settle_at_once,
    the_same_effect_is_one_job,
    only_waiting_jobs_are_cancelled,
    dead_jobs_reopen_with_fresh_attempts,
    jobs_are_listed_newest_first,
    a_big_batch_is_one_write,
    numbers_run_without_gaps_or_doubles,
    held_claims_settle_together,
    a_claim_may_want_jobs_of_cases_only,
    the_bell_is_heard,
    accounts_permissions_and_sessions,
    packs_schedules_heartbeats_and_audit,
    occurrences_skipped_by_a_clock_ahead_can_be_taken_back,
    an_erased_case_keeps_its_chain_alone,
    an_organisation_key_has_one_state,
}

// ---- building rows --------------------------------------------------------------------------------------------------

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn case(number: u128) -> CaseRow {
    CaseRow {
        id: id(number),
        reference: format!("2026-{number:04}"),
        pack_name: "abduction".to_owned(),
        pack_version: 1,
        pack_hash: "hash".to_owned(),
        version: 1,
        head: vec![1, 2, 3],
        opened_at: at(0),
        closed: false,
        waiting_on: None,
        waiting_since: None,
        stalled_at: None,
        next_court_at: None,
        next_deadline_at: None,
        overdue_since: None,
        blind_since: None,
        last_event_at: at(0),
        public_status: None,
        state: vec![9; 40],
        external_key: None,
    }
}

fn insert(row: CaseRow) -> CaseWrite {
    CaseWrite {
        row,
        expected_version: None,
    }
}

fn update(row: CaseRow, expected: i64) -> CaseWrite {
    CaseWrite {
        row,
        expected_version: Some(expected),
    }
}

fn entry(case: u128, seq: i64) -> JournalRow {
    JournalRow {
        case_id: id(case),
        seq,
        recorded_at: at(seq),
        occurred_at: at(seq - 10),
        actor: "account".to_owned(),
        instance: None,
        kind: "event".to_owned(),
        payload: vec![u8::try_from(seq % 251).unwrap(); 16],
        prev_hash: vec![0; 32],
        hash: vec![1; 32],
    }
}

fn member(case: u128, account: u128) -> TeamRow {
    TeamRow {
        case_id: id(case),
        account_id: id(account),
        role: "lawyer".to_owned(),
        since: at(0),
    }
}

fn item(case: u128, name: &str, kind: &str, due: Option<DateTime<Utc>>) -> AgendaRow {
    AgendaRow {
        case_id: id(case),
        item: name.to_owned(),
        kind: kind.to_owned(),
        rule: "rule".to_owned(),
        instance: None,
        due_at: due,
        last_day: None,
        state: AgendaState::Open,
        legal_kind: None,
        account_id: None,
    }
}

fn timer(name: &str, due: DateTime<Utc>) -> NewJob {
    NewJob::new(name, JobKind::Timer, due, at(0))
}

fn account(number: u128) -> AccountRow {
    AccountRow {
        id: id(number),
        login_index: format!("login-{number}"),
        profile: vec![7; 20],
        role: "lawyer".to_owned(),
        language: "ur".to_owned(),
        password_hash: "$argon2id$invented".to_owned(),
        active: true,
        digest: DigestRate::Daily,
        created_at: at(0),
        failed_logins: 0,
        locked_until: None,
    }
}

async fn write(store: &Store, batch: CaseBatch) {
    try_write(store, batch).await.unwrap();
}

async fn try_write(store: &Store, batch: CaseBatch) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.write(&batch, at(500)).await?;
    tx.commit().await
}

async fn write_cases(store: &Store, cases: impl IntoIterator<Item = CaseRow>) {
    let cases = cases.into_iter().map(insert).collect();
    write(
        store,
        CaseBatch {
            cases,
            ..CaseBatch::default()
        },
    )
    .await;
}

async fn write_jobs(store: &Store, jobs: Vec<NewJob>) {
    write(
        store,
        CaseBatch {
            jobs,
            ..CaseBatch::default()
        },
    )
    .await;
}

/// How many jobs are in a state.
async fn jobs_in(store: &Store, state: JobState) -> usize {
    let filter = JobFilter {
        states: vec![state],
        ..JobFilter::all(10_000)
    };
    store.jobs(&filter).await.unwrap().len()
}

async fn claim(store: &Store, now: DateTime<Utc>) -> Vec<(String, i32)> {
    let jobs = store
        .claim(now, Wanted::of(&[], 10), TimeDelta::minutes(5), "worker")
        .await
        .unwrap();
    jobs.into_iter().map(|job| (job.id, job.attempt)).collect()
}

fn claimed(name: &str, attempt: i32) -> Vec<(String, i32)> {
    vec![(name.to_owned(), attempt)]
}

async fn state_of(store: &Store, job: &str) -> JobState {
    store.job(job).await.unwrap().unwrap().state
}

fn done() -> Settlement {
    Settlement::Done { result: None }
}

fn references(rows: &[CaseRow]) -> Vec<&str> {
    rows.iter().map(|row| row.reference.as_str()).collect()
}

// ---- schema ---------------------------------------------------------------------------------------------------------

async fn migrating_twice_changes_nothing(store: Arc<Store>) {
    write_cases(&store, [case(1)]).await;
    assert_eq!(store.pending_migrations().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.migrate().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.case(id(1)).await.unwrap().unwrap(), case(1));
}

async fn four_nodes_start_at_once(url: String) {
    let applied = futures_of(4, |_| {
        let url = url.clone();
        async move {
            let store = Store::connect(&url, &StoreOptions::default()).await.unwrap();
            store.migrate().await.unwrap()
        }
    })
    .await;
    let store = Store::connect(&url, &StoreOptions::default()).await.unwrap();
    assert_eq!(
        applied.concat(),
        store.schema().await.unwrap(),
        "one of them migrates, the others wait and find it done"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_four_nodes_start_at_once() {
    on_sqlite(four_nodes_start_at_once).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_four_nodes_start_at_once() {
    on_postgres("four_nodes", four_nodes_start_at_once).await;
}

/// Runs several futures at once, each in its own task, and gathers their results in order.
async fn futures_of<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    number: usize,
    make: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..number).map(|index| tokio::spawn(make(index))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

// ---- cases and journals ---------------------------------------------------------------------------------------------

async fn a_case_is_inserted_updated_and_guarded_by_its_version(store: Arc<Store>) {
    write_cases(&store, [case(1), case(2)]).await;

    let moved = CaseRow {
        version: 2,
        closed: true,
        state: vec![5],
        ..case(1)
    };
    let mut tx = store.begin().await.unwrap();
    let locked = tx.cases_for_update(&[id(2), id(1), id(9)]).await.unwrap();
    assert_eq!(locked, vec![case(1), case(2)], "by id, unknown ones left out");
    let batch = CaseBatch {
        cases: vec![update(moved.clone(), 1)],
        ..CaseBatch::default()
    };
    tx.write(&batch, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.case(id(1)).await.unwrap().unwrap(), moved);
    assert_eq!(store.case(id(2)).await.unwrap().unwrap(), case(2));

    // The same write again was decided on version 1; it must not land on version 2, locked beforehand or not.
    let error = try_write(&store, batch).await.unwrap_err();
    assert!(
        matches!(error, StoreError::VersionMoved { case, expected: 1, found: Some(2) } if case == id(1)),
        "{error}"
    );
    assert!(error.is_retryable());
    let nowhere = CaseBatch {
        cases: vec![update(case(9), 1)],
        ..CaseBatch::default()
    };
    let error = try_write(&store, nowhere).await.unwrap_err();
    assert!(
        matches!(error, StoreError::VersionMoved { found: None, .. }),
        "{error}"
    );

    // What must never change does not, whatever the row says.
    let renamed = CaseRow {
        version: 3,
        reference: "other".to_owned(),
        pack_name: "other".to_owned(),
        ..moved.clone()
    };
    write(
        &store,
        CaseBatch {
            cases: vec![update(renamed, 2)],
            ..CaseBatch::default()
        },
    )
    .await;
    assert_eq!(
        store.case(id(1)).await.unwrap().unwrap(),
        CaseRow { version: 3, ..moved }
    );
    assert_eq!(
        store.case_by_reference("2026-0001").await.unwrap().unwrap().id,
        id(1)
    );
    assert_eq!(store.case_by_reference("other").await.unwrap(), None);
    assert_eq!(
        references(&store.cases_by_ids(&[id(2), id(9), id(1), id(2)]).await.unwrap()),
        ["2026-0001", "2026-0002"]
    );
}

async fn one_case_may_change_twice_in_one_batch(store: Arc<Store>) {
    write_cases(&store, [case(1)]).await;
    let step = |version| CaseRow { version, ..case(1) };
    let chain = CaseBatch {
        cases: vec![
            update(step(2), 1),
            insert(case(2)),
            update(step(3), 2),
            update(
                CaseRow {
                    version: 2,
                    closed: true,
                    ..case(2)
                },
                1,
            ),
        ],
        agenda: vec![
            item(1, "hearing", "hearing", Some(at(5))),
            AgendaRow {
                state: AgendaState::Done,
                ..item(1, "hearing", "hearing", Some(at(5)))
            },
        ],
        ..CaseBatch::default()
    };
    write(&store, chain).await;
    assert_eq!(store.case(id(1)).await.unwrap().unwrap().version, 3);
    let second = store.case(id(2)).await.unwrap().unwrap();
    assert_eq!((second.version, second.closed), (2, true));
    let agenda = store.agenda(&AgendaFilter::all(10)).await.unwrap();
    assert_eq!(agenda.len(), 1);
    assert_eq!(agenda[0].0.state, AgendaState::Done);

    let broken = CaseBatch {
        cases: vec![update(step(4), 3), update(step(5), 3)],
        ..CaseBatch::default()
    };
    let error = try_write(&store, broken).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::VersionMoved {
                expected: 3,
                found: Some(4),
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(store.case(id(1)).await.unwrap().unwrap().version, 3);
}

async fn references_and_import_keys_are_unique(store: Arc<Store>) {
    let imported = |number, key: &str| CaseRow {
        external_key: Some(key.to_owned()),
        ..case(number)
    };
    write_cases(&store, [imported(1, "row-1"), case(2), case(3)]).await;
    let taken = [
        (
            CaseRow {
                reference: case(1).reference,
                ..case(4)
            },
            "cases.reference",
        ),
        (imported(4, "row-1"), "cases.pack_name, cases.external_key"),
        (
            CaseRow {
                reference: "2026-9999".to_owned(),
                ..case(1)
            },
            "cases.id",
        ),
    ];
    for (row, columns) in taken {
        let error = try_write(
            &store,
            CaseBatch {
                cases: vec![insert(row)],
                ..CaseBatch::default()
            },
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&error, StoreError::Conflict { unique } if unique == columns),
            "{error}"
        );
        assert!(!error.is_retryable());
    }
    // Another pack may use the same key.
    write_cases(
        &store,
        [CaseRow {
            pack_name: "road-traffic-fine".to_owned(),
            ..imported(4, "row-1")
        }],
    )
    .await;

    let asked = ["row-1".to_owned(), "row-2".to_owned()];
    assert_eq!(
        store.external_keys("abduction", &asked).await.unwrap(),
        BTreeSet::from(["row-1".to_owned()])
    );
    assert_eq!(
        store
            .case_by_external_key("abduction", "row-1")
            .await
            .unwrap()
            .unwrap()
            .id,
        id(1)
    );
    assert_eq!(
        store
            .case_by_external_key("road-traffic-fine", "row-1")
            .await
            .unwrap()
            .unwrap()
            .id,
        id(4)
    );
    assert_eq!(
        store.case_by_external_key("abduction", "row-2").await.unwrap(),
        None
    );
}

async fn the_journal_keeps_its_order_and_its_places(store: Arc<Store>) {
    let journal = vec![entry(1, 2), entry(2, 1), entry(1, 1), entry(1, 3)];
    write(
        &store,
        CaseBatch {
            cases: vec![insert(case(1)), insert(case(2))],
            journal,
            ..CaseBatch::default()
        },
    )
    .await;
    assert_eq!(
        store.journal(id(1), 0, 10).await.unwrap(),
        vec![entry(1, 1), entry(1, 2), entry(1, 3)]
    );
    assert_eq!(store.journal(id(1), 1, 1).await.unwrap(), vec![entry(1, 2)]);

    let again = CaseBatch {
        journal: vec![entry(1, 3)],
        ..CaseBatch::default()
    };
    let error = try_write(&store, again).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict { unique } if unique == "journal.case_id, journal.seq"),
        "{error}"
    );

    let orphan = CaseBatch {
        journal: vec![entry(7, 1)],
        ..CaseBatch::default()
    };
    let error = try_write(&store, orphan).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Inconsistent { table: "journal", .. }),
        "{error}"
    );
}

async fn every_column_comes_back_in_microseconds(store: Arc<Store>) {
    let fine = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let given = fine("2026-03-01T10:00:00.123456789Z");
    let kept = fine("2026-03-01T10:00:00.123456Z");
    let full = |moment| CaseRow {
        waiting_on: Some("police".to_owned()),
        waiting_since: Some(moment),
        stalled_at: Some(moment),
        next_court_at: Some(moment),
        next_deadline_at: Some(moment),
        overdue_since: Some(moment),
        blind_since: Some(moment),
        last_event_at: moment,
        opened_at: moment,
        public_status: Some("preparing".to_owned()),
        external_key: Some("اردو / row".to_owned()),
        ..case(1)
    };
    let agenda = |moment| AgendaRow {
        instance: Some("hearing-1".to_owned()),
        last_day: NaiveDate::from_ymd_opt(2026, 2, 28),
        legal_kind: Some("limitation".to_owned()),
        account_id: Some(id(3)),
        ..item(1, "deadline-1", "deadline", Some(moment))
    };
    let payload = json!({"z": 1, "a": [null, true, 1.5, "متن \u{0}"], "big": 9_007_199_254_740_993_i64});
    let job = |moment| NewJob {
        case_id: Some(id(1)),
        message_kind: Some("reminder".to_owned()),
        account_id: Some(id(3)),
        person_id: Some("p1".to_owned()),
        about: Some("hearing-1".to_owned()),
        payload: payload.clone(),
        useful_until: Some(moment),
        trace: Some("trace".to_owned()),
        ..NewJob::new("1:2:3", JobKind::Message, moment, moment)
    };
    let line = |moment| JournalRow {
        recorded_at: moment,
        occurred_at: moment,
        instance: Some("hearing-1".to_owned()),
        ..entry(1, 1)
    };
    write(
        &store,
        CaseBatch {
            cases: vec![insert(full(given))],
            journal: vec![line(given)],
            team: vec![TeamRow {
                since: given,
                ..member(1, 3)
            }],
            agenda: vec![agenda(given)],
            jobs: vec![job(given)],
            ..CaseBatch::default()
        },
    )
    .await;
    assert_eq!(store.case(id(1)).await.unwrap().unwrap(), full(kept));
    assert_eq!(store.journal(id(1), 0, 9).await.unwrap(), vec![line(kept)]);
    assert_eq!(
        store.team(id(1)).await.unwrap(),
        vec![TeamRow {
            since: kept,
            ..member(1, 3)
        }]
    );
    assert_eq!(
        store.agenda(&AgendaFilter::all(9)).await.unwrap(),
        vec![(agenda(kept), "2026-0001".to_owned())]
    );
    let found = store.job("1:2:3").await.unwrap().unwrap();
    assert_eq!(
        (found.due_at, found.created_at, found.useful_until),
        (kept, kept, Some(kept))
    );
    assert_eq!(
        found.payload.to_string(),
        payload.to_string(),
        "the keys keep their order"
    );
    assert_eq!(
        (found.state, found.attempt, found.tries()),
        (JobState::Waiting, 0, 0)
    );
    assert_eq!(
        (
            found.message_kind.as_deref(),
            found.person_id.as_deref(),
            found.about.as_deref(),
            found.trace.as_deref()
        ),
        (Some("reminder"), Some("p1"), Some("hearing-1"), Some("trace"))
    );

    // Comparisons must hold between moments written with and without a fraction.
    let second = fine("2026-03-01T10:00:00Z");
    let jobs = [
        ("whole", second),
        ("milli", fine("2026-03-01T10:00:00.1Z")),
        ("micro", fine("2026-03-01T10:00:00.100001Z")),
    ];
    write_jobs(&store, jobs.iter().map(|(name, due)| timer(name, *due)).collect()).await;
    for (now, due) in [
        (second, "whole"),
        (fine("2026-03-01T10:00:00.100Z"), "milli"),
        (fine("2026-03-01T10:00:00.100001Z"), "micro"),
    ] {
        let names: Vec<_> = claim(&store, now)
            .await
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, [due]);
    }
}

async fn rollback_leaves_nothing(store: Arc<Store>) {
    let batch = CaseBatch {
        cases: vec![insert(case(1))],
        keys: vec![(id(1), vec![1])],
        journal: vec![entry(1, 1)],
        jobs: vec![timer("a", at(0))],
        ..CaseBatch::default()
    };
    let mut tx = store.begin().await.unwrap();
    tx.write(&batch, at(0)).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.write(&batch, at(0)).await.unwrap();
    drop(tx);
    // The next transaction begins only when the dropped one is undone on SQLite; nothing of either may be seen.
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.case_by_reference("2026-0001").await.unwrap(), None);
    assert!(tx.case_keys(&[id(1)]).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert_eq!(store.case(id(1)).await.unwrap(), None);
    assert_eq!(store.job("a").await.unwrap(), None);
    assert!(store.journal(id(1), 0, 9).await.unwrap().is_empty());
}

async fn a_failed_transaction_cannot_be_committed(store: Arc<Store>) {
    write_cases(&store, [case(1)]).await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_jobs(&[timer("lost", at(0))]).await.unwrap();
    let again = CaseBatch {
        cases: vec![insert(case(1))],
        ..CaseBatch::default()
    };
    assert!(matches!(
        tx.write(&again, at(0)).await,
        Err(StoreError::Conflict { .. })
    ));
    assert!(matches!(
        tx.insert_jobs(&[timer("b", at(0))]).await,
        Err(StoreError::Abandoned)
    ));
    assert!(matches!(tx.commit().await, Err(StoreError::Abandoned)));
    assert_eq!(store.job("lost").await.unwrap(), None);
}

async fn two_transactions_on_one_case_take_turns(store: Arc<Store>) {
    write_cases(&store, [case(1)]).await;
    let versions = futures_of(6, |_| {
        let store = Arc::clone(&store);
        async move {
            let mut tx = store.begin().await.unwrap();
            let row = tx.cases_for_update(&[id(1)]).await.unwrap().remove(0);
            tokio::task::yield_now().await;
            let (expected, version) = (row.version, row.version + 1);
            let batch = CaseBatch {
                cases: vec![update(CaseRow { version, ..row }, expected)],
                journal: vec![entry(1, version)],
                ..CaseBatch::default()
            };
            tx.write(&batch, at(0)).await.unwrap();
            tx.commit().await.unwrap();
            version
        }
    })
    .await;
    assert_eq!(
        BTreeSet::from_iter(versions),
        (2..=7).collect(),
        "nobody saw the same version"
    );
    assert_eq!(store.case(id(1)).await.unwrap().unwrap().version, 7);
}

async fn inserts_about_a_locked_case_do_not_wait(store: Arc<Store>) {
    if store.backend() == Backend::Sqlite {
        // One writer at a time by design: here the second must wait, and then pass.
        let tx = store.begin().await.unwrap();
        let waiting = tokio::spawn({
            let store = Arc::clone(&store);
            async move { write_jobs(&store, vec![timer("later", at(0))]).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(store.job("later").await.unwrap(), None);
        tx.commit().await.unwrap();
        waiting.await.unwrap();
        assert_eq!(state_of(&store, "later").await, JobState::Waiting);
        return;
    }
    write_cases(&store, [case(1)]).await;
    let mut tx = store.begin().await.unwrap();
    let row = tx.cases_for_update(&[id(1)]).await.unwrap().remove(0);
    let change = CaseBatch {
        cases: vec![update(CaseRow { version: 2, ..row }, 1)],
        ..CaseBatch::default()
    };
    tx.write(&change, at(0)).await.unwrap();
    // Both of these refer to the case by foreign key, from another transaction, while its row is locked and changed.
    let other = CaseBatch {
        journal: vec![entry(1, 9)],
        agenda: vec![item(1, "x", "task", None)],
        ..CaseBatch::default()
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, write(&store, other))
        .await
        .expect("the insert must not wait for the lock");
    tx.commit().await.unwrap();
    assert_eq!(store.case(id(1)).await.unwrap().unwrap().version, 2);
}

// ---- lists ----------------------------------------------------------------------------------------------------------

async fn boards_filter_and_page(store: Arc<Store>) {
    write_cases(
        &store,
        [
            CaseRow {
                stalled_at: Some(at(30)),
                waiting_on: Some("police".to_owned()),
                ..case(1)
            },
            CaseRow {
                stalled_at: Some(at(10)),
                overdue_since: Some(at(1)),
                last_event_at: at(3),
                ..case(2)
            },
            CaseRow {
                closed: true,
                last_event_at: at(9),
                ..case(3)
            },
            CaseRow {
                stalled_at: Some(at(10)),
                next_court_at: Some(at(50)),
                last_event_at: at(3),
                ..case(4)
            },
            CaseRow {
                blind_since: Some(at(1)),
                next_court_at: Some(at(40)),
                pack_name: "other".to_owned(),
                ..case(5)
            },
        ],
    )
    .await;
    let filters = [
        (CaseFilter::default(), "1 2 3 4 5"),
        (
            CaseFilter {
                closed: Some(false),
                ..CaseFilter::default()
            },
            "1 2 4 5",
        ),
        (
            CaseFilter {
                closed: Some(true),
                ..CaseFilter::default()
            },
            "3",
        ),
        (
            CaseFilter {
                stalled_at_or_before: Some(at(10)),
                ..CaseFilter::default()
            },
            "2 4",
        ),
        (
            CaseFilter {
                stalled_at_or_before: Some(at(9)),
                ..CaseFilter::default()
            },
            "",
        ),
        (
            CaseFilter {
                overdue: true,
                ..CaseFilter::default()
            },
            "2",
        ),
        (
            CaseFilter {
                blind: true,
                ..CaseFilter::default()
            },
            "5",
        ),
        (
            CaseFilter {
                waiting_on: Some("police".to_owned()),
                ..CaseFilter::default()
            },
            "1",
        ),
        (
            CaseFilter {
                pack: Some("other".to_owned()),
                ..CaseFilter::default()
            },
            "5",
        ),
        (
            CaseFilter {
                order: CaseOrder::StalledAt,
                ..CaseFilter::default()
            },
            "2 4 1 3 5",
        ),
        (
            CaseFilter {
                order: CaseOrder::BlindSince,
                ..CaseFilter::default()
            },
            "5 1 2 3 4",
        ),
        (
            CaseFilter {
                order: CaseOrder::OverdueSince,
                closed: Some(false),
                ..CaseFilter::default()
            },
            "2 1 4 5",
        ),
        (
            CaseFilter {
                order: CaseOrder::LastEvent,
                ..CaseFilter::default()
            },
            "3 2 4 1 5",
        ),
    ];
    for (filter, expected) in filters {
        let expected: Vec<_> = expected
            .split_whitespace()
            .map(|number| format!("2026-000{number}"))
            .collect();
        let all = store.cases(&filter, &Page::first(100)).await.unwrap();
        assert_eq!(references(&all), expected, "{filter:?}");
        assert_eq!(
            store.count_cases(&filter).await.unwrap(),
            u64::try_from(expected.len()).unwrap(),
            "{filter:?}"
        );
        let all_but_one = Page {
            skip: 1,
            ..Page::first(100)
        };
        assert_eq!(
            store.cases(&filter, &all_but_one).await.unwrap(),
            all[all.len().min(1)..],
            "{filter:?}"
        );
        for most in [0, 1, 2, 100] {
            assert_eq!(
                store.count_cases_up_to(&filter, most).await.unwrap(),
                most.min(u64::try_from(expected.len()).unwrap()),
                "{filter:?} up to {most}"
            );
        }
        for size in [1, 2] {
            assert_eq!(
                walk(&store, &filter, size).await,
                all,
                "{filter:?} by pages of {size}"
            );
        }
    }
    let foreign = Page {
        after: Some(CaseCursor::Reference("2026-0001".to_owned())),
        ..Page::first(1)
    };
    let filter = CaseFilter {
        order: CaseOrder::LastEvent,
        ..CaseFilter::default()
    };
    assert!(matches!(
        store.cases(&filter, &foreign).await,
        Err(StoreError::BadCursor(_))
    ));

    // Byte order, whatever the server's locale.
    let odd = |number, reference: &str| CaseRow {
        reference: reference.to_owned(),
        pack_name: "odd".to_owned(),
        ..case(number)
    };
    write_cases(
        &store,
        [odd(11, "b"), odd(12, "a-2"), odd(13, "C"), odd(14, "a1")],
    )
    .await;
    let filter = CaseFilter {
        pack: Some("odd".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(
        references(&store.cases(&filter, &Page::first(9)).await.unwrap()),
        ["C", "a-2", "a1", "b"]
    );
}

async fn walk(store: &Store, filter: &CaseFilter, size: u64) -> Vec<CaseRow> {
    let mut seen = Vec::new();
    let mut page = Page::first(size);
    loop {
        let rows = store.cases(filter, &page).await.unwrap();
        let Some(last) = rows.last() else { return seen };
        page.after = Some(CaseCursor::after(last, filter.order).to_string().parse().unwrap());
        seen.extend(rows);
    }
}

async fn a_team_member_sees_own_cases_only(store: Arc<Store>) {
    let job = |name: &str, case| NewJob {
        case_id: Some(id(case)),
        ..timer(name, at(0))
    };
    write(
        &store,
        CaseBatch {
            cases: vec![insert(case(1)), insert(case(2)), insert(case(3))],
            team: vec![member(1, 51), member(2, 51), member(2, 52)],
            agenda: vec![item(1, "a", "task", None), item(3, "b", "task", None)],
            jobs: vec![job("on-1", 1), job("on-3", 3)],
            ..CaseBatch::default()
        },
    )
    .await;
    let mine = |account| CaseFilter {
        team_member: Some(id(account)),
        ..CaseFilter::default()
    };
    let page = Page::first(9);
    assert_eq!(
        references(&store.cases(&mine(51), &page).await.unwrap()),
        ["2026-0001", "2026-0002"]
    );
    assert_eq!(
        references(&store.cases(&mine(52), &page).await.unwrap()),
        ["2026-0002"]
    );
    assert_eq!(store.count_cases(&mine(53)).await.unwrap(), 0);
    let agenda = store
        .agenda(&AgendaFilter {
            team_member: Some(id(51)),
            ..AgendaFilter::all(9)
        })
        .await
        .unwrap();
    assert_eq!(
        agenda
            .iter()
            .map(|(row, reference)| (row.item.as_str(), reference.as_str()))
            .collect::<Vec<_>>(),
        [("a", "2026-0001")]
    );
    let jobs = store
        .jobs(&JobFilter {
            team_member: Some(id(51)),
            ..JobFilter::all(9)
        })
        .await
        .unwrap();
    assert_eq!(
        jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(),
        ["on-1"]
    );
    assert_eq!(
        store.teams(&[id(2), id(1)]).await.unwrap(),
        vec![member(1, 51), member(2, 51), member(2, 52)]
    );

    let leads = TeamRow {
        role: "coordinator".to_owned(),
        ..member(1, 51)
    };
    let change = CaseBatch {
        team: vec![leads.clone()],
        team_removed: vec![(id(2), id(51))],
        ..CaseBatch::default()
    };
    write(&store, change).await;
    assert_eq!(
        store.teams(&[id(1), id(2)]).await.unwrap(),
        vec![leads, member(2, 52)]
    );
}

async fn the_register_of_violations_is_filtered_and_paged(store: Arc<Store>) {
    let violation = |case, number, code: &str, status: &str, day| ViolationRow {
        case_id: id(case),
        number,
        code: code.to_owned(),
        status: status.to_owned(),
        publishable: false,
        noted_for: at(day),
    };
    let first = violation(1, 1, "P01", "noted", 10);
    write(
        &store,
        CaseBatch {
            cases: vec![insert(case(1)), insert(case(2))],
            violations: vec![
                first.clone(),
                violation(1, 2, "C01", "verified", 11),
                violation(2, 1, "P01", "noted", 12),
            ],
            ..CaseBatch::default()
        },
    )
    .await;
    let changed = ViolationRow {
        status: "documented".to_owned(),
        publishable: true,
        ..first
    };
    write(
        &store,
        CaseBatch {
            violations: vec![changed.clone()],
            ..CaseBatch::default()
        },
    )
    .await;
    let any = ViolationFilter {
        limit: 9,
        ..ViolationFilter::default()
    };
    let found = async |filter: ViolationFilter| -> Vec<(String, i32)> {
        let found = store.violations(&filter).await.unwrap();
        found.into_iter().map(|v| (v.reference, v.row.number)).collect()
    };
    let named = |names: &[(&str, i32)]| -> Vec<(String, i32)> {
        names.iter().map(|(r, n)| ((*r).to_owned(), *n)).collect()
    };
    let all = [("2026-0002", 1), ("2026-0001", 2), ("2026-0001", 1)];
    assert_eq!(found(any.clone()).await, named(&all), "the latest first");
    let page = ViolationFilter {
        offset: 1,
        limit: 1,
        ..any.clone()
    };
    assert_eq!(found(page).await, named(&all[1..2]));
    let of_code = ViolationFilter {
        code: Some("P01".to_owned()),
        ..any.clone()
    };
    assert_eq!(found(of_code.clone()).await, named(&[all[0], all[2]]));
    let documented = ViolationFilter {
        status: Some("documented".to_owned()),
        ..of_code
    };
    let listed = store.violations(&documented).await.unwrap();
    assert_eq!(listed.iter().map(|v| &v.row).collect::<Vec<_>>(), [&changed]);
}

async fn the_agenda_filters_by_day_and_kind(store: Arc<Store>) {
    let agenda = vec![
        item(1, "never", "task", None),
        item(1, "late", "hearing", Some(at(20))),
        item(2, "early", "deadline", Some(at(10))),
        AgendaRow {
            state: AgendaState::Missed,
            ..item(2, "gone", "deadline", Some(at(5)))
        },
    ];
    write(
        &store,
        CaseBatch {
            cases: vec![insert(case(1)), insert(case(2))],
            agenda,
            ..CaseBatch::default()
        },
    )
    .await;
    let open = || AgendaFilter {
        states: vec![AgendaState::Open],
        ..AgendaFilter::all(9)
    };
    let filters = [
        (AgendaFilter::all(9), "gone early late never"),
        (AgendaFilter::all(2), "gone early"),
        (open(), "early late never"),
        (
            AgendaFilter {
                kinds: vec!["hearing".to_owned(), "task".to_owned()],
                ..open()
            },
            "late never",
        ),
        (
            AgendaFilter {
                due_from: Some(at(10)),
                due_until: Some(at(20)),
                ..open()
            },
            "early",
        ),
        (
            AgendaFilter {
                cases: Some(vec![id(2)]),
                ..open()
            },
            "early",
        ),
        (
            AgendaFilter {
                cases: Some(Vec::new()),
                ..open()
            },
            "",
        ),
    ];
    for (filter, expected) in filters {
        let found = store.agenda(&filter).await.unwrap();
        let names: Vec<_> = found.iter().map(|(row, _)| row.item.as_str()).collect();
        assert_eq!(names.join(" "), expected, "{filter:?}");
    }
}

// ---- the queue ------------------------------------------------------------------------------------------------------

async fn eight_claimers_never_share_a_job(store: Arc<Store>) {
    write_jobs(
        &store,
        (0..200)
            .map(|number| timer(&format!("job-{number:03}"), at(number % 7)))
            .collect(),
    )
    .await;
    let portions = futures_of(8, |worker| {
        let store = Arc::clone(&store);
        async move {
            let mut mine = Vec::new();
            loop {
                let claim = store
                    .claim(
                        at(100),
                        Wanted::of(&[], 7),
                        TimeDelta::minutes(5),
                        &format!("worker-{worker}"),
                    )
                    .await
                    .unwrap();
                assert!(claim.len() <= 7);
                if claim.is_empty() {
                    return mine;
                }
                mine.extend(claim.into_iter().map(|job| job.id));
            }
        }
    })
    .await;
    let all: Vec<_> = portions.into_iter().flatten().collect();
    assert_eq!(all.len(), 200, "none twice");
    assert_eq!(BTreeSet::from_iter(all).len(), 200, "none left out");
}

async fn claims_take_the_earliest_of_the_asked_kinds(store: Arc<Store>) {
    let message = NewJob::new("message", JobKind::Message, at(3), at(0));
    write_jobs(
        &store,
        vec![
            timer("c", at(3)),
            timer("b", at(3)),
            message,
            timer("a", at(5)),
            timer("later", at(9)),
        ],
    )
    .await;
    assert_eq!(store.next_due().await.unwrap(), Some(at(3)));
    assert_eq!(store.oldest_due(at(2)).await.unwrap(), None);
    assert_eq!(store.oldest_due(at(3)).await.unwrap(), Some(at(3)));

    let jobs = store
        .claim(
            at(8),
            Wanted::of(&[JobKind::Timer, JobKind::Schedule], 2),
            TimeDelta::minutes(5),
            "node-1",
        )
        .await
        .unwrap();
    let names: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    let first = &jobs[0];
    assert_eq!(
        (first.state, first.attempt, first.lease_until),
        (JobState::Running, 1, Some(at(13)))
    );
    assert_eq!(first.worker.as_deref(), Some("node-1"));
    assert_eq!(store.job("b").await.unwrap().as_ref(), Some(first));

    let counts = store.job_counts().await.unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|row| (row.kind.as_str(), row.state.as_str(), row.count))
        .collect();
    assert_eq!(
        counts,
        [
            ("timer", "waiting", 2),
            ("timer", "running", 2),
            ("message", "waiting", 1)
        ]
    );
    assert_eq!(
        claim(&store, at(8)).await,
        [("message".to_owned(), 1), ("a".to_owned(), 1)]
    );
    assert_eq!(claim(&store, at(8)).await, []);
}

async fn a_lease_runs_out_and_the_late_worker_loses(store: Arc<Store>) {
    write_jobs(&store, vec![timer("a", at(0))]).await;
    assert_eq!(claim(&store, at(0)).await, claimed("a", 1));
    assert_eq!(
        store.rescue(at(5)).await.unwrap(),
        0,
        "the lease holds to its last moment"
    );
    assert_eq!(claim(&store, at(5)).await, []);
    assert_eq!(store.rescue(at(6)).await.unwrap(), 1);
    assert_eq!(claim(&store, at(6)).await, claimed("a", 2));

    assert!(
        !store.settle("a", 1, &done(), at(7)).await.unwrap(),
        "the late worker"
    );
    assert_eq!(state_of(&store, "a").await, JobState::Running);
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.settle("a", 1, &done(), at(7)).await.unwrap());
    assert!(tx.settle("a", 2, &done(), at(7)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(state_of(&store, "a").await, JobState::Done);
    assert!(
        !store.settle("a", 2, &done(), at(8)).await.unwrap(),
        "an end is an end"
    );
    assert!(!store.settle("nowhere", 1, &done(), at(8)).await.unwrap());
    assert_eq!(store.rescue(at(100)).await.unwrap(), 0);
}

async fn a_rescued_job_still_takes_its_late_outcome(store: Arc<Store>) {
    write_jobs(&store, vec![timer("a", at(0)), timer("b", at(0))]).await;
    assert!(
        !store.settle("a", 0, &done(), at(0)).await.unwrap(),
        "never claimed"
    );
    claim(&store, at(0)).await;
    assert_eq!(store.rescue(at(6)).await.unwrap(), 2);
    let result = async |id| store.job(id).await.unwrap().unwrap().result;
    assert_eq!(
        result("b").await.as_deref(),
        Some(WORKER_LOST),
        "nobody knows how far it came"
    );
    assert!(store.settle("a", 1, &done(), at(7)).await.unwrap());
    assert_ne!(result("a").await.as_deref(), Some(WORKER_LOST));
    assert_eq!(state_of(&store, "a").await, JobState::Done);
    let again = Settlement::RetryAt {
        at: at(20),
        reason: "late".to_owned(),
    };
    assert!(store.settle("b", 1, &again, at(7)).await.unwrap());
    assert!(
        !store.settle("b", 1, &done(), at(8)).await.unwrap(),
        "the same claim cannot report twice"
    );
    assert_eq!(state_of(&store, "b").await, JobState::Waiting);
}

async fn every_settlement_leaves_its_mark(store: Arc<Store>) {
    let why = || "because".to_owned();
    let ends = [
        (
            Settlement::Done {
                result: Some("250 ok".to_owned()),
            },
            JobState::Done,
        ),
        (
            Settlement::RetryAt {
                at: at(60),
                reason: why(),
            },
            JobState::Waiting,
        ),
        (
            Settlement::DeferTo {
                at: at(60),
                reason: why(),
            },
            JobState::Waiting,
        ),
        (Settlement::Failed { reason: why() }, JobState::Failed),
        (Settlement::Dead { reason: why() }, JobState::Dead),
        (Settlement::Suppressed { reason: why() }, JobState::Suppressed),
        (Settlement::Cancelled { reason: why() }, JobState::Cancelled),
    ];
    for (number, (settlement, state)) in ends.into_iter().enumerate() {
        let name = format!("job-{number}");
        write_jobs(&store, vec![timer(&name, at(0))]).await;
        assert_eq!(claim(&store, at(1)).await, claimed(&name, 1));
        assert!(store.settle(&name, 1, &settlement, at(2)).await.unwrap());
        let job = store.job(&name).await.unwrap().unwrap();
        assert_eq!(job.state, state, "{settlement:?}");
        assert_eq!((job.lease_until, &job.worker), (None, &None), "{settlement:?}");
        let waits = state == JobState::Waiting;
        assert_eq!(job.due_at, if waits { at(60) } else { at(0) }, "{settlement:?}");
        assert_eq!(
            job.settled_at,
            if waits { None } else { Some(at(2)) },
            "{settlement:?}"
        );
        let is_done = state == JobState::Done;
        assert_eq!(
            job.reason.as_deref(),
            if is_done { None } else { Some("because") },
            "{settlement:?}"
        );
        assert_eq!(
            job.result.as_deref(),
            if is_done { Some("250 ok") } else { None },
            "{settlement:?}"
        );
        assert_eq!(
            job.attempt - job.tries(),
            i32::from(matches!(settlement, Settlement::DeferTo { .. }))
        );
    }
}

async fn a_deferral_does_not_count_and_never_repeats_an_attempt(store: Arc<Store>) {
    write_jobs(&store, vec![timer("a", at(0))]).await;
    let quiet = Settlement::DeferTo {
        at: at(10),
        reason: "quiet hours".to_owned(),
    };
    assert_eq!(claim(&store, at(0)).await, claimed("a", 1));
    assert!(store.settle("a", 1, &quiet, at(1)).await.unwrap());
    assert!(
        !store.settle("a", 1, &quiet, at(1)).await.unwrap(),
        "a repeated report changes nothing"
    );
    assert_eq!(claim(&store, at(9)).await, []);
    let job = store
        .claim(at(10), Wanted::of(&[], 1), TimeDelta::minutes(5), "worker")
        .await
        .unwrap()
        .remove(0);
    assert_eq!((job.attempt, job.deferrals, job.tries()), (2, 1, 1));
    assert!(!store.settle("a", 1, &done(), at(11)).await.unwrap());
}

async fn many_outcomes_settle_at_once(store: Arc<Store>) {
    write_jobs(
        &store,
        (0..1_200)
            .map(|number| timer(&format!("{number:04}"), at(0)))
            .collect(),
    )
    .await;
    let jobs = store
        .claim(at(0), Wanted::of(&[], 1_200), TimeDelta::minutes(5), "worker")
        .await
        .unwrap();
    let mut outcomes: Vec<_> = jobs
        .iter()
        .map(|job| Outcome {
            id: job.id.clone(),
            attempt: job.attempt,
            settlement: done(),
        })
        .collect();
    outcomes[3].attempt = 7;
    outcomes[4].settlement = Settlement::Dead {
        reason: "refused".to_owned(),
    };
    let settled = store.settle_many(&outcomes, at(1)).await.unwrap();
    assert_eq!(settled.iter().filter(|counted| **counted).count(), 1_199);
    assert!(!settled[3]);
    assert_eq!(state_of(&store, "0003").await, JobState::Running);
    assert_eq!(state_of(&store, "0004").await, JobState::Dead);
    assert_eq!(state_of(&store, "1199").await, JobState::Done);
    assert_eq!(store.settle_many(&[], at(1)).await.unwrap(), Vec::<bool>::new());
}

async fn the_same_effect_is_one_job(store: Arc<Store>) {
    write_jobs(
        &store,
        vec![timer("b", at(0)), timer("a", at(1)), timer("b", at(2))],
    )
    .await;
    write_jobs(&store, vec![timer("a", at(9))]).await;
    assert_eq!(
        store.job("a").await.unwrap().unwrap().due_at,
        at(1),
        "the first one stands"
    );
    let mut tx = store.begin().await.unwrap();
    let jobs = [timer("b", at(3)), timer("c", at(3)), timer("c", at(4))];
    assert_eq!(tx.insert_jobs(&jobs).await.unwrap(), ["c"], "those that were new");
    tx.commit().await.unwrap();
    assert_eq!(store.jobs(&JobFilter::all(9)).await.unwrap().len(), 3);

    // A rung that was too late when its hearing was entered is a row with its end and its reason.
    let late = NewJob {
        settled: Some((JobState::Suppressed, "before the hearing was entered".to_owned())),
        ..timer("d", at(0))
    };
    write_jobs(&store, vec![late]).await;
    let job = store.job("d").await.unwrap().unwrap();
    assert_eq!((job.state, job.settled_at), (JobState::Suppressed, Some(at(0))));
    assert_eq!(job.reason.as_deref(), Some("before the hearing was entered"));
}

async fn only_waiting_jobs_are_cancelled(store: Arc<Store>) {
    write_jobs(
        &store,
        vec![
            timer("running", at(0)),
            timer("one", at(50)),
            timer("two", at(50)),
        ],
    )
    .await;
    assert_eq!(claim(&store, at(1)).await, claimed("running", 1));
    let cancel = ["two", "running", "one", "nowhere", "fresh"]
        .map(|name| (name.to_owned(), format!("no more {name}")));
    let batch = CaseBatch {
        jobs: vec![timer("fresh", at(50))],
        cancel: cancel.to_vec(),
        ..CaseBatch::default()
    };
    write(&store, batch.clone()).await;
    assert_eq!(state_of(&store, "fresh").await, JobState::Cancelled);
    let two = store.job("two").await.unwrap().unwrap();
    assert_eq!(
        (two.state, two.reason.as_deref(), two.settled_at),
        (JobState::Cancelled, Some("no more two"), Some(at(500)))
    );
    assert_eq!(
        store.job("one").await.unwrap().unwrap().reason.as_deref(),
        Some("no more one")
    );
    assert_eq!(state_of(&store, "running").await, JobState::Running);
    let mut tx = store.begin().await.unwrap();
    tx.write(&batch, at(600)).await.unwrap();
    tx.commit().await.unwrap();
    let again = store.job("two").await.unwrap().unwrap();
    assert_eq!(again, two, "a second time nothing happens");
}

async fn dead_jobs_reopen_with_fresh_attempts(store: Arc<Store>) {
    write_jobs(&store, vec![timer("a", at(0)), timer("b", at(0))]).await;
    claim(&store, at(0)).await;
    store
        .settle(
            "a",
            1,
            &Settlement::Dead {
                reason: "no route".to_owned(),
            },
            at(1),
        )
        .await
        .unwrap();
    store.settle("b", 1, &done(), at(1)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(tx.reopen_job("a", at(30)).await.unwrap());
    assert!(!tx.reopen_job("b", at(30)).await.unwrap());
    tx.commit().await.unwrap();
    let job = store.job("a").await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.due_at, job.tries(), job.settled_at),
        (JobState::Waiting, at(30), 0, None)
    );
    assert_eq!(claim(&store, at(30)).await, claimed("a", 2));
}

async fn jobs_are_listed_newest_first(store: Arc<Store>) {
    let message = |name: &str, minutes, case, account| NewJob {
        case_id: Some(id(case)),
        account_id: Some(id(account)),
        message_kind: Some(format!("kind-{case}")),
        about: Some(format!("item-{account}")),
        person_id: Some(format!("p{account}")),
        ..NewJob::new(name, JobKind::Message, at(minutes + 100), at(minutes))
    };
    let jobs = vec![
        message("a", 1, 1, 51),
        message("b", 2, 1, 52),
        message("c", 2, 2, 51),
        timer("t", at(3)),
    ];
    write_jobs(&store, jobs).await;
    let filters = [
        (JobFilter::all(9), "c b a t"),
        (JobFilter::all(2), "c b"),
        (
            JobFilter {
                case_id: Some(id(1)),
                ..JobFilter::all(9)
            },
            "b a",
        ),
        (
            JobFilter {
                account_id: Some(id(51)),
                ..JobFilter::all(9)
            },
            "c a",
        ),
        (
            JobFilter {
                person_id: Some("p52".to_owned()),
                ..JobFilter::all(9)
            },
            "b",
        ),
        (
            JobFilter {
                about: Some("item-52".to_owned()),
                ..JobFilter::all(9)
            },
            "b",
        ),
        (
            JobFilter {
                message_kind: Some("kind-2".to_owned()),
                ..JobFilter::all(9)
            },
            "c",
        ),
        (
            JobFilter {
                kinds: vec![JobKind::Timer, JobKind::Schedule],
                ..JobFilter::all(9)
            },
            "t",
        ),
        (
            JobFilter {
                states: vec![JobState::Done],
                ..JobFilter::all(9)
            },
            "",
        ),
        (
            JobFilter {
                created_from: Some(at(1)),
                created_until: Some(at(2)),
                ..JobFilter::all(9)
            },
            "a",
        ),
        (
            JobFilter {
                due_until: Some(at(102)),
                ..JobFilter::all(9)
            },
            "a t",
        ),
    ];
    for (filter, expected) in filters {
        let found = store.jobs(&filter).await.unwrap();
        assert_eq!(
            found
                .iter()
                .map(|job| job.id.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            expected,
            "{filter:?}"
        );
    }
    let mut seen = Vec::new();
    let mut filter = JobFilter::all(1);
    loop {
        let found = store.jobs(&filter).await.unwrap();
        let Some(last) = found.last() else { break };
        filter.before = Some(JobCursor::after(last).to_string().parse().unwrap());
        seen.push(last.id.clone());
    }
    assert_eq!(seen.join(" "), "c b a t");
}

async fn a_big_batch_is_one_write(store: Arc<Store>) {
    let cases: Vec<_> = (1..=2_000).map(case).collect();
    write_cases(&store, cases.clone()).await;
    let batch = CaseBatch {
        journal: (1..=2_000).map(|number| entry(number, 2)).collect(),
        cases: cases
            .into_iter()
            .map(|row| update(CaseRow { version: 2, ..row }, 1))
            .collect(),
        keys: (1..=2_000).map(|number| (id(number), vec![3; 32])).collect(),
        team: (1..=2_000).map(|number| member(number, 50)).collect(),
        agenda: (1..=2_000)
            .map(|number| item(number, "x", "task", None))
            .collect(),
        jobs: (1..=2_000)
            .map(|number| timer(&format!("job-{number}"), at(1)))
            .collect(),
        ..CaseBatch::default()
    };
    write(&store, batch).await;
    assert_eq!(jobs_in(&store, JobState::Waiting).await, 2_000);
    let all = CaseFilter {
        team_member: Some(id(50)),
        ..CaseFilter::default()
    };
    assert_eq!(store.count_cases(&all).await.unwrap(), 2_000);
    assert!(
        store
            .cases(&all, &Page::first(5_000))
            .await
            .unwrap()
            .iter()
            .all(|row| row.version == 2)
    );
    assert_eq!(
        store.journal(id(1_999), 0, 9).await.unwrap(),
        vec![entry(1_999, 2)]
    );
    let cancel = (1..=2_000)
        .map(|number| (format!("job-{number}"), format!("reason {}", number % 3)))
        .collect();
    let removed = (1..=1_500).map(|number| (id(number), id(50))).collect();
    write(
        &store,
        CaseBatch {
            cancel,
            team_removed: removed,
            ..CaseBatch::default()
        },
    )
    .await;
    assert_eq!(jobs_in(&store, JobState::Cancelled).await, 2_000);
    assert_eq!(
        store.job("job-4").await.unwrap().unwrap().reason.as_deref(),
        Some("reason 1")
    );
    assert_eq!(store.count_cases(&all).await.unwrap(), 500);
    store.refresh_statistics().await.unwrap();
    assert_eq!(
        store.count_cases(&all).await.unwrap(),
        500,
        "statistics change no answer"
    );
}

// ---- people and the system ------------------------------------------------------------------------------------------

async fn next_number(store: &Store, name: &str, keep: bool) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let names = BTreeSet::from([name.to_owned(), "another".to_owned()]);
    let mut numbers = tx.counters(&names).await.unwrap();
    assert_eq!(numbers["another"], 0);
    let number = numbers[name] + 1;
    numbers.insert(name.to_owned(), number);
    tx.set_counters(&numbers).await.unwrap();
    if keep {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    number
}

async fn numbers_run_without_gaps_or_doubles(store: Arc<Store>) {
    let numbers = futures_of(6, |_| {
        let store = Arc::clone(&store);
        async move { next_number(&store, "abduction/2026", true).await }
    })
    .await;
    assert_eq!(BTreeSet::from_iter(numbers), (1..=6).collect());
    assert_eq!(next_number(&store, "abduction/2026", false).await, 7);
    assert_eq!(next_number(&store, "abduction/2027", false).await, 1);
    let again = next_number(&store, "abduction/2026", true).await;
    assert_eq!(again, 7, "a number nobody used is given again");
    assert_eq!(store.counter("abduction/2026").await.unwrap(), 7);
    assert_eq!(store.counter("abduction/2027").await.unwrap(), 0);
}

async fn held_claims_settle_together(store: Arc<Store>) {
    let names = ["a", "b", "c", "d"];
    write_jobs(&store, names.map(|name| timer(name, at(0))).to_vec()).await;
    claim(&store, at(0)).await;
    assert!(store.settle("d", 1, &done(), at(0)).await.unwrap());
    let mut tx = store.begin().await.unwrap();
    let claims = [("a", 1), ("b", 1), ("c", 2), ("d", 1), ("unknown", 1)];
    let claims = claims.map(|(name, attempt)| (name.to_owned(), attempt));
    let held = tx.hold_claims(&claims.into()).await.unwrap();
    assert_eq!(
        held,
        BTreeSet::from(["a".to_owned(), "b".to_owned()]),
        "neither another attempt's nor an ended one"
    );
    let cancelled = Settlement::Cancelled {
        reason: "adjourned".to_owned(),
    };
    let ends = [("a".to_owned(), done()), ("b".to_owned(), cancelled)];
    tx.settle_held(&ends, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(state_of(&store, "a").await, JobState::Done);
    assert_eq!(state_of(&store, "b").await, JobState::Cancelled);
    assert_eq!(state_of(&store, "c").await, JobState::Running);
}

async fn a_claim_may_want_jobs_of_cases_only(store: Arc<Store>) {
    let mut of_a_case = NewJob::new("reminder", JobKind::Message, at(5), at(0));
    of_a_case.case_id = Some(id(1));
    let digest = NewJob::new("digest", JobKind::Message, at(1), at(0));
    write_jobs(&store, vec![digest, of_a_case]).await;
    for (of_a_case, expected) in [(true, "reminder"), (false, "digest")] {
        let wanted = Wanted {
            of_a_case: Some(of_a_case),
            ..Wanted::of(&[JobKind::Message], 10)
        };
        let claimed = store
            .claim(at(9), wanted, TimeDelta::minutes(5), "worker")
            .await
            .unwrap();
        let names: Vec<_> = claimed.iter().map(|job| job.id.as_str()).collect();
        assert_eq!(names, [expected]);
    }
}

async fn the_bell_is_heard(store: Arc<Store>) {
    let bell = store.bell();
    // A listener rings once when it has come to listen; so nothing below is waiting for its first line.
    if store.backend() == Backend::Postgres {
        bell.rung().await;
    }
    store.ring();
    bell.rung().await;
}

async fn accounts_permissions_and_sessions(store: Arc<Store>) {
    let permission = PermissionRow {
        id: id(70),
        account_id: id(1),
        channel: "email".to_owned(),
        language: "en".to_owned(),
        level: 2,
        granted_at: at(0),
        expires_at: at(1_000),
        revoked_at: None,
        granted_by: "account".to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_account(&account(1)).await.unwrap();
    tx.put_account(&account(2)).await.unwrap();
    tx.put_permission(&permission).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), vec![account(1), account(2)]);
    assert_eq!(store.account_by_login("login-2").await.unwrap(), Some(account(2)));
    assert_eq!(store.account_by_login("login-3").await.unwrap(), None);

    let mut tx = store.begin().await.unwrap();
    let error = tx
        .put_account(&AccountRow {
            login_index: "login-1".to_owned(),
            ..account(3)
        })
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict { unique } if unique == "accounts.login_index"),
        "{error}"
    );
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let error = tx
        .put_permission(&PermissionRow {
            account_id: id(9),
            id: id(71),
            ..permission.clone()
        })
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Inconsistent {
                table: "permissions",
                ..
            }
        ),
        "{error}"
    );
    drop(tx);

    let mut tx = store.begin().await.unwrap();
    let row = tx.account_for_update(id(1)).await.unwrap().unwrap();
    let locked = AccountRow {
        failed_logins: 5,
        locked_until: Some(at(15)),
        digest: DigestRate::Off,
        ..row
    };
    assert!(tx.update_account(&locked).await.unwrap());
    assert!(!tx.update_account(&account(9)).await.unwrap());
    assert!(tx.revoke_permission(id(70), at(3)).await.unwrap());
    assert!(
        !tx.revoke_permission(id(70), at(4)).await.unwrap(),
        "the first revocation stands"
    );
    tx.commit().await.unwrap();
    assert_eq!(store.account(id(1)).await.unwrap(), Some(locked));
    assert_eq!(store.account(id(2)).await.unwrap(), Some(account(2)));
    assert_eq!(
        store.permissions(id(1)).await.unwrap(),
        vec![PermissionRow {
            revoked_at: Some(at(3)),
            ..permission
        }]
    );

    let session = |name: &str, account: Option<u128>, minutes| SessionRow {
        id: name.to_owned(),
        account_id: account.map(id),
        data: "{}".to_owned(),
        expires_at: at(minutes),
        created_at: at(0),
    };
    for row in [
        session("a", None, 5),
        session("b", Some(1), 50),
        session("c", Some(1), 60),
        session("d", Some(2), 60),
    ] {
        store.put_session(&row).await.unwrap();
    }
    store.put_session(&session("a", Some(2), 6)).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), Some(session("a", Some(2), 6)));
    assert_eq!(store.delete_expired_sessions(at(5)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_sessions(at(6)).await.unwrap(), 1);
    assert_eq!(store.delete_account_sessions(id(1)).await.unwrap(), 2);
    assert!(store.delete_session("d").await.unwrap());
    assert!(!store.delete_session("d").await.unwrap());
    assert_eq!(store.session("b").await.unwrap(), None);
}

async fn packs_schedules_heartbeats_and_audit(store: Arc<Store>) {
    let pack = |hash: &str, version| PackRow {
        hash: hash.to_owned(),
        name: "abduction".to_owned(),
        version,
        content: json!({"workflow.yaml": "workflow: abduction", "a": {"b": 1}}),
        first_used_at: at(version.into()),
    };
    let audit = |action: &str| AuditEntry {
        at: at(1),
        actor: "account".to_owned(),
        action: action.to_owned(),
        resource: "case".to_owned(),
        detail: None,
    };
    let mut tx = store.begin().await.unwrap();
    assert!(tx.put_pack(&pack("h2", 2)).await.unwrap());
    assert!(tx.put_pack(&pack("h1", 1)).await.unwrap());
    assert!(
        !tx.put_pack(&PackRow {
            name: "forged".to_owned(),
            ..pack("h1", 1)
        })
        .await
        .unwrap()
    );
    tx.audit(&[audit("read"), audit("export")]).await.unwrap();
    tx.audit(&[]).await.unwrap();
    tx.plan_schedule("digest", "0 6 * * *", "Asia/Karachi", at(10))
        .await
        .unwrap();
    tx.plan_schedule("digest", "0 7 * * *", "Asia/Karachi", at(20))
        .await
        .unwrap();
    let planned = ScheduleRow {
        name: "digest".to_owned(),
        line: "0 7 * * *".to_owned(),
        zone: "Asia/Karachi".to_owned(),
        planned_until: at(20),
    };
    assert_eq!(tx.schedules_for_update().await.unwrap(), vec![planned.clone()]);
    tx.commit().await.unwrap();
    assert_eq!(store.packs().await.unwrap(), vec![pack("h1", 1), pack("h2", 2)]);
    assert_eq!(store.pack("h2").await.unwrap(), Some(pack("h2", 2)));
    assert_eq!(store.pack("h3").await.unwrap(), None);
    assert_eq!(store.schedules().await.unwrap(), vec![planned]);
    let trail = store.audit(1).await.unwrap();
    assert_eq!(
        trail.iter().map(|row| &row.entry).collect::<Vec<_>>(),
        [&audit("export")]
    );
    assert_eq!(store.audit(9).await.unwrap().len(), 2);

    store.heartbeat("b", at(1), "idle").await.unwrap();
    store.heartbeat("a", at(1), "idle").await.unwrap();
    store.heartbeat("b", at(2), "3 jobs").await.unwrap();
    let beats = store.heartbeats().await.unwrap();
    let beats: Vec<_> = beats
        .iter()
        .map(|row| (row.worker.as_str(), row.at, row.detail.as_str()))
        .collect();
    assert_eq!(beats, [("a", at(1), "idle"), ("b", at(2), "3 jobs")]);
    for (worker, second) in [("c", 5), ("d", 9), ("e", 60)] {
        store
            .heartbeat(worker, at(second), HeartbeatRow::TICK)
            .await
            .unwrap();
    }
    let last = async |now, ahead| {
        let tolerance = at(now + ahead) - at(now);
        store.last_tick(at(now), tolerance).await.unwrap()
    };
    assert_eq!(
        last(4, 0).await,
        None,
        "what is no tick, or has not come, is no last tick"
    );
    assert_eq!(last(20, 0).await, Some(at(9)));
    assert_eq!(last(4, 1).await, Some(at(5)));
    assert_eq!(store.forget_heartbeats(at(2), at(59)).await.unwrap(), 3);
    assert_eq!(store.heartbeats().await.unwrap().len(), 2);
    let server = store.server_clock().await.unwrap();
    assert_eq!(server.is_some(), store.backend() == Backend::Postgres);
}

async fn occurrences_skipped_by_a_clock_ahead_can_be_taken_back(store: Arc<Store>) {
    let occurrence = |schedule: &str, second, skipped: bool| {
        let id = format!("schedule:{schedule}:{second}");
        let mut job = NewJob::new(id, JobKind::Schedule, at(second), at(1));
        job.message_kind = Some(schedule.to_owned());
        job.settled = skipped.then(|| (JobState::Suppressed, "catch_up".to_owned()));
        job
    };
    let mut tx = store.begin().await.unwrap();
    let jobs = [
        occurrence("digest", 10, true),
        occurrence("digest", 20, true),
        occurrence("digest", 30, true),
        occurrence("digest", 31, false),
        occurrence("other", 30, true),
    ];
    let jobs: Vec<NewJob> = jobs
        .into_iter()
        .enumerate()
        // The first was written in its time, the others by a clock that was ahead.
        .map(|(n, job)| NewJob {
            created_at: if n == 0 { at(15) } else { at(90) },
            ..job
        })
        .collect();
    assert_eq!(tx.insert_jobs(&jobs).await.unwrap().len(), 5);
    let back = tx.take_back_skipped("digest", at(25)).await.unwrap();
    assert_eq!(back, Some((at(20), 2)), "the earliest, and how many");
    assert_eq!(tx.take_back_skipped("digest", at(25)).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.job("schedule:digest:30").await.unwrap(), None);
    assert_eq!(store.jobs(&JobFilter::all(9)).await.unwrap().len(), 3);
}

async fn an_erased_case_keeps_its_chain_alone(store: Arc<Store>) {
    let keys = vec![(id(1), vec![1]), (id(2), vec![2])];
    write(
        &store,
        CaseBatch {
            cases: vec![insert(case(1)), insert(case(2))],
            keys,
            ..CaseBatch::default()
        },
    )
    .await;
    write(
        &store,
        CaseBatch {
            keys: vec![(id(1), vec![4, 4])],
            ..CaseBatch::default()
        },
    )
    .await;
    assert_eq!(store.case_key(id(1)).await.unwrap(), Some(vec![4, 4]));
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.case_keys(&[id(1), id(2), id(3)]).await.unwrap().len(), 2);
    tx.add_names(&[
        (id(1), "a".into()),
        (id(2), "a".into()),
        (id(2), "b".into()),
        (id(2), "b".into()),
    ])
    .await
    .unwrap();
    tx.commit().await.unwrap();
    write(
        &store,
        CaseBatch {
            jobs: vec![of_case("waits", 2), of_case("other", 1)],
            agenda: vec![item(2, "hearing", "hearing", Some(at(9)))],
            team: vec![member(2, 7)],
            ..CaseBatch::default()
        },
    )
    .await;
    let named = |groups: &[&[&str]]| CaseFilter {
        names: groups
            .iter()
            .map(|group| group.iter().map(|token| (*token).to_owned()).collect())
            .collect(),
        ..CaseFilter::default()
    };
    for (groups, found) in [
        (&[&["a"][..]][..], &[1_u128, 2][..]),
        (&[&["a", "x"], &["b"]], &[2]),
        (&[&["x"]], &[]),
        (&[&[]], &[]),
    ] {
        let rows = store.cases(&named(groups), &Page::first(9)).await.unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(
            ids,
            found.iter().map(|n| id(*n)).collect::<Vec<_>>(),
            "{groups:?}"
        );
    }

    let mut tx = store.begin().await.unwrap();
    tx.cases_for_update(&[id(2)]).await.unwrap();
    assert_eq!(tx.erase_case(&entry(2, 1), "erased", at(5)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(store.case_key(id(2)).await.unwrap(), None);
    assert_eq!(store.case_key(id(1)).await.unwrap(), Some(vec![4, 4]));
    let left = store.case(id(2)).await.unwrap().expect("the case's row stays");
    assert_eq!((left.state.len(), left.version, left.closed), (0, 1, true));
    assert_eq!(
        (left.external_key, left.next_court_at, left.waiting_on),
        (None, None, None)
    );
    assert_eq!(store.journal(id(2), 0, 9).await.unwrap(), [entry(2, 1)]);
    assert_eq!(store.name_tokens(id(2)).await.unwrap().len(), 0);
    assert_eq!(store.team(id(2)).await.unwrap(), []);
    assert_eq!(store.agenda(&AgendaFilter::all(9)).await.unwrap(), []);
    assert_eq!(state_of(&store, "waits").await, JobState::Cancelled);
    assert_eq!(
        state_of(&store, "other").await,
        JobState::Waiting,
        "of another case"
    );
    let readable = CaseFilter {
        readable: true,
        ..CaseFilter::default()
    };
    assert_eq!(store.count_cases(&readable).await.unwrap(), 1);
    assert_eq!(store.cases_with_keys(None, 9).await.unwrap(), [id(1)]);
    assert!(store.cases_with_keys(Some(id(1)), 9).await.unwrap().is_empty());
}

fn of_case(name: &str, case: u128) -> NewJob {
    let mut job = timer(name, at(3));
    job.case_id = Some(id(case));
    job
}

async fn an_organisation_key_has_one_state(store: Arc<Store>) {
    let key = |state, minutes| KeyRow {
        fingerprint: "00ff".into(),
        state,
        since: at(minutes),
    };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.key_state("00ff").await.unwrap(), None);
    tx.put_key(&key(KeyState::Current, 1)).await.unwrap();
    tx.put_key(&key(KeyState::Former, 2)).await.unwrap();
    assert_eq!(tx.key_state("00ff").await.unwrap(), Some(KeyState::Former));
    tx.commit().await.unwrap();
    assert_eq!(
        store.organisation_keys().await.unwrap(),
        [key(KeyState::Former, 2)]
    );
}

// ---- opening --------------------------------------------------------------------------------------------------------

async fn refusal(url: &str) -> String {
    let error = Store::connect(url, &StoreOptions::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("swordfish"), "the password shows: {text}");
    error.to_string()
}

#[tokio::test]
async fn a_url_that_cannot_work_is_explained_without_its_password() {
    assert!(
        refusal("mysql://u:swordfish@host/db")
            .await
            .contains("sqlite:///path/to/peshi.db")
    );
    assert!(refusal("sqlite://:memory:").await.contains("file is needed"));
    assert!(
        refusal("sqlite:///tmp/x.db?mode=ro")
            .await
            .contains("without parameters")
    );
    assert!(
        refusal("sqlite:///no-such-folder/peshi.db")
            .await
            .contains("Check that the folder exists")
    );
    assert!(refusal("postgres://u:swordfish#@host/db").await.contains("%23"));
    assert!(
        refusal("postgres://u:p@host:swordfish/db")
            .await
            .contains("postgres://user:password@host:port/database")
    );
    // Port 1 is closed on any sane machine.
    let text = refusal("postgres://someone:swordfish@127.0.0.1:1/peshi").await;
    assert!(
        text.starts_with("the database postgres://someone@127.0.0.1:1/peshi cannot be used: "),
        "{text}"
    );
    assert!(text.contains("Check that the server runs"), "{text}");
}

#[tokio::test]
async fn a_wrong_password_or_database_is_explained() {
    let admin = postgres_url();
    let (server, _) = admin.rsplit_once('/').unwrap();
    let text = refusal(&format!("{server}/no_such_database")).await;
    assert!(text.contains("createdb"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to look at ".repeat(30)).unwrap();
    let text = refusal(&format!("sqlite://{}", path.display())).await;
    assert!(
        text.contains("file is not a database. Point --database at a file made by Peshi"),
        "{text}"
    );
}

#[tokio::test]
async fn an_unmigrated_database_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/peshi.db", folder.path().display());
    let store = Store::connect(&url, &StoreOptions::default()).await.unwrap();
    assert_eq!(store.backend(), Backend::Sqlite);
    let error = store.case(id(1)).await.unwrap_err();
    assert!(error.to_string().contains("Run `peshi migrate`"), "{error}");
    let pending = store.pending_migrations().await.unwrap();
    assert_eq!(pending[0], "m0001_foundation");
    assert!(store.schema().await.unwrap().is_empty());
    assert_eq!(store.migrate().await.unwrap(), pending);
    assert_eq!(store.schema().await.unwrap(), pending);
    store.close().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/peshi.db", folder.path().display());
    let store = Store::connect(&url, &StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            file.path().display()
        );
    }
}

#[tokio::test]
async fn a_file_locked_by_another_program_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/peshi.db", folder.path().display());
    let patient = Store::connect(&url, &StoreOptions::default()).await.unwrap();
    patient.migrate().await.unwrap();
    let hasty = Store::connect(
        &url,
        &StoreOptions {
            busy_timeout_ms: 1,
            ..StoreOptions::default()
        },
    )
    .await
    .unwrap();
    let tx = patient.begin().await.unwrap();
    let error = hasty.begin().await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error}");
    assert!(error.is_retryable());
    tx.rollback().await.unwrap();
    hasty.begin().await.unwrap().commit().await.unwrap();
}

#[test]
fn debug_shows_no_blob() {
    let row = format!("{:?} {:?} {:?}", case(1), entry(1, 1), account(1));
    assert!(row.contains("<40 bytes>"), "{row}");
    for secret in ["9, 9", "$argon2id", "login-1"] {
        assert!(!row.contains(secret), "{secret} shows in {row}");
    }
}
