//! Documents at the desk: what was added is what comes back, every copy is in the journal, who may not does not, a changed byte
//! is found, and what was removed or erased is gone.

use peshi_casework::Rejection;
use peshi_service::{MAX_DOCUMENT, NewCase, Role, ServiceError, Verified};
use peshi_store::{Backend, CaseRow};
use peshi_test_support::DatabaseKind;
use serde_json::json;

use super::desk::{Desk, MONDAY, at, fields};

super::on_both!(
    a_document_comes_back_as_it_was_and_every_copy_is_told,
    what_is_no_document_is_refused_in_words,
    only_those_of_the_case_reach_its_documents,
    a_changed_piece_is_found,
    a_removed_document_is_gone_and_its_trace_stays,
    documents_are_in_a_backup_and_go_with_an_erased_case,
);

/// An invented scan: begins as a PDF does, and fills several pieces.
fn scan(seed: u8) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let noise = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed);
    bytes.extend(noise);
    bytes
}

async fn add(desk: &Desk, case: &str, name: &str, bytes: Vec<u8>) -> Result<u32, ServiceError> {
    let service = &desk.house.service;
    service
        .add_document(&desk.lawyer, case, name, bytes, at(MONDAY))
        .await
}

async fn copied(desk: &Desk, case: &str, document: u32) -> Result<Vec<u8>, ServiceError> {
    let service = &desk.house.service;
    let copy = service
        .copy_document(&desk.lawyer, case, document, at(MONDAY))
        .await?;
    Ok(copy.bytes)
}

async fn verified(desk: &Desk) -> Verified {
    let verified = desk.house.service.verify(None, |_| {}).await;
    verified.expect("it can be verified")
}

async fn row(desk: &Desk, case: &str) -> CaseRow {
    let row = desk.house.store.case_by_reference(case).await;
    row.expect("the store answers").expect("the case is there")
}

/// The journal's words about documents, in order.
async fn told(desk: &Desk, case: &str) -> Vec<(String, Vec<String>)> {
    let service = &desk.house.service;
    let journal = service.journal(&desk.lawyer, case, 0, 1_000).await;
    let lines = journal.expect("the journal is read").into_iter();
    lines
        .filter(|line| line.key.starts_with("fact-document"))
        .map(|line| {
            let said = line.said.iter().filter_map(|said| said.value.as_str());
            (line.key.clone(), said.map(str::to_owned).collect())
        })
        .collect()
}

async fn a_document_comes_back_as_it_was_and_every_copy_is_told(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    assert_eq!(
        add(desk, &case, "C:\\scans\\FIR copy.pdf", scan(1)).await.ok(),
        Some(1)
    );
    assert_eq!(
        add(desk, &case, "بیان.txt", "بیان حلفی".into()).await.ok(),
        Some(2)
    );
    let again = add(desk, &case, "another name.pdf", scan(1)).await;
    assert!(
        matches!(
            again,
            Err(ServiceError::Rejected(Rejection::Known { document: 1 }))
        ),
        "whoever clicks twice adds it once: {again:?}"
    );
    let service = &desk.house.service;
    let copy = service
        .copy_document(&desk.coordinator, &case, 1, at(MONDAY))
        .await
        .expect("a copy is taken");
    assert_eq!(copy.bytes, scan(1));
    assert_eq!(
        (copy.media_type.as_str(), copy.file_name),
        ("application/pdf", format!("{case}-document-1.pdf"))
    );
    let view = service
        .case(&desk.lawyer, &case, at(MONDAY))
        .await
        .expect("it opens");
    let shown: Vec<_> = view
        .documents
        .iter()
        .map(|d| (d.number, d.name.as_str(), d.media_type.as_str(), d.size, d.copies))
        .collect();
    assert_eq!(
        shown,
        [
            (1, "FIR copy.pdf", "application/pdf", 200_009, 1),
            (2, "بیان.txt", "text/plain", 17, 0)
        ]
    );
    assert_eq!(view.documents[0].added_by, desk.lawyer.name);
    let line = |key: &str, said: &str| (format!("fact-document_{key}"), vec![said.to_owned()]);
    assert_eq!(
        told(desk, &case).await,
        [
            line("added", "FIR copy.pdf"),
            line("added", "بیان.txt"),
            line("copied", "1")
        ]
    );
    let verified = verified(desk).await;
    assert_eq!((verified.documents, verified.broken), (2, vec![]));
}

