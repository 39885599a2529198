//! A small caseload lives without a refusal, twice the same, and every message has a fate with a reason.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc, Weekday};
use chrono_tz::Asia::Karachi;
use peshi_demo::{Caseload, Options, load};
use peshi_service::{CaseListFilter, Role};
use peshi_store::{JobFilter, JobKind, JobState};
use peshi_test_support::{DatabaseKind, House};

const OPTIONS: Options = Options {
    seed: 3,
    cases: 30,
    months: 4,
};

fn now() -> DateTime<Utc> {
    "2026-03-10T06:00:00Z".parse().unwrap()
}

async fn lived() -> (House, Caseload) {
    let house = House::new(DatabaseKind::Sqlite, now()).await;
    let scheduler = house.scheduler("demo");
    let mut n = 0;
    let caseload = load(
        &house.service,
        &scheduler,
        &house.clock,
        now(),
        &OPTIONS,
        &mut || {
            n += 1;
            format!("an invented password {n}")
        },
        &mut |_| {},
    )
    .await
    .unwrap_or_else(|e| {
        panic!(
            "{e}: {:?}",
            std::error::Error::source(&e).map(ToString::to_string)
        )
    });
    (house, caseload)
}

/// Every case's journal, as keys.
async fn histories(house: &House) -> Vec<String> {
    let coordinator = house
        .service
        .viewer_by_login("coordinator@demo.invalid")
        .await
        .unwrap();
    let mut lines = Vec::new();
    let mut filter = CaseListFilter {
        page: 1,
        ..CaseListFilter::default()
    };
    loop {
        let page = house
            .service
            .my_cases(&coordinator, &filter, now())
            .await
            .unwrap();
        for case in page.cases {
            for entry in house
                .service
                .journal(&coordinator, &case.reference, 0, 10_000)
                .await
                .unwrap()
            {
                // What people record, they record on days on which they work.
                assert!(
                    entry.key != "fact-event_accepted"
                        || entry.occurred_at.with_timezone(&Karachi).weekday() != Weekday::Sun,
                    "{} {} on a Sunday",
                    case.reference,
                    entry.seq
                );
                lines.push(format!(
                    "{} {} {} {} {:?} {:?}",
                    case.reference, entry.seq, entry.occurred_at, entry.key, entry.subject_key, entry.entered
                ));
            }
        }
        if filter.page >= page.pages {
            break;
        }
        filter.page += 1;
    }
    lines.sort();
    lines
}

#[tokio::test]
async fn lives_are_genuine_and_repeatable() {
    let (house, caseload) = lived().await;
    assert_eq!(caseload.cases, OPTIONS.cases);
    assert!(caseload.sign_ins.iter().any(|s| s.role == Role::Administrator));
    let verified = house.service.verify(None, |_| {}).await.unwrap();
    assert_eq!(verified.broken, []);

    let mut filter = JobFilter::all(100_000);
    filter.kinds = vec![JobKind::Message];
    let messages = house.store.jobs(&filter).await.unwrap();
    let mut fates: BTreeMap<String, usize> = BTreeMap::new();
    for message in &messages {
        let why = message.reason.clone().unwrap_or_default();
        *fates.entry(format!("{} {why}", message.state)).or_default() += 1;
        let settled = !matches!(message.state, JobState::Waiting | JobState::Running);
        assert!(settled || why == "quiet_hours", "{message:?} has a fate");
        let explained = matches!(message.state, JobState::Done) || message.reason.is_some();
        assert!(explained, "{message:?} says why");
    }
    for expected in [
        "suppressed no_permission",
        "suppressed no_contact",
        "suppressed safety_critical",
        "suppressed before_creation",
        "suppressed account_closed",
    ] {
        assert!(fates.contains_key(expected), "{expected} is among {fates:#?}");
    }
    let done = messages.iter().filter(|m| m.state == JobState::Done).count();
    assert_eq!(
        house.mails().len(),
        done,
        "each sent message lies in the outbox once"
    );

    let coordinator = house
        .service
        .viewer_by_login("coordinator@demo.invalid")
        .await
        .unwrap();
    let board = house.service.board(&coordinator, now()).await.unwrap();
    assert!(!board.stalled.is_empty() && !board.blind.is_empty() && !board.overdue.is_empty());
    assert!(board.by_owner.len() >= 2, "{:?}", board.by_owner);

    assert_eq!(caseload.stalled, board.stalled.len());
    assert_eq!(caseload.overdue, board.overdue.len());
    assert_eq!(caseload.blind, board.blind.len());
    assert!(caseload.ticks > 0);

    let mut today = 0;
    for login in ["lawyer-one", "lawyer-two", "lawyer-three"] {
        let login = format!("{login}@demo.invalid");
        let lawyer = house.service.viewer_by_login(&login).await.unwrap();
        let day = house.service.day(&lawyer, now()).await.unwrap();
        today += day.hearings_today.len();
        let week = day.hearings_today.len() + day.hearings_soon.len();
        assert!(week > 0, "{login} is in court this week");
    }
    assert!(today > 0, "somebody is in court today");

    let (again, _) = lived().await;
    assert_eq!(
        histories(&house).await,
        histories(&again).await,
        "the same seed lives the same"
    );
}
