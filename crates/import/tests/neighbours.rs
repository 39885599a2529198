//! An import is not alone in its database: other logs, other cases, their messages, a scheduler, a run that died, the
//! real time.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_import::{Import, ImportError, Mapping, Report};
use peshi_store::{HeartbeatRow, JobFilter, JobKind, JobState, NewJob, Wanted};
use peshi_test_support::{DatabaseKind, House, workflows};

const HEADER: &str = "case_id,activity,timestamp,amount,expense,article,points,vehicleclass,notificationtype,totalpaymentamount,.order\n";

/// One served fine, paid by `paid` on the seventieth day; its penalty falls on 2 May 2010.
fn log(case: &str, paid: &str) -> String {
    format!(
        "{HEADER}{case},Create Fine,2010-01-01,35.0,,157,0,A,,,1\n{case},Send Fine,2010-02-01,,11.0,,,,,,2\n\
         {case},Insert Fine Notification,2010-03-03,,,,,,P,,3\n{case},Add penalty,2010-05-02,,,,,,,,4\n\
         {case},Payment,2010-05-12,,,,,,,{paid},5\n"
    )
}

fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

async fn house() -> House {
    House::new(DatabaseKind::Sqlite, now()).await
}

fn import(house: &House, reference: &str) -> Import {
    let file = workflows().join("road-traffic-fine/import.yaml");
    let mut map = Mapping::parse("import.yaml", &std::fs::read_to_string(file).unwrap()).unwrap();
    reference.clone_into(&mut map.reference);
    Import::new(
        Arc::clone(&house.service),
        Arc::clone(&house.store),
        "road-traffic-fine",
        map,
    )
    .unwrap()
}

async fn run(house: &House, log: &str) -> Result<Report, ImportError> {
    import(house, "F-{case}")
        .as_of(now())
        .run(log.as_bytes(), |_| true)
        .await
}

async fn entries(house: &House) -> u64 {
    let verified = house.service.verify(None, |_| {}).await.unwrap();
    assert!(verified.broken.is_empty(), "{:?}", verified.broken);
    verified.entries
}

fn assert_whole(report: &Report) {
    assert_eq!((report.accepted, report.refused.len()), (4, 0), "{report:?}");
    assert_eq!(
        (report.observed.expected, report.observed.matched),
        (1, 1),
        "{report:?}"
    );
    assert!(report.observed.unexpected.is_empty(), "{report:?}");
    let ends: Vec<&str> = report.final_states.keys().map(String::as_str).collect();
    assert_eq!(ends, ["penalty_added + window_closed + settled + no_appeal"]);
}

#[tokio::test]
async fn another_file_about_the_same_case_leaves_it_alone() {
    let house = house().await;
    assert_whole(&run(&house, &log("T1", "81.0")).await.unwrap());
    let before = entries(&house).await;
    // The same case with another payment, and a case of its own.
    let second = format!(
        "{}{}",
        log("T1", "70.0"),
        log("T2", "81.0").strip_prefix(HEADER).unwrap()
    );
    let report = run(&house, &second).await.unwrap();
    assert_eq!(
        (report.cases_known, report.cases_opened, report.accepted),
        (1, 1, 4),
        "{report:?}"
    );
    let whole = "the case is here already, from another file";
    assert_eq!(
        report.refused_by_reason.get(whole),
        Some(&5),
        "{:?}",
        report.refused_by_reason
    );
    assert_eq!(
        (report.observed.expected, report.observed.matched),
        (1, 1),
        "of the new case alone"
    );
    assert_eq!(
        entries(&house).await,
        2 * before,
        "the second case, and nothing in the first"
    );
}

#[tokio::test]
async fn a_reference_that_is_taken_is_refused_and_the_others_go_in() {
    let house = house().await;
    run(&house, &log("A-T1", "81.0")).await.unwrap();
    // `F-A-` and `T1` make the reference that `F-` and `A-T1` made.
    let second = format!(
        "{}{}",
        log("T1", "81.0"),
        log("T2", "81.0").strip_prefix(HEADER).unwrap()
    );
    let report = import(&house, "F-A-{case}")
        .run(second.as_bytes(), |_| true)
        .await
        .unwrap();
    let line = report.refused.first().unwrap();
    assert!(line.reason.contains("bears this reference"), "{line:?}");
    assert_eq!((line.line, line.detail.as_str()), (2, "F-A-T1"));
    assert_eq!((report.cases_opened, report.accepted), (1, 4), "{report:?}");
    assert_eq!(
        report.refused_by_reason.get("the case was never opened"),
        Some(&3)
    );
}