async fn what_is_no_document_is_refused_in_words(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let before = row(desk, &case).await.version;
    let mut huge = scan(1);
    huge.resize(MAX_DOCUMENT + 1, 0);
    for (name, bytes, problem) in [
        ("empty.pdf", Vec::new(), "required"),
        ("huge.pdf", huge, "too_large"),
        (
            "FIR copy.pdf",
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0".to_vec(),
            "not_a_document",
        ),
        ("\u{202E}", scan(1), "bad_name"),
    ] {
        let refused = add(desk, &case, name, bytes).await;
        let Err(ServiceError::Rejected(Rejection::Form(faults))) = refused else {
            panic!("{name}: {refused:?}");
        };
        assert_eq!(
            (faults[0].field.as_str(), faults[0].problem.as_str()),
            ("file", problem)
        );
    }
    assert_eq!(row(desk, &case).await.version, before, "nothing was written");
    let mut largest = scan(1);
    largest.resize(MAX_DOCUMENT, 7);
    assert_eq!(
        add(desk, &case, "largest.pdf", largest.clone()).await.ok(),
        Some(1)
    );
    assert!(
        copied(desk, &case, 1).await.ok() == Some(largest),
        "the largest comes back whole"
    );
}

async fn only_those_of_the_case_reach_its_documents(desk: &Desk) {
    let (service, now) = (&desk.house.service, at(MONDAY));
    let paralegal = desk.house.staff(Role::Paralegal, "helper", now).await;
    let new = NewCase {
        pack: "abduction".to_owned(),
        form: fields(
            json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"}),
        ),
        team: vec![(paralegal.account, "paralegal".to_owned())],
        occurred_at: None,
    };
    let case = service
        .open_case_with(&desk.lawyer, new, now)
        .await
        .expect("it is opened");
    add(desk, &case, "FIR copy.pdf", scan(1))
        .await
        .expect("it is added");
    for viewer in [&desk.stranger, &desk.administrator] {
        let added = service
            .add_document(viewer, &case, "a.pdf", scan(2), now)
            .await
            .map(drop);
        let copied = service.copy_document(viewer, &case, 1, now).await.map(drop);
        let removed = service.remove_document(viewer, &case, 1, "no reason", now).await;
        for refused in [added, copied, removed] {
            assert!(matches!(refused, Err(ServiceError::NotFound)), "{refused:?}");
        }
    }
    let refused = service
        .remove_document(&paralegal, &case, 1, "wrong file", now)
        .await;
    assert!(
        matches!(refused, Err(ServiceError::Forbidden { .. })),
        "{refused:?}"
    );
    let copy = service.copy_document(&paralegal, &case, 1, now).await;
    assert_eq!(copy.expect("they may take a copy").bytes, scan(1));
}

