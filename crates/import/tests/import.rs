//! A generated log of fines: every penalty on its day, late appeals refused, a second run changes nothing, an
//! interrupted one goes on.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::fmt::Write;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use peshi_import::{Import, ImportError, Mapping, Report};
use peshi_store::{CaseFilter, CaseRow, Page};
use peshi_test_support::{DatabaseKind, House, workflows};

const HEADER: &str = "case_id,activity,lifecycle,resource,timestamp,amount,article,dismissal,expense,lastsent,matricola,\
notificationtype,paymentamount,points,totalpaymentamount,vehicleclass,activity_instance_id,.order\n";

/// What the generated log should lead to.
#[derive(Debug, Default)]
struct Expected {
    rows: usize,
    penalties: usize,
    late_appeals: usize,
    unknown: usize,
}

/// A log of `cases` fines: a third is paid at once, the others are served; every fifth of those appeals, half of them
/// too late; every tenth has a row nobody knows.
fn generate(cases: u32) -> (String, Expected) {
    let mut log = HEADER.to_owned();
    let mut expected = Expected::default();
    let mut order = 0;
    let mut row = |log: &mut String, case: u32, activity: &str, date: NaiveDate, more: [&str; 3]| {
        order += 1;
        let [amount, expense, total] = more;
        let _ = writeln!(
            log,
            "T{case},{activity},complete,,{date},{amount},157,,{expense},,,P,,0,{total},A,{order},{order}"
        );
    };
    for case in 0..cases {
        let day = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + TimeDelta::days(i64::from(case % 90));
        row(&mut log, case, "Create Fine", day, ["35.0", "", ""]);
        expected.rows += 1;
        if case % 3 == 0 {
            row(
                &mut log,
                case,
                "Payment",
                day + TimeDelta::days(5),
                ["", "", "35.0"],
            );
            expected.rows += 1;
            continue;
        }
        let served = day + TimeDelta::days(40);
        row(
            &mut log,
            case,
            "Send Fine",
            day + TimeDelta::days(30),
            ["", "11.0", ""],
        );
        row(&mut log, case, "Insert Fine Notification", served, ["", "", ""]);
        expected.rows += 2;
        if case % 5 == 0 {
            let late = case % 2 == 0;
            let after = if late { 75 } else { 41 };
            row(
                &mut log,
                case,
                "Insert Date Appeal to Prefecture",
                served + TimeDelta::days(after),
                ["", "", ""],
            );
            expected.rows += 1;
            expected.late_appeals += usize::from(late);
        }
        if case % 10 == 1 {
            row(&mut log, case, "Dance Round the Fine", served, ["", "", ""]);
            expected.rows += 1;
            expected.unknown += 1;
        }
        row(
            &mut log,
            case,
            "Add penalty",
            served + TimeDelta::days(60),
            ["71.5", "", ""],
        );
        expected.rows += 1;
        expected.penalties += 1;
    }
    (log, expected)
}

fn mapping() -> Mapping {
    let file = workflows().join("road-traffic-fine/import.yaml");
    Mapping::parse("import.yaml", &std::fs::read_to_string(file).unwrap()).unwrap()
}

async fn house(kind: DatabaseKind) -> House {
    House::new(kind, "2026-01-01T00:00:00Z".parse().unwrap()).await
}

async fn run(house: &House, log: &str, stop_after: usize) -> Result<Report, ImportError> {
    let import = Import::new(
        Arc::clone(&house.service),
        Arc::clone(&house.store),
        "road-traffic-fine",
        mapping(),
    )
    .unwrap();
    let mut groups = 0;
    import
        .run(log.as_bytes(), |_| {
            groups += 1;
            groups < stop_after
        })
        .await
}

/// What the store knows of each case; what is sealed differs by its random bytes alone.
async fn all_cases(house: &House) -> Vec<CaseRow> {
    let cases = house
        .store
        .cases(&CaseFilter::default(), &Page::first(1_000))
        .await
        .unwrap();
    cases
        .into_iter()
        .map(|c| CaseRow {
            state: Vec::new(),
            head: Vec::new(),
            ..c
        })
        .collect()
}

fn check(report: &Report, expected: &Expected) {
    assert_eq!(report.rows, expected.rows);
    assert_eq!(report.observed.expected, expected.penalties);
    assert_eq!(
        report.observed.matched, expected.penalties,
        "{:?}",
        report.observed.unmatched
    );
    assert!(
        report.observed.unexpected.is_empty(),
        "{:?}",
        report.observed.unexpected
    );
    assert_eq!(
        report.unknown_activities.get("Dance Round the Fine"),
        Some(&expected.unknown)
    );
    assert_eq!(
        report.refused.len(),
        expected.late_appeals + expected.unknown,
        "{:?}",
        report.refused_by_reason
    );
    assert!(
        report.refused_by_reason.keys().any(|r| r.contains("condition")),
        "{:?}",
        report.refused_by_reason
    );
    assert_eq!(
        report.accepted,
        expected.rows - expected.penalties - report.refused.len()
    );
}

async fn every_penalty_falls_on_its_day(kind: DatabaseKind) {
    let house = house(kind).await;
    let (log, expected) = generate(200);
    let first = run(&house, &log, usize::MAX).await.unwrap();
    check(&first, &expected);
    let verified = house.service.verify(None, |_| {}).await.unwrap();
    assert_eq!((verified.cases, verified.broken.len()), (200, 0));

    let second = run(&house, &log, usize::MAX).await.unwrap();
    assert_eq!(
        (second.accepted, second.rows_known, second.timers_fired),
        (0, expected.rows, 0)
    );
    let again = house.service.verify(None, |_| {}).await.unwrap();
    assert_eq!(again.entries, verified.entries, "a second run changes nothing");
    house.database.remove().await;
}

