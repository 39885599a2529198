//! Who may see, who may write, who is written to: the gate at the desk and the gate at the door.

use chrono::TimeDelta;
use peshi_casework::Rejection;
use peshi_service::{CaseListFilter, NewCase, PERMISSION_DAYS, RecordEvent, Role, ServiceError};
use peshi_store::{JobKind, JobState};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_version_that_is_not_the_last_is_a_conflict,
    others_do_not_learn_that_the_case_exists,
    a_closed_account_is_written_to_no_more,
    who_did_not_agree_is_not_written_to,
    an_old_answer_ends_and_a_new_one_counts,
);

async fn a_version_that_is_not_the_last_is_a_conflict(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let service = &desk.house.service;
    let seen = service
        .case(&desk.lawyer, &case, at(MONDAY))
        .await
        .expect("the case is readable")
        .version;
    let event = |form| RecordEvent {
        instance: "case".to_owned(),
        event: "fir_refused".to_owned(),
        form: super::desk::fields(form),
        occurred_at: None,
        expected_version: Some(seen),
        known: peshi_casework::Knowledge::default(),
    };
    let first = service
        .record(
            &desk.lawyer,
            &case,
            event(json!({"proof": "written"})),
            at(MONDAY),
        )
        .await;
    let now = first.expect("the first is recorded");
    let second = service
        .record(
            &desk.coordinator,
            &case,
            event(json!({"proof": "witness"})),
            at(MONDAY),
        )
        .await;
    match second {
        Err(ServiceError::Rejected(rejection)) => assert_eq!(rejection, Rejection::Conflict { seen, now }),
        other => panic!("a conflict, not {other:?}"),
    }
    let view = service
        .case(&desk.lawyer, &case, at(MONDAY))
        .await
        .expect("the case is readable");
    assert_eq!(view.version, now, "the second left no trace");
}

async fn others_do_not_learn_that_the_case_exists(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let service = &desk.house.service;
    let now = at(MONDAY);
    for viewer in [&desk.stranger, &desk.administrator] {
        let mut answers = vec![
            service.case(viewer, &case, now).await.map(drop),
            service.journal(viewer, &case, 0, 10).await.map(drop),
            service.case_outbox(viewer, &case).await.map(drop),
            service
                .add_person(viewer, &case, "witness", "An invented witness", now)
                .await
                .map(drop),
        ];
        let form = json!({"office": "sp"});
        answers.push(
            desk.record(viewer, &case, ("case", "sp_complaint"), form, now)
                .await
                .map(drop),
        );
        // The same words as for a case that never was.
        answers.push(service.case(viewer, "2026-9999", now).await.map(drop));
        for answer in answers {
            assert!(
                matches!(answer, Err(ServiceError::NotFound)),
                "{:?}: {answer:?}",
                viewer.role
            );
        }
        let list = service
            .my_cases(viewer, &CaseListFilter::default(), now)
            .await
            .expect("the list is readable");
        assert_eq!((list.cases, list.total), (vec![], 0), "{:?}", viewer.role);
        let board = service.board(viewer, now).await.map(drop);
        assert!(
            matches!(board, Err(ServiceError::Forbidden { .. })),
            "{:?}: {board:?}",
            viewer.role
        );
    }
    for viewer in [&desk.lawyer, &desk.coordinator] {
        service
            .case(viewer, &case, now)
            .await
            .expect("the team and its coordinator read it");
    }
}

