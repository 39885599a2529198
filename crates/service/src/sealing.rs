//! Between a case and its rows: sealing, opening, hashing. A row says nothing without the key file.
//! Knows the store's rows and the vault; decides nothing.

use peshi_casework::{Case, Entry, Fact};
use peshi_store::{DocumentPartRow, JournalRow};
use peshi_vault::chain::{Hash, Link, canonical, hash, payload_sha256};
use peshi_vault::{CaseKey, Fill, Sealed};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::ServiceError;

/// The journal entry's sealed part; the rest stands in columns and is hashed beside it.
#[derive(Serialize, Deserialize)]
struct Payload {
    actor: peshi_casework::Actor,
    fact: Fact,
}

fn corrupt(case: Uuid, problem: impl std::fmt::Display) -> ServiceError {
    ServiceError::Corrupt {
        case: case.to_string(),
        problem: problem.to_string(),
    }
}

fn place(table: &str, case: Uuid, seq: i64) -> String {
    format!("{table}:{case}:{seq}")
}

/// Seals a case's state. It is bound to the case, not to its version: the version stands inside.
pub(crate) fn seal_case(case: &Case, key: &CaseKey, fill: &mut Fill<'_>) -> Result<Vec<u8>, ServiceError> {
    let clear = serde_json::to_vec(case).map_err(|e| corrupt(case.id.0, e))?;
    Ok(key
        .seal(&place("cases.state", case.id.0, 0), &clear, fill)
        .into_bytes())
}

/// Opens a case's state.
pub(crate) fn open_case(id: Uuid, sealed: &[u8], key: &CaseKey) -> Result<Case, ServiceError> {
    let clear = key.open(&place("cases.state", id, 0), &Sealed::from_bytes(sealed.to_vec()))?;
    serde_json::from_slice(&clear).map_err(|e| corrupt(id, e))
}

/// Seals an entry and chains it to `head`.
pub(crate) fn seal_entry(
    case: Uuid,
    entry: &Entry,
    head: Hash,
    key: &CaseKey,
    fill: &mut Fill<'_>,
) -> Result<(JournalRow, Hash), ServiceError> {
    let payload = Payload {
        actor: entry.actor.clone(),
        fact: entry.fact.clone(),
    };
    let clear = canonical(&serde_json::to_value(payload).map_err(|e| corrupt(case, e))?);
    let payload = key
        .seal(&place("journal.payload", case, entry.seq), &clear, fill)
        .into_bytes();
    let mut row = JournalRow {
        case_id: case,
        seq: entry.seq,
        recorded_at: entry.recorded_at,
        occurred_at: entry.occurred_at,
        actor: entry.actor.to_string(),
        instance: entry.instance.as_ref().map(ToString::to_string),
        kind: entry.fact.kind().to_owned(),
        payload,
        prev_hash: head.0.to_vec(),
        hash: Vec::new(),
    };
    let next = row_hash(&row, head);
    row.hash = next.0.to_vec();
    Ok((row, next))
}

/// The hash a row should have after `head`.
pub(crate) fn row_hash(row: &JournalRow, head: Hash) -> Hash {
    let case = row.case_id.to_string();
    let link = link(row, &case);
    hash(&head, &link)
}

/// What the chain covers of a row.
pub(crate) fn link<'a>(row: &'a JournalRow, case: &'a str) -> Link<'a> {
    Link {
        case,
        seq: row.seq,
        recorded_at_micros: row.recorded_at.timestamp_micros(),
        occurred_at_micros: row.occurred_at.timestamp_micros(),
        actor: &row.actor,
        instance: row.instance.as_deref().unwrap_or(""),
        kind: &row.kind,
        payload_sha256: payload_sha256(&row.payload),
    }
}

/// Opens an entry.
pub(crate) fn open_entry(row: &JournalRow, key: &CaseKey) -> Result<Entry, ServiceError> {
    let place = place("journal.payload", row.case_id, row.seq);
    let clear = key.open(&place, &Sealed::from_bytes(row.payload.clone()))?;
    let payload: Payload = serde_json::from_slice(&clear).map_err(|e| corrupt(row.case_id, e))?;
    Ok(Entry {
        seq: row.seq,
        recorded_at: row.recorded_at,
        occurred_at: row.occurred_at,
        actor: payload.actor,
        instance: row.instance.clone().map(peshi_casework::InstanceId::named),
        fact: payload.fact,
    })
}

/// Bytes of a document that are sealed together. Small enough that a restoration holds some hundreds of them at once.
const PART: usize = 64 * 1024;

/// A document's number as it is stored.
pub(crate) fn document_number(case: Uuid, number: impl TryInto<i32>) -> Result<i32, ServiceError> {
    number
        .try_into()
        .map_err(|_| corrupt(case, "it has more documents than can be counted"))
}

fn part_place(case: Uuid, document: i32, part: i32) -> String {
    format!("document_parts.sealed:{case}:{document}:{part}")
}

/// Seals a document's bytes, piece by piece. Each is bound to its place; that none is missing is told by the document's hash.
pub(crate) fn seal_document(
    case: Uuid,
    number: usize,
    bytes: &[u8],
    key: &CaseKey,
    fill: &mut Fill<'_>,
) -> Result<Vec<DocumentPartRow>, ServiceError> {
    let document = document_number(case, number)?;
    let parts = (0..).zip(bytes.chunks(PART));
    let seal = |(part, clear): (i32, &[u8])| DocumentPartRow {
        case_id: case,
        document,
        part,
        sealed: key
            .seal(&part_place(case, document, part), clear, fill)
            .into_bytes(),
    };
    Ok(parts.map(seal).collect())
}

/// Opens the pieces of a document, in order.
pub(crate) fn open_document(
    case: Uuid,
    document: i32,
    parts: &[Vec<u8>],
    key: &CaseKey,
) -> Result<Vec<u8>, ServiceError> {
    let mut bytes = Vec::with_capacity(parts.len() * PART);
    for (part, sealed) in (0..).zip(parts) {
        let place = part_place(case, document, part);
        bytes.extend(key.open(&place, &Sealed::from_bytes(sealed.clone()))?);
    }
    Ok(bytes)
}

/// A stored hash.
pub(crate) fn stored_hash(case: Uuid, bytes: &[u8]) -> Result<Hash, ServiceError> {
    bytes
        .try_into()
        .map(Hash)
        .map_err(|_| corrupt(case, "a hash has the wrong length"))
}
