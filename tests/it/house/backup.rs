//! The restore drill: a backup taken while the desk goes on working, brought into an empty place on the other database and
//! verified; and every kind of damage to the file refused by its name.

use std::sync::atomic::{AtomicBool, Ordering};

use peshi_service::{BackupError, BackupHeader};
use peshi_store::{Store, StoreError};
use peshi_test_support::{DatabaseKind, House};
use serde_json::json;

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    a_backup_restores_into_either_database,
    a_backup_is_one_moment_while_writes_go_on,
    damage_is_refused_by_name,
    a_backup_wants_its_key_and_an_empty_place,
);

/// Everything the store keeps, as the lines of a copy.
async fn lines(store: &Store) -> String {
    let mut text = Vec::new();
    let snapshot = store.snapshot().await.expect("a snapshot is taken");
    snapshot
        .lines(&mut |_, line| {
            text.extend_from_slice(line);
            Ok(())
        })
        .await
        .expect("it can be read");
    String::from_utf8(text).expect("lines are text")
}

async fn backup(desk: &Desk) -> (BackupHeader, Vec<u8>) {
    let mut file = Vec::new();
    let header = desk
        .house
        .service
        .backup(&mut file, "test", at(MONDAY), |_, _| {})
        .await
        .expect("a backup is made");
    (header, file)
}

async fn cases_that_hold(house: &House) -> u64 {
    let verified = house
        .service
        .verify(None, |_| {})
        .await
        .expect("it can be verified");
    assert_eq!(verified.broken, [], "the restored history holds");
    verified.cases
}

async fn a_backup_restores_into_either_database(desk: &Desk) {
    let case = desk.case_with_hearing().await;
    desk.open(&desk.stranger).await;
    let before = lines(&desk.house.store).await;
    let (header, file) = backup(desk).await;
    assert_eq!(header.cases(), 2);
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let house = desk.house.restored(kind, &file).await.expect("it is restored");
        assert_eq!(cases_that_hold(&house).await, 2);
        assert_eq!(lines(&house.store).await, before, "not a byte differs");

        // The organisation goes on there: numbers continue, people sign in, reminders leave.
        let lawyer = house
            .service
            .viewer_by_login("lawyer@demo.invalid")
            .await
            .expect("the account is there");
        let view = house.service.case(&lawyer, &case, at(MONDAY)).await;
        assert_eq!(view.expect("the case opens").summary.reference, case);
        let form = json!({"province": "punjab", "district": "Invented", "reported_at": "2026-04-12T18:00"});
        let next = house
            .service
            .open_case(&lawyer, "abduction", super::desk::fields(form), at(MONDAY))
            .await
            .expect("a case is opened");
        assert!(next.ends_with("0003"), "{next}");
        house
            .live_until(&house.scheduler("a"), at("2026-04-30T03:00:00Z"))
            .await;
        assert!(!house.mails().is_empty(), "reminders leave from the new place");
        house.database.remove().await;
    }
}

async fn a_backup_is_one_moment_while_writes_go_on(desk: &Desk) {
    desk.case_with_hearing().await;
    let stop = AtomicBool::new(false);
    let writing = async {
        let mut written = 0;
        while !stop.load(Ordering::Relaxed) || written < 3 {
            desk.open(&desk.lawyer).await;
            written += 1;
        }
        written
    };
    let backing_up = async {
        let mut files = Vec::new();
        for _ in 0..3 {
            files.push(backup(desk).await);
            tokio::task::yield_now().await;
        }
        stop.store(true, Ordering::Relaxed);
        files
    };
    let (written, files) = tokio::join!(writing, backing_up);
    assert!(written >= 3);
    for (header, file) in files {
        let house = desk
            .house
            .restored(DatabaseKind::Sqlite, &file)
            .await
            .expect("it is restored");
        assert_eq!(cases_that_hold(&house).await, header.cases());
    }
}

