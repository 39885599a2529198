//! Tests of the hash chain: known answers, every kind of tampering, canonical JSON.

use proptest::prelude::*;
use serde_json::json;

use super::*;

type Entry = (Link<'static>, Hash, Hash);
type Change = fn(&mut Link<'static>);

fn link(seq: i64) -> Link<'static> {
    Link {
        case: "c1",
        seq,
        recorded_at_micros: 1_750_000_000_000_000 + seq,
        occurred_at_micros: 1_749_000_000_000_000 - seq,
        actor: "u1",
        instance: "hearing-1",
        kind: "event",
        payload_sha256: payload_sha256(&seq.to_be_bytes()),
    }
}

/// A whole chain of `length` entries numbered from 1.
fn chain(length: i64) -> Vec<Entry> {
    let mut head = GENESIS;
    (1..=length)
        .map(|seq| {
            let entry = (link(seq), head, hash(&head, &link(seq)));
            head = entry.2;
            entry
        })
        .collect()
}

fn broken(entries: &[Entry]) -> Option<(i64, Why)> {
    verify(entries.iter().copied())
        .err()
        .map(|broken| (broken.seq, broken.why))
}

#[test]
fn a_whole_chain_gives_its_head() {
    let entries = chain(5);
    assert_eq!(verify(entries.iter().copied()), Ok(entries[4].2));
    assert_eq!(verify(std::iter::empty()), Ok(GENESIS));
}

#[test]
fn the_encoding_never_changes() {
    // Computed with Python's hashlib from the table in the module's description.
    let hand = Link {
        case: "کیس-1",
        seq: 1,
        recorded_at_micros: 1_750_000_000_000_001,
        occurred_at_micros: -1,
        actor: "u1",
        instance: "hearing-1",
        kind: "event",
        payload_sha256: payload_sha256(b"{}"),
    };
    let first = hash(&GENESIS, &hand);
    assert_eq!(
        first.to_string(),
        "3f944b3f3544f2aae250766dfb95281442a52ab91632cb834b930e23c88d680a"
    );
    assert_eq!(
        hash(&first, &Link { seq: 2, ..hand }).to_string(),
        "b4466119ab15036ab6cc41d0ecb1b68ec41348d0bcf7008737a25524df23968f"
    );
}

#[test]
fn any_changed_field_is_noticed() {
    let changes: [(&str, Change); 8] = [
        ("recorded_at", |l| l.recorded_at_micros += 1),
        ("occurred_at", |l| l.occurred_at_micros -= 1),
        ("actor", |l| l.actor = "u2"),
        ("instance", |l| l.instance = ""),
        ("kind", |l| l.kind = "even"),
        ("payload", |l| l.payload_sha256[31] ^= 1),
        // The same letters shared out otherwise: the lengths must keep them apart.
        ("actor and kind", |l| (l.actor, l.kind) = ("u1e", "vent")),
        ("times swapped", |l| {
            std::mem::swap(&mut l.recorded_at_micros, &mut l.occurred_at_micros);
        }),
    ];
    for (name, change) in changes {
        for at in 0..4 {
            let mut entries = chain(4);
            change(&mut entries[at].0);
            let seq = entries[at].0.seq;
            assert_eq!(broken(&entries), Some((seq, Why::Content)), "{name} at {at}");
        }
    }
}

#[test]
fn a_changed_entry_with_its_hash_recomputed_breaks_at_the_next() {
    let mut entries = chain(4);
    entries[1].0.actor = "u2";
    entries[1].2 = hash(&entries[1].1, &entries[1].0);
    assert_eq!(broken(&entries), Some((3, Why::Previous)));
}

#[test]
fn another_case_is_noticed() {
    let mut entries = chain(3);
    entries[1].0.case = "c2";
    assert_eq!(broken(&entries), Some((2, Why::OtherCase)));
    let mut all_moved = chain(3);
    for entry in &mut all_moved {
        entry.0.case = "c2";
    }
    assert_eq!(broken(&all_moved), Some((1, Why::Content)));
}

#[test]
fn dropped_swapped_and_inserted_entries_are_noticed() {
    let mut first_dropped = chain(4);
    first_dropped.remove(0);
    assert_eq!(broken(&first_dropped), Some((2, Why::Previous)));

    let mut middle_dropped = chain(4);
    middle_dropped.remove(1);
    assert_eq!(broken(&middle_dropped), Some((3, Why::Sequence { expected: 2 })));

    let mut renumbered = middle_dropped;
    for (entry, seq) in renumbered.iter_mut().zip(1..) {
        entry.0.seq = seq;
    }
    assert_eq!(broken(&renumbered), Some((2, Why::Previous)));

    let mut swapped = chain(4);
    swapped.swap(1, 2);
    assert_eq!(broken(&swapped), Some((3, Why::Sequence { expected: 2 })));

    let mut inserted = chain(4);
    let forged_prev = inserted[1].2;
    inserted.insert(2, (link(3), forged_prev, hash(&forged_prev, &link(3))));
    inserted[3].0.seq = 4;
    assert_eq!(broken(&inserted), Some((4, Why::Previous)));

    let mut repeated = chain(2);
    repeated.push(repeated[1]);
    assert_eq!(broken(&repeated), Some((2, Why::Sequence { expected: 3 })));
}

#[test]
fn a_cut_end_shows_in_the_head() {
    let entries = chain(4);
    let head = verify(entries[..3].iter().copied());
    assert_eq!(head, Ok(entries[2].2));
    assert_ne!(head, Ok(entries[3].2));
}

#[test]
fn the_message_says_where_and_what_to_do() {
    let error = Broken {
        seq: 7,
        why: Why::Sequence { expected: 6 },
    }
    .to_string();
    assert!(
        error.contains("entry 7") && error.contains("should be 6") && error.contains("backup"),
        "{error}"
    );
}

#[test]
fn hashes_read_back() {
    let shown = hash(&GENESIS, &link(1));
    assert_eq!(shown.to_string().parse(), Ok(shown));
    assert_eq!(format!("{GENESIS:?}"), format!("Hash({})", "0".repeat(64)));
    assert_eq!("abc".parse::<Hash>(), Err(NotAHash));
}

#[test]
fn canonical_json() {
    let table = [
        (json!(null), "null"),
        (json!([]), "[]"),
        (json!({}), "{}"),
        (
            json!({"b": 1, "a": [true, {"z": 0, "y": -1.5}], "": "x"}),
            r#"{"":"x","a":[true,{"y":-1.5,"z":0}],"b":1}"#,
        ),
        (json!({"ب": 1, "z": 2, "Z": 3}), r#"{"Z":3,"z":2,"ب":1}"#),
        (json!("a\"b\\c\n\u{1}پیشی/"), r#""a\"b\\c\n\u0001پیشی/""#),
        (json!(1.0), "1.0"),
        (json!(u64::MAX), "18446744073709551615"),
    ];
    for (value, expected) in table {
        assert_eq!(String::from_utf8(canonical(&value)).unwrap(), expected);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The same value with every object's keys in the opposite order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(reversed).collect(),
        Value::Object(map) => {
            let fields: Vec<_> = map
                .iter()
                .map(|(key, item)| (key.clone(), reversed(item)))
                .collect();
            Value::Object(fields.into_iter().rev().collect())
        }
        plain => plain.clone(),
    }
}

proptest! {
    #[test]
    fn canonical_json_has_one_form_and_keeps_the_value(value in any_json()) {
        let bytes = canonical(&value);
        prop_assert_eq!(&canonical(&reversed(&value)), &bytes);
        let back: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&back, &value);
        prop_assert_eq!(canonical(&back), bytes);
    }

    #[test]
    fn any_single_mutation_of_a_chain_is_noticed(length in 2..12_i64, at in any::<prop::sample::Index>(), bit in 0..256_usize, what in 0..5) {
        let whole = chain(length);
        let at = at.index(whole.len());
        let mut entries = whole.clone();
        let flip = |bytes: &mut [u8; 32]| bytes[bit / 8] ^= 1 << (bit % 8);
        match what {
            0 => flip(&mut entries[at].0.payload_sha256),
            1 => flip(&mut entries[at].1.0),
            2 => flip(&mut entries[at].2.0),
            3 => drop(entries.remove(at)),
            _ => entries.swap(at, (at + 1) % whole.len()),
        }
        // Only the very end may be missing without a break, and then the head tells.
        let outcome = verify(entries.into_iter());
        prop_assert!(outcome != Ok(whole[whole.len() - 1].2), "{:?}", outcome);
        prop_assert!(outcome.is_err() || (what == 3 && at == whole.len() - 1));
    }
}
