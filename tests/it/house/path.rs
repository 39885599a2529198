//! The one path: refusal, petition, hearing, reminders, adjournment, and the evening on which nobody wrote the outcome.

use peshi_store::{JobKind, JobState};
use serde_json::json;

use super::desk::{Desk, HEARING, MONDAY, at};

super::on_both!(
    from_the_refusal_to_the_missing_outcome,
    every_reminder_leaves_as_a_mail_under_its_own_id,
    an_adjournment_cancels_the_old_ladder_and_begins_a_new_one,
    a_mail_says_the_hour_where_the_hour_counts,
);

async fn every_reminder_leaves_as_a_mail_under_its_own_id(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.house.scheduler("files");
    desk.house
        .live_until(&scheduler, at("2026-04-30T03:59:00Z"))
        .await;
    let jobs = desk.jobs(Some(&case), JobKind::Message).await;
    let reminders: Vec<_> = jobs
        .iter()
        .filter(|j| j.message_kind.as_deref() == Some("reminder") && j.about.is_some())
        .collect();
    let mails = desk.house.mails();
    let mut hearing = 0;
    for job in &reminders {
        assert_eq!(job.state, JobState::Done, "{job:?}");
        let id = format!("<{}@peshi.invalid>", job.id.replace(':', "."));
        let mail = mails
            .get(&id)
            .unwrap_or_else(|| panic!("{id} is among {:?}", mails.keys()));
        assert!(mail.contains("To: lawyer@demo.invalid"), "{mail}");
        let subject = mail
            .lines()
            .find(|l| l.starts_with("Subject: "))
            .expect("it has a subject");
        assert!(
            !subject.contains(&case),
            "a subject says nothing of a case: {subject}"
        );
        hearing += usize::from(job.useful_until == Some(at("2026-04-30T04:00:00Z")));
    }
    assert_eq!(
        hearing, 4,
        "seven, three and one working days before, and in the morning"
    );
}

async fn an_adjournment_cancels_the_old_ladder_and_begins_a_new_one(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let scheduler = desk.recording("a");
    // The court tells two days before that the judge is on leave.
    let told = at("2026-04-28T06:00:00Z");
    desk.house.live_until(&scheduler, told).await;
    let armed = |jobs: Vec<peshi_store::JobRow>| -> Vec<String> {
        jobs.into_iter()
            .filter(|j| j.state == JobState::Waiting)
            .map(|j| j.id)
            .collect()
    };
    let before = armed(desk.jobs(Some(&case), JobKind::Timer).await);
    let form = json!({"reason": "judge_on_leave", "next_at": "2026-05-14T09:00"});
    desk.record(&desk.lawyer, &case, ("hearing-1", "adjourned"), form, told)
        .await
        .expect("it is adjourned");
    let timers = desk.jobs(Some(&case), JobKind::Timer).await;
    let cancelled: Vec<_> = timers
        .iter()
        .filter(|j| before.contains(&j.id) && j.state == JobState::Cancelled)
        .collect();
    // One day before, the morning, the hearing itself, the evening question, its last moment.
    assert_eq!(cancelled.len(), 5, "{timers:?}");
    assert!(
        cancelled
            .iter()
            .all(|j| j.reason.as_deref() == Some("deadline_ended")),
        "{cancelled:?}"
    );
    let sent = desk.fates(&case, "reminder").await.len();
    desk.house
        .live_until(&scheduler, at("2026-05-01T00:00:00Z"))
        .await;
    let view = desk
        .house
        .service
        .case(&desk.lawyer, &case, told)
        .await
        .expect("the case is readable");
    let next: Vec<_> = view.dates.iter().filter(|d| d.kind == "hearing").collect();
    assert_eq!(next.len(), 1);
    assert_eq!(
        (next[0].instance.as_str(), next[0].due_at),
        ("hearing-2", at("2026-05-14T04:00:00Z"))
    );
    assert_eq!(
        desk.fates(&case, "reminder").await.len(),
        sent,
        "nothing was said of the old date any more"
    );
    assert_eq!(
        desk.fates(&case, "outcome_question").await,
        [],
        "nobody is asked how a hearing went that was not held"
    );
    desk.house
        .live_until(&scheduler, at("2026-05-14T03:00:00Z"))
        .await;
    assert!(
        desk.fates(&case, "reminder").await.len() >= sent + 4,
        "the new date has a ladder of its own"
    );
}

