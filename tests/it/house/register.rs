//! The register of violations at the desk: who may move a record on, what the register across cases tells, what an event says
//! of how it became known.

use peshi_casework::{Knowledge, Rejection};
use peshi_service::{RecordEvent, RegisterFilter, ServiceError};
use serde_json::json;

use super::desk::{Desk, MONDAY, at, fields};

super::on_both!(
    a_violation_is_told_verified_and_published_by_those_who_may,
    an_erased_case_leaves_the_register,
    how_an_event_became_known_stands_in_the_journal,
);

async fn a_violation_is_told_verified_and_published_by_those_who_may(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let (service, now) = (&desk.house.service, at(MONDAY));
    let told = fields(
        json!({"at": "about 04/2026", "by": "An invented officer", "account": "Invented.",
        "proof": "none", "reason": "nobody was there"}),
    );
    let number = service
        .note_violation(&desk.lawyer, &case, "P03", None, &told, now)
        .await
        .expect("a lawyer of the team notes it");
    let number = u32::try_from(number).expect("a small number");
    let early = service.verify_violation(&desk.lawyer, &case, number, now).await;
    assert!(
        matches!(early, Err(ServiceError::Rejected(Rejection::TooSoon { .. }))),
        "{early:?}"
    );
    service
        .document_violation(&desk.lawyer, &case, number, &fields(json!({})), now)
        .await
        .expect("enough was told already");
    for viewer in [&desk.stranger, &desk.administrator] {
        let hidden = service.verify_violation(viewer, &case, number, now).await;
        assert!(matches!(hidden, Err(ServiceError::NotFound)), "{hidden:?}");
        let register = service.register(viewer, &RegisterFilter::default()).await;
        assert!(
            matches!(register, Err(ServiceError::Forbidden { .. })),
            "{register:?}"
        );
    }
    service
        .verify_violation(&desk.lawyer, &case, number, now)
        .await
        .expect("a lawyer of the team verifies it");
    let refused = service
        .publish_violation(&desk.lawyer, &case, number, true, "she agreed", now)
        .await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden { .. })),
        "{refused:?}"
    );
    service
        .publish_violation(&desk.coordinator, &case, number, true, "she agreed", now)
        .await
        .expect("a coordinator may");
    let filter = RegisterFilter {
        code: Some("P03".to_owned()),
        ..RegisterFilter::default()
    };
    let register = service
        .register(&desk.coordinator, &filter)
        .await
        .expect("it is listed");
    let line = register.lines.first().expect("one line");
    assert_eq!(
        (
            line.reference.as_str(),
            line.number,
            line.status.as_str(),
            line.publishable
        ),
        (case.as_str(), 1, "verified", true)
    );
    let told = serde_json::to_string(&register).expect("it is plain");
    assert!(!told.contains("nvented"), "nothing of what was told: {told}");
    let verified = service.verify(Some(&case), |_| {}).await.expect("it is verified");
    assert!(verified.broken.is_empty(), "{verified:?}");
}

async fn an_erased_case_leaves_the_register(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let (service, now) = (&desk.house.service, at(MONDAY));
    service
        .note_violation(&desk.lawyer, &case, "P01", None, &fields(json!({})), now)
        .await
        .expect("it is noted");
    let listed = async || {
        let register = service
            .register(&desk.coordinator, &RegisterFilter::default())
            .await;
        register.expect("it is listed").lines.len()
    };
    assert_eq!(listed().await, 1);
    service
        .erase_case(&desk.coordinator, &case, now)
        .await
        .expect("the case is erased");
    assert_eq!(listed().await, 0);
}

async fn how_an_event_became_known_stands_in_the_journal(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let (service, now) = (&desk.house.service, at(MONDAY));
    let event = RecordEvent {
        instance: "case".to_owned(),
        event: "fir_refused".to_owned(),
        form: fields(json!({"proof": "written"})),
        known: Knowledge {
            happened: Some("04/2026".to_owned()),
            since: Some("12/04/2026".to_owned()),
            source: Some("An invented neighbour".to_owned()),
        },
        ..RecordEvent::default()
    };
    service
        .record(&desk.lawyer, &case, event, now)
        .await
        .expect("it is recorded");
    let journal = service
        .journal(&desk.lawyer, &case, 0, 100)
        .await
        .expect("it is read");
    let entry = journal
        .iter()
        .find(|entry| entry.subject_key.as_deref() == Some("event-fir_refused"))
        .expect("the event is there");
    let said: Vec<(&str, &str)> = entry
        .said
        .iter()
        .map(|fact| (fact.key.as_str(), fact.value.as_str().unwrap_or_default()))
        .collect();
    let expected = [
        ("known-happened", "2026-04"),
        ("known-since", "2026-04-12"),
        ("known-source", "An invented neighbour"),
    ];
    assert_eq!(said, expected);
    assert_eq!(
        entry.occurred_at,
        at("2026-03-31T19:00:00Z"),
        "the first moment it may be, in Karachi"
    );
}