#[tokio::test]
async fn every_penalty_falls_on_its_day_on_sqlite() {
    every_penalty_falls_on_its_day(DatabaseKind::Sqlite).await;
}

#[tokio::test]
async fn every_penalty_falls_on_its_day_on_postgres() {
    every_penalty_falls_on_its_day(DatabaseKind::Postgres).await;
}

#[tokio::test]
async fn an_interrupted_run_goes_on() {
    let (log, _) = generate(30);
    let whole = house(DatabaseKind::Sqlite).await;
    run(&whole, &log, usize::MAX).await.unwrap();
    let broken = house(DatabaseKind::Sqlite).await;
    let stopped = run(&broken, &log, 17).await.unwrap_err();
    assert!(
        matches!(stopped, ImportError::Stopped { rows } if rows > 0),
        "{stopped}"
    );
    let rest = run(&broken, &log, usize::MAX).await.unwrap();
    assert!(rest.rows_known > 0 && rest.accepted > 0);
    assert_eq!(rest.cases_known, 0, "its own cases are no other log's");
    assert!(rest.observed.unmatched.is_empty() && rest.observed.unexpected.is_empty());
    let (left, right) = (all_cases(&whole).await, all_cases(&broken).await);
    assert_eq!((left.len(), &left), (30, &right));
    let of = |h: &House| {
        let service = Arc::clone(&h.service);
        async move { service.verify(None, |_| {}).await.unwrap() }
    };
    assert_eq!(of(&whole).await, of(&broken).await);
}

#[tokio::test]
async fn a_file_that_is_no_log_changes_nothing() {
    let house = house(DatabaseKind::Sqlite).await;
    let truncated = HEADER.trim_end().rsplit_once(',').unwrap().0;
    for (log, expected) in [
        ("", "has no column"),
        (HEADER, "no rows"),
        ("a,b\n1,2\n", "has no column `case_id`"),
        (truncated, "has no column `.order`"),
        ("\u{0}\u{1}\u{2}", "has no column"),
    ] {
        let error = run(&house, log, usize::MAX).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{log:?}: {error}");
    }
    assert_eq!(house.service.case_count().await.unwrap(), 0);
}

#[tokio::test]
async fn bad_rows_are_listed_with_their_line_and_the_others_apply() {
    let house = house(DatabaseKind::Sqlite).await;
    let (mut log, _) = generate(1);
    log.push_str("T9,Create Fine,complete,,31/02/2010,35.0,157,,,,,P,,0,,A,8,8\n");
    log.push_str("T8,Create Fine,complete,,24/07/2010,35.0,157,,,,,P,,0,,A,9,9\n");
    log.push_str("T7,Create Fine\n,,\n");
    log.push_str("T6,Payment,complete,,2010-07-24,,157,,,,,P,,0,5.0,A,10,10\n");
    let report = run(&house, &log, usize::MAX).await.unwrap();
    let lines: Vec<(u64, &str)> = report
        .refused
        .iter()
        .map(|r| (r.line, r.reason.as_str()))
        .collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].0 == 4 && lines[0].1.contains("dd/mm/yyyy"), "{lines:?}");
    assert!(lines[1].1.contains("number of columns"), "{lines:?}");
    assert!(lines[3].1.contains("never opened"), "{lines:?}");
    assert_eq!(report.cases_opened, 2, "day first: 24/07/2010 is a date");
}

#[tokio::test]
async fn a_map_that_does_not_fit_is_refused_before_anything_is_read() {
    let house = house(DatabaseKind::Sqlite).await;
    let mut wrong = mapping();
    wrong.events.get_mut("Send Fine").unwrap().event = "sand_fine".to_owned();
    let import = Import::new(
        Arc::clone(&house.service),
        Arc::clone(&house.store),
        "road-traffic-fine",
        wrong,
    );
    assert!(import.unwrap_err().to_string().contains("sand_fine"));
    for (wrong, said) in [
        ("reference: F", "the same for every case"),
        (
            "events: { \"Payment\": { event: payment, fields: { totl: points } } }",
            "no field `totl`; it has: part, total",
        ),
        (
            "observed: { \"Add penalty\": { entered: penalty } }",
            "no state `penalty`",
        ),
        (
            "events: { \"Create Fine\": { event: payment } }",
            "both open a case",
        ),
    ] {
        let map = format!(
            "case: case_id\nactivity: activity\nat: timestamp\nzone: Europe/Rome\n\
             opening: {{ activity: \"Create Fine\", fields: {{ amount: amount }} }}\n{}{wrong}\n",
            if wrong.starts_with("events") {
                ""
            } else {
                "events: {}\n"
            }
        );
        let map = Mapping::parse("map.yaml", &map).unwrap();
        let import = Import::new(
            Arc::clone(&house.service),
            Arc::clone(&house.store),
            "road-traffic-fine",
            map,
        );
        let error = import.unwrap_err().to_string();
        assert!(error.contains(said), "{wrong}: {error}");
    }
    let unknown = Mapping::parse("x.yaml", "case: a\nfoo: b\n")
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("x.yaml"), "{unknown}");
}