async fn from_the_refusal_to_the_missing_outcome(desk: &Desk) {
    let service = &desk.house.service;
    let case = desk.open(&desk.lawyer).await;
    let person = service
        .add_person(
            &desk.lawyer,
            &case,
            "family_contact",
            "An invented aunt",
            at(MONDAY),
        )
        .await;
    assert_eq!(person.expect("a person is recorded"), "person-1");
    desk.bring_to_court(&case).await;
    let scheduler = desk.recording("a");
    desk.house
        .live_until(&scheduler, at("2026-04-30T15:59:00Z"))
        .await;
    let question = desk.fates(&case, "outcome_question").await;
    assert_eq!(
        question,
        [(JobState::Done, None)],
        "one question in the evening of {HEARING}"
    );
    let view = service
        .case(&desk.lawyer, &case, at("2026-04-30T15:59:00Z"))
        .await
        .expect("the case is readable");
    assert!(
        !view.tasks.iter().any(|t| t.key == "task-outcome_owed"),
        "{:?}",
        view.tasks
    );

    // Nine in the evening: nobody wrote what happened.
    let night = at("2026-04-30T16:00:00Z");
    desk.house.live_until(&scheduler, night).await;
    let view = service
        .case(&desk.lawyer, &case, night)
        .await
        .expect("the case is readable");
    assert!(
        view.tasks.iter().any(|t| t.key == "task-outcome_owed"),
        "{:?}",
        view.tasks
    );
    assert!(view.summary.overdue_since.is_some());
    let day = service
        .day(&desk.lawyer, night)
        .await
        .expect("the day is readable");
    let owed = day
        .overdue
        .iter()
        .any(|d| d.reference == case && d.key == "deadline-hearing_outcome");
    assert!(owed, "{:?}", day.overdue);
    let board = service
        .board(&desk.coordinator, night)
        .await
        .expect("the board is readable");
    assert!(
        board.overdue.iter().any(|c| c.reference == case),
        "{:?}",
        board.overdue
    );

    // The family gave no permission: what was expected for it, when the date was fixed and three days before it, are rows
    // that say why nothing left.
    let silence = (JobState::Suppressed, Some("no_permission".to_owned()));
    assert_eq!(
        desk.fates(&case, "family_meeting").await,
        [silence.clone(), silence]
    );
    nothing_expected_has_disappeared(desk, &case).await;
    let verified = service.verify(None, |_| {}).await.expect("it can be verified");
    assert_eq!((verified.cases, verified.broken), (1, vec![]));
}

/// Every message the journal expects is one row, and every row has a fate with its reason.
async fn nothing_expected_has_disappeared(desk: &Desk, case: &str) {
    use peshi_service::Clock;
    let journal = desk
        .house
        .service
        .journal(&desk.lawyer, case, 0, 10_000)
        .await
        .expect("the journal is readable");
    let expected = journal
        .iter()
        .filter(|line| line.key == "fact-message_expected")
        .count();
    let of_case = desk.jobs(Some(case), JobKind::Message).await;
    assert!(expected > 5, "a month brings messages: {expected}");
    assert_eq!(of_case.len(), expected);
    for job in desk.jobs(None, JobKind::Message).await {
        match job.state {
            JobState::Done => assert!(job.settled_at.is_some() && job.result.is_some(), "{job:?}"),
            JobState::Suppressed | JobState::Cancelled | JobState::Failed | JobState::Dead => {
                assert!(
                    job.settled_at.is_some() && job.reason.as_deref().is_some_and(|r| !r.is_empty()),
                    "{job:?}"
                );
            }
            JobState::Waiting => assert!(job.due_at > desk.house.clock.now(), "{job:?}"),
            JobState::Running => panic!("nobody works any more: {job:?}"),
        }
    }
}

/// The daily check of a family in danger is due by 20:00, not by the end of the day: the mail says what the page says.
async fn a_mail_says_the_hour_where_the_hour_counts(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let armed = ("case", "armed_visit");
    desk.record(&desk.lawyer, &case, armed, json!({}), at(MONDAY))
        .await
        .expect("it is recorded");
    let scheduler = desk.house.scheduler("files");
    desk.house
        .live_until(&scheduler, at(MONDAY) + chrono::TimeDelta::days(2))
        .await;
    let mails = desk.house.mails();
    assert!(
        mails
            .values()
            .any(|mail| mail.contains("Subject: Reminder") && mail.contains("20:00")),
        "{mails:?}"
    );
}
