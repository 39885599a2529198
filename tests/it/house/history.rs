//! History cannot be edited unseen, and a stolen disk says nothing: somebody with the database in hands changes rows, and
//! `verify` says which case no longer holds.

use std::fmt::Write;

use peshi_store::{Backend, CaseRow, JournalRow};

use super::desk::{Desk, at};

super::on_both!(one_changed_byte_is_found, nothing_readable_lies_in_the_rows,);

/// Bytes as this database writes them in a statement.
fn literal(desk: &Desk, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    match desk.house.store.backend() {
        Backend::Sqlite => format!("x'{hex}'"),
        Backend::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

async fn rows(desk: &Desk, case: &str) -> (CaseRow, Vec<JournalRow>) {
    let store = &desk.house.store;
    let row = store
        .case_by_reference(case)
        .await
        .expect("the store answers")
        .expect("the case is there");
    let journal = store.journal(row.id, 0, 10_000).await.expect("the store answers");
    (row, journal)
}

async fn broken(desk: &Desk) -> Vec<String> {
    let verified = desk
        .house
        .service
        .verify(None, |_| {})
        .await
        .expect("it can be verified");
    assert!(verified.cases == 1 && verified.entries > 5, "{verified:?}");
    verified.broken.into_iter().map(|b| b.problem).collect()
}

async fn one_changed_byte_is_found(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let (row, journal) = rows(desk, &case).await;
    let third = &journal[2];
    assert_eq!(broken(desk).await, Vec::<String>::new());
    let payload = |bytes: &[u8]| {
        format!(
            "UPDATE journal SET payload = {} WHERE seq = 3",
            literal(desk, bytes)
        )
    };
    let state = |bytes: &[u8]| format!("UPDATE cases SET state = {}", literal(desk, bytes));
    let head = |bytes: &[u8]| format!("UPDATE cases SET head = {}", literal(desk, bytes));
    let kind = |kind: &str| format!("UPDATE journal SET kind = '{kind}' WHERE seq = 3");
    let version = |n: i64| format!("UPDATE cases SET version = {n}");
    let attempts = [
        (
            "a byte of a payload",
            payload(&flipped(&third.payload)),
            payload(&third.payload),
            "entry 3",
        ),
        (
            "the kind of an entry",
            kind("task_done"),
            kind(&third.kind),
            "entry 3",
        ),
        (
            "a byte of the case",
            state(&flipped(&row.state)),
            state(&row.state),
            "cases.state",
        ),
        ("the head", head(&flipped(&row.head)), head(&row.head), "head"),
        (
            "the version",
            version(row.version + 1),
            version(row.version),
            "version",
        ),
    ];
    for (what, change, undo, named) in attempts {
        desk.house.database.tamper(&change).await;
        let found = broken(desk).await;
        assert!(found.len() == 1 && found[0].contains(named), "{what}: {found:?}");
        desk.house.database.tamper(&undo).await;
        assert_eq!(broken(desk).await, Vec::<String>::new(), "{what} was put back");
    }
    desk.house
        .database
        .tamper(&format!("DELETE FROM journal WHERE seq = {}", row.version))
        .await;
    let found = broken(desk).await;
    assert!(
        found.len() == 1 && found[0].contains("cut off"),
        "a lost last entry: {found:?}"
    );
}

async fn nothing_readable_lies_in_the_rows(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    let person = desk.house.service.add_person(
        &desk.lawyer,
        &case,
        "witness",
        "Inventedname",
        at(super::desk::MONDAY),
    );
    person.await.expect("a person is recorded");
    let (row, journal) = rows(desk, &case).await;
    let account = desk
        .house
        .store
        .account(desk.lawyer.account.0)
        .await
        .expect("the store answers");
    let profile = account.expect("the account is there").profile;
    let words: [&[u8]; 4] = [b"Inventedname", b"An invented court", b"lawyer@demo", b"district"];
    let stored = journal
        .iter()
        .map(|j| j.payload.as_slice())
        .chain([row.state.as_slice(), profile.as_slice()]);
    for bytes in stored {
        for word in words {
            assert!(
                !bytes.windows(word.len()).any(|part| part == word),
                "{}",
                String::from_utf8_lossy(word)
            );
        }
    }
}
