//! The journal's hash chain: each entry's hash covers the entry and the hash before it, so what was
//! written cannot be changed, dropped, swapped or inserted unseen. Knows no key and opens nothing:
//! a verifier needs only the stored rows, and erasing a case's key leaves its chain whole.
//!
//! # The encoding, byte by byte
//!
//! `hash = SHA-256(` the following, one after another `)`. Integers are big-endian, two's complement.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | the ASCII text `peshi-journal-1` and one zero byte |
//! | 32 | the previous entry's hash; 32 zero bytes ([`GENESIS`]) for the first entry of a case |
//! | 8 + n | the length of the case id in bytes, then the case id in UTF-8 |
//! | 8 | the sequence number |
//! | 8 | when it was recorded, microseconds since 1970-01-01T00:00:00Z |
//! | 8 | when it happened, likewise |
//! | 8 + n | the length of the actor's id in bytes, then the id in UTF-8 |
//! | 8 + n | the length of the instance's id in bytes, then the id in UTF-8; empty where it concerns none |
//! | 8 + n | the length of the kind in bytes, then the kind in UTF-8 |
//! | 32 | SHA-256 of the payload as it is stored (sealed where it is sealed) |
//!
//! Every variable part carries its length, so no two entries share an encoding. The chain shows an
//! edit inside it; that its end was cut off shows only against a head kept elsewhere.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::hex;

const DOMAIN: &[u8; 16] = b"peshi-journal-1\0";

/// What stands before the first entry of every case.
pub const GENESIS: Hash = Hash([0; 32]);

/// The hash of one journal entry. Shown and parsed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// Not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a journal hash is 64 hexadecimal digits; check that the whole hash was copied")]
pub struct NotAHash;

/// What a hash covers of one journal entry, besides the hash before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// The case's id.
    pub case: &'a str,
    /// The entry's number in its case; one more than the number before it.
    pub seq: i64,
    /// When it was recorded: microseconds since 1970-01-01T00:00:00Z.
    pub recorded_at_micros: i64,
    /// When it happened: microseconds since 1970-01-01T00:00:00Z.
    pub occurred_at_micros: i64,
    /// Who did it: an id, not a name.
    pub actor: &'a str,
    /// Which chart instance of the case it concerns; empty if none.
    pub instance: &'a str,
    /// What kind of entry it is.
    pub kind: &'a str,
    /// SHA-256 of the payload as stored; see [`payload_sha256`].
    pub payload_sha256: [u8; 32],
}

/// The first entry at which a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the journal is broken at entry {seq}: {why}. \
     Keep this database as evidence, and compare it with the newest backup whose chain holds"
)]
pub struct Broken {
    /// The stored number of the entry.
    pub seq: i64,
    /// What does not hold there.
    pub why: Why,
}

/// How a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The entry names another case than the entries before it.
    #[error("it belongs to another case than the entries before it")]
    OtherCase,
    /// The number is not one more than the number before it.
    #[error("its number should be {expected}, so an entry was dropped, added or moved")]
    Sequence {
        /// The number that should stand here.
        expected: i64,
    },
    /// The entry does not continue the entry before it.
    #[error("it does not continue the entry before it, so an entry was dropped, added, moved or replaced")]
    Previous,
    /// The entry is not what was hashed when it was recorded.
    #[error("its content is not what was recorded")]
    Content,
}

/// SHA-256 of a payload as it is stored, for [`Link::payload_sha256`].
pub fn payload_sha256(stored: &[u8]) -> [u8; 32] {
    Sha256::digest(stored).into()
}

/// The hash of an entry that follows `prev`. The encoding is in the module's description.
pub fn hash(prev: &Hash, link: &Link<'_>) -> Hash {
    let mut sha = Sha256::new();
    sha.update(DOMAIN);
    sha.update(prev.0);
    text(&mut sha, link.case);
    sha.update(link.seq.to_be_bytes());
    sha.update(link.recorded_at_micros.to_be_bytes());
    sha.update(link.occurred_at_micros.to_be_bytes());
    text(&mut sha, link.actor);
    text(&mut sha, link.instance);
    text(&mut sha, link.kind);
    sha.update(link.payload_sha256);
    Hash(sha.finalize().into())
}

fn text(sha: &mut Sha256, text: &str) {
    sha.update((text.len() as u64).to_be_bytes());
    sha.update(text.as_bytes());
}

/// Checks the entries of one case in the order of their numbers: each with its stored previous hash and
/// its stored hash. Gives the head, which is [`GENESIS`] if there are none; compare it with a head kept
/// elsewhere to notice that the end was cut off.
///
/// # Errors
/// [`Broken`] at the first entry that was altered, dropped, swapped or inserted.
pub fn verify<'a>(entries: impl Iterator<Item = (Link<'a>, Hash, Hash)>) -> Result<Hash, Broken> {
    let mut head = GENESIS;
    let mut before: Option<Link<'a>> = None;
    for (link, stored_prev, stored_hash) in entries {
        check(before.as_ref(), &head, &link, stored_prev, stored_hash)
            .map_err(|why| Broken { seq: link.seq, why })?;
        head = stored_hash;
        before = Some(link);
    }
    Ok(head)
}

fn check(
    before: Option<&Link<'_>>,
    head: &Hash,
    link: &Link<'_>,
    prev: Hash,
    stored: Hash,
) -> Result<(), Why> {
    if let Some(before) = before {
        if before.case != link.case {
            return Err(Why::OtherCase);
        }
        let expected = before.seq.saturating_add(1);
        if link.seq != expected {
            return Err(Why::Sequence { expected });
        }
    }
    if prev != *head {
        return Err(Why::Previous);
    }
    if hash(head, link) != stored {
        return Err(Why::Content);
    }
    Ok(())
}

/// JSON in one form only, so that equal values are equal bytes whatever a database did to the order of
/// keys: keys sorted by their UTF-8 bytes, no spaces, numbers and escapes as `serde_json` prints them.
/// Strings are left as they are: no Unicode normalisation.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push(b'{');
            for (i, (key, item)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_plain(&Value::String(key.clone()), out);
                out.push(b':');
                write_canonical(item, out);
            }
            out.push(b'}');
        }
        plain => write_plain(plain, out),
    }
}

fn write_plain(value: &Value, out: &mut Vec<u8>) {
    out.extend_from_slice(value.to_string().as_bytes());
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        hex::decode_32(text, &mut bytes).ok_or(NotAHash)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests;
