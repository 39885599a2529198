//! The machine was off on the eve of a hearing. Late is not lost: what still helps is said once, what does not is marked.

use peshi_store::JobState;

use super::desk::{Desk, at};

super::on_both!(
    late_reminders_are_one_while_the_hearing_is_ahead,
    what_came_too_late_is_marked_and_a_person_told,
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