async fn a_changed_piece_is_found(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    let other = desk.open(&desk.lawyer).await;
    add(desk, &case, "FIR copy.pdf", scan(1))
        .await
        .expect("it is added");
    add(desk, &other, "other.pdf", scan(2))
        .await
        .expect("it is added");
    let id = row(desk, &case).await.id;
    // As this database writes a case's id in a statement.
    let this = match desk.house.store.backend() {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    };
    let keep = "CREATE TABLE kept AS SELECT * FROM document_parts";
    let back = [
        "DELETE FROM document_parts",
        "INSERT INTO document_parts SELECT * FROM kept",
    ];
    desk.house.database.tamper(keep).await;
    let piece = |part: u8| format!("case_id = {this} AND document = 1 AND part = {part}");
    for (what, change, named) in [
        (
            "a byte is flipped",
            format!(
                "UPDATE document_parts SET sealed = (SELECT sealed FROM kept WHERE {}) WHERE {}",
                piece(1),
                piece(0)
            ),
            "document 1 cannot be opened",
        ),
        (
            "the last piece is cut off",
            format!("DELETE FROM document_parts WHERE {}", piece(3)),
            "document 1 are not those that were added",
        ),
        (
            "a piece in the middle is gone",
            format!("DELETE FROM document_parts WHERE {}", piece(1)),
            "document 1 cannot be opened",
        ),
        (
            "all are gone",
            format!("DELETE FROM document_parts WHERE case_id = {this}"),
            "document 1 are missing",
        ),
        (
            "there is one more",
            format!("UPDATE document_parts SET document = 2 WHERE case_id <> {this}"),
            "document 1 are missing",
        ),
        (
            "one is another's",
            format!(
                "UPDATE document_parts SET sealed = (SELECT k.sealed FROM kept k WHERE k.case_id <> {this} AND k.part = 0) \
                 WHERE {}",
                piece(0)
            ),
            "document 1 cannot be opened",
        ),
    ] {
        desk.house.database.tamper(&change).await;
        let broken = verified(desk).await.broken;
        assert!(
            broken.len() == 1 && broken[0].problem.contains(named),
            "{what}: {broken:?}"
        );
        if what != "there is one more" {
            let refused = copied(desk, &case, 1).await;
            assert!(
                matches!(refused, Err(ServiceError::Corrupt { .. })),
                "{what}: {refused:?}"
            );
        }
        for statement in back {
            desk.house.database.tamper(statement).await;
        }
        assert_eq!(verified(desk).await.broken, [], "{what}: it was put back");
    }
    desk.house.database.tamper("DROP TABLE kept").await;
    let copies = told(desk, &case).await;
    assert_eq!(
        copies.len(),
        1,
        "a copy that was not given is not told: {copies:?}"
    );
}

async fn a_removed_document_is_gone_and_its_trace_stays(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    add(desk, &case, "of another case.pdf", scan(1))
        .await
        .expect("it is added");
    let (service, now) = (&desk.house.service, at(MONDAY));
    let silent = service.remove_document(&desk.lawyer, &case, 1, "  ", now).await;
    assert!(
        matches!(&silent, Err(ServiceError::Rejected(Rejection::Form(faults))) if faults[0].field == "reason"),
        "{silent:?}"
    );
    service
        .remove_document(&desk.lawyer, &case, 1, "it is of another case", now)
        .await
        .expect("it is removed");
    let id = row(desk, &case).await.id;
    let kept = desk.house.store.documents(id).await.expect("the store answers");
    assert!(kept.is_empty(), "{kept:?}");
    for gone in [
        copied(desk, &case, 1).await.map(drop),
        service
            .remove_document(&desk.lawyer, &case, 1, "again", now)
            .await,
    ] {
        assert!(
            matches!(gone, Err(ServiceError::Rejected(Rejection::Unknown { .. }))),
            "{gone:?}"
        );
    }
    // The same file may come again, under a number of its own.
    assert_eq!(
        add(desk, &case, "now of this one.pdf", scan(1)).await.ok(),
        Some(2)
    );
    let view = service.case(&desk.lawyer, &case, now).await.expect("it opens");
    assert_eq!(
        view.documents[0].removed.as_deref(),
        Some("it is of another case")
    );
    let verified = verified(desk).await;
    assert_eq!((verified.documents, verified.broken), (1, vec![]));
}

async fn documents_are_in_a_backup_and_go_with_an_erased_case(desk: &Desk) {
    let case = desk.open(&desk.lawyer).await;
    add(desk, &case, "FIR copy.pdf", scan(1))
        .await
        .expect("it is added");
    let mut file = Vec::new();
    let service = &desk.house.service;
    service
        .backup(&mut file, "test", at(MONDAY), |_, _| {})
        .await
        .expect("a backup is made");
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let house = desk.house.restored(kind, &file).await.expect("it is restored");
        let lawyer = house.service.viewer_by_login("lawyer@demo.invalid").await;
        let lawyer = lawyer.expect("the account is there");
        let copy = house.service.copy_document(&lawyer, &case, 1, at(MONDAY)).await;
        assert_eq!(copy.expect("a copy is taken").bytes, scan(1));
        house.database.remove().await;
    }
    let id = row(desk, &case).await.id;
    service
        .erase_case(&desk.coordinator, &case, at(MONDAY))
        .await
        .expect("it is erased");
    let kept = desk.house.store.documents(id).await.expect("the store answers");
    assert!(kept.is_empty(), "{kept:?}");
    let verified = verified(desk).await;
    assert_eq!(
        (verified.erased, verified.documents, verified.broken),
        (1, 0, vec![])
    );
}
