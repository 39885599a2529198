//! Digests: only the reader's own, and once however many workers ask.

use peshi_service::Viewer;
use peshi_store::{JobKind, JobState};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_digest_speaks_of_its_readers_own_cases_only,
    one_monday_is_one_digest,
    a_missed_week_is_one_digest_and_the_rest_say_why,
);

/// A case whose refusal must be answered by the next evening: something a digest has to say.
async fn refused(desk: &Desk, by: &Viewer) -> String {
    let case = desk.open(by).await;
    let recorded = desk
        .record(
            by,
            &case,
            ("case", "fir_refused"),
            json!({"proof": "written"}),
            at(MONDAY),
        )
        .await;
    recorded.expect("it is recorded");
    case
}

async fn a_digest_speaks_of_its_readers_own_cases_only(desk: &Desk) {
    let (mine, theirs) = (
        refused(desk, &desk.lawyer).await,
        refused(desk, &desk.stranger).await,
    );
    let scheduler = desk.recording("a");
    // The first morning: half past seven, 02:30 UTC.
    desk.house
        .live_until(&scheduler, at("2026-04-14T02:30:00Z"))
        .await;
    for (reader, own, other) in [(&desk.lawyer, &mine, &theirs), (&desk.stranger, &theirs, &mine)] {
        let digests = desk.sent.with(&["morning_digest", &reader.account.to_string()]);
        assert_eq!(digests.len(), 1, "{}", reader.name);
        let html = digests[0].html.clone().unwrap_or_default();
        for text in [&digests[0].text, &html] {
            assert!(text.contains(own.as_str()), "{own} is missing in:\n{text}");
            assert!(!text.contains(other.as_str()), "{other} stands in:\n{text}");
        }
    }
    let administrator = desk.administrator.account.to_string();
    assert!(
        desk.sent.with(&[&administrator]).is_empty(),
        "who sees no case gets no digest"
    );
}

async fn one_monday_is_one_digest(desk: &Desk) {
    desk.open(&desk.lawyer).await;
    let (first, second) = (desk.recording("a"), desk.recording("b"));
    desk.house.live_until(&first, at("2026-04-20T02:59:00Z")).await;
    assert!(desk.sent.with(&["stalled_digest"]).is_empty());
    // Monday at eight, 03:00 UTC: two workers at once, then again, then five minutes later.
    let monday = at("2026-04-20T03:00:00Z");
    let (one, other) = tokio::join!(first.tick(monday), second.tick(monday));
    one.and(other).expect("both ticks succeed");
    for now in [monday, at("2026-04-20T03:05:00Z")] {
        for worker in [&first, &second] {
            worker.tick(now).await.expect("the tick succeeds");
        }
    }
    let digests = desk.sent.with(&["stalled_digest"]);
    assert_eq!(
        digests.len(),
        1,
        "{:?}",
        digests.iter().map(|d| &d.message_id).collect::<Vec<_>>()
    );
    assert!(
        digests[0]
            .message_id
            .contains(&desk.coordinator.account.to_string())
    );
}

async fn a_missed_week_is_one_digest_and_the_rest_say_why(desk: &Desk) {
    refused(desk, &desk.lawyer).await;
    // From Monday noon to the Monday after next nobody ticks: seven mornings pass.
    let back = at("2026-04-20T07:00:00Z");
    assert!(back > at(MONDAY));
    desk.recording("a").tick(back).await.expect("the tick succeeds");
    let account = desk.lawyer.account.to_string();
    assert_eq!(desk.sent.with(&["morning_digest", &account]).len(), 1);
    let occurrences = desk.jobs(None, JobKind::Schedule).await;
    let mornings: Vec<_> = occurrences
        .iter()
        .filter(|j| j.message_kind.as_deref() == Some("morning_digest"))
        .collect();
    assert_eq!(mornings.len(), 7, "{mornings:?}");
    let skipped: Vec<_> = mornings
        .iter()
        .filter(|j| j.state == JobState::Suppressed)
        .collect();
    assert_eq!(skipped.len(), 6);
    assert!(
        skipped.iter().all(|j| j.reason.as_deref() == Some("catch_up")),
        "{skipped:?}"
    );
}