#[tokio::test]
async fn a_message_that_waits_does_not_hold_up_the_deadlines() {
    let house = house().await;
    let early = "2010-01-15T00:00:00Z".parse().unwrap();
    let mut tx = house.store.begin().await.unwrap();
    tx.insert_jobs(&[NewJob::new("message:other", JobKind::Message, early, early)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_whole(&run(&house, &log("T1", "81.0")).await.unwrap());
    let message = house.store.job("message:other").await.unwrap().unwrap();
    assert_eq!(
        (message.state, message.attempt),
        (JobState::Waiting, 0),
        "an import sends nothing"
    );
}

#[tokio::test]
async fn a_timer_claimed_by_a_run_that_died_is_not_lost() {
    let house = house().await;
    let log = log("T1", "81.0");
    let mut groups = 0;
    let stopped = import(&house, "F-{case}")
        .run(log.as_bytes(), |_| {
            groups += 1;
            groups < 3
        })
        .await;
    assert!(
        matches!(stopped, Err(ImportError::Stopped { rows: 3 })),
        "{stopped:?}"
    );
    // The next step claims the sixty days' timer and dies.
    let due = house.store.next_due().await.unwrap().unwrap();
    let claimed = house
        .store
        .claim(
            due,
            Wanted::of(&[JobKind::Timer], 10),
            TimeDelta::zero(),
            "import",
        )
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    let report = run(&house, &log).await.unwrap();
    assert_eq!(
        (report.rows_known, report.accepted, report.timers_fired),
        (3, 1, 2),
        "{report:?}"
    );
    assert_eq!(
        (report.observed.expected, report.observed.matched),
        (1, 1),
        "{report:?}"
    );
}

#[tokio::test]
async fn the_future_is_not_replayed() {
    let house = house().await;
    // A case whose sixty days still run when its log ends.
    let running: Vec<String> = log("T1", "35.0")
        .lines()
        .take(4)
        .map(|l| format!("{l}\n"))
        .collect();
    run(
        &house,
        &running
            .concat()
            .replace("2010-", "2025-")
            .replace("2025-03-", "2025-12-"),
    )
    .await
    .unwrap();
    let waiting = JobFilter {
        states: vec![JobState::Waiting],
        ..JobFilter::all(100)
    };
    let jobs = house.store.jobs(&waiting).await.unwrap();
    assert_eq!(jobs.len(), 2, "the penalty and the end of the window");
    let slip = format!(
        "{}{}",
        log("T2", "35.0"),
        "T2,Payment,2062-05-12,,,,,,,81.0,6\nT3,Create Fine,01/01/2062,35.0,,157,0,A,,,7\n"
    );
    let report = run(&house, &slip).await.unwrap();
    let lines: Vec<(u64, bool)> = report
        .refused
        .iter()
        .map(|r| (r.line, r.reason.contains("in the future")))
        .collect();
    assert_eq!(lines, [(7, true), (8, true)], "{:?}", report.refused);
    assert_eq!((report.rows, report.accepted), (7, 4));
    let after = house.store.jobs(&waiting).await.unwrap();
    assert!(
        jobs.iter().all(|job| after.contains(job)),
        "the first log's timers still wait"
    );
}

#[tokio::test]
async fn no_import_beside_a_scheduler() {
    let house = house().await;
    let alive = now() - TimeDelta::seconds(20);
    house
        .store
        .heartbeat("desk-1", alive, HeartbeatRow::TICK)
        .await
        .unwrap();
    let error = run(&house, &log("T1", "81.0")).await.unwrap_err();
    assert!(
        matches!(&error, ImportError::SchedulerAtWork { worker } if worker == "desk-1"),
        "{error}"
    );
    assert_eq!(house.service.case_count().await.unwrap(), 0);
    let later = import(&house, "F-{case}").as_of(now() + TimeDelta::minutes(1));
    assert_whole(&later.run(log("T1", "81.0").as_bytes(), |_| true).await.unwrap());
}

#[tokio::test]
async fn deadlines_of_other_cases_fire_on_the_way_and_are_not_this_logs_story() {
    let house = house().await;
    let running: Vec<String> = log("T1", "81.0")
        .lines()
        .take(4)
        .map(|l| format!("{l}\n"))
        .collect();
    let first = run(&house, &running.concat()).await.unwrap();
    assert_eq!(first.timers_fired, 0);
    let second = run(&house, &log("T2", "81.0")).await.unwrap();
    assert_whole(&second);
    assert_eq!(second.timers_fired, 2, "its penalty and the end of its window");
    assert_eq!(
        house.store.next_due().await.unwrap(),
        None,
        "those of the first case fired too"
    );
}

#[tokio::test]
async fn the_order_column_decides_between_rows_of_one_day() {
    let house = house().await;
    let log = format!(
        "{HEADER}T1,Send Fine,2010-01-01,,11.0,,,,,,2\nT1,Create Fine,2010-01-01,35.0,,157,0,A,,,1\n"
    );
    let report = run(&house, &log).await.unwrap();
    assert_eq!((report.accepted, report.refused.len()), (2, 0), "{report:?}");
}
