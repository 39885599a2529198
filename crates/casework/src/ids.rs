//! Names of things: cases, accounts, instances, effects. Knows only how they are written.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A case, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub Uuid);

/// A member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

/// One running chart inside a case: `case` for the root, `hearing-3` for a child.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(String);

/// The deterministic id of something that will happen: `CASE:SEQ:N`, N counting within the journal entry.
/// The same id is the job's key and the local part of the Message-ID, so nothing can be armed or sent twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(String);

impl InstanceId {
    /// The root instance.
    pub fn root() -> Self {
        Self("case".to_owned())
    }

    /// The `n`th instance of `chart`, counting from 1.
    pub fn child(chart: &str, n: u32) -> Self {
        Self(format!("{chart}-{n}"))
    }

    /// An id read from outside; whether such an instance exists is for `decide` to say.
    pub fn named(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the case's root instance.
    pub fn is_root(&self) -> bool {
        self.0 == "case"
    }
}

impl EffectId {
    /// The `n`th effect of the journal entry `seq` of `case`.
    pub fn new(case: CaseId, seq: i64, n: u32) -> Self {
        Self(format!("{case}:{seq}:{n}"))
    }

    /// An id read back from a job row.
    pub fn named(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
