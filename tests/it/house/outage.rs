//! The machine was off on the eve of a hearing. Late is not lost: what still helps is said once, what does not is marked.

use peshi_scheduler::{Pulse, Reading, Watch};
use peshi_store::{JobKind, JobState};

use super::desk::{Desk, at};

super::on_both!(
    late_reminders_are_one_while_the_hearing_is_ahead,
    what_came_too_late_is_marked_and_a_person_told,
    two_days_off_are_told_once_to_whom_it_concerns,
    two_months_off_leave_nothing_without_a_fate,
);

/// Off from here on: the evening of Monday, two working days before the hearing.
const OFF: &str = "2026-04-27T20:00:00Z";

/// How often each fate fell on a hearing's reminders after [`OFF`].
async fn late(desk: &Desk, case: &str) -> Vec<(JobState, Option<String>)> {
    let jobs = desk.jobs(Some(case), peshi_store::JobKind::Message).await;
    let mut late: Vec<_> = jobs
        .into_iter()
        .filter(|j| j.message_kind.as_deref() == Some("reminder") && j.created_at > at(OFF))
        .map(|j| (j.state, j.reason))
        .collect();
    late.sort_by_key(|(state, reason)| (state.as_str(), reason.clone()));
    late
}

async fn late_reminders_are_one_while_the_hearing_is_ahead(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    desk.house.live_until(&scheduler, at(OFF)).await;
    // Back on half an hour before the hearing: the rung of the day before and that of the morning are both due.
    let back = at("2026-04-30T03:30:00Z");
    scheduler.tick(back).await.expect("the tick succeeds");
    scheduler.tick(back).await.expect("the tick succeeds");
    let one = [
        (JobState::Done, None),
        (JobState::Suppressed, Some("superseded".to_owned())),
    ];
    assert_eq!(
        late(desk, &case).await,
        one,
        "the latest speaks for both, and the other says so"
    );
    let case_id = desk
        .house
        .store
        .case_by_reference(&case)
        .await
        .expect("the store answers")
        .expect("it is there")
        .id;
    let mails = desk.sent.with(&[&case_id.to_string()]);
    let last = mails.last().expect("a reminder left");
    assert!(last.text.contains(&case), "{}", last.text);
}

async fn what_came_too_late_is_marked_and_a_person_told(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    desk.house.live_until(&scheduler, at(OFF)).await;
    // Back on in the afternoon: the hearing is over.
    let back = at("2026-04-30T10:00:00Z");
    scheduler.tick(back).await.expect("the tick succeeds");
    let none = [
        (JobState::Suppressed, Some("superseded".to_owned())),
        (JobState::Suppressed, Some("too_late".to_owned())),
    ];
    assert_eq!(late(desk, &case).await, none);
    let view = desk
        .house
        .service
        .case(&desk.lawyer, &case, back)
        .await
        .expect("the case is readable");
    let told = view
        .tasks
        .iter()
        .filter(|t| t.key == "task-late_reminder")
        .count();
    assert_eq!(told, 1, "{:?}", view.tasks);
    // The evening question still comes.
    desk.house
        .live_until(&scheduler, at("2026-04-30T13:00:00Z"))
        .await;
    assert_eq!(
        desk.fates(&case, "outcome_question").await,
        [(JobState::Done, None)]
    );
}