async fn a_closed_account_is_written_to_no_more(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    desk.house
        .live_until(&scheduler, at("2026-04-24T00:00:00Z"))
        .await;
    let account = desk.lawyer.account;
    desk.house
        .service
        .close_account(account, at("2026-04-24T00:00:00Z"))
        .await
        .expect("it is closed");
    let sent = desk.sent.with(&[]).len();
    let before = desk.jobs(Some(&case), JobKind::Message).await.len();
    desk.house
        .live_until(&scheduler, at("2026-04-30T05:00:00Z"))
        .await;
    let jobs = desk.jobs(Some(&case), JobKind::Message).await;
    let later: Vec<_> = jobs
        .iter()
        .filter(|j| j.account_id.is_some() && j.created_at > at("2026-04-24T00:00:00Z"))
        .collect();
    assert!(
        jobs.len() > before && !later.is_empty(),
        "the reminders were still expected"
    );
    for job in later {
        assert_eq!(
            (job.state, job.reason.as_deref()),
            (JobState::Suppressed, Some("account_closed")),
            "{job:?}"
        );
    }
    let to_them = desk.sent.with(&[&account.to_string()]).len();
    let after: Vec<_> = desk.sent.with(&[]).split_off(sent);
    assert!(
        after.iter().all(|e| !e.message_id.contains(&account.to_string())),
        "no digest either; {to_them} left before"
    );
}

/// The answer to "may we write to you" ends after a year and can be renewed.
async fn an_old_answer_ends_and_a_new_one_counts(desk: &Desk) {
    let reader = desk.house.staff(Role::Lawyer, "asked", at(MONDAY)).await;
    let later = at(MONDAY) + TimeDelta::days(PERMISSION_DAYS + 1);
    let scheduler = desk.recording("a");
    let mut outcomes = Vec::new();
    for renewed in [false, true] {
        let now = later + TimeDelta::days(if renewed { 30 } else { 0 });
        desk.house.live_until(&scheduler, now).await;
        if renewed {
            desk.house
                .service
                .renew_permission(reader.account, now)
                .await
                .expect("it is renewed");
        }
        let new = NewCase {
            pack: "abduction".to_owned(),
            form: json!({"province": "punjab", "district": "Invented", "reported_at": "2026-01-05T10:00"})
                .as_object()
                .cloned()
                .expect("an object"),
            ..NewCase::default()
        };
        let case = desk
            .house
            .service
            .open_case_with(&reader, new, now)
            .await
            .expect("it is opened");
        let refused = desk
            .record(
                &reader,
                &case,
                ("case", "fir_refused"),
                json!({"proof": "written"}),
                now,
            )
            .await;
        refused.expect("it is recorded");
        desk.house.live_until(&scheduler, now + TimeDelta::days(7)).await;
        outcomes.push(desk.fates(&case, "missed").await);
    }
    assert!(!outcomes[0].is_empty() && !outcomes[1].is_empty(), "{outcomes:?}");
    let expired = (JobState::Suppressed, Some("permission_expired".to_owned()));
    assert!(
        outcomes[0].iter().all(|fate| *fate == expired),
        "{:?}",
        outcomes[0]
    );
    assert!(
        outcomes[1].iter().all(|(state, _)| *state == JobState::Done),
        "{:?}",
        outcomes[1]
    );
}

async fn who_did_not_agree_is_not_written_to(desk: &Desk) {
    let now = at(MONDAY);
    let silent = desk
        .house
        .staff_with(Role::Lawyer, "silent", "ur", false, now)
        .await;
    let case = desk.open(&silent).await;
    let refused = desk
        .record(
            &silent,
            &case,
            ("case", "fir_refused"),
            json!({"proof": "written"}),
            now,
        )
        .await;
    refused.expect("it is recorded");
    let scheduler = desk.recording("a");
    desk.house
        .live_until(&scheduler, at("2026-04-16T00:00:00Z"))
        .await;
    let jobs = desk.jobs(None, JobKind::Message).await;
    let theirs: Vec<_> = jobs
        .iter()
        .filter(|j| j.account_id == Some(silent.account.0))
        .collect();
    assert!(
        theirs.len() > 3,
        "reminders and digests were expected: {theirs:?}"
    );
    for job in theirs {
        assert_eq!(
            (job.state, job.reason.as_deref()),
            (JobState::Suppressed, Some("no_permission")),
            "{job:?}"
        );
    }
}