/// The places of the frames: where each begins, and where its sealed bytes do.
fn frames(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut at = file.iter().position(|b| *b == b'\n').expect("a header") + 1;
    let mut frames = Vec::new();
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
        frames.push(at..at + 5 + length);
        at += 5 + length;
    }
    frames
}

async fn damage_is_refused_by_name(desk: &Desk) {
    desk.case_with_hearing().await;
    // Enough for three frames of what cannot be deflated.
    let mut case = 0;
    let file = loop {
        for _ in 0..40 {
            desk.open(&desk.lawyer).await;
            case += 1;
        }
        let (_, file) = backup(desk).await;
        if frames(&file).len() >= 3 {
            break file;
        }
        assert!(case < 2_000, "frames are too long for this test");
    };
    let frame = frames(&file);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut copy = file.clone();
        change(&mut copy);
        copy
    };
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("a header's letter", changed(&|f| f[25] ^= 1), "not a backup"),
        (
            "the header's count",
            changed(&|f| {
                let text = b"\"cases\":";
                let at = f.windows(text.len()).position(|w| w == text).expect("a count") + text.len();
                f[at] = if f[at] == b'9' { b'8' } else { b'9' };
            }),
            "frame 1 does not open (it stands before the first table)",
        ),
        (
            "a bit of frame 2",
            changed(&|f| f[frame[1].start + 99] ^= 4),
            "frame 2 does not open (while reading table",
        ),
        (
            "frames 1 and 2 swapped",
            changed(&|f| {
                let (one, two) = (f[frame[0].clone()].to_vec(), f[frame[1].clone()].to_vec());
                f.splice(frame[0].start..frame[1].end, [two, one].concat());
            }),
            "frame 1 does not open",
        ),
        (
            "frame 2 dropped",
            changed(&|f| drop(f.drain(frame[1].clone()))),
            "frame 2 does not open",
        ),
        (
            "cut off after frame 2",
            changed(&|f| f.truncate(frame[1].end)),
            "ends after frame 2 (while reading table",
        ),
        (
            "cut off within frame 2",
            changed(&|f| f.truncate(frame[1].end - 1)),
            "ends after frame 1",
        ),
        (
            "cut off after frame 2, which then says it is the last",
            changed(&|f| {
                f.truncate(frame[1].end);
                f[frame[1].start + 4] = 1;
            }),
            "frame 2 does not open",
        ),
        (
            "something behind the end",
            changed(&|f| f.push(0)),
            "behind its last frame",
        ),
    ];
    for (what, file, said) in cases {
        let error = desk
            .house
            .restored(DatabaseKind::Sqlite, &file)
            .await
            .expect_err(what)
            .to_string();
        assert!(error.contains(said), "{what}: {error}");
    }
}

async fn a_backup_wants_its_key_and_an_empty_place(desk: &Desk) {
    desk.open(&desk.lawyer).await;
    let (header, file) = backup(desk).await;
    let dir = tempfile::tempdir().expect("a folder");
    let other =
        peshi_vault::OrganisationKey::create(&dir.path().join("key"), &mut |bytes: &mut [u8]| bytes.fill(9))
            .expect("a key is made");
    let read = || peshi_service::Backup::read(file.as_slice()).expect("it has a header");
    assert_eq!(read().header(), &header);
    let error = read().check(&other, |_, _| {}).expect_err("it is another key");
    assert!(
        error.to_string().contains(&header.key) && error.to_string().contains(other.fingerprint()),
        "{error}"
    );
    read().check(&desk.house.key(), |_, _| {}).expect("it is whole");
    let before = lines(&desk.house.store).await;
    let error = read()
        .restore(&desk.house.store, &desk.house.key(), |_, _| {})
        .await
        .expect_err("the place is not empty");
    assert!(
        matches!(error, BackupError::Store(StoreError::NotEmpty { .. })),
        "{error}"
    );
    assert_eq!(lines(&desk.house.store).await, before, "nothing was touched");
}