async fn two_days_off_are_told_once_to_whom_it_concerns(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let read = |now: &str| Reading {
        now: at(now),
        steady: std::time::Duration::ZERO,
        server: None,
    };
    let first = desk.recording("a");
    desk.house.live_until(&first, at(OFF)).await;
    let pulse = first.pulse(&mut Watch::default(), &read(OFF)).await;
    assert!(matches!(pulse, Ok(Pulse::Ticked(_))), "{pulse:?}");
    // Two new processes come up half an hour before the hearing.
    let back = read("2026-04-30T03:30:00Z");
    for worker in ["b", "c"] {
        let scheduler = desk.recording(worker);
        for _ in 0..2 {
            let pulse = scheduler.pulse(&mut Watch::default(), &back).await;
            assert!(matches!(pulse.expect("the pulse succeeds"), Pulse::Ticked(_)));
        }
    }
    let reminder = (JobState::Done, None);
    assert!(late(desk, &case).await.contains(&reminder), "the reminder left");
    let alarms = desk.sent.with(&["alarm.silence"]);
    let told = |viewer: &peshi_service::Viewer| {
        let account = viewer.account.to_string();
        alarms
            .iter()
            .filter(|mail| mail.message_id.contains(&account))
            .count()
    };
    let all = [
        &desk.administrator,
        &desk.coordinator,
        &desk.lawyer,
        &desk.stranger,
    ];
    assert_eq!(
        all.map(told),
        [1, 1, 0, 0],
        "who mends it and who answers for the cases"
    );
    assert!(
        !alarms[0].text.contains(&case),
        "an alarm names no case: {}",
        alarms[0].text
    );
    // 20:00 UTC is one in the morning in Karachi.
    assert!(alarms[0].text.contains("01:00"), "since one: {}", alarms[0].text);
    assert!(
        alarms[0].text.contains("08:30"),
        "until half past eight: {}",
        alarms[0].text
    );
    // Of the three mornings passed, the last is told.
    let lawyer = desk.lawyer.account.to_string();
    assert_eq!(desk.sent.with(&["morning_digest.20260430", &lawyer]).len(), 1);
    for missed in ["20260428", "20260429"] {
        assert!(desk.sent.with(&["morning_digest", missed]).is_empty(), "{missed}");
    }
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
}

async fn two_months_off_leave_nothing_without_a_fate(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    desk.house.live_until(&scheduler, at(OFF)).await;
    let back = at("2026-06-27T20:00:00Z");
    scheduler.tick(back).await.expect("the tick succeeds");
    for kind in [JobKind::Timer, JobKind::Message, JobKind::Schedule] {
        for job in desk.jobs(None, kind).await {
            let open = matches!(job.state, JobState::Waiting | JobState::Running);
            assert!(!open || job.due_at > back, "{} is due and has no fate", job.id);
        }
    }
    // Sixty-one mornings: one told, sixty on record as skipped.
    let mornings: Vec<_> = desk.jobs(None, JobKind::Schedule).await;
    let after = mornings
        .iter()
        .filter(|j| j.message_kind.as_deref() == Some("morning_digest") && j.due_at > at(OFF));
    let (run, skipped): (Vec<_>, Vec<_>) = after.partition(|j| j.state == JobState::Done);
    assert_eq!((run.len(), skipped.len()), (1, 60));
    assert_eq!(run[0].due_at, at("2026-06-27T02:30:00Z"));
    assert!(skipped.iter().all(|j| j.reason.as_deref() == Some("catch_up")));
    // All is long over: nobody is reminded of anything, and for each ladder that spoke too late a person is told.
    let reminders = late(desk, &case).await;
    assert!(
        reminders.iter().all(|(state, _)| *state == JobState::Suppressed),
        "{reminders:?}"
    );
    let view = desk
        .house
        .service
        .case(&desk.lawyer, &case, back)
        .await
        .expect("readable");
    let told = view
        .tasks
        .iter()
        .filter(|t| t.key == "task-late_reminder")
        .count();
    let messages = desk.jobs(Some(&case), JobKind::Message).await;
    let too_late: Vec<_> = messages
        .iter()
        .filter(|j| j.reason.as_deref() == Some("too_late"))
        .map(|j| (j.message_kind.as_deref(), j.due_at))
        .collect();
    assert!(
        told >= 1 && told == too_late.len(),
        "{told} tasks for {too_late:?}"
    );
    // A second look finds nothing more to do.
    let sent = desk.sent.with(&[]).len();
    scheduler.tick(back).await.expect("the tick succeeds");
    assert_eq!(desk.sent.with(&[]).len(), sent);
    assert_eq!(desk.sent.twice(), Vec::<String>::new());
}
