//! The organisation key and what hangs from it: another key is told at once, a new key takes over whole or goes on where it
//! stopped, an erased case cannot be read by anybody, and a name nobody can read in the database is found all the same.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use peshi_service::{CaseListFilter, Service, ServiceError, Viewer};
use peshi_store::{JobKind, JobState, KeyState};
use peshi_vault::OrganisationKey;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    another_key_is_told_at_once,
    a_rotation_changes_every_wrapping_and_no_history,
    a_rotation_that_broke_off_goes_on,
    an_erased_case_is_a_chain_and_nothing_else,
    names_are_found_in_any_spelling_by_those_who_may,
    the_index_of_names_is_mended,
);

fn other_key(desk: &Desk, seed: u8) -> OrganisationKey {
    let place = desk.house.dir.path().join(format!("key-{seed}"));
    OrganisationKey::create(&place, &mut |bytes: &mut [u8]| bytes.fill(seed)).expect("a key is made")
}

/// The same house seen with another key.
fn with_key(desk: &Desk, key: OrganisationKey) -> Service {
    let mut next = 0_u64;
    let entropy = move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = next.to_be_bytes()[0];
        }
    };
    Service::new(
        Arc::clone(&desk.house.store),
        Arc::new(key),
        desk.house.library(),
        Box::new(entropy),
    )
}

async fn name(desk: &Desk, by: &Viewer, case: &str, name: &str) {
    desk.house
        .service
        .add_person(by, case, "affected_person", name, at(MONDAY))
        .await
        .expect("a person is recorded");
}

async fn found(service: &Service, by: &Viewer, name: &str) -> Vec<String> {
    let found = service
        .find_by_name(by, name, at(MONDAY))
        .await
        .expect("it is searched");
    let mut references: Vec<String> = found.cases.into_iter().map(|case| case.reference).collect();
    references.sort();
    references
}

async fn another_key_is_told_at_once(desk: &Desk) {
    let service = &desk.house.service;
    service
        .check_key(at(MONDAY))
        .await
        .expect("the database learns its key");
    service.check_key(at(MONDAY)).await.expect("and knows it again");
    let stranger = with_key(desk, other_key(desk, 9));
    let error = stranger
        .check_key(at(MONDAY))
        .await
        .expect_err("it is another key");
    let said = error.to_string();
    assert!(
        matches!(error, ServiceError::OtherKey { .. }) && said.contains(desk.house.key().fingerprint()),
        "{said}"
    );
}

async fn a_rotation_changes_every_wrapping_and_no_history(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    name(desk, &desk.lawyer, &case, "Test Masih").await;
    let other = desk.open(&desk.stranger).await;
    let store = &desk.house.store;
    let row = store
        .case_by_reference(&case)
        .await
        .expect("the store answers")
        .expect("it is there");
    let (wrapped, names) = (
        store.case_key(row.id).await.expect("the store answers"),
        store.name_tokens(row.id).await.expect("the store answers"),
    );
    desk.house
        .service
        .check_key(at(MONDAY))
        .await
        .expect("it is the key");

    let next = other_key(desk, 9);
    let rotated = desk
        .house
        .service
        .rotate_key(&next, at(MONDAY), |_| {})
        .await
        .expect("the key is replaced");
    assert_eq!((rotated.cases, rotated.unreadable.len()), (2, 0));
    assert_ne!(store.case_key(row.id).await.expect("the store answers"), wrapped);
    let new_names = store.name_tokens(row.id).await.expect("the store answers");
    assert!(names.is_disjoint(&new_names) && names.len() == new_names.len());
    assert_eq!(
        store.case(row.id).await.expect("the store answers"),
        Some(row),
        "the case itself is the same"
    );
    let states: Vec<_> = store.organisation_keys().await.expect("the store answers");
    assert_eq!(states.iter().filter(|k| k.state == KeyState::Current).count(), 1);

    // The old key's service is of no use any more, and says so rather than seal anything.
    let old = &desk.house.service;
    assert!(matches!(
        old.check_key(at(MONDAY)).await,
        Err(ServiceError::OtherKey { .. })
    ));
    assert!(old.case(&desk.lawyer, &case, at(MONDAY)).await.is_err());
    let new = with_key(desk, next);
    new.check_key(at(MONDAY))
        .await
        .expect("the new key is the current one");
    let verified = new.verify(None, |_| {}).await.expect("it can be verified");
    assert_eq!((verified.cases, verified.broken), (2, vec![]));
    let lawyer = new
        .viewer_by_login("LAWYER@demo.invalid")
        .await
        .expect("the account is found by its login");
    assert_eq!(found(&new, &lawyer, "مسیح").await, [case]);
    assert_eq!(lawyer.name, desk.lawyer.name);
    new.case(&desk.stranger, &other, at(MONDAY))
        .await
        .expect("the other case opens too");
}

