//! Families: reminded of a meeting three days before, in neutral words, and never of a date that no longer holds.

use chrono::TimeDelta;
use peshi_delivery::Address;
use peshi_service::GrantPermission;
use peshi_store::{JobKind, JobState, Wanted};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_family_is_reminded_three_days_before,
    a_meeting_that_moved_is_not_reminded_of,
    a_family_that_did_not_agree_is_expected_and_left_alone,
    that_a_silenced_message_may_have_left_is_told,
);

/// Ten in the morning, three days before the hearing.
const THREE_DAYS: &str = "2026-04-27T05:00:00Z";

/// A case with a hearing and a family contact, who agreed to mail or did not.
async fn with_contact(desk: &Desk, agreed: bool) -> String {
    let case = desk.open(&desk.lawyer).await;
    let service = &desk.house.service;
    let person = service
        .add_person(
            &desk.lawyer,
            &case,
            "family_contact",
            "Contact Invented",
            at(MONDAY),
        )
        .await
        .expect("the contact is entered");
    if agreed {
        let permission = GrantPermission {
            channel: "email".to_owned(),
            address: "family@demo.invalid".to_owned(),
            language: "en".to_owned(),
            days: 60,
            safe_from: None,
            safe_until: None,
            phone_at_risk: false,
        };
        service
            .grant_permission(&desk.lawyer, &case, &person, permission, at(MONDAY))
            .await
            .expect("the permission is recorded");
    }
    desk.bring_to_court(&case).await;
    case
}

async fn a_family_is_reminded_three_days_before(desk: &Desk) {
    let case = with_contact(desk, true).await;
    let scheduler = desk.recording("a");
    let family = Address::parse("family@demo.invalid").expect("an address");
    let to_family = || -> Vec<_> {
        let all = desk.sent.with(&[]);
        all.into_iter().filter(|mail| mail.to == family).collect()
    };
    desk.house
        .live_until(&scheduler, at("2026-04-27T04:59:00Z"))
        .await;
    assert_eq!(to_family().len(), 1, "the date, when it was fixed");
    desk.house.live_until(&scheduler, at(THREE_DAYS)).await;
    let mails = to_family();
    assert_eq!(mails.len(), 2, "and three days before");
    let text = &mails[1].text;
    assert!(text.contains("30 April") && text.contains("09:00"), "{text}");
    assert!(
        !text.contains(&case) && !text.to_lowercase().contains("court"),
        "{text}"
    );
    desk.house
        .live_until(&scheduler, at("2026-04-30T04:00:00Z"))
        .await;
    assert_eq!(to_family().len(), 2);
}

async fn a_meeting_that_moved_is_not_reminded_of(desk: &Desk) {
    let case = with_contact(desk, true).await;
    let scheduler = desk.recording("a");
    let told = at("2026-04-26T06:00:00Z");
    desk.house.live_until(&scheduler, told).await;
    let form = json!({"reason": "judge_on_leave", "next_at": "2026-05-14T09:00"});
    desk.record(&desk.lawyer, &case, ("hearing-1", "adjourned"), form, told)
        .await
        .expect("it is adjourned");
    let known = desk.fates(&case, "family_meeting").await.len();
    desk.house
        .live_until(&scheduler, at("2026-05-11T04:59:00Z"))
        .await;
    assert_eq!(
        desk.fates(&case, "family_meeting").await.len(),
        known,
        "not of the old date"
    );
    desk.house
        .live_until(&scheduler, at("2026-05-11T05:00:00Z"))
        .await;
    let fates = desk.fates(&case, "family_meeting").await;
    assert_eq!(fates.len(), known + 1, "three days before the new one");
    assert!(
        fates.iter().all(|(state, _)| *state == JobState::Done),
        "{fates:?}"
    );
}

async fn a_family_that_did_not_agree_is_expected_and_left_alone(desk: &Desk) {
    let case = with_contact(desk, false).await;
    desk.house
        .live_until(&desk.recording("a"), at("2026-04-30T04:00:00Z"))
        .await;
    let fates = desk.fates(&case, "family_meeting").await;
    assert_eq!(fates.len(), 2, "{fates:?}");
    let silent = (JobState::Suppressed, Some("no_permission".to_owned()));
    assert!(fates.iter().all(|fate| *fate == silent), "{fates:?}");
}

async fn that_a_silenced_message_may_have_left_is_told(desk: &Desk) {
    let case = with_contact(desk, true).await;
    let (service, store) = (&desk.house.service, &desk.house.store);
    let wanted = Wanted::of(&[JobKind::Message], 100);
    let claimed = store
        .claim(at(MONDAY), wanted, TimeDelta::minutes(5), "lost")
        .await;
    assert!(
        !claimed.expect("the store answers").is_empty(),
        "a worker takes it and is lost"
    );
    service
        .revoke_permission(&desk.lawyer, &case, "person-1", at(MONDAY))
        .await
        .expect("they do not want to be written to any more");
    let later = at("2026-04-13T05:10:00Z");
    desk.recording("a")
        .tick(later)
        .await
        .expect("another worker looks");
    let silent = (JobState::Suppressed, Some("no_permission".to_owned()));
    assert_eq!(desk.fates(&case, "family_meeting").await, [silent]);
    let shown = service
        .case_outbox(&desk.lawyer, &case)
        .await
        .expect("the list is read");
    let told: Vec<bool> = shown
        .iter()
        .filter(|message| message.key == "message-family_meeting")
        .map(|message| message.may_have_left)
        .collect();
    assert_eq!(told, [true]);
    assert!(
        shown
            .iter()
            .all(|message| message.state != "done" || !message.may_have_left),
        "what was sent has left: {shown:?}"
    );
}