async fn a_rotation_that_broke_off_goes_on(desk: &Desk) {
    for _ in 0..3 {
        desk.open(&desk.lawyer).await;
    }
    let service = &desk.house.service;
    service.check_key(at(MONDAY)).await.expect("it is the key");
    let next = other_key(desk, 9);
    // Cut off at its first report: the cases are wrapped anew, the last step is not done.
    let cut_off =
        AssertUnwindSafe(service.rotate_key(&next, at(MONDAY), |_| panic!("the machine stops here")));
    assert!(cut_off.catch_unwind().await.is_err());

    let states = desk
        .house
        .store
        .organisation_keys()
        .await
        .expect("the store answers");
    assert!(states.iter().any(|k| k.state == KeyState::Next), "{states:?}");
    assert!(matches!(
        service.check_key(at(MONDAY)).await,
        Err(ServiceError::KeyRotation)
    ));
    let form =
        serde_json::json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
    let opened = service
        .open_case(&desk.lawyer, "abduction", super::desk::fields(form), at(MONDAY))
        .await;
    assert!(
        matches!(opened, Err(ServiceError::KeyRotation)),
        "nothing new is sealed with the old key"
    );
    let wrong = other_key(desk, 8);
    let error = service.rotate_key(&wrong, at(MONDAY), |_| {}).await;
    assert!(
        matches!(error, Err(ServiceError::OtherKey { .. })),
        "another new key in between"
    );
    let rotated = service
        .rotate_key(&next, at(MONDAY), |_| {})
        .await
        .expect("it goes on");
    assert_eq!((rotated.cases, rotated.unreadable.len()), (3, 0));
    let verified = with_key(desk, next)
        .verify(None, |_| {})
        .await
        .expect("it can be verified");
    assert_eq!((verified.cases, verified.broken), (3, vec![]));
}

async fn an_erased_case_is_a_chain_and_nothing_else(desk: &Desk) {
    let service = &desk.house.service;
    let (case, other) = (desk.case_with_hearing().await, desk.case_with_hearing().await);
    name(desk, &desk.lawyer, &case, "Test Masih").await;
    for (viewer, hidden) in [
        (&desk.lawyer, false),
        (&desk.stranger, true),
        (&desk.administrator, true),
    ] {
        let error = service
            .erase_case(viewer, &case, at(MONDAY))
            .await
            .expect_err("only a coordinator erases");
        assert_eq!(
            matches!(error, ServiceError::NotFound),
            hidden,
            "{}: {error}",
            viewer.name
        );
    }
    let erased = service
        .erase_case(&desk.coordinator, &case, at(MONDAY))
        .await
        .expect("it is erased");
    assert!(erased.entries > 10 && erased.cancelled > 3, "{erased:?}");

    let verified = service.verify(None, |_| {}).await.expect("it can be verified");
    assert_eq!(
        (verified.cases, verified.erased, verified.broken),
        (2, 1, vec![]),
        "the chain still holds"
    );
    let read = service.case(&desk.coordinator, &case, at(MONDAY)).await;
    assert!(matches!(read, Err(ServiceError::Erased { .. })), "{read:?}");
    let again = service.erase_case(&desk.coordinator, &case, at(MONDAY)).await;
    assert!(matches!(again, Err(ServiceError::Erased { .. })));
    assert!(matches!(
        service.case(&desk.lawyer, &case, at(MONDAY)).await,
        Err(ServiceError::NotFound)
    ));
    let record = ("case", "armed_visit");
    assert!(
        desk.record(
            &desk.coordinator,
            &case,
            record,
            serde_json::json!({}),
            at(MONDAY)
        )
        .await
        .is_err()
    );
    assert_eq!(
        found(service, &desk.coordinator, "Masih").await,
        Vec::<String>::new()
    );
    let list = service
        .my_cases(&desk.coordinator, &CaseListFilter::default(), at(MONDAY))
        .await
        .expect("the list");
    assert_eq!(
        list.cases.iter().map(|c| &c.reference).collect::<Vec<_>>(),
        [&other]
    );
    let mut exported = Vec::new();
    let header = service
        .export_case(&desk.coordinator, &case, &mut exported, at(MONDAY))
        .await
        .expect("the chain can be exported");
    assert_eq!(
        header.entries,
        u64::try_from(erased.entries).expect("a count") + 1
    );
    assert!(
        String::from_utf8(exported)
            .expect("text")
            .lines()
            .last()
            .expect("a line")
            .contains("case_erased")
    );

    // Nothing leaves for it any more, and the other case goes on undisturbed.
    desk.house
        .live_until(&desk.recording("a"), at("2026-05-02T00:00:00Z"))
        .await;
    for kind in [JobKind::Timer, JobKind::Message] {
        for job in desk.jobs(Some(&case), kind).await {
            assert!(
                !matches!(job.state, JobState::Waiting | JobState::Running | JobState::Dead),
                "{job:?}"
            );
        }
    }
    let called_off = desk.jobs(Some(&case), JobKind::Timer).await;
    assert!(
        called_off
            .iter()
            .any(|job| job.reason.as_deref() == Some("case_erased"))
    );
    assert!(!desk.fates(&other, "reminder").await.is_empty());

    // A backup of it restores as it is: erased.
    let mut file = Vec::new();
    service
        .backup(&mut file, "test", at(MONDAY), |_, _| {})
        .await
        .expect("a backup is made");
    let house = desk
        .house
        .restored(peshi_test_support::DatabaseKind::Sqlite, &file)
        .await
        .expect("it is restored");
    let verified = house
        .service
        .verify(None, |_| {})
        .await
        .expect("it can be verified");
    assert_eq!((verified.erased, verified.broken), (1, vec![]));

    // Whoever takes a key away behind Peshi's back does not get away with calling it an erasure.
    desk.house.database.tamper("DELETE FROM case_keys").await;
    let verified = service.verify(None, |_| {}).await.expect("it can be verified");
    assert_eq!(verified.broken.len(), 1, "{:?}", verified.broken);
}

async fn names_are_found_in_any_spelling_by_those_who_may(desk: &Desk) {
    let service = &desk.house.service;
    let (one, two, three) = (
        desk.open(&desk.lawyer).await,
        desk.open(&desk.lawyer).await,
        desk.open(&desk.stranger).await,
    );
    name(desk, &desk.lawyer, &one, "Test Masih").await;
    name(desk, &desk.lawyer, &one, "Another Musa").await;
    name(desk, &desk.lawyer, &two, "آزمائش مسیح").await;
    name(desk, &desk.stranger, &three, "Maseeh Invented").await;
    let all = [one.clone(), two.clone(), three.clone()];
    for asked in ["masih", "Maseeh", "MASSIH", "مسیح", "مَسِیح"] {
        assert_eq!(found(service, &desk.coordinator, asked).await, all, "{asked}");
        assert_eq!(found(service, &desk.lawyer, asked).await, all[..2], "{asked}");
        assert_eq!(found(service, &desk.stranger, asked).await, all[2..], "{asked}");
        assert_eq!(
            found(service, &desk.administrator, asked).await,
            Vec::<String>::new()
        );
    }
    assert_eq!(
        found(service, &desk.coordinator, "test maseeh").await,
        std::slice::from_ref(&one)
    );
    assert_eq!(found(service, &desk.coordinator, "moosa").await, [one]);
    assert_eq!(
        found(service, &desk.coordinator, "Nobody").await,
        Vec::<String>::new()
    );
    assert!(matches!(
        service
            .find_by_name(&desk.coordinator, " - 12 ", at(MONDAY))
            .await,
        Err(ServiceError::Invalid { .. })
    ));
    let audit = desk.house.store.audit(500).await.expect("the audit is readable");
    let searches: Vec<_> = audit
        .iter()
        .filter(|row| row.entry.action == "name_search")
        .collect();
    assert!(searches.len() >= 15 && searches.iter().all(|row| row.entry.detail.is_none()));
}

async fn the_index_of_names_is_mended(desk: &Desk) {
    let service = &desk.house.service;
    let case = desk.open(&desk.lawyer).await;
    name(desk, &desk.lawyer, &case, "Test Masih").await;
    assert_eq!(
        service.mend_names(|_| {}).await.expect("it is compared"),
        0,
        "the write path keeps it right"
    );
    desk.house.database.tamper("DELETE FROM name_tokens").await;
    assert_eq!(found(service, &desk.lawyer, "Masih").await, Vec::<String>::new());
    assert_eq!(service.mend_names(|_| {}).await.expect("it is mended"), 1);
    assert_eq!(found(service, &desk.lawyer, "Masih").await, [case]);
}
